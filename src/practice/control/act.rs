//! Calls that change what happens next.

use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value, json};

use super::super::Practice;
use super::super::faults::FaultEntry;
use super::{Call, Failed, failed};
use crate::base::time::Timestamp;
use crate::jose::jwk::KeyError;

/// Most users and codes that wait.
const MANY: usize = 1000;
/// How far the clock is moved at once, in seconds: a hundred years.
const SPAN: i64 = 100 * 365 * 24 * 3600;
/// Most keys.
const KEYS: usize = 50;

/// A whole number however JSON writes it: `5.0` is one too (JSON Schema section 6.1.1).
fn whole<'de, D: Deserializer<'de>, N: TryFrom<i64>>(deserializer: D) -> Result<Option<N>, D::Error> {
    let Some(number) = Option::<Number>::deserialize(deserializer)? else { return Ok(None) };
    let read = number.to_string().trim_end_matches(".0").parse().ok().and_then(|read: i64| N::try_from(read).ok());
    read.map(Some).ok_or_else(|| D::Error::custom(format!("{number} is no whole number, or too large")))
}

/// What says that something was done.
fn done() -> Result<Value, Failed> {
    Ok(json!({}))
}

pub(super) fn clear_requests(call: &Call<'_>) -> Result<Value, Failed> {
    call.server.clear_log();
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    fault: String,
    #[serde(default, deserialize_with = "whole")]
    times: Option<u32>,
    client_id: Option<String>,
    endpoint: Option<String>,
}

pub(super) fn add_fault(call: &Call<'_>) -> Result<Value, Failed> {
    let told: Fault = call.read()?;
    let wrong = |what: String| failed(400, format!("fault: {what}"));
    let mut entry: FaultEntry = told.fault.parse().map_err(|error| wrong(format!("{error}")))?;
    if told.times == Some(0) {
        return Err(failed(400, "times is 0; leave it out for always"));
    }
    if told.endpoint.as_deref().is_some_and(|path| !path.starts_with('/')) {
        return Err(failed(400, "endpoint is a path of the server, such as /token"));
    }
    if told.client_id.as_deref() == Some("") {
        return Err(failed(400, "client_id is empty; leave it out for every client"));
    }
    entry.times = told.times.or(entry.times);
    entry.client_id = told.client_id.or(entry.client_id);
    entry.endpoint = told.endpoint.or(entry.endpoint);
    let id = call.server.lock().faults.add(entry);
    Ok(json!({ "id": id.to_string() }))
}

pub(super) fn clear_faults(call: &Call<'_>) -> Result<Value, Failed> {
    call.server.lock().faults.clear();
    done()
}

pub(super) fn remove_fault(call: &Call<'_>) -> Result<Value, Failed> {
    let id = call.id().parse().map_err(|_| call.unknown("fault"))?;
    call.server.lock().faults.remove(id).ok_or_else(|| call.unknown("fault"))?;
    done()
}

pub(super) fn next_users(call: &Call<'_>) -> Result<Value, Failed> {
    let subs: Vec<String> = call.read()?;
    let mut practice = call.server.lock();
    if let Some(unknown) = subs.iter().find(|sub| practice.config.user(sub).is_none()) {
        return Err(failed(404, format!("there is no user {unknown}")));
    }
    room(practice.next_users.len(), subs.len())?;
    practice.next_users.extend(subs);
    done()
}

pub(super) fn next_codes(call: &Call<'_>) -> Result<Value, Failed> {
    let codes: Vec<String> = call.read()?;
    // RFC 6749 appendix A.11
    let is_code =
        |code: &String| (1..=512).contains(&code.len()) && code.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    if !codes.iter().all(is_code) {
        return Err(failed(400, "a code has 1 to 512 printable characters of ASCII"));
    }
    let mut practice = call.server.lock();
    room(practice.next_codes.len(), codes.len())?;
    practice.next_codes.extend(codes.into_iter().map(Into::into));
    done()
}

fn room(waiting: usize, more: usize) -> Result<(), Failed> {
    match more {
        0 => Err(failed(400, "the list is empty")),
        _ if waiting + more > MANY => Err(failed(409, format!("no more than {MANY} may wait"))),
        _ => Ok(()),
    }
}

pub(super) fn end_sessions(call: &Call<'_>) -> Result<Value, Failed> {
    call.server.lock().store.browsers.clear();
    done()
}

