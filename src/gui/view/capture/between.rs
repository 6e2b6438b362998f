//! Standing between: for whom, what it changes, and what passes.

use egui::{Label, ScrollArea, Ui};
use url::Url;

use super::super::Commands;
use super::logins::{login_or_entries, logins};
use super::{act, held, push};
use crate::base::http::is_loopback;
use crate::base::text::visible;
use crate::capture::between::changed;
use crate::capture::between::live::Line;
use crate::capture::between::silence::Silence;
use crate::capture::exchange::Came;
use crate::gui::between::Sight;
use crate::gui::command::Command;
use crate::gui::language::{said, t};
use crate::gui::model::{BetweenCommand, BetweenModel, CaptureCommand, Exported, Model, Standing};
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::{
    Banner, Button, Caption, EmptyState, Field, Picker, RowList, Toggle, Tone, card, card_frame, copy_button,
    ends_in_row, group_head, separator,
};

/// The form.
const FORM: f32 = 640.0;
const LINE: f32 = 26.0;
/// What a port takes of the form.
const PORT: f32 = 180.0;
const KEEP: &str = "keep";
const MINT: &str = "mint";

/// What can be done, from right to left.
pub(super) fn acts(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let between = &model.capture.between;
    match between.standing {
        Standing::On if ui.add(Button::danger(t!("Stop")).icon(icons::STOP)).clicked() => act(out, BetweenCommand::End),
        Standing::Over if ui.add(Button::secondary(t!("Start again")).icon(icons::PLAY)).clicked() => {
            act(out, BetweenCommand::Start);
        }
        _ => {}
    }
    if between.standing == Standing::Over && ui.add(Button::secondary(t!("Settings..."))).clicked() {
        act(out, BetweenCommand::Anew);
    }
    if model.capture.run() == Some(model.run.id) && between.sight.is_some() {
        if ui.add(Button::secondary(t!("Export...")).icon(icons::EXPORT)).clicked() {
            out.push(Command::AskExport(Exported::Run(model.run.id)));
        }
        if ui.add(Button::secondary(t!("Save run")).icon(icons::FLOPPY_DISK)).clicked() {
            out.push(Command::SaveRun(false));
        }
    }
}

/// The half of the tab.
pub(super) fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let between = &model.capture.between;
    ui.add_space(size::SPACE);
    match between.standing {
        Standing::Off | Standing::Starting => form(ui, between, out),
        Standing::On | Standing::Ending | Standing::Over => {
            strip(ui, between, out);
            what_changes(ui, between);
            ui.add_space(size::SPACE);
            passing(ui, model, out);
        }
    }
}

fn form(ui: &mut Ui, between: &BetweenModel, out: &mut Commands) {
    let mut asked = between.asked.clone();
    let is_starting = between.standing == Standing::Starting;
    ScrollArea::vertical().id_salt("stand between").auto_shrink(false).show(ui, |ui| {
        ui.set_max_width(FORM);
        if let Some(trouble) = &between.trouble {
            Banner::new(Tone::Error, &trouble.title).text(&visible(&trouble.text)).show(ui);
            ui.add_space(size::SPACE);
        }
        card(ui, |ui| {
            ui.label(text::strong(t!("An app of yours uses an address on this machine as its issuer")));
            ui.label(text::dim(t!(
                "Every message goes on to the provider, its answer comes back, and both are judged here. Nobody else \
                 reaches it, it leads to this issuer alone, and it ends with the window."
            )));
            ui.add_space(size::SPACE);
            Field::new(issuer_caption(&asked.issuer))
                .placeholder("https://login.example.com")
                .show(ui, &mut asked.issuer);
            ui.add_space(4.0);
            ui.horizontal_top(|ui| {
                column(ui, |ui| {
                    let port = Caption::new("port").help(t!("On this machine; empty for 9500, or any free one."), "");
                    Field::new(port).placeholder("9500").show(ui, &mut asked.port);
                });
                ui.add_space(size::SPACE);
                column(ui, |ui| iss(ui, &mut asked.is_minting));
            });
            ui.add_space(size::SPACE);
            for (at, line) in changed(asked.is_minting).iter().enumerate() {
                match at {
                    0 if asked.is_minting => drop(ui.label(text::small(*line).color(ui.tokens().warn))),
                    0 => drop(ui.label(text::small(*line))),
                    _ => drop(ui.label(text::note(*line))),
                }
            }
            ui.add_space(size::SPACE);
            let is_ready = !asked.issuer.trim().is_empty() && !is_starting;
            ui.add_enabled_ui(is_ready, |ui| {
                if ui.add(Button::primary(t!("Start")).icon(icons::PLAY)).clicked() {
                    act(out, BetweenCommand::Start);
                }
            });
        });
    });
    if asked != between.asked {
        act(out, BetweenCommand::Edit(asked));
    }
}

