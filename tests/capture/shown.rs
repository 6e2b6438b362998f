//! What the messages of a login show of the cause, beyond that something was refused.

use grantscope::capture::login::Outcome;
use serde_json::{Value, json};

use super::har::{API, APP, Entry, OP, call_posts, har, page, script, script_posts, taken, with};
use super::logins::{CALLBACK, CODE, REDEEM, STATE, of_script, of_server, request, returned, tokens};

const ACCESS: &str = "sentinel-access-token-0123456789";

/// The login of a script until its token request, which is this one.
fn redeems(entry: Entry) -> Vec<Entry> {
    let mut entries = of_script();
    entries.truncate(5);
    entries.push(entry);
    entries
}

/// The login of a script with tokens, and these calls.
fn calls(calls: Vec<Entry>) -> Vec<Entry> {
    let mut entries = of_script();
    entries.truncate(6);
    entries.extend(calls);
    entries
}

fn token_request() -> Entry {
    script_posts(format!("{OP}/token"), &REDEEM)
}

fn refused(status: i64) -> Entry {
    token_request().status(status).answers("text/html", "<h1>No</h1>")
}

fn api(path: &str, token: &str) -> Entry {
    script(format!("{API}{path}")).sends("authorization", format!("Bearer {token}"))
}

fn refresh(token: &'static str, answer: &Value) -> Entry {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", "web")];
    let entry = script_posts(format!("{OP}/token"), &form).json(answer);
    if answer.get("error").is_some() { entry.status(400) } else { entry }
}

/// A login on another device whose polls are answered so, at these seconds.
pub fn polled(polls: &[(f64, &str)]) -> Vec<Entry> {
    let begun = json!({
        "device_code": "sentinel-device-code-0123456789", "user_code": "WDJB-MJHT",
        "verification_uri": format!("{OP}/device"), "expires_in": 600, "interval": 5,
    });
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", "sentinel-device-code-0123456789"),
        ("client_id", "tv"),
    ];
    let poll = |(seconds, error): &(f64, &str)| {
        call_posts(format!("{OP}/token"), &form).at(*seconds).status(400).json(&json!({ "error": error }))
    };
    let asked = [("client_id", "tv"), ("scope", "openid")];
    let first = call_posts(format!("{OP}/device_authorization"), &asked).at(0.0).json(&begun);
    [first].into_iter().chain(polls.iter().map(poll)).collect()
}

fn pushed() -> Vec<Entry> {
    let form = [("client_id", "web"), ("response_type", "code"), ("redirect_uri", CALLBACK), ("state", STATE)];
    let answer = json!({ "request_uri": "urn:example:pushed-1", "expires_in": 60 });
    let asked = with(&format!("{OP}/oauth2/auth"), &[("client_id", "web"), ("request_uri", "urn:example:pushed-1")]);
    vec![
        call_posts(format!("{OP}/par"), &form).at(0.0).status(201).json(&answer),
        page(asked).at(90.0).status(400).html("<h1>Error</h1>request_uri is not valid"),
    ]
}

fn in_frame() -> Vec<Entry> {
    let request = request(&[("prompt", "none")]);
    let shown = page(format!("{OP}/sign-in")).sends("sec-fetch-dest", "iframe").gets("x-frame-options", "DENY");
    let asked = page(&request).sends("sec-fetch-dest", "iframe").to("/sign-in");
    vec![asked, shown.html("<input type=\"password\">")]
}

fn back_with_error(error: &str, prompt: &str) -> Vec<Entry> {
    let back = with(CALLBACK, &[("error", error), ("state", STATE)]);
    vec![page(request(&[("prompt", prompt)])).to(&back), page(&back).html("")]
}

/// The app answers the response and leads on to this page of its own.
fn led_to(query: &str, html: &str) -> Vec<Entry> {
    let mut entries = of_server();
    entries[5] = page(returned(&[])).cookie("sid=sentinel-session").to(format!("/login{query}"));
    entries[6] = page(format!("{APP}/login{query}")).cookie("sid=sentinel-session").html(html);
    entries
}

