//! Signing out: when the browser is sent on, and when the user is asked first.

use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::base::params::Params;
use grantscope::jose::jwt;
use grantscope::practice::Config;

use crate::world::{Set, World, outcome, policy, strict};

const AFTER: &str = "http://127.0.0.1:8912/after?x=1";

fn end_session(world: &mut World, params: &[(&str, &str)]) -> HttpResponse {
    let params: Params = params.iter().copied().collect();
    world.get(&format!("/end_session?{}", params.encode()))
}

fn confirm(world: &mut World, page: &HttpResponse) -> HttpResponse {
    let text = page.text().into_owned();
    let (_, rest) = text.split_once("name=\"logout\" value=\"").unwrap_or_else(|| panic!("no question in {text}"));
    let form: Params = [("logout", rest.split('"').next().unwrap())].into_iter().collect();
    world.post("/logout", &form)
}

fn is_signed_in(world: &mut World) -> bool {
    outcome(&world.authorize(&[Set("prompt", "none")])) == "code"
}

#[test]
fn a_hint_of_this_session_signs_out_and_sends_the_browser_on() {
    for (state, location) in
        [(None, "http://127.0.0.1:8912/after?x=1"), (Some("a b&c"), "http://127.0.0.1:8912/after?x=1&state=a+b%26c")]
    {
        let mut world = World::new();
        let tokens = world.tokens(&[]);
        world.pass(3600);
        let mut params = vec![("id_token_hint", tokens.text("id_token").unwrap()), ("post_logout_redirect_uri", AFTER)];
        params.extend(state.map(|state| ("state", state)));
        let answer = end_session(&mut world, &params);
        assert_eq!((answer.status, answer.headers.get("location")), (303, Some(location)));
        assert!(answer.headers.get("set-cookie").unwrap().contains("Max-Age=0"));
        assert!(!is_signed_in(&mut world));
    }
}

#[test]
fn without_an_address_a_page_says_that_it_is_done() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let answer = end_session(&mut world, &[("id_token_hint", tokens.text("id_token").unwrap()), ("state", "s")]);
    assert!(answer.text().contains("Signed out"));
    assert_eq!(answer.headers.get("location"), None);
    assert!(!is_signed_in(&mut world));
    assert_eq!(world.refresh(tokens.text("refresh_token").unwrap(), &[]).status, 200, "offline access goes on");
    assert!(end_session(&mut world, &[]).text().contains("Signed out"), "nobody was signed in");
}

#[test]
fn without_a_hint_of_this_session_the_user_is_asked() {
    let mut world = World::new();
    let first = world.tokens(&[]);
    let second = world.tokens(&[Set("prompt", "login consent")]);
    let sid = |tokens: &grantscope::base::json::Json| {
        jwt::decode(tokens.text("id_token").unwrap()).claim("sid").unwrap().to_string()
    };
    assert_ne!(sid(&first), sid(&second));
    let old = first.text("id_token").unwrap();
    for (params, who, location) in [
        (&[][..], "Somebody asks", None),
        (&[("client_id", "practice-web"), ("logout_hint", "alice")], "Somebody asks", None),
        (&[("id_token_hint", old), ("post_logout_redirect_uri", AFTER)], "Practice web app asks", Some(AFTER)),
        (&[("client_id", "practice-web"), ("post_logout_redirect_uri", AFTER)], "Somebody asks", Some(AFTER)),
    ] {
        let page = end_session(&mut world, params);
        assert!(page.text().contains(who) && page.text().contains("Alice Adams"), "{}", page.text());
        assert!(policy(&page).contains("form-action 'self'"));
        assert!(is_signed_in(&mut world), "nothing ends before the answer");
        let cookie = world.cookie.take();
        assert_eq!(confirm(&mut world, &page).status, 400, "another browser");
        world.cookie = cookie;
        let answer = confirm(&mut world, &page);
        assert_eq!(answer.headers.get("location"), location);
        assert!(!is_signed_in(&mut world));
        assert_eq!(confirm(&mut world, &page).status, 400, "it works once");
        world.approve(&[]);
    }
}

