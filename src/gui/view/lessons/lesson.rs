//! The lesson that is taken, part by part: what it is about, how it goes wrong, how it goes mended, what is asked.

use std::cmp::Reverse;
use std::sync::Arc;

use egui::{Align, Label, Layout, ScrollArea, Ui, vec2};

use super::super::Commands;
use super::diagram::Look;
use super::words::{columns, heading, line};
use super::{diagram, message, push, questions};
use crate::base::check::{Check, Verdict};
use crate::base::text::{capitalised, visible, visible_lines};
use crate::expect::{Condition, Subject};
use crate::gui::language::{said, sentence, t, tallied};
use crate::gui::lessons::{Book, Sheet, SideRun};
use crate::gui::model::{LessonPart, LessonsCommand, Model};
use crate::gui::theme::{TokensExt as _, size, text};
use crate::gui::widgets::{
    Button, Rail, RailStage, StageState, card, group_head, markup, nested, separator, spec_link, verdict_badge,
};
use crate::lesson::{Difference, Lesson, Part};

/// A diagram has so much of the height at most.
const DIAGRAM: f32 = 0.5;
/// The same as long as it shows fewer arrows than these.
const FEW: (usize, f32) = (6, 0.75);
/// The same above the questions.
const ABOVE: f32 = 0.42;
/// It is never lower than that.
const LEAST: f32 = 190.0;
/// Below this height the questions come first.
const LOW: f32 = 440.0;
/// The widest a column of text is read well.
const TEXT: f32 = 760.0;

/// The lesson.
pub fn show(ui: &mut Ui, model: &Model, book: &Book, out: &mut Commands) {
    ui.spacing_mut().item_spacing.y = 6.0;
    head(ui, model, book, out);
    rail(ui, model, book, out);
    let part = model.lessons.part;
    let area = ScrollArea::vertical().id_salt((&book.key, part as usize)).auto_shrink(false);
    let height = ui.available_height();
    nested(ui, |ui| {
        area.show(ui, |ui| {
            // The scroll bar stands beside what it scrolls.
            ui.set_max_width(ui.available_width() - 8.0);
            ui.spacing_mut().item_spacing.y = 10.0;
            match part {
                LessonPart::Intention => intention(ui, book.told()),
                LessonPart::Broken => broken(ui, model, book, height, out),
                LessonPart::Mended => mended(ui, model, book, height, out),
                LessonPart::Questions => asked(ui, model, book, height, out),
            }
            ui.add_space(4.0);
        })
    });
}

fn head(ui: &mut Ui, model: &Model, book: &Book, out: &mut Commands) {
    /// The button stands on the right, and is read after the title.
    const BUTTON: f32 = 120.0;
    let lesson = book.told();
    ui.allocate_ui_with_layout(vec2(ui.available_width(), size::BUTTON), Layout::left_to_right(Align::Center), |ui| {
        let room = vec2((ui.available_width() - BUTTON).max(80.0), size::BUTTON);
        ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
            heading(ui, text::title(visible(&lesson.title)));
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| handouts(ui, model, out));
    });
    ui.add(Label::new(visible(&lesson.intention)).wrap());
}

/// What the lesson is written as, once both sides were run.
fn handouts(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let has_runs = Part::ALL.iter().all(|part| model.lessons.stand(*part).ran().is_some());
    ui.add_enabled_ui(has_runs && !model.asking_for_file, |ui| {
        let button = Button::secondary(t!("Handout...")).menu(ui, |ui| {
            for sheet in Sheet::ALL {
                if ui.button(sheet.title()).clicked() {
                    push(out, LessonsCommand::Handout(sheet));
                    ui.close();
                }
            }
        });
        button.on_disabled_hover_text(t!("Run both sides first"));
    });
}

/// How far one is.
fn rail(ui: &mut Ui, model: &Model, book: &Book, out: &mut Commands) {
    let now = model.lessons.part;
    let stages: Vec<RailStage<'_>> = LessonPart::ALL
        .into_iter()
        .map(|part| {
            let is_done = part < now || part == LessonPart::Questions && model.lessons.is_done(book);
            let state = match (is_done, part == now) {
                (true, _) => StageState::Done,
                (false, true) => StageState::Ready,
                (false, false) => StageState::Locked,
            };
            RailStage { title: part.title(), state, note: String::new(), rule: "" }
        })
        .collect();
    if let Some(at) = Rail::new(&stages, now as usize).show(ui) {
        push(out, LessonsCommand::Go(LessonPart::ALL[at]));
    }
}

fn intention(ui: &mut Ui, lesson: &Lesson) {
    card(ui, |ui| {
        ui.set_max_width(TEXT);
        if !lesson.before.is_empty() {
            group_head(ui, t!("What to know before"));
            for line in &lesson.before {
                markup(ui, &format!("- {}", visible(line)));
            }
            ui.add_space(size::SPACE);
        }
        group_head(ui, t!("What it is about"));
        markup(ui, &visible_lines(&lesson.text));
        read_on(ui, lesson);
    });
}

