//! What the user of a device does elsewhere, large enough for a room, and how the polling goes.

use egui::{Align, Label, Layout, Ui, vec2};

use super::Commands;
use crate::base::text::visible;
use crate::client::endpoint::backchannel_authentication::BackchannelAuthentication;
use crate::client::endpoint::device_authorization::DeviceAuthorization;
use crate::flow::session::Polling;
use crate::flow::stage::Stage;
use crate::flow::{Action, Next};
use crate::gui::command::Command;
use crate::gui::language::{lasting, said, t};
use crate::gui::model::Model;
use crate::gui::theme::{icons, size, text};
use crate::gui::widgets::countdown::{Countdown, countdown_ring};
use crate::gui::widgets::{Button, Tone, badge, card, qr};

/// Of the cards; the QR code has it as well.
const HEIGHT: f32 = 150.0;
/// Of the cards when the page that stands for the phone is in them.
const PHONE: f32 = 180.0;
const POLLING_WIDTH: f32 = 250.0;

/// Below this height there is one low card, or message and diagram would have no room.
const LOW: f32 = 520.0;
/// Of the code in it, which is still the largest text.
const LOW_CODE: f32 = 22.0;

/// The two cards above the diagram, while the user is to approve elsewhere.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let session = &model.run.flow.session;
    let Some(polling) = session.polling else { return };
    if ui.available_height() < LOW {
        card(ui, |ui| low(ui, model, polling, out));
        ui.add_space(size::SPACE);
        return;
    }
    let width = ui.available_width() - POLLING_WIDTH - 14.0;
    let height = if session.device.is_some() { HEIGHT } else { PHONE };
    ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
        ui.set_max_height(height + 30.0);
        let left = ui.allocate_ui(vec2(width, height), |ui| {
            card(ui, |ui| {
                ui.set_min_size(vec2(width - 30.0, height));
                ui.horizontal_top(|ui| match (&session.device, &session.backchannel) {
                    (Some(device), _) => elsewhere(ui, model, device, out),
                    (None, Some(acknowledged)) => on_the_phone(ui, model, acknowledged, out),
                    (None, None) => {}
                });
            });
        });
        ui.add_space(6.0);
        // Both cards end at the same line, whatever the left one took.
        let inside = left.response.rect.height() - 2.0 * (f32::from(size::CARD_PADDING) + 1.0);
        card(ui, |ui| {
            ui.set_min_size(vec2(ui.available_width(), inside));
            ui.vertical(|ui| progress(ui, model, polling, out));
        });
    });
    ui.add_space(size::SPACE);
}

/// The same in three lines.
fn low(ui: &mut Ui, model: &Model, polling: Polling, out: &mut Commands) {
    let session = &model.run.flow.session;
    let link = match (&session.device, &session.backchannel) {
        (Some(device), _) => {
            ui.horizontal_wrapped(|ui| {
                ui.label(text::dim(t!("On another device, open")));
                ui.label(text::mono(visible(&device.verification_uri)));
                ui.label(text::dim(t!("and type")));
                ui.label(text::mono(visible(&device.user_code)).size(LOW_CODE).strong());
            });
            device.verification_uri_complete.as_ref().or(Some(&device.verification_uri)).cloned()
        }
        (None, Some(acknowledged)) => {
            ui.horizontal_wrapped(|ui| {
                ui.label(text::dim(t!("The server asks the user on a device of their own and shows")));
                ui.label(text::mono(visible(&model.run.flow.settings.request.binding_message)).size(LOW_CODE).strong());
                if let Some(page) = &acknowledged.approval_uri {
                    ui.label(text::dim(t!("at")));
                    ui.label(text::mono(visible(page)));
                }
            });
            acknowledged.approval_uri.clone()
        }
        (None, None) => None,
    };
    ui.horizontal_wrapped(|ui| {
        if let Some(device) = &session.device {
            copy_code(ui, device, out);
        }
        if let Some(link) = &link {
            buttons(ui, model, out);
            Button::secondary(t!("QR code")).small().menu(ui, |ui| {
                qr(ui, link, 220.0, t!("the page to approve at"));
            });
        }
        let seconds = polling.next_at.since(model.now).as_secs_f32().ceil();
        let life = lasting(polling.expires_at.since(model.now));
        let pace = Pace::of(model);
        if matches!(pace, Pace::NotBegun) {
            begin(ui, model, out);
        }
        let next = match pace {
            Pace::Polls => t!(
                "next poll in {seconds} s · {pending} pending · over in {life}",
                seconds = format_args!("{seconds:.0}"),
                pending = polling.pending,
                life
            ),
            Pace::Awaits(Stage::Push) => t!("waiting for the push · over in {life}", life),
            Pace::Awaits(_) => t!("waiting for the ping · over in {life}", life),
            Pace::NotBegun | Pace::Stopped => t!("over in {life}", life),
        };
        ui.add(Label::new(text::dim(next)).extend());
        if let Some(words) = in_vain(polling) {
            badge(ui, Tone::Error, &words);
        }
    });
}

