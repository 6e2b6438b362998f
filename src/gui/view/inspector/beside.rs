//! Beside a message: what its names mean, and who can see it.

use egui::{CollapsingHeader, Id, Ui};

use super::super::explained;
use super::once;
use crate::base::text::visible;
use crate::flow::ladder::Message;
use crate::flow::sight;
use crate::flow::stage::{Stage, Travel, json_of};
use crate::flow::trace::{Answer, Exchange};
use crate::gui::backend::LARGE;
use crate::gui::language::{said, t};
use crate::gui::model::{Model, Moment, Target};
use crate::gui::theme::{TokensExt as _, text};
use crate::gui::widgets::{Explanation, explanation};
use crate::terms::sight::Sight;

/// The most names that are explained below each other.
const MOST: usize = 60;

/// Two folds: the names of the message, and who can see it.
pub fn show(ui: &mut Ui, model: &Model) {
    let Some((stage, is_answer)) = message(model) else { return };
    fold(ui, t!("What the names mean"), |ui| {
        let key = (Moment::of(&model.run), model.run.preview.at);
        let names = once(ui, "names", key, || names(model, is_answer));
        if names.is_empty() {
            ui.label(text::dim(t!("No names in it that a specification defines.")));
        }
        for name in names.iter().take(MOST) {
            ui.scope(|ui| explanation(ui, name));
            ui.add_space(4.0);
        }
    });
    fold(ui, t!("Who can see this"), |ui| {
        let answer = model.run.shown_exchange().map(|exchange| &exchange.answer);
        let of = |message| sight::of(stage, message, answer);
        if is_answer {
            seen(ui, of(Message::Answer));
            return;
        }
        seen(ui, of(Message::Request));
        if matches!(stage.descriptor().travel, Travel::RoundTrip(_)) && stage != Stage::Logout {
            ui.add_space(6.0);
            seen(ui, of(Message::Between));
        }
    });
}

/// A fold that stays open from message to message.
fn fold(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui)) {
    let id = Id::unique(("beside a message", title));
    let is_open = ui.data(|data| data.get_temp(id)).unwrap_or(false);
    let header = CollapsingHeader::new(text::small(title)).id_salt(title).open(Some(is_open));
    if header.show_unindented(ui, content).header_response.clicked() {
        ui.data_mut(|data| data.insert_temp(id, !is_open));
    }
}

fn seen(ui: &mut Ui, sight: Option<&Sight>) {
    let Some(sight) = sight else { return };
    ui.label(text::strong(said(&sight.title)));
    for (who, what) in sight.viewers() {
        ui.add(egui::Label::new(text::note(said(who)).color(ui.tokens().strong)));
        ui.add(egui::Label::new(said(what)).wrap());
    }
}

/// The stage of the message that is shown, and whether it is an answer.
fn message(model: &Model) -> Option<(Stage, bool)> {
    let run = &model.run;
    match run.shown() {
        Target::Answer(_) => Some((run.shown_exchange()?.stage, true)),
        Target::Request(_) | Target::Trip(_) => Some((run.shown_exchange()?.stage, false)),
        Target::Polls => Some((run.flow.trace.newest_wait()?.stage, true)),
        Target::Prepared => Some((run.flow.stage()?, false)),
        Target::Step(at) => Some((run.flow.steps().get(at)?.stage, false)),
    }
}

/// What of the names in it is explained, each once.
fn names(model: &Model, is_answer: bool) -> Vec<Explanation> {
    let exchange = model.run.shown_exchange();
    let mut found: Vec<Explanation> = match (exchange.or_else(|| polled(model)), is_answer) {
        (Some(exchange), true) => of_answer(exchange),
        (exchange, _) => {
            let is_ready = model.run.shown() == Target::Prepared;
            let request = exchange.map(|exchange| &exchange.request).filter(|_| !is_ready);
            let Some(request) = request.or_else(|| model.run.flow.request()) else { return Vec::new() };
            let params = request.query().0.into_iter().chain(request.form().unwrap_or_default().0);
            let params = params.filter_map(|(name, _)| explained::parameter(&name));
            params.chain(request.headers.iter().filter_map(|(name, _)| explained::field(name))).collect()
        }
    };
    let mut seen = std::collections::HashSet::new();
    found.retain(|one| seen.insert(one.name.clone()));
    found
}

/// The newest of the polls that are one row.
fn polled(model: &Model) -> Option<&Exchange> {
    model.run.flow.trace.newest_wait().filter(|_| model.run.shown() == Target::Polls)
}

fn of_answer(exchange: &Exchange) -> Vec<Explanation> {
    match &exchange.answer {
        Answer::Callback(callback) => {
            callback.params.iter().filter_map(|(name, _)| explained::parameter(&visible(name))).collect()
        }
        Answer::Response(response) => {
            let json = if response.body.len() < LARGE { json_of(response) } else { None };
            let members = json.iter().flat_map(|json| json.members().iter());
            let members = members.filter_map(|(name, value)| explained::member(exchange.stage, name, Some(value)));
            members.chain(response.headers.iter().filter_map(|(name, _)| explained::field(name))).collect()
        }
        Answer::Pending | Answer::Visited | Answer::Failed(_) => Vec::new(),
    }
}
