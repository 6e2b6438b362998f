//! The types of the claims that OpenID Connect defines (OIDC Core section 5.1): servers write some of them as text, and
//! typed clients fail at that.

use crate::base::check::Check;
use crate::base::json::Json;
use crate::base::text::visible;
use crate::client::rules::resource as rule;

/// Claims that are text.
const TEXTS: [&str; 16] = [
    "sub",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
];

/// Whether a claim is one about the user.
pub fn is_one(name: &str) -> bool {
    TEXTS.contains(&name) || OTHERS.contains(&name)
}

/// Claims of other types.
const OTHERS: [&str; 4] = ["address", "email_verified", "phone_number_verified", "updated_at"];

/// Holds the standard claims in a document to their types. What is `null` counts as left out.
pub fn types(claims: &Json) -> Check {
    let wrong: Vec<String> = claims.members().iter().filter_map(|(name, value)| wrong_type(name, value)).collect();
    if wrong.is_empty() {
        return rule::CLAIM_TYPES.pass("all standard claims");
    }
    rule::CLAIM_TYPES.warn("text, booleans and numbers as defined", visible(&wrong.join("; ")))
}

fn wrong_type(name: &str, value: &Json) -> Option<String> {
    let (wanted, fits) = match name {
        _ if matches!(value, Json::Null) => return None,
        "email_verified" | "phone_number_verified" => ("a boolean", value.as_bool().is_some()),
        "updated_at" => ("a number", matches!(value, Json::Number(_))),
        "address" => ("an object", value.is_object()),
        _ if TEXTS.contains(&name) => ("text", value.as_str().is_some()),
        _ => return None,
    };
    (!fits).then(|| format!("{name} is {}, not {wanted}", value.a_kind()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;

    #[test]
    fn standard_claims_are_held_to_their_types_and_others_to_none() {
        for (claims, says) in [
            (r#"{"sub":"a","email_verified":true,"updated_at":1.5,"address":{},"groups":[1],"name":null}"#, None),
            (r#"{"email_verified":"true"}"#, Some("email_verified is a string, not a boolean")),
            (
                r#"{"updated_at":"2026-01-01","sub":7}"#,
                Some("updated_at is a string, not a number; sub is a number, not text"),
            ),
        ] {
            let check = types(&Json::parse_text(claims).expect("JSON"));
            let expected = if says.is_some() { Verdict::Warn } else { Verdict::Pass };
            assert_eq!(check.verdict, expected, "{claims}");
            if let Some(says) = says {
                assert_eq!(check.actual.as_deref(), Some(says));
            }
        }
    }
}
