//! Claims by rule: what a request was for decides what tokens and answers say.

use std::time::Duration;

use serde_json::{Map, Value};

use super::Practice;
use super::config::AccessTokenFormat;
use super::facts::Facts;
use super::pattern::Pattern;
use crate::base::time::Timestamp;
use crate::terms::credential::is_credential;

/// What a rule speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// OIDC Core section 2.
    IdToken,
    /// RFC 9068.
    AccessToken,
    /// OIDC Core section 5.3.
    UserInfo,
    /// RFC 7662.
    Introspection,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::IdToken, Self::AccessToken, Self::UserInfo, Self::Introspection];

    /// In files: `access_token`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdToken => "id_token",
            Self::AccessToken => "access_token",
            Self::UserInfo => "userinfo",
            Self::Introspection => "introspection",
        }
    }
}

/// What the server decides by itself and a rule may decide in its place.
pub const OVERRIDABLE: [&str; 6] = ["sub", "aud", "acr", "amr", "auth_time", "exp"];
/// Claims whose value is a time.
const TIMES: [&str; 3] = ["exp", "auth_time", "nbf"];

/// What is said where a request fits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClaimRule {
    /// What it speaks of; everything when nothing is named.
    pub tokens: Vec<Target>,
    /// Each name with patterns, one of which has to fit one of its values.
    pub when: Vec<(String, Vec<Pattern>)>,
    /// What is said. `${name}` in a text stands for what was asked; a time may be `+60s` or `-1h`, from now.
    pub claims: Map<String, Value>,
    /// `typ` of the header.
    pub typ: Option<String>,
    /// `kid` of the header; the key stays.
    pub kid: Option<String>,
    /// What access tokens look like.
    pub access_token_format: Option<AccessTokenFormat>,
}

/// What of a header the rules say.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// The media type.
    pub typ: Option<String>,
    /// The name of the key.
    pub kid: Option<String>,
}

/// Whether no rule may look at a parameter: a credential, but for a code, which a test puts into the queue itself.
pub fn is_hidden(name: &str) -> bool {
    is_credential(name) && name != "code"
}

impl ClaimRule {
    /// The parameters that it asks about.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let mut placed = Vec::new();
        self.claims.values().for_each(|value| placeholders(value, &mut placed));
        self.when.iter().map(|(name, _)| name.as_str()).chain(placed)
    }

    /// The first credential that it would look at or tell.
    pub fn hidden(&self) -> Option<&str> {
        let mut placed = Vec::new();
        self.claims.values().for_each(|value| placeholders(value, &mut placed));
        let asked = self.when.iter().map(|(name, _)| name.as_str()).filter(|name| is_hidden(name));
        asked.chain(placed.into_iter().filter(|name| is_credential(name))).next()
    }

    fn is_about(&self, target: Target, facts: &Facts) -> bool {
        let fits = |(name, patterns): &(String, Vec<Pattern>)| {
            let values = facts.values(name);
            patterns.iter().any(|pattern| values.iter().any(|value| pattern.fits(value)))
        };
        (self.tokens.is_empty() || self.tokens.contains(&target)) && self.when.iter().all(fits)
    }
}

/// Says what the rules say; what the server had decided is told as overridden.
pub fn apply(practice: &Practice, target: Target, facts: &Facts, claims: &mut Value, now: Timestamp) -> Header {
    let mut header = Header::default();
    for (at, rule) in practice.config.rules.iter().enumerate() {
        if !rule.is_about(target, facts) {
            continue;
        }
        for (name, value) in &rule.claims {
            let value = timed(name, filled(value, facts), now);
            if OVERRIDABLE.contains(&name.as_str()) && claims.get(name).is_some_and(|own| *own != value) {
                practice.why.say(format!("{name} of the {} overridden by rule {}", target.name(), at + 1));
            }
            claims[name] = value;
        }
        for (name, said, setting) in [("typ", &rule.typ, &mut header.typ), ("kid", &rule.kid, &mut header.kid)] {
            if said.is_some() && matches!(target, Target::IdToken | Target::AccessToken) {
                practice.why.say(format!("{name} of the {} overridden by rule {}", target.name(), at + 1));
                setting.clone_from(said);
            }
        }
    }
    header
}

