//! The one thing to say of a run that has ended, with its evidence and the next step.

use egui::{Align, Label, Layout, Ui};

use super::Commands;
use crate::base::check::Verdict;
use crate::base::text::visible;
use crate::flow::finding::Finding;
use crate::gui::command::Command;
use crate::gui::model::Model;
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::{Button, Tone, banner, paint};
use crate::practice::Fault;

/// The card, where there is something to say.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let Some(finding) = &model.run.finding else { return };
    let tone = if finding.verdict == Verdict::Fail { Tone::Error } else { Tone::Warn };
    let say = visible(&model.mask().text(&finding.say)).into_owned();
    banner(ui, tone, &say, |ui| {
        head(ui, tone, &say, out);
        if !model.present {
            evidence(ui, &model.mask().text(&finding.evidence));
            next(ui, model, finding, out);
        }
    });
    ui.add_space(size::SPACE);
}

fn head(ui: &mut Ui, tone: Tone, say: &str, out: &mut Commands) {
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        if ui.add(Button::secondary("Copy for an issue").icon(icons::COPY).small()).clicked() {
            out.push(Command::CopyFinding);
        }
        ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
            let (_, rect) = ui.allocate_space(egui::vec2(18.0, 20.0));
            paint::icon(ui, rect.center(), tone.icon(), 17.0, tone.ink(ui.tokens()));
            ui.add(Label::new(text::strong(say)).wrap());
        });
    });
}

fn evidence(ui: &mut Ui, evidence: &str) {
    let words = visible(evidence).into_owned();
    ui.horizontal(|ui| {
        ui.add_space(26.0);
        ui.add(Label::new(text::small(&words).color(ui.tokens().dim)).truncate()).on_hover_text(&words);
    });
}

/// The next step, with a button where a setting does it.
fn next(ui: &mut Ui, model: &Model, finding: &Finding, out: &mut Commands) {
    ui.horizontal_wrapped(|ui| {
        ui.add_space(26.0);
        ui.label(text::strong("Next"));
        ui.label(visible(&model.mask().text(&finding.next)).into_owned());
        if model.run.flow.is_recorded() {
            return;
        }
        if let Some(fault) = switched_on(model, finding) {
            let label = format!("Switch off {}, run again", fault.name());
            if ui.add(Button::secondary(&label).small()).clicked() {
                out.push(Command::MendServer(fault));
            }
        }
        for cure in &finding.cures {
            let button = ui.add(Button::secondary(&cure.label).small());
            if button.on_hover_text(visible(&cure.option()).into_owned()).clicked() {
                out.push(Command::Mend(cure.clone()));
            }
        }
        if finding.rule.is_some() && ui.add(Button::secondary("Show the check").small()).clicked() {
            out.push(Command::ShowFinding);
        }
    });
}

/// The fault of the practice server that this finding has caught.
fn switched_on(model: &Model, finding: &Finding) -> Option<Fault> {
    let practice = model.server.practice.as_ref().filter(|_| model.is_practice())?;
    practice.faults.iter().find(|fault| Some(fault.rule()) == finding.rule)
}
