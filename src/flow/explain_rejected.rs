//! What must not be used: what is demanded then, and why it came, where the answer shows it.

use crate::base::check::Check;
use crate::base::params::Params;
use crate::base::text::{quoted, visible};
use crate::base::time::Timestamp;
use crate::base::typed::typed;
use crate::client::body;
use crate::client::id_token::claim_of;
use crate::jose::claims::{CLOCK_SKEW, numeric_date};
use crate::jose::jwt::{Decoded, Form, SIZE_LIMIT};
use crate::terms::error::OAuthError;
use crate::terms::metadata::Endpoint;

use super::callback::{Callback, Via};
use super::joint::Joint;
use super::trace::{Answer, Exchange};
use super::{Flow, explain_proof};

/// `An ID token of another issuer must be rejected`: what is not there is told as that, and not as another one.
pub(super) fn demand(check: &Check) -> String {
    let is_of_token = check.rule.id.starts_with("id_token.");
    let what = claim_of(check);
    match check.actual.as_deref().unwrap_or_default() {
        _ if is_of_token && is_no_time(check) => format!("An ID token whose {what} is no time must be rejected"),
        actual if is_of_token && actual.starts_with("absent") => {
            format!("An ID token without {what} must be rejected")
        }
        actual if check.rule.id == "userinfo.sub" && is_unusable(actual) => {
            "Claims that do not say whose they are must not be used".to_owned()
        }
        _ => check.rule.rejects.unwrap_or_default().trim_end_matches('.').to_owned(),
    }
}

/// What to try, the likeliest cause first.
pub(super) fn advice(flow: &Flow, check: &Check) -> Vec<String> {
    if let Some(certain) = certain(flow, check) {
        return vec![certain];
    }
    likely(flow, check).into_iter().chain([check.rule.fix.to_owned()]).collect()
}

/// Whether a time was expected and something else came.
fn is_no_time(check: &Check) -> bool {
    check.expected.as_deref().is_some_and(|expected| expected.contains("seconds"))
}

/// How UserInfo says that a `sub` cannot be compared.
fn is_unusable(actual: &str) -> bool {
    actual.starts_with("no sub") || actual.starts_with("sub is ")
}

/// The newest ID token.
fn id_token(flow: &Flow) -> Option<&Decoded> {
    flow.session.tokens.iter().rev().find_map(|tokens| tokens.id_token.as_ref())
}

/// The one cause that the answer itself proves: what is usual beside that rule would only contradict it.
fn certain(flow: &Flow, check: &Check) -> Option<String> {
    let actual = check.actual.as_deref().unwrap_or_default();
    let what = claim_of(check);
    match check.rule.id {
        _ if explain_proof::is_missed(check) => Some(explain_proof::SWITCH_ON.to_owned()),
        "id_token.exp" | "id_token.iat" | "id_token.nbf" | "jarm.exp" | "jarm.nbf" if is_no_time(check) => Some(format!(
            "The clocks are not the matter: have the server write {what} as a number of seconds since 1970 (RFC 7519 \
             section 2), not as text and not in milliseconds."
        )),
        "id_token.exp" | "id_token.iat" | "id_token.nbf" => clocks(flow, what).map(str::to_owned),
        "id_token.format" => id_token(flow).and_then(another_form).map(str::to_owned),
        "id_token.signature" if id_token(flow).is_some_and(|token| token.form == Form::UnsecuredJws) => Some(
            "Have the server sign the ID tokens of this client (id_token_signed_response_alg in its registration): the token \
             says alg none and has no signature, so that no key is the matter. If it does so already, somebody took the \
             signature off on the way."
                .to_owned(),
        ),
        "id_token.iss" if check.expected.as_deref().is_some_and(|issuer| issuer.contains('{')) => Some(
            "The issuer of the metadata is a template that tid of the token fills, and this token has no tid: have the \
             server write tid into its ID tokens, or use the issuer of one tenant."
                .to_owned(),
        ),
        "id_token.iss" => named_twice(flow, check.expected.as_deref()?, actual),
        "id_token.signature" if FITS.iter().any(|words| actual.contains(words)) => Some(
            "The key fits, and what the key set says of it does not: have the server mend that key at jwks_uri, as the \
             check tells."
                .to_owned(),
        ),
        "id_token.at_hash" | "id_token.c_hash" | "id_token.s_hash" => spelt(check.expected.as_deref()?, actual).map(|how| {
            format!("The hash itself is right, {how}: have the server write {what} in base64url without padding (RFC 7515 section 2), the left half of the hash.")
        }),
        "userinfo.sub" if is_unusable(actual) => Some(
            "This is not of another user; it says of none. Have the server send sub in each UserInfo answer, as text and \
             the same as in the ID token (OIDC Core section 5.3.2)."
                .to_owned(),
        ),
        id if id.starts_with("id_token.") && actual == "absent" && what != "nonce" => {
            Some(format!("Have the server write {what} into its ID tokens ({}).", check.rule.spec))
        }
        _ => None,
    }
}

