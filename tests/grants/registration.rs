//! A client that registers itself first, and what it does with its registration later, end to end.

use std::time::Duration;

use grantscope::base::check::Verdict;
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::client::settings::Settings;
use grantscope::flow::judge::judge;
use grantscope::flow::stage::Stage;
use grantscope::flow::world::World as _;
use grantscope::flow::{Action, Event, Flow, Next, Outcome};
use grantscope::practice::{Config, Fault, PRACTICE_ENCRYPTION_KEY};
use grantscope::terms::grant::Grant;

use crate::pair::{ISSUER, Pair, START};
use crate::{failed, flow, refused, stages};

/// As nobody who is known already.
fn registers(settings: &mut Settings) {
    settings.registration.dynamic_client_registration = true;
    settings.client.client_id.clear();
    settings.client.client_secret = "".into();
    settings.client.token_endpoint_auth_method.clear();
}

fn wants_token() -> Pair {
    let mut config = Config::practice(ISSUER.parse().expect("a URL"));
    config.initial_access_token = Some("let-me-in".into());
    Pair::with(config)
}

fn answer(flow: &Flow, stage: Stage) -> (u16, Json) {
    let exchange = flow.trace.exchanges.iter().rfind(|exchange| exchange.stage == stage).expect("sent");
    let response = exchange.response().expect("answered");
    (response.status, Json::parse(&response.body).unwrap_or(Json::Null))
}

#[test]
fn a_client_that_nobody_knows_registers_itself_and_goes_on_as_that_one() {
    for grant in Grant::ALL {
        let mut flow = flow(grant, registers);
        let next = Pair::new().run(&mut flow);
        assert_eq!(next, Next::Finished, "{grant:?}: {:?}", flow.problem());
        assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()), "{grant:?}");
        let at = stages(&flow).iter().position(|stage| *stage == Stage::Registration).expect("registered");
        let before = &stages(&flow)[..at];
        let way_in = [Stage::Challenge, Stage::ResourceMetadata, Stage::Discovery, Stage::Jwks];
        assert!(before.iter().all(|stage| way_in.contains(stage)), "{grant:?}: {before:?}");
        let (status, json) = answer(&flow, Stage::Registration);
        assert_eq!(status, 201, "{grant:?}");
        assert_eq!(json.text("client_id"), Some(flow.settings.client.client_id.as_str()), "{grant:?}");
        assert_eq!(flow.settings.client.token_endpoint_auth_method, "client_secret_basic", "{grant:?}");
        let own = &flow.trace.exchanges[at].settings.client.client_id;
        assert!(own.is_empty(), "{grant:?}: it left as nobody");
        // What left and came says the same to those who have nothing else.
        let (session, _) = judge(&flow.trace.exchanges);
        assert_eq!(session.registered, flow.session.registered, "{grant:?}");
    }
}

#[test]
fn every_method_that_needs_no_certificate_is_registered_and_used() {
    for method in ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"] {
        let key = crate::pair::demo_settings(Grant::AuthorizationCode, "private_key_jwt").client.private_key;
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            registers(settings);
            settings.client.private_key = key;
            method.clone_into(&mut settings.client.token_endpoint_auth_method);
        });
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{method}: {:?}", flow.problem());
        assert_eq!(failed(&flow), [""; 0], "{method}");
        assert_eq!(flow.settings.client.token_endpoint_auth_method, method);
        assert_eq!(flow.settings.client.client_secret.is_empty(), !method.starts_with("client_secret"), "{method}");
        let effective = flow.checks().find(|check| check.rule.id == "dcr.effective").map(|check| check.verdict);
        assert_eq!(effective, Some(Verdict::Pass), "{method}");
    }
}

