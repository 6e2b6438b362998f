//! Two runs side by side, or two tokens, two metadata documents, two key sets: what one has and the other lacks, what is
//! another value in both, and what has to be another one because it is random, a time, or hidden.
//!
//! Nothing is compared that was not put into a [`Side`] first, whose values are without secrets: the same secret has the
//! same placeholder on both sides, so that two that differ still differ.

mod align;
mod field;
mod issued;
mod item;
mod json;
mod markup;
mod message;
pub mod nature;
mod side;
mod subject;
mod value;
pub mod words;

use std::collections::HashMap;

pub use self::item::{Fields, Item};
pub use self::side::{Ports, Ran, Side, Talk, runs};
pub use self::subject::{NotComparable, Subject, compare_subjects};
use self::value::Ways;

/// What two things are that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Two runs, live or from a file.
    Runs,
    /// Two JSON Web Tokens.
    Tokens,
    /// Two metadata documents (RFC 8414).
    Metadata,
    /// Two key sets (RFC 7517).
    Keys,
}

impl Kind {
    /// The word for it: `runs`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Tokens => "tokens",
            Self::Metadata => "metadata",
            Self::Keys => "keys",
        }
    }
}

/// Which part of a stage a value is in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The run as a whole.
    Run,
    /// What was sent.
    Request,
    /// What came.
    Answer,
    /// The header of the token that has this name in the message.
    Header(String),
    /// Its claims.
    Claims(String),
    /// A key of a set.
    Key(String),
    /// The rules.
    Checks,
    /// How long it took.
    Times,
}

impl Part {
    /// The word for it: `request`, `claims of id_token`.
    pub fn word(&self) -> String {
        match self {
            Self::Run => "run".to_owned(),
            Self::Request => "request".to_owned(),
            Self::Answer => "answer".to_owned(),
            Self::Header(token) => format!("header of {token}"),
            Self::Claims(token) => format!("claims of {token}"),
            Self::Key(key) => format!("key {key}"),
            Self::Checks => "checks".to_owned(),
            Self::Times => "times".to_owned(),
        }
    }

    /// Whether it stands inside of something that is compared itself: that one side lacks it is told there.
    const fn is_within(&self) -> bool {
        matches!(self, Self::Header(_) | Self::Claims(_))
    }
}

/// Why two values that differ say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fold {
    /// Random by nature, or made from what is: `state`, codes, tokens.
    Random,
    /// A time by nature, or how long something took.
    Time,
    /// Keys of a server that has other ones of the same kind now.
    Key,
    /// A port of this machine that is another one in each run.
    Port,
    /// An address of the server, where the runs were at two.
    Server,
    /// Who signed in, where the runs were of two users.
    User,
    /// At least one side has a placeholder there, so that nobody can tell.
    Hidden,
    /// A rule that has nothing to object to, judged on one side only: what makes it apply is told where it stands.
    Applied,
}

impl Fold {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 8] =
        [Self::Random, Self::Time, Self::Key, Self::Port, Self::Server, Self::User, Self::Hidden, Self::Applied];

    /// The word for it: `random`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Time => "time",
            Self::Key => "key",
            Self::Port => "port",
            Self::Server => "server",
            Self::User => "user",
            Self::Hidden => "hidden",
            Self::Applied => "applied",
        }
    }
}

/// How a value of one side stands to that of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Only the second side has it.
    Added,
    /// Only the first side has it.
    Removed,
    /// Both have it, and it says something else.
    Changed,
    /// Both have it, and it says the same.
    Same,
    /// It differs, and has to.
    Folded(Fold),
}

impl Change {
    /// The word for it: `added`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Same => "same",
            Self::Folded(_) => "folded",
        }
    }

    /// Whether it is a difference that matters.
    pub const fn is_difference(self) -> bool {
        matches!(self, Self::Added | Self::Removed | Self::Changed)
    }
}

/// One value on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As it is called where it stands: `scope`, `cnf.jkt`. A name that comes again has its number: `resource (2)`.
    pub name: String,
    /// The first side's.
    pub a: Option<String>,
    /// The second side's.
    pub b: Option<String>,
    /// How they stand to each other.
    pub change: Change,
    /// Of a value that is a set: what only the first has, and what only the second has.
    pub words: (Vec<String>, Vec<String>),
}

/// A part of a stage on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Which part.
    pub part: Part,
    /// What it is in a few words: `POST /token`. Of the second side where the first has none.
    pub about: String,
    /// Its values, in the order of the first side, what only the second has where it stands there.
    pub rows: Vec<Row>,
}

/// A stage on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageRow {
    /// Its name for programs: `token`.
    pub slug: String,
    /// Its name for people: `the token request`.
    pub name: String,
    /// Counts from 1 where a run has several of its name.
    pub number: usize,
    /// Indices of the exchanges, where the side has it.
    pub at: (Option<usize>, Option<usize>),
    /// Whether it is an exchange of a run, and not a document or the run as a whole.
    pub is_sent: bool,
    /// Why the side that lacks it has not sent it, where that is known.
    pub why: Option<String>,
    /// Its parts; none where only one side has it.
    pub sections: Vec<Section>,
}

impl StageRow {
    /// The side that has it alone: `a` or `b`; `None` where both have it.
    pub const fn only(&self) -> Option<&'static str> {
        match self.at {
            (Some(_), None) => Some("a"),
            (None, Some(_)) => Some("b"),
            _ => None,
        }
    }

    /// All values of its parts.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.sections.iter().flat_map(|section| &section.rows)
    }

    /// How many differences matter here; a stage that one side lacks is one.
    pub fn differences(&self) -> usize {
        self.rows().filter(|row| row.change.is_difference()).count() + usize::from(self.only().is_some())
    }
}

