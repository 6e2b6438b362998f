//! Step-up: an API takes the token and wants a stronger or a newer login (RFC 9470). What it names is added, and the next
//! run has it.

use std::sync::Mutex;
use std::time::Duration;

use grantscope::base::check::Verdict;
use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::flow::cure::Cure;
use grantscope::flow::finding::finding;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next};
use grantscope::practice::Fault;
use grantscope::terms::grant::Grant;

use crate::pair::{ISSUER, Pair};
use crate::{failed, flow, refused};

fn paying() -> Flow {
    flow(Grant::AuthorizationCode, |settings| settings.request.api_url = format!("{ISSUER}/api/pay"))
}

#[test]
fn what_the_api_wants_of_the_login_is_added_and_the_next_run_has_it() {
    let mut pair = Pair::new();
    let mut weak = paying();
    let (error, advice) = refused(&mut weak, &mut pair);
    assert_eq!((error.as_str(), failed(&weak)), ("insufficient_user_authentication", Vec::new()));
    assert!(advice.join(" ").contains("acr_values"), "{advice:?}");
    let next = pair.run(&mut weak);
    let found = finding(&weak, &next, &[]).expect("a finding");
    let options: Vec<String> = found.cures.iter().map(Cure::option).collect();
    assert_eq!(options, ["--set acr_values=urn:practice:strong --set max_age=300"], "one demand, one change");
    let mut settings = weak.settings.clone();
    found.cures.iter().for_each(|cure| cure.apply(&mut settings));
    let mut strong = Flow::new(Grant::AuthorizationCode, settings, Entropy::from_seed([3; 32]));
    assert_eq!(pair.run(&mut strong), Next::Finished);
    assert_eq!(failed(&strong), Vec::<&str>::new());
    // The login grows old, and no refresh makes it younger (section 6).
    pair.wait(Duration::from_secs(400));
    strong.append(Stage::Refresh);
    strong.append(Stage::Resource);
    assert_eq!(refused(&mut strong, &mut pair).0, "insufficient_user_authentication");
    assert_eq!(failed(&strong), Vec::<&str>::new());
    let next = pair.run(&mut strong);
    assert!(finding(&strong, &next, &[]).expect("a finding").cures.is_empty(), "it is asked for already");
    strong.retry();
    assert_eq!(strong.stage(), Some(Stage::Authorization), "a new login is younger");
    assert_eq!(pair.run(&mut strong), Next::Finished);
}

#[test]
fn trying_again_signs_in_anew_and_asks_for_all_that_is_wanted() {
    let mut pair = Pair::new();
    let mut flow = paying();
    let (_, advice) = refused(&mut flow, &mut pair);
    assert!(advice[0].contains("asks for acr_values urn:practice:strong, max_age 300"), "{advice:?}");
    assert_eq!(flow.problem().map(|problem| problem.again_at), Some(Stage::Authorization));
    assert!(!flow.is_retried_in_vain());
    flow.retry();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), Vec::<&str>::new());
    let sent = flow.authorization().expect("a request");
    assert_eq!((sent.get("acr_values"), sent.get("max_age")), (Some("urn:practice:strong"), Some("300")));
}

#[test]
fn a_server_that_gives_less_than_was_asked_for_is_told_of() {
    let mut pair = Pair::new();
    pair.faults.insert("/api/pay", |_| {
        let challenge = r#"Bearer error="insufficient_user_authentication", acr_values="urn:gold""#;
        Ok(HttpResponse::new(401, JSON, "{}").with_header("WWW-Authenticate", challenge))
    });
    let mut flow = paying();
    "urn:gold".clone_into(&mut flow.settings.request.acr_values);
    let (_, advice) = refused(&mut flow, &mut pair);
    assert!(advice[0].contains("was asked for already, and the server gave less (acr "), "{advice:?}");
    assert!(advice[0].contains("acr_values_supported"), "{advice:?}");
    assert!(!advice.join(" ").contains("Start a new authorization request"), "{advice:?}");
}

