//! Lessons: something goes wrong on the practice server, then it is mended, and the difference is seen.
//!
//! A lesson is one file of Markdown with a front part in TOML (`assets/lessons/README.md` describes it). `read` takes it
//! in with the line and the key of what is wrong; `play` performs a side of it in memory, step by step, with a clock of
//! its own and the same randomness each time; `ladder` draws what happened, with an attacker in it.
//!
//! Lessons are data that strangers may write. They happen on the practice server alone, hold no secret, and name no file,
//! no variable of the environment and no other host.

mod attacker;
mod browser;
mod built_in;
mod course;
mod deed;
mod difference;
mod document;
pub mod ladder;
pub mod play;
pub mod quiz;
mod read;
mod refuse;
mod world;

use crate::base::check::Rule;
use crate::base::json::Json;
use crate::client::rules::catalogue;
use crate::expect::{Condition, Expectation, Expectations, Subject};
use crate::flow::stage::Stage;
use crate::practice::Fault;
use crate::terms::grant::Grant;

pub use self::built_in::{built_in, courses, find, in_language};
pub use self::course::Course;
pub use self::deed::{Actor, Deed};
pub use self::difference::{Difference, differences};
pub use self::play::{Play, Played, played};
pub use self::refuse::is_fine_link;
pub use crate::expect::{ExpectError as LessonError, Met};

/// Where the practice server of a lesson is.
pub const ISSUER: &str = "http://127.0.0.1:9400";
/// Where the second one is, which another may hold in his hands.
pub const SECOND_ISSUER: &str = "http://127.0.0.1:9400/second";
/// Whom the attacker signs in as.
pub const ATTACKER: &str = "mallory";

/// Who can sign in.
pub const USERS: [&str; 3] = ["alice", "bob", ATTACKER];

/// The format version that is read.
pub const VERSION: i64 = 1;
/// Largest file, in bytes.
pub const FILE_LIMIT: usize = 1024 * 1024;

/// A lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// What it is called.
    pub title: String,
    /// What one knows after it, in a sentence.
    pub intention: String,
    /// How long it takes with a class.
    pub minutes: u32,
    /// What to know before, each in a sentence.
    pub before: Vec<String>,
    /// Where to read on.
    pub read_on: Vec<ReadOn>,
    /// Which grant runs, unless a side says another.
    pub grant: Grant,
    /// Who sits in front of the browser.
    pub user: String,
    /// Names and values in the place of those of the practice preset, on both sides.
    pub settings: Vec<(String, String)>,
    /// How it goes wrong.
    pub broken: Side,
    /// The same with one thing changed.
    pub mended: Side,
    /// What a class is asked at the end.
    pub questions: Vec<Question>,
    /// The text, in Markdown.
    pub text: String,
}

/// One way it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// What is different here, in a few words: `PKCE off`.
    pub title: String,
    /// The moment that decides, and what names it.
    pub moment: String,
    /// In the place of the lesson's grant.
    pub grant: Option<Grant>,
    /// Names and values in the place of those of the lesson.
    pub settings: Vec<(String, String)>,
    /// Members of the document that the app is known by, in the place of its own.
    pub document: Vec<(String, Json)>,
    /// What the practice server does wrong.
    pub faults: Vec<Fault>,
    /// What happens, in order. Without any, the run goes to its end.
    pub steps: Vec<Step>,
    /// What the run of the app has to be.
    pub expect: Expectations,
    /// What the attacker has to be answered.
    pub attacker: Expectations,
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub what: What,
    /// What to look at, in Markdown.
    pub look: String,
    /// Of the file, counted from 1.
    pub line: usize,
}

/// What happens in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The app's run goes on until this stage is behind it.
    Stage(Stage),
    /// Somebody does something.
    Deed(Deed),
}

/// A question with its answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub ask: String,
    /// What may be said.
    pub choices: Vec<String>,
    /// Which of them is right, counted from 0.
    pub answer: usize,
    /// Why.
    pub why: String,
}

