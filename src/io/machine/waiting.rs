//! What the command line waits for: what the browser brings to the listener or a person pastes, and what servers tell by
//! themselves.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;

use super::{Machine, failed};
use crate::base::time::Timestamp;
use crate::export::redact::holds_placeholder;
use crate::flow::beside::LISTENED;
use crate::flow::callback::{Awaited, Awaiting, Callback, PasteError};
use crate::flow::{Event, Failure};
use crate::io::beside::{LATE, ServedPlaces};
use crate::io::callback::Listener;
use crate::io::interruption::asked_to_end;
use crate::io::sign_in::{User, is_named, sign_in, sign_out, visit};
use crate::io::user_agent::{Notice, UserAgent};
use crate::io::{clock, stdin};

const STDIN_ENDED: &str = "standard input ended before a redirect URL was pasted: --redirected-to - wants it open until \
                           the browser is back; --print-url waits at the redirect URI instead";

impl Machine {
    pub(super) fn await_response(&mut self, awaiting: &Awaiting, note: &mut dyn FnMut(Event)) -> Event {
        let begun = clock::now();
        let (arrivals, mut arrived) = unbounded_channel();
        let (held, beside) = (std::mem::take(&mut self.places), awaiting.beside.clone());
        // Nobody comes to the listener where this program plays the browser, except for what is beside it.
        let is_told = matches!(awaiting.awaited, Awaited::Told(_));
        if is_told || matches!(self.agent, UserAgent::SignIn(_)) && !beside.is_empty() {
            self.listener = None;
        }
        let listening_at = self.listener.as_ref().map(Listener::redirect_uri);
        let served = held.serve(beside, listening_at, move |came| drop(arrivals.send(came)));
        let served = self.runtime.block_on(served);
        if let Awaited::Told(until) = awaiting.awaited {
            let heard = self.hear(awaiting, until, served);
            while let Ok(arrival) = arrived.try_recv() {
                note(Event::Arrived(Box::new(arrival)));
            }
            return heard.map_or_else(|failure| failed(failure, clock::now().since(begun)), |()| Event::Heard);
        }
        let came = match &self.agent {
            // The server comes by itself, whoever plays the user.
            _ if matches!(awaiting.awaited, Awaited::Ping(_)) => self.heard(awaiting, note),
            UserAgent::SignIn(user) => self.by_sign_in(awaiting, &user.clone()),
            UserAgent::Redirected(text) if !self.is_redirected => {
                let came =
                    Callback::from_pasted_as(&awaiting.awaited, text).map_err(|error| Failure::wait(error.to_string()));
                self.is_redirected = true;
                came
            }
            UserAgent::Redirected(_) => Err(Failure::wait("the URL that was given is the response of the login")),
            UserAgent::Browser | UserAgent::Reader | UserAgent::Paster => self.heard(awaiting, note),
        };
        // A server that keeps the browser on a page of its own may still tell of the logout by itself.
        let keeps = matches!(came, Err(Failure::SignIn { is_refusal: false, .. }));
        let patience = if keeps { LISTENED } else { LATE };
        self.until_done(served.end(patience));
        while let Ok(arrival) = arrived.try_recv() {
            note(Event::Arrived(Box::new(arrival)));
        }
        match came {
            Ok(callback) => Event::CalledBack(callback),
            Err(failure) => failed(failure, clock::now().since(begun)),
        }
    }

    /// Until all has come that is told of a logout, or the time is over. A person takes as long as it takes.
    fn hear(&mut self, awaiting: &Awaiting, until: Timestamp, served: ServedPlaces) -> Result<(), Failure> {
        let is_person = matches!(self.agent, UserAgent::Browser | UserAgent::Reader | UserAgent::Paster);
        if let (UserAgent::SignIn(user), Some(url)) = (&self.agent, &self.visiting) {
            self.by_itself(visit(&self.transport, url, user, self.cookies.clone()))?;
        }
        let can_be_ended = is_person && io::stdin().is_terminal();
        let at = awaiting.beside.iter().map(|beside| &beside.at).collect();
        (self.tell)(Notice::Hears { at, can_be_ended });
        if can_be_ended && self.lines.is_none() {
            self.lines = Some(stdin::lines());
        }
        let patience = if is_person { self.limit } else { until.since(clock::now()).min(self.limit) };
        let (lines, stop) = (&mut self.lines, asked_to_end(self.interrupted.subscribe()));
        self.runtime.block_on(async {
            tokio::select! {
                () = stop => Err(Failure::wait("it was interrupted")),
                () = served.end(patience) => Ok(()),
                _ = stdin::any(lines, can_be_ended) => Ok(()),
            }
        })
    }

