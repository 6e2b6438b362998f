//! Driving the flow: what the action bar and the messages do.

use url::Url;

use crate::client::settings::Settings;
use crate::flow::callback::{Awaited, Callback};
use crate::flow::stage::Stage;
use crate::flow::trace::Answer;
use crate::flow::{Action, Event, Failure, Flow, Next};
use crate::gui::backend::{Backend, Job};
use crate::gui::draft::{Edits, RequestDraft};
use crate::gui::model::{FIRST_USER, InspectorTab, Model, Parked, Running, Tab, Target};
use crate::terms::grant::Grant;

/// Performs the next action, or what stands in its place.
pub fn next(model: &mut Model, backend: &mut dyn Backend) {
    if model.running.is_some() || model.draft_error.is_some() {
        return;
    }
    show_run(model);
    match model.next.clone() {
        Next::Do(Action::Browse(..)) if model.is_practice() => sign_in(model, backend, FIRST_USER.to_owned()),
        Next::Do(Action::Browse(..)) => open_browser(model, backend),
        Next::Do(action) => begin(model, backend, action),
        Next::Stopped(_) if model.needs_new_code() => start_over(model, backend),
        Next::Stopped(_) => retry(model, backend),
        Next::Missing(_) => refresh(model, backend),
        Next::Finished => {
            run_again(model, backend);
            if matches!(model.next, Next::Do(_)) {
                next(model, backend);
            }
        }
    }
}

/// A new run in the place of a finished one, which going back brings back.
fn run_again(model: &mut Model, backend: &mut dyn Backend) {
    let finished = model.flow.clone();
    start_over(model, backend);
    model.history.push(finished);
}

/// Goes on by itself until something needs the user.
pub fn run_to_end(model: &mut Model, backend: &mut dyn Backend) {
    model.to_end = true;
    if matches!(model.next, Next::Finished) {
        run_again(model, backend);
        model.to_end = true;
    }
    if matches!(model.next, Next::Do(_)) {
        next(model, backend);
    }
}

fn show_run(model: &mut Model) {
    model.notice = None;
    model.selected = None;
    if !matches!(model.tab, Tab::Grant(_)) {
        model.tab = Tab::Grant(model.flow.grant);
    }
}

/// The next poll, or the wait before it; nothing to go back to in between.
fn poll_on(model: &mut Model, backend: &mut dyn Backend) {
    let Next::Do(action) = model.next.clone() else { return };
    let since = model.running.as_ref().map_or(model.now, |running| running.since);
    let what = match &action {
        action @ Action::Await(_) => awaited(action),
        _ => "the user to approve".to_owned(),
    };
    model.running = Some(Running { what, since });
    backend.start(model.generation, Job::Perform(action));
}

/// Keeps a point to go back to and lets the action run.
fn begin(model: &mut Model, backend: &mut dyn Backend, action: Action) {
    keep(model);
    model.running = Some(Running { what: awaited(&action), since: model.now });
    backend.start(model.generation, Job::Perform(action));
}

fn keep(model: &mut Model) {
    model.history.push(model.flow.clone());
}

