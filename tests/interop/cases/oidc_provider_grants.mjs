// Grants without a page against oidc-provider, and what can be done with tokens: ask about them, give them up.

import assert from "node:assert/strict";
import { join } from "node:path";

import * as jose from "jose";

import { run, signedIn } from "../lib/client.mjs";
import { activity, answers, exchanges, grant, grantscope, verdict } from "../lib/grantscope.mjs";
import { assertHidden, assertRefused, assertSuccess } from "../lib/grantscope.mjs";
import { RESOURCE, SECRET, startProvider } from "../lib/provider.mjs";
import { test } from "../lib/suite.mjs";
import { folder } from "../lib/temporary.mjs";

const BASIC = { client_id: "with basic", client_secret: "env:S" };
const PUBLIC = { client_id: "public" };
const SERVICE = { client_id: "service with basic", client_secret: "env:S", scope: "read" };
const MISTAKEN = "mistaken secret";

for (const [method, client_id] of [
  ["client_secret_basic", "service with basic"],
  ["client_secret_post", "service-with-post"],
]) {
  test(`oidc-provider: client credentials with ${method}, active until they are revoked`, async (later) => {
    const issued = [];
    const issuer = await startProvider(later, { issued });
    const settings = { ...SERVICE, client_id, scope: "read write", token_endpoint_auth_method: method };
    const ran = await run("client-credentials", issuer, settings, { more: ["--then", "introspect,revoke,introspect"] });
    assertSuccess(ran);
    assert.deepEqual(activity(ran.json), [true, false]);
    assert.equal(answers(ran.json, "introspect")[0].client_id, client_id);
    assert.deepEqual([ran.json.tokens.scope, ran.json.tokens.refresh_token], ["read write", null]);
    assertHidden(ran, [SECRET, ...issued]);
  });
}

test("oidc-provider: client credentials for less than was asked are told", async (later) => {
  const issuer = await startProvider(later);
  const ran = await run("client-credentials", issuer, { ...SERVICE, scope: "read everything" });
  assertSuccess(ran);
  assert.equal(ran.json.tokens.scope, "read");
  assert.equal(verdict(ran.json, "token.scope"), "note");
});

test("oidc-provider: client credentials for a resource are a JWT that its keys verify", async (later) => {
  const issued = [];
  const issuer = await startProvider(later, { issued });
  const ran = await run("client-credentials", issuer, { ...SERVICE, resource: RESOURCE });
  assertSuccess(ran);
  assertHidden(ran, issued);
  const keys = jose.createRemoteJWKSet(new URL(`${issuer}/jwks`));
  await jose.jwtVerify(issued[0], keys, { issuer, audience: RESOURCE, typ: "at+jwt" });
  const verify = ["jwt", "verify", "--jwks", `${issuer}/jwks`, "-"];
  const { code, json, stderr } = await grantscope(verify, { stdin: issued[0] }).done;
  assert.deepEqual([code, json.signature.verdict], [0, "pass"], stderr);
});

test("oidc-provider: a sign-in for a resource brings a JWT that is for nothing else", async (later) => {
  const issuer = await startProvider(later);
  const settings = { ...PUBLIC, scope: "openid read", resource: RESOURCE };
  const ran = await signedIn("authorization-code", issuer, settings, "--with-secrets");
  assertSuccess(ran);
  assert.equal(jose.decodeJwt(ran.json.tokens.access_token).aud, RESOURCE);
  assert.equal(ran.json.tokens.scope, "read");
  assert.equal(exchanges(ran.json, "userinfo").length, 0);
});

test("oidc-provider: a JWT is not introspected there, and that is told", async (later) => {
  const issuer = await startProvider(later);
  const settings = { ...SERVICE, resource: RESOURCE };
  for (const stage of ["introspect", "revoke"]) {
    const ran = await run("client-credentials", issuer, settings, { more: ["--then", stage] });
    assertRefused(ran, stage, "unsupported_token_type");
  }
});

