//! Requests that are pushed, signed or answered by a JWT, end to end.

use std::time::Duration;

use grantscope::base::check::Verdict;
use grantscope::base::json::Json;
use grantscope::client::settings::Settings;
use grantscope::flow::finding::finding;
use grantscope::flow::stage::Stage;
use grantscope::flow::world::World as _;
use grantscope::flow::{Action, Flow, Next, Outcome, ProblemKind};
use grantscope::practice::Config;
use grantscope::terms::grant::Grant;

use crate::pair::{ISSUER, Pair};
use crate::{failed, flow, refused, stages};

fn pushed(settings: &mut Settings) {
    settings.protection.require_pushed_authorization_requests = true;
}

/// A server whose configuration is another one than usual.
fn pair(change: impl FnOnce(&mut Config)) -> Pair {
    let mut config = Config::practice(ISSUER.parse().expect("a URL"));
    change(&mut config);
    Pair::with(config)
}

fn verdict(flow: &Flow, rule: &str) -> Option<Verdict> {
    flow.checks().filter(|check| check.rule.id == rule).last().map(|check| check.verdict)
}

#[test]
fn each_grant_with_a_browser_pushes_its_request_and_goes_on_as_before() {
    for grant in Grant::ALL.into_iter().filter(|grant| grant.has_authorization_request()) {
        let mut flow = flow(grant, pushed);
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{grant:?}: {:?}", flow.problem());
        assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()), "{grant:?}");
        let at = stages(&flow).iter().position(|stage| *stage == Stage::PushedAuthorization).expect("pushed");
        let [push, browse] = &flow.trace.exchanges[at..at + 2] else { panic!("two requests") };
        assert_eq!(push.response().map(|response| response.status), Some(201));
        let form = push.request.form().expect("a form");
        assert!(["redirect_uri", "state", "scope"].iter().all(|name| form.contains(name)), "{grant:?}");
        let names: Vec<String> = browse.request.query().iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(names, ["client_id", "request_uri"], "{grant:?}");
        for rule in
            ["par.status", "par_request.outside", "authorization_response.state", "authorization_request.entropy"]
        {
            assert_eq!(verdict(&flow, rule), Some(Verdict::Pass), "{grant:?}: {rule}");
        }
    }
}

#[test]
fn every_method_authenticates_the_pushed_request() {
    for method in ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"] {
        let mut settings = crate::pair::demo_settings(Grant::AuthorizationCode, method);
        pushed(&mut settings);
        let mut flow =
            Flow::new(Grant::AuthorizationCode, settings, grantscope::base::entropy::Entropy::from_seed([2; 32]));
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{method}: {:?}", flow.problem());
        assert_eq!(failed(&flow), [""; 0], "{method}");
        let sent = flow.authorization().expect("a request");
        assert!(!sent.contains("client_assertion") && !sent.contains("client_secret"), "{method}");
    }
}

#[test]
fn what_is_wrong_with_a_request_is_refused_before_anybody_sees_a_page() {
    type Change = fn(&mut Settings);
    let rows: [(Change, &str); 5] = [
        (|settings| settings.client.client_secret = "wrong".into(), "invalid_client"),
        (|settings| "https://evil.example/cb".clone_into(&mut settings.client.redirect_uri), "invalid_request"),
        (|settings| settings.request.extra.push("request_uri", "urn:a"), "invalid_request"),
        (|settings| "nothing".clone_into(&mut settings.request.scope), "invalid_scope"),
        (|settings| "soon".clone_into(&mut settings.request.max_age), "invalid_request"),
    ];
    for (change, expected) in rows {
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            pushed(settings);
            change(settings);
        });
        let (error, advice) = refused(&mut flow, &mut Pair::new());
        assert_eq!((error.as_str(), flow.stage()), (expected, Some(Stage::PushedAuthorization)));
        assert!(!advice.is_empty(), "{expected}");
    }
}

