//! Whose expectations they are.

use crate::terms::grant::Grant;

/// All runs of a grant at a provider share what is expected of them, whenever they are made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExpectKey {
    /// The name of its preset.
    pub provider: String,
    /// The grant.
    pub grant: Grant,
}
