//! Keys, certificates and assertions from files: text as it is, PKCS#12 as PEM.

use std::path::Path;

use crate::base::secret::Secret;
use crate::client::certificate::{CertificateError, pem_from_pkcs12};
use crate::io::storage::{self, ReadError};

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is nothing in it.
    #[error("{0} is empty")]
    Empty(String),
    /// Not text, and nothing that can be taken out of it.
    #[error("{0} cannot be used: {1}")]
    Pkcs12(String, CertificateError),
}

/// Reads PEM, JWK, a JWT or XML as text, and the certificate and key of a PKCS#12 file as PEM.
///
/// # Errors
/// When the file cannot be read, is neither, or `password` does not open it.
pub fn read(path: &Path, password: &Secret) -> Result<Secret, KeyFileError> {
    let bytes = storage::read_bytes(path)?;
    match String::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => Err(KeyFileError::Empty(path.display().to_string())),
        Ok(text) => Ok(Secret::new(text.trim_start_matches('\u{feff}').trim_end())),
        Err(error) => pem_from_pkcs12(error.as_bytes(), password)
            .map_err(|error| KeyFileError::Pkcs12(path.display().to_string(), error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/certificate").join(name)
    }

    #[test]
    fn text_stays_text_and_pkcs12_becomes_pem() {
        let pem = read(&vector("sec1.pem"), &Secret::default()).expect("text");
        assert!(pem.expose().starts_with("-----BEGIN"));
        let wrong = read(&vector("rc2.p12"), &"wrong".into()).expect_err("a password is needed");
        assert!(matches!(wrong, KeyFileError::Pkcs12(..)), "{wrong}");
        assert!(wrong.to_string().ends_with("does not open with this password"), "{wrong}");
        let neither = read(&vector("../../../assets/icons/Phosphor.ttf"), &Secret::default()).expect_err("no key");
        assert!(neither.to_string().contains("neither text"), "{neither}");
        let missing = read(Path::new("/nowhere"), &Secret::default()).expect_err("no file");
        assert!(missing.to_string().contains("/nowhere"));
    }
}
