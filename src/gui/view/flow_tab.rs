//! A grant's tab: rail, diagram, inspector.

use egui::{ScrollArea, Ui, vec2};

use super::{Commands, device, explained, finding, first, inspector, noticed};
use crate::base::check::Verdict;
use crate::expect::Met;
use crate::flow::step::{Part, StepState, StepView};
use crate::gui::command::Command;
use crate::gui::diagram::Diagram;
use crate::gui::language::{self, said, t};
use crate::gui::model::{Model, Target};
use crate::gui::theme::size;
use crate::gui::widgets::explained::note;
use crate::gui::widgets::{
    Banner, Rail, RailStage, SPLITTER, Sequence, SequenceAction, Split, StageState, Tone, card_frame, nested, region,
    splitter,
};

/// The message gets this before the diagram gets more than two rows: a request with its parameters.
const WHOLE_MESSAGE: f32 = 280.0;
/// The same below a finding, which says what the message comes to: a token with what is wrong with it.
const MESSAGE_OF_FINDING: f32 = 220.0;
/// With less room than this for both no row is cut.
const LOW_ROOM: f32 = 450.0;
/// The message gets this there before the diagram gets more than two rows.
const MESSAGE_WHERE_LOW: f32 = 250.0;
/// The same below a finding.
const MESSAGE_OF_FINDING_WHERE_LOW: f32 = 150.0;
/// A window that has no room for this much of it scrolls as a whole.
const LEAST_MESSAGE: f32 = 200.0;
/// The same below a finding, which says what the message comes to.
const LEAST_EVIDENCE: f32 = 130.0;
/// As much of it stays in sight wherever the splitter is put.
const LOW_MESSAGE: f32 = 120.0;
/// The lanes, and the row that is shown with the one beside it.
const TWO_ROWS: f32 = 128.0;
/// What it has of a window that scrolls as a whole.
const ROWS_OF_SHORT: f32 = 168.0;
/// A window with less than this for all of it scrolls all of it.
const LOW: f32 = 330.0;
/// What the user is to do elsewhere, in as little height as it takes.
const LOW_CARD: f32 = 130.0;

/// The middle of the window.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if ui.available_height() >= LOW {
        above(ui, model, out);
        return parts(ui, model, out);
    }
    let area = ScrollArea::vertical().id_salt("low window").auto_shrink(false);
    nested(ui, |ui| {
        area.show(ui, |ui| {
            // The scroll bar stands beside what it scrolls.
            ui.set_max_width(ui.available_width() - size::SPACE);
            above(ui, model, out);
            below_each_other(ui, model, out);
        })
    });
}

/// What is said of the run as a whole.
fn above(ui: &mut Ui, model: &Model, out: &mut Commands) {
    first::show(ui, model, out);
    region(ui, t!("Stages"), |ui| rail(ui, model, out));
    finding::show(ui, model, out);
    if let Some(notice) = model.notice() {
        noticed(ui, notice, out);
    }
    let discouraged = model.run.flow.grant.discouraged().map(said);
    if let Some(why) = discouraged.filter(|_| model.run.finding.is_none()) {
        Banner::new(Tone::Warn, t!("Discouraged")).text(why).show(ui);
        ui.add_space(size::SPACE);
    }
}

/// The diagram and the message, which share the room that is left.
fn parts(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let card = if model.run.flow.session.polling.is_some() { LOW_CARD } else { 0.0 };
    let least = if model.run.finding.is_some() { LEAST_EVIDENCE } else { LEAST_MESSAGE };
    if ui.available_height() > card + TWO_ROWS + SPLITTER + least {
        device::show(ui, model, out);
        let room = ui.available_height() - SPLITTER;
        run(ui, model, room, out);
        return inspector::show(ui, model, out);
    }
    let area = ScrollArea::vertical().id_salt("short window").auto_shrink(false);
    nested(ui, |ui| area.show(ui, |ui| below_each_other(ui, model, out)));
}

/// The same, each as high as it needs to be.
fn below_each_other(ui: &mut Ui, model: &Model, out: &mut Commands) {
    device::show(ui, model, out);
    run(ui, model, f32::INFINITY, out);
    let size = vec2(ui.available_width(), LEAST_MESSAGE);
    ui.allocate_ui(size, |ui| inspector::show(ui, model, out));
}

/// The diagram, which shares this room with the message.
fn run(ui: &mut Ui, model: &Model, room: f32, out: &mut Commands) {
    // The splitter is the gap.
    ui.spacing_mut().item_spacing.y = 0.0;
    let height = region(ui, t!("Diagram"), |ui| diagram(ui, model, room, out));
    if !room.is_finite() {
        return ui.add_space(SPLITTER);
    }
    match splitter(ui, t!("Height of the diagram"), height) {
        Some(Split::Move(by)) => out.push(Command::SplitAt(Some(((height + by) / room).clamp(0.0, 1.0)))),
        Some(Split::Reset) => out.push(Command::SplitAt(None)),
        None => {}
    }
}

