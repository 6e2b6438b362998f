//! Settings in a run file: by the names of their fields, endpoints by theirs, tables as `{ name, value }` in order.

use std::collections::HashMap;
use std::sync::Arc;

use super::error::ReadError;
use crate::base::json::{Json, Members, object, text};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::client::settings::{FIELDS, Field, Settings, Slot, TABLES};
use crate::export::redact::{Redactor, holds_placeholder};
use crate::flow::trace::{Exchange, Trace};
use crate::terms::metadata::Endpoint;

/// What is filled in, and every switch.
pub(super) fn whole(settings: &Settings, hide: Option<&Redactor>) -> Members {
    // What is not empty before anything is typed has to be there, or it would be that again.
    let (all, usual) = (all(settings, hide), all(&Settings::default(), None));
    let is_empty = |value: &Json| matches!(value, Json::Array(pairs) if pairs.is_empty()) || value.as_str() == Some("");
    let is_told = |(name, value): &(String, Json)| {
        !is_empty(value) || usual.iter().any(|(usual, value)| usual == name && !is_empty(value))
    };
    all.into_iter().filter(is_told).collect()
}

/// What is not as in these others.
pub(super) fn differing(settings: &Settings, others: &Settings, hide: Option<&Redactor>) -> Members {
    // Compared as they are: a secret that is too short to be told from others is still another one.
    let (plain, other) = (all(settings, None), all(others, None));
    let of = |members: &Members, name: &str| members.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone());
    let mut members: Members = all(settings, hide);
    members.retain(|(name, _)| of(&plain, name) != of(&other, name));
    let is_gone = |(name, _): &&(String, Json)| Endpoint::find(name).is_some() && of(&plain, name).is_none();
    members.extend(other.iter().filter(is_gone).map(|(name, _)| (name.clone(), text(""))));
    members
}

/// Every field, every endpoint that is typed, every table.
fn all(settings: &Settings, hide: Option<&Redactor>) -> Members {
    let mut settings = settings.clone();
    let mut members = Vec::new();
    for field in FIELDS {
        let value = match (field.slot)(&mut settings) {
            Slot::Text(typed) => match hide.filter(|_| field.has_lines()) {
                Some(redactor) => text(redactor.lines(typed)),
                None => text(typed.clone()),
            },
            // What is off unless somebody wants it is not told where nobody does.
            Slot::Switch(false) if is_off_by_default(field) => continue,
            Slot::Switch(is_on) => Json::Bool(*is_on),
            Slot::Secret(secret) => match hide {
                Some(redactor) => text(redactor.filled_in(field.name, secret.expose())),
                None => text(secret.expose()),
            },
        };
        members.push((field.name.to_owned(), value));
    }
    let endpoints = settings.server.endpoints.iter().filter(|(_, url)| !url.is_empty());
    members.extend(endpoints.map(|(endpoint, url)| (endpoint.name().to_owned(), text(url.clone()))));
    for table in &TABLES {
        let pairs = (table.slot)(&mut settings);
        let shown = match hide {
            Some(redactor) if table.is_header => redactor.fields(pairs),
            Some(redactor) => redactor.params(pairs),
            None => pairs.clone(),
        };
        members.push((table.name.to_owned(), of_pairs(&shown)));
    }
    members
}

fn is_off_by_default(field: &Field) -> bool {
    matches!((field.slot)(&mut Settings::default()), Slot::Switch(false))
}

fn of_pairs(pairs: &Params) -> Json {
    let one = |(name, value): (&str, &str)| object([("name", text(name)), ("value", text(value))]);
    Json::Array(pairs.iter().map(one).collect())
}

/// Takes in what is written, and gives back what is not known here.
pub(super) fn assign(settings: &mut Settings, json: &Json) -> Result<Members, ReadError> {
    let mut unknown = Vec::new();
    for (name, value) in json.members() {
        if !assigned(settings, name, value).map_err(|error| error.within(name))? {
            unknown.push((name.clone(), value.clone()));
        }
    }
    Ok(unknown)
}

/// Whether there is something of this name.
fn assigned(settings: &mut Settings, name: &str, value: &Json) -> Result<bool, ReadError> {
    let typed =
        || value.as_str().ok_or_else(|| ReadError::of("", format!("a string is needed, not {}", value.a_kind())));
    if let Some(endpoint) = Endpoint::find(name) {
        match typed()? {
            "" => drop(settings.server.endpoints.remove(&endpoint)),
            url => drop(settings.server.endpoints.insert(endpoint, url.to_owned())),
        }
        return Ok(true);
    }
    if let Some(table) = TABLES.iter().find(|table| table.name == name) {
        *(table.slot)(settings) = pairs(value)?;
        return Ok(true);
    }
    let Some(field) = FIELDS.iter().find(|field| field.name == name) else { return Ok(false) };
    match (field.slot)(settings) {
        Slot::Text(slot) => typed()?.clone_into(slot),
        Slot::Secret(slot) => *slot = Secret::new(typed()?),
        Slot::Switch(slot) => {
            let wrong = || ReadError::of("", format!("true or false is needed, not {}", value.a_kind()));
            *slot = value.as_bool().ok_or_else(wrong)?;
        }
    }
    Ok(true)
}

/// Pairs in order, as `{ name, value }`.
pub(super) fn pairs(json: &Json) -> Result<Params, ReadError> {
    let Json::Array(elements) = json else {
        return Err(ReadError::of("", format!("an array is needed, not {}", json.a_kind())));
    };
    let one = |(at, pair): (usize, &Json)| {
        let member = |name| pair.text(name).ok_or_else(|| ReadError::of(name, "a string is needed").at(at));
        Ok((member("name")?.to_owned(), member("value")?.to_owned()))
    };
    elements.iter().enumerate().map(one).collect::<Result<Vec<_>, _>>().map(Params)
}

/// Without what stands in the place of secrets, which nothing may be signed or asked with.
pub(super) fn usable(settings: &Settings) -> Settings {
    let mut usable = settings.clone();
    for field in FIELDS {
        if let Slot::Secret(secret) = (field.slot)(&mut usable)
            && holds_placeholder(secret.expose())
        {
            *secret = Secret::default();
        }
    }
    usable
}

/// Whether what stands in the place of a secret is anywhere in them.
pub(super) fn are_hidden(settings: &Settings) -> bool {
    Json::Object(all(settings, None)).to_string().contains(crate::export::redact::MARK)
}

/// Each settings by where they lie, since most exchanges share theirs.
#[derive(Default)]
pub(super) struct Memo<T>(HashMap<*const Settings, T>);

impl<T: Clone> Memo<T> {
    pub fn of(&mut self, settings: &Arc<Settings>, make: impl FnOnce(&Settings) -> T) -> T {
        self.0.entry(Arc::as_ptr(settings)).or_insert_with(|| make(settings)).clone()
    }
}

/// The same trace with settings that can be used.
pub(super) fn without_placeholders(trace: &Trace) -> Trace {
    let mut memo = Memo::<Arc<Settings>>::default();
    let exchange = |exchange: &Arc<Exchange>| {
        let usable = memo.of(&exchange.settings, |settings| Arc::new(usable(settings)));
        match *usable == *exchange.settings {
            true => Arc::clone(exchange),
            false => Arc::new(Exchange { settings: usable, ..(**exchange).clone() }),
        }
    };
    let exchanges = trace.exchanges.iter().map(exchange).collect();
    Trace { exchanges, ..trace.clone() }
}
