//! What a metadata document is held to. What a server must publish depends on what it is for.

use url::Url;

use crate::base::check::{Check, Rule, Verdict};
use crate::base::http::{HttpResponse, is_loopback};
use crate::base::json::Json;
use crate::base::text::{quoted, visible};
use crate::client::answer::{content_type, duplicates, member_types};
use crate::client::rules::metadata as rule;
use crate::terms::metadata::{Endpoint, ServerMetadata, form, is_blank};

use super::listed;
use super::place::{Asked, Beside};

pub(super) fn check(metadata: &ServerMetadata, response: &HttpResponse, asked: &Asked, is_openid: bool) -> Vec<Check> {
    let serves = Serves::of(metadata);
    let published = metadata.issuer().unwrap_or("no issuer");
    vec![
        content_type(&rule::CONTENT_TYPE, response),
        duplicates(&rule::DUPLICATES, &metadata.json),
        issuer(metadata, asked),
        issuer_form(published),
        required(metadata, &serves, is_openid),
        member_types(&rule::TYPES, &metadata.json, form),
        endpoint_form(metadata),
        endpoint_origin(metadata, published),
        pkce(metadata, &serves),
        pkce_plain(metadata, &serves),
        alg_none(metadata),
        alg_rs256(metadata),
        iss_parameter(metadata, &serves),
        removed_grants(metadata, &serves),
    ]
}

/// Whether a document has what a server of its kind must publish.
pub fn is_complete(metadata: &ServerMetadata) -> bool {
    required_of_openid(metadata).verdict != Verdict::Fail
}

/// The same as a check.
pub fn required_of_openid(metadata: &ServerMetadata) -> Check {
    required(metadata, &Serves::of(metadata), true)
}

/// Whether a rule is about this member of a document, as it stands there.
pub fn is_about(rule: &Rule, metadata: &ServerMetadata, name: &str, value: &Json) -> bool {
    let is_endpoint = Endpoint::find(name).is_some();
    let url = || value.as_str().filter(|_| is_endpoint).and_then(|text| Url::parse(text).ok());
    match rule.id {
        "metadata.issuer" | "metadata.issuer_form" => name == "issuer",
        "metadata.pkce" | "metadata.pkce_plain" => name == PKCE,
        "metadata.iss_parameter" => name == ISS_PARAMETER,
        "metadata.removed_grants" => name == GRANTS,
        "metadata.alg_none" => lists_none(name, value),
        "metadata.alg_rs256" => name == ID_TOKEN_ALGS,
        "metadata.types" => is_mistyped(name, value),
        "metadata.endpoint_form" => is_endpoint && value.as_str().is_some_and(|text| !is_sound(text)),
        "metadata.endpoint_origin" => {
            let home = metadata.issuer().and_then(|issuer| Url::parse(issuer).ok());
            url().zip(home).is_some_and(|(url, home)| url.origin() != home.origin())
        }
        _ => false,
    }
}

const GRANTS: &str = "grant_types_supported";
const ID_TOKEN_ALGS: &str = "id_token_signing_alg_values_supported";
const RESPONSE_TYPES: &str = "response_types_supported";
const PKCE: &str = "code_challenge_methods_supported";
const ISS_PARAMETER: &str = "authorization_response_iss_parameter_supported";
const PRE_AUTHORIZED: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";

/// What a server is for, as far as its document says it.
struct Serves {
    /// A grant that uses the authorization endpoint.
    front: bool,
    /// The code grant.
    code: bool,
    /// A grant that uses the token endpoint.
    token: bool,
    /// The implicit grant, or an ID token that comes like one.
    implicit: bool,
    /// OpenID Connect: what only it defines is there. A response type alone may stand there by habit.
    openid: bool,
    /// An ID token by the response types.
    id_token: bool,
    /// Tokens that others verify, and nothing that a client asks for: an issuer of workload tokens.
    keys_alone: bool,
}