#[test]
fn a_client_registers_how_its_answers_are_encrypted_and_opens_them() {
    let signing = crate::pair::demo_settings(Grant::AuthorizationCode, "private_key_jwt").client.private_key;
    for private_key in ["".into(), signing] {
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            registers(settings);
            if !private_key.is_empty() {
                "private_key_jwt".clone_into(&mut settings.client.token_endpoint_auth_method);
            }
            settings.client.private_key = private_key;
            settings.client.decryption_key = PRACTICE_ENCRYPTION_KEY.into();
            "ECDH-ES+A128KW".clone_into(&mut settings.client.id_token_encrypted_response_alg);
            "A128GCM".clone_into(&mut settings.client.id_token_encrypted_response_enc);
        });
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
        assert_eq!(failed(&flow), [""; 0]);
        let opened = flow.checks().find(|check| check.rule.id == "encryption.key").map(|check| check.verdict);
        assert_eq!(opened, Some(Verdict::Pass));
        let sent = &flow.trace.exchanges.iter().find(|it| it.stage == Stage::Registration).expect("sent").request;
        let private = Json::parse_text(PRACTICE_ENCRYPTION_KEY).expect("a key");
        let d = private.text("d").expect("a private key");
        assert!(!String::from_utf8_lossy(&sent.body).contains(d), "its private half stays here");
    }
}

/// Left empty, decryption_key is private_key: it is registered for both uses (OIDC Registration section 2, jwks).
#[test]
fn a_key_that_signs_is_registered_for_encryption_too() {
    let signing = crate::pair::demo_settings(Grant::AuthorizationCode, "private_key_jwt").client.private_key;
    for (alg, uses) in [("ECDH-ES", &["enc", "sig"][..]), ("", &["sig"])] {
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            registers(settings);
            "private_key_jwt".clone_into(&mut settings.client.token_endpoint_auth_method);
            settings.client.private_key = signing.clone();
            alg.clone_into(&mut settings.client.id_token_encrypted_response_alg);
        });
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{alg}: {:?}", flow.problem());
        assert_eq!(failed(&flow), [""; 0], "{alg}");
        let sent = &flow.trace.exchanges.iter().find(|it| it.stage == Stage::Registration).expect("sent").request;
        let sent = Json::parse(&sent.body).expect("JSON");
        let keys = sent.get("jwks").and_then(|set| set.get("keys")).map(Json::elements).expect("keys");
        assert_eq!(keys.iter().filter_map(|key| key.text("use")).collect::<Vec<_>>(), uses, "{alg}");
        assert!(keys.iter().all(|key| key.get("d").is_none()), "{alg}");
    }
}

/// RFC 8705 section 2.2.
#[test]
fn a_client_registers_the_certificate_that_it_signed_itself() {
    let mut pair = Pair::with_tls();
    let tls = pair.tls().expect("TLS");
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        registers(settings);
        "self_signed_tls_client_auth".clone_into(&mut settings.client.token_endpoint_auth_method);
        settings.client.tls_client_certificate =
            tls.certificates.client("practice-self-signed").cloned().expect("a certificate");
        settings.request.api_url = tls.origin.join("api/me").expect("a URL").into();
    });
    assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!(failed(&flow), [""; 0]);
    let sent = &flow.trace.exchanges.iter().find(|it| it.stage == Stage::Registration).expect("sent").request;
    assert!(sent.tls.certificate.is_none() && String::from_utf8_lossy(&sent.body).contains("\"x5c\""));
}

#[test]
fn what_is_registered_is_the_address_at_which_this_run_listens() {
    let mut flow = flow(Grant::AuthorizationCode, registers);
    Pair::new().run(&mut flow);
    let (_, json) = answer(&flow, Stage::Registration);
    let registered = json.get("redirect_uris").map(Json::strings).unwrap_or_default().join(" ");
    assert_eq!(registered, flow.authorization().and_then(|sent| sent.get("redirect_uri")).expect("sent"));
}

