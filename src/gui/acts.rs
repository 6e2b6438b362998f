//! What can be done by name: the one table that the keyboard, the palette, the keys of a place and tooltips share.

use egui::{Key, KeyboardShortcut, ModifierNames, Modifiers};

use super::command::Command;
use super::model::{
    CLIENT_DOCUMENT, CompareCommand, DocumentCommand, Exported, HistoryCommand, IdentityCommand, ImportCommand, Model,
    Tab, ThemeChoice,
};
use crate::flow::Next;
use crate::gui::language::{Language, t, words};

/// Where keys do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In every part of the window.
    Everywhere,
    /// Where a run is.
    Run,
    /// In a list, a strip or a diagram that has the keyboard.
    Lists,
}

/// Something that can be done.
#[derive(Debug)]
pub struct Act {
    /// What it is called: `Run to the end`.
    pub name: &'static str,
    /// The keys that do it.
    pub keys: Option<KeyboardShortcut>,
    /// Where it is done.
    pub place: Place,
    /// What it does.
    pub command: fn(&Model) -> Command,
    /// Why it cannot be done now.
    pub hindrance: fn(&Model) -> Option<&'static str>,
}

impl Act {
    const fn new(name: &'static str, command: fn(&Model) -> Command) -> Self {
        Self { name, keys: None, place: Place::Everywhere, command, hindrance: |_| None }
    }

    const fn ctrl(self, key: Key) -> Self {
        Self { keys: Some(KeyboardShortcut::new(Modifiers::COMMAND, key)), ..self }
    }

    const fn ctrl_shift(self, key: Key) -> Self {
        let modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
        Self { keys: Some(KeyboardShortcut::new(modifiers, key)), ..self }
    }

    const fn plain(self, key: Key) -> Self {
        Self { keys: Some(KeyboardShortcut::new(Modifiers::NONE, key)), ..self }
    }

    /// Something done with the run, unless this says why not.
    const fn of_run(self, hindrance: fn(&Model) -> Option<&'static str>) -> Self {
        Self { place: Place::Run, hindrance, ..self }
    }

    /// Something that is done anywhere, unless this says why not.
    const fn unless(self, hindrance: fn(&Model) -> Option<&'static str>) -> Self {
        Self { hindrance, ..self }
    }

    /// The keys as people read them: `Ctrl+Shift+S`; empty where there are none.
    pub fn keys_text(&self) -> String {
        let Some(keys) = self.keys else { return String::new() };
        let names = ModifierNames { ctrl: t!("Ctrl"), shift: t!("Shift"), ..ModifierNames::NAMES };
        let modifiers = names.format(&keys.modifiers, cfg!(target_os = "macos"));
        let key = match keys.logical_key {
            Key::Period => ".",
            Key::Questionmark => "?",
            Key::Enter => t!("Enter"),
            Key::Backspace => t!("Backspace"),
            key => key.name(),
        };
        if modifiers.is_empty() { key.to_owned() } else { format!("{modifiers}+{key}") }
    }

    /// What a tooltip says: `Save the preset (Ctrl+S)`.
    pub fn hint(&self, words: &str) -> String {
        match self.keys_text().as_str() {
            "" => words.to_owned(),
            keys => format!("{words} ({keys})"),
        }
    }

    /// Whether the keys mean something else to a text field that has the keyboard.
    pub fn edits_text(&self) -> bool {
        let types = |keys: KeyboardShortcut| keys.modifiers.is_none() || keys.logical_key == Key::Backspace;
        self.keys.is_some_and(types)
    }
}

fn cannot_go_on(model: &Model) -> Option<&'static str> {
    match model.run.draft_error {
        _ if model.run.running.is_some() => Some(t!("something is under way")),
        Some(_) => Some(t!("the request cannot be sent as it is typed")),
        None => in_vain(model),
    }
}

fn in_vain(model: &Model) -> Option<&'static str> {
    model.run.is_retried_in_vain().then_some(t!("another try would be refused alike"))
}

fn cannot_retry(model: &Model) -> Option<&'static str> {
    not_stopped(model).or_else(|| in_vain(model))
}

