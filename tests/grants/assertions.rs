//! The JWT and SAML bearer grants.

use grantscope::base::http::HttpResponse;
use grantscope::client::settings::Settings;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Next, ProblemKind};
use grantscope::jose::base64url;
use grantscope::jose::key::SigningKey;
use grantscope::terms::grant::Grant;

use crate::pair::Pair;
use crate::{failed, flow, refused, stages};

#[test]
fn a_jwt_bearer_token_is_about_the_user_of_the_assertion() {
    let mut flow = flow(Grant::JwtBearer, |settings| "bob".clone_into(&mut settings.request.assertion_subject));
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    let answer = flow.trace.exchanges.last().and_then(|exchange| exchange.response()).expect("the API's answer");
    assert!(answer.text().contains("\"bob\""));
}

#[test]
fn claims_that_are_typed_reach_the_server_and_bad_ones_are_named() {
    type Change = fn(&mut Settings);
    let over: Change = |settings| r#"{"exp": 1000000000}"#.clone_into(&mut settings.request.assertion_claims);
    let nobody: Change = |settings| r#"{"sub": "mallory"}"#.clone_into(&mut settings.request.assertion_claims);
    let stranger: Change =
        |settings| r#"{"iss": "https://other.example"}"#.clone_into(&mut settings.request.assertion_claims);
    let elsewhere: Change =
        |settings| r#"{"aud": "https://other.example"}"#.clone_into(&mut settings.request.assertion_claims);
    for change in [over, nobody, stranger, elsewhere] {
        let mut flow = flow(Grant::JwtBearer, change);
        assert_eq!(refused(&mut flow, &mut Pair::new()).0, "invalid_grant");
    }
    let mut flow = flow(Grant::JwtBearer, |settings| "{\"sub\":".clone_into(&mut settings.request.assertion_claims));
    let Next::Missing(missing) = Pair::new().run(&mut flow) else { panic!("nothing is missing") };
    assert_eq!(missing.field, "assertion_claims");
}

#[test]
fn a_pasted_assertion_is_sent_as_it_is() {
    let mut flow = flow(Grant::JwtBearer, |settings| settings.request.assertion = " a.b.c\n".into());
    assert_eq!(refused(&mut flow, &mut Pair::new()).0, "invalid_grant");
    let form = flow.trace.exchanges.last().and_then(|exchange| exchange.request.form()).expect("a form");
    assert_eq!(form.get("assertion"), Some("a.b.c"));
}

#[test]
fn a_private_key_that_was_taken_for_an_assertion_never_leaves() {
    let key = SigningKey::generate("ES256", "own").expect("a key").private_jwk();
    for grant in [Grant::JwtBearer, Grant::SamlBearer] {
        let mut flow = flow(grant, |settings| settings.request.assertion = key.clone());
        let Next::Missing(missing) = Pair::new().run(&mut flow) else { panic!("nothing is missing") };
        assert_eq!((missing.stage, missing.field), (Stage::Token, "assertion"));
        assert!(missing.hint.contains("never sent"), "{}", missing.hint);
        assert_eq!(stages(&flow), [Stage::Discovery]);
    }
}

#[test]
fn a_saml_assertion_is_fetched_or_filled_in_as_xml_or_encoded() {
    let mut pair = Pair::new();
    let mut fetched = flow(Grant::SamlBearer, |_| {});
    pair.run_to(&mut fetched, Stage::Token);
    assert_eq!(stages(&fetched), [Stage::Discovery, Stage::Assertion]);
    let xml = fetched.session.assertion.clone().expect("an assertion");
    let encoded = base64url::encode(xml.expose().as_bytes());
    // The server takes an assertion once.
    for (pasted, expected) in [(xml.expose(), None), (encoded.as_str(), Some("invalid_grant"))] {
        let mut flow = flow(Grant::SamlBearer, |settings| settings.request.assertion = pasted.into());
        match expected {
            None => assert_eq!(pair.run(&mut flow), Next::Finished),
            Some(error) => assert_eq!(refused(&mut flow, &mut pair).0, error),
        }
        assert!(!stages(&flow).contains(&Stage::Assertion));
        assert_eq!(failed(&flow), Vec::<&str>::new());
    }
}

#[test]
fn ordinary_base64_is_told_from_base64url() {
    let mut flow = flow(Grant::SamlBearer, |settings| settings.request.assertion = "PHg+PC94Pg==".into());
    refused(&mut flow, &mut Pair::new());
    assert_eq!(failed(&flow), ["assertion.saml_encoding"]);
}

#[test]
fn something_else_than_an_assertion_stops_the_run_and_keeps_it() {
    let mut pair = Pair::new();
    pair.faults.insert("/saml", |_| Ok(HttpResponse::new(200, "text/html", "<html><title>Sign in</title>")));
    let mut flow = flow(Grant::SamlBearer, |_| {});
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("not stopped") };
    assert_eq!((problem.stage, problem.kind), (Stage::Assertion, ProblemKind::Failed));
    assert!(problem.came.contains("without a SAML assertion"), "{}", problem.came);
    pair.faults.clear();
    flow.retry();
    assert_eq!(pair.run(&mut flow), Next::Finished);
}

#[test]
fn nothing_to_begin_with_is_named() {
    let mut flow = flow(Grant::SamlBearer, |settings| settings.request.assertion_url.clear());
    let Next::Missing(missing) = Pair::new().run(&mut flow) else { panic!("nothing is missing") };
    assert_eq!((missing.stage, missing.field), (Stage::Assertion, "assertion"));
}

#[test]
fn an_assertion_that_is_pasted_when_its_stage_has_come_takes_its_place() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::SamlBearer, |settings| settings.request.assertion_url.clear());
    assert!(matches!(pair.run(&mut flow), Next::Missing(_)));
    flow.settings.request.assertion = "<x/>".into();
    flow.reprepare();
    assert_eq!(refused(&mut flow, &mut pair).0, "invalid_grant");
    assert_eq!(stages(&flow), [Stage::Discovery, Stage::Token]);
}
