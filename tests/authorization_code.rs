//! The authorization code grant against the practice server, in memory: the happy path, and what happens at
//! every turn that can be wrong.

mod pair;

use std::collections::BTreeSet;
use std::time::Duration;

use grantscope::base::check::Verdict::{self, Fail, Note, Pass, Skipped, Warn};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::client::rules;
use grantscope::export::redact::Redactor;
use grantscope::export::{curl, raw};
use grantscope::flow::callback::{Refusal, Stray};
use grantscope::flow::stage::Stage;
use grantscope::flow::step::StepState;
use grantscope::flow::trace::{Answer, Exchange};
use grantscope::flow::transport_error::TransportError;
use grantscope::flow::{Action, Event, Failure, Flow, Next, Outcome, Problem, ProblemKind};
use grantscope::jose::jwk;
use grantscope::terms::response::ResponseMode;
use pair::{CALLBACK, ISSUER, Pair};

fn stopped(next: Next) -> Problem {
    match next {
        Next::Stopped(problem) => problem,
        other => panic!("not stopped: {other:?}"),
    }
}

fn refused(next: Next) -> (Stage, String, Problem) {
    let problem = stopped(next);
    let ProblemKind::Refused(error) = &problem.kind else { panic!("not refused: {problem:?}") };
    (problem.stage, error.error.clone(), problem.clone())
}

/// The last verdict of a rule in this run.
fn verdict(flow: &Flow, rule: &str) -> Verdict {
    let checks: Vec<_> = flow.checks().filter(|check| check.rule.id == rule).collect();
    checks.last().unwrap_or_else(|| panic!("{rule} was not applied")).verdict
}

fn exchange(flow: &Flow, stage: Stage) -> &Exchange {
    flow.trace.exchanges.iter().rev().find(|exchange| exchange.stage == stage).expect("an exchange of this stage")
}

fn edit_form(flow: &mut Flow, edit: impl FnOnce(&mut Params)) {
    let request = flow.edit().expect("a request is about to leave");
    let mut form = request.form().expect("a form");
    edit(&mut form);
    request.body = form.encode().into_bytes();
}

fn edit_query(flow: &mut Flow, edit: impl FnOnce(&mut Params)) {
    let request = flow.edit().expect("a request is about to leave");
    let mut query = request.query();
    edit(&mut query);
    request.url.set_query(Some(&query.encode()));
}

#[test]
fn the_practice_server_needs_nothing_filled_in() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(flow.outcome(), Outcome::Success);
    assert!(!flow.has_failed_check());
    let ids = |verdict| -> BTreeSet<_> { flow.checks().filter(|c| c.verdict == verdict).map(|c| c.rule.id).collect() };
    assert_eq!((ids(Fail), ids(Warn)), (BTreeSet::new(), BTreeSet::new()));
    // It is http on this machine, and knows what is only there to be compared with.
    let noted = [
        "metadata.endpoint_form",
        "metadata.issuer_form",
        "metadata.pkce_plain",
        "metadata.removed_grants",
        "settings.symmetric_auth",
    ];
    assert_eq!(ids(Note), BTreeSet::from(noted));
}

/// Rules of these messages that hold for other answers than a success, other clients, or a later token.
const ELSEWHERE: [&str; 33] = [
    "authorization_request.mode_supported",
    "authorization_response.nothing",
    "authorization_response.prompt_none",
    "id_token.encrypted",
    "id_token.front_claims",
    "id_token.front_iss",
    "id_token.front_sub",
    "id_token.refreshed_aud",
    "id_token.refreshed_azp",
    "id_token.refreshed_iat",
    "id_token.refreshed_iss",
    "id_token.refreshed_nonce",
    "id_token.refreshed_sub",
    "id_token.s_hash",
    "jwks.reading",
    "metadata.agree",
    "metadata.signature",
    "metadata.signed_by",
    "metadata.signed_time",
    "metadata.signed_values",
    "metadata.webfinger",
    "resource.challenge",
    "settings.pkce_public",
    "settings.redirect_scheme",
    "token.challenge",
    "token.error",
    "token.rotation",
    "token.scope_wider",
    "token.type_understood",
    "userinfo.encrypted",
    "userinfo.signature",
    "userinfo.signed_claims",
    "userinfo.times",
];

