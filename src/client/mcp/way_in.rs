//! What a run has learned of the way to a token, and what a client of its revision asks for.

use std::collections::BTreeSet;

use url::Url;

use crate::base::json::Json;
use crate::client::challenge::Challenge;
use crate::client::endpoint::discovery::{Asked, Beside};
use crate::client::settings::Settings;
use crate::terms::scope;

use super::Revision;

/// The way in, from the first call on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WayIn {
    /// By which revision it is gone.
    pub revision: Revision,
    /// The address of the API, as it was called.
    pub api_url: String,
    /// The scope that the first challenge named.
    pub challenged: Option<String>,
    /// What a later call was refused for.
    pub step_up: Option<StepUp>,
}

/// A call that needs more than the token allows (Step-Up Authorization Flow).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepUp {
    /// The scope that had been asked for.
    pub asked: String,
    /// The scope that the challenge named.
    pub wanted: String,
}

impl StepUp {
    /// What to ask for: what was asked before, and what is wanted.
    pub fn union(&self) -> String {
        scope::words(&self.asked).chain(self.beyond()).collect::<Vec<_>>().join(" ")
    }

    /// Whether the challenge names something that was not asked for, so that asking again may help.
    pub fn is_new(&self) -> bool {
        !self.beyond().is_empty()
    }

    /// The words of the challenge that were not asked for.
    fn beyond(&self) -> Vec<&str> {
        let asked: BTreeSet<&str> = scope::words(&self.asked).collect();
        scope::words(&self.wanted).filter(|word| !asked.contains(word)).collect()
    }
}

impl WayIn {
    /// A way that begins with a call of this address.
    pub fn begin(revision: Revision, api_url: &Url) -> Self {
        Self { revision, api_url: api_url.to_string(), ..Self::default() }
    }

    /// Takes in the scope that the challenges of a refused call name, the first that does.
    pub fn is_challenged(&mut self, challenges: &[Challenge]) {
        self.challenged = challenges.iter().find_map(|challenge| challenge.get("scope"));
    }

    /// Whose tokens the API takes: the server that is typed, else the first that the metadata of the API name; before
    /// there were any, the API's own host.
    pub fn server(&self, typed: &str, metadata: Option<&Json>) -> Option<String> {
        let named = || servers(metadata).first().map(|issuer| (*issuer).to_owned());
        match typed {
            "" if self.revision.has_resource_metadata() => named(),
            "" => Url::parse(&self.api_url).ok().map(|url| url.origin().ascii_serialization()),
            typed => Some(typed.to_owned()),
        }
    }

    /// Where the metadata of that server are looked for.
    pub fn asked(&self, typed: &str, metadata: Option<&Json>) -> Asked {
        let asked = Asked::inserted(&self.server(typed, metadata).unwrap_or_default(), self.revision.reads_openid());
        let is_of_host = typed.is_empty() && !self.revision.has_resource_metadata();
        Asked { beside: is_of_host.then_some(Beside::Host(OF_HOST)), ..asked }
    }

    /// The scope to ask for (Scope Selection Strategy, Step-Up Authorization Flow). Before there was a strategy it is
    /// what is typed.
    pub fn scope(&self, typed: &str, metadata: Option<&Json>) -> String {
        match &self.step_up {
            Some(step_up) if self.revision.unites_scopes() => step_up.union(),
            Some(step_up) => step_up.wanted.clone(),
            None if typed.is_empty() => self.strategy(metadata).unwrap_or_default(),
            None => typed.to_owned(),
        }
    }

    /// The scope of the first request by the strategy of the revision: the challenge's, else all that the API names.
    pub fn strategy(&self, metadata: Option<&Json>) -> Option<String> {
        let all = || Some(metadata?.get("scopes_supported")?.strings().join(" "));
        self.challenged.clone().or_else(all).filter(|_| self.revision.chooses_scope())
    }

    /// The identifier of the API in the requests: as its metadata name it, else its address, without a slash behind the
    /// host (Canonical Server URI). None before there were resource indicators.
    pub fn resource(&self, metadata: Option<&Json>) -> Option<String> {
        let called = Url::parse(&self.api_url).ok()?;
        let host = called.origin().ascii_serialization();
        // A document that names something else is not used, and who goes on with it still calls this API.
        let is_own = |named: &&str| *named == self.api_url || named.trim_end_matches('/') == host;
        let named = metadata.and_then(|metadata| metadata.text("resource")).filter(is_own);
        let bare = if called.path() == "/" && called.query().is_none() { &host } else { &self.api_url };
        self.revision.names_resource().then(|| named.unwrap_or(bare).to_owned())
    }

    /// The settings of the login: what is typed, completed by what the API asks for. A nonce goes with OpenID Connect.
    pub fn login(&self, settings: &Settings, metadata: Option<&Json>) -> Settings {
        let mut login = settings.clone();
        let request = &mut login.request;
        request.scope = self.scope(&request.scope, metadata);
        if request.resource.is_empty() {
            request.resource = self.resource(metadata).unwrap_or_default();
        }
        request.nonce &= scope::contains(&request.scope, "openid");
        login
    }
}

