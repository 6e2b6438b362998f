//! What the finding of a run offers: mend a setting and try again, look at the check, hand it on.

use super::{carry_out, edit};
use crate::flow::cure::Cure;
use crate::gui::backend::Backend;
use crate::gui::command::Command;
use crate::gui::language::t;
use crate::gui::model::{Model, ServerAct, Tab};
use crate::practice::Fault;

/// Changes the setting and tries again, in a new run where the old one was made without it.
pub fn mend(model: &mut Model, backend: &mut dyn Backend, cure: &Cure) {
    let Some(finding) = &model.run.finding else { return };
    let problem = model.run.flow.problem();
    let begins_anew = problem.is_none_or(|problem| cure.needs_new_run(finding.stage, problem.again_at));
    let mut settings = model.run.flow.settings.clone();
    cure.apply(&mut settings);
    let client_id = edit::equipped(model, settings.clone()).client.client_id;
    // What was issued so far is another client's then.
    let is_another = client_id != model.run.flow.settings.client.client_id;
    if !is_another && !begins_anew {
        edit::edit_settings(model, backend, settings);
        return carry_out(model, backend, Command::Retry);
    }
    carry_out(model, backend, Command::StartOver);
    edit::edit_settings(model, backend, settings);
}

/// Switches a fault off and runs again, with what the user had added: it may be what the fault was seen at.
pub fn mend_server(model: &mut Model, backend: &mut dyn Backend, fault: Fault) {
    carry_out(model, backend, Command::Server(ServerAct::Switch(fault, false)));
    let appended = model.run.flow.appended().to_vec();
    carry_out(model, backend, Command::StartOver);
    appended.into_iter().for_each(|stage| model.run.flow.append(stage));
    carry_out(model, backend, Command::RunToEnd);
}

/// Puts it on the clipboard without a secret in it.
pub fn copy(model: &mut Model) {
    let Some(finding) = &model.run.finding else { return };
    let text = model.run.follower().redactor().text(&finding.to_markdown(&model.run.flow));
    super::copy(model, text, t!("the finding"));
}

/// Goes to its check.
pub fn show(model: &mut Model, backend: &mut dyn Backend) {
    let Some(finding) = &model.run.finding else { return };
    let checks = model.run.flow.trace.checks_at();
    let is_it = |(at, rule): (usize, &str)| Some(at) == finding.exchange && Some(rule) == finding.rule.as_deref();
    let found = checks.iter().position(|(at, check)| check.verdict == finding.verdict && is_it((*at, check.rule.id)));
    model.run.selected_check = found;
    super::expect::look_away(model);
    model.check_filter = None;
    model.check_search.clear();
    super::go(model, backend, Tab::Checks);
}
