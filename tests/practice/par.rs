//! Pushed authorization requests from outside (RFC 9126).

use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::base::json::Json;
use grantscope::base::params::Params;

use crate::world::{Add, Drop, Edit, Set, WEB_BASIC, World, edited, good_authorization, json, sent_back, url};

fn push(world: &mut World, edits: &[Edit]) -> HttpResponse {
    let form = edited(&good_authorization(), edits);
    let request = HttpRequest::post_form(url("/par"), &form).with_header("Authorization", WEB_BASIC);
    world.practice.handle(&request, world.now)
}

fn reference(world: &mut World) -> String {
    let answer = push(world, &[]);
    assert_eq!(answer.status, 201, "{}", answer.text());
    json(&answer).text("request_uri").unwrap().to_owned()
}

fn open(world: &mut World, request_uri: &str, more: &[(&str, &str)]) -> HttpResponse {
    let mut query: Params = [("client_id", "practice-web"), ("request_uri", request_uri)].into_iter().collect();
    more.iter().for_each(|(name, value)| query.set(name, *value));
    world.get(&format!("/authorize?{}", query.encode()))
}

fn error_of(answer: &HttpResponse) -> String {
    match answer.headers.get("location") {
        Some(_) => sent_back(answer).get("error").unwrap_or_default().to_owned(),
        None => format!("page {}", answer.status),
    }
}

#[test]
fn a_pushed_request_is_answered_with_a_reference_that_brings_it_back() {
    let mut world = World::new();
    let answer = json(&push(&mut world, &[]));
    assert_eq!(answer.get("expires_in").and_then(Json::as_i64), Some(90));
    let uri = answer.text("request_uri").unwrap().to_owned();
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:"), "{uri}");
    // What the browser says otherwise counts for nothing.
    let page = open(&mut world, &uri, &[("scope", "nothing"), ("redirect_uri", "https://evil.example/")]);
    let page = world.choose(&page, "alice");
    let back = sent_back(&world.decide(&page, "allow"));
    assert!(back.contains("code") && back.get("state") == Some("the-state"), "{}", back.encode());
}

#[test]
fn a_request_that_would_be_refused_at_the_browser_is_refused_here_as_json() {
    let mut world = World::new();
    for (edits, status, error) in [
        (vec![Drop("client_id")], 400, "invalid_request"),
        (vec![Set("client_id", "practice-native")], 400, "invalid_request"),
        (vec![Set("redirect_uri", "https://evil.example/")], 400, "invalid_request"),
        (vec![Set("response_type", "nothing")], 400, "unsupported_response_type"),
        (vec![Set("scope", "nothing")], 400, "invalid_scope"),
        (vec![Set("prompt", "none login")], 400, "invalid_request"),
        (vec![Add("request_uri", "urn:ietf:params:oauth:request_uri:a")], 400, "invalid_request"),
        (vec![Add("state", "another")], 400, "invalid_request"),
        (vec![Add("client_secret", "practice-secret")], 400, "invalid_request"),
    ] {
        let answer = push(&mut world, &edits);
        assert_eq!((answer.status, json(&answer).text("error")), (status, Some(error)), "{edits:?}");
    }
    let form = edited(&good_authorization(), &[]);
    let unauthenticated = world.post("/par", &form);
    assert_eq!((unauthenticated.status, json(&unauthenticated).text("error")), (401, Some("invalid_client")));
    assert_eq!(world.get("/par").status, 405);
}

#[test]
fn a_page_may_be_loaded_again_until_somebody_has_decided() {
    let mut world = World::new();
    let uri = reference(&mut world);
    open(&mut world, &uri, &[]);
    let page = open(&mut world, &uri, &[]);
    assert_eq!(page.status, 200, "a reload");
    let page = world.choose(&page, "alice");
    assert!(sent_back(&world.decide(&page, "allow")).contains("code"));
    assert_eq!(error_of(&open(&mut world, &uri, &[])), "invalid_request_uri");
    let uri = reference(&mut world);
    let page = open(&mut world, &uri, &[("prompt", "consent")]);
    assert!(sent_back(&page).contains("code"), "the consent is remembered, and prompt was not pushed");
}

#[test]
fn a_reference_ends_with_its_lifetime_and_is_of_its_client() {
    let mut world = World::new();
    let uri = reference(&mut world);
    assert_eq!(error_of(&open(&mut world, &uri, &[("client_id", "practice-native")])), "page 400");
    world.pass(89);
    assert_eq!(open(&mut world, &uri, &[]).status, 200);
    world.pass(1);
    assert_eq!(error_of(&open(&mut world, &uri, &[])), "invalid_request_uri");
    assert_eq!(error_of(&open(&mut world, &format!("{uri}x"), &[])), "page 400");
    world.pass(2 * 3600);
    assert_eq!(error_of(&open(&mut world, &uri, &[])), "page 400", "nothing is remembered for ever");
}

#[test]
fn where_requests_have_to_be_pushed_others_are_refused() {
    for of_server in [true, false] {
        let mut world = World::with(|config| {
            config.require_pushed_authorization_requests = of_server;
            config.clients.iter_mut().for_each(|client| client.require_pushed_authorization_requests = !of_server);
        });
        let published = json(&world.get("/.well-known/openid-configuration"));
        let demands = published.get("require_pushed_authorization_requests").and_then(Json::as_bool);
        assert_eq!(demands, Some(of_server));
        assert_eq!(error_of(&world.authorize(&[])), "invalid_request");
        let uri = reference(&mut world);
        assert_eq!(open(&mut world, &uri, &[]).status, 200);
    }
}
