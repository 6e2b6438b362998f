//! `lesson`: what there is, whether a file is sound, runs without a window, handouts.

use std::path::Path;

use super::exports::Written;
use super::lesson_args::{LessonArgs, LessonCommand};
use super::output::Output;
use super::places::Places;
use super::table::Table;
use super::terminal::{Paint, Terminal};
use super::{Exit, Usage, expected};
use crate::base::json::{Json, number, object, optional, text};
use crate::base::text::{meant_or_all, visible};
use crate::flow::finding::finding;
use crate::io::lessons::{folder, in_folder, read as lesson_file};
use crate::io::storage::Access;
use crate::lesson::{Course, Lesson, LessonError, Part, Played, built_in, courses, differences, played};
use crate::report::lesson::Handout;

/// The description of the format, with a complete example.
const FORMAT: &str = include_str!("../../assets/lessons/README.md");

/// A lesson with the name that it is called by.
struct Named {
    name: String,
    lesson: Lesson,
}

/// Does what was typed.
pub(super) fn lesson(args: &LessonArgs, output: &Output) -> Result<Exit, Usage> {
    match &args.command {
        LessonCommand::List => list(output),
        LessonCommand::Check { file } => check(file, output),
        LessonCommand::Run { name, all } => run(name.as_deref().filter(|_| !all), output),
        LessonCommand::Export { name, markdown, html } => export(name, markdown.as_deref(), html.as_deref(), output),
        LessonCommand::Format => {
            output.write(FORMAT);
            Ok(Exit::Success)
        }
    }
}

fn of_file(path: &Path) -> Result<Named, Usage> {
    let source = lesson_file(path).map_err(|error| Usage(error.to_string()))?;
    let lesson = Lesson::parse(&source).map_err(|error| Usage(format!("{}: {error}", path.display())))?;
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    Ok(Named { name: name.unwrap_or_default(), lesson })
}

fn course_of_file(path: &Path) -> Result<Course, Usage> {
    let source = lesson_file(path).map_err(|error| Usage(error.to_string()))?;
    Course::parse(&source).map_err(|error| Usage(format!("{}: {error}", path.display())))
}

/// What there is: of the program, and of the own folder, whose files count where both have one of a name. A file that
/// cannot be read counts for nothing.
struct Shelf<T> {
    known: Vec<(String, T)>,
    /// Files of the own folder that cannot be read: the name, and why.
    unread: Vec<(String, String)>,
}

fn shelf<T>(shipped: &[(&str, &str)], ending: &str, read: fn(&str) -> Result<T, LessonError>) -> Shelf<T> {
    let files = folder().map(|folder| in_folder(&folder, ending)).unwrap_or_default();
    let (mut own, mut unread) = (Vec::new(), Vec::new());
    for (name, path) in files {
        let source = lesson_file(&path).map_err(|error| error.to_string());
        match source.and_then(|source| read(&source).map_err(|error| format!("{}: {error}", path.display()))) {
            Ok(one) => own.push((name, one)),
            Err(why) => unread.push((name, why)),
        }
    }
    let mut known = Vec::new();
    for (name, source) in shipped.iter().filter(|(name, _)| !own.iter().any(|(own, _)| own == name)) {
        match read(source) {
            Ok(one) => known.push(((*name).to_owned(), one)),
            Err(error) => unread.push(((*name).to_owned(), format!("{name}: {error}"))),
        }
    }
    known.extend(own);
    Shelf { known, unread }
}

fn all() -> Shelf<Lesson> {
    shelf(built_in(), "md", Lesson::parse)
}

fn all_courses() -> Shelf<Course> {
    shelf(courses(), "toml", Course::parse)
}

impl<T> Shelf<T> {
    fn position(&self, name: &str) -> Option<usize> {
        self.known.iter().position(|(known, _)| known == name)
    }

    /// Why the files that are called so cannot be read.
    fn unread(&self, name: &str) -> impl Iterator<Item = String> {
        self.unread.iter().filter(move |(unread, _)| unread == name).map(|(_, why)| why.clone())
    }
}

/// Lessons to run.
#[derive(Default)]
struct Chosen {
    lessons: Vec<Named>,
    /// Why files that were meant cannot be read.
    unread: Vec<String>,
}

impl Chosen {
    fn everything() -> Self {
        let Shelf { known, unread } = all();
        let lessons = known.into_iter().map(|(name, lesson)| Named { name, lesson }).collect();
        Self { lessons, unread: unread.into_iter().map(|(_, why)| why).collect() }
    }

