//! Sequence diagrams as pictures: drawn with the fonts that are there, in light and in dark.

use maud::{Markup, PreEscaped, html};

use super::Report;
use crate::base::text::{elided, visible};
use crate::base::time::spoken;
use crate::flow::ladder::{Fate, Rung};
use crate::flow::stage::Lane;

/// Width of a picture, in pixels: what a page has room for, so that its texts are not made smaller.
const WIDTH: usize = 960;
/// Width of the column beside the lanes.
const BESIDE: usize = 76;
/// The greatest distance between two lanes.
const LANE: usize = 250;
/// Height of the titles.
const HEAD: usize = 60;
/// Height of an arrow with its label.
const ROW: usize = 38;
/// Width of a letter, rather too wide than too narrow: which font is there is not known.
const LETTER: usize = 7;
/// What stays free beside a label.
const EDGE: usize = 8;

/// Colours and lines. The page puts it into its own style.
pub(super) const STYLE: &str = "\
.ladder { font: 13px system-ui, sans-serif; }
.ladder text { fill: #1f2430; stroke: var(--paper, Canvas); stroke-width: 4px; paint-order: stroke; }
.ladder .time { fill: #5b6472; font-size: 12px; }
.ladder .title { font-weight: 600; }
.ladder .lane { stroke: #c4cad4; }
.ladder .arrow { stroke: #2a5db0; stroke-width: 1.5; fill: none; }
.ladder .head { fill: #2a5db0; stroke: none; }
.ladder .front { stroke-dasharray: 5 4; }
.ladder .arrow.failed { stroke: #b3261e; }
.ladder .failed.head, .ladder text.failed { fill: #b3261e; }
@media screen and (prefers-color-scheme: dark) {
.ladder text { fill: #e4e8ef; }
.ladder .time { fill: #a0a9b8; }
.ladder .lane { stroke: #454d5c; }
.ladder .arrow { stroke: #7fb0ff; }
.ladder .head { fill: #7fb0ff; }
.ladder .arrow.failed { stroke: #ff8a80; }
.ladder .failed.head, .ladder text.failed { fill: #ff8a80; }
}
";

/// What is drawn: those who take part, and the messages between them.
pub(super) struct Picture {
    /// What it shows, for those who cannot see it.
    pub name: &'static str,
    /// The title of what stands beside the messages, if it needs one.
    pub beside: &'static str,
    /// Titles of the lanes, from left to right.
    pub lanes: Vec<&'static str>,
    /// From top to bottom.
    pub arrows: Vec<Arrow>,
}

/// One message.
pub(super) struct Arrow {
    /// What stands beside it on the left: since when, or which entry.
    pub beside: String,
    /// The lane it begins at.
    pub from: usize,
    /// The lane it ends at.
    pub to: usize,
    /// What it is, in a few words.
    pub label: String,
    /// Whether it travels through the browser.
    pub is_front: bool,
    /// Whether it was refused, or never came.
    pub is_failed: bool,
}

impl Picture {
    /// The messages of a run.
    pub fn of(report: &Report) -> Self {
        let lanes = report.lanes();
        let at = |lane: Lane| lanes.iter().position(|known| *known == lane).unwrap_or_default();
        let arrow = |rung: &Rung| Arrow {
            beside: rung.after.map(|after| format!("+{}", spoken(after))).unwrap_or_default(),
            from: at(rung.from),
            to: at(rung.to),
            label: rung.label.clone(),
            is_front: rung.is_front,
            is_failed: rung.fate == Fate::Failed,
        };
        let arrows = report.rungs.iter().map(arrow).collect();
        let lanes = lanes.iter().map(|lane| lane.title()).collect();
        Self { name: "Sequence diagram of the run", beside: "", lanes, arrows }
    }

    /// The picture as an element; with the style in it where it stands alone.
    pub fn draw(&self, style: Option<&str>) -> Markup {
        let room = Room::of(self.lanes.len());
        let (width, height) = (room.width, HEAD + ROW * self.arrows.len() + 16);
        html! {
            svg.ladder xmlns="http://www.w3.org/2000/svg" width=(width) height=(height)
                viewBox=(format!("0 0 {width} {height}")) role="img" aria-label=(self.name) {
                @if let Some(style) = style { style { (PreEscaped(style)) } }
                @for lane in 0..self.lanes.len() {
                    line.lane x1=(room.middle(lane)) x2=(room.middle(lane)) y1="44" y2=(height - 8) {}
                }
                @if !self.beside.is_empty() { text.time x="8" y="20" { (self.beside) } }
                @for (lane, title) in self.lanes.iter().enumerate() {
                    text.title text-anchor="middle" {
                        @for (line, words) in room.lines(title).into_iter().enumerate() {
                            tspan x=(room.middle(lane)) y=(20 + 16 * line) { (words) }
                        }
                    }
                }
                @for (index, arrow) in self.arrows.iter().enumerate() { (arrow.draw(&room, HEAD + ROW * index)) }
            }
        }
    }
}

/// How the lanes share the width.
struct Room {
    width: usize,
    lane: usize,
}

impl Room {
    fn of(lanes: usize) -> Self {
        let lanes = lanes.max(1);
        let lane = LANE.min((WIDTH - BESIDE) / lanes);
        Self { width: BESIDE + lane * lanes, lane }
    }

    /// Where a lane stands.
    const fn middle(&self, lane: usize) -> usize {
        BESIDE + self.lane / 2 + self.lane * lane
    }

    /// A title in two lines where one has no room.
    fn lines<'a>(&self, title: &'a str) -> Vec<&'a str> {
        let is_long = LETTER * title.chars().count() + EDGE > self.lane;
        match title.split_once(' ') {
            Some((first, second)) if is_long => vec![first, second],
            _ => vec![title],
        }
    }

    /// Letters that a label may have. Nothing else stands in its row, so it may reach beyond its arrow.
    const fn letters(&self) -> usize {
        (self.width - BESIDE - EDGE) / LETTER
    }

    /// The middle of a label of so many letters: that of its arrow, or as near as the edges let it.
    fn label(&self, wanted: usize, letters: usize) -> usize {
        let half = LETTER * letters / 2;
        wanted.min((self.width - EDGE).saturating_sub(half)).max(BESIDE + half)
    }
}

/// The picture as a file of its own.
pub(super) fn write(report: &Report) -> String {
    let picture = Picture::of(report).draw(Some(&alone())).into_string();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{picture}\n")
}

/// The style of a picture that is in no page of this program.
pub(super) fn alone() -> String {
    format!("svg {{ background: Canvas; color-scheme: light dark; max-width: 100%; height: auto; }}\n{STYLE}")
}

impl Arrow {
    /// Below its label, at this height.
    fn draw(&self, room: &Room, top: usize) -> Markup {
        let (y, from, to) = (top + 26, room.middle(self.from), room.middle(self.to));
        let class = |base: &str| {
            let front = if self.is_front { " front" } else { "" };
            let failed = if self.is_failed { " failed" } else { "" };
            format!("{base}{front}{failed}")
        };
        let back = if to > from { to - 8 } else { to + 8 };
        let mark = if self.is_failed { "✗ " } else { "" };
        let whole = visible(self.label.trim());
        let label = format!("{mark}{}", elided(&whole, room.letters() - mark.chars().count()));
        let middle = room.label(usize::midpoint(from, to), label.chars().count());
        html! {
            g {
                title { (whole) }
                @if !self.beside.is_empty() { text.time x="8" y=(y + 4) { (self.beside) } }
                line class=(class("arrow")) x1=(from) x2=(to) y1=(y) y2=(y) {}
                polygon class=(if self.is_failed { "head failed" } else { "head" }) points=(format!("{to},{y} {back},{} {back},{}", y - 4, y + 4)) {}
                text class=(if self.is_failed { "failed" } else { "label" }) x=(middle) y=(top + 18) text-anchor="middle" { (label) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_no_wider_than_a_page_and_a_label_stays_in_it() {
        let label = "GET /.well-known/openid-configuration  with a long tail that says more of it";
        for count in 2..=7 {
            let room = Room::of(count);
            assert!(room.width <= WIDTH, "{count} lanes are {} wide", room.width);
            assert!(room.lines("Authorization server").iter().all(|it| LETTER * it.len() < room.lane), "{count}");
            for (from, to) in [(0, 1), (count - 2, count - 1), (count - 1, 0)] {
                let letters = label.len().min(room.letters());
                let middle = room.label(usize::midpoint(room.middle(from), room.middle(to)), letters);
                let half = LETTER * letters / 2;
                assert!(middle >= BESIDE + half && middle + half <= room.width, "{count} lanes, {from} to {to}");
            }
        }
        assert!(Room::of(3).letters() > label.len(), "three lanes are enough for it");
    }
}