fn awaited(action: &Action) -> String {
    match action {
        Action::Send(request) => format!("the answer of {}", authority(&request.url)),
        Action::Listen(url) => format!("a listener at {}", authority(url)),
        Action::Browse(request, _) => format!("the browser on its way to {}", authority(&request.url)),
        Action::Sleep(_) => "the user, between two polls".to_owned(),
        Action::Await(awaiting) if matches!(awaiting.awaited, Awaited::Ping(_)) => "the ping of the server".to_owned(),
        Action::Await(awaiting) => format!("the redirect to {}", awaiting.redirect_uri),
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Asks the flow what is next, makes the draft of it, and binds the listener, which needs nobody's leave.
pub fn refresh(model: &mut Model, backend: &mut dyn Backend) {
    model.next = model.flow.poll(model.now);
    if let (Next::Do(action @ Action::Listen(_)), None) = (&model.next, &model.running) {
        let action = action.clone();
        model.running = Some(Running { what: awaited(&action), since: model.now });
        backend.start(model.generation, Job::Perform(action));
    }
    if !model.flow.is_edited() {
        model.draft = model.flow.request().map(RequestDraft::of);
        model.draft_error = None;
        edit_again(model);
    }
}

/// Has the edits of this stage's request go into the next one that is made for it.
fn keep_edits(model: &mut Model) {
    let position = model.flow.position();
    if let Some(edits) = &mut model.edits {
        edits.again = edits.position == position;
    }
}

/// Puts kept edits into the request that was made anew.
fn edit_again(model: &mut Model) {
    let (Some(fresh), Some(edits)) = (&model.draft, &mut model.edits) else { return };
    if !std::mem::take(&mut edits.again) {
        return;
    }
    let edited = edits.on(fresh);
    if edited != *fresh {
        edit_draft(model, edited);
    }
}

/// Takes in what came of an action.
pub fn take_event(model: &mut Model, backend: &mut dyn Backend, event: Event) {
    let is_stray = matches!(event, Event::Stray(_));
    let is_listening = matches!(event, Event::Listening(_));
    if matches!(event, Event::CalledBack(_)) {
        // Whoever else waits for the response, at the listener or by signing in, waits in vain.
        abandon(model, backend);
    }
    model.flow.handle(event, model.now);
    if is_stray {
        return;
    }
    model.running = None;
    refresh(model, backend);
    if !is_listening {
        show_news(model);
    }
    let goes_on =
        (model.to_end || model.flow.is_polling()) && matches!(model.next, Next::Do(_)) && model.running.is_none();
    match goes_on {
        true if model.flow.is_polling() => poll_on(model, backend),
        true => next(model, backend),
        false if model.running.is_none() => model.to_end = false,
        false => {}
    }
}

/// Shows an answer that is worth reading; otherwise what comes next.
fn show_news(model: &mut Model) {
    let Some(last) = model.flow.trace.exchanges.len().checked_sub(1) else { return };
    let stage = model.flow.trace.exchanges[last].stage;
    let stopped = matches!(model.next, Next::Stopped(_));
    let brings_tokens = matches!(stage, Stage::Token | Stage::Refresh | Stage::Exchange);
    let worth_reading = brings_tokens
        || matches!(
            stage,
            Stage::UserInfo
                | Stage::Resource
                | Stage::Introspection
                | Stage::Revocation
                | Stage::RevocationProof
                | Stage::RefreshReuse
                | Stage::Assertion
                | Stage::Logout
        );
    model.selected = (stopped || worth_reading).then_some(Target::Answer(last));
    let is_polling = model.flow.is_polling();
    model.inspector = match (stopped || is_polling, stage) {
        (true, _) => InspectorTab::Response,
        (false, _) if brings_tokens => InspectorTab::Tokens,
        (false, _) if worth_reading => InspectorTab::Response,
        (false, _) => InspectorTab::Request,
    };
}

/// The run of another grant, begun or taken up again, with the server and client of this one.
pub fn switch(model: &mut Model, backend: &mut dyn Backend, grant: Grant) {
    if model.flow.grant == grant {
        return;
    }
    let waits = model.running.is_some() && (model.flow.awaiting().is_some() || model.flow.is_polling());
    abandon(model, backend);
    if waits {
        super::toast(model, format!("The wait of {} goes on when you come back", model.flow.grant.title()));
    }
    let settings = model.flow.settings.clone();
    let flow = match model.parked.remove(&grant) {
        Some(parked) => parked,
        None => Parked {
            flow: Flow::new(grant, model.equipped(grant), backend.entropy()),
            history: Vec::new(),
            waits: false,
        },
    };
    let goes_on = flow.waits;
    let left = Parked {
        waits,
        flow: std::mem::replace(&mut model.flow, flow.flow),
        history: std::mem::replace(&mut model.history, flow.history),
    };
    model.parked.insert(left.flow.grant, left);
    model.flow.settings.server = settings.server;
    model.flow.settings.client = settings.client;
    let mut settings = model.flow.settings.clone();
    model.equip_client(&mut settings, grant);
    model.flow.settings = settings;
    if model.flow.awaiting().is_none() {
        model.flow.session.listening_at = None;
    }
    model.flow.reprepare();
    model.to_end = false;
    model.selected = None;
    model.inspector = InspectorTab::Request;
    model.notice = None;
    refresh(model, backend);
    match &model.next {
        Next::Do(Action::Await(_)) if goes_on => await_callback(model, backend),
        Next::Do(_) if goes_on && model.flow.is_polling() => poll_on(model, backend),
        _ => {}
    }
}

/// Ends what is under way at once.
pub fn stop(model: &mut Model, backend: &mut dyn Backend) {
    model.to_end = false;
    if model.running.take().is_none() {
        return;
    }
    let was_waiting = model.flow.awaiting().is_some();
    abandon(model, backend);
    if was_waiting {
        let error = Failure::Wait("the wait was stopped".to_owned());
        let took = std::time::Duration::ZERO;
        model.flow.handle(Event::Failed { request: None, error, took }, model.now);
    }
    refresh(model, backend);
    model.selected = None;
    model.inspector = if was_waiting { InspectorTab::Response } else { InspectorTab::Request };
}

/// Moves on to a new generation, so that nothing late is taken in.
fn abandon(model: &mut Model, backend: &mut dyn Backend) {
    model.generation += 1;
    model.running = None;
    backend.stop_flow();
}

/// Goes back to before the last step.
pub fn back(model: &mut Model, backend: &mut dyn Backend) {
    let Some(kept) = model.history.pop() else { return };
    abandon(model, backend);
    let settings = model.flow.settings.clone();
    model.flow = kept;
    model.flow.settings = settings;
    // The listener of that time is gone; a new one is bound when the request is made again.
    model.flow.session.listening_at = None;
    model.flow.reprepare();
    keep_edits(model);
    model.to_end = false;
    show_run(model);
    model.inspector = InspectorTab::Request;
    refresh(model, backend);
    if matches!(model.next, Next::Finished) {
        show_news(model);
    }
}

/// A new run with the present settings.
pub fn start_over(model: &mut Model, backend: &mut dyn Backend) {
    abandon(model, backend);
    model.flow = Flow::new(model.flow.grant, model.flow.settings.clone(), backend.entropy());
    model.history.clear();
    model.edits = None;
    model.to_end = false;
    model.paste.clear();
    model.paste_error = None;
    model.selected_check = None;
    show_run(model);
    model.inspector = InspectorTab::Request;
    refresh(model, backend);
}

/// Tries the stopped stage again, with what was typed into its request.
pub fn retry(model: &mut Model, backend: &mut dyn Backend) {
    abandon(model, backend);
    model.flow.retry();
    keep_edits(model);
    show_run(model);
    model.inspector = InspectorTab::Request;
    refresh(model, backend);
}

/// Waits again for the response to the request that was sent.
pub fn wait_again(model: &mut Model, backend: &mut dyn Backend) {
    model.flow.wait_again();
    show_run(model);
    model.inspector = InspectorTab::Request;
    refresh(model, backend);
    await_callback(model, backend);
}

/// Leaves the stopped stage behind.
pub fn go_on_anyway(model: &mut Model, backend: &mut dyn Backend) {
    keep(model);
    model.flow.go_on_anyway();
    show_run(model);
    model.inspector = InspectorTab::Request;
    refresh(model, backend);
}

/// Adds a stage and shows its request.
pub fn append(model: &mut Model, backend: &mut dyn Backend, stage: Stage) {
    model.flow.append(stage);
    show_run(model);
    model.inspector = InspectorTab::Request;
    refresh(model, backend);
}

/// Lets the flow know that the browser is on its way, and says where it goes.
fn send_browser(model: &mut Model, backend: &mut dyn Backend) -> Option<Url> {
    if let Next::Do(Action::Browse(request, _)) = model.next.clone() {
        keep(model);
        model.flow.handle(Event::Browsed(request), model.now);
        refresh(model, backend);
        model.selected = None;
        model.inspector = InspectorTab::Request;
    }
    let exchange = model.flow.trace.exchanges.last()?;
    let is_on_its_way = model.flow.awaiting().is_some() || matches!(exchange.answer, Answer::Visited);
    is_on_its_way.then(|| exchange.request.url.clone())
}

/// Begins to listen, unless that is under way.
fn await_callback(model: &mut Model, backend: &mut dyn Backend) {
    let Next::Do(action @ Action::Await(_)) = model.next.clone() else { return };
    if model.running.is_none() {
        model.running = Some(Running { what: awaited(&action), since: model.now });
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
    let Some(url) = send_browser(model, backend) else { return };
    await_callback(model, backend);
    // The link of a logout has an ID token in it.
    if model.flow.stage() == Some(Stage::Logout) {
        backend.start(model.generation, Job::CopySecret(url.into()));
        return super::toast(model, "Copied the link".to_owned());
    }
    super::copy(model, url.into(), "the link");
}

/// The user goes to approve elsewhere, and the client begins to poll.
fn begin_polling(model: &mut Model, backend: &mut dyn Backend) -> Option<Url> {
    let Next::Do(Action::Browse(request, _)) = model.next.clone() else { return None };
    if model.flow.stage() != Some(Stage::Verification) {
        return None;
    }
    keep(model);
    let url = request.url.clone();
    model.flow.handle(Event::Browsed(request), model.now);
    refresh(model, backend);
    model.selected = None;
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

/// New settings: what has not left yet is made anew, unless it was edited by hand.
pub fn edit_settings(model: &mut Model, backend: &mut dyn Backend, settings: Settings) {
    super::preset::guard_secret(model, &settings.client.client_secret);
    let mut settings = settings;
    let (old, new) = (&model.flow.settings.client, &settings.client);
    let chose_method = old.token_endpoint_auth_method != new.token_endpoint_auth_method
        || old.backchannel_token_delivery_mode != new.backchannel_token_delivery_mode;
    if chose_method && old.client_id == new.client_id {
        model.equip_client(&mut settings, model.flow.grant);
    }
    model.flow.settings = settings;
    if model.running.is_some() || model.flow.is_edited() {
        return;
    }
    model.flow.reprepare();
    refresh(model, backend);
}

/// New text of the request that is about to leave.
pub fn edit_draft(model: &mut Model, draft: RequestDraft) {
    remember_edits(model, &draft);
    let Some(request) = model.flow.edit() else { return };
    match draft.to_request(request) {
        Ok(edited) => {
            *request = edited;
            model.draft_error = None;
        }
        Err(error) => model.draft_error = Some(error),
    }
    model.draft = Some(draft);
    model.next = model.flow.poll(model.now);
}

fn remember_edits(model: &mut Model, typed: &RequestDraft) {
    let is_first = !model.flow.is_edited();
    match (&mut model.edits, &model.draft) {
        (Some(edits), _) if !is_first => edits.typed = typed.clone(),
        (edits, Some(made)) => {
            let (position, made) = (model.flow.position(), made.clone());
            *edits = Some(Edits { position, made, typed: typed.clone(), again: false });
        }
        (_, None) => {}
    }
}

/// Drops the edits.
pub fn reset_draft(model: &mut Model, backend: &mut dyn Backend) {
    model.edits = None;
    model.flow.reprepare();
    model.draft_error = None;
    refresh(model, backend);
}