fn issuer_caption(issuer: &str) -> Caption<'static> {
    let caption = Caption::new("issuer").help(t!("The provider's, exactly as it writes it."), "RFC 8414 §2");
    let url = Url::parse(issuer.trim()).ok();
    match url.is_some_and(|url| url.scheme() == "http" && !is_loopback(&url)) {
        true => caption.note(Tone::Warn, t!("It is not https: what goes there can be read and changed on the way.")),
        false => caption,
    }
}

fn column(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.vertical(|ui| {
        ui.set_width(PORT);
        content(ui);
    });
}

fn iss(ui: &mut Ui, is_minting: &mut bool) {
    let caption = Caption::new("iss").help(t!("Whose issuer the app meets: the provider's, or one made here."), "");
    let mut word = if *is_minting { MINT } else { KEEP }.to_owned();
    if Picker::new(caption, &[KEEP, MINT]).show(ui, &mut word).changed() {
        *is_minting = word == MINT;
    }
}

/// Where it stands, for whom, and whether messages are held.
fn strip(ui: &mut Ui, between: &BetweenModel, out: &mut Commands) {
    let Some(place) = &between.place else { return };
    card_frame(ui).inner_margin(egui::Margin::symmetric(14, 4)).show(ui, |ui| {
        let where_it_stands = |ui: &mut Ui| {
            let words = match between.standing {
                Standing::On => t!("The app's issuer"),
                Standing::Ending => t!("Ending"),
                _ => t!("Ended. It stood at"),
            };
            ui.label(text::strong(words));
            ui.label(text::mono(visible(&place.issuer)));
            copy_button(ui, t!("the app's issuer"), &place.issuer);
            ui.label(icons::ARROW_RIGHT.text(13.0));
            ui.add(Label::new(text::mono(visible(&place.upstream))).truncate());
        };
        ends_in_row(ui, size::BUTTON, where_it_stands, |ui| {
            let mut holds = between.holds;
            let help = t!("Each message waits until it is released, and can be changed.");
            if between.standing == Standing::On
                && Toggle::new(t!("Hold each message")).help(help, "").show(ui, &mut holds).changed()
            {
                act(out, BetweenCommand::Hold(holds));
            }
        });
    });
}

/// The first of what it changes; all of it when pointed at.
fn what_changes(ui: &mut Ui, between: &BetweenModel) {
    let lines = changed(between.asked.is_minting);
    let minted = between.sight.as_ref().and_then(|sight| sight.minted).filter(|count| *count > 0);
    let count = minted.map(|count| t!("ID tokens signed anew: {count}. ", count)).unwrap_or_default();
    let words = format!("{count}{}", lines[0]);
    let words = match between.asked.is_minting {
        true => text::small(&words).color(ui.tokens().warn),
        false => text::note(&words),
    };
    ui.add_space(4.0);
    ui.add(Label::new(words).truncate()).on_hover_text(lines.join("\n"));
}

fn passing(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let between = &model.capture.between;
    let Some(sight) = &between.sight else {
        if !between.held.is_empty() {
            return held::show(ui, model, out);
        }
        EmptyState::new(icons::HOURGLASS, t!("Nothing has passed yet"))
            .text(t!("Give the app this address as its issuer, and log in with it. If nothing comes, the app still asks the provider itself."))
            .show(ui);
        return;
    };
    let lower = |ui: &mut Ui, out: &mut Commands| messages(ui, between, sight, out);
    logins(ui, model, &sight.recording, out, lower, |ui, out| {
        unanswered(ui, sight);
        match between.held.is_empty() {
            false => held::show(ui, model, out),
            true => looked_at(ui, model, sight, out),
        }
    });
}

