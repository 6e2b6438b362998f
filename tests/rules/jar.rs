//! Request objects as they leave (RFC 9101).

use std::time::Duration;

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{self, Fail, Warn};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::client::request_object::{Sent, fetched, lint};
use grantscope::jose::key::{SigningKey, unsecured};
use grantscope::terms::metadata::ServerMetadata;
use serde_json::{Map, Value, json};

use super::{Entry, ISSUER, NOW, entries_of};

/// A request object with these changes to its claims, and what stands beside it.
fn object(change: fn(&mut Map<String, Value>), header: Value, beside: &str) -> Vec<Check> {
    let claims = json!({"iss":"web","aud":ISSUER,"exp":NOW + 300,"client_id":"web","scope":"openid","state":"a"});
    let Value::Object(mut claims) = claims else { unreachable!("an object") };
    change(&mut claims);
    let Value::Object(header) = header else { unreachable!("an object") };
    let key = SigningKey::from_secret(&"a secret of thirty-two characters".into(), "HS256").expect("a key");
    let text = match header.get("alg") {
        Some(_) => unsecured(&header, &Value::Object(claims)),
        None => key.sign(&header, &Value::Object(claims)).expect("signed"),
    };
    judged(&text, beside, false)
}

fn judged(text: &str, beside: &str, is_pushed: bool) -> Vec<Check> {
    let mut outside = Params::parse(beside.as_bytes());
    outside.push("request", text);
    let now = Timestamp::from_seconds(NOW);
    lint(Sent { object: text, outside: &outside, is_pushed, issuer: Some(ISSUER), metadata: None, now })
}

/// Fetched from there.
fn at(request_uri: &str) -> Vec<Check> {
    referred("eyJhbGciOiJIUzI1NiJ9.eyJjbGllbnRfaWQiOiJ3ZWIifQ.AAAA", request_uri)
}

fn referred(text: &str, request_uri: &str) -> Vec<Check> {
    let outside = [("client_id", "web"), ("request_uri", request_uri)].into_iter().collect();
    let now = Timestamp::from_seconds(NOW);
    lint(Sent { object: text, outside: &outside, is_pushed: false, issuer: Some(ISSUER), metadata: None, now })
}

/// The server came so many times, and granted or not.
fn came(times: usize, granted: bool) -> Vec<Check> {
    vec![fetched("http://127.0.0.1:8913/r.jwt", &vec![Duration::ZERO; times], Some(granted), true)]
}

fn typ() -> Value {
    json!({"typ":"oauth-authz-req+jwt"})
}

fn claims(change: fn(&mut Map<String, Value>)) -> Vec<Check> {
    object(change, typ(), "client_id=web")
}

fn beside(beside: &str) -> Vec<Check> {
    object(|_| {}, typ(), beside)
}

/// The same, pushed.
fn pushed(beside: &str) -> Vec<Check> {
    let claims = json!({"client_id":"web","scope":"openid"});
    let key = SigningKey::from_secret(&"a secret of thirty-two characters".into(), "HS256").expect("a key");
    judged(&key.sign(&Map::new(), &claims).expect("signed"), beside, true)
}

fn set(claims: &mut Map<String, Value>, name: &str, value: Value) {
    claims.insert(name.to_owned(), value);
}

/// The same before a server that says this of itself.
fn before(metadata: &str, is_referred: bool) -> Vec<Check> {
    let key = SigningKey::from_secret(&"a secret of thirty-two characters".into(), "HS256").expect("a key");
    let text = key.sign(&Map::new(), &json!({"client_id":"web"})).expect("signed");
    let name = if is_referred { "request_uri" } else { "request" };
    let outside = [("client_id", "web"), (name, "https://a.example/r")].into_iter().collect();
    let metadata = ServerMetadata { json: Json::parse_text(metadata).expect("JSON") };
    let now = Timestamp::from_seconds(NOW);
    lint(Sent {
        object: &text,
        outside: &outside,
        is_pushed: false,
        issuer: Some(ISSUER),
        metadata: Some(&metadata),
        now,
    })
}

