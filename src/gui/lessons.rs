//! What lessons need that takes time: the list of them, their runs, their handouts. It is made off the window's thread, on
//! practice servers in memory.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::mask::Mask;
use super::masking;
use crate::base::check::{Check, Verdict};
use crate::base::entropy::Entropy;
use crate::base::params::Params;
use crate::base::text::{visible, visible_lines};
use crate::export::raw;
use crate::flow::stage::{Stage, json_of};
use crate::flow::trace::{Answer, Exchange};
use crate::gui::language::{self, Language, t};
use crate::io::lessons;
use crate::jose::jwt::{Form, decode};
use crate::lesson::ladder::{Arrow, Of, Party, arrows_with, parties};
use crate::lesson::quiz::Quiz;
use crate::lesson::{Course, Lesson, LessonError, Part, Played, built_in, courses, in_language, played};
use crate::report::lesson::Handout;

/// Something to make.
#[derive(Clone, Debug)]
pub enum LessonJob {
    /// The list of all lessons: those of the program and those of the own folder.
    List,
    /// A run of a lesson.
    Run {
        /// Its number.
        asked: u64,
        /// The lesson.
        lesson: Arc<Lesson>,
        /// Which side.
        part: Part,
    },
    /// A run with a fault that is drawn from this.
    Quiz([u8; 32]),
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum LessonReport {
    /// All lessons.
    Listed(Shelf),
    /// Lessons of a folder that was opened or dropped.
    Folder(PathBuf, Shelf),
    /// A run.
    Ran(u64, Part, Result<Arc<SideRun>, String>),
    /// A quiz and its run.
    Quiz(Quiz, Result<Arc<SideRun>, String>),
}

/// Does it. `folder` is where the user's own lessons lie.
pub fn done(job: LessonJob, folder: Option<&Path>) -> LessonReport {
    match job {
        LessonJob::List => {
            let mut shelf = Shelf::built_in();
            if let Some(folder) = folder {
                shelf.add_folder(folder);
            }
            LessonReport::Listed(shelf)
        }
        LessonJob::Run { asked, lesson, part } => {
            LessonReport::Ran(asked, part, played(&lesson, part).map(|played| Arc::new(SideRun::of(played))))
        }
        LessonJob::Quiz(seed) => {
            let quiz = Quiz::draw(&mut Entropy::from_seed(seed));
            let run = quiz.played().map(|played| Arc::new(SideRun::of(played)));
            LessonReport::Quiz(quiz, run)
        }
    }
}

/// The lessons of a folder that was opened or dropped.
pub fn of_folder(folder: PathBuf) -> LessonReport {
    let mut shelf = Shelf::default();
    shelf.add_folder(&folder);
    LessonReport::Folder(folder, shelf)
}

/// A lesson and the name under which its progress is kept.
#[derive(Clone, Debug)]
pub struct Book {
    /// The name of a shipped one, else where its file is.
    pub key: String,
    /// Whether it is the user's own.
    pub is_own: bool,
    /// The lesson as it was written: one of the program in English.
    pub lesson: Arc<Lesson>,
    /// The same in other words.
    others: Vec<(Language, Lesson)>,
}

impl Book {
    fn new(key: String, is_own: bool, lesson: Lesson) -> Self {
        let read = |language: Language| {
            let (_, source) = in_language(language.tag()).iter().find(|(name, _)| *name == key && !is_own)?;
            Some((language, Lesson::parse(source).ok()?))
        };
        let others = Language::ALL.into_iter().filter_map(read).collect();
        Self { key, is_own, lesson: Arc::new(lesson), others }
    }

    /// The lesson in the language that is spoken, or as it was written.
    pub fn told(&self) -> &Lesson {
        let spoken = self.others.iter().find(|(language, _)| *language == language::spoken());
        spoken.map_or(&*self.lesson, |(_, lesson)| lesson)
    }
}

/// Lessons and courses, and the files that are none.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// In the order in which they are offered.
    pub books: Vec<Book>,
    /// Courses by title, each with the names of its lessons.
    pub courses: Vec<Course>,
    /// Files that cannot be read, each with why: the line and the key where it has them.
    pub wrong: Vec<(String, String)>,
}

impl Shelf {
    /// The lessons of the program.
    pub fn built_in() -> Self {
        let mut shelf = Self::default();
        for (name, source) in built_in() {
            shelf.put((*name).to_owned(), false, Lesson::parse(source));
        }
        for (name, source) in courses() {
            shelf.put_course(name, Course::parse(source));
        }
        shelf
    }

