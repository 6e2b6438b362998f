//! The server's metadata (RFC 8414, OIDC Discovery).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{self, Fail, Note, Pass, Skipped, Warn};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::time::Timestamp;
use grantscope::client::endpoint::discovery::{Asked, accept, complete};
use grantscope::client::endpoint::signed_metadata::{OF_SERVER, Verifier, judge};
use grantscope::client::endpoint::webfinger;
use grantscope::jose::jwk::Jwk;
use grantscope::jose::key::{SigningKey, unsecured};
use grantscope::terms::metadata::ServerMetadata;
use serde_json::{Map, Value, json};

use super::{Entry, ISSUER, entries_of};

const METADATA: &str = r#"{"issuer":"https://as.example","authorization_endpoint":"https://as.example/a",
    "token_endpoint":"https://as.example/t","response_types_supported":["code"],
    "grant_types_supported":["authorization_code"],"code_challenge_methods_supported":["S256"],
    "authorization_response_iss_parameter_supported":true}"#;

fn metadata(content_type: &str, document: &str) -> Vec<Check> {
    answered(ISSUER, &HttpResponse::new(200, content_type, document))
}

fn answered(typed: &str, response: &HttpResponse) -> Vec<Check> {
    let asked = Asked::new(typed);
    accept(response, &asked, &asked.candidates[0].url).checks
}

/// What is said of two documents of one server.
fn both(second: &str) -> Vec<Check> {
    let document = |text: &str| ServerMetadata { json: Json::parse_text(text).expect("JSON") };
    vec![complete(document(METADATA), &document(second), &Asked::new(ISSUER)).1]
}

/// What is said of a server that signs ID tokens with these.
fn signing(algs: &str) -> Vec<Check> {
    let member = format!("{{\"id_token_signing_alg_values_supported\":{algs},");
    metadata(JSON, &METADATA.replacen('{', &member, 1))
}

/// A server for clients of FAPI 2.0 has none but what that takes.
#[test]
fn a_server_for_fapi_leaves_rs256_out() {
    for algs in [r#"["PS256","ES256"]"#, r#"["EdDSA"]"#] {
        let check = signing(algs).into_iter().find(|check| check.rule.id == "metadata.alg_rs256");
        assert_eq!(check.expect("it is judged").verdict, Skipped, "{algs}");
    }
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
        ("metadata.required", Fail, "jwks_uri, subject_types_supported", ("{", "{\"scopes_supported\":[\"openid\"],")),
        ("metadata.required", Warn, "jwks_uri", ("[\"code\"]", "[\"code\",\"code id_token\"]")),
        ("metadata.types", Fail, "response_types_supported is a string, not a list", ("[\"code\"]", "\"code\"")),
        ("metadata.types", Fail, "claims_supported is an array of other things", ("{", "{\"claims_supported\":[1],")),
        ("metadata.types", Fail, "token_endpoint is a number", ("\"https://as.example/t\"", "7")),
        ("metadata.types", Warn, "jwks_uri is null", ("{", "{\"jwks_uri\":null,")),
        ("metadata.pkce", Warn, "plain", ("[\"S256\"]", "[\"plain\"]")),
        ("metadata.pkce", Note, "not published", ("\"code_challenge_methods_supported\"", "\"x\"")),
        ("metadata.pkce_plain", Note, "S256, plain", ("[\"S256\"]", "[\"S256\",\"plain\"]")),
        ("metadata.iss_parameter", Note, "false", ("true", "false")),
        (
            "metadata.iss_parameter",
            Note,
            "not published",
            ("\"authorization_response_iss_parameter_supported\"", "\"x\""),
        ),
        (
            "metadata.removed_grants",
            Note,
            "password",
            ("[\"authorization_code\"]", "[\"authorization_code\",\"password\"]"),
        ),
        (
            "metadata.removed_grants",
            Note,
            "implicit",
            ("[\"authorization_code\"]", "[\"authorization_code\",\"implicit\"]"),
        ),
        ("metadata.alg_none", Warn, "dpop_signing_alg", ("{", "{\"dpop_signing_alg_values_supported\":[\"none\"],")),
        (
            "metadata.alg_none",
            Note,
            "request_object_signing_alg",
            ("{", "{\"request_object_signing_alg_values_supported\":[\"none\"],"),
        ),
        ("metadata.duplicates", Warn, "issuer", ("{", "{\"issuer\":\"https://as.example\",")),
    ];
    let changed = |(from, to): (&str, &str)| metadata(JSON, &METADATA.replacen(from, to, 1));
    let mut entries = entries_of(&rows, || metadata(JSON, METADATA), changed);
    entries.extend(of_whole_documents());
    entries.extend(of_signed());
    entries
}