#[test]
fn a_later_try_listens_where_it_is_registered() {
    let (mut pair, mut flow) = (Pair::new(), flow(Grant::AuthorizationCode, registers));
    pair.decision = "deny";
    assert_eq!(refused(&mut flow, &mut pair).0, "access_denied");
    flow.retry();
    let Next::Do(Action::Listen(at)) = flow.poll(pair.now()) else { panic!("it does not listen") };
    let (_, json) = answer(&flow, Stage::Registration);
    assert_eq!(json.get("redirect_uris").map(Json::strings), Some(vec![at.as_str()]));
    pair.decision = "allow";
    assert_eq!(pair.run(&mut flow), Next::Finished);
}

#[test]
fn the_request_can_be_edited_and_what_it_says_then_is_registered() {
    let (mut pair, mut flow) = (Pair::new(), flow(Grant::AuthorizationCode, registers));
    pair.run_to(&mut flow, Stage::Registration);
    while let Next::Do(Action::Listen(_)) = flow.poll(pair.now()) {
        pair.step(&mut flow);
    }
    let request = flow.edit().expect("a request");
    let text = String::from_utf8(request.body.clone()).expect("text");
    request.body = text.replace("\"Grantscope\"", "\"Mine\"").into_bytes();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(answer(&flow, Stage::Registration).1.text("client_name"), Some("Mine"));
}

#[test]
fn each_refusal_says_what_to_do() {
    type Change = fn(&mut Settings);
    let rows: [(Change, &str, &str); 6] = [
        (
            |settings| "https://app.example/cb#x".clone_into(&mut settings.client.redirect_uri),
            "invalid_redirect_uri",
            "no fragment",
        ),
        (
            |settings| {
                r#"{"application_type":"web","redirect_uris":["http://a.example/"]}"#
                    .clone_into(&mut settings.registration.client_metadata);
            },
            "invalid_redirect_uri",
            "send native",
        ),
        (
            |settings| r#"{"grant_types":["nothing"]}"#.clone_into(&mut settings.registration.client_metadata),
            "invalid_client_metadata",
            "grant_types and response_types",
        ),
        (
            |settings| {
                r#"{"jwks_uri":"https://a.example/jwks"}"#.clone_into(&mut settings.registration.client_metadata);
            },
            "invalid_client_metadata",
            "jwks and jwks_uri",
        ),
        (
            |settings| settings.registration.software_statement = "no.jwt".into(),
            "invalid_software_statement",
            "signature",
        ),
        (
            |settings| settings.registration.software_statement = FOREIGN.into(),
            "unapproved_software_statement",
            "which issuers it trusts",
        ),
    ];
    for (change, expected, advised) in rows {
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            registers(settings);
            change(settings);
        });
        let (error, advice) = refused(&mut flow, &mut Pair::new());
        assert_eq!((error.as_str(), flow.stage()), (expected, Some(Stage::Registration)));
        assert!(advice.iter().any(|line| line.contains(advised)), "{expected}: {advice:?}");
    }
}

/// A statement of somebody else, signed with some key: `{"iss":"https://directory.example"}`.
const FOREIGN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2RpcmVjdG9yeS5leGFtcGxlIn0.c2lnbmF0dXJl";

#[test]
fn a_server_that_wants_a_token_says_so_and_takes_the_right_one() {
    for (token, advised) in [("", "fill in initial_access_token"), ("wrong", "did not take this initial access token")]
    {
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            registers(settings);
            settings.registration.initial_access_token = token.into();
        });
        let (error, advice) = refused(&mut flow, &mut wants_token());
        assert_eq!(error, "invalid_token");
        assert!(advice.iter().any(|line| line.contains(advised)), "{advice:?}");
    }
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        registers(settings);
        settings.registration.initial_access_token = "let-me-in".into();
    });
    assert_eq!(wants_token().run(&mut flow), Next::Finished, "{:?}", flow.problem());
}

