//! A record as JSON: the members that programs read, and those that make it a run again.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Record;
use super::settings::{Memo, differing, whole};
use crate::base::check::Check;
use crate::base::http::{Headers, HttpRequest, HttpResponse};
use crate::base::json::{Json, Members, escaped, number, object, optional, text};
use crate::client::settings::Settings;
use crate::export::redact::Redactor;
use crate::flow::beside::Arrival;
use crate::flow::callback::{Callback, Stray, Via};
use crate::flow::finding::{Finding, Shown};
use crate::flow::stage::{Missing, Stage};
use crate::flow::trace::{Answer, Exchange, Overheard, Trace, WentOn};
use crate::flow::{Failure, Problem, ProblemKind, Wait};
use crate::jose::x509::thumbprint;

/// What stands for an answer that has not come.
pub(super) const NOT_AWAITED: &str = "sent, answer not awaited";

impl Record {
    /// The document. With a redactor nothing secret is in it.
    pub fn to_json(&self, hide: Option<&Redactor>) -> Json {
        let trace = hide.map_or_else(|| self.trace.clone(), |redactor| redactor.trace(&self.trace));
        let members = |list: Members| Json::Object(list);
        let mut settings = whole(&self.settings, hide);
        settings.extend(self.unknown.settings.iter().cloned());
        let mut json: Members = vec![("version".to_owned(), number(&self.version))];
        let mut push = |name: &str, value: Json| json.push((name.to_owned(), value));
        push("grant", text(self.grant.key()));
        if let Some(preset) = &self.preset {
            push("preset", text(preset.clone()));
        }
        if let Some(started_at) = self.started_at {
            push("started_at", text(started_at.to_utc_millis()));
        }
        push("outcome", text(self.outcome.word()));
        push("settings", members(settings));
        push("stages", Json::Array(self.stages.iter().map(|stage| text(stage.slug())).collect()));
        push("position", number(&self.position));
        push("tokens", self.tokens.clone());
        push("claims", self.claims.clone());
        push("exchanges", Json::Array(self.exchanges(&trace, hide)));
        push("checks", Json::Array(self.checks_of(&trace)));
        for (name, list) in [
            ("skipped", trace.skipped.iter().map(|(at, reason)| self.skipped(*at, reason)).collect::<Vec<_>>()),
            ("turned_away", trace.strays.iter().map(|(after, stray)| turned_away(*after, stray)).collect()),
            ("went_on", trace.went_on.iter().map(went_on).collect()),
            ("left_open", self.left_open.iter().map(left_open).collect()),
        ] {
            if !list.is_empty() {
                push(name, Json::Array(list));
            }
        }
        if let Some(problem) = &self.problem {
            push("problem", of_problem(problem));
        }
        push("finding", self.finding.as_ref().map_or(Json::Null, of_finding));
        if let Some(missing) = &self.missing {
            push("missing", of_missing(missing));
        }
        json.extend(self.unknown.members.iter().cloned());
        let json = Json::Object(json);
        match hide {
            Some(redactor) => redactor.json(&json),
            None => json,
        }
    }

    /// The document as a text for files and terminals: nothing invisible is in it.
    pub fn to_text(&self, hide: Option<&Redactor>) -> String {
        escaped(&self.to_json(hide).pretty()) + "\n"
    }

    fn exchanges(&self, shown: &Trace, hide: Option<&Redactor>) -> Vec<Json> {
        let mut memo = Memo::<Members>::default();
        let one = |(at, shown): (usize, &Arc<Exchange>)| {
            let differing = memo.of(&shown.settings, |own| self.differing(own, hide));
            let mut members = of_exchange(shown, self.certificates.get(&at));
            if !differing.is_empty() {
                members.push(("settings".to_owned(), Json::Object(differing)));
            }
            members.extend(beginning(shown));
            members.extend(self.unknown.exchanges.get(&at).into_iter().flatten().cloned());
            Json::Object(members)
        };
        shown.exchanges.iter().enumerate().map(one).collect()
    }

    fn differing(&self, own: &Settings, hide: Option<&Redactor>) -> Members {
        if *own == *self.settings { Vec::new() } else { differing(own, &self.settings, hide) }
    }

    fn checks_of(&self, trace: &Trace) -> Vec<Json> {
        let one = |(at, check): (usize, &Check)| of_check(check, trace.exchanges[at].stage, at);
        trace.checks_at().into_iter().map(one).chain(self.unknown.checks.iter().cloned()).collect()
    }

    /// A stage that had nothing to do, and why.
    fn skipped(&self, position: usize, reason: &str) -> Json {
        let stage = self.stages.get(position).map_or("", |stage| stage.slug());
        object([("stage", text(stage)), ("reason", text(reason)), ("position", number(&position))])
    }
}

