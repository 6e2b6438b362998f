//! The messages of a run as arrows between those who take part, from the trace alone: what diagram, report and page draw.

use std::time::Duration;

use crate::base::check::{Check, Verdict};
use crate::base::http::{HttpRequest, HttpResponse, is_loopback};
use crate::base::text::{elided, visible};
use crate::client::dpop::DPOP;

use super::beside::Arrival;
use super::stage::{Label, Lane, Stage, Travel, json_of};
use super::trace::{Answer, ByHand, Carried, Exchange, Overheard, Party};
use super::{Failure, Flow, ProblemKind};

/// Of what is longer in bytes, the label of an answer says the media type alone.
const READ_AT_MOST: usize = 256 * 1024;

/// Messages that came meanwhile, of which more say nothing new.
const FETCHES_SHOWN: usize = 6;

/// What became of an arrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrived.
    Done,
    /// It was refused, breaks a rule that must be kept, or never came.
    Failed,
    /// It is awaited.
    Running,
    /// It comes after what is awaited.
    Future,
}

/// Which message an arrow is, or stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// The request of the exchange.
    Request,
    /// What the user does between request and answer.
    Between,
    /// Its answer.
    Answer,
    /// All polls that were told to wait, of which the exchange is the first.
    Polls,
}

/// One arrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Index of its exchange in the trace.
    pub exchange: usize,
    /// Which message of it.
    pub message: Message,
    /// From whom.
    pub from: Lane,
    /// To whom.
    pub to: Lane,
    /// `POST /token authorization_code`: redacted only where the trace was.
    pub label: String,
    /// Whether it travels through the browser.
    pub is_front: bool,
    /// Since the run began, where it is known.
    pub after: Option<Duration>,
    /// What became of it.
    pub fate: Fate,
}

/// The arrows of a run. Polls that were told to wait are one, unless each is wanted.
pub fn rungs(flow: &Flow, is_each_poll: bool) -> Vec<Rung> {
    let exchanges = &flow.trace.exchanges;
    let begin = exchanges.first().map(|first| first.sent_at);
    let polls = exchanges.iter().filter(|exchange| exchange.is_told_to_wait()).count();
    let (mut rungs, mut is_folded) = (Vec::new(), false);
    let carried = Carried::of(&flow.trace);
    for (at, exchange) in exchanges.iter().enumerate() {
        let first = rungs.len();
        let is_poll = exchange.is_told_to_wait();
        if is_poll && !std::mem::replace(&mut is_folded, true) {
            rungs.push(folded(at, polls));
        }
        let sent = begin.map(|begin| exchange.sent_at.since(begin)).unwrap_or_default();
        let times = [sent, sent + exchange.took];
        match exchange.stage.descriptor().travel {
            _ if is_poll && !is_each_poll => {}
            Travel::RoundTrip(does) => rungs.extend(round_trip(flow, at, does, times, &carried.about(at))),
            Travel::Visit => rungs.push(visit(flow, at, sent)),
            Travel::Ping => rungs.push(ping(at, exchange, sent)),
            Travel::Direct(to) => rungs.extend(direct(at, exchange, to, times, &broken(&carried.about(at)))),
        }
        if let Some(overheard) = &exchange.overheard {
            rungs[first..].iter_mut().for_each(|rung| of_others(rung, overheard));
        }
    }
    rungs
}

/// A message between others: the client is not this program, and the message may not be as it was sent.
fn of_others(rung: &mut Rung, overheard: &Overheard) {
    let client = match overheard.by {
        Party::BackEnd if !rung.is_front => Lane::BackEnd,
        Party::BackEnd | Party::Browser => Lane::App,
    };
    for lane in [&mut rung.from, &mut rung.to] {
        if *lane == Lane::Client {
            *lane = client;
        }
    }
    for done in overheard.by_hand.iter().filter(|done| done.is_of(rung.message)) {
        rung.label.push_str("  ");
        rung.label.push_str(done.shown());
    }
}

impl ByHand {
    /// Whether it was done to this message of an exchange.
    fn is_of(self, message: Message) -> bool {
        (self == Self::RequestChanged) == (message == Message::Request)
    }

    const fn shown(self) -> &'static str {
        match self {
            Self::RequestChanged | Self::AnswerChanged => "changed by hand",
            Self::AnswerDropped => "dropped by hand",
            Self::ClientGone => "client gone",
        }
    }
}

/// What stands in the place of an answer that was not recorded, though it may well have come.
const NOT_RECORDED: &str = "not in the recording";

/// What stands in the place of an answer that is on its way.
const AWAITED: &str = "waiting for the answer";

/// All polls that were told to wait, as one arrow.
fn folded(at: usize, count: usize) -> Rung {
    let words = if count == 1 { "1 poll".to_owned() } else { format!("{count} polls") };
    let label = format!("POST /token  {words}, pending");
    Rung {
        exchange: at,
        message: Message::Polls,
        from: Lane::Client,
        to: Lane::Server,
        label,
        is_front: false,
        after: None,
        fate: Fate::Done,
    }
}

