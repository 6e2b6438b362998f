//! Authorization responses that are told for what they say, whatever else is wrong with them.

use grantscope::base::check::Verdict;
use grantscope::base::params::Params;
use grantscope::flow::{Flow, Next, ProblemKind};
use grantscope::terms::grant::Grant;

use crate::pair::{ISSUER, Pair};
use crate::{flow, refused};

fn verdict(flow: &Flow, id: &str) -> Option<Verdict> {
    flow.checks().find(|check| check.rule.id == id).map(|check| check.verdict)
}

/// What the server says is told, also where its response names no login, or the user goes on with that of another.
#[test]
fn an_error_is_told_whatever_state_it_has() {
    let mut pair = Pair::new();
    let error: fn(&mut Params) =
        |params| *params = [("error", "invalid_request"), ("state", ""), ("iss", ISSUER)].into_iter().collect();
    pair.pasted = Some(error);
    let mut stateless = flow(Grant::AuthorizationCode, |settings| settings.request.state = false);
    assert_eq!(refused(&mut stateless, &mut pair).0, "invalid_request");
    assert_eq!(verdict(&stateless, "authorization_response.state"), Some(Verdict::Skipped));

    let mut flow = flow(Grant::AuthorizationCode, |_| ());
    pair.pasted = Some(error);
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("went on") };
    assert_eq!((problem.kind, problem.rule), (ProblemKind::Unsafe, Some("authorization_response.state")));
    assert!(problem.advice.iter().any(|line| line.contains("without state: invalid_request")), "{:?}", problem.advice);
    flow.go_on_anyway();
    assert_eq!(refused(&mut flow, &mut pair).0, "invalid_request");
}

#[test]
fn an_empty_error_beside_a_code_refuses_nothing() {
    let mut pair = Pair::new();
    pair.pasted = Some(|params| params.push("error", ""));
    let mut flow = flow(Grant::AuthorizationCode, |_| ());
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(verdict(&flow, "authorization_response.error"), Some(Verdict::Warn));
}
