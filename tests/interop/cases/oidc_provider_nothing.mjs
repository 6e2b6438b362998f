// Logins at oidc-provider that ask for nothing but the consent of the user: response_type=none (OAuth Response Types
// section 4).

import assert from "node:assert/strict";

import { signedIn } from "../lib/client.mjs";
import { assertHidden, assertRefused, assertSuccess, exchanges, verdict } from "../lib/grantscope.mjs";
import { CODE, SECRET, startProvider } from "../lib/provider.mjs";
import { test } from "../lib/suite.mjs";

const ASKER = { client_id: "asker", client_secret: "env:S", scope: "openid" };
const CLIENT = { ...CODE, client_id: "asker", client_secret: SECRET, response_types: ["code", "none"] };

test("oidc-provider: a login that asks for nothing ends at the redirect", async (later) => {
  const issued = [];
  const ran = await signedIn("authorization-code", await startProvider(later, { issued, clients: [CLIENT] }), {
    ...ASKER,
    response_type: "none",
  });
  assertSuccess(ran);
  assert.deepEqual([exchanges(ran.json, "token").length, exchanges(ran.json, "userinfo").length], [0, 0]);
  for (const rule of ["nothing", "state", "iss", "error"]) {
    assert.equal(verdict(ran.json, `authorization_response.${rule}`), "pass", rule);
  }
  assert.deepEqual(issued, [], "nothing was given out");
  assertHidden(ran, [SECRET]);
});

test("oidc-provider: a client that may not ask for nothing is told", async (later) => {
  const issuer = await startProvider(later, { clients: [{ ...CLIENT, response_types: ["code"] }] });
  const ran = await signedIn("authorization-code", issuer, { ...ASKER, response_type: "none" });
  assertRefused(ran, "authorization", "invalid_request");
});

test("oidc-provider: claims that are asked for with a login for nothing are refused in its words", async (later) => {
  const issuer = await startProvider(later, { clients: [CLIENT], features: { claimsParameter: { enabled: true } } });
  const settings = { ...ASKER, response_type: "none", claims: '{"userinfo":{"name":null}}' };
  const ran = await signedIn("authorization-code", issuer, settings);
  assertRefused(ran, "authorization", "claims parameter should not be combined with response_type none");
  assert.equal(verdict(ran.json, "claims_request.form"), "pass");
});
