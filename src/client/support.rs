//! What a server says it can do, against what each grant and each extension needs (RFC 8414 section 2). What is not
//! named may work all the same, so nothing here forbids anything.

use crate::base::check::{Check, Rule};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::visible;
use crate::client::rules::request as rule;
use crate::jose::jwt::{self, Form};
use crate::terms::grant::Grant;
use crate::terms::metadata::{Endpoint, ServerMetadata};
use crate::terms::scope;

/// Holds the prompts of an authorization request against those the server names.
pub fn prompt(params: &Params, metadata: Option<&ServerMetadata>) -> Check {
    let Some(asked) = params.get("prompt") else { return rule::PROMPT_LISTED.skipped("no prompt") };
    let Some(listed) = metadata.and_then(|metadata| metadata.supported("prompt_values_supported")) else {
        return rule::PROMPT_LISTED.skipped("the server names none");
    };
    let is_listed = scope::words(asked).all(|word| listed.contains(&word));
    rule::PROMPT_LISTED.holds(is_listed, visible(&listed.join(", ")), visible(asked))
}

/// Whether the server names the `response_mode` of a request, where one is asked for (RFC 8414 section 2).
pub fn response_mode(params: &Params, metadata: Option<&ServerMetadata>) -> Option<Check> {
    let asked = params.get("response_mode").filter(|mode| !mode.is_empty())?;
    let metadata = metadata?;
    let is_listed = lists_mode(metadata, params);
    Some(rule::MODE_LISTED.holds(is_listed, visible(&modes(metadata).join(", ")), visible(asked)))
}

/// The modes that the server takes. Where it names none they are these two.
fn modes(metadata: &ServerMetadata) -> Vec<&str> {
    metadata.supported("response_modes_supported").unwrap_or_else(|| vec!["query", "fragment"])
}

/// Whether the `response_mode` of a request is among them, or none is asked for.
pub fn lists_mode(metadata: &ServerMetadata, params: &Params) -> bool {
    params.get("response_mode").is_none_or(|mode| mode.is_empty() || modes(metadata).contains(&mode))
}

/// Whether an authorization request is of the kind that the server demands, where it takes one kind alone (RFC 9126
/// section 5, RFC 9101 section 10.5). `pushed` is what was pushed, where the request refers to it.
pub fn demanded(params: &Params, metadata: Option<&ServerMetadata>, pushed: Option<&Params>) -> [Check; 2] {
    let signed = match pushed {
        Some(pushed) => signed(pushed, metadata),
        None => has_carrier(&rule::SIGNED, SIGNED_ALONE, &["request", "request_uri"], params, metadata),
    };
    [has_carrier(&rule::PUSHED, PUSHED_ALONE, &["request_uri"], params, metadata), signed]
}

/// Whether what is pushed is signed, where the server takes nothing else (RFC 9101 section 10.5).
pub fn signed(pushed: &Params, metadata: Option<&ServerMetadata>) -> Check {
    has_carrier(&rule::SIGNED, SIGNED_ALONE, &["request"], pushed, metadata)
}

/// Whether one of these parameters carries the request, where the server demands it by this member.
fn has_carrier(
    rule: &'static Rule,
    member: &str,
    carriers: &[&str],
    params: &Params,
    metadata: Option<&ServerMetadata>,
) -> Check {
    match metadata.and_then(|metadata| metadata.json.get(member)).map(Json::as_bool) {
        Some(Some(true)) => {}
        Some(Some(false)) | None => return rule.skipped("the server takes others too"),
        Some(None) => return rule.skipped(format!("{member} is neither true nor false")),
    }
    let sent = carriers.iter().find_map(|name| Some((name, params.get(name).filter(|value| !value.is_empty())?)));
    match sent.map(|(name, value)| (name, if *name == "request" { unsigned(value) } else { None })) {
        Some((_, Some(fault))) => rule.broken(carriers.join(" or "), format!("{member}: true, and {fault}")),
        Some((carrier, None)) => rule.pass(format!("{member}: true, and a {carrier}")),
        None => rule.broken(carriers.join(" or "), format!("{member}: true, and no {}", carriers.join(" or "))),
    }
}