/// RFC 7591 section 3.2.1: what the server said of the secret is remembered when it takes it no more.
#[test]
fn a_secret_that_has_ended_is_named_when_the_client_is_refused() {
    let told = |expires_at: i64, waits: u64| {
        let mut pair = Pair::new();
        let mut flow = flow(Grant::ClientCredentials, registers);
        pair.run_to(&mut flow, Stage::Registration);
        flow.begin(pair.now());
        let body =
            format!(r#"{{"client_id":"c1","client_secret":"s3cr3t-of-c1","client_secret_expires_at":{expires_at}}}"#);
        let response = HttpResponse::new(201, JSON, body);
        flow.handle(Event::Answered { response, took: Duration::from_millis(3) }, pair.now());
        pair.wait(Duration::from_secs(waits));
        pair.faults.insert("/token", |_| Ok(HttpResponse::new(401, JSON, r#"{"error":"invalid_client"}"#)));
        refused(&mut flow, &mut pair).1.join(" ").contains("This client_secret ended at 2026-11-23T10:30:30Z")
    };
    let in_half_a_minute = START.seconds() + 30;
    for (expires_at, waits, is_told) in [(in_half_a_minute, 60, true), (in_half_a_minute, 5, false), (0, 60, false)] {
        assert_eq!(told(expires_at, waits), is_told, "{expires_at} after {waits} s");
    }
}

#[test]
fn a_403_without_a_word_is_told_in_the_same_way() {
    let mut pair = Pair::new();
    pair.faults.insert("/register", |_| Ok(HttpResponse::new(403, JSON, "")));
    let mut flow = flow(Grant::AuthorizationCode, registers);
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("not stopped") };
    assert!(problem.advice.iter().any(|line| line.contains("initial_access_token")), "{:?}", problem.advice);
}

#[test]
fn a_registration_is_read_changed_and_deleted_and_its_token_is_dead_then() {
    let mut flow = flow(Grant::ClientCredentials, |settings| {
        registers(settings);
        r#"{"client_name":"Before"}"#.clone_into(&mut settings.registration.client_metadata);
    });
    let mut pair = Pair::new();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    r#"{"client_name":"After"}"#.clone_into(&mut flow.settings.registration.client_metadata);
    for stage in
        [Stage::RegistrationUpdate, Stage::RegistrationRead, Stage::RegistrationDelete, Stage::RegistrationProof]
    {
        flow.append(stage);
    }
    assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()));
    assert_eq!(answer(&flow, Stage::RegistrationRead).1.text("client_name"), Some("After"));
    assert_eq!(answer(&flow, Stage::RegistrationDelete).0, 204);
    assert_eq!(answer(&flow, Stage::RegistrationProof).0, 401);
    for rule in ["dcr.read", "dcr.updated", "dcr.same_client", "dcr.deleted", "dcr.dead", "dcr_update.whole"] {
        let verdict = flow.checks().filter(|check| check.rule.id == rule).last().map(|check| check.verdict);
        assert_eq!(verdict, Some(Verdict::Pass), "{rule}");
    }
    flow.append(Stage::Refresh);
    assert!(pair.practice.clients().iter().all(|client| client.client_id != flow.settings.client.client_id));
}

#[test]
fn nothing_is_managed_where_nothing_was_registered() {
    let mut flow = flow(Grant::ClientCredentials, |_| {});
    Pair::new().run(&mut flow);
    let lacks = |stage| flow.appendable().into_iter().find(|(it, _)| *it == stage).and_then(|(_, lacks)| lacks);
    assert_eq!(lacks(Stage::RegistrationRead), Some("no client was registered in this run"));
    assert_eq!(lacks(Stage::RegistrationProof), Some("no registration was deleted in this run"));
}

#[test]
fn a_registration_of_another_client_ends_the_run() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::ClientCredentials, registers);
    flow.append(Stage::RegistrationUpdate);
    pair.practice.set(Fault::ChangedClientId, true);
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("not stopped") };
    assert_eq!((problem.stage, problem.rule), (Stage::RegistrationUpdate, Some("dcr.same_client")));
}

