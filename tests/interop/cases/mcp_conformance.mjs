// `run mcp` as the client that the conformance suite of the Model Context Protocol plays its servers to.

import assert from "node:assert/strict";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "../lib/suite.mjs";
import { start } from "../lib/process.mjs";
import { folder } from "../lib/temporary.mjs";

const SUITE = "node_modules/@modelcontextprotocol/conformance/dist/index.js";
const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"test-tool","arguments":{}}}';
const DOCUMENT = { client_id: "https://conformance-test.local/client-metadata.json", token_endpoint_auth_method: "none" };

/** A program that the suite starts with the address of its server: the run, whose result it leaves in a file. */
function client(settings, more) {
  const home = folder();
  const pairs = Object.entries({ mcp_revision: "2025-11-25", client_id: "", ...settings });
  const set = pairs.map(([name, value]) => `--set '${name}=${value}'`).join(" ");
  const run = `"$GRANTSCOPE_BIN" run mcp --timeout 20 --sign-in alice ${set} ${more} --set api_url="$1"`;
  const files = folder({ client: `#!/bin/sh\nHOME='${home}' exec ${run} > '${home}/result.json'\n` });
  const program = join(files, "client");
  chmodSync(program, 0o755);
  return { program, result: () => JSON.parse(readFileSync(join(home, "result.json"))) };
}

for (const [scenario, { settings = {}, more = "", broken = [] } = {}] of [
  ["metadata-default"],
  ["metadata-var1"],
  ["metadata-var2"],
  ["metadata-var3"],
  ["basic-cimd", { settings: DOCUMENT }],
  ["scope-from-www-authenticate"],
  ["scope-from-scopes-supported"],
  ["scope-omitted-when-undefined"],
  ["scope-step-up", { settings: { api_body: CALL }, more: "--retry 2" }],
  ["scope-retry-limit", { settings: { api_body: CALL }, more: "--retry 5", broken: ["mcp.granted"] }],
  ["token-endpoint-auth-basic"],
  ["token-endpoint-auth-post"],
  ["token-endpoint-auth-none"],
  ["pre-registration", { settings: { client_id: "pre-registered-client", client_secret: "pre-registered-secret" } }],
  ["2025-03-26-oauth-endpoint-fallback", { settings: { mcp_revision: "2025-03-26" }, broken: ["token.entropy"] }],
  ["resource-mismatch", { broken: ["prm.resource"] }],
  ["offline-access-scope"],
  ["offline-access-not-supported"],
]) {
  test(`MCP conformance: ${scenario}`, async () => {
    const { program, result } = client(settings, more);
    const suite = start(process.execPath, [SUITE, "client", "--command", program, "--scenario", `auth/${scenario}`], {
      env: { ...process.env },
    });
    let said = "";
    suite.stdout.on("data", (bytes) => (said += bytes));
    suite.stderr.on("data", (bytes) => (said += bytes));
    await new Promise((resolve) => suite.on("close", resolve));
    const [, passed, of, failed] = /Passed: (\d+)\/(\d+), (\d+) failed/.exec(said) ?? assert.fail(said);
    assert.deepEqual([passed, failed], [of, "0"], said);
    assert.ok(Number(of) > 0, said);
    const found = result().checks.filter((check) => check.verdict === "fail").map((check) => check.rule);
    assert.deepEqual([...new Set(found)].sort(), [...broken].sort());
  });
}
