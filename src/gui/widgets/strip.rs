//! Which of several things beside each other are in sight where there is no room for all: whole ones only, since half a
//! title says nothing. Pure arithmetic.

use egui::Rangef;

/// The one after the last that is whole, of those from `first` on; of any there is one in sight.
pub(super) fn end(spans: &[Rangef], first: usize, room: f32) -> usize {
    let Some(from) = spans.get(first).map(|span| span.min) else { return spans.len() };
    let whole = spans[first..].iter().take_while(|span| span.max - from <= room).count();
    first + whole.max(1)
}

/// The first in sight once `wanted` is, with no more moved than that takes and no room left over at the end.
pub(super) fn first(spans: &[Rangef], first: usize, wanted: usize, room: f32) -> usize {
    let Some(last) = spans.len().checked_sub(1) else { return 0 };
    let wanted = wanted.min(last);
    let mut at = first.min(wanted);
    while end(spans, at, room) <= wanted {
        at += 1;
    }
    filled(spans, at, room)
}

/// The same where nothing is wanted but that no room is left over at the end.
pub(super) fn filled(spans: &[Rangef], first: usize, room: f32) -> usize {
    let Some(last) = spans.last() else { return 0 };
    let fits = |at: &usize| last.max - spans[*at].min <= room;
    let least = (0..spans.len()).find(fits).unwrap_or(spans.len() - 1);
    first.min(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five of 100, with a gap of 20 before the fourth.
    fn spans() -> Vec<Rangef> {
        [0.0, 100.0, 200.0, 320.0, 420.0].map(|at| Rangef::new(at, at + 100.0)).to_vec()
    }

    #[test]
    fn only_whole_ones_are_in_sight_and_one_at_least() {
        for (at, room, expected) in
            [(0, 299.0, 2), (0, 300.0, 3), (0, 330.0, 3), (2, 220.0, 4), (3, 1000.0, 5), (1, 40.0, 2), (9, 40.0, 5)]
        {
            assert_eq!(end(&spans(), at, room), expected, "{at} {room}");
        }
        assert_eq!(end(&[], 0, 100.0), 0);
    }

    #[test]
    fn what_is_wanted_comes_into_sight_by_as_little_as_that_takes() {
        for (at, wanted, room, expected) in [
            (0, 1, 250.0, 0),
            (0, 3, 250.0, 2),
            (3, 1, 250.0, 1),
            (0, 4, 250.0, 3),
            (4, 4, 250.0, 3),
            (4, 4, 1000.0, 0),
            (0, 9, 250.0, 3),
            (0, 4, 10.0, 4),
        ] {
            assert_eq!(first(&spans(), at, wanted, room), expected, "{at} {wanted} {room}");
        }
        assert_eq!((first(&[], 0, 0, 10.0), filled(&[], 3, 10.0)), (0, 0));
    }
}
