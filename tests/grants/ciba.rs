//! Backchannel authentication in poll, ping and push mode.

use grantscope::base::check::Verdict;
use grantscope::base::http::HttpResponse;
use grantscope::base::json::Json;
use grantscope::client::settings::Settings;
use grantscope::demo;
use grantscope::flow::callback::Callback;
use grantscope::flow::stage::Stage;
use grantscope::flow::step::StepState;
use grantscope::flow::world::World as _;
use grantscope::flow::{Action, Event, Flow, Next, Outcome, ProblemKind};
use grantscope::practice::Fault;
use grantscope::record::{Record, redactor};
use grantscope::terms::grant::Grant;

use crate::pair::Pair;
use crate::{failed, flow, polls, refused, stages};

fn ping(change: impl FnOnce(&mut Settings)) -> Flow {
    flow(Grant::Ciba, |settings| {
        "ping".clone_into(&mut settings.client.backchannel_token_delivery_mode);
        demo::choose_client(settings, Grant::Ciba);
        change(settings);
    })
}

#[test]
fn a_client_polls_at_its_interval_until_the_user_approves() {
    let mut pair = Pair::new();
    pair.approves = false;
    let mut flow = flow(Grant::Ciba, |settings| "W4SCT".clone_into(&mut settings.request.binding_message));
    pair.run_to(&mut flow, Stage::Verification);
    let page = flow.session.backchannel.clone().and_then(|acknowledged| acknowledged.approval_uri).expect("a page");
    for _ in 0..5 {
        pair.step(&mut flow);
    }
    assert_eq!(polls(&flow), ["authorization_pending", "authorization_pending"]);
    pair.approve(&page);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), Vec::<&str>::new());
}

#[test]
fn a_ping_says_when_to_ask_and_no_poll_is_in_vain() {
    let mut flow = ping(|_| {});
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), Vec::<&str>::new());
    assert!(stages(&flow).contains(&Stage::Notification));
    assert_eq!(polls(&flow), Vec::<String>::new());
}

#[test]
fn a_ping_that_never_comes_stops_the_run_and_polling_goes_on() {
    let mut pair = Pair::new();
    pair.approves = false;
    let mut flow = ping(|_| {});
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("not stopped") };
    assert_eq!((problem.stage, problem.kind), (Stage::Notification, ProblemKind::Failed));
    assert!(problem.advice.join(" ").contains("ask without it"), "{:?}", problem.advice);
    let page = flow.session.backchannel.clone().and_then(|acknowledged| acknowledged.approval_uri).expect("a page");
    pair.approve(&page);
    flow.go_on_anyway();
    assert_eq!(pair.run(&mut flow), Next::Finished);
}

#[test]
fn every_error_of_the_request_stops_at_the_request() {
    type Change = fn(&mut Settings);
    let unknown: Change = |settings| "mallory".clone_into(&mut settings.request.login_hint);
    let two: Change = |settings| settings.request.id_token_hint = "a.b.c".into();
    let none: Change = |settings| "login_hint".clone_into(&mut settings.request.omit);
    let scope: Change = |settings| "email".clone_into(&mut settings.request.scope);
    let long: Change = |settings| settings.request.binding_message = "x".repeat(100);
    let code: Change = |settings| settings.request.user_code = "1234".into();
    let secret: Change = |settings| settings.client.client_secret = "wrong".into();
    let device: Change = |settings| {
        "practice-service".clone_into(&mut settings.client.client_id);
    };
    for (change, error) in [
        (unknown, "unknown_user_id"),
        (two, "invalid_request"),
        (none, "invalid_request"),
        (scope, "invalid_scope"),
        (long, "invalid_binding_message"),
        (code, "invalid_user_code"),
        (secret, "invalid_client"),
        (device, "unauthorized_client"),
    ] {
        let mut flow = flow(Grant::Ciba, change);
        let (said, advice) = refused(&mut flow, &mut Pair::new());
        assert_eq!(said, error);
        assert!(!advice.is_empty(), "{error}");
        assert_eq!(flow.stage(), Some(Stage::BackchannelAuthentication), "{error}");
    }
}

#[test]
fn nobody_is_asked_when_nobody_is_named() {
    let mut flow = flow(Grant::Ciba, |settings| settings.request.login_hint.clear());
    let Next::Missing(missing) = Pair::new().run(&mut flow) else { panic!("nothing is missing") };
    assert_eq!((missing.stage, missing.field), (Stage::BackchannelAuthentication, "login_hint"));
}

