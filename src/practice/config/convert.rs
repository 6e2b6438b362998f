//! Configurations of other mock servers as files of this one, as far as they go: the `JSON_CONFIG` of navikt's
//! mock-oauth2-server, and the lists of clients, users and scopes of oidc-server-mock, as JSON or YAML, also where they
//! stand in the environment of a compose file.

mod navikt;
mod oidc_server_mock;

use serde_json::{Map, Value};
use toml::Table;

use crate::base::yaml;

/// A configuration of this server, and what of the other has no place in it.
#[derive(Clone, Debug, Default)]
pub struct Converted {
    /// Whose it was.
    pub from: &'static str,
    /// As a file says it.
    pub toml: String,
    /// What was left out, one sentence each.
    pub left_out: Vec<String>,
}

/// Reads a configuration, whose it is by its form.
///
/// # Errors
/// When it is neither JSON nor YAML, or none that is known, in words.
pub fn convert(text: &str) -> Result<Converted, String> {
    let value = in_environment(read(text)?);
    let mut left_out = Vec::new();
    let (from, table) = if let Some(config) = navikt::read(&value) {
        ("mock-oauth2-server", config.table(&mut left_out))
    } else if let Some(lists) = oidc_server_mock::read(&value) {
        ("oidc-server-mock", lists.table(&mut left_out))
    } else if let Some(name) = value.as_object().and_then(|it| it.keys().find(|name| name.ends_with("_PATH"))) {
        return Err(format!("its configuration is in the file that {name} names: convert that one"));
    } else {
        let known =
            "a JSON_CONFIG with tokenCallbacks, lists with ClientId, SubjectId or Name, or a compose file with them";
        return Err(format!("this is no configuration that is known here: {known}"));
    };
    Ok(Converted { from, toml: toml::to_string(&table).map_err(|error| error.to_string())?, left_out })
}

/// JSON, or the first document of YAML.
fn read(text: &str) -> Result<Value, String> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(error) if text.trim_start().starts_with(['{', '[']) => Err(format!("this is no JSON: {error}")),
        Err(_) => {
            let mut documents =
                yaml::documents(text).map_err(|error| format!("this is neither JSON nor YAML: {error}"))?;
            documents.drain(..).next().ok_or_else(|| "this is empty".to_owned())
        }
    }
}

/// What a compose file has in the environment of its services; anything else as it is.
fn in_environment(value: Value) -> Value {
    let Some(services) = value.get("services").and_then(Value::as_object) else { return value };
    let variables = services.values().filter_map(|service| service.get("environment")).flat_map(variables);
    let mut known = Map::new();
    for (name, text) in variables {
        match read(text) {
            Ok(Value::Object(config)) if name == "JSON_CONFIG" => known.extend(config),
            Ok(value @ (Value::Array(_) | Value::Object(_))) => drop(known.insert(name.to_owned(), value)),
            _ if name.ends_with("_PATH") => drop(known.insert(name.to_owned(), text.into())),
            _ => {}
        }
    }
    Value::Object(known)
}

/// The variables of an environment, which is a mapping or a list of `NAME=VALUE`.
fn variables(environment: &Value) -> Vec<(&str, &str)> {
    match environment {
        Value::Object(members) => {
            members.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect()
        }
        Value::Array(items) => items.iter().filter_map(|item| item.as_str()?.split_once('=')).collect(),
        _ => Vec::new(),
    }
}

/// The members of an object that nobody has read.
fn unread<'a>(object: &'a Map<String, Value>, read: &[&str]) -> impl Iterator<Item = &'a String> {
    let read: Vec<String> = read.iter().map(|name| (*name).to_owned()).collect();
    object.keys().filter(move |name| !read.contains(name))
}

/// As TOML, which has no null.
fn toml_of(value: &Value) -> Option<toml::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64()?.into(),
        },
        Value::String(text) => text.clone().into(),
        Value::Array(items) => toml::Value::Array(items.iter().filter_map(toml_of).collect()),
        Value::Object(members) => table_of(members).into(),
    })
}