impl Serves {
    fn of(metadata: &ServerMetadata) -> Self {
        let grants = metadata.supported(GRANTS);
        let types = metadata.supported(RESPONSE_TYPES);
        let has = |word: &str, kind: &&str| kind.split(' ').any(|it| it == word);
        let any_type = |fits: &dyn Fn(&&str) -> bool| types.as_ref().is_none_or(|types| types.iter().any(fits));
        let says_code = types.as_ref().is_some_and(|types| types.iter().any(|kind| has("code", kind)));
        let says_id_token = types.iter().flatten().any(|kind| has("id_token", kind));
        let has_member = |member: &str| metadata.json.get(member).is_some();
        let lists = |grant: &str| grants.as_ref().is_some_and(|list| list.contains(&grant));
        let scopes = metadata.supported("scopes_supported").unwrap_or_default();
        let is_endpoint = |endpoint: &Endpoint| *endpoint != Endpoint::Jwks;
        let has_endpoint = Endpoint::ALL.into_iter().filter(is_endpoint).any(|endpoint| has_member(endpoint.name()));
        // Absent grants mean code and implicit (RFC 8414 section 2); the response types say which of them.
        let is_silent = grants.is_none();
        let front = lists("authorization_code") || lists("implicit") || (is_silent && any_type(&|_| true));
        let code = lists("authorization_code") || (is_silent && any_type(&|kind| has("code", kind)));
        let is_front_alone = |kind: &&str| !has("code", kind) && (has("token", kind) || has("id_token", kind));
        Self {
            front,
            code,
            token: if let Some(list) = &grants {
                list.iter().any(|grant| *grant != "implicit")
            } else {
                code || !front
            },
            implicit: lists("implicit") || (is_silent && any_type(&is_front_alone)),
            openid: scopes.contains(&"openid")
                || has_member("subject_types_supported")
                || has_member("id_token_signing_alg_values_supported")
                || (says_id_token && has_member("userinfo_endpoint")),
            id_token: says_id_token,
            keys_alone: is_silent && !says_code && !has_endpoint && metadata.endpoint(Endpoint::Jwks).is_some(),
        }
    }
}

fn issuer(metadata: &ServerMetadata, asked: &Asked) -> Check {
    let Some(published) = metadata.issuer() else { return rule::ISSUER.broken(&*asked.issuer, "no issuer") };
    if metadata.has_template_issuer() && (asked.is(published) || fills(published, &asked.issuer)) {
        let saw = format!(
            "{}, a template: the iss of a token is held against it with the token's own tid filled in",
            visible(published)
        );
        return rule::ISSUER.warn(&*asked.issuer, saw);
    }
    match asked.beside {
        Some(Beside::Typed(words)) if asked.is(published) => {
            rule::ISSUER.note(format!("{}; {words}", visible(published)))
        }
        Some(Beside::Host(_)) if asked.is(published) => rule::ISSUER.pass(visible(published)),
        Some(beside) => rule::ISSUER.broken(&*asked.issuer, format!("{}; {}", quoted(published), beside.words())),
        None => rule::ISSUER.equal(&asked.issuer, published),
    }
}

/// Whether an issuer is one of those that a template stands for, whatever its last slash.
fn fills(template: &str, issuer: &str) -> bool {
    let [template, issuer] = [template, issuer].map(|text| text.trim_end_matches('/'));
    let (blanks, parts) = (template.split('/'), issuer.split('/'));
    blanks.clone().count() == parts.clone().count()
        && blanks.zip(parts).all(|(blank, part)| is_blank(blank) || blank == part)
}

fn issuer_form(issuer: &str) -> Check {
    let Ok(url) = Url::parse(issuer) else {
        return rule::ISSUER_FORM.broken("an https URL", visible(issuer));
    };
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    match (url.scheme(), plain) {
        ("https", true) => rule::ISSUER_FORM.pass(issuer),
        ("http", true) if is_loopback(&url) => rule::ISSUER_FORM.note("http, accepted on loopback only"),
        _ => rule::ISSUER_FORM.broken("https, without query, fragment and user", visible(issuer)),
    }
}