    /// What this program brings back in the place of a browser.
    fn by_sign_in(&mut self, awaiting: &Awaiting, user: &User) -> Result<Callback, Failure> {
        let (url, stop_at) = (self.visiting.as_ref().unwrap_or(&awaiting.redirect_uri), &awaiting.redirect_uri);
        if awaiting.awaited == Awaited::Logout {
            return self.by_itself(sign_out(&self.transport, url, user, stop_at, self.cookies.clone()));
        }
        let signed_in = self.by_itself(sign_in(&self.transport, url, user, stop_at))?;
        if !is_named(&signed_in.hops, user) {
            (self.tell)(Notice::NotAsked(&user.username));
        }
        self.cookies = signed_in.cookies;
        Ok(signed_in.callback)
    }

    /// Whatever comes first: the response at the listener, or one that is pasted.
    fn heard(&mut self, awaiting: &Awaiting, note: &mut dyn FnMut(Event)) -> Result<Callback, Failure> {
        self.heard_or_pasted(awaiting, note).map_err(Failure::wait)
    }

    fn heard_or_pasted(&mut self, awaiting: &Awaiting, note: &mut dyn FnMut(Event)) -> Result<Callback, String> {
        let listener = self.listener.take();
        let is_ping = matches!(awaiting.awaited, Awaited::Ping(_));
        let may_paste = !is_ping && (self.agent == UserAgent::Paster || io::stdin().is_terminal());
        if let (true, true, Some(why)) = (is_ping, listener.is_none(), self.not_bound.take()) {
            return Err(why);
        }
        if listener.is_none() && !may_paste {
            let redirect_uri = &awaiting.redirect_uri;
            return Err(format!(
                "nothing on this machine listens at {redirect_uri}; with --redirected-to - the URL the browser ends at is \
                 read from standard input"
            ));
        }
        // Whoever only pastes has said that nothing else comes.
        let is_listening = listener.is_some() && self.agent != UserAgent::Paster;
        self.farewell = listener.as_ref().map(|listener| Box::pin(listener.farewell()) as _);
        let (notes, mut noted) = unbounded_channel();
        let arrival = arrival(listener, awaiting, self.limit, move |came| drop(notes.send(came)));
        // Read on one thread for the whole run: a second one would lose the line that the first has taken.
        if may_paste && self.lines.is_none() {
            self.lines = Some(stdin::lines());
        }
        let (lines, tell) = (&mut self.lines, &mut self.tell);
        let mut is_open = may_paste;
        let stop = asked_to_end(self.interrupted.subscribe());
        let came = self.runtime.block_on(async {
            tokio::pin!(arrival, stop);
            loop {
                tokio::select! {
                    () = &mut stop => return Err("it was interrupted".to_owned()),
                    came = &mut arrival => return came,
                    Some(noted) = noted.recv() => note(noted),
                    line = stdin::next(lines, is_open) => match line.map(|line| pasted(awaiting, &line)) {
                        Some(Ok(callback)) => return Ok(callback),
                        Some(Err(error)) => tell(Notice::BadPaste(error)),
                        None if is_listening => is_open = false,
                        None => return Err(STDIN_ENDED.to_owned()),
                    },
                }
            }
        });
        // The response may be taken before what was turned away just before it.
        while let Ok(turned_away) = noted.try_recv() {
            note(turned_away);
        }
        came
    }
}

/// The response at the listener; without one, nothing but the end of the time.
async fn arrival(
    listener: Option<Listener>,
    awaiting: &Awaiting,
    limit: Duration,
    on_note: impl FnMut(Event) + Send + 'static,
) -> Result<Callback, String> {
    match listener {
        Some(listener) => listener.wait(awaiting, clock::now, on_note, limit).await.map_err(|error| error.to_string()),
        None => {
            tokio::time::sleep(limit).await;
            Err("no redirect URL was pasted in time".to_owned())
        }
    }
}

fn pasted(awaiting: &Awaiting, line: &str) -> Result<Callback, PasteError> {
    if holds_placeholder(line) { Err(PasteError::Hidden) } else { Callback::from_pasted_as(&awaiting.awaited, line) }
}
