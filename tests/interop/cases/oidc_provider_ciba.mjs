// Users of oidc-provider who approve on a device of their own (OpenID CIBA), in poll and ping mode.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:tls";

import { authority } from "../lib/certificates.mjs";
import { USER_CODE, approve, deny, startCiba } from "../lib/ciba.mjs";
import { run } from "../lib/client.mjs";
import { answers, exchanges, verdict } from "../lib/grantscope.mjs";
import { assertBroken, assertHidden, assertIncomplete, assertRefused, assertSuccess } from "../lib/grantscope.mjs";
import { SECRET } from "../lib/provider.mjs";
import { secureFetch } from "../lib/secure_fetch.mjs";
import { freePort } from "../lib/server.mjs";
import { test } from "../lib/suite.mjs";

const POLLER = { client_id: "poller", client_secret: "env:S", scope: "openid email", login_hint: "alice" };

/** Starts a server that pings, and says how the client is set up. */
async function startPinging(later, options) {
  const endpoint = `http://${await freePort()}/ping`;
  const { issuer } = await startCiba(later, { endpoint, ...options });
  const ping = { backchannel_token_delivery_mode: "ping", backchannel_client_notification_endpoint: endpoint };
  return { issuer, endpoint, settings: { ...POLLER, ...ping, client_id: "pinged" } };
}

test("oidc-provider: alice approves on her phone while the client polls", async (later) => {
  const issued = [];
  const { issuer } = await startCiba(later, { issued, asked: approve });
  const settings = { ...POLLER, scope: "openid email offline_access", binding_message: "W4SCT" };
  const ran = await run("ciba", issuer, settings, { more: ["--then", "refresh,introspect"] });
  assertSuccess(ran);
  assert.equal(ran.json.claims.sub, "alice");
  assert.equal(answers(ran.json, "userinfo")[0].email, "alice@example.com");
  assert.equal(answers(ran.json, "introspect")[0].active, true);
  assertHidden(ran, [SECRET, ...issued]);
});

test("oidc-provider: a client polls again while alice has not decided", async (later) => {
  const asked = (provider, request) => provider.once("grant.error", () => approve(provider, request));
  const { issuer } = await startCiba(later, { asked });
  const ran = await run("ciba", issuer, POLLER);
  assertSuccess(ran);
  const polls = answers(ran.json, "token").map((answer) => answer.error ?? "tokens");
  assert.deepEqual([polls[0], polls.at(-1)], ["authorization_pending", "tokens"]);
});

test("oidc-provider: a denied request on the phone is a refusal", async (later) => {
  const issued = [];
  const { issuer } = await startCiba(later, { issued, asked: deny });
  const ran = await run("ciba", issuer, POLLER);
  assertRefused(ran, "token", "access_denied");
  assertBroken(ran);
  assertHidden(ran, [SECRET, ...issued]);
});

test("oidc-provider: a request on the phone that nobody decides expires", async (later) => {
  const { issuer } = await startCiba(later, { ttl: { BackchannelAuthenticationRequest: 2 } });
  const ran = await run("ciba", issuer, POLLER);
  assertRefused(ran, "token", "expired_token");
  assertBroken(ran);
});

test("oidc-provider: a ping says when to ask, once", async (later) => {
  const [issued, decided] = [[], []];
  const { issuer, settings } = await startPinging(later, { issued, decided, asked: approve });
  const ran = await run("ciba", issuer, settings);
  await Promise.all(decided);
  assertSuccess(ran);
  assert.equal(verdict(ran.json, "backchannel_ping.auth_req_id"), "pass");
  assert.equal(verdict(ran.json, "backchannel_request.client_notification_token"), "pass");
  assert.equal(exchanges(ran.json, "token").length, 1);
  assert.equal(answers(ran.json, "userinfo")[0].sub, "alice");
  assertHidden(ran, [SECRET, ...issued]);
});

test("oidc-provider: a ping about a denied request leads to the refusal", async (later) => {
  const decided = [];
  const { issuer, settings } = await startPinging(later, { decided, asked: deny });
  const ran = await run("ciba", issuer, settings);
  await Promise.all(decided);
  assertRefused(ran, "token", "access_denied");
  assertBroken(ran);
});

test("oidc-provider: a ping that shows another token is not believed", async (later) => {
  const [decided, refused] = [[], []];
  const asked = async (provider, request) => {
    for (const authorization of ["Bearer forged", "Bearer", ""]) {
      const headers = { "Content-Type": "application/json", Authorization: authorization };
      const body = JSON.stringify({ auth_req_id: request.jti });
      refused.push((await fetch(endpoint, { method: "POST", headers, body })).status);
    }
    await approve(provider, request);
  };
  const { issuer, endpoint, settings } = await startPinging(later, { decided, asked });
  const ran = await run("ciba", issuer, settings);
  await Promise.all(decided);
  assertSuccess(ran);
  assert.deepEqual(refused, [401, 401, 401]);
});

test("oidc-provider: ping mode needs an address of this machine to be pinged at", async (later) => {
  const { issuer, settings } = await startPinging(later, { asked: approve });
  for (const endpoint of ["", "no URL"]) {
    const ran = await run("ciba", issuer, { ...settings, backchannel_client_notification_endpoint: endpoint });
    assertIncomplete(ran, "backchannel_authentication", "backchannel_client_notification_endpoint");
  }
});

