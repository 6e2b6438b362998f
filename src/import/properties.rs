//! Spring Boot's `application.properties` and `application.yml`: the first client registration and its provider.

use serde_json::Value;

use super::{Filled, ImportError, grant_of_type, plain};
use crate::base::yaml;

const ROOT: &str = "spring.security.oauth2.";

/// Properties of a registration, without case and marks, and the settings they are.
const REGISTRATION: [(&str, &str); 4] = [
    ("clientid", "client_id"),
    ("clientsecret", "client_secret"),
    ("redirecturi", "redirect_uri"),
    ("clientauthenticationmethod", "token_endpoint_auth_method"),
];

/// Properties of a provider.
const PROVIDER: [(&str, &str); 5] = [
    ("issueruri", "issuer"),
    ("authorizationuri", "authorization_endpoint"),
    ("tokenuri", "token_endpoint"),
    ("userinfouri", "userinfo_endpoint"),
    ("jwkseturi", "jwks_uri"),
];

/// Reads properties; `None` when there is nothing of a login in them.
pub(super) fn read(text: &str) -> Option<Result<Filled, ImportError>> {
    let all = match is_yaml(text) {
        true => match yaml::documents(text) {
            Ok(documents) => documents.iter().flat_map(|document| flat(String::new(), document)).collect(),
            Err(why) => return Some(Err(ImportError::Unreadable("a Spring configuration in YAML", why))),
        },
        false => lines(text),
    };
    let pairs: Vec<_> = all.iter().filter_map(|(key, value)| Some((key.strip_prefix(ROOT)?, value.as_str()))).collect();
    (!pairs.is_empty()).then(|| Ok(of(&pairs)))
}

fn lines(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(str::trim).filter(|line| line.starts_with(ROOT));
    let pairs = lines.filter_map(|line| line.split_once(['=', ':']));
    pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect()
}

/// Whether a line opens what the properties of a login stand in.
fn is_yaml(text: &str) -> bool {
    let opens = |line: &str| line == "spring:" || line.starts_with("spring.") && line.ends_with(':');
    text.contains("oauth2") && text.lines().any(|line| opens(line.trim_end()))
}

/// The values of a document, each by the names that lead to it; a list is one value.
fn flat(key: String, value: &Value) -> Vec<(String, String)> {
    let said = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Object(members) => {
            let dot = if key.is_empty() { "" } else { "." };
            members.iter().flat_map(|(name, value)| flat(format!("{key}{dot}{name}"), value)).collect()
        }
        Value::Array(items) => vec![(key, items.iter().map(said).collect::<Vec<_>>().join(","))],
        Value::Null => Vec::new(),
        value => vec![(key, said(value))],
    }
}

fn of(pairs: &[(&str, &str)]) -> Filled {
    let mut filled = Filled::new("properties of a Spring application");
    let named =
        |part: &str| pairs.iter().find_map(|(key, _)| key.strip_prefix(part)?.split_once('.')).map(|(id, _)| id);
    let all = |part: &str, id: &str| -> Vec<(String, &str)> {
        let of_id = |key: &str| Some(plain(key.strip_prefix(part)?.strip_prefix(id)?.strip_prefix('.')?));
        pairs.iter().filter_map(|(key, value)| Some((of_id(key)?, *value))).collect()
    };
    let mut provider = named("client.provider.").map(str::to_owned);
    if let Some(id) = named("client.registration.") {
        let registration = all("client.registration.", id);
        let is_other = |(key, _): &&(&str, &str)| {
            let rest = key.strip_prefix("client.registration.").and_then(|key| key.split_once('.'));
            rest.is_some_and(|(other, _)| other != id)
        };
        if pairs.iter().any(|pair| is_other(&pair)) {
            filled.note(format!("There are more registrations in it: {id} is taken."));
        }
        take_client(&mut filled, &registration, id);
        let named = registration.iter().find(|(key, _)| key == "provider").map(|(_, value)| (*value).to_owned());
        let has_own = !all("client.provider.", id).is_empty();
        provider = named.or_else(|| has_own.then(|| id.to_owned())).or(provider);
    }
    for (key, value) in provider.iter().flat_map(|id| all("client.provider.", id)) {
        put(&mut filled, &PROVIDER, &key, value);
    }
    // A resource server names its issuer and nothing else.
    for (key, value) in all("resourceserver.", "jwt") {
        if filled.get("issuer").is_none() {
            put(&mut filled, &PROVIDER, &key, value);
        }
    }
    if filled.get("token_endpoint").is_some() {
        filled.without_discovery();
    } else if filled.get("issuer").is_none() {
        filled.note("The issuer is not in it: fill it in.");
    }
    filled
}

fn take_client(filled: &mut Filled, registration: &[(String, &str)], id: &str) {
    for (key, value) in registration {
        match key.as_str() {
            "scope" => filled.put("scope", value.split(',').map(str::trim).collect::<Vec<_>>().join(" ")),
            "authorizationgranttype" => filled.grant = grant_of_type(value),
            "redirecturi" => filled.put("redirect_uri", value.replace("{registrationId}", id)),
            _ => put(filled, &REGISTRATION, key, value),
        }
    }
}

fn put(filled: &mut Filled, known: &[(&str, &str)], key: &str, value: &str) {
    if let Some((_, setting)) = known.iter().find(|(name, _)| *name == key) {
        filled.put(*setting, value);
    }
}
