//! What came back.

use egui::{Ui, UiBuilder, vec2};

use super::super::redirect::NOTHING_TOLD;
use super::super::{Commands, expect, explained, origin};
use super::{decoded, once, shown};
use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::text::{counted, visible};
use crate::base::time::spoken;
use crate::client::answer::status;
use crate::client::challenge::{Challenge, challenges};
use crate::expect::{Place, Subject};
use crate::flow::beside::Arrival;
use crate::flow::callback::Callback;
use crate::flow::stage::{Stage, Travel};
use crate::flow::trace::{Answer, Exchange};
use crate::flow::{Failure, Next};
use crate::gui::backend::LARGE;
use crate::gui::language::{said, t, words};
use crate::gui::masking;
use crate::gui::model::{Model, Target};
use crate::gui::shown::Shown;
use crate::gui::theme::{TokensExt as _, size, text};
use crate::gui::widgets::code::{CodeView, Language};
use crate::gui::widgets::explained as widget;
use crate::gui::widgets::json_tree::JsonTree;
use crate::gui::widgets::{Banner, Param, ParamsTable, Tone, rows};
use crate::terms::glossary;

const NOTHING_YET: &str = words!("Nothing has come back yet; this message has not left.");

/// The Response side.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    // Between two polls, what the last one brought.
    let newest_wait = || model.run.flow.trace.newest_wait().filter(|_| model.run.shown() == Target::Prepared);
    let Some(exchange) = model.run.shown_exchange().or_else(newest_wait) else {
        let is_polling = model.run.flow.is_polling() && model.run.shown() == Target::Prepared;
        let words = if is_polling { t!("The first answer comes with the first poll.") } else { said(NOTHING_YET) };
        ui.label(text::dim(words));
        return;
    };
    // While it stops the run it is told above.
    if let (Some(check), false) = (exchange.rejecting(), matches!(model.run.next, Next::Stopped(_))) {
        Banner::new(Tone::Error, t!("Do not use")).text(said(check.rule.rejects.unwrap_or_default())).show(ui);
        ui.add_space(size::SPACE);
    }
    match &exchange.answer {
        Answer::Pending if model.run.flow.is_recorded() => {
            ui.label(text::dim(t!("Not in the recording.")));
        }
        Answer::Pending => {
            let words = match exchange.stage.descriptor().travel {
                Travel::RoundTrip(_) => t!("The browser is on its way. What comes to the redirect URI is shown here."),
                _ => t!("The request has left. Its answer is on its way."),
            };
            ui.label(text::dim(words));
        }
        Answer::Visited if exchange.stage == Stage::Logout && exchange.listened().is_some() => listened(ui, exchange),
        Answer::Visited if exchange.stage == Stage::Logout => {
            ui.label(text::dim(t!(
                "The user was sent there. Without a post_logout_redirect_uri nothing comes back, and only the page says \
                 whether he is signed out: not judged."
            )));
        }
        Answer::Visited => {
            ui.label(text::dim(t!(
                "The user was sent there. What comes of it is learned by polling the token endpoint."
            )));
        }
        Answer::Response(response) => http(ui, model, exchange, response, out),
        Answer::Callback(callback) => callback_table(ui, model, exchange, callback, out),
        Answer::Failed(error) => {
            let words = error.to_string();
            let came = if let Failure::Transport(error) = error { error.beginning() } else { None };
            let title = match error {
                _ if came.is_some() => t!("Not the whole answer"),
                // A page of the server came, and nothing by which it sends the browser back.
                Failure::SignIn { .. } => t!("The browser was not sent back"),
                _ => t!("No answer"),
            };
            Banner::new(Tone::Error, title).text(&words).show(ui);
            if let Some(beginning) = came {
                ui.add_space(size::SPACE);
                ui.label(text::note(t!("What came first, {body} B of the body:", body = beginning.body.len())));
                http(ui, model, exchange, beginning, out);
            }
        }
    }
}

