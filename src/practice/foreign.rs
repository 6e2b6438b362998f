//! What a request brings that another server at the same origin has made.

/// What is known of it.
#[derive(Debug, Default)]
pub struct Foreign {
    /// Each in words.
    pub told: Vec<String>,
    /// The issuer that has signed the assertion.
    pub vouched_by: Option<String>,
}