#[test]
fn every_rule_of_each_message_of_a_run_is_applied() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run(&mut flow);
    let applied: BTreeSet<_> = flow.checks().map(|check| check.rule.id).collect();
    let messages = [
        rules::metadata::ALL,
        rules::jwks::ALL,
        rules::request::ALL,
        rules::settings::ALL,
        rules::response::ALL,
        rules::token::ALL,
        rules::id_token::ALL,
        rules::resource::ALL,
        jwk::RULES,
    ];
    let all = messages.into_iter().flatten().map(|rule| rule.id);
    assert_eq!(all.filter(|id| !applied.contains(id)).collect::<BTreeSet<_>>(), BTreeSet::from(ELSEWHERE));
}

#[test]
fn every_step_is_done_in_the_end() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run(&mut flow);
    let steps = flow.steps();
    let titles: Vec<&str> = steps.iter().map(|view| view.step.title).collect();
    assert_eq!(titles, ["Discovery", "Keys", "Request", "Redirect", "Code", "Exchange", "Tokens", "UserInfo", "API"]);
    assert!(steps.iter().all(|view| view.state == StepState::Done), "{steps:?}");
}

#[test]
fn the_same_seed_sends_the_same_requests() {
    let run = || {
        let mut pair = Pair::new();
        let mut flow = pair.flow();
        pair.run_to(&mut flow, Stage::Token);
        flow.request().map(|request| (request.headers.clone(), request.body.clone()))
    };
    assert!(run().is_some() && run() == run());
}

#[test]
fn every_way_to_ask_works() {
    for (what, settings, passes) in [
        ("client_secret_post", &[("token_endpoint_auth_method", "client_secret_post")][..], "token.status"),
        (
            "a public client",
            &[("client_id", "practice-native"), ("token_endpoint_auth_method", "none")],
            "id_token.aud",
        ),
        ("form_post", &[("response_mode", "form_post")], "authorization_response.mode"),
        ("fragment", &[("response_mode", "fragment")], "authorization_response.mode"),
        ("plain PKCE", &[("code_challenge_method", "plain")], "token.status"),
        ("no PKCE with a secret", &[("code_challenge_method", "off")], "token.status"),
        ("max_age", &[("max_age", "300")], "id_token.auth_time"),
        ("acr_values", &[("acr_values", "urn:practice:strong")], "id_token.acr"),
        ("login_hint", &[("login_hint", "alice@example.com")], "token.status"),
        ("prompt", &[("prompt", "login consent")], "authorization_request.prompt"),
        ("no state", &[("state", "off")], "token.status"),
        (
            "no discovery but endpoints",
            &[
                ("discovery", "off"),
                ("authorization_endpoint", "http://127.0.0.1:9400/authorize"),
                ("token_endpoint", "http://127.0.0.1:9400/token"),
                ("jwks_uri", "http://127.0.0.1:9400/jwks"),
            ],
            "id_token.signature",
        ),
        ("an unknown parameter", &[("ui_hint", "compact")], "token.status"),
    ] {
        let mut pair = Pair::new();
        let mut flow = pair.flow_with(|own| {
            for (name, value) in settings {
                own.set(name, value).expect("a setting");
            }
        });
        assert_eq!(pair.run(&mut flow), Next::Finished, "{what}");
        assert_eq!((verdict(&flow, passes), flow.outcome()), (Pass, Outcome::Success), "{what}");
    }
}

#[test]
fn a_user_who_denies_is_a_refusal() {
    let mut pair = Pair::new();
    pair.decision = "deny";
    let mut flow = pair.flow();
    let (stage, error, problem) = refused(pair.run(&mut flow));
    assert_eq!((stage, error.as_str()), (Stage::Authorization, "access_denied"));
    assert_eq!(problem.title, "The server refused the authorization request: access_denied");
    assert!(!problem.advice.is_empty());
    assert_eq!(flow.outcome(), Outcome::Refused);
    assert_eq!(verdict(&flow, "authorization_response.state"), Pass);
}

#[test]
fn a_refused_run_can_be_tried_again_with_new_random_values() {
    let mut pair = Pair::new();
    pair.decision = "deny";
    let mut flow = pair.flow();
    pair.run(&mut flow);
    let first = flow.own.drawn.clone();
    pair.decision = "allow";
    flow.retry();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_ne!(flow.own.drawn, first);
    let attempts: Vec<u32> = flow
        .trace
        .exchanges
        .iter()
        .filter(|exchange| exchange.stage == Stage::Authorization)
        .map(|exchange| exchange.attempt)
        .collect();
    assert_eq!(attempts, [1, 2]);
}

