//! The runs of this session: which one is shown, and where the others are.

use super::driver::Driver;
use super::home::lead_home;
use crate::client::settings::Settings;
use crate::flow::grant::fit;
use crate::flow::{Flow, Next};
use crate::gui::backend::Backend;
use crate::gui::model::{Model, Run, RunId, Tab};
use crate::io::history::name_of;
use crate::terms::grant::Grant;

/// Runs that are kept in memory beside the one that is shown; the oldest make room.
const KEPT: usize = 50;

/// A run of this grant with these settings, which is not shown yet.
pub fn make(model: &mut Model, backend: &mut dyn Backend, grant: Grant, settings: Settings) -> Run {
    let (id, generation) = (RunId(model.number()), model.number());
    let mut entropy = backend.entropy();
    let name = name_of(model.now, &entropy.token());
    let flow = Flow::new(grant, settings, entropy);
    let provider = model.provider().to_owned();
    Run { generation, ..Run::new(id, name, flow, provider, model.choice, model.now) }
}

/// Shows this run; the one that was shown goes to the others, where what is under way in it goes on.
pub fn show(model: &mut Model, backend: &mut dyn Backend, run: Run) {
    Driver::of(model, backend).leave();
    let left = std::mem::replace(&mut model.run, run);
    model.others.push(left);
    make_room(model);
}

/// Shows the first run of another choice of a provider. The one that was shown is kept when something has happened in
/// it or was typed.
pub fn show_first(model: &mut Model, backend: &mut dyn Backend, run: Run, was_typed: bool) {
    show(model, backend, run);
    let is_kept = |left: &Run| was_typed || !left.is_fresh() || left.flow.is_edited() || left.running.is_some();
    if model.others.last().is_some_and(|left| !is_kept(left)) {
        model.others.pop();
    }
}

fn make_room(model: &mut Model) {
    while model.others.len() > KEPT {
        let Some(at) = model.others.iter().position(|run| run.running.is_none()) else { return };
        model.others.remove(at);
    }
}

/// Shows another run of this session.
pub fn choose(model: &mut Model, backend: &mut dyn Backend, id: RunId) {
    let Some(at) = model.others.iter().position(|run| run.id == id) else { return };
    let run = model.others.remove(at);
    let settings = run.flow.settings.clone();
    model.tab = Tab::Grant(run.flow.grant);
    show(model, backend, run);
    Driver::of(model, backend).come_back(settings);
}

/// The settings that the run of a grant has, or would have, with the server and client of the one that is shown.
pub fn settings_of(model: &Model, grant: Grant) -> Settings {
    let Settings { server, client, .. } = model.run.flow.settings.clone();
    if model.run.flow.grant == grant {
        return model.run.flow.settings.clone();
    }
    let theirs = position_of(model, grant).map(|at| model.others[at].flow.settings.clone());
    let mut settings = Settings { server, client, ..theirs.unwrap_or_else(|| model.equipped(grant)) };
    model.equip_client(&mut settings, grant);
    fit(grant, &mut settings);
    settings
}

/// Where the other run of a grant with this provider is.
fn position_of(model: &Model, grant: Grant) -> Option<usize> {
    let is_theirs = |run: &Run| run.flow.grant == grant && run.choice == model.run.choice && !run.flow.is_recorded();
    model.others.iter().rposition(is_theirs)
}

/// The run of another grant, begun or taken up again, with the server and client of this one.
pub fn switch(model: &mut Model, backend: &mut dyn Backend, grant: Grant) {
    if model.run.flow.grant == grant {
        return;
    }
    let (choice, settings) = (model.run.choice, settings_of(model, grant));
    let run = match position_of(model, grant) {
        Some(at) => model.others.remove(at),
        None => Run { choice, ..make(model, backend, grant, settings.clone()) },
    };
    show(model, backend, run);
    Driver::of(model, backend).come_back(settings);
}

/// Gives the settings of a run that was read what it takes to run it again: where the practice server is now, and the
/// secrets that are known here.
pub fn equip_anew(model: &Model, provider: &str, settings: &mut Settings, grant: Grant) {
    lead_home(model, provider, settings);
    model.give_secrets(settings);
    model.equip_client(settings, grant);
}

/// A new run with the present settings. The present one is kept, unless nothing has left in it.
pub fn start_over(model: &mut Model, backend: &mut dyn Backend) {
    let mut settings = model.run.flow.settings.clone();
    if model.run.flow.is_recorded() {
        equip_anew(model, &model.run.provider, &mut settings, model.run.flow.grant);
    }
    if model.run.is_fresh() {
        return Driver::of(model, backend).begin_with(settings);
    }
    Driver::of(model, backend).stop();
    let (grant, choice, provider) = (model.run.flow.grant, model.run.choice, model.run.provider.clone());
    let run = make(model, backend, grant, settings);
    let (before, user) = (Some(model.run.id), model.run.user.clone());
    show(model, backend, Run { choice, provider, user, before, ..run });
    Driver::of(model, backend).refresh();
}

/// Performs the next step; one that is over is begun anew first.
pub fn next(model: &mut Model, backend: &mut dyn Backend) {
    if model.run.is_over() && model.run.running.is_none() {
        start_over(model, backend);
    }
    Driver::of(model, backend).next();
    if let Next::Missing(missing) = &model.run.next {
        model.wants_keyboard = Some(missing.field);
        // An audience sees no settings: the field stands in the place of the message.
        if !model.present {
            model.settings_open = Some(true);
        }
    }
}

/// Goes on by itself until something needs the user.
pub fn run_to_end(model: &mut Model, backend: &mut dyn Backend) {
    if model.run.is_over() && model.run.running.is_none() {
        start_over(model, backend);
    }
    Driver::of(model, backend).run_to_end();
}

/// Goes back a step, or to the run in whose place this one was begun.
pub fn back(model: &mut Model, backend: &mut dyn Backend) {
    if !model.run.history.is_empty() {
        return Driver::of(model, backend).back();
    }
    let Some(at) = model.run.before.and_then(|id| model.others.iter().position(|run| run.id == id)) else { return };
    Driver::of(model, backend).abandon();
    let before = model.others.remove(at);
    let left = std::mem::replace(&mut model.run, before);
    if !left.is_fresh() {
        model.others.push(left);
    }
    Driver::of(model, backend).refresh();
}
