//! A lesson from its file. Whatever is not understood is an error with its line and key: a lesson that quietly leaves a
//! part of itself out teaches the wrong thing.

use std::time::Duration;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{Deed, FILE_LIMIT, Lesson, LessonError, Question, ReadOn, Side, Step, USERS, VERSION, What, refuse};
use crate::base::json::Json;
use crate::base::spec::url_of;
use crate::base::text::meant_or_all;
use crate::expect::{At, Expectations, Subject, in_order, integer, nowhere, scalar, to_json, toml};
use crate::flow::stage::Stage;
use crate::terms::credential::is_credential;
use crate::terms::grant::Grant;

type Key<'a> = &'a Spanned<DeString<'a>>;
type Value<'a> = &'a Spanned<DeValue<'a>>;
type Read<T> = Result<T, LessonError>;

/// What stands before and behind the front part.
const FENCE: &str = "+++";

const OF_LESSON: [&str; 12] = [
    "version",
    "title",
    "intention",
    "minutes",
    "before",
    "read_on",
    "grant",
    "user",
    "settings",
    "broken",
    "mended",
    "questions",
];
const OF_SIDE: [&str; 9] =
    ["title", "moment", "grant", "settings", "document", "faults", "steps", "expect", "attacker"];
const OF_STEP: [&str; 4] = ["do", "look", "change", "seconds"];
const OF_QUESTION: [&str; 4] = ["ask", "choices", "answer", "why"];
/// Longer than anything lives here.
const LONGEST_WAIT: u32 = 100 * 24 * 3600;
/// Longer than a lesson that anybody sits through.
const MOST_STEPS: usize = 100;
const MOST_MINUTES: u32 = 600;
/// More settings, or changed parameters, than anybody reads.
const MOST_SETTINGS: usize = 200;

impl Lesson {
    /// Reads a lesson.
    ///
    /// # Errors
    /// Names the line and the key of the first thing that is not understood, or that a lesson may not say.
    pub fn parse(source: &str) -> Read<Self> {
        if source.len() > FILE_LIMIT {
            return Err(nowhere(1, "the file is larger than 1 MiB"));
        }
        let (front, text, text_line) = parts(source)?;
        refuse::links(text).map_err(|(line, why)| nowhere(text_line + line, why))?;
        let document = toml(&front)?;
        let mut lesson = of_table(&At::new(&front, String::new()), document.get_ref())?;
        text.trim().clone_into(&mut lesson.text);
        Ok(lesson)
    }
}

/// The front part, with its lines where they are in the file, and the text with its first line.
fn parts(source: &str) -> Read<(String, &str, usize)> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let what = "a lesson begins with a line +++, and a second one ends its front part";
    let mut lines = source.split_inclusive('\n');
    if lines.next().is_none_or(|first| first.trim_end() != FENCE) {
        return Err(nowhere(1, what));
    }
    let begin = source.find('\n').map_or(source.len(), |at| at + 1);
    let mut at = begin;
    for (number, line) in lines.enumerate() {
        if line.trim_end() == FENCE {
            // The first line is a comment there.
            return Ok((format!("#\n{}", &source[begin..at]), &source[at + line.len()..], number + 3));
        }
        at += line.len();
    }
    Err(nowhere(1, what))
}

