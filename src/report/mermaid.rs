//! The messages of a run as a Mermaid sequence diagram, as Markdown at many forges draws it.

use std::fmt::Write as _;

use super::Report;
use crate::base::text::visible;
use crate::flow::ladder::Fate;

/// The diagram.
pub(super) fn write(report: &Report) -> String {
    let mut text = "sequenceDiagram\n".to_owned();
    for lane in report.lanes() {
        let _ = writeln!(text, "    participant {lane:?} as {}", lane.title());
    }
    for rung in &report.rungs {
        let arrow = match rung.fate {
            Fate::Failed => "--x",
            _ if rung.is_front => "-->>",
            _ => "->>",
        };
        let _ = writeln!(text, "    {:?}{arrow}{:?}: {}", rung.from, rung.to, escaped(&rung.label));
    }
    text
}

/// `#` and `;` end or begin something in Mermaid, and markup would be drawn.
fn escaped(label: &str) -> String {
    let mut text = String::new();
    for c in visible(label).trim().chars() {
        match c {
            '#' | ';' | '<' | '>' | '&' | '"' | '\\' | '%' | '{' | '}' | '`' => {
                let _ = write!(text, "#{};", c as u32);
            }
            c => text.push(c),
        }
    }
    if text.is_empty() { "…".to_owned() } else { text }
}
