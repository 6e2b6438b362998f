//! The lessons and courses that are part of the program.

macro_rules! files {
    ($ending:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../assets/lessons/", $name, $ending)))),*]
    };
}

static LESSONS: &[(&str, &str)] = files![".md":
    "happy_path",
];

static COURSES: &[(&str, &str)] = files![".toml":
];

/// All lessons as name and text, in the order in which they are offered.
pub fn built_in() -> &'static [(&'static str, &'static str)] {
    LESSONS
}

/// All courses as name and text.
pub fn courses() -> &'static [(&'static str, &'static str)] {
    COURSES
}

/// The text of the lesson of this name.
pub fn find(name: &str) -> Option<&'static str> {
    LESSONS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
