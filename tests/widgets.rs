//! The widgets by role and label, as the keyboard and screen readers meet them.

use egui::accesskit::Toggled;
use egui::{Key, Modifiers, OutputCommand, Role, Ui};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use grantscope::base::json::Json;
use grantscope::base::secret::Secret;
use grantscope::gui::theme::{self, icons};
use grantscope::gui::widgets::*;

fn harness<S>(size: [f32; 2], state: S, ui: impl FnMut(&mut Ui, &mut S) + 'static) -> Harness<'static, S> {
    let mut harness = Harness::builder().with_size(size).with_context_setup(theme::install).build_ui_state(ui, state);
    harness.run();
    harness
}

fn copied<S>(harness: &Harness<'_, S>) -> Vec<String> {
    let commands = harness.output().platform_output.commands.iter();
    commands
        .filter_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
        .collect()
}

/// Steps through the queued events and collects what was copied on the way.
fn copied_while_running<S>(harness: &mut Harness<'_, S>) -> Vec<String> {
    let mut texts = Vec::new();
    for _ in 0..4 {
        harness.step();
        texts.extend(copied(harness));
    }
    texts
}

#[test]
fn the_glyphs_of_texts_and_all_icons_are_in_our_fonts() {
    // The harness panics at a glyph that no font has.
    harness([900.0, 300.0], (), |ui, ()| {
        let glyphs = "→ ← ✓ ✗ • … ● ▾ ▸ § × · ↔ – ’ “ ” € ä ß Ł Ж Ω";
        ui.label(glyphs);
        ui.label(theme::text::strong(glyphs));
        ui.label(theme::text::mono(glyphs));
        ui.label(theme::text::large_code(glyphs));
        ui.horizontal_wrapped(|ui| {
            for icon in icons::ALL {
                ui.label(icon.text(16.0));
            }
        });
    });
}

#[test]
fn a_button_clicks_unless_it_is_disabled() {
    let mut window = harness([400.0, 200.0], Vec::new(), |ui, clicked| {
        if ui.add(Button::primary("Send the token request").icon(icons::PLAY).shortcut("Ctrl+Enter")).clicked() {
            clicked.push("send");
        }
        if ui.add_enabled(false, Button::secondary("Back")).clicked() {
            clicked.push("back");
        }
        if ui.add(IconButton::new(icons::QUESTION, "Help")).clicked() {
            clicked.push("help");
        }
    });
    for label in ["Send the token request", "Back", "Help"] {
        window.get_by_role_and_label(Role::Button, label).click();
        window.run();
    }
    assert_eq!(*window.state(), ["send", "help"]);
    assert!(window.get_by_label("Back").accesskit_node().is_disabled());
}

#[test]
fn buttons_are_reached_by_tab_and_pressed_by_space_and_enter() {
    let mut window = harness([400.0, 200.0], [0, 0], |ui, counts| {
        for (label, count) in ["One", "Two"].into_iter().zip(counts) {
            *count += i32::from(ui.add(Button::secondary(label)).clicked());
        }
    });
    for key in [Key::Tab, Key::Space, Key::Tab, Key::Enter] {
        window.key_press(key);
        window.run();
    }
    assert_eq!(*window.state(), [1, 1]);
    assert!(window.get_by_label("Two").is_focused());
}

#[test]
fn a_switch_flips_by_click_and_by_space() {
    let mut window = harness([400.0, 200.0], false, |ui, on| {
        Toggle::new("PKCE").hint("S256").help("Binds the code to this client.", "RFC 7636").show(ui, on);
    });
    let toggled = |window: &Harness<'_, bool>| window.get_by_role(Role::Switch).accesskit_node().toggled();
    assert_eq!(toggled(&window), Some(Toggled::False));
    window.get_by_role_and_label(Role::Switch, "PKCE").click();
    window.run();
    assert!(*window.state());
    assert_eq!(toggled(&window), Some(Toggled::True));
    window.key_press(Key::Tab);
    window.key_press(Key::Space);
    window.run();
    assert!(!*window.state());
}

#[test]
fn a_field_is_named_by_its_parameter_and_described_by_its_note() {
    let mut window = harness([400.0, 200.0], String::new(), |ui, value| {
        let caption =
            Caption::new("client_id").help("Names the client.", "RFC 6749 §2.2").note(Tone::Warn, "not registered");
        Field::new(caption).placeholder("practice-web").show(ui, value);
    });
    window.get_by_role_and_label(Role::TextInput, "client_id").focus();
    window.run();
    window.get_by_role_and_label(Role::TextInput, "client_id").type_text("web");
    window.run();
    assert_eq!(window.state(), "web");
    let field = window.get_by_role(Role::TextInput);
    assert_eq!(field.accesskit_node().description().as_deref(), Some("not registered Names the client."));
    window.get_by_role_and_label(Role::Status, "not registered");
}

#[test]
fn a_secret_stays_masked_until_shown_and_leaves_no_undo_history() {
    let mut window = harness([400.0, 200.0], Secret::new("planted-sentinel"), |ui, secret| {
        SecretField::new("client_secret").show(ui, secret);
    });
    let field = |window: &Harness<'_, Secret>| {
        let field =
            window.get_by(|node| node.label().as_deref() == Some("client_secret") && node.role() != Role::Label);
        (field.accesskit_node().role(), field.value().unwrap_or_default())
    };
    assert_eq!(field(&window).0, Role::PasswordInput);
    assert!(!field(&window).1.contains("sentinel"));
    window.get_by_role(Role::PasswordInput).focus();
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.event(egui::Event::Copy);
    assert_eq!(copied_while_running(&mut window), Vec::<String>::new());
    window.get_by_label("Show client_secret").click();
    window.run();
    assert_eq!(field(&window), (Role::TextInput, "planted-sentinel".to_owned()));
    window.get_by_role(Role::TextInput).focus();
    window.run();
    window.get_by_role(Role::TextInput).type_text("x");
    window.run();
    window.get_by_label("Hide client_secret").click();
    window.run();
    assert_eq!(field(&window).0, Role::PasswordInput);
    let after = window.state().clone();
    window.get_by_role(Role::PasswordInput).focus();
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run();
    assert!(*window.state() == after, "undo brought an older secret back");
}

