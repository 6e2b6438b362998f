//! The sequence diagram of a run: which arrows there are, from the trace alone.

use std::time::Duration;

use crate::base::check::{Check, Tally, Verdict};
use crate::base::time::spoken;
use crate::flow::callback::Awaited;
use crate::flow::ladder::{Fate, Message, Rung, is_of_arrival, is_refused, opened, request_label, rungs};
use crate::flow::numbers::Numbers;
use crate::flow::stage::{Lane as Stop, Row, Stage, Travel};
use crate::flow::step::is_refusal;
use crate::flow::trace::{Answer, Carried, Exchange};
use crate::flow::{Action, Flow, Next};
use crate::gui::language::{self, said, t};
use crate::terms::grant::Grant;

use super::model::{Model, Target};
use super::widgets::{Arrow, ArrowState, ArrowStyle, Fold, Lane, Tone};

/// A diagram, and what each of its arrows shows when selected.
pub struct Diagram {
    /// Who takes part.
    pub lanes: Vec<Lane>,
    /// The rows.
    pub arrows: Vec<Arrow>,
    /// What each row shows, by the row's id.
    pub targets: Vec<Target>,
    stops: Vec<Stop>,
    numbers: Numbers,
    /// The step of the row before, within the same exchange.
    step: Option<usize>,
    /// Whether the run waits before it sends something again, or for what is to come of what it sent.
    waits: bool,
}

impl Diagram {
    /// The diagram of the model's run.
    pub fn of(model: &Model) -> Self {
        let rungs = rungs(&model.run.flow, model.run.polls_open);
        let stops = stops(model, &rungs);
        let mut diagram = Self {
            lanes: stops.iter().map(|lane| Lane { title: said(lane.title()).to_owned() }).collect(),
            stops,
            arrows: Vec::new(),
            targets: Vec::new(),
            numbers: Numbers::of(&model.run.flow.steps()),
            step: None,
            waits: model.run.flow.is_under_way()
                || matches!(model.run.next, Next::Do(Action::Sleep(_) | Action::Await(_))),
        };
        let carried = Carried::of(&model.run.flow.trace);
        let mut newest = None;
        for rung in rungs {
            let is_first = newest.replace(rung.exchange) != Some(rung.exchange);
            if is_first {
                diagram.step = None;
            }
            diagram.rung(model, (&rung, is_first), &carried);
        }
        diagram.prepared(model);
        diagram.upcoming(model);
        diagram
    }

    /// The row that is shown: of several that show the same, the one that was chosen.
    pub fn shown(&self, model: &Model) -> Option<usize> {
        let target = model.run.shown();
        let chosen = model.run.row.filter(|row| self.targets.get(*row) == Some(&target));
        chosen.or_else(|| self.row_of(target))
    }

    /// The id of the row that shows this target.
    pub fn row_of(&self, target: Target) -> Option<usize> {
        let row = |target: Target| self.targets.iter().position(|shown| *shown == target);
        row(target)
            .or_else(|| match target {
                Target::Trip(at) | Target::Answer(at) => row(Target::Request(at)),
                _ => None,
            })
            .or_else(|| match target {
                Target::Request(_) | Target::Answer(_) => row(Target::Polls),
                // While it waits what it waits with is shown.
                Target::Prepared if self.waits => row(Target::Polls).or_else(|| self.newest()),
                _ => None,
            })
    }

    /// The row of the newest message that has left or come.
    fn newest(&self) -> Option<usize> {
        self.arrows.iter().rposition(|arrow| arrow.state != ArrowState::Future)
    }

