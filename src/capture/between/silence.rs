//! Why no login has passed, as far as the messages show it: before an app can begin one it reads the metadata.

use crate::base::http::HttpResponse;
use crate::capture::Capture;
use crate::capture::exchange::{Came, place};

/// Why no login has passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Nobody has asked for the metadata.
    NotAsked,
    /// The metadata of this issuer were read; what an app makes of them is not seen.
    Read(String),
    /// No answer came, and why.
    Unanswered(String),
    /// An answer came and no document: the status, and the address at the provider.
    NoDocument(u16, String),
}

impl Silence {
    /// What the messages show. An app may ask for the document in several places: one that came outweighs the others.
    pub fn of(capture: &Capture) -> Self {
        let metadata = &capture.documents.metadata;
        if let Some(issuer) = metadata.iter().find_map(|document| document.issuer.clone()) {
            return Self::Read(issuer);
        }
        let asked = metadata.last().map(|document| &capture.entries[document.at]);
        match asked.or_else(|| capture.entries.last().filter(|entry| entry.is_unanswered())) {
            Some(entry) => match &entry.came {
                Came::Nothing(why) => Self::Unanswered(why.clone()),
                Came::Response(HttpResponse { status, .. }) => Self::NoDocument(*status, place(&entry.request.url)),
                Came::Unseen => Self::NotAsked,
            },
            None => Self::NotAsked,
        }
    }

    /// Whether it is the provider that no login can begin at.
    pub const fn is_of_provider(&self) -> bool {
        matches!(self, Self::Unanswered(_) | Self::NoDocument(..))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::base::http::HttpRequest;
    use crate::base::time::Timestamp;
    use crate::capture::between::live::{Live, Passed};

    const DOCUMENT: &str =
        r#"{"issuer":"https://idp.example","authorization_endpoint":"https://idp.example/authorize"}"#;

    fn of(messages: &[(&str, Came)]) -> Silence {
        let mut live = Live::new([7; 32]);
        for (path, came) in messages {
            let request = HttpRequest::get(format!("https://idp.example{path}").parse().expect("a URL"));
            let (started, came) = (Timestamp::from_seconds(1), came.clone());
            live.take(Passed { request, came, started, took: Duration::ZERO, returned: None, by_hand: Vec::new() });
        }
        Silence::of(&live.so_far().end(Timestamp::from_seconds(9)).capture)
    }

    #[test]
    fn a_provider_that_brings_no_metadata_is_told_from_an_app_that_refuses_them() {
        const OPENID: &str = "/.well-known/openid-configuration";
        const OAUTH: &str = "/.well-known/oauth-authorization-server";
        let gone = || Came::Nothing("refused".to_owned());
        let answer = |status, body: &str| Came::Response(HttpResponse::new(status, "application/json", body));
        let read = || Silence::Read("https://idp.example".to_owned());
        let missing = |status, path: &str| Silence::NoDocument(status, format!("https://idp.example{path}"));
        for (messages, expected) in [
            (vec![], Silence::NotAsked),
            (vec![("/page", answer(200, "{}"))], Silence::NotAsked),
            (vec![("/page", gone())], Silence::Unanswered("refused".to_owned())),
            (vec![(OPENID, gone())], Silence::Unanswered("refused".to_owned())),
            (vec![(OPENID, answer(404, "{}"))], missing(404, OPENID)),
            (vec![(OPENID, answer(200, DOCUMENT))], read()),
            (vec![(OPENID, answer(404, "{}")), (OAUTH, answer(200, DOCUMENT))], read()),
            (vec![(OAUTH, answer(200, DOCUMENT)), (OPENID, answer(404, "{}"))], read()),
        ] {
            let found = of(&messages);
            assert_eq!(found, expected, "{messages:?}");
            let is_read = matches!(expected, Silence::Read(_) | Silence::NotAsked);
            assert_eq!(found.is_of_provider(), !is_read);
        }
    }
}
