// Authlib as a client that protects its requests, and as a server that takes the grants of another one (ID-JAG).

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { assertBroken, assertHidden, assertRefused, assertSuccess, grant, grantscope } from "../lib/grantscope.mjs";
import { answers, practiceServer, verdict } from "../lib/grantscope.mjs";
import { ended, start } from "../lib/process.mjs";
import { SERVERS, freePort, serve } from "../lib/server.mjs";
import { test } from "../lib/suite.mjs";

const PYTHON = join(SERVERS, "canaille", "bin", "python");
/** Authlib does not decode what RFC 6749 section 2.3.1 has a client encode. */
const SECRET = "secret-of-both-servers";

function program(name) {
  return fileURLToPath(new URL(`../authlib/${name}.py`, import.meta.url));
}

test("Authlib: registers, pushes a signed request, checks who answered, and goes again", async (later) => {
  const issuer = await practiceServer(later, 'login = "auto"\nlogin_user = "alice"\ninitial_access_token = "let-me-in"\n');
  const ran = await ended(start(PYTHON, [program("client"), issuer, "http://127.0.0.1:18993/callback", "let-me-in"]));
  assert.equal(ran.output.trim(), "done", ran.errors);
});

const BOTH = `
[[clients]]
client_id = "both"
client_secret = "${SECRET}"
any_loopback_redirect = true
grant_types = ["authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"]
`;

/** Starts both servers; what a run from one to the other is given. */
async function startBoth(later) {
  const issuer = await practiceServer(later, BOTH);
  const there = await freePort();
  const env = { ...process.env, AUTHLIB_INSECURE_TRANSPORT: "1" };
  const args = [program("resource_server"), there.split(":")[1], issuer, "both", SECRET];
  await serve(PYTHON, args, `http://${there}/.well-known/oauth-authorization-server`, { env });
  return {
    issuer,
    client_id: "both",
    client_secret: "env:S",
    scope: "openid",
    exchange_scope: "profile",
    requested_token_type: "urn:ietf:params:oauth:token-type:id-jag",
    audience: `http://${there}`,
    api_url: `http://${there}/me`,
  };
}

function across(settings, who = "alice") {
  return grantscope(grant("token-exchange", settings, "--sign-in", who), { env: { S: SECRET, OTHER: "another" } }).done;
}

test("Authlib: takes the grant of the practice server for alice, and no other", async (later) => {
  const settings = await startBoth(later);
  const ran = await across(settings);
  assertSuccess(ran);
  assert.equal(answers(ran.json, "api")[0].sub, "alice");
  for (const rule of ["id_jag.typ", "id_jag.aud", "id_jag.client_id", "id_jag.signature"]) {
    assert.equal(verdict(ran.json, rule), "pass", rule);
  }
  assertHidden(ran, [SECRET]);
  const mistaken = await across({ ...settings, resource_client_id: "both", resource_client_secret: "env:OTHER" });
  assertRefused(mistaken, "id_jag", "invalid_client");
  const unknown = await across(settings, "bob");
  assertRefused(unknown, "id_jag", "Invalid 'sub' value");
  assertBroken(unknown);
});
