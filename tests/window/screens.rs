//! Pictures of the main screens, to be looked at: `GRANTSCOPE_SCREENS=1 cargo test --test window screens` writes
//! them to `target/screens`. Nothing is compared.

#![expect(clippy::print_stderr, reason = "says why there are no pictures")]

use std::path::{Path, PathBuf};

use egui::{Key, Modifiers, Role};
use grantscope::gui::model::ThemeChoice;

use crate::backend::{Browser, FakeBackend};
use crate::window::{SMALL, USUAL, Window};

type Scene = fn(&mut Window);

const SCENES: [(&str, Scene); 12] = [
    ("01-start", |_| {}),
    ("02-request", |window| window.walk_to("Sign in for me as alice")),
    ("03-waiting", |window| {
        window.walk_to("Sign in for me as alice");
        window.backend().browser = Browser::Idle;
        window.press("Open the browser");
    }),
    ("04-token-request", |window| window.walk_to("Send the token request")),
    ("05-tokens", |window| window.walk_to("Get UserInfo")),
    ("06-api", |window| window.press("Run to end")),
    ("07-refused", |window| {
        window.walk_to("Send the token request");
        window.press_role(Role::Switch, "Show secrets");
        window.fill("Value of code_verifier", &"x".repeat(43));
        window.press_role(Role::Switch, "Show secrets");
        window.next();
    }),
    ("08-checks", |window| {
        window.press("Run to end");
        window.key(Modifiers::COMMAND, Key::K);
    }),
    ("09-jwt", |window| {
        window.press("Run to end");
        window.key(Modifiers::COMMAND, Key::J);
    }),
    ("10-missing", |window| {
        window.app().model_mut().settings_open = Some(true);
        window.run();
        window.fill("issuer", "");
    }),
    ("11-help", |window| window.key(Modifiers::NONE, Key::F1)),
    ("12-present", |window| {
        window.walk_to("Get UserInfo");
        window.key(Modifiers::COMMAND, Key::P);
    }),
];

/// Saves a picture; `false` without a graphics adapter, of which the harness tells by a panic.
fn save(window: &mut Window, path: &Path) -> bool {
    let render = std::panic::AssertUnwindSafe(|| window.harness.render());
    let Ok(Ok(image)) = std::panic::catch_unwind(render) else { return false };
    image.save(path).expect("a picture can be saved");
    true
}

#[test]
fn pictures_are_drawn_when_asked_for() {
    if std::env::var_os("GRANTSCOPE_SCREENS").is_none() {
        return eprintln!("no pictures: GRANTSCOPE_SCREENS is not set");
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screens");
    std::fs::create_dir_all(&folder).expect("the target folder can be written to");
    for (size, name) in [(USUAL, "1280x800"), (SMALL, "960x600")] {
        for (theme, word) in [(ThemeChoice::Dark, "dark"), (ThemeChoice::Light, "light")] {
            for (scene, prepare) in SCENES {
                let mut window = Window::open_with(size, FakeBackend::new());
                window.app().model_mut().theme = theme;
                window.run();
                prepare(&mut window);
                if !save(&mut window, &folder.join(format!("{scene}-{word}-{name}.png"))) {
                    return eprintln!("no pictures: there is no graphics adapter");
                }
            }
        }
    }
}
