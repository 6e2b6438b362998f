//! The runs of this session: which one is shown, and where the others are.

use super::driver::Driver;
use super::home::lead_home;
use crate::client::settings::Settings;
use crate::flow::grant::fit;
use crate::flow::{Flow, Next};
use crate::gui::backend::Backend;
use crate::gui::model::{Model, PresetState, Run, RunId, Tab};
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
    turn_to_its_provider(model);
}

/// A choice of a provider with this preset.
pub fn choice_of(model: &mut Model, preset: PresetState) -> u64 {
    let choice = model.number();
    model.presets.insert(choice, preset);
    choice
}

/// The provider in force is the one of the run that is shown.
fn turn_to_its_provider(model: &mut Model) {
    let Some(preset) = model.presets.remove(&model.run.choice) else { return };
    let left = std::mem::replace(&mut model.preset, preset);
    model.presets.insert(std::mem::replace(&mut model.choice, model.run.choice), left);
    let Model { presets, others, .. } = model;
    presets.retain(|choice, _| others.iter().any(|run| run.choice == *choice));
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
        // The settings in use are those of a run that was not read from a file.
        let is_read = |run: &Run| run.flow.is_recorded();
        let rests = |run: &Run| run.running.is_none();
        let at = model.others.iter().position(is_read).or_else(|| model.others.iter().position(rests));
        let Some(at) = at else { return };
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

/// The settings that the run of a grant has, or would have, with the server and client of those in use. A client that
/// was registered is of its run alone: it is registered for that grant.
pub fn settings_of(model: &Model, grant: Grant) -> Settings {
    let own = model.own();
    if own.flow.grant == grant {
        return own.flow.settings.clone();
    }
    let Settings { server, client, registration, .. } = own.flow.unregistered();
    let theirs = position_of(model, grant).map(|at| &model.others[at].flow);
    let registered = theirs.filter(|flow| flow.session.registered.is_some());
    let client = registered.map_or(client, |flow| flow.settings.client.clone());
    let others = theirs.map_or_else(|| model.equipped(grant), |flow| flow.settings.clone());
    let mut settings = Settings { server, client, registration, ..others };
    model.equip_client(&mut settings, grant);
    fit(grant, &mut settings);
    settings
}

/// Where the other run of a grant with this provider is.
fn position_of(model: &Model, grant: Grant) -> Option<usize> {
    let choice = model.own().choice;
    let is_theirs = |run: &Run| run.flow.grant == grant && run.choice == choice && !run.flow.is_recorded();
    model.others.iter().rposition(is_theirs)
}

/// The run of another grant, begun or taken up again, with the server and client of those in use. A login that others
/// made is left for the run of its grant, too.
pub fn switch(model: &mut Model, backend: &mut dyn Backend, grant: Grant) {
    if model.run.flow.grant == grant && model.run.told.is_none() {
        return;
    }
    let own = model.own().id;
    if own != model.run.id {
        choose(model, backend, own);
        model.tab = Tab::Grant(grant);
        if model.run.flow.grant == grant {
            return;
        }
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

/// The choice of a provider for a run that is begun with settings that were read: the one that chose this server by this
/// name, or else a new one.
pub fn choice_for(model: &mut Model, provider: &str, settings: &Settings) -> u64 {
    let is_it =
        |preset: &PresetState| preset.preset.name == provider && preset.saved.server.issuer == settings.server.issuer;
    let known = model.presets.iter().rev().find(|(_, preset)| is_it(preset)).map(|(choice, _)| *choice);
    match known {
        _ if is_it(&model.preset) => model.choice,
        Some(choice) => choice,
        None => choice_of(model, PresetState::unsaved(provider.to_owned())),
    }
}

/// A new run with the present settings. The present one is kept, unless nothing has left in it.
pub fn start_over(model: &mut Model, backend: &mut dyn Backend) {
    let mut settings = model.run.flow.settings.clone();
    let (grant, provider) = (model.run.flow.grant, model.run.provider.clone());
    let mut choice = model.run.choice;
    if model.run.flow.is_recorded() {
        equip_anew(model, &provider, &mut settings, grant);
        choice = choice_for(model, &provider, &settings);
    }
    if model.run.is_fresh() {
        return Driver::of(model, backend).begin_with(settings);
    }
    Driver::of(model, backend).stop();
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
    turn_to_its_provider(model);
    Driver::of(model, backend).refresh();
}
