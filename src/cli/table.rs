//! Tables for people: as wide as the terminal, the longest column wrapped, or below the others where it has no room.

use super::terminal::{Paint, Terminal};
use crate::base::json::Json;
use crate::base::text::visible;

/// Between two columns.
const GAP: usize = 2;
/// Before what stands below its row.
const INDENT: usize = 4;
/// The least room for words beside other columns.
const LEAST: usize = 32;

/// Rows for people to read, with the JSON that says the same.
pub(super) struct Table {
    /// What the columns are called.
    pub head: Vec<&'static str>,
    /// As many cells as the head has.
    pub rows: Vec<Vec<String>>,
    /// What programs get.
    pub json: Json,
}

/// How the columns share the width.
struct Layout {
    widths: Vec<usize>,
    /// The column that is wrapped, and the width of its lines.
    wrapped: Option<(usize, usize)>,
    /// Whether it stands below the others.
    is_below: bool,
}

impl Layout {
    fn of(table: &Table, width: Option<usize>) -> Self {
        let natural = |at: usize| {
            let cells = table.rows.iter().map(|row| visible(&row[at]).chars().count());
            cells.chain([table.head[at].len()]).max().unwrap_or_default()
        };
        let mut widths: Vec<usize> = (0..table.head.len()).map(natural).collect();
        let whole = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        let longest = (0..widths.len()).max_by_key(|at| widths[*at]);
        let (Some(longest), Some(width)) = (longest, width.filter(|width| *width < whole)) else {
            return Self { widths, wrapped: None, is_below: false };
        };
        let left = width.saturating_sub(whole - widths[longest]);
        let is_below = left < LEAST;
        widths[longest] = if is_below { width.saturating_sub(INDENT).max(LEAST) } else { left };
        Self { wrapped: Some((longest, widths[longest])), widths, is_below }
    }

    /// The lines of a row.
    fn lines(&self, cells: &[&str]) -> Vec<String> {
        let wrapped = self.wrapped.map(|(at, width)| (at, wrapped(&visible(cells[at]), width)));
        let cell = |at: usize, line: usize| match &wrapped {
            Some((it, words)) if *it == at => words.get(line).map_or("", String::as_str).to_owned(),
            _ if line == 0 => visible(cells[at]).into_owned(),
            _ => String::new(),
        };
        let is_beside = |at: &usize| !(self.is_below && wrapped.as_ref().is_some_and(|(it, _)| it == at));
        let beside = |line: usize| {
            let padded =
                (0..cells.len()).filter(is_beside).map(|at| format!("{:<1$}", cell(at, line), self.widths[at]));
            padded.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
        };
        let words = wrapped.as_ref().map(|(_, words)| words.as_slice()).unwrap_or_default();
        match self.is_below {
            true => {
                let below = words.iter().map(|words| format!("{}{words}", " ".repeat(INDENT)));
                [beside(0)].into_iter().chain(below).collect()
            }
            false => (0..words.len().max(1)).map(beside).collect(),
        }
    }
}

impl Table {
    /// Writes it: `width` is that of the terminal, where it is known.
    pub fn told(&self, terminal: &mut Terminal, width: Option<usize>) {
        let layout = Layout::of(self, width);
        for line in layout.lines(&self.head) {
            terminal.line(&terminal.paint(Paint::Strong, &line));
        }
        for row in &self.rows {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            layout.lines(&cells).iter().for_each(|line| terminal.line(line));
        }
    }
}

/// Words in lines of at most so many characters; one that is longer is cut where a line ends.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if used + 1 + length <= width => {
                line.push(' ');
                line.push_str(word);
                used += 1 + length;
            }
            _ => {
                let letters: Vec<char> = word.chars().collect();
                lines.extend(letters.chunks(width.max(1)).map(|part| part.iter().collect()));
                used = lines.last().map_or(0, |line| line.chars().count());
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(width: Option<usize>) -> Vec<String> {
        let table = Table {
            head: vec!["NAME", "MEANING", "RULE"],
            rows: vec![
                vec!["one".to_owned(), "It says what it is, and why it is so.".to_owned(), "a.b".to_owned()],
                vec!["another".to_owned(), "x".repeat(50), String::new()],
            ],
            json: Json::Null,
        };
        let layout = Layout::of(&table, width);
        let row = |row: &Vec<String>| layout.lines(&row.iter().map(String::as_str).collect::<Vec<_>>());
        layout.lines(&table.head).into_iter().chain(table.rows.iter().flat_map(row)).collect()
    }

    #[test]
    fn a_table_is_as_wide_as_the_terminal() {
        assert_eq!(lines(None), lines(Some(200)));
        assert_eq!(lines(None).len(), 3);
        for width in [40, 48, 60, 64] {
            let lines = lines(Some(width));
            assert!(lines.iter().all(|line| line.chars().count() <= width), "{width}: {lines:#?}");
            assert_eq!(lines.concat().matches('x').count(), 50, "{width}: {lines:#?}");
        }
        let beside = [
            "NAME     MEANING                           RULE",
            "one      It says what it is, and why it    a.b",
            "         is so.",
            "another  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "         xxxxxxxxxxxxxxxxxx",
        ];
        assert_eq!(lines(Some(47)), beside);
        let below =
            ["NAME     RULE", "    MEANING", "one      a.b", "    It says what it is, and why it is", "    so."];
        assert_eq!(lines(Some(38))[..5], below);
    }

    #[test]
    fn a_table_of_nothing_is_its_head() {
        let table = Table { head: vec!["NAME"], rows: Vec::new(), json: Json::Null };
        assert_eq!(Layout::of(&table, Some(2)).lines(&table.head), ["", "    NAME"]);
        assert_eq!(Layout::of(&table, None).lines(&table.head), ["NAME"]);
        assert_eq!(wrapped("", 5), Vec::<String>::new());
    }
}
