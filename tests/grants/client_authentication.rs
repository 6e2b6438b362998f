//! Every way a client authenticates, and what is said when it cannot.

use grantscope::base::check::Verdict;
use grantscope::client::seal::{ClaimEdits, SealEdits};
use grantscope::client::settings::Settings;
use grantscope::demo;
use grantscope::flow::stage::Stage;
use grantscope::flow::world::World as _;
use grantscope::flow::{Flow, Next, Outcome};
use grantscope::jose::jwt::decode;
use grantscope::jose::key::SigningKey;
use grantscope::terms::grant::Grant;

use crate::pair::{ISSUER, Pair};
use crate::{failed, flow, refused};

/// A run of the demo client that authenticates in this way.
fn flow_by(method: &str, grant: Grant, change: impl FnOnce(&mut Settings)) -> Flow {
    flow(grant, |settings| {
        method.clone_into(&mut settings.client.token_endpoint_auth_method);
        demo::choose_client(settings, grant);
        demo::fill(settings, grant, "alice", None);
        change(settings);
    })
}

/// The client assertion of the first request that has one.
fn client_assertion(flow: &Flow) -> grantscope::jose::jwt::Decoded {
    let forms = flow.trace.exchanges.iter().filter_map(|exchange| exchange.request.form());
    let found = forms.into_iter().find_map(|form| form.get("client_assertion").map(str::to_owned));
    decode(&found.expect("a client assertion"))
}

#[test]
fn every_method_opens_the_token_endpoint_and_all_that_follow_it() {
    for method in ["none", "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"] {
        let mut pair = Pair::new();
        let mut flow = flow_by(method, Grant::AuthorizationCode, |_| {});
        flow.append(Stage::Refresh);
        // A public client may not ask about tokens at the practice server.
        if method != "none" {
            flow.append(Stage::Introspection);
        }
        flow.append(Stage::Revocation);
        assert_eq!(pair.run(&mut flow), Next::Finished, "{method}");
        assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()), "{method}");
    }
}

#[test]
fn every_grant_takes_an_assertion_in_the_place_of_a_secret() {
    for grant in Grant::ALL.into_iter().filter(|grant| *grant != Grant::Implicit) {
        let mut flow = flow_by("private_key_jwt", grant, |_| {});
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{grant:?}");
        assert_eq!(failed(&flow), Vec::<&str>::new(), "{grant:?}");
        assert_eq!(client_assertion(&flow).alg(), Some("ES256"), "{grant:?}");
    }
}

#[test]
fn no_two_requests_share_a_jti() {
    let mut flow = flow_by("private_key_jwt", Grant::AuthorizationCode, |_| {});
    flow.append(Stage::Refresh);
    flow.append(Stage::Introspection);
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    let mut names: Vec<String> = Vec::new();
    for form in flow.trace.exchanges.iter().filter_map(|exchange| exchange.request.form()) {
        let Some(token) = form.get("client_assertion") else { continue };
        names.push(decode(token).claim("jti").and_then(|jti| jti.as_str()).expect("a jti").to_owned());
    }
    assert_eq!(names.len(), 3);
    names.dedup();
    assert_eq!(names.len(), 3);
}

#[test]
fn the_token_endpoint_as_audience_is_taken_and_noted() {
    let mut flow = flow_by("private_key_jwt", Grant::ClientCredentials, |settings| {
        "token_endpoint".clone_into(&mut settings.client.client_assertion_audience);
    });
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    let audience = flow.checks().find(|check| check.rule.id == "assertion.audience").expect("a verdict");
    assert_eq!(audience.verdict, Verdict::Note);
}

#[test]
fn an_assertion_that_is_wrong_is_refused_and_its_rule_says_why() {
    let stranger = SigningKey::generate("ES256", "practice-jwt-1").expect("a key").private_jwk();
    let (mut other_key, mut audience) = (
        flow_by("private_key_jwt", Grant::ClientCredentials, |settings| settings.client.private_key = stranger),
        flow_by("private_key_jwt", Grant::ClientCredentials, |settings| {
            "https://other.example".clone_into(&mut settings.client.client_assertion_audience);
        }),
    );
    for (flow, broken, advised) in
        [(&mut other_key, "token.status", "key"), (&mut audience, "assertion.audience", "client_assertion_audience")]
    {
        let (error, advice) = refused(flow, &mut Pair::new());
        assert_eq!(error, "invalid_client");
        assert!(advice.join(" ").contains(advised), "{advised}: {advice:?}");
        assert!(broken == "token.status" || failed(flow).contains(&broken), "{broken}");
    }
}

