//! Why a server cannot be made.

use url::Url;

use crate::jose::jwk::KeyError;

/// Why a server cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PracticeError {
    /// Metadata and tokens could not name it.
    #[error("the issuer of a practice server must be an http or https origin, or have a path of plain words: {0}")]
    Issuer(Url),
    /// Two servers of one origin would answer there.
    #[error("another practice server answers at {0}, or at what is below or above it")]
    Taken(Url),
    /// What it was asked for goes against its profile.
    #[error("{0}")]
    Profile(String),
    /// As for the issuer.
    #[error("the TLS origin of a practice server must be an https origin, without a path: {0}")]
    TlsOrigin(Url),
    /// A certificate cannot be made.
    #[error("no certificates could be made: {0}")]
    Certificates(String),
    /// The configured `signing_alg` is not handled.
    #[error("no signing key could be made: {0}")]
    Key(#[from] KeyError),
}