#[test]
fn a_picker_tells_its_value_and_takes_options_and_anything_else() {
    let mut window = harness([400.0, 400.0], String::new(), |ui, value| {
        Picker::new("prompt", &["none", "login"]).unset("(not sent)").or_typed().show(ui, value);
    });
    let shown = |window: &Harness<'_, String>| window.get_by_role(Role::ComboBox).accesskit_node().description();
    assert_eq!(shown(&window).as_deref(), Some("(not sent)"));
    window.get_by_role_and_label(Role::ComboBox, "prompt").click();
    window.run();
    window.get_by_label("login").click();
    window.run();
    assert_eq!(window.state(), "login");
    assert_eq!(shown(&window).as_deref(), Some("login"));
    window.get_by_role(Role::ComboBox).click();
    window.run();
    window.get_by_label("Another prompt").focus();
    window.run();
    window.get_by_label("Another prompt").type_text("create");
    window.key_press(Key::Enter);
    window.run();
    assert_eq!(window.state(), "create");
}

#[test]
fn a_choice_by_keyboard_leaves_the_keyboard_with_the_picker() {
    let mut window = harness([400.0, 400.0], String::new(), |ui, value| {
        Picker::new("prompt", &["none", "login"]).unset("(not sent)").show(ui, value);
    });
    window.get_by_role(Role::ComboBox).focus();
    window.run();
    for _ in 0..2 {
        window.key_press(Key::Enter);
        window.run();
        window.get_by_label("login").focus();
        window.run();
        window.key_press(Key::Enter);
        window.run();
        assert_eq!(window.state(), "login");
        assert!(window.get_by_role(Role::ComboBox).accesskit_node().is_focused());
        assert!(window.query_by_label("login").is_none(), "the list is closed");
    }
}

#[test]
fn a_word_too_long_for_a_picker_keeps_its_end() {
    let urn = "urn:ietf:params:oauth:token-type:access_token";
    let mut window = harness([260.0, 400.0], urn.to_owned(), |ui, value| {
        Picker::new("subject_token_type", &["urn:ietf:params:oauth:token-type:jwt"]).show(ui, value);
    });
    window.run();
    let picker = window.get_by_role(Role::ComboBox).accesskit_node();
    assert!(picker.value().is_some_and(|shown| shown.starts_with('…') && shown.ends_with(":access_token")));
    assert_eq!(picker.description().as_deref(), Some(urn));
}

#[test]
fn chips_are_the_words_of_a_string() {
    let mut window = harness([400.0, 400.0], "openid profile".to_owned(), |ui, words| {
        Chips::new("scope").suggestions(&["email", "openid"]).show(ui, words);
    });
    window.get_by_label("Remove openid").click();
    window.run();
    assert_eq!(window.state(), "profile");
    window.get_by_label("Add to scope").click();
    window.run();
    window.get_by_label("email").click();
    window.run();
    assert_eq!(window.state(), "profile email");
    window.get_by_label("Add to scope").click();
    window.run();
    window.get_by_label("New scope").type_text("api:read");
    window.key_press(Key::Enter);
    window.run();
    assert_eq!(window.state(), "profile email api:read");
}