/// How high a diagram may be in this much room where nothing is asked: a few arrows are seen in a low window, too.
fn most(height: f32) -> f32 {
    let (few, share) = FEW;
    diagram::height_of(few).min(height * share).max(height * DIAGRAM)
}

/// How high diagrams are: as high as the higher of them, up to this.
fn diagram_height(model: &Model, parts: &[Part], look: Look, most: f32) -> f32 {
    let full =
        parts.iter().filter_map(|part| model.lessons.stand(*part).ran()).map(|ran| diagram::full_height(ran, look));
    full.fold(0.0, f32::max).min(most.max(LEAST))
}

fn broken(ui: &mut Ui, model: &Model, book: &Book, height: f32, out: &mut Commands) {
    let height = diagram_height(model, &[Part::Broken], Look::Whole, most(height));
    diagram::card(ui, model, book, Part::Broken, (height, Look::Whole), out);
    columns(ui, [0.42, 0.58], |ui, at| match at {
        0 => steps(ui, model, book, Part::Broken, out),
        _ => looked_at(ui, model, book),
    });
}

fn mended(ui: &mut Ui, model: &Model, book: &Book, height: f32, out: &mut Commands) {
    both(ui, model, book, most(height), out);
    differences(ui, &model.lessons.differences);
    columns(ui, [0.5, 0.5], |ui, at| match at {
        0 => steps(ui, model, book, Part::Mended, out),
        _ => {
            caught(ui, model, book);
            looked_at(ui, model, book);
        }
    });
}

/// What both sides come to, before an audience: the point of the lesson, what is different, and what shows it.
pub fn sides_come_to(ui: &mut Ui, model: &Model, book: &Book) {
    let lesson = book.told();
    heading(ui, text::title(visible(&lesson.title)));
    line(ui, &lesson.intention);
    let area = ScrollArea::vertical().id_salt("what both sides come to").auto_shrink(false);
    nested(ui, |ui| {
        area.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 10.0;
            differences(ui, &model.lessons.differences);
            caught(ui, model, book);
        })
    });
}

fn asked(ui: &mut Ui, model: &Model, book: &Book, height: f32, out: &mut Commands) {
    if height < LOW {
        questions::show(ui, model, book, out);
    }
    both(ui, model, book, height * ABOVE, out);
    match height < LOW {
        true => caught(ui, model, book),
        false => columns(ui, [0.42, 0.58], |ui, at| match at {
            0 => caught(ui, model, book),
            _ => questions::show(ui, model, book, out),
        }),
    }
    differences(ui, &model.lessons.differences);
    looked_at(ui, model, book);
}

/// Both diagrams beside each other.
fn both(ui: &mut Ui, model: &Model, book: &Book, most: f32, out: &mut Commands) {
    let look = (diagram_height(model, &Part::ALL, Look::Beside, most), Look::Beside);
    columns(ui, [0.5, 0.5], |ui, at| diagram::card(ui, model, book, Part::ALL[at], look, out));
}

/// What happens step by step, and what to look at. The step of the row that is looked at is marked.
fn steps(ui: &mut Ui, model: &Model, book: &Book, part: Part, out: &mut Commands) {
    let side = book.told().side(part);
    let run = model.lessons.stand(part).ran();
    let now = model.lessons.looked[part as usize].and_then(|row| Some(run?.arrows.get(row)?.step));
    card(ui, |ui| {
        group_head(ui, t!("Step by step"));
        for (at, step) in side.steps.iter().enumerate() {
            let title = format!("{}. {}", at + 1, capitalised(said(step.what.title())));
            let row = run.and_then(|run| run.arrows.iter().position(|arrow| arrow.step == at));
            let ground = if now == Some(at) { ui.tokens().selected } else { egui::Color32::TRANSPARENT };
            let frame = egui::Frame::new().fill(ground).corner_radius(size::RADIUS).inner_margin(6);
            frame.show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing.y = 3.0;
                match row {
                    Some(row) => {
                        if ui.link(text::strong(&title)).on_hover_text(t!("Look at its message")).clicked() {
                            push(out, LessonsCommand::Look(part, row));
                        }
                    }
                    None => drop(ui.label(text::strong(&title))),
                }
                markup(ui, &visible_lines(&step.look));
            });
        }
        if !side.moment.is_empty() {
            separator(ui);
            group_head(ui, t!("The moment"));
            markup(ui, &visible_lines(&side.moment));
        }
    });
}

/// The message of the row that is looked at.
fn looked_at(ui: &mut Ui, model: &Model, book: &Book) {
    let Some((part, row)) = model.lessons.shown() else { return };
    let Some(run) = model.lessons.stand(part).ran() else { return };
    let (_, word) = diagram::of(part);
    let step = run.arrows.get(row).and_then(|arrow| book.told().side(part).steps.get(arrow.step));
    let place = match step {
        Some(step) => format!("{word}, {}", said(step.what.title())),
        None => word.to_owned(),
    };
    message::show(ui, run, row, &place, true);
}

