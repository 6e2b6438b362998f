//! The JWT tab.

use crate::base::check::Check;
use crate::base::secret::Secret;
use crate::flow::stage::Stage;
use crate::jose::jwt::Decoded;
use crate::jose::verify::SignatureReport;
use crate::workload::{Judged, NoPolicy};

/// Where the keys of the JWT tab come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KeySource {
    /// The keys of the run's server.
    #[default]
    Run,
    /// A JWKS URL.
    Url,
    /// A JWK or JWKS as text.
    Jwk,
    /// A PEM text.
    Pem,
    /// A shared secret.
    Secret,
}

/// What the token of a workload is held against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustModel {
    /// By these values, in the place of a policy.
    pub by_values: bool,
    /// The policy of a cloud.
    pub policy: String,
    /// The issuer that is trusted; as the others, empty where it is not compared.
    pub iss: String,
    /// The subject that is trusted.
    pub sub: String,
    /// The audience that is wanted.
    pub aud: String,
}

/// What is typed in the JWT tab.
#[derive(Clone, Debug, Default)]
pub struct JwtModel {
    /// The token.
    pub text: String,
    /// Whether it is the newest ID token of the run, and the next run's once there is one: nobody put another here.
    pub follows_run: bool,
    /// Whether claims are shown as JSON instead of a table.
    pub as_json: bool,
    /// Where keys come from.
    pub source: KeySource,
    /// For [`KeySource::Url`].
    pub url: String,
    /// What the URL answered.
    pub fetched: Option<Result<String, String>>,
    /// For [`KeySource::Jwk`].
    pub jwk: String,
    /// For [`KeySource::Pem`].
    pub pem: String,
    /// For [`KeySource::Secret`].
    pub secret: Secret,
    /// What the token is held against.
    pub trust: TrustModel,
}

/// What the JWT tab found out.
#[derive(Clone, Debug)]
pub struct JwtResult {
    /// The token taken apart.
    pub decoded: Decoded,
    /// The keys tried; `None` without keys.
    pub signature: Option<SignatureReport>,
    /// What is to be said of the keys, whatever the token.
    pub keys: Vec<Check>,
    /// Why there are no keys.
    pub no_keys: String,
    /// The stage that the run has it from, and its name there.
    pub place: Option<(Stage, String)>,
    /// What came of it at the trust policy, where there is one.
    pub trust: Option<Result<Judged, NoPolicy>>,
}
