//! The search of everything: what can be done, set and looked at, by name, with the keys that do the same.

mod entries;

use egui::Context;

use self::entries::{Entry, entries};
use super::Commands;
use super::inspector::once;
use crate::gui::command::Command;
use crate::gui::language::t;
use crate::gui::model::{Model, Palette};
use crate::gui::search;
use crate::gui::theme::{size, text};
use crate::gui::widgets::dialog::Dialog as Frame;
use crate::gui::widgets::{FinderRow, Found, finder};

/// Of what is found, so much is listed.
const MOST: usize = 200;

const WIDTH: f32 = 640.0;
/// The list is no higher than this.
const HEIGHT: f32 = 420.0;

/// The dialog.
pub fn show(ctx: &Context, model: &Model, palette: &Palette, out: &mut Commands) {
    let height = HEIGHT.min(ctx.content_rect().height() - 210.0);
    let shown = Frame::new(t!("Search everything")).width(WIDTH).show(ctx, |ui| {
        let run = &model.run;
        let state = (run.id, run.running.is_some(), run.flow.trace.exchanges.len(), run.flow.stage());
        let lessons = model.lessons.shelf.as_ref().map(|shelf| shelf.books.len());
        let key = (palette.typed.clone(), state, model.others.len(), model.history.entries.len(), lessons);
        let found = once(ui, "palette", key, || find(entries(model), &palette.typed));
        let rows: Vec<FinderRow<'_>> = found.iter().map(Entry::row).collect();
        let name = t!("Command, setting, provider, stage, lesson, check or run");
        let did = finder(ui, name, &palette.typed, &rows, palette.at, height);
        ui.add_space(size::SPACE);
        ui.label(text::note(t!("Up and Down choose, Enter takes, Esc closes.")));
        let commands = match &did {
            Some(Found::Taken(at)) => found.get(*at).map(|entry| entry.commands.clone()),
            _ => None,
        };
        (did, commands)
    });
    match shown.inner {
        (_, Some(commands)) => {
            out.push(Command::CloseDialog);
            out.extend(commands);
        }
        _ if shown.closed => out.push(Command::CloseDialog),
        (Some(Found::Typed(typed)), _) => out.push(Command::EditPalette(Palette { typed, at: 0 })),
        (Some(Found::At(at)), _) => out.push(Command::EditPalette(Palette { at, ..palette.clone() })),
        _ => {}
    }
}

/// Those that fit, the best first; all in their order where nothing is typed.
fn find(entries: Vec<Entry>, typed: &str) -> Vec<Entry> {
    let words = search::words(typed);
    let scored = entries.into_iter().filter_map(|entry| {
        let fit = search::fit(&words, &entry.title, &format!("{} {}", entry.kind, entry.note))?;
        Some((fit, entry))
    });
    let mut found: Vec<(u32, Entry)> = scored.collect();
    if !words.is_empty() {
        found.sort_by_key(|(fit, entry)| std::cmp::Reverse((*fit, entry.hindrance.is_none())));
    }
    found.truncate(MOST);
    found.into_iter().map(|(_, entry)| entry).collect()
}
