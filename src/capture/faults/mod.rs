//! What is wrong with recorded logins: one finding a login, the earliest cause of all that is seen.

mod asked;
mod between;
mod broken;
mod clock;
mod cookies;
mod large;
mod looped;
mod refused;
mod registered;
mod said;
mod tokens;
mod used;
mod words;

pub use self::broken::with_rules;
use super::exchange::{Captured, Seen};
use super::finding::{Certainty, Evidence, Found};
use super::login::{Login, Outcome, StageName};
use super::recognise::Recognised;
use super::recorder::Recorder;
use super::rules;
use crate::base::check::Rule;
use crate::terms::response::ResponseMode;

/// So many redirects of the app are followed to what it says in the end.
const HOPS: usize = 4;

/// What a login is judged with.
struct Case<'c> {
    login: &'c Login,
    others: &'c [Login],
    seen: &'c [Seen<'c>],
    recorder: &'c Recorder,
    found: &'c Recognised,
    /// Where each entry sent the browser to.
    next: &'c [Option<usize>],
    /// Where authorization requests stand, in order.
    requests: &'c [usize],
    /// Where authorization responses stand, in order.
    returns: &'c [usize],
}

/// The causes in the order in which they come before each other.
const CAUSES: [fn(&Case<'_>) -> Option<Found>; 27] = [
    between::named,
    registered::refused,
    asked::pushed,
    asked::nonce,
    asked::scheme,
    asked::error,
    asked::page,
    asked::unreached,
    asked::framed,
    cookies::fragment,
    cookies::replayed,
    cookies::other_host,
    tokens::cors,
    tokens::twice,
    tokens::refused,
    refused::too_fast,
    tokens::told,
    said::app,
    looped::begun,
    cookies::not_sent,
    said::hinted,
    said::silent,
    large::too_large,
    used::api,
    clock::of_browser,
    tokens::secret,
    used::logout,
];

/// Finds what is wrong with each login.
pub fn judge(found: &mut Recognised, seen: &[Seen<'_>], recorder: &Recorder) {
    let mut next = vec![None; seen.len()];
    for (at, led) in found.led.iter().enumerate() {
        if let Some(led) = led.filter(|led| next[*led].is_none()) {
            next[led] = Some(at);
        }
    }
    let mut requests: Vec<usize> = found.logins.iter().filter_map(|login| login.requested_at).collect();
    requests.sort_unstable();
    let mut returns: Vec<usize> = found.logins.iter().filter_map(|login| login.returned_at).collect();
    returns.sort_unstable();
    let loops = looped::loops(found, seen, &next);
    let mut rounds = vec![None; found.logins.len()];
    for (number, of_loop) in loops.iter().enumerate() {
        of_loop.iter().for_each(|login| rounds[*login] = Some(number));
    }
    let mut judged = Vec::with_capacity(found.logins.len());
    for (number, login) in found.logins.iter().enumerate() {
        let case = Case {
            login,
            others: &found.logins,
            seen,
            recorder,
            found,
            next: &next,
            requests: &requests,
            returns: &returns,
        };
        let of_loop = rounds[number].map(|of_loop: usize| &loops[of_loop]);
        let finding = match of_loop {
            Some(of_loop) if of_loop.first() == Some(&number) => {
                let cause = large::too_large(&case).or_else(|| cookies::fragment(&case));
                let cause = cause.or_else(|| tokens::refused(&case));
                cause.or_else(|| Some(looped::finding(&case, of_loop)))
            }
            Some(_) => None,
            None => CAUSES.iter().find_map(|cause| cause(&case)),
        };
        let outcome = match of_loop {
            Some(_) => Outcome::LeftOpen,
            None => finding.as_ref().map_or(Outcome::SignedIn, |finding| became(&case, finding)),
        };
        judged.push((finding, outcome, tokens::has_key(&case)));
    }
    for (number, (login, (finding, outcome, has_key))) in found.logins.iter_mut().zip(judged).enumerate() {
        login.has_key = has_key;
        login.is_round = rounds[number].is_some_and(|of_loop: usize| loops[of_loop].first() != Some(&number));
        if login.outcome == Outcome::SignedIn {
            login.outcome = outcome;
        }
        login.finding = finding;
    }
}

/// What became of a login that its messages alone take for a good one, when it is known what is wrong with it.
fn became(case: &Case<'_>, finding: &Found) -> Outcome {
    let is_forgotten = matches!(
        finding.rule.id,
        "capture.cookie_too_large" | "capture.state_lost_samesite" | "capture.state_lost_other_host"
    );
    let back = case.login.returned_at.filter(|_| finding.rule.id != rules::CALLBACK_REPLAYED.id);
    match back.and_then(|back| case.failed_at(back)) {
        _ if is_forgotten => Outcome::LeftOpen,
        Some(failed) if case.entry(failed).status().is_some() => Outcome::ErrorPage,
        Some(_) => Outcome::LeftOpen,
        None if back.is_some_and(|back| case.ended_at(back).is_some()) => Outcome::LeftOpen,
        None => Outcome::SignedIn,
    }
}

/// What became of a login whose messages break a rule that demands to refuse them, where nothing shows that the app took
/// them all the same.
pub fn refused_by_rule(login: &Login, seen: impl Fn(usize) -> Option<u16>) -> Option<Outcome> {
    let found = login.finding.as_ref().filter(|_| login.outcome == Outcome::SignedIn)?;
    let is_unsafe = found.rule.rejects.is_some() || found.rule == &rules::ISSUER_MISMATCH;
    let mut calls = login.entries(StageName::UserInfo).chain(login.entries(StageName::ApiRequest));
    let is_used = calls.any(|at| seen(at).is_some_and(|status| status < 300));
    (is_unsafe && !is_used).then_some(Outcome::LeftOpen)
}

impl Case<'_> {
    fn entry(&self, at: usize) -> &Captured {
        self.seen[at].it
    }

    /// A finding with what is to be done as the rule says it.
    fn found(
        &self,
        rule: &'static Rule,
        stage: StageName,
        certainty: Certainty,
        say: String,
        evidence: Vec<Evidence>,
    ) -> Found {
        Found { rule, stage, certainty, say, evidence, next: rule.fix.to_owned() }
    }

    /// What shows the status of an answer; where none came, that.
    fn status(&self, at: usize) -> Evidence {
        match self.entry(at).status() {
            Some(status) => Evidence::saying(at, "response.status", &status.to_string()),
            None => Evidence::at(at, "response.status"),
        }
    }

    /// Where a parameter of the authorization request stands.
    fn of_request(&self, name: &str) -> Option<Evidence> {
        let at =
            self.login.requested_at.or_else(|| self.login.entries(StageName::PushedAuthorizationRequest).next())?;
        let entry = &self.seen[at];
        let of = if entry.query.get(name).is_none() && entry.form.get(name).is_some() { "form" } else { "query" };
        let value = self.login.asked(name).filter(|_| !crate::terms::credential::is_credential(name));
        Some(match value {
            Some(value) => Evidence::saying(at, format!("request.{of}.{name}"), value),
            None => Evidence::at(at, format!("request.{of}.{name}")),
        })
    }

    /// Where a parameter of the authorization response stands.
    fn of_response(&self, at: usize, name: &str) -> Evidence {
        if self.login.sent_back_at == Some(at) {
            return Evidence::at(at, "response.header.location");
        }
        if self.login.requested_at == Some(at) {
            return Evidence::at(at, "response.body");
        }
        let stage = self.login.stages.iter().find(|stage| stage.entries.contains(&at));
        match stage.and_then(|stage| stage.mode) {
            Some(ResponseMode::FormPost) => Evidence::at(at, format!("request.form.{name}")),
            Some(ResponseMode::Fragment) => match self.found.led[at] {
                Some(led) => Evidence::at(led, "response.header.location"),
                None => Evidence::at(at, "request.url"),
            },
            _ => Evidence::at(at, format!("request.query.{name}")),
        }
    }

    /// The entry that sent the browser to the provider.
    fn began(&self) -> Option<usize> {
        let at = self.login.requested_at?;
        self.found.led[at].filter(|led| self.seen[*led].origin != self.seen[at].origin)
    }

    /// The origin that the login began at: of who sent the browser to the provider, else of the page before.
    fn began_at(&self) -> Option<url::Url> {
        let at = self.login.requested_at?;
        if let Some(led) = self.began() {
            return Some(self.entry(led).request.url.clone());
        }
        let said = self.entry(at).sent("referer").or_else(|| self.entry(at).sent("origin"))?;
        let url = url::Url::parse(said).ok()?;
        (super::exchange::origin(&url) != self.seen[at].origin).then_some(url)
    }

    /// The answer to the response and where it leads within the app.
    fn after(&self, at: usize) -> Vec<usize> {
        let mut chain = vec![at];
        while let Some(next) = chain.last().and_then(|last| self.next[*last]) {
            let is_here = self.seen[next].it.request.url.host_str() == self.seen[at].it.request.url.host_str();
            let is_new_login = self.requests.binary_search(&next).is_ok();
            if chain.len() > HOPS || !is_here || is_new_login || next <= at {
                break;
            }
            chain.push(next);
        }
        chain
    }

    /// The entry of the app that begins a new login in answer to a response.
    fn restarts(&self, at: usize) -> Option<usize> {
        let last = *self.after(at).last()?;
        self.next[last].filter(|next| self.requests.binary_search(next).is_ok()).map(|_| last)
    }

    /// The entry at which the app says that the login failed, after a response that came at `at`.
    fn failed_at(&self, at: usize) -> Option<usize> {
        // A browser that got no answer and asks again has what comes then.
        let answered = |later: &usize| *later > at && self.entry(*later).status().is_some();
        let again = || self.login.entries(StageName::AuthorizationResponse).find(answered);
        let first = if self.entry(at).is_unanswered() { again().unwrap_or(at) } else { at };
        self.after(first).into_iter().find(|at| {
            let entry = self.entry(*at);
            entry.is_unanswered() && *at == first
                || entry.status().is_some_and(|status| status >= 400)
                || said::tells_of_failure(&self.seen[*at], *at != first)
        })
    }

    /// The same; where the app says nothing, the entry at which it begins the same login anew, which ends nowhere.
    fn ended_at(&self, at: usize) -> Option<usize> {
        self.failed_at(at).or_else(|| {
            let last = self.restarts(at)?;
            let again = self.others.iter().find(|other| other.requested_at == self.next[last])?;
            let is_same = |name: &str| again.asked(name) == self.login.asked(name);
            let is_same =
                ["client_id", "scope", "acr_values", "prompt", "max_age", "resource"].into_iter().all(is_same);
            (is_same && again.outcome != Outcome::SignedIn).then_some(last)
        })
    }
}
