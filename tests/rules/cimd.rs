//! Client ID metadata documents.

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Warn};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::client::client_document::{self, accept, judge_addresses, judge_url};
use grantscope::terms::metadata::ServerMetadata;

use super::{Entry, entries_of};

const URL: &str = "https://app.example.com/oauth/client.json";
const GOOD: &str = r#"{"client_id":"https://app.example.com/oauth/client.json","client_name":"App",
    "redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"none","jwks":{"keys":[{"kty":"EC","x":"a"}]}}"#;

fn got(status: u16, media_type: &str, body: &str) -> Vec<Check> {
    accept(URL, &HttpResponse::new(status, media_type, body)).1
}

fn announced(value: &str, is_mcp: bool) -> Vec<Check> {
    let json = Json::parse_text(&format!(r#"{{"client_id_metadata_document_supported":{value}}}"#)).expect("JSON");
    client_document::announced(URL, &ServerMetadata { json }, is_mcp).into_iter().collect()
}

fn redirected() -> Vec<Check> {
    let response = HttpResponse::new(301, JSON, "").with_header("Location", "https://evil.example/client.json");
    accept(URL, &response).1
}

fn addresses(client_id: &str, resolved: &[&str], document: &str) -> Vec<Check> {
    let resolved: Vec<_> = resolved.iter().map(|ip| ip.parse().expect("an address")).collect();
    vec![judge_addresses(client_id, &resolved, Json::parse_text(document).ok().as_ref())]
}

pub fn entries() -> Vec<Entry> {
    let rows = [
        ("cimd.client_id", Fail, "/other.json", ("client.json\"", "other.json\"")),
        ("cimd.client_id", Fail, "APP.example.com", ("app.example", "APP.example")),
        ("cimd.client_id", Fail, "absent", ("client_id", "id")),
        ("cimd.secrets", Fail, "client_secret", ("client_name\":", "client_secret\":")),
        ("cimd.secrets", Fail, "client_secret_post", ("\"none\"", "\"client_secret_post\"")),
        ("cimd.private_key", Fail, "private", ("\"x\":\"a\"", "\"d\":\"a\"")),
        ("cimd.redirect_uris", Fail, "none", ("redirect_uris", "uris")),
        ("cimd.redirect_uris", Fail, "a string", ("[\"http://127.0.0.1/callback\"]", "\"http://127.0.0.1/callback\"")),
        ("cimd.redirect_uris", Fail, "/cb: no absolute URI", ("http://127.0.0.1/callback", "/cb")),
        ("cimd.redirect_uris", Fail, "a fragment", ("/callback", "/callback#x")),
        ("cimd.redirect_uris", Fail, "runs or shows", ("http://127.0.0.1/callback", "javascript:alert(1)")),
        ("cimd.redirect_uris", Fail, "http to another machine", ("127.0.0.1", "app.example.com")),
        ("cimd.jwks", Fail, "jwks and jwks_uri", ("{", r#"{"jwks_uri":"https://app.example.com/k","#)),
        ("cimd.consistent", Warn, "response_types token", ("{", r#"{"response_types":["token"],"#)),
        ("cimd.loopback", Note, "http://localhost/callback", ("127.0.0.1", "localhost")),
        ("cimd.name", Note, "none", ("client_name", "name")),
        ("cimd.document", Fail, "client_name", ("{", r#"{"client_name":"Other","#)),
        ("cimd.document", Fail, "an array", ("{", "[{")),
    ];
    let spoilt = |(from, to): (&str, &str)| match to {
        "[{" => got(200, JSON, "[]"),
        _ => got(200, JSON, &GOOD.replacen(from, to, 1)),
    };
    let mut entries = entries_of(&rows, || got(200, JSON, GOOD), spoilt);
    let good = || got(200, JSON, GOOD);
    let mut url = Entry::kept("cimd.url", judge_url(URL))
        .kept_too(judge_url("http://127.0.0.1:8000/client.json"))
        .kept_too(judge_url("https://app.example.com/a/...b/client"));
    for (saw, client_id) in [
        ("the scheme http", "http://app.example.com/client.json"),
        ("no URL", "app"),
        ("no path", "https://app.example.com"),
        ("no path", "https://app.example.com/"),
        ("a user", "https://me@app.example.com/client.json"),
        ("a fragment", "https://app.example.com/client.json#a"),
        ("dot segments", "https://app.example.com/a/../client.json"),
        ("dot segments", "https://app.example.com/a/%2E/client.json"),
    ] {
        url = url.broken(Fail, saw, judge_url(client_id));
    }
    entries.extend([
        url,
        Entry::kept("cimd.announced", announced("true", true)).broken(Warn, "null", announced("null", true)).broken(
            Note,
            "false",
            announced("false", false),
        ),
        Entry::kept("cimd.keys", got(200, JSON, &GOOD.replace("\"none\"", "\"private_key_jwt\""))).broken(
            Fail,
            "neither jwks nor jwks_uri",
            got(200, JSON, &GOOD.replace("\"none\"", "\"private_key_jwt\"").replace("\"jwks\"", "\"keys\"")),
        ),
        Entry::kept("cimd.query", judge_url(URL)).broken(Warn, "v=1", judge_url(&format!("{URL}?v=1"))),
        Entry::kept("cimd.redirect", good()).broken(Fail, "https://evil.example", redirected()),
        Entry::kept("cimd.status", good()).broken(Fail, "404", got(404, JSON, "{}")).broken(Fail, "301", redirected()),
        Entry::kept("cimd.content_type", good()).kept_too(got(200, "application/client-metadata+json", GOOD)).broken(
            Warn,
            "text/plain",
            got(200, "text/plain", GOOD),
        ),
        Entry::kept("cimd.size", good()).broken(
            Warn,
            "6",
            got(200, JSON, &GOOD.replace("\"App\"", &format!("\"{}\"", "x".repeat(6 * 1024)))),
        ),
        Entry::kept("cimd.address", addresses(URL, &["8.8.8.8"], GOOD))
            .broken(Fail, "10.0.0.7", addresses(URL, &["10.0.0.7"], GOOD))
            .broken(Fail, "localhost", addresses("https://localhost/client.json", &[], GOOD))
            .broken(Fail, "logo_uri", addresses(URL, &[], r#"{"logo_uri":"http://169.254.169.254/latest"}"#)),
    ]);
    entries
}
