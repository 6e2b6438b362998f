//! What the practice server keeps: tokens in force, clients, users and sign-ins. Tokens and sessions can be ended.

use egui::{Rect, Role, ScrollArea, Ui, vec2};

use super::{PAD, cell, link, panel, places, rule, short};
use crate::base::time::Timestamp;
use crate::gui::clock_time;
use crate::gui::command::Command;
use crate::gui::language::{lasting, t};
use crate::gui::model::{Holdings, Model, PracticeView, ServerAct};
use crate::gui::theme::{TokensExt as _, text};
use crate::gui::view::Commands;
use crate::gui::widgets::countdown::tone_of;
use crate::gui::widgets::{Button, Countdown, Tab, TabRow, Tone};
use crate::practice::{Client, Session, TokenInForce, User};

const ROW: f32 = 30.0;
const HEAD: f32 = 35.0;

/// Tabs with their counts, and the rows of the one that is chosen.
pub fn show(ui: &mut Ui, room: Rect, model: &Model, out: &mut Commands) {
    let Some(seen) = &model.server.practice else { return };
    panel(ui, "holdings", room, |ui| {
        head(ui, model, seen, out);
        match model.server.holdings {
            Holdings::Tokens => list(ui, "tokens", seen.tokens.len(), t!("No token is in force."), |ui, rect, at| {
                token(ui, rect, &seen.tokens[at], model.now, out);
            }),
            Holdings::Clients => list(ui, "clients", seen.clients.len(), "", |ui, rect, at| {
                client(ui, rect, &seen.clients[at]);
            }),
            Holdings::Users => list(ui, "users", seen.users.len(), "", |ui, rect, at| user(ui, rect, &seen.users[at])),
            Holdings::Sessions => {
                list(ui, "sessions", seen.sessions.len(), t!("Nobody is signed in."), |ui, rect, at| {
                    session(ui, rect, &seen.sessions[at], model.now, out);
                });
            }
        }
    });
}

fn head(ui: &mut Ui, model: &Model, seen: &PracticeView, out: &mut Commands) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), HEAD));
    rule(ui, rect);
    let count = |key, title, count: usize| Tab::new(key, title).badge(Tone::Neutral, count.to_string());
    let tabs = [
        count(Holdings::Tokens, t!("Tokens in force"), seen.tokens.len()),
        count(Holdings::Clients, t!("Clients"), seen.clients.len()),
        count(Holdings::Users, t!("Users"), seen.users.len()),
        count(Holdings::Sessions, t!("Sessions"), seen.sessions.len()),
    ];
    let row = rect.with_min_x(rect.left() + 4.0).with_max_x(rect.right() - 96.0).with_min_y(rect.bottom() - 33.0);
    cell(ui, row, |ui| {
        if let Some(chosen) = TabRow::new(t!("What is kept"), &tabs).compact().show(ui, model.server.holdings) {
            out.push(Command::Server(ServerAct::List(chosen)));
        }
    });
    let can_end = !seen.tokens.is_empty() || !seen.sessions.is_empty();
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    ui.scope_builder(egui::UiBuilder::new().max_rect(rect.shrink2(vec2(PAD, 0.0))).layout(layout), |ui| {
        let button = ui.add_enabled(can_end, Button::secondary(t!("End all")).small());
        if button.on_hover_text(t!("Every token and every session")).clicked() {
            out.push(Command::Server(ServerAct::EndAll));
        }
    });
}

fn list(ui: &mut Ui, name: &str, count: usize, none: &str, mut row: impl FnMut(&mut Ui, Rect, usize)) {
    if count == 0 {
        ui.add_space(10.0);
        ui.horizontal(|ui| {
            ui.add_space(PAD);
            ui.label(text::dim(none));
        });
        return;
    }
    ScrollArea::vertical().id_salt(name).auto_shrink(false).show_rows(ui, ROW, count, |ui, range| {
        for at in range {
            let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
            rule(ui, rect);
            ui.push_id(at, |ui| row(ui, rect, at));
        }
    });
}

/// The width of what is between the first columns and the last ones.
fn rest(rect: Rect, others: f32) -> f32 {
    (rect.width() - 2.0 * PAD - others).max(60.0)
}

