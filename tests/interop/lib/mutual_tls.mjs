// oidc-provider with a second way in, for clients that show a certificate (RFC 8705).

import { createServer } from "node:https";

import { subjectOf } from "./certificates.mjs";
import { listening, startServer } from "./provider.mjs";

const ALIASES = {
  token_endpoint: "/token",
  introspection_endpoint: "/token/introspection",
  revocation_endpoint: "/token/revocation",
  userinfo_endpoint: "/me",
  device_authorization_endpoint: "/device/auth",
  pushed_authorization_request_endpoint: "/request",
};

const FEATURE = {
  enabled: true,
  certificateBoundAccessTokens: true,
  selfSignedTlsClientAuth: true,
  tlsClientAuth: true,
  getCertificate: (ctx) => ctx.socket.getPeerX509Certificate?.(),
  certificateAuthorized: (ctx) => ctx.socket.authorized,
  certificateSubjectMatches: (ctx, ...named) => matches(ctx.socket.getPeerX509Certificate(), ...named),
};

/**
 * Starts the server. `authority` vouches for it and for its clients, `aliases` says whether its metadata tells of the
 * second way in, `shown` gets the certificate of each request there. `origin` is where that is.
 */
export async function startMutualTls(later, { authority, aliases = true, tls = {}, shown = [], features, ...options }) {
  const { certificate: cert, key } = authority.issue({
    subject: "/CN=oidc-provider",
    extensions: ["basicConstraints=CA:FALSE", "subjectAltName=IP:127.0.0.1"],
  });
  const asking = { ca: authority.certificate, requestCert: true, rejectUnauthorized: false };
  const secure = createServer({ cert, key, ...asking, ...tls });
  const origin = `https://${await listening(later, secure)}`;
  const urls = Object.fromEntries(Object.entries(ALIASES).map(([name, path]) => [name, origin + path]));
  const discovery = aliases ? { mtls_endpoint_aliases: urls } : {};
  const { issuer, provider } = await startServer(later, { ...options, features: { ...features, mTLS: FEATURE }, discovery });
  const answer = provider.callback();
  secure.on("request", (request, response) => {
    shown.push([request.url, request.socket.getPeerX509Certificate()?.subject]);
    return answer(request, response);
  });
  return { issuer, origin };
}

function matches(certificate, property, expected) {
  switch (property) {
    case "tls_client_auth_subject_dn":
      return subjectOf(certificate.raw) === expected;
    case "tls_client_auth_san_dns":
      return certificate.checkHost(expected, { subject: "never" }) !== undefined;
    default:
      return false;
  }
}
