//! What a user can do. Views only push commands; `update` is the only writer.

use std::path::PathBuf;

use egui::Key;

use crate::base::check::{Rule, Verdict};
use crate::base::http::HttpResponse;
use crate::base::secret::Secret;
use crate::client::seal::SealEdits;
use crate::client::settings::Settings;
use crate::flow::cure::Cure;
use crate::flow::stage::Stage;
use crate::gui::language::{Language, words};
use crate::practice::{Fault, Workload};
use crate::preset::{Preset, PresetWarning};
use crate::report::Format;

use super::document::Goes;
use super::draft::RequestDraft;
use super::model::{
    BetweenCommand, CaptureCommand, CompareCommand, DocumentCommand, ExpectCommand, Exported, HistoryCommand,
    IdentityCommand, ImportCommand, InspectorTab, JwtModel, KeyFile, LessonsCommand, Palette, PresetAnswers,
    ProfileCommand, RunId, ServerAct, Slide, Tab, Target, ThemeChoice, Zoom,
};
use super::shown::ShownKey;

/// What a key does while the window is set for an audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresentAct {
    /// Send what is ready, or show again what was taken back; explain what came, show what is next.
    Forward,
    /// The same way back: a message that has left is taken back.
    Back,
    /// Look at the message before.
    Up,
    /// Look at the message after.
    Down,
    /// Show this of a lesson.
    Show(Slide),
    /// Start over.
    Begin,
    /// Show nothing, or the window again.
    Blank,
    /// Fill the middle with a value of the message, with the next one, or with none.
    Zoom,
    /// Show credentials until another message is shown.
    Reveal,
    /// Put a ring around the pointer, or take it away.
    Pointer,
    /// Bring tabs and tools back, or put them away.
    Tools,
    /// Open the presenter's own window, or close it.
    Notes,
    /// Read other notes.
    OpenNotes,
    /// Go on although the run has stopped.
    GoOn,
    /// End the presentation; before that, what lies over the run.
    Leave,
}

