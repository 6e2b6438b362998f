//! What is wrong with a login by the rules that were applied to its messages.

use super::rules;
use crate::base::check::{Check, Verdict};
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::login::{Judged, Login, Outcome, StageName, is_of_response};
use crate::client::rules::id_token::SIGNATURE;
use crate::client::rules::token::ID_TOKEN;

/// What is wrong with a login when its rules have been applied: what an app has to refuse says more than that it refused,
/// and what an API had to refuse more than that it did.
pub fn with_rules(login: &Login) -> Option<Found> {
    let found = login.finding.clone();
    let is_vague = |found: &Found| {
        let is_refusal = [rules::APP_REFUSED.id, rules::BACK_CHANNEL_FAILED.id].contains(&found.rule.id);
        is_refusal && found.certainty != Certainty::Certain
    };
    let is_proven = |broken: &Found| broken.certainty == Certainty::Certain;
    match found {
        Some(found) if is_vague(&found) => broken_rule(login).filter(is_proven).or(Some(found)),
        Some(found) if found.rule == &rules::API_REFUSED => Some(with_proof(login, found)),
        Some(found) => Some(found),
        None => broken_rule(login),
    }
}

/// A refusal of an API, with what does not hold of the proof of possession that it was sent (RFC 9449 section 4.3).
fn with_proof(login: &Login, found: Found) -> Found {
    let refused: Vec<usize> = found.evidence.iter().map(|evidence| evidence.entry).collect();
    let is_proof = |judged: &&Judged| {
        let check = &judged.check;
        check.verdict == Verdict::Fail && check.rule.id.starts_with("dpop_proof.") && refused.contains(&judged.entry)
    };
    let Some(broken) = login.checks.iter().find(is_proof) else { return found };
    let check = &broken.check;
    let say = format!("{}; of its proof this does not hold: \"{}\" ({})", found.say, check.rule.title, check.seen());
    let mut evidence = found.evidence;
    evidence.push(Evidence::saying(broken.entry, "request.header.dpop", &check.seen()));
    Found { say, evidence, certainty: Certainty::Certain, next: check.rule.fix.to_owned(), ..found }
}

/// The rule of an answer that is broken worst, where nothing else is wrong with a login: what a run would end for as
/// unsafe, else what an app feels, else what fails of its own requests. It stands at the entry of the message.
fn broken_rule(login: &Login) -> Option<Found> {
    if login.is_round {
        return None;
    }
    let of_login = || login.checks.iter().filter(|judged| is_proven(login, judged));
    let is_unsafe = |judged: &&Judged| judged.check.rejects().is_some();
    // An app that lives with an answer has no trouble with it, but for what it asked and did not get.
    let is_felt = |id: &str| id.starts_with("token.") && login.outcome != Outcome::SignedIn || id == ID_TOKEN.id;
    let has_failed = |judged: &&Judged| judged.check.verdict == Verdict::Fail;
    let fails = |judged: &&Judged| has_failed(judged) && is_felt(judged.check.rule.id);
    // What it sends itself it can mend itself.
    let stays = |judged: &&Judged| has_failed(judged) && is_of_request(&judged.check) && !is_mended(login, judged);
    let broken = of_login().find(is_unsafe).or_else(|| of_login().find(fails)).or_else(|| of_login().find(stays))?;
    let check = &broken.check;
    let (stage, place) = place_of(login, broken)?;
    let (certainty, refuse) = match check.rejects() {
        Some(_) => (Certainty::Certain, ", and what breaks it has to be refused"),
        None => (Certainty::Likely, ""),
    };
    let say = format!("This does not hold: \"{}\"{refuse}", check.rule.title);
    let evidence = vec![Evidence::saying(broken.entry, place, &check.seen())];
    Some(Found { rule: check.rule, stage, certainty, say, evidence, next: check.rule.fix.to_owned() })
}

/// Whether a later message of the same stage keeps what this one breaks: it was made again, with the nonce that was wanted.
fn is_mended(login: &Login, broken: &Judged) -> bool {
    let stage = stage_of(login, broken.entry);
    let is_later = |judged: &&Judged| judged.check.rule == broken.check.rule && judged.entry > broken.entry;
    let last = login.checks.iter().filter(is_later).rfind(|judged| stage_of(login, judged.entry) == stage);
    last.is_some_and(|judged| judged.check.verdict == Verdict::Pass)
}

/// Where what is broken stands: in the response, in a request, in an answer.
fn place_of(login: &Login, broken: &Judged) -> Option<(StageName, &'static str)> {
    if login.responded_at() == Some(broken.entry) && is_of_response(&broken.check) {
        let place = if login.sent_back_at.is_some() { "response.header.location" } else { "request.url" };
        return Some((StageName::AuthorizationResponse, place));
    }
    let stage = stage_of(login, broken.entry)?;
    Some((stage, if is_of_request(&broken.check) { "request" } else { "response.body" }))
}

/// Whether a check is about what was sent, where the messages of a login are both.
fn is_of_request(check: &Check) -> bool {
    let sent = ["settings.", "dpop_proof.", "resource.token_in_url"];
    check.is_of_request() || sent.iter().any(|name| check.rule.id.starts_with(name))
}

/// Keys may have been changed since: only a key that is in the recording proves that a signature does not fit it.
fn is_proven(login: &Login, judged: &Judged) -> bool {
    let is_signature = judged.check.rule.id == SIGNATURE.id;
    (!is_signature || login.has_key) && stage_of(login, judged.entry).is_some()
}

fn stage_of(login: &Login, at: usize) -> Option<StageName> {
    login.stages.iter().find(|stage| stage.entries.contains(&at)).map(|stage| stage.name)
}
