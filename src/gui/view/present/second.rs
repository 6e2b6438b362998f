//! The presenter's own window: the step after this one, what was noted, and how long it has taken. The audience never sees
//! it: where the system has no second window there is none.

use egui::{CentralPanel, Context, Frame, ScrollArea, Ui, ViewportBuilder, ViewportId};

use super::super::Commands;
use super::{explain, step_of};
use crate::flow::step::StepView;
use crate::gui::clock_time;
use crate::gui::command::{Command, PRESENT_KEYS, PresentAct};
use crate::gui::language::{said, t};
use crate::gui::model::Model;
use crate::gui::theme::{TokensExt as _, for_audience, text};
use crate::gui::widgets::{Button, Tone, toasts};

/// Text in it, in parts of that of the audience.
const SCALE: f32 = 0.85;

/// Draws it.
pub fn show(ctx: &Context, model: &Model, out: &mut Commands) {
    if ctx.embed_viewports() {
        toasts::toast(ctx, Tone::Warn, t!("A second window is not possible here."));
        return out.push(Command::Present(PresentAct::Notes));
    }
    let builder = ViewportBuilder::default().with_title("Notes - Grantscope").with_inner_size([640.0, 520.0]);
    ctx.show_viewport_immediate(ViewportId::from_hash_of("notes of a presentation"), builder, |ui, _| {
        keys(ui, out);
        if ui.input(|input| input.viewport().close_requested()) {
            out.push(Command::Present(PresentAct::Notes));
        }
        let frame = Frame::new().fill(ui.tokens().window).inner_margin(20);
        for_audience(ui, SCALE);
        CentralPanel::no_frame().frame(frame).show(ui, |ui| notes(ui, model, out));
    });
}

/// The keys lead on from here, too.
fn keys(ui: &Ui, out: &mut Commands) {
    for (_, keys, act, _) in PRESENT_KEYS {
        let is_pressed = |key: &egui::Key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, *key));
        if *act != PresentAct::Leave && keys.iter().any(is_pressed) {
            out.push(Command::Present(*act));
        }
    }
}

/// What is in it.
fn notes(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let steps = model.run.flow.steps();
    let at = model.run.shown_step();
    let [step, all] = step_of(&model.run);
    let seconds = model.now.since(model.audience.began_at).as_secs();
    ui.horizontal(|ui| {
        ui.label(text::title(format!("{}:{:02}", seconds / 60, seconds % 60)));
        ui.label(text::dim(t!(
            "since the beginning, step {step} of {all}, {clock_time}",
            step,
            all,
            clock_time = clock_time(model.now)
        )));
    });
    if let Some(view) = steps.get(at) {
        ui.label(text::title(said(view.step.title)));
        ui.label(explain::headline(view.step.lesson));
    }
    if let Some(next) = steps.get(at + 1) {
        ui.label(text::dim(t!("Next: {title}", title = said(next.step.title))));
    }
    ui.separator();
    let found = steps.get(at).map(|view| model.audience.notes.of(&names(view))).unwrap_or_default();
    ScrollArea::vertical().auto_shrink([false, true]).max_height(ui.available_height() - 60.0).show(ui, |ui| {
        for words in &found {
            crate::gui::widgets::markup(ui, words);
        }
        if found.is_empty() {
            ui.label(text::dim(t!("Nothing is noted for this step. A heading in the file names it: # Exchange")));
        }
    });
    if ui.add(Button::secondary(t!("Open notes..."))).clicked() {
        out.push(Command::Present(PresentAct::OpenNotes));
    }
}

/// What a heading may call the step.
fn names(view: &StepView) -> [&'static str; 4] {
    let stage = view.stage.descriptor();
    [view.step.title, view.step.lesson, stage.name, stage.slug]
}
