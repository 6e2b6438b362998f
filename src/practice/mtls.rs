//! Mutual TLS (RFC 8705): clients that prove who they are by a certificate in the handshake, and access tokens that
//! work with that certificate alone.
//!
//! The socket asks for a certificate and takes any whose key the client has; what it is worth is judged here.

use std::time::Duration;

use rustls::pki_types::{CertificateDer, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error as ChainError, KeyUsage, anchor_from_trusted_cert};

use super::Practice;
use super::client::Caller;
use super::config::Client;
use super::fields::invalid_request;
use crate::base::http::HttpRequest;
use crate::base::time::Timestamp;
use crate::jose::x509::{Certificate, DistinguishedName, thumbprint};
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::error::OAuthError;

/// What clients with certificates ask at the TLS origin, by its name in `mtls_endpoint_aliases` (RFC 8705 section 5).
pub const ALIASES: [(&str, &str); 7] = [
    ("token_endpoint", "/token"),
    ("introspection_endpoint", "/introspect"),
    ("revocation_endpoint", "/revoke"),
    ("device_authorization_endpoint", "/device"),
    ("backchannel_authentication_endpoint", "/bc-authorize"),
    ("pushed_authorization_request_endpoint", "/par"),
    ("userinfo_endpoint", "/userinfo"),
];
/// Whether clients authenticate with a certificate in this way.
pub const fn is_method(method: ClientAuthMethod) -> bool {
    matches!(method, ClientAuthMethod::TlsClientAuth | ClientAuthMethod::SelfSignedTlsClientAuth)
}

/// The certificates that came with a request, the client's own first.
fn shown(request: &HttpRequest) -> Option<&[Vec<u8>]> {
    let certificate = request.tls.certificate.as_deref().filter(|_| request.url.scheme() == "https")?;
    Some(certificate.chain.as_slice()).filter(|chain| !chain.is_empty())
}

/// `x5t#S256` of the certificate that came with a request (RFC 8705 section 3.1).
pub fn shown_thumbprint(request: &HttpRequest) -> Option<String> {
    shown(request).and_then(<[_]>::first).map(|der| thumbprint(der))
}

/// Whether a client showed the certificate it is registered with (RFC 8705 section 2).
///
/// # Errors
/// Why not, in words.
pub fn authenticate(
    practice: &Practice,
    client: &Client,
    method: ClientAuthMethod,
    request: &HttpRequest,
    now: Timestamp,
) -> Result<(), String> {
    let how = format!("{} authenticates with {}", client.client_id, method.name());
    let chain = shown(request).ok_or_else(|| format!("{how}, {}", why_none(practice, request)))?;
    // Certificates were made by the clock of the machine, whatever this server's shows.
    let now = practice.real_time(now);
    let judged = match method {
        ClientAuthMethod::TlsClientAuth => by_authority(practice, client, chain, now),
        _ => is_registered(client, chain),
    };
    judged.map_err(|why| format!("{how}, and its certificate is not accepted: {why}"))
}

/// Why no certificate came with a request.
fn why_none(practice: &Practice, request: &HttpRequest) -> String {
    match (&practice.config.tls_origin, request.url.scheme()) {
        (None, _) => "which needs TLS, and this server runs without it".to_owned(),
        (Some(_), "https") => "and no certificate was shown in the TLS handshake".to_owned(),
        (Some(origin), _) => {
            let path = request.url.path().trim_start_matches('/');
            format!("and this request came over plain http; send it to {}{path} with the certificate", origin.url)
        }
    }
}

