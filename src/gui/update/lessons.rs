//! Lessons: taken, run on practice servers in memory, their questions answered; and the quiz.

use std::path::Path;
use std::sync::Arc;

use super::{NO_RUN, ask};
use crate::gui::backend::{Backend, Job, OpenFor, Saved, ToSave};
use crate::gui::command::Command;
use crate::gui::language::t;
use crate::gui::lessons::{LessonJob, LessonReport, Sheet, Shelf, SideRun, handout};
use crate::gui::model::{FIRST_CHOICE, LessonPart, LessonsCommand, LessonsModel, Model, QuizModel, Stand, Tab};
use crate::lesson::{Course, Lesson, LessonError, Part, differences};

/// What a key that is of the run means in the tab; nothing is sent from here.
pub const fn meant(command: &Command) -> Option<LessonsCommand> {
    match command {
        Command::Next => Some(LessonsCommand::Forward),
        Command::Back => Some(LessonsCommand::Back),
        Command::StartOver => Some(LessonsCommand::RunBoth),
        _ => None,
    }
}

/// The tab is entered: lessons are read when it is for the first time.
pub fn enter(model: &Model, backend: &mut dyn Backend) {
    if !model.lessons.is_listed {
        backend.start(NO_RUN, Job::Lessons(LessonJob::List));
    }
}

/// Carries out what is done in the tab.
pub fn carry_out(model: &mut Model, backend: &mut dyn Backend, command: LessonsCommand) {
    let lessons = &mut model.lessons;
    match command {
        LessonsCommand::Select(key) => select(lessons, key),
        LessonsCommand::Course(title) => {
            lessons.course = title;
            let first = lessons.listed().first().map(|book| book.key.clone());
            let is_listed = lessons.listed().iter().any(|book| Some(&book.key) == lessons.selected.as_ref());
            if let Some(first) = first.filter(|_| !is_listed) {
                select(lessons, first);
            }
        }
        LessonsCommand::Go(part) => go(model, backend, part),
        LessonsCommand::Forward => forward(model, backend),
        LessonsCommand::Back if lessons.quiz.is_some() => lessons.quiz = None,
        LessonsCommand::Back => {
            if let Some(before) = lessons.part.before() {
                go(model, backend, before);
            }
        }
        LessonsCommand::Look(part, row) => match &mut lessons.quiz {
            Some(quiz) => quiz.looked = row,
            None => (lessons.looked[part as usize], lessons.side) = (Some(row), Some(part)),
        },
        LessonsCommand::Again(part) => run(model, backend, part),
        LessonsCommand::RunBoth if lessons.has_begun() => {
            Part::ALL.into_iter().for_each(|part| run(model, backend, part));
        }
        LessonsCommand::RunBoth => {}
        LessonsCommand::Ask(question) => {
            ask(lessons, question);
            model.wants_keyboard = Some(FIRST_CHOICE);
        }
        LessonsCommand::Choose(choice) => match &mut lessons.quiz {
            Some(quiz) if !quiz.is_open => quiz.choice = Some(choice),
            Some(_) => {}
            None => (lessons.choice, lessons.wrong) = (Some(choice), None),
        },
        LessonsCommand::AskFile => ask::for_file(model, backend, OpenFor::Lesson),
        LessonsCommand::AskFolder => ask::for_file(model, backend, OpenFor::LessonFolder),
        LessonsCommand::PutAway => {
            if let Some(shelf) = &mut lessons.shelf {
                shelf.wrong.clear();
            }
        }
        LessonsCommand::Handout(sheet) => hand_out(model, backend, sheet),
        LessonsCommand::Present => run_missing(model, backend, &Part::ALL),
        LessonsCommand::Quiz => begin_quiz(model, backend),
    }
}

/// Takes a lesson, from its beginning.
fn select(lessons: &mut LessonsModel, key: String) {
    lessons.quiz = None;
    if lessons.selected.as_ref() == Some(&key) {
        return;
    }
    lessons.selected = Some(key);
    begin(lessons);
}

fn begin(lessons: &mut LessonsModel) {
    lessons.part = LessonPart::Intention;
    lessons.stands = Default::default();
    lessons.differences.clear();
    (lessons.looked, lessons.side) = ([None; 2], None);
    let open = lessons.book().map(|book| book.lesson.questions.len()).unwrap_or_default();
    let first = (0..open).find(|at| !lessons.is_answered(*at)).unwrap_or_default();
    ask(lessons, first);
}