/// The claims of the client assertion that left last.
fn claim(flow: &Flow, name: &str) -> Option<i64> {
    client_assertion(flow).claim(name).and_then(|value| value.as_i64())
}

#[test]
fn a_request_that_stood_ready_for_an_hour_leaves_with_a_fresh_assertion() {
    let mut pair = Pair::new();
    let mut flow = flow_by("private_key_jwt", Grant::ClientCredentials, |_| {});
    pair.run_to(&mut flow, Stage::Token);
    let early = flow.sealed(pair.now()).and_then(|request| request.form()).expect("a form");
    pair.wait(std::time::Duration::from_secs(3600));
    let leaves_at = pair.now().seconds();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!((claim(&flow, "iat"), claim(&flow, "exp")), (Some(leaves_at), Some(leaves_at + 300)));
    let early = decode(early.get("client_assertion").expect("an assertion"));
    assert_ne!(early.claim("jti"), client_assertion(&flow).claim("jti"));
}

#[test]
fn an_assertion_that_is_sealed_first_and_waits_too_long_is_refused_and_that_is_said() {
    let mut pair = Pair::new();
    let mut flow = flow_by("private_key_jwt", Grant::ClientCredentials, |_| {});
    pair.run_to(&mut flow, Stage::Token);
    flow.seal_now(pair.now());
    assert!(flow.is_edited() && flow.seals(pair.now()).is_empty());
    pair.wait(std::time::Duration::from_secs(600));
    let (error, advice) = refused(&mut flow, &mut pair);
    assert_eq!(error, "invalid_client");
    assert!(advice[0].contains("was over"), "{advice:?}");
    assert_eq!(failed(&flow), ["assertion.lifetime"]);
    flow.retry();
    assert_eq!(pair.run(&mut flow), Next::Finished, "a new attempt makes a new assertion");
}

#[test]
fn claims_are_changed_before_signing_and_judged_as_they_left() {
    for (change, broken) in [
        ((|edits| edits.set("aud", "https://other.example")) as fn(&mut ClaimEdits), "assertion.audience"),
        (|edits| edits.omit("jti"), "assertion.jti"),
        (|edits| edits.set("exp", "1"), "assertion.lifetime"),
    ] {
        let mut pair = Pair::new();
        let mut flow = flow_by("private_key_jwt", Grant::ClientCredentials, |_| {});
        let mut edits = SealEdits::default();
        change(&mut edits.client_assertion);
        flow.edit_seals(edits.clone());
        let (error, advice) = refused(&mut flow, &mut pair);
        assert_eq!(error, "invalid_client", "{broken}");
        assert!(advice[0].contains(broken) || advice[0].contains("was over"), "{advice:?}");
        assert_eq!(failed(&flow), [broken]);
        flow.retry();
        assert_eq!(refused(&mut flow, &mut pair).0, "invalid_client", "what was changed stays changed");
        flow.edit_seals(SealEdits::default());
        flow.retry();
        assert_eq!(pair.run(&mut flow), Next::Finished);
    }
}

#[test]
fn changed_claims_are_for_one_request_and_win_over_the_setting() {
    let mut pair = Pair::new();
    let mut flow = flow_by("private_key_jwt", Grant::AuthorizationCode, |settings| {
        "https://other.example".clone_into(&mut settings.client.client_assertion_audience);
    });
    let mut edits = SealEdits::default();
    edits.client_assertion.set("aud", ISSUER);
    flow.edit_seals(edits);
    flow.append(Stage::Refresh);
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("the refresh has the audience of the settings") };
    assert_eq!(problem.stage, Stage::Refresh);
}

