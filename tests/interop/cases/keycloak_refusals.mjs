// What Keycloak refuses: the first thing to try has to fit the cause.

import assert from "node:assert/strict";

import { Agent } from "../lib/agent.mjs";
import { assertAdvised, assertBroken, assertHidden, exchanges, grant, grantscope } from "../lib/grantscope.mjs";
import { keycloakTest } from "../lib/keycloak.mjs";
import { METHODS, OTHER_CERTIFICATE, asAlice, run } from "../lib/keycloak_client.mjs";
import { KEY, OTHER_KEY, PASSWORD, SECRET, open, realmOf, service } from "../lib/keycloak_realm.mjs";

/** Keycloak sends no challenge with the 401 of a client that used Basic and that it does not recognise (RFC 6749 section 5.2). */
const NO_CHALLENGE = "token.challenge";

const CREDENTIALS = "Invalid client or Invalid client credentials";
const SECRET_IS_WRONG = /^Check client_secret/;

for (const [method, change, words, advice, ...broken] of [
  ["client_secret_basic", { client_secret: "env:MISTAKEN" }, CREDENTIALS, SECRET_IS_WRONG, NO_CHALLENGE],
  ["client_secret_post", { client_secret: "env:MISTAKEN" }, CREDENTIALS, SECRET_IS_WRONG],
  ["client_secret_basic", { client_id: "nobody" }, CREDENTIALS, /client_id|client_secret/, NO_CHALLENGE],
  ["tls_client_auth", { tls_client_certificate: OTHER_CERTIFICATE }, CREDENTIALS, /^The certificate shown is of CN=another/],
]) {
  keycloakTest(`a client with ${method} and another ${Object.keys(change)} is refused`, async (server) => {
    const ran = await run(server, "client-credentials", { ...METHODS[method](server), scope: "email", ...change });
    assertAdvised(ran, "token", words, advice);
    assertBroken(ran, ...broken);
    assertHidden(ran, [SECRET, "a mistaken secret"]);
  });
}

keycloakTest("an assertion that another key or secret signed is refused", async (server) => {
  for (const [method, change, words] of [
    ["client_secret_jwt", { client_secret: "env:LONG" }, "Signature on JWT token"],
    ["private_key_jwt", { private_key: "env:OTHER" }, "Signature on JWT token failed validation"],
    ["private_key_jwt", { private_key: "env:OTHER", kid: "another" }, "Unable to load public key"],
  ]) {
    const ran = await run(server, "client-credentials", { ...METHODS[method](server), ...change });
    assertAdvised(ran, "token", words, /./);
    assertBroken(ran);
  }
});

keycloakTest("a redirect URI or a client that is not known stops at the page of the server", async (server) => {
  for (const [change, words, advice] of [
    [{ redirect_uri: "http://localhost:0/elsewhere" }, "Invalid parameter: redirect_uri", /^Register http:\/\/localhost\/elsewhere as redirect_uri/],
    [{ client_id: "nobody" }, "Client not found.", /with the registration/],
  ]) {
    const ran = await asAlice(server, "authorization-code", { client_id: "native", ...change });
    assertAdvised(ran, "authorization", words, advice);
    assert.equal(ran.json.outcome, "failed");
    assertBroken(ran);
  }
});

keycloakTest("an authorization request that is not registered for is refused on its way back", async (server) => {
  for (const [name, change, words, advice, ...broken] of [
    ["implicit", {}, "Implicit flow is disabled", /^Switch this response type on/],
    ["authorization-code", { scope: "openid nonsense" }, "Invalid scopes", /scope/],
    ["authorization-code", { code_challenge_method: "off" }, "Missing parameter: code_challenge_method", /code_challenge/, "settings.pkce_public"],
    ["authorization-code", { code_challenge_method: "plain" }, "not matching the configured one", /code_challenge/],
  ]) {
    const ran = await asAlice(server, name, { client_id: "native", ...change });
    assertAdvised(ran, "authorization", words, advice);
    assertBroken(ran, ...broken);
  }
});

keycloakTest("a password that is wrong, or a client that may not pass one on, is refused", async (server) => {
  for (const [change, words, advice] of [
    [{ password: "env:MISTAKEN" }, "Invalid user credentials", /^Check username and password/],
    [{ client_id: "web" }, "Client not allowed for direct access grants", /^Switch (the grant type|client credentials) on/],
  ]) {
    const settings = { client_id: "trusted", client_secret: "env:S", username: "alice", password: "env:P", ...change };
    const ran = await run(server, "password", settings);
    assertAdvised(ran, "token", words, advice);
    assertBroken(ran);
  }
});

keycloakTest("a grant that is not switched on for the client is refused", async (server) => {
  const secret = { client_secret: "env:S" };
  const web = { ...secret, client_id: "web" };
  for (const [name, settings, words, stage, advice, ...broken] of [
    ["client-credentials", web, "Client not enabled to retrieve service account", "token", /^Switch (the grant type|client credentials) on/, NO_CHALLENGE],
    ["device", { client_id: "native" }, "The flow is disabled", "device_authorization", /./],
    ["ciba", { ...web, login_hint: "alice" }, "Client not allowed OIDC CIBA Grant", "backchannel_authentication", /./, "backchannel.challenge"],
    ["token-exchange", { ...secret, client_id: "by basic" }, "is not enabled", "exchange", /./],
  ]) {
    const ran = await asAlice(server, name, settings);
    assertAdvised(ran, stage, words, advice);
    assertBroken(ran, ...broken);
  }
});

