//! The dialogs of an import: a text or a file to take in, and what it would change, with what differs first.

use egui::style::ScrollStyle;
use egui::{Context, Grid, Label, Rect, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo};

use super::Commands;
use crate::base::text::{counted, elided, visible};
use crate::gui::command::Command;
use crate::gui::language::{self, said, t, words};
use crate::gui::model::{FILL_IN, IMPORT_TEXT, ImportCommand, ImportDialog, ImportRow, ImportText, Into, Model};
use crate::gui::opened::Import;
use crate::gui::theme::{icons, size, text};
use crate::gui::widgets::dialog::Dialog;
use crate::gui::widgets::{Banner, Button, Caption, Field, Toggle, Tone, banner, group_head, nested, paint};

/// Room for three columns.
const WIDTH: f32 = 720.0;
/// What stands around the list.
const AROUND: f32 = 150.0;
/// The columns of names, and of values.
const COLUMNS: [f32; 3] = [200.0, 160.0, 320.0];
/// Of the room there is what is warned of takes so much at most, and the list so much at least.
const TOLD: f32 = 0.45;
const LEAST: f32 = 60.0;
/// Letters of a value.
const LETTERS: usize = 300;
/// So much of a text over many lines is shown.
const LINES: f32 = 200.0;

const ABOUT: &str = words!(
    "A request as cURL, PowerShell, fetch or raw HTTP, an authorization or redirect URL, metadata, a registered client, a token response, a Postman collection or environment, a client of Keycloak, appsettings.json, application.properties, application.yml or a preset. It is recognised by what is in it. Nothing is fetched."
);

fn push(out: &mut Commands, command: ImportCommand) {
    out.push(Command::Import(command));
}

/// Asks for a text or a file.
pub fn ask(ctx: &Context, asked: &ImportText, out: &mut Commands) {
    let mut typed = asked.text.clone();
    let response = Dialog::new(t!("Import")).width(560.0).show(ctx, |ui| {
        ui.label(text::dim(said(ABOUT)));
        ui.add_space(size::SPACE);
        ScrollArea::vertical().max_height(LINES).show(ui, |ui| {
            Field::new(Caption::new(said(IMPORT_TEXT))).placeholder("curl https://...").lines().show(ui, &mut typed);
        });
        if let Some(why) = &asked.error {
            ui.add_space(size::SPACE);
            Banner::new(Tone::Error, t!("It cannot be opened."))
                .text(&t!("What was pasted: {why}.", why = visible(why)))
                .show(ui);
        }
        ui.add_space(12.0);
        ui.horizontal(|ui| {
            let is_fit = !typed.trim().is_empty();
            let read = ui.add_enabled_ui(is_fit, |ui| ui.add(Button::primary(t!("Read it"))).clicked()).inner;
            if ui.add(Button::secondary(t!("Choose a file...")).icon(icons::FOLDER_OPEN)).clicked() {
                out.extend([Command::CloseDialog, Command::ImportFile]);
            }
            read
        })
        .inner
    });
    if typed != asked.text {
        push(out, ImportCommand::Edit(typed));
    }
    if response.inner {
        push(out, ImportCommand::Read);
    } else if response.closed {
        out.push(Command::CloseDialog);
    }
}

/// What would change.
pub fn preview(ctx: &Context, model: &Model, dialog: &ImportDialog, out: &mut Commands) {
    let most = (ctx.content_rect().height() - AROUND).max(120.0);
    let response = Dialog::new(t!("What would be filled in")).width(WIDTH).show(ctx, |ui| {
        ui.label(text::strong(t!("{name} is {what}.", name = visible(&dialog.name), what = dialog.import.filled.what)));
        ui.add_space(size::SPACE);
        // That there is more below is seen without the pointer.
        ui.spacing_mut().scroll = ScrollStyle::solid();
        let room = most - 70.0;
        let above = ui.next_widget_position().y;
        scrolled(ui, "warnings", room * TOLD, |ui| {
            warnings(ui, dialog);
            sentences(ui, t!("Shown and not followed"), &dialog.import.filled.not_followed);
            sentences(ui, t!("Notes"), &dialog.import.filled.notes);
        });
        goes(ui, model, dialog, out);
        ui.add_space(size::SPACE);
        let taken = ui.next_widget_position().y - above;
        scrolled(ui, "changes", (room - taken).max(LEAST), |ui| changes(ui, dialog));
        ui.add_space(12.0);
        acts(ui, dialog, out);
    });
    if response.closed {
        out.push(Command::CloseDialog);
    }
}

fn scrolled(ui: &mut Ui, name: &str, most: f32, content: impl FnOnce(&mut Ui)) {
    nested(ui, |ui| ScrollArea::vertical().id_salt(name).auto_shrink([false, true]).max_height(most).show(ui, content));
}

/// What differs from what is shown, and where what was copied is less careful than this program.
fn warnings(ui: &mut Ui, dialog: &ImportDialog) {
    let mut lines = Vec::new();
    if let Some([now, then]) = &dialog.differs {
        lines.push(t!("It is for another server: {then}, not {now} as now.", then = visible(then), now = visible(now)));
        if dialog.into == Into::Present && dialog.keeps_secret {
            lines.push(t!(
                "The client secret that is filled in now would stay, and go to {then}.",
                then = visible(then)
            ));
        }
    }
    if let (Into::Present, Some(server)) = (dialog.into, &dialog.gives_secret) {
        lines.push(t!("It names no server: its client secret would go to {server}.", server = visible(server)));
    }
    lines.extend(dialog.import.filled.warnings.iter().map(|warning| visible(warning).into_owned()));
    if lines.is_empty() {
        return;
    }
    banner(ui, Tone::Warn, &lines.join(" "), |ui| {
        for line in &lines {
            ui.add(Label::new(line).wrap());
        }
    });
    ui.add_space(size::SPACE);
}

