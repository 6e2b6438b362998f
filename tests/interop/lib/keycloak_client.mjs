// Grantscope as a client of Keycloak, with its secrets in the environment.

import { grant, grantscope } from "./grantscope.mjs";
import { AUTHORITY } from "./keycloak.mjs";
import { KEY, OTHER_KEY, PASSWORD, SECRET, SUBJECT, service } from "./keycloak_realm.mjs";

/** What the settings of a run name as env:NAME. */
export const ENV = { S: SECRET, P: PASSWORD, K: KEY.pem, OTHER: OTHER_KEY.pem, MISTAKEN: "a mistaken secret", LONG: "mistaken".repeat(8) };

const OWN = AUTHORITY.issue({ subject: SUBJECT });
const OTHER = AUTHORITY.issue({ subject: "/CN=another" });

/** The certificate of the client `by-certificate`. */
export function certificateOf() {
  return OWN.certificate;
}

/** What a run is given for each way to authenticate. */
export const METHODS = {
  client_secret_basic: () => ({ client_id: "by basic", client_secret: "env:S" }),
  client_secret_post: () => method("client_secret_post", { client_id: "by-post", client_secret: "env:S" }),
  client_secret_jwt: () => method("client_secret_jwt", { client_id: "by-secret-jwt", client_secret: "env:S" }),
  private_key_jwt: () => method("private_key_jwt", { client_id: "by-private-key", private_key: "env:K", kid: KEY.jwk.kid }),
  tls_client_auth: ({ secureIssuer }) =>
    method("tls_client_auth", {
      issuer: secureIssuer,
      client_id: "by-certificate",
      tls_client_certificate: `@${OWN.files.both}`,
      certificate_authority: `@${AUTHORITY.files.certificate}`,
    }),
};

/** A certificate that Keycloak trusts, of another client. */
export const OTHER_CERTIFICATE = `@${OTHER.files.both}`;

function method(token_endpoint_auth_method, settings) {
  return { token_endpoint_auth_method, ...settings };
}

/** Where a realm keeps its clients and what leads to new ones. */
export function adminOf(server) {
  return `/admin/realms/${new URL(server.issuer).pathname.split("/").at(-1)}`;
}

/** Adds a client, with these attributes and public keys; the settings of a run with it. */
export async function registered(server, clientId, attributes, ...keys) {
  const own = keys.length ? { "use.jwks.string": "true", "jwks.string": JSON.stringify({ keys }) } : {};
  return added(server, service(clientId, { attributes: { ...attributes, ...own } }));
}

/** Adds this client; the settings of a run with it. */
export async function added(server, client) {
  await server.admin.post(`${adminOf(server)}/clients`, client);
  return { client_id: client.clientId, client_secret: "env:S" };
}

/** Runs a grant without a user. */
export function run({ issuer }, name, settings, ...more) {
  const args = grant(name, { issuer, scope: "openid profile email", ...settings }, ...more);
  return grantscope(args, { env: ENV }).done;
}

/** Runs a grant in which alice signs in without a browser. */
export function asAlice(server, name, settings, ...more) {
  return run(server, name, settings, "--sign-in", "alice", "--sign-in-password", "env:P", ...more);
}