/// Nothing came back from a logout: what was told of it meanwhile is in the diagram, and judged among the checks.
fn listened(ui: &mut Ui, exchange: &Exchange) {
    if exchange.meanwhile.is_empty() {
        let title = t!("Nothing was told of the logout within {waited}", waited = spoken(exchange.took));
        Banner::new(Tone::Note, &title).text(said(NOTHING_TOLD)).show(ui);
        return;
    }
    let told = |Arrival { at, request, response }: &Arrival| {
        let method = visible(&request.method);
        let path = visible(request.url.path());
        let after = spoken(at.since(exchange.sent_at));
        t!("{method} {path} after {after}, answered with {status}", method, path, after, status = response.status)
    };
    ui.label(text::dim(t!("Nothing comes back from this logout. What was told of it:")));
    for arrival in &exchange.meanwhile {
        ui.label(text::mono(told(arrival)));
    }
}

fn http(ui: &mut Ui, model: &Model, exchange: &Exchange, response: &HttpResponse, out: &mut Commands) {
    let tokens = ui.tokens();
    let color = match response.is_success() {
        _ if exchange.is_turned_down() => tokens.error,
        true => tokens.ok,
        false if exchange.may_be_refused() => tokens.warn,
        false => tokens.error,
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(text::mono(status(response)).color(color));
        let size = response.body.len();
        let media_type = response.headers.content_type().unwrap_or_else(|| "no Content-Type".to_owned());
        ui.label(text::dim(format!("· {} · {size} B · {}", visible(&media_type), spoken(exchange.took))));
        expect::button(ui, model, "status", |ui| {
            let places = [Place::Status, Place::Took].map(|place| Subject::Of(exchange.stage, place));
            expect::menu(ui, model, &places, Some(exchange), out);
        });
    });
    let Some((key, shown)) = shown(ui, model, exchange, response, out) else {
        ui.label(text::dim(t!("It is being read, which takes a moment.")));
        return;
    };
    // A refusal that ends the run is quoted above; this one was wanted, and its row in the body may be cut.
    let said = shown.json.as_ref().and_then(|json| json.text("error_description"));
    if let Some(said) = said.filter(|_| exchange.stage.wants_refusal()) {
        ui.add(egui::Label::new(text::dim(said)).wrap());
    }
    ui.add_space(4.0);
    egui::CollapsingHeader::new(text::small(counted(
        response.headers.0.len(),
        t!("header field"),
        t!("header fields"),
    )))
    .id_salt("headers")
    .show(ui, |ui| {
        let fields = &shown.response.headers.0;
        rows(ui, t!("header fields"), fields.len(), size::ROW, |ui, at| {
            let (name, value) = &fields[at];
            let row = ui.horizontal_wrapped(|ui| {
                let label = ui.label(text::mono(format!("{}:", visible(name))).color(tokens.dim));
                let place = label.rect;
                widget::explained(ui, label, place, || explained::field(name));
                ui.label(text::mono(visible(value)));
                ui.take_available_width();
            });
            // The keyboard is on the button at the right end.
            widget::note(ui, row.response.rect, || explained::field(name));
            let subject = [Subject::Of(exchange.stage, Place::Field(name.to_lowercase()))];
            let is_pinned = expect::is_pinned(model, &subject);
            expect::at_right_end(ui, &row.response, (name, is_pinned), |ui| {
                expect::menu(ui, model, &subject, Some(exchange), out);
            });
        });
    });
    ui.add_space(size::SPACE);
    for challenge in challenges(&shown.response) {
        challenged(ui, &challenge);
    }
    // What is in it where it is a token as a whole, which a large one is not.
    let token = once(ui, "token of the response", key, || match shown.json {
        None if response.body.len() < LARGE => decoded::body(model.mask(), &response.text(), &exchange.settings),
        // As it came: in what is shown the JWTs are masked.
        Some(_) if response.body.len() < LARGE => {
            Json::parse(&response.body).iter().flat_map(|json| decoded::sources(model.mask(), json)).collect()
        }
        _ => Vec::new(),
    });
    body(ui, model, exchange, (&shown, &token), out);
}

