//! What fills in settings: pasted, dropped or typed, looked at first, then taken in.

use egui::{Event, Key, Modifiers, Role};
use grantscope::terms::grant::Grant;

use crate::backend::FakeBackend;
use crate::capture::{drop_file, with_file};
use crate::window::{Row, SMALL, USUAL, Window};

fn paste(window: &mut Window, text: &str) {
    window.harness.input_mut().events.push(Event::Paste(text.to_owned()));
    window.run();
}

/// A window onto which this was pasted.
fn pasted(text: &str) -> Window {
    let mut window = Window::open();
    paste(&mut window, text);
    window
}

const TOKEN_REQUEST: &str = "curl -k https://as.example/token --cert mine.pem -u 'app:canary-secret' -d grant_type=client_credentials -d 'scope=read write'";

#[test]
fn a_command_is_looked_at_before_anything_is_filled_in() {
    for size in [USUAL, SMALL] {
        let mut window = Window::open_with(size, FakeBackend::new());
        paste(&mut window, TOKEN_REQUEST);
        window.assert_says("What was pasted is a cURL command.");
        window.assert_says("It is for another server: as.example, not 127.0.0.1:9400 as now.");
        window.assert_says("does not check the server's certificate");
        window.assert_says("names mine.pem with --cert, which is not followed");
        window.assert_says("It begins in the tab Client credentials.");
        window.assert_says("client_secret");
        window.assert_says("(hidden)");
        window.assert_silent("canary-secret");
        assert_eq!(window.focused(), "Fill in");
        window.press("Cancel");
        assert_eq!(window.selected_tab(Row::Top), "Authorization code");
        assert!(window.backend().sent.is_empty() && window.model().others.is_empty());
    }
}

#[test]
fn a_new_run_begins_with_what_is_in_it_and_nothing_else() {
    let mut window = pasted(TOKEN_REQUEST);
    window.key(Modifiers::NONE, Key::Enter);
    window.assert_says("Filled in 6 settings");
    assert_eq!(window.selected_tab(Row::Top), "Client credentials");
    let run = &window.model().run;
    assert_eq!((run.flow.grant, run.provider.as_str()), (Grant::ClientCredentials, "as.example"));
    let settings = &run.flow.settings;
    assert_eq!(settings.client.client_secret.expose(), "canary-secret");
    assert_eq!((settings.client.client_id.as_str(), settings.server.issuer.as_str()), ("app", ""));
    assert!(!settings.server.discovery && settings.request.api_url.is_empty());
    assert!(window.model().is_unsaved() && window.backend().sent.is_empty());
}

#[test]
fn settings_that_are_shown_take_it_in_where_that_is_chosen() {
    let mut window = pasted(TOKEN_REQUEST);
    window.press_role(Role::Switch, "In a new run, with these settings alone");
    window.assert_says("They go onto the settings of the tab Client credentials; all others stay.");
    window.press("Fill in");
    let run = &window.model().run;
    assert_eq!(run.provider, "Practice server");
    assert!(run.flow.settings.server.discovery, "the metadata of its issuer are still fetched");
    assert_eq!(run.flow.settings.client.client_id, "app");
    // A secret of the other server is no secret of this one.
    let mut window = pasted("curl https://as.example/token -d grant_type=client_credentials -d client_id=app");
    window.assert_silent("would stay");
    window.press_role(Role::Switch, "In a new run, with these settings alone");
    window.assert_says("The client secret that is filled in now would stay, and go to as.example.");
}

