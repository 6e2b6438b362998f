//! A server vouches for its user at another one, end to end (draft-ietf-oauth-identity-assertion-authz-grant).

use std::time::Duration;

use grantscope::base::check::Verdict;
use grantscope::base::json::Json;
use grantscope::client::endpoint::id_jag::TOKEN_TYPE;
use grantscope::client::settings::Settings;
use grantscope::flow::finding::finding;
use grantscope::flow::ladder::rungs;
use grantscope::flow::stage::{Lane, Stage};
use grantscope::flow::{Flow, Next, Outcome};
use grantscope::jose::jwt::decode;
use grantscope::practice::{Config, PracticeHandle};
use grantscope::record::redactor;
use grantscope::terms::grant::Grant;

use crate::pair::{ISSUER, Pair};
use crate::{failed, flow, refused, stages};

const THERE: &str = "http://127.0.0.1:9400/resource";

/// Asks for a grant for the second server.
pub fn wanted(settings: &mut Settings) {
    TOKEN_TYPE.clone_into(&mut settings.request.requested_token_type);
    THERE.clone_into(&mut settings.request.audience);
    "profile".clone_into(&mut settings.request.exchange_scope);
    settings.request.api_url = format!("{THERE}/api/me");
}

fn begun(change: impl FnOnce(&mut Settings)) -> Flow {
    flow(Grant::TokenExchange, |settings| {
        wanted(settings);
        change(settings);
    })
}

/// A pair whose second server is another one than usual.
fn pair(change: impl FnOnce(&mut Config)) -> Pair {
    let mut config = Config::practice(ISSUER.parse().expect("a URL")).with_resource_server();
    change(&mut config.further[0]);
    Pair::with(config)
}

fn there(pair: &Pair) -> &PracticeHandle {
    &pair.host.servers()[1]
}

#[test]
fn the_grant_of_one_server_brings_an_access_token_of_the_other() {
    let mut pair = Pair::with_resource_server();
    let mut flow = begun(|_| {});
    assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()));
    let of_grant = [Stage::Exchange, Stage::ResourceServerDiscovery, Stage::IdJag, Stage::Resource];
    assert!(stages(&flow).ends_with(&of_grant), "{:?}", stages(&flow));
    let grant = flow.session.id_jag.clone().expect("a grant");
    let said = decode(grant.assertion.expose());
    assert_eq!((said.typ(), said.claim("aud").and_then(Json::as_str)), (Some("oauth-id-jag+jwt"), Some(THERE)));
    assert_eq!(flow.session.issuer(&flow.settings), Some(THERE), "the run goes on there");
    let token = flow.session.tokens.last().expect("tokens");
    let token = decode(token.response.access_token.as_ref().expect("a token").expose());
    assert_eq!(token.claim("iss").and_then(Json::as_str), Some(THERE));
    assert_eq!(token.claim("sub").and_then(Json::as_str), Some("alice"));
    let applied: Vec<_> = flow.checks().filter(|check| check.rule.id.starts_with("id_jag.")).collect();
    assert_eq!(applied.len(), 12);
    let not_judged = applied.iter().filter(|check| check.verdict != Verdict::Pass).map(|check| check.rule.id);
    assert_eq!(not_judged.collect::<Vec<_>>(), ["id_jag.resource", "id_jag.cnf"], "none was asked for");
    let shown = redactor(&flow).text(&format!("{:?}", flow.trace));
    assert!(flow.secrets().any(|secret| *secret == grant.assertion) && !shown.contains(grant.assertion.expose()));
    let lanes: Vec<Lane> = rungs(&flow, false).iter().map(|rung| rung.to).collect();
    assert!(lanes.contains(&Lane::Server) && lanes.contains(&Lane::ResourceServer), "one diagram has both");
}

fn verdict(flow: &Flow, id: &str) -> Option<Verdict> {
    flow.checks().find(|check| check.rule.id == id).map(|check| check.verdict)
}