/// Each edit of the token request, and what the server makes of it.
#[test]
fn a_wrong_token_request_is_refused_and_explained() {
    type Edit = fn(&mut Params);
    for (edit, error, says) in [
        (
            (|form| form.set("redirect_uri", "http://127.0.0.1:8912/other")) as Edit,
            "invalid_grant",
            "redirect_uri differs: the authorization request had http://127.0.0.1:8912/callback, the token request http://127.0.0.1:8912/other.",
        ),
        (
            |form| form.set("code_verifier", "x".repeat(43)),
            "invalid_grant",
            "code_verifier does not fit the code_challenge of the authorization request.",
        ),
        (
            |form| form.remove("code_verifier"),
            "invalid_grant",
            "The authorization request had a code_challenge, the token request has no code_verifier.",
        ),
        (|form| form.set("code", "never-issued"), "invalid_grant", ""),
        (|form| form.set("grant_type", "magic"), "unsupported_grant_type", ""),
        (|form| form.remove("grant_type"), "invalid_request", ""),
    ] {
        let mut pair = Pair::new();
        let mut flow = pair.flow();
        pair.run_to(&mut flow, Stage::Token);
        edit_form(&mut flow, edit);
        assert!(flow.is_edited());
        let (stage, refusal, problem) = refused(pair.run(&mut flow));
        assert_eq!((stage, refusal.as_str()), (Stage::Token, error), "{says}");
        assert!(says.is_empty() || problem.advice.iter().any(|advice| advice == says), "{problem:?}");
        assert!(problem.sent.starts_with("POST http://127.0.0.1:9400/token with "), "{}", problem.sent);
        assert_eq!(verdict(&flow, "token.status"), Pass, "an error with status 400 keeps the rules");
    }
}

#[test]
fn a_verifier_that_was_never_announced_is_explained() {
    let mut pair = Pair::new();
    let mut flow = pair.flow_with(|settings| settings.request.code_challenge_method = "off".to_owned());
    pair.run_to(&mut flow, Stage::Token);
    edit_form(&mut flow, |form| form.push("code_verifier", "x".repeat(43)));
    let (_, error, problem) = refused(pair.run(&mut flow));
    assert_eq!(error, "invalid_grant");
    assert_eq!(problem.advice[0], "code_verifier was sent, but the authorization request had no code_challenge.");
}

#[test]
fn a_reused_code_is_refused_and_named_as_reused() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run_to(&mut flow, Stage::Token);
    let before = flow.clone();
    pair.step(&mut flow);
    assert_eq!(flow.stage(), Some(Stage::UserInfo));
    let used_code = flow.session.used_code.clone();
    let mut again = before;
    again.session.used_code = used_code;
    let (_, error, problem) = refused(pair.run(&mut again));
    assert_eq!(error, "invalid_grant");
    assert!(problem.advice[0].starts_with("This code was exchanged before in this run"), "{problem:?}");
    // RFC 6749 section 4.1.2: the tokens of a reused code are revoked.
    let problem = stopped(pair.run(&mut flow));
    assert_eq!(problem.stage, Stage::UserInfo);
}

#[test]
fn an_expired_code_is_refused_with_its_age() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run_to(&mut flow, Stage::Token);
    pair.wait(Duration::from_secs(61));
    let (_, error, problem) = refused(pair.run(&mut flow));
    assert_eq!(error, "invalid_grant");
    assert!(problem.advice.iter().any(|advice| advice.starts_with("The code was 1 min 1 s old")), "{problem:?}");
}

#[test]
fn a_wrong_client_is_refused() {
    for (settings, says) in [
        (&[("client_secret", "wrong")][..], ""),
        (
            &[("token_endpoint_auth_method", "none"), ("client_secret", "")],
            "No client_secret was sent; a confidential client needs one.",
        ),
        (&[("client_id", "practice-native")], ""),
    ] {
        let mut pair = Pair::new();
        let mut flow = pair.flow_with(|own| {
            for (name, value) in settings {
                own.set(name, value).expect("a setting");
            }
        });
        let (stage, error, problem) = refused(pair.run(&mut flow));
        assert_eq!((stage, error.as_str()), (Stage::Token, "invalid_client"), "{settings:?}");
        assert!(says.is_empty() || problem.advice.iter().any(|advice| advice == says), "{problem:?}");
        assert_eq!(verdict(&flow, "token.challenge"), Pass, "401 with WWW-Authenticate");
    }
}

