// The practice server as a mock for the tests of others: their clients, apps and APIs, each against one configuration.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

import * as oauth from "oauth4webapi";

import { Agent } from "../lib/agent.mjs";
import { openPage } from "../lib/chromium.mjs";
import { backendToken, startMock } from "../lib/mock.mjs";
import { ended, start } from "../lib/process.mjs";
import { listening } from "../lib/provider.mjs";
import { SERVERS } from "../lib/server.mjs";
import { eventually, test } from "../lib/suite.mjs";
import { folder } from "../lib/temporary.mjs";

const PYTHON = join(SERVERS, "canaille", "bin", "python");
const REDIRECT_URI = "http://127.0.0.1:18995/callback";

test("mock: oauth4webapi signs carol in, refreshes, introspects, revokes, and an API validates its token", async (later) => {
  const { issuer } = await startMock(later);
  const insecure = { [oauth.allowInsecureRequests]: true };
  const server = await oauth.processDiscoveryResponse(new URL(issuer), await oauth.discoveryRequest(new URL(issuer), insecure));
  const client = { client_id: "shop" };
  const secret = oauth.ClientSecretBasic("the-secret-of-the-shop");
  const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: "shop",
    redirect_uri: REDIRECT_URI,
    scope: "openid email offline_access",
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const { url: callback } = await new Agent().signIn(url, REDIRECT_URI, { follow: false });
  const params = oauth.validateAuthResponse(server, client, callback, state);
  const answer = await oauth.authorizationCodeGrantRequest(server, client, secret, params, REDIRECT_URI, verifier, insecure);
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce });
  await oauth.validateApplicationLevelSignature(server, answer, insecure);
  assert.deepEqual(["sub", "tenant"].map((name) => oauth.getValidatedIdTokenClaims(tokens)[name]), ["carol", "blue"]);

  const again = await oauth.refreshTokenGrantRequest(server, client, secret, tokens.refresh_token, insecure);
  const fresh = await oauth.processRefreshTokenResponse(server, client, again);
  const active = async () => {
    const answer = await oauth.introspectionRequest(server, client, secret, fresh.access_token, insecure);
    return (await oauth.processIntrospectionResponse(server, client, answer)).active;
  };
  assert.equal(await active(), true);
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, secret, fresh.access_token, insecure));
  assert.equal(await active(), false);

  const access_token = await backendToken(issuer, { resource: "https://orders.test" });
  const request = new Request("https://orders.test/", { headers: { authorization: `Bearer ${access_token}` } });
  const claims = await oauth.validateJwtAccessToken(server, request, "https://orders.test", insecure);
  assert.deepEqual([claims.client_id, claims.roles], ["backend", ["reader"]]);
});

/** What the rule of the configuration is about. */
const SPRING_API = "http://spring.test";

/** An app without a server, on oidc-client-ts. */
const SPA = (issuer) => `<!doctype html><title>App</title><body><script src="/oidc-client-ts.js"></script><script type="module">
const manager = new oidc.UserManager({ authority: ${JSON.stringify(issuer)}, client_id: "spa", redirect_uri: location.origin + "/callback",
  scope: "openid email offline_access", loadUserInfo: true });
if (location.pathname !== "/callback") {
  await manager.signinRedirect();
} else {
  const user = await manager.signinCallback();
  const renewed = await manager.signinSilent();
  const changed = renewed.access_token !== user.access_token;
  document.body.textContent = "Signed in as " + user.profile.email + (changed ? " and renewed" : "");
}
</script>`;

test("mock: a single-page app on oidc-client-ts signs in, reads UserInfo and renews across origins", async (later) => {
  const { issuer } = await startMock(later);
  const library = readFileSync(new URL("../node_modules/oidc-client-ts/dist/browser/oidc-client-ts.js", import.meta.url));
  const app = createServer((request, answer) => {
    const isLibrary = request.url === "/oidc-client-ts.js";
    answer.setHeader("Content-Type", isLibrary ? "text/javascript" : "text/html");
    answer.end(isLibrary ? library : SPA(issuer));
  });
  const host = `http://${await listening(later, app)}`;
  const browser = await openPage(later);
  await browser.goTo(host);
  await browser.shows("Signed in as carol@example.com and renewed");
});

const AUTHLIB = `
import sys, requests
from urllib.parse import urlsplit
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

issuer, redirect_uri, of_backend = sys.argv[1:4]
server = requests.get(issuer + "/.well-known/openid-configuration").json()
client = OAuth2Session("shop", "the-secret-of-the-shop", scope="openid email offline_access", redirect_uri=redirect_uri,
                       token_endpoint_auth_method="client_secret_post", code_challenge_method="S256")
verifier, nonce = generate_token(48), generate_token(20)
url, state = client.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
back = requests.get(url, allow_redirects=False).headers["location"]
token = client.fetch_token(server["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)
keys = KeySet.import_key_set(requests.get(server["jwks_uri"]).json())
claims = jwt.decode(token["id_token"], keys).claims
required = lambda **more: {name: {"essential": True, "value": value} for name, value in more.items()}
jwt.JWTClaimsRegistry(**required(iss=issuer, aud="shop", nonce=nonce, sub="carol")).validate(claims)
fresh = client.refresh_token(server["token_endpoint"])
assert fresh["access_token"] != token["access_token"]
assert client.get(server["userinfo_endpoint"]).json()["email"] == "carol@example.com"
assert client.introspect_token(server["introspection_endpoint"], fresh["access_token"]).json()["active"]
assert client.revoke_token(server["revocation_endpoint"], fresh["refresh_token"]).status_code == 200

# As the API that takes the token of another client.
access = jwt.decode(of_backend, keys)
assert access.header["typ"] == "at+jwt", access.header
jwt.JWTClaimsRegistry(**required(iss=issuer, client_id="backend", roles=["reader"])).validate(access.claims)
print("done")
`;

