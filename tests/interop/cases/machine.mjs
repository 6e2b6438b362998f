// Machines that lack something: a display, a library, a browser.

import assert from "node:assert/strict";
import { authorizationCode, grantscope } from "../lib/grantscope.mjs";
import { start } from "../lib/process.mjs";
import { test, within } from "../lib/suite.mjs";
import { folder } from "../lib/temporary.mjs";

const HEADLESS = /grantscope run authorization-code --sign-in alice/;

test("no display: the flow is told in the terminal", async () => {
  const { code, stdout, stderr } = await grantscope([]).done;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /no display/);
  assert.match(stdout, /Success/);
});

test("no display: --window says so and what to type instead", async () => {
  const { code, stderr } = await grantscope(["--window"]).done;
  assert.equal(code, 1);
  assert.match(stderr, /no display/);
  assert.match(stderr, HEADLESS);
});

test("a display that does not answer is told without a backtrace", async () => {
  const { code, stderr } = await grantscope(["--window"], { env: { DISPLAY: ":64999" } }).done;
  assert.equal(code, 1);
  assertPlain(stderr);
});

const LIBRARIES = [
  [["libxkbcommon-x11.so.0", "libxkbcommon-x11.so"], "libxkbcommon-x11", "libxkbcommon-x11-0"],
  [["libXcursor.so.1", "libXcursor.so"], "libXcursor", "libxcursor1"],
  [["libEGL.so.1", "libEGL.so", "libGL.so.1", "libGL.so", "libGLX.so.0"], "OpenGL", "libgl1"],
];

for (const [files, name, packaged] of LIBRARIES) {
  test(`a machine without ${name} is told to install ${packaged}`, async (later) => {
    const env = { DISPLAY: await display(later), LD_LIBRARY_PATH: emptyFiles(files) };
    const { code, stderr } = await within(20_000, grantscope(["--window"], { env }).done, "the refusal");
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(name));
    assert.match(stderr, new RegExp(`apt install .*${packaged}`));
    assertPlain(stderr);
  });
}

test("no browser: the URL is told, and one that dies at once ends nothing", async (later) => {
  for (const BROWSER of ["", "/bin/false"]) {
    const program = grantscope(authorizationCode({}, "--browser"), { env: { BROWSER, PATH: "/nonexistent" } });
    later(() => program.child.stop());
    const url = await program.url();
    const redirect = new URL(url.searchParams.get("redirect_uri"));
    redirect.search = new URLSearchParams({ error: "access_denied", state: url.searchParams.get("state"), iss: url.origin });
    assert.equal((await fetch(redirect)).status, 200);
    assert.equal((await program.done).json.outcome, "refused");
  }
});

/** A virtual display; its name. */
async function display(later) {
  const server = start("Xvfb", ["-displayfd", "1", "-nolisten", "tcp"], { stdio: ["ignore", "pipe", "ignore"] });
  later(() => server.stop());
  const number = new Promise((resolve) => server.stdout.once("data", resolve));
  return `:${String(await within(20_000, number, "Xvfb")).trim()}`;
}

/** A folder of files that are found before the libraries of these names and cannot be loaded. */
function emptyFiles(names) {
  return folder(Object.fromEntries(names.map((name) => [name, ""])));
}

/** One message in plain words, for people. */
function assertPlain(stderr) {
  assert.match(stderr, HEADLESS);
  const [message, ...more] = stderr.split("\n").filter((line) => line.startsWith("The window cannot"));
  assert.equal(more.length, 0, stderr);
  assert.doesNotMatch(stderr, /panicked|backtrace|\.rs:\d+|ConfigTemplate/);
  assert.ok(message.length < 300, message);
}
