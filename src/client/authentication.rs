//! Client authentication: what it adds to a request at the token endpoint (RFC 6749 section 2.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded::byte_serialize;

use crate::base::http::HttpRequest;
use crate::base::params::Params;
use crate::terms::client_auth::ClientAuthMethod;

use super::settings::ClientSettings;

/// Why a request cannot be authenticated as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    /// The name is not a registered method.
    #[error("no client authentication method is named {0}")]
    UnknownMethod(String),
    /// A registered method that this version cannot perform.
    #[error("{0} is not available yet")]
    Unavailable(&'static str),
    /// There is no secret.
    #[error("{0} needs a client_secret")]
    NoSecret(&'static str),
}

/// Adds the client's credentials to a form that is about to be posted.
///
/// # Errors
/// When the method is unknown or lacks what it needs.
pub fn authenticate(
    request: HttpRequest,
    mut form: Params,
    client: &ClientSettings,
    method: Option<ClientAuthMethod>,
) -> Result<HttpRequest, AuthenticationError> {
    let secret = client.client_secret.expose();
    let needs_secret = |name| if secret.is_empty() { Err(AuthenticationError::NoSecret(name)) } else { Ok(()) };
    let request = match method {
        None => return Err(AuthenticationError::UnknownMethod(client.token_endpoint_auth_method.clone())),
        // RFC 6749 section 3.2.1: a client without authentication names itself in the form.
        Some(ClientAuthMethod::None) => {
            form.push("client_id", &client.client_id);
            request
        }
        Some(method @ ClientAuthMethod::ClientSecretBasic) => {
            needs_secret(method.name())?;
            request.with_header("Authorization", basic(&client.client_id, secret))
        }
        Some(method @ ClientAuthMethod::ClientSecretPost) => {
            needs_secret(method.name())?;
            form.push("client_id", &client.client_id);
            form.push("client_secret", secret);
            request
        }
        Some(method) => return Err(AuthenticationError::Unavailable(method.name())),
    };
    Ok(HttpRequest { body: form.encode().into_bytes(), ..request })
}

/// The `Authorization` value. Both halves are form-encoded before base64 (RFC 6749 section 2.3.1),
/// which many clients forget and which matters as soon as one holds `:`, `%` or `+`.
fn basic(client_id: &str, client_secret: &str) -> String {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(client_id), encode(client_secret))))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn authenticated(method: &str, secret: &str) -> Result<HttpRequest, AuthenticationError> {
        let client = ClientSettings {
            client_id: "s6:Bh".to_owned(),
            client_secret: secret.into(),
            token_endpoint_auth_method: method.to_owned(),
            redirect_uri: String::new(),
        };
        let url = Url::parse("https://as.example/token").expect("a URL");
        authenticate(
            HttpRequest::post_form(url, &Params::new()),
            Params::new(),
            &client,
            ClientAuthMethod::find(method),
        )
    }

    #[test]
    fn each_method_puts_the_credentials_where_its_document_says() {
        let basic = authenticated("client_secret_basic", "7F:jf p%").expect("authenticated");
        let expected = format!("Basic {}", STANDARD.encode("s6%3ABh:7F%3Ajf+p%25"));
        assert_eq!(basic.headers.get("authorization"), Some(expected.as_str()));
        assert!(basic.body.is_empty());

        let post = authenticated("client_secret_post", "secret").expect("authenticated");
        assert_eq!(
            post.form().and_then(|form| form.get("client_secret").map(str::to_owned)).as_deref(),
            Some("secret")
        );
        assert_eq!(post.headers.get("authorization"), None);

        let none = authenticated("none", "").expect("authenticated");
        assert_eq!(String::from_utf8_lossy(&none.body), "client_id=s6%3ABh");
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(authenticated("client_secret_basic", ""), Err(AuthenticationError::NoSecret("client_secret_basic")));
        assert_eq!(authenticated("basic", "x"), Err(AuthenticationError::UnknownMethod("basic".to_owned())));
    }
}
