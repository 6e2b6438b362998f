//! What is wrong with recorded logins: one finding a login, the earliest cause of all that is seen.

mod asked;
mod cookies;
mod large;
mod looped;
mod registered;
mod said;
mod tokens;
mod used;
mod words;

use super::exchange::{Captured, Seen};
use super::finding::{Certainty, Evidence, Found};
use super::login::{Judged, Login, Outcome, StageName};
use super::recognise::Recognised;
use super::recorder::Recorder;
use super::rules;
use crate::base::check::{Rule, Verdict};
use crate::client::rules::id_token::SIGNATURE;
use crate::client::rules::token::ID_TOKEN;
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
const CAUSES: [fn(&Case<'_>) -> Option<Found>; 22] = [
    registered::refused,
    asked::pushed,
    asked::nonce,
    asked::scheme,
    asked::error,
    asked::page,
    asked::unreached,
    cookies::fragment,
    cookies::replayed,
    cookies::other_host,
    tokens::cors,
    tokens::twice,
    tokens::refused,
    tokens::told,
    said::app,
    cookies::not_sent,
    said::hinted,
    said::silent,
    large::too_large,
    used::api,
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
    let loops = looped::loops(&found.logins, seen, &next);
    let mut rounds = vec![None; found.logins.len()];
    for (number, of_loop) in loops.iter().enumerate() {
        of_loop.iter().for_each(|login| rounds[*login] = Some(number));
    }
    let mut findings: Vec<Option<Found>> = Vec::with_capacity(found.logins.len());
    let mut keys = Vec::with_capacity(found.logins.len());
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
        keys.push(tokens::has_key(&case));
        let of_loop = rounds[number].map(|of_loop: usize| &loops[of_loop]);
        findings.push(match of_loop {
            Some(of_loop) if of_loop.first() == Some(&number) => {
                let cause = large::too_large(&case).or_else(|| cookies::fragment(&case));
                cause.or_else(|| Some(looped::finding(&case, of_loop)))
            }
            Some(_) => None,
            None => CAUSES.iter().find_map(|cause| cause(&case)),
        });
    }
    for ((login, finding), has_key) in found.logins.iter_mut().zip(findings).zip(keys) {
        login.has_key = has_key;
        let is_forgotten = finding.as_ref().is_some_and(|it| {
            matches!(
                it.rule.id,
                "capture.cookie_too_large" | "capture.state_lost_samesite" | "capture.state_lost_other_host"
            )
        });
        if is_forgotten && login.outcome == Outcome::SignedIn {
            login.outcome = Outcome::LeftOpen;
        }
        login.finding = finding;
    }
}

/// What is wrong with a login when its rules have been applied: what an app has to refuse says more than that it refused.
pub fn with_rules(login: &Login) -> Option<Found> {
    let found = login.finding.clone();
    let is_vague = |found: &Found| {
        let is_refusal = [rules::APP_REFUSED.id, rules::BACK_CHANNEL_FAILED.id].contains(&found.rule.id);
        is_refusal && found.certainty != Certainty::Certain
    };
    let is_proven = |broken: &Found| broken.certainty == Certainty::Certain;
    match found {
        Some(found) if is_vague(&found) => broken_rule(login).filter(is_proven).or(Some(found)),
        Some(found) => Some(found),
        None => broken_rule(login),
    }
}

/// The rule of an answer that is broken worst, where nothing else is wrong with a login: what a run would end for as
/// unsafe, else what fails. It stands at the entry of the answer.
fn broken_rule(login: &Login) -> Option<Found> {
    let of_login = || login.checks.iter().filter(|judged| is_proven(login, judged));
    let is_unsafe = |judged: &&Judged| judged.check.rejects().is_some();
    // An app that lives with an answer has no trouble with it, but for what it asked and did not get.
    let is_felt = |id: &str| id.starts_with("token.") && login.outcome != Outcome::SignedIn || id == ID_TOKEN.id;
    let fails = |judged: &&Judged| judged.check.verdict == Verdict::Fail && is_felt(judged.check.rule.id);
    let broken = of_login().find(is_unsafe).or_else(|| of_login().find(fails))?;
    let (rule, asked) = (broken.check.rule, stage_of(login, broken.entry)?);
    let (at, stage, place) = match login.responded_at().filter(|_| asked == StageName::AuthorizationRequest) {
        Some(back) if login.sent_back_at.is_some() => {
            (back, StageName::AuthorizationResponse, "response.header.location")
        }
        Some(back) => (back, StageName::AuthorizationResponse, "request.url"),
        None => (broken.entry, asked, "response.body"),
    };
    let (certainty, refuse) = match broken.check.rejects() {
        Some(_) => (Certainty::Certain, ", and what breaks it has to be refused"),
        None => (Certainty::Likely, ""),
    };
    let say = format!("This does not hold: \"{}\"{refuse}", rule.title);
    Some(Found { rule, stage, certainty, say, evidence: vec![Evidence::at(at, place)], next: rule.fix.to_owned() })
}

/// Keys may have been changed since: only a key that is in the recording proves that a signature does not fit it.
fn is_proven(login: &Login, judged: &Judged) -> bool {
    let is_signature = judged.check.rule.id == SIGNATURE.id;
    (!is_signature || login.has_key) && stage_of(login, judged.entry).is_some()
}

fn stage_of(login: &Login, at: usize) -> Option<StageName> {
    login.stages.iter().find(|stage| stage.entries.contains(&at)).map(|stage| stage.name)
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
