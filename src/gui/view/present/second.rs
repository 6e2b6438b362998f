//! The presenter's own window: the step after this one, what was noted, and how long it has taken. The audience never sees
//! it: where the system has no second window there is none.

use egui::{CentralPanel, Context, Frame, ScrollArea, Ui, ViewportBuilder, ViewportId};

use super::super::lessons::side_of;
use super::super::{Commands, lesson};
use super::slides::words;
use super::step_of;
use crate::flow::step::StepView;
use crate::gui::clock_time;
use crate::gui::command::{Command, PRESENT_KEYS, PresentAct};
use crate::gui::language::{said, t};
use crate::gui::model::{Model, Slide, slide_before, slides};
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

/// Where the presentation is, and what a heading in the file may call that.
struct Place {
    at: [usize; 2],
    title: String,
    /// What there is to say of it.
    about: String,
    next: Option<String>,
    names: Vec<String>,
}

/// What is in it.
fn notes(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let place = match model.slide() {
        Some(slide) => of_lesson(model, slide),
        None => of_run(model),
    };
    let [step, all] = place.at;
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
    ui.label(text::title(&place.title));
    ui.label(text::strong(&place.about));
    if let Some(title) = &place.next {
        ui.label(text::dim(t!("Next: {title}", title)));
    }
    ui.separator();
    let names: Vec<&str> = place.names.iter().map(String::as_str).collect();
    let found = model.audience.notes.of(&names);
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

fn of_run(model: &Model) -> Place {
    let (steps, at) = (model.run.flow.steps(), model.run.shown_step());
    let title = |at: usize| steps.get(at).map(|view| said(view.step.title).to_owned());
    Place {
        at: step_of(&model.run),
        title: title(at).unwrap_or_default(),
        about: steps.get(at).map(|view| lesson::headline(view.step.lesson).to_owned()).unwrap_or_default(),
        next: title(at + 1),
        names: steps.get(at).map(names).unwrap_or_default(),
    }
}

fn of_lesson(model: &Model, slide: Slide) -> Place {
    let all = slides(&model.lessons);
    let at = all.iter().position(|one| *one == slide).or_else(|| slide_before(&all, slide)).unwrap_or_default();
    let told = |slide: Slide| {
        let book = model.lessons.book()?;
        let run = model.lessons.stand(slide.part()).ran()?;
        Some(words(book, run, slide))
    };
    let (title, about) = told(slide).map(|words| (words.title, words.body)).unwrap_or_default();
    let next = all[(at + 1).min(all.len())..].iter().find_map(|next| told(*next)).map(|words| words.title);
    // A step is noted without its number.
    let step = title.split_once(". ").map_or(title.as_str(), |(_, step)| step).to_owned();
    let names = vec![step, side_of(slide.part()).1.to_owned()];
    Place { at: [at + 1, all.len()], title, about, next, names }
}

/// What a heading may call the step.
fn names(view: &StepView) -> Vec<String> {
    let stage = view.stage.descriptor();
    [view.step.title, view.step.lesson, stage.name, stage.slug].map(str::to_owned).into()
}
