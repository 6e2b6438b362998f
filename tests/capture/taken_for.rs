//! What is taken for what it is: good logins that look like loops, times by a wrong clock, and messages in unusual forms.

use grantscope::capture::login::{Login, Outcome};
use grantscope::terms::grant::Grant;
use serde_json::{Value, json};

use super::har::{APP, Entry, NOON, OP, call_posts, har, page, post, script_posts, stages, taken, with};
use super::logins::{
    CALLBACK, CODE, REDEEM, STATE, VERIFIER, of_both, of_script, of_server, request, returned, tokens,
};
use super::shown::polled;

fn rules(logins: &[Login]) -> Vec<Option<&'static str>> {
    logins.iter().map(|login| login.finding.as_ref().map(|found| found.rule.id)).collect()
}

/// A quick login of a script without a page of the provider; `token` tells what its token request is answered.
fn quick(number: usize, token: Option<i64>) -> Vec<Entry> {
    let key = format!("login-of-number-{number}");
    let code = format!("code-of-the-login-{number}-0123");
    let keys = [("state", key.as_str()), ("nonce", key.as_str())];
    let (asked, back) = (request(&keys), returned(&[("state", &key), ("code", &code)]));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("client_id", "web"),
        ("code_verifier", VERIFIER),
    ];
    let redeemed = token.map(|status| {
        let answer = if status < 400 { tokens(&json!({ "nonce": key })) } else { json!({ "error": "invalid_grant" }) };
        script_posts(format!("{OP}/token"), &form).status(status).json(&answer)
    });
    let pages =
        [page(format!("{APP}/")).html("<h1>Orders</h1>"), page(&asked).sends("referer", format!("{APP}/")).to(&back)];
    pages.into_iter().chain([page(&back).html("<h1>Orders</h1>")]).chain(redeemed).collect()
}

fn logins_of(one: impl Fn(usize) -> Vec<Entry>) -> Vec<Entry> {
    (0..4).flat_map(one).collect()
}

/// A server with apps at paths of their own.
fn portal(number: usize) -> Vec<Entry> {
    let mut entries = quick(number, None);
    let asked = entries[1].url();
    let back = entries[2].url();
    entries[0] = page(format!("{APP}/app{number}/login")).to(&asked);
    entries[2] = page(&back).sets(&format!("app{number}=sentinel; Path=/")).to(format!("/app{number}/"));
    entries.push(page(format!("{APP}/app{number}/")).cookie(&format!("app{number}=sentinel")).html("<h1>Orders</h1>"));
    entries
}

/// As who stands between sees it: nothing of the app but its token request.
fn between(number: usize, token: Option<i64>) -> Vec<Entry> {
    let mut entries = quick(number, token);
    let back = entries[2].url();
    entries[1] = page(entries[1].url()).to(&back);
    entries[2] = page(back).status(303);
    entries.split_off(1)
}

#[test]
fn quick_logins_are_no_loop_unless_they_come_to_nothing() {
    let refused = Some("capture.token_refused");
    for (what, entries, expected) in [
        ("with tokens", logins_of(|number| quick(number, Some(200))), [None; 4]),
        ("with apps beside each other", logins_of(portal), [None; 4]),
        ("in browsers of their own", logins_of(|number| between(number, Some(200))), [None; 4]),
        ("in browsers of their own, as far as is seen", logins_of(|number| between(number, None)), [None; 4]),
        ("refused", logins_of(|number| between(number, Some(400))), [refused; 4]),
        ("without tokens", logins_of(|number| quick(number, None)), [Some("capture.redirect_loop"), None, None, None]),
    ] {
        let capture = taken(&har("Playwright", &entries));
        assert_eq!(capture.logins.len(), 4, "{what}");
        assert_eq!(rules(&capture.logins), expected, "{what}");
    }
}