/// Where it goes.
fn goes(ui: &mut Ui, model: &Model, dialog: &ImportDialog, out: &mut Commands) {
    if let Into::Response(id) = dialog.into {
        let title = model.numbered(id).map(|run| model.title_of(run)).unwrap_or_default();
        ui.label(t!("It goes to the run that waits for it: {title}", title));
        return;
    }
    let mut is_new = dialog.into == Into::New;
    if model.run.flow.is_recorded() {
        ui.label(t!("A run that was read from a file takes no settings: a new one begins with these alone."));
    } else if Toggle::new(t!("In a new run, with these settings alone")).show(ui, &mut is_new).changed() {
        push(out, ImportCommand::Into(if is_new { Into::New } else { Into::Present }));
    }
    let tab = said(dialog.grant.title());
    ui.label(text::dim(match dialog.into {
        Into::Present => t!("They go onto the settings of the tab {tab}; all others stay.", tab),
        _ => t!("It begins in the tab {tab}. The run that is shown stays as it is.", tab),
    }));
}

fn changes(ui: &mut Ui, dialog: &ImportDialog) {
    let is_response = matches!(dialog.into, Into::Response(_));
    group_head(ui, if is_response { t!("Parameters") } else { t!("Settings") });
    if dialog.rows.is_empty() {
        ui.label(text::dim(t!("Everything in it is as it is filled in now.")));
        return;
    }
    Grid::new("changes").num_columns(3).spacing([12.0, 4.0]).show(ui, |ui| {
        for head in [t!("Name"), if is_response { "" } else { t!("Now") }, t!("Then")] {
            ui.label(text::small(head));
        }
        ui.end_row();
        dialog.rows.iter().for_each(|row| line(ui, row));
    });
    if dialog.same > 0 {
        let words = counted(dialog.same, t!("more is as filled in now."), t!("more are as filled in now."));
        ui.label(text::dim(words));
    }
}

fn line(ui: &mut Ui, row: &ImportRow) {
    let inks: [fn(String) -> RichText; 3] = [text::mono, text::dim, text::mono];
    let mut whole = Rect::NOTHING;
    for ((ink, width), full) in inks.into_iter().zip(COLUMNS).zip([&row.name, &row.now, &row.then]) {
        let told = elided(full, LETTERS);
        let cell = ui.allocate_ui(egui::vec2(width, 18.0), |ui| {
            ui.set_width(width);
            let label = ui.add(Label::new(ink(told.clone().into_owned())).wrap());
            if told.len() < full.len() {
                label.on_hover_text(full);
            }
        });
        whole |= cell.response.rect;
    }
    // The Tab key leads through the rows, so that all of them can be scrolled to without the pointer.
    let stop = ui.interact(whole, ui.make_persistent_id(("change", &row.name)), Sense::focusable_noninteractive());
    let spoken = t!("{name}: {now}, then {then}", name = row.name, now = row.now, then = row.then);
    stop.widget_info(|| WidgetInfo::labeled(Role::Row, true, &spoken));
    paint::focus_ring(ui, &stop, whole.expand(2.0), size::RADIUS);
    ui.end_row();
}

fn sentences(ui: &mut Ui, title: &str, sentences: &[String]) {
    if sentences.is_empty() {
        return;
    }
    ui.add_space(4.0);
    group_head(ui, title);
    for sentence in sentences {
        ui.add(Label::new(text::dim(visible(&language::sentence(sentence)))).wrap());
    }
}

fn acts(ui: &mut Ui, dialog: &ImportDialog, out: &mut Commands) {
    ui.horizontal_wrapped(|ui| {
        if ui.add(Button::primary(said(FILL_IN))).clicked() {
            push(out, ImportCommand::FillIn);
        }
        if ui.add(Button::secondary(t!("Cancel"))).clicked() {
            out.push(Command::CloseDialog);
        }
        for (setting, words) in tokens(&dialog.import) {
            if ui.add(Button::quiet(words)).on_hover_text(t!("In the JWT tab; nothing is filled in")).clicked() {
                push(out, ImportCommand::Decode(setting));
            }
        }
        let apart = Button::quiet(t!("Take it apart"));
        if dialog.import.filled.what == "a cURL command"
            && ui.add(apart).on_hover_text(t!("As a login that others made, in the Capture tab")).clicked()
        {
            push(out, ImportCommand::TakeApart);
        }
    });
}

/// Tokens of a response that can be looked into.
fn tokens(import: &Import) -> impl Iterator<Item = (&'static str, &'static str)> {
    let settings = [("id_token_hint", t!("Decode the ID token")), ("subject_token", t!("Decode the access token"))];
    let is_jwt = |setting: &str| import.filled.get(setting).is_some_and(|token| token.split('.').count() == 3);
    settings.into_iter().filter(move |(setting, _)| import.filled.what == "a token response" && is_jwt(setting))
}
