//! A presentation by keys alone: on, back, a look elsewhere, one value, from the beginning, nothing at all, and out; and
//! what of it can be read from the back of the room.

use std::time::Duration;

use egui::epaint::ClippedShape;
use egui::{Color32, Key, Modifiers, Pos2, Rect, Role, Shape, ViewportId};
use grantscope::flow::stage::Stage;
use grantscope::flow::{Action, Next};
use grantscope::gui::diagram::Diagram;
use grantscope::gui::model::{Beat, Tab, Target, ThemeChoice};
use grantscope::gui::theme::Tokens;

use crate::backend::{Dialogs, FakeBackend};
use crate::window::{SMALL, USUAL, Window};

/// A projector, and a large one.
const PROJECTOR: [f32; 2] = [1280.0, 720.0];
const LARGE: [f32; 2] = [1920.0, 1080.0];

fn presenting(size: [f32; 2]) -> Window {
    let mut window = Window::open_with(size, FakeBackend::new());
    window.key(Modifiers::COMMAND, Key::P);
    window
}

fn press(window: &mut Window, key: Key) {
    window.key(Modifiers::NONE, key);
}

/// Whether the request of this stage is the next thing that happens.
fn is_ready(window: &Window, stage: Stage) -> bool {
    let run = &window.model().run;
    run.flow.stage() == Some(stage) && run.beat() == Beat::Ready
}

/// Presses the key that leads on until this stage is next.
fn go_on_to(window: &mut Window, stage: Stage) {
    for _ in 0..40 {
        if is_ready(window, stage) {
            return;
        }
        press(window, Key::ArrowRight);
    }
    panic!("no key leads to {stage:?}");
}

fn exchanges(window: &Window) -> usize {
    window.model().run.flow.trace.exchanges.len()
}

/// What happens step by step: the stage, the word on the key, and what the audience is told before and afterwards.
const STEPS: [(Stage, &str, &str, &str); 6] = [
    (Stage::Discovery, "send", "One address names all the others.", "What to look at"),
    (Stage::Jwks, "send", "Only keys from the server prove anything.", "What to look at"),
    (Stage::Authorization, "open", "The client never sees the password.", "The answer is hearsay"),
    (Stage::Token, "send", "The code alone is not enough.", "The ID token says who logged in."),
    (Stage::UserInfo, "send", "The server tells about the user.", "What to look at"),
    (Stage::Resource, "send", "The token opens the API.", "What to look at"),
];

#[test]
fn a_whole_run_is_presented_by_one_key_in_three_beats() {
    for (size, key) in [(PROJECTOR, Key::ArrowRight), (SMALL, Key::Space), (LARGE, Key::PageDown)] {
        let mut window = presenting(size);
        for (stage, word, why, afterwards) in STEPS {
            assert!(is_ready(&window, stage) && window.has(Role::Button, word), "{stage:?}");
            window.assert_says(why);
            let before = exchanges(&window);
            press(&mut window, key);
            if stage == Stage::Authorization {
                assert_eq!((exchanges(&window), window.model().run.beat()), (before + 1, Beat::OnItsWay));
                assert!(window.has(Role::Button, "next"));
                press(&mut window, key);
            }
            assert_eq!((exchanges(&window), window.model().run.beat()), (before + 1, Beat::Came), "{stage:?}");
            assert!(window.has(Role::Button, "explain"));
            window.assert_silent(why);
            window.assert_silent(afterwards);
            press(&mut window, key);
            assert_eq!((exchanges(&window), window.model().run.beat()), (before + 1, Beat::Explained), "{stage:?}");
            window.assert_says(afterwards);
            press(&mut window, key);
        }
        for _ in 0..5 {
            press(&mut window, key);
        }
        assert!(matches!(window.model().run.next, Next::Finished));
        assert!(window.is_disabled("the end"));
        window.assert_says("9 of 9");
        assert_eq!(exchanges(&window), STEPS.len(), "no key ends the run or begins another");
    }
}

