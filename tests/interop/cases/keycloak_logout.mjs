// Keycloak tells clients that a session is over: by itself (OIDC Back-Channel Logout) and in iframes of its page (OIDC
// Front-Channel Logout).

import assert from "node:assert/strict";

import { Agent } from "../lib/agent.mjs";
import { openPage } from "../lib/chromium.mjs";
import { assertBroken, assertSuccess, grant, grantscope } from "../lib/grantscope.mjs";
import { keycloakTest } from "../lib/keycloak.mjs";
import { ENV, added, asAlice, registered } from "../lib/keycloak_client.mjs";
import { PASSWORD, service } from "../lib/keycloak_realm.mjs";
import { freePort } from "../lib/server.mjs";

const BACK = { post_logout_redirect_uri: "http://127.0.0.1:0/signed-out" };

/** The verdicts of all rules that begin like this. */
function verdicts(json, beginning) {
  const rules = json.checks.filter(({ rule }) => rule.startsWith(beginning));
  return Object.fromEntries(rules.map(({ rule, verdict }) => [rule, verdict]));
}

/** A client that is told by itself; what a run with it is given. */
async function told(server, clientId) {
  const uri = `http://${await freePort()}/told`;
  const settings = await registered(server, clientId, { "backchannel.logout.url": uri, "backchannel.logout.session.required": "true" });
  return { ...settings, ...BACK, backchannel_logout_uri: uri };
}

keycloakTest("a logout token comes by itself, and is right in everything", async (server) => {
  const ran = await asAlice(server, "authorization-code", await told(server, "told"), "--then", "logout");
  assertSuccess(ran);
  const said = verdicts(ran.json, "blo.");
  assert.ok(["blo.sent", "blo.signature", "blo.events", "blo.session"].every((rule) => said[rule] === "pass"), JSON.stringify(said));
  assert.deepEqual(Object.entries(said).filter(([, verdict]) => verdict !== "pass"), []);
});

/** Runs a login and a logout with a browser of the case; `signedIn` and `signedOut` are given the addresses. */
async function withBrowser(later, server, settings, signedIn, signedOut) {
  const args = grant("authorization-code", { issuer: server.issuer, scope: "openid", ...settings }, "--print-url", "--then", "logout");
  const program = grantscope(args, { env: ENV });
  later(() => program.child.stop());
  await signedIn(await program.url());
  await signedOut(await program.url(1));
  return program.done;
}

keycloakTest("a logout token that a stranger brings is refused, and told", async (server, later) => {
  const settings = await told(server, "told lies");
  const [agent, refused] = [new Agent(), []];
  const part = (json) => Buffer.from(JSON.stringify(json)).toString("base64url");
  const claims = { iss: server.issuer, aud: "told lies", sub: "alice", events: {} };
  const signIn = (url) => agent.submitUntil(url, "close this window", { username: "alice", password: PASSWORD });
  const signOut = async (url) => {
    const body = new URLSearchParams({ logout_token: `${part({ alg: "none" })}.${part(claims)}.` });
    refused.push((await fetch(settings.backchannel_logout_uri, { method: "POST", body })).status);
    await agent.visit(url);
  };
  const ran = await withBrowser(later, server, settings, signIn, signOut);
  assert.deepEqual([ran.code, refused], [1, [400]], ran.stderr);
  assertBroken(ran, "blo.signature", "blo.alg", "blo.iat", "blo.exp", "blo.jti", "blo.events");
  // The right one came beside it.
  assert.match(ran.json.checks.find(({ rule }) => rule === "blo.sent").actual, /2 came/);
});

for (const named of [true, false]) {
  keycloakTest(`a browser brings the end of ${named ? "the session" : "a session without its name"} in an iframe`, async (server, later) => {
    const uri = `http://${await freePort()}/framed`;
    const attributes = { "frontchannel.logout.url": uri, "frontchannel.logout.session.required": String(named) };
    const client = await added(server, service(`framed ${named}`, { attributes, frontchannelLogout: true }));
    const settings = { ...client, ...BACK, frontchannel_logout_uri: uri, frontchannel_logout_session_required: true };
    const page = await openPage(later);
    const signIn = async (url) => {
      await page.goTo(url);
      await page.shows("Sign in to your account");
      await page.type("username", "alice");
      await page.type("password", PASSWORD);
      await page.click("Sign In");
      await page.shows("close this window");
    };
    const signOut = async (url) => {
      await page.goTo(url);
      await page.shows("close this window");
    };
    const ran = await withBrowser(later, server, settings, signIn, signOut);
    const said = verdicts(ran.json, "flo.");
    assert.deepEqual([said["flo.sent"], said["flo.request"], said["flo.framed"]], ["pass", "pass", "pass"], JSON.stringify(said));
    if (named) {
      assertSuccess(ran);
      assert.deepEqual([said["flo.required"], said["flo.iss"], said["flo.sid"]], ["pass", "pass", "pass"]);
    } else {
      assertBroken(ran, "flo.required");
    }
  });
}

keycloakTest("the end of the session comes in an iframe without a browser, too", async (server) => {
  const uri = `http://${await freePort()}/framed`;
  const attributes = { "frontchannel.logout.url": uri, "frontchannel.logout.session.required": "true" };
  const client = await added(server, service("framed by itself", { attributes, frontchannelLogout: true }));
  const settings = { ...client, ...BACK, frontchannel_logout_uri: uri, frontchannel_logout_session_required: true };
  const ran = await asAlice(server, "authorization-code", settings, "--then", "logout");
  assertSuccess(ran);
  const said = verdicts(ran.json, "flo.");
  assert.deepEqual([said["flo.sent"], said["flo.request"], said["flo.sid"]], ["pass", "pass", "pass"], JSON.stringify(said));
  assert.equal(verdicts(ran.json, "logout.")["logout.returned"], "pass");
});
