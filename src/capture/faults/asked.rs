//! What is wrong with how a login is asked for, and with what the provider answers.

use crate::capture::exchange::{Came, Resource, origin, place};
use url::Url;

use super::tokens::is_unreached;
use super::{Case, said};
use crate::base::check::Rule;
use crate::base::http::is_loopback;
use crate::base::text::elided;
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::login::{Login, Outcome, StageName};
use crate::capture::rules;
use crate::terms::response::has;

/// Words of a provider's page, the surest first.
const REDIRECT_URI: [&str; 10] = [
    "redirect_uri",
    "redirect_uri_mismatch",
    "invalid_redirect_uri",
    "redirect uri",
    "redirect url",
    "callback url",
    "reply url",
    "redirecturi",
    "redirect_url",
    "redirection uri",
];
const CLIENT: [&str; 7] = [
    "invalid_client",
    "invalid client",
    "client not found",
    "unknown client",
    "unauthorized_client",
    "no such client",
    "client is invalid",
];
/// Codes by which a provider refuses an authorization request (RFC 6749 section 4.1.2.1), where it has no other words.
const REFUSED: [&str; 5] = [
    "unsupported_response_type",
    "invalid_request",
    "invalid_request_object",
    "server_error",
    "temporarily_unavailable",
];
const SCOPE: [&str; 3] = ["invalid_scope", "invalid scope", "unknown scope"];
/// Words that say that a thing named is wrong, for pages that name it in passing.
const WRONG: [&str; 16] = [
    "mismatch",
    "invalid",
    "not match",
    "doesn't match",
    "does not match",
    "not registered",
    "not allowed",
    "not valid",
    "incorrect",
    "unauthorized",
    "not whitelisted",
    "not permitted",
    "wrong",
    "unknown",
    "error",
    "not found",
];

/// What to do where a request by reference is not taken.
const PUSHED: &str = "Push the request just before the browser is sent, use each request_uri once, and send it with the \
                      client_id that pushed it";

/// Errors that say that nobody is signed in, or that somebody has to do something (OIDC Core section 3.1.2.6).
const NOBODY: [&str; 4] = ["login_required", "interaction_required", "consent_required", "account_selection_required"];

/// A pushed request that is refused.
pub(super) fn pushed(case: &Case<'_>) -> Option<Found> {
    let direct =
        [StageName::PushedAuthorizationRequest, StageName::DeviceAuthorization, StageName::BackchannelAuthentication];
    let refused = |stage: &StageName| {
        let at = case.login.entries(*stage).last()?;
        let error = case.seen[at].member("error").filter(|_| case.entry(at).status().is_some_and(|it| it >= 400))?;
        Some((*stage, at, error))
    };
    let (stage, at, error) = direct.iter().find_map(refused)?;
    let description = case.seen[at].member("error_description").unwrap_or_default().to_lowercase();
    let rule = of_error(error, &description);
    let evidence = vec![case.status(at), Evidence::saying(at, "response.body", error)];
    Some(case.found(
        rule,
        stage,
        Certainty::Certain,
        format!("The provider refused the request with {error}"),
        evidence,
    ))
}

/// The rule that an error code, and what is said with it, stand for.
fn of_error(error: &str, description: &str) -> &'static Rule {
    let says = |words: &[&str]| said::find(description, words).is_some();
    match error {
        "invalid_client" | "unauthorized_client" => &rules::INVALID_CLIENT,
        "invalid_scope" => &rules::INVALID_SCOPE,
        "access_denied" => &rules::ACCESS_DENIED,
        error if NOBODY.contains(&error) => &rules::LOGIN_REQUIRED,
        "redirect_uri_mismatch" => &rules::REDIRECT_URI_MISMATCH,
        _ if says(&REDIRECT_URI) => &rules::REDIRECT_URI_MISMATCH,
        _ if says(&["nonce"]) => &rules::NONCE_MISSING,
        _ => &rules::AUTHORIZATION_REFUSED,
    }
}

/// An ID token is asked for through the browser, without the nonce that ties it to the request.
pub(super) fn nonce(case: &Case<'_>) -> Option<Found> {
    let login = case.login;
    let asks = login.is_openid() && login.asked("response_type").is_some_and(|kind| has(kind, "id_token"));
    if !asks || login.asked("nonce").is_some() || login.requested_at.is_none() {
        return None;
    }
    let mut evidence = vec![case.of_request("nonce")?];
    if let (Some(at), Some(_)) = (login.responded_at(), login.answered("error")) {
        evidence.push(case.of_response(at, "error"));
    } else if let Some(at) = login.requested_at.filter(|at| case.entry(*at).status().is_some_and(|it| it >= 400)) {
        evidence.extend([case.status(at), Evidence::at(at, "response.body")]);
    }
    let say = "The request asks for an ID token through the browser and has no nonce".to_owned();
    Some(case.found(&rules::NONCE_MISSING, StageName::AuthorizationRequest, Certainty::Certain, say, evidence))
}

