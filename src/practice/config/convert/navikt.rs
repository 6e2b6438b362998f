//! The `JSON_CONFIG` of mock-oauth2-server: callbacks, each an issuer with mappings from a parameter to claims.

use serde_json::{Map, Value};
use toml::Table;

use super::super::super::rules::{OVERRIDABLE, check_time, is_hidden};
use super::super::super::token::{ACCESS_TOKEN_CLAIMS, ID_TOKEN_CLAIMS};
use super::super::file::SIGNING_ALGS;
use super::{list, toml_of, unread};

/// The port of https, where the server of the other is at one port only.
const TLS_PORT: u16 = 9443;

/// One configuration.
pub struct Navikt<'a>(&'a Map<String, Value>);

/// Whether it is one.
pub fn read(value: &Value) -> Option<Navikt<'_>> {
    let object = value.as_object()?;
    let names = ["tokenCallbacks", "interactiveLogin", "httpServer", "tokenProvider", "rotateRefreshToken"];
    names.iter().any(|name| object.contains_key(*name)).then_some(Navikt(object))
}

impl Navikt<'_> {
    /// As a file says it. There every client is taken.
    pub fn table(&self, left_out: &mut Vec<String>) -> Table {
        let read = ["interactiveLogin", "tokenProvider", "tokenCallbacks", "httpServer"];
        left_out.extend(unread(self.0, &read).map(|name| format!("{name} has no meaning here")));
        let callbacks = self.0.get("tokenCallbacks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut issuers = callbacks.iter().filter_map(Value::as_object).map(|callback| issuer(callback, left_out));
        let mut table = issuers.next().unwrap_or_default();
        let further: Vec<Table> = issuers.collect();
        if !further.is_empty() {
            table.insert("issuers".to_owned(), list(further.into_iter().map(|one| self.common(one))));
        }
        let mut table = self.common(table);
        self.provider(&mut table, left_out);
        self.https(&mut table, left_out);
        table
    }

    /// There it takes the place of http, here it is beside it.
    fn https(&self, table: &mut Table, left_out: &mut Vec<String>) {
        let Some(server) = self.0.get("httpServer") else { return };
        let Some(ssl) = server.get("ssl") else { return left_out.push("httpServer has no meaning here".to_owned()) };
        table.insert("tls_port".to_owned(), i64::from(TLS_PORT).into());
        left_out.push(format!("httpServer.ssl: https is at port {TLS_PORT}, and tokens name it once issuer does"));
        if ssl.get("keystoreFile").is_some() {
            left_out.push("httpServer.ssl.keystoreFile: certificate takes a PEM file with its private key".to_owned());
        }
    }

    fn common(&self, mut table: Table) -> Table {
        let is_interactive = self.0.get("interactiveLogin").and_then(Value::as_bool).unwrap_or_default();
        table.insert("login".to_owned(), if is_interactive { "page" } else { "auto" }.into());
        table.insert("clients".to_owned(), "any".into());
        table
    }

    fn provider(&self, table: &mut Table, left_out: &mut Vec<String>) {
        let Some(provider) = self.0.get("tokenProvider").and_then(Value::as_object) else { return };
        left_out.extend(
            unread(provider, &["keyProvider", "systemTime"])
                .map(|name| format!("tokenProvider.{name} has no meaning here")),
        );
        if let Some(time) = provider.get("systemTime").and_then(Value::as_str) {
            table.insert("clock".to_owned(), time.into());
        }
        let Some(keys) = provider.get("keyProvider").and_then(Value::as_object) else { return };
        match keys.get("algorithm").and_then(Value::as_str) {
            Some(alg) if SIGNING_ALGS.contains(&alg) => drop(table.insert("signing_alg".to_owned(), alg.into())),
            Some(alg) => left_out.push(format!("algorithm {alg}: tokens are signed with {}", SIGNING_ALGS.join(", "))),
            None => {}
        }
        match keys.get("initialKeys") {
            Some(Value::String(text)) => drop(table.insert("keys".to_owned(), list([text.clone()]))),
            Some(key) => drop(table.insert("keys".to_owned(), list([key.to_string()]))),
            None => {}
        }
    }
}

fn issuer(callback: &Map<String, Value>, left_out: &mut Vec<String>) -> Table {
    let id = callback.get("issuerId").and_then(Value::as_str).unwrap_or("default");
    let read = ["issuerId", "tokenExpiry", "requestMappings"];
    left_out.extend(unread(callback, &read).map(|name| format!("{name} of the issuer {id} has no meaning here")));
    let mut table = Table::new();
    table.insert("path".to_owned(), format!("/{id}").into());
    if let Some(seconds) = callback.get("tokenExpiry").and_then(Value::as_i64) {
        for lifetime in ["access_token_lifetime", "id_token_lifetime"] {
            table.insert(lifetime.to_owned(), seconds.into());
        }
    }
    let mappings = callback.get("requestMappings").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    // There the first that fits is said, here the last.
    let rules: Vec<Table> = mappings.iter().rev().filter_map(|mapping| rule(mapping.as_object()?, left_out)).collect();
    if rules.len() > 1 {
        left_out.push(format!(
            "of several mappings of {id} that fit, claims that the first does not name come from the others"
        ));
    }
    if !rules.is_empty() {
        table.insert("rules".to_owned(), list(rules));
    }
    table
}

fn rule(mapping: &Map<String, Value>, left_out: &mut Vec<String>) -> Option<Table> {
    let name = mapping.get("requestParam").and_then(Value::as_str)?;
    let fits = mapping.get("match").and_then(Value::as_str).unwrap_or("*").replace(".*", "*");
    if is_hidden(name) || fits.contains(['[', '(', '+', '\\', '^', '$', '?']) {
        let why =
            if is_hidden(name) { "a credential decides nothing here" } else { "this expression has no place here" };
        left_out.push(format!("the mapping of {name} to {fits}: {why}"));
        return None;
    }
    let mut claims = Table::new();
    for (claim, value) in mapping.get("claims").and_then(Value::as_object).into_iter().flatten() {
        let value = named(value);
        match toml_of(&value).filter(|_| is_free(claim) && check_time(claim, &value).is_ok()) {
            Some(value) => drop(claims.insert(claim.clone(), value)),
            None => left_out.push(format!("the claim {claim} where {name} is {fits}: the server decides it")),
        }
    }
    let mut rule = Table::new();
    let any_of = list(fits.split('|').map(str::to_owned));
    rule.insert("when".to_owned(), Table::from_iter([(name.to_owned(), any_of)]).into());
    rule.insert("claims".to_owned(), claims.into());
    if let Some(typ) = mapping.get("typeHeader").and_then(Value::as_str) {
        rule.insert("typ".to_owned(), typ.into());
    }
    Some(rule)
}

fn is_free(claim: &str) -> bool {
    let is_own = ACCESS_TOKEN_CLAIMS.contains(&claim) || ID_TOKEN_CLAIMS.contains(&claim);
    !is_own || claim == "nbf" || OVERRIDABLE.contains(&claim)
}

/// With the names of parameters as they are on the wire.
fn named(value: &Value) -> Value {
    match value {
        Value::String(text) => text.replace("${clientId}", "${client_id}").into(),
        Value::Array(items) => items.iter().map(named).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), named(value))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}