#[test]
fn a_refused_sign_in_pushes_anew_with_values_of_its_own() {
    let mut pair = Pair::new();
    pair.decision = "deny";
    let mut flow = flow(Grant::AuthorizationCode, pushed);
    assert_eq!(refused(&mut flow, &mut pair).0, "access_denied");
    let problem = flow.problem().expect("a problem");
    assert_eq!(problem.again_at, Stage::PushedAuthorization);
    pair.decision = "allow";
    flow.retry();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    let states: Vec<String> = flow
        .trace
        .exchanges
        .iter()
        .filter(|exchange| exchange.stage == Stage::PushedAuthorization)
        .filter_map(|exchange| exchange.request.form()?.get("state").map(str::to_owned))
        .collect();
    assert!(states.len() == 2 && states[0] != states[1], "{states:?}");
    assert_eq!(failed(&flow), [""; 0]);
}

#[test]
fn a_reference_that_is_over_is_told_before_it_leaves_and_refused_when_it_does() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, pushed);
    pair.run_to_browse(&mut flow);
    pair.wait(Duration::from_secs(91));
    let Next::Stopped(problem) = flow.begin(pair.now()) else { panic!("it left") };
    assert_eq!((problem.rule, problem.again_at), (Some("par_request.expired"), Stage::PushedAuthorization));
    assert!(problem.is_unsent() && !stages(&flow).contains(&Stage::Authorization));
    let mut anyway = flow.clone();
    anyway.go_on_anyway();
    assert_eq!(refused(&mut anyway, &mut pair).0, "invalid_request_uri");
    assert_eq!(failed(&anyway), ["par_request.expired"]);
    flow.retry();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), [""; 0]);
}

#[test]
fn a_reference_works_once_and_for_its_client_alone() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, pushed);
    pair.run_to_browse(&mut flow);
    let mut again = flow.clone();
    let mut foreign = flow.clone();
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(refused(&mut again, &mut pair).0, "invalid_request_uri");
    let request = foreign.edit().expect("a request");
    let mut query = request.query();
    query.set("client_id", "practice-native");
    request.url.set_query(Some(&query.encode()));
    let Next::Stopped(problem) = pair.run(&mut foreign) else { panic!("it went on") };
    assert_eq!(problem.kind, ProblemKind::Failed, "a page says it");
    assert_eq!(verdict(&foreign, "par_request.client_id"), Some(Verdict::Fail));
}

#[test]
fn a_server_that_wants_pushed_requests_says_so_and_one_switch_mends_it() {
    let demand: fn(&mut Config) = |config| config.require_pushed_authorization_requests = true;
    let of_client: fn(&mut Config) =
        |config| config.clients.iter_mut().for_each(|client| client.require_pushed_authorization_requests = true);
    for (change, is_published) in [(demand, true), (of_client, false)] {
        let mut pair = pair(change);
        let mut flow = flow(Grant::AuthorizationCode, |_| {});
        let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it was taken") };
        assert_eq!(problem.is_unsent(), is_published, "{problem:?}");
        let advice = problem.advice.join(" ");
        assert!(advice.contains("require_pushed_authorization_requests"), "{advice}");
        let finding = finding(&flow, &Next::Stopped(problem), &[]).expect("a finding");
        let cure = finding.cures.first().expect("a cure");
        assert_eq!(cure.option(), "--set require_pushed_authorization_requests=true");
        assert!(!cure.needs_new_run(finding.stage, finding.stage));
        cure.apply(&mut flow.settings);
        flow.retry();
        assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
        assert_eq!(failed(&flow), [""; 0]);
    }
}

#[test]
fn the_listener_is_bound_before_anything_is_pushed() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, pushed);
    pair.run_to(&mut flow, Stage::PushedAuthorization);
    assert!(matches!(flow.poll(pair.now()), Next::Do(Action::Listen(_))));
    pair.step(&mut flow);
    let Next::Do(Action::Send(request)) = flow.poll(pair.now()) else { panic!("not sent") };
    let form = request.form().expect("a form");
    assert_eq!(form.get("redirect_uri"), Some("http://127.0.0.1:8912/callback"));
}

/// A request object signed with this algorithm.
fn signed(alg: &'static str) -> impl Fn(&mut Settings) {
    move |settings| {
        alg.clone_into(&mut settings.protection.request_object_signing_alg);
        settings.client.private_key = grantscope::practice::PRACTICE_JWT_KEY.into();
    }
}

