//! UserInfo, calls of an API, and what the client chose for the token request (OIDC Core section 5.3, RFC 6750).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Warn};
use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::client::endpoint::{resource, token, userinfo};
use grantscope::jose::jwk::Jwk;
use grantscope::jose::key::SigningKey;
use grantscope::terms::metadata::ServerMetadata;
use serde_json::{Map, Value, json};

use super::authorization::{settings, url};
use super::{Entry, ISSUER, NOW, RANDOM};

/// The choice of client authentication at a server that offers these methods.
fn client_authentication(methods: &str) -> Vec<Check> {
    let json = Json::parse_text(&format!(r#"{{"token_endpoint_auth_methods_supported":{methods}}}"#)).expect("JSON");
    token::lint(&HttpRequest::get(url(ISSUER)), &settings(), Some(&ServerMetadata { json }))
}

fn token_request(grant_type: &str) -> Vec<Check> {
    let form: Params = [("grant_type", grant_type)].into_iter().collect();
    token::lint(&HttpRequest::post_form(url(ISSUER), &form), &settings(), None)
}

fn answer(status: u16, body: &str) -> HttpResponse {
    HttpResponse::new(status, JSON, body)
}

const SECRET: &str = "a secret of thirty-two characters";

/// The verdicts on signed claims; `null` leaves a claim out.
fn signed(changed: &Value, secret: &str) -> Vec<Check> {
    signed_as(changed, secret, "HS256")
}

/// The same where the client is registered for this `alg`.
fn signed_as(changed: &Value, secret: &str, registered_alg: &str) -> Vec<Check> {
    let mut claims = json!({"iss": ISSUER, "aud": "web", "sub": "alice"});
    for (name, value) in changed.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    let key = SigningKey::from_secret(&secret.into(), "HS256").expect("a key");
    let token = key.sign(&Map::new(), &claims).expect("a token");
    let expected = userinfo::Expected {
        sub: Some("alice"),
        issuer: Some(ISSUER),
        client_id: "web",
        registered_alg: Some(registered_alg),
        jwks: None,
        client_secret: Some(&Jwk::from_secret(&SECRET.into())),
        now: Timestamp::from_seconds(NOW),
    };
    userinfo::accept(&HttpResponse::new(200, "application/jwt", token), expected, &settings()).checks
}

/// Successes that say no all the same.
fn speaking_against_itself(entry: Entry) -> Entry {
    let asked = |response: &HttpResponse| resource::accept(response, ()).checks;
    entry
        .kept_too(asked(&HttpResponse::new(200, "text/html", "<html><title>Orders</title>")))
        .broken(Warn, "the error token expired", asked(&answer(200, r#"{"status":"error","message":"token expired"}"#)))
        .broken(
            Warn,
            "40001: invalid credential",
            asked(&answer(200, r#"{"errcode":40001,"errmsg":"invalid credential"}"#)),
        )
        .broken(
            Warn,
            "people sign in (\"Sign in\")",
            asked(&HttpResponse::new(200, "text/html", "<html><title>Sign in</title><input type=password>")),
        )
        .broken(
            Warn,
            "a challenge: invalid_token",
            asked(&answer(200, "[1]").with_header("WWW-Authenticate", "Bearer error=\"invalid_token\"")),
        )
}

pub fn entries() -> Vec<Entry> {
    let called = |query: &str| {
        let sent = HttpRequest::get(url(&format!("https://api.example/{query}")));
        resource::lint(&sent, &RANDOM.into())
    };
    let asked = |response: &HttpResponse| resource::accept(response, ()).checks;
    let claims = |response: &HttpResponse| {
        let expected = userinfo::Expected { sub: Some("alice"), ..userinfo::Expected::default() };
        userinfo::accept(response, expected, &settings()).checks
    };
    let plain_as = |registered_alg| {
        let expected = userinfo::Expected { registered_alg: Some(registered_alg), ..userinfo::Expected::default() };
        userinfo::accept(&answer(200, r#"{"sub":"alice"}"#), expected, &settings()).checks
    };
    let alice = || claims(&answer(200, r#"{"sub":"alice"}"#));
    let challenge = answer(401, "{}").with_header("WWW-Authenticate", "Bearer");
    vec![
        Entry::kept("resource.token_in_url", called("?q=1")).broken(
            Fail,
            "the query",
            called(&format!("?access_token={RANDOM}")),
        ),
        speaking_against_itself(Entry::kept("resource.status", asked(&HttpResponse::new(204, "", ""))))
            .kept_too(alice())
            .broken(Note, "403", asked(&answer(403, "{}")))
            .broken(Note, "401", claims(&answer(401, "{}")))
            .broken(Warn, "502", claims(&answer(502, "{}"))),
        Entry::kept("resource.challenge", asked(&challenge)).broken(Fail, "absent", asked(&answer(401, "{}"))),
        Entry::kept("userinfo.sub", alice())
            .broken(Fail, "bob", claims(&answer(200, r#"{"sub":"bob"}"#)))
            .broken(Fail, "no sub", claims(&answer(200, "{}")))
            .broken(Fail, "sub is empty", claims(&answer(200, r#"{"sub":""}"#)))
            .broken(Fail, "sub is a number, and no text", claims(&answer(200, r#"{"sub":7}"#))),
        Entry::kept("userinfo.content_type", alice()).broken(
            Fail,
            "text/plain",
            claims(&HttpResponse::new(200, "text/plain", "{}")),
        ),
        Entry::kept("userinfo.alg", signed(&json!({}), SECRET))
            .broken(Fail, "HS256", signed_as(&json!({}), SECRET, "RS256"))
            .kept_too(plain_as("none"))
            .broken(Fail, "plain JSON", plain_as("RS256")),
        Entry::kept("userinfo.signature", signed(&json!({}), SECRET)).broken(
            Fail,
            "HS256, and no key fits",
            signed(&json!({}), "another secret of thirty-two chars"),
        ),
        Entry::kept("userinfo.signed_claims", signed(&json!({}), SECRET))
            .broken(Fail, "aud another", signed(&json!({"aud": "another"}), SECRET))
            .broken(Fail, "iss https://other.example", signed(&json!({"iss": "https://other.example"}), SECRET))
            .broken(Warn, "aud absent", signed(&json!({"aud": null}), SECRET)),
        Entry::kept("userinfo.times", signed(&json!({}), SECRET))
            .kept_too(signed(&json!({"nbf": NOW, "exp": NOW + 60}), SECRET))
            .broken(Fail, "ago", signed(&json!({"exp": NOW - 3600}), SECRET))
            .broken(Fail, "in 50 min", signed(&json!({"nbf": NOW + 3000, "exp": NOW + 9000}), SECRET)),
        Entry::kept("claims.types", alice()).broken(
            Warn,
            "email_verified is a string",
            claims(&answer(200, r#"{"sub":"alice","email_verified":"true"}"#)),
        ),
    ]
    .into_iter()
    .chain(of_settings())
    .collect()
}

fn of_settings() -> Vec<Entry> {
    vec![
        Entry::kept("settings.password", token_request("authorization_code")).broken(
            Warn,
            "password",
            token_request("password"),
        ),
        Entry::kept("settings.secret_unsent", token_request("authorization_code")).broken(Warn, "none", {
            let mut settings = settings();
            settings.set("token_endpoint_auth_method", "none").expect("a setting");
            token::lint(&HttpRequest::get(url(ISSUER)), &settings, None)
        }),
        Entry::kept("settings.offered_auth", client_authentication(r#"["client_secret_basic"]"#)).broken(
            Warn,
            "client_secret_basic",
            client_authentication(r#"["client_secret_post","none"]"#),
        ),
        Entry::kept("settings.symmetric_auth", client_authentication(r#"["client_secret_basic","none"]"#)).broken(
            Note,
            "client_secret_basic",
            client_authentication(r#"["client_secret_basic","private_key_jwt"]"#),
        ),
    ]
}
