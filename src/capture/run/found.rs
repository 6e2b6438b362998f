//! What is wrong with a recorded login, as the finding of its run.

use crate::base::check::Verdict;
use crate::capture::Capture;
use crate::capture::finding::{Evidence, Found};
use crate::capture::login::{Login, StageName};
use crate::export::redact::Redactor;
use crate::flow::finding::{Finding, Shown};
use crate::flow::stage::Stage;
use crate::flow::trace::Exchange;

/// Shortest credential that is looked for in what is told, in bytes: a shorter one may be any word.
const SHORTEST: usize = 8;

impl Login {
    /// The stage of a run that what passes in this one belongs to.
    pub fn stage_of_run(&self, name: StageName) -> Stage {
        name.of_run().unwrap_or(match name {
            StageName::EndSessionPages | StageName::LogoutReturn => Stage::Logout,
            _ => Stage::Authorization,
        })
    }
}

impl Capture {
    /// A finding with its places in the run instead of the recording. No credential of the login is in it.
    pub(super) fn found(&self, login: &Login, found: &Found, exchanges: &[(usize, Exchange)]) -> Finding {
        let shown: Vec<Shown> = found.evidence.iter().map(|evidence| self.shown(login, evidence, exchanges)).collect();
        let secrets = login.secrets.iter().filter(|secret| secret.expose().len() >= SHORTEST);
        let hide = Redactor::new(secrets.cloned());
        Finding {
            verdict: Verdict::Fail,
            rule: Some(found.rule.id.into()),
            certainty: found.certainty,
            stage: login.stage_of_run(found.stage),
            exchange: shown.iter().find_map(|shown| shown.exchange),
            say: found.say.clone(),
            evidence: Shown::in_words(&shown),
            shown,
            next: found.next.clone(),
            cures: Vec::new(),
        }
        .map_texts(|text| hide.text(text))
    }

    /// The response that came back belongs to the exchange that its request began; pages are in no exchange.
    fn shown(&self, login: &Login, evidence: &Evidence, exchanges: &[(usize, Exchange)]) -> Shown {
        let of_entry = exchanges.iter().position(|(at, _)| *at == evidence.entry);
        let is_back = login.responded_at() == Some(evidence.entry);
        let of_request = exchanges.iter().position(|(_, exchange)| is_back && exchange.stage == Stage::Authorization);
        let place = match of_entry {
            Some(_) => evidence.place.clone(),
            None => format!("entry {}, {}", self.entries[evidence.entry].index, evidence.place),
        };
        Shown { exchange: of_entry.or(of_request), place, value: evidence.value.clone() }
    }
}
