//! What a protected resource says of itself (RFC 9728).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Warn};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::time::Timestamp;
use grantscope::client::challenge::challenges;
use grantscope::client::endpoint::resource_metadata::{accept, address, announcement, places};
use grantscope::client::endpoint::signed_metadata::{OF_API, Verifier, judge};
use grantscope::jose::jwk::Jwk;
use grantscope::jose::key::SigningKey;
use serde_json::{Map, Value, json};

use super::authorization::url;
use super::{Entry, ISSUER};

const API: &str = "https://api.example/orders";

fn said(status: u16, media_type: &str, body: &str) -> Vec<Check> {
    let place = places(&url(API), None).remove(0);
    accept(&HttpResponse::new(status, media_type, body), &place, Some(ISSUER)).checks
}

fn document(resource: &str, more: &str) -> Vec<Check> {
    said(200, JSON, &format!(r#"{{"resource":"{resource}"{more}}}"#))
}

/// At the address that the challenge has named.
fn at_address(came: Option<&str>) -> Vec<Check> {
    address(Some("https://api.example/meta"), &url("https://api.example/meta"), came).into_iter().collect()
}

/// A challenge that names where the metadata are.
fn announced(params: &str) -> Vec<Check> {
    let response = HttpResponse::new(401, "text/plain", "").with_header("WWW-Authenticate", format!("Bearer {params}"));
    announcement(&challenges(&response)).into_iter().collect()
}

fn signed(claims: &Value) -> Vec<Check> {
    let key = SigningKey::generate("ES256", "k").expect("a key");
    let token = key.sign(&Map::new(), claims).expect("a token");
    document(API, &format!(r#","signed_metadata":"{token}""#))
}

pub fn entries() -> Vec<Entry> {
    let good = || document(API, &format!(r#","authorization_servers":["{ISSUER}"]"#));
    let [key, other] = [1, 2].map(|_| SigningKey::generate("ES256", "k").expect("a key"));
    let at = |times: Value, keys: &[&SigningKey]| {
        let header = [("kid".to_owned(), json!("k"))].into_iter().collect();
        let mut claims = times;
        claims["iss"] = json!(ISSUER);
        let token = key.sign(&header, &claims).expect("a token");
        let keys = keys.iter().map(|key| Jwk::from_json(&Json::from(&key.public_jwk())).expect("a key"));
        let json = Json::parse_text(&format!(r#"{{"signed_metadata":"{token}"}}"#)).expect("JSON");
        let by = Verifier {
            issuer: Some(ISSUER),
            keys: Some(&keys.collect::<Vec<_>>()),
            now: Timestamp::from_seconds(1000),
        };
        judge(&json, OF_API, &by)
    };
    let kept = |rule| Entry::kept(rule, good());
    let by = |keys: &[&SigningKey]| at(json!({"exp": 2000}), keys);
    vec![
        kept("prm.status")
            .broken(Fail, "201", said(201, JSON, &format!(r#"{{"resource":"{API}"}}"#)))
            .broken(Fail, "404", said(404, JSON, "{}"))
            .broken(Fail, "302", said(302, JSON, ""))
            .broken(Fail, "text/html", said(200, "text/html", "{}")),
        Entry::kept("prm.address", at_address(None))
            .broken(Warn, "404", at_address(Some("status 404 Not Found")))
            .broken(Warn, "which is no URL", announced(r#"resource_metadata="not a URL""#))
            .broken(Warn, "which is no URL", announced(r#"resource_metadata="urn:x:/y""#))
            .broken(
                Warn,
                "which is relative",
                announced(r#"resource_metadata="/.well-known/oauth-protected-resource""#),
            )
            .broken(
                Warn,
                "twice in one challenge",
                announced(r#"resource_metadata="https://a.example", resource_metadata="https://b.example""#),
            ),
        kept("prm.types")
            .kept_too(document(API, r#","resource_name#de":"Aufträge","own_supported":7"#))
            .broken(Fail, "scopes_supported is a string, not a list", document(API, r#","scopes_supported":"a b""#))
            .broken(Fail, "authorization_servers is a string", document(API, r#","authorization_servers":"https://a""#))
            .broken(Fail, "an array of other things", document(API, r#","authorization_servers":[5,null,"https://a"]"#))
            .broken(Fail, "jwks_uri is a number", document(API, r#","jwks_uri":5"#))
            .broken(Fail, "resource_name is an object", document(API, r#","resource_name":{}"#))
            .broken(Fail, "required is a string", document(API, r#","dpop_bound_access_tokens_required":"true""#))
            .broken(Warn, "jwks_uri is null", document(API, r#","jwks_uri":null"#)),
        kept("prm.resource")
            .broken(Fail, "/orders/", document("https://api.example/orders/", ""))
            .broken(Fail, "https://api.example", document("https://api.example", ""))
            .broken(Fail, "absent", said(200, JSON, "{}")),
        kept("prm.empty").broken(Fail, "scopes_supported", document(API, r#","scopes_supported":[]"#)),
        kept("prm.servers").broken(
            Warn,
            "https://other.example",
            document(API, r#","authorization_servers":["https://other.example"]"#),
        ),
        Entry::kept("prm.signature", by(&[&key])).broken(Fail, "does not fit", by(&[&other])).broken(
            Warn,
            "published elsewhere",
            by(&[]),
        ),
        Entry::kept("prm.signed_time", by(&[&key]))
            .broken(Fail, "ago", at(json!({"exp": 1}), &[&key]))
            .broken(Fail, "in 50 min", at(json!({"exp": 9000, "nbf": 4000}), &[&key]))
            .broken(Fail, "which is no number", at(json!({"nbf": "soon"}), &[&key])),
        Entry::kept("prm.signed_by", signed(&json!({"iss": ISSUER}))).broken(Fail, "no iss", signed(&json!({}))),
        Entry::kept("prm.signed_values", signed(&json!({"iss": ISSUER, "resource": API}))).broken(
            Warn,
            "resource is signed as",
            signed(&json!({"iss": ISSUER, "resource": "https://api.example/other"})),
        ),
    ]
}
