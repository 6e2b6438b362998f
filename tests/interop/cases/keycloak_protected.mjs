// Keycloak: requests that are pushed and signed, responses and tokens that are encrypted or bound, and registration.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";

import { answers, assertAdvised, assertBroken, assertHidden, assertSuccess, exchanges, verdict } from "../lib/grantscope.mjs";
import { keycloakTest } from "../lib/keycloak.mjs";
import { added, adminOf, asAlice, registered, run } from "../lib/keycloak_client.mjs";
import { KEY, SECRET, audience, service } from "../lib/keycloak_realm.mjs";

const DECRYPTION = {
  RSA: keyPair("rsa", { modulusLength: 2048 }),
  EC: keyPair("ec", { namedCurve: "P-256" }),
};

function keyPair(type, options) {
  const { publicKey, privateKey } = generateKeyPairSync(type, options);
  return { jwk: publicKey.export({ format: "jwk" }), pem: privateKey.export({ format: "pem", type: "pkcs8" }) };
}

keycloakTest("a request that has to be pushed", async (server) => {
  const attributes = { "require.pushed.authorization.requests": "true" };
  const settings = await registered(server, "pushing", attributes);
  const plain = await asAlice(server, "authorization-code", settings);
  assert.equal(plain.code, 1);
  const ran = await asAlice(server, "authorization-code", { ...settings, require_pushed_authorization_requests: true });
  assertSuccess(ran);
  const asked = new URL(exchanges(ran.json, "authorization")[0].request.url).searchParams;
  assert.deepEqual([...asked.keys()].sort(), ["client_id", "request_uri"]);
});

keycloakTest("a request object that is demanded", async (server) => {
  const attributes = { "request.object.signature.alg": "ES256", "request.object.required": "request only" };
  const settings = await registered(server, "signing", attributes, KEY.jwk);
  const signed = { ...settings, request_object_signing_alg: "ES256", private_key: "env:K", kid: KEY.jwk.kid };
  assertSuccess(await asAlice(server, "authorization-code", signed));
});

keycloakTest("a request object by HS256 with the client secret, and none without", async (server) => {
  const attributes = { "request.object.signature.alg": "HS256", "request.object.required": "request only" };
  const settings = await registered(server, "signing by secret", attributes);
  const ran = await asAlice(server, "authorization-code", { ...settings, request_object_signing_alg: "HS256" });
  assertSuccess(ran);
  assertHidden(ran, [SECRET]);
  const asked = new URL(exchanges(ran.json, "authorization")[0].request.url).searchParams;
  assert.deepEqual([...asked.keys()].sort(), ["client_id", "request"]);
  const wrong = { ...settings, client_secret: "env:LONG", request_object_signing_alg: "HS256" };
  for (const refused of [settings, wrong]) {
    const plain = await asAlice(server, "authorization-code", refused);
    assert.deepEqual([plain.code, plain.json.problem.stage], [1, "authorization"]);
    assert.match(plain.json.problem.came, /Invalid Request/);
  }
});

keycloakTest("an introspection with a JWT in it, in its own way", async (server) => {
  const attributes = { "client.introspection.response.allow.jwt.claim.enabled": "true" };
  const client = service("asking for a JWT", { attributes, protocolMappers: [audience("asking for a JWT")] });
  const settings = { ...(await added(server, client)), introspection_accept: "application/jwt" };
  const ran = await asAlice(server, "authorization-code", settings, "--then", "introspect,revoke,introspect", "--with-secrets");
  assertSuccess(ran);
  const [alive, over] = answers(ran.json, "introspect");
  assert.equal(JSON.parse(Buffer.from(alive.jwt.split(".")[1], "base64url")).preferred_username, "alice");
  assert.deepEqual([verdict(ran.json, "introspection.signature"), over], ["pass", { active: false }]);
  // It does not know of RFC 9701, and says so by what it answers.
  const other = { ...settings, introspection_accept: "", introspection_signed_response_alg: "RS256" };
  assertBroken(await asAlice(server, "authorization-code", other, "--then", "introspect"), "introspection.signed");
});

keycloakTest("a token that is bound by a proof, and its refresh", async (server) => {
  const settings = await registered(server, "bound", { "dpop.bound.access.tokens": "true" });
  const ran = await asAlice(server, "authorization-code", { ...settings, dpop_bound_access_tokens: true }, "--then", "refresh,userinfo");
  assertSuccess(ran);
  assert.equal(answers(ran.json, "token").at(-1).token_type, "DPoP");
});

for (const [alg, enc, { jwk, pem }] of [
  ["RSA-OAEP-256", "A256GCM", DECRYPTION.RSA],
  ["RSA-OAEP", "A128CBC-HS256", DECRYPTION.RSA],
  ["ECDH-ES", "A128CBC-HS256", DECRYPTION.EC],
  ["ECDH-ES+A256KW", "A256CBC-HS512", DECRYPTION.EC],
]) {
  keycloakTest(`ID token, UserInfo and response encrypted with ${alg} and ${enc}`, async (server) => {
    const kinds = ["id.token", "user.info", "authorization"].map((kind) =>
      kind === "user.info"
        ? { "user.info.response.signature.alg": "RS256", "user.info.encrypted.response.alg": alg, "user.info.encrypted.response.enc": enc }
        : { [`${kind}.encrypted.response.alg`]: alg, [`${kind}.encrypted.response.enc`]: enc },
    );
    const attributes = Object.assign({ "authorization.signed.response.alg": "RS256" }, ...kinds);
    const settings = await registered(server, `reading ${alg}`, attributes, { ...jwk, use: "enc", alg, kid: "to read with" });
    const encrypted = ["id_token", "userinfo", "authorization"].flatMap((kind) => [
      [`${kind}_encrypted_response_alg`, alg],
      [`${kind}_encrypted_response_enc`, enc],
    ]);
    const all = { ...settings, ...Object.fromEntries(encrypted), decryption_key: pem, response_mode: "jwt" };
    const ran = await asAlice(server, "authorization-code", all);
    assertSuccess(ran);
    for (const rule of ["id_token.signature", "id_token.encrypted", "userinfo.encrypted", "jarm.encrypted", "jarm.signature"]) {
      assert.equal(verdict(ran.json, rule), "pass", rule);
    }
    const other = alg.startsWith("RSA") ? DECRYPTION.EC : DECRYPTION.RSA;
    const closed = await asAlice(server, "authorization-code", { ...all, decryption_key: other.pem });
    assertBroken(closed, "encryption.key");
  });
}

keycloakTest("a client registers itself, signs alice in, and goes again", async (server) => {
  const { token } = await server.admin.post(`${adminOf(server)}/clients-initial-access`, { expiration: 600, count: 4 });
  const settings = { client_id: "", dynamic_client_registration: true, initial_access_token: token };
  const then = ["registration_read", "registration_update", "registration_delete", "registration_proof"];
  const scoped = await run(server, "authorization-code", settings);
  assertAdvised(scoped, "registration", "Allowed Client Scopes", /client_metadata/);
  const ran = await asAlice(server, "authorization-code", { ...settings, client_metadata: '{"scope":null}' }, "--then", then.join());
  assertSuccess(ran);
  assert.equal(exchanges(ran.json, "registration_proof")[0].response.status, 401);
  assertHidden(ran, [token]);
});
