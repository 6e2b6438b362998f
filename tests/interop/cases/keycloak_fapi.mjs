// Keycloak with its client policies for FAPI 2.0, in a realm for each: what they demand is kept, and judged by the profile.

import assert from "node:assert/strict";

import { keycloakTest } from "../lib/keycloak.mjs";
import { METHODS, asAlice } from "../lib/keycloak_client.mjs";
import { KEY, PASSWORD, realmOf, service } from "../lib/keycloak_realm.mjs";
import { assertAdvised, assertHidden, assertSuccess } from "../lib/grantscope.mjs";
import { freePort } from "../lib/server.mjs";

const DPOP = { dpop_bound_access_tokens: true };
const CERTIFICATE = { tls_client_certificate_bound_access_tokens: true };
const SIGNED = { request_object_signing_alg: "ES256", authorization_signed_response_alg: "ES256", response_mode: "jwt" };

/** Keycloak's own profiles of its policies, and what a run is given to keep them. */
const POLICIES = [
  ["fapi-2-dpop-security-profile", "fapi2", DPOP],
  ["fapi-2-security-profile", "fapi2", CERTIFICATE],
  ["fapi-2-dpop-message-signing", "fapi2-message-signing", { ...DPOP, ...SIGNED }],
  ["fapi-2-message-signing", "fapi2-message-signing", { ...CERTIFICATE, ...SIGNED }],
];

const STRICT = {
  "token.endpoint.auth.signing.alg": "ES256",
  "id.token.signed.response.alg": "ES256",
  "access.token.signed.response.alg": "ES256",
  "authorization.signed.response.alg": "ES256",
  "request.object.signature.alg": "ES256",
  "pkce.code.challenge.method": "S256",
};

/** Adds a realm in which all clients are held to this policy; what a run of the client `by-key` is given there. */
async function held(server, policy, realm = policy) {
  // Its policies take redirect URIs with https alone, on this machine too.
  const redirect_uri = `https://${await freePort()}/callback`;
  const bound = policy.includes("dpop") ? "dpop.bound.access.tokens" : "tls.client.certificate.bound.access.tokens";
  const keys = { "use.jwks.string": "true", "jwks.string": JSON.stringify({ keys: [KEY.jwk] }) };
  const registered = { redirectUris: [redirect_uri], consentRequired: true, fullScopeAllowed: false };
  const attributes = { ...STRICT, [bound]: "true" };
  const clients = [
    service("by-key", { clientAuthenticatorType: "client-jwt", attributes: { ...attributes, ...keys }, ...registered }),
    service("by-secret", { attributes, ...registered }),
  ];
  const demanded = { name: "of the case", enabled: true, conditions: [{ condition: "any-client", configuration: {} }], profiles: [policy] };
  await server.admin.post("/admin/realms", realmOf(realm, clients, { clientPolicies: { policies: [demanded] } }));
  return {
    ...METHODS.tls_client_auth(server),
    ...METHODS.private_key_jwt(),
    issuer: server.secureIssuerOf(realm),
    token_endpoint_auth_signing_alg: "ES256",
    require_pushed_authorization_requests: true,
    redirect_uri,
  };
}

for (const [policy, profile, kept] of POLICIES) {
  keycloakTest(`its policy ${policy} is kept, and so is the profile`, async (server) => {
    const settings = { ...(await held(server, policy)), client_id: "by-key", ...kept };
    const ran = await asAlice(server, "authorization-code", settings, "--then", "refresh,userinfo,reuse", "--profile", profile);
    assertSuccess(ran);
    const said = ran.json.profiles[profile];
    assert.deepEqual([said.passes, said.stops, said.not_judged], [true, [], []]);
    assertHidden(ran, [PASSWORD]);
  });
}

keycloakTest("its policy for FAPI 2.0 refuses what it does not allow, and it is told why", async (server) => {
  const own = { ...(await held(server, "fapi-2-dpop-security-profile", "refusing")), client_id: "by-key", ...DPOP };
  const secret = { client_id: "by-secret", client_secret: "env:S", token_endpoint_auth_method: "client_secret_basic" };
  for (const [settings, stage, words, advice, ...stops] of [
    [{ ...own, ...secret }, "token", "method not allowed", /registration/, "profile.client_auth", "settings.symmetric_auth"],
    [{ ...own, code_challenge_method: "off" }, "pushed_authorization", "code_challenge", /S256/, "settings.pkce_confidential"],
    [{ ...own, client_assertion_audience: "token_endpoint" }, "pushed_authorization", "audience", /issuer/, "profile.assertion_audience"],
    [{ ...own, redirect_uri: "http://127.0.0.1:0/callback" }, "pushed_authorization", "redirect_uri", /https/],
    [{ ...own, dpop_bound_access_tokens: false }, "token", "DPoP proof is missing", /dpop_bound_access_tokens/],
    [{ ...own, require_pushed_authorization_requests: false }, "authorization", "PAR request_uri", /./, "profile.pushed"],
  ]) {
    const ran = await asAlice(server, "authorization-code", settings, "--profile", "fapi2");
    assertAdvised(ran, stage, words, advice);
    assert.deepEqual(ran.json.profiles.fapi2.stops.map(({ rule }) => rule).sort(), stops, words);
  }
});
