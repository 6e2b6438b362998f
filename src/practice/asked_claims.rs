//! Single claims that a request asks for (OIDC Core section 5.5), and what it asks of user and login by them.

use serde_json::{Map, Value};

use super::fields::Fields;
use crate::terms::error::OAuthError;

/// What `claims` asks for.
#[derive(Clone, Debug, Default)]
pub struct AskedClaims {
    /// In the ID token.
    pub id_token: Map<String, Value>,
    /// At UserInfo.
    pub userinfo: Map<String, Value>,
}

impl AskedClaims {
    /// Reads the parameter.
    ///
    /// # Errors
    /// `invalid_request` for what is no object, or has something else than an object in one of its two parts.
    pub fn read(fields: &Fields) -> Result<Self, OAuthError> {
        let Some(text) = fields.get("claims") else { return Ok(Self::default()) };
        let Ok(Value::Object(mut asked)) = serde_json::from_str(text) else {
            return Err(OAuthError::new("invalid_request", "claims is no JSON object"));
        };
        let mut part = |name: &str| match asked.remove(name) {
            Some(Value::Object(part)) => Ok(part),
            None | Some(Value::Null) => Ok(Map::new()),
            Some(_) => Err(OAuthError::new("invalid_request", format!("{name} in claims is no JSON object"))),
        };
        Ok(Self { id_token: part("id_token")?, userinfo: part("userinfo")? })
    }

    /// The values of which a claim of the ID token has to have one; none where any will do.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let Some(asked) = self.id_token.get(name) else { return Vec::new() };
        match (&asked["values"], &asked["value"]) {
            (Value::Array(values), _) => values.iter().filter_map(Value::as_str).collect(),
            (_, value) => value.as_str().into_iter().collect(),
        }
    }

    /// Whether the client cannot do without this claim of the ID token.
    pub fn is_essential(&self, name: &str) -> bool {
        self.id_token.get(name).is_some_and(|asked| asked["essential"] == true)
    }
}
