//! One-line text fields: an ordinary one and one that keeps its value masked.

use egui::text::CCursorRange;
use egui::{Color32, CornerRadius, Frame, Id, Margin, Rect, Response, Stroke, TextBuffer, TextEdit, Ui, vec2};

use super::{Caption, IconButton, Tone, copy, paint};
use crate::base::secret::Secret;
use crate::gui::language::t;
use crate::gui::theme::{TokensExt as _, icons, size, text};

/// A name above, a full-width field below, a note under it.
pub struct Field<'a> {
    caption: Caption<'a>,
    placeholder: &'a str,
    copy: bool,
    lines: bool,
}

impl<'a> Field<'a> {
    /// A field named by its caption.
    pub fn new(caption: impl Into<Caption<'a>>) -> Self {
        Self { caption: caption.into(), placeholder: "", copy: false, lines: false }
    }

    /// What stands in the empty field.
    #[must_use]
    pub const fn placeholder(mut self, placeholder: &'a str) -> Self {
        self.placeholder = placeholder;
        self
    }

    /// For text of several lines.
    #[must_use]
    pub const fn lines(mut self) -> Self {
        self.lines = true;
        self
    }

    /// With a button that copies the value.
    #[must_use]
    pub const fn with_copy(mut self) -> Self {
        self.copy = true;
        self
    }

    /// Draws the field; `changed()` tells whether the user edited the value.
    pub fn show(self, ui: &mut Ui, value: &mut dyn TextBuffer) -> Response {
        let id = ui.make_persistent_id(("field", self.caption.name));
        framed(ui, &self.caption, |ui, caption| {
            let spare = if self.copy && !value.as_str().is_empty() { size::FIELD } else { 0.0 };
            let response = edit(
                ui,
                id,
                value,
                Look { spare, tone: caption.tone(), lines: self.lines, ..Look::boxed(self.placeholder) },
            );
            if spare > 0.0 {
                let name = t!("Copy {name}", name = caption.name);
                if ui.place(button_place(response.rect), IconButton::new(icons::COPY, &name).small()).clicked() {
                    copy(ui.ctx(), caption.name, value.as_str());
                }
            }
            response
        })
    }
}

/// A field for a password, a key or a token: masked until the eye is clicked.
///
/// The clear text leaves the undo history when the field is hidden again.
pub struct SecretField<'a> {
    caption: Caption<'a>,
    placeholder: &'a str,
    lines: bool,
}

impl<'a> SecretField<'a> {
    /// A field named by its caption.
    pub fn new(caption: impl Into<Caption<'a>>) -> Self {
        Self { caption: caption.into(), placeholder: "", lines: false }
    }

    /// What stands in the empty field.
    #[must_use]
    pub const fn placeholder(mut self, placeholder: &'a str) -> Self {
        self.placeholder = placeholder;
        self
    }

    /// For keys and certificates, which have several lines. They show when the value does.
    #[must_use]
    pub const fn lines(mut self) -> Self {
        self.lines = true;
        self
    }

    /// Draws the field; `changed()` tells whether the user edited the value.
    pub fn show(self, ui: &mut Ui, value: &mut Secret) -> Response {
        let id = ui.make_persistent_id(("secret", self.caption.name));
        framed(ui, &self.caption, |ui, caption| {
            let shown_id = id.with("shown");
            let shown = ui.data(|data| data.get_temp(shown_id)).unwrap_or(false);
            let lines = self.lines && shown;
            let tone = caption.tone();
            let look = Look { masked: !shown, spare: size::FIELD, tone, lines, ..Look::boxed(self.placeholder) };
            let response = edit(ui, id, value.expose_mut(), look);
            if self.lines && response.changed() {
                restore_lines(value.expose_mut());
            }
            if response.lost_focus() {
                forget_edits(ui, id);
            }
            let (icon, name) = match shown {
                true => (icons::EYE_SLASH, t!("Hide {name}", name = caption.name)),
                false => (icons::EYE, t!("Show {name}", name = caption.name)),
            };
            if ui.place(button_place(response.rect), IconButton::new(icon, &name).small()).clicked() {
                ui.data_mut(|data| data.insert_temp(shown_id, !shown));
                forget_edits(ui, id);
            }
            response
        })
    }
}

impl Caption<'_> {
    pub(super) fn tone(&self) -> Tone {
        self.note.as_ref().map_or(Tone::Neutral, |(tone, _)| *tone)
    }
}

/// Name, what `content` draws, note; named and described for screen readers.
pub(super) fn framed<'a>(
    ui: &mut Ui,
    caption: &Caption<'a>,
    content: impl FnOnce(&mut Ui, &Caption<'a>) -> Response,
) -> Response {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        let label = caption.label(ui);
        let response = content(ui, caption).labelled_by(label.id);
        super::keyboard::take_if_wanted(ui, caption.name, &response);
        caption.describe(ui, response.id);
        caption.footnote(ui);
        super::explained::note(ui, ui.min_rect(), || caption.explained.clone());
        response
    })
    .inner
}

/// How a one-line edit looks.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    /// What stands in the empty field.
    pub placeholder: &'a str,
    /// Dots instead of letters.
    pub masked: bool,
    /// Room kept free on the right for a button.
    pub spare: f32,
    /// An error colours the border.
    pub tone: Tone,
    /// Whether the text may have several lines.
    pub lines: bool,
    /// In this ink, and without a box until it is pointed at or typed into.
    pub quiet: Option<Color32>,
    /// As wide as the text.
    pub fitted: bool,
}

impl<'a> Look<'a> {
    /// One line in a box.
    pub(super) const fn boxed(placeholder: &'a str) -> Self {
        let tone = Tone::Neutral;
        Self { placeholder, masked: false, spare: 0.0, tone, lines: false, quiet: None, fitted: false }
    }