#[test]
fn pairs_can_be_added_edited_doubled_and_removed() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut window = harness([500.0, 400.0], vec![pair("resource", "a"), pair("resource", "b")], |ui, pairs| {
        Pairs::new("extra parameter").show(ui, pairs);
    });
    window.get_by_label("Add extra parameter").click();
    window.run();
    window.get_by_label("Name of extra parameter 3").focus();
    window.run();
    window.get_by_label("Name of extra parameter 3").type_text("x");
    window.run();
    assert_eq!(window.state()[2], pair("x", ""));
    window.get_all_by_label("Remove resource").next().expect("a row").click();
    window.run();
    assert_eq!(*window.state(), [pair("resource", "b"), pair("x", "")]);
}

#[test]
fn tabs_select_and_the_selected_one_stays_in_sight() {
    let titles = ["Authorization code", "Device", "Client credentials", "Token exchange", "JWT bearer", "CIBA"];
    let mut window = harness([420.0, 100.0], 0, move |ui, selected| {
        let tabs: Vec<_> = titles.iter().enumerate().map(|(index, title)| Tab::new(index, title)).collect();
        let right = [Tab::new(9, "History").badge(Tone::Warn, "2")];
        if let Some(index) = TabRow::new("Grants", &tabs).right(&right).show(ui, *selected) {
            *selected = index;
        }
    });
    window.get_by_role_and_label(Role::Tab, "Device").click();
    window.run();
    assert_eq!(*window.state(), 1);
    assert_eq!(window.get_by_label("Device").accesskit_node().is_selected(), Some(true));
    *window.state_mut() = 9;
    window.run();
    let tab = window.get_by_role_and_label(Role::Tab, "History");
    assert_eq!(tab.accesskit_node().description().as_deref(), Some("2 warning"));
    assert!(tab.rect().right() <= 420.0, "{:?}", tab.rect());
}

#[test]
fn the_rail_says_where_each_stage_stands() {
    let mut window = harness([600.0, 100.0], 1, |ui, selected| {
        let stage = |title, state| RailStage { title, state, note: String::new(), rule: "" };
        let stages = [
            stage("Request", StageState::Done),
            stage("Redirect", StageState::Running),
            stage("Code", StageState::Refused),
            stage("Exchange", StageState::Stale),
            stage("Tokens", StageState::Locked),
            stage("Call API", StageState::Skipped),
        ];
        if let Some(index) = Rail::new(&stages, *selected).show(ui) {
            *selected = index;
        }
    });
    let description = |label| window.get_by_role_and_label(Role::Tab, label).accesskit_node().description();
    assert_eq!(description("Code").as_deref(), Some("stage 3 of 6, refused"));
    assert_eq!(description("Exchange").as_deref(), Some("stage 4 of 6, stale, settings have changed"));
    assert!(window.get_by_label("Call API").rect().right() <= 600.0);
    window.get_by_label("Tokens").click();
    window.run();
    assert_eq!(*window.state(), 4);
}

fn polling(count: usize) -> (Vec<Lane>, Vec<Arrow>) {
    let lanes = ["You", "Client (this app)", "Authorization server"].map(|title| Lane { title: title.to_owned() });
    let arrows = (0..count).map(|id| Arrow {
        id,
        from: 1,
        to: 2,
        label: format!("{id} POST /token"),
        time: format!("+{id} s"),
        ..Arrow::default()
    });
    (lanes.to_vec(), arrows.collect())
}

fn sequence(count: usize) -> Harness<'static, Option<usize>> {
    let (lanes, arrows) = polling(count);
    harness([800.0, 400.0], None, move |ui, selected| {
        if let Some(SequenceAction::Select(id)) = Sequence::new(&lanes, &arrows, *selected).show(ui) {
            *selected = Some(id);
        }
    })
}

#[test]
fn arrows_are_selected_by_click_and_by_arrow_keys() {
    let mut window = sequence(6);
    window.get_by_role_and_label(Role::ListBoxOption, "2 POST /token, client to authorization server").click();
    window.run();
    assert_eq!(*window.state(), Some(2));
    for (key, expected) in [
        (Key::ArrowDown, 3),
        (Key::ArrowDown, 4),
        (Key::ArrowUp, 3),
        (Key::End, 5),
        (Key::ArrowDown, 5),
        (Key::Home, 0),
    ] {
        window.key_press(key);
        window.run();
        assert_eq!(*window.state(), Some(expected), "{key:?}");
    }
    let row = window.get_by_label("0 POST /token, client to authorization server");
    assert!(row.is_focused());
    assert_eq!(row.accesskit_node().description().as_deref(), Some("+0 s, done"));
}

