//! Tokens that are bound to a key (RFC 9449) or a certificate (RFC 8705): every grant gets and uses them, a server that
//! wants a nonce is answered once, and what is done wrong on purpose is refused.

use std::collections::BTreeSet;
use std::time::Duration;

use grantscope::base::check::Verdict;
use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::secret::Secret;
use grantscope::client::dpop;
use grantscope::client::seal::SealEdits;
use grantscope::client::settings::Settings;
use grantscope::flow::cure::Cure;
use grantscope::flow::finding::finding;
use grantscope::flow::stage::Stage;
use grantscope::flow::transport_error::TransportError;
use grantscope::flow::world::World as _;
use grantscope::flow::{Flow, Next, Outcome, ProblemKind};
use grantscope::jose::jwt::{Decoded, decode};
use grantscope::jose::key::SigningKey;
use grantscope::practice::Config;
use grantscope::terms::grant::Grant;
use url::Url;

use crate::pair::{Fault, ISSUER, Pair, demo_settings};
use crate::{failed, flow, refused};

/// Two sides of which one wants a nonce in each proof.
fn pair_with_nonce() -> Pair {
    let mut config = Config::practice(Url::parse(ISSUER).expect("a URL"));
    config.dpop_nonce_required = true;
    Pair::with(config)
}

fn bound(grant: Grant, change: impl FnOnce(&mut Settings)) -> Flow {
    flow(grant, |settings| {
        settings.protection.dpop_bound_access_tokens = true;
        change(settings);
    })
}

fn public(settings: &mut Settings) {
    "practice-native".clone_into(&mut settings.client.client_id);
    "none".clone_into(&mut settings.client.token_endpoint_auth_method);
    settings.client.client_secret = Secret::default();
}

fn proofs(flow: &Flow) -> Vec<Decoded> {
    flow.trace.exchanges.iter().filter_map(|exchange| dpop::proof(&exchange.request)).collect()
}

fn text(proof: &Decoded, name: &str) -> Option<String> {
    proof.claim(name).and_then(|value| value.as_str().map(str::to_owned))
}

/// How many answers of a stage asked for a nonce.
fn challenges(flow: &Flow, stage: Stage) -> usize {
    let of_stage = flow.trace.exchanges.iter().filter(|exchange| exchange.stage == stage);
    of_stage.filter(|exchange| exchange.checks.iter().any(|check| check.rule.id == "dpop.nonce_challenge")).count()
}

fn verdict(flow: &Flow, rule: &str) -> Option<Verdict> {
    flow.checks().filter(|check| check.rule.id == rule).map(|check| check.verdict).last()
}

/// The last request was of this stage, and showed its token without a proof.
fn assert_shown_as_bearer(flow: &Flow, stage: Stage) {
    let last = flow.trace.exchanges.last().expect("a call");
    let headers = &last.request.headers;
    assert!(headers.get("authorization").is_some_and(|value| value.starts_with("Bearer ")));
    assert_eq!((last.stage, headers.get("dpop")), (stage, None));
}

fn new_key() -> Secret {
    SigningKey::generate("ES256", "other").expect("a key").private_jwk()
}

#[test]
fn every_grant_gets_and_uses_bound_tokens_with_and_without_nonces() {
    for grant in Grant::ALL.into_iter().filter(|grant| *grant != Grant::Implicit) {
        for (wants_nonce, mut pair) in [(false, Pair::new()), (true, pair_with_nonce())] {
            let mut flow = bound(grant, |_| {});
            flow.append(Stage::Resource);
            assert_eq!(pair.run(&mut flow), Next::Finished, "{grant:?}");
            assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()), "{grant:?}");
            let names: Vec<_> = proofs(&flow).iter().map(|proof| text(proof, "jti")).collect();
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{grant:?}");
            let tokens = flow.session.tokens.last().expect("tokens");
            let is_for_api = tokens.response.is_of_type("DPoP");
            assert!(is_for_api || tokens.response.is_of_type("N_A"), "{grant:?}");
            assert!(!is_for_api || verdict(&flow, "dpop.bound") == Some(Verdict::Pass), "{grant:?}");
            // The answer to the first one that was taken brings the nonce of the next.
            let asked: usize = Stage::ALL.into_iter().map(|stage| challenges(&flow, stage)).sum();
            assert_eq!(asked, usize::from(wants_nonce), "{grant:?}");
        }
    }
}

