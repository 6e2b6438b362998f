//! Assertions that the client makes or is given (RFC 7521 to 7523).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{self, Fail, Note, Warn};
use grantscope::base::http::HttpRequest;
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::client::assertion::{Audiences, Made, lint};
use grantscope::client::settings::Settings;
use grantscope::jose::key::{SigningKey, unsecured};
use serde_json::{Map, Value, json};

use super::authorization::url;
use super::{Entry, ISSUER, NOW};

const SECRET: &str = "a secret of thirty-two characters";

/// The verdicts on a request with this parameter, by a client with this secret.
fn sent(grant: &str, name: &str, value: &str, secret: &str) -> Vec<Check> {
    judged(grant, name, value, secret, Some(ISSUER), "web")
}

/// The same of a client and of a server that may be known by less.
fn judged(grant: &str, name: &str, value: &str, secret: &str, issuer: Option<&str>, client_id: &str) -> Vec<Check> {
    let mut settings = Settings::default();
    settings.client.client_secret = secret.into();
    client_id.clone_into(&mut settings.client.client_id);
    let grant = format!("urn:ietf:params:oauth:grant-type:{grant}");
    let form = Params::from_iter([("grant_type", grant.as_str()), (name, value)]);
    let request = HttpRequest::post_form(url("https://as.example/token"), &form);
    let audiences = Audiences { issuer, endpoints: &["https://as.example/token"] };
    lint(&request, &settings, &Made { audiences, finished: Vec::new() }, Timestamp::from_seconds(NOW))
}

fn good() -> Value {
    json!({"iss": "web", "sub": "web", "aud": ISSUER, "jti": "j1", "iat": NOW, "nbf": NOW, "exp": NOW + 60})
}

/// The good claims with one changed, signed with the secret; `null` leaves it out.
fn with(name: &str, value: Value) -> Vec<Check> {
    let mut claims = good();
    claims[name] = value;
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    signed(&claims, SECRET)
}

fn signed(claims: &Value, secret: &str) -> Vec<Check> {
    let key = SigningKey::from_secret(&secret.into(), "HS256").expect("a key");
    let assertion = key.sign(&Map::new(), claims).expect("a token");
    sent("jwt-bearer", "client_assertion", &assertion, secret)
}

/// Nothing but the assertion says who the client is, and nobody who the server is.
fn alone(change: fn(&mut Value)) -> Vec<Check> {
    let mut claims = good();
    change(&mut claims);
    let key = SigningKey::from_secret(&SECRET.into(), "HS256").expect("a key");
    let assertion = key.sign(&Map::new(), &claims).expect("a token");
    judged("jwt-bearer", "client_assertion", &assertion, SECRET, None, "")
}

#[test]
fn an_audience_may_be_an_issuer_that_is_not_known() {
    for (aud, verdict) in [
        (json!("https://elsewhere.example"), Verdict::Skipped),
        (json!("https://as.example/token"), Verdict::Pass),
        (Value::Null, Fail),
    ] {
        let mut claims = good();
        claims["aud"] = aud.clone();
        claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        let key = SigningKey::from_secret(&SECRET.into(), "HS256").expect("a key");
        let assertion = key.sign(&Map::new(), &claims).expect("a token");
        let checks = judged("jwt-bearer", "client_assertion", &assertion, SECRET, None, "web");
        let check = checks.iter().find(|check| check.rule.id == "assertion.audience").expect("judged");
        assert_eq!(check.verdict, verdict, "{aud}");
    }
}

pub fn entries() -> Vec<Entry> {
    let kept = |rule| Entry::kept(rule, signed(&good(), SECRET));
    let nothing = unsecured(&Map::from_iter([("alg".to_owned(), json!("none"))]), &good());
    let saml = |assertion| sent("saml2-bearer", "assertion", assertion, SECRET);
    vec![
        kept("assertion.claims").broken(Fail, "sub", with("sub", Value::Null)),
        kept("assertion.client")
            .kept_too(alone(|_| {}))
            .broken(Fail, "iss other, sub web", with("iss", json!("other")))
            .broken(Fail, "iss web, sub absent", with("sub", Value::Null))
            .broken(Fail, "iss other, sub web", alone(|claims| claims["iss"] = json!("other"))),
        kept("assertion.audience")
            .broken(Fail, "other.example", with("aud", json!("https://other.example")))
            .broken(Warn, "urn:x", with("aud", json!([ISSUER, "urn:x"])))
            .broken(Note, "/token", with("aud", json!("https://as.example/token"))),
        kept("assertion.lifetime")
            .broken(Fail, "", with("exp", json!(NOW - 60)))
            .broken(Warn, "2 h", with("exp", json!(NOW + 7200)))
            .broken(Fail, "can be read", with("exp", json!("soon"))),
        kept("assertion.nbf").broken(Fail, "in 10 min", with("nbf", json!(NOW + 600))).broken(
            Fail,
            "no number",
            with("nbf", json!("now")),
        ),
        kept("assertion.iat").broken(Warn, "in 10 min", with("iat", json!(NOW + 600))),
        kept("assertion.alg").broken(Fail, "none", sent("jwt-bearer", "client_assertion", &nothing, SECRET)),
        kept("assertion.jti").broken(Fail, "absent", with("jti", Value::Null)),
        kept("assertion.secret_length").broken(Fail, "5 bytes", signed(&good(), "short")),
        Entry::kept("assertion.saml_encoding", saml("PHg-")).broken(Fail, "", saml("PHg+Cg==")),
        Entry::kept("assertion.saml_plain", saml("PHg-")).broken(Warn, "", saml("PHg+Cg==")),
    ]
}