#[test]
fn a_doubtful_request_ends_nothing_and_redirects_nowhere() {
    let mut world = strict();
    let tokens = world.tokens(&[]);
    let hint = tokens.text("id_token").unwrap();
    let unsigned = {
        let part = |text: &str| grantscope::jose::base64url::encode(text.as_bytes());
        format!("{}.{}.", part(r#"{"alg":"none","typ":"JWT"}"#), hint.split('.').nth(1).unwrap())
    };
    for (params, says) in [
        (&[("id_token_hint", "junk")][..], "not an ID token of this server"),
        (&[("id_token_hint", &unsigned), ("post_logout_redirect_uri", AFTER)], "not an ID token"),
        (&[("id_token_hint", tokens.text("access_token").unwrap())], "not an ID token"),
        (&[("id_token_hint", hint), ("client_id", "practice-native")], "was issued to practice-web"),
        (&[("post_logout_redirect_uri", AFTER)], "needs an id_token_hint or a client_id"),
        (&[("client_id", "nobody")], "there is no client nobody"),
        (&[("client_id", "practice-web"), ("post_logout_redirect_uri", "https://evil.example/")], "not registered"),
        (&[("id_token_hint", hint), ("post_logout_redirect_uri", "https://evil.example/")], "not registered"),
        (&[("id_token_hint", hint), ("post_logout_redirect_uri", "http://127.0.0.1:1/#f")], "not registered"),
        (&[("id_token_hint", hint), ("id_token_hint", hint)], "more than once"),
    ] {
        let answer = end_session(&mut world, params);
        assert_eq!((answer.status, answer.headers.get("location")), (400, None), "{params:?}");
        assert!(answer.text().contains(says), "{params:?}: {}", answer.text());
        assert!(is_signed_in(&mut world));
    }
}

#[test]
fn a_form_of_another_site_signs_out_by_the_hint_as_a_link_does() {
    let mut world = World::new();
    let tokens = world.tokens(&[]);
    let hint = tokens.text("id_token").unwrap();
    let form: Params =
        [("id_token_hint", hint), ("post_logout_redirect_uri", AFTER), ("state", "s")].into_iter().collect();
    let cookie = world.cookie.take();
    let answer = world.post("/end_session", &form);
    assert_eq!((answer.status, answer.headers.get("location")), (303, Some("http://127.0.0.1:8912/after?x=1&state=s")));
    world.cookie = cookie;
    assert!(!is_signed_in(&mut world));
}

#[test]
fn a_form_of_another_site_signs_nobody_out_without_a_hint_of_the_session() {
    let mut world = World::new();
    let old = world.tokens(&[]);
    world.tokens(&[Set("prompt", "login consent")]);
    for own in [("client_id", "practice-web"), ("id_token_hint", old.text("id_token").unwrap())] {
        let form: Params = [own, ("post_logout_redirect_uri", AFTER)].into_iter().collect();
        let cookie = world.cookie.take();
        let page = world.post("/end_session", &form);
        assert_eq!((page.status, page.headers.get("location"), page.headers.get("set-cookie")), (200, None, None));
        let text = page.text();
        assert!(text.contains(own.1) && text.contains("name=\"again\""), "the page posts it once more, from here");
        assert!(!text.contains("form_post"), "{text}");
        assert!(policy(&page).contains("form-action 'self' http://127.0.0.1:8912;"), "{}", policy(&page));
        world.cookie = cookie;
        assert!(is_signed_in(&mut world));
        let mut again = form.clone();
        again.push("again", "1");
        assert!(world.post("/end_session", &again).text().contains("Sign out?"));
    }
    let form: Params =
        [("client_id", "practice-web"), ("post_logout_redirect_uri", "https://evil.example/")].into_iter().collect();
    world.cookie = None;
    assert_eq!(world.post("/end_session", &form).status, 400, "nothing of it is posted once more");
}

#[test]
fn addresses_after_signing_out_are_compared_exactly() {
    for (uri, status) in [
        ("https://app.example/bye", 303),
        ("https://app.example/bye?x=1", 400),
        ("https://app.example/bye/", 400),
        ("https://app.example/cb", 400),
        ("http://127.0.0.1:7777/bye", 303),
        ("http://127.0.0.1:7777/bye?x=1", 400),
        ("http://localhost:7777/bye", 400),
    ] {
        let mut world = World::with(|config| {
            config.clients[0].post_logout_redirect_uris =
                vec!["https://app.example/bye".to_owned(), "http://127.0.0.1/bye".to_owned()];
            config.clients[0].any_loopback_redirect = false;
        });
        let tokens = world.tokens(&[]);
        let hint = tokens.text("id_token").unwrap();
        let answer = end_session(&mut world, &[("id_token_hint", hint), ("post_logout_redirect_uri", uri)]);
        assert_eq!(answer.status, status, "{uri}");
    }
}

#[test]
fn the_page_loads_the_frames_of_the_session_and_leads_on() {
    let mut world = World::with(|config| {
        for (of, uri) in
            [("practice-web", "http://127.0.0.1:7/bye?a='1'"), ("practice-native", "http://127.0.0.1:8/bye")]
        {
            let client = config.clients.iter_mut().find(|client| client.client_id == of).expect("a demo client");
            client.frontchannel_logout_uri = Some(uri.to_owned());
            client.frontchannel_logout_session_required = true;
        }
    });
    let tokens = world.tokens(&[]);
    let hint = tokens.text("id_token").unwrap();
    let sid = jwt::decode(hint).claim("sid").and_then(|sid| sid.as_str().map(str::to_owned)).unwrap();
    let page = end_session(&mut world, &[("id_token_hint", hint), ("post_logout_redirect_uri", AFTER), ("state", "s")]);
    assert_eq!((page.status, page.headers.get("location")), (200, None));
    let text = page.text();
    assert!(text.contains(&format!("&amp;sid={sid}")), "{text}");
    assert!(text.contains("content=\"1; url=http://127.0.0.1:8912/after?x=1&amp;state=s\""), "{text}");
    assert_eq!(text.matches("<iframe").count(), 1, "the other client is not of this session");
    assert!(policy(&page).ends_with("; frame-src http://127.0.0.1:7"), "{}", policy(&page));
    assert!(!is_signed_in(&mut world));
    let again = end_session(&mut world, &[("post_logout_redirect_uri", AFTER), ("client_id", "practice-web")]);
    assert_eq!(again.status, 303, "nobody is told where nobody was signed in");
}

#[test]
fn an_address_for_frames_is_beside_a_redirect_uri() {
    for (uri, holds) in [
        ("https://app.example/bye", true),
        ("https://app.example/bye?x=1", true),
        ("https://app.example:8443/bye", false),
        ("http://app.example/bye", false),
        ("https://other.example/bye", false),
        ("https://app.example/bye#x", false),
        ("javascript:alert(1)", false),
    ] {
        let file = format!(
            "[[clients]]\nclient_id = \"a\"\nredirect_uris = [\"https://app.example/cb\"]\nfrontchannel_logout_uri = \"{uri}\"\n"
        );
        let mut config = Config::practice(url::Url::parse("http://127.0.0.1:9400").unwrap());
        assert_eq!(config.lay(&file).is_ok(), holds, "{uri}");
    }
}

#[test]
fn what_a_client_answers_to_a_logout_token_is_in_the_log() {
    for (came, status, says) in [
        (Ok(200), 200, "practice-web took the logout token"),
        (Ok(400), 400, "practice-web did not take the logout token: it answered with status 400"),
        (
            Err("connection refused".to_owned()),
            502,
            "practice-web could not be sent the logout token: connection refused",
        ),
    ] {
        let mut world = World::with(|config| {
            for client in config
                .clients
                .iter_mut()
                .filter(|it| ["practice-native", "practice-web"].contains(&it.client_id.as_str()))
            {
                client.backchannel_logout_uri = Some("http://127.0.0.1:7/bye".to_owned());
            }
        });
        let tokens = world.tokens(&[]);
        end_session(&mut world, &[("id_token_hint", tokens.text("id_token").unwrap())]);
        let told = world.practice.take_notifications().remove(0);
        assert!(world.practice.notified(&told, &came, world.now));
        let entry = world.practice.last_entry().unwrap();
        assert_eq!(
            (entry.path.as_str(), entry.status, entry.words().as_str()),
            ("http://127.0.0.1:7/bye", status, says)
        );
    }
    let mut world = World::new();
    let stray = HttpRequest::get(crate::world::url("/nowhere"));
    assert!(!world.practice.notified(&stray, &Ok(200), world.now));
}
