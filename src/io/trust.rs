//! Which servers are trusted: those that the system trusts, those of authorities that were given, and those that show
//! a certificate that was given, byte for byte.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

use crate::base::http::ClientCertificate;
use crate::flow::transport_error::TransportError;
use crate::jose::x509::Certificate;

const UNKNOWN: Error = Error::InvalidCertificate(CertificateError::UnknownIssuer);

/// What the system trusts, read when it is asked for the first time. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct SystemTrust {
    provider: Arc<CryptoProvider>,
    /// `None` on a machine without any authority.
    verifier: Arc<OnceLock<Option<Verifier>>>,
}

impl Default for SystemTrust {
    fn default() -> Self {
        Self { provider: Arc::new(aws_lc_rs::default_provider()), verifier: Arc::default() }
    }
}

impl SystemTrust {
    fn verifier(&self) -> Option<&Verifier> {
        self.verifier.get_or_init(|| Verifier::new(self.provider.clone()).ok()).as_ref()
    }
}

/// The certificates of a PEM text.
///
/// # Errors
/// [`TransportError::Setup`] when there is none.
pub(super) fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let found = found.ok().filter(|found| !found.is_empty());
    found.ok_or_else(|| unusable("a certificate authority is not a PEM certificate"))
}

/// How connections are made: whom they trust, and the certificate they show.
///
/// # Errors
/// [`TransportError::Setup`] when one of the certificates or the key cannot be used.
pub(super) fn client_config(trust: Trust, own: Option<&ClientCertificate>) -> Result<ClientConfig, TransportError> {
    let failed = |error: Error| unusable(&error.to_string());
    let builder = ClientConfig::builder_with_provider(trust.system.provider.clone());
    let builder = builder.with_safe_default_protocol_versions().map_err(failed)?;
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(trust));
    let mut config = match own {
        None => builder.with_no_client_auth(),
        Some(own) if own.chain.is_empty() => return Err(unusable("the client certificate: there is none")),
        Some(own) if own.key.is_empty() => return Err(unusable("the client certificate: it has no private key")),
        Some(own) => {
            let chain = own.chain.iter().map(|der| CertificateDer::from(der.clone())).collect();
            let key = PrivatePkcs8KeyDer::from(own.key.expose().to_vec());
            builder.with_client_auth_cert(chain, key.into()).map_err(|error| match error {
                Error::InconsistentKeys(_) => unusable("the client certificate: its private key is that of another"),
                _ => unusable("the client certificate: it or its private key cannot be read"),
            })?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn unusable(reason: &str) -> TransportError {
    TransportError::Setup { reason: reason.to_owned() }
}

/// Judges the certificates of servers.
#[derive(Debug)]
pub(super) struct Trust {
    system: SystemTrust,
    /// Certificates beside the system's, of authorities or of servers themselves.
    given: Vec<CertificateDer<'static>>,
    /// Chains that end at one of these; `None` when there is none.
    of_given: Option<Arc<WebPkiServerVerifier>>,
    /// Whether every certificate is taken.
    takes_any: bool,
}

impl Trust {
    /// # Errors
    /// [`TransportError::Setup`] when one of the certificates that are given cannot be read.
    pub fn new(
        system: SystemTrust,
        given: Vec<CertificateDer<'static>>,
        takes_any: bool,
    ) -> Result<Self, TransportError> {
        let unreadable = |_| unusable("a certificate authority cannot be read as a certificate");
        let mut roots = RootCertStore::empty();
        given.iter().try_for_each(|one| roots.add(one.clone())).map_err(unreadable)?;
        let is_needed = !roots.is_empty();
        let built = || WebPkiServerVerifier::builder_with_provider(roots.into(), system.provider.clone()).build();
        let of_given = is_needed.then(built).transpose().map_err(|error| unusable(&error.to_string()))?;
        Ok(Self { system, given, of_given, takes_any })
    }

    /// A certificate that was given is trusted for what it is, whoever signed it and whomever it may sign: `openssl req
    /// -x509` makes one with CA:TRUE, which no chain may end with (RFC 5280 section 4.2.1.9). Its names and times hold.
    fn verify_given(certificate: &CertificateDer<'_>, name: &ServerName<'_>, now: UnixTime) -> Result<(), Error> {
        verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
        let bad = |fault| Err(Error::InvalidCertificate(fault));
        let Ok(read) = Certificate::read(certificate) else { return bad(CertificateError::BadEncoding) };
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        match () {
            () if now < read.not_before.seconds() => bad(CertificateError::NotValidYet),
            () if now > read.not_after.seconds() => bad(CertificateError::Expired),
            () => Ok(()),
        }
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.takes_any {
            return Ok(ServerCertVerified::assertion());
        }
        if self.given.iter().any(|given| given == end_entity) {
            return Self::verify_given(end_entity, server_name, now).map(|()| ServerCertVerified::assertion());
        }
        let ask = |verifier: &dyn ServerCertVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let by_given = self.of_given.as_ref().map_or(Err(UNKNOWN), |verifier| ask(&**verifier));
        by_given.or_else(|of_given| match self.system.verifier().map_or(Err(UNKNOWN), |verifier| ask(verifier)) {
            // The other one knows more of it.
            Err(error) if error == UNKNOWN => Err(of_given),
            judged => judged,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.system.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.system.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.system.provider.signature_verification_algorithms.supported_schemes()
    }
}
