//! What each API says of itself (RFC 9728 section 2), at the well-known path for its address.

use serde_json::{Value, json};

use super::discovery::{self, SigningFaults};
use super::mcp;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::demands::Demand;
use crate::practice::fault::{ANOTHER_ISSUER, Fault};
use crate::practice::{Practice, answer, dpop, scope};

/// The path of the document of `/api/me`.
pub const PATH: &str = "/.well-known/oauth-protected-resource/api/me";
/// The path of the document of `/mcp`.
pub const MCP_PATH: &str = "/.well-known/oauth-protected-resource/mcp";

/// Answers with the metadata of `/api/me`.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    let is_wrong = practice.is_faulty(Fault::WrongResource);
    let config = &practice.config;
    practice.why.say("metadata of the API");
    let mut metadata = json!({
        "resource": config.url_at(&request.url, if is_wrong { "/api/you" } else { "/api/me" }),
        "resource_name": "Practice API",
        "authorization_servers": [config.issuer_text()],
        "scopes_supported": scope::supported(config),
    });
    add_presentation(practice, &mut metadata);
    sign(practice, &mut metadata, now);
    answer::json(200, &metadata)
}

/// Answers with the metadata of `/mcp`.
pub fn answer_mcp(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    let is_wrong = practice.is_faulty(Fault::WrongResource);
    let servers = authorization_servers(practice);
    let config = &practice.config;
    practice.why.say("metadata of the MCP API");
    let mut metadata = json!({
        "resource": config.url_at(&request.url, if is_wrong { "/another" } else { mcp::PATH }),
        "resource_name": "Practice MCP server",
        "scopes_supported": [mcp::SCOPE],
    });
    if let Some(servers) = servers {
        metadata["authorization_servers"] = json!(servers);
    }
    add_presentation(practice, &mut metadata);
    sign(practice, &mut metadata, now);
    answer::json(200, &metadata)
}

fn authorization_servers(practice: &Practice) -> Option<Vec<String>> {
    if practice.is_faulty(Fault::NoServers) {
        return None;
    }
    let is_foreign = practice.is_faulty(Fault::ForeignServer);
    Some(vec![if is_foreign { ANOTHER_ISSUER.to_owned() } else { practice.config.issuer_text().to_owned() }])
}

/// How a token is to be shown to either of them.
fn add_presentation(practice: &Practice, metadata: &mut Value) {
    let methods: &[&str] =
        if practice.config.demands(Demand::TokenInHeader).is_some() { &["header"] } else { &["header", "body"] };
    metadata["bearer_methods_supported"] = json!(methods);
    metadata["dpop_signing_alg_values_supported"] = json!(dpop::algs(practice));
    metadata["dpop_bound_access_tokens_required"] = json!(false);
}

/// The server attests to what its APIs say.
fn sign(practice: &Practice, metadata: &mut Value, now: Timestamp) {
    const FAULTS: SigningFaults = [Fault::ApiSignedOtherwise, Fault::ApiForgedMetadata, Fault::ApiUnattestedMetadata];

    discovery::sign(practice, metadata, &FAULTS, ("authorization_servers", json!([ANOTHER_ISSUER])), now);
}
