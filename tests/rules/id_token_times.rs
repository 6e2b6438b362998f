//! ID tokens and sign-ins that are older than the request for them.

use grantscope::base::check::Verdict::{self, Fail, Note, Pass, Skipped, Warn};
use grantscope::base::time::Timestamp;
use grantscope::client::id_token::Expected;
use serde_json::{Value, json};

use super::id_token::{assert_check, claims, expected, judged, signed, with};
use super::{Entry, NOW};

const MINUTE: i64 = 60;

/// Asked for so many seconds ago.
fn asked(ago: i64) -> Expected<'static> {
    Expected { asked_at: Some(Timestamp::from_seconds(NOW - ago)), ..expected() }
}

fn anew(ago: i64) -> Expected<'static> {
    Expected { login_anew: true, max_age: None, ..asked(ago) }
}

pub fn entries() -> [Entry; 2] {
    [
        Entry::kept("id_token.age", judged(&signed(&claims()), asked(0)))
            // Made when the user signed in, and fetched later.
            .kept_too(judged(&with("iat", json!(NOW - 10 * MINUTE)), asked(0)))
            .kept_too(judged(&with("iat", json!(NOW - 60 * MINUTE)), asked(65 * MINUTE)))
            .broken(Warn, "issued 10 min 1 s before it", judged(&with("iat", json!(NOW - 601)), asked(0)))
            .broken(Warn, "1 day before it", judged(&with("iat", json!(NOW - 86_400 - 300)), asked(300))),
        Entry::kept("id_token.login_anew", judged(&with("auth_time", json!(NOW - 5)), anew(10)))
            .kept_too(judged(&with("auth_time", json!(NOW - 69)), anew(10)))
            .broken(Warn, "1 min before it", judged(&with("auth_time", json!(NOW - 70)), anew(10))),
    ]
}

#[test]
fn a_sign_in_is_held_to_the_time_of_the_request() {
    let max_age = |seconds, ago| Expected { max_age: Some(seconds), ..asked(ago) };
    let table: [(Value, Expected<'_>, &str, Verdict, &str); 8] = [
        (json!(NOW - 400), max_age(0, 400), "id_token.auth_time", Note, "fresh enough when it was asked for"),
        (json!(NOW - 400), max_age(300, 0), "id_token.auth_time", Fail, "6 min 40 s ago"),
        (json!(NOW - 400), max_age(300, 100), "id_token.auth_time", Note, "fresh enough"),
        (json!(NOW - 400), max_age(400, 0), "id_token.auth_time", Pass, "ago"),
        (json!(NOW - 400), asked(0), "id_token.login_anew", Skipped, "did not ask"),
        (Value::Null, anew(0), "id_token.login_anew", Skipped, "does not say when"),
        (json!("now"), anew(0), "id_token.login_anew", Skipped, "does not say when"),
        (json!(NOW), Expected { asked_at: None, ..anew(0) }, "id_token.login_anew", Skipped, ""),
    ];
    for (auth_time, expected, id, verdict, saw) in table {
        assert_check(&judged(&with("auth_time", auth_time), expected), id, verdict, saw);
    }
    for iat in [Value::Null, json!("now")] {
        assert_check(&judged(&with("iat", iat), asked(0)), "id_token.age", Skipped, "does not say");
    }
}
