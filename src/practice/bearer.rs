//! The other side of an access token: what a resource server does with one (RFC 6750, RFC 9068 section 4).

use serde_json::{Map, Value, json};

use super::Practice;
use super::answer::{self, REALM, wire_text};
use super::token::ACCESS_TOKEN_TYP;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::{Timestamp, spoken};
use crate::jose::jwt::{self, Decoded};
use crate::terms::scope::contains;

/// What a valid access token allows.
pub struct Access {
    /// The user.
    pub sub: String,
    /// Who calls.
    pub client_id: String,
    /// For what.
    pub scope: String,
    /// Where.
    pub audience: Vec<String>,
    /// Until when, in seconds.
    pub exp: i64,
}

/// Why a request to a protected resource is refused (RFC 6750 section 3.1).
pub enum Denied {
    /// No token: 401 without an error code.
    NoToken,
    /// 400 `invalid_request`.
    InvalidRequest(&'static str),
    /// 401 `invalid_token`.
    InvalidToken(String),
    /// 403 `insufficient_scope`, and the scope that is needed.
    InsufficientScope(&'static str),
}

impl Denied {
    /// As HTTP, with the challenge that every refusal carries.
    pub fn answer(&self) -> HttpResponse {
        let (status, error, description) = match self {
            Self::NoToken => return no_token(),
            Self::InvalidRequest(why) => (400, "invalid_request", (*why).to_owned()),
            Self::InvalidToken(why) => (401, "invalid_token", why.clone()),
            Self::InsufficientScope(scope) => (403, "insufficient_scope", format!("the scope {scope} is needed")),
        };
        let description = wire_text(&description);
        let mut challenge = format!("Bearer realm=\"{REALM}\", error=\"{error}\", error_description=\"{description}\"");
        let mut body = Map::new();
        body.insert("error".to_owned(), json!(error));
        body.insert("error_description".to_owned(), json!(description));
        if let Self::InsufficientScope(scope) = self {
            challenge.push_str(&format!(", scope=\"{scope}\""));
            body.insert("scope".to_owned(), json!(scope));
        }
        answer::json(status, &Value::Object(body)).with_header("WWW-Authenticate", challenge)
    }
}

/// A client that knows nothing of tokens yet is told no error (RFC 6750 section 3).
fn no_token() -> HttpResponse {
    let hint = "Send an access token: Authorization: Bearer ...\n";
    HttpResponse::new(401, "text/plain; charset=utf-8", hint)
        .with_header("WWW-Authenticate", format!("Bearer realm=\"{REALM}\""))
}

/// Checks the token of a request.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check(practice: &Practice, request: &HttpRequest, now: Timestamp) -> Result<Access, Denied> {
    let token = sent_token(request)?;
    read(practice, &token, now).map_err(Denied::InvalidToken)
}

impl Access {
    /// Refuses a token without this scope.
    ///
    /// # Errors
    /// [`Denied::InsufficientScope`]
    pub fn needs(&self, scope: &'static str) -> Result<(), Denied> {
        if contains(&self.scope, scope) { Ok(()) } else { Err(Denied::InsufficientScope(scope)) }
    }
}

/// The token from the header or the form body, never from the query (RFC 6750 section 2, RFC 9700 section 4.3.2).
fn sent_token(request: &HttpRequest) -> Result<String, Denied> {
    let form = if request.method == "POST" { request.form().unwrap_or_default() } else { Default::default() };
    let mut tokens: Vec<String> = form.all("access_token").map(str::to_owned).collect();
    for header in request.headers.all("authorization") {
        let (scheme, token) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("Bearer") {
            tokens.push(token.trim().to_owned());
        }
    }
    match (tokens.pop(), tokens.is_empty()) {
        (None, _) => Err(Denied::NoToken),
        (Some(_), false) => Err(Denied::InvalidRequest("more than one access token was sent")),
        (Some(token), true) if is_b64token(&token) => Ok(token),
        (Some(_), true) => Err(Denied::InvalidRequest("the access token is empty or has characters no token has")),
    }
}

/// RFC 6750 section 2.1
fn is_b64token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b))
}

fn read(practice: &Practice, token: &str, now: Timestamp) -> Result<Access, String> {
    let Some(token) = practice.keys.verified(token) else {
        return Err(not_ours(token));
    };
    if token.typ() != Some(ACCESS_TOKEN_TYP) {
        let typ = token.typ().unwrap_or("absent");
        return Err(format!("typ is {typ}, an access token has {ACCESS_TOKEN_TYP}; is this the ID token?"));
    }
    let text = |name: &str| token.claim(name).and_then(|claim| claim.as_str()).unwrap_or_default().to_owned();
    let exp = not_expired(&token, now)?;
    let approval = practice.store.access_tokens.get(&text("jti"));
    if approval.and_then(|name| practice.store.approvals.get(name)).is_none() {
        return Err("the access token was revoked".to_owned());
    }
    let audience =
        token.claim("aud").map_or_else(Vec::new, |aud| aud.strings().into_iter().map(str::to_owned).collect());
    Ok(Access { sub: text("sub"), client_id: text("client_id"), scope: text("scope"), audience, exp })
}

fn not_ours(token: &str) -> String {
    match jwt::decode(token).alg() {
        None => "this is not a token of this server: it is no JWT".to_owned(),
        Some(alg) => format!("the signature is not of this server (alg {alg}), or the server was restarted since"),
    }
}

fn not_expired(token: &Decoded, now: Timestamp) -> Result<i64, String> {
    let exp = token.claim("exp").and_then(|exp| exp.as_i64()).unwrap_or_default();
    if now.seconds() < exp {
        return Ok(exp);
    }
    Err(format!("the access token expired {} ago", spoken(now.since(Timestamp::from_seconds(exp)))))
}
