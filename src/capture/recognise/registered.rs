//! Clients that are registered in a recording (RFC 7591), and registrations that came to nothing.

use std::collections::HashMap;

use super::{Beside, Recogniser};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::capture::exchange::{Came, Seen};
use crate::capture::login::StageName;
use crate::capture::placeholder;
use crate::terms::grant::Grant;

/// Members that client metadata have beside their addresses (RFC 7591 section 2), some of which every library sends.
const METADATA: [&str; 6] =
    ["client_name", "grant_types", "response_types", "token_endpoint_auth_method", "application_type", "client_uri"];

/// So many registrations that came to nothing are looked at; an app that tries for ever says nothing new.
const REFUSED: usize = 64;

impl Recogniser<'_> {
    /// A request to register a client, whatever came of it.
    pub(super) fn registration(&mut self, at: usize, entry: &Seen<'_>) -> bool {
        let is_endpoint = self.endpoints.is("registration_endpoint", &entry.place);
        if let (Some(client_id), true) = (entry.member("client_id"), is_endpoint || registers(entry)) {
            self.ties.registered.insert(client_id.to_owned(), at);
        } else if (is_endpoint || asks_to_register(entry)) && is_in_vain(entry) {
            self.ties.refused.push(at);
        } else {
            return false;
        }
        self.found.beside[at] = Some(Beside::Untied);
        true
    }

    /// Gives a new login the registration of its client: the one of its name, or, where the name was taken out with its
    /// credentials, the only one that was made there.
    pub(super) fn take_registration(&mut self, login: usize, client_id: Option<&str>, at: usize) {
        let credentials = self.seen[at].it.sent("authorization").and_then(|field| field.split_once(' '));
        let is_taken_out = credentials.is_some_and(|(_, rest)| placeholder::is_placeholder(rest));
        let alone = || {
            let mut all = self.ties.registered.iter();
            let (name, made) = all.next().filter(|_| is_taken_out)?;
            let is_here = self.seen[*made].origin == self.seen[at].origin;
            (is_here && all.next().is_none()).then(|| name.clone())
        };
        let name = client_id.map(str::to_owned).or_else(alone);
        let Some(registered) = name.and_then(|name| self.ties.registered.remove(&name)) else { return };
        self.put(login, StageName::Registration, registered);
        let token = self.seen[registered].member("registration_access_token");
        token.iter().for_each(|token| self.keep(login, token));
    }

    /// Gives each registration that came to nothing to the login that it was tried for: that of the next one at the same
    /// place that was made, or the next at this provider with its address. Without one it is all there is of a login.
    pub(super) fn place_refused(&mut self) {
        let mut alone: HashMap<&str, usize> = HashMap::new();
        for at in std::mem::take(&mut self.ties.refused).into_iter().take(REFUSED) {
            let place = self.seen[at].place.as_str();
            if let Some(made) = self.made_after(at) {
                if let Some((login, _)) = self.owner[made] {
                    self.put(login, StageName::Registration, at);
                }
                continue;
            }
            let login = self.login_after(at).or_else(|| alone.get(place).copied());
            let login = login.unwrap_or_else(|| self.open_at_registration(at));
            if self.found.logins[login].stages.is_empty() {
                alone.insert(place, login);
            }
            self.put(login, StageName::Registration, at);
        }
    }

    /// The next registration at the same place that was made.
    fn made_after(&self, at: usize) -> Option<usize> {
        let place = &self.seen[at].place;
        let of_login = self.found.logins.iter().flat_map(|login| login.entries(StageName::Registration));
        let made = self.ties.registered.values().copied().chain(of_login);
        made.filter(|made| *made > at && self.seen[*made].place == *place && !is_in_vain(&self.seen[*made])).min()
    }

    /// The first login that began after a registration, at the same provider and with an address of it.
    fn login_after(&self, at: usize) -> Option<usize> {
        let entry = &self.seen[at];
        let uris = redirect_uris(entry);
        let issuer = self.endpoints.issuer(&entry.place);
        let is_of_it = |login: &usize| {
            let known = &self.found.logins[*login];
            let Some(began) = known.stages.iter().flat_map(|stage| &stage.entries).min().copied() else { return false };
            let other = &self.seen[began];
            let is_provider =
                other.origin == entry.origin || issuer.is_some() && issuer == self.endpoints.issuer(&other.place);
            let is_client = known.redirect_uri().is_none_or(|uri| uris.is_empty() || uris.iter().any(|it| it == uri));
            began > at && is_provider && is_client
        };
        (0..self.found.logins.len()).find(is_of_it)
    }

    fn open_at_registration(&mut self, at: usize) -> usize {
        let entry = &self.seen[at];
        let asked = metadata(entry);
        let kinds = asked.as_ref().and_then(|asked| asked.get("grant_types")).map(Json::strings).unwrap_or_default();
        let grant = kinds.first().and_then(|kind| Grant::ALL.into_iter().find(|grant| grant.grant_type() == *kind));
        // RFC 7591 section 2: without grant_types it is for codes.
        let grant = if kinds.is_empty() { Some(Grant::AuthorizationCode) } else { grant };
        let request: Params =
            redirect_uris(entry).into_iter().take(1).map(|uri| ("redirect_uri".to_owned(), uri)).collect();
        self.open(grant, request, at)
    }
}

/// The client metadata that a registration sends.
fn metadata(entry: &Seen<'_>) -> Option<Json> {
    let is_json = entry.it.request.headers.content_type().is_some_and(|kind| kind.ends_with("json"));
    Json::parse(&entry.it.request.body).ok().filter(|json| is_json && json.is_object())
}

fn redirect_uris(entry: &Seen<'_>) -> Vec<String> {
    let metadata = metadata(entry);
    let uris = metadata.as_ref().and_then(|metadata| metadata.get("redirect_uris")).map(Json::strings);
    uris.unwrap_or_default().into_iter().map(str::to_owned).collect()
}

/// A client that is registered (RFC 7591 section 3.1).
fn registers(entry: &Seen<'_>) -> bool {
    let is_json = entry.it.request.headers.content_type().is_some_and(|kind| kind.ends_with("json"));
    let text = String::from_utf8_lossy(&entry.it.request.body);
    is_json
        && ["redirect_uris", "client_name", "grant_types"].iter().any(|name| text.contains(&format!("\"{name}\"")))
        && (entry.member("registration_access_token").is_some()
            || ["client_id_issued_at", "redirect_uris"].iter().any(|name| entry.has(name)))
}

/// A request that can be nothing but a registration, as its answer does not say it.
fn asks_to_register(entry: &Seen<'_>) -> bool {
    let Some(metadata) = metadata(entry) else { return false };
    let is_list = matches!(metadata.get("redirect_uris"), Some(Json::Array(_)));
    is_list && METADATA.iter().any(|name| metadata.get(name).is_some())
}

/// Whether nothing came of it.
fn is_in_vain(entry: &Seen<'_>) -> bool {
    match &entry.it.came {
        Came::Response(response) => response.status >= 400,
        Came::Nothing(_) => true,
        Came::Unseen => false,
    }
}
