// What oidc-provider and Grantscope do not agree on yet.

import assert from "node:assert/strict";

import { signedIn } from "../lib/client.mjs";
import { TOKEN_EXCHANGE, registerGrants } from "../lib/grants.mjs";
import { assertSuccess, exchanges, verdict } from "../lib/grantscope.mjs";
import { CODE, RESOURCE, SECRET, startProvider, startServer } from "../lib/provider.mjs";
import { test } from "../lib/suite.mjs";

const BASIC = { client_id: "with basic", client_secret: "env:S" };

test("oidc-provider: the sign-in before a token exchange is for no resource", async (later) => {
  const grant_types = [...CODE.grant_types, TOKEN_EXCHANGE];
  const client = { ...CODE, client_id: "exchanger", client_secret: SECRET, grant_types };
  const { issuer, provider } = await startServer(later, { clients: [client] });
  registerGrants(provider);
  const settings = { ...BASIC, client_id: "exchanger", scope: "openid read", exchange_scope: "read", resource: RESOURCE };
  const ran = await signedIn("token-exchange", issuer, settings);
  const sent = exchanges(ran.json, "token").map(({ request }) => new URLSearchParams(request.body).get("resource"));
  assert.deepEqual(sent, [null], "the code is redeemed for what was asked with it");
  assertSuccess(ran);
});

test("oidc-provider: a refresh token that does not rotate may work again for a confidential client", async (later) => {
  const issuer = await startProvider(later);
  const ran = await signedIn("refresh", issuer, BASIC, "--then", "reuse");
  assert.equal(verdict(ran.json, "token.rotation"), "note");
  assertSuccess(ran);
});

test("oidc-provider: an introspection that is signed with another algorithm than asked is told", async (later) => {
  const issuer = await startProvider(later, { features: { jwtIntrospection: { enabled: true } } });
  const settings = { ...BASIC, introspection_signed_response_alg: "ES256" };
  const ran = await signedIn("authorization-code", issuer, settings, "--then", "introspect");
  const told = ran.json.checks.filter(({ rule, verdict }) => rule.startsWith("introspection.") && ["fail", "warn"].includes(verdict));
  assert.equal(told.length, 1, "RS256 came");
});
