// Every other grant of the practice server, and what it does with tokens, against openid-client.

import assert from "node:assert/strict";

import * as jose from "jose";
import * as oauth from "openid-client";

import { Agent, ALICE } from "../lib/agent.mjs";
import { practiceServer } from "../lib/grantscope.mjs";
import { authorized, discovered, signedIn } from "../lib/relying_party.mjs";
import { test } from "../lib/suite.mjs";

const SECRET = "practice-secret";
const LONG_SECRET = "practice-secret-of-32-bytes-or-more";
const API = "https://api.example.com/";

const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

/** The private key of `practice-jwt`, which is public, as its home page says. */
const PRACTICE_JWT_KEY = {
  kty: "EC",
  kid: "practice-jwt-1",
  alg: "ES256",
  crv: "P-256",
  x: "wspkwzycrfw6jfrGK2169C6jSrrAfRWrjRfeEaCAgMU",
  y: "TfzHXaXQVJrBpuC3lCzfga4nL3LzynJ4FPQIG_Gx-KE",
  d: "AfluNQa8PtsiUJNDIXvSqOzdsiAZYLetCJ4Ln91UJHo",
};

/** What a refusal of the token endpoint looks like to this client. */
function refused(error) {
  return { code: "OAUTH_RESPONSE_BODY_ERROR", error };
}

/** Asserts that the client is not believed to be who it says; this one reads the challenge alone then. */
async function assertInvalidClient(promise, why) {
  const error = await promise.then(() => assert.fail(why), (error) => error);
  assert.deepEqual([error.code, error.status], ["OAUTH_WWW_AUTHENTICATE_CHALLENGE", 401], why);
  assert.equal((await error.response.json()).error, "invalid_client", why);
}

function web(issuer, metadata) {
  return discovered(issuer, "practice-web", oauth.ClientSecretBasic(SECRET), metadata);
}

/** Who the practice server's API takes the bearer for. */
async function caller(config, issuer, accessToken) {
  const answer = await oauth.fetchProtectedResource(config, accessToken, new URL("/api/me", issuer), "GET");
  return (await answer.json()).sub;
}

async function privateKey() {
  return { key: await jose.importJWK(PRACTICE_JWT_KEY), kid: PRACTICE_JWT_KEY.kid };
}

test("openid-client: a device polls the practice server until alice allows, another until bob denies", async (later) => {
  const issuer = await practiceServer(later);
  const config = await discovered(issuer, "practice-device", oauth.None());
  const begin = () => oauth.initiateDeviceAuthorization(config, { scope: "openid profile offline_access" });
  const [allowed, denied] = await Promise.all([begin(), begin()]);
  const polls = [allowed, denied].map((device) => oauth.pollDeviceAuthorizationGrant(config, device));
  const ended = Promise.allSettled(polls);

  await new Agent().submitUntil(allowed.verification_uri_complete, "You can close this page");
  const typed = { user_code: denied.user_code.toLowerCase().replace("-", " "), username: "bob", decision: "deny" };
  await new Agent().submitUntil(denied.verification_uri, "You can close this page", typed);

  const [tokens, refusal] = await ended;
  assert.equal(tokens.value?.claims().sub, "alice", tokens.reason);
  assert.ok(tokens.value.refresh_token);
  assert.equal(refusal.reason?.error, "access_denied");
  const again = oauth.genericGrantRequest(config, DEVICE_CODE, { device_code: allowed.device_code });
  await assert.rejects(again, refused("invalid_grant"));
});

test("openid-client: a device that does not wait is told to slow down", async (later) => {
  const issuer = await practiceServer(later);
  const config = await discovered(issuer, "practice-device", oauth.None());
  const { device_code } = await oauth.initiateDeviceAuthorization(config, { scope: "openid" });
  const poll = () => oauth.genericGrantRequest(config, DEVICE_CODE, { device_code });
  await assert.rejects(poll(), refused("authorization_pending"));
  await assert.rejects(poll(), refused("slow_down"));
  const stranger = await web(issuer);
  await assert.rejects(oauth.genericGrantRequest(stranger, DEVICE_CODE, { device_code }), refused("invalid_grant"));
});

