//! The one list of all settings by their specification names.

use super::{NotShaped, Settings, Shape};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::is_one_letter_off;
use crate::jose::algorithm;
use crate::jose::jwe::{ALGS, ENCS};

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
    /// The same, which is JSON of this shape.
    Json(Shape),
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

impl Field {
    /// Which of its choices a value may mean that is none: in another case, one letter off, or the same name in another
    /// place. What is registered elsewhere means itself.
    pub fn meant(&self, value: &str) -> Option<&'static str> {
        let Kind::Choice(choices, _) = self.kind else { return None };
        if choices.contains(&value) || algorithm::find(value).is_some() {
            return None;
        }
        let is_it = |known: &&&str| known.eq_ignore_ascii_case(value) || is_one_letter_off(known, value);
        choices.iter().find(is_it).or_else(|| choices.iter().find(|known| is_same_name(known, value))).copied()
    }

    /// Why a value is not the JSON that it has to be, where it has to be JSON. It is sent as typed all the same.
    pub fn fault(&self, value: &str) -> Option<NotShaped> {
        if let Kind::Json(shape) = self.kind { shape.fault(value) } else { None }
    }

    /// Whether its value is a text of several lines, which may stand in a file.
    pub const fn has_lines(&self) -> bool {
        matches!(self.kind, Kind::Lines | Kind::Json(_))
    }

    /// Whether its value is a secret.
    pub fn is_secret(&self) -> bool {
        matches!((self.slot)(&mut Settings::default()), Slot::Secret(_))
    }
}

/// Whether a text has the name of a registered URN, and not its place: `id-jag`, or with `grant-type` for `token-type`.
/// URNs of others are theirs.
fn is_same_name(known: &str, typed: &str) -> bool {
    let (known, typed) = (known.to_ascii_lowercase(), typed.trim().to_ascii_lowercase());
    let is_of_ietf = known.starts_with(IETF) && (typed.starts_with(IETF) || !typed.contains(':'));
    let name = |urn: &str| urn.rsplit(':').next().unwrap_or_default().replace('_', "-");
    is_of_ietf && (name(&known) == name(&typed) || is_one_letter_off(&name(&known), &name(&typed)))
}

/// URNs of OAuth (RFC 6755 section 2).
const IETF: &str = "urn:ietf:";

/// Parameters or header fields that no field stands for: `--set extra.NAME=VALUE`.
#[derive(Debug)]
pub struct Table {
    /// Before the name of the parameter: `extra`.
    pub name: &'static str,
    /// Whether its names are those of header fields.
    pub is_header: bool,
    /// Its place in the settings.
    pub slot: fn(&mut Settings) -> &mut Params,
}

/// Every table.
pub static TABLES: [Table; 4] = [
    Table { name: "extra", is_header: false, slot: |settings| &mut settings.request.extra },
    Table { name: "api_headers", is_header: true, slot: |settings| &mut settings.request.api_headers },
    Table { name: "token_request.extra", is_header: false, slot: |settings| &mut settings.token_request.extra },
    Table { name: "token_request.headers", is_header: true, slot: |settings| &mut settings.token_request.headers },
];

const AUTH_METHODS: &[&str] = &[
    "none",
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
];
const ASSERTION_AUDIENCES: &[&str] = &["", "token_endpoint", "endpoint"];
const SIGNING_ALGS: &[&str] =
    &["", "ES256", "RS256", "PS256", "EdDSA", "HS256", "HS384", "HS512", "ES384", "ES512", "RS384", "PS384"];
/// Those of a key that the client alone has.
const ASYMMETRIC_ALGS: &[&str] =
    &["", "ES256", "RS256", "PS256", "EdDSA", "ES384", "ES512", "RS384", "RS512", "PS384", "PS512"];
