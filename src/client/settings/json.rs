//! Settings whose value is JSON: what each has to be, and why what is typed is not.

use crate::base::json::{Json, JsonError};

/// What a JSON text has to be as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A list: `authorization_details` (RFC 9396 section 2).
    Array,
    /// Members: `claims` (OIDC Core section 5.5), the metadata of a client (RFC 7591 section 2), the claims of a JWT
    /// (RFC 7519 section 3).
    Object,
}

/// Why a typed value is not what its setting has to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotShaped {
    /// It cannot be read (RFC 8259).
    #[error("not JSON: {0}")]
    NotJson(#[from] JsonError),
    /// It is another kind of value.
    #[error("must be {}, and is {is}", .wanted.in_words())]
    Another {
        /// What it has to be.
        wanted: Shape,
        /// What it is, in a sentence.
        is: &'static str,
    },
}

impl Shape {
    /// In a sentence.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }

    /// What is wrong with what is typed; nothing where nothing is.
    pub fn fault(self, typed: &str) -> Option<NotShaped> {
        if typed.trim().is_empty() {
            return None;
        }
        match (Json::parse_text(typed), self) {
            (Err(error), _) => Some(error.into()),
            (Ok(Json::Array(_)), Self::Array) | (Ok(Json::Object(_)), Self::Object) => None,
            (Ok(other), _) => Some(NotShaped::Another { wanted: self, is: other.a_kind() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FIELDS, Kind};
    use super::*;

    #[test]
    fn what_is_typed_is_held_to_its_shape_and_what_is_not_typed_is_not() {
        use Shape::{Array, Object};
        for (shape, typed, expected) in [
            (Object, "", None),
            (Array, " \n", None),
            (Object, "{}", None),
            (Object, " {\"userinfo\": {\"email\": null}}\n", None),
            (Array, "[]", None),
            (Array, r#"[{"type": "payment"}]"#, None),
            (Array, r#"{"type": "payment"}"#, Some("must be an array, and is an object")),
            (Object, "[]", Some("must be an object, and is an array")),
            (Object, "null", Some("must be an object, and is null")),
            (Object, "{x", Some("not JSON: key must be a string at line 1 column 2")),
            (Object, "{\n  \"a\": 1,\n}", Some("not JSON: key must be a string at line 3 column 1")),
            (Array, "[{}", Some("not JSON: EOF while parsing a list at line 1 column 3")),
            (Object, "{} {}", Some("not JSON: trailing characters at line 1 column 4")),
        ] {
            let found = shape.fault(typed).map(|fault| fault.to_string());
            assert_eq!(found.as_deref(), expected, "{typed}");
        }
    }

    #[test]
    fn these_settings_are_json() {
        let of = |shape| {
            let is_it = move |field: &&super::super::Field| field.kind == Kind::Json(shape);
            FIELDS.iter().filter(is_it).map(|field| field.name).collect::<Vec<_>>()
        };
        assert_eq!(of(Shape::Array), ["authorization_details"]);
        assert_eq!(of(Shape::Object), ["client_metadata", "assertion_claims", "claims"]);
    }
}
