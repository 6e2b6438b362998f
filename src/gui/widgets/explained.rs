//! What a name means, shown the same way everywhere: while the pointer is on it, beside what has the keyboard when F1 is
//! pressed, and in a list of names.

use egui::{
    Area, Context, CursorIcon, Frame, Id, Key, LayerId, Margin, Order, Rect, Response, RichText, Role, Stroke, Ui, pos2,
};

use crate::gui::language::t;
use crate::gui::theme::{TokensExt as _, as_below, size, text};

/// As wide as it gets.
const WIDTH: f32 = 380.0;

/// The short text of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// `code_challenge`.
    pub name: String,
    /// What it does and who decides it.
    pub meaning: String,
    /// How it is computed; empty where nothing is.
    pub formula: String,
    /// Where it is defined: `RFC 7636 §4.2`.
    pub section: String,
}

impl Explanation {
    /// A sentence and its section.
    pub fn new(name: &str, meaning: &str, section: impl Into<String>) -> Self {
        let (name, meaning) = (name.to_owned(), meaning.to_owned());
        Self { name, meaning, formula: String::new(), section: section.into() }
    }
}

/// Finds the explanation of a name.
pub type Explain<'a> = &'a dyn Fn(&str) -> Option<Explanation>;

/// What F1 may show, noted in the frame in which it is pressed.
#[derive(Clone)]
struct Noted {
    layer: LayerId,
    place: Rect,
    explanation: Explanation,
}

/// What F1 has shown.
#[derive(Clone)]
struct Shown {
    explanation: Explanation,
    below: Rect,
    /// What had the keyboard.
    focused: Id,
}

/// Explains what stands at `name`: on hover, and by F1 while something in `row` has the keyboard.
pub fn explained(ui: &Ui, name: Response, row: Rect, find: impl Fn() -> Option<Explanation>) -> Response {
    note(ui, row, &find);
    if !name.hovered() {
        return name;
    }
    match find() {
        Some(found) => name.on_hover_cursor(CursorIcon::Help).on_hover_ui(|ui| explanation(ui, &found)),
        None => name,
    }
}

/// Has F1 explain what has the keyboard in `row`.
pub fn note(ui: &Ui, row: Rect, find: impl Fn() -> Option<Explanation>) {
    if !ui.input(|input| input.key_pressed(Key::F1)) {
        return;
    }
    if let Some(explanation) = find() {
        // What is scrolled out of sight lies below something else. A cell is no wider than its own part of the row.
        let in_sight = row.y_range().intersection(ui.clip_rect().y_range());
        let noted = Noted { layer: ui.layer_id(), place: Rect::from_x_y_ranges(row.x_range(), in_sight), explanation };
        ui.data_mut(|data| data.get_temp_mut_or_default::<Vec<Noted>>(noted_id()).push(noted));
    }
}

/// Draws it.
pub fn explanation(ui: &mut Ui, shown: &Explanation) {
    ui.set_max_width(WIDTH.min(ui.available_width()));
    ui.spacing_mut().item_spacing.y = 3.0;
    if !shown.name.is_empty() {
        ui.label(text::mono(&shown.name).color(ui.tokens().strong));
    }
    ui.add(egui::Label::new(&shown.meaning).wrap());
    if !shown.formula.is_empty() {
        ui.add(egui::Label::new(text::mono(&shown.formula).color(ui.tokens().text)).wrap());
    }
    if !shown.section.is_empty() {
        ui.label(text::note(&shown.section));
    }
}

