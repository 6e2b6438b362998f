//! Lessons: every one that ships breaks where it says and is mended where it says, each file is complete, and what a
//! stranger may write is refused with its line and key.

use std::collections::BTreeSet;
use std::sync::Arc;

use grantscope::base::http::is_loopback;
use grantscope::flow::stage::{Stage, json_of};
use grantscope::flow::trace::Answer;
use grantscope::lesson::ladder::{Party, arrows, parties};
use grantscope::lesson::{
    Course, Deed, FILE_LIMIT, Lesson, Part, Play, Played, Question, Side, Step, built_in, courses, differences, find,
    in_language, played,
};
use grantscope::practice::Fault;
use grantscope::report::lesson::Handout;

const README: &str = include_str!("../assets/lessons/README.md");

fn all() -> Vec<(&'static str, Lesson)> {
    let read = |(name, source): &(&'static str, &'static str)| {
        (*name, Lesson::parse(source).unwrap_or_else(|error| panic!("{name}: {error}")))
    };
    built_in().iter().map(read).collect()
}

fn lesson(name: &str) -> Lesson {
    Lesson::parse(find(name).expect("a lesson")).expect("a lesson")
}

fn both(lesson: &Lesson) -> [Played; 2] {
    Part::ALL.map(|part| played(lesson, part).expect("a practice server"))
}

#[test]
fn every_lesson_breaks_where_it_says_and_is_mended_where_it_says() {
    for (name, lesson) in all() {
        for played in both(&lesson) {
            let unmet: Vec<String> = played
                .expectations()
                .filter(|met| !met.is_met())
                .map(|met| format!("{}; came: {}", met.expected, met.came))
                .collect();
            assert!(played.is_as_said(), "{name}, {}: {:?} {unmet:#?}", played.part.name(), played.stuck);
        }
    }
}

/// Without its words and their places in the file.
fn bare(lesson: &Lesson) -> Lesson {
    let side = |side: &Side| Side {
        title: String::new(),
        moment: String::new(),
        steps: side.steps.iter().map(|step| Step { look: String::new(), line: 0, ..step.clone() }).collect(),
        ..side.clone()
    };
    let question = |question: &Question| Question {
        ask: String::new(),
        choices: vec![String::new(); question.choices.len()],
        why: String::new(),
        ..question.clone()
    };
    Lesson {
        title: String::new(),
        intention: String::new(),
        before: vec![String::new(); lesson.before.len()],
        text: String::new(),
        broken: side(&lesson.broken),
        mended: side(&lesson.mended),
        questions: lesson.questions.iter().map(question).collect(),
        ..lesson.clone()
    }
}

/// The names in a text that stay as they are, whichever language it is in.
fn names(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn a_lesson_in_another_language_is_the_same_in_other_words() {
    for (tag, least) in [("de", 34), ("xx", 0)] {
        let told = in_language(tag);
        assert!(told.len() >= least, "{tag}: {} lessons", told.len());
        let folder = std::fs::read_dir(format!("assets/lessons/{tag}")).map_or(0, Iterator::count);
        assert_eq!(told.len(), folder, "a file of assets/lessons/{tag} is not in the program");
        for (name, source) in told {
            let (english, other) =
                (lesson(name), Lesson::parse(source).unwrap_or_else(|error| panic!("{name}: {error}")));
            assert_eq!(format!("{:#?}", bare(&english)), format!("{:#?}", bare(&other)), "{tag}, {name}");
            assert_ne!(english.title, other.title, "{tag}, {name}");
            assert_eq!(names(&english.text), names(&other.text), "{tag}, {name}");
            let headings = |lesson: &Lesson| lesson.text.matches("\n## ").count();
            assert_eq!(headings(&english), headings(&other), "{tag}, {name}");
        }
    }
}

#[test]
fn every_lesson_is_complete() {
    let entries = std::fs::read_dir("assets/lessons").expect("a folder");
    let files = entries.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_file())).count();
    assert_eq!(files, built_in().len() + courses().len() + 1, "a file of assets/lessons is not in the program");
    let lessons = all();
    assert!(lessons.len() >= 15);
    for (name, lesson) in &lessons {
        assert_eq!(lesson.doubts(), Vec::<String>::new(), "{name}");
        assert!((12..=15).contains(&lesson.minutes), "{name}: {} minutes", lesson.minutes);
        let words = lesson.text.split_whitespace().count();
        assert!((150..=600).contains(&words), "{name}: {words} words");
        assert!(lesson.intention.ends_with('.') && !lesson.title.ends_with('.'), "{name}");
        assert!(lesson.read_on.len() >= 3, "{name}");
        for question in &lesson.questions {
            let choices: BTreeSet<&String> = question.choices.iter().collect();
            assert_eq!(choices.len(), question.choices.len(), "{name}: {}", question.ask);
        }
        assert!(!lesson.text.contains("! "), "{name}: no exclamation marks");
        for part in Part::ALL {
            // What a side says is held to something.
            let side = lesson.side(part);
            assert!(!side.expect.list.is_empty() || !side.attacker.list.is_empty(), "{name}");
        }
    }
    let answers: BTreeSet<usize> =
        lessons.iter().flat_map(|(_, lesson)| &lesson.questions).map(|it| it.answer).collect();
    assert!(answers.len() > 2, "the right answer is always at the same place");
}

