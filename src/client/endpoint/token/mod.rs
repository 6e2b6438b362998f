//! The token request of every grant and its response (RFC 6749 sections 4.1.3, 5 and 6).

mod refresh;
mod token_type;

use url::Url;

use crate::base::check::Check;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::{quoted, visible};
use crate::client::answer::{Accepted, Outcome, challenge_of_client, content_type, duplicates, status, without_error};
use crate::client::body::{self, Body};
use crate::client::rules::{settings as setting, token as rule};
use crate::client::seal::{Draft, Seal, authenticated, identified};
use crate::client::settings::Settings;
use crate::client::strength;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::error::{OAuthError, says_no};
use crate::terms::glossary;
use crate::terms::metadata::ServerMetadata;
use crate::terms::scope;

pub use self::refresh::{accept_family, accept_refresh, accept_reuse};
pub use self::token_type::{TOKEN_TYPE, token_type, type_provable, type_understood};

/// Seconds in a year; an `expires_in` above it is most likely milliseconds or a date.
const YEAR: i64 = 365 * 86_400;

/// Methods by which the client proves that it has a key, without showing it.
const ASYMMETRIC: [&str; 3] = ["private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"];

/// What a successful token response holds. Absent and mistyped members are `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenResponse {
    /// The credential for APIs.
    pub access_token: Option<Secret>,
    /// `Bearer` or `DPoP`.
    pub token_type: Option<String>,
    /// Seconds from the response on.
    pub expires_in: Option<i64>,
    /// For new tokens without the user.
    pub refresh_token: Option<Secret>,
    /// The granted scope, when said.
    pub scope: Option<String>,
    /// Who signed in, as a JWT.
    pub id_token: Option<Secret>,
    /// The fine-grained permissions that were granted, when said (RFC 9396 section 7).
    pub authorization_details: Option<Json>,
}

impl TokenResponse {
    /// Whether the access token is of this type, in any case (RFC 6749 section 5.1).
    pub fn is_of_type(&self, name: &str) -> bool {
        self.token_type.as_ref().is_some_and(|said| said.eq_ignore_ascii_case(name))
    }

    /// From an authorization response. `None` when it carries no token.
    pub fn from_params(params: &Params) -> Option<Self> {
        let secret = |name| params.get(name).map(Secret::from);
        let tokens = Self {
            access_token: secret("access_token"),
            token_type: params.get("token_type").map(str::to_owned),
            expires_in: params.get("expires_in").and_then(|seconds| seconds.parse().ok()),
            refresh_token: secret("refresh_token"),
            scope: params.get("scope").map(str::to_owned),
            id_token: secret("id_token"),
            authorization_details: params.get("authorization_details").and_then(|text| Json::parse_text(text).ok()),
        };
        (tokens.access_token.is_some() || tokens.id_token.is_some()).then_some(tokens)
    }

    /// An empty text is no token: nothing could be sent with it.
    fn read(json: &Json) -> Self {
        let secret = |name| json.text(name).filter(|token| !token.is_empty()).map(Secret::from);
        Self {
            access_token: secret("access_token"),
            token_type: json.text("token_type").map(str::to_owned),
            expires_in: json.get("expires_in").and_then(Json::as_i64),
            refresh_token: secret("refresh_token"),
            scope: json.get("scope").and_then(granted),
            id_token: secret("id_token"),
            authorization_details: json.get("authorization_details").cloned(),
        }
    }
}

/// A scope as it was meant: some servers send an array.
fn granted(scope: &Json) -> Option<String> {
    match scope {
        Json::String(scope) => Some(scope.clone()),
        Json::Array(_) => Some(scope.strings().join(" ")),
        _ => None,
    }
}

/// Drafts a token request: the grant's own parameters and the additions of the settings.
pub fn request(token_endpoint: Url, form: Params, settings: &Settings) -> Draft {
    let additions = &settings.token_request;
    let mut form = identified(form, settings);
    for name in scope::words(&additions.omit) {
        form.remove(name);
    }
    form.0.extend(additions.extra.0.iter().filter(|(name, _)| !name.is_empty()).cloned());
    let mut draft = authenticated(token_endpoint, &form);
    if settings.protection.dpop_bound_access_tokens {
        draft = draft.sealed_with(Seal::Dpop);
    }
    for (name, value) in additions.headers.iter().filter(|(name, _)| !name.is_empty()) {
        draft.message.headers.set(name, value);
    }
    match sealed_omissions(&additions.omit, &additions.extra) {
        omitted if omitted.is_empty() => draft,
        omitted => draft.sealed_with(Seal::Without(omitted)),
    }
}

