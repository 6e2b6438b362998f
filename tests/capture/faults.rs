//! What is wrong with a login: each fault in a recording of its own, broken and kept.

use serde_json::json;

use super::har::{API, APP, Entry, NOON, OP, call_posts, har, jwt, page, post, script_posts, taken, with};
use super::logins::{self, CALLBACK, CODE, REDEEM, STATE};
use grantscope::capture::finding::Found;
use grantscope::capture::rules;

/// A broken recording: what it must be called, where, how sure, and one place that shows it.
struct Broken {
    rule: &'static str,
    stage: &'static str,
    sure: &'static str,
    shown: (usize, &'static str),
    by: &'static str,
    entries: Vec<Entry>,
}

fn broken(
    rule: &'static str,
    stage: &'static str,
    sure: &'static str,
    shown: (usize, &'static str),
    entries: Vec<Entry>,
) -> Broken {
    Broken { rule, stage, sure, shown, by: "Playwright", entries }
}

/// The same, written by a proxy that sees both legs.
fn by_proxy(broken: Broken) -> Broken {
    Broken { by: "mitmproxy", ..broken }
}

/// The login of a server with its response answered like this.
fn answered(by: Entry) -> Vec<Entry> {
    let mut entries = logins::of_server();
    entries.truncate(5);
    entries.push(by);
    entries
}

fn response() -> Entry {
    page(logins::returned(&[])).cookie("sid=sentinel-session")
}

/// The login of a server that comes back with these parameters.
fn back_with(asked: &[(&str, &str)], came: &[(&str, &str)]) -> Vec<Entry> {
    let (request, back) = (logins::request(asked), with(CALLBACK, came));
    vec![page(format!("{APP}/login")).to(&request), page(&request).to(&back), page(&back).html("<h1>Orders</h1>")]
}

/// The login of a script with the entry at this place made another one, and cut off behind.
fn script_with(at: usize, entry: Entry) -> Vec<Entry> {
    let mut entries = logins::of_script();
    entries.truncate(at);
    entries.push(entry);
    entries
}

fn without(name: &str) -> Vec<(&'static str, &'static str)> {
    REDEEM.into_iter().filter(|(known, _)| *known != name).collect()
}

fn provider_says(text: &str) -> Vec<Entry> {
    let request = logins::request(&[]);
    vec![page(format!("{APP}/login")).to(&request), page(&request).status(400).html(text)]
}

fn date(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(NOON + seconds).expect("a time");
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn round(number: usize, cookie: &str) -> [Entry; 3] {
    let request = logins::request(&[("nonce", &format!("nonce-{number}"))]);
    let back = logins::returned(&[("code", &format!("code-of-round-{number}"))]);
    [page(format!("{APP}/")).to(&request), page(&request).to(&back), page(&back).sets(cookie).to("/")]
}

fn all() -> Vec<Broken> {
    let invalid_grant = json!({ "error": "invalid_grant" });
    let mut twice = logins::of_script();
    twice.insert(6, script_posts(format!("{OP}/token"), &REDEEM).status(400).json(&invalid_grant));
    let mut replayed = logins::of_server();
    replayed.push(response().status(400).html("<h1>Login failed</h1>"));
    let other = logins::request(&[]).replace("app.example", "www.app.example");
    let other_back = logins::returned(&[]).replace("app.example", "www.app.example");
    let bare_back = logins::returned(&[]).replace("https://app", "http://app");
    let bare = logins::request(&[]).replace("https%3A%2F%2Fapp", "http%3A%2F%2Fapp");
    let posted = logins::request(&[("response_mode", "form_post")]);
    let fields = [("code", CODE), ("state", STATE)];
    let hash = format!("{CALLBACK}#access_token=sentinel&state={STATE}");
    let implicit = logins::request(&[("response_type", "token")]);
    let large = format!("session={}; Path=/; SameSite=Lax", "x".repeat(4200));
    let error = |error: &'static str| [("error", error), ("state", STATE)];
    let skewed = |asked: i64, back: i64| {
        let mut entries = answered(response().gets("date", date(back)).status(500).html("<pre>The token is expired"));
        entries[2] = entries[2].clone().gets("date", date(asked));
        entries
    };
    let told = |claims: &serde_json::Value, header: &serde_json::Value| {
        let mut entries = logins::of_both();
        let mut tokens = logins::tokens(claims);
        if !header.is_null() {
            tokens["id_token"] = json!(jwt(header, &json!({ "iss": OP, "nonce": logins::NONCE })));
        }
        let last = entries.pop().expect("an entry");
        entries.push(last.json(&tokens));
        entries
    };
    let api = |challenge: &str| {
        let token = jwt(&json!({ "alg": "RS256" }), &json!({ "aud": "https://other.example" }));
        let mut entries = logins::of_script();
        entries.truncate(5);
        entries.push(script_posts(format!("{OP}/token"), &REDEEM).json(&json!({ "access_token": token })));
        let call = super::har::script(format!("{API}/orders")).sends("authorization", format!("Bearer {token}"));
        entries.push(call.status(401).gets("www-authenticate", challenge));
        entries
    };
    let (at_request, at_response, at_token) = ("authorization_request", "authorization_response", "token");
    vec![
        broken(
            "redirect_uri_mismatch",
            at_request,
            "certain",
            (1, "request.query.redirect_uri"),
            provider_says("<h1>Error</h1>redirect_uri did not match any of the client's registered redirect_uris"),
        ),
        broken("redirect_uri_mismatch", at_request, "likely", (1, "response.status"), provider_says("")),
        broken(
            "redirect_uri_mismatch",
            at_token,
            "certain",
            (5, "request.form.redirect_uri"),
            script_with(5, {
                let mut pairs = without("redirect_uri");
                pairs.push(("redirect_uri", "https://app.example/other"));
                script_posts(format!("{OP}/token"), &pairs).status(400).json(&invalid_grant)
            }),
        ),
        broken(
            "http_https_redirect_uri",
            at_request,
            "certain",
            (1, "request.query.redirect_uri"),
            vec![page(format!("{APP}/login")).to(&bare), page(&bare).status(400).html("Invalid redirect_uri")],
        ),
        broken(
            "http_https_redirect_uri",
            at_request,
            "certain",
            (0, "request.url"),
            vec![page(format!("{APP}/login")).to(&bare), page(&bare).to(&bare_back), page(&bare_back).to("/")],
        ),
        broken(
            "state_lost_other_host",
            at_response,
            "certain",
            (0, "response.header.set-cookie"),
            vec![
                page(format!("{APP}/login")).sets("sid=sentinel-session; Path=/").to(&other),
                page(&other).to(&other_back),
                page(&other_back).status(403).html("<h1>Unable to verify state</h1>"),
            ],
        ),
        Broken {
            by: "WebInspector",
            ..broken(
                "state_lost_other_host",
                at_response,
                "likely",
                (2, "request.header.cookie"),
                vec![
                    page(format!("{APP}/login")).to(&other),
                    page(&other).to(&other_back),
                    page(&other_back).status(403).html("<h1>Unable to verify state</h1>"),
                ],
            )
        },
        broken(
            "state_lost_samesite",
            at_response,
            "certain",
            (2, "request.header.cookie"),
            vec![
                page(format!("{APP}/login")).sets("sid=sentinel-session; Path=/; SameSite=Lax").to(&posted),
                page(&posted).html("<form>"),
                post(CALLBACK, &fields).status(400).html("<h1>Bad state</h1>"),
            ],
        ),
        broken("state_lost_samesite", at_response, "certain", (1, "response.header.set-cookie"), {
            let mut entries = answered(page(logins::returned(&[])).status(500).html("mismatching_state: CSRF"));
            entries[1] = page(format!("{APP}/login")).sets("sid=sentinel; SameSite=Strict").to(logins::request(&[]));
            entries
        }),
        broken(
            "redirect_loop",
            at_response,
            "certain",
            (2, "response.header.set-cookie"),
            (0..4).flat_map(|number| round(number, "app=sentinel; Path=/; SameSite=Strict")).collect(),
        ),
        broken("cookie_too_large", at_response, "certain", (5, "response.header.set-cookie"), {
            let mut entries = answered(response().sets(&large).to("/"));
            entries.push(page(format!("{APP}/")).cookie("sid=sentinel-session").html("<h1>Sign in</h1>"));
            entries
        }),
        broken(
            "invalid_client",
            at_token,
            "likely",
            (5, "response.body"),
            answered(response().status(500).html("<h1>Login failed</h1><pre>error: invalid_client</pre>")),
        ),
        broken("invalid_client", at_token, "certain", (7, "request.header.authorization"), {
            let mut entries = logins::of_both();
            let refused = json!({ "error": "invalid_client" });
            entries[7] = entries[7].clone().status(401).json(&refused);
            entries
        }),
        broken("invalid_client", at_request, "certain", (1, "response.body"), provider_says("<h1>Unknown client</h1>")),
        broken(
            "back_channel_failed",
            at_token,
            "not_provable",
            (5, "response.status"),
            answered(response().status(500).html("<h1>Internal Server Error</h1>")),
        ),
        broken(
            "back_channel_failed",
            at_token,
            "likely",
            (5, "response.body"),
            answered(response().status(502).html("connect ECONNREFUSED 10.0.0.1:443")),
        ),
        broken("code_used_twice", at_token, "certain", (6, "request.form.code"), twice),
        broken("callback_replayed", at_response, "certain", (7, "request.query.code"), replayed),
        broken("cors_blocked", at_token, "likely", (5, "response.status"), {
            script_with(5, script_posts(format!("{OP}/token"), &REDEEM).status(-1))
        }),
        broken(
            "fragment_to_server",
            at_response,
            "certain",
            (1, "response.header.location"),
            vec![
                page(format!("{APP}/login")).to(&implicit),
                page(&implicit).to(&hash),
                page(CALLBACK).status(400).html("<h1>No code</h1>"),
            ],
        ),
        broken(
            "issuer_mismatch",
            at_token,
            "likely",
            (5, "response.body"),
            answered(response().status(403).html("ID token not issued by expected provider")),
        ),
        broken("issuer_mismatch", at_token, "certain", (7, "response.body"), {
            told(&json!({ "iss": "https://op.example/" }), &json!(null))
        }),
        broken("clock_skew", at_token, "likely", (5, "response.header.date"), skewed(0, 7200)),
        broken("clock_skew", at_token, "likely", (2, "response.header.date"), skewed(0, -300)),
        broken(
            "login_required",
            at_response,
            "certain",
            (1, "request.query.prompt"),
            back_with(&[("prompt", "none")], &error("login_required")),
        ),
        broken(
            "access_denied",
            at_response,
            "certain",
            (2, "request.query.error"),
            back_with(&[], &error("access_denied")),
        ),
        broken(
            "invalid_scope",
            at_response,
            "certain",
            (2, "request.query.error"),
            back_with(&[], &error("invalid_scope")),
        ),
        broken(
            "authorization_refused",
            at_response,
            "certain",
            (2, "request.query.error"),
            back_with(&[], &error("temporarily_unavailable")),
        ),
        broken(
            "wrong_audience",
            "api_request",
            "certain",
            (6, "response.header.www-authenticate"),
            api("Bearer error=\"invalid_token\", error_description=\"unexpected aud\""),
        ),
        broken(
            "wrong_audience",
            "api_request",
            "likely",
            (6, "response.status"),
            api("Bearer error=\"invalid_token\""),
        ),
        broken(
            "api_refused",
            "api_request",
            "certain",
            (6, "response.status"),
            api("Bearer error=\"insufficient_scope\""),
        ),
        broken(
            "nonce_missing",
            at_request,
            "certain",
            (1, "request.query.nonce"),
            back_with(&[("response_type", "id_token"), ("nonce", "")], &error("invalid_request")),
        ),
        broken(
            "nonce_missing",
            at_token,
            "certain",
            (7, "response.body"),
            told(&json!({ "nonce": null }), &json!(null)),
        ),
        broken("unknown_kid", at_token, "certain", (1, "response.body"), {
            told(&json!({}), &json!({ "alg": "RS256", "kid": "two" }))
        }),
        broken(
            "unknown_kid",
            at_token,
            "likely",
            (5, "response.body"),
            answered(response().status(500).html("no matching key found in the JWKS")),
        ),
        broken("pkce_verifier_missing", at_token, "certain", (5, "request.form.code_verifier"), {
            let call = script_posts(format!("{OP}/token"), &without("code_verifier"));
            script_with(5, call.status(400).json(&invalid_grant))
        }),
        broken("verifier_mismatch", at_token, "certain", (5, "request.form.code_verifier"), {
            let mut pairs = without("code_verifier");
            pairs.push(("code_verifier", "verifier-of-another-login-0123456789-0123456789"));
            script_with(5, script_posts(format!("{OP}/token"), &pairs).status(400).json(&invalid_grant))
        }),
        broken("token_refused", at_token, "certain", (5, "response.body"), {
            script_with(5, script_posts(format!("{OP}/token"), &REDEEM).status(400).json(&invalid_grant))
        }),
        broken("secret_in_browser", at_token, "certain", (5, "request.form.client_secret"), {
            let mut pairs = REDEEM.to_vec();
            pairs.push(("client_secret", "sentinel-secret"));
            script_with(5, script_posts(format!("{OP}/token"), &pairs).json(&logins::tokens(&json!({}))))
        }),
        broken(
            "provider_error",
            at_request,
            "not_provable",
            (1, "response.body"),
            provider_says("<h1>Something went wrong</h1>"),
        ),
        broken(
            "app_refused",
            at_response,
            "not_provable",
            (5, "response.status"),
            answered(response().status(403).html("<h1>Forbidden</h1>")),
        ),
        by_proxy(broken("back_channel_failed", at_token, "certain", (7, "response.status"), {
            let mut entries = logins::of_both();
            entries[7] = call_posts(format!("{OP}/token"), &REDEEM).status(0);
            entries
        })),
    ]
}

#[test]
fn every_fault_is_found_and_called_by_its_name() {
    for one in all() {
        let capture = taken(&har(one.by, &one.entries));
        let found: Vec<&Found> = capture.logins.iter().filter_map(|login| login.finding.as_ref()).collect();
        assert!(found.len() == 1, "{} ({}): {found:?}", one.rule, one.sure);
        let found = found[0];
        assert_eq!(found.rule.id.strip_prefix("capture."), Some(one.rule), "{}", found.say);
        assert_eq!((found.stage.slug(), found.certainty.word()), (one.stage, one.sure), "{}: {}", one.rule, found.say);
        let shown = |(at, place): (usize, &str)| {
            found.evidence.iter().any(|it| capture.entries[it.entry].index == at && it.place == place)
        };
        assert!(shown(one.shown), "{}: {:?}", one.rule, found.evidence);
    }
}

#[test]
fn a_login_with_both_legs_is_good() {
    let capture = taken(&har("mitmproxy", &logins::of_both()));
    assert!(capture.logins[0].finding.is_none(), "{:?}", capture.logins[0].finding);
}

#[test]
fn every_rule_of_the_catalogue_has_a_recording() {
    let known: Vec<&str> = all().iter().map(|one| one.rule).collect();
    for rule in rules::ALL {
        assert!(known.contains(&rule.id.trim_start_matches("capture.")), "{} has no recording", rule.id);
        assert!(rule.spec.url().is_some(), "{}", rule.id);
    }
}

#[test]
fn good_logins_have_no_finding() {
    let renewed = |number: usize| {
        let nonce = format!("nonce-{number}");
        let request = logins::request(&[("prompt", "none"), ("nonce", &nonce), ("state", &nonce)]);
        let back = logins::returned(&[("state", &nonce), ("code", &format!("code-of-renewal-{number}"))]);
        [
            page(&request).sends("sec-fetch-dest", "iframe").to(&back),
            page(&back).sends("sec-fetch-dest", "iframe").html(""),
        ]
    };
    let mut again = logins::of_server();
    again.push(response().to("/"));
    let mut refreshed = logins::of_script();
    let api = refreshed.pop().expect("an entry");
    let more =
        [("grant_type", "refresh_token"), ("refresh_token", "sentinel-refresh-token-0123456789"), ("client_id", "web")];
    refreshed.extend([
        api.clone().status(401).gets("www-authenticate", "Bearer error=\"invalid_token\""),
        script_posts(format!("{OP}/token"), &more).json(&json!({ "access_token": "sentinel-second" })),
        super::har::script(format!("{API}/orders")).sends("authorization", "Bearer sentinel-second"),
    ]);
    for (what, entries) in [
        ("of a server", logins::of_server()),
        ("of a script", logins::of_script()),
        ("renewed in silence", (0..4).flat_map(renewed).collect()),
        ("a response that the app takes twice", again),
        ("a token that is renewed when the API refuses it", refreshed),
        ("left open", logins::of_server().into_iter().take(4).collect()),
    ] {
        for by in ["Playwright", "WebInspector", "mitmproxy", "Firefox"] {
            let capture = taken(&har(by, &entries));
            for login in &capture.logins {
                assert!(login.finding.is_none(), "{what}, {by}: {:?}", login.finding);
            }
            assert!(!capture.logins.is_empty(), "{what}, {by}");
        }
    }
}
