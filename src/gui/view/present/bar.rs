//! The keys that lead through a presentation, as buttons too, and how far it has got.

use egui::{CursorIcon, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2};

use super::{Commands, step_of, values};
use crate::flow::step::{StepState, StepView};
use crate::flow::{Action, Next};
use crate::gui::acts::STOP;
use crate::gui::command::{Command, PresentAct};
use crate::gui::language::t;
use crate::gui::model::{Beat, Model};
use crate::gui::theme::{TokensExt as _, size, text};
use crate::gui::widgets::paint;

/// Between two keys.
const GAP: f32 = 24.0;
/// Of a dot: at most, and from the begin of one to that of the next.
const DOT: [f32; 2] = [22.0, 27.0];

/// Below this width the dots are smaller.
const TIGHT: f32 = 1200.0;

/// A key, what it does in a word, and whether it does that now.
struct Key {
    cap: String,
    word: String,
    does: Option<Command>,
}

/// The bar.
pub fn show(ui: &mut Ui, model: &Model, scale: f32, out: &mut Commands) {
    let room = ui.available_rect_before_wrap();
    let most = progress(ui, room, model, scale).left();
    let mut left = room.left() + 4.0 * scale;
    for key in keys(ui, model) {
        let width = width(ui, &key, scale);
        // What there is no room for is in the help.
        if left + width + GAP * scale > most {
            break;
        }
        let rect = Rect::from_min_size(pos2(left, room.top()), vec2(width, room.height()));
        if draw(ui, rect, &key, scale).clicked() {
            out.extend(key.does);
        }
        left += width + GAP * scale;
    }
}

fn keys(ui: &Ui, model: &Model) -> Vec<Key> {
    let key = |cap: &str, word: &str, act| {
        let (cap, word) = (cap.to_owned(), word.to_owned());
        Key { cap, word, does: Some(Command::Present(act)) }
    };
    let on = match (&model.run.running, on(model)) {
        (Some(_), _) => Key { cap: STOP.keys_text(), word: t!("stop").to_owned(), does: Some(Command::Stop) },
        (None, Ok(word)) => key("→", word, PresentAct::Forward),
        (None, Err(word)) => Key { does: None, ..key("→", word, PresentAct::Forward) },
    };
    let mut keys = vec![on, key("←", t!("back"), PresentAct::Back)];
    if matches!(model.run.next, Next::Stopped(_)) && !model.run.is_over() {
        keys.push(key("G", t!("go on anyway"), PresentAct::GoOn));
    }
    let zoom = Some(Command::Present(PresentAct::Zoom)).filter(|_| !values(ui, model).derivations.is_empty());
    let is_revealed = model.mask().is_off();
    keys.extend([
        key("↑ ↓", t!("look"), PresentAct::Down),
        Key { does: zoom, ..key("Z", t!("zoom"), PresentAct::Zoom) },
        key("R", if is_revealed { t!("hide") } else { t!("reveal") }, PresentAct::Reveal),
        key("B", t!("blank"), PresentAct::Blank),
        key("Esc", t!("leave"), PresentAct::Leave),
    ]);
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

/// A dot for each step and `5 of 8`; returns the room they take.
fn progress(ui: &mut Ui, room: Rect, model: &Model, scale: f32) -> Rect {
    let tokens = ui.tokens();
    let steps = model.run.flow.steps();
    let [step, all] = step_of(&model.run);
    let words = t!("{step} of {all}", step, all);
    let galley = paint::styled_line(ui, &words, &text::strong_style(), tokens.strong, f32::INFINITY);
    let label = Rect::from_min_max(pos2(room.right() - galley.size().x - 4.0 * scale, room.top()), room.max);
    let response = ui.allocate_rect(label, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    paint::text_left(ui.painter(), label.left_center(), galley);
    // The keys come first.
    let share = if room.width() < TIGHT * scale { 0.6 } else { 1.0 };
    let [width, pace] = DOT.map(|measure| measure * scale * share * (9.0 / steps.len().max(9) as f32));
    let left = label.left() - 20.0 * scale - pace * steps.len() as f32;
    for (at, view) in steps.iter().enumerate() {
        let fill = match view.state {
            StepState::Refused => tokens.error_bar,
            _ if at + 1 == step => tokens.accent,
            _ if is_behind(view) => tokens.ok_bar,
            _ => tokens.track,
        };
        let corner = pos2((at as f32).mul_add(pace, left), room.center().y - 4.0 * scale);
        ui.painter().rect_filled(Rect::from_min_size(corner, vec2(width, 8.0 * scale)), 4.0 * scale, fill);
    }
    label.with_min_x(left)
}

const fn is_behind(view: &StepView) -> bool {
    matches!(view.state, StepState::Done | StepState::Unseen | StepState::Skipped | StepState::Refused)
}