/// An API that asks for gold, whatever the token, and a server whose ID tokens say which login it was.
#[test]
fn a_login_that_was_given_and_is_not_taken_is_told_as_that_and_ends_the_tries() {
    let mut pair = Pair::new();
    pair.faults.insert("/api/pay", |_| Ok(challenged(r#"acr_values="urn:practice:strong""#)));
    let mut flow = paying();
    "practice-opaque".clone_into(&mut flow.settings.client.client_id);
    refused(&mut flow, &mut pair);
    assert!(!flow.is_step_up_repeated(), "it was not asked for so far");
    flow.retry();
    let (_, advice) = refused(&mut flow, &mut pair);
    assert!(
        advice[0].contains("gave the login that the API wants (the ID token says acr urn:practice:strong"),
        "{advice:?}"
    );
    assert!(flow.is_step_up_repeated());
    assert_eq!(flow.problem().map(|problem| problem.again_at), Some(Stage::Resource), "no login brings more");
    assert_eq!(cures(&mut pair, &mut flow), [""; 0]);
    // The same where it was given without acr_values.
    pair.faults.insert("/api/pay", |_| Ok(challenged(r#"acr_values="urn:practice:basic""#)));
    let mut flow = paying();
    "practice-opaque".clone_into(&mut flow.settings.client.client_id);
    r#"{"id_token":{"acr":{"values":["urn:practice:basic"]}}}"#.clone_into(&mut flow.settings.protection.claims);
    let (_, advice) = refused(&mut flow, &mut pair);
    assert!(advice[0].contains("the ID token says acr urn:practice:basic"), "{advice:?}");
    assert!(flow.is_step_up_repeated());
    assert_eq!(cures(&mut pair, &mut flow), [""; 0]);
    // A scope that it wants beside it was not given.
    pair.faults.insert("/api/pay", |_| Ok(challenged(r#"acr_values="urn:practice:basic", scope="pay""#)));
    let mut flow = paying();
    "practice-opaque".clone_into(&mut flow.settings.client.client_id);
    r#"{"id_token":{"acr":{"values":["urn:practice:basic"]}}}"#.clone_into(&mut flow.settings.protection.claims);
    refused(&mut flow, &mut pair);
    assert!(!flow.is_step_up_repeated());
    // A server that gave less ends them too, but not for ever: the user may sign in in another way.
    pair.faults.insert("/api/pay", |_| Ok(challenged(r#"acr_values="urn:gold""#)));
    let mut flow = paying();
    refused(&mut flow, &mut pair);
    flow.retry();
    refused(&mut flow, &mut pair);
    assert!(flow.is_step_up_repeated() && !flow.is_retried_in_vain());
    assert_eq!(flow.problem().map(|problem| problem.again_at), Some(Stage::Authorization));
    "urn:other".clone_into(&mut flow.settings.request.acr_values);
    assert!(!flow.is_step_up_repeated(), "something was changed");
}

/// RFC 9470 section 3: `max_age` is a number of seconds that is not negative.
#[test]
fn what_is_no_demand_is_not_proposed() {
    for wanted in [r#"max_age="-1""#, r#"max_age="soon""#, r#"max_age="+5""#, r#"x="y""#] {
        let mut pair = Pair::new();
        *CHALLENGE.lock().expect("unharmed") = wanted;
        pair.faults.insert("/api/pay", |_| Ok(challenged(*CHALLENGE.lock().expect("unharmed"))));
        let mut flow = paying();
        let (_, advice) = refused(&mut flow, &mut pair);
        assert!(advice[0].contains("does not say which login the API wants"), "{advice:?}");
        assert_eq!(failed(&flow), ["step_up.form"], "{wanted}");
        assert_eq!(cures(&mut pair, &mut flow), [""; 0], "{wanted}");
        assert!(flow.is_step_up_repeated());
    }
}

static CHALLENGE: Mutex<&str> = Mutex::new("");

fn challenged(wanted: &str) -> HttpResponse {
    let challenge = format!("Bearer error=\"insufficient_user_authentication\", {wanted}");
    HttpResponse::new(401, JSON, "{}").with_header("WWW-Authenticate", challenge)
}

fn cures(pair: &mut Pair, flow: &mut Flow) -> Vec<String> {
    let next = pair.run(flow);
    finding(flow, &next, &[]).map(|found| found.cures.iter().map(Cure::option).collect()).unwrap_or_default()
}

#[test]
fn an_api_that_wants_what_it_was_given_is_not_called_again() {
    let mut pair = Pair::new();
    pair.practice.set(Fault::EndlessStepUp, true);
    let mut flow = paying();
    "urn:practice:strong".clone_into(&mut flow.settings.request.acr_values);
    "300".clone_into(&mut flow.settings.request.max_age);
    let (_, advice) = refused(&mut flow, &mut pair);
    assert_eq!(failed(&flow), ["step_up.unmet"]);
    assert!(advice[0].contains("The mistake is at the API"), "{advice:?}");
    assert!(flow.is_retried_in_vain());
    let mut changed = flow.clone();
    changed.settings.request.api_url.push_str("?once=more");
    assert!(!changed.is_retried_in_vain(), "another call may be let through");
    assert_eq!(flow.problem().map(|problem| problem.again_at), Some(Stage::Resource));
}

#[test]
fn a_class_of_login_that_claims_asks_for_is_looked_for() {
    for (wanted, verdict) in [("urn:practice:basic", Verdict::Pass), ("urn:nobody", Verdict::Warn)] {
        let claims = format!(r#"{{"id_token":{{"acr":{{"values":["{wanted}"]}}}}}}"#);
        let mut flow = flow(Grant::AuthorizationCode, |settings| settings.protection.claims = claims);
        Pair::new().run(&mut flow);
        let said = flow.trace.checks().into_iter().find(|(_, check)| check.rule.id == "id_token.acr").expect("judged");
        assert_eq!(said.1.verdict, verdict, "{wanted}: {:?}", said.1);
    }
}
