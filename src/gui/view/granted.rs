//! What an access token was asked for beside what was granted: permissions element by element (RFC 9396), the services
//! that it is for (RFC 8707) and single claims (OIDC Core section 5.5).

use egui::Ui;

use super::explained;
use super::verdicts::judged;
use crate::base::check::{Check, Verdict};
use crate::base::json::Json;
use crate::base::text::{elided, visible};
use crate::client::asked::details::{Change, Element, compare, fault};
use crate::client::rules::rar::DELIVERED;
use crate::client::rules::target::RESTRICTED;
use crate::flow::Flow;
use crate::flow::session::Tokens;
use crate::gui::language::{saw, t};
use crate::gui::widgets::{Claim, Judged, Tone, claims_table};
use crate::jose::jwt::decode;

/// Letters of a value that a row shows.
const LETTERS: usize = 80;

/// The rows of these tokens; nothing where nothing of the kind was asked for.
pub fn show(ui: &mut Ui, flow: &Flow, tokens: &Tokens) {
    let mut rows = of_details(tokens);
    rows.extend(of_resource(flow, tokens));
    rows.extend(of_claims(flow));
    if !rows.is_empty() {
        claims_table(ui, t!("asked and granted of access_token"), rows.len(), |at| rows[at].clone(), None);
    }
}

fn of_details(tokens: &Tokens) -> Vec<Claim> {
    let asked = tokens.asked.authorization_details.as_deref().and_then(|asked| Json::parse_text(asked).ok());
    let Some(asked) = asked.filter(|asked| fault(asked).is_none()) else { return Vec::new() };
    match &tokens.response.authorization_details {
        Some(granted) if fault(granted).is_none() => compare(&asked, granted).iter().flat_map(of_element).collect(),
        other => {
            let value = other.as_ref().map_or_else(|| t!("absent").to_owned(), short);
            vec![row("authorization_details", value, Tone::Error, t!("failed"), asked_for(&cut(&asked)))]
        }
    }
}

/// The element itself, and under it what of it differs.
fn of_element(element: &Element) -> Vec<Claim> {
    let value = element.granted.as_ref().map_or_else(|| t!("not granted").to_owned(), short);
    let (tone, word, why) = match (&element.asked, &element.granted) {
        (None, _) => (Tone::Warn, t!("beyond"), t!("nobody asked for it")),
        (_, None) => (Tone::Note, t!("less"), t!("it was asked for")),
        _ if element.is_beyond() => (Tone::Warn, t!("beyond"), t!("more or something else than was asked for")),
        _ if element.differences.is_empty() => (Tone::Ok, t!("passed"), t!("as asked")),
        _ => (Tone::Note, t!("otherwise"), t!("less, or with additions")),
    };
    let mut rows = vec![row(&element.kind, value, tone, word, why.to_owned())];
    rows.extend(element.differences.iter().map(|difference| {
        let (tone, word) = of_change(difference.change);
        let value = difference.granted.clone().unwrap_or_else(|| t!("absent").to_owned());
        let why = difference.asked.as_deref().map_or_else(|| t!("nobody asked for it").to_owned(), asked_for);
        row(&format!("  {}", difference.place), value, tone, word, why)
    }));
    rows
}

fn of_change(change: Change) -> (Tone, &'static str) {
    match change {
        Change::Added => (Tone::Note, t!("added")),
        Change::LeftOut => (Tone::Note, t!("left out")),
        Change::Narrower => (Tone::Note, t!("narrower")),
        Change::Another => (Tone::Warn, t!("changed")),
        Change::Wider => (Tone::Warn, t!("wider")),
    }
}

fn of_resource(flow: &Flow, tokens: &Tokens) -> Option<Claim> {
    let asked = &tokens.asked.resource;
    if asked.is_empty() {
        return None;
    }
    let check = last(flow, |check| check.rule == &RESTRICTED);
    let token = tokens.response.access_token.as_ref().map(|token| decode(token.expose()));
    let aud = token.and_then(|token| token.claim("aud").map(|aud| aud.strings().join(" ")));
    let value = aud.map_or_else(|| t!("absent").to_owned(), |aud| visible(&elided(&aud, LETTERS)).into_owned());
    let why = asked_for(&visible(&elided(&asked.join(" "), LETTERS)));
    let judged = Judged { why, ..judged(check) };
    Some(Claim {
        name: "aud".to_owned(),
        value,
        judged: Some(judged),
        explained: explained::claim("aud"),
        ..Claim::default()
    })
}

/// One row for each place where claims were asked for.
fn of_claims(flow: &Flow) -> Vec<Claim> {
    let checks = flow.trace.exchanges.iter().flat_map(|exchange| &exchange.checks);
    let row = |check: &Check| Claim {
        name: "claims".to_owned(),
        value: saw(check).into_owned(),
        judged: Some(Judged { why: String::new(), ..judged(Some(check)) }),
        ..Claim::default()
    };
    checks.filter(|check| check.rule == &DELIVERED).map(row).collect()
}

/// The last verdict, which yields to an earlier one where it could not be judged.
fn last(flow: &Flow, is_it: impl Fn(&&Check) -> bool) -> Option<&Check> {
    let checks: Vec<&Check> = flow.trace.exchanges.iter().flat_map(|exchange| &exchange.checks).filter(is_it).collect();
    checks.iter().rev().find(|check| check.verdict != Verdict::Skipped).or(checks.last()).copied()
}

fn row(name: &str, value: String, tone: Tone, word: &'static str, why: String) -> Claim {
    let judged = Some(Judged { tone, word, rule: "", why });
    Claim { name: name.to_owned(), value, judged, explained: explained::claim(name), ..Claim::default() }
}

fn asked_for(asked: &str) -> String {
    t!("asked for {asked}", asked = breakable(asked))
}

/// JSON has no place where a line may end.
fn breakable(json: &str) -> String {
    json.replace(',', ", ").replace("\":", "\": ")
}

fn short(value: &Json) -> String {
    breakable(&cut(value))
}

fn cut(value: &Json) -> String {
    visible(&elided(&value.to_string(), LETTERS)).into_owned()
}
