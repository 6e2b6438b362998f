//! Says what a request at the redirect URI is: the awaited response, help for a browser on its way, or a stray.

use super::page;
use super::reader::{Request, Unreadable};
use crate::base::entropy::Entropy;
use crate::base::http::{FORM, HttpRequest, HttpResponse, JSON};
use crate::base::params::Params;
use crate::base::text::elided_between_words;
use crate::base::time::Timestamp;
use crate::flow::beside::Arrival;
use crate::flow::callback::{Awaited, Awaiting, Callback, Refusal, Via};
use crate::flow::joint::{self, Joint};

/// Header field in which the relay page proves that it is ours. A foreign page cannot set it without asking first.
pub const RELAY_HEADER: &str = "grantscope-relay";

/// What a request amounted to.
pub enum Outcome {
    /// The awaited response.
    Delivered(Callback),
    /// Not the awaited response.
    Refused(Refusal),
    /// The page that reads the fragment was handed out.
    Helped,
    /// The last page was handed out.
    SeenOff,
    /// A message for what is offered beside it.
    Arrived(Box<Arrival>),
}

impl From<Unreadable> for Outcome {
    fn from(unreadable: Unreadable) -> Self {
        Self::Refused(match unreadable {
            Unreadable::TLS => Refusal::SpokeTls,
            Unreadable { reason, .. } => Refusal::BadRequest(reason.to_owned()),
        })
    }
}

/// The one place that knows whether the response has come.
pub struct Desk {
    awaiting: Awaiting,
    /// `Host` of every request that is meant for us.
    host: String,
    /// Where a browser is sent after its delivery, so that no code stays in its address bar.
    done_path: String,
    /// One-time value of the relay page.
    relay: String,
    entropy: Entropy,
    delivered: bool,
}

