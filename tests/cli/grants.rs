//! Every grant against a practice server in another process, over real sockets, with nothing filled in by itself.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;

use grantscope::base::json::Json;
use grantscope::io::sign_in::{User, approve};
use grantscope::io::transport::{Transport, TransportOptions};
use grantscope::practice::PRACTICE_JWT_KEY;
use grantscope::terms::grant::Grant;
use url::Url;

use crate::{Done, SECRET, Served, file, folder, program, run};

/// The client that may do everything, and what it asks for.
pub const WEB: [(&str, &str); 4] = [
    ("client_id", "practice-web"),
    ("client_secret", "env:GRANTSCOPE_TEST_SECRET"),
    ("scope", "openid profile email offline_access"),
    ("api_url", "{issuer}/api/me"),
];
/// The same for grants in which nobody signs in.
const SERVICE: [(&str, &str); 4] = [
    ("client_id", "practice-web"),
    ("client_secret", "env:GRANTSCOPE_TEST_SECRET"),
    ("scope", "profile"),
    ("api_url", "{issuer}/api/me"),
];

const CODE: &[&str] = &["discovery", "jwks", "authorization", "token", "userinfo", "api"];

/// Grant, common settings, further settings, and the stages of its run.
type Case =
    (&'static str, [(&'static str, &'static str); 4], &'static [(&'static str, &'static str)], &'static [&'static str]);

const CASES: [Case; 13] = [
    ("authorization-code", WEB, &[], CODE),
    ("hybrid", WEB, &[], CODE),
    ("implicit", WEB, &[], &["discovery", "jwks", "authorization", "userinfo", "api"]),
    ("device", WEB, &[], &["discovery", "jwks", "device_authorization", "verification", "token", "userinfo", "api"]),
    ("client-credentials", SERVICE, &[], &["discovery", "token", "api"]),
    ("refresh", WEB, &[], &["discovery", "jwks", "authorization", "token", "refresh", "userinfo", "api"]),
    ("token-exchange", WEB, &[], &["discovery", "jwks", "authorization", "token", "exchange", "api"]),
    (
        "token-exchange",
        WEB,
        &[("actor_token_type", "urn:ietf:params:oauth:token-type:access_token")],
        &["discovery", "jwks", "authorization", "token", "actor_token", "exchange", "api"],
    ),
    ("jwt-bearer", SERVICE, &[("assertion_subject", "alice"), ("private_key", "@KEY")], &["discovery", "token", "api"]),
    (
        "saml-bearer",
        SERVICE,
        &[("assertion_url", "{issuer}/saml?user=alice")],
        &["discovery", "assertion", "token", "api"],
    ),
    (
        "ciba",
        WEB,
        &[("login_hint", "alice"), ("binding_message", "W4SCT")],
        &["discovery", "jwks", "backchannel_authentication", "verification", "token", "userinfo", "api"],
    ),
    (
        "mcp",
        WEB,
        &[("scope", "profile"), ("api_url", "{issuer}/mcp")],
        &["challenge", "resource_metadata", "discovery", "authorization", "token", "api"],
    ),
    (
        "password",
        WEB,
        &[("username", "alice"), ("password", "@PASSWORD")],
        &["discovery", "jwks", "token", "userinfo", "api"],
    ),
];

/// The settings with the files that they name.
pub fn settings<'a>(
    common: &[(&'a str, &'a str)],
    own: &[(&'a str, &'a str)],
    key: &'a str,
    password: &'a str,
) -> Vec<(&'a str, &'a str)> {
    let placed = |(name, value): &(&'a str, &'a str)| match *value {
        "@KEY" => (*name, key),
        "@PASSWORD" => (*name, password),
        value => (*name, value),
    };
    common.iter().chain(own).map(placed).collect()
}

#[test]
fn every_grant_succeeds_in_another_process() {
    let (served, folder) = (Served::start(), folder());
    let key = format!("@{}", file(&folder, "key.json", PRACTICE_JWT_KEY));
    let password = format!("@{}", file(&folder, "password", "practice\n"));
    let mut met = Vec::new();
    for (slug, common, own, stages) in CASES {
        let done = served.run(slug, &settings(&common, own, &key, &password), &["--sign-in", "alice"]);
        done.assert_success();
        let grant = Grant::ALL.into_iter().find(|grant| grant.slug() == slug).expect("a grant");
        met.push(grant);
        assert_eq!(done.json().text("grant"), Some(grant.key()));
        assert_eq!(done.stages(), stages, "{slug}");
        assert!(!done.story.contains("note:"), "{slug}: {}", done.story);
        for secret in ["practice-secret", "AfluNQa8PtsiUJNDIXvSqOzdsiAZYLetCJ4Ln91UJHo"] {
            assert!(!done.story.contains(secret) && !done.out.contains(secret), "{slug}: {secret}");
        }
    }
    assert!(Grant::ALL.iter().all(|grant| met.contains(grant)));
}

