//! The server's metadata, grouped by purpose: value, meaning, and the worst check that concerns it.

use egui::{Label, Rect, ScrollArea, TextEdit, TextStyle, Ui, UiBuilder, vec2};

use super::{about_server, cell, check_at, chip, flow, heading, panel, places, rule, short, show_check, title};
use crate::base::check::{Check, Verdict};
use crate::base::json::Json;
use crate::base::text::{counted, visible};
use crate::client::endpoint::discovery::is_about;
use crate::gui::command::Command;
use crate::gui::language::{said, t};
use crate::gui::masking;
use crate::gui::model::{Model, ServerAct};
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::view::{Commands, explained};
use crate::gui::widgets::explained as widget;
use crate::gui::widgets::{Button, EmptyState, IconButton, JsonTree, Tone, badge, copy, members};
use crate::terms::glossary;

const ROW: f32 = 26.0;
/// Letters of a value that are laid out; the rest is in the copy.
const LETTERS: usize = 400;

/// Why a member is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Endpoints,
    Proof,
    Signing,
    Insists,
    Rest,
}

impl Purpose {
    const ALL: [Self; 5] = [Self::Endpoints, Self::Proof, Self::Signing, Self::Insists, Self::Rest];

    fn title(self) -> &'static str {
        match self {
            Self::Endpoints => t!("Endpoints"),
            Self::Proof => t!("Proof of the client"),
            Self::Signing => t!("Signing"),
            Self::Insists => t!("What it insists on"),
            Self::Rest => t!("The rest"),
        }
    }

    fn of(name: &str) -> Self {
        let group = glossary::metadata(name).map_or("", |entry| entry.group.as_str());
        match (name, group) {
            (name, _) if name.starts_with("require_") => Self::Insists,
            ("authorization_response_iss_parameter_supported", _) => Self::Insists,
            ("tls_client_certificate_bound_access_tokens", _) => Self::Insists,
            ("code_challenge_methods_supported", _) | (_, "Client authentication") => Self::Proof,
            (_, "Endpoints") => Self::Endpoints,
            (_, "Signing and encryption") => Self::Signing,
            (name, "") if name.ends_with("_endpoint") => Self::Endpoints,
            (name, "") if name.ends_with("_alg_values_supported") => Self::Signing,
            _ => Self::Rest,
        }
    }
}

/// A row of the table.
enum Line<'a> {
    Head(Purpose),
    Member(&'a str, &'a Json),
}

/// The card.
pub fn show(ui: &mut Ui, room: Rect, model: &Model, out: &mut Commands) {
    panel(ui, "metadata", room, |ui| {
        let Some(metadata) = &flow(model).session.metadata else {
            EmptyState::new(icons::FILE_TEXT, t!("No metadata"))
                .text(t!("No address brought a document. Check the issuer, or switch discovery off and fill in the endpoints."))
                .show(ui);
            return;
        };
        head(ui, model, metadata.json.members().len(), out);
        if model.server.as_json {
            tree(ui, &metadata.json);
            return;
        }
        let lines = lines(&metadata.json, &model.server.search);
        if lines.is_empty() {
            EmptyState::new(icons::MAGNIFYING_GLASS, t!("Nothing found"))
                .text(t!("No member has these letters."))
                .show(ui);
            return;
        }
        ScrollArea::vertical().id_salt("members").auto_shrink(false).show_rows(ui, ROW, lines.len(), |ui, range| {
            for line in &lines[range] {
                let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
                rule(ui, rect);
                match line {
                    Line::Head(purpose) => group(ui, rect, *purpose),
                    Line::Member(name, value) => drop(ui.push_id(name, |ui| member(ui, rect, model, name, value, out))),
                }
            }
        });
    });
}

