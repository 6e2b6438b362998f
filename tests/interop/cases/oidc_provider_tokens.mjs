// What is done with tokens of oidc-provider: asked about, exchanged, given up, used.

import assert from "node:assert/strict";
import { join } from "node:path";

import * as jose from "jose";

import { run, signedIn } from "../lib/client.mjs";
import { JWT_BEARER, TOKEN_EXCHANGE, TOKEN_TYPE, registerGrants } from "../lib/grants.mjs";
import { answers, exchanges, verdict } from "../lib/grantscope.mjs";
import { assertBroken, assertHidden, assertRefused, assertSuccess } from "../lib/grantscope.mjs";
import { CODE, RESOURCE, SECRET, newest, startApi, startProvider, startServer } from "../lib/provider.mjs";
import { test } from "../lib/suite.mjs";
import { folder } from "../lib/temporary.mjs";

const BASIC = { client_id: "with basic", client_secret: "env:S" };
const PUBLIC = { client_id: "public" };
const SERVICE = { client_id: "service with basic", client_secret: "env:S", scope: "read" };
const ACCESS_TOKEN = `${TOKEN_TYPE}access_token`;

for (const alg of ["ES256", "RS256"]) {
  test(`oidc-provider: introspection as a JWT signed with ${alg} (RFC 9701)`, async (later) => {
    const issued = [];
    const client = { ...CODE, client_id: "asker", client_secret: SECRET, introspection_signed_response_alg: alg };
    const features = { jwtIntrospection: { enabled: true } };
    const issuer = await startProvider(later, { issued, clients: [client], features });
    const settings = { ...BASIC, client_id: "asker", introspection_signed_response_alg: alg };
    const ran = await signedIn("authorization-code", issuer, settings, "--then", "introspect,revoke,introspect");
    assertSuccess(ran);
    const answered = exchanges(ran.json, "introspect").map(({ response }) => response.body);
    assert.deepEqual(answered.map((token) => jose.decodeProtectedHeader(token).alg), [alg, alg]);
    const said = answered.map((token) => jose.decodeJwt(token).token_introspection.active);
    assert.deepEqual(said, [true, false]);
    for (const rule of ["introspection.signed", "introspection.signed_claims", "introspection.signature"]) {
      assert.equal(verdict(ran.json, rule), "pass", rule);
    }
    assertHidden(ran, [SECRET, ...issued]);
  });
}

test("oidc-provider: an introspection as JSON where a JWT was asked is told", async (later) => {
  const issuer = await startProvider(later);
  const settings = { ...BASIC, introspection_signed_response_alg: "ES256" };
  const ran = await signedIn("authorization-code", issuer, settings, "--then", "introspect");
  assert.deepEqual([ran.code, ran.json.outcome], [1, "success"]);
  assertBroken(ran, "introspection.signed");
});

for (const [settings, how] of [
  [BASIC, "a refresh token"],
  [{ ...BASIC, scope: "openid" }, "an access token"],
  [PUBLIC, "a refresh token of a public client"],
]) {
  test(`oidc-provider: ${how} is proven dead after its revocation`, async (later) => {
    const issued = [];
    const issuer = await startProvider(later, { issued });
    const ran = await signedIn("authorization-code", issuer, settings, "--then", "introspect,revoke,proof");
    assertSuccess(ran);
    assert.equal(verdict(ran.json, "revocation.effective"), "pass");
    assertHidden(ran, [SECRET, ...issued]);
  });
}

test("oidc-provider: a refresh token that comes back is refused, and that is what is wanted", async (later) => {
  const issued = [];
  const issuer = await startProvider(later, { issued });
  for (const name of ["refresh", "authorization-code"]) {
    const then = name === "refresh" ? "reuse" : "refresh,reuse";
    const ran = await signedIn(name, issuer, PUBLIC, "--then", then);
    assertSuccess(ran);
    assert.equal(verdict(ran.json, "refresh.reuse"), "pass");
    assertHidden(ran, issued);
  }
});

test("oidc-provider: UserInfo by POST keeps the token out of the header", async (later) => {
  const issued = [];
  const issuer = await startProvider(later, { issued });
  const ran = await signedIn("authorization-code", issuer, { ...BASIC, userinfo_method: "POST" });
  assertSuccess(ran);
  const [{ request }] = exchanges(ran.json, "userinfo");
  assert.deepEqual([request.method, request.body], ["POST", "access_token=REDACTED-access_token-1"]);
  assert.ok(request.headers.every(({ name }) => name.toLowerCase() !== "authorization"));
  assert.equal(answers(ran.json, "userinfo")[0].email, "alice@example.com");
  assertHidden(ran, [SECRET, ...issued]);
});

