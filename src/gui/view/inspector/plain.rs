//! Messages as text: a command for the shell, and the exact HTTP.

use egui::Ui;

use crate::base::http::HttpRequest;
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
    let command = crate::base::text::visible_lines(&command);
    CodeView::new("curl command", &command, Language::Shell).show(ui);
    if !model.reveal {
        ui.add_space(size::SPACE);
        ui.label(text::note("Credentials are masked; show secrets for a command that runs."));
    }
}

/// The Raw side.
pub fn raw(ui: &mut Ui, model: &Model) {
    let Some(request) = request(model) else {
        ui.label(text::dim("There is no request here yet."));
        return;
    };
    let sent = export::raw::request(&model.mask().request(request));
    CodeView::new("raw request", &crate::base::text::visible_lines(&sent), Language::Http).show(ui);
    let Some(Answer::Response(response)) = model.run.shown_exchange().map(|exchange| &exchange.answer) else { return };
    ui.add_space(size::SPACE);
    let response = model.mask().response(response);
    let came = export::raw::response(&response);
    CodeView::new("raw response", &crate::base::text::visible_lines(&came), Language::Http).show(ui);
}
