//! Lessons as they are taken: from the list to the last answer, by keys alone, with own files, and the quiz.

use std::fs;
use std::path::PathBuf;

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use grantscope::gui::model::{LessonPart, Slide, Tab};
use grantscope::gui::remember::Remembered;
use grantscope::lesson::{Course, Lesson, built_in, courses, find};

use crate::backend::{Dialogs, FakeBackend};
use crate::capture::drop_file;
use crate::window::{Row, SMALL, USUAL, Window};

const STOLEN: &str = "A stolen code, without PKCE and with it";

fn stolen() -> Lesson {
    Lesson::parse(find("stolen_code").expect("shipped")).expect("a lesson")
}

fn open(size: [f32; 2]) -> Window {
    let mut window = Window::open_with(size, FakeBackend::new());
    window.tab(Row::Top, "Lessons");
    window
}

fn take(size: [f32; 2]) -> Window {
    let mut window = open(size);
    if size == SMALL {
        window.press_role(Role::ComboBox, "Lesson");
        window.press_like(Role::Button, STOLEN);
    } else {
        window.press_like(Role::ListBoxOption, STOLEN);
    }
    window
}

/// What is said of so many lessons of those that are shipped and so many own ones.
fn done(lessons: usize, own: usize) -> String {
    format!("{lessons} of {} done", built_in().len() + own)
}

const DIGITS: [Key; 4] = [Key::Num1, Key::Num2, Key::Num3, Key::Num4];

#[test]
fn a_whole_lesson_is_taken_by_keys_alone() {
    let mut window = open(USUAL);
    window.assert_says(&done(0, 0));
    // F6 leads to the list, whose second row is the lesson.
    while window.region() != "List of lessons" {
        window.key(Modifiers::NONE, Key::F6);
    }
    while !window.focused().starts_with("The happy")
        && window.focus().is_some_and(|it| it.accesskit_node().role() != Role::ListBoxOption)
    {
        window.key(Modifiers::NONE, Key::Tab);
    }
    window.key(Modifiers::NONE, Key::ArrowDown);
    assert_eq!(window.model().lessons.selected.as_deref(), Some("stolen_code"));
    window.assert_says("Without PKCE, whoever catches the code gets the tokens");
    window.assert_says("The code comes back through the browser.");
    window.next();
    assert_eq!(window.model().lessons.part, LessonPart::Broken);
    window.assert_says("code, attacker to authorization server");
    window.assert_says("The attacker gets status 200");
    window.next();
    window.assert_says("400 invalid_grant");
    window.assert_says("What is different");
    window.assert_says("answer to the attacker at");
    window.next();
    window.assert_says("A public client uses PKCE");
    for question in &stolen().questions {
        assert_eq!(window.focused(), question.choices[0].replace('`', ""), "the first choice has the keyboard");
        let wrong = (question.answer + 1) % question.choices.len();
        window.assert_silent(&question.why);
        assert!(window.is_disabled("Check my answer"), "nothing is chosen");
        window.key(Modifiers::NONE, DIGITS[wrong]);
        window.next();
        window.assert_says("That is not it.");
        window.key(Modifiers::NONE, DIGITS[question.answer]);
        window.next();
        window.assert_says("That is right.");
        if window.has(Role::Button, "Next question") {
            window.next();
        }
    }
    window.assert_says(&done(1, 0));
    window.next();
    assert_eq!(window.model().lessons.part, LessonPart::Intention);
    assert_ne!(window.model().lessons.selected.as_deref(), Some("stolen_code"), "the next one");
    window.next();
    window.key(Modifiers::COMMAND, Key::Backspace);
    assert_eq!(window.model().lessons.part, LessonPart::Intention);
    assert!(window.backend().sent.is_empty(), "nothing was sent to the server of the window");
}

#[test]
fn the_lessons_of_a_course_are_listed_in_its_order() {
    let mut window = open(USUAL);
    for (name, source) in courses() {
        let course = Course::parse(source).expect("shipped");
        window.app().model_mut().lessons.course = Some(course.title.clone());
        window.run();
        let listed: Vec<&str> = window.model().lessons.listed().iter().map(|book| book.key.as_str()).collect();
        assert_eq!(listed, course.lessons, "{name}");
    }
}

/// A window of a projector shows what a run is about without scrolling.
#[test]
fn six_arrows_of_a_lesson_are_seen_at_once() {
    let mut window = take([1280.0, 720.0]);
    for diagrams in [1, 2] {
        window.next();
        let rows = window.harness.query_all_by_role(Role::ListBoxOption);
        let of_diagrams = rows.filter(|row| row.rect().left() > 308.0 && row.rect().bottom() <= 670.0).count();
        assert!(of_diagrams >= 6 * diagrams, "{of_diagrams} rows in {diagrams}");
    }
}

