//! Logins of clients that were registered just before: the registration is held to its rules as every message is.

use grantscope::base::check::Verdict;
use grantscope::capture::Capture;
use serde_json::{Value, json};

use super::har::{APP, Entry, OP, call_posts, har, page, stages, taken};
use super::logins;

const TOKEN: &str = "sentinel-registration-token-0123456789";

fn asked() -> Value {
    json!({
        "redirect_uris": [logins::CALLBACK],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "client_name": "Orders",
    })
}

fn registered() -> Value {
    let mut all = asked();
    all["client_id"] = "web".into();
    all["client_secret"] = "sentinel-client-secret-0123456789".into();
    all["client_secret_expires_at"] = 0.into();
    all["registration_access_token"] = TOKEN.into();
    all["registration_client_uri"] = format!("{OP}/clients/web").into();
    all
}

fn registers(asked: &Value, registered: &Value) -> Entry {
    let sent = call_posts(format!("{OP}/clients"), &[]).body("application/json", &asked.to_string());
    sent.status(201).json(registered)
}

fn recorded(asked: &Value, registered: &Value) -> Capture {
    let mut entries = vec![registers(asked, registered)];
    entries.extend(logins::of_server());
    taken(&har("mitmproxy", &entries))
}

fn verdict(capture: &Capture, id: &str) -> Option<Verdict> {
    capture.logins[0].checks.iter().find(|it| it.check.rule.id == id).map(|it| it.check.verdict)
}

#[test]
fn a_good_registration_keeps_its_rules() {
    let capture = recorded(&asked(), &registered());
    assert_eq!(stages(&capture, 0)[0], "registration [0]");
    let kept =
        ["dcr.status", "dcr.expiry", "dcr.secret", "dcr.effective", "dcr.management", "dcr_request.redirect_uris"];
    for id in kept {
        assert_eq!(verdict(&capture, id), Some(Verdict::Pass), "{id}");
    }
    assert!(capture.logins[0].finding.is_none());
    assert!(capture.logins[0].secrets.iter().any(|secret| secret.expose() == TOKEN));
}

#[test]
fn each_member_of_a_registration_is_judged() {
    let with = |mut json: Value, name: &str, value: Value| {
        json[name] = value;
        json
    };
    let expires = recorded(&asked(), &with(registered(), "client_secret_expires_at", Value::Null));
    assert_eq!(verdict(&expires, "dcr.expiry"), Some(Verdict::Fail));
    let uri = recorded(&asked(), &with(registered(), "registration_client_uri", Value::Null));
    assert_eq!(verdict(&uri, "dcr.management"), Some(Verdict::Fail));
    let other = recorded(&asked(), &with(registered(), "grant_types", json!(["client_credentials"])));
    assert_eq!(verdict(&other, "dcr.effective"), Some(Verdict::Note));
    let nowhere = recorded(&with(asked(), "redirect_uris", json!([])), &registered());
    assert_eq!(verdict(&nowhere, "dcr_request.redirect_uris"), Some(Verdict::Fail));
}

/// That a private key was sent is told, and the key is not kept.
#[test]
fn a_private_key_of_a_registration_is_judged_and_hidden() {
    let mut asked = asked();
    asked["jwks"] =
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "eA", "y": "eQ", "d": "sentinel-private-part" }] });
    let capture = recorded(&asked, &registered());
    assert_eq!(verdict(&capture, "dcr_request.private_key"), Some(Verdict::Fail));
    let kept = String::from_utf8_lossy(&capture.entries[0].request.body);
    assert!(kept.contains("eQ") && !kept.contains("sentinel-private-part"), "{kept}");
}

/// A registration that a provider refuses with this.
fn refused(uri: &str, status: i64, answer: &Value) -> Entry {
    let mut asked = asked();
    asked["redirect_uris"] = json!([uri]);
    call_posts(format!("{OP}/clients"), &[]).body("application/json", &asked.to_string()).status(status).json(answer)
}

