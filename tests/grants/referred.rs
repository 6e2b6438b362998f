//! Requests that the server fetches from the client (RFC 9101 section 5.2).

use grantscope::base::check::{Check, Verdict};
use grantscope::base::json::Json;
use grantscope::client::settings::Settings;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next, Outcome, ladder};
use grantscope::record::Record;
use grantscope::terms::grant::Grant;
use grantscope::terms::metadata::ServerMetadata;

use crate::pair::Pair;
use crate::{failed, flow, refused};

const HERE: &str = "http://127.0.0.1:0/request.jwt";

/// The request object is at this address.
fn referred(at: &'static str) -> impl Fn(&mut Settings) {
    move |settings| {
        "ES256".clone_into(&mut settings.protection.request_object_signing_alg);
        at.clone_into(&mut settings.protection.request_uris);
        settings.client.private_key = grantscope::practice::PRACTICE_JWT_KEY.into();
    }
}

/// The same, with what an error needs to come back beside it.
fn with_a_way_back(at: &'static str) -> impl Fn(&mut Settings) {
    move |settings| {
        referred(at)(settings);
        "redirect_uri state response_type".clone_into(&mut settings.protection.request_object_outside);
    }
}

fn check<'a>(flow: &'a Flow, rule: &str) -> Option<&'a Check> {
    flow.checks().filter(|check| check.rule.id == rule).last()
}

fn verdict(flow: &Flow, rule: &str) -> Option<Verdict> {
    check(flow, rule).map(|check| check.verdict)
}

#[test]
fn the_server_fetches_the_request_and_both_are_in_the_run() {
    for grant in Grant::ALL.into_iter().filter(|grant| grant.has_authorization_request()) {
        let mut flow = flow(grant, referred(HERE));
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{grant:?}: {:?}", flow.problem());
        assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()), "{grant:?}");
        let browse = flow.trace.exchanges.iter().find(|one| one.stage == Stage::Authorization).expect("an exchange");
        assert_eq!(
            browse.request.query().iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>(),
            ["client_id", "request_uri"],
            "{grant:?}"
        );
        assert_eq!(browse.request.query().get("request_uri"), Some("http://127.0.0.1:8913/request.jwt"));
        let [fetch] = browse.meanwhile.as_slice() else { panic!("{grant:?}: {:?}", browse.meanwhile) };
        assert_eq!(fetch.response.headers.get("content-type"), Some("application/oauth-authz-req+jwt"));
        assert_eq!(Some(fetch.response.text().as_ref()), browse.request.referred.as_deref());
        assert!(flow.authorization().is_some_and(|request| request.contains("state")), "it is known what was asked");
        for rule in ["jar_request.reference", "jar_request.length", "jar_request.aud", "jar.fetched"] {
            assert_eq!(verdict(&flow, rule), Some(Verdict::Pass), "{grant:?}: {rule}");
        }
        let rungs = ladder::rungs(&flow, false);
        let labels: Vec<&str> = rungs.iter().map(|rung| rung.label.as_str()).collect();
        let fetched = labels.iter().position(|label| label.starts_with("GET /request.jwt")).expect("an arrow");
        assert!(labels[fetched + 1].contains("200"), "{labels:?}");
    }
}

#[test]
fn a_recording_says_what_was_fetched() {
    let mut flow = flow(Grant::AuthorizationCode, referred(HERE));
    let next = Pair::new().run(&mut flow);
    let written = Record::of(&flow, &next).to_text(None);
    let read = Record::read(&written).expect("a record");
    let again = read.to_text(None);
    assert!(again == written, "it says something else when it is read again");
    assert!(written.contains("\"meanwhile\"") && written.contains("\"request_object\""));
}

#[test]
fn what_is_hosted_elsewhere_is_sent_as_it_is_typed() {
    let elsewhere = "https://app.example/request.jwt";
    let mut flow = flow(Grant::AuthorizationCode, with_a_way_back(elsewhere));
    let (error, advice) = refused(&mut flow, &mut Pair::new());
    assert_eq!(error, "invalid_request_uri");
    assert!(advice.iter().any(|line| line.contains("reach")), "{advice:?}");
    let browse = flow.trace.exchanges.last().expect("an exchange");
    assert_eq!(browse.request.query().get("request_uri"), Some(elsewhere));
    let check = check(&flow, "jar.fetched").expect("a check");
    assert_eq!(check.verdict, Verdict::Skipped);
    assert!(check.actual.as_deref().is_some_and(|why| why.contains("not on this machine")), "{check:?}");
}

#[test]
fn a_request_without_signature_or_address_is_told() {
    let mut unsigned = flow(Grant::AuthorizationCode, |settings| {
        with_a_way_back(HERE)(settings);
        "none".clone_into(&mut settings.protection.request_object_signing_alg);
    });
    let (error, _) = refused(&mut unsigned, &mut Pair::new());
    assert_eq!(error, "invalid_request_object");
    assert_eq!(failed(&unsigned), ["jar_request.reference"]);
    let mut nowhere = flow(Grant::AuthorizationCode, referred("somewhere"));
    let Next::Missing(missing) = Pair::new().run(&mut nowhere) else { panic!("nothing is missing") };
    assert_eq!((missing.stage, missing.field), (Stage::Authorization, "request_uris"));
}

#[test]
fn what_is_pushed_is_pushed_as_it_is() {
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        referred(HERE)(settings);
        settings.protection.require_pushed_authorization_requests = true;
    });
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    let push = flow.trace.exchanges.iter().find(|one| one.stage == Stage::PushedAuthorization).expect("an exchange");
    assert!(push.request.form().is_some_and(|form| form.contains("request") && !form.contains("request_uri")));
    assert_eq!(verdict(&flow, "jar.fetched"), None);
}

#[test]
fn a_refused_sign_in_is_asked_for_anew_with_another_object() {
    let mut pair = Pair::new();
    pair.decision = "deny";
    let mut flow = flow(Grant::AuthorizationCode, referred(HERE));
    assert_eq!(refused(&mut flow, &mut pair).0, "access_denied");
    assert_eq!(verdict(&flow, "jar.fetched"), Some(Verdict::Pass));
    pair.decision = "allow";
    flow.retry();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    let objects: Vec<_> = flow.trace.exchanges.iter().filter_map(|one| one.request.referred.clone()).collect();
    assert!(objects.len() == 2 && objects[0] != objects[1]);
}

#[test]
fn a_server_that_takes_none_by_reference_is_told_by_its_metadata() {
    for (member, value) in [("request_uri_parameter_supported", false), ("require_request_uri_registration", true)] {
        let mut pair = Pair::new();
        let mut flow = flow(Grant::AuthorizationCode, with_a_way_back("https://app.example/request.jwt"));
        pair.run_to_browse(&mut flow);
        let json = format!(r#"{{"issuer":"http://127.0.0.1:9400","{member}":{value}}}"#);
        let json = Json::parse_text(&json).expect("JSON");
        flow.session.metadata = Some(ServerMetadata { json });
        let (_, advice) = refused(&mut flow, &mut pair);
        assert!(advice.first().is_some_and(|line| line.contains(member)), "{advice:?}");
    }
}
