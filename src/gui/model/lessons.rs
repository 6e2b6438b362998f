//! The Lessons tab: which lesson is taken, how far one is in it, and the quiz.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::gui::language::t;
use crate::gui::lessons::{Book, Sheet, Shelf, SideRun};
use crate::lesson::quiz::Quiz;
use crate::lesson::{Course, Difference, Part};

/// By this name the first answer of the open question gets the keyboard.
pub const FIRST_CHOICE: &str = "first-choice";

/// What is done in the tab.
#[derive(Clone, Debug)]
pub enum LessonsCommand {
    /// Take this lesson.
    Select(String),
    /// List only the lessons of this course, or all.
    Course(Option<String>),
    /// Go to a part of the lesson.
    Go(LessonPart),
    /// Do what the primary button says.
    Forward,
    /// Go back a part.
    Back,
    /// Look at a row of a diagram.
    Look(Part, usize),
    /// Run a side again.
    Again(Part),
    /// Run both again.
    RunBoth,
    /// Open a question.
    Ask(usize),
    /// Choose an answer of the open question, or of the quiz.
    Choose(usize),
    /// Ask for a file with a lesson or a course.
    AskFile,
    /// Ask for a folder with lessons.
    AskFolder,
    /// Tell no longer which files cannot be read.
    PutAway,
    /// Ask for a place for a handout.
    Handout(Sheet),
    /// Show both sides to an audience.
    Present,
    /// Begin a quiz, or the next one.
    Quiz,
}

/// The parts of a lesson.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LessonPart {
    /// What it is about.
    #[default]
    Intention,
    /// How it goes wrong.
    Broken,
    /// How it goes when it is mended.
    Mended,
    /// What a class is asked.
    Questions,
}

impl LessonPart {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Intention, Self::Broken, Self::Mended, Self::Questions];

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Intention => t!("Intention"),
            Self::Broken => t!("Broken"),
            Self::Mended => t!("Mended"),
            Self::Questions => t!("Questions"),
        }
    }

    /// The one after it.
    pub fn next(self) -> Option<Self> {
        Self::ALL.get(self as usize + 1).copied()
    }

    /// The one before it.
    pub fn before(self) -> Option<Self> {
        Self::ALL.get((self as usize).checked_sub(1)?).copied()
    }
}

/// A run of a side.
#[derive(Clone, Default)]
pub struct Stand {
    /// The number of the run that is under way.
    pub asked: Option<u64>,
    /// What came of the last one, or why there is none.
    pub run: Option<Result<Arc<SideRun>, String>>,
}

impl Stand {
    /// The run, where it is there.
    pub fn ran(&self) -> Option<&Arc<SideRun>> {
        self.run.as_ref()?.as_ref().ok()
    }
}

/// A quiz.
#[derive(Clone, Default)]
pub struct QuizModel {
    /// What is wrong, and the run; nothing while it is drawn.
    pub drawn: Option<(Quiz, Result<Arc<SideRun>, String>)>,
    /// Which row of the diagram is looked at.
    pub looked: usize,
    /// What is chosen.
    pub choice: Option<usize>,
    /// Whether it was said, and the checks are open.
    pub is_open: bool,
    /// How many were right, and how many there were.
    pub score: [usize; 2],
}

/// What the tab shows.
#[derive(Clone, Default)]
pub struct LessonsModel {
    /// All lessons, once they were read.
    pub shelf: Option<Shelf>,
    /// Whether the own folder was read, too.
    pub is_listed: bool,
    /// The course whose lessons alone are listed, by title.
    pub course: Option<String>,
    /// The lesson that is taken.
    pub selected: Option<String>,
    /// How far one is in it.
    pub part: LessonPart,
    /// The runs of both sides.
    pub stands: [Stand; 2],
    /// What differs between them, when both are there.
    pub differences: Vec<Difference>,
    /// Which row of each diagram is looked at.
    pub looked: [Option<usize>; 2],
    /// The side whose message is shown.
    pub side: Option<Part>,
    /// The question that is open.
    pub question: usize,
    /// What is chosen in it.
    pub choice: Option<usize>,
    /// What was said of it and is not so.
    pub wrong: Option<usize>,
    /// Which questions of each lesson are answered. This is kept between two starts.
    pub answered: BTreeMap<String, BTreeSet<usize>>,
    /// The quiz, in the place of the lesson.
    pub quiz: Option<QuizModel>,
}

impl LessonsModel {
    /// The lesson that is taken.
    pub fn book(&self) -> Option<&Book> {
        self.shelf.as_ref()?.book(self.selected.as_deref()?)
    }

    /// The lessons that are listed.
    pub fn listed(&self) -> Vec<&Book> {
        let Some(shelf) = &self.shelf else { return Vec::new() };
        match self.course() {
            None => shelf.books.iter().collect(),
            Some(course) => shelf.of_course(course).collect(),
        }
    }

    /// The course whose lessons alone are listed.
    pub fn course(&self) -> Option<&Course> {
        let title = self.course.as_ref()?;
        self.shelf.as_ref()?.courses.iter().find(|course| course.title == *title)
    }

    /// How many questions of a lesson are answered.
    pub fn answered(&self, book: &Book) -> usize {
        let answered = self.answered.get(&book.key);
        answered.map_or(0, |answered| answered.iter().filter(|at| **at < book.lesson.questions.len()).count())
    }

    /// Whether this question of the lesson that is taken is answered.
    pub fn is_answered(&self, question: usize) -> bool {
        let answered = self.selected.as_ref().and_then(|key| self.answered.get(key));
        answered.is_some_and(|answered| answered.contains(&question))
    }

    /// A lesson is done when its questions are answered.
    pub fn is_done(&self, book: &Book) -> bool {
        self.answered.contains_key(&book.key) && self.answered(book) == book.lesson.questions.len()
    }

    /// The run of a side.
    pub const fn stand(&self, part: Part) -> &Stand {
        &self.stands[part as usize]
    }

    /// Whether a side was run, or is being run.
    pub fn has_begun(&self) -> bool {
        self.stands.iter().any(|stand| stand.run.is_some() || stand.asked.is_some())
    }

    /// The row whose message is shown.
    pub fn shown(&self) -> Option<(Part, usize)> {
        let part = self.side?;
        Some((part, self.looked[part as usize]?))
    }

    /// What the primary button does; `None` where nothing is left.
    pub fn forward(&self) -> Option<&'static str> {
        if let Some(quiz) = &self.quiz {
            return Some(if quiz.is_open { t!("Another quiz") } else { t!("Open the checks") });
        }
        let book = self.book()?;
        let next = self.book_after();
        match self.part {
            LessonPart::Intention => Some(t!("Run it broken")),
            LessonPart::Broken => Some(t!("Run it mended")),
            LessonPart::Mended => Some(t!("To the questions")),
            LessonPart::Questions if self.is_done(book) => next.map(|_| t!("Next lesson")),
            LessonPart::Questions if self.is_answered(self.question) => Some(t!("Next question")),
            LessonPart::Questions => Some(t!("Check my answer")),
        }
    }

    /// The lesson after the one that is taken.
    pub fn book_after(&self) -> Option<&Book> {
        let listed = self.listed();
        let at = listed.iter().position(|book| Some(&book.key) == self.selected.as_ref())?;
        listed.get(at + 1).copied()
    }
}
