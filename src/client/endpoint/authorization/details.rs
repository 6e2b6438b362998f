//! What is asked for in JSON: fine-grained permissions (RFC 9396) and single claims (OIDC Core section 5.5).

use crate::base::check::Check;
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::{elided_between_words, visible};
use crate::client::asked;
use crate::client::rules::rar as rule;
use crate::terms::metadata::ServerMetadata;

/// Most characters of a value that are shown.
const SHOWN: usize = 120;

/// Holds both parameters against their rules; nothing is said of one that is not sent.
pub fn lint(params: &Params, metadata: Option<&ServerMetadata>) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(text) = params.get("authorization_details") {
        checks.extend(details(text, metadata));
    }
    if let Some(text) = params.get("claims") {
        checks.extend(claims(text, params.get("response_type").unwrap_or_default(), metadata));
    }
    checks
}

fn shown(text: &str) -> String {
    elided_between_words(&visible(text), SHOWN).into_owned()
}

fn details(text: &str, metadata: Option<&ServerMetadata>) -> [Check; 2] {
    let wanted = "a list of objects with a type";
    let types = match Json::parse_text(text) {
        Ok(Json::Array(details)) if !details.is_empty() => {
            details.iter().map(|detail| detail.text("type").map(str::to_owned)).collect::<Option<Vec<String>>>()
        }
        _ => None,
    };
    let Some(types) = types else {
        return [rule::FORM.broken(wanted, shown(text)), rule::LISTED.skipped("no types can be read")];
    };
    let listed = metadata.and_then(|metadata| metadata.supported("authorization_details_types_supported"));
    let of_types = match listed {
        None => rule::LISTED.skipped("the server names none"),
        Some(listed) => {
            let is_listed = types.iter().all(|kind| listed.contains(&kind.as_str()));
            rule::LISTED.holds(is_listed, visible(&listed.join(", ")), shown(&types.join(", ")))
        }
    };
    [rule::FORM.pass(shown(&types.join(", "))), of_types]
}

fn claims(text: &str, response_type: &str, metadata: Option<&ServerMetadata>) -> Vec<Check> {
    let json = Json::parse_text(text);
    let wanted = "userinfo or id_token, with each claim null or an object";
    let form = match json.as_ref().map(asked::claims::fault) {
        Err(_) => rule::CLAIMS.broken(wanted, format!("no JSON: {}", shown(text))),
        Ok(Some(fault)) => rule::CLAIMS.broken(wanted, shown(&fault)),
        Ok(None) => rule::CLAIMS.pass(shown(text)),
    };
    let mut checks = vec![form];
    if json.is_ok_and(|json| json.get("userinfo").is_some_and(Json::is_object)) {
        let has_token = response_type != "id_token";
        checks.push(rule::CLAIMS_TOKEN.holds(has_token, "an access token", visible(response_type)));
    }
    checks.push(match metadata.map(|metadata| metadata.flag("claims_parameter_supported")) {
        None => rule::CLAIMS_SUPPORTED.skipped("no metadata are known"),
        Some(is_supported) => {
            let saw = if is_supported { "true" } else { "not true" };
            rule::CLAIMS_SUPPORTED.holds(is_supported, "claims_parameter_supported: true", saw)
        }
    });
    checks
}
