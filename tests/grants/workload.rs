//! A client without a secret, for which a workload's platform vouches (RFC 7521 section 3, RFC 7523 section 2.2).

use std::time::Duration;

use grantscope::base::check::Verdict;
use grantscope::base::json::Json;
use grantscope::base::secret::Secret;
use grantscope::client::settings::Settings;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next, Outcome, ProblemKind};
use grantscope::jose::key::SigningKey;
use grantscope::practice::Fault;
use grantscope::terms::grant::Grant;

use crate::pair::Pair;
use crate::{failed, flow, refused, stages};

/// The demo client of a pipeline, after this change.
fn pipeline(change: impl FnOnce(&mut Settings)) -> Flow {
    flow(Grant::ClientCredentials, |settings| {
        "practice-pipeline".clone_into(&mut settings.client.client_id);
        settings.client.client_secret = Secret::default();
        "private_key_jwt".clone_into(&mut settings.client.token_endpoint_auth_method);
        grantscope::demo::fill(settings, Grant::ClientCredentials, "alice", None);
        change(settings);
    })
}

/// The same where the workload is another one, or asks for another audience.
fn as_if(from: &'static str, to: &'static str) -> Flow {
    pipeline(|settings| {
        let url = settings.client.client_assertion_url.replace(from, to);
        assert_ne!(url, settings.client.client_assertion_url, "{from} is not there");
        settings.client.client_assertion_url = url;
    })
}

fn verdict(flow: &Flow, rule: &str) -> Option<Verdict> {
    flow.checks().find(|check| check.rule.id == rule).map(|check| check.verdict)
}

#[test]
fn a_token_of_the_platform_takes_the_place_of_a_secret() {
    let mut flow = pipeline(|_| {});
    assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!(stages(&flow), [Stage::Discovery, Stage::ClientAssertion, Stage::Token, Stage::Resource]);
    assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()));
    assert!(flow.settings.client.private_key.is_empty(), "no key is needed");
    let form = flow.trace.exchanges[2].request.form().expect("a form");
    assert_eq!(form.get("client_id"), Some("practice-pipeline"));
    let sent = form.get("client_assertion").map(str::to_owned);
    assert_eq!(sent.as_deref(), flow.session.client_assertion.as_ref().map(Secret::expose));
    for rule in ["assertion.client", "assertion.audience"] {
        assert_eq!(verdict(&flow, rule), Some(Verdict::Skipped), "{rule}: that is between platform and server");
    }
    assert_eq!(verdict(&flow, "assertion.jti"), None, "it may come again while it lasts");
}

#[test]
fn each_platform_answers_in_its_own_way_and_no_other_subject_is_taken() {
    for (like, why) in [
        (
            "like=github-pull-request",
            "its sub is repo:octo-org@65/octo-repo@74:pull_request, and practice-pipeline trusts",
        ),
        ("like=kubernetes", "its iss is https://kubernetes.default.svc.cluster.local, and practice-pipeline trusts"),
        ("like=spiffe", "its iss is https://oidc-discovery.example.org, and practice-pipeline trusts"),
    ] {
        let mut flow = as_if("like=github", like);
        let Next::Stopped(problem) = Pair::new().run(&mut flow) else { panic!("{like} is taken") };
        let ProblemKind::Refused(error) = problem.kind else { panic!("not refused: {problem:?}") };
        assert_eq!((problem.stage, error.error.as_str()), (Stage::Token, "invalid_client"));
        let said = error.error_description.expect("a description");
        assert!(said.contains(why), "{like}: {said}");
    }
    let mut flow = as_if("api://practice", "api://another");
    let (error, _) = refused(&mut flow, &mut Pair::new());
    assert_eq!(error, "invalid_client");
}

#[test]
fn a_server_that_does_not_compare_the_subject_lets_a_stranger_in() {
    let mut pair = Pair::new();
    pair.practice.set(Fault::AnySubject, true);
    let mut flow = as_if("like=github", "like=github-pull-request");
    assert_eq!(pair.run(&mut flow), Next::Finished);
}

#[test]
fn what_is_filled_in_is_sent_as_it_is_and_nothing_is_fetched() {
    let mut fetched = pipeline(|_| {});
    let mut pair = Pair::new();
    pair.run_to(&mut fetched, Stage::Token);
    let token = fetched.session.client_assertion.expect("a token");
    let typed = format!("\n {} ", token.expose());
    let mut flow = pipeline(|settings| settings.client.client_assertion = typed.as_str().into());
    assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!(stages(&flow), [Stage::Discovery, Stage::Token, Stage::Resource]);
    assert!(!format!("{:?}", flow.settings).contains(token.expose()), "it is a credential");
    let mut over = pipeline(|settings| settings.client.client_assertion = token);
    pair.wait(Duration::from_secs(3600));
    let (_, advice) = refused(&mut over, &mut pair);
    assert!(advice.iter().any(|line| line.contains("Get a new one from its issuer")), "{advice:?}");
}

#[test]
fn a_private_key_in_its_place_never_leaves() {
    let key = SigningKey::generate("ES256", "own").expect("a key").private_jwk();
    let mut flow = pipeline(|settings| settings.client.client_assertion = key);
    let Next::Missing(missing) = Pair::new().run(&mut flow) else { panic!("nothing is missing") };
    assert_eq!((missing.stage, missing.field), (Stage::Token, "client_assertion"));
    assert!(missing.hint.contains("never sent"), "{}", missing.hint);
}

#[test]
fn an_answer_without_a_token_ends_the_run_there() {
    for body in ["<html>sign in</html>", "", "a.b.c"] {
        let mut pair = Pair::new();
        pair.changes.insert("/workload", ("value", Json::String(body.to_owned())));
        let Next::Stopped(problem) = pair.run(&mut pipeline(|_| {})) else { panic!("{body} is taken") };
        assert_eq!((problem.stage, problem.kind), (Stage::ClientAssertion, ProblemKind::Failed), "{body}");
    }
}
