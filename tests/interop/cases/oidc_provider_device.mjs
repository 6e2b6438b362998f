// The device grant against oidc-provider: its page for the code, its answers to polls (RFC 8628).

import assert from "node:assert/strict";

import { Agent, ALICE } from "../lib/agent.mjs";
import { answers, assertHidden, assertRefused, assertSuccess, exchanges, grant, grantscope } from "../lib/grantscope.mjs";
import { SECRET, startProvider } from "../lib/provider.mjs";
import { test } from "../lib/suite.mjs";

const SCOPE = "openid profile email offline_access";
const PUBLIC = { client_id: "television" };
const CONFIDENTIAL = { client_id: "set-top box", client_secret: "env:S" };

const MISTAKEN = "mistaken secret";

const APPROVED = "Sign-in Success";
const INTERRUPTED = "The Sign-in request was interrupted";

/** Starts the grant as a device does that shows the address of the page. */
function device(later, issuer, settings, { more = [], secret = SECRET } = {}) {
  const args = grant("device", { issuer, scope: SCOPE, ...settings }, "--print-url", ...more);
  const program = grantscope(args, { env: { S: secret } });
  later(() => program.child.stop());
  return program;
}

/** The errors that polls were answered with. */
function errors(json) {
  return answers(json, "token").map((answer) => answer.error);
}

for (const [settings, how] of [
  [PUBLIC, "none"],
  [CONFIDENTIAL, "client_secret_basic"],
]) {
  test(`oidc-provider: a device with ${how} polls until alice approves, then refreshes`, async (later) => {
    const issued = [];
    const issuer = await startProvider(later, { interval: 1, issued });
    const program = device(later, issuer, settings, { more: ["--then", "refresh"] });
    const url = await program.url();
    assert.equal(url.origin + url.pathname, `${issuer}/device`);
    await program.says("authorization_pending");
    const page = await new Agent().submitUntil(url, "The following code should be displayed on your device");
    assert.ok(page.text.includes(url.searchParams.get("user_code")));
    await new Agent().submitUntil(url, APPROVED);
    const ran = await program.done;
    assertSuccess(ran);
    assert.deepEqual([...new Set(errors(ran.json))], ["authorization_pending", undefined]);
    assert.equal(ran.json.claims.sub, "alice");
    assert.equal(answers(ran.json, "userinfo")[0].email, "alice@example.com");
    assert.equal(exchanges(ran.json, "refresh").length, 1);
    assertHidden(ran, [SECRET, ...issued]);
  });
}

test("oidc-provider: alice approves a device without a browser", async (later) => {
  const issuer = await startProvider(later, { interval: 1 });
  const ran = await grantscope(grant("device", { issuer, scope: SCOPE, ...PUBLIC }, "--sign-in", "alice")).done;
  assertSuccess(ran);
  assert.deepEqual(errors(ran.json), [undefined]);
  assert.equal(ran.json.claims.sub, "alice");
});

test("oidc-provider: a device that is told no interval waits five seconds", async (later) => {
  const issuer = await startProvider(later);
  const program = device(later, issuer, PUBLIC);
  await new Agent().submitUntil(await program.url(), APPROVED);
  const ran = await program.done;
  assertSuccess(ran);
  const [asked] = exchanges(ran.json, "device_authorization");
  const polls = exchanges(ran.json, "token");
  assert.equal(polls.length, 1);
  assert.ok(new Date(polls[0].sent_at) - new Date(asked.sent_at) >= 4000, `${asked.sent_at}, ${polls[0].sent_at}`);
});

test("oidc-provider: a user who says that it is not his device refuses", async (later) => {
  const issuer = await startProvider(later, { interval: 1 });
  const program = device(later, issuer, PUBLIC);
  const url = await program.url();
  await new Agent().submitUntil(url, "Confirm Device");
  await new Agent().submitUntil(url, INTERRUPTED, { ...ALICE, abort: "yes" });
  const ran = await program.done;
  assertRefused(ran, "token", "access_denied");
  assert.equal(ran.json.tokens, null);
  assert.equal(exchanges(ran.json, "userinfo").length, 0);
});

test("oidc-provider: a user who cancels at the sign-in for a device refuses", async (later) => {
  const issuer = await startProvider(later, { interval: 1 });
  const program = device(later, issuer, PUBLIC);
  const agent = new Agent();
  const page = await agent.submitUntil(await program.url(), "[ Cancel ]");
  const end = await agent.click(page, "Cancel", issuer);
  assert.ok(end.text.includes(INTERRUPTED));
  assertRefused(await program.done, "token", "access_denied");
});

test("oidc-provider: a device code that nobody approves expires", async (later) => {
  const issuer = await startProvider(later, { interval: 1, ttl: { DeviceCode: 2 } });
  assertRefused(await device(later, issuer, PUBLIC).done, "token", "expired_token");
});

test("oidc-provider: a device with a wrong secret or an unknown name gets no code", async (later) => {
  const issuer = await startProvider(later);
  const wrong = await device(later, issuer, CONFIDENTIAL, { secret: MISTAKEN }).done;
  assertRefused(wrong, "device_authorization", "invalid_client");
  assertHidden(wrong, [MISTAKEN]);
  const unknown = await device(later, issuer, { client_id: "toaster" }).done;
  assertRefused(unknown, "device_authorization", "invalid_client");
});

test("oidc-provider: a client that is not registered for devices is refused", async (later) => {
  const issuer = await startProvider(later);
  assertRefused(await device(later, issuer, { client_id: "public" }).done, "device_authorization", "not allowed for this client");
});
