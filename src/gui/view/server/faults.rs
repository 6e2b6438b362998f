//! What the practice server does wrong on purpose: a switch each, and the rule that must notice it.

use egui::{Label, Layout, Rect, RichText, Role, ScrollArea, TextEdit, TextStyle, Ui, UiBuilder, vec2};

use super::{PAD, cell, check_at, flow, heading, link, panel, rule, short, show_check, tag, title};
use crate::base::check::{Check, Verdict};
use crate::base::time::spoken;
use crate::flow::stage::Stage;
use crate::gui::command::Command;
use crate::gui::language::{said, t};
use crate::gui::model::{Model, PracticeView, ServerAct};
use crate::gui::theme::{TokensExt as _, size, text};
use crate::gui::view::Commands;
use crate::gui::widgets::{Button, Toggle, Tone, copy_button};
use crate::practice::{Fault, Faults};
use crate::terms::profile::Profile;

const ROW: f32 = 46.0;
const FOOT: f32 = 33.0;
/// Left of the text below a switch's name.
const INDENT: f32 = 36.0;

/// The faults, and the command that does the same.
pub fn show(ui: &mut Ui, room: Rect, model: &Model, out: &mut Commands) {
    let Some(seen) = &model.server.practice else { return };
    let checks = flow(model).trace.checks();
    panel(ui, "faults", room, |ui| {
        head(ui, seen, out);
        columns(ui);
        // A further server is configured in a file.
        let has_command = model.server.chosen == 0;
        let height = (ui.available_height() - if has_command { FOOT } else { 0.0 }).max(0.0);
        ui.allocate_ui(vec2(ui.available_width(), height), |ui| {
            ScrollArea::vertical().id_salt("faults").auto_shrink(false).max_height(height).show(ui, |ui| {
                for fault in Fault::ALL {
                    ui.push_id(fault.name(), |ui| row(ui, model, &checks, (*fault, seen.faults.get(*fault)), out));
                }
            });
        });
        if has_command {
            foot(ui, &command(&seen.faults, seen.profile));
        }
    });
}

fn head(ui: &mut Ui, seen: &PracticeView, out: &mut Commands) {
    let (on, enforced) = (seen.faults.iter().count(), seen.profile);
    title(
        ui,
        45.0,
        |ui| {
            heading(ui, t!("Faults"));
            // The name of a profile needs the room.
            if enforced.is_none() {
                ui.label(text::dim(t!("{on} of {len} on", on, len = Fault::ALL.len())));
            }
        },
        |ui| {
            if let Some(chosen) = profiles(ui, enforced) {
                out.push(Command::Server(ServerAct::Enforce(chosen)));
            }
            if ui.add_enabled(on > 0, Button::secondary(t!("All off")).small()).clicked() {
                out.push(Command::Server(ServerAct::AllOff));
            }
        },
    );
}

/// What the server demands of clients beyond their registration, as `serve --profile` does; what is chosen in its place.
fn profiles(ui: &mut Ui, enforced: Option<Profile>) -> Option<Option<Profile>> {
    let word = |profile: Option<Profile>| profile.map_or(t!("none"), |profile| said(profile.name()));
    let mut chosen = None;
    let label = t!("Profile: {name}", name = enforced.map_or(t!("none"), Profile::slug));
    let response = Button::secondary(&label).small().menu(ui, |ui| {
        for choice in std::iter::once(None).chain(Profile::ALL.map(Some)) {
            if ui.selectable_label(choice == enforced, word(choice)).clicked() {
                chosen = Some(choice);
                ui.close();
            }
        }
    });
    response.on_hover_text(t!("What the server demands of every client, in authorization and token requests alike"));
    chosen
}

fn columns(ui: &mut Ui) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), 26.0));
    ui.painter().rect_filled(rect, 0, ui.tokens().field);
    rule(ui, rect);
    let inside = rect.shrink2(vec2(PAD, 0.0));
    cell(ui, inside, |ui| short(ui, text::note(t!("What it does"))));
    at_right(ui, inside, |ui| drop(short(ui, text::note(t!("The rule that must notice")))));
}

fn at_right(ui: &mut Ui, room: Rect, content: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new().max_rect(room).layout(Layout::right_to_left(egui::Align::Center));
    ui.scope_builder(builder, content);
}

/// The checks of the run, each with its stage.
type Checks<'a> = [(Stage, &'a Check)];

/// A fault, as it was switched on where it is.
fn row(ui: &mut Ui, model: &Model, checks: &Checks<'_>, (fault, on): (Fault, Option<Fault>), out: &mut Commands) {
    let has_time = fault.parameter().is_some();
    let height = if has_time { ROW + 32.0 } else { ROW };
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height));
    if on.is_some() {
        ui.painter().rect_filled(rect, 0, ui.tokens().warn_soft);
    }
    rule(ui, rect);
    let top = Rect::from_min_size(rect.min + vec2(PAD, 3.0), vec2(rect.width() - 2.0 * PAD, 22.0));
    let below = top.translate(vec2(0.0, 19.0)).with_max_y(top.bottom() + 18.0);
    let is_noticed = on.is_some() && fault.rule().is_some_and(|rule| is_broken(checks, rule));
    let mut is_on = on.is_some();
    let id_width = width_of(ui, noticed_by(fault));
    cell(ui, top.with_max_x(top.right() - id_width - 8.0), |ui| {
        if Toggle::new(fault.name()).mono().tone(Tone::Warn).show(ui, &mut is_on).changed() {
            out.push(Command::Server(ServerAct::Switch(fault, is_on)));
        }
    });
    at_right(ui, top, |ui| noticing(ui, checks, fault, out));
    let mut about = below.with_min_x(below.left() + INDENT);
    if is_noticed {
        at_right(ui, below, |ui| drop(tag(ui, Tone::Ok, t!("noticed"))));
        about.max.x -= 92.0;
    }
    cell(ui, about, |ui| short(ui, text::small(said(fault.about()))).on_hover_text(said(fault.about())));
    if has_time {
        let place = below.translate(vec2(INDENT, 22.0)).with_max_x(top.right()).expand2(vec2(0.0, 4.0));
        cell(ui, place, |ui| time(ui, model, on.unwrap_or(fault), out));
    }
}

