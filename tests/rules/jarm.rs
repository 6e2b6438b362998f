//! Authorization responses that are one JWT (JARM section 2.4).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{self, Fail, Warn};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::client::endpoint::authorization::AuthorizationRequest;
use grantscope::client::endpoint::authorization::jarm::{Expected, open};
use grantscope::client::settings::Settings;
use grantscope::jose::jwk::{Jwk, JwkSet};
use grantscope::jose::key::{SigningKey, unsecured};
use grantscope::terms::response::ResponseMode;
use serde_json::{Map, Value, json};

use super::{Entry, ISSUER, NOW, entries_of};

type Edit = fn(&mut Map<String, Value>);

/// What came, to a request in this mode.
fn came(params: &Params, asked: &str, mode: ResponseMode, jwks: &JwkSet) -> Vec<Check> {
    let url = format!("https://as.example/authorize?response_type=code&client_id=web{asked}");
    let sent = AuthorizationRequest::in_url(&url.parse().expect("a URL"));
    let secret = Jwk::from_secret(&"a secret of thirty-two characters".into());
    let expected = Expected {
        sent: &sent,
        issuer: Some(ISSUER),
        client_id: "web",
        registered_alg: Some("ES256"),
        jwks: Some(jwks),
        client_secret: Some(&secret),
    };
    open(params, mode, expected, Timestamp::from_seconds(NOW), &Settings::default()).checks
}

/// A signed response with these changes to its claims, signed by another key, with the secret, or not at all; what stands
/// beside it comes behind `&`.
fn signed(change: Edit, how: &str, mode: ResponseMode) -> Vec<Check> {
    let key = SigningKey::generate("ES256", "k1").expect("a key");
    let other = SigningKey::generate("ES256", "k1").expect("a key");
    let mac = SigningKey::from_secret(&"a secret of thirty-two characters".into(), "HS256").expect("a key");
    let Value::Object(mut claims) = json!({"iss":ISSUER,"aud":"web","exp":NOW + 60,"code":"c","state":"s"}) else {
        unreachable!("an object")
    };
    change(&mut claims);
    let claims = Value::Object(claims);
    let text = match how.split_once('&').map_or(how, |(how, _)| how) {
        "another key" => other.sign(&Map::new(), &claims).expect("signed"),
        "the secret" => mac.sign(&Map::new(), &claims).expect("signed"),
        "nothing" => unsecured(&Map::new(), &claims),
        "no JWT" => "nonsense".to_owned(),
        _ => key.sign(&Map::new(), &claims).expect("signed"),
    };
    let public = json!({"keys":[key.public_jwk()]});
    let jwks = JwkSet::from_json(&Json::from(&public)).expect("keys");
    let mut params: Params = [("response", text.as_str())].into_iter().collect();
    params.0.extend(Params::parse(how.split_once('&').map_or("", |(_, beside)| beside).as_bytes()).0);
    came(&params, "&response_mode=jwt", mode, &jwks)
}

fn claims(change: Edit) -> Vec<Check> {
    signed(change, "the key", ResponseMode::Query)
}

fn plain(query: &str) -> Vec<Check> {
    let jwks = JwkSet::from_json(&Json::parse_text(r#"{"keys":[]}"#).expect("JSON")).expect("keys");
    came(&Params::parse(query.as_bytes()), "&response_mode=query.jwt", ResponseMode::Query, &jwks)
}

fn set(claims: &mut Map<String, Value>, name: &str, value: Value) {
    claims.insert(name.to_owned(), value);
}

pub fn entries() -> Vec<Entry> {
    let rows: [(&str, Verdict, &str, Edit); 9] = [
        ("jarm.iss", Fail, "other.example", |claims| set(claims, "iss", json!("https://other.example"))),
        ("jarm.iss", Fail, "absent", |claims| drop(claims.shift_remove("iss"))),
        ("jarm.aud", Fail, "other", |claims| set(claims, "aud", json!("other"))),
        ("jarm.aud", Fail, "absent", |claims| drop(claims.shift_remove("aud"))),
        ("jarm.exp", Fail, "", |claims| set(claims, "exp", json!(NOW - 3600))),
        ("jarm.exp", Fail, "absent", |claims| drop(claims.shift_remove("exp"))),
        ("jarm.exp", Fail, "soon", |claims| set(claims, "exp", json!("soon"))),
        ("jarm.lifetime", Warn, "1 h", |claims| set(claims, "exp", json!(NOW + 3600))),
        ("jarm.query", Fail, "access_token in the query", |claims| set(claims, "access_token", json!("a"))),
    ];
    let kept = || claims(|_| {});
    let mut entries = entries_of(&rows, kept, claims);
    let by = |how| signed(|_| {}, how, ResponseMode::Query);
    entries.extend([
        Entry::kept("jarm.signature", kept())
            .kept_too(by("the secret"))
            .broken(Fail, "no key of it fits", by("another key"))
            .broken(Fail, "no signature", by("nothing"))
            .broken(Fail, "nothing that can be read", by("no JWT")),
        Entry::kept("jarm.nbf", claims(|claims| set(claims, "nbf", json!(NOW))))
            .broken(Fail, "in 50 min", claims(|claims| set(claims, "nbf", json!(NOW + 3000))))
            .broken(Fail, "no number", claims(|claims| set(claims, "nbf", json!("now")))),
        Entry::kept("jarm.beside", kept())
            .kept_too(by("the key&session_state=5&tab=2"))
            .broken(Warn, "code, state beside it", by("the key&code=evil&state=evil"))
            .broken(Warn, "error beside it", by("the key&error=access_denied")),
        Entry::kept("jarm.alg", kept()).broken(Fail, "HS256", by("the secret")).broken(Fail, "none", by("nothing")),
        Entry::kept("jarm.asked", kept()).broken(Fail, "plain parameters", plain("code=a&state=b")),
    ]);
    entries
}
