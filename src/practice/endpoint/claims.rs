//! Claims of a user that another vouches for (OIDC Core section 5.6.2): instead of their values UserInfo tells where they
//! are. `/claims` has the distributed ones, for the token that UserInfo sent along. The claims provider is this server
//! itself, so that a client can verify what comes.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::{Timestamp, spoken};
use crate::practice::bearer::{self, Denied};
use crate::practice::fault::Fault;
use crate::practice::token::with_other_signature;
use crate::practice::{Practice, answer};
use crate::terms::error::OAuthError;

/// Where distributed claims are.
pub const PATH: &str = "/claims";
const KNOWN: &str = "access token is for claims, and in force";
/// How long a token for distributed claims opens them.
pub const LIFETIME: Duration = Duration::from_secs(600);
/// The names of the sources.
const AGGREGATED: &str = "aggregated";
const DISTRIBUTED: &str = "distributed";
/// What `_claim_names` refers to in the place of a source.
const MISSING: &str = "nowhere";

/// Claims that wait for who has the token for them.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Whose they are.
    pub sub: String,
    /// With their values.
    pub claims: Map<String, Value>,
    /// When it is too late.
    pub expires_at: Timestamp,
}

/// Takes the claims out that this user has elsewhere, and says where they are.
///
/// # Errors
/// `server_error` when nothing can be signed.
pub fn spread(
    practice: &mut Practice,
    sub: &str,
    claims: &mut Map<String, Value>,
    now: Timestamp,
) -> Result<(), OAuthError> {
    let Some(user) = practice.config.user(sub).cloned() else { return Ok(()) };
    let mut take = |names: &[String]| -> Map<String, Value> {
        names.iter().filter_map(|name| Some((name.clone(), claims.remove(name)?))).collect()
    };
    let (aggregated, distributed) = (take(&user.aggregated_claims), take(&user.distributed_claims));
    let (mut names, mut sources) = (Map::new(), Map::new());
    let mut refer = |claims: &Map<String, Value>, source: &str| {
        names.extend(claims.keys().map(|claim| (claim.clone(), json!(source))));
    };
    if !aggregated.is_empty() {
        let is_missing = practice.is_faulty(Fault::MissingClaimSource);
        refer(&aggregated, if is_missing { MISSING } else { AGGREGATED });
        sources.insert(AGGREGATED.to_owned(), json!({ "JWT": signed(practice, aggregated)? }));
    }
    if !distributed.is_empty() {
        refer(&distributed, DISTRIBUTED);
        let token = practice.draw();
        let kept = Kept { sub: user.sub, claims: distributed, expires_at: now + LIFETIME };
        practice.store.claims.put(token.expose(), kept, now);
        let endpoint = practice.config.url(PATH);
        sources.insert(DISTRIBUTED.to_owned(), json!({ "endpoint": endpoint, "access_token": token.expose() }));
    }
    if !sources.is_empty() {
        claims.insert("_claim_names".to_owned(), Value::Object(names));
        claims.insert("_claim_sources".to_owned(), Value::Object(sources));
    }
    Ok(())
}

/// The claims with who vouches for them. No `sub`: it would be that of this server.
///
/// # Errors
/// As for [`spread`].
fn signed(practice: &Practice, mut claims: Map<String, Value>) -> Result<String, OAuthError> {
    if practice.is_faulty(Fault::ClaimsLeftOut) {
        claims.clear();
    }
    claims.insert("iss".to_owned(), json!(practice.config.issuer_text()));
    let token = practice.keys.sign("JWT", &Value::Object(claims))?;
    Ok(if practice.is_faulty(Fault::ForgedClaims) { with_other_signature(&token) } else { token })
}

/// Answers with the claims as a JWT.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    practice.why.plan(&[KNOWN]);
    let kept = match read(practice, request, now) {
        Ok(kept) => kept,
        Err(denied) => return denied.answer(practice, request),
    };
    let names: Vec<&str> = kept.claims.keys().map(String::as_str).collect();
    practice.why.say(format!("distributed claims of {}: {}", kept.sub, names.join(", ")));
    if practice.is_faulty(Fault::PlainClaims) {
        return answer::json(200, &Value::Object(kept.claims));
    }
    match signed(practice, kept.claims) {
        Ok(token) => HttpResponse::new(200, "application/jwt", token),
        Err(error) => answer::refusal(practice, &error),
    }
}

fn read(practice: &Practice, request: &HttpRequest, now: Timestamp) -> Result<Kept, Denied> {
    let token = bearer::token_of(request)?;
    let kept = match practice.store.claims.get(&token) {
        None => Err("this is not a token for distributed claims".to_owned()),
        Some(kept) if kept.expires_at <= now => {
            Err(format!("the token for the claims expired {} ago", spoken(now.since(kept.expires_at))))
        }
        Some(kept) => Ok(kept.clone()),
    };
    let left = |kept: &Kept| format!("{} left", spoken(kept.expires_at.since(now)));
    practice.why.found(KNOWN, left, kept.map_err(Denied::InvalidToken))
}
