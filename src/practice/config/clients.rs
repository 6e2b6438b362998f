//! The clients of a configuration: tables, or a word.

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::file::ClientTable;

/// Client metadata by which this server treats a client (RFC 7591 section 2): the keys of a table that a client may say of
/// itself.
pub const CLIENT_METADATA: [&str; 30] = [
    "client_name",
    "redirect_uris",
    "post_logout_redirect_uris",
    "grant_types",
    "response_types",
    "token_endpoint_auth_method",
    "jwks",
    "jwks_uri",
    "tls_client_auth_subject_dn",
    "tls_client_auth_san_dns",
    "tls_client_certificate_bound_access_tokens",
    "dpop_bound_access_tokens",
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
    "backchannel_token_delivery_mode",
    "backchannel_client_notification_endpoint",
    "backchannel_logout_uri",
    "backchannel_user_code_parameter",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
    "require_pushed_authorization_requests",
    "require_signed_request_object",
    "request_object_signing_alg",
    "backchannel_authentication_request_signing_alg",
];

/// Clients as tables, or a word for all there may be.
pub(super) enum Clients {
    Named(String),
    These(Vec<Spanned<ClientTable>>),
}

impl<'de> Deserialize<'de> for Clients {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Clients;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("clients, or \"any\"")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Clients, E> {
                Ok(Clients::Named(word.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut tables: A) -> Result<Clients, A::Error> {
                let mut all = Vec::new();
                while let Some(table) = tables.next_element()? {
                    all.push(table);
                }
                Ok(Clients::These(all))
            }
        }

        deserializer.deserialize_any(Either)
    }
}
