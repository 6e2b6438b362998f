//! What metadata in the recording say of addresses: an exact match outweighs every shape.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::kind;
use crate::base::json::Json;
use crate::capture::exchange::{Seen, place};

/// What is looked up in a metadata document.
#[derive(Debug)]
pub struct Metadata {
    /// Where it stands.
    pub at: usize,
    /// Whom it is of.
    pub issuer: Option<String>,
    /// Where authorization and token requests go.
    pub endpoints: Vec<String>,
    /// Where the keys are.
    pub jwks_uri: Option<String>,
}

/// Addresses by what they are.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    authorization: HashMap<String, String>,
    token: HashMap<String, String>,
    userinfo: HashSet<String>,
    /// Where those are.
    with_userinfo: HashSet<String>,
    jwks: HashSet<String>,
    /// The others, with their names and whose they are.
    others: HashMap<String, (&'static str, String)>,
}

/// Other endpoints that are looked up.
const OTHERS: [&str; 7] = [
    "registration_endpoint",
    "pushed_authorization_request_endpoint",
    "device_authorization_endpoint",
    "backchannel_authentication_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "end_session_endpoint",
];

impl Endpoints {
    /// Takes in what an entry says, where it is a metadata document.
    pub fn learn(&mut self, entry: &Seen<'_>) {
        let Some(json) = entry.json.as_ref().filter(|_| kind::is_metadata(entry)) else { return };
        let issuer = json.text("issuer").unwrap_or_default().to_owned();
        let at = |name: &str| address(json, name);
        if let Some(endpoint) = at("authorization_endpoint") {
            self.authorization.insert(endpoint, issuer.clone());
        }
        if let Some(endpoint) = at("token_endpoint") {
            self.token.insert(endpoint, issuer.clone());
        }
        self.with_userinfo.extend(json.text("userinfo_endpoint").and_then(super::origin_of));
        self.userinfo.extend(at("userinfo_endpoint"));
        self.jwks.extend(at("jwks_uri"));
        for name in OTHERS {
            if let Some(endpoint) = at(name) {
                self.others.insert(endpoint, (name, issuer.clone()));
            }
        }
    }

    pub fn is_authorization(&self, place: &str) -> bool {
        self.authorization.contains_key(place)
    }

    pub fn is_token(&self, place: &str) -> bool {
        self.token.contains_key(place)
    }

    pub fn is_userinfo(&self, place: &str) -> bool {
        self.userinfo.contains(place)
    }

    /// Whether metadata say where at this origin the claims of a user are, so that nothing else there is taken for it.
    pub fn has_userinfo_at(&self, origin: &str) -> bool {
        self.with_userinfo.contains(origin)
    }

    pub fn is_jwks(&self, place: &str) -> bool {
        self.jwks.contains(place)
    }

    pub fn is(&self, name: &str, place: &str) -> bool {
        self.others.get(place).is_some_and(|(known, _)| *known == name)
    }

    /// The issuer that publishes this endpoint.
    pub fn issuer(&self, place: &str) -> Option<&str> {
        let known = self.authorization.get(place).or_else(|| self.token.get(place));
        known.or_else(|| self.others.get(place).map(|(_, issuer)| issuer)).map(String::as_str)
    }
}

/// What is looked up later in the metadata document that an entry is.
pub(super) fn metadata(at: usize, entry: &Seen<'_>) -> Metadata {
    let json = entry.json.as_ref();
    let endpoints = ["authorization_endpoint", "token_endpoint", "registration_endpoint"];
    Metadata {
        at,
        issuer: entry.member("issuer").map(str::to_owned),
        endpoints: endpoints.iter().filter_map(|name| address(json?, name)).collect(),
        jwks_uri: entry.member("jwks_uri").map(str::to_owned),
    }
}

fn address(json: &Json, name: &str) -> Option<String> {
    json.text(name).and_then(|url| Url::parse(url).ok()).map(|url| place(&url))
}
