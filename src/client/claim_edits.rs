//! Changes to the claims of a JWT before it is signed.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Changes to the claims of what a seal signs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimEdits {
    /// Claims with these values in the place of the usual ones, or beside them.
    pub set: Map<String, Value>,
    /// Claims that are left out.
    pub omit: BTreeSet<String>,
}

impl ClaimEdits {
    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.omit.is_empty()
    }

    /// The claims with the changes in them.
    pub fn on(&self, mut claims: Map<String, Value>) -> Map<String, Value> {
        for (name, value) in &self.set {
            claims.insert(name.clone(), value.clone());
        }
        claims.retain(|name, _| !self.omit.contains(name));
        claims
    }

    /// Changes one claim. What is no JSON is taken as text, as `aud=https://as.example` is typed.
    pub fn set(&mut self, name: &str, typed: &str) {
        let value = serde_json::from_str(typed).unwrap_or_else(|_| Value::String(typed.to_owned()));
        self.omit.remove(name);
        self.set.insert(name.to_owned(), value);
    }

    /// Leaves a claim out.
    pub fn omit(&mut self, name: &str) {
        self.set.remove(name);
        self.omit.insert(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_typed_claim_is_json_where_it_is_json_and_text_where_it_is_not() {
        let mut edits = ClaimEdits::default();
        for (typed, value) in [
            ("1", json!(1)),
            ("\"1\"", json!("1")),
            ("[\"a\",\"b\"]", json!(["a", "b"])),
            ("https://as.example", json!("https://as.example")),
            ("", json!("")),
        ] {
            edits.set("aud", typed);
            assert_eq!(edits.on(Map::new())["aud"], value, "{typed}");
        }
        edits.omit("aud");
        assert_eq!(edits.on(Map::from_iter([("aud".to_owned(), json!(1))])), Map::new());
    }
}
