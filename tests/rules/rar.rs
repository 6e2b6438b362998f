//! What is asked for in JSON, and what came of it (RFC 9396, OIDC Core section 5.5).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::client::endpoint::authorization::details::{lint, returned};
use grantscope::terms::metadata::ServerMetadata;

use super::Entry;

const GOOD: &str = r#"[{"type":"payment_initiation","amount":1}]"#;

fn asked(name: &str, value: &str, response_type: &str, is_supported: bool) -> Vec<Check> {
    let json = format!(
        r#"{{"authorization_details_types_supported":["payment_initiation"],"claims_parameter_supported":{is_supported}}}"#
    );
    let metadata = ServerMetadata { json: Json::parse_text(&json).expect("JSON") };
    lint(&[("response_type", response_type), (name, value)].into_iter().collect::<Params>(), Some(&metadata))
}

fn details(value: &str) -> Vec<Check> {
    asked("authorization_details", value, "code", true)
}

fn claims(value: &str, response_type: &str) -> Vec<Check> {
    asked("claims", value, response_type, true)
}

fn answered(answer: &str) -> Vec<Check> {
    vec![returned(GOOD, &Json::parse_text(answer).expect("JSON"))]
}

pub fn entries() -> Vec<Entry> {
    let of_user = r#"{"userinfo":{"email":null}}"#;
    vec![
        Entry::kept("rar_request.form", details(GOOD))
            .broken(Fail, "{}", details("{}"))
            .broken(Fail, "[]", details("[]"))
            .broken(Fail, "null", details(r#"[{"type":null}]"#))
            .broken(Fail, "no JSON", details("no JSON")),
        Entry::kept("rar_request.listed", details(GOOD)).broken(Note, "other", details(r#"[{"type":"other"}]"#)),
        Entry::kept("claims_request.form", claims(of_user, "code"))
            .kept_too(claims(r#"{"id_token":{"acr":{"essential":true}}}"#, "code"))
            .broken(Fail, "[]", claims("[]", "code"))
            .broken(Fail, "email", claims(r#"{"email":null}"#, "code"))
            .broken(Fail, "email", claims("email", "code")),
        Entry::kept("claims_request.token", claims(of_user, "code")).broken(
            Fail,
            "id_token",
            claims(of_user, "id_token"),
        ),
        Entry::kept("claims_request.supported", claims(of_user, "code")).broken(
            Note,
            "not true",
            asked("claims", of_user, "code", false),
        ),
        Entry::kept("rar.returned", answered(&format!(r#"{{"authorization_details":{GOOD}}}"#)))
            .kept_too(answered(r#"{"authorization_details":[]}"#))
            .broken(Fail, "absent", answered("{}"))
            .broken(Fail, "7", answered(r#"{"authorization_details":7}"#)),
    ]
}
