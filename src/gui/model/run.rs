//! One run as the window has it: the flow, the points to go back to, what is typed into its request, what is looked at
//! and what is under way. Everything of it stays with it, whichever run is shown.

use url::Url;

use super::FIRST_USER;
use super::message::{InspectorTab, Target};
use crate::base::check::Check;
use crate::base::http::{HttpRequest, is_loopback};
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::base::time::Timestamp;
use crate::client::seal::Outline;
use crate::client::settings::is_alike;
use crate::flow::finding::{Finding, finding};
use crate::flow::stage::{Stage, Travel};
use crate::flow::step::{Part, StepView};
use crate::flow::trace::{Answer, Carried, Exchange};
use crate::flow::{Action, Flow, Next};
use crate::gui::draft::{Edits, RequestDraft};
use crate::gui::expect_key::ExpectKey;
use crate::gui::kept::Written;
use crate::gui::language::{said, t};
use crate::io::sign_in::Jar;
use crate::record::Follower;
use crate::terms::metadata::Endpoint;

/// Where a presentation is with the message that is next or came last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// It can be sent, or is on its way.
    Ready,
    /// What the browser did with it is shown, before what came of it.
    OnItsWay,
    /// What came of it is shown.
    Came,
    /// It is explained.
    Explained,
    /// Another message is looked at.
    Elsewhere,
}

/// What is under way.
#[derive(Clone, Debug)]
pub struct Running {
    /// What is awaited: `the answer of 127.0.0.1:9400`.
    pub what: String,
    /// Since when.
    pub since: Timestamp,
}

/// The number of a run, for as long as the window is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub u64);

/// What is told of a recorded login.
#[derive(Clone, Debug)]
pub struct Told {
    /// What is wrong with it, if anything.
    pub finding: Option<Finding>,
    /// What became of it, in a few words: `refused`, `redirect loop`.
    pub outcome: String,
}

/// One run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// Its name in the history, for good.
    pub name: String,
    /// What of it is kept there already.
    pub written: Written,
    /// The name of the preset it began with.
    pub provider: String,
    /// Who the program signs in for it; the usual one where it is nobody.
    pub user: Option<String>,
    /// Cookies of the program's own sign-in.
    pub cookies: Jar,
    /// Which choice of a provider it belongs to: runs of one choice share server and client.
    pub choice: u64,
    /// When the window had it first.
    pub began_at: Timestamp,
    /// The run itself.
    pub flow: Flow,
    /// What it wants next.
    pub next: Next,
    /// What is most wrong with it, once it has stopped or is at its end.
    pub finding: Option<Finding>,
    /// What was found before it became a run, of a login that others made; nothing else is then.
    pub told: Option<Told>,
    /// Its credentials, for who must not see them.
    pub known: Follower,
    /// Points to go back to.
    pub history: Vec<Flow>,
    /// What a presentation has taken back, the newest last, for as long as nothing else is sent.
    pub undone: Vec<Flow>,
    /// The run in whose place it was begun, which going back brings back.
    pub before: Option<RunId>,
    /// What is under way.
    pub running: Option<Running>,
    /// Whether it goes on by itself.
    pub to_end: bool,
    /// Whether the search for metadata goes on by itself to the next place.
    pub searches: bool,
    /// Whether it did until it met what must not be used, and does again when the user goes on.
    pub resumes: bool,
    /// The number of what is under way, by which reports find their run. A new one makes all late ones go astray.
    pub generation: u64,
    /// The message shown; `None` follows the run.
    pub selected: Option<Target>,
    /// Of the diagram's rows that show it, the one that was chosen.
    pub row: Option<usize>,
    /// The side of it.
    pub inspector: InspectorTab,
    /// Whether an audience was told what the answer that came last means.
    pub explained: bool,
    /// Whether an audience sees the way of the newest message before what it led to.
    pub is_on_its_way: bool,
    /// What is typed in the place of a value that is missing.
    pub filling: Secret,
    /// The request that is about to leave, as text.
    pub draft: Option<RequestDraft>,
    /// What the seals will make of it.
    pub preview: Preview,
    /// Why the draft cannot be sent.
    pub draft_error: Option<String>,
    /// What was typed into the draft, or into the one that was sent last.
    pub edits: Option<Edits>,
    /// The redirect URL that is being pasted.
    pub paste: String,
    /// Why it is no response.
    pub paste_error: Option<String>,
    /// Why the program could not sign in by itself, while the browser is still awaited.
    pub not_signed_in: Option<String>,
    /// Something that went wrong beside the run.
    pub notice: Option<String>,
    /// The check that is shown in full.
    pub selected_check: Option<usize>,
    /// Whether each poll has its own row in the diagram.
    pub polls_open: bool,
}

