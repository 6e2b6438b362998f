// Signatures against jose, in both directions.

import assert from "node:assert/strict";
import { join } from "node:path";

import * as jose from "jose";

import { assertSuccess, authorizationCode, grantscope, practiceServer } from "../lib/grantscope.mjs";
import { test } from "../lib/suite.mjs";
import { folder } from "../lib/temporary.mjs";

test("jose: verifies the practice server's ID token", async (later) => {
  const issuer = await practiceServer(later);
  const settings = { issuer, client_id: "practice-native", scope: "openid" };
  const ran = await grantscope(authorizationCode(settings, "--sign-in", "alice", "--with-secrets")).done;
  assertSuccess(ran);
  const keys = jose.createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const expected = { issuer, audience: "practice-native", requiredClaims: ["nonce", "at_hash", "auth_time"] };
  const { payload } = await jose.jwtVerify(ran.json.tokens.id_token, keys, expected);
  assert.equal(payload.sub, "alice");
});

const ALGORITHMS = ["RS256", "RS512", "PS256", "PS384", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];

for (const alg of ALGORITHMS) {
  test(`jose: its ${alg} tokens are accepted, tampered ones are not`, async () => {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
    const token = await signed(alg, privateKey);
    const jwk = { ...(await jose.exportJWK(publicKey)), kid: "of the case", use: "sig" };
    const keys = folder({ "jwks.json": JSON.stringify({ keys: [jwk] }), "key.pem": await jose.exportSPKI(publicKey) });
    for (const key of [["--jwks", join(keys, "jwks.json")], ["--key", join(keys, "key.pem")]]) {
      assertVerdict(await verified(token, key), "pass");
      assertVerdict(await verified(withOtherSubject(token), key), "fail");
    }
  });
}

test("jose: its HS256 tokens are accepted with the secret and no other", async () => {
  const secret = "a shared secret of at least 32 bytes";
  const token = await signed("HS256", new TextEncoder().encode(secret));
  assertVerdict(await grantscope(["jwt", "verify", "--secret-stdin", token], { stdin: secret }).done, "pass");
  assertVerdict(await grantscope(["jwt", "verify", "--secret-stdin", token], { stdin: `${secret}!` }).done, "fail");
});

test("jose: an expired token fails although its signature holds", async () => {
  const { publicKey, privateKey } = await jose.generateKeyPair("ES256", { extractable: true });
  const token = await signed("ES256", privateKey, "1 hour ago");
  const keys = folder({ "key.pem": await jose.exportSPKI(publicKey) });
  const { code, json } = await verified(token, ["--key", join(keys, "key.pem")]);
  assert.deepEqual([code, json.signature.verdict, json.claims.verdict], [1, "pass", "fail"]);
});

function signed(alg, key, expires = "10 minutes") {
  const claims = new jose.SignJWT({ name: "Alice Ädams" }).setSubject("alice").setIssuedAt().setExpirationTime(expires);
  return claims.setProtectedHeader({ alg, typ: "JWT", kid: "of the case" }).sign(key);
}

function withOtherSubject(token) {
  const [header, payload, signature] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url"));
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: "mallory" })).toString("base64url");
  return [header, forged, signature].join(".");
}

function verified(token, key) {
  return grantscope(["jwt", "verify", ...key, token]).done;
}

function assertVerdict({ code, json, stderr }, verdict) {
  assert.equal(json?.signature.verdict, verdict, stderr);
  assert.equal(code, verdict === "pass" ? 0 : 1, stderr);
}
