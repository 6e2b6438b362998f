//! A recorded login as a run of this program that is read only: its messages are judged by the rules of the catalogue,
//! as if it had been made here.
//!
//! What a recording cannot know is skipped and says so; it neither passes nor fails.

mod addressed;
mod found;
mod settings;
mod unknown;

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use self::unknown::OF_KEYS;
use super::Capture;
use super::clock::{Clock, left_at};
use super::exchange::{Came, Captured, Seen, place};
use super::login::{Judged, Login, Outcome, StageName, is_of_response};
use super::recognise::authorization_params;
use crate::base::check::{Check, Verdict};
use crate::base::http::HttpRequest;
use crate::base::params::Params;
use crate::client::settings::Settings;
use crate::flow::beside::Arrival;
use crate::flow::callback::{Callback, Via};
use crate::flow::judge::judge;
use crate::flow::recorded::Recorded;
use crate::flow::stage::Stage;
use crate::flow::trace::{Answer, Exchange, Overheard, Trace};
use crate::flow::transport_error::TransportError;
use crate::flow::{Failure, Flow};
use crate::terms::grant::Grant;
use crate::terms::response::ResponseMode;

/// So many messages of a login are judged; more of the same say nothing new.
const EXCHANGES: usize = 400;

impl Capture {
    /// A login as a run: nothing can be sent from it.
    pub fn flow(&self, login: &Login) -> Flow {
        let (exchanges, session) = self.judged(login);
        // A grant that is not known asks for itself, unless a browser was sent.
        let direct = login.requested_at.is_none() && login.returned_at.is_none();
        let unknown = if direct { Grant::ClientCredentials } else { Grant::AuthorizationCode };
        let grant = login.grant.unwrap_or(unknown);
        let stages: Vec<Stage> = exchanges.iter().map(|(_, exchange)| exchange.stage).collect();
        let mut trace = Trace::new(grant);
        let found = login.finding.as_ref().map(|found| Box::new(self.found(login, found, &exchanges)));
        trace.exchanges = exchanges.into_iter().map(|(_, exchange)| Arc::new(exchange)).collect();
        let settings = trace.exchanges.first().map(|first| (*first.settings).clone()).unwrap_or_default();
        let outcome = match login.outcome {
            Outcome::SignedIn => crate::flow::Outcome::Success,
            Outcome::Refused => crate::flow::Outcome::Refused,
            Outcome::ErrorPage => crate::flow::Outcome::Failed,
            Outcome::LeftOpen => crate::flow::Outcome::Incomplete,
        };
        let at = stages.len();
        Flow::recorded(Recorded { grant, settings, stages, at, trace, session, problem: None, outcome, found })
    }

    /// Every rule that was applied to the messages of a login, in order.
    pub(super) fn checks(&self, login: &Login) -> Vec<Judged> {
        let (exchanges, _) = self.judged(login);
        let back = login.responded_at();
        let of = |(entry, exchange): (usize, Exchange)| {
            // The trip of the browser is one exchange; what came of it stands where it came.
            let came = back.filter(|_| exchange.stage == Stage::Authorization).unwrap_or(entry);
            let place = move |check: &Check| if is_of_response(check) { came } else { entry };
            exchange.checks.into_iter().map(move |check| Judged { entry: place(&check), check }).collect::<Vec<_>>()
        };
        exchanges.into_iter().flat_map(of).collect()
    }