fn of_table<'a>(at: &At<'a>, table: &'a DeTable<'a>) -> Read<Lesson> {
    let mut lesson = Lesson {
        title: String::new(),
        intention: String::new(),
        minutes: 0,
        before: Vec::new(),
        read_on: Vec::new(),
        grant: Grant::AuthorizationCode,
        user: "alice".to_owned(),
        settings: Vec::new(),
        broken: Side::default(),
        mended: Side::default(),
        questions: Vec::new(),
        text: String::new(),
    };
    for (key, value) in in_order(table) {
        match &**key.get_ref() {
            "version" if integer(value.get_ref()) == Some(VERSION) => {}
            "version" => return Err(at.wrong(key, format!("this program reads version {VERSION}"))),
            "title" => lesson.title = said(at, key, value)?,
            "intention" => lesson.intention = said(at, key, value)?,
            "minutes" => lesson.minutes = minutes(at, key, value)?,
            "before" => lesson.before = all_said(at, key, value)?,
            "read_on" => lesson.read_on = all_said(at, key, value)?.into_iter().map(read_on).collect(),
            "grant" => lesson.grant = grant(at, key, value)?,
            "user" => lesson.user = user(at, key, value)?,
            "settings" => lesson.settings = settings(&at.inside(key), at.table(key, value)?)?,
            "broken" => lesson.broken = side(&at.inside(key), at.table(key, value)?)?,
            "mended" => lesson.mended = side(&at.inside(key), at.table(key, value)?)?,
            "questions" => lesson.questions = each(at, key, value, question)?,
            _ => return Err(at.unknown(key, &OF_LESSON)),
        }
    }
    for name in ["title", "intention", "grant", "broken", "mended"] {
        if !table.iter().any(|(key, _)| key.get_ref() == name) {
            return Err(LessonError { line: 1, key: name.to_owned(), what: "this is missing".to_owned() });
        }
    }
    Ok(lesson)
}

fn minutes(at: &At<'_>, key: Key<'_>, value: Value<'_>) -> Read<u32> {
    let minutes = at.count(key, value)?;
    let is_lesson = (1..=MOST_MINUTES).contains(&minutes);
    is_lesson.then_some(minutes).ok_or_else(|| at.wrong(key, format!("this is a number from 1 to {MOST_MINUTES}")))
}

/// A text that says something, and names no other host.
fn said(at: &At<'_>, key: Key<'_>, value: Value<'_>) -> Read<String> {
    let text = at.text(key, value)?;
    if text.trim().is_empty() {
        return Err(at.wrong(key, "this is empty"));
    }
    refuse::links(&text).map_err(|(_, why)| at.wrong(key, why))?;
    Ok(text)
}

fn all_said(at: &At<'_>, key: Key<'_>, value: Value<'_>) -> Read<Vec<String>> {
    let texts = at.texts(key, value)?;
    texts.iter().try_for_each(|text| refuse::links(text)).map_err(|(_, why)| at.wrong(key, why))?;
    Ok(texts)
}

/// `RFC 7636 section 4.6`
fn read_on(text: String) -> ReadOn {
    let (document, section) = text.split_once(" section ").unwrap_or((&text, ""));
    let is_number = document.strip_prefix("RFC ").is_none_or(|number| number.bytes().all(|b| b.is_ascii_digit()));
    let is_section = section.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
    let url = url_of(document, section).filter(|_| is_number && is_section);
    ReadOn { url, text }
}

fn grant(at: &At<'_>, key: Key<'_>, value: Value<'_>) -> Read<Grant> {
    let name = at.text(key, value)?;
    let known = || format!("there is no grant of this name; there are {}", Grant::ALL.map(Grant::slug).join(", "));
    let named = Grant::ALL.into_iter().find(|grant| grant.slug() == name);
    named.or_else(|| Grant::find(&name)).ok_or_else(|| at.wrong(key, known()))
}

fn user(at: &At<'_>, key: Key<'_>, value: Value<'_>) -> Read<String> {
    let name = at.text(key, value)?;
    match USERS.contains(&name.as_str()) {
        true => Ok(name),
        false => Err(at.wrong(key, format!("there is no user of this name; there are {}", USERS.join(", ")))),
    }
}

fn settings<'a>(at: &At<'a>, table: &'a DeTable<'a>) -> Read<Vec<(String, String)>> {
    let mut list = Vec::new();
    for (key, value) in in_order(table) {
        not_too_many(at, key, list.len())?;
        let (name, value) = (key.get_ref().to_string(), scalar(at, key, value)?);
        refuse::setting(&name, &value).map_err(|why| at.wrong(key, why))?;
        list.push((name, value));
    }
    Ok(list)
}

