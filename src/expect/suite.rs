//! A suite: several runs in one file, what each is run with and what is expected of it.
//!
//! A run means what the same words mean on the command line. Secrets stand in the environment alone.

use std::collections::{BTreeMap, HashSet};

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::read::{At, document, in_order, scalar};
use super::{ExpectError, Expectations};
use crate::base::check::Verdict;
use crate::base::text::is_nearly;
use crate::client::settings::{FIELDS, Field};

/// Most runs of a suite, each of a matrix counted.
const RUNS: usize = 10_000;

/// A file of runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suite {
    /// What it is called in reports.
    pub name: String,
    /// Its runs in the order of the file; those of a matrix one after the other.
    pub runs: Vec<Planned>,
}

/// One run of a suite.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// What it is called in reports: `code`, and of a matrix `code (alice, S256)`.
    pub name: String,
    /// The name without what the matrix adds.
    pub base: String,
    /// Where it begins in the file, counted from 1.
    pub line: usize,
    /// Where each of its keys stands, those of `set` as `set.scope`: also one that it has by default or from a matrix.
    pub lines: BTreeMap<String, usize>,
    /// As the command line names it: `authorization-code`.
    pub grant: String,
    /// A shipped preset, or a file.
    pub preset: Option<String>,
    /// Who signs in.
    pub sign_in: Option<String>,
    /// `env:NAME`
    pub sign_in_password: Option<String>,
    /// Settings by their names.
    pub set: Vec<(String, String)>,
    /// Further stages.
    pub then: Vec<String>,
    /// How often a stopped run is tried again.
    pub retry: Option<u32>,
    /// Seconds.
    pub timeout: Option<u32>,
    /// Whether what must not be used is used all the same.
    pub go_on: bool,
    /// The mildest verdict that fails the run.
    pub fail_on: Option<Verdict>,
    /// What it is judged by, as the command line names it: `fapi2`.
    pub profile: Vec<String>,
    /// What is expected of it, in this file.
    pub expect: Expectations,
    /// Files with what is expected of it.
    pub expect_files: Vec<String>,
}

type Key<'a> = &'a Spanned<DeString<'a>>;
type Value<'a> = &'a Spanned<DeValue<'a>>;
type Read<T> = Result<T, ExpectError>;

/// A name in a matrix, where it stands, and the values that it takes in turn.
struct Axis {
    name: String,
    line: usize,
    values: Vec<String>,
}

const OF_SUITE: [&str; 4] = ["version", "name", "defaults", "run"];
const OF_RUN: [&str; 15] = [
    "name",
    "grant",
    "preset",
    "sign_in",
    "sign_in_password",
    "set",
    "then",
    "retry",
    "timeout",
    "go_on",
    "fail_on",
    "profile",
    "expect",
    "expect_file",
    "matrix",
];

/// What a matrix varies beside settings.
const OF_MATRIX: [&str; 4] = ["grant", "preset", "sign_in", "profile"];

/// What fails a run.
pub const LEVELS: [Verdict; 3] = [Verdict::Note, Verdict::Warn, Verdict::Fail];

impl Suite {
    /// Reads a suite.
    ///
    /// # Errors
    /// Names the line and the key of the first thing that is not understood.
    pub fn parse(source: &str) -> Read<Self> {
        document(source, "a suite", |table| Self::of_table(source, table))
    }

    fn of_table<'a>(source: &'a str, table: &'a DeTable<'a>) -> Read<Self> {
        let at = At::new(source, String::new());
        let (mut suite, mut defaults) = (Self::default(), Planned::default());
        if let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == "defaults") {
            let (inside, table) = (at.inside(key), at.table(key, value)?);
            if let Some((key, _)) = table.iter().find(|(key, _)| matches!(&**key.get_ref(), "name" | "matrix")) {
                return Err(inside.wrong(key, "this belongs to a run"));
            }
            defaults.read(&inside, table)?;
        }
        for (key, value) in in_order(table) {
            match &**key.get_ref() {
                "version" | "defaults" => {}
                "name" => suite.name = at.text(key, value)?,
                "run" => suite.runs = runs(&at, key, value, &defaults)?,
                _ => return Err(at.unknown(key, &OF_SUITE)),
            }
        }
        if suite.runs.is_empty() {
            let what = "there is no run: each begins with [[run]]".to_owned();
            return Err(ExpectError { line: 1, key: String::new(), what });
        }
        Ok(suite)
    }
}