#[test]
fn a_chain_of_who_acts_for_whom_is_in_the_result() {
    let served = Served::start();
    let own = [("actor_token_type", "urn:ietf:params:oauth:token-type:access_token")];
    let done = served.run("token-exchange", &settings(&WEB, &own, "", ""), &["--sign-in", "bob", "--with-secrets"]);
    done.assert_success();
    let token = done.json().get("tokens").and_then(|tokens| tokens.text("access_token")).expect("a token").to_owned();
    let claims = run(&["jwt", "decode", &token]).json();
    let payload = claims.get("payload").expect("claims");
    let act = payload.get("act").and_then(|act| act.text("sub"));
    assert_eq!((payload.text("sub"), act), (Some("bob"), Some("practice-web")));
}

#[test]
fn a_password_leaves_the_other_texts_of_the_result_alone() {
    let done = run(&["run", "password", "--json"]);
    done.assert_success();
    let json = done.json();
    assert_eq!(json.get("claims").and_then(|claims| claims.text("aud")), Some("practice-web"));
    assert!(done.out.contains("password=REDACTED-password-1"), "{}", done.out);
    assert!(!done.out.contains("REDACTED-password-1-"), "{}", done.out);
}

#[test]
fn a_method_that_no_client_of_the_practice_server_has_is_noted() {
    let done = run(&["run", "client-credentials", "--set", "token_endpoint_auth_method=none"]);
    assert!(
        done.story.contains("note: no client of the practice server may use client-credentials with none"),
        "{}",
        done.story
    );
}

#[test]
fn what_is_asked_for_then_comes_after_the_grant() {
    let served = Served::start();
    for (slug, then, stages) in [
        ("authorization-code", "introspect,revoke,proof,logout", &["introspect", "revoke", "proof", "logout"][..]),
        ("refresh", "reuse", &["reuse"]),
        ("device", "refresh,reuse", &["refresh", "reuse"]),
        ("ciba", "userinfo,introspect,revoke,proof", &["userinfo", "introspect", "revoke", "proof"]),
        ("hybrid", "refresh,userinfo,api,logout", &["refresh", "userinfo", "api", "logout"]),
    ] {
        let own = [("login_hint", "alice"), ("post_logout_redirect_uri", "http://127.0.0.1:0/signed-out")];
        let done = served.run(slug, &settings(&WEB, &own, "", ""), &["--sign-in", "alice", "--then", then]);
        done.assert_success();
        let all = done.stages();
        assert_eq!(all[all.len() - stages.len()..], *stages, "{slug}");
        let signs_out = done.story.contains("alice signs out without a browser\n\n✓ Back       by query");
        assert_eq!(signs_out, then.contains("logout"), "{slug}: {}", done.story);
    }
}

#[test]
fn claims_that_others_vouch_for_are_told_under_their_names_and_their_token_is_not() {
    let served = Served::start();
    let done = served.run("authorization-code", &WEB, &["--sign-in", "bob", "--then", "claims"]);
    done.assert_success();
    for words in ["the source aggregated says", "+43 1 5550123", "the JWT says", "650"] {
        assert!(done.story.contains(words), "{words}: {}", done.story);
    }
    let exchanges = done.json().get("exchanges").expect("exchanges").clone();
    let last = exchanges.elements().last().expect("an exchange").to_string();
    assert!(last.contains("/claims") && last.contains("Bearer REDACTED-access_token-2"), "{last}");
}

/// Answers `count` requests and gives back what they were, head and body.
fn api(count: usize) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/orders", listener.local_addr().expect("bound"));
    let serving = std::thread::spawn(move || {
        let take = |_| {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                assert!(reader.read_line(&mut head).expect("a line") > 0, "{head}");
            }
            let length = head
                .to_lowercase()
                .split_once("content-length: ")
                .map_or(0, |(_, rest)| rest.lines().next().and_then(|length| length.parse().ok()).expect("a length"));
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            stream
                .write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
                .expect("written");
            head + &String::from_utf8_lossy(&body)
        };
        (0..count).map(take).collect()
    });
    (url, serving)
}

