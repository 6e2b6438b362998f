//! Where each setting stands in the file. Reading and writing both follow this one table.

use crate::base::text;
use crate::client::settings::{FIELDS, Field};
use crate::terms::metadata::Endpoint;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A string.
    Text,
    /// An integer; a string where it is none, since a debugger lets the user be wrong.
    Number,
    /// An array of strings, space-separated in the settings.
    List,
    /// A boolean.
    Switch,
}

/// One key of the file that is a field of the settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub section: &'static str,
    pub key: &'static str,
    /// The field's name in the settings.
    field: &'static str,
    pub form: Form,
}

impl Entry {
    /// Its field of the settings.
    pub fn field(&self) -> &'static Field {
        FIELDS.iter().find(|field| field.name == self.field).expect("every entry names a field, which a test proves")
    }
}

const fn entry(section: &'static str, key: &'static str, form: Form) -> Entry {
    Entry { section, key, field: key, form }
}

/// The sections in the order they are written.
pub(super) const SECTIONS: [&str; 4] = ["server", "client", "request", "token_request"];

/// The keys in the order they are written.
pub(super) static ENTRIES: [Entry; 73] = [
    entry("server", "issuer", Form::Text),
    entry("server", "discovery", Form::Switch),
    entry("server", "certificate_authority", Form::Text),
    entry("client", "client_id", Form::Text),
    entry("client", "token_endpoint_auth_method", Form::Text),
    entry("client", "token_endpoint_auth_signing_alg", Form::Text),
    entry("client", "client_assertion_url", Form::Text),
    entry("client", "client_assertion_audience", Form::Text),
    entry("client", "client_assertion_lifetime", Form::Number),
    entry("client", "kid", Form::Text),
    entry("client", "redirect_uri", Form::Text),
    entry("client", "post_logout_redirect_uri", Form::Text),
    entry("client", "backchannel_logout_uri", Form::Text),
    entry("client", "frontchannel_logout_uri", Form::Text),
    entry("client", "frontchannel_logout_session_required", Form::Switch),
    entry("client", "id_token_signed_response_alg", Form::Text),
    entry("client", "userinfo_signed_response_alg", Form::Text),
    entry("client", "id_token_encrypted_response_alg", Form::Text),
    entry("client", "id_token_encrypted_response_enc", Form::Text),
    entry("client", "userinfo_encrypted_response_alg", Form::Text),
    entry("client", "userinfo_encrypted_response_enc", Form::Text),
    entry("client", "trusted_audiences", Form::List),
    entry("client", "backchannel_token_delivery_mode", Form::Text),
    entry("client", "backchannel_client_notification_endpoint", Form::Text),
    entry("client", "require_pushed_authorization_requests", Form::Switch),
    entry("client", "request_object_signing_alg", Form::Text),
    entry("client", "backchannel_authentication_request_signing_alg", Form::Text),
    entry("client", "request_uris", Form::Text),
    entry("client", "authorization_signed_response_alg", Form::Text),
    entry("client", "authorization_encrypted_response_alg", Form::Text),
    entry("client", "authorization_encrypted_response_enc", Form::Text),
    entry("client", "dpop_bound_access_tokens", Form::Switch),
    entry("client", "tls_client_certificate_bound_access_tokens", Form::Switch),
    entry("client", "dynamic_client_registration", Form::Switch),
    entry("client", "client_metadata", Form::Text),
    entry("request", "scope", Form::Text),
    entry("request", "response_type", Form::Text),
    entry("request", "response_mode", Form::Text),
    entry("request", "code_challenge_method", Form::Text),
    entry("request", "state", Form::Switch),
    entry("request", "nonce", Form::Switch),
    entry("request", "prompt", Form::Text),
    entry("request", "max_age", Form::Number),
    entry("request", "login_hint", Form::Text),
    entry("request", "acr_values", Form::Text),
    entry("request", "resource", Form::List),
    entry("request", "audience", Form::Text),
    entry("request", "authorization_details", Form::Text),
    entry("request", "claims", Form::Text),
    entry("request", "request_object_outside", Form::List),
    entry("request", "dpop_jkt", Form::Switch),
    entry("request", "dpop_pushed_proof", Form::Switch),
    entry("request", "omit", Form::List),
    entry("request", "api_url", Form::Text),
    entry("request", "api_method", Form::Text),
    entry("request", "api_body", Form::Text),
    entry("request", "mcp_revision", Form::Text),
    entry("request", "userinfo_method", Form::Text),
    entry("request", "introspection_signed_response_alg", Form::Text),
    entry("request", "introspection_accept", Form::Text),
    entry("request", "username", Form::Text),
    entry("request", "refresh_scope", Form::Text),
    entry("request", "subject_token_type", Form::Text),
    entry("request", "actor_token_type", Form::Text),
    entry("request", "requested_token_type", Form::Text),
    entry("request", "exchange_scope", Form::Text),
    entry("request", "resource_client_id", Form::Text),
    entry("request", "assertion_url", Form::Text),
    entry("request", "assertion_subject", Form::Text),
    entry("request", "assertion_claims", Form::Text),
    entry("request", "binding_message", Form::Text),
    entry("request", "requested_expiry", Form::Number),
    Entry { section: "token_request", key: "omit", field: "token_request.omit", form: Form::List },
];

