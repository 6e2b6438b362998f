//! The catalogue, rule by rule: one entry a rule with ways to break it and a way to keep it, judged by the functions
//! that judge in the program.

#[path = "../pair/mod.rs"]
mod pair;

mod answer;
mod authorization;
mod backchannel;
mod backchannel_logout;
mod cimd;
mod claim_sources;
mod dcr;
mod device;
mod discovery;
mod dpop;
mod encryption;
mod exchange;
mod frontchannel_logout;
mod id_jag;
mod id_token;
mod id_token_times;
mod id_token_twice;
mod jar;
mod jarm;
mod jwks;
mod jwt;
mod logout;
mod made;
mod management;
mod mcp;
mod par;
mod prm;
mod profile;
mod rar;
mod resource;
mod step_up;
mod target;
mod token;
mod workload;

use std::collections::BTreeMap;

use grantscope::base::check::Verdict::{Fail, Note, Pass, Warn};
use grantscope::base::check::{Check, Level, Rule, Verdict};
use grantscope::client::rules::catalogue;

/// 256 random bits, as good servers and clients draw them.
const RANDOM: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const OTHER: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const ISSUER: &str = "https://as.example";
/// When every test takes place: 2026-11-23T10:30:00Z.
const NOW: i64 = 1_795_429_800;

/// A line of the table: a rule, what breaks it, and what keeps it.
struct Entry {
    rule: &'static str,
    broken: Vec<Way>,
    kept: Vec<Vec<Check>>,
    /// Nothing is said about a token that keeps the rule.
    is_silent: bool,
}

/// One way to break a rule.
struct Way {
    /// What its level says, or milder.
    verdict: Verdict,
    /// Words of what the check says it saw.
    saw: &'static str,
    checks: Vec<Check>,
}

impl Entry {
    /// The verdicts on something that keeps the rule.
    fn kept(rule: &'static str, checks: Vec<Check>) -> Self {
        Self { rule, broken: Vec::new(), kept: vec![checks], is_silent: false }
    }

    /// The same for a rule that is spoken of only when it is broken.
    fn unsaid(rule: &'static str, checks: Vec<Check>) -> Self {
        Self { is_silent: true, ..Self::kept(rule, checks) }
    }

    /// Something else that keeps it.
    fn kept_too(mut self, checks: Vec<Check>) -> Self {
        self.kept.push(checks);
        self
    }

    /// The verdicts on something that breaks it.
    fn broken(mut self, verdict: Verdict, saw: &'static str, checks: Vec<Check>) -> Self {
        self.broken.push(Way { verdict, saw, checks });
        self
    }

    fn faults(&self, rule: &Rule) -> Vec<String> {
        let mut faults = Vec::new();
        if self.broken.is_empty() {
            faults.push("nothing breaks it".to_owned());
        }
        faults.extend(self.broken.iter().filter_map(|way| way.fault(rule)));
        for checks in &self.kept {
            let verdicts: Vec<Verdict> = of(rule, checks).map(|check| check.verdict).collect();
            let is_kept = match self.is_silent {
                true => verdicts.is_empty(),
                false => !verdicts.is_empty() && verdicts.iter().all(|verdict| *verdict == Pass),
            };
            if !is_kept {
                faults.push(format!("what keeps it has {verdicts:?}"));
            }
        }
        faults.into_iter().map(|fault| format!("{}: {fault}", self.rule)).collect()
    }
}

impl Way {
    fn fault(&self, rule: &Rule) -> Option<String> {
        let strictest = match rule.level {
            Level::Must => Fail,
            Level::Should => Warn,
            Level::Advice => Note,
        };
        let Some(check) = of(rule, &self.checks).min_by_key(|check| check.verdict) else {
            return Some(format!("not applied to '{}'", self.saw));
        };
        let actual = check.actual.as_deref().unwrap_or_default();
        if check.verdict != self.verdict {
            return Some(format!("{:?} for '{}', not {:?}", check.verdict, self.saw, self.verdict));
        }
        if !(strictest..Pass).contains(&self.verdict) {
            return Some(format!("{:?} for '{}' is no verdict of a broken {:?}", self.verdict, self.saw, rule.level));
        }
        (!actual.contains(self.saw)).then(|| format!("saw '{actual}', not '{}'", self.saw))
    }
}

fn of<'a>(rule: &'a Rule, checks: &'a [Check]) -> impl Iterator<Item = &'a Check> {
    checks.iter().filter(|check| check.rule.id == rule.id)
}

/// Makes rows of rule, verdict, what is seen and what is changed into entries; the rows of a rule stand together.
/// What is not changed keeps them all.
fn entries_of<E: Copy>(
    rows: &[(&'static str, Verdict, &'static str, E)],
    kept: impl Fn() -> Vec<Check>,
    broken: impl Fn(E) -> Vec<Check>,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (rule, verdict, saw, change) in rows {
        let entry = match entries.pop() {
            Some(last) if last.rule == *rule => last,
            last => {
                entries.extend(last);
                Entry::kept(rule, kept())
            }
        };
        entries.push(entry.broken(*verdict, saw, broken(*change)));
    }
    entries
}

fn entries() -> Vec<Entry> {
    let messages = [
        answer::entries(),
        authorization::entries(),
        backchannel::entries(),
        backchannel_logout::entries(),
        frontchannel_logout::entries(),
        cimd::entries(),
        claim_sources::entries(),
        dcr::entries(),
        device::entries(),
        discovery::entries(),
        dpop::entries(),
        encryption::entries(),
        exchange::entries(),
        id_jag::entries(),
        id_token::entries(),
        id_token_times::entries().into(),
        jar::entries(),
        jarm::entries(),
        jwks::entries(),
        jwt::entries(),
        logout::entries(),
        made::entries(),
        management::entries(),
        mcp::entries(),
        profile::entries(),
        par::entries(),
        rar::entries(),
        target::entries(),
        prm::entries(),
        resource::entries(),
        step_up::entries(),
        token::entries(),
        workload::entries(),
    ];
    messages.into_iter().flatten().collect()
}

#[test]
fn every_rule_is_broken_by_what_breaks_it_and_kept_by_what_keeps_it() {
    let rules: BTreeMap<&str, &Rule> = catalogue().map(|rule| (rule.id, rule)).collect();
    let known = |entry: &Entry| rules.get(entry.rule).copied();
    let faults: Vec<String> =
        entries().iter().flat_map(|entry| known(entry).map(|rule| entry.faults(rule)).unwrap_or_default()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_rule_has_one_entry_and_every_entry_a_rule() {
    let mut left: Vec<&str> = catalogue().map(|rule| rule.id).collect();
    let mut strange = Vec::new();
    for entry in entries() {
        match left.iter().position(|id| *id == entry.rule) {
            Some(at) => drop(left.swap_remove(at)),
            None => strange.push(entry.rule),
        }
    }
    assert!(left.is_empty(), "rules without an entry: {left:?}");
    assert!(strange.is_empty(), "entries without a rule, or a second time: {strange:?}");
}