#[test]
fn a_challenge_is_answered_by_a_second_attempt_with_every_seal_anew() {
    let mut flow = bound(Grant::AuthorizationCode, |settings| {
        "private_key_jwt".clone_into(&mut settings.client.token_endpoint_auth_method);
        grantscope::demo::choose_client(settings, Grant::AuthorizationCode);
        grantscope::demo::fill(settings, Grant::AuthorizationCode, "alice", None);
    });
    assert_eq!(pair_with_nonce().run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), Vec::<&str>::new());
    let of_token: Vec<_> = flow.trace.exchanges.iter().filter(|exchange| exchange.stage == Stage::Token).collect();
    let [first, second] = of_token.as_slice() else { panic!("{} attempts", of_token.len()) };
    assert_eq!((first.attempt, second.attempt), (1, 2));
    let form = |request: &HttpRequest, name: &str| request.form().and_then(|form| form.get(name).map(str::to_owned));
    let jti_of = |token: Option<String>| text(&decode(&token.expect("an assertion")), "jti");
    assert_eq!(form(&first.request, "code"), form(&second.request, "code"), "the code is still good");
    assert_ne!(jti_of(form(&first.request, "client_assertion")), jti_of(form(&second.request, "client_assertion")));
    let [without, with] = [first, second].map(|sent| dpop::proof(&sent.request).expect("a proof"));
    assert_ne!(text(&without, "jti"), text(&with, "jti"));
    let given = first.response().and_then(|response| response.headers.get("dpop-nonce").map(str::to_owned));
    assert_eq!((text(&without, "nonce"), text(&with, "nonce")), (None, given));
}

/// A server that gives another nonce each time and takes none.
fn never_content(request: &HttpRequest) -> Result<HttpResponse, TransportError> {
    let proof = request.headers.get("dpop").unwrap_or_default();
    let body = r#"{"error":"use_dpop_nonce"}"#;
    Ok(HttpResponse::new(400, JSON, body).with_header("DPoP-Nonce", dpop::ath(proof)))
}

#[test]
fn a_server_that_is_never_content_is_asked_four_times() {
    let mut pair = Pair::new();
    pair.faults.insert("/token", never_content);
    let mut flow = bound(Grant::ClientCredentials, |_| {});
    let (error, advice) = refused(&mut flow, &mut pair);
    assert_eq!(error, "use_dpop_nonce");
    assert_eq!(proofs(&flow).len(), 4);
    assert_eq!(failed(&flow), ["dpop.nonce_taken"]);
    assert!(advice.join(" ").contains("nonce"), "{advice:?}");
}

#[test]
fn a_nonce_that_is_over_is_asked_for_anew() {
    let mut pair = pair_with_nonce();
    let mut flow = bound(Grant::AuthorizationCode, |_| {});
    assert_eq!(pair.run(&mut flow), Next::Finished);
    pair.wait(Duration::from_secs(310));
    flow.append(Stage::Resource);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!((challenges(&flow, Stage::Resource), failed(&flow)), (1, Vec::new()));
}

#[test]
fn a_proof_is_made_when_its_request_leaves() {
    let mut pair = Pair::new();
    let mut flow = bound(Grant::AuthorizationCode, |_| {});
    pair.run_to(&mut flow, Stage::UserInfo);
    pair.wait(Duration::from_secs(500));
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), Vec::<&str>::new());
}

/// What is done wrong on purpose at the API, what it answers, and the rule that tells it before.
#[test]
fn experiments_at_the_api_are_refused_and_told_before() {
    type Wrong = fn(&mut SealEdits, used: &str);
    let experiments: [(Wrong, &str, &str); 6] = [
        (|edits, used| edits.dpop.set("jti", used), "invalid_dpop_proof", "dpop_proof.jti"),
        (|edits, _| edits.dpop.set("htu", "http://127.0.0.1:9400/api/you"), "invalid_dpop_proof", "dpop_proof.htu"),
        (|edits, _| edits.dpop.set("htm", "PUT"), "invalid_dpop_proof", "dpop_proof.htm"),
        (|edits, _| edits.dpop.set("iat", "1795420000"), "invalid_dpop_proof", "dpop_proof.iat"),
        (|edits, _| edits.dpop.set("ath", "other"), "invalid_dpop_proof", "dpop_proof.ath"),
        (|edits, _| edits.dpop.omit("ath"), "invalid_dpop_proof", "dpop_proof.ath"),
    ];
    for (wrong, error, rule) in experiments {
        let mut pair = Pair::new();
        let mut flow = bound(Grant::AuthorizationCode, |_| {});
        flow.append(Stage::Resource);
        assert_eq!(pair.run(&mut flow), Next::Finished, "{rule}");
        let used = proofs(&flow).last().and_then(|proof| text(proof, "jti")).expect("a proof");
        flow.append(Stage::Resource);
        pair.run_to(&mut flow, Stage::Resource);
        let mut edits = SealEdits::default();
        wrong(&mut edits, &used);
        flow.poll(pair.now());
        flow.edit_seals(edits);
        assert_eq!(refused(&mut flow, &mut pair).0, error, "{rule}");
        assert_eq!(failed(&flow), [rule]);
    }
}

