//! Trust in who vouches for workloads.

use serde::{Deserialize, Serialize};

/// Whom the server trusts to say who a client is; clouds call it a federated identity credential (RFC 7521 section 3).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FederatedCredential {
    /// `iss` of the token, character by character.
    pub issuer: String,
    /// `sub`, in the same way.
    pub subject: String,
    /// One of these is in `aud`.
    pub audiences: Vec<String>,
}
