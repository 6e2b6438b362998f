// oidc-provider that asks users on a device of their own (OpenID CIBA). The case plays that device.

import { errors } from "oidc-provider";

import { SECRET, startServer } from "./provider.mjs";

export const CIBA = "urn:openid:params:grant-type:ciba";

/** What alice's device wants to be told with each request. */
export const USER_CODE = "2580";

const CLIENT = {
  client_secret: SECRET,
  redirect_uris: [],
  grant_types: [CIBA, "refresh_token"],
  response_types: [],
};

/** Where pings go as it is registered; https is all that is allowed there (CIBA section 4). */
const PUBLIC_ENDPOINT = "https://client.example.com/ping";

const CLIENTS = [
  { ...CLIENT, client_id: "poller", backchannel_token_delivery_mode: "poll" },
  {
    ...CLIENT,
    client_id: "pinged",
    backchannel_token_delivery_mode: "ping",
    backchannel_client_notification_endpoint: PUBLIC_ENDPOINT,
  },
];

/**
 * Starts the server with the clients `poller` and `pinged`, whose public address leads to `endpoint`, which may be a function
 * that sends the ping. `asked` is called with server and request when a client has got its answer; what comes of it is in
 * `decided`.
 */
export async function startCiba(later, { asked, endpoint, decided = [], ...options }) {
  const triggered = (ctx, request) => {
    ctx.res.once("finish", () => decided.push(asked?.(ctx.oidc.provider, request)));
  };
  const ciba = {
    enabled: true,
    deliveryModes: ["poll", "ping"],
    triggerAuthenticationDevice: triggered,
    validateRequestContext: () => {},
    processLoginHint: (_, hint) => (hint === "nobody" ? undefined : hint),
    processLoginHintToken: (_, token) => token.split(" ")[1],
    verifyUserCode: (_, account, code) => verify(account, code),
  };
  const routes = { [PUBLIC_ENDPOINT]: endpoint };
  return startServer(later, { interval: 1, clients: CLIENTS, features: { ciba }, routes, ...options });
}

function verify(account, code) {
  if (account.accountId === "carol" && code !== USER_CODE) {
    throw code ? new errors.InvalidUserCode() : new errors.MissingUserCode();
  }
}

/** The user allows what was asked. */
export async function approve(provider, request) {
  const grant = new provider.Grant({ accountId: request.accountId, clientId: request.clientId });
  grant.addOIDCScope(request.scope);
  await grant.save();
  await provider.backchannelResult(request, grant);
}

/** The user does not. */
export function deny(provider, request) {
  return provider.backchannelResult(request, new errors.AccessDenied());
}
