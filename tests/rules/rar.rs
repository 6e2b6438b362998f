//! What is asked for in JSON, and what came of it (RFC 9396, OIDC Core section 5.5).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Warn};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::client::asked::claims::delivered;
use grantscope::client::asked::details::{as_asked, returned};
use grantscope::client::endpoint::authorization::details::lint;
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

fn answered(details: &str) -> Vec<Check> {
    vec![returned(Some(&Json::parse_text(details).expect("JSON")), true)]
}

fn granted(details: &str) -> Vec<Check> {
    as_asked(GOOD, &Json::parse_text(details).expect("JSON")).into_iter().collect()
}

fn came(claims: &str) -> Vec<Check> {
    let asked = r#"{"userinfo":{"email":{"essential":true},"name":null}}"#;
    delivered(asked, "userinfo", &Json::parse_text(claims).expect("JSON")).into_iter().collect()
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
            .broken(Fail, "array", claims("[]", "code"))
            .broken(Fail, "email", claims(r#"{"email":null}"#, "code"))
            .broken(Fail, "id_token.email is a number", claims(r#"{"id_token":{"email":5}}"#, "code"))
            .broken(Fail, "essential that is", claims(r#"{"userinfo":{"email":{"essential":1}}}"#, "code"))
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
        Entry::kept("rar.returned", answered(GOOD))
            .kept_too(answered("[]"))
            .broken(Fail, "absent", vec![returned(None, true)])
            .broken(Warn, "absent", vec![returned(None, false)])
            .broken(Fail, "7", answered("7"))
            .broken(Fail, "object", answered(r#"{"type":"payment_initiation"}"#))
            .broken(Fail, "element 2 is a string", answered(r#"[{"type":"a"},"a"]"#))
            .broken(Fail, "element 1 has no type", answered(r#"[{"amount":1}]"#)),
        Entry::kept("rar.as_asked", granted(GOOD))
            .kept_too(granted(r#"[{"type":"payment_initiation","amount":0.5,"id":"7"}]"#))
            .broken(Note, "an empty list", granted("[]"))
            .broken(Warn, "amount wider: asked 1, granted 2", granted(r#"[{"type":"payment_initiation","amount":2}]"#))
            .broken(Warn, "amount changed", granted(r#"[{"type":"payment_initiation","amount":"all"}]"#))
            .broken(Warn, "account: nobody asked for it", granted(r#"[{"type":"account"}]"#)),
        Entry::kept("claims.delivered", came(r#"{"email":"a@example","name":"A"}"#))
            .kept_too(came(r#"{"email":"a@example"}"#))
            .broken(Note, "not in UserInfo though essential: email", came(r#"{"name":"A"}"#)),
    ]
}
