//! Both sides of a comparison: what stands there, and what can be chosen.

use egui::{Align, ComboBox, Layout, Ui, vec2};

use super::super::Commands;
use super::{TIGHT, push};
use crate::base::text::visible;
use crate::gui::compared::Half;
use crate::gui::language::{said, t, words};
use crate::gui::model::{Chosen, CompareCommand, CompareModel, Model, Run};
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::{Button, IconButton, paint};

/// The button that runs B again, with its words.
const WIDE_BUTTON: f32 = 122.0;
/// So many runs of the history, and logins of a recording, are offered on a side.
const OFFERED: usize = 100;

/// Both sides with their pickers, and what lets them change places between them.
pub(super) fn show(ui: &mut Ui, model: &Model, compare: &CompareModel, out: &mut Commands) {
    ui.horizontal(|ui| {
        if ui.add(Button::secondary(t!("All runs")).icon(icons::ARROW_LEFT)).clicked() {
            push(out, CompareCommand::Close);
        }
        let is_tight = ui.available_width() < TIGHT;
        let again = if is_tight { size::BUTTON } else { WIDE_BUTTON };
        let width = (ui.available_width() - size::BUTTON - again - 4.0 * ui.spacing().item_spacing.x) / 2.0;
        side(ui, model, compare, (Half::A, width), out);
        if ui.add(IconButton::new(icons::ARROWS_CLOCKWISE, t!("Swap A and B")).framed()).clicked() {
            push(out, CompareCommand::Swap);
        }
        side(ui, model, compare, (Half::B, width), out);
        ui.add_enabled_ui(compare.can_run_again(), |ui| {
            const AGAIN: &str = words!("Run B again");
            let button = match is_tight {
                true => ui.add(IconButton::new(icons::PLAY, said(AGAIN)).framed()),
                false => ui.add(Button::secondary(said(AGAIN)).trailing(icons::PLAY)),
            };
            let about = t!("A new run with the settings of B, which is compared with A once it is at its end");
            if button.on_hover_text(about).clicked() {
                push(out, CompareCommand::RunAgain);
            }
        });
    });
}

fn side(ui: &mut Ui, model: &Model, compare: &CompareModel, (half, width): (Half, f32), out: &mut Commands) {
    let chosen = compare.half(half);
    let title = if chosen.chosen.is_none() { t!("Choose a run") } else { &chosen.title };
    ui.allocate_ui_with_layout(vec2(width, size::BUTTON), Layout::left_to_right(Align::Center), |ui| {
        ui.label(text::strong(half.letter()));
        let shown = ComboBox::from_id_salt(("side", half))
            .selected_text(visible(title))
            .width(ui.available_width())
            .height(420.0)
            .icon(|ui, rect, _, _| paint::icon(ui, rect.center(), icons::CARET_DOWN, 12.0, ui.tokens().dim))
            .truncate()
            .show_ui(ui, |ui| offers(ui, model, half, out));
        ui.ctx().accesskit_node_builder(shown.response.id, |node| node.set_label(half.letter()));
    });
}

/// A file, the runs of this session, the logins of recordings that are open, and runs of earlier sessions.
fn offers(ui: &mut Ui, model: &Model, half: Half, out: &mut Commands) {
    // A login that was looked at is offered as one, where it can be told from the others.
    let looked_at = |run: &Run| model.capture.file.runs.values().any(|id| *id == run.id);
    let here = model.runs();
    let is_here = |id: &str| here.iter().any(|run| run.name == id);
    let mut offer = |words: String, command: CompareCommand| {
        if ui.selectable_label(false, words).clicked() {
            push(out, command);
            ui.close();
        }
    };
    offer(t!("A file...").to_owned(), CompareCommand::ChooseFile(half));
    for (at, run) in here.iter().enumerate().filter(|(_, run)| !run.is_fresh() && !looked_at(run)) {
        let words = format!("{} ({})", model.title_of(run), here.len() - at);
        offer(words, CompareCommand::Choose(half, Chosen::Run(run.id)));
    }
    for (of, (name, recording)) in model.recordings().into_iter().enumerate() {
        for at in recording.order.iter().take(OFFERED) {
            let words = format!("{}: {}", visible(name), visible(&recording.login_title(*at)));
            offer(words, CompareCommand::Choose(half, Chosen::Login(of, *at)));
        }
    }
    for entry in model.history.entries.iter().filter(|entry| !is_here(&entry.id)).take(OFFERED) {
        offer(model.title_of_kept(entry), CompareCommand::Choose(half, Chosen::Kept(entry.id.clone())));
    }
}
