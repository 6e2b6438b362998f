//! The lists of oidc-server-mock: clients, users and scopes, each a file of its own or a variable with all of it.

use serde_json::{Map, Value};
use toml::Table;

use super::{list, table_of, texts, toml_of, unread};

/// What `ClientClaimsPrefix` is when it is not said.
const PREFIX: &str = "client_";
/// Scopes that are there anyway.
const STANDARD: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The lists.
#[derive(Default)]
pub struct Lists {
    clients: Vec<Value>,
    users: Vec<Value>,
    scopes: Vec<String>,
    unknown: Vec<String>,
}

/// Whether it is one of them, or an object of them.
pub fn read(value: &Value) -> Option<Lists> {
    let mut lists = Lists::default();
    match value {
        Value::Array(_) => lists.take(value).then_some(lists),
        Value::Object(members) => {
            let mut is_known = false;
            for (name, value) in members {
                let inline = value.as_str().and_then(|text| super::read(text).ok());
                match lists.take(inline.as_ref().unwrap_or(value)) {
                    true => is_known = true,
                    false => lists.unknown.push(name.clone()),
                }
            }
            is_known.then_some(lists)
        }
        _ => None,
    }
}

impl Lists {
    /// Takes a list in, whose it is by its items.
    fn take(&mut self, value: &Value) -> bool {
        let Some(items) = value.as_array().filter(|items| !items.is_empty()) else { return false };
        let all_have = |name: &str| items.iter().all(|item| item.get(name).is_some());
        let named = |item: &Value| item.as_str().or_else(|| item.get("Name")?.as_str()).map(str::to_owned);
        if all_have("ClientId") {
            self.clients.extend(items.iter().cloned());
        } else if all_have("SubjectId") {
            self.users.extend(items.iter().cloned());
        } else if let Some(names) = items.iter().map(named).collect::<Option<Vec<_>>>() {
            self.scopes.extend(names);
        } else {
            return false;
        }
        true
    }

    /// As a file says it.
    pub fn table(self, left_out: &mut Vec<String>) -> Table {
        left_out.extend(self.unknown.iter().map(|name| match name.strip_suffix("_PATH") {
            Some(_) => format!("{name} names a file: convert that one too, and put both together"),
            None => format!("{name} has no meaning here"),
        }));
        let of_clients = self.clients.iter().flat_map(|client| texts(client.get("AllowedScopes")));
        let mut scopes: Vec<String> = Vec::new();
        for scope in self.scopes.iter().cloned().chain(of_clients) {
            if !scopes.contains(&scope) && !STANDARD.contains(&scope.as_str()) {
                scopes.push(scope);
            }
        }
        let mut table = Table::new();
        if !scopes.is_empty() {
            table.insert("scopes".to_owned(), list(scopes));
        }
        if self.clients.iter().any(|client| client.get("AllowedScopes").is_some()) {
            left_out.push("AllowedScopes: every client may ask for every scope".to_owned());
        }
        let clients: Vec<Table> =
            self.clients.iter().filter_map(Value::as_object).map(|object| client(object, left_out)).collect();
        let users: Vec<Table> =
            self.users.iter().filter_map(Value::as_object).map(|object| user(object, left_out)).collect();
        for (key, tables) in [("clients", clients), ("users", users)] {
            if !tables.is_empty() {
                table.insert(key.to_owned(), list(tables));
            }
        }
        table
    }
}

