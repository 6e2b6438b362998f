//! App and provider send the browser round and round: the same cycle three times.

use super::cookies::{Set, sent_with, set_by};
use super::{Case, said};
use crate::base::time::spoken;
use crate::capture::exchange::{Resource, Seen, origin, place};
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::login::{Login, StageName};
use crate::capture::recognise::Recognised;
use crate::capture::rules;

/// So often a cycle is a loop.
const TIMES: usize = 3;
/// So many entries between two rounds are looked at.
const BETWEEN: usize = 400;
/// So soon a script begins the next round, in seconds.
const SOON: u64 = 6;

/// Logins that are rounds of one loop, in order.
pub(super) fn loops(found: &Recognised, seen: &[Seen<'_>], next: &[Option<usize>]) -> Vec<Vec<usize>> {
    let logins = &found.logins;
    let mut loops: Vec<Vec<usize>> = Vec::new();
    for (number, login) in logins.iter().enumerate() {
        let follows = |of_loop: &&mut Vec<usize>| {
            of_loop.last().is_some_and(|last| is_next_round(&logins[*last], login, &found.led, (seen, next)))
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

fn is_next_round(
    last: &Login,
    login: &Login,
    led: &[Option<usize>],
    (seen, next): (&[Seen<'_>], &[Option<usize>]),
) -> bool {
    let (Some(back), Some(asked)) = (last.returned_at, login.requested_at) else { return false };
    let asked_before = last.requested_at.map(|at| &seen[at].place);
    let is_same = last.client_id == login.client_id && asked_before == Some(&seen[asked].place);
    let by_hand = login.entries(StageName::LoginPages).any(|at| seen[at].it.has_password);
    // A session that is renewed in silence comes round as well, and is no loop.
    let is_silent = login.asked("prompt") == Some("none") || seen[asked].it.resource == Resource::Frame;
    // What follows soon may be somebody who signs in once more; who is sent by a redirect is not.
    let by_form = login.entries(StageName::LoginPages).any(|at| seen[at].is_post());
    let in_vain = || is_told(last, (back, asked), seen) || is_unredeemed(last, back, led[asked], seen);
    // What the app answers next may lead on as well, where a redirect between is not in the recording.
    let is_of_app = |at: &usize| seen[*at].it.is_page() && seen[*at].origin == seen[back].origin;
    let first = (back + 1..asked).take(BETWEEN).find(is_of_app);
    let in_vain = || first.is_some_and(|first| leads_to(first, asked, next)) || in_vain();
    let follows = leads_to(back, asked, next) || !by_form && is_soon(back, asked, seen) && in_vain();
    is_same && asked > back && !by_hand && !is_silent && follows
}

/// Whether a request between response and next request was told that nobody is signed in: at the app, or where the token
/// was used.
fn is_told(last: &Login, (back, asked): (usize, usize), seen: &[Seen<'_>]) -> bool {
    let is_used =
        |at: usize| last.entries(StageName::UserInfo).chain(last.entries(StageName::ApiRequest)).any(|used| used == at);
    let is_of_login = |at: usize| seen[at].origin == seen[back].origin || is_used(at);
    (back + 1..asked).take(BETWEEN).any(|at| seen[at].it.status() == Some(401) && is_of_login(at))
}

/// Whether nobody redeems the response: the page that it came to asked for no token, and sent the browser to the provider
/// itself. What the server of an app did is not seen, and a token request that is refused is told by itself.
fn is_unredeemed(last: &Login, back: usize, led: Option<usize>, seen: &[Seen<'_>]) -> bool {
    let has_token = ["access_token", "id_token"].iter().any(|name| last.answered(name).is_some());
    let is_redeemed = has_token || last.entries(StageName::Token).next().is_some();
    !is_redeemed && led.is_none() && seen[back].it.status().is_some_and(|status| status < 300)
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
    let lost = next.and_then(|next| not_sent_to(case, back, next));
    // What begins anew sets the cookie of the next login.
    let chain = case.after(back);
    let of_login = &chain[..chain.len().saturating_sub(1).max(1)];
    let is_bare = case.recorder.keeps_cookies && of_login.iter().all(|at| set_by(case, *at).is_empty());
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
        (Some(set), Some(next)) => forgotten(case, set, next),
        _ if is_bare => format!("the app set no cookie{} and begins anew", said::because(case, back, back)),
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
    let mut found = case.found(&rules::REDIRECT_LOOP, StageName::AuthorizationResponse, certainty, say, evidence);
    if is_bare {
        BARE.clone_into(&mut found.next);
    }
    found
}

/// A cookie that the answer to a response sets and that the next request does not bring.
fn not_sent_to<'c>(case: &Case<'c>, back: usize, next: usize) -> Option<Set<'c>> {
    let sent = sent_with(case, next);
    set_by(case, back).into_iter().find(|set| sent.get(set.name) != Some(&set.value))
}

fn forgotten(case: &Case<'_>, set: &Set<'_>, next: usize) -> String {
    let why = set.why_not_to(case, next).map(|why| format!(", because {why}")).unwrap_or_default();
    format!("the cookie {} was not sent with the next request to {}{why}", set.name, origin_and_path(case, next))
}

/// The first round of what becomes a loop: the app set a cookie, did not get it back, and sends the browser to the provider
/// once more.
pub(super) fn begun(case: &Case<'_>) -> Option<Found> {
    let back = case.login.returned_at.filter(|_| case.login.answered("error").is_none())?;
    let last = case.ended_at(back).filter(|_| case.failed_at(back).is_none() && case.recorder.keeps_cookies)?;
    let next = case.next[back].filter(|next| *next > back && case.requests.binary_search(next).is_err())?;
    let set = not_sent_to(case, back, next)?;
    let evidence = vec![
        Evidence::saying(set.at, "response.header.set-cookie", set.name),
        Evidence::at(next, "request.header.cookie"),
        case.status(last),
    ];
    let is_told = set.why_not_to(case, next).is_some();
    let certainty = if is_told { Certainty::Certain } else { Certainty::Likely };
    let say = format!(
        "The app took the response, {}, and the app sent the browser to the provider anew",
        forgotten(case, &set, next)
    );
    Some(case.found(&rules::REDIRECT_LOOP, StageName::AuthorizationResponse, certainty, say, evidence))
}

/// What to do where no cookie is set that could be lost.
const BARE: &str = "Look whether the app keeps the login: its answer to the response must set the cookie of a session, or \
                    its store must be the one that the next request is answered from";

fn origin_and_path(case: &Case<'_>, at: usize) -> String {
    let url = &case.entry(at).request.url;
    if url.path() == "/" { origin(url) } else { place(url) }
}