/// The request that is about to leave as its seals would have it leave now. Keys are read and used for that, so it is
/// made when something was done, and once a second, and not for each frame.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// When it was made.
    pub at: Timestamp,
    /// What is added, where that is shown.
    pub seals: Vec<Outline>,
    /// The request with it, where that is shown.
    pub request: Option<HttpRequest>,
}

impl Run {
    /// A run that is not shown yet. What it wants next is asked when it is.
    pub fn new(id: RunId, name: String, flow: Flow, provider: String, choice: u64, now: Timestamp) -> Self {
        Self {
            id,
            name,
            written: Written::default(),
            provider,
            user: None,
            cookies: Jar::default(),
            choice,
            began_at: now,
            flow,
            next: Next::Finished,
            finding: None,
            told: None,
            known: Follower::default(),
            history: Vec::new(),
            undone: Vec::new(),
            before: None,
            running: None,
            to_end: false,
            searches: false,
            resumes: false,
            generation: 0,
            selected: None,
            row: None,
            inspector: InspectorTab::Request,
            explained: false,
            is_on_its_way: false,
            filling: Secret::default(),
            draft: None,
            preview: Preview::default(),
            draft_error: None,
            edits: None,
            paste: String::new(),
            paste_error: None,
            not_signed_in: None,
            notice: None,
            selected_check: None,
            polls_open: false,
        }
    }

    /// `Device: refused, Practice server`; how it stands comes before what may be cut off.
    pub fn title(&self) -> String {
        let user = self.user.as_deref().map(|user| t!(", as {user}", user = visible(user))).unwrap_or_default();
        format!("{}: {}{user}, {}", said(self.flow.grant.title()), self.state(), visible(&self.provider))
    }

    /// Who is signed in for it.
    pub fn who(&self) -> &str {
        self.user.as_deref().unwrap_or(FIRST_USER)
    }

    /// Whether the program can sign somebody in for it: a user takes part, at a server on this machine.
    pub fn can_sign_in(&self) -> bool {
        let server = &self.flow.settings.server;
        let typed = server.endpoints.get(&Endpoint::Authorization);
        let place = if server.issuer.is_empty() { typed } else { Some(&server.issuer) };
        let is_here = place.is_some_and(|url| Url::parse(url).is_ok_and(|url| is_loopback(&url)));
        is_here && self.flow.grant.has_user()
    }

    /// How it stands, in a word or two.
    fn state(&self) -> &str {
        if let Some(told) = &self.told {
            return said(&told.outcome);
        }
        match &self.next {
            _ if self.running.is_some() => t!("under way"),
            _ if self.is_fresh() => t!("not begun"),
            Next::Stopped(_) | Next::Finished => said(self.flow.outcome().verdict(self.flow.has_failed_check())),
            Next::Missing(_) | Next::Do(_) => t!("begun"),
        }
    }

    /// Whose expectations it is held to.
    pub fn expect_key(&self) -> ExpectKey {
        ExpectKey { provider: self.provider.clone(), grant: self.flow.grant }
    }

    /// What hides its credentials, those too that were filled in since it took a step.
    pub fn follower(&self) -> Follower {
        let mut known = self.known.clone();
        known.follow(&self.flow);
        known
    }

    /// Takes in its new credentials, and says what is most wrong with it where it does not go on by itself.
    pub fn conclude(&mut self) {
        self.known.follow(&self.flow);
        self.finding = match &self.told {
            Some(told) => told.finding.clone(),
            None if self.is_at_end() => finding(&self.flow, &self.next, &self.flow.left_open()),
            None => None,
        };
    }