/// Why the last slash of an issuer that nobody named is not known: with it and without, the metadata are at one address.
const OF_HOST: &str = "revision 2025-03-26 says no more of the issuer than the host of the API, so its last slash is that of \
                       the document";

/// The authorization servers that the metadata of an API name.
pub(super) fn servers(metadata: Option<&Json>) -> Vec<&str> {
    metadata.and_then(|metadata| metadata.get("authorization_servers")).map(Json::strings).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(revision: Revision, api_url: &str) -> WayIn {
        WayIn::begin(revision, &Url::parse(api_url).expect("a URL"))
    }

    fn json(text: &str) -> Json {
        Json::parse_text(text).expect("JSON")
    }

    #[test]
    fn the_scope_is_the_challenges_else_all_of_the_metadata_else_none() {
        let metadata = json(r#"{"scopes_supported":["read","write"]}"#);
        let mut way = way(Revision::July2026, "https://api.example/mcp");
        assert_eq!(way.scope("", None), "");
        assert_eq!(way.scope("", Some(&metadata)), "read write");
        way.challenged = Some("read".to_owned());
        assert_eq!(way.scope("", Some(&metadata)), "read");
        assert_eq!(way.scope("own", Some(&metadata)), "own", "what is typed is sent");
        way.step_up = Some(StepUp { asked: "read own".to_owned(), wanted: "write read".to_owned() });
        assert_eq!(way.scope("own", Some(&metadata)), "read own write");
        way.revision = Revision::November2025;
        assert_eq!(way.scope("own", Some(&metadata)), "write read", "the union was left to the server");
        way.step_up = None;
        way.revision = Revision::June2025;
        assert_eq!(way.scope("", Some(&metadata)), "");
    }

    #[test]
    fn a_step_up_is_of_use_where_it_asks_for_something_new() {
        let step_up = |asked: &str, wanted: &str| StepUp { asked: asked.to_owned(), wanted: wanted.to_owned() };
        assert!(step_up("a", "a b").is_new());
        assert!(!step_up("a b", "b").is_new());
        assert!(!step_up("a", "").is_new());
    }

    #[test]
    fn the_server_is_the_typed_one_the_first_that_is_named_or_the_host() {
        let metadata = json(r#"{"authorization_servers":["https://as.example/a","https://as.example/b"]}"#);
        let api = "https://api.example/p/mcp";
        for (revision, typed, metadata, expected) in [
            (Revision::July2026, "", Some(&metadata), Some("https://as.example/a")),
            (Revision::July2026, "https://as.example/b", Some(&metadata), Some("https://as.example/b")),
            (Revision::July2026, "", None, None),
            (Revision::March2025, "", None, Some("https://api.example")),
        ] {
            assert_eq!(way(revision, api).server(typed, metadata).as_deref(), expected);
        }
        // An issuer that was made of the host may be either spelling, and one that somebody named is just that.
        for (revision, typed, issuer, is_it) in [
            (Revision::March2025, "", "https://api.example/", true),
            (Revision::March2025, "", "https://api.example", true),
            (Revision::March2025, "", "https://api.example/p", false),
            (Revision::March2025, "https://api.example", "https://api.example/", false),
            (Revision::July2026, "", "https://as.example/a/", false),
        ] {
            assert_eq!(way(revision, api).asked(typed, Some(&metadata)).is(issuer), is_it, "{typed} {issuer}");
        }
    }

    #[test]
    fn the_metadata_are_looked_for_in_the_order_of_the_revision() {
        let metadata = json(r#"{"authorization_servers":["https://as.example/t1"]}"#);
        let paths = |revision| -> Vec<String> {
            let asked = way(revision, "https://api.example/mcp").asked("", Some(&metadata));
            asked.candidates.iter().map(|candidate| candidate.url.path().to_owned()).collect()
        };
        assert_eq!(
            paths(Revision::July2026),
            [
                "/.well-known/oauth-authorization-server/t1",
                "/.well-known/openid-configuration/t1",
                "/t1/.well-known/openid-configuration"
            ]
        );
        assert_eq!(paths(Revision::June2025), ["/.well-known/oauth-authorization-server/t1"]);
        assert_eq!(paths(Revision::March2025), ["/.well-known/oauth-authorization-server"]);
    }

    #[test]
    fn the_api_is_named_as_its_metadata_do_and_without_a_slash_behind_the_host() {
        let metadata = json(r#"{"resource":"https://api.example"}"#);
        let resource = |revision, url, metadata| way(revision, url).resource(metadata);
        let newest = Revision::July2026;
        assert_eq!(
            resource(newest, "https://api.example/mcp", Some(&metadata)).as_deref(),
            Some("https://api.example")
        );
        assert_eq!(resource(newest, "https://api.example/mcp", None).as_deref(), Some("https://api.example/mcp"));
        assert_eq!(resource(newest, "https://api.example/", None).as_deref(), Some("https://api.example"));
        let other = json(r#"{"resource":"https://other.example/mcp"}"#);
        assert_eq!(
            resource(newest, "https://api.example/mcp", Some(&other)).as_deref(),
            Some("https://api.example/mcp")
        );
        assert_eq!(resource(Revision::March2025, "https://api.example/mcp", Some(&metadata)), None);
    }
}
