// Grantscope at an oidc-provider that protects requests, responses and tokens.

import assert from "node:assert/strict";
import { join } from "node:path";

import { clientKey, run, signedIn } from "../lib/client.mjs";
import { answers, exchanges, verdict } from "../lib/grantscope.mjs";
import { assertBroken, assertHidden, assertRefused, assertSuccess } from "../lib/grantscope.mjs";
import { CODE, LONG_SECRET, WEB_REDIRECT_URI, startProvider } from "../lib/provider.mjs";
import { test } from "../lib/suite.mjs";
import { folder } from "../lib/temporary.mjs";

const PUBLIC = { client_id: "public" };
/** Where a request does not say its redirect URI to a browser. */
const FIXED = { redirect_uri: WEB_REDIRECT_URI };

function client(more) {
  return { ...CODE, client_id: "protected", token_endpoint_auth_method: "none", redirect_uris: [WEB_REDIRECT_URI], ...more };
}

for (const required of [false, true]) {
  test(`oidc-provider: a pushed request, ${required ? "which it demands" : "by choice"}`, async (later) => {
    const features = { pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: required } };
    const issuer = await startProvider(later, { features, clients: [client({})] });
    const settings = { ...FIXED, client_id: "protected", require_pushed_authorization_requests: true };
    const ran = await signedIn("authorization-code", issuer, settings);
    assertSuccess(ran);
    const asked = new URL(exchanges(ran.json, "authorization")[0].request.url).searchParams;
    assert.deepEqual([...asked.keys()].sort(), ["client_id", "request_uri"]);
  });
}

for (const alg of ["ES256", "PS256"]) {
  test(`oidc-provider: a request object signed with ${alg}, by the browser and pushed`, async (later) => {
    const { pem, jwks } = await clientKey(alg, "sig");
    const features = { requestObjects: { enabled: true, requireSignedRequestObject: true } };
    const clients = [client({ jwks, request_object_signing_alg: alg })];
    const issuer = await startProvider(later, { features, clients });
    const signed = { ...FIXED, client_id: "protected", private_key: pem, request_object_signing_alg: alg };
    for (const pushed of [false, true]) {
      const settings = { ...signed, require_pushed_authorization_requests: pushed };
      assertSuccess(await signedIn("authorization-code", issuer, settings));
    }
  });
}

for (const mode of ["jwt", "query.jwt", "form_post.jwt"]) {
  test(`oidc-provider: a signed response by ${mode}`, async (later) => {
    const features = { jwtResponseModes: { enabled: true } };
    const issuer = await startProvider(later, { features });
    const ran = await signedIn("authorization-code", issuer, { ...PUBLIC, response_mode: mode });
    assertSuccess(ran);
    for (const rule of ["jarm.signature", "jarm.iss", "jarm.aud", "jarm.exp"]) {
      assert.equal(verdict(ran.json, rule), "pass", rule);
    }
  });
}

test("oidc-provider: bound tokens, with the nonces that it asks for", async (later) => {
  const issued = [];
  const features = { dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true } };
  const issuer = await startProvider(later, { issued, features });
  const settings = { ...PUBLIC, dpop_bound_access_tokens: true };
  const ran = await signedIn("authorization-code", issuer, settings, "--then", "refresh,userinfo");
  assertSuccess(ran);
  assert.equal(answers(ran.json, "token").at(-1).token_type, "DPoP");
  assert.equal(answers(ran.json, "token")[0].error, "use_dpop_nonce");
  assertHidden(ran, issued);
});