fn head(ui: &mut Ui, model: &Model, count: usize, out: &mut Commands) {
    let mut typed = model.server.search.clone();
    title(
        ui,
        42.0,
        |ui| {
            heading(ui, t!("Metadata"));
            ui.label(text::dim(members(count)));
        },
        |ui| {
            if !model.server.as_json && search(ui, &mut typed) {
                out.push(Command::Server(ServerAct::Search(typed)));
            }
            let label = if model.server.as_json { t!("Table") } else { "JSON" };
            if ui.add(Button::secondary(label).small()).clicked() {
                out.push(Command::Server(ServerAct::AsJson(!model.server.as_json)));
            }
        },
    );
}

fn search(ui: &mut Ui, typed: &mut String) -> bool {
    let tokens = ui.tokens();
    let frame = egui::Frame::new()
        .fill(tokens.field)
        .stroke(egui::Stroke::new(1.0, tokens.line))
        .corner_radius(size::RADIUS)
        .inner_margin(egui::Margin::symmetric(9, 3));
    let edit = TextEdit::singleline(typed)
        .font(TextStyle::Monospace)
        .frame(frame)
        .hint_text(text::note(t!("Search")))
        .desired_width(150.0);
    let response = ui.add(edit).accessible_name(t!("Search the metadata"));
    super::focus_ring(ui, &response, response.rect);
    response.changed()
}

fn tree(ui: &mut Ui, json: &Json) {
    let inside = ui.available_rect_before_wrap().shrink2(vec2(10.0, 6.0));
    ui.scope_builder(UiBuilder::new().max_rect(inside), |ui| {
        JsonTree::new(t!("metadata"), &masking::visible_json(json)).show(ui);
    });
}

fn lines<'a>(json: &'a Json, search: &str) -> Vec<Line<'a>> {
    let search = search.trim().to_lowercase();
    let fits = |name: &str, value: &Json| {
        search.is_empty() || name.to_lowercase().contains(&search) || in_words(value).to_lowercase().contains(&search)
    };
    let found: Vec<_> = json.members().iter().filter(|(name, value)| fits(name, value)).collect();
    let mut lines = Vec::new();
    for purpose in Purpose::ALL {
        let mut own = found.iter().filter(|(name, _)| Purpose::of(name) == purpose).peekable();
        if own.peek().is_some() {
            lines.push(Line::Head(purpose));
        }
        lines.extend(own.map(|(name, value)| Line::Member(name, value)));
    }
    lines
}

fn group(ui: &mut Ui, rect: Rect, purpose: Purpose) {
    ui.painter().rect_filled(rect.shrink2(vec2(0.0, 0.5)), 0, ui.tokens().field);
    let [place] = places(rect, [f32::INFINITY]);
    cell(ui, place, |ui| crate::gui::widgets::group_head(ui, purpose.title()));
}

/// A value in one line: lists by their elements.
fn in_words(value: &Json) -> String {
    let words = match value {
        Json::Array(elements) if elements.iter().all(|element| element.as_str().is_some()) => value.strings().join(" "),
        _ => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    };
    visible(&words).into_owned()
}

fn member(ui: &mut Ui, rect: Rect, model: &Model, name: &str, value: &Json, out: &mut Commands) {
    let tokens = ui.tokens();
    let width = rect.width() - 28.0;
    let mark = if has_verdict(model, name, value) { 76.0 } else { 0.0 };
    let [name_place, value_place, meaning_place, mark_place] =
        places(rect, [(width * 0.38).round(), (width * 0.3).round(), (width * 0.32 - mark).round(), mark + 10.0]);
    let entry = glossary::metadata(name);
    let shown = visible(name);
    cell(ui, name_place, |ui| {
        let label = short(ui, text::mono(shown.as_ref()).color(tokens.link));
        widget::explained(ui, label, rect, || explained::metadata(name));
    });
    let words = in_words(value);
    let issuer = flow(model).session.metadata.as_ref().and_then(|metadata| metadata.issuer()).unwrap_or_default();
    cell(ui, value_place, |ui| one_value(ui, rect, name, &words, issuer));
    let meaning = entry.map(|entry| said(&entry.meaning)).unwrap_or_default();
    cell(ui, meaning_place, |ui| short(ui, text::note(meaning)));
    cell(ui, mark_place, |ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| verdict(ui, model, name, value, out));
    });
}

