// Clients of oidc-provider that show a certificate, and tokens that are bound to it (RFC 8705).

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";

import { RSA, authority, encrypted, selfSigned, subjectOf, thumbprint } from "../lib/certificates.mjs";
import { run, signedIn } from "../lib/client.mjs";
import { answers, exchanges } from "../lib/grantscope.mjs";
import { assertBroken, assertHidden, assertIncomplete, assertRefused, assertSuccess } from "../lib/grantscope.mjs";
import { startMutualTls } from "../lib/mutual_tls.mjs";
import { CODE, SERVICE } from "../lib/provider.mjs";
import { test } from "../lib/suite.mjs";
import { folder } from "../lib/temporary.mjs";

const BOUND = { tls_client_certificate_bound_access_tokens: true };

const AUTHORITY = authority("authority of the case");

/** A client that the authority vouches for: what it shows, and what is registered of it. */
function vouchedFor(wanted) {
  const own = AUTHORITY.issue({ subject: "/C=DE/O=Grant, Scope/CN=of the case", ...wanted });
  const name = { tls_client_auth_subject_dn: subjectOf(own.certificate) };
  return { own, method: "tls_client_auth", registered: name };
}

/** A client that nobody vouches for; its certificate is registered itself. */
function unvouched(key) {
  const own = selfSigned("/CN=of the case", key);
  const { publicKey, raw } = new X509Certificate(own.certificate);
  const jwk = { ...publicKey.export({ format: "jwk" }), x5c: [raw.toString("base64")] };
  return { own, method: "self_signed_tls_client_auth", registered: { jwks: { keys: [jwk] } } };
}

/** Starts oidc-provider with this client by the name `shower`; what a run there is given. */
async function startWith(later, { own, method, registered }, { metadata = {}, ...options } = {}) {
  const client = { ...SERVICE, ...registered, ...metadata, client_id: "shower", token_endpoint_auth_method: method };
  const { issuer, origin } = await startMutualTls(later, { authority: AUTHORITY, clients: [client], ...options });
  const settings = {
    client_id: "shower",
    token_endpoint_auth_method: method,
    tls_client_certificate: `@${own.files.both}`,
    certificate_authority: AUTHORITY.certificate,
    scope: "read",
  };
  return { issuer, origin, settings };
}

for (const [how, made, tls] of [
  ["tls_client_auth", () => vouchedFor()],
  ["tls_client_auth with an RSA key", () => vouchedFor({ key: RSA })],
  ["tls_client_auth over TLS 1.2", () => vouchedFor(), { maxVersion: "TLSv1.2" }],
  ["self_signed_tls_client_auth", () => unvouched()],
  ["self_signed_tls_client_auth with an RSA key", () => unvouched(RSA)],
]) {
  test(`oidc-provider: ${how} gets a token that is bound to the certificate`, async (later) => {
    const [client, issued, shown] = [made(), [], []];
    const { issuer, origin, settings } = await startWith(later, client, { issued, shown, tls, metadata: BOUND });
    const ran = await run("client-credentials", issuer, settings, { more: ["--then", "introspect,revoke,introspect"] });
    assertSuccess(ran);
    assert.ok(exchanges(ran.json, "token")[0].request.url.startsWith(`${origin}/`), "the alias of the metadata");
    const [alive, over] = answers(ran.json, "introspect");
    assert.deepEqual([alive.active, alive.cnf], [true, { "x5t#S256": thumbprint(client.own.certificate) }]);
    assert.deepEqual(over, { active: false });
    assert.equal(shown.length, 4);
    assertHidden(ran, [...client.own.secrets, ...issued]);
  });
}

for (const [method, made] of [
  ["tls_client_auth", () => vouchedFor()],
  ["self_signed_tls_client_auth", () => unvouched()],
]) {
  test(`oidc-provider: ${method} signs alice in, and shows the certificate wherever the token goes`, async (later) => {
    const [client, issued, shown] = [made(), [], []];
    const metadata = { ...CODE, ...BOUND, scope: undefined };
    const { issuer, settings } = await startWith(later, client, { issued, shown, metadata });
    const scope = "openid profile email offline_access";
    const more = ["--then", "refresh,userinfo,introspect,revoke,proof"];
    const ran = await signedIn("authorization-code", issuer, { ...settings, scope }, ...more);
    assertSuccess(ran);
    assert.equal(ran.json.claims.sub, "alice");
    assert.deepEqual(answers(ran.json, "userinfo").map((claims) => claims.email), Array(2).fill("alice@example.com"));
    assert.deepEqual(answers(ran.json, "introspect")[0].cnf, { "x5t#S256": thumbprint(client.own.certificate) });
    assert.ok(shown.every(([, subject]) => subject), "no request came there without a certificate");
    assertHidden(ran, [...client.own.secrets, ...issued]);
  });
}