#[test]
fn what_is_for_the_server_that_is_shown_goes_onto_its_settings() {
    let mut window = pasted(
        "http://127.0.0.1:9400/authorize?response_type=code&client_id=web&scope=openid&prompt=login&code_challenge=x&tenant=blue",
    );
    window.assert_silent("another server");
    window.assert_says("They go onto the settings of the tab Authorization code");
    window.press("Fill in");
    let settings = window.model().run.flow.settings.clone();
    assert_eq!((settings.request.prompt.as_str(), settings.request.scope.as_str()), ("login", "openid"));
    assert_eq!(settings.request.extra.get("tenant"), Some("blue"));
    assert!(window.model().others.is_empty());
    // Once more, and nothing is there twice.
    paste(
        &mut window,
        "http://127.0.0.1:9400/authorize?response_type=code&client_id=web&tenant=green&code_challenge=x",
    );
    window.assert_says("blue");
    window.press("Fill in");
    let extra = window.model().run.flow.settings.request.extra.clone();
    assert_eq!(extra.all("tenant").collect::<Vec<_>>(), ["green"]);
}

#[test]
fn each_form_says_what_it_is_and_where_it_goes() {
    for (text, what, tab) in [
        (
            "{\"issuer\":\"https://as.example\",\"token_endpoint\":\"https://as.example/token\"}",
            "server metadata",
            "Authorization code",
        ),
        (
            "{\"client_id\":\"c\",\"client_secret\":\"s\",\"grant_types\":[\"client_credentials\"]}",
            "a registered client",
            "Client credentials",
        ),
        (
            "{\"info\":{},\"item\":[],\"auth\":{\"type\":\"oauth2\",\"oauth2\":[{\"key\":\"clientId\",\"value\":\"c\"},{\"key\":\"grant_type\",\"value\":\"client_credentials\"}]}}",
            "a Postman collection",
            "Client credentials",
        ),
        (
            "Invoke-RestMethod https://as.example/token -Method Post -Body @{grant_type='client_credentials'}",
            "a PowerShell command",
            "Client credentials",
        ),
        (
            "fetch(\"https://as.example/token\", {\"body\":\"grant_type=refresh_token&refresh_token=r\"})",
            "a fetch call",
            "Refresh",
        ),
        (
            "POST /token HTTP/1.1\nHost: as.example\n\ngrant_type=client_credentials",
            "an HTTP request",
            "Client credentials",
        ),
        (
            "{\"realm\":\"r\",\"auth-server-url\":\"https://as.example\",\"resource\":\"c\"}",
            "a Keycloak adapter's settings",
            "Authorization code",
        ),
    ] {
        let mut window = with_file(USUAL, "it", text.to_owned());
        drop_file(&mut window, "/recordings/it");
        window.assert_says(&format!("it is {what}."));
        window.press("Fill in");
        assert_eq!(window.selected_tab(Row::Top), tab, "{text}");
        assert!(window.backend().sent.is_empty());
    }
}

#[test]
fn a_text_has_a_place_to_be_pasted_into() {
    let mut window = Window::open();
    window.press("Import...");
    assert!(window.is_disabled("Read it"));
    assert_eq!(window.focused(), "Paste it here");
    window.fill("Paste it here", "https://{tenant}.example/authorize?response_type=code&client_id=app");
    window.press("Read it");
    window.assert_says("What was pasted is an authorization request.");
    window.assert_says("{tenant} stands for a value of your own: fill it in (authorization_endpoint).");
    window.press("Cancel");
    window.press("Import...");
    window.fill("Paste it here", "hello");
    window.press("Read it");
    window.assert_says("What was pasted: it is neither a preset, a run, a recording");
    window.assert_silent("TOML");
    assert_eq!(window.value("Paste it here"), "hello");
    window.fill("Paste it here", "hello = ");
    window.assert_silent("It cannot be opened.");
    window.press("Read it");
    window.assert_says("it is no preset that can be read");
    window.fill("Paste it here", "curl https://as.example/token -d grant_type=client_credentials");
    window.press("Read it");
    window.assert_says("What would be filled in");
}

