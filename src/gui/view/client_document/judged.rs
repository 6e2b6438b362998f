//! A document as members that explain themselves, and what a server says of it.

use egui::{Align, Frame, Label, Layout, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use crate::base::check::{Check, Verdict};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::client::client_document::{Fate, Judged};
use crate::flow::stage::Stage;
use crate::gui::language::{said, sentence, t};
use crate::gui::theme::{TokensExt as _, size, text};
use crate::gui::view::explained;
use crate::gui::widgets::explained as widget;
use crate::gui::widgets::{Banner, JsonTree, Tone, card_frame, group_head, nested, paint, spec_link, verdict_badge};

/// As a compact row of tabs.
const HEAD: f32 = 33.0;

/// The document as a tree, each member explained as that of a registration.
pub fn members(ui: &mut Ui, document: &Json) {
    card_frame(ui).fill(ui.tokens().field).inner_margin(6).show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        let explain = |name: &str, value: &Json| explained::member(Stage::Registration, name, Some(value));
        JsonTree::new(t!("document"), document).explained(&explain).show(ui);
    });
}

/// A heading as high as a row of tabs beside it.
pub fn head(ui: &mut Ui, title: &str) {
    let line = vec2(ui.available_width(), HEAD);
    ui.allocate_ui_with_layout(line, Layout::left_to_right(Align::Center), |ui| group_head(ui, title));
    ui.add_space(6.0);
}

/// Every rule that it is held to, the worst first.
pub fn verdicts(ui: &mut Ui, judged: &Judged) {
    head(ui, t!("As a server judges it"));
    let mut checks: Vec<&Check> = judged.checks.iter().collect();
    checks.sort_by_key(|check| check.verdict);
    nested(ui, |ui| {
        ScrollArea::vertical().id_salt("rules").auto_shrink(false).show(ui, |ui| {
            let clear_of_bar = Frame::new().inner_margin(egui::Margin { right: 12, ..egui::Margin::ZERO });
            clear_of_bar.show(ui, |ui| {
                fate(ui, judged.fate());
                ui.add_space(size::SPACE);
                for (at, check) in checks.into_iter().enumerate() {
                    ui.push_id(at, |ui| row(ui, check));
                }
            });
        })
    });
}

fn fate(ui: &mut Ui, fate: Fate) {
    let tone = match fate {
        Fate::Taken => Tone::Ok,
        Fate::TakenHere => Tone::Warn,
        Fate::Refused | Fate::RefusedByMany { .. } => Tone::Error,
    };
    Banner::new(tone, &sentence(&fate.to_string())).show(ui);
}

/// One rule: what was seen, and where it is not kept what to do.
fn row(ui: &mut Ui, check: &Check) {
    let is_kept = matches!(check.verdict, Verdict::Pass | Verdict::Skipped);
    let saw = saw(check);
    let shown = ui.horizontal_top(|ui| {
        verdict_badge(ui, check.verdict);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let title = ui.add(Label::new(text::strong(said(check.rule.title))).wrap());
            let place = title.rect;
            widget::explained(ui, title, place, || Some(explained::rule(check.rule)));
            if !saw.is_empty() {
                ui.add(Label::new(text::mono(&saw).color(ui.tokens().dim)).wrap());
            }
            if !is_kept {
                ui.add(Label::new(said(check.rule.fix)).wrap());
            }
            // What is kept is told in short: the pointer and F1 say the rest.
            if !is_kept {
                ui.horizontal(|ui| {
                    ui.label(text::note(check.rule.id));
                    spec_link(ui, check.rule.spec);
                });
            }
        });
    });
    // The Tab key leads through the rows, so that all of them can be scrolled to without the pointer.
    let rect = shown.response.rect;
    let stop = ui.interact(rect, ui.make_persistent_id("rule"), Sense::focusable_noninteractive());
    let fix = if is_kept { "" } else { said(check.rule.fix) };
    let verdict = said(check.verdict.word());
    let spoken = format!("{verdict}: {}. {saw} {fix}", said(check.rule.title));
    stop.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, spoken.trim_end()));
    paint::focus_ring(ui, &stop, rect.expand(3.0), size::RADIUS);
    widget::note(ui, rect, || Some(explained::rule(check.rule)));
    ui.add_space(2.0);
}

fn saw(check: &Check) -> String {
    let actual = check.actual.as_deref().map(|actual| sentence(&visible(actual)).into_owned());
    match (&check.expected, actual) {
        (Some(expected), Some(actual)) => {
            t!("expected {expected}, ", expected = sentence(expected)) + &t!("saw {actual}", actual)
        }
        (None, Some(actual)) => actual,
        (Some(expected), None) => t!("expected {expected}, ", expected).trim_end_matches([',', ' ']).to_owned(),
        (None, None) => String::new(),
    }
}
