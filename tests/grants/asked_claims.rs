//! `claims` (OIDC Core section 5.5): single claims arrive where they were asked for, and a user or a class of login that is
//! asked for by it is the one that comes, or nobody.

use grantscope::base::check::Verdict;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next};
use grantscope::practice::Fault;
use grantscope::terms::grant::Grant;

use crate::pair::Pair;
use crate::{failed, flow, refused};

fn asking(claims: &str) -> Flow {
    flow(Grant::AuthorizationCode, |settings| claims.clone_into(&mut settings.protection.claims))
}

fn verdict(flow: &Flow, id: &str) -> Option<Verdict> {
    flow.checks().filter(|check| check.rule.id == id).map(|check| check.verdict).min()
}

const BOB: &str = r#"{"id_token":{"sub":{"value":"bob"}}}"#;

#[test]
fn the_user_who_is_asked_for_signs_in_or_nobody() {
    for (claims, username, is_refused) in [
        (BOB, "bob", false),
        (BOB, "alice", true),
        (r#"{"id_token":{"sub":{"values":["alice","bob"]}}}"#, "alice", false),
        (r#"{"id_token":{"sub":null}}"#, "alice", false),
        (r#"{"userinfo":{"sub":{"value":"bob"}}}"#, "alice", false),
    ] {
        let mut pair = Pair::new();
        pair.username = username;
        let mut flow = asking(claims);
        if is_refused {
            assert_eq!(refused(&mut flow, &mut pair).0, "login_required", "{claims}");
            continue;
        }
        assert_eq!(pair.run(&mut flow), Next::Finished, "{claims}: {:?}", flow.problem());
        assert_eq!(failed(&flow), [""; 0], "{claims}");
    }
}

/// Even where somebody is signed in already, and nobody is asked.
#[test]
fn somebody_else_who_is_signed_in_is_not_taken() {
    let mut pair = Pair::new();
    assert_eq!(pair.run(&mut asking("")), Next::Finished);
    let mut silent = flow(Grant::AuthorizationCode, |settings| {
        BOB.clone_into(&mut settings.protection.claims);
        "none".clone_into(&mut settings.request.prompt);
    });
    assert_eq!(refused(&mut silent, &mut pair).0, "login_required");
}

#[test]
fn another_user_than_the_one_asked_for_is_found() {
    for (is_on, found) in [(true, Verdict::Fail), (false, Verdict::Pass)] {
        let mut pair = Pair::new();
        pair.username = "bob";
        pair.practice.set(Fault::AnotherUser, is_on);
        let mut flow = asking(BOB);
        pair.run(&mut flow);
        assert_eq!(verdict(&flow, "id_token.asked_sub"), Some(found));
    }
}

#[test]
fn an_essential_class_of_login_is_reached_or_the_login_fails() {
    for (values, essential, refuses) in [
        (r#"["urn:practice:strong"]"#, true, false),
        (r#"["urn:example:gold"]"#, true, true),
        (r#"["urn:example:gold"]"#, false, false),
    ] {
        let mut pair = Pair::new();
        let mut flow = asking(&format!(r#"{{"id_token":{{"acr":{{"essential":{essential},"values":{values}}}}}}}"#));
        if refuses {
            assert_eq!(refused(&mut flow, &mut pair).0, "unmet_authentication_requirements");
            continue;
        }
        assert_eq!(pair.run(&mut flow), Next::Finished, "{values}: {:?}", flow.problem());
        let is_judged = verdict(&flow, "id_token.acr_essential") == Some(Verdict::Pass);
        assert_eq!((is_judged, failed(&flow)), (essential, vec![]), "{values}");
    }
}

#[test]
fn a_single_claim_comes_where_it_is_asked_for() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        "openid profile".clone_into(&mut settings.request.scope);
        settings.protection.claims = r#"{"id_token":{"locale":null},"userinfo":{"email":null}}"#.to_owned();
    });
    assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
    let token = flow.session.tokens[0].id_token.clone().expect("an ID token");
    assert!(token.claim("locale").is_some() && token.claim("email").is_none() && token.claim("name").is_none());
    let exchanges = flow.trace.exchanges.iter().filter(|exchange| exchange.stage == Stage::UserInfo);
    let said =
        exchanges.filter_map(|exchange| exchange.response()).map(|it| it.text().into_owned()).next().expect("claims");
    assert!(said.contains("\"email\"") && !said.contains("email_verified"), "{said}");
}
