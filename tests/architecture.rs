//! The house rules that a compiler does not know: who may use whom, what the pure modules keep away from, what every
//! file begins with and how long it may be.

#[path = "architecture/circles.rs"]
mod circles;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Who may use whom. A module may always use itself. `practice` never sees the client's side: one misspelt
/// parameter would be wrong on both ends with every test green.
const EDGES: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("terms", &["base"]),
    ("jose", &["base"]),
    ("client", &["base", "terms", "jose"]),
    ("flow", &["base", "terms", "jose", "client"]),
    ("profile", &["base", "terms", "jose", "client", "flow"]),
    ("workload", &["base", "jose", "client"]),
    ("practice", &["base", "terms", "jose"]),
    ("demo", &["base", "terms", "client", "practice"]),
    ("export", &["base", "terms", "flow"]),
    ("record", &["base", "terms", "jose", "client", "flow", "export"]),
    ("compare", &["base", "terms", "jose", "client", "flow", "export", "record"]),
    ("capture", &["base", "terms", "jose", "client", "flow", "export", "record"]),
    ("report", &["base", "flow", "export", "record", "capture", "lesson"]),
    ("import", &["base", "terms", "client", "export", "record", "capture"]),
    ("expect", &["base", "terms", "jose", "client", "flow", "export", "compare"]),
    ("preset", &["base", "terms", "client"]),
    ("lesson", &["base", "terms", "client", "flow", "practice", "demo", "export", "record", "expect", "preset"]),
    ("io", &["base", "terms", "jose", "client", "flow", "practice", "export", "record", "capture"]),
    (
        "cli",
        &[
            "base", "terms", "jose", "client", "flow", "practice", "demo", "export", "record", "compare", "report",
            "capture", "import", "expect", "preset", "profile", "workload", "lesson", "io",
        ],
    ),
    (
        "gui",
        &[
            "base", "terms", "jose", "client", "flow", "practice", "demo", "export", "record", "compare", "report",
            "capture", "import", "expect", "preset", "profile", "workload", "lesson", "io",
        ],
    ),
];

/// Modules without I/O, and what would be I/O.
const PURE: &[&str] = &[
    "base", "terms", "jose", "client", "flow", "profile", "workload", "practice", "demo", "export", "record",
    "compare", "report", "capture", "import", "expect", "lesson",
];
const IO: [&str; 11] = [
    "std::fs",
    "std::net",
    "std::thread",
    "std::env",
    "std::process",
    "SystemTime::now",
    "Instant::now",
    "tokio::",
    "getrandom::",
    "println!",
    "log::",
];

struct Source {
    /// From the root of the repository, with `/`: `src/flow/mod.rs`.
    name: String,
    text: String,
}

impl Source {
    /// The top-level module that the file belongs to; `None` for `main.rs` and `lib.rs`.
    fn module(&self) -> Option<&str> {
        let (first, _) = self.name.strip_prefix("src/")?.split_once('/')?;
        Some(first)
    }

    /// Lines of code with their numbers, comments and tests left out.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.not_tests().lines().enumerate().map(|(at, line)| (at + 1, line));
        lines.map(|(at, line)| (at, line.split("//").next().unwrap_or(line)))
    }

    /// What is compiled not for tests only.
    fn not_tests(&self) -> &str {
        let from = if self.name.ends_with("/tests.rs") { Some(0) } else { self.text.find("#[cfg(test)]\nmod ") };
        from.map_or(&self.text, |from| &self.text[..from])
    }
}

fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            match path.is_dir() {
                true => folders.push(path),
                false => found.extend(source(root, &path)),
            }
        }
    }
    assert!(!found.is_empty(), "{folder} is empty");
    found
}

fn source(root: &Path, path: &PathBuf) -> Option<Source> {
    if path.extension()? != "rs" {
        return None;
    }
    let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
    Some(Source { name, text: fs::read_to_string(path).expect("a text file") })
}

