//! Changes of the settings that may mend what stopped a run: a button in the window, an option on the command line.

use url::Url;

use crate::base::http::{HttpResponse, is_loopback};
use crate::base::text::visible;
use crate::base::web_url::{NotWebUrl, web_url};
use crate::client::assertion::new_key_alg;
use crate::client::challenge::challenges;
use crate::client::mcp::Revision;
use crate::client::request_object::{self, Message};
use crate::client::rules::request as rule;
use crate::client::settings::Settings;
use crate::client::step_up;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::error::OAuthError;
use crate::terms::metadata::Endpoint;
use crate::terms::response::is_jwt_mode;
use crate::terms::scope;

use super::explain_discovery::{self, as_argument, issuer_to_use, realm_elsewhere};
use super::explain_named::asks_openid_of_device;
use super::registration::names_redirect_uri;
use super::stage::{Missing, Stage};
use super::trace::{Answer, Exchange};
use super::transport_error::{TlsFault, TransportError};
use super::untaken;
use super::{Failure, Flow, Problem, ProblemKind, causes, description, explain_proof, explain_wait, explain_way_in};

/// One setting to change, and those that are changed with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cure {
    /// What it does, as a button says it: `Use client_secret_post`.
    pub label: String,
    /// The setting, by the name that `--set` takes.
    pub setting: &'static str,
    /// What it is set to; nothing secret.
    pub value: String,
    /// More settings of one demand, and what they are set to.
    pub also: Vec<(&'static str, String)>,
}

impl Cure {
    fn new(label: impl Into<String>, setting: &'static str, value: impl Into<String>) -> Self {
        Self { label: label.into(), setting, value: value.into(), also: Vec::new() }
    }

    /// Every setting with its value.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let also = self.also.iter().map(|(setting, value)| (*setting, value.as_str()));
        std::iter::once((self.setting, self.value.as_str())).chain(also)
    }

    /// As it is typed on the command line: `--set token_endpoint_auth_method=client_secret_post`.
    pub fn option(&self) -> String {
        let typed = |(setting, value)| format!("--set {}", as_argument(&format!("{setting}={value}")));
        self.all().map(typed).collect::<Vec<_>>().join(" ")
    }

    /// As it is typed where nothing but an issuer is asked about: `grantscope discover https://as.example`; `None` for
    /// another setting.
    pub fn discovery(&self) -> Option<String> {
        (self.setting == "issuer").then(|| format!("grantscope discover {}", as_argument(&self.value)))
    }

    /// Puts it into the settings.
    pub fn apply(&self, settings: &mut Settings) {
        // Everything but a switch takes every text, and a switch is given one of its own words here.
        for (setting, value) in self.all() {
            let _ = settings.set(setting, value);
        }
    }

    /// Whether what has left already was made without it, so that only a new run shows what it does. Trying again begins
    /// at the stage `again_at`.
    pub fn needs_new_run(&self, stage: Stage, again_at: Stage) -> bool {
        if again_at != stage && again_at.asks_for_authorization() && self.is_of_login() {
            return false;
        }
        // Tokens that came without a proof stay bound to nothing.
        let is_of_token = self.setting.starts_with("token_")
            || self.setting == "dpop_bound_access_tokens" && matches!(stage, Stage::Token | Stage::Refresh);
        // A request is pushed in place of the one that stopped.
        let is_of_request = matches!(self.setting, PUSH | SIGN) && stage == Stage::Authorization;
        !is_of_request && (!is_of_token || matches!(stage, Stage::Discovery | Stage::Authorization))
    }
}

impl Cure {
    /// Whether it is asked of the login alone.
    fn is_of_login(&self) -> bool {
        self.all().all(|(setting, _)| matches!(setting, "acr_values" | "max_age" | "scope"))
    }
}

const PUSH: &str = "require_pushed_authorization_requests";
const SIGN: &str = Message::Authorization.setting();

/// What this stage asks with.
fn message_of(stage: Stage) -> Message {
    if stage == Stage::BackchannelAuthentication { Message::Backchannel } else { Message::Authorization }
}

