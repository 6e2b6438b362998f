//! Everything one does with a token once it is there.

use grantscope::base::check::Verdict;
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::flow::finding::finding;
use grantscope::flow::stage::Stage;
use grantscope::flow::verdicts::Verdicts;
use grantscope::flow::{Flow, Next, Outcome};
use grantscope::practice::Fault;
use grantscope::terms::grant::Grant;

use crate::pair::Pair;
use crate::{failed, flow};

fn verdict(flow: &Flow, id: &str) -> Option<Verdict> {
    flow.checks().find(|check| check.rule.id == id).map(|check| check.verdict)
}

#[test]
fn a_revoked_token_is_proved_dead() {
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    flow.append(Stage::Revocation);
    flow.append(Stage::RevocationProof);
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert_eq!(flow.outcome(), Outcome::Success);
    assert_eq!(verdict(&flow, "revocation.effective"), Some(Verdict::Pass));
}

#[test]
fn a_token_that_outlives_its_revocation_is_shown() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, |settings| "openid profile".clone_into(&mut settings.request.scope));
    flow.append(Stage::Revocation);
    flow.append(Stage::RevocationProof);
    pair.faults.insert("/introspect", |_| Ok(HttpResponse::new(200, "application/json", r#"{"active":true}"#)));
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), ["revocation.effective"]);
}

/// Introspection of many servers knows no refresh tokens, and answers some clients of no token at all: what it called
/// inactive before proves nothing, and a refresh token is proved dead where it is used.
#[test]
fn what_was_called_inactive_before_its_revocation_proves_nothing() {
    let inactive: crate::pair::Fault = |_| Ok(HttpResponse::new(200, "application/json", r#"{"active":false}"#));
    for (scope, effective) in [("openid profile", Verdict::Skipped), ("openid profile offline_access", Verdict::Pass)] {
        let mut pair = Pair::new();
        let mut flow = flow(Grant::AuthorizationCode, |settings| scope.clone_into(&mut settings.request.scope));
        for stage in [Stage::Introspection, Stage::Revocation, Stage::RevocationProof] {
            flow.append(stage);
        }
        pair.faults.insert("/introspect", inactive);
        assert_eq!(pair.run(&mut flow), Next::Finished, "{scope}");
        assert_eq!(verdict(&flow, "introspection.fresh"), Some(Verdict::Warn), "{scope}");
        assert_eq!(verdict(&flow, "revocation.effective"), Some(effective), "{scope}");
    }
}

#[test]
fn without_introspection_the_token_endpoint_or_the_api_gives_the_proof() {
    for (scope, path) in [("openid profile offline_access", "/token"), ("openid profile", "/api/me")] {
        let mut pair = Pair::new();
        let mut flow = flow(Grant::AuthorizationCode, |settings| scope.clone_into(&mut settings.request.scope));
        flow.append(Stage::Revocation);
        flow.append(Stage::RevocationProof);
        pair.run_to(&mut flow, Stage::RevocationProof);
        let metadata = flow.session.metadata.as_mut().expect("metadata");
        if let grantscope::base::json::Json::Object(members) = &mut metadata.json {
            members.retain(|(name, _)| name != "introspection_endpoint");
        }
        flow.reprepare();
        assert_eq!(pair.run(&mut flow), Next::Finished, "{path}");
        let last = flow.trace.exchanges.last().expect("an exchange");
        assert_eq!(last.request.url.path(), path);
        assert_eq!(verdict(&flow, "revocation.effective"), Some(Verdict::Pass), "{path}");
    }
}

#[test]
fn an_old_refresh_token_is_refused_and_that_is_success() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::RefreshToken, |_| {});
    flow.append(Stage::RefreshReuse);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!((flow.outcome(), verdict(&flow, "refresh.reuse")), (Outcome::Success, Some(Verdict::Pass)));
    flow.append(Stage::UserInfo);
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("the family is revoked") };
    assert!(problem.advice[0].contains("The old refresh token was sent again in this run"), "{:?}", problem.advice);
}

/// RFC 9700 section 4.14.2: after an old refresh token was used again the newer one is revoked as well.
#[test]
fn the_newer_refresh_token_is_tried_after_an_old_one_was_refused() {
    let run = |client_id: &str, method: &str, answer: Option<crate::pair::Fault>| {
        let mut pair = Pair::new();
        let mut flow = flow(Grant::RefreshToken, |settings| {
            if method == "none" {
                client_id.clone_into(&mut settings.client.client_id);
                method.clone_into(&mut settings.client.token_endpoint_auth_method);
                settings.client.client_secret = "".into();
            }
        });
        flow.append(Stage::RefreshReuse);
        assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
        pair.faults.extend(answer.map(|answer| ("/token", answer)));
        flow.append(Stage::Refresh);
        pair.run(&mut flow);
        verdict(&flow, "refresh.family")
    };
    let tokens: crate::pair::Fault = |_| {
        let body = r#"{"access_token":"a-token-of-a-thief-0001","token_type":"Bearer","expires_in":60}"#;
        Ok(HttpResponse::new(200, JSON, body))
    };
    for (client_id, method, answer, expected) in [
        ("practice-web", "", None, Verdict::Pass),
        ("practice-native", "none", None, Verdict::Pass),
        ("practice-web", "", Some(tokens), Verdict::Note),
        ("practice-native", "none", Some(tokens), Verdict::Warn),
    ] {
        assert_eq!(run(client_id, method, answer), Some(expected), "{client_id}");
    }
}

