//! The request: to edit before it leaves, to read afterwards.

use egui::{CollapsingHeader, Ui};

use super::super::{Commands, expect, explained, origin, redirect};
use super::{decoded, seals};
use crate::base::http::HttpRequest;
use crate::base::params::Params;
use crate::base::text::visible;
use crate::client::certificate::describe;
use crate::expect::{Place, Subject};
use crate::flow::callback::Awaited;
use crate::flow::stage::Stage;
use crate::flow::step::StepState;
use crate::flow::trace::Exchange;
use crate::flow::{Action, Next};
use crate::gui::command::Command;
use crate::gui::draft::RequestDraft;
use crate::gui::language::{said, t, words};
use crate::gui::mask::Mask;
use crate::gui::masking;
use crate::gui::model::{Model, Target};
use crate::gui::theme::{TokensExt as _, size, text};
use crate::gui::widgets::explained as widget;
use crate::gui::widgets::{Banner, Caption, Explanation, Field, Pairs, Param, ParamsTable, Tone, request_line};

/// What is sent as names and values.
struct Kind {
    /// Above the rows, where there are several kinds.
    title: &'static str,
    /// One of them, to screen readers.
    one: &'static str,
    /// A value as it is shown, without what its name says is a credential.
    by_name: fn(&str, &str) -> String,
    /// What a name means.
    explain: fn(&str) -> Option<Explanation>,
}

const QUERY: Kind = Kind {
    title: words!("Query"),
    one: words!("query parameter"),
    by_name: masking::param,
    explain: explained::parameter,
};
const FORM: Kind = Kind {
    title: words!("Form"),
    one: words!("form parameter"),
    by_name: masking::form_param,
    explain: explained::parameter,
};
const HEADERS: Kind = Kind {
    title: words!("Header fields"),
    one: words!("header field"),
    by_name: masking::header,
    explain: explained::field,
};

impl Kind {
    /// What is shown in place of a value with a credential in it.
    fn masked(&self, mask: Mask<'_>, name: &str, value: &str) -> Option<String> {
        Some(mask.value(self.by_name, name, value)).filter(|shown| shown != value)
    }
}

/// The Request side.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let has_way_back = matches!(model.run.flow.stage(), Some(Stage::Authorization | Stage::Logout));
    let is_there = model.run.shown() == Target::Prepared && model.run.is_at_browser() && has_way_back;
    if is_there {
        redirect::show(ui, model, out);
    }
    message(ui, model, out);
    if is_there {
        redirect::below(ui, model, out);
    }
}

fn message(ui: &mut Ui, model: &Model, out: &mut Commands) {
    match (model.run.shown(), &model.run.draft, model.run.shown_exchange()) {
        (Target::Prepared, Some(draft), _) if model.run.running.is_none() => edit(ui, model, draft, out),
        (_, _, Some(exchange)) => read(ui, model, (exchange.stage, Some(exchange)), &exchange.request, out),
        (Target::Step(at), _, _) => not_yet(ui, model, at),
        _ => match (model.run.flow.request(), &model.run.next) {
            (Some(request), _) => {
                read(ui, model, (model.run.flow.stage().unwrap_or(Stage::Token), None), request, out);
            }
            (None, Next::Do(Action::Sleep(_))) => {
                let words = match model.run.running {
                    Some(_) => t!("The next poll is made when its time comes."),
                    None => t!("Polling is stopped. It goes on with the next step."),
                };
                ui.label(text::dim(words));
            }
            (None, Next::Do(Action::Await(awaiting))) if matches!(awaiting.awaited, Awaited::Ping(_)) => {
                ui.label(text::dim(t!("The server is awaited at")));
                ui.label(text::mono(awaiting.redirect_uri.as_str()));
                ui.label(text::dim(t!("with the client_notification_token of the request as bearer token.")));
                redirect::strays(ui, model.run.flow.trace.strays_now());
            }
            // What the browser was sent with.
            (None, Next::Do(Action::Await(_))) => {
                if let Some(sent) = model.run.flow.trace.exchanges.last() {
                    read(ui, model, (sent.stage, Some(sent)), &sent.request, out);
                }
            }
            _ => {}
        },
    }
}

