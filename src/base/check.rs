//! A rule of a specification and what came of it. A broken rule is a value to explain, never an `Err`.

use super::spec::Spec;
use super::text::quoted;

/// How strictly the document asks for it (RFC 2119).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// MUST, MUST NOT, REQUIRED.
    Must,
    /// SHOULD, SHOULD NOT, RECOMMENDED.
    Should,
    /// Good practice that no document demands.
    Advice,
}

impl Level {
    /// The word of the documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::Advice => "advice",
        }
    }
}

/// One entry of the catalogue. Rules are `static`, so two checks of one rule share it.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable name: `id_token.nonce`. Scripts and saved expectations refer to it.
    pub id: &'static str,
    /// What holds when it passes, in one line: `nonce equals the one sent`.
    pub title: &'static str,
    /// Why it matters: what goes wrong when it is broken.
    pub why: &'static str,
    /// What to do about a broken one, at the client and at the server.
    pub fix: &'static str,
    /// How strictly the document asks.
    pub level: Level,
    /// Where it is demanded.
    pub spec: Spec,
    /// What the document demands of a client where it is broken: to reject, to discard, not to use. A Fail then ends the
    /// run before anything more leaves.
    pub rejects: Option<&'static str>,
}

/// What came of a rule, mildest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// A MUST is broken.
    Fail,
    /// A SHOULD is broken, or a MUST where the damage is small.
    Warn,
    /// Worth knowing; nothing is broken.
    Note,
    /// The rule holds.
    Pass,
    /// The rule could not be judged; `actual` says why.
    Skipped,
}

impl Verdict {
    /// All, worst first.
    pub const ALL: [Self; 5] = [Self::Fail, Self::Warn, Self::Note, Self::Pass, Self::Skipped];

    /// In lower case, as in the JSON result: `pass`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Note => "note",
            Self::Pass => "pass",
            Self::Skipped => "skipped",
        }
    }
}

/// A rule applied once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The rule that was applied.
    pub rule: &'static Rule,
    /// What came of it.
    pub verdict: Verdict,
    /// What the rule asks for here; `None` when the title says it all.
    pub expected: Option<String>,
    /// What was seen, or for a skipped check the reason. Never a secret.
    pub actual: Option<String>,
}

impl Check {
    /// What a client must do with what came, where this breaks a rule that demands to reject it.
    pub fn rejects(&self) -> Option<&'static str> {
        self.rule.rejects.filter(|_| self.verdict == Verdict::Fail)
    }
}

impl Check {
    /// Whether it is about what was sent, by the name of its rule.
    pub fn is_of_request(&self) -> bool {
        let made_here = ["request.", "assertion.", "dpop_proof."];
        self.rule.id.contains("_request.") || made_here.iter().any(|message| self.rule.id.starts_with(message))
    }

    /// Whether the client has to change what it does, and not the server what it answers: rules of what was sent, and of
    /// how this client is set up.
    pub fn is_of_client(&self) -> bool {
        let set_up = ["settings.", "profile.", "cimd.", "dcr_update.", "logout.id_token_hint"];
        self.is_of_request() || set_up.iter().any(|begin| self.rule.id.starts_with(begin))
    }

    /// What was asked for and what was seen: `expected practice-web, saw someone-else`.
    pub fn seen(&self) -> String {
        let saw = self.actual.as_deref().unwrap_or("nothing");
        match &self.expected {
            Some(expected) => format!("expected {expected}, saw {saw}"),
            None => format!("saw {saw}"),
        }
    }

    /// What it is about: the part of the rule's name behind the message.
    pub fn member(&self) -> &'static str {
        self.rule.id.split_once('.').map_or(self.rule.id, |(_, member)| member)
    }
}

impl Rule {
    /// Both texts may come from outside, so nothing invisible stays in them, and an empty one is seen.
    fn judged(&'static self, verdict: Verdict, expected: Option<String>, actual: Option<String>) -> Check {
        let shown = |text: String| quoted(&text).into_owned();
        let (expected, actual) = (expected.map(shown), actual.map(shown));
        Check { rule: self, verdict, expected, actual }
    }

    /// The rule holds; `actual` is what was seen.
    pub fn pass(&'static self, actual: impl Into<String>) -> Check {
        self.judged(Verdict::Pass, None, Some(actual.into()))
    }