#[test]
fn a_bound_token_is_refused_with_another_key_and_as_a_bearer_token() {
    let at_api = |pair: &mut Pair| {
        let mut flow = bound(Grant::AuthorizationCode, |_| {});
        assert_eq!(pair.run(&mut flow), Next::Finished);
        flow.append(Stage::Resource);
        flow
    };
    let mut pair = Pair::new();
    let mut other_key = at_api(&mut pair);
    other_key.settings.protection.dpop_private_key = new_key();
    assert_eq!(refused(&mut other_key, &mut pair).0, "invalid_token");
    let mut pair = Pair::new();
    let mut bearer = at_api(&mut pair);
    bearer.poll(pair.now());
    bearer.seal_now(pair.now());
    let request = bearer.edit().expect("a request");
    let token = request.headers.get("authorization").expect("a token").replace("DPoP", "Bearer");
    request.headers.set("authorization", token);
    assert_eq!(refused(&mut bearer, &mut pair).0, "invalid_token");
    assert_eq!(failed(&bearer), ["dpop_proof.scheme"]);
}

#[test]
fn a_token_without_what_it_is_bound_to_is_refused() {
    let mut flow = bound(Grant::AuthorizationCode, |_| {});
    flow.append(Stage::Unproven);
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert_eq!((failed(&flow), verdict(&flow, "dpop.enforced")), (Vec::new(), Some(Verdict::Pass)));
    assert_shown_as_bearer(&flow, Stage::Unproven);
    let mut plain = crate::flow(Grant::AuthorizationCode, |_| {});
    plain.append(Stage::Unproven);
    Pair::new().run(&mut plain);
    let reasons: Vec<_> = plain.trace.skipped.iter().map(|(_, reason)| reason.to_string()).collect();
    assert!(reasons.iter().any(|reason| reason.contains("bound to nothing")), "{reasons:?}");
}

#[test]
fn a_token_with_a_proof_by_another_key_is_refused() {
    for alg in ["ES256", "PS256"] {
        let mut flow = bound(Grant::AuthorizationCode, |settings| {
            let key = SigningKey::generate(alg, "mine").expect("a key");
            settings.protection.dpop_private_key = key.private_jwk();
        });
        flow.append(Stage::OtherKey);
        flow.append(Stage::Resource);
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{alg}");
        assert_eq!((failed(&flow), verdict(&flow, "dpop.key_enforced")), (Vec::new(), Some(Verdict::Pass)), "{alg}");
        let of_stage = flow.trace.exchanges.iter().find(|exchange| exchange.stage == Stage::OtherKey);
        let sent = &of_stage.expect("a call").request;
        let own = flow.own.proof_key(&flow.settings).and_then(dpop::jkt_of);
        assert!(dpop::jkt(sent).is_some() && dpop::jkt(sent) != own, "{alg}");
        assert_eq!(dpop::proof(sent).and_then(|proof| proof.alg().map(str::to_owned)).as_deref(), Some(alg));
        assert!(flow.secrets().any(|secret| Some(secret) == flow.own.other_dpop_key.as_ref()), "it is a secret");
    }
    assert_eq!(skipped(Stage::OtherKey), "the access token is bound to no key");
}

