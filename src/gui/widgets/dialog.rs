//! A modal frame: a title, Esc closes, the first field has the keyboard, the opener gets it back.

use egui::{Context, CornerRadius, Frame, Id, LayerId, Margin, Modal, Response, Sides, Stroke, Ui};

use super::IconButton;
use crate::gui::theme::{TokensExt as _, icons, size, text};

/// A dialog over everything else.
pub struct Dialog<'a> {
    title: &'a str,
    width: f32,
}

/// What came of a dialog in this frame.
pub struct DialogResponse<R> {
    /// What the content returned.
    pub inner: R,
    /// Esc, a click beside it, the close button or `ui.close()` in the content.
    pub closed: bool,
}

#[derive(Clone, Copy)]
struct Opened {
    pass: u64,
    by: Option<Id>,
}

impl<'a> Dialog<'a> {
    /// A dialog of the usual width.
    pub const fn new(title: &'a str) -> Self {
        Self { title, width: size::DIALOG }
    }

    /// Another width.
    #[must_use]
    pub const fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// Draws it. Call it in every frame in which it is open, and no more once it was `closed`.
    pub fn show<R>(self, ctx: &Context, content: impl FnOnce(&mut Ui) -> R) -> DialogResponse<R> {
        let id = Id::unique(("dialog", self.title));
        let (opener, fresh) = opener(ctx, id);
        let tokens = ctx.tokens();
        let frame = Frame::new()
            .fill(tokens.popup)
            .stroke(Stroke::new(1.0, tokens.line))
            .corner_radius(CornerRadius::same(size::CARD_RADIUS + 2))
            .shadow(ctx.global_style().visuals.window_shadow)
            .inner_margin(Margin::same(18));
        let area = Modal::default_area(id).accessible_name(self.title);
        let shown = Modal::new(id).area(area).frame(frame).backdrop_color(tokens.backdrop).show(ctx, |ui| {
            ui.set_width(self.width.min(ctx.content_rect().width() - 72.0));
            if fresh {
                let layer = ui.layer_id();
                ui.data_mut(|data| data.insert_temp(first_focus_id(), layer));
            }
            self.head(ui);
            ui.add_space(6.0);
            content(ui)
        });
        let closed = shown.should_close();
        if let (true, Some(opener)) = (closed, opener) {
            ctx.data_mut(|data| data.insert_temp(give_back_id(), opener));
            ctx.request_repaint();
        }
        DialogResponse { inner: shown.inner, closed }
    }

    fn head(&self, ui: &mut Ui) {
        Sides::new().shrink_left().show(
            ui,
            |ui| ui.label(text::title(self.title)),
            |ui| {
                if ui.add(IconButton::new(icons::X, "Close")).clicked() {
                    ui.close();
                }
            },
        );
    }
}

/// What had the keyboard before the dialog opened, and whether it opened in this very pass.
fn opener(ctx: &Context, id: Id) -> (Option<Id>, bool) {
    let pass = ctx.cumulative_pass_nr();
    let before: Option<Opened> = ctx.data(|data| data.get_temp(id));
    let opened = match before {
        Some(opened) if opened.pass + 2 >= pass => Opened { pass, by: opened.by },
        _ => Opened { pass, by: ctx.memory(|memory| memory.focused()) },
    };
    ctx.data_mut(|data| data.insert_temp(id, opened));
    (opened.by, before.is_none_or(|before| before.pass + 2 < pass))
}

fn give_back_id() -> Id {
    Id::unique("dialog gives focus back")
}

/// Gives the keyboard to what opened the last dialog. egui lets nothing behind a dialog have it
/// until one frame has passed without one.
pub(super) fn give_focus_back(ctx: &Context) {
    let Some(opener) = ctx.data(|data| data.get_temp::<Id>(give_back_id())) else { return };
    if ctx.memory(|memory| memory.top_modal_layer().is_some()) {
        return ctx.request_repaint();
    }
    ctx.memory_mut(|memory| memory.request_focus(opener));
    ctx.data_mut(|data| data.remove::<Id>(give_back_id()));
}

fn first_focus_id() -> Id {
    Id::unique("dialog wants focus")
}

/// Called by fields: the first one in a dialog that has just opened takes the keyboard.
pub(super) fn take_first_focus(ui: &Ui, response: &Response) -> bool {
    let wanted = ui.data(|data| data.get_temp(first_focus_id())) == Some(ui.layer_id());
    if wanted {
        response.request_focus();
        ui.data_mut(|data| data.remove::<LayerId>(first_focus_id()));
    }
    wanted
}
