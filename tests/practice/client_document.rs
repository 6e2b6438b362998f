//! Clients that are known by the document at their client_id, from outside: what is to be fetched, and what is made of it.

use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::params::Params;
use grantscope::jose::jwt::decode;
use serde_json::{Value, json};

use crate::world::{Set, World, edited, good_authorization, sent_back, url};

const CLIENT: &str = "http://127.0.0.1:8000/client.json";
const CALLBACK: &str = "http://127.0.0.1:8912/callback";

fn document() -> Value {
    json!({ "client_id": CLIENT, "client_name": "App", "redirect_uris": ["http://127.0.0.1/callback"] })
}

fn asking(client_id: &str) -> HttpRequest {
    let edits = [Set("client_id", "x"), Set("redirect_uri", CALLBACK), Set("scope", "openid")];
    let mut params: Params = edited(&good_authorization(), &edits);
    params.set("client_id", client_id);
    HttpRequest::get(url(&format!("/authorize?{}", params.encode())))
}

/// The page or the way back of a request whose document is this answer.
fn answered(world: &mut World, client_id: &str, came: &HttpResponse) -> HttpResponse {
    let request = asking(client_id);
    if let Some(wanted) = world.practice.wanted_document(&request, world.now) {
        assert_eq!((wanted.name.as_str(), wanted.request.url.as_str()), (client_id, client_id));
        world.practice.take_document(&wanted, Ok(came.clone()), world.now);
    }
    world.send(request)
}

fn good() -> HttpResponse {
    HttpResponse::new(200, JSON, document().to_string())
}

/// The answer of the token endpoint to the client of this document, once its user has signed in.
fn signed_in(world: &mut World, document: &HttpResponse) -> HttpResponse {
    let page = answered(world, CLIENT, document);
    let page = world.choose(&page, "alice");
    assert!(page.text().contains("App"), "the name of the document is on the page");
    let back = sent_back(&world.decide(&page, "allow"));
    let code = back.get("code").expect("a code").to_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("client_id", CLIENT),
        ("code_verifier", crate::world::VERIFIER),
    ];
    world.ask("/token", &form, &[])
}

#[test]
fn a_client_signs_its_user_in_by_its_document_alone() {
    let mut world = World::new();
    let answer = signed_in(&mut world, &good());
    assert_eq!(answer.status, 200, "{}", answer.text());
    let published = crate::world::json(&world.get("/.well-known/oauth-authorization-server"));
    assert!(published.get("client_id_metadata_document_supported").is_some());
}

#[test]
fn its_tokens_are_signed_as_its_document_wants() {
    let mut world = World::new();
    let mut document = document();
    document["id_token_signed_response_alg"] = json!("RS256");
    let answer = signed_in(&mut world, &HttpResponse::new(200, JSON, document.to_string()));
    let tokens = crate::world::json(&answer);
    let token = decode(tokens.text("id_token").expect("an ID token"));
    assert_eq!(token.alg(), Some("RS256"));
    assert!(world.keys().iter().any(|key| key.kty == "RSA"), "its key is published");
}

#[test]
fn a_document_is_fetched_once_a_minute_and_a_bad_one_is_not_remembered() {
    let mut world = World::new();
    let bad = HttpResponse::new(404, JSON, "");
    assert_eq!(answered(&mut world, CLIENT, &bad).status, 400);
    assert!(world.practice.wanted_document(&asking(CLIENT), world.now).is_some(), "asked anew");
    assert_eq!(answered(&mut world, CLIENT, &good()).status, 200);
    assert!(world.practice.wanted_document(&asking(CLIENT), world.now).is_none());
    world.pass(60);
    assert!(world.practice.wanted_document(&asking(CLIENT), world.now).is_some());
    assert_eq!(answered(&mut world, CLIENT, &bad).status, 400, "what was there before does not count");
}

#[test]
fn each_document_that_is_none_is_refused_with_why() {
    let with = |name: &str, value: Value| {
        let mut document = document();
        document[name] = value;
        HttpResponse::new(200, JSON, document.to_string())
    };
    for (came, why) in [
        (HttpResponse::new(301, JSON, "").with_header("Location", CLIENT), "a redirect"),
        (HttpResponse::new(500, JSON, ""), "status 500"),
        (HttpResponse::new(200, JSON, "<html>"), "no JSON"),
        (HttpResponse::new(200, JSON, "[]"), "no JSON object"),
        (HttpResponse::new(200, JSON, r#"{"client_id":"a","client_id":"b"}"#), "there twice"),
        (with("client_id", json!("http://127.0.0.1:8000/other.json")), "other.json"),
        (with("client_secret", json!("s")), "everybody can read"),
        (with("token_endpoint_auth_method", json!("client_secret_post")), "needs a secret"),
        (with("jwks_uri", json!("https://10.0.0.1/jwks")), "jwks_uri is not on this machine"),
        (with("jwks", json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] })), "private or symmetric"),
        (with("redirect_uris", json!([])), "cannot be used, redirect_uris is missing"),
        (with("client_name", json!("x".repeat(6000))), "longer than"),
    ] {
        let page = answered(&mut World::new(), CLIENT, &came);
        assert_eq!(page.status, 400, "{why}");
        assert!(page.text().contains("its document cannot be used"), "{why}: {}", page.text());
        assert!(page.text().contains(why), "{why}: {}", page.text());
    }
}

#[test]
fn only_this_machine_and_listed_hosts_are_asked() {
    for (client_id, is_asked) in [
        (CLIENT, true),
        ("https://app.test/client.json", true),
        ("https://app.example.com/client.json", false),
        ("http://app.test/client.json", false),
        ("https://10.0.0.1/client.json", false),
        ("https://me@app.test/client.json", false),
        ("https://app.test/client.json#a", false),
        ("https://app.test/a/../client.json", false),
        ("https://app.test:443/client.json", false),
        ("https://APP.test/client.json", false),
        ("https://app.test/", false),
        ("https://", false),
        ("app", false),
    ] {
        let mut world = World::with(|config| config.site.outgoing_hosts = vec!["app.test".to_owned()]);
        let wanted = world.practice.wanted_document(&asking(client_id), world.now);
        assert_eq!(wanted.is_some(), is_asked, "{client_id}");
        assert_eq!(world.send(asking(client_id)).status, 400, "{client_id}");
    }
    let mut world = World::new();
    let known = asking("practice-web");
    assert!(world.practice.wanted_document(&known, world.now).is_none());
}

#[test]
fn the_oldest_of_many_gives_way() {
    let mut world = World::new();
    for number in 0..=100 {
        let client_id = format!("http://127.0.0.1:8000/{number}.json");
        let mut document = document();
        document["client_id"] = json!(client_id);
        answered(&mut world, &client_id, &HttpResponse::new(200, JSON, document.to_string()));
    }
    let first = asking("http://127.0.0.1:8000/0.json");
    assert!(world.practice.wanted_document(&first, world.now).is_some());
}
