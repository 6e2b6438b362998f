//! The languages of the window: chosen in the top bar, kept, and each in full: nothing is said in English, and at the
//! smallest size nothing that the window itself says is cut off or stands over something else.

use std::collections::BTreeSet;

use egui::{Event, Key, Modifiers, Rect, Role, Shape};
use egui_kittest::kittest::NodeT as _;
use grantscope::gui::language::{Language, Texts};
use grantscope::gui::model::{Side, Tab};
use grantscope::gui::remember::Remembered;
use regex::RegexSet;

use crate::backend::FakeBackend;
use crate::window::{SMALL, USUAL, Window};

#[test]
fn the_language_is_chosen_in_the_top_bar_and_by_name_and_is_kept() {
    let mut window = Window::open();
    window.press("Language: English");
    window.press("Deutsch");
    assert!(!window.has(Role::Button, "Deutsch") && !window.has(Role::Button, "English"), "the menu is closed");
    assert!(window.has(Role::Button, "Vorführen") && window.has(Role::Button, "Sprache: Deutsch"));
    assert!(window.has(Role::Tab, "Prüfungen") && !window.has(Role::Tab, "Checks"));
    assert_eq!(window.get(Role::Region, "Aktionen").accesskit_node().language(), Some("de"));
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    window.assert_says("Warum dieser Schritt?");
    let kept = Remembered::of(&window.harness.ctx.clone(), window.app().model(), 1.0).to_json();
    assert!(kept.contains("\"language\": \"de\""), "{kept}");
    let mut next = Window::open();
    let ctx = next.harness.ctx.clone();
    next.app().recall(&ctx, &Remembered::read(&kept));
    next.run();
    assert!(next.has(Role::Button, "Vorführen"));

    window.key(Modifiers::COMMAND, Key::K);
    window
        .fill("Befehl, Einstellung, Anbieter, Schritt, Lektion, Prüfung, Lauf, Fehler oder Regel", "Language English");
    window.key(Modifiers::NONE, Key::Enter);
    assert!(window.has(Role::Button, "Present"));
}

/// The bar has room for all of it: the name of the provider gives way.
#[test]
fn a_long_name_of_a_provider_gives_way_to_the_buttons() {
    let name = "The identity provider of the northern branch offices, staging environment";
    for (language, save_as, present, provider) in [
        (Language::English, "Save as...", "Present", "Provider"),
        (Language::German, "Speichern unter...", "Vorführen", "Anbieter"),
    ] {
        let mut window = Window::open();
        window.app().model_mut().language = language;
        window.app().model_mut().preset.preset.name = name.to_owned();
        window.run();
        let (save_as, present) = (window.place_of(Role::Button, save_as), window.place_of(Role::Button, present));
        assert!(save_as.right() < present.left(), "{save_as:?} {present:?}");
        assert!(window.place_of(Role::ComboBox, provider).width() >= 100.0);
    }
}

