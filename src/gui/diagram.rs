//! The sequence diagram of a run: which arrows there are, from the trace alone.

use std::time::Duration;

use crate::base::check::{Tally, Verdict};
use crate::base::http::{HttpRequest, HttpResponse, is_loopback};
use crate::base::json::Json;
use crate::base::text::{elided, visible};
use crate::base::time::spoken;
use crate::client::endpoint::introspection;
use crate::flow::callback::Awaited;
use crate::flow::stage::{Stage, json_of};
use crate::flow::trace::{Answer, Exchange};
use crate::flow::{Action, Failure, Next};
use crate::terms::grant::Grant;

use super::model::{Model, Target};
use super::widgets::{Arrow, ArrowState, ArrowStyle, Fold, Lane, Tone};

const YOU: usize = 0;
const BROWSER: usize = 1;
const CLIENT: usize = 2;
const SERVER: usize = 3;
const API: usize = 4;

/// A diagram, and what each of its arrows shows when selected.
pub struct Diagram {
    /// Who takes part.
    pub lanes: Vec<Lane>,
    /// The rows.
    pub arrows: Vec<Arrow>,
    /// What each row shows, by the row's id.
    pub targets: Vec<Target>,
}

impl Diagram {
    /// The diagram of the model's run.
    pub fn of(model: &Model) -> Self {
        let lanes = ["You", "Browser", "Client (this app)", "Authorization server", "API"];
        let mut diagram = Self {
            lanes: lanes.into_iter().map(|title| Lane { title: title.to_owned() }).collect(),
            arrows: Vec::new(),
            targets: Vec::new(),
        };
        let begin = model.run.flow.trace.exchanges.first().map(|exchange| exchange.sent_at);
        let polls = model.run.flow.trace.exchanges.iter().filter(|exchange| exchange.is_told_to_wait()).count();
        let mut is_folded = false;
        for (at, exchange) in model.run.flow.trace.exchanges.iter().enumerate() {
            if exchange.is_told_to_wait() {
                if !std::mem::replace(&mut is_folded, true) {
                    diagram.polls(at, polls, model.run.polls_open);
                }
                if !model.run.polls_open {
                    continue;
                }
            }
            let offset = begin.map(|begin| exchange.sent_at.since(begin)).unwrap_or_default();
            let sent = if at == 0 { "0 ms".to_owned() } else { after(offset) };
            let came = after(offset + exchange.took);
            match exchange.stage {
                Stage::Authorization | Stage::Logout => diagram.front_channel(model, at, exchange, sent, came),
                Stage::Verification => diagram.verification(model, at, sent),
                Stage::Notification => diagram.ping(at, exchange, sent),
                _ => diagram.direct(at, exchange, sent, came),
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

    fn push(&mut self, target: Target, arrow: Arrow) {
        let id = self.arrows.len();
        self.arrows.push(Arrow { id, ..arrow });
        self.targets.push(target);
    }

    fn direct(&mut self, at: usize, exchange: &Exchange, sent: String, came: String) {
        let to = if exchange.stage == Stage::Resource { API } else { SERVER };
        let number = at + 1;
        let request = Arrow {
            from: CLIENT,
            to,
            label: format!("{number}  {}", request_label(exchange.stage, &exchange.request)),
            time: sent,
            ..Arrow::default()
        };
        self.push(Target::Request(at), request);
        let (label, state) = match &exchange.answer {
            Answer::Response(response) => (
                format!("{} {}", response.status, answer_label(exchange)),
                if response.is_success() || exchange.is_told_to_wait() || exchange.stage.wants_refusal() {
                    ArrowState::Done
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
            Arrow { from: to, to: CLIENT, label, time: came, state, mark, ..Arrow::default() },
        );
    }

    fn front_channel(&mut self, model: &Model, at: usize, exchange: &Exchange, sent: String, came: String) {
        let dashed = |from, to, label: String, time: String| Arrow {
            from,
            to,
            label,
            time,
            style: ArrowStyle::FrontChannel,
            ..Arrow::default()
        };
        let number = at + 1;
        let path = exchange.request.url.path();
        let is_logout = exchange.stage == Stage::Logout;
        let opened = match exchange.request.query().get("response_type") {
            Some(response_type) => format!("{number}  open {path}?response_type={}…", visible(response_type)),
            None => format!("{number}  open {path}"),
        };
        self.push(Target::Request(at), dashed(CLIENT, BROWSER, opened, sent));
        self.push(Target::Request(at), dashed(BROWSER, SERVER, format!("GET {path}"), String::new()));
        let waiting = matches!(exchange.answer, Answer::Pending);
        let signs_in = match (waiting, is_logout) {
            (false, false) => "you sign in and consent",
            (true, false) => "waiting for you to sign in and consent",
            (false, true) => "you sign out",
            (true, true) => "waiting for you to sign out",
        };
        let mut sign_in = dashed(YOU, SERVER, signs_in.to_owned(), String::new());
        let mut back = match &exchange.answer {
            Answer::Callback(callback) => {
                let names: Vec<String> =
                    callback.params.iter().map(|(name, _)| format!("{}=…", visible(name))).collect();
                dashed(SERVER, CLIENT, format!("redirect  {}", names.join("&")), came)
            }
            Answer::Visited => {
                self.push(Target::Request(at), sign_in);
                return;
            }
            _ if is_logout => dashed(SERVER, CLIENT, "redirect with state".to_owned(), String::new()),
            _ => dashed(SERVER, CLIENT, "redirect with code and state".to_owned(), String::new()),
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
        self.push(if waits_here { Target::Prepared } else { Target::Request(at) }, sign_in);
        self.push(Target::Answer(at), back);
    }

    /// All polls that were told to wait, in one row.
    fn polls(&mut self, first: usize, count: usize, open: bool) {
        let words = if count == 1 { "1 poll" } else { "polls" };
        let number = if count == 1 { String::new() } else { format!("{count} ") };
        let arrow = Arrow {
            from: CLIENT,
            to: SERVER,
            label: format!("{}  POST /token  {number}{words}, pending", first + 1),
            fold: Some(if open { Fold::Open } else { Fold::Closed }),
            mark: Some(Tone::Warn),
            ..Arrow::default()
        };
        self.push(Target::Polls, arrow);
    }

    /// The server says that the user has decided.
    fn ping(&mut self, at: usize, exchange: &Exchange, time: String) {
        let label = format!("{}  POST {} auth_req_id", at + 1, visible(exchange.request.url.path()));
        let mark = mark(exchange);
        self.push(Target::Answer(at), Arrow { from: SERVER, to: CLIENT, label, time, mark, ..Arrow::default() });
    }

    /// The user approves elsewhere; the client learns of it by polling.
    fn verification(&mut self, model: &Model, at: usize, time: String) {
        let code = model.run.flow.session.device.as_ref().map(|device| visible(&device.user_code).into_owned());
        let does =
            code.map_or_else(|| "you approve on your device".to_owned(), |code| format!("you type {code} and approve"));
        let arrow = Arrow {
            from: YOU,
            to: SERVER,
            label: format!("{}  {does}", at + 1),
            time,
            style: ArrowStyle::FrontChannel,
            ..Arrow::default()
        };
        self.push(Target::Request(at), arrow);
    }

    fn prepared(&mut self, model: &Model) {
        let (Next::Do(Action::Send(request) | Action::Browse(request, _)), Some(stage)) =
            (&model.run.next, model.run.flow.stage())
        else {
            return;
        };
        let number = model.run.flow.trace.exchanges.len() + 1;
        let is_running = model.run.running.is_some();
        let (to, style) = match stage {
            Stage::Authorization | Stage::Verification | Stage::Logout => (BROWSER, ArrowStyle::FrontChannel),
            Stage::Resource => (API, ArrowStyle::Direct),
            _ => (SERVER, ArrowStyle::Direct),
        };
        let label = match stage {
            Stage::Authorization => format!("{number}  open {}?response_type=…", request.url.path()),
            Stage::Verification => format!("{number}  you open {}", request.url.path()),
            Stage::Logout => format!("{number}  open {}", request.url.path()),
            _ => format!("{number}  {}", request_label(stage, request)),
        };
        let (state, time) = if is_running { (ArrowState::Running, "sending") } else { (ArrowState::Ready, "ready") };
        self.push(
            Target::Prepared,
            Arrow { from: CLIENT, to, label, time: time.to_owned(), style, state, ..Arrow::default() },
        );
    }

    fn upcoming(&mut self, model: &Model) {
        let steps = model.run.flow.steps();
        let position = model.run.flow.position();
        // Rows of the present stage that stand there already.
        let present = match &model.run.next {
            Next::Do(Action::Send(_) | Action::Browse(..)) => 1,
            Next::Do(Action::Await(awaiting)) if !matches!(awaiting.awaited, Awaited::Ping(_)) => usize::MAX,
            Next::Stopped(_) => usize::MAX,
            _ => 0,
        };
        for (at, stage) in model.run.flow.stages().iter().enumerate().skip(position) {
            let Some(step) = steps.iter().position(|view| view.position == at) else { continue };
            let answer = steps.iter().rposition(|view| view.position == at).unwrap_or(step);
            let shown = if at == position { present } else { 0 };
            for (target, arrow) in future(model.run.flow.grant, *stage, step, answer).into_iter().skip(shown) {
                self.push(target, arrow);
            }
        }
    }
}

/// Grey rows for a stage that has not come yet.
fn future(grant: Grant, stage: Stage, step: usize, answer: usize) -> Vec<(Target, Arrow)> {
    let row = |from, to, label: &str, style| Arrow {
        from,
        to,
        label: label.to_owned(),
        style,
        state: ArrowState::Future,
        ..Arrow::default()
    };
    let direct = ArrowStyle::Direct;
    let front = ArrowStyle::FrontChannel;
    let rows = match stage {
        Stage::Discovery => vec![row(CLIENT, SERVER, "GET metadata", direct)],
        Stage::Jwks => vec![row(CLIENT, SERVER, "GET keys", direct)],
        Stage::Authorization => vec![
            row(CLIENT, BROWSER, "open the request", front),
            row(YOU, SERVER, "you sign in and consent", front),
            row(SERVER, CLIENT, "redirect with code and state", front),
        ],
        Stage::DeviceAuthorization => vec![row(CLIENT, SERVER, "POST device request", direct)],
        Stage::Verification => vec![row(YOU, SERVER, "you approve on your device", front)],
        Stage::Notification => vec![row(SERVER, CLIENT, "ping: the user has decided", direct)],
        Stage::BackchannelAuthentication => vec![row(CLIENT, SERVER, "POST backchannel request", direct)],
        Stage::Assertion => vec![row(CLIENT, SERVER, "GET the assertion", direct)],
        Stage::ActorToken => vec![row(CLIENT, SERVER, "POST token request of the actor", direct)],
        Stage::Exchange => vec![
            row(CLIENT, SERVER, "POST token exchange: subject_token", direct),
            row(SERVER, CLIENT, "access_token, issued_token_type", direct),
        ],
        Stage::RefreshReuse => vec![row(CLIENT, SERVER, "POST token request: the old refresh_token", direct)],
        Stage::RevocationProof => vec![row(CLIENT, SERVER, "is the revoked token dead?", direct)],
        Stage::Logout => {
            vec![row(CLIENT, BROWSER, "open the logout page", front), row(SERVER, CLIENT, "redirect with state", front)]
        }
        Stage::Introspection => vec![row(CLIENT, SERVER, "POST introspection request", direct)],
        Stage::Revocation => vec![row(CLIENT, SERVER, "POST revocation request", direct)],
        Stage::Token => vec![
            row(CLIENT, SERVER, "POST token request", direct),
            row(
                SERVER,
                CLIENT,
                if grant.has_user() { "access_token, id_token, refresh_token" } else { "access_token" },
                direct,
            ),
        ],
        Stage::UserInfo => vec![row(CLIENT, SERVER, "GET UserInfo with the access token", direct)],
        Stage::Resource => vec![row(CLIENT, API, "GET the API with the access token", direct)],
        Stage::Refresh => vec![row(CLIENT, SERVER, "POST token request: refresh_token", direct)],
    };
    let last = rows.len() - 1;
    rows.into_iter()
        .enumerate()
        .map(|(at, arrow)| (Target::Step(if at == last { answer } else { step }), arrow))
        .collect()
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
    let detail = match stage {
        Stage::Token => token_detail(request),
        Stage::Refresh => "  refresh_token",
        Stage::RefreshReuse => "  the old refresh_token",
        Stage::ActorToken => "  the actor's client credentials",
        Stage::Exchange if request.form().is_some_and(|form| form.contains("actor_token")) => {
            "  subject_token + actor_token"
        }
        Stage::Exchange => "  subject_token",
        Stage::BackchannelAuthentication => "  who is to approve",
        Stage::UserInfo | Stage::Resource => "  with the access token",
        _ => "",
    };
    let host =
        if is_loopback(&request.url) { String::new() } else { request.url.host_str().unwrap_or_default().to_owned() };
    let path = format!("{host}{}", request.url.path());
    format!("{} {}{detail}", visible(&request.method), elided(&visible(&path), 60))
}

/// What the token request trades.
fn token_detail(request: &HttpRequest) -> &'static str {
    let form = request.form().unwrap_or_default();
    match form.get("grant_type").unwrap_or_default() {
        "authorization_code" if form.contains("code_verifier") => "  code + code_verifier",
        "authorization_code" => "  code",
        "client_credentials" => "  client credentials",
        "password" => "  username + password",
        "urn:ietf:params:oauth:grant-type:device_code" => "  device_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => "  assertion",
        "urn:ietf:params:oauth:grant-type:saml2-bearer" => "  SAML assertion",
        "urn:openid:params:grant-type:ciba" => "  auth_req_id",
        _ => "",
    }
}

fn answer_label(exchange: &Exchange) -> String {
    // What can be said without reading the body; this runs for every row in every frame.
    if exchange.response().is_some_and(HttpResponse::is_success) {
        match exchange.stage {
            Stage::Discovery => return "metadata".to_owned(),
            Stage::UserInfo => return "claims about the user".to_owned(),
            Stage::Resource => return "the API's answer".to_owned(),
            Stage::Assertion => return "SAML assertion".to_owned(),
            Stage::Revocation => return "revoked".to_owned(),
            _ => {}
        }
    }
    let read = match exchange.stage {
        Stage::Introspection | Stage::RevocationProof => introspection::said,
        _ => json_of,
    };
    let Some(json) = exchange.response().and_then(read) else {
        return exchange.response().and_then(|response| response.headers.content_type()).unwrap_or_default();
    };
    if let Some(error) = json.text("error") {
        return visible(error).into_owned();
    }
    match exchange.stage {
        Stage::Jwks => match json.get("keys").map_or(0, |keys| keys.elements().len()) {
            1 => "1 key".to_owned(),
            count => format!("{count} keys"),
        },
        Stage::Token | Stage::Refresh | Stage::Exchange | Stage::ActorToken | Stage::RefreshReuse => {
            let names =
                ["access_token", "id_token", "refresh_token"].into_iter().filter(|name| json.get(name).is_some());
            names.collect::<Vec<_>>().join(", ")
        }
        Stage::DeviceAuthorization => "device_code, user_code".to_owned(),
        Stage::BackchannelAuthentication => "auth_req_id".to_owned(),
        Stage::Introspection | Stage::RevocationProof => match json.get("active").and_then(Json::as_bool) {
            Some(true) => "active".to_owned(),
            Some(false) => "not active".to_owned(),
            None => "an answer".to_owned(),
        },
        Stage::Revocation => "revoked".to_owned(),
        Stage::Discovery
        | Stage::UserInfo
        | Stage::Resource
        | Stage::Authorization
        | Stage::Verification
        | Stage::Assertion
        | Stage::Notification
        | Stage::Logout => "an answer".to_owned(),
    }
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
