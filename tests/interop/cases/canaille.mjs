// Canaille, a server on Authlib: sign-in, refresh, the front channel, introspection, revocation, signed UserInfo, logout.
//
// Its access tokens say nothing that differs within a second, and its database refuses the second of two that are alike.
// So each case has a client of its own, and none asks for two tokens at once.

import assert from "node:assert/strict";

import { PASSWORD, canailleTest, register } from "../lib/canaille.mjs";
import { activity, answers, assertAdvised, assertBroken, assertHidden, assertQuiet } from "../lib/grantscope.mjs";
import { exchanges, grant, grantscope, verdict } from "../lib/grantscope.mjs";
import { freePort } from "../lib/server.mjs";

const FRONT = {
  grant_types: ["authorization_code", "implicit", "refresh_token"],
  response_types: ["code", "code id_token", "code token", "id_token token"],
};
const IMPLICIT = {
  grant_types: ["implicit"],
  response_types: ["id_token", "id_token token"],
  token_endpoint_auth_method: "none",
};

/** Runs a grant as a client of this registration, with alice at the browser. */
async function asAlice(issuer, name, metadata, { more = [], change = {}, env = {} } = {}) {
  const { settings, secret } = await register(issuer, metadata);
  const own = settings.token_endpoint_auth_method === "none" ? {} : { client_secret: "env:S" };
  const args = grant(name, { ...settings, ...own, ...change }, "--sign-in", "alice", "--sign-in-password", "env:P", ...more);
  const ran = await grantscope(args, { env: { S: secret, P: PASSWORD, ...env } }).done;
  assertHidden(ran, [secret, PASSWORD]);
  return ran;
}

canailleTest("metadata in order are found in order", async (issuer) => {
  assertQuiet(await grantscope(["discover", issuer]).done);
});

for (const method of ["client_secret_basic", "client_secret_post", "none"]) {
  canailleTest(`code, tokens, UserInfo and refresh with ${method}`, async (issuer) => {
    const metadata = { token_endpoint_auth_method: method };
    const ran = await asAlice(issuer, "authorization-code", metadata, { more: ["--then", "refresh,userinfo"] });
    assertQuiet(ran);
    assert.equal(ran.json.claims.sub, "alice");
    assert.equal(answers(ran.json, "userinfo")[0].email, "alice@example.com");
    for (const rule of ["id_token.signature", "id_token.nonce", "id_token.at_hash", "authorization_response.iss"]) {
      assert.equal(verdict(ran.json, rule), "pass", rule);
    }
  });
}

canailleTest("a token is alive until it is revoked", async (issuer) => {
  const ran = await asAlice(issuer, "authorization-code", {}, { more: ["--then", "introspect,revoke,introspect"] });
  assertQuiet(ran);
  assert.deepEqual(activity(ran.json), [true, false]);
});

canailleTest("UserInfo refuses a token that was revoked", async (issuer) => {
  const ran = await asAlice(issuer, "authorization-code", {}, { more: ["--then", "revoke,userinfo"] });
  assertAdvised(ran, "userinfo", "invalid_token", /^A token of this run was revoked before/);
  assertBroken(ran);
});

for (const alg of ["RS256", "ES256"]) {
  canailleTest(`ID token and UserInfo signed with ${alg} are verified`, async (issuer) => {
    const metadata = { id_token_signed_response_alg: alg, userinfo_signed_response_alg: alg };
    const ran = await asAlice(issuer, "authorization-code", metadata);
    assertQuiet(ran);
    const [header] = exchanges(ran.json, "userinfo")[0].response.body.split(".");
    assert.equal(JSON.parse(Buffer.from(header, "base64url")).alg, alg);
    assert.equal(verdict(ran.json, "userinfo.sub"), "pass");
  });
}

canailleTest("the hybrid flow brings code id_token, then tokens", async (issuer) => {
  const change = { response_type: "code id_token" };
  const ran = await asAlice(issuer, "hybrid", FRONT, { change, more: ["--then", "refresh"] });
  assertQuiet(ran);
  assert.ok(ran.json.checks.some(({ rule, verdict }) => rule === "id_token.c_hash" && verdict === "pass"));
  assert.equal(ran.json.claims.sub, "alice");
});

canailleTest("iss in the query of a response in the fragment is none, and ends the run", async (issuer) => {
  const ran = await asAlice(issuer, "hybrid", FRONT, { change: { response_type: "code token" } });
  assert.deepEqual([ran.code, ran.json.outcome, ran.json.problem.rule], [1, "failed", "authorization_response.iss"]);
  assertBroken(ran, "authorization_response.iss");
  assert.equal(exchanges(ran.json, "token").length, 0);
});

for (const response_type of ["id_token", "id_token token"]) {
  canailleTest(`the implicit grant brings ${response_type}`, async (issuer) => {
    const ran = await asAlice(issuer, "implicit", IMPLICIT, { change: { response_type } });
    assertQuiet(ran);
    assert.equal(ran.json.claims.sub, "alice");
    assert.equal(exchanges(ran.json, "token").length, 0);
  });
}

canailleTest("a logout comes back with its state", async (issuer) => {
  const back = `http://${await freePort()}/signed-out`;
  const change = { post_logout_redirect_uri: back };
  const metadata = { post_logout_redirect_uris: [back] };
  const ran = await asAlice(issuer, "authorization-code", metadata, { change, more: ["--then", "logout"] });
  assertQuiet(ran);
  assert.equal(verdict(ran.json, "logout.state"), "pass");
});

canailleTest("a wrong secret is refused", async (issuer) => {
  const change = { client_secret: "env:MISTAKEN" };
  const ran = await asAlice(issuer, "authorization-code", {}, { change, env: { MISTAKEN: "a mistaken secret" } });
  assertAdvised(ran, "token", "invalid_client", /^Check client_secret/);
  assertBroken(ran);
  assertHidden(ran, ["a mistaken secret"]);
});

canailleTest("a grant that the client is not registered for is refused", async (issuer) => {
  const ran = await asAlice(issuer, "client-credentials", {});
  assertAdvised(ran, "token", "unauthorized_client", /^Switch the grant type on/);
  assertBroken(ran);
});

canailleTest("a redirect URI or a client that is not known stops at the page of the server", async (issuer) => {
  for (const [change, status] of [
    [{ redirect_uri: "http://127.0.0.1:0/elsewhere" }, "400"],
    [{ client_id: "nobody" }, "404"],
  ]) {
    const ran = await asAlice(issuer, "authorization-code", {}, { change });
    assertAdvised(ran, "authorization", `the server answered ${status}`, /with the registration/);
    assertBroken(ran);
  }
});