#[test]
fn the_cause_that_the_messages_show_is_told() {
    let answer = tokens(&json!({}));
    let mistaken = api("/orders", answer["id_token"].as_str().expect("a token")).status(401);
    let mistaken = redeems(token_request().json(&answer)).into_iter().chain([mistaken]).collect();
    let challenge = |scope: &str| format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
    let forms = "application/x-www-form-urlencoded; charset=utf-8";
    let known =
        refresh("sentinel-refresh-token-0123456789", &json!({ "access_token": "b", "refresh_token": "sentinel-new" }));
    let again = refresh("sentinel-refresh-token-0123456789", &json!({ "error": "invalid_grant" }));
    let late = token_request().at(720.0).status(400).json(&json!({ "error": "invalid_grant" }));
    let moved = script_posts("http://op.example/token", &REDEEM).to(format!("{OP}/token")).status(301);
    let over = api("/orders", ACCESS).at(4000.0).status(401).gets("www-authenticate", "Bearer error=\"invalid_token\"");
    let lacks = api("/orders", ACCESS).status(403).gets("www-authenticate", challenge("orders:read"));
    let cases = [
        ("capture.token_refused", "sends the request on", "makes a GET", redeems(moved)),
        ("capture.token_refused", "answered 404", "token_endpoint", redeems(refused(404))),
        ("capture.token_refused", "answered 429", "Retry-After", redeems(refused(429))),
        ("capture.back_channel_failed", "answered 500", "by itself", redeems(refused(500))),
        ("capture.token_refused", "11 min 59 s under way", "at once", redeems(late)),
        (
            "capture.token_refused",
            "entry 6 sent the same refresh token",
            "one request at a time",
            calls(vec![known, again]),
        ),
        ("capture.token_refused", "bad_verification_code", "", {
            redeems(token_request().answers(forms, "error=bad_verification_code&error_description=It+is+expired."))
        }),
        ("capture.authorization_refused", "good for 60 s and was used after 90 s", "Push", pushed()),
        ("capture.login_required", "keeps it out of the frame", "", in_frame()),
        ("capture.login_required", "With prompt=none", "", back_with_error("consent_required", "none")),
        ("capture.authorization_refused", "wants the user to consent", "log", back_with_error("consent_required", "")),
        (
            "capture.api_refused",
            "the text \"undefined\"",
            "variable",
            calls(vec![api("/orders", "undefined").status(401)]),
        ),
        ("capture.api_refused", "sent the ID token", "access_token", mistaken),
        ("capture.api_refused", "good for 1 h and was sent after", "refresh token", calls(vec![over])),
        ("capture.api_refused", "wants the scope orders:read, which was not asked", "Ask for", calls(vec![lacks])),
        ("capture.api_refused", "takes it in entry 7", "role", {
            calls(vec![api("/one", ACCESS).status(403), api("/two", ACCESS)])
        }),
        ("capture.api_refused", "answers 403", "does not say why", calls(vec![api("/one", ACCESS).status(403)])),
        ("capture.app_refused", "says \"OAuthCallback\"", "", led_to("?error=OAuthCallback", "<p>Try again")),
        ("capture.app_refused", "says \"Sign in failed\"", "", led_to("", "<h1>Sign in <b>failed</b></h1>")),
        (
            "capture.token_refused",
            "expired_token",
            "did not finish",
            polled(&[(5.0, "authorization_pending"), (11.0, "expired_token")]),
        ),
        ("capture.token_refused", "invalid_grant", "device_code", polled(&[(5.0, "invalid_grant")])),
    ];
    for (rule, said, next, entries) in cases {
        let capture = taken(&har("Playwright", &entries));
        let found = capture.logins.last().and_then(|login| login.finding.as_ref());
        let found = found.unwrap_or_else(|| panic!("{rule}, {said}: {:?}", capture.logins));
        assert_eq!(found.rule.id, rule, "{}", found.say);
        assert!(found.say.contains(said) && found.next.contains(next), "{said}, {next}: {} {}", found.say, found.next);
    }
}

