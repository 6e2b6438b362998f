//! What explains a refusal before anything is guessed: lists of the metadata that leave out what was used, the status, and
//! the server's own words.

use url::Url;

use crate::base::check::Check;
use crate::base::http::HttpResponse;
use crate::base::text::visible;
use crate::client::authentication::shows_certificate;
use crate::client::body;
use crate::client::challenge::challenges;
use crate::jose::jwt::Decoded;
use crate::terms::error::OAuthError;
use crate::terms::metadata::Endpoint;

use super::Flow;
use super::callback::{Callback, Via};
use super::joint::Joint;
use super::stage::{Stage, json_of};
use super::trace::{Answer, Exchange};

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

/// Why what broke this rule came, where the answer shows it.
pub(super) fn rejected(flow: &Flow, check: &Check) -> Option<String> {
    let token = || flow.session.tokens.iter().rev().find_map(|tokens| tokens.id_token.as_ref());
    let settings = &flow.settings;
    match check.rule.id {
        "id_token.signature" if token().and_then(Decoded::alg).is_some_and(|alg| alg.starts_with("HS")) => Some(format!(
            "{} is made with client_secret, not with a key of jwks_uri (OIDC Core section 10.1): compare it with the \
             server's. Some servers, Keycloak among them, use a key that nobody else has; register an algorithm with a \
             public key, such as RS256.",
            visible(token().and_then(Decoded::alg).unwrap_or_default())
        )),
        "id_token.signature" => {
            let typed = settings.endpoint(Endpoint::Jwks, None)?;
            let named = flow.session.metadata.as_ref()?.endpoint(Endpoint::Jwks).filter(|named| *named != typed)?;
            Some(format!("jwks_uri is set to {}, and the metadata name {}: leave it empty.", visible(typed), visible(named)))
        }
        "authorization_response.iss" | "authorization_response.state" if is_missing(check) && came_apart(flow) => Some(
            "The response came in two places: the fragment, where it is read, and the query, where a part of it stands. Have \
             the server put all of it where response_mode says; a redirect URI with a query of its own may mislead it."
                .to_owned(),
        ),
        "authorization_response.state" if was_pasted(flow) && !is_missing(check) => Some(
            "The address that was pasted is of another request: state is drawn anew for each. Sign in with the request of \
             this run and paste where that ends (on the command line --redirected-to -, which asks for it while it waits)."
                .to_owned(),
        ),
        "authorization_response.iss" if is_missing(check) => Some(
            "The metadata announce iss in each response, and none came: the server leaves it out for this client, where \
             it is switched on again, or something between dropped it."
                .to_owned(),
        ),
        _ => None,
    }
}

/// Whether a parameter of a response is not there, and not another one.
fn is_missing(check: &Check) -> bool {
    check.actual.as_deref().is_some_and(|actual| actual.starts_with("no "))
}

/// The newest response.
fn newest(flow: &Flow) -> Option<&Callback> {
    flow.trace.exchanges.iter().rev().find_map(|exchange| match &exchange.answer {
        Answer::Callback(callback) => Some(callback),
        _ => None,
    })
}

/// Whether the newest response was typed and did not come by itself.
fn was_pasted(flow: &Flow) -> bool {
    newest(flow).is_some_and(|callback| matches!(callback.via, Via::Pasted(_)))
}

/// Whether a part of the newest response stands in the query, and the rest in the fragment.
fn came_apart(flow: &Flow) -> bool {
    newest(flow).is_some_and(|callback| callback.joint == Some(Joint::Apart))
}

/// A certificate cannot be shown where there is no TLS.
pub(super) fn plain(exchange: &Exchange) -> Option<String> {
    let is_plain = exchange.request.url.scheme() == "http" && shows_certificate(&exchange.settings);
    is_plain.then(|| {
        "This endpoint is http, where no certificate can be shown: use the https address of this server.".to_owned()
    })
}

/// The code that the server means: some say `unauthorized_client` for a wrong secret, and the status or their words tell.
pub(super) fn meant<'a>(error: &'a OAuthError, response: Option<&HttpResponse>) -> &'a str {
    let said = error.error_description.as_deref().unwrap_or_default().to_ascii_lowercase();
    // The grant of that name is no credential.
    let said = said.replace("client_credentials", "");
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let is_credential = says(&["credential", "secret", "authentication"]);
    let is_known = says(&["not enabled", "not allowed", "not authorized", "not supported", "service account"]);
    let is_unauthorized = response.is_some_and(|response| response.status == 401);
    match error.error.as_str() {
        "unauthorized_client" if !is_known && (is_unauthorized || is_credential) => "invalid_client",
        "invalid_client" if is_known => "unauthorized_client",
        code => code,
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
pub(super) fn redirected(response: &HttpResponse) -> String {
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
            | Stage::ActorToken
            | Stage::Introspection
            | Stage::Revocation
            | Stage::DeviceAuthorization
            | Stage::PushedAuthorization
            | Stage::BackchannelAuthentication
    )
}

/// What an answer that is neither success nor refusal shows of its cause; nothing where that is open.
pub(super) fn of_answer(stage: Stage, response: &HttpResponse) -> Vec<String> {
    let cause = misplaced(response).or_else(|| silent(stage, response));
    cause.into_iter().chain(challenged(response)).collect()
}

/// What an answer without readable words means, by status and stage; nothing where that is open.
pub(super) fn silent(stage: Stage, response: &HttpResponse) -> Option<String> {
    let is_empty = response.body.iter().all(u8::is_ascii_whitespace);
    let with_client = authenticates(stage);
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
        401 if stage == Stage::Resource => {
            "The API refused the token and does not say why: look at its exp, aud and iss, or introspect it."
        }
        403 if stage == Stage::Resource => {
            "The API took the request and does not let it through: look at scope, aud and the roles of the user or client."
        }
        404 | 410 if matches!(stage, Stage::Resource | Stage::Challenge) => "There is nothing at this path: compare api_url with what the API documents.",
        404 | 410 => "There is nothing at this path: compare the URL of the endpoint with the server's metadata.",
        405 => "This path takes another method: it is not the endpoint that was meant, or a slash at its end is missing.",
        415 => "The server does not take a form here: OAuth endpoints do, so this is probably another one.",
        _ => return None,
    }
    .to_owned())
}

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
