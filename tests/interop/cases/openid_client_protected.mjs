// The practice server as a server that protects requests, responses and tokens, tried by openid-client.

import assert from "node:assert/strict";

import * as jose from "jose";
import * as oauth from "openid-client";

import { practiceServer } from "../lib/grantscope.mjs";
import { authorized, discovered, signedIn } from "../lib/relying_party.mjs";
import { test } from "../lib/suite.mjs";

/** A client of the practice server in its configuration; `more` are further lines, `jwks` its public keys. */
function client(more = "", jwks) {
  const keys = (jwks ?? []).map((key) => `{ ${Object.entries(key).map(([name, value]) => `${name} = "${value}"`)} }`);
  const table = jwks ? `[clients.jwks]\nkeys = [${keys}]\n` : "";
  return `[[clients]]\nclient_id = "rp"\ntoken_endpoint_auth_method = "none"\nany_loopback_redirect = true\ngrant_types = ["authorization_code", "refresh_token"]\n${more}\n${table}`;
}

async function keyPair(alg) {
  const { privateKey, publicKey } = await jose.generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: await jose.exportJWK(publicKey) };
}

test("openid-client: a request is pushed, and taken no other way", async (later) => {
  const issuer = await practiceServer(later, `require_pushed_authorization_requests = true\n${client()}`);
  const config = await discovered(issuer, "rp", oauth.None());
  const { tokens } = await signedIn(config, { asked: oauth.buildAuthorizationUrlWithPAR });
  assert.equal(tokens.claims().sub, "alice");
  const plain = await authorized(config);
  assert.equal(plain.callback.searchParams.get("error"), "invalid_request");
});

for (const alg of ["ES256", "PS256", "Ed25519"]) {
  test(`openid-client: a request object signed with ${alg}`, async (later) => {
    const { privateKey, jwk } = await keyPair(alg);
    const issuer = await practiceServer(later, client(`request_object_signing_alg = "${alg}"`, [jwk]));
    const config = await discovered(issuer, "rp", oauth.None());
    const asked = (config, parameters) => oauth.buildAuthorizationUrlWithJAR(config, parameters, privateKey);
    const { tokens } = await signedIn(config, { asked });
    assert.equal(tokens.claims().sub, "alice");
  });
}

test("openid-client: a signed response, and its error", async (later) => {
  const issuer = await practiceServer(later, client());
  const config = await discovered(issuer, "rp", oauth.None());
  oauth.useJwtResponseMode(config);
  const { tokens, callback } = await signedIn(config);
  assert.ok(callback.searchParams.has("response"));
  assert.equal(tokens.claims().sub, "alice");
  const refused = await authorized(config, { prompt: "none" });
  await assert.rejects(oauth.authorizationCodeGrant(config, refused.callback, refused.checks), { error: "login_required" });
});

for (const nonce of [false, true]) {
  test(`openid-client: tokens bound by DPoP${nonce ? ", with a nonce" : ""}`, async (later) => {
    const issuer = await practiceServer(later, `dpop_nonce_required = ${nonce}\n${client("dpop_bound_access_tokens = true")}`);
    const config = await discovered(issuer, "rp", oauth.None());
    const proof = oauth.getDPoPHandle(config, await oauth.randomDPoPKeyPair("ES256"));
    const { tokens } = await signedIn(config, { proof });
    assert.equal(tokens.token_type, "dpop");
    const user = await oauth.fetchUserInfo(config, tokens.access_token, "alice", { DPoP: proof });
    assert.equal(user.sub, "alice");
    const renewed = await oauth.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: proof });
    assert.equal(renewed.token_type, "dpop");
    const stolen = { headers: { authorization: `Bearer ${renewed.access_token}` } };
    assert.equal((await fetch(config.serverMetadata().userinfo_endpoint, stolen)).status, 401);
    const other = oauth.getDPoPHandle(config, await oauth.randomDPoPKeyPair("ES256"));
    await assert.rejects(oauth.refreshTokenGrant(config, renewed.refresh_token, undefined, { DPoP: other }));
  });
}

for (const alg of ["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"]) {
  test(`openid-client: ID token and response encrypted with ${alg}`, async (later) => {
    const { privateKey, jwk } = await keyPair(alg);
    const kinds = ["id_token", "authorization"].flatMap((kind) => [
      `${kind}_encrypted_response_alg = "${alg}"`,
      `${kind}_encrypted_response_enc = "A256GCM"`,
    ]);
    const issuer = await practiceServer(later, client(kinds.join("\n"), [{ ...jwk, use: "enc", kid: "own" }]));
    const config = await discovered(issuer, "rp", oauth.None());
    oauth.enableDecryptingResponses(config, ["A256GCM"], { key: privateKey, alg, kid: "own" });
    oauth.useJwtResponseMode(config);
    const { tokens } = await signedIn(config);
    assert.equal(tokens.id_token.split(".").length, 5);
    assert.equal(tokens.claims().sub, "alice");
  });
}

test("openid-client: a client registers itself and signs alice in", async (later) => {
  const issuer = await practiceServer(later, `initial_access_token = "let-me-in"\n${client()}`);
  const metadata = {
    redirect_uris: ["http://127.0.0.1:18999/callback"],
    application_type: "native",
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "client_secret_post",
  };
  const options = { execute: [oauth.allowInsecureRequests] };
  const register = (more) => oauth.dynamicClientRegistration(new URL(issuer), metadata, undefined, { ...options, ...more });
  await assert.rejects(register());
  const config = await register({ initialAccessToken: "let-me-in" });
  assert.ok(config.clientMetadata().client_secret);
  const { tokens } = await signedIn(config);
  assert.equal(tokens.claims().sub, "alice");
});