fn not_yet(ui: &mut Ui, model: &Model, at: usize) {
    let steps = model.run.flow.steps();
    let Some(view) = steps.get(at) else { return };
    let words = match (view.state, model.run.flow.trace.skip_reason(view.position)) {
        (StepState::Skipped, Some(reason)) => {
            t!("{title} was left out: {reason}.", title = said(view.step.title), reason)
        }
        _ => t!("{title} has not come yet. Its message is made when its turn comes.", title = said(view.step.title)),
    };
    ui.label(text::dim(words));
}

type Sent<'a> = (Stage, Option<&'a Exchange>);

fn read(ui: &mut Ui, model: &Model, sent: Sent<'_>, request: &HttpRequest, out: &mut Commands) {
    let mask = model.mask();
    let shown = mask.request(request);
    let accent = ui.tokens().accent;
    let mut url = shown.url.clone();
    url.set_query(None);
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.horizontal_wrapped(|ui| {
        ui.label(text::mono(&shown.method).color(accent));
        ui.label(text::mono(url.as_str()));
    });
    certificate(ui, request);
    let sections = [(QUERY, request.query()), (FORM, request.form().unwrap_or_default())];
    let sections: Vec<_> = sections.into_iter().filter(|(_, params)| !params.is_empty()).collect();
    for (kind, params) in &sections {
        if sections.len() > 1 {
            ui.label(text::note(said(kind.title)));
        }
        table(ui, model, sent, params, |name, value| kind.masked(mask, name, value), out);
        ui.add_space(size::SPACE);
        decoded::show(ui, mask, params);
    }
    decoded::proof(ui, mask, request);
    folded_headers(ui, shown.headers.iter().count(), sections.is_empty(), |ui| headers(ui, &shown));
}

/// What is shown in the handshake is in no header field (RFC 8705 section 2).
fn certificate(ui: &mut Ui, request: &HttpRequest) {
    let Some(shown) = &request.tls.certificate else { return };
    let Ok(said) = describe(shown) else { return };
    ui.horizontal_wrapped(|ui| {
        ui.label(text::note(t!("TLS handshake, client certificate")));
        ui.label(text::mono(visible(&said.subject.to_string())));
        ui.label(text::dim(format!("x5t#S256 {}", said.thumbprint)));
    });
}

/// The header fields, folded where parameters say more.
fn folded_headers(ui: &mut Ui, count: usize, alone: bool, content: impl FnOnce(&mut Ui)) {
    let title = format!("{} ({count})", said(HEADERS.title));
    let salt = ("headers", alone);
    CollapsingHeader::new(text::small(title)).id_salt(salt).default_open(alone).show_unindented(ui, content);
}

fn headers(ui: &mut Ui, shown: &HttpRequest) {
    for (name, value) in shown.headers.iter() {
        ui.horizontal_wrapped(|ui| {
            let dim = ui.tokens().dim;
            let label = ui.label(text::mono(format!("{name}:")).color(dim));
            let place = label.rect;
            widget::explained(ui, label, place, || explained::field(name));
            ui.label(text::mono(value));
        });
    }
}

