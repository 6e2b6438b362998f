//! A world in memory: the practice server, a scripted user with a browser, and a clock that stands still
//! until something takes time. No sockets, no waiting, seeded randomness.

// Every test binary uses another part of it.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::time::Duration;

use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::secret::Secret;
use grantscope::base::time::Timestamp;
use grantscope::client::settings::Settings;
use grantscope::flow::beside::{Arrival, Beside};
use grantscope::flow::callback::{Awaited, Awaiting, Callback, Errand, Refusal, Stray, Via};
use grantscope::flow::joint::Joint;
use grantscope::flow::stage::Stage;
use grantscope::flow::transport_error::TransportError;
use grantscope::flow::world::{World, run, step};
use grantscope::flow::{Action, Event, Failure, Flow, Next};
use grantscope::io::serve::ServedTls;
use grantscope::practice::{Config, PracticeHandle, PracticeHost, TlsOrigin};
use grantscope::preset::{self, Preset};
use grantscope::terms::grant::Grant;
use grantscope::terms::response::ResponseMode;
use url::Url;

/// Where the practice server of the pair is.
pub const ISSUER: &str = "http://127.0.0.1:9400";
/// Where it is for clients that show a certificate.
pub const TLS_ORIGIN: &str = "https://127.0.0.1:9443";
/// The redirect URI once it is bound.
pub const CALLBACK: &str = "http://127.0.0.1:8912/callback";
/// When every test begins: 2026-11-23T10:30:00Z.
pub const START: Timestamp = Timestamp::from_seconds(1_795_429_800);
/// How long each exchange takes.
pub const TOOK: Duration = Duration::from_millis(20);

/// What the network gives back for a path, in the place of the practice server.
pub type Fault = fn(&HttpRequest) -> Result<HttpResponse, TransportError>;

/// Both sides of every exchange.
pub struct Pair {
    /// The other side.
    pub practice: PracticeHandle,
    /// It, and those beside it at the same origin.
    pub host: PracticeHost,
    /// Whom the scripted user signs in as.
    pub username: &'static str,
    /// `allow` or `deny`, on the consent page.
    pub decision: &'static str,
    /// Whether the user goes to the verification page and decides.
    pub approves: bool,
    /// What answers for a path instead of the practice server.
    pub faults: BTreeMap<&'static str, Fault>,
    /// A member that is something else in what the practice server answers at a path; `null` takes it out.
    pub changes: BTreeMap<&'static str, (&'static str, Json)>,
    /// Given to the flow in the place of the browser's response.
    pub pasted: Option<fn(&mut Params)>,
    /// A member that is something else in what the server tells the client of its own accord.
    pub notified_with: Option<(&'static str, String)>,
    /// What lies at addresses that the server fetches: a document of a client.
    pub published: BTreeMap<String, HttpResponse>,
    /// What the client offers to servers while it waits, and who came there.
    beside: Vec<Beside>,
    arrivals: Vec<Arrival>,
    now: Timestamp,
    browser: Browser,
}

#[derive(Default)]
struct Browser {
    cookie: Option<String>,
    request: Option<HttpRequest>,
}

impl Pair {
    pub fn new() -> Self {
        Self::with(Config::practice(Url::parse(ISSUER).expect("a URL")))
    }

    /// With a way for clients that show a certificate.
    pub fn with_tls() -> Self {
        let url = Url::parse(TLS_ORIGIN).expect("a URL");
        let mut config = Config::practice(Url::parse(ISSUER).expect("a URL"));
        config.tls_origin = Some(TlsOrigin { url, made_at: START });
        Self::with(config)
    }

    /// What a client needs for that way.
    pub fn tls(&self) -> Option<ServedTls> {
        let origin = Url::parse(TLS_ORIGIN).expect("a URL");
        self.practice.certificates().map(|certificates| ServedTls { origin, certificates })
    }

    /// With a second server, which takes the grants of the first.
    pub fn with_resource_server() -> Self {
        Self::with(Config::practice(Url::parse(ISSUER).expect("a URL")).with_resource_server())
    }

    /// With a server of this configuration.
    pub fn with(config: Config) -> Self {
        let host = PracticeHost::new(config, Entropy::from_seed([1; 32])).expect("a server");
        Self {
            practice: host.first().clone(),
            host,
            username: "alice",
            decision: "allow",
            approves: true,
            faults: BTreeMap::new(),
            changes: BTreeMap::new(),
            pasted: None,
            notified_with: None,
            published: BTreeMap::new(),
            beside: Vec::new(),
            arrivals: Vec::new(),
            now: START,
            browser: Browser::default(),
        }
    }