    /// Makes the preview anew, as far as the side that is shown needs it. An audience sees the request as it leaves.
    pub fn look_ahead(&mut self, now: Timestamp, is_presented: bool) {
        let (shows_seals, shows_bytes) = match self.inspector {
            _ if is_presented => (false, self.shown_exchange().is_none()),
            InspectorTab::Request => (true, false),
            InspectorTab::Curl | InspectorTab::Raw => (false, self.shown_exchange().is_none()),
            _ => (false, false),
        };
        self.preview = Preview {
            at: now,
            seals: if shows_seals { self.flow.seals(now) } else { Vec::new() },
            request: if shows_bytes { self.flow.sealed(now) } else { None },
        };
    }

    /// Whether nothing has left yet, so that nothing is lost without it.
    pub fn is_fresh(&self) -> bool {
        self.flow.trace.exchanges.is_empty()
    }

    /// The message that its finding is about, where the run went on behind it.
    pub fn found_at(&self) -> Option<Target> {
        let (at, carrier, check) = self.found().filter(|_| matches!(self.next, Next::Finished))?;
        Some(if check.is_of_client() { Target::Request(at) } else { Target::Answer(carrier) })
    }

    /// The check that its finding is told from, its exchange, and the one that carried what it is about.
    fn found(&self) -> Option<(usize, usize, &Check)> {
        let finding = self.finding.as_ref()?;
        let (at, rule) = (finding.exchange?, finding.rule.as_deref()?);
        let is_it = |check: &&Check| check.rule.id == rule && check.verdict == finding.verdict;
        let check = self.exchange(at)?.checks.iter().find(is_it)?;
        Some((at, Carried::of(&self.flow.trace).carrier(at, check), check))
    }

    /// The message that stopped it, where that is not the newest: the keys came after it, and with them its verdict.
    pub fn stopped_by_earlier(&self) -> Option<Target> {
        let (at, carrier, _) = self.found().filter(|_| matches!(self.next, Next::Stopped(_)))?;
        (carrier != at).then_some(Target::Answer(carrier))
    }

    /// The message that is shown.
    pub fn shown(&self) -> Target {
        let last = self.flow.trace.exchanges.len().checked_sub(1);
        match (self.selected, &self.next, last) {
            (Some(target), _, _) => target,
            (None, Next::Finished, Some(last)) => self.found_at().unwrap_or(Target::Answer(last)),
            (None, Next::Stopped(_), Some(last)) => self.stopped_by_earlier().unwrap_or(Target::Answer(last)),
            (None, Next::Do(Action::Send(_)), Some(last)) if self.flow.is_under_way() => Target::Request(last),
            (None, _, _) => Target::Prepared,
        }
    }

    /// The exchange that is shown; `None` for what has not been sent.
    pub fn shown_exchange(&self) -> Option<&Exchange> {
        match self.shown() {
            Target::Request(at) | Target::Trip(at) | Target::Answer(at) => self.exchange(at),
            Target::Prepared | Target::Polls | Target::Step(_) => None,
        }
    }

    fn exchange(&self, at: usize) -> Option<&Exchange> {
        self.flow.trace.exchanges.get(at).map(|exchange| &**exchange)
    }

    /// The step that fits the message shown.
    pub fn shown_step(&self) -> usize {
        let steps = self.flow.steps();
        let target = self.shown();
        let fits = |view: &StepView| match target {
            Target::Prepared | Target::Polls | Target::Step(_) => false,
            Target::Answer(at) if !self.told_to_wait(at) => {
                self.is_of(view, at) && matches!(view.step.part, Part::Answer | Part::Whole)
            }
            Target::Request(at) | Target::Trip(at) | Target::Answer(at) => {
                self.is_of(view, at) && view.step.part != Part::Answer
            }
        };
        let waits = |view: &StepView| {
            matches!(target, Target::Trip(at) if self.is_of(view, at)) && view.step.part == Part::Wait
        };
        let last = self.flow.trace.exchanges.len().checked_sub(1);
        match target {
            Target::Step(at) => at,
            // A stop is shown where it broke, which may be before the answer.
            Target::Answer(at) if Some(at) == last && matches!(self.next, Next::Stopped(_)) => self.flow.current_step(),
            _ => {
                let found = steps.iter().position(waits).or_else(|| steps.iter().position(fits));
                found.unwrap_or_else(|| self.flow.current_step())
            }
        }
    }

