// Runs at an oidc-provider with the FAPI 2.0 Security Profile, judged by it.

import assert from "node:assert/strict";

import { authority, subjectOf } from "../lib/certificates.mjs";
import { clientKey, signedIn } from "../lib/client.mjs";
import { grant, grantscope } from "../lib/grantscope.mjs";
import { assertHidden, assertRefused, assertSuccess } from "../lib/grantscope.mjs";
import { startMutualTls } from "../lib/mutual_tls.mjs";
import { CODE, SECRET, WEB_REDIRECT_URI, startProvider } from "../lib/provider.mjs";
import { test } from "../lib/suite.mjs";

const FEATURES = {
  fapi: { enabled: true, profile: "2.0" },
  pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
  dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true },
  requestObjects: { enabled: true },
  jwtResponseModes: { enabled: true },
};

/** What is registered of a client with this key set. */
function client(jwks, more = {}) {
  return {
    ...CODE,
    client_id: "bank",
    token_endpoint_auth_method: "private_key_jwt",
    redirect_uris: [WEB_REDIRECT_URI],
    id_token_signed_response_alg: "ES256",
    jwks,
    ...more,
  };
}

/** What a run of it is given. */
function settingsOf(alg, pem) {
  return {
    client_id: "bank",
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: alg,
    private_key: pem,
    kid: "own",
    redirect_uri: WEB_REDIRECT_URI,
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: true,
  };
}

/** Runs it, judged by this profile; what the profile says is in `said`, and what stops it in `stops`. */
async function judged(issuer, settings, { profile = "fapi2", then = "refresh,userinfo" } = {}) {
  const ran = await signedIn("authorization-code", issuer, settings, "--then", then, "--profile", profile);
  const said = ran.json.profiles[profile];
  return { ran, said, stops: said.stops.map(({ rule }) => rule) };
}

for (const alg of ["ES256", "PS256"]) {
  test(`oidc-provider: FAPI 2.0 is kept with private_key_jwt by ${alg} and DPoP`, async (later) => {
    const { pem, jwks } = await clientKey(alg, "sig");
    const issued = [];
    const clients = [client(jwks, { token_endpoint_auth_signing_alg: alg, dpop_bound_access_tokens: true })];
    const issuer = await startProvider(later, { issued, features: FEATURES, clients });
    const { ran, said, stops } = await judged(issuer, settingsOf(alg, pem));
    assertSuccess(ran);
    assert.deepEqual([said.passes, stops, said.not_judged], [true, [], []]);
    assertHidden(ran, issued);
  });
}

test("oidc-provider: FAPI 2.0 is kept with a certificate that tokens are bound to", async (later) => {
  const vouching = authority("authority of the banks");
  const own = vouching.issue({ subject: "/CN=bank" });
  const registered = {
    token_endpoint_auth_method: "tls_client_auth",
    tls_client_auth_subject_dn: subjectOf(own.certificate),
    tls_client_certificate_bound_access_tokens: true,
  };
  const issued = [];
  const clients = [client(undefined, registered)];
  const { issuer } = await startMutualTls(later, { authority: vouching, issued, features: FEATURES, clients });
  const { ran, said, stops } = await judged(issuer, {
    client_id: "bank",
    token_endpoint_auth_method: "tls_client_auth",
    tls_client_certificate: `@${own.files.both}`,
    certificate_authority: vouching.certificate,
    redirect_uri: WEB_REDIRECT_URI,
    require_pushed_authorization_requests: true,
  }, { then: "refresh,introspect" });
  assertSuccess(ran);
  assert.deepEqual([said.passes, stops], [true, []]);
  assert.deepEqual(said.not_judged.map(({ rule }) => rule), ["profile.assertion_audience"]);
  assertHidden(ran, [...own.secrets, ...issued]);
});

test("oidc-provider: FAPI 2.0 Message Signing is kept with a signed request and response", async (later) => {
  const { pem, jwks } = await clientKey("ES256", "sig");
  const more = { request_object_signing_alg: "ES256", authorization_signed_response_alg: "ES256", dpop_bound_access_tokens: true };
  const issuer = await startProvider(later, { features: FEATURES, clients: [client(jwks, more)] });
  const signing = { request_object_signing_alg: "ES256", authorization_signed_response_alg: "ES256", response_mode: "jwt" };
  const { ran, said, stops } = await judged(issuer, { ...settingsOf("ES256", pem), ...signing }, { profile: "fapi2-message-signing" });
  assertSuccess(ran);
  assert.deepEqual([said.passes, stops, said.not_judged], [true, [], []]);
});

test("oidc-provider: FAPI 2.0 is not kept by what the server lets pass, and each reason is told", async (later) => {
  const [strong, weak] = [await clientKey("ES256", "sig"), await clientKey("RS256", "sig")];
  const clients = [
    client(strong.jwks),
    client(weak.jwks, { client_id: "weak", token_endpoint_auth_signing_alg: "RS256" }),
    client(undefined, { client_id: "secretive", client_secret: SECRET, token_endpoint_auth_method: "client_secret_basic" }),
  ];
  const issuer = await startProvider(later, { features: FEATURES, clients });
  const own = settingsOf("ES256", strong.pem);
  const secretive = { client_id: "secretive", client_secret: "env:S", token_endpoint_auth_method: "client_secret_basic" };
  for (const [settings, ...reasons] of [
    [{ ...own, dpop_bound_access_tokens: false }, "profile.bound_tokens"],
    [{ ...own, private_key: weak.pem, token_endpoint_auth_signing_alg: "RS256", client_id: "weak" }, "profile.algorithms"],
    [{ ...own, ...secretive }, "profile.client_auth", "settings.symmetric_auth"],
  ]) {
    const { ran, said, stops } = await judged(issuer, settings);
    assert.deepEqual([ran.code, ran.json.outcome, said.passes], [1, "success", false], ran.stderr);
    assert.deepEqual([...new Set(stops)].sort(), reasons);
  }
});

test("oidc-provider: FAPI 2.0 refuses what it does not allow", async (later) => {
  const { pem, jwks } = await clientKey("ES256", "sig");
  const issuer = await startProvider(later, { features: FEATURES, clients: [client(jwks, { dpop_bound_access_tokens: true })] });
  const own = settingsOf("ES256", pem);
  for (const [settings, stage, error, ...stopped] of [
    [{ ...own, client_assertion_audience: "token_endpoint" }, "pushed_authorization", "invalid_client", "profile.assertion_audience"],
    [{ ...own, dpop_bound_access_tokens: false }, "token", "invalid_grant"],
    [{ ...own, code_challenge_method: "off" }, "pushed_authorization", "invalid_request", "settings.pkce_confidential"],
  ]) {
    const args = grant("authorization-code", { issuer, scope: "openid", ...settings }, "--sign-in", "alice", "--profile", "fapi2");
    const ran = await grantscope(args).done;
    assertRefused(ran, stage, error);
    assert.deepEqual(ran.json.profiles.fapi2.stops.map(({ rule }) => rule), stopped);
  }
});
