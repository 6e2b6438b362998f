//! The practice servers as what answers at a socket, and who looks on.

use std::time::Duration;

use super::Handle;
use crate::base::http::{HttpRequest, HttpResponse, JSON};
use crate::base::time::Timestamp;
use crate::practice::{Control, Entry, PracticeHost, WantedDocument};

/// The practice servers and who looks on.
pub(super) struct Observed<W> {
    /// The servers.
    pub practice: PracticeHost,
    /// Is told of each entry of their logs.
    pub observe: W,
}

impl<W> Handle for Observed<W>
where
    W: FnMut(&Entry) + Send + 'static,
{
    fn handle(&mut self, request: &HttpRequest, now: Timestamp) -> HttpResponse {
        // Before names are checked: a probe calls the server by whatever address it has, and learns nothing.
        if request.url.path() == HEALTH && matches!(request.method.as_str(), "GET" | "HEAD") {
            return health(request);
        }
        let response = self.practice.handle(request, now);
        if let Some(entry) = self.practice.last_entry(request.url.path()) {
            (self.observe)(&entry);
        }
        response
    }

    fn wanted_document(&mut self, request: &HttpRequest, now: Timestamp) -> Option<WantedDocument> {
        self.practice.wanted_document(request, now)
    }

    fn take_document(
        &mut self,
        request: &HttpRequest,
        wanted: &WantedDocument,
        came: Result<HttpResponse, String>,
        now: Timestamp,
    ) {
        self.practice.take_document(request.url.path(), wanted, came, now);
    }

    fn take_delay(&mut self) -> Duration {
        self.practice.take_delay()
    }

    fn take_cut(&mut self) -> bool {
        self.practice.take_cut()
    }

    fn take_notifications(&mut self) -> Vec<HttpRequest> {
        self.practice.take_notifications()
    }

    fn notified(&mut self, request: &HttpRequest, came: &Result<u16, String>, now: Timestamp) {
        if let Some(entry) = self.practice.notified(request, came, now) {
            (self.observe)(&entry);
        }
    }
}

/// Where probes ask whether the server answers. It is in no log.
const HEALTH: &str = "/health";

fn health(request: &HttpRequest) -> HttpResponse {
    let body = if request.method == "HEAD" { "" } else { "{\"status\":\"ok\"}\n" };
    HttpResponse::new(200, JSON, body).with_header("Cache-Control", "no-store")
}

impl Handle for Control {
    fn handle(&mut self, request: &HttpRequest, now: Timestamp) -> HttpResponse {
        Self::handle(self, request, now)
    }
}