impl Desk {
    pub fn new(awaiting: Awaiting, mut entropy: Entropy) -> Self {
        let uri = &awaiting.redirect_uri;
        let host = uri[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
        let done_path = format!("{}/done", uri.path().trim_end_matches('/'));
        let relay = entropy.token();
        Self { awaiting, host, done_path, relay, entropy, delivered: false }
    }

    /// The answer to a request, and what the request was.
    pub fn answer(&mut self, request: &Request, now: Timestamp) -> (HttpResponse, Outcome) {
        let outcome = self.judge(request, now).unwrap_or_else(Outcome::Refused);
        let nonce = self.entropy.token();
        let response = match &outcome {
            Outcome::Delivered(callback) if callback.via == Via::Fragment => page::relayed(),
            Outcome::Delivered(callback) if callback.via == Via::Ping => page::taken(),
            Outcome::Delivered(_) => page::see_other(&self.done_path),
            Outcome::SeenOff => page::done(&nonce),
            Outcome::Arrived(arrival) => arrival.response.clone(),
            Outcome::Helped => page::relay(200, &nonce, &self.relay, &self.done_path),
            // A server that answers in the fragment unasked shall be seen too.
            Outcome::Refused(Refusal::NoResponse) if request.method == "GET" && !self.awaits_ping() => {
                page::relay(400, &nonce, &self.relay, &self.done_path)
            }
            Outcome::Refused(refusal) => page::refused(refusal, &nonce),
        };
        self.delivered |= matches!(outcome, Outcome::Delivered(_));
        (response, outcome)
    }

    fn judge(&self, request: &Request, now: Timestamp) -> Result<Outcome, Refusal> {
        if !request.host.eq_ignore_ascii_case(&self.host) {
            return Err(Refusal::ForeignHost(elided_between_words(&request.host, 120).into_owned()));
        }
        if self.delivered && request.method == "GET" && request.path == self.done_path {
            return Ok(Outcome::SeenOff);
        }
        if let Some(arrival) = self.beside(request, now) {
            return Ok(Outcome::Arrived(Box::new(arrival)));
        }
        let glued = self.glued(request);
        if request.path != self.awaiting.redirect_uri.path() && glued.is_none() {
            return Err(Refusal::OtherPath(elided_between_words(&joint::bare(&request.path), 120).into_owned()));
        }
        if is_prefetch(request) {
            return Err(Refusal::BadRequest("the browser only prefetched it".to_owned()));
        }
        match request.method.as_str() {
            "GET" | "POST" if self.delivered => Err(Refusal::AlreadyUsed),
            "POST" if self.awaits_ping() => self.judge_ping(request),
            other if self.awaits_ping() => Err(Refusal::OtherMethod(elided_between_words(other, 20).into_owned())),
            "GET" => self.judge_query(request, glued),
            "POST" => self.judge_form(request),
            other => Err(Refusal::OtherMethod(elided_between_words(other, 20).into_owned())),
        }
    }

    /// A message for what is offered at another path of this port.
    fn beside(&self, request: &Request, now: Timestamp) -> Option<Arrival> {
        let here = &self.awaiting.redirect_uri;
        if request.path == here.path() {
            return None;
        }
        let mut url = here.clone();
        url.set_path(&request.path);
        url.set_query(Some(request.query.as_str()).filter(|query| !query.is_empty()));
        let (method, headers, body) = (request.method.clone(), request.headers.clone(), request.body.clone());
        let request = HttpRequest { method, headers, body, ..HttpRequest::get(url) };
        let offered = self.awaiting.beside.iter().filter(|beside| beside.at.port() == here.port());
        let response = offered.into_iter().find_map(|beside| beside.answer(&request, now))?;
        Some(Arrival { at: now, request, response })
    }

    /// What belongs into the query of a response and stands in its path.
    fn glued(&self, request: &Request) -> Option<(String, Joint)> {
        let glued = joint::in_path(&request.path, self.awaiting.redirect_uri.path());
        glued.filter(|_| request.method == "GET" && self.awaits_response())
    }

    const fn awaits_response(&self) -> bool {
        matches!(self.awaiting.awaited, Awaited::Authorization | Awaited::Jwt | Awaited::Nothing)
    }

    /// Parameters as they are joined, or mended where a response has to be.
    fn parse(&self, encoded: &str) -> (Params, Option<Joint>) {
        if self.awaits_response() { joint::parse(encoded) } else { (Params::parse(encoded.as_bytes()), None) }
    }

    fn judge_query(&self, request: &Request, glued: Option<(String, Joint)>) -> Result<Outcome, Refusal> {
        let (params, joint) = self.parse(&joint::behind(glued.as_ref(), &request.query));
        let joint = glued.map(|(_, joint)| joint).or(joint);
        let params = joint::without_own(&self.awaiting.redirect_uri, params);
        match self.awaiting.admits(&params) {
            Err(Refusal::NoResponse) if self.awaiting.response_mode == Via::Fragment.response_mode() => {
                Ok(Outcome::Helped)
            }
            admitted => admitted.map(|()| self.callback(Via::Query, params, joint)),
        }
    }

    fn judge_form(&self, request: &Request) -> Result<Outcome, Refusal> {
        if request.headers.content_type().as_deref() != Some(FORM) {
            return Err(Refusal::BadRequest("its body is not a form".to_owned()));
        }
        let via = match request.headers.get(RELAY_HEADER) {
            None => Via::FormPost,
            Some(value) if value == self.relay => Via::Fragment,
            Some(_) => return Err(Refusal::BadRequest("its one-time value is not that of the relay page".to_owned())),
        };
        let (params, joint) = match via {
            Via::Fragment => {
                let (params, joint) = self.parse(&String::from_utf8_lossy(&request.body));
                (params, joint.or_else(|| joint::apart(&self.awaiting.redirect_uri, &request.query)))
            }
            _ => (Params::parse(&request.body), None),
        };
        self.awaiting.admits(&params)?;
        Ok(self.callback(via, params, joint))
    }

    const fn awaits_ping(&self) -> bool {
        matches!(self.awaiting.awaited, Awaited::Ping(_))
    }

    /// JSON with the `auth_req_id`, and the token of the request as bearer token (CIBA section 10.2).
    fn judge_ping(&self, request: &Request) -> Result<Outcome, Refusal> {
        let Awaited::Ping(token) = &self.awaiting.awaited else { return Err(Refusal::NoResponse) };
        let shown = request.headers.get("authorization").and_then(|value| value.split_once(' '));
        if !shown.is_some_and(|(scheme, value)| scheme.eq_ignore_ascii_case("bearer") && value == token.expose()) {
            return Err(Refusal::WrongNotificationToken);
        }
        if request.headers.content_type().as_deref() != Some(JSON) {
            return Err(Refusal::BadRequest("its body is not application/json".to_owned()));
        }
        let callback = Callback::notified(&self.awaiting.redirect_uri, &request.body)
            .map_err(|error| Refusal::BadRequest(error.to_string()))?;
        self.awaiting.admits(&callback.params)?;
        Ok(Outcome::Delivered(callback))
    }

    fn callback(&self, via: Via, params: Params, joint: Option<Joint>) -> Outcome {
        let redirect_uri = self.awaiting.redirect_uri.to_string();
        Outcome::Delivered(Callback { redirect_uri, via, params, joint, posted: Vec::new(), asked_user: None })
    }
}

/// A page fetched in advance must not use up the code; the visit follows (Fetch Standard, `Sec-Purpose`).
fn is_prefetch(request: &Request) -> bool {
    ["sec-purpose", "purpose", "x-moz"]
        .iter()
        .any(|name| request.headers.get(name).is_some_and(|value| value.contains("prefetch")))
}