#[test]
fn a_proof_that_was_used_is_refused() {
    for mut pair in [Pair::new(), pair_with_nonce()] {
        let mut flow = bound(Grant::AuthorizationCode, |_| {});
        flow.append(Stage::Resource);
        flow.append(Stage::Replay);
        assert_eq!(pair.run(&mut flow), Next::Finished);
        assert_eq!((failed(&flow), verdict(&flow, "dpop.replay")), (Vec::new(), Some(Verdict::Pass)));
        let [.., before, again] = flow.trace.exchanges.as_slice() else { panic!("two calls") };
        assert_eq!((&again.request, again.stage), (&before.request, Stage::Replay), "byte for byte");
    }
    assert_eq!(skipped(Stage::Replay), "no call with a proof was taken in this run");
}

/// A refusal for its age says nothing of its use; that the nonce is over keeps a copy out as well.
#[test]
fn an_old_proof_is_refused_for_another_reason() {
    for (mut pair, seconds, expected) in [
        (Pair::new(), 290, Verdict::Pass),
        (Pair::new(), 310, Verdict::Skipped),
        (pair_with_nonce(), 299, Verdict::Pass),
    ] {
        let mut flow = bound(Grant::AuthorizationCode, |_| {});
        assert_eq!(pair.run(&mut flow), Next::Finished);
        pair.wait(Duration::from_secs(seconds));
        flow.append(Stage::Replay);
        assert_eq!(pair.run(&mut flow), Next::Finished);
        assert_eq!((failed(&flow), verdict(&flow, "dpop.replay")), (Vec::new(), Some(expected)), "{seconds}");
    }
}

/// Why nothing is sent in a stage of a run without proofs.
fn skipped(stage: Stage) -> String {
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    flow.append(stage);
    Pair::new().run(&mut flow);
    flow.trace.skipped.last().map(|(_, reason)| reason.to_string()).unwrap_or_default()
}

#[test]
fn the_refresh_token_of_a_public_client_is_bound_to_its_key_and_no_other() {
    let refreshed = |change: fn(&mut Settings)| {
        let mut pair = Pair::new();
        let mut flow = bound(Grant::AuthorizationCode, change);
        assert_eq!(pair.run(&mut flow), Next::Finished);
        flow.append(Stage::Refresh);
        flow.settings.protection.dpop_private_key = new_key();
        (pair.run(&mut flow), flow)
    };
    let (next, flow) = refreshed(public);
    assert!(matches!(next, Next::Stopped(_)), "{next:?}");
    assert_eq!(verdict(&flow, "dpop.refresh_key"), Some(Verdict::Pass));
    let (next, flow) = refreshed(|_| {});
    assert_eq!((next, failed(&flow)), (Next::Finished, Vec::new()));
    assert_eq!(verdict(&flow, "dpop.refresh_key"), Some(Verdict::Pass));
}

#[test]
fn a_code_is_bound_to_the_key_that_the_request_named() {
    let named = |settings: &mut Settings| settings.protection.dpop_jkt = true;
    let mut flow = bound(Grant::AuthorizationCode, named);
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert_eq!((failed(&flow), verdict(&flow, "dpop_proof.jkt")), (Vec::new(), Some(Verdict::Pass)));
    let sent = flow.authorization().and_then(|sent| sent.get("dpop_jkt").map(str::to_owned));
    assert_eq!(sent, flow.own.proof_key(&flow.settings).and_then(dpop::jkt_of));
    let mut pair = Pair::new();
    let mut other = bound(Grant::AuthorizationCode, named);
    pair.run_to(&mut other, Stage::Token);
    other.settings.protection.dpop_private_key = new_key();
    other.reprepare();
    assert_eq!(refused(&mut other, &mut pair).0, "invalid_grant");
    assert_eq!(failed(&other), ["dpop_proof.jkt"]);
}

