//! Logins that look broken and are not, and those that look good and are not.

use serde_json::json;

use super::broken::begun_anew;
use super::har::{
    API, APP, Entry, NOON, OP, call, call_posts, har, page, post, script, script_posts, stages, taken, with,
};
use super::logins::{CALLBACK, CODE, REDEEM, STATE, of_both, of_script, of_server, request, returned, tokens};
use grantscope::base::check::Verdict;
use grantscope::capture::login::{Outcome, StageName};
use grantscope::jose::key::SigningKey;

const REFRESH: [(&str, &str); 3] =
    [("grant_type", "refresh_token"), ("refresh_token", "sentinel-refresh-token-0123456789"), ("client_id", "web")];

/// Two tabs at one sign-in page, the first of which is sent back first.
fn two_tabs() -> Vec<Entry> {
    let of = |tab: &str| {
        let more = [("state", tab), ("nonce", tab), ("code_challenge", ""), ("code_challenge_method", "")];
        let request = request(&more);
        [page(format!("{APP}/login")).to(&request), page(request).html("Sign in")]
    };
    let back = |tab: &str| {
        let back = returned(&[("state", tab), ("code", &format!("code-of-the-tab-{tab}"))]);
        [post(format!("{OP}/sign-in"), &[("user", "alice")]).to(&back), page(back).to("/")]
    };
    [of("first"), of("second"), back("first"), back("second")].concat()
}

/// An app at a broker that signs the user in at a provider of its own.
fn brokered() -> Vec<Entry> {
    const UP: &str = "https://up.example/authorize";
    let own = format!("{OP}/endpoint");
    let asked = [("client_id", "broker"), ("response_type", "code"), ("redirect_uri", &own), ("state", "of-broker")];
    let (request, upstream) = (request(&[]), with(UP, &asked));
    let answer = with(&own, &[("code", "code-of-upstream-0123"), ("state", "of-broker")]);
    vec![
        page(format!("{APP}/login")).to(&request),
        page(&request).to(&upstream),
        page(&upstream).to(&answer),
        page(&answer).to(returned(&[])),
        page(returned(&[])).to("/"),
    ]
}

/// Both legs, with a key in the recording under this name. The token names `one`, and nobody made its signature.
fn signed(kid: &str) -> Vec<Entry> {
    let key = SigningKey::generate("ES256", kid).expect("a key").public_jwk();
    let mut entries = of_both();
    entries[1] = call(format!("{OP}/keys")).json(&json!({ "keys": [key] }));
    entries
}

/// The login of a script with its token request made of these and answered so.
fn redeemed(fields: &[(&'static str, &'static str)], answer: &serde_json::Value) -> Vec<Entry> {
    let mut entries = of_script();
    entries.truncate(5);
    let kept = REDEEM.into_iter().filter(|(name, _)| fields.iter().all(|(known, _)| known != name));
    let form: Vec<_> = kept.chain(fields.iter().copied()).collect();
    entries.push(script_posts(format!("{OP}/token"), &form).json(answer));
    entries
}

fn pushed_elsewhere() -> Vec<Entry> {
    let request = with(&format!("{OP}/oauth2/auth"), &[("client_id", "web"), ("request_uri", "urn:example:1")]);
    vec![page(format!("{APP}/login")).to(&request), page(&request).to(returned(&[])), page(returned(&[])).to("/")]
}

fn early(answer: &[(&str, &str)]) -> Vec<Entry> {
    let asked = [("client_id", "web"), ("redirect_uri", CALLBACK), ("scope", "user"), ("state", STATE)];
    let (request, back) = (with(&format!("{OP}/login/oauth/authorize"), &asked), with(CALLBACK, answer));
    vec![page(format!("{APP}/login")).to(&request), page(&request).to(&back), page(&back).to("/")]
}

/// The token request is made again where nothing or an error of the server came.
fn again(status: i64) -> Vec<Entry> {
    let mut entries = of_script();
    entries.insert(5, script_posts(format!("{OP}/token"), &REDEEM).status(status));
    entries
}

