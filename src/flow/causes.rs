//! What explains a refusal before anything is guessed: lists of the metadata that leave out what was used, the status, and
//! the server's own words.

use url::Url;

use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::text::{elided, visible};
use crate::client::authentication::shows_certificate;
use crate::client::body;
use crate::client::body::said;
use crate::client::challenge::challenges;
use crate::terms::error::OAuthError;
use crate::terms::glossary;
use crate::terms::metadata::Endpoint;

use super::stage::{Stage, json_of};
use super::trace::Exchange;
use super::{Flow, method_named};

/// An endpoint that was filled in by hand, where the metadata name another one.
pub(super) fn typed_elsewhere(flow: &Flow, exchange: &Exchange) -> Option<String> {
    let metadata = flow.session.metadata.as_ref()?;
    Endpoint::ALL.into_iter().find_map(|endpoint| {
        let typed = exchange.settings.endpoint(endpoint, None)?;
        let url = Url::parse(typed).ok().filter(|url| url.path() == exchange.request.url.path())?;
        let named = metadata.endpoint(endpoint).filter(|named| *named != typed && *named != url.as_str())?;
        let at = exchange.request.url.origin() == url.origin();
        at.then(|| {
            let (name, typed, named) = (endpoint.name(), visible(typed), visible(named));
            format!("{name} is set to {typed}, and the metadata name {named}: leave it empty to use that.")
        })
    })
}

/// How clients authenticate, as the metadata list it.
pub(super) const METHODS: &str = "token_endpoint_auth_methods_supported";

/// Whether this server takes a secret in any form; where it lists no methods, one has to think so.
pub(super) fn takes_secret(flow: &Flow) -> bool {
    let listed = flow.session.metadata.as_ref().and_then(|metadata| metadata.supported(METHODS));
    listed.is_none_or(|listed| listed.iter().any(|method| method.starts_with("client_secret_")))
}

/// What a client lacks that showed nothing.
pub(super) fn no_secret(flow: &Flow) -> &'static str {
    match takes_secret(flow) {
        true => "No client_secret was sent; a confidential client needs one.",
        false => {
            "The client showed nothing that proves who it is, and this server takes no client_secret: it needs a key or a \
             certificate that is registered for it."
        }
    }
}

/// A certificate cannot be shown where there is no TLS.
pub(super) fn plain(exchange: &Exchange) -> Option<String> {
    let is_known = !exchange.stage.is_of_registration();
    let is_plain = exchange.request.url.scheme() == "http" && is_known && shows_certificate(&exchange.settings);
    is_plain.then(|| {
        "This endpoint is http, where no certificate can be shown: use the https address of this server.".to_owned()
    })
}

/// A pushed request that is larger than the server takes (RFC 9126 section 2.3).
pub(super) fn too_large(exchange: &Exchange) -> Option<String> {
    let is_too_large = exchange.response().is_some_and(|response| response.status == 413);
    (is_too_large && exchange.stage == Stage::PushedAuthorization).then(|| {
        "The pushed request is larger than the server takes, or a proxy before it (RFC 9126 section 2.3): ask for less in it, or \
         raise their limits."
            .to_owned()
    })
}

/// The code that the server means: some say `unauthorized_client` for a wrong secret, and the status or their words tell.
pub(super) fn meant<'a>(error: &'a OAuthError, response: Option<&HttpResponse>) -> &'a str {
    let said = error.error_description.as_deref().unwrap_or_default().to_ascii_lowercase();
    // The grant of that name is no credential.
    let said = said.replace("client_credentials", "");
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let is_credential = says(&["credential", "secret", "authentication"]);
    // That one way to authenticate is not allowed says nothing of what the client may do.
    let is_known = says(&["not enabled", "not allowed", "not authorized", "not supported", "service account"])
        && !method_named::is_named(&said);
    let is_unauthorized = response.is_some_and(|response| response.status == 401);
    match error.error.as_str() {
        "unauthorized_client" if !is_known && (is_unauthorized || is_credential) => "invalid_client",
        "invalid_client" if is_known => "unauthorized_client",
        // Nobody asks a user here: Auth0 says so of a client.
        "access_denied" if is_unauthorized && said == "unauthorized" => "invalid_client",
        // Entra, to a device that polls.
        "authorization_declined" => "access_denied",
        code => alike(code).unwrap_or(code),
    }
}