/// The link of a request shows that request, not another one of the same user.
#[test]
fn each_request_is_approved_by_its_own_link() {
    let mut pair = Pair::new();
    let [mut first, mut second] = [(); 2].map(|()| {
        let mut flow = flow(Grant::Ciba, |_| {});
        pair.run_to(&mut flow, Stage::Verification);
        flow
    });
    assert_eq!(pair.run(&mut second), Next::Finished);
    pair.approves = false;
    pair.run_to(&mut first, Stage::Token);
    pair.wait(std::time::Duration::from_secs(700));
    assert_eq!(refused(&mut first, &mut pair).0, "expired_token", "nobody has approved the first");
}

#[test]
fn a_user_who_denies_and_a_request_that_is_over_end_the_polling() {
    let mut pair = Pair::new();
    pair.decision = "deny";
    assert_eq!(refused(&mut flow(Grant::Ciba, |_| {}), &mut pair).0, "access_denied");
    let mut pair = Pair::new();
    pair.approves = false;
    let mut late = flow(Grant::Ciba, |_| {});
    pair.run_to(&mut late, Stage::Token);
    pair.wait(std::time::Duration::from_secs(700));
    assert_eq!(refused(&mut late, &mut pair).0, "expired_token");
}

#[test]
fn a_client_that_polls_too_soon_slows_down_for_good() {
    let mut pair = Pair::new();
    pair.approves = false;
    let mut flow = flow(Grant::Ciba, |_| {});
    pair.run_to(&mut flow, Stage::Verification);
    pair.step(&mut flow);
    for _ in 0..2 {
        if let Some(polling) = &mut flow.session.polling {
            polling.next_at = crate::pair::START;
        }
        flow.reprepare();
        pair.step(&mut flow);
    }
    assert_eq!(polls(&flow), ["authorization_pending", "slow_down"]);
    assert_eq!(flow.session.polling.expect("polling").interval.as_secs(), 10);
}

#[test]
fn where_the_server_has_its_own_way_to_the_user_the_approval_is_left_to_it() {
    let mut pair = Pair::new();
    pair.faults.insert("/bc-authorize", |_| {
        let body = r#"{"auth_req_id":"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk","expires_in":60}"#;
        Ok(HttpResponse::new(200, "application/json", body))
    });
    let mut flow = flow(Grant::Ciba, |_| {});
    pair.run_to(&mut flow, Stage::Token);
    let approval = flow.steps().into_iter().find(|view| view.step.title == "Approval").expect("a step");
    assert_eq!(approval.state, StepState::Skipped);
}