/// The token request is refused before it uses the code, and is made again.
fn refused_first(status: i64, error: &str) -> Vec<Entry> {
    let mut entries = of_script();
    entries.insert(5, script_posts(format!("{OP}/token"), &REDEEM).status(status).json(&json!({ "error": error })));
    entries
}

/// Asked who is there, then signed in.
fn asked_first() -> Vec<Entry> {
    let request = request(&[("prompt", "none"), ("state", "silent"), ("nonce", "silent")]);
    let back = with(CALLBACK, &[("error", "login_required"), ("state", "silent")]);
    let silent = [page(&request).sends("sec-fetch-dest", "iframe").to(&back), page(&back).html("")];
    silent.into_iter().chain(of_server()).collect()
}

fn refreshed() -> Vec<Entry> {
    let mut entries = of_script();
    entries.pop();
    entries.extend([
        script(format!("{API}/orders")).sends("authorization", "Bearer sentinel-access-token-0123456789").status(401),
        script_posts(format!("{OP}/token"), &REFRESH).json(&json!({ "access_token": "sentinel-second" })),
    ]);
    entries
}

#[test]
fn a_healthy_login_is_not_accused() {
    let mut asked_twice = of_server();
    asked_twice.insert(5, page(returned(&[])).status(0));
    let mut of_errors = of_server();
    of_errors[6] = page(format!("{APP}/")).html("<title>Error tracker</title><h1>Recent errors</h1>");
    let cut = |name: &'static str| redeemed(&[(name, "[redacted]")], &tokens(&json!({})));
    let hidden = json!({ "access_token": "***", "id_token": "[id_token redacted]", "token_type": "Bearer" });
    let cases = [
        ("two tabs", two_tabs(), 2),
        ("a broker", brokered(), 2),
        ("a verifier that was taken out", cut("code_verifier"), 1),
        ("a code that was taken out", cut("code"), 1),
        ("tokens that were taken out", redeemed(&[], &hidden), 1),
        ("pushed where nobody sees it", pushed_elsewhere(), 1),
        ("asked without response_type", early(&[("code", CODE), ("state", STATE)]), 1),
        ("a token request that had no answer", again(0), 1),
        ("a token request that came too early", again(503), 1),
        ("a callback that had no answer", asked_twice, 1),
        ("asked who is there first", asked_first(), 2),
        ("a token that ran out and was renewed", refreshed(), 1),
        ("an app that is about errors", of_errors, 1),
        ("a nonce that the provider wants first", refused_first(400, "use_dpop_nonce"), 1),
        ("another way to authenticate that is tried first", refused_first(401, "invalid_client"), 1),
    ];
    for (what, entries, count) in cases {
        let capture = taken(&har("Playwright", &entries));
        assert_eq!(capture.logins.len(), count, "{what}: {:?}", capture.logins);
        for login in &capture.logins {
            assert!(login.finding.is_none(), "{what}: {:?}", login.finding);
            let is_silent = login.asked("prompt") == Some("none");
            assert!(login.outcome == Outcome::SignedIn || is_silent, "{what}: {:?}", login.outcome);
        }
    }
}

/// What ends nowhere is no fault of the login before, nor is what the user stopped.
#[test]
fn what_is_left_open_is_not_accused() {
    let back = |more: &[(&str, &str)]| {
        let mut entries = of_server();
        entries[5] = page(returned(&[])).cookie("sid=sentinel-session").to("/login");
        entries.truncate(6);
        entries.extend(begun_anew(more));
        entries
    };
    let mut stopped = of_server();
    stopped.insert(0, page(request(&[("state", "first"), ("nonce", "first")])).fails("net::ERR_ABORTED"));
    let cases = [
        ("asked once more for another factor", back(&[("acr_values", "mfa")])),
        ("asked once more for another scope", back(&[("scope", "openid mail")])),
        ("stopped on the way", stopped),
    ];
    for (what, entries) in cases {
        let capture = taken(&har("Playwright", &entries));
        assert!(capture.logins.len() == 2, "{what}: {:?}", capture.logins);
        assert!(capture.logins.iter().all(|login| login.finding.is_none()), "{what}: {:?}", capture.logins);
    }
}

