//! Messages as text: a command for the shell, and the exact HTTP.

use egui::Ui;

use super::super::Commands;
use super::{once, shown};
use crate::base::http::HttpRequest;
use crate::base::text::visible_lines;
use crate::export;
use crate::flow::trace::Answer;
use crate::gui::command::Command;
use crate::gui::document::Goes;
use crate::gui::language::{said, t};
use crate::gui::model::{Exported, Model};
use crate::gui::theme::{icons, size, text};
use crate::gui::widgets::Button;
use crate::gui::widgets::code::{CodeView, Language};
use crate::report::Format;

/// The request that is shown: as it left, or as it would leave now.
fn request(model: &Model) -> Option<&HttpRequest> {
    model.run.shown_exchange().map(|exchange| &exchange.request).or(model.run.preview.request.as_ref())
}

/// The cURL side.
pub fn curl(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let Some(request) = request(model) else {
        ui.label(text::dim(t!("There is no request here yet.")));
        return;
    };
    let command = export::curl::command(&model.mask().request(request));
    let command = visible_lines(&command);
    CodeView::new(t!("curl command"), &command, Language::Shell).show(ui);
    if !model.mask().is_off() {
        ui.add_space(size::SPACE);
        ui.label(text::note(t!("Credentials are masked; show secrets for a command that runs.")));
    }
    copy_as(ui, model, out);
}

/// A token request that has left, as a program. Its secrets are read from the environment.
fn copy_as(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let sent = model.run.shown_exchange().map(|exchange| &exchange.request);
    // The program makes the newest of them.
    let is_token = |request: &&HttpRequest| request.form().is_some_and(|form| form.contains("grant_type"));
    let newest = model.run.flow.trace.exchanges.iter().map(|exchange| &exchange.request).rfind(is_token);
    if sent.is_none() || !sent.zip(newest).is_some_and(|(sent, newest)| std::ptr::eq(sent, newest)) {
        return;
    }
    ui.add_space(size::SPACE);
    Button::secondary(t!("Copy as")).icon(icons::COPY).small().menu(ui, |ui| {
        for format in Format::ALL.into_iter().filter(|format| matches!(format, Format::Code(_))) {
            if ui.button(said(format.title())).clicked() {
                out.push(Command::Export(Exported::Run(model.run.id), format, Goes::ToClipboard));
            }
        }
    });
}

/// The Raw side.
pub fn raw(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let Some(request) = request(model) else {
        ui.label(text::dim(t!("There is no request here yet.")));
        return;
    };
    let sent = export::raw::request(&model.mask().request(request));
    CodeView::new(t!("raw request"), &visible_lines(&sent), Language::Http).show(ui);
    let Some(exchange) = model.run.shown_exchange() else { return };
    let Answer::Response(response) = &exchange.answer else { return };
    ui.add_space(size::SPACE);
    let Some((key, shown)) = shown(ui, model, exchange, response, out) else { return };
    let came = once(ui, "raw response", key, || visible_lines(&export::raw::response(&shown.response)).into_owned());
    CodeView::new(t!("raw response"), &came, Language::Http).show(ui);
}
