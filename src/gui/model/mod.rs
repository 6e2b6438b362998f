//! Everything the window shows. Views read it; only `update` writes it.

mod audience;
mod between;
mod capture;
mod client_document;
mod compare;
mod dialog;
mod expect;
mod history;
mod identities;
mod import;
mod jwt;
mod lessons;
mod message;
mod preset;
mod profiles;
mod run;
mod server;
mod slides;
mod taken;

use std::collections::BTreeMap;
use std::sync::Arc;

use url::Url;

use crate::base::check::Verdict;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::base::time::Timestamp;
use crate::client::settings::{FIELDS, Settings, Slot};
use crate::demo;
use crate::flow::grant;
use crate::gui::language::{Language, words};
use crate::gui::mask::Mask;
use crate::gui::opened::Recording;
use crate::gui::shown::{Shown, ShownKey};
use crate::gui::{calendar_day, clock_time};
use crate::io::history::Entry;
use crate::io::serve::ServedTls;
use crate::terms::grant::Grant;

pub use self::audience::{Audience, Moment};
pub use self::between::{BetweenCommand, BetweenModel, Looked, Standing};
pub use self::capture::{CaptureCommand, CaptureModel, CaptureSide};
pub use self::client_document::{
    CLIENT_DOCUMENT, CheckedDocument, DocumentCommand, DocumentDialog, DocumentModel, DocumentSide, ServedHere,
    TO_THE_RUN, TypedDocument,
};
pub use self::compare::{Chosen, CompareCommand, CompareModel, HalfModel};
pub use self::dialog::{
    Dialog, ExportDialog, Exported, KeyFile, NO_FILE_DIALOG, OTHER_PATH, Palette, SavePath, TRY_AGAIN,
};
pub use self::expect::{ExpectCommand, ExpectModel, Pinned, Retyped, Seen};
pub use self::history::{HistoryCommand, HistoryModel};
pub use self::identities::{IdentityCommand, Pair, TwoUsers, USER_A};
pub use self::import::{FILL_IN, IMPORT_TEXT, ImportCommand, ImportDialog, ImportRow, ImportText, Into};
pub use self::jwt::{JwtModel, JwtResult, KeySource, TrustModel};
pub use self::lessons::{FIRST_CHOICE, LessonPart, LessonsCommand, LessonsModel, QuizModel, Stand};
pub use self::message::{InspectorTab, Target};
pub use self::preset::{PresetAnswers, PresetSource, PresetState, preset_names};
pub use self::profiles::{JudgedBy, ProfileCommand, ProfilesModel};
pub use self::run::{Beat, Run, RunId, Running, Told};
pub use self::server::{Holdings, PracticeView, ServerAct, ServerModel, ServerPlace, Side};
pub use self::slides::{Slide, rows, slide_before, slides};
pub use self::taken::Taken;

/// Who signs in when nobody was chosen.
pub const FIRST_USER: &str = "alice";

/// The field for what the browser ended at.
pub const PASTE: &str = words!("Paste the redirect URL");

/// The tabs of the top row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tab {
    /// A grant's flow.
    Grant(Grant),
    /// The token bench.
    Jwt,
    /// The server: what it was asked and what it says about itself.
    Server,
    /// All verdicts of the run.
    Checks,
    /// The runs that are kept.
    History,
    /// A recording of logins that others made.
    Capture,
    /// Something goes wrong, is mended, and is asked about.
    Lessons,
}