test("openid-client: a request on the phone (CIBA) is approved, another denied", async (later) => {
  const issuer = await practiceServer(later);
  const config = await web(issuer);
  const request = { scope: "openid profile", binding_message: "W4SCT" };
  const ask = (login_hint) => oauth.initiateBackchannelAuthentication(config, { ...request, login_hint });
  const asked = [await ask("alice"), await ask("bob@example.com")];
  const ended = Promise.allSettled(asked.map((answer) => oauth.pollBackchannelAuthenticationGrant(config, answer)));
  const phone = await new Agent().submitUntil(`${issuer}/ciba?user=alice`, "You can close this page");
  assert.ok(phone.text.includes("Approved"));
  await new Agent().submitUntil(`${issuer}/ciba?user=bob`, "You can close this page", { decision: "deny" });
  const [tokens, refusal] = await ended;
  assert.equal(tokens.value?.claims().sub, "alice", tokens.reason);
  assert.equal(refusal.reason?.error, "access_denied");
});

test("openid-client: CIBA for somebody unknown is refused", async (later) => {
  const config = await web(await practiceServer(later));
  const asked = oauth.initiateBackchannelAuthentication(config, { scope: "openid", login_hint: "mallory" });
  await assert.rejects(asked, refused("unknown_user_id"));
});

for (const [how, authentication] of [
  ["client_secret_basic", oauth.ClientSecretBasic(SECRET)],
  ["client_secret_post", oauth.ClientSecretPost(SECRET)],
]) {
  test(`openid-client: practice-service gets client credentials with ${how}`, async (later) => {
    const issuer = await practiceServer(later);
    const config = await discovered(issuer, "practice-service", authentication);
    const tokens = await oauth.clientCredentialsGrant(config, { scope: "profile" });
    assert.deepEqual([tokens.scope, tokens.refresh_token, tokens.id_token], ["profile", undefined, undefined]);
    assert.equal(await caller(config, issuer, tokens.access_token), "practice-service");
  });
}

test("openid-client: client credentials for a resource are a JWT for it alone (RFC 9068)", async (later) => {
  const issuer = await practiceServer(later);
  const config = await web(issuer);
  const { access_token } = await oauth.clientCredentialsGrant(config, { scope: "profile", resource: API });
  const keys = jose.createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const { payload } = await jose.jwtVerify(access_token, keys, { issuer, audience: API, typ: "at+jwt" });
  assert.deepEqual([payload.sub, payload.client_id, payload.scope], ["practice-web", "practice-web", "profile"]);
  await assert.rejects(caller(config, issuer, access_token), { status: 401 });
});

test("openid-client: client credentials are refused for each reason", async (later) => {
  const issuer = await practiceServer(later);
  for (const [clientId, authentication, parameters, error] of [
    ["practice-native", oauth.None(), {}, "unauthorized_client"],
    ["practice-service", oauth.ClientSecretPost(SECRET), { scope: "everything" }, "invalid_scope"],
    ["practice-service", oauth.ClientSecretPost(SECRET), { resource: "no URI" }, "invalid_target"],
  ]) {
    const config = await discovered(issuer, clientId, authentication);
    await assert.rejects(oauth.clientCredentialsGrant(config, parameters), refused(error), error);
  }
});

test("openid-client: a wrong secret, an unknown client and a method that is not registered are refused", async (later) => {
  const issuer = await practiceServer(later);
  for (const [clientId, authentication] of [
    ["practice-service", oauth.ClientSecretBasic("mistaken")],
    ["practice-service", oauth.ClientSecretPost("mistaken")],
    ["practice-service", oauth.None()],
    ["practice-service", oauth.ClientSecretJwt(LONG_SECRET)],
    ["practice-jwt", oauth.ClientSecretPost(SECRET)],
    ["nobody", oauth.ClientSecretPost(SECRET)],
  ]) {
    const config = await discovered(issuer, clientId, authentication);
    await assertInvalidClient(oauth.clientCredentialsGrant(config), clientId);
  }
});