/// What is left out and would be put on again by a seal. What is typed in its place stays.
fn sealed_omissions(omit: &str, typed: &Params) -> String {
    scope::words(omit).filter(|name| !typed.contains(name)).collect::<Vec<_>>().join(" ")
}

/// A request about a token (RFC 7009 section 2.1, RFC 7662 section 2.1). `hint` says which kind of token it is.
pub fn about(endpoint: Url, token: &Secret, hint: &str, settings: &Settings) -> Draft {
    let form: Params = [("token", token.expose()), ("token_type_hint", hint)].into_iter().collect();
    authenticated(endpoint, &identified(form, settings))
}

/// Holds the choice of client authentication against what the server offers (RFC 9700 section 2.5).
pub fn lint(request: &HttpRequest, settings: &Settings, metadata: Option<&ServerMetadata>) -> Vec<Check> {
    let method = settings.auth_method().map_or("another method", ClientAuthMethod::name);
    let offered = metadata.and_then(|metadata| metadata.supported("token_endpoint_auth_methods_supported"));
    // Many servers take public clients and list no method for them.
    let listed = offered.as_ref().filter(|_| settings.auth_method().is_some_and(|it| it != ClientAuthMethod::None));
    let offers = match listed {
        Some(listed) => setting::OFFERED_AUTH.holds(listed.contains(&method), visible(&listed.join(", ")), method),
        None => setting::OFFERED_AUTH.skipped("no list of the server tells"),
    };
    let asymmetric: Vec<&str> =
        offered.unwrap_or_default().into_iter().filter(|name| ASYMMETRIC.contains(name)).collect();
    let is_symmetric = method.starts_with("client_secret_");
    let has_password = request.form().is_some_and(|form| form.get("grant_type") == Some("password"));
    vec![
        offers,
        setting::SYMMETRIC_AUTH.holds(!is_symmetric || asymmetric.is_empty(), visible(&asymmetric.join(", ")), method),
        match has_password {
            true => setting::PASSWORD.warn("another grant", "grant_type password"),
            false => setting::PASSWORD.pass("no password is sent"),
        },
        match (method, settings.client.client_secret.is_empty()) {
            ("none", false) => setting::SECRET_UNSENT.broken("a method that sends client_secret", method),
            (_, true) => setting::SECRET_UNSENT.skipped("no client_secret is filled in"),
            (_, false) => setting::SECRET_UNSENT.pass(method),
        },
    ]
}

/// What a token request asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// The scope of the request, or what leaving it out means; empty when neither is known.
    pub scope: &'a str,
    /// Its `grant_type`.
    pub grant_type: &'a str,
    /// Whether the client authenticated by `Authorization: Basic`.
    pub is_basic: bool,
}

/// Reads a token response.
pub fn accept(response: &HttpResponse, asked: Asked<'_>) -> Accepted<TokenResponse> {
    let mut checks = vec![content_type(&rule::CONTENT_TYPE, response)];
    let json = match body::read(response) {
        Ok(Body { json, check }) => {
            checks.push(check);
            json
        }
        Err(what) => {
            checks.extend(is_in_passing(response).then(|| error_status(response, None)));
            return Accepted { outcome: Outcome::Unreadable(what), checks };
        }
    };
    checks.push(duplicates(&rule::DUPLICATES, &json));
    let tokens = TokenResponse::read(&json);
    let has_tokens = tokens.access_token.is_some() || tokens.id_token.is_some();
    if let Some(error) = OAuthError::from_json(&json) {
        checks.extend(error_checks(response, &error, asked.is_basic));
        return Accepted { outcome: Outcome::Refused(error), checks };
    }
    // What says no without a text error, and in which words; beside tokens it is only odd.
    let is_no = !response.is_success() || json.get("error").is_some() || says_no(&json);
    let foreign = OAuthError::from_foreign(&json).filter(|_| is_no);
    if let (false, Some((error, how))) = (has_tokens, foreign) {
        checks.extend(error_checks(response, &error, asked.is_basic));
        checks.retain(|check| check.rule != &rule::ERROR);
        checks.push(rule::ERROR.broken("a text error", how));
        return Accepted { outcome: Outcome::Refused(error), checks };
    }
    if !response.is_success() {
        checks.extend(has_tokens.then(|| rule::STATUS.broken("200 with tokens", status(response))));
        let what = without_error(response, &json);
        return Accepted { outcome: Outcome::Unreadable(what), checks };
    }
    if let (true, Some(error)) = (has_tokens, json.get("error").filter(|error| !matches!(error, Json::Null))) {
        checks.push(
            rule::ERROR.broken("tokens or an error", format!("tokens, and error is {}", visible(&error.to_string()))),
        );
    }
    // Only what holds tokens has to be kept out of caches.
    checks.push(cache_control(response));
    checks.extend(success_checks(response, &json, &tokens, asked));
    checks.extend(type_understood(&tokens, json.get("token_type")));
    let outcome = if has_tokens { Outcome::Success(tokens) } else { Outcome::Unreadable(tokenless(&json)) };
    Accepted { outcome, checks }
}

