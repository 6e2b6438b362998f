//! What happens in a browser: sending the user there, signing in for them, and waiting for what comes back.

use url::Url;

use super::run::{awaited, keep, poll_on, refresh, show_run, take_event};
use crate::flow::callback::{Awaited, Callback};
use crate::flow::stage::Stage;
use crate::flow::trace::Answer;
use crate::flow::{Action, Event, Next};
use crate::gui::backend::{Backend, Job};
use crate::gui::model::{InspectorTab, Model, Running};

/// Lets the flow know that the browser is on its way, and says where it goes.
fn send_browser(model: &mut Model, backend: &mut dyn Backend) -> Option<Url> {
    if let Next::Do(Action::Browse(..)) = &model.next {
        keep(model);
        model.flow.begin(model.now);
        model.flow.handle(Event::Browsed, model.now);
        refresh(model, backend);
        model.selected = None;
        model.inspector = InspectorTab::Request;
    }
    let exchange = model.flow.trace.exchanges.last()?;
    let is_on_its_way = model.flow.awaiting().is_some() || matches!(exchange.answer, Answer::Visited);
    is_on_its_way.then(|| exchange.request.url.clone())
}

/// Begins to listen, unless that is under way.
pub(super) fn await_callback(model: &mut Model, backend: &mut dyn Backend) {
    let Next::Do(action @ Action::Await(_)) = model.next.clone() else { return };
    if model.running.is_none() {
        model.running = Some(Running { what: awaited(&action), since: model.now });
        model.flow.begin(model.now);
        backend.start(model.generation, Job::Perform(action));
    }
}

/// The system's browser goes to the authorization request.
pub fn open_browser(model: &mut Model, backend: &mut dyn Backend) {
    let begun = begin_polling(model, backend);
    if let Some(url) = begun.or_else(|| approval_page(model)) {
        return backend.start(model.generation, Job::OpenBrowser(url));
    }
    let Some(url) = send_browser(model, backend) else { return };
    await_callback(model, backend);
    backend.start(model.generation, Job::OpenBrowser(url));
}

/// The user opens the link himself.
pub fn copy_link(model: &mut Model, backend: &mut dyn Backend) {
    let begun = begin_polling(model, backend);
    if let Some(url) = begun.or_else(|| approval_page(model)) {
        return super::copy(model, url.into(), "the link");
    }
    let Some(url) = send_browser(model, backend) else { return };
    await_callback(model, backend);
    // The link of a logout has an ID token in it.
    if model.flow.stage() == Some(Stage::Logout) {
        backend.start(model.generation, Job::CopySecret(url.into()));
        return super::toast(model, "Copied the link".to_owned());
    }
    super::copy(model, url.into(), "the link");
}

/// The user approves on another device, which this program sees nothing of.
pub fn go_elsewhere(model: &mut Model, backend: &mut dyn Backend) {
    model.notice = None;
    begin_polling(model, backend);
}

/// The user goes to approve elsewhere, and the client begins to poll.
fn begin_polling(model: &mut Model, backend: &mut dyn Backend) -> Option<Url> {
    let Next::Do(Action::Browse(request, _)) = model.next.clone() else { return None };
    if model.flow.stage() != Some(Stage::Verification) {
        return None;
    }
    keep(model);
    let url = request.url.clone();
    model.flow.begin(model.now);
    model.flow.handle(Event::Browsed, model.now);
    refresh(model, backend);
    model.selected = None;
    model.inspector = InspectorTab::Response;
    poll_on(model, backend);
    Some(url)
}

/// The page where the user approves, once the client polls.
fn approval_page(model: &Model) -> Option<Url> {
    let session = &model.flow.session;
    let page = match (&session.device, &session.backchannel) {
        (Some(device), _) => device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri),
        (None, acknowledged) => acknowledged.as_ref()?.approval_uri.as_ref()?,
    };
    Url::parse(page).ok().filter(|_| model.flow.session.polling.is_some())
}

/// The program signs in by itself.
pub fn sign_in(model: &mut Model, backend: &mut dyn Backend, username: String) {
    let begun = begin_polling(model, backend);
    if let Some(url) = begun.or_else(|| approval_page(model)) {
        return backend.start(model.generation, Job::Approve { url, username });
    }
    let Some(url) = send_browser(model, backend) else { return };
    let Some(redirect_uri) = model.flow.awaiting().map(|awaiting| awaiting.redirect_uri.clone()) else {
        return backend.start(model.generation, Job::Visit { url, username });
    };
    let does = if model.flow.stage() == Some(Stage::Logout) { "sign out" } else { "sign in and consent" };
    model.running = Some(Running { what: format!("{username} to {does}"), since: model.now });
    backend.start(model.generation, Job::SignIn { url, username, redirect_uri });
}

/// The wait goes on after the program could not sign in.
pub fn sign_in_failed(model: &mut Model, why: &str) {
    model.running = None;
    model.to_end = false;
    model.notice = Some(format!("Could not sign in by itself: {why}"));
}

/// The user has approved; the next poll learns of it.
pub fn approved(model: &mut Model, username: &str) {
    super::toast(model, format!("Approved as {username}"));
    if let Some(running) = &mut model.running {
        let is_pinged = model.flow.stage() == Some(Stage::Notification);
        running.what =
            if is_pinged { "the ping of the server" } else { "the next poll, which learns of it" }.to_owned();
    }
}

/// A redirect URL that the user brings himself.
pub fn paste_redirect(model: &mut Model, backend: &mut dyn Backend, text: &str) {
    let awaited = match model.flow.stage() {
        Some(Stage::Logout) => Awaited::Logout,
        _ => Awaited::Authorization,
    };
    match Callback::from_pasted_as(&awaited, text) {
        Err(error) => model.paste_error = Some(error.to_string()),
        Ok(callback) => {
            model.flow.wait_again();
            if send_browser(model, backend).is_none() {
                return;
            }
            model.paste.clear();
            model.paste_error = None;
            take_event(model, backend, Event::CalledBack(callback));
        }
    }
}

/// Waits again for the response to the request that was sent.
pub fn wait_again(model: &mut Model, backend: &mut dyn Backend) {
    model.flow.wait_again();
    show_run(model);
    model.inspector = InspectorTab::Request;
    refresh(model, backend);
    await_callback(model, backend);
}
