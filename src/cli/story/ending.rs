//! How a run ended: what is most wrong, all that is known of it, and what is left open.

use super::Storyteller;
use crate::base::check::{Tally, Verdict};
use crate::flow::cure::Cure;
use crate::flow::finding::{Finding, finding};
use crate::flow::{Flow, Next, Outcome, Problem};

impl Storyteller {
    /// How it ended.
    pub fn end(&mut self, flow: &Flow, next: &Next) {
        self.tell(flow);
        self.terminal.line("");
        let open = flow.left_open();
        let finding = finding(flow, next, &open).filter(|_| !matches!(next, Next::Do(_)));
        if let Some(finding) = &finding {
            self.finding(finding, if let Next::Stopped(problem) = next { Some(problem) } else { None });
        }
        let is_told = finding.is_some_and(|finding| finding.rule.is_none() && !open.is_empty());
        for (what, why) in open.iter().skip(usize::from(is_told)) {
            let (mark, line) = (self.painted_mark("!"), self.clean(&format!("{what}: {why}")));
            self.terminal.line(&format!("{mark} {line}"));
        }
        let tally = Tally::of(flow.checks());
        let (mark, word) = match flow.outcome() {
            Outcome::Success if tally.count(Verdict::Fail) > 0 => ("✗", "Finished with broken rules"),
            Outcome::Success => ("✓", "Success"),
            Outcome::Refused => ("✗", "Refused"),
            Outcome::Failed => ("✗", "Failed"),
            Outcome::Incomplete if !open.is_empty() => ("✗", "Incomplete, since not all was done"),
            Outcome::Incomplete => ("✗", "Incomplete"),
        };
        let mark = self.painted_mark(mark);
        let count = flow.trace.exchanges.len();
        let exchanges = if count == 1 { "exchange" } else { "exchanges" };
        self.terminal.line(&format!("{mark} {word}: {count} {exchanges}, {}", tally.summary()));
    }

    /// What is most wrong first; then all that is known of it.
    fn finding(&mut self, finding: &Finding, problem: Option<&Problem>) {
        let mark = self.painted_mark(if finding.verdict == Verdict::Fail { "✗" } else { "!" });
        self.terminal.line(&format!("{mark} {}", self.clean(&finding.sentence())));
        // What had to wait for the keys stopped at them and is of an earlier stage.
        let is_it = |problem: &&Problem| {
            problem.stage == finding.stage || problem.rule.is_some() && problem.rule == finding.rule.as_deref()
        };
        let stopped = problem.filter(is_it);
        match stopped {
            Some(problem) => self.details(problem),
            None => {
                let (saw, next) = (self.clean(&finding.evidence), self.clean(&finding.next));
                self.terminal.pair("saw", &saw);
                self.terminal.pair("try", &next);
            }
        }
        for cure in &finding.cures {
            self.cure(cure);
        }
        self.terminal.line("");
        if let (None, Some(problem)) = (stopped, problem) {
            self.problem(problem);
        }
    }

    /// What may mend it, as it is typed.
    pub fn cure(&mut self, cure: &Cure) {
        if let Some(typed) = (self.typed)(cure) {
            let typed = self.clean(&typed);
            self.terminal.pair("option", &typed);
        }
    }

    pub(super) fn problem(&mut self, problem: &Problem) {
        let mark = self.painted_mark("✗");
        self.terminal.line(&format!("{mark} {}", self.clean(&problem.title)));
        self.details(problem);
        self.terminal.line("");
    }

    /// What was sent, what came, and everything there is to try.
    fn details(&mut self, problem: &Problem) {
        if let Some(rule) = problem.rule {
            self.terminal.pair("rule", rule);
        }
        if !problem.sent.is_empty() {
            let sent = self.clean(&problem.sent);
            self.terminal.pair("sent", &sent);
        }
        let came = self.clean(&problem.came);
        self.terminal.pair("came", &came);
        for advice in &problem.advice {
            let advice = self.clean(advice);
            self.terminal.pair("try", &advice);
        }
    }
}