test("oidc-provider: an API is called with the method and body that are typed", async (later) => {
  const issued = [];
  const issuer = await startProvider(later, { issued });
  const { came, api_url } = await startApi(later);
  for (const [api_method, api_body, type] of [
    ["POST", JSON.stringify({ item: "tea", "100 %": ["+", "ä"] }), /^application.json/],
    ["PUT", "plain tea", /^text.plain/],
    ["PATCH", "{}", /^application.json/],
    ["DELETE", "", /^$/],
    ["HEAD", "", /^$/],
    ["", "", /^$/],
  ]) {
    const ran = await run("client-credentials", issuer, { ...SERVICE, api_url, api_method, api_body });
    assertSuccess(ran);
    const { method, headers, body } = came.at(-1);
    assert.deepEqual([method, body, headers.authorization], [api_method || "GET", api_body, `Bearer ${issued.at(-1)}`]);
    assert.match(headers["content-type"] ?? "", type);
    assertHidden(ran, [SECRET, ...issued]);
  }
});

test("oidc-provider: an API that refuses is told with its challenge", async (later) => {
  const issued = [];
  const issuer = await startProvider(later, { issued });
  const post = { ...SERVICE, api_method: "POST", api_body: "{}" };
  for (const [status, challenge, error] of [
    [401, 'Bearer error="invalid_token", error_description="unknown here"', "invalid_token"],
    [403, 'Bearer error="insufficient_scope", scope="write"', "insufficient_scope"],
  ]) {
    const { api_url } = await startApi(later, { status, challenge });
    const ran = await run("client-credentials", issuer, { ...post, api_url });
    assertRefused(ran, "api", error);
    assertBroken(ran);
    assertHidden(ran, [SECRET, ...issued]);
  }
  const { api_url } = await startApi(later, { status: 401 });
  const ran = await run("client-credentials", issuer, { ...post, api_url });
  assert.deepEqual([ran.code, ran.json.outcome, ran.json.problem.stage], [1, "failed", "api"]);
  assertBroken(ran, "resource.challenge");
});

const EXCHANGER = {
  ...CODE,
  client_id: "exchanger",
  client_secret: SECRET,
  grant_types: [...CODE.grant_types, "client_credentials", TOKEN_EXCHANGE],
};
const SUBJECT = { client_id: "exchanger", client_secret: "env:S", scope: "openid offline_access" };

/** Starts a server that exchanges tokens, and signs alice in there: her access token, and one of the client itself. */
async function startExchange(later, issued) {
  const { issuer, provider } = await startServer(later, { issued, clients: [EXCHANGER] });
  registerGrants(provider);
  const wide = { ...SUBJECT, scope: "openid read write" };
  const login = await signedIn("authorization-code", issuer, wide, "--with-secrets");
  const own = await run("client-credentials", issuer, { ...SUBJECT, scope: "" }, { more: ["--with-secrets"] });
  const [T, OWN] = [login, own].map(({ json }) => json.tokens.access_token);
  const env = { T, OWN, STRANGE: "a token that nobody knows" };
  const given = { ...SUBJECT, subject_token: "env:T" };
  const exchange = (settings) => run("token-exchange", issuer, { ...given, ...settings }, { env });
  return { issuer, exchange, secrets: Object.values(env) };
}

test("oidc-provider: a token is exchanged for a narrower one for a resource", async (later) => {
  const issued = [];
  const { exchange, secrets } = await startExchange(later, issued);
  const ran = await exchange({ exchange_scope: "read", resource: RESOURCE, requested_token_type: ACCESS_TOKEN });
  assertSuccess(ran);
  assert.equal(answers(ran.json, "exchange")[0].issued_token_type, ACCESS_TOKEN);
  const { aud, sub, scope, act } = newest(issued);
  assert.deepEqual([aud, sub, scope, act], [RESOURCE, "alice", "read", undefined]);
  assertHidden(ran, [SECRET, ...secrets, ...issued]);
});

