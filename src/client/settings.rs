//! What the user fills in: one server, one client, one request.
//!
//! Every value is the text that was typed, because a debugger must let the user be wrong. Empty
//! means "not sent". [`FIELDS`] lists all of them by their specification names and feeds the
//! window's panel, `--set` on the command line and the preset file.

use std::collections::BTreeMap;

use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;
use crate::terms::metadata::{Endpoint, ServerMetadata};
use crate::terms::response::ResponseMode;

/// Everything a run is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Where the server is.
    pub server: ServerSettings,
    /// Who the client is.
    pub client: ClientSettings,
    /// What is asked for.
    pub request: RequestSettings,
    /// What the token request carries beside the standard parameters.
    pub token_request: TokenRequestSettings,
}

/// The authorization server, by its metadata or by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSettings {
    /// The issuer identifier; discovery starts from it.
    pub issuer: String,
    /// Whether metadata is fetched.
    pub discovery: bool,
    /// Endpoints typed by hand, by metadata name; they win over metadata.
    pub endpoints: BTreeMap<Endpoint, String>,
}

/// The client's registration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientSettings {
    /// Assigned by the server (RFC 6749 section 2.2).
    pub client_id: String,
    /// Empty for a public client.
    pub client_secret: Secret,
    /// A registered method name.
    pub token_endpoint_auth_method: String,
    /// Port 0 takes a free loopback port at each run.
    pub redirect_uri: String,
}

/// The authorization request and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSettings {
    /// Space-separated words.
    pub scope: String,
    /// `code` for this grant.
    pub response_type: String,
    /// Empty leaves the default of the response type.
    pub response_mode: String,
    /// `S256`, `plain` or `off`.
    pub code_challenge_method: String,
    /// Whether a random `state` is sent.
    pub state: bool,
    /// Whether a random `nonce` is sent.
    pub nonce: bool,
    /// `none`, `login`, `consent`, `select_account`, space-separated.
    pub prompt: String,
    /// Seconds.
    pub max_age: String,
    /// Who is expected to sign in.
    pub login_hint: String,
    /// Space-separated.
    pub acr_values: String,
    /// Target services, space-separated absolute URIs; each is sent as one parameter.
    pub resource: String,
    /// Not in a specification for this request, but Auth0 and others ask for it.
    pub audience: String,
    /// Any other parameter of the authorization request, duplicates allowed.
    pub extra: Params,
    /// Standard parameters to leave out, space-separated names.
    pub omit: String,
    /// The protected resource that the last stage calls; empty skips it.
    pub api_url: String,
    /// Who signs in with the password grant.
    pub username: String,
    /// Never saved in a preset.
    pub password: Secret,
    /// A refresh token to begin with; empty gets one first.
    pub refresh_token: Secret,
    /// The scope of a refresh; empty keeps the granted one.
    pub refresh_scope: String,
}

/// Additions to the token request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenRequestSettings {
    /// Header fields, such as `Origin`.
    pub headers: Params,
    /// Form parameters.
    pub extra: Params,
    /// Standard parameters to leave out, space-separated names.
    pub omit: String,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self { issuer: String::new(), discovery: true, endpoints: BTreeMap::new() }
    }
}

impl Default for RequestSettings {
    fn default() -> Self {
        Self {
            scope: String::new(),
            response_type: "code".to_owned(),
            response_mode: String::new(),
            code_challenge_method: "S256".to_owned(),
            state: true,
            nonce: true,
            prompt: String::new(),
            max_age: String::new(),
            login_hint: String::new(),
            acr_values: String::new(),
            resource: String::new(),
            audience: String::new(),
            extra: Params::new(),
            omit: String::new(),
            api_url: String::new(),
            username: String::new(),
            password: Secret::default(),
            refresh_token: Secret::default(),
            refresh_scope: String::new(),
        }
    }
}

impl Settings {
    /// The URL of an endpoint: typed by hand, else from metadata.
    pub fn endpoint<'a>(&'a self, endpoint: Endpoint, metadata: Option<&'a ServerMetadata>) -> Option<&'a str> {
        let typed = self.server.endpoints.get(&endpoint).map(String::as_str).filter(|url| !url.is_empty());
        typed.or_else(|| metadata.and_then(|metadata| metadata.endpoint(endpoint)))
    }

