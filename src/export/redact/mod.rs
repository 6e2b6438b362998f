//! Traces and texts without their secrets.
//!
//! A secret is found by name (`code`, `access_token`, `Authorization`, ..), in whatever layout the name stands before it,
//! under an unknown name by its shape and, wherever else it may have got to, by value in any encoding. What is shown is
//! the same message with a placeholder in the secret's place, the same one wherever the same secret stands:
//! `REDACTED-code-1`. In a window it is a hint, `eyJh••••••••x7Qk`: what is a secret is the same there.

mod anchors;
mod automaton;
mod book;
mod document;
mod field;
mod generations;
mod hints;
mod lines;
mod markup;
mod named;
mod near;
mod reference;
mod remembered;
mod shape;
mod view;
mod wrapped;
mod written;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use url::Url;

use self::automaton::Place;
use self::book::Book;
pub use self::book::{UNNAMED, holds_placeholder, is_placeholder, kinds, unnumbered};
use self::generations::Generations;
use self::hints::Instead;
use self::reference::has_plain_challenge;
use self::remembered::Remembered;
use self::shape::Tokens;
pub use self::shape::{is_credential_by_shape, names_credential};
pub use self::written::is_telling;
use self::written::is_term;
use crate::base::check::Check;
use crate::base::http::{Headers, HttpRequest, HttpResponse};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::flow::Failure;
use crate::flow::beside::Arrival;
use crate::flow::trace::{Answer, Exchange, Trace};
use crate::terms::credential::canonical;

/// What every placeholder begins with; in older files it is all of it. Fit for URLs, header fields and JSON as it is.
pub const MARK: &str = "REDACTED";

/// Shortest secret that is looked for by value, in bytes; shorter ones would be found everywhere.
const SHORTEST: usize = 4;

/// Shortest value that is looked for where its name stands in a text without structure, or in what belongs to a secret
/// in JSON, in bytes: it may be any word.
const SURE: usize = 12;

/// Longest secret that may be an ordinary word, in characters.
const LONGEST_WORD: usize = 12;

/// What people make up or type.
const TYPED: [&str; 6] = ["client_secret", "passcode", "password", "pin", "secret", "user_code"];

/// Hides the secrets it knows, and whatever has the name of one.
#[derive(Clone, Default)]
pub struct Redactor {
    /// Shared, so that a copy calls nothing by another name.
    book: Arc<Mutex<Book>>,
    generations: Generations,
    remembered: Arc<Mutex<Remembered>>,
    /// How many exchanges of the run that it follows were met to their end.
    followed: usize,
    instead: Instead,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

/// A part of a text that is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    from: usize,
    to: usize,
    id: usize,
    /// By its name, or by its value.
    is_named: bool,
    /// How many bytes of it stay in front.
    kept: usize,
}