/// The rule that must notice it, or that none does.
fn noticed_by(fault: Fault) -> RichText {
    match fault.rule() {
        Some(rule) => text::mono(rule).size(11.0),
        None => text::small(t!("no client notices it")),
    }
}

/// How wide it is in one line.
fn width_of(ui: &Ui, words: RichText) -> f32 {
    let extend = Some(egui::TextWrapMode::Extend);
    egui::WidgetText::from(words).into_galley(ui, extend, f32::INFINITY, TextStyle::Body).size().x
}

/// The rule, which leads to the check where the run has it.
fn noticing(ui: &mut Ui, checks: &Checks<'_>, fault: Fault, out: &mut Commands) {
    let words = noticed_by(fault);
    match fault.rule().map(|rule| (rule, check_at(checks, rule))) {
        Some((rule, Some(at))) => {
            if link(ui, words, rule, Role::Link).on_hover_text(t!("Show this check of the run")).clicked() {
                show_check(at, out);
            }
        }
        Some((_, None)) => {
            ui.add(Label::new(words.color(ui.tokens().dim)).selectable(false))
                .on_hover_text(t!("This run has no such check yet"));
        }
        None => {
            let about = t!("An honest client meets nothing of it: the server lets others in");
            ui.add(Label::new(words.color(ui.tokens().dim)).selectable(false)).on_hover_text(about);
        }
    }
}

/// Whether the run has this rule broken.
fn is_broken(checks: &Checks<'_>, rule: &str) -> bool {
    checks.iter().any(|(_, check)| check.rule.id == rule && check.verdict <= Verdict::Note)
}

fn time(ui: &mut Ui, model: &Model, fault: Fault, out: &mut Commands) {
    let tokens = ui.tokens();
    let known = fault.parameter().map(spoken_time).unwrap_or_default();
    let mut typed = model.server.slow.clone().unwrap_or(known);
    ui.label(text::note(t!("after")));
    let border = if model.server.slow_error.is_some() { tokens.error } else { tokens.line };
    let frame = egui::Frame::new()
        .fill(tokens.field)
        .stroke(egui::Stroke::new(1.0, border))
        .corner_radius(size::RADIUS)
        .inner_margin(egui::Margin::symmetric(7, 3));
    let edit = TextEdit::singleline(&mut typed).font(TextStyle::Monospace).frame(frame).desired_width(52.0);
    let response = ui.add(edit).accessible_name(t!("Time of slow_answer"));
    super::focus_ring(ui, &response, response.rect);
    if response.changed() {
        out.push(Command::Server(ServerAct::EditSlow(typed)));
    }
    if let Some(why) = &model.server.slow_error {
        let ink = tokens.error;
        short(ui, text::small("500ms or 8 s").color(ink)).on_hover_text(why);
    }
}

/// `8 s` rather than `8.0 s`.
fn spoken_time(time: std::time::Duration) -> String {
    match time.subsec_millis() {
        0 => format!("{} s", time.as_secs()),
        _ if time.as_secs() == 0 => spoken(time),
        _ => format!("{} ms", time.as_millis()),
    }
}

fn foot(ui: &mut Ui, command: &str) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), FOOT));
    let line = egui::Stroke::new(1.0, ui.tokens().line);
    ui.painter().hline(rect.x_range(), rect.top(), line);
    let inside = rect.shrink2(vec2(PAD, 0.0));
    at_right(ui, inside, |ui| drop(copy_button(ui, t!("the command"), command)));
    cell(ui, inside.with_max_x(inside.right() - 28.0), |ui| {
        let words = text::mono(command).color(ui.tokens().dim);
        short(ui, words).on_hover_text(t!("The same on the command line"));
    });
}

/// The command line that switches the same.
fn command(faults: &Faults, profile: Option<Profile>) -> String {
    let profile = profile.map(|profile| format!(" --profile {}", profile.slug())).unwrap_or_default();
    let served = format!("grantscope serve{profile}");
    faults.iter().fold(served, |command, fault| format!("{command} --fault {fault}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_command_switches_the_same_faults() {
        let mut faults = Faults::default();
        assert_eq!(command(&faults, None), "grantscope serve");
        assert_eq!(command(&faults, Some(Profile::Fapi2)), "grantscope serve --profile fapi2");
        faults.set(Fault::WrongNonce, true);
        faults.set(Fault::SlowAnswer(Duration::from_millis(500)), true);
        assert_eq!(command(&faults, None), "grantscope serve --fault wrong_nonce --fault slow_answer=500ms");
    }

    #[test]
    fn a_time_is_shown_as_it_can_be_typed() {
        for (millis, expected) in [(8000, "8 s"), (500, "500 ms"), (1500, "1500 ms"), (0, "0 s"), (90_000, "90 s")] {
            assert_eq!(spoken_time(Duration::from_millis(millis)), expected);
        }
    }
}
