//! Where a parameter's value comes from, in a few words, and the section that defines it.

use crate::flow::Flow;
use crate::flow::stage::Stage;
use crate::terms::glossary;

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
        (_, "grant_type") => "",
        _ => "from the settings",
    }
}
