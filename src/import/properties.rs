//! Spring Boot's `application.properties`: the first client registration and its provider.

use super::{Filled, ImportError, grant_of_type, plain};

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
    if is_yaml(text) {
        let why = "write it as application.properties, one spring.security.oauth2 property a line".to_owned();
        return Some(Err(ImportError::Unreadable("a Spring configuration in YAML", why)));
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '!']));
    let pairs = lines.filter_map(|line| {
        let (key, value) = line.strip_prefix(ROOT)?.split_once(['=', ':'])?;
        Some((key.trim(), value.trim()))
    });
    let pairs: Vec<(&str, &str)> = pairs.collect();
    (!pairs.is_empty()).then(|| Ok(of(&pairs)))
}

fn is_yaml(text: &str) -> bool {
    let has = |key: &str| text.lines().any(|line| line.trim() == key);
    has("spring:") && has("oauth2:")
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
