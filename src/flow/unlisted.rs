//! What this server's lists leave out of what was used: said before anything is guessed.

use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::text::visible;
use crate::jose::jwt::decode;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;
use crate::terms::metadata::ServerMetadata;
use crate::terms::scope;

use super::Flow;
use super::causes::authenticates;
use super::explain_named::asks_openid_of_device;
use super::stage::Stage;
use super::trace::Exchange;

/// A value of a request that the list of it leaves out.
pub(super) struct Unlisted {
    /// In one line, with what the list names.
    line: String,
    /// How a server speaks of it.
    words: &'static [&'static str],
}

/// Parameters of a request, the list of the metadata in which their value should be (RFC 8414 section 2, OIDC Discovery
/// section 3), and how a server speaks of them.
const LISTED: [(Stage, &str, &str, &[&str]); 8] = [
    (Stage::Authorization, "response_type", "response_types_supported", &["response_type", "response type"]),
    (Stage::Authorization, "response_mode", "response_modes_supported", &["response_mode", "response mode"]),
    (
        Stage::Authorization,
        "code_challenge_method",
        "code_challenge_methods_supported",
        &["pkce", "code_challenge", "code challenge", "transform"],
    ),
    (Stage::Authorization, "prompt", "prompt_values_supported", &["prompt"]),
    (Stage::Token, "grant_type", GRANTS, OF_GRANT_TYPE),
    (Stage::Exchange, "grant_type", GRANTS, OF_GRANT_TYPE),
    (Stage::DeviceAuthorization, "grant_type", GRANTS, OF_GRANT_TYPE),
    (Stage::BackchannelAuthentication, "grant_type", GRANTS, OF_GRANT_TYPE),
];

const GRANTS: &str = "grant_types_supported";
const OF_GRANT_TYPE: &[&str] = &["grant"];

/// What this server's lists leave out of what was used. How the client authenticated counts where it was not recognised;
/// `none` is in few lists of servers that take it.
fn unlisted(metadata: &ServerMetadata, exchange: &Exchange, meant: &str) -> Vec<Unlisted> {
    let params = exchange.request.form().unwrap_or_else(|| exchange.request.query());
    let stage = if exchange.stage.asks_for_authorization() { Stage::Authorization } else { exchange.stage };
    let of_stage = LISTED.iter().filter(|(of, ..)| *of == stage);
    let mut all = if meant == "invalid_client" { of_client(metadata, exchange) } else { Vec::new() };
    all.extend(of_stage.filter_map(|(stage, name, list, words)| {
        let value = params.get(name).or_else(|| named_later(*stage))?;
        left_out(metadata, list, name, value, words)
    }));
    all.extend(unlisted_reference(metadata, exchange));
    if meant == "invalid_scope" {
        let of_scope = unlisted_scope(metadata, params.get("scope").unwrap_or_default());
        // There it is openid that is refused.
        let words = |one: Unlisted| if asks_openid_of_device(exchange) { Unlisted { words: &[], ..one } } else { one };
        all.extend(of_scope.map(words));
    }
    all
}

/// How the client authenticated.
fn of_client(metadata: &ServerMetadata, exchange: &Exchange) -> Vec<Unlisted> {
    let endpoint = match exchange.stage {
        Stage::Revocation => "revocation",
        Stage::Introspection => "introspection",
        stage if authenticates(stage) => "token",
        _ => return Vec::new(),
    };
    let method = exchange.settings.auth_method().map(ClientAuthMethod::name).filter(|method| *method != "none");
    let list = format!("{endpoint}_endpoint_auth_methods_supported");
    let words = &["auth_method", "authentication method", "auth method"];
    let of_method = method.and_then(|method| left_out(metadata, &list, "token_endpoint_auth_method", method, words));
    let form = exchange.request.form().unwrap_or_default();
    let assertion = form.get("client_assertion").map(decode);
    let list = format!("{endpoint}_endpoint_auth_signing_alg_values_supported");
    let alg = assertion.as_ref().and_then(|assertion| assertion.alg());
    let of_alg = alg.and_then(|alg| left_out(metadata, &list, "alg", alg, &["alg"]));
    of_method.into_iter().chain(of_alg).collect()
}

/// What this server says of requests by reference: that it takes none, or those alone that are registered (OIDC Discovery
/// section 3).
fn unlisted_reference(metadata: &ServerMetadata, exchange: &Exchange) -> Option<Unlisted> {
    exchange.request.referred.as_ref()?;
    let says = |member: &str, value: bool| metadata.json.get(member).and_then(Json::as_bool) == Some(value);
    let line = match () {
        () if says("request_uri_parameter_supported", false) => {
            "request_uri_parameter_supported of this server is false: leave request_uris empty to send the object itself."
        }
        () if says("require_request_uri_registration", true) => {
            "require_request_uri_registration of this server is true: the client has to be registered with this request_uri \
             among its request_uris."
        }
        () => return None,
    };
    Some(Unlisted { line: line.to_owned(), words: &["request_uri", "request uri"] })
}

