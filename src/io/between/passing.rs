//! One message after the other: in from a client, out to the provider, and home again. Each may be held on its way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, HOST, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use url::Url;

use super::body::{self, Body, Sent, full};
use super::gate::{Gate, Passage};
use super::{Shared, lock};
use crate::base::http::{HttpRequest, HttpResponse, Tls};
use crate::base::time::Timestamp;
use crate::capture::between::live::Passed;
use crate::capture::between::returned::returned;
use crate::capture::exchange::Came;
use crate::flow::trace::ByHand;
use crate::io::clock;
use crate::io::serve::reception::Converse;
use crate::io::serve::request::{Refused, bad, from_map, url};
use crate::io::serve::{Limits, Peer, refuse, write};
use crate::io::transport::Transport;

/// So many remarks are kept.
const NOTES: usize = 20;

/// What answers a request: the provider, by way of this.
#[derive(Clone)]
pub(super) struct Passing {
    pub shared: Arc<Mutex<Shared>>,
    pub transport: Transport,
    pub gate: Gate,
    /// `127.0.0.1:9500`
    pub host: Arc<str>,
    pub limits: Limits,
}

impl Converse for Passing {
    type Body = Body;

    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn answer(self, _: Peer, request: Request<Incoming>, is_coming: Arc<AtomicBool>) -> Response<Body> {
        let answer = match self.taken(request).await {
            Ok((request, body)) => {
                is_coming.store(true, Ordering::Relaxed);
                self.passed(request, body).await
            }
            Err(refused) => refuse(&refused).map(full),
        };
        is_coming.store(false, Ordering::Relaxed);
        answer
    }
}

impl Passing {
    /// A request that is for here, with its body.
    async fn taken(&self, request: Request<Incoming>) -> Result<(HttpRequest, Sent), Refused> {
        let (head, body) = request.into_parts();
        if head.method == Method::CONNECT || head.uri.authority().is_some() {
            return Err(bad("its target is not a path, and this is no proxy for others"));
        }
        let url = url(&head, "http")?;
        if head.headers.get(HOST).is_none_or(|host| host.as_bytes() != self.host.as_bytes()) {
            let why = "its Host is not the address that this server is reached at";
            return Err(Refused { status: StatusCode::MISDIRECTED_REQUEST, why });
        }
        let (body, sent) = body::sent(body, self.limits.body).await?;
        let (method, headers) = (head.method.to_string(), from_map(&head.headers));
        Ok((HttpRequest { method, url, headers, body, tls: Tls::default(), referred: None }, sent))
    }

    /// What the provider answers, as it is for here.
    async fn passed(&self, request: HttpRequest, sent: Sent) -> Response<Body> {
        let outward = lock(&self.shared).between.outward(request);
        let Ok(request) = outward else { return refuse(&bad("its target is on another host")).map(full) };
        let is_head = request.method == "HEAD";
        let mut by_hand = Vec::new();
        let request = if sent.is_unread() {
            self.note("request", &request.url);
            request
        } else {
            match self.gate.request(request).await {
                Passage::Free(request) => request,
                Passage::Changed(request) => {
                    by_hand.push(ByHand::RequestChanged);
                    request
                }
                Passage::Refused(why) => return gone(StatusCode::SERVICE_UNAVAILABLE, &not_passed("request", why)),
            }
        };
        let started = clock::now();
        let body = sent.into_body(&request);
        let came = match self.transport.open(&request, body).await {
            Ok(response) => body::came(response).await,
            Err(error) => {
                lock(&self.shared).is_untrusted |= error.is_about_trust();
                Err(error.to_string())
            }
        };
        let took = clock::now().since(started);
        let way = Way { passing: self.clone(), request, started, took, by_hand, came: None };
        match came {
            Ok((response, rest)) => way.home(response, rest, is_head).await,
            Err(why) => way.nowhere(why),
        }
    }

    fn told(&self, passed: Passed) {
        let mut shared = lock(&self.shared);
        let news = shared.live.take(passed);
        (shared.observe)(&news);
    }

    /// Notes that a body passes unread.
    fn note(&self, what: &str, url: &Url) {
        let note = body::unread(what, url.path());
        let mut shared = lock(&self.shared);
        if shared.notes.len() < NOTES && !shared.notes.contains(&note) {
            shared.notes.push(note);
        }
    }
}

/// An exchange whose request has left. It is told of once, also when its client goes away before its answer is home.
struct Way {
    passing: Passing,
    request: HttpRequest,
    started: Timestamp,
    took: Duration,
    by_hand: Vec<ByHand>,
    /// What has come and was not told yet.
    came: Option<Came>,
}

impl Way {
    /// Brings an answer home, with what of its body is still to come.
    async fn home(mut self, response: HttpResponse, rest: Option<reqwest::Body>, is_head: bool) -> Response<Body> {
        if rest.is_some() {
            self.passing.note("answer", &self.request.url);
            return self.unread(response, rest, is_head);
        }
        self.came = Some(Came::Response(response.clone()));
        let response = match self.passing.gate.answer(&self.request, response).await {
            Passage::Free(response) => response,
            Passage::Changed(response) => {
                self.by_hand.push(ByHand::AnswerChanged);
                self.came = Some(Came::Response(response.clone()));
                response
            }
            Passage::Refused(why) => {
                self.by_hand.push(ByHand::AnswerDropped);
                self.tell(None);
                return gone(StatusCode::BAD_GATEWAY, &not_passed("answer", why));
            }
        };
        self.tell(Some(&response));
        let home = lock(&self.passing.shared).between.homeward(response);
        body::answer(home, None, is_head)
    }

    /// What passes unread stays as it is; its head does not.
    fn unread(mut self, mut head: HttpResponse, rest: Option<reqwest::Body>, is_head: bool) -> Response<Body> {
        let body = std::mem::take(&mut head.body);
        self.came = Some(Came::Response(head.clone()));
        self.tell(Some(&head));
        let home = HttpResponse { body, ..lock(&self.passing.shared).between.homeward(head) };
        body::answer(home, rest, is_head)
    }

    /// Says that no answer came.
    fn nowhere(mut self, why: String) -> Response<Body> {
        let told = format!("The provider did not answer: {why}\n");
        self.came = Some(Came::Nothing(why));
        self.tell(None);
        gone(StatusCode::BAD_GATEWAY, &told)
    }

    /// Tells of what has come; `home` is the answer as it goes on, which may send the browser to the app.
    fn tell(&mut self, home: Option<&HttpResponse>) {
        let Some(came) = self.came.take() else { return };
        let returned = home.and_then(|home| returned(&lock(&self.passing.shared).between, &self.request.url, home));
        let (request, by_hand) = (self.request.clone(), std::mem::take(&mut self.by_hand));
        let (started, took) = (self.started, self.took);
        self.passing.told(Passed { request, came, started, took, returned, by_hand });
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        if self.came.is_some() {
            self.by_hand.push(ByHand::ClientGone);
            self.tell(None);
        }
    }
}

/// What the client hears of a message that goes no further.
fn not_passed(what: &str, why: &str) -> String {
    format!("The {what} did not pass: {why}.\n")
}

fn gone(status: StatusCode, told: &str) -> Response<Body> {
    let answer = HttpResponse::new(status.as_u16(), "text/plain; charset=utf-8", told);
    let mut response = write(answer).map(full);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