/// Apps put JSON, line breaks and worse into them.
#[test]
fn a_state_and_a_nonce_are_compared_as_they_came() {
    for value in ["{\n \"to\": \"/\"}", "a\tb", "a\u{0}b", "a\u{200b}b", "a\\nb", "\u{202e}x", "a b+c"] {
        let value = format!("{value}-0123456789-0123456789-0123456789");
        let keys = [("state", value.as_str()), ("nonce", value.as_str())];
        let back = returned(&[("state", &value)]);
        let mut entries = of_both();
        entries[2] = page(format!("{APP}/login")).sets("sid=sentinel-session; Path=/").to(request(&keys));
        entries[3] = page(request(&keys)).to("/sign-in");
        entries[5] = post(format!("{OP}/sign-in"), &[("user", "alice")]).to(&back);
        entries[6] = page(&back).cookie("sid=sentinel-session").to("/");
        entries[7] = call_posts(format!("{OP}/token"), &REDEEM).json(&tokens(&json!({ "nonce": value })));
        let capture = taken(&har("mitmproxy", &entries));
        assert_eq!(rules(&capture.logins), [None], "{value:?}: {:?}", capture.logins[0].finding);
        entries[7] = call_posts(format!("{OP}/token"), &REDEEM).json(&tokens(&json!({ "nonce": format!("{value}.") })));
        assert_eq!(rules(&taken(&har("mitmproxy", &entries)).logins), [Some("id_token.nonce")], "{value:?}");
    }
}

