//! Logouts of which the server tells the client by itself (OIDC Back-Channel Logout).

use std::sync::Arc;

use grantscope::base::check::Verdict;
use grantscope::base::json::Json;
use grantscope::client::settings::Settings;
use grantscope::flow::judge::judge;
use grantscope::flow::stage::Stage;
use grantscope::flow::trace::Exchange;
use grantscope::flow::{Flow, Next, Outcome, ladder};
use grantscope::jose::jwt::decode;
use grantscope::practice::Fault;
use grantscope::record::Record;
use grantscope::terms::grant::Grant;

use crate::pair::Pair;
use crate::{failed, flow};

const HERE: &str = "http://127.0.0.1:9402/backchannel_logout";

fn hears(settings: &mut Settings) {
    HERE.clone_into(&mut settings.client.backchannel_logout_uri);
}

fn signing_out(change: impl FnOnce(&mut Settings)) -> Flow {
    let mut flow = flow(Grant::AuthorizationCode, change);
    flow.append(Stage::Logout);
    flow
}

fn verdict(flow: &Flow, rule: &str) -> Option<Verdict> {
    flow.checks().filter(|check| check.rule.id == rule).last().map(|check| check.verdict)
}

#[test]
fn the_logout_token_is_judged_and_answered() {
    let mut flow = signing_out(hears);
    assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()));
    let last = flow.trace.exchanges.last().expect("an exchange");
    let [told] = last.meanwhile.as_slice() else { panic!("{:?}", last.meanwhile) };
    assert_eq!((told.response.status, told.response.headers.get("cache-control")), (200, Some("no-store")));
    let token =
        decode(told.request.form().and_then(|form| form.get("logout_token").map(str::to_owned)).expect("one").as_str());
    let id_token = decode(flow.session.id_token().expect("an ID token").expose());
    for claim in ["iss", "sub", "sid", "aud"] {
        let of = |token: &grantscope::jose::jwt::Decoded| token.claim(claim).and_then(Json::as_str).map(str::to_owned);
        assert_eq!(of(&token), of(&id_token), "{claim}");
    }
    for rule in [
        "sent",
        "request",
        "signature",
        "alg",
        "typ",
        "iss",
        "aud",
        "iat",
        "exp",
        "lifetime",
        "jti",
        "repeated",
        "events",
        "nonce",
        "subject",
        "session",
    ] {
        assert_eq!(verdict(&flow, &format!("blo.{rule}")), Some(Verdict::Pass), "{rule}");
    }
    let rungs = ladder::rungs(&flow, false);
    assert!(rungs.iter().any(|rung| rung.label == "POST /backchannel_logout"), "{rungs:?}");
}

#[test]
fn a_token_that_must_be_rejected_is_answered_with_400() {
    for (fault, status) in [(Fault::LogoutWrongAud, 400), (Fault::LogoutWithNonce, 400), (Fault::LogoutTyp, 200)] {
        let mut pair = Pair::new();
        pair.practice.set(fault, true);
        let mut flow = signing_out(hears);
        assert_eq!(pair.run(&mut flow), Next::Finished);
        let last = flow.trace.exchanges.last().expect("an exchange");
        let answered: Vec<u16> = last.meanwhile.iter().map(|told| told.response.status).collect();
        assert_eq!(answered, [status], "{fault}");
    }
}

#[test]
fn a_token_that_came_before_is_told() {
    let mut flow = signing_out(hears);
    Pair::new().run(&mut flow);
    let repeated = |exchanges: &[Arc<Exchange>]| {
        let (_, checks) = judge(exchanges);
        let of_rule = checks.into_iter().flatten().filter(|check| check.rule.id == "blo.repeated");
        of_rule.map(|check| check.verdict).collect::<Vec<_>>()
    };
    let mut exchanges = flow.trace.exchanges.clone();
    assert_eq!(repeated(&exchanges), [Verdict::Pass]);
    let twice = Arc::make_mut(exchanges.last_mut().expect("the logout"));
    twice.meanwhile.push(twice.meanwhile[0].clone());
    assert_eq!(repeated(&exchanges), [Verdict::Pass, Verdict::Note]);
    // The same token in answer to another logout of the run.
    let mut again = flow.trace.exchanges.clone();
    let mut second = Exchange::clone(again.last().expect("the logout"));
    second.attempt += 1;
    again.push(Arc::new(second));
    assert_eq!(repeated(&again), [Verdict::Pass, Verdict::Note]);
}

#[test]
fn where_none_comes_that_is_noted_and_where_nobody_listens_nothing_is_said() {
    let mut pair = Pair::new();
    pair.practice.configure(|config| config.clients.iter_mut().for_each(|client| client.backchannel_logout_uri = None));
    let mut flow = signing_out(hears);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(verdict(&flow, "blo.sent"), Some(Verdict::Note));
    let mut deaf = signing_out(|_| {});
    assert_eq!(Pair::new().run(&mut deaf), Next::Finished);
    assert!(deaf.checks().all(|check| !check.rule.id.starts_with("blo.")));
}

#[test]
fn an_address_that_is_none_is_asked_for() {
    let mut flow = signing_out(|settings| "somewhere".clone_into(&mut settings.client.backchannel_logout_uri));
    let Next::Missing(missing) = Pair::new().run(&mut flow) else { panic!("nothing is missing") };
    assert_eq!((missing.stage, missing.field), (Stage::Logout, "backchannel_logout_uri"));
}

#[test]
fn a_recording_is_judged_as_the_run_was() {
    let mut flow = signing_out(hears);
    let next = Pair::new().run(&mut flow);
    let written = Record::of(&flow, &next).to_text(None);
    let again = Record::read(&written).expect("a record").to_text(None);
    assert!(again == written, "it says something else when it is read again");
}
