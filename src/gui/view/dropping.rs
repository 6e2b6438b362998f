//! What will happen, said while a file is dragged over the window.

use std::path::PathBuf;

use egui::{Align2, Area, Context, Frame, Id, LayerId, Order, Role, UiBuilder, vec2};

use crate::base::text::visible;
use crate::gui::language::t;
use crate::gui::theme::{TokensExt as _, icons, size, text};

/// The window under it is dimmed, and a card says what a file is taken as.
pub fn show(ctx: &Context, files: &[Option<PathBuf>]) {
    let tokens = ctx.tokens();
    let layer = LayerId::new(Order::Foreground, Id::unique("dropping"));
    ctx.layer_painter(layer).rect_filled(ctx.content_rect(), 0, tokens.backdrop);
    let name =
        files.first().cloned().flatten().and_then(|path| path.file_name().map(|it| it.to_string_lossy().into_owned()));
    let title = match (files.len(), name) {
        (1, Some(name)) => t!("Drop {name} to open it", name = visible(&name)),
        (1, None) => t!("Drop the file to open it").to_owned(),
        _ => t!("Drop them to open the first").to_owned(),
    };
    Area::new(Id::unique("what is dropped")).order(Order::Tooltip).anchor(Align2::CENTER_CENTER, vec2(0.0, 0.0)).show(
        ctx,
        |ui| {
            let frame = Frame::new().fill(tokens.popup).stroke(egui::Stroke::new(1.0, tokens.accent));
            frame.corner_radius(size::CARD_RADIUS).inner_margin(22).show(ui, |ui| {
                let builder = UiBuilder::new().accessibility_role(Role::Status).accessibility_label(&title);
                ui.scope_builder(builder, |ui| {
                    ui.set_max_width(460.0);
                    ui.vertical_centered(|ui| {
                        ui.label(icons::DOWNLOAD_SIMPLE.text(26.0).color(tokens.accent));
                        ui.label(text::title(&title));
                        ui.label(text::dim(
                            t!("A preset, a saved run, a HAR file, a SAML-tracer export, a token, or something to import: it is recognised by what is in it. Nothing is sent."),
                        ));
                    });
                });
            });
        },
    );
}
