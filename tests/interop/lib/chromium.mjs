// Drives a headless Chromium over its DevTools protocol.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { start } from "./process.mjs";
import { eventually } from "./suite.mjs";
import { folder } from "./temporary.mjs";

const PICTURES = process.env.INTEROP_PICTURES;
const SIZE = { width: 1000, height: 760 };

/** A fresh profile and the command line of a Chromium that uses it and stays on this machine. */
export function chromium() {
  const profile = folder();
  const flags = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--password-store=basic",
    `--window-size=${SIZE.width},${SIZE.height}`,
    "--host-resolver-rules=MAP*~NOTFOUND,EXCLUDE127.0.0.1",
    "--remote-debugging-port=0",
    `--user-data-dir=${profile}`,
  ];
  return { profile, command: ["chromium", ...flags] };
}

let warm;

/**
 * Starts Chromium once for nothing. The first start on a machine reads it from the disk, which may take longer than a case
 * waits for it.
 */
export function warmUp() {
  const flags = chromium().command.slice(1).filter((flag) => !flag.startsWith("--remote-debugging"));
  return (warm ??= new Promise((resolve) => {
    const child = start("chromium", [...flags, "--dump-dom", "about:blank"], { stdio: "ignore" });
    child.on("close", resolve).on("error", resolve);
  }));
}

/** Starts Chromium and opens an empty page. */
export async function openPage(later) {
  await warmUp();
  const { profile, command } = chromium();
  const child = start(command[0], [...command.slice(1), "about:blank"], { stdio: "ignore" });
  later(() => child.stop());
  return attach(profile);
}

/** The page of the Chromium that runs, or is about to run, on this profile. */
export async function attach(profile) {
  const connection = await Connection.open(profile);
  const page = await eventually(() => connection.page(), "a page");
  const { sessionId } = await connection.send("Target.attachToTarget", { targetId: page.targetId, flatten: true });
  const opened = new Page(connection, sessionId);
  await opened.watch();
  return opened;
}

class Connection {
  #socket;
  #last = 0;
  #answers = new Map();
  listeners = [];

  static async open(profile) {
    const address = () => {
      try {
        const [port, path] = readFileSync(join(profile, "DevToolsActivePort"), "utf8").split("\n");
        return path && `ws://127.0.0.1:${port}${path}`;
      } catch {
        return null;
      }
    };
    const connection = new Connection();
    connection.#socket = new WebSocket(await eventually(address, "Chromium's start"));
    connection.#socket.addEventListener("message", ({ data }) => connection.#receive(JSON.parse(data)));
    await new Promise((resolve, reject) => {
      connection.#socket.addEventListener("open", resolve);
      connection.#socket.addEventListener("error", reject);
    });
    return connection;
  }

  async page() {
    const { targetInfos } = await this.send("Target.getTargets");
    return targetInfos.find((target) => target.type === "page");
  }

  send(method, params = {}, sessionId) {
    const id = (this.#last += 1);
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return new Promise((resolve, reject) => this.#answers.set(id, { resolve, reject, method }));
  }

  #receive({ id, result, error, method, params }) {
    if (id === undefined) {
      this.listeners.forEach((listener) => listener(method, params));
      return;
    }
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    if (error) {
      answer.reject(new Error(`${answer.method}: ${error.message}`));
    } else {
      answer.resolve(result);
    }
  }
}

class Page {
  #connection;
  #session;
  /** What the console and the security policies complained about. */
  complaints = [];

  constructor(connection, session) {
    this.#connection = connection;
    this.#session = session;
  }

  #send(method, params) {
    return this.#connection.send(method, params, this.#session);
  }

  async watch() {
    this.#connection.listeners.push((method, params) => this.#heard(method, params));
    for (const domain of ["Page", "Runtime", "Log", "Audits"]) {
      await this.#send(`${domain}.enable`);
    }
  }

  #heard(method, params) {
    const { entry, issue, exceptionDetails, type } = params;
    if (method === "Log.entryAdded" && ["error", "warning"].includes(entry.level)) {
      this.complaints.push(`${entry.text} ${entry.url ?? ""}`);
    } else if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(type)) {
      this.complaints.push(params.args.map((arg) => arg.value ?? arg.description).join(" "));
    } else if (method === "Runtime.exceptionThrown") {
      this.complaints.push(exceptionDetails.exception?.description ?? exceptionDetails.text);
    } else if (method === "Audits.issueAdded") {
      this.complaints.push(JSON.stringify(issue));
    }
  }

  goTo(url) {
    return this.#send("Page.navigate", { url: String(url) });
  }

  /** The value of a script, or null while a page is being replaced. */
  async value(expression) {
    try {
      const { result } = await this.#send("Runtime.evaluate", { expression, returnByValue: true });
      return result.value ?? null;
    } catch {
      return null;
    }
  }

  /** Waits until the page shows `words`; its address then. */
  async shows(words) {
    const seen = `document.readyState === "complete" && document.body.innerText.includes(${JSON.stringify(words)})`;
    try {
      await eventually(() => this.value(seen), `"${words}" on the page`);
    } catch (error) {
      throw new Error(`${error.message}; ${await this.value("location.href + '\\n' + document.body.innerText")}`);
    }
    return new URL(await this.value("location.href"));
  }

  /** Presses the button or link that shows `words`, with the mouse. */
  async click(words) {
    await this.shows(words);
    const place = `(() => {
      const things = [...document.querySelectorAll("button, a, input[type=submit]")];
      const thing = things.find((thing) => thing.innerText.includes(${JSON.stringify(words)}));
      thing.scrollIntoView({ block: "center" });
      const { x, y, width, height } = thing.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`;
    const at = { ...(await this.value(place)), button: "left", clickCount: 1 };
    await this.#send("Input.dispatchMouseEvent", { ...at, type: "mousePressed" });
    await this.#send("Input.dispatchMouseEvent", { ...at, type: "mouseReleased" });
  }

  /** Types into the field of this name. */
  async type(name, text) {
    await this.value(`document.querySelector('[name="${name}"]').focus()`);
    await this.#send("Input.insertText", { text });
  }

  /** Takes a picture in both colour schemes, and one of a narrow window. */
  async picture(name) {
    mkdirSync(PICTURES, { recursive: true });
    const still = { name: "prefers-reduced-motion", value: "reduce" };
    for (const scheme of ["light", "dark"]) {
      const features = [still, { name: "prefers-color-scheme", value: scheme }];
      await this.#send("Emulation.setEmulatedMedia", { features });
      await this.#save(`${name}-${scheme}`);
    }
    await this.#send("Emulation.setDeviceMetricsOverride", { width: 360, height: 640, deviceScaleFactor: 1, mobile: true });
    await this.#save(`${name}-narrow`);
    await this.#send("Emulation.clearDeviceMetricsOverride");
  }

  async #save(name) {
    const { data } = await this.#send("Page.captureScreenshot", { format: "png" });
    writeFileSync(join(PICTURES, `${name}.png`), Buffer.from(data, "base64"));
  }

  /** Ends the browser. */
  close() {
    return this.#connection.send("Browser.close");
  }
}