test("oidc-provider: tls_client_auth by a DNS name of the certificate", async (later) => {
  const client = vouchedFor({ extensions: ["basicConstraints=CA:FALSE", "subjectAltName=DNS:client.example.com"] });
  const registered = { tls_client_auth_san_dns: "client.example.com" };
  const { issuer, settings } = await startWith(later, { ...client, registered });
  assertSuccess(await run("client-credentials", issuer, settings));
  const other = vouchedFor({ extensions: ["basicConstraints=CA:FALSE", "subjectAltName=DNS:other.example.com"] });
  const shown = { ...settings, tls_client_certificate: `@${other.own.files.both}` };
  const ran = await run("client-credentials", issuer, shown);
  assertRefused(ran, "token", "invalid_client");
  assertBroken(ran);
});

test("oidc-provider: a certificate of a stranger is refused", async (later) => {
  const stranger = authority("another authority").issue({ subject: "/C=DE/O=Grant, Scope/CN=of the case" });
  const other = AUTHORITY.issue({ subject: "/CN=another client" });
  for (const [client, shows] of [
    [vouchedFor(), stranger],
    [vouchedFor(), other],
    [unvouched(), selfSigned("/CN=of the case")],
  ]) {
    const { issuer, settings } = await startWith(later, client);
    const shown = { ...settings, tls_client_certificate: `@${shows.files.both}` };
    const ran = await run("client-credentials", issuer, shown);
    assertRefused(ran, "token", "invalid_client");
    assertBroken(ran);
    assertHidden(ran, shows.secrets);
  }
});

test("oidc-provider: without a certificate that can be shown nothing is sent, and it is told why", async (later) => {
  const client = vouchedFor();
  const { issuer, settings } = await startWith(later, client);
  const other = AUTHORITY.issue({ subject: "/CN=another client" });
  const files = folder({
    "text": "plain text",
    "mismatch.pem": client.own.certificate + other.key,
    "encrypted.pem": client.own.certificate + encrypted(client.own.files.key),
    "part.pem": client.own.pem.slice(0, 200),
  });
  for (const [file, words] of [
    [null, "tls_client_auth needs a tls_client_certificate with its private key, as PEM"],
    [client.own.files.certificate, "there is no private key"],
    [client.own.files.key, "there is no certificate"],
    [join(files, "text"), "there is no certificate"],
    [join(files, "mismatch.pem"), "the private key does not belong to the certificate"],
    [join(files, "encrypted.pem"), "the private key is encrypted"],
    [join(files, "part.pem"), "an -----END line is missing"],
  ]) {
    const shown = { ...settings, tls_client_certificate: file ? `@${file}` : "" };
    const ran = await run("client-credentials", issuer, shown);
    assertIncomplete(ran, "token", words);
    assertHidden(ran, [...client.own.secrets, ...other.secrets]);
  }
  const unreadable = { ...settings, tls_client_certificate: "@/nonexistent/own.pem" };
  const absent = await run("client-credentials", issuer, unreadable);
  assert.deepEqual([absent.code, absent.json], [2, null]);
  assert.match(absent.stderr, /own\.pem/);
});

test("oidc-provider: a token endpoint that is typed gets the certificate too", async (later) => {
  const { issuer, origin, settings } = await startWith(later, vouchedFor(), { aliases: false });
  const plain = await run("client-credentials", issuer, settings);
  assertRefused(plain, "token", "invalid_client");
  assertSuccess(await run("client-credentials", issuer, { ...settings, token_endpoint: `${origin}/token` }));
});

test("oidc-provider: a server that no known authority vouches for gets no request", async (later) => {
  const [client, shown] = [vouchedFor(), []];
  const { issuer, settings } = await startWith(later, client, { shown });
  for (const [certificate, stage, words] of [
    ["", "token", "an authority that is not trusted here"],
    [authority("another authority").certificate, "token", "an authority that is not trusted here"],
    ["no certificate", "discovery", "a certificate authority is not a PEM certificate"],
  ]) {
    const ran = await run("client-credentials", issuer, { ...settings, certificate_authority: certificate });
    assert.deepEqual([ran.code, ran.json.outcome, ran.json.problem.stage], [1, "failed", stage]);
    assert.ok(ran.json.problem.came.includes(words), ran.json.problem.came);
    assert.ok(ran.json.problem.try.length > 0, "something to try");
    assertBroken(ran);
    assertHidden(ran, client.own.secrets);
  }
  assert.deepEqual(shown, []);
});

test("oidc-provider: a bound token is worth nothing where its certificate is not shown", async (later) => {
  const [client, issued] = [vouchedFor(), []];
  const metadata = { ...CODE, ...BOUND, scope: undefined };
  const { issuer, origin, settings } = await startWith(later, client, { issued, metadata });
  const signIn = (more) => signedIn("authorization-code", issuer, { ...settings, scope: "openid email", ...more });
  const shown = await signIn({ api_url: `${origin}/me` });
  assertSuccess(shown);
  assert.equal(answers(shown.json, "api")[0].email, "alice@example.com");
  for (const [stage, hidden] of [
    ["userinfo", { userinfo_endpoint: `${issuer}/me` }],
    ["api", { api_url: `${issuer}/me` }],
  ]) {
    const ran = await signIn(hidden);
    assertRefused(ran, stage, "invalid_token");
    assertBroken(ran);
    assertHidden(ran, issued);
  }
});
