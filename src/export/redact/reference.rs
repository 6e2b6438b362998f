//! Secrets by their names in URLs and forms, as they are written (RFC 3986, `application/x-www-form-urlencoded`).

use super::lines::is_bearer;
use super::named::named;
use super::written::is_random;
use super::{MARK, Range, Redactor, UNNAMED, is_placeholder, shape, view, wrapped};
use crate::base::params::Params;
use crate::terms::credential::{self, PROMISED, is_code_of_error, is_credential, promises};

/// Where a value is written, and the name of it.
type Place = (usize, usize, &'static str);

/// A value with its plus signs and percent signs read.
pub(super) fn decoded(written: &str) -> String {
    // A sign in front, so that neither `=` nor `&` has a meaning.
    let escaped = written.replace('&', "%26");
    let pairs = Params::parse(format!("={escaped}").as_bytes());
    pairs.iter().next().map_or_else(String::new, |(_, value)| value.to_owned())
}

/// Whether the challenge is the verifier itself (RFC 7636 section 4.2), which is what is meant when no method is named.
pub(super) fn has_plain_challenge(params: &Params) -> bool {
    params.contains("code_challenge") && params.get("code_challenge_method").is_none_or(|method| method == "plain")
}

/// The name of a secret parameter, as the specifications spell it.
pub(super) fn secret_param(name: &str, has_plain_challenge: bool) -> Option<&'static str> {
    credential::canonical(name).or((has_plain_challenge && name == "code_challenge").then_some("code_verifier"))
}

/// How often a URL may stand in the query of another.
const DEPTH: usize = 2;

fn places(text: &str) -> Vec<Place> {
    places_within(text, DEPTH)
}

/// In query and fragment; in all of it when there is neither.
fn places_within(text: &str, depth: usize) -> Vec<Place> {
    let fragment = text.find('#');
    let before = &text[..fragment.unwrap_or(text.len())];
    let query = before.find('?');
    let mut found = Vec::new();
    found.extend(in_path(&before[..query.unwrap_or(before.len())]));
    if let Some(at) = query {
        found.extend(in_pairs(text, at + 1, before.len(), depth));
    }
    if let Some(at) = fragment {
        found.extend(in_pairs(text, at + 1, text.len(), depth));
    }
    if query.is_none() && fragment.is_none() && !text.contains("://") {
        found.extend(in_pairs(text, 0, text.len(), depth));
    }
    found
}

/// Parameters of the segments of a path (RFC 3986 section 3.3): `/account;jsessionid=x`. And a random segment behind
/// one that names it: `/reset-token/x`.
fn in_path(path: &str) -> Vec<Place> {
    let (mut found, mut at, mut before) = (Vec::new(), 0, "");
    for segment in path.split('/') {
        let name = credential::canonical_or_promised(before)
            .filter(|_| is_random(segment.as_bytes()) && !segment.contains(MARK));
        found.extend(name.map(|name| (at, at + segment.len(), name)));
        before = segment;
        let mut piece_at = at;
        for (index, piece) in segment.split(';').enumerate() {
            // A form goes on.
            let pair = piece.split('&').next().and_then(|piece| piece.split_once('='));
            let pair = pair.filter(|(_, value)| index > 0 && !value.is_empty());
            if let Some((name, value)) = pair.filter(|(name, _)| promises(name) || is_credential(name)) {
                let from = piece_at + name.len() + 1;
                found.push((from, from + value.len(), credential::canonical(name).unwrap_or(UNNAMED)));
            }
            piece_at += piece.len() + 1;
        }
        at += segment.len() + 1;
    }
    found
}

fn in_pairs(text: &str, from: usize, to: usize, depth: usize) -> Vec<Place> {
    let params = Params::parse(&text.as_bytes()[from..to]);
    let is_plain = has_plain_challenge(&params);
    let has_error = params.contains("error") || is_of_errors(&text[..from]);
    let (mut found, mut at) = (Vec::new(), from);
    for piece in text[from..to].split('&') {
        if let Some((written, value)) = piece.split_once('=').filter(|(_, value)| !value.is_empty()) {
            // The fragment of an application may have a path: `#/callback?code=..`.
            let name = decoded(written);
            let name = name.rsplit(['?', '#', '/']).next().unwrap_or_default();
            let value_at = at + written.len() + 1;
            match secret_param(name, is_plain) {
                Some(_) if has_error && is_code_of_error(name, value) => {}
                Some(name) => found.push((value_at, value_at + value.len(), name)),
                None if shape::is_opaque(name, &decoded(value)) && shape::tokens(value).is_empty() => {
                    found.push((value_at, value_at + value.len(), UNNAMED));
                }
                None if shape::password_under(name, &decoded(value)).is_some() => {
                    let from = value.find(':').map(|at| at + 1).or(value.find("%3").map(|at| at + 3)).unwrap_or(0);
                    found.push((value_at + from, value_at + value.len(), "password"));
                }
                None if depth > 0 => {
                    let inner = nested(value, depth - 1).into_iter();
                    found.extend(inner.map(|(from, to, name)| (value_at + from, value_at + to, name)));
                }
                None => {}
            }
        }
        at += piece.len() + 1;
    }
    found
}

/// Whether a query stands behind the address of a page about errors: `https://login.example/error?code=7000215`.
fn is_of_errors(before: &str) -> bool {
    let path = before.trim_end_matches('?');
    path.len() < before.len() && path.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case("error"))
}