#[test]
fn a_signed_request_carries_everything_and_is_read_by_everybody() {
    for is_pushed in [false, true] {
        for grant in Grant::ALL.into_iter().filter(|grant| grant.has_authorization_request()) {
            let mut flow = flow(grant, |settings| {
                signed("ES256")(settings);
                settings.protection.require_pushed_authorization_requests = is_pushed;
                "60".clone_into(&mut settings.request.max_age);
            });
            assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{grant:?}: {:?}", flow.problem());
            assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()), "{grant:?}");
            let stage = if is_pushed { Stage::PushedAuthorization } else { Stage::Authorization };
            let sent = flow.trace.exchanges.iter().find(|exchange| exchange.stage == stage).expect("sent");
            let params = sent.request.form().unwrap_or_else(|| sent.request.query());
            let names: Vec<&str> = params.iter().map(|(name, _)| name).collect();
            assert_eq!(names, ["client_id", "request"], "{grant:?}");
            for rule in ["jar_request.alg", "jar_request.typ", "jar_request.aud", "jar_request.outside"] {
                assert_eq!(verdict(&flow, rule), Some(Verdict::Pass), "{grant:?}: {rule}");
            }
            let asked = flow.authorization().expect("a request");
            assert!(asked.contains("state") && asked.get("max_age") == Some("60") && asked.object.is_some());
        }
    }
}

#[test]
fn every_algorithm_that_signs_makes_a_request_object() {
    for (alg, client) in [("ES256", "practice-web"), ("HS256", "practice-secret-jwt"), ("ES256", "practice-native")] {
        let method = match client {
            "practice-secret-jwt" => "client_secret_jwt",
            "practice-native" => "none",
            _ => "client_secret_basic",
        };
        let mut settings = crate::pair::demo_settings(Grant::AuthorizationCode, method);
        signed(alg)(&mut settings);
        assert_eq!(settings.client.client_id, client);
        let entropy = grantscope::base::entropy::Entropy::from_seed([2; 32]);
        let mut flow = Flow::new(Grant::AuthorizationCode, settings, entropy);
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{alg}: {:?}", flow.problem());
        assert_eq!(failed(&flow), [""; 0], "{alg}");
    }
}

#[test]
fn claims_are_changed_before_they_are_signed_and_the_server_says_what_is_wrong_with_them() {
    type Change = fn(&mut grantscope::client::seal::ClaimEdits);
    let rows: [(Change, &str, &str); 6] = [
        (|claims| claims.set("aud", "https://other.example"), "invalid_request_object", "jar_request.aud"),
        (|claims| claims.set("exp", "1"), "invalid_request_object", "jar_request.exp"),
        (|claims| claims.set("iss", "somebody"), "invalid_request_object", "jar_request.iss"),
        (|claims| claims.set("request_uri", "urn:a"), "invalid_request_object", "jar_request.nested"),
        (|claims| claims.set("client_id", "practice-native"), "invalid_request_object", "jar_request.client_id"),
        (|claims| claims.omit("response_type"), "invalid_request", "authorization_request.required"),
    ];
    for (change, error, rule) in rows {
        let mut flow = flow(Grant::AuthorizationCode, signed("ES256"));
        let mut edits = grantscope::client::seal::SealEdits::default();
        change(&mut edits.request);
        flow.edit_seals(edits);
        assert_eq!(refused(&mut flow, &mut Pair::new()).0, error, "{rule}");
        assert!(verdict(&flow, rule).is_some_and(|verdict| verdict <= Verdict::Warn), "{rule}");
    }
}

#[test]
fn what_stands_beside_the_object_is_held_against_it_and_counts_for_nothing() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        signed("ES256")(settings);
        "response_type scope".clone_into(&mut settings.protection.request_object_outside);
    });
    pair.run_to_browse(&mut flow);
    let shown = flow.sealed(pair.now()).expect("a request").query();
    assert!(shown.contains("scope") && shown.contains("response_type") && !shown.contains("state"));
    flow.seal_now(pair.now());
    let request = flow.edit().expect("a request");
    let mut query = request.query();
    query.set("scope", "openid email");
    query.push("login_hint", "bob");
    request.url.set_query(Some(&query.encode()));
    assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!(verdict(&flow, "jar_request.different"), Some(Verdict::Fail));
    assert_eq!(verdict(&flow, "jar_request.outside"), Some(Verdict::Warn));
    let tokens = flow.session.tokens.last().expect("tokens");
    assert_eq!(tokens.scope, "openid profile email offline_access", "what was signed was granted");
}

