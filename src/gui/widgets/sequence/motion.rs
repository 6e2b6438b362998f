//! What moves in a diagram before an audience: arrows that draw themselves as messages travel, and a value that goes from
//! where it came to where it is used. Nothing moves where the style has no animation, and nothing is drawn anew when all
//! stands still.

use egui::{Id, Ui};

/// How long an arrow takes, in times of the style's animation.
const ARROW: f32 = 3.0;
/// At most for all arrows of one step.
const ALL_ARROWS: f32 = 8.0;
/// How long a value takes on its way.
const VALUE: f32 = 5.0;

/// What there was in the frame before, and what has moved since.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Seen {
    arrived: usize,
    at: Option<usize>,
    pair: Option<(usize, usize)>,
    arrows: Option<Moving>,
    value: f64,
}

/// The rows that are drawing themselves, one after the other.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Moving {
    first: usize,
    last: usize,
    since: f64,
    lasts: f64,
}

/// How far everything has got.
#[derive(Clone, Copy, Debug)]
pub(super) struct Motion {
    arrows: Option<(usize, usize, f32)>,
    value: f32,
}

impl Motion {
    /// How much of a row's arrow is there, from 0 to 1.
    pub fn of_arrow(self, row: usize) -> f32 {
        match self.arrows {
            Some((first, last, part)) if (first..=last).contains(&row) => {
                let count = (last - first + 1) as f32;
                part.mul_add(count, -((row - first) as f32)).clamp(0.0, 1.0)
            }
            _ => 1.0,
        }
    }

    /// How far the value has come on its way.
    pub const fn of_value(self) -> f32 {
        self.value
    }
}

/// Takes in what the diagram has now: how many messages have arrived, the row that is shown, and the rows that have the
/// same value.
pub(super) fn follow(ui: &Ui, id: Id, arrived: usize, at: Option<usize>, pair: Option<(usize, usize)>) -> Motion {
    let (now, pace) = (ui.input(|input| input.time), ui.style().animation_time);
    let before: Option<Seen> = ui.data(|data| data.get_temp(id));
    let mut seen = before.unwrap_or(Seen { arrived, at, pair, value: f64::NEG_INFINITY, ..Seen::default() });
    if arrived > seen.arrived {
        seen.arrows = at.map(|last| {
            let first = seen.at.filter(|first| *first <= last).unwrap_or(last);
            let lasts = f64::from(pace * (ARROW * (last - first + 1) as f32).min(ALL_ARROWS));
            Moving { first, last, since: now, lasts }
        });
    } else if arrived < seen.arrived {
        seen.arrows = None;
    }
    if pair != seen.pair {
        // The value goes when the message that has it is there.
        let arrows = seen.arrows.map_or(now, |moving| moving.since + moving.lasts);
        seen.value = arrows.max(now);
    }
    (seen.arrived, seen.at, seen.pair) = (arrived, at, pair);
    let part = |since: f64, lasts: f64| if lasts > 0.0 { ((now - since) / lasts).clamp(0.0, 1.0) as f32 } else { 1.0 };
    let arrows = seen.arrows.map(|moving| (moving.first, moving.last, part(moving.since, moving.lasts)));
    if arrows.is_some_and(|(_, _, part)| part >= 1.0) {
        seen.arrows = None;
    }
    let value = if pair.is_some() { part(seen.value, f64::from(pace * VALUE)) } else { 1.0 };
    if value < 1.0 || seen.arrows.is_some() {
        ui.ctx().request_repaint();
    }
    ui.data_mut(|data| data.insert_temp(id, seen));
    Motion { arrows, value }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use egui::{Context, RawInput, ViewportId};

    use super::*;
    use crate::gui::theme;

    /// A diagram whose first message is there, then at each of these times two and the same value in both; how far the
    /// second arrow and the value are, and whether another frame follows by itself.
    fn seen(ctx: &Context, times: &[f64]) -> Vec<(f32, f32, bool)> {
        let frame = |time: f64, arrived: usize, pair| {
            let input = RawInput { time: Some(time), ..RawInput::default() };
            let mut seen = None;
            let id = Id::unique("test");
            let mut output = ctx.run_ui(input, |ui| seen = Some(follow(ui, id, arrived, Some(arrived), pair)));
            output.textures_delta.clear();
            let goes_on = output.viewport_output[&ViewportId::ROOT].repaint_delay == Duration::ZERO;
            seen.map(|motion| (motion.of_arrow(arrived), motion.of_value(), goes_on))
        };
        // The first frames of a window are followed by others.
        for time in [0.0, 0.1, 0.2] {
            frame(time, 1, None);
        }
        times.iter().filter_map(|time| frame(*time, 2, Some((1, 2)))).collect()
    }

    #[test]
    fn an_arrow_and_then_a_value_move_until_they_are_there() {
        let ctx = Context::default();
        theme::install(&ctx);
        let seen = seen(&ctx, &[1.0, 1.54, 1.73, 2.02, 2.4, 3.0]);
        let arrows: Vec<f32> = seen.iter().map(|(arrow, ..)| *arrow).collect();
        assert!(arrows.is_sorted() && arrows[0] < 0.01 && arrows[1] > 0.4 && arrows[1] < 0.6, "{seen:?}");
        assert_eq!(arrows[2..], [1.0; 4], "{seen:?}");
        let values: Vec<f32> = seen.iter().map(|(_, value, _)| *value).collect();
        assert!(values.is_sorted() && values[..2] == [0.0; 2] && values[3] > 0.4 && values[3] < 0.6, "{seen:?}");
        let (moving, done) = seen.split_at(4);
        assert!(
            moving.iter().all(|(.., goes_on)| *goes_on) && done.last().is_some_and(|(.., goes_on)| !goes_on),
            "{seen:?}"
        );
    }

    #[test]
    fn nothing_moves_where_the_system_wants_less_of_it() {
        let ctx = Context::default();
        theme::install(&ctx);
        theme::still(&ctx, true);
        for (arrow, value, goes_on) in seen(&ctx, &[1.0, 1.01]) {
            assert_eq!((arrow, value, goes_on), (1.0, 1.0, false));
        }
    }

    #[test]
    fn arrows_of_one_step_follow_one_another() {
        let motion = Motion { arrows: Some((3, 4, 0.75)), value: 1.0 };
        assert_eq!([2, 3, 4, 5].map(|row| motion.of_arrow(row)), [1.0, 1.0, 0.5, 1.0]);
    }
}