/// RFC 8705 section 2.1
fn by_authority(practice: &Practice, client: &Client, chain: &[Vec<u8>], now: Timestamp) -> Result<(), String> {
    let certificates = practice.certificates.as_ref().ok_or("this server has no authority")?;
    verify_chain(&certificates.anchor, chain, now)?;
    let own = chain.first().map(|der| Certificate::read(der)).ok_or("there is none")?;
    let own = own.map_err(|error| error.to_string())?;
    if let Some(registered) = &client.tls_client_auth_subject_dn {
        let fits = DistinguishedName::parse(registered).is_ok_and(|registered| registered.matches(&own.subject));
        return fits.then_some(()).ok_or_else(|| format!("its subject is {}, registered is {registered}", own.subject));
    }
    let registered = client.tls_client_auth_san_dns.as_deref().ok_or("the client has no subject registered")?;
    match own.dns_names.iter().any(|name| name.eq_ignore_ascii_case(registered)) {
        true => Ok(()),
        false => Err(format!("its DNS names are {}, registered is {registered}", own.dns_names.join(" "))),
    }
}

/// RFC 5280 section 6
fn verify_chain(anchor: &[u8], chain: &[Vec<u8>], now: Timestamp) -> Result<(), String> {
    let chain: Vec<CertificateDer<'_>> = chain.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let (own, between) = chain.split_first().ok_or("there is none")?;
    let words = |error: ChainError| match error {
        ChainError::UnknownIssuer | ChainError::InvalidSignatureForPublicKey => {
            "it does not come from the authority of this server".to_owned()
        }
        ChainError::CertExpired { .. } => "it has expired".to_owned(),
        ChainError::CertNotValidYet { .. } => "it is not valid yet".to_owned(),
        ChainError::CaUsedAsEndEntity => {
            "it is the certificate of an authority (basicConstraints CA:TRUE), not of a client".to_owned()
        }
        ChainError::RequiredEkuNotFoundContext(_) => {
            "its extended key usage does not allow client authentication".to_owned()
        }
        other => other.to_string(),
    };
    let anchor = CertificateDer::from(anchor);
    let anchors = [anchor_from_trusted_cert(&anchor).map_err(words)?];
    let now = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.seconds()).unwrap_or_default()));
    let own = EndEntityCert::try_from(own).map_err(words)?;
    let usage = KeyUsage::client_auth();
    own.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, between, now, usage, None, None).map_err(words)?;
    Ok(())
}

/// RFC 8705 section 2.2. Only the certificate itself counts, not who signed it nor how long it is valid.
fn is_registered(client: &Client, chain: &[Vec<u8>]) -> Result<(), String> {
    let registered = client.tls_client_certificate.as_ref().ok_or("the client has no certificate registered")?;
    let own = chain.first().ok_or("there is none")?;
    match own == registered {
        true => Ok(()),
        false => Err(format!("its x5t#S256 is {}, registered is {}", thumbprint(own), thumbprint(registered))),
    }
}

/// Refuses a client that wants bound tokens and shows nothing to bind them to (RFC 8705 section 3.4).
///
/// # Errors
/// `invalid_request`
pub fn check_binding(practice: &Practice, caller: &Caller, request: &HttpRequest) -> Result<(), OAuthError> {
    if caller.binding.certificate.is_some() || !caller.client.tls_client_certificate_bound_access_tokens {
        return Ok(());
    }
    let client_id = &caller.client.client_id;
    let why = format!("{client_id} gets access tokens bound to its certificate, {}", why_none(practice, request));
    Err(invalid_request(why))
}

/// Whether what is bound to a certificate came with it (RFC 8705 section 3).
///
/// # Errors
/// Why not, in words that go on after the name of what is bound.
pub fn check_bound(bound_to: Option<&str>, request: &HttpRequest) -> Result<(), String> {
    let shown = shown_thumbprint(request);
    match (bound_to, shown) {
        (None, _) => Ok(()),
        (Some(bound_to), Some(shown)) if bound_to == shown => Ok(()),
        (Some(bound_to), Some(shown)) => {
            Err(format!("is bound to the certificate with x5t#S256 {bound_to}, the one that was shown has {shown}"))
        }
        (Some(bound_to), None) => {
            Err(format!("is bound to the certificate with x5t#S256 {bound_to}, and none was shown"))
        }
    }
}