test("openid-client: a refresh narrows the scope, rotates and cannot widen it", async (later) => {
  const config = await web(await practiceServer(later));
  const { tokens } = await signedIn(config, { scope: "openid profile offline_access" });
  const narrow = await oauth.refreshTokenGrant(config, tokens.refresh_token, { scope: "profile" });
  assert.deepEqual([narrow.scope, narrow.id_token], ["profile", undefined]);
  await assert.rejects(oauth.refreshTokenGrant(config, narrow.refresh_token, { scope: "email" }), refused("invalid_scope"));
  const whole = await oauth.refreshTokenGrant(config, narrow.refresh_token);
  assert.equal(whole.scope, "openid profile offline_access");
  assert.equal(whole.claims().sub, "alice");
  assert.equal(new Set([tokens, narrow, whole].map((answer) => answer.refresh_token)).size, 3);
});

test("openid-client: a refresh token of another client is refused and still works for its own", async (later) => {
  const issuer = await practiceServer(later);
  const own = await discovered(issuer, "practice-native", oauth.None());
  const { tokens } = await signedIn(own);
  await assert.rejects(oauth.refreshTokenGrant(await web(issuer), tokens.refresh_token), refused("invalid_grant"));
  assert.ok((await oauth.refreshTokenGrant(own, tokens.refresh_token)).access_token);
});

test("openid-client: introspection tells of tokens until they are revoked", async (later) => {
  const issuer = await practiceServer(later);
  const config = await web(issuer);
  const { tokens } = await signedIn(config);
  for (const token of [tokens.access_token, tokens.refresh_token]) {
    const told = await oauth.tokenIntrospection(config, token);
    assert.deepEqual([told.active, told.sub, told.client_id, told.iss], [true, "alice", "practice-web", issuer]);
  }
  await oauth.tokenRevocation(config, tokens.refresh_token, { token_type_hint: "refresh_token" });
  for (const token of [tokens.access_token, tokens.refresh_token, "unknown"]) {
    assert.deepEqual(await oauth.tokenIntrospection(config, token), { active: false });
  }
  await assert.rejects(oauth.refreshTokenGrant(config, tokens.refresh_token), refused("invalid_grant"));
  await oauth.tokenRevocation(config, tokens.refresh_token);
});

test("openid-client: a revoked access token leaves the refresh token alone", async (later) => {
  const issuer = await practiceServer(later);
  const config = await web(issuer);
  const { tokens } = await signedIn(config);
  await oauth.tokenRevocation(config, tokens.access_token);
  await assert.rejects(oauth.fetchUserInfo(config, tokens.access_token, "alice"), { status: 401 });
  const renewed = await oauth.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal(await caller(config, issuer, renewed.access_token), "alice");
});

test("openid-client: another client may introspect an access token alone and cannot revoke one", async (later) => {
  const issuer = await practiceServer(later);
  const config = await web(issuer);
  const { tokens } = await signedIn(config);
  const stranger = await discovered(issuer, "practice-service", oauth.ClientSecretBasic(SECRET));
  assert.equal((await oauth.tokenIntrospection(stranger, tokens.access_token)).client_id, "practice-web");
  assert.deepEqual(await oauth.tokenIntrospection(stranger, tokens.refresh_token), { active: false });
  await assert.rejects(oauth.tokenRevocation(stranger, tokens.refresh_token), refused("invalid_grant"));
  assert.equal((await oauth.tokenIntrospection(config, tokens.refresh_token)).active, true);
  const open = await discovered(issuer, "practice-native", oauth.None());
  await assertInvalidClient(oauth.tokenIntrospection(open, tokens.access_token), "a public client");
});

test("openid-client: introspection as a signed JWT (RFC 9701)", async (later) => {
  const issuer = await practiceServer(later);
  const config = await web(issuer, { introspection_signed_response_alg: "ES256" });
  oauth.enableNonRepudiationChecks(config);
  const { tokens } = await signedIn(config);
  const told = await oauth.tokenIntrospection(config, tokens.access_token);
  assert.deepEqual([told.active, told.sub], [true, "alice"]);
});

test("openid-client: opaque tokens are introspected as JWTs are", async (later) => {
  const issuer = await practiceServer(later);
  const config = await discovered(issuer, "practice-opaque", oauth.ClientSecretBasic(SECRET));
  const { tokens } = await signedIn(config);
  assert.ok(!tokens.access_token.includes("."));
  const told = await oauth.tokenIntrospection(config, tokens.access_token);
  assert.deepEqual([told.active, told.sub], [true, "alice"]);
  assert.equal(await caller(config, issuer, tokens.access_token), "alice");
});