    /// Where a lane is.
    fn lane(&self, lane: Stop) -> usize {
        self.stops.iter().position(|stop| *stop == lane).unwrap_or_default()
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

    /// A message that has left, or what stands for several.
    fn rung(&mut self, model: &Model, (rung, is_first): (&Rung, bool), carried: &Carried<'_>) {
        let flow = &model.run.flow;
        let at = rung.exchange;
        let exchange = &*flow.trace.exchanges[at];
        let position = exchange.position;
        let is_trip = matches!(exchange.stage.descriptor().travel, Travel::RoundTrip(_));
        let waits_here = matches!(exchange.answer, Answer::Pending) && flow.awaiting().is_some();
        // Of a login of others the browser's message is the only one.
        let trip = if flow.trace.is_overheard() { Target::Request(at) } else { Target::Trip(at) };
        let (target, step) = match rung.message {
            Message::Polls => (Target::Polls, self.numbers.sent(position)),
            Message::Request if is_trip && rung.from == Stop::Browser => (trip, self.numbers.awaited(position)),
            Message::Request => (Target::Request(at), self.numbers.sent(position)),
            Message::Between if waits_here => (Target::Prepared, self.numbers.awaited(position)),
            Message::Between => (trip, self.numbers.awaited(position)),
            Message::Answer => (Target::Answer(at), self.numbers.came(position)),
        };
        let time = match rung.after {
            Some(_) if at == 0 && rung.message == Message::Request => "0 ms".to_owned(),
            Some(after) => since_begin(after),
            None => String::new(),
        };
        let is_open = || if model.run.polls_open { Fold::Open } else { Fold::Closed };
        let checks = carried.about(at);
        let mark = match rung.message {
            Message::Polls => Some(Tone::Warn),
            Message::Answer if is_trip && rung.fate == Fate::Failed => Some(Tone::Error),
            Message::Answer if !matches!(exchange.answer, Answer::Pending) => mark(exchange, &checks),
            Message::Request if is_first => mark_of_request(&checks),
            // What a server did by itself at a place of the client, and how it was answered.
            Message::Request => (rung.fate == Fate::Failed).then_some(Tone::Error),
            _ => None,
        };
        let is_about: fn(&Check) -> bool = match rung.message {
            Message::Answer => is_of_answer,
            Message::Request if is_first => Check::is_of_client,
            Message::Request => is_of_arrival,
            Message::Polls | Message::Between => |_| false,
        };
        let rule = mark.and_then(|tone| breaking(&checks, tone, is_about)).unwrap_or_default();
        let arrow = Arrow {
            from: self.lane(rung.from),
            to: self.lane(rung.to),
            label: language::labelled(&rung.label),
            time,
            style: if rung.is_front { ArrowStyle::FrontChannel } else { ArrowStyle::Direct },
            state: match rung.fate {
                Fate::Done => ArrowState::Done,
                Fate::Failed => failed(flow, rung, &checks),
                Fate::Running => ArrowState::Running,
                Fate::Future => ArrowState::Future,
            },
            mark,
            rule: rule.to_owned(),
            fold: (rung.message == Message::Polls).then(is_open),
            ..Arrow::default()
        };
        self.push(target, step, arrow);
    }

    fn prepared(&mut self, model: &Model) {
        let (Next::Do(Action::Send(request) | Action::Browse(request, _)), Some(stage)) =
            (&model.run.next, model.run.flow.stage())
        else {
            return;
        };
        // What has left is in the trace.
        if model.run.flow.is_under_way() {
            return;
        }
        let is_running = model.run.running.is_some();
        let (to, style, label) = match stage.descriptor().travel {
            Travel::RoundTrip(_) => (Stop::Browser, ArrowStyle::FrontChannel, opened(request)),
            Travel::Visit => {
                (Stop::Browser, ArrowStyle::FrontChannel, t!("you open {path}", path = request.url.path()))
            }
            Travel::Direct(to) => (to, ArrowStyle::Direct, request_label(stage, request)),
            Travel::Ping => (Stop::Server, ArrowStyle::Direct, request_label(stage, request)),
        };
        let (state, time) =
            if is_running { (ArrowState::Running, t!("sending")) } else { (ArrowState::Ready, t!("ready")) };
        self.step = None;
        let (from, to) = (self.lane(Stop::Client), self.lane(to));
        self.push(
            Target::Prepared,
            self.numbers.sent(model.run.flow.position()),
            Arrow {
                from,
                to,
                label: language::labelled(&label),
                time: time.to_owned(),
                style,
                state,
                ..Arrow::default()
            },
        );
    }

    fn upcoming(&mut self, model: &Model) {
        let position = model.run.flow.position();
        // Rows of the present stage that stand there already.
        let present = match &model.run.next {
            Next::Do(Action::Send(_) | Action::Browse(..)) if model.run.flow.is_under_way() => usize::MAX,
            Next::Do(Action::Send(_) | Action::Browse(..)) => 1,
            Next::Do(Action::Await(awaiting)) if !matches!(awaiting.awaited, Awaited::Ping(_)) => usize::MAX,
            Next::Stopped(_) => usize::MAX,
            _ => 0,
        };
        for (at, stage) in model.run.flow.stages().iter().enumerate().skip(position) {
            let shown = if at == position { present } else { 0 };
            let rows = self.future(model.run.flow.grant, *stage);
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

    /// Grey rows for a stage that has not come yet.
    fn future(&self, grant: Grant, stage: Stage) -> Vec<Arrow> {
        let arrow = |row: Row| Arrow {
            from: self.lane(row.from),
            to: self.lane(row.to),
            label: said(row.label).to_owned(),
            style: if row.is_front { ArrowStyle::FrontChannel } else { ArrowStyle::Direct },
            state: ArrowState::Future,
            ..Arrow::default()
        };
        (stage.descriptor().rows)(grant).into_iter().map(arrow).collect()
    }
}

/// Who takes part: those of a run of this program, or of one between others, and those alone who do.
fn stops(model: &Model, rungs: &[Rung]) -> Vec<Stop> {
    let flow = &model.run.flow;
    if !flow.trace.is_overheard() {
        let has_second =
            flow.stages().iter().any(|stage| stage.descriptor().travel == Travel::Direct(Stop::ResourceServer));
        let is_own = |stop: &Stop| match stop {
            Stop::App | Stop::BackEnd => false,
            Stop::ResourceServer => has_second,
            _ => true,
        };
        return Stop::ALL.into_iter().filter(is_own).collect();
    }
    let takes_part = |stop: &Stop| match stop {
        Stop::Browser | Stop::App | Stop::Server => true,
        stop => rungs.iter().any(|rung| rung.from == *stop || rung.to == *stop),
    };
    Stop::ALL.into_iter().filter(takes_part).collect()
}

/// Since the run began, in a narrow column: `+41 ms`, `+1:26`, `+1:02:03`.
fn since_begin(offset: Duration) -> String {
    let seconds = offset.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, _) => format!("+{}", spoken(offset)),
        (0, minutes, seconds) => format!("+{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("+{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// What of a request breaks a rule, badly or mildly.
fn mark_of_request(checks: &[&Check]) -> Option<Tone> {
    let of_client = checks.iter().copied().filter(|check| check.is_of_client() && check.verdict <= Verdict::Warn);
    Tally::of(of_client).worst().map(Tone::from)
}

/// Whether it is about what was answered, and not about what was sent, or came meanwhile.
fn is_of_answer(check: &Check) -> bool {
    !check.is_of_client() && !is_of_arrival(check)
}

/// Which rule an arrow is red or amber for, by its title: one that stops the run before others.
fn breaking(checks: &[&Check], tone: Tone, is_about: fn(&Check) -> bool) -> Option<&'static str> {
    let is_meant = |check: &&&Check| check.verdict <= Verdict::Warn && is_about(check);
    let broken = checks.iter().filter(is_meant).filter(|check| Tone::from(check.verdict) == tone);
    broken.min_by_key(|check| (check.verdict, check.rejects().is_none())).map(|check| said(check.rule.title))
}

/// Why a message came to nothing good.
fn failed(flow: &Flow, rung: &Rung, checks: &[&Check]) -> ArrowState {
    let exchange = &*flow.trace.exchanges[rung.exchange];
    let is_rejected = || checks.iter().any(|check| is_of_answer(check) && check.rejects().is_some());
    match (rung.message, &exchange.answer) {
        (Message::Answer, Answer::Response(_) | Answer::Callback(_)) if is_rejected() => ArrowState::Rejected,
        (Message::Answer, Answer::Callback(_)) if is_refused(flow, rung.exchange) => ArrowState::Refused,
        (Message::Answer, Answer::Response(_)) if is_refusal(exchange) => ArrowState::Refused,
        _ => ArrowState::Failed,
    }
}

/// The worst verdict, when it is worth a look; a plain pass is shown for answers only.
fn mark(exchange: &Exchange, checks: &[&Check]) -> Option<Tone> {
    if exchange.is_told_to_wait() || exchange.is_asked_for_nonce() {
        return Some(Tone::Warn);
    }
    if exchange.is_turned_down() || matches!(exchange.answer, Answer::Failed(_)) {
        return Some(Tone::Error);
    }
    let of_answer = checks.iter().copied().filter(|check| is_of_answer(check));
    match Tally::of(of_answer).worst()? {
        Verdict::Fail => Some(Tone::Error),
        Verdict::Warn => Some(Tone::Warn),
        Verdict::Note | Verdict::Pass => Some(Tone::Ok),
        Verdict::Skipped => None,
    }
}
