//! Every address at which this run looked for metadata, with what came back (OIDC Discovery section 4, RFC 8414
//! section 3).

use std::sync::Arc;

use egui::{Rect, ScrollArea, Ui, vec2};

use super::{cell, flow, heading, mark, panel, places, short, title};
use crate::base::check::{Rule, Verdict};
use crate::base::text::{counted, visible};
use crate::client::endpoint::discovery::Asked;
use crate::client::rules::metadata as rule;
use crate::flow::explain_discovery::{issuer_to_use, searched};
use crate::flow::stage::Stage;
use crate::flow::trace::{Answer, Exchange};
use crate::gui::command::Command;
use crate::gui::language::{saw, sentence, t};
use crate::gui::model::{Model, Tab};
use crate::gui::theme::{TokensExt as _, icons, text};
use crate::gui::view::Commands;
use crate::gui::widgets::{Button, EmptyState, Tone};

const HEAD: f32 = 42.0;
const ROW: f32 = 29.0;

/// Whether there is something to show.
pub fn has_begun(model: &Model) -> bool {
    flow(model).session.metadata.is_some() || tries(model).next().is_some()
}

fn tries(model: &Model) -> impl Iterator<Item = &Arc<Exchange>> {
    flow(model).trace.exchanges.iter().filter(|exchange| exchange.stage == Stage::Discovery)
}

/// What to do where nothing was asked yet.
pub fn empty(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let text = match (flow(model).settings.server.issuer.is_empty(), flow(model).settings.server.discovery) {
        (true, true) => t!("Fill in an issuer in the settings of the run. Its first step then asks that server."),
        (_, true) => t!("The first step of a run asks the server for its metadata. Start the run, then come back."),
        (_, false) => t!("Discovery is switched off in the settings, so this run asks no server about itself."),
    };
    let state = EmptyState::new(icons::MAGNIFYING_GLASS, t!("The server was not asked yet")).text(text);
    if state.action(t!("Go to the run")).show(ui) {
        out.push(Command::Go(Tab::Grant(flow(model).grant)));
    }
}

/// The card; where it ends.
pub fn show(ui: &mut Ui, room: Rect, model: &Model, out: &mut Commands) -> f32 {
    let tried: Vec<&Arc<Exchange>> = tries(model).collect();
    let rows = tried.len().clamp(1, 4) as f32;
    let end = room.top() + HEAD + rows * ROW + 6.0;
    panel(ui, "discovery", room.with_max_y(end), |ui| {
        head(ui, model, tried.len(), out);
        ScrollArea::vertical().id_salt("tries").auto_shrink(false).show(ui, |ui| {
            ui.add_space(2.0);
            if tried.is_empty() {
                let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
                let [place] = places(rect, [f32::INFINITY]);
                cell(ui, place, |ui| short(ui, text::dim(t!("This run took the metadata over from one before it."))));
            }
            for (at, exchange) in tried.iter().enumerate() {
                ui.push_id(at, |ui| row(ui, model, exchange));
            }
        });
    });
    end
}

/// Begins anew with the issuer that the document names, where it is of the host that was asked.
pub fn use_issuer(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let flow = flow(model);
    let Some(issuer) = issuer_to_use(flow).filter(|_| !flow.is_recorded()) else { return };
    let button = Button::secondary(t!("Use the issuer of the document")).small();
    if ui.add(button).on_hover_text(visible(issuer)).clicked() {
        let mut settings = flow.settings.clone();
        issuer.clone_into(&mut settings.server.issuer);
        out.push(Command::EditSettings(Box::new(settings)));
        out.push(Command::StartOver);
    }
}

fn head(ui: &mut Ui, model: &Model, count: usize, out: &mut Commands) {
    let issuer = visible(&flow(model).settings.server.issuer).into_owned();
    title(
        ui,
        HEAD,
        |ui| {
            heading(ui, t!("Discovery"));
            ui.label(text::dim(counted(count, t!("address tried for"), t!("addresses tried for"))));
            short(ui, text::mono(issuer));
        },
        |ui| use_issuer(ui, model, out),
    );
}

fn row(ui: &mut Ui, model: &Model, exchange: &Exchange) {
    let tokens = ui.tokens();
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    let width = rect.width();
    let [icon_place, url_place, status_place, words_place] =
        places(rect, [24.0, (width * 0.62).round(), 46.0, f32::INFINITY]);
    let tried = Tried::of(model, exchange);
    cell(ui, icon_place, |ui| match tried.tone {
        Tone::Ok => mark(ui, icons::CHECK, tokens.ok, t!("used")),
        Tone::Neutral => mark(ui, icons::HOURGLASS, tokens.dim, t!("under way")),
        _ => mark(ui, icons::X, tokens.error, t!("not used")),
    });
    let url = exchange.request.url.as_str();
    cell(ui, url_place, |ui| short(ui, text::mono(visible(url))).on_hover_text(tried.rule.unwrap_or(url)));
    cell(ui, status_place, |ui| short(ui, text::mono(tried.status).color(tokens.dim)));
    cell(ui, words_place, |ui| short(ui, tried.words.into()));
}

/// What came of one address.
struct Tried {
    tone: Tone,
    status: String,
    words: String,
    /// Which document makes this address.
    rule: Option<&'static str>,
}

impl Tried {
    fn of(model: &Model, exchange: &Exchange) -> Self {
        let asked = match &model.run.flow.session.way_in {
            Some(_) => searched(&model.run.flow),
            None => Asked::new(&exchange.settings.server.issuer),
        };
        let rule = asked.candidates.iter().find(|one| one.url == exchange.request.url).map(|one| one.rule);
        let (tone, status, words) = match &exchange.answer {
            Answer::Response(response) => {
                let (tone, words) = come(model, exchange);
                (tone, response.status.to_string(), words)
            }
            Answer::Failed(failure) => (Tone::Error, String::new(), failure.to_string()),
            Answer::Pending | Answer::Visited | Answer::Callback(_) => {
                (Tone::Neutral, String::new(), t!("under way").to_owned())
            }
        };
        Self { tone, status, words, rule }
    }
}

/// What an answer was, as the rules have judged it: bodies are not read in each frame.
fn come(model: &Model, exchange: &Exchange) -> (Tone, String) {
    if let Some(why) = exchange.lacks_document() {
        return (Tone::Error, sentence(why).into_owned());
    }
    let of = |rule: &Rule| exchange.checks.iter().find(|check| check.rule.id == rule.id);
    let count = of(&rule::DOCUMENT).map(saw).filter(|saw| !saw.is_empty()).unwrap_or(t!("a document").into());
    let issuer = match of(&rule::ISSUER).map(|check| check.verdict) {
        Some(Verdict::Fail) => t!("another issuer"),
        Some(_) => t!("same issuer"),
        None => t!("read for what the first lacks"),
    };
    match flow(model).session.metadata.is_some() {
        true => (Tone::Ok, t!("used, {count}, {issuer}", count, issuer)),
        false => (Tone::Error, t!("not used, {count}, {issuer}", count, issuer)),
    }
}
