//! Where a parameter's value comes from, in a few words, and the section that defines it.

use url::Url;

use crate::flow::Flow;
use crate::flow::stage::{Origin, Stage};
use crate::gui::language::{said, t};
use crate::terms::glossary;
use crate::terms::grant::Grant;

/// `drawn at random · RFC 6749 §4.1.1`
pub fn note(flow: &Flow, stage: Stage, name: &str) -> String {
    let citation = citation(flow, stage, name);
    // Where others have their values from is not known.
    if flow.trace.is_overheard() {
        return citation;
    }
    match (origin(flow, stage, name), citation.as_str()) {
        ("", citation) => citation.to_owned(),
        (origin, "") => origin.to_owned(),
        (origin, citation) => format!("{origin} · {citation}"),
    }
}

/// Where the parameter is defined, as it is used in this message.
fn citation(flow: &Flow, stage: Stage, name: &str) -> String {
    if let Some(citation) = (stage.descriptor().citation)(name) {
        return citation.to_owned();
    }
    match name {
        "grant_type" => token_request_of(flow.grant).citation().to_owned(),
        "access_token" => "RFC 6750 §2.2".to_owned(),
        _ => glossary::parameter(name).map(|entry| entry.citation()).unwrap_or_default(),
    }
}

/// Where a parameter of what the browser brought back is defined.
pub fn of_callback(flow: &Flow, stage: Stage, name: &str) -> String {
    let is_implicit = flow.grant == Grant::Implicit;
    let section = match (name, stage) {
        ("state", Stage::Logout) => "OIDC RP-Initiated Logout §3",
        ("error" | "error_description" | "error_uri", _) if is_implicit => "RFC 6749 §4.2.2.1",
        ("error" | "error_description" | "error_uri", _) => "RFC 6749 §4.1.2.1",
        ("state", _) if is_implicit => "RFC 6749 §4.2.2",
        ("access_token" | "token_type" | "expires_in" | "scope", _) => "RFC 6749 §4.2.2",
        ("code" | "state", _) => "RFC 6749 §4.1.2",
        ("id_token", _) if is_implicit => "OIDC Core §3.2.2.5",
        ("id_token", _) => "OIDC Core §3.3.2.5",
        _ => return glossary::parameter(name).map(|entry| entry.citation()).unwrap_or_default(),
    };
    section.to_owned()
}

/// Where a parameter of a challenge in WWW-Authenticate is defined.
pub fn of_challenge(name: &str) -> &'static str {
    match name {
        "realm" => "RFC 9110 §11.5",
        "error" | "error_description" | "error_uri" | "scope" => "RFC 6750 §3",
        "resource_metadata" => "RFC 9728 §5.1",
        "acr_values" | "max_age" => "RFC 9470 §3",
        "algs" => "RFC 9449 §7.1",
        _ => "",
    }
}

/// The grant whose token request a run begins with: what needs tokens first has a login before it.
const fn token_request_of(grant: Grant) -> Grant {
    match grant {
        Grant::TokenExchange | Grant::RefreshToken => Grant::AuthorizationCode,
        grant => grant,
    }
}

fn origin(flow: &Flow, stage: Stage, name: &str) -> &'static str {
    let settings = &flow.settings;
    if settings.request.extra.contains(name) || settings.token_request.extra.contains(name) {
        return t!("extra, from the settings");
    }
    let has_any_port = || Url::parse(&settings.client.redirect_uri).is_ok_and(|url| url.port() == Some(0));
    if name == "redirect_uri" && has_any_port() {
        return t!("port drawn for this run");
    }
    let of = Origin { grant: flow.grant, settings };
    (stage.descriptor().origin)(of, name).map(said).unwrap_or(match name {
        "state" | "nonce" | "client_notification_token" => t!("drawn at random"),
        "code_challenge" => t!("from the code_verifier, drawn at random"),
        "client_assertion" => t!("made here for this request"),
        "auth_req_id" => t!("from the backchannel response"),
        "token_type_hint" => t!("what the token is"),
        "client_assertion_type" | "grant_type" => "",
        _ => t!("from the settings"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::Entropy;
    use crate::client::settings::Settings;

    #[test]
    fn a_parameter_is_cited_as_it_is_used_in_its_message() {
        for (grant, stage, name, expected) in [
            (Grant::AuthorizationCode, Stage::Token, "grant_type", "RFC 6749 §4.1.3"),
            (Grant::RefreshToken, Stage::Token, "grant_type", "RFC 6749 §4.1.3"),
            (Grant::RefreshToken, Stage::Refresh, "grant_type", "RFC 6749 §6"),
            (Grant::TokenExchange, Stage::ActorToken, "grant_type", "RFC 6749 §4.4.2"),
            (Grant::TokenExchange, Stage::Exchange, "grant_type", "RFC 8693 §2.1"),
            (Grant::DeviceCode, Stage::Token, "grant_type", "RFC 8628 §3.4"),
            (Grant::DeviceCode, Stage::Token, "device_code", "from the device authorization response · RFC 8628 §3.4"),
            (
                Grant::DeviceCode,
                Stage::Verification,
                "user_code",
                "from the device authorization response · RFC 8628 §3.3.1",
            ),
            (Grant::Ciba, Stage::Token, "auth_req_id", "from the backchannel response · CIBA §10.1"),
            (Grant::AuthorizationCode, Stage::Authorization, "state", "drawn at random · RFC 6749 §4.1.1"),
            (Grant::AuthorizationCode, Stage::Logout, "state", "drawn at random · OIDC RP-Initiated Logout §2"),
            (Grant::AuthorizationCode, Stage::Logout, "client_id", "from the settings · OIDC RP-Initiated Logout §2"),
            (Grant::AuthorizationCode, Stage::Revocation, "token", "from the last token response · RFC 7009 §2.1"),
        ] {
            let flow = Flow::new(grant, Settings::default(), Entropy::from_seed([1; 32]));
            assert_eq!(note(&flow, stage, name), expected, "{grant:?} {stage:?}");
        }
    }

    #[test]
    fn what_comes_back_is_cited_from_the_section_on_responses() {
        for (grant, stage, name, expected) in [
            (Grant::AuthorizationCode, Stage::Authorization, "state", "RFC 6749 §4.1.2"),
            (Grant::AuthorizationCode, Stage::Authorization, "error", "RFC 6749 §4.1.2.1"),
            (Grant::AuthorizationCode, Stage::Authorization, "iss", "RFC 9207 §2"),
            (Grant::AuthorizationCode, Stage::Logout, "state", "OIDC RP-Initiated Logout §3"),
            (Grant::Implicit, Stage::Authorization, "state", "RFC 6749 §4.2.2"),
            (Grant::Implicit, Stage::Authorization, "id_token", "OIDC Core §3.2.2.5"),
            (Grant::Hybrid, Stage::Authorization, "id_token", "OIDC Core §3.3.2.5"),
        ] {
            let flow = Flow::new(grant, Settings::default(), Entropy::from_seed([1; 32]));
            assert_eq!(of_callback(&flow, stage, name), expected, "{grant:?} {stage:?} {name}");
        }
        assert_eq!((of_challenge("scope"), of_challenge("realm")), ("RFC 6750 §3", "RFC 9110 §11.5"));
    }
}
