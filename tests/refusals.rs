//! What is told of a refusal: the server's own words, in whatever form they come, and no advice that the request itself
//! speaks against.

mod pair;

use std::time::Duration;

use grantscope::base::check::{Check, Verdict};
use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::time::Timestamp;
use grantscope::client::settings::Settings;
use grantscope::flow::stage::Stage;
use grantscope::flow::transport_error::TransportError;
use grantscope::flow::world::World as _;
use grantscope::flow::{Action, Event, Flow, Next, Problem};
use grantscope::jose::key::SigningKey;
use grantscope::practice::Fault;
use grantscope::terms::grant::Grant;
use pair::{Pair, demo_settings};

/// The run at the moment in which this request is under way.
fn under_way(pair: &mut Pair, stage: Stage, grant: Grant) -> Flow {
    let mut flow = Flow::new(grant, demo_settings(grant, ""), Entropy::from_seed([3; 32]));
    if stage == Stage::Revocation {
        flow.append(stage);
    }
    pair.run_to(&mut flow, stage);
    // The first poll of a login elsewhere is not made at once.
    while let Next::Do(Action::Sleep(_) | Action::Listen(_)) = flow.poll(pair.now()) {
        pair.step(&mut flow);
    }
    flow.begin(pair.now());
    flow
}

fn refused(flow: &Flow, response: HttpResponse, pair: &Pair) -> Problem {
    let mut flow = flow.clone();
    flow.handle(Event::Answered { response, took: Duration::from_millis(3) }, pair.now());
    match flow.poll(pair.now()) {
        Next::Stopped(problem) => problem,
        other => panic!("{:?} went on: {other:?}", flow.stage()),
    }
}

