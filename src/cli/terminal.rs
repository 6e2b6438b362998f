//! Lines for people: coloured only on a terminal, and nothing from outside can move the cursor.

use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::base::text::{visible, visible_lines};

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    /// It holds.
    Good,
    /// Worth a look.
    Caution,
    /// It is broken.
    Bad,
    /// Beside the point.
    Quiet,
    /// A heading.
    Strong,
}

impl Paint {
    const fn code(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Caution => "33",
            Self::Bad => "31",
            Self::Quiet => "2",
            Self::Strong => "1",
        }
    }
}

/// A path as people read it: a name with a line end in it makes no line of its own.
pub(super) fn shown_path(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

/// How many characters a line of the terminal has behind standard output; `None` where there is none, or nobody says.
///
/// The terminal itself is asked by `stty`, which is part of POSIX, in the place of a call that is not safe.
pub(super) fn width() -> Option<usize> {
    let is_sane = |width: &usize| *width > 0;
    let said = std::env::var("COLUMNS").ok().and_then(|width| width.trim().parse().ok());
    if !io::stdout().is_terminal() {
        return None;
    }
    said.or_else(|| {
        let asked = Command::new("stty").arg("size").stdin(io::stdout()).stderr(Stdio::null()).output().ok()?;
        String::from_utf8(asked.stdout).ok()?.split_whitespace().nth(1)?.parse().ok()
    })
    .filter(is_sane)
}

/// Where the story is told.
pub(super) struct Terminal {
    out: Box<dyn Write + Send>,
    is_coloured: bool,
    /// Whether each line is written when it is told, and not all of them at the end.
    is_live: bool,
}

impl Terminal {
    /// Standard error: the place of every story beside a result.
    pub fn stderr() -> Self {
        Self { is_coloured: may_colour(io::stderr().is_terminal()), out: Box::new(io::stderr()), is_live: true }
    }

    /// Standard output, where the story is all there is.
    pub fn stdout() -> Self {
        Self { is_coloured: may_colour(io::stdout().is_terminal()), out: Box::new(io::stdout()), is_live: true }
    }

    /// Nowhere.
    pub fn silent() -> Self {
        Self { is_coloured: false, out: Box::new(io::sink()), is_live: false }
    }

    /// The same, written in one piece when it is dropped: for what is told at once.
    pub fn in_one_piece(self) -> Self {
        let out = Box::new(BufWriter::with_capacity(64 * 1024, self.out));
        Self { out, is_live: false, ..self }
    }

    /// Somewhere else, without colours.
    #[cfg(test)]
    pub fn to(out: impl Write + Send + 'static) -> Self {
        Self { is_coloured: false, out: Box::new(out), is_live: true }
    }

    /// One line. A reader that went away ends nothing.
    pub fn line(&mut self, text: &str) {
        let _ = self.out.write_all(format!("{}\n", harmless(text)).as_bytes());
        if self.is_live {
            let _ = self.out.flush();
        }
    }

    /// The text in this colour, where colours are wanted.
    pub fn paint(&self, paint: Paint, text: &str) -> String {
        match self.is_coloured {
            true => format!("\u{1b}[{}m{text}\u{1b}[0m", paint.code()),
            false => text.to_owned(),
        }
    }

    /// Name and value below a heading, the name in a column of its own.
    pub fn pair(&mut self, name: &str, value: &str) {
        let name = self.paint(Paint::Quiet, &format!("{:<24}", visible(name)));
        self.line(&format!("    {name} {}", visible(value)));
    }
}

/// The text with everything escaped that could move the cursor, but for the colours of [`Terminal::paint`].
fn harmless(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut out = visible_lines(parts.next().unwrap_or_default()).into_owned();
    for part in parts {
        let code = part.strip_prefix('[').and_then(|rest| rest.split_once('m')).map(|(code, _)| code);
        match code.filter(|code| ["0", "1", "2", "31", "32", "33"].contains(code)) {
            Some(_) => out.push('\u{1b}'),
            None => out.push_str("\\u{1b}"),
        }
        out.push_str(&visible_lines(part));
    }
    out
}

/// <https://no-color.org>
fn may_colour(is_terminal: bool) -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    is_terminal && !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}
