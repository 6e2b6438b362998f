//! What the user fills in: one server, one client, one request.
//!
//! Every value is the text that was typed, because a debugger must let the user be wrong. Empty
//! means "not sent". [`FIELDS`] lists all of them by their specification names and feeds the
//! window's panel, `--set` on the command line and the preset file.

mod field;
mod json;
mod meaning;
mod protection;
mod registration;
mod used;

use std::collections::BTreeMap;

use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::metadata::{Endpoint, ServerMetadata};
use crate::terms::response::ResponseMode;

pub use field::{FIELDS, Field, Group, Kind, Slot, TABLES, Table};
pub use json::{NotShaped, Shape};
pub use meaning::meaning;
pub use protection::ProtectionSettings;
pub use registration::RegistrationSettings;
pub use used::{can_be_used, is_alike, is_fit, is_used, needed};

/// Everything a run is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Where the server is.
    pub server: ServerSettings,
    /// Who the client is.
    pub client: ClientSettings,
    /// What is asked for.
    pub request: RequestSettings,
    /// What protects requests and tokens.
    pub protection: ProtectionSettings,
    /// How the client becomes known, where the run registers it.
    pub registration: RegistrationSettings,
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
    /// A client assertion that somebody else has signed, such as the token of a workload (RFC 7521 section 3); empty makes
    /// one. Never saved in a preset.
    pub client_assertion: Secret,
    /// Where such a one is fetched when none is filled in.
    pub client_assertion_url: String,
    /// `aud` of client assertions: empty for the issuer, `token_endpoint`, or any other text.
    pub client_assertion_audience: String,
    /// Seconds from `iat` to `exp` of assertions that are made here; empty is five minutes.
    pub client_assertion_lifetime: String,
    /// Certificate and key for the TLS handshake, as PEM. Never saved in a preset.
    pub tls_client_certificate: Secret,
    /// `alg` of ID tokens, as registered (OIDC Registration section 2); empty is not known.
    pub id_token_signed_response_alg: String,
    /// `alg` of UserInfo as a JWT, as registered (OIDC Registration section 2); empty is JSON.
    pub userinfo_signed_response_alg: String,
    /// `alg` that ID tokens are encrypted with, as registered; empty is not known.
    pub id_token_encrypted_response_alg: String,
    /// `enc` beside it; empty is `A128CBC-HS256`.
    pub id_token_encrypted_response_enc: String,
    /// `alg` that UserInfo is encrypted with, as registered; empty is not known.
    pub userinfo_encrypted_response_alg: String,
    /// `enc` beside it; empty is `A128CBC-HS256`.
    pub userinfo_encrypted_response_enc: String,
    /// Decrypts what is encrypted to this client, as JWK or PEM; empty takes `private_key`. Never saved in a preset.
    pub decryption_key: Secret,
    /// Other parties that may be in `aud` of an ID token, space-separated (OIDC Core section 3.1.3.7).
    pub trusted_audiences: String,
    /// Port 0 takes a free loopback port at each run.
    pub redirect_uri: String,
    /// Where the browser goes after signing out; empty waits for nothing.
    pub post_logout_redirect_uri: String,
    /// Where the server tells of a logout by itself, as registered (OIDC Back-Channel Logout section 2.2); empty hears
    /// nothing.
    pub backchannel_logout_uri: String,
    /// Where the server has the browser tell of a logout, as registered (OIDC Front-Channel Logout section 2); empty hears
    /// nothing.
    pub frontchannel_logout_uri: String,
    /// Whether `iss` and `sid` must come with it, as registered.
    pub frontchannel_logout_session_required: bool,
    /// `poll`, `ping` or `push`, as registered (CIBA section 4). Empty is `poll`.
    pub backchannel_token_delivery_mode: String,
    /// Where pings and pushed tokens arrive, as registered, on this machine.
    pub backchannel_client_notification_endpoint: String,
}

impl ClientSettings {
    /// Whether the server comes to the client when the user has decided (CIBA section 5).
    pub fn is_notified(&self) -> bool {
        matches!(self.backchannel_token_delivery_mode.as_str(), "ping" | "push")
    }

    /// Whether it brings the tokens with it.
    pub fn is_pushed(&self) -> bool {
        self.backchannel_token_delivery_mode == "push"
    }
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
    /// By which revision of the Model Context Protocol an API is called; empty is the newest.
    pub mcp_revision: String,
    /// `POST` sends the access token in a form (RFC 6750 section 2.2), `POST header` in the header (OIDC Core section
    /// 5.3.1), all else is `GET`.
    pub userinfo_method: String,
    /// Asks for introspection as a JWT with this `alg`; empty asks for JSON (RFC 9701 section 4).
    pub introspection_signed_response_alg: String,
    /// `Accept` of the introspection request in the place of what is usual, for servers with a way of their own.
    pub introspection_accept: String,
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
    /// The client at the server that an ID-JAG is for; empty where it is known there by the same name.
    pub resource_client_id: String,
    /// Its secret there. Never saved in a preset.
    pub resource_client_secret: Secret,
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

/// What asks for an Identity Assertion JWT Authorization Grant (draft-ietf-oauth-identity-assertion-authz-grant section
/// 4.3).
pub const ID_JAG: &str = "urn:ietf:params:oauth:token-type:id-jag";

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
            mcp_revision: String::new(),
            userinfo_method: String::new(),
            introspection_signed_response_alg: String::new(),
            introspection_accept: String::new(),
            subject_token: Secret::default(),
            subject_token_type: String::new(),
            actor_token: Secret::default(),
            actor_token_type: String::new(),
            requested_token_type: String::new(),
            exchange_scope: String::new(),
            resource_client_id: String::new(),
            resource_client_secret: Secret::default(),
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

