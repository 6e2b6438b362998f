//! Two documents of one server: what the first lacks is taken from the second, and what they say otherwise is told (RFC
//! 8414 section 5).

use std::collections::HashMap;

use crate::base::check::Check;
use crate::base::json::Json;
use crate::base::text::visible;
use crate::client::rules::metadata as rule;
use crate::terms::metadata::{Endpoint, Form, ServerMetadata, form};

use super::listed;
use super::place::Asked;

/// Completes the document that is in force with another one of the same issuer, which is used for nothing else.
pub fn complete(first: ServerMetadata, second: &ServerMetadata, asked: &Asked) -> (ServerMetadata, Check) {
    if !second.issuer().is_some_and(|issuer| asked.is(issuer) || first.issuer() == Some(issuer)) {
        let issuer = visible(second.issuer().unwrap_or("no issuer")).into_owned();
        return (first, rule::AGREE.note(format!("the second document names {issuer}, so nothing is taken from it")));
    }
    let mut members: Vec<(String, Json)> = first.json.members().to_vec();
    let (mut taken, mut differ) = (Vec::new(), Vec::new());
    {
        // The first of members of one name counts.
        let known: HashMap<&str, &Json> =
            first.json.members().iter().rev().map(|(name, value)| (name.as_str(), value)).collect();
        for (name, value) in second.json.members() {
            match known.get(name.as_str()) {
                Some(before) if is_alike(before, value) => {}
                Some(_) => differ.push(name.as_str()),
                None => {
                    taken.push(name.as_str());
                    members.push((name.clone(), value.clone()));
                }
            }
        }
    }
    // Where a client is registered may be another place for OpenID Connect than for OAuth alone.
    let has_to_agree = |name: &&str| form(name) == Some(Form::Text) && *name != Endpoint::Registration.name();
    let check = match (differ.is_empty(), differ.iter().any(has_to_agree)) {
        (true, _) => rule::AGREE.pass(format!("alike; taken from the second: {}", listed(&taken))),
        (false, true) => rule::AGREE.broken("the same in both documents", listed(&differ)),
        (false, false) => rule::AGREE.note(format!("differ, and the first counts: {}", listed(&differ))),
    };
    (ServerMetadata { json: Json::Object(members) }, check)
}

/// Whether two members say the same; the order of a list says nothing.
fn is_alike(first: &Json, second: &Json) -> bool {
    let sorted = |json: &Json| {
        let mut strings: Vec<String> = json.strings().into_iter().map(str::to_owned).collect();
        strings.sort_unstable();
        strings
    };
    let are_lists = [first, second].into_iter().all(|json| Form::Strings.fits(json));
    first == second || (are_lists && sorted(first) == sorted(second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;

    fn document(text: &str) -> ServerMetadata {
        ServerMetadata { json: Json::parse_text(text).expect("JSON") }
    }

    #[test]
    fn what_is_lacking_is_taken_and_what_differs_is_told() {
        let asked = Asked::new("https://as.example");
        let first = r#"{"issuer":"https://as.example","token_endpoint":"https://as.example/t",
                "registration_endpoint":"https://as.example/connect/register","scopes_supported":["a","b"]}"#;
        for (second, verdict, says, device) in [
            (
                r#"{"issuer":"https://as.example","device_authorization_endpoint":"https://as.example/d","scopes_supported":["b","a"]}"#,
                Verdict::Pass,
                "device_authorization_endpoint",
                true,
            ),
            (
                r#"{"issuer":"https://as.example","token_endpoint":"https://as.example/other","device_authorization_endpoint":""}"#,
                Verdict::Warn,
                "token_endpoint",
                true,
            ),
            (
                r#"{"issuer":"https://as.example","registration_endpoint":"https://as.example/oauth2/register"}"#,
                Verdict::Note,
                "registration_endpoint",
                false,
            ),
            (r#"{"issuer":"https://as.example","scopes_supported":["c"]}"#, Verdict::Note, "scopes_supported", false),
            (
                r#"{"issuer":"https://other.example","device_authorization_endpoint":"https://other.example/d"}"#,
                Verdict::Note,
                "https://other.example",
                false,
            ),
        ] {
            let (whole, check) = complete(document(first), &document(second), &asked);
            assert_eq!(check.verdict, verdict, "{second}");
            assert!(check.actual.as_deref().is_some_and(|saw| saw.contains(says)), "{check:?}");
            assert_eq!(whole.json.get("device_authorization_endpoint").is_some(), device, "{second}");
            assert_eq!(whole.json.text("token_endpoint"), Some("https://as.example/t"));
        }
    }
}