#[test]
fn an_empty_auth_req_id_and_junk_stop_with_what_came() {
    for (body, says) in [(r#"{"auth_req_id":"","expires_in":60}"#, "without auth_req_id"), ("<html>", "HTML page")] {
        let mut pair = Pair::new();
        pair.faults.insert(
            "/bc-authorize",
            if body.starts_with('{') {
                |_| Ok(HttpResponse::new(200, "application/json", r#"{"auth_req_id":"","expires_in":60}"#))
            } else {
                |_| Ok(HttpResponse::new(200, "text/html", "<html>"))
            },
        );
        let Next::Stopped(problem) = pair.run(&mut flow(Grant::Ciba, |_| {})) else { panic!("not stopped") };
        assert!(problem.came.contains(says), "{}", problem.came);
    }
}

#[test]
fn a_listener_that_was_given_up_is_bound_anew_where_the_ping_is_awaited() {
    let mut pair = Pair::new();
    let mut flow = ping(|_| {});
    pair.run_to(&mut flow, Stage::Notification);
    // As the window does when it stops, goes back or shows another tab.
    flow.own.listening_at = None;
    flow.reprepare();
    assert!(matches!(flow.poll(pair.now()), Next::Do(Action::Listen(_))));
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(flow.own.listening_at, None, "the listener ends with what it waited for");
}

#[test]
fn a_second_try_of_the_request_draws_a_new_notification_token() {
    let mut pair = Pair::new();
    let mut flow = ping(|settings| "mallory".clone_into(&mut settings.request.login_hint));
    assert_eq!(refused(&mut flow, &mut pair).0, "unknown_user_id");
    let first = flow.own.notification_token.clone();
    "alice".clone_into(&mut flow.settings.request.login_hint);
    flow.retry();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert!(first.is_some() && flow.own.notification_token != first);
}

#[test]
fn poll_and_ping_may_be_changed_until_the_request_has_left() {
    for (from, to) in [("ping", "poll"), ("poll", "ping")] {
        let mut pair = Pair::new();
        let mut flow = ping(|settings| from.clone_into(&mut settings.client.backchannel_token_delivery_mode));
        pair.run_to(&mut flow, Stage::BackchannelAuthentication);
        to.clone_into(&mut flow.settings.client.backchannel_token_delivery_mode);
        demo::choose_client(&mut flow.settings, Grant::Ciba);
        flow.reprepare();
        assert_eq!(pair.run(&mut flow), Next::Finished, "{from} to {to}");
        assert_eq!(stages(&flow).contains(&Stage::Notification), to == "ping");
    }
}

fn push(change: impl FnOnce(&mut Settings)) -> Flow {
    flow(Grant::Ciba, |settings| {
        "push".clone_into(&mut settings.client.backchannel_token_delivery_mode);
        demo::choose_client(settings, Grant::Ciba);
        change(settings);
    })
}

#[test]
fn pushed_tokens_come_without_being_asked_for() {
    let mut flow = push(|_| {});
    assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()));
    assert_eq!(flow.settings.client.client_id, "practice-push");
    let all = stages(&flow);
    assert!(all.contains(&Stage::Push) && !all.contains(&Stage::Token), "{all:?}");
    assert_eq!(all[all.len() - 2..], [Stage::UserInfo, Stage::Resource]);
    for rule in ["required", "auth_req_id", "auth_req_id_claim", "at_hash", "rt_hash"] {
        let verdict = flow.checks().find(|check| check.rule.id == format!("backchannel_push.{rule}"));
        assert_eq!(verdict.map(|check| check.verdict), Some(Verdict::Pass), "{rule}");
    }
    let interval = flow.checks().find(|check| check.rule.id == "backchannel.interval");
    assert_eq!(interval.map(|check| check.verdict), Some(Verdict::Skipped));
    let answer = flow.trace.exchanges.iter().find(|it| it.stage == Stage::BackchannelAuthentication);
    let answer = answer.and_then(|exchange| exchange.response()).expect("an answer");
    assert!(!answer.text().contains("interval"), "it is for poll and ping mode");
    for rule in ["id_token.signature", "id_token.at_hash", "id_token.iss"] {
        let verdict = flow.checks().find(|check| check.rule.id == rule);
        assert_eq!(verdict.map(|check| check.verdict), Some(Verdict::Pass), "{rule}");
    }
}

/// RFC 9449 section 5: what proves a key is the token request.
#[test]
fn a_push_says_that_it_binds_no_token() {
    for is_bound in [true, false] {
        let mut flow = push(|settings| settings.protection.dpop_bound_access_tokens = is_bound);
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
        let check = flow.checks().find(|check| check.rule.id == "dpop.bound");
        assert_eq!(check.map(|check| check.verdict), is_bound.then_some(Verdict::Skipped), "{check:?}");
    }
}

#[test]
fn a_refusal_is_pushed_too() {
    let mut pair = Pair::new();
    pair.decision = "deny";
    let (error, advice) = refused(&mut push(|_| {}), &mut pair);
    assert_eq!(error, "access_denied");
    assert!(advice[0].starts_with("The user said no on the other device"), "{advice:?}");
}

/// Runs with the push as a server would send it that says this type.
fn pushed_with_type(token_type: &str) -> (Flow, Next) {
    let mut pair = Pair::new();
    let mut flow = push(|_| {});
    pair.run_to(&mut flow, Stage::Push);
    pair.notified_with = Some(("token_type", token_type.to_owned()));
    let next = pair.run(&mut flow);
    (flow, next)
}

#[test]
fn pushed_tokens_of_a_type_that_is_not_understood_are_not_used() {
    let verdict = |flow: &Flow, rule: &str| flow.checks().find(|it| it.rule.id == rule).map(|it| it.verdict);
    for (token_type, said) in [("mac", Verdict::Fail), ("DPoP", Verdict::Pass)] {
        let (flow, next) = pushed_with_type(token_type);
        let Next::Stopped(problem) = next else { panic!("not stopped") };
        assert_eq!((problem.stage, problem.kind), (Stage::Push, ProblemKind::Unsafe));
        assert_eq!(stages(&flow).last(), Some(&Stage::Push), "nothing leaves with it");
        assert_eq!(verdict(&flow, "token.token_type"), Some(said));
        assert_eq!(verdict(&flow, "token.type_understood"), Some(Verdict::Fail));
    }
    let (flow, next) = pushed_with_type("bearer");
    assert_eq!(next, Next::Finished);
    assert_eq!(verdict(&flow, "token.token_type"), Some(Verdict::Pass));
    assert_eq!(verdict(&flow, "token.type_understood"), None);
}

/// CIBA section 10.3.1: neither in the push nor in its ID token.
#[test]
fn tokens_that_are_pushed_for_another_request_are_not_used() {
    for is_in_claim in [false, true] {
        let mut pair = Pair::new();
        let mut flow = push(|_| {});
        pair.practice.set(Fault::PushWrongRequest, is_in_claim);
        pair.run_to(&mut flow, Stage::Push);
        pair.notified_with = Some(("auth_req_id", "another".to_owned())).filter(|_| !is_in_claim);
        let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("not stopped") };
        let rule = if is_in_claim { "backchannel_push.auth_req_id_claim" } else { "backchannel_push.auth_req_id" };
        assert_eq!((problem.stage, problem.kind, problem.rule), (Stage::Push, ProblemKind::Unsafe, Some(rule)));
        assert_eq!(stages(&flow).last(), Some(&Stage::Push), "nothing leaves with them");
    }
}

