//! Calling a protected resource and reading what it says about the token (RFC 6750).

use url::Url;

use crate::base::check::Check;
use crate::base::http::{HttpRequest, HttpResponse, JSON};
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::client::answer::{Accepted, Outcome, error_within, refusal_in, status};
use crate::client::body;
use crate::client::body::said;
use crate::client::challenge::{Challenge, challenges, none_read};
use crate::client::rules::resource as rule;
use crate::client::seal::{Carrier, Draft, Seal};
use crate::client::settings::RequestSettings;
use crate::terms::error::OAuthError;
use crate::terms::glossary;

/// An access token as it is presented.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The token.
    pub token: &'a Secret,
    /// Whether it goes with a proof of the key that it is bound to (RFC 9449 section 7).
    pub is_bound: bool,
}

impl Presented<'_> {
    /// As it goes into a header, or, unless it is bound, to where the caller wants it.
    const fn carrier(&self, wanted: Carrier) -> Carrier {
        if self.is_bound { Carrier::Bound } else { wanted }
    }
}

/// Drafts a call with the token in the `Authorization` header.
pub fn request(method: &str, url: Url, access_token: Presented<'_>) -> Draft {
    let message = HttpRequest { method: method.to_owned(), ..HttpRequest::get(url) };
    with_token(message, access_token, Carrier::Header)
}

/// The message with the seal of the token, which may be bound to the client's certificate (RFC 8705 section 3) or key.
pub(super) fn with_token(message: HttpRequest, access_token: Presented<'_>, carrier: Carrier) -> Draft {
    let token = Seal::AccessToken { token: access_token.token.clone(), carrier: access_token.carrier(carrier) };
    let draft = Draft::of(message).sealed_with(token).sealed_with(Seal::Certificate);
    if access_token.is_bound { draft.sealed_with(Seal::Dpop) } else { draft }
}

/// The API call of the settings: method, header fields and body as they are typed. An `Authorization` that is typed
/// takes the place of the token's.
pub fn api_request(api_url: Url, access_token: Presented<'_>, settings: &RequestSettings) -> Draft {
    with_token(api_message(api_url, settings), access_token, Carrier::Header)
}

/// The same call without a token.
pub fn api_message(api_url: Url, settings: &RequestSettings) -> HttpRequest {
    let method = if settings.api_method.is_empty() { "GET" } else { &settings.api_method };
    let mut call = HttpRequest { method: method.to_owned(), ..HttpRequest::get(api_url) };
    for (name, value) in settings.api_headers.iter().filter(|(name, _)| !name.is_empty()) {
        call.headers.set(name, value);
    }
    if !settings.api_body.is_empty() {
        if call.headers.get("content-type").is_none() {
            call.headers.push("Content-Type", body_type(&settings.api_body));
        }
        call.body = settings.api_body.clone().into_bytes();
    }
    call
}

fn body_type(body: &str) -> &'static str {
    if Json::parse_text(body).is_ok() { JSON } else { "text/plain; charset=utf-8" }
}

/// Rules for the call as it leaves.
pub fn lint(sent: &HttpRequest, access_token: &Secret) -> Vec<Check> {
    let in_url = !access_token.is_empty() && sent.query().iter().any(|(_, value)| value == access_token.expose());
    vec![rule::TOKEN_IN_URL.holds(!in_url, "the Authorization header", if in_url { "the query" } else { "none" })]
}

/// Reads the answer of an API. Success is any 2xx.
pub fn accept<T>(response: &HttpResponse, value: T) -> Accepted<T> {
    if !response.is_success() {
        return refused(response);
    }
    // What is no object is the API's own matter.
    let json = body::read(response).ok().map(|body| body.json);
    let check = match json.as_ref().and_then(error_within) {
        Some((error, true)) if !error.is_without_words() => return refused_within(response, error),
        Some((error, _)) if json.as_ref().is_some_and(is_of_oauth) => status_of_error(response, &error),
        // What became of a job, or of one part of a question, is the API's own matter.
        Some((error, _)) => {
            rule::STATUS.note(format!("{}, and its own data tell of an error: {error}", status(response)))
        }
        None => of_success(response),
    };
    Accepted { outcome: Outcome::Success(value), checks: vec![check] }
}

/// Whether an error is in the words of OAuth, wherever it stands: with a description, or with a code of its documents.
fn is_of_oauth(json: &Json) -> bool {
    let is_code = |error: &OAuthError| glossary::error(&error.error).is_some();
    OAuthError::from_json(json).is_some_and(|error| error.error_description.is_some() || is_code(&error))
}

/// What a success says against itself: a challenge that names an error, or a page at which people sign in.
fn of_success(response: &HttpResponse) -> Check {
    let status = status(response);
    match challenges(response).iter().find_map(Challenge::error) {
        Some(error) => rule::STATUS.warn("a success without an error", format!("{status} with a challenge: {error}")),
        None if said::is_login(response) => {
            let title = said::words(response).map(|title| format!(" (\"{title}\")")).unwrap_or_default();
            rule::STATUS.warn("an answer of the API", format!("{status} with a page at which people sign in{title}"))
        }
        None => rule::STATUS.pass(status),
    }
}

/// An error that came as a success: it is told as the server's, whatever the status says.
pub(super) fn refused_within<T>(response: &HttpResponse, error: OAuthError) -> Accepted<T> {
    let checks = vec![status_of_error(response, &error)];
    Accepted { outcome: Outcome::Refused(error), checks }
}

