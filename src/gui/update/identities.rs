//! The same settings run as two users, each to its end and with cookies of its own, and then held against each other.

use super::driver::Driver;
use super::{compare, runs};
use crate::base::secret::Secret;
use crate::client::settings::Settings;
use crate::demo;
use crate::gui::backend::Backend;
use crate::gui::language::said;
use crate::gui::model::{Dialog, IdentityCommand, Model, Pair, Run, RunId, TwoUsers, USER_A};
use crate::terms::grant::Grant;

/// Carries out what is done with two users.
pub fn carry_out(model: &mut Model, backend: &mut dyn Backend, command: IdentityCommand) {
    match command {
        IdentityCommand::Ask => {
            model.dialog = Some(Dialog::TwoUsers(TwoUsers { a: "alice".to_owned(), b: "bob".to_owned() }));
            model.wants_keyboard = Some(said(USER_A));
        }
        IdentityCommand::Edit(users) => model.dialog = Some(Dialog::TwoUsers(users)),
        IdentityCommand::Begin => {
            if let Some(Dialog::TwoUsers(users)) = model.dialog.take().filter(|_| model.run.can_sign_in()) {
                begin(model, backend, &users);
            }
        }
    }
}

fn begin(model: &mut Model, backend: &mut dyn Backend, users: &TwoUsers) {
    Driver::of(model, backend).stop();
    let grant = model.run.flow.grant;
    let mut settings = model.run.flow.settings.clone();
    if model.run.flow.is_recorded() {
        runs::equip_anew(model, &model.run.provider, &mut settings, grant);
    }
    let [a, b] = [&users.a, &users.b].map(|user| make(model, backend, grant, &settings, user.trim()));
    let pair = Pair { a: a.id, b: b.id, has_begun: false };
    runs::show(model, backend, b);
    runs::show(model, backend, a);
    model.pair = Some(pair);
    run_to_end(model, backend);
}

fn make(model: &mut Model, backend: &mut dyn Backend, grant: Grant, settings: &Settings, user: &str) -> Run {
    let (choice, provider) = (model.run.choice, model.run.provider.clone());
    let run = runs::make(model, backend, grant, of_user(settings, grant, user));
    Run { choice, provider, user: Some(user.to_owned()), ..run }
}

/// The settings for a user: nothing of somebody else is in what is asked for.
fn of_user(settings: &Settings, grant: Grant, user: &str) -> Settings {
    let mut settings = settings.clone();
    let request = &mut settings.request;
    for held in [&mut request.id_token_hint, &mut request.login_hint_token, &mut request.password] {
        *held = Secret::default();
    }
    match grant {
        Grant::Password => request.username.clear(),
        Grant::Ciba => request.login_hint.clear(),
        Grant::RefreshToken => request.refresh_token = Secret::default(),
        Grant::TokenExchange => request.subject_token = Secret::default(),
        _ => {}
    }
    demo::name_user(&mut settings, grant, user);
    settings
}

fn run_to_end(model: &mut Model, backend: &mut dyn Backend) {
    model.tab = crate::gui::model::Tab::Grant(model.run.flow.grant);
    Driver::of(model, backend).refresh();
    Driver::of(model, backend).run_to_end();
    go_on(model, backend);
}

/// Begins the second run when the first has come to rest, and shows both side by side when it has, too.
pub fn go_on(model: &mut Model, backend: &mut dyn Backend) {
    let Some(pair) = model.pair else { return };
    let is_under_way = |id: RunId| model.numbered(id).is_some_and(|run| run.running.is_some());
    match pair.has_begun {
        false if !is_under_way(pair.a) => {
            model.pair = Some(Pair { has_begun: true, ..pair });
            runs::choose(model, backend, pair.b);
            run_to_end(model, backend);
        }
        true if !is_under_way(pair.b) => {
            model.pair = None;
            compare::both(model, backend, pair.a, pair.b);
        }
        _ => {}
    }
}
