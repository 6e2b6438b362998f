//! Lessons: the list of them, the one that is taken, and the bar below it.

mod diagram;
mod lesson;
mod list;
mod message;
mod questions;
mod quiz;
mod words;

use egui::{Align, CentralPanel, Frame, Layout, Margin, Panel, Ui, UiBuilder};

use super::action_bar::named;
use super::{Commands, noticed};
use crate::gui::acts::{BACK, NEXT, START_OVER};
use crate::gui::command::Command;
use crate::gui::language::t;
use crate::gui::model::{LessonPart, LessonsCommand, Model};
use crate::gui::theme::{self, TokensExt as _, icons, size, text};
use crate::gui::widgets::{Button, EmptyState, region};
use crate::lesson::Part;

/// Below this width of the bar what is done beside the lesson is an icon.
const TIGHT: f32 = 720.0;

/// The quiz before an audience: nothing but the run, the question and its answers.
pub fn for_audience(ui: &mut Ui, model: &Model, scale: f32, out: &mut Commands) {
    theme::for_audience(ui, scale);
    show(ui, model, out);
}

/// The tab.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let tokens = ui.tokens();
    let has_list = !model.presents_quiz();
    if has_list && !model.is_narrow {
        Panel::left("lessons")
            .frame(Frame::new().fill(tokens.panel))
            .exact_size(size::SETTINGS_PANEL)
            .resizable(false)
            .show(ui, |ui| region(ui, t!("List of lessons"), |ui| list::show(ui, model, out)));
    }
    // The bar stands below and is drawn last, since the Tab key follows the eye.
    let room = ui.available_rect_before_wrap();
    let above = room.with_max_y(room.bottom() - size::ACTION_BAR);
    let mut middle = ui.new_child(UiBuilder::new().id_salt("lesson").max_rect(above));
    let frame = Frame::new().fill(tokens.window).inner_margin(Margin { left: 16, right: 16, top: 10, bottom: 0 });
    CentralPanel::no_frame().frame(frame).show(&mut middle, |ui| {
        if has_list && model.is_narrow {
            region(ui, t!("List of lessons"), |ui| list::picker(ui, model, out));
        }
        region(ui, t!("Lesson"), |ui| content(ui, model, out));
    });
    Panel::bottom("lesson actions")
        .frame(Frame::new().fill(tokens.panel).inner_margin(Margin::symmetric(16, 0)))
        .exact_size(size::ACTION_BAR)
        .resizable(false)
        .show(ui, |ui| region(ui, t!("Actions"), |ui| bar(ui, model, out)));
}

fn push(out: &mut Commands, command: LessonsCommand) {
    out.push(Command::Lessons(command));
}

fn content(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if let Some(notice) = &model.notice {
        noticed(ui, notice, out);
    }
    let lessons = &model.lessons;
    match (&lessons.quiz, lessons.book()) {
        (Some(quiz), _) => quiz::show(ui, model, quiz, out),
        (None, Some(book)) => lesson::show(ui, model, book, out),
        (None, None) if lessons.shelf.is_none() => drop(ui.label(text::dim(t!("Reading the lessons...")))),
        (None, None) => {
            EmptyState::new(icons::GRADUATION_CAP, t!("No lesson is taken"))
                .text(t!("Choose one of the list."))
                .show(ui);
        }
    }
}

/// What leads on and back, and what else can be done with the lesson.
fn bar(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let is_tight = ui.available_width() < TIGHT;
    ui.allocate_ui_with_layout(ui.available_size(), Layout::left_to_right(Align::Center), |ui| {
        acts(ui, model, is_tight, out);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| right(ui, model, out));
    });
}

fn acts(ui: &mut Ui, model: &Model, is_tight: bool, out: &mut Commands) {
    let lessons = &model.lessons;
    let back = if lessons.quiz.is_some() { t!("End the quiz") } else { t!("Back") };
    let can_go_back = lessons.quiz.is_some() || lessons.part.before().is_some();
    ui.add_enabled_ui(can_go_back, |ui| {
        if ui.add(Button::secondary(back).icon(icons::CARET_LEFT)).on_hover_text(BACK.keys_text()).clicked() {
            push(out, LessonsCommand::Back);
        }
    });
    let forward = lessons.forward();
    ui.add_enabled_ui(forward.is_some() && can_go_on(model), |ui| {
        let label = forward.unwrap_or(t!("The end"));
        let keys = NEXT.keys_text();
        if ui.add(Button::primary(label).shortcut(&keys)).on_hover_text(&keys).clicked() {
            push(out, LessonsCommand::Forward);
        }
    });
    if lessons.quiz.is_some() || lessons.book().is_none() {
        return;
    }
    ui.add_enabled_ui(lessons.has_begun(), |ui| {
        let again = named(ui, is_tight, t!("Run both again"), icons::ARROW_CLOCKWISE);
        if again.on_hover_text(START_OVER.keys_text()).clicked() {
            push(out, LessonsCommand::RunBoth);
        }
    });
    ui.add_enabled_ui(lessons.stand(Part::Broken).ran().is_some(), |ui| {
        let tip = t!("Shows the broken run to an audience. Nothing can be sent from it.");
        let present = named(ui, is_tight, t!("Present this lesson"), icons::PRESENTATION_CHART);
        if present.on_hover_text(tip).clicked() {
            push(out, LessonsCommand::Present);
        }
    });
}

/// Whether the primary button has something to do: an answer has to be chosen first.
fn can_go_on(model: &Model) -> bool {
    let lessons = &model.lessons;
    match &lessons.quiz {
        Some(quiz) => quiz.is_open || quiz.choice.is_some() && quiz.drawn.is_some(),
        None => lessons.forward() != Some(t!("Check my answer")) || lessons.choice.is_some(),
    }
}

fn right(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let lessons = &model.lessons;
    if let Some(quiz) = &lessons.quiz {
        let [right, all] = quiz.score;
        ui.label(text::dim(t!("{right} of {all} right", right, all)));
        return;
    }
    if let Some(book) = lessons.book() {
        let parts = u32::try_from(LessonPart::ALL.len()).unwrap_or(1);
        let at = lessons.part as u32;
        let left = book.told().minutes * (parts - at) / parts;
        let words = match left {
            0 => t!("Part {at} of {parts}", at = at + 1, parts),
            left => t!("Part {at} of {parts}, about {left} min left", at = at + 1, parts, left),
        };
        ui.label(text::dim(words));
    }
    if model.is_narrow && ui.add(Button::quiet(t!("Quiz")).icon(icons::QUESTION)).clicked() {
        push(out, LessonsCommand::Quiz);
    }
}
