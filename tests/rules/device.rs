//! The device authorization response (RFC 8628 section 3.2).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Warn};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::client::endpoint::device_authorization::accept;

use super::{Entry, RANDOM, entries_of};

const GOOD: &str = r#"{"device_code":"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk","user_code":"WDJB-MJHT",
    "verification_uri":"https://as.example/verify",
    "verification_uri_complete":"https://as.example/verify?c=WDJB","expires_in":600,"interval":5}"#;

fn answered(content_type: &str, body: &str) -> Vec<Check> {
    accept(&HttpResponse::new(200, content_type, body), true).checks
}

/// No client was recognised, with this header field.
fn unauthorized(header: &str) -> Vec<Check> {
    accept(&HttpResponse::new(401, JSON, r#"{"error":"invalid_client"}"#).with_header(header, "Basic"), true).checks
}

pub fn entries() -> Vec<Entry> {
    let rows = [
        ("device.required", Fail, "expires_in", ("\"expires_in\":600,", "")),
        ("device.verification_uri", Fail, "http://", ("\"https://as.example/verify\"", "\"http://as.example/verify\"")),
        (
            "device.verification_uri_complete",
            Warn,
            "evil.example",
            ("https://as.example/verify?", "https://evil.example/?"),
        ),
        (
            "device.verification_uri_complete",
            Warn,
            "http://",
            ("https://as.example/verify?", "http://as.example/verify?"),
        ),
        ("device.expires_in", Fail, "0", ("600", "0")),
        ("device.interval", Warn, "\"5\"", ("\"interval\":5", "\"interval\":\"5\"")),
        ("device.user_code", Note, "nobody", ("WDJB-MJHT", "a-very-long-code-nobody-types")),
        ("device.entropy", Fail, "bits", (RANDOM, "1234")),
    ];
    let mut entries = entries_of(&rows, || answered(JSON, GOOD), |(from, to)| answered(JSON, &GOOD.replace(from, to)));
    entries.push(Entry::kept("device.content_type", answered(JSON, GOOD)).broken(
        Fail,
        "text/html",
        answered("text/html", GOOD),
    ));
    entries.push(Entry::kept("device.challenge", unauthorized("WWW-Authenticate")).broken(
        Fail,
        "absent",
        unauthorized("X-Authenticate"),
    ));
    entries
}
