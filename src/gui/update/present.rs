//! A presentation by keys: on and back through the run, and a look at other messages, which changes nothing.
//!
//! What lies over the run goes first: while nothing is shown each key shows the window again, and a value that fills the
//! middle is put away by the keys that lead on and back.

use std::collections::HashSet;

use super::driver::Driver;
use super::{ask, carry_out, lessons, runs, select};
use crate::flow::Next;
use crate::gui::backend::{Backend, OpenFor};
use crate::gui::command::{Command, PresentAct};
use crate::gui::diagram::Diagram;
use crate::gui::handed::{derivations, handed};
use crate::gui::model::{
    Audience, Beat, LessonsCommand, Model, Moment, Slide, Tab, Target, rows, slide_before, slides,
};
use crate::lesson::Part;

/// Begins or ends it.
pub fn toggle(model: &mut Model, backend: &mut dyn Backend) {
    match model.present {
        true => end(model, backend),
        false if model.tab == Tab::Lessons && model.lessons.quiz.is_none() && has_run(model) => lesson(model, backend),
        false => begin(model),
    }
}

/// Presents a lesson of which a side has run, from what it is about to what it shows. The run of the window stays as it is.
pub fn lesson(model: &mut Model, backend: &mut dyn Backend) {
    if !has_run(model) {
        return;
    }
    lessons::carry_out(model, backend, LessonsCommand::Present);
    model.lessons.quiz = None;
    gather(model);
    model.tab = Tab::Lessons;
    model.audience.slide = Some(Slide::Intention);
}

fn has_run(model: &Model) -> bool {
    model.lessons.stand(Part::Broken).ran().is_some()
}

/// An audience comes together. The notes are those of the one before.
fn gather(model: &mut Model) {
    let notes = std::mem::take(&mut model.audience.notes);
    model.audience = Audience { began_at: model.now, notes, came_from: Some(model.tab), ..Audience::default() };
    model.present = true;
}

/// Begins it with the run that is shown, whichever tab it is called from, or with the quiz.
fn begin(model: &mut Model) {
    gather(model);
    if model.presents_quiz() {
        return;
    }
    model.tab = Tab::Grant(model.run.flow.grant);
    model.run.explained = false;
    model.run.undone.clear();
    if model.run.flow.is_recorded() {
        show_first(model);
    }
}

/// Ends it where it was begun, unless another tab was chosen meanwhile.
fn end(model: &mut Model, backend: &mut dyn Backend) {
    let notes = std::mem::take(&mut model.audience.notes);
    let Audience { came_from, .. } = std::mem::replace(&mut model.audience, Audience { notes, ..Audience::default() });
    model.present = false;
    model.run.explained = false;
    if let (Some(tab), Tab::Grant(_)) = (came_from.filter(|tab| !matches!(tab, Tab::Grant(_))), model.tab) {
        super::go(model, backend, tab);
    }
}

/// What was revealed is masked again as soon as another message is shown, however that came.
pub fn mask_again(model: &mut Model) {
    let here = Moment::of(&model.run);
    model.audience.revealed = model.audience.revealed.filter(|revealed| *revealed == here);
}

/// Does what a key of a presentation says.
pub fn act(model: &mut Model, backend: &mut dyn Backend, act: PresentAct) {
    use PresentAct::{Back, Begin, Down, Forward, Leave, Up};
    if std::mem::take(&mut model.audience.is_blank) {
        return;
    }
    let leads_elsewhere = matches!(act, Forward | Back | Up | Down | Begin | Leave);
    if leads_elsewhere && model.audience.zoomed.take().is_some() {
        return;
    }
    match act {
        PresentAct::Show(slide) => model.audience.slide = Some(slide),
        PresentAct::Blank => model.audience.is_blank = true,
        PresentAct::Zoom => zoom(model),
        PresentAct::Reveal => {
            let (revealed, here) = (model.audience.revealed, Some(Moment::of(&model.run)));
            model.audience.revealed = here.filter(|_| revealed != here);
        }
        PresentAct::Pointer => model.audience.has_pointer = !model.audience.has_pointer,
        PresentAct::Tools => model.audience.has_tools = !model.audience.has_tools,
        PresentAct::Notes => model.audience.has_second_window = !model.audience.has_second_window,
        PresentAct::OpenNotes => ask::for_file(model, backend, OpenFor::Notes),
        PresentAct::GoOn if matches!(model.run.next, Next::Stopped(_)) && !model.run.is_over() => {
            carry_out(model, backend, Command::GoOnAnyway);
        }
        PresentAct::GoOn => {}
        Leave if model.audience.has_tools => model.audience.has_tools = false,
        Leave => end(model, backend),
        Forward | Back | Up | Down | Begin if model.slide().is_some() => turn(model, act),
        Begin if model.run.flow.is_recorded() => show_first(model),
        Begin => carry_out(model, backend, Command::StartOver),
        Up => show_beside(model, false),
        Down => show_beside(model, true),
        // Nothing can be sent from a recording, so that its messages are the steps.
        Forward if model.run.flow.is_recorded() => show_beside(model, true),
        Back if model.run.flow.is_recorded() => show_beside(model, false),
        Forward => forward(model, backend),
        Back => back(model, backend),
    }
}