    /// The lessons that a name or a file stands for: a course is several.
    fn named(name: &str) -> Result<Self, Usage> {
        let path = Path::new(name);
        if path.extension().is_some_and(|ending| ending == "md") {
            return Ok(Self { lessons: vec![of_file(path)?], unread: Vec::new() });
        }
        let (mut lessons, courses) = (all(), all_courses());
        let mut chosen = Self::default();
        let course = match path.extension().is_some_and(|ending| ending == "toml") {
            true => Some(course_of_file(path)?),
            false => {
                chosen.unread.extend(lessons.unread(name).chain(courses.unread(name)));
                let course = courses.position(name).filter(|_| lessons.position(name).is_none());
                course.map(|at| courses.known[at].1.clone())
            }
        };
        let wanted = course.as_ref().map_or_else(|| vec![name.to_owned()], |course| course.lessons.clone());
        for wanted in wanted {
            if course.is_some() {
                chosen.unread.extend(lessons.unread(&wanted));
            }
            // A course names no lesson twice.
            match lessons.position(&wanted) {
                Some(at) => {
                    let (name, lesson) = lessons.known.remove(at);
                    chosen.lessons.push(Named { name, lesson });
                }
                None if !chosen.unread.is_empty() => {}
                None if course.is_some() => return Err(Usage(format!("{name}: there is no lesson {wanted}"))),
                None => {
                    let instead = meant_or_all(lessons.known.iter().map(|(name, _)| name.as_str()), name);
                    return Err(Usage(format!("there is no lesson {}; {instead}", visible(name))));
                }
            }
        }
        match (chosen.lessons.is_empty(), chosen.unread.is_empty()) {
            (true, false) => Err(Usage(chosen.unread.join("\n"))),
            _ => Ok(chosen),
        }
    }
}

fn list(output: &Output) -> Result<Exit, Usage> {
    let (mut rows, mut shown) = (Vec::new(), Vec::new());
    let (lessons, courses) = (all(), all_courses());
    for (name, lesson) in &lessons.known {
        shown.push(vec![name.clone(), format!("{} min", lesson.minutes), lesson.title.clone()]);
        rows.push(object([
            ("lesson", text(name.clone())),
            ("title", text(lesson.title.clone())),
            ("intention", text(lesson.intention.clone())),
            ("minutes", number(&lesson.minutes)),
            ("grant", text(lesson.grant.slug())),
        ]));
    }
    for (name, course) in courses.known {
        let of_course = course.lessons.iter().filter_map(|name| lessons.position(name));
        let minutes: u32 = of_course.map(|at| lessons.known[at].1.minutes).sum();
        shown.push(vec![name.clone(), format!("{minutes} min"), format!("Course: {}", course.title)]);
        rows.push(object([
            ("course", text(name)),
            ("title", text(course.title)),
            ("about", text(course.about)),
            ("lessons", Json::Array(course.lessons.into_iter().map(text).collect())),
        ]));
    }
    output.table(&Table { head: vec!["LESSON", "TIME", "TITLE"], rows: shown, json: Json::Array(rows) });
    for (_, why) in lessons.unread.iter().chain(&courses.unread) {
        output.story().line(&format!("cannot be read: {why}"));
    }
    if let Some(folder) = folder() {
        output.story().line(&format!("Own lessons and courses: {}", folder.display()));
    }
    Ok(Exit::Success)
}

fn check(file: &Path, output: &Output) -> Result<Exit, Usage> {
    let is_course = file.extension().is_some_and(|ending| ending == "toml");
    let doubts = if is_course { doubts_of_course(file)? } else { of_file(file)?.lesson.doubts() };
    let mut story = output.story();
    for doubt in &doubts {
        story.line(&format!("{}: {doubt}", file.display()));
    }
    let what = if is_course { "course" } else { "lesson" };
    let line = match doubts.len() {
        0 => story.paint(Paint::Good, &format!("✓ a complete {what}")),
        count => format!("a {what} that lacks {count} {}", if count == 1 { "thing" } else { "things" }),
    };
    story.line(&line);
    let is_complete = doubts.is_empty();
    output.result(&object([
        ("file", text(file.display().to_string())),
        ("complete", Json::Bool(is_complete)),
        ("doubts", Json::Array(doubts.into_iter().map(text).collect())),
    ]));
    Ok(if is_complete { Exit::Success } else { Exit::Failure })
}

fn doubts_of_course(file: &Path) -> Result<Vec<String>, Usage> {
    let course = course_of_file(file)?;
    let known = all();
    let unknown = course.lessons.iter().filter(|name| known.position(name).is_none());
    Ok(unknown.map(|name| format!("lessons: there is no lesson {name}")).collect())
}