test("oidc-provider: client credentials are refused for each reason", async (later) => {
  const issuer = await startProvider(later);
  for (const [settings, error] of [
    [{ ...SERVICE, scope: "profile" }, "invalid_scope"],
    [{ ...SERVICE, resource: "https://other.example.com/" }, "invalid_target"],
    [{ ...SERVICE, client_id: "nobody" }, "invalid_client"],
    [BASIC, "not allowed for this client"],
    [{ ...PUBLIC, token_endpoint_auth_method: "none", scope: "read" }, "not allowed for this client"],
  ]) {
    const ran = await run("client-credentials", issuer, settings);
    assertRefused(ran, "token", error);
    assert.equal(ran.json.tokens, null);
  }
});

test("oidc-provider: a wrong secret brings no client credentials and is not told", async (later) => {
  const issuer = await startProvider(later);
  const ran = await run("client-credentials", issuer, SERVICE, { env: { S: MISTAKEN } });
  assertRefused(ran, "token", "invalid_client");
  assertHidden(ran, [MISTAKEN]);
});

test("oidc-provider: a password grant is refused", async (later) => {
  const issuer = await startProvider(later);
  const [user, P] = [{ username: "alice", password: "env:P" }, "alice's password"];
  const ran = await run("password", issuer, { ...BASIC, ...user }, { env: { P } });
  assertRefused(ran, "token", "unsupported_grant_type");
  assertHidden(ran, [P, SECRET]);
});

test("oidc-provider: a refresh that logs in first gets a rotated token and UserInfo with it", async (later) => {
  const issued = [];
  const issuer = await startProvider(later, { issued });
  const ran = await signedIn("refresh", issuer, PUBLIC);
  assertSuccess(ran);
  assert.equal(verdict(ran.json, "token.rotation"), "pass");
  assert.equal(answers(ran.json, "userinfo")[0].sub, "alice");
  assert.equal(ran.json.claims.sub, "alice");
  assertHidden(ran, issued);
});

test("oidc-provider: a refresh without a refresh token says what to ask for", async (later) => {
  const issuer = await startProvider(later);
  const { code, json, stderr } = await signedIn("refresh", issuer, { ...PUBLIC, scope: "openid" });
  assert.deepEqual([code, json.outcome], [1, "incomplete"]);
  assert.match(stderr, /ask for offline_access/);
  assert.equal(exchanges(json, "refresh").length, 0);
});

test("oidc-provider: refreshed again and again, each token is a new one", async (later) => {
  const issuer = await startProvider(later);
  const ran = await signedIn("refresh", issuer, PUBLIC, "--then", "refresh,refresh", "--with-secrets");
  assertSuccess(ran);
  const tokens = [...answers(ran.json, "token"), ...answers(ran.json, "refresh")];
  assert.equal(tokens.length, 4);
  for (const name of ["access_token", "refresh_token"]) {
    assert.equal(new Set(tokens.map((answer) => answer[name])).size, 4, name);
  }
});

/** A refresh token of alice, and who it was issued to. */
async function refreshToken(issuer, client = PUBLIC) {
  const ran = await signedIn("authorization-code", issuer, client, "--with-secrets");
  assertSuccess(ran);
  return ran.json.tokens.refresh_token;
}

test("oidc-provider: a refresh token from elsewhere works once, and its second use ends its family", async (later) => {
  const issuer = await startProvider(later);
  const R = await refreshToken(issuer);
  const pasted = { ...PUBLIC, refresh_token: "env:R" };
  const first = await run("refresh", issuer, pasted, { env: { R }, more: ["--with-secrets"] });
  assertSuccess(first);
  assert.equal(exchanges(first.json, "authorization").length, 0);
  assert.equal(first.json.claims.sub, "alice");
  assert.equal(answers(first.json, "userinfo")[0].email, "alice@example.com");
  const again = await run("refresh", issuer, pasted, { env: { R } });
  assertRefused(again, "refresh", "invalid_grant");
  assertHidden(again, [R]);
  const next = await run("refresh", issuer, pasted, { env: { R: first.json.tokens.refresh_token } });
  assertRefused(next, "refresh", "invalid_grant");
});

