// Grantscope as a client of oidc-provider, with its own secrets in the environment.

import { join } from "node:path";

import { exportJWK, exportPKCS8, generateKeyPair } from "jose";

import { Agent } from "./agent.mjs";
import { grant, grantscope } from "./grantscope.mjs";
import { LONG_SECRET, SECRET } from "./provider.mjs";
import { folder } from "./temporary.mjs";

const ENV = { S: SECRET, LONG: LONG_SECRET };

/** Runs a grant without a user. */
export function run(name, issuer, settings, { more = [], env = {} } = {}) {
  return grantscope(grant(name, { issuer, ...settings }, ...more), { env: { ...ENV, ...env } }).done;
}

/** Runs a grant in which alice signs in. Where the request is pushed or signed, its redirect_uri is in the settings. */
export async function signedIn(name, issuer, settings, ...more) {
  const offline = { scope: "openid profile email offline_access", prompt: "consent" };
  const args = grant(name, { issuer, ...offline, ...settings }, "--print-url", ...more);
  const program = grantscope(args, { env: ENV });
  const url = await program.url();
  await new Agent().signIn(url, url.searchParams.get("redirect_uri") ?? settings.redirect_uri);
  return program.done;
}

/** A key pair of the client: its private half as a file, its public half as a key set. */
export async function clientKey(alg, use, options = {}) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true, ...options });
  const pem = join(folder({ "key.pem": await exportPKCS8(privateKey) }), "key.pem");
  return { pem: `@${pem}`, jwks: { keys: [{ ...(await exportJWK(publicKey)), alg, use, kid: "own" }] } };
}
