//! Authorization responses that are one JWT and bring nothing: what is told is why.

use std::sync::LazyLock;

use grantscope::base::check::Verdict;
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::secret::Secret;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next, ProblemKind};
use grantscope::jose::jwe::{Recipient, encrypt};
use grantscope::jose::jwk::Jwk;
use grantscope::jose::key::{SigningKey, unsecured};
use grantscope::practice::Fault;
use grantscope::terms::grant::Grant;
use serde_json::{Map, json};

use crate::flow;
use crate::pair::Pair;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("RS256", "rsa").expect("a key"));

/// A response with this content, encrypted to the key.
fn encrypted(header: Map<String, serde_json::Value>, content: &str) -> Params {
    let public = KEY.public_jwk().to_string().replace("\"use\":\"sig\"", "\"use\":\"enc\"");
    let key = Jwk::from_json(&Json::parse_text(&public).expect("JSON")).expect("a key");
    let made = encrypt(header, ("RSA-OAEP-256", "A256GCM"), Recipient::Key(&key), content.as_bytes()).expect("made");
    [("response", made.as_str())].into_iter().collect()
}

fn run(key: &Secret, pasted: fn(&mut Params)) -> (Next, Flow) {
    let mut pair = Pair::new();
    pair.pasted = Some(pasted);
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        "jwt".clone_into(&mut settings.request.response_mode);
        settings.client.decryption_key = key.clone();
    });
    (pair.run(&mut flow), flow)
}

#[test]
fn what_keeps_a_response_closed_is_named() {
    let own = KEY.private_jwk();
    let other = SigningKey::generate("ES256", "other").expect("a key").private_jwk();
    let bare: fn(&mut Params) = |params| *params = encrypted(Map::new(), r#"{"code":"c"}"#);
    let with_crit: fn(&mut Params) = |params| {
        let header = Map::from_iter([("crit".to_owned(), json!(["exp"])), ("exp".to_owned(), json!(1))]);
        *params = encrypted(header, r#"{"code":"c"}"#);
    };
    let readable: fn(&mut Params) = |params| {
        let token = unsecured(&Map::new(), &json!({"nonce": "n"}));
        *params = [("response", token.as_str())].into_iter().collect();
    };
    let no_jwt: fn(&mut Params) = |params| *params = [("response", "nonsense")].into_iter().collect();
    for (key, pasted, says) in [
        (&own, bare, "The response was opened, and nobody signed what is inside"),
        (&own, with_crit, "although a decryption_key is filled in: its crit names"),
        (&other, bare, "The decryption_key that is filled in does not open the response"),
        (&Secret::default(), bare, "this client cannot open it: fill in the decryption_key"),
        (&own, readable, "The JWT in response can be read, and has neither code"),
        (&own, no_jwt, "is no JWT that can be read"),
    ] {
        let (next, _) = run(key, pasted);
        let Next::Stopped(problem) = next else { panic!("it went on: {says}") };
        assert_eq!(problem.kind, ProblemKind::Failed, "{says}");
        assert!(problem.advice[0].contains(says), "{says}: {:?}", problem.advice);
    }
}

/// RFC 6749 section 3.1: also where what is in the JWT is there once.
#[test]
fn a_response_that_comes_twice_is_told() {
    let twice: fn(&mut Params) = |params| {
        let response = params.get("response").expect("a JWT").to_owned();
        params.push("response", response);
    };
    for (pasted, verdict) in [(twice, Verdict::Fail), (|_| {}, Verdict::Pass)] {
        let (_, flow) = run(&Secret::default(), pasted);
        let check = flow.checks().find(|check| check.rule.id == "authorization_response.duplicates").expect("judged");
        assert_eq!(check.verdict, verdict, "{check:?}");
    }
}

/// RFC 9126 section 4: whether the used request is granted again is in the JWT.
#[test]
fn a_refusal_in_a_jwt_is_no_second_grant() {
    for (is_reusable, expected) in [(false, "pass: not granted again"), (true, "warn: granted again")] {
        let mut pair = Pair::new();
        pair.practice.set(Fault::ReusableRequestUri, is_reusable);
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            "jwt".clone_into(&mut settings.request.response_mode);
            settings.set("require_pushed_authorization_requests", "true").expect("a switch");
        });
        flow.append(Stage::RequestUriReuse);
        assert_eq!(pair.run(&mut flow), Next::Finished);
        let told = flow.checks().filter(|check| check.rule.id == "par.single_use");
        let told: Vec<String> = told
            .map(|check| format!("{}: {}", check.verdict.word(), check.actual.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(told, [expected]);
    }
}
