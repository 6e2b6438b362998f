//! How the client becomes known to the server, where a run registers it.

use crate::base::secret::Secret;

/// Dynamic registration (RFC 7591). All of it is off by default: the client is known already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistrationSettings {
    /// Whether the run registers a client before it asks for anything (RFC 7591 section 3.1).
    pub dynamic_client_registration: bool,
    /// Allows the registration (RFC 7591 section 3.1). Never saved in a preset.
    pub initial_access_token: Secret,
    /// What somebody else says of this software, signed (RFC 7591 section 2.3). Never saved in a preset.
    pub software_statement: Secret,
    /// Further metadata as a JSON object; they win over those of the settings, and `null` removes one.
    pub client_metadata: String,
}
