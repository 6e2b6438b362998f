// The pages people see, in a real browser: the practice server's and those at the redirect URI.

import assert from "node:assert/strict";

import { attach, chromium, openPage } from "../lib/chromium.mjs";
import { assertSuccess, authorizationCode, exchanges, grant, grantscope, practiceServer } from "../lib/grantscope.mjs";
import { startProvider } from "../lib/provider.mjs";
import { test } from "../lib/suite.mjs";

const DONE = "You can close this window";

/** The last page: no code in its address, nothing to complain about. */
async function assertDone(page) {
  const url = await page.shows(DONE);
  assert.deepEqual([url.search, url.hash], ["", ""], "nothing of the response stays in the address");
  assert.deepEqual(page.complaints, []);
}

function responseMode(json) {
  return json.exchanges.find((exchange) => exchange.callback).callback.response_mode;
}

test("Chromium: opened as the system browser, signs in on the practice server", async (later) => {
  const { profile, command } = chromium();
  const program = grantscope(authorizationCode({}, "--browser"), { env: { BROWSER: [...command, "%s"].join(" ") } });
  later(() => program.child.stop());
  const page = await attach(profile);
  await page.shows("Choose who you want to be");
  await page.picture("login");
  await page.click("Alice Adams");
  await page.shows("Allow Practice web app access?");
  await page.picture("consent");
  await page.click("Allow");
  await assertDone(page);
  await page.picture("done");
  await page.close();
  const ran = await program.done;
  assertSuccess(ran);
  assert.equal(ran.json.claims.sub, "alice");
});

/** Opens the authorization URL that is printed. */
async function visit(later, settings, name = "authorization-code") {
  const page = await openPage(later);
  const program = grantscope(grant(name, settings, "--print-url"));
  later(() => program.child.stop());
  await page.goTo(await program.url());
  return { page, program };
}

test("Chromium: Deny is told as a refusal", async (later) => {
  const { page, program } = await visit(later, { client_id: "practice-native", client_secret: "", token_endpoint_auth_method: "none" });
  await page.click("Bob Brown");
  await page.click("Deny");
  await assertDone(page);
  const { code, json } = await program.done;
  assert.deepEqual([code, json.outcome], [1, "refused"]);
  assert.match(json.problem.came, /access_denied/);
  assert.equal(exchanges(json, "token").length, 0);
});

test("Chromium: the relay page hands a fragment over", async (later) => {
  const { page, program } = await visit(later, { response_mode: "fragment" });
  await page.click("Alice Adams");
  await page.click("Allow");
  await assertDone(page);
  const ran = await program.done;
  assertSuccess(ran);
  assert.equal(responseMode(ran.json), "fragment");
});

test("Chromium: the relay page says when there is nothing or something forged to hand over", async (later) => {
  const { page, program } = await visit(later, { response_mode: "fragment" });
  const redirectUri = (await program.url()).searchParams.get("redirect_uri");
  await page.goTo(`${redirectUri}#code=forged&state=forged`);
  const url = await page.shows("It may belong to an earlier sign-in");
  assert.equal(url.hash, "", "the forged response is out of the address");
  await page.goTo(redirectUri);
  await page.shows("There is no response in this address");
  await page.picture("relay-empty");
  await page.goTo(await program.url());
  await page.click("Alice Adams");
  await page.click("Allow");
  await page.shows(DONE);
  assertSuccess(await program.done);
});

test("Chromium: a form is posted by itself", async (later) => {
  const { page, program } = await visit(later, { response_mode: "form_post" });
  await page.click("Alice Adams");
  await page.click("Allow");
  await assertDone(page);
  const ran = await program.done;
  assertSuccess(ran);
  assert.equal(responseMode(ran.json), "form_post");
});

async function signInAtOidcProvider(page) {
  await page.shows("Sign-in");
  await page.type("login", "alice");
  await page.type("password", "any");
  await page.click("Sign-in");
  await page.click("Continue");
}

for (const mode of ["fragment", "form_post"]) {
  test(`Chromium: response_mode=${mode} from oidc-provider`, async (later) => {
    const issuer = await startProvider(later);
    const { page, program } = await visit(later, { issuer, client_id: "public", response_mode: mode });
    await signInAtOidcProvider(page);
    await page.shows(DONE);
    const ran = await program.done;
    assertSuccess(ran);
    assert.equal(responseMode(ran.json), mode);
  });
}

test("Chromium: code and token in the fragment from oidc-provider", async (later) => {
  const issuer = await startProvider(later);
  const settings = { issuer, client_id: "front", response_type: "code token" };
  const { page, program } = await visit(later, settings, "hybrid");
  await signInAtOidcProvider(page);
  const { search, hash } = await page.shows(DONE);
  assert.deepEqual([search, hash], ["", ""]);
  const ran = await program.done;
  assertSuccess(ran);
  assert.equal(responseMode(ran.json), "fragment");
});

for (const [name, type] of [
  ["implicit", "id_token token"],
  ["hybrid", "code id_token token"],
]) {
  test(`Chromium: ${type} in the fragment from the practice server`, async (later) => {
    const { page, program } = await visit(later, { response_type: type }, name);
    await page.click("Alice Adams");
    await page.click("Allow");
    await assertDone(page);
    const ran = await program.done;
    assertSuccess(ran);
    assert.equal(ran.json.claims.sub, "alice");
  });
}

test("Chromium: the practice server's home and error pages are sound", async (later) => {
  const issuer = await practiceServer(later);
  const page = await openPage(later);
  await page.goTo(issuer);
  await page.shows("A server to practise with");
  await page.picture("home");
  await page.goTo(`${issuer}/authorize?client_id=nobody&response_type=code`);
  await page.shows("This request cannot be answered");
  await page.picture("refused");
  await page.goTo(`${issuer}/nowhere`);
  await page.shows("404");
  await page.picture("problem");
  const answers = /responded with a status of 40[04]/;
  assert.deepEqual(page.complaints.filter((complaint) => !answers.test(complaint)), []);
});
