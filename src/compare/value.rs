//! Whether two values say the same.

use std::borrow::Cow;
use std::collections::HashSet;

use super::issued::Issued;
use super::item::Item;
use super::nature::{Nature, is_drawn, is_personal};
use super::side::{Ports, Side};
use super::{Change, Fold, Kind};
use crate::base::time::Timestamp;
use crate::export::redact::{holds_placeholder, unnumbered};

/// What a server that counts down or rounds may differ by, in seconds.
const ROUNDING: i64 = 2;

/// Hosts of this machine as they stand in front of a port (RFC 8252 section 7.3).
const LOOPBACK: [&str; 3] = ["127.0.0.1:", "localhost:", "[::1]:"];

/// How two sides are compared.
pub(super) struct Ways<'a> {
    kind: Kind,
    /// Whether a placeholder of a file may stand for any secret.
    is_hidden: bool,
    /// Whether both ran on a practice server of their own.
    is_practice: bool,
    ports: (&'a Ports, &'a Ports),
    /// What the addresses of each server begin with, the longest first.
    servers: (&'a [String], &'a [String]),
    /// Who signed in on each side, where that is another one.
    users: Option<(&'a str, &'a str)>,
    issued: (&'a Issued, &'a Issued),
}

impl<'a> Ways<'a> {
    pub fn new(kind: Kind, a: &'a Side, b: &'a Side) -> Self {
        let users = (a.user.as_str(), b.user.as_str());
        Self {
            kind,
            is_hidden: a.is_redacted || b.is_redacted,
            is_practice: a.ports == Ports::All && b.ports == Ports::All,
            ports: (&a.ports, &b.ports),
            servers: (&a.servers, &b.servers),
            users: Some(users).filter(|(a, b)| !a.is_empty() && !b.is_empty() && a != b),
            issued: (&a.issued, &b.issued),
        }
    }

    /// How the values stand to each other.
    pub fn change(&self, a: Option<&Item>, b: Option<&Item>) -> Change {
        match (a, b) {
            (Some(a), Some(b)) => self.of_both(a, b),
            (Some(alone), None) if alone.is_mild => Change::Folded(Fold::Applied),
            (None, Some(alone)) if alone.is_mild => Change::Folded(Fold::Applied),
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
        }
    }

    fn of_both(&self, a: &Item, b: &Item) -> Change {
        if a.nature == Nature::Verdict {
            return of_verdicts(a, b);
        }
        if a.nature == Nature::Encrypted && b.nature == Nature::Encrypted {
            return Change::Folded(Fold::Hidden);
        }
        let is_other_form = a.form.zip(b.form).is_some_and(|(a, b)| a != b);
        if is_other_form || a.value.is_empty() != b.value.is_empty() {
            return Change::Changed;
        }
        if let Some(fold) = self.folded_by_nature(a, b).filter(|_| a.value != b.value) {
            return Change::Folded(fold);
        }
        if a.value == b.value {
            let is_unknown = self.is_hidden && holds_placeholder(&a.value) && a.nature != Nature::Random;
            return if is_unknown { Change::Folded(Fold::Hidden) } else { Change::Same };
        }
        if a.nature == Nature::Words && apart(a, b) == Default::default() {
            return Change::Same;
        }
        let of_user = || self.is_of_user(a, b).then_some(Fold::User);
        self.folded_by_value(a, b).or_else(of_user).map_or(Change::Changed, Change::Folded)
    }

    /// Documents and keys have nothing that differs by nature.
    fn folded_by_nature(&self, a: &Item, b: &Item) -> Option<Fold> {
        let is_run = self.kind == Kind::Runs;
        match a.nature {
            _ if !matches!(self.kind, Kind::Runs | Kind::Tokens) => None,
            Nature::Random => Some(Fold::Random),
            Nature::Time => (is_in_seconds(&a.value) == is_in_seconds(&b.value)).then_some(Fold::Time),
            Nature::Key => is_run.then_some(Fold::Key),
            Nature::Certificate => self.is_practice.then_some(Fold::Key),
            Nature::Span => is_rounded(&a.value, &b.value).then_some(Fold::Time),
            Nature::Sentence => (steady(&a.value) == steady(&b.value)).then_some(Fold::Time),
            Nature::Directives => (without_digits(&a.value) == without_digits(&b.value)).then_some(Fold::Time),
            Nature::Fixed | Nature::Words | Nature::Server | Nature::User | Nature::Encrypted | Nature::Verdict => None,
        }
    }

