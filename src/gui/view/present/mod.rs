//! What an audience sees: the diagram, the message that matters now, one short explanation, and the keys. All of it grows
//! with the window and nothing scrolls; tabs and tools come back by a key or when the pointer is at the top edge.

mod bar;
mod explain;
mod message;
mod rows;
mod second;
mod slides;
mod zoom;

use std::sync::Arc;

use egui::{Align, Area, CentralPanel, Frame, Id, Layout, Order, Rect, Stroke, StrokeKind, Ui, UiBuilder, pos2, vec2};

use super::inspector::once;
use super::{Commands, settings, top_bar};
use crate::gui::command::Command;
use crate::gui::diagram::Diagram;
use crate::gui::handed::{Derivation, Handed, derivations, handed};
use crate::gui::language::t;
use crate::gui::masking;
use crate::gui::model::{Beat, Model, Moment, Run, Target};
use crate::gui::theme::{TokensExt as _, audience_scale, for_audience, size, text};
use crate::gui::widgets::{ArrowState, Bracket, LargeSequence, SequenceAction, region};

/// Of the window's height, the diagram has this part.
const DIAGRAM: f32 = 2.0 / 3.0;
/// Measures in the design.
const MARGIN: [f32; 2] = [20.0, 8.0];
const BAR: f32 = 44.0;
/// Of the width below the diagram, the message has this part where it is explained.
const MESSAGE: f32 = 0.525;
/// The same where the message has more rows than stand below each other and there is little to say of it.
const LONG_MESSAGE: f32 = 0.6;
/// The same where there is much to say.
const LONG_WORDS: f32 = 0.46;
/// What is little to say and what is much, in letters.
const LETTERS: [usize; 2] = [170, 200];
/// So close to the top edge the pointer brings the tools back.
const EDGE: f32 = 3.0;
/// Characters of a value that is no credential, in the diagram.
const ENDS: usize = 4;

/// The window.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    if model.audience.has_second_window {
        second::show(ui.ctx(), model, out);
    }
    let scale = audience_scale(ui.ctx());
    ui.scope(|ui| {
        for_audience(ui, scale);
        CentralPanel::no_frame().frame(Frame::new().fill(ui.tokens().window)).show(ui, |ui| {
            match model.audience.is_blank {
                true => {
                    ui.centered_and_justified(|ui| {
                        ui.label(text::note(t!("Nothing is shown. B shows the window again.")))
                    });
                }
                false => whole(ui, model, scale, out),
            }
        });
    });
    if !model.audience.is_blank {
        tools(ui, model, out);
    }
    if model.audience.has_pointer {
        ring(ui, scale);
    }
}

/// What the values of the message that is shown have to do with those before.
struct Values {
    handed: Option<Handed>,
    derivations: Vec<Derivation>,
}

/// They are looked up when something was done, and not in every frame.
fn values(ui: &Ui, model: &Model) -> Arc<Values> {
    let run = &model.run;
    once(ui, "values", (Moment::of(run), run.preview.at), || {
        let handed = handed(run);
        Values { derivations: derivations(run, handed.as_ref()), handed }
    })
}

/// The number of the step that is shown, and of how many: the same wherever it is told.
fn step_of(run: &Run) -> [usize; 2] {
    let all = run.flow.steps().len();
    [(run.shown_step() + 1).min(all), all]
}

fn whole(ui: &mut Ui, model: &Model, scale: f32, out: &mut Commands) {
    let window = ui.max_rect();
    let [margin, gap] = MARGIN.map(|measure| measure * scale);
    let room = Rect::from_min_max(window.min + vec2(margin, gap), window.max - vec2(margin, 0.0));
    let above = room.with_max_y(room.bottom() - BAR * scale);
    if let Some(slide) = model.slide() {
        slides::show(ui, model, slide, above, (gap, scale), out);
    } else if let Some(at) = model.audience.zoomed {
        part(ui, above, t!("Value"), |ui| zoom::show(ui, model, at, scale));
    } else {
        let diagram = above.with_max_y(above.top() + (window.height() * DIAGRAM).round());
        let below = above.with_min_y(diagram.bottom() + gap);
        part(ui, diagram, t!("Diagram"), |ui| self::diagram(ui, model, scale, out));
        part(ui, below, t!("Message"), |ui| message_and_words(ui, model, scale, out));
    }
    let keys = room.with_min_y(above.bottom());
    part(ui, keys, t!("Keys"), |ui| bar::show(ui, model, scale, out));
}