    /// One line of a message.
    pub(super) const fn quiet(placeholder: &'a str, ink: Color32) -> Self {
        Self { quiet: Some(ink), ..Self::boxed(placeholder) }
    }
}

/// Around a text that shows no box.
const QUIET_MARGIN: Margin = Margin { left: 4, right: 4, top: 0, bottom: 0 };
/// From where its box would be to the text.
pub(super) const QUIET_INDENT: f32 = 5.0;
/// Height of a line of a message.
pub(super) const QUIET_ROW: f32 = 21.0;

/// A one-line field turns the line breaks of a pasted PEM text into spaces; they matter (RFC 7468 section 2).
fn restore_lines(text: &mut String) {
    if !text.contains("-----BEGIN") || text.contains('\n') {
        return;
    }
    let part = |part: &str| match part.starts_with("BEGIN ") || part.starts_with("END ") {
        true => part.to_owned(),
        false => part.replace(' ', "\n"),
    };
    let restored = text.split("-----").map(part).collect::<Vec<_>>().join("-----");
    *text = restored;
}

/// A full-width one-line edit of what goes on the wire.
pub(super) fn edit(ui: &mut Ui, id: Id, value: &mut dyn TextBuffer, look: Look<'_>) -> Response {
    let focused = ui.memory(|memory| memory.has_focus(id));
    let (frame, height) = match look.quiet {
        Some(_) => (quiet_frame(ui, id, focused).inner_margin(QUIET_MARGIN), QUIET_ROW),
        None => {
            let margin = Margin { left: 9, right: 9 + look.spare as i8, top: 4, bottom: 4 };
            (box_frame(ui, focused, look.tone).inner_margin(margin), size::FIELD)
        }
    };
    let usual = ui.spacing().interact_size.y;
    ui.spacing_mut().interact_size.y = usual.min(height);
    let text_edit = if look.lines { TextEdit::multiline(value).desired_rows(4) } else { TextEdit::singleline(value) };
    let shown = text_edit
        .id(id)
        .font(egui::TextStyle::Monospace)
        .text_color_opt(look.quiet)
        .password(look.masked)
        .hint_text(text::mono(look.placeholder))
        .frame(frame)
        .min_size(vec2(0.0, height))
        .clip_text(!look.fitted)
        .desired_width(if look.fitted { 24.0 } else { f32::INFINITY })
        .show(ui);
    ui.spacing_mut().interact_size.y = usual;
    let response = shown.response.response;
    if super::dialog::take_first_focus(ui, &response) {
        select_all(ui, id, value.as_str());
    }
    let is_cut = look.quiet.is_some() && !focused && shown.galley.size().x > shown.text_clip_rect.width();
    if !is_cut {
        return response;
    }
    let is_hot = response.hovered();
    ellipsis(ui, response.rect, if is_hot { ui.tokens().field } else { ui.tokens().card });
    response.on_hover_text(value.as_str())
}

/// Says at the end of a text that there is more of it, after the last letter that is whole.
fn ellipsis(ui: &Ui, field: Rect, ground: Color32) {
    // As wide as any other letter of this font.
    let galley = paint::styled_line(ui, "…", &egui::TextStyle::Monospace, ui.tokens().dim, f32::INFINITY);
    let letter = galley.size().x.max(1.0);
    let (inside, from) = (field.shrink(1.5), field.left() + QUIET_INDENT);
    let whole = ((inside.right() - letter - 2.0 - from) / letter).floor().max(0.0);
    let place = inside.with_min_x(from + whole * letter);
    ui.painter().rect_filled(place, 0, ground);
    paint::text_left(ui.painter(), place.left_center() + vec2(1.0, 0.0), galley);
}

/// Nothing, until it is pointed at or typed into.
fn quiet_frame(ui: &Ui, id: Id, focused: bool) -> Frame {
    let is_hot = focused || ui.read_response(id).is_some_and(|before| before.hovered());
    let boxed = box_frame(ui, focused, Tone::Neutral);
    if is_hot { boxed } else { boxed.fill(Color32::TRANSPARENT).stroke(Stroke::new(1.0, Color32::TRANSPARENT)) }
}

/// What a dialog is prefilled with is replaced by what is typed.
fn select_all(ui: &Ui, id: Id, text: &str) {
    let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
    state.cursor.set_char_range(Some(CCursorRange::select_all_str(text)));
    TextEdit::store_state(ui.ctx(), id, state);
}

/// The box of a field: sunken, its border tells focus and error.
pub(super) fn box_frame(ui: &Ui, focused: bool, tone: Tone) -> Frame {
    let tokens = ui.tokens();
    let border = match (focused, tone) {
        (true, _) => tokens.accent,
        (false, Tone::Error) => tokens.error,
        (false, _) => tokens.line,
    };
    let width = if focused { 1.5 } else { 1.0 };
    let stroke = Stroke::new(width, border);
    Frame::new()
        .fill(tokens.field)
        .stroke(stroke)
        .corner_radius(CornerRadius::same(size::RADIUS))
        .outer_margin(Margin::ZERO)
}

/// Where a button inside the right end of a field goes.
pub(super) fn button_place(field: Rect) -> Rect {
    let side = 22.0;
    Rect::from_center_size(field.right_center() - vec2(side / 2.0 + 4.0, 0.0), vec2(side, side))
}

fn forget_edits(ui: &Ui, id: Id) {
    if let Some(mut state) = TextEdit::load_state(ui.ctx(), id) {
        state.clear_undoer();
        TextEdit::store_state(ui.ctx(), id, state);
    }
}