    /// The scripted user takes another browser, which remembers nothing.
    pub fn take_another_browser(&mut self) {
        self.browser = Browser::default();
    }

    /// A run on the practice server as the program starts with it.
    pub fn flow(&self) -> Flow {
        self.flow_with(|_| {})
    }

    /// The same run with other settings.
    pub fn flow_with(&self, change: impl FnOnce(&mut Settings)) -> Flow {
        let mut settings = practice_settings();
        change(&mut settings);
        Flow::new(Grant::AuthorizationCode, settings, Entropy::from_seed([2; 32]))
    }

    /// Lets time pass.
    pub fn wait(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    /// Runs to the end, a stop or a missing value.
    pub fn run(&mut self, flow: &mut Flow) -> Next {
        run(flow, self)
    }

    /// Runs until this stage is next, and returns with its first action prepared.
    pub fn run_to(&mut self, flow: &mut Flow, stage: Stage) {
        for _ in 0..100 {
            match flow.poll(self.now) {
                Next::Do(_) if flow.stage() != Some(stage) => self.step(flow),
                Next::Do(_) => return,
                other => panic!("stopped before {stage:?}: {other:?}"),
            }
        }
        panic!("{stage:?} was never reached");
    }

    /// Runs until the request of this stage is under way; one that is not of the grant is made after the others.
    pub fn run_into(&mut self, flow: &mut Flow, stage: Stage) {
        if stage.descriptor().then.is_some() && !flow.stages().contains(&stage) {
            self.run(flow);
            flow.append(stage);
        }
        self.run_to(flow, stage);
        // The first poll of a login elsewhere is not made at once.
        while let Next::Do(Action::Sleep(_) | Action::Listen(_)) = flow.poll(self.now) {
            self.step(flow);
        }
        flow.begin(self.now);
    }

    /// Runs until the request of this kind is about to leave.
    pub fn run_to_browse(&mut self, flow: &mut Flow) {
        self.run_to(flow, Stage::Authorization);
        while let Next::Do(Action::Listen(_) | Action::Offer(_)) = flow.poll(self.now) {
            self.step(flow);
        }
        assert!(matches!(flow.poll(self.now), Next::Do(Action::Browse(..))));
    }

    /// The user opens this page and decides.
    pub fn approve(&mut self, page: &str) {
        self.visit(HttpRequest::get(Url::parse(page).expect("a URL")), "nowhere");
    }

    /// Performs exactly one action of the flow.
    pub fn step(&mut self, flow: &mut Flow) {
        step(flow, self, &mut |_| {});
    }

    fn send(&mut self, request: &HttpRequest) -> Event {
        self.wait(TOOK);
        let answer = match self.faults.get(request.url.path()) {
            Some(fault) => fault(request),
            None if self.host.servers().len() > 1 => Ok(self.host.handle(request, self.now)),
            None => Ok(self.practice.handle(request, self.now)),
        };
        let answer = answer.map(|response| match self.changes.get(request.url.path()) {
            Some((name, value)) => with_member(response, name, value),
            None => response,
        });
        let delay = self.practice.take_delay();
        self.wait(delay);
        let took = TOOK + delay;
        match answer {
            Ok(response) => Event::Answered { response, took },
            Err(error) => Event::Failed { error: error.into(), took },
        }
    }

    /// What the server told clients of its own accord arrives at their loopback addresses.
    fn pinged(&mut self, awaiting: &Awaiting) -> Event {
        let pings = self.practice.take_notifications();
        let Some(ping) = pings.into_iter().find(|ping| ping.url == awaiting.redirect_uri) else {
            let error = Failure::wait("no response came within 5 min");
            return Event::Failed { error, took: Duration::from_secs(300) };
        };
        let Awaited::Ping(token) = &awaiting.awaited else { panic!("no ping is awaited") };
        assert_eq!(ping.headers.get("authorization"), Some(format!("Bearer {}", token.expose()).as_str()));
        let mut json = Json::parse(&ping.body).expect("JSON");
        if let (Some((name, value)), Json::Object(members)) = (self.notified_with.take(), &mut json) {
            members.retain(|(member, _)| member != name);
            members.push((name.to_owned(), Json::String(value)));
        }
        Event::CalledBack(Callback::notified(&awaiting.redirect_uri, json.to_string().as_bytes()).expect("JSON"))
    }

    fn come_back(&mut self, awaiting: &Awaiting) -> Event {
        match awaiting.awaited {
            Awaited::Ping(_) => return self.pinged(awaiting),
            Awaited::Told(until) => return self.listened(until),
            _ => {}
        }
        let redirect_uri = awaiting.redirect_uri.to_string();
        let arrived = self.browser.request.take().and_then(|request| self.visit(request, &redirect_uri));
        if !self.beside.is_empty() {
            self.practice.take_notifications().iter().for_each(|told| drop(self.arrive(told)));
        }
        match (arrived, self.pasted.take()) {
            (None, _) => {
                let error = Failure::wait("no response came within 5 min");
                Event::Failed { error, took: Duration::from_secs(300) }
            }
            (Some((via, mut params)), edit) => {
                let via = match edit {
                    None => via,
                    Some(edit) => {
                        edit(&mut params);
                        Via::Pasted(via.response_mode())
                    }
                };
                Event::CalledBack(Callback {
                    redirect_uri,
                    via,
                    params,
                    joint: None,
                    posted: Vec::new(),
                    asked_user: None,
                })
            }
        }
    }

    /// The browser goes where nothing comes back from; all that is told of it comes at once, and what is not told never.
    fn listened(&mut self, until: Timestamp) -> Event {
        let wanted = self.beside.len();
        if let Some(request) = self.browser.request.take() {
            self.visit(request, "nowhere");
        }
        self.practice.take_notifications().iter().for_each(|told| drop(self.arrive(told)));
        if self.arrivals.len() < wanted {
            self.now = self.now.max(until);
        }
        Event::Heard
    }

    /// What the server cannot answer without: from the client, where that offers it, else from nowhere.
    fn fetch_for(&mut self, request: &HttpRequest) {
        for _ in 0..2 {
            let Some(wanted) = self.practice.wanted_document(request, self.now) else { return };
            let came = self.arrive(&wanted.request).ok_or_else(|| "nobody answers there".to_owned());
            self.practice.take_document(&wanted, came, self.now);
        }
    }

    /// A request of the server to the client.
    fn arrive(&mut self, request: &HttpRequest) -> Option<HttpResponse> {
        if let Some(published) = self.published.get(request.url.as_str()) {
            return Some(published.clone());
        }
        let beside = self.beside.iter().filter(|beside| beside.at.origin() == request.url.origin());
        let response = beside.into_iter().find_map(|beside| beside.answer(request, self.now))?;
        self.arrivals.push(Arrival { at: self.now, request: request.clone(), response: response.clone() });
        Some(response)
    }

    /// Follows redirects and submits forms, as the user wants, until the way leads to `redirect_uri`.
    fn visit(&mut self, mut request: HttpRequest, redirect_uri: &str) -> Option<(Via, Params)> {
        for _ in 0..10 {
            if let Some(cookie) = &self.browser.cookie {
                request.headers.set("Cookie", cookie.clone());
            }
            self.wait(TOOK);
            self.fetch_for(&request);
            let page = self.practice.handle(&request, self.now);
            if let Some(cookie) = page.headers.get("set-cookie") {
                self.browser.cookie = cookie.split(';').next().map(str::to_owned);
            }
            if let Some(location) = page.headers.get("location") {
                let location = request.url.join(location).expect("a URL");
                if location.as_str().starts_with(redirect_uri) {
                    return Some(response_in(&location));
                }
                request = HttpRequest::get(location);
                continue;
            }
            let html = page.text();
            for frame in frames(&html) {
                self.arrive(&HttpRequest::get(request.url.join(&frame).expect("a URL")));
            }
            if let Some(location) = onward(&html) {
                let location = request.url.join(&location).expect("a URL");
                if location.as_str().starts_with(redirect_uri) {
                    return Some(response_in(&location));
                }
                request = HttpRequest::get(location);
                continue;
            }
            if html.contains(&format!("action=\"{redirect_uri}\"")) {
                return Some((Via::FormPost, hidden_fields(&html)));
            }
            request = self.submitted(&request.url, &html)?;
        }
        None
    }

    /// The form of the login or consent page as the user submits it; `None` on any other page.
    fn submitted(&self, page: &Url, html: &str) -> Option<HttpRequest> {
        let typed = page.query_pairs().find(|(name, _)| name == "user_code").map(|(_, code)| code.into_owned());
        let (action, name, value) = match html {
            _ if html.contains("action=\"/verify\"") => ("/verify", "user_code", typed.as_deref().unwrap_or_default()),
            _ if html.contains("action=\"/login\"") => ("/login", "username", self.username),
            _ if html.contains("action=\"/ciba\"") => ("/ciba", "decision", self.decision),
            _ if html.contains("action=\"/logout\"") => ("/logout", "decision", self.decision),
            _ if html.contains("action=\"/consent\"") => ("/consent", "decision", self.decision),
            _ => return None,
        };
        let mut form = hidden_fields(html);
        form.push(name, value);
        Some(HttpRequest::post_form(page.join(action).expect("a URL"), &form))
    }
}

impl World for Pair {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn perform(&mut self, action: &Action, note: &mut dyn FnMut(Event)) -> Event {
        match action {
            Action::Listen(redirect_uri) => {
                let mut bound = redirect_uri.clone();
                if bound.port() == Some(0) {
                    bound.set_port(Some(8912)).expect("an http URL takes a port");
                }
                Event::Listening(bound)
            }
            Action::Offer(wanted) => {
                let mut bound = wanted.clone();
                if bound.port() == Some(0) {
                    bound.set_port(Some(8913)).expect("an http URL takes a port");
                }
                Event::Offered(bound)
            }
            Action::Send(request) => self.send(request),
            Action::Browse(request, errand) => {
                if self.approves && *errand == Errand::Approval {
                    self.visit(request.clone(), "nowhere");
                }
                self.browser.request = Some(request.clone());
                Event::Browsed
            }
            Action::Await(awaiting) => {
                self.beside.clone_from(&awaiting.beside);
                let event = self.come_back(awaiting);
                self.beside.clear();
                self.arrivals.drain(..).for_each(|arrival| note(Event::Arrived(Box::new(arrival))));
                event
            }
            Action::Sleep(until) => {
                self.now = self.now.max(*until);
                Event::Woke
            }
        }
    }
}

/// In the place of a method: the usual one, and tokens that are bound to a key.
pub const BOUND: &str = "bound";

/// The settings of the demo client of this grant and method, with everything it needs.
pub fn demo_settings(grant: Grant, method: &str) -> Settings {
    let mut settings = practice_settings();
    settings.protection.dpop_bound_access_tokens = method == BOUND;
    settings.protection.dpop_jkt = method == BOUND;
    let method = if method == BOUND { "" } else { method };
    grantscope::flow::grant::adapt(grant, &mut settings);
    method.clone_into(&mut settings.client.token_endpoint_auth_method);
    grantscope::demo::choose_client(&mut settings, grant);
    grantscope::demo::fill(&mut settings, grant, "alice", None);
    settings
}

/// The settings of the practice preset.
pub fn practice_settings() -> Settings {
    let text = preset::find(preset::PRACTICE).expect("built in");
    let (preset, _) = Preset::parse(text).expect("a preset");
    preset.settings(&BTreeMap::new(), |_| Secret::default()).expect("nothing to ask")
}

/// With a request that the server fetches, and all of it beside the reference too.
pub fn referred_with_all_beside(settings: &mut Settings) {
    "ES256".clone_into(&mut settings.protection.request_object_signing_alg);
    "http://127.0.0.1:0/request.jwt".clone_into(&mut settings.protection.request_uris);
    let outside = "response_type redirect_uri scope state nonce code_challenge code_challenge_method";
    outside.clone_into(&mut settings.protection.request_object_outside);
    settings.client.private_key = grantscope::practice::PRACTICE_JWT_KEY.into();
}

/// Where the practice server tells its clients of a logout.
pub fn told_of_logout(settings: &mut Settings) {
    "http://127.0.0.1:9402/backchannel_logout".clone_into(&mut settings.client.backchannel_logout_uri);
}

/// What the practice server has the browser load at a logout, by the client that is registered for it.
pub fn told_in_frames(settings: &mut Settings) {
    "http://127.0.0.1:9402/frontchannel_logout".clone_into(&mut settings.client.frontchannel_logout_uri);
    settings.client.frontchannel_logout_session_required = true;
    grantscope::demo::choose_client(settings, Grant::AuthorizationCode);
}

/// With the login that `/api/pay` wants.
pub fn pays(settings: &mut Settings) {
    "urn:practice:strong".clone_into(&mut settings.request.acr_values);
    settings.request.api_url = format!("{ISSUER}/api/pay");
}

/// By the client that gets everything encrypted.
pub fn encrypted(settings: &mut Settings) {
    "ECDH-ES+A128KW".clone_into(&mut settings.client.id_token_encrypted_response_alg);
    "A128GCM".clone_into(&mut settings.client.id_token_encrypted_response_enc);
    grantscope::demo::choose_client(settings, Grant::AuthorizationCode);
    grantscope::demo::fill(settings, Grant::AuthorizationCode, "alice", None);
}

/// With a payment in detail.
pub fn detailed(settings: &mut Settings) {
    r#"[{"type":"payment_initiation"}]"#.clone_into(&mut settings.protection.authorization_details);
}

/// By the client that gets its tokens pushed.
pub fn gets_pushed(settings: &mut Settings) {
    "push".clone_into(&mut settings.client.backchannel_token_delivery_mode);
    grantscope::demo::choose_client(settings, Grant::Ciba);
    grantscope::demo::fill(settings, Grant::Ciba, "alice", None);
}

fn response_in(location: &Url) -> (Via, Params) {
    match location.fragment() {
        Some(fragment) => (Via::Fragment, Params::parse(fragment.as_bytes())),
        None => (Via::Query, Params::parse(location.query().unwrap_or_default().as_bytes())),
    }
}

fn hidden_fields(html: &str) -> Params {
    let fields = html.split("<input type=\"hidden\"").skip(1);
    let read = |field: &str| Some((attribute(field, "name")?, attribute(field, "value")?));
    fields.filter_map(read).collect()
}

/// What a page loads in iframes.
fn frames(html: &str) -> Vec<String> {
    html.split("<iframe ").skip(1).filter_map(|frame| attribute(frame, "src")).collect()
}

/// Where a page leads on by itself.
fn onward(html: &str) -> Option<String> {
    let (_, refresh) = html.split_once("http-equiv=\"refresh\"")?;
    let content = attribute(refresh, "content")?;
    content.split_once("url=").map(|(_, to)| to.to_owned())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, from) = tag.split_once(&format!("{name}=\""))?;
    let (value, _) = from.split_once('"')?;
    Some(
        value
            .replace("&#39;", "'")
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}

/// Events of every kind, whatever a flow waits for.
pub fn every_event() -> Vec<Event> {
    let request = HttpRequest::get(CALLBACK.parse().expect("a URL"));
    let callback = |query: &str, via| Callback {
        redirect_uri: CALLBACK.to_owned(),
        via,
        params: Params::parse(query.as_bytes()),
        joint: None,
        posted: Vec::new(),
        asked_user: None,
    };
    let answered =
        |status, body: &str| Event::Answered { response: HttpResponse::new(status, JSON, body), took: Duration::MAX };
    vec![
        Event::Listening(request.url.clone()),
        Event::Offered(request.url.clone()),
        Event::Arrived(Box::new(Arrival {
            at: Timestamp::default(),
            request,
            response: HttpResponse::new(200, JSON, ""),
        })),
        Event::Browsed,
        Event::Heard,
        Event::CalledBack(callback("", Via::Query)),
        Event::CalledBack(callback("code=a&state=b", Via::FormPost)),
        Event::CalledBack(Callback { joint: Some(Joint::SecondMark), ..callback("code=a&state=b", Via::Query) }),
        Event::CalledBack(callback("error=access_denied", Via::Pasted(ResponseMode::Fragment))),
        Event::Stray(Stray { at: Timestamp::default(), what: "GET /".to_owned(), why: Refusal::NoState }),
        answered(200, "{}"),
        answered(200, "{\"issuer\":1,\"keys\":[{}],\"access_token\":\"a\",\"id_token\":\"a.b.c\",\"expires_in\":1e99}"),
        answered(200, "{\"token_endpoint\":\"http://a\",\"authorization_endpoint\":\"http://b\",\"jwks_uri\":\"\"}"),
        answered(401, "{\"error\":\"invalid_client\"}"),
        answered(599, "\u{0}"),
        Event::Failed { error: Failure::wait(""), took: Duration::MAX },
        Event::Failed { error: Failure::Listen(String::new()), took: Duration::ZERO },
        Event::Failed { error: TransportError::BadUrl { reason: String::new() }.into(), took: Duration::ZERO },
    ]
}

/// A JSON answer with another value of a member.
fn with_member(response: HttpResponse, name: &str, value: &Json) -> HttpResponse {
    let Ok(Json::Object(mut members)) = Json::parse(&response.body) else { return response };
    members.retain(|(member, _)| member != name);
    members.extend((*value != Json::Null).then(|| (name.to_owned(), value.clone())));
    HttpResponse { body: Json::Object(members).to_string().into_bytes(), ..response }
}
