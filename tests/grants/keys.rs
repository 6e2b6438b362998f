//! Keys that the server changed since they were fetched: they are fetched once more before anything is said of a signature.

use std::cell::RefCell;
use std::collections::VecDeque;

use grantscope::base::check::Verdict;
use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::client::settings::Settings;
use grantscope::flow::finding::finding;
use grantscope::flow::judge::judge;
use grantscope::flow::stage::Stage;
use grantscope::flow::transport_error::TransportError;
use grantscope::flow::{Flow, Next, Outcome, ProblemKind};
use grantscope::practice::Config;
use grantscope::terms::grant::Grant;
use serde_json::json;

use crate::encrypted::encrypted;
use crate::pair::{ISSUER, Pair, START, told_of_logout};
use crate::{failed, flow, stages};

thread_local! {
    /// What is answered for the keys, one after the other; the last one stays.
    static SETS: RefCell<VecDeque<HttpResponse>> = const { RefCell::new(VecDeque::new()) };
    /// What is answered for UserInfo.
    static CLAIMS: RefCell<String> = const { RefCell::new(String::new()) };
}

fn set(_: &HttpRequest) -> Result<HttpResponse, TransportError> {
    SETS.with_borrow_mut(|sets| {
        let first = sets.front().cloned().expect("a set");
        if sets.len() > 1 {
            sets.pop_front();
        }
        Ok(first)
    })
}

fn claims(_: &HttpRequest) -> Result<HttpResponse, TransportError> {
    Ok(HttpResponse::new(200, "application/jwt", CLAIMS.with_borrow(String::clone)))
}

/// The keys that this server publishes. Those of another one have the same names.
fn published(pair: &Pair) -> HttpResponse {
    pair.practice.handle(&HttpRequest::get(format!("{ISSUER}/jwks").parse().expect("a URL")), START)
}

/// A server whose keys are answered with those of others first.
fn changed(answers: &[&Pair]) -> impl Fn(&mut Pair) + use<> {
    let sets: VecDeque<HttpResponse> = answers.iter().map(|pair| published(pair)).collect();
    move |pair| {
        SETS.set(sets.clone());
        pair.faults.insert("/jwks", set);
    }
}

fn fetched(flow: &Flow) -> usize {
    stages(flow).iter().filter(|stage| **stage == Stage::Jwks).count()
}

fn verdicts(flow: &Flow, rule: &str) -> Vec<Verdict> {
    flow.checks().filter(|check| check.rule.id == rule).map(|check| check.verdict).collect()
}

/// What the run said is what its exchanges say.
fn assert_judged_alike(flow: &Flow) {
    let (_, checks) = judge(&flow.trace.exchanges);
    for (exchange, judged) in flow.trace.exchanges.iter().zip(&checks) {
        assert_eq!(&exchange.checks, judged, "{:?}", exchange.stage);
    }
}

#[test]
fn a_key_that_changed_under_its_name_is_fetched_once_more() {
    for grant in [Grant::AuthorizationCode, Grant::Hybrid, Grant::Implicit] {
        let mut pair = Pair::new();
        let change = changed(&[&Pair::new(), &pair]);
        change(&mut pair);
        let mut flow = flow(grant, |_| {});
        assert_eq!(pair.run(&mut flow), Next::Finished, "{grant:?}: {:?}", flow.problem());
        assert_eq!((flow.outcome(), failed(&flow), fetched(&flow)), (Outcome::Success, vec![], 2), "{grant:?}");
        assert_eq!(verdicts(&flow, "id_token.signature")[..2], [Verdict::Skipped, Verdict::Pass], "{grant:?}");
        assert_judged_alike(&flow);
    }
}

#[test]
fn a_signature_that_still_fails_then_ends_the_run_and_nothing_is_fetched_again() {
    let mut pair = Pair::new();
    changed(&[&Pair::new()])(&mut pair);
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it went on") };
    assert_eq!((problem.kind, problem.rule, fetched(&flow)), (ProblemKind::Unsafe, Some("id_token.signature"), 2));
    assert!(problem.title.starts_with("An ID token whose signature does not verify"), "{}", problem.title);
    let found = finding(&flow, &flow.clone().poll(START), &[]).expect("a finding");
    assert_eq!(found.rule.as_deref(), Some("id_token.signature"));
    assert_judged_alike(&flow);
    // Trying again brings another token, and not the same keys. It is judged at once: the keys of this name are known to
    // stay.
    flow.retry();
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it went on") };
    assert_eq!((problem.stage, problem.rule, fetched(&flow)), (Stage::Token, Some("id_token.signature"), 2));
    flow.go_on_anyway();
    flow.append(Stage::Refresh);
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it went on") };
    assert_eq!((problem.stage, problem.rule, fetched(&flow)), (Stage::Refresh, Some("id_token.signature"), 2));
    assert_judged_alike(&flow);
}

