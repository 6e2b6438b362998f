//! Messages as text: a command for the shell, and the exact HTTP.

use egui::Ui;

use super::super::Commands;
use super::{once, shown};
use crate::base::http::HttpRequest;
use crate::base::text::visible_lines;
use crate::export;
use crate::flow::trace::Answer;
use crate::gui::model::Model;
use crate::gui::theme::{size, text};
use crate::gui::widgets::code::{CodeView, Language};

/// The request that is shown: as it left, or as it would leave now.
fn request(model: &Model) -> Option<&HttpRequest> {
    model.run.shown_exchange().map(|exchange| &exchange.request).or(model.run.preview.request.as_ref())
}

/// The cURL side.
pub fn curl(ui: &mut Ui, model: &Model) {
    let Some(request) = request(model) else {
        ui.label(text::dim("There is no request here yet."));
        return;
    };
    let command = export::curl::command(&model.mask().request(request));
    let command = visible_lines(&command);
    CodeView::new("curl command", &command, Language::Shell).show(ui);
    if !model.reveal {
        ui.add_space(size::SPACE);
        ui.label(text::note("Credentials are masked; show secrets for a command that runs."));
    }
}

/// The Raw side.
pub fn raw(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let Some(request) = request(model) else {
        ui.label(text::dim("There is no request here yet."));
        return;
    };
    let sent = export::raw::request(&model.mask().request(request));
    CodeView::new("raw request", &visible_lines(&sent), Language::Http).show(ui);
    let Some(exchange) = model.run.shown_exchange() else { return };
    let Answer::Response(response) = &exchange.answer else { return };
    ui.add_space(size::SPACE);
    let Some((key, shown)) = shown(ui, model, exchange, response, out) else { return };
    let came = once(ui, "raw response", key, || visible_lines(&export::raw::response(&shown.response)).into_owned());
    CodeView::new("raw response", &came, Language::Http).show(ui);
}
