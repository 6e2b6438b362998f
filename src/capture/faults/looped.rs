//! App and provider send the browser round and round: the same cycle three times.

use super::Case;
use super::cookies::{sent_with, set_by};
use crate::base::time::spoken;
use crate::capture::exchange::{Resource, Seen, origin, place};
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::login::{Login, StageName};
use crate::capture::rules;

/// So often a cycle is a loop.
const TIMES: usize = 3;
/// So many entries between two rounds are looked at.
const BETWEEN: usize = 400;
/// So soon a script begins the next round, in seconds.
const SOON: u64 = 6;

/// Logins that are rounds of one loop, in order.
pub(super) fn loops(logins: &[Login], seen: &[Seen<'_>], next: &[Option<usize>]) -> Vec<Vec<usize>> {
    let mut loops: Vec<Vec<usize>> = Vec::new();
    for (number, login) in logins.iter().enumerate() {
        let follows = |of_loop: &&mut Vec<usize>| {
            of_loop.last().is_some_and(|last| is_next_round(&logins[*last], login, seen, next))
        };
        // The round before is near; a login in another tab may stand between.
        match loops.iter_mut().rev().take(4).find(follows) {
            Some(of_loop) => of_loop.push(number),
            None => loops.push(vec![number]),
        }
    }
    loops.retain(|of_loop| of_loop.len() >= TIMES);
    loops
}

fn is_next_round(last: &Login, login: &Login, seen: &[Seen<'_>], next: &[Option<usize>]) -> bool {
    let (Some(back), Some(asked)) = (last.returned_at, login.requested_at) else { return false };
    let asked_before = last.requested_at.map(|at| &seen[at].place);
    let is_same = last.client_id == login.client_id && asked_before == Some(&seen[asked].place);
    let by_hand = login.entries(StageName::LoginPages).any(|at| seen[at].it.has_password);
    // A session that is renewed in silence comes round as well, and is no loop.
    let is_silent = login.asked("prompt") == Some("none") || seen[asked].it.resource == Resource::Frame;
    // What follows soon may be somebody who signs in once more; who is sent by a redirect is not.
    let by_form = login.entries(StageName::LoginPages).any(|at| seen[at].is_post());
    let follows = leads_to(back, asked, next) || !by_form && is_soon(back, asked, seen);
    is_same && asked > back && !by_hand && !is_silent && follows
}

/// Whether redirects lead from one entry to the other.
fn leads_to(from: usize, to: usize, next: &[Option<usize>]) -> bool {
    let mut at = from;
    for _ in 0..8 {
        match next[at] {
            Some(then) if then == to => return true,
            Some(then) if then > at => at = then,
            _ => return false,
        }
    }
    false
}

fn is_soon(from: usize, to: usize, seen: &[Seen<'_>]) -> bool {
    let (Some(then), Some(now)) = (seen[from].it.started, seen[to].it.started) else { return false };
    if now.since(then + seen[from].it.took).as_secs() >= SOON {
        return false;
    }
    let pages =
        (from + 1..to).take(BETWEEN).filter(|at| seen[*at].it.is_page() && seen[*at].it.request.method != "GET");
    let is_in_tab = seen[from].it.page == seen[to].it.page || seen[to].it.sent("referer").is_some();
    is_in_tab && pages.count() == 0 && now.since(then + seen[from].it.took).as_secs() < SOON
}

/// What is said of a loop, at its first round.
pub(super) fn finding(case: &Case<'_>, of_loop: &[usize]) -> Found {
    let returns: Vec<usize> = of_loop.iter().filter_map(|login| case.others[*login].returned_at).collect();
    let back = returns.first().copied().unwrap_or_default();
    let next = case.next[back]
        .filter(|next| *next > back)
        .or_else(|| (back + 1..case.seen.len()).find(|at| case.seen[*at].it.is_page() && !case.seen[*at].is_post()));
    // Where the callback itself sends the browser to the provider, the app sees its cookies when it comes back.
    let is_request = |at: usize| case.requests.binary_search(&at).is_ok();
    let next = if next.is_some_and(is_request) { returns.get(1).copied() } else { next };
    let sent = next.map(|next| sent_with(case, next)).unwrap_or_default();
    let lost = set_by(case, back).into_iter().find(|set| sent.get(set.name) != Some(&set.value));
    let mut evidence = Vec::new();
    if let Some(set) = &lost {
        evidence.push(Evidence::saying(set.at, "response.header.set-cookie", set.name));
    }
    evidence.push(case.status(back));
    evidence.extend(next.map(|next| Evidence::at(next, "request.header.cookie")));
    evidence.extend(returns.get(2).map(|third| Evidence::at(*third, "request.query.code")));
    let host = |at: usize| case.seen[at].it.request.url.host_str().unwrap_or_default().to_owned();
    let edge = match (&lost, next) {
        (Some(set), Some(next)) if host(back) != host(next) => {
            format!("the cookie {} of {} was not sent to {}", set.name, host(back), host(next))
        }
        (Some(set), Some(next)) => {
            let is_strict = set.attributes.to_lowercase().contains("samesite=strict");
            let why = match is_strict {
                true => ", because it is SameSite=Strict and the redirects began at the provider's site",
                false => "",
            };
            format!(
                "the cookie {} was not sent with the next request to {}{why}",
                set.name,
                origin_and_path(case, next)
            )
        }
        _ => "the app begins anew".to_owned(),
    };
    let span = case
        .others
        .get(of_loop[of_loop.len() - 1])
        .and_then(|last| last.requested_at)
        .and_then(|last| Some(spoken(case.entry(last).started?.since(case.entry(back).started?))));
    let span = span.map(|span| format!(" within {span}")).unwrap_or_default();
    let say = format!(
        "Round and round: the browser came back from the provider {} times{span}, and each time {edge}",
        returns.len()
    );
    let certainty = if lost.is_some() && next.is_some() && case.recorder.keeps_cookies {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    case.found(&rules::REDIRECT_LOOP, StageName::AuthorizationResponse, certainty, say, evidence)
}

fn origin_and_path(case: &Case<'_>, at: usize) -> String {
    let url = &case.entry(at).request.url;
    if url.path() == "/" { origin(url) } else { place(url) }
}
