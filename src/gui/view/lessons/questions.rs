//! What a class is asked at the end, one question open at a time.

use egui::{Align, Frame, Key, Label, Layout, Response, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, vec2};

use super::super::Commands;
use super::{push, words};
use crate::base::text::visible;
use crate::gui::language::t;
use crate::gui::lessons::Book;
use crate::gui::model::{FIRST_CHOICE, LessonsCommand, Model};
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::{Tone, card, card_frame, group_head, keyboard, paint};

/// The keys that choose, in the order of the answers.
const KEYS: [Key; 9] =
    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];

/// The card.
pub fn show(ui: &mut Ui, model: &Model, book: &Book, out: &mut Commands) {
    let (lessons, all) = (&model.lessons, &book.told().questions);
    if all.is_empty() {
        return drop(card(ui, |ui| ui.label(text::dim(t!("This lesson asks nothing.")))));
    }
    card_frame(ui).inner_margin(0).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        Frame::new().inner_margin(egui::Margin::symmetric(14, 10)).show(ui, |ui| {
            let count = t!("{book} of {all} answered", book = lessons.answered(book), all = all.len());
            ui.horizontal(|ui| {
                group_head(ui, t!("Questions"));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(text::note(count)));
            });
        });
        for (at, question) in all.iter().enumerate() {
            let ground = if at == lessons.question { ui.tokens().selected } else { egui::Color32::TRANSPARENT };
            let above = if at == lessons.question { 8 } else { 3 };
            Frame::new().fill(ground).inner_margin(egui::Margin::symmetric(14, above)).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing.y = 4.0;
                match at == lessons.question {
                    true => open(ui, model, question, lessons.is_answered(at), out),
                    false => closed(ui, at, question, lessons.is_answered(at), out),
                }
            });
        }
    });
}

/// A question that is not open: it opens it, whole however little room there is, and below stands what is right.
fn closed(ui: &mut Ui, at: usize, question: &crate::lesson::Question, is_answered: bool, out: &mut Commands) {
    let ask = visible(&question.ask).replace('`', "");
    let icon = if is_answered { icons::CHECK } else { icons::CARET_RIGHT };
    let tokens = ui.tokens();
    let (rect, response) = wrapped(ui, &ask, tokens.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &ask));
    paint::icon(ui, egui::pos2(rect.left() + 9.0, rect.top() + 12.0), icon, 12.0, tokens.dim);
    if ringed(ui, rect, &response).clicked() {
        push(out, LessonsCommand::Ask(at));
    }
    if is_answered {
        let answer = question.choices.get(question.answer).map(|answer| visible(answer)).unwrap_or_default();
        ui.horizontal(|ui| {
            ui.add_space(INDENT);
            ui.add(Label::new(text::note(answer)).wrap());
        });
    }
}

fn open(ui: &mut Ui, model: &Model, question: &crate::lesson::Question, is_answered: bool, out: &mut Commands) {
    let lessons = &model.lessons;
    words::line(ui, &format!("**{}**", question.ask.replace('`', "")));
    let chosen = if is_answered { Some(question.answer) } else { lessons.choice };
    for (at, choice) in question.choices.iter().enumerate() {
        let tone = match (is_answered && at == question.answer, lessons.wrong == Some(at)) {
            (true, _) => Some(Tone::Ok),
            (_, true) => Some(Tone::Error),
            _ => None,
        };
        let answer = radio(ui, &visible(choice).replace('`', ""), chosen == Some(at), tone);
        if at == 0 {
            keyboard::take_if_wanted(ui, FIRST_CHOICE, &answer);
        }
        if answer.clicked() && !is_answered {
            push(out, LessonsCommand::Choose(at));
        }
    }
    if is_answered {
        told(ui, Tone::Ok, t!("That is right."));
        return words::line(ui, &question.why);
    }
    if lessons.wrong.is_some() {
        told(ui, Tone::Error, t!("That is not it. Choose another answer."));
    }
    if let Some(at) = key(ui, model, question.choices.len()) {
        push(out, LessonsCommand::Choose(at));
    }
}

/// What was said of an answer; a screen reader tells it at once.
pub fn told(ui: &mut Ui, tone: Tone, words: &str) {
    let response = ui.label(text::strong(words).color(tone.ink(ui.tokens())));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(egui::accesskit::Live::Polite));
}

/// The answer that a digit chooses, unless the keyboard is elsewhere.
pub fn key(ui: &Ui, model: &Model, count: usize) -> Option<usize> {
    if model.dialog.is_some() || ui.ctx().text_edit_focused() {
        return None;
    }
    let pressed = |key: &Key| ui.input(|input| input.modifiers.is_none() && input.key_pressed(*key));
    KEYS.iter().take(count).position(pressed)
}

/// Room for what stands before words that wrap.
pub const INDENT: f32 = 26.0;

/// Words that wrap and can be clicked, with room before them.
fn wrapped(ui: &mut Ui, words: &str, ink: egui::Color32) -> (egui::Rect, Response) {
    let width = (ui.available_width() - INDENT).max(40.0);
    let font = TextStyle::Body.resolve(ui.style());
    let galley = ui.painter().layout(words.to_owned(), font, ink, width);
    let extent = vec2(INDENT + galley.size().x, galley.size().y.max(18.0) + 6.0);
    let (rect, response) = ui.allocate_exact_size(extent, Sense::click());
    ui.painter().galley(rect.min + vec2(INDENT, 3.0), galley, ink);
    (rect, response)
}

/// The ring around what has the keyboard.
fn ringed(ui: &Ui, rect: egui::Rect, response: &Response) -> Response {
    if response.has_focus() {
        let ring = Stroke::new(1.5, ui.tokens().accent);
        ui.painter().rect_stroke(rect.expand(2.0), size::RADIUS, ring, egui::StrokeKind::Inside);
    }
    response.clone().on_hover_cursor(egui::CursorIcon::PointingHand)
}

/// An answer: a circle and words that wrap.
pub fn radio(ui: &mut Ui, words: &str, is_chosen: bool, tone: Option<Tone>) -> Response {
    let tokens = ui.tokens();
    let (rect, response) = wrapped(ui, words, if is_chosen { tokens.strong } else { tokens.text });
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), is_chosen, words));
    if let Some(tone) = tone {
        let word = if tone == Tone::Ok { t!("right") } else { t!("not right") };
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(word));
    }
    // Beside the first line, however large it is.
    let center = egui::pos2(rect.left() + 9.0, rect.top() + 3.0 + ui.text_style_height(&TextStyle::Body) / 2.0);
    match tone {
        Some(tone) => paint::icon(ui, center, tone.icon(), 16.0, tone.ink(tokens)),
        None if is_chosen => {
            ui.painter().circle_filled(center, 8.0, tokens.accent);
            ui.painter().circle_filled(center, 3.0, tokens.on_accent);
        }
        None => {
            let line = if response.hovered() { tokens.accent } else { tokens.line_strong };
            ui.painter().circle_stroke(center, 7.5, Stroke::new(1.5, line));
        }
    }
    ringed(ui, rect, &response)
}
