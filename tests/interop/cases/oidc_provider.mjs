// The client side against oidc-provider: its login pages, its token endpoint, its idea of the specifications.

import assert from "node:assert/strict";

import { Agent } from "../lib/agent.mjs";
import { assertSuccess, authorizationCode, exchanges, grantscope, verdict } from "../lib/grantscope.mjs";
import { SECRET, WEB_REDIRECT_URI, startProvider } from "../lib/provider.mjs";
import { test } from "../lib/suite.mjs";

const SCOPE = { scope: "openid profile email offline_access", prompt: "consent" };

/** Runs the grant, with alice at the browser. */
async function run(issuer, settings, { more = [], env = {}, agent = new Agent(), signIn } = {}) {
  const program = grantscope(authorizationCode({ issuer, ...SCOPE, ...settings }, "--print-url", ...more), { env });
  const url = await program.url();
  const redirectUri = url.searchParams.get("redirect_uri");
  const page = await (signIn ?? ((url) => agent.signIn(url, redirectUri)))(url, redirectUri);
  return { ...(await program.done), page, url };
}

const CLIENTS = [
  { method: "none", settings: { client_id: "public" }, alg: "RS256", rotates: true },
  { method: "client_secret_basic", settings: { client_id: "with basic" }, alg: "ES256", rotates: false },
  { method: "client_secret_post", settings: { client_id: "with-post" }, alg: "RS256", rotates: false },
];

for (const { method, settings, alg, rotates } of CLIENTS) {
  test(`oidc-provider: code, tokens, UserInfo and refresh with ${method}`, async (later) => {
    const issuer = await startProvider(later);
    const secret = method === "none" ? {} : { client_secret: "env:INTEROP_SECRET" };
    const ran = await run(
      issuer,
      { ...settings, ...secret, token_endpoint_auth_method: method },
      { more: ["--then", "refresh", "--with-secrets"], env: { INTEROP_SECRET: SECRET } },
    );
    assertSuccess(ran);
    assertAlice(ran.json, issuer, settings.client_id);
    assert.equal(header(ran.json.tokens.id_token).alg, alg);
    assertRefreshed(ran.json, rotates);
    assert.match(ran.page.text, /close this window/);
    assert.equal(ran.page.url.search, "", "no code stays in the address of the last page");
  });
}

function assertAlice({ claims, exchanges: all, checks }, issuer, clientId) {
  assert.equal(claims.iss, issuer);
  assert.equal(claims.sub, "alice");
  assert.equal([claims.aud].flat()[0], clientId);
  const userinfo = JSON.parse(all.find((exchange) => exchange.stage === "userinfo").response.body);
  assert.equal(userinfo.email, "alice@example.com");
  for (const rule of ["id_token.signature", "id_token.nonce", "id_token.iss", "id_token.aud", "userinfo.sub"]) {
    const found = checks.filter((check) => check.rule === rule).map((check) => check.verdict);
    assert.ok(found.includes("pass"), `${rule}: ${found}`);
  }
}

function assertRefreshed(json, rotates) {
  const [code] = exchanges(json, "token");
  const [refresh] = exchanges(json, "refresh");
  const [first, second] = [code, refresh].map((exchange) => JSON.parse(exchange.response.body));
  assert.ok(first.refresh_token);
  assert.notEqual(second.access_token, first.access_token);
  assert.equal(second.refresh_token !== undefined && second.refresh_token !== first.refresh_token, rotates);
  assert.equal(json.tokens.refresh_token, second.refresh_token ?? first.refresh_token);
}

function header(token) {
  return JSON.parse(Buffer.from(token.split(".")[0], "base64url"));
}

test("oidc-provider: secrets are hidden unless asked for", async (later) => {
  const issuer = await startProvider(later);
  const ran = await run(issuer, { client_id: "with-post", client_secret: "env:S", token_endpoint_auth_method: "client_secret_post" }, { env: { S: SECRET } });
  assertSuccess(ran);
  assert.equal(ran.json.tokens.access_token, "REDACTED-access_token-1");
  const told = ran.stdout + ran.stderr;
  for (const secret of [SECRET, encodeURIComponent(SECRET), new URLSearchParams({ s: SECRET }).toString().slice(2)]) {
    assert.ok(!told.includes(secret), `${secret} is told`);
  }
});

test("oidc-provider: a response posted as a form", async (later) => {
  const issuer = await startProvider(later);
  const ran = await run(issuer, { client_id: "public", response_mode: "form_post" });
  assertSuccess(ran);
  assert.equal(ran.json.exchanges.find((exchange) => exchange.callback).callback.response_mode, "form_post");
});

test("oidc-provider: alice signs in without a browser", async (later) => {
  const issuer = await startProvider(later);
  const ran = await grantscope(authorizationCode({ issuer, ...SCOPE, client_id: "public" }, "--sign-in", "alice")).done;
  assertSuccess(ran);
  assertAlice(ran.json, issuer, "public");
});