/// What an app says may hold what is secret in its login.
#[test]
fn what_an_app_says_is_quoted_without_what_is_secret() {
    let capture = taken(&har("Playwright", &led_to(&format!("?error=no+{CODE}"), "")));
    let say = &capture.logins[0].finding.as_ref().expect("a finding").say;
    assert!(say.contains("no …") && !say.contains(CODE), "{say}");
}

#[test]
fn who_is_not_signed_in_is_not_told_to_be() {
    let with_aud = redeems(token_request().json(&tokens(&json!({ "aud": "other" }))));
    let begun = {
        let mut entries = of_server();
        entries[5] = page(returned(&[])).cookie("sid=sentinel-session").sets("app=sentinel; Path=/auth").to("/");
        entries[6] = page(format!("{APP}/")).cookie("sid=sentinel-session").to("/login");
        entries.extend(super::broken::begun_anew(&[]));
        entries
    };
    for (what, entries, outcome, said) in [
        ("another audience", with_aud, Outcome::LeftOpen, "aud holds this client_id"),
        ("a page that fails", led_to("?error=x", ""), Outcome::ErrorPage, "says \"x\""),
        ("a cookie that does not come back", begun, Outcome::LeftOpen, "its path /auth does not hold that page"),
        ("too fast", polled(&[(5.0, "slow_down"), (6.0, "slow_down")]), Outcome::LeftOpen, "polls too fast"),
    ] {
        let capture = taken(&har("mitmproxy", &entries));
        let found = capture.logins[0].finding.as_ref().unwrap_or_else(|| panic!("{what}: {:?}", capture.logins));
        assert!(found.say.contains(said), "{what}: {}", found.say);
        assert_eq!(capture.logins[0].outcome, outcome, "{what}");
    }
    let rounds = super::broken::loops(|number| returned(&[("code", &format!("code-of-round-{number}"))]));
    let capture = taken(&har("Playwright", &rounds));
    assert!(capture.logins.iter().all(|login| login.outcome == Outcome::LeftOpen), "{:?}", capture.logins);
    assert_eq!(capture.logins.iter().filter(|login| login.finding.is_some()).count(), 1);
}

/// A rule that fails is the finding where nothing else is wrong, with what was expected and seen.
#[test]
fn a_rule_that_fails_is_told_with_what_was_seen() {
    let in_url = script(with(&format!("{API}/orders"), &[("access_token", ACCESS)])).without("authorization");
    let capture = taken(&har("Playwright", &calls(vec![in_url])));
    let found = capture.logins[0].finding.as_ref().expect("a finding");
    assert_eq!((found.rule.id, found.stage.slug()), ("resource.token_in_url", "api_request"));
    let shown = found.evidence[0].value.as_deref();
    assert_eq!(shown, Some("expected the Authorization header, saw the query"));
    let told = capture.to_json().to_string();
    assert!(!told.contains(ACCESS), "{told}");
}

/// What came back stands where it came.
#[test]
fn a_check_of_the_response_names_its_entry() {
    let capture = taken(&har("Playwright", &of_server()));
    let of = |id: &str| capture.logins[0].checks.iter().find(|judged| judged.check.rule.id == id).map(|it| it.entry);
    assert_eq!(of("authorization_response.state"), Some(5));
    assert_eq!(of("authorization_request.nonce"), Some(2));
}

#[test]
fn a_file_of_which_nothing_can_be_read_is_none() {
    for entries in ["null", "{}", "[1, \"two\"]"] {
        let file = format!("{{\"log\": {{\"version\": \"1.2\", \"entries\": {entries}}}}}");
        let error = grantscope::capture::take_apart(file.as_bytes(), [9; 32]).expect_err(entries).to_string();
        assert!(error.starts_with("no entry of it can be read"), "{error}");
    }
}
