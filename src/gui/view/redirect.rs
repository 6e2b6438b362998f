//! The redirect stage: ways to sign in, and what is known while waiting.

use egui::{CollapsingHeader, Popup, Response, Ui};
use url::Url;

use super::Commands;
use crate::base::http::can_be_listened_at;
use crate::base::time::spoken;
use crate::flow::beside::Beside;
use crate::flow::callback::{Awaited, Awaiting, Stray};
use crate::flow::registration::{free_port, to_register};
use crate::flow::stage::Stage;
use crate::flow::{Action, Next};
use crate::gui::command::Command;
use crate::gui::language::{said, t, words};
use crate::gui::model::{Model, PASTE};
use crate::gui::theme::{Icon, icons, size, text};
use crate::gui::widgets::{
    Banner, Button, Caption, Countdown, Field, IconButton, Tone, most_that_fits, qr, width_in_row,
};
use crate::terms::grant::Grant;
use crate::terms::response::ResponseMode;

const USERS: [&str; 2] = ["alice", "bob"];

const REGISTER: &str = words!("Register exactly this redirect URI at the provider.");
const OWN_CERTIFICATE: &str = words!(
    "The certificate here is made for this run, and the browser warns of it. Go on there, or paste the address it ends at."
);
/// What to look at where nothing is told of a logout.
pub const NOTHING_TOLD: &str = words!(
    "Look whether the session at the provider has ended, whether this address is registered there for the client, and \
     whether the provider reaches it for a logout token, or the browser for a frame."
);
const PASTE_IT: &str = words!("This program cannot listen there: paste the whole address that the browser ends at.");

/// With less height than this for the message each of its parameters takes one line while the browser is awaited, and
/// what is known of the wait stands below them.
const LOW: f32 = 420.0;
/// With less than this the choices take one line, too.
const LOWEST: f32 = 300.0;

/// The choices above the request, while the browser is awaited or about to be.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let waiting = is_awaited(model);
    let is_tight = room_for_message(ui) < LOWEST && most_that_fits(ui, [false, true], |tight| needed(ui, model, tight));
    ui.horizontal_wrapped(|ui| choices(ui, model, is_tight, out));
    if !waiting {
        lifetime(ui, model);
        return;
    }
    ui.spacing_mut().item_spacing.y = 4.0;
    if let Some(why) = &model.run.not_signed_in {
        Banner::new(Tone::Warn, why).show(ui);
        ui.add_space(size::SPACE);
    }
    if !gives_way(ui, model) {
        wait(ui, model, out);
    }
    strays(ui, model.run.flow.trace.strays_now());
    ui.add_space(4.0);
}

/// Whether what is known of the wait gives way to the parameters of what was sent: where there is little height, unless
/// the response has to be pasted.
pub fn gives_way(ui: &Ui, model: &Model) -> bool {
    let comes_here = |awaiting: &Awaiting| {
        !matches!(awaiting.awaited, Awaited::Told(_)) && can_be_listened_at(&awaiting.redirect_uri)
    };
    is_awaited(model) && room_for_message(ui) < LOW && model.run.flow.awaiting().is_some_and(comes_here)
}

/// The height of the message that is in sight.
fn room_for_message(ui: &Ui) -> f32 {
    ui.clip_rect().height()
}

/// How long a request that was pushed is good for, while it has not been opened.
fn lifetime(ui: &mut Ui, model: &Model) {
    let pushed = model.run.flow.session.pushed.as_ref().filter(|pushed| pushed.opened == 0);
    let Some((pushed, end)) = pushed.and_then(|pushed| Some((pushed, pushed.expires_at?))) else { return };
    let left = end.since(model.now);
    let words = match left.is_zero() {
        true => t!("request_uri is over; trying again pushes the request anew").to_owned(),
        false => t!("request_uri is good for {time}", time = spoken(left)),
    };
    ui.label(text::dim(words));
    let whole = end.since(pushed.pushed_at).as_secs_f32().max(1.0);
    Countdown::new("request_uri", left.as_secs_f32() / whole).show(ui);
    ui.add_space(size::SPACE);
}

/// Below a request that has not left: what it leads to can be pasted without opening it here. Below one that has, where
/// there is little height: what is known of the wait.
pub fn below(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if !is_awaited(model) {
        paste(ui, model, out);
    } else if gives_way(ui, model) {
        wait(ui, model, out);
    }
}

