//! What has to be fetched before a request can be answered. The server does no I/O: it says what it wants, and takes what
//! came.

use super::fault::Fault;
use super::{Practice, any_client, client_keys, pushed, reference};
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;

/// A document that has to be fetched.
#[derive(Clone, Debug)]
pub struct WantedDocument {
    /// As the request names it, or the client that it is of: compared byte for byte.
    pub name: String,
    /// What it is of.
    of: Of,
    /// What fetches it.
    pub request: HttpRequest,
}

/// What a document is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// A client, whose client_id is its address.
    Client,
    /// The keys of a client, at its `jwks_uri`.
    Keys,
    /// A request, whose request_uri is its address (RFC 9101 section 5.2).
    Request,
}

impl Practice {
    /// The next document that has to be fetched before this request can be answered; a request may want one of its client,
    /// the keys of that, and one of its own.
    pub fn wanted_document(&mut self, request: &HttpRequest, now: Timestamp) -> Option<WantedDocument> {
        if let Some((name, request)) = self.wanted_client(request, now) {
            return Some(WantedDocument { name, of: Of::Client, request });
        }
        if let Some((name, request)) = client_keys::wanted(self, request) {
            return Some(WantedDocument { name, of: Of::Keys, request });
        }
        let name = self.wanted_request(request)?;
        let request = reference::fetching(self, &name)?;
        Some(WantedDocument { name, of: Of::Request, request })
    }

    /// Takes what came of it; why it did not come, in words.
    pub fn take_document(&mut self, wanted: &WantedDocument, came: Result<HttpResponse, String>, now: Timestamp) {
        match wanted.of {
            Of::Client => self.take_client(&wanted.name, came, now),
            Of::Keys => client_keys::take(self, &wanted.name, came),
            Of::Request => reference::take(self, &wanted.name, came),
        }
    }

    /// The reference of an authorization request of a known client, where it is none that was given out here.
    fn wanted_request(&self, request: &HttpRequest) -> Option<String> {
        let params = request.form().unwrap_or_else(|| request.query());
        let uri = params.get("request_uri").filter(|_| request.url.path().ends_with("/authorize"))?;
        let is_meant = !pushed::is_reference(uri) && !params.contains("request");
        let is_known = any_client::named(request).is_some_and(|client_id| self.config.client(&client_id).is_some());
        let is_open = !reference::is_taken(self, uri) && !self.is_faulty(Fault::IgnoredRequestUri);
        (is_meant && is_known && is_open).then(|| uri.to_owned())
    }
}
