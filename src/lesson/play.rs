//! A side of a lesson performed: step by step, with what happened in which step, and whether it came as it was said.

use std::sync::Arc;

use super::attacker::Attacker;
use super::browser::Browser;
use super::document::Document;
use super::world::LessonWorld;
use super::{ATTACKER, Deed, ISSUER, Lesson, Part, Step, What};
use crate::base::entropy::Entropy;
use crate::base::http::HttpRequest;
use crate::base::secret::Secret;
use crate::client::settings::Settings;
use crate::demo;
use crate::expect::{self, Expectations, Met};
use crate::export::redact::Redactor;
use crate::flow::stage::Stage;
use crate::flow::trace::Answer;
use crate::flow::world::{ACTION_LIMIT, World as _, step};
use crate::flow::{Flow, Next, grant};
use crate::practice::{Entry, PracticeHost};
use crate::preset::{self, Preset};
use crate::record::redactor_of_both;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;

/// A side of a lesson as it is performed. The same steps come to the same each time, so going back a step is performing
/// all but the last anew.
#[derive(Debug)]
pub struct Play {
    lesson: Arc<Lesson>,
    part: Part,
    flow: Flow,
    world: LessonWorld,
    attacker: Attacker,
    happened: Vec<Happened>,
    at: usize,
    stuck: Option<String>,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// Which step, counted from 0.
    pub step: usize,
    /// Exchanges of the app from here on belong to it.
    pub app: usize,
    /// Messages of the attacker from here on belong to it.
    pub attacker: usize,
    /// What was done; nothing where the run went to its end by itself.
    pub what: Option<What>,
}

/// A side of a lesson at its end.
#[derive(Clone, Debug)]
pub struct Played {
    /// Which side.
    pub part: Part,
    /// The run of the app.
    pub flow: Flow,
    /// What it wants next.
    pub next: Next,
    /// The messages of the attacker, as a run.
    pub attacker: Flow,
    /// What came of each step, in order.
    pub happened: Vec<Happened>,
    /// What was expected of the app's run.
    pub met: Vec<Met>,
    /// What was expected of the answers to the attacker.
    pub attacker_met: Vec<Met>,
    /// Why a step could not be performed.
    pub stuck: Option<String>,
    /// What the servers say of it, by issuer.
    pub log: Vec<(String, Vec<Arc<Entry>>)>,
    /// Hides what nobody should see of both.
    pub hide: Redactor,
}

impl Played {
    /// Whether everything came as the lesson says.
    pub fn is_as_said(&self) -> bool {
        self.stuck.is_none() && self.expectations().all(|met| met.is_met())
    }

    /// Everything that was expected, of the app and of the attacker.
    pub fn expectations(&self) -> impl Iterator<Item = &Met> {
        self.met.iter().chain(&self.attacker_met)
    }
}

/// Performs a side to its end.
///
/// # Errors
/// When the practice server cannot be made, in words.
pub fn played(lesson: &Lesson, part: Part) -> Result<Played, String> {
    let mut play = Play::new(Arc::new(lesson.clone()), part)?;
    while play.step() {}
    Ok(play.end())
}

impl Play {
    /// A side of which nothing has happened yet.
    ///
    /// # Errors
    /// When the practice server cannot be made, in words.
    pub fn new(lesson: Arc<Lesson>, part: Part) -> Result<Self, String> {
        let side = lesson.side(part);
        let grant = lesson.grant_of(part);
        let method = lesson.settings_of(part).into_iter().find(|(name, _)| *name == "token_endpoint_auth_method");
        let method = method.and_then(|(_, value)| ClientAuthMethod::find(value));
        let has_tls =
            matches!(method, Some(ClientAuthMethod::TlsClientAuth | ClientAuthMethod::SelfSignedTlsClientAuth));
        let mut world = LessonWorld::new(&lesson.user, &side.faults, has_tls).map_err(|error| error.to_string())?;
        let settings = settings(&lesson, part, grant, &world)?;
        world.document = Document::of(&settings, grant, &side.document).map_err(|error| error.to_string())?;
        let attacker = Attacker::new(&settings);
        let flow = Flow::new(grant, settings, Entropy::from_seed([2; 32]));
        Ok(Self { lesson, part, flow, world, attacker, happened: Vec::new(), at: 0, stuck: None })
    }

    /// The step that is next; `None` at the end.
    pub fn next_step(&self) -> Option<&Step> {
        self.lesson.side(self.part).steps.get(self.at)
    }

