//! What a refresh is held to, and a refresh token that comes back (RFC 6749 section 6, RFC 9700 sections 2.2.2 and
//! 4.14.2).

use super::TokenResponse;
use crate::base::check::Check;
use crate::base::http::HttpResponse;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::client::answer::{self, Accepted, Outcome, status};
use crate::client::rules::{management, token as rule};
use crate::terms::scope;

/// Holds a refresh against what came before it (RFC 6749 section 6, RFC 9700 section 2.2.2).
pub fn accept_refresh(fresh: &TokenResponse, used: &Secret, granted: &str, must_rotate: bool) -> Vec<Check> {
    let rotated = fresh.refresh_token.as_ref().is_some_and(|token| token != used);
    let rotation = match (rotated, must_rotate) {
        (true, _) => rule::ROTATION.pass("a new refresh token"),
        (false, true) => rule::ROTATION.broken("a new refresh token", "the same one stays valid"),
        (false, false) => rule::ROTATION
            .note("the same one stays valid, which is allowed for a confidential client and a bound token"),
    };
    let wider = scope::beyond(fresh.scope.as_deref().unwrap_or_default(), granted);
    let scope = match wider.is_empty() || granted.is_empty() {
        true => rule::SCOPE_WIDER.pass(fresh.scope.clone().unwrap_or_else(|| "not said, so unchanged".to_owned())),
        false => rule::SCOPE_WIDER.broken(granted, format!("also {}", visible(&wider.join(" ")))),
    };
    vec![rotation, scope]
}

/// Reads the answer to a refresh token that was used before. Success is a refusal of the token, or tokens: those break the
/// rule at a public client. Of others no document asks it (RFC 9700 section 4.14.2).
pub fn accept_reuse(response: &HttpResponse, must_refuse: bool) -> Accepted<()> {
    let error = answer::refusal_in(response);
    let said = error.as_ref().map_or_else(|| status(response), |error| visible(&error.error).into_owned());
    let reuse = &management::REUSE;
    let (outcome, check) = match (error, response.status) {
        (Some(error), 300..) if error.error == "invalid_grant" => (Outcome::Success(()), reuse.pass(said)),
        // That the client was not recognised says nothing of the token.
        (Some(error), _) if error.error.contains("client") => (
            Outcome::Success(()),
            reuse.skipped(format!("{said}: the client was refused, and its token not looked at")),
        ),
        // A refusal by its words, under a status that says the contrary.
        (Some(_), 200..300) => (
            Outcome::Success(()),
            reuse.warn("invalid_grant with status 400", format!("{said} with status {}", response.status)),
        ),
        (Some(error), status) if !matches!(status, 400 | 403) => {
            (Outcome::Refused(error), reuse.skipped(format!("refused for {said}")))
        }
        (Some(_), _) | (None, 400 | 403) => {
            (Outcome::Success(()), reuse.warn("invalid_grant", format!("refused with {said}")))
        }
        (None, 200..300) if must_refuse => (Outcome::Success(()), reuse.broken("invalid_grant", said)),
        (None, 200..300) => {
            (Outcome::Success(()), reuse.note("taken again, which no document forbids for a confidential client"))
        }
        (None, _) => (Outcome::Unreadable(format!("status {said}")), reuse.skipped(format!("status {said}"))),
    };
    Accepted { outcome, checks: vec![check] }
}

/// Reads what became of the newer refresh token after an old one was used again and refused: nobody knows which of the two
/// is the thief's, so the active one is revoked (RFC 9700 section 4.14.2). `must_revoke` where rotation is what protects the
/// token of this client.
pub fn accept_family(outcome: &Outcome<TokenResponse>, must_revoke: bool) -> Option<Check> {
    let family = &management::FAMILY;
    match outcome {
        Outcome::Success(_) if must_revoke => Some(family.broken("invalid_grant", "new tokens")),
        Outcome::Success(_) => {
            Some(family.note("new tokens: a stolen token that was refreshed goes on working for the thief"))
        }
        Outcome::Refused(error) if error.error == "invalid_grant" => Some(family.pass("invalid_grant")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;
    use crate::client::endpoint::token::tests::{answer, good};

    #[test]
    fn a_refresh_token_that_comes_back_has_to_be_refused() {
        let read = |status, body: &str, must_refuse| accept_reuse(&answer(status, body), must_refuse);
        let refused = read(400, r#"{"error":"invalid_grant"}"#, true);
        assert_eq!((refused.checks[0].rule.id, refused.checks[0].verdict), ("refresh.reuse", Verdict::Pass));
        assert_eq!(read(200, &good(), true).checks[0].verdict, Verdict::Fail);
        assert_eq!(read(200, &good(), false).checks[0].verdict, Verdict::Note);
        let client = read(401, r#"{"error":"invalid_client"}"#, true);
        assert!(matches!(client.outcome, Outcome::Success(())), "no verdict on the token, and no end of the run");
        assert_eq!(client.checks[0].verdict, Verdict::Skipped);
        for (status, body) in
            [(200, r#"{"error":"bad_refresh_token"}"#), (400, ""), (400, r#"{"error":"invalid_request"}"#)]
        {
            let refused = read(status, body, true);
            assert!(matches!(refused.outcome, Outcome::Success(())), "{body}");
            assert_eq!(refused.checks[0].verdict, Verdict::Warn, "{body}");
        }
        assert!(matches!(read(503, r#"{"error":"server_error"}"#, true).outcome, Outcome::Refused(_)));
        assert!(matches!(read(500, "", true).outcome, Outcome::Unreadable(_)));
    }

    #[test]
    fn a_refresh_is_held_against_the_first_grant() {
        let fresh = |refresh: &str, scope: &str| TokenResponse {
            access_token: None,
            token_type: None,
            expires_in: None,
            refresh_token: Some(refresh.into()),
            scope: Some(scope.to_owned()),
            id_token: None,
            authorization_details: None,
        };
        let verdicts = |tokens: &TokenResponse, is_public| -> Vec<Verdict> {
            accept_refresh(tokens, &"old".into(), "a b", is_public).iter().map(|check| check.verdict).collect()
        };
        assert_eq!(verdicts(&fresh("new", "a"), true), [Verdict::Pass, Verdict::Pass]);
        assert_eq!(verdicts(&fresh("old", "a c"), true), [Verdict::Fail, Verdict::Fail]);
        assert_eq!(verdicts(&fresh("old", "a"), false), [Verdict::Note, Verdict::Pass]);
    }
}
