//! Members of a document, or why they are not what is needed, with their place.

use super::error::ReadError;
use crate::base::json::Json;
use crate::base::time::Timestamp;
use crate::flow::stage::Stage;

/// What is read, or why it cannot be.
pub(super) type Read<T> = Result<T, ReadError>;

pub(super) fn member<'a>(json: &'a Json, name: &str) -> Read<&'a Json> {
    json.get(name).ok_or_else(|| ReadError::of(name, "is missing"))
}

/// What a member says; nothing where it is absent or `null`.
pub(super) fn optional<'a, T>(json: &'a Json, name: &str, read: impl FnOnce(&'a Json) -> Read<T>) -> Read<Option<T>> {
    let member = json.get(name).filter(|value| **value != Json::Null);
    member.map(read).transpose().map_err(|error| error.within(name))
}

/// The elements of a member; none where it is absent.
pub(super) fn list<'a, T>(json: &'a Json, name: &str, read: impl FnMut(&'a Json) -> Read<T>) -> Read<Vec<T>> {
    Ok(optional(json, name, |json| each(json, read))?.unwrap_or_default())
}

pub(super) fn each<'a, T>(json: &'a Json, mut read: impl FnMut(&'a Json) -> Read<T>) -> Read<Vec<T>> {
    array(json)?.iter().enumerate().map(|(at, one)| read(one).map_err(|error| error.at(at))).collect()
}

pub(super) fn array(json: &Json) -> Read<&[Json]> {
    match json {
        Json::Array(elements) => Ok(elements),
        other => Err(ReadError::of("", format!("an array is needed, not {}", other.a_kind()))),
    }
}

pub(super) fn as_str(json: &Json) -> Read<&str> {
    json.as_str().ok_or_else(|| ReadError::of("", format!("a string is needed, not {}", json.a_kind())))
}

pub(super) fn string<'a>(json: &'a Json, name: &str) -> Read<&'a str> {
    as_str(member(json, name)?).map_err(|error| error.within(name))
}

/// A whole number, of as many digits as there is room for.
pub(super) fn whole<T: std::str::FromStr>(json: &Json) -> Read<T> {
    let digits = if let Json::Number(digits) = json { digits.as_str() } else { "" };
    digits.parse().map_err(|_| ReadError::of("", "a whole number is needed"))
}

pub(super) fn time(json: &Json) -> Read<Timestamp> {
    Timestamp::parse(as_str(json)?).ok_or_else(|| ReadError::of("", "a time of RFC 3339 is needed"))
}

pub(super) fn stage(json: &Json) -> Read<Stage> {
    stage_named(string(json, "stage")?).map_err(|error| error.within("stage"))
}

pub(super) fn stage_named(slug: &str) -> Read<Stage> {
    Stage::find(slug).ok_or_else(|| ReadError::of("", "no stage of this name"))
}
