//! A page that a server shows in place of sending the browser back: its words decide between the causes.

use crate::base::text::quoted;
use crate::terms::glossary;

use super::Flow;
use super::registration::to_register;
use super::stage::Stage;
use super::trace::Exchange;
use super::{explain_sent, unlisted};

/// A pushed request that the server does not know any more (RFC 9126 sections 2.2 and 4).
const USED_UP: &str = "The pushed request is not there any more: it works once and for a short time (expires_in of the pushed \
                       authorization response). Push it again, and sign in sooner.";

/// A request object by reference (RFC 9101 section 5.2.3).
const UNFETCHED: &str = "The server did not take the request object at request_uri: it must reach that address, and may want it \
                         registered among request_uris.";

/// The same of a pushed request, which is refused in place of a page (RFC 9126 section 2.3).
pub(super) fn of_request(exchange: &Exchange, words: &str) -> Option<String> {
    exchange.stage.asks_for_authorization().then(|| advice(exchange, words)).flatten()
}

/// What the words of a page say of its cause, whoever wrote them; nothing where they leave it open.
pub(super) fn advice(exchange: &Exchange, words: &str) -> Option<String> {
    let text = words.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| text.contains(word));
    let sent = exchange.request.form().unwrap_or_else(|| exchange.request.query());
    let value = |name: &str| quoted(sent.get(name).unwrap_or("none")).into_owned();
    if says(&["redirect_uri", "redirect uri", "callback url", "reply url"]) {
        let client = &exchange.settings.client;
        let (name, typed) = match exchange.stage {
            Stage::Logout => ("post_logout_redirect_uri", &client.post_logout_redirect_uri),
            _ => ("redirect_uri", &client.redirect_uri),
        };
        let carrier = ["request_uri", "request"].into_iter().find(|carrier| sent.contains(carrier));
        match (sent.contains(name), carrier) {
            (false, Some(carrier)) => {
                return Some(format!(
                    "{name} is in what {carrier} stands for, and the server did not look there: it ignores {carrier}."
                ));
            }
            (false, None) => return Some(format!("No {name} was sent, and the server wants one.")),
            (true, _) => {}
        }
        let what = format!("{name} for client {}", value("client_id"));
        return Some(to_register(&what, typed, sent.get(name).unwrap_or("none")));
    }
    if exchange.stage == Stage::Authorization && says(&["request_uri", "request uri"]) {
        let is_by_url = exchange.request.referred.is_some();
        return Some(if is_by_url { UNFETCHED } else { USED_UP }.to_owned()).filter(|_| sent.contains("request_uri"));
    }
    Some(match () {
        () if says(&["client not found", "unknown client", "no such client", "there is no client", "invalid client", "application with identifier", "invalid value for 'client_id'"]) => format!(
            "The server knows no client {}: compare client_id with the registration, and the issuer with where it is \
             registered.",
            value("client_id")
        ),
        () if says(&["account is disabled", "account disabled", "user is disabled", "account is locked", "account locked"]) => {
            "The server does not let this user in, whatever the password: have the account switched on there.".to_owned()
        }
        () if says(&["client disabled", "client is disabled"]) => {
            format!("The client {} is switched off at the server: have it switched on.", value("client_id"))
        }
        () if says(&["aadsts65001", "has not consented", "admin approval"]) => {
            "Nobody has agreed yet that this client may have what scope asks for: sign in with a browser and agree, or have an \
             administrator consent for everyone."
                .to_owned()
        }
        () if says(&["aadsts90002"]) => {
            "The server knows no tenant of this name: compare the path of the issuer with the tenant's ID.".to_owned()
        }
        () if says(&["aadsts50105", "aadsts50020"]) => {
            "The server knows the user and does not let it use this client: have the user, or a group of it, assigned to the \
             application in this tenant."
                .to_owned()
        }
        () if says(&["aadsts700054", "aadsts700051", "aadsts70005"]) => {
            "This response_type is not switched on for the client: switch it on in its registration, or use code.".to_owned()
        }
        () if says(&["aadsts70011", "aadsts650053"]) => {
            "The server does not know a scope of this request: compare scope with what the API behind it publishes.".to_owned()
        }
        () if says(&["bearer-only", "not allowed to initiate browser login"]) && !says(&["response_type"]) => {
            "This client is registered without sign-in in a browser: switch it on there, or use another client.".to_owned()
        }
        () if says(&["parameter: claims"]) => {
            "The server does not take this claims parameter: look at its form, and at what it asks for.".to_owned()
        }
        () if says(&["registration not allowed"]) => {
            "prompt=create asks for a new account, and the server does not let people register.".to_owned()
        }
        () if says(&["update password", "update account", "verify email", "configure otp"]) => {
            "The password was taken, and the server asks this user for something first: sign in with a browser once and \
             do it."
                .to_owned()
        }
        () => return None,
    })
}

