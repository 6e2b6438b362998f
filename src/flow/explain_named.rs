//! What a server's own words name of a request: how its client is registered, a key, and a parameter that was sent.

use url::form_urlencoded::byte_serialize;

use crate::base::text::visible;
use crate::client::endpoint::registration::asked;
use crate::client::settings::Settings;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::error::OAuthError;
use crate::terms::{glossary, scope};

use super::causes::authenticates;
use super::stage::Stage;
use super::trace::Exchange;

/// An error without a code (RFC 6749 section 4.1.2.1).
const EMPTY: &str = "The parameter error is there and empty, so that nobody can tell what was refused: the server, or what stands \
                     between, drops the code. Its log says more.";

/// How the client is registered, and which key the server looked for (as Hydra tells it).
pub(super) fn of_client(error: &OAuthError, meant: &str, exchange: &Exchange) -> Option<String> {
    if error.error.is_empty() && error.error_description.is_none() {
        return Some(EMPTY.to_owned());
    }
    let said = error.error_description.as_deref().filter(|_| authenticates(exchange.stage)).unwrap_or_default();
    let of_key = || unknown_signer(said).or_else(|| unknown_key(said));
    registered_method(said, exchange).or_else(of_key).or_else(|| openid_of_device(meant, exchange))
}

/// What stands in quotes behind these words.
fn quoted_behind<'a>(said: &'a str, words: &str) -> Option<&'a str> {
    let (_, behind) = said.split_once(words)?;
    behind.trim_start().strip_prefix('\'')?.split('\'').next().filter(|it| !it.is_empty())
}

fn registered_method(said: &str, exchange: &Exchange) -> Option<String> {
    let method = quoted_behind(said, "supports client authentication method")?;
    let known = ClientAuthMethod::ALL.into_iter().map(ClientAuthMethod::name).find(|name| *name == method)?;
    let is_other = exchange.settings.auth_method().map(ClientAuthMethod::name) != Some(known);
    is_other.then(|| {
        format!(
            "The client is registered for {known}: set token_endpoint_auth_method to it, or change the registration."
        )
    })
}

fn unknown_signer(said: &str) -> Option<String> {
    let issuer = quoted_behind(said, "No public JWK was registered for issuer")?;
    let subject = quoted_behind(said, "and subject").unwrap_or("none");
    let (issuer, subject) = (visible(issuer), visible(subject));
    Some(format!(
        "The server trusts no key for iss {issuer} with sub {subject}: compare both with whom it trusts. iss is set by \
         assertion_claims, sub by assertion_subject."
    ))
}

fn unknown_key(said: &str) -> Option<String> {
    let kid = visible(quoted_behind(said, "with kid")?).into_owned();
    Some(format!(
        "The server has no key with the kid {kid} for this client: sign with one that is registered, or register this one \
         under this kid."
    ))
}

/// A secret that is written otherwise in the header than it was issued (RFC 6749 section 2.3.1).
pub(super) fn encoded_secret(settings: &Settings, method: ClientAuthMethod) -> Option<String> {
    let secret = settings.client.client_secret.expose();
    let is_changed = byte_serialize(secret.as_bytes()).collect::<String>() != secret;
    (method == ClientAuthMethod::ClientSecretBasic && is_changed).then(|| {
        "client_secret has characters that are form-encoded in the header (RFC 6749 section 2.3.1), which some servers do \
         not undo: try client_secret_post."
            .to_owned()
    })
}

/// A device gets no ID token by its document, and Spring Authorization Server refuses to be asked for one there.
fn openid_of_device(meant: &str, exchange: &Exchange) -> Option<String> {
    let asks = asks_openid_of_device(exchange) && meant == "invalid_scope";
    asks.then(|| {
        "Leave openid out of scope: RFC 8628 has no ID token, and some servers refuse openid in a device authorization \
         request."
            .to_owned()
    })
}

/// Whether a device authorization request has openid in its scope.
pub(super) fn asks_openid_of_device(exchange: &Exchange) -> bool {
    let form = exchange.request.form().filter(|_| exchange.stage == Stage::DeviceAuthorization).unwrap_or_default();
    scope::contains(form.get("scope").unwrap_or_default(), "openid")
}

/// Codes that speak of what was handed in, or of the client, whatever else their description names.
const OF_OTHERS: [&str; 8] = [
    "invalid_client",
    "unauthorized_client",
    "invalid_grant",
    "invalid_scope",
    "invalid_token",
    "invalid_redirect_uri",
    "invalid_software_statement",
    "unapproved_software_statement",
];

/// Parameters whose refusal is told of another way, or which no request can do without.
const NEEDED: [&str; 7] = ["client_id", "client_secret", "grant_type", "code", "token", "state", "jwks_uri"];

/// Words before the name of a parameter, where that is a plain word.
const BEFORE: [&str; 4] = ["parameter", "requested", "invalid", "registration"];