impl Redactor {
    /// Knows these secrets by value.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self::knowing(secrets.into_iter().map(|secret| (UNNAMED, secret)))
    }

    /// Knows these secrets, and every one that has its name somewhere in the trace.
    pub fn of(trace: &Trace, known: impl IntoIterator<Item = Secret>) -> Self {
        Self::of_named(trace, known.into_iter().map(|secret| (UNNAMED, secret)))
    }

    /// As [`Redactor::of`], with the names of the secrets. They are numbered as they come in the trace, so a run that
    /// goes on, told by another redactor, keeps the numbers it has.
    pub fn of_named(trace: &Trace, known: impl IntoIterator<Item = (&'static str, Secret)>) -> Self {
        let mut redactor = Self::default();
        redactor.follow(trace, known);
        redactor.book().number_the_rest();
        redactor
    }

    /// Takes in what is new of a run that goes on. What was taken in before is not read again.
    pub fn follow(&mut self, trace: &Trace, known: impl IntoIterator<Item = (&'static str, Secret)>) {
        self.know(known);
        // A run that went back a step comes to other exchanges.
        self.followed = self.followed.min(trace.exchanges.len());
        for exchange in trace.exchanges.iter().skip(self.followed) {
            // What is hidden by its name is met on the way.
            drop(self.exchange(exchange));
        }
        let is_over = |exchange: &&Arc<Exchange>| !matches!(exchange.answer, Answer::Pending);
        self.followed += trace.exchanges.iter().skip(self.followed).take_while(is_over).count();
        self.look_for_all();
    }

    fn knowing(secrets: impl IntoIterator<Item = (&'static str, Secret)>) -> Self {
        let mut redactor = Self::default();
        redactor.know(secrets);
        redactor
    }

    fn know(&mut self, secrets: impl IntoIterator<Item = (&'static str, Secret)>) {
        {
            let mut book = self.book();
            for (kind, secret) in secrets.into_iter().filter(|(_, secret)| !secret.is_empty()) {
                let id = book.enter(kind, secret.expose());
                // Any other stands for itself behind its name alone.
                if is_known(kind, secret.expose()) {
                    book.seek(id, secret.expose());
                }
            }
        }
        self.look_for_all();
    }

    fn look_for_all(&mut self) {
        let book = Arc::clone(&self.book);
        self.generations.grow(&book.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The text without the secrets that are known, however they are encoded in it.
    pub fn text(&self, text: &str) -> String {
        self.hide(text, Vec::new())
    }

    /// The text with something else in the place of each secret that is known; `shown` gets the kind of the secret and
    /// the secret as it is written there, and may leave it.
    pub fn with<'t>(&self, text: &'t str, shown: impl Fn(&str, &str) -> Option<String>) -> Cow<'t, str> {
        let mut ranges = self.known(text);
        ranges.sort_by_key(|range| (range.from, Reverse(range.to)));
        let (mut out, mut done) = (String::new(), 0);
        for range in ranges {
            // What is written in an encoding may begin within a character of the text.
            let Some(written) = text.get(range.from..range.to).filter(|_| range.from >= done) else { continue };
            let kind = self.book().kind(range.id).into_owned();
            let Some(instead) = shown(&kind, written) else { continue };
            out.push_str(&text[done..range.from]);
            out.push_str(&instead);
            done = range.to;
        }
        if done == 0 { text.into() } else { (out + &text[done..]).into() }
    }

    /// The text without these parts of it, the secrets that are known and the passwords of URLs.
    fn hide(&self, text: &str, ranges: Vec<Range>) -> String {
        self.hide_in(text, ranges, Tokens::Credentials)
    }

    fn hide_in(&self, text: &str, mut ranges: Vec<Range>, tokens: Tokens) -> String {
        ranges.extend(
            reference::passwords(text).into_iter().map(|(from, to)| self.named_range(text, from, to, "password")),
        );
        ranges.extend(self.known(text));
        ranges.extend(self.tokens(text, tokens));
        self.replaced(text, ranges)
    }

    /// Where secrets that are known stand.
    fn known(&self, text: &str) -> Vec<Range> {
        let mut ranges = Vec::new();
        if self.generations.is_empty() {
            return ranges;
        }
        ranges.extend(self.places(text).into_iter().map(|(from, to, id)| Range {
            from,
            to,
            id,
            is_named: false,
            kept: 0,
        }));
        let book = self.book();
        let placed: Vec<(usize, usize)> =
            book::placeholders(text).filter(|(from, to)| book.issued(&text[*from..*to])).collect();
        ranges.retain(|range| !is_inside(&placed, range));
        ranges
    }

    fn places(&self, text: &str) -> Vec<Place> {
        let sought = self.generations.sought();
        let remembered = || self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let known = remembered().places(text, sought);
        known.unwrap_or_else(|| {
            let places = self.generations.places(text.as_bytes());
            remembered().remember(text, sought, &places);
            places
        })
    }

    fn replaced(&self, text: &str, mut ranges: Vec<Range>) -> String {
        if ranges.is_empty() {
            return text.to_owned();
        }
        // Of two that begin together, the one with a name, then the longer one.
        ranges.sort_by_key(|range| (range.from, !range.is_named, Reverse(range.to)));
        let mut out = Vec::with_capacity(text.len());
        let mut done = 0;
        for range in ranges {
            if range.from >= done {
                let hidden = range.from + range.kept;
                let written = String::from_utf8_lossy(&text.as_bytes()[hidden..range.to]);
                out.extend_from_slice(&text.as_bytes()[done..hidden]);
                out.extend_from_slice(self.stand_in(range.id, &written).as_bytes());
            }
            done = done.max(range.to);
        }
        out.extend_from_slice(&text.as_bytes()[done..]);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// A part of a text that is a credential by its name; how its value reads is told by percent-decoding.
    fn named_range(&self, text: &str, from: usize, to: usize, name: &'static str) -> Range {
        let written = &text[from..to];
        let value = reference::decoded(written);
        // It may have been encoded twice.
        let again = if value.contains('%') { reference::decoded(&value) } else { value.clone() };
        let id = self.met(name, &[written, &value, &again], is_sought(name, &value));
        Range { from, to, id, is_named: true, kept: 0 }
    }

    /// Takes in a secret that can be read in several ways: as the one that is known, or as the last but for what it
    /// is when it is written plainly.
    fn met(&self, name: &'static str, readings: &[&str], is_sought: bool) -> usize {
        let mut book = self.book();
        let known = readings.iter().find(|reading| book.id(reading).is_some());
        let value = known.or(readings.get(1)).or(readings.first()).copied().unwrap_or_default();
        let id = book.enter(name, value);
        for reading in readings.iter().filter(|_| is_sought) {
            book.seek(id, reading);
        }
        id
    }

    /// What stands in the place of this value of a secret name. An ID token keeps header and payload, which are no
    /// credential.
    fn placeholder(&self, name: &'static str, value: &str, is_sought: bool) -> String {
        if value.is_empty() || is_placeholder(value) || self.leaves(name) {
            return value.to_owned();
        }
        let kept = self.kept_of(name, value);
        if is_placeholder(&value[kept..]) {
            return value.to_owned();
        }
        let id = self.met(name, &[value], is_sought);
        format!("{}{}", &value[..kept], self.stand_in(id, &value[kept..]))
    }

    /// How much of a signed JWT is no credential: all but its signature, unless a secret is in it.
    fn kept(&self, token: &str) -> usize {
        let parts: Vec<&str> = token.split('.').collect();
        match parts.as_slice() {
            [header, payload, signature] if header.starts_with("eyJ") && !signature.is_empty() => {
                let kept = header.len() + payload.len() + 2;
                let is_readable = self.known(&token[..kept]).is_empty()
                    && !shape::holds_credential(header)
                    && !shape::holds_credential(payload);
                if is_readable { kept } else { 0 }
            }
            _ => 0,
        }
    }

    /// Parameters without secrets.
    pub fn params(&self, params: &Params) -> Params {
        let is_plain = has_plain_challenge(params);
        let shown = |(name, value): (&str, &str)| match reference::secret_param(name, is_plain) {
            Some(known) => (name.to_owned(), self.placeholder(known, value, is_sought(known, value))),
            None => (self.text(name), self.string_under(name, value)),
        };
        params.iter().map(shown).collect()
    }

    /// Header fields without secrets, as they were typed.
    pub fn fields(&self, fields: &Params) -> Params {
        Params(self.headers(&Headers(fields.0.clone())).0)
    }

    /// What stands in the place of a secret that was filled in under this name.
    pub fn filled_in(&self, name: &'static str, value: &str) -> String {
        self.placeholder(name, value, is_sought(name, value))
    }

    /// A text of several lines without secrets, whatever form it has: JSON, a form, running text.
    pub fn lines(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.body(text.as_bytes())).into_owned()
    }

    /// A URL without secrets in query, fragment, path and user information.
    pub fn url(&self, url: &Url) -> Url {
        let shown = self.reference(url.as_str());
        if shown == url.as_str() {
            return url.clone();
        }
        Url::parse(&shown).unwrap_or_else(|_| {
            let mut shown = url.clone();
            shown.set_path(MARK);
            shown.set_query(None);
            shown.set_fragment(None);
            shown
        })
    }

    /// A request without secrets.
    pub fn request(&self, request: &HttpRequest) -> HttpRequest {
        let url = self.url(&request.url);
        let headers = self.headers(&request.headers);
        let body = match request.form() {
            Some(_) => self.pairs(&String::from_utf8_lossy(&request.body)).into_bytes(),
            None => self.body(&request.body),
        };
        let referred = request.referred.as_deref().map(|object| self.filled_in("request", object).into());
        HttpRequest { method: request.method.clone(), url, headers, body, tls: request.tls.clone(), referred }
    }

    /// A response without secrets.
    pub fn response(&self, response: &HttpResponse) -> HttpResponse {
        let headers = self.headers(&response.headers);
        HttpResponse { status: response.status, headers, body: self.body(&response.body) }
    }

    /// A response to this request. Where a token is asked for, one may be all that comes.
    fn answer(&self, request: &HttpRequest, response: &HttpResponse) -> HttpResponse {
        let shown = self.response(response);
        let text = response.text();
        let bare = text.trim().trim_matches('"');
        let is_asked = || request.form().is_some_and(|form| form.contains("grant_type"));
        if shown.body != response.body || !response.is_success() || !shape::is_bare(bare) || !is_asked() {
            return shown;
        }
        let body = text.replace(bare, &self.placeholder("access_token", bare, true));
        HttpResponse { body: body.into_bytes(), ..shown }
    }

    /// An exchange without secrets.
    pub fn exchange(&self, exchange: &Exchange) -> Exchange {
        // In the order in which people meet them.
        let request = self.request(&exchange.request);
        let answer = match &exchange.answer {
            Answer::Response(response) => Answer::Response(self.answer(&exchange.request, response)),
            Answer::Callback(callback) => {
                let mut callback = callback.clone();
                callback.params = self.params(&callback.params);
                callback.redirect_uri = self.reference(&callback.redirect_uri);
                Answer::Callback(callback)
            }
            Answer::Failed(Failure::Transport(error)) => {
                let error = error.clone().with_beginning(|came| self.response(came));
                Answer::Failed(Failure::Transport(error))
            }
            other => other.clone(),
        };
        let arrival = |it: &Arrival| {
            let (request, response) = (self.request(&it.request), self.response(&it.response));
            Arrival { at: it.at, request, response }
        };
        let meanwhile = exchange.meanwhile.iter().map(arrival).collect();
        let checks = exchange.checks.iter().map(|check| self.check(check)).collect();
        Exchange { request, answer, meanwhile, checks, ..exchange.clone() }
    }

    /// A trace without secrets.
    pub fn trace(&self, trace: &Trace) -> Trace {
        let exchanges = trace.exchanges.iter().map(|exchange| Arc::new(self.exchange(exchange))).collect();
        Trace { exchanges, ..trace.clone() }
    }

    fn check(&self, check: &Check) -> Check {
        let text = |text: &Option<String>| text.as_ref().map(|text| self.text(text));
        Check { expected: text(&check.expected), actual: text(&check.actual), ..check.clone() }
    }
}

/// Whether a range lies inside of one of these, which are in order.
fn is_inside(placed: &[(usize, usize)], range: &Range) -> bool {
    let after = placed.partition_point(|(from, _)| *from <= range.from);
    after > 0 && range.to <= placed[after - 1].1
}

/// Whether a secret of this name is looked for by value too. What people type may be an ordinary word or number: it
/// would be found in texts that have nothing to do with it (`client_secret_basic`), and could be guessed from what is
/// missing there.
fn is_sought(name: &str, value: &str) -> bool {
    let is_alike = value.chars().all(char::is_alphabetic) || value.chars().all(|c| c.is_ascii_digit());
    let is_ordinary = is_alike && value.chars().count() <= LONGEST_WORD || is_term(value);
    !(canonical(name).is_some_and(|name| TYPED.contains(&name)) && is_ordinary)
}

/// Whether what is known to be secret is looked for by its value.
fn is_known(kind: &str, value: &str) -> bool {
    value.len() >= SHORTEST && !is_term(value) && (kind == UNNAMED || is_sought(kind, value))
}

#[cfg(test)]
mod tests;
