//! What explains a refusal before anything is guessed: lists of the metadata that leave out what was used, the status, and
//! the server's own words.

use crate::base::http::HttpResponse;
use crate::base::text::visible;
use crate::client::body;
use crate::client::endpoint::resource::challenges;
use crate::terms::error::OAuthError;
use crate::terms::metadata::ServerMetadata;

use super::stage::{Stage, json_of};
use super::trace::Exchange;

/// Parameters of a request and the list of the metadata in which their value should be (RFC 8414 section 2, OIDC Discovery
/// section 3).
const LISTED: [(Stage, &str, &str); 6] = [
    (Stage::Authorization, "response_type", "response_types_supported"),
    (Stage::Authorization, "response_mode", "response_modes_supported"),
    (Stage::Authorization, "code_challenge_method", "code_challenge_methods_supported"),
    (Stage::Authorization, "prompt", "prompt_values_supported"),
    (Stage::Token, "grant_type", "grant_types_supported"),
    (Stage::Exchange, "grant_type", "grant_types_supported"),
];

/// What this server's lists leave out of what was used, a line each.
pub(super) fn unlisted(metadata: Option<&ServerMetadata>, exchange: &Exchange) -> Vec<String> {
    let Some(metadata) = metadata else { return Vec::new() };
    let params = exchange.request.form().unwrap_or_else(|| exchange.request.query());
    let of_stage = LISTED.iter().filter(|(stage, ..)| *stage == exchange.stage);
    let mut lines: Vec<String> = of_stage
        .filter_map(|(_, name, list)| {
            let value = params.get(name)?;
            line(metadata, list, name, value)
        })
        .collect();
    if exchange.stage != Stage::Authorization {
        let method = exchange.settings.auth_method().map(|method| method.name());
        let list = "token_endpoint_auth_methods_supported";
        lines.extend(method.and_then(|method| line(metadata, list, "token_endpoint_auth_method", method)));
    }
    lines
}

fn line(metadata: &ServerMetadata, list: &str, name: &str, value: &str) -> Option<String> {
    let listed = metadata.supported(list)?;
    // The words of a response type come in any order (OAuth Response Types section 3).
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    let is_listed = listed.iter().any(|one| words(one) == words(value));
    (!is_listed).then(|| {
        let (value, listed) = (visible(value), visible(&listed.join(", ")).into_owned());
        format!("{name} {value} is not in {list} of this server, which names {listed}.")
    })
}

/// The code that the server means: some say `unauthorized_client` for a wrong secret, and the status or their words tell.
pub(super) fn meant<'a>(error: &'a OAuthError, response: Option<&HttpResponse>) -> &'a str {
    let said = error.error_description.as_deref().unwrap_or_default().to_ascii_lowercase();
    let is_credential = ["credential", "secret", "authentication"].iter().any(|word| said.contains(word));
    let is_unauthorized = response.is_some_and(|response| response.status == 401);
    match error.error.as_str() {
        "unauthorized_client" if is_unauthorized || is_credential => "invalid_client",
        code => code,
    }
}

/// Words in the path of a page at which people sign in.
const LOGIN: [&str; 5] = ["login", "signin", "sign-in", "sign_in", "sso"];

/// What a redirect of an endpoint means.
pub(super) fn redirected(response: &HttpResponse) -> String {
    let to = response.headers.get("location").unwrap_or_default();
    let path = to.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    if LOGIN.iter().any(|word| path.contains(word)) {
        return "The server sends to its login page: it took this for a visit of somebody who is not signed in, not for a \
                request of a client. Check the path of this endpoint, and how the client authenticates there; do not send \
                anything to the login page."
            .to_owned();
    }
    "Use the address that the redirect points to as endpoint.".to_owned()
}

/// What an answer without readable words means, by status and stage; nothing where that is open.
pub(super) fn silent(stage: Stage, response: &HttpResponse) -> Option<String> {
    let is_empty = response.body.iter().all(u8::is_ascii_whitespace);
    let with_client = matches!(
        stage,
        Stage::Token
            | Stage::Refresh
            | Stage::RefreshReuse
            | Stage::Exchange
            | Stage::ActorToken
            | Stage::Introspection
            | Stage::Revocation
            | Stage::DeviceAuthorization
            | Stage::BackchannelAuthentication
    );
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
        404 | 410 => "There is nothing at this path: compare the URL of the endpoint with the server's metadata.",
        405 => "This path takes another method: it is not the endpoint that was meant, or a slash at its end is missing.",
        415 => "The server does not take a form here: OAuth endpoints do, so this is probably another one.",
        _ => return None,
    }
    .to_owned())
}

/// Where a success holds its token, when not where clients look.
pub(super) fn misplaced(response: &HttpResponse) -> Option<String> {
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
