//! The rows of a message: names and values in as many columns as there is room for, and values on more than one line where
//! lines are free.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align, Color32, Galley, Label, Layout, Rect, RichText, Stroke, StrokeKind, TextStyle, Ui, UiBuilder, pos2, vec2,
};

use crate::gui::handed::Handed;
use crate::gui::language::t;
use crate::gui::theme::{TokensExt as _, size, text};
use crate::gui::widgets::paint;

/// Measures at 1280 x 720.
pub const ROW: f32 = 31.0;
/// A column with a name and a value, at least.
const COLUMN: f32 = 215.0;
/// The same where more is left out than shown: what is shown is to be read.
const WIDE_COLUMN: f32 = 440.0;
/// A column takes no more than this part of the width from the others.
const WIDEST: f32 = 0.6;
/// From a name to its value, and from a value to the next column.
const GAPS: [f32; 2] = [20.0, 14.0];

/// A name and its value as shown.
pub type Row = (String, String);

/// Draws them into this room; a box is around the value that is handed on.
pub fn show(ui: &mut Ui, room: Rect, rows: &[Row], handed: Option<&Handed>, scale: f32) {
    let lines = ((room.height() / (ROW * scale)) as usize).max(1);
    let fit = |width: f32| ((room.width() / (width * scale)) as usize).max(1);
    let is_crowded = rows.len() > 2 * fit(COLUMN) * lines;
    let most = fit(if is_crowded { WIDE_COLUMN } else { COLUMN });
    let columns = rows.len().div_ceil(lines).clamp(1, most);
    let left_out = rows.len().saturating_sub(columns * lines);
    let shown = if left_out > 0 { columns * lines - 1 } else { rows.len() };
    // Columns of one height have the same lines to spare.
    let in_column = if left_out > 0 { lines } else { rows.len().div_ceil(columns).max(1) };
    let spare = if left_out > 0 { 0 } else { lines };
    let widths = widths(ui, room.width(), &rows[..shown], in_column, scale);
    let boxed = handed.and_then(|handed| row_with(handed, rows));
    let mut left = room.left();
    for (at, (cells, width)) in rows[..shown].chunks(in_column).zip(&widths).enumerate() {
        let place = Rect::from_min_max(pos2(left, room.top()), pos2(left + width - GAPS[1] * scale, room.bottom()));
        let boxed = boxed.and_then(|boxed| boxed.checked_sub(at * in_column));
        column(ui, place, cells, spare, boxed, scale);
        left += width;
    }
    if left_out > 0 {
        let at = shown % in_column;
        let width = if at == 0 { COLUMN * scale } else { widths.last().copied().unwrap_or(room.width()) };
        let left = if at == 0 { left } else { left - width };
        let corner = pos2(left, (at as f32).mul_add(ROW * scale, room.top()));
        let row = Rect::from_min_size(corner, vec2(width, ROW * scale));
        words(ui, row, text::note(t!("and {left_out} more", left_out = left_out + 1)));
    }
}

fn column(ui: &mut Ui, room: Rect, cells: &[Row], spare: usize, boxed: Option<usize>, scale: f32) {
    let tokens = ui.tokens();
    let widest = |of: fn(&Row) -> &str| cells.iter().map(|cell| mono(ui, of(cell))).fold(0.0, f32::max);
    let gap = GAPS[0] * scale;
    // Names leave half of it to the values, or as much as these need.
    let most = (room.width() * 0.5).max(room.width() - gap - widest(|(_, value)| value));
    let names = widest(|(name, _)| name).min(most) + gap;
    let width = room.width() - names;
    let needed: Vec<usize> = cells.iter().map(|(_, value)| wrapped(ui, value, width, usize::MAX).rows.len()).collect();
    let mut top = room.top();
    for (at, ((name, value), lines)) in cells.iter().zip(shared(&needed, spare)).enumerate() {
        let row = Rect::from_min_max(pos2(room.left(), top), pos2(room.right(), top + ROW * scale));
        words(ui, row.with_max_x(room.left() + names - 8.0 * scale), text::mono(name).color(tokens.syntax_name));
        let galley = wrapped(ui, &with_both_ends(ui, value, width * lines as f32), width, lines);
        // The first line stands beside the name.
        let first = galley.rows.first().map_or(0.0, |row| row.height());
        let place = Rect::from_min_size(pos2(room.left() + names, row.center().y - first / 2.0), galley.size());
        if boxed == Some(at) {
            frame(ui, place, room.right(), scale);
        }
        let shown = ui.put(place, Label::new(galley).selectable(false));
        // What is cut for the eye is read aloud whole.
        ui.ctx().accesskit_node_builder(shown.id, |node| node.set_value(value.as_str()));
        top += lines as f32 * ROW * scale;
    }
}

/// The row with the value that is handed on: what an ID token says stands in that, and a token may be shown in a header
/// field.
fn row_with(handed: &Handed, rows: &[Row]) -> Option<usize> {
    let name = handed.used.1.split(' ').next().unwrap_or_default();
    let at = |name: &str| rows.iter().position(|(row, _)| row == name);
    at(name).or_else(|| at("Authorization").filter(|_| name == "access_token"))
}

/// How many of the lines of a column each value has: one, and of those to spare what it needs, the first come first.
fn shared(needed: &[usize], lines: usize) -> Vec<usize> {
    let mut spare = lines.saturating_sub(needed.len());
    let of = |needed: &usize| {
        let more = needed.saturating_sub(1).min(spare);
        spare -= more;
        1 + more
    };
    needed.iter().map(of).collect()
}