fn of_support() -> Entry {
    let (no, by_value) = (r#"{"request_parameter_supported":false}"#, r#"{"request_parameter_supported":true}"#);
    let algs =
        r#"{"request_parameter_supported":true,"request_object_signing_alg_values_supported":["PS256","ES256"]}"#;
    Entry::kept("jar_request.supported", before(by_value, false))
        .broken(Warn, "false", before(no, false))
        .broken(Warn, "false", before(r#"{"request_uri_parameter_supported":false}"#, true))
        .broken(Warn, "HS256", before(algs, false))
}

pub fn entries() -> Vec<Entry> {
    type Edit = fn(&mut Map<String, Value>);
    let rows: [(&str, Verdict, &str, Edit); 11] = [
        ("jar_request.iss", Warn, "somebody", |claims| set(claims, "iss", json!("somebody"))),
        ("jar_request.iss", Warn, "absent", |claims| drop(claims.shift_remove("iss"))),
        ("jar_request.aud", Warn, "other", |claims| set(claims, "aud", json!("https://other.example"))),
        ("jar_request.aud", Warn, "absent", |claims| drop(claims.shift_remove("aud"))),
        ("jar_request.exp", Fail, "over for", |claims| set(claims, "exp", json!(NOW))),
        ("jar_request.exp", Fail, "", |claims| set(claims, "exp", json!("soon"))),
        ("jar_request.nested", Fail, "request_uri", |claims| set(claims, "request_uri", json!("urn:a"))),
        ("jar_request.nested", Fail, "request", |claims| set(claims, "request", json!("a.b.c"))),
        ("jar_request.sub", Warn, "web", |claims| set(claims, "sub", json!("web"))),
        ("jar_request.client_id", Fail, "web", |claims| set(claims, "client_id", json!("other"))),
        ("jar_request.client_id", Fail, "none in the object", |claims| drop(claims.shift_remove("client_id"))),
    ];
    let kept = || claims(|_| {});
    let mut entries = entries_of(&rows, kept, claims);
    let unsigned_oauth = object(
        |claims| set(claims, "scope", json!("read")),
        json!({"alg":"none","typ":"oauth-authz-req+jwt"}),
        "client_id=web",
    );
    let unsigned = object(|_| {}, json!({"alg":"none","typ":"oauth-authz-req+jwt"}), "client_id=web");
    entries.extend([
        Entry::kept("jar_request.alg", kept())
            .broken(Warn, "none", unsigned)
            .broken(Fail, "none", unsigned_oauth)
            .broken(Fail, "nothing that can be read", judged("nonsense", "client_id=web", false)),
        Entry::kept("jar_request.typ", kept())
            .broken(Warn, "absent", object(|_| {}, json!({}), "client_id=web"))
            .broken(Warn, "JWT", object(|_| {}, json!({"typ":"JWT"}), "client_id=web")),
        Entry::kept("jar_request.both", kept()).broken(
            Fail,
            "request and request_uri",
            beside("client_id=web&request_uri=urn:a"),
        ),
        Entry::kept("jar_request.reference", at("http://127.0.0.1:8913/r.jwt"))
            .kept_too(at("https://a.example/r"))
            .broken(
                Fail,
                "not https, and not signed",
                referred("eyJhbGciOiJub25lIn0.eyJjbGllbnRfaWQiOiJ3ZWIifQ.", "http://127.0.0.1:8913/r.jwt"),
            ),
        of_support(),
        Entry::kept("jar_request.length", at("https://a.example/r")).broken(
            Warn,
            "518",
            at(&format!("https://a.example/{}", "r".repeat(500))),
        ),
        Entry::kept("jar.fetched", came(1, true)).kept_too(came(2, false)).broken(
            Fail,
            "granted without",
            came(0, true),
        ),
        Entry::kept("jar_request.different", kept()).kept_too(beside("client_id=web&scope=openid")).broken(
            Fail,
            "scope",
            beside("client_id=web&scope=email"),
        ),
        Entry::kept("jar_request.outside", kept())
            .kept_too(beside("client_id=web&scope=openid"))
            .kept_too(pushed("client_id=web&client_assertion=a.b.c"))
            .broken(Warn, "nonce", beside("client_id=web&nonce=a"))
            .broken(Warn, "scope", pushed("client_id=web&scope=openid")),
    ]);
    entries
}