/// Goes to a part. What it shows is run where it was not yet.
fn go(model: &mut Model, backend: &mut dyn Backend, part: LessonPart) {
    let lessons = &mut model.lessons;
    if lessons.book().is_none() {
        return;
    }
    lessons.part = part;
    lessons.side = match part {
        LessonPart::Intention | LessonPart::Broken => Some(Part::Broken),
        LessonPart::Mended => Some(Part::Mended),
        LessonPart::Questions => lessons.side,
    };
    if part == LessonPart::Questions
        && let (Some(key), Some(book)) = (lessons.selected.clone(), lessons.book())
        && book.lesson.questions.is_empty()
    {
        lessons.answered.entry(key).or_default();
    }
    let wanted: &[Part] = match part {
        LessonPart::Intention => &[],
        LessonPart::Broken => &[Part::Broken],
        LessonPart::Mended | LessonPart::Questions => &Part::ALL,
    };
    run_missing(model, backend, wanted);
}

/// Runs those of these sides that were not run yet.
fn run_missing(model: &mut Model, backend: &mut dyn Backend, parts: &[Part]) {
    for part in parts {
        let stand = model.lessons.stand(*part);
        if stand.run.is_none() && stand.asked.is_none() {
            run(model, backend, *part);
        }
    }
}

/// Runs a side. What was there is shown until the new run is.
fn run(model: &mut Model, backend: &mut dyn Backend, part: Part) {
    let asked = model.number();
    let Some(lesson) = model.lessons.book().map(|book| book.lesson.clone()) else { return };
    model.lessons.stands[part as usize].asked = Some(asked);
    backend.start(NO_RUN, Job::Lessons(LessonJob::Run { asked, lesson, part }));
}

fn forward(model: &mut Model, backend: &mut dyn Backend) {
    let lessons = &mut model.lessons;
    if let Some(quiz) = &mut lessons.quiz {
        return match quiz.is_open {
            true => begin_quiz(model, backend),
            false => guess(quiz),
        };
    }
    let Some(book) = lessons.book() else { return };
    if let Some(next) = lessons.part.next() {
        if next == LessonPart::Questions && !book.lesson.questions.is_empty() {
            model.wants_keyboard = Some(FIRST_CHOICE);
        }
        return go(model, backend, next);
    }
    if lessons.is_done(book) {
        if let Some(key) = lessons.book_after().map(|book| book.key.clone()) {
            select(lessons, key);
        }
        return;
    }
    match lessons.is_answered(lessons.question) {
        true => {
            let open = (0..book.lesson.questions.len()).find(|at| !lessons.is_answered(*at));
            ask(lessons, open.unwrap_or_default());
            model.wants_keyboard = Some(FIRST_CHOICE);
        }
        false => answer(lessons),
    }
}

fn ask(lessons: &mut LessonsModel, question: usize) {
    lessons.question = question;
    (lessons.choice, lessons.wrong) = (None, None);
}

/// Says whether the choice is right. Who is wrong may try again.
fn answer(lessons: &mut LessonsModel) {
    let Some(choice) = lessons.choice else { return };
    let Some(book) = lessons.book() else { return };
    let Some(question) = book.lesson.questions.get(lessons.question) else { return };
    if question.answer != choice {
        lessons.wrong = Some(choice);
        return;
    }
    let key = book.key.clone();
    lessons.wrong = None;
    lessons.answered.entry(key).or_default().insert(lessons.question);
}

/// The checks are opened when something was chosen.
fn guess(quiz: &mut QuizModel) {
    let (Some(choice), Some((drawn, Ok(run)))) = (quiz.choice, &quiz.drawn) else { return };
    quiz.looked = drawn.fault.rule().and_then(|rule| run.row_of(rule)).unwrap_or(quiz.looked);
    quiz.is_open = true;
    quiz.score[0] += usize::from(drawn.choices.get(choice) == Some(&drawn.fault));
    quiz.score[1] += 1;
}

fn begin_quiz(model: &mut Model, backend: &mut dyn Backend) {
    let score = model.lessons.quiz.as_ref().map(|quiz| quiz.score).unwrap_or_default();
    model.lessons.quiz = Some(QuizModel { score, ..QuizModel::default() });
    let seed = backend.entropy().bytes();
    backend.start(NO_RUN, Job::Lessons(LessonJob::Quiz(seed)));
}

