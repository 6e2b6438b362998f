//! The keys that lead through a presentation, as buttons too, and how far it has got.

use std::cmp::Ordering;

use egui::{
    Color32, CursorIcon, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

use super::super::flow_tab::stage;
use super::super::lessons::side_of;
use super::{Commands, step_of, values};
use crate::flow::step::{StepState, StepView};
use crate::flow::{Action, Next};
use crate::gui::acts::STOP;
use crate::gui::command::{Command, PresentAct};
use crate::gui::language::t;
use crate::gui::model::{Beat, Model, Slide, slide_before, slides};
use crate::gui::theme::{TokensExt as _, size, text};
use crate::gui::widgets::{RailStage, Tone, paint};

/// Between two keys.
const GAP: f32 = 24.0;
/// Of a dot: at most, and from the begin of one to that of the next.
const DOT: [f32; 2] = [22.0, 27.0];

/// Below this width the dots are smaller, and where the keys have no room beside them.
const TIGHT: f32 = 1200.0;
const SMALLER: f32 = 0.6;

/// A key, what it does in a word, and whether it does that now.
struct Key {
    cap: String,
    word: String,
    does: Option<Command>,
    /// Whether it stays where there is no room for all. Those that go are in the help.
    stays: bool,
}

impl Key {
    fn new(cap: &str, word: &str, act: PresentAct) -> Self {
        let stays = matches!(act, PresentAct::Forward | PresentAct::Back | PresentAct::GoOn | PresentAct::Leave);
        Self { cap: cap.to_owned(), word: word.to_owned(), does: Some(Command::Present(act)), stays }
    }
}

/// The bar.
pub fn show(ui: &mut Ui, model: &Model, scale: f32, out: &mut Commands) {
    let room = ui.available_rect_before_wrap();
    let (mut keys, dots) = match model.slide() {
        Some(slide) => (of_lesson(model, slide), dots_of_lesson(ui, model, slide)),
        None => (keys(ui, model), dots(ui, model)),
    };
    let width_of = |ui: &Ui, keys: &[Key]| -> f32 { keys.iter().map(|key| width(ui, key, scale) + GAP * scale).sum() };
    let is_tight = room.width() < TIGHT * scale;
    let [usual, smaller] = [1.0, SMALLER].map(|share| dots.width(ui, scale, share));
    let fits = width_of(ui, &keys) + usual <= room.width();
    let share = if is_tight || !fits { SMALLER } else { 1.0 };
    let most = room.width() - if share < 1.0 { smaller } else { usual };
    while width_of(ui, &keys) > most
        && let Some(last) = keys.iter().rposition(|key| !key.stays)
    {
        keys.remove(last);
    }
    let mut left = room.left() + 4.0 * scale;
    for key in keys {
        let rect = Rect::from_min_size(pos2(left, room.top()), vec2(width(ui, &key, scale), room.height()));
        if draw(ui, rect, &key, scale).clicked() {
            out.extend(key.does);
        }
        left = rect.right() + GAP * scale;
    }
    progress(ui, room, &dots, scale, share);
}

fn keys(ui: &Ui, model: &Model) -> Vec<Key> {
    let on = match (&model.run.running, on(model)) {
        (Some(_), _) => {
            Key { cap: STOP.keys_text(), does: Some(Command::Stop), ..Key::new("", t!("stop"), PresentAct::Forward) }
        }
        (None, Ok(word)) => Key::new("→", word, PresentAct::Forward),
        (None, Err(word)) => Key { does: None, ..Key::new("→", word, PresentAct::Forward) },
    };
    let mut keys = vec![on, Key::new("←", t!("back"), PresentAct::Back)];
    if matches!(model.run.next, Next::Stopped(_)) && !model.run.is_over() {
        keys.push(Key::new("G", t!("go on anyway"), PresentAct::GoOn));
    }
    keys.push(Key::new("↑ ↓", t!("look"), PresentAct::Down));
    if !values(ui, model).derivations.is_empty() {
        keys.push(Key::new("Z", t!("zoom"), PresentAct::Zoom));
    }
    let reveal = if model.mask().is_off() { t!("hide") } else { t!("reveal") };
    keys.extend([
        Key::new("R", reveal, PresentAct::Reveal),
        Key::new("B", t!("blank"), PresentAct::Blank),
        Key::new("Esc", t!("leave"), PresentAct::Leave),
    ]);
    keys
}

/// The keys of a lesson, from which nothing is sent and in which nothing is revealed.
fn of_lesson(model: &Model, slide: Slide) -> Vec<Key> {
    let on = match slide {
        Slide::End => Key { does: None, ..Key::new("→", t!("the end"), PresentAct::Forward) },
        _ => Key::new("→", t!("next"), PresentAct::Forward),
    };
    let mut keys = vec![on, Key::new("←", t!("back"), PresentAct::Back)];
    if slide != Slide::End && model.lessons.stand(slide.part()).ran().is_some() {
        keys.push(Key::new("↑ ↓", t!("look"), PresentAct::Down));
    }
    keys.extend([Key::new("B", t!("blank"), PresentAct::Blank), Key::new("Esc", t!("leave"), PresentAct::Leave)]);
    keys
}

/// What the key that leads on does, in a word, or why it does nothing.
fn on(model: &Model) -> Result<&'static str, &'static str> {
    match model.run.beat() {
        Beat::Explained if model.run.flow.is_recorded() => Err(t!("the end")),
        _ if model.run.flow.is_recorded() => Ok(t!("next")),
        Beat::Ready => Ok(ready(model)),
        Beat::OnItsWay => Ok(t!("next")),
        Beat::Came => Ok(t!("explain")),
        Beat::Explained if model.run.is_at_end() => match model.run.next {
            Next::Finished => Err(t!("the end")),
            _ => Err(t!("stopped")),
        },
        Beat::Explained => Ok(t!("next")),
        Beat::Elsewhere => Ok(t!("to the run")),
    }
}

fn ready(model: &Model) -> &'static str {
    match &model.run.next {
        _ if model.run.can_redo() => t!("show again"),
        Next::Do(Action::Browse(..)) => t!("open"),
        Next::Do(Action::Await(_) | Action::Sleep(_) | Action::Listen(_) | Action::Offer(_)) => t!("wait"),
        Next::Do(Action::Send(_)) => t!("send"),
        Next::Missing(_) => t!("fill in"),
        Next::Stopped(_) => t!("try again"),
        Next::Finished => t!("run again"),
    }
}