    /// The authentication method; an empty one is what fits the secret.
    pub fn auth_method(&self) -> Option<ClientAuthMethod> {
        match self.client.token_endpoint_auth_method.as_str() {
            "" if self.client.client_secret.is_empty() => Some(ClientAuthMethod::None),
            "" => Some(ClientAuthMethod::ClientSecretBasic),
            name => ClientAuthMethod::find(name),
        }
    }

    /// The response mode that is in force, asked for or by default.
    pub fn response_mode(&self) -> ResponseMode {
        let request = &self.request;
        ResponseMode::find(&request.response_mode).unwrap_or_else(|| ResponseMode::default_for(&request.response_type))
    }

    /// Sets a field by its specification name. An unknown name becomes an extra parameter of the request.
    ///
    /// # Errors
    /// When a switch is given anything but `true`, `false`, `on`, `off`.
    pub fn set(&mut self, name: &str, value: &str) -> Result<Assigned, NotASwitch> {
        if let Some(endpoint) = Endpoint::find(name) {
            self.server.endpoints.insert(endpoint, value.to_owned());
            return Ok(Assigned::Field);
        }
        let Some(field) = FIELDS.iter().find(|field| field.name == name) else {
            self.request.extra.push(name, value);
            return Ok(Assigned::Extra);
        };
        match (field.slot)(self) {
            Slot::Text(text) => value.clone_into(text),
            Slot::Secret(secret) => *secret = Secret::new(value),
            Slot::Switch(switch) => *switch = switch_value(name, value)?,
        }
        Ok(Assigned::Field)
    }
}

/// Where [`Settings::set`] put the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// A field of the settings.
    Field,
    /// An extra parameter of the authorization request.
    Extra,
}

/// A switch was given something else than on or off.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} takes true or false, not {value}")]
pub struct NotASwitch {
    name: String,
    value: String,
}

fn switch_value(name: &str, value: &str) -> Result<bool, NotASwitch> {
    match value {
        "true" | "on" | "1" => Ok(true),
        "false" | "off" | "0" => Ok(false),
        _ => Err(NotASwitch { name: name.to_owned(), value: value.to_owned() }),
    }
}

/// The place of one field's value.
#[derive(Debug)]
pub enum Slot<'a> {
    /// Text as typed.
    Text(&'a mut String),
    /// Masked text.
    Secret(&'a mut Secret),
    /// On or off.
    Switch(&'a mut bool),
}

/// The group of the settings panel a field stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Who the client is.
    Client,
    /// What is asked for.
    Request,
    /// What protects the request.
    Protection,
    /// Where the server is.
    Endpoints,
    /// What is rarely needed.
    Advanced,
}

/// How a field is edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line.
    Text,
    /// A URL.
    Url,
    /// Masked.
    Secret,
    /// One of these, or anything else typed. The second is the metadata member that lists what the server supports.
    Choice(&'static [&'static str], Option<&'static str>),
    /// Space-separated words, with the metadata member that lists what the server supports.
    Words(Option<&'static str>),
    /// On or off.
    Switch,
}

/// One setting by its specification name.
#[derive(Debug)]
pub struct Field {
    /// The specification's parameter name, also the key of presets and `--set`.
    pub name: &'static str,
    /// Where the window shows it.
    pub group: Group,
    /// How it is edited.
    pub kind: Kind,
    /// Its place in the settings.
    pub slot: for<'a> fn(&'a mut Settings) -> Slot<'a>,
}

const AUTH_METHODS: &[&str] = &["none", "client_secret_basic", "client_secret_post"];
const RESPONSE_MODES: &[&str] = &["", "query", "fragment", "form_post"];
const RESPONSE_TYPES: &[&str] =
    &["code", "token", "id_token", "id_token token", "code id_token", "code token", "code id_token token"];
const PROMPTS: &[&str] = &["", "none", "login", "consent", "select_account"];
const CHALLENGE_METHODS: &[&str] = &["S256", "plain", "off"];

macro_rules! field {
    ($name:literal, $group:ident, $kind:expr, $slot:ident, $($path:ident).+) => {
        Field { name: $name, group: Group::$group, kind: $kind, slot: |settings| Slot::$slot(&mut settings.$($path).+) }
    };
}