fn not_too_many(at: &At<'_>, key: Key<'_>, before: usize) -> Read<()> {
    match before < MOST_SETTINGS {
        true => Ok(()),
        false => Err(at.wrong(key, format!("there are {MOST_SETTINGS} at most"))),
    }
}

fn side<'a>(at: &At<'a>, table: &'a DeTable<'a>) -> Read<Side> {
    let mut side = Side::default();
    for (key, value) in in_order(table) {
        match &**key.get_ref() {
            "title" => side.title = said(at, key, value)?,
            "moment" => side.moment = said(at, key, value)?,
            "grant" => side.grant = Some(grant(at, key, value)?),
            "settings" => side.settings = settings(&at.inside(key), at.table(key, value)?)?,
            "document" => side.document = document(&at.inside(key), at.table(key, value)?)?,
            "faults" => {
                for name in at.texts(key, value)? {
                    side.faults.push(name.parse().map_err(|error| at.wrong(key, format!("{error}")))?);
                }
            }
            "steps" => side.steps = each(at, key, value, step)?,
            "expect" => side.expect = Expectations::of_table(&at.inside(key), at.table(key, value)?)?,
            "attacker" => side.attacker = of_attacker(at, key, value)?,
            _ => return Err(at.unknown(key, &OF_SIDE)),
        }
    }
    if side.steps.len() > MOST_STEPS {
        return Err(LessonError { line: side.steps[MOST_STEPS].line, key: "steps".to_owned(), what: too_many() });
    }
    Ok(side)
}

/// Members of a document that everybody can read.
fn document<'a>(at: &At<'a>, table: &'a DeTable<'a>) -> Read<Vec<(String, Json)>> {
    let mut list = Vec::new();
    for (key, value) in in_order(table) {
        not_too_many(at, key, list.len())?;
        let (name, value) = (key.get_ref().to_string(), to_json(value.get_ref()));
        if is_credential(&name) {
            return Err(at.wrong(key, "a lesson holds no secret"));
        }
        refuse::hosts(&value.to_string()).map_err(|why| at.wrong(key, why))?;
        list.push((name, value));
    }
    Ok(list)
}

fn too_many() -> String {
    format!("a side has {MOST_STEPS} steps at most")
}

/// The attacker has no run, only messages.
fn of_attacker<'a>(at: &At<'a>, key: Key<'_>, value: Value<'a>) -> Read<Expectations> {
    let expected = Expectations::of_table(&at.inside(key), at.table(key, value)?)?;
    match expected.list.iter().all(|one| matches!(one.subject, Subject::Of(..))) {
        true => Ok(expected),
        false => Err(at.wrong(key, "of an attacker only stages are expected: he has messages, and no run")),
    }
}

/// Every table of an array.
fn each<'a, T>(
    at: &At<'a>,
    key: Key<'_>,
    value: Value<'a>,
    read: impl Fn(&At<'a>, &'a DeTable<'a>, usize) -> Read<T>,
) -> Read<Vec<T>> {
    let array = value.get_ref().as_array().ok_or_else(|| at.wrong_type(key, value, "an array of tables"))?;
    let mut list = Vec::new();
    let (mut line, mut before) = (1, 0);
    for one in array {
        line += at.lines(before, one.span().start);
        before = one.span().start;
        let table = one.get_ref().as_table().ok_or_else(|| at.wrong_type(key, one, "a table"))?;
        list.push(read(&at.inside(key), table, line)?);
    }
    Ok(list)
}