const fn is_awaited(model: &Model) -> bool {
    matches!(model.run.next, Next::Do(Action::Await(_)))
}

/// After a wait that ended without a response: it may come late, or have ended elsewhere.
pub fn after_wait(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let tooltip = t!("Listens again for the response to the request that was sent");
    if ui.add(Button::secondary(t!("Wait again")).icon(icons::ARROWS_CLOCKWISE)).on_hover_text(tooltip).clicked() {
        out.push(Command::WaitAgain);
    }
    if_nothing_comes(ui, false, |ui| paste(ui, model, out));
    ui.add_space(size::SPACE);
}

fn choices(ui: &mut Ui, model: &Model, is_tight: bool, out: &mut Commands) {
    let (waiting, is_logout) = (is_awaited(model), model.run.flow.stage() == Some(Stage::Logout));
    for (label, user) in by_itself(model) {
        let tooltip = t!("This program fetches and submits the practice server's pages itself");
        if ui.add(Button::secondary(&label).icon(icons::SIGN_IN).small()).on_hover_text(tooltip).clicked() {
            out.push(Command::SignIn(user.to_owned()));
        }
    }
    // With the settings in sight it stands above them; a narrow window has room for one line.
    if !is_logout && !waiting && !model.shows_settings() && !model.is_narrow && model.run.can_sign_in() {
        super::run_picker::two_users(ui, out);
    }
    if choice(ui, is_tight, open(waiting), icons::ARROW_SQUARE_OUT).clicked() {
        out.push(Command::OpenBrowser);
    }
    let copy = choice(ui, is_tight, t!("Copy link"), icons::COPY);
    if copy.on_hover_text(t!("Copies the link and waits for what comes back")).clicked() {
        out.push(Command::CopyLink);
    }
    if let Some(url) = link(model) {
        let code = choice(ui, is_tight, t!("QR code"), icons::QR_CODE);
        Popup::menu(&code).show(|ui| {
            if qr(ui, url.as_str(), 220.0, url.host_str().unwrap_or_default()).is_none() {
                ui.label(t!("This link is too long for a QR code."));
            }
        });
        code.on_hover_text(t!("For a device that reaches this machine's redirect URI"));
    }
}

/// One of the choices, with its name or as an icon.
fn choice(ui: &mut Ui, is_icon: bool, name: &str, icon: Icon) -> Response {
    match is_icon {
        true => ui.add(IconButton::new(icon, name).framed().small()),
        false => ui.add(Button::secondary(name).icon(icon).small()),
    }
}

/// What the choices take in one line.
fn needed(ui: &Ui, model: &Model, is_tight: bool) -> f32 {
    let named = |name: &str, icon: Icon| Button::secondary(name).icon(icon).width(ui);
    let mut widths: Vec<f32> = by_itself(model).iter().map(|(label, _)| named(label, icons::SIGN_IN)).collect();
    let others = [
        (open(is_awaited(model)), icons::ARROW_SQUARE_OUT),
        (t!("Copy link"), icons::COPY),
        (t!("QR code"), icons::QR_CODE),
    ];
    widths.extend(others.map(|(name, icon)| if is_tight { size::ROW } else { named(name, icon) }));
    width_in_row(ui, &widths)
}

/// What opens the browser is called this.
fn open(waiting: bool) -> &'static str {
    if waiting { t!("Open the browser again") } else { t!("Open the browser") }
}

/// The ways past a browser, and as whom.
fn by_itself(model: &Model) -> Vec<(String, &'static str)> {
    if !model.is_practice() {
        return Vec::new();
    }
    if model.run.flow.stage() == Some(Stage::Logout) {
        return vec![(t!("Sign out without a browser").to_owned(), USERS[0])];
    }
    // The first is what the primary button does, while nobody is awaited.
    let users = &USERS[usize::from(!is_awaited(model))..];
    users.iter().map(|user| (t!("Sign in for me as {user}", user), *user)).collect()
}

fn link(model: &Model) -> Option<Url> {
    match &model.run.next {
        // As it will be when it leaves: a request object is made then.
        Next::Do(Action::Browse(..)) => Some(model.run.flow.sealed(model.now)?.url),
        _ => model.run.flow.trace.exchanges.last().map(|exchange| exchange.request.url.clone()),
    }
}