/// One act of the user.
#[derive(Clone, Debug)]
pub enum Command {
    /// Do what the primary button says.
    Next,
    /// Do everything up to the end of the run.
    RunToEnd,
    /// Give up what is under way.
    Stop,
    /// Go back one step.
    Back,
    /// Begin anew with the present settings, in a new run where something has left in this one.
    StartOver,
    /// Change this setting and try again, from the beginning where what has left already was made without it.
    Mend(Cure),
    /// Switch off what the practice server does wrong, and run again to the end.
    MendServer(Fault),
    /// Put away what went wrong beside the run that is shown, or beside all.
    CloseNotice,
    /// Put what is most wrong with the run on the clipboard, as it goes into an issue.
    CopyFinding,
    /// Show the check that the finding is about.
    ShowFinding,
    /// Show another run of this session.
    ShowRun(RunId),
    /// Try the stopped stage again.
    Retry,
    /// Wait again for what the browser brings.
    WaitAgain,
    /// Leave the stopped stage behind.
    GoOnAnyway,
    /// Add a stage to the run.
    Append(Stage),
    /// Let the program sign this user in at the practice server.
    SignIn(String),
    /// Open the authorization request in the system's browser.
    OpenBrowser,
    /// Copy the authorization request's URL and wait.
    CopyLink,
    /// Ask for the tokens, or wait for the ping, while the user approves elsewhere.
    BeginPolling,
    /// Take this redirect URL as the authorization response.
    PasteRedirect(String),
    /// Text typed into the field for a redirect URL.
    EditPaste(String),
    /// Show this message.
    Select(Target),
    /// Show the message of this row of the diagram, of which several rows may be.
    SelectRow(usize, Target),
    /// Show this side of it.
    Inspect(InspectorTab),
    /// Make the shown form of this response, which is large.
    Show(ShownKey, Box<HttpResponse>),
    /// New settings.
    EditSettings(Box<Settings>),
    /// A new text of the request that is about to leave.
    EditDraft(Box<RequestDraft>),
    /// Drop the edits of the request that is about to leave.
    ResetDraft,
    /// Change the claims of what is signed when the request leaves.
    EditSeals(Box<SealEdits>),
    /// Sign now, so that the bytes can be edited.
    SealNow,
    /// Show or hide credentials in messages.
    RevealSecrets(bool),
    /// Go to a tab.
    Go(Tab),
    /// Ask for an issuer.
    AskIssuer,
    /// Begin with the server of this issuer.
    Discover(String),
    /// Do this although unsaved settings are lost.
    Discard(Box<Command>),
    /// Begin with a built-in preset.
    ChoosePreset(String),
    /// Text typed into the fields of a preset's placeholders.
    EditAnswers(PresetAnswers),
    /// The answers to a preset's placeholders are complete.
    AnswerPlaceholders(PresetAnswers),
    /// Ask for a preset file.
    OpenPreset,
    /// Open the preset file at this path.
    OpenPath(String),
    /// Begin with this preset, which was read from there.
    TakePreset(PathBuf, Box<(Preset, Vec<PresetWarning>)>),
    /// Ask for a recording, which leaves the settings as they are.
    OpenRecording,
    /// Open a file that was dropped onto the window.
    OpenDropped(PathBuf),
    /// Open a text that was pasted into no field.
    Paste(String),
    /// Something in the Capture tab.
    Capture(CaptureCommand),
    /// Something with client ID metadata documents.
    ClientDocument(DocumentCommand),
    /// Something in the Lessons tab.
    Lessons(LessonsCommand),
    /// Something while standing between.
    Between(BetweenCommand),
    /// Ask for a file to take in as settings.
    ImportFile,
    /// Something is taken in as settings.
    Import(ImportCommand),
    /// Something is run as two users.
    Identities(IdentityCommand),
    /// Something is compared.
    Compare(CompareCommand),
    /// Something is done with what runs are expected to be.
    Expect(ExpectCommand),
    /// Something is done with profiles.
    Profile(ProfileCommand),
    /// Save where the preset came from, or ask.
    SavePreset,
    /// Ask where to save.
    SavePresetAs,
    /// Save at this path.
    SavePath(String),
    /// Keep the client secret in the file in clear.
    KeepSecretInFile(bool),
    /// Ask for a file to read into the setting of this name.
    AskKeyFile(&'static str),
    /// What is typed in that dialog.
    EditKeyFile(KeyFile),
    /// Let the system ask for the file.
    ChooseKeyFile,
    /// Read the file of the dialog.
    ReadKeyFile,
    /// Make a new private key.
    MakeKey,
    /// Put the public half of the private key on the clipboard, as a JWK Set to register.
    CopyPublicKey,
    /// Change what the dialog's text field holds.
    EditDialog(String),
    /// Close the dialog.
    CloseDialog,
    /// Close the window, whatever is lost.
    CloseWindow,
    /// Show the keys of the place one is in.
    ShowHelp,
    /// Show what a rule says.
    ShowRule(&'static Rule),
    /// Search everything that can be done and looked at.
    ShowPalette,
    /// What is typed in that search, and which of what was found is chosen.
    EditPalette(Palette),
    /// Lead the keyboard to the setting of this name.
    GoToSetting(&'static str),
    /// Put a text on the clipboard; the second is what the toast calls it.
    Copy(String, String),
    /// Put a credential on the clipboard.
    CopySecret(String, String),
    /// Choose a language.
    Speak(Language),
    /// Choose a theme.
    Theme(ThemeChoice),
    /// Make everything larger or smaller.
    Zoom(Zoom),
    /// Show or hide the settings panel.
    ToggleSettings,
    /// Give the diagram this part of the room it shares with the message, or what is best for both.
    SplitAt(Option<f32>),
    /// Larger type, only what an audience needs.
    TogglePresent,
    /// A key of a presentation.
    Present(PresentAct),
    /// What is typed in the place of a value that is missing.
    EditFilling(Secret),
    /// Put what is typed there into the setting of this name.
    FillIn(&'static str),
    /// New contents of the JWT tab.
    EditJwt(Box<JwtModel>),
    /// Take this token into the JWT tab.
    Decode(String),
    /// Put a token as this workload has it into the JWT tab.
    SampleToken(Workload),
    /// Fetch the keys at the JWT tab's address.
    FetchKeys,
    /// Show each poll in its own row, or all in one.
    TogglePolls,
    /// List only checks with this verdict.
    FilterChecks(Option<Verdict>),
    /// List only checks that say these words.
    SearchChecks(String),
    /// Select a check in the list of checks.
    SelectCheck(usize),
    /// Something in the server tab.
    Server(ServerAct),
    /// Ask where to save the run, with its secrets or without.
    SaveRun(bool),
    /// Show what a run can be written as.
    AskExport(Exported),
    /// Leave its secrets in what is exported next.
    ExportSecrets(bool),
    /// Write a run as a document.
    Export(Exported, Format, Goes),
    /// Something is done with the runs that are kept.
    History(HistoryCommand),
}

impl Command {
    /// Whether it does something to the run that is shown, which is then looked at.
    pub const fn is_of_run(&self) -> bool {
        matches!(
            self,
            Self::Next
                | Self::RunToEnd
                | Self::Back
                | Self::StartOver
                | Self::Retry
                | Self::WaitAgain
                | Self::GoOnAnyway
                | Self::Append(_)
                | Self::Mend(_)
                | Self::MendServer(_)
        )
    }
}

/// The keys of a presentation, and what they do as the help lists it. They need no other key beside them.
pub static PRESENT_KEYS: &[(&str, &[Key], PresentAct, &str)] = &[
    (
        words!("Right, Space, Page down"),
        &[Key::ArrowRight, Key::Space, Key::PageDown],
        PresentAct::Forward,
        words!("Send, explain, go on"),
    ),
    (words!("Left, Page up"), &[Key::ArrowLeft, Key::PageUp], PresentAct::Back, words!("Back one step")),
    (words!("Up"), &[Key::ArrowUp], PresentAct::Up, words!("Look at the message before")),
    (words!("Down"), &[Key::ArrowDown], PresentAct::Down, words!("Look at the message after")),
    (words!("Home"), &[Key::Home], PresentAct::Begin, words!("Start over")),
    ("Z", &[Key::Z], PresentAct::Zoom, words!("One value in the middle, and the next")),
    ("R", &[Key::R], PresentAct::Reveal, words!("Show secrets until the next message")),
    ("B", &[Key::B], PresentAct::Blank, words!("Show nothing, and the window again")),
    ("H, L", &[Key::H, Key::L], PresentAct::Pointer, words!("A ring around the pointer")),
    ("G", &[Key::G], PresentAct::GoOn, words!("Go on although the run has stopped")),
    ("N", &[Key::N], PresentAct::Notes, words!("A second window with your notes")),
    ("F10", &[Key::F10], PresentAct::Tools, words!("Tabs and tools; the pointer at the top edge shows them, too")),
    (words!("Esc"), &[Key::Escape], PresentAct::Leave, words!("End the presentation")),
];