/// RFC 9126 section 3: it leaves as it is asked for, and both sides say that it should not.
#[test]
fn what_is_to_stand_beside_the_object_stands_beside_a_pushed_one_too() {
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        signed("ES256")(settings);
        settings.protection.require_pushed_authorization_requests = true;
        "response_type scope".clone_into(&mut settings.protection.request_object_outside);
    });
    assert_eq!(refused(&mut flow, &mut Pair::new()).0, "invalid_request");
    assert_eq!(verdict(&flow, "jar_request.outside"), Some(Verdict::Warn));
    assert_eq!(verdict(&flow, "jar_request.different"), Some(Verdict::Pass));
    let form = flow.trace.exchanges.last().and_then(|pushed| pushed.request.form()).expect("a form");
    let names: Vec<&str> = form.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["response_type", "client_id", "scope", "request"]);
}

#[test]
fn a_server_that_wants_signed_requests_says_so_and_one_switch_mends_it() {
    let demand: fn(&mut Config) = |config| config.require_signed_request_object = true;
    let of_client: fn(&mut Config) =
        |config| config.clients.iter_mut().for_each(|client| client.require_signed_request_object = true);
    for (change, is_published) in [(demand, true), (of_client, false)] {
        for is_pushed in [false, true] {
            let mut pair = pair(change);
            let mut flow = flow(Grant::AuthorizationCode, |settings| {
                settings.protection.require_pushed_authorization_requests = is_pushed;
                settings.client.private_key = grantscope::practice::PRACTICE_JWT_KEY.into();
            });
            let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it was taken") };
            assert_eq!(problem.is_unsent(), is_published, "{problem:?}");
            let finding = finding(&flow, &Next::Stopped(problem), &[]).expect("a finding");
            let cure = finding.cures.first().expect("a cure");
            assert_eq!(cure.option(), "--set request_object_signing_alg=ES256");
            cure.apply(&mut flow.settings);
            flow.retry();
            assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
            assert_eq!(failed(&flow), [""; 0]);
        }
    }
}

#[test]
fn an_unsigned_object_is_made_when_it_is_asked_for_and_refused() {
    let mut flow = flow(Grant::AuthorizationCode, signed("none"));
    assert_eq!(refused(&mut flow, &mut Pair::new()).0, "invalid_request_object");
    // OpenID Connect allows it, and this server does not.
    assert_eq!(verdict(&flow, "jar_request.alg"), Some(Verdict::Warn));
}

#[test]
fn what_a_signed_request_lacks_is_asked_for() {
    for (alg, key, field) in
        [("ES256", "", "private_key"), ("HS256", "", "client_secret"), ("RS256", "key", "private_key")]
    {
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            alg.clone_into(&mut settings.protection.request_object_signing_alg);
            settings.client.client_secret = "".into();
            let key = if key.is_empty() { "" } else { grantscope::practice::PRACTICE_JWT_KEY };
            settings.client.private_key = key.into();
        });
        let Next::Missing(missing) = Pair::new().run(&mut flow) else { panic!("nothing is missing: {alg}") };
        assert_eq!((missing.stage, missing.field), (Stage::Authorization, field), "{alg}: {}", missing.hint);
    }
}

/// A response as one JWT, in this mode.
fn answered(mode: &'static str) -> impl Fn(&mut Settings) {
    move |settings| mode.clone_into(&mut settings.request.response_mode)
}

#[test]
fn a_signed_response_is_verified_and_read_in_every_mode() {
    for mode in ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"] {
        for grant in Grant::ALL.into_iter().filter(|grant| grant.has_authorization_request()) {
            let returns_token = matches!(grant, Grant::Implicit | Grant::Hybrid);
            let mut flow = flow(grant, answered(mode));
            if returns_token && mode == "query.jwt" {
                assert_eq!(refused(&mut flow, &mut Pair::new()).0, "invalid_request");
                assert_eq!(verdict(&flow, "jarm.signature"), Some(Verdict::Pass), "errors are signed as well");
                continue;
            }
            assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{mode} {grant:?}: {:?}", flow.problem());
            assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()), "{mode} {grant:?}");
            let rules = ["jarm.asked", "jarm.iss", "jarm.aud", "jarm.exp", "jarm.signature", "jarm.lifetime"];
            for rule in rules.into_iter().chain(["authorization_response.iss", "authorization_response.state"]) {
                assert_eq!(verdict(&flow, rule), Some(Verdict::Pass), "{mode} {grant:?}: {rule}");
            }
        }
    }
}