/// What one member in the place of another does not show.
fn of_whole_documents() -> Vec<Entry> {
    let mut entries = Vec::new();
    entries.push(
        Entry::kept("metadata.alg_rs256", signing(r#"["RS256","ES256"]"#))
            .broken(Note, "RS384, ES384", signing(r#"["RS384","ES384"]"#))
            .broken(Note, "HS256", signing(r#"["HS256"]"#))
            .broken(Note, "", signing("[]")),
    );
    entries.push(Entry::kept("metadata.content_type", metadata(JSON, METADATA)).broken(
        Fail,
        "text/html",
        metadata("text/html", METADATA),
    ));
    let page = |status, body: &str| answered(ISSUER, &HttpResponse::new(status, "text/html", body));
    entries.push(
        Entry::kept("metadata.document", metadata(JSON, METADATA))
            .broken(Fail, "an array", metadata(JSON, &format!("[{METADATA}]")))
            .broken(Fail, "byte order mark", metadata(JSON, &format!("\u{feff}{METADATA}")))
            .broken(Warn, "a redirect", page(302, ""))
            .broken(Warn, "an HTML page", page(200, "<html>"))
            .broken(Note, "404", page(404, "<html>")),
    );
    let link = |rel: &str, href: &str| {
        let body = json!({"links": [{"rel": "avatar"}, {"rel": rel, "href": href}]}).to_string();
        vec![webfinger::accept(&HttpResponse::new(200, "application/jrd+json", body)).1]
    };
    let named = |href| link(webfinger::REL, href);
    entries.push(
        Entry::kept("metadata.webfinger", named("https://as.example/a"))
            .kept_too(named("http://127.0.0.1:9400"))
            .broken(Fail, "http://as.example", named("http://as.example"))
            .broken(Fail, "https://as.example?x", named("https://as.example?x"))
            .broken(Fail, "as.example", named("as.example"))
            .broken(Fail, "no link to an issuer", link("http://openid.net/specs/connect/1.0", "https://as.example"))
            .broken(Fail, "an HTML page", vec![webfinger::accept(&HttpResponse::new(200, "text/html", "<html>")).1]),
    );
    entries.push(
        Entry::kept("metadata.agree", both(METADATA))
            .broken(Warn, "token_endpoint", both(&METADATA.replacen("/t\"", "/other\"", 1)))
            .broken(Note, "response_types_supported", both(&METADATA.replacen("\"code\"", "\"token\"", 1)))
            .broken(Note, "https://b.example", both(&METADATA.replacen("as.example", "b.example", 1))),
    );
    entries
}

/// A document that is in itself as a JWT with these claims laid over its members.
fn signed_document(key: &SigningKey, over: &Value) -> String {
    let mut document: Value = serde_json::from_str(METADATA).expect("JSON");
    let mut claims = document.clone();
    for (name, value) in over.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    document["signed_metadata"] = key.sign(&Map::new(), &claims).expect("a token").into();
    document.to_string()
}

fn of_signed() -> Vec<Entry> {
    let key = SigningKey::generate("ES256", "k").expect("a key");
    let document = |over: Value| signed_document(&key, &over);
    let good = || document(json!({"iss": ISSUER, "iat": 1}));
    let judged = |over: Value| metadata(JSON, &document(over));
    let public = |key: &SigningKey| Jwk::from_json(&Json::from(&key.public_jwk())).expect("a key");
    let by = |keys: &[Jwk], text: &str| -> Vec<Check> {
        let by = Verifier { issuer: Some(ISSUER), keys: Some(keys), now: Timestamp::from_seconds(1) };
        judge(&Json::parse_text(text).expect("JSON"), OF_SERVER, &by)
    };
    let other = SigningKey::generate("ES256", "k").expect("a key");
    let unsigned = {
        let token = unsecured(&Map::new(), &json!({"iss": ISSUER}));
        METADATA.replacen('{', &format!("{{\"signed_metadata\":\"{token}\","), 1)
    };
    let with_kid = {
        let mut document: Value = serde_json::from_str(METADATA).expect("JSON");
        let header = [("kid".to_owned(), json!("k"))].into_iter().collect();
        document["signed_metadata"] = other.sign(&header, &json!({"iss": ISSUER})).expect("a token").into();
        document.to_string()
    };
    vec![
        Entry::kept("metadata.signed_by", metadata(JSON, &good()))
            .broken(Fail, "no iss", judged(json!({})))
            .broken(Fail, "no JWT", metadata(JSON, &unsigned))
            .broken(Fail, "no JWT", metadata(JSON, &METADATA.replacen('{', "{\"signed_metadata\":7,", 1))),
        Entry::kept("metadata.signed_values", metadata(JSON, &good()))
            .broken(
                Warn,
                "token_endpoint is signed as",
                judged(json!({"iss": ISSUER, "token_endpoint": "https://b.example/t"})),
            )
            .broken(Note, "jwks_uri is only signed", judged(json!({"iss": ISSUER, "jwks_uri": "https://as.example/k"})))
            .broken(Warn, "is in itself", judged(json!({"iss": ISSUER, "signed_metadata": "x"}))),
        Entry::kept("metadata.signature", by(&[public(&key)], &good()))
            .broken(Fail, "does not fit", by(&[public(&key)], &with_kid))
            .broken(Warn, "published elsewhere", by(&[], &good())),
        Entry::kept("metadata.signed_time", by(&[public(&key)], &good())).broken(
            Fail,
            "before 1970",
            by(&[public(&key)], &document(json!({"iss": ISSUER, "exp": -1}))),
        ),
    ]
}

/// A document of this issuer with these other members.
fn document(issuer: &str, members: &str) -> String {
    format!(r#"{{"issuer":"{issuer}",{members}}}"#)
}

const FRONT: &str = r#""authorization_endpoint":"https://as.example/a","code_challenge_methods_supported":["S256"]"#;
const TOKEN: &str = r#""token_endpoint":"https://as.example/t""#;
const OPENID: &str = r#""jwks_uri":"https://as.example/k","subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]"#;

#[test]
fn what_a_server_must_publish_depends_on_what_it_is_for() {
    let rows: [(&str, String, Verdict); 12] = [
        (
            "implicit alone, by its grants",
            format!(r#"{FRONT},{OPENID},"grant_types_supported":["implicit"],"response_types_supported":["id_token"]"#),
            Pass,
        ),
        (
            "implicit alone, by its response types",
            format!(r#"{FRONT},{OPENID},"response_types_supported":["id_token","token id_token"]"#),
            Pass,
        ),
        ("code by default", format!(r#"{FRONT},"response_types_supported":["code"]"#), Fail),
        (
            "services alone",
            format!(r#"{TOKEN},"grant_types_supported":["client_credentials"],"response_types_supported":[]"#),
            Pass,
        ),
        (
            "services alone, without response types",
            format!(r#"{TOKEN},"grant_types_supported":["client_credentials"]"#),
            Warn,
        ),
        (
            "codes from elsewhere",
            format!(r#"{TOKEN},"grant_types_supported":["urn:ietf:params:oauth:grant-type:pre-authorized_code"]"#),
            Pass,
        ),
        ("workloads", r#""jwks_uri":"https://as.example/k""#.to_owned(), Note),
        (
            "workloads, with what OpenID Connect asks for",
            format!(r#"{OPENID},"response_types_supported":["id_token"]"#),
            Note,
        ),
        ("codes without an endpoint", format!(r#"{OPENID},"response_types_supported":["code"]"#), Fail),
        ("OpenID Connect", format!(r#"{FRONT},{TOKEN},{OPENID},"response_types_supported":["code"]"#), Pass),
        (
            "OpenID Connect without keys",
            format!(r#"{FRONT},{TOKEN},"scopes_supported":["openid"],"response_types_supported":["code"]"#),
            Fail,
        ),
        ("OAuth alone", format!(r#"{FRONT},{TOKEN},"response_types_supported":["code"]"#), Pass),
    ];
    for (what, members, verdict) in rows {
        let checks = metadata(JSON, &document(ISSUER, &members));
        let check = checks.iter().find(|check| check.rule.id == "metadata.required").expect("judged");
        assert_eq!(check.verdict, verdict, "{what}: {:?}", check.actual);
    }
    // What only OpenID Connect asks for is asked for at its address alone.
    let members = format!(r#"{FRONT},{TOKEN},"scopes_supported":["openid"],"response_types_supported":["code"]"#);
    let asked = Asked::new(ISSUER);
    let checks =
        accept(&HttpResponse::new(200, JSON, document(ISSUER, &members)), &asked, &asked.candidates[1].url).checks;
    let check = checks.iter().find(|check| check.rule.id == "metadata.required").expect("judged");
    assert_eq!(check.verdict, Warn);
}

#[test]
fn an_issuer_is_held_against_what_was_typed_as_far_as_that_was_one() {
    for (typed, published, verdict) in [
        ("https://as.example", "https://as.example", Pass),
        (" https://as.example ", "https://as.example", Pass),
        ("https://as.example", "https://as.example/", Fail),
        ("https://as.example/.well-known/openid-configuration", "https://as.example", Note),
        ("https://as.example/.well-known/openid-configuration", "https://as.example/", Note),
        ("https://as.example/.well-known/openid-configuration", "https://b.example", Fail),
        ("https://as.example/a?p=x", "https://as.example/a/", Note),
        ("https://as.example/a?p=x", "https://as.example/b", Fail),
        ("https://as.example/common/v2.0", "https://as.example/{tenantid}/v2.0", Warn),
        ("https://as.example/common/v2.0/", "https://as.example/{tenantid}/v2.0", Warn),
        ("https://as.example/{tenantid}/v2.0", "https://as.example/{tenantid}/v2.0", Warn),
        ("https://as.example/common/v2.0", "https://b.example/{tenantid}/v2.0", Fail),
        ("https://as.example/common", "https://as.example/{tenantid}/v2.0", Fail),
    ] {
        let checks = answered(typed, &HttpResponse::new(200, JSON, document(published, TOKEN)));
        let check = checks.iter().find(|check| check.rule.id == "metadata.issuer").expect("judged");
        assert_eq!(check.verdict, verdict, "{typed} {published}: {:?}", check.actual);
    }
}

/// Providers as they are most often: what all of them do is a note, and a type is asked for where there is one.
#[test]
fn a_provider_in_order_gets_no_warning() {
    let lists = r#""response_types_supported":["code","none","id_token","token id_token","code id_token token"],
        "scopes_supported":["openid"],"http_logout_supported":true,"client_id_metadata_document_supported":true,
        "frontchannel_logout_supported":true,"own_supported":{"a":1},"request_parameter_supported":false,
        "userinfo_signing_alg_values_supported":["RS256","none"],"request_object_signing_alg_values_supported":["none"]"#;
    let front = r#""authorization_endpoint":"https://as.example/a""#;
    for grants in ["", r#","grant_types_supported":["authorization_code","implicit","refresh_token","password"]"#] {
        let checks = metadata(JSON, &document(ISSUER, &format!("{front},{TOKEN},{OPENID},{lists}{grants}")));
        let loud: Vec<_> = checks.iter().filter(|check| check.verdict <= Warn).collect();
        assert!(loud.is_empty(), "{loud:?}");
    }
}