/// The same as lines: those to say first, and those that come behind what the server says by itself. Where its words name
/// a cause, only what they speak of goes before.
pub(super) fn lines(
    flow: &Flow,
    exchange: &Exchange,
    meant: &str,
    said: &str,
    is_cause_named: bool,
) -> (Vec<String>, Vec<String>) {
    let all = flow.session.metadata.as_ref().map(|metadata| unlisted(metadata, exchange, meant)).unwrap_or_default();
    let said = said.to_lowercase();
    // A server that looked at what was handed in has taken the grant.
    let is_taken = |one: &Unlisted| is_of_grant(one) && OF_HANDED_IN.contains(&meant) && !says_grant(&said);
    let is_first = |one: &Unlisted| match is_of_grant(one) {
        true => OF_GRANT.contains(&meant) && !is_cause_named || says_grant(&said),
        false => !is_cause_named || one.words.iter().any(|word| said.contains(word)),
    };
    let all = all.into_iter().filter(|one| !is_taken(one));
    let (first, later): (Vec<Unlisted>, Vec<Unlisted>) = all.partition(is_first);
    (told(first), told(later))
}

/// Errors that may be about the grant itself (RFC 6749 section 5.2).
const OF_GRANT: [&str; 3] = ["unsupported_grant_type", "unauthorized_client", "invalid_request"];

/// Errors of what a grant hands in (RFC 6749 section 5.2, RFC 8628 section 3.5).
const OF_HANDED_IN: [&str; 4] = ["invalid_grant", "authorization_pending", "slow_down", "expired_token"];

fn is_of_grant(one: &Unlisted) -> bool {
    one.words == OF_GRANT_TYPE
}

fn says_grant(said: &str) -> bool {
    ["grant_type", "grant type"].iter().any(|word| said.contains(word))
}

/// The same for an answer in which the server refused without saying why; what is about the grant apart.
pub(super) fn of_answer(flow: &Flow, exchange: &Exchange, response: &HttpResponse) -> (Vec<String>, Vec<String>) {
    let meant = match response.status {
        401 if authenticates(exchange.stage) => "invalid_client",
        // There is nothing at this address, or not for this method.
        404 | 405 | 408 | 410 | 415 => return Default::default(),
        400..500 => "",
        _ => return Default::default(),
    };
    let all = flow.session.metadata.as_ref().map(|metadata| unlisted(metadata, exchange, meant)).unwrap_or_default();
    let (of_grant, others): (Vec<Unlisted>, Vec<Unlisted>) = all.into_iter().partition(is_of_grant);
    (told(others), told(of_grant))
}

fn told(all: Vec<Unlisted>) -> Vec<String> {
    all.into_iter().map(|one| one.line).collect()
}

/// The grant that a request begins without naming it.
const fn named_later(stage: Stage) -> Option<&'static str> {
    match stage {
        Stage::DeviceAuthorization => Some(Grant::DeviceCode.grant_type()),
        Stage::BackchannelAuthentication => Some(Grant::Ciba.grant_type()),
        _ => None,
    }
}

/// The scopes that this server does not name. It may know more than it names (RFC 8414 section 2).
fn unlisted_scope(metadata: &ServerMetadata, asked: &str) -> Option<Unlisted> {
    let listed = metadata.supported("scopes_supported")?;
    let strange: Vec<&str> = scope::words(asked).filter(|word| !listed.contains(word)).collect();
    (!strange.is_empty()).then(|| {
        let (strange, listed) = (strange.join(", "), listed.join(", "));
        let (strange, listed) = (visible(&strange), visible(&listed));
        let line = format!("scope {strange} is not in scopes_supported of this server, which names {listed}.");
        Unlisted { line, words: &["scope"] }
    })
}

fn left_out(
    metadata: &ServerMetadata,
    list: &str,
    name: &str,
    value: &str,
    words: &'static [&'static str],
) -> Option<Unlisted> {
    let listed = metadata.supported(list)?;
    // The words of a response type come in any order (OAuth Response Types section 3).
    let set = |text: &str| text.split_whitespace().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    // Several prompts are asked for at once, each of which is listed by itself.
    let is_listed = match name {
        "prompt" => set(value).iter().all(|word| listed.contains(&word.as_str())),
        _ => listed.iter().any(|one| set(one) == set(value)),
    };
    (!is_listed).then(|| {
        let (value, listed) = (visible(value), visible(&listed.join(", ")).into_owned());
        let line = format!("{name} {value} is not in {list} of this server, which names {listed}.");
        Unlisted { line, words }
    })
}
