//! The server's metadata (RFC 8414, OIDC Discovery).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Warn};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::client::endpoint::discovery;

use super::{Entry, ISSUER, entries_of};

const METADATA: &str = r#"{"issuer":"https://as.example","authorization_endpoint":"https://as.example/a",
    "token_endpoint":"https://as.example/t","response_types_supported":["code"],
    "grant_types_supported":["authorization_code"],"code_challenge_methods_supported":["S256"],
    "authorization_response_iss_parameter_supported":true}"#;

fn metadata(content_type: &str, document: &str) -> Vec<Check> {
    discovery::accept(&HttpResponse::new(200, content_type, document), ISSUER).checks
}

pub fn entries() -> Vec<Entry> {
    let rows = [
        ("metadata.issuer", Fail, "https://as.example/", ("https://as.example\"", "https://as.example/\"")),
        ("metadata.issuer", Fail, "no issuer", ("\"issuer\"", "\"Issuer\"")),
        ("metadata.issuer_form", Fail, "http://as.example", ("\"https://as.example\"", "\"http://as.example\"")),
        ("metadata.issuer_form", Fail, "?x", ("\"https://as.example\"", "\"https://as.example?x\"")),
        ("metadata.endpoint_form", Fail, "token_endpoint http://", ("https://as.example/t", "http://as.example/t")),
        ("metadata.endpoint_form", Fail, "/t#x", ("https://as.example/t", "https://as.example/t#x")),
        ("metadata.endpoint_origin", Note, "https://b.example", ("https://as.example/t", "https://b.example/t")),
        ("metadata.required", Fail, "response_types_supported", ("\"response_types_supported\"", "\"x\"")),
        ("metadata.types", Fail, "response_types_supported is a string", ("[\"code\"]", "\"code\"")),
        ("metadata.pkce", Warn, "plain", ("[\"S256\"]", "[\"plain\"]")),
        ("metadata.pkce", Warn, "not published", ("\"code_challenge_methods_supported\"", "\"x\"")),
        ("metadata.pkce_plain", Note, "S256, plain", ("[\"S256\"]", "[\"S256\",\"plain\"]")),
        ("metadata.iss_parameter", Warn, "false", ("true", "false")),
        ("metadata.removed_grants", Warn, "implicit", ("\"grant_types_supported\"", "\"x\"")),
        ("metadata.removed_grants", Warn, "password", ("[\"authorization_code\"]", "[\"password\"]")),
        (
            "metadata.alg_none",
            Warn,
            "id_token_signing_alg",
            ("{", "{\"id_token_signing_alg_values_supported\":[\"none\"],"),
        ),
        ("metadata.duplicates", Warn, "issuer", ("{", "{\"issuer\":\"https://as.example\",")),
    ];
    let changed = |(from, to): (&str, &str)| metadata(JSON, &METADATA.replacen(from, to, 1));
    let mut entries = entries_of(&rows, || metadata(JSON, METADATA), changed);
    entries.push(Entry::kept("metadata.content_type", metadata(JSON, METADATA)).broken(
        Fail,
        "text/html",
        metadata("text/html", METADATA),
    ));
    entries
}
