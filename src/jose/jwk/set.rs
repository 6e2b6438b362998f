//! A JWK Set (RFC 7517 section 5) and what to say about it.

use std::collections::HashMap;
use std::fmt;

use super::super::algorithm::{self, Family};
use super::super::base64url;
use super::material::{Material, bits, needed_by};
use super::rules::{
    CERTIFICATE, KID_PRESENT, KNOWN, MINIMAL, NOT_EMPTY, PRIVATE, PURPOSE, READABLE, READING, SET, THUMBPRINT,
    UNIQUE_KID, WEAK_KEY,
};
use super::{Jwk, KeyError, PRIVATE_MEMBERS, Unread, certificate, roca};
use crate::base::check::{Check, Rule, Verdict};
use crate::base::json::{Json, JsonError};
use crate::base::text::visible;

/// In what form keys came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// `{ "keys": [..] }`
    Set,
    /// Keys in an array that is no member.
    List,
    /// A JWK alone.
    Key,
    /// Names with certificates or public keys in PEM, as Google publishes them beside its JWK Set.
    Map,
    /// Names with keys.
    Named,
}

/// A set of keys; what cannot be read is kept apart and does not spoil the rest.
#[derive(Clone, PartialEq, Eq)]
pub struct JwkSet {
    /// The keys that could be read, in order.
    pub keys: Vec<Jwk>,
    /// Index in the set and reason of those that could not.
    pub unreadable: Vec<(usize, KeyError)>,
    /// The set as it was given.
    pub json: Json,
    shape: Shape,
    /// How it was written, where that is another way than most libraries read.
    pub(super) written: Option<&'static str>,
}

