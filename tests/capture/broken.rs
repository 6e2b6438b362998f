//! Recordings of logins with one fault each, and what is to be said of them.

use serde_json::json;

use super::har::{API, APP, Entry, NOON, OP, call_posts, jwt, page, post, script, script_posts, with};
use super::logins::{self, CALLBACK, CODE, REDEEM, STATE};

const AT_REQUEST: &str = "authorization_request";
const AT_RESPONSE: &str = "authorization_response";
const AT_TOKEN: &str = "token";

/// Every fault there is a rule for, in one recording or more.
pub fn all() -> Vec<Broken> {
    [asked(), refused(), lost(), returned(), redeemed(), used()].into_iter().flatten().collect()
}

/// A broken recording: what it must be called, where, how sure, and one place that shows it.
pub struct Broken {
    pub rule: &'static str,
    pub stage: &'static str,
    pub sure: &'static str,
    pub shown: (usize, &'static str),
    pub by: &'static str,
    pub entries: Vec<Entry>,
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

pub fn response() -> Entry {
    page(logins::returned(&[])).cookie("sid=sentinel-session")
}

/// The app sends the browser to the provider once more, where it stays.
pub fn begun_anew(more: &[(&str, &str)]) -> Vec<Entry> {
    let keys = [("state", "of-the-second"), ("nonce", "of-the-second")];
    let request = logins::request(&[&keys, more].concat());
    let sign_in = page(format!("{OP}/sign-in")).html("<h1>Sign in</h1><input type=\"password\">");
    vec![page(format!("{APP}/login")).to(&request), page(&request).to("/sign-in"), sign_in]
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

/// The provider refuses what the browser asks for with JSON; a recorder that does not say what it was asked for.
fn refused_with(answer: &serde_json::Value) -> Vec<Entry> {
    let request = logins::request(&[]);
    let asked = page(&request).sends("sec-fetch-dest", "").sends("accept", "text/html,*/*;q=0.8");
    vec![page(format!("{APP}/login")).to(&request), asked.status(400).json(answer)]
}

fn date(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(NOON + seconds).expect("a time");
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A round of a loop between the provider and this page of the app.
/// A loop of four rounds that turns at the callback, whose answers are these.
pub fn loops(back: impl Fn(usize) -> String) -> Vec<Entry> {
    let asked = |number: usize| logins::request(&[("nonce", &format!("nonce-{number}"))]);
    let round = |number: usize| [page(asked(number)).to(back(number)), page(back(number)).to(asked(number + 1))];
    (0..4).flat_map(round).collect()
}

fn round(number: usize, cookie: &str, home: &str) -> [Entry; 3] {
    let request = logins::request(&[("nonce", &format!("nonce-{number}"))]);
    let back = logins::returned(&[("code", &format!("code-of-round-{number}"))]);
    [page(home).to(&request), page(&request).to(&back), page(&back).sets(cookie).to(home)]
}

/// The app's page says "expired", and its clock differs.
fn skewed(back: i64) -> Vec<Entry> {
    let mut entries = answered(response().gets("date", date(back)).status(500).html("<pre>The token is expired"));
    entries[2] = entries[2].clone().gets("date", date(0));
    entries
}

/// Both legs, with this ID token.
fn told(claims: &serde_json::Value, header: &serde_json::Value) -> Vec<Entry> {
    let mut entries = logins::of_both();
    let mut tokens = logins::tokens(claims);
    if !header.is_null() {
        tokens["id_token"] = json!(jwt(header, &json!({ "iss": OP, "nonce": logins::NONCE })));
    }
    let last = entries.pop().expect("an entry");
    entries.push(last.json(&tokens));
    entries
}

/// An API that refuses a token for another one with these words.
fn api(challenge: &str) -> Vec<Entry> {
    let token = jwt(&json!({ "alg": "RS256" }), &json!({ "aud": "https://other.example" }));
    let mut entries = logins::of_script();
    entries.truncate(5);
    entries.push(script_posts(format!("{OP}/token"), &REDEEM).json(&json!({ "access_token": token })));
    let call = script(format!("{API}/orders")).sends("authorization", format!("Bearer {token}"));
    entries.push(call.status(401).gets("www-authenticate", challenge));
    entries
}

/// What is wrong with the request, and what the provider says of it.
fn asked() -> Vec<Broken> {
    let bare_back = logins::returned(&[]).replace("https://app", "http://app");
    let bare = logins::request(&[]).replace("https%3A%2F%2Fapp", "http%3A%2F%2Fapp");
    vec![
        by_proxy(broken("registration_refused", "registration", "certain", (0, "response.status"), {
            let metadata = json!({ "redirect_uris": [CALLBACK], "client_name": "Orders" }).to_string();
            let sent = call_posts(format!("{OP}/clients"), &[]).body("application/json", &metadata);
            vec![sent.status(400).json(&json!({ "error": "invalid_client_metadata" }))]
        })),
        broken(
            "redirect_uri_mismatch",
            AT_REQUEST,
            "certain",
            (1, "request.query.redirect_uri"),
            provider_says("<h1>Error</h1>redirect_uri did not match any of the client's registered redirect_uris"),
        ),
        broken(
            "redirect_uri_mismatch",
            AT_REQUEST,
            "certain",
            (1, "request.query.redirect_uri"),
            provider_says("<h1>Access blocked</h1>Error 400: redirect_uri_mismatch"),
        ),
        broken("redirect_uri_mismatch", AT_REQUEST, "likely", (1, "response.status"), provider_says("")),
        broken(
            "redirect_uri_mismatch",
            AT_TOKEN,
            "certain",
            (5, "request.form.redirect_uri"),
            script_with(5, {
                let mut pairs = without("redirect_uri");
                pairs.push(("redirect_uri", "https://app.example/other"));
                script_posts(format!("{OP}/token"), &pairs).status(400).json(&json!({ "error": "invalid_grant" }))
            }),
        ),
        broken(
            "http_https_redirect_uri",
            AT_REQUEST,
            "certain",
            (1, "request.query.redirect_uri"),
            vec![page(format!("{APP}/login")).to(&bare), page(&bare).status(400).html("Invalid redirect_uri")],
        ),
        broken(
            "http_https_redirect_uri",
            AT_REQUEST,
            "certain",
            (0, "request.url"),
            vec![page(format!("{APP}/login")).to(&bare), page(&bare).to(&bare_back), page(&bare_back).to("/")],
        ),
    ]
}

/// The errors of a provider: at the redirect URI, or where it is.
fn refused() -> Vec<Broken> {
    let error = |error: &'static str| [("error", error), ("state", STATE)];
    vec![
        broken(
            "login_required",
            AT_RESPONSE,
            "certain",
            (1, "request.query.prompt"),
            back_with(&[("prompt", "none")], &error("login_required")),
        ),
        broken(
            "access_denied",
            AT_RESPONSE,
            "certain",
            (2, "request.query.error"),
            back_with(&[], &error("access_denied")),
        ),
        broken(
            "invalid_scope",
            AT_RESPONSE,
            "certain",
            (2, "request.query.error"),
            back_with(&[], &error("invalid_scope")),
        ),
        broken(
            "authorization_refused",
            AT_RESPONSE,
            "certain",
            (2, "request.query.error"),
            back_with(&[], &error("temporarily_unavailable")),
        ),
        broken(
            "authorization_refused",
            AT_REQUEST,
            "certain",
            (1, "response.body"),
            refused_with(&json!({ "error": "unsupported_response_type" })),
        ),
        broken(
            "invalid_client",
            AT_REQUEST,
            "certain",
            (1, "response.body"),
            refused_with(&json!({ "error": "unauthorized_client" })),
        ),
        broken(
            "access_denied",
            AT_RESPONSE,
            "certain",
            (1, "response.header.location"),
            logins::of_app(&error("access_denied")),
        ),
        broken(
            "provider_error",
            AT_REQUEST,
            "not_provable",
            (1, "response.body"),
            provider_says("<h1>Something went wrong</h1>"),
        ),
        broken("provider_unreachable", AT_REQUEST, "certain", (1, "response.status"), {
            let request = logins::request(&[]);
            vec![page(format!("{APP}/login")).to(&request), page(&request).fails("net::ERR_NAME_NOT_RESOLVED")]
        }),
        broken("authorization_refused", AT_REQUEST, "certain", (1, "request.query.request_uri"), {
            let request = with(&format!("{OP}/oauth2/auth"), &[("client_id", "web"), ("request_uri", "urn:example:1")]);
            let says = "<h1>Error</h1>The request_uri has expired";
            vec![page(format!("{APP}/login")).to(&request), page(&request).status(400).html(says)]
        }),
        by_proxy(broken("invalid_client", "device_authorization", "certain", (0, "response.body"), {
            let asked = call_posts(format!("{OP}/device"), &[("client_id", "tv"), ("scope", "openid")]);
            vec![asked.status(400).json(&json!({ "error": "unauthorized_client" }))]
        })),
    ]
}

/// What the app kept for the login does not come back.
fn lost() -> Vec<Broken> {
    let other = logins::request(&[]).replace("app.example", "www.app.example");
    let other_back = logins::returned(&[]).replace("app.example", "www.app.example");
    let posted = logins::request(&[("response_mode", "form_post")]);
    let fields = [("code", CODE), ("state", STATE)];
    vec![
        broken(
            "state_lost_other_host",
            AT_RESPONSE,
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
                AT_RESPONSE,
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
            AT_RESPONSE,
            "certain",
            (2, "request.header.cookie"),
            vec![
                page(format!("{APP}/login")).sets("sid=sentinel-session; Path=/; SameSite=Lax").to(&posted),
                page(&posted).html("<form>"),
                post(CALLBACK, &fields).status(400).html("<h1>Bad state</h1>"),
            ],
        ),
        broken("state_lost_samesite", AT_RESPONSE, "certain", (1, "response.header.set-cookie"), {
            let mut entries = answered(page(logins::returned(&[])).status(500).html("mismatching_state: CSRF"));
            entries[1] = page(format!("{APP}/login")).sets("sid=sentinel; SameSite=Strict").to(logins::request(&[]));
            entries
        }),
    ]
}

/// What becomes of the response at the app.
fn returned() -> Vec<Broken> {
    let mut replayed = logins::of_server();
    replayed.push(response().status(400).html("<h1>Login failed</h1>"));
    let hash = format!("{CALLBACK}#access_token=sentinel&state={STATE}");
    let implicit = logins::request(&[("response_type", "token")]);
    let large = format!("session={}; Path=/; SameSite=Lax", "x".repeat(4200));
    vec![
        broken(
            "redirect_loop",
            AT_RESPONSE,
            "certain",
            (2, "response.header.set-cookie"),
            (0..4)
                .flat_map(|number| round(number, "app=sentinel; Path=/; SameSite=Strict", "https://app.example/"))
                .collect(),
        ),
        broken("cookie_too_large", AT_RESPONSE, "certain", (5, "response.header.set-cookie"), {
            let mut entries = answered(response().sets(&large).to("/"));
            entries.push(page(format!("{APP}/")).cookie("sid=sentinel-session").html("<h1>Sign in</h1>"));
            entries
        }),
        broken("callback_replayed", AT_RESPONSE, "certain", (7, "request.query.code"), replayed),
        broken(
            "redirect_loop",
            AT_RESPONSE,
            "certain",
            (2, "response.header.set-cookie"),
            (0..3).flat_map(|number| round(number, "app=sentinel; Path=/", "https://www.app.example/")).collect(),
        ),
        broken(
            "fragment_to_server",
            AT_RESPONSE,
            "certain",
            (1, "response.header.location"),
            vec![
                page(format!("{APP}/login")).to(&implicit),
                page(&implicit).to(&hash),
                page(CALLBACK).status(400).html("<h1>No code</h1>"),
            ],
        ),
        broken("app_refused", AT_RESPONSE, "not_provable", (6, "response.status"), {
            [answered(response().to("/login")), begun_anew(&[])].concat()
        }),
        broken("state_lost_samesite", AT_RESPONSE, "certain", (1, "response.header.set-cookie"), {
            [answered(page(logins::returned(&[])).to("/login")), begun_anew(&[])].concat()
        }),
        broken("app_refused", AT_RESPONSE, "likely", (5, "response.status"), {
            answered(response().status(404).html("<h1>Not found</h1>"))
        }),
        broken(
            "app_refused",
            AT_RESPONSE,
            "not_provable",
            (5, "response.status"),
            answered(response().status(403).html("<h1>Forbidden</h1>")),
        ),
    ]
}

/// What is wrong with the token request.
fn redeemed() -> Vec<Broken> {
    let mut twice = logins::of_script();
    twice
        .insert(6, script_posts(format!("{OP}/token"), &REDEEM).status(400).json(&json!({ "error": "invalid_grant" })));
    vec![
        broken(
            "invalid_client",
            AT_TOKEN,
            "likely",
            (5, "response.body"),
            answered(response().status(500).html("<h1>Login failed</h1><pre>error: invalid_client</pre>")),
        ),
        broken("invalid_client", AT_TOKEN, "certain", (7, "request.header.authorization"), {
            let mut entries = logins::of_both();
            let refused = json!({ "error": "invalid_client" });
            entries[7] = entries[7].clone().status(401).json(&refused);
            entries
        }),
        broken("invalid_client", AT_REQUEST, "certain", (1, "response.body"), provider_says("<h1>Unknown client</h1>")),
        broken(
            "back_channel_failed",
            AT_TOKEN,
            "not_provable",
            (5, "response.status"),
            answered(response().status(500).html("<h1>Internal Server Error</h1>")),
        ),
        broken(
            "back_channel_failed",
            AT_TOKEN,
            "likely",
            (5, "response.body"),
            answered(response().status(502).html("connect ECONNREFUSED 10.0.0.1:443")),
        ),
        broken("code_used_twice", AT_TOKEN, "certain", (6, "request.form.code"), twice),
        broken("cors_blocked", AT_TOKEN, "likely", (5, "response.status"), {
            script_with(5, script_posts(format!("{OP}/token"), &REDEEM).status(-1))
        }),
        broken("pkce_verifier_missing", AT_TOKEN, "certain", (5, "request.form.code_verifier"), {
            let call = script_posts(format!("{OP}/token"), &without("code_verifier"));
            script_with(5, call.status(400).json(&json!({ "error": "invalid_grant" })))
        }),
        broken("verifier_mismatch", AT_TOKEN, "certain", (5, "request.form.code_verifier"), {
            let mut pairs = without("code_verifier");
            pairs.push(("code_verifier", "verifier-of-another-login-0123456789-0123456789"));
            script_with(
                5,
                script_posts(format!("{OP}/token"), &pairs).status(400).json(&json!({ "error": "invalid_grant" })),
            )
        }),
        broken("token_refused", AT_TOKEN, "certain", (5, "response.body"), {
            script_with(
                5,
                script_posts(format!("{OP}/token"), &REDEEM).status(400).json(&json!({ "error": "invalid_grant" })),
            )
        }),
        broken("token_refused", AT_TOKEN, "certain", (5, "response.body"), {
            script_with(
                5,
                script_posts(format!("{OP}/token"), &REDEEM).json(&json!({ "error": "bad_verification_code" })),
            )
        }),
        broken("back_channel_failed", AT_TOKEN, "certain", (5, "response.status"), {
            script_with(5, script_posts(format!("{OP}/token"), &REDEEM).fails("net::ERR_CONNECTION_REFUSED"))
        }),
        broken("secret_in_browser", AT_TOKEN, "certain", (5, "request.form.client_secret"), {
            let mut pairs = REDEEM.to_vec();
            pairs.push(("client_secret", "sentinel-secret"));
            script_with(5, script_posts(format!("{OP}/token"), &pairs).json(&logins::tokens(&json!({}))))
        }),
        by_proxy(broken("back_channel_failed", AT_TOKEN, "certain", (7, "response.status"), {
            let mut entries = logins::of_both();
            entries[7] = call_posts(format!("{OP}/token"), &REDEEM).status(0);
            entries
        })),
    ]
}

/// What is wrong with what it brings, and with where that is used.
fn used() -> Vec<Broken> {
    let error = |error: &'static str| [("error", error), ("state", STATE)];
    vec![
        broken(
            "issuer_mismatch",
            AT_TOKEN,
            "likely",
            (5, "response.body"),
            answered(response().status(403).html("ID token not issued by expected provider")),
        ),
        broken("issuer_mismatch", AT_TOKEN, "certain", (7, "response.body"), {
            told(&json!({ "iss": "https://op.example/" }), &json!(null))
        }),
        by_proxy(broken("polls_too_fast", AT_TOKEN, "certain", (2, "response.body"), {
            super::shown::polled(&[(5.0, "slow_down"), (6.0, "slow_down"), (7.0, "slow_down")])
        })),
        broken("clock_skew", AT_TOKEN, "likely", (5, "response.header.date"), skewed(7200)),
        broken("clock_skew", AT_TOKEN, "likely", (2, "response.header.date"), skewed(-300)),
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
            AT_REQUEST,
            "certain",
            (1, "request.query.nonce"),
            back_with(&[("response_type", "id_token"), ("nonce", "")], &error("invalid_request")),
        ),
        broken(
            "nonce_missing",
            AT_TOKEN,
            "certain",
            (7, "response.body"),
            told(&json!({ "nonce": null }), &json!(null)),
        ),
        broken("logout_refused", "end_session_request", "certain", (8, "request.query.post_logout_redirect_uri"), {
            let asked = [("client_id", "web"), ("post_logout_redirect_uri", "https://app.example/wrong")];
            let says = "<h1>Error</h1>Invalid redirect uri";
            let mut entries = logins::of_script();
            entries.push(page(with(&format!("{OP}/logout"), &asked)).status(400).html(says));
            entries
        }),
        broken("unknown_kid", AT_TOKEN, "certain", (1, "response.body"), {
            told(&json!({}), &json!({ "alg": "RS256", "kid": "two" }))
        }),
        broken(
            "unknown_kid",
            AT_TOKEN,
            "likely",
            (5, "response.body"),
            answered(response().status(500).html("no matching key found in the JWKS")),
        ),
    ]
}