fn step<'a>(at: &At<'a>, table: &'a DeTable<'a>, line: usize) -> Read<Step> {
    let (mut what, mut look) = (None, String::new());
    let (mut change, mut seconds) = (None, None);
    for (key, value) in in_order(table) {
        match &**key.get_ref() {
            "do" => what = Some((key, done(at, key, &at.text(key, value)?)?)),
            "look" => look = said(at, key, value)?,
            "change" => change = Some((key, changes(&at.inside(key), at.table(key, value)?)?)),
            "seconds" => seconds = Some((key, at.count(key, value)?)),
            _ => return Err(at.unknown(key, &OF_STEP)),
        }
    }
    let missing = || LessonError { line, key: "steps.do".to_owned(), what: "this is missing".to_owned() };
    let (key, mut what) = what.ok_or_else(missing)?;
    match (&mut what, change, seconds) {
        (What::Deed(Deed::UserOpensChangedLink(params)), Some((_, change)), None) => *params = change,
        (What::Deed(Deed::TimePasses(time)), None, Some((key, seconds))) => {
            if seconds > LONGEST_WAIT {
                return Err(at.wrong(key, format!("this is longer than {LONGEST_WAIT} seconds")));
            }
            *time = Duration::from_secs(seconds.into());
        }
        (What::Deed(Deed::UserOpensChangedLink(_)), ..) => {
            return Err(at.wrong(key, "this needs a change, and only that"));
        }
        (What::Deed(Deed::TimePasses(_)), ..) => return Err(at.wrong(key, "this needs seconds, and only that")),
        (_, Some((key, _)), _) | (_, _, Some((key, _))) => return Err(at.wrong(key, "what is done here takes none")),
        _ => {}
    }
    Ok(Step { what, look, line })
}

fn done(at: &At<'_>, key: Key<'_>, name: &str) -> Read<What> {
    let stage = Stage::find(name).map(What::Stage);
    stage.or_else(|| Deed::find(name).map(What::Deed)).ok_or_else(|| {
        let deeds = Deed::all();
        let names: Vec<&str> = deeds.iter().map(Deed::name).chain(Stage::ALL.map(Stage::slug)).collect();
        at.wrong(key, format!("there is no such step; {}", meant_or_all(names, name)))
    })
}

fn changes<'a>(at: &At<'a>, table: &'a DeTable<'a>) -> Read<Vec<(String, String)>> {
    let mut list = Vec::new();
    for (key, value) in in_order(table) {
        not_too_many(at, key, list.len())?;
        let value = scalar(at, key, value)?;
        refuse::hosts(&value).map_err(|why| at.wrong(key, why))?;
        list.push((key.get_ref().to_string(), value));
    }
    Ok(list)
}

fn question<'a>(at: &At<'a>, table: &'a DeTable<'a>, line: usize) -> Read<Question> {
    let mut question = Question { ask: String::new(), choices: Vec::new(), answer: 0, why: String::new() };
    let mut answer = None;
    for (key, value) in in_order(table) {
        match &**key.get_ref() {
            "ask" => question.ask = said(at, key, value)?,
            "choices" => question.choices = all_said(at, key, value)?,
            "answer" => answer = Some((key, at.count(key, value)?)),
            "why" => question.why = said(at, key, value)?,
            _ => return Err(at.unknown(key, &OF_QUESTION)),
        }
    }
    let missing =
        |name: &str| LessonError { line, key: format!("questions.{name}"), what: "this is missing".to_owned() };
    let is_given = [("ask", !question.ask.is_empty()), ("choices", question.choices.len() > 1)];
    if let Some((name, _)) = is_given.into_iter().chain([("why", !question.why.is_empty())]).find(|(_, is)| !is) {
        return Err(missing(name));
    }
    let (key, answer) = answer.ok_or_else(|| missing("answer"))?;
    let count = question.choices.len();
    let at_choice = usize::try_from(answer).ok().filter(|answer| (1..=count).contains(answer));
    question.answer = at_choice.ok_or_else(|| at.wrong(key, format!("this is a number from 1 to {count}")))? - 1;
    Ok(question)
}
