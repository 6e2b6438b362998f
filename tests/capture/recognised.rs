//! Which logins are found, and with which stages.

use serde_json::{Value, json};

use super::har::{
    API, APP, OP, call_posts, har, jwt, page, post, preflight, script, script_posts, stages, taken, with,
};
use super::logins::{self, CALLBACK, CODE, NONCE, REDEEM, STATE};
use grantscope::base::check::Verdict;
use grantscope::capture::login::Outcome;
use grantscope::jose::key::SigningKey;
use grantscope::terms::grant::Grant;

#[test]
fn a_login_of_a_server_is_told_apart_from_its_pages() {
    let capture = taken(&har("Playwright", &logins::of_server()));
    let login = &capture.logins[0];
    assert_eq!(stages(&capture, 0), ["authorization_request [2]", "login_pages [3, 4]", "authorization_response [5]"]);
    assert_eq!((login.grant, login.outcome), (Some(Grant::AuthorizationCode), Outcome::SignedIn));
    assert_eq!((login.client_id.as_deref(), login.state.as_deref()), (Some("web"), Some(STATE)));
    assert_eq!((login.issuer.as_deref(), login.is_issuer_said), (Some(OP), true));
    assert!(login.not_in_the_recording.iter().any(|what| what.starts_with("token request")));
    assert!(login.finding.is_none() && capture.logins.len() == 1);
}

#[test]
fn what_a_script_and_an_app_ask_for_belongs_to_their_login() {
    let capture = taken(&har("WebInspector", &logins::of_script()));
    let all = [
        "authorization_request [1]",
        "login_pages [2, 3]",
        "authorization_response [4]",
        "token [5]",
        "userinfo [6]",
        "api_request [7]",
    ];
    assert_eq!(stages(&capture, 0), all);
    let capture = taken(&har("mitmproxy", &logins::of_both()));
    assert_eq!(stages(&capture, 0)[3], "token [7]");
    assert_eq!(capture.logins[0].stages[3].leg.word(), "back channel");
}

