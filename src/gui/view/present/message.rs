//! The message that matters now: where it goes and what is in it.

use egui::{Label, Rect, RichText, Ui, UiBuilder, pos2, vec2};

use super::super::inspector;
use super::rows::{self, words};
use super::{Commands, values};
use crate::base::http::{HttpRequest, HttpResponse, reason};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::flow::trace::{Answer, Exchange};
use crate::flow::{Action, Next};
use crate::gui::handed::{Handed, leaving};
use crate::gui::language::{said, t};
use crate::gui::lessons::{Place, SideRun};
use crate::gui::mask::Mask;
use crate::gui::masking;
use crate::gui::model::{Model, Target};
use crate::gui::theme::{TokensExt as _, text};
use crate::gui::widgets::paint;

/// At 1280 x 720.
const HEAD: f32 = 32.0;
/// Rows that stand below each other where it is explained.
const COLUMN: usize = 4;
/// Larger bodies are told by their size, in bytes.
const READ_AT_MOST: usize = 64 * 1024;

/// A message as an audience reads it.
#[derive(Default)]
struct Shown {
    /// `POST`, `200 OK`
    kind: String,
    is_bad: bool,
    /// `127.0.0.1:9400/token`
    place: String,
    rows: Vec<(String, String)>,
    /// In the place of rows.
    words: String,
}

/// Draws it into this room.
pub fn show(ui: &mut Ui, room: Rect, model: &Model, scale: f32, out: &mut Commands) {
    if let (Next::Missing(missing), Target::Prepared) = (&model.run.next, model.run.shown()) {
        ui.scope_builder(UiBuilder::new().max_rect(room), |ui| inspector::fill_in(ui, model, missing.field, out));
        return;
    }
    draw(ui, room, &of(model), values(ui, model).handed.as_ref(), scale);
}

/// Draws the message of a row of a lesson into this room, or its answer.
pub fn of_lesson(ui: &mut Ui, room: Rect, run: &SideRun, row: usize, scale: f32) {
    let mask = Mask::of(&run.played.hide);
    let shown = match run.arrows.get(row).and_then(|arrow| run.message(arrow.of)) {
        None => told(t!("This happened beside the app, so that no message of it is in its run.")),
        Some((_, exchange)) if run.place(row) == Some(Place::Last) => came(mask, exchange),
        Some((_, exchange)) => sent(mask, &exchange.request),
    };
    draw(ui, room, &shown, None, scale);
}

fn draw(ui: &mut Ui, room: Rect, shown: &Shown, handed: Option<&Handed>, scale: f32) {
    let tokens = ui.tokens();
    let kind_ink = if shown.is_bad { tokens.error } else { tokens.syntax_name };
    let line = Rect::from_min_size(room.min, vec2(room.width(), HEAD * scale));
    let style = text::mono_strong_style();
    let kind = paint::styled_line(ui, &shown.kind, &style, kind_ink, f32::INFINITY).size().x;
    let gap = if kind > 0.0 { 12.0 * scale } else { 0.0 };
    words(ui, line, RichText::new(&shown.kind).text_style(style.clone()).color(kind_ink));
    words(
        ui,
        line.with_min_x(line.left() + kind + gap),
        RichText::new(&shown.place).text_style(style).color(tokens.strong),
    );
    let below = Rect::from_min_max(pos2(room.left(), line.bottom() + 4.0 * scale), room.max);
    if !shown.words.is_empty() {
        let words = Label::new(RichText::new(&shown.words).color(tokens.text)).wrap().selectable(false);
        return drop(ui.scope_builder(UiBuilder::new().max_rect(below), |ui| ui.add(words)));
    }
    rows::show(ui, below, &shown.rows, handed, scale);
}

/// Whether a message has more rows than stand below each other.
pub fn is_long(model: &Model) -> bool {
    of(model).rows.len() > COLUMN
}

fn of(model: &Model) -> Shown {
    let exchanges = &model.run.flow.trace.exchanges;
    let mask = model.mask();
    match model.run.shown() {
        Target::Request(at) | Target::Trip(at) => {
            exchanges.get(at).map(|exchange| sent(mask, &exchange.request)).unwrap_or_default()
        }
        Target::Answer(at) => exchanges.get(at).map(|exchange| came(mask, exchange)).unwrap_or_default(),
        Target::Prepared => prepared(model),
        Target::Polls => told(t!("The client asks again and again until the user has agreed.")),
        Target::Step(at) => match model.run.flow.steps().get(at) {
            Some(view) => Shown { kind: said(view.step.title).to_owned(), ..told(t!("This has not come yet.")) },
            None => Shown::default(),
        },
    }
}