/// Where the response is awaited. How it comes there, and what to do when it does not, is folded, so that what was sent
/// is in sight; it is open where nothing comes unless it is pasted.
fn wait(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let Some(awaiting) = model.run.flow.awaiting() else { return };
    if let Awaited::Told(_) = awaiting.awaited {
        return listening(ui, awaiting);
    }
    let redirect_uri = awaiting.redirect_uri.as_str();
    let is_here = can_be_listened_at(&awaiting.redirect_uri);
    ui.horizontal_wrapped(|ui| {
        ui.label(text::dim(if is_here { t!("Waiting at") } else { t!("The browser will end at") }));
        ui.label(text::mono(redirect_uri));
        crate::gui::widgets::copy_button(ui, "redirect_uri", redirect_uri);
    });
    if_nothing_comes(ui, !is_here, |ui| {
        ui.label(text::note(if is_here { register(model, redirect_uri) } else { said(PASTE_IT).to_owned() }));
        if is_here && awaiting.redirect_uri.scheme() == "https" {
            ui.label(text::note(said(OWN_CERTIFICATE)));
        }
        paste(ui, model, out);
    });
}

/// Where is listened for what is told of a logout that leads nowhere, and what to do when nothing is.
fn listening(ui: &mut Ui, awaiting: &Awaiting) {
    for Beside { at, .. } in &awaiting.beside {
        ui.horizontal_wrapped(|ui| {
            ui.label(text::dim(t!("Listening at")));
            ui.label(text::mono(at.as_str()));
            crate::gui::widgets::copy_button(ui, at.path(), at.as_str());
        });
    }
    if_nothing_comes(ui, false, |ui| {
        ui.label(text::note(said(NOTHING_TOLD)));
    });
}

fn if_nothing_comes(ui: &mut Ui, is_open: bool, content: impl FnOnce(&mut Ui)) {
    CollapsingHeader::new(text::small(t!("If nothing comes back")))
        .id_salt(("if nothing comes back", is_open))
        .default_open(is_open)
        .show_unindented(ui, content);
}

/// What of the redirect URI to register.
fn register(model: &Model, used: &str) -> String {
    let client = &model.run.flow.settings.client;
    let (what, typed) = match model.run.flow.stage() {
        Some(Stage::Logout) => (t!("post_logout_redirect_uri at the provider"), &client.post_logout_redirect_uri),
        _ => (t!("redirect URI at the provider"), &client.redirect_uri),
    };
    match free_port(typed, used) {
        Some(_) => to_register(what, typed, used),
        None => said(REGISTER).to_owned(),
    }
}

fn paste(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let mut pasted = model.run.paste.clone();
    let mut caption = Caption::new(said(PASTE)).help(
        t!("When the browser ended at an address this program cannot listen at, paste that whole address here."),
        "",
    );
    if let Some(error) = &model.run.paste_error {
        caption = caption.note(Tone::Error, error);
    }
    let response = Field::new(caption).placeholder(example(model)).show(ui, &mut pasted);
    if response.changed() {
        out.push(Command::EditPaste(pasted.clone()));
    }
    if !pasted.is_empty() {
        ui.add_space(4.0);
        let enter = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if ui.add(Button::secondary(t!("Use this response"))).clicked() || enter {
            out.push(Command::PasteRedirect(pasted));
        }
    }
}

/// An address as the browser ends at.
fn example(model: &Model) -> &'static str {
    match (model.run.flow.stage(), model.run.flow.settings.response_mode(), model.run.flow.grant) {
        (Some(Stage::Logout), ..) => "https://app.example/signed-out?state=...",
        (_, ResponseMode::Fragment, Grant::Implicit) => "https://app.example/callback#access_token=...&state=...",
        (_, ResponseMode::Fragment, _) => "https://app.example/callback#code=...&state=...",
        _ => "https://app.example/callback?code=...&state=...",
    }
}

/// What came to the listener and was turned away.
pub fn strays<'a>(ui: &mut Ui, strays: impl DoubleEndedIterator<Item = &'a Stray>) {
    for stray in strays.rev().take(3) {
        ui.add_space(size::SPACE);
        let words = t!("{what}: {why}. Still waiting.", what = stray.what, why = stray.why);
        Banner::new(Tone::Warn, t!("Turned away")).text(&words).show(ui);
    }
}
