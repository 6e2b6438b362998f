// oidc-provider with its development login pages, in memory, on a free port of this machine.

import { createServer } from "node:http";

import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

export const SECRET = "100 % secret & more:+/~";

/** Of the client `web`; the others may use any port. */
export const WEB_REDIRECT_URI = "http://127.0.0.1:18998/callback";

const CODE = {
  application_type: "native",
  redirect_uris: ["http://127.0.0.1/callback"],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
};

const CLIENTS = [
  { ...CODE, client_id: "public", token_endpoint_auth_method: "none" },
  {
    ...CODE,
    client_id: "with basic",
    client_secret: SECRET,
    token_endpoint_auth_method: "client_secret_basic",
    id_token_signed_response_alg: "ES256",
  },
  {
    ...CODE,
    client_id: "web",
    token_endpoint_auth_method: "none",
    application_type: "web",
    redirect_uris: [WEB_REDIRECT_URI],
  },
  { ...CODE, client_id: "with-post", client_secret: SECRET, token_endpoint_auth_method: "client_secret_post" },
];

// Its warnings say that this is no production.
console.warn = () => {};

/** Starts the server and says where it is. */
export async function startProvider(later) {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.on("request", (await provider(issuer)).callback());
  later(() => server.closeAllConnections() ?? server.close());
  return issuer;
}

async function provider(issuer) {
  return new Provider(issuer, {
    clients: CLIENTS,
    jwks: { keys: [await signingKey("RS256"), await signingKey("ES256")] },
    pkce: { required: () => true },
    claims: { openid: ["sub"], profile: ["name", "locale"], email: ["email", "email_verified"] },
    cookies: { keys: ["interop"] },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 3600, IdToken: 600, Interaction: 600, RefreshToken: 3600, Session: 3600 },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => account(sub) }),
  });
}

function account(sub) {
  return { sub, name: `${sub} of oidc-provider`, locale: "en", email: `${sub}@example.com`, email_verified: true };
}

async function signingKey(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: "sig", kid: `key-${alg}` };
}
