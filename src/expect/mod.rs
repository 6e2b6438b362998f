//! What a run is expected to be: written down as TOML beside a preset, read with its places, and held against a run.
//!
//! An expectation is a subject and a condition: `claims.aud of the token request` and `is "practice-web"`. It is met or
//! not, and what came is said.

mod condition;
mod judge;
mod propose;
mod read;
mod suite;
mod typed;
mod write;

use std::fmt;

use crate::base::check::Rule;
use crate::flow::stage::Stage;

pub use self::condition::{Condition, Pattern};
pub use self::judge::{Met, Standing, judge, so_far};
pub use self::propose::{place_of_token, proposals};
pub(crate) use self::read::{At, in_order, integer, nowhere, scalar, to_json, toml};
pub use self::read::{ExpectError, is_like};
pub use self::suite::{LEVELS, Planned, Suite};
pub use self::typed::Kind;

/// The format version that is read and written.
pub const VERSION: i64 = 1;

/// Largest file, in bytes.
pub const FILE_LIMIT: u64 = 1024 * 1024;

/// The token whose header and claims are meant where none is named.
pub const ID_TOKEN: &str = "id_token";

/// All that is expected of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectations {
    /// In the order of the file.
    pub list: Vec<Expectation>,
}

/// One thing that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// What is looked at.
    pub subject: Subject,
    /// How it has to be.
    pub condition: Condition,
}

/// What of a run is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// How it ended: `success`, `refused`, `failed`, `incomplete`.
    Outcome,
    /// The rule of the primary finding, or its stage where it is no rule; `none` without a finding.
    Finding,
    /// The error code of the refusal that stopped it.
    Refusal,
    /// The worst verdict of a rule.
    Rule(&'static Rule),
    /// Something of the newest exchange of a stage.
    Of(Stage, Place),
}

/// What of an exchange is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Its status.
    Status,
    /// How long the answer took, in milliseconds.
    Took,
    /// The scope in force after it.
    Scope,
    /// The error code in its answer.
    Error,
    /// A parameter that was sent.
    Request(String),
    /// A member or parameter of what came, `a.b` inside of an object.
    Answer(String),
    /// A header field of what came.
    Field(String),
    /// A header member of the token of this name.
    Header(String, String),
    /// A claim of the token of this name.
    Claim(String, String),
}

impl Expectations {
    /// Whether they say how the run ends, so that an end that is no success may be as it should be.
    pub fn decide_outcome(&self) -> bool {
        self.list.iter().any(|it| matches!(it.subject, Subject::Outcome | Subject::Finding | Subject::Refusal))
    }

    /// Whether a verdict of this rule is expected: what it comes to is told as an expectation.
    pub fn name_rule(&self, rule: &Rule) -> bool {
        self.list.iter().any(|it| match (&it.subject, &it.condition) {
            (Subject::Rule(named), _) => named.id == rule.id,
            (Subject::Finding, Condition::Equals(value)) => value.as_str() == Some(rule.id),
            _ => false,
        })
    }
}

impl Expectations {
    /// Adds one, in the place of what was expected of the same in the same way.
    pub fn put(&mut self, one: Expectation) {
        match self.place_of(&one) {
            Some(at) => self.list[at] = one,
            None => self.list.push(one),
        }
    }

    /// Where one stands that says the same of the same subject, or says otherwise.
    pub fn place_of(&self, one: &Expectation) -> Option<usize> {
        let kind = one.condition.kind().key();
        self.list.iter().position(|it| it.subject == one.subject && it.condition.kind().key() == kind)
    }
}

impl Subject {
    /// The stage it is about.
    pub const fn stage(&self) -> Option<Stage> {
        match self {
            Self::Of(stage, _) => Some(*stage),
            _ => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outcome => f.write_str("outcome"),
            Self::Finding => f.write_str("finding"),
            Self::Refusal => f.write_str("refusal"),
            Self::Rule(rule) => write!(f, "rule {}", rule.id),
            Self::Of(stage, place) => write!(f, "{} {place}", stage.slug()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status => f.write_str("status"),
            Self::Took => f.write_str("took_ms"),
            Self::Scope => f.write_str("scope"),
            Self::Error => f.write_str("error"),
            Self::Request(name) => write!(f, "request {name}"),
            Self::Answer(name) => write!(f, "answer {name}"),
            Self::Field(name) => write!(f, "header field {name}"),
            Self::Header(token, name) => write!(f, "{token} header {name}"),
            Self::Claim(token, name) => write!(f, "{token} claim {name}"),
        }
    }
}

impl fmt::Display for Expectation {
    /// `token id_token claim aud is "practice-web"`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.subject, self.condition)
    }
}
