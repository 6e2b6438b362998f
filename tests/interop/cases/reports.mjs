// Runs as documents, opened by programs that others wrote.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import Ajv from "ajv";
import { chromium as playwright } from "playwright-core";

import { openPage } from "../lib/chromium.mjs";
import { assertSuccess, authorizationCode, grantscope, practiceServer } from "../lib/grantscope.mjs";
import { eventually, test } from "../lib/suite.mjs";
import { folder } from "../lib/temporary.mjs";

const require = createRequire(import.meta.url);

/** A run with everything that can come after, written as these documents. */
async function written(later, faults, ...formats) {
  const issuer = await practiceServer(later, undefined, ...faults.flatMap((fault) => ["--fault", fault]));
  const place = folder();
  const files = Object.fromEntries(formats.map((format) => [format, join(place, `run.${format}`)]));
  const options = formats.flatMap((format) => [`--${format}`, files[format]]);
  const settings = { issuer, client_id: "practice-native", scope: "openid offline_access" };
  const more = ["--sign-in", "alice", "--then", "refresh,userinfo,revoke"];
  const ran = await grantscope(authorizationCode(settings, ...more, ...options)).done;
  return { issuer, files, ran };
}

test("reports: a HAR is as its schema says", async (later) => {
  const { files, ran } = await written(later, [], "har");
  assertSuccess(ran);
  const ajv = new Ajv({ allErrors: true });
  ajv.addMetaSchema(require("ajv/lib/refs/json-schema-draft-06.json"));
  const schemas = Object.values(require("har-schema"));
  schemas.forEach((schema) => ajv.addSchema(schema));
  const har = JSON.parse(readFileSync(files.har, "utf8"));
  assert.equal(ajv.validate("har.json#", har), true, ajv.errorsText());
  assert.ok(har.log.entries.length > 6);
});

test("reports: Chromium is answered from a HAR and from nothing else", async (later) => {
  const { issuer, files, ran } = await written(later, [], "har");
  assertSuccess(ran);
  const browser = await playwright.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  later(() => browser.close());
  const page = await browser.newPage();
  await page.routeFromHAR(files.har, { notFound: "abort" });
  await page.goto(`${issuer}/.well-known/openid-configuration`);
  assert.equal(JSON.parse(await page.innerText("body")).issuer, issuer);
  await page.goto(`${issuer}/jwks`);
  assert.equal(JSON.parse(await page.innerText("body")).keys.length, 1);
  const tokens = await page.evaluate(async ([url, body]) => {
    const answer = await fetch(url, { method: "POST", body, headers: { "Content-Type": "application/x-www-form-urlencoded" } });
    return answer.json();
  }, [`${issuer}/token`, bodyOf(files.har, "/token")]);
  assert.match(tokens.access_token, /^REDACTED-access_token/);
});

/** The form of the first request to this path. */
function bodyOf(file, path) {
  const { entries } = JSON.parse(readFileSync(file, "utf8")).log;
  return entries.find(({ request }) => new URL(request.url).pathname === path).request.postData.text;
}

for (const [title, faults, says] of [
  ["a good run", [], "Nothing is wrong with this run"],
  ["a rejected one", ["wrong_aud"], "Do not use them"],
]) {
  test(`reports: the page of ${title} opens in Chromium by itself`, async (later) => {
    const { files } = await written(later, faults, "html", "svg");
    const page = await openPage(later);
    for (const [file, words] of [[files.html, says], [files.svg, "Authorization server"]]) {
      await page.goTo(pathToFileURL(file));
      await shows(page, words);
    }
    await page.goTo(pathToFileURL(files.html));
    await page.shows(says);
    await page.picture(`report-${says.split(" ")[0].toLowerCase()}`);
    assert.deepEqual(page.complaints, []);
  });
}

/** A picture has no body. */
async function shows(page, words) {
  const seen = `document.documentElement.textContent.includes(${JSON.stringify(words)})`;
  await eventually(() => page.value(seen), `"${words}"`);
}