#[test]
fn a_grant_is_bound_to_the_key_that_was_proven_and_taken_with_it_alone() {
    let with_proof = || begun(|settings| settings.protection.dpop_bound_access_tokens = true);
    let mut flow = with_proof();
    assert_eq!(Pair::with_resource_server().run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!(failed(&flow), [""; 0]);
    assert_eq!(verdict(&flow, "id_jag.cnf"), Some(Verdict::Pass));
    assert_eq!(verdict(&flow, "id_jag.proof"), Some(Verdict::Pass));
    let mut flow = with_proof();
    let mut pair = Pair::with_resource_server();
    pair.run_to(&mut flow, Stage::IdJag);
    flow.settings.protection.dpop_bound_access_tokens = false;
    flow.reprepare();
    let (title, _) = refused(&mut flow, &mut pair);
    assert!(title.contains("invalid_grant"), "{title}");
    assert_eq!(failed(&flow), ["id_jag.proof"]);
    assert!(there(&pair).log().last().is_some_and(|entry| entry.words().contains("no DPoP proof came")));
}

#[test]
fn a_refresh_token_of_the_other_server_is_told() {
    let mut pair = Pair::with_resource_server();
    pair.changes.insert("/resource/token", ("refresh_token", Json::String("kept-for-long".to_owned())));
    let mut flow = begun(|_| {});
    assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!(verdict(&flow, "id_jag.renewal"), Some(Verdict::Warn));
}

#[test]
fn what_is_done_afterwards_is_done_at_the_other_server_with_its_token_alone() {
    let mut pair = Pair::with_resource_server();
    let mut flow = begun(|settings| "openid profile offline_access".clone_into(&mut settings.request.scope));
    [Stage::Introspection, Stage::Revocation, Stage::RevocationProof].into_iter().for_each(|stage| flow.append(stage));
    assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!(failed(&flow), Vec::<&str>::new());
    let paths: Vec<&str> = flow.trace.exchanges.iter().rev().take(3).map(|it| it.request.url.path()).collect();
    assert_eq!(paths, ["/resource/introspect", "/resource/revoke", "/resource/introspect"]);
    let login = flow.session.tokens[0].response.refresh_token.clone().expect("a refresh token of the login");
    let of_login = [login, flow.session.tokens[0].response.access_token.clone().expect("an access token")];
    for exchange in flow.trace.exchanges.iter().filter(|it| it.request.url.path().starts_with("/resource")) {
        let sent = format!("{}{:?}", String::from_utf8_lossy(&exchange.request.body), exchange.request.headers.0);
        assert!(of_login.iter().all(|token| !sent.contains(token.expose())), "{:?}", exchange.stage);
    }
}

#[test]
fn the_client_may_have_another_name_at_the_other_server() {
    let named = |name: &'static str| {
        move |config: &mut Config| {
            let client = config.clients.iter_mut().find(|client| client.client_id == "practice-web").expect("a client");
            name.clone_into(&mut client.client_id);
            client.client_secret = Some("another-secret".into());
        }
    };
    // The identity provider knows it by its own name alone, which is what the other server says.
    let mut flow = begun(|settings| {
        "web-there".clone_into(&mut settings.request.resource_client_id);
        settings.request.resource_client_secret = "another-secret".into();
    });
    let (title, _) = refused(&mut flow, &mut pair(named("web-there")));
    assert!(title.contains("invalid_grant"), "{title}");
    assert_eq!(failed(&flow), ["id_jag.client_id"]);
    let last = flow.trace.exchanges.last().expect("an exchange");
    assert_eq!((last.stage, last.settings.client.client_id.as_str()), (Stage::IdJag, "web-there"));
    assert!(last.response().is_some_and(|response| response.text().contains("its client_id is practice-web")));
    assert_eq!(flow.unregistered().client.client_id, "practice-web", "a new run begins as the first");
}

#[test]
fn a_grant_that_is_over_or_for_nobody_there_is_refused() {
    let mut pair = pair(|config| config.users.retain(|user| user.sub == "bob"));
    let mut flow = begun(|_| {});
    let (title, _) = refused(&mut flow, &mut pair);
    assert!(title.contains("invalid_grant"), "{title}");
    flow.go_on_anyway();
    pair.run(&mut flow);
    assert_eq!(flow.trace.exchanges.last().map(|last| last.stage), Some(Stage::IdJag), "no API is called");
    assert!(there(&pair).log().last().is_some_and(|entry| entry.words().contains("there is no such user")));
    let mut pair = Pair::with_resource_server();
    let mut flow = begun(|_| {});
    pair.run_to(&mut flow, Stage::IdJag);
    pair.wait(Duration::from_secs(301));
    let (title, _) = refused(&mut flow, &mut pair);
    assert!(title.contains("invalid_grant"), "{title}");
}