    /// Adds the lessons and courses of a folder.
    pub fn add_folder(&mut self, folder: &Path) {
        for (ending, is_course) in [("md", false), ("toml", true)] {
            for (_, path) in lessons::in_folder(folder, ending) {
                let shown = path.display().to_string();
                match lessons::read(&path) {
                    Ok(source) if is_course => self.put_course(&shown, Course::parse(&source)),
                    Ok(source) => self.put(shown, true, Lesson::parse(&source)),
                    Err(error) => self.fail(shown, error.to_string()),
                }
            }
        }
    }

    /// Adds a lesson that was read, in the place of the one of this name.
    pub fn put(&mut self, key: String, is_own: bool, read: Result<Lesson, LessonError>) {
        match read {
            Ok(lesson) => {
                self.wrong.retain(|(file, _)| *file != key);
                let book = Book::new(key, is_own, lesson);
                match self.books.iter_mut().find(|known| known.key == book.key) {
                    Some(known) => *known = book,
                    None => self.books.push(book),
                }
            }
            Err(error) => self.fail(key, error.to_string()),
        }
    }

    /// Adds a course that was read, in the place of the one of this title.
    pub fn put_course(&mut self, name: &str, read: Result<Course, LessonError>) {
        match read {
            Ok(course) => {
                self.wrong.retain(|(file, _)| file != name);
                self.courses.retain(|known| known.title != course.title);
                self.courses.push(course);
            }
            Err(error) => self.fail(name, error.to_string()),
        }
    }

    /// Adds everything of another one.
    pub fn add(&mut self, other: Self) {
        for book in other.books {
            self.books.retain(|known| known.key != book.key);
            self.books.push(book);
        }
        for course in other.courses {
            self.courses.retain(|known| known.title != course.title);
            self.courses.push(course);
        }
        for (file, why) in other.wrong {
            self.fail(file, why);
        }
    }

    /// A file cannot be read, and this is why, in the place of what was said of it before.
    pub fn fail(&mut self, file: impl Into<String>, why: impl Into<String>) {
        let file = file.into();
        self.wrong.retain(|(known, _)| *known != file);
        self.wrong.push((file, why.into()));
    }

    /// The lesson of this name.
    pub fn book(&self, key: &str) -> Option<&Book> {
        self.books.iter().find(|book| book.key == key)
    }

    /// The lessons that a course names and that are not here.
    pub fn missing<'a>(&self, course: &'a Course) -> impl Iterator<Item = &'a str> {
        let is_here = |name: &str| self.books.iter().any(|book| Self::goes_by(book, name));
        course.lessons.iter().map(String::as_str).filter(move |name| !is_here(name))
    }

    /// The lessons of a course in its order: it names those of the program, and own ones by their file.
    pub fn of_course<'a>(&'a self, course: &'a Course) -> impl Iterator<Item = &'a Book> {
        course.lessons.iter().filter_map(|name| self.books.iter().find(|book| Self::goes_by(book, name)))
    }

    fn goes_by(book: &Book, name: &str) -> bool {
        let stem = Path::new(&book.key).file_stem().and_then(|stem| stem.to_str());
        name == book.key || Some(name) == stem
    }
}

/// A run of a lesson as it is looked at.
#[derive(Debug)]
pub struct SideRun {
    /// The run.
    pub played: Played,
    /// Its messages as arrows.
    pub arrows: Vec<Arrow>,
    /// Those who take part.
    pub parties: Vec<Party>,
    places: Vec<Place>,
    app: Vec<Message>,
    attacker: Vec<Message>,
}

/// Where an arrow stands among those of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It begins with this one.
    First,
    /// On the way of the message or of its answer.
    Between,
    /// The answer has come.
    Last,
}

/// A message and its answer as text, without credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// What was sent.
    pub sent: String,
    /// What came.
    pub came: String,
    /// The tokens in it by name, taken apart: what they say is no credential.
    pub tokens: Vec<(String, String)>,
}

impl SideRun {
    /// Takes time in proportion to the size of the run.
    pub fn of(played: Played) -> Self {
        let mask = Mask::of(&played.hide);
        // As the message below shows them by their names, however short they are.
        let by_its_ends = |_: &str, secret: &str| Some(masking::hint(secret));
        let arrows = arrows_with(&played, |label| played.hide.with(label, by_its_ends));
        let messages =
            |exchanges: &[Arc<Exchange>]| exchanges.iter().map(|exchange| Message::of(exchange, mask)).collect();
        let (app, attacker) = (messages(&played.flow.trace.exchanges), messages(&played.attacker.trace.exchanges));
        Self { parties: parties(&arrows), places: places(&arrows), arrows, app, attacker, played }
    }

    /// Where an arrow stands among those of its message.
    pub fn place(&self, row: usize) -> Option<Place> {
        self.places.get(row).copied()
    }

