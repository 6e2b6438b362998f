//! Changes of the settings that may mend what stopped a run: a button in the window, an option on the command line.

mod asked;
mod client;
mod login;
mod wished;

use crate::base::check::{Check, Verdict};
use crate::base::http::{HttpResponse, JSON};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::visible;
use crate::base::web_url::{NotWebUrl, web_url};
use crate::client::mcp::Revision;
use crate::client::request_object::Message;
use crate::client::rules::{answer, mcp, request as rule, token};
use crate::client::settings::Settings;
use crate::client::step_up;
use crate::terms::error::OAuthError;

use super::explain_discovery::{self, as_argument, issuer_to_use, realm_elsewhere};
use super::registration::names_redirect_uri;
use super::stage::{Missing, Stage};
use super::trace::{Answer, Exchange};
use super::untaken;
use super::{Flow, Problem, ProblemKind, causes, description, explain_proof, explain_wait, explain_way_in};

pub(super) use asked::{more_scope, wanted_login};
pub(super) use wished::wish;

use asked::{asked_scope, listed_scope, stronger_login, without_openid};
use client::other_method;
use login::{kept_port, message_of, of_authorization, origin, push, sign, unsign};

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

fn prove() -> Cure {
    Cure::new("Use DPoP", "dpop_bound_access_tokens", "true")
}

/// What may mend this stop, the likeliest first.
pub(super) fn of_problem(flow: &Flow, problem: &Problem) -> Vec<Cure> {
    let last = flow.trace.exchanges.last().map(|last| &**last).filter(|last| last.stage == problem.stage);
    match (&problem.kind, last) {
        _ if problem.rule == Some(rule::PUSHED.id) => push(flow).into_iter().collect(),
        _ if problem.rule == Some(mcp::CREDENTIALS.id) => client_there(flow).into_iter().collect(),
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
            pointed_to.chain(realm(flow, &problem.kind)).chain(other_scheme(flow, &problem.kind)).collect()
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

/// Asks for JSON, where tokens came as a form and the request had another `Accept` than is usual.
pub(super) fn of_form(exchange: &Exchange) -> Option<Cure> {
    let is_asked = exchange.request.headers.get("accept").is_some_and(|accept| accept.contains(JSON));
    (!is_asked).then(|| Cure::new("Ask for JSON", "token_request.headers.Accept", JSON))
}

/// Whether a check is about tokens that came as a form, as in a request (RFC 6749 section 5.1 has JSON).
pub(super) fn is_form(exchange: &Exchange, check: &Check) -> bool {
    let is_of_body = [&answer::ENCODING, &token::CONTENT_TYPE].contains(&check.rule);
    let is_of_form = is_of_body && check.verdict == Verdict::Fail;
    let brings_tokens = matches!(exchange.stage, Stage::Token | Stage::Refresh | Stage::Exchange);
    let came = exchange.response().filter(|came| is_of_form && brings_tokens && Json::parse(&came.body).is_err());
    came.is_some_and(|came| Params::parse(&came.body).contains("access_token"))
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

fn other_scheme(flow: &Flow, kind: &ProblemKind) -> Option<Cure> {
    let (label, issuer) = explain_discovery::other_scheme(flow, kind)?;
    Some(Cure::new(label, "issuer", issuer))
}

fn of_refusal(flow: &Flow, error: &OAuthError, exchange: &Exchange) -> Vec<Cure> {
    let said = error.error_description.as_deref().unwrap_or_default().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let meant = causes::meant(error, exchange.response());
    let mut cures: Vec<Cure> = wish(flow, error, exchange).and_then(|wish| wish.cure).into_iter().collect();
    if explain_proof::is_off(error, exchange) {
        cures.push(prove());
    }
    if explain_proof::is_off_when_pushed(error, exchange) {
        cures.push(Cure::new("Prove the key when pushing", "dpop_pushed_proof", "true"));
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
    once(cures)
}

/// What is wanted by name goes before what is usual for the same setting.
fn once(cures: Vec<Cure>) -> Vec<Cure> {
    let mut kept: Vec<Cure> = Vec::new();
    for cure in cures {
        if kept.iter().all(|before| before.setting != cure.setting) {
            kept.push(cure);
        }
    }
    kept
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
            let is_announced = flow.session.resource_metadata_missed.is_some() || explain_way_in::is_relative(flow);
            (!is_announced).then(|| speak(Revision::March2025))
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

/// Goes on at the server that the API names, as a client that is known there.
fn client_there(flow: &Flow) -> Option<Cure> {
    let (label, issuer, also) = explain_way_in::client_there(flow)?;
    Some(Cure { also, ..Cure::new(label, "issuer", issuer) })
}

/// The address that a redirect of the token endpoint points to, where a client may follow it.
fn moved(exchange: &Exchange, response: &HttpResponse) -> Option<Cure> {
    let to = exchange.request.url.join(response.headers.get("location")?).ok()?;
    let is_safe = to.scheme() == "https" || to.origin() == exchange.request.url.origin();
    let is_meant = exchange.stage == Stage::Token && is_safe && !causes::is_login(response);
    is_meant.then(|| Cure::new("Use the address it points to", "token_endpoint", to.as_str()))
}
