//! Files that a command reads and writes: none is written over another, and `-` is standard output in all of them.

use crate::*;

const MACHINE: [&str; 2] = ["run", "client-credentials"];

/// Refused before anything is sent or written.
#[track_caller]
fn refused(arguments: &[&str], says: &str) {
    let done = run(arguments);
    assert_eq!((done.code, done.out.as_str()), (2, ""), "{arguments:?}: {}", done.story);
    assert!(done.story.contains(says), "{arguments:?}: {} does not say {says}", done.story);
}

#[test]
fn nothing_is_written_over_what_is_read_or_written_as_something_else() {
    let folder = folder();
    let saved = file(&folder, "run.json", &run(&MACHINE).out);
    let expected = file(&folder, "e.toml", "version = 1\nfinding = \"none\"\n");
    let suite = file(&folder, "suite.toml", "version = 1\n[[run]]\nname = \"a\"\ngrant = \"client-credentials\"\n");
    let config = file(&folder, "serve.toml", "code_lifetime = 7\n");
    let lesson = file(&folder, "lesson.md", "a lesson");
    let request = file(&folder, "request.txt", "curl https://as.example/token -d grant_type=client_credentials");
    let new = folder.path().join("new").to_str().expect("UTF-8").to_owned();
    let dotted = folder.path().join(".").join("new").to_str().expect("UTF-8").to_owned();
    let secret = format!("client_secret=@{expected}");
    let with = |more: &[&'static str]| MACHINE.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>();
    let written_over = "would be written over";
    for (arguments, says) in [
        ([&["show", &saved][..], &["--har", &saved]].concat(), "is the run, which would be written over"),
        ([&["show", &saved][..], &["--expect", &expected, "--html", &expected]].concat(), written_over),
        (vec!["capture", &saved, "--html", &saved], "is the recording, which"),
        (vec!["capture", &saved, "--html", &new, "--junit", &dotted], "--html and --junit cannot both be"),
        ([&with(&[])[..], &["--expect", &expected, "--junit", &expected]].concat(), "is the expectations, which"),
        ([&with(&[])[..], &["--set", &secret, "--save", &expected]].concat(), "is client_secret, which"),
        ([&with(&[])[..], &["--save", &new, "--har", &dotted]].concat(), "--save and --har cannot both be"),
        ([&with(&[])[..], &["--har", &new, "--markdown", &new]].concat(), "cannot both be"),
        (with(&["--save", "-", "--junit", "-"]), "--save and --junit cannot both be standard output"),
        (vec!["suite", &suite, "--junit", &suite], "is the suite, which"),
        (vec!["lesson", "export", &lesson, "--html", &lesson], "is the lesson, which"),
        (vec!["import", &request, "--preset", &request, "--force"], "is what is taken in, which"),
        (vec!["serve", "--port", "0", "--config", &config, "--ready-file", &config], "is the configuration, which"),
        (vec!["serve", "--port", "0", "--ready-file", "-"], "--ready-file needs a file"),
        (vec!["serve", "--port", "0", "--ready-file", "/nowhere/x.json"], "--ready-file: /nowhere/x.json"),
        (vec!["between", "--issuer", "http://127.0.0.1:9", "--save", "/nowhere/x.json"], "--save: /nowhere/x.json"),
        (with(&["--junit", "/nowhere/x.xml"]), "--junit: /nowhere/x.xml cannot be written"),
    ] {
        refused(&arguments, says);
    }
    assert_eq!(std::fs::read_to_string(&lesson).expect("it is there"), "a lesson");
    assert!(!std::path::Path::new(&new).exists());
}

#[test]
fn a_dash_is_standard_output_in_the_place_of_the_result() {
    let folder = folder();
    let suite = file(&folder, "suite.toml", "version = 1\n[[run]]\nname = \"a\"\ngrant = \"client-credentials\"\n");
    let request =
        file(&folder, "request.txt", "curl https://as.example/token -d grant_type=client_credentials -d client_id=a");
    let within =
        |arguments: &[&str]| Done::of(program(arguments).current_dir(folder.path()).output().expect("it starts"));
    let saved = within(&[&MACHINE[..], &["--save", "-"]].concat());
    saved.assert_success();
    let shown = fed(&["show", "-", "--json"], &saved.out);
    assert_eq!((shown.code, shown.json().text("outcome")), (0, Some("success")), "{}", shown.story);
    for arguments in [&[&MACHINE[..], &["--junit", "-"]].concat()[..], &["suite", &suite, "--junit", "-"]] {
        let done = within(arguments);
        assert_eq!(done.code, 0, "{}", done.story);
        let xml = roxmltree::Document::parse(&done.out).unwrap_or_else(|error| panic!("{error}: {}", done.out));
        assert!(xml.descendants().any(|node| node.has_tag_name("testsuite")));
    }
    let preset = within(&["import", &request, "--preset", "-"]);
    assert_eq!(preset.code, 0, "{}", preset.story);
    let preset = file(&folder, "mine.toml", &preset.out);
    assert_eq!(run(&["presets", "check", &preset]).code, 0);
    assert!(!folder.path().join("-").exists());
}

/// A path that no file can have, with why.
const UNREADABLE: [(&str, &str); 4] = [
    ("missing", "there is no file "),
    ("", " is a folder, and no file"),
    ("empty/inside", "a part of its path is a file"),
    ("loop", " cannot be read: "),
];

#[test]
fn what_is_missing_a_folder_or_empty_is_said_and_nothing_is_sent() {
    let folder = folder();
    let empty = file(&folder, "empty", "");
    #[cfg(unix)]
    std::os::unix::fs::symlink("loop", folder.path().join("loop")).expect("a link");
    let unreadable =
        UNREADABLE.map(|(name, says)| (folder.path().join(name).to_str().expect("UTF-8").to_owned(), says));
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.e30.AA";
    // What the help of a command says otherwise.
    let documented = |command: &str| matches!(command, "capture" | "presets" | "import" | "client-document" | "jwt");
    for (path, says) in unreadable.iter().map(|(path, says)| (path, *says)).chain([(&empty, "")]) {
        let at = format!("@{path}");
        let secret = format!("client_secret=@{path}");
        for arguments in [
            &["suite", path][..],
            &["show", path],
            &["capture", path],
            &["import", path],
            &["diff", path, path],
            &["jwt", "decode", &at],
            &["jwt", "verify", &at, "--key", path],
            &["jwt", "verify", TOKEN, "--jwks", path],
            &["jwt", "verify", TOKEN, "--secret-file", path],
            &["jwt", "trust", TOKEN, "--policy", path],
            &["client-document", "check", path],
            &["lesson", "check", path],
            &["lesson", "export", path, "--html", "-"],
            &["presets", "check", path],
            &["run", "client-credentials", "--preset", path],
            &["run", "client-credentials", "--expect", path],
            &["run", "client-credentials", "--set", &secret],
            &["discover", "http://127.0.0.1:9", "--certificate-authority", path],
            &["between", "--issuer", "http://127.0.0.1:9", "--certificate-authority", path],
            &["serve", "--port", "0", "--key", path],
            &["serve", "--convert", path],
        ] {
            let done = run(arguments);
            let expected = if documented(arguments[0]) { 1..=2 } else { 2..=2 };
            assert!(expected.contains(&done.code), "{arguments:?}: {} {}", done.code, done.story);
            assert!(!done.story.trim().is_empty() && !done.story.contains("os error"), "{arguments:?}: {}", done.story);
            // What is no file may be the name of a preset or of a lesson.
            let is_told = done.story.contains(says) && done.story.matches(path).count() == 1;
            let is_name = matches!(arguments[1], "client-credentials" | "export");
            assert!(is_told || is_name || says.is_empty(), "{arguments:?}: {}", done.story);
        }
    }
}

#[test]
fn what_cannot_be_written_is_said_in_plain_words() {
    let folder = folder();
    let taken = file(&folder, "taken", "");
    let inside = format!("{taken}/new");
    let missing = folder.path().join("missing/new").to_str().expect("UTF-8").to_owned();
    let at = folder.path().to_str().expect("UTF-8").to_owned();
    let long = folder.path().join("a".repeat(300)).to_str().expect("UTF-8").to_owned();
    let suite = file(&folder, "suite.toml", "version = 1\n[[run]]\nname = \"a\"\ngrant = \"client-credentials\"\n");
    let request = file(&folder, "request.txt", "curl https://as.example/token -d grant_type=client_credentials");
    for (arguments, says) in [
        ([&MACHINE[..], &["--save", &inside]].concat(), "a part of its path is a file"),
        ([&MACHINE[..], &["--html", &missing]].concat(), "there is no such folder; make it"),
        ([&MACHINE[..], &["--html", &at]].concat(), "it is a folder; name a file in it"),
        ([&MACHINE[..], &["--har", &long]].concat(), "its name is too long"),
        (vec!["suite", &suite, "--report", &inside], "a part of its path is a file"),
        (vec!["import", &request, "--preset", &missing], "there is no such folder; make it"),
        (vec!["serve", "--write-config", &missing], "there is no such folder; make it"),
        (vec!["serve", "--port", "0", "--write-certificates", &inside], "a part of its path is a file"),
    ] {
        let done = run(&arguments);
        assert_ne!(done.code, 0, "{arguments:?}: {}", done.story);
        assert!(done.story.contains(says) && !done.story.contains("os error"), "{arguments:?}: {}", done.story);
    }
}

/// PowerShell redirects into UTF-16, and recordings are kept packed.
#[test]
fn files_are_read_however_they_are_packed_and_written() {
    use std::io::Write as _;

    let folder = folder();
    let utf_16 =
        |text: &str| -> Vec<u8> { format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path.to_str().expect("UTF-8").to_owned()
    };
    let packed = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).expect("packed");
        encoder.finish().expect("packed")
    };
    let har = run(&["run", "authorization-code", "--sign-in", "alice", "--har", "-"]).out;
    let saved = run(&MACHINE).out;
    for recording in [write("a.har.gz", &packed(har.as_bytes())), write("b.har", &utf_16(&har))] {
        let done = run(&["capture", &recording]);
        assert_eq!(done.code, 0, "{}", done.story);
        assert!(done.story.contains("signed in"), "{}", done.story);
    }
    for arguments in [
        &["show", &write("run.json", &utf_16(&saved))][..],
        &["jwt", "decode", &format!("@{}", write("t.txt", &utf_16("eyJhbGciOiJub25lIn0.eyJpc3MiOiJhIn0.\r\n")))],
    ] {
        let done = run(arguments);
        assert_eq!(done.code, 0, "{arguments:?}: {}", done.story);
    }
    let preset = run(&["presets", "check", &write("p.toml", &utf_16("version = 1\n"))]);
    assert!(preset.code == 1 && preset.story.contains("UTF-8"), "TOML is nothing else: {}", preset.story);
    let bomb = packed(&vec![b' '; 70 * 1024 * 1024]);
    for (name, bytes, says) in [
        ("c.zip", &b"PK\x03\x04rest"[..], "is a ZIP archive"),
        ("d.gz", &bomb[..], "is gzip, and larger than 64 MiB"),
        ("e.png", &b"\x89PNG\r\n\x1a\n\0\0"[..], "it is no text"),
    ] {
        let done = run(&["capture", &write(name, bytes)]);
        assert_eq!(done.code, 1, "{}", done.story);
        assert!(done.story.contains(says), "{says}: {}", done.story);
    }
}
