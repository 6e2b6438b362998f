//! A trainer whose window speaks German reads German of every fault of the practice server: what is wrong, the next step,
//! and what else to try.

use grantscope::flow::Next;
use grantscope::flow::finding::finding;
use grantscope::gui::language::{Language, known_sentence, said, speak};
use grantscope::practice::Fault;

use super::rows::ROWS;
use super::{Grant, Pair, flow, seeded};

/// The sentences of a run with this fault that the window shows.
fn sentences(fault: Fault) -> Vec<String> {
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
    let found = finding(&flow, &next, &[]);
    let of_finding = found.into_iter().flat_map(|found| [found.say, found.next]);
    let of_problem = match next {
        Next::Stopped(problem) => problem.advice,
        _ => Vec::new(),
    };
    of_finding.chain(of_problem).filter(|sentence| !sentence.is_empty()).collect()
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
