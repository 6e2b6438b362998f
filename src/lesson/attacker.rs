//! The attacker of a lesson: what he has got hold of, and what he sends. His requests really go to the server, and he is
//! answered as anybody would be.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::browser::{Arrived, Browser};
use super::world::LessonWorld;
use super::{ATTACKER, ISSUER};
use crate::base::entropy::Entropy;
use crate::base::http::{HttpRequest, Tls};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::client::settings::Settings;
use crate::flow::callback::{Callback, Errand};
use crate::flow::recorded::Recorded;
use crate::flow::session::Session;
use crate::flow::stage::Stage;
use crate::flow::trace::{Answer, Exchange, Trace};
use crate::flow::world::World as _;
use crate::flow::{Action, Event, Flow, Next, Outcome};
use crate::terms::credential::canonical;
use crate::terms::grant::Grant;

/// What an attacker has got hold of.
#[derive(Clone, Debug, Default)]
pub struct Loot {
    /// An authorization code.
    pub code: Option<Secret>,
    /// Where it was to be sent, which the token request has to say again.
    pub redirect_uri: Option<String>,
    /// What belongs to it, where he knows that.
    pub code_verifier: Option<Secret>,
    /// The tokens of somebody.
    pub access_token: Option<Secret>,
    /// The same.
    pub refresh_token: Option<Secret>,
    /// The same.
    pub id_token: Option<Secret>,
    /// The response of a login of his own, which he has kept.
    pub kept: Option<Params>,
}

impl Loot {
    /// Tokens that have come, each in the place of the one before.
    fn take(&mut self, [access_token, refresh_token, id_token]: [Option<Secret>; 3]) {
        self.access_token = access_token.or_else(|| self.access_token.take());
        self.refresh_token = refresh_token.or_else(|| self.refresh_token.take());
        self.id_token = id_token.or_else(|| self.id_token.take());
    }
}

/// The attacker.
#[derive(Clone, Debug)]
pub struct Attacker {
    /// What he has.
    pub loot: Loot,
    exchanges: Vec<Arc<Exchange>>,
    settings: Arc<Settings>,
    logins: u8,
}

impl Attacker {
    /// One who knows what everybody knows of the app.
    pub fn new(settings: &Settings) -> Self {
        Self { loot: Loot::default(), exchanges: Vec::new(), settings: Arc::new(settings.clone()), logins: 0 }
    }

    /// How many messages he has sent.
    pub fn messages(&self) -> usize {
        self.exchanges.len()
    }

    /// Takes what he can use of an authorization response.
    pub fn take_response(&mut self, params: &Params, redirect_uri: Option<String>) {
        let secret = |name: &str| params.get(name).map(Secret::new);
        self.loot.code = secret("code").or_else(|| self.loot.code.take());
        self.loot.access_token = secret("access_token").or_else(|| self.loot.access_token.take());
        self.loot.id_token = secret("id_token").or_else(|| self.loot.id_token.take());
        self.loot.redirect_uri = redirect_uri.or_else(|| self.loot.redirect_uri.take());
    }

    /// Takes what an app has got.
    pub fn take_tokens(&mut self, flow: &Flow) {
        let Some(tokens) = flow.session.tokens.last() else { return };
        let tokens = &tokens.response;
        self.loot.take([&tokens.access_token, &tokens.refresh_token, &tokens.id_token].map(Clone::clone));
    }

    /// Takes what a token request brings.
    pub fn take_request(&mut self, request: &HttpRequest) {
        let form = request.form().unwrap_or_default();
        self.loot.code = form.get("code").map(Secret::new);
        self.loot.code_verifier = form.get("code_verifier").map(Secret::new);
        self.loot.redirect_uri = form.get("redirect_uri").map(str::to_owned);
    }

