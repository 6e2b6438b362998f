//! Text on the wire: coloured, selectable, copied as it is.

mod large;
pub mod tokenize;

use std::sync::Arc;

use egui::cache::{ComputerMut, FrameCache};
use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, Frame, Galley, Id, Response, Role, ScrollArea, TextBuffer, TextEdit, TextStyle, Ui};

use super::copy::copy_button;
use super::field::{box_frame, framed};
use super::keyboard::nested;
use super::{Caption, Tone};
use crate::base::text::counted;
use crate::gui::language::t;
use crate::gui::theme::{Tokens, TokensExt as _};
pub use tokenize::{Kind, Language, Span};

/// Height of a line.
const LINE: f32 = 18.0;
/// Beyond this many bytes only the lines in sight are laid out.
const LARGE: usize = 64 * 1024;

/// A read-only view of a text.
pub struct CodeView<'a> {
    name: &'a str,
    text: &'a str,
    language: Language,
    copy: bool,
}

impl<'a> CodeView<'a> {
    /// `name` says what the text is: `response body`.
    pub const fn new(name: &'a str, text: &'a str, language: Language) -> Self {
        Self { name, text, language, copy: true }
    }

    /// Without the button that copies all of it, where a masked secret is in it.
    #[must_use]
    pub const fn without_copy(mut self) -> Self {
        self.copy = false;
        self
    }

    /// Draws the text over the width there is.
    pub fn show(self, ui: &mut Ui) -> Response {
        let corner = ui.available_rect_before_wrap().right_top();
        let response =
            if self.text.len() > LARGE { large::show(ui, self.name, self.text, self.language) } else { self.small(ui) };
        if self.copy && !self.text.is_empty() {
            let place = egui::Rect::from_min_size(corner - egui::vec2(24.0, 0.0), egui::vec2(22.0, 22.0));
            let mut child = ui.new_child(egui::UiBuilder::new().max_rect(place).id_salt("copy"));
            copy_button(&mut child, self.name, self.text);
        }
        response
    }

    fn small(&self, ui: &mut Ui) -> Response {
        let spans = spans(ui, self.text, self.language);
        let mut layouter =
            |ui: &Ui, buffer: &dyn TextBuffer, width: f32| layout(ui, buffer.as_str(), &spans, self.language, width);
        let mut buffer = self.text;
        let right = if self.copy { 28.0 } else { 0.0 };
        let width = ui.available_width() - right;
        TextEdit::multiline(&mut buffer)
            .id_salt(("code", self.name))
            .font(TextStyle::Monospace)
            .frame(Frame::NONE)
            .desired_width(width)
            .desired_rows(1)
            .layouter(&mut layouter)
            .show(ui)
            .response
            .response
            .accessible_name(self.name)
    }
}

/// A text to edit in colour: a token to paste, a header to change.
pub fn code_edit(ui: &mut Ui, name: &str, text: &mut String, language: Language, rows: usize) -> Response {
    let id = ui.make_persistent_id(("code edit", name));
    let frame = edit_frame(ui, id, Tone::Neutral);
    edit(ui, id, (name, text, language), frame, rows)
}

/// The same with the name above it and a note under it, as other fields of a form have them.
pub fn code_field(ui: &mut Ui, caption: &Caption<'_>, text: &mut String, language: Language) -> Response {
    let id = ui.make_persistent_id(("code field", caption.name));
    framed(ui, caption, |ui, caption| {
        let frame = edit_frame(ui, id, caption.tone());
        edit(ui, id, (caption.name, text, language), frame, 4)
    })
}

/// The same in all the room there is, within which it scrolls.
pub fn code_edit_in_room(ui: &mut Ui, name: &str, text: &mut String, language: Language) -> Response {
    let id = ui.make_persistent_id(("code edit", name));
    let shown = edit_frame(ui, id, Tone::Neutral).show(ui, |ui| {
        let rows = (ui.available_height() / LINE).floor().max(1.0) as usize;
        let area = ScrollArea::vertical().id_salt(name).auto_shrink(false);
        nested(ui, |ui| area.show(ui, |ui| edit(ui, id, (name, text, language), Frame::NONE, rows))).inner
    });
    shown.inner
}

fn edit_frame(ui: &Ui, id: Id, tone: Tone) -> Frame {
    let focused = ui.memory(|memory| memory.has_focus(id));
    box_frame(ui, focused, tone).inner_margin(egui::Margin::same(10))
}

fn edit(
    ui: &mut Ui,
    id: Id,
    (name, text, language): (&str, &mut String, Language),
    frame: Frame,
    rows: usize,
) -> Response {
    let mut layouter = |ui: &Ui, buffer: &dyn TextBuffer, width: f32| {
        let spans = spans(ui, buffer.as_str(), language);
        layout(ui, buffer.as_str(), &spans, language, width)
    };
    TextEdit::multiline(text)
        .id(id)
        .font(TextStyle::Monospace)
        .frame(frame)
        .desired_width(f32::INFINITY)
        .desired_rows(rows)
        .layouter(&mut layouter)
        .show(ui)
        .response
        .response
        .accessible_name(name)
}

fn layout(ui: &Ui, text: &str, spans: &[Span], language: Language, width: f32) -> Arc<Galley> {
    let mut job = colored(ui, text, spans);
    job.wrap.max_width = width;
    // The dots of a JWT are no place to leave the rest of the line empty.
    job.wrap.break_anywhere = language == Language::Jwt;
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

#[derive(Default)]
struct Tokenizer;

impl ComputerMut<(&str, Language), Arc<[Span]>> for Tokenizer {
    fn compute(&mut self, (text, language): (&str, Language)) -> Arc<[Span]> {
        tokenize::tokenize(text, language).into()
    }
}

type Tokenized = FrameCache<Arc<[Span]>, Tokenizer>;

fn spans(ui: &Ui, text: &str, language: Language) -> Arc<[Span]> {
    ui.memory_mut(|memory| memory.caches.cache::<Tokenized>().get((text, language)).clone())
}

/// The text with its spans in the colours of the theme; what is in no span is ordinary text.
pub fn colored(ui: &Ui, text: &str, spans: &[Span]) -> LayoutJob {
    let tokens = ui.tokens();
    let font = TextStyle::Monospace.resolve(ui.style());
    let mut job = LayoutJob::default();
    let mut at = 0;
    for span in spans {
        append(&mut job, &text[at..span.range.start], &font, tokens.text);
        append(&mut job, &text[span.range.clone()], &font, color(span.kind, tokens));
        at = span.range.end;
    }
    append(&mut job, &text[at..], &font, tokens.text);
    job
}

fn append(job: &mut LayoutJob, text: &str, font: &FontId, color: Color32) {
    if !text.is_empty() {
        let line_height = Some(LINE);
        job.append(text, 0.0, TextFormat { line_height, ..TextFormat::simple(font.clone(), color) });
    }
}

const fn color(kind: Kind, tokens: &Tokens) -> Color32 {
    match kind {
        Kind::Name => tokens.syntax_name,
        Kind::String => tokens.syntax_string,
        Kind::Number => tokens.syntax_number,
        Kind::Literal => tokens.syntax_literal,
        Kind::Punctuation => tokens.syntax_punctuation,
        Kind::JwtHeader => tokens.jwt_header,
        Kind::JwtPayload => tokens.jwt_payload,
        Kind::JwtSignature => tokens.jwt_signature,
    }
}

/// Names a read-only text to screen readers.
fn describe(ui: &Ui, response: &Response, name: &str, lines: usize) {
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::Document);
        node.set_label(format!("{name}, {}", counted(lines, t!("line"), t!("lines"))));
    });
}
