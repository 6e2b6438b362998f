//! The session of a browser: what it is asked again, and who may go on with a page.

use grantscope::base::http::HttpRequest;

use crate::world::{Set, World, edited, good_authorization, outcome, sent_back, url};

#[test]
fn a_signed_in_browser_is_asked_only_what_is_new() {
    for (later, edits, expected) in [
        (0, &[][..], "code"),
        (0, &[Set("prompt", "none")], "code"),
        (0, &[Set("prompt", "login")], "login page"),
        (0, &[Set("prompt", "select_account")], "login page"),
        (0, &[Set("prompt", "consent")], "consent page"),
        (0, &[Set("client_id", "practice-native")], "consent page"),
        (0, &[Set("client_id", "practice-native"), Set("prompt", "none")], "consent_required"),
        (59, &[Set("max_age", "60")], "code"),
        (61, &[Set("max_age", "60")], "login page"),
        (61, &[Set("max_age", "60"), Set("prompt", "none")], "login_required"),
        (0, &[Set("max_age", "0")], "login page"),
        (0, &[Set("login_hint", "alice@example.com"), Set("prompt", "none")], "code"),
        (0, &[Set("login_hint", "bob")], "login page"),
        (0, &[Set("login_hint", "bob"), Set("prompt", "none")], "login_required"),
        (0, &[Set("acr_values", "urn:practice:strong")], "login page"),
        (0, &[Set("acr_values", "urn:practice:strong"), Set("prompt", "none")], "code"),
        (0, &[Set("acr_values", "urn:practice:strong urn:practice:basic")], "code"),
        (9 * 3600, &[Set("prompt", "none")], "login_required"),
    ] {
        let mut world = World::new();
        world.approve(&[]);
        world.pass(later);
        let answer = world.authorize(edits);
        assert_eq!(outcome(&answer), expected, "{edits:?} after {later} s");
    }
}

#[test]
fn a_wider_scope_is_asked_for_and_then_remembered() {
    let mut world = World::new();
    world.approve(&[Set("scope", "openid")]);
    let page = world.authorize(&[Set("scope", "openid email")]);
    assert_eq!(outcome(&page), "consent page");
    world.decide(&page, "allow");
    assert_eq!(outcome(&world.authorize(&[Set("scope", "openid email")])), "code");
}

#[test]
fn what_was_allowed_before_stays_allowed() {
    let mut world = World::new();
    world.approve(&[Set("scope", "openid")]);
    let page = world.authorize(&[Set("scope", "profile")]);
    world.decide(&page, "allow");
    for (scope, expected) in [
        ("openid", "code"),
        ("profile", "code"),
        ("openid profile", "code"),
        ("openid profile email", "consent_required"),
    ] {
        let answer = world.authorize(&[Set("scope", scope), Set("prompt", "none")]);
        assert_eq!(outcome(&answer), expected, "{scope}");
    }
}

#[test]
fn a_frame_of_another_site_is_told_why_nobody_is_signed_in() {
    for (dest, site, has_cookie, says) in [
        (
            "iframe",
            "cross-site",
            false,
            "no cookie came: a frame of another site sends none. Open the app at the host 127.0.0.1",
        ),
        ("iframe", "same-site", false, "no sign-in here fits"),
        ("document", "cross-site", false, "no sign-in here fits"),
        ("iframe", "cross-site", true, "no sign-in here fits"),
    ] {
        let mut world = World::new();
        let params = edited(&good_authorization(), &[Set("prompt", "none")]).encode();
        let mut request = HttpRequest::get(url(&format!("/authorize?{params}")))
            .with_header("Sec-Fetch-Dest", dest)
            .with_header("Sec-Fetch-Site", site);
        if has_cookie {
            request = request.with_header("Cookie", "practice_session=of-nobody");
        }
        let refused = sent_back(&world.send(request));
        assert_eq!(refused.get("error"), Some("login_required"));
        let description = refused.get("error_description").unwrap_or_default();
        assert!(description.contains(says), "{dest} {site}: {description}");
    }
}

#[test]
fn an_id_token_hint_allows_its_user_only() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let hint = tokens.text("id_token").unwrap();
    let ask = |world: &mut World, hint: &str, prompt: &str| {
        let params = edited(&good_authorization(), &[]).encode();
        world.get(&format!("/authorize?{params}&prompt={prompt}&id_token_hint={hint}"))
    };
    assert_eq!(outcome(&ask(&mut world, tokens.text("access_token").unwrap(), "none")), "invalid_request");
    world.pass(3600);
    assert_eq!(outcome(&ask(&mut world, hint, "none")), "code");
    let page = ask(&mut world, hint, "login");
    assert!(page.text().contains("suggested"));
    assert_eq!(outcome(&world.choose(&page, "bob")), "login_required");
    assert_eq!(outcome(&ask(&mut world, hint, "none")), "login_required");
}

#[test]
fn the_cookie_is_closed_to_scripts_and_changes_at_sign_in() {
    let mut world = World::new();
    let page = world.authorize(&[]);
    let cookie = page.headers.get("set-cookie").unwrap().to_owned();
    assert!(cookie.starts_with("practice_session=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"));
    let before = world.cookie.clone();
    world.choose(&page, "alice");
    assert_ne!(world.cookie, before);

    let after = std::mem::replace(&mut world.cookie, before);
    assert_eq!(sent_back(&world.authorize(&[Set("prompt", "none")])).get("error"), Some("login_required"));
    world.cookie = after;
    assert_eq!(sent_back(&world.authorize(&[Set("prompt", "none")])).get("error"), Some("consent_required"));
}

#[test]
fn two_tabs_of_one_browser_do_not_disturb_each_other() {
    let mut world = World::new();
    let (one, two) = (world.authorize(&[]), world.authorize(&[]));
    let one = world.choose(&one, "alice");
    let two = world.choose(&two, "alice");
    assert!(sent_back(&world.decide(&two, "allow")).contains("code"));
    assert!(sent_back(&world.decide(&one, "allow")).contains("code"));
}

#[test]
fn a_page_works_only_in_its_own_browser_once_and_in_time() {
    let mut world = World::new();
    let login_page = world.authorize(&[]);
    let cookie = world.cookie.clone();

    for (stranger, says) in
        [(None, "another browser"), (Some("practice_session=guessed".to_owned()), "another browser")]
    {
        world.cookie = stranger;
        let answer = world.choose(&login_page, "alice");
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains(says));
    }
    world.cookie = cookie;
    let answer = world.decide(&login_page, "allow");
    assert!(answer.text().contains("Nobody has signed in"), "{}", answer.text());
    assert!(world.choose(&login_page, "mallory").text().contains("no such demo user"));

    let consent_page = world.choose(&login_page, "alice");
    assert!(world.decide(&consent_page, "maybe").text().contains("allow or deny"));
    assert_eq!(world.decide(&consent_page, "allow").status, 303);
    let answer = world.decide(&consent_page, "allow");
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("over or took too long"));

    let login_page = world.authorize(&[Set("prompt", "login")]);
    world.pass(15 * 60);
    assert!(world.choose(&login_page, "alice").text().contains("over or took too long"));
}

#[test]
fn waiting_requests_are_bounded() {
    let mut world = World::new();
    let first = world.authorize(&[]);
    let second = world.authorize(&[]);
    for _ in 0..999 {
        world.authorize(&[]);
    }
    assert_eq!(world.choose(&first, "alice").status, 400);
    assert_eq!(world.choose(&second, "alice").status, 200);
}
