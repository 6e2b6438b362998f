//! A side of a lesson as a diagram, the attacker's lane in red.

use egui::{Align, Frame, Label, Layout, Sense, Stroke, Ui, UiBuilder, vec2};

use super::super::Commands;
use super::push;
use super::words::heading;
use crate::base::text::visible;
use crate::gui::language::{self, said, t};
use crate::gui::lessons::{Book, SideRun};
use crate::gui::model::{LessonsCommand, Model};
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::{
    Arrow, ArrowState, ArrowStyle, Banner, Button, Lane, LargeSequence, Sequence, SequenceAction, Tone, badge,
    card_frame, separator,
};
use crate::lesson::Part;
use crate::lesson::ladder::{self, Party};

/// Height of the lines above the arrows.
const HEAD: f32 = 42.0;

/// The tone of a side, and the word for it.
pub fn of(part: Part) -> (Tone, &'static str) {
    match part {
        Part::Broken => (Tone::Error, t!("Broken")),
        Part::Mended => (Tone::Ok, t!("Mended")),
    }
}

/// A card with the diagram of a side in it, as high as `height` at most.
pub fn card(ui: &mut Ui, model: &Model, book: &Book, part: Part, (height, look): (f32, Look), out: &mut Commands) {
    let (tone, _) = of(part);
    let line = tone.bar(ui.tokens());
    let frame = card_frame(ui).inner_margin(0).stroke(Stroke::new(1.0, line));
    let stand = model.lessons.stand(part);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        Frame::new().inner_margin(egui::Margin::symmetric(12, 6)).show(ui, |ui| {
            head(ui, model, book, part, out);
        });
        separator(ui);
        match &stand.run {
            None => drop(Frame::new().inner_margin(14).show(ui, |ui| ui.label(text::dim(t!("Running..."))))),
            Some(Err(why)) => drop(Banner::new(Tone::Error, t!("It could not be run")).text(&visible(why)).show(ui)),
            Some(Ok(run)) => {
                let looked = model.lessons.looked[part as usize];
                if let Some(row) = rows(ui, part.name(), run, looked, height - HEAD, look) {
                    push(out, LessonsCommand::Look(part, row));
                }
            }
        }
    });
}

/// Which side it is, and the button that runs it again, which stands on the right and is read after it.
fn head(ui: &mut Ui, model: &Model, book: &Book, part: Part, out: &mut Commands) {
    const AGAIN: f32 = 136.0;
    let (tone, word) = of(part);
    let centered = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), size::BUTTON), centered, |ui| {
        let room = vec2((ui.available_width() - AGAIN).max(40.0), size::BUTTON);
        ui.allocate_ui_with_layout(room, centered, |ui| {
            ui.set_width(room.x);
            badge(ui, tone, word);
            heading(ui, text::strong(visible(&book.told().side(part).title)));
            if let Some(ran) = model.lessons.stand(part).ran() {
                let client = text::dim(visible(&ran.played.flow.settings.client.client_id));
                ui.add(Label::new(client).truncate());
            }
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let name = t!("Run the {name} side again", name = said(part.name()));
            let again = ui.add(Button::secondary(t!("Again")).icon(icons::ARROW_CLOCKWISE).small());
            ui.ctx().accesskit_node_builder(again.id, |node| node.set_description(name));
            if again.clicked() {
                push(out, LessonsCommand::Again(part));
            }
        });
    });
}

/// How a run is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// All of it.
    Whole,
    /// Beside another one: without what every run begins with, user and browser as one.
    Beside,
    /// All of it, but for what went wrong.
    Unjudged,
}

/// How high a diagram is in which so many arrows are seen, with what stands above them.
pub fn height_of(arrows: usize) -> f32 {
    Sequence::height_of(arrows) + HEAD
}

/// How high the diagram of a run is at its best, with what stands above the arrows.
pub fn full_height(run: &SideRun, look: Look) -> f32 {
    height_of(shown(run, look).count())
}

