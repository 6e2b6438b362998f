// The examples of the page about the mock server, each run by what it is written for.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { BINARY } from "../lib/grantscope.mjs";
import { ended, start } from "../lib/process.mjs";
import { SERVERS } from "../lib/server.mjs";
import { test } from "../lib/suite.mjs";
import { folder } from "../lib/temporary.mjs";

const PAGE = readFileSync(new URL("../../../examples/mock/README.md", import.meta.url), "utf8");
const TOOLS = join(SERVERS, "tools", "bin");

/** The example below this mark. */
function example(mark) {
  return new RegExp(`<!-- ${mark} -->\n\`\`\`\\w+\n(.*?)\`\`\`\n`, "s").exec(PAGE)[1];
}

/** Runs a program in a folder with these files, beside the program under test. */
async function runs(command, args, files) {
  const PATH = [dirname(BINARY), TOOLS, process.env.PATH].join(delimiter);
  const ran = await ended(start(command, args, { cwd: folder(files), env: { ...process.env, PATH } }));
  assert.equal(ran.code, 0, ran.output + ran.errors);
  return ran.output;
}

test("mock page: pytest runs its example", async () => {
  assert.match(await runs("pytest", ["-q"], { "test_login.py": example("run: python3") }), /3 passed/);
});

/** What the example of Playwright calls idp and app: a client that only sends the browser to sign in. */
const FIXTURES = `
import http.server, threading, types
import pytest
from urllib.parse import urlencode
from test_tokens import idp as server


@pytest.fixture
def idp():
    with server() as ready:
        yield ready


@pytest.fixture
def app(idp):
    listener = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{listener.server_port}"
    asked = {"response_type": "code", "client_id": "practice-web", "redirect_uri": url + "/callback", "scope": "openid", "state": "s"}
    yield types.SimpleNamespace(url=url, login_url=idp["issuer"] + "/authorize?" + urlencode(asked))
    listener.shutdown()
`;

test("mock page: Playwright signs alice in at the page", async () => {
  const files = { "test_tokens.py": example("run: python3"), "conftest.py": FIXTURES, "test_login.py": example("interop: playwright") };
  // Chromium has no sandbox where the user is root.
  files["test_login.py"] = files["test_login.py"].replace('chromium"', 'chromium", args=["--no-sandbox"]');
  assert.match(await runs("pytest", ["-q", "test_login.py"], files), /1 passed/);
});

const IMPORTS = `
import static org.junit.jupiter.api.Assertions.assertTrue;
import java.net.URI;
import java.net.http.*;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.*;
`;

test("mock page: JUnit finds the issuer in the metadata", async () => {
  const launcher = readFileSync(join(SERVERS, "spring", "classpath"), "utf8").split(delimiter).find((path) => path.includes("console-standalone"));
  const files = { "LoginTest.java": IMPORTS + example("interop: junit") };
  const command = `javac -cp '${launcher}' -d . LoginTest.java && java -jar '${launcher}' execute -cp . --select-class LoginTest`;
  assert.match(await runs("sh", ["-c", command], files), /1 tests successful/);
});

const METADATA = `
import os
from urllib.request import urlopen


def test_the_issuer_is_there():
    assert urlopen(os.environ["ISSUER"] + "/.well-known/openid-configuration").status == 200
`;

test("mock page: the steps for GitHub Actions have a server for their tests", async () => {
  const lines = [...example("interop: actions").matchAll(/- run: (.*)/g)].map(([, line]) => line);
  const [install, serve, ...rest] = lines;
  assert.match(install, /^cargo install /);
  assert.equal(rest.at(-1), "pytest");
  const script = ["export ISSUER=http://127.0.0.1:9400", serve, "trap 'kill $!' EXIT", ...rest].join("\n");
  assert.match(await runs("bash", ["-ec", script], { "test_issuer.py": METADATA }), /1 passed/);
});
