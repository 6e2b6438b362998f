//! Logout tokens as they come (OIDC Back-Channel Logout).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{self, Fail, Note, Warn};
use grantscope::base::http::HttpRequest;
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::client::by_type::judge_claims;
use grantscope::client::endpoint::backchannel_logout::{Expected, judge, repeated};
use grantscope::client::rules;
use grantscope::jose::jwk::Jwk;
use grantscope::jose::jwt::decode;
use grantscope::jose::key::{SigningKey, unsecured};
use serde_json::{Map, Value, json};

use super::authorization::url;
use super::logout::told;
use super::{Entry, ISSUER, NOW, entries_of};

const SECRET: &str = "a secret of thirty-two characters";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn claims() -> Map<String, Value> {
    let claims = json!({"iss":ISSUER,"aud":"web","sub":"alice","sid":"s1","iat":NOW,"exp":NOW + 120,"jti":"j1","events":{EVENT:{}}});
    let Value::Object(claims) = claims else { unreachable!("an object") };
    claims
}

fn signed_with(secret: &str, typ: &str, claims: Map<String, Value>) -> String {
    let key = SigningKey::from_secret(&secret.into(), "HS256").expect("a key");
    let header = Map::from_iter([("typ".to_owned(), json!(typ))]);
    key.sign(&header, &Value::Object(claims)).expect("signed")
}

fn judged(request: &HttpRequest, registered_alg: Option<&str>) -> Vec<Check> {
    let registered_alg = registered_alg.map(str::to_owned);
    judge(request, &Expected { registered_alg, ..expected() }, Timestamp::from_seconds(NOW))
}

/// A token that is signed with HS256, where nothing is registered: with the `alg` of the ID token, and those of the metadata.
fn unregistered(id_token_alg: Option<&str>, algs: Option<&[&str]>) -> Vec<Check> {
    let algs = algs.map(|algs| algs.iter().map(|alg| (*alg).to_owned()).collect());
    let expected = Expected { id_token_alg: id_token_alg.map(str::to_owned), algs, ..expected() };
    judge(&posted(&signed_with(SECRET, "logout+jwt", claims())), &expected, Timestamp::from_seconds(NOW))
}

fn expected() -> Expected {
    Expected {
        issuer: Some(ISSUER.to_owned()),
        client_id: "web".to_owned(),
        sub: Some("alice".to_owned()),
        sid: Some("s1".to_owned()),
        client_secret: Some(Jwk::from_secret(&SECRET.into())),
        ..Expected::default()
    }
}

fn posted(token: &str) -> HttpRequest {
    let form: Params = [("logout_token", token)].into_iter().collect();
    HttpRequest::post_form(url("http://127.0.0.1:9402/backchannel_logout"), &form)
}

fn of_claims(change: fn(&mut Map<String, Value>)) -> Vec<Check> {
    let mut claims = claims();
    change(&mut claims);
    judged(&posted(&signed_with(SECRET, "logout+jwt", claims)), None)
}

fn set(claims: &mut Map<String, Value>, name: &str, value: Value) {
    claims.insert(name.to_owned(), value);
}

fn without(claims: &mut Map<String, Value>, name: &str) {
    claims.shift_remove(name);
}

type Edit = fn(&mut Map<String, Value>);

/// What is wrong with the claims, and what the rule says of it.
const CLAIMS: [(&str, Verdict, &str, Edit); 22] = [
    ("blo.iss", Fail, "other", |claims| set(claims, "iss", json!("https://other.example"))),
    ("blo.iss", Fail, "absent", |claims| without(claims, "iss")),
    ("blo.aud", Fail, "other", |claims| set(claims, "aud", json!(["other"]))),
    ("blo.aud", Fail, "absent", |claims| without(claims, "aud")),
    ("blo.iat", Fail, "absent", |claims| without(claims, "iat")),
    ("blo.iat", Fail, "in 1 h", |claims| set(claims, "iat", json!(NOW + 3600))),
    ("blo.exp", Fail, "absent", |claims| without(claims, "exp")),
    ("blo.exp", Fail, "", |claims| set(claims, "exp", json!("soon"))),
    ("blo.exp", Fail, "ago", |claims| set(claims, "exp", json!(NOW - 3600))),
    ("blo.lifetime", Note, "10 min", |claims| set(claims, "exp", json!(NOW + 600))),
    ("blo.jti", Fail, "absent", |claims| without(claims, "jti")),
    ("blo.events", Fail, "absent", |claims| without(claims, "events")),
    ("blo.events", Fail, EVENT, |claims| set(claims, "events", json!([EVENT]))),
    ("blo.events", Fail, "other", |claims| set(claims, "events", json!({"other":{}}))),
    ("blo.events", Note, "not an empty object", |claims| set(claims, "events", json!({EVENT:{"a":1}}))),
    ("blo.nonce", Fail, "n1", |claims| set(claims, "nonce", json!("n1"))),
    ("blo.subject", Fail, "neither", |claims| {
        without(claims, "sub");
        without(claims, "sid");
    }),
    ("blo.subject", Fail, "sub as an array", |claims| set(claims, "sub", json!(["alice"]))),
    ("blo.subject", Fail, "sid as a number", |claims| set(claims, "sid", json!(1))),
    ("blo.session", Warn, "bob", |claims| set(claims, "sub", json!("bob"))),
    ("blo.session", Warn, "s2", |claims| set(claims, "sid", json!("s2"))),
    ("blo.session", Warn, "s2", |claims| {
        without(claims, "sub");
        set(claims, "sid", json!("s2"));
    }),
];