/// What a success without tokens holds instead.
fn tokenless(json: &Json) -> String {
    match (json.get("access_token"), body::misplaced_token(json)) {
        (Some(Json::String(_)), _) => "JSON whose access_token is empty".to_owned(),
        (Some(other), _) => format!("JSON whose access_token is no text but the {}", other.kind()),
        (None, Some(place)) => {
            format!("JSON without access_token; there is one at {}, where clients do not look", visible(&place))
        }
        (None, None) => "JSON with neither access_token nor error".to_owned(),
    }
}

fn cache_control(response: &HttpResponse) -> Check {
    let values: Vec<&str> = response.headers.all("cache-control").collect();
    let value = values.join(", ");
    let has = |directive| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(directive));
    let no_store = has("no-store");
    match value.as_str() {
        "" => rule::CACHE_CONTROL.warn("Cache-Control: no-store", "no Cache-Control"),
        // The stricter word holds (RFC 9111 section 5.2.2.5); who wrote the other meant something else.
        _ if no_store && has("public") => {
            rule::CACHE_CONTROL.note(format!("{}: no-store holds, and public contradicts it", visible(&value)))
        }
        _ if no_store => rule::CACHE_CONTROL.pass(value),
        _ => rule::CACHE_CONTROL.warn("no-store", visible(&value)),
    }
}

fn error_checks(response: &HttpResponse, error: &OAuthError, is_basic: bool) -> Vec<Check> {
    // RFC 6749 appendix A.7: printable ASCII without quote and backslash.
    let is_code = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    let sound = !error.error.is_empty() && error.error.chars().all(is_code);
    let status =
        if is_told_to_wait(response, error) { told_to_wait(response) } else { error_status(response, Some(error)) };
    let of_error = match glossary::error(&error.error) {
        None if sound => rule::ERROR.warn("a registered error code", visible(&error.error)),
        _ => rule::ERROR.holds(sound, "printable ASCII", visible(&error.error)),
    };
    let mut checks = vec![status, of_error];
    checks.extend(challenge_of_client(&rule::CHALLENGE, response, is_basic));
    checks
}

/// What a poll is answered that comes too early (RFC 8628 section 3.5).
const WAITS: [&str; 2] = ["authorization_pending", "slow_down"];

/// Some servers tell a client to wait under a status that says so as well, or under a success: 403, 428, 200. Every
/// client reads the code.
fn is_told_to_wait(response: &HttpResponse, error: &OAuthError) -> bool {
    WAITS.contains(&error.error.as_str()) && matches!(response.status, 200 | 400..500)
}

fn told_to_wait(response: &HttpResponse) -> Check {
    match response.status {
        400 => rule::STATUS.pass(status(response)),
        _ => rule::STATUS.warn("400", status(response)),
    }
}

/// Being asked too often and being down for a while are no faults of the protocol (RFC 6585 section 4, RFC 9110 section
/// 15.6.4).
const fn is_in_passing(response: &HttpResponse) -> bool {
    matches!(response.status, 429 | 503)
}

/// What is said of an answer to a poll that is passed over: nothing of it was acted on.
pub fn passed_over(response: &HttpResponse) -> Vec<Check> {
    let what = body::read(response).err().unwrap_or_else(|| format!("status {}", status(response)));
    let wait = response.headers.get("retry-after").map(|wait| format!(", Retry-After: {}", visible(wait)));
    vec![
        rule::CONTENT_TYPE.skipped("an answer that is passed over"),
        rule::STATUS.warn("200, 400 or 401", format!("{what}{}", wait.unwrap_or_default())),
    ]
}

/// That a user says no, or says nothing in time, some servers answer with 403: a refusal that is well-formed but for that.
const NO: [&str; 3] = ["access_denied", "authorization_declined", "expired_token"];