    /// The message of an arrow, and its exchange.
    pub fn message(&self, of: Of) -> Option<(&Message, &Exchange)> {
        let (texts, flow, at) = match of {
            Of::App(at) => (&self.app, &self.played.flow, at),
            Of::Attacker(at) => (&self.attacker, &self.played.attacker, at),
            Of::Deed => return None,
        };
        Some((texts.get(at)?, flow.trace.exchanges.get(at)?))
    }

    /// The last arrow of the message in which this rule is broken.
    pub fn row_of(&self, rule: &str) -> Option<usize> {
        let breaks = |check: &Check| check.rule.id == rule && check.verdict < Verdict::Note;
        let mut exchanges = self.played.flow.trace.exchanges.iter();
        let of = Of::App(exchanges.position(|exchange| exchange.checks.iter().any(breaks))?);
        self.arrows.iter().rposition(|arrow| arrow.of == of)
    }

    /// Whether an arrow is of what every run begins with, and all is well with it.
    pub fn is_usual(&self, arrow: &Arrow) -> bool {
        let stage = self.message(arrow.of).map(|(_, exchange)| exchange.stage);
        matches!(stage, Some(Stage::Discovery | Stage::Jwks)) && !arrow.is_bad && !arrow.is_attack
    }

    /// What was found of a rule in the run of the app, the worst of it.
    pub fn check(&self, rule: &str) -> Option<&Check> {
        self.played.flow.checks().filter(|check| check.rule.id == rule).min_by_key(|check| check.verdict)
    }
}

/// What was done beside the messages stands alone.
fn places(arrows: &[Arrow]) -> Vec<Place> {
    let mut last: HashMap<Of, usize> = HashMap::new();
    let mut places = vec![Place::First; arrows.len()];
    for (row, arrow) in arrows.iter().enumerate().filter(|(_, arrow)| arrow.of != Of::Deed) {
        if let Some(before) = last.insert(arrow.of, row) {
            places[row] = Place::Last;
            if places[before] == Place::Last {
                places[before] = Place::Between;
            }
        }
    }
    places
}

impl Message {
    fn of(exchange: &Exchange, mask: Mask<'_>) -> Self {
        let sent = raw::request(&mask.request(&exchange.request));
        let came = match &exchange.answer {
            Answer::Response(response) => raw::response(&mask.response(response)),
            Answer::Callback(callback) => params(&callback.params, mask),
            Answer::Failed(failure) => failure.to_string(),
            Answer::Pending | Answer::Visited => String::new(),
        };
        let text = |text: &str| visible_lines(text).trim_end().to_owned();
        Self { sent: text(&sent), came: text(&came), tokens: tokens(exchange) }
    }
}

/// A line each.
fn params(params: &Params, mask: Mask<'_>) -> String {
    let line = |(name, value): (&str, &str)| {
        format!("{}={}", visible(name), visible(&mask.value(masking::param, name, value)))
    };
    params.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The tokens of an answer that can be read, with header and claims.
fn tokens(exchange: &Exchange) -> Vec<(String, String)> {
    const NAMES: [&str; 2] = ["id_token", "access_token"];
    let json = exchange.response().and_then(json_of);
    let value = |name: &str| match &exchange.answer {
        Answer::Callback(callback) => callback.params.get(name).map(str::to_owned),
        _ => json.as_ref()?.text(name).map(str::to_owned),
    };
    NAMES.iter().filter_map(|name| Some(((*name).to_owned(), read(&value(name)?)?))).collect()
}

fn read(token: &str) -> Option<String> {
    let decoded = decode(token);
    if !matches!(decoded.form, Form::Jws | Form::UnsecuredJws) {
        return None;
    }
    let part = |json: &crate::base::json::Json| masking::visible_json(json).pretty();
    Some(
        [decoded.header.as_ref(), decoded.claims.as_ref()]
            .into_iter()
            .flatten()
            .map(part)
            .collect::<Vec<_>>()
            .join("\n"),
    )
}

/// What a handout is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// One page that needs nothing beside it.
    Html,
    /// Markdown with the diagrams in it.
    Markdown,
}

impl Sheet {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Html, Self::Markdown];

    /// How its file's name ends.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "md",
        }
    }

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Html => t!("Page (HTML)"),
            Self::Markdown => t!("Markdown"),
        }
    }
}

/// A handout of a lesson with these runs.
pub fn handout(lesson: &Lesson, [broken, mended]: [&SideRun; 2], sheet: Sheet) -> String {
    let handout = Handout { lesson, broken: &broken.played, mended: &mended.played };
    match sheet {
        Sheet::Html => handout.html(),
        Sheet::Markdown => handout.markdown(),
    }
}