/// The columns share the room by what is in them.
fn widths(ui: &Ui, room: f32, rows: &[Row], in_column: usize, scale: f32) -> Vec<f32> {
    let widest = |cells: &[Row], of: fn(&Row) -> &str| cells.iter().map(|cell| mono(ui, of(cell))).fold(0.0, f32::max);
    let gaps = (GAPS[0] + GAPS[1] + 16.0) * scale;
    let wanted =
        rows.chunks(in_column).map(|cells| widest(cells, |(name, _)| name) + widest(cells, |(_, value)| value));
    parted(&wanted.map(|width| width + gaps).collect::<Vec<_>>(), room)
}

/// Parts a room by what is wanted of it: nobody takes most of it from the others, and what is left goes to who lacks it,
/// or else to all.
fn parted(wanted: &[f32], room: f32) -> Vec<f32> {
    let capped: Vec<f32> = wanted.iter().map(|width| width.min(room * WIDEST)).collect();
    let (all, left) = (capped.iter().sum::<f32>(), room - capped.iter().sum::<f32>());
    if left < 0.0 {
        return capped.iter().map(|width| width * room / all).collect();
    }
    let lacked = wanted.iter().sum::<f32>() - all;
    let given = if lacked > 0.0 { (left / lacked).min(1.0) } else { 0.0 };
    let rest = lacked.mul_add(-given, left) / wanted.len().max(1) as f32;
    wanted.iter().zip(&capped).map(|(wanted, capped)| (wanted - capped).mul_add(given, *capped) + rest).collect()
}

/// What is no prose keeps its first and last characters, where it is longer than this room: an address differs at its
/// end.
fn with_both_ends(ui: &Ui, value: &str, room: f32) -> String {
    let count = value.chars().count();
    let fits = (room / mono(ui, "0").max(1.0)) as usize;
    if value.contains(' ') && !value.contains('•') || count <= fits {
        return value.to_owned();
    }
    let half = fits.saturating_sub(1) / 2;
    let head: String = value.chars().take(half).collect();
    let tail: String = value.chars().skip(count - half).collect();
    format!("{head}…{tail}")
}

/// A value on so many lines, ending in `…` where it has more.
fn wrapped(ui: &Ui, value: &str, width: f32, lines: usize) -> Arc<Galley> {
    let font = TextStyle::Monospace.resolve(ui.style());
    let mut job = LayoutJob::single_section(value.to_owned(), TextFormat::simple(font, ui.tokens().strong));
    job.wrap.max_width = width.max(1.0);
    job.wrap.max_rows = lines;
    // Only prose is broken between words.
    job.wrap.break_anywhere = lines == 1 || value.contains('•') || !value.contains(' ');
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

/// A box around a value that is handed on.
fn frame(ui: &Ui, value: Rect, right: f32, scale: f32) {
    let (tokens, margin) = (ui.tokens(), vec2(9.0, 2.0) * scale);
    let rect = value.expand2(margin);
    let rect = rect.with_max_x(rect.right().min(right + margin.x));
    let stroke = Stroke::new(2.0 * scale, tokens.warn);
    ui.painter().rect(rect, size::RADIUS, tokens.warn_soft, stroke, StrokeKind::Inside);
}

fn mono(ui: &Ui, words: &str) -> f32 {
    paint::styled_line(ui, words, &TextStyle::Monospace, Color32::PLACEHOLDER, f32::INFINITY).size().x
}

/// One line of text, cut where it would be wider than its room.
pub fn words(ui: &mut Ui, room: Rect, words: RichText) {
    let builder = UiBuilder::new().max_rect(room).layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(builder, |ui| ui.add(Label::new(words).truncate().selectable(false)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::model::Target;

    #[test]
    fn free_lines_go_to_values_that_need_them() {
        for (needed, lines, expected) in [
            (&[1, 3, 2][..], 5, &[1, 3, 1][..]),
            (&[1, 3, 2], 6, &[1, 3, 2]),
            (&[9, 1], 4, &[3, 1]),
            (&[2, 2], 2, &[1, 1]),
            (&[2, 2], 0, &[1, 1]),
            (&[], 4, &[]),
        ] {
            assert_eq!(shared(needed, lines), expected, "{needed:?} in {lines}");
        }
    }

    #[test]
    fn a_room_is_parted_by_what_is_lacked() {
        for (wanted, expected) in [
            (&[900.0, 200.0][..], &[800.0, 200.0][..]),
            (&[300.0, 300.0], &[500.0, 500.0]),
            (&[700.0, 200.0], &[750.0, 250.0]),
            (&[900.0, 900.0], &[500.0, 500.0]),
            (&[400.0], &[1000.0]),
        ] {
            let parted = parted(wanted, 1000.0);
            let is_near = parted.iter().zip(expected).all(|(one, other)| (one - other).abs() < 0.5);
            assert!(is_near, "{wanted:?}: {parted:?}");
        }
    }

    #[test]
    fn the_box_is_around_the_value_that_the_diagram_names() {
        let handed = |name: &str| Handed {
            name: name.to_owned(),
            said: "",
            brought: (Target::Answer(0), String::new()),
            used: (Target::Answer(1), name.to_owned()),
            value: String::new(),
        };
        let rows = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), String::new())).collect::<Vec<Row>>();
        for (name, names, expected) in [
            ("state", &["code", "state"][..], Some(1)),
            ("id_token with", &["access_token", "id_token"], Some(1)),
            ("access_token", &["Authorization"], Some(0)),
            ("access_token", &["Authorization", "access_token"], Some(1)),
            ("code", &["Authorization"], None),
        ] {
            assert_eq!(row_with(&handed(name), &rows(names)), expected, "{name} in {names:?}");
        }
    }
}