/// The client asks, and is answered.
fn direct(at: usize, exchange: &Exchange, to: Lane, [sent, came]: [Duration; 2], broken: &str) -> [Rung; 2] {
    let request = Rung {
        exchange: at,
        message: Message::Request,
        from: Lane::Client,
        to,
        label: request_label(exchange.stage, &exchange.request),
        is_front: false,
        after: Some(sent),
        fate: Fate::Done,
    };
    let (label, fate) = match &exchange.answer {
        Answer::Response(response) => {
            (format!("{} {}{broken}", response.status, answer_label(exchange, response)), fate(exchange, broken))
        }
        Answer::Failed(Failure::Stopped(_)) => ("not awaited".to_owned(), Fate::Failed),
        Answer::Failed(_) => ("no answer".to_owned(), Fate::Failed),
        Answer::Pending if exchange.overheard.is_some() => (NOT_RECORDED.to_owned(), Fate::Future),
        Answer::Pending | Answer::Visited | Answer::Callback(_) => (AWAITED.to_owned(), Fate::Future),
    };
    let after = Some(came).filter(|_| !matches!(exchange.answer, Answer::Pending));
    let answer = Rung { message: Message::Answer, from: to, to: Lane::Client, label, after, fate, ..request };
    [request, answer]
}

/// Whether the answer is what was wanted.
fn fate(exchange: &Exchange, broken: &str) -> Fate {
    let is_good = exchange.response().is_some_and(HttpResponse::is_success) && exchange.lacks_document().is_none();
    match is_good || exchange.may_be_refused() {
        true => broken_or_done(broken),
        false => Fate::Failed,
    }
}

/// The user does something at the server, in the browser, which brings the answer back.
fn round_trip(flow: &Flow, at: usize, does: &str, [sent, came]: [Duration; 2], checks: &[&Check]) -> Vec<Rung> {
    let exchange = &*flow.trace.exchanges[at];
    let broken = broken(checks);
    let opened = Rung {
        exchange: at,
        message: Message::Request,
        from: Lane::Client,
        to: Lane::Browser,
        label: opened(&exchange.request),
        is_front: true,
        after: Some(sent),
        fate: Fate::Done,
    };
    let got = Rung {
        from: Lane::Browser,
        to: Lane::Server,
        label: format!("GET {}", exchange.request.url.path()),
        after: None,
        ..opened
    };
    let waiting = matches!(exchange.answer, Answer::Pending);
    let is_overheard = exchange.overheard.is_some();
    let signs_in = if waiting && is_overheard {
        NOT_RECORDED.to_owned()
    } else if waiting {
        format!("waiting for you to {does}")
    } else {
        format!("you {does}")
    };
    let (acting, label, returning) = match &exchange.answer {
        Answer::Callback(callback) => {
            let names: Vec<String> = callback.params.iter().map(|(name, _)| format!("{}=…", visible(name))).collect();
            let label = format!("redirect  {}{broken}", names.join("&"));
            let returning = if is_refused(flow, at) { Fate::Failed } else { broken_or_done(&broken) };
            (Fate::Done, label, returning)
        }
        answer => {
            let rows = (exchange.stage.descriptor().rows)(flow.grant);
            let expected = rows.last().map_or("", |row| row.label).to_owned();
            let [acting, returning] = match answer {
                Answer::Pending if is_overheard => [Fate::Future; 2],
                Answer::Pending => [Fate::Running, Fate::Future],
                Answer::Failed(_) => [Fate::Failed; 2],
                _ => [Fate::Done; 2],
            };
            (acting, expected, returning)
        }
    };
    let acts = Rung { message: Message::Between, from: Lane::You, label: signs_in, fate: acting, ..got };
    let after = matches!(exchange.answer, Answer::Callback(_)).then_some(came);
    let back =
        Rung { message: Message::Answer, from: Lane::Server, to: Lane::Client, label, after, fate: returning, ..got };
    let mut rungs = vec![opened, got];
    rungs.extend(meanwhile(flow, at, checks).take(FETCHES_SHOWN));
    // Where nobody may be asked, the server has answered by itself (OIDC Core section 3.1.2.1).
    let is_silent = !waiting && exchange.request.query().get("prompt") == Some("none");
    rungs.extend((!is_silent).then_some(acts));
    let comes_back = !matches!(exchange.answer, Answer::Visited) && (!waiting || exchange.has_way_back());
    rungs.extend(comes_back.then_some(back));
    rungs
}

/// What the server did by itself at a place of the client, and how it was answered.
fn meanwhile<'a>(flow: &'a Flow, at: usize, checks: &'a [&'a Check]) -> impl Iterator<Item = Rung> + use<'a> {
    let begin = flow.trace.exchanges.first().map(|first| first.sent_at).unwrap_or_default();
    flow.trace.exchanges[at].meanwhile.iter().flat_map(move |Arrival { at: came, request, response }| {
        let path = elided(&visible(request.url.path()), 60).into_owned();
        let broken = broken_by(checks, |check| is_of_arrival(check) && check.rule.id.starts_with(family(request)));
        let fate = if response.status >= 400 { Fate::Failed } else { broken_or_done(&broken) };
        let asked = Rung {
            exchange: at,
            message: Message::Request,
            from: Lane::Server,
            to: Lane::Client,
            label: format!("{} {path}{broken}", visible(&request.method)),
            is_front: false,
            after: Some(came.since(begin)),
            fate,
        };
        let label = format!("{} {}", response.status, response.headers.content_type().unwrap_or_default());
        let answered = Rung { from: Lane::Client, to: Lane::Server, label, ..asked };
        [asked, answered]
    })
}