impl JwkSet {
    /// Reads a JWK Set, an array of JWKs, a single JWK as a set of one, or a map of names to certificates or public keys in PEM.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn from_json(json: &Json) -> Result<Self, KeyError> {
        let shape = match json.get("keys") {
            Some(Json::Array(_)) => Shape::Set,
            Some(other) => {
                return Err(KeyError::NoKeys(format!(
                    "an object whose keys is of type {}, not an array",
                    other.kind()
                )));
            }
            None if json.get("kty").is_some() => Shape::Key,
            None if is_map(json) => Shape::Map,
            None if is_named(json) => Shape::Named,
            None if is_list(json) => Shape::List,
            None => return Err(KeyError::NoKeys(what(json))),
        };
        let mut set = Self { keys: Vec::new(), unreadable: Vec::new(), json: json.clone(), shape, written: None };
        for (at, (kid, key)) in given(json, shape).into_iter().enumerate() {
            let read = match shape {
                Shape::Map => from_pem(kid, key),
                Shape::Named => {
                    Jwk::from_json(key).map(|key| Jwk { kid: key.kid.or_else(|| kid.map(str::to_owned)), ..key })
                }
                _ => Jwk::from_json(key),
            };
            match read {
                Ok(key) => set.keys.push(key),
                Err(error) => set.unreadable.push((at, error)),
            }
        }
        Ok(set)
    }

    /// The keys that could not be read, with what was probably meant by them.
    pub fn unread(&self) -> Vec<Unread> {
        let given = given(&self.json, self.shape);
        let unread = self.unreadable.iter().filter_map(|(at, error)| {
            let (kid, json) = given.get(*at)?;
            Some(Unread::of(*at, *kid, json, error))
        });
        unread.collect()
    }

    /// Keys in JSON with line breaks inside its texts (RFC 8259 section 7): what they are without them is told, and none of
    /// them is used.
    pub(super) fn broken_in_lines(text: &str, error: &JsonError) -> Result<Self, KeyError> {
        let joined =
            Json::parse_text(&text.replace(['\n', '\r'], "")).ok().and_then(|json| Self::from_json(&json).ok());
        let mut set = joined.ok_or_else(|| KeyError::NoKeys(format!("JSON with a fault: {error}")))?;
        let fault = || KeyError::NotAJwk(format!("a line break stands inside a text of the JSON ({error})"));
        set.unreadable = (0..given(&set.json, set.shape).len()).map(|at| (at, fault())).collect();
        set.keys.clear();
        Ok(set)
    }

    /// Judges the set as something published for verifiers.
    pub fn checks(&self) -> Vec<Check> {
        let mut checks = vec![
            self.set(),
            NOT_EMPTY.holds(!self.keys.is_empty(), "at least one key", count(self.keys.len())),
            self.private_members(),
            self.unique_kid(),
            self.kid_present(),
        ];
        checks.splice(1..1, self.key_checks());
        checks
    }

    /// Judges each key by itself, whoever it is for.
    pub fn key_checks(&self) -> Vec<Check> {
        let minimal = self.judge(&MINIMAL, "no zero octet in front", padded_number);
        let thumbprint = self.judge(&THUMBPRINT, "hashes of the certificate", certificate::thumbprint_fault);
        let mut checks = vec![
            self.readable(),
            self.judge(&WEAK_KEY, STRONG, weakness),
            Check { verdict: minimal.verdict.max(Verdict::Warn), ..minimal },
            self.judge(&PURPOSE, "members that agree", contradiction),
            self.judge(&CERTIFICATE, "a certificate of this key", certificate::fault),
            thumbprint,
            self.judge(&KNOWN, "registered names", unknown),
        ];
        checks.extend(self.written.map(|how| READING.broken("PEM in its lines, or JSON", how)));
        checks
    }

    fn set(&self) -> Check {
        let expected = "{ \"keys\": [..] }";
        match self.shape {
            Shape::Set if self.json.members().iter().filter(|(name, _)| name == "keys").count() > 1 => {
                SET.broken("keys once", "keys twice, of which others may read the other one")
            }
            Shape::Set => SET.pass(count(self.keys.len() + self.unreadable.len())),
            Shape::List => {
                let keys = count(given(&self.json, self.shape).len());
                SET.broken(expected, format!("a list of {keys} without the object around it"))
            }
            Shape::Key => SET.broken(expected, "a single JWK"),
            Shape::Map => SET.broken(expected, "a map of names to certificates or public keys in PEM"),
            Shape::Named => SET.broken(expected, "a map of names to keys, read as if each name were a kid"),
        }
    }

    fn readable(&self) -> Check {
        let errors: Vec<String> = self.unreadable.iter().map(|(at, error)| format!("keys[{at}]: {error}")).collect();
        READABLE.holds(errors.is_empty(), "keys that can be read", listed(&errors, self.keys.len()))
    }

    /// Also looks into keys that could not be read.
    fn private_members(&self) -> Check {
        let given = given(&self.json, self.shape);
        let mut found = Vec::new();
        for (at, (_, key)) in given.iter().enumerate() {
            let names: Vec<&str> = PRIVATE_MEMBERS.into_iter().filter(|name| key.get(name).is_some()).collect();
            if !names.is_empty() {
                found.push(format!("keys[{at}] has {}", names.join(", ")));
            }
        }
        PRIVATE.holds(found.is_empty(), "public members only", listed(&found, given.len()))
    }

    fn unique_kid(&self) -> Check {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for kid in self.keys.iter().filter_map(|key| key.kid.as_deref()) {
            *counts.entry(kid).or_default() += 1;
        }
        let mut repeated: Vec<String> =
            counts.into_iter().filter(|(_, n)| *n > 1).map(|(kid, n)| format!("{} {n} times", visible(kid))).collect();
        repeated.sort();
        UNIQUE_KID.holds(repeated.is_empty(), "each kid once", listed(&repeated, self.keys.len()))
    }

    fn kid_present(&self) -> Check {
        let without = self.keys.iter().filter(|key| key.kid.is_none()).count();
        let holds = without == 0 || self.keys.len() == 1;
        KID_PRESENT.holds(holds, "a kid in each", format!("{without} of {} without kid", count(self.keys.len())))
    }

    fn judge(&self, rule: &'static Rule, expected: &str, fault: fn(&Jwk) -> Option<String>) -> Check {
        let faults: Vec<String> =
            self.keys.iter().filter_map(|key| Some(format!("{}: {}", named(key), fault(key)?))).collect();
        rule.holds(faults.is_empty(), expected, listed(&faults, self.keys.len()))
    }
}