test("oidc-provider: whoever acts for alice is named in the exchanged token", async (later) => {
  const issued = [];
  const { exchange, secrets } = await startExchange(later, issued);
  const delegation = { exchange_scope: "read", resource: RESOURCE, actor_token_type: ACCESS_TOKEN };
  for (const actor of [{}, { actor_token: "env:OWN" }]) {
    const ran = await exchange({ ...delegation, ...actor });
    assertSuccess(ran);
    assert.equal(verdict(ran.json, "exchange.actor"), "pass");
    assert.equal(exchanges(ran.json, "actor_token").length, actor.actor_token ? 0 : 1);
    assert.deepEqual([newest(issued).sub, newest(issued).act], ["alice", { sub: "exchanger" }]);
    assertHidden(ran, [SECRET, ...secrets, ...issued]);
  }
});

test("oidc-provider: a sign-in comes first where no token is given to exchange", async (later) => {
  const issued = [];
  const { issuer } = await startExchange(later, issued);
  for (const type of ["", ACCESS_TOKEN, `${TOKEN_TYPE}refresh_token`]) {
    const settings = { ...SUBJECT, subject_token_type: type, exchange_scope: "openid" };
    const ran = await signedIn("token-exchange", issuer, settings, "--then", "introspect");
    assertSuccess(ran);
    assert.deepEqual(answers(ran.json, "introspect").map(({ sub, scope }) => [sub, scope]), [["alice", "openid"]]);
    assertHidden(ran, [SECRET, ...issued]);
  }
});

test("oidc-provider: a token exchange is refused for each reason", async (later) => {
  const issued = [];
  const { exchange, secrets } = await startExchange(later, issued);
  for (const [settings, error] of [
    [{ subject_token: "env:STRANGE" }, "invalid_request"],
    [{ subject_token_type: `${TOKEN_TYPE}id_token` }, "invalid_request"],
    [{ requested_token_type: `${TOKEN_TYPE}saml2` }, "invalid_request"],
    [{ actor_token: "env:STRANGE", actor_token_type: ACCESS_TOKEN }, "invalid_request"],
    [{ actor_token: "env:OWN" }, "invalid_request"],
    [{ exchange_scope: "openid email" }, "invalid_scope"],
    [{ resource: "https://other.example.com/" }, "invalid_target"],
    [{ client_id: "with basic" }, "not allowed for this client"],
  ]) {
    const ran = await exchange(settings);
    assertRefused(ran, "exchange", error);
    assertBroken(ran);
    assertHidden(ran, [SECRET, ...secrets, ...issued]);
  }
});

test("oidc-provider: an assertion about alice is a grant (RFC 7523)", async (later) => {
  const issued = [];
  const { publicKey, privateKey } = await jose.generateKeyPair("ES256", { extractable: true });
  const registered = { ...(await jose.exportJWK(publicKey)), kid: "of the case", use: "sig", alg: "ES256" };
  const speaker = {
    client_id: "speaker",
    redirect_uris: [],
    response_types: [],
    grant_types: [JWT_BEARER],
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [registered] },
  };
  const { issuer, provider } = await startServer(later, { issued, clients: [speaker] });
  registerGrants(provider);
  const { came, api_url } = await startApi(later);
  const key = join(folder({ "key.pem": await jose.exportPKCS8(privateKey) }), "key.pem");
  const settings = {
    client_id: "speaker",
    token_endpoint_auth_method: "private_key_jwt",
    private_key: `@${key}`,
    kid: "of the case",
    assertion_subject: "alice",
    scope: "read",
    api_url,
  };
  const ran = await run("jwt-bearer", issuer, settings, { more: ["--then", "introspect"] });
  assertSuccess(ran);
  assert.equal(answers(ran.json, "introspect")[0].sub, "alice");
  assert.equal(came.length, 1);
  assertHidden(ran, issued);
  for (const [claims, error, ...broken] of [
    [{ aud: "https://other.example.com/" }, "invalid_grant", "assertion.audience"],
    [{ exp: 1 }, "invalid_grant", "assertion.lifetime"],
    [{ sub: null }, "invalid_grant", "assertion.claims"],
    [{ iss: "somebody else" }, "invalid_grant"],
  ]) {
    const refused = await run("jwt-bearer", issuer, { ...settings, assertion_claims: JSON.stringify(claims) });
    assertRefused(refused, "token", error);
    assertBroken(refused, ...broken);
  }
});
