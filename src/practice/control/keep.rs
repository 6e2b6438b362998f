//! Calls that add, change and take away clients and users.

use serde_json::{Value, json};

use super::super::config::{self, newcomer};
use super::{Call, Failed, failed, show};

/// Most clients, and most users.
const MANY: usize = 10_000;

/// Puts something in the place of that of the same name, or behind all others.
fn put<T>(all: &mut Vec<T>, one: T, is_same: impl Fn(&T) -> bool) -> Result<(), Failed> {
    match all.iter().position(is_same) {
        Some(at) => all[at] = one,
        None if all.len() < MANY => all.push(one),
        None => return Err(failed(409, format!("there are {MANY}; take some away first"))),
    }
    Ok(())
}

pub(super) fn put_client(call: &Call<'_>) -> Result<Value, Failed> {
    let members = call.read()?;
    let mut practice = call.server.lock();
    let client = newcomer(&mut practice, call.id(), members).map_err(|what| failed(400, what))?;
    let shown = show::of_client(&client, call.shows_secrets);
    put(&mut practice.config.clients, client, |known| known.client_id == call.id())?;
    Ok(shown)
}

pub(super) fn delete_client(call: &Call<'_>) -> Result<Value, Failed> {
    let mut practice = call.server.lock();
    let count = practice.config.clients.len();
    practice.config.clients.retain(|client| client.client_id != call.id());
    match practice.config.clients.len() < count {
        true => Ok(json!({})),
        false => Err(call.unknown("client")),
    }
}

pub(super) fn put_user(call: &Call<'_>) -> Result<Value, Failed> {
    let user = config::user_from_json(call.id(), call.read()?).map_err(|what| failed(400, what))?;
    // Each member is as its schema says, and they contradict each other.
    let user = config::is_elsewhere_once(user).map_err(|what| failed(409, what))?;
    let shown = show::of_user(&user, call.shows_secrets);
    put(&mut call.server.lock().config.users, user, |known| known.sub == call.id())?;
    Ok(shown)
}

pub(super) fn delete_user(call: &Call<'_>) -> Result<Value, Failed> {
    let mut practice = call.server.lock();
    let count = practice.config.users.len();
    practice.config.users.retain(|user| user.sub != call.id());
    practice.next_users.retain(|sub| sub != call.id());
    match practice.config.users.len() < count {
        true => Ok(json!({})),
        false => Err(call.unknown("user")),
    }
}