#[test]
fn a_denied_sign_in_is_told_in_a_signed_response_too() {
    let mut pair = Pair::new();
    pair.decision = "deny";
    let mut flow = flow(Grant::AuthorizationCode, answered("jwt"));
    assert_eq!(refused(&mut flow, &mut pair).0, "access_denied");
    assert_eq!(verdict(&flow, "jarm.signature"), Some(Verdict::Pass));
}

#[test]
fn nothing_of_a_signed_response_that_is_wrong_is_used() {
    for fault in ["jarm_wrong_iss", "jarm_wrong_aud", "jarm_expired", "jarm_bad_signature", "jarm_plain"] {
        for decision in ["allow", "deny"] {
            let mut pair = Pair::new();
            pair.decision = decision;
            pair.practice.set(fault.parse().expect("a fault"), true);
            let mut flow = flow(Grant::AuthorizationCode, answered("jwt"));
            let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("{fault}: it went on") };
            // A server that does not know the mode says no plainly.
            let is_plain_error = fault == "jarm_plain" && decision == "deny";
            assert_eq!(matches!(problem.kind, ProblemKind::Refused(_)), is_plain_error, "{fault}: {problem:?}");
            assert!(!stages(&flow).contains(&Stage::Token), "{fault}");
            assert!(!problem.advice.is_empty());
        }
    }
}

#[test]
fn an_algorithm_that_is_not_the_registered_one_ends_the_run() {
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        answered("jwt")(settings);
        "PS256".clone_into(&mut settings.protection.authorization_signed_response_alg);
    });
    let Next::Stopped(problem) = Pair::new().run(&mut flow) else { panic!("it went on") };
    assert_eq!((problem.kind, problem.rule), (ProblemKind::Unsafe, Some("jarm.alg")));
}

#[test]
fn pushed_signed_and_answered_by_a_jwt_at_once() {
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        pushed(settings);
        signed("ES256")(settings);
        answered("jwt")(settings);
    });
    assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()));
}

#[test]
fn details_and_claims_travel_in_every_carrier_and_what_is_granted_comes_back() {
    for (is_pushed, alg) in [(false, ""), (true, ""), (false, "ES256"), (true, "ES256")] {
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            signed(alg)(settings);
            settings.protection.require_pushed_authorization_requests = is_pushed;
            r#"[{"type":"payment_initiation"}]"#.clone_into(&mut settings.protection.authorization_details);
            r#"{"id_token":{"email":null}}"#.clone_into(&mut settings.protection.claims);
        });
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
        assert_eq!(failed(&flow), [""; 0]);
        for rule in ["rar_request.form", "rar_request.listed", "claims_request.form", "rar.returned"] {
            assert_eq!(verdict(&flow, rule), Some(Verdict::Pass), "{rule}");
        }
    }
}

#[test]
fn a_server_that_does_not_know_details_may_ignore_them() {
    let mut pair = Pair::new();
    pair.changes.insert("/.well-known/openid-configuration", ("authorization_details_types_supported", Json::Null));
    pair.changes.insert("/token", ("authorization_details", Json::Null));
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        r#"[{"type":"payment_initiation"}]"#.clone_into(&mut settings.protection.authorization_details);
    });
    assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!((failed(&flow), verdict(&flow, "rar.returned")), (Vec::new(), Some(Verdict::Warn)));
}

