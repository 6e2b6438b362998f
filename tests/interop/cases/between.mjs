// Clients of others whose login passes through this program, with oidc-provider behind it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";

import * as oauth from "openid-client";

import { Agent } from "../lib/agent.mjs";
import { assertPassed, standing } from "../lib/between.mjs";
import { openPage } from "../lib/chromium.mjs";
import { start } from "../lib/process.mjs";
import { CODE, listening, startProvider } from "../lib/provider.mjs";
import { discovered, signedIn } from "../lib/relying_party.mjs";
import { SERVERS } from "../lib/server.mjs";
import { test, within } from "../lib/suite.mjs";
import { folder } from "../lib/temporary.mjs";

test("between: openid-client signs in at an issuer that signs anew", async (later) => {
  const issuer = await startProvider(later);
  const { ready, end } = await standing(later, issuer, "--iss", "mint");
  const config = await discovered(ready.issuer, "public", oauth.None());
  const { tokens } = await signedIn(config);
  assert.deepEqual([tokens.claims().sub, tokens.claims().iss], ["alice", ready.issuer]);
  await oauth.fetchUserInfo(config, tokens.access_token, "alice");
  const renewed = await oauth.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal(renewed.claims().iss, ready.issuer);
  const ended = await end();
  assertPassed(ended, "back channel");
  assert.ok(ended.messages.some(({ stage }) => stage === "refresh"), ended.stdout);
});

test("between: openid-client refuses a server whose issuer is kept", async (later) => {
  const issuer = await startProvider(later);
  const { ready, end } = await standing(later, issuer);
  await assert.rejects(discovered(ready.issuer, "public", oauth.None()));
  const { code, stderr } = await end();
  assert.equal(code, 0, stderr);
  assert.match(stderr, /may have refused[^]*--iss mint/, stderr);
});

/** A client that is given its endpoints, and knows the issuer by its real name. */
const AUTHLIB = `
import sys, requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.common.security import generate_token
from joserfc import jwt
from joserfc.jwk import KeySet

issuer, metadata_url, redirect_uri = sys.argv[1:4]
server = requests.get(metadata_url).json()
client = OAuth2Session("authlib", "secret-of-authlib", scope="openid profile email", redirect_uri=redirect_uri,
                       token_endpoint_auth_method="client_secret_basic", code_challenge_method="S256")
verifier, nonce = generate_token(48), generate_token(20)
url, state = client.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
print(url, flush=True)
back = sys.stdin.readline().strip()
token = client.fetch_token(server["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)
keys = KeySet.import_key_set(requests.get(server["jwks_uri"]).json())
claims = jwt.decode(token["id_token"], keys).claims
jwt.JWTClaimsRegistry(iss={"essential": True, "value": issuer}, aud={"essential": True, "value": "authlib"},
                      nonce={"essential": True, "value": nonce}).validate(claims)
print(client.get(server["userinfo_endpoint"]).json()["sub"], flush=True)
`;

test("between: Authlib signs in with its endpoints given, and the issuer is kept", async (later) => {
  const clients = [{ ...CODE, client_id: "authlib", client_secret: "secret-of-authlib" }];
  const issuer = await startProvider(later, { clients });
  const { ready, end } = await standing(later, issuer);
  const program = join(folder({ "client.py": AUTHLIB }), "client.py");
  const redirectUri = "http://127.0.0.1:18997/callback";
  const child = start(join(SERVERS, "canaille", "bin", "python"), [program, issuer, ready.metadata, redirectUri]);
  later(() => child.stop());
  let failed = "";
  child.stderr.on("data", (bytes) => (failed += bytes));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => (await within(30_000, lines.next(), "a line of Authlib")).value ?? assert.fail(failed);
  const { url } = await new Agent().signIn(await next(), redirectUri, { follow: false });
  child.stdin.end(`${url}\n`);
  assert.equal(await next(), "alice");
  assertPassed(await end(), "back channel");
});

/** An app without a server: what it has to remember is in the tab. */
const APP = (issuer) => `<!doctype html><title>App</title><body><script type="module">
import * as oauth from "/oauth4webapi.js";
const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(${JSON.stringify(issuer)});
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
const client = { client_id: "app" };
const redirectUri = location.origin + "/callback";
if (location.pathname !== "/callback") {
  const kept = { verifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce() };
  sessionStorage.setItem("login", JSON.stringify(kept));
  const url = new URL(server.authorization_endpoint);
  const asked = { response_type: "code", client_id: "app", redirect_uri: redirectUri, scope: "openid email", state: kept.state,
    nonce: kept.nonce, code_challenge: await oauth.calculatePKCECodeChallenge(kept.verifier), code_challenge_method: "S256" };
  Object.entries(asked).forEach(([name, value]) => url.searchParams.set(name, value));
  location.assign(url);
} else {
  const kept = JSON.parse(sessionStorage.getItem("login"));
  const params = oauth.validateAuthResponse(server, client, new URL(location.href), kept.state);
  const answer = await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), params, redirectUri, kept.verifier, insecure);
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: kept.nonce });
  await oauth.validateApplicationLevelSignature(server, answer, insecure);
  const { sub } = oauth.getValidatedIdTokenClaims(tokens);
  const user = await oauth.userInfoRequest(server, client, tokens.access_token, insecure);
  const { email } = await oauth.processUserInfoResponse(server, client, sub, user);
  document.body.textContent = "Signed in as " + email;
}
</script>`;

test("between: an app in Chromium signs in at an issuer that signs anew", async (later) => {
  const library = readFileSync(new URL("../node_modules/oauth4webapi/build/index.js", import.meta.url));
  let page = "";
  const app = createServer((request, answer) => {
    const isLibrary = request.url === "/oauth4webapi.js";
    answer.setHeader("Content-Type", isLibrary ? "text/javascript" : "text/html");
    answer.end(isLibrary ? library : page);
  });
  const host = `http://${await listening(later, app)}`;
  const clients = [
    { client_id: "app", token_endpoint_auth_method: "none", redirect_uris: [`${host}/callback`], response_types: ["code"] },
  ];
  const issuer = await startProvider(later, { clients, cors: true });
  const { ready, end } = await standing(later, issuer, "--iss", "mint");
  page = APP(ready.issuer);
  const browser = await openPage(later);
  await browser.goTo(host);
  await browser.shows("Sign-in");
  await browser.type("login", "alice");
  await browser.type("password", "any");
  await browser.click("Sign-in");
  await browser.click("Continue");
  await browser.shows("Signed in as alice@example.com");
  assertPassed(await end(), "browser");
});
