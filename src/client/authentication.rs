//! Client authentication: what it adds to a request when it leaves for the token endpoint and its like (RFC 6749
//! section 2.3).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded::byte_serialize;

use crate::base::http::{ClientCertificate, HttpRequest};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::terms::client_auth::ClientAuthMethod;

use super::assertion::{self, AssertionError};
use super::certificate::{self, CertificateError};
use super::claim_edits::ClaimEdits;
use super::dpop::ProofError;
use super::settings::Settings;

/// What `client_assertion` is (RFC 7523 section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The client as it presents itself in one request.
#[derive(Clone, Debug)]
pub struct Caller<'a> {
    /// Who it is and what it has.
    pub settings: &'a Settings,
    /// The server's issuer, as far as it is known.
    pub issuer: Option<&'a str>,
    /// The server's token endpoint, as far as it is known.
    pub token_endpoint: Option<&'a str>,
    /// The endpoint that is called with a client assertion, where that is known.
    pub called: Option<&'a str>,
    /// When an assertion is made.
    pub now: Timestamp,
    /// The name of an assertion, never used before (RFC 7519 section 4.1.7).
    pub jti: String,
    /// What somebody else has signed to say who the client is (RFC 7521 section 3).
    pub finished: Option<&'a Secret>,
}

/// Why a request cannot be authenticated as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    /// The name is not a registered method.
    #[error("no client authentication method is named {0}")]
    UnknownMethod(String),
    /// There is nobody to authenticate.
    #[error("{0} needs a client_id: register a client at the server and fill it in")]
    NoClientId(&'static str),
    /// There is no secret.
    #[error("{0} needs a client_secret")]
    NoSecret(&'static str),
    /// No assertion can be made.
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    /// No proof can be made.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// There is no certificate.
    #[error("{0} needs a tls_client_certificate with its private key, as PEM")]
    NoCertificate(&'static str),
    /// There is one that cannot be shown.
    #[error("{0}")]
    Certificate(#[from] CertificateError),
}

impl AuthenticationError {
    /// The setting to look at.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::UnknownMethod(_) => "token_endpoint_auth_method",
            Self::NoClientId(_) => "client_id",
            Self::NoSecret(_) | Self::Assertion(AssertionError::BadSecret(_)) => "client_secret",
            Self::Assertion(AssertionError::BadClaims(_)) => "assertion_claims",
            Self::Assertion(AssertionError::NoAudience) => "issuer",
            Self::Assertion(AssertionError::IsKey(name)) => name,
            Self::Assertion(AssertionError::BadLifetime(_)) => "client_assertion_lifetime",
            Self::Assertion(_) => "private_key",
            Self::Proof(_) => "dpop_private_key",
            Self::NoCertificate(_) | Self::Certificate(_) => "tls_client_certificate",
        }
    }
}

/// The same request with the client's credentials.
///
/// # Errors
/// When the method is unknown or lacks what it needs.
pub(super) fn authenticate(
    request: HttpRequest,
    caller: &Caller<'_>,
    edits: &ClaimEdits,
) -> Result<HttpRequest, AuthenticationError> {
    let client = &caller.settings.client;
    let secret = client.client_secret.expose();
    let needs_secret = |name| if secret.is_empty() { Err(AuthenticationError::NoSecret(name)) } else { Ok(()) };
    let method = caller
        .settings
        .auth_method()
        .ok_or_else(|| AuthenticationError::UnknownMethod(client.token_endpoint_auth_method.clone()))?;
    if method != ClientAuthMethod::None && client.client_id.is_empty() {
        return Err(AuthenticationError::NoClientId(method.name()));
    }
    match method {
        ClientAuthMethod::None => Ok(request),
        ClientAuthMethod::ClientSecretBasic => {
            needs_secret(method.name())?;
            Ok(with_authorization(request, basic(&client.client_id, secret)))
        }
        ClientAuthMethod::ClientSecretPost => {
            needs_secret(method.name())?;
            Ok(with_form(request, &[("client_secret", secret)]))
        }
        ClientAuthMethod::ClientSecretJwt | ClientAuthMethod::PrivateKeyJwt => {
            if method == ClientAuthMethod::ClientSecretJwt {
                needs_secret(method.name())?;
            }
            let caller = Caller { called: Some(request.url.as_str()), ..caller.clone() };
            let made = assertion::of_client(&caller, method, edits)?;
            Ok(with_form(request, &[("client_assertion_type", JWT_BEARER), ("client_assertion", made.expose())]))
        }
        // The handshake proves it, by the seal of the certificate.
        ClientAuthMethod::TlsClientAuth | ClientAuthMethod::SelfSignedTlsClientAuth => {
            certificate(caller.settings)?.ok_or(AuthenticationError::NoCertificate(method.name()))?;
            Ok(request)
        }
    }
}

/// What the method of these settings needs and is not filled in. A key that is lacking is told of when the request is made,
/// since what is signed may have been made elsewhere.
pub fn lacking(settings: &Settings) -> Option<AuthenticationError> {
    use ClientAuthMethod::{
        ClientSecretBasic, ClientSecretJwt, ClientSecretPost, SelfSignedTlsClientAuth, TlsClientAuth,
    };

    let (method, client) = (settings.auth_method()?, &settings.client);
    let has_none = |method: ClientAuthMethod| match method {
        ClientSecretBasic | ClientSecretPost | ClientSecretJwt => client.client_secret.is_empty(),
        _ => false,
    };
    match method {
        ClientAuthMethod::None => None,
        method if client.client_id.is_empty() => Some(AuthenticationError::NoClientId(method.name())),
        method if has_none(method) => Some(AuthenticationError::NoSecret(method.name())),
        TlsClientAuth | SelfSignedTlsClientAuth if client.tls_client_certificate.is_empty() => {
            Some(AuthenticationError::NoCertificate(method.name()))
        }
        _ => None,
    }
}

/// The same request with these pairs at the end of its form; what is no form any more is left as it is.
pub(super) fn with_form(mut request: HttpRequest, pairs: &[(&str, &str)]) -> HttpRequest {
    if request.form().is_some() {
        let more: Params = pairs.iter().copied().collect();
        if !request.body.is_empty() {
            request.body.push(b'&');
        }
        request.body.extend(more.encode().into_bytes());
    }
    request
}

/// The same request with this header field, unless another one is typed in its place.
pub(super) fn with_authorization(mut request: HttpRequest, value: String) -> HttpRequest {
    if request.headers.get("authorization").is_none() {
        request.headers.push("Authorization", value);
    }
    request
}

/// The certificate that the client shows, when it has one.
///
/// # Errors
/// When it cannot be read.
pub fn certificate(settings: &Settings) -> Result<Option<ClientCertificate>, CertificateError> {
    let pem = settings.client.tls_client_certificate.expose();
    if pem.trim().is_empty() {
        return Ok(None);
    }
    certificate::from_pem(pem).map(Some)
}

/// Whether the client authenticates in the TLS handshake (RFC 8705 section 2).
pub fn proves_itself_by_certificate(settings: &Settings) -> bool {
    use ClientAuthMethod::{SelfSignedTlsClientAuth, TlsClientAuth};

    matches!(settings.auth_method(), Some(TlsClientAuth | SelfSignedTlsClientAuth))
}

/// Whether the client shows a certificate, to prove who it is or to have its tokens bound to it, which goes with every
/// other method as well (RFC 8705 sections 3 and 4).
pub fn shows_certificate(settings: &Settings) -> bool {
    proves_itself_by_certificate(settings) || !settings.client.tls_client_certificate.is_empty()
}

/// The same request, sent with this certificate.
pub fn with_certificate(mut request: HttpRequest, certificate: ClientCertificate) -> HttpRequest {
    request.tls.certificate = Some(Arc::new(certificate));
    request
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
    use crate::client::seal::{authenticated, identified};

    fn sealed(method: &str, secret: &str) -> Result<HttpRequest, AuthenticationError> {
        let mut settings = Settings::default();
        "s6:Bh".clone_into(&mut settings.client.client_id);
        settings.client.client_secret = secret.into();
        method.clone_into(&mut settings.client.token_endpoint_auth_method);
        let url = Url::parse("https://as.example/token").expect("a URL");
        let caller = Caller {
            settings: &settings,
            issuer: Some("https://as.example"),
            token_endpoint: None,
            called: None,
            now: Timestamp::from_seconds(1_795_429_800),
            jti: "j1".to_owned(),
            finished: None,
        };
        authenticate(authenticated(url, &identified(Params::new(), &settings)).message, &caller, &ClaimEdits::default())
    }

    #[test]
    fn an_assertion_may_name_the_endpoint_that_is_called() {
        let mut settings = Settings::default();
        "web".clone_into(&mut settings.client.client_id);
        settings.client.client_secret = "a secret with thirty-two characters".into();
        "client_secret_jwt".clone_into(&mut settings.client.token_endpoint_auth_method);
        for (typed, aud) in [("", "https://as.example"), ("endpoint", "https://as.example/par")] {
            typed.clone_into(&mut settings.client.client_assertion_audience);
            let caller = Caller {
                settings: &settings,
                issuer: Some("https://as.example"),
                token_endpoint: Some("https://as.example/token"),
                called: None,
                now: Timestamp::default(),
                jti: "j1".to_owned(),
                finished: None,
            };
            let request =
                HttpRequest::post_form(Url::parse("https://as.example/par").expect("a URL"), &Params::default());
            let form = authenticate(request, &caller, &ClaimEdits::default()).expect("authenticated").form();
            let form = form.expect("a form");
            let token = crate::jose::jwt::decode(form.get("client_assertion").expect("an assertion"));
            assert_eq!(token.claim("aud").map(crate::base::json::Json::strings), Some(vec![aud]));
        }
    }

    #[test]
    fn each_method_puts_the_credentials_where_its_document_says() {
        let basic = sealed("client_secret_basic", "7F:jf p%").expect("authenticated");
        let expected = format!("Basic {}", STANDARD.encode("s6%3ABh:7F%3Ajf+p%25"));
        assert_eq!(basic.headers.get("authorization"), Some(expected.as_str()));
        assert!(basic.body.is_empty());

        let post = sealed("client_secret_post", "secret").expect("authenticated");
        assert_eq!(
            post.form().and_then(|form| form.get("client_secret").map(str::to_owned)).as_deref(),
            Some("secret")
        );
        assert_eq!(post.headers.get("authorization"), None);

        let jwt = sealed("client_secret_jwt", "a secret of thirty-two characters").expect("authenticated");
        let form = jwt.form().expect("a form");
        assert_eq!(form.get("client_assertion_type"), Some(JWT_BEARER));
        assert_eq!(form.get("client_assertion").map(|token| token.split('.').count()), Some(3));

        for method in ["tls_client_auth", "self_signed_tls_client_auth"] {
            let error = sealed(method, "").expect_err("no certificate");
            assert_eq!((error.field(), error), ("tls_client_certificate", AuthenticationError::NoCertificate(method)));
        }

        let none = sealed("none", "").expect("authenticated");
        assert_eq!(String::from_utf8_lossy(&none.body), "client_id=s6%3ABh");
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(sealed("client_secret_basic", ""), Err(AuthenticationError::NoSecret("client_secret_basic")));
        assert!(matches!(sealed("private_key_jwt", "x"), Err(error) if error.field() == "private_key"));
        assert_eq!(sealed("basic", "x"), Err(AuthenticationError::UnknownMethod("basic".to_owned())));
    }
}