/// The redirect URI differs from where the app is, in its scheme alone, and that ends the login or uncovers the code.
pub(super) fn scheme(case: &Case<'_>) -> Option<Found> {
    let login = case.login;
    let asked = Url::parse(login.redirect_uri()?).ok()?;
    if let Some(found) = disagreeing(case, &asked) {
        return Some(found);
    }
    let began = case.began_at()?;
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https");
    let differs = began.host_str() == asked.host_str() && began.scheme() != asked.scheme();
    if !differs || !is_web(&began) || !is_web(&asked) {
        return None;
    }
    let at = login.requested_at?;
    let is_refused = login.responded_at().is_none() && refusal(case).is_some();
    let failed = login.returned_at.and_then(|at| case.failed_at(at));
    let is_bare = asked.scheme() == "http" && login.returned_at.is_some() && !is_loopback(&asked);
    if !is_refused && failed.is_none() && !is_bare {
        return None;
    }
    let mut evidence = vec![case.of_request("redirect_uri")?];
    match case.began() {
        Some(led) => evidence.push(Evidence::saying(led, "request.url", &place(&began))),
        None => evidence.push(Evidence::saying(at, "request.header.referer", &place(&began))),
    }
    let shown = if is_refused { refusal(case).map(|(at, _)| at) } else { failed };
    if let Some(at) = shown {
        evidence.push(case.status(at));
        evidence.extend(is_refused.then(|| Evidence::at(at, "response.body")));
    }
    let say = format!(
        "The app is open at {}, and its redirect_uri says {}: the same host with the other scheme",
        origin(&began),
        origin(&asked),
    );
    let (stage, sure) = (StageName::AuthorizationRequest, Certainty::Certain);
    Some(case.found(&rules::HTTP_HTTPS_REDIRECT_URI, stage, sure, say, evidence))
}

/// The token request names another redirect URI than the authorization request.
fn disagreeing(case: &Case<'_>, asked: &Url) -> Option<Found> {
    let text = case.login.redirect_uri()?;
    let differs = |at: &usize| case.seen[*at].field("redirect_uri").is_some_and(|uri| uri != text);
    let at = case.login.entries(StageName::Token).find(differs)?;
    if case.entry(at).status().is_some_and(|status| status < 400) {
        return None;
    }
    let named = case.seen[at].field("redirect_uri")?;
    let of_scheme =
        Url::parse(named).is_ok_and(|named| named.host() == asked.host() && named.scheme() != asked.scheme());
    let rule = if of_scheme { &rules::HTTP_HTTPS_REDIRECT_URI } else { &rules::REDIRECT_URI_MISMATCH };
    let mut evidence = vec![case.of_request("redirect_uri")?, Evidence::saying(at, "request.form.redirect_uri", named)];
    evidence.extend([case.status(at), Evidence::at(at, "response.body")]);
    let say = format!("The authorization request had redirect_uri {text}, the token request has {named}");
    let mut found = case.found(rule, StageName::Token, Certainty::Certain, say, evidence);
    if !of_scheme {
        "redirect_uri of the token request must repeat the value of the authorization request."
            .clone_into(&mut found.next);
    }
    Some(found)
}

/// The page at which the provider ended the login, and whether its status says so.
fn refusal(case: &Case<'_>) -> Option<(usize, bool)> {
    let login = case.login;
    if login.responded_at().is_some() {
        return None;
    }
    let pages = login.entries(StageName::AuthorizationRequest).chain(login.entries(StageName::LoginPages));
    let at = pages.filter(|at| case.entry(*at).is_page() && case.entry(*at).status().is_some()).max()?;
    let is_refused = case.entry(at).status().is_some_and(|status| status >= 400);
    if case.entry(at).asks_for_password() && case.login.requested_at != Some(at) {
        return None;
    }
    let is_told = || {
        let words = said::words(&case.seen[at]);
        said::tells_of_failure(&case.seen[at], false) || names_wrong(&words, &REDIRECT_URI).is_some()
    };
    (is_refused || is_told()).then_some((at, is_refused))
}