/// A refused registration belongs to the login that it was tried for, and is what is wrong with one that never began.
#[test]
fn a_refused_registration_is_told_at_the_login_that_it_was_for() {
    let error = json!({ "error": "invalid_redirect_uri", "error_description": "no such address" });
    let no = |uri: &str| refused(uri, 400, &error);
    let behind = |first: Vec<Entry>, rest: Vec<Entry>| [first, rest].concat();
    let unknown = || {
        let request = logins::request(&[]);
        vec![page(format!("{APP}/login")).to(&request), page(&request).status(400).html("<h1>Unknown client</h1>")]
    };
    let made = || registers(&asked(), &registered());
    let silent = || call_posts(format!("{OP}/clients"), &[]).body("application/json", &asked().to_string()).status(0);
    let rule = Some("capture.registration_refused");
    type Told = (Vec<&'static str>, Option<&'static str>);
    let cases: [(&str, Vec<Entry>, Vec<Told>); 10] = [
        ("alone", vec![no(logins::CALLBACK)], vec![(vec!["registration [0]"], rule)]),
        (
            "tried twice",
            vec![no(logins::CALLBACK), no(logins::CALLBACK)],
            vec![(vec!["registration [0]", "registration [1]"], rule)],
        ),
        ("without an error", vec![refused(logins::CALLBACK, 403, &json!({}))], vec![(vec!["registration [0]"], rule)]),
        ("without an answer", vec![silent()], vec![(vec!["registration [0]"], rule)]),
        (
            "mended",
            behind(vec![no("https://app.example/wrong"), made()], logins::of_server()),
            vec![(vec!["registration [0]", "registration [1]", "authorization_request [4]"], None)],
        ),
        (
            "with a client that was known before",
            behind(vec![no(logins::CALLBACK)], logins::of_server()),
            vec![(vec!["registration [0]", "authorization_request [3]"], None)],
        ),
        (
            "and its login is refused",
            behind(vec![no(logins::CALLBACK)], unknown()),
            vec![(vec!["registration [0]", "authorization_request [2]"], rule)],
        ),
        (
            "of another address",
            behind(vec![no("https://other.example/callback")], logins::of_server()),
            vec![(vec!["registration [0]"], rule), (vec!["authorization_request [3]"], None)],
        ),
        ("mended, and no login follows", vec![no(logins::CALLBACK), made()], vec![]),
        ("of a form that is no registration", vec![refused("", 400, &error).body("application/json", "[]")], vec![]),
    ];
    for (what, entries, expected) in cases {
        let capture = taken(&har("mitmproxy", &entries));
        assert_eq!(capture.logins.len(), expected.len(), "{what}: {:?}", capture.logins);
        for (login, (first, rule)) in expected.into_iter().enumerate() {
            assert_eq!(stages(&capture, login)[..first.len()], first, "{what}");
            assert_eq!(capture.logins[login].finding.as_ref().map(|found| found.rule.id), rule, "{what}");
        }
    }
}

/// What to do next depends on what the provider wants.
#[test]
fn what_a_refused_registration_wants_is_told() {
    let error = |code: &str| json!({ "error": code });
    for (entry, word) in [
        (refused(logins::CALLBACK, 400, &error("invalid_redirect_uri")), "application_type native"),
        (refused(logins::CALLBACK, 401, &error("invalid_token")), "initial access token"),
        (refused(logins::CALLBACK, 403, &json!({})).sends("authorization", "Bearer sentinel-initial"), "did not take"),
        (refused(logins::CALLBACK, 404, &json!({})), "registration_endpoint"),
        (refused(logins::CALLBACK, 400, &error("invalid_client_metadata")), "by hand"),
    ] {
        let capture = taken(&har("mitmproxy", &[entry]));
        let found = capture.logins[0].finding.as_ref().expect("a finding");
        assert!(found.next.contains(word), "{word}: {}", found.next);
        assert_eq!(capture.logins[0].outcome.word(), "refused");
    }
    let script = refused(logins::CALLBACK, -1, &json!({})).sends("user-agent", "Mozilla/5.0").sends("origin", APP);
    let capture = taken(&har("Playwright", &[script]));
    let found = capture.logins[0].finding.as_ref().map(|found| (found.rule.id, found.certainty.word()));
    assert_eq!(found, Some(("capture.cors_blocked", "likely")));
}