/// What differs between both sides.
fn differences(ui: &mut Ui, all: &[Difference]) {
    if all.is_empty() {
        return;
    }
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 5.0;
        row(ui, |ui, at| match at {
            0 => heading(ui, text::strong(t!("What is different"))),
            1 => drop(ui.label(text::dim(t!("Broken")))),
            _ => drop(ui.label(text::dim(t!("Mended")))),
        });
        for Difference { what, broken, mended, is_effect } in all {
            let tokens = ui.tokens();
            row(ui, |ui, at| {
                let words = match at {
                    0 => text::mono(visible(&named(what))).color(tokens.link),
                    1 if *is_effect => {
                        text::mono(visible(&tallied(broken))).color(tokens.error).background_color(tokens.error_soft)
                    }
                    1 => text::mono(visible(&tallied(broken))),
                    _ => text::mono(visible(&tallied(mended))).color(tokens.ok).background_color(tokens.ok_soft),
                };
                ui.add(Label::new(words).wrap());
            });
        }
    });
}

/// What differs: `code_verifier in the token request`.
fn named(what: &str) -> String {
    match what.split_once(" in ") {
        Some((name, stage)) => t!("{name} in {stage}", name, stage = said(stage)),
        None => sentence(what).into_owned(),
    }
}

/// Three cells beside each other.
fn row(ui: &mut Ui, mut cell: impl FnMut(&mut Ui, usize)) {
    let width = ui.available_width();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for (at, share) in [0.44, 0.28, 0.28].into_iter().enumerate() {
            let size = vec2(width * share, 0.0);
            ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
                ui.set_width(width * share - 10.0);
                ui.add_space(0.0);
                cell(ui, at);
            });
            ui.add_space(10.0 * f32::from(at < 2));
        }
    });
}

/// The checks that the lesson names, as they came out, and whether all came as it says.
fn caught(ui: &mut Ui, model: &Model, book: &Book) {
    card(ui, |ui| {
        let runs = Part::ALL.map(|part| (part, model.lessons.stand(part).ran()));
        let names = |(part, run): &(Part, Option<&Arc<SideRun>>)| {
            run.is_some_and(|run| !checks(book.told(), *part, run).is_empty())
        };
        if runs.iter().any(names) {
            group_head(ui, t!("The check that caught it"));
        } else {
            group_head(ui, t!("What shows it"));
            ui.label(text::dim(t!("No check can: each message of the app is as it has to be.")));
            markup(ui, &visible_lines(&book.told().side(Part::Broken).moment));
        }
        for part in Part::ALL {
            let Some(run) = model.lessons.stand(part).ran() else { continue };
            for check in checks(book.told(), part, run) {
                ui.horizontal_wrapped(|ui| {
                    verdict_badge(ui, check.verdict);
                    ui.label(text::strong(said(check.rule.title)));
                });
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    ui.label(text::mono(check.rule.id).color(ui.tokens().dim));
                    ui.label(text::small(t!("{name} run.", name = said(part.name()))));
                    spec_link(ui, check.rule.spec);
                });
            }
            let missed: Vec<_> = run.played.expectations().filter(|met| !met.is_met()).collect();
            for met in &missed {
                let words = t!(
                    "{name}: {expected}, came: {came}",
                    name = said(part.name()),
                    expected = visible(&met.expected),
                    came = visible(&met.came)
                );
                ui.add(Label::new(text::small(words).color(ui.tokens().error)).wrap());
            }
            if let Some(stuck) = &run.played.stuck {
                ui.add(Label::new(text::small(visible(stuck)).color(ui.tokens().error)).wrap());
            }
            if missed.is_empty() && run.played.stuck.is_none() {
                ui.label(text::note(t!("The {name} run came as the lesson says.", name = said(part.name()))));
            }
        }
        read_on(ui, book.told());
    });
}

/// What came of the rules that are named by what the lesson expects of a side.
fn checks<'a>(lesson: &Lesson, part: Part, run: &'a SideRun) -> Vec<&'a Check> {
    let rule = |subject: &Subject, condition: &Condition| match (subject, condition) {
        (Subject::Rule(rule), _) => Some(rule.id.to_owned()),
        (Subject::Finding, Condition::Equals(value)) => value.as_str().map(str::to_owned),
        _ => None,
    };
    let mut found: Vec<&Check> = Vec::new();
    for expected in &lesson.side(part).expect.list {
        let check = rule(&expected.subject, &expected.condition).and_then(|id| run.check(&id));
        if let Some(check) = check.filter(|check| !found.iter().any(|known| known.rule.id == check.rule.id)) {
            found.push(check);
        }
    }
    found.sort_by_key(|check| Reverse(check.verdict == Verdict::Fail));
    found
}

fn read_on(ui: &mut Ui, lesson: &Lesson) {
    if lesson.read_on.is_empty() {
        return;
    }
    separator(ui);
    ui.horizontal_wrapped(|ui| {
        ui.label(text::dim(t!("Read on")));
        for place in &lesson.read_on {
            match &place.url {
                Some(url) => drop(ui.hyperlink_to(visible(&place.text), url)),
                None => drop(ui.label(visible(&place.text))),
            }
        }
    });
}
