// The practice server against openid-client, a certified relying party.

import assert from "node:assert/strict";

import * as oauth from "openid-client";

import { practiceServer } from "../lib/grantscope.mjs";
import { discovered, signedIn } from "../lib/relying_party.mjs";
import { test } from "../lib/suite.mjs";

const CLIENTS = [
  ["practice-native", oauth.None()],
  ["practice-web", oauth.ClientSecretBasic("practice-secret")],
  ["practice-web", oauth.ClientSecretPost("practice-secret")],
];

for (const [clientId, authentication] of CLIENTS) {
  const how = ["none", "client_secret_basic", "client_secret_post"][CLIENTS.findIndex((client) => client[1] === authentication)];
  test(`openid-client: the practice server signs ${clientId} in with ${how}`, async (later) => {
    const issuer = await practiceServer(later);
    const config = await discovered(issuer, clientId, authentication);
    const { tokens } = await signedIn(config);
    assert.equal(tokens.claims().sub, "alice");
    const user = await oauth.fetchUserInfo(config, tokens.access_token, "alice");
    assert.equal(user.email, "alice@example.com");
    const renewed = await oauth.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(renewed.refresh_token, tokens.refresh_token);
    const api = await oauth.fetchProtectedResource(config, renewed.access_token, new URL("/api/me", issuer), "GET");
    assert.equal((await api.json()).sub, "alice");
  });
}

test("openid-client: the practice server refuses a code and a refresh token that come twice", async (later) => {
  const issuer = await practiceServer(later);
  const config = await discovered(issuer, "practice-native", oauth.None());
  const invalidGrant = { code: "OAUTH_RESPONSE_BODY_ERROR", error: "invalid_grant" };

  const used = await signedIn(config);
  await assert.rejects(oauth.authorizationCodeGrant(config, used.callback, used.checks), invalidGrant);
  await assert.rejects(oauth.fetchUserInfo(config, used.tokens.access_token, "alice"), { status: 401 });

  const { tokens } = await signedIn(config);
  const renewed = await oauth.refreshTokenGrant(config, tokens.refresh_token);
  await assert.rejects(oauth.refreshTokenGrant(config, tokens.refresh_token), invalidGrant);
  await assert.rejects(oauth.refreshTokenGrant(config, renewed.refresh_token), invalidGrant);
});
