//! The sequence diagram of a run: which arrows there are, from the trace alone.

use std::time::Duration;

use crate::base::check::{Check, Tally, Verdict};
use crate::base::http::{HttpRequest, HttpResponse, is_loopback};
use crate::base::text::{elided, visible};
use crate::base::time::spoken;
use crate::flow::callback::Awaited;
use crate::flow::stage::{Label, Lane as Stop, Row, Stage, Travel, json_of};
use crate::flow::trace::{Answer, Exchange};
use crate::flow::{Action, Failure, Next};
use crate::terms::grant::Grant;

use super::model::{Model, Target};
use super::numbers::Numbers;
use super::widgets::{Arrow, ArrowState, ArrowStyle, Fold, Lane, Tone};

/// Of what is longer in bytes, the label of an answer says the media type alone.
const READ_AT_MOST: usize = 256 * 1024;

const YOU: usize = Stop::You as usize;
const BROWSER: usize = Stop::Browser as usize;
const CLIENT: usize = Stop::Client as usize;
const SERVER: usize = Stop::Server as usize;

/// A diagram, and what each of its arrows shows when selected.
pub struct Diagram {
    /// Who takes part.
    pub lanes: Vec<Lane>,
    /// The rows.
    pub arrows: Vec<Arrow>,
    /// What each row shows, by the row's id.
    pub targets: Vec<Target>,
    numbers: Numbers,
    /// The step of the row before, within the same exchange.
    step: Option<usize>,
}

impl Diagram {
    /// The diagram of the model's run.
    pub fn of(model: &Model) -> Self {
        let lanes = ["You", "Browser", "Client (this app)", "Authorization server", "API"];
        let mut diagram = Self {
            lanes: lanes.into_iter().map(|title| Lane { title: title.to_owned() }).collect(),
            arrows: Vec::new(),
            targets: Vec::new(),
            numbers: Numbers::of(&model.run.flow.steps()),
            step: None,
        };
        let begin = model.run.flow.trace.exchanges.first().map(|exchange| exchange.sent_at);
        let polls = model.run.flow.trace.exchanges.iter().filter(|exchange| exchange.is_told_to_wait()).count();
        let mut is_folded = false;
        for (at, exchange) in model.run.flow.trace.exchanges.iter().enumerate() {
            diagram.step = None;
            if exchange.is_told_to_wait() {
                if !std::mem::replace(&mut is_folded, true) {
                    diagram.polls(exchange, polls, model.run.polls_open);
                }
                if !model.run.polls_open {
                    continue;
                }
            }
            let offset = begin.map(|begin| exchange.sent_at.since(begin)).unwrap_or_default();
            let sent = if at == 0 { "0 ms".to_owned() } else { after(offset) };
            let came = after(offset + exchange.took);
            match exchange.stage.descriptor().travel {
                Travel::RoundTrip(does) => diagram.front_channel(model, at, does, sent, came),
                Travel::Visit => diagram.verification(model, at, sent),
                Travel::Ping => diagram.ping(at, exchange, sent),
                Travel::Direct(to) => diagram.direct(at, exchange, to as usize, [sent, came]),
            }
        }
        diagram.prepared(model);
        diagram.upcoming(model);
        diagram
    }

    /// The id of the row that shows this target.
    pub fn row_of(&self, target: Target) -> Option<usize> {
        let exact = self.targets.iter().position(|shown| *shown == target);
        exact
            .or_else(|| match target {
                Target::Answer(at) => self.targets.iter().position(|shown| *shown == Target::Request(at)),
                _ => None,
            })
            .or_else(|| match target {
                Target::Request(_) | Target::Answer(_) => self.targets.iter().position(|shown| *shown == Target::Polls),
                _ => None,
            })
    }

    /// Adds a row of this step, with its number where the step begins.
    fn push(&mut self, target: Target, step: Option<usize>, arrow: Arrow) {
        let id = self.arrows.len();
        let label = match step.filter(|_| step != self.step) {
            Some(step) if !arrow.label.is_empty() => format!("{}  {}", step + 1, arrow.label),
            _ => arrow.label,
        };
        self.step = step;
        self.arrows.push(Arrow { id, label, ..arrow });
        self.targets.push(target);
    }

