//! A session that does not fit into a cookie, after a good response.

use super::cookies::{Set, kept_for, sent_with, set_by};
use super::{Case, said};
use crate::capture::exchange::{Resource, place};
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::login::StageName;
use crate::capture::rules;

/// Name and value of a cookie that browsers keep, in bytes (RFC 6265 section 6.1).
const COOKIE_LIMIT: usize = 4096;

/// So many entries behind the response are looked at.
const LATER: usize = 200;

/// What servers say of too many cookies, beside 431 (RFC 6585 section 5).
const TOO_LARGE: [&str; 4] =
    ["cookie too large", "header fields too large", "header or cookie too large", "headers too large"];

/// The session that the app keeps after a good response is too large for a cookie, or all of its cookies for its server.
pub(super) fn too_large(case: &Case<'_>) -> Option<Found> {
    let back = case.login.returned_at?;
    let end = case.requests.get(case.requests.partition_point(|at| *at <= back)).copied().unwrap_or(usize::MAX);
    let of_app = |at: &usize| case.seen[*at].origin == case.seen[back].origin;
    let later: Vec<usize> = (back..case.seen.len().min(back + LATER).min(end)).filter(of_app).collect();
    dropped(case, back, &later).or_else(|| refused(case, back, &later))
}

/// A cookie that browsers do not keep.
fn dropped(case: &Case<'_>, back: usize, later: &[usize]) -> Option<Found> {
    let own = Own::of(case, back);
    let sets = later.iter().flat_map(|at| set_by(case, *at));
    let set = sets.filter(|set| set.size() > COOKIE_LIMIT && own.has(case, set)).min_by_key(|set| set.at)?;
    let is_next =
        |at: &usize| *at > set.at && case.entry(*at).resource != Resource::Preflight && set.goes_to(case, *at);
    let next = later.iter().copied().find(is_next);
    let comes = next.map(|next| sent_with(case, next).get(set.name).copied());
    if comes == Some(Some(set.value)) {
        return None;
    }
    let told = format!("{}: {} bytes", set.name, set.size());
    let mut evidence = vec![Evidence::saying(set.at, "response.header.set-cookie", &told)];
    let mut told = "";
    if let Some(next) = next {
        evidence.extend([Evidence::at(next, "request.header.cookie"), Evidence::at(next, "response.body")]);
        told = match comes.flatten() {
            Some(_) => "; the next request carries the older one",
            None => "; the next request does not carry it",
        };
    }
    let say =
        format!("The app set the cookie {} of {} bytes, more than browsers keep (4096){told}", set.name, set.size());
    let certainty = if next.is_some() { Certainty::Certain } else { Certainty::Likely };
    Some(case.found(&rules::COOKIE_TOO_LARGE, StageName::AuthorizationResponse, certainty, say, evidence))
}

/// The server of the app refuses a request for the size of its cookies.
fn refused(case: &Case<'_>, back: usize, later: &[usize]) -> Option<Found> {
    // What follows the response of another login may be of that one.
    let end = case.returns.get(case.returns.partition_point(|at| *at <= back)).copied().unwrap_or(usize::MAX);
    let refuses = |at: &usize| {
        let status = case.entry(*at).status();
        let is_said = || said::find(&said::words(&case.seen[*at]), &TOO_LARGE).is_some();
        status == Some(431) || status.is_some_and(|it| it >= 400) && is_said()
    };
    let at = later.iter().copied().take_while(|at| *at < end).find(refuses)?;
    let evidence = vec![case.status(at), Evidence::at(at, "request.header.cookie")];
    let say = "The app's server refuses the request because its header fields are too large: cookies".to_owned();
    let stage = StageName::AuthorizationResponse;
    Some(case.found(&rules::COOKIE_TOO_LARGE, stage, Certainty::Certain, say, evidence))
}

/// What tells the cookies of a login from those of another app at the same host.
struct Own<'c> {
    /// The response and where it leads.
    chain: Vec<usize>,
    /// Their addresses.
    places: Vec<&'c str>,
    /// Cookies that the app had for the login before.
    names: Vec<&'c str>,
}

impl<'c> Own<'c> {
    fn of(case: &Case<'c>, back: usize) -> Self {
        let chain = case.after(back);
        let kept = kept_for(case, case.entry(back).request.url.host_str());
        Self {
            places: chain.iter().map(|at| case.seen[*at].place.as_str()).collect(),
            names: kept.iter().map(|set| set.name).collect(),
            chain,
        }
    }

    /// Whether a cookie is set in answer to the response, by the name that the login had, or by what a script of the page
    /// asks for that the response led to.
    fn has(&self, case: &Case<'_>, set: &Set<'_>) -> bool {
        let entry = case.entry(set.at);
        let from = || entry.sent("referer").and_then(|from| url::Url::parse(from).ok()).map(|from| place(&from));
        // From the callback itself nobody clicks on anything.
        let places = if entry.resource == Resource::Fetch { &self.places[..] } else { &self.places[..1] };
        self.chain.contains(&set.at)
            || self.names.contains(&set.name)
            || from().is_some_and(|from| places.contains(&from.as_str()))
    }
}
