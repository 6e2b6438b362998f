// Keycloak in memory, over http and https, with the users alice and bob and a device of theirs for CIBA.

import { once } from "node:events";
import { readdirSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

import { authority } from "./certificates.mjs";
import { interopRealm } from "./keycloak_realm.mjs";
import { SERVERS, freePort, serve, shared, testOf } from "./server.mjs";
import { folder } from "./temporary.mjs";

const INSTALLED = join(SERVERS, "keycloak");
const ADMIN = { username: "admin", password: "of the interop" };
const REALM = "interop";

export const AUTHORITY = authority("authority of Keycloak");

/** Adds a case; `run` gets the server. */
export function keycloakTest(name, run) {
  testOf(`Keycloak: ${name}`, keycloak, run);
}

const keycloak = shared(async () => {
  const [http, https] = [await freePort(), await freePort()];
  const origin = `http://${http}`;
  const phone = await startPhone(`${origin}/realms/${REALM}`);
  const env = {
    PATH: process.env.PATH,
    KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
    KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
    JAVA_OPTS_KC_HEAP: "-Xms128m -Xmx768m",
  };
  await serve(join(home(), "bin", "kc.sh"), ["start", "--optimized", ...options(http, https, phone)], `${origin}/realms/master`, { env });
  const admin = new Admin(origin);
  await admin.post("/admin/realms", interopRealm(REALM, AUTHORITY));
  return {
    admin,
    issuer: `${origin}/realms/${REALM}`,
    secureIssuer: `https://${https}/realms/${REALM}`,
    issuerOf: (realm) => `${origin}/realms/${realm}`,
    secureIssuerOf: (realm) => `https://${https}/realms/${realm}`,
  };
});

/** What is installed, with a folder of its own for what the server writes there. */
function home() {
  const path = folder();
  const parts = readdirSync(INSTALLED).filter((name) => name !== "data");
  parts.forEach((name) => symlinkSync(join(INSTALLED, name), join(path, name)));
  return path;
}

function options(http, https, phone) {
  const { files } = AUTHORITY.issue({
    subject: "/CN=Keycloak",
    extensions: ["basicConstraints=CA:FALSE", "subjectAltName=IP:127.0.0.1"],
  });
  const port = (host) => host.split(":")[1];
  return [
    "--hostname-strict=false",
    "--http-enabled=true",
    "--http-host=127.0.0.1",
    `--http-port=${port(http)}`,
    `--https-port=${port(https)}`,
    `--https-certificate-file=${files.certificate}`,
    `--https-certificate-key-file=${files.key}`,
    `--truststore-paths=${AUTHORITY.files.certificate}`,
    `--spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri=http://${phone}/`,
  ];
}

/** Where Keycloak asks the user: alice agrees, bob does not. Host and port of it. */
async function startPhone(issuer) {
  const server = createServer(async (request, response) => {
    const asked = JSON.parse(Buffer.concat(await request.toArray()));
    response.writeHead(201).end();
    const body = JSON.stringify({ status: asked.login_hint === "alice" ? "SUCCEED" : "UNAUTHORIZED" });
    const headers = { Authorization: request.headers.authorization, "Content-Type": "application/json" };
    const callback = `${issuer}/protocol/openid-connect/ext/ciba/auth/callback`;
    // Keycloak knows of its request when it has read the answer above, which may be a moment later. Where all fails, the
    // client waits until its request expires, and its case says so.
    for (let attempt = 0; attempt < 20; attempt++) {
      const told = await fetch(callback, { method: "POST", headers, body }).catch(() => null);
      if (told?.ok) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  server.unref().listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${server.address().port}`;
}

/** What is registered, and by which keys is signed, is changed over the REST interface. */
class Admin {
  #origin;

  constructor(origin) {
    this.#origin = origin;
  }

  get(path) {
    return this.#send("GET", path);
  }

  post(path, value) {
    return this.#send("POST", path, value);
  }

  put(path, value) {
    return this.#send("PUT", path, value);
  }

  async #send(method, path, value) {
    const headers = { Authorization: `Bearer ${await this.#token()}`, "Content-Type": "application/json" };
    const answer = await fetch(this.#origin + path, { method, headers, body: value && JSON.stringify(value) });
    const text = await answer.text();
    if (!answer.ok) {
      throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    }
    return text && JSON.parse(text);
  }

  async #token() {
    const body = new URLSearchParams({ grant_type: "password", client_id: "admin-cli", ...ADMIN });
    const answer = await fetch(`${this.#origin}/realms/master/protocol/openid-connect/token`, { method: "POST", body });
    return (await answer.json()).access_token;
  }
}