#[test]
fn both_sides_run_again_once_one_has_run() {
    let mut window = take(USUAL);
    assert!(window.is_disabled("Run both again"), "nothing has run");
    window.key(Modifiers::COMMAND, Key::R);
    assert!(window.model().lessons.stands.iter().all(|stand| stand.run.is_none()));
    window.next();
    assert!(window.model().lessons.stands[1].run.is_none());
    window.press("Run both again");
    assert!(window.model().lessons.stands.iter().all(|stand| stand.ran().is_some()));
}

#[test]
fn where_no_check_can_show_it_the_card_says_what_does() {
    let mut window = open(USUAL);
    window.press_like(Role::ListBoxOption, "A code used twice");
    window.go_to("Questions");
    window.assert_silent("The check that caught it");
    window.assert_says("What shows it");
    window.assert_says("Only the log of the server shows it.");
}

#[test]
fn progress_is_kept_between_two_starts() {
    let mut window = take(USUAL);
    window.go_to("Questions");
    window.key(Modifiers::NONE, DIGITS[stolen().questions[0].answer]);
    window.next();
    let kept = Remembered::of(&window.harness.ctx, window.model(), 1.0).to_json();
    let mut again = open(USUAL);
    let ctx = again.harness.ctx.clone();
    again.app().recall(&ctx, &Remembered::read(&kept));
    again.run();
    again.assert_says("1 of 3 answered");
}

/// What a screen reader meets in the order in which it meets it.
#[test]
fn a_lesson_reads_in_an_order_that_makes_sense() {
    for size in [USUAL, SMALL] {
        let mut window = take(size);
        window.go_to("Questions");
        let said: Vec<String> = window
            .harness
            .root()
            .children_recursive()
            .filter_map(|node| node.accesskit_node().label().or_else(|| node.accesskit_node().value()))
            .collect();
        let order: &[&str] = match size == USUAL {
            true => &[
                "Without PKCE, whoever",
                "Intention",
                "Questions",
                "Broken",
                "PKCE off",
                "Again",
                "Mended",
                "PKCE with S256",
                "The check that caught it",
                "Questions",
                "0 of 3 answered",
                "Who could catch",
                "What is different",
                "Back",
                "Check my answer",
                "Run both again",
                "Present this lesson",
            ],
            false => &[
                "Without PKCE, whoever",
                "Intention",
                "Questions",
                "Who could catch",
                "PKCE off",
                "PKCE with S256",
                "The check that caught it",
                "What is different",
                "Back",
                "Check my answer",
            ],
        };
        let mut at = 0;
        for words in order {
            let found = said[at..].iter().position(|text| text.contains(words));
            at +=
                found.unwrap_or_else(|| panic!("{words} is not behind what stands before it in {:?}", &said[at..])) + 1;
        }
    }
}

#[test]
fn a_row_shows_its_message_with_its_checks() {
    let mut window = take(USUAL);
    window.next();
    window.row("POST /token");
    window.assert_says("client_id=practice-native");
    window.key(Modifiers::NONE, Key::Home);
    window.assert_says("GET /.well-known/openid-configuration HTTP/1.1");
    window.assert_says("passed");
}

#[test]
fn no_credential_of_a_lesson_is_shown() {
    let mut window = take(USUAL);
    window.go_to("Mended");
    let token = {
        let run = window.model().lessons.stands[0].ran().expect("run").clone();
        let mut tokens = run.played.attacker.trace.exchanges.iter().filter_map(|exchange| {
            let json = grantscope::flow::stage::json_of(exchange.response()?)?;
            json.text("access_token").map(str::to_owned)
        });
        tokens.next_back().expect("the attacker has tokens")
    };
    for words in ["POST /token", "200 tokens", "data of alice"] {
        window.go_to("Broken");
        window.row(words);
        window.assert_silent(&token);
        window.assert_silent("REDACTED");
    }
    window.press_like(Role::ListBoxOption, "Device code phishing");
    window.go_to("Broken");
    window.assert_says("•••• and approve");
    window.assert_silent("REDACTED");
}

#[test]
fn a_handout_is_saved_as_a_page_or_as_markdown() {
    for (choice, ending, begins) in [("Page (HTML)", "html", "<!DOCTYPE html>"), ("Markdown", "md", "# A stolen code")]
    {
        let mut window = take(USUAL);
        window.backend().dialogs = Dialogs::Choose("/handouts".into());
        assert!(window.is_disabled("Handout..."), "there is no run yet");
        window.go_to("Mended");
        window.press("Handout...");
        window.press(choice);
        let path = PathBuf::from(format!("/handouts/stolen_code.{ending}"));
        let text = window.backend().files.get(&path).cloned().expect("saved");
        assert!(text.starts_with(begins), "{}", &text[..200]);
        window.assert_says("Saved /handouts/stolen_code");
    }
}

