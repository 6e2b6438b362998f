//! TLS at a redirect URI with `https` on this machine. A certificate that is made for a listener is trusted by nobody
//! beforehand: a browser warns and lets its user go on, a server that pings does not.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{AlertDescription, Error, InvalidMessage, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::base::http::ClientCertificate;
use crate::base::secret::SecretBytes;
use crate::base::time::Timestamp;
use crate::flow::callback::Refusal;

/// Whom the certificate is for.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "::1"];
/// Before and after now.
const VALIDITY: Duration = Duration::from_secs(24 * 3600);

/// What does the handshakes of one listener, with this certificate or one made for it.
///
/// # Errors
/// When the certificate and its key do not suit the TLS library, or it refuses.
pub fn acceptor(given: Option<&ClientCertificate>, now: Timestamp) -> io::Result<TlsAcceptor> {
    let made;
    let shown = match given {
        Some(given) => given,
        None => {
            made = make(now).map_err(io::Error::other)?;
            &made
        }
    };
    let chain = shown.chain.iter().map(|der| der.clone().into()).collect();
    let key = PrivatePkcs8KeyDer::from(shown.key.expose().to_vec());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key.into()));
    Ok(Arc::new(config.map_err(io::Error::other)?).into())
}

fn make(now: Timestamp) -> Result<ClientCertificate, rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(NAMES.map(str::to_owned))?;
    params.distinguished_name.push(DnType::CommonName, "Grantscope redirect listener");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = date_time_ymd(1970, 1, 1) + Duration::from_secs(u64::try_from(now.seconds()).unwrap_or_default());
    (params.not_before, params.not_after) = (now - VALIDITY, now + VALIDITY);
    let certificate = params.self_signed(&key)?;
    Ok(ClientCertificate { chain: vec![certificate.der().to_vec()], key: SecretBytes::new(key.serialize_der()) })
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
