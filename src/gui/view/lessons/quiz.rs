//! A quiz: the run with a fault in it and its checks closed, and four answers. Then the checks are opened.

use egui::{Color32, FontId, Label, ScrollArea, TextStyle, Ui};

use super::super::Commands;
use super::diagram::Look;
use super::questions::{self, key, radio, told};
use super::words::{columns, heading};
use super::{diagram, message, push};
use crate::base::text::visible;
use crate::client::rules;
use crate::gui::language::{said, t};
use crate::gui::lessons::SideRun;
use crate::gui::model::{LessonsCommand, Model, QuizModel};
use crate::gui::theme::{audience_scale, size, text};
use crate::gui::widgets::{Banner, Tone, card, card_frame, group_head, nested, separator};
use crate::lesson::Part;
use crate::lesson::quiz::Quiz;
use crate::practice::Fault;

/// Around what stands in a card, and between its columns.
const PADDING: f32 = 40.0;
/// The diagram has so much of the height at most.
const DIAGRAM: f32 = 0.45;
/// The same before an audience, and of question and answers there.
const LARGE_DIAGRAM: f32 = 0.55;
const ANSWERS: f32 = 0.4;
/// How large they are there at 1280 x 720: as large as they fit, and never smaller than the last.
const SIZES: [f32; 6] = [32.0, 28.0, 26.0, 24.0, 21.0, size::AUDIENCE_SMALL];

/// The quiz in the place of a lesson.
pub fn show(ui: &mut Ui, model: &Model, quiz: &QuizModel, out: &mut Commands) {
    ui.spacing_mut().item_spacing.y = 6.0;
    heading(ui, text::title(t!("Quiz")));
    ui.add(
        Label::new(
            t!("The practice server does one thing wrong in this run. Look at the messages and say what it is. Then the checks \
             are opened."),
        )
        .wrap(),
    );
    match &quiz.drawn {
        None => drop(ui.label(text::dim(t!("Drawing a fault...")))),
        Some((_, Err(why))) => drop(Banner::new(Tone::Error, t!("It could not be run")).text(&visible(why)).show(ui)),
        Some((drawn, Ok(run))) => {
            if let Some(at) = key(ui, model, drawn.choices.len()).filter(|_| !quiz.is_open) {
                push(out, LessonsCommand::Choose(at));
            }
            let height = ui.available_height();
            let area = ScrollArea::vertical().id_salt("quiz").auto_shrink(false);
            nested(ui, |ui| area.show(ui, |ui| asked(ui, (quiz, drawn, run), (height, model.presents_quiz()), out)));
        }
    }
}

fn asked(
    ui: &mut Ui,
    (quiz, drawn, run): (&QuizModel, &Quiz, &SideRun),
    (height, is_large): (f32, bool),
    out: &mut Commands,
) {
    ui.set_max_width(ui.available_width() - 8.0);
    ui.spacing_mut().item_spacing.y = 10.0;
    match is_large {
        true => large(ui, drawn, height * ANSWERS, |ui| answers(ui, quiz, drawn, out)),
        false => answers(ui, quiz, drawn, out),
    }
    if quiz.is_open {
        opened(ui, quiz, drawn, run);
    }
    let look = if quiz.is_open { Look::Whole } else { Look::Unjudged };
    let row = card_frame(ui).inner_margin(0).show(ui, |ui| {
        ui.set_width(ui.available_width());
        match is_large {
            true => diagram::large(ui, run, quiz.looked, (height * LARGE_DIAGRAM, audience_scale(ui.ctx())), look),
            false => diagram::rows(ui, "quiz", run, Some(quiz.looked), height * DIAGRAM, look),
        }
    });
    if let Some(row) = row.inner {
        push(out, LessonsCommand::Look(Part::Broken, row));
    }
    message::show(ui, run, quiz.looked, t!("The run"), quiz.is_open);
    ui.add_space(4.0);
}

/// Draws the answers in the largest type in which they have room.
fn large(ui: &mut Ui, drawn: &Quiz, height: f32, answers: impl FnOnce(&mut Ui)) {
    let scale = audience_scale(ui.ctx());
    let fits = |size: &f32| needed(ui, drawn, size * scale) <= height;
    let size = SIZES.into_iter().find(fits).unwrap_or(size::AUDIENCE_SMALL) * scale;
    ui.scope(|ui| {
        for style in [TextStyle::Body, text::group_style()] {
            ui.style_mut().text_styles.entry(style).and_modify(|font| font.size = size);
        }
        answers(ui);
    });
}

/// How high question and answers are in this size.
fn needed(ui: &Ui, drawn: &Quiz, size: f32) -> f32 {
    let font = FontId { size, ..TextStyle::Body.resolve(ui.style()) };
    let width = (ui.available_width() - PADDING) / 2.0 - questions::INDENT;
    let one = |choice: &Fault| {
        let galley = ui.fonts_mut(|fonts| {
            fonts.layout(said(choice.about()).to_owned(), font.clone(), Color32::PLACEHOLDER, width)
        });
        galley.size().y + 10.0
    };
    let half = drawn.choices.len().div_ceil(2);
    let columns = drawn.choices.chunks(half.max(1)).map(|column| column.iter().map(one).sum::<f32>());
    columns.fold(0.0, f32::max) + size * 1.5 + PADDING
}

fn answers(ui: &mut Ui, quiz: &QuizModel, drawn: &Quiz, out: &mut Commands) {
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        group_head(ui, t!("What is wrong?"));
        columns(ui, [0.5, 0.5], |ui, column| {
            ui.spacing_mut().item_spacing.y = 4.0;
            let half = drawn.choices.len().div_ceil(2);
            for at in column * half..drawn.choices.len().min((column + 1) * half) {
                answer(ui, quiz, drawn, at, out);
            }
        });
    });
}

fn answer(ui: &mut Ui, quiz: &QuizModel, drawn: &Quiz, at: usize, out: &mut Commands) {
    let Some(choice) = drawn.choices.get(at) else { return };
    let tone = match (quiz.is_open, *choice == drawn.fault, quiz.choice == Some(at)) {
        (true, true, _) => Some(Tone::Ok),
        (true, false, true) => Some(Tone::Error),
        _ => None,
    };
    if radio(ui, said(choice.about()), quiz.choice == Some(at), tone).clicked() && !quiz.is_open {
        push(out, LessonsCommand::Choose(at));
    }
}

/// Whether it was right, the check that noticed it, and why that matters.
fn opened(ui: &mut Ui, quiz: &QuizModel, drawn: &Quiz, run: &SideRun) {
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        let (tone, word) = match quiz.choice.and_then(|at| drawn.choices.get(at)) == Some(&drawn.fault) {
            true => (Tone::Ok, t!("That is right.")),
            false => (Tone::Error, t!("That is not it.")),
        };
        told(
            ui,
            tone,
            &t!("{word} It was {name}: {about}.", word, name = drawn.fault.name(), about = said(drawn.fault.about())),
        );
        let rule = drawn.fault.rule().unwrap_or_default();
        if let Some(check) = run.check(rule) {
            message::one(ui, check);
        }
        if let Some(rule) = rules::catalogue().find(|known| known.id == rule) {
            separator(ui);
            ui.add(Label::new(said(rule.why)).wrap());
            ui.add(Label::new(text::dim(said(rule.fix))).wrap());
        }
    });
}