/// A registration whose answer says that it is managed elsewhere.
fn managed_at(uri: &'static str, stage: Stage) -> (Flow, Pair) {
    let mut pair = Pair::new();
    pair.changes.insert("/register", ("registration_client_uri", Json::String(uri.to_owned())));
    let mut flow = flow(Grant::ClientCredentials, registers);
    flow.append(stage);
    (flow, pair)
}

#[test]
fn the_token_of_a_registration_does_not_leave_for_somebody_else() {
    for (uri, rule, verdict) in [
        ("http://evil.example/register/c1", "dcr.protected", Verdict::Fail),
        ("https://evil.example/register/c1", "dcr.same_origin", Verdict::Warn),
    ] {
        for stage in [Stage::RegistrationRead, Stage::RegistrationUpdate, Stage::RegistrationDelete] {
            let (mut flow, mut pair) = managed_at(uri, stage);
            let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("{uri}: it left") };
            assert_eq!((problem.stage, problem.rule), (stage, Some(rule)), "{uri}");
            assert!(problem.is_unsent() && problem.title.contains("registration_access_token"), "{}", problem.title);
            assert!(!stages(&flow).contains(&stage), "{uri}");
            let judged = flow.checks().find(|check| check.rule.id == rule).map(|check| check.verdict);
            assert_eq!(judged, Some(verdict), "{uri}: it is told when it comes");
            flow.go_on_anyway();
            pair.run(&mut flow);
            assert!(stages(&flow).contains(&stage), "{uri}: by choice it leaves");
        }
    }
}

