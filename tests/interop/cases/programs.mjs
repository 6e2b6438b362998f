// The token request as a program: each language compiles and runs it against the practice server.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { grant, grantscope, practiceServer } from "../lib/grantscope.mjs";
import { ended, start } from "../lib/process.mjs";
import { test } from "../lib/suite.mjs";
import { folder } from "../lib/temporary.mjs";

const { INTEROP_SERVERS } = process.env;
const ENDINGS = { python: "py", javascript: "mjs", rust: "rs", go: "go", csharp: "cs", java: "java" };

/** What runs the program in this folder, called `program` with its ending: commands, one after the other. */
const RUN = {
  python: (place) => [[join(INTEROP_SERVERS, "canaille", "bin", "python"), [join(place, "program.py")]]],
  javascript: (place) => [[process.execPath, [join(place, "program.mjs")]]],
  go: (place) => [["go", ["run", join(place, "program.go")]]],
  java: (place) => [["java", [join(place, "program.java")]]],
  csharp: (place) => [
    ["mcs", ["-r:System.Net.Http", `-out:${join(place, "program.exe")}`, join(place, "program.cs")]],
    ["mono", [join(place, "program.exe")]],
  ],
  rust: (place) => {
    const project = join(INTEROP_SERVERS, "token-request");
    mkdirSync(join(project, "src"), { recursive: true });
    const program = readFileSync(join(place, "program.rs"), "utf8");
    const dependencies = program.match(/\/\/ \[dependencies\]\n(?:\/\/ .+\n)+/)[0].replaceAll(/^\/\/ /gm, "");
    writeFileSync(join(project, "Cargo.toml"), `[package]\nname = "token-request"\nedition = "2024"\n\n${dependencies}\n[workspace]\n`);
    renameSync(join(place, "program.rs"), join(project, "src", "main.rs"));
    return [["cargo", ["run", "--quiet", "--manifest-path", join(project, "Cargo.toml"), "--target-dir", join(project, "target")]]];
  },
};

async function ran(command, args, env) {
  const child = start(command, args, { env: { ...process.env, ...env } });
  child.stdin.end();
  const { code, output, errors } = await ended(child);
  assert.equal(code, 0, `${command}: ${errors}${output}`);
  return output;
}

/** The status and the answer that the program got. */
async function answered(later, language, settings, env = {}) {
  const issuer = await practiceServer(later);
  const place = folder();
  const file = join(place, `program.${ENDINGS[language]}`);
  const all = { issuer, client_id: "practice-service", client_secret: "practice-secret", ...settings };
  await grantscope(grant("client-credentials", all, `--${language}`, file)).done;
  let printed = "";
  for (const [command, args] of RUN[language](place)) {
    printed = await ran(command, args, env);
  }
  const [status, ...body] = printed.split("\n");
  return { status: Number(status), json: JSON.parse(body.join("\n")) };
}

// Everything that ends a text, begins something else in it, or is no ASCII.
const HOSTILE = "a\"b\\c'd ${e} #{f} `g` %s \\u0041 ä𝒳\n//h";

for (const language of Object.keys(ENDINGS)) {
  test(`programs: the token request in ${language} gets a token`, async (later) => {
    const { status, json } = await answered(later, language, {}, { CLIENT_SECRET: "practice-secret" });
    assert.equal(status, 200, JSON.stringify(json));
    assert.equal(json.token_type, "Bearer");
  }, 300_000);

  test(`programs: whatever a value holds is sent in ${language} and not run`, async (later) => {
    const env = { CLIENT_SECRET: "practice-secret" };
    const { status, json } = await answered(later, language, { "token_request.extra.note": HOSTILE, scope: HOSTILE }, env);
    assert.deepEqual([status, json.error], [400, "invalid_scope"], JSON.stringify(json));
  }, 300_000);
}
