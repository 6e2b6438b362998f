//! The list of lessons with what is done of them, and what is done with own ones. Where there is little room it is a picker.

use std::path::Path;

use egui::{Align, ComboBox, Label, Layout, Rect, Sense, Ui, vec2};

use super::super::Commands;
use super::push;
use crate::base::text::{counted, visible};
use crate::gui::language::{said, t, words};
use crate::gui::lessons::{Book, Shelf};
use crate::gui::model::{LessonsCommand, Model};
use crate::gui::theme::{TokensExt as _, icons, text};
use crate::gui::widgets::{Button, IconButton, RowList, paint};

/// Height of a row: a title may have two lines.
const ROW: f32 = 40.0;
/// Room for the minutes, and as much again for what says that a lesson is an own one.
const BESIDE: f32 = 50.0;
/// Width of the picker of a course where there is little room, and of that of a lesson.
const PICKERS: [f32; 2] = [190.0, 340.0];
/// With less room than this they have a row of their own.
const ONE_ROW: f32 = 850.0;
/// Height of what stands below the list.
const FOOT: f32 = 44.0;
/// So many files that cannot be read are told; there is room for two lines each.
const WRONG: usize = 3;

/// The panel.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let padded = egui::Frame::new().inner_margin(egui::Margin { left: 14, right: 14, top: 12, bottom: 8 });
    padded.show(ui, |ui| head(ui, model, out));
    let wrong = model.lessons.shelf.as_ref().map_or(0, |shelf| shelf.wrong.len().min(WRONG));
    let below = FOOT + if wrong > 0 { 26.0 + wrong as f32 * 46.0 } else { 0.0 };
    let room = vec2(ui.available_width(), (ui.available_height() - below).max(ROW * 3.0));
    ui.allocate_ui(room, |ui| {
        ui.set_min_size(room);
        rows(ui, model, out);
    });
    let padded = egui::Frame::new().inner_margin(egui::Margin { left: 14, right: 14, top: 6, bottom: 8 });
    padded.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        errors(ui, model, out);
        ui.horizontal(|ui| {
            own(ui, out);
            if ui
                .add(Button::secondary(t!("Quiz")))
                .on_hover_text(t!("A fault is drawn, and you say what it is"))
                .clicked()
            {
                push(out, LessonsCommand::Quiz);
            }
        });
    });
}

fn done(model: &Model) -> (usize, usize) {
    let listed = model.lessons.listed();
    (listed.iter().filter(|book| model.lessons.is_done(book)).count(), listed.len())
}

fn head(ui: &mut Ui, model: &Model, out: &mut Commands) {
    ui.spacing_mut().item_spacing.y = 6.0;
    let (done, all) = done(model);
    ui.horizontal(|ui| {
        ui.label(text::title(t!("Lessons")));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(text::dim(t!("{done} of {all} done", done, all)));
        });
    });
    let (bar, _) = ui.allocate_exact_size(vec2(ui.available_width(), 4.0), Sense::hover());
    let share = done as f32 / all.max(1) as f32;
    ui.painter().rect_filled(bar, 2, ui.tokens().field);
    let filled = Rect::from_min_size(bar.min, vec2(bar.width() * share, bar.height()));
    ui.painter().rect_filled(filled, 2, ui.tokens().ok_bar);
    courses(ui, model, ui.available_width(), out);
    if let Some(missing) = missing(model) {
        ui.add(Label::new(text::small(missing).color(ui.tokens().warn)).wrap());
    }
}

/// The lessons that the listed course names and that are not here.
fn missing(model: &Model) -> Option<String> {
    let (shelf, course) = (model.lessons.shelf.as_ref()?, model.lessons.course()?);
    let missing: Vec<&str> = shelf.missing(course).collect();
    (!missing.is_empty()).then(|| t!("Not here, though the course names it: {names}", names = missing.join(", ")))
}

