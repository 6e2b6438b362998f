//! The one thing to say of a run: what it is about, what shows it, what to do next, and the setting that does it.

mod pair;

use grantscope::base::check::Verdict;
use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::client::settings::Settings;
use grantscope::flow::finding::{Finding, finding};
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next, Outcome, ProblemKind};
use grantscope::practice::Fault;
use grantscope::terms::grant::Grant;
use grantscope::terms::metadata::ServerMetadata;
use pair::Pair;

fn found(pair: &mut Pair, flow: &mut Flow) -> Option<Finding> {
    let next = pair.run(flow);
    finding(flow, &next, &flow.left_open())
}

#[test]
fn a_run_in_order_has_none() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    assert_eq!(found(&mut pair, &mut flow), None);
}

/// The keys are fetched once more for it; a new token does not come of them.
#[test]
fn a_token_that_no_key_signed_is_tried_again_from_the_login() {
    let mut pair = Pair::new();
    pair.practice.set(Fault::BadSignature, true);
    let mut flow = pair.flow();
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it goes on") };
    assert_eq!(problem.rule, Some("id_token.signature"));
    assert_eq!(problem.again_at, Stage::Authorization);
}

#[test]
fn what_must_not_be_used_is_said_with_both_values_and_stays_first_when_the_run_goes_on() {
    let mut pair = Pair::new();
    pair.practice.set(Fault::WrongAud, true);
    let mut flow = pair.flow();
    let first = found(&mut pair, &mut flow).expect("a finding");
    assert_eq!(first.say, "Tokens came. Do not use them: aud is another-client, this client is practice-web");
    assert_eq!(
        (first.rule.as_deref(), first.stage, first.verdict),
        (Some("id_token.aud"), Stage::Token, Verdict::Fail)
    );
    assert!(first.evidence.contains("expected practice-web, saw another-client (MUST OIDC Core"), "{}", first.evidence);
    assert!(!first.next.is_empty());
    flow.go_on_anyway();
    let second = found(&mut pair, &mut flow).expect("a finding");
    assert_eq!((second.say, second.rule), (first.say, first.rule));
}

/// A change of the settings, what the server answers at `/token` then, and the option that mends it.
struct Row {
    change: fn(&mut Settings),
    path: &'static str,
    answer: fn() -> HttpResponse,
    option: Option<&'static str>,
}

fn error(status: u16, body: &str) -> HttpResponse {
    HttpResponse::new(status, JSON, body)
}

