//! The window without a mouse: what has the keyboard is in sight, F6 leads from part to part, the order follows the eye.

use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Role, TouchPhase, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use grantscope::gui::diagram::Diagram;

use crate::backend::FakeBackend;
use crate::compare::two_runs;
use crate::window::{Row, SMALL, USUAL, Window};

fn tab(window: &mut Window) {
    window.key(Modifiers::NONE, Key::Tab);
}

#[test]
fn what_the_tab_key_leads_to_is_in_sight() {
    // In the last of them the middle scrolls as a whole, and diagram and message in it.
    for size in [USUAL, SMALL, [960.0, 440.0]] {
        let mut window = Window::open_with(size, FakeBackend::new());
        window.key(Modifiers::COMMAND, Key::B);
        window.key(Modifiers::COMMAND, Key::B);
        let mut seen = Vec::new();
        for _ in 0..90 {
            tab(&mut window);
            let Some(node) = window.focus() else { continue };
            let (rect, name) = (node.rect(), window.focused());
            assert!(rect.top() > -1.0 && rect.top() + rect.height().min(40.0) < size[1] + 1.0, "{name} is at {rect:?}");
            seen.push(name);
        }
        assert!(seen.len() > 40, "{seen:?}");
    }
}

#[test]
fn f6_leads_from_part_to_part_and_back_to_where_one_was() {
    let mut window = Window::open();
    let mut parts = Vec::new();
    for _ in 0..8 {
        window.key(Modifiers::NONE, Key::F6);
        parts.push(window.region());
    }
    let round = ["Provider and window", "Tabs", "Settings", "Stages", "Diagram", "Message", "Actions"];
    assert_eq!(parts[..7], round);
    assert_eq!(parts[7], round[0], "it goes round");
    window.key(Modifiers::SHIFT, Key::F6);
    assert_eq!(window.region(), "Actions");
    window.get(Role::TextInput, "client_id").focus();
    window.run();
    window.key(Modifiers::NONE, Key::F6);
    assert_eq!(window.region(), "Stages");
    window.key(Modifiers::SHIFT, Key::F6);
    assert_eq!(window.focused(), "client_id", "where one was");
    window.key(Modifiers::NONE, Key::F6);
    window.key(Modifiers::SHIFT, Key::Questionmark);
    window.assert_says("Shift+F6");
}

#[test]
fn the_tab_key_follows_the_eye_through_the_parts() {
    let mut window = Window::open();
    let mut parts: Vec<String> = Vec::new();
    for _ in 0..150 {
        tab(&mut window);
        let part = window.region();
        if parts.last() != Some(&part) && !part.is_empty() {
            parts.push(part);
        }
    }
    let round = ["Provider and window", "Tabs", "Settings", "Stages", "Diagram", "Message", "Actions"];
    assert_eq!(parts[..7], round);
}

/// A strip is one stop, on what is selected in it; the arrow keys lead on, and nothing is selected by that alone.
#[test]
fn strips_are_one_stop_with_arrow_keys_inside() {
    let mut window = Window::open();
    window.tab(Row::Top, "Checks");
    window.key(Modifiers::NONE, Key::F6);
    window.key(Modifiers::NONE, Key::F6);
    assert_eq!((window.region(), window.focused()), ("Tabs".to_owned(), "Checks".to_owned()));
    window.key(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(window.focused(), "History");
    window.key(Modifiers::NONE, Key::Home);
    assert_eq!(
        (window.focused(), window.selected_tab(Row::Top)),
        ("Authorization code".to_owned(), "Checks".to_owned())
    );
    window.key(Modifiers::NONE, Key::Enter);
    assert_eq!(window.selected_tab(Row::Top), "Authorization code");

    window.stage("Discovery").focus();
    window.run();
    for (key, stage) in [(Key::End, "API"), (Key::ArrowLeft, "UserInfo"), (Key::ArrowRight, "API")] {
        window.key(Modifiers::NONE, key);
        assert_eq!((window.region(), window.focused()), ("Stages".to_owned(), stage.to_owned()));
    }
    window.assert_silent("API has not come yet");
    window.key(Modifiers::NONE, Key::Space);
    window.assert_says("API has not come yet");
    tab(&mut window);
    assert_eq!(window.region(), "Diagram");
    window.key(Modifiers::SHIFT, Key::Tab);
    assert_eq!(window.focused(), "API");
}

#[test]
fn the_diagram_keeps_the_keyboard_while_it_scrolls() {
    let mut window = Window::finished();
    let before = {
        let row = window.selected_row();
        row.focus();
        row.rect()
    };
    window.run();
    let name = window.focused();
    let wheel = Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, 5000.0),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    };
    window.harness.hover_at(before.center());
    for _ in 0..20 {
        window.harness.event(wheel.clone());
    }
    window.run();
    assert_eq!(window.focused(), name);
    assert_ne!(window.focus().map(|row| row.rect()), Some(before), "it has scrolled");
    window.key(Modifiers::NONE, Key::ArrowUp);
    assert_ne!(window.focused(), name);
    assert_eq!(window.region(), "Diagram");
}

