//! Sequence diagrams as pictures: drawn with the fonts that are there, in light and in dark.

use maud::{Markup, PreEscaped, html};

use super::Report;
use crate::base::text::{elided, visible};
use crate::base::time::spoken;
use crate::flow::ladder::{Fate, Rung};
use crate::flow::stage::Lane;

/// Width of the column beside the lanes, in pixels.
const BESIDE: usize = 76;
/// Distance between two lanes.
const LANE: usize = 250;
/// Height of the titles.
const HEAD: usize = 52;
/// Height of an arrow with its label.
const ROW: usize = 38;
/// Letters that have room between two lanes.
const LETTERS: usize = 34;

/// Colours and lines. The page puts it into its own style.
pub(super) const STYLE: &str = "\
.ladder { font: 13px system-ui, sans-serif; }
.ladder text { fill: #1f2430; }
.ladder .time { fill: #5b6472; font-size: 11px; }
.ladder .title { font-weight: 600; }
.ladder .lane { stroke: #c4cad4; }
.ladder .arrow { stroke: #2a5db0; stroke-width: 1.5; fill: none; }
.ladder .head { fill: #2a5db0; stroke: none; }
.ladder .front { stroke-dasharray: 5 4; }
.ladder .failed { stroke: #b3261e; }
.ladder .failed.head, .ladder text.failed { fill: #b3261e; stroke: none; }
@media (prefers-color-scheme: dark) {
.ladder text { fill: #e4e8ef; }
.ladder .time { fill: #a0a9b8; }
.ladder .lane { stroke: #454d5c; }
.ladder .arrow { stroke: #7fb0ff; }
.ladder .head { fill: #7fb0ff; }
.ladder .failed { stroke: #ff8a80; }
.ladder .failed.head, .ladder text.failed { fill: #ff8a80; stroke: none; }
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
        let (width, height) = (BESIDE + LANE * self.lanes.len().max(1), HEAD + ROW * self.arrows.len() + 16);
        html! {
            svg.ladder xmlns="http://www.w3.org/2000/svg" width=(width) height=(height)
                viewBox=(format!("0 0 {width} {height}")) role="img" aria-label=(self.name) {
                @if let Some(style) = style { style { (PreEscaped(style)) } }
                @if !self.beside.is_empty() { text.time x="8" y="24" { (self.beside) } }
                @for (lane, title) in self.lanes.iter().enumerate() {
                    text.title x=(middle(lane)) y="24" text-anchor="middle" { (title) }
                    line.lane x1=(middle(lane)) x2=(middle(lane)) y1="36" y2=(height - 8) {}
                }
                @for (index, arrow) in self.arrows.iter().enumerate() { (arrow.draw(HEAD + ROW * index)) }
            }
        }
    }
}

/// Where a lane stands.
const fn middle(lane: usize) -> usize {
    BESIDE + LANE / 2 + LANE * lane
}

/// The picture as a file of its own.
pub(super) fn write(report: &Report) -> String {
    let style = format!("svg {{ background: Canvas; color-scheme: light dark; }}\n{STYLE}");
    let picture = Picture::of(report).draw(Some(&style)).into_string();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{picture}\n")
}

impl Arrow {
    /// Below its label, at this height.
    fn draw(&self, top: usize) -> Markup {
        let (y, from, to) = (top + 26, middle(self.from), middle(self.to));
        let class = |base: &str| {
            let front = if self.is_front { " front" } else { "" };
            let failed = if self.is_failed { " failed" } else { "" };
            format!("{base}{front}{failed}")
        };
        let spans = self.from.abs_diff(self.to).max(1);
        let back = if to > from { to - 8 } else { to + 8 };
        let whole = visible(self.label.trim());
        let label = elided(&whole, LETTERS * spans);
        html! {
            g {
                title { (whole) }
                @if !self.beside.is_empty() { text.time x="8" y=(y + 4) { (self.beside) } }
                text class=(if self.is_failed { "failed" } else { "label" }) x=(usize::midpoint(from, to)) y=(top + 18) text-anchor="middle" {
                    @if self.is_failed { "✗ " } (label)
                }
                line class=(class("arrow")) x1=(from) x2=(to) y1=(y) y2=(y) {}
                polygon class=(if self.is_failed { "head failed" } else { "head" }) points=(format!("{to},{y} {back},{} {back},{}", y - 4, y + 4)) {}
            }
        }
    }
}