fn runs<'a>(at: &At<'a>, key: Key<'_>, value: Value<'a>, defaults: &Planned) -> Read<Vec<Planned>> {
    let array = value.get_ref().as_array().ok_or_else(|| at.wrong_type(key, value, "an array of tables, [[run]]"))?;
    let (mut runs, mut names) = (Vec::new(), HashSet::new());
    let (mut line, mut read) = (1, 0);
    for one in array {
        line += at.lines(read, one.span().start);
        read = one.span().start;
        let mut planned = Planned { line, ..defaults.clone() };
        let table = one.get_ref().as_table().ok_or_else(|| at.wrong_type(key, one, "a table, [[run]]"))?;
        let inside = at.inside(key);
        let axes = planned.read(&inside, table)?;
        let lacking = |name: &str, value: &str| match value {
            "" => {
                Err(ExpectError { line: planned.line, key: format!("run.{name}"), what: "this is missing".to_owned() })
            }
            _ => Ok(()),
        };
        lacking("name", &planned.name)?;
        let is_of_matrix = axes.iter().any(|axis| axis.name == "grant");
        if !is_of_matrix {
            lacking("grant", &planned.grant)?;
        }
        planned.base.clone_from(&planned.name);
        for run in of_matrix(planned, &axes) {
            if runs.len() == RUNS {
                let what = format!("a suite has {RUNS} runs at most, each of a matrix counted");
                return Err(ExpectError { line: run.line, key: "run".to_owned(), what });
            }
            if !names.insert(run.name.clone()) {
                let what = format!("there are two runs of the name {}", run.name);
                return Err(ExpectError { line: run.line, key: "run.name".to_owned(), what });
            }
            runs.push(run);
        }
    }
    Ok(runs)
}

/// A run for each way to take one value of every axis.
fn of_matrix(planned: Planned, axes: &[Axis]) -> Vec<Planned> {
    let mut runs = vec![(planned, Vec::new())];
    for axis in axes {
        let with = |(run, said): (Planned, Vec<String>)| {
            let one = move |value: &String| {
                let (mut run, mut said) = (run.clone(), said.clone());
                run.assign(axis, value);
                said.push(value.clone());
                (run, said)
            };
            axis.values.iter().map(one).take(RUNS + 1).collect::<Vec<_>>()
        };
        runs = runs.into_iter().flat_map(with).take(RUNS + 1).collect();
    }
    let named = |(run, said): (Planned, Vec<String>)| match said.is_empty() {
        true => run,
        false => Planned { name: format!("{} ({})", run.base, said.join(", ")), ..run },
    };
    runs.into_iter().map(named).collect()
}

