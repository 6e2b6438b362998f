//! What is advised after a refusal fits the message that was refused, the status it came with and the server's own words.

mod pair;

use std::time::Duration;

use grantscope::base::http::{HttpResponse, JSON};
use grantscope::flow::stage::Stage;
use grantscope::flow::world::World as _;
use grantscope::flow::{Action, Event, Flow, Next, Problem, ProblemKind};
use grantscope::terms::glossary;
use grantscope::terms::grant::Grant;
use pair::{Pair, practice_settings};

/// Every direct message that a server refuses in the words of the protocol, and a grant in which it occurs.
const MESSAGES: [(Stage, Grant); 16] = [
    (Stage::Token, Grant::AuthorizationCode),
    (Stage::Token, Grant::ClientCredentials),
    (Stage::Token, Grant::Password),
    (Stage::Token, Grant::DeviceCode),
    (Stage::DeviceAuthorization, Grant::DeviceCode),
    (Stage::BackchannelAuthentication, Grant::Ciba),
    (Stage::Exchange, Grant::TokenExchange),
    (Stage::Refresh, Grant::RefreshToken),
    (Stage::UserInfo, Grant::AuthorizationCode),
    (Stage::Resource, Grant::ClientCredentials),
    (Stage::Introspection, Grant::ClientCredentials),
    (Stage::Revocation, Grant::ClientCredentials),
    (Stage::Registration, Grant::AuthorizationCode),
    (Stage::RegistrationRead, Grant::AuthorizationCode),
    (Stage::RegistrationUpdate, Grant::AuthorizationCode),
    (Stage::RegistrationDelete, Grant::AuthorizationCode),
];