    /// Whether somebody else has signed who the client is, or will have (RFC 7521 section 3).
    pub fn is_vouched_for(&self) -> bool {
        !self.client.client_assertion.is_empty() || !self.client.client_assertion_url.is_empty()
    }

    /// Whether that is fetched in the run.
    pub fn fetches_client_assertion(&self) -> bool {
        let is_asked = self.is_vouched_for() && self.client.client_assertion.is_empty();
        is_asked && self.auth_method() == Some(ClientAuthMethod::PrivateKeyJwt)
    }

    /// The authentication method; an empty one is what fits what is filled in.
    pub fn auth_method(&self) -> Option<ClientAuthMethod> {
        match self.client.token_endpoint_auth_method.as_str() {
            "" if self.is_vouched_for() => Some(ClientAuthMethod::PrivateKeyJwt),
            "" if self.client.client_secret.is_empty() => Some(ClientAuthMethod::None),
            "" => Some(ClientAuthMethod::ClientSecretBasic),
            name => ClientAuthMethod::find(name),
        }
    }

    /// The response mode that is in force, asked for or by default.
    pub fn response_mode(&self) -> ResponseMode {
        let request = &self.request;
        ResponseMode::travelling(&request.response_mode, &request.response_type)
            .unwrap_or_else(|| ResponseMode::default_for(&request.response_type))
    }

    /// What stands in the field or the endpoint of this name; `None` for a secret and a switch.
    pub fn text(&self, name: &str) -> Option<String> {
        if let Some(endpoint) = Endpoint::find(name) {
            return self.server.endpoints.get(&endpoint).cloned();
        }
        let field = FIELDS.iter().find(|field| field.name == name)?;
        match (field.slot)(&mut self.clone()) {
            Slot::Text(text) => Some(text.clone()),
            Slot::Secret(_) | Slot::Switch(_) => None,
        }
    }

    /// Whether there is a text in the field of this specification name.
    pub fn is_filled_in(&self, name: &str) -> bool {
        if let Some(endpoint) = Endpoint::find(name) {
            return self.server.endpoints.get(&endpoint).is_some_and(|url| !url.is_empty());
        }
        let Some(field) = FIELDS.iter().find(|field| field.name == name) else { return false };
        match (field.slot)(&mut self.clone()) {
            Slot::Text(text) => !text.is_empty(),
            Slot::Secret(secret) => !secret.is_empty(),
            Slot::Switch(_) => false,
        }
    }

    /// The table that a dotted name puts a pair into, and the name of the pair: `token_request.headers.Origin`.
    pub fn table_of(name: &str) -> Option<(&'static Table, &str)> {
        let key = |table: &Table| name.strip_prefix(table.name)?.strip_prefix('.').filter(|key| !key.is_empty());
        TABLES.iter().find_map(|table| Some((table, key(table)?)))
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
            match Self::table_of(name) {
                Some((table, key)) => (table.slot)(self).push(key, value),
                None => self.request.extra.push(name, value),
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_set_and_read_by_its_name() {
        for field in FIELDS {
            let mut settings = Settings::default();
            let value = if field.kind == Kind::Switch { "true" } else { "value" };
            if field.kind != Kind::Switch {
                assert_eq!(settings.set(field.name, ""), Ok(Assigned::Field));
                assert!(!settings.is_filled_in(field.name), "{}", field.name);
            }
            assert_eq!(settings.set(field.name, value), Ok(Assigned::Field), "{}", field.name);
            assert_eq!(settings.is_filled_in(field.name), field.kind != Kind::Switch, "{}", field.name);
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

    #[test]
    fn a_table_is_added_to_by_its_name_and_a_name_in_it() {
        let mut settings = Settings::default();
        for name in ["extra.a", "api_headers.b", "token_request.extra.c", "token_request.headers.d"] {
            assert!(settings.set(name, "value").is_ok(), "{name}");
        }
        assert_eq!(settings.request.extra.get("a"), Some("value"));
        assert_eq!(settings.request.api_headers.get("b"), Some("value"));
        assert_eq!(settings.token_request.extra.get("c"), Some("value"));
        assert_eq!(settings.token_request.headers.get("d"), Some("value"));
    }
}