/// Asks for a place for a handout of the runs that are there.
fn hand_out(model: &mut Model, backend: &mut dyn Backend, sheet: Sheet) {
    let lessons = &model.lessons;
    let Some(book) = lessons.book() else { return };
    let [Some(broken), Some(mended)] = Part::ALL.map(|part| lessons.stand(part).ran()) else { return };
    if model.asking_for_file {
        return;
    }
    let text = handout(&book.lesson, [broken, mended], sheet);
    let stem = Path::new(&book.key).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (name, file) = (format!("{stem}.{}", sheet.ending()), ToSave { text, what: Saved::Handout });
    model.asking_for_file = true;
    backend.start(NO_RUN, Job::AskToSave { name, file });
}

/// Takes in what was made.
pub fn came(model: &mut Model, backend: &mut dyn Backend, report: LessonReport) {
    match report {
        LessonReport::Listed(shelf) => put(model, shelf),
        LessonReport::Folder(path, shelf) => folder_came(model, backend, &path, shelf),
        LessonReport::Ran(asked, part, run) => ran(&mut model.lessons, asked, part, run),
        LessonReport::Quiz(quiz, run) => {
            if let Some(waiting) = model.lessons.quiz.as_mut().filter(|quiz| quiz.drawn.is_none()) {
                waiting.drawn = Some((quiz, run));
            }
        }
    }
}

fn ran(lessons: &mut LessonsModel, asked: u64, part: Part, run: Result<Arc<SideRun>, String>) {
    // Another lesson was taken meanwhile, or the side was begun anew.
    if lessons.stand(part).asked != Some(asked) {
        return;
    }
    let row = run.as_ref().ok().and_then(|run| run.arrows.len().checked_sub(1));
    lessons.stands[part as usize] = Stand { asked: None, run: Some(run) };
    let looked = &mut lessons.looked[part as usize];
    *looked = looked.filter(|at| row.is_some_and(|last| *at <= last)).or(row);
    let sides = Part::ALL.map(|part| lessons.stand(part).ran());
    if let ([Some(broken), Some(mended)], Some(book)) = (sides, lessons.book()) {
        lessons.differences = differences(&book.lesson, &broken.played, &mended.played);
    }
}

/// Puts lessons beside those that are there already.
fn put(model: &mut Model, shelf: Shelf) {
    let lessons = &mut model.lessons;
    let mut all = shelf;
    if let Some(before) = lessons.shelf.take() {
        all.add(before);
    }
    lessons.shelf = Some(all);
    lessons.is_listed = true;
    if lessons.book().is_none() {
        let open = lessons.listed().into_iter().find(|book| !lessons.is_done(book));
        if let Some(key) = open.or(lessons.listed().first().copied()).map(|book| book.key.clone()) {
            lessons.selected = Some(key);
            begin(lessons);
        }
    }
}

/// The list, in the tab, which may not have been entered before.
fn shelf<'m>(model: &'m mut Model, backend: &mut dyn Backend) -> &'m mut Shelf {
    model.tab = Tab::Lessons;
    enter(model, backend);
    model.asking_for_file = false;
    model.lessons.shelf.get_or_insert_with(Shelf::built_in)
}

fn folder_came(model: &mut Model, backend: &mut dyn Backend, path: &Path, found: Shelf) {
    let first = found.books.first().map(|book| book.key.clone());
    let is_empty = found.books.is_empty() && found.courses.is_empty() && found.wrong.is_empty();
    shelf(model, backend).add(found);
    match first {
        Some(key) => select(&mut model.lessons, key),
        None if is_empty => model.notice = Some(t!("No lesson is in {path}.", path = path.display())),
        None => {}
    }
}

/// A file with a lesson was opened or dropped.
pub fn opened(model: &mut Model, backend: &mut dyn Backend, path: &Path, read: Result<Lesson, LessonError>) {
    let (key, is_read) = (path.display().to_string(), read.is_ok());
    shelf(model, backend).put(key.clone(), true, read);
    if is_read {
        // It may have changed since.
        model.lessons.selected = None;
        select(&mut model.lessons, key);
    }
}

/// A file with a course was opened or dropped.
pub fn course_opened(model: &mut Model, backend: &mut dyn Backend, path: &Path, read: Result<Course, LessonError>) {
    let title = read.as_ref().ok().map(|course| course.title.clone());
    shelf(model, backend).put_course(&path.display().to_string(), read);
    if title.is_some() {
        carry_out(model, backend, LessonsCommand::Course(title));
    }
}

/// Why a file is no lesson, where that is what was asked for.
pub fn is_none(model: &mut Model, backend: &mut dyn Backend, path: &Path) {
    let why = t!("it is neither a lesson, which begins with a line +++, nor a course");
    shelf(model, backend).fail(path.display().to_string(), why);
}