/// A login is a run that is read only, and what it did right is not said to be wrong.
#[test]
fn a_good_login_is_a_run_that_breaks_no_rule() {
    for (entries, count) in [(logins::of_server(), 1), (logins::of_script(), 4)] {
        let capture = taken(&har("Playwright", &entries));
        let flow = capture.flow(&capture.logins[0]);
        assert!(flow.is_recorded() && flow.trace.exchanges.len() == count, "{}", flow.trace.exchanges.len());
        for judged in &capture.logins[0].checks {
            assert_ne!(judged.check.verdict, Verdict::Fail, "{}: {}", judged.check.rule.id, judged.check.seen());
        }
        let verdict =
            |id: &str| capture.logins[0].checks.iter().find(|it| it.check.rule.id == id).map(|it| it.check.verdict);
        assert_eq!(verdict("authorization_response.state"), Some(Verdict::Pass));
        // How the client authenticates is in the second of the recordings only.
        let public = if count == 1 { Verdict::Skipped } else { Verdict::Pass };
        assert_eq!(verdict("settings.pkce_public"), Some(public));
    }
    // With metadata and keys in the file.
    let capture = taken(&har("mitmproxy", &logins::of_both()));
    let failed = capture.logins[0].checks.iter().filter(|it| it.check.verdict == Verdict::Fail);
    let failed: Vec<&str> = failed.map(|it| it.check.rule.id).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

/// An app with a scheme of its own gets the response where no recorder looks; where the browser is sent says it.
#[test]
fn a_response_that_only_the_location_shows_is_read_there() {
    let capture = taken(&har("Playwright", &logins::of_app(&[("code", CODE), ("state", STATE)])));
    let login = &capture.logins[0];
    assert_eq!(stages(&capture, 0), ["authorization_request [1]", "authorization_response [1]"]);
    assert_eq!((login.outcome, login.answered("code")), (Outcome::LeftOpen, Some(CODE)));
    let state = login.checks.iter().find(|it| it.check.rule.id == "authorization_response.state");
    assert_eq!(state.map(|it| it.check.verdict), Some(Verdict::Pass));
    assert!(login.not_in_the_recording.iter().any(|what| what.starts_with("the request to the redirect URI")));
    let foreign = taken(&har("Playwright", &logins::of_app(&[("code", CODE), ("state", "of-nobody")])));
    let found = foreign.logins[0].finding.as_ref().map(|found| (found.rule.id, found.evidence[0].place.as_str()));
    assert_eq!(found, Some(("authorization_response.state", "response.header.location")));
}

/// The provider ends a login after the sign-in, unless it asks for the password once more.
#[test]
fn a_page_that_refuses_after_the_sign_in_ends_the_login() {
    let ended = |text: &str| {
        let mut entries = logins::of_server();
        entries.truncate(4);
        entries.push(post(format!("{OP}/sign-in"), &[("user", "alice")]).status(400).html(text));
        taken(&har("Playwright", &entries)).logins[0].outcome
    };
    assert_eq!(ended("<h1>This account is locked</h1>"), Outcome::ErrorPage);
    assert_eq!(ended("<h1>Wrong password</h1><input type=\"password\">"), Outcome::LeftOpen);
}

/// mitmproxy writes an entry when its answer is there, others sort by what they like.
#[test]
fn the_order_of_the_file_does_not_matter() {
    let mut entries: Vec<_> =
        logins::of_script().into_iter().enumerate().map(|(at, entry)| entry.at(at as f64)).collect();
    entries.reverse();
    let capture = taken(&har("mitmproxy", &entries));
    assert_eq!(stages(&capture, 0)[..2], ["authorization_request [6]", "login_pages [5, 4]"]);
}

#[test]
fn two_tabs_are_told_apart_by_their_keys() {
    let tab = |state: &str, code: &str| {
        let to = logins::returned(&[("state", state), ("code", code)]);
        let request = logins::request(&[("state", state), ("nonce", state)]);
        [
            page(request).to(format!("/sign-in/{state}")),
            page(format!("{OP}/sign-in/{state}")).html("<h1>Sign in</h1>"),
            post(format!("{OP}/sign-in/{state}"), &[("password", "x")]).to(&to),
            page(to).to("/"),
        ]
    };
    let (one, two) = (tab("one", "code-one-1234"), tab("two", "code-two-1234"));
    let order = [&one[0], &two[0], &one[1], &two[1], &two[2], &one[2], &one[3], &two[3]];
    let capture = taken(&har("Firefox", &order.map(Clone::clone)));
    assert_eq!(stages(&capture, 0), ["authorization_request [0]", "login_pages [2, 5]", "authorization_response [6]"]);
    assert_eq!(stages(&capture, 1), ["authorization_request [1]", "login_pages [3, 4]", "authorization_response [7]"]);
}

#[test]
fn a_provider_that_asks_itself_again_makes_no_second_login() {
    let request = logins::request(&[]);
    let mut entries = vec![page(format!("{APP}/login")).to(&request), page(&request).to("/sign-in")];
    entries.extend(logins::signs_in(&request));
    entries.extend([page(&request).to(logins::returned(&[])), page(logins::returned(&[])).to("/")]);
    let capture = taken(&har("Playwright", &entries));
    assert_eq!(
        stages(&capture, 0),
        ["authorization_request [1]", "login_pages [2, 3, 4]", "authorization_response [5]"]
    );
    assert_eq!(capture.logins.len(), 1);
}

#[test]
fn a_response_may_come_as_a_form_or_behind_a_hash() {
    let id_token = jwt(&json!({ "alg": "RS256" }), &json!({ "iss": "https://issuer.example/x", "nonce": NONCE }));
    let request = logins::request(&[("response_type", "code id_token"), ("response_mode", "form_post")]);
    let fields = [("code", CODE), ("state", STATE), ("id_token", id_token.as_str())];
    let entries = [page(request).html("<form>"), post(CALLBACK, &fields).to("/")];
    let capture = taken(&har("Firefox", &entries));
    let login = &capture.logins[0];
    assert_eq!((login.grant, login.issuer.as_deref()), (Some(Grant::Hybrid), Some("https://issuer.example/x")));
    assert_eq!(login.stages[1].mode.map(|mode| mode.name()), Some("form_post"));

    let request = logins::request(&[("response_type", "id_token token")]);
    let fragment = format!("{CALLBACK}#access_token=sentinel-front&state={STATE}&id_token={id_token}");
    let entries = [page(request).to(&fragment), page(CALLBACK).html("<h1>Orders</h1>")];
    let capture = taken(&har("Firefox", &entries));
    assert_eq!(capture.logins[0].grant, Some(Grant::Implicit));
    assert_eq!(capture.logins[0].stages[1].mode.map(|mode| mode.name()), Some("fragment"));
    let is_of_page = |found: &grantscope::capture::finding::Found| found.rule.id.starts_with("capture.");
    assert!(!capture.logins[0].finding.as_ref().is_some_and(is_of_page), "{:?}", capture.logins[0].finding);
}

#[test]
fn logins_without_a_browser_are_found_as_well() {
    let pushed = [("client_id", "web"), ("response_type", "code"), ("redirect_uri", CALLBACK), ("state", STATE)];
    let uri = "urn:ietf:params:oauth:request_uri:sentinel-dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let device = [("client_id", "tv"), ("scope", "openid")];
    let poll = [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", "sentinel-device")];
    let ciba = [("scope", "openid"), ("login_hint", "alice"), ("client_id", "bank")];
    let polled = [("grant_type", "urn:openid:params:grant-type:ciba"), ("auth_req_id", "sentinel-request")];
    let begun = json!({ "device_code": "sentinel-device", "user_code": "WDJB-MJHT", "expires_in": 600,
        "verification_uri": format!("{OP}/device") });
    let of = |client: &str| logins::tokens(&json!({ "aud": client, "nonce": null }));
    let pending = json!({ "error": "authorization_pending" });
    let entries = [
        call_posts(format!("{OP}/par"), &pushed).status(201).json(&json!({ "request_uri": uri, "expires_in": 60 })),
        page(with(&format!("{OP}/oauth2/auth"), &[("client_id", "web"), ("request_uri", uri)]))
            .to(logins::returned(&[])),
        page(logins::returned(&[])).to("/"),
        call_posts(format!("{OP}/device"), &device).json(&begun),
        call_posts(format!("{OP}/token"), &poll).status(400).json(&pending),
        call_posts(format!("{OP}/token"), &poll).json(&of("tv")),
        call_posts(format!("{OP}/bc"), &ciba).json(&json!({ "auth_req_id": "sentinel-request", "expires_in": 60 })),
        call_posts(format!("{OP}/token"), &polled).json(&of("bank")),
        call_posts(format!("{OP}/token"), &[("grant_type", "client_credentials"), ("client_id", "job")])
            .json(&json!({ "access_token": "sentinel-job-token", "token_type": "Bearer" })),
        call_posts(format!("{OP}/introspect"), &[("token", "sentinel-job-token")]).json(&json!({ "active": true })),
        call_posts(format!("{OP}/revoke"), &[("token", "sentinel-job-token")]),
        call_posts(
            format!("{OP}/token"),
            &[("grant_type", "refresh_token"), ("refresh_token", "old"), ("client_id", "x")],
        )
        .json(&json!({ "access_token": "sentinel-new", "refresh_token": "sentinel-newer", "token_type": "Bearer" })),
    ];
    let capture = taken(&har("mitmproxy", &entries));
    let found: Vec<_> = capture.logins.iter().map(|login| login.grant.map(Grant::key).unwrap_or_default()).collect();
    assert_eq!(found, ["authorization_code", "device_code", "ciba", "client_credentials", "refresh_token"]);
    let pushed = ["pushed_authorization_request [0]", "authorization_request [1]", "authorization_response [2]"];
    assert_eq!(stages(&capture, 0), pushed);
    assert_eq!(stages(&capture, 1), ["device_authorization [3]", "token [4]", "token [5]"]);
    assert_eq!(stages(&capture, 2), ["backchannel_authentication [6]", "token [7]"]);
    assert_eq!(stages(&capture, 3), ["token [8]", "introspection [9]", "revocation [10]"]);
    assert_eq!(stages(&capture, 4), ["refresh [11]"]);
    for login in &capture.logins {
        assert!(login.finding.is_none(), "{:?}", login.finding);
        let failed = login.checks.iter().filter(|judged| judged.check.verdict == Verdict::Fail);
        let failed: Vec<String> = failed.map(|it| format!("{}: {}", it.check.rule.id, it.check.seen())).collect();
        assert!(failed.is_empty(), "{:?}: {failed:?}", login.grant);
    }
}

/// Of signed requests, what is claimed of the JWT itself is asked of nobody; the client is named in its assertion alone, and
/// nobody said which issuer the provider is.
#[test]
fn what_is_signed_is_read_for_what_it_is() {
    let key = SigningKey::from_secret(&"a secret of thirty-two characters".into(), "HS256").expect("a key");
    let typ = serde_json::Map::from_iter([("typ".to_owned(), json!("oauth-authz-req+jwt"))]);
    let sign = |claims: Value| key.sign(&typ, &claims).expect("signed");
    let (iat, exp) = (1_700_000_000, 4_000_000_000_i64);
    let object = sign(json!({ "iss": "web", "aud": OP, "jti": "j", "iat": iat, "exp": exp, "client_id": "web",
        "response_type": "code", "redirect_uri": CALLBACK, "state": STATE }));
    let backchannel = sign(json!({ "iss": "bank", "aud": OP, "jti": "k", "iat": iat, "exp": exp, "nbf": iat,
        "scope": "openid", "login_hint": "alice" }));
    let assertion = sign(
        json!({ "iss": "job", "sub": "job", "aud": "https://issuer.example", "jti": "l", "exp": exp, "iat": iat }),
    );
    let machine = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion.as_str()),
    ];
    let entries = [
        page(with(&format!("{OP}/oauth2/auth"), &[("client_id", "web"), ("request", &object)]))
            .to(logins::returned(&[])),
        page(logins::returned(&[])).to("/"),
        call_posts(format!("{OP}/bc-authorize"), &[("client_id", "bank"), ("request", &backchannel)])
            .status(400)
            .json(&json!({ "error": "unknown_user_id" })),
        call_posts(format!("{OP}/token"), &machine)
            .json(&json!({ "access_token": "sentinel-job-token", "token_type": "Bearer" })),
    ];
    let capture = taken(&har("mitmproxy", &entries));
    let grants: Vec<_> = capture.logins.iter().map(|login| login.grant.map(Grant::key).unwrap_or_default()).collect();
    let all: Vec<_> = (0..grants.len()).map(|login| stages(&capture, login)).collect();
    assert!(!grants[1..].contains(&"authorization_code"), "{grants:?} {all:?}");
    for login in &capture.logins {
        let amiss = login.checks.iter().filter(|judged| matches!(judged.check.verdict, Verdict::Fail | Verdict::Warn));
        let amiss = amiss.filter(|judged| {
            judged.check.rule.id.starts_with("jar_")
                || ["assertion.client", "assertion.audience"].contains(&judged.check.rule.id)
        });
        let amiss: Vec<String> = amiss.map(|it| format!("{}: {}", it.check.rule.id, it.check.seen())).collect();
        assert!(amiss.is_empty(), "{:?}: {amiss:?}", login.grant);
    }
}

