//! Preset to text: no comments, always the same order, only what differs from the defaults.

use std::fmt::Write as _;

use super::layout::{ENTRIES, Entry, Form, SECTIONS};
use super::{Placeholder, Preset, SecretRef, VERSION};
use crate::base::params::Params;
use crate::client::settings::{Settings, Slot};
use crate::terms::metadata::Endpoint;
use crate::terms::scope;

impl Preset {
    /// The file. Reading it gives the same preset.
    pub fn to_toml(&self) -> String {
        let mut top = Lines::default();
        top.put("version", VERSION);
        top.text("name", &self.name);
        top.text("documentation", &self.documentation);
        if !self.notes.is_empty() {
            top.0.push_str("notes = [\n");
            for note in &self.notes {
                let _ = writeln!(top.0, "  {},", quoted(note));
            }
            top.0.push_str("]\n");
        }
        let mut file = top.0;
        for placeholder in &self.placeholders {
            add_table(&mut file, &format!("placeholders.{}", key(&placeholder.id)), &of_placeholder(placeholder));
        }
        for section in SECTIONS {
            self.add_section(&mut file, section);
        }
        file
    }

    fn add_section(&self, file: &mut String, section: &str) {
        let mut lines = Lines::default();
        if section == "request" {
            lines.text("grant", &self.grant);
        }
        for entry in ENTRIES.iter().filter(|entry| entry.section == section) {
            lines.field(entry, &self.template);
            if entry.key == "client_id" {
                lines.secret("client_secret", &self.client_secret);
            }
        }
        if section == "server" {
            for endpoint in Endpoint::ALL {
                lines.text(endpoint.name(), self.template.server.endpoints.get(&endpoint).map_or("", String::as_str));
            }
        }
        add_table(file, section, &lines);
        match section {
            "request" => {
                add_table(file, "request.api_headers", &of_params(&self.template.request.api_headers));
                add_table(file, "request.extra", &of_params(&self.template.request.extra));
            }
            "token_request" => {
                add_table(file, "token_request.headers", &of_params(&self.template.token_request.headers));
                add_table(file, "token_request.extra", &of_params(&self.template.token_request.extra));
            }
            _ => {}
        }
    }
}

/// A table with nothing in it is left out.
fn add_table(file: &mut String, name: &str, lines: &Lines) {
    if !lines.0.is_empty() {
        let _ = write!(file, "\n[{name}]\n{}", lines.0);
    }
}

fn of_placeholder(placeholder: &Placeholder) -> Lines {
    let mut lines = Lines::default();
    lines.put("label", quoted(&placeholder.label));
    lines.text("example", &placeholder.example);
    lines.text("hint", &placeholder.hint);
    if let Some(default) = &placeholder.default {
        lines.put("default", quoted(default));
    }
    lines
}

fn of_params(params: &Params) -> Lines {
    let mut lines = Lines::default();
    let mut written = Vec::new();
    for (name, _) in params.iter() {
        if written.contains(&name) {
            continue;
        }
        written.push(name);
        let values: Vec<&str> = params.all(name).collect();
        match values.as_slice() {
            [one] => lines.put(name, quoted(one)),
            several => lines.put(name, array(several.iter().copied())),
        }
    }
    lines
}

fn array<'a>(values: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", values.map(quoted).collect::<Vec<_>>().join(", "))
}

/// `bare-key` or `"quoted key"`.
fn key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if is_bare { name.to_owned() } else { quoted(name) }
}

/// A basic string on one line.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out + "\""
}

/// `key = value` lines.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn put(&mut self, name: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{} = {value}", key(name));
    }

    /// An empty text is the same as an absent key.
    fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.put(name, quoted(text));
        }
    }

    fn field(&mut self, entry: &Entry, settings: &Settings) {
        let (mut settings, mut defaults) = (settings.clone(), Settings::default());
        match ((entry.field().slot)(&mut settings), (entry.field().slot)(&mut defaults)) {
            (Slot::Switch(value), Slot::Switch(default)) if value != default => self.put(entry.key, value),
            (Slot::Text(text), Slot::Text(default)) if text != default => self.typed(entry, text),
            _ => {}
        }
    }

    fn typed(&mut self, entry: &Entry, text: &str) {
        let is_number = || text.parse::<i64>().is_ok_and(|number| number.to_string() == text);
        match entry.form {
            Form::List => self.put(entry.key, array(scope::words(text))),
            Form::Number if is_number() => self.put(entry.key, text),
            _ => self.text(entry.key, text),
        }
    }

    fn secret(&mut self, name: &str, reference: &SecretRef) {
        match reference {
            SecretRef::Absent => {}
            SecretRef::Ask => self.put(name, quoted("ask")),
            SecretRef::Env(variable) => self.put(name, quoted(&format!("env:{variable}"))),
            SecretRef::Plain(plain) => self.put(name, format!("{{ plain = {} }}", quoted(plain.expose()))),
        }
    }
}