/// RFC 9449 section 10.1: by a proof alone, and by both, with a nonce and without.
#[test]
fn a_pushed_proof_binds_the_code() {
    let pushed = |settings: &mut Settings| {
        settings.protection.require_pushed_authorization_requests = true;
        settings.protection.dpop_pushed_proof = true;
    };
    for (dpop_jkt, pair, tries) in [(false, Pair::new(), 1), (true, Pair::new(), 1), (false, pair_with_nonce(), 2)] {
        let mut pair = pair;
        let mut flow = bound(Grant::AuthorizationCode, |settings| {
            pushed(settings);
            settings.protection.dpop_jkt = dpop_jkt;
        });
        assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
        assert_eq!((failed(&flow), verdict(&flow, "dpop_proof.jkt")), (Vec::new(), Some(Verdict::Pass)));
        assert_eq!(verdict(&flow, "dpop_proof.pushed_jkt"), dpop_jkt.then_some(Verdict::Pass));
        let pushes = flow.trace.exchanges.iter().filter(|it| it.stage == Stage::PushedAuthorization);
        assert_eq!(pushes.filter(|it| dpop::proof(&it.request).is_some()).count(), tries);
    }
    let mut pair = Pair::new();
    let mut other = bound(Grant::AuthorizationCode, pushed);
    pair.run_to(&mut other, Stage::Token);
    other.settings.protection.dpop_private_key = new_key();
    other.reprepare();
    assert_eq!(refused(&mut other, &mut pair).0, "invalid_grant");
    assert_eq!(failed(&other), ["dpop_proof.jkt"]);
}