#[test]
fn back_takes_a_message_back() {
    for key in [Key::ArrowLeft, Key::PageUp] {
        let mut window = presenting(PROJECTOR);
        go_on_to(&mut window, Stage::Token);
        assert_eq!(exchanges(&window), 3);
        press(&mut window, Key::ArrowRight);
        press(&mut window, Key::ArrowRight);
        assert_eq!((exchanges(&window), window.model().run.beat()), (4, Beat::Explained));
        press(&mut window, key);
        assert_eq!((exchanges(&window), window.model().run.beat()), (4, Beat::Came));
        press(&mut window, key);
        assert!(is_ready(&window, Stage::Token));
        assert_eq!((exchanges(&window), window.model().run.flow.session.tokens.len()), (3, 0));
        for _ in 0..20 {
            press(&mut window, key);
        }
        assert_eq!(exchanges(&window), 0);
        assert!(is_ready(&window, Stage::Discovery));
    }
}

/// Where one text is for a request and what comes of it, its parts are told one after the other.
#[test]
fn an_answer_is_not_explained_by_what_was_said_of_its_request() {
    for key in [Key::Num3, Key::Num6] {
        let mut window = presenting(PROJECTOR);
        window.key(Modifiers::COMMAND, key);
        go_on_to(&mut window, Stage::Token);
        window.assert_silent("What to look at");
        press(&mut window, Key::ArrowRight);
        press(&mut window, Key::ArrowRight);
        assert_eq!(window.model().run.beat(), Beat::Explained);
        window.assert_says("What to look at");
    }
}

/// Question and answers are larger than what is only read beside them, and the run that was shown before stays away.
#[test]
fn a_quiz_is_presented_with_its_answers_in_large_type() {
    for size in [PROJECTOR, LARGE] {
        let mut window = Window::open_with(size, FakeBackend::new());
        window.app().model_mut().tab = Tab::Lessons;
        window.run();
        window.press("Quiz");
        window.key(Modifiers::COMMAND, Key::P);
        assert!(window.model().presents_quiz() && !window.has(Role::Tab, "Lessons"));
        let (drawn, _) = window.model().lessons.quiz.as_ref().and_then(|quiz| quiz.drawn.clone()).expect("drawn");
        let texts = painted(&window.harness.output().shapes, Tokens::for_audience(egui::Theme::Light).window);
        for choice in &drawn.choices {
            let shown = texts.iter().find(|text| text.words.starts_with(choice.about())).expect("it is shown");
            assert!(shown.size >= 24.0, "{}: {}", shown.size, shown.words);
        }
        press(&mut window, Key::Num1);
        window.next();
        assert!(window.says("It was "));
        press(&mut window, Key::Escape);
        assert!(!window.model().present && window.has(Role::Tab, "Lessons"));
    }
}

/// While a device waits, what it waits for stands in a row that is marked, and what is ready is called so once.
#[test]
fn a_row_is_marked_while_it_waits_and_is_described_once() {
    let mut backend = FakeBackend::new();
    backend.sleeps = 0;
    let mut window = Window::open_with(PROJECTOR, backend);
    window.key(Modifiers::COMMAND, Key::P);
    assert!(!window.texts().iter().any(|text| text.contains("ready, ready")) && window.says("ready"));
    window.key(Modifiers::COMMAND, Key::Num2);
    for _ in 0..40 {
        if matches!(window.model().run.next, Next::Do(Action::Sleep(_))) {
            break;
        }
        press(&mut window, Key::ArrowRight);
    }
    let model = window.model();
    assert!(matches!(model.run.next, Next::Do(Action::Sleep(_))), "{:?}", model.run.next);
    assert_eq!(model.run.shown(), Target::Prepared);
    assert!(Diagram::of(model).row_of(Target::Prepared).is_some());
}

/// As many as were shown, and not one more because an answer has come.
#[test]
fn the_step_that_is_counted_is_the_one_that_is_shown() {
    let mut window = presenting(PROJECTOR);
    for (beat, step) in [(1, 1), (1, 1), (1, 2), (1, 2), (2, 3), (1, 4), (1, 5)] {
        for _ in 0..beat {
            press(&mut window, Key::ArrowRight);
        }
        window.assert_says(&format!("{step} of 9"));
    }
    for (shown, step) in [(Target::Trip(2), 4), (Target::Request(2), 3)] {
        press(&mut window, Key::ArrowUp);
        assert_eq!(window.model().run.shown(), shown);
        window.assert_says(&format!("{step} of 9"));
    }
}