fn width(ui: &Ui, key: &Key, scale: f32) -> f32 {
    let line = |words: &str| paint::styled_line(ui, words, &TextStyle::Small, ui.tokens().text, f32::INFINITY).size().x;
    cap_width(ui, key, scale) + 8.0 * scale + line(&key.word)
}

fn cap_width(ui: &Ui, key: &Key, scale: f32) -> f32 {
    let cap = paint::styled_line(ui, &key.cap, &TextStyle::Small, ui.tokens().text, f32::INFINITY);
    (cap.size().x + 18.0 * scale).max(28.0 * scale)
}

fn draw(ui: &mut Ui, rect: Rect, key: &Key, scale: f32) -> Response {
    let tokens = ui.tokens();
    let is_enabled = key.does.is_some();
    let sense = if is_enabled { Sense::click() } else { Sense::hover() };
    let response = ui.allocate_rect(rect, sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, is_enabled, &key.word));
    let cap = Rect::from_min_size(
        pos2(rect.left(), rect.center().y - 14.0 * scale),
        vec2(cap_width(ui, key, scale), 28.0 * scale),
    );
    let fill = if response.hovered() && is_enabled { tokens.button_hover } else { tokens.card };
    let stroke = if response.has_focus() { Stroke::new(2.0, tokens.accent) } else { Stroke::new(1.0, tokens.line) };
    ui.painter().rect(cap, size::RADIUS, fill, stroke, StrokeKind::Inside);
    let words = paint::styled_line(ui, &key.cap, &TextStyle::Small, tokens.text, f32::INFINITY);
    paint::text_center(ui.painter(), cap.center(), words);
    let word = paint::styled_line(ui, &key.word, &TextStyle::Small, tokens.dim, f32::INFINITY);
    paint::text_left(ui.painter(), pos2(cap.right() + 8.0 * scale, rect.center().y), word);
    response.on_hover_cursor(if is_enabled { CursorIcon::PointingHand } else { CursorIcon::Default })
}

