//! Texts of megabytes: broken into lines of equal room once, then only those in sight are laid out.

use std::ops::Range;
use std::sync::Arc;

use egui::cache::{ComputerMut, FrameCache};
use egui::{Label, Response, ScrollArea, TextStyle, Ui};

use super::{Language, colored, describe, tokenize};

const LINE: f32 = 18.0;

pub(super) fn show(ui: &mut Ui, name: &str, text: &str, language: Language) -> Response {
    let font = TextStyle::Monospace.resolve(ui.style());
    let letter = ui.fonts_mut(|fonts| fonts.glyph_width(&font, 'm'));
    let columns = ((ui.available_width() - 32.0) / letter).floor().max(20.0) as usize;
    let lines = ui.memory_mut(|memory| memory.caches.cache::<Broken>().get((text, columns)).clone());
    let scroll = ScrollArea::vertical().id_salt(("large", name)).auto_shrink([false, true]);
    ui.spacing_mut().item_spacing.y = 0.0;
    let shown = ui.scope(|ui| {
        scroll.show_rows(ui, LINE, lines.len(), |ui, range| {
            for line in &lines[range] {
                let line = &text[line.clone()];
                let spans = tokenize::tokenize(line, language);
                ui.add(Label::new(colored(ui, line, &spans)).extend());
            }
        });
    });
    describe(ui, &shown.response, name, lines.len());
    shown.response
}

#[derive(Default)]
struct Breaker;

type Lines = Arc<[Range<usize>]>;

impl ComputerMut<(&str, usize), Lines> for Breaker {
    fn compute(&mut self, (text, columns): (&str, usize)) -> Lines {
        broken(text, columns).into()
    }
}

type Broken = FrameCache<Lines, Breaker>;

/// Lines of at most `columns` letters, without their ends.
fn broken(text: &str, columns: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let mut cuts = content.char_indices().step_by(columns).map(|(at, _)| start + at).peekable();
        if cuts.peek().is_none() {
            lines.push(start..start);
        }
        while let Some(cut) = cuts.next() {
            lines.push(cut..cuts.peek().copied().unwrap_or(start + content.len()));
        }
        start += line.len();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_their_ends_and_at_the_edge() {
        for (text, expected) in [
            ("", vec![]),
            ("ab", vec!["ab"]),
            ("ab\r\n\ncd\n", vec!["ab", "", "cd"]),
            ("abcdefghij", vec!["abcd", "efgh", "ij"]),
            ("äöüß€x", vec!["äöüß", "€x"]),
        ] {
            let lines: Vec<&str> = broken(text, 4).into_iter().map(|line| &text[line]).collect();
            assert_eq!(lines, expected, "{text:?}");
        }
    }
}