#[test]
fn a_public_client_without_pkce_is_refused() {
    let mut pair = Pair::new();
    let mut flow = pair.flow_with(|settings| {
        for (name, value) in [
            ("client_id", "practice-native"),
            ("client_secret", ""),
            ("token_endpoint_auth_method", "none"),
            ("code_challenge_method", "off"),
        ] {
            settings.set(name, value).expect("a setting");
        }
    });
    let (stage, error, _) = refused(pair.run(&mut flow));
    assert_eq!((stage, error.as_str()), (Stage::Authorization, "invalid_request"));
    assert_eq!(verdict(&flow, "settings.pkce_public"), Fail);
}

#[test]
fn an_error_page_of_the_server_ends_the_wait_with_advice() {
    for (name, value) in [("client_id", "nobody"), ("redirect_uri", "http://127.0.0.1:0/other#x")] {
        let mut pair = Pair::new();
        let mut flow = pair.flow_with(|settings| drop(settings.set(name, value)));
        let problem = stopped(pair.run(&mut flow));
        assert_eq!((problem.stage, &problem.kind), (Stage::Authorization, &ProblemKind::Failed));
        assert_eq!(problem.title, "No authorization response came back");
        assert!(problem.advice.iter().any(|advice| advice.starts_with("Register http://127.0.0.1/")));
    }
}

#[test]
fn a_response_of_another_transaction_is_unsafe_but_can_be_looked_into() {
    for (edit, rule) in [
        ((|params| params.set("state", "forged")) as fn(&mut Params), "authorization_response.state"),
        (|params| params.remove("state"), "authorization_response.state"),
        (|params| params.set("iss", "https://attacker.example"), "authorization_response.iss"),
        (|params| params.remove("iss"), "authorization_response.iss"),
    ] {
        let mut pair = Pair::new();
        pair.pasted = Some(edit);
        let mut flow = pair.flow();
        let problem = stopped(pair.run(&mut flow));
        assert_eq!((problem.stage, problem.kind), (Stage::Authorization, ProblemKind::Unsafe));
        assert_eq!((verdict(&flow, rule), flow.outcome()), (Fail, Outcome::Failed));
        flow.go_on_anyway();
        assert_eq!(pair.run(&mut flow), Next::Finished);
        assert!(flow.has_failed_check(), "going on anyway does not make it right");
    }
}

/// An error of another login is acted on as little as a code.
#[test]
fn an_error_of_another_login_is_not_taken_for_a_refusal() {
    let mut pair = Pair::new();
    pair.pasted = Some(|params| {
        params.remove("code");
        params.set("error", "access_denied");
        params.set("state", "of another login");
    });
    let mut flow = pair.flow();
    let problem = stopped(pair.run(&mut flow));
    assert_eq!((problem.kind, problem.rule), (ProblemKind::Unsafe, Some("authorization_response.state")));
}

#[test]
fn a_pasted_response_without_code_is_no_answer() {
    let mut pair = Pair::new();
    pair.pasted = Some(|params| params.remove("code"));
    let mut flow = pair.flow();
    let problem = stopped(pair.run(&mut flow));
    assert_eq!((problem.stage, problem.kind), (Stage::Authorization, ProblemKind::Failed));
}

#[test]
fn a_nonce_that_was_changed_on_the_way_is_seen_in_the_id_token() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run_to(&mut flow, Stage::Token);
    // As if another transaction's code had been injected.
    if let Some(sent) = &mut flow.session.authorization {
        sent.params.set("nonce", "of another transaction");
    }
    let problem = stopped(pair.run(&mut flow));
    assert_eq!((problem.kind, problem.rule), (ProblemKind::Unsafe, Some("id_token.nonce")));
    assert_eq!(problem.again_at, Stage::Authorization, "the code is used up");
    assert_eq!(verdict(&flow, "id_token.nonce"), Fail);
}

#[test]
fn without_a_nonce_there_is_none_in_the_id_token() {
    let mut pair = Pair::new();
    let mut flow = pair.flow_with(|settings| settings.request.nonce = false);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(verdict(&flow, "id_token.nonce"), Skipped);
}

