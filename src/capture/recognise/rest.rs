//! What became of a login, and what of it is not in the recording.

use super::Documents;
use crate::capture::exchange::Seen;
use crate::capture::login::{Login, Outcome, StageName};
use crate::capture::recorder::Recorder;
use crate::terms::grant::Grant;

/// What became of a login, by its last messages.
pub(super) fn outcome(login: &Login, seen: &[Seen<'_>]) -> Outcome {
    let status = |at: usize| seen[at].it.status();
    let tokens: Vec<usize> = login.entries(StageName::Token).collect();
    if login.answered("error").is_some() {
        return Outcome::Refused;
    }
    let mut responses = login.entries(StageName::AuthorizationResponse);
    let returned = responses.find_map(status);
    if returned.is_some_and(|status| status >= 400) {
        return Outcome::ErrorPage;
    }
    let is_ok = |at: &usize| status(*at).is_some_and(|status| status < 300);
    // A body that was not kept may have been anything.
    let brings = |at: &usize| {
        let has_token = ["access_token", "id_token"].iter().any(|name| seen[*at].member(name).is_some());
        is_ok(at) && (has_token || is_empty(&seen[*at]))
    };
    let calls = login.entries(StageName::UserInfo).chain(login.entries(StageName::ApiRequest));
    let is_used = tokens.is_empty() && calls.into_iter().any(|at| is_ok(&at));
    let is_renewed = tokens.is_empty() && login.entries(StageName::Refresh).any(|at| is_ok(&at));
    if tokens.iter().any(brings) || is_renewed || is_used {
        return Outcome::SignedIn;
    }
    // Who is asked to wait is not refused (RFC 8628 section 3.5).
    let is_pending = |at: usize| matches!(seen[at].member("error"), Some("authorization_pending" | "slow_down"));
    let is_error = |at: usize| status(at).is_some_and(|status| status >= 400) || seen[at].member("error").is_some();
    let refused = |at: &usize| is_error(*at) && !is_pending(*at);
    if tokens.iter().any(refused) || login.entries(StageName::Refresh).any(|at| refused(&at)) {
        return Outcome::Refused;
    }
    match (login.requested_at, login.returned_at) {
        (_, Some(_)) if tokens.is_empty() && returned.is_some() => Outcome::SignedIn,
        (Some(at), None) if status(at).is_some_and(|status| status >= 400) => Outcome::ErrorPage,
        (Some(_), None) if ended_by_provider(login, seen) => Outcome::ErrorPage,
        (None, None) if begun_in_vain(login, seen) => Outcome::Refused,
        _ => Outcome::LeftOpen,
    }
}

/// Whether the last page of the provider is a refusal and not one that asks once more.
fn ended_by_provider(login: &Login, seen: &[Seen<'_>]) -> bool {
    let pages = login.entries(StageName::LoginPages).map(|at| seen[at].it);
    let last = pages.filter(|page| page.is_page() && page.status().is_some()).last();
    last.is_some_and(|page| page.status().is_some_and(|status| status >= 400) && !page.asks_for_password())
}

/// Whether the request that begins a login without a redirect was refused, or nothing came of it.
fn begun_in_vain(login: &Login, seen: &[Seen<'_>]) -> bool {
    let direct = [
        StageName::Registration,
        StageName::PushedAuthorizationRequest,
        StageName::DeviceAuthorization,
        StageName::BackchannelAuthentication,
    ];
    let last = direct.iter().flat_map(|stage| login.entries(*stage)).max();
    last.is_some_and(|at| seen[at].it.status().is_some_and(|it| it >= 400) || seen[at].it.is_unanswered())
}

/// What a judge has to leave out, each in a few words.
pub fn not_recorded(login: &Login, seen: &[Seen<'_>], recorder: &Recorder, documents: &Documents) -> Vec<String> {
    let has = |stage: StageName| login.entries(stage).next().is_some();
    let by_code = matches!(login.grant, Some(Grant::AuthorizationCode | Grant::Hybrid));
    let is_back = login.returned_at.is_some() && login.answered("error").is_none();
    let has_token = has(StageName::Token);
    let is_refused = login.answered("error").is_some();
    let is_unread =
        |stage: StageName| login.entries(stage).any(|at| seen[at].it.status() == Some(200) && is_empty(&seen[at]));
    let in_fragment =
        login.stages.iter().any(|stage| stage.mode == Some(crate::terms::response::ResponseMode::Fragment));
    let is_unanswered = has_token && login.entries(StageName::Token).all(|at| seen[at].it.status().is_none());
    // What never began lacks nothing of what would have followed.
    let has_begun = login.requested_at.is_some() || !begun_in_vain(login, seen);
    let begins_late = login.requested_at.is_none() && (login.returned_at.is_some() || by_code && has_token);
    if recorder.is_command {
        let lacks = [(true, "the answer"), (begins_late, "the authorization request")];
        return lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, what)| what.to_owned()).collect();
    }
    let lacks = [
        (
            by_code && !has_token && (is_back || login.requested_at.is_some()) && !is_refused,
            "token request and token response (back channel between the application and the provider)",
        ),
        (
            by_code && !has_token && !is_refused && has_begun && documents.metadata.is_empty(),
            "metadata and keys as the application read them",
        ),
        (by_code && !has_token && !is_refused && has_begun && !has(StageName::UserInfo), "UserInfo request"),
        (begins_late, "the authorization request"),
        (
            login.sent_back_at.is_some(),
            "the request to the redirect URI (the response stands in the Location header before)",
        ),
        (is_unanswered, "the answer to the token request"),
        (in_fragment, "the fragment in the request to the callback (it stands in the Location header before)"),
        (is_unread(StageName::Token) || is_unread(StageName::UserInfo), "bodies of the token and UserInfo answers"),
        (!recorder.keeps_cookies && recorder.is_browser, "cookies"),
        (!recorder.keeps_authorization && has(StageName::UserInfo), "Authorization of the UserInfo request"),
        (
            !recorder.keeps_authorization && has(StageName::ApiRequest),
            "Authorization of the API request: which token was sent",
        ),
        (!recorder.keeps_bodies, "bodies of all answers"),
        (!recorder.keeps_times, "times"),
        (has(StageName::ApiRequest), "what the API compared the token with"),
        (has_token && documents.jwks.is_empty(), "the provider's keys, so that no signature can be verified"),
        (is_back, "what the application itself checked: state, nonce and the ID token"),
    ];
    lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, what)| what.to_owned()).collect()
}

fn is_empty(entry: &Seen<'_>) -> bool {
    entry.it.response().is_some_and(|response| response.body.is_empty())
}
