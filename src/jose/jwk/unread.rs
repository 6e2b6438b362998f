//! A key that cannot be read, and what was probably meant by it: said to explain it, never used to verify.

use super::super::{base64url, hash};
use super::material::CURVES;
use super::{Jwk, KeyError, certificate};
use crate::base::json::Json;
use crate::base::text::visible;

/// A key of a set that cannot be read.
#[derive(Clone, PartialEq, Eq)]
pub struct Unread {
    /// How it is called in a sentence: `keys[1], kid k1`.
    pub name: String,
    /// Its name, when it has one.
    pub kid: Option<String>,
    /// Why it cannot be read.
    pub error: KeyError,
    /// The key that was probably meant, and how it was read: `read as base64`.
    pub(in crate::jose) meant: Option<(Jwk, &'static str)>,
}

impl Unread {
    /// A key at this place of a set.
    pub(super) fn of(at: usize, kid: Option<&str>, json: &Json, error: &KeyError) -> Self {
        let name = match kid {
            Some(kid) => format!("keys[{at}], kid {}", visible(kid)),
            None => format!("keys[{at}]"),
        };
        Self { name, kid: kid.map(str::to_owned), error: error.clone(), meant: meant(json) }
    }
}

/// Writes a key as it was probably meant; `None` where there is nothing to repair.
type Repair = fn(&Json) -> Option<Json>;

/// Tries one repair after the other; the first that makes a key is taken.
fn meant(json: &Json) -> Option<(Jwk, &'static str)> {
    let repairs: [(Repair, &'static str); 6] = [
        (unbroken, "read without the line breaks and blanks in it"),
        (from_hexadecimal, "read as hexadecimal"),
        (recoded, "read as base64"),
        (in_full_length, "with x and y in their full length"),
        (from_certificate, "read from its certificate (x5c)"),
        (with_number, "with e written as base64url"),
    ];
    repairs.into_iter().find_map(|(repair, how)| Some((Jwk::from_json(&repair(json)?).ok()?, how)))
}

fn with_members(json: &Json, change: impl Fn(&str, &Json) -> Option<Json>) -> Option<Json> {
    let changed = |(name, value): &(String, Json)| (name.clone(), change(name, value).unwrap_or_else(|| value.clone()));
    json.is_object().then(|| Json::Object(json.members().iter().map(changed).collect()))
}

/// Numbers with white space in them.
fn unbroken(json: &Json) -> Option<Json> {
    with_members(json, |name, value| {
        let text = value.as_str().filter(|_| is_number(name))?;
        Some(Json::String(text.split_whitespace().collect()))
    })
}

/// Numbers in hexadecimal, also with colons between the bytes.
fn from_hexadecimal(json: &Json) -> Option<Json> {
    with_members(json, |name, value| {
        let text = value.as_str().filter(|_| is_number(name) && name != "k")?;
        let bytes = hash::from_hexadecimal(text)?;
        Some(Json::String(base64url::encode(&bytes)))
    })
}

fn is_number(name: &str) -> bool {
    matches!(name, "n" | "e" | "x" | "y" | "k")
}

/// Numbers in the alphabet of base64, with padding, or with unused bits.
fn recoded(json: &Json) -> Option<Json> {
    with_members(json, |name, value| {
        let bytes = base64url::decode_leniently(value.as_str().filter(|_| is_number(name))?)?;
        Some(Json::String(base64url::encode(&bytes)))
    })
}

/// Coordinates without their leading zeros, or with one more (RFC 7518 section 6.2.1.2).
fn in_full_length(json: &Json) -> Option<Json> {
    let size = CURVES.iter().find(|curve| Some(curve.name) == json.text("crv"))?.size;
    with_members(json, |name, value| {
        let bytes = base64url::decode_leniently(value.as_str().filter(|_| matches!(name, "x" | "y"))?)?;
        let bytes = super::material::without_leading_zeros(&bytes);
        let missing = size.checked_sub(bytes.len())?;
        Some(Json::String(base64url::encode(&[&vec![0; missing], bytes].concat())))
    })
}

/// The certificate alone, without the numbers that RFC 7518 section 6 asks for.
fn from_certificate(json: &Json) -> Option<Json> {
    let Json::Object(mut members) = certificate::key_of(json)?.ok()?.json else { return None };
    let others = json.members().iter().filter(|(name, _)| matches!(name.as_str(), "kid" | "use" | "alg" | "key_ops"));
    members.extend(others.cloned());
    Some(Json::Object(members))
}

/// An exponent written as a JSON number.
fn with_number(json: &Json) -> Option<Json> {
    with_members(json, |name, value| {
        let number = u32::try_from(value.as_i64().filter(|_| name == "e")?).ok()?;
        let bytes = number.to_be_bytes();
        Some(Json::String(base64url::encode(super::material::without_leading_zeros(&bytes))))
    })
}