test("mock: Authlib signs carol in without a page, refreshes and revokes, and an API verifies its token", async (later) => {
  const { issuer } = await startMock(later);
  const program = join(folder({ "client.py": AUTHLIB }), "client.py");
  const ran = await ended(start(PYTHON, [program, issuer, REDIRECT_URI, await backendToken(issuer)]));
  assert.equal(ran.output.trim(), "done", ran.errors);
});

test("mock: Spring Security signs carol in, and its API takes a token and no expired one", async (later) => {
  const { issuer, control } = await startMock(later);
  const app = await startSpring(later, issuer);
  const page = await new Agent().visit(app);
  assert.equal(page.text, "Signed in as carol@example.com of blue", `${page.url}: ${page.text}`);assert.equal(page.text, "Signed in as carol@example.com of blue", `${page.url}: ${page.text}`);

  const token = await backendToken(issuer, { resource: SPRING_API });
  const call = async (headers) => {
    const answer = await fetch(`${app}/api/claims`, { headers });
    return [answer.status, answer.headers.get("www-authenticate") ?? "", await answer.text()];
  };
  const [status, , body] = await call({ authorization: `Bearer ${token}` });
  assert.equal(status, 200, body);
  assert.deepEqual(JSON.parse(body).roles, ["reader"]);
  assert.equal((await call({}))[0], 401);
  assert.equal((await call({ authorization: `Bearer ${await backendToken(issuer, { resource: SPRING_API, scope: "orders:read" })}` }))[0], 403);
  const { time } = await control("clock");
  const expired = { sub: "backend", iss: issuer, scope: "profile", exp: Date.parse(time) / 1000 - 3600 };
  const { token: old } = await control("sign", { claims: expired, header: { typ: "JWT" } });
  const [refused, challenge] = await call({ authorization: `Bearer ${old}` });
  assert.equal(refused, 401);
  assert.match(challenge, /expired/);
});

test("mock: a hundred test processes each have a server of their own", async (later) => {
  const config = "port = 0\ntls_port = 0\ncontrol_port = 0\nclients = \"any\"\n";
  const servers = await Promise.all(Array.from({ length: 100 }, () => startMock(later, { config })));
  assert.equal(new Set(servers.map(({ issuer }) => issuer)).size, 100);
  const tokens = await Promise.all(servers.map(({ issuer }) => backendToken(issuer)));
  assert.ok(tokens.every((token) => token?.split(".").length === 3));
  const keys = await Promise.all(servers.map(async ({ issuer }) => (await (await fetch(`${issuer}/jwks`)).json()).keys[0].x));
  assert.equal(new Set(keys).size, 100, "keys of their own");
  const asked = await Promise.all(servers.map(({ control }) => control("requests")));
  assert.ok(asked.every(({ requests }) => requests.filter(({ path }) => path === "/token").length === 1));
}, 300_000);

test("mock: a fuzzer of API descriptions finds the control port as it is described", async (later) => {
  const { control_token, ...server } = await startMock(later);
  const told = await server.control("openapi.json");
  assert.ok(Object.keys(told.paths).length > 20);
  // What of a client has to fit together is told by the answer, not by the description.
  const own = `[[operations]]\ninclude-path = "/control/clients/{client_id}"\nchecks.positive_data_acceptance.enabled = false\n`;
  const cwd = folder({ "schemathesis.toml": own });
  const fuzzer = join(SERVERS, "tools", "bin", "schemathesis");
  const options = ["--header", `Authorization: Bearer ${control_token}`, "--max-examples", "10", "--seed", "1"];
  const ran = await ended(start(fuzzer, ["run", `${server.control_origin}/control/openapi.json`, ...options], { cwd }));
  assert.equal(ran.code, 0, ran.output + ran.errors);
}, 300_000);

/** The app of Spring, which knows only the issuer and what it is registered as; where it is. */
async function startSpring(later, issuer) {
  const place = join(SERVERS, "spring");
  const registration = "--spring.security.oauth2.client.registration.mock";
  const classpath = [join(place, "classes"), readFileSync(join(place, "classpath"), "utf8").trim()].join(":");
  const child = start("java", [
    ...["-XX:TieredStopAtLevel=1", "-cp", classpath, "interop.App", "--server.port=0", "--server.address=127.0.0.1"],
    ...[`${registration}.client-id=shop`, `${registration}.client-secret=the-secret-of-the-shop`],
    ...[`${registration}.scope=openid,email`, `${registration}.provider=mock`],
    `--spring.security.oauth2.client.provider.mock.issuer-uri=${issuer}`,
    `--spring.security.oauth2.resourceserver.jwt.issuer-uri=${issuer}`,
  ]);
  later(() => child.stop());
  let said = "";
  child.stdout.on("data", (bytes) => (said += bytes));
  const port = await eventually(() => /started on port (\d+)/.exec(said)?.[1], "the start of Spring", 90_000);
  return `http://127.0.0.1:${port}`;
}