    /// How many steps are done.
    pub const fn position(&self) -> usize {
        self.at
    }

    /// The run of the app as it stands.
    pub const fn flow(&self) -> &Flow {
        &self.flow
    }

    /// The servers, for those who look at their log.
    pub const fn host(&self) -> &PracticeHost {
        &self.world.host
    }

    /// Performs the next step. `false` when there is none, or an earlier one could not be performed.
    pub fn step(&mut self) -> bool {
        if self.stuck.is_some() {
            return false;
        }
        let has_steps = !self.lesson.side(self.part).steps.is_empty();
        let what = match self.next_step() {
            Some(step) => Some(step.what.clone()),
            None if !has_steps && self.at == 0 => None,
            None => return false,
        };
        let (app, attacker) = (self.flow.trace.exchanges.len(), self.attacker.messages());
        self.happened.push(Happened { step: self.at, app, attacker, what: what.clone() });
        let done = match &what {
            Some(What::Stage(stage)) => self.run_to(*stage),
            Some(What::Deed(deed)) => self.perform(deed),
            None => self.run(),
        };
        if let Err(why) = done {
            let step = what.as_ref().map_or("the run", What::name);
            self.stuck = Some(format!("step {}, {step}: {why}", self.at + 1));
        }
        self.at += 1;
        true
    }

    /// What came of it.
    pub fn end(mut self) -> Played {
        let next = self.flow.poll(self.world.now);
        let attacker = self.attacker.flow(self.flow.grant);
        let hide = redactor_of_both(&self.flow, &attacker, self.attacker.secrets());
        let side = self.lesson.side(self.part);
        let met = expect::judge(&side.expect, &self.flow, &next, &hide);
        let attacker_met = of_attacker(&side.attacker, &attacker, &next, &hide);
        let log = self.world.host.servers().iter().map(|server| {
            let issuer = server.issuer().as_str().trim_end_matches('/').to_owned();
            (issuer, server.log())
        });
        Played {
            part: self.part,
            next,
            attacker,
            met,
            attacker_met,
            log: log.collect(),
            happened: self.happened,
            stuck: self.stuck,
            flow: self.flow,
            hide,
        }
    }

    /// Runs until nothing more goes by itself.
    fn run(&mut self) -> Result<(), String> {
        self.run_until(|_| false)
    }

    /// Runs until nothing more goes by itself, or it is where it was to get.
    fn run_until(&mut self, is_there: impl Fn(&mut Self) -> bool) -> Result<(), String> {
        for _ in 0..ACTION_LIMIT {
            if is_there(self) {
                return Ok(());
            }
            match self.act() {
                Next::Do(_) => {}
                Next::Missing(missing) => return Err(missing.to_string()),
                Next::Stopped(_) | Next::Finished => return Ok(()),
            }
        }
        Err("the run does not end".to_owned())
    }

    /// Runs until the next occurrence of a stage is over. A stage that is not ahead is added. A run that has stopped stays
    /// where it is: what is expected says whether it should have.
    fn run_to(&mut self, stage: Stage) -> Result<(), String> {
        let ahead = self.flow.stages()[self.flow.position()..].iter().position(|it| *it == stage);
        let position = match ahead {
            Some(ahead) => self.flow.position() + ahead,
            None if stage.descriptor().then.is_some() => {
                self.flow.append(stage);
                self.flow.stages().len() - 1
            }
            None => return Err("this stage is not in the run".to_owned()),
        };
        self.run_until(|play| {
            // A stage may be done without another message.
            drop(play.flow.poll(play.world.now));
            // An inserted stage before it moves it on.
            let moved = play.flow.stages()[position..].iter().position(|it| *it == stage).unwrap_or_default();
            play.flow.position() > position + moved
        })
    }

    /// One action of the app. What somebody was to read is read then.
    fn act(&mut self) -> Next {
        let next = step(&mut self.flow, &mut self.world, &mut |_| {});
        if let Some(params) = self.world.seen.take() {
            let redirect_uri = self.flow.authorization().and_then(|sent| sent.get("redirect_uri")).map(str::to_owned);
            self.attacker.take_response(&params, redirect_uri);
        }
        if std::mem::take(&mut self.world.is_fetched) {
            self.judge_document();
        }
        next
    }

    /// No run of an app sees what the server fetches, so its rules are told where it was fetched.
    fn judge_document(&mut self) {
        let checks = self.world.document.as_ref().map(Document::judge).unwrap_or_default();
        if let Some(exchange) = self.flow.trace.exchanges.last_mut() {
            Arc::make_mut(exchange).checks.extend(checks);
        }
    }