#[test]
fn an_audience_is_needed_and_a_server_issues_none_for_itself() {
    let mut flow = begun(|settings| settings.request.audience.clear());
    let Next::Missing(missing) = Pair::with_resource_server().run(&mut flow) else { panic!("nothing is missing") };
    assert_eq!((missing.stage, missing.field), (Stage::Exchange, "audience"));
    let mut flow = begun(|settings| ISSUER.clone_into(&mut settings.request.audience));
    let (title, _) = refused(&mut flow, &mut Pair::with_resource_server());
    assert!(title.contains("invalid_target"), "{title}");
}

#[test]
fn an_access_token_brings_no_grant_and_without_one_nothing_is_sent_there() {
    let mut pair = Pair::with_resource_server();
    let mut flow = begun(|settings| {
        "urn:ietf:params:oauth:token-type:access_token".clone_into(&mut settings.request.subject_token_type);
    });
    let (title, _) = refused(&mut flow, &mut pair);
    assert!(title.contains("invalid_request"), "{title}");
    flow.go_on_anyway();
    pair.run(&mut flow);
    assert!(!stages(&flow).iter().any(|stage| matches!(stage, Stage::IdJag | Stage::ResourceServerDiscovery)));
    assert_eq!(there(&pair).log().len(), 0);
}

#[test]
fn what_is_wrong_of_the_client_at_the_other_server_names_its_own_settings() {
    let mut flow = begun(|settings| "nobody".clone_into(&mut settings.request.resource_client_id));
    let Next::Missing(missing) = Pair::with_resource_server().run(&mut flow) else { panic!("nothing is missing") };
    assert_eq!((missing.stage, missing.field), (Stage::IdJag, "resource_client_secret"));
    for (name, first) in [("nobody", "compare resource_client_id and"), ("", "fill in resource_client_id and")] {
        let mut flow = begun(|settings| {
            name.clone_into(&mut settings.request.resource_client_id);
            settings.request.resource_client_secret = "of nobody".into();
        });
        let mut pair = pair(|config| config.clients.clear());
        let next = pair.run(&mut flow);
        let Next::Stopped(problem) = &next else { panic!("{next:?}") };
        assert_eq!(problem.stage, Stage::IdJag);
        assert!(problem.advice[0].contains(first), "{:?}", problem.advice);
        let is_of_first =
            |line: &String| line.contains("token_endpoint_auth_method") || line.contains(" client_secret");
        assert!(!problem.advice.iter().any(is_of_first), "{:?}", problem.advice);
        let finding = finding(&flow, &next, &[]).expect("a finding");
        assert_eq!(finding.option(), None);
    }
}

#[test]
fn a_login_without_openid_and_a_type_that_is_nearly_right_are_told() {
    let mut flow = begun(|settings| "profile".clone_into(&mut settings.request.scope));
    let Next::Missing(missing) = Pair::with_resource_server().run(&mut flow) else { panic!("nothing is missing") };
    assert_eq!((missing.stage, missing.field), (Stage::Exchange, "subject_token"));
    assert!(missing.hint.contains("add openid to scope"), "{}", missing.hint);
    let right = TOKEN_TYPE.to_owned();
    for (wrong, is_meant) in [
        ("id-jag".to_owned(), true),
        (right.replace("id-jag", "id_jag"), true),
        (right.replace("id-jag", "ID-JAG"), true),
        (format!("{right} "), true),
        (right.replace("id-jag", "id-card"), false),
    ] {
        let mut flow = begun(|settings| wrong.clone_into(&mut settings.request.requested_token_type));
        let Next::Stopped(problem) = Pair::with_resource_server().run(&mut flow) else { panic!("{wrong} is taken") };
        let meant = format!("{TOKEN_TYPE} was meant?");
        assert_eq!(problem.advice.iter().any(|line| line.ends_with(&meant)), is_meant, "{wrong}: {:?}", problem.advice);
    }
}