/// A server takes a code once: the messages that were taken back are shown again as they came.
#[test]
fn what_was_taken_back_is_shown_again_and_not_sent_anew() {
    let mut window = presenting(PROJECTOR);
    go_on_to(&mut window, Stage::UserInfo);
    let sent: Vec<_> = window.model().run.flow.trace.exchanges.iter().map(|exchange| exchange.sent_at).collect();
    let token = window.model().run.flow.session.tokens[0].response.access_token.clone().expect("a token");
    for taken_back in [3, 7] {
        for _ in 0..taken_back {
            press(&mut window, Key::ArrowLeft);
        }
        assert!(exchanges(&window) < 4 && window.has(Role::Button, "show again"), "{taken_back}");
        go_on_to(&mut window, Stage::UserInfo);
        let again: Vec<_> = window.model().run.flow.trace.exchanges.iter().map(|exchange| exchange.sent_at).collect();
        let tokens = &window.model().run.flow.session.tokens;
        assert_eq!((&again, tokens[0].response.access_token.as_ref()), (&sent, Some(&token)));
        assert!(window.has(Role::Button, "send"));
    }
}

/// Other settings make another message.
#[test]
fn what_was_taken_back_is_sent_anew_with_other_settings() {
    let mut window = presenting(PROJECTOR);
    go_on_to(&mut window, Stage::Authorization);
    press(&mut window, Key::ArrowRight);
    press(&mut window, Key::ArrowLeft);
    assert!(window.model().run.can_redo());
    let mut settings = window.model().run.flow.settings.clone();
    settings.request.scope = "openid".to_owned();
    window.app().model_mut().run.flow.settings = settings;
    window.run();
    assert!(window.has(Role::Button, "open"));
    press(&mut window, Key::ArrowRight);
    assert!(window.model().run.undone.is_empty() && exchanges(&window) == 3);
}

#[test]
fn a_look_at_other_messages_changes_nothing() {
    let mut window = presenting(PROJECTOR);
    go_on_to(&mut window, Stage::Token);
    let before = window.model().run.shown();
    for _ in 0..3 {
        press(&mut window, Key::ArrowUp);
    }
    assert_eq!(window.model().run.beat(), Beat::Elsewhere);
    assert_ne!(window.model().run.shown(), before);
    assert!(window.has(Role::Button, "to the run"));
    press(&mut window, Key::ArrowDown);
    press(&mut window, Key::ArrowRight);
    assert_eq!(exchanges(&window), 3, "nothing is sent that is not looked at");
    assert!(is_ready(&window, Stage::Token));
}

#[test]
fn home_starts_over_b_blanks_and_esc_leaves() {
    let mut window = presenting(PROJECTOR);
    go_on_to(&mut window, Stage::Token);
    press(&mut window, Key::Home);
    assert!(is_ready(&window, Stage::Discovery) && window.model().run.is_fresh());
    press(&mut window, Key::B);
    window.assert_says("Nothing is shown.");
    assert!(!window.has(Role::Button, "send"));
    press(&mut window, Key::ArrowRight);
    assert!(window.has(Role::Button, "send") && window.model().run.is_fresh(), "the key shows the window again");
    press(&mut window, Key::B);
    press(&mut window, Key::B);
    assert!(window.has(Role::Button, "send"));
    press(&mut window, Key::Escape);
    assert!(!window.model().present);
    assert!(window.has(Role::TextInput, "client_id"));
    press(&mut window, Key::ArrowRight);
    assert!(window.model().run.is_fresh(), "the keys are those of a presentation alone");
}