const ASSERTIONS = [
  ["practice-secret-jwt", "client_secret_jwt", async (options) => oauth.ClientSecretJwt(LONG_SECRET, options)],
  ["practice-jwt", "private_key_jwt", async (options) => oauth.PrivateKeyJwt(await privateKey(), options)],
];

for (const [clientId, method, authentication] of ASSERTIONS) {
  test(`openid-client: ${clientId} signs alice in with ${method}`, async (later) => {
    const issuer = await practiceServer(later);
    const config = await discovered(issuer, clientId, await authentication());
    const { tokens } = await signedIn(config);
    assert.equal(tokens.claims().sub, "alice");
    assert.ok((await oauth.refreshTokenGrant(config, tokens.refresh_token)).access_token);
    assert.equal((await oauth.tokenIntrospection(config, tokens.refresh_token)).active, false);
    assert.equal((await oauth.clientCredentialsGrant(config)).token_type, "bearer");
  });

  test(`openid-client: an assertion of ${method} is refused when it is not right`, async (later) => {
    const issuer = await practiceServer(later);
    const changed = async (change) => {
      const options = { [oauth.modifyAssertion]: (_, payload) => change(payload) };
      const config = await discovered(issuer, clientId, await authentication(options));
      return oauth.clientCredentialsGrant(config);
    };
    await assertInvalidClient(changed((claims) => (claims.aud = "https://other.example.com")), "aud");
    await assertInvalidClient(changed((claims) => (claims.iss = "practice-web")), "iss");
    await assertInvalidClient(changed((claims) => (claims.exp = claims.iat - 60)), "exp");
    await assertInvalidClient(changed((claims) => delete claims.jti), "jti");
    const fixed = (claims) => (claims.jti = "of the case");
    assert.ok((await changed(fixed)).access_token);
    await assertInvalidClient(changed(fixed), "the same again");
  });
}

test("openid-client: an assertion that another secret or key made is no proof", async (later) => {
  const issuer = await practiceServer(later);
  const { privateKey: foreign } = await jose.generateKeyPair("ES256");
  for (const [clientId, authentication] of [
    ["practice-secret-jwt", oauth.ClientSecretJwt(`${LONG_SECRET}!`)],
    ["practice-jwt", oauth.PrivateKeyJwt({ key: foreign, kid: PRACTICE_JWT_KEY.kid })],
  ]) {
    const config = await discovered(issuer, clientId, authentication);
    await assertInvalidClient(oauth.clientCredentialsGrant(config), clientId);
  }
});

test("openid-client: a token is exchanged for a narrower one of the same user", async (later) => {
  const issuer = await practiceServer(later);
  const config = await web(issuer);
  const { tokens } = await signedIn(config);
  const subject = { subject_token: tokens.access_token, subject_token_type: ACCESS_TOKEN };
  const exchange = (more) => oauth.genericGrantRequest(config, TOKEN_EXCHANGE, { ...subject, ...more });
  const exchanged = await exchange({ resource: API, scope: "profile" });
  assert.deepEqual([exchanged.issued_token_type, exchanged.scope], [ACCESS_TOKEN, "profile"]);
  assert.equal(exchanged.refresh_token, undefined);
  const keys = jose.createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const { payload } = await jose.jwtVerify(exchanged.access_token, keys, { issuer, audience: API, typ: "at+jwt" });
  assert.equal(payload.sub, "alice");
  const actor = await oauth.clientCredentialsGrant(config);
  const delegated = await exchange({ actor_token: actor.access_token, actor_token_type: ACCESS_TOKEN });
  assert.deepEqual(jose.decodeJwt(delegated.access_token).act, { sub: "practice-web" });
  assert.equal(await caller(config, issuer, delegated.access_token), "alice");
});

test("openid-client: a token exchange is refused for each reason", async (later) => {
  const config = await web(await practiceServer(later));
  const { tokens } = await signedIn(config, { scope: "openid profile" });
  const subject = { subject_token: tokens.access_token, subject_token_type: ACCESS_TOKEN };
  for (const [parameters, error] of [
    [{ ...subject, subject_token: "unknown" }, "invalid_request"],
    [{ ...subject, subject_token_type: "access_token" }, "invalid_request"],
    [{ subject_token: tokens.access_token }, "invalid_request"],
    [{ ...subject, actor_token: tokens.access_token }, "invalid_request"],
    [{ ...subject, scope: "profile email" }, "invalid_scope"],
    [{ ...subject, resource: "no URI" }, "invalid_target"],
  ]) {
    const exchange = oauth.genericGrantRequest(config, TOKEN_EXCHANGE, parameters);
    await assert.rejects(exchange, refused(error), JSON.stringify(Object.keys(parameters)));
  }
});

