//! The certificates of one run: an authority, the server's own, and one for each client that shows one (RFC 8705).

use std::fmt;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName as Name, DnType, ExtendedKeyUsagePurpose as Usage, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType, date_time_ymd,
};
use url::Url;

use super::config::{Client, Config};
use crate::base::entropy::Entropy;
use crate::base::secret::{Secret, SecretBytes};
use crate::base::time::Timestamp;
use crate::jose::x509::{DistinguishedName, certificates_to_pem, to_pem};
use crate::terms::client_auth::ClientAuthMethod;

/// Clocks of other machines may be behind.
const BEFORE: Duration = Duration::from_secs(24 * 3600);
/// Longer than a run, and no longer than every platform takes.
const LIFETIME: Duration = Duration::from_secs(365 * 24 * 3600);

/// Everything that a TLS socket and the clients in front of it need. Gone at the end of the run, like all keys here.
#[derive(Clone)]
pub struct Certificates {
    /// The authority that server and clients trust, as PEM.
    pub authority: String,
    /// One for each client that authenticates with a certificate made here.
    pub clients: Vec<IssuedCertificate>,
    /// The server's own in DER, then the authority's.
    pub chain: Vec<Vec<u8>>,
    /// The server's private key as PKCS#8.
    pub key: SecretBytes,
    /// The authority in DER.
    pub(super) anchor: Vec<u8>,
}

/// What a client shows in the TLS handshake.
#[derive(Clone, Debug)]
pub struct IssuedCertificate {
    /// Whose it is.
    pub client_id: String,
    /// Certificate and private key.
    pub pem: Secret,
}

/// Where a server is with TLS.
#[derive(Clone, Debug)]
pub struct ServedTls {
    /// With the real port: `https://127.0.0.1:9443/`.
    pub origin: Url,
    /// The authority to trust there, and what clients show.
    pub certificates: Certificates,
}

impl Certificates {
    /// Certificate and key of a client, as PEM.
    pub fn client(&self, client_id: &str) -> Option<&Secret> {
        self.clients.iter().find(|issued| issued.client_id == client_id).map(|issued| &issued.pem)
    }

