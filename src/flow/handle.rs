//! What comes of an action, and what it means for the run.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::beside::{Answers, Arrival, Beside, LISTENED, MANY, can_be_offered_at};
use super::callback::{Awaited, Awaiting, Callback, Via};
use super::stage::known::offered;
use super::stage::{self, Progress, Stage};
use super::trace::{Answer, Exchange};
use super::transport_error::TransportError;
use super::{Action, Event, Failure, Flow, Phase, ProblemKind, Ready, Wait, explain, explain_wait};
use crate::base::http::HttpResponse;
use crate::base::time::Timestamp;
use crate::client::endpoint::authorization::asks_for_nothing;
use crate::client::rules;
use crate::terms::response::ResponseMode;

impl Flow {
    /// Takes in what came of the action. Events that answer nothing are ignored.
    pub fn handle(&mut self, event: Event, now: Timestamp) {
        let Some(stage) = self.stage() else { return };
        let action = match &self.phase {
            Phase::UnderWay(action) | Phase::Ready(Ready { action, .. }) => action,
            _ => return,
        };
        let is_under_way = self.is_under_way();
        match (event, action) {
            (Event::Listening(redirect_uri), Action::Listen(_)) => {
                if stage == Stage::Registration {
                    self.own.registered_at = Some(redirect_uri.clone());
                }
                self.own.listening_at = Some(redirect_uri);
                self.phase = Phase::Fresh;
            }
            (Event::Offered(at), Action::Offer(_)) => {
                self.own.offered_at.push(at);
                self.phase = Phase::Fresh;
            }
            (Event::Arrived(arrival), Action::Await(_)) => self.arrived(*arrival),
            (Event::Browsed, Action::Browse(..)) if is_under_way => self.browsed(stage),
            (Event::Woke, Action::Sleep(_)) => self.phase = Phase::Fresh,
            (Event::Stray(stray), Action::Await(_)) => self.trace.strays.push((self.trace.exchanges.len(), stray)),
            (Event::Heard, Action::Await(Awaiting { awaited: Awaited::Told(_), .. })) => self.heard(stage, now),
            (Event::CalledBack(_), Action::Await(Awaiting { awaited: Awaited::Told(_), .. })) => {}
            (Event::CalledBack(callback), Action::Await(awaiting)) => {
                let callback = callback.held_to(&awaiting.redirect_uri);
                self.called_back(stage, callback, now);
            }
            (Event::Answered { response, took }, Action::Send(_)) if is_under_way => {
                self.answered(response, took);
            }
            (Event::Failed { error, took }, action) => {
                let has_left = is_under_way && matches!(action, Action::Send(_) | Action::Browse(..));
                self.failed(stage, &error, has_left.then_some(took), now);
            }
            _ => {}
        }
    }

    fn browsed(&mut self, stage: Stage) {
        match self.awaiting_of(stage) {
            Some(awaiting) => self.phase = Phase::Ready(Ready::plain(Action::Await(awaiting))),
            None => {
                self.came(Answer::Visited, Duration::ZERO);
                self.advance();
            }
        }
    }