/// Keys that are no field of the settings, with their sections.
const OTHERS: [(&str, &str); 15] = [
    ("client", "client_secret"),
    ("request", "grant"),
    ("request", "extra"),
    ("request", "api_headers"),
    ("token_request", "extra"),
    ("token_request", "headers"),
    ("", "version"),
    ("", "name"),
    ("", "documentation"),
    ("", "notes"),
    ("", "placeholders"),
    ("", "server"),
    ("", "client"),
    ("", "request"),
    ("", "token_request"),
];

/// Keys of a placeholder.
const OF_PLACEHOLDER: [&str; 4] = ["label", "example", "hint", "default"];

/// The key, with its section, that one of no meaning may mean: another spelling of one in its section, or one of another
/// section.
pub(super) fn meant(unknown: &str) -> Option<String> {
    let (section, name) = unknown.rsplit_once('.').unwrap_or(("", unknown));
    if section.starts_with("placeholders.") {
        return text::meant(OF_PLACEHOLDER, name).map(|key| format!("{section}.{key}"));
    }
    let known = || {
        let fields = ENTRIES.iter().map(|entry| (entry.section, entry.key));
        fields.chain(Endpoint::ALL.map(|endpoint| ("server", endpoint.name()))).chain(OTHERS)
    };
    let here = known().find(|(of, key)| *of == section && text::is_nearly(key, name));
    let elsewhere = || known().find(|(of, key)| *of != section && (*key == name || text::is_nearly(key, name)));
    let (section, key) = here.or_else(elsewhere)?;
    Some(if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::settings::Kind;

    #[test]
    fn a_key_of_no_meaning_may_mean_one() {
        for (unknown, key) in [
            ("client.client_secrett", Some("client.client_secret")),
            ("client.clientId", Some("client.client_id")),
            ("request.scopes", Some("request.scope")),
            ("request.client_id", Some("client.client_id")),
            ("client.token_endpoint", Some("server.token_endpoint")),
            ("server.tokenEndpoint", Some("server.token_endpoint")),
            ("request.api_header", Some("request.api_headers")),
            ("client_id", Some("client.client_id")),
            ("Server", Some("server")),
            ("placeholders.realm.lable", Some("placeholders.realm.label")),
            ("request.tenant", None),
            ("placeholders.realm.scope", None),
        ] {
            assert_eq!(meant(unknown).as_deref(), key, "{unknown}");
        }
    }

    #[test]
    fn every_field_has_its_place_in_the_file() {
        for field in FIELDS.iter().filter(|field| !matches!(field.kind, Kind::Secret | Kind::Key)) {
            let entry = ENTRIES.iter().find(|entry| entry.field == field.name);
            assert!(entry.is_some_and(|entry| SECTIONS.contains(&entry.section)), "{}", field.name);
        }
        assert!(ENTRIES.iter().all(|entry| entry.field().name == entry.field));
    }
}
