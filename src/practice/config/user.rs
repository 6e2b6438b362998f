//! Who signs in.

use serde_json::{Map, Value};

use crate::base::secret::Secret;

/// A demo user.
#[derive(Clone, Debug)]
pub struct User {
    /// How the user is called in tokens, on the login page and in `login_hint`.
    pub sub: String,
    /// Wanted by the password grant alone; the login page asks for none.
    pub password: Secret,
    /// Standard claims (OIDC Core section 5.1), released as the scope says, and any others, released with `profile`.
    pub claims: Map<String, Value>,
    /// Those of them that UserInfo holds in a JWT of their own (OIDC Core section 5.6.2).
    pub aggregated_claims: Vec<String>,
    /// Those of them that clients have to fetch elsewhere.
    pub distributed_claims: Vec<String>,
}

impl User {
    /// A standard claim that is text.
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    /// The name for people, or `sub` when there is none.
    pub fn name(&self) -> &str {
        self.text("name").unwrap_or(&self.sub)
    }
}
