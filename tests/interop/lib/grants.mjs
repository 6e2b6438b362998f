// Grants that oidc-provider does not have, in their plainest form: token exchange (RFC 8693) and JWT bearer (RFC 7523).

import { createLocalJWKSet, jwtVerify } from "jose";
import { errors } from "oidc-provider";

import { resourceServer } from "./provider.mjs";

export const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
export const TOKEN_TYPE = "urn:ietf:params:oauth:token-type:";

const EXCHANGE = [
  "subject_token",
  "subject_token_type",
  "actor_token",
  "actor_token_type",
  "requested_token_type",
  "audience",
  "resource",
  "scope",
];

/** Lets a server answer both. */
export function registerGrants(provider) {
  provider.registerGrantType(TOKEN_EXCHANGE, exchange, EXCHANGE, ["audience", "resource"]);
  provider.registerGrantType(JWT_BEARER, jwtBearer, ["assertion", "scope"]);
}

/** A token for the same user, with `act` where somebody acts for them. */
async function exchange(ctx) {
  const { params, provider } = ctx.oidc;
  const subject = await held(provider, params.subject_token, params.subject_token_type);
  if (!subject || Boolean(params.actor_token) !== Boolean(params.actor_token_type)) {
    throw new errors.InvalidRequest("subject_token or actor_token is not right");
  }
  const actor = params.actor_token && (await held(provider, params.actor_token, params.actor_token_type));
  if (params.actor_token && !actor) {
    throw new errors.InvalidRequest("actor_token is not right");
  }
  const scope = params.scope ?? subject.scope;
  if (!scope.split(" ").every((word) => subject.scope.split(" ").includes(word))) {
    throw new errors.InvalidScope("more than the subject_token has", scope);
  }
  if ((params.requested_token_type ?? `${TOKEN_TYPE}access_token`) !== `${TOKEN_TYPE}access_token`) {
    throw new errors.InvalidRequest("requested_token_type is none that is issued here");
  }
  const act = actor && { act: { sub: actor.accountId ?? actor.clientId } };
  const body = await issued(ctx, subject.accountId, { scope, grantId: subject.grantId, extra: act }, params.resource);
  ctx.body = { ...body, issued_token_type: `${TOKEN_TYPE}access_token` };
}

/** The live token of this value and type. */
function held(provider, value, type) {
  switch (type) {
    case `${TOKEN_TYPE}access_token`:
      return provider.AccessToken.find(value).then((token) => token ?? provider.ClientCredentials.find(value));
    case `${TOKEN_TYPE}refresh_token`:
      return provider.RefreshToken.find(value);
    default:
      return undefined;
  }
}

/** A token for the user whom the client speaks about. */
async function jwtBearer(ctx) {
  const { params, provider, client } = ctx.oidc;
  const expected = { issuer: client.clientId, audience: provider.issuer, requiredClaims: ["sub", "exp"] };
  const verified = await jwtVerify(params.assertion, createLocalJWKSet(client.jwks), expected).catch(() => null);
  if (!verified) {
    throw new errors.InvalidGrant("assertion is not right");
  }
  ctx.body = await issued(ctx, verified.payload.sub, { scope: params.scope });
}

async function issued(ctx, accountId, members, resource) {
  const { provider, client } = ctx.oidc;
  const token = new provider.AccessToken({ accountId, client, gty: "of the case", ...members });
  if (resource) {
    token.resourceServer = new provider.ResourceServer(resource, resourceServer(resource));
  }
  ctx.oidc.entity("AccessToken", token);
  const access_token = await token.save();
  return { access_token, token_type: token.tokenType, expires_in: token.expiration, scope: token.scope };
}
