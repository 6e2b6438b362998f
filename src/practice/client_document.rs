//! Clients that nobody registered, whose client_id is the address of what they say of themselves
//! (draft-ietf-oauth-client-id-metadata-document). The server does no I/O: it says what is to be fetched before a request
//! can be answered, and takes what came.

use serde_json::{Map, Value};
use url::Url;

use super::config::CLIENT_METADATA;
use super::config::newcomer;
use super::fetched::whole;
use super::{Practice, any_client};
use crate::base::http::{HttpRequest, HttpResponse, JSON, is_loopback};
use crate::base::json::Json;
use crate::base::time::Timestamp;
use crate::base::web_url::why_no_url;

/// Clients that are remembered; the oldest gives way.
const MANY: usize = 100;
/// How long a document is taken to be as it was, in seconds. What could not be used is not remembered (section 5.2).
const FRESH: u64 = 60;
/// Most bytes of one (section 8.7).
const SIZE_LIMIT: usize = 5 * 1024;
/// What only a secret could prove (section 4.1).
const SHARED: [&str; 3] = ["client_secret_basic", "client_secret_post", "client_secret_jwt"];

/// When the document of a client was fetched.
#[derive(Clone, Debug)]
pub struct Fetched {
    client_id: String,
    at: Timestamp,
}

impl Practice {
    /// The document of its client that has to be fetched before this request can be answered, as the client_id and what
    /// fetches it: one of this machine, or of a host that is listed for outgoing requests.
    pub(super) fn wanted_client(&mut self, request: &HttpRequest, now: Timestamp) -> Option<(String, HttpRequest)> {
        // Where every client is taken, nobody looks at what it says of itself.
        let named = any_client::named(request).filter(|_| !self.config.any_client);
        let client_id = named.filter(|client_id| is_address(client_id))?;
        let now = self.time(now);
        let is_fresh = |fetched: &Fetched| fetched.client_id == client_id && now.since(fetched.at).as_secs() < FRESH;
        let is_registered = self.config.client(&client_id).is_some() && !self.is_of_document(&client_id);
        if is_registered || self.documents.iter().any(is_fresh) {
            return None;
        }
        let unlisted = || "its host is not this machine, and outgoing_hosts does not list it".to_owned();
        let url = url_of(&client_id);
        match url.and_then(|url| self.config.may_send_to(&url).then_some(url).ok_or_else(unlisted)) {
            Ok(url) => Some((client_id, HttpRequest::get(url).with_header("Accept", JSON))),
            Err(why) => {
                self.refused_document = Some((client_id, why));
                None
            }
        }
    }

    /// Takes what came of it; why it did not come, in words.
    pub(super) fn take_client(&mut self, client_id: &str, came: Result<HttpResponse, String>, now: Timestamp) {
        let now = self.time(now);
        self.forget_document(client_id);
        let metadata = came.and_then(|response| metadata_of(client_id, &response));
        match metadata.and_then(|metadata| newcomer(self, client_id, metadata)) {
            Ok(client) => {
                self.why.say(format!("{client_id} is taken as its document says"));
                self.config.clients.push(client);
                self.documents.push_back(Fetched { client_id: client_id.to_owned(), at: now });
            }
            Err(why) => self.refused_document = Some((client_id.to_owned(), why)),
        }
        if self.documents.len() > MANY
            && let Some(oldest) = self.documents.front().map(|oldest| oldest.client_id.clone())
        {
            self.forget_document(&oldest);
        }
    }

    fn is_of_document(&self, client_id: &str) -> bool {
        self.documents.iter().any(|fetched| fetched.client_id == client_id)
    }

    fn forget_document(&mut self, client_id: &str) {
        if self.is_of_document(client_id) {
            self.documents.retain(|fetched| fetched.client_id != client_id);
            self.config.clients.retain(|client| client.client_id != client_id);
        }
    }

    /// That there is no such client, and why its document makes none.
    pub(super) fn unknown_client(&self, client_id: &str) -> String {
        match &self.refused_document {
            Some((refused, why)) if refused == client_id => {
                format!("there is no client {client_id}: its document cannot be used, {why}")
            }
            _ => format!("there is no client {client_id}"),
        }
    }
}

/// Whether a client_id is meant as an address.
fn is_address(client_id: &str) -> bool {
    client_id.starts_with("https://") || client_id.starts_with("http://")
}

/// Section 3, as text: a parser would mend what is wrong. http is for development on this machine alone.
fn url_of(client_id: &str) -> Result<Url, String> {
    let url = Url::parse(client_id).map_err(|error| format!("client_id is no URL: {}", why_no_url(error)))?;
    let is_mended = url.as_str() != client_id;
    let wrong = match () {
        () if url.scheme() != "https" && !is_loopback(&url) => "client_id is not https",
        () if url.fragment().is_some() => "client_id has a fragment",
        () if !url.username().is_empty() || url.password().is_some() => "client_id has a user in it",
        () if url.path() == "/" => "client_id has no path",
        () if is_mended => "client_id is not written as a client would send it: dot segments, capitals or a usual port",
        () => return Ok(url),
    };
    Err(wrong.to_owned())
}

/// What a document says of its client (sections 4 and 5).
fn metadata_of(client_id: &str, response: &HttpResponse) -> Result<Map<String, Value>, String> {
    let body = whole(response, SIZE_LIMIT)?;
    let json = Json::parse(body).map_err(|error| format!("it is no JSON: {error}"))?;
    if let [twice, ..] = json.duplicates().as_slice() {
        return Err(format!("{twice} is there twice"));
    }
    let document: Map<String, Value> = serde_json::from_slice(body).map_err(|_| "it is no JSON object".to_owned())?;
    check(client_id, &document)?;
    let is_known = |name: &str| CLIENT_METADATA.contains(&name);
    let mut metadata: Map<String, Value> = document.into_iter().filter(|(name, _)| is_known(name)).collect();
    metadata.entry("token_endpoint_auth_method").or_insert_with(|| Value::from("none"));
    metadata.entry("grant_types").or_insert_with(|| Value::from(vec!["authorization_code"]));
    Ok(metadata)
}

fn check(client_id: &str, document: &Map<String, Value>) -> Result<(), String> {
    let named = document.get("client_id").and_then(Value::as_str).unwrap_or("none");
    if named != client_id {
        return Err(format!("client_id in it is {named}"));
    }
    if let Some(name) = ["client_secret", "client_secret_expires_at"].into_iter().find(|it| document.contains_key(*it))
    {
        return Err(format!("it has {name}, which everybody can read"));
    }
    let method = document.get("token_endpoint_auth_method").and_then(Value::as_str).unwrap_or_default();
    if SHARED.contains(&method) {
        return Err(format!("its token_endpoint_auth_method is {method}, which needs a secret"));
    }
    Ok(())
}
