//! Lessons without a window.

use crate::*;

/// With own lessons in this folder and in no other.
fn lesson(home: &tempfile::TempDir, arguments: &[&str]) -> Done {
    let mut command = program(&["lesson"]);
    command.args(arguments).env("XDG_CONFIG_HOME", home.path()).env("HOME", home.path());
    Done::of(command.output().expect("it starts"))
}

/// The lesson of the documentation.
fn example(home: &tempfile::TempDir) -> String {
    let format = lesson(home, &["format"]);
    assert_eq!(format.code, 0);
    let (_, rest) = format.out.split_once("```markdown\n").expect("an example");
    rest.split_once("\n```").expect("its end").0.to_owned()
}

#[test]
fn every_lesson_comes_as_it_says_and_is_told_as_json() {
    let home = folder();
    let done = lesson(&home, &["run", "--all"]);
    assert_eq!(done.code, 0, "{}", done.story);
    let json = done.json();
    assert!(json.elements().len() >= 15);
    for one in json.elements() {
        assert_eq!(one.get("as_said"), Some(&Json::Bool(true)));
        for side in ["broken", "mended"] {
            let side = one.get(side).expect("a side");
            assert!(!side.get("expected").expect("expectations").elements().is_empty());
            assert!(side.get("steps").expect("steps").elements().iter().all(|step| step.text("by").is_some()));
        }
    }
    assert!(done.story.contains("lessons break where they say and are mended where they say"));
}

#[test]
fn lessons_and_courses_are_named_with_those_of_the_own_folder() {
    let home = folder();
    let own = home.path().join("grantscope").join("lessons");
    std::fs::create_dir_all(&own).expect("a folder");
    std::fs::write(own.join("mine.md"), example(&home)).expect("written");
    std::fs::write(own.join("week.toml"), "title = \"A week\"\nlessons = [\"mine\", \"stolen_code\"]\n")
        .expect("written");
    let list = lesson(&home, &["list"]).json();
    let named = |kind: &str, name: &str| list.elements().iter().any(|one| one.text(kind) == Some(name));
    assert!(named("lesson", "mine") && named("lesson", "mix_up") && named("course", "week"));
    assert!(named("course", "first_day"));
    let done = lesson(&home, &["run", "week"]);
    assert_eq!((done.code, done.json().elements().len()), (0, 2), "{}", done.story);
    std::fs::write(own.join("odd.md"), "+++\ntitel = 1\n+++\n").expect("written");
    std::fs::write(own.join("mix_up.md"), example(&home)).expect("written");
    let done = lesson(&home, &["list"]);
    assert_eq!(done.code, 0);
    assert!(done.story.contains("odd.md: line 2: titel"), "{}", done.story);
    let json = done.json();
    let same: Vec<_> = json.elements().iter().filter(|one| one.text("lesson") == Some("mix_up")).collect();
    assert_eq!(
        same.iter().map(|one| one.text("title")).collect::<Vec<_>>(),
        [Some("A wrong nonce")],
        "the own one counts"
    );
    for (name, code) in [("stolen_code", 0), ("odd", 2)] {
        assert_eq!(lesson(&home, &["run", name]).code, code, "{name}");
    }
    assert_eq!(lesson(&home, &["check", own.join("week.toml").to_str().expect("UTF-8")]).code, 0);
    let both = lesson(&home, &["run", own.join("week.toml").to_str().expect("UTF-8")]);
    assert_eq!(both.code, 0, "{}", both.story);
}