/// Whose clock is off, as the answer with the token tells it: by its own Date (RFC 9110 section 6.6.1).
fn clocks(flow: &Flow, claim: &str) -> Option<&'static str> {
    let token = id_token(flow)?;
    let brought = |exchange: &&Exchange| {
        let body = exchange.response().and_then(|response| body::read(response).ok());
        body.is_some_and(|body| body.json.text("id_token") == Some(token.text.as_str()))
    };
    let exchange = flow.trace.exchanges.iter().rev().map(|exchange| &**exchange).find(brought)?;
    let date = Timestamp::parse_http_date(exchange.response()?.headers.get("date")?)?;
    let time = numeric_date(token.claim(claim)?).ok()?;
    compared(claim == "exp", time, date, exchange.sent_at + exchange.took)
}

/// The same for a time that a token ends at, or else begins at.
fn compared(is_end: bool, time: Timestamp, date: Timestamp, here: Timestamp) -> Option<&'static str> {
    let is_near = date.since(here) < CLOCK_SKEW && here.since(date) < CLOCK_SKEW;
    let is_in_time = if is_end { date.since(time) < CLOCK_SKEW } else { time.since(date) < CLOCK_SKEW };
    match (is_near, is_end) {
        (true, true) => Some(
            "Both clocks agree, by the Date header field of the same answer: the token was over when it was sent. The server \
             hands out an old one, or one that ends too early.",
        ),
        (true, false) => Some(
            "This machine's clock and the Date header field of the same answer agree: what writes the token goes by a clock \
             that is ahead. Correct that one, at the server.",
        ),
        (false, _) if is_in_time => Some(
            "By the Date header field of the same answer the token is in time: the clock of this machine and that of the \
             server differ. Compare this machine's with a time server first.",
        ),
        (false, _) => None,
    }
}

/// What came in the place of a signed JWT, where that is known.
fn another_form(token: &Decoded) -> Option<&'static str> {
    Some(match token.form {
        Form::Opaque if token.text.is_empty() => {
            "id_token is there and empty: the server made none and wrote its name all the same. Look into its log, and whether \
             this client is registered for OpenID Connect."
        }
        Form::Opaque if token.text.len() > SIZE_LIMIT => {
            "The ID token is too long to be taken apart here, and for the headers and cookies of most clients: have the \
             server put less into it, such as groups or a picture, which UserInfo can tell."
        }
        Form::Opaque => {
            "A JWT has three parts in base64url with a dot between each two, and this has not: look whether the server writes \
             another token, or its own session, into id_token."
        }
        Form::JsonSerialization => {
            "The ID token is a JWS written as JSON: have the server write it in the compact form (RFC 7519 section 3)."
        }
        Form::Jwe => {
            "What was encrypted is no signed token: have the server sign the ID token first and encrypt it then (OIDC Core \
             section 16.14)."
        }
        Form::Jws | Form::UnsecuredJws if token.claims.is_none() => {
            "The claims are no JSON object: have the server write one, and nothing else, as the payload (RFC 7519 section 7.2)."
        }
        Form::Jws | Form::UnsecuredJws => return None,
    })
}

/// How a key that is described wrongly is told.
const FITS: [&str; 2] = ["by this key all the same", "it fits and verifies"];

/// A server whose own metadata say another issuer than its token: following the one breaks the other.
fn named_twice(flow: &Flow, expected: &str, actual: &str) -> Option<String> {
    flow.session.metadata.as_ref()?.json.text("issuer").filter(|issuer| *issuer == expected)?;
    let (metadata, token) = (quoted(expected), quoted(actual));
    let both = format!("The metadata name {metadata}, the ID token {token}");
    Some(match expected.trim_end_matches('/') == actual.trim_end_matches('/') {
        true => format!("{both}: a last slash apart, which no setting mends. Have the server write the same in both."),
        false => format!(
            "{both}: use nothing of it. Either the server names itself in two ways, which it alone can mend, or the token is \
             of another server: look at token_endpoint."
        ),
    })
}

/// How the left half of a hash is written, where it is that and written otherwise.
fn spelt(expected: &str, actual: &str) -> Option<&'static str> {
    let plain: String = actual.trim_end_matches('=').replace('+', "-").replace('/', "_");
    match () {
        () if plain == expected && plain.len() < actual.len() && !actual.contains(['+', '/']) => {
            Some("and written with padding (=) at its end")
        }
        () if plain == expected => Some("and written in base64 with + and /, not in base64url"),
        // Half of 32, 48 or 64 bytes; the last letter of the half holds bits of the next byte.
        () if plain.len() > expected.len()
            && expected.len() > 1
            && plain.starts_with(&expected[..expected.len() - 1]) =>
        {
            Some("and written whole, not its left half alone")
        }
        () => None,
    }
}

