// Keycloak: every grant it has, and every way to authenticate.

import assert from "node:assert/strict";

import { Agent } from "../lib/agent.mjs";
import { thumbprint } from "../lib/certificates.mjs";
import { activity, answers, assertHidden, assertQuiet, assertSuccess, exchanges, grant, grantscope, verdict } from "../lib/grantscope.mjs";
import { keycloakTest } from "../lib/keycloak.mjs";
import { METHODS, asAlice, certificateOf, run } from "../lib/keycloak_client.mjs";
import { PASSWORD, SECRET, open, realmOf } from "../lib/keycloak_realm.mjs";

const BASIC = METHODS.client_secret_basic;

/** The algorithm that the last JWT of a stage was signed with. */
function algorithm(json, stage) {
  const [header] = exchanges(json, stage).at(-1).response.body.split(".");
  return JSON.parse(Buffer.from(header, "base64url")).alg;
}

keycloakTest("metadata in order are found in order", async ({ issuer }) => {
  assertQuiet(await grantscope(["discover", issuer]).done);
});

for (const [method, settings] of Object.entries(METHODS)) {
  keycloakTest(`alice signs in at a client with ${method}, and its tokens come to an end`, async (server) => {
    const ran = await asAlice(server, "authorization-code", settings(server), "--then", "userinfo,refresh,revoke");
    assertQuiet(ran);
    assert.equal(ran.json.claims.preferred_username, "alice");
    assert.equal(answers(ran.json, "userinfo")[0].email, "alice@example.com");
    for (const rule of ["id_token.signature", "id_token.nonce", "id_token.at_hash", "authorization_response.iss"]) {
      assert.equal(verdict(ran.json, rule), "pass", rule);
    }
    assertHidden(ran, [SECRET, PASSWORD]);
  });

  keycloakTest(`a client with ${method} gets a token for itself`, async (server) => {
    const ran = await run(server, "client-credentials", { ...settings(server), scope: "email" });
    assertQuiet(ran);
    assertHidden(ran, [SECRET]);
  });
}

keycloakTest("a public client refreshes", async (server) => {
  const ran = await asAlice(server, "authorization-code", { client_id: "native" }, "--then", "refresh,userinfo,revoke");
  assertQuiet(ran);
  assert.equal(ran.json.claims.preferred_username, "alice");
});

keycloakTest("the response comes to the listener from the page that alice signs in at", async (server) => {
  const settings = { issuer: server.issuer, client_id: "native", scope: "openid email", response_mode: "form_post" };
  const program = grantscope(grant("authorization-code", settings, "--print-url"));
  const url = await program.url();
  const answers = { username: "alice", password: PASSWORD };
  const page = await new Agent().submitUntil(url, "close this window", answers);
  const ran = await program.done;
  assertQuiet(ran);
  assert.equal(ran.json.exchanges.find((exchange) => exchange.callback).callback.response_mode, "form_post");
  assert.equal(page.url.search, "");
});

keycloakTest("a token is alive until its sign-in is revoked", async (server) => {
  const ran = await asAlice(server, "authorization-code", BASIC(server), "--then", "introspect,revoke,introspect");
  assertQuiet(ran);
  assert.deepEqual(activity(ran.json), [true, false]);
});

keycloakTest("a token is bound to the certificate of its client", async (server) => {
  const ran = await run(server, "client-credentials", { ...METHODS.tls_client_auth(server), scope: "email" }, "--with-secrets");
  assertQuiet(ran);
  const claims = JSON.parse(Buffer.from(ran.json.tokens.access_token.split(".")[1], "base64url"));
  assert.equal(claims.cnf["x5t#S256"], thumbprint(certificateOf()));
});

for (const type of ["code id_token", "code token", "code id_token token"]) {
  keycloakTest(`the hybrid flow with ${type}`, async (server) => {
    const ran = await asAlice(server, "hybrid", { client_id: "front", response_type: type }, "--then", "refresh");
    assertQuiet(ran);
    assert.equal(ran.json.claims.preferred_username, "alice");
    assert.equal(answers(ran.json, "userinfo")[0].email, "alice@example.com");
  });
}

for (const type of ["id_token", "id_token token"]) {
  keycloakTest(`the implicit grant with ${type}`, async (server) => {
    const ran = await asAlice(server, "implicit", { client_id: "front", response_type: type });
    assertQuiet(ran);
    assert.equal(exchanges(ran.json, "token").length, 0);
    assert.equal(ran.json.claims.preferred_username, "alice");
  });
}