type Scene = (&'static str, fn(&mut Window));

/// What leads to a screen, without words.
const SCENES: [Scene; 17] = [
    ("first", |_| {}),
    ("request", |window| (0..3).for_each(|_| window.next())),
    ("end", finish),
    ("settings", |window| window.app().model_mut().settings_open = Some(true)),
    ("checks", |window| {
        finish(window);
        window.key(Modifiers::COMMAND, Key::E);
    }),
    ("jwt", |window| {
        finish(window);
        window.key(Modifiers::COMMAND, Key::J);
    }),
    ("history", |window| {
        finish(window);
        window.key(Modifiers::COMMAND, Key::H);
    }),
    ("server", |window| {
        finish(window);
        window.app().model_mut().tab = Tab::Server;
    }),
    ("faults", |window| {
        finish(window);
        let model = window.app().model_mut();
        (model.tab, model.server.side) = (Tab::Server, Some(Side::Faults));
    }),
    ("lessons", |window| window.app().model_mut().tab = Tab::Lessons),
    ("capture", |window| window.app().model_mut().tab = Tab::Capture),
    ("present", |window| {
        finish(window);
        window.key(Modifiers::COMMAND, Key::P);
    }),
    ("keys", |window| window.key(Modifiers::SHIFT, Key::Questionmark)),
    ("device", |window| {
        window.key(Modifiers::COMMAND, Key::Num2);
        (0..4).for_each(|_| window.next());
    }),
    ("mcp", |window| {
        window.key(Modifiers::COMMAND, Key::Num9);
        finish(window);
    }),
    ("implicit", |window| {
        window.key(Modifiers::COMMAND, Key::K);
        window.harness.event(Event::Text("Implicit".to_owned()));
        window.run();
        window.key(Modifiers::NONE, Key::Enter);
        finish(window);
    }),
    ("palette", |window| window.key(Modifiers::COMMAND, Key::K)),
];

fn finish(window: &mut Window) {
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
}

/// Every scene in every language but English.
fn in_all_languages(size: [f32; 2], judge: fn(&Window, &Texts) -> Vec<String>) {
    for language in Language::ALL {
        let Some(texts) = language.texts() else { continue };
        let mut all = Vec::new();
        for (name, prepare) in SCENES {
            let mut window = Window::open_with(size, FakeBackend::new());
            window.app().model_mut().language = language;
            window.run();
            prepare(&mut window);
            window.run();
            all.extend(judge(&window, texts).into_iter().map(|wrong| format!("{name}: {wrong}")));
        }
        assert!(all.is_empty(), "{language:?}: {all:#?}");
    }
}

#[test]
fn nothing_is_said_in_english_that_a_language_has() {
    in_all_languages(USUAL, |window, texts| {
        let all = || texts.window.iter().chain(&texts.engine);
        let other: BTreeSet<&String> = all().map(|(_, other)| other).collect();
        // A single small word may be a name of the protocol.
        let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let english: BTreeSet<&String> = all()
            .filter(|(english, it)| english != it && !other.contains(english) && !is_name(english))
            .map(|(english, _)| english)
            .collect();
        window.texts().into_iter().filter(|text| english.contains(text)).collect()
    });
}

/// A text of the window on the screen: where it is, where it may be seen, and whether it was shortened.
struct Painted {
    text: String,
    place: Rect,
    seen: Rect,
    is_shortened: bool,
}

fn painted(shape: &Shape, seen: Rect, found: &mut Vec<Painted>) {
    match shape {
        // Only the first line of a paragraph may stand beside its title.
        Shape::Text(shape) if shape.galley.rows.len() == 1 && seen.intersects(shape.visual_bounding_rect()) => found
            .push(Painted {
                text: shape.galley.text().to_owned(),
                place: shape.visual_bounding_rect(),
                seen,
                is_shortened: shape.galley.elided,
            }),
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| painted(shape, seen, found)),
        _ => {}
    }
}

/// What a text looks like with its values; none for one that is little more than values or ends with one, which may be of
/// any length.
fn pattern(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(['{', '}']).collect();
    let letters: usize = parts.iter().step_by(2).map(|part| part.len()).sum();
    let words =
        parts.iter().enumerate().map(|(at, part)| if at % 2 == 0 { regex::escape(part) } else { ".+".to_owned() });
    (parts.len() == 1 || letters > 8 && !text.ends_with('}')).then(|| format!("^{}$", words.collect::<String>()))
}

#[test]
fn nothing_that_the_window_says_is_cut_at_the_smallest_size() {
    in_all_languages(SMALL, |window, texts| {
        let mut all = Vec::new();
        for clipped in &window.harness.output().shapes {
            painted(&clipped.shape, clipped.clip_rect, &mut all);
        }
        let own = RegexSet::new(texts.window.values().filter_map(|text| pattern(text))).expect("patterns of texts");
        all.retain(|painted| own.is_match(&painted.text));
        let mut wrong = Vec::new();
        for (at, one) in all.iter().enumerate() {
            let beyond = one.place.right() > one.seen.right() + 1.0 || one.place.left() < one.seen.left() - 1.0;
            if one.is_shortened || beyond {
                wrong.push(format!("{} is cut", one.text));
            }
            // What lies over the window has a room of its own.
            let over =
                |other: &&Painted| one.seen == other.seen && one.place.shrink(2.0).intersects(other.place.shrink(2.0));
            wrong.extend(all[..at].iter().filter(over).map(|other| format!("{} is over {}", one.text, other.text)));
        }
        wrong
    });
}