fn table(
    ui: &mut Ui,
    model: &Model,
    (stage, exchange): Sent<'_>,
    params: &Params,
    masked: impl Fn(&str, &str) -> Option<String>,
    out: &mut Commands,
) {
    let rows: Vec<(String, String, String, bool)> = params
        .iter()
        .map(|(name, value)| {
            let masked = masked(name, value);
            let shown = visible(masked.as_deref().unwrap_or(value)).into_owned();
            (name.to_owned(), shown, origin::note(&model.run.flow, stage, name), masked.is_some())
        })
        .collect();
    let rows: Vec<Param<'_>> = rows
        .iter()
        .map(|(name, value, note, masked)| {
            let subject = Subject::Of(stage, Place::Request(name.clone()));
            let row = Param::new(name, value, note).pinned(expect::is_pinned(model, &[subject]));
            if *masked { row.masked() } else { row }
        })
        .collect();
    let mut menu = |ui: &mut Ui, at: usize| {
        let subject = Subject::Of(stage, Place::Request(params.0[at].0.clone()));
        expect::menu(ui, model, &[subject], exchange, out);
    };
    let table = ParamsTable::new(&rows).dense().in_lines(redirect::gives_way(ui, model));
    let table = table.explained(&explained::parameter);
    match exchange {
        Some(_) => table.menu(expect::ICON, expect::verb(), &mut menu).show(ui),
        None => table.show(ui),
    };
}

fn edit(ui: &mut Ui, model: &Model, draft: &RequestDraft, out: &mut Commands) {
    let mut edited = draft.clone();
    let stage = model.run.flow.stage().unwrap_or(Stage::Token);
    if let Some(before) = model.run.flow.sent_before(model.now) {
        Banner::new(Tone::Warn, t!("Sent before.")).text(&before.to_string()).show(ui);
        ui.add_space(size::SPACE);
    }
    ui.spacing_mut().item_spacing.y = 4.0;
    request_line(ui, &mut edited.method, &mut edited.url, model.run.draft_error.as_deref());
    if let Some(request) = model.run.flow.request() {
        certificate(ui, request);
    }
    let note = |name: &str| origin::note(&model.run.flow, stage, name);
    let (has_query, has_form) = (!draft.query.is_empty() || !draft.has_form, draft.has_form);
    for (kind, params, is_shown) in [(FORM, &mut edited.form, has_form), (QUERY, &mut edited.query, has_query)] {
        if is_shown {
            if has_form && has_query {
                ui.label(text::note(said(kind.title)));
            }
            pairs(ui, model, &kind, params, &note);
        }
    }
    advice(ui, model, out);
    seals::show(ui, model, out);
    decoded::show(ui, model.mask(), &draft.form);
    decoded::show(ui, model.mask(), &draft.query);
    let is_alone = draft.form.is_empty() && draft.query.is_empty();
    folded_headers(ui, draft.headers.iter().count(), is_alone, |ui| {
        pairs(ui, model, &HEADERS, &mut edited.headers, &|_| String::new());
    });
    if !draft.has_form && (!draft.body.is_empty() || !matches!(draft.method.as_str(), "GET" | "HEAD")) {
        ui.add_space(size::SPACE);
        Field::new(Caption::new(t!("Body"))).lines().show(ui, &mut edited.body);
    }
    if edited != *draft {
        out.push(Command::EditDraft(Box::new(edited)));
    }
}

/// What can be done with it before it leaves.
fn advice(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if model.run.flow.is_edited() {
        let text = t!("Changes of the settings do not reach it until it is made anew.");
        if Banner::new(Tone::Note, t!("Edited by hand.")).text(text).action(t!("Make it anew")).show(ui) {
            out.push(Command::ResetDraft);
        }
    } else {
        let masked = if model.mask().is_off() { "" } else { t!(", credentials once they are shown") };
        ui.label(text::note(t!("Ready to be sent. Change anything before it leaves{masked}.", masked)));
    }
    ui.add_space(size::SPACE);
}

/// Names and values to change. What is masked is shown to read.
fn pairs(ui: &mut Ui, model: &Model, kind: &Kind, params: &mut Params, note: &dyn Fn(&str) -> String) {
    let mask = |name: &str, value: &str| kind.masked(model.mask(), name, value);
    ui.push_id(kind.one, |ui| {
        Pairs::new(said(kind.one)).message(note, &mask).explained(&kind.explain).show(ui, &mut params.0)
    });
}