/// Which course is listed.
fn courses(ui: &mut Ui, model: &Model, width: f32, out: &mut Commands) {
    const ALL: &str = words!("All lessons");
    let Some(shelf) = model.lessons.shelf.as_ref().filter(|shelf| !shelf.courses.is_empty()) else { return };
    let chosen = model.lessons.course();
    let shown = chosen.map_or_else(|| said(ALL).to_owned(), |course| visible(said(&course.title)).into_owned());
    let combo = ComboBox::from_id_salt("course").selected_text(shown.clone()).width(width).truncate();
    let combo = combo.icon(|ui, rect, _, _| paint::icon(ui, rect.center(), icons::CARET_DOWN, 12.0, ui.tokens().dim));
    let response = combo.show_ui(ui, |ui| {
        if ui.selectable_label(chosen.is_none(), said(ALL)).clicked() {
            push(out, LessonsCommand::Course(None));
        }
        for course in &shelf.courses {
            let label = ui.selectable_label(chosen == Some(course), visible(said(&course.title)));
            if label.on_hover_text(visible(said(&course.about))).clicked() {
                push(out, LessonsCommand::Course(Some(course.title.clone())));
            }
        }
    });
    let response = response.response;
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, t!("Course")));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(shown));
}

/// A lesson as a screen reader says it.
fn label(model: &Model, book: &Book) -> String {
    let own = if book.is_own { t!(", own") } else { "" };
    let done = match (model.lessons.is_done(book), model.lessons.answered(book)) {
        (true, _) => t!(", done").to_owned(),
        (false, 0) => String::new(),
        (false, answered) => {
            t!(", {answered} of {questions} answered", answered, questions = book.told().questions.len())
        }
    };
    t!(
        "{title}, {minutes} min{own}{done}",
        title = visible(&book.told().title),
        minutes = book.told().minutes,
        own,
        done
    )
}

fn rows(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let listed = model.lessons.listed();
    let selected = listed.iter().position(|book| Some(&book.key) == model.lessons.selected.as_ref());
    let selected = selected.filter(|_| model.lessons.quiz.is_none());
    let rows = RowList::new(t!("lessons"), listed.len(), selected).row_height(ROW);
    let chosen =
        rows.show(ui, |at| label(model, listed[at]), |ui, at| row(ui, model, listed[at], selected == Some(at)));
    if let Some(at) = chosen {
        push(out, LessonsCommand::Select(listed[at].key.clone()));
    }
}

fn row(ui: &mut Ui, model: &Model, book: &Book, is_selected: bool) {
    mark(ui, model, book);
    ui.add_space(2.0);
    // What stands on the right is read after the title.
    let beside = if book.is_own { BESIDE * 2.0 } else { BESIDE };
    let room = vec2((ui.available_width() - beside).max(40.0), ui.available_height());
    ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
        ui.set_width(room.x);
        let ink = if is_selected { ui.tokens().strong } else { ui.tokens().text };
        let format = egui::text::TextFormat::simple(egui::TextStyle::Body.resolve(ui.style()), ink);
        let mut job = egui::text::LayoutJob::single_section(visible(&book.told().title).into_owned(), format);
        job.wrap.max_rows = 2;
        ui.add(Label::new(job).wrap().selectable(false));
    });
    if book.is_own {
        ui.label(text::note(t!("own")));
    }
    ui.label(text::note(t!("{minutes} min", minutes = book.told().minutes)));
}

/// A circle: empty, partly drawn, or with a tick.
fn mark(ui: &mut Ui, model: &Model, book: &Book) {
    let tokens = ui.tokens();
    let (_, rect) = ui.allocate_space(vec2(18.0, 18.0));
    let (center, radius) = (rect.center(), 8.0);
    let answered = model.lessons.answered(book);
    if model.lessons.is_done(book) {
        ui.painter().circle_filled(center, 9.0, tokens.ok_bar);
        return paint::icon(ui, center, icons::CHECK, 11.0, tokens.on_ok);
    }
    ui.painter().circle_stroke(center, radius, egui::Stroke::new(1.5, tokens.line_strong));
    if answered > 0 {
        let share = answered as f32 / book.told().questions.len().max(1) as f32;
        let points = (0..=24).map(|at| {
            let angle = std::f32::consts::TAU * (share * at as f32 / 24.0 - 0.25);
            center + radius * egui::Vec2::angled(angle)
        });
        ui.painter().line(points.collect(), egui::Stroke::new(2.0, tokens.accent));
    }
}