#[test]
fn one_value_fills_the_middle_and_is_masked_until_it_is_revealed() {
    let mut window = presenting(PROJECTOR);
    go_on_to(&mut window, Stage::Authorization);
    let verifier = window.model().run.flow.own.drawn.as_ref().expect("drawn").code_verifier.expose().to_owned();
    let challenge = grantscope::client::pkce::challenge("S256", &verifier).expect("a method that is known");
    press(&mut window, Key::Z);
    window.assert_says("code_challenge = BASE64URL(SHA256(code_verifier))");
    window.assert_says(&challenge);
    window.assert_silent(&verifier);
    press(&mut window, Key::R);
    window.assert_says(&verifier);
    press(&mut window, Key::ArrowRight);
    window.assert_silent("BASE64URL(SHA256");
    assert_eq!(exchanges(&window), 2, "the key puts the value away");
    press(&mut window, Key::ArrowRight);
    press(&mut window, Key::ArrowUp);
    window.assert_silent(&verifier);
    press(&mut window, Key::ArrowDown);
    go_on_to(&mut window, Stage::Token);
    press(&mut window, Key::Z);
    window.assert_says("the same code");
    press(&mut window, Key::Z);
    window.assert_says("SHA256(code_verifier)");
    window.assert_silent(&verifier);
    press(&mut window, Key::Escape);
    assert!(window.model().present, "the value is put away first");
    press(&mut window, Key::ArrowRight);
    press(&mut window, Key::Z);
    window.assert_says("the same nonce");
    press(&mut window, Key::Z);
    window.assert_says("at_hash = BASE64URL");
    press(&mut window, Key::Z);
    assert_eq!(window.model().audience.zoomed, None, "after the last one there is none");
}

#[test]
fn nothing_that_works_is_shown_unless_it_is_revealed_for_one_message() {
    let mut window = presenting(PROJECTOR);
    go_on_to(&mut window, Stage::UserInfo);
    let token = window.model().run.flow.session.tokens[0].response.access_token.clone().expect("a token");
    let token = token.expose().to_owned();
    for _ in 0..12 {
        press(&mut window, Key::ArrowUp);
        window.assert_silent(&token);
    }
    press(&mut window, Key::ArrowRight);
    window.assert_silent(&token);
    press(&mut window, Key::R);
    window.assert_says(&token);
    assert!(window.has(Role::Button, "hide"));
    press(&mut window, Key::ArrowRight);
    window.assert_silent(&token);
    press(&mut window, Key::ArrowLeft);
    press(&mut window, Key::ArrowLeft);
    window.assert_silent(&token);
}

#[test]
fn what_was_revealed_is_masked_when_one_comes_back_to_it() {
    let mut window = presenting(PROJECTOR);
    go_on_to(&mut window, Stage::Token);
    press(&mut window, Key::ArrowRight);
    let token = window.model().run.flow.session.tokens[0].response.access_token.clone().expect("a token");
    for [away, back] in [[Key::ArrowUp, Key::ArrowDown], [Key::ArrowRight, Key::ArrowLeft]] {
        press(&mut window, Key::R);
        window.assert_says(token.expose());
        if away == Key::ArrowRight {
            press(&mut window, Key::ArrowRight);
            window.assert_says(token.expose());
        }
        press(&mut window, away);
        press(&mut window, back);
        assert_eq!(window.model().run.shown(), Target::Answer(3));
        window.assert_silent(token.expose());
    }
}

#[test]
fn the_value_that_is_handed_on_is_found_again() {
    let mut window = presenting(PROJECTOR);
    for (stage, said) in [(Stage::Token, "the same code"), (Stage::UserInfo, "the same token")] {
        go_on_to(&mut window, stage);
        window.assert_says(said);
    }
    for (at, said) in [(2, "the same state"), (3, "the same nonce"), (4, "the same user")] {
        window.app().model_mut().run.selected = Some(Target::Answer(at));
        window.run();
        if at < exchanges(&window) {
            window.assert_says(said);
        }
    }
}

#[test]
fn tools_are_gone_until_a_key_or_the_edge_brings_them_back() {
    let mut window = presenting(PROJECTOR);
    let has_tabs = |window: &Window| window.has(Role::Tab, "Device");
    assert!(!has_tabs(&window));
    press(&mut window, Key::F10);
    assert!(has_tabs(&window));
    press(&mut window, Key::Escape);
    assert!(!has_tabs(&window) && window.model().present);
    window.harness.hover_at(Pos2::new(400.0, 1.0));
    window.run();
    assert!(has_tabs(&window));
    window.harness.hover_at(Pos2::new(400.0, 300.0));
    window.run();
    window.run();
    assert!(!has_tabs(&window));
    for key in [Key::H, Key::L] {
        press(&mut window, key);
    }
    assert!(!window.model().audience.has_pointer, "the second key takes the ring away");
}