/// The code of OAuth that somebody writes in another way: `InvalidGrant`, `INVALID-GRANT`.
fn alike(code: &str) -> Option<&'static str> {
    let letters = |code: &str| code.replace(['_', '-', ' '], "").to_ascii_lowercase();
    let written = letters(code);
    glossary::error_codes().find(|known| letters(known) == written)
}

/// What a server means that is asked too often, or is down for a while (RFC 6585 section 4, RFC 9110 section 15.6.4).
pub(super) fn busy(response: &HttpResponse) -> Option<String> {
    let what = match response.status {
        429 => "The server limits how often it is asked; wait, then try again.",
        503 => "The server is not ready now; wait, then try again.",
        _ => return None,
    };
    let wait = response.headers.get("retry-after").map(|wait| format!(" It says Retry-After: {}.", visible(wait)));
    Some(format!("{what}{}", wait.unwrap_or_default()))
}

/// What a failure of a server or of what stands before it means. A gateway answers by itself where it cannot reach the
/// server behind it (RFC 9110 sections 15.6.3 and 15.6.5).
pub(super) fn down(response: &HttpResponse) -> String {
    let named = |field| Some(format!("{field}: {}", visible(&elided(response.headers.get(field)?, 80))));
    let names: Vec<String> = ["Server", "Via"].into_iter().filter_map(named).collect();
    let gateway = match names.as_slice() {
        [] => "A gateway".to_owned(),
        names => format!("A gateway ({})", names.join("; ")),
    };
    match response.status {
        502 => format!(
            "{gateway} answered before the server did: it could not reach what is behind it, or got no answer from there that \
             it understands. Check that the server behind it runs, and where the gateway looks for it."
        ),
        504 => format!(
            "{gateway} answered before the server did: what is behind it did not answer in time. Look at the log of the server \
             behind it, and at how long the gateway waits."
        ),
        _ => "The server itself failed; look at its log, then send the request again.".to_owned(),
    }
}

/// Words in the path of a page at which people sign in.
const LOGIN: [&str; 5] = ["login", "signin", "sign-in", "sign_in", "sso"];

/// Whether a redirect goes to where people sign in.
pub(super) fn is_login(response: &HttpResponse) -> bool {
    let to = response.headers.get("location").unwrap_or_default();
    let path = to.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    LOGIN.iter().any(|word| path.contains(word))
}

/// What a redirect of an endpoint means.
pub(super) fn redirected(stage: Stage, response: &HttpResponse) -> String {
    if response.headers.get("location").is_none_or(str::is_empty) {
        return "The redirect names no address, so that nobody can follow it: look into the server's log.".to_owned();
    }
    if is_login(response) && !authenticates(stage) {
        return "The server sends to its login page: what stands before this address asks who is there. Check its path; do not \
                send anything to the login page."
            .to_owned();
    }
    if is_login(response) {
        return "The server sends to its login page: it took this for a visit of somebody who is not signed in, not for a \
                request of a client. Check the path of this endpoint, and how the client authenticates there; do not send \
                anything to the login page."
            .to_owned();
    }
    "Use the address that the redirect points to as endpoint.".to_owned()
}

/// Whether a client authenticates in the request of this stage.
pub(super) const fn authenticates(stage: Stage) -> bool {
    matches!(
        stage,
        Stage::Token
            | Stage::Refresh
            | Stage::RefreshReuse
            | Stage::Exchange
            | Stage::IdJag
            | Stage::ActorToken
            | Stage::Introspection
            | Stage::Revocation
            | Stage::DeviceAuthorization
            | Stage::PushedAuthorization
            | Stage::BackchannelAuthentication
    )
}

const fn brings_tokens(stage: Stage) -> bool {
    stage.descriptor().brings_tokens
}

/// What an answer that is neither success nor refusal shows of its cause; nothing where that is open.
pub(super) fn of_answer(exchange: &Exchange, response: &HttpResponse) -> Vec<String> {
    let stage = exchange.stage;
    let cause = contradictory(response)
        .or_else(|| misplaced(response).or_else(|| silent(stage, response)))
        .or_else(|| hollow(exchange, response).or_else(|| misshapen(stage, response)));
    cause.into_iter().chain(challenged(response)).collect()
}

