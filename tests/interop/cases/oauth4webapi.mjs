// oauth4webapi as a client of a practice server that demands FAPI 2.0 Message Signing: registered by itself, with pushed and
// signed requests, signed responses and bound tokens.

import assert from "node:assert/strict";

import * as jose from "jose";
import * as oauth from "oauth4webapi";

import { Agent } from "../lib/agent.mjs";
import { practiceServer } from "../lib/grantscope.mjs";
import { test } from "../lib/suite.mjs";

const REDIRECT_URI = "http://127.0.0.1:18994/callback";
const INSECURE = { [oauth.allowInsecureRequests]: true };
const DEMANDING = 'profile = "fapi2-message-signing"\ninitial_access_token = "let-me-in"\ndpop_nonce_required = true\n';

/** A client that has registered itself at a server of its own, with a key. */
async function registered(later, more = {}) {
  const issuer = new URL(await practiceServer(later, DEMANDING));
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, INSECURE));
  const keys = await oauth.generateKeyPair("ES256");
  const metadata = {
    redirect_uris: [REDIRECT_URI],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "private_key_jwt",
    request_object_signing_alg: "ES256",
    authorization_signed_response_alg: "ES256",
    id_token_signed_response_alg: "ES256",
    dpop_bound_access_tokens: true,
    jwks: { keys: [{ ...(await jose.exportJWK(keys.publicKey)), use: "sig", alg: "ES256" }] },
    ...more,
  };
  const options = { ...INSECURE, initialAccessToken: "let-me-in" };
  const client = await oauth.processDynamicClientRegistrationResponse(await oauth.dynamicClientRegistrationRequest(server, metadata, options));
  const proof = oauth.DPoP(client, await oauth.generateKeyPair("ES256"));
  return { server, client, keys, authentication: oauth.PrivateKeyJwt(keys.privateKey), proof };
}

/** Sends a request again where the server wants a nonce in its proof. */
async function twice(send) {
  try {
    return await send();
  } catch (error) {
    assert.ok(oauth.isDPoPNonceError(error), error.stack);
    return send();
  }
}

/** Pushes a signed request and signs alice in; where her browser ends, and what the client has to check then. */
async function authorized({ server, client, keys, authentication, proof }, more = {}) {
  const checks = { verifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce() };
  const parameters = {
    response_type: "code",
    response_mode: "jwt",
    redirect_uri: REDIRECT_URI,
    scope: "openid email offline_access",
    prompt: "consent",
    code_challenge: await oauth.calculatePKCECodeChallenge(checks.verifier),
    code_challenge_method: "S256",
    state: checks.state,
    nonce: checks.nonce,
    ...more,
  };
  const request = await oauth.issueRequestObject(server, client, parameters, keys.privateKey);
  const pushed = await twice(async () => {
    const answer = await oauth.pushedAuthorizationRequest(server, client, authentication, { request }, { ...INSECURE, DPoP: proof });
    return oauth.processPushedAuthorizationResponse(server, client, answer);
  });
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({ client_id: client.client_id, request_uri: pushed.request_uri });
  const page = await new Agent().signIn(url, REDIRECT_URI, { follow: false });
  return { callback: page.url, ...checks };
}

async function tokens(of, { callback, verifier, state, nonce }) {
  const { server, client, authentication, proof } = of;
  const params = await oauth.validateJwtAuthResponse(server, client, callback, state, INSECURE);
  return twice(async () => {
    const options = { ...INSECURE, DPoP: proof };
    const answer = await oauth.authorizationCodeGrantRequest(server, client, authentication, params, REDIRECT_URI, verifier, options);
    return oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce });
  });
}

test("oauth4webapi: registers, pushes a signed request, gets a signed response and bound tokens", async (later) => {
  const of = await registered(later);
  const { server, client, authentication, proof } = of;
  const came = await tokens(of, await authorized(of));
  assert.equal(came.token_type, "dpop");
  assert.equal(oauth.getValidatedIdTokenClaims(came).sub, "alice");
  const user = await twice(() => oauth.userInfoRequest(server, client, came.access_token, { ...INSECURE, DPoP: proof }));
  assert.equal((await oauth.processUserInfoResponse(server, client, "alice", user)).email, "alice@example.com");
  const renewed = await twice(async () => {
    const answer = await oauth.refreshTokenGrantRequest(server, client, authentication, came.refresh_token, { ...INSECURE, DPoP: proof });
    return oauth.processRefreshTokenResponse(server, client, answer);
  });
  assert.equal(renewed.token_type, "dpop");
});

test("oauth4webapi: a refusal comes as a signed response too", async (later) => {
  const of = await registered(later);
  const { callback, state } = await authorized(of, { prompt: "none" });
  const validated = oauth.validateJwtAuthResponse(of.server, of.client, callback, state, INSECURE);
  await assert.rejects(validated, { error: "login_required" });
});

test("oauth4webapi: what is not signed, not proven or of another key is refused", async (later) => {
  const of = await registered(later);
  const { server, client, authentication, proof } = of;
  const push = async (parameters, by = authentication) => {
    const answer = await oauth.pushedAuthorizationRequest(server, client, by, parameters, { ...INSECURE, DPoP: proof });
    return oauth.processPushedAuthorizationResponse(server, client, answer);
  };
  const code_challenge = await oauth.calculatePKCECodeChallenge(oauth.generateRandomCodeVerifier());
  const plain = { response_type: "code", redirect_uri: REDIRECT_URI, scope: "openid", code_challenge, code_challenge_method: "S256" };
  await assert.rejects(push(plain), { error: "invalid_request" });
  const stranger = await oauth.generateKeyPair("ES256");
  const forged = { request: await oauth.issueRequestObject(server, client, plain, stranger.privateKey) };
  await assert.rejects(push(forged), { error: "invalid_request_object" });
  await assert.rejects(push(forged, oauth.PrivateKeyJwt(stranger.privateKey)), { error: "invalid_client" });
  const { callback, state, verifier } = await authorized(of);
  const params = await oauth.validateJwtAuthResponse(server, client, callback, state, INSECURE);
  const unbound = await oauth.authorizationCodeGrantRequest(server, client, authentication, params, REDIRECT_URI, verifier, INSECURE);
  await assert.rejects(oauth.processAuthorizationCodeResponse(server, client, unbound), { error: "invalid_dpop_proof" });
});
