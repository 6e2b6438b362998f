//! Short messages that come and go: `Copied client_id`.

use std::time::Duration;

use egui::{Align2, Area, Context, CornerRadius, Frame, Id, Label, Margin, Order, Role, Stroke, vec2};

use super::banner::announced;
use super::{Tone, paint};
use crate::gui::theme::{TokensExt as _, as_below, size, text};

const SECONDS: f64 = 2.6;
const AT_ONCE: usize = 3;
/// From one to the next.
const HEIGHT: f32 = 42.0;

#[derive(Clone)]
struct Toast {
    tone: Tone,
    text: String,
    until: f64,
}

fn store() -> Id {
    Id::unique("toasts")
}

/// Shows a short message for a moment.
pub fn toast(ctx: &Context, tone: Tone, text: impl Into<String>) {
    let until = ctx.input(|input| input.time) + SECONDS;
    let toast = Toast { tone, text: text.into(), until };
    ctx.data_mut(|data| {
        let toasts: &mut Vec<Toast> = data.get_temp_mut_or_default(store());
        toasts.retain(|other| other.text != toast.text);
        toasts.push(toast);
        let excess = toasts.len().saturating_sub(AT_ONCE);
        toasts.drain(..excess);
    });
    ctx.request_repaint();
}

/// Ends a frame: draws the messages of the moment above everything else and gives the keyboard back
/// after a dialog. Call it once, last.
pub fn finish_frame(ctx: &Context) {
    super::dialog::give_focus_back(ctx);
    let now = ctx.input(|input| input.time);
    let toasts: Vec<Toast> = ctx.data_mut(|data| {
        let toasts: &mut Vec<Toast> = data.get_temp_mut_or_default(store());
        toasts.retain(|toast| toast.until > now);
        toasts.clone()
    });
    let mut up = size::ACTION_BAR + 14.0;
    for (index, toast) in toasts.iter().enumerate() {
        let shown = Area::new(store().with(index))
            .order(Order::Tooltip)
            .interactable(false)
            .role(Role::Status)
            .anchor(Align2::CENTER_BOTTOM, vec2(0.0, -up))
            .show(ctx, |ui| {
                let larger = as_below(ui);
                draw(ui, toast);
                larger
            });
        up += HEIGHT * shown.inner;
        ctx.request_repaint_after(Duration::from_secs_f64((toast.until - now).max(0.05)));
    }
}

fn draw(ui: &mut egui::Ui, toast: &Toast) {
    announced(ui, toast.tone, &toast.text, |ui| framed(ui, toast));
}

fn framed(ui: &mut egui::Ui, toast: &Toast) {
    let tokens = ui.tokens();
    Frame::new()
        .fill(tokens.popup)
        .stroke(Stroke::new(1.0, tokens.line_strong))
        .corner_radius(CornerRadius::same(size::CARD_RADIUS))
        .shadow(ui.visuals().popup_shadow)
        .inner_margin(Margin::symmetric(14, 8))
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                let (_, rect) = ui.allocate_space(vec2(16.0, 16.0));
                paint::icon(ui, rect.center(), toast.tone.icon(), 16.0, toast.tone.ink(tokens));
                ui.add(Label::new(text::strong(&toast.text)).selectable(false).extend());
            });
        });
}
