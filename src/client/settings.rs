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
    /// Certificate authorities trusted beside those of the system, as PEM.
    pub certificate_authority: String,
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
    /// Signs assertions, as JWK or PEM. Never saved in a preset.
    pub private_key: Secret,
    /// The name the server knows the key by (RFC 7515 section 4.1.4); empty takes that of a JWK.
    pub kid: String,
    /// `alg` of client assertions; empty is what is usual for the key.
    pub token_endpoint_auth_signing_alg: String,
    /// `aud` of client assertions: empty for the issuer, `token_endpoint`, or any other text.
    pub client_assertion_audience: String,
    /// Certificate and key for the TLS handshake, as PEM. Never saved in a preset.
    pub tls_client_certificate: Secret,
    /// Port 0 takes a free loopback port at each run.
    pub redirect_uri: String,
    /// Where the browser goes after signing out; empty waits for nothing.
    pub post_logout_redirect_uri: String,
    /// `poll` or `ping`, as registered (CIBA section 4). Empty is `poll`.
    pub backchannel_token_delivery_mode: String,
    /// Where pings arrive, as registered, on this machine.
    pub backchannel_client_notification_endpoint: String,
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
    /// `GET` unless something else is typed.
    pub api_method: String,
    /// Header fields of the API call.
    pub api_headers: Params,
    /// Sent as it stands.
    pub api_body: String,
    /// `POST` sends the access token in a form (RFC 6750 section 2.2), all else is `GET`.
    pub userinfo_method: String,
    /// Asks for introspection as a JWT with this `alg`; empty asks for JSON (RFC 9701 section 4).
    pub introspection_signed_response_alg: String,
    /// Who signs in with the password grant.
    pub username: String,
    /// Never saved in a preset.
    pub password: Secret,
    /// A refresh token to begin with; empty gets one first.
    pub refresh_token: Secret,
    /// The scope of a refresh; empty keeps the granted one.
    pub refresh_scope: String,
    /// The token to exchange; empty takes one of a login.
    pub subject_token: Secret,
    /// A token type of RFC 8693 section 3.
    pub subject_token_type: String,
    /// Who acts for the subject; empty with a type gets one by client credentials.
    pub actor_token: Secret,
    /// A token type of RFC 8693 section 3; empty with no token means impersonation.
    pub actor_token_type: String,
    /// A token type of RFC 8693 section 3; empty leaves it to the server.
    pub requested_token_type: String,
    /// The scope of an exchange; empty leaves it to the server.
    pub exchange_scope: String,
    /// Statement about a user, as JWT, XML or base64url; empty makes or gets one.
    pub assertion: Secret,
    /// Where a SAML assertion is fetched when none is filled in.
    pub assertion_url: String,
    /// `sub` of the assertion that is made here.
    pub assertion_subject: String,
    /// Claims of the assertion that is made here, as JSON; they win over the usual ones, `null` removes one.
    pub assertion_claims: String,
    /// Who is to approve, as a token of somebody else (CIBA section 7.1).
    pub login_hint_token: Secret,
    /// Who is to approve or to sign out, by an earlier ID token.
    pub id_token_hint: Secret,
    /// Shown on both devices (CIBA section 7.1).
    pub binding_message: String,
    /// The user's own code (CIBA section 7.1).
    pub user_code: Secret,
    /// Seconds.
    pub requested_expiry: String,
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
        Self {
            issuer: String::new(),
            discovery: true,
            endpoints: BTreeMap::new(),
            certificate_authority: String::new(),
        }
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
            api_method: String::new(),
            api_headers: Params::new(),
            api_body: String::new(),
            userinfo_method: String::new(),
            introspection_signed_response_alg: String::new(),
            subject_token: Secret::default(),
            subject_token_type: String::new(),
            actor_token: Secret::default(),
            actor_token_type: String::new(),
            requested_token_type: String::new(),
            exchange_scope: String::new(),
            assertion: Secret::default(),
            assertion_url: String::new(),
            assertion_subject: String::new(),
            assertion_claims: String::new(),
            login_hint_token: Secret::default(),
            id_token_hint: Secret::default(),
            binding_message: String::new(),
            user_code: Secret::default(),
            requested_expiry: String::new(),
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
    /// What is done with the tokens.
    Api,
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
    /// A key or certificate: masked, of several lines, often in a file.
    Key,
    /// Text of several lines.
    Lines,
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