fn client(object: &Map<String, Value>, left_out: &mut Vec<String>) -> Table {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let id = text("ClientId").unwrap_or_default();
    let read = [
        "ClientId",
        "ClientName",
        "Description",
        "ClientSecrets",
        "RequireClientSecret",
        "AllowedGrantTypes",
        "AllowedScopes",
        "RedirectUris",
        "PostLogoutRedirectUris",
        "Claims",
        "ClientClaimsPrefix",
        "AccessTokenLifetime",
        "IdentityTokenLifetime",
        "AllowOfflineAccess",
        "AccessTokenType",
        "RequireConsent",
    ];
    left_out.extend(unread(object, &read).map(|name| format!("{name} of {id} has no meaning here")));
    let mut table = Table::new();
    table.insert("client_id".to_owned(), id.into());
    if let Some(name) = text("ClientName").or(text("Description")) {
        table.insert("client_name".to_owned(), name.into());
    }
    let is_public = object.get("RequireClientSecret").and_then(Value::as_bool) == Some(false);
    let secrets = texts(object.get("ClientSecrets"));
    if let Some(secret) = secrets.first().filter(|_| !is_public) {
        table.insert("client_secret".to_owned(), secret.clone().into());
    }
    if secrets.len() > 1 {
        left_out.push(format!("further secrets of {id}: a client has one"));
    }
    table.insert("grant_types".to_owned(), list(grants(object)));
    table.insert("response_types".to_owned(), list(["code", "id_token", "id_token token", "code id_token"]));
    let (patterns, exact): (Vec<String>, Vec<String>) =
        texts(object.get("RedirectUris")).into_iter().partition(|uri| uri.contains('*'));
    table.insert("any_loopback_redirect".to_owned(), (patterns.is_empty() && exact.is_empty()).into());
    table.insert("redirect_uris".to_owned(), list(exact));
    table.insert("redirect_patterns".to_owned(), list(patterns));
    table.insert("post_logout_redirect_uris".to_owned(), list(texts(object.get("PostLogoutRedirectUris"))));
    table.insert("access_token_claims".to_owned(), client_claims(object).into());
    if text("AccessTokenType").is_some_and(|kind| kind.eq_ignore_ascii_case("reference")) {
        table.insert("access_token_format".to_owned(), "opaque".into());
    }
    if object.get("RequireConsent").and_then(Value::as_bool) != Some(true) {
        table.insert("consent".to_owned(), "skip".into());
    }
    for (theirs, ours) in
        [("AccessTokenLifetime", "access_token_lifetime"), ("IdentityTokenLifetime", "id_token_lifetime")]
    {
        if let Some(seconds) = object.get(theirs).and_then(Value::as_i64) {
            table.insert(ours.to_owned(), seconds.into());
        }
    }
    table
}

fn grants(object: &Map<String, Value>) -> Vec<String> {
    let mut grants: Vec<String> = Vec::new();
    for grant in texts(object.get("AllowedGrantTypes")) {
        match grant.as_str() {
            "hybrid" => grants.extend(["authorization_code", "implicit"].map(str::to_owned)),
            _ => grants.push(grant),
        }
    }
    if object.get("AllowOfflineAccess").and_then(Value::as_bool) == Some(true) {
        grants.push("refresh_token".to_owned());
    }
    grants
}

fn client_claims(object: &Map<String, Value>) -> Table {
    let prefix = object.get("ClientClaimsPrefix").and_then(Value::as_str).unwrap_or(PREFIX);
    claims(object).into_iter().map(|(name, value)| (format!("{prefix}{name}"), value)).collect()
}

fn user(object: &Map<String, Value>, left_out: &mut Vec<String>) -> Table {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let sub = text("SubjectId").unwrap_or_default();
    left_out.extend(
        unread(object, &["SubjectId", "Username", "Password", "Claims"])
            .map(|name| format!("{name} of {sub} has no meaning here")),
    );
    let mut claims = claims(object);
    if let Some(name) = text("Username") {
        claims.entry("preferred_username").or_insert_with(|| name.into());
    }
    claims.remove("sub");
    let mut table = Table::new();
    table.insert("sub".to_owned(), sub.into());
    if let Some(password) = text("Password") {
        table.insert("password".to_owned(), password.into());
    }
    table.insert("claims".to_owned(), claims.into());
    table
}

/// JSON, also in single quotes, as its library takes it.
fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).or_else(|_| serde_json::from_str(&text.replace('\'', "\""))).ok()
}

/// `Type`, `Value` and `ValueType`; one that occurs twice has several values.
fn claims(object: &Map<String, Value>) -> Table {
    let mut claims: Map<String, Value> = Map::new();
    for claim in object.get("Claims").and_then(Value::as_array).into_iter().flatten() {
        let Some(name) = claim.get("Type").and_then(Value::as_str) else { continue };
        let text = claim.get("Value").cloned().unwrap_or_default();
        let is_json = claim.get("ValueType").and_then(Value::as_str).is_some_and(|kind| kind != "string");
        let parsed = text.as_str().filter(|_| is_json).and_then(json);
        let value = parsed.unwrap_or(text);
        match claims.get_mut(name) {
            None => drop(claims.insert(name.to_owned(), value)),
            Some(Value::Array(several)) => several.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
    claims.retain(|_, value| toml_of(value).is_some());
    table_of(&claims)
}