/// RFC 8414 section 2; OIDC Discovery section 3 for what is published at its address.
fn required(metadata: &ServerMetadata, serves: &Serves, is_openid: bool) -> Check {
    let lacks = |member: &&str| matches!(metadata.json.get(member), None | Some(Json::Null));
    if serves.keys_alone && !lacks(&"issuer") {
        return rule::REQUIRED.note(
            "keys and no endpoints: an issuer of tokens that are made for workloads (Kubernetes, build jobs) and verified by others; no grant runs here",
        );
    }
    let is_exempt = metadata.supported(GRANTS).is_some_and(|grants| grants.contains(&PRE_AUTHORIZED));
    let needed = [
        ("issuer", true),
        (RESPONSE_TYPES, serves.front),
        ("authorization_endpoint", serves.front),
        ("token_endpoint", serves.token),
        ("jwks_uri", serves.openid && is_openid),
        ("subject_types_supported", serves.openid && is_openid),
        (ID_TOKEN_ALGS, serves.openid && is_openid),
    ];
    let missing: Vec<&str> =
        needed.into_iter().filter(|(_, is_needed)| *is_needed).map(|(name, _)| name).filter(lacks).collect();
    if !missing.is_empty() {
        return rule::REQUIRED
            .broken("what a server of this kind has to publish", format!("without {}", missing.join(", ")));
    }
    // Nothing breaks for want of these.
    let asked_for = [(RESPONSE_TYPES, !is_exempt), ("jwks_uri", serves.openid || serves.id_token)];
    let left_out: Vec<&str> =
        asked_for.into_iter().filter(|(_, is_asked)| *is_asked).map(|(name, _)| name).filter(lacks).collect();
    match left_out.is_empty() {
        true => rule::REQUIRED.pass("issuer, and what a server of this kind has to publish"),
        false => rule::REQUIRED.warn("all required members", format!("without {}", left_out.join(", "))),
    }
}

fn is_mistyped(name: &str, value: &Json) -> bool {
    form(name).is_some_and(|form| !form.fits(value))
}

fn endpoints(metadata: &ServerMetadata) -> impl Iterator<Item = (&'static str, &str)> {
    Endpoint::ALL.into_iter().filter_map(|endpoint| Some((endpoint.name(), metadata.endpoint(endpoint)?)))
}

fn is_sound(endpoint: &str) -> bool {
    let Ok(url) = Url::parse(endpoint) else { return false };
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    is_safe && url.fragment().is_none() && url.username().is_empty()
}

fn endpoint_form(metadata: &ServerMetadata) -> Check {
    let broken: Vec<String> = endpoints(metadata)
        .filter(|(_, text)| !is_sound(text))
        .map(|(name, text)| format!("{name} {}", quoted(text)))
        .collect();
    if !broken.is_empty() {
        return rule::ENDPOINT_FORM.broken("https URLs without fragment", broken.join("; "));
    }
    let on_http = endpoints(metadata).any(|(_, text)| Url::parse(text).is_ok_and(|url| url.scheme() == "http"));
    if on_http {
        return rule::ENDPOINT_FORM.note("http endpoints, accepted on loopback only");
    }
    rule::ENDPOINT_FORM.pass("https everywhere")
}

fn endpoint_origin(metadata: &ServerMetadata, issuer: &str) -> Check {
    let Ok(issuer) = Url::parse(issuer) else {
        return rule::ENDPOINT_ORIGIN.skipped("the issuer is no URL");
    };
    let mut foreign: Vec<String> = endpoints(metadata)
        .filter_map(|(_, text)| Url::parse(text).ok())
        .filter(|url| url.origin() != issuer.origin())
        .map(|url| url.origin().ascii_serialization())
        .collect();
    foreign.sort();
    foreign.dedup();
    if foreign.is_empty() {
        return rule::ENDPOINT_ORIGIN.pass(issuer.origin().ascii_serialization());
    }
    rule::ENDPOINT_ORIGIN.broken(issuer.origin().ascii_serialization(), foreign.join(", "))
}

/// Most servers that know PKCE do not say so, so what is absent is no finding.
fn pkce(metadata: &ServerMetadata, serves: &Serves) -> Check {
    match metadata.supported(PKCE) {
        _ if !serves.code || serves.keys_alone => rule::PKCE.skipped("this server has no code grant"),
        None => rule::PKCE.note("not published: whether this server knows PKCE is seen when it is used"),
        Some(methods) => rule::PKCE.holds(methods.contains(&"S256"), "S256", visible(&methods.join(", "))),
    }
}