/// What a refusal asks for (RFC 9110 section 11.6.1, RFC 6750 section 3), with each parameter explained.
fn challenged(ui: &mut Ui, challenge: &Challenge) {
    ui.label(text::note(t!("WWW-Authenticate: {scheme}", scheme = visible(&challenge.scheme))));
    let rows: Vec<(String, String, String)> = challenge
        .params
        .iter()
        .map(|(name, value)| {
            let of_error = if name == "error" { glossary::error(value) } else { None };
            let meant = of_error.map(|entry| said(&entry.meaning).to_owned());
            let meant = meant.unwrap_or_else(|| origin::of_challenge(name).to_owned());
            (visible(name).into_owned(), visible(value).into_owned(), meant)
        })
        .collect();
    let rows: Vec<Param<'_>> = rows.iter().map(|(name, value, note)| Param::new(name, value, note)).collect();
    let explain = |name: &str| {
        let value = challenge.params.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        explained::challenge(name, value)
    };
    ParamsTable::new(&rows).explained(&explain).show(ui);
    ui.add_space(size::SPACE);
}

fn body(
    ui: &mut Ui,
    model: &Model,
    exchange: &Exchange,
    (shown, token): (&Shown, &[decoded::Part]),
    out: &mut Commands,
) {
    match &shown.json {
        Some(json) => {
            // Above what scrolls for itself.
            decoded::parts(ui, t!("the answer"), token);
            let revision = exchange.sent_at.millis().unsigned_abs();
            let mut menu = |ui: &mut Ui, names: &[String]| {
                expect::menu(ui, model, &expect::answer(exchange, names), Some(exchange), out);
            };
            let is_pinned = |names: &[String]| expect::is_pinned(model, &expect::answer(exchange, names));
            let explain = |name: &str, value: &Json| explained::member(exchange.stage, name, Some(value));
            let tree = JsonTree::new(t!("response body"), json).revision(revision).explained(&explain);
            bounded(ui, |ui| tree.marked(&is_pinned).menu(expect::ICON, expect::verb(), &mut menu).show(ui));
        }
        None if shown.text.is_empty() => {
            ui.label(text::dim(t!("The body is empty.")));
        }
        None => {
            bounded(ui, |ui| CodeView::new(t!("response body"), &shown.text, Language::Plain).show(ui));
            decoded::parts(ui, t!("the answer"), token);
        }
    }
}

/// Long bodies scroll for themselves, so that only the rows in sight are laid out.
fn bounded<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let room = vec2(ui.available_width(), (ui.clip_rect().height() - 56.0).max(160.0));
    let (_, rect) = ui.allocate_space(room);
    ui.scope_builder(UiBuilder::new().max_rect(rect), content).inner
}

fn callback_table(ui: &mut Ui, model: &Model, exchange: &Exchange, callback: &Callback, out: &mut Commands) {
    ui.horizontal_wrapped(|ui| {
        ui.label(text::dim(t!("Came by {name} to", name = said(callback.via.name()))));
        let redirect_uri = model.mask().value(masking::param, "redirect_uri", &callback.redirect_uri);
        ui.label(text::mono(visible(&redirect_uri)));
    });
    ui.add_space(size::SPACE);
    let rows: Vec<(String, String, String)> = callback
        .params
        .iter()
        .map(|(name, value)| {
            let value = model.mask().value(masking::param, name, value);
            let note = origin::of_callback(&model.run.flow, exchange.stage, name);
            (visible(name).into_owned(), visible(&value).into_owned(), note)
        })
        .collect();
    let is_pinned = |name: &String| expect::is_pinned(model, &expect::answer(exchange, std::slice::from_ref(name)));
    let rows: Vec<Param<'_>> =
        rows.iter().map(|(name, value, note)| Param::new(name, value, note).pinned(is_pinned(name))).collect();
    let mut menu = |ui: &mut Ui, at: usize| {
        let name = callback.params.0[at].0.clone();
        expect::menu(ui, model, &expect::answer(exchange, &[name]), Some(exchange), out);
    };
    ParamsTable::new(&rows).explained(&explained::parameter).menu(expect::ICON, expect::verb(), &mut menu).show(ui);
}