/// Why a request object is not one that is signed (RFC 9101 section 4). What is encrypted is looked into by the server
/// alone.
fn unsigned(request: &str) -> Option<&'static str> {
    let decoded = jwt::decode(request);
    let is_signed = || decoded.parts.last().is_some_and(|part| !part.text.is_empty());
    match decoded.form {
        Form::Jwe => None,
        Form::Jws if is_signed() => None,
        Form::Jws => Some("a request whose signature is empty"),
        Form::UnsecuredJws => Some("a request that is not signed (alg none)"),
        Form::JsonSerialization | Form::Opaque => Some("a request that is no JWT"),
    }
}

const PUSHED_ALONE: &str = "require_pushed_authorization_requests";
const SIGNED_ALONE: &str = "require_signed_request_object";

/// How a feature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The metadata names it.
    Supported,
    /// The server insists on it.
    Required,
    /// The metadata does not name it.
    NotNamed,
    /// Named, although its use is discouraged.
    Discouraged,
}

impl Standing {
    /// In one or two words: `not named`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Required => "required",
            Self::NotNamed => "not named",
            Self::Discouraged => "offered",
        }
    }
}

/// A grant or an extension, and what the metadata says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// `Device`, `Pushed request (PAR)`
    pub name: &'static str,
    /// How it stands.
    pub standing: Standing,
    /// The member that says so, in words.
    pub reason: String,
}

/// Every grant in the order of the tabs, then the extensions.
pub fn of(metadata: &ServerMetadata) -> Vec<Support> {
    let grants = Grant::ALL.into_iter().map(|grant| of_grant(metadata, grant));
    let extensions: [(&'static str, Reader); 8] = [
        ("Pushed request (PAR)", par),
        ("DPoP", dpop),
        ("mTLS", mtls),
        ("Signed request (JAR)", jar),
        ("Signed response (JARM)", jarm),
        ("Rich request (RAR)", rar),
        ("iss in the response (RFC 9207)", iss),
        ("Back-channel logout", back_channel_logout),
    ];
    grants.chain(extensions.into_iter().map(|(name, read)| named(name, read(metadata)))).collect()
}

type Said = (Standing, String);
type Reader = fn(&ServerMetadata) -> Said;

fn named(name: &'static str, (standing, reason): Said) -> Support {
    Support { name, standing, reason }
}

fn of_grant(metadata: &ServerMetadata, grant: Grant) -> Support {
    let said = match grant {
        Grant::AuthorizationCode => code(metadata),
        Grant::DeviceCode => with_endpoint(metadata, grant, Endpoint::DeviceAuthorization),
        Grant::Ciba => ciba(metadata),
        Grant::RefreshToken => refresh(metadata),
        Grant::Implicit => by_response_type(metadata, grant),
        Grant::Hybrid => by_response_type(metadata, grant),
        _ => by_grant_type(metadata, grant),
    };
    let (standing, reason) = match (said, grant.discouraged()) {
        ((Standing::Supported, named), Some(_)) => (Standing::Discouraged, format!("{}; {named}", discouraged(grant))),
        (said, _) => said,
    };
    Support { name: grant.title(), standing, reason }
}

const fn discouraged(grant: Grant) -> &'static str {
    match grant {
        Grant::Password => "RFC 9700 §2.4: must not be used",
        Grant::Implicit => "RFC 9700 §2.1.2: should not be used",
        _ => "rarely needed since PKCE",
    }
}

/// What applies where the member is absent (RFC 8414 section 2).
const GRANT_TYPES_LEFT_OUT: [&str; 2] = ["authorization_code", "implicit"];

