//! The way to a token by the Model Context Protocol, by each revision what it says.

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Warn};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::client::mcp::{self, Revision, StepUp, WayIn};
use grantscope::terms::metadata::ServerMetadata;

use super::authorization::url;
use super::{Entry, ISSUER};

const API: &str = "https://api.example/mcp";
const BEARER: &str = r#"Bearer resource_metadata="https://api.example/meta", scope="read", DPoP algs="ES256""#;

fn json(text: &str) -> Json {
    Json::parse_text(text).expect("JSON")
}

fn said(status: u16, challenge: &str, revision: Revision) -> Vec<Check> {
    let bare = HttpResponse::new(status, JSON, "");
    let response = if challenge.is_empty() { bare } else { bare.with_header("WWW-Authenticate", challenge) };
    mcp::accept(&response, revision).checks
}

fn documents(more: &str) -> Vec<Check> {
    let metadata = json(&format!(r#"{{"resource":"{API}"{more}}}"#));
    let mut checks = mcp::authorization_servers(&metadata);
    checks.push(mcp::same_server(&metadata, ISSUER));
    checks
}

fn announced(more: &str, revision: Revision) -> Vec<Check> {
    let metadata = ServerMetadata { json: json(&format!(r#"{{"issuer":"{ISSUER}"{more}}}"#)) };
    vec![mcp::pkce(&metadata, revision)]
}

/// A client that registers at a server of which this is said.
fn registered(takes_documents: &str, revision: Revision) -> Vec<Check> {
    let member = format!(r#"{{"client_id_metadata_document_supported":{takes_documents}}}"#);
    mcp::registered(&ServerMetadata { json: json(&member) }, revision).into_iter().collect()
}

fn way_in() -> WayIn {
    WayIn { challenged: Some("read write".to_owned()), ..WayIn::begin(Revision::July2026, &url(API)) }
}

fn asked(pairs: &[(&str, &str)], way_in: &WayIn) -> Vec<Check> {
    let params: Params = pairs.iter().copied().collect();
    mcp::asked(&params, way_in, None)
}

fn stepped(scope: &str) -> Vec<Check> {
    let step_up = StepUp { asked: "read".to_owned(), wanted: "write".to_owned() };
    asked(&[("resource", API), ("scope", scope)], &WayIn { step_up: Some(step_up), ..way_in() })
}

fn refused(wanted: &str, granted: &str) -> Vec<Check> {
    vec![mcp::granted(&StepUp { asked: String::new(), wanted: wanted.to_owned() }, granted)]
}

fn found() -> Vec<Check> {
    vec![mcp::found(&way_in().asked(ISSUER, None), 0)]
}

pub fn entries() -> Vec<Entry> {
    let newest = Revision::July2026;
    let good = || said(401, BEARER, newest);
    let named = || documents(&format!(r#","authorization_servers":["{ISSUER}"],"scopes_supported":["read"]"#));
    let sent = || asked(&[("resource", API), ("scope", "write offline_access read")], &way_in());
    vec![
        Entry::kept("mcp.unauthorized", good())
            .broken(Fail, "a challenge with 403", said(403, BEARER, newest))
            .broken(Warn, "404", said(404, "", newest))
            .broken(Note, "everybody is let in", said(200, "", newest)),
        Entry::kept("mcp.challenge", good()).broken(Fail, "absent", said(401, "Bearer", Revision::June2025)).broken(
            Note,
            "well-known",
            said(401, "Bearer", Revision::November2025),
        ),
        Entry::kept("mcp.offline_access", good())
            .kept_too(named())
            .broken(Warn, "offline_access", said(401, r#"Bearer scope="read offline_access""#, newest))
            .broken(Warn, "offline_access", documents(r#","scopes_supported":["offline_access"]"#)),
        Entry::kept("mcp.servers", named())
            .broken(Fail, "none", documents(""))
            .broken(Fail, "none", documents(r#","authorization_servers":[]"#))
            .broken(Fail, "none", documents(r#","authorization_servers":7"#)),
        Entry::kept("mcp.credentials", named())
            .broken(Fail, ISSUER, documents(r#","authorization_servers":["https://other.example"]"#))
            .broken(Fail, ISSUER, documents(&format!(r#","authorization_servers":["{ISSUER}/"]"#))),
        Entry::kept("mcp.order", found())
            .broken(Fail, "/.well-known/openid-configuration", vec![mcp::not_found(&way_in().asked(ISSUER, None))])
            .broken(Note, "/authorize", vec![mcp::defaults("https://api.example").1]),
        Entry::kept("mcp.pkce", announced(r#","code_challenge_methods_supported":["plain","S256"]"#, newest))
            .broken(Fail, "absent", announced("", newest))
            .broken(
                Fail,
                "plain",
                announced(r#","code_challenge_methods_supported":["plain"]"#, Revision::November2025),
            ),
        Entry::kept("mcp.resource", sent())
            .kept_too(
                mcp::token_request(&[("resource", API)].into_iter().collect(), &way_in(), None).into_iter().collect(),
            )
            .broken(Fail, "absent", asked(&[], &way_in()))
            .broken(Fail, "https://api.example/mcp/", asked(&[("resource", "https://api.example/mcp/")], &way_in())),
        Entry::kept("mcp.scope", sent())
            .broken(Warn, "no scope", asked(&[], &way_in()))
            .broken(Warn, "read", asked(&[("scope", "read")], &way_in()))
            .broken(Note, "read write admin", asked(&[("scope", "read write admin")], &way_in())),
        Entry::unsaid("mcp.registration", registered("true", Revision::June2025)).broken(
            Note,
            "a registration",
            registered("true", Revision::July2026),
        ),
        Entry::kept("mcp.union", stepped("write read")).broken(Warn, "write", stepped("write")).broken(
            Warn,
            "",
            stepped(""),
        ),
        Entry::kept("mcp.granted", refused("write", "read")).broken(
            Fail,
            "read wanted, read write granted",
            refused("read", "read write"),
        ),
    ]
}