/// Not each server takes a proof with a pushed request, or both ways at once.
#[test]
fn a_pushed_proof_that_is_refused_names_the_other_way() {
    type Refusal = fn(&HttpRequest) -> Result<HttpResponse, TransportError>;

    fn saying(description: &str) -> Result<HttpResponse, TransportError> {
        let body = format!(r#"{{"error":"invalid_dpop_proof","error_description":"{description}"}}"#);
        Ok(HttpResponse::new(400, JSON, body))
    }
    let cases: [(bool, Refusal, &str); 3] = [
        (false, |_| saying("no DPoP at PAR"), "switch dpop_pushed_proof off; dpop_jkt binds the code as well"),
        (true, |_| saying("dpop_jkt does not match the DPoP proof"), "send only one of the two"),
        (false, |_| saying("htu is another one"), "The proof is signed for"),
    ];
    for (dpop_jkt, answer, advised) in cases {
        let mut flow = bound(Grant::AuthorizationCode, |settings| {
            settings.protection.require_pushed_authorization_requests = true;
            settings.protection.dpop_pushed_proof = true;
            settings.protection.dpop_jkt = dpop_jkt;
        });
        let mut pair = Pair::new();
        pair.faults.insert("/par", answer);
        let (error, advice) = refused(&mut flow, &mut pair);
        assert_eq!(error, "invalid_dpop_proof");
        assert!(advice[0].contains(advised), "{advice:?}");
    }
}

/// A nonce is of no use to a request without a proof.
#[test]
fn a_proof_that_is_wanted_of_a_pushed_request_is_switched_on() {
    for pushed_proof in [false, true] {
        let mut flow = bound(Grant::AuthorizationCode, |settings| {
            settings.protection.require_pushed_authorization_requests = true;
            settings.protection.dpop_pushed_proof = pushed_proof;
        });
        let mut pair = Pair::new();
        pair.faults.insert("/par", |_| {
            let body = r#"{"error":"use_dpop_nonce","error_description":"nonce required"}"#;
            Ok(HttpResponse::new(400, JSON, body).with_header("DPoP-Nonce", "n-1"))
        });
        let next = pair.run(&mut flow);
        let Next::Stopped(problem) = &next else { panic!("it goes on") };
        let cures = finding(&flow, &next, &[]).expect("a finding").cures;
        let options: Vec<String> = cures.iter().map(Cure::option).collect();
        assert_eq!(options.contains(&"--set dpop_pushed_proof=true".to_owned()), !pushed_proof, "{options:?}");
        assert_eq!(problem.advice[0].contains("switch dpop_pushed_proof on"), !pushed_proof, "{:?}", problem.advice);
    }
}

#[test]
fn a_pushed_request_that_names_another_key_than_it_proves_is_refused() {
    let mut flow = bound(Grant::AuthorizationCode, |settings| {
        settings.protection.require_pushed_authorization_requests = true;
        settings.protection.dpop_pushed_proof = true;
        settings.request.extra.push("dpop_jkt", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    });
    let mut pair = Pair::new();
    assert_eq!(refused(&mut flow, &mut pair).0, "invalid_dpop_proof");
    assert_eq!(failed(&flow), ["dpop_proof.pushed_jkt"]);
    assert_eq!(verdict(&flow, "dpop.jkt_conflict"), Some(Verdict::Pass));
    // A server that looks at one of the two alone.
    pair.faults.insert("/par", |_| {
        let body = r#"{"request_uri":"urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c","expires_in":60}"#;
        Ok(HttpResponse::new(201, JSON, body))
    });
    flow.retry();
    pair.run(&mut flow);
    assert_eq!(verdict(&flow, "dpop.jkt_conflict"), Some(Verdict::Fail));
}

#[test]
fn the_key_is_of_the_run_and_the_same_seed_draws_the_same() {
    let key = |seed| {
        let mut flow = bound(Grant::ClientCredentials, |_| {});
        flow = Flow::new(Grant::ClientCredentials, flow.settings, Entropy::from_seed([seed; 32]));
        Pair::new().run(&mut flow);
        assert!(flow.secrets().any(|secret| Some(secret) == flow.own.dpop_key.as_ref()), "it is a secret of the run");
        flow.own.dpop_key
    };
    assert!(key(1).is_some() && key(1) == key(1) && key(1) != key(2));
    let mut chosen = bound(Grant::ClientCredentials, |settings| settings.protection.dpop_private_key = new_key());
    assert_eq!(Pair::new().run(&mut chosen), Next::Finished);
    assert_eq!(chosen.own.dpop_key, None);
    for (key, says) in [("junk", "PEM"), (r#"{"kty":"oct","k":"c2VjcmV0"}"#, "shared secret")] {
        let mut flow = bound(Grant::ClientCredentials, |settings| settings.protection.dpop_private_key = key.into());
        let Next::Missing(missing) = Pair::new().run(&mut flow) else { panic!("{key} is taken") };
        assert_eq!(missing.field, "dpop_private_key");
        assert!(missing.hint.contains(says), "{}", missing.hint);
    }
}

#[test]
fn the_key_is_drawn_for_an_algorithm_that_the_server_lists() {
    const METADATA: &str = "/.well-known/openid-configuration";

    let listed = |algs: &str| {
        let mut pair = Pair::new();
        let algs = Json::parse_text(algs).expect("a list");
        pair.changes.insert(METADATA, ("dpop_signing_alg_values_supported", algs));
        let mut flow = bound(Grant::AuthorizationCode, |_| {});
        assert_eq!((pair.run(&mut flow), failed(&flow)), (Next::Finished, Vec::new()));
        flow
    };
    for (algs, drawn, verdict_of_alg) in [
        (r#"["RS256","ES256"]"#, "ES256", Verdict::Pass),
        (r#"["RS256","PS256"]"#, "PS256", Verdict::Pass),
        (r#"["ES384","RS256"]"#, "ES384", Verdict::Pass),
        (r#"["EdDSA"]"#, "EdDSA", Verdict::Pass),
        // There is none that this program signs with.
        (r#"["ML-DSA-44"]"#, "ES256", Verdict::Note),
    ] {
        let flow = listed(algs);
        let proofs = proofs(&flow);
        assert!(!proofs.is_empty() && proofs.iter().all(|proof| proof.alg() == Some(drawn)), "{algs}");
        let kids = proofs.iter().filter(|proof| proof.header.as_ref().is_some_and(|it| it.get("kid").is_some()));
        assert_eq!(kids.count(), 0, "{algs}");
        assert_eq!(verdict(&flow, "dpop_proof.alg"), Some(verdict_of_alg), "{algs}");
    }
}

#[test]
fn a_token_for_a_certificate_names_the_one_that_was_shown() {
    for method in ["tls_client_auth", "self_signed_tls_client_auth"] {
        let mut pair = Pair::with_tls();
        let mut settings = demo_settings(Grant::AuthorizationCode, method);
        grantscope::demo::fill(&mut settings, Grant::AuthorizationCode, "alice", pair.tls().as_ref());
        settings.protection.tls_client_certificate_bound_access_tokens = true;
        let mut flow = Flow::new(Grant::AuthorizationCode, settings, Entropy::from_seed([2; 32]));
        flow.append(Stage::Introspection);
        flow.append(Stage::Unproven);
        assert_eq!(pair.run(&mut flow), Next::Finished, "{method}");
        assert_eq!((failed(&flow), verdict(&flow, "mtls.enforced")), (Vec::new(), Some(Verdict::Pass)), "{method}");
        let of_rule = flow.checks().filter(|check| check.rule.id == "mtls.bound").map(|check| check.verdict);
        assert_eq!(of_rule.collect::<Vec<_>>(), [Verdict::Pass; 2], "{method}");
    }
}

/// A server that gives a DPoP token to whoever asks.
fn of_type_dpop(_: &HttpRequest) -> Result<HttpResponse, TransportError> {
    Ok(HttpResponse::new(200, JSON, r#"{"access_token":"dbb3b1f5d0a94c6e","token_type":"dpop","expires_in":60}"#))
}

#[test]
fn a_bound_token_that_nobody_asked_for_is_not_shown_as_bearer() {
    let mut pair = Pair::new();
    pair.faults.insert("/token", of_type_dpop);
    let mut flow = flow(Grant::ClientCredentials, |_| {});
    flow.append(Stage::Resource);
    let next = pair.run(&mut flow);
    let cures: Vec<_> = finding(&flow, &next, &[]).expect("a finding").cures.iter().map(Cure::option).collect();
    let Next::Stopped(problem) = next else { panic!("not stopped") };
    assert_eq!(
        (problem.stage, problem.kind, problem.rule),
        (Stage::Token, ProblemKind::Unsafe, Some("token.type_understood"))
    );
    assert!(problem.advice[0].contains("switch dpop_bound_access_tokens on"), "{:?}", problem.advice);
    assert_eq!(cures, ["--set dpop_bound_access_tokens=true"]);
    assert!(flow.trace.exchanges.iter().all(|exchange| exchange.stage != Stage::Resource));
    let mut flow = bound(Grant::ClientCredentials, |_| {});
    pair.run(&mut flow);
    assert_eq!(verdict(&flow, "token.type_understood"), None);
}

#[test]
fn a_token_whose_type_is_no_text_is_not_shown_as_bearer() {
    let of_number: Fault = |_| Ok(HttpResponse::new(200, JSON, r#"{"access_token":"a-token-1","token_type":7}"#));
    let of_list: Fault =
        |_| Ok(HttpResponse::new(200, JSON, r#"{"access_token":"a-token-1","token_type":["Bearer"]}"#));
    let of_null: Fault = |_| Ok(HttpResponse::new(200, JSON, r#"{"access_token":"a-token-1","token_type":null}"#));
    for (fault, is_stopped) in [(of_number, true), (of_list, true), (of_null, false)] {
        let mut pair = Pair::new();
        pair.faults.insert("/token", fault);
        let mut flow = flow(Grant::ClientCredentials, |_| {});
        flow.append(Stage::Resource);
        let next = pair.run(&mut flow);
        let is_unsafe = matches!(&next, Next::Stopped(problem) if problem.rule == Some("token.type_understood"));
        let is_called = flow.trace.exchanges.iter().any(|it| it.stage == Stage::Resource);
        assert_eq!((is_unsafe, is_called), (is_stopped, !is_stopped));
    }
}

/// The API says nothing of proofs, and the token came as Bearer though a key was proven for it.
#[test]
fn a_bearer_token_for_a_proof_is_named_where_an_api_refuses_it() {
    let mut pair = Pair::new();
    pair.faults.insert("/token", |_| {
        Ok(HttpResponse::new(200, JSON, r#"{"access_token":"dbb3b1f5d0a94c6e","token_type":"Bearer","expires_in":60}"#))
    });
    pair.faults.insert("/api/me", |_| {
        Ok(HttpResponse::new(401, JSON, "{}").with_header("WWW-Authenticate", "Bearer error=\"invalid_token\""))
    });
    for (is_bound, is_named) in [(true, true), (false, false)] {
        let mut flow = bound(Grant::ClientCredentials, |settings| {
            settings.protection.dpop_bound_access_tokens = is_bound;
        });
        flow.append(Stage::Resource);
        let (error, advice) = refused(&mut flow, &mut pair);
        let says =
            advice.iter().any(|line| line.contains("it came as Bearer, so that it was presented without a proof"));
        assert_eq!((error.as_str(), says), ("invalid_token", is_named), "{advice:?}");
    }
}

#[test]
fn whoever_leaves_dpop_on_purpose_after_the_tokens_came_may() {
    let mut pair = Pair::new();
    let mut flow = bound(Grant::ClientCredentials, |_| {});
    flow.append(Stage::Resource);
    pair.run_to(&mut flow, Stage::Resource);
    flow.settings.protection.dpop_bound_access_tokens = false;
    flow.reprepare();
    pair.run(&mut flow);
    assert_eq!(verdict(&flow, "token.type_understood"), None);
    assert_shown_as_bearer(&flow, Stage::Resource);
}
