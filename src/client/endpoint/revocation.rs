//! Giving a token up (RFC 7009).

use url::Url;

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::client::answer::{Accepted, Outcome, status};
use crate::client::authentication::AuthenticationError;
use crate::client::endpoint::token;
use crate::client::rules::management as rule;
use crate::client::settings::Settings;
use crate::terms::error::OAuthError;

/// Builds the request (RFC 7009 section 2.1). `hint` is `access_token` or `refresh_token`.
///
/// # Errors
/// When the client cannot be authenticated as asked.
pub fn request(
    endpoint: Url,
    token: &Secret,
    hint: &str,
    settings: &Settings,
) -> Result<HttpRequest, AuthenticationError> {
    let form: Params = [("token", token.expose()), ("token_type_hint", hint)].into_iter().collect();
    token::authenticated(endpoint, form, settings)
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
}
