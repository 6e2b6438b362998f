// Tokens through the browser against oidc-provider: the implicit grant and the hybrid flow (OIDC Core sections 3.2, 3.3).

import assert from "node:assert/strict";

import { Agent } from "../lib/agent.mjs";
import { answers, assertHidden, assertRefused, assertSuccess, exchanges, grant, grantscope } from "../lib/grantscope.mjs";
import { startProvider } from "../lib/provider.mjs";
import { test } from "../lib/suite.mjs";

/** Where alice's browser ends when she signs in. */
function signIn(url, redirectUri) {
  return new Agent().signIn(url, redirectUri, { follow: false });
}

/** Runs a grant; where the browser ends is pasted, since it has no script that could hand a fragment over. */
async function pasted(later, name, issuer, settings, { browse = signIn, more = [] } = {}) {
  const args = grant(name, { issuer, client_id: "front", scope: "openid profile email", ...settings });
  const program = grantscope([...args, "--redirected-to", "-", ...more], { stdin: null });
  later(() => program.child.stop());
  const url = await program.url();
  const page = await browse(url, url.searchParams.get("redirect_uri"));
  program.child.stdin.end(`${page.url}\n`);
  return { ...(await program.done), end: page.url };
}

/** Asserts that these rules were applied somewhere and held. */
function assertHeld({ checks }, rules) {
  const held = checks.filter((check) => check.verdict === "pass").map((check) => check.rule);
  assert.deepEqual(rules.filter((rule) => !held.includes(rule)), []);
}

/** The parameters that came back through the browser. */
function came(json) {
  return Object.keys(json.exchanges.find((exchange) => exchange.callback).callback.params);
}

const IMPLICIT = [
  { type: "id_token", parts: ["id_token"], rules: ["id_token.nonce"] },
  { type: "id_token token", parts: ["id_token", "access_token"], rules: ["id_token.nonce", "id_token.at_hash"] },
];

for (const { type, parts, rules } of IMPLICIT) {
  test(`oidc-provider: the implicit grant brings ${type} in the fragment`, async (later) => {
    const issued = [];
    const issuer = await startProvider(later, { issued });
    const ran = await pasted(later, "implicit", issuer, { response_type: type });
    assertSuccess(ran);
    assertHeld(ran.json, ["id_token.signature", "authorization_response.mode", ...rules]);
    assert.ok(ran.end.hash.includes("id_token="));
    parts.forEach((part) => assert.ok(came(ran.json).includes(part), part));
    assert.equal(ran.json.claims.sub, "alice");
    assert.equal(exchanges(ran.json, "token").length, 0);
    assert.equal(exchanges(ran.json, "userinfo").length, parts.includes("access_token") ? 1 : 0);
    assertHidden(ran, issued);
  });
}

const HYBRID = [
  { type: "code id_token", rules: ["id_token.c_hash", "id_token.front_sub", "id_token.front_iss"] },
  { type: "code token", rules: [] },
  { type: "code id_token token", rules: ["id_token.c_hash", "id_token.at_hash", "id_token.front_sub"] },
];

for (const { type, rules } of HYBRID) {
  test(`oidc-provider: the hybrid flow brings ${type}, then tokens`, async (later) => {
    const issued = [];
    const issuer = await startProvider(later, { issued });
    const settings = { response_type: type, scope: "openid profile email offline_access", prompt: "consent" };
    const ran = await pasted(later, "hybrid", issuer, settings, { more: ["--then", "refresh"] });
    assertSuccess(ran);
    assertHeld(ran.json, ["id_token.signature", "authorization_response.mode", ...rules]);
    assert.ok(ran.end.hash.includes("code="));
    assert.equal(came(ran.json).includes("id_token"), type.includes("id_token"));
    assert.equal(came(ran.json).includes("access_token"), type.endsWith(" token"));
    assert.equal(ran.json.claims.sub, "alice");
    assert.equal(answers(ran.json, "userinfo")[0].email, "alice@example.com");
    assert.equal(exchanges(ran.json, "refresh").length, 1);
    assertHidden(ran, issued);
  });
}

for (const [name, type] of [
  ["implicit", "id_token token"],
  ["hybrid", "code id_token"],
  ["hybrid", "code token"],
]) {
  test(`oidc-provider: ${type} posted as a form`, async (later) => {
    const issuer = await startProvider(later);
    const settings = { issuer, client_id: "front", scope: "openid", response_type: type, response_mode: "form_post" };
    const program = grantscope(grant(name, settings, "--print-url"));
    later(() => program.child.stop());
    const url = await program.url();
    await new Agent().signIn(url, url.searchParams.get("redirect_uri"));
    const ran = await program.done;
    assertSuccess(ran);
    assert.equal(ran.json.claims.sub, "alice");
  });
}

test("oidc-provider: a front channel that is asked for wrongly is refused", async (later) => {
  const issuer = await startProvider(later);
  for (const [name, settings, error] of [
    ["implicit", { response_type: "token" }, "unsupported_response_type"],
    ["implicit", { response_type: "id_token", nonce: "off" }, "invalid_request"],
    ["implicit", { response_type: "id_token", response_mode: "query" }, "invalid_request"],
    ["implicit", { response_type: "id_token", scope: "profile" }, "invalid_request"],
    ["hybrid", { response_type: "code id_token", code_challenge_method: "off" }, "invalid_request"],
    ["hybrid", { response_type: "code token", client_id: "public" }, "not allowed for this client"],
  ]) {
    const ran = await pasted(later, name, issuer, settings);
    assertRefused(ran, "authorization", error);
    assert.equal(ran.json.tokens, null);
  }
});

test("oidc-provider: a user who cancels refuses in the front channel too", async (later) => {
  const issuer = await startProvider(later);
  for (const [name, type] of [
    ["implicit", "id_token"],
    ["hybrid", "code id_token"],
  ]) {
    const agent = new Agent();
    const cancel = async (url, redirectUri) => agent.click(await agent.visit(url), "Cancel", redirectUri, false);
    const ran = await pasted(later, name, issuer, { response_type: type }, { browse: cancel });
    assertRefused(ran, "authorization", "access_denied");
  }
});