const NOT_FOUND: pair::Fault = |_| Ok(HttpResponse::new(404, "text/plain", "nothing here"));
const OIDC_PATH: &str = "/.well-known/openid-configuration";
const OAUTH_PATH: &str = "/.well-known/oauth-authorization-server";

#[test]
fn discovery_tries_the_next_url() {
    let closed: pair::Fault = |_| Err(TransportError::NoAnswer { at: "127.0.0.1:9400".to_owned() });
    let html: pair::Fault = |_| Ok(HttpResponse::new(200, "text/html", "<!doctype html><title>Sign in</title>"));
    for fault in [NOT_FOUND, closed, html] {
        let mut pair = Pair::new();
        pair.faults.insert(OIDC_PATH, fault);
        let mut flow = pair.flow();
        assert_eq!(pair.run(&mut flow), Next::Finished);
        let tried: Vec<&str> = flow.trace.of(0).map(|(_, exchange)| exchange.request.url.path()).collect();
        assert_eq!(tried, [OIDC_PATH, OAUTH_PATH]);
        assert_eq!(flow.steps()[0].state, StepState::Done);
    }
}

#[test]
fn discovery_that_finds_nothing_stops_with_advice() {
    let mut pair = Pair::new();
    pair.faults = [(OIDC_PATH, NOT_FOUND), (OAUTH_PATH, NOT_FOUND)].into();
    let mut flow = pair.flow();
    let problem = stopped(pair.run(&mut flow));
    assert_eq!((problem.stage, problem.kind), (Stage::Discovery, ProblemKind::Failed));
    assert!(problem.came.contains("404"), "{}", problem.came);
    assert!(problem.advice[0].starts_with("Check the issuer"));
    assert_eq!(flow.trace.exchanges.len(), 2);
}