fn elsewhere(ui: &mut Ui, model: &Model, device: &DeviceAuthorization, out: &mut Commands) {
    let link = device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri);
    let words = (ui.available_width() - HEIGHT - 10.0).max(200.0);
    ui.allocate_ui_with_layout(vec2(words, HEIGHT), Layout::top_down(Align::Min), |ui| {
        ui.label(text::dim(t!("On another device, open")));
        ui.label(text::mono(visible(&device.verification_uri)));
        ui.label(text::dim(t!("and type")));
        ui.label(text::large_code(visible(&device.user_code)));
        ui.horizontal_wrapped(|ui| {
            copy_code(ui, device, out);
            buttons(ui, model, out);
        });
    });
    qr(ui, link, HEIGHT, t!("the verification page with the code"));
}

/// The server asks the user; on the practice server a page stands for the phone.
fn on_the_phone(ui: &mut Ui, model: &Model, acknowledged: &BackchannelAuthentication, out: &mut Commands) {
    let request = &model.run.flow.settings.request;
    let link = acknowledged.approval_uri.as_deref();
    let room = if link.is_some() { HEIGHT + 10.0 } else { 0.0 };
    let words = (ui.available_width() - room).max(200.0);
    ui.allocate_ui_with_layout(vec2(words, HEIGHT), Layout::top_down(Align::Min), |ui| {
        let who =
            [request.login_hint.as_str(), t!("the user")].into_iter().find(|who| !who.is_empty()).unwrap_or_default();
        ui.label(text::dim(t!("The server asks {who} on a device of their own", who = visible(who))));
        if request.binding_message.is_empty() {
            ui.label(text::dim(t!("without a binding_message to compare")));
        } else {
            ui.label(text::dim(t!("and shows there")));
            ui.label(text::large_code(visible(&request.binding_message)));
        }
        if let Some(link) = link {
            ui.label(text::dim(t!("Here this page stands for the phone:")));
            ui.label(text::mono(visible(link)));
            ui.horizontal_wrapped(|ui| buttons(ui, model, out));
        }
    });
    if let Some(link) = link {
        qr(ui, link, HEIGHT, t!("the page that stands for the phone"));
    }
}

fn copy_code(ui: &mut Ui, device: &DeviceAuthorization, out: &mut Commands) {
    if ui.add(Button::secondary(t!("Copy code")).small()).clicked() {
        out.push(Command::Copy(device.user_code.clone(), "user_code".to_owned()));
    }
}

fn buttons(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if ui.add(Button::secondary(t!("Copy link")).small()).clicked() {
        out.push(Command::CopyLink);
    }
    if ui.add(Button::secondary(t!("Open here")).small()).clicked() {
        out.push(Command::OpenBrowser);
    }
    if model.is_practice()
        && ui.add(Button::secondary(t!("Approve for me as alice")).icon(icons::SIGN_IN).small()).clicked()
    {
        out.push(Command::SignIn("alice".to_owned()));
    }
}

/// Whether the client asks by itself, or waits to be told.
enum Pace {
    /// Not before the user says so, or goes to approve.
    NotBegun,
    /// Until the server comes.
    Awaits(Stage),
    Polls,
    Stopped,
}

