// `fetch` over TLS, with authorities and a certificate of one's own.

import { request } from "node:https";

/** Sends one request on a connection of its own. `tls` says whom to trust and what to show. */
export function secureFetch(url, { method, headers, body }, tls) {
  return new Promise((resolve, reject) => {
    const options = { ...tls, method, headers: Object.fromEntries(new Headers(headers)), agent: false };
    const sent = request(url, options, async (answer) => {
      const text = Buffer.concat(await answer.toArray());
      resolve(new Response(text.length ? text : null, { status: answer.statusCode, headers: answer.headers }));
    });
    sent.on("error", reject);
    sent.end(body?.toString());
  });
}
