//! `/api/me`: an API as a resource server would have it, with a token that must be meant for it (RFC 9068 section 4).

use serde_json::{Value, json};

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::bearer::{self, Access, Denied};
use crate::practice::{Practice, answer, token};

const MEANT: &str = "access token is for this API";
/// The scope that this API wants.
const SCOPE: &str = "profile";

/// Answers with what the token says about its user and its limits.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    match read(practice, request, now) {
        Ok(body) => answer::json(200, &body),
        Err(denied) => denied.answer(practice, request),
    }
}

fn read(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> Result<Value, Denied> {
    if let Some(body) = bearer::any_token(practice, request) {
        return Ok(body);
    }
    let access = bearer::check(practice, request, now)?;
    practice.why.check(MEANT, access.token.audience.join(" "), meant_for_this(practice, &access))?;
    access.needs(SCOPE, practice)?;
    let (token, approval) = (access.token, access.approval);
    practice.why.say(format!("the API answers for {}", approval.sub));
    let name = practice.config.user(&approval.sub).map(|user| user.name());
    let mut body = json!({
        "sub": approval.sub,
        "name": name,
        "client_id": approval.client_id,
        "scope": token.scope,
        "aud": token.audience,
        "exp": token.expires_at.seconds(),
    });
    if let Some(act) = approval.act {
        body["act"] = act;
    }
    Ok(body)
}

/// Refuses a token for somebody else.
///
/// # Errors
/// [`Denied::InvalidToken`]
pub fn meant_for_this(practice: &Practice, access: &Access) -> Result<(), Denied> {
    let api = token::own_api(&practice.config);
    let own = practice.config.url("/api/me");
    let audience = &access.token.audience;
    if audience.iter().any(|aud| *aud == api || *aud == own) {
        return Ok(());
    }
    Err(Denied::InvalidToken(format!("the token is for {}, this API is {api}", audience.join(" "))))
}