fn status_of_error(response: &HttpResponse, error: &OAuthError) -> Check {
    rule::STATUS.warn("a success without an error", format!("{} with the error {error}", status(response)))
}

/// Reads a refusal from its challenge, or from the JSON beside it. Also used for UserInfo. To refuse a token is a server's
/// right; that it failed itself is not what was wanted.
pub fn refused<T>(response: &HttpResponse) -> Accepted<T> {
    let challenges = challenges(response);
    let is_refusal = (400..500).contains(&response.status);
    let mut checks = vec![match is_refusal {
        true => rule::STATUS.note(status(response)),
        false => rule::STATUS.warn("2xx", status(response)),
    }];
    if response.status == 401 {
        let said = match challenges.is_empty() {
            true => none_read(response),
            false => response.headers.get("www-authenticate").map_or_else(String::new, |it| visible(it).into_owned()),
        };
        checks.push(rule::CHALLENGE.holds(!challenges.is_empty(), "WWW-Authenticate", said));
    }
    let said = challenges.iter().find_map(Challenge::error);
    let outcome = match said.or_else(|| refusal_in(response).filter(|_| is_refusal)) {
        Some(error) => Outcome::Refused(error),
        None => Outcome::Unreadable(said::told(response)),
    };
    Accepted { outcome, checks }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;
    use crate::client::seal::left;
    use crate::client::settings::Settings;

    fn bearer(token: &Secret) -> Presented<'_> {
        Presented { token, is_bound: false }
    }

    #[test]
    fn a_refusal_is_read_from_the_challenge() {
        let bare = HttpResponse::new(401, "text/plain", "");
        let accepted = accept(&bare, ());
        assert!(matches!(accepted.outcome, Outcome::Unreadable(_)));
        assert!(
            accepted.checks.iter().any(|check| check.rule.id == "resource.challenge" && check.verdict == Verdict::Fail)
        );
        let said = bare.with_header("WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
        assert!(matches!(accept(&said, ()).outcome, Outcome::Refused(error) if error.error == "insufficient_scope"));
    }

    #[test]
    fn an_error_in_a_success_is_told_and_ends_the_call_where_nothing_else_came() {
        for (body, refuses, verdict) in [
            (r#"{"error":"invalid_token","error_description":"nope"}"#, true, Verdict::Warn),
            (r#"{"errors":[{"message":"nope"}]}"#, true, Verdict::Warn),
            (r#"{"data":null,"errors":[{"message":"nope"}]}"#, true, Verdict::Warn),
            (r#"{"data":{"me":1},"errors":[{"message":"nope"}]}"#, false, Verdict::Note),
            (r#"{"jobs":[1],"error":"nope"}"#, false, Verdict::Note),
            (r#"{"jobs":[1],"error":"invalid_token","error_description":"nope"}"#, false, Verdict::Warn),
            (r#"{"status":"error","message":"nope"}"#, true, Verdict::Warn),
            (r#"{"id":1,"errors":[]}"#, false, Verdict::Pass),
            (r#"{"id":1,"error":null}"#, false, Verdict::Pass),
            (r#"{"message":"hello"}"#, false, Verdict::Pass),
            ("[]", false, Verdict::Pass),
        ] {
            let accepted = accept(&HttpResponse::new(200, JSON, body), ());
            assert_eq!(matches!(accepted.outcome, Outcome::Refused(_)), refuses, "{body}");
            assert_eq!(accepted.checks[0].verdict, verdict, "{body}");
            let said = accepted.checks[0].actual.as_deref().unwrap_or_default();
            assert_eq!(said.contains("nope"), verdict != Verdict::Pass, "{said}");
        }
        // What became of a job.
        let job = accept(&HttpResponse::new(200, JSON, r#"{"status":"error"}"#), ());
        assert!(matches!(job.outcome, Outcome::Success(())));
        assert_eq!(job.checks[0].verdict, Verdict::Note);
    }

    #[test]
    fn a_call_leaves_as_it_is_typed() {
        let url = Url::parse("https://api.example/orders").expect("a URL");
        let mut settings = RequestSettings::default();
        let call = left(&api_request(url.clone(), bearer(&"t0k3n".into()), &settings), &Settings::default());
        assert_eq!((call.method.as_str(), call.body.len()), ("GET", 0));
        "POST".clone_into(&mut settings.api_method);
        r#"{"a":1}"#.clone_into(&mut settings.api_body);
        settings.api_headers.push("X-Request-Id", "1");
        let call = left(&api_request(url.clone(), bearer(&"t0k3n".into()), &settings), &Settings::default());
        let header = |name| call.headers.get(name);
        assert_eq!(
            (call.method.as_str(), header("content-type"), header("x-request-id")),
            ("POST", Some(JSON), Some("1"))
        );
        assert_eq!(header("authorization"), Some("Bearer t0k3n"));
        settings.api_headers.push("authorization", "Basic x");
        let call = left(&api_request(url, bearer(&"t0k3n".into()), &settings), &Settings::default());
        assert_eq!(call.headers.get("authorization"), Some("Basic x"));
    }

    #[test]
    fn a_token_in_the_url_is_noticed() {
        let url = Url::parse("https://api.example/?access_token=t0k3n").expect("a URL");
        let sent = request("GET", url, bearer(&"t0k3n".into())).message;
        assert_eq!(lint(&sent, &"t0k3n".into())[0].verdict, Verdict::Fail);
        assert_eq!(lint(&sent, &"other".into())[0].verdict, Verdict::Pass);
    }
}
