//! How an access token is to be presented, as its response says it (RFC 6749 sections 5.1 and 7.1).

use super::TokenResponse;
use crate::base::check::Check;
use crate::base::http::HttpRequest;
use crate::base::json::Json;
use crate::base::text::visible;
use crate::client::dpop::DPOP;
use crate::client::rules::token as rule;
use crate::client::settings::Settings;

/// What every token type of an exchange begins with (RFC 8693 section 3).
pub const TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:";

/// Holds `token_type` against being there and known. What is no text is told by its kind.
pub fn token_type(tokens: &TokenResponse, written: Option<&Json>) -> Check {
    match tokens.token_type.as_deref() {
        None => rule::TOKEN_TYPE.broken("Bearer", written.map_or("absent", Json::a_kind)),
        Some(name) if is_presented(name) => rule::TOKEN_TYPE.pass(name),
        Some(name) if is_meant_as_bearer(name) => rule::TOKEN_TYPE.warn("Bearer or DPoP", visible(name)),
        Some(name) => rule::TOKEN_TYPE.broken("Bearer or DPoP", visible(name)),
    }
}

/// Types that this client presents. RFC 6749 section 5.1: the value is case-insensitive.
fn is_presented(name: &str) -> bool {
    ["bearer", "dpop"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Words of servers for tokens that are presented as Bearer: Slack says whose they are, Apigee writes one word more, others
/// say in what form they are or repeat the type of an exchange (RFC 8693 section 3).
const MEANT_AS_BEARER: [&str; 6] = ["access_token", "bearer", "bearertoken", "bot", "jwt", "user"];

fn is_meant_as_bearer(name: &str) -> bool {
    let word = name.trim().to_ascii_lowercase();
    MEANT_AS_BEARER.contains(&word.strip_prefix(TOKEN_TYPE).unwrap_or(&word))
}

/// A type that is not understood must not be used (RFC 6749 section 7.1): this client would show the token as Bearer. N_A is
/// understood: no API is called with such a token (RFC 8693 section 2.2.1). Of what is understood nothing is said
/// beside `token_type`. Where none is said, servers mean Bearer, and `null` is how some programs write what is not
/// there; a number or an object says something that nobody can know.
pub fn type_understood(tokens: &TokenResponse, written: Option<&Json>) -> Option<Check> {
    tokens.access_token.as_ref()?;
    let broken = |actual: String| rule::TYPE_UNDERSTOOD.broken("Bearer or DPoP", actual);
    match (tokens.token_type.as_deref(), written) {
        (Some(name), _) => {
            let is_known = is_presented(name) || is_meant_as_bearer(name) || name.eq_ignore_ascii_case("n_a");
            (!is_known && !name.is_empty()).then(|| broken(visible(name).into_owned()))
        }
        (None, None | Some(Json::Null)) => None,
        (None, Some(other)) => Some(broken(other.a_kind().to_owned())),
    }
}

/// A token of type DPoP of a client that proves no key: it could only be shown as Bearer, which it is not (RFC 9449
/// section 7.1).
pub fn type_provable(tokens: &TokenResponse, request: &HttpRequest, settings: &Settings) -> Option<Check> {
    let is_proven = settings.protection.dpop_bound_access_tokens || request.headers.get(DPOP).is_some();
    let name = tokens.token_type.as_deref().filter(|_| tokens.access_token.is_some() && tokens.is_of_type(DPOP))?;
    (!is_proven).then(|| rule::TYPE_UNDERSTOOD.broken("Bearer, since no key is proven", name))
}

#[cfg(test)]
mod tests {
    use crate::base::check::Verdict::{Fail, Pass, Warn};
    use crate::client::endpoint::token::{Asked, accept, tests::answer};

    #[test]
    fn what_is_no_text_is_told_by_its_kind() {
        for (written, said, understood) in [
            ("7", "a number", Some(Fail)),
            ("null", "null", None),
            ("{}", "an object", Some(Fail)),
            ("[\"Bearer\"]", "an array", Some(Fail)),
        ] {
            let checks =
                accept(&answer(200, &format!(r#"{{"access_token":"a","token_type":{written}}}"#)), Asked::default())
                    .checks;
            let check = checks.iter().find(|check| check.rule.id == "token.token_type").expect("a verdict");
            assert_eq!((check.verdict, check.actual.as_deref()), (Fail, Some(said)), "{written}");
            let check = checks.iter().find(|check| check.rule.id == "token.type_understood");
            assert_eq!(check.map(|check| check.verdict), understood, "{written}");
        }
        let checks = accept(&answer(200, r#"{"access_token":"a"}"#), Asked::default()).checks;
        let check = checks.iter().find(|check| check.rule.id == "token.token_type").expect("a verdict");
        assert_eq!(check.actual.as_deref(), Some("absent"));
        assert!(checks.iter().all(|check| check.rule.id != "token.type_understood"));
    }

    #[test]
    fn a_type_that_is_not_understood_ends_the_run_and_a_word_for_bearer_does_not() {
        for (word, said, understood) in [
            ("bearer", Pass, None),
            ("DPoP", Pass, None),
            ("bot", Warn, None),
            ("BearerToken", Warn, None),
            ("Bearer ", Warn, None),
            ("urn:ietf:params:oauth:token-type:access_token", Warn, None),
            ("N_A", Fail, None),
            ("mac", Fail, Some(Fail)),
            ("pop", Fail, Some(Fail)),
            ("", Fail, None),
        ] {
            let checks =
                accept(&answer(200, &format!(r#"{{"access_token":"a","token_type":"{word}"}}"#)), Asked::default())
                    .checks;
            let verdict = |id: &str| checks.iter().find(|check| check.rule.id == id).map(|check| check.verdict);
            assert_eq!(
                (verdict("token.token_type"), verdict("token.type_understood")),
                (Some(said), understood),
                "{word}"
            );
        }
    }
}