fn pkce_plain(metadata: &ServerMetadata, serves: &Serves) -> Check {
    match metadata.supported(PKCE) {
        None if !serves.code || serves.keys_alone => rule::PKCE_PLAIN.skipped("this server has no code grant"),
        None => rule::PKCE_PLAIN.skipped("no method is published"),
        Some(methods) => {
            rule::PKCE_PLAIN.holds(!methods.contains(&"plain"), "without plain", visible(&methods.join(", ")))
        }
    }
}

fn lists_none(name: &str, value: &Json) -> bool {
    name.ends_with("_alg_values_supported") && value.strings().contains(&"none")
}

/// Lists that may hold `none` (OIDC Discovery section 3).
const MAY_BE_UNSIGNED: [&str; 3] = [
    "id_token_signing_alg_values_supported",
    "userinfo_signing_alg_values_supported",
    "request_object_signing_alg_values_supported",
];

fn alg_none(metadata: &ServerMetadata) -> Check {
    let members = metadata.json.members().iter();
    let lists = members.filter(|(name, value)| lists_none(name, value)).map(|(name, _)| name.as_str());
    let (allowed, wrong): (Vec<&str>, Vec<&str>) = lists.partition(|name| MAY_BE_UNSIGNED.contains(name));
    match (allowed.is_empty(), wrong.is_empty()) {
        (_, false) => rule::ALG_NONE.broken("no none", listed(&wrong)),
        (false, true) => rule::ALG_NONE.note(format!("{}, where OpenID Connect allows it", allowed.join(", "))),
        (true, true) => rule::ALG_NONE.pass("no none"),
    }
}

/// What FAPI 2.0 lets a server sign with (section 5.4.1), which leaves RS256 out.
const OF_FAPI: [&str; 5] = ["PS256", "ES256", "EdDSA", "Ed25519", "Ed448"];

/// Every provider has to list it (OIDC Discovery section 3), and sound ones for other clients do not.
fn alg_rs256(metadata: &ServerMetadata) -> Check {
    let Some(algs) = metadata.supported(ID_TOKEN_ALGS) else {
        return rule::ALG_RS256.skipped("no algorithm for ID tokens is published");
    };
    let saw = visible(&algs.join(", ")).into_owned();
    match algs.contains(&"RS256") {
        false if !algs.is_empty() && algs.iter().all(|alg| OF_FAPI.contains(alg)) => {
            rule::ALG_RS256.skipped(format!("{saw}: FAPI 2.0 takes none but such, and RS256 is none of them"))
        }
        has_it => rule::ALG_RS256.holds(has_it, "RS256 among them", saw),
    }
}

fn iss_parameter(metadata: &ServerMetadata, serves: &Serves) -> Check {
    match metadata.flag(ISS_PARAMETER) {
        _ if !serves.front || serves.keys_alone => {
            rule::ISS_PARAMETER.skipped("this server sends no authorization response")
        }
        true => rule::ISS_PARAMETER.pass("true"),
        false if metadata.json.get(ISS_PARAMETER).is_none() => {
            rule::ISS_PARAMETER.note("not published, which means false")
        }
        false => rule::ISS_PARAMETER.note("false"),
    }
}

/// Nearly every provider offers one of them for clients of long ago; that alone breaks nothing.
fn removed_grants(metadata: &ServerMetadata, serves: &Serves) -> Check {
    let grants = metadata.supported(GRANTS);
    let has_password = grants.as_ref().is_some_and(|grants| grants.contains(&"password"));
    let offered = match (serves.implicit && !serves.keys_alone, has_password) {
        (false, false) => return rule::REMOVED_GRANTS.pass("neither"),
        (true, false) => "implicit",
        (false, true) => "password",
        (true, true) => "implicit, password",
    };
    match grants {
        Some(_) => rule::REMOVED_GRANTS.note(offered),
        None => rule::REMOVED_GRANTS.note(format!("{offered}, which grant_types_supported means by being absent")),
    }
}
