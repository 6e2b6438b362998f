//! Buttons: one primary per view, secondary ones beside it, quiet ones inside cards, danger for what
//! stops or deletes. Icon-only buttons carry a name.

use std::sync::Arc;

use egui::{
    Color32, CursorIcon, Galley, Popup, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, Widget, WidgetInfo,
    vec2,
};

use super::paint;
use crate::gui::theme::{Icon, Tokens, TokensExt as _, icons, size, text};

const PADDING: f32 = 12.0;
const GAP: f32 = 7.0;
const ICON: f32 = 16.0;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Primary,
    Secondary,
    Quiet,
    Link,
    Danger,
}

/// A button with a label.
pub struct Button<'a> {
    kind: Kind,
    label: &'a str,
    icon: Option<Icon>,
    trailing: Option<Icon>,
    shortcut: Option<&'a str>,
    dot: Option<super::Tone>,
    height: f32,
}

impl<'a> Button<'a> {
    const fn new(kind: Kind, label: &'a str) -> Self {
        Self { kind, label, icon: None, trailing: None, shortcut: None, dot: None, height: size::BUTTON }
    }

    /// The one button that says what will happen next.
    pub const fn primary(label: &'a str) -> Self {
        Self::new(Kind::Primary, label)
    }

    /// An ordinary button.
    pub const fn secondary(label: &'a str) -> Self {
        Self::new(Kind::Secondary, label)
    }

    /// Without a frame until the pointer is on it.
    pub const fn quiet(label: &'a str) -> Self {
        Self::new(Kind::Quiet, label)
    }

    /// Looks like a link, for an action inside running text.
    pub const fn link(label: &'a str) -> Self {
        Self::new(Kind::Link, label)
    }

    /// Stops or deletes something.
    pub const fn danger(label: &'a str) -> Self {
        Self::new(Kind::Danger, label)
    }

    /// An icon before the label.
    #[must_use]
    pub const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// An icon after the label, such as the caret of a menu.
    #[must_use]
    pub const fn trailing(mut self, icon: Icon) -> Self {
        self.trailing = Some(icon);
        self
    }

    /// The keys that do the same, shown after the label: `Ctrl+Enter`.
    #[must_use]
    pub const fn shortcut(mut self, keys: &'a str) -> Self {
        self.shortcut = Some(keys);
        self
    }

    /// A status dot before the label. Say the status in words, too.
    #[must_use]
    pub const fn dot(mut self, tone: super::Tone) -> Self {
        self.dot = Some(tone);
        self
    }

    /// Draws the button, which opens a menu of this below it.
    pub fn menu(self, ui: &mut Ui, contents: impl FnOnce(&mut Ui)) -> Response {
        let response = ui.add(self.trailing(icons::CARET_DOWN));
        Popup::menu(&response).show(contents);
        response
    }

    /// As tall as a row, for rows and cards.
    #[must_use]
    pub const fn small(mut self) -> Self {
        self.height = size::ROW;
        self
    }
}

struct Colors {
    fill: Color32,
    border: Color32,
    ink: Color32,
}

fn colors(kind: Kind, tokens: &Tokens, hot: bool) -> Colors {
    let clear = Color32::TRANSPARENT;
    let (fill, border, ink) = match (kind, hot) {
        (Kind::Primary, false) => (tokens.accent, clear, tokens.on_accent),
        (Kind::Primary, true) => (tokens.accent_hover, clear, tokens.on_accent),
        (Kind::Danger, false) => (tokens.danger, clear, tokens.on_danger),
        (Kind::Danger, true) => (tokens.danger_hover, clear, tokens.on_danger),
        (Kind::Secondary, false) => (tokens.button, tokens.line, tokens.text),
        (Kind::Secondary, true) => (tokens.button_hover, tokens.line_strong, tokens.strong),
        (Kind::Link, false) => (clear, clear, tokens.link),
        (Kind::Link, true) => (tokens.button_hover, clear, tokens.link),
        (Kind::Quiet, false) => (clear, clear, tokens.text),
        (Kind::Quiet, true) => (tokens.button_hover, clear, tokens.strong),
    };
    Colors { fill, border, ink }
}

/// What a button shows beside its icons, and how wide it is.
struct Laid {
    label: Arc<Galley>,
    shortcut: Option<Arc<Galley>>,
    width: f32,
}

