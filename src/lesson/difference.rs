//! What differs between the two sides of a lesson: what was set, what was sent, and what came of it.

use std::collections::BTreeSet;

use super::ladder::answered;
use super::play::Played;
use super::{Deed, Lesson, Part, What};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::client::settings::{FIELDS, Field, Settings, Slot};
use crate::flow::Flow;
use crate::flow::finding::finding;
use crate::flow::stage::Stage;
use crate::flow::trace::{Answer, Exchange};

/// One thing that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What: a setting, a parameter, or an answer.
    pub what: String,
    /// How it is where it goes wrong.
    pub broken: String,
    /// How it is where it is mended.
    pub mended: String,
    /// Whether it is what came of the others.
    pub is_effect: bool,
}

/// Everything that differs, causes before effects. No value in it is a credential.
pub fn differences(lesson: &Lesson, broken: &Played, mended: &Played) -> Vec<Difference> {
    let [was, is] = Part::ALL.map(|part| lesson.settings_of(part));
    let names: BTreeSet<&str> = was.iter().chain(&is).map(|(name, _)| *name).collect();
    let value = |list: &[(&str, &str)], played: &Played, name: &str| match list
        .iter()
        .rev()
        .find(|(known, _)| *known == name)
    {
        Some((_, "")) => "empty".to_owned(),
        Some((_, value)) => (*value).to_owned(),
        None => usual(&played.flow.settings, name),
    };
    let faults = |part: Part| {
        let names: Vec<String> = lesson.side(part).faults.iter().map(ToString::to_string).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    let mut causes = vec![("grant".to_owned(), Part::ALL.map(|part| lesson.grant_of(part).slug().to_owned()))];
    causes
        .extend(names.into_iter().map(|name| (name.to_owned(), [value(&was, broken, name), value(&is, mended, name)])));
    causes.extend(documents(lesson));
    causes.push(("faults of the server".to_owned(), Part::ALL.map(faults)));
    let does =
        |part: Part, deed: &Deed| lesson.side(part).steps.iter().any(|step| step.what == What::Deed(deed.clone()));
    for deed in [Deed::AppGoesOn, Deed::UserRefuses] {
        causes.push((
            deed.name().to_owned(),
            Part::ALL.map(|part| if does(part, &deed) { "yes" } else { "no" }.to_owned()),
        ));
    }
    for stage in Stage::ALL {
        let word = |flow: &Flow| if params(stage, flow).is_some() { "sent" } else { "not sent" }.to_owned();
        causes.push((stage.name().to_owned(), [word(&broken.flow), word(&mended.flow)]));
    }
    for stage in [Stage::Authorization, Stage::Token, Stage::Exchange, Stage::Refresh] {
        causes.extend(sent(stage, &broken.flow, &mended.flow));
    }
    let mut effects = Vec::new();
    for stage in [Stage::Authorization, Stage::Token, Stage::Refresh, Stage::UserInfo, Stage::Resource] {
        let answers = [broken, mended].map(|played| to_attacker(stage, &played.attacker));
        effects.push((format!("answer to the attacker at {}", stage.name()), answers));
    }
    let ends = [broken, mended].map(|played| {
        let found = finding(&played.flow, &played.next, &played.flow.left_open());
        let rule = found.and_then(|found| found.rule).map(|rule| format!(", {rule}")).unwrap_or_default();
        format!("{}{rule}", played.flow.outcome().word())
    });
    effects.push(("the run of the app".to_owned(), ends));
    let all = causes.into_iter().map(|one| (one, false)).chain(effects.into_iter().map(|one| (one, true)));
    let differs = |((what, [broken, mended]), is_effect): ((String, [String; 2]), bool)| {
        (broken != mended).then_some(Difference { what, broken, mended, is_effect })
    };
    all.filter_map(differs).collect()
}

/// What a client ID metadata document is called beside the messages.
const DOCUMENT: &str = "the app's document";

/// What the app's document says on either side in the place of its own.
fn documents(lesson: &Lesson) -> Vec<(String, [String; 2])> {
    let sides = Part::ALL.map(|part| &lesson.side(part).document);
    let names: BTreeSet<&String> = sides.iter().flat_map(|members| members.iter().map(|(name, _)| name)).collect();
    let value = |members: &[(String, Json)], name: &str| {
        let member = members.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        member.map_or_else(
            || "as usual".to_owned(),
            |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        )
    };
    names.into_iter().map(|name| (format!("{name} in {DOCUMENT}"), sides.map(|side| value(side, name)))).collect()
}

/// What stands in a setting that the lesson leaves alone: `as usual: S256`.
fn usual(settings: &Settings, name: &str) -> String {
    let switch = |field: &Field| match (field.slot)(&mut settings.clone()) {
        Slot::Switch(is_on) => Some(is_on.to_string()),
        Slot::Text(_) | Slot::Secret(_) => None,
    };
    let field = FIELDS.iter().find(|field| field.name == name);
    let stands = settings.text(name).or_else(|| switch(field?));
    match stands.as_deref() {
        Some("") => "as usual: not set".to_owned(),
        Some(value) => format!("as usual: {value}"),
        None => "as usual".to_owned(),
    }
}

/// Parameters that are sent on one side and not on the other.
fn sent(stage: Stage, broken: &Flow, mended: &Flow) -> Vec<(String, [String; 2])> {
    let [Some(was), Some(is)] = [broken, mended].map(|flow| params(stage, flow)) else { return Vec::new() };
    let names: BTreeSet<&str> = was.iter().chain(is.iter()).map(|(name, _)| name).collect();
    let word = |is_there: bool| if is_there { "sent" } else { "not sent" }.to_owned();
    let one = |name: &str| (format!("{name} in {}", stage.name()), [word(was.contains(name)), word(is.contains(name))]);
    names.into_iter().map(one).collect()
}

fn params(stage: Stage, flow: &Flow) -> Option<Params> {
    let request = &flow.trace.exchanges.iter().rev().find(|exchange| exchange.stage == stage)?.request;
    Some(request.form().unwrap_or_else(|| request.query()))
}

fn to_attacker(stage: Stage, attacker: &Flow) -> String {
    let newest = attacker.trace.exchanges.iter().rev().find(|exchange| exchange.stage == stage);
    newest.map_or_else(|| "he has nothing to send".to_owned(), |exchange| came(exchange))
}

fn came(exchange: &Exchange) -> String {
    match &exchange.answer {
        Answer::Callback(callback) if callback.params.contains("code") => "a code".to_owned(),
        Answer::Callback(callback) if callback.params.contains("access_token") => "tokens".to_owned(),
        Answer::Callback(_) => "a redirect".to_owned(),
        _ => answered(exchange),
    }
}
