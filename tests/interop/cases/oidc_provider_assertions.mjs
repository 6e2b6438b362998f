// Clients of oidc-provider that authenticate by a JWT: private_key_jwt and client_secret_jwt (OIDC Core section 9).

import assert from "node:assert/strict";
import { join } from "node:path";

import * as jose from "jose";

import { run, signedIn } from "../lib/client.mjs";
import { assertBroken, assertHidden, assertIncomplete, assertRefused, assertSuccess } from "../lib/grantscope.mjs";
import { answers, exchanges, verdict } from "../lib/grantscope.mjs";
import { CODE, LONG_SECRET, SECRET, SERVICE, startProvider } from "../lib/provider.mjs";
import { test } from "../lib/suite.mjs";
import { folder } from "../lib/temporary.mjs";

const KID = "key of the case";
const METHOD = { token_endpoint_auth_method: "private_key_jwt" };
const CLIENT = { client_id: "signer", ...METHOD, scope: "read" };

/** A key pair of jose: what is registered, the private half in files, and the members of it that nobody may see. */
async function keyPair(alg) {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  const registered = { ...(await jose.exportJWK(publicKey)), kid: KID, use: "sig", alg };
  const jwk = { ...(await jose.exportJWK(privateKey)), kid: KID };
  const files = {
    "named.json": JSON.stringify({ ...jwk, alg }),
    "set.json": JSON.stringify({ keys: [registered, { ...jwk, alg }] }),
    "key.json": JSON.stringify(jwk),
    "key.pem": await jose.exportPKCS8(privateKey),
  };
  const path = folder(files);
  const lines = files["key.pem"].split("\n").filter((line) => line && !line.startsWith("-----"));
  const secrets = [...["d", "p", "q", "dp", "dq", "qi"].map((member) => jwk[member]).filter(Boolean), ...lines];
  return { registered, file: (name) => `@${join(path, name)}`, secrets };
}

/** Starts oidc-provider with the client `signer`, which has these public keys. */
function startWith(later, keys, { issued, ...metadata } = {}) {
  const signer = { ...SERVICE, ...METHOD, client_id: "signer", jwks: { keys }, ...metadata };
  return startProvider(later, { issued, clients: [signer] });
}

/** What the assertion of the last token request says, when secrets are shown. */
function assertion({ json }) {
  const form = new URLSearchParams(exchanges(json, "token").at(-1).request.body);
  const token = form.get("client_assertion");
  return { ...jose.decodeProtectedHeader(token), ...jose.decodeJwt(token) };
}

for (const alg of ["ES256", "RS256", "PS256", "EdDSA", "Ed25519"]) {
  test(`oidc-provider: private_key_jwt with a key for ${alg}, as JWK and as PEM`, async (later) => {
    const issued = [];
    const key = await keyPair(alg);
    const issuer = await startWith(later, [key.registered], { issued, token_endpoint_auth_signing_alg: alg });
    const signing = { token_endpoint_auth_signing_alg: alg };
    for (const settings of [
      { private_key: key.file("named.json") },
      { private_key: key.file("set.json") },
      { private_key: key.file("key.json"), ...signing },
      { private_key: key.file("key.pem"), ...signing },
      { private_key: key.file("key.pem"), ...signing, kid: KID },
    ]) {
      const ran = await run("client-credentials", issuer, { ...CLIENT, ...settings });
      assertSuccess(ran);
      assertHidden(ran, [...key.secrets, ...issued]);
    }
  });
}

test("oidc-provider: private_key_jwt says who for whom, for a short time and never twice the same", async (later) => {
  const key = await keyPair("ES256");
  const issuer = await startWith(later, [key.registered]);
  const settings = { ...CLIENT, private_key: key.file("named.json") };
  const sent = async () => assertion(await run("client-credentials", issuer, settings, { more: ["--with-secrets"] }));
  const [one, two] = [await sent(), await sent()];
  assert.deepEqual([one.alg, one.kid, one.typ], ["ES256", KID, "JWT"]);
  assert.deepEqual([one.iss, one.sub, one.aud], ["signer", "signer", issuer]);
  assert.ok(one.exp > one.iat && one.exp <= one.iat + 600, "some minutes");
  assert.notEqual(one.jti, two.jti);
});