fn part(ui: &mut Ui, room: Rect, name: &'static str, content: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new().id_salt(name).max_rect(room).layout(Layout::top_down(Align::Min));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(room.expand(1.0).intersect(ui.clip_rect()));
        region(ui, name, content);
    });
}

/// Paints a card into the whole room.
fn card(ui: &Ui, room: Rect) {
    let (tokens, stroke) = (ui.tokens(), Stroke::new(1.0, ui.tokens().line));
    ui.painter().rect(room, size::CARD_RADIUS, tokens.card, stroke, StrokeKind::Inside);
}

fn diagram(ui: &mut Ui, model: &Model, scale: f32, out: &mut Commands) {
    let room = ui.available_rect_before_wrap();
    card(ui, room);
    let diagram = Diagram::of(model);
    let selected = diagram.shown(model);
    let bracket = values(ui, model).handed.as_ref().and_then(|handed| bracket(model, &diagram, handed));
    let inside = UiBuilder::new().max_rect(room.shrink2(vec2(1.0, 2.0)));
    let action = ui.scope_builder(inside, |ui| {
        let sequence = LargeSequence::new(&diagram.lanes, &diagram.arrows, selected, scale);
        sequence.bracket(bracket.as_ref()).show(ui)
    });
    if let Some(SequenceAction::Select(row)) = action.inner {
        out.push(match diagram.targets[row] {
            Target::Polls => Command::TogglePolls,
            target => Command::SelectRow(row, target),
        });
    }
}

/// Where the value stands in the diagram: of the arrows of one request, at the one that goes furthest.
fn bracket(model: &Model, diagram: &Diagram, handed: &Handed) -> Option<Bracket> {
    let row = |target: Target| {
        let rows = diagram.targets.iter().zip(&diagram.arrows).enumerate();
        // What the user does is no message that carries a value.
        let is_it = |arrow: &crate::gui::widgets::Arrow| arrow.from != 0 && arrow.state != ArrowState::Future;
        let is_of = |shown: Target| {
            shown == target || matches!((shown, target), (Target::Trip(way), Target::Request(at)) if way == at)
        };
        let rows = rows.filter(|(_, (shown, arrow))| is_of(**shown) && is_it(arrow));
        rows.max_by_key(|(_, (_, arrow))| arrow.from.abs_diff(arrow.to)).map(|(row, _)| row)
    };
    let (brought, used) = (row(handed.brought.0)?, row(handed.used.0)?);
    let names = [handed.brought.1.clone(), handed.used.1.clone()];
    Some(Bracket { brought, used, names, value: in_short(model, handed), said: handed.said.to_owned() })
}

/// The value in a few characters: its two ends.
fn in_short(model: &Model, handed: &Handed) -> String {
    let shown = model.mask().value(masking::form_param, &handed.name, &handed.value);
    let shown = crate::base::text::visible(&shown).into_owned();
    let count = shown.chars().count();
    if count < 4 * ENDS {
        return shown;
    }
    let head: String = shown.chars().take(ENDS).collect();
    let tail: String = shown.chars().skip(count - ENDS).collect();
    let middle = if shown == handed.value { "…" } else { "••••" };
    format!("{head}{middle}{tail}")
}