for (const [what, registration, made, settings] of [
  ["RSA-OAEP-256", "RSA-OAEP-256", () => clientKey("RSA-OAEP-256", "enc"), {}],
  ["ECDH-ES", "ECDH-ES", () => clientKey("ECDH-ES", "enc"), {}],
  ["ECDH-ES on P-384", "ECDH-ES", () => clientKey("ECDH-ES", "enc", { crv: "P-384" }), {}],
  ["dir by the client secret", "dir", () => ({}), { client_secret: "env:LONG" }],
  ["A256KW by the client secret", "A256KW", () => ({}), { client_secret: "env:LONG" }],
]) {
  test(`oidc-provider: ID token and UserInfo encrypted with ${what}`, async (later) => {
    const { pem, jwks } = await made();
    const of = settings.client_secret ? { client_secret: LONG_SECRET, token_endpoint_auth_method: "client_secret_basic" } : {};
    const encrypted = {
      id_token_encrypted_response_alg: registration,
      id_token_encrypted_response_enc: "A128CBC-HS256",
      userinfo_encrypted_response_alg: registration,
      userinfo_encrypted_response_enc: "A256GCM",
    };
    const clients = [client({ ...of, ...encrypted, jwks, userinfo_signed_response_alg: "RS256" })];
    const features = { encryption: { enabled: true }, jwtUserinfo: { enabled: true } };
    const issuer = await startProvider(later, { clients, features });
    const key = pem ? { decryption_key: pem } : {};
    const all = { ...FIXED, client_id: "protected", ...settings, ...key, ...encrypted, userinfo_signed_response_alg: "RS256" };
    const ran = await signedIn("authorization-code", issuer, all);
    assertSuccess(ran);
    for (const rule of ["id_token.encrypted", "id_token.signature", "userinfo.encrypted", "userinfo.signature"]) {
      assert.equal(verdict(ran.json, rule), "pass", rule);
    }
  });
}

test("oidc-provider: a response that is signed and encrypted", async (later) => {
  const { pem, jwks } = await clientKey("RSA-OAEP", "enc");
  const encrypted = {
    authorization_encrypted_response_alg: "RSA-OAEP",
    authorization_encrypted_response_enc: "A128GCM",
  };
  const clients = [client({ ...encrypted, jwks })];
  const features = { encryption: { enabled: true }, jwtResponseModes: { enabled: true } };
  const issuer = await startProvider(later, { clients, features });
  const settings = { ...FIXED, client_id: "protected", response_mode: "jwt", decryption_key: pem, ...encrypted };
  const ran = await signedIn("authorization-code", issuer, settings);
  assertSuccess(ran);
  assert.equal(verdict(ran.json, "jarm.encrypted"), "pass");
});

test("oidc-provider: what is encrypted to another key is not opened, and ends the run", async (later) => {
  const [own, other] = [await clientKey("ECDH-ES", "enc"), await clientKey("ECDH-ES", "enc")];
  const encrypted = { id_token_encrypted_response_alg: "ECDH-ES", id_token_encrypted_response_enc: "A128GCM" };
  const issuer = await startProvider(later, {
    clients: [client({ ...encrypted, jwks: other.jwks })],
    features: { encryption: { enabled: true } },
  });
  const ran = await signedIn("authorization-code", issuer, { ...FIXED, client_id: "protected", decryption_key: own.pem, ...encrypted });
  assert.equal(ran.json.problem.rule, "encryption.key");
  assertBroken(ran, "encryption.key");
});

const REGISTRATION = {
  registration: { enabled: true, initialAccessToken: "let-me-in" },
  registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
};

test("oidc-provider: a client registers itself, signs alice in, and goes again", async (later) => {
  const issuer = await startProvider(later, { features: REGISTRATION });
  const settings = { dynamic_client_registration: true, initial_access_token: `@${join(folder({ token: "let-me-in" }), "token")}` };
  const then = ["registration_read", "registration_update", "registration_delete", "registration_proof"];
  const ran = await signedIn("authorization-code", issuer, settings, "--then", then.join());
  assertSuccess(ran);
  const [registered] = answers(ran.json, "registration");
  assert.equal(exchanges(ran.json, "registration_delete")[0].response.status, 204);
  assert.equal(exchanges(ran.json, "registration_proof")[0].response.status, 401);
  assert.ok(registered.client_secret.startsWith("REDACTED"));
});

test("oidc-provider: a registration without a token is told to get one", async (later) => {
  const issuer = await startProvider(later, { features: REGISTRATION });
  const ran = await run("authorization-code", issuer, { dynamic_client_registration: true });
  assertRefused(ran, "registration", "invalid_token");
  assert.match(ran.json.problem.try[0], /initial_access_token/);
});
