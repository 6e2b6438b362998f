//! Logins beside each other: what is wrong with one is said of that one.

use super::har::{APP, Entry, OP, har, page, post, script, stages, taken, with};
use super::logins::{self, CALLBACK};
use grantscope::flow::ladder::{Fate, Message, rungs};
use grantscope::flow::stage::Stage;
use grantscope::flow::step::StepState;

/// A hidden frame that asks who is there: request and response.
fn silent(key: &str) -> [Entry; 2] {
    let request = logins::request(&[("prompt", "none"), ("state", key), ("nonce", key)]);
    let back = with(CALLBACK, &[("error", "login_required"), ("state", key)]);
    [page(&request).sends("sec-fetch-dest", "iframe").to(&back), page(&back).sends("sec-fetch-dest", "iframe").html("")]
}

fn at_logout() -> Entry {
    page(with(&format!("{OP}/logout"), &[("client_id", "web"), ("post_logout_redirect_uri", "https://app.example/")]))
}

/// Where nobody was signed in, a user who signs in then is all that was wanted; where somebody was, the provider did not
/// see its own cookie.
#[test]
fn a_frame_that_finds_nobody_is_told_unless_a_login_follows() {
    let required = Some("capture.login_required");
    let full = logins::of_server;
    let again = || {
        let key = "another-login";
        let request = logins::request(&[("state", key), ("nonce", key), ("code_challenge", "another-challenge")]);
        let back = logins::returned(&[("state", key), ("code", "code-of-another-login-0123")]);
        vec![page(format!("{APP}/login")).to(&request), page(&request).to(&back), page(&back).to("/")]
    };
    let [asked, told] = silent("of-the-frame");
    let frame = || vec![asked.clone(), told.clone()];
    let within = |at: usize| {
        let mut entries = full();
        entries.splice(at..at, frame());
        entries
    };
    let around = |at: usize, back: usize| {
        let mut entries = full();
        entries.insert(back, told.clone());
        entries.insert(at, asked.clone());
        entries
    };
    for (what, entries, expected) in [
        ("before the login", [frame(), full()].concat(), vec![None, None]),
        ("answered when a login has begun", around(2, 4), vec![required, None]),
        ("within the login", within(4), vec![None, required]),
        ("across its response", around(4, 6), vec![None, required]),
        ("after the login", [full(), frame()].concat(), vec![None, required]),
        (
            "after the login, and the user signs in anew",
            [full(), frame(), again()].concat(),
            vec![None, required, None],
        ),
        ("after signing out", [full(), vec![at_logout()], frame(), again()].concat(), vec![None, None, None]),
    ] {
        for by in ["Playwright", "WebInspector", "Firefox"] {
            let capture = taken(&har(by, &entries));
            let found = capture.logins.iter().map(|login| login.finding.as_ref().map(|found| found.rule.id));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{what}, {by}: {:?}", capture.logins);
        }
    }
}

/// How the steps of the first login's trip stand, and what became of its arrows: the user's, and the last.
fn trip(entries: &[Entry]) -> (Vec<StepState>, Option<Fate>, Option<Fate>) {
    let capture = taken(&har("Playwright", entries));
    let flow = capture.flow(&capture.logins[0]);
    let of_trip = flow.steps().into_iter().filter(|view| view.stage == Stage::Authorization);
    let rungs = rungs(&flow, false);
    let acts = rungs.iter().find(|rung| rung.message == Message::Between).map(|rung| rung.fate);
    (of_trip.map(|view| view.state).collect(), acts, rungs.last().map(|rung| rung.fate))
}

/// An error that comes back is no code, nobody is asked where nobody may be, and who does not come back has no code either.
#[test]
fn a_login_that_was_refused_stands_as_refused() {
    use StepState::{Done, Failed, Locked, Refused};
    assert_eq!(trip(&silent("of-the-frame")), (vec![Done, Done, Refused], None, Some(Fate::Failed)));
    let page = page(logins::request(&[])).status(400).html("<h1>Error</h1>The redirect_uri does not match.");
    assert_eq!(trip(&[page]), (vec![Done, Failed, Locked], Some(Fate::Future), Some(Fate::Future)));
    let good = trip(&logins::of_server());
    assert_eq!(good, (vec![Done, Done, Done], Some(Fate::Done), Some(Fate::Done)));
}

/// A login in another tab is not the answer of the app to a frame that found nobody; one in a window that it opens is.
#[test]
fn a_login_in_another_tab_is_another_matter() {
    let in_tab = |entries: Vec<Entry>, tab: &str| entries.into_iter().map(|it| it.tab(tab)).collect::<Vec<_>>();
    let app = vec![page(format!("{APP}/")).html("<h1>Orders</h1>")];
    let first = in_tab([app, silent("of-the-frame").to_vec()].concat(), "page@1");
    let opened = logins::of_server().split_off(1);
    let required = Some("capture.login_required");
    for (what, rest, expected) in [
        ("in the same tab", in_tab(logins::of_server(), "page@1"), None),
        ("in another tab", in_tab(logins::of_server(), "page@2"), required),
        ("in a window that the app opened", in_tab(opened, "page@2"), None),
    ] {
        let capture = taken(&har("Playwright", &[first.clone(), rest].concat()));
        let found: Vec<_> = capture.logins.iter().map(|it| it.finding.as_ref().map(|found| found.rule.id)).collect();
        assert_eq!(found, [expected, None], "{what}: {:?}", capture.logins);
    }
}