fn by_grant_type(metadata: &ServerMetadata, grant: Grant) -> Said {
    let name = grant.grant_type();
    match metadata.supported("grant_types_supported") {
        Some(list) if list.contains(&name) => (Standing::Supported, "in grant_types_supported".to_owned()),
        Some(_) => (Standing::NotNamed, "grant_types_supported lacks it; trying is possible".to_owned()),
        None if GRANT_TYPES_LEFT_OUT.contains(&name) => {
            (Standing::Supported, "grant_types_supported is left out, which means this one too".to_owned())
        }
        None => (Standing::NotNamed, "there is no grant_types_supported; trying is possible".to_owned()),
    }
}

fn by_response_type(metadata: &ServerMetadata, grant: Grant) -> Said {
    let offered = metadata.supported("response_types_supported").unwrap_or_default();
    let is_same = |a: &str, b: &str| sorted(a) == sorted(b);
    let own = |offered: &&str| grant.response_types().iter().any(|own| is_same(own, offered));
    let named: Vec<&str> = offered.into_iter().filter(own).collect();
    match named.is_empty() {
        true => (Standing::NotNamed, "none of its types in response_types_supported".to_owned()),
        false => (Standing::Supported, format!("response type {}", named.join(", "))),
    }
}

/// The order of the words does not matter (RFC 6749 section 3.1.1).
fn sorted(words: &str) -> Vec<&str> {
    let mut words: Vec<&str> = words.split_whitespace().collect();
    words.sort_unstable();
    words
}

