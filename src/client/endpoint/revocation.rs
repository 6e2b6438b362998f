//! Giving a token up (RFC 7009).

use url::Url;

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::client::answer::{Accepted, Outcome, status};
use crate::client::authentication::{AuthenticationError, Caller};
use crate::client::endpoint::token;
use crate::client::rules::management as rule;
use crate::terms::error::OAuthError;

/// Builds the request (RFC 7009 section 2.1). `hint` is `access_token` or `refresh_token`.
///
/// # Errors
/// When the client cannot be authenticated as asked.
pub fn request(
    endpoint: Url,
    token: &Secret,
    hint: &str,
    caller: &Caller<'_>,
) -> Result<HttpRequest, AuthenticationError> {
    let form: Params = [("token", token.expose()), ("token_type_hint", hint)].into_iter().collect();
    token::authenticated(endpoint, form, caller)
}

/// Reads the response (RFC 7009 section 2.2): 200 whether the token was known or not.
pub fn accept(response: &HttpResponse) -> Accepted<()> {
    let error = Json::parse(&response.body).ok().and_then(|json| OAuthError::from_json(&json));
    let checks = vec![rule::REVOKED.holds(response.status == 200, "200", status(response))];
    let outcome = match (response.status, error) {
        (200, _) => Outcome::Success(()),
        (_, Some(error)) => Outcome::Refused(error),
        (_, None) => Outcome::Unreadable(format!("status {}", status(response))),
    };
    Accepted { outcome, checks }
}

/// Reads what became of a revoked token: what introspection says of it, or how an API or the token endpoint takes it.
/// Success is that it is dead.
pub fn accept_proof(response: &HttpResponse) -> Accepted<()> {
    let json = Json::parse(&response.body).ok();
    let active = json.as_ref().and_then(|json| json.get("active")?.as_bool());
    let refused = matches!(response.status, 400 | 401 | 403);
    let said = match active {
        Some(true) => "active".to_owned(),
        Some(false) => "not active".to_owned(),
        None => status(response),
    };
    let dead = active.map_or(refused, |active| !active);
    let checks = vec![rule::REVOKED_DEAD.holds(dead, "not active, or refused", said.clone())];
    let outcome = match dead || response.is_success() {
        true => Outcome::Success(()),
        false => Outcome::Unreadable(format!("status {said}, which says nothing about the token")),
    };
    Accepted { outcome, checks }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;

    #[test]
    fn only_200_is_a_revocation() {
        let verdict = |status| accept(&HttpResponse::new(status, "text/plain", "")).checks[0].verdict;
        assert_eq!(verdict(200), Verdict::Pass);
        assert_eq!(verdict(204), Verdict::Fail);
        let refused = accept(&HttpResponse::new(401, "application/json", r#"{"error":"invalid_client"}"#));
        assert!(matches!(refused.outcome, Outcome::Refused(_)));
        assert_eq!(refused.checks[0].rule.id, "revocation.status");
    }

    #[test]
    fn a_revoked_token_is_proved_dead_by_introspection_or_by_a_refusal() {
        for (status, body, verdict) in [
            (200, r#"{"active":false}"#, Verdict::Pass),
            (200, r#"{"active":true}"#, Verdict::Fail),
            (401, "", Verdict::Pass),
            (400, r#"{"error":"invalid_grant"}"#, Verdict::Pass),
            (200, "hello", Verdict::Fail),
            (500, "", Verdict::Fail),
        ] {
            let accepted = accept_proof(&HttpResponse::new(status, "application/json", body));
            assert_eq!((accepted.checks[0].rule.id, accepted.checks[0].verdict), ("revocation.effective", verdict));
            assert_eq!(matches!(accepted.outcome, Outcome::Unreadable(_)), status == 500, "{status}");
        }
    }
}