/// Codes that speak of no client (RFC 6749 section 5.2, RFC 8628 section 3.5).
const OF_THE_REQUEST: [&str; 4] = ["invalid_grant", "invalid_scope", "unsupported_grant_type", "expired_token"];

fn error_status(response: &HttpResponse, error: Option<&OAuthError>) -> Check {
    let is_no = error.is_some_and(|error| NO.contains(&error.error.as_str()));
    let wait = response.headers.get("retry-after").map(|wait| format!(", Retry-After: {}", visible(wait)));
    match response.status {
        _ if is_in_passing(response) => {
            rule::STATUS.warn("400 or 401", format!("{}{}", status(response), wait.unwrap_or_default()))
        }
        403 if is_no => rule::STATUS.warn("400", status(response)),
        401 if error.is_some_and(|error| OF_THE_REQUEST.contains(&error.error.as_str())) => {
            rule::STATUS.warn("400, since 401 is for a client that is not recognised", status(response))
        }
        _ => rule::STATUS.holds(matches!(response.status, 400 | 401), "400 or 401", status(response)),
    }
}

fn success_checks(response: &HttpResponse, json: &Json, tokens: &TokenResponse, asked: Asked<'_>) -> Vec<Check> {
    vec![
        rule::STATUS.holds(response.status == 200, "200", status(response)),
        access_token(tokens),
        token_type(tokens, json.get("token_type")),
        expires_in(json),
        scope_said(json.get("scope"), tokens, asked.scope),
        id_token(json, tokens, asked),
        entropy(tokens),
    ]
}

fn access_token(tokens: &TokenResponse) -> Check {
    match &tokens.access_token {
        None => rule::ACCESS_TOKEN.broken("access_token", "absent, empty, or not text"),
        Some(token) => {
            let printable = token.expose().chars().all(|c| matches!(c, ' '..='~'));
            let length = token.expose().len();
            rule::ACCESS_TOKEN.holds(printable, "characters 0x20 to 0x7E", format!("{length} characters"))
        }
    }
}

fn expires_in(json: &Json) -> Check {
    let Some(value) = json.get("expires_in") else {
        return rule::EXPIRES_IN.broken("seconds", "absent");
    };
    match value.as_i64() {
        None => rule::EXPIRES_IN.broken("a number", value.described()),
        Some(..=0) => rule::EXPIRES_IN.broken("more than 0", value.to_string()),
        Some(seconds) if seconds > YEAR => {
            rule::EXPIRES_IN.broken("seconds, less than a year", format!("{seconds}: milliseconds or a date?"))
        }
        Some(seconds) => rule::EXPIRES_IN.pass(format!("{seconds} s")),
    }
}

fn scope_said(written: Option<&Json>, tokens: &TokenResponse, asked: &str) -> Check {
    if let Some(other) = written.filter(|written| !matches!(written, Json::String(_) | Json::Null)) {
        let words = visible(tokens.scope.as_deref().unwrap_or_default()).into_owned();
        return rule::SCOPE.broken("a text with spaces", format!("the {} {words}", other.kind()));
    }
    match tokens.scope.as_deref() {
        // RFC 6749 section 3.3: one scope token at least.
        Some(granted) if granted.trim().is_empty() => rule::SCOPE.warn("a scope, or no scope member", quoted(granted)),
        Some(granted) if granted.contains(',') && !asked.contains(',') => {
            rule::SCOPE.note(format!("granted {}, where commas separate nothing; asked {asked}", visible(granted)))
        }
        None if asked.is_empty() => rule::SCOPE.pass("not said, and none was asked"),
        None => rule::SCOPE.pass("not said, so it is the scope that was asked"),
        Some(granted) if asked.is_empty() => rule::SCOPE.pass(format!("{}; none was asked", quoted(granted))),
        Some(granted) if scope::same(granted, asked) => rule::SCOPE.pass(visible(granted)),
        Some(granted) => rule::SCOPE.note(format!("granted {}, asked {asked}", quoted(granted))),
    }
}

