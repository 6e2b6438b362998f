//! Everything the window shows. Views read it; only `update` writes it.

mod dialog;
mod jwt;
mod preset;

use std::collections::BTreeMap;

use url::Url;

use crate::base::check::{Check, Verdict};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::client::settings::{FIELDS, Settings, Slot, is_alike};
use crate::flow::grant;
use crate::flow::stage::Stage;
use crate::flow::step::StepView;
use crate::flow::trace::Exchange;
use crate::flow::{Action, Flow, Next, ProblemKind};
use crate::io::demo;
use crate::io::serve::ServedTls;
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;
use crate::terms::scope;

use super::draft::{Edits, RequestDraft};

pub use self::dialog::{Dialog, KeyFile, NO_FILE_DIALOG};
pub use self::jwt::{JwtModel, JwtResult, KeySource};
pub use self::preset::{PresetAnswers, PresetSource, PresetState};

/// Who signs in when nobody was chosen.
pub const FIRST_USER: &str = "alice";

/// Errors that end what the user was asked for.
const ENDED: [&str; 4] = ["access_denied", "expired_token", "invalid_grant", "transaction_failed"];

/// The tabs of the top row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tab {
    /// A grant's flow.
    Grant(Grant),
    /// The token bench.
    Jwt,
    /// All verdicts of the run.
    Checks,
}

/// The sides of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InspectorTab {
    /// What is sent.
    Request,
    /// What came.
    Response,
    /// The tokens in force.
    Tokens,
    /// The rules applied to it.
    Checks,
    /// The request as a command.
    Curl,
    /// The exact HTTP text.
    Raw,
}

/// Which message is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// The request that is about to leave, or the wait for the browser.
    Prepared,
    /// The request of this exchange.
    Request(usize),
    /// What came back in this exchange.
    Answer(usize),
    /// The polls that were told to wait, folded into one row.
    Polls,
    /// A step that has not come yet.
    Step(usize),
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

/// What is under way.
#[derive(Clone, Debug)]
pub struct Running {
    /// What is awaited: `the answer of 127.0.0.1:9400`.
    pub what: String,
    /// Since when.
    pub since: Timestamp,
}

/// The run of a grant whose tab is not shown.
#[derive(Clone, Debug)]
pub struct Parked {
    /// The run.
    pub flow: Flow,
    /// Points to go back to.
    pub history: Vec<Flow>,
    /// Whether it waited for somebody else, which it takes up again when it is shown.
    pub waits: bool,
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
    /// The run.
    pub flow: Flow,
    /// What the run wants next.
    pub next: Next,
    /// The runs of the other grants.
    pub parked: BTreeMap<Grant, Parked>,
    /// Points to go back to.
    pub history: Vec<Flow>,
    /// What is under way.
    pub running: Option<Running>,
    /// Whether the run goes on by itself.
    pub to_end: bool,
    /// Which run reports belong to.
    pub generation: u64,
    /// The message shown; `None` follows the run.
    pub selected: Option<Target>,
    /// The side of it.
    pub inspector: InspectorTab,
    /// The request that is about to leave, as text.
    pub draft: Option<RequestDraft>,
    /// Why the draft cannot be sent.
    pub draft_error: Option<String>,
    /// What was typed into the draft, or into the one that was sent last.
    pub edits: Option<Edits>,
    /// Whether credentials are shown in messages.
    pub reveal: bool,
    /// The redirect URL that is being pasted.
    pub paste: String,
    /// Why it is no response.
    pub paste_error: Option<String>,
    /// Something that went wrong beside the run.
    pub notice: Option<String>,
    /// The preset.
    pub preset: PresetState,
    /// The dialog on top.
    pub dialog: Option<Dialog>,
    /// Whether a file dialog of the system is open.
    pub asking_for_file: bool,
    /// Short messages that the app shows for a moment.
    pub toasts: Vec<String>,
    /// The theme.
    pub theme: ThemeChoice,
    /// Whether the user wants the settings panel; `None` shows it where there is room.
    pub settings_open: Option<bool>,
    /// Whether the window is too narrow for panel, message and lesson side by side.
    pub is_narrow: bool,
    /// Whether the window is set for an audience.
    pub present: bool,
    /// The JWT tab.
    pub jwt: JwtModel,
    /// What it found out.
    pub jwt_result: Option<JwtResult>,
    /// The check that is shown in full.
    pub selected_check: Option<usize>,
    /// Whether each poll has its own row in the diagram.
    pub polls_open: bool,
    /// Only checks with this verdict are listed.
    pub check_filter: Option<Verdict>,
    /// Text for the clipboard of the window, taken by the app.
    pub to_copy: Option<String>,
}

