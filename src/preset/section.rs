//! A table of the file, read key by key, so that what is left in the end is known to be unknown.

use std::borrow::Cow;
use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::read::{Place, PresetError};
use crate::base::params::Params;

/// The place of a byte of the source.
pub(super) fn place(text: &str, at: usize) -> Place {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}

/// A value and where it stands.
pub(super) type Value<'a> = &'a Spanned<DeValue<'a>>;

/// A table whose keys are taken one by one; what is left in the end is unknown.
pub(super) struct Section<'a> {
    source: &'a str,
    name: String,
    /// By key: where it begins in the source, and its value.
    entries: BTreeMap<Cow<'a, str>, (usize, Value<'a>)>,
}

/// A key that nobody took: where it begins in the source, and its name with its section.
pub(super) type Unknown = (usize, String);

impl<'a> Section<'a> {
    pub fn new(source: &'a str, name: String, table: &'a DeTable<'a>) -> Self {
        let entry = |(key, value): (&Spanned<DeString<'a>>, _)| (key.get_ref().clone(), (key.span().start, value));
        let entries = table.iter().map(entry).collect();
        Self { source, name, entries }
    }

    /// A table that is the value of a key here.
    pub fn inside(&self, key: &str, table: &'a DeTable<'a>) -> Self {
        Self::new(self.source, self.path(key), table)
    }

    /// Key and value, in the order of the file.
    fn in_order(&self) -> Vec<(&str, Value<'a>)> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by_key(|(_, (start, _))| *start);
        entries.into_iter().map(|(key, (_, value))| (key.as_ref(), *value)).collect()
    }

    pub fn keys(&self) -> Vec<String> {
        self.in_order().into_iter().map(|(key, _)| key.to_owned()).collect()
    }

    pub fn take(&mut self, key: &str) -> Option<Value<'a>> {
        self.entries.remove(key).map(|(_, value)| value)
    }

    pub fn finish(self, unknown: &mut Vec<Unknown>) {
        unknown.extend(self.entries.iter().map(|(key, (start, _))| (*start, self.path(key))));
    }

    pub fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    pub fn place(&self, value: Value<'_>) -> Place {
        place(self.source, value.span().start)
    }

    pub fn wrong_type(&self, key: &str, value: Value<'_>, expected: &'static str) -> PresetError {
        let found = value.get_ref().type_str();
        PresetError::WrongType { place: self.place(value), key: self.path(key), expected, found }
    }

    fn string(&self, key: &str, value: Value<'_>, expected: &'static str) -> Result<String, PresetError> {
        value.get_ref().as_str().map(str::to_owned).ok_or_else(|| self.wrong_type(key, value, expected))
    }

    pub fn optional_text(&mut self, key: &str) -> Result<Option<String>, PresetError> {
        self.take(key).map(|value| self.string(key, value, "a string")).transpose()
    }

    /// An empty string is the same as an absent key.
    pub fn text(&mut self, key: &str) -> Result<String, PresetError> {
        Ok(self.optional_text(key)?.unwrap_or_default())
    }

    pub fn number(&mut self, key: &str) -> Result<String, PresetError> {
        let Some(value) = self.take(key) else { return Ok(String::new()) };
        match value.get_ref() {
            DeValue::Integer(digits) => Ok(digits.to_string()),
            _ => self.string(key, value, "a whole number"),
        }
    }

    pub fn switch(&mut self, key: &str) -> Result<Option<bool>, PresetError> {
        let Some(value) = self.take(key) else { return Ok(None) };
        value.get_ref().as_bool().map(Some).ok_or_else(|| self.wrong_type(key, value, "true or false"))
    }

    pub fn list(&mut self, key: &str) -> Result<Vec<String>, PresetError> {
        let Some(value) = self.take(key) else { return Ok(Vec::new()) };
        self.strings(key, value, "an array of strings")
    }

    fn strings(&self, key: &str, value: Value<'a>, expected: &'static str) -> Result<Vec<String>, PresetError> {
        let array = value.get_ref().as_array().ok_or_else(|| self.wrong_type(key, value, expected))?;
        array.iter().map(|element| self.string(key, element, expected)).collect()
    }

    pub fn section(&mut self, key: &str) -> Result<Option<Self>, PresetError> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let table = value.get_ref().as_table().ok_or_else(|| self.wrong_type(key, value, "a table"))?;
        Ok(Some(self.inside(key, table)))
    }

    pub fn params(&mut self, key: &str) -> Result<Params, PresetError> {
        let Some(section) = self.section(key)? else { return Ok(Params::new()) };
        let mut params = Params::new();
        for (name, value) in section.in_order() {
            let values = match value.get_ref() {
                DeValue::String(text) => vec![text.clone().into_owned()],
                _ => section.strings(name, value, "a string or an array of strings")?,
            };
            params.0.extend(values.into_iter().map(|value| (name.to_owned(), value)));
        }
        Ok(params)
    }

    pub fn headers(&mut self, key: &str) -> Result<Params, PresetError> {
        let Some(section) = self.section(key)? else { return Ok(Params::new()) };
        let read = |(name, value): (&str, Value<'a>)| Ok((name.to_owned(), section.string(name, value, "a string")?));
        section.in_order().into_iter().map(read).collect::<Result<_, _>>().map(Params)
    }
}