/// A word of these near one that says that something is wrong.
fn names_wrong<'w>(text: &str, known: &[&'w str]) -> Option<&'w str> {
    const NEAR: usize = 80;
    let word = said::find(text, known)?;
    let at = text.find(word)?;
    let from = text[..at].char_indices().rev().nth(NEAR).map_or(0, |(at, _)| at);
    let to = text[at..].char_indices().nth(NEAR + word.len()).map_or(text.len(), |(more, _)| at + more);
    said::find(&text[from..to], &WRONG).map(|_| word)
}

/// The browser was sent to the provider, and reached nobody there.
pub(super) fn unreached(case: &Case<'_>) -> Option<Found> {
    let login = case.login;
    let pages = login.entries(StageName::AuthorizationRequest).chain(login.entries(StageName::LoginPages));
    let pages = pages.filter(|at| case.entry(*at).is_page());
    let at = pages.max().filter(|at| login.responded_at().is_none() && is_unreached(case.entry(*at)))?;
    let Came::Nothing(why) = &case.entry(at).came else { return None };
    let is_first = login.requested_at == Some(at);
    let stage = if is_first { StageName::AuthorizationRequest } else { StageName::LoginPages };
    let mut evidence = vec![Evidence::saying(at, "request.url", &place(&case.entry(at).request.url)), case.status(at)];
    evidence.extend(case.began().filter(|_| is_first).map(|led| Evidence::at(led, "response.header.location")));
    let say = format!("The browser got no answer of the provider at {}: {why}", case.seen[at].origin);
    Some(case.found(&rules::PROVIDER_UNREACHABLE, stage, Certainty::Certain, say, evidence))
}

/// In a frame the provider shows a page that it forbids to be in one: the app waits for what does not come.
pub(super) fn framed(case: &Case<'_>) -> Option<Found> {
    let login = case.login;
    let asked = login.requested_at.filter(|_| login.responded_at().is_none())?;
    let pages = login.entries(StageName::AuthorizationRequest).chain(login.entries(StageName::LoginPages));
    let at = pages.filter(|at| case.entry(*at).resource == Resource::Frame).max()?;
    let forbids = |name: &str, words: &[&str]| {
        let field = case.entry(at).got(name).unwrap_or_default().to_ascii_lowercase();
        words.iter().any(|word| field.contains(word))
    };
    let (name, is_kept_out) = match forbids("x-frame-options", &["deny", "sameorigin"]) {
        true => ("x-frame-options", true),
        false => ("content-security-policy", forbids("content-security-policy", &["frame-ancestors"])),
    };
    if !is_kept_out || case.entry(asked).resource != Resource::Frame || case.entry(at).status() != Some(200) {
        return None;
    }
    let mut evidence = vec![Evidence::saying(at, format!("response.header.{name}"), case.entry(at).got(name)?)];
    evidence.extend(login.asked("prompt").and_then(|_| case.of_request("prompt")));
    let is_silent = login.asked("prompt").is_some_and(|prompt| has(prompt, "none"));
    let instead = if is_silent { " instead of an error" } else { "" };
    let say = format!(
        "In a frame the provider answered with a page{instead}, and {name} keeps it out of the frame: the app waits for an \
        answer that does not come"
    );
    let found = case.found(&rules::LOGIN_REQUIRED, StageName::LoginPages, Certainty::Certain, say, evidence);
    let next = if is_silent {
        found.next.clone()
    } else {
        "Ask in a frame with prompt=none alone; let the user sign in in the whole window".to_owned()
    };
    Some(Found { next, ..found })
}