    /// A poll that was told to wait: the tokens are still to come.
    fn told_to_wait(&self, exchange: usize) -> bool {
        self.exchange(exchange).is_some_and(Exchange::is_told_to_wait)
    }

    fn is_of(&self, view: &StepView, exchange: usize) -> bool {
        self.exchange(exchange).is_some_and(|exchange| exchange.position == view.position)
    }

    /// Whether nothing is done next unless the user says what: it has stopped, or is at its end.
    pub const fn is_at_end(&self) -> bool {
        matches!(self.next, Next::Stopped(_) | Next::Finished)
    }

    /// Where a presentation of it is.
    pub fn beat(&self) -> Beat {
        let last = self.flow.trace.exchanges.len().checked_sub(1);
        if self.is_on_its_way && self.selected.is_some() && self.selected == self.trip() {
            return Beat::OnItsWay;
        }
        let is_of_last = match (self.selected, last) {
            (None | Some(Target::Prepared), Some(_)) if self.is_at_end() => true,
            (None | Some(Target::Prepared), _) => return Beat::Ready,
            (Some(Target::Answer(at)), Some(last)) => at == last,
            _ => false,
        };
        match (is_of_last, self.explained) {
            (false, _) => Beat::Elsewhere,
            // What was recorded is explained as it is shown.
            (true, false) if !self.flow.is_recorded() => Beat::Came,
            (true, _) => Beat::Explained,
        }
    }

    /// The way of the newest message where a browser carried it and brought something back.
    pub fn trip(&self) -> Option<Target> {
        let last = self.flow.trace.exchanges.len().checked_sub(1)?;
        let exchange = self.exchange(last)?;
        let is_trip = matches!(exchange.stage.descriptor().travel, Travel::RoundTrip(_));
        let is_back = matches!(exchange.answer, Answer::Callback(_));
        (is_trip && is_back && !self.flow.trace.is_overheard()).then_some(Target::Trip(last))
    }

    /// Whether what was taken back last can be shown again as it came. With other settings it would come otherwise.
    pub fn can_redo(&self) -> bool {
        self.undone.last().is_some_and(|undone| undone.settings == self.flow.settings)
    }

    /// Whether there is no next step in it: it is at its end, or was read from a file.
    pub const fn is_over(&self) -> bool {
        matches!(self.next, Next::Finished) || self.flow.is_recorded()
    }

    /// Whether the next action waits for the user at the authorization endpoint.
    pub const fn is_at_browser(&self) -> bool {
        matches!(self.next, Next::Do(Action::Browse(..) | Action::Await(_)))
    }

    /// The checks of the message shown.
    pub fn shown_checks(&self) -> &[Check] {
        self.shown_exchange().map(|exchange| exchange.checks.as_slice()).unwrap_or_default()
    }

    /// The earlier stage that trying again begins at, when the stopped one has used up what it needs.
    pub fn begins_anew_at(&self) -> Option<Stage> {
        let Next::Stopped(problem) = &self.next else { return None };
        Some(problem.again_at).filter(|again_at| *again_at != problem.stage && !self.flow.is_recorded())
    }

    /// Whether trying again is refused alike, so that it is not offered.
    pub fn is_retried_in_vain(&self) -> bool {
        matches!(self.next, Next::Stopped(_)) && !self.flow.is_recorded() && self.flow.is_retried_in_vain()
    }

    /// Whether settings that this step depends on have changed since it was done.
    pub fn is_stale(&self, view: &StepView) -> bool {
        let exchange = view.exchange.and_then(|at| self.exchange(at));
        exchange.is_some_and(|exchange| {
            let depends_on = exchange.stage.descriptor().depends_on;
            !is_alike(&self.flow.settled(exchange), &self.flow.settings, self.flow.grant, depends_on)
        })
    }

    /// The stages that can be added now, with the words of their buttons.
    pub fn appendable(&self) -> Vec<(Stage, &'static str)> {
        if !matches!(self.next, Next::Finished) || self.flow.is_recorded() {
            return Vec::new();
        }
        let possible = self.flow.appendable().into_iter().filter(|(_, lacks)| lacks.is_none());
        possible.filter_map(|(stage, _)| Some((stage, stage.descriptor().then?.button))).collect()
    }
}