/// `next=/callback?code=..`, encoded or not: a URL in the query of another. Or a form, or JSON.
fn nested(value: &str, depth: usize) -> Vec<Place> {
    if let Some(name) = encoded(value) {
        return vec![(0, value.len(), name)];
    }
    if !value.contains(['?', '#', '%', '=', '"']) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for view in view::views(value.as_bytes()) {
        let Ok(text) = std::str::from_utf8(&view.bytes) else { continue };
        if text.contains(['?', '#']) {
            found.extend(places_within(text, depth).into_iter().map(|(from, to, name)| {
                let (from, to) = view.written(from, to);
                (from, to, name)
            }));
        }
    }
    if found.is_empty() {
        found = named(value).into_iter().map(|it| (it.from, it.to, it.name)).collect();
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The first credential that JSON or a form in base64 names, as some put into `state`.
fn encoded(value: &str) -> Option<&'static str> {
    let value = decoded(value);
    let inner = wrapped::text(&value).or_else(|| wrapped::unpacked(&value))?;
    named(&inner).first().map(|it| it.name)
}

/// `https://me:password@as.example`: where passwords stand.
pub(super) fn passwords(text: &str) -> Vec<(usize, usize)> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '<' | '>' | '"' | '\'' | '\\');
    let authority = |at: usize| &text[at..at + text[at..].find(ends).unwrap_or(text.len() - at)];
    let password = |(at, sign): (usize, &str)| {
        let from = at + sign.len();
        let (user, _) = authority(from).rsplit_once('@')?;
        let (name, password) = user.split_once(':').unwrap_or((user, ""));
        // Some take a token for the user (`https://x@git.example`).
        match password.is_empty() {
            true => shape::is_opaque("", name).then_some((from, from + name.len())),
            false => (!is_placeholder(password)).then_some((from + name.len() + 1, from + user.len())),
        }
    };
    text.match_indices("://").filter_map(password).collect()
}

/// In a header field: in URLs among other things; where there is none, in parameters.
fn in_field(value: &str) -> Vec<Place> {
    let is_url = |text: &str| text.contains(['?', '#']) || text.contains("://");
    let is_end = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | ';' | ',');
    if !value.contains(|c: char| c.is_whitespace() || c == '<') && is_url(value) {
        return places(value);
    }
    let (mut found, mut at) = (Vec::new(), 0);
    let mut has_url = false;
    for piece in value.split_inclusive(is_end) {
        let text = piece.trim_end_matches(is_end);
        if is_url(text) {
            has_url = true;
            found.extend(places(text).into_iter().map(|(from, to, name)| (at + from, at + to, name)));
        }
        at += piece.len();
    }
    if has_url { found } else { named(value).into_iter().map(|it| (it.from, it.to, it.name)).collect() }
}

/// `Negotiate x` in a list of challenges.
fn schemes(value: &str) -> Vec<Place> {
    let mut at = 0;
    let place = |part: &str| {
        let (from, to) = (at + part.len() - part.trim_start().len(), at + part.trim_end().len());
        at += part.len() + 1;
        let scheme = part.trim().find(' ').filter(|_| is_bearer(part))?;
        Some((from + scheme + 1, to, UNNAMED))
    };
    value.split(',').filter_map(place).collect()
}

impl Redactor {
    /// A URL or a form without secrets, as it is written.
    pub fn reference(&self, text: &str) -> String {
        let mut places = places(text);
        places.retain(|(_, _, name)| !self.leaves(name));
        let ranges = self.ranges(text, places);
        self.hide(text, ranges)
    }

    /// `a=1&code=x` as it is written, with the values of secret names replaced.
    pub(super) fn pairs(&self, text: &str) -> String {
        let ranges = self.ranges(text, in_pairs(text, 0, text.len(), DEPTH));
        self.hide(text, ranges)
    }

    /// A header field without what is secret by a name in it.
    pub(super) fn field(&self, value: &str) -> String {
        if self.holds_encoded(value) {
            return self.placeholder(UNNAMED, value, true);
        }
        let mut places = in_field(value);
        places.extend(schemes(value));
        places.retain(|(_, _, name)| !self.leaves(name));
        let ranges = self.ranges(value, places);
        self.hide(value, ranges)
    }

    /// What may be a URL or a form, and is no running text.
    pub(super) fn text_or_reference(&self, text: &str) -> String {
        let is_one = !text.contains(char::is_whitespace) && (text.contains('=') || text.contains("://"));
        match is_one {
            // A dump of a program: `"access_token"=>"x"`.
            _ if text.contains("=>") => self.dump(text),
            true => self.reference(text),
            // A form that is encoded as a whole.
            false if text.contains('%') => self.dump(text),
            false => self.text(text),
        }
    }

    fn dump(&self, text: &str) -> String {
        let ranges = named(text).iter().filter_map(|value| self.in_text(text, value)).collect();
        self.hide(text, ranges)
    }

    fn ranges(&self, text: &str, places: Vec<Place>) -> Vec<Range> {
        let range = |(from, to, name): Place| {
            let written = &text[from..to];
            let kept = self.kept_of(name, written);
            if is_placeholder(&written[kept..]) {
                return None;
            }
            // What is in it is known from then on.
            self.holds_encoded(&decoded(written));
            let range = self.named_range(text, from, to, name);
            Some(Range { kept, ..range })
        };
        debug_assert!(
            places.iter().all(
                |(_, _, name)| [UNNAMED, "authorization", "cookie", PROMISED].contains(name) || is_credential(name)
            ),
            "only credentials are hidden"
        );
        places.into_iter().filter_map(range).collect()
    }
}