#[test]
fn an_api_is_called_as_it_is_typed_and_once_more() {
    let (served, folder) = (Served::start(), folder());
    let (url, serving) = api(2);
    let body = format!("@{}", file(&folder, "order.json", "{\n  \"order\": 1\n}\n"));
    let settings = [
        ("client_id", "practice-service"),
        ("client_secret", "env:GRANTSCOPE_TEST_SECRET"),
        ("api_url", url.as_str()),
        ("api_method", "PUT"),
        ("api_body", body.as_str()),
    ];
    let done = served.run("client-credentials", &settings, &["--then", "api"]);
    done.assert_success();
    for request in serving.join().expect("served") {
        assert!(request.starts_with("PUT /orders HTTP/1.1\r\n"), "{request}");
        assert!(request.to_lowercase().contains("authorization: bearer ey"), "{request}");
        assert!(request.ends_with("\r\n\r\n{\n  \"order\": 1\n}\n"), "the file as it stands: {request}");
    }
}

#[test]
fn ciba_in_ping_mode_listens_where_the_client_is_registered() {
    let folder = folder();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let endpoint = format!("http://127.0.0.1:{port}/ciba");
    let config = format!(
        "[[clients]]\nclient_id = \"till\"\nclient_secret = \"practice-secret\"\n\
         grant_types = [\"urn:openid:params:grant-type:ciba\"]\n\
         backchannel_client_notification_endpoint = \"{endpoint}\"\n"
    );
    let served = Served::with(&["--config", &file(&folder, "practice.toml", &config)]);
    let settings = [
        ("client_id", "till"),
        ("client_secret", "env:GRANTSCOPE_TEST_SECRET"),
        ("scope", "openid profile"),
        ("login_hint", "bob"),
        ("backchannel_token_delivery_mode", "ping"),
        ("backchannel_client_notification_endpoint", endpoint.as_str()),
    ];
    let done = served.run("ciba", &settings, &["--sign-in", "bob"]);
    done.assert_success();
    let stages = done.stages();
    assert!(stages.contains(&"notification".to_owned()), "{stages:?}");
    assert_eq!(stages.iter().filter(|stage| *stage == "token").count(), 1, "it asks once");
    assert!(done.story.contains("by ping after"), "{}", done.story);
    let json = done.json();
    let ping = &json.get("exchanges").expect("exchanges").elements()[4];
    assert_eq!(ping.get("callback").and_then(|came| came.text("response_mode")), Some("ping"));
}