/// As [`SIGNING_ALGS`], with the one that a client can register to get no signature.
const RESPONSE_ALGS: &[&str] = &[
    "", "RS256", "ES256", "PS256", "EdDSA", "RS384", "RS512", "ES384", "ES512", "PS384", "PS512", "HS256", "HS384",
    "HS512", "none",
];
/// `alg` of what is encrypted to the client, and `enc` beside it, as far as it is decrypted here.
const ENCRYPTION_ALGS: &[&str] = &or_none::<{ ALGS.len() + 1 }>(&ALGS);
const ENCRYPTION_ENCS: &[&str] = &or_none::<{ ENCS.len() + 1 }>(&ENCS);
const TOKEN_TYPES: &[&str] = &[
    "",
    "urn:ietf:params:oauth:token-type:access_token",
    "urn:ietf:params:oauth:token-type:refresh_token",
    "urn:ietf:params:oauth:token-type:id_token",
    "urn:ietf:params:oauth:token-type:jwt",
    "urn:ietf:params:oauth:token-type:saml1",
    "urn:ietf:params:oauth:token-type:saml2",
    "urn:ietf:params:oauth:token-type:id-jag",
];
const DELIVERY_MODES: &[&str] = &["", "poll", "ping", "push"];
const API_METHODS: &[&str] = &["", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
const MCP_REVISIONS: &[&str] = &["", "2025-11-25", "2025-06-18", "2025-03-26"];
/// Nothing of its own, or as Keycloak adds the token as a JWT.
const INTROSPECTION_TYPES: &[&str] = &["", "application/jwt"];
const USERINFO_METHODS: &[&str] = &["", "GET", "POST", "POST header"];
const RESPONSE_MODES: &[&str] =
    &["", "query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt"];
/// Nowhere, or on this machine while the run waits.
const REQUEST_URIS: &[&str] = &["", "http://127.0.0.1:0/request.jwt"];
/// Nowhere, or where the practice server sends it to.
const LOGOUT_URIS: &[&str] = &["", "http://127.0.0.1:9402/backchannel_logout"];
/// The same for what the browser brings.
const LOGOUT_FRAMES: &[&str] = &["", "http://127.0.0.1:9402/frontchannel_logout"];
const RESPONSE_TYPES: &[&str] =
    &["code", "token", "id_token", "id_token token", "code id_token", "code token", "code id_token token", "none"];
const PROMPTS: &[&str] = &["", "none", "login", "consent", "select_account"];
const CHALLENGE_METHODS: &[&str] = &["S256", "plain", "off"];

/// Nothing, or one of these.
const fn or_none<const LENGTH: usize>(named: &[&'static str]) -> [&'static str; LENGTH] {
    let mut choices = [""; LENGTH];
    choices.split_at_mut(1).1.copy_from_slice(named);
    choices
}

macro_rules! field {
    ($name:literal, $group:ident, $kind:expr, $slot:ident, $($path:ident).+) => {
        Field { name: $name, group: Group::$group, kind: $kind, slot: |settings| Slot::$slot(&mut settings.$($path).+) }
    };
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
    field!("client_assertion", Client, Kind::Key, Secret, client.client_assertion),
    field!("client_assertion_url", Client, Kind::Url, Text, client.client_assertion_url),
    field!(
        "client_assertion_audience",
        Client,
        Kind::Choice(ASSERTION_AUDIENCES, None),
        Text,
        client.client_assertion_audience
    ),
    field!("client_assertion_lifetime", Client, Kind::Text, Text, client.client_assertion_lifetime),
    field!("decryption_key", Client, Kind::Key, Secret, client.decryption_key),
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
    field!("dynamic_client_registration", Client, Kind::Switch, Switch, registration.dynamic_client_registration),
    field!("initial_access_token", Client, Kind::Secret, Secret, registration.initial_access_token),
    field!("software_statement", Client, Kind::Key, Secret, registration.software_statement),
    field!("client_metadata", Client, Kind::Json(Shape::Object), Text, registration.client_metadata),
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
    field!("resource_client_id", Request, Kind::Text, Text, request.resource_client_id),
    field!("resource_client_secret", Request, Kind::Secret, Secret, request.resource_client_secret),
    field!("assertion_subject", Request, Kind::Text, Text, request.assertion_subject),
    field!("assertion_claims", Request, Kind::Json(Shape::Object), Text, request.assertion_claims),
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
    field!("authorization_details", Request, Kind::Json(Shape::Array), Text, protection.authorization_details),
    field!("claims", Request, Kind::Json(Shape::Object), Text, protection.claims),
    field!(
        "code_challenge_method",
        Protection,
        Kind::Choice(CHALLENGE_METHODS, Some("code_challenge_methods_supported")),
        Text,
        request.code_challenge_method
    ),
    field!(
        "require_pushed_authorization_requests",
        Protection,
        Kind::Switch,
        Switch,
        protection.require_pushed_authorization_requests
    ),
    field!(
        "request_object_signing_alg",
        Protection,
        Kind::Choice(RESPONSE_ALGS, Some("request_object_signing_alg_values_supported")),
        Text,
        protection.request_object_signing_alg
    ),
    field!(
        "backchannel_authentication_request_signing_alg",
        Protection,
        Kind::Choice(ASYMMETRIC_ALGS, Some("backchannel_authentication_request_signing_alg_values_supported")),
        Text,
        protection.backchannel_authentication_request_signing_alg
    ),
    field!("request_uris", Protection, Kind::Choice(REQUEST_URIS, None), Text, protection.request_uris),
    field!("request_object_outside", Protection, Kind::Words(None), Text, protection.request_object_outside),
    field!(
        "authorization_signed_response_alg",
        Protection,
        Kind::Choice(SIGNING_ALGS, Some("authorization_signing_alg_values_supported")),
        Text,
        protection.authorization_signed_response_alg
    ),
    field!(
        "authorization_encrypted_response_alg",
        Protection,
        Kind::Choice(ENCRYPTION_ALGS, Some("authorization_encryption_alg_values_supported")),
        Text,
        protection.authorization_encrypted_response_alg
    ),
    field!(
        "authorization_encrypted_response_enc",
        Protection,
        Kind::Choice(ENCRYPTION_ENCS, Some("authorization_encryption_enc_values_supported")),
        Text,
        protection.authorization_encrypted_response_enc
    ),
    field!("dpop_bound_access_tokens", Protection, Kind::Switch, Switch, protection.dpop_bound_access_tokens),
    field!("dpop_private_key", Protection, Kind::Key, Secret, protection.dpop_private_key),
    field!("dpop_jkt", Protection, Kind::Switch, Switch, protection.dpop_jkt),
    field!("dpop_pushed_proof", Protection, Kind::Switch, Switch, protection.dpop_pushed_proof),
    field!(
        "tls_client_certificate_bound_access_tokens",
        Protection,
        Kind::Switch,
        Switch,
        protection.tls_client_certificate_bound_access_tokens
    ),
    field!("state", Protection, Kind::Switch, Switch, request.state),
    field!("nonce", Protection, Kind::Switch, Switch, request.nonce),
    field!("issuer", Endpoints, Kind::Url, Text, server.issuer),
    field!("discovery", Endpoints, Kind::Switch, Switch, server.discovery),
    field!("certificate_authority", Endpoints, Kind::Lines, Text, server.certificate_authority),
    field!("api_url", Api, Kind::Url, Text, request.api_url),
    field!("api_method", Api, Kind::Choice(API_METHODS, None), Text, request.api_method),
    field!("mcp_revision", Api, Kind::Choice(MCP_REVISIONS, None), Text, request.mcp_revision),
    field!("api_body", Api, Kind::Lines, Text, request.api_body),
    field!("userinfo_method", Api, Kind::Choice(USERINFO_METHODS, None), Text, request.userinfo_method),
    field!("post_logout_redirect_uri", Api, Kind::Url, Text, client.post_logout_redirect_uri),
    field!("backchannel_logout_uri", Api, Kind::Choice(LOGOUT_URIS, None), Text, client.backchannel_logout_uri),
    field!("frontchannel_logout_uri", Api, Kind::Choice(LOGOUT_FRAMES, None), Text, client.frontchannel_logout_uri),
    field!(
        "frontchannel_logout_session_required",
        Api,
        Kind::Switch,
        Switch,
        client.frontchannel_logout_session_required
    ),
    field!(
        "introspection_signed_response_alg",
        Api,
        Kind::Choice(SIGNING_ALGS, Some("introspection_signing_alg_values_supported")),
        Text,
        request.introspection_signed_response_alg
    ),
    field!("introspection_accept", Api, Kind::Choice(INTROSPECTION_TYPES, None), Text, request.introspection_accept),
    field!(
        "id_token_signed_response_alg",
        Advanced,
        Kind::Choice(RESPONSE_ALGS, Some("id_token_signing_alg_values_supported")),
        Text,
        client.id_token_signed_response_alg
    ),
    field!(
        "userinfo_signed_response_alg",
        Advanced,
        Kind::Choice(RESPONSE_ALGS, Some("userinfo_signing_alg_values_supported")),
        Text,
        client.userinfo_signed_response_alg
    ),
    field!(
        "id_token_encrypted_response_alg",
        Advanced,
        Kind::Choice(ENCRYPTION_ALGS, Some("id_token_encryption_alg_values_supported")),
        Text,
        client.id_token_encrypted_response_alg
    ),
    field!(
        "id_token_encrypted_response_enc",
        Advanced,
        Kind::Choice(ENCRYPTION_ENCS, Some("id_token_encryption_enc_values_supported")),
        Text,
        client.id_token_encrypted_response_enc
    ),
    field!(
        "userinfo_encrypted_response_alg",
        Advanced,
        Kind::Choice(ENCRYPTION_ALGS, Some("userinfo_encryption_alg_values_supported")),
        Text,
        client.userinfo_encrypted_response_alg
    ),
    field!(
        "userinfo_encrypted_response_enc",
        Advanced,
        Kind::Choice(ENCRYPTION_ENCS, Some("userinfo_encryption_enc_values_supported")),
        Text,
        client.userinfo_encrypted_response_enc
    ),
    field!("trusted_audiences", Advanced, Kind::Words(None), Text, client.trusted_audiences),
    field!("omit", Advanced, Kind::Words(None), Text, request.omit),
    field!("token_request.omit", Advanced, Kind::Words(None), Text, token_request.omit),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_nearly_a_choice_is_taken_for_it_and_those_of_others_are_not() {
        const URN: &str = "urn:ietf:params:oauth:token-type";
        for (typed, name) in [
            (format!("{URN}:id_jag"), Some("id-jag")),
            (format!("{URN}:id-jg"), Some("id-jag")),
            ("urn:ietf:params:oauth:grant-type:id-jag".to_owned(), Some("id-jag")),
            ("ID-JAG".to_owned(), Some("id-jag")),
            ("access_token".to_owned(), Some("access_token")),
            ("urn:ietf:params:oauth:token-types:access-token".to_owned(), Some("access_token")),
            (format!("{URN}:id-jag"), None),
            (format!("{URN}:device-secret"), None),
            ("urn:example:token-type:id-jag".to_owned(), None),
            ("https://as.example/access_token".to_owned(), None),
            (String::new(), None),
        ] {
            let field = FIELDS.iter().find(|field| field.name == "requested_token_type").expect("a field");
            let meant = name.map(|name| format!("{URN}:{name}"));
            assert_eq!(field.meant(&typed), meant.as_deref(), "{typed}");
        }
    }
}