#[test]
fn a_thousand_arrows_lay_out_only_those_in_sight() {
    let mut window = sequence(1000);
    assert!(window.get_all_by_role(Role::ListBoxOption).count() < 14);
    *window.state_mut() = Some(700);
    window.run();
    let row = window.get_by_label("700 POST /token, client to authorization server").rect();
    assert!(row.top() >= 0.0 && row.bottom() <= 400.0, "{row:?}");
    window.key_press(Key::Tab);
    window.run();
    window.key_press(Key::ArrowDown);
    window.run();
    assert_eq!(*window.state(), Some(701));
}

#[test]
fn a_fold_is_toggled_by_each_click_and_not_by_the_arrow_keys() {
    use SequenceAction::{Select, Toggle};

    let (lanes, mut arrows) = polling(3);
    arrows[1].fold = Some(Fold::Closed);
    let mut window = harness([800.0, 300.0], Vec::new(), move |ui, actions| {
        let selected = actions.last().map(|(Select(id) | Toggle(id))| *id);
        actions.extend(Sequence::new(&lanes, &arrows, selected).show(ui));
    });
    for _ in 0..2 {
        window.get_by_label_contains("1 POST /token").click();
        window.run();
    }
    for key in [Key::ArrowDown, Key::ArrowUp] {
        window.key_press(key);
        window.run();
    }
    assert_eq!(*window.state(), [Toggle(1), Toggle(1), Select(2), Select(1)]);
}

#[test]
fn rows_of_a_list_are_options_with_arrow_keys() {
    let mut window = harness([400.0, 200.0], None, |ui, selected| {
        let list = RowList::new("checks", 500, *selected);
        let clicked = list.show(ui, |index| format!("check {index}"), |ui, index| drop(ui.label(format!("#{index}"))));
        *selected = clicked.or(*selected);
    });
    assert!(window.get_all_by_role(Role::ListBoxOption).count() < 10);
    window.get_by_role_and_label(Role::ListBoxOption, "check 2").click();
    window.run();
    for key in [Key::PageDown, Key::ArrowDown] {
        window.key_press(key);
        window.run();
    }
    assert_eq!(*window.state(), Some(11));
    assert!(window.get_by_label("check 11").is_focused());
    window.get_by_label("checks, 500 rows");
}

#[test]
fn a_text_is_copied_whole_and_named() {
    let mut window = harness([500.0, 200.0], (), |ui, ()| {
        CodeView::new("raw request", "POST /token HTTP/1.1\nHost: as", Language::Http).show(ui);
    });
    window.get_by_label("raw request");
    window.get_by_label("Copy raw request").click();
    assert_eq!(copied_while_running(&mut window), ["POST /token HTTP/1.1\nHost: as"]);
}

#[test]
fn five_megabytes_of_text_show_only_the_lines_in_sight() {
    let text = "0123456789abcdef\n".repeat(5 * 1024 * 1024 / 17);
    let lines = text.lines().count();
    let window = harness([500.0, 400.0], (), move |ui, ()| {
        CodeView::new("response body", &text, Language::Plain).show(ui);
    });
    window.get_by_label(&format!("response body, {lines} lines"));
    assert!(window.get_all_by_role(Role::Label).count() < 30);
}

fn tree(json: Json) -> Harness<'static, ()> {
    harness([500.0, 400.0], (), move |ui, ()| drop(JsonTree::new("body", &json).show(ui)))
}

