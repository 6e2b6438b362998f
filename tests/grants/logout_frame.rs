//! Logouts of which the browser tells the client in an iframe (OIDC Front-Channel Logout).

use grantscope::base::check::Verdict;
use grantscope::client::settings::Settings;
use grantscope::flow::beside::Arrival;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next, Outcome, ladder};
use grantscope::jose::jwt::decode;
use grantscope::practice::Fault;
use grantscope::record::Record;
use grantscope::terms::grant::Grant;

use crate::pair::{ISSUER, Pair, told_in_frames, told_of_logout};
use crate::{failed, flow};

fn signing_out(change: impl FnOnce(&mut Settings)) -> Flow {
    let mut flow = flow(Grant::AuthorizationCode, change);
    flow.append(Stage::Logout);
    flow
}

fn verdict(flow: &Flow, rule: &str) -> Option<Verdict> {
    flow.checks().filter(|check| check.rule.id == rule).last().map(|check| check.verdict)
}

fn arrived(flow: &Flow) -> &[Arrival] {
    &flow.trace.exchanges.last().expect("an exchange").meanwhile
}

#[test]
fn the_frame_is_judged_and_answered() {
    let mut flow = signing_out(told_in_frames);
    assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()));
    let [told] = arrived(&flow) else { panic!("{:?}", arrived(&flow)) };
    assert_eq!((told.request.method.as_str(), told.response.status), ("GET", 200));
    assert_eq!(told.response.headers.get("cache-control"), Some("no-cache, no-store"));
    let id_token = decode(flow.session.id_token().expect("an ID token").expose());
    let sent = told.request.query();
    assert_eq!(sent.get("iss"), Some(ISSUER));
    assert_eq!(sent.get("sid"), id_token.claim("sid").and_then(|sid| sid.as_str()));
    for rule in ["sent", "origin", "request", "pair", "required", "iss", "sid", "cache", "framed"] {
        assert_eq!(verdict(&flow, &format!("flo.{rule}")), Some(Verdict::Pass), "{rule}");
    }
    let rungs = ladder::rungs(&flow, false);
    assert!(rungs.iter().any(|rung| rung.label == "GET /frontchannel_logout"), "{rungs:?}");
}

#[test]
fn both_ways_go_together_at_one_port() {
    let mut flow = signing_out(|settings| {
        told_of_logout(settings);
        told_in_frames(settings);
    });
    assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
    let methods: Vec<&str> = arrived(&flow).iter().map(|told| told.request.method.as_str()).collect();
    assert_eq!(methods, ["GET", "POST"]);
    for rule in ["flo.sent", "flo.sid", "blo.sent", "blo.session"] {
        assert_eq!(verdict(&flow, rule), Some(Verdict::Pass), "{rule}");
    }
    assert_eq!(failed(&flow), Vec::<&str>::new());
}

#[test]
fn what_names_another_server_is_answered_with_400() {
    for (fault, status) in [(Fault::FrontchannelWrongIss, 400), (Fault::FrontchannelWrongSid, 200)] {
        let mut pair = Pair::new();
        pair.practice.set(fault, true);
        let mut flow = signing_out(told_in_frames);
        assert_eq!(pair.run(&mut flow), Next::Finished);
        assert_eq!(arrived(&flow).iter().map(|told| told.response.status).collect::<Vec<_>>(), [status], "{fault}");
    }
}

#[test]
fn a_client_that_has_not_asked_for_them_gets_no_iss_and_sid() {
    let mut pair = Pair::new();
    let plain = |client: &mut grantscope::practice::Client| client.frontchannel_logout_session_required = false;
    pair.practice.configure(|config| config.clients.iter_mut().for_each(plain));
    let mut flow = signing_out(|settings| {
        told_in_frames(settings);
        settings.client.frontchannel_logout_session_required = false;
    });
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(arrived(&flow)[0].request.url.query(), None);
    for rule in ["flo.required", "flo.iss", "flo.sid"] {
        assert_eq!(verdict(&flow, rule), Some(Verdict::Skipped), "{rule}");
    }
    assert_eq!(failed(&flow), Vec::<&str>::new());
}

#[test]
fn where_none_comes_that_is_noted_and_where_nobody_listens_nothing_is_said() {
    let mut pair = Pair::new();
    pair.practice
        .configure(|config| config.clients.iter_mut().for_each(|client| client.frontchannel_logout_uri = None));
    let mut flow = signing_out(told_in_frames);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(verdict(&flow, "flo.sent"), Some(Verdict::Note));
    let mut deaf = signing_out(|_| {});
    assert_eq!(Pair::new().run(&mut deaf), Next::Finished);
    assert!(arrived(&deaf).is_empty() && deaf.checks().all(|check| !check.rule.id.starts_with("flo.")));
}

#[test]
fn a_registration_asks_for_it_and_is_told_at_its_own_address() {
    let mut flow = signing_out(|settings| {
        told_in_frames(settings);
        settings.registration.dynamic_client_registration = true;
        "http://127.0.0.1:9402/mine?tenant=blue".clone_into(&mut settings.client.frontchannel_logout_uri);
    });
    assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!(failed(&flow), Vec::<&str>::new());
    let sent = arrived(&flow)[0].request.query();
    assert_eq!((sent.get("tenant"), sent.contains("sid")), (Some("blue"), true));
    assert_eq!(verdict(&flow, "flo.query"), Some(Verdict::Pass));
}

#[test]
fn an_address_that_is_none_is_asked_for() {
    let mut flow = signing_out(|settings| "somewhere".clone_into(&mut settings.client.frontchannel_logout_uri));
    let Next::Missing(missing) = Pair::new().run(&mut flow) else { panic!("nothing is missing") };
    assert_eq!((missing.stage, missing.field), (Stage::Logout, "frontchannel_logout_uri"));
}

#[test]
fn a_recording_is_judged_as_the_run_was() {
    let mut flow = signing_out(told_in_frames);
    let next = Pair::new().run(&mut flow);
    let written = Record::of(&flow, &next).to_text(None);
    let again = Record::read(&written).expect("a record").to_text(None);
    assert!(again == written, "it says something else when it is read again");
}