fn token(ui: &mut Ui, rect: Rect, token: &TokenInForce, now: Timestamp, out: &mut Commands) {
    let tokens = ui.tokens();
    let [kind, who, scope, bar, left, end] = places(rect, [104.0, 190.0, rest(rect, 540.0), 74.0, 100.0, 72.0]);
    cell(ui, kind, |ui| short(ui, token.kind.into()));
    let owner = if token.sub == token.client_id {
        token.client_id.clone()
    } else {
        format!("{}, {}", token.client_id, token.sub)
    };
    cell(ui, who, |ui| short(ui, text::mono(owner)));
    cell(ui, scope, |ui| short(ui, text::mono(&token.scope).color(tokens.dim)));
    let whole = token.expires_at.since(token.issued_at).as_secs_f32().max(1.0);
    let remaining = token.expires_at.since(now);
    let share = (remaining.as_secs_f32() / whole).clamp(0.0, 1.0);
    let words = lasting(std::time::Duration::from_secs(remaining.as_secs()));
    cell(ui, bar, |ui| {
        ui.set_width(56.0);
        Countdown::new(token.kind, share).show(ui).on_hover_text(t!("{words} left", words));
    });
    let ink = if tone_of(share) == Tone::Warn { tokens.warn } else { tokens.dim };
    cell(ui, left, |ui| short(ui, text::small(&words).color(ink)));
    cell(ui, end, |ui| {
        end_link(ui, &token.id, &t!("{kind} of {client_id}", kind = token.kind, client_id = token.client_id), out);
    });
}

fn end_link(ui: &mut Ui, id: &str, of: &str, out: &mut Commands) {
    let response = link(ui, t!("End").into(), t!("End"), Role::Button);
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(of));
    if response.clicked() {
        out.push(Command::Server(ServerAct::End(id.to_owned())));
    }
}

fn session(ui: &mut Ui, rect: Rect, session: &Session, now: Timestamp, out: &mut Commands) {
    let tokens = ui.tokens();
    let [who, since, clients, end] = places(rect, [104.0, 220.0, rest(rect, 396.0), 72.0]);
    cell(ui, who, |ui| short(ui, text::mono(&session.sub)));
    let ago = match now.since(session.auth_time).as_secs() {
        0 => t!("just now").to_owned(),
        seconds => t!("{seconds} ago", seconds = lasting(std::time::Duration::from_secs(seconds))),
    };
    let words = t!("since {auth_time}, {ago}", auth_time = clock_time(session.auth_time), ago);
    cell(ui, since, |ui| short(ui, text::note(words)));
    let allowed = if session.clients.is_empty() { t!("no client yet").to_owned() } else { session.clients.join(", ") };
    cell(ui, clients, |ui| short(ui, text::mono(allowed).color(tokens.dim)));
    cell(ui, end, |ui| end_link(ui, &session.id, &t!("session of {sub}", sub = session.sub), out));
}

fn client(ui: &mut Ui, rect: Rect, client: &Client) {
    let tokens = ui.tokens();
    let [id, method, grants] = places(rect, [190.0, 210.0, rest(rect, 400.0)]);
    cell(ui, id, |ui| short(ui, text::mono(&client.client_id)).on_hover_text(&client.client_name));
    let methods: Vec<&str> = client.token_endpoint_auth_methods.iter().map(|method| method.name()).collect();
    cell(ui, method, |ui| short(ui, text::mono(methods.join(", ")).color(tokens.dim)));
    let types: Vec<&str> = client.grant_types.iter().map(|name| name.rsplit(':').next().unwrap_or(name)).collect();
    cell(ui, grants, |ui| short(ui, text::small(types.join(", ")).color(tokens.dim)));
}

fn user(ui: &mut Ui, rect: Rect, user: &User) {
    let tokens = ui.tokens();
    let [sub, name, email] = places(rect, [104.0, 220.0, rest(rect, 324.0)]);
    cell(ui, sub, |ui| short(ui, text::mono(&user.sub)));
    cell(ui, name, |ui| short(ui, user.name().into()));
    cell(ui, email, |ui| short(ui, text::mono(user.text("email").unwrap_or_default()).color(tokens.dim)));
}