/// A check by itself: `rule`, `verdict`, `expected`, `actual`, `spec`.
pub fn members_of_check(check: &Check) -> Members {
    let members = [
        ("rule", text(check.rule.id)),
        ("verdict", text(check.verdict.word())),
        ("expected", optional(check.expected.clone())),
        ("actual", optional(check.actual.clone())),
        ("spec", text(check.rule.spec.to_string())),
    ];
    members.map(|(name, value)| (name.to_owned(), value)).into()
}

fn of_check(check: &Check, stage: Stage, exchange: usize) -> Json {
    let mut members = members_of_check(check);
    members.push(("stage".to_owned(), text(stage.slug())));
    members.push(("exchange".to_owned(), number(&exchange)));
    Json::Object(members)
}

fn of_exchange(exchange: &Exchange, certificate: Option<&String>) -> Members {
    let mut members: Members = vec![
        ("stage".to_owned(), text(exchange.stage.slug())),
        ("attempt".to_owned(), number(&exchange.attempt)),
        ("position".to_owned(), number(&exchange.position)),
        ("sent_at".to_owned(), text(exchange.sent_at.to_utc_millis())),
        ("took_ms".to_owned(), number(&exchange.took.as_millis())),
        ("request".to_owned(), of_request(&exchange.request, certificate)),
    ];
    let mut push = |name: &str, value: Json| members.push((name.to_owned(), value));
    match &exchange.answer {
        Answer::Response(response) => push("response", of_response(response)),
        Answer::Callback(callback) => push("callback", of_callback(callback)),
        Answer::Visited => push("visited", Json::Bool(true)),
        Answer::Pending => push("error", text(NOT_AWAITED)),
        Answer::Failed(failure) => {
            push("error", text(failure.to_string()));
            if let Some(kind) = kind_of(failure) {
                push("failure", text(kind));
            }
            if let Failure::Wait(Wait { turned_away: Some(why), .. }) = failure {
                push("turned_away", text(why.to_string()));
            }
        }
    }
    if let Some(overheard) = &exchange.overheard {
        push("overheard", of_overheard(overheard));
    }
    if !exchange.meanwhile.is_empty() {
        push("meanwhile", Json::Array(exchange.meanwhile.iter().map(of_arrival).collect()));
    }
    members
}

fn of_arrival(arrival: &Arrival) -> Json {
    object([
        ("at", text(arrival.at.to_utc_millis())),
        ("request", of_request(&arrival.request, None)),
        ("response", of_response(&arrival.response)),
    ])
}

fn of_overheard(overheard: &Overheard) -> Json {
    let mut members: Members = vec![("by".to_owned(), text(overheard.by.word()))];
    if !overheard.by_hand.is_empty() {
        let done = overheard.by_hand.iter().map(|done| text(done.word())).collect();
        members.push(("by_hand".to_owned(), Json::Array(done)));
    }
    Json::Object(members)
}

/// What came of an answer that broke off: for readers, a run is told without it.
fn beginning(exchange: &Exchange) -> Option<(String, Json)> {
    let Answer::Failed(Failure::Transport(error)) = &exchange.answer else { return None };
    Some(("beginning".to_owned(), of_response(error.beginning()?)))
}

const fn kind_of(failure: &Failure) -> Option<&'static str> {
    Some(match failure {
        Failure::Transport(_) => "transport",
        Failure::Wait(_) => "wait",
        Failure::SignIn { .. } => "sign_in",
        Failure::Listen(_) => "listen",
        Failure::Stopped(_) => "stopped",
        Failure::Told(_) => return None,
    })
}

fn headers(headers: &Headers) -> Json {
    let one = |(name, value): (&str, &str)| object([("name", text(name)), ("value", text(value))]);
    Json::Array(headers.iter().map(one).collect())
}

/// A body as text, and as it is where that would lose something.
fn body(bytes: &[u8]) -> Members {
    let mut members = vec![("body".to_owned(), text(String::from_utf8_lossy(bytes)))];
    if std::str::from_utf8(bytes).is_err() {
        members.push(("body_base64".to_owned(), text(STANDARD.encode(bytes))));
    }
    members
}

fn of_request(request: &HttpRequest, certificate: Option<&String>) -> Json {
    let mut members = vec![
        ("method".to_owned(), text(request.method.clone())),
        ("url".to_owned(), text(request.url.as_str())),
        ("headers".to_owned(), headers(&request.headers)),
    ];
    members.extend(body(&request.body));
    members.extend(request.referred.as_deref().map(|object| ("request_object".to_owned(), text(object))));
    // In no header field, but shown in the handshake: its x5t#S256 (RFC 8705 section 3.1).
    let shown = request.tls.certificate.as_ref().and_then(|certificate| certificate.chain.first());
    let thumbprint = shown.map(|der| thumbprint(der)).or_else(|| certificate.cloned());
    members.extend(thumbprint.map(|thumbprint| ("client_certificate".to_owned(), text(thumbprint))));
    Json::Object(members)
}

