//! `/userinfo`: claims about the user, as the scope releases them (OIDC Core sections 5.3 and 5.4), signed and encrypted as
//! the client is registered.

use serde_json::{Map, Value, json};

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::bearer::{self, Access, Denied};
use crate::practice::fault::Fault;
use crate::practice::keys::Signing;
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
    let client = practice.config.client(&client_id);
    let alg = client.and_then(|client| client.userinfo_signed_response_alg.clone());
    let is_encrypted = client.is_some_and(|client| client.encryption.userinfo.is_some());
    let token = match (alg, is_encrypted) {
        (None, is_encrypted) if !is_encrypted || practice.is_faulty(Fault::JwePlain) => {
            return answer::json(200, &Value::Object(claims));
        }
        (None, _) => encryption::encrypted_claims(practice, &client_id, encryption::Kind::UserInfo, &claims),
        (Some(alg), _) => signed(practice, &client_id, &alg, claims)
            .and_then(|token| encryption::encrypted(practice, &client_id, encryption::Kind::UserInfo, token)),
    };
    match token {
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

/// As a JWT in which `iss` and `aud` say who made it and for whom (OIDC Core section 5.3.2).
fn signed(
    practice: &Practice,
    client_id: &str,
    alg: &str,
    mut claims: Map<String, Value>,
) -> Result<String, OAuthError> {
    claims.insert("iss".to_owned(), json!(practice.config.issuer_text()));
    claims.insert("aud".to_owned(), json!(client_id));
    practice.why.say(format!("signed with {alg}"));
    let signing = Signing { alg: Some(alg), kid: None, typ: "JWT" };
    practice.keys.sign_by(&signing, &Value::Object(claims))
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