test("oidc-provider: private_key_jwt proves the client wherever it asks", async (later) => {
  const issued = [];
  const key = await keyPair("ES256");
  const registered = { ...CODE, issued, scope: undefined };
  const issuer = await startWith(later, [key.registered], registered);
  const settings = { ...CLIENT, scope: "openid profile email offline_access", private_key: key.file("named.json") };
  const ran = await signedIn("authorization-code", issuer, settings, "--then", "refresh,introspect,revoke,proof");
  assertSuccess(ran);
  assert.equal(ran.json.claims.sub, "alice");
  assert.deepEqual(answers(ran.json, "introspect").map((answer) => answer.active), [true]);
  assertHidden(ran, [...key.secrets, ...issued]);
});

test("oidc-provider: a client assertion may be for the token endpoint, not for somebody else", async (later) => {
  const key = await keyPair("ES256");
  const issuer = await startWith(later, [key.registered]);
  const settings = { ...CLIENT, private_key: key.file("named.json") };
  for (const [audience, expected] of [
    ["", "pass"],
    [issuer, "pass"],
    ["token_endpoint", "note"],
    [`${issuer}/token`, "note"],
  ]) {
    const ran = await run("client-credentials", issuer, { ...settings, client_assertion_audience: audience });
    assertSuccess(ran);
    assert.equal(verdict(ran.json, "assertion.audience"), expected, audience);
  }
  const other = { ...settings, client_assertion_audience: "https://other.example.com/" };
  const ran = await run("client-credentials", issuer, other);
  assertRefused(ran, "token", "invalid_client");
  assertBroken(ran, "assertion.audience");
});

test("oidc-provider: a client assertion of another key, kid or algorithm is refused", async (later) => {
  const issued = [];
  const [own, foreign, rsa] = [await keyPair("ES256"), await keyPair("ES256"), await keyPair("RS256")];
  const metadata = { issued, token_endpoint_auth_signing_alg: "ES256" };
  const issuer = await startWith(later, [own.registered, rsa.registered], metadata);
  for (const [settings, secrets] of [
    [{ private_key: foreign.file("named.json") }, foreign.secrets],
    [{ private_key: foreign.file("key.pem") }, foreign.secrets],
    [{ private_key: own.file("named.json"), kid: "another" }, own.secrets],
    [{ private_key: rsa.file("named.json") }, rsa.secrets],
    [{ private_key: own.file("named.json"), client_id: "public" }, own.secrets],
    [{ private_key: own.file("named.json"), client_id: "nobody" }, own.secrets],
  ]) {
    const ran = await run("client-credentials", issuer, { ...CLIENT, ...settings });
    assertRefused(ran, "token", "invalid_client");
    assertBroken(ran);
    assertHidden(ran, [...secrets, ...issued]);
  }
});

