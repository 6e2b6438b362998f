// Child processes that never outlive this one.

import { spawn } from "node:child_process";

import { removeAll } from "./temporary.mjs";

const running = new Set();

process.on("exit", () => {
  running.forEach((child) => kill(child));
  removeAll();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => process.exit(1));
}

/** Starts a program in a process group of its own. `stop` ends the group and waits for it. */
export function start(program, args, options) {
  const child = spawn(program, args, { ...options, detached: true });
  running.add(child);
  const closed = new Promise((resolve) => {
    child.on("error", resolve);
    child.on("close", () => {
      running.delete(child);
      resolve();
    });
  });
  child.stop = async () => {
    kill(child);
    await closed;
  };
  return child;
}

/** What a program printed by the time it ended. */
export async function ended(child) {
  const ran = { output: "", errors: "" };
  child.stdout.on("data", (bytes) => (ran.output += bytes));
  child.stderr.on("data", (bytes) => (ran.errors += bytes));
  const code = await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  return { code, ...ran };
}

function kill(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