    fn perform(&mut self, deed: &Deed) -> Result<(), String> {
        let (attacker, world) = (&mut self.attacker, &mut self.world);
        let grant = self.flow.grant;
        match deed {
            Deed::AppGoesOn => {
                self.flow.problem().ok_or("the app has not stopped")?;
                self.flow.go_on_anyway();
            }
            Deed::UserRefuses => world.browser.decision = "deny",
            Deed::UserOpensLink => {
                world.ahead.link = Some(attacker.loot.kept.clone().ok_or("the attacker has kept no response")?);
            }
            Deed::UserOpensChangedLink(change) => {
                let browser = world.browser.clone();
                attacker.login(browser, grant, change, world);
            }
            Deed::AttackerReads => world.ahead.is_read = true,
            Deed::AttackerCatches => world.ahead.is_caught = true,
            Deed::AttackerSignsIn => attacker.login(Browser::of(ATTACKER), grant, &[], world),
            Deed::AttackerStealsCode => attacker.login(Browser::of(&self.lesson.user), grant, &[], world),
            Deed::AttackerSwapsCode => {
                world.ahead.code = Some(attacker.loot.code.clone().ok_or("the attacker has no code")?);
                ATTACKER.clone_into(&mut world.browser.user);
            }
            Deed::AttackerRedeems => attacker.redeem(world)?,
            Deed::AttackerRepeats => {
                let request = token_request(&self.flow).ok_or("the app has sent no token request")?;
                attacker.repeat(&request, world);
            }
            Deed::AttackerReadsTokens => attacker.take_tokens(&self.flow),
            Deed::AttackerReadsRequest => {
                attacker.take_request(&token_request(&self.flow).ok_or("the app has sent no token request")?);
            }
            Deed::AttackerRefreshes => attacker.refresh(world)?,
            Deed::AttackerCallsApi => attacker.call(Stage::Resource, attacker.loot.access_token.clone(), world)?,
            Deed::AttackerCallsUserInfo => attacker.call(Stage::UserInfo, attacker.loot.access_token.clone(), world)?,
            Deed::AttackerUsesIdToken => attacker.call(Stage::Resource, attacker.loot.id_token.clone(), world)?,
            Deed::SecondSendsOn => world.ahead.is_sent_on = true,
            Deed::TimePasses(time) => world.now = world.now() + *time,
        }
        Ok(())
    }
}

/// The newest token request that left.
fn token_request(flow: &Flow) -> Option<HttpRequest> {
    let is_token = |stage: Stage| matches!(stage, Stage::Token | Stage::Refresh | Stage::Exchange);
    let sent = flow.trace.exchanges.iter().rev().find(|exchange| is_token(exchange.stage))?;
    (!matches!(sent.answer, Answer::Pending)).then(|| sent.request.clone())
}

fn of_attacker(expected: &Expectations, attacker: &Flow, next: &Next, hide: &Redactor) -> Vec<Met> {
    let of_attacker = |met: Met| Met { expected: format!("attacker: {}", met.expected), ..met };
    expect::judge(expected, attacker, next, hide).into_iter().map(of_attacker).collect()
}

/// The practice preset, what the lesson sets, and what its grant and client need.
fn settings(lesson: &Lesson, part: Part, of: Grant, world: &LessonWorld) -> Result<Settings, String> {
    let source = preset::find(preset::PRACTICE).unwrap_or_default();
    let (preset, _) = Preset::parse(source).map_err(|error| error.to_string())?;
    let mut settings =
        preset.settings(&Default::default(), |_| Default::default()).map_err(|error| error.to_string())?;
    ISSUER.clone_into(&mut settings.server.issuer);
    let said = lesson.settings_of(part);
    for (name, value) in &said {
        settings.set(name, value).map_err(|error| error.to_string())?;
    }
    if !said.iter().any(|(name, _)| *name == "scope") {
        grant::adapt(of, &mut settings);
    }
    match said.iter().any(|(name, _)| *name == "client_id") {
        true => {
            // That of the preset belongs to the client of the preset.
            settings.client.client_secret = Secret::default();
            demo::introduce_client(&mut settings);
        }
        false => demo::choose_client(&mut settings, of),
    }
    demo::fill(&mut settings, of, &lesson.user, world.tls().as_ref());
    Ok(settings)
}