fn table_of(members: &Map<String, Value>) -> Table {
    members.iter().filter_map(|(name, value)| Some((name.clone(), toml_of(value)?))).collect()
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

fn list<T: Into<toml::Value>>(items: impl IntoIterator<Item = T>) -> toml::Value {
    toml::Value::Array(items.into_iter().map(Into::into).collect())
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::super::Config;
    use super::*;

    fn converted(text: &str) -> (Config, Vec<String>) {
        let converted = convert(text).expect("a configuration");
        let issuer = Url::parse("http://127.0.0.1:9400").expect("a URL");
        let config = Config::from_toml(&converted.toml, issuer);
        (config.unwrap_or_else(|error| panic!("{error}: {}", converted.toml)), converted.left_out)
    }

    #[test]
    fn callbacks_become_issuers_with_rules() {
        let (config, left_out) = converted(
            r#"{
            "interactiveLogin": false,
            "httpServer": "NettyWrapper",
            "tokenProvider": { "keyProvider": { "algorithm": "RS256" }, "systemTime": "2030-01-01T00:00:00Z" },
            "tokenCallbacks": [
                { "issuerId": "first", "tokenExpiry": 120, "requestMappings": [
                    { "requestParam": "tenant", "match": "blue", "claims": { "sub": "b", "aud": ["x"], "iss": "y" } },
                    { "requestParam": "tenant", "match": ".*", "claims": { "sub": "any", "who": "${clientId}" } },
                    { "requestParam": "code", "match": "a+", "claims": { "n": 1 } } ] },
                { "issuerId": "second", "requestMappings": [] }
            ] }"#,
        );
        assert_eq!(config.issuer.path(), "/first");
        assert!(config.any_client && config.login == super::super::Login::Auto && config.clock.is_some());
        assert_eq!((config.signing_alg.as_str(), config.access_token_lifetime.as_secs()), ("RS256", 120));
        assert_eq!(config.further[0].issuer.path(), "/second");
        let rules: Vec<String> =
            config.rules.iter().map(|rule| format!("{} {}", rule.when[0].1[0], rule.claims["sub"])).collect();
        assert_eq!(rules, ["* \"any\"", "blue \"b\""], "the first that fits is said last");
        assert_eq!(config.rules[0].claims["who"], "${client_id}");
        for says in ["httpServer", "claim iss", "the mapping of code"] {
            assert!(left_out.iter().any(|what| what.contains(says)), "{says}: {left_out:?}");
        }
    }

    #[test]
    fn lists_become_clients_and_users() {
        let clients = r#"[{ "ClientId": "svc", "ClientSecrets": ["s1", "s2"], "AllowedGrantTypes": ["client_credentials"],
            "AllowedScopes": ["api", "openid"], "Claims": [{ "Type": "role", "Value": "admin" }], "AccessTokenLifetime": 60 },
            { "ClientId": "spa", "RequireClientSecret": false, "AllowedGrantTypes": ["hybrid"],
              "RedirectUris": ["http://localhost:3000/cb", "https://*.test/cb"], "FrontChannelLogoutUri": "http://x" }]"#;
        let users = r#"[{ "SubjectId": "1", "Username": "Ann", "Password": "p",
            "Claims": [{ "Type": "role", "Value": "a" }, { "Type": "role", "Value": "b" },
                       { "Type": "age", "Value": "7", "ValueType": "json" }] }]"#;
        let both = serde_json::json!({
            "CLIENTS_CONFIGURATION_INLINE": clients,
            "USERS_CONFIGURATION_INLINE": users,
            "API_SCOPES_INLINE": "[{ \"Name\": \"api\" }, \"other\"]",
            "SERVER_OPTIONS_INLINE": "{}",
        });
        let (config, left_out) = converted(&both.to_string());
        let [svc, spa] = config.clients.as_slice() else { panic!("two clients") };
        assert_eq!(
            (svc.access_token_claims["client_role"].as_str(), svc.access_token_lifetime.map(|it| it.as_secs())),
            (Some("admin"), Some(60))
        );
        assert!(spa.is_public() && spa.redirect_patterns.len() == 1 && spa.redirect_uris.len() == 1);
        assert!(spa.may_use("implicit") && spa.may_use("authorization_code"));
        assert_eq!(config.scopes, ["api", "other"]);
        let user = &config.users[0];
        assert_eq!((user.sub.as_str(), user.claims["preferred_username"].as_str()), ("1", Some("Ann")));
        assert_eq!(
            (&user.claims["role"], &user.claims["age"]),
            (&serde_json::json!(["a", "b"]), &serde_json::json!(7))
        );
        for says in ["FrontChannelLogoutUri", "further secrets", "SERVER_OPTIONS_INLINE"] {
            assert!(left_out.iter().any(|what| what.contains(says)), "{says}: {left_out:?}");
        }
        assert_eq!(converted(clients).0.clients.len(), 2);
        assert_eq!(converted(users).0.users.len(), 1);
    }

    #[test]
    fn yaml_is_read_as_json_is_and_in_a_compose_file_the_environments() {
        let compose = "services:\n  oidc:\n    image: a\n    environment:\n      ASPNETCORE_ENVIRONMENT: Development\n      SERVER_OPTIONS_INLINE: |\n        { \"Authentication\": {} }\n      CLIENTS_CONFIGURATION_INLINE: |\n        - ClientId: svc\n          ClientSecrets: [one]\n          AllowedGrantTypes: [client_credentials]\n  db: {image: b}\n";
        let (config, left_out) = converted(compose);
        assert_eq!(config.clients[0].client_id, "svc");
        assert_eq!(left_out, ["SERVER_OPTIONS_INLINE has no meaning here"]);
        let listed = "services:\n  idp:\n    environment:\n      - LOG_LEVEL=debug\n      - 'JSON_CONFIG={\"interactiveLogin\": true, \"tokenCallbacks\": [{\"issuerId\": \"one\"}]}'\n";
        assert_eq!(converted(listed).0.issuer.path(), "/one");
        let (config, _) = converted("- SubjectId: '1'\n  Username: ann\n- SubjectId: '2'\n  Username: bob\n");
        assert_eq!(config.users.len(), 2);
    }

    #[test]
    fn what_is_no_configuration_is_told() {
        for (text, says) in [
            ("{", "no JSON"),
            ("{}", "no configuration that is known"),
            ("[1]", "no configuration"),
            ("a: [", "neither JSON nor YAML: line 1"),
            ("", "this is empty"),
            ("services:\n  db: {}", "no configuration that is known"),
        ] {
            assert!(convert(text).expect_err(text).contains(says), "{text}");
        }
    }
}