#[test]
fn a_client_of_a_server_that_is_not_named_begins_a_run_of_its_own() {
    let client = "{\"clientId\":\"c\",\"secret\":\"canary-secret\",\"protocol\":\"openid-connect\",\"redirectUris\":[\"https://app.example/cb\"],\"publicClient\":false,\"standardFlowEnabled\":true}";
    let mut window = pasted(client);
    window.assert_says("The run that is shown stays as it is.");
    window.press_role(Role::Switch, "In a new run, with these settings alone");
    window.assert_says("It names no server: its client secret would go to 127.0.0.1.");
}

#[test]
fn what_is_not_followed_is_in_sight_above_the_rows_which_the_keyboard_reaches() {
    for size in [USUAL, SMALL] {
        let mut window = Window::open_with(size, FakeBackend::new());
        let many: String = (0..60).map(|at| format!("&extra{at}={}", "v".repeat(400))).collect();
        paste(
            &mut window,
            &format!("curl -k --cert mine.pem 'https://as.example/authorize?response_type=code&client_id=c{many}'"),
        );
        window.assert_says("names mine.pem with --cert, which is not followed");
        let fill = window.place_of(Role::Button, "Fill in");
        assert!(fill.bottom() < size[1], "{fill:?}");
        window.key(Modifiers::SHIFT, Key::Tab);
        assert!(window.focused().contains(", then "), "{}", window.focused());
    }
}

#[test]
fn a_redirect_url_goes_to_the_run_that_waits_for_it() {
    let mut window = Window::at("Sign in for me as alice");
    window.backend().browser = crate::backend::Browser::Idle;
    window.press("Open the browser");
    let awaited = window.model().run.flow.awaiting().cloned().expect("a wait");
    // Another tab is looked at meanwhile.
    window.tab(Row::Top, "Device");
    let state = awaited.state.unwrap_or_default();
    let url = format!("{}?code=canary-code&state={state}&iss=http://127.0.0.1:9400", awaited.redirect_uri);
    paste(&mut window, &url);
    window.assert_says("What was pasted is an authorization response.");
    window.assert_says("It goes to the run that waits for it: Authorization code");
    window.assert_silent("canary-code");
    window.press("Fill in");
    assert_eq!(window.selected_tab(Row::Top), "Authorization code");
    assert!(window.model().run.flow.awaiting().is_none(), "it came");
    // Where nobody waits it says where the client was.
    let mut window = pasted("https://app.example/cb?code=canary-code&state=s");
    window.assert_says("paste it where that run waits");
    window.press("Fill in");
    assert_eq!(window.model().run.flow.settings.client.redirect_uri, "https://app.example/cb");
}

#[test]
fn tokens_of_a_response_are_looked_into_or_begun_with() {
    let answer =
        "{\"access_token\":\"at\",\"refresh_token\":\"rt\",\"id_token\":\"eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.\"}";
    let mut window = pasted(answer);
    window.assert_says("is a token response");
    window.press("Decode the ID token");
    assert_eq!(window.selected_tab(Row::Top), "JWT");
    let mut window = pasted(answer);
    window.press("Fill in");
    assert_eq!(window.selected_tab(Row::Top), "Refresh");
    assert_eq!(window.model().run.flow.settings.request.refresh_token.expose(), "rt");
}

#[test]
fn a_command_can_be_taken_apart_as_a_login_instead() {
    let mut window = pasted("curl 'https://op.example/auth?client_id=web&response_type=code&state=s'");
    window.press("Take it apart");
    assert_eq!(window.selected_tab(Row::Top), "Capture");
    window.assert_says("1 login");
}

#[test]
fn a_preset_that_is_pasted_asks_before_settings_are_lost() {
    let mut window = Window::open();
    window.fill("client_id", "typed");
    window.press("Import...");
    window.fill("Paste it here", "version = 1\nname = \"Mine\"\n");
    window.press("Read it");
    window.assert_says("Unsaved settings");
    window.press("Discard the changes");
    window.assert_says("Opened Mine");
    assert_eq!(window.model().provider(), "Mine");
}