/// The browser shows neither state nor redirect_uri of a request that the app has pushed.
#[test]
fn a_pushed_request_is_followed_by_where_the_provider_sends_the_browser() {
    let pushed = [("client_id", "web"), ("request_uri", "urn:ietf:params:oauth:request_uri:sentinel")];
    let denied = with(CALLBACK, &[("error", "access_denied"), ("state", STATE)]);
    for (back, rule) in [(logins::returned(&[]), None), (denied, Some("capture.access_denied"))] {
        let mut entries = vec![page(with(&format!("{OP}/oauth2/auth"), &pushed)).to("/sign-in")];
        entries.extend(logins::signs_in(&back));
        entries.push(page(&back).to("/"));
        let capture = taken(&har("Firefox", &entries));
        assert_eq!(stages(&capture, 0)[2], "authorization_response [3]");
        let login = &capture.logins[0];
        assert_eq!((login.state.as_deref(), login.client_id.as_deref()), (Some(STATE), Some("web")));
        assert_eq!(login.finding.as_ref().map(|found| found.rule.id), rule);
        assert!(login.checks.iter().all(|judged| judged.check.verdict != Verdict::Fail));
    }
}

#[test]
fn signing_out_belongs_to_the_login_of_its_hint() {
    let mut entries = logins::of_script();
    let hint = logins::tokens(&json!({}))["id_token"].as_str().expect("a token").to_owned();
    let after = format!("{APP}/signed-out");
    let pairs = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", after.as_str()), ("state", "out")];
    entries.extend([
        page(with(&format!("{OP}/session/end"), &pairs)).html("<h1>Sign out?</h1>"),
        post(format!("{OP}/session/end/confirm"), &[("yes", "1")]).to(format!("{after}?state=out")),
        page(format!("{after}?state=out")).html("<h1>Bye</h1>"),
    ]);
    let capture = taken(&har("Playwright", &entries));
    let all = stages(&capture, 0);
    assert_eq!(all[6..], ["end_session_request [8]", "end_session_pages [9]", "logout_return [10]"]);
}

