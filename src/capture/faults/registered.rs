//! A client that could not be registered, so that there is no login (RFC 7591).

use super::Case;
use super::tokens::{described, is_unreachable};
use crate::capture::exchange::{Came, Leg};
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::login::{Outcome, StageName};
use crate::capture::rules;

const STAGE: StageName = StageName::Registration;

/// A server that does not take everybody (RFC 7591 section 3).
const WANTS_TOKEN: &str = "This provider registers only those who have an initial access token: get one from its operator, \
                           or register the client by hand and give the app its client_id";
const OTHER_TOKEN: &str = "The provider did not take the initial access token: it may be over, used up, of another realm, or \
                           forbid what is registered. Get a new one from its operator";
const NOWHERE: &str = "Nothing registers clients at this address: take registration_endpoint of the provider's metadata. \
                       Where that is not there, register the client by hand and give the app its client_id";
const ADDRESS: &str = "Register redirect_uris that the provider takes: https, or for an app on a device an address of the \
                       loopback interface with application_type native";

/// A registration that came to nothing and was not made later, where the login came to nothing as well.
pub(super) fn refused(case: &Case<'_>) -> Option<Found> {
    let login = case.login;
    let at = login.entries(STAGE).max()?;
    let is_over = matches!(login.outcome, Outcome::Refused | Outcome::ErrorPage) && login.responded_at().is_none();
    let entry = case.entry(at);
    if let Came::Nothing(why) = &entry.came {
        return is_over.then(|| unanswered(case, at, why));
    }
    let status = entry.status().filter(|status| is_over && *status >= 400)?;
    let error = case.seen[at].member("error");
    let mut evidence = vec![case.status(at)];
    evidence.push(
        error.map_or_else(|| Evidence::at(at, "response.body"), |error| Evidence::saying(at, "response.body", error)),
    );
    let has_token = entry.sent("authorization").is_some();
    let next = match (error, status) {
        (Some("invalid_redirect_uri"), _) => {
            evidence.push(Evidence::at(at, "request.body"));
            Some(ADDRESS)
        }
        (Some("invalid_token"), _) | (_, 401 | 403) if has_token => Some(OTHER_TOKEN),
        (Some("invalid_token"), _) | (_, 401 | 403) if case.recorder.keeps_authorization => Some(WANTS_TOKEN),
        (None, 404 | 405) => Some(NOWHERE),
        _ => None,
    };
    let said = error.map_or_else(|| "no error of the protocol".to_owned(), |error| described(case, at, error));
    let say = format!("The provider did not register the client and answered {status}: {said}");
    let found = case.found(&rules::REGISTRATION_REFUSED, STAGE, Certainty::Certain, say, evidence);
    Some(Found { next: next.map_or(found.next, str::to_owned), ..found })
}

fn unanswered(case: &Case<'_>, at: usize, why: &str) -> Found {
    let origin = &case.seen[at].origin;
    let evidence = vec![case.status(at)];
    if case.entry(at).leg == Leg::Browser && !is_unreachable(why) {
        let say =
            format!("The script's registration request to {origin} has no answer: the browser may keep it (CORS)");
        return case.found(&rules::CORS_BLOCKED, STAGE, Certainty::Likely, say, evidence);
    }
    let say = format!("The request to register the client at {origin} had no answer: {why}");
    case.found(&rules::REGISTRATION_REFUSED, STAGE, Certainty::Certain, say, evidence)
}
