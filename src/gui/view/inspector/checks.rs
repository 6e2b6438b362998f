//! The rules applied to one message.

use egui::Ui;

use super::super::{Commands, expect, expected, explained};
use crate::base::check::Tally;
use crate::expect::Subject;
use crate::gui::language::{self, said, saw, sentence, t};
use crate::gui::model::Model;
use crate::gui::theme::{TokensExt as _, text};
use crate::gui::widgets::{explained as widget, spec_link, verdict_badge};

/// The Checks side.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let checks = model.run.shown_checks();
    if checks.is_empty() {
        ui.label(text::dim(t!("No rule applies to this message yet.")));
        return expected::of_message(ui, model);
    }
    expected::of_message(ui, model);
    ui.label(text::dim(language::tallied(&Tally::of(checks).summary())));
    ui.add_space(4.0);
    let mut sorted: Vec<_> = checks.iter().collect();
    sorted.sort_by_key(|check| check.verdict);
    for check in sorted {
        let row = ui.horizontal_top(|ui| {
            verdict_badge(ui, check.verdict);
            ui.vertical(|ui| {
                let title = ui.label(text::strong(said(check.rule.title)));
                let place = title.rect;
                widget::explained(ui, title, place, || Some(explained::rule(check.rule)));
                let dim = ui.tokens().dim;
                let mut words = String::new();
                if let Some(expected) = &check.expected {
                    words = t!("expected {expected}, ", expected = sentence(expected));
                }
                if check.actual.is_some() {
                    let actual = saw(check);
                    words += &if check.expected.is_some() { t!("saw {actual}", actual) } else { actual.into_owned() };
                }
                if !words.is_empty() {
                    ui.add(egui::Label::new(text::mono(model.mask().words(&words)).color(dim)).wrap());
                }
                ui.horizontal(|ui| {
                    ui.label(text::note(check.rule.id));
                    spec_link(ui, check.rule.spec);
                });
            });
        });
        widget::note(ui, row.response.rect, || Some(explained::rule(check.rule)));
        ui.push_id(check.rule.id, |ui| {
            let subject = [Subject::Rule(check.rule)];
            let is_pinned = expect::is_pinned(model, &subject);
            expect::at_right_end(ui, &row.response, (check.rule.id, is_pinned), |ui| {
                expect::menu(ui, model, &subject, None, out);
            });
        });
        crate::gui::widgets::separator(ui);
    }
}
