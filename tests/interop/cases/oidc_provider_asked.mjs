// What is asked for beyond scopes at oidc-provider: authorization_details (RFC 9396), claims (OIDC Core section 5.5) and
// resources (RFC 8707), held against what was granted.

import assert from "node:assert/strict";

import { signedIn } from "../lib/client.mjs";
import { answers, exchanges, verdict } from "../lib/grantscope.mjs";
import { assertBroken, assertHidden, assertRefused, assertSuccess } from "../lib/grantscope.mjs";
import { CODE, RESOURCE, SECRET, newest, startProvider } from "../lib/provider.mjs";
import { test } from "../lib/suite.mjs";

const BASIC = { client_id: "with basic", client_secret: "env:S" };
const PAYER = { client_id: "payer", client_secret: "env:S", scope: "openid read", resource: RESOURCE };
const PAYMENT = { type: "payment_initiation", actions: ["initiate", "status"], instructedAmount: { currency: "EUR", amount: "123.50" } };

/** A server that knows payments, and grants what `granted` makes of the details that the user allowed. */
function startBank(later, { issued, granted = (details) => details } = {}) {
  const richAuthorizationRequests = {
    enabled: true,
    types: { payment_initiation: { validate: () => {} } },
    authorizationDetailsForGrantSource: (ctx) => ctx.oidc.grant.rar,
    authorizationDetailsForAccessToken: (_, __, source) => granted(source.rar),
    authorizationDetailsForIntrospection: (_, token) => token.rar,
  };
  const payer = { ...CODE, client_id: "payer", client_secret: SECRET, authorization_details_types: ["payment_initiation"] };
  return startProvider(later, { issued, clients: [payer], features: { richAuthorizationRequests } });
}

function paying(issuer, details, ...more) {
  return signedIn("authorization-code", issuer, { ...PAYER, authorization_details: JSON.stringify(details) }, ...more);
}

test("oidc-provider: a payment is asked for in detail, and the token is for it", async (later) => {
  const issued = [];
  const issuer = await startBank(later, { issued });
  const ran = await paying(issuer, [PAYMENT]);
  assertSuccess(ran);
  for (const rule of ["rar_request.form", "rar_request.listed", "rar.returned"]) {
    assert.equal(verdict(ran.json, rule), "pass", rule);
  }
  assert.deepEqual(answers(ran.json, "token")[0].authorization_details, [PAYMENT]);
  assert.deepEqual(newest(issued).authorization_details, [PAYMENT]);
  assertHidden(ran, [SECRET, ...issued]);
});

test("oidc-provider: less of a payment than was asked is told beside what was asked", async (later) => {
  const less = [{ ...PAYMENT, actions: ["status"] }];
  const ran = await paying(await startBank(later, { granted: () => less }), [PAYMENT]);
  assertSuccess(ran);
  assert.deepEqual(answers(ran.json, "token")[0].authorization_details, less);
  const told = ran.json.checks.find((check) => check.rule === "rar.as_asked");
  assert.equal(told.verdict, "pass");
  assert.match(told.actual, /actions narrower/);
});

test("oidc-provider: a token response that says nothing of the details is at fault", async (later) => {
  const ran = await paying(await startBank(later, { granted: () => undefined }), [PAYMENT]);
  assert.deepEqual([ran.code, ran.json.outcome], [1, "success"]);
  assertBroken(ran, "rar.returned");
});

test("oidc-provider: details that it cannot take are refused for each reason", async (later) => {
  const issuer = await startBank(later);
  for (const [details, ...broken] of [
    [[{ type: "account_information" }]],
    [[{ actions: ["initiate"] }], "rar_request.form"],
    [PAYMENT, "rar_request.form"],
  ]) {
    const ran = await paying(issuer, details);
    assertRefused(ran, "authorization", "invalid_authorization_details");
    assertBroken(ran, ...broken);
  }
});

const CLAIMS = { id_token: { email: { essential: true }, auth_time: null }, userinfo: { name: null } };

test("oidc-provider: claims are asked for one by one, and come where they were asked", async (later) => {
  const issuer = await startProvider(later, { features: { claimsParameter: { enabled: true } } });
  const settings = { ...BASIC, scope: "openid", claims: JSON.stringify(CLAIMS) };
  const ran = await signedIn("authorization-code", issuer, settings);
  assertSuccess(ran);
  assert.deepEqual([ran.json.claims.email, ran.json.claims.name], ["alice@example.com", undefined]);
  assert.equal(typeof ran.json.claims.auth_time, "number");
  const [user] = answers(ran.json, "userinfo");
  assert.deepEqual([user.name, user.email], ["alice of oidc-provider", undefined]);
  for (const rule of ["claims_request.form", "claims_request.token", "claims_request.supported"]) {
    assert.equal(verdict(ran.json, rule), "pass", rule);
  }
});

test("oidc-provider: claims in a wrong form are refused, and where claims are not known nothing of them comes", async (later) => {
  const issuer = await startProvider(later, { features: { claimsParameter: { enabled: true } } });
  const refused = await signedIn("authorization-code", issuer, { ...BASIC, claims: "[]" });
  assertRefused(refused, "authorization", "invalid_request");
  assertBroken(refused, "claims_request.form");
  const plain = await startProvider(later);
  const ignored = await signedIn("authorization-code", plain, { ...BASIC, scope: "openid", claims: JSON.stringify(CLAIMS) });
  assertSuccess(ignored);
  assert.equal(verdict(ignored.json, "claims_request.supported"), "note");
  assert.equal(ignored.json.claims.email, undefined);
});

test("oidc-provider: a resource stands in both requests, and a token for another is refused", async (later) => {
  const issued = [];
  const issuer = await startProvider(later, { issued });
  const settings = { ...BASIC, scope: "openid read", resource: RESOURCE };
  const ran = await signedIn("authorization-code", issuer, settings);
  assertSuccess(ran);
  const asked = new URL(exchanges(ran.json, "authorization")[0].request.url).searchParams.getAll("resource");
  const sent = new URLSearchParams(exchanges(ran.json, "token")[0].request.body).getAll("resource");
  assert.deepEqual([asked, sent], [[RESOURCE], [RESOURCE]]);
  assert.equal(newest(issued).aud, RESOURCE);
  const another = { "token_request.omit": "resource", "token_request.extra.resource": "https://other.example.com/" };
  const other = await signedIn("authorization-code", issuer, { ...settings, ...another });
  assertRefused(other, "token", "invalid_target");
  assertBroken(other);
});