    /// The exchanges of a login with the entry that begins each, judged.
    fn judged(&self, login: &Login) -> (Vec<(usize, Exchange)>, crate::flow::session::Session) {
        let settings = Arc::new(settings::settings(self, login));
        let mut made = self.exchanges(login, &settings);
        made.truncate(EXCHANGES);
        made.sort_by_key(|(at, exchange)| (exchange.stage != Stage::Discovery, *at));
        let mut tries: Vec<(Stage, u32)> = Vec::new();
        for (position, (_, exchange)) in made.iter_mut().enumerate() {
            exchange.position = position;
            let known = tries.iter_mut().find(|(stage, _)| *stage == exchange.stage);
            exchange.attempt = match known {
                Some((_, count)) => {
                    *count += 1;
                    *count
                }
                None => {
                    tries.push((exchange.stage, 1));
                    1
                }
            };
        }
        let shared: Vec<Arc<Exchange>> = made.iter().map(|(_, exchange)| Arc::new(exchange.clone())).collect();
        let (session, checks) = judge(&shared);
        let hidden = unknown::hidden(self, login);
        for ((_, exchange), checks) in made.iter_mut().zip(checks) {
            let mut checks = unknown::left_out(self, (login, &hidden), exchange, checks);
            if let Some(names) = &self.recorder.names {
                checks = checks.into_iter().map(|check| addressed::as_given(names, exchange, check)).collect();
            }
            exchange.checks = checks;
        }
        judge_with_keys(&mut made);
        (made, session)
    }

    fn exchanges(&self, login: &Login, settings: &Arc<Settings>) -> Vec<(usize, Exchange)> {
        let mut made: Vec<(usize, Exchange)> = Vec::new();
        for (at, stage) in settings::documents(self, login) {
            made.push((at, self.direct(stage, at, settings)));
        }
        for stage in &login.stages {
            let Some(of_run) = stage.name.of_run() else { continue };
            for at in &stage.entries {
                let exchange = match of_run {
                    Stage::Authorization => self.asked(login, *at, settings),
                    Stage::Logout => self.signed_out(login, *at, settings),
                    of_run => self.direct(of_run, *at, settings),
                };
                made.push((*at, exchange));
            }
        }
        let clock = Clock::of(login, &|at| &self.entries[at]);
        for (at, exchange) in &mut made {
            exchange.sent_at = left_at(&self.entries, *at, clock).unwrap_or_default();
        }
        made
    }

    /// A request with the answer that came to it at once.
    fn direct(&self, stage: Stage, at: usize, settings: &Arc<Settings>) -> Exchange {
        let entry = &self.entries[at];
        let answer = match &entry.came {
            // A body that was not kept is no empty body.
            Came::Response(response) if response.body.is_empty() && self.lacks_body(entry) => Answer::Pending,
            Came::Unseen => Answer::Pending,
            Came::Response(response) => Answer::Response(response.clone()),
            Came::Nothing(why) => Answer::Failed(Failure::Transport(TransportError::Told(why.clone()))),
        };
        exchange(stage, entry, entry.request.clone(), answer, entry.took, settings)
    }

    fn lacks_body(&self, entry: &Captured) -> bool {
        let length = entry.got("content-length").and_then(|length| length.trim().parse::<u64>().ok());
        !self.recorder.keeps_bodies
            || length.is_some_and(|length| length > 0)
            || length.is_none() && entry.answers_json()
    }

    /// The browser's trip to the provider and back.
    fn asked(&self, login: &Login, at: usize, settings: &Arc<Settings>) -> Exchange {
        let entry = &self.entries[at];
        let request = self.opened(login, entry);
        let mode =
            login.stages.iter().find(|stage| stage.name == StageName::AuthorizationResponse).and_then(|it| it.mode);
        // What a page hands to the app by a script came by no request.
        let is_sent = |back: &usize| {
            !login.response.is_empty() && login.requested_at != login.returned_at.filter(|it| it == back)
        };
        let back = login.responded_at().filter(is_sent).map(|back| &self.entries[back]);
        let place = back.and_then(|back| match login.sent_back_at {
            Some(_) => back.location.as_ref(),
            None => Some(&back.request.url),
        });
        let answer = match place {
            Some(place) => Answer::Callback(callback(place, login.redirect_uri(), mode, &login.response)),
            None => Answer::Pending,
        };
        let took = back.and_then(|back| Some(back.started?.since(entry.started?))).unwrap_or_default();
        let mut asked = exchange(Stage::Authorization, entry, request, answer, took, settings);
        asked.meanwhile.extend(login.object_at.and_then(|at| arrival(&self.entries[at])));
        if let (Some(overheard), Some(back)) = (&mut asked.overheard, back) {
            overheard.by_hand.extend(&back.by_hand);
        }
        asked
    }