/// What is no answer, and how it is named.
#[test]
fn what_is_no_answer_is_named() {
    let faults: [(pair::Fault, &str, &str); 12] = [
        (
            |_| Ok(HttpResponse::new(200, "text/html", "<!DOCTYPE html><html><title>Sign in</title></html>")),
            "an HTML page (\"Sign in\") with status 200 OK instead of JSON",
            "",
        ),
        (
            |_| Ok(HttpResponse::new(500, "text/plain", "oops")),
            "status 500 Internal Server Error",
            "The server itself failed",
        ),
        (|_| Ok(HttpResponse::new(200, JSON, "{\"access_token\":\"abc")), "EOF while parsing", ""),
        (|_| Ok(HttpResponse::new(200, JSON, "")), "an empty answer with status 200 OK", ""),
        (|_| Ok(HttpResponse::new(200, JSON, "[]")), "JSON, but an array instead of an object", ""),
        (
            |_| Ok(HttpResponse::new(302, "text/html", "").with_header("Location", "/login")),
            "a redirect (302 Found) to /login",
            "The server sends to its login page",
        ),
        (
            |_| Ok(HttpResponse::new(308, "text/html", "").with_header("Location", "/token/")),
            "a redirect (308 Permanent Redirect) to /token/",
            "Use the address that the redirect points to",
        ),
        (|_| Ok(HttpResponse::new(401, "", "")), "an empty answer with status 401", "The server recognised no client"),
        (|_| Ok(HttpResponse::new(403, "", "")), "an empty answer with status 403", "403 without a word"),
        (|_| Ok(HttpResponse::new(405, "", "")), "an empty answer with status 405", "This path takes another method"),
        (
            |_| Ok(HttpResponse::new(200, JSON, r#"{"ok":true,"authed_user":{"access_token":"x"}}"#)),
            "there is one at authed_user.access_token",
            "The token stands at authed_user.access_token",
        ),
        (
            |_| Err(TransportError::Timeout { at: "127.0.0.1:9400".to_owned(), limit: Duration::from_secs(30) }),
            "no complete answer from 127.0.0.1:9400 within 30 s",
            "Send it again",
        ),
    ];
    for (fault, came, advice) in faults {
        let mut pair = Pair::new();
        pair.faults.insert("/token", fault);
        let mut flow = pair.flow();
        let problem = stopped(pair.run(&mut flow));
        assert_eq!((problem.stage, &problem.kind), (Stage::Token, &ProblemKind::Failed), "{came}");
        assert!(problem.came.contains(came), "{} is not {came}", problem.came);
        assert!(problem.advice.iter().any(|text| text.starts_with(advice)), "{problem:?}");
        assert_eq!(flow.outcome(), Outcome::Failed);
        assert!(matches!(flow.steps()[5].state, StepState::Failed | StepState::Done), "{:?}", flow.steps()[5]);
        // The run stays: the same stage succeeds once the server works again.
        pair.faults.clear();
        flow.retry();
        assert_eq!(pair.run(&mut flow), Next::Finished, "{came}");
    }
}

#[test]
fn keys_that_cannot_be_had_leave_the_signature_unjudged() {
    let mut pair = Pair::new();
    pair.faults.insert("/jwks", NOT_FOUND);
    let mut flow = pair.flow();
    assert_eq!(stopped(pair.run(&mut flow)).stage, Stage::Jwks);
    flow.go_on_anyway();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(verdict(&flow, "id_token.signature"), Skipped);
    assert_eq!(flow.steps()[1].state, StepState::Failed);
}

#[test]
fn a_port_that_is_taken_stops_before_the_browser_opens() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run_to(&mut flow, Stage::Authorization);
    let Next::Do(Action::Listen(_)) = flow.poll(pair::START) else { panic!("nothing to bind") };
    let error = Failure::Listen("port 8912 is taken by another program".to_owned());
    flow.handle(failed(error), pair::START);
    let problem = stopped(flow.poll(pair::START));
    assert_eq!(problem.stage, Stage::Authorization);
    assert!(problem.came.contains("port 8912 is taken"));
}

/// A run that waits for the browser.
fn waiting(pair: &mut Pair) -> Flow {
    let mut flow = pair.flow();
    pair.run_to_browse(&mut flow);
    pair.step(&mut flow);
    assert!(flow.awaiting().is_some());
    flow
}

/// A run that waits for the browser, and then for nobody.
fn stopped_wait(pair: &mut Pair) -> Flow {
    let mut flow = waiting(pair);
    flow.handle(failed(Failure::wait("no response came within 10 min")), pair::START);
    flow
}

fn failed(error: Failure) -> Event {
    Event::Failed { error, took: Duration::ZERO }
}

fn stray(path: &str, why: Refusal) -> Event {
    Event::Stray(Stray { at: pair::START, what: format!("GET {path}"), why })
}

#[test]
fn the_end_of_a_wait_names_what_was_turned_away() {
    let elsewhere = || Refusal::OtherPath("/other".to_owned());
    for (strays, first, state) in [
        (vec![], "Register http://127.0.0.1/callback as redirect URI", None),
        (
            vec![Refusal::OtherPath("/favicon.ico".to_owned())],
            "Register http://127.0.0.1/callback as redirect URI",
            None,
        ),
        (
            vec![Refusal::WrongState, elsewhere()],
            "A response came with another state",
            Some("another state, turned away"),
        ),
        (
            vec![Refusal::NoResponse, Refusal::NoState],
            "A response came without the state",
            Some("no state, turned away"),
        ),
        (vec![Refusal::NoResponse], "The right address was reached with neither", None),
        (vec![elsewhere()], "The path /other was asked for", None),
    ] {
        let mut flow = waiting(&mut Pair::new());
        for why in &strays {
            flow.handle(stray("/callback", why.clone()), pair::START);
        }
        flow.handle(failed(Failure::wait("no response came within 4 s")), pair::START);
        let problem = stopped(flow.poll(pair::START));
        assert!(problem.advice[0].starts_with(first), "{strays:?}: {:?}", problem.advice);
        for why in &strays {
            assert!(problem.came.contains(&format!("GET /callback ({why})")), "{}", problem.came);
        }
        let saw = flow.checks().find(|check| check.rule.id == rules::response::STATE.id);
        assert_eq!(saw.and_then(|check| check.actual.as_deref()), state, "{strays:?}");
        assert_eq!(saw.map(|check| check.verdict), state.map(|_| Fail));
    }
}

#[test]
fn a_wait_that_is_taken_up_again_is_judged_by_its_last_end() {
    let mut pair = Pair::new();
    let mut flow = waiting(&mut pair);
    for _ in 0..2 {
        flow.handle(stray("/callback", Refusal::WrongState), pair::START);
        flow.handle(failed(Failure::wait("no response came within 4 s")), pair::START);
        assert_eq!(verdicts(&flow, "authorization_response.state"), [Fail]);
        flow.wait_again();
    }
    pair.run(&mut flow);
    assert_eq!(verdicts(&flow, "authorization_response.state"), [Pass]);
}

fn verdicts(flow: &Flow, rule: &str) -> Vec<Verdict> {
    flow.checks().filter(|check| check.rule.id == rule).map(|check| check.verdict).collect()
}

#[test]
fn a_wait_is_taken_up_again_as_it_was_whatever_the_settings_say_by_then() {
    let mut flow = stopped_wait(&mut Pair::new());
    let sent = flow.session.authorization.clone();
    flow.settings.request.response_mode = "form_post".to_owned();
    flow.reprepare();
    assert!(flow.can_wait_again());
    flow.wait_again();
    let awaiting = flow.awaiting().expect("a wait");
    assert_eq!(awaiting.response_mode, ResponseMode::Query);
    assert_eq!(awaiting.redirect_uri.as_str(), CALLBACK);
    assert_eq!(flow.session.authorization, sent);
    flow.handle(failed(Failure::Listen("port 8912 is taken by another program".to_owned())), pair::START);
    let problem = stopped(flow.poll(pair::START));
    assert_eq!(problem.title, "redirect_uri cannot be listened at");
    assert!(flow.can_wait_again(), "the port may be free again");
}

#[test]
fn a_later_try_that_sent_nothing_leaves_no_wait_to_take_up() {
    let mut flow = stopped_wait(&mut Pair::new());
    flow.retry();
    let Next::Do(Action::Listen(_)) = flow.poll(pair::START) else { panic!("nothing to bind") };
    flow.handle(failed(Failure::Listen("port 8912 is taken by another program".to_owned())), pair::START);
    assert!(!flow.can_wait_again(), "the code_verifier of that request is gone");
    flow.wait_again();
    assert!(flow.awaiting().is_none());
}

#[test]
fn what_was_edited_is_what_leaves() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run_to_browse(&mut flow);
    edit_query(&mut flow, |query| {
        query.set("scope", "openid profile");
        query.push("ui_hint", "compact");
    });
    assert!(flow.is_edited());
    assert_eq!(pair.run(&mut flow), Next::Finished);
    let left = exchange(&flow, Stage::Authorization).request.query();
    assert_eq!((left.get("scope"), left.get("ui_hint")), (Some("openid profile"), Some("compact")));
    assert_eq!(flow.session.tokens[0].scope, "openid profile");
    assert_eq!(flow.session.refresh_token(), None, "offline_access was edited out");
}

