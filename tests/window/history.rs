//! The runs that are kept: listed as they go, searched, opened, begun anew, named, pinned, deleted.

use std::time::Duration;

use egui::{Key, Modifiers, Role};
use grantscope::flow::Next;
use grantscope::practice::Fault;

use crate::backend::FakeBackend;
use crate::window::{Row, USUAL, Window};

/// A window with a finished run, a refused one and the History tab in front.
fn listed() -> Window {
    let mut window = Window::finished();
    window.tab(Row::Top, "Client credentials");
    window.fill("client_id", "nobody");
    window.walk_to("Send the token request");
    window.next();
    window.assert_says("invalid_client");
    window.tab(Row::Top, "History");
    window
}

/// The History tab of a window that is opened when this one is closed.
fn a_day_later(mut window: Window) -> Window {
    let mut later = FakeBackend::new();
    later.history.runs = std::mem::take(&mut window.backend().history.runs);
    later.pair.wait(Duration::from_secs(86_400));
    let mut window = Window::open_with(USUAL, later);
    window.key(Modifiers::COMMAND, Key::H);
    window
}

fn select(window: &mut Window, words: &str) {
    window.press_like(Role::ListBoxOption, words);
}

#[test]
fn a_run_is_kept_as_it_goes_without_its_secrets() {
    let mut window = Window::at("Send the token request");
    assert_eq!(window.backend().history.runs.len(), 1, "before it is at its end");
    window.next();
    let secrets: Vec<String> = window.model().run.flow.secrets().map(|secret| secret.expose().to_owned()).collect();
    let (entry, text) = window.backend().history.runs.values().next().cloned().expect("a run");
    assert_eq!((entry.grant.as_str(), entry.outcome.as_str()), ("authorization_code", "incomplete"));
    assert!(secrets.len() > 4 && secrets.iter().all(|secret| !text.contains(secret.as_str())));
    assert!(!text.contains("practice-secret") && text.contains("REDACTED-access_token-1"));
}

#[test]
fn who_goes_back_takes_nothing_away_from_what_is_kept() {
    let mut window = Window::finished();
    let kept = |window: &mut Window| {
        let (entry, _) = window.backend().history.runs.values().next().cloned().expect("a run");
        (entry.outcome, entry.exchanges)
    };
    let before = kept(&mut window);
    assert_eq!(before.0, "success");
    for _ in 0..3 {
        window.press("Back");
    }
    window.tab(Row::Top, "History");
    assert_eq!(kept(&mut window), before);
}

#[test]
fn the_list_says_how_each_run_ended_and_is_searched() {
    let mut window = listed();
    window.assert_says("2 runs");
    for row in
        ["Authorization code, Practice server: success", "Client credentials, Practice server: refused, invalid_client"]
    {
        assert_eq!(window.count(Role::ListBoxOption, row), 1, "{row}");
    }
    window.fill("Search", "invalid_client");
    window.assert_says("1 run");
    window.fill("Search", "nothing of the kind");
    window.assert_says("0 runs");
}

/// A run that comes to its end is no success while rules are broken that must be kept.
#[test]
fn who_goes_on_past_what_is_broken_reads_that_rules_are_broken() {
    let backend = FakeBackend::new();
    backend.pair.practice.set(Fault::WrongNonce, true);
    let mut window = Window::open_with(USUAL, backend);
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    window.press("Go on anyway");
    window.tab(Row::Top, "History");
    window.press_like(Role::ListBoxOption, "Authorization code, Practice server: broken rules");
    assert!(!window.has(Role::ListBoxOption, "Authorization code, Practice server: success"));
    window.assert_says("broken rules");
    window.assert_silent("success");
    let (entry, text) = window.backend().history.runs.values().next().cloned().expect("a run");
    assert_eq!(entry.outcome, "success", "as in the JSON result");
    assert!(text.contains("\"outcome\": \"success\""));
    window.fill("Search", "broken rules");
    window.assert_says("1 run");
}

#[test]
fn a_run_of_an_earlier_session_is_opened_to_read_and_begun_anew() {
    let mut window = a_day_later(listed());
    select(&mut window, "Authorization code, Practice server: success");
    window.press("Open");
    assert_eq!(window.selected_tab(Row::Top), "Authorization code");
    assert!(window.model().run.flow.is_recorded() && matches!(window.model().run.next, Next::Finished));
    window.assert_says("Read from a file");
    assert!(window.model().run.flow.trace.exchanges.len() > 4);
    window.next();
    assert!(!window.model().run.flow.is_recorded(), "Run again begins a new one");
    window.key(Modifiers::COMMAND, Key::H);
    select(&mut window, "Authorization code, Practice server: success");
    window.press("Run again");
    assert!(window.model().run.is_fresh());
    window.press("Run to end");
    let next = &window.model().run.next;
    assert!(matches!(next, Next::Finished), "the practice server's secret is filled in anew: {next:?}");
}

