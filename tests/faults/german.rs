//! A trainer whose window speaks German reads German of every fault of the practice server: what is wrong, the next step,
//! and what else to try.

use std::collections::BTreeSet;

use grantscope::flow::finding::finding;
use grantscope::flow::{Flow, Next};
use grantscope::gui::language::{Language, known_sentence, said, sentence, speak};
use grantscope::practice::Fault;

use super::rows::ROWS;
use super::{Grant, Pair, flow, seeded};

/// A run with this fault, and how it ended.
fn run(fault: Fault) -> (Pair, Flow, Next) {
    let row = ROWS.iter().find(|row| row.fault == fault);
    let mut pair = row.map_or_else(Pair::new, |row| (row.pair)());
    let mut flow = match row {
        Some(row) => seeded(0, row.grant, row.change),
        None => flow(Grant::AuthorizationCode, |_| {}),
    };
    if let Some(row) = row {
        pair.username = row.username;
        let before = row.then.and_then(|stage| stage.descriptor().after).filter(|stage| !flow.stages().contains(stage));
        before.into_iter().chain(row.then).for_each(|stage| flow.append(stage));
    }
    pair.practice.set(fault, true);
    let next = pair.run(&mut flow);
    (pair, flow, next)
}

/// The sentences of a run with this fault that the window shows.
fn sentences(fault: Fault) -> Vec<String> {
    let (_, flow, next) = run(fault);
    let found = finding(&flow, &next, &[]);
    let of_finding = found.into_iter().flat_map(|found| [found.say, found.next]);
    let of_problem = match next {
        Next::Stopped(problem) => problem.advice,
        _ => Vec::new(),
    };
    of_finding.chain(of_problem).filter(|sentence| !sentence.is_empty()).collect()
}

/// What its checks have seen, and what the server says that it has done.
fn seen(fault: Fault) -> Vec<String> {
    let (pair, flow, _) = run(fault);
    let of_checks = flow.checks().flat_map(|check| check.expected.iter().chain(&check.actual)).cloned();
    let log = pair.practice.log();
    let of_log = log.iter().flat_map(|entry| {
        let done = entry.said.iter().filter(|_| entry.status < 400).cloned();
        done.chain(entry.reasons.iter().map(|reason| reason.saw.clone())).collect::<Vec<_>>()
    });
    of_checks.chain(of_log).collect()
}

/// Words of English sentences which no German one has.
const ENGLISH: [&str; 22] = [
    "and", "are", "been", "came", "comes", "from", "has", "have", "is", "missing", "not", "nothing", "of", "only",
    "other", "that", "the", "this", "to", "wants", "were", "which",
];

/// What a server has sent is a quotation in any language: a challenge, an error with its description.
fn is_quoted(text: &str) -> bool {
    let is_code = |code: &str| code.contains('_') && !code.contains(' ');
    text.contains("error_description=") || text.split_once(": ").is_some_and(|(code, _)| is_code(code))
}

#[test]
fn what_checks_have_seen_and_the_server_has_done_is_told_in_german() {
    speak(Language::German);
    let is_word = |text: &str| text.split(' ').any(|word| ENGLISH.contains(&word));
    let all: BTreeSet<String> = Fault::ALL.iter().flat_map(|fault| seen(*fault)).collect();
    let told = all.iter().filter(|text| !is_quoted(text)).map(|text| sentence(text).into_owned());
    let english: Vec<String> = told.filter(|text| is_word(text)).collect();
    assert!(english.is_empty(), "{} of them are English: {english:#?}", english.len());
}

#[test]
fn every_fault_is_told_in_german() {
    speak(Language::German);
    let mut english = Vec::new();
    for fault in Fault::ALL {
        english.extend((said(fault.about()) == fault.about()).then(|| fault.about().to_owned()));
        let lacking = sentences(*fault).into_iter().filter(|sentence| known_sentence(sentence).is_none());
        english.extend(lacking.map(|sentence| format!("{}: {sentence}", fault.name())));
    }
    assert!(english.is_empty(), "{} of them are English: {english:#?}", english.len());
}