fn nothing_left(model: &Model) -> Option<&'static str> {
    model.run.is_fresh().then_some(t!("nothing has left yet"))
}

fn not_stopped(model: &Model) -> Option<&'static str> {
    let is_stopped = matches!(model.run.next, Next::Stopped(_)) && !model.run.is_over();
    (!is_stopped).then_some(t!("nothing has stopped the run"))
}

/// The next message.
pub static NEXT: Act = Act::new(words!("Next step"), |_| Command::Next).ctrl(Key::Enter).of_run(cannot_go_on);
/// All messages that are left.
pub static RUN_TO_END: Act =
    Act::new(words!("Run to the end"), |_| Command::RunToEnd).ctrl_shift(Key::Enter).of_run(cannot_go_on);
/// The end of what is under way.
pub static STOP: Act = Act::new(words!("Stop"), |_| Command::Stop)
    .ctrl(Key::Period)
    .of_run(|model| model.run.running.is_none().then_some(t!("nothing is under way")));
/// The step before.
pub static BACK: Act = Act::new(words!("Back one step"), |_| Command::Back)
    .ctrl(Key::Backspace)
    .of_run(|model| (!model.can_go_back()).then_some(t!("there is no step to go back to")));
/// The run from its beginning.
pub static START_OVER: Act = Act::new(words!("Start over"), |_| Command::StartOver).ctrl(Key::R).of_run(nothing_left);
/// The stopped stage once more.
pub static RETRY: Act = Act::new(words!("Try the stopped stage again"), |_| Command::Retry).of_run(cannot_retry);
/// The stage after the stopped one.
pub static GO_ON: Act = Act::new(words!("Go on past the stopped stage"), |_| Command::GoOnAnyway).of_run(not_stopped);
/// Credentials in messages.
pub static SECRETS: Act = Act::new(words!("Show or hide secrets"), |model| Command::RevealSecrets(!model.reveal))
    .of_run(|model| model.present.then_some(t!("an audience sees no secrets")));
/// What is most wrong, for an issue.
pub static COPY_FINDING: Act = Act::new(words!("Copy the finding"), |_| Command::CopyFinding)
    .of_run(|model| model.run.finding.is_none().then_some(t!("nothing was found")));
/// The run as a file of the house.
pub static SAVE_RUN: Act = Act::new(words!("Save the run"), |_| Command::SaveRun(false)).of_run(nothing_left);
/// The run as a document.
pub static EXPORT: Act =
    Act::new(words!("Export the run"), |model| Command::AskExport(Exported::Run(model.run.id))).of_run(nothing_left);
/// The run beside another.
pub static COMPARE: Act =
    Act::new(words!("Compare the run with another"), |model| Command::Compare(CompareCommand::With(model.run.id)))
        .of_run(nothing_left);
/// The run as two users.
pub static TWO_USERS: Act = Act::new(words!("Run as two users"), |_| Command::Identities(IdentityCommand::Ask))
    .of_run(|model| (!model.run.can_sign_in()).then_some(t!("nobody can be signed in by the program here")));
/// Each poll in a row of its own.
pub static POLLS: Act = Act::new(words!("Show each poll, or all in one"), |_| Command::TogglePolls)
    .of_run(|model| model.run.flow.session.polling.is_none().then_some(t!("this run does not poll")));

/// The palette.
pub static PALETTE: Act = Act::new(words!("Search everything"), |_| Command::ShowPalette).ctrl(Key::K);
/// The keys of the place one is in.
pub static KEYS: Act =
    Act::new(words!("Keys of this place, version, licences"), |_| Command::ShowHelp).plain(Key::Questionmark);
