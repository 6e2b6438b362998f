// oidc-provider with its development login pages, in memory, on a free port of this machine.

import { createServer } from "node:http";

import { exportJWK, generateKeyPair } from "jose";
import Provider, { errors } from "oidc-provider";

export const SECRET = "100 % secret & more:+/~";

/** Of the client `web`; the others may use any port. */
export const WEB_REDIRECT_URI = "http://127.0.0.1:18998/callback";

/** The one resource that tokens can be asked for (RFC 8707). */
export const RESOURCE = "https://api.example.com/";

const CODE = {
  application_type: "native",
  redirect_uris: ["http://127.0.0.1/callback"],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
};

/** Every response type that oidc-provider can be configured for. */
const FRONT_TYPES = ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"];

const DEVICE = {
  application_type: "native",
  redirect_uris: [],
  grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
  response_types: [],
};

const SERVICE = {
  client_secret: SECRET,
  redirect_uris: [],
  grant_types: ["client_credentials"],
  response_types: [],
  scope: "read write",
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
  {
    ...CODE,
    client_id: "front",
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "implicit", "refresh_token"],
    response_types: FRONT_TYPES,
  },
  { ...DEVICE, client_id: "television", token_endpoint_auth_method: "none" },
  { ...DEVICE, client_id: "set-top box", client_secret: SECRET, token_endpoint_auth_method: "client_secret_basic" },
  { ...SERVICE, client_id: "service with basic", token_endpoint_auth_method: "client_secret_basic" },
  { ...SERVICE, client_id: "service-with-post", token_endpoint_auth_method: "client_secret_post" },
];

/** Members of answers that are credentials. */
const CREDENTIALS = ["access_token", "refresh_token", "code", "device_code"];

const LIFETIMES = {
  AccessToken: 600,
  AuthorizationCode: 60,
  ClientCredentials: 600,
  DeviceCode: 600,
  Grant: 3600,
  IdToken: 600,
  Interaction: 600,
  RefreshToken: 3600,
  Session: 3600,
};

// Its warnings and notices say that this is no production.
console.warn = console.info = () => {};

/**
 * Starts the server and says where it is. `interval` is told to devices, `ttl` are lifetimes in seconds; `issued` gets
 * every credential that is given out.
 */
export async function startProvider(later, { interval, ttl, issued = [] } = {}) {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const answering = await provider(issuer, ttl);
  answering.use((ctx, next) => tellInterval(ctx, next, interval));
  answering.use((ctx, next) => keepIssued(ctx, next, issued));
  server.on("request", answering.callback());
  later(() => server.closeAllConnections() ?? server.close());
  return issuer;
}

/** oidc-provider says no interval, so that devices wait for five seconds. */
async function tellInterval(ctx, next, interval) {
  await next();
  if (interval && ctx.body?.device_code) {
    ctx.body = { ...ctx.body, interval };
  }
}

async function keepIssued(ctx, next, issued) {
  await next();
  const location = ctx.response.get("location");
  const inUrl = location ? new URL(location, ctx.href) : { search: "", hash: "" };
  const params = [inUrl.search, inUrl.hash.replace("#", "?")].map((text) => Object.fromEntries(new URLSearchParams(text)));
  for (const members of [ctx.body, ...params]) {
    const found = CREDENTIALS.map((name) => members?.[name]).filter(Boolean);
    issued.push(...found, ...signature(members?.id_token));
  }
}

/** What makes an ID token worth something; the rest of it may be told. */
function signature(token) {
  return token ? [token.split(".")[2]] : [];
}

async function provider(issuer, ttl) {
  return new Provider(issuer, {
    clients: CLIENTS,
    jwks: { keys: [await signingKey("RS256"), await signingKey("ES256")] },
    pkce: { required: () => true },
    responseTypes: FRONT_TYPES,
    scopes: ["openid", "offline_access", "read", "write"],
    claims: { openid: ["sub"], profile: ["name", "locale"], email: ["email", "email_verified"] },
    cookies: { keys: ["interop"] },
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: (_, resource) => resourceServer(resource) },
    },
    ttl: { ...LIFETIMES, ...ttl },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => account(sub) }),
  });
}

/** Access tokens for these are JWTs (RFC 9068). */
function resourceServer(resource) {
  if (resource !== RESOURCE) {
    throw new errors.InvalidTarget();
  }
  return { audience: resource, scope: "read write", accessTokenFormat: "jwt", jwt: { sign: { alg: "ES256" } } };
}

function account(sub) {
  return { sub, name: `${sub} of oidc-provider`, locale: "en", email: `${sub}@example.com`, email_verified: true };
}

async function signingKey(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: "sig", kid: `key-${alg}` };
}
