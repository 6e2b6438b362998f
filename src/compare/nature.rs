//! What a value is by its name: of a parameter, a claim, a member or a header field. The one list of what differs between
//! two good runs.

use crate::export::redact::UNNAMED;
use crate::terms::credential::canonical;

/// Why a value may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// It should not.
    Fixed,
    /// Drawn anew for each run, or made from what was: nothing can be read in it.
    Random,
    /// A point in time.
    Time,
    /// A span that a server counts down or rounds: a second or two say nothing.
    Span,
    /// A key of the server, or what names one.
    Key,
    /// A certificate, which the practice server makes for each run.
    Certificate,
    /// A sentence in which servers put the time and the number of a request.
    Sentence,
    /// Directives in which numbers are counted down (RFC 9111 section 5.2).
    Directives,
    /// A set of words, whose order says nothing.
    Words,
    /// Which server it was: told once, and folded away in every address.
    Server,
    /// Who signed in: told once, and folded away where it is said again.
    User,
    /// What nobody here can read: whether it is the same cannot be told.
    Encrypted,
    /// A verdict: what was seen is compared where it stands.
    Verdict,
}

/// Credentials that a client has for long. Other ones are new in each run.
const LASTING: [&str; 11] = [
    "api_key",
    "client_secret",
    "initial_access_token",
    "new_password",
    "passphrase",
    "password",
    "pin",
    "private_key",
    "registration_access_token",
    "secret",
    "software_statement",
];

/// Drawn by the client or the server (RFC 6749 section 10.12, RFC 7636, OpenID Connect Core sections 2 and 3.3), or made
/// from something that is: hashes of a token, the thumbprint of a DPoP key (RFC 9449 sections 4.2, 6 and 10). `uti`, `rh` and `aio`
/// are Microsoft's.
const RANDOM: [&str; 19] = [
    "aio",
    "at_hash",
    "ath",
    "c_hash",
    "code_challenge",
    "correlation_id",
    "dpop_jkt",
    "jkt",
    "jti",
    "nonce",
    "rh",
    "s_hash",
    "session_state",
    "sid",
    "state",
    "trace_id",
    "txn",
    "uti",
    "verification_uri_complete",
];

/// RFC 7519 section 4.1, OpenID Connect Core section 2, RFC 7591 section 3.2.1, and what servers add.
const TIMES: [&str; 13] = [
    "auth_time",
    "client_id_issued_at",
    "created_at",
    "exp",
    "expires_at",
    "expires_on",
    "iat",
    "issued_at",
    "nbf",
    "not_after",
    "not_before",
    "timestamp",
    "updated_at",
];

/// RFC 6749 section 5.1, and Keycloak's and Microsoft's of the same kind.
const SPANS: [&str; 4] = ["expires_in", "ext_expires_in", "refresh_expires_in", "refresh_token_expires_in"];

/// RFC 7515 section 4.1: which key, and the key itself.
const KEYS: [&str; 5] = ["jwk", "kid", "x5c", "x5t", "x5u"];

/// RFC 6749 sections 3.3 and 3.1.1, OpenID Connect Core section 3.1.2.1, and Microsoft's `scp`.
const WORDS: [&str; 4] = ["prompt", "response_type", "scope", "scp"];

/// What the header of an encrypted token has anew each time (RFC 7518 sections 4.6.1, 4.7.1 and 4.8.1).
const OF_ENCRYPTION: [&str; 5] = ["apu", "apv", "iv", "p2s", "tag"];

/// Claims by which a user is known (OIDC Core section 5.1), and Microsoft's of the same kind. What is said of the account,
/// as `email_verified`, may be why it is treated otherwise.
const PERSONAL: [&str; 18] = [
    "address",
    "birthdate",
    "email",
    "family_name",
    "gender",
    "given_name",
    "middle_name",
    "name",
    "nickname",
    "oid",
    "phone_number",
    "picture",
    "preferred_username",
    "profile",
    "sub",
    "unique_name",
    "upn",
    "website",
];

/// Header fields that name a request, count something down or measure it.
const FIELDS_RANDOM: [&str; 12] = [
    "cf-ray",
    "client-request-id",
    "content-length",
    "content-security-policy",
    "dpop-nonce",
    "etag",
    "nel",
    "report-to",
    "traceparent",
    "tracestate",
    "x-amz-cf-id",
    "x-served-by",
];
const FIELDS_TIME: [&str; 7] = ["age", "date", "expires", "last-modified", "server-timing", "x-runtime", "x-timer"];

/// What a browser, a connection or a proxy adds to each request, whatever it is about.
const OF_AGENT: [&str; 21] = [
    "accept-encoding",
    "accept-language",
    "alt-svc",
    "connection",
    "dnt",
    "host",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "pragma",
    "priority",
    "referer",
    "server",
    "strict-transport-security",
    "te",
    "transfer-encoding",
    "upgrade-insecure-requests",
    "user-agent",
    "vary",
    "via",
    "x-powered-by",
];

/// Whether a header field of this name, in lower case, says nothing of a login. Only recordings have them.
pub fn is_of_agent(name: &str) -> bool {
    OF_AGENT.contains(&name) || name.starts_with("sec-") || name.starts_with(':')
}

/// Whether a member of this path says who a user is: `address.locality`.
pub fn is_personal(path: &str) -> bool {
    PERSONAL.contains(&path.split('.').next().unwrap_or(path))
}

/// Whether a member of the header of a token is drawn for its encryption.
pub fn is_of_encryption(name: &str) -> bool {
    OF_ENCRYPTION.contains(&name)
}

/// What a parameter, claim or member of this name is.
pub fn of_member(name: &str) -> Nature {
    let is_in = |list: &[&str]| list.contains(&name);
    match canonical(name) {
        Some(known) if !LASTING.contains(&known) => return Nature::Random,
        Some(_) => return Nature::Fixed,
        None => {}
    }
    match name {
        _ if is_in(&RANDOM) || name.ends_with("_hash") => Nature::Random,
        _ if is_in(&TIMES) => Nature::Time,
        _ if is_in(&SPANS) => Nature::Span,
        _ if is_in(&KEYS) => Nature::Key,
        _ if is_in(&WORDS) => Nature::Words,
        "x5t#S256" | "client_certificate" => Nature::Certificate,
        "error_description" => Nature::Sentence,
        _ => Nature::Fixed,
    }
}

/// What a header field of this name, in lower case, is.
pub fn of_field(name: &str) -> Nature {
    let names_request = ["request-id", "requestid", "correlation-id", "trace-id"].iter().any(|end| name.ends_with(end));
    let counts = name.starts_with("x-b3-") || name.contains("ratelimit") || name.contains("rate-limit");
    match name {
        _ if FIELDS_TIME.contains(&name) => Nature::Time,
        _ if FIELDS_RANDOM.contains(&name) || names_request || counts => Nature::Random,
        "cache-control" => Nature::Directives,
        "dpop" => Nature::Random,
        _ => Nature::Fixed,
    }
}

/// Whether what stands behind a placeholder of this kind is another secret in each run. What has no name came in an
/// answer.
pub fn is_drawn(kind: &str) -> bool {
    kind == UNNAMED || (!LASTING.contains(&kind) && kind != "authorization")
}