/// How a key is called in a sentence: `kid practice-1, EC P-256`.
pub(in crate::jose) fn named(key: &Jwk) -> String {
    match &key.kid {
        Some(kid) => format!("kid {}, {}", visible(kid), key.describe()),
        None => format!("{} without kid", key.describe()),
    }
}

/// The keys as they were given, with their names.
fn given(json: &Json, shape: Shape) -> Vec<(Option<&str>, &Json)> {
    match shape {
        Shape::Set => {
            let keys = json.get("keys").map(Json::elements).unwrap_or_default();
            keys.iter().map(|key| (key.text("kid"), key)).collect()
        }
        Shape::List => json.elements().iter().map(|key| (key.text("kid"), key)).collect(),
        Shape::Key => vec![(json.text("kid"), json)],
        Shape::Map | Shape::Named => json.members().iter().map(|(name, key)| (Some(name.as_str()), key)).collect(),
    }
}

/// Names with PEM texts and nothing else.
fn is_map(json: &Json) -> bool {
    let is_pem = |value: &Json| value.as_str().is_some_and(|text| text.contains("-----BEGIN "));
    !json.members().is_empty() && json.members().iter().all(|(_, value)| is_pem(value))
}

/// Names with keys and nothing else.
fn is_named(json: &Json) -> bool {
    !json.members().is_empty() && json.members().iter().all(|(_, value)| value.get("kty").is_some())
}

/// Keys and nothing else.
fn is_list(json: &Json) -> bool {
    !json.elements().is_empty() && json.elements().iter().all(|key| key.get("kty").is_some())
}

/// What JSON is that holds no keys.
fn what(json: &Json) -> String {
    match (json, json.text("jwks_uri")) {
        (_, Some(jwks_uri)) => format!("metadata; the keys are at their jwks_uri, {}", visible(jwks_uri)),
        (Json::Object(_), None) => "an object with neither an array keys nor a member kty".to_owned(),
        (other, None) => format!("JSON of type {} without a JWK", other.kind()),
    }
}

fn from_pem(kid: Option<&str>, text: &Json) -> Result<Jwk, KeyError> {
    let key = Jwk::from_pem(text.as_str().unwrap_or_default())?;
    Ok(Jwk { kid: kid.map(str::to_owned), ..key })
}

/// What is expected of a key that is not weak.
const STRONG: &str = "2048 bits or more and an odd exponent of 3 or more";

/// Says that a key is weak, if it is.
pub(in crate::jose) fn weak(key: &Jwk) -> Option<Check> {
    weakness(key).map(|what| WEAK_KEY.broken(STRONG, format!("{}: {what}", named(key))))
}

/// RFC 7518 sections 2 and 6.3.1: Base64urlUInt has no leading zero octets.
fn padded_number(key: &Jwk) -> Option<String> {
    let begins_with_zero = |name: &&str| {
        key.json.text(name).and_then(base64url::decode_leniently).is_some_and(|bytes| bytes.first() == Some(&0))
    };
    let found = ["n", "e"].into_iter().filter(|_| key.kty == "RSA").find(begins_with_zero)?;
    Some(format!("{found} begins with a zero octet"))
}

fn weakness(key: &Jwk) -> Option<String> {
    let Ok(Material::Rsa { n, e }) = key.material() else { return None };
    if bits(&n) < 2048 {
        return Some(format!("{} bits", bits(&n)));
    }
    if roca::has_fingerprint(&n) {
        return Some("made by a chip with the ROCA flaw (CVE-2017-15361)".to_owned());
    }
    let even = e.last().is_none_or(|last| last % 2 == 0);
    (even || e == [1]).then(|| format!("the exponent is {}", if even { "even" } else { "1" }))
}

/// RFC 7517 sections 4.2 to 4.4.
fn contradiction(key: &Jwk) -> Option<String> {
    if key.json.get("key_ops").is_some_and(|ops| !matches!(ops, Json::Array(_))) {
        return Some("key_ops is no array".to_owned());
    }
    let for_encryption = match key.key_use.as_deref() {
        Some("sig") => Some(false),
        Some("enc") => Some(true),
        _ => None,
    };
    let signs = |op: &&String| matches!(op.as_str(), "sign" | "verify");
    if let Some(op) = key.key_ops.iter().find(|op| for_encryption.is_some_and(|encrypts| encrypts == signs(op))) {
        return Some(format!("use and key_ops disagree on {}", visible(op)));
    }
    let info = algorithm::find(key.alg.as_deref()?)?;
    if for_encryption.is_some_and(|encrypts| encrypts != (info.family == Family::Jwe)) {
        return Some(format!("alg {} is not for use {}", info.name, key.key_use.as_deref().unwrap_or_default()));
    }
    let known = !matches!(key.material(), Ok(Material::Other) | Err(_));
    let suits = key.material().is_ok_and(|material| material.suits(info));
    (known && info.family != Family::Jwe && !suits).then(|| format!("alg {} needs {}", info.name, needed_by(info)))
}

