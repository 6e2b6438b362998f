// Canaille, a server on Authlib, with a database file of its own and the user alice.

import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { exportJWK, generateKeyPair } from "jose";

import { SERVERS, freePort, serve, shared, testOf } from "./server.mjs";
import { folder } from "./temporary.mjs";

const PROGRAM = join(SERVERS, "canaille", "bin", "canaille");

const ALICE = {
  "user-name": "alice",
  password: "wonder-land-1865",
  "given-name": "Alice",
  "family-name": "Liddell",
  "formatted-name": "Alice Liddell",
  emails: "alice@example.com",
};

export const PASSWORD = ALICE.password;

/** Adds a case; `run` gets the issuer. */
export function canailleTest(name, run) {
  testOf(`Canaille: ${name}`, canaille, run);
}

const canaille = shared(async () => {
  const host = await freePort();
  const path = folder();
  const config = folder({ "canaille.toml": await configuration(host, path) });
  const env = { PATH: process.env.PATH, CANAILLE_CONFIG: join(config, "canaille.toml") };
  const options = { env, cwd: path };
  const command = (...args) => execFileSync(PROGRAM, args, { ...options, stdio: "pipe" });
  command("install");
  command("create", "user", ...Object.entries(ALICE).flatMap(([name, value]) => [`--${name}`, value]));
  const issuer = `http://${host}`;
  await serve(PROGRAM, ["run", "--bind", host], `${issuer}/.well-known/openid-configuration`, options);
  return issuer;
});

/** Anybody may register clients, and those of this machine need no consent, which is as Canaille has it. */
async function configuration(host, path) {
  return `
SECRET_KEY = "of the interop, and of nothing else"
SERVER_NAME = "${host}"
PREFERRED_URL_SCHEME = "http"

[CANAILLE]
DATABASE = "sql"

[CANAILLE_SQL]
DATABASE_URI = "sqlite:///${join(path, "canaille.sqlite")}"

[CANAILLE_OIDC]
DYNAMIC_CLIENT_REGISTRATION_OPEN = true
ACTIVE_JWKS = [${[await key("RS256"), await key("ES256")].join(", ")}]
`;
}

/** A private key as a table of TOML. */
async function key(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const members = { ...(await exportJWK(privateKey)), use: "sig", kid: `key-${alg}` };
  const pairs = Object.entries(members).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return `{ ${pairs.join(", ")} }`;
}

/** Registers a client at a free port (RFC 7591); the settings of a run as that client. */
export async function register(issuer, metadata) {
  const redirect_uri = `http://${await freePort()}/callback`;
  const wanted = {
    client_name: "Grantscope",
    client_uri: "http://127.0.0.1/",
    redirect_uris: [redirect_uri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    scope: "openid profile email",
    token_endpoint_auth_method: "client_secret_basic",
    ...metadata,
  };
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wanted) };
  const answer = await fetch(`${issuer}/oauth/register`, request);
  const registered = await answer.json();
  if (answer.status !== 201) {
    throw new Error(`not registered: ${answer.status} ${JSON.stringify(registered)}`);
  }
  const { client_id, client_secret } = registered;
  const { token_endpoint_auth_method } = wanted;
  const settings = { issuer, client_id, token_endpoint_auth_method, redirect_uri, scope: wanted.scope };
  return { settings, secret: client_secret };
}
