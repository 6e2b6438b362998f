//! A message of a lesson: what was sent, what came, the tokens in it, and its checks.

use egui::{CollapsingHeader, Label, Ui};

use crate::base::check::{Check, Tally, Verdict};
use crate::base::text::visible;
use crate::gui::language::{self, said, sentence, t};
use crate::gui::lessons::{Message, SideRun};
use crate::gui::theme::{TokensExt as _, text};
use crate::gui::widgets::code::{CodeView, Language};
use crate::gui::widgets::{card, group_head, separator, spec_link, verdict_badge};

/// The card of a row. `place` says where it stands; `is_judged` shows its checks.
pub fn show(ui: &mut Ui, run: &SideRun, row: usize, place: &str, is_judged: bool) {
    let Some(arrow) = run.arrows.get(row) else { return };
    card(ui, |ui| {
        group_head(ui, t!("Message"));
        ui.add(Label::new(text::strong(visible(&language::labelled(&arrow.label)))).wrap());
        ui.label(text::note(t!(
            "{place}: {from} to {to}",
            place,
            from = said(arrow.from.title()),
            to = said(arrow.to.title())
        )));
        let Some((message, exchange)) = run.message(arrow.of) else {
            ui.label(text::dim(t!("This happened beside the app, so that no message of it is in its run.")));
            return;
        };
        ui.push_id(row, |ui| texts(ui, message, !is_judged));
        match is_judged {
            true => checks(ui, &exchange.checks),
            false => drop(ui.label(text::note(t!("The checks are closed.")))),
        }
    });
}

fn texts(ui: &mut Ui, message: &Message, is_open: bool) {
    for (name, text, language) in
        [(t!("Sent"), &message.sent, Language::Http), (t!("Came"), &message.came, Language::Http)]
    {
        if !text.is_empty() {
            ui.label(text::note(name));
            CodeView::new(name, text, language).show(ui);
        }
    }
    for (name, text) in &message.tokens {
        let title = t!("{name}, decoded", name);
        CollapsingHeader::new(text::small(&title)).id_salt(name).default_open(is_open).show(ui, |ui| {
            CodeView::new(&title, text, Language::Json).show(ui);
        });
    }
}

/// What is broken first; what holds is folded.
fn checks(ui: &mut Ui, checks: &[Check]) {
    if checks.is_empty() {
        return;
    }
    separator(ui);
    let is_quiet = |check: &&Check| matches!(check.verdict, Verdict::Pass | Verdict::Skipped);
    for check in checks.iter().filter(|check| !is_quiet(check)) {
        one(ui, check);
    }
    let quiet: Vec<&Check> = checks.iter().filter(is_quiet).collect();
    if !quiet.is_empty() {
        let words = language::tallied(&Tally::of(quiet.iter().copied()).summary());
        CollapsingHeader::new(text::small(words)).id_salt("quiet checks").show(ui, |ui| {
            quiet.into_iter().for_each(|check| one(ui, check));
        });
    }
}

/// A check with what was seen.
pub fn one(ui: &mut Ui, check: &Check) {
    ui.horizontal_wrapped(|ui| {
        verdict_badge(ui, check.verdict);
        ui.label(text::strong(said(check.rule.title)));
        spec_link(ui, check.rule.spec);
    });
    if check.verdict != Verdict::Pass {
        let seen = visible(&sentence(&check.seen())).into_owned();
        ui.add(Label::new(text::small(seen).color(ui.tokens().dim)).wrap());
    }
}