    fn direct(&mut self, at: usize, exchange: &Exchange, to: usize, [sent, came]: [String; 2]) {
        let [sending, coming] = [self.numbers.sent(exchange.position), self.numbers.came(exchange.position)];
        let request = Arrow {
            from: CLIENT,
            to,
            label: request_label(exchange.stage, &exchange.request),
            time: sent,
            ..Arrow::default()
        };
        self.push(Target::Request(at), sending, request);
        let (label, state) = match &exchange.answer {
            Answer::Response(response) => (
                format!("{} {}{}", response.status, answer_label(exchange, response), broken(exchange)),
                if (response.is_success() && exchange.lacks_document().is_none())
                    || exchange.is_told_to_wait()
                    || exchange.stage.wants_refusal()
                {
                    broken_or_done(exchange)
                } else {
                    ArrowState::Failed
                },
            ),
            Answer::Failed(Failure::Stopped(_)) => ("not awaited".to_owned(), ArrowState::Failed),
            Answer::Failed(_) => ("no answer".to_owned(), ArrowState::Failed),
            Answer::Pending | Answer::Visited | Answer::Callback(_) => (String::new(), ArrowState::Running),
        };
        let mark = mark(exchange);
        self.push(
            Target::Answer(at),
            coming,
            Arrow { from: to, to: CLIENT, label, time: came, state, mark, ..Arrow::default() },
        );
    }

    /// The user does something at the server, in the browser, which brings the answer back.
    fn front_channel(&mut self, model: &Model, at: usize, does: &str, sent: String, came: String) {
        let dashed = |from, to, label: String, time: String| Arrow {
            from,
            to,
            label,
            time,
            style: ArrowStyle::FrontChannel,
            ..Arrow::default()
        };
        let exchange = &model.run.flow.trace.exchanges[at];
        let path = exchange.request.url.path();
        let position = exchange.position;
        let awaited = self.numbers.awaited(position);
        let sending = self.numbers.sent(position);
        self.push(Target::Request(at), sending, dashed(CLIENT, BROWSER, opened(&exchange.request), sent));
        self.push(Target::Request(at), awaited, dashed(BROWSER, SERVER, format!("GET {path}"), String::new()));
        let waiting = matches!(exchange.answer, Answer::Pending);
        let signs_in = if waiting { format!("waiting for you to {does}") } else { format!("you {does}") };
        let mut sign_in = dashed(YOU, SERVER, signs_in, String::new());
        let mut back = match &exchange.answer {
            Answer::Callback(callback) => {
                let names: Vec<String> =
                    callback.params.iter().map(|(name, _)| format!("{}=…", visible(name))).collect();
                let label = format!("redirect  {}{}", names.join("&"), broken(exchange));
                Arrow { state: broken_or_done(exchange), ..dashed(SERVER, CLIENT, label, came) }
            }
            Answer::Visited => {
                self.push(Target::Request(at), awaited, sign_in);
                return;
            }
            _ => {
                let rows = (exchange.stage.descriptor().rows)(model.run.flow.grant);
                let expected = rows.last().map_or("", |row| row.label);
                dashed(SERVER, CLIENT, expected.to_owned(), String::new())
            }
        };
        if !waiting {
            back.mark = mark(exchange);
        }
        match &exchange.answer {
            Answer::Pending => {
                sign_in.state = ArrowState::Running;
                back.state = ArrowState::Future;
            }
            Answer::Failed(_) => {
                sign_in.state = ArrowState::Failed;
                back.state = ArrowState::Failed;
            }
            _ => {}
        }
        let waits_here = waiting && model.run.flow.awaiting().is_some();
        self.push(if waits_here { Target::Prepared } else { Target::Request(at) }, awaited, sign_in);
        let coming = self.numbers.came(position);
        self.push(Target::Answer(at), coming, back);
    }

    /// All polls that were told to wait, in one row.
    fn polls(&mut self, first: &Exchange, count: usize, open: bool) {
        let words = if count == 1 { "1 poll" } else { "polls" };
        let number = if count == 1 { String::new() } else { format!("{count} ") };
        let arrow = Arrow {
            from: CLIENT,
            to: SERVER,
            label: format!("POST /token  {number}{words}, pending"),
            fold: Some(if open { Fold::Open } else { Fold::Closed }),
            mark: Some(Tone::Warn),
            ..Arrow::default()
        };
        let step = self.numbers.sent(first.position);
        self.push(Target::Polls, step, arrow);
    }

    /// The server says that the user has decided.
    fn ping(&mut self, at: usize, exchange: &Exchange, time: String) {
        let label = format!("POST {} auth_req_id", visible(exchange.request.url.path()));
        let mark = mark(exchange);
        let step = self.numbers.came(exchange.position);
        self.push(Target::Answer(at), step, Arrow { from: SERVER, to: CLIENT, label, time, mark, ..Arrow::default() });
    }

    /// The user approves elsewhere; the client learns of it by polling.
    fn verification(&mut self, model: &Model, at: usize, time: String) {
        let code = model.run.flow.session.device.as_ref().map(|device| visible(&device.user_code).into_owned());
        let does =
            code.map_or_else(|| "you approve on your device".to_owned(), |code| format!("you type {code} and approve"));
        let arrow =
            Arrow { from: YOU, to: SERVER, label: does, time, style: ArrowStyle::FrontChannel, ..Arrow::default() };
        let step = self.numbers.sent(model.run.flow.trace.exchanges[at].position);
        self.push(Target::Request(at), step, arrow);
    }