/// Coupon codes, a cart's token, a search with an issuer, beacons.
#[test]
fn what_only_sounds_like_it_is_no_login() {
    let entries = [
        script(format!("{APP}/api/coupons?code=SUMMER25&state=NY")).json(&json!({ "code": "SUMMER25" })),
        script_posts(format!("{APP}/token"), &[("csrf", "1")]).json(&json!({ "csrf_token": "x" })),
        script(format!("{APP}/search?response_type=json&q=redirect_uri")).json(&json!({ "issuer": "search" })),
        script(format!("{APP}/metrics?client_id=shop&scope=page&response_type=code")).status(204),
        page(format!("{APP}/sale?code=SUMMER25&state=NY")).html("<h1>Sale</h1>"),
        page(format!("{APP}/oops?error=not_found&state=NY")).html("<h1>Sale</h1>"),
        script(format!("{API}/keys")).json(&json!({ "keys": ["a", "b"] })),
    ];
    let capture = taken(&har("Playwright", &entries));
    assert!(capture.logins.is_empty(), "{:?}", capture.logins);
}

#[test]
fn a_copied_command_is_one_login_with_one_stage() {
    let data: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(REDEEM).finish();
    for command in [
        format!("curl '{OP}/token' \\\n  -H 'origin: {APP}' \\\n  --data-raw '{data}'"),
        format!("curl -X POST --url \"{OP}/token\" -d \"{data}\" -u web:sentinel-secret --compressed"),
        format!(
            "curl ^\"{OP}/token^\" ^\r\n  -H ^\"origin: {APP}^\" ^\r\n  --data-raw ^\"{}^\"",
            data.replace('%', "^%")
        ),
        format!("curl {OP}/token --data-raw $'{data}'"),
    ] {
        let capture = taken(&command);
        assert_eq!(stages(&capture, 0), ["token [0]"], "{command}");
        let login = &capture.logins[0];
        assert_eq!(
            (login.client_id.as_deref(), login.grant),
            (Some("web"), Some(Grant::AuthorizationCode)),
            "{command}"
        );
        assert!(login.finding.is_none(), "{:?}", login.finding);
    }
}