const AUTH_METHODS: &[&str] = &[
    "none",
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
];
const ASSERTION_AUDIENCES: &[&str] = &["", "token_endpoint"];
const SIGNING_ALGS: &[&str] = &["", "ES256", "RS256", "PS256", "EdDSA", "HS256", "ES384", "ES512", "RS384", "PS384"];
const TOKEN_TYPES: &[&str] = &[
    "",
    "urn:ietf:params:oauth:token-type:access_token",
    "urn:ietf:params:oauth:token-type:refresh_token",
    "urn:ietf:params:oauth:token-type:id_token",
    "urn:ietf:params:oauth:token-type:jwt",
    "urn:ietf:params:oauth:token-type:saml1",
    "urn:ietf:params:oauth:token-type:saml2",
];
const DELIVERY_MODES: &[&str] = &["", "poll", "ping"];
const API_METHODS: &[&str] = &["", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
const USERINFO_METHODS: &[&str] = &["", "GET", "POST"];
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

/// Whether a run with these settings makes use of a field. Fields that it does not are not shown.
pub fn is_used(name: &str, grant: Grant, settings: &Settings) -> bool {
    use ClientAuthMethod as Method;

    let front = grant.has_authorization_request();
    let method = settings.auth_method();
    let signs = matches!(method, Some(Method::PrivateKeyJwt)) || grant == Grant::JwtBearer;
    let has_assertion = matches!(method, Some(Method::PrivateKeyJwt | Method::ClientSecretJwt));
    match name {
        "private_key" | "kid" => signs,
        "token_endpoint_auth_signing_alg" => signs || has_assertion,
        "client_assertion_audience" => has_assertion,
        "tls_client_certificate" => matches!(method, Some(Method::TlsClientAuth | Method::SelfSignedTlsClientAuth)),
        "username" | "password" => grant == Grant::Password,
        "refresh_token" | "refresh_scope" => grant == Grant::RefreshToken,
        "subject_token"
        | "subject_token_type"
        | "actor_token"
        | "actor_token_type"
        | "requested_token_type"
        | "exchange_scope" => grant == Grant::TokenExchange,
        "assertion" => matches!(grant, Grant::JwtBearer | Grant::SamlBearer),
        "assertion_url" => grant == Grant::SamlBearer,
        "assertion_subject" | "assertion_claims" => grant == Grant::JwtBearer,
        "login_hint_token"
        | "binding_message"
        | "user_code"
        | "requested_expiry"
        | "backchannel_token_delivery_mode" => grant == Grant::Ciba,
        "backchannel_client_notification_endpoint" => {
            grant == Grant::Ciba && settings.client.backchannel_token_delivery_mode == "ping"
        }
        "id_token_hint" => grant == Grant::Ciba || front,
        "response_type" => matches!(grant, Grant::Implicit | Grant::Hybrid),
        "code_challenge_method" => grant.has_code(),
        "login_hint" | "acr_values" => front || grant == Grant::Ciba,
        "redirect_uri" | "response_mode" | "prompt" | "max_age" | "state" | "nonce" => front,
        "post_logout_redirect_uri" | "userinfo_method" => grant.has_user(),
        "audience" | "resource" => grant != Grant::Password,
        "omit" => front || matches!(grant, Grant::DeviceCode | Grant::Ciba),
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
    field!(
        "token_endpoint_auth_signing_alg",
        Client,
        Kind::Choice(SIGNING_ALGS, Some("token_endpoint_auth_signing_alg_values_supported")),
        Text,
        client.token_endpoint_auth_signing_alg
    ),
    field!("private_key", Client, Kind::Key, Secret, client.private_key),
    field!("kid", Client, Kind::Text, Text, client.kid),
    field!(
        "client_assertion_audience",
        Client,
        Kind::Choice(ASSERTION_AUDIENCES, None),
        Text,
        client.client_assertion_audience
    ),
    field!("tls_client_certificate", Client, Kind::Key, Secret, client.tls_client_certificate),
    field!("redirect_uri", Client, Kind::Url, Text, client.redirect_uri),
    field!(
        "backchannel_token_delivery_mode",
        Client,
        Kind::Choice(DELIVERY_MODES, Some("backchannel_token_delivery_modes_supported")),
        Text,
        client.backchannel_token_delivery_mode
    ),
    field!(
        "backchannel_client_notification_endpoint",
        Client,
        Kind::Url,
        Text,
        client.backchannel_client_notification_endpoint
    ),
    field!("username", Request, Kind::Text, Text, request.username),
    field!("password", Request, Kind::Secret, Secret, request.password),
    field!("refresh_token", Request, Kind::Secret, Secret, request.refresh_token),
    field!("refresh_scope", Request, Kind::Words(None), Text, request.refresh_scope),
    field!("subject_token", Request, Kind::Secret, Secret, request.subject_token),
    field!("subject_token_type", Request, Kind::Choice(TOKEN_TYPES, None), Text, request.subject_token_type),
    field!("actor_token", Request, Kind::Secret, Secret, request.actor_token),
    field!("actor_token_type", Request, Kind::Choice(TOKEN_TYPES, None), Text, request.actor_token_type),
    field!("requested_token_type", Request, Kind::Choice(TOKEN_TYPES, None), Text, request.requested_token_type),
    field!("exchange_scope", Request, Kind::Words(None), Text, request.exchange_scope),
    field!("assertion_subject", Request, Kind::Text, Text, request.assertion_subject),
    field!("assertion_claims", Request, Kind::Lines, Text, request.assertion_claims),
    field!("assertion", Request, Kind::Key, Secret, request.assertion),
    field!("assertion_url", Request, Kind::Url, Text, request.assertion_url),
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
    field!("binding_message", Request, Kind::Text, Text, request.binding_message),
    field!("user_code", Request, Kind::Secret, Secret, request.user_code),
    field!("requested_expiry", Request, Kind::Text, Text, request.requested_expiry),
    field!("login_hint_token", Request, Kind::Secret, Secret, request.login_hint_token),
    field!("id_token_hint", Request, Kind::Secret, Secret, request.id_token_hint),
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
    field!("certificate_authority", Endpoints, Kind::Lines, Text, server.certificate_authority),
    field!("api_url", Api, Kind::Url, Text, request.api_url),
    field!("api_method", Api, Kind::Choice(API_METHODS, None), Text, request.api_method),
    field!("api_body", Api, Kind::Lines, Text, request.api_body),
    field!("userinfo_method", Api, Kind::Choice(USERINFO_METHODS, None), Text, request.userinfo_method),
    field!("post_logout_redirect_uri", Api, Kind::Url, Text, client.post_logout_redirect_uri),
    field!(
        "introspection_signed_response_alg",
        Api,
        Kind::Choice(SIGNING_ALGS, Some("introspection_signing_alg_values_supported")),
        Text,
        request.introspection_signed_response_alg
    ),
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