/// The provider ended the login at a page of its own.
pub(super) fn page(case: &Case<'_>) -> Option<Found> {
    let (at, is_refused) = refusal(case)?;
    let words = said::words(&case.seen[at]);
    let url = case.entry(at).request.url.query().unwrap_or_default().to_lowercase();
    let is_first = case.login.requested_at == Some(at);
    // The request itself names redirect_uri; an error page further on may do so too.
    let text = if is_first { words.clone() } else { format!("{words} {url}") };
    let is_empty = words.trim().is_empty();
    let find = |known: &[&'static str]| if is_refused { said::find(&words, known) } else { names_wrong(&words, known) };
    let known: [(&'static Rule, &[&'static str]); 4] = [
        (&rules::REDIRECT_URI_MISMATCH, &REDIRECT_URI),
        (&rules::INVALID_CLIENT, &CLIENT),
        (&rules::INVALID_SCOPE, &SCOPE),
        (&rules::NONCE_MISSING, &["nonce"]),
    ];
    let told = known.iter().find_map(|(rule, words)| Some((*rule, find(words)?)));
    let told = told.or_else(|| {
        said::find(&text, &["error=redirect_uri_mismatch"]).map(|word| (&rules::REDIRECT_URI_MISMATCH, word))
    });
    let mut evidence = vec![case.status(at)];
    let stage = StageName::AuthorizationRequest;
    if let Some((rule, word)) = told {
        evidence.push(Evidence::saying(at, "response.body", word));
        let named = match rule.id {
            "capture.redirect_uri_mismatch" => "redirect_uri",
            "capture.invalid_scope" => "scope",
            "capture.nonce_missing" => "nonce",
            _ => "client_id",
        };
        evidence.extend(case.of_request(named));
        let value = case.login.asked(named).map(|value| format!(": {value}")).unwrap_or_default();
        let say = format!(
            "The provider answered the authorization request with an error page that names {named} and did not send the \
            browser back{value}"
        );
        return Some(case.found(rule, stage, Certainty::Certain, say, evidence));
    }
    // A request that was pushed is good for a minute and for one time (RFC 9126 section 4).
    if let Some(word) =
        said::find(&words, &["request_uri"]).filter(|_| is_refused && case.login.asked("request_uri").is_some())
    {
        evidence.push(Evidence::saying(at, "response.body", word));
        evidence.extend(case.of_request("request_uri"));
        let late = pushed_before(case, at).map(|late| format!(": {late}")).unwrap_or_default();
        let say = format!("The provider did not take the request_uri and did not send the browser back{late}");
        let found = case.found(&rules::AUTHORIZATION_REFUSED, stage, Certainty::Certain, say, evidence);
        return Some(Found { next: PUSHED.to_owned(), ..found });
    }
    let code = case.seen[at].member("error").or_else(|| said::find(&words, &REFUSED)).filter(|_| is_refused);
    if let Some(code) = code {
        evidence.push(Evidence::saying(at, "response.body", code));
        let description = case.seen[at].member("error_description").map(|it| elided(it.trim_end_matches('.'), 160));
        let more = description.map(|description| format!(": {description}")).unwrap_or_default();
        let say = format!("The provider answered {code} at a page of its own and did not send the browser back{more}");
        return Some(case.found(of_error(code, &words), stage, Certainty::Certain, say, evidence));
    }
    let is_at_once = is_first && is_refused;
    if is_at_once && is_empty {
        // Without its words, the usual cause of a refusal at once.
        evidence.extend(case.of_request("redirect_uri"));
        let say =
            "The provider refused the authorization request at once and did not send the browser back; what it says \
            is not in the recording"
                .to_owned();
        return Some(case.found(&rules::REDIRECT_URI_MISMATCH, stage, Certainty::Likely, say, evidence));
    }
    evidence.push(Evidence::at(at, "response.body"));
    let say = "The provider ended the login at a page of its own and did not send the browser back".to_owned();
    let stage = if is_first { stage } else { StageName::LoginPages };
    Some(case.found(&rules::PROVIDER_ERROR, stage, Certainty::NotProvable, say, evidence))
}

/// How long a pushed request was good for, and how late it was used (RFC 9126 section 2.2).
fn pushed_before(case: &Case<'_>, at: usize) -> Option<String> {
    let pushed = case.login.entries(StageName::PushedAuthorizationRequest).last()?;
    let good = case.seen[pushed].json.as_ref()?.get("expires_in")?.as_i64()?;
    let from = case.entry(pushed).started? + case.entry(pushed).took;
    let waited = case.entry(at).started?.seconds() - from.seconds();
    (waited > good).then(|| format!("it was good for {good} s and was used after {waited} s"))
}

/// Whether it was only asked who is there, nobody was, and the user of this client signed in after that.
fn is_signed_in_later(case: &Case<'_>) -> bool {
    let login = case.login;
    let is_later = |other: &Login| other.requested_at > login.responded_at() && other.client_id == login.client_id;
    let is_asked = login.asked("prompt") == Some("none") && !has_session(case);
    is_asked && case.others.iter().any(|other| is_later(other) && is_in(other) && !is_elsewhere(case, other))
}

/// Whether another login began in a tab of its own, at a page of the app there: a window that the app opens for it shows
/// none before.
fn is_elsewhere(case: &Case<'_>, other: &Login) -> bool {
    const BEFORE: usize = 400;
    let (Some(asked), Some(later)) = (case.login.requested_at, other.requested_at) else { return false };
    let tab = &case.entry(later).page;
    if !case.recorder.has_tabs || tab.is_none() || case.entry(asked).page.is_none() || *tab == case.entry(asked).page {
        return false;
    }
    let is_of_app =
        |at: &usize| case.entry(*at).page == *tab && case.entry(*at).is_page() && !case.entry(*at).redirects();
    (0..later).rev().take(BEFORE).any(|at| is_of_app(&at))
}

