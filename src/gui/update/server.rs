//! The Server tab: looks at the practice server before each frame, and carries out what the user does to it.

use crate::gui::backend::Backend;
use crate::gui::language::{said, t};
use crate::gui::model::{Model, PracticeView, ServerAct, ServerPlace, Tab};
use crate::practice::{Fault, PracticeHandle};

/// Takes in how the practice server stands: its faults always, the rest while its tab is shown.
pub fn look(model: &mut Model, backend: &dyn Backend) {
    let handles = backend.practice_handles();
    model.server.servers = handles.iter().map(place).collect();
    let Some(handle) = handles.get(model.server.chosen) else {
        model.server.practice = None;
        return;
    };
    model.server.since.get_or_insert(model.now);
    let is_shown = model.tab == Tab::Server;
    let view = model.server.practice.get_or_insert_default();
    view.faults = handle.faults();
    if is_shown {
        look_closely(view, handle, model.now);
    }
}

fn place(handle: &PracticeHandle) -> ServerPlace {
    ServerPlace {
        issuer: handle.issuer().as_str().trim_end_matches('/').to_owned(),
        requests: handle.requests(),
        faults: handle.faults().iter().count(),
    }
}

/// The server that is shown.
fn shown(model: &Model, backend: &dyn Backend) -> Option<PracticeHandle> {
    backend.practice_handles().into_iter().nth(model.server.chosen)
}

/// Shows another server. What is open and typed is of the one before.
fn choose(model: &mut Model, at: usize) {
    let server = &mut model.server;
    server.chosen = at;
    (server.practice, server.open, server.slow, server.slow_error) = (None, None, None, None);
}

fn look_closely(view: &mut PracticeView, handle: &PracticeHandle, now: crate::base::time::Timestamp) {
    let is_new = view.clients.is_empty();
    view.profile = handle.profile();
    view.requests = handle.requests();
    view.log = handle.log();
    view.log.reverse();
    view.tokens = handle.tokens(now);
    view.sessions = handle.sessions(now);
    if is_new {
        // Nobody is registered while it runs.
        view.clients = handle.clients();
        view.users = handle.users();
    }
}

/// Carries out one act.
pub fn act(model: &mut Model, backend: &dyn Backend, act: ServerAct) {
    match act {
        ServerAct::Show(side) => model.server.side = Some(side),
        ServerAct::Choose(at) => choose(model, at),
        ServerAct::Open(entry) => model.server.open = entry,
        ServerAct::List(holdings) => model.server.holdings = holdings,
        ServerAct::EditSlow(text) => edit_slow(model, backend, text),
        ServerAct::Search(text) => model.server.search = text,
        ServerAct::AsJson(as_json) => model.server.as_json = as_json,
        ServerAct::Switch(..)
        | ServerAct::SwitchByName(..)
        | ServerAct::AllOff
        | ServerAct::Enforce(_)
        | ServerAct::ClearLog
        | ServerAct::End(_)
        | ServerAct::EndAll => {
            if let Some(handle) = shown(model, backend) {
                act_on(model, &handle, act);
            }
        }
    }
}

fn act_on(model: &mut Model, handle: &PracticeHandle, act: ServerAct) {
    match act {
        ServerAct::Switch(fault, is_on) => {
            let typed = model.server.slow.as_deref().filter(|_| fault.parameter().is_some());
            handle.set(typed.and_then(|text| timed(fault, text).ok()).unwrap_or(fault), is_on);
        }
        ServerAct::SwitchByName(fault, is_on) => {
            handle.set(fault, is_on);
            let name = fault.name();
            let words = match is_on {
                true => t!("{name} is on: {about}", name, about = said(fault.about())),
                false => t!("{name} is off", name),
            };
            super::toast(model, words);
        }
        ServerAct::AllOff => handle.faults().iter().for_each(|fault| handle.set(fault, false)),
        ServerAct::Enforce(profile) => handle.configure(|config| config.profile = profile),
        ServerAct::ClearLog => {
            model.server.open = None;
            handle.clear_log();
        }
        ServerAct::End(id) => {
            let words = if handle.end(&id) { t!("Ended") } else { t!("It has ended already") };
            super::toast(model, words.to_owned());
        }
        ServerAct::EndAll => {
            handle.end_all();
            super::toast(model, t!("Ended every token and session").to_owned());
        }
        _ => {}
    }
}

/// A new time; it is in force at once where the fault is on and it can be read.
fn edit_slow(model: &mut Model, backend: &dyn Backend, text: String) {
    let read = Fault::ALL.iter().find(|fault| fault.parameter().is_some()).map(|fault| timed(*fault, &text));
    model.server.slow = Some(text);
    model.server.slow_error = None;
    match (read, shown(model, backend)) {
        (Some(Ok(fault)), Some(handle)) if handle.faults().get(fault).is_some() => handle.set(fault, true),
        (Some(Err(why)), _) => model.server.slow_error = Some(why),
        _ => {}
    }
}

/// The fault with a time as people type it: `8 s`.
fn timed(fault: Fault, text: &str) -> Result<Fault, String> {
    let time: String = text.split_whitespace().collect();
    format!("{}={time}", fault.name()).parse::<Fault>().map_err(|error| error.to_string())
}
