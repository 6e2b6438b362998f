// The practice server's clients that have a certificate or a key of their own, played by openid-client.

import assert from "node:assert/strict";

import * as jose from "jose";
import * as oauth from "openid-client";

import { thumbprint } from "../lib/certificates.mjs";
import { practiceServer } from "../lib/grantscope.mjs";
import { discovered, signedIn } from "../lib/relying_party.mjs";
import { secureFetch } from "../lib/secure_fetch.mjs";
import { test } from "../lib/suite.mjs";

const CLIENTS = [
  ["practice-tls", "tls_client_auth"],
  ["practice-self-signed", "self_signed_tls_client_auth"],
];

/** What the home page tells of the certificates of this run: the authority, then certificate and key of each client. */
async function certificates(issuer) {
  const page = await (await fetch(issuer)).text();
  const shown = [...page.matchAll(/<code>(-----BEGIN CERTIFICATE-----[^<]*)<\/code>/g)].map((found) => found[1]);
  const [ca, ...clients] = shown;
  return { ca, of: (clientId) => clients[CLIENTS.findIndex(([name]) => name === clientId)] };
}

/** `fetch` that shows this certificate, if any, where TLS is spoken. */
function fetchWith(ca, pem) {
  const tls = { ca, cert: pem, key: pem };
  return (url, options) => (url.startsWith("https:") ? secureFetch(url, options, tls) : fetch(url, options));
}

/** The client, showing the certificate of `shows`. */
async function showing(issuer, clientId, shows = clientId) {
  const { ca, of } = await certificates(issuer);
  const config = await discovered(issuer, clientId, oauth.TlsClientAuth(), { use_mtls_endpoint_aliases: true });
  config[oauth.customFetch] = fetchWith(ca, of(shows));
  return { config, ca, bound: thumbprint(of(clientId)) };
}

/** Where the practice server's API sees certificates. */
function api(config) {
  return new URL("/api/me", config.serverMetadata().mtls_endpoint_aliases.token_endpoint);
}

for (const [clientId, method] of CLIENTS) {
  test(`openid-client: ${clientId} signs alice in with ${method}, its tokens are bound`, async (later) => {
    const { config, bound } = await showing(await practiceServer(later), clientId);
    const { tokens } = await signedIn(config);
    assert.equal(tokens.claims().sub, "alice");
    assert.deepEqual(jose.decodeJwt(tokens.access_token).cnf, { "x5t#S256": bound });
    assert.equal((await oauth.fetchUserInfo(config, tokens.access_token, "alice")).email, "alice@example.com");
    const renewed = await oauth.refreshTokenGrant(config, tokens.refresh_token);
    const told = await oauth.tokenIntrospection(config, renewed.access_token);
    assert.deepEqual([told.active, told.cnf], [true, { "x5t#S256": bound }]);
    const answer = await oauth.fetchProtectedResource(config, renewed.access_token, api(config), "GET");
    assert.equal((await answer.json()).sub, "alice");
    await oauth.tokenRevocation(config, renewed.refresh_token);
    assert.equal((await oauth.tokenIntrospection(config, renewed.access_token)).active, false);
    const own = await oauth.clientCredentialsGrant(config, { scope: "profile" });
    assert.deepEqual(jose.decodeJwt(own.access_token).cnf, { "x5t#S256": bound });
  });

  test(`openid-client: ${clientId} is nobody without its certificate, and its tokens are worth nothing`, async (later) => {
    const issuer = await practiceServer(later);
    const { config, ca } = await showing(issuer, clientId);
    const { access_token } = await oauth.clientCredentialsGrant(config, { scope: "profile" });
    const { of } = await certificates(issuer);
    const other = CLIENTS.find(([name]) => name !== clientId)[0];
    for (const pem of [undefined, of(other)]) {
      config[oauth.customFetch] = fetchWith(ca, pem);
      const error = await oauth.clientCredentialsGrant(config).catch((error) => error);
      const body = error.cause?.error ?? (await error.response?.json())?.error;
      assert.deepEqual([error.status, body], [401, "invalid_client"]);
      const call = oauth.fetchProtectedResource(config, access_token, api(config), "GET");
      await assert.rejects(call, { status: 401 });
    }
    const plain = fetch(new URL("/api/me", issuer), { headers: { Authorization: `Bearer ${access_token}` } });
    assert.equal((await plain).status, 401);
  });
}

/** A client of the practice server that is registered with this key. */
function registration(jwk) {
  const members = Object.entries(jwk).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return `
    [[clients]]
    client_id = "signer"
    token_endpoint_auth_method = "private_key_jwt"
    grant_types = ["client_credentials"]
    [clients.jwks]
    keys = [{ ${members.join(", ")} }]`;
}

for (const alg of ["ES256", "ES384", "ES512", "RS256", "RS512", "PS256", "EdDSA", "Ed25519"]) {
  test(`openid-client: private_key_jwt with a key for ${alg} is believed, with another it is not`, async (later) => {
    const [own, foreign] = [await jose.generateKeyPair(alg), await jose.generateKeyPair(alg)];
    const jwk = { ...(await jose.exportJWK(own.publicKey)), kid: "k1", alg };
    const issuer = await practiceServer(later, registration(jwk));
    const ask = async (key) => {
      const config = await discovered(issuer, "signer", oauth.PrivateKeyJwt({ key, kid: "k1" }));
      return oauth.clientCredentialsGrant(config);
    };
    assert.ok((await ask(own.privateKey)).access_token);
    await assert.rejects(ask(foreign.privateKey), { status: 401 });
  });
}