/// Has the request signed, with what there is to sign with, or with a key that is still to come.
fn sign(flow: &Flow, of: Message) -> Option<Cure> {
    let algs = format!("{}_values_supported", of.setting());
    let listed = flow.session.metadata.as_ref().and_then(|metadata| metadata.supported(&algs));
    let new_key = || new_key_alg(listed.as_deref()).filter(|_| flow.settings.client.private_key.is_empty());
    // A shared secret is none for CIBA (section 7.1.1).
    let is_fit = |alg: &String| of == Message::Authorization || !alg.starts_with("HS");
    let fit = request_object::fit_alg(&flow.settings).filter(is_fit);
    let fit = fit.filter(|alg| listed.as_ref().is_none_or(|listed| listed.contains(&alg.as_str())));
    let alg = fit.or_else(|| new_key().map(str::to_owned))?;
    let present = of.alg(&flow.settings);
    let is_untaken = listed.is_some_and(|listed| !listed.contains(&present));
    let is_new = present.is_empty() || present != alg && is_untaken;
    is_new.then(|| Cure::new(format!("Sign the request with {alg}"), of.setting(), alg))
}

/// Sends the request without a request object.
fn unsign(flow: &Flow, of: Message) -> Option<Cure> {
    of.is_signed(&flow.settings).then(|| Cure::new("Send the request plainly", of.setting(), ""))
}

/// Has the request pushed, where the server has an endpoint for that and it is not done already.
fn push(flow: &Flow) -> Option<Cure> {
    let is_possible = flow.offers(Endpoint::PushedAuthorizationRequest) && !flow.is_pushed();
    is_possible.then(|| Cure::new("Push the request", PUSH, "true"))
}

fn prove() -> Cure {
    Cure::new("Use DPoP", "dpop_bound_access_tokens", "true")
}

/// What may mend this stop, the likeliest first.
pub(super) fn of_problem(flow: &Flow, problem: &Problem) -> Vec<Cure> {
    let last = flow.trace.exchanges.last().map(|last| &**last).filter(|last| last.stage == problem.stage);
    match (&problem.kind, last) {
        _ if problem.rule == Some(rule::PUSHED.id) => push(flow).into_iter().collect(),
        _ if problem.rule == Some(rule::SIGNED.id) => sign(flow, Message::Authorization).into_iter().collect(),
        (ProblemKind::Unsafe, _) if problem.stage == Stage::Discovery => document_issuer(flow).into_iter().collect(),
        (ProblemKind::Unsafe, Some(exchange)) if exchange.checks.iter().any(explain_proof::is_missed) => {
            vec![prove()]
        }
        (ProblemKind::Unsafe, Some(exchange)) => encrypted_otherwise(exchange).into_iter().collect(),
        (ProblemKind::Refused(error), Some(exchange)) => of_refusal(flow, error, exchange),
        (ProblemKind::Failed, _) if problem.stage == Stage::Discovery => {
            let issuer = explain_discovery::issuer_pointed_to(flow, &problem.kind);
            let named = issuer.into_iter().chain(explain_discovery::next_server(flow));
            let pointed_to = named.map(|issuer| Cure::new(format!("Use {}", visible(&issuer)), "issuer", issuer));
            pointed_to.chain(realm(flow, &problem.kind)).chain(without_tls(flow, &problem.kind)).collect()
        }
        (ProblemKind::Failed, Some(exchange)) => of_failure(flow, problem, exchange),
        _ => Vec::new(),
    }
}

fn changed((label, setting, value): untaken::Change) -> Cure {
    Cure::new(label, setting, value)
}

fn encrypted_otherwise(exchange: &Exchange) -> Option<Cure> {
    untaken::encrypted_otherwise(exchange).map(|[alg, (_, enc, to)]| Cure { also: vec![(enc, to)], ..changed(alg) })
}

