//! The server's public keys, and which of them signed the newest ID token of this run (RFC 7517 section 5).

use egui::{Rect, ScrollArea, Ui, vec2};

use super::{cell, flow, heading, panel, places, short};
use crate::base::check::Verdict;
use crate::base::text::visible;
use crate::base::time::Timestamp;
use crate::flow::stage::Stage;
use crate::gui::clock_time;
use crate::gui::language::t;
use crate::gui::model::Model;
use crate::gui::theme::{TokensExt as _, text};
use crate::gui::widgets::{Tone, badge};
use crate::jose::jwk::{Jwk, JwkSet};

const HEAD: f32 = 36.0;
const ROW: f32 = 27.0;

/// How high the card wants to be; `None` before there are keys.
pub fn height(model: &Model, room: f32) -> Option<f32> {
    let set = flow(model).session.jwks.as_ref()?;
    let rows = (set.keys.len() + set.unreadable.len()).max(1) as f32;
    Some((HEAD + rows * ROW + 6.0).min((room * 0.3).max(HEAD + 2.0 * ROW)))
}

/// The card.
pub fn show(ui: &mut Ui, room: Rect, model: &Model) {
    let Some(set) = &flow(model).session.jwks else { return };
    let signer = signer(model, set);
    panel(ui, "keys", room, |ui| {
        head(ui, model, set);
        ScrollArea::vertical().id_salt("keys").auto_shrink(false).show_rows(
            ui,
            ROW,
            set.keys.len() + set.unreadable.len(),
            |ui, range| {
                for at in range {
                    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
                    match set.keys.get(at) {
                        Some(key) => drop(ui.push_id(at, |ui| row(ui, rect, key, signer == Some(at)))),
                        None => unreadable(ui, rect, set, at - set.keys.len()),
                    }
                }
            },
        );
    });
}

fn head(ui: &mut Ui, model: &Model, set: &JwkSet) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), HEAD));
    let fetched =
        fetched_at(model).map(|at| t!(", fetched {clock_time}", clock_time = clock_time(at))).unwrap_or_default();
    let [place] = places(rect, [f32::INFINITY]);
    cell(ui, place, |ui| {
        heading(ui, t!("Keys"));
        short(ui, text::dim(format!("{}{fetched}", set.keys.len())));
    });
}

fn fetched_at(model: &Model) -> Option<Timestamp> {
    let fetched = flow(model).trace.exchanges.iter().rev().find(|exchange| exchange.stage == Stage::Jwks)?;
    Some(fetched.came_at())
}

/// The key that the newest ID token names, where its signature was found to be good and one key only has that name.
fn signer(model: &Model, set: &JwkSet) -> Option<usize> {
    let token = flow(model).session.tokens.iter().rev().find_map(|tokens| tokens.id_token.as_ref())?;
    let exchanges = flow(model).trace.exchanges.iter().rev();
    let mut verdicts = exchanges.flat_map(|exchange| exchange.checks.iter().rev());
    let verdict = verdicts.find(|check| check.rule.id == "id_token.signature")?.verdict;
    let kid = token.header.as_ref()?.text("kid");
    let mut named = set.keys.iter().enumerate().filter(|(_, key)| key.kid.as_deref() == kid).map(|(at, _)| at);
    let first = named.next()?;
    (verdict == Verdict::Pass && named.next().is_none()).then_some(first)
}

fn row(ui: &mut Ui, rect: Rect, key: &Jwk, signed: bool) {
    let tokens = ui.tokens();
    let mark = if signed { 150.0 } else { 0.0 };
    let rest = (rect.width() - 28.0 - 414.0 - mark).max(40.0);
    let [kid_place, kind_place, use_place, alg_place, print_place, mark_place] =
        places(rect, [160.0, 110.0, 60.0, 84.0, rest, mark + 10.0]);
    let kid = key.kid.as_deref().map_or_else(|| t!("no kid").into(), visible);
    let kid = egui::RichText::new(kid).text_style(text::mono_strong_style());
    cell(ui, kid_place, |ui| short(ui, kid));
    cell(ui, kind_place, |ui| short(ui, text::mono(key.describe())));
    let purpose = key.key_use.as_deref().unwrap_or(t!("any use"));
    cell(ui, use_place, |ui| short(ui, text::mono(visible(purpose)).color(tokens.dim)));
    let alg = key.alg.as_deref().unwrap_or(t!("any alg"));
    cell(ui, alg_place, |ui| short(ui, text::mono(visible(alg)).color(tokens.dim)));
    let thumbprint = key.thumbprint().unwrap_or_default();
    cell(ui, print_place, |ui| {
        ui.label(text::note(t!("thumbprint")));
        short(ui, text::mono(thumbprint).color(tokens.dim));
    });
    if signed {
        cell(ui, mark_place, |ui| {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                badge(ui, Tone::Ok, t!("signed the ID token"));
            });
        });
    }
}

fn unreadable(ui: &mut Ui, rect: Rect, set: &JwkSet, at: usize) {
    let Some((index, why)) = set.unreadable.get(at) else { return };
    let [place] = places(rect, [f32::INFINITY]);
    let words = t!("key {index} cannot be read: {why}", index = index + 1, why = visible(&why.to_string()));
    cell(ui, place, |ui| short(ui, text::dim(words)));
}
