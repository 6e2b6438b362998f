//! Where a parameter's value comes from, in a few words, and the section that defines it.

use crate::flow::Flow;
use crate::flow::stage::Stage;
use crate::terms::glossary;
use crate::terms::grant::Grant;

/// `drawn at random · RFC 6749 §4.1.1`
pub fn note(flow: &Flow, stage: Stage, name: &str) -> String {
    let citation = glossary::parameter(name).map(|entry| entry.citation()).unwrap_or_default();
    match (origin(flow, stage, name), citation.as_str()) {
        ("", citation) => citation.to_owned(),
        (origin, "") => origin.to_owned(),
        (origin, citation) => format!("{origin} · {citation}"),
    }
}

fn origin(flow: &Flow, stage: Stage, name: &str) -> &'static str {
    let is_extra = flow.settings.request.extra.contains(name) || flow.settings.token_request.extra.contains(name);
    match (stage, name) {
        (_, _) if is_extra => "extra, from the settings",
        (_, "state" | "nonce") => "drawn at random",
        (_, "code_challenge") => "from the code_verifier, drawn at random",
        (Stage::Token, "code") => "from the redirect, single use",
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
        (Stage::Introspection, "token") => "the access token in force",
        (Stage::Revocation, "token") => "from the last token response",
        (Stage::RevocationProof, "token") => "the one that was revoked",
        (_, "grant_type") => "",
        _ => "from the settings",
    }
}
