// The practice server as the mock of a test suite: one configuration, and its control port.

import { join } from "node:path";
import { readFileSync } from "node:fs";

import { grantscope } from "./grantscope.mjs";
import { eventually } from "./suite.mjs";
import { folder } from "./temporary.mjs";

/** What every client here is tried against. */
const CONFIG = `
port = 0
tls_port = 0
control_port = 0
login = "auto"
cors = ["*"]
scopes = ["orders:read"]

[[clients]]
client_id = "shop"
client_secret = "the-secret-of-the-shop"
any_loopback_redirect = true
consent = "skip"
grant_types = ["authorization_code", "refresh_token"]
id_token_claims = { tenant = "blue" }
# Spring takes no other (OIDC Registration section 2: it is the default).
id_token_signed_response_alg = "RS256"

[[clients]]
client_id = "spa"
any_loopback_redirect = true
grant_types = ["authorization_code", "refresh_token"]

[[clients]]
client_id = "backend"
client_secret = "the-secret-of-the-backend"
grant_types = ["client_credentials"]
access_token_claims = { roles = ["reader"] }

# For an API on Spring, which takes the type of RFC 9068 only when it is told to.
[[rules]]
tokens = ["access_token"]
when = { audience = "http://spring.test" }
typ = "JWT"

[[users]]
sub = "carol"
claims = { name = "Carol Clark", email = "carol@example.com" }
`;

/** Starts it; what its ready file says, and `control`, which makes a call of the control port. */
export async function startMock(later, { config = CONFIG, options = [] } = {}) {
  const place = folder({ "mock.toml": config });
  const file = join(place, "ready.json");
  const server = grantscope(["serve", "--quiet", "--config", join(place, "mock.toml"), "--ready-file", file, ...options]);
  later(() => server.child.stop());
  const written = () => {
    try {
      return JSON.parse(readFileSync(file, "utf8"));
    } catch {
      return null;
    }
  };
  const ready = await Promise.race([eventually(written, "the ready file"), server.done.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  const control = async (path, body) => {
    const headers = { authorization: `Bearer ${ready.control_token}` };
    const answer = await fetch(`${ready.control}/control/${path}`, body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers });
    if (!answer.ok) {
      throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    }
    return answer.json();
  };
  return { ...ready, control, control_origin: ready.control };
}

/** An access token of the client `backend`. */
export async function backendToken(issuer, more = {}) {
  const authorization = `Basic ${btoa("backend:the-secret-of-the-backend")}`;
  const body = new URLSearchParams({ grant_type: "client_credentials", scope: "profile", ...more });
  const answer = await fetch(`${issuer}/token`, { method: "POST", headers: { authorization }, body });
  return (await answer.json()).access_token;
}