#[test]
fn notes_are_not_for_the_audience() {
    let mut backend = FakeBackend::new();
    backend.dialogs = Dialogs::Choose("/talk/notes.md".into());
    backend.files.insert("/talk/notes.md".into(), "# Request\nAsk the back row.\n".to_owned());
    let mut window = Window::open_with(PROJECTOR, backend);
    window.key(Modifiers::COMMAND, Key::P);
    press(&mut window, Key::N);
    // There is one window in tests, as on a system that has no others.
    window.assert_says("A second window is not possible here.");
    window.assert_silent("Ask the back row.");
    // The file is asked for in the presenter's window.
    assert!(!window.model().asking_for_file && window.model().audience.notes.is_empty());
    assert!(!window.model().audience.has_second_window);
}

#[test]
fn notes_that_cannot_be_read_are_told() {
    let mut backend = FakeBackend::new();
    backend.dialogs = Dialogs::Choose("/talk/gone.md".into());
    let mut window = Window::open_with(PROJECTOR, backend);
    window.key(Modifiers::COMMAND, Key::P);
    window.key(Modifiers::COMMAND, Key::K);
    window.harness.event(egui::Event::Text("read notes".to_owned()));
    window.run();
    press(&mut window, Key::Enter);
    window.run();
    window.assert_says("/talk/gone.md could not be read");
}

#[test]
fn a_value_that_is_missing_is_filled_in_where_it_is_missed() {
    for size in [USUAL, SMALL] {
        let mut window = Window::open_with(size, FakeBackend::new());
        window.app().model_mut().settings_open = Some(true);
        window.run();
        window.fill("issuer", "");
        window.key(Modifiers::COMMAND, Key::P);
        window.assert_says("issuer is needed");
        assert!(window.has(Role::Button, "fill in"));
        press(&mut window, Key::ArrowRight);
        assert_eq!(window.focused(), "issuer", "{size:?}");
        window.harness.event(egui::Event::Text("http://127.0.0.1:9400".to_owned()));
        window.run();
        press(&mut window, Key::Enter);
        assert_eq!(window.model().run.flow.settings.server.issuer, "http://127.0.0.1:9400");
        assert!(window.has(Role::Button, "send"));
        press(&mut window, Key::ArrowRight);
        assert_eq!(exchanges(&window), 1);
    }
}

#[test]
fn nothing_is_drawn_anew_while_nothing_moves() {
    let mut window = presenting(PROJECTOR);
    for _ in 0..20 {
        window.harness.step();
        let delay = window.harness.output().viewport_output[&ViewportId::ROOT].repaint_delay;
        assert_eq!(delay, Duration::MAX, "{:?}", window.harness.ctx.repaint_causes());
        press(&mut window, Key::ArrowRight);
        window.run();
    }
}

#[test]
fn a_run_that_stops_says_why_and_goes_on_by_a_key_of_its_own() {
    let mut window = Window::open_with(USUAL, FakeBackend::new());
    window.app().model_mut().settings_open = Some(true);
    window.run();
    window.fill("client_secret", "wrong");
    window.key(Modifiers::COMMAND, Key::P);
    go_on_to(&mut window, Stage::Token);
    press(&mut window, Key::ArrowRight);
    window.assert_says("401 Unauthorized");
    window.assert_says("invalid_client");
    press(&mut window, Key::ArrowRight);
    let why = window.model().run.finding.as_ref().expect("it has stopped").say.clone();
    window.assert_says(&why);
    assert!(window.is_disabled("stopped") && window.has(Role::Button, "go on anyway"));
    let stopped = exchanges(&window);
    for key in [Key::ArrowRight, Key::Space, Key::PageDown] {
        press(&mut window, key);
    }
    assert_eq!((exchanges(&window), window.model().present), (stopped, true));
    press(&mut window, Key::G);
    assert!(!matches!(window.model().run.next, Next::Stopped(_)));
    for (step, stands) in [("Keys", "done"), ("Tokens", "refused"), ("API", "locked")] {
        assert!(window.has(Role::Label, &format!("{step}: {stands}")), "the dot of {step}");
    }
}