fn date(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(NOON + seconds).expect("a time");
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Whose clock is off by so much, with or without a Date that tells it.
fn off_by(seconds: i64, is_dated: bool, mut entries: Vec<Entry>, at: usize) -> Vec<Entry> {
    let made = json!({ "iat": NOON - seconds, "exp": NOON - seconds + 600 });
    let answer = entries[at].clone().json(&tokens(&made));
    entries[at] = if is_dated { answer.gets("date", date(-seconds)) } else { answer };
    entries.truncate(at + 1);
    entries
}

#[test]
fn times_are_judged_by_the_clock_of_the_provider() {
    for seconds in [7200, -600] {
        for is_dated in [true, false] {
            let capture = taken(&har("mitmproxy", &off_by(seconds, is_dated, of_both(), 7)));
            assert_eq!(rules(&capture.logins), [None], "{seconds}, {is_dated}: {:?}", capture.logins[0].finding);
            assert!(capture.notes[0].starts_with("The clock of the machine that recorded is"), "{:?}", capture.notes);
        }
        // An app in the browser has the clock of the browser.
        let capture = taken(&har("WebInspector", &off_by(seconds, true, of_script(), 5)));
        assert_eq!(rules(&capture.logins), [Some("capture.clock_skew")], "{seconds}");
    }
    // A token that is over when the provider makes it is over by any clock.
    let mut over = of_both();
    over[7] = over[7].clone().gets("date", date(0)).json(&tokens(&json!({ "iat": NOON - 7200, "exp": NOON - 3600 })));
    assert_eq!(rules(&taken(&har("mitmproxy", &over)).logins), [Some("id_token.exp")]);
    let mut file: Value = serde_json::from_str(&har("mitmproxy", &of_both())).expect("JSON");
    file["log"]["entries"][7]["startedDateTime"] = json!("yesterday");
    assert_eq!(rules(&taken(&file.to_string()).logins), [None]);
}

/// GitHub answers with a form, and asks for no grant type.
#[test]
fn a_token_answer_may_be_a_form() {
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    let asked = [("client_id", "web"), ("redirect_uri", CALLBACK), ("scope", "user"), ("state", STATE)];
    let asked = with(&format!("{OP}/login/oauth/authorize"), &asked);
    let back = with(CALLBACK, &[("code", CODE), ("state", STATE)]);
    let form = [("client_id", "web"), ("client_secret", "sentinel-secret"), ("code", CODE)];
    for with_type in [true, false] {
        for kept in ["access_token=sentinel-access-token-0123456789&scope=user&token_type=bearer", ""] {
            let mut form = form.to_vec();
            form.extend(with_type.then_some(("grant_type", "authorization_code")));
            let redeemed = call_posts(format!("{OP}/login/oauth/access_token"), &form).answers(kind, kept);
            let entries = [page(&asked).to(&back), redeemed, page(&back).to("/")];
            let capture = taken(&har("mitmproxy", &entries));
            assert_eq!(rules(&capture.logins), [None], "{with_type}: {:?}", capture.logins[0].finding);
            assert_eq!(capture.logins[0].outcome, Outcome::SignedIn);
            assert!(stages(&capture, 0).contains(&"token [1]".to_owned()), "{:?}", capture.logins);
        }
    }
}

/// Who waits for the user is not refused, whoever polls.
#[test]
fn who_polls_waits() {
    let capture = taken(&har("mitmproxy", &polled(&[(5.0, "authorization_pending"), (11.0, "slow_down")])));
    assert_eq!((rules(&capture.logins), capture.logins[0].outcome), (vec![None], Outcome::LeftOpen));
    // One that slows down as it is told to does nothing wrong.
    let slower = [(5.0, "slow_down"), (16.0, "slow_down"), (32.0, "authorization_pending")];
    assert_eq!(rules(&taken(&har("mitmproxy", &polled(&slower))).logins), [None]);
    let refused = call_posts(format!("{OP}/device_authorization"), &[("client_id", "tv"), ("scope", "openid")]);
    let refused = refused.status(401).json(&json!({ "error": "invalid_client" }));
    let pages = [refused.clone(), refused.sends("sec-fetch-dest", "document")];
    for entry in pages {
        assert_eq!(rules(&taken(&har("mitmproxy", &[entry])).logins), [Some("capture.invalid_client")]);
    }
}

/// A page hands the response to the app by a script.
#[test]
fn a_response_may_stand_in_a_page() {
    let asked = request(&[("response_mode", "web_message"), ("prompt", "none")]);
    let page = |response: &Value| {
        let page = page(&asked).sends("sec-fetch-dest", "iframe");
        page.html(&format!("<script>var answer={{type:\"authorization_response\",response:{response}}};</script>"))
    };
    let good = [
        page(&json!({ "code": CODE, "state": STATE })),
        script_posts(format!("{OP}/token"), &REDEEM).json(&tokens(&json!({}))),
    ];
    let capture = taken(&har("Playwright", &good));
    assert_eq!((rules(&capture.logins), capture.logins[0].outcome), (vec![None], Outcome::SignedIn));
    assert!(stages(&capture, 0).contains(&"authorization_response [0]".to_owned()), "{:?}", capture.logins);
    let refused = taken(&har("Playwright", &[page(&json!({ "error": "login_required", "state": STATE }))]));
    assert_eq!(rules(&refused.logins), [Some("capture.login_required")]);
    assert_eq!(refused.logins[0].outcome, Outcome::Refused);
    let foreign = taken(&har("Playwright", &[page(&json!({ "error": "login_required", "state": "of-another" }))]));
    assert_eq!(foreign.logins[0].outcome, Outcome::LeftOpen);
}

/// Two logins at one page: whose response an answer carries, its state tells.
#[test]
fn an_answer_belongs_to_the_login_whose_state_it_carries() {
    let asked = |key: &str| page(request(&[("state", key), ("nonce", key)])).html("<input type=\"password\">");
    let back = returned(&[("state", "first")]);
    let entries = [
        asked("first"),
        asked("second"),
        post(format!("{OP}/sign-in"), &[("user", "alice")]).to(&back),
        page(&back).to("/"),
    ];
    let capture = taken(&har("WebInspector", &entries));
    assert_eq!(stages(&capture, 0)[1..], ["login_pages [2]", "authorization_response [3]"]);
    assert_eq!(stages(&capture, 1).len(), 1);
}

/// The recording began when the browser had been sent.
#[test]
fn a_response_whose_code_is_redeemed_belongs_to_its_login() {
    let back = returned(&[("iss", "")]);
    let entries = [page(&back).to("/"), call_posts(format!("{OP}/token"), &REDEEM).json(&tokens(&json!({})))];
    let capture = taken(&har("mitmproxy", &entries));
    assert_eq!(stages(&capture, 0), ["authorization_response [0]", "token [1]"]);
    let nonce = capture.logins[0].checks.iter().find(|judged| judged.check.rule.id == "id_token.nonce");
    assert_eq!(nonce.map(|it| it.check.verdict), Some(grantscope::base::check::Verdict::Skipped));
}

#[test]
fn a_grant_of_somebodys_own_has_no_name() {
    let form = [("grant_type", "urn:my:custom"), ("client_id", "web")];
    let entry = call_posts(format!("{OP}/token"), &form).json(&json!({ "access_token": "a", "token_type": "Bearer" }));
    let capture = taken(&har("mitmproxy", &[entry]));
    assert_eq!((capture.logins[0].grant, capture.logins[0].said()), (None, "brought a token"));
    let of_server = taken(&har("mitmproxy", &of_server()));
    assert_eq!(of_server.logins[0].grant, Some(Grant::AuthorizationCode));
}
