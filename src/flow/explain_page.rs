//! A page that a server shows in place of sending the browser back: its words decide between the causes.

use crate::base::text::visible;

use super::Flow;
use super::stage::Stage;
use super::trace::Exchange;

/// What the words of a page say of its cause, whoever wrote them; nothing where they leave it open.
pub(super) fn advice(flow: &Flow, exchange: &Exchange, words: &str) -> Option<String> {
    let text = words.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| text.contains(word));
    let sent = exchange.request.query();
    let value = |name: &str| visible(sent.get(name).unwrap_or("none")).into_owned();
    if says(&["redirect_uri", "redirect uri", "callback url", "reply url"]) {
        let name = if exchange.stage == Stage::Logout { "post_logout_redirect_uri" } else { "redirect_uri" };
        let sent = value(name);
        return Some(format!("Register exactly this {name} for client {}: {sent}", flow.settings.client.client_id));
    }
    Some(match () {
        () if says(&["client not found", "unknown client", "no such client", "invalid client"]) => format!(
            "The server knows no client {}: compare client_id with the registration, and the issuer with where it is \
             registered.",
            value("client_id")
        ),
        () if says(&["client disabled", "client is disabled"]) => {
            format!("The client {} is switched off at the server: have it switched on.", value("client_id"))
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
