//! Header and claims of a token as tables: each with what came of the rules about it and what it means.

use egui::Ui;

use super::verdicts::{RELIED_ON, judged};
use super::{Commands, expect, explained};
use crate::base::check::Verdict;
use crate::base::json::Json;
use crate::base::text::visible;
use crate::base::time::Timestamp;
use crate::flow::verdicts::Verdicts;
use crate::gui::language::{lasting, said, t};
use crate::gui::model::{JwtResult, Model};
use crate::gui::widgets::claims::ClaimMenu;
use crate::gui::widgets::{Claim, Explanation, Judged, claims_table};
use crate::jose::algorithm;
use crate::jose::claims::numeric_date;
use crate::terms::glossary;

/// Which half of a token.
#[derive(Clone, Copy)]
pub enum Names {
    /// The header.
    Header,
    /// The claims.
    Claims,
}

/// The table. Each row has a menu where the run has this token from a stage.
pub fn show(
    ui: &mut Ui,
    model: &Model,
    (result, json): (&JwtResult, &Json),
    of_run: &Verdicts<'_>,
    names: Names,
    out: &mut Commands,
) {
    let now = model.now;
    let (title, shown) = match names {
        Names::Header => ("header", Vec::new()),
        Names::Claims => ("claims", absent(json, of_run)),
    };
    let members = json.members();
    let claim = |at: usize| match members.get(at) {
        Some((name, value)) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let judged = judged_in(of_run, name, names);
            let meaning = meaning(name, value, names, now);
            // What was found out says what the claim is for; a time says something of its own.
            let is_said = judged.is_some() && numeric_date(value).is_err();
            let meaning = if is_said { String::new() } else { meaning };
            let explained = explained_in(name, names);
            let (name, value) = (visible(name).into_owned(), visible(&text).into_owned());
            Claim { name, value, judged, meaning, explained, ..Claim::default() }
        }
        None => {
            let name = shown[at - members.len()];
            let judged = judged_in(of_run, name, names);
            let explained = explained_in(name, names);
            Claim { name: name.to_owned(), value: t!("absent").to_owned(), judged, explained, ..Claim::default() }
        }
    };
    let subject = |at: usize| {
        let name = members.get(at).map_or_else(|| shown[at - members.len()], |(name, _)| name.as_str());
        result.place.as_ref().map(|place| match names {
            Names::Header => expect::header(place, name),
            Names::Claims => expect::claim(place, name),
        })
    };
    let mut menu = |ui: &mut Ui, at: usize| {
        expect::menu(ui, model, subject(at).as_slice(), None, out);
    };
    let claim = |at: usize| Claim { is_pinned: expect::is_pinned(model, subject(at).as_slice()), ..claim(at) };
    let menu: Option<ClaimMenu<'_>> = result.place.is_some().then_some((expect::ICON, expect::verb(), &mut menu));
    claims_table(ui, title, members.len() + shown.len(), claim, menu);
}

fn explained_in(name: &str, names: Names) -> Option<Explanation> {
    match names {
        Names::Header => explained::jose(name),
        Names::Claims => explained::claim(name),
    }
}

/// What a client relies on, and what else the run has judged, gets a word; other members have none.
fn judged_in(of_run: &Verdicts<'_>, name: &str, names: Names) -> Option<Judged> {
    let check = of_run.on(name);
    let is_relied_on = matches!(names, Names::Claims) && RELIED_ON.contains(&name);
    (check.is_some() || is_relied_on).then(|| judged(check))
}

/// Claims that are missing where the run has judged the token: what a client relies on, and what had to be there.
fn absent(json: &Json, of_run: &Verdicts<'_>) -> Vec<&'static str> {
    let is_wanted = |claim: &&str| {
        let is_broken = || of_run.on(claim).is_some_and(|check| check.verdict <= Verdict::Warn);
        glossary::claim(claim).is_some() && (RELIED_ON.contains(claim) || is_broken())
    };
    of_run.claims().into_iter().filter(is_wanted).filter(|claim| json.get(claim).is_none()).collect()
}

fn meaning(name: &str, value: &Json, names: Names, now: Timestamp) -> String {
    match (names, name) {
        (Names::Header, "alg") => {
            let info = value.as_str().and_then(algorithm::find);
            info.map_or_else(
                || t!("an algorithm nobody registered").to_owned(),
                |info| format!("{} ({})", info.meaning, info.spec),
            )
        }
        (Names::Claims, "exp" | "nbf" | "iat" | "auth_time" | "updated_at") => time_meaning(value, now),
        (Names::Header, _) => glossary::header(name).map(|entry| said(&entry.meaning).to_owned()).unwrap_or_default(),
        (Names::Claims, _) => glossary::claim(name).map(|entry| said(&entry.meaning).to_owned()).unwrap_or_default(),
    }
}

/// `23 Nov 2026 11:30:00 UTC, 12:30:00 local, in 49 min`
fn time_meaning(value: &Json, now: Timestamp) -> String {
    match numeric_date(value) {
        Err(what) => t!("not a time: {what}", what),
        Ok(at) => {
            let relative = if at > now {
                t!("in {now}", now = lasting(at.since(now)))
            } else {
                t!("{since} ago", since = lasting(now.since(at)))
            };
            t!("{at} UTC, {clock_time} local, {relative}", at, clock_time = crate::gui::clock_time(at), relative)
                .replace("Z UTC", "Z")
        }
    }
}