    /// The code for tokens, as the app would send it, as far as he knows.
    pub fn redeem(&mut self, world: &mut LessonWorld) -> Result<(), &'static str> {
        let code = self.loot.code.clone().ok_or("the attacker has no code")?;
        let mut form: Params = [("grant_type", "authorization_code"), ("code", code.expose())].into_iter().collect();
        form.push("client_id", self.settings.client.client_id.as_str());
        form.push("redirect_uri", self.loot.redirect_uri.clone().unwrap_or_default());
        if let Some(verifier) = &self.loot.code_verifier {
            form.push("code_verifier", verifier.expose());
        }
        self.send(Stage::Token, HttpRequest::post_form(endpoint("/token"), &form), world);
        self.take_answer();
        Ok(())
    }

    /// A refresh token for new tokens.
    pub fn refresh(&mut self, world: &mut LessonWorld) -> Result<(), &'static str> {
        let token = self.loot.refresh_token.clone().ok_or("the attacker has no refresh token")?;
        let mut form: Params =
            [("grant_type", "refresh_token"), ("refresh_token", token.expose())].into_iter().collect();
        form.push("client_id", self.settings.client.client_id.as_str());
        self.send(Stage::Refresh, HttpRequest::post_form(endpoint("/token"), &form), world);
        self.take_answer();
        Ok(())
    }

    /// A request that he has seen, once more. What was shown in a handshake cannot be repeated.
    pub fn repeat(&mut self, request: &HttpRequest, world: &mut LessonWorld) {
        let again = HttpRequest { tls: Tls::default(), ..request.clone() };
        self.send(Stage::Token, again, world);
        self.take_answer();
    }

    /// A token at an API.
    pub fn call(&mut self, stage: Stage, token: Option<Secret>, world: &mut LessonWorld) -> Result<(), &'static str> {
        let token = token.ok_or("the attacker has no such token")?;
        let path = if stage == Stage::UserInfo { "/userinfo" } else { "/api/me" };
        let request = HttpRequest::get(endpoint(path));
        let request = request.with_header("Authorization", format!("Bearer {}", token.expose()));
        self.send(stage, request, world);
        Ok(())
    }

    /// A login of the same app with a browser of its own, up to its response, which does not reach the app. `change` is
    /// made to the request on its way.
    pub fn login(&mut self, browser: Browser, grant: Grant, change: &[(String, String)], world: &mut LessonWorld) {
        self.logins += 1;
        let mut flow = Flow::new(grant, (*self.settings).clone(), Entropy::from_seed([20 + self.logins; 32]));
        let Some(mut request) = request_of(&mut flow, world) else { return };
        if !change.is_empty() {
            let mut query = request.query();
            change.iter().for_each(|(name, value)| query.set(name, value.as_str()));
            request.url.set_query(Some(&query.encode()));
        }
        world.fetch_for(&request);
        let (mut browser, sent_at) = (browser, world.now);
        let redirect_uri = request.query().get("redirect_uri").map(str::to_owned);
        let answer = match browser.visit(&world.host, request.clone(), &mut world.now) {
            Arrived::Page(page) => Answer::Response(page),
            Arrived::Left { url, via, params } => {
                self.take_response(&params, redirect_uri);
                self.loot.kept = Some(params.clone());
                // Who has written the link has chosen the verifier.
                self.loot.code_verifier = None;
                let is_own = !change.is_empty() || browser.user == ATTACKER;
                if let Some(drawn) =
                    flow.own.drawn.as_ref().filter(|_| is_own && request.query().contains("code_challenge"))
                {
                    self.loot.code_verifier = Some(drawn.code_verifier.clone());
                }
                Answer::Callback(Callback {
                    redirect_uri: url,
                    via,
                    params,
                    joint: None,
                    posted: Vec::new(),
                    asked_user: None,
                })
            }
        };
        let took = world.now.since(sent_at);
        self.keep(Stage::Authorization, request, answer, (sent_at, took));
    }

    fn send(&mut self, stage: Stage, request: HttpRequest, world: &mut LessonWorld) {
        let sent_at = world.now;
        match world.send(&request) {
            Event::Answered { response, took } => {
                self.keep(stage, request, Answer::Response(response), (sent_at, took));
            }
            Event::Failed { error, took } => self.keep(stage, request, Answer::Failed(error), (sent_at, took)),
            _ => {}
        }
    }

    /// Tokens that he was given are his.
    fn take_answer(&mut self) {
        let response = self.exchanges.last().and_then(|last| last.response()).filter(|response| response.is_success());
        let Some(json) = response.and_then(crate::flow::stage::json_of) else { return };
        self.loot.take(["access_token", "refresh_token", "id_token"].map(|name| json.text(name).map(Secret::new)));
    }

    fn keep(&mut self, stage: Stage, request: HttpRequest, answer: Answer, (sent_at, took): (Timestamp, Duration)) {
        let position = self.exchanges.len();
        let begun = Exchange::begun(stage, request, Arc::clone(&self.settings));
        let exchange = Exchange { position, answer, sent_at, took, ..begun };
        self.exchanges.push(Arc::new(exchange));
    }

    /// His messages as a run from which nothing is sent.
    pub fn flow(&self, grant: Grant) -> Flow {
        let mut trace = Trace::new(grant);
        trace.exchanges.clone_from(&self.exchanges);
        let stages: Vec<Stage> = self.exchanges.iter().map(|exchange| exchange.stage).collect();
        Flow::recorded(Recorded {
            grant,
            settings: (*self.settings).clone(),
            at: stages.len(),
            stages,
            trace,
            session: Session::default(),
            problem: None,
            outcome: Outcome::Success,
            found: None,
        })
    }

    /// Every credential that is his, whatever its name, so that nobody shows it.
    pub fn secrets(&self) -> Vec<Secret> {
        let sent = self.exchanges.iter().flat_map(|exchange| {
            let form = exchange.request.form().unwrap_or_default();
            let named = form.iter().filter(|(name, _)| canonical(name).is_some());
            named.map(|(_, value)| Secret::new(value)).collect::<Vec<_>>()
        });
        let Loot { code, code_verifier, access_token, refresh_token, id_token, .. } = self.loot.clone();
        sent.chain([code, code_verifier, access_token, refresh_token, id_token].into_iter().flatten()).collect()
    }
}

/// At the first server.
fn endpoint(path: &str) -> Url {
    Url::parse(&format!("{ISSUER}{path}")).expect("a URL")
}

/// The authorization request of a run, before it leaves.
fn request_of(flow: &mut Flow, world: &mut LessonWorld) -> Option<HttpRequest> {
    for _ in 0..Stage::ALL.len() * 4 {
        let Next::Do(action) = flow.begin(world.now) else { return None };
        if let Action::Browse(request, Errand::Authorization) = action {
            return Some(request);
        }
        let event = world.perform(&action, &mut |_| {});
        flow.handle(event, world.now);
    }
    None
}
