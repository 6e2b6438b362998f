//! A course: lessons in the order in which they are given, in one file of TOML.

use std::collections::HashSet;

use super::{LessonError, VERSION};
use crate::base::text::visible;
use crate::expect::{At, in_order, integer, toml};

const KEYS: [&str; 4] = ["version", "title", "about", "lessons"];

/// A list of lessons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// What it is called.
    pub title: String,
    /// For whom it is.
    pub about: String,
    /// The names of the lessons, in order.
    pub lessons: Vec<String>,
}

impl Course {
    /// Reads a course.
    ///
    /// # Errors
    /// Names the line and the key of the first thing that is not understood.
    pub fn parse(source: &str) -> Result<Self, LessonError> {
        let document = toml(source)?;
        let (at, mut course) = (At::new(source, String::new()), Self::default());
        for (key, value) in in_order(document.get_ref()) {
            match &**key.get_ref() {
                "version" if integer(value.get_ref()) == Some(VERSION) => {}
                "version" => return Err(at.wrong(key, format!("this program reads version {VERSION}"))),
                "title" => course.title = at.text(key, value)?,
                "about" => course.about = at.text(key, value)?,
                "lessons" => {
                    course.lessons = at.texts(key, value)?;
                    if let Some(odd) = course.lessons.iter().find(|name| !is_name(name)) {
                        return Err(at.wrong(key, format!("{} is no name of a lesson", visible(odd))));
                    }
                    let mut named = HashSet::new();
                    if let Some(twice) = course.lessons.iter().find(|name| !named.insert(name.as_str())) {
                        return Err(at.wrong(key, format!("{twice} is named twice")));
                    }
                }
                _ => return Err(at.unknown(key, &KEYS)),
            }
        }
        match (course.title.is_empty(), course.lessons.is_empty()) {
            (true, _) => Err(LessonError { line: 1, key: "title".to_owned(), what: "this is missing".to_owned() }),
            (_, true) => Err(LessonError { line: 1, key: "lessons".to_owned(), what: "this is missing".to_owned() }),
            _ => Ok(course),
        }
    }
}

/// Whether a text can name a lesson: it is the name of a file, without its ending, and no way to one.
pub fn is_name(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ');
    !text.is_empty() && text.chars().count() <= 100 && text.chars().all(is_plain)
}
