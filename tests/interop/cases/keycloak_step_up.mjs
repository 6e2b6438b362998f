// Keycloak with a login of two levels: what is asked of it by acr_values or claims, and what an API wants (RFC 9470).

import assert from "node:assert/strict";

import { Agent } from "../lib/agent.mjs";
import { assertAdvised, assertRefused, assertSuccess, grant, grantscope, verdict } from "../lib/grantscope.mjs";
import { keycloakTest } from "../lib/keycloak.mjs";
import { ENV, asAlice } from "../lib/keycloak_client.mjs";
import { PASSWORD, realmOf, service } from "../lib/keycloak_realm.mjs";
import { startApi } from "../lib/provider.mjs";

const REALM = "levels";
const STEP_UP = { "acr.loa.map": JSON.stringify({ silver: 1, gold: 2 }) };
/** Gold is a second look at the password: what matters is that the level is another one. */
const LEVELS = [
  ["silver", "1", "auth-username-password-form"],
  ["gold", "2", "auth-password-form"],
];

/** Adds the realm once; where it is. */
let added;
function levels(server) {
  added ??= withLevels(server);
  return added.then(() => ({ issuer: server.issuerOf(REALM) }));
}

async function withLevels({ admin }) {
  const flows = `/admin/realms/${REALM}/authentication/flows`;
  await admin.post("/admin/realms", realmOf(REALM, [service("stepping", { attributes: STEP_UP })]));
  await admin.post(flows, { alias: "levels", providerId: "basic-flow", topLevel: true, builtIn: false });
  for (const [alias, level, form] of LEVELS) {
    await admin.post(`${flows}/levels/executions/flow`, { alias, type: "basic-flow" });
    await admin.post(`${flows}/${alias}/executions/execution`, { provider: "conditional-level-of-authentication" });
    await admin.post(`${flows}/${alias}/executions/execution`, { provider: form });
    const executions = await admin.get(`${flows}/${alias}/executions`);
    const condition = executions.find(({ providerId }) => providerId === "conditional-level-of-authentication");
    const config = { "loa-condition-level": level, "loa-max-age": "0" };
    await admin.post(`/admin/realms/${REALM}/authentication/executions/${condition.id}/config`, { alias: `level ${level}`, config });
    for (const execution of executions) {
      await admin.put(`${flows}/levels/executions`, { ...execution, requirement: "REQUIRED" });
    }
  }
  for (const execution of await admin.get(`${flows}/levels/executions`)) {
    const requirement = execution.authenticationFlow ? "CONDITIONAL" : "REQUIRED";
    await admin.put(`${flows}/levels/executions`, { ...execution, requirement });
  }
  await admin.put(`/admin/realms/${REALM}`, { browserFlow: "levels" });
}

const CLIENT = { client_id: "stepping", client_secret: "env:S", scope: "openid" };

/** Alice types her password as often as she is asked. */
async function signedIn(server, settings, ...more) {
  const { issuer } = await levels(server);
  const program = grantscope(grant("authorization-code", { issuer, ...CLIENT, ...settings }, "--print-url", ...more), { env: ENV });
  await new Agent().submitUntil(await program.url(), "close this window", { username: "alice", password: PASSWORD });
  return program.done;
}

keycloakTest("the level of a login is what was asked for", async (server) => {
  for (const [asked, level, rule] of [
    [{ acr_values: "silver" }, "silver", "id_token.acr"],
    [{ acr_values: "gold" }, "gold", "id_token.acr"],
    [{ claims: '{"id_token":{"acr":{"essential":true,"values":["gold"]}}}' }, "gold", "id_token.acr_essential"],
  ]) {
    const ran = await signedIn(server, asked);
    assertSuccess(ran);
    assert.deepEqual([ran.json.claims.acr, verdict(ran.json, rule)], [level, "pass"], JSON.stringify(asked));
  }
});

keycloakTest("a second look at the password is answered without a browser, and a wrong one is not typed twice", async (server) => {
  const gold = { ...CLIENT, acr_values: "gold" };
  const ran = await asAlice(await levels(server), "authorization-code", gold);
  assertSuccess(ran);
  assert.equal(ran.json.claims.acr, "gold");
  const { issuer } = await levels(server);
  const args = grant("authorization-code", { issuer, ...gold }, "--sign-in", "alice", "--sign-in-password", "env:S");
  const refused = await grantscope(args, { env: ENV }).done;
  assertAdvised(refused, "authorization", "Invalid username or password", /Compare user name and password/);
});

keycloakTest("a level that it does not know is told, and refused where it is essential", async (server) => {
  const weak = await signedIn(server, { acr_values: "platinum" });
  assert.deepEqual([weak.json.claims.acr, verdict(weak.json, "id_token.acr")], ["silver", "warn"]);
  const settings = { ...CLIENT, claims: '{"id_token":{"acr":{"essential":true,"value":"platinum"}}}' };
  const refused = await asAlice(await levels(server), "authorization-code", settings);
  assertAdvised(refused, "authorization", "Invalid parameter: claims", /claims parameter/);
});

keycloakTest("a level that an API wants is proposed, and is right in the next run", async (server, later) => {
  const { came, api_url } = await startApi(later, {
    refuses: ({ headers }) => {
      const { acr } = JSON.parse(Buffer.from(headers.authorization.split(".")[1], "base64url"));
      return acr !== "gold" && 'Bearer error="insufficient_user_authentication", acr_values="gold"';
    },
  });
  const weak = await signedIn(server, { acr_values: "silver", api_url });
  assertRefused(weak, "api", "insufficient_user_authentication");
  assert.equal(verdict(weak.json, "step_up.form"), "pass");
  assert.equal(weak.json.finding.option, "--set acr_values=gold");
  const strong = await signedIn(server, { acr_values: "gold", api_url });
  assertSuccess(strong);
  assert.equal(came.length, 2);
});