/// The bars at the top and at the bottom have something at both ends.
#[test]
fn bars_are_gone_through_from_left_to_right() {
    for size in [USUAL, SMALL] {
        let mut window = Window::open_with(size, FakeBackend::new());
        let mut last = (String::new(), String::new(), 0.0);
        for _ in 0..150 {
            tab(&mut window);
            let left = window.focus().map_or(0.0, |node| node.rect().left());
            let now = (window.region(), window.focused(), left);
            let (region, before, at) = std::mem::replace(&mut last, now.clone());
            if ["Provider and window", "Actions"].contains(&now.0.as_str()) && region == now.0 {
                assert!(at < left, "{} comes after {before}", now.1);
            }
        }
        let mut window = Window::open_with(size, FakeBackend::new());
        while window.region() != "Actions" {
            window.key(Modifiers::NONE, Key::F6);
        }
        assert!(window.focused().ends_with(" the settings"), "{}", window.focused());
    }
}

/// What stands beside each other in one row, wherever that is.
#[test]
fn rows_are_gone_through_from_left_to_right() {
    let refused = || {
        let window = crate::server::refused();
        window.assert_says("invalid_grant");
        window
    };
    let shown = |row, tab: &str, more: &[(Role, &str)]| {
        let mut window = refused();
        window.tab(row, tab);
        more.iter().for_each(|(role, label)| window.press_role(*role, label));
        window
    };
    let scenes: [(&str, Window); 6] = [
        ("a finding", refused()),
        ("History", shown(Row::Top, "History", &[])),
        ("Server", shown(Row::Top, "Server", &[])),
        ("metadata", shown(Row::Top, "Server", &[(Role::Tab, "Discovery, metadata, keys, support")])),
        ("JWT", shown(Row::Top, "JWT", &[])),
        ("Capture", shown(Row::Top, "Capture", &[])),
    ];
    for (scene, mut window) in scenes {
        let mut last: Option<(String, String, egui::Rect)> = None;
        for _ in 0..140 {
            tab(&mut window);
            let Some(rect) = window.focus().map(|node| node.rect()) else { continue };
            let now = (window.region(), window.focused(), rect);
            if let Some((region, before, at)) = last.replace(now.clone()) {
                // A strip of tabs is one stop, wherever in it one is.
                let is_same_row = region == now.0 && region != "Tabs" && (at.center().y - rect.center().y).abs() < 3.0;
                assert!(!is_same_row || at.left() <= rect.left(), "{scene}: {} comes after {before}", now.1);
            }
        }
    }
}

/// Those that are scrolled away lie over nothing for those who are told where they are.
#[test]
fn tabs_out_of_sight_lie_over_no_other() {
    let window = Window::open_with(SMALL, FakeBackend::new());
    let menu = window.place_of(Role::Button, "All tabs");
    for tab in window.harness.query_all_by_role(Role::Tab) {
        let rect = tab.rect();
        assert!(!rect.shrink(1.0).intersects(menu), "{:?} lies over the menu", tab.accesskit_node().label());
    }
}

/// Several rows may show the same message: what the browser does, and what the user does there.
#[test]
fn every_row_of_the_diagram_takes_the_keyboard() {
    for size in [USUAL, SMALL] {
        let mut window = Window::open_with(size, FakeBackend::new());
        window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
        window.selected_row().focus();
        window.run();
        let last = Diagram::of(window.model()).arrows.len() - 1;
        for (first, key) in [(Key::Home, Key::ArrowDown), (Key::End, Key::ArrowUp)] {
            window.key(Modifiers::NONE, first);
            let mut rows = vec![window.focused()];
            for _ in 0..last {
                window.key(Modifiers::NONE, key);
                assert_eq!(window.focused(), window.selected_row().accesskit_node().label().unwrap_or_default());
                rows.push(window.focused());
            }
            rows.dedup();
            assert_eq!(rows.len(), last + 1, "{rows:?}");
            assert!(rows.iter().any(|row| row.contains("you sign in and consent")), "{rows:?}");
        }
        tab(&mut window);
        assert!(!["Provider and window", "Tabs"].contains(&window.region().as_str()), "it goes on from there");
    }
}

