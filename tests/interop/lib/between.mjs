// Standing between a client of others and its server.

import assert from "node:assert/strict";
import { createInterface } from "node:readline";

import { grantscope } from "./grantscope.mjs";
import { within } from "./suite.mjs";

/** Stands between; `ready` is what it says then, `end` ends it and says what it was told. */
export async function standing(later, issuer, ...more) {
  const program = grantscope(["between", "--issuer", issuer, "--port", "0", ...more]);
  later(() => program.child.stop());
  const lines = createInterface(program.child.stdout);
  const first = new Promise((resolve) => lines.once("line", (line) => resolve(JSON.parse(line))));
  const ready = await within(20_000, first, "its start");
  const end = async () => {
    program.child.kill("SIGINT");
    const { code, stdout, stderr } = await program.done;
    const messages = stdout.trim().split("\n").slice(1).map((line) => JSON.parse(line));
    return { code, messages, stdout, stderr };
  };
  return { ready, end };
}

/** Asserts that one login passed, by both legs, and that nothing is wrong with it. */
export function assertPassed({ code, messages, stdout, stderr }, tokenLeg) {
  const legs = (stage) => [...new Set(messages.filter((message) => message.stage === stage).map(({ leg }) => leg))];
  for (const stage of ["authorization_request", "login_pages", "authorization_response"]) {
    assert.deepEqual(legs(stage), ["browser"], `${stage}: ${stdout}`);
  }
  for (const stage of ["token", "userinfo"]) {
    assert.deepEqual(legs(stage), [tokenLeg], `${stage}: ${stdout}`);
  }
  assert.match(stderr, /Login 1: .*: signed in/, stderr);
  assert.ok(!stderr.includes("✗") && !stderr.includes("Login 2"), stderr);
  assert.equal(code, 0, stderr);
}