#[test]
fn a_saml_tracer_export_is_read_as_well() {
    let request = |method: &str, url: &str, got: &[(&str, &str)], status: u16| {
        let got: Vec<_> = got.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        json!({ "method": method, "url": url, "requestHeaders": [], "responseHeaders": got, "responseStatus": status, "get": [] })
    };
    let (asks, back) = (logins::request(&[]), logins::returned(&[]));
    let export = json!({ "requests": [
        request("GET", &asks, &[("Location", &back)], 302),
        request("GET", &back, &[("Location", "/")], 302),
    ], "timestamp": "2026-01-01T00:00:00Z" });
    let capture = taken(&export.to_string());
    assert_eq!(stages(&capture, 0), ["authorization_request [0]", "authorization_response [1]"]);
    assert!(capture.recorder.line().contains("times"), "{}", capture.recorder.line());
}

/// A file may be sanitised by somebody else than its recorder: a preflight tells that a token was sent.
#[test]
fn a_token_that_was_announced_and_is_not_there_was_taken_out() {
    let mut entries = logins::of_script();
    let called: Vec<_> = entries.drain(6..).map(|entry| entry.without("authorization")).collect();
    let unannounced = [entries.clone(), called.clone()].concat();
    assert_eq!(taken(&har("Proxyman", &unannounced)).logins[0].stages.len(), 4, "nothing says that one was sent");
    for entry in called {
        entries.extend([preflight(entry.url(), "authorization"), entry]);
    }
    let capture = taken(&har("Proxyman", &entries));
    assert!(!capture.recorder.keeps_authorization && capture.recorder.left_out.contains(&"Authorization".to_owned()));
    let names = stages(&capture, 0);
    assert!(names.iter().any(|stage| stage == "userinfo [7]"), "{names:?}");
    assert!(names.iter().any(|stage| stage == "api_request [9]"), "{names:?}");
}
