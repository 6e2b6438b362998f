//! Lists with one stop for the Tab key, in which the arrow keys lead from row to row.

use std::ops::Range;

use egui::{EventFilter, Id, Key, Ui};

/// Rows that Page up and Page down jump over.
const PAGE: usize = 8;

/// Keeps the vertical arrow keys (and with `sideways` the horizontal ones) for this row while it has
/// the keyboard. `false` when it has not.
pub(super) fn holds_keys(ui: &Ui, row: Id, filter: EventFilter) -> bool {
    let focused = ui.memory(|memory| memory.has_focus(row));
    if focused {
        ui.memory_mut(|memory| memory.set_focus_lock_filter(row, filter));
    }
    focused
}

/// The row that the pressed key leads to from `at`, if it is another one.
pub(super) fn step(ui: &Ui, at: usize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let keys = [
        (Key::ArrowUp, at.saturating_sub(1)),
        (Key::ArrowDown, at + 1),
        (Key::PageUp, at.saturating_sub(PAGE)),
        (Key::PageDown, at + PAGE),
        (Key::Home, 0),
        (Key::End, last),
    ];
    let (_, index) = ui.input(|input| keys.into_iter().find(|(key, _)| input.key_pressed(*key)))?;
    Some(index.min(last)).filter(|index| *index != at)
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