impl Button<'_> {
    /// How wide it is where there is room for all of it.
    pub fn width(&self, ui: &Ui) -> f32 {
        self.lay(ui, f32::INFINITY).width
    }

    /// Lays it out in this room.
    fn lay(&self, ui: &Ui, room: f32) -> Laid {
        let style = match self.kind {
            Kind::Primary | Kind::Danger => text::strong_style(),
            Kind::Secondary | Kind::Quiet | Kind::Link => TextStyle::Button,
        };
        let piece = |text: &str, style: &TextStyle, width: f32| {
            paint::styled_line(ui, text, style, Color32::PLACEHOLDER, width)
        };
        let shortcut = self.shortcut.map(|keys| piece(keys, &TextStyle::Small, f32::INFINITY));
        let sides = [self.icon.map(|_| ICON), self.trailing.map(|_| 10.0), self.dot.map(|_| 8.0)];
        let beside: f32 =
            sides.iter().flatten().chain(shortcut.as_ref().map(|g| g.size().x).iter()).map(|w| w + GAP).sum();
        let label = piece(self.label, &style, (room - beside - 2.0 * PADDING).max(24.0));
        let width = (label.size().x + beside + 2.0 * PADDING).ceil();
        Laid { label, shortcut, width }
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        // In a row that wraps the button may go to the next line, so only the whole width limits it.
        let room = if ui.layout().main_wrap() { ui.max_rect().width() } else { ui.available_width() };
        let Laid { label, shortcut, width } = self.lay(ui, room);
        let (rect, response) = ui.allocate_exact_size(vec2(width, self.height), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), self.label));
        super::keyboard::take_if_wanted(ui, self.label, &response);
        if let Some(keys) = self.shortcut {
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_keyboard_shortcut(keys));
        }
        if ui.is_rect_visible(rect) {
            self.paint(ui, &response, label, shortcut);
        }
        response.on_hover_cursor(CursorIcon::PointingHand)
    }
}

impl Button<'_> {
    fn paint(&self, ui: &Ui, response: &Response, label: Arc<Galley>, shortcut: Option<Arc<Galley>>) {
        let tokens = ui.tokens();
        // What cannot be clicked shows no colour that asks for a click.
        let kind = if ui.is_enabled() { self.kind } else { Kind::Secondary };
        let colors = colors(kind, tokens, response.hovered() || response.has_focus());
        let mut rect = response.rect;
        if response.is_pointer_button_down_on() {
            rect = rect.translate(vec2(0.0, 0.5));
        }
        ui.painter().rect(rect, size::RADIUS, colors.fill, Stroke::new(1.0, colors.border), StrokeKind::Inside);
        paint::focus_ring(ui, response, rect, size::RADIUS);
        let mut at = rect.left_center() + vec2(PADDING, 0.0);
        if let Some(tone) = self.dot {
            ui.painter().circle_filled(at + vec2(4.0, 0.0), 4.0, tone.bar(tokens));
            at.x += 8.0 + GAP;
        }
        if let Some(icon) = self.icon {
            paint::icon(ui, at + vec2(ICON / 2.0, 0.0), icon, ICON, colors.ink);
            at.x += ICON + GAP;
        }
        for galley in std::iter::once(label).chain(shortcut) {
            let width = galley.size().x;
            ui.painter().galley(at - vec2(0.0, galley.size().y / 2.0), galley, colors.ink);
            at.x += width + GAP;
        }
        if let Some(icon) = self.trailing {
            paint::icon(ui, at + vec2(5.0, 0.0), icon, 12.0, colors.ink);
        }
    }
}

/// A button that is only an icon. Its name is the tooltip and what a screen reader says.
pub struct IconButton<'a> {
    icon: Icon,
    name: &'a str,
    kind: Kind,
    side: f32,
    is_on: bool,
}

impl<'a> IconButton<'a> {
    /// Without a frame until the pointer is on it.
    pub const fn new(icon: Icon, name: &'a str) -> Self {
        Self { icon, name, kind: Kind::Quiet, side: size::BUTTON, is_on: false }
    }

    /// In the colour of what is chosen.
    #[must_use]
    pub const fn on(mut self, is_on: bool) -> Self {
        self.is_on = is_on;
        self
    }

    /// With a frame, for bars.
    #[must_use]
    pub const fn framed(mut self) -> Self {
        self.kind = Kind::Secondary;
        self
    }

    /// For rows and fields.
    #[must_use]
    pub const fn small(mut self) -> Self {
        self.side = 22.0;
        self
    }
}

impl Widget for IconButton<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let (rect, response) = ui.allocate_exact_size(vec2(self.side, self.side), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), self.name));
        if ui.is_rect_visible(rect) {
            let tokens = ui.tokens();
            let hot = response.hovered() || response.has_focus();
            let colors = colors(self.kind, tokens, hot);
            ui.painter().rect(rect, size::RADIUS, colors.fill, Stroke::new(1.0, colors.border), StrokeKind::Inside);
            paint::focus_ring(ui, &response, rect, size::RADIUS);
            let ink = if self.is_on {
                tokens.accent
            } else if hot || self.kind == Kind::Secondary {
                colors.ink
            } else {
                tokens.dim
            };
            let height = if self.side < size::ROW { 14.0 } else { ICON };
            paint::icon(ui, rect.center(), self.icon, height, ink);
        }
        response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(self.name)
    }
}
