//! A quiz: the run with a fault in it and its checks closed, and four answers. Then the checks are opened.

use egui::{Label, ScrollArea, Ui};

use super::super::Commands;
use super::diagram::Look;
use super::questions::{key, radio, told};
use super::words::{columns, heading};
use super::{diagram, message, push};
use crate::base::text::visible;
use crate::client::rules;
use crate::gui::language::{said, t};
use crate::gui::lessons::SideRun;
use crate::gui::model::{LessonsCommand, Model, QuizModel};
use crate::gui::theme::text;
use crate::gui::widgets::{Banner, Tone, card, card_frame, group_head, nested, separator};
use crate::lesson::Part;
use crate::lesson::quiz::Quiz;

/// The diagram has so much of the height at most.
const DIAGRAM: f32 = 0.45;

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
            nested(ui, |ui| area.show(ui, |ui| asked(ui, quiz, drawn, run, height, out)));
        }
    }
}

fn asked(ui: &mut Ui, quiz: &QuizModel, drawn: &Quiz, run: &SideRun, height: f32, out: &mut Commands) {
    ui.set_max_width(ui.available_width() - 8.0);
    ui.spacing_mut().item_spacing.y = 10.0;
    answers(ui, quiz, drawn, out);
    if quiz.is_open {
        opened(ui, quiz, drawn, run);
    }
    let look = if quiz.is_open { Look::Whole } else { Look::Unjudged };
    let row = card_frame(ui).inner_margin(0).show(ui, |ui| {
        ui.set_width(ui.available_width());
        diagram::rows(ui, "quiz", run, Some(quiz.looked), height * DIAGRAM, look)
    });
    if let Some(row) = row.inner {
        push(out, LessonsCommand::Look(Part::Broken, row));
    }
    message::show(ui, run, quiz.looked, t!("The run"), quiz.is_open);
    ui.add_space(4.0);
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
            ui.add(Label::new(rule.why).wrap());
            ui.add(Label::new(text::dim(rule.fix)).wrap());
        }
    });
}