fn looked_at(ui: &mut Ui, model: &Model, sight: &Sight, out: &mut Commands) {
    let between = &model.capture.between;
    if sight.recording.capture.logins.is_empty() && between.taken.entries.is_empty() {
        let words = match Silence::of(&sight.recording.capture) {
            Silence::NotAsked | Silence::Unanswered(_) => t!("No message of a login has passed.").to_owned(),
            Silence::NoDocument(status, url) => t!(
                "The provider answered {status} and no metadata at {url}. Look whether the issuer is written as the provider \
                 writes it.",
                status,
                url = visible(&sight.recording.clean(&url))
            ),
            Silence::Read(_) if between.asked.is_minting => {
                t!("The metadata were read, and no login has followed yet.").to_owned()
            }
            Silence::Read(issuer) => t!(
                "The metadata were read, and no login has followed yet. Their issuer is {issuer}: an app that compares it with \
                 the address it asked refuses them. Give it the real issuer and these endpoints by hand, or mint.",
                issuer = visible(&sight.recording.clean(&issuer))
            ),
        };
        EmptyState::new(icons::HOURGLASS, t!("No login yet")).text(&words).show(ui);
        return;
    }
    if let Some(missing) = between.missing().filter(|_| between.taken.entries.is_empty()) {
        Banner::new(Tone::Note, t!("Not yet.")).text(&visible(missing)).show(ui);
        ui.add_space(size::SPACE);
    }
    login_or_entries(ui, model, out);
}

/// Where the newest message found nobody.
fn unanswered(ui: &mut Ui, sight: &Sight) {
    let Some(line) = sight.lines.last().filter(|line| line.status.is_none() && line.seen_in.is_none()) else { return };
    let entry = sight.recording.numbered(line.entry).map(|at| &sight.recording.capture.entries[at]);
    let Some(Came::Nothing(why)) = entry.map(|entry| &entry.came) else { return };
    let what = line.stage.map(|stage| stage.replace('_', " ")).unwrap_or_else(|| line.path.clone());
    let title = t!("The provider did not answer ({what}).", what = visible(&what));
    let text =
        t!("{why}. Look whether it runs and can be reached from this machine.", why = sight.recording.clean(why));
    Banner::new(Tone::Error, &title).text(&text).show(ui);
    ui.add_space(size::SPACE);
}

/// Each message in a line, the newest first, and what went past.
fn messages(ui: &mut Ui, between: &BetweenModel, sight: &Sight, out: &mut Commands) {
    egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 2.0;
        group_head(ui, &t!("Messages ({lines})", lines = sight.lines.len()));
        let told = between.told.iter().map(|told| sight.recording.clean(told));
        let notes: Vec<String> = sight.notes.iter().cloned().chain(told).collect();
        if let Some(last) = notes.last() {
            ui.add(Label::new(text::note(last)).truncate()).on_hover_text(notes.join("\n"));
        }
    });
    separator(ui);
    let at = |row: usize| &sight.lines[sight.lines.len() - 1 - row];
    let rows = RowList::new(t!("messages"), sight.lines.len(), None).row_height(LINE);
    let chosen = rows.show(ui, |row| spoken(at(row)), |ui, row| message(ui, at(row)));
    if let Some(entry) = chosen.and_then(|row| sight.recording.numbered(at(row).entry)) {
        push(out, CaptureCommand::Entries(vec![entry]));
    }
}

fn came(line: &Line) -> String {
    match (line.seen_in, line.status) {
        (Some(_), _) => t!("seen").to_owned(),
        (None, Some(status)) => status.to_string(),
        (None, None) => t!("none").to_owned(),
    }
}

/// A message in words, as a screen reader says it.
fn spoken(line: &Line) -> String {
    let stage = line.stage.map(|stage| format!(", {}", stage.replace('_', " "))).unwrap_or_default();
    let what = format!("{} {} {}", visible(&line.method), visible(&line.path), came(line));
    format!("{what}{stage}, {}", said(line.leg.word()))
}

fn message(ui: &mut Ui, line: &Line) {
    let is_bad = line.seen_in.is_none() && line.status.is_none_or(|status| status >= 400);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let tokens = ui.tokens();
        let ink = if is_bad { tokens.error } else { tokens.dim };
        ui.add(Label::new(text::mono(came(line)).color(ink)).selectable(false));
        let words = match line.stage {
            Some(stage) => text::small(stage.replace('_', " ")),
            None => text::note(format!("{} {}", visible(&line.method), visible(&line.path))),
        };
        ui.add(Label::new(words).truncate().selectable(false));
    });
}