test("oidc-provider: without a private key that signs nothing is sent, and it is told why", async (later) => {
  const [ec, rsa] = [await keyPair("ES256"), await keyPair("RS256")];
  const issuer = await startWith(later, [ec.registered]);
  const part = "-----BEGIN PRIVATE KEY-----\nMIIB";
  const junk = folder({ "public.json": JSON.stringify(ec.registered), "text": "no key", "part.pem": part });
  const signing = (key, alg) => ({ private_key: key, token_endpoint_auth_signing_alg: alg });
  for (const [settings, words] of [
    [{}, "private_key_jwt needs a private_key, as JWK or PEM"],
    [signing(ec.file("named.json"), "RS256"), "RS256 needs an RSA key, this is EC P-256"],
    [signing(ec.file("key.pem"), "EdDSA"), "EdDSA needs"],
    [signing(rsa.file("key.pem"), "ES256"), "ES256 needs"],
    [signing(ec.file("named.json"), "HS256"), "HS256 needs"],
    [signing(ec.file("named.json"), "none"), "none"],
    [{ private_key: `@${join(junk, "public.json")}` }, "private_key"],
    [{ private_key: `@${join(junk, "text")}` }, "private_key"],
    [{ private_key: `@${join(junk, "part.pem")}` }, "private_key"],
  ]) {
    const ran = await run("client-credentials", issuer, { ...CLIENT, ...settings });
    assertIncomplete(ran, "token", words);
    assertHidden(ran, [...ec.secrets, ...rsa.secrets]);
  }
  const absent = await run("client-credentials", issuer, { ...CLIENT, private_key: "@/nonexistent/key.pem" });
  assert.deepEqual([absent.code, absent.json], [2, null]);
  assert.match(absent.stderr, /key\.pem/);
});

const SECRET_METHOD = { token_endpoint_auth_method: "client_secret_jwt" };
const MAC = { ...SECRET_METHOD, client_id: "mac", scope: "read" };

test("oidc-provider: client_secret_jwt with HS256 proves the client and keeps the secret", async (later) => {
  const issued = [];
  const mac = { ...CODE, ...SECRET_METHOD, client_id: "mac", client_secret: LONG_SECRET };
  const issuer = await startProvider(later, { issued, clients: [mac] });
  const settings = { ...MAC, scope: "openid profile email offline_access", client_secret: "env:LONG" };
  const ran = await signedIn("authorization-code", issuer, settings, "--then", "refresh,introspect,revoke,proof");
  assertSuccess(ran);
  assert.equal(verdict(ran.json, "assertion.secret_length"), "pass");
  assertHidden(ran, [SECRET, LONG_SECRET, ...issued]);
});

test("oidc-provider: client_secret_jwt with another secret, or none, gets nothing", async (later) => {
  const issued = [];
  const mac = { ...SERVICE, ...SECRET_METHOD, client_id: "mac", client_secret: LONG_SECRET };
  const issuer = await startProvider(later, { issued, clients: [mac] });
  const wrong = { S: `${LONG_SECRET}!` };
  const ran = await run("client-credentials", issuer, { ...MAC, client_secret: "env:S" }, { env: wrong });
  assertRefused(ran, "token", "invalid_client");
  assertBroken(ran);
  assertHidden(ran, [wrong.S, ...issued]);
  assertIncomplete(await run("client-credentials", issuer, MAC), "token", "client_secret_jwt needs a client_secret");
});

test("oidc-provider: a secret too short for its MAC is told (RFC 7518 section 3.2)", async (later) => {
  const issued = [];
  const mac = { ...SERVICE, ...SECRET_METHOD, client_id: "mac", client_secret: SECRET };
  const issuer = await startProvider(later, { issued, clients: [mac] });
  const ran = await run("client-credentials", issuer, { ...MAC, client_secret: "env:S" });
  assert.deepEqual([ran.code, ran.json.outcome], [1, "success"], "the server takes it, the rule is broken");
  assertBroken(ran, "assertion.secret_length");
  assertHidden(ran, [SECRET, ...issued]);
});

test("oidc-provider: client_secret_jwt with an algorithm that the server does not take is refused", async (later) => {
  const mac = { ...SERVICE, ...SECRET_METHOD, client_id: "mac", client_secret: LONG_SECRET };
  const issuer = await startProvider(later, { clients: [mac] });
  const settings = { ...MAC, client_secret: "env:LONG", token_endpoint_auth_signing_alg: "HS512" };
  const ran = await run("client-credentials", issuer, settings);
  assertRefused(ran, "token", "invalid_client");
  assertBroken(ran, "assertion.secret_length");
});
