//! Words of pages by which a cause is told, in lower case, the surest first. What begins and ends with letters stands
//! alone: `iss` is not in `missing`.

/// A client that is not taken.
pub(super) const CLIENT: [&str; 11] = [
    "invalid_client",
    "invalid client",
    "client authentication failed",
    "client secret",
    "client_secret",
    "unauthorized_client",
    "aadsts7000215",
    "bad client credentials",
    "unknown client",
    "401 client error",
    "wrong client secret",
];

/// A way that does not lead there, surely.
pub(super) const UNREACHABLE: [&str; 9] = [
    "econnrefused",
    "econnreset",
    "etimedout",
    "enotfound",
    "eai_again",
    "getaddrinfo",
    "connection refused",
    "connection reset",
    "self-signed certificate",
];

/// A key that is not found.
pub(super) const KEYS: [&str; 17] = [
    "kid",
    "signing key",
    "no matching key",
    "no applicable key",
    "matching key",
    "key set",
    "jwks",
    "unknown key",
    "no key",
    "find a key",
    "no applicable keys",
    "oauth_key_selection",
    "verification key",
    "jwks_uri",
    "valid key",
    "key id",
    "no keys",
];

/// Two texts for one issuer.
pub(super) const ISSUER: [&str; 12] = [
    "issuer",
    "not issued by",
    "invalid_issuer",
    "\"iss\"",
    "'iss'",
    "iss claim",
    "iss mismatch",
    "unexpected iss",
    "invalid iss",
    "claim iss",
    "claim: iss",
    "iss value",
];

/// A code that is refused.
pub(super) const GRANT: [&str; 3] = ["invalid_grant", "invalid grant", "bad_verification_code"];

/// A token request that failed, without more.
pub(super) const FETCHED: [&str; 7] = [
    "failed to obtain access token",
    "failed to exchange",
    "error exchanging",
    "token exchange failed",
    "token request failed",
    "could not retrieve access token",
    "oauth token request",
];

/// Words about times, which may be said of many things.
pub(super) const TIMES: [&str; 12] = [
    "expired",
    "not yet valid",
    "in the future",
    "iat",
    "nbf",
    "exp",
    "clock",
    "used too early",
    "used before",
    "too old",
    "not active",
    "not before",
];

/// A token that is not good yet.
pub(super) const FUTURE: [&str; 6] =
    ["not yet valid", "in the future", "used too early", "used before", "not active", "not before"];

/// What an app keeps for a login and does not find.
pub(super) const STATE: [&str; 10] = [
    "state",
    "csrf",
    "session",
    "correlation",
    "mismatching_state",
    "cookie",
    "csrf_detected",
    "authorization_request_not_found",
    "state_mismatch",
    "invalid_state",
];

/// The nonce of an ID token.
pub(super) const NONCE: [&str; 1] = ["nonce"];

/// PKCE.
pub(super) const VERIFIER: [&str; 4] = ["code_verifier", "code verifier", "pkce", "code challenge"];

/// The same, in words that may be said of other things.
pub(super) const NETWORK: [&str; 16] = [
    "timed out",
    "timeout",
    "fetch failed",
    "certificate",
    "self-signed",
    "self signed",
    "tls",
    "ssl",
    "unable to connect",
    "could not connect",
    "max retries exceeded",
    "socket hang up",
    "name or service not known",
    "no route to host",
    "connection error",
    "dns",
];

/// Words of a heading that says that something went wrong.
pub(super) const FAILURE: [&str; 6] = ["failed", "failure", "error", "denied", "went wrong", "forbidden"];

/// Words of a heading that speaks of a failed login and of nothing else.
pub(super) const OF_FAILURE: [&str; 40] = [
    "error",
    "failed",
    "failure",
    "denied",
    "went",
    "wrong",
    "forbidden",
    "an",
    "the",
    "a",
    "occurred",
    "has",
    "was",
    "is",
    "something",
    "oops",
    "sorry",
    "unexpected",
    "internal",
    "server",
    "access",
    "login",
    "log",
    "logon",
    "sign",
    "signin",
    "in",
    "on",
    "authentication",
    "authorization",
    "auth",
    "oauth",
    "openid",
    "oidc",
    "sso",
    "callback",
    "page",
    "your",
    "we",
    "with",
];
