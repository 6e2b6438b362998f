//! Postman: the OAuth 2.0 part of a collection (v2), and the values of an environment.

use std::collections::HashMap;

use super::{Filled, grant_of_type, plain};
use crate::base::json::Json;
use crate::terms::grant::Grant;

/// Keys of an `oauth2` block, and the settings they are.
const KEYS: [(&str, &str); 10] = [
    ("authUrl", "authorization_endpoint"),
    ("accessTokenUrl", "token_endpoint"),
    ("clientId", "client_id"),
    ("clientSecret", "client_secret"),
    ("scope", "scope"),
    ("redirect_uri", "redirect_uri"),
    ("username", "username"),
    ("password", "password"),
    ("challengeAlgorithm", "code_challenge_method"),
    ("audience", "audience"),
];

/// What people call such values in an environment, without case and marks.
const NAMES: [(&str, &str); 27] = [
    ("issuer", "issuer"),
    ("issuerurl", "issuer"),
    ("authority", "issuer"),
    ("authurl", "authorization_endpoint"),
    ("authorizeurl", "authorization_endpoint"),
    ("authorizationurl", "authorization_endpoint"),
    ("authorizationendpoint", "authorization_endpoint"),
    ("tokenurl", "token_endpoint"),
    ("accesstokenurl", "token_endpoint"),
    ("tokenendpoint", "token_endpoint"),
    ("clientid", "client_id"),
    ("clientsecret", "client_secret"),
    ("scope", "scope"),
    ("scopes", "scope"),
    ("redirecturi", "redirect_uri"),
    ("redirecturl", "redirect_uri"),
    ("callbackurl", "redirect_uri"),
    ("username", "username"),
    ("password", "password"),
    ("refreshtoken", "refresh_token"),
    ("audience", "audience"),
    ("resource", "resource"),
    ("userinfoendpoint", "userinfo_endpoint"),
    ("userinfourl", "userinfo_endpoint"),
    ("jwksuri", "jwks_uri"),
    ("jwksurl", "jwks_uri"),
    ("apiurl", "api_url"),
];

/// Longest value of a variable, and of what is made of several, in bytes: more is none of a login.
const LONGEST: usize = 4096;

/// So many variables are named that are not taken over.
const MOST_NAMED: usize = 20;

/// How deep folders are looked into.
const DEPTH: usize = 32;

/// Reads a collection or an environment; `None` when it is neither.
pub(super) fn read(json: &Json) -> Option<Filled> {
    let info = json.get("info").filter(|_| json.get("item").is_some());
    if info.is_some() {
        return Some(collection(json));
    }
    let values = json.get("values").filter(|values| matches!(values, Json::Array(_)))?;
    let is_environment = json.get("_postman_variable_scope").is_some() || json.get("name").is_some();
    is_environment.then(|| environment(values))
}

fn collection(json: &Json) -> Filled {
    let mut filled = Filled::new("a Postman collection");
    let variables = variables(json.get("variable"));
    let mut blocks = Vec::new();
    find(json, DEPTH, &mut blocks);
    let Some(block) = blocks.first() else {
        filled.note("There is no OAuth 2.0 authorization in it.");
        return filled;
    };
    if blocks.iter().any(|other| other != block) {
        filled
            .note(format!("{} of its requests have an authorization of their own: the first is taken.", blocks.len()));
    }
    let pairs = variables_of(block);
    let get = |key: &str| pairs.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
    for (key, setting) in KEYS {
        let value = if key == "challengeAlgorithm" { get(key).map(challenge_method) } else { get(key) };
        put(&mut filled, setting, value.unwrap_or_default(), &variables);
    }
    filled.grant = match get("grant_type").unwrap_or("authorization_code") {
        "authorization_code" | "authorization_code_with_pkce" => Some(Grant::AuthorizationCode),
        "password_credentials" => Some(Grant::Password),
        other => grant_of_type(other),
    };
    // Postman says where the credentials travel and leaves a public client without a secret.
    let method = match (get("clientSecret").is_some_and(|secret| !secret.is_empty()), get("client_authentication")) {
        (false, _) => "none",
        (true, Some("body")) => "client_secret_post",
        (true, _) => "client_secret_basic",
    };
    filled.put("token_endpoint_auth_method", method);
    for (list, table) in [("authRequestParams", "extra"), ("tokenRequestParams", "token_request.extra")] {
        for (name, value) in block_list(block, list) {
            put(&mut filled, &format!("{table}.{name}"), &value, &variables);
        }
    }
    filled.without_discovery();
    filled
}

