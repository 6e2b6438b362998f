//! Backchannel authentication requests that the client signs (CIBA section 7.1.1).

use grantscope::base::check::Verdict;
use grantscope::base::http::HttpRequest;
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::client::seal::{ClaimEdits, SealEdits};
use grantscope::client::settings::Settings;
use grantscope::demo;
use grantscope::flow::stage::Stage;
use grantscope::flow::world::World as _;
use grantscope::flow::{Flow, Next, Outcome};
use grantscope::jose::jwt::{Decoded, decode};
use grantscope::practice::{Config, PRACTICE_JWT_KEY};
use grantscope::record::{Record, redactor};
use grantscope::terms::grant::Grant;
use url::Url;

use crate::pair::{ISSUER, Pair};
use crate::{failed, flow, refused};

const RULES: [&str; 4] = [
    "backchannel_request.signed",
    "backchannel_request.signed_claims",
    "backchannel_request.alone",
    "backchannel_request.supported",
];

fn signed(change: impl FnOnce(&mut Settings)) -> Flow {
    flow(Grant::Ciba, |settings| {
        "ES256".clone_into(&mut settings.protection.backchannel_authentication_request_signing_alg);
        settings.client.private_key = PRACTICE_JWT_KEY.into();
        change(settings);
    })
}

fn verdict(flow: &Flow, rule: &str) -> Option<Verdict> {
    flow.checks().find(|check| check.rule.id == rule).map(|check| check.verdict)
}

fn sent(flow: &Flow) -> &HttpRequest {
    let of_stage = flow.trace.exchanges.iter().find(|it| it.stage == Stage::BackchannelAuthentication);
    &of_stage.expect("a request").request
}

fn object(flow: &Flow) -> Decoded {
    decode(sent(flow).form().and_then(|form| form.get("request").map(str::to_owned)).expect("an object").as_str())
}

fn names(form: &Params) -> Vec<&str> {
    form.iter().map(|(name, _)| name).collect()
}

#[test]
fn everything_that_is_asked_is_in_the_object_and_only_who_asks_beside_it() {
    for mode in ["poll", "ping", "push"] {
        for (method, beside) in [
            ("client_secret_basic", &["request"][..]),
            ("client_secret_post", &["client_id", "request", "client_secret"]),
        ] {
            let mut flow = signed(|settings| {
                method.clone_into(&mut settings.client.token_endpoint_auth_method);
                mode.clone_into(&mut settings.client.backchannel_token_delivery_mode);
                demo::choose_client(settings, Grant::Ciba);
                "90".clone_into(&mut settings.request.requested_expiry);
            });
            assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{mode} {method}: {:?}", flow.problem());
            assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()), "{mode} {method}");
            assert!(RULES.iter().all(|rule| verdict(&flow, rule) == Some(Verdict::Pass)), "{mode} {method}");
            let form = sent(&flow).form().expect("a form");
            assert_eq!(names(&form), beside, "{mode} {method}");
            let object = object(&flow);
            let claims: Vec<&str> =
                object.claims.as_ref().expect("claims").members().iter().map(|(name, _)| name.as_str()).collect();
            for name in ["iss", "aud", "iat", "nbf", "exp", "jti", "scope", "login_hint"] {
                assert!(claims.contains(&name), "{mode}: no {name} in {claims:?}");
            }
            assert_eq!(claims.contains(&"client_notification_token"), mode != "poll", "{claims:?}");
            assert!(!claims.contains(&"client_id"), "iss says who asks");
            assert_eq!(object.claim("requested_expiry").and_then(Json::as_i64), Some(90));
            assert!(flow.session.asked.contains("openid"), "what is in the object was asked");
        }
    }
}

