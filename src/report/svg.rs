//! The sequence diagram of a run as a picture: drawn with the fonts that are there, in light and in dark.

use maud::{Markup, PreEscaped, html};

use super::Report;
use crate::base::text::{elided, visible};
use crate::base::time::spoken;
use crate::flow::ladder::{Fate, Rung};
use crate::flow::stage::Lane;

/// Width of the column with the times, in pixels.
const TIMES: usize = 76;
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

/// The picture as a file of its own.
pub(super) fn write(report: &Report) -> String {
    let style = format!("svg {{ background: Canvas; color-scheme: light dark; }}\n{STYLE}");
    let picture = draw(report, Some(&style)).into_string();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{picture}\n")
}

/// The picture as an element; with the style in it where it stands alone.
pub(super) fn draw(report: &Report, style: Option<&str>) -> Markup {
    let lanes = report.lanes();
    let at = |lane: Lane| TIMES + LANE / 2 + LANE * lanes.iter().position(|known| *known == lane).unwrap_or_default();
    let (width, height) = (TIMES + LANE * lanes.len().max(1), HEAD + ROW * report.rungs.len() + 16);
    html! {
        svg.ladder xmlns="http://www.w3.org/2000/svg" width=(width) height=(height)
            viewBox=(format!("0 0 {width} {height}")) role="img" aria-label="Sequence diagram of the run" {
            @if let Some(style) = style { style { (PreEscaped(style)) } }
            @for lane in &lanes {
                text.title x=(at(*lane)) y="24" text-anchor="middle" { (lane.title()) }
                line.lane x1=(at(*lane)) x2=(at(*lane)) y1="36" y2=(height - 8) {}
            }
            @for (index, rung) in report.rungs.iter().enumerate() {
                (arrow(rung, HEAD + ROW * index, at(rung.from), at(rung.to)))
            }
        }
    }
}

/// One arrow below its label, at this height.
fn arrow(rung: &Rung, top: usize, from: usize, to: usize) -> Markup {
    let y = top + 26;
    let is_failed = rung.fate == Fate::Failed;
    let class = |base: &str| {
        let front = if rung.is_front { " front" } else { "" };
        let failed = if is_failed { " failed" } else { "" };
        format!("{base}{front}{failed}")
    };
    let spans = from.abs_diff(to).div_ceil(LANE).max(1);
    let back = if to > from { to - 8 } else { to + 8 };
    let whole = visible(rung.label.trim());
    let label = elided(&whole, LETTERS * spans);
    html! {
        g {
            title { (whole) }
            @if let Some(after) = rung.after { text.time x="8" y=(y + 4) { "+" (spoken(after)) } }
            text class=(if is_failed { "failed" } else { "label" }) x=(usize::midpoint(from, to)) y=(top + 18) text-anchor="middle" {
                @if is_failed { "✗ " } (label)
            }
            line class=(class("arrow")) x1=(from) x2=(to) y1=(y) y2=(y) {}
            polygon class=(if is_failed { "head failed" } else { "head" }) points=(format!("{to},{y} {back},{} {back},{}", y - 4, y + 4)) {}
        }
    }
}