/// How large everything is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zoom {
    /// Larger.
    In,
    /// Smaller.
    Out,
    /// As it is at first.
    Reset,
}

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl ThemeChoice {
    /// The next in the circle of the theme button.
    pub const fn next(self) -> Self {
        match self {
            Self::System => Self::Dark,
            Self::Dark => Self::Light,
            Self::Light => Self::System,
        }
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// Drops what no preset holds: every secret but that of the client.
fn forget_unsaved(settings: &mut Settings) {
    let client_secret = std::mem::take(&mut settings.client.client_secret);
    for field in FIELDS {
        if let Slot::Secret(secret) = (field.slot)(settings) {
            *secret = Secret::default();
        }
    }
    settings.client.client_secret = client_secret;
}

/// The whole state of the window.
pub struct Model {
    /// The time of this frame.
    pub now: Timestamp,
    /// The practice server's issuer, or why it does not run.
    pub practice: Result<Url, String>,
    /// Its way for clients that show a certificate.
    pub practice_tls: Option<ServedTls>,
    /// The tab.
    pub tab: Tab,
    /// The run that is shown.
    pub run: Run,
    /// The other runs of this session, the one that was left last at the end.
    pub others: Vec<Run>,
    /// How many numbers were given to runs, to what is under way in them, and to choices of a provider.
    pub numbers: u64,
    /// Which choice of a provider is in force: that of the run that is shown.
    pub choice: u64,
    /// The presets of the other choices that runs of this session belong to.
    pub presets: BTreeMap<u64, PresetState>,
    /// The runs that are kept.
    pub history: HistoryModel,
    /// Two runs side by side, in the place of the list of runs.
    pub compare: Option<CompareModel>,
    /// What runs are expected to be.
    pub expect: ExpectModel,
    /// How it stands by profiles.
    pub profiles: ProfilesModel,
    /// Two runs that are to be held against each other when both are at their end.
    pub pair: Option<Pair>,
    /// The recording that is taken apart.
    pub capture: CaptureModel,
    /// Lessons, and how far one is in them.
    pub lessons: LessonsModel,
    /// The client ID metadata document that is served here.
    pub client_document: DocumentModel,
    /// Whether credentials are shown in messages.
    pub reveal: bool,
    /// Something that went wrong beside all runs.
    pub notice: Option<String>,
    /// The preset of the choice that is in force.
    pub preset: PresetState,
    /// The dialog on top.
    pub dialog: Option<Dialog>,
    /// Whether a file dialog of the system is open.
    pub asking_for_file: bool,
    /// Short messages that the app shows for a moment.
    pub toasts: Vec<String>,
    /// What went wrong where no notice is shown, taken by the app.
    pub alarm: Option<String>,
    /// The theme.
    pub theme: ThemeChoice,
    /// The language.
    pub language: Language,
    /// Whether the user wants the settings panel; `None` shows it where there is room.
    pub settings_open: Option<bool>,
    /// Which part of the room above and below the splitter the diagram has; `None` as it is best for both.
    pub split: Option<f32>,
    /// Whether the window is too narrow for panel, message and lesson side by side.
    pub is_narrow: bool,
    /// Whether the window is set for an audience.
    pub present: bool,
    /// How, while it is.
    pub audience: Audience,
    /// The large response whose shown form was asked for last, and the form once it is made.
    pub shown: Option<(ShownKey, Option<Arc<Shown>>)>,
    /// The JWT tab.
    pub jwt: JwtModel,
    /// The server tab.
    pub server: ServerModel,
    /// What the JWT tab found out.
    pub jwt_result: Option<JwtResult>,
    /// Only checks with this verdict are listed.
    pub check_filter: Option<Verdict>,
    /// Only checks that say these words are listed.
    pub check_search: String,
    /// The field or button that is to get the keyboard, taken by the app.
    pub wants_keyboard: Option<&'static str>,
    /// Text for the clipboard of the window, taken by the app.
    pub to_copy: Option<String>,
    /// How large everything is to be, taken by the app.
    pub to_zoom: Option<Zoom>,
    /// Whether the window closes, with what is not saved.
    pub closes: bool,
}

impl Model {
    /// Whether an audience is asked what is wrong with a run.
    pub fn presents_quiz(&self) -> bool {
        self.present && self.tab == Tab::Lessons && self.lessons.quiz.is_some()
    }

    /// The part of a lesson that an audience is shown.
    pub fn slide(&self) -> Option<Slide> {
        self.audience.slide.filter(|_| self.present && self.tab == Tab::Lessons && self.lessons.quiz.is_none())
    }

    /// Whether an audience is led through a run or a lesson by keys.
    pub fn has_audience_keys(&self) -> bool {
        self.present && matches!(self.tab, Tab::Grant(_)) || self.slide().is_some()
    }

    /// How the messages of the run are shown. An audience sees no credential but where one is revealed.
    pub fn mask(&self) -> Mask<'_> {
        let is_revealed =
            if self.present { self.audience.revealed == Some(Moment::of(&self.run)) } else { self.reveal };
        if is_revealed { Mask::OFF } else { Mask::of(self.run.known.redactor()) }
    }

    /// Whether the server is the built-in practice server.
    pub fn is_practice(&self) -> bool {
        self.is_practice_server(&self.run.flow.settings.server.issuer)
    }

    /// Whether this is the issuer of the practice server.
    pub fn is_practice_server(&self, issuer: &str) -> bool {
        let asked = Url::parse(issuer).map(|url| url.origin());
        let issuer = self.practice.as_ref().map(|url| url.origin());
        matches!((issuer, asked), (Ok(issuer), Ok(asked)) if issuer == asked)
    }

    /// Whether the settings panel shows.
    pub fn shows_settings(&self) -> bool {
        match self.present {
            true => self.audience.has_tools && self.settings_open == Some(true),
            false => self.settings_open.unwrap_or(!self.is_narrow),
        }
    }

    /// The run whose settings are in use: the one that is shown, or the one before it where that was read from a file.
    pub fn own(&self) -> &Run {
        let is_own = |run: &&Run| !run.flow.is_recorded();
        let before = || self.others.iter().rev().find(is_own);
        Some(&self.run).filter(is_own).or_else(before).unwrap_or(&self.run)
    }

    /// The preset of a choice of a provider.
    pub fn preset_of(&self, choice: u64) -> &PresetState {
        self.presets.get(&choice).filter(|_| choice != self.choice).unwrap_or(&self.preset)
    }

    /// Whether the settings in use differ from the preset's file.
    pub fn is_unsaved(&self) -> bool {
        let own = self.own();
        let mut saved = self.equipped(own.flow.grant);
        grant::fit(own.flow.grant, &mut saved);
        let mut present = own.flow.settings.clone();
        for settings in [&mut saved, &mut present] {
            forget_unsaved(settings);
        }
        present != saved
    }

    /// Whether settings are lost when the window closes. Of the practice server there is nothing to keep.
    pub fn would_be_missed(&self) -> bool {
        self.is_unsaved() && !self.is_practice_server(&self.own().flow.settings.server.issuer)
    }

    /// Makes settings that come from a preset fit a grant, and fills in what it needs on the practice server.
    pub fn equip(&self, settings: &mut Settings, grant: Grant) {
        grant::adapt(grant, settings);
        self.equip_client(settings, grant);
    }

    /// On the practice server, takes the demo client that fits grant and method, and fills in what they need.
    pub fn equip_client(&self, settings: &mut Settings, grant: Grant) {
        if self.is_practice_server(&settings.server.issuer) {
            demo::choose_client(settings, grant);
            demo::fill(settings, grant, FIRST_USER, self.practice_tls.as_ref());
        }
    }

    /// Gives the client of a run that was read the secrets that are known here: those of a chosen provider when it is
    /// the same client, and those of the demo clients.
    pub fn give_secrets(&self, settings: &mut Settings) {
        let is_same = |known: &&Settings| {
            known.server.issuer == settings.server.issuer && known.client.client_id == settings.client.client_id
        };
        let chosen = std::iter::once(&self.preset).chain(self.presets.values().rev()).map(|preset| &preset.saved);
        if let Some(known) = chosen.filter(|known| !known.client.client_secret.is_empty()).find(is_same) {
            settings.client.client_secret = known.client.client_secret.clone();
        }
        if self.is_practice_server(&settings.server.issuer) {
            demo::give_secret(settings);
        }
    }

    /// Whether the practice server has no client for what the settings ask for.
    pub fn lacks_demo_client(&self) -> bool {
        self.is_practice() && demo::is_unsuited(&self.run.flow.settings, self.run.flow.grant)
    }

    /// Whether nothing has been done yet, in this session or before.
    pub fn is_first_start(&self) -> bool {
        let is_untouched = self.run.is_fresh() && self.run.running.is_none() && self.others.is_empty();
        is_untouched && self.history.entries.is_empty() && self.is_practice() && !self.present
    }

    /// The settings of the preset in use for a grant.
    pub fn equipped(&self, grant: Grant) -> Settings {
        let mut settings = self.preset_of(self.own().choice).saved.clone();
        self.equip(&mut settings, grant);
        settings
    }

    /// The name under which the present server is known.
    pub fn provider(&self) -> &str {
        &self.preset.preset.name
    }

    /// A number that was never given before.
    pub const fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// What went wrong beside the run that is shown, or beside all.
    pub fn notice(&self) -> Option<&str> {
        self.run.notice.as_deref().or(self.notice.as_deref())
    }

    /// Whether there is a step to go back to, or a run in whose place this one was begun.
    pub fn can_go_back(&self) -> bool {
        let before = self.run.before;
        !self.run.history.is_empty() || before.is_some_and(|id| self.others.iter().any(|run| run.id == id))
    }

    /// The run of this session that has this number.
    pub fn numbered(&self, id: RunId) -> Option<&Run> {
        self.others.iter().chain([&self.run]).find(|run| run.id == id)
    }

    /// The run of this session that has this name in the history.
    pub fn named(&self, name: &str) -> Option<&Run> {
        self.others.iter().chain([&self.run]).find(|run| run.name == name)
    }

    /// A run of this session among others: `Device: refused, Practice server, 11:30:00`.
    pub fn title_of(&self, run: &Run) -> String {
        format!("{}, {}", run.title(), clock_time(run.began_at))
    }

    /// The same of one that is kept.
    pub fn title_of_kept(&self, entry: &Entry) -> String {
        let began = Timestamp::from_millis(entry.began_at);
        let day = calendar_day(began);
        let time =
            if day == calendar_day(self.now) { clock_time(began) } else { format!("{day} {}", clock_time(began)) };
        format!(
            "{}: {}, {}, {time}",
            HistoryModel::title(entry),
            HistoryModel::outcome(entry),
            visible(&entry.provider)
        )
    }

    /// Recordings whose logins can be compared: the one of the Capture tab, and those that were chosen as a side.
    pub fn recordings(&self) -> Vec<(&str, &Arc<Recording>)> {
        let file = &self.capture.file;
        let opened = file.recording.as_ref().map(|recording| (file.name.as_str(), recording));
        let chosen = self.compare.iter().flat_map(|compare| &compare.files);
        opened.into_iter().chain(chosen.map(|(name, recording)| (name.as_str(), recording))).collect()
    }

    /// All runs of this session, the newest first.
    pub fn runs(&self) -> Vec<&Run> {
        let mut runs: Vec<&Run> = self.others.iter().chain([&self.run]).collect();
        runs.sort_by_key(|run| std::cmp::Reverse(run.id));
        runs
    }
}