#[test]
fn stages_and_messages_have_the_roles_of_lists() {
    let window = Window::finished();
    assert!(window.has(Role::TabList, "stages"));
    let stage = window.stage("Discovery");
    assert_eq!(stage.accesskit_node().parent().and_then(|list| list.label()).as_deref(), Some("stages"));
    window.assert_says("messages, ");
}

#[test]
fn the_discover_dialog_selects_what_it_begins_with() {
    let mut window = Window::open();
    window.press("Discover...");
    assert_eq!(window.focused(), "Issuer");
    window.harness.event(Event::Text("https://other.example".to_owned()));
    window.run();
    assert_eq!(window.value("Issuer"), "https://other.example");
}

#[test]
fn fast_arrow_keys_stay_in_their_list() {
    let press = |key| Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE };
    let mut window = Window::finished();
    for (part, key) in [("Stages", Key::ArrowLeft), ("Tabs", Key::ArrowLeft)] {
        while window.region() != part {
            window.key(Modifiers::NONE, Key::F6);
        }
        // One in each frame, and all in one.
        for _ in 0..4 {
            window.harness.input_mut().events.push(press(key));
            window.harness.step();
        }
        window.harness.input_mut().events.extend([press(key), press(key), press(key)]);
        window.run();
        assert_eq!(window.region(), part);
    }
}

/// The screens with lists, what is selected in them, and two things beside each other.
fn screens() -> [(&'static str, Window); 5] {
    let history = |size| {
        let mut window = two_runs(size);
        window.tab(Row::Top, "History");
        window.row("Authorization code");
        window
    };
    let compare = |size| {
        let mut window = two_runs(size);
        window.press("Compare with...");
        window
    };
    let mut server = Window::finished();
    server.tab(Row::Top, "Server");
    [
        ("history", history(USUAL)),
        ("small history", history(SMALL)),
        ("comparison", compare(USUAL)),
        ("small comparison", compare(SMALL)),
        ("server", server),
    ]
}

/// In a part of the window one goes on to what is below or to the right, and never up and to the left.
#[test]
fn the_tab_key_follows_the_eye_within_a_part() {
    // What scrolls while one goes through it has another place by then.
    for (name, mut window) in screens().into_iter().filter(|(name, _)| *name != "server") {
        let mut last: Option<(String, String, egui::Rect)> = None;
        for _ in 0..70 {
            tab(&mut window);
            let Some(rect) = window.focus().map(|node| node.rect()) else { continue };
            let now = (window.region(), window.focused(), rect);
            if let Some((region, before, at)) = last.replace(now.clone())
                && region == now.0
            {
                let is_before = rect.bottom() <= at.top() && rect.right() <= at.left();
                assert!(!is_before, "{name}: {} at {rect:?} comes after {before} at {at:?}", now.1);
            }
        }
    }
}

/// What is said is heard before what can be done with it, and nothing is a part without a name.
#[test]
fn a_screen_reader_meets_things_in_order_and_by_a_name() {
    for (name, window) in screens() {
        let mut said = Vec::new();
        for node in window.harness.root().children_recursive() {
            let node = node.accesskit_node();
            let words = node.label().or_else(|| node.value()).unwrap_or_default();
            let is_part = matches!(node.role(), Role::Pane | Role::Group | Role::Region | Role::Label | Role::Button);
            assert!(
                !is_part || !words.is_empty() || node.description().is_some(),
                "{name}: {:?} at {:?}",
                node.role(),
                node.bounding_box()
            );
            said.push(words);
        }
        if name.ends_with("comparison") {
            let at = |words: &str| said.iter().position(|text| text.contains(words));
            assert!(at("differences that matter") < at("Copy for an issue"), "{name}: {said:?}");
            assert!(at("differences that matter").is_some(), "{name}: {said:?}");
        }
    }
}