/// OpenID Connect promises an ID token for the grants in which the user signs in for the client (OIDC Core sections
/// 3.1.3.3 and 12.2, CIBA section 10.1.1). The device grant is in no document of it, though most servers send one.
fn id_token(json: &Json, tokens: &TokenResponse, asked: Asked<'_>) -> Check {
    let saw = json.get("id_token").map_or_else(|| "absent".to_owned(), |came| not_text(came).to_owned());
    match (scope::contains(asked.scope, "openid"), &tokens.id_token, asked.grant_type) {
        (true, Some(_), _) => rule::ID_TOKEN.pass("present"),
        (true, None, "authorization_code" | "urn:openid:params:grant-type:ciba") => {
            rule::ID_TOKEN.broken("id_token", saw)
        }
        (true, None, "urn:ietf:params:oauth:grant-type:device_code") => {
            rule::ID_TOKEN.note("absent; most servers send one when openid is asked")
        }
        (true, None, _) => rule::ID_TOKEN.skipped("absent, and not promised for this grant"),
        (false, ..) => rule::ID_TOKEN.skipped("openid was not asked"),
    }
}

/// What stands in the place of a token, which may be anything but what it should be.
const fn not_text(came: &Json) -> &'static str {
    match came {
        Json::String(_) => "an empty text",
        other => other.a_kind(),
    }
}

fn entropy(tokens: &TokenResponse) -> Check {
    let tokens = [("access_token", &tokens.access_token), ("refresh_token", &tokens.refresh_token)];
    strength::judge(
        &rule::ENTROPY,
        tokens.into_iter().filter_map(|(name, token)| Some((name, token.as_ref()?.expose()))),
    )
}

/// Holds tokens that came for a code against the challenge that it was asked for with (RFC 9700 section 2.1.1).
pub fn accept_verifier(has_challenge: bool, form: &Params) -> Check {
    match (has_challenge, form.contains("code_verifier")) {
        (true, true) => rule::VERIFIER.pass("the verifier was sent"),
        (true, false) => rule::VERIFIER.broken("invalid_grant", "tokens, and no code_verifier was sent"),
        (false, _) => rule::VERIFIER.skipped("no challenge was sent"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;

    const CODE: Asked<'static> = Asked { scope: "openid", grant_type: "authorization_code", is_basic: true };
    const TOKEN: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    pub(super) fn good() -> String {
        format!(r#"{{"access_token":"{TOKEN}","token_type":"bearer","expires_in":600,"id_token":"a.b.c"}}"#)
    }

    pub(super) fn answer(status: u16, body: &str) -> HttpResponse {
        HttpResponse::new(status, "application/json", body).with_header("Cache-Control", "no-store")
    }

    #[test]
    fn a_good_answer_passes_every_rule() {
        let accepted = accept(&answer(200, &good()), CODE);
        assert!(matches!(accepted.outcome, Outcome::Success(_)));
        for check in accepted.checks {
            assert_eq!(check.verdict, Verdict::Pass, "{}", check.rule.id);
        }
    }

    #[test]
    fn an_error_is_a_refusal_and_the_rest_is_unreadable() {
        let refused = accept(&answer(400, r#"{"error":"invalid_grant"}"#), CODE);
        assert!(matches!(refused.outcome, Outcome::Refused(error) if error.error == "invalid_grant"));
        for (status, body) in [(500, "{}"), (200, "{}"), (200, "<html>"), (302, "")] {
            assert!(matches!(accept(&answer(status, body), CODE).outcome, Outcome::Unreadable(_)), "{status} {body}");
        }
        let unauthorized = accept(&answer(401, r#"{"error":"invalid_client"}"#), CODE);
        assert!(
            unauthorized
                .checks
                .iter()
                .any(|check| check.rule.id == "token.challenge" && check.verdict == Verdict::Fail)
        );
    }

    #[test]
    fn what_has_no_body_has_no_type_and_a_limit_is_a_warning() {
        for (status, type_of, status_of) in [
            (302, Some(Verdict::Skipped), None),
            (400, Some(Verdict::Skipped), None),
            (401, Some(Verdict::Skipped), None),
            (403, Some(Verdict::Skipped), None),
            (429, Some(Verdict::Skipped), Some(Verdict::Warn)),
            (200, Some(Verdict::Fail), None),
        ] {
            let mut empty = HttpResponse::new(status, "text/plain", "").with_header("Retry-After", "9");
            empty.headers.0.retain(|(name, _)| name != "Content-Type");
            let checks = accept(&empty, CODE).checks;
            let verdict = |id: &str| checks.iter().find(|check| check.rule.id == id).map(|check| check.verdict);
            assert_eq!((verdict("token.content_type"), verdict("token.status")), (type_of, status_of), "{status}");
        }
        let page = accept(&HttpResponse::new(400, "text/html", "<html>"), CODE).checks;
        assert!(page.iter().any(|check| check.rule.id == "token.content_type" && check.verdict == Verdict::Fail));
    }
}