/// Whether a grant makes use of a field. Fields that it does not are not shown.
pub fn is_used(name: &str, grant: Grant) -> bool {
    let front = grant.has_authorization_request();
    match name {
        "username" | "password" => grant == Grant::Password,
        "refresh_token" | "refresh_scope" => grant == Grant::RefreshToken,
        "response_type" => matches!(grant, Grant::Implicit | Grant::Hybrid),
        "code_challenge_method" => grant.has_code(),
        "redirect_uri" | "response_mode" | "prompt" | "login_hint" | "max_age" | "acr_values" | "state" | "nonce" => {
            front
        }
        "audience" | "resource" => grant != Grant::Password,
        "omit" => front || grant == Grant::DeviceCode,
        "token_request.omit" => grant != Grant::Implicit,
        _ => true,
    }
}

/// Every field except endpoints and the tables of extra parameters, in the order of the panel.
pub static FIELDS: &[Field] = &[
    field!("client_id", Client, Kind::Text, Text, client.client_id),
    field!("client_secret", Client, Kind::Secret, Secret, client.client_secret),
    field!(
        "token_endpoint_auth_method",
        Client,
        Kind::Choice(AUTH_METHODS, Some("token_endpoint_auth_methods_supported")),
        Text,
        client.token_endpoint_auth_method
    ),
    field!("redirect_uri", Client, Kind::Url, Text, client.redirect_uri),
    field!("username", Request, Kind::Text, Text, request.username),
    field!("password", Request, Kind::Secret, Secret, request.password),
    field!("refresh_token", Request, Kind::Secret, Secret, request.refresh_token),
    field!("refresh_scope", Request, Kind::Words(None), Text, request.refresh_scope),
    field!(
        "response_type",
        Request,
        Kind::Choice(RESPONSE_TYPES, Some("response_types_supported")),
        Text,
        request.response_type
    ),
    field!("scope", Request, Kind::Words(Some("scopes_supported")), Text, request.scope),
    field!(
        "response_mode",
        Request,
        Kind::Choice(RESPONSE_MODES, Some("response_modes_supported")),
        Text,
        request.response_mode
    ),
    field!("prompt", Request, Kind::Choice(PROMPTS, Some("prompt_values_supported")), Text, request.prompt),
    field!("login_hint", Request, Kind::Text, Text, request.login_hint),
    field!("max_age", Request, Kind::Text, Text, request.max_age),
    field!("acr_values", Request, Kind::Words(Some("acr_values_supported")), Text, request.acr_values),
    field!("resource", Request, Kind::Words(None), Text, request.resource),
    field!("audience", Request, Kind::Text, Text, request.audience),
    field!(
        "code_challenge_method",
        Protection,
        Kind::Choice(CHALLENGE_METHODS, Some("code_challenge_methods_supported")),
        Text,
        request.code_challenge_method
    ),
    field!("state", Protection, Kind::Switch, Switch, request.state),
    field!("nonce", Protection, Kind::Switch, Switch, request.nonce),
    field!("issuer", Endpoints, Kind::Url, Text, server.issuer),
    field!("discovery", Endpoints, Kind::Switch, Switch, server.discovery),
    field!("api_url", Endpoints, Kind::Url, Text, request.api_url),
    field!("omit", Advanced, Kind::Words(None), Text, request.omit),
    field!("token_request.omit", Advanced, Kind::Words(None), Text, token_request.omit),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_set_and_read_by_its_name() {
        for field in FIELDS {
            let mut settings = Settings::default();
            let value = if field.kind == Kind::Switch { "true" } else { "value" };
            assert_eq!(settings.set(field.name, value), Ok(Assigned::Field), "{}", field.name);
            match (field.slot)(&mut settings) {
                Slot::Text(text) => assert_eq!(text, "value"),
                Slot::Secret(secret) => assert_eq!(secret.expose(), "value"),
                Slot::Switch(switch) => assert!(*switch),
            }
        }
    }

    #[test]
    fn names_without_a_field_are_kept() {
        let mut settings = Settings::default();
        assert_eq!(settings.set("access_type", "offline"), Ok(Assigned::Extra));
        assert_eq!(settings.request.extra.get("access_type"), Some("offline"));
        assert_eq!(settings.set("token_endpoint", "https://as.example/token"), Ok(Assigned::Field));
        assert_eq!(settings.endpoint(Endpoint::Token, None), Some("https://as.example/token"));
        assert!(settings.set("state", "maybe").is_err());
    }
}