/// What a key that is of the run means before an audience of a lesson.
pub const fn meant(command: &Command) -> Option<PresentAct> {
    match command {
        Command::Next => Some(PresentAct::Forward),
        Command::Back => Some(PresentAct::Back),
        Command::StartOver => Some(PresentAct::Begin),
        _ => None,
    }
}

/// Shows another slide of a lesson: the next one, the one before, the first one, or the row above or below.
fn turn(model: &mut Model, act: PresentAct) {
    let Some(slide) = model.slide() else { return };
    let all = slides(&model.lessons);
    let at = all.iter().position(|one| *one == slide);
    model.audience.slide = match act {
        PresentAct::Begin => Some(Slide::Intention),
        PresentAct::Forward => all.get(at.or_else(|| slide_before(&all, slide)).map_or(0, |at| at + 1)).copied(),
        PresentAct::Back => at
            .or_else(|| slide_before(&all, slide).map(|at| at + 1))
            .and_then(|at| all.get(at.checked_sub(1)?))
            .copied(),
        PresentAct::Up => beside(model, slide, false),
        PresentAct::Down => beside(model, slide, true),
        _ => None,
    }
    .or(Some(slide));
}

/// The row above or below on the same side.
fn beside(model: &Model, slide: Slide, down: bool) -> Option<Slide> {
    let part = slide.part();
    let run = model.lessons.stand(part).ran()?;
    let at = slide.row(run);
    let row = match (down, at) {
        (true, at) => rows(run).find(|row| at.is_none_or(|at| *row > at)),
        (false, at) => rows(run).filter(|row| at.is_some_and(|at| *row < at)).last(),
    };
    row.map(|row| Slide::Row(part, row))
}

/// The next value of the message in the middle, and none after the last one.
fn zoom(model: &mut Model) {
    let count = derivations(&model.run, handed(&model.run).as_ref()).len();
    let next = model.audience.zoomed.map_or(0, |at| at + 1);
    model.audience.zoomed = Some(next).filter(|next| *next < count);
}

/// What is ready is sent, or shown again where it was taken back. What came is explained, and then the next message is
/// shown.
fn forward(model: &mut Model, backend: &mut dyn Backend) {
    if model.run.running.is_some() {
        return;
    }
    match model.run.beat() {
        Beat::Ready if model.run.can_redo() => Driver::of(model, backend).redo(),
        Beat::Ready => runs::next(model, backend),
        Beat::OnItsWay => Driver::of(model, backend).show_answer(),
        Beat::Came => model.run.explained = true,
        Beat::Explained if model.run.is_at_end() => {}
        Beat::Explained | Beat::Elsewhere => Driver::of(model, backend).show_next(),
    }
}

/// The way back through the same steps; a message that has left is taken back.
fn back(model: &mut Model, backend: &mut dyn Backend) {
    match model.run.beat() {
        Beat::Elsewhere => Driver::of(model, backend).show_next(),
        Beat::Explained => model.run.explained = false,
        Beat::Ready if model.run.running.is_none() => Driver::of(model, backend).show_last(),
        Beat::Came if model.run.trip().is_some() => {
            model.run.selected = model.run.trip();
            model.run.is_on_its_way = true;
        }
        Beat::Ready | Beat::OnItsWay | Beat::Came if model.run.history.is_empty() => {}
        Beat::Ready | Beat::OnItsWay | Beat::Came => Driver::of(model, backend).undo(),
    }
}

/// Shows the message above or below the one that is shown.
fn show_beside(model: &mut Model, down: bool) {
    let (messages, at) = messages(model);
    let next = match (at, down) {
        (None, _) => Some(0),
        (Some(at), true) => Some(at + 1),
        (Some(at), false) => at.checked_sub(1),
    };
    if let Some(target) = next.and_then(|at| messages.get(at)) {
        select(&mut model.run, *target, None);
    }
}

fn show_first(model: &mut Model) {
    if let Some(target) = messages(model).0.first() {
        select(&mut model.run, *target, None);
    }
}

/// What the rows of the diagram show, each once, as one message may have several rows; and which of it is shown. What a
/// recording does not have never comes.
fn messages(model: &Model) -> (Vec<Target>, Option<usize>) {
    let diagram = Diagram::of(model);
    let shown = diagram.row_of(model.run.shown()).map(|row| diagram.targets[row]);
    let is_recorded = model.run.flow.is_recorded();
    let mut seen = HashSet::new();
    let is_new = |target: &Target| !(is_recorded && matches!(target, Target::Step(_))) && seen.insert(*target);
    let messages: Vec<Target> = diagram.targets.into_iter().filter(is_new).collect();
    let at = messages.iter().position(|target| Some(*target) == shown);
    (messages, at)
}
