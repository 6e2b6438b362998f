//! The gap between two parts, one above the other, that can be dragged.

use egui::{CursorIcon, EventFilter, Key, Response, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::roving;
use crate::gui::theme::TokensExt as _;

/// Height of the gap.
pub const SPLITTER: f32 = 10.0;
/// What an arrow key moves it by.
const STEP: f32 = 20.0;

/// What is done with a splitter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Split {
    /// The part above it is to be higher by this, in points; infinite for as high as it goes.
    Move(f32),
    /// Back to where it is by itself.
    Reset,
}

/// Draws it. `name` says whose height it changes, `height` is how high that is: by dragging, by the arrow keys,
/// by the End key, which gives it all there is, and by a double click or the Home key, which take that back.
pub fn splitter(ui: &mut Ui, name: &str, height: f32) -> Option<Split> {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), SPLITTER), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Splitter, ui.is_enabled(), name));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_numeric_value(f64::from(height.round())));
    let tokens = ui.tokens();
    if response.hovered() || response.dragged() || response.has_focus() {
        let color = if response.dragged() || response.has_focus() { tokens.accent } else { tokens.line_strong };
        let grip = egui::Rect::from_center_size(rect.center(), vec2(48.0, 0.0));
        ui.painter().hline(grip.x_range(), rect.center().y, Stroke::new(3.0, color));
    }
    let response = response.on_hover_cursor(CursorIcon::ResizeVertical);
    if response.double_clicked() {
        return Some(Split::Reset);
    }
    let moved = response.drag_delta().y;
    if moved != 0.0 { Some(Split::Move(moved)) } else { by_key(ui, &response) }
}

fn by_key(ui: &Ui, response: &Response) -> Option<Split> {
    let arrows = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
    if !roving::holds_keys(ui, response.id, arrows) {
        return None;
    }
    let is_pressed = |key| ui.input(|input| input.key_pressed(key));
    match () {
        () if is_pressed(Key::ArrowUp) => Some(Split::Move(-STEP)),
        () if is_pressed(Key::ArrowDown) => Some(Split::Move(STEP)),
        () if is_pressed(Key::Home) => Some(Split::Reset),
        () if is_pressed(Key::End) => Some(Split::Move(f32::INFINITY)),
        () => None,
    }
}
