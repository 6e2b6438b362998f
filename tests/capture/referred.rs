//! Authorization requests that stand elsewhere: pushed, in a request object, behind an address. What of them is in the
//! recording is judged, and of what is not nothing is said.

use serde_json::{Value, json};

use super::har::{APP, Entry, NOON, OP, call, call_posts, har, jwt, page, taken, with};
use super::logins::{CALLBACK, CODE, REDEEM, challenge, tokens};
use grantscope::base::check::Verdict::{self, Fail, Pass, Skipped, Warn};
use grantscope::capture::Capture;

const STATE: &str = "state-of-this-login-0123456789";
const NONCE: &str = "nonce-of-this-login-0123456789";
const OBJECT: &str = "https://app.example/requests/1.jwt";
const URN: &str = "urn:ietf:params:oauth:request_uri:pushed-of-this-login-0123456789abcdef";

/// The claims of a request object, without these.
fn claims(without: &[&str]) -> Value {
    let mut claims = json!({
        "iss": "web", "aud": OP, "client_id": "web", "response_type": "code", "redirect_uri": CALLBACK,
        "scope": "openid profile", "state": STATE, "nonce": NONCE, "code_challenge": challenge(),
        "code_challenge_method": "S256", "exp": NOON + 60,
    });
    without.iter().for_each(|name| drop(claims.as_object_mut().expect("an object").remove(*name)));
    claims
}

fn object(without: &[&str]) -> String {
    jwt(&json!({ "alg": "ES256", "kid": "one", "typ": "oauth-authz-req+jwt" }), &claims(without))
}

/// A login that is asked for with these parameters: begin, request, response, token.
fn asked(params: &[(&str, &str)], before: Vec<Entry>, back: &str) -> Capture {
    let request = with(&format!("{OP}/oauth2/auth"), params);
    let mut entries = before;
    entries.extend([
        page(format!("{APP}/login")).to(&request),
        page(&request).to(back),
        page(back).to("/"),
        call_posts(format!("{OP}/token"), &REDEEM)
            .gets("cache-control", "no-store")
            .json(&tokens(&json!({ "nonce": NONCE }))),
    ]);
    taken(&har("mitmproxy", &entries))
}

/// The response with this state.
fn returned(state: &str) -> String {
    with(CALLBACK, &[("code", CODE), ("state", state), ("iss", OP)])
}

/// The verdict of a rule, the worst where it was applied more often, and what was said.
fn verdict(capture: &Capture, rule: &str) -> Option<(Verdict, String)> {
    let of_rule = capture.logins[0].checks.iter().filter(|judged| judged.check.rule.id == rule);
    let worst = of_rule.min_by_key(|judged| judged.check.verdict)?;
    Some((worst.check.verdict, worst.check.actual.clone().unwrap_or_default()))
}

fn accused(capture: &Capture) -> Vec<String> {
    let of_login = |judged: &&grantscope::capture::login::Judged| judged.check.verdict <= Warn;
    let checks = capture.logins[0].checks.iter().filter(of_login);
    let told = checks.map(|judged| format!("{} {}", judged.check.rule.id, judged.check.seen()));
    told.chain(capture.logins[0].finding.as_ref().map(|found| found.say.clone())).collect()
}

const OUTSIDE: [(&str, &str); 3] = [("client_id", "web"), ("response_type", "code"), ("scope", "openid profile")];

fn referring(request_uri: &str) -> Vec<(&str, &str)> {
    [OUTSIDE.to_vec(), vec![("request_uri", request_uri)]].concat()
}

fn pushed(form: &[(&str, &str)]) -> Entry {
    call_posts(format!("{OP}/par"), form).json(&json!({ "request_uri": URN, "expires_in": 60 })).status(201)
}

const COMPARED: [&str; 5] = [
    "authorization_request.state",
    "authorization_response.state",
    "authorization_response.redirect_uri",
    "settings.pkce_confidential",
    "id_token.nonce",
];

