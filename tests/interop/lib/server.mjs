// Servers of others that run as programs of their own: started at the first case that needs them, ended with this process.

import { createServer } from "node:http";
import { resolve } from "node:path";

import { start } from "./process.mjs";
import { eventually, test } from "./suite.mjs";

/** Where run.sh installs them. */
export const SERVERS = resolve(process.env.INTEROP_SERVERS);

const LIMIT_MS = 180_000;

/** How much of what it said is told of a server that does not come up. */
const LAST_WORDS = 4000;

/** Host and port that were free a moment ago, for what has to be registered before anything listens. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

/** Starts a program and waits until this URL answers with 200. */
export async function serve(program, args, url, options) {
  const child = start(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let [said, ended] = ["", null];
  const heard = (bytes) => (said = (said + bytes).slice(-LAST_WORDS));
  [child.stdout, child.stderr].forEach((stream) => stream.on("data", heard));
  child.on("error", (error) => (ended = error.message));
  child.on("exit", (code, signal) => (ended ??= `it ended with ${code ?? signal}`));
  const answers = () => fetch(url).then(({ status }) => status === 200, () => false);
  try {
    await eventually(async () => ended || (await answers()), `the start of ${program}`, LIMIT_MS);
    if (ended) {
      throw new Error(`${program}: ${ended}`);
    }
  } catch (error) {
    await child.stop();
    throw new Error(`${error.message}, after saying:\n${said}`);
  }
}

/** Starts once what several cases share; each of them fails where it does not start. */
export function shared(begin) {
  let begun;
  return () => (begun ??= begin());
}

/** Adds a case that `begin` may be started for, with the time that takes. `run` gets what came of it. */
export function testOf(name, begin, run) {
  test(name, async (later) => run(await begin(), later), LIMIT_MS + 60_000);
}