#[test]
fn preparing_anew_drops_edits_and_keeps_the_random_values() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run_to_browse(&mut flow);
    let original = flow.request().cloned();
    edit_query(&mut flow, |query| query.set("state", "mine"));
    flow.settings.request.prompt = "login".to_owned();
    flow.reprepare();
    let Next::Do(Action::Browse(fresh, _)) = flow.poll(pair::START) else { panic!("no request") };
    assert_eq!(
        fresh.query().get("state"),
        original.as_ref().and_then(|old| old.query().get("state").map(str::to_owned)).as_deref()
    );
    assert_eq!(fresh.query().get("prompt"), Some("login"));
    assert!(!flow.is_edited());
}

#[test]
fn a_refresh_rotates_and_the_old_token_ends_the_family() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run(&mut flow);
    let first = flow.session.refresh_token().cloned().expect("a refresh token");
    flow.append(Stage::Refresh);
    flow.append(Stage::Resource);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert!(flow.session.refresh_token().is_some_and(|token| *token != first));
    assert_eq!(exchange(&flow, Stage::Resource).response().map(|response| response.status), Some(200));
    for rule in ["id_token.refreshed_iss", "id_token.refreshed_sub", "id_token.refreshed_aud"] {
        assert_eq!(verdict(&flow, rule), Pass, "{rule}");
    }
    flow.append(Stage::Refresh);
    pair.run_to(&mut flow, Stage::Refresh);
    edit_form(&mut flow, |form| form.set("refresh_token", first.expose()));
    let (stage, error, _) = refused(pair.run(&mut flow));
    assert_eq!((stage, error.as_str()), (Stage::Refresh, "invalid_grant"));
    flow.retry();
    let (_, error, _) = refused(pair.run(&mut flow));
    assert_eq!(error, "invalid_grant", "the newest token died with its family");
}