test("openid-client: an assertion that jose signed is a grant once (RFC 7523)", async (later) => {
  const issuer = await practiceServer(later);
  const config = await discovered(issuer, "practice-jwt", oauth.PrivateKeyJwt(await privateKey()));
  const { key, kid } = await privateKey();
  const statement = new jose.SignJWT({ iss: "practice-jwt", sub: "alice", aud: issuer, jti: "of the case" });
  statement.setProtectedHeader({ alg: "ES256", kid }).setIssuedAt().setExpirationTime("5 minutes");
  const assertion = await statement.sign(key);
  const exchange = () => oauth.genericGrantRequest(config, JWT_BEARER, { assertion, scope: "profile" });
  const tokens = await exchange();
  assert.equal(await caller(config, issuer, tokens.access_token), "alice");
  await assert.rejects(exchange(), refused("invalid_grant"));
});

test("openid-client: a password is a grant where it is registered", async (later) => {
  const issuer = await practiceServer(later);
  const config = await web(issuer);
  const user = { username: "alice", password: "practice", scope: "openid profile" };
  const tokens = await oauth.genericGrantRequest(config, "password", user);
  assert.equal(tokens.claims().sub, "alice");
  const mistaken = oauth.genericGrantRequest(config, "password", { ...user, password: "mistaken" });
  await assert.rejects(mistaken, refused("invalid_grant"));
});

test("openid-client: an ID token comes in the fragment (implicit)", async (later) => {
  const config = await web(await practiceServer(later));
  oauth.useIdTokenResponseType(config);
  const withoutCode = { scope: "openid profile", code_challenge: "", code_challenge_method: "" };
  const { callback, checks } = await authorized(config, withoutCode);
  const { expectedNonce, expectedState } = checks;
  const claims = await oauth.implicitAuthentication(config, callback, expectedNonce, { expectedState });
  assert.equal(claims.sub, "alice");
});

test("openid-client: code and ID token come in the fragment (hybrid), bound by c_hash", async (later) => {
  const config = await web(await practiceServer(later));
  oauth.useCodeIdTokenResponseType(config);
  const { tokens } = await signedIn(config);
  assert.equal(tokens.claims().sub, "alice");
  assert.equal((await oauth.fetchUserInfo(config, tokens.access_token, "alice")).email, "alice@example.com");
});

test("openid-client: a logout ends the session and comes back with its state", async (later) => {
  const config = await web(await practiceServer(later));
  const agent = new Agent();
  const { tokens } = await signedIn(config, { agent });
  const silent = { agent, prompt: "none" };
  assert.equal((await signedIn(config, silent)).tokens.claims().sub, "alice");
  const back = "http://127.0.0.1:18999/";
  const parameters = { id_token_hint: tokens.id_token, post_logout_redirect_uri: back, state: "of the case" };
  const page = await agent.signIn(oauth.buildEndSessionUrl(config, parameters), back, { follow: false });
  assert.equal(page.url.href, `${back}?state=of+the+case`);
  await assert.rejects(signedIn(config, silent), { error: "login_required" });
});

test("openid-client: a logout without proof asks first, and goes nowhere that is not registered", async (later) => {
  const config = await web(await practiceServer(later));
  const agent = new Agent();
  const { tokens } = await signedIn(config, { agent });
  const foreign = { id_token_hint: tokens.id_token, post_logout_redirect_uri: "https://evil.example.com/" };
  assert.equal((await agent.visit(oauth.buildEndSessionUrl(config, foreign))).status, 400);
  const page = await agent.visit(oauth.buildEndSessionUrl(config));
  assert.ok(page.text.includes("Sign out?"));
  assert.ok((await signedIn(config, { agent, prompt: "none" })).tokens.access_token);
  await agent.submitUntil(oauth.buildEndSessionUrl(config), "Signed out", ALICE);
  await assert.rejects(signedIn(config, { agent, prompt: "none" }), { error: "login_required" });
});
