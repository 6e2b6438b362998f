//! What groups things: cards, group heads, separators.

use egui::{
    Align, AsIdSalt, Color32, CornerRadius, Frame, InnerResponse, Label, Layout, Margin, Rect, Response, Sense, Stroke,
    Ui, UiBuilder, vec2,
};

use super::ends_in_row;
use crate::gui::theme::{TokensExt as _, size, text};

/// The frame of a card, for callers that need another margin.
pub fn card_frame(ui: &Ui) -> Frame {
    let tokens = ui.tokens();
    Frame::new()
        .fill(tokens.card)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(CornerRadius::same(size::CARD_RADIUS))
        .inner_margin(Margin::same(size::CARD_PADDING))
}

/// Draws top down within a part of the room, named `id` among the parts beside it. What paints beyond it by more than a
/// focus ring is cut off.
pub fn in_room<R>(ui: &mut Ui, id: impl AsIdSalt, room: Rect, content: impl FnOnce(&mut Ui) -> R) -> R {
    let builder = UiBuilder::new().id_salt(id).max_rect(room).layout(Layout::top_down(Align::Min));
    let within = ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(room.expand(2.0).intersect(ui.clip_rect()));
        content(ui)
    });
    within.inner
}

/// A card without margin that fills a part of the room.
pub fn card_in(ui: &mut Ui, id: impl AsIdSalt, room: Rect, content: impl FnOnce(&mut Ui)) {
    in_room(ui, id, room, |ui| {
        card_frame(ui).inner_margin(0).show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            content(ui);
        });
    });
}

/// A card as wide as there is room.
pub fn card<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    card_frame(ui).show(ui, |ui| {
        ui.take_available_width();
        content(ui)
    })
}

/// A group head: small, upper case, spaced.
pub fn group_head(ui: &mut Ui, title: &str) -> Response {
    let color = ui.tokens().dim;
    let response = ui.add(Label::new(text::group(title, color)).selectable(false));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(egui::Role::Heading);
        node.set_label(title);
    });
    response
}

/// A group head with something on the right: an action such as [`head_action`], or a note.
pub fn group_head_with<R>(ui: &mut Ui, title: &str, right: impl FnOnce(&mut Ui) -> R) -> R {
    let (_, inner) = ends_in_row(ui, 18.0, |ui| group_head(ui, title), right);
    inner
}

/// An action in a group head: `CLEAR`.
pub fn head_action(ui: &mut Ui, label: &str) -> Response {
    let tokens = ui.tokens();
    let galley = egui::WidgetText::from(text::group(label, Color32::PLACEHOLDER)).into_galley(
        ui,
        Some(egui::TextWrapMode::Extend),
        f32::INFINITY,
        egui::TextStyle::Body,
    );
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x, 18.0), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, ui.is_enabled(), label));
    let ink = if response.hovered() || response.has_focus() { tokens.link } else { tokens.dim };
    ui.painter().galley(rect.left_center() - vec2(0.0, galley.size().y / 2.0), galley, ink);
    super::paint::focus_ring(ui, &response, rect.expand2(vec2(2.0, -1.0)), 4);
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}

/// A hairline across the room there is.
pub fn separator(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
    ui.painter().rect_filled(rect, 0, ui.tokens().line);
}
