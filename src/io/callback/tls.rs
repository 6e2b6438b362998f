//! TLS at a redirect URI with `https` on this machine, with a certificate made for this listener alone. Nobody trusts it
//! beforehand: a browser warns and lets its user go on, a server that pings does not.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{AlertDescription, Error, InvalidMessage, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::base::time::Timestamp;
use crate::flow::callback::Refusal;

/// Whom the certificate is for.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "::1"];
/// Before and after now.
const VALIDITY: Duration = Duration::from_secs(24 * 3600);

/// What does the handshakes of one listener.
///
/// # Errors
/// When the cryptographic library refuses.
pub fn acceptor(now: Timestamp) -> io::Result<TlsAcceptor> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let mut params = CertificateParams::new(NAMES.map(str::to_owned)).map_err(io::Error::other)?;
    params.distinguished_name.push(DnType::CommonName, "Grantscope redirect listener");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = date_time_ymd(1970, 1, 1) + Duration::from_secs(u64::try_from(now.seconds()).unwrap_or_default());
    (params.not_before, params.not_after) = (now - VALIDITY, now + VALIDITY);
    let certificate = params.self_signed(&key).map_err(io::Error::other)?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            let key = PrivatePkcs8KeyDer::from(key.serialize_der());
            config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key.into())
        });
    Ok(Arc::new(config.map_err(io::Error::other)?).into())
}

/// Why a handshake came to nothing; `None` when the peer just left, as browsers do with connections they open ahead.
pub fn refusal(error: &io::Error) -> Option<Refusal> {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    Some(match tls {
        Some(Error::InvalidMessage(InvalidMessage::InvalidContentType)) => Refusal::SpokeHttp,
        Some(Error::AlertReceived(alert)) if is_distrust(*alert) => Refusal::Distrusted,
        Some(error) => Refusal::BadRequest(error.to_string()),
        None => return None,
    })
}

const fn is_distrust(alert: AlertDescription) -> bool {
    use AlertDescription::{BadCertificate, CertificateUnknown, UnknownCA};

    matches!(alert, BadCertificate | CertificateUnknown | UnknownCA)
}
