//! Every grant beside the authorization code grant, against the practice server in memory.

mod account;
mod asked_claims;
mod assertions;
mod authorization_response;
mod ciba;
mod ciba_signed;
mod claim_sources;
mod client_authentication;
mod discovery;
mod dpop;
mod encrypted;
mod errors;
mod exchange;
mod id_jag;
mod jarm;
mod keys;
mod logout;
mod logout_frame;
mod logout_heard;
mod logout_token;
mod mcp;
mod nothing;
#[path = "../pair/mod.rs"]
mod pair;
mod profiles;
mod protected;
mod referred;
mod registration;
mod resource_metadata;
mod step_up;
mod tokens;
mod untaken;
mod unused;
mod workload;

use grantscope::base::check::Verdict;
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::client::settings::Settings;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next, Outcome, ProblemKind};
use grantscope::terms::grant::Grant;
use pair::{Pair, practice_settings};

fn flow(grant: Grant, change: impl FnOnce(&mut Settings)) -> Flow {
    let mut settings = practice_settings();
    grantscope::demo::fill(&mut settings, grant, "alice", None);
    grantscope::flow::grant::adapt(grant, &mut settings);
    change(&mut settings);
    Flow::new(grant, settings, grantscope::base::entropy::Entropy::from_seed([2; 32]))
}

fn failed(flow: &Flow) -> Vec<&'static str> {
    flow.checks().filter(|check| check.verdict == Verdict::Fail).map(|check| check.rule.id).collect()
}

fn stages(flow: &Flow) -> Vec<Stage> {
    flow.trace.exchanges.iter().map(|exchange| exchange.stage).collect()
}

/// The refusal's error code and what was advised.
fn refused(flow: &mut Flow, pair: &mut Pair) -> (String, Vec<String>) {
    let Next::Stopped(problem) = pair.run(flow) else { panic!("not stopped: {:?}", flow.outcome()) };
    let ProblemKind::Refused(error) = problem.kind else { panic!("not refused: {problem:?}") };
    (error.error, problem.advice)
}

#[test]
fn each_grant_succeeds_with_nothing_filled_in() {
    for grant in Grant::ALL {
        let mut pair = Pair::new();
        let mut flow = flow(grant, |_| {});
        assert_eq!(pair.run(&mut flow), Next::Finished, "{grant:?}");
        assert_eq!(flow.outcome(), Outcome::Success, "{grant:?}");
        assert_eq!(failed(&flow), Vec::<&str>::new(), "{grant:?}");
        let tokens = flow.session.tokens.last().expect("tokens");
        assert!(tokens.response.access_token.is_some(), "{grant:?}");
    }
}

#[test]
fn the_client_credentials_grant_is_refused_for_what_its_client_may_not_do() {
    let wrong: fn(&mut Settings) = |settings| settings.client.client_secret = "wrong".into();
    let public: fn(&mut Settings) = |settings| {
        "practice-native".clone_into(&mut settings.client.client_id);
        "none".clone_into(&mut settings.client.token_endpoint_auth_method);
    };
    for (change, error) in [(wrong, "invalid_client"), (public, "unauthorized_client")] {
        let (said, advice) = refused(&mut flow(Grant::ClientCredentials, change), &mut Pair::new());
        assert_eq!(said, error);
        assert!(!advice.is_empty(), "{error}");
    }
}

#[test]
fn a_client_without_user_asks_for_nothing_of_a_user() {
    let preset = flow(Grant::ClientCredentials, |_| {});
    assert_eq!(preset.settings.request.scope, "profile email");
    let typed = flow(Grant::ClientCredentials, |settings| "openid api".clone_into(&mut settings.request.scope));
    assert_eq!(typed.settings.request.scope, "openid api", "what is typed is sent");
}

#[test]
fn a_wrong_password_is_refused_and_never_shown() {
    let mut flow = flow(Grant::Password, |settings| settings.request.password = "sentinel-password".into());
    let (error, _) = refused(&mut flow, &mut Pair::new());
    assert_eq!(error, "invalid_grant");
    assert!(!format!("{flow:?}").contains("sentinel-password"));
}

#[test]
fn a_missing_username_is_named() {
    let mut flow = flow(Grant::Password, |settings| settings.request.username.clear());
    let Next::Missing(missing) = Pair::new().run(&mut flow) else { panic!("nothing is missing") };
    assert_eq!((missing.stage, missing.field), (Stage::Token, "username"));
}

#[test]
fn a_refresh_begins_with_a_login_or_with_a_pasted_token() {
    let mut pair = Pair::new();
    let mut first = flow(Grant::RefreshToken, |_| {});
    pair.run(&mut first);
    assert!(stages(&first).contains(&Stage::Authorization));
    let token = first.session.refresh_token().expect("a refresh token").clone();
    let mut second = flow(Grant::RefreshToken, |settings| settings.request.refresh_token = token);
    assert_eq!(pair.run(&mut second), Next::Finished);
    assert!(!stages(&second).contains(&Stage::Authorization));
}