/// Presses the key that leads on until this is said.
fn on_to(window: &mut Window, words: &str) {
    for _ in 0..40 {
        if window.says(words) {
            return;
        }
        window.key(Modifiers::NONE, Key::ArrowRight);
    }
    panic!("no key leads to {words}: {:?}", window.texts());
}

#[test]
fn a_lesson_is_presented_with_both_sides_its_words_and_its_point() {
    let lesson = stolen();
    for size in [[1280.0, 720.0], SMALL] {
        let mut window = take(size);
        window.next();
        window.press("Present this lesson");
        assert!(window.model().present && window.has(Role::Button, "leave"), "the keys of a presentation");
        window.assert_says(&lesson.intention);
        for (side, other) in [(&lesson.broken, &lesson.mended), (&lesson.mended, &lesson.broken)] {
            for (at, step) in side.steps.iter().enumerate() {
                on_to(&mut window, &format!("{}. ", at + 1));
                window.assert_says(step.look.split([' ', '*']).next().expect("words"));
                window.assert_says(&side.title);
                window.assert_silent(&other.title);
            }
            on_to(&mut window, "The moment");
            window.assert_says(side.moment.split('`').next().expect("words"));
        }
        on_to(&mut window, "What is different");
        window.assert_says(&lesson.intention);
        window.assert_says("The check that caught it");
        window.assert_says("A public client uses PKCE");
        assert!(window.is_disabled("the end"));
        window.key(Modifiers::NONE, Key::ArrowRight);
        window.assert_says("What is different");
    }
}

#[test]
fn the_attacker_has_a_lane_and_messages_before_an_audience() {
    let mut window = take([1280.0, 720.0]);
    window.next();
    window.press("Present this lesson");
    on_to(&mut window, "3. Attacker redeems the code");
    window.assert_says("Attacker");
    window.assert_says("practice-native");
    window.key(Modifiers::NONE, Key::ArrowRight);
    window.assert_says("200 OK");
    window.key(Modifiers::NONE, Key::ArrowLeft);
    window.assert_says("POST");
    window.row("200 tokens");
    window.assert_says("3. Attacker redeems the code");
    window.key(Modifiers::NONE, Key::ArrowDown);
    window.assert_says("4. Attacker calls the API");
    window.key(Modifiers::NONE, Key::ArrowUp);
    window.assert_says("200 OK");
    window.key(Modifiers::NONE, Key::B);
    window.assert_says("Nothing is shown.");
    window.key(Modifiers::NONE, Key::B);
    window.key(Modifiers::NONE, Key::Home);
    window.assert_says(&stolen().intention);
}

/// The run of the window, its provider and its checks are no part of it.
#[test]
fn after_a_lesson_was_presented_all_is_as_before() {
    let mut window = Window::finished();
    let stands = |window: &Window| {
        let model = window.model();
        let tabs: Vec<String> = window.texts().into_iter().filter(|text| text.contains("Checks")).collect();
        (model.run.id, model.provider().to_owned(), model.others.len(), model.is_practice(), tabs)
    };
    window.tab(Row::Top, "Lessons");
    window.press_like(Role::ListBoxOption, STOLEN);
    window.next();
    let before = stands(&window);
    for key in [None, Some(Key::P)] {
        match key {
            None => window.press("Present this lesson"),
            Some(key) => window.key(Modifiers::COMMAND, key),
        }
        assert!(window.model().slide().is_some());
        on_to(&mut window, "What is different");
        window.key(Modifiers::NONE, Key::Escape);
        assert_eq!((window.model().present, window.model().tab), (false, Tab::Lessons));
        assert!(window.has(Role::Button, "Present this lesson"));
        assert_eq!(stands(&window), before);
    }
    assert!(window.backend().sent.len() < 10, "nothing was sent to the server of the window");
}

/// With an attacker or without, and where nobody goes wrong.
#[test]
fn each_kind_of_lesson_is_presented_to_its_end_and_back() {
    for name in ["happy_path", "login_csrf", "device_phishing", "alg_none"] {
        let lesson = Lesson::parse(find(name).expect("shipped")).expect("a lesson");
        let mut window = open([1280.0, 720.0]);
        window.press_like(Role::ListBoxOption, &lesson.title);
        window.next();
        window.press("Present this lesson");
        let mut seen = vec![window.model().slide()];
        while seen.last() != Some(&Some(Slide::End)) {
            window.key(Modifiers::NONE, Key::ArrowRight);
            assert!(!seen.contains(&window.model().slide()), "{name}: {seen:?}");
            seen.push(window.model().slide());
        }
        for slide in seen.iter().rev().skip(1) {
            window.key(Modifiers::NONE, Key::ArrowLeft);
            assert_eq!(window.model().slide(), *slide, "{name}");
        }
    }
}