impl Pace {
    fn of(model: &Model) -> Self {
        match (&model.run.next, model.run.flow.stage()) {
            (Next::Do(Action::Browse(..)), _) | (_, Some(Stage::Verification)) => Self::NotBegun,
            _ if model.run.running.is_none() => Self::Stopped,
            (_, Some(stage)) if stage.is_told() => Self::Awaits(stage),
            _ => Self::Polls,
        }
    }
}

/// For those who approve elsewhere: the button with which the client begins to ask, or to wait for the server.
fn begin(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let words = told(model).map_or(t!("Begin to poll"), |stage| said(stage.act()));
    if ui.add(Button::secondary(words).icon(icons::PLAY).small()).clicked() {
        out.push(Command::BeginPolling);
    }
}

/// The stage at which the server comes by itself, where it does.
fn told(model: &Model) -> Option<Stage> {
    model.run.flow.stages().iter().copied().find(|stage| stage.is_told())
}

fn not_begun(told: Option<Stage>) -> &'static str {
    match told {
        Some(Stage::Push) => t!("Not waiting for the push yet"),
        Some(_) => t!("Not waiting for the ping yet"),
        None => t!("Not polling yet"),
    }
}

fn stopped(at: Option<Stage>) -> &'static str {
    match at {
        Some(Stage::Push) => t!("The wait for the push is stopped"),
        Some(Stage::Notification) => t!("The wait for the ping is stopped"),
        _ => t!("Polling is stopped"),
    }
}

/// Polls in a row that got no answer to act on, and how many end it.
fn in_vain(polling: Polling) -> Option<String> {
    let (row, of) = (polling.in_vain, polling.given_up_after);
    (row > 0).then(|| t!("no usable answer: {row} of {of}", row, of))
}

fn progress(ui: &mut Ui, model: &Model, polling: Polling, out: &mut Commands) {
    let left = polling.next_at.since(model.now);
    let seconds = left.as_secs_f32().ceil();
    let pace = Pace::of(model);
    ui.horizontal(|ui| {
        if matches!(pace, Pace::Polls) {
            let share = left.as_secs_f32() / polling.interval.as_secs_f32().max(1.0);
            countdown_ring(ui, t!("Next poll"), share.clamp(0.0, 1.0), &format!("{seconds:.0} s"));
        }
        ui.vertical(|ui| {
            let words = match pace {
                Pace::NotBegun => not_begun(told(model)).to_owned(),
                Pace::Awaits(Stage::Push) => t!("Waiting for the push").to_owned(),
                Pace::Awaits(_) => t!("Waiting for the ping").to_owned(),
                Pace::Polls => t!("Next poll in {seconds} s", seconds = format_args!("{seconds:.0}")),
                Pace::Stopped => stopped(model.run.flow.stage()).to_owned(),
            };
            ui.label(text::strong(words));
            if told(model).is_none() {
                ui.label(text::dim(t!("interval {interval}", interval = lasting(polling.interval))));
            }
            if matches!(pace, Pace::NotBegun) {
                begin(ui, model, out);
            }
        });
    });
    ui.add_space(6.0);
    let life = polling.expires_at.since(model.now);
    let what = if model.run.flow.session.device.is_some() { t!("Code") } else { t!("Request") };
    ui.label(text::dim(t!("{what} expires in {life}", what, life = lasting(life))));
    let session = &model.run.flow.session;
    let of_device = session.device.as_ref().map(|device| device.expires_in);
    let lifetime = of_device.or(session.backchannel.as_ref().map(|acknowledged| acknowledged.expires_in));
    let whole = lifetime.map_or(600.0, |seconds| seconds as f32).max(1.0);
    Countdown::new(
        if session.device.is_some() { "user_code" } else { "auth_req_id" },
        (life.as_secs_f32() / whole).clamp(0.0, 1.0),
    )
    .show(ui);
    ui.horizontal_wrapped(|ui| {
        if polling.pending > 0 {
            badge(ui, Tone::Warn, &format!("{} × authorization_pending", polling.pending));
        }
        if polling.slowed > 0 {
            badge(ui, Tone::Error, &format!("{} × slow_down", polling.slowed));
        }
        if let Some(words) = in_vain(polling) {
            badge(ui, Tone::Error, &words);
        }
    });
}
