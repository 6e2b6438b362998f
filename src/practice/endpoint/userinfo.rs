//! `/userinfo`: claims about the user, as the scope releases them (OIDC Core sections 5.3 and 5.4).

use serde_json::{Map, Value, json};

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::bearer::{self, Access, Denied};
use crate::practice::config::Config;
use crate::practice::fault::Fault;
use crate::practice::rules::{self, Target};
use crate::practice::{Practice, answer, scope};

/// Answers with claims. The audience does not matter: this is the issuer's own endpoint, open to
/// every access token with `openid`.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    match read(practice, request, now) {
        Ok(claims) => answer::json(200, &Value::Object(claims)),
        Err(denied) => denied.answer(practice, request),
    }
}

fn read(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> Result<Map<String, Value>, Denied> {
    let access = bearer::check(practice, request, now)?;
    access.needs("openid", practice)?;
    let mut claims = Value::Object(claims(&practice.config, &access)?);
    rules::apply(practice, Target::UserInfo, &access.facts(practice), &mut claims, now);
    let Value::Object(mut claims) = claims else { return Ok(Map::new()) };
    let names: Vec<&str> = claims.keys().map(String::as_str).collect();
    practice.why.say(format!("claims of {}: {}", access.approval.sub, names.join(", ")));
    if practice.is_faulty(Fault::WrongUser) {
        claims.insert("sub".to_owned(), json!("another-user"));
    }
    Ok(claims)
}

fn claims(config: &Config, access: &Access) -> Result<Map<String, Value>, Denied> {
    let gone = || Denied::InvalidToken("the user of this token is gone".to_owned());
    let user = config.user(&access.approval.sub).ok_or_else(gone)?;
    let mut claims = Map::from_iter([("sub".to_owned(), json!(user.sub))]);
    claims.extend(scope::released(&access.token.scope, user));
    Ok(claims)
}