/// The scheme of a URL that was typed without one.
pub(super) fn of_missing(flow: &Flow, missing: &Missing) -> Option<Cure> {
    match web_url(&flow.settings.text(missing.field)?) {
        Err(NotWebUrl::NoScheme(meant)) if missing.is_filled_in => {
            Some(Cure::new(format!("Use {meant}"), missing.field, meant))
        }
        _ => None,
    }
}

/// The issuer that the document names in place of the one that was asked for.
pub fn document_issuer(flow: &Flow) -> Option<Cure> {
    issuer_to_use(flow).map(|issuer| Cure::new("Use the issuer of the document", "issuer", issuer))
}

fn realm(flow: &Flow, kind: &ProblemKind) -> Option<Cure> {
    let (exchange, _) = explain_discovery::nearest(flow, Stage::Discovery, kind)?;
    let (issuer, _) = realm_elsewhere(flow, exchange?.response()?)?;
    Some(Cure::new("Use this issuer", "issuer", issuer))
}

/// The issuer with http, where a server of this machine does not speak TLS.
fn without_tls(flow: &Flow, kind: &ProblemKind) -> Option<Cure> {
    let (exchange, _) = explain_discovery::nearest(flow, Stage::Discovery, kind)?;
    let exchange = exchange.filter(|exchange| is_loopback(&exchange.request.url))?;
    let Answer::Failed(Failure::Transport(TransportError::Tls { reason: TlsFault::NotTls, .. })) = &exchange.answer
    else {
        return None;
    };
    let issuer = flow.settings.server.issuer.trim().strip_prefix("https:")?;
    Some(Cure::new("Use http", "issuer", format!("http:{issuer}")))
}

fn of_refusal(flow: &Flow, error: &OAuthError, exchange: &Exchange) -> Vec<Cure> {
    let said = error.error_description.as_deref().unwrap_or_default().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let meant = causes::meant(error, exchange.response());
    let mut cures = Vec::new();
    if explain_proof::is_off(error, exchange) {
        cures.push(prove());
    }
    if exchange.stage == Stage::Token && says(&description::CROSS_ORIGIN) {
        cures.extend(origin(flow));
    }
    if meant == "invalid_client" && exchange.stage != Stage::IdJag {
        cures.extend(other_method(flow, &said, exchange));
    }
    let audience = &exchange.settings.client.client_assertion_audience;
    if says(&description::OTHER_AUDIENCE) && !audience.is_empty() {
        cures.push(Cure::new("Address the assertion to the issuer", "client_assertion_audience", ""));
    }
    if says(&description::WANTS_PUSHED) {
        cures.extend(push(flow));
    }
    let of = message_of(exchange.stage);
    let is_signed = of.is_signed(&flow.settings);
    if says(&description::WANTS_SIGNED) || is_signed && meant == "invalid_request_object" {
        cures.extend(sign(flow, of));
    }
    if matches!(meant, "request_not_supported" | "request_uri_not_supported") {
        cures.extend(unsign(flow, of));
    }
    if exchange.stage.asks_for_authorization() {
        cures.extend(of_authorization(flow, meant, &says));
    }
    // In a run that began at the API, trying again asks for it.
    if meant == "insufficient_scope" && flow.session.way_in.is_none() {
        cures.extend(exchange.response().and_then(|response| asked_scope(flow, response)));
    }
    cures.extend(explain_way_in::other_revision(flow, exchange).map(speak));
    if meant == step_up::ERROR {
        cures.extend(stronger_login(flow, exchange));
    }
    if meant == "invalid_scope" {
        cures.extend(without_openid(flow, exchange).or_else(|| listed_scope(flow)));
    }
    let wants_resource = says(&description::WANTS_RESOURCE);
    if meant == "invalid_target" || wants_resource {
        cures.extend(untaken::api(flow, wants_resource).map(changed));
    }
    cures.extend(untaken::encryption(flow, error, exchange).map(changed));
    cures
}