test("oidc-provider: the user is named by a token or an earlier ID token as well", async (later) => {
  const issued = [];
  const { issuer } = await startCiba(later, { issued, asked: approve });
  const first = await run("ciba", issuer, POLLER, { more: ["--with-secrets"] });
  assertSuccess(first);
  const env = { ID: first.json.tokens.id_token, T: "token-of alice" };
  for (const hint of [{ id_token_hint: "env:ID" }, { login_hint_token: "env:T" }]) {
    const ran = await run("ciba", issuer, { ...POLLER, login_hint: "", ...hint }, { env });
    assertSuccess(ran);
    assert.equal(ran.json.claims.sub, "alice");
    assertHidden(ran, [env.ID.split(".")[2], env.T, ...issued]);
  }
});

test("oidc-provider: a user code is asked for, and wrong ones are refused", async (later) => {
  const { issuer } = await startCiba(later, { asked: approve });
  const carol = { ...POLLER, login_hint: "carol", user_code: "env:C" };
  const right = await run("ciba", issuer, carol, { env: { C: USER_CODE } });
  assertSuccess(right);
  assertHidden(right, [USER_CODE]);
  for (const [C, error] of [
    ["1111", "invalid_user_code"],
    ["", "missing_user_code"],
  ]) {
    const ran = await run("ciba", issuer, carol, { env: { C } });
    assertRefused(ran, "backchannel_authentication", error);
    assertBroken(ran);
  }
});

test("oidc-provider: a backchannel request is refused for each reason", async (later) => {
  const { issuer } = await startCiba(later, { asked: approve });
  const hint = "backchannel_request.hint";
  for (const [settings, error, ...broken] of [
    [{ login_hint: "nobody" }, "unknown_user_id"],
    [{ omit: "login_hint" }, "invalid_request", hint],
    [{ login_hint_token: "token-of alice" }, "invalid_request", hint],
    [{ binding_message: "more than a device can show" }, "invalid_binding_message"],
    [{ requested_expiry: "soon" }, "invalid_request"],
    [{ scope: "email" }, "invalid_request", "backchannel_request.openid"],
    [{ client_id: "service with basic" }, "invalid_request"],
    [{ client_secret: "mistaken" }, "invalid_client"],
  ]) {
    const ran = await run("ciba", issuer, { ...POLLER, ...settings });
    assertRefused(ran, "backchannel_authentication", error);
    assertBroken(ran, ...broken);
    assert.equal(exchanges(ran.json, "token").length, 0);
  }
});

/** The certificate that is shown at this address. */
async function shownAt(url) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const certificate = socket.getPeerX509Certificate();
  socket.destroy();
  return certificate;
}

/** Starts a server that pings over TLS and trusts what `trusts` says, told the address and asked at each ping. */
async function startPingingSecurely(later, { trusts, ...options }) {
  const endpoint = `https://${await freePort()}/ping`;
  const ping = async (request) => secureFetch(endpoint, request, { ca: await trusts(endpoint) });
  const { issuer } = await startCiba(later, { endpoint: ping, asked: approve, ...options });
  const pinged = { backchannel_token_delivery_mode: "ping", backchannel_client_notification_endpoint: endpoint };
  return { issuer, settings: { ...POLLER, ...pinged, client_id: "pinged" } };
}

test("oidc-provider: a ping comes over TLS, to the certificate that is made for the run", async (later) => {
  const [issued, decided, shown] = [[], [], []];
  const trusts = async (endpoint) => {
    shown.push(await shownAt(endpoint));
    return shown[0].toString();
  };
  const { issuer, settings } = await startPingingSecurely(later, { issued, decided, trusts });
  const ran = await run("ciba", issuer, settings);
  await Promise.all(decided);
  assertSuccess(ran);
  assert.equal(shown[0].checkIP("127.0.0.1"), "127.0.0.1");
  assert.equal(verdict(ran.json, "backchannel_ping.auth_req_id"), "pass");
  assert.match(ran.stderr, /certificate made for this run/);
  assertHidden(ran, [SECRET, ...issued]);
});

test("oidc-provider: a ping comes over TLS, to a certificate that is given", async (later) => {
  const [decided, trusted] = [[], authority("authority of the pings")];
  const { issuer, settings } = await startPingingSecurely(later, { decided, trusts: () => trusted.certificate });
  const own = trusted.issue({ subject: "/CN=pinged", extensions: ["basicConstraints=CA:FALSE", "subjectAltName=IP:127.0.0.1"] });
  const ran = await run("ciba", issuer, settings, { more: ["--listen-certificate", own.files.both] });
  await Promise.all(decided);
  assertSuccess(ran);
  assert.equal(exchanges(ran.json, "token").length, 1);
});

test("oidc-provider: a ping that does not trust the certificate of the run does not come, and it is told why", async (later) => {
  const [decided, failed] = [[], []];
  const asked = (provider, request) => approve(provider, request).catch((error) => failed.push(error.code));
  const trusts = () => authority("another authority").certificate;
  const { issuer, settings } = await startPingingSecurely(later, { decided, asked, trusts });
  const ran = await run("ciba", issuer, settings, { more: ["--timeout", "2"] });
  await Promise.all(decided);
  assert.deepEqual([ran.code, ran.json.problem.stage], [1, "notification"]);
  assert.match(ran.json.problem.try.join("\n"), /does not trust the certificate/);
  assertBroken(ran);
  assert.deepEqual(failed, ["DEPTH_ZERO_SELF_SIGNED_CERT"]);
});
