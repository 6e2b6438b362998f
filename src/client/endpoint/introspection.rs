//! Asking whether a token is active (RFC 7662).

use url::Url;

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::client::answer::{Accepted, Outcome, content_type, object, status};
use crate::client::authentication::AuthenticationError;
use crate::client::endpoint::token;
use crate::client::rules::management as rule;
use crate::client::settings::Settings;
use crate::terms::error::OAuthError;

/// Builds the request (RFC 7662 section 2.1).
///
/// # Errors
/// When the client cannot be authenticated as asked.
pub fn request(endpoint: Url, token: &Secret, settings: &Settings) -> Result<HttpRequest, AuthenticationError> {
    let form: Params = [("token", token.expose()), ("token_type_hint", "access_token")].into_iter().collect();
    token::authenticated(endpoint, form, settings)
}

/// Reads the response (RFC 7662 section 2.2). Success is the whole document, active or not.
pub fn accept(response: &HttpResponse) -> Accepted<Json> {
    let mut checks = vec![content_type(&rule::INTROSPECTION_TYPE, response)];
    let json = match object(response) {
        Ok(json) => json,
        Err(what) => return Accepted { outcome: Outcome::Unreadable(what), checks },
    };
    if let Some(error) = OAuthError::from_json(&json) {
        return Accepted { outcome: Outcome::Refused(error), checks };
    }
    if !response.is_success() {
        let what = format!("status {} with JSON that holds no error", status(response));
        return Accepted { outcome: Outcome::Unreadable(what), checks };
    }
    let active = json.get("active").and_then(Json::as_bool);
    checks.push(match (active, json.get("active")) {
        (Some(active), _) => rule::ACTIVE.pass(active.to_string()),
        (None, Some(other)) => rule::ACTIVE.broken("true or false", format!("the {} {other}", other.kind())),
        (None, None) => rule::ACTIVE.broken("true or false", "absent"),
    });
    let more = json.members().len() > 1;
    checks.push(match active {
        Some(false) => {
            rule::INACTIVE_SILENT.holds(!more, "active alone", if more { "more members" } else { "active alone" })
        }
        _ => rule::INACTIVE_SILENT.skipped("the token is active"),
    });
    Accepted { outcome: Outcome::Success(json), checks }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;

    #[test]
    fn active_has_to_be_a_boolean_and_inactive_says_no_more() {
        for (body, id, verdict) in [
            (r#"{"active":true,"scope":"a"}"#, "introspection.active", Verdict::Pass),
            (r#"{"active":"true"}"#, "introspection.active", Verdict::Fail),
            (r#"{}"#, "introspection.active", Verdict::Fail),
            (r#"{"active":false}"#, "introspection.inactive_silent", Verdict::Pass),
            (r#"{"active":false,"sub":"alice"}"#, "introspection.inactive_silent", Verdict::Warn),
        ] {
            let checks = accept(&HttpResponse::new(200, "application/json", body)).checks;
            assert!(checks.iter().any(|check| check.rule.id == id && check.verdict == verdict), "{body}: {id}");
        }
        let typed = accept(&HttpResponse::new(200, "text/plain", "{\"active\":true}"));
        assert!(
            typed
                .checks
                .iter()
                .any(|check| check.rule.id == "introspection.content_type" && check.verdict == Verdict::Fail)
        );
    }
}