test("oidc-provider: PKCE plain and no PKCE are refused by the server, and told", async (later) => {
  const issuer = await startProvider(later);
  for (const method of ["plain", "off"]) {
    const ran = await run(issuer, { client_id: "public", code_challenge_method: method });
    assert.equal(ran.code, 1);
    assert.equal(ran.json.outcome, "refused");
    assert.match(ran.json.problem.came, /invalid_request/);
  }
});

test("oidc-provider: a user who cancels is a refusal, not a failure", async (later) => {
  const issuer = await startProvider(later);
  const agent = new Agent();
  const cancel = async (url, redirectUri) => agent.click(await agent.visit(url), "Cancel", redirectUri);
  const ran = await run(issuer, { client_id: "public" }, { agent, signIn: cancel });
  assert.equal(ran.code, 1);
  assert.equal(ran.json.outcome, "refused");
  assert.match(ran.json.problem.came, /access_denied/);
  assert.equal(exchanges(ran.json, "token").length, 0);
});

test("oidc-provider: prompt=none without a session is login_required, with one it signs in silently", async (later) => {
  const issuer = await startProvider(later);
  const agent = new Agent();
  const web = { client_id: "web", redirect_uri: WEB_REDIRECT_URI, scope: "openid" };
  const refused = await run(issuer, { ...web, prompt: "none" }, { agent });
  assert.equal(refused.json.outcome, "refused");
  assert.match(refused.json.problem.came, /login_required/);
  assertSuccess(await run(issuer, { ...web, prompt: "" }, { agent }));
  assertSuccess(await run(issuer, { ...web, prompt: "none" }, { agent, signIn: (url) => agent.visit(url) }));
});

test("oidc-provider: max_age brings an auth_time that is checked", async (later) => {
  const issuer = await startProvider(later);
  const ran = await run(issuer, { client_id: "public", max_age: "600" });
  assertSuccess(ran);
  assert.equal(verdict(ran.json, "id_token.auth_time"), "pass");
});

test("oidc-provider: a wrong secret is refused at the token endpoint with advice", async (later) => {
  const issuer = await startProvider(later);
  const settings = { client_id: "with basic", client_secret: "env:S", token_endpoint_auth_method: "client_secret_basic" };
  const ran = await run(issuer, settings, { env: { S: "wrong" } });
  assert.equal(ran.code, 1);
  assert.equal(ran.json.outcome, "refused");
  assert.equal(ran.json.problem.stage, "token");
  assert.match(ran.json.problem.came, /invalid_client/);
  assert.ok(ran.json.problem.try.length > 0);
});

test("oidc-provider: a client with a secret that does not authenticate is refused with advice", async (later) => {
  const issuer = await startProvider(later);
  const ran = await run(issuer, { client_id: "with-post", token_endpoint_auth_method: "none" });
  assert.equal(ran.json.outcome, "refused");
  assert.match(ran.json.problem.came, /invalid_client/);
  assert.match(ran.json.problem.try.join("\n"), /token_endpoint_auth_method|authentication/);
});

test("oidc-provider: an issuer with another path or host is told from the real one", async (later) => {
  const issuer = await startProvider(later);
  const absent = await grantscope(authorizationCode({ issuer: `${issuer}/tenant`, client_id: "public" }, "--print-url")).done;
  assert.equal(absent.code, 1);
  assert.equal(absent.json.outcome, "failed");
  assert.equal(absent.json.problem.stage, "discovery");
  assert.ok(absent.json.problem.try.length > 0, absent.stderr);

  const alias = issuer.replace("127.0.0.1", "localhost");
  const mistaken = await grantscope(["discover", alias]).done;
  assert.equal(mistaken.code, 1);
  const check = mistaken.json.checks.find((check) => check.rule === "metadata.issuer");
  assert.deepEqual([check.verdict, check.expected, check.actual], ["fail", alias, issuer]);
});

test("oidc-provider: discover finds sound metadata", async (later) => {
  const issuer = await startProvider(later);
  const found = await grantscope(["discover", issuer]).done;
  assert.equal(found.code, 0, found.stderr);
  assert.equal(found.json.metadata.issuer, issuer);
  assert.equal(found.json.metadata.token_endpoint, `${issuer}/token`);
  assert.deepEqual(found.json.checks.filter((check) => check.verdict === "fail"), []);
});

test("oidc-provider: jwt verify holds the ID token against the server's keys", async (later) => {
  const issuer = await startProvider(later);
  const settings = { client_id: "with basic", client_secret: "env:S", token_endpoint_auth_method: "client_secret_basic" };
  const ran = await run(issuer, settings, { more: ["--with-secrets"], env: { S: SECRET } });
  assertSuccess(ran);
  const token = ran.json.tokens.id_token;
  const verified = await grantscope(["jwt", "verify", "--jwks", `${issuer}/jwks`, "-"], { stdin: token }).done;
  assert.equal(verified.code, 0, verified.stderr);
  assert.equal(verified.json.signature.verdict, "pass");

  const other = await startProvider(later);
  const refused = await grantscope(["jwt", "verify", "--jwks", `${other}/jwks`, token]).done;
  assert.equal(refused.code, 1);
  assert.equal(refused.json.signature.verdict, "fail");
});