/// Codes of an authorization response that say what is wrong with the request, and never that the server does not know where
/// to send it back (RFC 6749 section 4.1.2.1, RFC 8707 section 2, RFC 9396 section 5, OIDC Core section 3.1.2.6).
const SENT_BACK: [&str; 9] = [
    "invalid_scope",
    "invalid_target",
    "unsupported_response_type",
    "unsupported_response_mode",
    "invalid_authorization_details",
    "invalid_request_object",
    "request_not_supported",
    "request_uri_not_supported",
    "registration_not_supported",
];

/// What a page says in the code of a response, which it should have sent back.
fn of_code(exchange: &Exchange, words: &str) -> Option<Vec<String>> {
    let text = words.to_lowercase();
    let mut named = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let code = named.find(|word| SENT_BACK.contains(word)).filter(|_| exchange.stage == Stage::Authorization)?;
    let mut lines = glossary::error(code).map(|entry| entry.advice_of(&["authorization"])).unwrap_or_default();
    lines.push(format!(
        "The server shows {code} in a page of its own; it has to send it back to redirect_uri (RFC 6749 section 4.1.2.1)."
    ));
    Some(lines)
}

/// What to try when a sign-in ended at a page of the server. `usual` is what counts where neither the request nor the page
/// says why: it would only contradict them.
pub(super) fn of_sign_in(
    flow: &Flow,
    exchange: &Exchange,
    why: &str,
    usual: &[String],
    is_refusal: bool,
) -> Vec<String> {
    let mut lines = explain_sent::advice(flow, exchange);
    let of_page = advice(exchange, why);
    let of_code = of_code(exchange, why).filter(|_| of_page.is_none());
    let is_open = lines.is_empty() && of_page.is_none() && of_code.is_none();
    let (unlisted, later) = match is_refusal {
        true => unlisted::lines(flow, exchange, "", why, of_page.is_some()),
        false => (Vec::new(), Vec::new()),
    };
    lines.extend(unlisted.into_iter().chain(of_page).chain(of_code.into_iter().flatten()).chain(later));
    lines.extend(is_open.then_some(usual).into_iter().flatten().cloned());
    lines
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::http::HttpRequest;

    #[test]
    fn the_words_of_a_page_name_its_cause() {
        let url = "https://as.example/authorize?client_id=web&redirect_uri=http%3A%2F%2F127.0.0.1%3A8765%2Fcb";
        let request = HttpRequest::get(url.parse().expect("a URL"));
        let exchange = Exchange::begun(Stage::Authorization, request, Arc::default());
        for (words, first) in [
            ("the server answered 400: Client not found.", Some("The server knows no client web")),
            ("invalid_request: there is no client web", Some("The server knows no client web")),
            (
                "the login was refused for this user: Sign in: Account is disabled.",
                Some("The server does not let this user in"),
            ),
            ("Client disabled.", Some("The client web is switched off")),
            ("Invalid parameter: redirect_uri", Some("Register exactly this redirect_uri")),
            ("The redirect URI does not match: Redirect URI mismatch", Some("Register exactly this redirect_uri")),
            ("the login was refused for this user: Update password", Some("The password was taken")),
            (
                "the server answered 200: AADSTS50011: The redirect URI 'x' does not match",
                Some("Register exactly this"),
            ),
            ("AADSTS700016: Application with identifier 'web' was not found", Some("The server knows no client web")),
            ("AADSTS65001: The user or administrator has not consented", Some("Nobody has agreed yet")),
            ("invalid_client: Invalid value for 'client_id' parameter.", Some("The server knows no client web")),
            ("Sign in to your account", None),
        ] {
            let said = advice(&exchange, words);
            assert_eq!(
                said.as_deref().map(|said| said.starts_with(first.unwrap_or("?"))),
                first.map(|_| true),
                "{words}"
            );
        }
    }
}