#[test]
fn a_proof_and_an_experiment_need_something_to_begin_with() {
    for (stage, then) in
        [(Stage::RevocationProof, "--then revoke,proof"), (Stage::RefreshReuse, "--then refresh,reuse")]
    {
        let mut flow = flow(Grant::ClientCredentials, |_| {});
        flow.append(stage);
        assert_eq!(Pair::new().run(&mut flow), Next::Finished);
        assert_eq!(flow.outcome(), Outcome::Incomplete);
        let finding = finding(&flow, &Next::Finished, &flow.left_open()).expect("it was not done");
        assert_eq!(finding.stage, stage);
        assert!(finding.next.ends_with(then), "{}", finding.next);
    }
}

#[test]
fn userinfo_takes_the_token_in_a_form_as_well() {
    let mut flow = flow(Grant::AuthorizationCode, |settings| "POST".clone_into(&mut settings.request.userinfo_method));
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    let userinfo = flow.trace.exchanges.iter().find(|exchange| exchange.stage == Stage::UserInfo).expect("UserInfo");
    assert_eq!(userinfo.request.method, "POST");
    assert!(flow.session.userinfo.is_some());
}

#[test]
fn an_api_is_called_as_it_is_typed() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::ClientCredentials, |settings| {
        "POST".clone_into(&mut settings.request.api_method);
        r#"{"hello":1}"#.clone_into(&mut settings.request.api_body);
        settings.request.api_headers.push("X-Request-Id", "r1");
    });
    pair.faults.insert("/api/me", |request| {
        let said = format!("{} {}", request.method, request.headers.get("x-request-id").unwrap_or("none"));
        Ok(HttpResponse::new(201, "text/plain", format!("{said} {}", String::from_utf8_lossy(&request.body))))
    });
    assert_eq!(pair.run(&mut flow), Next::Finished);
    let answer = flow.trace.exchanges.last().and_then(|exchange| exchange.response()).expect("an answer");
    assert_eq!(answer.text(), r#"POST r1 {"hello":1}"#);
}

#[test]
fn introspection_as_a_jwt_is_verified_where_the_server_signs_it() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        "ES256".clone_into(&mut settings.request.introspection_signed_response_alg);
    });
    flow.append(Stage::Introspection);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    let sent = flow.trace.exchanges.last().expect("an exchange");
    assert_eq!(sent.request.headers.get("accept"), Some("application/token-introspection+jwt"));
    for id in ["introspection.signed", "introspection.signed_claims", "introspection.signature"] {
        assert_eq!(verdict(&flow, id), Some(Verdict::Pass), "{id}");
    }
}

#[test]
fn the_accept_of_an_introspection_is_what_is_typed() {
    for alg in ["", "ES256"] {
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            alg.clone_into(&mut settings.request.introspection_signed_response_alg);
            "application/jwt".clone_into(&mut settings.request.introspection_accept);
        });
        flow.append(Stage::Introspection);
        Pair::new().run(&mut flow);
        let sent = flow.trace.exchanges.last().expect("an exchange");
        assert_eq!(sent.request.headers.get("accept"), Some("application/jwt"), "{alg}");
    }
}

#[test]
fn a_polling_answer_that_is_no_json_stops_the_polling_with_what_came() {
    for grant in [Grant::DeviceCode, Grant::Ciba] {
        let mut pair = Pair::new();
        pair.faults.insert("/token", |_| Ok(HttpResponse::new(502, "text/html", "<html><title>Bad gateway</title>")));
        let mut flow = flow(grant, |_| {});
        let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("not stopped") };
        assert!(problem.came.contains("an HTML page (\"Bad gateway\")"), "{}", problem.came);
        pair.faults.clear();
        flow.retry();
        assert_eq!(pair.run(&mut flow), Next::Finished, "{grant:?}: the run is kept");
    }
}

#[test]
fn an_empty_device_code_is_sent_to_nobody() {
    let mut pair = Pair::new();
    pair.faults.insert("/device", |_| {
        let body = r#"{"device_code":"","user_code":"WDJB-MJHT","verification_uri":"http://127.0.0.1:9400/verify","expires_in":600}"#;
        Ok(HttpResponse::new(200, "application/json", body))
    });
    let Next::Stopped(problem) = pair.run(&mut flow(Grant::DeviceCode, |_| {})) else { panic!("not stopped") };
    assert_eq!(problem.stage, Stage::DeviceAuthorization);
    assert!(problem.came.contains("device_code"), "{}", problem.came);
}