/// After everything was drawn: shows what F1 asked for until the keyboard or the pointer does something else. `true` where
/// F1 was pressed and nothing explains what has the keyboard.
pub fn finish_frame(ctx: &Context) -> bool {
    let asked = ctx.input(|input| input.key_pressed(Key::F1));
    let noted = ctx.data_mut(|data| data.remove_temp::<Vec<Noted>>(noted_id())).unwrap_or_default();
    let focused = ctx.memory(|memory| memory.focused());
    if asked {
        let before = ctx.data(|data| data.get_temp::<Shown>(shown_id()));
        ctx.data_mut(|data| data.remove::<Shown>(shown_id()));
        let found = focused.and_then(|id| answer(ctx, id, &noted));
        match (found, before) {
            // The same key takes it away again.
            (Some(found), before) if before.as_ref().is_none_or(|before| before.explanation != found.explanation) => {
                ctx.data_mut(|data| data.insert_temp(shown_id(), found));
            }
            (None, None) => return true,
            _ => {}
        }
    }
    let Some(shown) = ctx.data(|data| data.get_temp::<Shown>(shown_id())) else { return false };
    let (escaped, clicked) = ctx.input(|input| (input.key_pressed(Key::Escape), input.pointer.any_pressed()));
    if escaped {
        // Escape also takes the keyboard from what has it.
        ctx.memory_mut(|memory| memory.request_focus(shown.focused));
    }
    if escaped || clicked || focused.is_some_and(|id| id != shown.focused) {
        ctx.data_mut(|data| data.remove::<Shown>(shown_id()));
        ctx.request_repaint();
        return false;
    }
    popup(ctx, &shown);
    false
}

/// The explanation of the smallest place around what has the keyboard.
fn answer(ctx: &Context, focused: Id, noted: &[Noted]) -> Option<Shown> {
    let response = ctx.read_response(focused)?;
    let (layer, rect) = (response.layer_id, response.interact_rect);
    let holds = |noted: &&Noted| noted.layer == layer && noted.place.expand(1.0).contains(rect.center());
    let best = noted.iter().filter(holds).min_by(|one, other| one.place.area().total_cmp(&other.place.area()))?;
    Some(Shown { explanation: best.explanation.clone(), below: rect, focused })
}

fn popup(ctx: &Context, shown: &Shown) {
    let tokens = ctx.tokens();
    let frame = Frame::new()
        .fill(tokens.popup)
        .stroke(Stroke::new(1.0, tokens.line_strong))
        .corner_radius(size::RADIUS)
        .inner_margin(Margin::symmetric(12, 8))
        .shadow(ctx.global_style().visuals.popup_shadow);
    let said = [&shown.explanation.name, &shown.explanation.meaning, &shown.explanation.section];
    let said = said.map(String::as_str).join(". ");
    let place = pos2(shown.below.left(), shown.below.bottom() + 4.0);
    let area = Area::new(Id::unique("explained")).order(Order::Tooltip).fixed_pos(place).constrain(true);
    area.role(Role::Alert).accessible_name(said).interactable(false).show(ctx, |ui| {
        as_below(ui);
        frame.show(ui, |ui| {
            explanation(ui, &shown.explanation);
            ui.label(RichText::new(t!("Esc closes this, F1 again too.")).small().weak());
        })
    });
}

fn noted_id() -> Id {
    Id::unique("what F1 may show")
}

fn shown_id() -> Id {
    Id::unique("what F1 has shown")
}

#[cfg(test)]
mod tests {
    use egui::{Event, Modifiers, RawInput, Sense, Vec2};

    use super::*;
    use crate::gui::theme;

    /// What F1 shows where this row is drawn through this clip, over a button that has the keyboard.
    fn shown(row: Rect, clip: Rect) -> Option<String> {
        let ctx = Context::default();
        theme::install(&ctx);
        let (id, place) = (Id::unique("button"), Rect::from_min_size(pos2(10.0, 10.0), Vec2::splat(20.0)));
        let f1 =
            Event::Key { key: Key::F1, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE };
        for events in [Vec::new(), vec![f1]] {
            let mut output = ctx.run_ui(RawInput { events, ..RawInput::default() }, |ui| {
                ui.interact(place, id, Sense::click());
                ui.memory_mut(|memory| memory.request_focus(id));
                let mut inside = ui.new_child(egui::UiBuilder::new());
                inside.set_clip_rect(clip);
                note(&inside, row, || Some(Explanation::new("scope", "What is asked for.", "RFC 6749 section 3.3")));
                finish_frame(ui.ctx());
            });
            output.textures_delta.clear();
        }
        ctx.data(|data| data.get_temp::<Shown>(shown_id())).map(|shown| shown.explanation.name)
    }

    #[test]
    fn what_is_scrolled_out_of_sight_answers_for_nothing_above_it() {
        let all = Rect::from_min_size(pos2(0.0, 0.0), Vec2::splat(500.0));
        let row = all.with_max_y(40.0);
        assert_eq!(shown(row, all).as_deref(), Some("scope"));
        assert_eq!(shown(row, all.with_min_y(60.0)), None);
    }
}
