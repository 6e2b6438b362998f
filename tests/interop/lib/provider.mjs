// oidc-provider with its development login pages, in memory, on a free port of this machine.

import { createServer } from "node:http";

import { decodeJwt, exportJWK, generateKeyPair } from "jose";
import Provider, { errors } from "oidc-provider";

export const SECRET = "100 % secret & more:+/~";

/** Long enough for the MAC of a client assertion (RFC 7518 section 3.2). */
export const LONG_SECRET = `${SECRET} of 32 bytes`;

/** Of the client `web`; the others may use any port. */
export const WEB_REDIRECT_URI = "http://127.0.0.1:18998/callback";

/** The one resource that tokens can be asked for (RFC 8707). */
export const RESOURCE = "https://api.example.com/";

/** What a client is registered with that signs a user in. */
export const CODE = {
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

/** What a client is registered with that acts for itself. */
export const SERVICE = { redirect_uris: [], grant_types: ["client_credentials"], response_types: [], scope: "read write" };

const WITH_SECRET = { ...SERVICE, client_secret: SECRET };

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
  { ...WITH_SECRET, client_id: "service with basic", token_endpoint_auth_method: "client_secret_basic" },
  { ...WITH_SECRET, client_id: "service-with-post", token_endpoint_auth_method: "client_secret_post" },
];

/** Members of answers and parameters of requests that are credentials. */
const CREDENTIALS = [
  "access_token",
  "auth_req_id",
  "client_notification_token",
  "code",
  "code_verifier",
  "device_code",
  "refresh_token",
];
const SIGNED = ["assertion", "client_assertion", "id_token", "id_token_hint"];

const METHODS = ["none", "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"];
const METHODS_OF_TLS = ["tls_client_auth", "self_signed_tls_client_auth"];

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

/** Starts the server and says where it is, as `startServer` does. */
export async function startProvider(later, options) {
  return (await startServer(later, options)).issuer;
}

/**
 * Starts the server. `interval` is told to clients that poll, `ttl` are lifetimes in seconds, `clients` and `features`
 * are there beside the usual ones, `discovery` is added to the metadata, `routes` say where requests of the server's own
 * go in place of their URL, or what sends them, `cors` whether scripts of other origins may read answers; `issued` gets every credential that is given out or comes in.
 */
export async function startServer(later, { interval, issued = [], ...options } = {}) {
  const server = createServer();
  const issuer = `http://${await listening(later, server)}`;
  const answering = await provider(issuer, options);
  answering.use((ctx, next) => tellInterval(ctx, next, interval));
  answering.use((ctx, next) => keepIssued(ctx, next, issued));
  server.on("request", answering.callback());
  return { issuer, provider: answering };
}

/** The claims of the last JWT that was given out. */
export function newest(issued) {
  return decodeJwt(issued.findLast((secret) => secret.split(".").length === 3));
}

/** Listens on a free port of this machine until the case is over; host and port. */
export async function listening(later, server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  later(() => server.closeAllConnections() ?? server.close());
  return `127.0.0.1:${server.address().port}`;
}

/** oidc-provider says no interval, so that clients wait for five seconds. */
async function tellInterval(ctx, next, interval) {
  await next();
  if (interval && (ctx.body?.device_code || ctx.body?.auth_req_id)) {
    ctx.body = { ...ctx.body, interval };
  }
}

async function keepIssued(ctx, next, issued) {
  await next();
  const location = ctx.response.get("location");
  const inUrl = location ? new URL(location, ctx.href) : { search: "", hash: "" };
  const params = [inUrl.search, inUrl.hash.replace("#", "?")].map((text) => Object.fromEntries(new URLSearchParams(text)));
  for (const members of [ctx.body, ctx.oidc?.params, ...params]) {
    const found = (names) => names.map((name) => members?.[name]).filter(Boolean);
    issued.push(...found(CREDENTIALS), ...found(SIGNED).map((token) => signature(token)));
  }
}

/** What makes a JWT worth something; the rest of it may be told. */
function signature(token) {
  return token.split(".")[2];
}

async function provider(issuer, { ttl, clients = [], features, discovery, routes = {}, cors = false }) {
  return new Provider(issuer, {
    clients: [...CLIENTS, ...clients],
    clientBasedCORS: () => cors,
    clientAuthMethods: features?.mTLS ? [...METHODS, ...METHODS_OF_TLS] : METHODS,
    discovery,
    fetch: (url, { dispatcher, ...request }) => routed(routes[url] ?? url, request),
    jwks: { keys: [await signingKey("RS256"), await signingKey("ES256")] },
    pkce: { required: () => true },
    responseTypes: [...FRONT_TYPES, "none"],
    scopes: ["openid", "offline_access", "read", "write"],
    claims: { openid: ["sub"], profile: ["name", "locale"], email: ["email", "email_verified"] },
    cookies: { keys: ["interop"] },
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: (_, resource) => resourceServer(resource) },
      ...features,
    },
    ttl: { ...LIFETIMES, ...ttl },
    extraTokenClaims: (_, token) => token.extra,
    findAccount: (_, sub) => ({ accountId: sub, claims: () => account(sub) }),
  });
}

/** Sends a request of the server's own to a URL, or has a function of the case send it. */
function routed(to, request) {
  return typeof to === "function" ? to(request) : fetch(to, request);
}

/** Access tokens for these are JWTs (RFC 9068). */
export function resourceServer(resource) {
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

/** An API that tells what came, or refuses: with this status and challenge, or where `refuses` gives one for a request. */
export async function startApi(later, { refuses = () => null, ...always } = {}) {
  const came = [];
  const api = createServer(async (request, response) => {
    const body = (await request.toArray()).join("");
    came.push({ method: request.method, url: request.url, headers: request.headers, body });
    const wanted = refuses(request);
    const { status = 200, challenge } = wanted ? { status: 401, challenge: wanted } : always;
    const challenged = challenge && { "WWW-Authenticate": challenge };
    response.writeHead(status, { "Content-Type": "application/json", ...challenged });
    response.end(request.method === "HEAD" ? "" : JSON.stringify({ order: 1 }));
  });
  return { came, api_url: `http://${await listening(later, api)}/orders` };
}
