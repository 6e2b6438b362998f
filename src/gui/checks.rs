//! The checks of a run as they are listed: what failed first, then what is doubtful, then all others, each under the
//! step it belongs to.

use crate::base::check::{Check, Tally, Verdict};
use crate::gui::language::{self, said, t};

use super::model::Run;
use crate::flow::numbers::Numbers;

/// A line of the list.
#[derive(Clone, Debug)]
pub enum Line<'a> {
    /// The step of those below: `Stage 7 · Tokens: 1 failed`.
    Stage(String),
    /// One of them, by its place among all of the run.
    Check(usize, &'a Check),
}

/// A check and where it belongs.
struct Entry<'a> {
    at: usize,
    step: Option<usize>,
    check: &'a Check,
}

impl Entry<'_> {
    /// What failed and what is doubtful stands apart from all others.
    const fn rank(&self) -> u8 {
        match self.check.verdict {
            Verdict::Fail => 0,
            Verdict::Warn => 1,
            Verdict::Note | Verdict::Pass | Verdict::Skipped => 2,
        }
    }

    fn says(&self, words: &[String], title: &str) -> bool {
        let Check { rule, expected, actual, verdict } = self.check;
        let texts = [rule.id, said(rule.title), said(verdict.word()), title]
            .into_iter()
            .chain(expected.as_deref())
            .chain(actual.as_deref())
            .map(str::to_lowercase);
        let texts: Vec<String> = texts.chain([rule.spec.to_string().to_lowercase()]).collect();
        words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
    }
}

/// The lines for the checks with this verdict in which every word of `search` is found.
pub fn lines<'a>(run: &'a Run, verdict: Option<Verdict>, search: &str) -> Vec<Line<'a>> {
    let steps = run.flow.steps();
    let numbers = Numbers::of(&steps);
    let title = |step: Option<usize>| step.map_or("", |step| said(steps[step].step.title));
    let trace = &run.flow.trace;
    let words: Vec<String> = search.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let all = trace.checks_at().into_iter().enumerate().map(|(at, (exchange, check))| {
        let position = trace.exchanges[exchange].position;
        let step = if check.is_of_client() { numbers.sent(position) } else { numbers.came(position) };
        Entry { at, step, check }
    });
    let mut listed: Vec<Entry<'a>> = all
        .filter(|entry| verdict.is_none_or(|verdict| entry.check.verdict == verdict))
        .filter(|entry| words.is_empty() || entry.says(&words, title(entry.step)))
        .collect();
    listed.sort_by_key(|entry| (entry.rank(), entry.step, entry.check.verdict, entry.at));
    let mut lines = Vec::new();
    for group in listed.chunk_by(|one, next| (one.rank(), one.step) == (next.rank(), next.step)) {
        let tally = Tally::of(group.iter().map(|entry| entry.check));
        let counted: Vec<String> = Verdict::ALL
            .into_iter()
            .filter(|verdict| tally.count(*verdict) > 0)
            .map(|v| language::tallied(&tally.counted(v)))
            .collect();
        let step = group[0].step;
        let number = step.map_or(String::new(), |step| t!("Stage {step} · ", step = step + 1));
        lines.push(Line::Stage(format!("{number}{}: {}", title(step), counted.join(", "))));
        lines.extend(group.iter().map(|entry| Line::Check(entry.at, entry.check)));
    }
    lines
}
