//! Which rows a tree shows, and the words in them. No drawing.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Color32, TextStyle, Ui};

use crate::base::json::Json;
use crate::gui::language::t;
use crate::gui::theme::TokensExt as _;

/// A small document opens fully, up to this many rows.
const OPEN_AT_FIRST: usize = 60;
/// Letters of a value that are laid out at most.
const LETTERS: usize = 600;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    parent: usize,
    child: usize,
    depth: usize,
    open: bool,
}

/// The visible rows, top down. The first is the document itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rows(Vec<Row>);

/// What stands before a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Document,
    Member(String),
    Element(usize),
}

impl Label {
    pub fn name(&self) -> String {
        match self {
            Self::Document => "document".to_owned(),
            Self::Member(name) => name.clone(),
            Self::Element(index) => format!("[{index}]"),
        }
    }
}

impl Rows {
    pub fn new(json: &Json) -> Self {
        let mut rows = Self(vec![Row { parent: 0, child: 0, depth: 0, open: false }]);
        let mut at = 0;
        while at < rows.len() {
            let children = rows.value(json, at).map_or(0, children);
            if children > 0 && (at == 0 || rows.len() + children <= OPEN_AT_FIRST) {
                rows.toggle(json, at);
            }
            at += 1;
            if at > OPEN_AT_FIRST {
                break;
            }
        }
        rows
    }

    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether every row still leads somewhere in this document.
    pub fn fits(&self, json: &Json) -> bool {
        let opened = self.0.iter().enumerate().filter(|(_, row)| row.open);
        opened.take(OPEN_AT_FIRST).all(|(index, _)| self.value(json, index).is_some())
            && self.value(json, self.len() - 1).is_some()
    }

    pub fn depth(&self, index: usize) -> usize {
        self.0[index].depth
    }

    pub fn is_open(&self, index: usize) -> bool {
        self.0[index].open
    }

    pub fn parent(&self, index: usize) -> Option<usize> {
        (index > 0).then(|| self.0[index].parent)
    }

    pub fn value<'j>(&self, json: &'j Json, index: usize) -> Option<&'j Json> {
        if index == 0 {
            return Some(json);
        }
        let row = self.0.get(index)?;
        match self.value(json, row.parent)? {
            Json::Object(members) => members.get(row.child).map(|(_, value)| value),
            Json::Array(elements) => elements.get(row.child),
            _ => None,
        }
    }

    pub fn label(&self, json: &Json, index: usize) -> Label {
        let row = self.0[index];
        match (index, self.value(json, row.parent)) {
            (0, _) => Label::Document,
            (_, Some(Json::Object(members))) => {
                Label::Member(members.get(row.child).map_or_else(String::new, |(name, _)| name.clone()))
            }
            _ => Label::Element(row.child),
        }
    }

    /// Opens a closed row, closes an open one. A row without children stays as it is.
    pub fn toggle(&mut self, json: &Json, index: usize) {
        let Row { depth, open, .. } = self.0[index];
        let below = index + 1;
        if open {
            let end =
                self.0[below..].iter().position(|row| row.depth <= depth).map_or(self.len(), |count| below + count);
            self.0.drain(below..end);
            self.shift_parents(below, end - below, std::ops::Sub::sub);
        } else {
            let count = self.value(json, index).map_or(0, children);
            self.shift_parents(below, count, std::ops::Add::add);
            let row = |child| Row { parent: index, child, depth: depth + 1, open: false };
            self.0.splice(below..below, (0..count).map(row));
            if count == 0 {
                return;
            }
        }
        self.0[index].open = !open;
    }

    fn shift_parents(&mut self, from: usize, by: usize, shift: impl Fn(usize, usize) -> usize) {
        for row in self.0[from..].iter_mut().filter(|row| row.parent >= from) {
            row.parent = shift(row.parent, by);
        }
    }

    /// The names that lead to a member; `None` for the document and for what is in an array.
    pub fn names(&self, json: &Json, index: usize) -> Option<Vec<String>> {
        let mut names = match self.parent(index)? {
            0 => Vec::new(),
            parent => self.names(json, parent)?,
        };
        match self.label(json, index) {
            Label::Member(name) => names.push(name),
            _ => return None,
        }
        Some(names)
    }

    /// `keys[0].kid`, with names that are no words in brackets: `["a b"]`.
    pub fn path(&self, json: &Json, index: usize) -> String {
        let Some(parent) = self.parent(index) else { return "$".to_owned() };
        let before = if parent == 0 { String::new() } else { self.path(json, parent) };
        match self.label(json, index) {
            Label::Member(name) if is_word(&name) && before.is_empty() => name,
            Label::Member(name) if is_word(&name) => format!("{before}.{name}"),
            Label::Member(name) => format!("{before}[{}]", Json::String(name)),
            Label::Element(child) => format!("{before}[{child}]"),
            Label::Document => before,
        }
    }
}