fn of_authorization(flow: &Flow, meant: &str, says: &dyn Fn(&[&str]) -> bool) -> Vec<Cure> {
    let request = &flow.settings.request;
    let metadata = flow.session.metadata.as_ref();
    let is_listed = |list, value: &str| metadata.is_some_and(|metadata| !metadata.leaves_out(list, value));
    let mut cures = Vec::new();
    if says(&["code_challenge", "code challenge", "pkce"]) && request.code_challenge_method != "S256" {
        cures.push(Cure::new("Use PKCE with S256", "code_challenge_method", "S256"));
    }
    if says(&["nonce"]) && !request.nonce {
        cures.push(Cure::new("Send a nonce", "nonce", "true"));
    }
    let mode = request.response_mode.as_str();
    if wants_signed_response(flow, says) {
        cures.push(Cure::new("Have the response signed", "response_mode", "jwt"));
    } else if !mode.is_empty()
        && (says(&["response_mode", "response mode"]) || !is_listed("response_modes_supported", mode))
    {
        cures.push(Cure::new("Leave response_mode out", "response_mode", ""));
    }
    if matches!(meant, "login_required" | "interaction_required" | "consent_required" | "account_selection_required")
        && request.prompt == "none"
    {
        cures.push(Cure::new("Let the server ask the user", "prompt", ""));
    }
    cures
}

/// Whether the server takes nothing but a response mode of JARM, and another one was asked for.
fn wants_signed_response(flow: &Flow, says: &dyn Fn(&[&str]) -> bool) -> bool {
    let listed = flow.session.metadata.as_ref().and_then(|metadata| metadata.supported("response_modes_supported"));
    let is_alone = listed.is_some_and(|listed| !listed.is_empty() && listed.iter().all(|mode| is_jwt_mode(mode)));
    let is_said = says(&description::WANTS_JARM) || is_alone && says(&["response_mode", "response mode"]);
    is_said && !is_jwt_mode(&flow.settings.request.response_mode)
}

fn of_failure(flow: &Flow, problem: &Problem, exchange: &Exchange) -> Vec<Cure> {
    // Which port it is matters only where the address may not be the registered one.
    let is_about_redirect = || problem.advice.first().is_some_and(|line| names_redirect_uri(line));
    let cure = match &exchange.answer {
        Answer::Response(response) if (300..400).contains(&response.status) => moved(exchange, response),
        Answer::Callback(callback) if callback.params.contains("response") => {
            Some(Cure::new("Leave response_mode out", "response_mode", ""))
        }
        // Before there were metadata of APIs, the API was its own authorization server (MCP).
        Answer::Response(_) if exchange.stage == Stage::ResourceMetadata && flow.session.way_in.is_some() => {
            flow.session.resource_metadata_missed.is_none().then(|| speak(Revision::March2025))
        }
        Answer::Response(_) if matches!(exchange.stage, Stage::Challenge | Stage::Resource) => {
            explain_way_in::other_revision(flow, exchange).map(speak)
        }
        Answer::Response(_) | Answer::Callback(_) => None,
        _ if explain_wait::is_stopped(exchange) || exchange.stage != Stage::Authorization => None,
        _ => is_about_redirect().then(|| kept_port(flow)).flatten(),
    };
    cure.into_iter().collect()
}

/// Has the API called by another revision of the Model Context Protocol.
fn speak(revision: Revision) -> Cure {
    Cure::new(format!("Use revision {}", revision.name()), "mcp_revision", revision.name())
}

/// What a page in a browser would send: the origin at which the response arrives.
fn origin(flow: &Flow) -> Option<Cure> {
    let typed = flow.settings.client.redirect_uri.as_str();
    let uri = flow.session.authorization.as_ref().and_then(|sent| sent.get("redirect_uri")).unwrap_or(typed);
    let origin = Url::parse(uri).ok()?.origin();
    let is_new = flow.settings.token_request.headers.get("Origin").is_none();
    (origin.is_tuple() && is_new)
        .then(|| Cure::new("Add an Origin header", "token_request.headers.Origin", origin.ascii_serialization()))
}