#[test]
fn own_lessons_come_from_a_file_a_folder_and_by_drop() {
    let own = find("stolen_code").expect("shipped").replacen(STOLEN, "My own lesson", 1);
    let bad = own.replacen("minutes = 14", "minutes = \"long\"", 1);
    let path = PathBuf::from("/mine/own.md");
    let mut window = open(USUAL);
    window.backend().files.insert(path.clone(), own.clone());
    window.backend().files.insert("/mine/bad.md".into(), bad.clone());
    window.backend().files.insert("/mine/none.md".into(), "Only words".to_owned());
    window.backend().dialogs = Dialogs::Choose(path);
    window.press("Own lessons...");
    window.press("Open a file...");
    window.assert_says("My own lesson");
    window.assert_says(&done(0, 1));
    assert_eq!(window.model().lessons.selected.as_deref(), Some("/mine/own.md"));
    drop_file(&mut window, "/mine/bad.md");
    window.assert_says("1 file cannot be read");
    window.assert_says("bad.md: line 5: minutes");
    window.press("Put this away");
    window.assert_silent("cannot be read");
    window.backend().dialogs = Dialogs::Choose("/mine/none.md".into());
    window.press("Own lessons...");
    window.press("Open a file...");
    window.assert_says("it is neither a lesson");
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("one.md"), &own).expect("written");
    fs::write(folder.path().join("two.md"), &bad).expect("written");
    fs::write(
        folder.path().join("day.toml"),
        "title = \"My day\"\nlessons = [\"one\", \"stolen_code\", \"nowhere\"]\n",
    )
    .expect("written");
    let mut window = Window::open();
    window.backend().lessons = Some(folder.path().to_owned());
    window.tab(Row::Top, "Lessons");
    window.assert_says(&done(0, 1));
    window.assert_says("two.md: line 5: minutes");
    window.press_role(Role::ComboBox, "Course");
    window.press("My day");
    window.assert_says("0 of 2 done");
    window.assert_says("Not here, though the course names it: nowhere");
    window.assert_says("My own lesson");
}

#[test]
fn a_small_window_folds_the_list_to_a_picker() {
    let mut window = open(SMALL);
    assert!(window.has(Role::ComboBox, "Lesson"));
    window.press_role(Role::ComboBox, "Lesson");
    window.press_like(Role::Button, STOLEN);
    window.next();
    window.next();
    window.assert_says("400 invalid_grant");
    window.press_role(Role::ComboBox, "Course");
    window.press("Attacks on the code");
    window.assert_says("0 of 7 done");
}

#[test]
fn who_has_not_begun_is_offered_a_lesson() {
    for size in [USUAL, SMALL] {
        let mut window = Window::open_with(size, FakeBackend::new());
        window.press("Take a lesson");
        assert_eq!(window.selected_tab(Row::Top), "Lessons");
        window.tab(Row::Top, "Authorization code");
        window.next();
        assert!(!window.has(Role::Button, "Take a lesson"), "the run has begun");
    }
}

#[test]
fn a_quiz_opens_its_checks_after_the_answer() {
    for (right, size) in [(true, USUAL), (false, SMALL)] {
        let mut window = open(size);
        window.press("Quiz");
        window.assert_says("The checks are closed.");
        window.assert_silent("failed");
        let (drawn, _) = window.model().lessons.quiz.as_ref().and_then(|quiz| quiz.drawn.clone()).expect("drawn");
        assert!(window.is_disabled("Open the checks"));
        window.assert_silent("It was ");
        let at = drawn.choices.iter().position(|choice| (*choice == drawn.fault) == right).expect("one of four");
        window.key(Modifiers::NONE, DIGITS[at]);
        window.next();
        window.assert_says(&format!("It was {}", drawn.fault.name()));
        window.assert_says(if right { "1 of 1 right" } else { "0 of 1 right" });
        let rule = drawn.fault.rule().expect("a rule");
        let rule = grantscope::client::rules::catalogue().find(|known| known.id == rule).expect("in the catalogue");
        window.assert_says(rule.why);
        window.next();
        assert!(window.model().lessons.quiz.as_ref().is_some_and(|quiz| !quiz.is_open), "another one");
        window.press("End the quiz");
        assert!(window.model().lessons.quiz.is_none());
    }
}
