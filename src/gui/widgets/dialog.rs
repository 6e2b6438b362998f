//! A modal frame: a title, Esc closes, the first field has the keyboard, the opener gets it back.

use egui::{Context, CornerRadius, Frame, Id, LayerId, Margin, Modal, Response, ScrollArea, Sides, Stroke, Ui};

use super::IconButton;
use crate::gui::language::t;
use crate::gui::theme::{TokensExt as _, as_below, icons, size, text};

/// In a lower window what a dialog holds scrolls.
const LOW: f32 = 480.0;
/// So much of the height is around that.
const AROUND: f32 = 120.0;

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

/// The dialog that is open.
#[derive(Clone, Copy)]
struct Opened {
    /// Which.
    id: Id,
    /// The pass in which it was drawn last.
    pass: u64,
    /// What had the keyboard before it opened, or before the one in whose place it opened.
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
        let fresh = opens(ctx, id);
        let tokens = ctx.tokens();
        let frame = Frame::new()
            .fill(tokens.popup)
            .stroke(Stroke::new(1.0, tokens.line))
            .corner_radius(CornerRadius::same(size::CARD_RADIUS + 2))
            .shadow(ctx.global_style().visuals.window_shadow)
            .inner_margin(Margin::same(18));
        let area = Modal::default_area(id).accessible_name(self.title);
        let shown = Modal::new(id).area(area).frame(frame).backdrop_color(tokens.backdrop).show(ctx, |ui| {
            let larger = as_below(ui);
            ui.set_width((self.width * larger).min(ctx.content_rect().width() - 72.0));
            if fresh {
                let layer = ui.layer_id();
                ui.data_mut(|data| data.insert_temp(first_focus_id(), layer));
            }
            self.head(ui);
            ui.add_space(6.0);
            let height = ctx.content_rect().height();
            if height >= LOW {
                return content(ui);
            }
            let area = ScrollArea::vertical().id_salt("dialog").max_height(height - AROUND).auto_shrink([false, true]);
            area.show(ui, content).inner
        });
        let closed = shown.should_close();
        DialogResponse { inner: shown.inner, closed }
    }

    fn head(&self, ui: &mut Ui) {
        Sides::new().shrink_left().show(
            ui,
            |ui| ui.label(text::title(self.title)),
            |ui| {
                if ui.add(IconButton::new(icons::X, t!("Close"))).clicked() {
                    ui.close();
                }
            },
        );
    }
}

/// Notes that the dialog is drawn. Whether it opens in this very pass.
fn opens(ctx: &Context, id: Id) -> bool {
    let pass = ctx.cumulative_pass_nr();
    let before: Option<Opened> = ctx.data(|data| data.get_temp(opened_id()));
    let by = before.map_or_else(|| ctx.memory(|memory| memory.focused()), |before| before.by);
    ctx.data_mut(|data| data.insert_temp(opened_id(), Opened { id, pass, by }));
    before.is_none_or(|before| before.id != id)
}

fn opened_id() -> Id {
    Id::unique("dialog that is open")
}

/// Gives the keyboard to what opened the last dialog, once that is drawn no more. egui lets nothing behind a dialog have
/// it until one frame has passed without one.
pub(super) fn give_focus_back(ctx: &Context) {
    let Some(opened) = ctx.data(|data| data.get_temp::<Opened>(opened_id())) else { return };
    if opened.pass == ctx.cumulative_pass_nr() {
        return;
    }
    if ctx.memory(|memory| memory.top_modal_layer().is_some()) {
        return ctx.request_repaint();
    }
    if let Some(opener) = opened.by {
        ctx.memory_mut(|memory| memory.request_focus(opener));
    }
    ctx.data_mut(|data| data.remove::<Opened>(opened_id()));
}

/// What a dialog that is drawn no more led to has the keyboard instead of what opened it.
pub(super) fn give_to(ctx: &Context, id: Id) {
    let opened = ctx.data(|data| data.get_temp::<Opened>(opened_id()));
    if let Some(opened) = opened.filter(|opened| opened.pass != ctx.cumulative_pass_nr()) {
        ctx.data_mut(|data| data.insert_temp(opened_id(), Opened { by: Some(id), ..opened }));
    }
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