/// What access tokens look like, if a rule says so.
pub fn format(practice: &Practice, facts: &Facts) -> Option<AccessTokenFormat> {
    let mut about = practice.config.rules.iter().rev().filter(|rule| rule.is_about(Target::AccessToken, facts));
    about.find_map(|rule| rule.access_token_format)
}

/// The names between `${` and `}`.
fn placeholders<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.extend(parts(text).filter_map(|part| part.err())),
        Value::Array(items) => items.iter().for_each(|item| placeholders(item, found)),
        Value::Object(members) => members.values().for_each(|value| placeholders(value, found)),
        _ => {}
    }
}

/// The same with what was asked in their place.
fn filled(value: &Value, facts: &Facts) -> Value {
    match value {
        Value::String(text) => {
            parts(text).map(|part| part.map_or_else(|name| facts.text(name), str::to_owned)).collect::<String>().into()
        }
        Value::Array(items) => items.iter().map(|item| filled(item, facts)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), filled(value, facts))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// A text in its parts: what stands for itself, and as `Err` the names of what stands for something else.
fn parts(text: &str) -> impl Iterator<Item = Result<&str, &str>> {
    text.split("${")
        .enumerate()
        .flat_map(|(at, part)| match (at, part.split_once('}')) {
            (0, _) => [Some(Ok(part)), None],
            (_, Some((name, rest))) => [Some(Err(name)), Some(Ok(rest))],
            // Without an end it is no name.
            (_, None) => [Some(Ok("${")), Some(Ok(part))],
        })
        .flatten()
}

/// A time that is told from now as the number that it is.
fn timed(name: &str, value: Value, now: Timestamp) -> Value {
    let span = value.as_str().filter(|_| TIMES.contains(&name)).and_then(span);
    match span {
        Some((true, by)) => (now + by).seconds().into(),
        Some((false, by)) => (now - by).seconds().into(),
        None => value,
    }
}

/// `+60s`, `-1h`: whether it lies ahead, and how far.
fn span(text: &str) -> Option<(bool, Duration)> {
    let (is_ahead, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('-')?),
    };
    let (number, unit) = rest.split_at(rest.len() - usize::from(rest.ends_with(['s', 'm', 'h', 'd'])));
    let unit = match unit {
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => 1,
    };
    let seconds = number.parse::<u32>().ok()?;
    Some((is_ahead, Duration::from_secs(u64::from(seconds) * unit)))
}

/// Whether a claim that a rule sets can be told as it is wanted.
///
/// # Errors
/// In words.
pub fn check_time(name: &str, value: &Value) -> Result<(), String> {
    let is_time = value.is_number() || value.as_str().is_some_and(|text| span(text).is_some());
    if !TIMES.contains(&name) || is_time {
        return Ok(());
    }
    Err(format!("{name} is {value}, not a number of seconds since 1970, nor a span from now such as +60s or -1h"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::params::Params;
    use serde_json::json;

    #[test]
    fn what_was_asked_stands_in_the_place_of_its_name() {
        let facts = Facts {
            client_id: "shop".to_owned(),
            audience: vec!["a".to_owned(), "b".to_owned()],
            params: [("tenant", "blue")].into_iter().collect::<Params>(),
            ..Facts::default()
        };
        for (value, expected) in [
            (json!("${tenant}-${client_id}"), json!("blue-shop")),
            (json!(["${audience}", 1, { "a": "x${none}y" }]), json!(["a b", 1, { "a": "xy" }])),
            (json!("${tenant"), json!("${tenant")),
            (json!("a}b$c"), json!("a}b$c")),
            (json!("${${tenant}"), json!("${blue")),
        ] {
            assert_eq!(filled(&value, &facts), expected, "{value}");
        }
    }

    #[test]
    fn a_span_has_a_sign_a_number_and_perhaps_a_unit() {
        for (text, expected) in [
            ("+60s", Some((true, 60))),
            ("-1h", Some((false, 3600))),
            ("+2", Some((true, 2))),
            ("-3m", Some((false, 180))),
            ("+1d", Some((true, 86400))),
            ("60", None),
            ("+", None),
            ("+-1", None),
            ("-99999999999", None),
        ] {
            assert_eq!(span(text).map(|(ahead, by)| (ahead, by.as_secs())), expected, "{text}");
        }
    }
}