    /// Makes them, and registers the self-signed ones with their clients. Valid from `now` for a year.
    ///
    /// # Errors
    /// When a name cannot be put into a certificate, or the cryptographic library refuses.
    pub(super) fn make(config: &mut Config, now: Timestamp, entropy: &mut Entropy) -> Result<Self, String> {
        let key = new_key()?;
        let mut params = params(&[], now)?;
        let run = u32::from_le_bytes(entropy.bytes());
        params.distinguished_name = common_name(&format!("Grantscope practice authority {run:08x}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let anchor = params.self_signed(&key).map_err(words)?.der().to_vec();
        let issuer = Issuer::new(params, key);
        let (own, key) = server(&config.certificate_names(), &issuer, now)?;
        let clients = config.clients.iter_mut().map(|client| of_client(client, &issuer, now));
        Ok(Self {
            clients: clients.filter_map(Result::transpose).collect::<Result<_, _>>()?,
            authority: certificates_to_pem(std::slice::from_ref(&anchor)),
            chain: vec![own, anchor.clone()],
            key,
            anchor,
        })
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("clients", &self.clients).finish_non_exhaustive()
    }
}

fn server(names: &[String], issuer: &Issuer<'_, KeyPair>, now: Timestamp) -> Result<(Vec<u8>, SecretBytes), String> {
    let mut params = params(names, now)?;
    params.distinguished_name = common_name("Grantscope practice server");
    params.extended_key_usages = vec![Usage::ServerAuth];
    signed(&params, issuer)
}

fn of_client(
    client: &mut Client,
    issuer: &Issuer<'_, KeyPair>,
    now: Timestamp,
) -> Result<Option<IssuedCertificate>, String> {
    let uses = |method| client.token_endpoint_auth_methods.contains(&method);
    let (certificate, key) = if uses(ClientAuthMethod::TlsClientAuth) {
        by_authority(client, issuer, now)?
    } else if uses(ClientAuthMethod::SelfSignedTlsClientAuth) && client.tls_client_certificate.is_none() {
        let (certificate, key) = self_signed(client, now)?;
        client.tls_client_certificate = Some(certificate.clone());
        (certificate, key)
    } else {
        return Ok(None);
    };
    Ok(Some(IssuedCertificate { client_id: client.client_id.clone(), pem: to_pem(&[certificate], &key) }))
}

/// With the names that the client is registered with (RFC 8705 section 2.1.2).
fn by_authority(
    client: &Client,
    issuer: &Issuer<'_, KeyPair>,
    now: Timestamp,
) -> Result<(Vec<u8>, SecretBytes), String> {
    let mut params = params(&[], now)?;
    params.extended_key_usages = vec![Usage::ClientAuth];
    params.distinguished_name = match &client.tls_client_auth_subject_dn {
        Some(dn) => name(dn)?,
        None => common_name(&client.client_id),
    };
    if let Some(dns) = &client.tls_client_auth_san_dns {
        params.subject_alt_names = vec![SanType::DnsName(dns.as_str().try_into().map_err(words)?)];
    }
    signed(&params, issuer)
}

fn self_signed(client: &Client, now: Timestamp) -> Result<(Vec<u8>, SecretBytes), String> {
    let mut params = params(&[], now)?;
    params.extended_key_usages = vec![Usage::ClientAuth];
    params.distinguished_name = common_name(&client.client_id);
    let key = new_key()?;
    let certificate = params.self_signed(&key).map_err(words)?;
    Ok((certificate.der().to_vec(), SecretBytes::new(key.serialize_der())))
}

fn signed(params: &CertificateParams, issuer: &Issuer<'_, KeyPair>) -> Result<(Vec<u8>, SecretBytes), String> {
    let key = new_key()?;
    let certificate = params.signed_by(&key, issuer).map_err(words)?;
    Ok((certificate.der().to_vec(), SecretBytes::new(key.serialize_der())))
}

fn params(names: &[String], now: Timestamp) -> Result<CertificateParams, String> {
    let mut params = CertificateParams::new(names).map_err(words)?;
    let since_1970 = Duration::from_secs(u64::try_from(now.seconds()).unwrap_or_default());
    let now = date_time_ymd(1970, 1, 1) + since_1970;
    (params.not_before, params.not_after) = (now - BEFORE, now + LIFETIME);
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn new_key() -> Result<KeyPair, String> {
    KeyPair::generate().map_err(words)
}

fn common_name(name: &str) -> Name {
    let mut names = Name::new();
    names.push(DnType::CommonName, name);
    names
}

/// Whether certificates with this subject can be made here.
///
/// # Errors
/// Why not.
pub fn name(text: &str) -> Result<Name, String> {
    let dn = DistinguishedName::parse(text)?;
    let parts = dn.simple().ok_or("only names with one text in each part are issued here")?;
    let mut name = Name::new();
    for (oid, value) in parts.into_iter().rev() {
        let kind = kind(oid).ok_or_else(|| format!("{oid} is no attribute type"))?;
        if name.get(&kind).is_some() {
            return Err(format!("the attribute {oid} occurs twice, which no certificate made here can have"));
        }
        name.push(kind, value);
    }
    Ok(name)
}

fn kind(oid: &str) -> Option<DnType> {
    let arcs: Vec<u64> = oid.split('.').map(|arc| arc.parse().ok()).collect::<Option<_>>()?;
    // The first two share a byte (X.690 section 8.19.4).
    let is_oid = matches!(arcs.as_slice(), [0 | 1, 0..=39, ..] | [2, 0..=47, ..]);
    is_oid.then(|| DnType::from_oid(&arcs))
}

fn words(error: impl fmt::Display) -> String {
    error.to_string()
}
