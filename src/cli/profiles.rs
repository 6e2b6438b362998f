//! `--profile`: what a run is judged by beside its own rules.

use super::expected::Bar;
use super::json::{object, optional, text};
use super::terminal::{Paint, Terminal};
use crate::base::check::{Check, Verdict};
use crate::base::json::Json;
use crate::export::redact::Redactor;
use crate::flow::Flow;
use crate::profile::{Broken, Profile, Standing, judge, wanted};

/// How a run stands by a profile, without secrets.
#[derive(Clone, Debug)]
pub(super) struct Stood {
    pub profile: Profile,
    /// In a line: `FAPI 2.0: 4 rules stop it`.
    pub summary: String,
    /// `None` where the run did not come to its end.
    pub passes: Option<bool>,
    /// What stops it, each in a line.
    pub stops: Vec<String>,
    json: Json,
}

impl Stood {
    fn of(standing: &Standing, fail_on: Verdict, hide: &Redactor) -> Self {
        Self {
            profile: standing.profile,
            summary: format!("{}: {}", standing.profile.name(), standing.summary(fail_on)),
            passes: standing.passes(fail_on),
            stops: standing.stops(fail_on).map(|broken| line(broken, hide)).collect(),
            json: to_json(standing, fail_on, hide),
        }
    }
}

/// Each profile by its word; `None` where the run is judged by none.
pub(super) fn by_word(stood: &[Stood]) -> Option<Json> {
    let of = |stood: &Stood| (stood.profile.slug().to_owned(), stood.json.clone());
    (!stood.is_empty()).then(|| Json::Object(stood.iter().map(of).collect()))
}

impl Bar {
    fn standings(&self, flow: &Flow) -> Vec<Standing> {
        self.profiles.iter().map(|profile| judge(*profile, flow)).collect()
    }

    /// How the run stands by each, for reports.
    pub fn stood(&self, flow: &Flow, hide: &Redactor) -> Vec<Stood> {
        let standings = self.standings(flow);
        standings.iter().map(|standing| Stood::of(standing, self.fail_on, hide)).collect()
    }

    /// Each profile in a line, what stops the run by it, and the settings it wants.
    pub fn tell_profiles(&self, terminal: &mut Terminal, flow: &Flow, hide: &Redactor) {
        if self.profiles.is_empty() {
            return;
        }
        terminal.line("");
        terminal.line(&terminal.paint(Paint::Strong, "Profiles"));
        self.stood(flow, hide).iter().for_each(|stood| tell(terminal, stood, flow));
    }

    /// Adds `profiles` to the result of a run that is judged by some.
    pub fn add_profiles(&self, result: &mut Json, flow: &Flow, hide: &Redactor) {
        if let (Json::Object(members), Some(profiles)) = (result, by_word(&self.stood(flow, hide))) {
            members.push(("profiles".to_owned(), profiles));
        }
    }
}

fn tell(terminal: &mut Terminal, stood: &Stood, flow: &Flow) {
    let mark = match stood.passes {
        Some(true) => terminal.paint(Paint::Good, "✓"),
        Some(false) => terminal.paint(Paint::Bad, "✗"),
        None => "-".to_owned(),
    };
    terminal.line(&format!("  {mark} {}", stood.summary));
    stood.stops.iter().for_each(|stop| terminal.line(&format!("      {stop}")));
    let wants = wanted(stood.profile, flow);
    if stood.passes != Some(true) && !wants.is_empty() {
        let options: Vec<String> = wants.iter().map(|(name, value)| format!("--set {name}={value}")).collect();
        terminal.line(&format!("      it wants {}", options.join(" ")));
    }
}

fn line(broken: &Broken, hide: &Redactor) -> String {
    let Broken { check, level, spec, .. } = broken;
    format!("{} {} ({} {spec}): {}", check.rule.id, check.rule.title, level.word(), hide.text(&check.seen()))
}

/// `{ passes, stops, advises, not_judged }`; `passes` is `null` where the run did not come to its end.
fn to_json(standing: &Standing, fail_on: Verdict, hide: &Redactor) -> Json {
    let stops: Vec<&Broken> = standing.stops(fail_on).collect();
    let advises = standing.broken.iter().filter(|broken| broken.verdict() > fail_on);
    let broken = |broken: &Broken| {
        object([
            ("rule", text(broken.check.rule.id)),
            ("level", text(broken.level.word())),
            ("spec", text(broken.spec.to_string())),
            ("stage", optional(broken.stage.map(crate::flow::stage::Stage::slug))),
            ("title", text(broken.check.rule.title)),
            ("expected", optional(broken.check.expected.as_deref().map(|said| hide.text(said)))),
            ("actual", optional(broken.check.actual.as_deref().map(|said| hide.text(said)))),
        ])
    };
    let open = |check: &Check| {
        object([
            ("rule", text(check.rule.id)),
            ("reason", optional(check.actual.as_deref().map(|said| hide.text(said)))),
        ])
    };
    object([
        ("passes", standing.passes(fail_on).map_or(Json::Null, Json::Bool)),
        ("stops", Json::Array(stops.into_iter().map(broken).collect())),
        ("advises", Json::Array(advises.map(broken).collect())),
        ("not_judged", Json::Array(standing.open.iter().map(open).collect())),
    ])
}
