//! `--profile`: what a run is judged by beside its own rules.

use super::expected::Bar;
use super::json::{object, optional, text};
use super::terminal::{Paint, Terminal};
use crate::base::check::{Check, Verdict};
use crate::base::json::Json;
use crate::export::redact::Redactor;
use crate::flow::Flow;
use crate::profile::{Broken, Standing, judge, proposals};

impl Bar {
    fn standings(&self, flow: &Flow) -> Vec<Standing> {
        self.profiles.iter().map(|profile| judge(*profile, flow)).collect()
    }

    /// The first profile that the run does not pass, and why, in a line.
    pub fn unpassed(&self, flow: &Flow) -> Option<String> {
        let standing =
            self.standings(flow).into_iter().find(|standing| standing.stops(self.fail_on).next().is_some())?;
        Some(format!("{}: {}", standing.profile.name(), standing.summary(self.fail_on)))
    }

    /// Each profile in a line, what stops the run by it, and the settings it wants.
    pub fn tell_profiles(&self, terminal: &mut Terminal, flow: &Flow, hide: &Redactor) {
        if self.profiles.is_empty() {
            return;
        }
        terminal.line("");
        terminal.line(&terminal.paint(Paint::Strong, "Profiles"));
        self.standings(flow).iter().for_each(|standing| tell(terminal, standing, self.fail_on, flow, hide));
    }

    /// Adds `profiles` to the result of a run that is judged by some.
    pub fn add_profiles(&self, result: &mut Json, flow: &Flow, hide: &Redactor) {
        if let (Json::Object(members), false) = (result, self.profiles.is_empty()) {
            let of = |standing: &Standing| (standing.profile.slug().to_owned(), to_json(standing, self.fail_on, hide));
            members.push(("profiles".to_owned(), Json::Object(self.standings(flow).iter().map(of).collect())));
        }
    }
}

fn tell(terminal: &mut Terminal, standing: &Standing, fail_on: Verdict, flow: &Flow, hide: &Redactor) {
    let mark = match standing.passes(fail_on) {
        Some(true) => terminal.paint(Paint::Good, "✓"),
        Some(false) => terminal.paint(Paint::Bad, "✗"),
        None => "-".to_owned(),
    };
    terminal.line(&format!("  {mark} {}: {}", standing.profile.name(), standing.summary(fail_on)));
    for broken in standing.stops(fail_on) {
        terminal.line(&format!("      {}", line(broken, hide)));
    }
    let wants = proposals(standing.profile, &flow.settings);
    if standing.passes(fail_on) == Some(false) && !wants.is_empty() {
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
