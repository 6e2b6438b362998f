//! Scripts of other origins.

use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::practice::Cors;

use crate::world::{World, url};

const PAGE: &str = "http://localhost:5173";

fn ask(world: &mut World, method: &str, path: &str, origin: &str) -> HttpResponse {
    let mut request = HttpRequest::get(url(path)).with_header("Origin", origin);
    request.method = method.to_owned();
    if method == "OPTIONS" {
        request = request.with_header("Access-Control-Request-Method", "POST");
    }
    world.practice.handle(&request, world.now)
}

#[test]
fn scripts_of_origins_that_are_let_in_read_what_a_client_asks_and_no_page() {
    let one = Cors::Origins(vec![PAGE.to_owned()]);
    for (cors, method, path, origin, status, allowed) in [
        (Cors::Nobody, "GET", "/jwks", PAGE, 200, None),
        (Cors::Nobody, "OPTIONS", "/token", PAGE, 403, None),
        (one.clone(), "GET", "/jwks", PAGE, 200, Some(PAGE)),
        (one.clone(), "GET", "/.well-known/openid-configuration", PAGE, 200, Some(PAGE)),
        (one.clone(), "GET", "/userinfo", PAGE, 401, Some(PAGE)),
        (one.clone(), "OPTIONS", "/token", PAGE, 204, Some(PAGE)),
        (one.clone(), "OPTIONS", "/revoke", PAGE, 204, Some(PAGE)),
        (one.clone(), "OPTIONS", "/par", PAGE, 204, Some(PAGE)),
        (one.clone(), "OPTIONS", "/token", "http://localhost:5174", 403, None),
        (one.clone(), "GET", "/jwks", "http://evil.example", 200, None),
        (one.clone(), "GET", "/authorize", PAGE, 400, None),
        (one, "OPTIONS", "/login", PAGE, 405, None),
        (Cors::Anybody, "OPTIONS", "/userinfo", "http://evil.example", 204, Some("http://evil.example")),
    ] {
        let mut world = World::with(|config| config.cors = cors.clone());
        let answer = ask(&mut world, method, path, origin);
        let header = answer.headers.get("access-control-allow-origin");
        assert_eq!((answer.status, header), (status, allowed), "{cors:?} {method} {path} {origin}");
        assert_eq!(answer.headers.get("access-control-allow-credentials"), allowed.map(|_| "true"));
        if allowed.is_some() {
            assert_eq!(answer.headers.get("vary"), Some("Origin"));
            let exposed = answer.headers.get("access-control-expose-headers").expect("exposed");
            assert_eq!(exposed, "WWW-Authenticate, DPoP-Nonce");
        }
        if status == 204 {
            assert!(answer.headers.get("access-control-allow-headers").expect("fields").contains("DPoP"));
        }
    }
}

#[test]
fn the_log_says_what_a_script_may_not() {
    for (origin, fields, says) in [
        (PAGE, "authorization,content-type", "the browser may send what a page of http://localhost:5173 wants"),
        (PAGE, "authorization, TraceParent", "wants: TraceParent is not among Authorization, Content-Type, DPoP"),
        ("http://localhost:5174", "authorization", "http://localhost:5174 is not in cors"),
    ] {
        let mut world = World::with(|config| config.cors = Cors::Origins(vec![PAGE.to_owned()]));
        let mut request = HttpRequest::get(url("/token")).with_header("Origin", origin);
        request.method = "OPTIONS".to_owned();
        let request = request
            .with_header("Access-Control-Request-Method", "POST")
            .with_header("Access-Control-Request-Headers", fields);
        world.practice.handle(&request, world.now);
        let words = world.practice.last_entry().unwrap().words();
        assert!(words.contains(says), "{words}");
    }
}

/// A script that cannot read its answer is told nothing, and the log says why.
#[test]
fn the_log_says_that_a_script_cannot_read_what_it_asked_for() {
    for (cors, origin, path, is_told) in [
        (Cors::Nobody, PAGE, "/jwks", true),
        (Cors::Origins(vec!["http://localhost:1".to_owned()]), PAGE, "/token", true),
        (Cors::Anybody, PAGE, "/jwks", false),
        (Cors::Nobody, PAGE, "/login", false),
    ] {
        let mut world = World::with(|config| config.cors = cors);
        ask(&mut world, "GET", path, origin);
        let words = world.practice.last_entry().unwrap().words();
        assert_eq!(words.contains("is not in cors: its scripts may not read this"), is_told, "{path}: {words}");
    }
}
