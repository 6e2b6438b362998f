//! The request: to edit before it leaves, to read afterwards.

use egui::Ui;

use super::super::{Commands, origin, redirect};
use super::{decoded, seals};
use crate::base::http::HttpRequest;
use crate::base::params::Params;
use crate::base::text::visible;
use crate::client::certificate::describe;
use crate::flow::callback::Awaited;
use crate::flow::stage::Stage;
use crate::flow::step::StepState;
use crate::flow::{Action, Next};
use crate::gui::command::Command;
use crate::gui::draft::RequestDraft;
use crate::gui::masking;
use crate::gui::model::{Model, Target};
use crate::gui::theme::{TokensExt as _, size, text};
use crate::gui::widgets::{Banner, Caption, Field, Pairs, Param, ParamsTable, Tone};

/// Whether a parameter of this name is masked.
type IsCredential = fn(&str) -> bool;

/// The Request side.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let has_way_back = matches!(model.run.flow.stage(), Some(Stage::Authorization | Stage::Logout));
    if model.run.shown() == Target::Prepared && model.run.is_at_browser() && has_way_back {
        redirect::show(ui, model, out);
    }
    match (model.run.shown(), &model.run.draft, model.run.shown_exchange()) {
        (Target::Prepared, Some(draft), _) if model.run.running.is_none() => edit(ui, model, draft, out),
        (_, _, Some(exchange)) => read(ui, model, exchange.stage, &exchange.request),
        (Target::Step(at), _, _) => not_yet(ui, model, at),
        _ => match (model.run.flow.request(), &model.run.next) {
            (Some(request), _) => read(ui, model, model.run.flow.stage().unwrap_or(Stage::Token), request),
            (None, Next::Do(Action::Sleep(_))) => {
                let words = match model.run.running {
                    Some(_) => "The next poll is made when its time comes.",
                    None => "Polling is stopped. It goes on with the next step.",
                };
                ui.label(text::dim(words));
            }
            (None, Next::Do(Action::Await(awaiting))) if matches!(awaiting.awaited, Awaited::Ping(_)) => {
                ui.label(text::dim("The server is awaited at"));
                ui.label(text::mono(awaiting.redirect_uri.as_str()));
                ui.label(text::dim("with the client_notification_token of the request as bearer token."));
                redirect::strays(ui, model.run.flow.trace.strays_now());
            }
            _ => {}
        },
    }
}

fn not_yet(ui: &mut Ui, model: &Model, at: usize) {
    let steps = model.run.flow.steps();
    let Some(view) = steps.get(at) else { return };
    let words = match (view.state, model.run.flow.trace.skip_reason(view.position)) {
        (StepState::Skipped, Some(reason)) => format!("{} was left out: {reason}.", view.step.title),
        _ => format!("{} has not come yet. Its message is made when its turn comes.", view.step.title),
    };
    ui.label(text::dim(words));
}

fn read(ui: &mut Ui, model: &Model, stage: Stage, request: &HttpRequest) {
    let reveal = model.reveal && !model.present;
    let shown = if reveal { request.clone() } else { masking::request(request) };
    let accent = ui.tokens().accent;
    let mut url = shown.url.clone();
    url.set_query(None);
    ui.horizontal_wrapped(|ui| {
        ui.label(text::mono(&shown.method).color(accent));
        ui.label(text::mono(url.as_str()));
    });
    certificate(ui, request);
    headers(ui, &shown);
    ui.add_space(size::SPACE);
    let real_form = request.form();
    let sections: [(_, _, IsCredential); 2] = [
        ("Query", request.query(), masking::is_credential),
        ("Form", real_form.unwrap_or_default(), masking::is_form_credential),
    ];
    for (title, params, is_credential) in sections.iter().filter(|(_, params, _)| !params.is_empty()) {
        ui.label(text::note(*title));
        table(ui, model, stage, params, |name| !reveal && is_credential(name));
        ui.add_space(size::SPACE);
        decoded::show(ui, params);
    }
}

/// What is shown in the handshake is in no header field (RFC 8705 section 2).
fn certificate(ui: &mut Ui, request: &HttpRequest) {
    let Some(shown) = &request.tls.certificate else { return };
    let Ok(said) = describe(shown) else { return };
    ui.horizontal_wrapped(|ui| {
        ui.label(text::note("TLS handshake, client certificate"));
        ui.label(text::mono(visible(&said.subject.to_string())));
        ui.label(text::dim(format!("x5t#S256 {}", said.thumbprint)));
    });
}

fn headers(ui: &mut Ui, shown: &HttpRequest) {
    for (name, value) in shown.headers.iter() {
        ui.horizontal_wrapped(|ui| {
            let dim = ui.tokens().dim;
            ui.label(text::mono(format!("{name}:")).color(dim));
            ui.label(text::mono(value));
        });
    }
}

