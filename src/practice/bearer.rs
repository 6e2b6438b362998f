//! The other side of an access token: what a resource server does with one (RFC 6750, RFC 9068 section 4,
//! RFC 8705 section 3).

use serde_json::{Map, Value, json};

use super::Practice;
use super::answer::{self, REALM, wire_text};
use super::config::AccessTokenFormat;
use super::demands::Demand;
use super::dpop;
use super::endpoint::{mcp, resource_metadata};
use super::facts::Facts;
use super::fault::Fault;
use super::mtls;
use super::place::own_path;
use super::store::{AccessToken, Approval};
use super::token::ACCESS_TOKEN_TYP;
use super::why::Wrong;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::{Timestamp, spoken};
use crate::jose::jwt;
use crate::terms::error::OAuthError;
use crate::terms::scope::contains;

/// What is looked at, in this order.
const PLAN: [&str; 4] = [IN_FORCE, BOUND, PROVEN, ALLOWS];
const IN_FORCE: &str = "access token is known and in force";
const BOUND: &str = "certificate that it is bound to came along";
const PROVEN: &str = "key that it is bound to was proven";
const ALLOWS: &str = "scope allows it";

/// A valid access token.
pub struct Access {
    /// What names it here: its `jti`, or itself.
    pub name: String,
    /// What it allows.
    pub token: AccessToken,
    /// What the user approved, or what the client may do by itself.
    pub approval: Approval,
}

/// Why a request to a protected resource is refused (RFC 6750 section 3.1).
pub enum Denied {
    /// No token: 401 without an error code.
    NoToken,
    /// 400 `invalid_request`.
    InvalidRequest(String),
    /// 401 `invalid_token`.
    InvalidToken(String),
    /// 401 `invalid_token`, for what has to come with a proof.
    NotProven(String),
    /// 401 with the error of the proof (RFC 9449 section 7.1).
    Proof(OAuthError),
    /// 401 `insufficient_user_authentication`, and the login that is wanted (RFC 9470 section 3).
    WeakLogin {
        /// The class of it.
        acr_values: &'static str,
        /// How many seconds ago it may have been.
        max_age: u64,
    },
    /// 403 `insufficient_scope`, and the scope that is needed.
    InsufficientScope(&'static str),
}

impl Denied {
    /// As HTTP, with the challenge that every refusal carries.
    pub fn answer(&self, practice: &Practice, request: &HttpRequest) -> HttpResponse {
        let (status, error) = match self {
            Self::NoToken => (401, None),
            Self::InvalidRequest(_) => (400, Some("invalid_request")),
            Self::InvalidToken(_) | Self::NotProven(_) => (401, Some("invalid_token")),
            Self::Proof(error) => (401, Some(error.error.as_str())),
            Self::WeakLogin { .. } => (401, Some("insufficient_user_authentication")),
            Self::InsufficientScope(_) => (403, Some("insufficient_scope")),
        };
        practice.why.refuse(error, &self.what());
        let Some(error) = error else {
            return no_token(practice, &format!("{}{}", of_resource(practice, request), scope_of(practice, request)));
        };
        let description = wire_text(&self.what());
        let is_of_key =
            matches!(self, Self::NotProven(_) | Self::Proof(_)) || request.headers.get(dpop::FIELD).is_some();
        let scheme = if is_of_key { dpop::FIELD } else { "Bearer" };
        let mut challenge =
            format!("{scheme} realm=\"{REALM}\", error=\"{error}\", error_description=\"{description}\"");
        if is_of_key {
            challenge.push_str(&format!(", {}", dpop::algs_of_challenge(practice)));
        }
        challenge.push_str(&of_resource(practice, request));
        let mut body = Map::new();
        body.insert("error".to_owned(), json!(error));
        body.insert("error_description".to_owned(), json!(description));
        if let Self::WeakLogin { acr_values, max_age } = self {
            challenge.push_str(&format!(", acr_values=\"{acr_values}\", max_age=\"{max_age}\""));
        }
        if let Self::InsufficientScope(scope) = self {
            challenge.push_str(&format!(", scope=\"{scope}\""));
            body.insert("scope".to_owned(), json!(scope));
        }
        answer::json(status, &Value::Object(body)).with_header("WWW-Authenticate", challenge)
    }
}

impl Wrong for Denied {
    fn what(&self) -> String {
        match self {
            Self::NoToken => "no access token came".to_owned(),
            Self::InvalidRequest(why) | Self::InvalidToken(why) | Self::NotProven(why) => why.clone(),
            Self::Proof(error) => error.error_description.clone().unwrap_or_default(),
            Self::WeakLogin { acr_values, max_age } => {
                format!("a login of class {acr_values} within {max_age} s is needed")
            }
            Self::InsufficientScope(scope) => format!("the scope {scope} is needed"),
        }
    }
}

/// Where the API that was called says whom it trusts, as part of a challenge (RFC 9728 section 5.1).
fn of_resource(practice: &Practice, request: &HttpRequest) -> String {
    let called = own_path(&practice.config.issuer, request.url.path()).unwrap_or("-");
    let documents = [resource_metadata::PATH, resource_metadata::MCP_PATH];
    match documents.into_iter().find(|document| document.ends_with(called)) {
        Some(document) => format!(", resource_metadata=\"{}\"", practice.config.url_at(&request.url, document)),
        None => String::new(),
    }
}

/// The scope to ask for first, where the API that was called says it (RFC 6750 section 3).
fn scope_of(practice: &Practice, request: &HttpRequest) -> String {
    let is_mcp = own_path(&practice.config.issuer, request.url.path()) == Some(mcp::PATH);
    if is_mcp { format!(", scope=\"{}\"", mcp::SCOPE) } else { String::new() }
}

/// A client that knows nothing of tokens yet is told no error (RFC 6750 section 3).
fn no_token(practice: &Practice, more: &str) -> HttpResponse {
    let hint = "Send an access token: Authorization: Bearer ...\n";
    HttpResponse::new(401, "text/plain; charset=utf-8", hint).with_header(
        "WWW-Authenticate",
        format!("Bearer realm=\"{REALM}\"{more}, DPoP {}", dpop::algs_of_challenge(practice)),
    )
}

/// Checks the token of a request.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> Result<Access, Denied> {
    practice.why.plan(&PLAN);
    let sent = sent_token(request)?;
    let place = if sent.is_in_header { "in Authorization" } else { "in the form" };
    practice.demand(Demand::TokenInHeader, (sent.is_in_header, place), Denied::InvalidRequest)?;
    let ends = |access: &Access| format!("{} left", spoken(access.token.expires_at.since(now)));
    let known = read(practice, &sent.token, now).map_err(Denied::InvalidToken);
    let access = practice.why.found(IN_FORCE, ends, known)?;
    practice.why.client(&access.approval.client_id);
    if !sent.is_bound && access.token.binding.cnf().is_some() && practice.is_faulty(Fault::LaxBinding) {
        return Ok(access);
    }
    let certificate = access.token.binding.certificate.as_deref();
    let bound = mtls::check_bound(certificate, request);
    let bound = bound.map_err(|why| Denied::InvalidToken(format!("the access token {why}")));
    practice.why.check(BOUND, certificate.unwrap_or("bound to none"), bound)?;
    let proven = match sent.is_bound {
        true => dpop::check(practice, request, Some(&sent.token), now).map_err(Denied::Proof)?,
        false => None,
    };
    let key = access.token.binding.key.as_deref();
    let same = same_key(key, proven.as_deref(), sent.is_bound);
    if same.is_err() && key.is_some() && proven.is_some() && practice.is_faulty(Fault::AnyKey) {
        return Ok(access);
    }
    practice.why.check(PROVEN, key.unwrap_or("bound to none"), same)?;
    Ok(access)
}

