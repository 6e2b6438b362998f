//! What of a redirect URI to register at a server: all of it, or all but a port that changes with each run; and what a
//! client that a run registered by itself changes in its settings.

use url::Url;

use super::Flow;
use super::stage::Stage;
use super::trace::Exchange;
use crate::base::text::visible;
use crate::client::settings::Settings;

impl Flow {
    /// The settings that a message left with, and what its answer brought into them: a registered client.
    pub fn settled(&self, exchange: &Exchange) -> Settings {
        let mut settings = (*exchange.settings).clone();
        (exchange.stage.descriptor().settle)(&self.session, &mut settings);
        settings
    }

    /// The settings without the client that was registered in this run, or that it goes on as at another server.
    pub fn unregistered(&self) -> Settings {
        let brought_by = match (&self.session.registered, &self.session.id_jag) {
            (Some(_), _) => Some(Stage::Registration),
            (None, Some(_)) => Some(Stage::Exchange),
            (None, None) => None,
        };
        let registered =
            brought_by.and_then(|stage| self.trace.exchanges.iter().rfind(|exchange| exchange.stage == stage));
        let client = registered.map_or(&self.settings.client, |exchange| &exchange.settings.client);
        Settings { client: client.clone(), ..self.settings.clone() }
    }
}

/// The redirect URI without its port, and the port, where the settings leave it free and this run has taken one.
///
/// A server takes any port of a loopback redirect then (RFC 8252 section 7.3).
pub fn free_port(typed: &str, used: &str) -> Option<(Url, u16)> {
    let typed = Url::parse(typed).ok().filter(|typed| typed.port() == Some(0))?;
    let mut bare = Url::parse(used).ok()?;
    let port = bare.port()?;
    let is_of_settings = (bare.host(), bare.path()) == (typed.host(), typed.path());
    (is_of_settings && bare.set_port(None).is_ok()).then_some((bare, port))
}

/// What to register, in a sentence. `what` says as what: `redirect URI at the server`.
pub fn to_register(what: &str, typed: &str, used: &str) -> String {
    match free_port(typed, used) {
        Some((bare, port)) => format!(
            "Register {bare} as {what}: port {port} is of this run alone, and servers take any port of this machine \
             (RFC 8252 section 7.3). One that does not needs a fixed port in the settings."
        ),
        None => format!("Register exactly this {what}: {}", visible(used)),
    }
}

/// Whether a line of advice speaks of the redirect URI that is registered.
pub(super) fn names_redirect_uri(line: &str) -> bool {
    line.starts_with("Register ") || line.contains("redirect_uri")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_of_this_run_is_not_registered() {
        let free = "http://127.0.0.1:0/callback";
        for (typed, used, expected) in [
            (free, "http://127.0.0.1:34567/callback", "Register http://127.0.0.1/callback as "),
            (
                "http://localhost:0/callback",
                "http://localhost:34567/callback",
                "Register http://localhost/callback as ",
            ),
            ("http://127.0.0.1:8912/callback", "http://127.0.0.1:8912/callback", "Register exactly this "),
            ("https://app.example/cb", "https://app.example/cb", "Register exactly this "),
            // Changed by hand before it left.
            (free, "http://127.0.0.1:34567/other", "Register exactly this "),
            (free, "none", "Register exactly this "),
        ] {
            let said = to_register("redirect_uri", typed, used);
            assert!(said.starts_with(expected), "{typed} {used}: {said}");
        }
    }
}
