//! The run by a profile: how it stands by each, what stops it, and the settings that one wants.

use egui::{Margin, ScrollArea, Ui};

use super::Commands;
use super::check_list::{self, chip};
use crate::base::check::Verdict;
use crate::flow::stage::Stage;
use crate::gui::checks::Line;
use crate::gui::command::Command;
use crate::gui::language::{said, t};
use crate::gui::model::{JudgedBy, Model, ProfileCommand};
use crate::gui::theme::{size, text};
use crate::gui::widgets::{Button, Tone};
use crate::profile::{self, Standing};

fn push(out: &mut Commands, command: ProfileCommand) {
    out.push(Command::Profile(command));
}

/// The switch, above everything that is judged.
pub fn switch(ui: &mut Ui, model: &Model, out: &mut Commands) {
    ui.horizontal_wrapped(|ui| {
        ui.label(text::dim(t!("Judged by")));
        let own = t!("The document of each rule");
        let is_own = model.profiles.chosen.is_none();
        if chip(ui, Tone::Neutral, own, is_own, &t!("Judge by: {name}", name = own)).clicked() {
            push(out, ProfileCommand::Choose(None));
        }
        for standing in &model.profiles.standings {
            let is_on = model.profiles.chosen == Some(standing.profile);
            let name = t!("Judge by: {name}", name = summary(standing));
            if chip(ui, tone(standing), &brief(standing), is_on, &name).clicked() {
                push(out, ProfileCommand::Choose(Some(standing.profile)));
            }
        }
    });
    if let Some(standing) = model.profiles.standing() {
        ui.add_space(4.0);
        wanted(ui, model, standing, out);
    }
    ui.add_space(size::SPACE);
}

fn count(standing: &Standing) -> usize {
    standing.stops(Verdict::Fail).count()
}

fn tone(standing: &Standing) -> Tone {
    match standing.passes(Verdict::Fail) {
        Some(true) => Tone::Ok,
        Some(false) => Tone::Error,
        None => Tone::Neutral,
    }
}

/// `OAuth 2.1: 4`
fn brief(standing: &Standing) -> String {
    let name = said(standing.profile.name());
    match standing.passes(Verdict::Fail) {
        Some(true) => t!("{name}: passes", name),
        Some(false) => format!("{name}: {}", count(standing)),
        None => name.to_owned(),
    }
}

/// `4 rules stop OAuth 2.1`
fn summary(standing: &Standing) -> String {
    let name = said(standing.profile.name());
    match (standing.passes(Verdict::Fail), count(standing)) {
        (Some(true), _) => t!("The run passes {name}", name),
        (None, _) => t!("Nothing stops {name} so far, and the run did not come to its end", name),
        (Some(false), 1) => t!("One rule stops {name}", name),
        (Some(false), count) => t!("{count} rules stop {name}", count, name),
    }
}

/// How the run stands by the profile in force, and the settings that it wants, each by name.
fn wanted(ui: &mut Ui, model: &Model, standing: &Standing, out: &mut Commands) {
    ui.horizontal_wrapped(|ui| {
        ui.label(text::strong(format!("{}.", summary(standing))));
        let flow = &model.run.flow;
        let wants = profile::wanted(standing.profile, flow);
        if wants.is_empty() || flow.is_recorded() {
            return;
        }
        ui.label(t!("It wants"));
        for (at, (name, value)) in wants.iter().enumerate() {
            let comma = if at + 1 < wants.len() { "," } else { "" };
            ui.label(text::mono(format!("{name} = {value}{comma}")));
        }
        let button = ui.add(Button::secondary(t!("Put these in")).small());
        if button.on_hover_text(t!("Changes these settings and begins a new run")).clicked() {
            push(out, ProfileCommand::PutIn(standing.profile));
        }
    });
}

/// What was judged, under its stages.
pub fn list(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let judged = &model.profiles.judged;
    let selected = model.profiles.selected.or((!judged.is_empty()).then_some(0));
    let nothing = t!("Nothing stops it, and there is nothing to advise.");
    if let Some(at) = check_list::list(ui, model.mask(), &lines(judged), selected, nothing) {
        push(out, ProfileCommand::Select(at));
    }
}

fn lines(judged: &[JudgedBy]) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut at = 0;
    let of = |one: &JudgedBy| (one.check.verdict, one.stage);
    for group in judged.chunk_by(|one, next| of(one) == of(next)) {
        lines.push(Line::Stage(heading(of(&group[0]), group.len())));
        for one in group {
            lines.push(Line::Check(at, &one.check));
            at += 1;
        }
    }
    lines
}

fn heading((verdict, stage): (Verdict, Option<Stage>), count: usize) -> String {
    let place = stage.map_or(t!("the run as a whole"), |stage| said(stage.name()));
    match verdict {
        Verdict::Fail => t!("Stops it · {place}: {count}", place, count),
        Verdict::Warn => t!("Should not be · {place}: {count}", place, count),
        Verdict::Skipped => t!("Not judged: {count}", count),
        Verdict::Note | Verdict::Pass => t!("Worth knowing · {place}: {count}", place, count),
    }
}

/// One of it in full.
pub fn detail(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let judged = &model.profiles.judged;
    let Some(one) = judged.get(model.profiles.selected.unwrap_or_default()) else { return };
    ScrollArea::vertical().id_salt("judged").auto_shrink(false).show(ui, |ui| {
        let margin = Margin { right: 10, ..Margin::ZERO };
        egui::Frame::new().inner_margin(margin).show(ui, |ui| {
            check_list::detail(ui, model, &one.check, (one.level, one.spec), out);
        });
    });
}
