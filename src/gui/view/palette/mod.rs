//! The search of everything: what can be done, set and looked at, by name, with the keys that do the same.

mod entries;

use egui::Context;

use self::entries::{Entry, entries};
use super::Commands;
use super::inspector::once;
use crate::gui::command::Command;
use crate::gui::language::{self, Language, t};
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
        let faults: Vec<&str> =
            model.server.practice.iter().flat_map(|seen| seen.faults.iter()).map(|fault| fault.name()).collect();
        let beside = (model.others.len(), model.history.entries.len(), lessons, faults, model.language.tag());
        let found = once(ui, "palette", (palette.typed.clone(), state, beside), || find(model, &palette.typed));
        let rows: Vec<FinderRow<'_>> = found.iter().map(Entry::row).collect();
        let name = t!("Command, setting, provider, stage, lesson, check, run, fault or rule");
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

/// Those that fit in the language of the window or in English, the best first; all in their order where nothing is typed.
fn find(model: &Model, typed: &str) -> Vec<Entry> {
    let words = search::words(typed);
    let fits = |entry: &Entry| search::fit(&words, &entry.title, &format!("{} {}", entry.kind, entry.note));
    let all = entries(model);
    let spoken = language::spoken();
    language::speak(Language::English);
    let english: Vec<Option<u32>> =
        if spoken == Language::English { Vec::new() } else { entries(model).iter().map(fits).collect() };
    language::speak(spoken);
    let scored = all.into_iter().enumerate().filter_map(|(at, entry)| {
        let fit = fits(&entry).max(english.get(at).copied().flatten())?;
        Some((fit, entry))
    });
    let mut found: Vec<(u32, Entry)> = scored.collect();
    if !words.is_empty() {
        found.sort_by_key(|(fit, entry)| std::cmp::Reverse((*fit, entry.hindrance.is_none())));
    }
    found.truncate(MOST);
    found.into_iter().map(|(_, entry)| entry).collect()
}