#[test]
fn every_course_names_lessons_that_there_are() {
    for (name, source) in courses() {
        let course = Course::parse(source).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!course.about.is_empty(), "{name}");
        for lesson in &course.lessons {
            assert!(find(lesson).is_some(), "{name}: {lesson}");
        }
    }
    for (text, line, says) in [
        ("title = \"a\"", 1, "lessons: this is missing"),
        ("title = \"a\"\nlessons = [\"../../etc/passwd\"]", 2, "no name of a lesson"),
        ("title = \"a\"\nlesons = []", 2, "did you mean lessons?"),
        ("title = \"a\"\nlessons = [\"a\", \"b\", \"a\"]", 2, "a is named twice"),
        ("version = 2", 1, "version 1"),
        ("title = ", 1, "not TOML"),
    ] {
        let error = Course::parse(text).expect_err(text);
        assert_eq!(error.line, line, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

/// The lesson of the documentation, with another text in the place of one.
fn changed(from: &str, to: &str) -> String {
    let example = example();
    assert!(example.contains(from), "{from}");
    example.replacen(from, to, 1)
}

fn example() -> String {
    let (_, rest) = README.split_once("```markdown\n").expect("an example");
    rest.split_once("\n```").expect("its end").0.to_owned()
}

#[test]
fn the_documented_example_is_a_complete_lesson_and_comes_as_it_says() {
    let lesson = Lesson::parse(&example()).expect("a lesson");
    assert_eq!(lesson.doubts(), Vec::<String>::new());
    assert!(both(&lesson).iter().all(Played::is_as_said));
    for deed in Deed::all() {
        assert!(README.contains(&format!("| `{}` |", deed.name())), "{} is not documented", deed.name());
    }
    let (_, course) = README.split_once("```toml\n").expect("a course");
    Course::parse(course.split_once("```").expect("its end").0).expect("a course");
}

#[test]
fn what_is_not_understood_or_not_allowed_is_told_with_its_line_and_key() {
    let example = example();
    for (from, to, below, says) in [
        ("title = \"A wrong nonce\"", "titel = \"A wrong nonce\"", 0, "titel: this key is not known; did you mean"),
        ("user = \"alice\"", "user = \"carol\"", 0, "user: there is no user of this name; there are alice, bob"),
        ("grant = \"authorization_code\"", "grant = \"magic\"", 0, "grant: there is no grant of this name"),
        ("do = \"app goes on\"", "do = \"app gose on\"", 0, "steps.do: there is no such step"),
        ("do = \"token\"", "do = \"token\"\nseconds = 3", 1, "steps.seconds: what is done here takes none"),
        ("do = \"app goes on\"", "do = \"time passes\"", 0, "this needs seconds"),
        ("faults = [\"wrong_nonce\"]", "faults = [\"wrong_nonse\"]", 0, "faults: there is no fault of this name"),
        ("\"id_token.nonce\" = \"fail\"", "\"id_token.nonse\" = \"fail\"", 0, "did you mean id_token.nonce?"),
        ("answer = 2 ", "answer = 4 ", 0, "questions.answer: this is a number from 1 to 3"),
        ("scope = \"openid profile\"", "client_secret = \"x\"", 0, "settings.client_secret: a lesson holds no secret"),
        ("scope = \"openid profile\"", "private_key = \"x\"", 0, "a lesson holds no secret"),
        ("scope = \"openid profile\"", "scope = \"env:HOME\"", 0, "settings.scope: a lesson names no variable"),
        ("scope = \"openid profile\"", "assertion_claims = \"@/etc/passwd\"", 0, "a lesson names no file"),
        (
            "scope = \"openid profile\"",
            "issuer = \"https://idp.test\"",
            0,
            "settings.issuer: a lesson names no other host",
        ),
        ("scope = \"openid profile\"", "api_url = \"http://10.0.0.1/\"", 0, "no other host"),
        ("scope = \"openid profile\"", "extra.a = 1", 0, "a string, a number, true or false"),
        ("intention = \"An", "intention = \"[x](https://evil.test) An", 0, "intention: a lesson names no other host"),
        ("The text of the lesson", "A [link](http://evil.test/) in", 0, "no other host"),
        ("[[mended.steps]]", "[mended.attacker]\noutcome = \"success\"\n[[mended.steps]]", 0, "only stages"),
        (
            "settings = {} ",
            "document = { client_secret = \"x\" } ",
            0,
            "document.client_secret: a lesson holds no secret",
        ),
        (
            "settings = {} ",
            "document = { redirect_uris = [\"http:evil.test\"] } ",
            0,
            "document.redirect_uris: a lesson names",
        ),
        ("minutes = 12", "minutes = 601", 0, "minutes: this is a number from 1 to 600"),
        ("minutes = 12", "minutes = 0", 0, "minutes: this is a number from 1 to 600"),
        ("+++\nversion", "version", 0, "begins with a line +++"),
    ] {
        let error = Lesson::parse(&changed(from, to)).expect_err(to);
        assert!(error.to_string().contains(says), "{to}: {error}");
        let (before, _) = example.split_once(from).expect("it is there");
        assert_eq!(error.line, 1 + before.matches('\n').count() + below, "{error}");
    }
    let many: String = (0..16_000).map(|at| format!("\"extra.n{at}\" = \"v\"\n")).collect();
    let error = Lesson::parse(&changed("scope = \"openid profile\"", &many)).expect_err("too many");
    assert!(error.to_string().contains("settings.extra.n199: there are 200 at most"), "{error}");
    let large = format!("{example}{}", " ".repeat(FILE_LIMIT));
    assert!(Lesson::parse(&large).expect_err("too large").what.contains("1 MiB"));
    for text in ["", "+++", "+++\n", "+++\n+++", "+++\ntitle = 1\n+++", "\u{feff}+++\r\n+++\r\n"] {
        assert!(Lesson::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn any_part_of_a_file_is_read_or_refused_and_never_ends_the_program() {
    let example = example();
    for at in (0..example.len()).filter(|at| example.is_char_boundary(*at)).step_by(7) {
        if let Ok(lesson) = Lesson::parse(&example[..at]) {
            drop(lesson.doubts());
        }
    }
}

#[test]
fn the_same_steps_come_to_the_same_each_time() {
    let lesson = lesson("mix_up");
    let whole = played(&lesson, Part::Broken).expect("a run");
    let again = played(&lesson, Part::Broken).expect("a run");
    let requests = |played: &Played| {
        let all = played.flow.trace.exchanges.iter().map(|it| it.request.url.to_string());
        all.collect::<Vec<_>>()
    };
    assert_eq!((requests(&whole), arrows(&whole)), (requests(&again), arrows(&again)));
    // Going back a step is performing all but the last.
    let mut play = Play::new(Arc::new(lesson.clone()), Part::Broken).expect("a play");
    for at in 0..3 {
        assert_eq!(play.position(), at);
        assert_eq!(play.next_step().map(|step| step.what.name()), Some(lesson.broken.steps[at].what.name()));
        assert!(play.step());
    }
    let exchanges = play.flow().trace.exchanges.len();
    assert_eq!(requests(&whole)[..exchanges], requests(&play.end())[..exchanges]);
}

#[test]
fn a_lesson_happens_on_this_machine_alone() {
    for (name, lesson) in all() {
        for played in both(&lesson) {
            let all = played.flow.trace.exchanges.iter().chain(&played.attacker.trace.exchanges);
            assert!(all.clone().all(|exchange| is_loopback(&exchange.request.url)), "{name}");
            assert!(all.count() > 0, "{name}");
        }
    }
}

#[test]
fn the_attacker_and_the_second_server_have_lanes_of_their_own() {
    let [broken, mended] = both(&lesson("mix_up"));
    let lanes = parties(&arrows(&broken));
    assert!(lanes.contains(&Party::Attacker) && lanes.contains(&Party::Second) && lanes.contains(&Party::Server));
    assert!(!parties(&arrows(&mended)).contains(&Party::Attacker), "nothing of it came to him");
    let [broken, mended] = both(&lesson("stolen_code"));
    let got = |played: &Played| {
        let last = arrows(played).into_iter().rfind(|arrow| arrow.is_attack && arrow.to == Party::Attacker);
        last.map(|arrow| (arrow.label, arrow.is_bad))
    };
    assert_eq!(got(&broken), Some(("200 data of alice".to_owned(), true)));
    assert_eq!(got(&mended), Some(("400 invalid_grant".to_owned(), false)));
    let lesson = lesson("stolen_code");
    let rows = differences(&lesson, &broken, &mended);
    let row = rows.iter().find(|row| row.what == "code_challenge in the authorization request").expect("a row");
    assert_eq!((row.broken.as_str(), row.mended.as_str()), ("not sent", "sent"));
}

#[test]
fn the_document_of_an_app_is_judged_where_the_server_fetches_it() {
    let lesson = lesson("client_document");
    let sides = both(&lesson);
    for played in &sides {
        let drawn = arrows(played);
        let fetches = drawn.iter().filter(|arrow| arrow.label == "GET the app's document");
        assert_eq!(fetches.map(|arrow| (arrow.from, arrow.to)).collect::<Vec<_>>(), [(Party::Server, Party::App)]);
        let judged = played.flow.trace.checks().into_iter().filter(|(_, check)| check.rule.id == "cimd.client_id");
        assert_eq!(judged.map(|(stage, _)| stage).collect::<Vec<_>>(), [Stage::Authorization]);
    }
    let rows = differences(&lesson, &sides[0], &sides[1]);
    let row = rows.iter().find(|row| row.what == "client_id in the app's document").expect("a row");
    assert_eq!((row.broken.as_str(), row.mended.as_str()), ("https://www.app.example/oauth/client.json", "as usual"));
}

#[test]
fn the_log_of_the_second_server_says_whose_code_it_was_sent() {
    let [broken, _] = both(&lesson("mix_up"));
    let (_, log) = broken.log.iter().find(|(issuer, _)| issuer.ends_with("/second")).expect("a second server");
    assert!(log.iter().any(|entry| entry.words().contains("the code is of http://127.0.0.1:9400")));
}

/// What the attacker has got, and what he has sent.
fn of_attacker(played: &Played) -> Vec<String> {
    let mut found = Vec::new();
    for exchange in &played.attacker.trace.exchanges {
        let form = exchange.request.form().unwrap_or_default();
        let came = exchange.response().and_then(json_of);
        for name in ["access_token", "refresh_token", "id_token", "code", "code_verifier"] {
            found.extend(form.get(name).map(str::to_owned));
            found.extend(came.as_ref().and_then(|json| json.text(name)).map(str::to_owned));
            if let Answer::Callback(callback) = &exchange.answer {
                found.extend(callback.params.get(name).map(str::to_owned));
            }
        }
    }
    found
}

#[test]
fn no_handout_holds_a_credential() {
    for (name, lesson) in all() {
        let [broken, mended] = both(&lesson);
        let handout = Handout { lesson: &lesson, broken: &broken, mended: &mended };
        for written in [handout.html(), handout.markdown()] {
            for played in [&broken, &mended] {
                let known = played.flow.secrets().filter(|secret| secret.expose().len() > 15);
                for token in of_attacker(played) {
                    assert!(!written.contains(&token), "{name}: {token}");
                }
                for secret in known {
                    assert!(!written.contains(secret.expose()), "{name}: {}", secret.expose());
                }
            }
            assert!(written.contains("<svg") && written.contains("What is different"), "{name}");
            assert!(!written.contains("<script"), "{name}");
        }
    }
}

/// A page of 950 pixels has room for 910: a picture of 960 keeps letters of 12 at 11, and paper shows what is folded.
#[test]
fn a_handout_fits_a_page_and_paper_shows_what_is_folded() {
    for (name, lesson) in all() {
        let [broken, mended] = both(&lesson);
        let handout = Handout { lesson: &lesson, broken: &broken, mended: &mended };
        let html = handout.html();
        for written in [html.as_str(), &handout.markdown()] {
            let pictures = written.split("<svg class=\"ladder\"").skip(1);
            let widths = pictures.filter_map(|it| it.split_once("viewBox=\"0 0 ")?.1.split(' ').next());
            let widths: Vec<usize> = widths.map(|width| width.parse().expect("a width")).collect();
            assert!(widths.len() == 2 && widths.iter().all(|width| *width <= 960), "{name}: {widths:?}");
            let sizes =
                written.split("px").filter_map(|before| before.rsplit_once("font-size: ")?.1.parse::<f32>().ok());
            assert!(sizes.into_iter().all(|size| size >= 12.0), "{name}");
        }
        let (_, print) = html.split_once("@media print").expect("a style for paper");
        assert!(print.contains("details::details-content { content-visibility: visible"), "{name}");
    }
}

#[test]
fn every_fault_that_no_client_notices_is_in_a_lesson() {
    let used: BTreeSet<&str> = all()
        .iter()
        .flat_map(|(_, lesson)| Part::ALL.map(|part| lesson.side(part).faults.clone()))
        .flatten()
        .map(Fault::name)
        .collect();
    for fault in Fault::ALL.iter().filter(|fault| fault.rule().is_none() && !fault.is_outage()) {
        assert!(used.contains(fault.name()), "{} is in no lesson", fault.name());
    }
}
