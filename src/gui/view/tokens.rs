//! A card for each token: what it is, how long it lasts, what to do with it.

use egui::Ui;

use super::Commands;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::base::time::{Timestamp, spoken};
use crate::client::endpoint::token_exchange::act_chain;
use crate::flow::Next;
use crate::flow::session::Tokens;
use crate::flow::stage::Stage;
use crate::gui::command::Command;
use crate::gui::model::Model;
use crate::gui::theme::{icons, size, text};
use crate::gui::widgets::countdown::Countdown;
use crate::gui::widgets::{Banner, Button, IconButton, Tone, badge, card};
use crate::jose::claims::numeric_date;
use crate::jose::jwt::decode;
use crate::terms::scope;

/// The Tokens side: the newest tokens of the run.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let Some(tokens) = model.run.flow.session.tokens.last() else {
        ui.label(text::dim("No tokens yet. The token response brings them."));
        return;
    };
    let response = &tokens.response;
    if let Some(check) = model.run.flow.rejecting_checks().find(|check| check.rule.id.starts_with("id_token.")) {
        let saw = check.actual.as_deref().map(|saw| format!("{}: saw {saw} ({})", check.rule.id, check.rule.spec));
        let words = format!("Do not use these tokens. {}", check.rule.rejects.unwrap_or_default());
        Banner::new(Tone::Error, &words).text(&saw.unwrap_or_default()).show(ui);
        ui.add_space(size::SPACE);
    }
    if let Some(token) = &response.access_token {
        let kind = response.token_type.as_deref().unwrap_or("no token_type");
        card(ui, |ui| access_token(ui, model, tokens, token, kind, out));
        ui.add_space(size::SPACE);
    }
    if let Some(token) = &response.id_token {
        card(ui, |ui| id_token(ui, model, tokens, token, out));
        ui.add_space(size::SPACE);
    }
    if let Some(token) = &response.refresh_token {
        card(ui, |ui| {
            head(ui, model, "refresh_token", "single use where the server rotates", token, out);
            if matches!(model.run.next, Next::Finished)
                && ui.add(Button::secondary("Refresh").icon(icons::ARROWS_CLOCKWISE).small()).clicked()
            {
                out.push(Command::Append(Stage::Refresh));
            }
        });
    }
}

fn access_token(ui: &mut Ui, model: &Model, tokens: &Tokens, token: &Secret, kind: &str, out: &mut Commands) {
    head(ui, model, "access_token", kind, token, out);
    if let Some(end) = tokens.end() {
        lifetime(ui, "access_token", tokens.received_at, end, model.now);
    }
    if let Some(chain) = act_chain(&decode(token.expose())) {
        acting(ui, &chain);
    }
    ui.horizontal_wrapped(|ui| {
        for word in scope::words(&tokens.scope) {
            badge(ui, Tone::Neutral, word);
        }
    });
    ui.horizontal(|ui| {
        decode_button(ui, token, "Decode access_token", out);
        if matches!(model.run.next, Next::Finished)
            && ui.add(Button::secondary("Call API").icon(icons::LIGHTNING).small()).clicked()
        {
            out.push(Command::Append(Stage::Resource));
        }
    });
}

/// Who acts for whom (RFC 8693 section 4.1): `till acts for shop acts for alice`.
fn acting(ui: &mut Ui, chain: &[String]) {
    ui.horizontal_wrapped(|ui| {
        ui.label(text::dim("act"));
        for (at, name) in chain.iter().enumerate() {
            let is_subject = at + 1 == chain.len();
            badge(ui, if is_subject { Tone::Ok } else { Tone::Note }, &visible(name));
            if !is_subject {
                ui.label(text::dim("acts for"));
            }
        }
    });
}

fn id_token(ui: &mut Ui, model: &Model, tokens: &Tokens, token: &Secret, out: &mut Commands) {
    let sub = tokens.id_token.as_ref().and_then(|token| token.claim("sub")?.as_str().map(str::to_owned));
    let who = sub.map_or_else(|| "no sub".to_owned(), |sub| format!("sub {}", visible(&sub)));
    head(ui, model, "id_token", &who, token, out);
    let time = |name| tokens.id_token.as_ref().and_then(|token| numeric_date(token.claim(name)?).ok());
    if let (Some(begin), Some(end)) = (time("iat"), time("exp")) {
        lifetime(ui, "id_token", begin, end, model.now);
    }
    decode_button(ui, token, "Decode id_token", out);
}

fn decode_button(ui: &mut Ui, token: &Secret, label: &str, out: &mut Commands) {
    let is_jwt = token.expose().matches('.').count() >= 2;
    if is_jwt && ui.add(Button::secondary(label).icon(icons::IDENTIFICATION_CARD).small()).clicked() {
        out.push(Command::Decode(token.expose().to_owned()));
    }
}

fn head(ui: &mut Ui, model: &Model, name: &str, about: &str, token: &Secret, out: &mut Commands) {
    let reveal = model.reveal && !model.present;
    ui.horizontal_wrapped(|ui| {
        ui.label(text::strong(name));
        ui.label(text::dim(about));
        let label = format!("Copy {name}");
        if ui.add(IconButton::new(icons::COPY, &label).small()).clicked() {
            out.push(Command::CopySecret(token.expose().to_owned(), name.to_owned()));
        }
    });
    let shown = if reveal { visible(token.expose()).into_owned() } else { token.hint() };
    ui.add(egui::Label::new(text::mono(shown)).wrap());
}

fn lifetime(ui: &mut Ui, name: &str, begin: Timestamp, end: Timestamp, now: Timestamp) {
    let whole = end.since(begin).as_secs_f32().max(1.0);
    let left = end.since(now);
    let share = (left.as_secs_f32() / whole).clamp(0.0, 1.0);
    let middle = if left.is_zero() {
        format!("expired {} ago", spoken(now.since(end)))
    } else {
        format!("expires in {}", spoken(left))
    };
    let time = |at: Timestamp| crate::gui::clock_time(at);
    let (begin, end) = (format!("issued {}", time(begin)), time(end));
    Countdown::new(name, share).texts([&begin, &middle, &end]).show(ui);
}