const ROWS: [Row; 12] = [
    Row {
        change: |_| {},
        path: "/token",
        answer: || error(401, r#"{"error":"invalid_client"}"#),
        option: Some("--set token_endpoint_auth_method=client_secret_post"),
    },
    Row {
        change: |settings| "client_secret_post".clone_into(&mut settings.client.token_endpoint_auth_method),
        path: "/token",
        answer: || error(401, r#"{"error":"invalid_client"}"#),
        option: Some("--set token_endpoint_auth_method=client_secret_basic"),
    },
    Row {
        change: |_| {},
        path: "/token",
        answer: || error(400, r#"{"error":"invalid_request","error_description":"AADSTS9002327: only cross-origin"}"#),
        option: Some("--set token_request.headers.Origin=http://127.0.0.1:8912"),
    },
    Row {
        change: |_| {},
        path: "/token",
        answer: || HttpResponse::new(308, JSON, "").with_header("Location", "/oauth/token"),
        option: Some("--set token_endpoint=http://127.0.0.1:9400/oauth/token"),
    },
    Row {
        change: |_| {},
        path: "/userinfo",
        answer: || {
            let challenge = r#"Bearer error="insufficient_scope", scope="openid address""#;
            error(403, "{}").with_header("WWW-Authenticate", challenge)
        },
        option: Some("--set 'scope=openid profile email offline_access address'"),
    },
    Row {
        change: |_| {},
        path: "/token",
        answer: || error(400, r#"{"error":"invalid_dpop_proof"}"#),
        option: Some("--set dpop_bound_access_tokens=true"),
    },
    Row {
        change: |_| {},
        path: "/userinfo",
        answer: || {
            let challenge = r#"DPoP error="invalid_token", algs="ES256""#;
            error(401, "{}").with_header("WWW-Authenticate", challenge)
        },
        option: Some("--set dpop_bound_access_tokens=true"),
    },
    Row {
        change: |_| {},
        path: "/userinfo",
        answer: || {
            let challenge = r#"Bearer error="insufficient_user_authentication", acr_values="strong""#;
            error(401, "{}").with_header("WWW-Authenticate", challenge)
        },
        option: Some("--set acr_values=strong"),
    },
    Row { change: |_| {}, path: "/token", answer: || error(400, r#"{"error":"invalid_grant"}"#), option: None },
    Row {
        change: |_| {},
        path: "/token",
        answer: || error(401, r#"{"error":"invalid_client","error_description":"private_key_jwt is required"}"#),
        option: Some("--set token_endpoint_auth_method=private_key_jwt"),
    },
    Row {
        change: |_| {},
        path: "/token",
        answer: || {
            let words = "Invalid client secret provided. Ensure the secret being sent in the request is the value";
            error(401, &format!(r#"{{"error":"invalid_client","error_description":"{words}"}}"#))
        },
        option: None,
    },
    // Another application is wanted, and no header field.
    Row {
        change: |_| {},
        path: "/token",
        answer: || {
            let words = "AADSTS9002326: Cross-origin token redemption is permitted only for a single-page application";
            error(400, &format!(r#"{{"error":"invalid_request","error_description":"{words}"}}"#))
        },
        option: None,
    },
];

#[test]
fn a_refusal_names_the_setting_that_may_mend_it() {
    for Row { change, path, answer, option } in ROWS {
        let mut pair = Pair::new();
        let mut flow = pair.flow_with(change);
        flow.append(Stage::UserInfo);
        let stage = if path == "/token" { Stage::Token } else { Stage::UserInfo };
        pair.run_to(&mut flow, stage);
        flow.begin(pair::START);
        flow.handle(grantscope::flow::Event::Answered { response: answer(), took: pair::TOOK }, pair::START);
        let next = flow.poll(pair::START);
        let finding = finding(&flow, &next, &[]).expect("a finding");
        assert_eq!(finding.option().as_deref(), option, "{}", finding.say);
        let Some(cure) = finding.cures.first() else { continue };
        let mut mended = flow.settings.clone();
        cure.apply(&mut mended);
        assert_ne!(mended, flow.settings, "{}", cure.label);
    }
}

#[test]
fn what_is_missing_or_was_not_done_is_a_finding_too() {
    let mut pair = Pair::new();
    let mut flow = pair.flow_with(|settings| settings.client.client_id.clear());
    let missing = found(&mut pair, &mut flow).expect("a finding");
    assert!(missing.say.ends_with(" needs client_id"), "{}", missing.say);
    assert!(missing.next.contains("--set client_id=..."), "{}", missing.next);
}

#[test]
fn every_fault_that_breaks_a_rule_is_told_by_a_sentence_of_its_own() {
    let faults = [Fault::WrongIss, Fault::WrongNonce, Fault::ExpiredIdToken, Fault::BadSignature, Fault::WrongAtHash];
    for fault in faults.into_iter().chain([Fault::MissingState, Fault::WrongIssuer, Fault::CachedTokens]) {
        let mut pair = Pair::new();
        pair.practice.set(fault, true);
        let mut flow = pair.flow();
        let finding = found(&mut pair, &mut flow).unwrap_or_else(|| panic!("{fault:?} is not found"));
        assert_eq!(finding.rule.as_deref(), fault.rule(), "{}", finding.say);
        assert!(finding.say.chars().count() < 240 && !finding.say.ends_with('.'), "{}", finding.say);
    }
}

/// Signed metadata are judged when the keys are there, and nothing else has come by then.
#[test]
fn of_metadata_that_must_not_be_used_nobody_says_that_tokens_came() {
    let mut pair = Pair::new();
    pair.practice.set(Fault::ForgedMetadata, true);
    let mut flow = pair.flow();
    let finding = found(&mut pair, &mut flow).expect("a finding");
    assert_eq!(finding.rule.as_deref(), Some("metadata.signature"));
    assert!(finding.say.starts_with("Metadata came. Do not use them: "), "{}", finding.say);
}

/// Where a rule is about no name of the message, or says more than a value of it, the rule says what is wrong.
#[test]
fn a_headline_is_not_made_of_the_name_of_a_rule() {
    for (fault, says) in [
        (Fault::UnknownKid, "What came of the token request is not as it should be: the rule 'kid names the key"),
        (Fault::BadSignature, "Tokens came. Do not use them: the signature is not by kid "),
        (Fault::WrongNonce, "Tokens came. Do not use them: nonce is "),
    ] {
        let mut pair = Pair::new();
        pair.practice.set(fault, true);
        let mut flow = pair.flow();
        let finding = found(&mut pair, &mut flow).expect("a finding");
        assert!(finding.say.starts_with(says), "{}", finding.say);
    }
}

/// What the client should do otherwise is told of its request, on the rail as in the finding.
#[test]
fn a_rule_of_the_client_is_broken_where_the_finding_says() {
    for grant in [Grant::Implicit, Grant::Password] {
        let mut pair = Pair::new();
        let mut flow = Flow::new(grant, pair::demo_settings(grant, ""), Entropy::from_seed([2; 32]));
        let finding = found(&mut pair, &mut flow).expect("a finding");
        assert!(finding.say.contains(" request is not as it should be: the rule '"), "{}", finding.say);
        let warned: Vec<&str> = flow
            .steps()
            .iter()
            .filter(|view| view.broken.count(Verdict::Warn) > 0)
            .map(|view| view.step.title)
            .collect();
        assert_eq!(warned, ["Request"], "{grant:?}");
    }
}

/// A demand of the metadata, and the rule that asks for it.
const DEMANDS: [(&str, &str); 2] = [
    ("require_pushed_authorization_requests", "authorization_request.pushed"),
    ("require_signed_request_object", "authorization_request.signed"),
];

#[test]
fn a_demand_that_is_not_met_ends_the_run_before_the_request_leaves() {
    for (grant, (member, rule)) in
        [Grant::AuthorizationCode, Grant::Implicit].into_iter().zip(DEMANDS.into_iter().cycle())
    {
        let mut pair = Pair::new();
        let mut flow = Flow::new(grant, pair::practice_settings(), Entropy::from_seed([2; 32]));
        pair.run_to(&mut flow, Stage::Authorization);
        let text = flow.session.metadata.as_ref().expect("metadata").json.pretty();
        let json = Json::parse_text(&text.replacen('{', &format!("{{\"{member}\": true,"), 1)).expect("JSON");
        flow.session.metadata = Some(ServerMetadata { json });
        let finding = found(&mut pair, &mut flow).expect("a finding");
        assert_eq!(
            (finding.rule.as_deref(), finding.stage, finding.exchange),
            (Some(rule), Stage::Authorization, None)
        );
        assert!(finding.say.contains(&format!("{member}: true, and no request")), "{}", finding.say);
        let problem = flow.problem().expect("stopped").clone();
        assert_eq!((problem.kind, problem.rule), (ProblemKind::Unsafe, Some(rule)));
        assert!(flow.trace.exchanges.iter().all(|exchange| exchange.stage != Stage::Authorization), "it has left");
        assert_eq!(flow.outcome(), Outcome::Failed);
        // Trying again changes nothing; going on sends it, once, and the failed check stands.
        flow.retry();
        assert!(matches!(pair.run(&mut flow), Next::Stopped(_)));
        flow.go_on_anyway();
        let finding = found(&mut pair, &mut flow).expect("a finding");
        assert_eq!((finding.rule.as_deref(), flow.outcome()), (Some(rule), Outcome::Success));
        assert_eq!(flow.trace.went_on.iter().map(|left| left.rule).collect::<Vec<_>>(), [Some(rule)]);
        assert!(flow.has_failed_check());
    }
}

#[test]
fn a_demand_that_is_met_by_hand_stops_nothing() {
    let mut pair = Pair::new();
    let mut flow = pair.flow_with(|settings| settings.request.extra.push("request_uri", "urn:example:pushed"));
    pair.run_to(&mut flow, Stage::Authorization);
    let json = Json::parse_text(
        r#"{"require_pushed_authorization_requests": true, "authorization_endpoint": "http://127.0.0.1:9400/authorize"}"#,
    );
    flow.session.metadata = Some(ServerMetadata { json: json.expect("JSON") });
    pair.run_to_browse(&mut flow);
    pair.run(&mut flow);
    let pushed = flow.checks().find(|check| check.rule.id == "authorization_request.pushed").expect("judged");
    assert_eq!(pushed.verdict, Verdict::Pass);
}
