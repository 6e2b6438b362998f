//! All verdicts of the run, the worst first, and one of them in full.

use egui::{Margin, Rect, ScrollArea, Ui};

use super::check_list::{chip, detail, list};
use super::{Commands, STACKED, expected, finding, profiles};
use crate::base::check::{Tally, Verdict};
use crate::gui::checks::{Line, lines};
use crate::gui::command::Command;
use crate::gui::language::{self, t};
use crate::gui::model::Model;
use crate::gui::theme::{icons, size};
use crate::gui::widgets::{Caption, EmptyState, Field, in_room};

/// The tab.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let tally = Tally::of(model.run.flow.checks());
    // Of a run of this program it is told where the run is shown.
    if model.run.told.is_some() {
        finding::show(ui, model, out);
    }
    profiles::switch(ui, model, out);
    let is_by_profile = model.profiles.chosen.is_some();
    if !is_by_profile && tally == Tally::default() && model.expect.met.is_empty() {
        let state = EmptyState::new(icons::SHIELD_CHECK, t!("No verdicts yet"))
            .text(t!("Each answer of a run is held against the specifications. The verdicts gather here."));
        if state.action(t!("Run the flow")).show(ui) {
            out.push(Command::RunToEnd);
        }
        return;
    }
    let (left, right) = parts(ui.available_rect_before_wrap());
    let lines = lines(&model.run, model.check_filter, &model.check_search);
    let first = lines.iter().find_map(|line| match line {
        Line::Check(at, _) => Some(*at),
        Line::Stage(_) => None,
    });
    let selected = model.run.selected_check.or(first);
    let shown = selected.filter(|_| model.expect.selected.is_none());
    if is_by_profile {
        in_room(ui, "list", left, |ui| profiles::list(ui, model, out));
        in_room(ui, "detail", right, |ui| profiles::detail(ui, model, out));
        return;
    }
    in_room(ui, "list", left, |ui| {
        expected::section(ui, model, out);
        ui.add_space(size::SPACE);
        head(ui, model, &tally, out);
        ui.add_space(size::SPACE);
        if let Some(at) = list(ui, model.mask(), &lines, shown, t!("No check says this.")) {
            out.push(Command::SelectCheck(at));
        }
    });
    in_room(ui, "detail", right, |ui| {
        ScrollArea::vertical().id_salt("check").auto_shrink(false).show(ui, |ui| {
            let margin = Margin { right: 10, ..Margin::ZERO };
            if egui::Frame::new().inner_margin(margin).show(ui, |ui| expected::detail(ui, model, out)).inner {
                return;
            }
            if let Some(check) = selected.and_then(|at| model.run.flow.checks().nth(at)) {
                detail(ui, model, check, (check.rule.level, check.rule.spec), out);
            }
        });
    });
}

/// The list, and the check that is shown in full: beside it, or below it where there is little room.
fn parts(room: Rect) -> (Rect, Rect) {
    if room.width() < STACKED {
        let middle = room.top() + (room.height() * 0.6).round();
        return (room.with_max_y(middle - 8.0), room.with_min_y(middle + 8.0));
    }
    let detail_width = (room.width() * 0.34).clamp(260.0, 420.0);
    let middle = room.right() - detail_width;
    (room.with_max_x(middle - 16.0), room.with_min_x(middle))
}

/// What leaves only some of them in the list: counts by verdict when pressed, and words.
fn head(ui: &mut Ui, model: &Model, tally: &Tally, out: &mut Commands) {
    ui.horizontal_wrapped(|ui| {
        for verdict in Verdict::ALL.into_iter().filter(|verdict| tally.count(*verdict) > 0) {
            let words = language::tallied(&tally.counted(verdict));
            let is_on = model.check_filter == Some(verdict);
            if chip(ui, verdict.into(), &words, is_on, &t!("Show only {words}", words)).clicked() {
                out.push(Command::FilterChecks((!is_on).then_some(verdict)));
            }
        }
    });
    ui.add_space(4.0);
    let mut search = model.check_search.clone();
    Field::new(Caption::new(t!("Search"))).placeholder(t!("rule, claim, value, stage, section")).show(ui, &mut search);
    if search != model.check_search {
        out.push(Command::SearchChecks(search));
    }
}
