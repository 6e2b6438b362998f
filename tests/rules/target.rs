//! The services that a token is asked for, and those that it is for (RFC 8707).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Warn};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::client::asked::resource::{both, lint, of_introspection, of_token};

use super::Entry;
use super::exchange::jwt;

const API: &str = "https://api.example/orders";

fn named(resources: &[&str]) -> Params {
    resources.iter().map(|resource| ("resource", *resource)).collect()
}

fn asked(resource: &str) -> Vec<Check> {
    lint(&named(&[resource])).into_iter().collect()
}

fn in_both(before: &[&str], token: &[&str]) -> Vec<Check> {
    both(&named(before), &named(token)).into_iter().collect()
}

/// An access token of these claims, asked for with one resource.
fn token(claims: &str) -> Vec<Check> {
    of_token(&[API.to_owned()], &jwt(claims), "web").into_iter().collect()
}

fn introspected(said: &str) -> Vec<Check> {
    of_introspection(&[API.to_owned()], &Json::parse_text(said).expect("JSON"), "web").into_iter().collect()
}

pub fn entries() -> Vec<Entry> {
    vec![
        Entry::kept("resource_request.form", asked(API))
            .kept_too(asked("urn:example:api"))
            .broken(Fail, "no absolute URI", asked("orders"))
            .broken(Fail, "fragment", asked("https://api.example/#x"))
            .broken(Fail, "empty", asked(""))
            .broken(Fail, "characters", asked("https://api.example/a b"))
            .broken(Note, "query", asked("https://api.example/?x=1")),
        Entry::kept("resource_request.both", in_both(&[API], &[API]))
            .kept_too(in_both(&[API, "urn:b"], &[API]))
            .broken(Note, "none in the token request", in_both(&[API], &[]))
            .broken(Note, "none before", in_both(&[], &[API]))
            .broken(Note, "urn:b", in_both(&[API], &["urn:b"])),
        Entry::kept("token.resource", token(r#"{"aud":"https://api.example/orders"}"#))
            .kept_too(introspected(r#"{"active":true,"aud":["https://api.example/orders"]}"#))
            .broken(Warn, "without aud", token("{}"))
            .broken(Warn, "aud https://other.example, without", token(r#"{"aud":"https://other.example"}"#))
            .broken(Warn, "aud web", token(r#"{"aud":"web"}"#))
            .broken(Warn, "names nobody", token(r#"{"aud":[]}"#))
            .broken(Warn, "urn:b", introspected(r#"{"active":true,"aud":"urn:b"}"#))
            .broken(Note, "more general", token(r#"{"aud":"https://api.example"}"#))
            .broken(Note, "name of the server's own", token(r#"{"aud":"orders"}"#))
            .broken(Note, "beside it web", token(r#"{"aud":["https://api.example/orders","web"]}"#)),
    ]
}

#[test]
fn what_cannot_be_looked_into_is_not_judged() {
    use grantscope::base::check::Verdict::Skipped;

    let resource = [API.to_owned()];
    for check in [
        of_token(&resource, "opaque", "web"),
        of_introspection(&resource, &Json::parse_text(r#"{"active":true}"#).expect("JSON"), "web"),
    ] {
        assert_eq!(check.map(|check| check.verdict), Some(Skipped));
    }
    assert_eq!(of_token(&[], "opaque", "web"), None);
}