#[test]
fn a_client_that_gets_its_tokens_pushed_must_not_ask_for_them() {
    let mut pair = Pair::new();
    pair.approves = false;
    // Registered for push, and polls all the same.
    let mut flow = push(|settings| "ping".clone_into(&mut settings.client.backchannel_token_delivery_mode));
    let Next::Stopped(_) = pair.run(&mut flow) else { panic!("not stopped") };
    flow.go_on_anyway();
    let (error, _) = refused(&mut flow, &mut pair);
    assert_eq!(error, "unauthorized_client");
}

#[test]
fn a_recording_of_pushed_tokens_is_judged_as_the_run_was_and_hides_them() {
    let mut flow = push(|_| {});
    let next = Pair::new().run(&mut flow);
    let body = flow.trace.exchanges.iter().find(|it| it.stage == Stage::Push).map(|it| it.request.body.clone());
    let body = Json::parse(&body.expect("a push")).expect("JSON");
    assert!(body.get("expires_in").and_then(Json::as_i64).is_some(), "a number stays one: {body}");
    let record = Record::of(&flow, &next);
    let written = record.to_text(None);
    let again = Record::read(&written).expect("a record").to_text(None);
    assert!(again == written, "it says something else when it is read again");
    let hidden = record.to_text(Some(&redactor(&flow)));
    let tokens = flow.session.tokens.iter().map(|tokens| &tokens.response);
    for tokens in tokens {
        for token in [&tokens.access_token, &tokens.refresh_token, &tokens.id_token].into_iter().flatten() {
            assert!(written.contains(token.expose()) && !hidden.contains(token.expose()));
        }
    }
}

#[test]
fn a_push_without_tokens_is_told_as_one_that_came() {
    let mut pair = Pair::new();
    let mut flow = push(|_| {});
    pair.run_to(&mut flow, Stage::Push);
    let Next::Do(Action::Await(awaiting)) = flow.poll(pair.now()) else { panic!("no wait") };
    let asked = flow.session.backchannel.clone().expect("an answer").auth_req_id;
    let body = format!(r#"{{"auth_req_id":"{}"}}"#, asked.expose());
    let callback = Callback::notified(&awaiting.redirect_uri, body.as_bytes()).expect("JSON");
    flow.handle(Event::CalledBack(callback), pair.now());
    let problem = flow.problem().expect("a stop");
    assert_eq!(problem.title, "The push brought no tokens");
    assert!(problem.advice[0].starts_with("Push all of them"), "{:?}", problem.advice);
}

#[test]
fn an_older_document_that_calls_a_push_a_ping_is_read_as_a_push() {
    let mut flow = push(|_| {});
    let next = Pair::new().run(&mut flow);
    let written = Record::of(&flow, &next).to_text(None);
    assert!(written.contains(r#""response_mode": "push""#), "{written}");
    let older = written
        .replace(r#""response_mode": "push""#, r#""response_mode": "ping""#)
        .replace(r#""stage": "push""#, r#""stage": "notification""#)
        .replace("    \"push\",", "    \"notification\",");
    assert!(older.contains("    \"notification\","));
    let read = Record::read(&older).expect("a record");
    assert_eq!(read.stages, flow.stages());
    assert!(read.to_text(None) == written, "it is written as a push");
}
