//! Step-up: an API takes the token and wants a stronger or a newer login (RFC 9470). What it names is added, and the next
//! run has it.

use std::time::Duration;

use grantscope::base::check::Verdict;
use grantscope::base::entropy::Entropy;
use grantscope::flow::finding::finding;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next};
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
    let named: Vec<(&str, &str)> = found.cures.iter().map(|cure| (cure.setting, cure.value.as_str())).collect();
    assert_eq!(named, [("acr_values", "urn:practice:strong"), ("max_age", "300")]);
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
