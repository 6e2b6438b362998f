// Cases with names that are facts, run one after the other.

const LIMIT_MS = 120_000;

const cases = [];

/** Adds a case. `run` gets `later`, which takes what is to be undone when the case is over; `limit` is in milliseconds. */
export function test(name, run, limit = LIMIT_MS) {
  cases.push({ name, run, limit });
}

/** Runs the cases whose name contains `words`. */
export async function runCases(words) {
  const chosen = cases.filter(({ name }) => name.includes(words));
  let failed = 0;
  for (const { name, run, limit } of chosen) {
    const begun = performance.now();
    const error = await errorOf(run, limit);
    const took = `${((performance.now() - begun) / 1000).toFixed(1)} s`;
    console.log(`${error ? "FAIL" : "ok  "}  ${name} (${took})`);
    if (error) {
      failed += 1;
      console.log(indented(error.stack ?? String(error)));
    }
  }
  return { passed: chosen.length - failed, failed };
}

async function errorOf(run, limit) {
  const undo = [];
  try {
    await within(limit, run((step) => undo.push(step)));
    return null;
  } catch (error) {
    return error;
  } finally {
    for (const step of undo.reverse()) {
      await step();
    }
  }
}

/** The result of `promise`, or an error when it takes longer. */
export async function within(limit, promise, what = "the case") {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${limit / 1000} s`)), limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again and again until `answer` gives something. */
export async function eventually(answer, what, limit = 20_000) {
  const end = Date.now() + limit;
  for (;;) {
    const value = await answer();
    if (value) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(`${what} did not happen within ${limit / 1000} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function indented(text) {
  return text.replace(/^/gm, "      ");
}
