//! ID tokens that come twice in a run: at a refresh, and in both channels of a hybrid flow.

use grantscope::base::check::Verdict::{Fail, Pass};
use grantscope::client::id_token::{compare_channels, validate_refreshed};
use serde_json::{Value, json};

use super::NOW;
use super::id_token::{assert_check, claims, signed, with};

#[test]
fn a_refreshed_token_keeps_issuer_user_and_client() {
    let first = signed(&claims());
    let ids = ["id_token.refreshed_iss", "id_token.refreshed_sub", "id_token.refreshed_aud"];
    for (claim, value, broken) in [
        ("exp", json!(NOW + 1200), None),
        ("iss", json!("https://evil.example"), Some("id_token.refreshed_iss")),
        ("iss", Value::Null, Some("id_token.refreshed_iss")),
        ("sub", json!("bob"), Some("id_token.refreshed_sub")),
        ("sub", Value::Null, Some("id_token.refreshed_sub")),
        ("aud", json!("other"), Some("id_token.refreshed_aud")),
        ("aud", Value::Null, Some("id_token.refreshed_aud")),
    ] {
        let checks = validate_refreshed(&with(claim, value.clone()), &first, "client");
        for id in ids {
            let verdict = if broken == Some(id) { Fail } else { Pass };
            assert_check(&checks, id, verdict, "");
        }
    }
}

/// OIDC Core section 12.2.
#[test]
fn a_refreshed_token_may_leave_out_what_is_of_the_first_sign_in_and_must_not_change_it() {
    let first = signed(&claims());
    for (claim, value, broken) in [
        ("nonce", Value::Null, None),
        ("nonce", json!("another"), Some("id_token.nonce")),
        ("auth_time", json!(5), Some("id_token.auth_time")),
    ] {
        let checks = validate_refreshed(&with(claim, value.clone()), &first, "client");
        let failed: Vec<&str> =
            checks.iter().filter(|check| check.verdict == Fail).map(|check| check.rule.id).collect();
        assert_eq!(failed, broken.into_iter().collect::<Vec<_>>(), "{claim} {value}");
    }
}

#[test]
fn both_channels_of_a_hybrid_flow_name_the_same_user_of_the_same_issuer() {
    let front = signed(&claims());
    for (claim, value, broken) in [
        ("exp", json!(NOW + 1200), None),
        ("iss", json!("https://evil.example"), Some("id_token.front_iss")),
        ("sub", json!("bob"), Some("id_token.front_sub")),
    ] {
        let checks = compare_channels(&with(claim, value), &front);
        for id in ["id_token.front_iss", "id_token.front_sub"] {
            assert_check(&checks, id, if broken == Some(id) { Fail } else { Pass }, "");
        }
    }
}
