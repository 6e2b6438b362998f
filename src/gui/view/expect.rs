//! "Expect this": the menu of a value, with what may be expected of it.

use egui::{Rect, Response, Ui, vec2};

use super::Commands;
use crate::base::text::{elided, visible};
use crate::expect::{Expectation, ID_TOKEN, Place, Subject, proposals};
use crate::export::redact::Redactor;
use crate::flow::stage::Stage;
use crate::flow::trace::{Answer, Exchange};
use crate::flow::{Flow, Next};
use crate::gui::command::Command;
use crate::gui::expect_key::ExpectKey;
use crate::gui::language::t;
use crate::gui::model::{ExpectCommand, Model};
use crate::gui::theme::{Icon, icons, size, text};
use crate::gui::widgets::{IconButton, group_head, menu_of, row_menu};

/// The icon of all that has to do with expectations.
pub const ICON: Icon = icons::PUSH_PIN;

/// What comes before the name of a value in the name of its menu.
pub fn verb() -> &'static str {
    t!("Expect")
}

/// Letters of what is proposed.
const LETTERS: usize = 72;

/// A run that a value is of.
#[derive(Clone, Copy)]
pub struct Of<'a> {
    flow: &'a Flow,
    next: &'a Next,
    known: &'a Redactor,
}

impl<'a> Of<'a> {
    /// A run by its parts.
    pub const fn new(flow: &'a Flow, next: &'a Next, known: &'a Redactor) -> Self {
        Self { flow, next, known }
    }
}

/// The menu of a value of the run that is shown. `exchange` is the one it stands in, where it is not the newest.
pub fn menu(ui: &mut Ui, model: &Model, subjects: &[Subject], exchange: Option<&Exchange>, out: &mut Commands) {
    let run = &model.run;
    let of = Of { flow: &run.flow, next: &run.next, known: run.known.redactor() };
    head(ui);
    let key = run.expect_key();
    let Some(first) = offers(ui, model, &key, (of, subjects, exchange), out) else { return };
    if ui.button(t!("Something else...")).clicked() {
        out.push(Command::Expect(ExpectCommand::Begin(key, first)));
        ui.close();
    }
}

/// Whether something is expected of one of these in the run that is shown. An audience sees no mark of it.
pub fn is_pinned(model: &Model, subjects: &[Subject]) -> bool {
    let pinned = model.expect.list(&model.run.expect_key());
    !model.present && pinned.iter().any(|one| subjects.contains(&one.subject))
}

/// What stands above what may be expected.
pub fn head(ui: &mut Ui) {
    ui.set_min_width(240.0);
    group_head(ui, t!("Expect this"));
    ui.add_space(2.0);
}

/// What may be expected of these, each as a button that pins it, or takes it back; the first of it.
pub fn offers(
    ui: &mut Ui,
    model: &Model,
    key: &ExpectKey,
    (of, subjects, exchange): (Of<'_>, &[Subject], Option<&Exchange>),
    out: &mut Commands,
) -> Option<Expectation> {
    let pinned = model.expect.list(key);
    let mut first = None;
    for subject in subjects {
        for one in proposals(subject, exchange, of.flow, of.next, of.known) {
            let words = text::mono(visible(&elided(&brief(&one), LETTERS)).into_owned());
            let entry = egui::Button::selectable(pinned.contains(&one), words).min_size(vec2(0.0, size::ROW));
            if ui.add(entry).clicked() {
                out.push(Command::Expect(ExpectCommand::Pin(key.clone(), one.clone())));
                ui.close();
            }
            first.get_or_insert(one);
        }
    }
    first
}

/// Without the stage, which is looked at.
fn brief(one: &Expectation) -> String {
    match &one.subject {
        Subject::Of(_, place) => format!("{place} {}", one.condition),
        _ => one.to_string(),
    }
}

/// A small button of its own that opens the menu. An audience is shown none.
pub fn button(ui: &mut Ui, model: &Model, name: &str, contents: impl FnOnce(&mut Ui)) {
    if model.present {
        return;
    }
    let button = ui.add(IconButton::new(ICON, &t!("{verb} {name}", verb = verb(), name)).small());
    menu_of(ui, &button, contents);
}

/// The menu of a row that has room for its button at the right end.
pub fn at_right_end(ui: &mut Ui, row: &Response, (name, is_pinned): (&str, bool), contents: impl FnMut(&mut Ui)) {
    let place = Rect::from_min_size(row.rect.right_top() - vec2(24.0, 0.0), vec2(22.0, 22.0));
    row_menu(ui, row, place, (ICON, &t!("{verb} {name}", verb = verb(), name), is_pinned), contents);
}

/// A member of an answer. The scope of an answer with tokens is a set wherever it stands.
pub fn answer(exchange: &Exchange, names: &[String]) -> Vec<Subject> {
    let stage = exchange.stage;
    match names {
        [name] if name == "scope" && brings_tokens(exchange) => vec![Subject::Of(stage, Place::Scope)],
        [name] if name == "error" => vec![Subject::Of(stage, Place::Error), Subject::Refusal],
        // A name may have a dot of its own; either way leads to what stands there.
        names => vec![Subject::Of(stage, Place::Answer(names.join(".")))],
    }
}

/// Whether tokens came with it. Elsewhere a scope is a member like any other.
fn brings_tokens(exchange: &Exchange) -> bool {
    match &exchange.answer {
        Answer::Callback(callback) => callback.params.get("access_token").is_some(),
        Answer::Response(response) => response.text().contains("\"access_token\""),
        _ => false,
    }
}

/// A claim of the ID token that a stage has brought.
pub fn claim((stage, token): &(Stage, String), name: &str) -> Subject {
    Subject::Of(*stage, Place::Claim(token.clone(), name.to_owned()))
}

/// A member of its header.
pub fn header((stage, token): &(Stage, String), name: &str) -> Subject {
    Subject::Of(*stage, Place::Header(token.clone(), name.to_owned()))
}

/// The ID token that this answer has brought.
pub fn id_token(stage: Stage) -> (Stage, String) {
    (stage, ID_TOKEN.to_owned())
}