fn prepared(model: &Model) -> Shown {
    let flow = &model.run.flow;
    if let (Some(device), Some(_)) = (&flow.session.device, flow.session.polling) {
        let rows = [("verification_uri", &device.verification_uri), ("user_code", &device.user_code)];
        let rows = rows.map(|(name, value)| (name.to_owned(), visible(value).into_owned()));
        return Shown { kind: t!("On another device").to_owned(), rows: rows.into(), ..Shown::default() };
    }
    match (leaving(&model.run), &model.run.next, flow.trace.exchanges.last()) {
        (Some(request), _, _) => sent(model.mask(), request),
        (None, Next::Do(Action::Sleep(_)), _) => told(t!("The next poll is made when its time comes.")),
        // What the browser was sent with.
        (None, Next::Do(Action::Await(_)), Some(last)) => sent(model.mask(), &last.request),
        _ => Shown::default(),
    }
}

fn told(words: &str) -> Shown {
    Shown { words: words.to_owned(), ..Shown::default() }
}

fn sent(mask: Mask<'_>, request: &HttpRequest) -> Shown {
    let masked = mask.request(request);
    let (kind, place) = (visible(&request.method).into_owned(), place(&masked));
    let query = masked.query();
    let mut rows: Vec<(String, String)> = query.iter().map(shown).collect();
    rows.extend(masked.form().iter().flat_map(|form| form.iter().map(shown).collect::<Vec<_>>()));
    // A token is handed on. Who the client is stays the same throughout.
    let authorization = masked.headers.get("Authorization").filter(|value| !value.starts_with("Basic "));
    rows.extend(authorization.map(|value| shown(("Authorization", value))));
    let words = if rows.is_empty() { t!("It has no parameters.").to_owned() } else { String::new() };
    Shown { kind, place, rows, words, is_bad: false }
}

/// `127.0.0.1:9400/token`
fn place(request: &HttpRequest) -> String {
    let url = &request.url;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    visible(&format!("{}{port}{}", url.host_str().unwrap_or_default(), url.path())).into_owned()
}

fn shown((name, value): (&str, &str)) -> (String, String) {
    // As many dots as in the diagram.
    (visible(name).into_owned(), visible(value).replace("••••••••", "••••"))
}

fn came(mask: Mask<'_>, exchange: &Exchange) -> Shown {
    match &exchange.answer {
        Answer::Response(response) => answered(mask, exchange, response),
        Answer::Callback(callback) => {
            let masked = |(name, value): (&str, &str)| shown((name, &mask.value(masking::param, name, value)));
            let rows: Vec<_> = callback.params.iter().map(masked).collect();
            let is_bad = callback.params.contains("error");
            let redirect_uri = mask.value(masking::param, "redirect_uri", &callback.redirect_uri);
            let place = redirect_uri.trim_start_matches("http://").trim_start_matches("https://");
            Shown { kind: "GET".to_owned(), is_bad, place: visible(place).into_owned(), rows, words: String::new() }
        }
        Answer::Pending | Answer::Visited => told(t!("Nothing has come yet.")),
        Answer::Failed(_) => Shown { kind: t!("No answer").to_owned(), is_bad: true, ..Shown::default() },
    }
}

fn answered(mask: Mask<'_>, exchange: &Exchange, response: &HttpResponse) -> Shown {
    let kind = format!("{} {}", response.status, reason(response.status));
    let shown = Shown {
        kind: kind.trim_end().to_owned(),
        is_bad: exchange.is_turned_down(),
        place: place(&mask.request(&exchange.request)),
        ..Shown::default()
    };
    if response.body.len() > READ_AT_MOST {
        return Shown { words: t!("A document of {body} bytes.", body = response.body.len()), ..shown };
    }
    let json = Json::parse(&mask.response(response).body).unwrap_or(Json::Null);
    let value = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let members = json.members().iter().map(|(name, member)| self::shown((name, &value(member))));
    let rows: Vec<_> = members.collect();
    let words = match rows.is_empty() {
        true => response.headers.content_type().unwrap_or_else(|| t!("It has no body.").to_owned()),
        false => String::new(),
    };
    Shown { rows, words, ..shown }
}