/// What an answer without readable words means, by status and stage; nothing where that is open.
pub(super) fn silent(stage: Stage, response: &HttpResponse) -> Option<String> {
    let is_empty = response.body.iter().all(u8::is_ascii_whitespace);
    let with_client = authenticates(stage);
    let is_of_api = matches!(stage, Stage::Resource | Stage::Challenge);
    Some(match response.status {
        401 if with_client => {
            "The server recognised no client in this request: check client_id and client_secret, and try another \
             token_endpoint_auth_method. Some servers answer so without a word when the method is not the registered one."
        }
        403 if with_client && is_empty => {
            "403 without a word: often the server does not know this path as an OAuth endpoint and asks for what browsers \
             have, such as a CSRF token. Check the path of the endpoint."
        }
        400 if is_empty => {
            "400 without a word: look into the server's log. Most often a parameter is missing, or the body is not of the \
             kind that this path takes."
        }
        401 | 403 if stage == Stage::Jwks => {
            "Keys are read by everybody, without a token: what stands before this address asks for one. Check jwks_uri, or \
             let it through there."
        }
        401 | 403 if stage == Stage::UserInfo => {
            "UserInfo refused the token and does not say why: look whether openid is in its scope, whether it is over, and \
             whether its aud names this server."
        }
        401 if stage == Stage::Resource => {
            "The API refused the token and does not say why: look at its exp, aud and iss, or introspect it."
        }
        403 if stage == Stage::Resource => {
            "The API took the request and does not let it through: look at scope, aud and the roles of the user or client."
        }
        404 | 410 if is_of_api => "There is nothing at this path: compare api_url with what the API documents.",
        404 | 410 => "There is nothing at this path: compare the URL of the endpoint with the server's metadata.",
        406 => "The server does not answer in what this request accepts, which is JSON: it is probably another endpoint.",
        411 | 413 | 414 | 431 => {
            "The request is too large, or not in the form that the server or a proxy before it takes: look at what was sent, \
             and at their limits."
        }
        421 => "The server is asked for under another name than its own: compare the host of this endpoint with its metadata.",
        405 if is_of_api => "This path takes another method: compare api_method with what the API documents.",
        405 => "This path takes another method: it is not the endpoint that was meant, or a slash at its end is missing.",
        415 if is_of_api => {
            "The API takes another kind of body: compare api_headers.Content-Type and api_body with what it documents."
        }
        415 if stage.is_of_registration() => {
            "The server does not take JSON here: registration endpoints do (RFC 7591 section 3.1), so this is probably \
             another one."
        }
        415 => "The server does not take a form here: OAuth endpoints do, so this is probably another one.",
        _ => return None,
    }
    .to_owned())
}

/// A token under a status that refuses.
fn contradictory(response: &HttpResponse) -> Option<String> {
    let json = json_of(response).filter(|json| !response.is_success() && OAuthError::from_json(json).is_none())?;
    body::misplaced_token(&json).map(|_| {
        format!(
            "The server sends a token and says {}: a client looks at the status first and uses nothing of it. Have the server \
             answer 200 with tokens, or an error without one (RFC 6749 section 5).",
            response.status
        )
    })
}

/// What JSON of another shape than an object means, and what is no whole JSON.
fn misshapen(stage: Stage, response: &HttpResponse) -> Option<String> {
    let is_of_keys = stage == Stage::Jwks;
    let has_none =
        |json: &Json| matches!(json.get("keys"), Some(Json::Null)) || matches!(json, Json::Null | Json::Array(_));
    let line = match Json::parse(&response.body) {
        Ok(json) if is_of_keys && response.is_success() && has_none(&json) => {
            "No key is in this answer: have the server publish its keys as { \"keys\": [..] } (RFC 7517 section 5). An empty \
             list, or null, is what comes where it has made none yet or cannot read them."
        }
        Ok(Json::Null) => {
            "The server answers null, as programs do that found nothing: look into its log for what it looked up here."
        }
        Ok(json) if !json.is_object() => {
            "This is JSON and no object, which alone is read here: the server answers in a form of its own, or the path is of \
             something else."
        }
        Err(error) if error.is_behind_a_value() => {
            "The JSON is whole, and more comes behind it, which many clients refuse: look for what the server writes after its \
             answer, such as a warning, a debug page or the answer once more."
        }
        Err(error) if error.is_cut_off() => {
            "The JSON breaks off: the server failed while it wrote, or a proxy between cut the answer. Compare its length with \
             Content-Length, and look into the log."
        }
        Err(_) if is_of_keys && response.text().contains("-----BEGIN ") => {
            "The key came as PEM: jwks_uri has to answer with a JWK Set, which is JSON (RFC 7517 section 5)."
        }
        _ => return None,
    };
    Some(line.to_owned())
}

