//! What a server does not take, and the option that mends it.

use std::time::Duration;

use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::client::settings::Settings;
use grantscope::flow::finding::finding;
use grantscope::flow::stage::Stage;
use grantscope::flow::world::World as _;
use grantscope::flow::{Action, Event, Flow, Next};
use grantscope::terms::grant::Grant;

use crate::flow;
use crate::pair::{Pair, detailed, encrypted};

/// The run after this stage was refused with these words, and the option that is proposed.
fn refused(pair: &mut Pair, mut flow: Flow, stage: Stage, error: &str, words: &str) -> (Vec<String>, Option<String>) {
    pair.run_to(&mut flow, stage);
    while let Next::Do(Action::Sleep(_) | Action::Listen(_)) = flow.poll(pair.now()) {
        pair.step(&mut flow);
    }
    flow.begin(pair.now());
    let body = format!(r#"{{"error":"{error}","error_description":"{words}"}}"#);
    let response = HttpResponse::new(400, JSON, body);
    flow.handle(Event::Answered { response, took: Duration::from_millis(3) }, pair.now());
    let next = flow.poll(pair.now());
    let Next::Stopped(problem) = &next else { panic!("it went on: {next:?}") };
    (problem.advice.clone(), finding(&flow, &next, &[]).and_then(|finding| finding.option()))
}

fn option(
    pair: &mut Pair,
    change: impl FnOnce(&mut Settings),
    stage: Stage,
    error: &str,
    words: &str,
) -> Option<String> {
    refused(pair, flow(Grant::ClientCredentials, change), stage, error, words).1
}

#[test]
fn a_resource_that_is_not_known_is_corrected_or_left_out() {
    for (resource, api_url, words, mended) in [
        ("https://api.example/mcp/", "", "", Some("https://api.example/mcp")),
        ("https://API.example/mcp#x", "", "", Some("https://api.example/mcp")),
        ("https://api.example/mcp", "", "", Some("")),
        ("https://other.example", "https://other.example/", "", Some("https://other.example/")),
        ("https://one.example https://two.example", "", "", Some("https://one.example")),
        ("", "https://other.example/", "", Some("https://other.example/")),
        ("https://other.example", "", "the request has to name the resource", None),
    ] {
        let mut pair = Pair::new();
        let listed = Json::parse_text(r#"["https://api.example/mcp","https://api.example/b"]"#).expect("JSON");
        pair.changes.insert("/.well-known/openid-configuration", ("protected_resources", listed));
        let change = |settings: &mut Settings| {
            resource.clone_into(&mut settings.request.resource);
            api_url.clone_into(&mut settings.request.api_url);
        };
        let option = option(&mut pair, change, Stage::Token, "invalid_target", words);
        assert_eq!(option, mended.map(|value| format!("--set resource={value}")), "{resource}: {words}");
    }
}

#[test]
fn an_encryption_that_a_server_does_not_register_is_left_out_or_changed() {
    let registers = |settings: &mut Settings| {
        encrypted(settings);
        settings.registration.dynamic_client_registration = true;
        settings.client.client_id.clear();
        "RSA-OAEP".clone_into(&mut settings.client.id_token_encrypted_response_alg);
    };
    for (listed, words, value) in [
        (r#"["ECDH-ES"]"#, "", Some("ECDH-ES")),
        (r#"["ECDH-ES","RSA-OAEP-256"]"#, "", Some("")),
        (r#"["RSA-OAEP","ECDH-ES"]"#, "id_token_encrypted_response_alg is not supported", Some("")),
        (r#"["RSA-OAEP"]"#, "client_name is too long", None),
    ] {
        let mut pair = Pair::new();
        let listed = Json::parse_text(listed).expect("JSON");
        pair.changes
            .insert("/.well-known/openid-configuration", ("id_token_encryption_alg_values_supported", listed.clone()));
        let flow = flow(Grant::AuthorizationCode, registers);
        let (_, option) = refused(&mut pair, flow, Stage::Registration, "invalid_client_metadata", words);
        let wanted = value.map(|value| format!("--set id_token_encrypted_response_alg={value}"));
        assert_eq!(option, wanted, "{listed} {words}");
    }
}

/// An ID token that is encrypted in another way than is filled in must not be used; where it is only filled in wrongly, the
/// option says how it came.
#[test]
fn an_encryption_that_is_filled_in_otherwise_has_its_option() {
    let run = |enc: &str| {
        let mut pair = Pair::new();
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            encrypted(settings);
            enc.clone_into(&mut settings.client.id_token_encrypted_response_enc);
        });
        let next = pair.run(&mut flow);
        (finding(&flow, &next, &[]).and_then(|finding| finding.option()), next)
    };
    let (option, next) = run("A192GCM");
    assert!(matches!(next, Next::Stopped(_)), "{next:?}");
    let option = option.expect("an option");
    assert!(option.starts_with("--set id_token_encrypted_response_alg="), "{option}");
    assert!(option.contains(" --set id_token_encrypted_response_enc="), "{option}");
    let enc = option.rsplit('=').next().unwrap_or_default();
    assert_eq!(run(enc), (None, Next::Finished), "{option}");
}

/// What stands in a pushed request object was sent.
#[test]
fn details_in_a_pushed_request_object_are_spoken_of() {
    let advice = |change: fn(&mut Settings)| {
        let flow = flow(Grant::AuthorizationCode, |settings| {
            change(settings);
            settings.protection.require_pushed_authorization_requests = true;
            "HS256".clone_into(&mut settings.protection.request_object_signing_alg);
        });
        let error = "invalid_authorization_details";
        refused(&mut Pair::new(), flow, Stage::PushedAuthorization, error, "").0.join("\n")
    };
    let told = advice(detailed);
    assert!(told.contains("Compare the fields of each type"), "{told}");
    assert!(!told.contains("authorization_details_types_supported"), "the server lists what was sent: {told}");
    let told = advice(|_| {});
    assert!(told.contains("was not in this request"), "{told}");
}

/// CIBA section 4: a client registers under a name of its own how it signs.
#[test]
fn a_request_that_has_to_be_signed_is_told_under_its_own_name() {
    let of_ciba = "backchannel_authentication_request_signing_alg";
    for (grant, stage, change, name) in [
        (Grant::Ciba, Stage::BackchannelAuthentication, "", of_ciba),
        (Grant::AuthorizationCode, Stage::PushedAuthorization, "true", "request_object_signing_alg"),
    ] {
        let flow = flow(grant, |settings| {
            settings
                .set("require_pushed_authorization_requests", if change.is_empty() { "false" } else { change })
                .ok();
        });
        let words = "A signed request is needed";
        let (advice, _) = refused(&mut Pair::new(), flow, stage, "invalid_request", words);
        assert!(advice.iter().any(|line| line.contains(&format!("set {name}"))), "{name}: {advice:?}");
    }
}