    /// What is awaited after the request that the browser took; nothing where there is no way back.
    pub(super) fn awaiting_of(&self, stage: Stage) -> Option<Awaiting> {
        let parsed = |uri: &str| Url::parse(uri).ok();
        match stage {
            Stage::Logout => {
                let (sent, beside) = (self.session.sent_logout.as_ref()?, self.hearing_of_logout());
                let way_back = sent.get("post_logout_redirect_uri").and_then(parsed);
                let end = || Some(Awaited::Told(self.trace.exchanges.last()?.sent_at + LISTENED));
                Some(Awaiting {
                    awaited: if way_back.is_some() { Awaited::Logout } else { end()? },
                    // Without a way back it is where the first of what is told is awaited.
                    redirect_uri: way_back.or_else(|| Some(beside.first()?.at.clone()))?,
                    state: sent.get("state").map(str::to_owned),
                    response_mode: ResponseMode::Query,
                    beside,
                })
            }
            Stage::Authorization | Stage::RequestUriReuse => {
                let exchange = self.trace.exchanges.last()?;
                let sent = self.session.authorization.as_ref()?;
                Some(Awaiting {
                    // Left out or broken by hand, it is where the client is registered that counts.
                    redirect_uri: sent
                        .redirect_uri()
                        .or_else(|| self.own.listening_at.clone())
                        .or_else(|| parsed(&exchange.settings.client.redirect_uri))
                        .unwrap_or_else(|| exchange.request.url.clone()),
                    state: sent.get("state").map(str::to_owned),
                    response_mode: sent.response_mode(),
                    awaited: match sent {
                        _ if sent.asks_for_jwt() => Awaited::Jwt,
                        _ if asks_for_nothing(&sent.params) => Awaited::Nothing,
                        _ => Awaited::Authorization,
                    },
                    beside: self.offering(exchange).into_iter().collect(),
                })
            }
            _ => None,
        }
    }

    /// The request object that a request refers to, where it refers to this program.
    fn offering(&self, exchange: &Exchange) -> Option<Beside> {
        let object = exchange.request.referred.clone()?;
        let at = Url::parse(exchange.request.query().get("request_uri")?).ok().filter(can_be_offered_at)?;
        Some(Beside { at, answers: Answers::RequestObject(object) })
    }

    /// Where the server and the browser tell of the logout, where that is this program.
    fn hearing_of_logout(&self) -> Vec<Beside> {
        let (client, session) = (&self.settings.client, &self.session);
        let tokens = || Answers::LogoutTokens(Arc::new(session.logout_expected(&self.settings)));
        let frames = || Answers::LogoutFrames(Arc::new(session.logout_frame_expected(&self.settings)));
        let places: [(&String, &dyn Fn() -> Answers); 2] =
            [(&client.backchannel_logout_uri, &tokens), (&client.frontchannel_logout_uri, &frames)];
        let offered = places.into_iter().filter_map(|(typed, answers)| {
            let wanted = Url::parse(typed).ok()?;
            Some(Beside { at: offered(&self.own, &wanted)?.clone(), answers: answers() })
        });
        offered.collect()
    }

    fn arrived(&mut self, arrival: Arrival) {
        if let Some(exchange) = self.trace.last_mut().filter(|exchange| exchange.meanwhile.len() < MANY) {
            exchange.meanwhile.push(arrival);
        }
    }

    fn called_back(&mut self, stage: Stage, mut callback: Callback, now: Timestamp) {
        // The listener ends with what it waited for.
        self.own.listening_at = None;
        self.own.offered_at.clear();
        self.begins_to_end();
        if stage.is_told() {
            callback.via = if stage == Stage::Push { Via::Push } else { Via::Ping };
            self.leaves(stage, callback.take_request(), now);
        }
        let Some(last) = self.trace.exchanges.last() else { return };
        let took = now.since(last.sent_at);
        if let Some(progress) = self.came(Answer::Callback(callback), took) {
            self.proceed(stage, progress);
        }
    }

    /// Nothing comes back, and what servers had to tell meanwhile has come or the time for it is over.
    fn heard(&mut self, stage: Stage, now: Timestamp) {
        self.own.offered_at.clear();
        let Some(last) = self.trace.exchanges.last() else { return };
        let took = now.since(last.sent_at);
        if let Some(progress) = self.came(Answer::Visited, took) {
            self.proceed(stage, progress);
        }
    }

    /// A wait that was taken up again is judged by its last end alone.
    fn begins_to_end(&mut self) {
        let is_pending = |last: &&mut Exchange| matches!(last.answer, Answer::Pending);
        if let Some(last) = self.trace.last_mut().filter(is_pending) {
            let of_waits = [rules::response::STATE.id, rules::logout::STATE.id, rules::logout::RETURNED.id];
            last.checks.retain(|check| !of_waits.contains(&check.rule.id));
        }
    }