/// The practice server may have had to take another port since.
#[test]
fn a_run_on_the_practice_server_of_an_earlier_session_asks_the_one_that_runs_now() {
    let elsewhere = || {
        let mut later = FakeBackend::new();
        later.practice = Ok("http://127.0.0.1:41233".parse().expect("a URL"));
        later.pair.wait(Duration::from_secs(86_400));
        later.history.runs = std::mem::take(&mut listed().backend().history.runs);
        let mut window = Window::open_with(USUAL, later);
        window.key(Modifiers::COMMAND, Key::H);
        select(&mut window, "Authorization code, Practice server: success");
        window
    };
    let (mut opened, mut begun) = (elsewhere(), elsewhere());
    opened.press("Open");
    assert_eq!(opened.model().run.flow.settings.server.issuer, "http://127.0.0.1:9400", "as it was recorded");
    opened.press("Start over");
    begun.press("Run again");
    for window in [opened, begun] {
        let settings = &window.model().run.flow.settings;
        assert_eq!(settings.server.issuer, "http://127.0.0.1:41233");
        assert_eq!(settings.request.api_url, "http://127.0.0.1:41233/api/me");
        assert_eq!(settings.client.redirect_uri, "http://127.0.0.1:0/callback");
        assert!(!settings.client.client_secret.is_empty() && window.model().is_practice());
    }
}

/// What stopped is shown as stopped, and what broke off as that; neither offers a step that cannot be taken.
#[test]
fn a_recorded_run_that_did_not_end_well_says_where_it_ended() {
    for (client_id, steps, ended) in [("nobody", 2, "refused"), ("practice-service", 1, "incomplete")] {
        let mut window = Window::open();
        window.tab(Row::Top, "Client credentials");
        window.fill("client_id", client_id);
        for _ in 0..steps {
            window.next();
        }
        let mut window = a_day_later(window);
        select(&mut window, "Client credentials");
        window.press("Open");
        assert!(window.model().run.flow.is_recorded());
        for offer in ["Try again", "Skip this stage", "Next"] {
            assert_eq!(window.count(Role::Button, offer), 0, "{ended}: {offer}");
        }
        window.press("Start over");
        window.press_role(Role::ComboBox, "Run");
        window.assert_says(&format!("Client credentials: {ended}, Practice server (2)"));
    }
}

/// What the tab of the run calls a warning is none less in the list, and a run is called the same in both.
#[test]
fn a_run_is_told_as_in_its_tab() {
    for (fault, row) in [
        (Fault::UnknownKid, "Authorization code, Practice server: success, id_token.kid"),
        (Fault::WrongNonce, "Authorization code, Practice server: failed, id_token.nonce"),
    ] {
        let mut window = Window::open();
        window.backend().pair.practice.set(fault, true);
        window.press("Run to end");
        let outcome = row.split([':', ',']).nth(2).unwrap_or_default().trim().to_owned();
        assert!(window.model().run.title().contains(&format!(": {outcome}, ")), "{}", window.model().run.title());
        window.tab(Row::Top, "History");
        assert_eq!(window.count(Role::ListBoxOption, row), 1, "{:?}", window.model().history.entries);
        window.tab(Row::Top, "Authorization code");
        let mut later = a_day_later(window);
        select(&mut later, row);
        later.press("Open");
        later.press("Show the check");
        assert_eq!(later.selected_tab(Row::Top), "Checks");
    }
}

#[test]
fn runs_are_named_pinned_and_deleted() {
    let mut window = listed();
    select(&mut window, "Client credentials");
    window.fill("Name", "the one with nobody");
    window.press("Rename");
    window.press("Pin");
    let row = "the one with nobody, Practice server: refused, invalid_client, pinned";
    assert_eq!(window.count(Role::ListBoxOption, row), 1);
    let named =
        window.backend().history.runs.values().find(|(entry, _)| entry.pinned).map(|(entry, _)| entry.name.clone());
    assert_eq!(named.as_deref(), Some("the one with nobody"));
    window.press("Delete");
    window.assert_says("1 run");
    window.press("Delete all...");
    window.assert_says("They cannot be brought back.");
    window.press("Delete all runs");
    assert!(window.backend().history.runs.is_empty());
    window.assert_says("No runs yet");
}

#[test]
fn how_many_runs_are_kept_is_chosen() {
    let mut window = listed();
    window.press("At most 10000 runs or 500 MB");
    window.press("1000 runs or 50 MB");
    let limits = window.model().history.limits;
    assert_eq!((limits.runs, limits.bytes), (1_000, 50 * 1024 * 1024));
    window.assert_says("At most 1000 runs or 50 MB");
}

#[test]
fn nothing_is_kept_where_that_is_switched_off() {
    let mut window = Window::open();
    window.tab(Row::Top, "History");
    window.press_role(Role::Switch, "Keep runs");
    window.tab(Row::Top, "Authorization code");
    window.press("Run to end");
    assert!(window.backend().history.runs.is_empty());
}

#[test]
fn a_run_is_saved_to_a_file_and_opened_from_it() {
    let mut window = Window::finished();
    window.backend().dialogs = crate::backend::Dialogs::Choose("/runs/login.json".into());
    window.press("Save run");
    window.press("Save run...");
    window.assert_says("Saved login.json");
    let text = window.backend().files.values().next().cloned().expect("a file");
    assert!(!text.contains("practice-secret"));
    window.press("Open...");
    assert!(window.model().run.flow.is_recorded());
    window.assert_says("Read from a file");
}
