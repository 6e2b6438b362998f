//! A place of the client beside its redirect URI, where servers come by themselves while the browser is away: for a
//! request object (RFC 9101 section 5.2.3), or with a logout token (OIDC Back-Channel Logout section 2.5). The browser comes
//! there too, for the iframe of a logout (OIDC Front-Channel Logout section 3).

use std::sync::Arc;
use std::time::Duration;

use url::{Host, Url};

use crate::base::http::{HttpRequest, HttpResponse, is_loopback};
use crate::base::time::Timestamp;
use crate::client::endpoint::backchannel_logout::{self, Expected};
use crate::client::endpoint::frontchannel_logout;
use crate::client::request_object;

/// Messages that are kept of one wait; whatever floods the place is answered and forgotten.
pub(super) const MANY: usize = 20;

/// How long is listened for what is told of a logout, where nothing else ends the wait.
pub const LISTENED: Duration = Duration::from_secs(10);

/// What is offered there while something is awaited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Where, with its real port.
    pub at: Url,
    /// How requests are answered.
    pub answers: Answers,
}

/// How requests at such a place are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answers {
    /// With this request object.
    RequestObject(Arc<str>),
    /// As logout tokens are, held against this.
    LogoutTokens(Arc<Expected>),
    /// As the iframes of a logout are, held against this.
    LogoutFrames(Arc<frontchannel_logout::Expected>),
}

/// A message that came there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Timestamp,
    /// As it came.
    pub request: HttpRequest,
    /// As it was answered.
    pub response: HttpResponse,
}

impl Beside {
    /// Whether a message may come a moment after the browser is back: nothing says which of the two a server does first.
    pub const fn may_come_late(&self) -> bool {
        matches!(self.answers, Answers::LogoutTokens(_) | Answers::LogoutFrames(_))
    }

    /// The answer to a request; `None` where nothing is.
    pub fn answer(&self, request: &HttpRequest, now: Timestamp) -> Option<HttpResponse> {
        let is_here = request.url.path() == self.at.path();
        let is_exactly = || is_here && request.url.query() == self.at.query();
        match &self.answers {
            // The server adds to the query.
            Answers::LogoutFrames(expected) => is_here.then(|| frontchannel_logout::answer(request, expected)),
            Answers::RequestObject(object) => is_exactly().then(|| request_object::served(request, object)),
            Answers::LogoutTokens(expected) => is_exactly().then(|| backchannel_logout::answer(request, expected, now)),
        }
    }
}

/// Whether this program can offer something at a URL: over http on this machine, as 127.0.0.1 or localhost.
pub fn can_be_offered_at(url: &Url) -> bool {
    url.scheme() == "http" && is_loopback(url) && !matches!(url.host(), Some(Host::Ipv6(_)))
}
