//! What header and payload hold: JSON objects, each name once, no hidden characters.

use super::{Form, Part, Within};
use crate::base::check::{Check, Level, Rule};
use crate::base::json::Json;
use crate::base::spec::Spec;
use crate::base::text::{elided_between_words, visible, visible_lines};

pub(super) static HEADER_JSON: Rule = Rule {
    id: "jwt.header_json",
    title: "the header is a JSON object in UTF-8",
    why: "Without a header nobody can know how the token is protected.",
    fix: "Copy the whole token: a header nearly always starts with eyJ.",
    level: Level::Must,
    spec: Spec::new("RFC 7515", "4"),
    rejects: None,
};

pub(super) static CLAIMS_JSON: Rule = Rule {
    id: "jwt.claims_json",
    title: "the payload is a JSON object in UTF-8",
    why: "A JWS may carry any bytes, but a JWT carries claims.",
    fix: "Encode the claims as one JSON object in UTF-8, without a byte order mark.",
    level: Level::Must,
    spec: Spec::new("RFC 7519", "7.2"),
    rejects: None,
};

pub(super) static DUPLICATE_MEMBER: Rule = Rule {
    id: "jwt.duplicate_member",
    title: "every header member and every claim occurs once",
    why: "Some readers take the first of two, others the last; one checks what the other does not use.",
    fix: "Refuse such a token, and correct the program that writes it.",
    level: Level::Must,
    spec: Spec::new("RFC 7519", "4"),
    rejects: None,
};

pub(super) static HIDDEN_CHARACTERS: Rule = Rule {
    id: "jwt.hidden_characters",
    title: "no control, bidirectional or invisible characters",
    why: "They make a value look like another one to people, and can break logs and terminals.",
    fix: "Remove them at the source; show them as escapes.",
    level: Level::Advice,
    spec: Spec::new("RFC 8725", "3.10"),
    rejects: None,
};

/// Judges the first part.
pub(super) fn header_json(part: &Part) -> Check {
    HEADER_JSON.holds(part.object().is_some(), "a JSON object", described(part, "header members"))
}

/// Judges the payload. One that is another token has no claims of its own, and one that is not there cannot be judged.
pub(super) fn claims_json(part: &Part, header: Option<&Json>, nested: Option<&Within>) -> Check {
    match nested.map(|nested| nested.token.form) {
        Some(Form::Opaque) => return CLAIMS_JSON.broken("a JWT, as cty says", described(part, "claims")),
        // RFC 7519 section 5.2: cty has to be there then, or a reader does not look inside.
        Some(_) if !says_jwt(header) => {
            return CLAIMS_JSON
                .warn("cty JWT", "the payload is another token, judged as what is inside, and no cty says so");
        }
        Some(_) => return CLAIMS_JSON.skipped("the payload is another token, judged as what is inside"),
        None => {}
    }
    if part.text.is_empty() {
        let unencoded = header.and_then(|header| header.get("b64")?.as_bool()) == Some(false);
        let how = if unencoded { ", and unencoded (b64 false)" } else { "" };
        let saw = format!("nothing: the payload travels apart{how} (RFC 7515 appendix F), which is no JWT");
        return CLAIMS_JSON.broken("a JSON object", saw);
    }
    CLAIMS_JSON.holds(part.object().is_some(), "a JSON object", described(part, "claims"))
}

fn says_jwt(header: Option<&Json>) -> bool {
    header.and_then(|header| header.text("cty")).is_some_and(|cty| cty.eq_ignore_ascii_case("JWT"))
}

/// Judges what holds for header and claims alike.
pub(super) fn both(header: Option<&Json>, claims: Option<&Json>) -> [Check; 2] {
    [duplicate_member(header, claims), hidden_characters(header, claims)]
}

fn described(part: &Part, members: &str) -> String {
    match (&part.json, &part.problem) {
        _ if part.text.is_empty() => "it is empty".to_owned(),
        (Some(Json::Object(all)), _) => format!("{} {members}", all.len()),
        (Some(other), _) => format!("it is of type {}", other.kind()),
        (None, Some(problem)) => problem.clone(),
        (None, None) => "it cannot be decoded".to_owned(),
    }
}

fn duplicate_member(header: Option<&Json>, claims: Option<&Json>) -> Check {
    let mut found = Found::default();
    for (place, json) in [("header", header), ("claims", claims)] {
        let Some(json) = json else { continue };
        for path in json.duplicates() {
            found.add(|| format!("{place} {}", with_values(json, &path)));
        }
    }
    DUPLICATE_MEMBER.holds(found.count == 0, "each name once", found.listed())
}

/// `alg: "none" and "HS256"`; nested members by their path alone.
fn with_values(json: &Json, path: &str) -> String {
    let values = json.members().iter().filter(|(name, _)| name == path);
    let texts: Vec<String> =
        values.map(|(_, value)| elided_between_words(&visible(&value.to_string()), 60).into_owned()).take(4).collect();
    if texts.is_empty() { visible(path).into_owned() } else { format!("{}: {}", visible(path), texts.join(" and ")) }
}

fn hidden_characters(header: Option<&Json>, claims: Option<&Json>) -> Check {
    let mut found = Found::default();
    for (place, json) in [("header", header), ("claims", claims)] {
        if let Some(json) = json {
            hidden(json, &[place], &mut found);
        }
    }
    HIDDEN_CHARACTERS.holds(found.count == 0, "visible text", found.listed())
}

/// Line breaks and tabs are let pass: an address has them.
fn hidden(json: &Json, path: &[&str], found: &mut Found) {
    let shown =
        || path.iter().map(|name| elided_between_words(&visible(name), 60).into_owned()).collect::<Vec<_>>().join(".");
    if let Some(text) = json.as_str().filter(|text| visible_lines(text) != *text) {
        found.add(|| format!("{}: {}", shown(), elided_between_words(&visible(text), 60)));
    }
    for (name, value) in json.members() {
        if visible(name) != *name {
            found.add(|| format!("{}, the name {}", shown(), elided_between_words(&visible(name), 60)));
        }
        hidden(value, &[path, &[name]].concat(), found);
    }
    for value in json.elements() {
        hidden(value, path, found);
    }
}

/// Most findings of one kind that are told, so that a hostile token neither fills the screen nor the memory.
const TOLD: usize = 10;

/// What was found, as far as it is told.
#[derive(Default)]
struct Found {
    told: Vec<String>,
    count: usize,
}

impl Found {
    fn add(&mut self, say: impl FnOnce() -> String) {
        if self.told.len() < TOLD {
            self.told.push(say());
        }
        self.count += 1;
    }

    fn listed(&self) -> String {
        match self.count {
            0 => "none".to_owned(),
            1..=TOLD => self.told.join("; "),
            count => format!("{}; and {} more", self.told.join("; "), count - TOLD),
        }
    }
}