/// A parameter that the server names, and that was sent.
pub(super) fn of_sent(error: &OAuthError, meant: &str, exchange: &Exchange) -> Option<String> {
    let said = error.error_description.as_deref().filter(|_| !OF_OTHERS.contains(&meant))?.to_lowercase();
    let is_of_registration = exchange.stage.is_of_registration();
    let sent: Vec<String> = match is_of_registration.then(|| asked(&exchange.request)).flatten() {
        Some(metadata) => metadata.members().iter().map(|(name, _)| name.clone()).collect(),
        None => match exchange.authorization().filter(|asked| asked.object.is_some()) {
            Some(asked) => asked.params.iter().map(|(name, _)| name.to_owned()).collect(),
            None => exchange.request.names(),
        },
    };
    let words: Vec<&str> = said
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|it| !it.is_empty())
        .collect();
    // Several are compared with each other, and nobody knows which one is meant.
    let named = sent.iter().filter(|name| words.contains(&name.as_str())).count();
    if named > 1 {
        return None;
    }
    let is_behind = |at: usize| at > 0 && BEFORE.contains(&words[at - 1]);
    let name = words.iter().enumerate().find_map(|(at, word)| {
        let is_named = (word.contains('_') || is_behind(at)) && sent.iter().any(|name| name == word);
        (is_named && !NEEDED.contains(word) && (is_of_registration || glossary::parameter(word).is_some()))
            .then_some(*word)
    })?;
    let next = match exchange.stage {
        _ if is_of_registration => format!("change it, or leave it out by client_metadata {{\"{name}\":null}}"),
        Stage::Exchange if name.ends_with("_type") => "choose another one, which the server documents".to_owned(),
        _ => "compare it with what the client may ask for there, or leave it out".to_owned(),
    };
    Some(format!("The server names {name}, and does not take it as it was sent: {next}."))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::http::HttpRequest;
    use crate::base::params::Params;

    fn exchange(stage: Stage, request: HttpRequest) -> Exchange {
        Exchange::begun(stage, request, Arc::default())
    }

    fn form(stage: Stage, form: &str) -> Exchange {
        let url = "https://as.example/token".parse().expect("a URL");
        exchange(stage, HttpRequest::post_form(url, &Params::parse(form.as_bytes())))
    }

    fn registration() -> Exchange {
        let url = "https://as.example/register".parse().expect("a URL");
        let body = br#"{"response_types":[],"token_endpoint_auth_method":"private_key_jwt"}"#.to_vec();
        let request = HttpRequest { method: "POST".to_owned(), body, ..HttpRequest::get(url) };
        exchange(Stage::Registration, request.with_header("Content-Type", "application/json"))
    }

    #[test]
    fn what_a_server_names_of_a_client_is_told() {
        let token = form(Stage::Token, "grant_type=a");
        for (said, first) in [
            (
                "The OAuth 2.0 Client supports client authentication method 'client_secret_post', but method \
                 'client_secret_basic' was requested.",
                Some("The client is registered for client_secret_post"),
            ),
            (
                "No public JWK was registered for issuer 'web' and subject 'alice', and public key is required",
                Some("The server trusts no key for iss web with sub alice"),
            ),
            (
                "The JSON Web Token uses signing key with kid 'wrong', which could not be found.",
                Some("The server has no key with the kid wrong"),
            ),
            ("The code was used before", None),
            ("supports client authentication method 'none of them'", None),
        ] {
            let told = of_client(&OAuthError::new("invalid_client", said), "invalid_client", &token);
            assert_eq!(told.is_some(), first.is_some(), "{said}");
            assert!(told.unwrap_or_default().starts_with(first.unwrap_or_default()), "{said}");
        }
    }

    #[test]
    fn a_parameter_that_a_server_names_is_told_where_it_was_sent() {
        let asked = form(Stage::PushedAuthorization, "response_type=code&audience=a&authorization_details=[]");
        let exchanged = form(Stage::Exchange, "subject_token_type=urn:x");
        for (exchange, code, said, name) in [
            (
                &asked,
                "invalid_request",
                "Requested audience 'https://nope/' has not been whitelisted",
                Some("audience"),
            ),
            (&asked, "invalid_request", "Invalid authorization_details content", Some("authorization_details")),
            (&asked, "invalid_client", "Invalid authorization_details content", None),
            (&asked, "invalid_request", "An audience has to be there", None),
            (&asked, "invalid_request", "parameter: subject_token_type", None),
            (&exchanged, "unsupported_token_type", "OAuth parameter: subject_token_type", Some("subject_token_type")),
            (&registration(), "invalid_client_metadata", "response_types cannot be empty", Some("response_types")),
            (
                &registration(),
                "invalid_client_metadata",
                "Invalid Client Registration: token_endpoint_auth_method",
                Some("token_endpoint_auth_method"),
            ),
        ] {
            let told = of_sent(&OAuthError::new(code, said), code, exchange);
            assert_eq!(told.is_some(), name.is_some(), "{said}: {told:?}");
            let named = name.map(|name| format!("The server names {name}, ")).unwrap_or_default();
            assert!(told.unwrap_or_default().starts_with(&named), "{said}");
        }
    }

    #[test]
    fn a_secret_that_the_header_changes_is_told() {
        let mut settings = Settings::default();
        for (secret, is_changed) in [("abc-_.1", false), ("a/b", true), ("a+b", true)] {
            settings.client.client_secret = secret.into();
            assert_eq!(
                encoded_secret(&settings, ClientAuthMethod::ClientSecretBasic).is_some(),
                is_changed,
                "{secret}"
            );
            assert_eq!(encoded_secret(&settings, ClientAuthMethod::ClientSecretPost), None);
        }
    }

    #[test]
    fn openid_is_what_a_device_leaves_out() {
        let asked = form(Stage::DeviceAuthorization, "scope=openid+api");
        assert!(openid_of_device("invalid_scope", &asked).is_some_and(|line| line.starts_with("Leave openid out")));
        assert_eq!(openid_of_device("invalid_client", &asked), None);
        assert_eq!(openid_of_device("invalid_scope", &form(Stage::DeviceAuthorization, "scope=api")), None);
    }
}