impl Model {
    /// Whether the server is the built-in practice server.
    pub fn is_practice(&self) -> bool {
        self.is_practice_server(&self.flow.settings.server.issuer)
    }

    fn is_practice_server(&self, issuer: &str) -> bool {
        let asked = Url::parse(issuer).map(|url| url.origin());
        let issuer = self.practice.as_ref().map(|url| url.origin());
        matches!((issuer, asked), (Ok(issuer), Ok(asked)) if issuer == asked)
    }

    /// Whether the settings panel shows.
    pub fn shows_settings(&self) -> bool {
        !self.present && self.settings_open.unwrap_or(!self.is_narrow)
    }

    /// Whether the settings differ from the preset's file.
    pub fn is_unsaved(&self) -> bool {
        let mut saved = self.equipped(self.flow.grant);
        grant::fit(self.flow.grant, &mut saved);
        let mut present = self.flow.settings.clone();
        for settings in [&mut saved, &mut present] {
            forget_unsaved(settings);
        }
        present != saved
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

    /// Whether the practice server has no client for what the settings ask for.
    pub fn lacks_demo_client(&self) -> bool {
        self.is_practice() && demo::is_unsuited(&self.flow.settings, self.flow.grant)
    }

    /// The settings of the preset for a grant.
    pub fn equipped(&self, grant: Grant) -> Settings {
        let mut settings = self.preset.saved.clone();
        self.equip(&mut settings, grant);
        settings
    }

    /// The message that is shown.
    pub fn shown(&self) -> Target {
        let last = self.flow.trace.exchanges.len().checked_sub(1);
        match (self.selected, &self.next, last) {
            (Some(target), _, _) => target,
            (None, Next::Stopped(_) | Next::Finished, Some(last)) => Target::Answer(last),
            (None, _, _) => Target::Prepared,
        }
    }

    /// The exchange that is shown; `None` for what has not been sent.
    pub fn shown_exchange(&self) -> Option<&Exchange> {
        match self.shown() {
            Target::Request(at) | Target::Answer(at) => self.flow.trace.exchanges.get(at).map(|exchange| &**exchange),
            Target::Prepared | Target::Polls | Target::Step(_) => None,
        }
    }

    /// The step that fits the message shown.
    pub fn shown_step(&self) -> usize {
        let steps = self.flow.steps();
        let target = self.shown();
        let fits = |view: &StepView| match target {
            Target::Prepared | Target::Polls | Target::Step(_) => false,
            Target::Answer(at) if !self.told_to_wait(at) => self.is_of(view, at) && (is_answer(view) || is_whole(view)),
            Target::Request(at) | Target::Answer(at) => self.is_of(view, at) && !is_answer(view),
        };
        let last = self.flow.trace.exchanges.len().checked_sub(1);
        match target {
            Target::Step(at) => at,
            // A stop is shown where it broke, which may be before the answer.
            Target::Answer(at) if Some(at) == last && matches!(self.next, Next::Stopped(_)) => self.flow.current_step(),
            _ => steps.iter().position(fits).unwrap_or_else(|| self.flow.current_step()),
        }
    }

    /// A poll that was told to wait: the tokens are still to come.
    fn told_to_wait(&self, exchange: usize) -> bool {
        self.flow.trace.exchanges.get(exchange).is_some_and(|exchange| exchange.is_told_to_wait())
    }

    fn is_of(&self, view: &StepView, exchange: usize) -> bool {
        self.flow.trace.exchanges.get(exchange).is_some_and(|exchange| exchange.position == view.position)
    }

    /// Whether the next action waits for the user at the authorization endpoint.
    pub const fn is_at_browser(&self) -> bool {
        matches!(self.next, Next::Do(Action::Browse(..) | Action::Await(_)))
    }

    /// Whether the checks of the message shown, or of the whole run.
    pub fn shown_checks(&self) -> &[Check] {
        self.shown_exchange().map(|exchange| exchange.checks.as_slice()).unwrap_or_default()
    }

    /// Whether the run stopped at a code that stays refused: because the user denied or it is over (RFC 8628 section 3.5,
    /// CIBA section 11), or because it was refused again or used before (RFC 6749 section 4.1.2).
    pub fn needs_new_code(&self) -> bool {
        let Next::Stopped(problem) = &self.next else { return false };
        if matches!(self.flow.grant, Grant::DeviceCode | Grant::Ciba) && problem.stage == Stage::Token {
            let is_over = self.flow.session.polling.is_some_and(|polling| polling.expires_at <= self.now);
            return is_over
                || matches!(&problem.kind, ProblemKind::Refused(error) if ENDED.contains(&error.error.as_str()));
        }
        let is_refused = matches!(&problem.kind, ProblemKind::Refused(error) if error.error == "invalid_grant");
        let session = &self.flow.session;
        let is_over = session.used_code.is_some() && session.used_code == session.code
            || self.flow.trace.of(self.flow.position()).count() > 1;
        is_refused && is_over && problem.stage == Stage::Token && self.flow.grant.has_code()
    }

    /// Whether settings that this run makes use of have changed since this step was done.
    pub fn is_stale(&self, view: &StepView) -> bool {
        let exchange = view.exchange.and_then(|at| self.flow.trace.exchanges.get(at));
        exchange.is_some_and(|exchange| !is_alike(&exchange.settings, &self.flow.settings, self.flow.grant))
    }

    /// The stages that can be appended now, with the words of their buttons.
    pub fn appendable(&self) -> Vec<(Stage, &'static str)> {
        let mut list = Vec::new();
        if !matches!(self.next, Next::Finished) {
            return list;
        }
        if self.flow.session.refresh_token().is_some() {
            list.push((Stage::Refresh, "Refresh the tokens"));
        }
        if self.flow.session.used_refresh_token.is_some() {
            list.push((Stage::RefreshReuse, "Use the old refresh token again"));
        }
        let metadata = self.flow.session.metadata.as_ref();
        let offers = |endpoint| self.flow.settings.endpoint(endpoint, metadata).is_some();
        if self.flow.session.revoked.is_some() {
            let is_next = self.flow.stages().last() == Some(&Stage::Revocation);
            let at = if is_next { 0 } else { list.len() };
            list.insert(at, (Stage::RevocationProof, "Prove that the token is dead"));
        }
        if self.flow.session.tokens.last().is_some_and(|tokens| tokens.response.access_token.is_some()) {
            if offers(Endpoint::Introspection) {
                list.push((Stage::Introspection, "Introspect the access token"));
            }
            if offers(Endpoint::Revocation) {
                list.push((Stage::Revocation, "Revoke the tokens"));
            }
            let tokens = self.flow.session.tokens.last();
            if offers(Endpoint::UserInfo) && tokens.is_some_and(|tokens| scope::contains(&tokens.scope, "openid")) {
                list.push((Stage::UserInfo, "Get UserInfo again"));
            }
            list.push((Stage::Resource, "Call the API again"));
        }
        if self.flow.session.id_token().is_some() && offers(Endpoint::EndSession) {
            list.push((Stage::Logout, "Sign out at the server"));
        }
        list
    }
}

fn is_answer(view: &StepView) -> bool {
    view.step.part == crate::flow::step::Part::Answer
}

fn is_whole(view: &StepView) -> bool {
    view.step.part == crate::flow::step::Part::Whole
}