/// `S256` and `plain` are called by their algorithm.
fn challenge_method(value: &str) -> &str {
    if value.contains("256") { "S256" } else { "plain" }
}

/// Every `oauth2` block of the collection and its folders, in order.
fn find<'a>(json: &'a Json, depth: usize, blocks: &mut Vec<&'a Json>) {
    let oauth2 = |auth: &'a Json| auth.get("oauth2").filter(|_| auth.text("type") == Some("oauth2"));
    let here = [json.get("auth"), json.get("request").and_then(|request| request.get("auth"))];
    blocks.extend(here.into_iter().flatten().filter_map(oauth2));
    if depth > 0 {
        let items = json.get("item").map(Json::elements).unwrap_or_default();
        items.iter().for_each(|item| find(item, depth - 1, blocks));
    }
}

fn environment(values: &Json) -> Filled {
    let mut filled = Filled::new("a Postman environment");
    let variables = variables(Some(values));
    let mut unknown = Vec::new();
    for (key, value) in variables_of(values) {
        let name = plain(&key);
        match NAMES.iter().find(|(known, _)| *known == name) {
            Some((_, setting)) => put(&mut filled, setting, &value, &variables),
            None => unknown.push(key),
        }
    }
    if !unknown.is_empty() {
        let more = unknown.len().saturating_sub(MOST_NAMED);
        unknown.truncate(MOST_NAMED);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        filled.note(format!("Not taken over, since no setting is called like it: {}{more}.", unknown.join(", ")));
    }
    if filled.get("token_endpoint").is_some() {
        filled.without_discovery();
    }
    filled
}

/// `[{"key": .., "value": ..}]` or, in older files, an object.
fn variables_of(list: &Json) -> Vec<(String, String)> {
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    };
    let is_on = |item: &&Json| {
        item.get("enabled").and_then(Json::as_bool) != Some(false)
            && item.get("disabled").and_then(Json::as_bool) != Some(true)
    };
    match list {
        Json::Array(items) => {
            let pair =
                |item: &Json| Some((item.text("key")?.to_owned(), item.get("value").map(text).unwrap_or_default()));
            items.iter().filter(is_on).filter_map(pair).collect()
        }
        Json::Object(members) => members.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        _ => Vec::new(),
    }
}

/// The extra parameters of one kind of request.
fn block_list(block: &Json, name: &str) -> Vec<(String, String)> {
    let items = block.elements().iter();
    let list = items.filter(|item| item.text("key") == Some(name)).find_map(|item| item.get("value"));
    list.or_else(|| block.get(name)).map(variables_of).unwrap_or_default()
}

fn variables(list: Option<&Json>) -> HashMap<String, String> {
    list.map(variables_of).unwrap_or_default().into_iter().collect()
}

/// Puts in a value with its `{{variables}}`; one that is not known stays as it is written.
fn put(filled: &mut Filled, setting: &str, value: &str, variables: &HashMap<String, String>) {
    filled.put(setting, resolved(value, variables));
}

/// One step: what a variable holds is taken as it is.
fn resolved(value: &str, variables: &HashMap<String, String>) -> String {
    let (mut out, mut rest) = (String::new(), value);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else { break };
        out.push_str(before);
        let is_plain = |value: &&String| !value.is_empty() && value.len() <= LONGEST && !value.contains("{{");
        match variables.get(name.trim()).filter(is_plain) {
            Some(known) if out.len() <= LONGEST => out.push_str(known),
            _ => out.extend(["{{", name, "}}"]),
        }
        rest = behind;
    }
    out + rest
}
