//! The messages of a run as a PlantUML sequence diagram.

use std::fmt::Write as _;

use super::Report;
use crate::base::text::visible;
use crate::flow::ladder::Fate;

/// Pairs of these are markup (Creole).
const PAIRED: [char; 7] = ['*', '/', '_', '-', '"', '=', '.'];

/// The diagram.
pub(super) fn write(report: &Report) -> String {
    let mut text = "@startuml\n".to_owned();
    for lane in report.lanes() {
        let _ = writeln!(text, "participant \"{}\" as {lane:?}", lane.title());
    }
    for rung in &report.rungs {
        let arrow = match rung.fate {
            Fate::Failed => "--x",
            _ if rung.is_front => "-->",
            _ => "->",
        };
        let _ = writeln!(text, "{:?} {arrow} {:?} : {}", rung.from, rung.to, escaped(&rung.label));
    }
    text + "@enduml\n"
}

/// What would be markup, a line end or a command is written as its number.
fn escaped(label: &str) -> String {
    let (mut text, mut last) = (String::new(), None);
    for c in visible(label).trim().chars() {
        let is_markup = matches!(c, '\\' | '<' | '~' | '[' | '%' | '$' | '!');
        if is_markup || (PAIRED.contains(&c) && last == Some(c)) {
            let _ = write!(text, "<U+{:04X}>", c as u32);
            last = None;
        } else {
            text.push(c);
            last = Some(c);
        }
    }
    text
}