/// The run at the moment in which this request is under way.
fn under_way(pair: &mut Pair, stage: Stage, grant: Grant) -> Flow {
    let mut settings = practice_settings();
    grantscope::demo::fill(&mut settings, grant, "alice", None);
    grantscope::flow::grant::adapt(grant, &mut settings);
    if stage.is_of_registration() {
        settings.client.client_id = String::new();
        settings.registration.dynamic_client_registration = true;
    }
    let mut flow = Flow::new(grant, settings, grantscope::base::entropy::Entropy::from_seed([3; 32]));
    pair.run_into(&mut flow, stage);
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

/// Words that belong to the page of a browser, or to another message than the one named.
fn contradicts(stage: Stage, grant: Grant, line: &str) -> bool {
    let line = line.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
    let asks_user = matches!(grant, Grant::DeviceCode | Grant::Ciba) && stage == Stage::Token;
    match stage {
        Stage::Token if grant == Grant::AuthorizationCode => has(&["device code", "assertion"]),
        Stage::Token if asks_user => has(&["redirect_uri", "code_verifier"]),
        Stage::Token => has(&["redirect_uri", "code_verifier", "consent page", "device code"]),
        stage if stage.is_of_registration() => has(&[
            "form-encoded",
            "client_secret",
            "parameter",
            "copying mistake",
            "grant_type=",
            "code_verifier",
            "token request",
        ]),
        Stage::Resource | Stage::UserInfo => has(&[
            "form-encoded",
            "client authentication",
            "grant type",
            "redirect_uri",
            "code_verifier",
            "consent page",
        ]),
        _ => has(&["redirect_uri", "code_verifier", "consent page"]),
    }
}

#[test]
fn the_first_advice_after_a_refusal_fits_the_message() {
    // They speak of the page in the browser, and come from there alone.
    let of_browser =
        |code: &str| code.ends_with("_required") || code.starts_with("request_") || code.contains("registration");
    for (stage, grant) in MESSAGES {
        let mut pair = Pair::new();
        let flow = under_way(&mut pair, stage, grant);
        for code in glossary::error_codes().filter(|code| !of_browser(code)) {
            // Polls go on then.
            let is_polled =
                flow.session.polling.is_some() && matches!(code, "temporarily_unavailable" | "server_error");
            if is_polled || matches!(code, "authorization_pending" | "slow_down") && stage == Stage::Token {
                continue;
            }
            for status in [400, 401, 403] {
                let body = format!(r#"{{"error":"{code}"}}"#);
                let problem = refused(&flow, HttpResponse::new(status, JSON, body), &pair);
                let name = format!("{code} with {status} at {stage:?} of {grant:?}");
                assert!(
                    matches!(&problem.kind, ProblemKind::Refused(error) if error.error == code),
                    "{name}: {problem:?}"
                );
                // What is not said of the message at all is said of none of its lines.
                let of_all = stage.is_of_registration() || matches!(stage, Stage::Resource | Stage::UserInfo);
                let said = problem.advice.iter().take(if of_all { usize::MAX } else { 1 });
                for line in said {
                    assert!(!contradicts(stage, grant, line), "{name}: {line}");
                }
                assert!(
                    !problem.advice.iter().any(|line| line.contains("port belongs")),
                    "{name}: {:?}",
                    problem.advice
                );
            }
        }
    }
}

/// A status without a word says something at every stage: nobody is sent to look after the port.
#[test]
fn a_status_without_a_word_is_explained_at_every_stage() {
    for (stage, grant) in MESSAGES.into_iter().chain([(Stage::Jwks, Grant::AuthorizationCode)]) {
        let mut pair = Pair::new();
        let flow = under_way(&mut pair, stage, grant);
        let is_polled = flow.session.polling.is_some();
        for status in [302, 400, 401, 403, 404, 405, 415, 429, 500, 503] {
            if is_polled && matches!(status, 429 | 500..) || stage == Stage::RegistrationDelete && status == 404 {
                continue;
            }
            let response = HttpResponse::new(status, "text/plain", "").with_header("Location", "/elsewhere");
            let problem = refused(&flow, response, &pair);
            let is_guess = |line: &String| line.contains("port belongs") || line.contains("URL of this endpoint");
            let is_said = !problem.advice.is_empty() && !problem.advice.iter().any(is_guess);
            assert!(is_said, "{status} at {stage:?} of {grant:?}: {:?}", problem.advice);
        }
    }
}

/// The body of a registration is JSON: what it holds was sent, and what it lacks is written into it.
#[test]
fn what_a_registration_holds_is_not_said_to_be_missing() {
    let mut pair = Pair::new();
    let flow = under_way(&mut pair, Stage::Registration, Grant::AuthorizationCode);
    let said = |body: &str, status| refused(&flow, HttpResponse::new(status, JSON, body), &pair);
    let named = |name: &str| {
        said(&format!(r#"{{"error":"invalid_client_metadata","error_description":"{name} is required"}}"#), 400)
    };
    assert!(named("redirect_uris").sent.contains("redirect_uris, "), "{}", named("redirect_uris").sent);
    let wants = |problem: &Problem| problem.advice.iter().any(|line| line.starts_with("The server wants"));
    assert!(!wants(&named("redirect_uris")), "{:?}", named("redirect_uris").advice);
    let missing = named("software_statement");
    assert!(missing.advice[0].ends_with("write it into client_metadata."), "{:?}", missing.advice);
    assert!(said("", 415).advice[0].contains("does not take JSON"), "{:?}", said("", 415).advice);
    let malformed = said(r#"{"error":"invalid_request"}"#, 400);
    assert!(malformed.advice[0].contains("members of the JSON body"), "{:?}", malformed.advice);
}

#[test]
fn a_code_that_nobody_knows_gets_no_advice_of_another() {
    let mut pair = Pair::new();
    let flow = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    for code in ["invalid_state", "request_forbidden", "not_allowed"] {
        let body = format!(r#"{{"error":"{code}","error_description":"No."}}"#);
        let problem = refused(&flow, HttpResponse::new(400, JSON, body), &pair);
        assert!(matches!(&*problem.advice, [one] if one.starts_with("No document of OAuth has this code")), "{code}");
        assert_eq!(problem.came, format!("{code}: No."));
    }
}

/// The status, the server's words and its metadata decide between the causes of one code.
#[test]
fn the_likeliest_cause_comes_first() {
    let secret = "Check client_secret for a copying mistake";
    let rows: [(u16, &str, &str); 19] = [
        (
            401,
            r#"{"error":"invalid_client","error_description":"AADSTS700025: Client is public so neither 'client_assertion' nor 'client_secret' should be presented."}"#,
            "The server takes this client as a public one alone",
        ),
        (
            401,
            r#"{"error":"invalid_client","error_description":"AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'."}"#,
            "The server saw no credential of this client",
        ),
        (
            401,
            r#"{"error":"invalid_client","error_description":"The OAuth client was not found."}"#,
            "The server knows no client with this client_id",
        ),
        (401, r#"{"error":"invalid_client","error_description":"AADSTS7000215"}"#, "The server read the client_secret"),
        (401, r#"{"error":"access_denied","error_description":"Unauthorized"}"#, secret),
        (400, r#"{"error":{"code":"InvalidClient","message":"who?"}}"#, secret),
        (422, r#"{"detail":[{"loc":["body","grant_type"],"msg":"field required"}]}"#, "These are words of the server"),
        (200, "", "A success without a body"),
        (200, r#"{"access_token":null}"#, "The server answers in JSON and leaves out"),
        (
            401,
            r#"{"error":"unauthorized_client","error_description":"Invalid client or Invalid client credentials"}"#,
            secret,
        ),
        (400, r#"{"error":"unauthorized_client","error_description":"Invalid client secret"}"#, secret),
        (
            400,
            r#"{"error":"unauthorized_client","error_description":"Client not enabled"}"#,
            "Switch the grant type on",
        ),
        (401, r#"{"error":"invalid_client"}"#, secret),
        (
            400,
            r#"{"errorCode":"invalid_client","errorSummary":"Invalid value for 'client_id'"}"#,
            "The server knows no client with this client_id",
        ),
        (400, r#"{"error":{"type":"invalid_client","message":"who?"}}"#, secret),
        (
            401,
            r#"{"error":"invalid_client","error_description":"This client has to use private_key_jwt"}"#,
            "The server names private_key_jwt",
        ),
        (
            401,
            r#"{"error":"unauthorized_client","error_description":"No service account for this client"}"#,
            "Switch client credentials on",
        ),
        (
            400,
            r#"{"error":"invalid_request","error_description":"A DPoP proof is needed"}"#,
            "This client is registered for DPoP",
        ),
        (404, r#"{"error":"no such path"}"#, "There is nothing at this path"),
    ];
    let mut pair = Pair::new();
    let flow = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    for (status, body, first) in rows {
        let problem = refused(&flow, HttpResponse::new(status, JSON, body), &pair);
        assert!(problem.advice.first().is_some_and(|line| line.starts_with(first)), "{body}: {:?}", problem.advice);
    }
}

/// What asks for a repair of the code exchange is said where the code is exchanged, and nowhere else.
#[test]
fn the_words_of_a_server_are_read_in_their_message() {
    let said = |error: &str, words: &str| format!(r#"{{"error":"{error}","error_description":"{words}"}}"#);
    for (stage, grant, body, first) in [
        (
            Stage::Exchange,
            Grant::TokenExchange,
            said("invalid_request", "The audience is not available"),
            "The server speaks of what was asked for",
        ),
        (
            Stage::BackchannelAuthentication,
            Grant::Ciba,
            said("invalid_request", "a client_notification_token is needed"),
            "The client is registered for pings",
        ),
        (
            Stage::BackchannelAuthentication,
            Grant::Ciba,
            said("invalid_request", "no such user"),
            "The server does not know",
        ),
        (
            Stage::Exchange,
            Grant::TokenExchange,
            said("access_denied", "Client is not within the token audience"),
            "The subject token is for others",
        ),
        (
            Stage::UserInfo,
            Grant::AuthorizationCode,
            said("invalid_token", "user_session_not_found"),
            "The session of this login is over",
        ),
        (
            Stage::Refresh,
            Grant::RefreshToken,
            said("invalid_grant", "issued to another client"),
            "What was handed in was issued to another",
        ),
        (
            Stage::Token,
            Grant::JwtBearer,
            said("invalid_grant", "Token jti claim is required"),
            "The server names a claim",
        ),
        (Stage::Token, Grant::Password, said("invalid_grant", "Account disabled"), "The server says that this account"),
        (
            Stage::Token,
            Grant::JwtBearer,
            said("invalid_grant", "the signature does not verify"),
            "The server could not verify the signature",
        ),
        (
            Stage::Token,
            Grant::JwtBearer,
            said("invalid_grant", "this jti was seen before"),
            "The server takes each assertion once",
        ),
        // A parameter that is named as missing, with the setting that sends it.
        (
            Stage::Token,
            Grant::ClientCredentials,
            said("invalid_request", "Missing parameter: resource"),
            "The server wants resource, which was not sent. On the command line: --set resource=http://127.0.0.1:9400",
        ),
        (
            Stage::Token,
            Grant::ClientCredentials,
            said("invalid_request", "login_hint is required here"),
            "The server wants login_hint, which was not sent. On the command line: --set token_request.extra.login_hint=...",
        ),
    ] {
        let mut pair = Pair::new();
        let flow = under_way(&mut pair, stage, grant);
        let problem = refused(&flow, HttpResponse::new(400, JSON, body.clone()), &pair);
        assert!(problem.advice.first().is_some_and(|line| line.starts_with(first)), "{body}: {:?}", problem.advice);
    }
}

/// Where the server or the request names the cause, what is usual beside that code would only contradict it.
#[test]
fn a_cause_that_is_named_stands_alone() {
    let mut pair = Pair::new();
    let flow = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    for (code, words, only) in [
        ("unauthorized_client", "Client has to use client_secret_post", "The server names client_secret_post"),
        ("invalid_request", "A DPoP proof is needed", "This client is registered for DPoP"),
        ("invalid_request", "Missing parameter: resource", "The server wants resource"),
    ] {
        let body = format!(r#"{{"error":"{code}","error_description":"{words}"}}"#);
        let problem = refused(&flow, HttpResponse::new(400, JSON, body), &pair);
        assert_eq!(problem.advice.len(), 1, "{words}: {:?}", problem.advice);
        assert!(problem.advice[0].starts_with(only), "{words}: {:?}", problem.advice);
    }
    let mut settings = practice_settings();
    grantscope::demo::fill(&mut settings, Grant::ClientCredentials, "alice", None);
    settings.set("token_request.extra.grant_type", "client_credentials").expect("a setting");
    let mut flow =
        Flow::new(Grant::ClientCredentials, settings, grantscope::base::entropy::Entropy::from_seed([3; 32]));
    pair.run_to(&mut flow, Stage::Token);
    flow.begin(pair.now());
    let problem = refused(&flow, HttpResponse::new(400, JSON, r#"{"error":"invalid_request"}"#), &pair);
    assert!(problem.advice[0].starts_with("grant_type was sent twice"), "{:?}", problem.advice);
}

/// An option mends what the advice beside it speaks of, or there is none.
#[test]
fn an_option_fits_the_advice() {
    use grantscope::flow::{Failure, finding};

    let failed = |why: &str, advice: &str| Failure::SignIn {
        why: why.to_owned(),
        advice: vec![advice.to_owned()],
        is_refusal: why.starts_with("the server answered"),
    };
    let usual = "An unknown client_id or redirect_uri is told on such a page";
    for (failure, setting) in [
        (failed("the server answered 400: Invalid redirect_uri", usual), Some("redirect_uri")),
        (failed("the server answered 400: Invalid Request", usual), Some("redirect_uri")),
        (failed("the server answered 400: Client not found.", usual), None),
        (failed("the login was refused for this user", "Compare user name and password"), None),
        (Failure::wait("no response came within 5 s"), Some("redirect_uri")),
    ] {
        let mut pair = Pair::new();
        let mut flow = under_way(&mut pair, Stage::Authorization, Grant::AuthorizationCode);
        while !matches!(flow.poll(pair.now()), Next::Do(Action::Browse(..) | Action::Await(_))) {
            pair.step(&mut flow);
            flow.begin(pair.now());
        }
        flow.handle(Event::Failed { error: failure.clone(), took: Duration::from_millis(3) }, pair.now());
        let next = flow.poll(pair.now());
        let found = finding::finding(&flow, &next, &[]).expect("a finding");
        assert_eq!(found.cures.first().map(|cure| cure.setting), setting, "{failure}: {}", found.next);
    }
    let mut pair = Pair::new();
    let mut flow = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    let body = r#"{"error":"invalid_client","error_description":"Parameter client_assertion_type is missing"}"#;
    flow.handle(Event::Answered { response: HttpResponse::new(400, JSON, body), took: Duration::ZERO }, pair.now());
    let next = flow.poll(pair.now());
    let found = finding::finding(&flow, &next, &[]).expect("a finding");
    assert_eq!(found.option().as_deref(), Some("--set token_endpoint_auth_method=client_secret_jwt"));
}

/// What was filled in and not sent, or set by hand against the metadata, is known before anything is guessed.
#[test]
fn what_the_settings_did_is_said_first() {
    let mut pair = Pair::new();
    let mut flow = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    flow.settings.set("token_endpoint_auth_method", "none").expect("a setting");
    let problem = refused(&flow, HttpResponse::new(401, JSON, r#"{"error":"invalid_client"}"#), &pair);
    assert!(problem.advice[0].starts_with("client_secret is filled in and was not sent"), "{:?}", problem.advice);

    let flow = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    let body = r#"{"error":"unauthorized_client","error_description":"Not allowed"}"#;
    let problem = refused(&flow, HttpResponse::new(400, JSON, body), &pair);
    assert!(problem.advice[0].starts_with("Switch the grant type on"), "{:?}", problem.advice);

    let mut flow = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    let json = r#"{"scopes_supported":["openid","orders"]}"#;
    let json = grantscope::base::json::Json::parse_text(json).expect("JSON");
    flow.session.metadata = Some(grantscope::terms::metadata::ServerMetadata { json });
    let problem = refused(&flow, HttpResponse::new(400, JSON, r#"{"error":"invalid_scope"}"#), &pair);
    let names_scope = |line: &str| line.starts_with("scope ") && line.contains("is not in scopes_supported");
    let asked = flow.settings.request.scope.split_whitespace().any(|word| !["openid", "orders"].contains(&word));
    assert_eq!(names_scope(&problem.advice[0]), asked, "{:?}", problem.advice);
}

/// How old a code is explains nothing where it was refused for its use.
#[test]
fn the_age_of_a_code_is_told_where_the_server_names_no_other_cause() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run_to(&mut flow, Stage::Token);
    pair.wait(Duration::from_secs(101));
    flow.begin(pair.now());
    for (words, is_used) in [
        ("the code was used before, 41.0 s ago; the tokens issued for it are revoked", true),
        ("AADSTS54005: OAuth2 Authorization code was already redeemed", true),
        ("authorization code has expired or has already been used", false),
        ("the code is not known", false),
        ("", false),
    ] {
        let body = format!(r#"{{"error":"invalid_grant","error_description":"{words}"}}"#);
        let advice = refused(&flow, HttpResponse::new(400, JSON, body), &pair).advice;
        let has = |said: &str| advice.iter().any(|line| line.contains(said));
        assert_eq!(
            (has("many servers allow"), has("was used before; a code works once")),
            (!is_used, is_used),
            "{words}"
        );
    }
}

/// A refresh token that can be read says itself that it is over, or of whom it is.
#[test]
fn a_token_that_was_over_is_told_from_one_that_nobody_knows() {
    let jwt = |claims: &str| {
        let part = |text: &str| grantscope::jose::base64url::encode(text.as_bytes());
        format!("{}.{}.{}", part(r#"{"alg":"ES256"}"#), part(claims), "c2ln".repeat(20))
    };
    for (token, first) in [
        (jwt(r#"{"exp":1000000000}"#), "refresh_token was over for"),
        (jwt(r#"{"iss":"https://other.example"}"#), "refresh_token is of https://other.example"),
        ("opaque".to_owned(), "The refresh token may have been replaced"),
    ] {
        let mut pair = Pair::new();
        let mut settings = practice_settings();
        grantscope::demo::fill(&mut settings, Grant::RefreshToken, "alice", None);
        settings.set("refresh_token", &token).expect("a setting");
        let mut flow = Flow::new(Grant::RefreshToken, settings, grantscope::base::entropy::Entropy::from_seed([3; 32]));
        pair.run_to(&mut flow, Stage::Refresh);
        flow.begin(pair.now());
        let problem = refused(&flow, HttpResponse::new(400, JSON, r#"{"error":"invalid_grant"}"#), &pair);
        assert!(problem.advice[0].starts_with(first), "{token}: {:?}", problem.advice);
    }
}

/// A token that nobody expected has a signature, too.
#[test]
fn the_keys_are_fetched_for_an_id_token_that_was_not_expected() {
    let mut pair = Pair::new();
    pair.faults.insert("/token", |_| {
        let id_token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
        let body = format!(r#"{{"access_token":"x","token_type":"Bearer","id_token":"{id_token}"}}"#);
        Ok(HttpResponse::new(200, JSON, body))
    });
    let mut settings = practice_settings();
    grantscope::demo::fill(&mut settings, Grant::ClientCredentials, "alice", None);
    let mut flow =
        Flow::new(Grant::ClientCredentials, settings, grantscope::base::entropy::Entropy::from_seed([3; 32]));
    let mut next = pair.run(&mut flow);
    while matches!(&next, Next::Stopped(problem) if problem.kind == ProblemKind::Unsafe) {
        flow.go_on_anyway();
        next = pair.run(&mut flow);
    }
    let asked = flow.trace.exchanges.iter().filter(|exchange| exchange.stage == Stage::Jwks).count();
    assert_eq!(asked, 1, "{next:?}");
}

#[test]
fn what_the_metadata_leave_out_is_said_before_anything_else() {
    let mut pair = Pair::new();
    let mut flow = under_way(&mut pair, Stage::Token, Grant::ClientCredentials);
    let json = r#"{"grant_types_supported":["authorization_code"],"token_endpoint_auth_methods_supported":["private_key_jwt"]}"#;
    let json = grantscope::base::json::Json::parse_text(json).expect("JSON");
    flow.session.metadata = Some(grantscope::terms::metadata::ServerMetadata { json });
    let problem = refused(&flow, HttpResponse::new(400, JSON, r#"{"error":"invalid_client"}"#), &pair);
    let of_method = "token_endpoint_auth_method client_secret_basic is not in token_endpoint_auth_methods_supported";
    assert!(problem.advice[0].starts_with(of_method), "{:?}", problem.advice);
    assert_eq!(
        problem.advice.last().map(String::as_str),
        Some(
            "grant_type client_credentials is not in grant_types_supported of this server, which names authorization_code."
        ),
    );
}

/// A list that leaves out what was used explains a refusal without words; what the server says by itself goes before it.
#[test]
fn the_lists_come_before_guesses_and_behind_the_servers_own_words() {
    use grantscope::flow::Failure;

    let lists = |text: &str| {
        let json = grantscope::base::json::Json::parse_text(text).expect("JSON");
        Some(grantscope::terms::metadata::ServerMetadata { json })
    };
    let grants = r#"{"grant_types_supported":["authorization_code"]}"#;
    let leaves_out = "is not in grant_types_supported";
    let said = |code: &str, words: &str| format!(r#"{{"error":"{code}","error_description":"{words}"}}"#);
    for (stage, grant, status, body, first) in [
        (Stage::Token, Grant::ClientCredentials, 400, String::new(), leaves_out),
        (Stage::Token, Grant::ClientCredentials, 401, String::new(), leaves_out),
        (Stage::Token, Grant::ClientCredentials, 403, "<html>Forbidden".to_owned(), leaves_out),
        (Stage::DeviceAuthorization, Grant::DeviceCode, 400, String::new(), leaves_out),
        (Stage::BackchannelAuthentication, Grant::Ciba, 400, said("invalid_request", "No."), leaves_out),
        (Stage::Token, Grant::ClientCredentials, 404, String::new(), "There is nothing at this path"),
        (Stage::Token, Grant::ClientCredentials, 429, String::new(), "The server limits how often"),
        (
            Stage::Token,
            Grant::ClientCredentials,
            400,
            said("invalid_client", "Invalid client secret provided"),
            "Check client_secret",
        ),
        (
            Stage::Token,
            Grant::ClientCredentials,
            400,
            said("invalid_request", "A DPoP proof is needed"),
            "This client is registered for DPoP",
        ),
        (Stage::Token, Grant::ClientCredentials, 400, said("unauthorized_client", "Grant not allowed"), leaves_out),
        (Stage::Token, Grant::ClientCredentials, 400, said("invalid_request", "It is not allowed"), leaves_out),
    ] {
        let mut pair = Pair::new();
        let mut flow = under_way(&mut pair, stage, grant);
        flow.session.metadata = lists(grants);
        let problem = refused(&flow, HttpResponse::new(status, JSON, body.clone()), &pair);
        let name = format!("{stage:?} {status} {body}: {:?}", problem.advice);
        assert!(problem.advice.first().is_some_and(|line| line.contains(first)), "{name}");
        let is_said = problem.advice.iter().any(|line| line.contains(leaves_out));
        assert_eq!(is_said, !matches!(status, 404 | 429), "{name}");
    }

    let failed = |why: &str, is_refusal| Failure::SignIn {
        why: why.to_owned(),
        advice: vec!["What is usual".to_owned()],
        is_refusal,
    };
    let leaves_out = "response_type code is not in response_types_supported";
    for (failure, first) in [
        (failed("the server answered 400: Invalid request", true), leaves_out),
        (failed("the server answered 400: Client not found.", true), "The server knows no client"),
        (failed("the login was refused for this user", false), "What is usual"),
        (Failure::wait("no response came within 5 s"), leaves_out),
    ] {
        let mut pair = Pair::new();
        let mut flow = under_way(&mut pair, Stage::Authorization, Grant::AuthorizationCode);
        while !matches!(flow.poll(pair.now()), Next::Do(Action::Browse(..) | Action::Await(_))) {
            pair.step(&mut flow);
            flow.begin(pair.now());
        }
        flow.session.metadata = lists(r#"{"response_types_supported":["id_token"]}"#);
        flow.handle(Event::Failed { error: failure.clone(), took: Duration::from_millis(3) }, pair.now());
        let Next::Stopped(problem) = flow.poll(pair.now()) else { panic!("{failure} went on") };
        assert!(problem.advice[0].starts_with(first), "{failure}: {:?}", problem.advice);
    }
}

#[test]
fn the_challenge_of_an_api_is_told() {
    let mut pair = Pair::new();
    let flow = under_way(&mut pair, Stage::Resource, Grant::ClientCredentials);
    let metadata = "https://api.example/.well-known/oauth-protected-resource";
    for error in ["", ", error=\"invalid_token\""] {
        let challenge = format!("Bearer resource_metadata=\"{metadata}\", scope=\"orders\"{error}");
        let response = HttpResponse::new(401, JSON, "").with_header("WWW-Authenticate", challenge);
        let problem = refused(&flow, response, &pair);
        for words in [metadata, "asks for the scope orders"] {
            assert!(problem.advice.iter().any(|line| line.contains(words)), "{error}: {:?}", problem.advice);
        }
    }
}