#[test]
fn of_a_request_that_is_not_in_the_recording_nothing_is_said() {
    let encrypted = "eyJhbGciOiJSU0EtT0FFUCJ9.a2V5.aXY.Y2lwaGVy.dGFn";
    let by_value = [OUTSIDE.to_vec(), vec![("request", encrypted)]].concat();
    let wholly = vec![("client_id", "web"), ("request_uri", URN)];
    let fetched_later = format!("{OBJECT}#hash");
    for (what, params, says) in [
        ("by an address", referring(OBJECT), "what request_uri stands for"),
        ("by an address with a hash", referring(&fetched_later), "what request_uri stands for"),
        ("pushed", referring(URN), "what request_uri stands for"),
        ("pushed, with nothing beside", wholly, "what request_uri stands for"),
        ("encrypted", by_value, "the request object cannot be read"),
    ] {
        let capture = asked(&params, Vec::new(), &returned(STATE));
        assert_eq!(capture.logins.len(), 1, "{what}");
        assert!(accused(&capture).is_empty(), "{what}: {:?}", accused(&capture));
        for rule in COMPARED {
            if let Some((verdict, actual)) = verdict(&capture, rule) {
                assert!(verdict == Skipped && actual.starts_with(says), "{what}: {rule} {verdict:?} {actual}");
            }
        }
        let (length, _) = verdict(&capture, "authorization_request.length").expect("the address is seen");
        assert_eq!(length, Pass, "{what}");
    }
}

#[test]
fn what_is_in_the_recording_of_a_request_is_judged() {
    let (whole, bare) = (object(&[]), object(&["state", "nonce", "code_challenge", "code_challenge_method"]));
    let fetch = |object: &str| vec![call(OBJECT).answers("application/oauth-authz-req+jwt", object)];
    let params = claims(&["iss", "aud", "exp"]);
    let members = params.as_object().expect("an object");
    let form: Vec<(&str, &str)> =
        members.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("a text"))).collect();
    let by_value = |object: &'static str| [OUTSIDE.to_vec(), vec![("request", object)]].concat();
    let signed: &'static str = Box::leak(whole.clone().into_boxed_str());
    let hashed = format!("{OBJECT}#hash");
    for (what, params, before, expected) in [
        ("fetched", referring(OBJECT), fetch(&whole), Pass),
        ("fetched, its address with a hash", referring(&hashed), fetch(&whole), Pass),
        ("pushed", referring(URN), vec![pushed(&form)], Pass),
        ("pushed as an object", referring(URN), vec![pushed(&[("client_id", "web"), ("request", &whole)])], Pass),
        ("by value", by_value(signed), Vec::new(), Pass),
        ("fetched, without protection", referring(OBJECT), fetch(&bare), Fail),
    ] {
        let capture = asked(&params, before, &returned(STATE));
        assert_eq!(capture.logins.len(), 1, "{what}");
        let protected = verdict(&capture, "authorization_request.state").expect("judged");
        assert_eq!(protected.0, expected, "{what}: {protected:?}");
        let state = verdict(&capture, "authorization_response.state").expect("judged");
        assert_eq!(state.0, expected, "{what}: {state:?}");
        let worst: Vec<_> =
            accused(&capture).into_iter().filter(|told| !told.starts_with("par_request.outside")).collect();
        assert_eq!(worst.is_empty(), expected == Pass, "{what}: {worst:?}");
    }
}

/// What stands in the object counts, and not what stands beside it (RFC 9101 section 6.3).
#[test]
fn the_object_outweighs_what_stands_beside_it() {
    let object = object(&[]);
    let beside = [("state", "another-0123456789abcdef"), ("request_uri", OBJECT)];
    let fetch = || vec![call(OBJECT).answers("application/jwt", &object)];
    let capture = asked(&[OUTSIDE.to_vec(), beside.to_vec()].concat(), fetch(), &returned(STATE));
    assert_eq!(capture.logins[0].state.as_deref(), Some(STATE));
    assert_eq!(verdict(&capture, "authorization_response.state").map(|it| it.0), Some(Pass));
    let capture = asked(&referring(OBJECT), fetch(), &returned("of-somebody-else-0123456789"));
    assert_eq!(verdict(&capture, "authorization_response.state").map(|it| it.0), Some(Fail));
}