#[test]
fn without_a_refresh_token_the_refresh_says_what_is_missing() {
    let mut pair = Pair::new();
    let mut flow = pair.flow_with(|settings| settings.request.scope = "openid profile".to_owned());
    flow.append(Stage::Refresh);
    let Next::Missing(missing) = pair.run(&mut flow) else { panic!("nothing is missing") };
    assert_eq!((missing.stage, missing.field), (Stage::Refresh, "refresh_token"));
    assert_eq!(flow.outcome(), Outcome::Incomplete);
}

#[test]
fn missing_settings_are_asked_for_and_the_run_goes_on() {
    for (name, stage) in [
        ("issuer", Stage::Discovery),
        ("client_id", Stage::Authorization),
        ("token_endpoint", Stage::Token),
        ("client_secret", Stage::Token),
    ] {
        let mut pair = Pair::new();
        let mut flow = pair.flow_with(|settings| {
            let wrong = if name == "token_endpoint" { "not a URL" } else { "" };
            settings.set(name, wrong).expect("a setting");
        });
        let Next::Missing(missing) = pair.run(&mut flow) else { panic!("{name} is not missed") };
        assert_eq!(missing.stage, stage, "{missing}");
        assert_eq!(flow.outcome(), Outcome::Incomplete);
        let right = match name {
            "issuer" => ISSUER,
            "client_id" => "practice-web",
            "token_endpoint" => "http://127.0.0.1:9400/token",
            _ => "practice-secret",
        };
        flow.settings.set(name, right).expect("a setting");
        assert_eq!(pair.run(&mut flow), Next::Finished, "{name}");
    }
}

#[test]
fn polling_changes_nothing() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    for _ in 0..20 {
        let first = flow.poll(pair::START);
        let trace = flow.trace.exchanges.len();
        assert_eq!(flow.poll(pair::START + Duration::from_secs(5)), first);
        assert_eq!((flow.poll(Timestamp::default()), flow.trace.exchanges.len()), (first, trace));
        pair.step(&mut flow);
    }
    assert_eq!(flow.poll(pair::START), Next::Finished);
}

#[test]
fn events_that_answer_nothing_are_ignored() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run(&mut flow);
    let before = flow.trace.exchanges.len();
    for event in pair::every_event() {
        flow.handle(event, pair::START);
    }
    assert_eq!((flow.trace.exchanges.len(), flow.outcome()), (before, Outcome::Success));
}

#[test]
fn a_run_that_went_back_a_step_goes_on_from_there() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run_to_browse(&mut flow);
    let kept = flow.clone();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    let mut back = kept;
    assert_eq!(pair.run(&mut back), Next::Finished);
    assert_eq!(back.trace.exchanges.len(), flow.trace.exchanges.len());
}

#[test]
fn no_debug_output_holds_a_secret() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    flow.append(Stage::Refresh);
    pair.run(&mut flow);
    let shown = format!("{flow:?}");
    let tokens = &flow.session.tokens[0].response;
    for secret in [&tokens.access_token, &tokens.refresh_token, &tokens.id_token, &flow.session.code] {
        assert!(!shown.contains(secret.as_ref().expect("a secret").expose()));
    }
    let verifier = flow.own.drawn.as_ref().map(|drawn| drawn.code_verifier.clone()).expect("a verifier");
    assert!(!shown.contains(verifier.expose()) && !shown.contains("practice-secret"));
}

#[test]
fn a_redacted_trace_holds_no_credential() {
    let mut pair = Pair::new();
    let mut flow = pair.flow_with(|settings| settings.request.code_challenge_method = "plain".to_owned());
    flow.append(Stage::Refresh);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    let redacted = Redactor::of(&flow.trace, []).trace(&flow.trace);
    let mut shown = String::new();
    for exchange in &redacted.exchanges {
        shown += &raw::request(&exchange.request);
        shown += &curl::command(&exchange.request);
        shown += &exchange.response().map(raw::response).unwrap_or_default();
        if let Answer::Callback(callback) = &exchange.answer {
            shown += &callback.params.encode();
        }
    }
    for secret in flow.secrets().chain([&flow.settings.client.client_secret]) {
        assert!(!shown.contains(secret.expose()), "{shown}");
    }
    assert!(!shown.contains("cHJhY3RpY2Utd2Vi"), "the Authorization header of practice-web");
    assert!(flow.secrets().count() >= 9 && shown.contains("code_challenge=REDACTED-code_verifier-1"));
}