/// Whether somebody had signed in at this provider before it was asked, and had not signed out: it should have known.
fn has_session(case: &Case<'_>) -> bool {
    let Some(asked) = case.login.requested_at.filter(|_| case.login.answered("error") == Some(NOBODY[0])) else {
        return false;
    };
    let is_here = |other: &Login| other.requested_at.is_some_and(|at| case.seen[at].origin == case.seen[asked].origin);
    let is_before = |other: &Login| other.responded_at().is_some_and(|at| at < asked);
    let is_over = |other: &Login| other.entries(StageName::EndSessionRequest).any(|at| at < asked);
    case.others.iter().any(|other| is_here(other) && is_before(other) && is_in(other) && !is_over(other))
}

/// Whether a user signed in with it.
fn is_in(login: &Login) -> bool {
    login.asked("prompt") != Some("none") && login.outcome == Outcome::SignedIn
}

/// The provider sent the browser back with an error.
pub(super) fn error(case: &Case<'_>) -> Option<Found> {
    let (at, error) = (case.login.responded_at()?, case.login.answered("error")?);
    let description = case.login.answered("error_description").unwrap_or_default();
    let rule = of_error(error, &description.to_lowercase());
    let mut evidence = vec![case.of_response(at, "error")];
    let mut say = format!("The provider sent the browser back with {error}");
    if !description.is_empty() {
        say = format!("{say}: {}", elided(description.trim_end_matches('.'), 160));
    }
    if rule == &rules::LOGIN_REQUIRED && is_signed_in_later(case) {
        return None;
    }
    let is_silent = case.login.asked("prompt").is_some_and(|prompt| has(prompt, "none"));
    if rule == &rules::LOGIN_REQUIRED && !is_silent {
        return Some(with_prompt(case, error, &say, evidence));
    }
    if rule == &rules::LOGIN_REQUIRED {
        let asked = case.login.requested_at.unwrap_or(at);
        evidence.extend(case.of_request("prompt"));
        evidence.push(Evidence::at(asked, "request.header.cookie"));
        let is_frame = case.entry(asked).resource == Resource::Frame;
        let where_asked = if is_frame { "In a frame, with" } else { "With" };
        let has_cookie = case.entry(asked).sent("cookie").is_some();
        let cookie = match (has_cookie, case.recorder.keeps_cookies) {
            (false, true) => ", and no cookie of the provider was sent",
            _ => "",
        };
        say = format!("{where_asked} prompt=none the provider answered {error}{cookie}");
    }
    let named = [(&rules::INVALID_SCOPE, "scope"), (&rules::REDIRECT_URI_MISMATCH, "redirect_uri")];
    evidence.extend(named.iter().filter(|(of, _)| *of == rule).filter_map(|(_, name)| case.of_request(name)));
    Some(case.found(rule, StageName::AuthorizationResponse, Certainty::Certain, say, evidence))
}

/// The provider wants something of the user and did not ask for it, though it was allowed to show its pages.
fn with_prompt(case: &Case<'_>, error: &str, say: &str, mut evidence: Vec<Evidence>) -> Found {
    let wants = match error {
        "consent_required" => "the user to consent",
        "account_selection_required" => "the user to choose an account",
        "login_required" => "the user to sign in",
        _ => "the user to do something",
    };
    evidence.extend(case.login.asked("prompt").and_then(|_| case.of_request("prompt")));
    // What was pushed elsewhere is not seen.
    let is_seen = case.login.asked("request_uri").is_none() || case.login.asked("response_type").is_some();
    let (say, next) = match case.login.requested_at.filter(|_| is_seen) {
        Some(_) => (format!("{say}; it wants {wants}, and showed no page though prompt=none was not sent"), SHOWN),
        None => (format!("{say}; it wants {wants}"), UNKNOWN),
    };
    let stage = StageName::AuthorizationResponse;
    let found = case.found(&rules::AUTHORIZATION_REFUSED, stage, Certainty::Certain, say, evidence);
    Found { next: next.to_owned(), ..found }
}

/// What to do where a page was to be shown and was not.
const SHOWN: &str = "Look into the log of the provider why it shows no page: a policy, an app that has no consent and may not \
                     ask for it, or max_age and acr_values that it cannot meet. Or ask with prompt=login or prompt=consent";
/// The same where the request is not in the recording.
const UNKNOWN: &str = "Look whether the request had prompt=none; where it had, ask again without it";