/// A text with its size, its ink and what it stands on.
struct Painted {
    words: String,
    size: f32,
    ink: Color32,
    ground: Color32,
}

/// All that is painted, in order: what is filled is the ground of what comes later.
fn painted(shapes: &[ClippedShape], window: Color32) -> Vec<Painted> {
    let (mut grounds, mut texts) = (Vec::new(), Vec::new());
    for clipped in shapes {
        look_at(&clipped.shape, clipped.clip_rect, window, &mut grounds, &mut texts);
    }
    texts
}

fn look_at(shape: &Shape, clip: Rect, window: Color32, grounds: &mut Vec<(Rect, Color32)>, texts: &mut Vec<Painted>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| look_at(shape, clip, window, grounds, texts)),
        Shape::Rect(rect) if rect.fill.a() == 255 => grounds.push((rect.rect.intersect(clip), rect.fill)),
        Shape::Text(text) => {
            let middle = text.visual_bounding_rect().center();
            if !clip.contains(middle) || text.galley.text().trim().is_empty() {
                return;
            }
            let ground = grounds.iter().rev().find(|(rect, _)| rect.contains(middle)).map_or(window, |(_, fill)| *fill);
            for section in &text.galley.job.sections {
                let own = section.format.color;
                let ink = if own == Color32::PLACEHOLDER { text.fallback_color } else { own };
                let ink = text.override_text_color.unwrap_or(ink);
                texts.push(Painted {
                    words: text.galley.text().to_owned(),
                    size: section.format.font_id.size,
                    ink,
                    ground,
                });
            }
        }
        _ => {}
    }
}

/// WCAG 2.2.
fn contrast(a: Color32, b: Color32) -> f64 {
    let linear = |channel: u8| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    let luminance =
        |color: Color32| 0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b());
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn everything_can_be_read_from_the_back() {
    for (choice, theme) in [(ThemeChoice::Light, egui::Theme::Light), (ThemeChoice::Dark, egui::Theme::Dark)] {
        let mut window = Window::open_with(PROJECTOR, FakeBackend::new());
        window.app().model_mut().theme = choice;
        window.run();
        window.key(Modifiers::COMMAND, Key::P);
        for step in 0..17 {
            for key in [None, Some(Key::Z), Some(Key::Escape)] {
                if let Some(key) = key.filter(|key| *key != Key::Escape || window.model().audience.zoomed.is_some()) {
                    press(&mut window, key);
                }
                let texts = painted(&window.harness.output().shapes, Tokens::for_audience(theme).window);
                assert!(texts.len() > 10);
                for text in texts {
                    assert!(text.size >= 18.0, "step {step}, {:?}: {}", text.size, text.words);
                    let ratio = contrast(text.ink, text.ground);
                    assert!(ratio >= 7.0, "step {step}, {theme:?}, {ratio:.2}: {}", text.words);
                }
            }
            press(&mut window, Key::ArrowRight);
        }
    }
}

/// What lies over the run is read from there, too.
#[test]
fn dialogs_and_short_messages_are_as_large_as_what_is_below() {
    for (key, words) in [(Key::F1, "Here: a presentation"), (Key::N, "A second window is not possible here.")] {
        let mut window = presenting(PROJECTOR);
        press(&mut window, key);
        window.assert_says(words);
        let texts = painted(&window.harness.output().shapes, Color32::BLACK);
        let is_it = |text: &Painted| text.words.eq_ignore_ascii_case(words);
        assert!(texts.iter().any(is_it), "{words}");
        for text in texts.iter().filter(|text| text.words.chars().count() > 1) {
            assert!(text.size >= 18.0, "{}: {}", text.size, text.words);
        }
    }
}

#[test]
fn eight_rows_are_seen_at_once_and_type_grows_instead_of_rows() {
    let rows = |size| {
        let mut window = presenting(size);
        go_on_to(&mut window, Stage::Token);
        (window.count_of_rows(), window.size_of("Browser"))
    };
    let (small, usual, large) = (rows(SMALL), rows(PROJECTOR), rows(LARGE));
    assert_eq!((small.0, usual.0, large.0), (8, 8, 8));
    assert!(large.1 > 1.4 * usual.1 && small.1 > 0.75 * usual.1, "{small:?} {usual:?} {large:?}");
}