fn table(ui: &mut Ui, model: &Model, stage: Stage, params: &Params, is_hidden: impl Fn(&str) -> bool) {
    let rows: Vec<(String, String, String, bool)> = params
        .iter()
        .map(|(name, value)| {
            let masked = is_hidden(name);
            let value = if masked { masking::hint(value) } else { value.to_owned() };
            let value = visible(&value).into_owned();
            (name.to_owned(), value, origin::note(&model.run.flow, stage, name), masked)
        })
        .collect();
    let rows: Vec<Param<'_>> = rows
        .iter()
        .map(|(name, value, note, masked)| {
            let row = Param::new(name, value, note);
            if *masked { row.masked() } else { row }
        })
        .collect();
    ParamsTable::new(&rows).show(ui);
}

fn edit(ui: &mut Ui, model: &Model, draft: &RequestDraft, out: &mut Commands) {
    let mut edited = draft.clone();
    let stage = model.run.flow.stage().unwrap_or(Stage::Token);
    notice(ui, model, out);
    ui.horizontal_top(|ui| {
        let method = egui::vec2(76.0, 50.0);
        ui.allocate_ui_with_layout(method, egui::Layout::top_down(egui::Align::Min), |ui| {
            ui.set_width(method.x);
            Field::new(Caption::new("Method")).show(ui, &mut edited.method);
        });
        ui.vertical(|ui| {
            let mut caption = Caption::new("URL");
            if let Some(error) = &model.run.draft_error {
                caption = caption.note(Tone::Error, error);
            }
            Field::new(caption).show(ui, &mut edited.url);
        });
    });
    let note = |name: &str| origin::note(&model.run.flow, stage, name);
    if let Some(request) = model.run.flow.request() {
        certificate(ui, request);
    }
    ui.add_space(size::SPACE);
    if draft.has_form {
        section(ui, "Form parameters", "form parameter", &mut edited.form, &note, model);
    }
    if !draft.query.is_empty() || !draft.has_form {
        section(ui, "Query parameters", "query parameter", &mut edited.query, &note, model);
    }
    seals::show(ui, model, out);
    decoded::show(ui, &draft.form);
    decoded::show(ui, &draft.query);
    let no_note = |_: &str| String::new();
    section(ui, "Header fields", "header field", &mut edited.headers, &no_note, model);
    if !draft.has_form && (!draft.body.is_empty() || !matches!(draft.method.as_str(), "GET" | "HEAD")) {
        Field::new(Caption::new("Body")).lines().show(ui, &mut edited.body);
    }
    if edited != *draft {
        out.push(Command::EditDraft(Box::new(edited)));
    }
}

fn notice(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if let Some(before) = model.run.flow.sent_before(model.now) {
        Banner::new(Tone::Warn, "Sent before.").text(&before.to_string()).show(ui);
        ui.add_space(size::SPACE);
    }
    if model.run.flow.is_edited() {
        let text = "Changes of the settings do not reach it until it is made anew.";
        if Banner::new(Tone::Note, "Edited by hand.").text(text).action("Make it anew").show(ui) {
            out.push(Command::ResetDraft);
        }
        ui.add_space(size::SPACE);
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.label(text::dim("Ready to be sent. Change anything before it leaves."));
        if !model.reveal {
            ui.label(text::dim("Credentials are masked until you show secrets."));
        }
    });
    ui.add_space(4.0);
}

/// Credentials are not editable while masked: their rows are shown to read.
fn section(ui: &mut Ui, title: &str, name: &str, params: &mut Params, note: &dyn Fn(&str) -> String, model: &Model) {
    let reveal = model.reveal && !model.present;
    let is_credential: IsCredential = match name {
        "form parameter" => masking::is_form_credential,
        _ => masking::is_credential,
    };
    let is_hidden =
        |(name, _): &(String, String)| !reveal && (is_credential(name) || masking::is_credential_header(name));
    ui.label(text::note(title));
    let (hidden, mut open): (Vec<_>, Vec<_>) = params.0.iter().cloned().partition(is_hidden);
    if !hidden.is_empty() {
        let values: Vec<String> =
            hidden
                .iter()
                .map(|(name, value)| {
                    if masking::is_credential_header(name) {
                        masking::header(name, value)
                    } else {
                        masking::hint(value)
                    }
                })
                .collect();
        let rows: Vec<Param<'_>> =
            hidden.iter().zip(&values).map(|((name, _), value)| Param::new(name, value, "masked").masked()).collect();
        ParamsTable::new(&rows).show(ui);
    }
    let before = open.clone();
    ui.push_id(name, |ui| Pairs::new(name).notes(note).show(ui, &mut open));
    if open != before {
        params.0 = merged(&params.0, &before, open, is_hidden);
    }
    ui.add_space(size::SPACE);
}

/// Puts edited pairs back where they were; hidden ones keep their places, new ones go to the end.
fn merged(
    all: &[(String, String)],
    before: &[(String, String)],
    open: Vec<(String, String)>,
    is_hidden: impl Fn(&(String, String)) -> bool,
) -> Vec<(String, String)> {
    if open.len() != before.len() {
        let hidden = all.iter().filter(|pair| is_hidden(pair)).cloned();
        return open.into_iter().chain(hidden).collect();
    }
    let mut open = open.into_iter();
    all.iter()
        .map(|pair| if is_hidden(pair) { pair.clone() } else { open.next().unwrap_or_else(|| pair.clone()) })
        .collect()
}