/// What stands in a response that is one JWT came in no other way (JARM section 2.1).
#[test]
fn a_response_that_is_one_jwt_has_nothing_beside_it() {
    let inside = json!({ "iss": OP, "aud": "web", "exp": NOON + 300, "code": CODE, "state": STATE });
    let response = jwt(&json!({ "alg": "ES256", "kid": "one" }), &inside);
    let challenge = challenge();
    let params = [
        OUTSIDE.to_vec(),
        vec![
            ("redirect_uri", CALLBACK),
            ("state", STATE),
            ("nonce", NONCE),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
            ("response_mode", "jwt"),
        ],
    ]
    .concat();
    let beside = |more: &[(&str, &str)]| {
        let back = with(CALLBACK, &[vec![("response", response.as_str())], more.to_vec()].concat());
        verdict(&asked(&params, Vec::new(), &back), "jarm.beside").map(|it| it.0)
    };
    assert_eq!((beside(&[]), beside(&[("code", CODE)])), (Some(Pass), Some(Warn)));
    // Nobody sees whether one was asked for.
    let back = with(CALLBACK, &[("response", response.as_str())]);
    let capture = asked(&referring(OBJECT), Vec::new(), &back);
    assert!(accused(&capture).is_empty(), "{:?}", accused(&capture));
}

/// A secret and what is registered are the client's, and in no message.
#[test]
fn what_is_set_up_at_the_client_is_not_guessed() {
    let (header, claims) = (
        json!({ "alg": "HS256" }),
        json!({
            "iss": "web", "sub": "web", "aud": OP, "jti": "1", "iat": NOON, "exp": NOON + 60,
        }),
    );
    let assertion = jwt(&header, &claims);
    let proof = [
        ("client_assertion", assertion.as_str()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
    ];
    let form = [&[("grant_type", "client_credentials")][..], &proof].concat();
    let token = "sentinel-access-token-0123456789";
    let answer = json!({ "access_token": token, "token_type": "Bearer", "expires_in": 60 });
    let introspection = jwt(
        &json!({ "alg": "ES256", "typ": "token-introspection+jwt" }),
        &json!({ "iss": OP, "aud": "web", "iat": NOON, "token_introspection": { "active": true } }),
    );
    let capture = taken(&har(
        "mitmproxy",
        &[
            call_posts(format!("{OP}/token"), &form).gets("cache-control", "no-store").json(&answer),
            call_posts(format!("{OP}/introspect"), &[&[("token", token)][..], &proof].concat())
                .answers("application/token-introspection+jwt", &introspection),
        ],
    ));
    assert!(accused(&capture).is_empty(), "{:?}", accused(&capture));
    assert_eq!(verdict(&capture, "assertion.secret_length").map(|it| it.0), Some(Skipped));
}

/// A server that wants a nonce in the proof of a pushed request gets the same request once more.
#[test]
fn a_request_that_is_pushed_again_is_of_the_same_login() {
    let params = claims(&["iss", "aud", "exp"]);
    let members = params.as_object().expect("an object");
    let form: Vec<(&str, &str)> =
        members.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("a text"))).collect();
    let refused = |error: &str| call_posts(format!("{OP}/par"), &form).json(&json!({ "error": error })).status(400);
    let capture = asked(&referring(URN), vec![refused("use_dpop_nonce"), pushed(&form)], &returned(STATE));
    assert_eq!(capture.logins.len(), 1, "{:?}", capture.logins);
    assert!(capture.logins[0].finding.is_none(), "{:?}", capture.logins[0].finding);
    // One that is never taken is a refusal, and another login is another one.
    let entries = [refused("invalid_request"), refused("invalid_request")];
    let capture = taken(&har("mitmproxy", &entries));
    assert!(capture.logins.len() == 1 && capture.logins[0].finding.is_some(), "{:?}", capture.logins);
    let other: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (*name, if *name == "state" { "another-0123456789abcdef" } else { value }))
        .collect();
    let again = call_posts(format!("{OP}/par"), &other).json(&json!({ "error": "invalid_request" })).status(400);
    let capture = taken(&har("mitmproxy", &[refused("invalid_request"), again]));
    assert_eq!(capture.logins.len(), 2, "{:?}", capture.logins);
}
