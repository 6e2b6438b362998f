//! Lists and strips with one stop for the Tab key, in which the arrow keys lead on.

use std::ops::Range;

use egui::{EventFilter, FocusDirection, Id, Key, Sense, Ui};

const ARROWS: [Key; 4] = [Key::ArrowUp, Key::ArrowDown, Key::ArrowLeft, Key::ArrowRight];

/// Rows that Page up and Page down jump over.
const PAGE: isize = 8;

/// Keeps the vertical arrow keys (and with `sideways` the horizontal ones) for this row while it has
/// the keyboard. `false` when it has not.
pub(super) fn holds_keys(ui: &Ui, row: Id, filter: EventFilter) -> bool {
    let focused = ui.memory(|memory| memory.has_focus(row));
    if focused {
        ui.memory_mut(|memory| memory.set_focus_lock_filter(row, filter));
        // A filter holds from the next frame on. Until then the keys of one who types fast would lead out of the list.
        if ui.input(|input| ARROWS.into_iter().any(|key| input.key_pressed(key))) {
            ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
        }
    }
    focused
}

/// How often the second of these keys was pressed in this frame, less the presses of the first.
fn pressed(ui: &Ui, keys: [Key; 2]) -> isize {
    let [less, more] = ui.input(|input| keys.map(|key| input.num_presses(key) as isize));
    more - less
}

/// Where so many steps from `at` lead, or Home and End.
fn led(ui: &Ui, at: usize, steps: isize, last: usize) -> usize {
    match ui.input(|input| (input.key_pressed(Key::Home), input.key_pressed(Key::End))) {
        (true, _) => 0,
        (false, true) => last,
        (false, false) => at.saturating_add_signed(steps).min(last),
    }
}

/// The row that the pressed keys lead to from `at`, if it is another one.
pub(super) fn step(ui: &Ui, at: usize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let pages = pressed(ui, [Key::PageUp, Key::PageDown]) * PAGE;
    let index = led(ui, at, pressed(ui, [Key::ArrowUp, Key::ArrowDown]) + pages, last);
    Some(index).filter(|index| *index != at)
}

/// Of stops beside each other the one that has the keyboard after this frame's keys: they lead to the left and the right
/// from the one that had it. Without the keyboard among them it is the `selected` one that the Tab key comes to.
pub(super) fn beside(ui: &Ui, stops: &[Id], selected: usize) -> Option<Id> {
    let focused = ui.memory(|memory| memory.focused());
    let Some(at) = focused.and_then(|id| stops.iter().position(|stop| *stop == id)) else {
        return stops.get(selected).or(stops.first()).copied();
    };
    let arrows = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
    holds_keys(ui, stops[at], arrows);
    let last = stops.len() - 1;
    let to = led(ui, at, pressed(ui, [Key::ArrowLeft, Key::ArrowRight]), last);
    if to != at {
        ui.memory_mut(|memory| memory.request_focus(stops[to]));
    }
    Some(stops[to])
}

/// Of stops beside each other only one is for the Tab key.
pub(super) fn sense(id: Id, stop: Option<Id>) -> Sense {
    if stop == Some(id) { Sense::click() } else { Sense::CLICK }
}

/// The rows to lay out: those in sight, and the one with the keyboard wherever it is, or it would lose it.
pub(super) fn with_stop(in_sight: Range<usize>, stop: usize, count: usize) -> impl Iterator<Item = usize> {
    let elsewhere = Some(stop).filter(|stop| *stop < count && !in_sight.contains(stop));
    in_sight.chain(elsewhere)
}

/// How far the top of a row is below that of the first in sight; above it that is less than nothing.
pub(super) fn below(first: usize, index: usize, row: f32) -> f32 {
    (index as f32 - first as f32) * row
}

/// The scroll offset nearest to `offset` at which the row at `top` is in sight, with half a row of
/// what comes before or after.
pub(super) fn scrolled_to(offset: f32, height: f32, top: f32, row: f32) -> f32 {
    let margin = row / 2.0;
    if top - margin < offset {
        return (top - margin).max(0.0);
    }
    offset.max(top + row + margin - height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrolling_moves_only_as_far_as_needed() {
        let row = 40.0;
        for (offset, top, expected) in [
            (0.0, 0.0, 0.0),
            (0.0, 3.0 * row, 0.0),
            (0.0, 5.0 * row, 1.5 * row),
            (10.0 * row, 4.0 * row, 3.5 * row),
            (10.0 * row, 12.0 * row, 10.0 * row),
        ] {
            assert_eq!(scrolled_to(offset, 5.0 * row, top, row), expected, "{offset} {top}");
        }
    }
}
