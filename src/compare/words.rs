//! A comparison in words, as command line and window say it.

use super::{Change, Comparison, Fold, Row, Section, StageRow};
use crate::base::text::{counted, elided, visible};

/// Longest value that is shown whole, in characters.
pub const VALUE_LIMIT: usize = 160;

/// What stands for the claims of a token that nobody here can read.
pub(super) const ENCRYPTED: &str = "encrypted claims";

/// So many names of a stage are in the sentence.
const NAMES: usize = 3;
/// So many stages are.
const STAGES: usize = 3;

impl Comparison {
    /// What of it matters, in a sentence: `3 differences that matter: scope, prompt in the authorization request; ...`
    pub fn sentence(&self) -> String {
        let differing: Vec<&StageRow> = self.stages.iter().filter(|stage| stage.differences() > 0).collect();
        if differing.is_empty() {
            return "Nothing that matters differs.".to_owned();
        }
        let count = counted(self.differences(), "difference that matters", "differences that matter");
        let mut said: Vec<String> = differing.iter().take(STAGES).map(|stage| stage.sentence()).collect();
        if let Some(more) = differing.len().checked_sub(STAGES).filter(|more| *more > 0) {
            said.push(counted(more, "more stage", "more stages"));
        }
        format!("{count}: {}.", said.join("; "))
    }

    /// What is folded away: `14 random values and 9 times are folded away.`; empty where nothing is.
    pub fn folded_words(&self) -> String {
        let count = |fold| match (self.folded(fold), fold) {
            (0, _) | (_, Fold::Applied) => None,
            (count, Fold::Random) => Some(counted(count, "random value", "random values")),
            (count, Fold::Time) => Some(counted(count, "time", "times")),
            (count, Fold::Key) => Some(counted(count, "key", "keys")),
            (count, Fold::Port) => Some(counted(count, "port", "ports")),
            (count, Fold::Server) => Some(counted(count, "address of the server", "addresses of the server")),
            (count, Fold::User) => Some(counted(count, "value of the user", "values of the user")),
            (count, Fold::Hidden) => Some(counted(count, "hidden value", "hidden values")),
        };
        let counts: Vec<String> = Fold::ALL.into_iter().filter_map(count).collect();
        let words = match counts.split_last() {
            None => return String::new(),
            Some((last, [])) => format!("{last} folded away."),
            Some((last, others)) => format!("{} and {last} are folded away.", others.join(", ")),
        };
        let is_closed = self.rows().any(|row| row.name == ENCRYPTED);
        if is_closed { format!("{words} What is encrypted could not be read, so it is not compared.") } else { words }
    }
}

impl StageRow {
    /// Its name, with its number where it comes more than once: `the token request (2)`.
    pub fn title(&self) -> String {
        if self.number > 1 { format!("{} ({})", self.name, self.number) } else { self.name.clone() }
    }

    /// That only one side has it, and why, where it is so.
    pub fn only_words(&self) -> Option<String> {
        let why = self.why.as_ref().map(|why| format!(": {}", visible(why))).unwrap_or_default();
        self.only().map(|side| format!("only in {}{why}", side.to_uppercase()))
    }

    /// What differs in it: `scope, prompt in the authorization request`.
    fn sentence(&self) -> String {
        if let Some(side) = self.only() {
            return format!("{} only in {}", self.title(), side.to_uppercase());
        }
        let mut names: Vec<&str> = Vec::new();
        for row in self.rows().filter(|row| row.change.is_difference()) {
            // What is in the answer is in its token, too.
            if !names.contains(&row.name.as_str()) {
                names.push(&row.name);
            }
        }
        let shown = visible(&names[..names.len().min(NAMES)].join(", ")).into_owned();
        let more = names.len().saturating_sub(NAMES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{shown}{more} in {}", self.title())
    }
}

impl Section {
    /// The names of what has other values, as they have to be.
    pub fn folded_names(&self) -> Option<String> {
        let is_named = |row: &&Row| matches!(row.change, Change::Folded(fold) if fold != Fold::Applied);
        let names: Vec<&str> = self.rows.iter().filter(is_named).map(|row| row.name.as_str()).collect();
        let names = (!names.is_empty()).then(|| elided(&visible(&names.join(", ")), VALUE_LIMIT).into_owned());
        names.map(|names| format!("{names}: other values, as they have to be"))
    }
}

/// One side of a row, as it is shown.
pub fn value_words(value: Option<&str>) -> String {
    match value {
        None => "absent".to_owned(),
        Some("") => "empty".to_owned(),
        // What is in it is told as its claims.
        Some(value) if value.starts_with("eyJ") && value.contains('.') => "a JWT".to_owned(),
        Some(value) => elided(&visible(value), VALUE_LIMIT).into_owned(),
    }
}