/// Top-level modules that a line names: `crate::flow`, and each of `use crate::{flow, terms}`.
fn named(line: &str) -> Vec<&str> {
    let words = line.match_indices("crate::").flat_map(|(at, found)| {
        let rest = &line[at + found.len()..];
        match rest.strip_prefix('{') {
            Some(group) => group.split(['{', '}', ',']).map(str::trim).collect(),
            None => vec![rest],
        }
    });
    let first = |path: &'_ str| path.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(path.len());
    words.map(|path| &path[..first(path)]).filter(|name| !name.is_empty()).collect()
}

#[test]
fn modules_use_only_those_the_table_allows() {
    let sources = sources("src");
    let modules: BTreeSet<&str> = sources.iter().filter_map(Source::module).collect();
    let known: BTreeSet<&str> = EDGES.iter().map(|(module, _)| *module).collect();
    assert!(modules.is_subset(&known), "modules without a row: {:?}", modules.difference(&known));
    let mut broken = Vec::new();
    for source in &sources {
        let Some(module) = source.module() else { continue };
        let (_, allowed) = EDGES.iter().find(|(name, _)| *name == module).expect("a row");
        for (at, line) in source.code() {
            for used in named(line).into_iter().filter(|used| known.contains(used)) {
                if used != module && !allowed.contains(&used) {
                    broken.push(format!("{}:{at}: {module} uses {used}: {}", source.name, line.trim()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "edges that are not in the table:\n{}", broken.join("\n"));
}

#[test]
fn names_in_a_line_are_found_alone_and_in_groups() {
    assert_eq!(named("use crate::flow::{Action, Next};"), ["flow"]);
    assert_eq!(named("use crate::{base::time, terms};"), ["base", "terms"]);
    assert_eq!(named("let a = crate::io::clock::now(crate::base::X);"), ["io", "base"]);
    assert!(named("use super::flow;").is_empty());
}

#[test]
fn pure_modules_touch_no_clock_socket_thread_file_or_environment() {
    let mut found = Vec::new();
    /// Programs for others, as text.
    const PROGRAMS: &str = "src/report/code/";
    let is_pure = |source: &&Source| source.module().is_some_and(|module| PURE.contains(&module));
    for source in sources("src").iter().filter(is_pure).filter(|source| !source.name.starts_with(PROGRAMS)) {
        for (at, code) in source.code() {
            found.extend(IO.iter().filter(|io| names(code, io)).map(|io| format!("{}:{at}: {io}", source.name)));
        }
    }
    assert!(found.is_empty(), "I/O in a pure module:\n{}", found.join("\n"));
}

/// Whether the line names this path, and not one that ends like it.
fn names(line: &str, path: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(path).any(|(at, _)| !line[..at].ends_with(is_part))
}

#[test]
fn every_file_says_first_what_it_is() {
    let all = ["src", "tests", "benches"].into_iter().flat_map(sources);
    let silent: Vec<String> = all.filter(|file| !file.text.starts_with("//! ")).map(|file| file.name).collect();
    assert!(silent.is_empty(), "no //! at the top of {silent:?}");
}

/// Most lines of a file, its tests left out.
const FILE_LIMIT: usize = 450;
/// Most lines of a file of tests.
const TEST_FILE_LIMIT: usize = 600;
/// Files of tests that are longer, and how long. They may only shrink.
const LONG_TESTS: [(&str, usize); 1] = [("tests/authorization_code.rs", 830)];

#[test]
fn no_file_is_longer_than_one_reads_at_once() {
    let limit = |file: &Source| match LONG_TESTS.iter().find(|(name, _)| *name == file.name) {
        Some((_, limit)) => *limit,
        None if file.name.starts_with("src/") && !file.name.ends_with("/tests.rs") => FILE_LIMIT,
        None => TEST_FILE_LIMIT,
    };
    let all = ["src", "tests", "benches", "examples"].into_iter().flat_map(sources);
    let lines = |file: &Source| file.not_tests().lines().count();
    let long: Vec<String> = all
        .filter(|file| lines(file) > limit(file))
        .map(|file| format!("{}: {} lines of {}", file.name, lines(&file), limit(&file)))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}