#[test]
fn what_ends_the_run_by_itself_is_told_with_its_signature() {
    let mut pair = Pair::new();
    let change = changed(&[&Pair::new(), &pair]);
    change(&mut pair);
    pair.practice.set("wrong_iss".parse().expect("a fault"), true);
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    assert!(matches!(pair.run(&mut flow), Next::Stopped(problem) if problem.stage == Stage::Token));
    assert_eq!(failed(&flow), ["id_token.iss", "id_token.signature"]);
    flow.go_on_anyway();
    let left: Vec<_> = flow.trace.went_on.iter().map(|left| left.rule).collect();
    assert_eq!(left, [Some("id_token.iss"), Some("id_token.signature")], "all that was passed over");
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(fetched(&flow), 1);
}

/// A run to the stage, with new keys at the server from then on.
fn rotated_before(stage: Stage, change: impl FnOnce(&mut Settings)) -> (Pair, Flow) {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, change);
    if stage == Stage::Introspection {
        flow.append(stage);
    }
    pair.run_to(&mut flow, stage);
    pair.practice.rotate_keys().expect("a key");
    (pair, flow)
}

/// What is signed beside an ID token, the stage that brings it, and what becomes of a signature that no key verifies.
struct Signed {
    rule: &'static str,
    stage: Stage,
    begin: fn() -> (Pair, Flow),
    forged: Verdict,
}

fn begun(username: &'static str, change: impl FnOnce(&mut Settings)) -> (Pair, Flow) {
    let mut pair = Pair::new();
    pair.username = username;
    (pair, flow(Grant::AuthorizationCode, change))
}

fn jarm(settings: &mut Settings) {
    "jwt".clone_into(&mut settings.request.response_mode);
}

/// JSON with a JWT in it, as Keycloak answers.
fn with_jwt(_: &HttpRequest) -> Result<HttpResponse, TransportError> {
    let said = json!({ "active": true, "jwt": CLAIMS.with_borrow(String::clone) });
    Ok(HttpResponse::new(200, "application/json", said.to_string()))
}

const SIGNED: [Signed; 10] = [
    Signed {
        rule: "introspection.signature",
        stage: Stage::Introspection,
        begin: introspecting,
        forged: Verdict::Fail,
    },
    Signed {
        rule: "introspection.signature",
        stage: Stage::Introspection,
        begin: || {
            let (mut pair, flow) = begun("alice", |_| {});
            pair.faults.insert("/introspect", with_jwt);
            (pair, flow)
        },
        forged: Verdict::Fail,
    },
    // The key of the response signs the ID token as well.
    Signed {
        rule: "jarm.signature",
        stage: Stage::Authorization,
        begin: || begun("alice", jarm),
        forged: Verdict::Fail,
    },
    // The token that is signed may be inside one that is encrypted.
    Signed {
        rule: "jarm.signature",
        stage: Stage::Authorization,
        begin: || begun("alice", |settings| (jarm(settings), encrypted(Grant::AuthorizationCode)(settings)).0),
        forged: Verdict::Fail,
    },
    Signed {
        rule: "userinfo.signature",
        stage: Stage::UserInfo,
        begin: || begun("alice", encrypted(Grant::AuthorizationCode)),
        forged: Verdict::Fail,
    },
    Signed { rule: "claims.signature", stage: Stage::UserInfo, begin: || begun("bob", |_| {}), forged: Verdict::Fail },
    Signed { rule: "claims.signature", stage: Stage::Claims, begin: || begun("bob", |_| {}), forged: Verdict::Fail },
    Signed {
        rule: "blo.signature",
        stage: Stage::Logout,
        begin: || begun("alice", told_of_logout),
        forged: Verdict::Fail,
    },
    // The keys of what an API says of itself may be published elsewhere.
    Signed {
        rule: "prm.signature",
        stage: Stage::ResourceMetadata,
        begin: || {
            let config = Config { signed_metadata: true, ..Config::practice(ISSUER.parse().expect("a URL")) };
            (Pair::with(config), flow(Grant::AuthorizationCode, |_| {}))
        },
        forged: Verdict::Warn,
    },
    Signed {
        rule: "id_jag.signature",
        stage: Stage::Exchange,
        begin: || (Pair::with_resource_server(), flow(Grant::TokenExchange, crate::id_jag::wanted)),
        forged: Verdict::Fail,
    },
];