fn of_response(response: &HttpResponse) -> Json {
    let mut members =
        vec![("status".to_owned(), number(&response.status)), ("headers".to_owned(), headers(&response.headers))];
    members.extend(body(&response.body));
    Json::Object(members)
}

fn of_callback(callback: &Callback) -> Json {
    let params = callback.params.iter().map(|(name, value)| (name.to_owned(), text(value))).collect();
    let mut members = vec![
        ("redirect_uri".to_owned(), text(callback.redirect_uri.clone())),
        ("response_mode".to_owned(), text(callback.via.name())),
        ("params".to_owned(), Json::Object(params)),
    ];
    if matches!(callback.via, Via::Pasted(_)) {
        members.push(("pasted".to_owned(), Json::Bool(true)));
    }
    if let Some(joint) = callback.joint {
        members.push(("joined_by".to_owned(), text(joint.name())));
    }
    if let Some(asked_user) = callback.asked_user {
        members.push(("asked_user".to_owned(), Json::Bool(asked_user)));
    }
    Json::Object(members)
}

fn turned_away(after: usize, stray: &Stray) -> Json {
    object([
        ("after", number(&after)),
        ("at", text(stray.at.to_utc_millis())),
        ("what", text(stray.what.clone())),
        ("why", text(stray.why.to_string())),
    ])
}

fn left_open((what, why): &(String, String)) -> Json {
    object([("what", text(what.clone())), ("reason", text(why.clone()))])
}

fn went_on(went_on: &WentOn) -> Json {
    object([
        ("stage", text(went_on.stage.slug())),
        ("rule", optional(went_on.rule)),
        ("position", number(&went_on.position)),
    ])
}

fn of_missing(missing: &Missing) -> Json {
    let mut members = vec![
        ("stage".to_owned(), text(missing.stage.slug())),
        ("field".to_owned(), text(missing.field)),
        ("hint".to_owned(), text(missing.hint.clone())),
    ];
    if missing.is_filled_in {
        members.push(("filled_in".to_owned(), Json::Bool(true)));
    }
    Json::Object(members)
}

/// Which exchange shows it, and in which of its messages.
fn of_evidence(finding: &Finding) -> Json {
    let is_sent = finding.rule.as_ref().is_some_and(|rule| rule.contains("_request.") || rule.starts_with("request."));
    let place = match finding.exchange {
        None => "settings",
        Some(_) if is_sent => "request",
        Some(_) => "response",
    };
    object([
        ("exchange", finding.exchange.map_or(Json::Null, |exchange| number(&exchange))),
        ("where", text(place)),
        ("value", text(finding.evidence.clone())),
    ])
}

fn evidence(finding: &Finding) -> Vec<Json> {
    let one = |shown: &Shown| {
        object([
            ("exchange", shown.exchange.map_or(Json::Null, |exchange| number(&exchange))),
            ("where", text(shown.place.clone())),
            ("value", optional(shown.value.clone())),
        ])
    };
    match finding.shown.is_empty() {
        true => vec![of_evidence(finding)],
        false => finding.shown.iter().map(one).collect(),
    }
}

/// The one thing to say of a run, in the shape that a finding in a recording has too: `{ rule, stage, certainty, say,
/// evidence: [{ exchange, where, value }], next, option }`.
pub fn of_finding(finding: &Finding) -> Json {
    object([
        ("rule", optional(finding.rule.as_deref())),
        ("stage", text(finding.stage.slug())),
        ("certainty", text(finding.certainty.word())),
        ("say", text(finding.say.clone())),
        ("evidence", Json::Array(evidence(finding))),
        ("next", text(finding.next.clone())),
        ("option", optional(finding.option())),
    ])
}

/// What stopped a run: `{ stage, kind, title, sent, came, try, retry_from, rule }`.
pub fn of_problem(problem: &Problem) -> Json {
    let kind = match problem.kind {
        ProblemKind::Refused(_) => "refused",
        ProblemKind::Failed => "failed",
        ProblemKind::Unsafe => "unsafe",
    };
    let mut members = vec![
        ("stage".to_owned(), text(problem.stage.slug())),
        ("kind".to_owned(), text(kind)),
        ("title".to_owned(), text(problem.title.clone())),
        ("sent".to_owned(), text(problem.sent.clone())),
        ("came".to_owned(), text(problem.came.clone())),
        ("try".to_owned(), Json::Array(problem.advice.iter().map(|advice| text(advice.clone())).collect())),
        ("retry_from".to_owned(), text(problem.again_at.slug())),
    ];
    members.extend(problem.rule.map(|rule| ("rule".to_owned(), text(rule))));
    Json::Object(members)
}