keycloakTest("signed UserInfo is verified", async (server) => {
  const ran = await asAlice(server, "authorization-code", { ...BASIC(server), client_id: "signed" });
  assertQuiet(ran);
  assert.equal(algorithm(ran.json, "userinfo"), "ES256");
  assert.equal(verdict(ran.json, "userinfo.sub"), "pass");
});

keycloakTest("a logout ends the session and comes back with its state", async (server) => {
  const settings = { client_id: "native", post_logout_redirect_uri: "http://127.0.0.1:0/signed-out" };
  const ran = await asAlice(server, "authorization-code", settings, "--then", "logout");
  assertQuiet(ran);
  const rules = ["logout.id_token_hint", "logout.returned", "logout.state"];
  assert.deepEqual(rules.map((rule) => verdict(ran.json, rule)), ["pass", "pass", "pass"]);
});

keycloakTest("a login that asks for nothing ends at the redirect", async (server) => {
  const ran = await asAlice(server, "authorization-code", { ...METHODS.client_secret_basic(), response_type: "none" });
  assertSuccess(ran);
  assert.equal(exchanges(ran.json, "token").length, 0);
  assert.equal(verdict(ran.json, "authorization_response.nothing"), "pass");
});

keycloakTest("a device polls until alice approves, then refreshes", async (server) => {
  const settings = { issuer: server.issuer, client_id: "television", scope: "openid email" };
  const program = grantscope(grant("device", settings, "--print-url", "--then", "refresh"));
  const url = await program.url();
  await program.says("authorization_pending");
  const answers = { username: "alice", password: PASSWORD, accept: "" };
  await new Agent().submitUntil(url, "Device Login Successful", answers);
  const ran = await program.done;
  assertQuiet(ran);
  assert.equal(ran.json.claims.preferred_username, "alice");
});

keycloakTest("alice approves a device without a browser", async (server) => {
  const ran = await asAlice(server, "device", { client_id: "television" }, "--then", "refresh");
  assertQuiet(ran);
});

keycloakTest("alice agrees on a device of her own while the client polls", async (server) => {
  const settings = { ...BASIC(server), client_id: "asking", login_hint: "alice", binding_message: "W4SCT" };
  const ran = await run(server, "ciba", settings, "--then", "refresh");
  assertQuiet(ran);
  assert.equal(ran.json.claims.preferred_username, "alice");
});

keycloakTest("a token is exchanged, for the same client and for another audience", async (server) => {
  const client = { ...BASIC(server), client_id: "exchanger" };
  for (const [audience, expected] of [
    ["", ["account", "by basic", "exchanger"]],
    ["by basic", ["by basic"]],
  ]) {
    const ran = await asAlice(server, "token-exchange", { ...client, audience }, "--with-secrets");
    assertQuiet(ran);
    const { access_token } = answers(ran.json, "exchange")[0];
    const { aud } = JSON.parse(Buffer.from(access_token.split(".")[1], "base64url"));
    assert.deepEqual([aud].flat().sort(), expected);
  }
});

keycloakTest("a refresh token from elsewhere is used", async (server) => {
  assertQuiet(await asAlice(server, "refresh", { client_id: "native" }));
});

keycloakTest("a password is exchanged for tokens", async (server) => {
  const settings = { ...BASIC(server), client_id: "trusted", username: "alice", password: "env:P" };
  const ran = await run(server, "password", settings);
  assertQuiet(ran);
  assertHidden(ran, [SECRET, PASSWORD]);
});

keycloakTest("a key that came after the keys were fetched is fetched, and the signature holds", async (server) => {
  await server.admin.post("/admin/realms", realmOf("rotating", [open("native")]));
  const settings = { issuer: server.issuerOf("rotating"), client_id: "native", scope: "openid email" };
  const program = grantscope(grant("authorization-code", settings, "--print-url"));
  const url = await program.url();
  await server.admin.post("/admin/realms/rotating/components", newerKey());
  await new Agent().submitUntil(url, "close this window", { username: "alice", password: PASSWORD });
  const ran = await program.done;
  assertQuiet(ran);
  const [before, after] = answers(ran.json, "jwks").map(({ keys }) => keys.map(({ kid }) => kid));
  assert.ok(after.length > before.length, `${before}, then ${after}`);
  assert.equal(verdict(ran.json, "id_token.signature"), "pass");
});

/** A key that goes before those that a realm begins with. */
function newerKey() {
  const config = { priority: ["200"], enabled: ["true"], active: ["true"], algorithm: ["RS256"], keySize: ["2048"] };
  return { name: "newer", providerId: "rsa-generated", providerType: "org.keycloak.keys.KeyProvider", config };
}