/// What the app had to refuse says more than that it refused it.
#[test]
fn a_broken_rule_outweighs_a_vague_finding() {
    let answered = |back: &str| {
        let mut entries = of_server();
        entries[4] = post(format!("{OP}/sign-in"), &[("user", "alice")]).to(back);
        entries[5] = page(back).cookie("sid=sentinel-session").status(400).html("<h1>Login failed</h1>");
        entries.truncate(6);
        entries
    };
    let told = |claims| {
        let mut entries = of_both();
        entries[6] = page(returned(&[])).cookie("sid=sentinel-session").status(500).html("<h1>Error</h1>");
        entries[7] = call_posts(format!("{OP}/token"), &REDEEM).json(&tokens(&claims));
        entries
    };
    for (what, entries, rule) in [
        ("another state", answered(&returned(&[("state", "of-nobody")])), "authorization_response.state"),
        ("no state", answered(&returned(&[("state", "")])), "authorization_response.state"),
        ("a good response", answered(&returned(&[])), "capture.app_refused"),
        ("another audience", told(json!({ "aud": "other" })), "id_token.aud"),
        ("another nonce", told(json!({ "nonce": "other" })), "id_token.nonce"),
        ("a good token", told(json!({})), "capture.back_channel_failed"),
    ] {
        let capture = taken(&har("mitmproxy", &entries));
        let found = capture.logins[0].finding.as_ref().map(|found| found.rule.id);
        assert_eq!(found, Some(rule), "{what}: {:?}", capture.logins[0].finding);
    }
}

/// Whether a signature holds can be told where its key is there, and while it is there itself.
#[test]
fn a_signature_is_judged_by_the_key_that_it_names() {
    let mut cut = signed("one");
    let mut answer = tokens(&json!({}));
    let token = answer["id_token"].as_str().expect("a token").to_owned();
    answer["id_token"] = json!(token[..=token.rfind('.').expect("a signature")]);
    cut[7] = call_posts(format!("{OP}/token"), &REDEEM).json(&answer);
    let mut late = signed("one");
    let keys = late.remove(1);
    late.push(keys);
    for (what, entries, rule) in [
        ("with the key", signed("one"), Some("id_token.signature")),
        ("with the key, which came after the token", late, Some("id_token.signature")),
        ("with another key", signed("two"), Some("capture.unknown_kid")),
        ("with a signature that was taken out", cut, None),
    ] {
        let capture = taken(&har("mitmproxy", &entries));
        let found = capture.logins[0].finding.as_ref().map(|found| found.rule.id);
        assert_eq!(found, rule, "{what}");
        let is_signature = |judged: &&grantscope::capture::login::Judged| judged.check.rule.id == "id_token.signature";
        let of_rule: Vec<_> = capture.logins[0].checks.iter().filter(is_signature).collect();
        assert_eq!(of_rule.len(), 1, "{what}: judged once");
        let token = capture.logins[0].entries(StageName::Token).next();
        assert_eq!(Some(of_rule[0].entry), token, "{what}: where the token came");
    }
}

/// A client that asks for itself signs nobody in, and what it calls with its token is an API.
#[test]
fn a_client_of_its_own_signs_nobody_in() {
    let form = [("grant_type", "client_credentials"), ("client_id", "service"), ("client_secret", "sentinel-secret")];
    let token = "Bearer sentinel-access-token-0123456789";
    let entries = [
        call_posts(format!("{OP}/token"), &form).json(&json!({ "access_token": &token[7..], "token_type": "Bearer" })),
        call(format!("{OP}/api/user")).sends("authorization", token).json(&json!({ "sub": "service" })),
    ];
    let capture = taken(&har("mitmproxy", &entries));
    assert_eq!(capture.logins[0].said(), "brought a token");
    assert_eq!(stages(&capture, 0).join(" ").matches("userinfo").count(), 0, "{:?}", capture.logins);
}

