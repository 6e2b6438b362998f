//! A page that a server shows in place of sending the browser back: its words decide between the causes.

use crate::base::text::quoted;

use super::registration::to_register;
use super::stage::Stage;
use super::trace::Exchange;

/// What the words of a page say of its cause, whoever wrote them; nothing where they leave it open.
pub(super) fn advice(exchange: &Exchange, words: &str) -> Option<String> {
    let text = words.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| text.contains(word));
    let sent = exchange.request.query();
    let value = |name: &str| quoted(sent.get(name).unwrap_or("none")).into_owned();
    if says(&["redirect_uri", "redirect uri", "callback url", "reply url"]) {
        let client = &exchange.settings.client;
        let (name, typed) = match exchange.stage {
            Stage::Logout => ("post_logout_redirect_uri", &client.post_logout_redirect_uri),
            _ => ("redirect_uri", &client.redirect_uri),
        };
        if !sent.contains(name) {
            return Some(format!("No {name} was sent, and the server wants one."));
        }
        let what = format!("{name} for client {}", value("client_id"));
        return Some(to_register(&what, typed, sent.get(name).unwrap_or("none")));
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
        () if says(&["bearer-only", "not allowed to initiate browser login"]) => {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::base::http::HttpRequest;
    use crate::base::time::Timestamp;
    use crate::client::settings::Settings;
    use crate::flow::trace::Answer;

    #[test]
    fn the_words_of_a_page_name_its_cause() {
        let url = "https://as.example/authorize?client_id=web&redirect_uri=http%3A%2F%2F127.0.0.1%3A8765%2Fcb";
        let exchange = Exchange {
            position: 0,
            stage: Stage::Authorization,
            attempt: 0,
            request: HttpRequest::get(url.parse().expect("a URL")),
            answer: Answer::Pending,
            sent_at: Timestamp::default(),
            took: Duration::ZERO,
            checks: Vec::new(),
            settings: Arc::new(Settings::default()),
            overheard: None,
            meanwhile: Vec::new(),
        };
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