    /// By what is in them: placeholders, what a registration issued, ports of this machine, times.
    fn folded_by_value(&self, a: &Item, b: &Item) -> Option<Fold> {
        let drawn = |text| unnumbered(text, is_drawn);
        let (drawn_a, drawn_b) = (drawn(&a.value), drawn(&b.value));
        if drawn_a == drawn_b {
            return Some(if self.is_hidden { Fold::Hidden } else { Fold::Random });
        }
        let (own_a, own_b) = (self.issued.0.without(&drawn_a), self.issued.1.without(&drawn_b));
        if own_a == own_b {
            return Some(Fold::Random);
        }
        let (port_a, port_b) = (self.ports.0.without(&own_a), self.ports.1.without(&own_b));
        if port_a == port_b {
            return Some(Fold::Port);
        }
        if a.nature != Nature::Server && self.is_but_for_server(&port_a, &port_b) {
            return Some(Fold::Server);
        }
        let any = |text: &str| unnumbered(text, |_| true).into_owned();
        if self.is_hidden && any(&port_a) == any(&port_b) {
            return Some(Fold::Hidden);
        }
        let is_time = |text: &str| text.contains('T') && text.contains(':') && Timestamp::parse(text).is_some();
        (self.kind == Kind::Runs && is_time(&a.value) && is_time(&b.value)).then_some(Fold::Time)
    }
}

impl Ways<'_> {
    /// Whether two values differ because another user signed in. What names one has to name that of its own side.
    fn is_of_user(&self, a: &Item, b: &Item) -> bool {
        let Some((user_a, user_b)) = self.users.filter(|_| a.nature != Nature::User) else { return false };
        let is_one = |text: &str| text == user_a || text == user_b;
        match is_one(&a.value) || is_one(&b.value) || a.name == "sub" {
            true => a.value == user_a && b.value == user_b,
            false => is_personal(&a.name),
        }
    }

    /// Whether two values differ in nothing but where the two servers are.
    fn is_but_for_server(&self, a: &str, b: &str) -> bool {
        let pairs = self.servers.0.iter().zip(self.servers.1);
        pairs.filter(|(in_a, in_b)| in_a != in_b).any(|(in_a, in_b)| without(a, in_a) == without(b, in_b))
    }
}

/// The text without the beginning of addresses: what stands behind it is no more of a host or of a path's part.
fn without<'t>(text: &'t str, server: &str) -> Cow<'t, str> {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_' | ':'));
    let (mut out, mut done) = (String::new(), 0);
    for (at, _) in text.match_indices(server).filter(|(at, _)| ends(&text[at + server.len()..])) {
        out.push_str(&text[done..at]);
        out.push('*');
        done = at + server.len();
    }
    if done == 0 { text.into() } else { (out + &text[done..]).into() }
}

/// What was seen is compared where it stands. A rule that can be judged on one side only, and is kept there, says nothing
/// by itself.
fn of_verdicts(a: &Item, b: &Item) -> Change {
    match (a.form == b.form, a.is_mild && b.is_mild) {
        (true, _) => Change::Same,
        (false, true) => Change::Folded(Fold::Applied),
        (false, false) => Change::Changed,
    }
}

/// Of two sets, what only the first has and what only the second has.
pub(super) fn apart(a: &Item, b: &Item) -> (Vec<String>, Vec<String>) {
    if a.nature != Nature::Words || b.nature != Nature::Words {
        return Default::default();
    }
    let alone = |of: &Item, other: &Item| {
        let known: HashSet<&String> = other.words.iter().collect();
        of.words.iter().filter(|word| !known.contains(word)).cloned().collect()
    };
    (alone(a, b), alone(b, a))
}

fn is_rounded(a: &str, b: &str) -> bool {
    let seconds = |text: &str| text.parse::<i64>().ok();
    seconds(a).zip(seconds(b)).is_some_and(|(a, b)| a.abs_diff(b) <= ROUNDING.unsigned_abs())
}

/// Whether a number may be a time in seconds (RFC 7519 section 2): of the years from 1973 to 5138. One in milliseconds is
/// beyond. What is no number is a time in other words.
fn is_in_seconds(text: &str) -> bool {
    text.parse::<f64>().map_or(true, |number| (1e8..1e11).contains(&number))
}

/// A sentence without the words that are a time or the number of a request.
fn steady(text: &str) -> Vec<&str> {
    let is_passing = |word: &&str| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        digits >= 8 || digits >= 4 && word.contains(['-', ':'])
    };
    text.split_whitespace().filter(|word| !is_passing(word)).collect()
}

fn without_digits(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

impl Ports {
    /// The text without the ports that are other ones in each run.
    fn without<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if matches!(self, Self::These(these) if these.is_empty()) {
            return text.into();
        }
        let mut places: Vec<(usize, usize)> = LOOPBACK.iter().flat_map(|host| places(text, host)).collect();
        places.sort_unstable();
        let (mut out, mut done) = (String::new(), 0);
        for (from, to) in places {
            let is_meant = match self {
                Self::All => true,
                Self::These(these) => these.iter().any(|port| port == &text[from..to]),
            };
            if is_meant && from >= done {
                out.push_str(&text[done..from]);
                out.push('*');
                done = to;
            }
        }
        if done == 0 { text.into() } else { (out + &text[done..]).into() }
    }
}

/// Where the digits behind this host are.
fn places<'t>(text: &'t str, host: &'static str) -> impl Iterator<Item = (usize, usize)> + 't {
    text.match_indices(host).filter_map(move |(at, _)| {
        let from = at + host.len();
        let digits = text[from..].bytes().take_while(u8::is_ascii_digit).count();
        (digits > 0).then_some((from, from + digits))
    })
}
