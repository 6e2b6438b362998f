//! The exchanges of a document: what was sent, what came, with which settings.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::error::ReadError;
use super::member::{Read, array, as_str, member, optional, stage, string, time, whole};
use super::settings::{self, Memo};
use super::write::NOT_AWAITED;
use crate::base::http::{ClientCertificate, Headers, HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::web_url::why_no_url;
use crate::client::authentication::certificate;
use crate::client::settings::Settings;
use crate::flow::beside::Arrival;
use crate::flow::callback::{Callback, Refusal, Via};
use crate::flow::joint::Joint;
use crate::flow::stage::Stage;
use crate::flow::trace::{Answer, ByHand, Exchange, Overheard, Party};
use crate::flow::transport_error::TransportError;
use crate::flow::{Failure, Wait};
use crate::jose::x509::thumbprint;
use crate::terms::response::ResponseMode;

/// What a request said without an answer in older documents.
const NO_RESPONSE: &str = "no response came back";

pub(super) type Certificates = HashMap<usize, String>;

pub(super) fn exchanges(json: &Json, run: &Arc<Settings>) -> Read<(Vec<Exchange>, Certificates)> {
    let elements = array(member(json, "exchanges")?).map_err(|error| error.within("exchanges"))?;
    let (mut exchanges, mut certificates) = (Vec::with_capacity(elements.len()), Certificates::new());
    let (mut newest, mut memo) = ((None, Arc::clone(run)), Memo::<Option<Arc<ClientCertificate>>>::default());
    for (at, one) in elements.iter().enumerate() {
        let own = one.get("settings");
        if newest.0 != own {
            let settings = own.map_or_else(|| Ok(Arc::clone(run)), |own| changed(run, own));
            newest = (own, settings.map_err(|error| error.at(at).within("exchanges"))?);
        }
        let mut exchange = exchange(one, &newest.1).map_err(|error| error.at(at).within("exchanges"))?;
        if let Some(shown) = one.get("request").and_then(|request| request.text("client_certificate")) {
            let known = memo.of(&newest.1, |settings| certificate(settings).ok().flatten().map(Arc::new));
            let is_it = |it: &Arc<ClientCertificate>| it.chain.first().is_some_and(|der| thumbprint(der) == shown);
            exchange.request.tls.certificate = known.filter(is_it);
            if exchange.request.tls.certificate.is_none() {
                certificates.insert(at, shown.to_owned());
            }
        }
        exchanges.push(exchange);
    }
    Ok((exchanges, certificates))
}

/// The settings of the run with what differs in an exchange.
fn changed(run: &Settings, own: &Json) -> Read<Arc<Settings>> {
    let mut settings = run.clone();
    settings::assign(&mut settings, own).map_err(|error| error.within("settings"))?;
    Ok(Arc::new(settings))
}

fn exchange(json: &Json, settings: &Arc<Settings>) -> Read<Exchange> {
    let took = Duration::from_millis(optional(json, "took_ms", whole)?.unwrap_or(0));
    let mut answer = answer(json, took)?;
    let stage = of_push(stage(json)?, &mut answer, settings);
    let request = request(member(json, "request")?).map_err(|error| error.within("request"))?;
    let begun = Exchange::begun(stage, request, Arc::clone(settings));
    Ok(Exchange {
        position: optional(json, "position", whole)?.unwrap_or(begun.position),
        attempt: optional(json, "attempt", whole)?.unwrap_or(begun.attempt),
        answer,
        sent_at: time(member(json, "sent_at")?).map_err(|error| error.within("sent_at"))?,
        took,
        overheard: optional(json, "overheard", overheard)?,
        meanwhile: meanwhile(json)?,
        ..begun
    })
}

/// A push as what it is: older documents call it a ping.
fn of_push(stage: Stage, answer: &mut Answer, settings: &Settings) -> Stage {
    let has_tokens = |callback: &Callback| callback.params.contains("access_token");
    let is_push = match (&*answer, stage) {
        (_, Stage::Push) => true,
        (Answer::Callback(callback), Stage::Notification) => settings.client.is_pushed() || has_tokens(callback),
        (_, Stage::Notification) => settings.client.is_pushed(),
        _ => false,
    };
    match answer {
        _ if !is_push => return stage,
        Answer::Callback(callback) => callback.via = Via::Push,
        _ => {}
    }
    Stage::Push
}

/// What came to a place of the client before the answer.
fn meanwhile(json: &Json) -> Read<Vec<Arrival>> {
    let arrival = |(at, one): (usize, &Json)| {
        let read = || {
            Ok(Arrival {
                at: time(member(one, "at")?).map_err(|error| error.within("at"))?,
                request: request(member(one, "request")?).map_err(|error| error.within("request"))?,
                response: response(member(one, "response")?).map_err(|error| error.within("response"))?,
            })
        };
        read().map_err(|error: ReadError| error.at(at).within("meanwhile"))
    };
    optional(json, "meanwhile", array)?.unwrap_or_default().iter().enumerate().map(arrival).collect()
}

fn overheard(json: &Json) -> Read<Overheard> {
    let by = string(json, "by")?;
    let by = Party::find(by).ok_or_else(|| ReadError::of("by", "nobody of this name sends requests"))?;
    let one = |done: &Json| {
        let known = as_str(done).map(ByHand::find)?;
        known.ok_or_else(|| ReadError::of("by_hand", "nothing of this name is done by hand"))
    };
    let by_hand = optional(json, "by_hand", array)?.unwrap_or_default().iter().map(one).collect::<Read<Vec<_>>>()?;
    Ok(Overheard { by, by_hand })
}

fn request(json: &Json) -> Read<HttpRequest> {
    let url = Url::parse(string(json, "url")?)
        .map_err(|error| ReadError::of("url", format!("no URL: {}", why_no_url(error))))?;
    let (headers, body) = (headers(json)?, body(json)?);
    let referred = optional(json, "request_object", as_str)?.map(Into::into);
    Ok(HttpRequest { method: string(json, "method")?.to_owned(), headers, body, referred, ..HttpRequest::get(url) })
}

fn headers(json: &Json) -> Read<Headers> {
    let pairs = optional(json, "headers", settings::pairs)?.unwrap_or_default();
    Ok(Headers(pairs.0))
}

fn body(json: &Json) -> Read<Vec<u8>> {
    if let Some(encoded) = optional(json, "body_base64", as_str)? {
        return STANDARD.decode(encoded).map_err(|error| ReadError::of("body_base64", error.to_string()));
    }
    Ok(optional(json, "body", as_str)?.unwrap_or_default().as_bytes().to_vec())
}

fn answer(json: &Json, took: Duration) -> Read<Answer> {
    if let Some(response) = optional(json, "response", response)? {
        return Ok(Answer::Response(response));
    }
    if let Some(callback) = optional(json, "callback", callback)? {
        return Ok(Answer::Callback(callback));
    }
    if json.get("visited").and_then(Json::as_bool) == Some(true) {
        return Ok(Answer::Visited);
    }
    let said = optional(json, "error", as_str)?.unwrap_or(NOT_AWAITED);
    let kind = optional(json, "failure", as_str)?;
    let turned_away = optional(json, "turned_away", as_str)?.map(refusal);
    Ok(match kind {
        None if matches!(said, NOT_AWAITED | NO_RESPONSE) => Answer::Pending,
        kind => Answer::Failed(failure(kind.unwrap_or_default(), said, turned_away, took)),
    })
}

fn failure(kind: &str, said: &str, turned_away: Option<Refusal>, took: Duration) -> Failure {
    match kind {
        "transport" => Failure::Transport(TransportError::Told(said.to_owned())),
        "wait" => Failure::Wait(Wait { why: said.to_owned(), turned_away }),
        "sign_in" => Failure::SignIn { why: said.to_owned(), advice: Vec::new(), is_refusal: false },
        "listen" => Failure::Listen(said.to_owned()),
        "stopped" if Failure::Stopped(took).to_string() == said => Failure::Stopped(took),
        _ => Failure::Told(said.to_owned()),
    }
}

/// Why something was turned away, as it is said.
pub(super) fn refusal(said: &str) -> Refusal {
    use Refusal::{
        AlreadyUsed, Distrusted, NoResponse, NoState, SpokeHttp, SpokeTls, WrongNotificationToken, WrongState,
    };

    let plain = [WrongState, NoState, NoResponse, AlreadyUsed, WrongNotificationToken, SpokeTls, SpokeHttp, Distrusted];
    let with_error = Refusal::NoStateInError(String::new()).to_string();
    let of_error = || said.strip_prefix(&with_error).map(|error| Refusal::NoStateInError(error.to_owned()));
    let case = Refusal::OtherCase(String::new()).to_string();
    let of_case = || said.strip_suffix(&case).map(|names| Refusal::OtherCase(names.to_owned()));
    let known = plain.into_iter().find(|refusal| refusal.to_string() == said).or_else(of_error).or_else(of_case);
    known.unwrap_or_else(|| Refusal::Told(said.to_owned()))
}

fn response(json: &Json) -> Read<HttpResponse> {
    let status: u16 = whole(member(json, "status")?).map_err(|error| error.within("status"))?;
    Ok(HttpResponse { status, headers: headers(json)?, body: body(json)? })
}

fn callback(json: &Json) -> Read<Callback> {
    let param = |(name, value): &(String, Json)| {
        Ok((name.clone(), as_str(value).map_err(|error| error.within(name).within("params"))?.to_owned()))
    };
    let params = member(json, "params")?.members().iter().map(param).collect::<Read<Vec<_>>>()?;
    let word = string(json, "response_mode")?;
    let is_pasted = json.get("pasted").and_then(Json::as_bool) == Some(true);
    let via = match (word, ResponseMode::find(word)) {
        ("ping", _) => Via::Ping,
        ("push", _) => Via::Push,
        (_, Some(mode)) if is_pasted => Via::Pasted(mode),
        (_, Some(ResponseMode::Query)) => Via::Query,
        (_, Some(ResponseMode::Fragment)) => Via::Fragment,
        (_, Some(ResponseMode::FormPost)) => Via::FormPost,
        (_, None) => return Err(ReadError::of("response_mode", "no response mode of this name")),
    };
    let asked_user = json.get("asked_user").and_then(Json::as_bool);
    let joint = optional(json, "joined_by", as_str)?.and_then(Joint::find);
    Ok(Callback {
        redirect_uri: string(json, "redirect_uri")?.to_owned(),
        via,
        params: Params(params),
        joint,
        posted: Vec::new(),
        asked_user,
    })
}