keycloakTest("bob says no on a device of his own", async (server) => {
  const settings = { ...METHODS.client_secret_basic(), client_id: "asking", login_hint: "bob" };
  const ran = await run(server, "ciba", settings);
  assertAdvised(ran, "token", "access_denied", /^The user said no/);
  assertBroken(ran);
});

keycloakTest("a refresh token that is none is refused, and a token that was revoked", async (server) => {
  const client = { client_id: "native", refresh_token: "env:MISTAKEN" };
  const unknown = await run(server, "refresh", client);
  assertAdvised(unknown, "refresh", "invalid_grant: Invalid refresh token", /^The refresh token may have been replaced/);
  assertBroken(unknown);
  for (const [stage, words] of [
    ["userinfo", "invalid_token"],
    ["refresh", "invalid_grant: Session not active"],
  ]) {
    const over = await asAlice(server, "authorization-code", { client_id: "native" }, "--then", `revoke,${stage}`);
    assertAdvised(over, stage, words, /^A token of this run was revoked before/);
    assertBroken(over);
  }
});

keycloakTest("alice is not signed in without a page, and not with another password", async (server) => {
  const client = { client_id: "native" };
  const silent = await asAlice(server, "authorization-code", { ...client, prompt: "none" });
  assertAdvised(silent, "authorization", "login_required", /^Sign in once without prompt=none/);
  assertBroken(silent);
  const mistaken = ["--sign-in", "alice", "--sign-in-password", "env:MISTAKEN"];
  const refused = await run(server, "authorization-code", client, ...mistaken);
  assertAdvised(refused, "authorization", "the login was refused", /^Compare user name and password/);
  assertBroken(refused);
});

keycloakTest("a server whose authority is not trusted here gets no request", async (server) => {
  const settings = { ...METHODS.tls_client_auth(server), certificate_authority: "" };
  const ran = await run(server, "client-credentials", settings);
  assertAdvised(ran, "discovery", "an authority that is not trusted here", /certificate_authority/);
  assertBroken(ran);
});

keycloakTest("a realm that does not exist is told in the server's own words", async (server) => {
  const ran = await run(server, "client-credentials", { issuer: `${server.issuer}x`, client_id: "native" });
  assertAdvised(ran, "discovery", "Realm does not exist", /compare the path of the issuer/);
  assertBroken(ran);
});

keycloakTest("a code that was tried before is refused", async (server) => {
  const settings = { issuer: server.issuer, client_id: "native", scope: "openid" };
  const program = grantscope(grant("authorization-code", settings, "--print-url"));
  const url = await program.url();
  const [redirect_uri, agent] = [url.searchParams.get("redirect_uri"), new Agent()];
  const answers = { username: "alice", password: PASSWORD };
  const { url: back } = await agent.signIn(url, redirect_uri, { answers, follow: false });
  const first = { grant_type: "authorization_code", client_id: "native", redirect_uri, code: back.searchParams.get("code") };
  const body = new URLSearchParams({ ...first, code_verifier: "of another client ".repeat(3) });
  await fetch(`${server.issuer}/protocol/openid-connect/token`, { method: "POST", body });
  await agent.visit(back);
  const ran = await program.done;
  assertAdvised(ran, "token", "invalid_grant: Code not valid", /code/);
  assertBroken(ran);
});

keycloakTest("a rotated refresh token works once", async (server) => {
  const once = { revokeRefreshToken: true, refreshTokenMaxReuse: 0 };
  await server.admin.post("/admin/realms", realmOf("once", [open("native")], once));
  const client = { issuer: server.issuerOf("once"), client_id: "native" };
  const ran = await asAlice(server, "authorization-code", client, "--then", "refresh,reuse");
  assert.deepEqual([ran.code, ran.json.outcome], [0, "success"], ran.stderr);
  assertBroken(ran);
  assert.ok(exchanges(ran.json, "reuse")[0].response.status === 400);
});

keycloakTest("the key of a client that was replaced is refused, the new one taken", async (server) => {
  const client = METHODS.private_key_jwt();
  const registered = service("replaced", { clientAuthenticatorType: "client-jwt" });
  const keys = (jwk) => ({ "use.jwks.string": "true", "jwks.string": JSON.stringify({ keys: [jwk] }) });
  await server.admin.post("/admin/realms", realmOf("replaced", [{ ...registered, attributes: keys(KEY.jwk) }]));
  const settings = { ...client, issuer: server.issuerOf("replaced"), client_id: "replaced", scope: "email" };
  assert.equal((await run(server, "client-credentials", settings)).code, 0);
  const [{ id }] = await server.admin.get("/admin/realms/replaced/clients?clientId=replaced");
  await server.admin.put(`/admin/realms/replaced/clients/${id}`, { ...registered, attributes: keys(OTHER_KEY.jwk) });
  const refused = await run(server, "client-credentials", settings);
  assertAdvised(refused, "token", "Signature on JWT token failed validation", /./);
  assert.equal((await run(server, "client-credentials", { ...settings, private_key: "env:OTHER" })).code, 0);
});