/// Why what broke this rule may have come.
fn likely(flow: &Flow, check: &Check) -> Option<String> {
    match check.rule.id {
        "id_token.signature" if id_token(flow).is_some_and(Decoded::is_mac) => Some(format!(
            "{} is made with client_secret, not with a key of jwks_uri (OIDC Core section 10.1): compare it with the \
             server's. Some servers, Keycloak among them, use a key that nobody else has; register an algorithm with a \
             public key, such as RS256.",
            visible(id_token(flow)?.alg()?)
        )),
        "id_token.signature" => {
            let typed = flow.settings.endpoint(Endpoint::Jwks, None)?;
            let named = flow.session.metadata.as_ref()?.endpoint(Endpoint::Jwks).filter(|named| *named != typed)?;
            Some(format!("jwks_uri is set to {}, and the metadata name {}: leave it empty.", visible(typed), visible(named)))
        }
        "authorization_response.state" if is_missing(check) && error_of(flow).is_some() => Some(format!(
            "What came is an error without state: {}. The server has to return state in errors too (RFC 6749 section \
             4.1.2.1); without it nobody knows whose error it is.",
            error_of(flow)?
        )),
        "authorization_response.iss" if is_encoded_twice(check) => Some(
            "iss is right and percent-encoded once too often: the server has to encode it once, as any other parameter. A \
             client that compares it has to refuse this response."
                .to_owned(),
        ),
        "authorization_response.iss" | "authorization_response.state" if is_missing(check) && came_apart(flow) => Some(
            "The response came in two places: the fragment, where it is read, and the query, where a part of it stands. Have \
             the server put all of it where response_mode says; a redirect URI with a query of its own may mislead it."
                .to_owned(),
        ),
        "authorization_response.state" if was_pasted(flow) && !is_missing(check) => Some(typed(
            "The address that was pasted is of another request: state is drawn anew for each. Sign in with the request of \
             this run and paste where that ends.",
            "--redirected-to -, which asks for it while it waits.",
        )),
        "authorization_response.state" if is_missing(check) => Some(
            "state was sent and did not come back: the server has to return it unchanged (RFC 6749 section 4.1.2), and \
             something between may have dropped it."
                .to_owned(),
        ),
        "authorization_response.iss" if is_missing(check) => Some(
            "The metadata announce iss in each response, and none came: the server leaves it out for this client, where \
             it is switched on again, or something between dropped it."
                .to_owned(),
        ),
        _ => None,
    }
}

/// Whether a parameter of a response is not there, and not another one.
fn is_missing(check: &Check) -> bool {
    check.actual.as_deref().is_some_and(|actual| actual.starts_with("no "))
}

/// Whether a parameter is what was expected once its percent-encoding is undone a second time.
fn is_encoded_twice(check: &Check) -> bool {
    let (Some(expected), Some(actual)) = (&check.expected, &check.actual) else { return false };
    let decoded = Params::parse(format!("iss={actual}").as_bytes());
    actual.contains('%') && decoded.get("iss") == Some(expected.as_str())
}

/// The newest response.
fn newest(flow: &Flow) -> Option<&Callback> {
    flow.trace.exchanges.iter().rev().find_map(|exchange| match &exchange.answer {
        Answer::Callback(callback) => Some(callback),
        _ => None,
    })
}

/// The error that the newest response is.
fn error_of(flow: &Flow) -> Option<OAuthError> {
    OAuthError::from_params(&newest(flow)?.params)
}

/// Whether the newest response was typed and did not come by itself.
fn was_pasted(flow: &Flow) -> bool {
    newest(flow).is_some_and(|callback| matches!(callback.via, Via::Pasted(_)))
}

/// Whether a part of the newest response stands in the query, and the rest in the fragment.
fn came_apart(flow: &Flow) -> bool {
    newest(flow).is_some_and(|callback| callback.joint == Some(Joint::Apart))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_the_answer_says_whose_clock_is_off() {
        let at = |minutes: i64| Timestamp::from_seconds(1_795_429_800 + 60 * minutes);
        for (is_end, time, date, says) in [
            (true, -10, 0, Some("Both clocks agree")),
            (true, -10, -20, Some("By the Date header field")),
            (true, -10, 20, None),
            (false, 10, 0, Some("This machine's clock and the Date")),
            (false, 10, 10, Some("By the Date header field")),
            (false, 10, -20, None),
        ] {
            let said = compared(is_end, at(time), at(date), at(0));
            assert_eq!(said.map(|said| said.starts_with(says.unwrap_or("?"))), says.map(|_| true), "{time} {date}");
        }
    }

    #[test]
    fn a_hash_that_is_written_otherwise_is_recognised() {
        let expected = "77QmUPtjPfzWtF2AnpK9RQ";
        for (actual, how) in [
            ("77QmUPtjPfzWtF2AnpK9RQ==", Some("padding")),
            ("77QmUPtjPfzWtF2AnpK9RVvvbVBBhZ6lbYkCmRqiZpw", Some("whole")),
            ("another", None),
            ("", None),
        ] {
            let said = spelt(expected, actual);
            assert_eq!(said.map(|said| said.contains(how.unwrap_or("?"))), how.map(|_| true), "{actual}");
        }
        assert!(spelt("a-_b", "a+/b").is_some_and(|how| how.contains("base64url")));
    }
}
