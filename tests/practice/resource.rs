//! UserInfo and the API.

use grantscope::base::http::HttpRequest;
use grantscope::base::params::Params;

use crate::world::{Set, WEB_BASIC, World, assert_denied, json, url};

#[test]
fn a_protected_resource_tells_why_it_refuses() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let good = tokens.text("access_token").unwrap().to_owned();
    let bearer = |token: &str| Some(format!("Bearer {token}"));
    let id_token = bearer(tokens.text("id_token").unwrap());
    let forged = bearer(&format!("{}{}", &good[..good.len() - 4], "AAAA"));
    let forwarded = world.tokens_again(&[Set("resource", "https://a.example")], &[]);
    let low = world.tokens_again(&[Set("scope", "email")], &[]);
    let low = bearer(low.text("access_token").unwrap());
    let foreign = bearer(forwarded.text("access_token").unwrap());
    for (path, header, form, status, error, says) in [
        ("/userinfo", None, &[][..], 401, None, ""),
        ("/api/me", None, &[], 401, None, ""),
        ("/api/me", Some(WEB_BASIC.to_owned()), &[], 401, None, ""),
        ("/api/me?access_token=abc", None, &[], 401, None, ""),
        ("/api/me", bearer(""), &[], 400, Some("invalid_request"), "empty"),
        ("/api/me", bearer("a b"), &[], 400, Some("invalid_request"), "characters"),
        ("/api/me", bearer("junk"), &[], 401, Some("invalid_token"), "no JWT"),
        ("/api/me", forged, &[], 401, Some("invalid_token"), "signature"),
        ("/api/me", id_token, &[], 401, Some("invalid_token"), "is this the ID token?"),
        ("/api/me", low.clone(), &[], 403, Some("insufficient_scope"), "scope=\"profile\""),
        ("/userinfo", low, &[], 403, Some("insufficient_scope"), "scope=\"openid\""),
        ("/api/me", foreign, &[], 401, Some("invalid_token"), "the token is for https://a.example"),
        ("/userinfo", bearer(&good), &[("access_token", "x")], 400, Some("invalid_request"), "more than one"),
        (
            "/userinfo",
            None,
            &[("access_token", "x"), ("access_token", "x")],
            400,
            Some("invalid_request"),
            "more than one",
        ),
    ] {
        let params: Params = form.iter().copied().collect();
        let mut request =
            if form.is_empty() { HttpRequest::get(url(path)) } else { HttpRequest::post_form(url(path), &params) };
        if let Some(header) = header {
            request = request.with_header("Authorization", header);
        }
        assert_denied(&world.send(request), status, error, says);
    }
    world.pass(612);
    assert_denied(&world.call("/api/me", &good), 401, Some("invalid_token"), "expired 12 s ago");
}

#[test]
fn userinfo_takes_the_token_three_ways_and_tells_what_the_scope_releases() {
    let mut world = World::new();
    let tokens = world.tokens(&[Set("scope", "openid email")]);
    let token = tokens.text("access_token").unwrap();
    let form: Params = [("access_token", token)].into_iter().collect();
    let header = |request: HttpRequest| request.with_header("authorization", format!("bearer {token}"));
    let mut empty_post = HttpRequest::get(url("/userinfo"));
    empty_post.method = "POST".to_owned();
    for request in [
        header(HttpRequest::get(url("/userinfo"))),
        header(empty_post),
        HttpRequest::post_form(url("/userinfo"), &form),
    ] {
        let claims = json(&world.send(request));
        let names: Vec<&str> = claims.members().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["sub", "email", "email_verified"]);
    }
}
