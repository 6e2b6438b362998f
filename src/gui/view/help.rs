//! The keys of the place one is in, then those of everywhere; version and licences.

use egui::{Context, Label, ScrollArea, Ui, vec2};

use super::Commands;
use crate::gui::acts::{self, ACTS, KEYS_OF_PARTS, KEYS_OF_TABS, Place};
use crate::gui::command::{Command, PRESENT_KEYS};
use crate::gui::language::{said, t};
use crate::gui::model::{Model, Tab};
use crate::gui::theme::text;
use crate::gui::widgets::dialog::Dialog as Frame;
use crate::gui::widgets::group_head;

const WIDTH: f32 = 580.0;
/// The column of the keys.
const KEYS: f32 = 220.0;

/// The dialog.
pub fn show(ctx: &Context, model: &Model, out: &mut Commands) {
    // The head of the dialog, and the room around it.
    let most = ctx.content_rect().height() - 140.0;
    let response = Frame::new("Grantscope").width(WIDTH).show(ctx, |ui| {
        let area = ScrollArea::vertical().auto_shrink([false, true]).max_height(most);
        area.show(ui, |ui| keys_and_licences(ui, model));
    });
    if response.closed {
        out.push(Command::CloseDialog);
    }
}

fn keys_and_licences(ui: &mut Ui, model: &Model) {
    ui.label(text::dim(t!(
        "Version {version}. OAuth 2.0 and OpenID Connect, one message at a time.",
        version = env!("CARGO_PKG_VERSION")
    )));
    let of_presentation: Vec<(String, &str)> =
        PRESENT_KEYS.iter().map(|(keys, _, _, what)| (said(keys).to_owned(), said(what))).collect();
    let is_run = matches!(model.tab, Tab::Grant(_));
    if model.has_audience_keys() {
        group(ui, t!("Here: a presentation"), &of_presentation);
    }
    if is_run {
        let title = t!("Here: {title}", title = said(model.run.flow.grant.title()));
        group(ui, if model.present { t!("The run") } else { &title }, &keys_of(Place::Run));
    }
    if let Some(title) = title_of(model.tab).filter(|_| !model.has_audience_keys()) {
        group(ui, &t!("Here: {title}", title), &keys_of_tab(model.tab));
    }
    group(ui, t!("Everywhere"), &keys_of(Place::Everywhere));
    group(ui, t!("Lists, tabs and the diagram"), &keys_of(Place::Lists));
    if !is_run {
        group(ui, t!("The run"), &keys_of(Place::Run));
    }
    if !model.has_audience_keys() {
        group(ui, t!("A presentation"), &of_presentation);
    }
    ui.add_space(12.0);
    group_head(ui, t!("Licences"));
    ui.label(t!(
        "Grantscope: MIT or Apache-2.0. Inter and JetBrains Mono: SIL Open Font License 1.1. Phosphor icons: MIT."
    ));
}

/// What a tab beside those of the grants is called.
fn title_of(tab: Tab) -> Option<&'static str> {
    let act = match tab {
        Tab::Grant(_) => return None,
        Tab::Jwt => &acts::JWT,
        Tab::Server => &acts::SERVER,
        Tab::Checks => &acts::CHECKS,
        Tab::History => &acts::HISTORY,
        Tab::Capture => &acts::CAPTURE,
        Tab::Lessons => &acts::LESSONS,
    };
    Some(said(act.name))
}

/// What has keys in this tab.
fn keys_of_tab(tab: Tab) -> Vec<(String, &'static str)> {
    let keys = KEYS_OF_TABS.iter().filter(|(of, ..)| *of == tab);
    keys.map(|(_, keys, what)| (said(keys).to_owned(), said(what))).collect()
}

/// What has keys in this place.
fn keys_of(place: Place) -> Vec<(String, &'static str)> {
    let acts = ACTS.iter().filter(|act| act.place == place && act.keys.is_some());
    let parts = KEYS_OF_PARTS.iter().filter(|(of, ..)| *of == place);
    let acts = acts.map(|act| (act.keys_text(), said(act.name)));
    acts.chain(parts.map(|(_, keys, what)| (said(keys).to_owned(), said(what)))).collect()
}

fn group(ui: &mut Ui, title: &str, keys: &[(String, &str)]) {
    ui.add_space(12.0);
    group_head(ui, title);
    ui.spacing_mut().item_spacing.y = 4.0;
    for (keys, what) in keys {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().interact_size.y = 0.0;
            ui.allocate_ui(vec2(KEYS, 0.0), |ui| {
                ui.set_width(KEYS);
                ui.label(text::mono(keys));
            });
            ui.add(Label::new(*what).wrap());
        });
    }
}