/// How else the client can say who it is, with what is filled in: the method that the server names or lists, else the
/// other one of the two for a secret.
fn other_method(flow: &Flow, said: &str, exchange: &Exchange) -> Option<Cure> {
    use ClientAuthMethod::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost, None, PrivateKeyJwt};

    let used = method_used(exchange).filter(|_| !description::has_read_secret(said))?;
    let client = &exchange.settings.client;
    // A recording may be without the secret that it was made with.
    let has_secret = !client.client_secret.is_empty() || matches!(used, ClientSecretBasic | ClientSecretPost);
    let possible = |method: &ClientAuthMethod| match method {
        ClientSecretPost | ClientSecretBasic | ClientSecretJwt => has_secret,
        PrivateKeyJwt => !client.private_key.is_empty(),
        None => !has_secret || description::is_public(said),
        _ => false,
    };
    let others = [ClientSecretPost, ClientSecretBasic, PrivateKeyJwt, ClientSecretJwt, None];
    let is_wanted = |method: &ClientAuthMethod| {
        !description::wants_assertion(said) || matches!(method, PrivateKeyJwt | ClientSecretJwt)
    };
    let others = || others.into_iter().filter(|method| *method != used && possible(method) && is_wanted(method));
    let listed = flow.session.metadata.as_ref().and_then(|it| it.supported(causes::METHODS));
    let is_listed = |method: &ClientAuthMethod| listed.as_ref().is_none_or(|listed| listed.contains(&method.name()));
    let is_named = |method: &ClientAuthMethod| *method != None && said.contains(method.name());
    let is_twin = |method: &ClientAuthMethod| {
        matches!((used, *method), (ClientSecretBasic, ClientSecretPost) | (ClientSecretPost, ClientSecretBasic))
    };
    let is_meant = |method: &ClientAuthMethod| match description::is_public(said) {
        true => *method == None,
        false => is_named(method) || description::wants_assertion(said),
    };
    let named = others().find(is_meant);
    let usual = || others().filter(is_listed).find(|method| is_twin(method) || !is_listed(&used));
    let new_key = || Some(PrivateKeyJwt).filter(|_| wants_new_key(flow, said, used));
    let method = named.or_else(new_key).or_else(usual)?;
    Some(Cure::new(format!("Use {}", method.name()), "token_endpoint_auth_method", method.name()))
}

/// Whether the server asks for a key where the client has none, and takes no secret. A key can be had: the run says next
/// that it lacks one.
fn wants_new_key(flow: &Flow, said: &str, used: ClientAuthMethod) -> bool {
    let name = ClientAuthMethod::PrivateKeyJwt.name();
    let is_named = said.contains(name) && !said.contains("client_secret_");
    let listed = flow.session.metadata.as_ref().and_then(|it| it.supported(causes::METHODS));
    let is_listed = listed.is_some_and(|listed| listed.contains(&name) && !listed.contains(&used.name()));
    let is_new = used.name() != name && flow.settings.client.private_key.is_empty();
    is_new && (is_named || is_listed && !causes::takes_secret(flow))
}

/// How the client said who it is, by what left where that shows it.
fn method_used(exchange: &Exchange) -> Option<ClientAuthMethod> {
    let is_basic = exchange.request.headers.get("authorization").is_some_and(|value| value.starts_with("Basic "));
    let has_secret = || exchange.request.form().is_some_and(|form| form.contains("client_secret"));
    match is_basic {
        true => Some(ClientAuthMethod::ClientSecretBasic),
        false if has_secret() => Some(ClientAuthMethod::ClientSecretPost),
        false => exchange.settings.auth_method(),
    }
}

/// The scope that a challenge asks for beside what was asked (RFC 6750 section 3).
fn asked_scope(flow: &Flow, response: &HttpResponse) -> Option<Cure> {
    let wanted = challenges(response).iter().find_map(|challenge| challenge.get("scope"))?;
    more_scope(flow, &wanted)
}

/// What a login that is tried anew asks for beside what it asked before, where an API wants that (RFC 9470 section 5).
pub(super) fn wanted_login(flow: &Flow) -> Option<Cure> {
    stronger_login(flow, flow.trace.exchanges.last()?)
}