#[test]
fn what_is_wrong_in_the_object_is_told_before_and_refused() {
    type Change = fn(&mut ClaimEdits);
    let rows: [(Change, &str); 5] = [
        (|claims| claims.set("aud", "https://other.example"), "aud is https://other.example"),
        (|claims| claims.set("iss", "somebody"), "iss is somebody"),
        (|claims| claims.set("exp", "1"), "it expired"),
        (|claims| claims.omit("nbf"), "nbf is missing"),
        (|claims| claims.omit("jti"), "jti is missing"),
    ];
    for (change, says) in rows {
        let mut flow = signed(|_| {});
        let mut edits = SealEdits::default();
        change(&mut edits.request);
        flow.edit_seals(edits);
        let Next::Stopped(problem) = Pair::new().run(&mut flow) else { panic!("{says}: it was taken") };
        assert!(problem.came.contains("invalid_request") && problem.came.contains(says), "{}", problem.came);
        assert_eq!(failed(&flow), ["backchannel_request.signed_claims"], "{says}");
    }
    let mut shared = signed(|settings| {
        "HS256".clone_into(&mut settings.protection.backchannel_authentication_request_signing_alg);
    });
    assert_eq!(refused(&mut shared, &mut Pair::new()).0, "invalid_request");
    assert_eq!(failed(&shared), ["backchannel_request.signed"]);
}

#[test]
fn what_stands_beside_the_object_is_told_and_refused() {
    let mut pair = Pair::new();
    let mut flow = signed(|_| {});
    pair.run_to(&mut flow, Stage::BackchannelAuthentication);
    flow.poll(pair.now());
    flow.seal_now(pair.now());
    let request = flow.edit().expect("a request");
    let mut form = request.form().expect("a form");
    form.push("scope", "openid email");
    request.body = form.encode().into_bytes();
    assert_eq!(refused(&mut flow, &mut pair).0, "invalid_request");
    assert_eq!(failed(&flow), ["backchannel_request.alone"]);
}

#[test]
fn a_server_that_does_not_name_the_algorithm_is_told_before() {
    let mut pair = Pair::new();
    let listed = Json::parse_text(r#"["PS256"]"#).expect("a list");
    let member = "backchannel_authentication_request_signing_alg_values_supported";
    pair.changes.insert("/.well-known/openid-configuration", (member, listed));
    let mut flow = signed(|_| {});
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(verdict(&flow, "backchannel_request.supported"), Some(Verdict::Warn));
}

#[test]
fn a_client_signs_with_the_algorithm_that_it_is_registered_for() {
    let mut config = Config::practice(Url::parse(ISSUER).expect("a URL"));
    for client in &mut config.clients {
        client.backchannel_authentication_request_signing_alg = Some("PS256".to_owned());
    }
    let mut flow = signed(|_| {});
    let Next::Stopped(problem) = Pair::with(config).run(&mut flow) else { panic!("it was taken") };
    assert!(problem.came.contains("registered is PS256"), "{}", problem.came);
}

#[test]
fn a_request_that_nobody_signs_goes_as_it_always_did() {
    let mut flow = flow(Grant::Ciba, |settings| {
        "ES256".clone_into(&mut settings.protection.request_object_signing_alg);
        settings.client.private_key = PRACTICE_JWT_KEY.into();
    });
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert!(sent(&flow).form().is_some_and(|form| form.contains("login_hint") && !form.contains("request")));
    assert!(RULES.iter().all(|rule| verdict(&flow, rule).is_none()), "that setting is for authorization requests");
}

#[test]
fn what_a_file_without_secrets_hides_of_it_accuses_nobody() {
    let mut flow = signed(|settings| {
        "ping".clone_into(&mut settings.client.backchannel_token_delivery_mode);
        demo::choose_client(settings, Grant::Ciba);
    });
    let next = Pair::new().run(&mut flow);
    let hidden = Record::of(&flow, &next).to_text(Some(&redactor(&flow)));
    assert!(!hidden.contains(&object(&flow).text), "it holds what a ping has to show");
    let read = Record::read(&hidden).expect("a record").flow();
    assert_eq!(failed(&read), Vec::<&str>::new());
}
