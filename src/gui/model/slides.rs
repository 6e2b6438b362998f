//! A lesson before an audience, slide by slide: what it is about, both sides message by message, each to the moment that
//! decides it, and what they come to. Nothing of it is a run of the window.

use super::lessons::LessonsModel;
use crate::gui::lessons::{Place, SideRun};
use crate::lesson::{Part, Side};

/// One view of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slide {
    /// What it is about.
    Intention,
    /// A step of a side of which no message is drawn.
    Step(Part, usize),
    /// A row of the diagram of a side.
    Row(Part, usize),
    /// The moment that decides a side.
    Moment(Part),
    /// What the sides differ in, and what shows it.
    End,
}

impl Slide {
    /// The side that is shown; of what it is about the broken one, which comes next.
    pub const fn part(self) -> Part {
        match self {
            Self::Intention => Part::Broken,
            Self::Step(part, _) | Self::Row(part, _) | Self::Moment(part) => part,
            Self::End => Part::Mended,
        }
    }

    /// The step of the side that it is about.
    pub fn step(self, run: &SideRun) -> Option<usize> {
        match self {
            Self::Step(_, step) => Some(step),
            Self::Row(_, row) => run.arrows.get(row).map(|arrow| arrow.step),
            Self::Intention | Self::Moment(_) | Self::End => None,
        }
    }

    /// The last row that has come.
    pub fn row(self, run: &SideRun) -> Option<usize> {
        match self {
            Self::Intention => None,
            Self::Step(_, step) => run.arrows.iter().rposition(|arrow| arrow.step < step),
            Self::Row(_, row) => Some(row),
            Self::Moment(_) | Self::End => run.arrows.len().checked_sub(1),
        }
    }
}

/// All slides of the lesson that is taken, as far as its sides have run.
pub fn slides(lessons: &LessonsModel) -> Vec<Slide> {
    let Some(book) = lessons.book() else { return Vec::new() };
    let mut slides = vec![Slide::Intention];
    for part in Part::ALL {
        let stand = lessons.stand(part);
        if let Some(run) = stand.ran() {
            slides.extend(of_side(book.lesson.side(part), run, part));
        } else if stand.run.is_none() {
            return slides;
        }
    }
    slides.push(Slide::End);
    slides
}

fn of_side(side: &Side, run: &SideRun, part: Part) -> Vec<Slide> {
    let mut slides = Vec::new();
    for step in 0..side.steps.len().max(1) {
        let before = slides.len();
        let of_step = rows(run).filter(|row| run.arrows[*row].step == step);
        // What is between shows the message that the first row has shown.
        let told = of_step.filter(|row| run.place(*row) != Some(Place::Between));
        slides.extend(told.map(|row| Slide::Row(part, row)));
        if slides.len() == before && step < side.steps.len() {
            slides.push(Slide::Step(part, step));
        }
    }
    if !side.moment.is_empty() {
        slides.push(Slide::Moment(part));
    }
    slides
}

/// Where the last slide is that comes before a row which is looked at and has none of its own.
pub fn slide_before(all: &[Slide], slide: Slide) -> Option<usize> {
    let Slide::Row(part, row) = slide else { return None };
    all.iter().rposition(|one| matches!(one, Slide::Row(of, at) if *of == part && *at < row))
}

/// The rows that an audience sees.
pub fn rows(run: &SideRun) -> impl Iterator<Item = usize> {
    run.arrows.iter().enumerate().filter(|(_, arrow)| !run.is_usual(arrow)).map(|(row, _)| row)
}