#[test]
fn a_client_registers_with_a_method_that_the_server_lists() {
    let list = |methods: &str| ("token_endpoint_auth_methods_supported", Json::parse_text(methods).expect("JSON"));
    for (methods, expected) in [
        (r#"["client_secret_post","none"]"#, Some("client_secret_post")),
        (r#"["none"]"#, Some("none")),
        (r#"["client_secret_post","client_secret_basic"]"#, None),
        (r#"["private_key_jwt"]"#, None),
    ] {
        let mut pair = Pair::new();
        for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
            pair.changes.insert(path, list(methods));
        }
        // A server that does not say what is in effect has taken what was asked for.
        pair.changes.insert("/register", ("token_endpoint_auth_method", Json::Null));
        let mut flow = flow(Grant::AuthorizationCode, registers);
        assert_eq!(pair.run(&mut flow), Next::Finished, "{methods}: {:?}", flow.problem());
        let sent = &flow.trace.exchanges.iter().find(|it| it.stage == Stage::Registration).expect("sent").request;
        let asked = Json::parse(&sent.body).expect("JSON");
        assert_eq!(asked.text("token_endpoint_auth_method"), expected, "{methods}");
        assert_eq!(flow.settings.client.token_endpoint_auth_method, expected.unwrap_or_default(), "{methods}");
    }
}

#[test]
fn a_server_that_offers_no_changes_says_so() {
    for (stage, status, advised) in [
        (Stage::RegistrationUpdate, 404, "does not offer changes"),
        (Stage::RegistrationUpdate, 405, "does not offer changes"),
        (Stage::RegistrationDelete, 501, "does not offer that a client deletes"),
    ] {
        let mut pair = Pair::new();
        let mut flow = flow(Grant::ClientCredentials, registers);
        assert_eq!(pair.run(&mut flow), Next::Finished);
        flow.append(stage);
        flow.begin(pair.now());
        let response = HttpResponse::new(status, "text/plain", "no");
        flow.handle(Event::Answered { response, took: Default::default() }, pair.now());
        let problem = flow.problem().expect("stopped");
        assert!(problem.advice.join(" ").contains(advised), "{stage:?} {status}: {:?}", problem.advice);
    }
}

#[test]
fn a_redirect_uri_that_is_refused_under_another_code_is_named() {
    let mut pair = Pair::new();
    pair.faults.insert("/register", |_| {
        let body = r#"{"error":"invalid_client_metadata","error_description":"redirect_uri must use HTTPS"}"#;
        Ok(HttpResponse::new(400, JSON, body))
    });
    let (_, advice) = refused(&mut flow(Grant::AuthorizationCode, registers), &mut pair);
    assert!(advice.iter().any(|line| line.contains("redirect_uris") && line.contains("https")), "{advice:?}");
}

#[test]
fn what_is_issued_is_in_no_debug_text() {
    let mut flow = flow(Grant::AuthorizationCode, registers);
    Pair::new().run(&mut flow);
    let (_, json) = answer(&flow, Stage::Registration);
    for name in ["client_secret", "registration_access_token"] {
        let secret = json.text(name).expect("issued");
        assert!(!format!("{flow:?}").contains(secret), "{name}");
        assert!(flow.secrets().any(|known| known.expose() == secret), "{name}");
    }
}

#[test]
fn what_is_demanded_unasked_is_noted_and_kept_to_from_then_on() {
    let registered_with = |name: &'static str, value: Json, change: fn(&mut Settings)| {
        let mut pair = Pair::new();
        pair.changes.insert("/register", (name, value));
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            registers(settings);
            change(settings);
        });
        assert_eq!(pair.run(&mut flow), Next::Finished, "{name}: {:?}", flow.problem());
        let is_noted = |check: &&grantscope::base::check::Check| check.rule.id == "dcr.effective";
        let noted = flow.checks().find(is_noted).expect("judged").clone();
        (flow, noted)
    };
    let sent = |flow: &Flow, stage| flow.trace.exchanges.iter().find(|exchange| exchange.stage == stage).cloned();
    let told = |name: &str, check: &grantscope::base::check::Check| {
        let saw = check.actual.clone().unwrap_or_default();
        assert!(check.verdict == Verdict::Note && saw.contains(&format!("{name}: not asked")), "{saw}");
    };

    let name = "require_pushed_authorization_requests";
    let (pushes, noted) = registered_with(name, Json::Bool(true), |_| {});
    told(name, &noted);
    assert!(sent(&pushes, Stage::PushedAuthorization).is_some());

    let name = "dpop_bound_access_tokens";
    let (proves, noted) = registered_with(name, Json::Bool(true), |_| {});
    told(name, &noted);
    assert!(sent(&proves, Stage::Token).expect("sent").request.headers.get("DPoP").is_some());

    let name = "require_signed_request_object";
    let (signs, noted) = registered_with(name, Json::Bool(true), |_| {});
    told(name, &noted);
    assert_eq!(signs.settings.protection.request_object_signing_alg, "HS256", "by what the client has");
    let asked = sent(&signs, Stage::Authorization).expect("sent");
    assert!(asked.request.query().contains("request"));

    // How signed requests are signed says not that any has to be.
    let name = "request_object_signing_alg";
    let (plain, noted) = registered_with(name, Json::String("ES256".to_owned()), |_| {});
    told(name, &noted);
    assert!(plain.settings.protection.request_object_signing_alg.is_empty());

    let (unchanged, noted) = registered_with("dpop_bound_access_tokens", Json::Bool(false), |_| {});
    assert_eq!((noted.verdict, unchanged.settings.protection.dpop_bound_access_tokens), (Verdict::Pass, false));
}

#[test]
fn a_client_id_that_is_a_number_is_told_as_that() {
    for (client_id, is_told) in [(Json::Number("7".to_owned()), true), (Json::Null, false)] {
        let mut pair = Pair::new();
        pair.changes.insert("/register", ("client_id", client_id));
        let Next::Stopped(problem) = pair.run(&mut flow(Grant::AuthorizationCode, registers)) else {
            panic!("it goes on")
        };
        let told = problem.advice.iter().any(|line| line.starts_with("client_id is a string"));
        assert_eq!(told, is_told, "{:?}", problem.advice);
    }
}