test("oidc-provider: a refresh token from a file or standard input is not told", async (later) => {
  const issuer = await startProvider(later);
  const file = join(folder({ token: `${await refreshToken(issuer)}\n` }), "token");
  assertSuccess(await run("refresh", issuer, { ...PUBLIC, refresh_token: `@${file}` }));
  const R = await refreshToken(issuer);
  const ran = await grantscope(grant("refresh", { issuer, ...PUBLIC, refresh_token: "@-" }), { stdin: R }).done;
  assertSuccess(ran);
  assertHidden(ran, [R]);
});

test("oidc-provider: a refresh narrows the scope and cannot widen it", async (later) => {
  const issuer = await startProvider(later);
  const env = { R: await refreshToken(issuer, BASIC) };
  const pasted = { ...BASIC, refresh_token: "env:R" };
  const narrow = await run("refresh", issuer, { ...pasted, refresh_scope: "openid" }, { env });
  assertSuccess(narrow);
  assert.equal(narrow.json.tokens.scope, "openid");
  assert.deepEqual(answers(narrow.json, "userinfo"), [{ sub: "alice" }]);
  const wide = await run("refresh", issuer, { ...pasted, refresh_scope: "openid read" }, { env });
  assertRefused(wide, "refresh", "invalid_scope");
});

test("oidc-provider: a refresh token that is unknown, revoked or of another client is refused", async (later) => {
  const issuer = await startProvider(later);
  const R = await refreshToken(issuer);
  const other = await run("refresh", issuer, { client_id: "web", refresh_token: "env:R" }, { env: { R } });
  assertRefused(other, "refresh", "invalid_grant");
  const pasted = { ...PUBLIC, refresh_token: "env:R" };
  const unknown = await run("refresh", issuer, pasted, { env: { R: "an-unknown-refresh-token" } });
  assertRefused(unknown, "refresh", "invalid_grant");
  const gone = await run("refresh", issuer, pasted, { env: { R }, more: ["--then", "revoke,refresh"] });
  assertRefused(gone, "refresh", "invalid_grant");
  for (const ran of [other, unknown, gone]) {
    assertHidden(ran, [R, "an-unknown-refresh-token"]);
  }
});

for (const [settings, how] of [
  [PUBLIC, "a public client"],
  [BASIC, "a client with a secret"],
]) {
  test(`oidc-provider: ${how} revokes a sign-in, and its access token is not active any more`, async (later) => {
    const issued = [];
    const issuer = await startProvider(later, { issued });
    const ran = await signedIn("authorization-code", issuer, settings, "--then", "introspect,revoke,introspect");
    assertSuccess(ran);
    assert.deepEqual(activity(ran.json), [true, false]);
    assert.equal(answers(ran.json, "introspect")[0].sub, "alice");
    assertHidden(ran, [SECRET, ...issued]);
  });
}

test("oidc-provider: without a refresh token the access token itself is revoked", async (later) => {
  const issuer = await startProvider(later);
  const settings = { ...BASIC, scope: "openid" };
  const ran = await signedIn("authorization-code", issuer, settings, "--then", "introspect,revoke,introspect");
  assertSuccess(ran);
  assert.equal(ran.json.tokens.refresh_token, null);
  assert.deepEqual(activity(ran.json), [true, false]);
});

test("oidc-provider: UserInfo refuses a token that was revoked", async (later) => {
  const issuer = await startProvider(later);
  const ran = await signedIn("authorization-code", issuer, BASIC, "--then", "revoke,userinfo");
  assertRefused(ran, "userinfo", "invalid_token");
});
