//! What an API says of itself (RFC 9728): it is found where its challenge says, and at the well-known paths.

use std::sync::LazyLock;

use grantscope::base::check::Verdict;
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next, ProblemKind};
use grantscope::jose::key::SigningKey;
use grantscope::terms::grant::Grant;
use serde_json::{Map, json};

use crate::pair::{Fault, ISSUER, Pair};
use crate::{failed, flow};

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[test]
fn it_is_read_and_names_the_server_of_the_run() {
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    flow.append(Stage::ResourceMetadata);
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), Vec::<&str>::new());
    assert!(flow.checks().any(|check| check.rule.id == "prm.servers"));
    let said = flow.session.resource_metadata.expect("metadata");
    assert_eq!(said.text("resource"), Some("http://127.0.0.1:9400/api/me"));
}

#[test]
fn the_next_place_is_tried_and_the_last_one_is_told() {
    let mut pair = Pair::new();
    pair.faults
        .insert("/.well-known/oauth-protected-resource/api/me", |_| Ok(HttpResponse::new(404, "text/plain", "")));
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    flow.append(Stage::ResourceMetadata);
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it is found") };
    assert_eq!((problem.stage, problem.kind), (Stage::ResourceMetadata, ProblemKind::Failed));
    let asked = flow.trace.exchanges.iter().filter(|exchange| exchange.stage == Stage::ResourceMetadata);
    let paths: Vec<String> = asked.map(|exchange| exchange.request.url.path().to_owned()).collect();
    assert_eq!(paths, [format!("{WELL_KNOWN}/api/me"), WELL_KNOWN.to_owned()]);
}

const API: &str = "http://127.0.0.1:9400/api/me";

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("ES256", "api-1").expect("a key"));
static OTHER: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("ES256", "api-1").expect("a key"));

/// Metadata that the API attests to itself, and that name where its keys are.
fn own_metadata(of: &str) -> HttpResponse {
    let claims = json!({"iss": API, "resource": of, "scopes_supported": ["openid", "signed"]});
    let signed = KEY.sign(&Map::new(), &claims).expect("a token");
    let said = json!({
        "resource": API,
        "authorization_servers": [ISSUER],
        "jwks_uri": format!("{ISSUER}/api/keys"),
        "scopes_supported": ["openid"],
        "signed_metadata": signed,
    });
    HttpResponse::new(200, JSON, said.to_string())
}

fn keys(key: &SigningKey) -> HttpResponse {
    HttpResponse::new(200, "application/jwk-set+json", json!({"keys": [key.public_jwk()]}).to_string())
}

/// The run, and what it says of the signature in the end.
fn signed_by_itself(answer: Fault) -> (Next, Flow, Verdict, String) {
    signed_about(|_| Ok(own_metadata(API)), answer)
}

fn signed_about(metadata: Fault, answer: Fault) -> (Next, Flow, Verdict, String) {
    let mut pair = Pair::new();
    pair.faults.insert("/.well-known/oauth-protected-resource/api/me", metadata);
    pair.faults.insert("/api/keys", answer);
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    flow.append(Stage::ResourceMetadata);
    let next = pair.run(&mut flow);
    let check = flow.checks().filter(|check| check.rule.id == "prm.signature").last().expect("judged").clone();
    (next, flow, check.verdict, check.actual.unwrap_or_default())
}

/// RFC 9728 section 2: `jwks_uri` is where an API publishes its own keys.
#[test]
fn what_an_api_attests_to_itself_is_verified_by_its_own_keys() {
    let scopes = |flow: &Flow| {
        let said = flow.session.resource_metadata.as_ref().and_then(|said| said.get("scopes_supported"));
        said.map(|said| said.strings().join(" "))
    };
    let (next, flow, verdict, saw) = signed_by_itself(|_| Ok(keys(&KEY)));
    assert_eq!((next, verdict), (Next::Finished, Verdict::Pass), "{saw}");
    assert_eq!(scopes(&flow).as_deref(), Some("openid signed"), "the run goes by what is signed");
    let asked = flow.trace.exchanges.iter().filter(|exchange| exchange.stage == Stage::ResourceMetadata);
    let paths: Vec<&str> = asked.map(|exchange| exchange.request.url.path()).collect();
    assert_eq!(paths, ["/.well-known/oauth-protected-resource/api/me", "/api/keys"]);
    let (_, judged) = grantscope::flow::judge::judge(&flow.trace.exchanges);
    let live: Vec<_> = flow.trace.exchanges.iter().map(|exchange| exchange.checks.clone()).collect();
    assert_eq!(judged, live);

    let (_, flow, verdict, saw) = signed_by_itself(|_| Ok(keys(&OTHER)));
    assert_eq!(verdict, Verdict::Fail, "{saw}");
    assert_eq!(scopes(&flow).as_deref(), Some("openid"));

    let (next, _, verdict, saw) = signed_by_itself(|_| Ok(HttpResponse::new(404, "text/plain", "nothing")));
    assert_eq!((next, verdict), (Next::Finished, Verdict::Skipped), "{saw}");
    assert!(saw.contains("no keys came from the API's jwks_uri"), "{saw}");
}

/// RFC 9728 sections 2.2 and 3.3: the signed `resource` takes precedence, and what names another must not be used.
#[test]
fn what_is_signed_for_another_api_is_not_used() {
    let (next, flow, verdict, _) = signed_about(|_| Ok(own_metadata("https://evil.example/me")), |_| Ok(keys(&KEY)));
    let Next::Stopped(problem) = next else { panic!("it is used") };
    assert_eq!((problem.rule, verdict), (Some("prm.resource"), Verdict::Pass));
    assert!(problem.came.contains("https://evil.example/me in signed_metadata"), "{}", problem.came);
    let said = flow.session.resource_metadata.as_ref().and_then(|said| said.get("scopes_supported"));
    assert_eq!(said.map(|said| said.strings().join(" ")).as_deref(), Some("openid"));
    // Another spelling of a host is the same resource, and another path is not.
    let (_, flow, ..) = signed_about(|_| Ok(own_metadata("http://127.0.0.1:9400/api/me/")), |_| Ok(keys(&KEY)));
    assert_eq!(failed(&flow), ["prm.resource"]);
}
