//! Giving a token up (RFC 7009).

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::client::answer::{Accepted, Outcome, refusal_in, status};
use crate::client::body::said;
use crate::client::endpoint::introspection;
use crate::client::rules::management as rule;
use crate::terms::error::OAuthError;

/// Drafts the request (RFC 7009 section 2.1). The hint is `access_token` or `refresh_token`.
pub use crate::client::endpoint::token::about as request;

/// Reads the response (RFC 7009 section 2.2): 200 whether the token was known or not.
pub fn accept(response: &HttpResponse) -> Accepted<()> {
    let error = refusal_in(response);
    let is_unsupported = error.as_ref().is_some_and(|error| error.error == "unsupported_token_type");
    let checks = vec![match response.status {
        // Who looks at the status alone takes the token for dead.
        200 if error.is_some() => rule::REVOKED.broken("200 without an error, or 400", "an error with 200"),
        // Both are answers of the document (RFC 7009 section 2.2.1).
        400 if is_unsupported => rule::REVOKED.note("unsupported_token_type: this server does not revoke such tokens"),
        503 => rule::REVOKED.note(format!("{}: the token is still good, and may be given up later", later(response))),
        // A success all the same, which no client takes for something else.
        204 => rule::REVOKED.warn("200", status(response)),
        code => rule::REVOKED.holds(code == 200, "200", status(response)),
    }];
    let outcome = match (response.status, error) {
        (200 | 204, None) => Outcome::Success(()),
        (_, Some(error)) => Outcome::Refused(error),
        (503, None) => Outcome::Unreadable(format!("{}; the token is still good", later(response))),
        (_, None) => Outcome::Unreadable(said::told(response)),
    };
    Accepted { outcome, checks }
}

/// `status 503 Service Unavailable, Retry-After: 120` (RFC 7009 section 2.2.1)
fn later(response: &HttpResponse) -> String {
    let wait = response.headers.get("retry-after").map(|wait| format!(", Retry-After: {}", visible(wait)));
    format!("{}{}", said::told(response), wait.unwrap_or_default())
}

/// Reads what became of a revoked token, by what was asked: introspection, the token endpoint or an API. Success is an
/// answer that speaks of the token.
pub fn accept_proof(
    request: &HttpRequest,
    response: &HttpResponse,
    expected: introspection::Expected<'_>,
) -> Accepted<()> {
    let form = request.form().unwrap_or_default();
    let dead = match (form.contains("token"), form.contains("refresh_token")) {
        (true, _) => match introspection::accept_as_asked(response, expected).outcome {
            Outcome::Success(said) => said.get("active").and_then(Json::as_bool).map(|active| !active),
            _ => None,
        },
        (_, true) => refusal(response, |error| error == "invalid_grant"),
        _ if response.status == 401 => Some(true),
        _ => refusal(response, |error| error == "invalid_token"),
    };
    let said = match dead {
        Some(true) => "dead".to_owned(),
        Some(false) => "alive".to_owned(),
        None => status(response),
    };
    // Answered as one that was used before, without a word.
    let is_mute = dead.is_none() && form.contains("refresh_token") && !form.contains("token");
    if is_mute && matches!(response.status, 400 | 403) && refusal_in(response).is_none() {
        let check = rule::REVOKED_DEAD.warn("invalid_grant", format!("refused with {said}"));
        return Accepted { outcome: Outcome::Success(()), checks: vec![check] };
    }
    let check = match dead {
        Some(dead) => rule::REVOKED_DEAD.holds(dead, "dead", said),
        None => rule::REVOKED_DEAD.skipped(format!("{said}, which says nothing about the token")),
    };
    let outcome = match (dead, error_of(response)) {
        (Some(_), _) => Outcome::Success(()),
        (None, Some(error)) => Outcome::Refused(error),
        (None, None) => Outcome::Unreadable(format!("status {}, which says nothing about the token", status(response))),
    };
    Accepted { outcome, checks: vec![check] }
}

/// Whether an answer refuses the token: `None` when it is neither a success nor such a refusal.
fn refusal(response: &HttpResponse, is_about_token: impl Fn(&str) -> bool) -> Option<bool> {
    match error_of(response) {
        Some(error) if is_about_token(&error.error) => Some(true),
        None if response.is_success() => Some(false),
        _ => None,
    }
}

fn error_of(response: &HttpResponse) -> Option<OAuthError> {
    Json::parse(&response.body).ok().and_then(|json| OAuthError::from_json(&json))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::base::check::Verdict;
    use crate::client::settings::Settings;

    #[test]
    fn only_200_is_a_revocation_and_204_is_nearly_one() {
        let verdict = |status| accept(&HttpResponse::new(status, "text/plain", "")).checks[0].verdict;
        assert_eq!(verdict(200), Verdict::Pass);
        assert_eq!(verdict(204), Verdict::Warn);
        assert_eq!(verdict(202), Verdict::Fail);
        assert!(matches!(accept(&HttpResponse::new(204, "", "")).outcome, Outcome::Success(())));
        let refused = accept(&HttpResponse::new(401, "application/json", r#"{"error":"invalid_client"}"#));
        assert!(matches!(refused.outcome, Outcome::Refused(_)));
        assert_eq!(refused.checks[0].rule.id, "revocation.status");
    }

    #[test]
    fn a_revoked_token_is_proved_dead_by_an_answer_that_speaks_of_it() {
        let url = || Url::parse("https://as.example/any").expect("a URL");
        let with = |name: &str| HttpRequest::post_form(url(), &[(name, "t0k3n")].into_iter().collect());
        let (asked, refreshed, called) = (with("token"), with("refresh_token"), HttpRequest::get(url()));
        let settings = Settings::default();
        let expected = introspection::Expected { issuer: None, jwks: None, settings: &settings };
        for (request, status, body, verdict) in [
            (&asked, 200, r#"{"active":false}"#, Verdict::Pass),
            (&asked, 200, r#"{"active":true}"#, Verdict::Fail),
            (&asked, 200, "{}", Verdict::Skipped),
            (&asked, 401, r#"{"error":"invalid_client"}"#, Verdict::Skipped),
            (&refreshed, 400, r#"{"error":"invalid_grant"}"#, Verdict::Pass),
            (&refreshed, 401, r#"{"error":"invalid_client"}"#, Verdict::Skipped),
            (&refreshed, 200, r#"{"access_token":"a"}"#, Verdict::Fail),
            (&called, 401, "", Verdict::Pass),
            (&called, 200, r#"{"active":false}"#, Verdict::Fail),
            (&called, 403, "", Verdict::Skipped),
            (&called, 500, "", Verdict::Skipped),
        ] {
            let accepted = accept_proof(request, &HttpResponse::new(status, "application/json", body), expected);
            assert_eq!(
                (accepted.checks[0].rule.id, accepted.checks[0].verdict),
                ("revocation.effective", verdict),
                "{status} {body}"
            );
            let is_success = matches!(accepted.outcome, Outcome::Success(()));
            assert_eq!(is_success, verdict != Verdict::Skipped, "{status} {body}");
        }
    }
}