/// Two things side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What they are.
    pub kind: Kind,
    /// What the first is, in a line.
    pub a: String,
    /// What the second is.
    pub b: String,
    /// Their stages; tokens and documents are one.
    pub stages: Vec<StageRow>,
}

impl Comparison {
    /// All values.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.stages.iter().flat_map(StageRow::rows)
    }

    /// How many differences matter.
    pub fn differences(&self) -> usize {
        self.stages.iter().map(StageRow::differences).sum()
    }

    /// Whether nothing that matters differs.
    pub fn is_same(&self) -> bool {
        self.differences() == 0
    }

    /// How many values are folded away for this reason.
    pub fn folded(&self, fold: Fold) -> usize {
        self.rows().filter(|row| row.change == Change::Folded(fold)).count()
    }
}

/// Puts two sides next to each other.
pub fn compare(kind: Kind, a: &Side, b: &Side) -> Comparison {
    let ways = Ways::new(kind, a, b);
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let stage = |pair: (Option<usize>, Option<usize>)| {
        let (in_a, in_b) = (pair.0.map(|at| &a.talks[at]), pair.1.map(|at| &b.talks[at]));
        let talk = in_a.or(in_b)?;
        let number = numbers.entry(&talk.slug).and_modify(|number| *number += 1).or_insert(1);
        let lacking = if in_a.is_none() { Some(a) } else { in_b.is_none().then_some(b) };
        Some(StageRow {
            slug: talk.slug.clone(),
            name: talk.name.clone(),
            number: *number,
            at: (in_a.map(|talk| talk.at), in_b.map(|talk| talk.at)),
            is_sent: kind == Kind::Runs && talk.slug != side::WHOLE,
            why: lacking.and_then(|side| side.unsent.get(&talk.slug).cloned()),
            sections: in_a.zip(in_b).map(|(a, b)| sections(&ways, a, b)).unwrap_or_default(),
        })
    };
    let stages = align::pairs(&a.talks, &b.talks).into_iter().filter_map(stage).collect();
    Comparison { kind, a: a.title.clone(), b: b.title.clone(), stages }
}

/// The parts of a stage that both sides have.
fn sections(ways: &Ways, a: &Talk, b: &Talk) -> Vec<Section> {
    let keys = |talk: &Talk| talk.parts.iter().map(|fields| fields.part.clone()).collect::<Vec<_>>();
    let pairs = align::merged(&keys(a), &keys(b));
    pairs
        .into_iter()
        .filter_map(|(in_a, in_b)| section(ways, in_a.map(|at| &a.parts[at]), in_b.map(|at| &b.parts[at])))
        .collect()
}

fn section(ways: &Ways, a: Option<&Fields>, b: Option<&Fields>) -> Option<Section> {
    let either = a.or(b)?;
    let (part, about) = (either.part.clone(), either.about.clone());
    let rows = match (a, b) {
        (Some(a), Some(b)) if is_of_other_kind(a, b) => vec![kinds(a, b)],
        (Some(a), Some(b)) => rows(ways, a, b),
        _ if part.is_within() => return None,
        _ => vec![whole(either, a.is_some())],
    };
    Some(Section { part, about, rows })
}

/// A response has nothing in common with a redirect, or with that nothing came: the first value tells.
fn is_of_other_kind(a: &Fields, b: &Fields) -> bool {
    let first = |fields: &Fields| fields.items.first().map(|item| item.name.clone());
    a.part == Part::Answer && first(a) != first(b) && a.about != b.about
}

fn kinds(a: &Fields, b: &Fields) -> Row {
    let told = |fields: &Fields| match fields.items.first() {
        Some(item) => Some(format!("{}: {}", item.name, item.value)),
        None => Some(fields.about.clone()),
    };
    Row { name: "answer".to_owned(), a: told(a), b: told(b), change: Change::Changed, words: Default::default() }
}

/// A part that only one side has, as one difference.
fn whole(fields: &Fields, is_in_a: bool) -> Row {
    let (value, change) = (Some(fields.about.clone()), if is_in_a { Change::Removed } else { Change::Added });
    let (a, b) = if is_in_a { (value, None) } else { (None, value) };
    Row { name: fields.part.word(), a, b, change, words: Default::default() }
}

fn rows(ways: &Ways, a: &Fields, b: &Fields) -> Vec<Row> {
    let keys = |fields: &Fields| fields.items.iter().map(|item| item.name.clone()).collect::<Vec<_>>();
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let row = |(in_a, in_b): (Option<usize>, Option<usize>)| {
        let (a, b) = (in_a.map(|at| &a.items[at]), in_b.map(|at| &b.items[at]));
        let name = a.or(b).map_or("", |item| item.name.as_str());
        let number = numbers.entry(name).and_modify(|number| *number += 1).or_insert(1);
        let name = if *number == 1 { name.to_owned() } else { format!("{name} ({number})") };
        let value = |item: Option<&Item>| item.map(|item| item.value.clone());
        let words = a.zip(b).map(|(a, b)| value::apart(a, b)).unwrap_or_default();
        Row { name, a: value(a), b: value(b), change: ways.change(a, b), words }
    };
    align::merged(&keys(a), &keys(b)).into_iter().map(row).collect()
}