/// How far it has got: a dot for each step, and `5 of 8`.
struct Dots {
    fills: Vec<Color32>,
    /// What each stands for and how that stands, for those who do not see it.
    stands: Vec<String>,
    words: String,
}

impl Dots {
    /// Of one dot, and from the begin of one to that of the next.
    fn measures(&self, scale: f32, share: f32) -> [f32; 2] {
        DOT.map(|measure| measure * scale * share * (9.0 / self.fills.len().max(9) as f32))
    }

    fn words(&self, ui: &Ui) -> std::sync::Arc<egui::Galley> {
        paint::styled_line(ui, &self.words, &text::strong_style(), ui.tokens().strong, f32::INFINITY)
    }

    /// Of all of it.
    fn width(&self, ui: &Ui, scale: f32, share: f32) -> f32 {
        let [_, pace] = self.measures(scale, share);
        self.words(ui).size().x + 24.0 * scale + pace * self.fills.len() as f32
    }
}

fn dots(ui: &Ui, model: &Model) -> Dots {
    let (tokens, steps) = (ui.tokens(), model.run.flow.steps());
    let [step, all] = step_of(&model.run);
    let stages: Vec<RailStage<'_>> = steps.iter().map(|view| stage(model, view)).collect();
    let fill = |(at, (view, stage)): (usize, (&StepView, &RailStage<'_>))| match stage.state.tone() {
        tone @ (Tone::Error | Tone::Warn) => tone.bar(tokens),
        _ if at + 1 == step => tokens.accent,
        _ if is_behind(view) => tokens.ok_bar,
        _ => tokens.track,
    };
    let fills = steps.iter().zip(&stages).enumerate().map(fill).collect();
    let stands = stages.iter().map(|stage| format!("{}: {}", stage.title, stage.words())).collect();
    Dots { fills, stands, words: t!("{step} of {all}", step, all) }
}

/// What is behind is in the colour of its side.
fn dots_of_lesson(ui: &Ui, model: &Model, slide: Slide) -> Dots {
    let (tokens, all) = (ui.tokens(), slides(&model.lessons));
    let here = all.iter().position(|one| *one == slide).or_else(|| slide_before(&all, slide)).unwrap_or_default();
    let fill = |(at, one): (usize, &Slide)| match at.cmp(&here) {
        Ordering::Equal => tokens.accent,
        Ordering::Greater => tokens.track,
        Ordering::Less => side_of(one.part()).0.bar(tokens),
    };
    let (step, count) = (here + 1, all.len());
    let fills = all.iter().enumerate().map(fill).collect();
    Dots { fills, stands: Vec::new(), words: t!("{step} of {all}", step, all = count) }
}

fn progress(ui: &mut Ui, room: Rect, dots: &Dots, scale: f32, share: f32) {
    let galley = dots.words(ui);
    let label = Rect::from_min_max(pos2(room.right() - galley.size().x - 4.0 * scale, room.top()), room.max);
    let response = ui.allocate_rect(label, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &dots.words));
    paint::text_left(ui.painter(), label.left_center(), galley);
    let [width, pace] = dots.measures(scale, share);
    let left = label.left() - 20.0 * scale - pace * dots.fills.len() as f32;
    for (at, fill) in dots.fills.iter().enumerate() {
        let corner = pos2((at as f32).mul_add(pace, left), room.center().y - 4.0 * scale);
        let dot = Rect::from_min_size(corner, vec2(width, 8.0 * scale));
        ui.painter().rect_filled(dot, 4.0 * scale, *fill);
        if let Some(stands) = dots.stands.get(at) {
            let response = ui.interact(dot, ui.unique_id().with(("dot", at)), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, stands));
        }
    }
}

const fn is_behind(view: &StepView) -> bool {
    matches!(view.state, StepState::Done | StepState::Unseen | StepState::Skipped) || view.state.is_stopped()
}