fn introspecting() -> (Pair, Flow) {
    begun("alice", |settings| "ES256".clone_into(&mut settings.request.introspection_signed_response_alg))
}

/// Runs it, with new keys at the server just before what is signed with them. They are published, or those before stay.
fn rotated(signed: &Signed, is_published: bool) -> (Next, Flow) {
    let (mut pair, mut flow) = (signed.begin)();
    if !flow.stages().contains(&signed.stage) {
        flow.append(signed.stage);
    }
    pair.run_to(&mut flow, signed.stage);
    if !is_published {
        changed(&[&pair])(&mut pair);
    }
    pair.practice.rotate_keys().expect("a key");
    CLAIMS.set(pair.practice.sign(&json!({ "active": true })).expect("a JWT"));
    (pair.run(&mut flow), flow)
}

#[test]
fn a_new_key_is_fetched_once_for_everything_that_is_signed() {
    for signed in &SIGNED {
        let (rule, stage) = (signed.rule, signed.stage);
        let before = usize::from(rule == "claims.signature" && stage == Stage::Claims);
        let (next, flow) = rotated(signed, true);
        assert_eq!(next, Next::Finished, "{rule}: {:?}", flow.problem());
        assert_eq!(verdicts(&flow, rule)[before..], [Verdict::Skipped, Verdict::Pass], "{rule} {stage:?}");
        assert_eq!((failed(&flow), fetched(&flow)), (vec![], 2), "{rule} {stage:?}");
        assert_judged_alike(&flow);
        let (_, flow) = rotated(signed, false);
        assert_eq!(verdicts(&flow, rule)[before..][..2], [Verdict::Skipped, signed.forged], "{rule} {stage:?}");
        assert_eq!(fetched(&flow), 2, "{rule} {stage:?}: once");
        assert_judged_alike(&flow);
    }
}

#[test]
fn a_token_that_names_a_known_key_is_judged_at_once() {
    for signed in &SIGNED {
        let (mut pair, mut flow) = (signed.begin)();
        if !flow.stages().contains(&signed.stage) {
            flow.append(signed.stage);
        }
        CLAIMS.set(pair.practice.sign(&json!({ "active": true })).expect("a JWT"));
        assert_eq!(pair.run(&mut flow), Next::Finished, "{}: {:?}", signed.rule, flow.problem());
        assert!(verdicts(&flow, signed.rule).iter().all(|verdict| *verdict == Verdict::Pass), "{}", signed.rule);
        assert_eq!(fetched(&flow), 1, "{}", signed.rule);
    }
}

#[test]
fn signed_claims_wait_for_their_key() {
    for (is_published, verdict) in [(true, Verdict::Pass), (false, Verdict::Fail)] {
        let (mut pair, mut flow) = rotated_before(Stage::UserInfo, |_| {});
        let signer = if is_published { &pair } else { &Pair::new() };
        signer.practice.rotate_keys().expect("a key");
        let claims_of = json!({ "iss": ISSUER, "aud": "practice-web", "sub": flow.session.sub() });
        CLAIMS.set(signer.practice.sign(&claims_of).expect("a JWT"));
        pair.faults.insert("/userinfo", claims);
        let next = pair.run(&mut flow);
        assert_eq!(matches!(next, Next::Finished), is_published, "{next:?}");
        if !is_published {
            flow.retry();
            assert!(matches!(pair.run(&mut flow), Next::Stopped(_)), "the keys do not change by asking again");
            continue;
        }
        assert_eq!(verdicts(&flow, "userinfo.signature"), [Verdict::Skipped, verdict]);
        assert_eq!(fetched(&flow), 2);
        assert_judged_alike(&flow);
    }
}