/// Whether a token came as what it is: bound to this key, or to none (RFC 9449 sections 7.1 and 7.2).
fn same_key(bound_to: Option<&str>, proven: Option<&str>, came_as_bound: bool) -> Result<(), Denied> {
    Err(match (bound_to, proven) {
        (None, _) if !came_as_bound => return Ok(()),
        (Some(bound_to), Some(proven)) if bound_to == proven => return Ok(()),
        (None, _) => Denied::InvalidToken("the access token is bound to no key; send it as Bearer".to_owned()),
        (Some(bound_to), Some(proven)) => {
            Denied::NotProven(format!("the access token is bound to the key with jkt {bound_to}, not to {proven}"))
        }
        (Some(_), None) if !came_as_bound => {
            Denied::NotProven("the access token is bound to a key, and came as a bearer token".to_owned())
        }
        (Some(_), None) => Denied::Proof(OAuthError::new("invalid_dpop_proof", "no DPoP proof was sent")),
    })
}

/// What an API says that takes whatever this server has signed, whoever it is for and whatever kind it is of; nothing
/// where the API is not that careless.
pub fn any_token(practice: &Practice, request: &HttpRequest) -> Option<Value> {
    practice.faults.get(Fault::LaxApi)?;
    let token = practice.keys.verified(&sent_token(request).ok()?.token)?;
    let sub = token.claim("sub")?.as_str()?;
    practice.is_faulty(Fault::LaxApi);
    practice.why.say(format!("the API answers for {sub}"));
    let name = practice.config.user(sub).map(|user| user.name());
    Some(json!({ "sub": sub, "name": name, "aud": token.claim("aud").map(Value::from) }))
}