/// A file.
pub static OPEN: Act = Act::new(words!("Open a preset, a run or a recording"), |_| Command::OpenPreset).ctrl(Key::O);
/// A recording.
pub static OPEN_RECORDING: Act = Act::new(words!("Open a recording"), |_| Command::OpenRecording);
/// The preset, where it is.
pub static SAVE: Act = Act::new(words!("Save the preset"), |_| Command::SavePreset).ctrl(Key::S);
/// The preset, elsewhere.
pub static SAVE_AS: Act = Act::new(words!("Save the preset as"), |_| Command::SavePresetAs).ctrl_shift(Key::S);
/// Another server.
pub static DISCOVER: Act = Act::new(words!("Discover a server by its issuer or an account"), |_| Command::AskIssuer);
/// A client that nobody has registered.
pub static DOCUMENT: Act = Act::new(CLIENT_DOCUMENT, |_| Command::ClientDocument(DocumentCommand::Ask))
    .unless(|model| model.run.flow.is_recorded().then_some(t!("a run that was read takes no settings")));
/// What others wrote.
pub static IMPORT: Act =
    Act::new(words!("Import a copied request, an address or an export"), |_| Command::Import(ImportCommand::Ask));
/// A key for assertions.
pub static MAKE_KEY: Act = Act::new(words!("Make a private key"), |_| Command::MakeKey);
/// The token bench.
pub static JWT: Act = Act::new("JWT", |_| Command::Go(Tab::Jwt)).ctrl(Key::J);
/// The server.
pub static SERVER: Act = Act::new(words!("Server"), |_| Command::Go(Tab::Server));
/// All verdicts.
pub static CHECKS: Act = Act::new(words!("Checks"), |_| Command::Go(Tab::Checks)).ctrl(Key::E);
/// The runs that are kept.
pub static HISTORY: Act = Act::new(words!("History"), |_| Command::Go(Tab::History)).ctrl(Key::H);
/// Logins of others.
pub static CAPTURE: Act = Act::new(words!("Capture"), |_| Command::Go(Tab::Capture));
/// Something goes wrong, is mended, and is asked about.
pub static LESSONS: Act = Act::new(words!("Lessons"), |_| Command::Go(Tab::Lessons));
/// The settings panel.
pub static SETTINGS: Act = Act::new(words!("Show or hide the settings"), |_| Command::ToggleSettings).ctrl(Key::B);
/// The window for an audience.
pub static PRESENT: Act = Act::new(words!("Present"), |_| Command::TogglePresent).ctrl(Key::P);
/// All runs that are kept, gone.
pub static DELETE_ALL: Act =
    Act::new(words!("Delete all runs of the history"), |_| Command::History(HistoryCommand::AskDeleteAll))
        .unless(|model| model.history.entries.is_empty().then_some(t!("no runs are kept")));
/// The dark theme.
pub static DARK: Act = Act::new(words!("Theme: dark"), |_| Command::Theme(ThemeChoice::Dark));
/// The light theme.
pub static LIGHT: Act = Act::new(words!("Theme: light"), |_| Command::Theme(ThemeChoice::Light));
/// The theme of the system.
pub static SYSTEM: Act = Act::new(words!("Theme: system"), |_| Command::Theme(ThemeChoice::System));

/// The window in English.
pub static ENGLISH: Act = Act::new("Language: English", |_| Command::Speak(Language::English));
/// The window in German.
pub static GERMAN: Act = Act::new("Sprache: Deutsch", |_| Command::Speak(Language::German));

/// All of them, as the palette lists them.
pub static ACTS: &[&Act] = &[
    &NEXT,
    &RUN_TO_END,
    &STOP,
    &BACK,
    &START_OVER,
    &RETRY,
    &GO_ON,
    &SECRETS,
    &COPY_FINDING,
    &SAVE_RUN,
    &EXPORT,
    &COMPARE,
    &TWO_USERS,
    &POLLS,
    &JWT,
    &SERVER,
    &CHECKS,
    &HISTORY,
    &CAPTURE,
    &LESSONS,
    &PALETTE,
    &KEYS,
    &OPEN,
    &OPEN_RECORDING,
    &SAVE,
    &SAVE_AS,
    &DISCOVER,
    &DOCUMENT,
    &IMPORT,
    &MAKE_KEY,
    &SETTINGS,
    &PRESENT,
    &DELETE_ALL,
    &DARK,
    &LIGHT,
    &SYSTEM,
    &ENGLISH,
    &GERMAN,
];