impl Planned {
    /// Takes in the keys of a table; what is in a matrix comes back.
    fn read<'a>(&mut self, at: &At<'a>, table: &'a DeTable<'a>) -> Read<Vec<Axis>> {
        let mut axes = Vec::new();
        for (key, value) in in_order(table) {
            self.lines.insert(key.get_ref().to_string(), at.line(key));
            match &**key.get_ref() {
                "name" => self.name = at.text(key, value)?,
                "grant" => self.grant = at.text(key, value)?,
                "preset" => self.preset = Some(at.text(key, value)?),
                "sign_in" => self.sign_in = Some(at.text(key, value)?),
                "sign_in_password" => self.sign_in_password = Some(of_environment(at, key, at.text(key, value)?)?),
                "set" => self.set(&at.inside(key), at.table(key, value)?)?,
                "then" => self.then = at.texts(key, value)?,
                "retry" => self.retry = Some(at.count(key, value)?),
                "timeout" => self.timeout = Some(at.count(key, value)?),
                "go_on" => {
                    let is = value.get_ref().as_bool();
                    self.go_on = is.ok_or_else(|| at.wrong_type(key, value, "true or false"))?;
                }
                "fail_on" => self.fail_on = Some(level(at, key, &at.text(key, value)?)?),
                "profile" if value.get_ref().is_str() => self.profile = vec![at.text(key, value)?],
                "profile" => self.profile = at.texts(key, value)?,
                "expect" => {
                    let own = Expectations::of_table(&at.inside(key), at.table(key, value)?)?;
                    self.expect.list.retain(|known| !own.list.iter().any(|it| it.subject == known.subject));
                    self.expect.list.extend(own.list);
                }
                "expect_file" => self.expect_files.push(at.text(key, value)?),
                "matrix" => axes = matrix(&at.inside(key), at.table(key, value)?)?,
                _ => return Err(at.unknown(key, &OF_RUN)),
            }
        }
        Ok(axes)
    }

    fn set<'a>(&mut self, at: &At<'a>, table: &'a DeTable<'a>) -> Read<()> {
        for (key, value) in in_order(table) {
            let name = key.get_ref().to_string();
            self.lines.insert(format!("set.{name}"), at.line(key));
            // What a run sets takes the place of what it would be by default; a list is sent several times.
            self.set.retain(|(known, _)| *known != name);
            let values = match value.get_ref() {
                DeValue::Array(_) => at.texts(key, value)?,
                _ => vec![scalar(at, key, value)?],
            };
            for value in values {
                checked(at, key, &name, &value)?;
                self.set.push((name.clone(), value));
            }
        }
        Ok(())
    }

    /// Puts a value of a matrix where its name says.
    fn assign(&mut self, axis: &Axis, value: &str) {
        let name = axis.name.as_str();
        let key = if OF_MATRIX.contains(&name) { name.to_owned() } else { format!("set.{name}") };
        self.lines.insert(key, axis.line);
        match name {
            "grant" => value.clone_into(&mut self.grant),
            "preset" => self.preset = Some(value.to_owned()),
            "sign_in" => self.sign_in = Some(value.to_owned()),
            "profile" => self.profile = vec![value.to_owned()],
            name => {
                self.set.retain(|(known, _)| known != name);
                self.set.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

fn matrix<'a>(at: &At<'a>, table: &'a DeTable<'a>) -> Read<Vec<Axis>> {
    let mut axes = Vec::new();
    for (key, value) in in_order(table) {
        let array = value.get_ref().as_array().ok_or_else(|| at.wrong_type(key, value, "an array of values"))?;
        let name = key.get_ref().to_string();
        if array.is_empty() {
            return Err(at.wrong(key, "there is no value in this array, so there would be no run"));
        }
        varied(at, key, &name)?;
        let mut values = Vec::new();
        for value in array {
            let text = scalar(at, key, value)?;
            checked(at, key, &name, &text)?;
            values.push(text);
        }
        axes.push(Axis { name, line: at.line(key), values });
    }
    Ok(axes)
}

/// Refuses a key of a run that no matrix varies, and what is nearly one that it does.
fn varied(at: &At<'_>, key: Key<'_>, name: &str) -> Read<()> {
    let is_known = OF_MATRIX.contains(&name) || FIELDS.iter().any(|field| field.name == name);
    if is_known {
        return Ok(());
    }
    if let Some(meant) = OF_MATRIX.iter().find(|known| is_nearly(known, name)) {
        return Err(at.wrong(key, format!("this is not known here; did you mean {meant}?")));
    }
    if OF_RUN.contains(&name) {
        let known = OF_MATRIX.join(", ");
        return Err(at.wrong(key, format!("this is no list of a matrix: it takes {known} and settings by their names")));
    }
    Ok(())
}

fn level(at: &At<'_>, key: Key<'_>, word: &str) -> Read<Verdict> {
    let found = LEVELS.into_iter().find(|level| level.word() == word);
    found.ok_or_else(|| at.wrong(key, format!("this has to be {}", LEVELS.map(Verdict::word).join(", "))))
}

/// A setting that is a secret, as the environment has it.
fn checked(at: &At<'_>, key: Key<'_>, name: &str, value: &str) -> Read<()> {
    let field = FIELDS.iter().find(|field| field.name == name);
    let is_secret = field.is_some_and(Field::is_secret);
    if is_secret { of_environment(at, key, value.to_owned()).map(drop) } else { Ok(()) }
}

fn of_environment(at: &At<'_>, key: Key<'_>, value: String) -> Read<String> {
    match value.strip_prefix("env:") {
        Some(name) if !name.is_empty() => Ok(value),
        _ => Err(at.wrong(key, "a secret comes from the environment: write \"env:NAME\"")),
    }
}
