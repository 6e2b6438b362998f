//! Where a parameter's value comes from, in a few words, and the section that defines it.

use crate::flow::Flow;
use crate::flow::stage::Stage;
use crate::terms::glossary;
use crate::terms::grant::Grant;

/// `drawn at random · RFC 6749 §4.1.1`
pub fn note(flow: &Flow, stage: Stage, name: &str) -> String {
    let citation = citation(flow, stage, name);
    match (origin(flow, stage, name), citation.as_str()) {
        ("", citation) => citation.to_owned(),
        (origin, "") => origin.to_owned(),
        (origin, citation) => format!("{origin} · {citation}"),
    }
}

/// Where the parameter is defined, as it is used in this message.
fn citation(flow: &Flow, stage: Stage, name: &str) -> String {
    match (name, stage) {
        ("grant_type", _) => grant_of(flow, stage).citation().to_owned(),
        ("state" | "client_id" | "id_token_hint", Stage::Logout) => "OIDC RP-Initiated Logout §2".to_owned(),
        ("token" | "token_type_hint", Stage::Revocation) => "RFC 7009 §2.1".to_owned(),
        ("token" | "token_type_hint", _) => "RFC 7662 §2.1".to_owned(),
        ("user_code", Stage::Verification) => "RFC 8628 §3.3.1".to_owned(),
        ("auth_req_id", Stage::Token) => "CIBA §10.1".to_owned(),
        ("access_token", _) => "RFC 6750 §2.2".to_owned(),
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

/// The grant of the token request of a stage, which may be another one than that of the run.
fn grant_of(flow: &Flow, stage: Stage) -> Grant {
    match (stage, flow.grant) {
        (Stage::ActorToken, _) => Grant::ClientCredentials,
        (Stage::Refresh | Stage::RefreshReuse | Stage::RevocationProof, _) => Grant::RefreshToken,
        (Stage::Exchange, _) => Grant::TokenExchange,
        (_, Grant::TokenExchange | Grant::RefreshToken) => Grant::AuthorizationCode,
        (_, grant) => grant,
    }
}

fn origin(flow: &Flow, stage: Stage, name: &str) -> &'static str {
    let is_extra = flow.settings.request.extra.contains(name) || flow.settings.token_request.extra.contains(name);
    match (stage, name) {
        (_, _) if is_extra => "extra, from the settings",
        (_, "state" | "nonce") => "drawn at random",
        (_, "code_challenge") => "from the code_verifier, drawn at random",
        (Stage::Token, "code") => "from the redirect, single use",
        (Stage::Token, "device_code") | (Stage::Verification, "user_code") => "from the device authorization response",
        (Stage::Verification, _) => "from the server's link",
        (Stage::Token, "redirect_uri") => "must equal the request's",
        (Stage::Token, "code_verifier") => "its SHA-256 is the request's code_challenge",
        (Stage::Refresh, "refresh_token") => "from the last token response",
        (Stage::RefreshReuse, "refresh_token") => "used before in this run",
        (Stage::Exchange, "subject_token") if flow.settings.request.subject_token.is_empty() => "from the login",
        (Stage::Exchange, "actor_token") if flow.settings.request.actor_token.is_empty() => "the client's own",
        (Stage::Token, "assertion") if flow.settings.request.assertion.is_empty() => match flow.grant {
            Grant::JwtBearer => "made here and signed with private_key",
            _ => "from assertion_url",
        },
        (_, "client_assertion") => "made here for this request",
        (_, "client_assertion_type") => "",
        (_, "client_notification_token") => "drawn at random",
        (_, "auth_req_id") => "from the backchannel response",
        (Stage::Logout, "id_token_hint") if flow.settings.request.id_token_hint.is_empty() => "from the login",
        (Stage::UserInfo, "access_token") => "from the last token response",
        (_, "token_type_hint") => "what the token is",
        (Stage::Exchange, "subject_token_type") if flow.settings.request.subject_token_type.is_empty() => "the default",
        (Stage::Introspection, "token") => "the access token in force",
        (Stage::Revocation, "token") => "from the last token response",
        (Stage::RevocationProof, "token") => "the one that was revoked",
        (_, "grant_type") => "",
        _ => "from the settings",
    }
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