/// What came is looked at before it is explained.
fn message_and_words(ui: &mut Ui, model: &Model, scale: f32, out: &mut Commands) {
    let room = ui.available_rect_before_wrap();
    card(ui, room);
    if model.run.beat() == Beat::Came {
        return message::show(ui, room.shrink2(vec2(22.0, 10.0) * scale), model, scale, out);
    }
    let [little, much] = LETTERS;
    let share = match explain::length(model) {
        letters if letters > much => LONG_WORDS,
        letters if letters < little && message::is_long(model) => LONG_MESSAGE,
        _ => MESSAGE,
    };
    let middle = room.left() + (room.width() * share).round();
    let left = room.with_max_x(middle);
    message::show(ui, left.shrink2(vec2(22.0, 10.0) * scale), model, scale, out);
    let right = room.with_min_x(middle);
    ui.painter().vline(middle, room.y_range(), Stroke::new(1.0, ui.tokens().line));
    explain::show(ui, right.shrink2(vec2(24.0, 10.0) * scale), model);
}

/// Tabs and tools over all, and the settings where they were open.
fn tools(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let (window, id) = (ui.max_rect(), Id::unique("tools of a presentation"));
    let height = size::TOP_BAR + size::TAB_ROW;
    let was_there = ui.data(|data| data.get_temp(id)).unwrap_or(false);
    let reach = if was_there { height } else { EDGE };
    let pointer = ui.input(|input| input.pointer.hover_pos());
    let is_at_edge = pointer.is_some_and(|at| at.y <= window.top() + reach) || egui::Popup::is_any_open(ui.ctx());
    let is_at_edge = is_at_edge && (was_there || pointer.is_some_and(|at| at.y <= window.top() + EDGE));
    ui.data_mut(|data| data.insert_temp(id, is_at_edge));
    if !is_at_edge && !model.audience.has_tools {
        return;
    }
    over(ui, "top", Rect::from_min_size(window.min, vec2(window.width(), height)), |ui| {
        let bar = |ui: &mut Ui, height, margin, content: &mut dyn FnMut(&mut Ui)| {
            let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height));
            let builder = UiBuilder::new().max_rect(rect.shrink2(vec2(margin, 0.0)));
            ui.scope_builder(builder, content);
        };
        ui.spacing_mut().item_spacing.y = 0.0;
        bar(ui, size::TOP_BAR, 14.0, &mut |ui| {
            region(ui, t!("Provider and window"), |ui| top_bar::show(ui, model, out));
        });
        bar(ui, size::TAB_ROW, 8.0, &mut |ui| region(ui, t!("Tabs"), |ui| top_bar::tabs(ui, model, out)));
    });
    if model.shows_settings() {
        let corner = pos2(window.left(), window.top() + height);
        let rect = Rect::from_min_max(corner, pos2(corner.x + size::SETTINGS_PANEL, window.bottom()));
        over(ui, "settings", rect, |ui| region(ui, t!("Settings"), |ui| settings::show(ui, model, out)));
    }
}

fn over(ui: &Ui, name: &str, rect: Rect, content: impl FnOnce(&mut Ui)) {
    let area =
        Area::new(Id::unique(("over a presentation", name))).order(Order::Middle).fixed_pos(rect.min).movable(false);
    area.show(ui.ctx(), |ui| {
        let (tokens, stroke) = (ui.tokens(), Stroke::new(1.0, ui.tokens().line));
        ui.painter().rect(rect, 0, tokens.panel, stroke, StrokeKind::Outside);
        ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
            ui.set_clip_rect(rect);
            content(ui);
            ui.allocate_rect(rect, egui::Sense::hover());
        });
    });
}

/// A ring that is seen from the back, around the pointer.
fn ring(ui: &Ui, scale: f32) {
    let Some(at) = ui.input(|input| input.pointer.hover_pos()) else { return };
    let layer = egui::LayerId::new(Order::Tooltip, Id::unique("pointer of a presentation"));
    let color = ui.tokens().warn_bar;
    let painter = ui.ctx().layer_painter(layer);
    painter.circle(at, 40.0 * scale, color.gamma_multiply(0.3), Stroke::new(4.0 * scale, color));
}
