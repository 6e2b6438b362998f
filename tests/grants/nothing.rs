//! Logins that ask for nothing but the consent of the user: `response_type=none` (OAuth Response Types section 4).

use grantscope::base::check::Verdict;
use grantscope::client::settings::Settings;
use grantscope::flow::stage::Stage;
use grantscope::flow::trace::Answer;
use grantscope::flow::{Flow, Next, Outcome};
use grantscope::practice::Fault;
use grantscope::record::Record;
use grantscope::terms::grant::Grant;

use crate::pair::Pair;
use crate::{failed, flow, stages};

const REASON: &str = "response_type none asks for no code and no token";

fn asking_nothing(change: impl FnOnce(&mut Settings)) -> Flow {
    flow(Grant::AuthorizationCode, |settings| {
        "none".clone_into(&mut settings.request.response_type);
        change(settings);
    })
}

fn verdict(flow: &Flow, rule: &str) -> Option<Verdict> {
    flow.checks().filter(|check| check.rule.id == rule).last().map(|check| check.verdict)
}

#[test]
fn the_run_ends_after_the_redirect_and_says_why() {
    let mut flow = asking_nothing(|_| {});
    assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()));
    assert_eq!(stages(&flow), [Stage::Discovery, Stage::Jwks, Stage::Authorization]);
    let reasons: Vec<&str> = flow.trace.skipped.iter().map(|(_, reason)| reason.as_ref()).collect();
    assert_eq!(reasons, [REASON; 3], "token, UserInfo and API");
    let last = flow.trace.exchanges.last().expect("an exchange");
    assert!(!last.request.query().contains("code_challenge"), "no code, no proof");
    let Answer::Callback(callback) = &last.answer else { panic!("{:?}", last.answer) };
    let names: Vec<&str> = callback.params.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["state", "iss"]);
    for rule in ["nothing", "state", "iss", "error", "parts"] {
        assert_eq!(verdict(&flow, &format!("authorization_response.{rule}")), Some(Verdict::Pass), "{rule}");
    }
    assert!(flow.session.code.is_none() && flow.session.tokens.is_empty());
}

#[test]
fn a_code_that_nobody_asked_for_is_seen_and_not_used() {
    let mut pair = Pair::new();
    pair.practice.set(Fault::CodeForNone, true);
    let mut flow = asking_nothing(|_| {});
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), ["authorization_response.nothing"]);
    assert_eq!(stages(&flow).last(), Some(&Stage::Authorization));
}

#[test]
fn the_consent_is_there_when_the_client_asks_for_a_code() {
    let mut pair = Pair::new();
    // Without a code there is no offline access.
    let mut first = asking_nothing(|settings| "openid profile".clone_into(&mut settings.request.scope));
    assert_eq!(pair.run(&mut first), Next::Finished);
    let mut second = flow(Grant::AuthorizationCode, |settings| {
        "openid profile".clone_into(&mut settings.request.scope);
        "none".clone_into(&mut settings.request.prompt);
    });
    assert_eq!(pair.run(&mut second), Next::Finished, "no page is shown: {:?}", second.problem());
}

#[test]
fn it_can_be_pushed_signed_and_registered() {
    let ways: [fn(&mut Settings); 3] = [
        |settings| settings.protection.require_pushed_authorization_requests = true,
        |settings| "jwt".clone_into(&mut settings.request.response_mode),
        |settings| settings.registration.dynamic_client_registration = true,
    ];
    for (at, way) in ways.into_iter().enumerate() {
        let mut flow = asking_nothing(way);
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{at}: {:?}", flow.problem());
        assert_eq!((failed(&flow), flow.outcome()), (Vec::new(), Outcome::Success), "{at}");
    }
}

#[test]
fn a_client_that_is_not_registered_for_it_is_refused() {
    let mut pair = Pair::new();
    let code_alone = |client: &mut grantscope::practice::Client| client.response_types = vec!["code".to_owned()];
    pair.practice.configure(|config| config.clients.iter_mut().for_each(code_alone));
    let mut flow = asking_nothing(|_| {});
    assert!(matches!(pair.run(&mut flow), Next::Stopped(_)));
    assert_eq!(flow.outcome(), Outcome::Refused);
}

#[test]
fn a_recording_is_judged_as_the_run_was() {
    let mut flow = asking_nothing(|_| {});
    let next = Pair::new().run(&mut flow);
    let written = Record::of(&flow, &next).to_text(None);
    let again = Record::read(&written).expect("a record").to_text(None);
    assert!(again == written, "it says something else when it is read again");
}
