//! `/userinfo`: claims about the user, as the scope releases them (OIDC Core sections 5.3 and 5.4).

use serde_json::{Map, Value, json};

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::bearer::{self, Access, Denied};
use crate::practice::fault::Fault;
use crate::practice::rules::{self, Target};
use crate::practice::store::Approval;
use crate::practice::{Practice, answer, encryption, scope};
use crate::terms::error::OAuthError;

/// Answers with claims. The audience does not matter: this is the issuer's own endpoint, open to
/// every access token with `openid`.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    let (approval, mut claims) = match read(practice, request, now) {
        Ok(read) => read,
        Err(denied) => return denied.answer(practice, request),
    };
    if let Err(error) = super::claims::spread(practice, &approval.sub, &mut claims, now) {
        return answer::refusal(practice, &error);
    }
    let client_id = approval.client_id;
    if practice.config.client(&client_id).is_none_or(|client| client.encryption.userinfo.is_none()) {
        return answer::json(200, &Value::Object(claims));
    }
    match encrypted(practice, &client_id, claims) {
        Ok(token) => HttpResponse::new(200, "application/jwt", token),
        Err(error) => answer::refusal(practice, &error),
    }
}

/// Whose token it is, and the claims it is good for.
fn read(
    practice: &mut Practice,
    request: &HttpRequest,
    now: Timestamp,
) -> Result<(Approval, Map<String, Value>), Denied> {
    let access = bearer::check(practice, request, now)?;
    access.needs("openid", practice)?;
    let mut claims = Value::Object(claims(practice, &access)?);
    rules::apply(practice, Target::UserInfo, &access.facts(practice), &mut claims, now);
    let Value::Object(mut claims) = claims else { return Ok((access.approval, Map::new())) };
    let names: Vec<&str> = claims.keys().map(String::as_str).collect();
    practice.why.say(format!("claims of {}: {}", access.approval.sub, names.join(", ")));
    if practice.is_faulty(Fault::WrongUser) {
        claims.insert("sub".to_owned(), json!("another-user"));
    }
    Ok((access.approval, claims))
}

/// Signed, then encrypted: `iss` and `aud` say who made it and for whom (OIDC Core section 5.3.2).
fn encrypted(practice: &Practice, client_id: &str, mut claims: Map<String, Value>) -> Result<String, OAuthError> {
    claims.insert("iss".to_owned(), json!(practice.config.issuer_text()));
    claims.insert("aud".to_owned(), json!(client_id));
    let signed = practice.keys.sign("JWT", &Value::Object(claims))?;
    encryption::encrypted(practice, client_id, encryption::Kind::UserInfo, signed)
}

fn claims(practice: &Practice, access: &Access) -> Result<Map<String, Value>, Denied> {
    let gone = || Denied::InvalidToken("the user of this token is gone".to_owned());
    let user = practice.config.user(&access.approval.sub).ok_or_else(gone)?;
    let mut claims = Map::from_iter([("sub".to_owned(), json!(user.sub))]);
    claims.extend(scope::released(&access.token.scope, user));
    let asked = practice.store.asked_claims.get(&access.token.approval);
    claims.extend(asked.map(|asked| scope::asked(&asked.userinfo, user)).unwrap_or_default());
    Ok(claims)
}