#[test]
fn a_file_that_cannot_be_read_stops_no_other() {
    let home = folder();
    let own = home.path().join("grantscope").join("lessons");
    std::fs::create_dir_all(own.join("folder.md")).expect("a folder");
    std::fs::write(own.join("stolen_code.md"), "+++\ntitel = 1\n+++\n").expect("written");
    std::fs::write(own.join("bytes.md"), b"+++\n\xff\n+++\n").expect("written");
    std::fs::write(own.join("long.md"), example(&home).replace("minutes = 12", "minutes = 4294967295"))
        .expect("written");
    std::fs::write(own.join("twice.toml"), "title = \"a\"\nlessons = [\"logout\", \"logout\"]\n").expect("written");
    std::fs::write(own.join("days.toml"), "title = \"a\"\nlessons = [\"logout\", \"long\"]\n").expect("written");
    let pipe = own.join("pipe.md");
    #[cfg(unix)]
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let all = [
        "folder.md is a folder, and no file",
        "stolen_code.md: line 2: titel",
        "bytes.md is not UTF-8 text",
        "long.md: line 5: minutes: this is a number from 1 to 600",
        "pipe.md is a pipe",
    ];
    let (shipped, courses) = (grantscope::lesson::built_in().len(), grantscope::lesson::courses().len());
    for (arguments, code, count, says) in [
        (&["list"][..], 0, shipped + courses + 1, &all[..]),
        (&["run", "--all"], 2, shipped, &all),
        (&["run", "mix_up"], 0, 1, &[]),
        (&["run", "stolen_code"], 2, 1, &all[1..2]),
        (&["run", "days"], 2, 1, &all[3..4]),
        (&["run", "twice"], 2, 0, &["twice.toml: line 2: lessons: logout is named twice"]),
        (&["run", pipe.to_str().expect("UTF-8")], 2, 0, &all[4..]),
        (&["check", pipe.to_str().expect("UTF-8")], 2, 0, &all[4..]),
    ] {
        let done = lesson(&home, arguments);
        assert_eq!(done.code, code, "{arguments:?}: {}", done.story);
        if count > 0 {
            assert_eq!(done.json().elements().len(), count, "{arguments:?}");
        }
        for says in says {
            assert!(done.story.contains(says), "{arguments:?}: {says}: {}", done.story);
        }
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_line_and_what_does_not_come_as_it_says_fails() {
    let home = folder();
    let example = example(&home);
    let write = |name: &str, text: &str| file(&home, name, text);
    let good = write("good.md", &example);
    let wrong = write("wrong.md", &example.replace("outcome = \"failed\"", "outcome = \"success\""));
    let broken = write("broken.md", &example.replace("grant = ", "gran = "));
    let hostile =
        write("hostile.md", &example.replace("client_id = ", "issuer = \"https://evil.test/\"\nclient_id = "));
    let bare = write("bare.md", &example.replace("minutes = 12", ""));
    for (arguments, code, says) in [
        (&["check", &good][..], 0, "a complete lesson"),
        (&["run", &good], 0, "A wrong nonce"),
        (&["check", &wrong], 0, "a complete lesson"),
        (&["run", &wrong], 1, "outcome is \"success\"; came: failed"),
        (&["check", &bare], 1, "minutes is missing"),
        (&["check", &broken], 2, "line 8: gran: this key is not known; did you mean grant?"),
        (&["run", &broken], 2, "line 8: gran"),
        (&["check", &hostile], 2, "settings.issuer: a lesson names no other host"),
        (&["run", &hostile], 2, "https://evil.test/"),
        (&["check", "nowhere.md"], 2, "nowhere.md"),
        (&["run", "nowhere"], 2, "there is no lesson nowhere; there are happy_path"),
        (&["run"], 2, "required"),
        (&["export", "stolen_code"], 2, "required"),
        (&["export", "first_day", "--html", "-"], 2, "is a course"),
    ] {
        let done = lesson(&home, arguments);
        assert_eq!(done.code, code, "{arguments:?}: {}", done.story);
        assert!(done.story.contains(says), "{arguments:?}: {}", done.story);
    }
}

#[test]
fn a_handout_is_written_with_pictures_and_without_credentials() {
    let home = folder();
    let [html, markdown] = ["a.html", "a.md"].map(|name| home.path().join(name));
    let paths = [&html, &markdown].map(|path| path.to_str().expect("UTF-8"));
    let done = lesson(&home, &["export", "mix_up", "--html", paths[0], "--markdown", paths[1]]);
    assert_eq!(done.code, 0, "{}", done.story);
    for path in paths {
        let text = std::fs::read_to_string(path).expect("written");
        assert_eq!(text.matches("<svg").count(), 2, "{path}");
        for words in ["Second server", "Attacker", "What is different", "Answers", "rfc9207.html#section-2.4"] {
            assert!(text.contains(words), "{path}: {words}");
        }
    }
    let printed = lesson(&home, &["export", "mix_up", "--markdown", "-"]);
    // Keys are made for each play, and name themselves in the tokens.
    let without_tokens = |text: &str| text.lines().filter(|line| !line.contains("eyJ")).collect::<Vec<_>>().join("\n");
    let written = std::fs::read_to_string(paths[1]).expect("written");
    assert_eq!(without_tokens(&printed.out), without_tokens(&written));
}