#[test]
fn a_device_is_told_where_to_go_and_what_to_type() {
    let served = Served::start();
    let issuer = format!("issuer={}", served.issuer);
    let mut child = program(&["run", "device", "--set", &issuer, "--set", "client_id=practice-device", "--print-url"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut story = BufReader::new(child.stderr.take().expect("a pipe"));
    let (mut page, mut told) = (None, String::new());
    while page.is_none() || !told.contains(" and type ") {
        let mut line = String::new();
        assert!(story.read_line(&mut line).expect("a line") > 0, "{told}");
        page = page.or_else(|| line.starts_with("http://").then(|| Url::parse(line.trim()).expect("a URL")));
        told += &line;
    }
    let page = page.expect("a page");
    let code: String = page.query_pairs().find(|(name, _)| name == "user_code").expect("a code").1.into();
    assert!(told.contains(&format!("Open {}/verify and type {code}", served.issuer)), "{told}");

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let transport = Transport::new(TransportOptions::default()).expect("a transport");
    runtime.block_on(approve(&transport, &page, &User::named("bob"))).expect("approved");
    let mut rest = String::new();
    story.read_to_string(&mut rest).expect("UTF-8");
    let mut done = Done::of(child.wait_with_output().expect("it ends"));
    done.story = told + &rest;
    done.assert_success();
    assert_eq!(done.json().get("claims").and_then(|claims| claims.text("sub")), Some("bob"));
}

/// Grant, settings, exit code, and what the story says: the stage, what is wrong, what to do.
type Bad = (&'static str, &'static [(&'static str, &'static str)], i32, &'static [&'static str]);

const WEB_ONLY: [(&str, &str); 2] = [("client_id", "practice-web"), ("client_secret", "env:GRANTSCOPE_TEST_SECRET")];

const BAD: [Bad; 20] = [
    (
        "authorization-code",
        &[("redirect_uri", "not a url")],
        1,
        &["the authorization request cannot use redirect_uri", "name it in omit", "--set redirect_uri=..."],
    ),
    ("hybrid", &[("client_id", "")], 1, &["the authorization request needs client_id", "--set client_id=..."]),
    (
        "implicit",
        &[("client_id", "nobody")],
        1,
        &["the server answered 400: This request cannot be answered: ", "nobody", "try"],
    ),
    ("device", &[("client_id", "nobody")], 1, &["refused the device authorization request: invalid_client", "try"]),
    (
        "device",
        &[("device_authorization_endpoint", "ftp://x")],
        1,
        &["cannot use device_authorization_endpoint", "--set"],
    ),
    ("client-credentials", &[("client_secret", "wrong")], 1, &["refused the token request: invalid_client", "try"]),
    (
        "client-credentials",
        &[("issuer", "as.example")],
        1,
        &["discovery cannot use issuer", "--set issuer=...", "--set issuer=https://as.example"],
    ),
    (
        "client-credentials",
        &[("token_endpoint", "localhost:8080/token")],
        1,
        &["the token request cannot use token_endpoint", "--set token_endpoint=http://localhost:8080/token"],
    ),
    ("client-credentials", &[("api_url", "http://localhost:99999/me")], 1, &["cannot use api_url", "99999 is no port"]),
    ("hybrid", &[("redirect_uri", "http://127.0.0.1:99999/cb")], 1, &["cannot use redirect_uri", "99999 is no port"]),
    ("refresh", &[("refresh_token", "expired")], 1, &["refused the refresh request: invalid_grant", "try"]),
    ("refresh", &[("scope", "openid")], 1, &["the refresh request needs refresh_token", "ask for offline_access"]),
    (
        "token-exchange",
        &[("subject_token", " ")],
        1,
        &["refused the token exchange: invalid_request", "subject_token", "try"],
    ),
    (
        "jwt-bearer",
        &[("assertion_subject", "alice")],
        1,
        &["the token request needs private_key", "the JWT bearer grant needs a private_key, as JWK or PEM"],
    ),
    (
        "jwt-bearer",
        &[("private_key", "@KEY"), ("assertion_claims", "{")],
        1,
        &["the token request cannot use assertion_claims", "is not a JSON object"],
    ),
    ("saml-bearer", &[], 1, &["the assertion request needs assertion", "assertion_url", "--set assertion=..."]),
    ("saml-bearer", &[("assertion", "<x/>")], 1, &["refused the token request: invalid_grant", "try"]),
    (
        "ciba",
        &[("login_hint", "mallory")],
        1,
        &["refused the backchannel authentication request: unknown_user_id", "try"],
    ),
    ("ciba", &[("client_id", "")], 1, &["needs client_id", "--set client_id=..."]),
    ("password", &[("password", "wrong")], 1, &["refused the token request: invalid_grant", "try"]),
];

#[test]
fn bad_input_names_the_stage_and_the_next_step() {
    let (served, folder) = (Served::start(), folder());
    let key = format!("@{}", file(&folder, "key.json", PRACTICE_JWT_KEY));
    for (slug, own, code, says) in BAD {
        let done = served.run(slug, &settings(&WEB_ONLY, own, &key, ""), &["--sign-in", "alice"]);
        assert_eq!(done.code, code, "{slug} {own:?}: {}", done.story);
        for words in says {
            assert!(done.story.contains(words), "{slug} {own:?}: no '{words}' in {}", done.story);
        }
        assert!(!done.story.contains("panicked"), "{}", done.story);
        let json = done.json();
        let outcome = json.text("outcome").unwrap_or_default().to_owned();
        assert!(matches!(outcome.as_str(), "refused" | "failed" | "incomplete"), "{slug}");
        let missing = json.get("missing").and_then(|missing| missing.text("field"));
        assert_eq!(missing.is_some(), outcome == "incomplete", "{slug} {own:?}: the result names what is missing");
    }
}

#[test]
fn who_signs_in_is_whom_the_request_names() {
    let served = Served::start();
    for slug in ["ciba", "password"] {
        let done = served.run(slug, &settings(&WEB_ONLY, &[("scope", "openid")], "", ""), &["--sign-in", "bob"]);
        assert_eq!(done.code, 0, "{slug}: {}", done.story);
        assert_eq!(done.story.contains("the password of bob is taken to be"), slug == "password");
    }
    let own = settings(&WEB_ONLY, &[("scope", "openid")], "", "");
    let done = served.run("password", &own, &["--sign-in", "bob", "--sign-in-password", "n0t-his"]);
    assert_eq!((done.code, done.json().text("outcome")), (1, Some("refused")), "{}", done.story);
    assert!(done.story.contains("use --sign-in-password=env:NAME"), "{}", done.story);
    assert!(!done.story.contains("n0t-his") && !done.out.contains("n0t-his"));
}

#[test]
fn a_response_type_of_another_grant_is_refused_by_name() {
    let done = Served::start().run("implicit", &[("response_type", "code")], &["--sign-in", "alice"]);
    assert_eq!(done.code, 2, "{}", done.story);
    assert!(done.story.contains("response_type code is that of `run authorization-code`"), "{}", done.story);
    let own = [("response_type", "code"), ("scope", "openid offline_access")];
    let shared = Served::start().run("refresh", &settings(&WEB_ONLY, &own, "", ""), &["--sign-in", "alice"]);
    assert_eq!(shared.code, 0, "the login before a refresh asks for a code: {}", shared.story);
}

#[test]
fn a_ping_that_cannot_arrive_is_said_before_anybody_is_asked() {
    let served = Served::start();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = format!("http://{}/ciba", taken.local_addr().expect("bound"));
    for (endpoint, says) in [
        ("", "needs backchannel_client_notification_endpoint"),
        ("no url", "cannot use backchannel_client_notification_endpoint"),
        (taken.as_str(), "is taken by another program"),
    ] {
        let settings = [
            ("client_id", "practice-ping"),
            ("client_secret", "env:GRANTSCOPE_TEST_SECRET"),
            ("login_hint", "alice"),
            ("backchannel_token_delivery_mode", "ping"),
            ("backchannel_client_notification_endpoint", endpoint),
        ];
        let done = served.run("ciba", &settings, &["--print-url"]);
        assert_eq!(done.code, 1, "{}", done.story);
        assert!(done.story.contains(says), "{endpoint}: {}", done.story);
        assert!(!done.stages().contains(&"backchannel_authentication".to_owned()), "{endpoint}: {}", done.story);
    }
}

#[test]
fn the_secret_of_these_tests_is_the_one_of_the_practice_clients() {
    assert_eq!(WEB[1].1, format!("env:{SECRET}"));
}

#[test]
fn an_approval_by_nobody_ends_the_run_at_once() {
    let served = Served::start();
    let done = served.run("device", &settings(&WEB_ONLY, &[("scope", "openid")], "", ""), &["--sign-in", "nobody"]);
    assert_eq!(done.code, 1, "{}", done.story);
    for words in
        ["The request was not approved", "the login page has no user nobody", "Name one that it has with --sign-in: "]
    {
        assert!(done.story.contains(words), "no '{words}' in {}", done.story);
    }
}

#[test]
fn a_stage_that_is_left_out_says_its_name() {
    let done = Served::start().run("client-credentials", &settings(&WEB_ONLY, &[], "", ""), &["--then", "userinfo"]);
    assert_eq!(done.code, 1, "{}", done.story);
    assert!(done.story.contains("UserInfo   skipped"), "{}", done.story);
    assert!(done.story.contains("the UserInfo request was asked for and not sent"), "{}", done.story);
    let json = done.json();
    assert_eq!(json.text("outcome"), Some("incomplete"), "{}", done.out);
    assert!(done.story.contains("Incomplete, since not all was done"), "{}", done.story);
    let skipped = json.get("skipped").map(|skipped| skipped.to_string());
    assert!(skipped.is_some_and(|skipped| skipped.contains("\"stage\":\"userinfo\"")), "{}", done.out);
}

#[test]
fn what_must_not_be_used_ends_the_run_and_is_used_only_when_told_to() {
    let served = Served::with(&["--fault", "wrong_nonce"]);
    let chosen = settings(&WEB, &[], "", "");
    let slugs = |json: &Json, name: &str| -> Vec<String> {
        let stages = json.get(name).map_or(&[][..], Json::elements).iter();
        stages.filter_map(|one| one.text("stage")).map(str::to_owned).collect()
    };
    let ended = served.run("authorization-code", &chosen, &["--sign-in", "alice", "--then", "refresh"]);
    let json = ended.json();
    let problem = json.get("problem").expect("a problem");
    assert_eq!((problem.text("kind"), problem.text("rule")), (Some("unsafe"), Some("id_token.nonce")));
    assert_eq!((ended.code, json.text("outcome")), (1, Some("failed")));
    assert_eq!(slugs(&json, "skipped"), ["userinfo", "api", "refresh"], "{}", ended.out);
    assert!(
        ended.out.contains("the run ended at what must not be used")
            && !ended.stages().contains(&"userinfo".to_owned())
    );
    let went = served.run("authorization-code", &chosen, &["--sign-in", "alice", "--go-on"]);
    let json = went.json();
    assert_eq!((went.code, json.text("outcome")), (1, Some("success")), "{}", went.story);
    let first = json.get("went_on").and_then(|list| list.elements().first().cloned()).expect("told");
    assert_eq!((first.text("stage"), first.text("rule")), (Some("token"), Some("id_token.nonce")));
    assert!(went.stages().contains(&"userinfo".to_owned()), "{:?}", went.stages());
}

#[test]
fn a_refusal_is_not_what_one_goes_on_from() {
    let chosen = settings(&WEB_ONLY, &[("client_secret", "wrong")], "", "");
    let done = Served::start().run("client-credentials", &chosen, &["--go-on"]);
    assert_eq!((done.code, done.json().text("outcome")), (1, Some("refused")), "{}", done.story);
}

#[test]
fn a_run_is_judged_by_the_profiles_that_are_named() {
    let login = ["run", "authorization-code", "--sign-in", "alice"];
    let done = run(&[&login[..], &["--profile", "oauth2,fapi2"]].concat());
    let profiles = done.json().get("profiles").cloned().expect("profiles");
    let stops = |name: &str| match profiles.get(name).and_then(|profile| profile.get("stops")) {
        Some(Json::Array(stops)) => stops.iter().filter_map(|stop| stop.text("rule")).map(str::to_owned).collect(),
        _ => Vec::<String>::new(),
    };
    assert_eq!(done.code, 1, "{}", done.story);
    assert_eq!(stops("oauth2"), Vec::<String>::new());
    assert!(stops("fapi2").contains(&"profile.pushed".to_owned()), "{:?}", stops("fapi2"));
    assert!(done.story.contains("FAPI 2.0: ") && done.story.contains("rules stop it"), "{}", done.story);
    for (profiles, code) in [("oauth2", 0), ("oauth2.1,native", 0), ("fapi1", 2)] {
        let done = run(&[&login[..], &["--profile", profiles]].concat());
        assert_eq!(done.code, code, "{profiles}: {}", done.story);
    }
    // What a profile wants is what makes the run pass it.
    let wanted = [
        "token_endpoint_auth_method=private_key_jwt",
        "require_pushed_authorization_requests=true",
        "dpop_bound_access_tokens=true",
        "request_object_signing_alg=ES256",
        "response_mode=jwt",
    ];
    let sets: Vec<&str> = wanted.iter().flat_map(|pair| ["--set", pair]).collect();
    let done = run(&[&login[..], &sets, &["--profile", "fapi2,fapi2-message-signing"]].concat());
    assert_eq!(done.code, 0, "{}", done.story);
    assert!(run(&["run", "password", "--profile", "fapi1"]).story.contains("fapi2-message-signing"));
}

#[test]
fn the_practice_server_in_the_program_has_a_second_one_for_an_id_jag() {
    let wanted = "requested_token_type=urn:ietf:params:oauth:token-type:id-jag";
    let _taken = TcpListener::bind("127.0.0.1:9400");
    let done = run(&["run", "token-exchange", "--sign-in", "bob", "--set", wanted]);
    done.assert_success();
    let of_login = ["discovery", "jwks", "authorization", "token", "exchange"];
    let there = ["resource_server_discovery", "id_jag", "api"];
    assert_eq!(done.stages(), [&of_login[..], &there].concat());
    assert!(done.story.contains("/resource/api/me"), "{}", done.story);
    // What was typed stays, though the server is elsewhere.
    let audience = "audience=http://127.0.0.1:9400/mine";
    let done = run(&["run", "token-exchange", "--sign-in", "nobody", "--set", wanted, "--set", audience]);
    assert_eq!(done.code, 1);
    assert!(done.story.contains("audience stays http://127.0.0.1:9400/mine as it was typed"), "{}", done.story);
}

#[test]
fn a_bound_token_is_used_as_a_thief_would() {
    let bound = ["run", "authorization-code", "--sign-in", "alice", "--set", "dpop_bound_access_tokens=true"];
    let done = run(&[&bound[..], &["--then", "bearer,other_key,replay"]].concat());
    done.assert_success();
    assert!(done.stages().ends_with(&["bearer".to_owned(), "other_key".to_owned(), "replay".to_owned()]));
    assert_eq!(done.story.matches("401 Unauthorized").count(), 3, "{}", done.story);
}
