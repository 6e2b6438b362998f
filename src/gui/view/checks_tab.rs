//! All verdicts of the run, grouped by stage, and one of them in full.

use egui::{Align, Layout, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

use super::Commands;
use crate::base::check::{Check, Tally, Verdict};
use crate::gui::command::Command;
use crate::gui::model::Model;
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::{EmptyState, Tone, badge, card_frame, verdict_badge};

const ROW: f32 = 37.0;

/// The tab.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let checks: Vec<(&Check, &'static str)> = model
        .flow
        .trace
        .exchanges
        .iter()
        .flat_map(|exchange| exchange.checks.iter().map(|check| (check, exchange.stage.slug())))
        .collect();
    if checks.is_empty() {
        EmptyState::new(icons::SHIELD_CHECK, "No verdicts yet")
            .text("Each answer of a run is held against the specifications. The verdicts gather here.")
            .show(ui);
        return;
    }
    let room = ui.available_rect_before_wrap();
    let detail_width = (room.width() * 0.34).clamp(260.0, 420.0);
    let middle = room.right() - detail_width;
    let left = Rect::from_min_max(room.min, pos2(middle - 16.0, room.bottom()));
    let right = Rect::from_min_max(pos2(middle, room.top()), room.max);
    part(ui, left, |ui| list(ui, &checks, model.selected_check, out));
    part(ui, right, |ui| {
        ScrollArea::vertical().id_salt("check").auto_shrink(false).show(ui, |ui| {
            let worst = checks.iter().enumerate().min_by_key(|(_, (check, _))| check.verdict).map(|(at, _)| at);
            if let Some((check, _)) = model.selected_check.or(worst).and_then(|at| checks.get(at)) {
                detail(ui, check);
            }
        });
    });
}

fn part(ui: &mut Ui, room: Rect, content: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new().max_rect(room).layout(Layout::top_down(Align::Min));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(room.expand(2.0).intersect(ui.clip_rect()));
        content(ui);
    });
}

fn list(ui: &mut Ui, checks: &[(&Check, &'static str)], selected: Option<usize>, out: &mut Commands) {
    let tally = Tally::of(checks.iter().map(|(check, _)| *check));
    ui.horizontal_wrapped(|ui| {
        for verdict in Verdict::ALL {
            if tally.count(verdict) > 0 {
                badge(ui, tone(verdict), &format!("{} {}", tally.count(verdict), verdict.word()));
            }
        }
    });
    ui.add_space(size::SPACE);
    card_frame(ui).inner_margin(0).show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        ScrollArea::vertical().id_salt("checks").auto_shrink(false).show_rows(
            ui,
            ROW - ui.spacing().item_spacing.y,
            checks.len(),
            |ui, range| {
                for at in range {
                    let (check, stage) = checks[at];
                    ui.push_id(at, |ui| row(ui, at, check, stage, selected == Some(at), out));
                }
            },
        );
    });
}

fn row(ui: &mut Ui, at: usize, check: &Check, stage: &str, is_selected: bool, out: &mut Commands) {
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), ROW - ui.spacing().item_spacing.y), Sense::click());
    let tokens = ui.tokens();
    if is_selected || response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 0, if is_selected { tokens.selected } else { tokens.button_hover });
    }
    let inside = rect.shrink2(vec2(12.0, 0.0));
    ui.scope_builder(UiBuilder::new().max_rect(inside).layout(Layout::left_to_right(Align::Center)), |ui| {
        verdict_badge(ui, check.verdict);
        fixed(ui, 78.0, text::note(stage));
        fixed(ui, 210.0, text::mono(check.rule.id).color(tokens.dim));
        ui.add(egui::Label::new(text::strong(check.rule.title)).truncate().selectable(false));
        if let Some(actual) = &check.actual {
            ui.add(egui::Label::new(text::dim(actual.as_str())).truncate().selectable(false));
        }
    });
    let name = format!("{}: {}, {}", check.verdict.word(), check.rule.title, check.rule.id);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::ListItem, true, is_selected, &name));
    if response.clicked() {
        out.push(Command::SelectCheck(at));
    }
}

fn fixed(ui: &mut Ui, width: f32, words: egui::RichText) {
    ui.allocate_ui_with_layout(vec2(width, ROW), Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_width(width);
        ui.add(egui::Label::new(words).truncate().selectable(false));
    });
}

fn detail(ui: &mut Ui, check: &Check) {
    let rule = check.rule;
    ui.horizontal_wrapped(|ui| {
        verdict_badge(ui, check.verdict);
        ui.label(text::title(rule.title));
    });
    ui.horizontal_wrapped(|ui| {
        ui.label(text::mono(format!("{} · {}", rule.id, rule.level.word())).color(ui.tokens().dim));
        match rule.spec.url() {
            Some(url) => ui.hyperlink_to(text::small(rule.spec.to_string()), url),
            None => ui.label(text::note(rule.spec.to_string())),
        };
    });
    for (title, words) in [("Expected", check.expected.as_deref()), ("Saw", check.actual.as_deref())] {
        if let Some(words) = words {
            section(ui, title);
            ui.add(egui::Label::new(text::mono(words)).wrap());
        }
    }
    section(ui, "Why it matters");
    ui.label(rule.why);
    section(ui, "What to do");
    ui.label(rule.fix);
}

fn section(ui: &mut Ui, title: &str) {
    ui.add_space(12.0);
    crate::gui::widgets::group_head(ui, title);
}

const fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Fail => Tone::Error,
        Verdict::Warn => Tone::Warn,
        Verdict::Note => Tone::Note,
        Verdict::Pass => Tone::Ok,
        Verdict::Skipped => Tone::Neutral,
    }
}