#[test]
fn what_is_missing_or_does_not_fit_is_named_before_anything_leaves() {
    type Change = fn(&mut Settings);
    let no_key: Change = |settings| settings.client.private_key = "".into();
    let junk: Change = |settings| settings.client.private_key = "not a key".into();
    let wrong_type: Change = |settings| "RS256".clone_into(&mut settings.client.token_endpoint_auth_signing_alg);
    let public: Change = |settings| {
        let jwk = r#"{"kty":"EC","crv":"P-256","x":"wspkwzycrfw6jfrGK2169C6jSrrAfRWrjRfeEaCAgMU","y":"TfzHXaXQVJrBpuC3lCzfga4nL3LzynJ4FPQIG_Gx-KE"}"#;
        settings.client.private_key = jwk.into();
    };
    for (change, says) in [
        (no_key, "private_key_jwt needs a private_key"),
        (junk, "there is no -----BEGIN line"),
        (wrong_type, "RS256 needs an RSA key, this is EC P-256"),
        (public, "this is a public key; the private key is needed"),
    ] {
        let mut flow = flow_by("private_key_jwt", Grant::ClientCredentials, change);
        let Next::Missing(missing) = Pair::new().run(&mut flow) else { panic!("nothing is missing: {says}") };
        assert_eq!((missing.stage, missing.field), (Stage::Token, "private_key"));
        assert!(missing.hint.contains(says), "{}", missing.hint);
        assert_eq!(flow.trace.exchanges.len(), 1, "the metadata that came is kept");
    }
}

#[test]
fn a_secret_that_is_too_short_for_its_mac_is_noticed() {
    let mut flow = flow_by("client_secret_jwt", Grant::ClientCredentials, |settings| {
        settings.client.client_secret = "practice-secret".into();
    });
    assert_eq!(refused(&mut flow, &mut Pair::new()).0, "invalid_client");
    assert!(failed(&flow).contains(&"assertion.secret_length"));
}

/// A run of the demo client that shows its certificate.
fn flow_with_certificate(pair: &Pair, method: &str, grant: Grant, change: impl FnOnce(&mut Settings)) -> Flow {
    let tls = pair.tls().expect("TLS");
    flow_by(method, grant, |settings| {
        demo::fill(settings, grant, "alice", Some(&tls));
        change(settings);
    })
}

#[test]
fn a_certificate_opens_the_endpoints_for_it_and_the_api_its_token_is_bound_to() {
    for method in ["tls_client_auth", "self_signed_tls_client_auth"] {
        let mut pair = Pair::with_tls();
        let mut flow = flow_with_certificate(&pair, method, Grant::AuthorizationCode, |_| {});
        [Stage::Refresh, Stage::Introspection, Stage::Revocation].into_iter().for_each(|stage| flow.append(stage));
        assert_eq!(pair.run(&mut flow), Next::Finished, "{method}");
        assert_eq!(failed(&flow), Vec::<&str>::new(), "{method}");
        for exchange in &flow.trace.exchanges {
            let shown = exchange.request.tls.certificate.is_some();
            let browser = matches!(exchange.stage, Stage::Authorization | Stage::Discovery | Stage::Jwks);
            assert_eq!((shown, exchange.request.url.scheme() == "https"), (!browser, !browser), "{:?}", exchange.stage);
        }
        let token = flow.session.tokens[0].response.access_token.clone().expect("a token");
        assert!(decode(token.expose()).claim("cnf").is_some(), "{method}: the token is bound");
    }
}

#[test]
fn a_certificate_that_is_missing_unreadable_or_of_another_is_told_apart() {
    type Change = fn(&mut Settings);
    let missing: Change = |settings| settings.client.tls_client_certificate = "".into();
    let junk: Change = |settings| settings.client.tls_client_certificate = "no certificate".into();
    for (change, says) in [(missing, "needs a tls_client_certificate"), (junk, "there is no certificate: a PEM block")]
    {
        let mut pair = Pair::with_tls();
        let mut flow = flow_with_certificate(&pair, "tls_client_auth", Grant::ClientCredentials, change);
        let Next::Missing(missing) = pair.run(&mut flow) else { panic!("nothing is missing: {says}") };
        assert_eq!((missing.stage, missing.field), (Stage::Token, "tls_client_certificate"));
        assert!(missing.hint.contains(says), "{}", missing.hint);
    }
    let mut pair = Pair::with_tls();
    let other = pair.tls().and_then(|tls| tls.certificates.client("practice-self-signed").cloned()).expect("another");
    let mut flow = flow_with_certificate(&pair, "tls_client_auth", Grant::ClientCredentials, |settings| {
        settings.client.tls_client_certificate = other;
    });
    let (error, advice) = refused(&mut flow, &mut pair);
    assert_eq!(error, "invalid_client");
    assert!(advice.join(" ").contains("certificate"), "{advice:?}");
}