/// Two users of one provider sign out at once, each in a tab of its own: the same addresses, told apart by the tab.
#[test]
fn two_tabs_that_sign_out_are_told_apart() {
    let of = |key: &str| {
        let request = logins::request(&[("state", key), ("nonce", key), ("client_id", key)]);
        let back = logins::returned(&[("state", key), ("code", &format!("code-of-the-tab-{key}"))]);
        let home = "https://app.example/bye";
        let out = with(&format!("{OP}/logout"), &[("client_id", key), ("post_logout_redirect_uri", home)]);
        let confirm = post(format!("{OP}/logout/confirm"), &[("logout", "yes")]).sends("referer", &out);
        let all =
            [page(&request).to(&back), page(&back).to("/"), page(&out).html("Sign out?"), confirm.to(home), page(home)];
        all.map(|entry| entry.tab(key))
    };
    let (one, two) = (of("one"), of("two"));
    let order = one.iter().zip(&two).flat_map(|(one, two)| [one.clone(), two.clone()]).collect::<Vec<_>>();
    let capture = taken(&har("Playwright", &order));
    for login in 0..2 {
        let all = [
            "authorization_request",
            "authorization_response",
            "end_session_request",
            "end_session_pages",
            "logout_return",
        ];
        let expected: Vec<String> =
            all.iter().enumerate().map(|(at, name)| format!("{name} [{}]", at * 2 + login)).collect();
        assert_eq!(stages(&capture, login), expected);
    }
}

/// The login of another app at the host of the first: begin, request, sign-in, response with a large cookie, home.
fn of_wiki() -> Vec<Entry> {
    let back = [("state", "of-the-wiki"), ("code", "code-of-the-wiki-0123456789")];
    let uri = format!("{APP}/wiki/callback");
    let asked = [("client_id", "wiki"), ("redirect_uri", uri.as_str()), ("state", "of-the-wiki"), ("nonce", "wiki")];
    let request = logins::request(&asked);
    let back = with(&uri, &back);
    vec![
        page(format!("{APP}/wiki/login")).sets("wiki=sentinel; Path=/wiki").to(&request),
        page(&request).to("/sign-in/wiki"),
        post(format!("{OP}/sign-in/wiki"), &[("user", "alice"), ("password", "sentinel-password")]).to(&back),
        page(&back).cookie("wiki=sentinel").sets(&large("wiki")).to("/wiki/"),
        page(format!("{APP}/wiki/")).cookie("wiki=sentinel").html("<h1>Sign in</h1>"),
    ]
}

fn large(name: &str) -> String {
    format!("{name}={}; Path=/{name}", "x".repeat(4200))
}

/// Cookies of all apps at a host are in the same recording.
#[test]
fn a_cookie_that_is_too_large_is_told_at_the_login_whose_it_is() {
    let found = Some("capture.cookie_too_large");
    let (own, wiki) = (logins::of_server, of_wiki());
    let reads = page(format!("{APP}/wiki/page")).sets(&large("wiki")).html("<h1>Wiki</h1>");
    let script = script(format!("{APP}/session")).sends("referer", format!("{APP}/")).sets(&large("session"));
    let mixed = |order: &[usize]| {
        // From 10 on those of the wiki.
        let entries: Vec<Entry> = own().into_iter().skip(1).collect();
        order.iter().map(|at| if *at < 10 { entries[*at].clone() } else { wiki[*at - 10].clone() }).collect::<Vec<_>>()
    };
    for (what, entries, expected) in [
        ("one after the other", [own(), wiki.clone()].concat(), vec![None, found]),
        ("the other first", [wiki.clone(), own()].concat(), vec![found, None]),
        ("the other comes back last", mixed(&[0, 1, 10, 11, 2, 3, 4, 12, 13, 5, 14]), vec![None, found]),
        ("the other comes back first", mixed(&[10, 11, 0, 1, 12, 13, 14, 2, 3, 4, 5]), vec![found, None]),
        ("the other is within", mixed(&[0, 1, 2, 10, 11, 12, 13, 3, 4, 14, 5]), vec![None, found]),
        ("a page of another app", [own(), vec![reads]].concat(), vec![None]),
        ("what a script of the app asks for", [own(), vec![script]].concat(), vec![found]),
    ] {
        let capture = taken(&har("Playwright", &entries));
        let rules = capture.logins.iter().map(|login| login.finding.as_ref().map(|found| found.rule.id));
        assert_eq!(rules.collect::<Vec<_>>(), expected, "{what}: {:?}", capture.logins);
    }
}