/// What a success means that brings nothing of what was asked for.
fn hollow(exchange: &Exchange, response: &HttpResponse) -> Option<String> {
    let (stage, asked) = (exchange.stage, &exchange.settings.request);
    let asks_for_jwt = !asked.introspection_signed_response_alg.is_empty() || !asked.introspection_accept.is_empty();
    let text = response.text();
    let written = text.trim().trim_matches('"');
    let is_token = authenticates(stage) && body::is_token(response);
    let line = match json_of(response) {
        _ if !response.is_success() => return None,
        _ if written.is_empty() => {
            "A success without a body: something between may have dropped it, or the server failed after it began to answer. \
             Look into its log."
        }
        _ if is_token && stage == Stage::Introspection && asks_for_jwt => {
            "The JWT was asked for, and has no object token_introspection, in which it says what the plain answer would \
             (RFC 9701 section 5): have the server put active and the rest there."
        }
        _ if is_token && stage == Stage::Introspection => {
            "The answer is a JWT of another kind, and JSON was asked for: where this client is registered for signed answers \
             (RFC 9701), set introspection_signed_response_alg; they have what is said under token_introspection."
        }
        _ if is_token && !brings_tokens(stage) => {
            "The body is a JWT, where this endpoint answers in JSON: look whether the path is of another endpoint."
        }
        _ if is_token => "The body is a token alone, where RFC 6749 section 5.1 has JSON with access_token.",
        Some(json) if json.is_object() && stage != Stage::Jwks => {
            "The server answers in JSON and leaves out what was asked for: look into its log, and compare the URL of this \
             endpoint with its metadata."
        }
        _ => return None,
    };
    Some(line.to_owned())
}

/// The same of a refusal in JSON of another form.
pub(super) fn foreign(response: &HttpResponse) -> Option<&'static str> {
    let is_of_oauth = json_of(response).is_some_and(|json| OAuthError::from_json(&json).is_some());
    if is_of_oauth { None } else { spoken(response) }
}

/// What an answer in other words than those of OAuth is, where it has any.
pub(super) fn spoken(response: &HttpResponse) -> Option<&'static str> {
    if said::is_page(response) {
        return Some(
            "A page for people came where a client is answered: a login, a firewall or a proxy stands before the endpoint, \
             or the path is of something else. Open the address in a browser to see whose page it is.",
        );
    }
    if body::is_broken_json(response) {
        return Some(BROKEN_JSON);
    }
    let is_silent = said::words(response).is_none();
    if is_silent && json_of(response).is_some_and(|json| json.get("error").is_some()) && !response.is_success() {
        return Some("The server says that there is an error and not which one: its log has to say it.");
    }
    (!is_silent).then_some(OWN_WORDS)
}

const BROKEN_JSON: &str = "The server writes JSON that clients cannot read: look at the body, and mend what writes it.";

const OWN_WORDS: &str = "These are words of the server, and not those of OAuth, which are JSON with an error (RFC 6749 section \
                         5.2): look for them in its documentation and its log.";

/// Where a success holds its token, when not where clients look.
fn misplaced(response: &HttpResponse) -> Option<String> {
    let place = body::misplaced_token(&json_of(response)?).filter(|_| response.is_success())?;
    Some(format!(
        "The token stands at {}: this server answers in a way of its own. RFC 6749 section 5.1 has access_token at the top.",
        visible(&place)
    ))
}

/// What the challenge of an API says beside its error (RFC 9728 section 5.1).
pub(super) fn challenged(response: &HttpResponse) -> Vec<String> {
    let of_challenge = |name: &str| challenges(response).iter().find_map(|challenge| challenge.get(name));
    let metadata = of_challenge("resource_metadata").map(|url| {
        format!(
            "resource_metadata of the challenge names the document with the authorization servers of this API: {}",
            visible(&url)
        )
    });
    let scope = of_challenge("scope").map(|scope| format!("The challenge asks for the scope {}.", visible(&scope)));
    metadata.into_iter().chain(scope).collect()
}