    fn answered(&mut self, response: HttpResponse, took: Duration) {
        let stage = self.stage();
        if let (Some(stage), Some(progress)) = (stage, self.came(Answer::Response(response), took)) {
            if matches!(progress, Progress::Advance | Progress::AdvanceWith(_)) {
                (stage.descriptor().settle)(&self.session, &mut self.settings);
            }
            self.proceed(stage, progress);
            if stage == Stage::Registration {
                self.push_ahead();
            }
        }
    }

    /// `took` where the request has left and got no answer; otherwise a wait has come to nothing.
    fn failed(&mut self, stage: Stage, error: &Failure, took: Option<Duration>, now: Timestamp) {
        let error = &explain_wait::with_turned_away(self, error);
        self.begins_to_end();
        let last = self.trace.exchanges.last();
        let mut is_made_again = false;
        // What polls were answered stays as it came.
        if let Some(last) = last.filter(|last| matches!(last.answer, Answer::Pending)) {
            let took = took.unwrap_or_else(|| now.since(last.sent_at));
            is_made_again = matches!(self.came(Answer::Failed(error.clone()), took), Some(Progress::Again));
        }
        if let Failure::Listen(why) = error {
            let sent = self.awaiting().and_then(|_| self.trace.exchanges.last()).map(|exchange| &exchange.request);
            self.phase = Phase::Stopped(explain::cannot_listen(stage, sent, why));
            return;
        }
        let progress = match error {
            // What cannot be set up here fails everywhere.
            Failure::Transport(TransportError::Setup { .. }) => Progress::Stop(ProblemKind::Failed, error.to_string()),
            Failure::Transport(_) if is_made_again => Progress::Again,
            Failure::Transport(error) if self.has_alternative(stage) && !self.is_out_of_reach(error) => Progress::Again,
            // The browser came back, and where it should not have is told by its rule.
            Failure::Wait(wait) if stage == Stage::Logout && wait.turned_away_for_path().is_some() => Progress::Advance,
            // A page that says no is an answer as well.
            Failure::Wait(_) | Failure::SignIn { .. } if stage.wants_refusal() => Progress::Advance,
            _ => Progress::Stop(ProblemKind::Failed, explain_wait::came(self, error)),
        };
        self.proceed(stage, progress);
    }

    fn has_alternative(&self, stage: Stage) -> bool {
        stage.is_discovery() && stage::discovery::has_alternative(self.attempt, &self.settings, &self.session)
    }

    /// Whether the first place of the metadata cannot be reached, and no other one is elsewhere.
    fn is_out_of_reach(&self, error: &TransportError) -> bool {
        let asked = self.trace.exchanges.last().map(|last| last.request.url.origin());
        let places = stage::discovery::asked(&self.settings, &self.session).candidates;
        let is_here = places.iter().all(|place| Some(place.url.origin()) == asked);
        self.attempt == 1 && error.is_of_authority() && is_here
    }

    /// Gives up what is under way. A request that has left stays in the trace as sent, and is ready to be sent again.
    pub fn stop(&mut self, now: Timestamp) {
        let Phase::UnderWay(action) = &self.phase else { return };
        match action {
            Action::Send(_) => {
                let sent_at = self.trace.exchanges.last().map_or(now, |last| last.sent_at);
                let took = now.since(sent_at);
                self.came(Answer::Failed(Failure::Stopped(took)), took);
                self.phase = Phase::Fresh;
            }
            // Nobody knows when all has been told: the one who ends it has waited enough.
            Action::Await(Awaiting { awaited: Awaited::Told(_), .. }) => self.handle(Event::Heard, now),
            Action::Await(_) => {
                let error = Failure::wait(Wait::STOPPED);
                self.handle(Event::Failed { error, took: Duration::ZERO }, now);
            }
            Action::Browse(..) => {
                let error = Failure::wait("the browser was not opened");
                self.handle(Event::Failed { error, took: Duration::ZERO }, now);
            }
            Action::Listen(_) | Action::Offer(_) | Action::Sleep(_) => self.phase = Phase::Fresh,
        }
    }
}
