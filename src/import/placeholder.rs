//! What a document leaves open for its reader: `{yourDomain}`, `{{base}}`, `<tenant>`, `${env}`, `$TENANT`. It is kept as
//! it stands, and said that it has to be filled in.

use std::collections::HashMap;
use std::ops::Range;

use super::Filled;
use crate::base::secret::Secret;

/// Begins what stands for a placeholder while a text is read: letters that survive in a host and in a form.
const STEM: &str = "zqheldq";

/// Most placeholders of one text, and most letters of one.
const MOST: usize = 64;

/// So many settings are named in which one stands.
const NAMED: usize = 8;

/// What stands around a name, and whether it has spaces in it.
const ENCLOSED: [(&str, &str, bool); 4] = [("{{", "}}", true), ("${", "}", false), ("{", "}", false), ("<", ">", true)];

/// A text in whose addresses nothing stands that would be read as something else.
pub(super) struct Held {
    text: String,
    placeholders: Vec<String>,
}

impl Held {
    /// Takes out the placeholders of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut held = Self { text: String::with_capacity(text.len()), placeholders: Vec::new() };
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut done = 0;
        // A text that has the stem in it could not be put back as it was.
        let spans = if text.contains(STEM) { Vec::new() } else { spans(text) };
        for span in spans {
            let placeholder = &text[span.clone()];
            let count = numbers.len();
            let number = match numbers.get(placeholder) {
                Some(number) => *number,
                None if count == MOST => continue,
                None => {
                    numbers.insert(placeholder, count);
                    held.placeholders.push(placeholder.to_owned());
                    count
                }
            };
            held.text.push_str(&text[done..span.start]);
            held.text.push_str(&format!("{STEM}{number}z"));
            done = span.end;
        }
        held.text.push_str(&text[done..]);
        held
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Puts them back into what was read.
    pub(super) fn put_back(&self, mut filled: Filled) -> Filled {
        for (name, value) in &mut filled.values {
            *name = self.back(name);
            *value = Secret::new(self.back(value.expose()));
        }
        for text in [&mut filled.warnings, &mut filled.not_followed, &mut filled.notes].into_iter().flatten() {
            *text = self.back(text);
        }
        filled
    }

    fn back(&self, text: &str) -> String {
        let mut parts = text.split(STEM);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let known = part.split_once('z').and_then(|(number, rest)| Some((number.parse::<usize>().ok()?, rest)));
            match known.and_then(|(number, rest)| Some((self.placeholders.get(number)?, rest))) {
                Some((placeholder, rest)) => out.extend([placeholder.as_str(), rest]),
                None => out.extend([STEM, part]),
            }
        }
        out
    }
}

/// Says which placeholders have to be filled in, and where each stands. Of a secret only one that is nothing else is told.
pub(super) fn told(mut filled: Filled) -> Filled {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in filled.values.iter().filter(|(name, _)| !name.starts_with("api_body")) {
        let (value, is_hidden) = (value.expose(), Filled::hides(name, value.expose()));
        for span in spans(value).into_iter().chain(yours(value)).take(MOST) {
            if is_hidden && span != (0..value.len()) {
                continue;
            }
            let placeholder = &value[span];
            match found.iter().position(|(known, _)| known == placeholder) {
                Some(at) if found[at].1.contains(name) => {}
                Some(at) => found[at].1.push(name.clone()),
                None if found.len() == MOST => {}
                None => found.push((placeholder.to_owned(), vec![name.clone()])),
            }
        }
    }
    for (placeholder, names) in found {
        let more = names.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let names = names[..names.len().min(NAMED)].join(", ");
        filled.note(format!("{placeholder} stands for a value of your own: fill it in ({names}{more})."));
    }
    filled
}

/// Where placeholders stand, in order.
fn spans(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find(['{', '<', '$']) {
        let start = at + found;
        match length(&text[start..]) {
            Some(length) => {
                spans.push(start..start + length);
                at = start + length;
            }
            None => at = start + 1,
        }
    }
    spans
}

/// How long the placeholder is that a text begins with.
fn length(text: &str) -> Option<usize> {
    ENCLOSED
        .iter()
        .find_map(|(open, close, spaces)| {
            let inner = text.strip_prefix(open)?;
            let is_inside = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c) || (*spaces && c == ' ');
            let end = inner.find(|c| !is_inside(c))?;
            let begins_well = inner.starts_with(|c: char| c.is_ascii_alphabetic());
            (begins_well && end <= MOST && inner[end..].starts_with(close)).then_some(open.len() + end + close.len())
        })
        .or_else(|| variable(text))
}

/// A variable of a shell, as documents name it.
fn variable(text: &str) -> Option<usize> {
    let is_of_shell = |name: &str| name.get(..4).is_some_and(|scope| scope.eq_ignore_ascii_case("env:"));
    let name = text.strip_prefix('$')?;
    if is_of_shell(name) {
        let end = name[4..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len() - 4);
        return (1..=MOST).contains(&end).then_some(5 + end);
    }
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let end = name.find(|c| !is_part(c)).unwrap_or(name.len());
    let is_variable = name.starts_with(|c: char| c.is_ascii_uppercase()) && (2..=MOST).contains(&end);
    (is_variable && !name[end..].starts_with(|c: char| c.is_ascii_lowercase())).then_some(1 + end)
}

/// `YOUR_CLIENT_ID`, as documents write what is nobody's.
fn yours(text: &str) -> Vec<Range<usize>> {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let (mut spans, mut at) = (Vec::new(), 0);
    while let Some(found) = text[at..].find("YOUR_") {
        let start = at + found;
        at = start + text[start..].find(|c| !is_part(c)).unwrap_or(text.len() - start);
        if at - start <= MOST {
            spans.push(start..at);
        }
    }
    spans
}
