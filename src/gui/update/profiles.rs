//! Judges the run that is shown by the profiles, and puts the settings in that one wants.

use super::{carry_out, edit, toast};
use crate::gui::backend::Backend;
use crate::gui::command::Command;
use crate::gui::language::{said, t};
use crate::gui::model::{Model, ProfileCommand, Seen};
use crate::profile::{Profile, judge, wanted};

/// Carries out what is done with profiles.
pub fn carry_out_profile(model: &mut Model, backend: &mut dyn Backend, command: ProfileCommand) {
    match command {
        ProfileCommand::Choose(chosen) => {
            (model.profiles.chosen, model.profiles.selected) = (chosen, None);
            model.profiles.list();
        }
        ProfileCommand::Select(at) => model.profiles.selected = Some(at),
        ProfileCommand::PutIn(profile) => put_in(model, backend, profile),
    }
}

/// In a run that begins anew: what has left already was made without them.
fn put_in(model: &mut Model, backend: &mut dyn Backend, profile: Profile) {
    let mut settings = model.run.flow.settings.clone();
    for (name, value) in wanted(profile, &model.run.flow) {
        // What is proposed is what the setting takes.
        let _ = settings.set(name, &value);
    }
    model.equip_client(&mut settings, model.run.flow.grant);
    carry_out(model, backend, Command::StartOver);
    edit::edit_settings(model, backend, settings);
    toast(model, t!("The settings are as {name} wants them", name = said(profile.name())));
}

/// Before each frame: judges the run anew where something has come since.
pub fn look(model: &mut Model) {
    let seen = Seen::of(&model.run, 0);
    if model.profiles.seen.as_ref() == Some(&seen) {
        return;
    }
    if model.profiles.seen.as_ref().is_some_and(|before| before.run != seen.run) {
        model.profiles.selected = None;
    }
    model.profiles.standings = Profile::ALL.map(|profile| judge(profile, &model.run.flow)).into();
    model.profiles.seen = Some(seen);
    model.profiles.list();
}