impl Access {
    /// What it was issued for.
    pub fn facts(&self, practice: &Practice) -> Facts {
        Facts {
            client_id: self.approval.client_id.clone(),
            sub: self.approval.sub.clone(),
            scope: self.token.scope.clone(),
            audience: self.token.audience.clone(),
            params: practice.store.asked.get(&self.name).cloned().unwrap_or_default(),
        }
    }

    /// Refuses a token without this scope.
    ///
    /// # Errors
    /// [`Denied::InsufficientScope`]
    pub fn needs(&self, scope: &'static str, practice: &Practice) -> Result<(), Denied> {
        let allows = contains(&self.token.scope, scope);
        practice.why.check(ALLOWS, &self.token.scope, allows.then_some(()).ok_or(Denied::InsufficientScope(scope)))
    }
}

/// A token as it came.
struct Sent {
    token: String,
    /// Whether it came in `Authorization`.
    is_in_header: bool,
    /// Whether it came with the scheme DPoP.
    is_bound: bool,
}

/// The token of a request, whatever it is for.
///
/// # Errors
/// When there is none, or it cannot be one.
pub fn token_of(request: &HttpRequest) -> Result<String, Denied> {
    sent_token(request).map(|sent| sent.token)
}

/// The token from the header or the form body, never from the query (RFC 6750 section 2, RFC 9700 section 4.3.2).
fn sent_token(request: &HttpRequest) -> Result<Sent, Denied> {
    let form = if request.method == "POST" { request.form().unwrap_or_default() } else { Default::default() };
    let sent = |token: &str, is_in_header, is_bound| Sent { token: token.trim().to_owned(), is_in_header, is_bound };
    let mut tokens: Vec<Sent> = form.all("access_token").map(|token| sent(token, false, false)).collect();
    for header in request.headers.all("authorization") {
        let (scheme, token) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        let is_bound = scheme.eq_ignore_ascii_case(dpop::FIELD);
        if is_bound || scheme.eq_ignore_ascii_case("Bearer") {
            tokens.push(sent(token, true, is_bound));
        }
    }
    match (tokens.pop(), tokens.is_empty()) {
        (None, _) => Err(Denied::NoToken),
        (Some(_), false) => Err(Denied::InvalidRequest("more than one access token was sent".to_owned())),
        (Some(sent), true) if is_b64token(&sent.token) => Ok(sent),
        (Some(_), true) => {
            Err(Denied::InvalidRequest("the access token is empty or has characters no token has".to_owned()))
        }
    }
}

/// RFC 6750 section 2.1
pub fn is_b64token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b))
}

/// What is known of a token that is valid now.
///
/// # Errors
/// In words, why it is not.
pub fn read(practice: &Practice, token: &str, now: Timestamp) -> Result<Access, String> {
    let name = name_of(practice, token, now)?;
    let tokens = &practice.store.access_tokens;
    let revoked =
        || tokens.pushed_out(&name, "access token").unwrap_or_else(|| "the access token was revoked".to_owned());
    let token = practice.store.access_tokens.get(&name).ok_or_else(revoked)?;
    not_expired(token.expires_at, now)?;
    let approval = practice.store.approvals.get(&token.approval).ok_or_else(revoked)?;
    Ok(Access { name, token: token.clone(), approval: approval.clone() })
}

/// The name a token is kept under. A `jti` is no credential, so only opaque tokens are found by themselves.
fn name_of(practice: &Practice, text: &str, now: Timestamp) -> Result<String, String> {
    let stored = practice.store.access_tokens.get(text);
    if stored.is_some_and(|token| token.format == AccessTokenFormat::Opaque) {
        return Ok(text.to_owned());
    }
    let token = practice.keys.verified(text).ok_or_else(|| not_ours(text))?;
    let jti = token.claim("jti").and_then(|jti| jti.as_str()).unwrap_or_default();
    // A rule may have given it another type.
    if token.typ() != Some(ACCESS_TOKEN_TYP) && practice.store.access_tokens.get(jti).is_none() {
        let typ = token.typ().unwrap_or("absent");
        return Err(format!("typ is {typ}, an access token has {ACCESS_TOKEN_TYP}; is this the ID token?"));
    }
    let exp = token.claim("exp").and_then(|exp| exp.as_i64()).unwrap_or_default();
    not_expired(Timestamp::from_seconds(exp), now)?;
    Ok(jti.to_owned())
}

fn not_ours(token: &str) -> String {
    match jwt::decode(token).alg() {
        None => "this is not a token of this server: it is no JWT, and no opaque token that was issued here".to_owned(),
        Some(alg) => format!("the signature is not of this server (alg {alg}), or the server was restarted since"),
    }
}

fn not_expired(end: Timestamp, now: Timestamp) -> Result<(), String> {
    if now < end {
        return Ok(());
    }
    Err(format!("the access token expired {} ago", spoken(now.since(end))))
}
