//! Nobody sits at the page: who signs in then, and what is decided for a device and for a user who is elsewhere
//! (RFC 8628 section 3.3, CIBA section 8).

use super::Practice;
use super::authorization::AuthorizationRequest;
use super::config::{Client, Config, Consent, Login, User};
use super::store::{Approval, Decision};
use super::{interaction, pending, token};
use crate::base::time::Timestamp;

/// Whether the next sign-in needs nobody at the page.
pub fn is_next(practice: &Practice) -> bool {
    practice.config.login == Login::Auto || !practice.next_users.is_empty()
}

/// Who signs in: the next in the queue, whom the request names, whom the configuration names, the first.
///
/// # Errors
/// When the request names somebody who is not known.
pub fn user(practice: &mut Practice, request: &AuthorizationRequest) -> Result<String, String> {
    if let Some(next) = practice.next_users.pop_front() {
        return Ok(next);
    }
    let config = &practice.config;
    if let Some((subs, _)) = request.named() {
        return Ok(subs[0].to_owned());
    }
    match &request.login_hint {
        Some(hint) => hinted(config, hint).map(|user| user.sub.clone()),
        None => usual(config),
    }
}

fn hinted<'a>(config: &'a Config, hint: &str) -> Result<&'a User, String> {
    let known = config.users.iter().find(|user| user.sub == hint || user.text("email") == Some(hint));
    known.ok_or_else(|| format!("login_hint names {hint}, and there is no such user, only {}", names(config)))
}

fn usual(config: &Config) -> Result<String, String> {
    let first = config.users.first().map(|user| &user.sub);
    let named = config.login_user.as_ref().or(first).ok_or("there is no user who could sign in")?;
    let unknown = || format!("login_user is {named}, and there is no such user, only {}", names(config));
    config.user(named).map(|user| user.sub.clone()).ok_or_else(unknown)
}

fn names(config: &Config) -> String {
    config.users.iter().map(|user| user.sub.as_str()).collect::<Vec<_>>().join(", ")
}

/// How consent is had for this client.
pub fn consent(config: &Config, client_id: &str) -> Consent {
    let usual = if config.login == Login::Auto { Consent::Skip } else { Consent::Remember };
    config.client(client_id).and_then(|client| client.consent).unwrap_or(usual)
}

/// Decides about a request that waits, where nobody is asked. `sub` is the user who is asked, if that is said.
pub fn decide(practice: &mut Practice, client: &Client, id: &str, sub: Option<&str>, now: Timestamp) {
    if !is_next(practice) || consent(&practice.config, &client.client_id) == Consent::Ask {
        return;
    }
    let named = match sub {
        Some(sub) => Some(sub.to_owned()),
        None => practice.next_users.pop_front().or_else(|| usual(&practice.config).ok()),
    };
    let (Some(sub), Some(open)) = (named, practice.store.pending.get(id).cloned()) else { return };
    let acr_values = open.backchannel.as_ref().map_or_else(Vec::new, |backchannel| backchannel.acr_values.clone());
    let login = interaction::login(practice, &sub, &acr_values, now);
    let approval = Approval {
        client_id: open.client_id,
        scope: open.scope,
        resource: open.resource,
        sub: sub.clone(),
        login: Some(login),
        authorization_details: open.authorization_details,
        act: None,
        approved_at: now,
    };
    let issue = token::approve(practice, approval);
    if pending::decide(practice, id, Decision::Approved(issue.approval), now).is_ok() {
        practice.why.say(format!("{sub} allows it, and nobody was asked"));
    }
}
