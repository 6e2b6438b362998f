//! Keys and certificates: read from files, made, described, and given to whoever registers the client.

use egui::{Key, Modifiers, Role};
use grantscope::jose::key::SigningKey;

use crate::backend::{Dialogs, FakeBackend};
use crate::window::{Row, USUAL, Window};

/// The JWT bearer tab, where a private key is always of use.
fn window_with(files: &[(&str, &str)], dialogs: Dialogs) -> Window {
    let mut backend = FakeBackend::new();
    backend.files = files.iter().map(|(path, text)| ((*path).into(), (*text).to_owned())).collect();
    backend.dialogs = dialogs;
    let mut window = Window::open_with(USUAL, backend);
    window.tab(Row::Top, "JWT bearer");
    window
}

fn key() -> String {
    SigningKey::generate("ES256", "from-a-file").expect("a key").private_jwk().expose().to_owned()
}

#[test]
fn a_key_is_read_from_a_typed_path_and_described() {
    let mut window = window_with(&[("/keys/client.jwk", &key())], Dialogs::Absent);
    window.assert_says("Signs with ES256, kid practice-jwt-1");
    window.press("Read private_key from a file");
    window.fill("Path", "/keys/client.jwk");
    window.press("Read");
    assert!(window.model().dialog.is_none());
    window.assert_says("Signs with ES256, kid from-a-file");
}

#[test]
fn the_systems_dialog_fills_in_the_path() {
    let mut window = window_with(&[("/keys/client.jwk", &key())], Dialogs::Choose("/keys/client.jwk".into()));
    window.press("Read private_key from a file");
    window.press("Choose...");
    assert_eq!(window.value("Path"), "/keys/client.jwk");
    window.press("Read");
    window.assert_says("kid from-a-file");
}

#[test]
fn without_a_dialog_of_the_system_the_path_is_asked_for() {
    let mut window = window_with(&[("/keys/client.jwk", &key())], Dialogs::Absent);
    window.press("Read private_key from a file");
    window.assert_says("A private key as PEM, JWK or JWK Set.");
    window.press("Choose...");
    window.assert_says("This system shows no file dialog; type the path of the file.");
    window.fill("Path", "/keys/client.jwk");
    window.press("Read");
    window.assert_says("kid from-a-file");
}

#[test]
fn a_file_that_cannot_be_read_is_said_in_the_dialog_and_the_old_key_stays() {
    let certificate = include_str!("../vectors/certificate/sec1.pem").split("-----BEGIN EC").next().unwrap_or_default();
    let mut window = window_with(&[("/keys/notes.txt", "buy milk"), ("/keys/own.crt", certificate)], Dialogs::Absent);
    window.press("Read private_key from a file");
    for (path, why) in [
        ("/keys/nowhere", "there is no file /keys/nowhere"),
        ("/keys/notes.txt", "This file cannot be used as private_key: "),
        ("/keys/own.crt", "This file cannot be used as private_key: "),
    ] {
        window.fill("Path", path);
        window.press("Read");
        window.assert_says(why);
        assert_eq!(window.focused(), "Path");
    }
    window.key(Modifiers::NONE, Key::Escape);
    window.assert_says("Signs with ES256, kid practice-jwt-1");
}

#[test]
fn a_private_key_is_not_taken_for_an_assertion() {
    let mut window = window_with(&[("/keys/client.jwk", &key())], Dialogs::Absent);
    window.press("Read assertion from a file");
    window.fill("Path", "/keys/client.jwk");
    window.press("Read");
    window.assert_says("This file cannot be used as assertion: ");
    window.key(Modifiers::NONE, Key::Escape);
    window.app().model_mut().run.flow.settings.request.assertion = key().as_str().into();
    window.run();
    window.assert_says("Cannot be used: assertion is a private key, which is never sent");
}

#[test]
fn a_new_key_is_made_for_the_algorithm_and_its_public_half_copied() {
    let mut window = window_with(&[], Dialogs::Absent);
    window.press("Make a new key");
    window.assert_says("Signs with ES256, kid made");
    window.press("Copy the public key");
    window.assert_says("Copied the public key");
    let private = window.model().run.flow.settings.client.private_key.clone();
    let d = private.expose().split("\"d\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("d").to_owned();
    window.assert_silent(&d);
}

#[test]
fn a_certificate_asks_for_a_password_as_well() {
    let mut window = window_with(&[], Dialogs::Absent);
    let mut settings = window.model().run.flow.settings.clone();
    "tls_client_auth".clone_into(&mut settings.client.token_endpoint_auth_method);
    window.app().model_mut().run.flow.settings = settings;
    window.run();
    window.press("Read tls_client_certificate from a file");
    assert!(window.has(Role::PasswordInput, "Password of a PKCS#12 file"));
}