#[test]
fn details_that_are_no_list_of_known_types_are_refused() {
    for details in [
        "{}",
        "[]",
        "soon",
        r#"[{"type":null}]"#,
        r#"[{"type":"other"}]"#,
        r#"[{}]"#,
        r#"[{"type":"payment_initiation","actions":"initiate"}]"#,
        r#"[{"type":"payment_initiation","bogus":1}]"#,
        r#"[{"type":"payment_initiation","actions":["initiate","nope"]}]"#,
        r#"[{"type":"payment_initiation","instructedAmount":{"amount":12}}]"#,
        r#"[{"type":"account_information","access":{"accounts":"all"}}]"#,
    ] {
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            details.clone_into(&mut settings.protection.authorization_details);
        });
        let (error, advice) = refused(&mut flow, &mut Pair::new());
        assert_eq!(error, "invalid_authorization_details", "{details}");
        assert!(!advice.is_empty());
        // What the run has just found in order is no cause.
        let is_passed = verdict(&flow, "rar_request.form") == Some(Verdict::Pass);
        let is_advised = advice.iter().any(|line| line.starts_with("Check that the value is a JSON array"));
        assert!(!(is_passed && is_advised), "{details}: {advice:?}");
        assert!(!advice.iter().any(|line| line.starts_with("Narrow")), "{details}: {advice:?}");
    }
}

#[test]
fn claims_that_are_no_object_of_objects_are_refused() {
    for claims in ["[]", r#"{"userinfo":5}"#, r#"{"id_token":["email"],"userinfo":{}}"#] {
        let mut flow = flow(Grant::AuthorizationCode, |settings| claims.clone_into(&mut settings.protection.claims));
        assert_eq!(refused(&mut flow, &mut Pair::new()).0, "invalid_request", "{claims}");
    }
}

#[test]
fn what_is_asked_for_without_a_browser_is_sent_granted_and_judged() {
    for grant in [Grant::ClientCredentials, Grant::Password, Grant::DeviceCode, Grant::Ciba] {
        let mut flow = flow(grant, |settings| {
            r#"[{"type":"payment_initiation"}]"#.clone_into(&mut settings.protection.authorization_details);
            if grant != Grant::Password {
                settings.request.resource = format!("{ISSUER}/api");
            }
        });
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{grant:?} {:?}", flow.problem());
        assert_eq!(failed(&flow), [""; 0], "{grant:?}");
        for rule in ["rar_request.form", "rar.returned", "rar.as_asked"] {
            assert_eq!(verdict(&flow, rule), Some(Verdict::Pass), "{grant:?} {rule}");
        }
        let of_resource = (grant != Grant::Password).then_some(Verdict::Pass);
        for rule in ["resource_request.form", "token.resource"] {
            assert_eq!(verdict(&flow, rule), of_resource, "{grant:?} {rule}");
        }
    }
}

#[test]
fn a_code_is_redeemed_for_less_and_not_for_more_than_was_approved() {
    let asked = r#"[{"type":"payment_initiation","actions":["status","initiate"]}]"#;
    for (narrowed, is_granted) in [
        (r#"[{"type":"payment_initiation","actions":["status"]}]"#, true),
        (r#"[{"type":"payment_initiation","actions":["cancel"]}]"#, false),
        (r#"[{"type":"account_information"}]"#, false),
    ] {
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            asked.clone_into(&mut settings.protection.authorization_details);
            settings.token_request.extra.push("authorization_details", narrowed);
        });
        if is_granted {
            assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
            assert_eq!(verdict(&flow, "rar.as_asked"), Some(Verdict::Pass));
        } else {
            let (error, advice) = refused(&mut flow, &mut Pair::new());
            assert_eq!(error, "invalid_authorization_details", "{narrowed}");
            assert!(advice.iter().any(|line| line.starts_with("Narrow the authorization_details")), "{advice:?}");
        }
    }
}

#[test]
fn a_resource_is_named_in_both_requests_and_the_token_is_for_it() {
    let run = |resource: &str, omit: &str| {
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            resource.clone_into(&mut settings.request.resource);
            omit.clone_into(&mut settings.token_request.omit);
        });
        Pair::new().run(&mut flow);
        ["resource_request.form", "resource_request.both", "token.resource"].map(|rule| verdict(&flow, rule))
    };
    let api = "https://api.example/orders";
    assert_eq!(run(api, ""), [Some(Verdict::Pass); 3]);
    assert_eq!(run(api, "resource")[1..], [Some(Verdict::Note), Some(Verdict::Pass)]);
    assert_eq!(run("", ""), [None; 3]);
    assert_eq!(run("orders", ""), [Some(Verdict::Fail), None, None]);
}