fn rail(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let steps = model.run.flow.steps();
    let explain = |at: usize| steps.get(at).map(|view| explained::step(&view.step, view.stage));
    let stages: Vec<RailStage<'_>> = steps.iter().map(|view| stage(model, view)).collect();
    if let Some(at) = Rail::new(&stages, model.run.shown_step()).explained(&explain).show(ui) {
        out.push(Command::Select(target_of(model, &steps[at], at)));
    }
}

/// A step as the rail shows it.
pub fn stage(model: &Model, view: &StepView) -> RailStage<'static> {
    let state = state(model, view);
    let worst = view.broken.worst().filter(|_| !matches!(state, StageState::Locked | StageState::Skipped));
    let note = worst
        .map(|worst| language::tallied(&view.broken.counted(worst)))
        .or_else(|| missed(model, view))
        .unwrap_or_default();
    let rule = view.stopped_by.map_or("", |rule| said(rule.title));
    RailStage { title: said(view.step.title), state, note, rule }
}

/// How many expectations of its answer are not met.
fn missed(model: &Model, view: &StepView) -> Option<String> {
    let stage = model.run.flow.trace.exchanges.get(view.exchange?)?.stage;
    let is_missed = |met: &&Met| met.stage == Some(stage) && met.is_missed();
    let count = model.expect.met.iter().filter(is_missed).count();
    (count > 0 && matches!(view.step.part, Part::Answer | Part::Whole)).then(|| t!("{count} not met", count))
}

fn state(model: &Model, view: &StepView) -> StageState {
    match view.state {
        StepState::Ready if model.run.running.is_some() => StageState::Running,
        // Nobody waits after the program could not sign in by itself.
        StepState::Waiting if model.run.running.is_none() => StageState::Ready,
        StepState::Waiting => StageState::Running,
        StepState::Locked => StageState::Locked,
        StepState::Ready => StageState::Ready,
        StepState::Done if model.run.is_stale(view) => StageState::Stale,
        StepState::Done => match view.broken.worst() {
            Some(Verdict::Fail) => StageState::Broken,
            Some(Verdict::Warn) => StageState::Doubtful,
            _ => StageState::Done,
        },
        StepState::Refused => StageState::Refused,
        StepState::Failed => StageState::Failed,
        StepState::Rejected => StageState::Rejected,
        StepState::Unseen => StageState::Unjudged,
        StepState::Skipped => StageState::Skipped,
    }
}

/// A click on the rail shows the step's message, or what the step will be.
pub fn target_of(model: &Model, view: &StepView, at: usize) -> Target {
    let is_over = view.state == StepState::Done || view.state.is_stopped();
    let is_unseen = view.state == StepState::Unseen;
    match (view.state, view.exchange, view.step.part) {
        (StepState::Ready | StepState::Waiting, _, _) => Target::Prepared,
        (_, Some(exchange), Part::Answer | Part::Whole) if is_over || is_unseen => Target::Answer(exchange),
        (_, Some(exchange), Part::Wait) if is_over && !model.run.flow.trace.is_overheard() => Target::Trip(exchange),
        (_, Some(exchange), _) if is_over => Target::Request(exchange),
        _ if model.run.flow.steps().len() == 1 => Target::Prepared,
        _ => Target::Step(at),
    }
}

/// Draws the diagram, and returns how high it is.
fn diagram(ui: &mut Ui, model: &Model, room: f32, out: &mut Commands) -> f32 {
    let diagram = Diagram::of(model);
    let selected = diagram.shown(model);
    let sequence = Sequence::new(&diagram.lanes, &diagram.arrows, selected);
    let height = sequence.full_height().min(diagram_height(model, room));
    let frame = card_frame(ui).inner_margin(0);
    let shown = frame.show(ui, |ui| {
        ui.set_height(height);
        ui.set_width(ui.available_width());
        sequence.show(ui)
    });
    note(ui, shown.response.rect, || {
        let steps = model.run.flow.steps();
        steps.get(model.run.shown_step()).map(|view| explained::step(&view.step, view.stage))
    });
    let action = shown.inner;
    if let Some(SequenceAction::Select(row) | SequenceAction::Toggle(row)) = action {
        out.push(Command::SelectRow(row, diagram.targets[row]));
    }
    if let Some(SequenceAction::Toggle(_)) = action {
        out.push(Command::TogglePolls);
    }
    height
}

/// How much of the room the diagram gets: where the splitter was put, or what is best for both.
fn diagram_height(model: &Model, room: f32) -> f32 {
    if !room.is_finite() {
        return ROWS_OF_SHORT;
    }
    let is_low = room < LOW_ROOM;
    let (share, least) = match model.run.finding {
        Some(_) if is_low => (0.48, MESSAGE_OF_FINDING_WHERE_LOW),
        None if is_low => (0.44, MESSAGE_WHERE_LOW),
        Some(_) => (0.48, MESSAGE_OF_FINDING),
        None => (0.42, WHOLE_MESSAGE),
    };
    let wanted = match model.split {
        Some(split) => (room * split).min(room - LOW_MESSAGE),
        None => (room * share).min(room - least),
    };
    // Where there are few rows, half of one is much.
    let wanted = if is_low && model.split.is_none() { Sequence::of_whole_rows(wanted) } else { wanted };
    wanted.max(TWO_ROWS)
}