/// A server's own words are quoted, in whatever form they come, and nobody is sent to look after the port.
#[test]
fn the_words_of_a_server_are_told_in_whatever_form_they_come() {
    let mut pair = Pair::new();
    let flow = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    for (status, media_type, body, words) in [
        (403, "text/plain", "Client blocked by policy 17", "Client blocked by policy 17"),
        (401, JSON, r#"{"fault":{"faultstring":"Invalid client identifier"}}"#, "Invalid client identifier"),
        (200, JSON, r#"{"errcode":40029,"errmsg":"invalid code"}"#, "40029: invalid code"),
        (200, JSON, r#"{"success":false,"message":"no such app"}"#, "no such app"),
        (403, "text/html", "<html><title>Error</title><h1>Blocked by rule 33</h1>", "Error: Blocked by rule 33"),
        (403, "text/html", "<html><h1>Blocked by rule 33</h1>", "Blocked by rule 33"),
        (400, "application/xml", "<?xml version='1.0'?><e><c>Denied</c><m>Not here</m></e>", "Denied: Not here"),
        (
            401,
            JSON,
            r#"[{"errorCode":"INVALID_SESSION","message":"Session expired"}]"#,
            "INVALID_SESSION: Session expired",
        ),
        (400, JSON, ")]}'\n{\"error\":\"invalid_grant\",\"error_description\":\"Bad\"}", "invalid_grant: Bad"),
    ] {
        let problem = refused(&flow, HttpResponse::new(status, media_type, body), &pair);
        assert!(problem.came.contains(words), "{body}: {}", problem.came);
        assert!(!problem.advice.is_empty(), "{body}");
        assert!(!problem.advice.iter().any(|line| line.contains("port belongs")), "{body}: {:?}", problem.advice);
    }
    // A page that came as a success may be of another program at this port.
    let page = refused(&flow, HttpResponse::new(200, "text/html", "<html><title>Welcome</title>"), &pair);
    assert!(page.came.contains("Welcome") && page.advice[0].starts_with("A page for people"), "{page:?}");
}

#[test]
fn a_gateway_and_broken_json_are_told_as_what_they_are() {
    let flow = under_way(&mut Pair::new(), Stage::Token, Grant::AuthorizationCode);
    let told = |response| refused(&flow, response, &Pair::new()).advice[0].clone();
    let gateway = told(HttpResponse::new(504, "text/html", "").with_header("Via", "1.1 edge"));
    assert!(gateway.starts_with("A gateway (Via: 1.1 edge) answered before the server did: what is"), "{gateway}");
    let broken = told(HttpResponse::new(200, JSON, "[".repeat(1000)));
    assert!(broken.starts_with("The server writes JSON that clients cannot read"), "{broken}");
}

#[test]
fn a_number_alone_is_told_as_one() {
    let mut pair = Pair::new();
    let flow = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    for (status, body, title) in [
        (400, r#"{"code":4711}"#, "The server refused the token request: error 4711, without a word"),
        (415, r#"{"status":415}"#, "The server refused the token request: 415 Unsupported Media Type"),
        (400, r#"{"code":4711,"msg":"no"}"#, "The server refused the token request: 4711"),
    ] {
        assert_eq!(refused(&flow, HttpResponse::new(status, JSON, body), &pair).title, title, "{body}");
    }
}

/// What a server says of the request, where its code says less.
#[test]
fn the_words_of_servers_about_what_was_asked_for_are_read() {
    for (stage, error, words, first) in [
        (
            Stage::PushedAuthorization,
            "invalid_target",
            "resource indicator must be provided or defaulted to",
            "The server wants to know which API",
        ),
        (
            Stage::PushedAuthorization,
            "invalid_authorization_details",
            "authorization details type 'payment' is not allowed for this client",
            "The server knows this type",
        ),
        (
            Stage::PushedAuthorization,
            "invalid_request",
            "Invalid redirect_uri",
            "The server does not take this redirect_uri",
        ),
        (
            Stage::Introspection,
            "unsupported_token_type",
            "Structured JWT Tokens cannot be introspected via the introspection_endpoint",
            "The server is not asked about JWTs",
        ),
        (
            Stage::PushedAuthorization,
            "invalid_request",
            "Invalid parameter: redirect_uri",
            "The server does not take this",
        ),
        (Stage::Introspection, "unsupported_token_type", "no", "This code is of the revocation request"),
    ] {
        let mut pair = Pair::new();
        let mut settings = demo_settings(Grant::AuthorizationCode, "");
        settings.protection.require_pushed_authorization_requests = true;
        let mut flow = Flow::new(Grant::AuthorizationCode, settings, Entropy::from_seed([3; 32]));
        flow.append(Stage::Introspection);
        pair.run_to(&mut flow, stage);
        while let Next::Do(Action::Listen(_)) = flow.poll(pair.now()) {
            pair.step(&mut flow);
        }
        flow.begin(pair.now());
        let body = format!(r#"{{"error":"{error}","error_description":"{words}"}}"#);
        let problem = refused(&flow, HttpResponse::new(400, JSON, body), &pair);
        assert!(problem.advice.first().is_some_and(|line| line.starts_with(first)), "{words}: {:?}", problem.advice);
        assert!(!problem.advice.iter().any(|line| line.contains("Revoke the refresh token")), "{:?}", problem.advice);
    }
}

/// A code of another message says nothing here, and what its own message wants is not advised.
#[test]
fn a_code_of_another_message_is_told_as_that() {
    let mut pair = Pair::new();
    let flow = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    for (code, of) in [
        ("login_required", "This code is of the authorization request (OIDC Core"),
        ("unsupported_response_type", "This code is of the authorization request (RFC 6749"),
        ("insufficient_scope", "This code is of a call of an API (RFC 6750"),
        ("invalid_redirect_uri", "This code is of the registration of a client (RFC 7591"),
        ("unknown_user_id", "This code is of the backchannel authentication request (CIBA"),
        ("unsupported_token_type", "This code is of the revocation request (RFC 7009"),
    ] {
        let problem = refused(&flow, HttpResponse::new(400, JSON, format!(r#"{{"error":"{code}"}}"#)), &pair);
        assert!(problem.advice[0].starts_with(of), "{code}: {:?}", problem.advice);
        assert_eq!(problem.advice.len(), 1, "{code}: {:?}", problem.advice);
    }
}

/// Nobody can leave out what was not sent, or choose what the lists of the server leave out.
#[test]
fn what_was_not_sent_is_not_to_be_undone() {
    let mut pair = Pair::new();
    let flow = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    let advice = |flow: &Flow, code: &str| {
        refused(flow, HttpResponse::new(400, JSON, format!(r#"{{"error":"{code}"}}"#)), &pair).advice.join("\n")
    };
    assert!(!advice(&flow, "invalid_target").contains("resource"));
    assert!(!advice(&flow, "invalid_dpop_proof").contains("htu"));
    assert!(advice(&flow, "invalid_client").contains("try client_secret_post"));
    let mut listed = flow;
    let metadata = listed.session.metadata.as_mut().expect("metadata");
    let Json::Object(members) = &mut metadata.json else { panic!("an object") };
    members.retain(|(name, _)| name != "token_endpoint_auth_methods_supported");
    let list = Json::parse_text(r#"["client_secret_basic","private_key_jwt"]"#).expect("JSON");
    members.push(("token_endpoint_auth_methods_supported".to_owned(), list));
    let said = advice(&listed, "invalid_client");
    assert!(!said.contains("client_secret_post") && said.contains("Check client_secret"), "{said}");
}

/// Nobody can leave out a prompt that was not sent, or send the challenge that was.
#[test]
fn a_refused_authorization_request_is_advised_by_what_it_had() {
    let advice = |error: &'static str, words: &'static str, change: fn(&mut Settings)| {
        let mut pair = Pair::new();
        let mut settings = demo_settings(Grant::AuthorizationCode, "");
        settings.protection.require_pushed_authorization_requests = true;
        change(&mut settings);
        let mut flow = Flow::new(Grant::AuthorizationCode, settings, Entropy::from_seed([3; 32]));
        pair.run_to(&mut flow, Stage::PushedAuthorization);
        while let Next::Do(Action::Listen(_)) = flow.poll(pair.now()) {
            pair.step(&mut flow);
        }
        flow.begin(pair.now());
        let body = format!(r#"{{"error":"{error}","error_description":"{words}"}}"#);
        refused(&flow, HttpResponse::new(400, JSON, body), &pair).advice.join("\n")
    };
    let none = advice("login_required", "no", |settings| "none".clone_into(&mut settings.request.prompt));
    assert!(none.contains("prompt=none"), "{none}");
    let plain = advice("login_required", "no", |_| {});
    assert!(plain.starts_with("What this code speaks of most often was not in this request"), "{plain}");
    let pkce = "pkce is wanted";
    let without = advice("invalid_request", pkce, |settings| settings.request.code_challenge_method.clear());
    assert!(without.contains("set code_challenge_method to S256"), "{without}");
    assert!(!advice("invalid_request", pkce, |_| {}).contains("set code_challenge_method to S256"));
    assert!(!advice("invalid_request_object", "no", |_| {}).contains("public key"));
}

#[test]
fn a_second_factor_has_no_place_in_the_password_grant() {
    let mut pair = Pair::new();
    let flow = under_way(&mut pair, Stage::Token, Grant::Password);
    for body in [
        r#"{"error":"mfa_required","error_description":"Multifactor authentication required"}"#,
        r#"{"error":"invalid_grant","error_description":"AADSTS50076: Due to a configuration change"}"#,
        r#"{"error":"interaction_required"}"#,
    ] {
        let problem = refused(&flow, HttpResponse::new(403, JSON, body), &pair);
        assert!(problem.advice[0].starts_with("The server wants more of this user"), "{body}: {:?}", problem.advice);
    }
}

#[test]
fn a_revocation_that_is_put_off_says_until_when() {
    let mut pair = Pair::new();
    let flow = under_way(&mut pair, Stage::Revocation, Grant::ClientCredentials);
    let busy = HttpResponse::new(503, "text/html", "<html><h1>Maintenance</h1>").with_header("Retry-After", "120");
    let problem = refused(&flow, busy, &pair);
    assert_eq!(problem.came, "status 503 Service Unavailable: Maintenance, Retry-After: 120; the token is still good");
    assert_eq!(problem.advice, ["The server is not ready now; wait, then try again. It says Retry-After: 120."]);
}

/// What must not be used is told by what is wrong with it, and not by what is usual beside that rule.
#[test]
fn what_must_not_be_used_is_told_by_what_is_wrong_with_it() {
    type Answered = fn(&HttpRequest) -> Result<HttpResponse, TransportError>;
    let claims: [(Answered, &str); 2] = [
        (|_| Ok(HttpResponse::new(200, JSON, r#"{"name":"Alice"}"#)), "no sub"),
        (|_| Ok(HttpResponse::new(200, JSON, r#"{"sub":7}"#)), "sub is a number, and no text"),
    ];
    for (answered, saw) in claims {
        let mut pair = Pair::new();
        pair.faults.insert("/userinfo", answered);
        let Next::Stopped(problem) = pair.run(&mut pair.flow()) else { panic!("it went on") };
        assert!(problem.title.starts_with("Claims that do not say whose they are"), "{}", problem.title);
        assert!(problem.came.ends_with(saw), "{}", problem.came);
        assert!(problem.advice[0].starts_with("This is not of another user"), "{:?}", problem.advice);
    }
    let mut pair = Pair::new();
    pair.practice.set(Fault::AlgNone, true);
    let Next::Stopped(problem) = pair.run(&mut pair.flow()) else { panic!("it went on") };
    assert!(problem.advice[0].starts_with("Have the server sign the ID tokens"), "{:?}", problem.advice);
    assert!(!problem.advice.iter().any(|line| line.contains("jwks_uri")), "{:?}", problem.advice);
}

#[test]
fn a_response_in_other_letters_is_told_as_that() {
    let mut pair = Pair::new();
    pair.pasted = Some(|params| *params = [("Code", "a"), ("State", "b")].into_iter().collect());
    let Next::Stopped(problem) = pair.run(&mut pair.flow()) else { panic!("it went on") };
    assert!(problem.advice[0].starts_with("A response came with Code in place of code"), "{:?}", problem.advice);
    let mut pair = Pair::new();
    pair.pasted = Some(|params| *params = [("error", "access_denied")].into_iter().collect());
    let Next::Stopped(problem) = pair.run(&mut pair.flow()) else { panic!("it went on") };
    assert!(
        problem.advice[0].starts_with("What came is an error without state: access_denied"),
        "{:?}",
        problem.advice
    );
}

/// A policy speaks of the scope that a client registers, or of its host: the initial access token is not to blame.
#[test]
fn a_policy_that_forbids_a_registration_is_told_as_one() {
    let mut settings = demo_settings(Grant::ClientCredentials, "");
    settings.registration.dynamic_client_registration = true;
    settings.registration.initial_access_token = "let-me-in".into();
    settings.client.client_id.clear();
    let mut pair = Pair::new();
    let mut flow = Flow::new(Grant::ClientCredentials, settings, Entropy::from_seed([3; 32]));
    pair.run_to(&mut flow, Stage::Registration);
    flow.begin(pair.now());
    for (words, advised) in [
        (
            "Policy 'Allowed Client Scopes' rejected request to client-registration service",
            "client_metadata {\"scope\":null}",
        ),
        ("Policy 'Trusted Hosts' rejected request to client-registration service", "A policy of the server"),
    ] {
        let body = format!(r#"{{"error":"insufficient_scope","error_description":"{words}"}}"#);
        let problem = refused(&flow, HttpResponse::new(403, JSON, body), &pair);
        assert!(problem.advice[0].contains(advised), "{words}: {:?}", problem.advice);
    }
}

/// A gateway that is down for a moment, or a connection that breaks, does not end a login that the user is about to
/// approve (RFC 8628 section 3.5); one that stays down does.
#[test]
fn a_poll_that_fails_in_passing_is_made_again() {
    let page = || HttpResponse::new(502, "text/html", "<html><title>Bad gateway</title>");
    let bare = |status| {
        let mut response = HttpResponse::new(status, "text/plain", "");
        response.headers.0.clear();
        response
    };
    let passing = [
        page(),
        HttpResponse::new(200, "text/html", "<!DOCTYPE html><title>Please wait</title>"),
        bare(408),
        bare(429).with_header("Retry-After", "7"),
    ];
    for grant in [Grant::DeviceCode, Grant::Ciba] {
        let mut pair = Pair::new();
        for response in &passing {
            let mut flow = under_way(&mut pair, Stage::Token, grant);
            flow.handle(Event::Answered { response: response.clone(), took: Duration::from_millis(3) }, pair.now());
            assert_eq!(pair.run(&mut flow), Next::Finished, "{grant:?}");
            assert!(!flow.has_failed_check(), "{grant:?} {}", response.status);
            let warned = |check: &&Check| check.rule.id == "token.status" && check.verdict == Verdict::Warn;
            let warned = flow.checks().find(warned).and_then(|check| check.actual.clone()).unwrap_or_default();
            assert!(warned.contains(&response.status.to_string()), "{warned}");
            assert_eq!(warned.contains("Retry-After: 7"), response.status == 429, "{warned}");
        }
    }
}

/// What is away for a while gets more patience than what answers in place of a token endpoint, and a time that the server
/// names is waited for (RFC 9110 section 10.2.3). The end says how often it was so.
#[test]
fn polls_that_get_no_answer_to_act_on_end_after_some() {
    let until = |pair: &Pair| {
        let date = pair.now() + Duration::from_secs(70);
        HttpResponse::new(503, "text/plain", "busy").with_header("Retry-After", http_date(date))
    };
    let page = |status| HttpResponse::new(status, "text/html", "<html><title>Sign in</title>");
    for grant in [Grant::DeviceCode, Grant::Ciba] {
        for (response, end, words) in [
            (page(502), 6, "the 5 polls before it got no better answer"),
            (page(500), 3, "the 2 polls before it got no better answer"),
            (page(200), 3, "the 2 polls before it got no better answer"),
            (page(404), 1, "404 Not Found"),
            (HttpResponse::new(200, JSON, r#"{"hello":1}"#), 1, "neither access_token nor error"),
        ] {
            let mut pair = Pair::new();
            let mut flow = under_way(&mut pair, Stage::Token, grant);
            let mut polls = 1;
            loop {
                flow.handle(Event::Answered { response: response.clone(), took: Duration::from_millis(3) }, pair.now());
                let Next::Do(Action::Sleep(until)) = flow.begin(pair.now()) else { break };
                assert_eq!(
                    flow.session.polling.map(|polling| (polling.in_vain, polling.given_up_after)),
                    Some((polls, end))
                );
                pair.wait(until.since(pair.now()));
                flow.handle(Event::Woke, pair.now());
                flow.begin(pair.now());
                polls += 1;
            }
            let problem = flow.problem().expect("it ends");
            assert!(
                polls == end && problem.came.contains(words),
                "{grant:?} {}: {polls} {}",
                response.status,
                problem.came
            );
        }
        let mut pair = Pair::new();
        let mut flow = under_way(&mut pair, Stage::Token, grant);
        let response = until(&pair);
        flow.handle(Event::Answered { response, took: Duration::from_millis(3) }, pair.now());
        let Next::Do(Action::Sleep(at)) = flow.poll(pair.now()) else { panic!("{grant:?} does not wait") };
        assert!((69..=70).contains(&at.since(pair.now()).as_secs()), "{grant:?} {at}");
        assert_eq!(pair.run(&mut flow), Next::Finished, "{grant:?}");
        assert_eq!(flow.session.polling, None, "{grant:?}");
    }
}

fn http_date(time: Timestamp) -> String {
    let time = jiff::Timestamp::from_second(time.seconds()).expect("a time");
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&time).expect("a date")
}

/// More is known of an answer than that the port may be of another server.
#[test]
fn what_an_answer_is_made_of_is_told_before_the_port_is_doubted() {
    let mut pair = Pair::new();
    let token = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    let introspection = {
        let mut flow = Flow::new(
            Grant::ClientCredentials,
            demo_settings(Grant::ClientCredentials, ""),
            Entropy::from_seed([3; 32]),
        );
        flow.append(Stage::Introspection);
        pair.run_to(&mut flow, Stage::Introspection);
        flow.begin(pair.now());
        flow
    };
    let jwt = "eyJhbGciOiJFUzI1NiJ9.e30.AA";
    let jwks = under_way(&mut Pair::new(), Stage::Jwks, Grant::AuthorizationCode);
    for (flow, status, body, came, first) in [
        (&token, 200, "null", "null instead of an object", "The server answers null"),
        (&jwks, 200, "null", "null instead of an object", "No key is in this answer"),
        (&jwks, 200, r#"{"keys":null}"#, "this is an object whose keys is of type null", "No key is in this answer"),
        (&token, 200, "[]", "an array instead of an object", "This is JSON and no object"),
        (&token, 200, "{\"a\":1}<br />", "JSON and more behind it", "The JSON is whole"),
        (&token, 200, "{\"a\":", "not JSON: EOF", "The JSON breaks off"),
        (
            &token,
            400,
            r#"{"access_token":"a","token_type":"Bearer"}"#,
            "a token in it",
            "The server sends a token and says 400",
        ),
        (&token, 200, jwt, "a JWT instead of JSON", "The body is a token alone"),
        (&introspection, 200, jwt, "a JWT instead of JSON", "The answer is a JWT of another kind"),
    ] {
        let problem = refused(flow, HttpResponse::new(status, JSON, body), &pair);
        assert!(problem.came.contains(came), "{body}: {}", problem.came);
        assert!(problem.advice[0].starts_with(first), "{body}: {:?}", problem.advice);
    }
}

/// Advice for a device that polls is none for who exchanges a code, and a refusal of Entra's own name is one.
#[test]
fn what_a_poll_is_told_is_explained_to_who_polls() {
    let mut pair = Pair::new();
    let device = under_way(&mut pair, Stage::Token, Grant::DeviceCode);
    let code = under_way(&mut Pair::new(), Stage::Token, Grant::AuthorizationCode);
    for (flow, status, error, first, again_at) in [
        (&device, 400, "authorization_declined", "The user said no", Stage::DeviceAuthorization),
        (&device, 400, "bad_verification_code", "Start over for a new device code", Stage::DeviceAuthorization),
        (&device, 403, "access_denied", "The user said no", Stage::DeviceAuthorization),
        (&code, 429, "slow_down", "The server limits how often it is asked", Stage::Token),
        (&code, 400, "slow_down", "This code is of a poll of a login elsewhere", Stage::Token),
        (&code, 400, "of_its_own", "No document of OAuth has this code", Stage::Token),
    ] {
        let response = HttpResponse::new(status, JSON, format!(r#"{{"error":"{error}"}}"#));
        let problem = refused(flow, response, &pair);
        assert!(problem.advice[0].starts_with(first), "{error}: {:?}", problem.advice);
        assert_eq!(problem.again_at, again_at, "{error}");
    }
}

/// Okta says why in a list beside its summary.
#[test]
fn the_causes_of_an_error_are_quoted_with_it() {
    let mut pair = Pair::new();
    let flow = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    let body = r#"{"errorCode":"E0000001","errorSummary":"Api validation failed: scope","errorLink":"E0000001",
        "errorId":"oae","errorCauses":[{"errorSummary":"scope: unknown"},{"errorSummary":"scope: too long"}]}"#;
    let problem = refused(&flow, HttpResponse::new(400, JSON, body), &pair);
    assert_eq!(problem.came, "E0000001: Api validation failed: scope (scope: unknown; scope: too long)");
}

/// What is empty is quoted as that, and has a word of advice.
#[test]
fn an_empty_word_of_a_server_is_seen() {
    let mut pair = Pair::new();
    let token = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    let redirect = HttpResponse::new(302, JSON, "").with_header("Location", "");
    let problem = refused(&token, redirect, &pair);
    assert!(problem.came.contains("a redirect (302 Found) to \"\","), "{}", problem.came);
    assert!(problem.advice[0].starts_with("The redirect names no address"), "{:?}", problem.advice);
    let mut flow =
        Flow::new(Grant::AuthorizationCode, demo_settings(Grant::AuthorizationCode, ""), Entropy::from_seed([3; 32]));
    pair.pasted = Some(|params| {
        params.remove("code");
        params.set("error", "");
    });
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("not stopped") };
    assert_eq!(problem.title, "The server refused the authorization request: \"\"");
    assert!(problem.advice[0].starts_with("The parameter error is there and empty"), "{:?}", problem.advice);
}

/// A code request whose client signs, shows a secret, or is sent in another way, and what comes of these words there.
#[test]
fn the_words_of_servers_are_read_for_what_they_speak_of() {
    let basic: fn(&mut Settings) = |_| {};
    let signed: fn(&mut Settings) = |settings| {
        "private_key_jwt".clone_into(&mut settings.client.token_endpoint_auth_method);
        settings.client.private_key = SigningKey::generate("ES256", "k1").expect("a key").private_jwk();
    };
    // As libraries copy them from RFC 6749 section 5.2.
    let grant = "The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token \
                 is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was \
                 issued to another client.";
    let client = "Client authentication failed (e.g., unknown client, no client authentication included, or unsupported \
                  authentication method).";
    for (change, error, words, says, never) in [
        (basic, "invalid_grant", grant, "", "issued to another client"),
        (basic, "invalid_client", client, "", "knows no client"),
        (signed, "invalid_grant", "The authorization code is invalid or has expired.", "", "the assertion"),
        (signed, "invalid_grant", "Token is not active", "", "the assertion"),
        (signed, "invalid_grant", "refresh token reuse detected", "", "each assertion once"),
        (signed, "invalid_client", "assertion expired", "the times of the assertion", ""),
        (
            basic,
            "invalid_client",
            "Client authentication method client_secret_basic not allowed, use client_secret_post",
            "The server names client_secret_post",
            "grant type",
        ),
        (
            basic,
            "unauthorized_client",
            "The method 'client_secret_basic' is not supported by this client.",
            "does not take client_secret_basic",
            "grant type",
        ),
        (
            basic,
            "unauthorized_client",
            "Client is not authorized to use this authentication method",
            "another way to authenticate",
            "grant type",
        ),
        (
            basic,
            "invalid_request",
            "missing the required parameter: client_id",
            "client_secret_post",
            "--set client_id",
        ),
        (
            basic,
            "invalid_request",
            "Cannot supply multiple client credentials, or a client_assertion in the post body",
            "in more than one way",
            "private_key_jwt",
        ),
    ] {
        let mut pair = Pair::new();
        let mut settings = demo_settings(Grant::AuthorizationCode, "");
        "client_secret_basic".clone_into(&mut settings.client.token_endpoint_auth_method);
        settings.client.client_secret = "a secret".into();
        change(&mut settings);
        let mut flow = Flow::new(Grant::AuthorizationCode, settings, Entropy::from_seed([3; 32]));
        pair.run_to(&mut flow, Stage::Token);
        flow.begin(pair.now());
        let body = serde_json::json!({"error": error, "error_description": words}).to_string();
        let advice = refused(&flow, HttpResponse::new(400, JSON, body), &pair).advice.join(" | ");
        assert!(advice.contains(says), "{error} {words}: {advice}");
        assert!(never.is_empty() || !advice.contains(never), "{error} {words}: {advice}");
    }
}

/// What a server refuses without a word at an endpoint that its metadata name is what the request handed in.
#[test]
fn a_mute_refusal_at_the_right_path_is_of_what_was_handed_in() {
    for (stage, grant, status, body, first) in [
        (Stage::Token, Grant::Password, 403, "", "403 without a word where a password was handed in"),
        (Stage::Token, Grant::ClientCredentials, 403, "", "403 without a word at the path that the metadata name"),
        (Stage::Refresh, Grant::RefreshToken, 400, "", "400 without a word to a refresh token"),
        (Stage::Token, Grant::ClientCredentials, 400, "", "400 without a word: look"),
    ] {
        let mut pair = Pair::new();
        let flow = under_way(&mut pair, stage, grant);
        let problem = refused(&flow, HttpResponse::new(status, "", body), &pair);
        assert!(problem.advice[0].starts_with(first), "{stage:?} {grant:?}: {:?}", problem.advice);
    }
}

/// Words that a library sends with every refusal speak of no parameter of this request.
#[test]
fn a_redirect_uri_is_compared_where_a_code_is_redeemed() {
    let words = r#"{"error":"invalid_request","error_description":"Look at the redirect_uri you specified."}"#;
    for (grant, is_said) in [(Grant::AuthorizationCode, true), (Grant::Password, false)] {
        let mut pair = Pair::new();
        let flow = under_way(&mut pair, Stage::Token, grant);
        let problem = refused(&flow, HttpResponse::new(400, JSON, words), &pair);
        let says = problem.advice.iter().any(|line| line.starts_with("The server compares redirect_uri"));
        assert_eq!(says, is_said, "{grant:?}: {:?}", problem.advice);
    }
}

/// RFC 6749 section 4.1.2.1: only an error without a code is told as that.
#[test]
fn an_error_with_a_code_is_not_told_as_empty() {
    let mut pair = Pair::new();
    pair.pasted = Some(|params| {
        params.remove("code");
        params.push("error", "invalid_scope");
    });
    let Next::Stopped(problem) = pair.run(&mut pair.flow()) else { panic!("it went on") };
    assert!(!problem.advice.join(" ").contains("is there and empty"), "{:?}", problem.advice);
}
