// A browser without a screen: follows redirects, keeps cookies (RFC 6265) and submits forms.

/** What is typed into fields and which buttons are pressed, by name. */
export const ALICE = { login: "alice", password: "any", username: "alice", decision: "allow", logout: "yes" };

/** Where no client listens. */
const NOWHERE = "none:";

export class Agent {
  #cookies = new Map();

  /** Signs in and consents until the browser is sent to `redirectUri`; `follow` says whether it goes there. */
  async signIn(url, redirectUri, { answers = ALICE, follow = true } = {}) {
    let page = await this.#visit(new URL(url), {}, redirectUri, follow);
    for (let forms = 0; forms < 6 && !isAt(page.url, redirectUri); forms += 1) {
      page = await this.#submit(page, answers, redirectUri, follow);
    }
    return page;
  }

  /** Submits one form after the other from `url` on until a page says `words`; that page. */
  async submitUntil(url, words, answers = ALICE) {
    let page = await this.visit(url);
    for (let forms = 0; forms < 6 && !page.text.includes(words); forms += 1) {
      page = await this.#submit(page, answers, NOWHERE, true);
    }
    if (!page.text.includes(words)) {
      throw new Error(`no page says ${words}, the last at ${page.url}: ${page.text.slice(0, 600)}`);
    }
    return page;
  }

  /** Follows the link whose text contains `words`. */
  async click(page, words, redirectUri, follow = true) {
    const link = [...page.text.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([^<]*)</g)].find((found) => found[2].includes(words));
    return this.#visit(new URL(decoded(link[1]), page.url), {}, redirectUri, follow);
  }

  /** The page at `url`, after redirects. */
  visit(url) {
    return this.#visit(new URL(url), {}, NOWHERE, true);
  }

  async #submit(page, answers, redirectUri, follow) {
    const form = /<form\b([^>]*)>(.*?)<\/form>/is.exec(page.text);
    if (!form) {
      throw new Error(`no form at ${page.url}: ${page.text.slice(0, 600)}`);
    }
    const outside = buttonsOf(attribute(form[1], "id"), page.text.replace(form[0], ""));
    const request = { method: "POST", body: new URLSearchParams(fields(form[2] + outside, answers)) };
    return this.#visit(new URL(decoded(attribute(form[1], "action")), page.url), request, redirectUri, follow);
  }

  async #visit(url, request, redirectUri, follow) {
    for (let hops = 0; hops < 20; hops += 1) {
      if (!follow && isAt(url, redirectUri)) {
        return { url, status: 0, text: "" };
      }
      const answer = await fetch(url, { ...request, redirect: "manual", headers: { Cookie: this.#sent(url) } });
      answer.headers.getSetCookie().forEach((line) => this.#keep(line));
      const location = answer.headers.get("location");
      if (!location) {
        return { url, status: answer.status, text: await answer.text() };
      }
      await answer.body?.cancel();
      [url, request] = [new URL(location, url), {}];
    }
    throw new Error(`redirected without end, last to ${url}`);
  }

  #keep(line) {
    const [pair, ...attributes] = line.split(/;\s*/);
    const [name, value] = split(pair);
    const found = new Map(attributes.map((text) => split(text)).map(([key, text]) => [key.toLowerCase(), text]));
    const path = found.get("path") ?? "/";
    if (value === "" || new Date(found.get("expires")) < new Date() || found.get("max-age") === "0") {
      this.#cookies.delete(`${name};${path}`);
    } else {
      this.#cookies.set(`${name};${path}`, { pair, path });
    }
  }

  #sent(url) {
    const fits = ({ path }) => url.pathname === path || url.pathname.startsWith(path.endsWith("/") ? path : `${path}/`);
    return [...this.#cookies.values()].filter(fits).map(({ pair }) => pair).join("; ");
  }
}

/** What the form sends: hidden fields as they are, the others answered, one button pressed. */
function fields(form, answers) {
  const inputs = [...form.matchAll(/<input\b([^>]*)>/gi)].map((found) => found[1]);
  const filled = inputs.filter((input) => attribute(input, "type") !== "submit" || attribute(input, "name") in answers);
  const typed = filled.map((input) => {
    const name = attribute(input, "name");
    const value = attribute(input, "type")?.toLowerCase() === "hidden" ? decoded(attribute(input, "value")) : answers[name];
    return [name, value ?? ""];
  });
  const buttons = [...form.matchAll(/<button\b([^>]*)>/g)].map((found) => found[1]);
  const named = buttons.filter((button) => attribute(button, "name") in answers);
  const pressed = named.filter((button) => answers[attribute(button, "name")] === (attribute(button, "value") ?? ""));
  return [...typed, ...pressed.map((button) => [attribute(button, "name"), attribute(button, "value") ?? ""])];
}

/** Buttons that stand elsewhere on the page and belong to the form with this id. */
function buttonsOf(id, text) {
  const buttons = [...text.matchAll(/<button\b[^>]*>/g)].map((found) => found[0]);
  return buttons.filter((button) => id && attribute(button, "form") === id).join("");
}

/** Whether the browser is at the client, whatever the path. */
function isAt(url, redirectUri) {
  return url.host === new URL(redirectUri).host;
}

function attribute(tag, name) {
  return new RegExp(`\\b${name}="([^"]*)"`, "i").exec(tag)?.[1];
}

function split(text) {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text = "") {
  const names = { amp: "&", lt: "<", gt: ">", quot: '"' };
  return text
    .replace(/&#(x?)([0-9a-f]+);/gi, (_, hex, digits) => String.fromCodePoint(parseInt(digits, hex ? 16 : 10)))
    .replace(/&(amp|lt|gt|quot);/g, (_, name) => names[name]);
}
