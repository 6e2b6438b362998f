//! What tokens are bound to: the certificate that the client showed (RFC 8705 section 3), the key that it proved to have
//! (RFC 9449 section 6), both, or nothing.

use serde_json::{Map, Value, json};

/// What a client showed, and what its tokens work with alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// `x5t#S256` of its certificate (RFC 8705 section 3.1).
    pub certificate: Option<String>,
    /// The thumbprint of its key (RFC 9449 section 6.1).
    pub key: Option<String>,
}

impl Binding {
    /// The claim that tells an API of it; none for what anybody can use.
    pub fn cnf(&self) -> Option<Value> {
        let members = [("x5t#S256", &self.certificate), ("jkt", &self.key)];
        let named = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?))));
        let cnf: Map<String, Value> = named.collect();
        (!cnf.is_empty()).then_some(Value::Object(cnf))
    }

    /// How its tokens are to be used (RFC 9449 section 5).
    pub const fn token_type(&self) -> &'static str {
        if self.key.is_some() { "DPoP" } else { "Bearer" }
    }

    /// Whether all of it was shown again.
    ///
    /// # Errors
    /// What was not, in words that go on after the name of what is bound.
    pub fn check_shown(&self, shown: &Self) -> Result<(), String> {
        match (&self.certificate, &self.key) {
            (Some(wanted), _) if shown.certificate.as_ref() != Some(wanted) => {
                Err("is bound to the certificate it was issued with, and that one was not shown".to_owned())
            }
            (_, Some(wanted)) if shown.key.as_ref() != Some(wanted) => {
                Err("is bound to the key it was issued with, and that one was not proven".to_owned())
            }
            _ => Ok(()),
        }
    }
}