pub(super) fn end_session(call: &Call<'_>) -> Result<Value, Failed> {
    let ended = call.server.lock().store.browsers.take_entry(call.id());
    ended.map(|_| json!({})).ok_or_else(|| call.unknown("session"))
}

pub(super) fn end_tokens(call: &Call<'_>) -> Result<Value, Failed> {
    call.server.lock().end_tokens();
    done()
}

pub(super) fn end_token(call: &Call<'_>) -> Result<Value, Failed> {
    let mut practice = call.server.lock();
    let is_token = practice.store.browsers.entry(call.id()).is_none();
    match is_token && practice.end(call.id()) {
        true => done(),
        false => Err(call.unknown("token")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    time: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    by: Option<i64>,
}

/// Clocks of all servers go alike.
pub(super) fn set_clock(call: &Call<'_>) -> Result<Value, Failed> {
    let shown = call.server.lock().time(call.now);
    let to = match call.read()? {
        Clock { time: Some(time), by: None } => Timestamp::parse(&time)
            .ok_or_else(|| failed(400, format!("time is {time}, not like 2030-01-01T00:00:00Z")))?,
        Clock { time: None, by: Some(by) } if !(-SPAN..=SPAN).contains(&by) => {
            return Err(failed(400, format!("by is {by}, and the clock is moved by {SPAN} seconds at most")));
        }
        Clock { time: None, by: Some(by) } => {
            let span = Duration::from_secs(by.unsigned_abs());
            if by < 0 { shown - span } else { shown + span }
        }
        _ => return Err(failed(400, "one of time and by has to be there")),
    };
    call.host.set_clock(to, call.now);
    Ok(json!({ "time": to.to_utc() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Alg {
    alg: Option<String>,
}

pub(super) fn publish_key(call: &Call<'_>) -> Result<Value, Failed> {
    let Alg { alg } = call.read()?;
    let mut practice = call.server.lock();
    more_keys(&practice)?;
    let Practice { keys, entropy, .. } = &mut *practice;
    let alg = alg.unwrap_or_else(|| keys.alg().to_owned());
    let kid = keys.publish(&alg, entropy).map_err(|error| failed(400, error.to_string()))?;
    Ok(json!({ "kid": kid }))
}

pub(super) fn rotate_keys(call: &Call<'_>) -> Result<Value, Failed> {
    let Alg { alg } = call.read()?;
    let mut practice = call.server.lock();
    more_keys(&practice)?;
    let Practice { keys, entropy, .. } = &mut *practice;
    let kid = keys.rotate(alg.as_deref(), entropy).map_err(|error| failed(400, error.to_string()))?;
    Ok(json!({ "kid": kid }))
}

fn more_keys(practice: &Practice) -> Result<(), Failed> {
    let is_room = practice.keys.all().len() < KEYS;
    is_room.then_some(()).ok_or_else(|| failed(409, format!("there are {KEYS} keys; withdraw one first")))
}

pub(super) fn withdraw_key(call: &Call<'_>) -> Result<Value, Failed> {
    match call.server.lock().keys.withdraw(call.id()) {
        Some(true) => done(),
        Some(false) => Err(failed(409, format!("{} is the only key to sign with; rotate first", call.id()))),
        None => Err(call.unknown("key")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sign {
    claims: Map<String, Value>,
    #[serde(default)]
    header: Map<String, Value>,
    alg: Option<String>,
}

pub(super) fn sign(call: &Call<'_>) -> Result<Value, Failed> {
    let Sign { claims, mut header, alg } = call.read()?;
    let mut practice = call.server.lock();
    let wrong = |error: KeyError| failed(400, error.to_string());
    if let Some(alg) = &alg {
        more_keys(&practice)?;
        practice.has_key_for(alg).map_err(wrong)?;
    }
    let key = practice.keys.of_alg(alg.as_deref()).ok_or_else(|| failed(400, "there is no key"))?;
    header.entry("typ").or_insert_with(|| json!("JWT"));
    let token = key.sign(&header, &Value::Object(claims)).map_err(wrong)?;
    Ok(json!({ "token": token }))
}

pub(super) fn reset(call: &Call<'_>) -> Result<Value, Failed> {
    let mut practice = call.server.lock();
    practice.end_all();
    practice.faults.clear();
    practice.next_users.clear();
    practice.next_codes.clear();
    practice.clear_log();
    done()
}
