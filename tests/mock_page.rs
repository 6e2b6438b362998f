//! The examples of the page about the mock server do what they say: each is taken out of the page and run, where the
//! machine has the program that it is written for.

use std::path::Path;
use std::process::{Command, Stdio};

const PAGE: &str = include_str!("../examples/mock/README.md");
const MARK: &str = "<!-- run: ";

/// The examples to run: with what, and their text.
fn examples() -> Vec<(&'static str, &'static str)> {
    let marked = PAGE.split(MARK).skip(1);
    let read = marked.map(|rest| {
        let (program, rest) = rest.split_once(" -->\n```").expect("a block below the mark");
        let (_, rest) = rest.split_once('\n').expect("a language");
        (program, rest.split_once("```\n").expect("the block ends").0)
    });
    read.collect()
}

fn is_there(program: &str) -> bool {
    Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|it| it.success())
}

/// The text as a file, and what runs it.
fn file(program: &str, text: &str, folder: &Path) -> Vec<String> {
    let (name, text) = match program {
        "python3" => {
            let tests = text.lines().filter_map(|line| line.strip_prefix("def test_")?.split_once('('));
            let calls: String = tests.map(|(name, _)| format!("test_{name}()\n")).collect();
            ("test_login.py", format!("{text}\n{calls}"))
        }
        "sh" => ("begin.sh", format!("set -e\n{text}")),
        _ => ("login.test.mjs", text.to_owned()),
    };
    let path = folder.join(name);
    std::fs::write(&path, text).expect("written");
    program.split(' ').map(str::to_owned).chain([path.to_string_lossy().into_owned()]).collect()
}

#[test]
fn each_example_of_the_page_runs() {
    let program = Path::new(env!("CARGO_BIN_EXE_grantscope")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let examples = examples();
    assert_eq!(examples.iter().map(|(program, _)| *program).collect::<Vec<_>>(), ["sh", "python3", "node --test"]);
    for (program, text) in examples {
        let needed = [program.split(' ').next().unwrap_or_default(), "curl"];
        if !needed.into_iter().all(is_there) {
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let line = file(program, text, folder.path());
        let done = Command::new(&line[0]).args(&line[1..]).env("PATH", &path).current_dir(folder.path()).output();
        let done = done.expect("it starts");
        let told = [done.stdout, done.stderr].concat();
        assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&told));
    }
}
