//! Where lanes, arrows and labels go. Pure arithmetic.

use egui::Rangef;

use crate::gui::widgets::paint;

/// The middle of a lane and the width of its title box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub x: f32,
    pub width: f32,
}

/// All lanes of a diagram, left to right.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lanes {
    pub room: Rangef,
    pub places: Vec<Place>,
}

/// Where an arrow and its label go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub from: f32,
    pub to: f32,
    pub label_x: f32,
    pub label_width: f32,
}

/// A label may always be this wide; the lifelines are covered behind it.
const LABEL: f32 = 330.0;

impl Lanes {
    /// Spreads title boxes so that the gaps between them are equal, half a gap at each end. `times`
    /// points stay free on the left. Boxes shrink when they would touch.
    pub fn place(titles: &[f32], room: Rangef, times: f32) -> Self {
        let free = (room.span() - times).max(0.0);
        let count = titles.len().max(1) as f32;
        let widest = paint::width_cap(titles.iter().copied(), free - 8.0 * count).max(24.0);
        let widths: Vec<f32> = titles.iter().map(|width| width.min(widest)).collect();
        let gap = (free - widths.iter().sum::<f32>()) / count;
        let mut left = room.min + times + gap / 2.0;
        let places = widths.into_iter().map(|width| {
            let x = (left + width / 2.0).round();
            left += width + gap;
            Place { x, width }
        });
        Self { room, places: places.collect() }
    }

    /// Spreads lanes for an audience: title boxes of the first and last one end at the edges, and the two lanes between
    /// which most is said (`busiest` and the next) get three times as much of the spare room as others.
    pub fn spread(titles: &[f32], room: Rangef, busiest: usize, margin: f32) -> Self {
        let widest =
            paint::width_cap(titles.iter().copied(), room.span() - margin * (titles.len() + 1) as f32).max(24.0);
        let widths: Vec<f32> = titles.iter().map(|width| width.min(widest)).collect();
        let half = |at: usize| widths.get(at).map_or(0.0, |width| width / 2.0);
        let last = widths.len().saturating_sub(1);
        let least = |at: usize| half(at) + half(at + 1) + margin;
        let ends = half(0) + half(last) + 2.0 * margin;
        let spare = (room.span() - ends - (0..last).map(least).sum::<f32>()).max(0.0);
        let share = |at: usize| if at == busiest { 3.0 } else { 1.0 };
        let shares: f32 = (0..last).map(share).sum();
        let mut x = room.min + margin + half(0);
        let places = widths.iter().enumerate().map(|(at, width)| {
            let place = Place { x: x.round(), width: *width };
            if at < last {
                x += least(at) + spare * share(at) / shares;
            }
            place
        });
        Self { room, places: places.collect() }
    }

    /// An arrow between two lanes. Lanes that do not exist are taken for the last one.
    pub fn span(&self, from: usize, to: usize) -> Span {
        let x = |lane: usize| self.places.get(lane).or(self.places.last()).map_or(self.room.min, |place| place.x);
        let (from, to) = (x(from), x(to));
        if from == to {
            let label_x = from + 34.0;
            return Span { from, to, label_x, label_width: (self.room.max - label_x - 8.0).max(0.0) };
        }
        let middle = f32::midpoint(from, to);
        // A label may be wider than a short arrow, as long as it stays in the diagram.
        let edge = 2.0 * (middle - self.room.min).min(self.room.max - middle) - 16.0;
        let label_width = ((from - to).abs() - 20.0).max(LABEL).min(edge.max(0.0));
        Span { from, to, label_x: middle, label_width }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TITLES: [f32; 4] = [48.0, 76.0, 122.0, 150.0];

    fn boxes(lanes: &Lanes) -> Vec<Rangef> {
        lanes.places.iter().map(|place| Rangef::point(place.x).expand(place.width / 2.0)).collect()
    }

    #[test]
    fn lanes_are_spread_with_equal_gaps() {
        let lanes = Lanes::place(&TITLES, Rangef::new(0.0, 1000.0), 84.0);
        let boxes = boxes(&lanes);
        let gaps: Vec<f32> = boxes.windows(2).map(|pair| pair[1].min - pair[0].max).collect();
        assert!(gaps.windows(2).all(|pair| (pair[0] - pair[1]).abs() <= 1.0), "{gaps:?}");
    }

    #[test]
    fn title_boxes_never_touch_and_never_leave_the_room() {
        for width in [1400.0, 900.0, 600.0, 420.0, 300.0] {
            let lanes = Lanes::place(&TITLES, Rangef::new(10.0, 10.0 + width), 84.0);
            let boxes = boxes(&lanes);
            assert!(boxes.windows(2).all(|pair| pair[0].max < pair[1].min), "{width}");
            assert!(boxes[0].min >= 94.0 && boxes[3].max <= 10.0 + width, "{width}: {boxes:?}");
        }
    }

    #[test]
    fn lanes_for_an_audience_give_most_room_to_where_most_is_said() {
        for width in [1240.0, 700.0, 420.0] {
            let lanes = Lanes::spread(&TITLES, Rangef::new(10.0, 10.0 + width), 2, 12.0);
            let boxes = boxes(&lanes);
            assert!(boxes.windows(2).all(|pair| pair[0].max < pair[1].min), "{width}: {boxes:?}");
            assert!(boxes[0].min >= 10.0 && boxes[3].max <= 10.0 + width, "{width}: {boxes:?}");
        }
        let places = Lanes::spread(&TITLES, Rangef::new(0.0, 1240.0), 2, 12.0).places;
        assert!(places[3].x - places[2].x > 1.4 * (places[2].x - places[1].x));
    }

    #[test]
    fn a_label_stays_inside_the_diagram() {
        for width in [1400.0, 600.0, 300.0] {
            let lanes = Lanes::place(&TITLES, Rangef::new(0.0, width), 84.0);
            for (from, to) in [(0, 1), (1, 0), (0, 3), (3, 2), (2, 2), (3, 3), (9, 0)] {
                let span = lanes.span(from, to);
                let (left, right) = if span.from == span.to {
                    (span.label_x, span.label_x + span.label_width)
                } else {
                    (span.label_x - span.label_width / 2.0, span.label_x + span.label_width / 2.0)
                };
                assert!(left >= 0.0 && (right <= width || span.label_width == 0.0), "{width} {from}>{to}: {span:?}");
            }
        }
    }
}
