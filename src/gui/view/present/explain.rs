//! One short explanation of the message that is shown: what the step comes to, or what is wrong with it.

use egui::{Align, FontId, Label, Layout, Rect, TextStyle, Ui, UiBuilder};

use super::super::{lesson, told};
use crate::base::check::Verdict;
use crate::base::text::visible;
use crate::flow::Next;
use crate::flow::step::{Part, StepView};
use crate::gui::language::{said, sentence, t};
use crate::gui::model::{Beat, Model, Target};
use crate::gui::theme::{TokensExt as _, text};
use crate::gui::widgets::markup_line;

/// A title and the words below it.
pub struct Words {
    /// In one line, as far as there is room.
    pub title: String,
    /// In Markdown.
    pub body: String,
    /// Whether it says what is wrong.
    pub is_bad: bool,
}

/// Draws what is to be said of the run into this room.
pub fn show(ui: &mut Ui, room: Rect, model: &Model) {
    tell(ui, room, &words(model));
}

/// Draws words into this room.
pub fn tell(ui: &mut Ui, room: Rect, words: &Words) {
    let builder = UiBuilder::new().id_salt("explanation").max_rect(room).layout(Layout::top_down(Align::Min));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(room.intersect(ui.clip_rect()));
        let ink = if words.is_bad { ui.tokens().error } else { ui.tokens().strong };
        ui.add(Label::new(text::title(&words.title).color(ink)).wrap());
        let left = room.bottom() - ui.cursor().top();
        let small = TextStyle::Small.resolve(ui.style());
        let fits = |ui: &Ui, words: &str, font: FontId| height(ui, words, font, room.width()) <= left;
        let mut body = words.body.as_str();
        if !fits(ui, body, TextStyle::Body.resolve(ui.style())) {
            // Smaller, and then shorter, but never cut.
            if !fits(ui, body, small.clone()) {
                body = lesson::sentences(body, 1);
            }
            ui.style_mut().text_styles.insert(TextStyle::Body, small);
        }
        markup_line(ui, body);
    });
}

/// How many letters there are to read.
pub fn length(model: &Model) -> usize {
    words(model).body.chars().count()
}

/// How high a paragraph is in this width.
fn height(ui: &Ui, words: &str, font: FontId, width: f32) -> f32 {
    let size = font.size;
    let galley = ui.fonts_mut(|fonts| fonts.layout(words.to_owned(), font, ui.tokens().text, width));
    galley.rows.len() as f32 * (size * 1.46).round()
}

fn words(model: &Model) -> Words {
    let run = &model.run;
    let masked = |words: &str| visible(&model.mask().words(words)).into_owned();
    if let (Next::Missing(missing), Target::Prepared) = (&run.next, run.shown()) {
        let is = if missing.is_filled_in { t!("cannot be used as it is") } else { t!("is needed") };
        return Words { title: format!("{} {is}", missing.field), body: missing.to_string(), is_bad: true };
    }
    if let (Next::Stopped(problem), Beat::Explained | Beat::Ready) = (&run.next, run.beat()) {
        let say = run.finding.as_ref().map_or(problem.title.as_str(), |finding| finding.say.as_str());
        let say = sentence(say);
        let body = problem.advice.first().map(|advice| masked(&sentence(advice))).unwrap_or_default();
        return Words { title: masked(&say), body, is_bad: true };
    }
    let broken = run.shown_checks().iter().find(|check| check.verdict == Verdict::Fail);
    if let (Some(check), Target::Answer(_)) = (broken, run.shown()) {
        return Words { title: masked(&told(check)), body: masked(said(check.rule.why)), is_bad: true };
    }
    step(model)
}

fn step(model: &Model) -> Words {
    let steps = model.run.flow.steps();
    let Some(view) = steps.get(model.run.shown_step()) else {
        return Words { title: String::new(), body: String::new(), is_bad: false };
    };
    let name = view.step.lesson;
    // Where one text is for the request and for what comes of it, the first part was read before.
    let is_told = view.step.part == Part::Whole || before(&steps, model.run.shown_step()) == Some(name);
    let is_second = matches!(model.run.shown(), Target::Answer(_)) && is_told;
    let heading = if is_second { t!("What to look at.") } else { t!("Why this step?") };
    let title = if is_second { heading.trim_end_matches('.') } else { lesson::headline(name) };
    Words { title: title.to_owned(), body: lesson::in_short(name, heading).to_owned(), is_bad: false }
}

/// The text of the request that the answer of this step came to.
fn before(steps: &[StepView], at: usize) -> Option<&'static str> {
    let step = steps.get(at)?;
    let is_request = |view: &&StepView| view.position == step.position && view.step.part == Part::Request;
    steps.iter().take(at).rfind(is_request).map(|view| view.step.lesson)
}
