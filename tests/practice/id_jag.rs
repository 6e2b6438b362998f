//! The grant by which one server vouches for a user at another, at the server that takes it
//! (draft-ietf-oauth-identity-assertion-authz-grant section 4.4.1).

use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::practice::{Config, PRACTICE_JWT_KEY, PracticeHost};
use serde_json::{Value, json};
use url::Url;

use crate::world::{ISSUER, assert_refused, json as body, signed, url, with, with_web};

const NOW: i64 = 1_800_000_000;
const THERE: &str = "http://127.0.0.1:9400/resource";

/// Two servers, the first of which signs with a key that this test has.
fn host() -> PracticeHost {
    let mut config = Config::practice(Url::parse(ISSUER).unwrap()).with_resource_server();
    config.keys = vec![PRACTICE_JWT_KEY.into()];
    PracticeHost::new(config, Entropy::from_seed([7; 32])).unwrap()
}

fn granted(changed: &Value) -> Value {
    let good = json!({
        "iss": ISSUER, "sub": "alice", "aud": THERE, "client_id": "practice-web", "jti": "j1", "iat": NOW,
        "exp": NOW + 300, "scope": "profile email", "resource": [format!("{THERE}/api/me")],
    });
    with(&good, changed)
}

fn presented(path: &str, typ: &str, claims: &Value, more: &[(&str, &str)]) -> HttpResponse {
    let assertion = signed(&json!({ "typ": typ }), claims);
    let grant = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion.as_str())];
    let form: Params = with_web(&[&grant[..], more].concat()).into_iter().collect();
    host().handle(&HttpRequest::post_form(url(path), &form), Timestamp::from_seconds(NOW))
}

fn there(changed: &Value) -> HttpResponse {
    presented("/resource/token", "oauth-id-jag+jwt", &granted(changed), &[])
}

#[test]
fn what_the_grant_allows_is_what_the_token_is_for() {
    for (changed, more, scope) in [
        (json!({}), &[][..], "profile email"),
        (json!({"aud": [THERE], "scope": "email admin"}), &[], "email"),
        (json!({"scope": null, "resource": null}), &[], "profile"),
        (json!({}), &[("scope", "email")], "email"),
    ] {
        let answer = presented("/resource/token", "oauth-id-jag+jwt", &granted(&changed), more);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let tokens = body(&answer);
        assert_eq!((tokens.text("scope"), tokens.get("refresh_token")), (Some(scope), None));
    }
}

#[test]
fn what_is_not_for_this_server_or_this_client_is_refused() {
    for (changed, says) in [
        (json!({"iss": "https://other.example"}), "http://127.0.0.1:9400 has signed it"),
        (json!({"iss": THERE}), "it was issued here"),
        (json!({"aud": "https://other.example"}), "aud is https://other.example"),
        (json!({"aud": [THERE, "https://other.example"]}), "it has to be http://127.0.0.1:9400/resource alone"),
        (json!({"client_id": "practice-native"}), "its client_id is practice-native, and practice-web brings it"),
        (json!({"client_id": null}), "client_id is missing"),
        (json!({"sub": "mallory"}), "there is no such user"),
        (json!({"jti": null}), "jti is missing"),
        (json!({"exp": NOW - 1}), "it expired"),
        (json!({"exp": null}), "exp is missing"),
    ] {
        assert_refused(&there(&changed), 400, "invalid_grant", says);
    }
    let wider = presented("/resource/token", "oauth-id-jag+jwt", &granted(&json!({})), &[("scope", "profile admin")]);
    assert_refused(&wider, 400, "invalid_scope", "the request adds admin");
}

#[test]
fn an_id_token_is_no_grant_and_nobody_takes_their_own() {
    let id_token = presented("/resource/token", "JWT", &granted(&json!({"aud": "practice-web"})), &[]);
    assert_refused(&id_token, 400, "invalid_grant", "trusted here is the client itself");
    let own = presented("/token", "oauth-id-jag+jwt", &granted(&json!({"aud": ISSUER})), &[]);
    assert_refused(&own, 400, "invalid_grant", "it was issued here");
}

#[test]
fn a_server_says_what_it_issues_and_takes() {
    for path in ["", "/resource"] {
        let at = url(&format!("{path}/.well-known/openid-configuration"));
        let metadata = body(&host().handle(&HttpRequest::get(at), Timestamp::from_seconds(NOW)));
        for (name, value) in [
            ("identity_chaining_requested_token_types_supported", "urn:ietf:params:oauth:token-type:id-jag"),
            ("authorization_grant_profiles_supported", "urn:ietf:params:oauth:grant-profile:id-jag"),
        ] {
            assert_eq!(metadata.get(name).unwrap().strings(), [value], "{path}");
        }
    }
}