    /// The rule is broken as badly as its level says: MUST fails, SHOULD warns, advice notes.
    pub fn broken(&'static self, expected: impl Into<String>, actual: impl Into<String>) -> Check {
        let verdict = match self.level {
            Level::Must => Verdict::Fail,
            Level::Should => Verdict::Warn,
            Level::Advice => Verdict::Note,
        };
        self.judged(verdict, Some(expected.into()), Some(actual.into()))
    }

    /// Something to know although nothing is broken.
    pub fn note(&'static self, actual: impl Into<String>) -> Check {
        self.judged(Verdict::Note, None, Some(actual.into()))
    }

    /// A milder verdict than the level asks for.
    pub fn warn(&'static self, expected: impl Into<String>, actual: impl Into<String>) -> Check {
        self.judged(Verdict::Warn, Some(expected.into()), Some(actual.into()))
    }

    /// The rule could not be judged, and why.
    pub fn skipped(&'static self, reason: impl Into<String>) -> Check {
        self.judged(Verdict::Skipped, None, Some(reason.into()))
    }

    /// Passes when both are the same text, code point for code point.
    pub fn equal(&'static self, expected: &str, actual: &str) -> Check {
        if expected == actual { self.pass(actual) } else { self.broken(expected, actual) }
    }

    /// Passes when `holds`, with `expected` shown only when broken.
    pub fn holds(&'static self, holds: bool, expected: impl Into<String>, actual: impl Into<String>) -> Check {
        if holds { self.pass(actual) } else { self.broken(expected, actual) }
    }
}

/// How many checks came to each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: [usize; 5],
}

impl Tally {
    /// Counts checks.
    pub fn of<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Self {
        let mut tally = Self::default();
        for check in checks {
            tally.counts[check.verdict as usize] += 1;
        }
        tally
    }

    /// Number of checks with this verdict.
    pub const fn count(&self, verdict: Verdict) -> usize {
        self.counts[verdict as usize]
    }

    /// The worst verdict among Fail, Warn, Note and Pass; `None` when nothing was judged.
    pub fn worst(&self) -> Option<Verdict> {
        Verdict::ALL.into_iter().find(|verdict| *verdict != Verdict::Skipped && self.count(*verdict) > 0)
    }

    /// `1 failed, 6 passed`: every verdict that occurs, worst first, skipped left out.
    pub fn summary(&self) -> String {
        let occurs = |verdict: &Verdict| *verdict != Verdict::Skipped && self.count(*verdict) > 0;
        let parts: Vec<String> = Verdict::ALL.into_iter().filter(occurs).map(|verdict| self.counted(verdict)).collect();
        if parts.is_empty() { "no checks yet".to_owned() } else { parts.join(", ") }
    }

    /// `2 warnings`
    pub fn counted(&self, verdict: Verdict) -> String {
        let count = self.count(verdict);
        let word = match (verdict, count) {
            (Verdict::Fail, _) => "failed",
            (Verdict::Warn, 1) => "warning",
            (Verdict::Warn, _) => "warnings",
            (Verdict::Note, 1) => "note",
            (Verdict::Note, _) => "notes",
            (Verdict::Pass, _) => "passed",
            (Verdict::Skipped, _) => "skipped",
        };
        format!("{count} {word}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static RULE: Rule = Rule {
        id: "test.rule",
        title: "a equals b",
        why: "",
        fix: "",
        level: Level::Should,
        spec: Spec::new("RFC 6749", "1"),
        rejects: None,
    };

    #[test]
    fn the_level_decides_how_bad_a_broken_rule_is() {
        assert_eq!(RULE.equal("a", "b").verdict, Verdict::Warn);
        assert_eq!(RULE.equal("a", "a").verdict, Verdict::Pass);
        assert_eq!(RULE.equal("a", "").seen(), "expected a, saw \"\"");
    }

    #[test]
    fn a_tally_names_the_worst_first() {
        let checks = [RULE.pass("a"), RULE.note("x"), RULE.skipped("no key"), RULE.pass("b")];
        let tally = Tally::of(&checks);
        assert_eq!(tally.summary(), "1 note, 2 passed");
        assert_eq!(tally.worst(), Some(Verdict::Note));
    }
}
