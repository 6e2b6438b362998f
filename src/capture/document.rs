//! A recording that was taken apart, as JSON. Nothing in it opens anything.

use std::collections::BTreeMap;

use super::Capture;
use super::finding::{Evidence, Found};
use super::login::{Judged, Login, Staged};
use crate::base::json::{Json, number, object, optional, text};
use crate::export::redact::Redactor;
use crate::record::members_of_check;
use crate::terms::grant::Grant;

/// Shortest credential that is looked for in what is told, in bytes: a shorter one may be any word.
const SHORTEST: usize = 8;

impl Capture {
    /// Hides the codes, tokens and verifiers of the recording wherever they got to in what is told of it.
    pub fn redactor(&self) -> Redactor {
        let secrets = self.logins.iter().flat_map(|login| &login.secrets);
        Redactor::new(secrets.filter(|secret| secret.expose().len() >= SHORTEST).cloned())
    }

    /// The JSON result.
    pub fn to_json(&self) -> Json {
        self.redactor().json(&self.told())
    }

    fn told(&self) -> Json {
        let mut beside: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
        for (at, kind) in self.beside.iter().enumerate() {
            if let Some(kind) = kind {
                beside.entry(kind.slug()).or_default().push(self.number(at));
            }
        }
        let beside = beside.into_iter().map(|(kind, entries)| (kind.to_owned(), Json::Array(entries))).collect();
        let unreadable = self
            .unreadable
            .iter()
            .map(|(entry, reason)| object([("entry", number(entry)), ("reason", text(reason.clone()))]));
        object([
            ("recorder", self.recorder()),
            ("logins", Json::Array(self.logins.iter().map(|login| self.login(login)).collect())),
            ("beside", Json::Object(beside)),
            ("unreadable", Json::Array(unreadable.collect())),
            ("notes", texts(&self.notes)),
        ])
    }

    fn recorder(&self) -> Json {
        object([("name", text(self.recorder.name.clone())), ("left_out", texts(&self.recorder.left_out))])
    }

    fn login(&self, login: &Login) -> Json {
        object([
            ("grant", optional(login.grant.map(Grant::key))),
            ("client_id", optional(login.client_id.clone())),
            ("state", optional(login.state.clone())),
            ("issuer", optional(login.issuer.clone())),
            ("issuer_said", Json::Bool(login.is_issuer_said)),
            ("outcome", text(login.outcome.word())),
            ("stages", Json::Array(login.stages.iter().map(|stage| self.stage(stage)).collect())),
            ("not_in_the_recording", texts(&login.not_in_the_recording)),
            ("checks", Json::Array(login.checks.iter().map(|it| self.check(it)).collect())),
            ("finding", login.finding.as_ref().map_or(Json::Null, |found| self.finding(found))),
        ])
    }

    fn check(&self, judged: &Judged) -> Json {
        let mut members = members_of_check(&judged.check);
        members.push(("entry".to_owned(), self.number(judged.entry)));
        Json::Object(members)
    }

    fn stage(&self, stage: &Staged) -> Json {
        let entries = stage.entries.iter().map(|at| self.number(*at)).collect();
        let statuses = stage.entries.iter().map(|at| match self.entries[*at].status() {
            Some(status) => number(&status),
            None => Json::Null,
        });
        let mut json = object([
            ("name", text(stage.name.slug())),
            ("entries", Json::Array(entries)),
            ("leg", text(stage.leg.word())),
            ("status", Json::Array(statuses.collect())),
        ]);
        if let Json::Object(members) = &mut json {
            members.extend(stage.mode.map(|mode| ("response_mode".to_owned(), text(mode.name()))));
            members.extend(stage.repeated.then(|| ("repeated".to_owned(), Json::Bool(true))));
        }
        json
    }

    fn finding(&self, found: &Found) -> Json {
        object([
            ("rule", text(found.rule.id)),
            ("stage", text(found.stage.slug())),
            ("certainty", text(found.certainty.word())),
            ("say", text(found.say.clone())),
            ("evidence", Json::Array(found.evidence.iter().map(|it| self.evidence(it)).collect())),
            ("next", text(found.next.clone())),
        ])
    }

    fn evidence(&self, evidence: &Evidence) -> Json {
        object([
            ("entry", self.number(evidence.entry)),
            ("where", text(evidence.place.clone())),
            ("value", optional(evidence.value.clone())),
        ])
    }

    /// The place of an entry in the file.
    fn number(&self, at: usize) -> Json {
        number(&self.entries[at].index)
    }
}

fn texts(list: &[String]) -> Json {
    Json::Array(list.iter().map(|one| text(one.clone())).collect())
}
