//! What the checks of a run say of one of its ID tokens, claim by claim. Nothing is judged here again.

use super::Flow;
use super::session::{NEED_KEYS, Tokens};
use crate::base::check::{Check, Rule, Tally, Verdict};
use crate::client::id_token::claim_of;
use crate::client::rules::dpop::{BOUND, CERTIFICATE};
use crate::client::rules::id_token::FORMAT;

/// What the run says of what the access token of these tokens is bound to: of a key and of a certificate one check at
/// most, the last. One that was skipped yields to any other.
pub fn of_binding<'a>(flow: &'a Flow, tokens: &Tokens) -> Vec<&'a Check> {
    let from = flow.trace.exchanges.iter().skip_while(|exchange| !tokens.came_with(exchange));
    let checks: Vec<&Check> = from.flat_map(|exchange| &exchange.checks).collect();
    let last = |rule: &'static Rule| {
        let mut of_rule = checks.iter().rev().filter(|check| check.rule == rule).copied();
        let newest = of_rule.next()?;
        [newest].into_iter().chain(of_rule).find(|check| check.verdict != Verdict::Skipped).or(Some(newest))
    };
    [&BOUND, &CERTIFICATE].into_iter().filter_map(last).collect()
}

/// The checks of one ID token, in the order of their rules.
#[derive(Clone, Debug, Default)]
pub struct Verdicts<'a>(Vec<&'a Check>);

impl<'a> Verdicts<'a> {
    /// Those of the ID token with this text. Empty where no exchange of the run has judged it.
    pub fn of(flow: &'a Flow, id_token: &str) -> Self {
        let is_it = |tokens: &&Tokens| tokens.response.id_token.as_ref().is_some_and(|it| it.expose() == id_token);
        let Some(tokens) = flow.session.tokens.iter().rev().find(is_it) else { return Self::default() };
        let from = flow.trace.exchanges.iter().skip_while(|exchange| !tokens.came_with(exchange));
        let mut judging = from.map(|exchange| &exchange.checks);
        let Some(first) = judging.next().filter(|checks| checks.iter().any(is_format)) else { return Self::default() };
        let mut checks: Vec<&Check> = first.iter().filter(|check| check.rule.id.starts_with("id_token.")).collect();
        // Keys that came later judge what needs them, until the next ID token comes.
        let anew = judging.take_while(|checks| !checks.iter().any(is_format)).flatten();
        for check in anew.filter(|check| NEED_KEYS.contains(&check.rule)) {
            checks.retain(|before| before.rule != check.rule);
            checks.push(check);
        }
        Self(checks)
    }

    /// Whether no check of the run is about it.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All checks of the token.
    pub fn checks(&self) -> &[&'a Check] {
        &self.0
    }

    /// The worst check of this claim or header member, or of the `signature`. One that was skipped yields to any other.
    pub fn on(&self, claim: &str) -> Option<&'a Check> {
        self.0.iter().copied().filter(|check| claim_of(check) == claim).min_by_key(|check| check.verdict)
    }

    /// What the checks are about, each once: broken ones first, else in the order of the rules.
    pub fn claims(&self) -> Vec<&'static str> {
        let mut claims: Vec<&'static str> = Vec::new();
        for check in &self.0 {
            let claim = claim_of(check);
            if !claims.contains(&claim) {
                claims.push(claim);
            }
        }
        claims.sort_by_key(|claim| self.on(claim).map_or(Verdict::Note, |check| check.verdict.min(Verdict::Note)));
        claims
    }

    /// How many came to each verdict.
    pub fn tally(&self) -> Tally {
        Tally::of(self.0.iter().copied())
    }
}

fn is_format(check: &Check) -> bool {
    check.rule == &FORMAT
}
