//! The answer to a token exchange (RFC 8693 section 2.2).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Warn};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::params::Params;
use grantscope::client::endpoint::token_exchange::{TOKEN_TYPE, accept};
use grantscope::jose::base64url;

use super::Entry;

pub fn jwt(claims: &str) -> String {
    let part = |text: &str| base64url::encode(text.as_bytes());
    format!("{}.{}.{}", part(r#"{"alg":"ES256"}"#), part(claims), "c2ln".repeat(20))
}

/// The answer to the shop that asked to act for alice, with these claims in the new token.
fn answered(claims: &str, issued_token_type: &str) -> Vec<Check> {
    answered_as("Bearer", claims, issued_token_type)
}

fn answered_as(token_type: &str, claims: &str, issued_token_type: &str) -> Vec<Check> {
    let sent = Params::from_iter([
        ("subject_token", jwt(r#"{"sub":"alice"}"#)),
        ("actor_token", jwt(r#"{"sub":"shop"}"#)),
        ("requested_token_type", format!("{TOKEN_TYPE}access_token")),
    ]);
    let body = format!(
        r#"{{"access_token":"{}",{issued_token_type}"token_type":"{token_type}","expires_in":60}}"#,
        jwt(claims)
    );
    accept(&HttpResponse::new(200, JSON, body).with_header("Cache-Control", "no-store"), &sent, true).checks
}

pub fn entries() -> Vec<Entry> {
    let issued = |name: &str| format!(r#""issued_token_type":"{TOKEN_TYPE}{name}","#);
    let token = issued("access_token");
    let for_alice = r#"{"sub":"alice","act":{"sub":"shop"}}"#;
    let kept = |rule| Entry::kept(rule, answered(for_alice, &token));
    let of_type = |issued: &str| answered(for_alice, issued);
    let with_claims = |claims: &str| answered(claims, &token);
    vec![
        kept("exchange.issued_token_type").broken(Fail, "absent", of_type("")),
        kept("exchange.requested_token_type").broken(Warn, "id_token", of_type(&issued("id_token"))),
        kept("exchange.token_type")
            .broken(Warn, "Bearer", of_type(&issued("id_token")))
            .broken(Fail, "N_A", answered_as("N_A", for_alice, &token))
            .broken(Fail, "mac", answered_as("mac", for_alice, &issued("refresh_token"))),
        kept("exchange.subject").broken(Note, "bob", with_claims(r#"{"sub":"bob","act":{"sub":"shop"}}"#)),
        kept("exchange.actor").broken(Warn, "no act", with_claims(r#"{"sub":"alice"}"#)).broken(
            Warn,
            "till",
            with_claims(r#"{"sub":"alice","act":{"sub":"till"}}"#),
        ),
    ]
}