#[test]
fn an_answer_that_does_not_speak_of_the_token_proves_nothing() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, |settings| "openid profile".clone_into(&mut settings.request.scope));
    flow.append(Stage::Revocation);
    flow.append(Stage::RevocationProof);
    pair.faults
        .insert("/introspect", |_| Ok(HttpResponse::new(401, "application/json", r#"{"error":"invalid_client"}"#)));
    assert!(matches!(pair.run(&mut flow), Next::Stopped(_)));
    assert_eq!(verdict(&flow, "revocation.effective"), Some(Verdict::Skipped));
}

#[test]
fn the_proof_reads_a_signed_answer_too() {
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        "openid profile".clone_into(&mut settings.request.scope);
        "ES256".clone_into(&mut settings.request.introspection_signed_response_alg);
    });
    flow.append(Stage::Revocation);
    flow.append(Stage::RevocationProof);
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert_eq!(verdict(&flow, "revocation.effective"), Some(Verdict::Pass));
    let form = flow.trace.exchanges.last().and_then(|exchange| exchange.request.form()).expect("a form");
    assert_eq!(form.get("token_type_hint"), Some("access_token"), "it is asked for as what it is");
}

/// What is said of a scope is about the request that was answered, not about one before it.
#[test]
fn a_scope_is_held_against_what_its_own_request_asked() {
    let said = |flow: &Flow, stage: Stage, id: &str| {
        let exchanges = flow.trace.exchanges.iter().filter(|exchange| exchange.stage == stage);
        let check = exchanges.flat_map(|exchange| &exchange.checks).find(|check| check.rule.id == id);
        check.map(|check| (check.verdict, check.actual.clone().unwrap_or_default()))
    };
    let all = "openid profile email offline_access";
    for (narrower, verdict, words) in [("", Verdict::Pass, all), ("profile", Verdict::Pass, "profile")] {
        let mut flow = flow(Grant::RefreshToken, |settings| settings.request.refresh_scope = narrower.to_owned());
        assert_eq!(Pair::new().run(&mut flow), Next::Finished);
        assert_eq!(said(&flow, Stage::Refresh, "token.scope"), Some((verdict, words.to_owned())), "{narrower}");
        let id_token = said(&flow, Stage::Refresh, "token.id_token").map(|(verdict, _)| verdict);
        assert!(matches!(id_token, Some(Verdict::Pass | Verdict::Skipped)), "a refresh may leave it out");
    }
    for (asked, words) in [("", "; none was asked"), ("profile", "profile")] {
        let mut flow = flow(Grant::TokenExchange, |settings| settings.request.exchange_scope = asked.to_owned());
        assert_eq!(Pair::new().run(&mut flow), Next::Finished);
        let (verdict, actual) = said(&flow, Stage::Exchange, "token.scope").expect("a verdict");
        assert!(verdict == Verdict::Pass && actual.ends_with(words), "{asked}: {actual}");
    }
}

fn on(flow: &Flow, at: usize, claim: &str) -> Option<Verdict> {
    let id_token = flow.session.tokens[at].response.id_token.as_ref().expect("an ID token");
    Verdicts::of(flow, id_token.expose()).on(claim).map(|check| check.verdict)
}

#[test]
fn each_claim_of_an_id_token_has_the_verdict_of_the_run() {
    use Verdict::{Fail, Pass, Skipped, Warn};
    for (fault, claim, expected) in [
        (None, "aud", Pass),
        (None, "at_hash", Pass),
        (None, "azp", Skipped),
        (Some(Fault::WrongAud), "aud", Fail),
        (Some(Fault::WrongNonce), "nonce", Fail),
        (Some(Fault::WrongIss), "iss", Fail),
        (Some(Fault::ExpiredIdToken), "exp", Fail),
        (Some(Fault::BadSignature), "signature", Fail),
        // The keys are fetched anew for it, and what they say takes the place of what had to wait.
        (Some(Fault::UnknownKid), "kid", Warn),
        (Some(Fault::UnknownKid), "signature", Pass),
    ] {
        let mut pair = Pair::new();
        if let Some(fault) = fault {
            pair.practice.set(fault, true);
        }
        let mut flow = flow(Grant::AuthorizationCode, |_| {});
        pair.run(&mut flow);
        assert_eq!(on(&flow, 0, claim), Some(expected), "{fault:?} {claim}");
        let id_token = flow.session.id_token().expect("an ID token").expose();
        let verdicts = Verdicts::of(&flow, id_token);
        let first = verdicts.claims()[0];
        assert!(expected > Warn || first == claim, "{fault:?}: what is broken comes first, not {first}");
        assert!(Verdicts::of(&flow, &format!("{id_token}x")).is_empty(), "a token of nobody has none");
    }
}

#[test]
fn a_refreshed_id_token_has_verdicts_of_its_own() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    flow.append(Stage::Refresh);
    pair.run(&mut flow);
    assert_eq!((on(&flow, 0, "nonce"), on(&flow, 0, "sub")), (Some(Verdict::Pass), Some(Verdict::Pass)));
    assert_eq!((on(&flow, 1, "nonce"), on(&flow, 1, "sub")), (None, Some(Verdict::Pass)));
}