fn is_word(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

fn children(json: &Json) -> usize {
    match json {
        Json::Object(members) => members.len(),
        Json::Array(elements) => elements.len(),
        _ => 0,
    }
}

/// What a copy of the value is: text without quotes, anything else as JSON.
pub(super) fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(_) | Json::Object(_) => value.pretty(),
        _ => value.to_string(),
    }
}

/// The value in one line: a scalar as it is, a container by its size.
fn summary(value: &Json, open: bool) -> String {
    let count = children(value);
    match value {
        Json::Object(_) if open => "{".to_owned(),
        Json::Array(_) if open => "[".to_owned(),
        Json::Object(_) if count == 0 => "{}".to_owned(),
        Json::Array(_) if count == 0 => "[]".to_owned(),
        Json::Object(_) => format!("{{ {} }}", members(count)),
        Json::Array(_) => format!("[ {} ]", elements(count)),
        Json::String(text) => Json::String(cut(text, LETTERS)).to_string(),
        _ => value.to_string(),
    }
}

/// `1 member`, `2 members`
pub fn members(count: usize) -> String {
    if count == 1 { t!("1 member").to_owned() } else { t!("{count} members", count) }
}

fn elements(count: usize) -> String {
    if count == 1 { t!("1 element").to_owned() } else { t!("{count} elements", count) }
}

/// The first letters of a text.
pub(super) fn cut(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What a screen reader says: `alg: "RS256"`.
pub(super) fn spoken(label: &Label, value: &Json) -> String {
    let value = match value {
        Json::Object(_) => t!("object, {members}", members = members(children(value))),
        Json::Array(_) => t!("array, {elements}", elements = elements(children(value))),
        _ => summary(value, false),
    };
    format!("{}: {value}", label.name())
}

/// A row's text in the colours of JSON, elided at `room`.
pub(super) fn job(ui: &Ui, label: &Label, value: &Json, open: bool, room: f32) -> LayoutJob {
    let tokens = ui.tokens();
    let font = TextStyle::Monospace.resolve(ui.style());
    let mut job = LayoutJob { wrap: TextWrapping::truncate_at_width(room), ..LayoutJob::default() };
    let mut add = |text: &str, color: Color32| job.append(text, 0.0, TextFormat::simple(font.clone(), color));
    match label {
        Label::Document => {}
        Label::Member(name) => {
            add(&cut(name, LETTERS), tokens.syntax_name);
            add(": ", tokens.syntax_punctuation);
        }
        Label::Element(index) => add(&format!("{index}: "), tokens.syntax_punctuation),
    }
    let color = match value {
        Json::String(_) => tokens.syntax_string,
        Json::Number(_) => tokens.syntax_number,
        Json::Null | Json::Bool(_) => tokens.syntax_literal,
        Json::Array(_) | Json::Object(_) => tokens.syntax_punctuation,
    };
    add(&summary(value, open), color);
    job
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Json {
        Json::parse_text(r#"{"keys":[{"kid":"a","n":1},{"kid":"b"}],"x y":{},"e":null}"#).expect("JSON")
    }

    fn paths(rows: &Rows, json: &Json) -> Vec<String> {
        (0..rows.len()).map(|index| rows.path(json, index)).collect()
    }

    #[test]
    fn a_small_document_opens_fully() {
        let json = document();
        let expected = ["$", "keys", "keys[0]", "keys[0].kid", "keys[0].n", "keys[1]", "keys[1].kid", "[\"x y\"]", "e"];
        assert_eq!(paths(&Rows::new(&json), &json), expected);
    }

    #[test]
    fn closing_and_opening_keeps_later_rows_right() {
        let json = document();
        let mut rows = Rows::new(&json);
        rows.toggle(&json, 2);
        assert_eq!(paths(&rows, &json), ["$", "keys", "keys[0]", "keys[1]", "keys[1].kid", "[\"x y\"]", "e"]);
        rows.toggle(&json, 2);
        assert_eq!(rows, Rows::new(&json));
        rows.toggle(&json, 0);
        assert_eq!(paths(&rows, &json), ["$"]);
        rows.toggle(&json, 0);
        assert_eq!(paths(&rows, &json), ["$", "keys", "[\"x y\"]", "e"]);
    }

    #[test]
    fn an_empty_container_does_not_open() {
        let json = document();
        let mut rows = Rows::new(&json);
        let before = rows.clone();
        rows.toggle(&json, 7);
        assert_eq!(rows, before);
    }

    #[test]
    fn rows_of_another_document_do_not_fit() {
        let rows = Rows::new(&document());
        assert!(rows.fits(&document()));
        assert!(!rows.fits(&Json::Null));
    }

    #[test]
    fn a_large_document_shows_its_first_level_only() {
        let json = Json::Array((0..100_000).map(|n| Json::Array(vec![Json::Number(n.to_string())])).collect());
        let rows = Rows::new(&json);
        assert_eq!(rows.len(), 100_001);
        assert_eq!(rows.path(&json, 100_000), "[99999]");
    }
}