/// The login that an API wants (RFC 9470 section 4), all of it, as far as it is not asked for already or was given.
fn stronger_login(flow: &Flow, exchange: &Exchange) -> Option<Cure> {
    let response = exchange.response().filter(|it| flow.session.gave_login(it, exchange.came_at()).is_none())?;
    let demand = step_up::demanded(response)?;
    let max_age = demand.seconds().map(|seconds| seconds.to_string());
    let request = &flow.settings.request;
    let new = |name, asked: &str, wanted: Option<String>| Some((name, wanted.filter(|wanted| wanted != asked)?));
    let scope = asked_scope(flow, response).filter(|_| flow.session.way_in.is_none());
    let wanted: Vec<(&'static str, String)> = new("acr_values", &request.acr_values, demand.acr_values)
        .into_iter()
        .chain(new("max_age", &request.max_age, max_age))
        .chain(scope.map(|cure| (cure.setting, cure.value)))
        .collect();
    let named: Vec<String> = wanted.iter().map(|(name, value)| format!("{name} {}", visible(value))).collect();
    let label = format!("Ask for {}", named.join(", "));
    let mut wanted = wanted.into_iter();
    let (setting, value) = wanted.next()?;
    Some(Cure { label, setting, value, also: wanted.collect() })
}

/// Adds words to the scope that is asked for.
pub(super) fn more_scope(flow: &Flow, wanted: &str) -> Option<Cure> {
    let asked = &flow.settings.request.scope;
    let is_new = |word: &&str| !scope::words(asked).any(|asked| asked == *word);
    let new: Vec<&str> = scope::words(wanted).filter(is_new).collect();
    let whole = scope::words(asked).chain(new.iter().copied()).collect::<Vec<_>>().join(" ");
    (!new.is_empty()).then(|| Cure::new(format!("Ask for {}", visible(&new.join(" "))), "scope", whole))
}

/// The scope without what this server does not list.
fn listed_scope(flow: &Flow) -> Option<Cure> {
    let listed = flow.session.metadata.as_ref()?.supported("scopes_supported")?;
    let asked: Vec<&str> = scope::words(&flow.settings.request.scope).collect();
    let (kept, left): (Vec<&str>, Vec<&str>) = asked.into_iter().partition(|word| listed.contains(word));
    let is_of_use = !kept.is_empty() && !left.is_empty();
    is_of_use.then(|| Cure::new(format!("Leave {} out", visible(&left.join(" "))), "scope", kept.join(" ")))
}

/// The scope of a device without openid, which some servers refuse there.
fn without_openid(flow: &Flow, exchange: &Exchange) -> Option<Cure> {
    let kept: Vec<&str> = scope::words(&flow.settings.request.scope).filter(|word| *word != "openid").collect();
    asks_openid_of_device(exchange).then(|| Cure::new("Leave openid out", "scope", kept.join(" ")))
}

/// The address that a redirect of the token endpoint points to, where a client may follow it.
fn moved(exchange: &Exchange, response: &HttpResponse) -> Option<Cure> {
    let to = exchange.request.url.join(response.headers.get("location")?).ok()?;
    let is_safe = to.scheme() == "https" || to.origin() == exchange.request.url.origin();
    let is_meant = exchange.stage == Stage::Token && is_safe && !causes::is_login(response);
    is_meant.then(|| Cure::new("Use the address it points to", "token_endpoint", to.as_str()))
}

/// The port of this run for all to come, so that it can be registered.
fn kept_port(flow: &Flow) -> Option<Cure> {
    let typed = Url::parse(&flow.settings.client.redirect_uri).ok().filter(|url| url.port() == Some(0))?;
    let used = Url::parse(flow.session.authorization.as_ref()?.get("redirect_uri")?).ok()?;
    let port = used.port().filter(|_| used.host() == typed.host())?;
    Some(Cure::new(format!("Keep port {port}"), "redirect_uri", used.as_str()))
}