#[test]
fn a_used_refresh_token_is_refused_and_ends_its_family() {
    let mut pair = Pair::new();
    let mut first = flow(Grant::RefreshToken, |_| {});
    pair.run_to(&mut first, Stage::Refresh);
    let old = first.session.refresh_token().expect("a refresh token").clone();
    pair.run(&mut first);
    let mut replay = flow(Grant::RefreshToken, |settings| settings.request.refresh_token = old);
    assert_eq!(refused(&mut replay, &mut pair).0, "invalid_grant");
    first.append(Stage::Refresh);
    assert_eq!(refused(&mut first, &mut pair).0, "invalid_grant", "the newer token died with the family");
}

#[test]
fn a_refresh_may_narrow_the_scope_and_not_widen_it() {
    let narrowed = |scope: &str| {
        let scope = scope.to_owned();
        flow(Grant::RefreshToken, move |settings| settings.request.refresh_scope = scope)
    };
    let mut flow = narrowed("openid profile");
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert_eq!(flow.session.tokens.last().expect("tokens").scope, "openid profile");
    let mut wider = narrowed("openid profile email offline_access admin");
    assert_eq!(refused(&mut wider, &mut Pair::new()).0, "invalid_scope");
}

#[test]
fn a_revoked_token_is_dead() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    pair.run(&mut flow);
    for (stage, active) in
        [(Stage::Introspection, Some(true)), (Stage::Revocation, None), (Stage::Introspection, Some(false))]
    {
        flow.append(stage);
        assert_eq!(pair.run(&mut flow), Next::Finished, "{stage:?}");
        let body = flow.trace.exchanges.last().and_then(|exchange| exchange.response()).expect("an answer");
        let said = grantscope::flow::stage::json_of(body).and_then(|json| json.get("active")?.as_bool());
        assert_eq!(said, active, "{stage:?}");
    }
    flow.append(Stage::Resource);
    assert_eq!(refused(&mut flow, &mut pair).0, "invalid_token");
    assert_eq!(failed(&flow), [""; 0], "to refuse a dead token is right");
}

/// The errors of the polls, in order.
fn polls(flow: &Flow) -> Vec<String> {
    let answers = flow.trace.exchanges.iter().filter(|exchange| exchange.stage == Stage::Token);
    let error = |response| grantscope::flow::stage::json_of(response)?.text("error").map(str::to_owned);
    answers.filter_map(|exchange| error(exchange.response()?)).collect()
}

#[test]
fn a_device_polls_at_its_interval_until_the_user_approves() {
    let mut pair = Pair::new();
    pair.approves = false;
    let mut flow = flow(Grant::DeviceCode, |_| {});
    pair.run_to(&mut flow, Stage::Verification);
    let page = flow.session.device.clone().expect("a device").verification_uri_complete.expect("a complete URI");
    for _ in 0..5 {
        pair.step(&mut flow);
    }
    assert_eq!(polls(&flow), ["authorization_pending", "authorization_pending"]);
    pair.approves = true;
    pair.approve(&page);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    let sent: Vec<i64> = flow
        .trace
        .exchanges
        .iter()
        .filter(|exchange| exchange.stage == Stage::Token)
        .map(|exchange| exchange.sent_at.millis())
        .collect();
    assert!(sent.windows(2).all(|pair| pair[1] - pair[0] >= 5000), "{sent:?}");
}

/// A server that cannot answer now says so by its code, whatever its status (RFC 6749 section 4.1.2.1).
#[test]
fn a_poll_that_the_server_cannot_answer_now_is_made_again() {
    for grant in [Grant::DeviceCode, Grant::Ciba] {
        let mut pair = Pair::new();
        pair.faults.insert("/token", |_| Ok(HttpResponse::new(400, JSON, r#"{"error":"temporarily_unavailable"}"#)));
        let mut flow = flow(grant, |_| {});
        let Next::Stopped(_) = pair.run(&mut flow) else { panic!("not stopped") };
        let polls = flow.trace.exchanges.iter().filter(|exchange| exchange.stage == Stage::Token).count();
        assert!(polls > 3, "{grant:?}: {polls} polls");
    }
}

#[test]
fn a_device_that_polls_too_soon_slows_down_for_good() {
    let mut pair = Pair::new();
    pair.approves = false;
    let mut flow = flow(Grant::DeviceCode, |_| {});
    pair.run_to(&mut flow, Stage::Verification);
    pair.step(&mut flow);
    for _ in 0..2 {
        if let Some(polling) = &mut flow.session.polling {
            polling.next_at = pair::START;
        }
        flow.reprepare();
        pair.step(&mut flow);
    }
    assert_eq!(polls(&flow), ["authorization_pending", "slow_down"]);
    assert_eq!(flow.session.polling.expect("polling").interval.as_secs(), 10);
}

#[test]
fn a_user_who_denies_and_a_code_that_is_over_end_the_polling() {
    let mut pair = Pair::new();
    pair.decision = "deny";
    assert_eq!(refused(&mut flow(Grant::DeviceCode, |_| {}), &mut pair).0, "access_denied");
    let mut pair = Pair::new();
    pair.approves = false;
    let mut late = flow(Grant::DeviceCode, |_| {});
    pair.run_to(&mut late, Stage::Token);
    pair.wait(std::time::Duration::from_secs(700));
    assert_eq!(refused(&mut late, &mut pair).0, "expired_token");
}
