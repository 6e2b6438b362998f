//! A rule of the catalogue by itself, whether a run has been held to it or not.

use egui::{Context, ScrollArea};

use super::Commands;
use super::check_list::about_rule;
use crate::base::check::Rule;
use crate::gui::command::Command;
use crate::gui::language::{said, t};
use crate::gui::theme::{TokensExt as _, text};
use crate::gui::widgets::dialog::Dialog as Frame;
use crate::gui::widgets::spec_link;

/// The dialog.
pub fn show(ctx: &Context, rule: &'static Rule, out: &mut Commands) {
    let most = ctx.content_rect().height() - 140.0;
    let shown = Frame::new(said(rule.title)).show(ctx, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label(text::mono(format!("{} · {}", rule.id, said(rule.level.word()))).color(ui.tokens().dim));
            spec_link(ui, rule.spec);
        });
        let area = ScrollArea::vertical().auto_shrink([false, true]).max_height(most);
        area.show(ui, |ui| {
            about_rule(ui, rule);
            ui.add_space(12.0);
            ui.label(text::note(t!("A run that is held to it has its verdict in the Checks tab.")));
        });
    });
    if shown.closed {
        out.push(Command::CloseDialog);
    }
}
