//! Which servers are trusted: those that the system trusts, those of authorities that were given, and those that show
//! a certificate that was given, byte for byte.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};
use rustls_platform_verifier::Verifier;

use crate::base::http::ClientCertificate;
use crate::flow::transport_error::TransportError;
use crate::jose::x509::{Certificate, rsa_bits};

/// RSA keys below this length verify nothing here (NIST SP 800-131A).
const SHORTEST_RSA: usize = 2048;

/// A signature of an RSA key that is too short, with its length in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its RSA key has {0} bits")]
pub(super) struct ShortKey(pub usize);

/// Names the key as the cause, where a signature was refused and one of these certificates has a short one.
fn with_cause<'a>(error: Error, mut certificates: impl Iterator<Item = &'a CertificateDer<'a>>) -> Error {
    let is_of_signature = error == Error::InvalidCertificate(CertificateError::BadSignature);
    let short = |certificate: &CertificateDer<'_>| rsa_bits(certificate).filter(|bits| *bits < SHORTEST_RSA);
    match certificates.find_map(short).filter(|_| is_of_signature) {
        Some(bits) => Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(ShortKey(bits))))),
        None => error,
    }
}

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
        let since_1970 =
            |seconds: i64| UnixTime::since_unix_epoch(Duration::from_secs(seconds.try_into().unwrap_or(0)));
        let (not_before, not_after) = (since_1970(read.not_before.seconds()), since_1970(read.not_after.seconds()));
        match () {
            () if now < not_before => bad(CertificateError::NotValidYetContext { time: now, not_before }),
            () if now > not_after => bad(CertificateError::ExpiredContext { time: now, not_after }),
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
        by_given
            .or_else(|of_given| match self.system.verifier().map_or(Err(UNKNOWN), |verifier| ask(verifier)) {
                // The other one knows more of it.
                Err(error) if error == UNKNOWN => Err(of_given),
                judged => judged,
            })
            .map_err(|error| with_cause(error, [end_entity].into_iter().chain(intermediates).chain(&self.given)))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.system.provider.signature_verification_algorithms;
        let verified = verify_tls12_signature(message, certificate, signature, algorithms);
        verified.map_err(|error| with_cause(error, [certificate].into_iter()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.system.provider.signature_verification_algorithms;
        let verified = verify_tls13_signature(message, certificate, signature, algorithms);
        verified.map_err(|error| with_cause(error, [certificate].into_iter()))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.system.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An authority with an RSA key of 1024 bits, and what it signed for localhost. No library here makes such a key.
    const AUTHORITY: &str = "-----BEGIN CERTIFICATE-----\n\
    MIIB/jCCAWegAwIBAgIUVwhn15sr7A/SMC5Xlc76eoHtVsgwDQYJKoZIhvcNAQEL\n\
    BQAwEDEOMAwGA1UEAwwFU2hvcnQwIBcNMjYxMjAxMDI0NTUxWhgPMjEyNjExMDcw\n\
    MjQ1NTFaMBAxDjAMBgNVBAMMBVNob3J0MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB\n\
    iQKBgQDhXiPN4+RyTYflGOdOxdu8t7RRfD5w0T7zPigyKJFyWQWlU+Ue9bfaI00D\n\
    2Atx6zKB6IkYMEWt3w2+aSyEDjI2hnpxtf2mLROVJyoPonpQuJAVDblv4mlAOQe+\n\
    XDf6H34Np7ztYPPUIRyBJhunNrRK83nHmT9JYytZ6LvhH8rhWwIDAQABo1MwUTAd\n\
    BgNVHQ4EFgQUwz09X1DdEaTV3s60ex2IofyRbXUwHwYDVR0jBBgwFoAUwz09X1Dd\n\
    EaTV3s60ex2IofyRbXUwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOB\n\
    gQBDhnauz5Nzsjd2gWwAMuBd9II0G/i4yv2nYFCuq4BgN0fWLeHGHocSsqoyv2Fa\n\
    zP8sftrYUem4Mcxet9xZUqQn30RCCxtT7Vc/PnhRrR8C5xBlczw6ZNEhrTkyIEpZ\n\
    1t+TB4Q5rDIBXQUPdCCiCtnOfq9rhlpMWwk8K3QYOmJppw==\n\
    -----END CERTIFICATE-----";
    const SIGNED: &str = "-----BEGIN CERTIFICATE-----\n\
    MIIBwDCCASmgAwIBAgIUXeoO4YnjFBzAt85wJaIOLjA7P80wDQYJKoZIhvcNAQEL\n\
    BQAwEDEOMAwGA1UEAwwFU2hvcnQwIBcNMjYxMjAxMDI0NTUxWhgPMjEyNjExMDcw\n\
    MjQ1NTFaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49\n\
    AwEHA0IABOtGT/U7jQ+E2mx602zOnoxhzikjlbsKTh460w2J+Pdk1vEKhULAnEfA\n\
    owwWHdEimGhzahiKoLSWgO1pnG5E7OijWDBWMBQGA1UdEQQNMAuCCWxvY2FsaG9z\n\
    dDAdBgNVHQ4EFgQU/CxA0eJog9u8wcVpI+w9YRak8JYwHwYDVR0jBBgwFoAUwz09\n\
    X1DdEaTV3s60ex2IofyRbXUwDQYJKoZIhvcNAQELBQADgYEAwDk34tGPHjGEQ2LU\n\
    7roRsN1OopzsOMG5R39CdUorVo6kPl8G6ml+wrGLPu8fZ2pBKUU419Hp/7nQOS3h\n\
    hsJxigncbZn6n45AUrP606lUuBsDzvDhIZdwqnt4rQuyHox03CcmdYG65yV2t6d2\n\
    SKayQALcNUswshl0+RIltgf3mjk=\n\
    -----END CERTIFICATE-----";

    fn der(pem: &str) -> CertificateDer<'static> {
        certificates(pem).expect("PEM").remove(0)
    }

    fn bits(error: &Error) -> Option<usize> {
        let Error::InvalidCertificate(CertificateError::Other(other)) = error else { return None };
        other.0.downcast_ref::<ShortKey>().map(|short| short.0)
    }

    #[test]
    fn a_signature_of_a_short_key_is_refused_for_the_key() {
        let authority = der(AUTHORITY);
        let trust = Trust::new(SystemTrust::default(), vec![authority.clone()], false).expect("readable");
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000));
        let name = ServerName::try_from("localhost").expect("a name");
        let error = trust.verify_server_cert(&der(SIGNED), &[], &name, &[], now).expect_err("it is short");
        assert_eq!(bits(&error), Some(1024), "{error:?}");
        // The same in the handshake, by a certificate that was given itself.
        let bad = || Error::InvalidCertificate(CertificateError::BadSignature);
        assert_eq!(bits(&with_cause(bad(), [&authority].into_iter())), Some(1024));
        let signed = der(SIGNED);
        assert_eq!(with_cause(bad(), [&signed].into_iter()), bad(), "its own key is of another kind");
        assert_eq!(with_cause(UNKNOWN, [&authority].into_iter()), UNKNOWN, "nothing was verified");
    }
}
