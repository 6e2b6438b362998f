//! A lesson before an audience: the diagram of a side as far as it is told, the message that matters now, the lesson's own
//! words, and at the end what both sides come to.

use egui::{Align, Label, Layout, Rect, Stroke, Ui, UiBuilder, vec2};

use super::super::Commands;
use super::super::lessons::{side_of, sides_come_to, up_to};
use super::explain::{self, Words};
use super::{DIAGRAM, card, message, part};
use crate::base::text::{capitalised, visible, visible_lines};
use crate::gui::command::{Command, PresentAct};
use crate::gui::language::{said, t};
use crate::gui::lessons::{Book, SideRun};
use crate::gui::model::{Model, Slide};
use crate::gui::theme::{TokensExt as _, text};

/// What stands above the arrows, at 1280 x 720.
const HEAD: f32 = 36.0;
/// Of the width below the diagram, the message has this part.
const MESSAGE: f32 = 0.44;

/// Draws what is shown of the lesson into this room of the window.
pub fn show(ui: &mut Ui, model: &Model, slide: Slide, room: Rect, (gap, scale): (f32, f32), out: &mut Commands) {
    let Some(book) = model.lessons.book() else { return };
    if slide == Slide::End {
        return part(ui, room, t!("Lesson"), |ui| sides_come_to(ui, model, book));
    }
    let diagram = room.with_max_y(room.top() + (ui.max_rect().height() * DIAGRAM).round());
    let below = room.with_min_y(diagram.bottom() + gap);
    let Some(run) = model.lessons.stand(slide.part()).ran() else { return };
    part(ui, diagram, t!("Diagram"), |ui| side(ui, book, run, slide, scale, out));
    part(ui, below, t!("Message"), |ui| message_and_words(ui, book, run, slide, scale));
}

/// The diagram below the name of its side. What is still to come is grey.
fn side(ui: &mut Ui, book: &Book, run: &SideRun, slide: Slide, scale: f32, out: &mut Commands) {
    let room = ui.available_rect_before_wrap();
    card(ui, room);
    let part = slide.part();
    let (tone, word) = side_of(part);
    let head = room.with_max_y(room.top() + HEAD * scale).shrink2(vec2(22.0 * scale, 0.0));
    let builder = UiBuilder::new().max_rect(head).layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(builder, |ui| {
        let title = visible(&book.told().side(part).title).into_owned();
        let words = text::strong(format!("{word}: {title}")).color(tone.ink(ui.tokens()));
        ui.add(Label::new(words).truncate());
    });
    let below = room.with_min_y(head.bottom()).shrink2(vec2(1.0, 2.0));
    let row = ui.scope_builder(UiBuilder::new().max_rect(below), |ui| up_to(ui, run, slide.row(run), scale)).inner;
    if let Some(row) = row {
        out.push(Command::Present(PresentAct::Show(Slide::Row(part, row))));
    }
}

fn message_and_words(ui: &mut Ui, book: &Book, run: &SideRun, slide: Slide, scale: f32) {
    let room = ui.available_rect_before_wrap();
    card(ui, room);
    let words = words(book, run, slide);
    let margin = vec2(22.0, 10.0) * scale;
    let Slide::Row(_, row) = slide else { return explain::tell(ui, room.shrink2(margin), &words) };
    let middle = room.left() + (room.width() * MESSAGE).round();
    message::of_lesson(ui, room.with_max_x(middle).shrink2(margin), run, row, scale);
    ui.painter().vline(middle, room.y_range(), Stroke::new(1.0, ui.tokens().line));
    explain::tell(ui, room.with_min_x(middle).shrink2(margin), &words);
}

/// What the lesson says of what is shown.
pub fn words(book: &Book, run: &SideRun, slide: Slide) -> Words {
    let lesson = book.told();
    let side = lesson.side(slide.part());
    let step = slide.step(run).and_then(|at| Some((at + 1, side.steps.get(at)?)));
    let (title, body) = match (slide, step) {
        (Slide::Moment(_), _) => (t!("The moment").to_owned(), &side.moment),
        (_, Some((at, step))) => (format!("{at}. {}", capitalised(said(step.what.title()))), &step.look),
        _ => (visible(&lesson.title).into_owned(), &lesson.intention),
    };
    Words { title, body: visible_lines(body).into_owned(), is_bad: false }
}
