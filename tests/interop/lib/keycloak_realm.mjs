// What the realm of the cases knows: two users, and a client for each way to authenticate and each grant.

import { generateKeyPairSync } from "node:crypto";

import { subjectOf } from "./certificates.mjs";

/** Long enough for the MAC of a client assertion (RFC 7518 section 3.2), and odd enough for every encoding. */
export const SECRET = "100 % secret & more:+/~ of 64 octets, as long as HS512 asks for ";

export const PASSWORD = "of alice & bob";

/** Of the clients that authenticate with a key. */
export const KEY = signingKey();

/** Of no client. */
export const OTHER_KEY = signingKey();

/** The subject of the certificate that `by certificate` shows. */
export const SUBJECT = "/O=Interop/CN=by certificate";

const KEYS = { "use.jwks.string": "true", "jwks.string": JSON.stringify({ keys: [KEY.jwk] }) };

export function interopRealm(realm, authority) {
  const certificate = {
    "x509.subjectdn": "CN=by certificate,O=Interop",
    "x509.casubjectdn": subjectOf(authority.certificate),
    "x509.allow.regex.pattern.comparison": "false",
    "tls.client.certificate.bound.access.tokens": "true",
  };
  return realmOf(realm, [
    open("native", { attributes: { "pkce.code.challenge.method": "S256" } }),
    open("front", { implicitFlowEnabled: true }),
    open("television", { attributes: { "oauth2.device.authorization.grant.enabled": "true" }, standardFlowEnabled: false }),
    service("by basic", { protocolMappers: [audience("by basic")] }),
    service("by-post", { attributes: { "client.secret.authentication.allowed.method": "client_secret_post" } }),
    service("by-secret-jwt", { clientAuthenticatorType: "client-secret-jwt" }),
    service("by-private-key", { clientAuthenticatorType: "client-jwt", attributes: KEYS }),
    service("by-certificate", { clientAuthenticatorType: "client-x509", attributes: certificate }),
    service("web", { serviceAccountsEnabled: false }),
    service("trusted", { directAccessGrantsEnabled: true }),
    service("asking", { attributes: { "oidc.ciba.grant.enabled": "true" } }),
    service("signed", { attributes: { "user.info.response.signature.alg": "ES256", "id.token.signed.response.alg": "ES256" } }),
    service("exchanger", {
      attributes: { "standard.token.exchange.enabled": "true" },
      protocolMappers: [audience("exchanger"), audience("by basic")],
    }),
  ]);
}

/** A realm with the users and these clients. */
export function realmOf(realm, clients, more = {}) {
  return {
    realm,
    enabled: true,
    sslRequired: "none",
    oauth2DevicePollingInterval: 1,
    attributes: { cibaInterval: "1", cibaExpiresIn: "60", cibaAuthRequestedUserHint: "login_hint" },
    clients,
    users: ["alice", "bob"].map((name) => user(realm, name)),
    ...more,
  };
}

/** A client without a secret. */
export function open(clientId, more = {}) {
  return client(clientId, { publicClient: true, ...more });
}

/** A client that authenticates, with a secret unless it is said otherwise. */
export function service(clientId, more = {}) {
  const secret = { clientAuthenticatorType: "client-secret", secret: SECRET };
  // One that is added alone is public unless it is said otherwise.
  return client(clientId, { ...secret, publicClient: false, serviceAccountsEnabled: true, ...more });
}

function client(clientId, { attributes, ...more }) {
  return {
    clientId,
    protocol: "openid-connect",
    redirectUris: ["http://127.0.0.1/*"],
    attributes: { "post.logout.redirect.uris": "+", ...attributes },
    ...more,
  };
}

/** Introspection is for those whom a token is meant for. */
export function audience(clientId) {
  const config = { "included.client.audience": clientId, "access.token.claim": "true", "introspection.token.claim": "true" };
  return { name: `for ${clientId}`, protocol: "openid-connect", protocolMapper: "oidc-audience-mapper", config };
}

function user(realm, username) {
  return {
    username,
    enabled: true,
    email: `${username}@example.com`,
    emailVerified: true,
    firstName: username,
    lastName: "of Keycloak",
    realmRoles: [`default-roles-${realm}`],
    credentials: [{ type: "password", value: PASSWORD, temporary: false }],
  };
}

function signingKey() {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = { ...publicKey.export({ format: "jwk" }), use: "sig", alg: "ES256", kid: "of the case" };
  return { jwk, pem: privateKey.export({ format: "pem", type: "pkcs8" }) };
}