    /// The request that the browser was sent with, as one opens it.
    fn opened(&self, login: &Login, entry: &Captured) -> HttpRequest {
        let mut request = HttpRequest::get(entry.request.url.clone());
        let sent = authorization_params(&Seen::new(entry));
        let object = login.object_at.and_then(|at| self.entries[at].response());
        request.referred = object.map(|object| object.text().trim().into());
        // What it refers to stands in another entry, and what it says in an object is read there.
        let is_told = object.is_some() || sent.contains("request") || self.shows_pushed(login);
        let asked = if is_told { &sent } else { &login.request };
        if *asked != entry.request.query() {
            request.url.set_query(Some(&asked.encode()));
        }
        request
    }

    /// Whether the request that was pushed stands in the recording, with the reference that came for it.
    pub(super) fn shows_pushed(&self, login: &Login) -> bool {
        let mut entries = login.entries(StageName::PushedAuthorizationRequest);
        entries.any(|at| {
            let answered = Seen::new(&self.entries[at]);
            answered.member("request_uri").is_some_and(|uri| Some(uri) == login.asked("request_uri"))
        })
    }

    fn signed_out(&self, login: &Login, at: usize, settings: &Arc<Settings>) -> Exchange {
        let entry = &self.entries[at];
        let back = login.entries(StageName::LogoutReturn).find(|back| *back > at).map(|back| &self.entries[back]);
        let answer = back.map_or(Answer::Visited, |back| {
            let url = &back.request.url;
            let query = entry.request.query();
            let due = query.get("post_logout_redirect_uri");
            Answer::Callback(callback(url, due, Some(ResponseMode::Query), &back.request.query()))
        });
        let took = back.and_then(|back| Some(back.started?.since(entry.started?))).unwrap_or_default();
        exchange(Stage::Logout, entry, HttpRequest::get(entry.request.url.clone()), answer, took, settings)
    }
}

/// A server that comes for the request object.
fn arrival(fetched: &Captured) -> Option<Arrival> {
    let (at, response) = (fetched.started?, fetched.response()?.clone());
    Some(Arrival { at, request: fetched.request.clone(), response })
}

/// Puts what was judged when keys came where its token came, which waited for it: a key set belongs to no login.
fn judge_with_keys(made: &mut [(usize, Exchange)]) {
    for at in 0..made.len() {
        let (before, from) = made.split_at_mut(at);
        let keys = &mut from[0].1;
        if keys.stage != Stage::Jwks {
            continue;
        }
        keys.checks.retain(|judged| {
            let of_token = before.iter_mut().rev().filter(|(_, exchange)| exchange.stage != Stage::Jwks);
            let waiting = of_token.flat_map(|(_, exchange)| &mut exchange.checks).find(|it| it.rule == judged.rule);
            let Some(waiting) = waiting.filter(|_| OF_KEYS.contains(&judged.rule.id)) else { return true };
            if waiting.verdict == Verdict::Skipped {
                *waiting = judged.clone();
            }
            false
        });
    }
}

/// What came to a place. Where it is the one that was asked for, it is called as it was asked.
fn callback(url: &Url, due: Option<&str>, mode: Option<ResponseMode>, params: &Params) -> Callback {
    let is_due = |due: &&str| Url::parse(due).is_ok_and(|due| place(&due) == place(url));
    let redirect_uri = due.filter(is_due).map_or_else(|| place(url), str::to_owned);
    let via = match mode {
        Some(ResponseMode::Fragment) => Via::Fragment,
        Some(ResponseMode::FormPost) => Via::FormPost,
        _ => Via::Query,
    };
    Callback { redirect_uri, via, params: params.clone(), joint: None, posted: Vec::new(), asked_user: None }
}

fn exchange(
    stage: Stage,
    entry: &Captured,
    request: HttpRequest,
    answer: Answer,
    took: Duration,
    settings: &Arc<Settings>,
) -> Exchange {
    let overheard = Some(Overheard { by: entry.leg.party(), by_hand: entry.by_hand.clone() });
    Exchange { answer, took, overheard, ..Exchange::begun(stage, request, Arc::clone(settings)) }
}