pub fn entries() -> Vec<Entry> {
    let kept = || of_claims(|_| {});
    let signed = |secret: &str, typ: &str| judged(&posted(&signed_with(secret, typ, claims())), None);
    let unsigned = || {
        let header = Map::from_iter([("typ".to_owned(), json!("logout+jwt"))]);
        judged(&posted(&unsecured(&header, &Value::Object(claims()))), None)
    };
    let plain = HttpRequest::get(url("http://127.0.0.1:9402/backchannel_logout"));
    let token = signed_with(SECRET, "logout+jwt", claims());
    let twice: Params = [("logout_token", token.as_str()), ("logout_token", token.as_str())].into_iter().collect();
    let mut entries = entries_of(&CLAIMS, kept, of_claims);
    entries.extend([
        told(&rules::backchannel_logout::SENT),
        Entry::kept("blo.nbf", of_claims(|claims| set(claims, "nbf", json!(NOW)))).broken(
            Fail,
            "in 50 min",
            of_claims(|claims| set(claims, "nbf", json!(NOW + 3000))),
        ),
        Entry::kept("blo.request", kept())
            .broken(Fail, "GET", judged(&plain, None))
            .broken(
                Fail,
                "without logout_token",
                judged(&HttpRequest::post_form(plain.url.clone(), &Params::new()), None),
            )
            .broken(Fail, "logout_token 2 times", judged(&HttpRequest::post_form(plain.url.clone(), &twice), None)),
        Entry::kept("blo.repeated", vec![repeated("j1", false)]).broken(
            Note,
            "j1 once more",
            vec![repeated("j1", true)],
        ),
        Entry::kept("blo.signature", kept())
            .broken(Fail, "no key", signed("another secret of thirty-two chars", "logout+jwt"))
            .broken(Fail, "no signature", unsigned())
            .broken(Fail, "nothing that can be read", judged(&posted("nonsense"), None)),
        Entry::kept("blo.alg", kept())
            .kept_too(judged(&posted(&signed_with(SECRET, "logout+jwt", claims())), Some("HS256")))
            .kept_too(unregistered(Some("HS256"), Some(&["ES256"])))
            .kept_too(unregistered(None, Some(&["ES256", "HS256"])))
            .broken(Warn, "HS256", unregistered(Some("ES256"), Some(&["ES256", "HS256"])))
            .broken(Warn, "HS256", unregistered(None, Some(&["ES256"])))
            .broken(Fail, "none", unsigned())
            .broken(Fail, "HS256", judged(&posted(&signed_with(SECRET, "logout+jwt", claims())), Some("ES256"))),
        Entry::kept("blo.typ", kept()).kept_too(signed(SECRET, "application/logout+jwt")).broken(
            Warn,
            "JWT",
            signed(SECRET, "JWT"),
        ),
    ]);
    entries
}

/// Nothing is registered here, so that the server may know of a registration or take the default (section 2.6, step 3).
#[test]
fn the_algorithm_is_that_of_the_id_token_or_the_default() {
    let rsa = SigningKey::generate("RS256", "one").expect("a key");
    let header = Map::from_iter([("typ".to_owned(), json!("logout+jwt"))]);
    let token = rsa.sign(&header, &Value::Object(claims())).expect("signed");
    let said = |id_token_alg: Option<&str>| {
        let expected = Expected { id_token_alg: id_token_alg.map(str::to_owned), ..expected() };
        let checks = judge(&posted(&token), &expected, Timestamp::from_seconds(NOW));
        checks.into_iter().find(|check| check.rule.id == "blo.alg").and_then(|check| check.actual)
    };
    assert_eq!(said(Some("RS256")).as_deref(), Some("RS256, as the ID token"));
    assert_eq!(said(Some("ES256")).as_deref(), Some("RS256, the default"));
    assert_eq!(said(None).as_deref(), Some("RS256, the default"));
}

#[test]
fn a_token_that_is_looked_at_by_itself_is_held_to_the_rules_of_its_type() {
    let broken = |token: &str| {
        let checks = judge_claims(&decode(token), Timestamp::from_seconds(NOW));
        checks.into_iter().filter(|check| check.verdict == Fail).map(|check| check.rule.id).collect::<Vec<_>>()
    };
    let mut poor = claims();
    ["sub", "sid", "exp"].into_iter().for_each(|name| without(&mut poor, name));
    set(&mut poor, "nonce", json!("n"));
    assert_eq!(broken(&signed_with(SECRET, "logout+jwt", claims())), [""; 0]);
    for typ in ["logout+jwt", "JWT"] {
        let found = broken(&signed_with(SECRET, typ, poor.clone()));
        assert_eq!(found, ["blo.exp", "blo.nonce", "blo.subject"], "{typ}");
    }
    set(&mut poor, "events", json!([EVENT]));
    assert!(broken(&signed_with(SECRET, "logout+jwt", poor.clone())).contains(&"blo.events"));
    assert_eq!(broken(&signed_with(SECRET, "JWT", poor.clone())), [""; 0], "nothing says what it is");
    set(&mut poor, "aud", json!(["a", "b"]));
    let found = broken(&signed_with(SECRET, "oauth-id-jag+jwt", poor));
    assert_eq!(found, ["id_jag.claims", "id_jag.aud"]);
}