/// A section of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOn {
    /// As it is cited: `RFC 7636 section 4.6`.
    pub text: String,
    /// Where it is, for documents that are known.
    pub url: Option<String>,
}

/// Which side of a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Something goes wrong.
    Broken,
    /// It does not.
    Mended,
}

impl Part {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::Broken, Self::Mended];

    /// Its name in files and results: `broken`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Mended => "mended",
        }
    }
}

impl Lesson {
    /// A side of it.
    pub const fn side(&self, part: Part) -> &Side {
        match part {
            Part::Broken => &self.broken,
            Part::Mended => &self.mended,
        }
    }

    /// The grant of a side.
    pub fn grant_of(&self, part: Part) -> Grant {
        self.side(part).grant.unwrap_or(self.grant)
    }

    /// What is set on a side, in the place of the practice preset: a name that the side sets as well counts there.
    pub fn settings_of(&self, part: Part) -> Vec<(&str, &str)> {
        let own = &self.side(part).settings;
        let common = self.settings.iter().filter(|(name, _)| !own.iter().any(|(other, _)| other == name));
        common.chain(own).map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

/// Fewer questions are no end of a lesson.
const QUESTIONS: usize = 3;

impl Lesson {
    /// What a lesson should have and this one has not, each in a sentence.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        let mut doubt = |is: bool, what: &str| doubts.extend(is.then(|| what.to_owned()));
        doubt(self.minutes == 0, "minutes is missing: how long it takes with a class");
        doubt(self.before.is_empty(), "before is missing: what to know before");
        doubt(self.read_on.is_empty(), "read_on is missing: where to read on");
        doubt(self.text.is_empty(), "there is no text behind the front part");
        doubt(self.questions.len() < QUESTIONS, "there are fewer than three questions");
        doubt(self.broken == self.mended, "both sides are the same");
        for place in self.read_on.iter().filter(|place| place.url.is_none()) {
            doubts.push(format!("read_on: {} is not like RFC 7636 section 4.6", place.text));
        }
        for part in Part::ALL {
            let (side, name) = (self.side(part), part.name());
            let mut doubt = |is: bool, what: &str| doubts.extend(is.then(|| format!("{name}.{what}")));
            doubt(side.title.is_empty(), "title is missing: what is different, in a few words");
            doubt(side.moment.is_empty(), "moment is missing: the moment that decides, and what names it");
            doubt(side.steps.is_empty(), "steps is missing: what happens");
            doubt(
                side.expect.list.is_empty() && side.attacker.list.is_empty(),
                "expect is missing: nothing is held to it",
            );
            let silent = side.steps.iter().filter(|step| step.look.is_empty());
            doubts.extend(
                silent.map(|step| format!("line {}: {} has no look: what to look at", step.line, step.what.name())),
            );
        }
        doubts
    }
}

impl Side {
    /// The rules that name what happens here, as far as something is expected of them.
    pub fn rules(&self) -> Vec<&'static Rule> {
        let named = |one: &Expectation| match (&one.subject, &one.condition) {
            (Subject::Rule(rule), _) => Some(*rule),
            (Subject::Finding, Condition::Equals(id)) => catalogue().find(|rule| Some(rule.id) == id.as_str()),
            _ => None,
        };
        let mut rules: Vec<&'static Rule> = Vec::new();
        for rule in self.expect.list.iter().filter_map(named) {
            if !rules.iter().any(|known| known.id == rule.id) {
                rules.push(rule);
            }
        }
        rules
    }
}

impl What {
    /// Who does it.
    pub const fn actor(&self) -> Actor {
        match self {
            Self::Stage(_) => Actor::App,
            Self::Deed(deed) => deed.actor(),
        }
    }

    /// As a file has it: `token`, `attacker redeems the code`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Stage(stage) => stage.slug(),
            Self::Deed(deed) => deed.name(),
        }
    }

    /// For people: `the token request`, `attacker redeems the code`.
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Stage(stage) => stage.name(),
            Self::Deed(deed) => deed.name(),
        }
    }
}