/// Files of the own folder, or opened ones, that are no lessons.
fn errors(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let Some(shelf) = model.lessons.shelf.as_ref().filter(|shelf| !shelf.wrong.is_empty()) else { return };
    ui.horizontal(|ui| told_unread(ui, shelf, out));
    for (file, why) in shelf.wrong.iter().take(WRONG) {
        let name = Path::new(file).file_name().map_or_else(|| file.into(), |name| name.to_string_lossy());
        let short = format!("{name}: {why}");
        let room = vec2(ui.available_width(), 42.0);
        ui.allocate_ui(room, |ui| {
            ui.set_max_height(42.0);
            let mut job = egui::text::LayoutJob::single_section(
                visible(&short).into_owned(),
                egui::text::TextFormat::simple(egui::TextStyle::Small.resolve(ui.style()), ui.tokens().text),
            );
            job.wrap.max_rows = 2;
            ui.add(Label::new(job).wrap()).on_hover_text(visible(&format!("{file}: {why}")));
        });
    }
}

/// `2 files cannot be read`, until that was seen.
fn told_unread(ui: &mut Ui, shelf: &Shelf, out: &mut Commands) {
    let unread = counted(shelf.wrong.len(), t!("file cannot be read"), t!("files cannot be read"));
    let all: Vec<String> = shelf.wrong.iter().map(|(file, why)| format!("{file}: {why}")).collect();
    let label = ui.label(text::small(unread).color(ui.tokens().warn));
    label.on_hover_text(visible(&all.join("\n")));
    if ui.add(IconButton::new(icons::X, t!("Put this away")).small()).clicked() {
        push(out, LessonsCommand::PutAway);
    }
}

/// Own lessons.
fn own(ui: &mut Ui, out: &mut Commands) {
    Button::secondary(t!("Own lessons...")).icon(icons::FOLDER_OPEN).menu(ui, |ui| {
        for (label, command) in
            [(t!("Open a file..."), LessonsCommand::AskFile), (t!("Open a folder..."), LessonsCommand::AskFolder)]
        {
            if ui.button(label).clicked() {
                push(out, command);
                ui.close();
            }
        }
        ui.label(text::note(t!("A lesson is a file of Markdown. It may be dropped here, too.")));
    });
}

/// The list where there is little room.
pub fn picker(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let is_tight = ui.available_width() < ONE_ROW;
    let room = ui.available_width() - ui.spacing().item_spacing.x;
    let [course, lesson] = if is_tight { [0.35, 0.65].map(|share| (room * share).floor()) } else { PICKERS };
    ui.horizontal(|ui| {
        ui.scope(|ui| {
            ui.set_max_width(course);
            courses(ui, model, course, out);
        });
        book(ui, model, lesson, out);
        if !is_tight {
            beside_pickers(ui, model, out);
        }
    });
    if is_tight {
        ui.horizontal(|ui| beside_pickers(ui, model, out));
    }
    ui.add_space(2.0);
}

/// Which lesson is taken.
fn book(ui: &mut Ui, model: &Model, width: f32, out: &mut Commands) {
    let listed = model.lessons.listed();
    let shown = model.lessons.book().map_or_else(String::new, |book| visible(&book.told().title).into_owned());
    let combo = ComboBox::from_id_salt("lesson").selected_text(shown.clone()).width(width);
    let combo = combo.height(400.0).truncate();
    let combo = combo.icon(|ui, rect, _, _| paint::icon(ui, rect.center(), icons::CARET_DOWN, 12.0, ui.tokens().dim));
    let shown_in = |ui: &mut Ui| {
        ui.set_max_width(width);
        combo.show_ui(ui, |ui| {
            for book in &listed {
                let is_selected = model.lessons.selected.as_ref() == Some(&book.key);
                ui.horizontal(|ui| {
                    mark(ui, model, book);
                    if ui.selectable_label(is_selected, label(model, book)).clicked() {
                        push(out, LessonsCommand::Select(book.key.clone()));
                        ui.close();
                    }
                });
            }
        })
    };
    let response = ui.scope(shown_in).inner;
    let response = response.response;
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, t!("Lesson")));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(shown));
}

/// Own lessons, and how many are done.
fn beside_pickers(ui: &mut Ui, model: &Model, out: &mut Commands) {
    own(ui, out);
    let (done, all) = done(model);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.label(text::dim(t!("{done} of {all} done", done, all)));
        if let Some(shelf) = model.lessons.shelf.as_ref().filter(|shelf| !shelf.wrong.is_empty()) {
            told_unread(ui, shelf, out);
        }
    });
}