/// The value with its copy button, which shows while the pointer is on the row or the keyboard on the button.
///
/// What begins with the issuer leaves that out.
fn one_value(ui: &mut Ui, row: Rect, name: &str, words: &str, issuer: &str) {
    let room = ui.available_width() - 26.0;
    let part = words.strip_prefix(issuer.trim_end_matches('/')).filter(|part| part.len() > 1 && !issuer.is_empty());
    let cut: String = part.map_or(words, |part| part).chars().take(LETTERS).collect();
    let shown = if part.is_some() { format!("\u{2026}{cut}") } else { cut };
    ui.scope(|ui| {
        ui.set_max_width(room);
        let label = ui.add(Label::new(text::mono(shown)).truncate().selectable(false));
        if part.is_some() {
            label.on_hover_text(words);
        }
    });
    let id = ui.next_auto_id();
    let is_hot = ui.rect_contains_pointer(row) || ui.memory(|memory| memory.has_focus(id));
    ui.scope_builder(UiBuilder::new(), |ui| {
        if !is_hot {
            ui.set_opacity(0.0);
        }
        if ui.add(IconButton::new(icons::COPY, &t!("Copy {name}", name)).small()).clicked() {
            copy(ui.ctx(), name, words);
        }
    });
}

fn has_verdict(model: &Model, name: &str, value: &Json) -> bool {
    (name == "jwks_uri" && flow(model).session.jwks.is_some()) || worst(model, name, value).is_some()
}

fn verdict(ui: &mut Ui, model: &Model, name: &str, value: &Json, out: &mut Commands) {
    if name == "jwks_uri"
        && let Some(set) = &flow(model).session.jwks
    {
        let words = counted(set.keys.len(), t!("key"), t!("keys"));
        badge(ui, Tone::Note, &words);
        return;
    }
    let Some(check) = worst(model, name, value) else { return };
    let (tone, word) = match check.verdict {
        Verdict::Fail => (Tone::Error, t!("fail")),
        Verdict::Warn => (Tone::Warn, t!("warn")),
        Verdict::Note => (Tone::Note, t!("note")),
        Verdict::Pass | Verdict::Skipped => (Tone::Ok, t!("ok")),
    };
    let response = chip(ui, tone, None, word);
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_description(format!("{name}: {}", said(check.rule.title)));
    });
    if response.on_hover_text(format!("{}: {}", check.rule.id, said(check.rule.title))).clicked()
        && let Some(at) = check_at(&flow(model).trace.checks(), check.rule.id)
    {
        show_check(at, out);
    }
}

/// The worst check of a rule that is about a member, as it stands in the document.
fn worst<'a>(model: &'a Model, name: &str, value: &Json) -> Option<&'a Check> {
    let metadata = flow(model).session.metadata.as_ref()?;
    about_server(model)
        .filter(|check| check.verdict != Verdict::Skipped && is_about(check.rule, metadata, name, value))
        .min_by_key(|check| check.verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_grouped_by_their_purpose() {
        for (name, purpose) in [
            ("token_endpoint", Purpose::Endpoints),
            ("own_endpoint", Purpose::Endpoints),
            ("token_endpoint_auth_methods_supported", Purpose::Proof),
            ("code_challenge_methods_supported", Purpose::Proof),
            ("id_token_signing_alg_values_supported", Purpose::Signing),
            ("own_alg_values_supported", Purpose::Signing),
            ("require_pushed_authorization_requests", Purpose::Insists),
            ("authorization_response_iss_parameter_supported", Purpose::Insists),
            ("scopes_supported", Purpose::Rest),
            ("own", Purpose::Rest),
        ] {
            assert_eq!(Purpose::of(name), purpose, "{name}");
        }
    }
}