fn run(name: Option<&str>, output: &Output) -> Result<Exit, Usage> {
    let Chosen { lessons, mut unread } = name.map_or_else(|| Ok(Chosen::everything()), Chosen::named)?;
    let mut story = output.story();
    let (mut results, mut failed) = (Vec::new(), 0);
    for named in &lessons {
        let [broken, mended] = match both(named) {
            Ok(sides) => sides,
            Err(Usage(why)) => {
                unread.push(why);
                continue;
            }
        };
        let is_as_said = broken.is_as_said() && mended.is_as_said();
        failed += usize::from(!is_as_said);
        tell(&mut story, named, [&broken, &mended], lessons.len() == 1);
        results.push(object([
            ("lesson", text(named.name.clone())),
            ("title", text(named.lesson.title.clone())),
            ("as_said", Json::Bool(is_as_said)),
            ("broken", of_side(&broken)),
            ("mended", of_side(&mended)),
        ]));
    }
    let count = results.len();
    if count > 1 {
        let line = match failed {
            0 => format!(
                "{} {count} lessons break where they say and are mended where they say",
                story.paint(Paint::Good, "✓")
            ),
            failed => {
                format!("{} {failed} of {count} lessons do not come as they say", story.paint(Paint::Bad, "✗"))
            }
        };
        story.line(&line);
    }
    output.result(&Json::Array(results));
    match (unread.is_empty(), failed) {
        (false, _) => Err(Usage(unread.join("\n"))),
        (true, 0) => Ok(Exit::Success),
        (true, _) => Ok(Exit::Failure),
    }
}

fn both(named: &Named) -> Result<[Played; 2], Usage> {
    let side = |part| played(&named.lesson, part).map_err(|error| Usage(format!("{}: {error}", named.name)));
    Ok([side(Part::Broken)?, side(Part::Mended)?])
}

fn tell(story: &mut Terminal, named: &Named, sides: [&Played; 2], is_alone: bool) {
    let is_as_said = sides.iter().all(|played| played.is_as_said());
    let mark = if is_as_said { story.paint(Paint::Good, "✓") } else { story.paint(Paint::Bad, "✗") };
    let title = story.paint(Paint::Strong, &visible(&named.lesson.title));
    story.line(&format!("{mark} {title} {}", story.paint(Paint::Quiet, &named.name)));
    for played in sides.into_iter().filter(|played| is_alone || !played.is_as_said()) {
        let side = named.lesson.side(played.part);
        story.line(&format!("  {}: {}", played.part.name(), visible(&side.title)));
        if let Some(stuck) = &played.stuck {
            story.line(&format!("    {} {}", story.paint(Paint::Bad, "✗"), visible(stuck)));
        }
        for met in played.expectations() {
            story.line(&format!("    {}", expected::line(story, met)));
        }
    }
    if is_alone {
        story.line("  What is different");
        for row in differences(&named.lesson, sides[0], sides[1]) {
            story.line(&format!("    {}: {} / {}", visible(&row.what), visible(&row.broken), visible(&row.mended)));
        }
    }
}

fn of_side(played: &Played) -> Json {
    let found = finding(&played.flow, &played.next, &played.flow.left_open());
    let all: Vec<_> = played.expectations().cloned().collect();
    let steps = played.happened.iter().filter_map(|happened| happened.what.as_ref());
    let steps = steps.map(|what| object([("do", text(what.name())), ("by", text(what.actor().word()))])).collect();
    object([
        ("as_said", Json::Bool(played.is_as_said())),
        ("outcome", text(played.flow.outcome().word())),
        ("finding", optional(found.and_then(|found| found.rule))),
        ("stuck", optional(played.stuck.clone())),
        ("steps", Json::Array(steps)),
        ("expected", expected::to_json(&all)),
    ])
}

fn export(name: &str, markdown: Option<&Path>, html: Option<&Path>, output: &Output) -> Result<Exit, Usage> {
    let places = Places::default().reads("the lesson", Some(Path::new(name)));
    places.writes("markdown", markdown).writes("html", html).check()?;
    let Chosen { lessons, unread } = Chosen::named(name)?;
    for why in &unread {
        output.story().line(&format!("cannot be read: {why}"));
    }
    let [named] = &lessons[..] else {
        return Err(Usage(format!("{name} is a course; a handout is of one lesson")));
    };
    let [broken, mended] = both(named)?;
    let handout = Handout { lesson: &named.lesson, broken: &broken, mended: &mended };
    let mut written = Written::default();
    if let Some(path) = markdown {
        written.put(path, &handout.markdown(), Access::Usual, output);
    }
    if let Some(path) = html {
        written.put(path, &handout.html(), Access::Usual, output);
    }
    Ok(if written.has_failed { Exit::Failure } else { Exit::Success })
}