/// The arrows of a run as an audience reads them; the row that was selected.
pub fn large(ui: &mut Ui, run: &SideRun, selected: usize, (height, scale): (f32, f32), look: Look) -> Option<usize> {
    let (parties, arrows) = drawn(run, look);
    let (room, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let lanes = lanes(&parties, look);
    let attacker = parties.iter().position(|party| *party == Party::Attacker);
    let sequence = LargeSequence::new(&lanes, &arrows, Some(selected), scale).attacker(attacker);
    match ui.scope_builder(UiBuilder::new().max_rect(room), |ui| sequence.show(ui)).inner? {
        SequenceAction::Select(row) | SequenceAction::Toggle(row) => Some(row),
    }
}

/// The arrows of a run up to this row as an audience reads them; those below it are still to come. The row that was
/// selected.
pub fn up_to(ui: &mut Ui, run: &SideRun, row: Option<usize>, scale: f32) -> Option<usize> {
    let (parties, mut arrows) = drawn(run, Look::Beside);
    let has_come = |arrow: &Arrow| row.is_some_and(|row| arrow.id <= row);
    for arrow in arrows.iter_mut().filter(|arrow| !has_come(arrow)) {
        arrow.state = ArrowState::Future;
    }
    let selected = arrows.iter().rposition(has_come);
    let lanes = lanes(&parties, Look::Beside);
    let attacker = parties.iter().position(|party| *party == Party::Attacker);
    match LargeSequence::new(&lanes, &arrows, selected, scale).attacker(attacker).show(ui)? {
        SequenceAction::Select(row) | SequenceAction::Toggle(row) => Some(row),
    }
}

fn lanes(parties: &[Party], look: Look) -> Vec<Lane> {
    let title = |party: &Party| match (party, look) {
        (Party::Server, Look::Beside) => t!("Server"),
        (party, _) => said(party.title()),
    };
    parties.iter().map(|party| Lane { title: title(party).to_owned() }).collect()
}

/// The arrows of a run; the row that was selected.
pub fn rows(ui: &mut Ui, name: &str, run: &SideRun, selected: Option<usize>, height: f32, look: Look) -> Option<usize> {
    let (parties, arrows) = drawn(run, look);
    let lanes = lanes(&parties, look);
    let attacker = parties.iter().position(|party| *party == Party::Attacker);
    let sequence = Sequence::new(&lanes, &arrows, selected).attacker(attacker);
    let sequence = if look == Look::Whole { sequence } else { sequence.without_times() };
    let full = sequence.full_height();
    let height = if height < full { Sequence::of_whole_rows(height) } else { full };
    let action = ui.push_id(name, |ui| {
        ui.set_height(height);
        sequence.show(ui)
    });
    match action.inner? {
        SequenceAction::Select(row) | SequenceAction::Toggle(row) => Some(row),
    }
}

/// The arrows that are drawn, with their rows.
fn shown(run: &SideRun, look: Look) -> impl Iterator<Item = (usize, &ladder::Arrow)> {
    run.arrows.iter().enumerate().filter(move |(_, arrow)| look != Look::Beside || !run.is_usual(arrow))
}

/// Those who take part, and what passes between them.
fn drawn(run: &SideRun, look: Look) -> (Vec<Party>, Vec<Arrow>) {
    let party = |party: Party| if look == Look::Beside && party == Party::User { Party::Browser } else { party };
    let shown: Vec<(usize, &ladder::Arrow)> = shown(run, look).collect();
    let takes_part = |it: &Party| shown.iter().any(|(_, arrow)| party(arrow.from) == *it || party(arrow.to) == *it);
    let parties: Vec<Party> = Party::ALL.into_iter().filter(takes_part).collect();
    let lane = |it: Party| parties.iter().position(|lane| *lane == party(it)).unwrap_or_default();
    let is_judged = look != Look::Unjudged;
    let arrows = shown.iter().map(|(id, arrow)| Arrow {
        id: *id,
        from: lane(arrow.from),
        to: lane(arrow.to),
        label: language::labelled(&arrow.label),
        time: if look == Look::Whole { t!("step {step}", step = arrow.step + 1) } else { String::new() },
        style: if arrow.is_front { ArrowStyle::FrontChannel } else { ArrowStyle::Direct },
        // What the attacker gets has arrived.
        state: if is_judged && arrow.is_bad && !arrow.is_attack { ArrowState::Failed } else { ArrowState::Done },
        mark: outcome(arrow).filter(|_| is_judged),
        is_attack: arrow.is_attack,
        ..Arrow::default()
    });
    let arrows = arrows.collect();
    (parties, arrows)
}

/// Whether the attacker got what he wanted; nothing where it is not about that.
fn outcome(arrow: &ladder::Arrow) -> Option<Tone> {
    match (arrow.is_attack, arrow.is_bad, arrow.of, arrow.to) {
        (true, true, ..) => Some(Tone::Error),
        (true, false, ladder::Of::Attacker(_), Party::Attacker) => Some(Tone::Ok),
        _ => None,
    }
}
