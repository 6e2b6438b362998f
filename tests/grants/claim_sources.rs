//! Claims that another vouches for, end to end: aggregated ones are read, distributed ones are fetched on demand.

use std::time::Duration;

use grantscope::base::check::Verdict;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next, Outcome};
use grantscope::record::redactor;
use grantscope::terms::grant::Grant;

use crate::pair::Pair;
use crate::{failed, flow, stages};

fn pair(username: &'static str) -> Pair {
    let mut pair = Pair::new();
    pair.username = username;
    pair
}

fn verdicts(flow: &Flow, rule: &str) -> Vec<Verdict> {
    flow.checks().filter(|check| check.rule.id == rule).map(|check| check.verdict).collect()
}

#[test]
fn nothing_is_fetched_by_itself_and_what_is_aggregated_is_verified() {
    let (mut pair, mut flow) = (pair("bob"), flow(Grant::AuthorizationCode, |_| {}));
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert!(failed(&flow).is_empty() && !stages(&flow).contains(&Stage::Claims));
    assert_eq!(verdicts(&flow, "claims.signature"), [Verdict::Pass]);
    assert_eq!(verdicts(&flow, "claims.elsewhere"), [Verdict::Note]);
    assert!(pair.practice.log().iter().all(|entry| entry.path != "/claims"));
}

#[test]
fn distributed_claims_come_for_the_token_of_their_source() {
    let (mut pair, mut flow) = (pair("bob"), flow(Grant::AuthorizationCode, |_| {}));
    flow.append(Stage::Claims);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()));
    let fetched = flow.trace.exchanges.last().expect("an exchange");
    assert_eq!((fetched.stage, fetched.request.url.as_str()), (Stage::Claims, "http://127.0.0.1:9400/claims"));
    let own = flow.session.sources[0].access_token.clone().expect("a token");
    assert_eq!(fetched.request.headers.get("authorization"), Some(format!("Bearer {}", own.expose()).as_str()));
    assert!(flow.session.tokens.iter().all(|tokens| tokens.response.access_token.as_ref() != Some(&own)));
    assert_eq!(verdicts(&flow, "claims.contained"), [Verdict::Pass; 2]);
    // The token opens nothing else, is hidden in what leaves the program, and ends.
    let shown = redactor(&flow).text(&format!("{:?}", fetched.request.headers));
    assert!(flow.secrets().any(|secret| *secret == own) && !shown.contains(own.expose()));
    flow.append(Stage::Claims);
    pair.wait(Duration::from_secs(601));
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("the token is over") };
    assert!(problem.came.contains("the token for the claims expired 1.0 s ago"), "{}", problem.came);
}

#[test]
fn without_claims_elsewhere_or_with_them_in_the_open_nothing_is_fetched() {
    for (username, endpoint, says) in [
        ("alice", None, "no claims are elsewhere"),
        ("bob", Some("http://claims.example/"), "the claims that are elsewhere would be fetched without TLS"),
    ] {
        let (mut pair, mut flow) = (pair(username), flow(Grant::AuthorizationCode, |_| {}));
        flow.append(Stage::Claims);
        pair.run_to(&mut flow, Stage::Resource);
        for source in &mut flow.session.sources {
            source.endpoint = endpoint.expect("bob's alone are elsewhere").parse().expect("a URL");
        }
        assert_eq!(pair.run(&mut flow), Next::Finished);
        assert!(!stages(&flow).contains(&Stage::Claims), "{username}");
        let (_, reason) = flow.trace.skipped.last().expect("it is skipped");
        assert!(reason.starts_with(says), "{reason}");
    }
}
