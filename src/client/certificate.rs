//! The certificate that a client shows in mutual TLS (RFC 8705), from PEM or PKCS#12.

use p12_keystore::{Pkcs12Archive, error::Error as Pkcs12Error};

use crate::base::http::ClientCertificate;
use crate::base::secret::{Secret, SecretBytes};
use crate::jose::x509;

pub use crate::jose::x509::{Certificate, CertificateError};

/// Largest PKCS#12 file that is read, in bytes.
const PKCS12_LIMIT: usize = 1024 * 1024;

/// Reads certificates and the private key of one of them, in any order. The client's own comes first in the result.
///
/// # Errors
/// When something is missing, cannot be read or does not belong together.
pub fn from_pem(text: &str) -> Result<ClientCertificate, CertificateError> {
    let mut chain = x509::certificates(text)?;
    let key = x509::private_key(text)?;
    let mut own = None;
    for (at, der) in chain.iter().enumerate() {
        // An authority may have a key of a kind that is unknown here; the client's own may not.
        match x509::is_key_of(der, &key) {
            Ok(true) => {
                own = Some(at);
                break;
            }
            Ok(false) => {}
            Err(error) if chain.len() == 1 => return Err(error),
            Err(_) => {}
        }
    }
    let own = own.ok_or(CertificateError::Mismatch)?;
    chain[..=own].rotate_right(1);
    Ok(ClientCertificate { chain, key })
}

/// Certificate and key of a PKCS#12 file as PEM text, for [`from_pem`].
///
/// # Errors
/// [`CertificateError::Password`], or what is missing in it.
pub fn pem_from_pkcs12(bytes: &[u8], password: &Secret) -> Result<Secret, CertificateError> {
    if bytes.len() > PKCS12_LIMIT {
        return Err(CertificateError::Unreadable("it is too large".to_owned()));
    }
    let archive = Pkcs12Archive::from_pkcs12(bytes, password.expose()).map_err(|error| match error {
        Pkcs12Error::MacError(_) | Pkcs12Error::UnpadError if password.is_empty() => CertificateError::NoPassword,
        Pkcs12Error::MacError(_) | Pkcs12Error::UnpadError => CertificateError::Password,
        Pkcs12Error::DerError(_) | Pkcs12Error::InvalidLength => CertificateError::NotPkcs12,
        other => CertificateError::Unreadable(format!("a PKCS#12 file of this kind is not understood here: {other}")),
    })?;
    let chain: Vec<Vec<u8>> = archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect();
    if chain.is_empty() {
        return Err(CertificateError::NoCertificate);
    }
    let key = archive.keys.first().ok_or(CertificateError::NoKey)?;
    Ok(x509::to_pem(&chain, &SecretBytes::new(key.key.as_der().to_vec())))
}