/// Proxyman and others keep the type of a body beside it alone.
#[test]
fn the_type_of_an_answer_may_stand_beside_its_body() {
    let mut file: serde_json::Value = serde_json::from_str(&har("Playwright", &of_script())).expect("JSON");
    for entry in file["log"]["entries"].as_array_mut().expect("entries") {
        if entry["response"]["content"]["mimeType"].is_string() {
            entry["response"]["headers"] = json!([]);
        }
    }
    let capture = taken(&file.to_string());
    let typed = capture.logins[0].checks.iter().find(|judged| judged.check.rule.id == "token.content_type");
    assert_eq!(typed.map(|judged| judged.check.verdict), Some(Verdict::Pass));
}

#[test]
fn what_is_no_login_is_none() {
    let coupon = json!({ "error": "invalid" });
    let entries =
        [call_posts(format!("{APP}/api/token"), &[("grant_type", "coupon"), ("code", "SUMMER")]).json(&coupon)];
    assert!(taken(&har("mitmproxy", &entries)).logins.is_empty());
}

/// An answer that this program's own recording says it does not see is no failure.
#[test]
fn an_answer_that_is_not_seen_is_no_failure() {
    let mut file: serde_json::Value = serde_json::from_str(&har("Grantscope", &of_server())).expect("JSON");
    let back = &mut file["log"]["entries"][5];
    back["response"]["status"] = json!(0);
    back["comment"] = json!("In the browser: what it was answered is not seen by a client.");
    let capture = taken(&file.to_string());
    assert!(capture.logins[0].finding.is_none(), "{:?}", capture.logins[0].finding);
    file["log"]["entries"][5]["comment"] = json!("connection refused");
    assert!(taken(&file.to_string()).logins[0].finding.is_some());
}

#[test]
fn what_a_run_refuses_is_told() {
    let told = |claims| redeemed(&[], &tokens(&claims));
    let mut deleted = of_server();
    deleted.truncate(5);
    deleted.push(page(format!("{APP}/logout")).sets("sid=; Path=/; Max-Age=0"));
    deleted.push(page(returned(&[])).status(403));
    let late = |seconds: f64| {
        let mut entries = of_server();
        entries.truncate(5);
        entries[1] = page(format!("{APP}/login")).sets("sid=sentinel-session; Max-Age=60").to(request(&[]));
        entries.push(page(returned(&[])).status(403).at(seconds));
        entries
    };
    let mut refused = of_script();
    let error = json!({ "error": "invalid_grant", "error_description": "Session not active." });
    refused.push(script_posts(format!("{OP}/token"), &REFRESH).json(&error).status(400));
    let mut pending = of_server();
    pending.truncate(5);
    pending.push(page(returned(&[])).status(0));
    let mut nobody = of_both();
    nobody[7] =
        call_posts(format!("{OP}/token"), &REDEEM).json(&json!({ "access_token": "a", "token_type": "Bearer" }));
    let mut away = of_both();
    away[7] = call_posts(format!("{OP}/token"), &REDEEM).html("<h1>Be back soon</h1>");
    let changed =
        vec![page(request(&[])).to(returned(&[("state", "another")])), page(returned(&[("state", "another")]))];
    let cases = [
        ("id_token.aud", "aud", told(json!({ "aud": "other" }))),
        ("id_token.exp", "expired", told(json!({ "exp": NOON - 7200 }))),
        ("id_token.signature", "signature", signed("one")),
        ("token.id_token", "ID token", nobody),
        ("token.content_type", "json", away),
        ("authorization_response.state", "state", changed),
        ("capture.state_lost_samesite", "entry 5 deleted it", deleted),
        ("capture.state_lost_samesite", "to live 60 s", late(600.0)),
        ("capture.token_refused", "invalid_grant: Session not active", refused),
        ("capture.app_refused", "The recording ends", pending),
        ("capture.access_denied", "access_denied", early(&[("error", "access_denied"), ("state", STATE)])),
    ];
    for (rule, said, entries) in cases {
        let capture = taken(&har("Playwright", &entries));
        let found = capture.logins.first().and_then(|login| login.finding.as_ref());
        let found = found.unwrap_or_else(|| panic!("{rule}: {:?}", capture.logins));
        assert_eq!(found.rule.id, rule, "{}", found.say);
        assert!(found.say.contains(said), "{said}: {}", found.say);
    }
}
