//! The rules of a configuration file.

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Table;

use super::super::pattern::Pattern;
use super::super::rules::{ClaimRule, OVERRIDABLE, Target, check_time};
use super::super::token::{ACCESS_TOKEN_CLAIMS, ID_TOKEN_CLAIMS};
use super::file::{claims, format};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleTable {
    #[serde(default)]
    tokens: Vec<String>,
    #[serde(default)]
    when: Table,
    #[serde(default)]
    claims: Table,
    typ: Option<String>,
    kid: Option<String>,
    access_token_format: Option<String>,
}

/// A rule of the file.
///
/// # Errors
/// What cannot work, in words.
pub(super) fn rule(table: RuleTable) -> Result<ClaimRule, String> {
    let rule = ClaimRule {
        tokens: table.tokens.iter().map(|name| target(name)).collect::<Result<_, _>>()?,
        when: table.when.into_iter().map(condition).collect::<Result<_, _>>()?,
        claims: claims(table.claims),
        typ: table.typ,
        kid: table.kid,
        access_token_format: table.access_token_format.as_deref().map(|name| format(Some(name))).transpose()?,
    };
    check(&rule.claims)?;
    if let Some(name) = rule.hidden() {
        return Err(format!("{name} is a credential, which no rule can look at or tell"));
    }
    Ok(rule)
}

fn target(name: &str) -> Result<Target, String> {
    let known = Target::ALL.into_iter().find(|target| target.name() == name);
    let all = Target::ALL.map(Target::name).join(", ");
    known.ok_or_else(|| format!("tokens has {name}, and may have {all}"))
}

fn condition((name, value): (String, toml::Value)) -> Result<(String, Vec<Pattern>), String> {
    let texts = match value {
        toml::Value::String(text) => vec![text],
        toml::Value::Array(items) => {
            items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect::<Vec<_>>()
        }
        _ => Vec::new(),
    };
    if texts.is_empty() {
        return Err(format!("when: {name} is held against a text or several, * for any characters"));
    }
    Ok((name, texts.into_iter().map(Pattern::new).collect()))
}

fn check(claims: &Map<String, Value>) -> Result<(), String> {
    // Nothing in a token sets it, so a rule may.
    let is_free = |name: &str| name == "nbf" || OVERRIDABLE.contains(&name);
    let is_own = |name: &str| ACCESS_TOKEN_CLAIMS.contains(&name) || ID_TOKEN_CLAIMS.contains(&name);
    if let Some(name) = claims.keys().find(|name| is_own(name) && !is_free(name)) {
        let all = OVERRIDABLE.join(", ");
        return Err(format!(
            "claims has {name}, which the server decides; in its place a rule may decide {all} and nbf"
        ));
    }
    claims.iter().try_for_each(|(name, value)| check_time(name, value))
}