/// Keys that parts of the window take for themselves, and what they do.
pub static KEYS_OF_PARTS: [(Place, &str, &str); 9] = [
    (Place::Everywhere, "F1", words!("What the thing with the keyboard is")),
    (Place::Everywhere, words!("F6, Shift+F6"), words!("The next part of the window, or the one before")),
    (Place::Everywhere, words!("Ctrl+1 to Ctrl+9"), words!("The grants in the order of the tabs")),
    (Place::Everywhere, words!("Ctrl+V"), words!("Outside of a field: import what was copied")),
    (Place::Everywhere, words!("Ctrl+Plus, Ctrl+Minus, Ctrl+0"), words!("Zoom")),
    (Place::Lists, words!("Up, Down, Page up, Page down"), words!("The row before or after")),
    (Place::Lists, words!("Left, Right"), words!("The tab or stage beside; a branch of a tree closed or open")),
    (Place::Lists, words!("Home, End"), words!("The first or the last")),
    (Place::Lists, words!("Enter, Space"), words!("Press what has the keyboard")),
];

/// What keys do in the tabs beside those of the grants.
pub static KEYS_OF_TABS: &[(Tab, &str, &str)] = &[
    (Tab::Jwt, words!("Ctrl+V"), words!("Outside of a field: take apart the token that was copied")),
    (Tab::Jwt, words!("Ctrl+Enter"), ON_WITH_RUN),
    (Tab::Server, words!("Up, Down"), words!("The row above or below")),
    (Tab::Server, words!("Esc"), words!("Close the request that is open")),
    (Tab::Server, words!("Ctrl+Enter"), ON_WITH_RUN),
    (Tab::Checks, words!("Up, Down"), words!("The row above or below")),
    (Tab::Checks, words!("Ctrl+Enter"), ON_WITH_RUN),
    (Tab::History, words!("Up, Down"), words!("The row above or below")),
    (Tab::History, words!("Ctrl+Enter"), ON_WITH_RUN),
    (Tab::Capture, words!("Ctrl+V"), words!("Outside of a field: take apart the login that was copied")),
    (Tab::Capture, words!("Up, Down"), words!("The row above or below")),
    (Tab::Lessons, words!("Ctrl+Enter"), words!("To the next part; to say whether my answer is right")),
    (Tab::Lessons, words!("Ctrl+Backspace"), words!("Back one part; the end of the quiz")),
    (Tab::Lessons, words!("Ctrl+R"), words!("Run both sides again")),
    (Tab::Lessons, words!("1 to 9"), words!("Choose an answer")),
    (Tab::Lessons, words!("Up, Down"), words!("The row above or below")),
];

const ON_WITH_RUN: &str = words!("Show the run, and do its next step");

/// The act whose keys were just pressed, those with more keys first, since the others would swallow them.
pub fn by_keys() -> impl Iterator<Item = (&'static Act, KeyboardShortcut)> {
    let with_keys = || ACTS.iter().copied().filter_map(|act| Some((act, act.keys?)));
    let is_shifted = |keys: &KeyboardShortcut| keys.modifiers.shift;
    with_keys().filter(move |(_, keys)| is_shifted(keys)).chain(with_keys().filter(move |(_, keys)| !is_shifted(keys)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_acts_share_keys_or_a_name() {
        for (at, act) in ACTS.iter().enumerate() {
            let before = &ACTS[..at];
            assert!(before.iter().all(|other| other.name != act.name), "{}", act.name);
            assert!(act.keys.is_none() || before.iter().all(|other| other.keys != act.keys), "{}", act.name);
        }
    }

    #[test]
    fn keys_read_as_they_are_pressed() {
        for (act, keys) in [(&SAVE_AS, "Ctrl+Shift+S"), (&STOP, "Ctrl+."), (&KEYS, "?"), (&CAPTURE, "")] {
            assert_eq!(act.keys_text(), keys.replace("Ctrl", if cfg!(target_os = "macos") { "Cmd" } else { "Ctrl" }));
        }
        assert_eq!(SERVER.hint("What the server was asked"), "What the server was asked");
    }
}
