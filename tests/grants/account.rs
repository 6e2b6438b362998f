//! A run that begins with an account, whose issuer is asked for (OIDC Discovery section 2).

use grantscope::base::check::Verdict;
use grantscope::flow::finding::finding;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next};
use grantscope::terms::grant::Grant;

use crate::pair::{ISSUER, Pair};
use crate::{failed, flow};

fn of(account: &str) -> (Next, Flow) {
    let mut flow = flow(Grant::AuthorizationCode, |settings| account.clone_into(&mut settings.server.issuer));
    (Pair::new().run(&mut flow), flow)
}

fn asked(flow: &Flow) -> Vec<&str> {
    let searches = flow.trace.exchanges.iter().filter(|exchange| exchange.stage == Stage::Discovery);
    searches.map(|exchange| exchange.request.url.path()).collect()
}

#[test]
fn the_issuer_of_an_account_is_found_and_used() {
    for account in ["alice@127.0.0.1:9400", "acct:alice@127.0.0.1:9400"] {
        let (next, flow) = of(account);
        assert_eq!(next, Next::Finished, "{account}: {:?}", flow.problem());
        assert_eq!(failed(&flow), [""; 0], "{account}");
        assert_eq!(flow.session.issuer_of_account.as_deref(), Some(ISSUER));
        assert_eq!(asked(&flow)[..2], ["/.well-known/webfinger", "/.well-known/openid-configuration"]);
        let named = flow.checks().find(|check| check.rule.id == "metadata.webfinger").expect("judged");
        assert_eq!(named.verdict, Verdict::Pass);
        let (_, judged) = grantscope::flow::judge::judge(&flow.trace.exchanges);
        let live: Vec<_> = flow.trace.exchanges.iter().map(|exchange| exchange.checks.clone()).collect();
        assert_eq!(judged, live, "{account}");
    }
}

#[test]
fn an_account_without_an_issuer_is_told_and_its_host_offered() {
    let (next, flow) = of("nobody@127.0.0.1:9400");
    let Next::Stopped(problem) = &next else { panic!("it went on: {next:?}") };
    assert_eq!(asked(&flow), ["/.well-known/webfinger"]);
    assert!(problem.came.contains("404"), "{}", problem.came);
    assert!(problem.advice[0].contains(&format!("if that is the host itself: {ISSUER}")), "{:?}", problem.advice);
    let option = finding(&flow, &next, &[]).and_then(|finding| finding.option());
    assert_eq!(option, Some(format!("--set issuer={ISSUER}")));
    assert_eq!(failed(&flow), [""; 0], "a host need not answer it");
}
