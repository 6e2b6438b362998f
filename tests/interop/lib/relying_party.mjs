// openid-client as a client of the practice server.

import * as oauth from "openid-client";

import { Agent } from "./agent.mjs";

const REDIRECT_URI = "http://127.0.0.1:18999/callback";

/** The configuration of a client, from the server's metadata. `metadata` is what it is registered with. */
export async function discovered(issuer, clientId, authentication, metadata) {
  const options = { execute: [oauth.allowInsecureRequests] };
  return oauth.discovery(new URL(issuer), clientId, metadata, authentication, options);
}

/** Sends alice's browser to sign in; where it ends, and what the client has to check then. `asked` makes the URL of a request. */
export async function authorized(config, { agent = new Agent(), asked = oauth.buildAuthorizationUrl, ...parameters } = {}) {
  const [code_verifier, state, nonce] = [oauth.randomPKCECodeVerifier(), oauth.randomState(), oauth.randomNonce()];
  const url = await asked(config, {
    redirect_uri: REDIRECT_URI,
    scope: "openid profile email offline_access",
    prompt: "consent",
    code_challenge: await oauth.calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    ...parameters,
  });
  const page = await agent.signIn(url, REDIRECT_URI, { follow: false });
  const checks = { pkceCodeVerifier: code_verifier, expectedState: state, expectedNonce: nonce };
  return { callback: page.url, checks };
}

/** Signs alice in; the tokens and what they were got with. `proof` makes the proofs of a bound token. */
export async function signedIn(config, { proof, ...parameters } = {}) {
  const { callback, checks } = await authorized(config, parameters);
  const tokens = await oauth.authorizationCodeGrant(config, callback, checks, undefined, { DPoP: proof });
  return { tokens, callback, checks };
}
