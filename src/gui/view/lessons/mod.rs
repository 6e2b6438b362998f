//! Lessons: the list of them, the one that is taken, and the bar below it.

mod diagram;
mod lesson;
mod list;
mod message;
mod questions;
mod quiz;
mod words;

pub use self::diagram::{of as side_of, up_to};
pub use self::lesson::sides_come_to;

use egui::{Align, CentralPanel, Frame, Layout, Margin, Panel, Ui, UiBuilder};

use super::{Commands, noticed, scrolling_where_low};
use crate::gui::acts::{BACK, NEXT, START_OVER};
use crate::gui::command::Command;
use crate::gui::language::t;
use crate::gui::model::{LessonPart, LessonsCommand, Model};
use crate::gui::theme::{self, Icon, TokensExt as _, icons, size, text};
use crate::gui::widgets::{
    Button, EmptyState, IconButton, most_that_fits, named, region, width_in_row, width_of_named,
};
use crate::lesson::Part;

/// A window with less than this for a lesson scrolls it as a whole.
const LEAST: f32 = 340.0;

/// How much the bar says, from all of it to the least that it can be worked with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Brief {
    /// All have their names.
    Full,
    /// What is done beside the lesson is an icon.
    Icons,
    /// So are the way back and the quiz, and the keys are not named.
    Cramped,
    /// How far one is, is left to the rail.
    Bare,
}

impl Brief {
    const ALL: [Self; 4] = [Self::Full, Self::Icons, Self::Cramped, Self::Bare];
}

/// What the bar takes.
fn needed(ui: &Ui, model: &Model, brief: Brief) -> f32 {
    let named = |is_icon: bool, name: &str, icon: Icon| width_of_named(ui, is_icon, name, icon);
    let (is_tight, is_cramped) = (brief >= Brief::Icons, brief >= Brief::Cramped);
    let (label, keys) = (forward(model), NEXT.keys_text());
    let button = Button::primary(label);
    let mut widths = vec![
        named(is_cramped, back(model), icons::CARET_LEFT),
        if is_cramped { button } else { button.shortcut(&keys) }.width(ui),
    ];
    if has_acts(model) {
        widths.push(named(is_tight, t!("Run both again"), icons::ARROW_CLOCKWISE));
        widths.push(named(is_tight, t!("Present this lesson"), icons::PRESENTATION_CHART));
    }
    if model.is_narrow && model.lessons.quiz.is_none() {
        widths.push(named(is_cramped, t!("Quiz"), icons::QUESTION));
    }
    let words = egui::WidgetText::from(text::dim(how_far(model)));
    let words = words.into_galley(ui, Some(egui::TextWrapMode::Extend), f32::INFINITY, egui::TextStyle::Body);
    widths.extend((brief < Brief::Bare).then_some(words.size().x));
    width_in_row(ui, &widths)
}

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
        scrolling_where_low(ui, LEAST, |ui| {
            if has_list && model.is_narrow {
                region(ui, t!("List of lessons"), |ui| list::picker(ui, model, out));
            }
            region(ui, t!("Lesson"), |ui| content(ui, model, out));
        });
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
    let brief = most_that_fits(ui, Brief::ALL, |brief| needed(ui, model, brief));
    ui.allocate_ui_with_layout(ui.available_size(), Layout::left_to_right(Align::Center), |ui| {
        acts(ui, model, brief, out);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| right(ui, model, brief, out));
    });
}

/// What leads back is called this.
fn back(model: &Model) -> &'static str {
    if model.lessons.quiz.is_some() { t!("End the quiz") } else { t!("Back") }
}

/// What leads on is called this.
fn forward(model: &Model) -> &'static str {
    model.lessons.forward().unwrap_or(t!("The end"))
}

/// Whether something can be done beside the lesson.
fn has_acts(model: &Model) -> bool {
    model.lessons.quiz.is_none() && model.lessons.book().is_some()
}

fn acts(ui: &mut Ui, model: &Model, brief: Brief, out: &mut Commands) {
    let lessons = &model.lessons;
    let (is_tight, is_cramped) = (brief >= Brief::Icons, brief >= Brief::Cramped);
    let can_go_back = lessons.quiz.is_some() || lessons.part.before().is_some();
    ui.add_enabled_ui(can_go_back, |ui| {
        if named(ui, is_cramped, back(model), icons::CARET_LEFT).on_hover_text(BACK.keys_text()).clicked() {
            push(out, LessonsCommand::Back);
        }
    });
    ui.add_enabled_ui(lessons.forward().is_some() && can_go_on(model), |ui| {
        let keys = NEXT.keys_text();
        let button = Button::primary(forward(model));
        let button = if is_cramped { button } else { button.shortcut(&keys) };
        if ui.add(button).on_hover_text(&keys).clicked() {
            push(out, LessonsCommand::Forward);
        }
    });
    if !has_acts(model) {
        return;
    }
    ui.add_enabled_ui(lessons.has_begun(), |ui| {
        let again = named(ui, is_tight, t!("Run both again"), icons::ARROW_CLOCKWISE);
        if again.on_hover_text(START_OVER.keys_text()).clicked() {
            push(out, LessonsCommand::RunBoth);
        }
    });
    ui.add_enabled_ui(lessons.stand(Part::Broken).ran().is_some(), |ui| {
        let tip = t!("Shows both sides to an audience, message by message.");
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

/// How far one is.
fn how_far(model: &Model) -> String {
    let lessons = &model.lessons;
    if let Some(quiz) = &lessons.quiz {
        let [right, all] = quiz.score;
        return t!("{right} of {all} right", right, all);
    }
    let Some(book) = lessons.book() else { return String::new() };
    let parts = u32::try_from(LessonPart::ALL.len()).unwrap_or(1);
    let at = lessons.part as u32;
    let left = book.told().minutes * (parts - at) / parts;
    match left {
        0 => t!("Part {at} of {parts}", at = at + 1, parts),
        left => t!("Part {at} of {parts}, about {left} min left", at = at + 1, parts, left),
    }
}

fn right(ui: &mut Ui, model: &Model, brief: Brief, out: &mut Commands) {
    let words = how_far(model);
    if brief < Brief::Bare && !words.is_empty() {
        ui.label(text::dim(words));
    }
    if !model.is_narrow || model.lessons.quiz.is_some() {
        return;
    }
    let quiz = match brief >= Brief::Cramped {
        true => ui.add(IconButton::new(icons::QUESTION, t!("Quiz"))),
        false => ui.add(Button::quiet(t!("Quiz")).icon(icons::QUESTION)),
    };
    if quiz.clicked() {
        push(out, LessonsCommand::Quiz);
    }
}
