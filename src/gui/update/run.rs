//! Driving the flow: what the action bar and the messages do.

use url::Url;

use super::browser::{await_callback, open_browser, sign_in};
use super::edit::{edit_again, keep_edits};
use crate::base::http::can_be_listened_at;
use crate::flow::callback::Awaited;
use crate::flow::stage::Stage;
use crate::flow::{Action, Event, Flow, Next};
use crate::gui::backend::{Backend, Job};
use crate::gui::draft::RequestDraft;
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

pub(super) fn show_run(model: &mut Model) {
    model.notice = None;
    model.selected = None;
    if !matches!(model.tab, Tab::Grant(_)) {
        model.tab = Tab::Grant(model.flow.grant);
    }
}

/// The next poll, or the wait before it; nothing to go back to in between.
pub(super) fn poll_on(model: &mut Model, backend: &mut dyn Backend) {
    let Next::Do(action) = model.next.clone() else { return };
    let since = model.running.as_ref().map_or(model.now, |running| running.since);
    let what = match &action {
        action @ Action::Await(_) => awaited(action),
        _ => "the user to approve".to_owned(),
    };
    model.running = Some(Running { what, since });
    perform(model, backend);
    let _ = action;
}

/// Lets the next action run: what is sent leaves now.
fn perform(model: &mut Model, backend: &mut dyn Backend) {
    model.next = model.flow.begin(model.now);
    if let Next::Do(action) = model.next.clone() {
        backend.start(model.generation, Job::Perform(action));
    }
}

/// Keeps a point to go back to and lets the action run.
fn begin(model: &mut Model, backend: &mut dyn Backend, action: Action) {
    keep(model);
    model.running = Some(Running { what: awaited(&action), since: model.now });
    perform(model, backend);
}

pub(super) fn keep(model: &mut Model) {
    model.history.push(model.flow.clone());
}

pub(super) fn awaited(action: &Action) -> String {
    match action {
        Action::Send(request) => format!("the answer of {}", authority(&request.url)),
        Action::Listen(url) => format!("a listener at {}", authority(url)),
        Action::Browse(request, _) => format!("the browser on its way to {}", authority(&request.url)),
        Action::Sleep(_) => "the user, between two polls".to_owned(),
        Action::Await(awaiting) if matches!(awaiting.awaited, Awaited::Ping(_)) => "the ping of the server".to_owned(),
        Action::Await(awaiting) if !can_be_listened_at(&awaiting.redirect_uri) => {
            "the address of the redirect, which you paste".to_owned()
        }
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
        model.running = Some(Running { what: awaited(action), since: model.now });
        perform(model, backend);
    }
    if !model.flow.is_edited() {
        model.draft = model.flow.request().map(RequestDraft::of);
        model.draft_error = None;
        edit_again(model);
    }
}

/// Takes in what came of an action.
pub fn take_event(model: &mut Model, backend: &mut dyn Backend, event: Event) {
    let is_stray = matches!(event, Event::Stray(_));
    let is_news = matches!(event, Event::Answered { .. } | Event::CalledBack(_) | Event::Failed { .. });
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
    if is_news {
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
    // One poll like another: what the user looks at meanwhile stays.
    if model.flow.trace.newest_wait().is_some() && !stopped {
        return;
    }
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
    model.inspector = match stage {
        _ if stopped => InspectorTab::Response,
        _ if brings_tokens => InspectorTab::Tokens,
        _ if worth_reading => InspectorTab::Response,
        _ => InspectorTab::Request,
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
        model.flow.own.listening_at = None;
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
    model.flow.stop(model.now);
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
    model.flow.own.listening_at = None;
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
