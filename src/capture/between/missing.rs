//! What of a login has not come, and where it went past: a provider that leads to addresses of its own is seen in part.

use std::time::Duration;

use crate::base::text::visible;
use crate::base::time::Timestamp;
use crate::capture::Capture;
use crate::capture::exchange::{Seen, origin, origin_of};
use crate::capture::login::{Login, Outcome, StageName};
use crate::terms::grant::Grant;

/// After so long what should have come is missed.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Whether a code came back and nobody redeemed it.
pub(super) fn lacks_token_request(login: &Login) -> bool {
    is_by_code(login) && login.answered("code").is_some() && login.entries(StageName::Token).next().is_none()
}

fn is_by_code(login: &Login) -> bool {
    matches!(login.grant, Some(Grant::AuthorizationCode | Grant::Hybrid))
}

/// What of a login has not come by now.
pub(super) fn missing(capture: &Capture, login: &Login, now: Timestamp) -> Option<String> {
    let since = |at: usize| capture.entries[at].started.map(|started| now.since(started)).unwrap_or_default();
    if lacks_token_request(login) {
        let waited = since(login.returned_at?);
        let when = match waited >= PATIENCE {
            true => format!("No token request came in the {} s after the response.", waited.as_secs()),
            false => "No token request has come yet.".to_owned(),
        };
        return Some(match elsewhere(capture) {
            Some(there) => format!(
                "{when} The token endpoint is at {there}, so that what goes there does not pass here: give the app a \
                 token_endpoint here by hand if the provider takes it at this address too, or record the app with a proxy."
            ),
            None => format!(
                "{when} The app may have refused the response, failed before, or asked the provider directly: look whether its \
                 token endpoint is the one here."
            ),
        });
    }
    let begins_late = is_by_code(login) && login.requested_at.is_none() && login.returned_at.is_none();
    if begins_late && login.entries(StageName::Token).next().is_some() {
        return Some(
            "The authorization request did not pass here: the browser was sent to the provider itself, and state, nonce and \
             PKCE are not judged. Look whether the app's authorization endpoint is the one here."
                .to_owned(),
        );
    }
    // What a request breaks has not ended it.
    let is_ended = login.finding.as_ref().is_some_and(|found| found.rule.id.starts_with("capture."));
    let is_on_the_way = login.outcome == Outcome::LeftOpen && !is_ended && login.returned_at.is_none();
    let waited = since(login.requested_at.filter(|_| is_on_the_way)?).as_secs();
    let come = format!("The browser has not been sent back to the app, {waited} s after it came.");
    Some(match sent_on(capture, login) {
        Some(there) => format!("{come} It was sent on to {there}, and what happens there does not pass here."),
        None => format!(
            "{come} Where the user has signed in all the same, the provider's pages lead to an address of its own, by a script \
             or since it insists on its host name: what follows went past."
        ),
    })
}

/// The origin of a token endpoint that is not the provider's.
fn elsewhere(capture: &Capture) -> Option<String> {
    let theirs = capture.recorder.names.as_ref()?.theirs();
    let documents = capture.documents.metadata.iter().map(|document| Seen::new(&capture.entries[document.at]));
    let mut endpoints = documents.filter_map(|document| document.member("token_endpoint").and_then(origin_of));
    endpoints.next_back().filter(|there| there != theirs).map(|there| visible(&there).into_owned())
}

/// Where the last page of the provider sent the browser, when that is another server.
fn sent_on(capture: &Capture, login: &Login) -> Option<String> {
    let theirs = capture.recorder.names.as_ref()?.theirs();
    let pages = login.entries(StageName::AuthorizationRequest).chain(login.entries(StageName::LoginPages));
    let last = &capture.entries[pages.max()?];
    let there = last.location.as_ref().filter(|_| last.redirects()).map(origin)?;
    (there != theirs).then(|| visible(&there).into_owned())
}