#[test]
fn a_tree_opens_closes_and_is_walked_by_keys() {
    let mut window = tree(Json::parse_text(r#"{"alg":"RS256","cnf":{"jkt":"abc"}}"#).expect("JSON"));
    let item = |window: &Harness<'_, ()>, label: &str| window.query_by_role_and_label(Role::TreeItem, label).is_some();
    assert!(item(&window, "jkt: \"abc\""));
    window.get_by_label("cnf: object, 1 member").click();
    window.run();
    assert!(!item(&window, "jkt: \"abc\""));
    for key in [Key::ArrowRight, Key::ArrowRight] {
        window.key_press(key);
        window.run();
    }
    assert!(window.get_by_label("jkt: \"abc\"").is_focused());
    window.event(egui::Event::Copy);
    assert_eq!(copied_while_running(&mut window), ["abc"]);
    window.key_press(Key::ArrowLeft);
    window.run();
    assert!(window.get_by_label("cnf: object, 1 member").is_focused());
}

#[test]
fn a_tree_of_five_megabytes_opens_at_once() {
    let elements = (0..200_000).map(|n| Json::String(format!("element number {n:08}"))).collect();
    let json = Json::Array(elements);
    let start = std::time::Instant::now();
    let window = tree(json);
    assert!(window.get_all_by_role(Role::TreeItem).count() < 30);
    window.get_by_label("body, 200001 rows");
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[test]
fn a_parameter_is_copied_with_a_toast_that_goes_away() {
    let mut window = harness([600.0, 300.0], (), |ui, ()| {
        ParamsTable::new(&[Param::new("code", "SplxlOBe", "from stage 3").mark(Tone::Ok)]).show(ui);
        finish_frame(ui.ctx());
    });
    window.get_by_label("Copy code").click();
    assert_eq!(copied_while_running(&mut window), ["SplxlOBe"]);
    window.get_by_role_and_label(Role::Status, "Copied code");
    window.run_steps(16);
    assert!(window.query_by_label("Copied code").is_none());
}

#[test]
fn a_countdown_tells_what_is_left() {
    let window = harness([400.0, 200.0], (), |ui, ()| {
        Countdown::new("access_token", 0.15).texts(["10:30", "9 min left", "11:30"]).show(ui);
        countdown_ring(ui, "next poll", 0.6, "3 s");
    });
    let bar = window.get_by_role_and_label(Role::ProgressIndicator, "access_token");
    assert_eq!(bar.accesskit_node().numeric_value(), Some(15.0));
    assert_eq!(bar.accesskit_node().description().as_deref(), Some("10:30 9 min left 11:30"));
    window.get_by_role_and_label(Role::ProgressIndicator, "next poll");
}

#[test]
fn a_qr_code_is_an_image_with_words_and_too_long_a_text_is_none() {
    let window = harness([400.0, 300.0], Vec::new(), |ui, drawn| {
        drawn.push(qr(ui, "https://as.example/verify", 150.0, "QR code of as.example/verify").is_some());
        drawn.push(qr(ui, &"x".repeat(4000), 150.0, "never").is_some());
    });
    window.get_by_role_and_label(Role::Image, "QR code of as.example/verify");
    assert_eq!(window.state()[..2], [true, false]);
}

#[test]
fn lessons_have_real_links() {
    let mut window = harness([400.0, 200.0], (), |ui, ()| {
        markup(ui, "**Why?** See [RFC 6749](https://www.rfc-editor.org/rfc/rfc6749.html).\n\n- `code` once");
    });
    window.get_by_role_and_label(Role::Link, "RFC 6749").click();
    let opened = (0..3).find_map(|_| {
        window.step();
        window.output().platform_output.commands.iter().find_map(|command| match command {
            OutputCommand::OpenUrl(open) => Some(open.url.clone()),
            _ => None,
        })
    });
    assert_eq!(opened.as_deref(), Some("https://www.rfc-editor.org/rfc/rfc6749.html"));
}

#[test]
fn a_dialog_takes_the_keyboard_and_gives_it_back() {
    let mut window = harness([600.0, 400.0], (false, String::new()), |ui, (open, url)| {
        if ui.add(Button::secondary("Paste...")).clicked() {
            *open = true;
        }
        if *open {
            let shown =
                Dialog::new("Paste the redirect URL").show(ui.ctx(), |ui| Field::new("redirect URL").show(ui, url));
            *open = !shown.closed;
        }
        finish_frame(ui.ctx());
    });
    window.get_by_label("Paste...").focus();
    window.key_press(Key::Enter);
    window.run();
    window.get_by_role_and_label(Role::Dialog, "Paste the redirect URL");
    assert!(window.get_by_role_and_label(Role::TextInput, "redirect URL").is_focused());
    window.key_press(Key::Escape);
    window.run();
    assert!(!window.state().0);
    assert!(window.get_by_label("Paste...").is_focused());
}

#[test]
fn banners_and_empty_states_offer_one_action() {
    let mut window = harness([600.0, 400.0], Vec::new(), |ui, clicked| {
        if Banner::new(Tone::Warn, "Practice server:").text("fault `wrong-nonce` is on").action("Turn it off").show(ui)
        {
            clicked.push("off");
        }
        if EmptyState::new(icons::KEY, "No tokens yet").text("Run a flow").action("Start").show(ui) {
            clicked.push("start");
        }
    });
    for label in ["Turn it off", "Start"] {
        window.get_by_label(label).click();
        window.run();
    }
    assert_eq!(*window.state(), ["off", "start"]);
}
