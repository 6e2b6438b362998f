// Signing out at oidc-provider (OIDC RP-Initiated Logout).

import assert from "node:assert/strict";

import { Agent } from "../lib/agent.mjs";
import { assertBroken, assertHidden, assertSuccess } from "../lib/grantscope.mjs";
import { authorizationCode, exchanges, grantscope, verdict } from "../lib/grantscope.mjs";
import { CODE, startProvider } from "../lib/provider.mjs";
import { test } from "../lib/suite.mjs";

const BACK = "http://127.0.0.1:0/signed-out";
const CLIENT = { client_id: "leaver", scope: "openid" };
const LEAVER = {
  ...CODE,
  client_id: "leaver",
  token_endpoint_auth_method: "none",
  post_logout_redirect_uris: ["http://127.0.0.1/signed-out"],
};

/** Signs alice in and out with one browser; the run, and where that browser ended. */
async function signedOut(later, issuer, settings, { agent = new Agent(), leave, more = [] } = {}) {
  const args = authorizationCode({ issuer, ...CLIENT, ...settings }, "--print-url", "--then", "logout", ...more);
  const program = grantscope(args);
  later(() => program.child.stop());
  const url = await program.url();
  await agent.signIn(url, url.searchParams.get("redirect_uri"));
  const logout = await program.url(1);
  const page = await leave(agent, logout);
  return { program, logout, page };
}

/** The browser goes along until it is back at the client. */
function goBack(agent, logout) {
  return agent.signIn(logout, logout.searchParams.get("post_logout_redirect_uri"));
}

/** Whether the server knows who is at this browser, without asking. */
async function isSignedIn(issuer, agent) {
  const program = grantscope(authorizationCode({ issuer, ...CLIENT, prompt: "none" }, "--print-url"));
  await agent.visit(await program.url());
  const { json, stderr } = await program.done;
  assert.ok(json.outcome === "success" || json.problem.came.includes("login_required"), stderr);
  return json.outcome === "success";
}

test("oidc-provider: a logout ends the session and comes back with its state", async (later) => {
  const issued = [];
  const issuer = await startProvider(later, { issued, clients: [LEAVER] });
  const agent = new Agent();
  const settings = { post_logout_redirect_uri: BACK };
  const { program, logout, page } = await signedOut(later, issuer, settings, { agent, leave: goBack });
  const ran = await program.done;
  assertSuccess(ran);
  const rules = ["logout.id_token_hint", "logout.returned", "logout.state"];
  assert.deepEqual(rules.map((rule) => verdict(ran.json, rule)), ["pass", "pass", "pass"]);
  assert.match(page.text, /close this window/);
  assert.equal(await isSignedIn(issuer, agent), false);
  // The user has to have the URL with the ID token in it; nothing else tells of it.
  assertHidden({ ...ran, stderr: ran.stderr.replace(logout.href, "") }, issued);
});

test("oidc-provider: a logout without a way back ends the session as well", async (later) => {
  const issuer = await startProvider(later, { clients: [LEAVER] });
  const agent = new Agent();
  const leave = (agent, logout) => agent.submitUntil(logout, "Sign-out Success");
  const { program, logout } = await signedOut(later, issuer, {}, { agent, leave });
  const ran = await program.done;
  assertSuccess(ran);
  const sent = Object.fromEntries(logout.searchParams);
  assert.deepEqual([sent.client_id, sent.post_logout_redirect_uri, sent.state], ["leaver", undefined, undefined]);
  assert.equal(exchanges(ran.json, "logout")[0].visited, true);
  assert.equal(await isSignedIn(issuer, agent), false);
});

test("oidc-provider: an earlier ID token says whose session ends", async (later) => {
  const issued = [];
  const issuer = await startProvider(later, { issued, clients: [LEAVER] });
  const first = await grantscope(authorizationCode({ issuer, ...CLIENT }, "--sign-in", "alice", "--with-secrets")).done;
  const settings = { issuer, ...CLIENT, id_token_hint: "env:ID", post_logout_redirect_uri: BACK };
  const env = { ID: first.json.tokens.id_token };
  const ran = await grantscope(authorizationCode(settings, "--sign-in", "alice", "--then", "logout"), { env }).done;
  assertSuccess(ran);
  assert.equal(verdict(ran.json, "logout.state"), "pass");
  assertHidden(ran, issued);
});

test("oidc-provider: a logout to an address that is not registered does not come back", async (later) => {
  const issuer = await startProvider(later, { clients: [LEAVER] });
  for (const settings of [
    { post_logout_redirect_uri: "http://127.0.0.1:0/elsewhere" },
    { post_logout_redirect_uri: BACK, client_id: "public" },
  ]) {
    const args = authorizationCode({ issuer, ...CLIENT, ...settings }, "--sign-in", "alice", "--then", "logout");
    const ran = await grantscope(args).done;
    assert.deepEqual([ran.code, ran.json.outcome, ran.json.problem.stage], [1, "failed", "logout"]);
    assert.match(ran.json.problem.try[0], /post_logout_redirect_uri is told on such a page/);
    assertBroken(ran);
  }
});

test("oidc-provider: a browser that comes back from a logout with another state is ignored", async (later) => {
  const issuer = await startProvider(later, { clients: [LEAVER] });
  const leave = async (agent, logout) => {
    const back = new URL(logout.searchParams.get("post_logout_redirect_uri"));
    const stray = await agent.visit(`${back}?state=forged`);
    return [stray, await goBack(agent, logout)].map((page) => page.status);
  };
  const { program, page } = await signedOut(later, issuer, { post_logout_redirect_uri: BACK }, { leave });
  const ran = await program.done;
  assertSuccess(ran);
  assert.deepEqual(page, [400, 200]);
  assert.match(ran.stderr, /ignored GET .signed-out: state is not the one that was sent/);
});

test("oidc-provider: a browser that comes back from a logout without the state is judged", async (later) => {
  const issuer = await startProvider(later, { clients: [LEAVER] });
  const leave = (agent, logout) => agent.visit(new URL(logout.searchParams.get("post_logout_redirect_uri")));
  const { program } = await signedOut(later, issuer, { post_logout_redirect_uri: BACK }, { leave });
  const ran = await program.done;
  assert.equal(ran.code, 1);
  assert.equal(verdict(ran.json, "logout.state"), "fail");
});
