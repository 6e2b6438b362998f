//! Logins of clients that were registered just before: the registration is held to its rules as every message is.

use grantscope::base::check::Verdict;
use grantscope::capture::Capture;
use serde_json::{Value, json};

use super::har::{Entry, OP, call_posts, har, stages, taken};
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