fn unknown(key: &Jwk) -> Option<String> {
    if let Some(alg) = key.alg.as_deref().filter(|alg| algorithm::find(alg).is_none()) {
        return Some(format!("alg {} is not known", visible(alg)));
    }
    if key.json.get("kid").is_some_and(|kid| kid.as_str().is_none()) {
        return Some("kid is no text, so that no token leads to it".to_owned());
    }
    let is_private = PRIVATE_MEMBERS.into_iter().any(|member| key.json.get(member).is_some());
    if key.key_ops == ["sign"] && !is_private {
        return Some("key_ops is sign alone, which the public part cannot do".to_owned());
    }
    if key.key_use.as_deref() == Some("jwt-svid") {
        return Some("use jwt-svid is SPIFFE's word for sig, which other clients do not know".to_owned());
    }
    let known_elsewhere = key.json.text("crv").is_some_and(|crv| matches!(crv, "X25519" | "X448" | "Ed448"));
    let other = matches!(key.material(), Ok(Material::Other)) && !known_elsewhere;
    other.then(|| format!("{} is not known", visible(&key.describe())))
}

fn listed(faults: &[String], judged: usize) -> String {
    if faults.is_empty() { count(judged) } else { faults.join("; ") }
}

fn count(keys: usize) -> String {
    if keys == 1 { "1 key".to_owned() } else { format!("{keys} keys") }
}

impl fmt::Debug for JwkSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwkSet").field("keys", &self.keys).field("unreadable", &self.unreadable).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EC: &str = r#""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#;

    fn set(keys: &[String]) -> JwkSet {
        let json = Json::parse_text(&format!(r#"{{"keys":[{}]}}"#, keys.join(","))).expect("JSON");
        JwkSet::from_json(&json).expect("a set")
    }

    #[test]
    fn one_unreadable_key_does_not_spoil_the_set() {
        let set = set(&["{}".to_owned(), format!("{{{EC}}}"), "7".to_owned()]);
        assert_eq!(set.keys.len(), 1);
        assert_eq!(set.unreadable.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 2]);
    }

    #[test]
    fn a_single_key_is_a_set_of_one_and_other_json_is_none() {
        let read = |text: &str| JwkSet::from_json(&Json::parse_text(text).expect("JSON"));
        assert_eq!(read(&format!("{{{EC}}}")).expect("a set").keys.len(), 1);
        assert_eq!(JwkSet::from_text(&format!(" {{{EC}}}")).expect("a set").keys.len(), 1);
        assert!(JwkSet::from_text("{").expect_err("JSON").to_string().contains("EOF"));
        assert!(JwkSet::from_text("key").expect_err("PEM").to_string().contains("PEM"));
        assert_eq!(read(&format!("[{{{EC}}}, {{{EC}}}]")).expect("a set").keys.len(), 2);
        for (text, what) in [
            ("{}", "neither an array keys nor a member kty"),
            (r#"{"keys":{}}"#, "an object whose keys is of type object"),
            (r#"{"issuer":"a","jwks_uri":"https://as.example/keys"}"#, "at their jwks_uri, https://as.example/keys"),
            ("[]", "JSON of type array without a JWK"),
            ("[1]", "JSON of type array without a JWK"),
            ("<html>Sign in", "a page"),
            ("eyJhbGciOiJub25lIn0.e30.", "a token"),
            (" ", "nothing"),
        ] {
            let said = JwkSet::from_text(text).expect_err(text).to_string();
            assert!(said.contains(what) && said.contains(r#"{ "keys": [..] }"#), "{said}");
        }
    }
}