fn code(metadata: &ServerMetadata) -> Said {
    let (standing, reason) = by_grant_type(metadata, Grant::AuthorizationCode);
    let types = metadata.supported("response_types_supported");
    if types.is_some_and(|list| !list.contains(&"code")) {
        return (Standing::NotNamed, "response_types_supported lacks code".to_owned());
    }
    let parts = [list(metadata, "code_challenge_methods_supported"), list(metadata, "response_modes_supported")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match (standing, parts.is_empty()) {
        (Standing::Supported, false) => (standing, format!("code; {}", parts.join("; "))),
        _ => (standing, reason),
    }
}

fn refresh(metadata: &ServerMetadata) -> Said {
    let (standing, reason) = by_grant_type(metadata, Grant::RefreshToken);
    let has_scope = metadata.supported("scopes_supported").is_some_and(|list| list.contains(&"offline_access"));
    match (standing, has_scope) {
        (_, false) => (standing, reason),
        (Standing::NotNamed, true) => (Standing::Supported, "scope offline_access is named".to_owned()),
        (_, true) => (standing, format!("{reason}; scope offline_access")),
    }
}

fn with_endpoint(metadata: &ServerMetadata, grant: Grant, endpoint: Endpoint) -> Said {
    match metadata.endpoint(endpoint) {
        Some(_) => (Standing::Supported, format!("{} is there", endpoint.name())),
        None => {
            let (_, reason) = by_grant_type(metadata, grant);
            (Standing::NotNamed, format!("no {}; {reason}", endpoint.name()))
        }
    }
}

fn ciba(metadata: &ServerMetadata) -> Said {
    let modes = list(metadata, "backchannel_token_delivery_modes_supported");
    match (with_endpoint(metadata, Grant::Ciba, Endpoint::BackchannelAuthentication), modes) {
        ((Standing::Supported, _), Some(modes)) => (Standing::Supported, format!("modes {modes}")),
        (said, _) => said,
    }
}

fn par(metadata: &ServerMetadata) -> Said {
    let endpoint = "pushed_authorization_request_endpoint";
    match (metadata.flag(PUSHED_ALONE), metadata.json.get(endpoint)) {
        (true, _) => (Standing::Required, format!("{PUSHED_ALONE}: true")),
        (false, Some(_)) => (Standing::Supported, format!("{endpoint} is there")),
        (false, None) => lacks(endpoint),
    }
}

fn dpop(metadata: &ServerMetadata) -> Said {
    listed(metadata, "dpop_signing_alg_values_supported")
}

fn mtls(metadata: &ServerMetadata) -> Said {
    let methods = metadata.supported("token_endpoint_auth_methods_supported").unwrap_or_default();
    let method =
        methods.into_iter().find(|method| matches!(*method, "tls_client_auth" | "self_signed_tls_client_auth"));
    let bound = "tls_client_certificate_bound_access_tokens";
    match (metadata.json.get("mtls_endpoint_aliases"), method, metadata.flag(bound)) {
        (Some(_), _, _) => (Standing::Supported, "mtls_endpoint_aliases name other addresses".to_owned()),
        (None, Some(method), _) => (Standing::Supported, format!("{method} at the token endpoint")),
        (None, None, true) => (Standing::Supported, format!("{bound}: true")),
        (None, None, false) => lacks("mtls_endpoint_aliases"),
    }
}

fn jar(metadata: &ServerMetadata) -> Said {
    let algs = list(metadata, "request_object_signing_alg_values_supported");
    if metadata.flag(SIGNED_ALONE) {
        return (Standing::Required, format!("{SIGNED_ALONE}: true"));
    }
    match (metadata.flag("request_parameter_supported"), algs) {
        (true, Some(algs)) => (Standing::Supported, algs),
        (true, None) => (Standing::Supported, "request_parameter_supported: true".to_owned()),
        (false, Some(_)) if metadata.flag("request_uri_parameter_supported") => {
            (Standing::Supported, "request_uri_parameter_supported: true".to_owned())
        }
        (false, _) => lacks("request_parameter_supported"),
    }
}

fn jarm(metadata: &ServerMetadata) -> Said {
    let modes = metadata.supported("response_modes_supported").unwrap_or_default();
    let signed: Vec<&str> = modes.into_iter().filter(|mode| *mode == "jwt" || mode.ends_with(".jwt")).collect();
    match signed.is_empty() {
        true => (Standing::NotNamed, "response_modes_supported has no jwt".to_owned()),
        false => (Standing::Supported, signed.join(", ")),
    }
}

fn rar(metadata: &ServerMetadata) -> Said {
    listed(metadata, "authorization_details_types_supported")
}

fn iss(metadata: &ServerMetadata) -> Said {
    flagged(metadata, "authorization_response_iss_parameter_supported")
}

fn back_channel_logout(metadata: &ServerMetadata) -> Said {
    flagged(metadata, "backchannel_logout_supported")
}

fn flagged(metadata: &ServerMetadata, member: &str) -> Said {
    if metadata.flag(member) { (Standing::Supported, format!("{member}: true")) } else { lacks(member) }
}

fn listed(metadata: &ServerMetadata, member: &str) -> Said {
    list(metadata, member).map_or_else(|| lacks(member), |words| (Standing::Supported, words))
}

fn lacks(member: &str) -> Said {
    (Standing::NotNamed, format!("no {member}"))
}

/// The words of a list that is there and not empty.
fn list(metadata: &ServerMetadata, member: &str) -> Option<String> {
    metadata.supported(member).filter(|list| !list.is_empty()).map(|list| list.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::json::Json;

    fn standing(document: &str, name: &str) -> (Standing, String) {
        let metadata = ServerMetadata { json: Json::parse_text(document).expect("JSON") };
        let all = of(&metadata);
        let found = all.iter().find(|support| support.name == name).unwrap_or_else(|| panic!("no {name}"));
        (found.standing, found.reason.clone())
    }

    #[test]
    fn each_feature_stands_as_its_member_says() {
        use Standing::{Discouraged, NotNamed, Required, Supported};
        let code = r#"{"response_types_supported":["code"],"code_challenge_methods_supported":["S256"]}"#;
        let device = r#"{"device_authorization_endpoint":"https://as.example/device"}"#;
        let grants = r#"{"grant_types_supported":["password","client_credentials"]}"#;
        let responses = r#"{"response_types_supported":["token id_token","id_token code"]}"#;
        let ciba = r#"{"backchannel_authentication_endpoint":"x",
            "backchannel_token_delivery_modes_supported":["poll","ping"]}"#;
        for (document, name, expected, says) in [
            (code, "Authorization code", Supported, "S256"),
            (r#"{"response_types_supported":["token"]}"#, "Authorization code", NotNamed, "lacks code"),
            (grants, "Authorization code", NotNamed, "lacks it"),
            (device, "Device", Supported, "device_authorization_endpoint is there"),
            (grants, "Device", NotNamed, "no device_authorization_endpoint"),
            (grants, "Client credentials", Supported, "in grant_types_supported"),
            ("{}", "Client credentials", NotNamed, "no grant_types_supported"),
            ("{}", "Refresh", NotNamed, "no grant_types_supported"),
            (r#"{"scopes_supported":["offline_access"]}"#, "Refresh", Supported, "offline_access"),
            (grants, "Password", Discouraged, "RFC 9700"),
            (grants, "Token exchange", NotNamed, "lacks it"),
            (grants, "JWT bearer", NotNamed, "lacks it"),
            (grants, "SAML bearer", NotNamed, "lacks it"),
            (responses, "Implicit", Discouraged, "token id_token"),
            (responses, "Hybrid", Discouraged, "id_token code"),
            (code, "Hybrid", NotNamed, "response_types_supported"),
            (ciba, "CIBA", Supported, "poll, ping"),
            ("{}", "CIBA", NotNamed, "no backchannel_authentication_endpoint"),
            (
                r#"{"pushed_authorization_request_endpoint":"x"}"#,
                "Pushed request (PAR)",
                Supported,
                "pushed_authorization_request_endpoint",
            ),
            (
                r#"{"require_pushed_authorization_requests":true}"#,
                "Pushed request (PAR)",
                Required,
                "require_pushed_authorization_requests: true",
            ),
            ("{}", "Pushed request (PAR)", NotNamed, "no pushed_authorization_request_endpoint"),
            (r#"{"dpop_signing_alg_values_supported":["ES256","EdDSA"]}"#, "DPoP", Supported, "ES256, EdDSA"),
            ("{}", "DPoP", NotNamed, "no dpop_signing_alg_values_supported"),
            (r#"{"mtls_endpoint_aliases":{}}"#, "mTLS", Supported, "mtls_endpoint_aliases"),
            (r#"{"token_endpoint_auth_methods_supported":["tls_client_auth"]}"#, "mTLS", Supported, "tls_client_auth"),
            ("{}", "mTLS", NotNamed, "no mtls_endpoint_aliases"),
            (r#"{"require_signed_request_object":true}"#, "Signed request (JAR)", Required, "true"),
            (r#"{"request_parameter_supported":true}"#, "Signed request (JAR)", Supported, "true"),
            (r#"{"request_parameter_supported":false}"#, "Signed request (JAR)", NotNamed, "no request_parameter"),
            (r#"{"response_modes_supported":["query","query.jwt"]}"#, "Signed response (JARM)", Supported, "query.jwt"),
            (r#"{"response_modes_supported":["query"]}"#, "Signed response (JARM)", NotNamed, "no jwt"),
            (r#"{"authorization_details_types_supported":["payment"]}"#, "Rich request (RAR)", Supported, "payment"),
            (r#"{"authorization_details_types_supported":[]}"#, "Rich request (RAR)", NotNamed, "no authorization"),
            (
                r#"{"authorization_response_iss_parameter_supported":true}"#,
                "iss in the response (RFC 9207)",
                Supported,
                "true",
            ),
            (r#"{"backchannel_logout_supported":true}"#, "Back-channel logout", Supported, "true"),
            ("{}", "Back-channel logout", NotNamed, "no backchannel_logout_supported"),
        ] {
            let (standing, reason) = standing(document, name);
            assert_eq!(standing, expected, "{name}: {document}");
            assert!(reason.contains(says), "{name}: {reason}");
        }
    }

    #[test]
    fn every_grant_has_its_line_and_mistyped_members_count_as_absent() {
        let metadata = ServerMetadata { json: Json::parse_text(r#"{"grant_types_supported":7}"#).expect("JSON") };
        let all = of(&metadata);
        assert_eq!(all.len(), Grant::ALL.len() + 8);
        assert!(Grant::ALL.iter().all(|grant| all.iter().any(|support| support.name == grant.title())));
    }
}