    fn prepared(&mut self, model: &Model) {
        let (Next::Do(Action::Send(request) | Action::Browse(request, _)), Some(stage)) =
            (&model.run.next, model.run.flow.stage())
        else {
            return;
        };
        let is_running = model.run.running.is_some();
        let (to, style, label) = match stage.descriptor().travel {
            Travel::RoundTrip(_) => (BROWSER, ArrowStyle::FrontChannel, opened(request)),
            Travel::Visit => (BROWSER, ArrowStyle::FrontChannel, format!("you open {}", request.url.path())),
            Travel::Direct(to) => (to as usize, ArrowStyle::Direct, request_label(stage, request)),
            Travel::Ping => (SERVER, ArrowStyle::Direct, request_label(stage, request)),
        };
        let (state, time) = if is_running { (ArrowState::Running, "sending") } else { (ArrowState::Ready, "ready") };
        self.step = None;
        self.push(
            Target::Prepared,
            self.numbers.sent(model.run.flow.position()),
            Arrow { from: CLIENT, to, label, time: time.to_owned(), style, state, ..Arrow::default() },
        );
    }

    fn upcoming(&mut self, model: &Model) {
        let position = model.run.flow.position();
        // Rows of the present stage that stand there already.
        let present = match &model.run.next {
            Next::Do(Action::Send(_) | Action::Browse(..)) => 1,
            Next::Do(Action::Await(awaiting)) if !matches!(awaiting.awaited, Awaited::Ping(_)) => usize::MAX,
            Next::Stopped(_) => usize::MAX,
            _ => 0,
        };
        for (at, stage) in model.run.flow.stages().iter().enumerate().skip(position) {
            let shown = if at == position { present } else { 0 };
            let rows = future(model.run.flow.grant, *stage);
            let last = rows.len().saturating_sub(1);
            for (row, arrow) in rows.into_iter().enumerate().skip(shown) {
                let step = match row {
                    _ if row == last => self.numbers.came(at),
                    0 => self.numbers.sent(at),
                    _ => self.numbers.awaited(at),
                };
                let Some(step) = step else { continue };
                self.push(Target::Step(step), Some(step), arrow);
            }
        }
    }
}

/// Grey rows for a stage that has not come yet.
fn future(grant: Grant, stage: Stage) -> Vec<Arrow> {
    let arrow = |row: Row| Arrow {
        from: row.from as usize,
        to: row.to as usize,
        label: row.label.to_owned(),
        style: if row.is_front { ArrowStyle::FrontChannel } else { ArrowStyle::Direct },
        state: ArrowState::Future,
        ..Arrow::default()
    };
    (stage.descriptor().rows)(grant).into_iter().map(arrow).collect()
}

/// Since the run began, in a narrow column: `+41 ms`, `+1:26`, `+1:02:03`.
fn after(offset: Duration) -> String {
    let seconds = offset.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, _) => format!("+{}", spoken(offset)),
        (0, minutes, seconds) => format!("+{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("+{hours}:{minutes:02}:{seconds:02}"),
    }
}

fn request_label(stage: Stage, request: &HttpRequest) -> String {
    let detail = (stage.descriptor().detail)(request);
    let host =
        if is_loopback(&request.url) { String::new() } else { request.url.host_str().unwrap_or_default().to_owned() };
    let path = format!("{host}{}", request.url.path());
    format!("{} {}{detail}", visible(&request.method), elided(&visible(&path), 60))
}

/// The browser's way to the server.
fn opened(request: &HttpRequest) -> String {
    let path = request.url.path();
    match request.query().get("response_type") {
        Some(response_type) => format!("open {path}?response_type={}…", visible(response_type)),
        None => format!("open {path}"),
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
fn broken(exchange: &Exchange) -> String {
    let is_broken = |check: &&Check| check.verdict == Verdict::Fail && !check.is_of_request();
    exchange.checks.iter().find(is_broken).map(|check| format!("  {}", check.member())).unwrap_or_default()
}

fn broken_or_done(exchange: &Exchange) -> ArrowState {
    if broken(exchange).is_empty() { ArrowState::Done } else { ArrowState::Failed }
}

/// The worst verdict, when it is worth a look; a plain pass is shown for answers only.
fn mark(exchange: &Exchange) -> Option<Tone> {
    if exchange.is_told_to_wait() {
        return Some(Tone::Warn);
    }
    let refused = exchange.response().is_some_and(|response| !response.is_success());
    let refused = refused && !exchange.stage.wants_refusal();
    if refused || matches!(exchange.answer, Answer::Failed(_)) {
        return Some(Tone::Error);
    }
    match Tally::of(&exchange.checks).worst()? {
        Verdict::Fail => Some(Tone::Error),
        Verdict::Warn => Some(Tone::Warn),
        Verdict::Note | Verdict::Pass => Some(Tone::Ok),
        Verdict::Skipped => None,
    }
}
