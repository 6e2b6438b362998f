// Runs the program under test and reads what it says.

import assert from "node:assert/strict";
import { accessSync, constants } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { start } from "./process.mjs";
import { eventually, within } from "./suite.mjs";
import { folder } from "./temporary.mjs";

/** The program under test. */
export const BINARY = resolve(process.env.GRANTSCOPE_BIN);
accessSync(BINARY, constants.X_OK);

// Nothing of this machine's user is read or written, and no display is found unless a case gives one.
const ENVIRONMENT = { PATH: process.env.PATH, HOME: folder(), RUST_BACKTRACE: "1" };

/**
 * Starts the program. `url` is the first or nth URL it prints for the user, `says` waits for words of its story, `done` is what came
 * of it. Standard input stays open when `stdin` is null.
 */
export function grantscope(args, { env = {}, stdin = "" } = {}) {
  const child = start(BINARY, args, { env: { ...ENVIRONMENT, ...env } });
  // A program that has ended read what it wanted; what came of it is in its result.
  child.stdin.on("error", () => {});
  if (stdin !== null) {
    child.stdin.end(stdin);
  }
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (bytes) => (output.stdout += bytes));
  child.stderr.on("data", (bytes) => (output.stderr += bytes));
  const done = new Promise((resolve) => child.on("close", (code) => resolve(result(code, output))));
  const urls = [];
  createInterface(child.stderr).on("line", (line) => /^https?:\S+[?]\S+$/.test(line) && urls.push(new URL(line)));
  const early = done.then((ended) => Promise.reject(new Error(`ended too early:\n${ended.stderr}`)));
  early.catch(() => {});
  // A program that has nothing to wait for may be gone before its last line is read.
  const told = (nth) => early.catch((error) => urls[nth] ?? Promise.reject(error));
  const url = (nth = 0) => Promise.race([eventually(() => urls[nth], "the URL for the user", 30_000), told(nth)]);
  const says = (words) => Promise.race([eventually(() => output.stderr.includes(words), words), early]);
  return { child, done, url, says };
}

function result(code, { stdout, stderr }) {
  return { code, stdout, stderr, json: parsed(stdout) };
}

/** The result, or null where there is none or it comes line by line. */
function parsed(stdout) {
  try {
    return JSON.parse(stdout);
  } catch {
    return null;
  }
}

/** The arguments that run a grant with these settings. */
export function grant(name, settings, ...more) {
  const pairs = Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  const patience = more.includes("--timeout") ? [] : ["--timeout", "60"];
  return ["run", name, ...patience, ...pairs, ...more];
}

/** The arguments that run the authorization code grant with these settings. */
export function authorizationCode(settings, ...more) {
  return grant("authorization-code", settings, ...more);
}

/** Starts the practice server on a free port, with what this TOML and more options say; its issuer. */
export async function practiceServer(later, config, ...more) {
  const file = config ? ["--config", join(folder({ "practice.toml": config }), "practice.toml")] : [];
  const server = grantscope(["serve", "--port", "0", ...file, ...more]);
  later(() => server.child.stop());
  const lines = createInterface(server.child.stdout);
  const ready = new Promise((resolve) => lines.once("line", (line) => resolve(JSON.parse(line))));
  return (await within(20_000, ready, "the practice server")).issuer;
}

/** Asserts that the run went through without a broken rule. */
export function assertSuccess({ code, json, stderr }) {
  assert.equal(json?.outcome, "success", stderr);
  assert.deepEqual(json.checks.filter((check) => check.verdict === "fail"), [], "no rule is broken");
  assert.equal(code, 0, stderr);
}

/** Asserts that the run went through, and that there was next to nothing to find fault with. */
export function assertQuiet(ran) {
  assertSuccess(ran);
  const warned = ran.json.checks.filter((check) => check.verdict === "warn").map((check) => check.rule);
  assert.ok(new Set(warned).size <= 1, `warned by ${warned}`);
}

/** Asserts that the run stopped at this stage with these words, and that the first thing to try fits `advice`. */
export function assertAdvised({ code, json, stderr }, stage, words, advice) {
  assert.equal(code, 1, stderr);
  assert.equal(json.problem?.stage, stage, stderr);
  assert.ok(json.problem.came.includes(words), json.problem.came);
  assert.match(json.problem.try[0], advice);
}

/** Asserts that a server said no at this stage, with this error, and that something to try is told. */
export function assertRefused({ code, json, stderr }, stage, error) {
  assert.deepEqual([code, json?.outcome], [1, "refused"], stderr);
  assert.equal(json.problem.stage, stage);
  assert.ok(json.problem.came.includes(error), json.problem.came);
  assert.ok(json.problem.try.length > 0, "something to try");
}

/** Asserts that these rules are broken, and no others. */
export function assertBroken({ json, stderr }, ...rules) {
  const broken = json.checks.filter((check) => check.verdict === "fail").map((check) => check.rule);
  assert.deepEqual([...new Set(broken)].sort(), rules.sort(), stderr);
}

/** Asserts that the run stopped before this stage for want of something, and says what in these words. */
export function assertIncomplete({ code, json, stderr }, stage, words) {
  assert.deepEqual([code, json?.outcome], [1, "incomplete"], stderr);
  assert.ok(stderr.includes(words), stderr);
  assert.equal(exchanges(json, stage).length, 0, "nothing was sent");
}

/** Asserts that none of these secrets is told, as it is or encoded. */
export function assertHidden({ stdout, stderr }, secrets) {
  assert.ok(secrets.length > 0, "there are secrets");
  for (const secret of secrets) {
    const forms = [secret, encodeURIComponent(secret), new URLSearchParams({ s: secret }).toString().slice(2)];
    assert.ok(!forms.some((form) => (stdout + stderr).includes(form)), `${secret} is told`);
  }
}

/** The verdict on one rule, at its last exchange. */
export function verdict(json, rule) {
  return json.checks.findLast((check) => check.rule === rule)?.verdict;
}

/** The exchanges of a stage. */
export function exchanges(json, stage) {
  return json.exchanges.filter((exchange) => exchange.stage === stage);
}

/** The JSON answers of a stage, in order. */
export function answers(json, stage) {
  return exchanges(json, stage).map((exchange) => JSON.parse(exchange.response.body || "null"));
}

/** What introspection says of the token, each time. */
export function activity(json) {
  return answers(json, "introspect").map((answer) => answer.active);
}