/// The server says that the user has decided, or brings the tokens.
fn ping(at: usize, exchange: &Exchange, sent: Duration) -> Rung {
    let brings = if exchange.stage == Stage::Push { "tokens" } else { "auth_req_id" };
    Rung {
        exchange: at,
        message: Message::Answer,
        from: Lane::Server,
        to: Lane::Client,
        label: format!("POST {} {brings}", visible(exchange.request.url.path())),
        is_front: false,
        after: Some(sent),
        fate: Fate::Done,
    }
}

/// The user approves elsewhere; the client learns of it by polling.
fn visit(flow: &Flow, at: usize, sent: Duration) -> Rung {
    let code = flow.session.device.as_ref().map(|device| visible(&device.user_code).into_owned());
    let label =
        code.map_or_else(|| "you approve on your device".to_owned(), |code| format!("you type {code} and approve"));
    Rung {
        exchange: at,
        message: Message::Request,
        from: Lane::You,
        to: Lane::Server,
        label,
        is_front: true,
        after: Some(sent),
        fate: Fate::Done,
    }
}

/// A request in a few words: `POST /token authorization_code`, with the host where it is not this machine.
pub fn request_label(stage: Stage, request: &HttpRequest) -> String {
    let detail = (stage.descriptor().detail)(request);
    let host =
        if is_loopback(&request.url) { String::new() } else { request.url.host_str().unwrap_or_default().to_owned() };
    let path = format!("{host}{}", request.url.path());
    let proof = if request.headers.get(DPOP).is_some() { "  + proof" } else { "" };
    format!("{} {}{detail}{proof}", visible(&request.method), elided(&visible(&path), 60))
}

/// The browser's way to the server.
pub fn opened(request: &HttpRequest) -> String {
    let path = request.url.path();
    let query = request.query();
    match query.get("response_type") {
        Some(response_type) => format!("open {path}?response_type={}…", visible(response_type)),
        None => match ["request_uri", "request"].into_iter().find(|name| query.contains(name)) {
            Some(carrier) => format!("open {path}?{carrier}=…"),
            None => format!("open {path}"),
        },
    }
}

fn answer_label(exchange: &Exchange, response: &HttpResponse) -> String {
    let label = exchange.stage.descriptor().label;
    // What can be said without reading the body is; this runs for every row in every frame.
    if response.is_success() && exchange.lacks_document().is_some() {
        return response.headers.content_type().unwrap_or_default();
    }
    if let (Label::Fixed(words), true) = (label, response.is_success()) {
        return words.to_owned();
    }
    if response.body.len() > READ_AT_MOST {
        return response.headers.content_type().unwrap_or_default();
    }
    if let Some(error) = json_of(response).and_then(|json| json.text("error").map(|error| visible(error).into_owned()))
    {
        return error;
    }
    let read = match label {
        Label::Read(read) => read(response),
        Label::Fixed(_) => None,
    };
    read.or_else(|| response.headers.content_type()).unwrap_or_default()
}

/// What of an answer breaks a rule that must be kept, behind its label: `  aud`.
fn broken(checks: &[&Check]) -> String {
    broken_by(checks, |check| !check.is_of_client() && !is_of_arrival(check))
}

fn broken_by(checks: &[&Check], is_meant: impl Fn(&Check) -> bool) -> String {
    let is_broken = |check: &&&Check| check.verdict == Verdict::Fail && is_meant(check);
    checks.iter().find(is_broken).map(|check| format!("  {}", check.member())).unwrap_or_default()
}

/// Rules of what a server did by itself at a place of the client while the browser was on its way, by the beginning of
/// their names: a logout token is posted, a logout frame is fetched.
const OF_ARRIVALS: [&str; 2] = ["blo.", "flo."];

/// Whether a check is about such an arrival, and not about what the browser brought back.
pub fn is_of_arrival(check: &Check) -> bool {
    OF_ARRIVALS.iter().any(|family| check.rule.id.starts_with(family))
}

fn family(arrived: &HttpRequest) -> &'static str {
    OF_ARRIVALS[usize::from(arrived.method != "POST")]
}

/// Whether the browser came back with a refusal, which a signed response shows only to who has read it.
pub fn is_refused(flow: &Flow, at: usize) -> bool {
    let exchange = &*flow.trace.exchanges[at];
    let of_run = flow.problem().filter(|problem| matches!(problem.kind, ProblemKind::Refused(_)));
    let is_last = at + 1 == flow.trace.exchanges.len();
    exchange.is_refused_on_the_way_back() || is_last && of_run.is_some_and(|problem| problem.stage == exchange.stage)
}

const fn broken_or_done(broken: &str) -> Fate {
    if broken.is_empty() { Fate::Done } else { Fate::Failed }
}