/// What the client's own certificate says.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn describe(certificate: &ClientCertificate) -> Result<Certificate, CertificateError> {
    Certificate::read(certificate.chain.first().ok_or(CertificateError::NoCertificate)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pkcs12(certificate: &rcgen::Certificate, key: &rcgen::KeyPair, password: &str) -> Vec<u8> {
        let key = p12_keystore::PrivateKey::from_der(&key.serialize_der()).expect("a key");
        let certificate = p12_keystore::Certificate::from_der(certificate.der()).expect("a certificate");
        let chain = p12_keystore::PrivateKeyChain::new("1", key, [certificate]);
        let mut store = p12_keystore::KeyStore::new();
        store.add_entry("own", p12_keystore::KeyStoreEntry::PrivateKeyChain(chain));
        store.writer(password).encryption_iterations(1).mac_iterations(1).write().expect("a file")
    }

    fn made(name: &str) -> (rcgen::Certificate, rcgen::KeyPair) {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut params = rcgen::CertificateParams::new([name.to_owned()]).expect("a name");
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::OrganizationName, "Grant, Scope");
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.not_before = rcgen::date_time_ymd(2020, 1, 2);
        params.not_after = rcgen::date_time_ymd(2040, 1, 2);
        (params.self_signed(&key).expect("signed"), key)
    }

    #[test]
    fn a_certificate_is_read_and_described() {
        let ((certificate, key), (other, _)) = (made("client.example"), made("authority.example"));
        let text = format!("{}\n{}\n{}", key.serialize_pem(), other.pem(), certificate.pem());
        let read = from_pem(&text).expect("a certificate");
        assert_eq!(read.chain, [certificate.der().to_vec(), other.der().to_vec()], "the client's own first");
        assert_eq!(read.key.expose(), key.serialize_der());
        let described = describe(&read).expect("a certificate");
        assert_eq!(described.subject.to_string(), r"CN=client.example,O=Grant\, Scope");
        assert_eq!(described.issuer, described.subject);
        assert_eq!(described.not_before.to_utc(), "2020-01-02T00:00:00Z");
        assert_eq!(described.not_after.to_utc(), "2040-01-02T00:00:00Z");
        assert_eq!(described.dns_names, ["client.example"]);
        assert_eq!(described.thumbprint.len(), 43);
        assert_eq!(from_pem(x509::to_pem(&read.chain, &read.key).expose()), Ok(read));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let ((certificate, key), (_, other)) = (made("a.example"), made("b.example"));
        let encrypted = |tag: &str, header: &str| {
            format!("{}-----BEGIN {tag}-----\n{header}MAA=\n-----END {tag}-----\n", certificate.pem())
        };
        let legacy = encrypted("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n");
        for (text, expected) in [
            (String::new(), CertificateError::NoCertificate),
            (key.serialize_pem(), CertificateError::NoCertificate),
            (certificate.pem(), CertificateError::NoKey),
            (encrypted("ENCRYPTED PRIVATE KEY", ""), CertificateError::EncryptedKey),
            (legacy, CertificateError::EncryptedKey),
            (format!("{}{}", certificate.pem(), other.serialize_pem()), CertificateError::Mismatch),
        ] {
            assert_eq!(from_pem(&text), Err(expected), "{text}");
        }
        let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let junk_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        for text in [format!("{junk}{}", key.serialize_pem()), format!("{}{junk_key}", certificate.pem())] {
            assert!(matches!(from_pem(&text), Err(CertificateError::Unreadable(_))), "{text}");
        }
    }

    #[test]
    fn older_forms_of_keys_become_pkcs8() {
        for pem in [
            include_str!("../../tests/vectors/certificate/sec1.pem"),
            include_str!("../../tests/vectors/certificate/pkcs1.pem"),
        ] {
            let read = from_pem(pem).expect("a certificate");
            let again = from_pem(x509::to_pem(&read.chain, &read.key).expose());
            assert_eq!(again, Ok(read));
        }
        // The form that the test files do not have.
        let pair = aws_lc_rs::signature::Ed25519KeyPair::generate().expect("a key");
        let der = pair.to_pkcs8().expect("PKCS#8");
        let pem = x509::to_pem(&[], &SecretBytes::new(der.as_ref().to_vec()));
        assert!(x509::private_key(pem.expose()).is_ok());
    }

    #[test]
    fn pkcs12_of_other_programs_is_opened() {
        let (sec1, pkcs1) = (
            include_str!("../../tests/vectors/certificate/sec1.pem"),
            include_str!("../../tests/vectors/certificate/pkcs1.pem"),
        );
        for (file, of) in [
            (&include_bytes!("../../tests/vectors/certificate/modern.p12")[..], sec1),
            (include_bytes!("../../tests/vectors/certificate/legacy.p12"), sec1),
            (include_bytes!("../../tests/vectors/certificate/rc2.p12"), pkcs1),
        ] {
            let pem = pem_from_pkcs12(file, &Secret::new("practice")).expect("opened");
            let (read, of) = (from_pem(pem.expose()).expect("a certificate"), from_pem(of).expect("a certificate"));
            assert_eq!(describe(&read), describe(&of));
            assert_eq!(pem_from_pkcs12(file, &Secret::new("Practice")), Err(CertificateError::Password));
        }
    }

    #[test]
    fn pkcs12_opens_with_its_password_alone() {
        let (certificate, key) = made("client.example");
        let file = pkcs12(&certificate, &key, "open sesame");
        let pem = pem_from_pkcs12(&file, &Secret::new("open sesame")).expect("opened");
        let read = from_pem(pem.expose()).expect("a certificate");
        assert_eq!(read.chain, [certificate.der().to_vec()]);
        for (password, error) in [("", CertificateError::NoPassword), ("wrong", CertificateError::Password)] {
            assert_eq!(pem_from_pkcs12(&file, &Secret::new(password)), Err(error));
        }
        for at in (0..file.len()).step_by(7) {
            let mut changed = file.clone();
            changed[at] ^= 1;
            let _ = pem_from_pkcs12(&changed, &Secret::new("open sesame")).map(|pem| from_pem(pem.expose()));
        }
        for junk in [&b""[..], b"junk", &file[..file.len() / 2]] {
            let error = pem_from_pkcs12(junk, &Secret::new("open sesame"));
            assert_eq!(error, Err(CertificateError::NotPkcs12));
        }
    }
}
