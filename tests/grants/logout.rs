//! Signing out at the server, and the way back.

use std::time::Duration;

use grantscope::flow::callback::{Callback, Refusal, Stray, Via};
use grantscope::flow::stage::Stage;
use grantscope::flow::trace::Answer;
use grantscope::flow::world::World as _;
use grantscope::flow::{Action, Event, Failure, Flow, Next, Outcome};
use grantscope::terms::grant::Grant;

use crate::pair::Pair;
use crate::{failed, flow};

fn verdict(flow: &Flow, id: &str) -> Option<&'static str> {
    flow.checks().find(|check| check.rule.id == id).map(|check| check.verdict.word())
}

#[test]
fn the_browser_comes_back_with_its_state() {
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    flow.append(Stage::Logout);
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()));
    for id in ["logout.id_token_hint", "logout.returned", "logout.state"] {
        assert_eq!(verdict(&flow, id), Some("pass"), "{id}");
    }
}

#[test]
fn without_a_way_back_the_run_ends_at_the_server() {
    let mut flow = flow(Grant::AuthorizationCode, |settings| settings.client.post_logout_redirect_uri.clear());
    flow.append(Stage::Logout);
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    let last = flow.trace.exchanges.last().expect("an exchange");
    assert!(matches!(last.answer, Answer::Visited));
    assert!(!last.request.query().contains("state"));
}

#[test]
fn without_an_id_token_the_hint_is_missed() {
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        "profile".clone_into(&mut settings.request.scope);
        settings.client.post_logout_redirect_uri.clear();
    });
    flow.append(Stage::Logout);
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert_eq!(verdict(&flow, "logout.id_token_hint"), Some("warn"));
}

#[test]
fn where_nobody_signed_in_there_is_nobody_to_sign_out() {
    for grant in [Grant::ClientCredentials, Grant::JwtBearer, Grant::SamlBearer] {
        let mut flow = flow(grant, |_| {});
        flow.append(Stage::Logout);
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{grant:?}");
        let last = flow.stages().len() - 1;
        assert_eq!(flow.trace.skip_reason(last), Some("nobody has signed in"), "{grant:?}");
    }
}

#[test]
fn a_way_back_that_is_not_registered_is_a_page_at_the_server() {
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        "https://elsewhere.example/".clone_into(&mut settings.client.post_logout_redirect_uri);
    });
    flow.append(Stage::Logout);
    let Next::Stopped(problem) = Pair::new().run(&mut flow) else { panic!("not stopped") };
    assert_eq!(problem.stage, Stage::Logout);
    assert!(problem.advice.join(" ").contains("https://elsewhere.example/"), "{:?}", problem.advice);
}

#[test]
fn a_way_back_with_another_state_is_named_at_the_end_of_the_wait() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    flow.append(Stage::Logout);
    while flow.stage() != Some(Stage::Logout) || flow.awaiting().is_none() {
        pair.step(&mut flow);
    }
    let stray = Stray { at: pair.now(), what: "GET /signed-out".to_owned(), why: Refusal::WrongState };
    flow.handle(Event::Stray(stray), pair.now());
    flow.handle(
        Event::Failed { error: Failure::wait("no response came within 4 s"), took: Duration::ZERO },
        pair.now(),
    );
    let Next::Stopped(problem) = flow.poll(pair.now()) else { panic!("not stopped") };
    assert!(problem.came.contains("turned away meanwhile: GET /signed-out (state is not"), "{}", problem.came);
    assert!(problem.advice[0].contains("If it is of this logout"), "{:?}", problem.advice);
    assert_eq!(verdict(&flow, "logout.state"), Some("fail"));
}

/// What comes back at another path is no way back from this logout, and nothing is lost with it: the run goes on.
#[test]
fn a_way_back_at_another_address_is_a_failed_rule_and_ends_no_run() {
    let under_way = |pair: &mut Pair| {
        let mut flow = flow(Grant::AuthorizationCode, |_| {});
        flow.append(Stage::Logout);
        while flow.stage() != Some(Stage::Logout) || flow.awaiting().is_none() {
            pair.step(&mut flow);
        }
        flow
    };
    let mut pair = Pair::new();
    let mut turned_away = under_way(&mut pair);
    let why = Refusal::OtherPath("/other".to_owned());
    turned_away.handle(Event::Stray(Stray { at: pair.now(), what: "GET /other".to_owned(), why }), pair.now());
    let error = Failure::wait("no response came within 4 s");
    turned_away.handle(Event::Failed { error, took: Duration::ZERO }, pair.now());
    let mut delivered = under_way(&mut pair);
    let state = delivered.awaiting().and_then(|awaiting| awaiting.state.clone()).expect("a state");
    let url = format!("http://127.0.0.1:1/other?state={state}").parse().expect("a URL");
    delivered.handle(Event::CalledBack(Callback::back_at(url, Via::Query)), pair.now());
    for mut flow in [turned_away, delivered] {
        assert_eq!(flow.poll(pair.now()), Next::Finished);
        let returned = flow.checks().find(|check| check.rule.id == "logout.returned").expect("the rule");
        assert_eq!(returned.verdict.word(), "fail");
        assert!(returned.actual.as_deref().is_some_and(|saw| saw.contains("/other")), "{:?}", returned.actual);
        assert!(returned.rule.fix.contains("post_logout_redirect_uri"));
    }
}

/// A server that says no to a logout that asks for no way back has not signed anybody out.
#[test]
fn a_logout_that_the_server_refuses_is_no_success() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, |settings| settings.client.post_logout_redirect_uri.clear());
    flow.append(Stage::Logout);
    pair.run_to(&mut flow, Stage::Logout);
    assert!(matches!(flow.poll(pair.now()), Next::Do(Action::Browse(..))));
    flow.begin(pair.now());
    let why = "the server answered 400: Missing post_logout_redirect_uri".to_owned();
    let error = Failure::SignIn { why, advice: Vec::new(), is_refusal: true };
    flow.handle(Event::Failed { error, took: Duration::ZERO }, pair.now());
    let Next::Stopped(problem) = flow.poll(pair.now()) else { panic!("not stopped") };
    assert_eq!(problem.title, "The server did not sign the browser out");
    assert_eq!(problem.advice, ["No post_logout_redirect_uri was sent, and the server wants one."]);
    assert_eq!(flow.outcome(), Outcome::Failed);
}
