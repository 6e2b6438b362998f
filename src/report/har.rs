//! A run as an HTTP Archive 1.2, as browsers' developer tools and proxies read it.
//!
//! What a client does not see is not in it: of the browser's trip the request that began it and the one that came back
//! are there, without an answer, and say so.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::Report;
use crate::base::http::{Headers, HttpRequest, HttpResponse, reason};
use crate::base::json::{Json, Members, escaped, number, object, text};
use crate::base::params::Params;
use crate::flow::callback::{Callback, Via};
use crate::flow::stage::Travel;
use crate::flow::trace::{Answer, Exchange, Party};

const UNSEEN: &str = "In the browser: what it was answered is not seen by a client.";
const RETURNED: &str = "Came back through the browser; the answer was a page of this program.";
const FRAGMENT: &str =
    "Came back in the fragment, which browsers keep to themselves; it is in redirectURL of the entry before.";

/// The archive.
pub(super) fn write(report: &Report) -> String {
    let entries = report.trace.exchanges.iter().flat_map(|exchange| entries(exchange)).collect();
    let creator = object([("name", text("Grantscope")), ("version", text(env!("CARGO_PKG_VERSION")))]);
    let log = object([
        ("version", text("1.2")),
        ("creator", creator),
        ("pages", Json::Array(Vec::new())),
        ("entries", Json::Array(entries)),
        ("comment", text(report.about_secrets())),
    ]);
    escaped(&object([("log", log)]).pretty()) + "\n"
}

/// One or two: the browser goes and comes back.
fn entries(exchange: &Exchange) -> Vec<Json> {
    let mut entries = messages(exchange);
    if let Some(kind) = resource_type(exchange) {
        entries.iter_mut().for_each(|entry| push(entry, "_resourceType", text(kind)));
    }
    entries
}

/// Who asked, in the word that browsers have for it: a page of the browser, or a script in one. What the client asks for
/// by itself has none.
fn resource_type(exchange: &Exchange) -> Option<&'static str> {
    let is_of_browser = exchange.overheard.as_ref().is_some_and(|overheard| overheard.by == Party::Browser);
    match exchange.stage.descriptor().travel {
        Travel::RoundTrip(_) | Travel::Visit => Some("document"),
        Travel::Direct(_) => is_of_browser.then_some("fetch"),
        Travel::Ping => None,
    }
}

fn push(object: &mut Json, name: &str, value: Json) {
    if let Json::Object(members) = object {
        members.push((name.to_owned(), value));
    }
}

fn messages(exchange: &Exchange) -> Vec<Json> {
    let sent_at = exchange.sent_at.to_utc_millis();
    let request = of_request(&exchange.request);
    match &exchange.answer {
        Answer::Response(response) => {
            vec![entry(&sent_at, exchange.took, request, of_response(response), exchange.stage.name())]
        }
        Answer::Callback(callback) if matches!(callback.via, Via::Ping | Via::Push) => {
            vec![entry(&sent_at, exchange.took, request, no_response(""), exchange.stage.name())]
        }
        Answer::Callback(callback) => {
            let back = came_back(callback);
            let target = back.as_ref().map(|(_, target)| target.as_str()).unwrap_or_default();
            let went = entry(&sent_at, exchange.took, request, no_response(target), UNSEEN);
            let at = exchange.came_at().to_utc_millis();
            let comment = if callback.via == Via::Fragment { FRAGMENT } else { RETURNED };
            let came = back
                .as_ref()
                .map(|(request, _)| entry(&at, Duration::ZERO, of_request(request), no_response(""), comment));
            std::iter::once(went).chain(came).collect()
        }
        Answer::Visited => vec![entry(&sent_at, exchange.took, request, no_response(""), UNSEEN)],
        Answer::Pending => {
            vec![entry(&sent_at, exchange.took, request, no_response(""), "The answer was not awaited.")]
        }
        Answer::Failed(failure) => {
            vec![entry(&sent_at, exchange.took, request, no_response(""), &failure.to_string())]
        }
    }
}

/// The request that brought the response, and where the browser had been sent.
fn came_back(callback: &Callback) -> Option<(HttpRequest, String)> {
    let url = Url::parse(&callback.redirect_uri).ok()?;
    let joined = |mark: char| {
        let bare = url.as_str();
        let mark = if mark == '?' && url.query().is_some() { '&' } else { mark };
        format!("{bare}{mark}{}", callback.params.encode())
    };
    Some(match callback.via {
        Via::FormPost => (HttpRequest::post_form(url.clone(), &callback.params), String::new()),
        Via::Fragment => (HttpRequest::get(url.clone()), joined('#')),
        _ if callback.via.name() == "fragment" => (HttpRequest::get(url.clone()), joined('#')),
        _ => (HttpRequest::get(Url::parse(&joined('?')).ok()?), joined('?')),
    })
}

fn entry(at: &str, took: Duration, request: Json, response: Json, comment: &str) -> Json {
    let took = number(&(took.as_millis()));
    let nothing = || number(&0);
    object([
        ("startedDateTime", text(at)),
        ("time", took.clone()),
        ("request", request),
        ("response", response),
        ("cache", Json::Object(Vec::new())),
        ("timings", object([("send", nothing()), ("wait", took), ("receive", nothing())])),
        ("comment", text(comment)),
    ])
}

fn of_request(request: &HttpRequest) -> Json {
    let mut url = request.url.clone();
    url.set_fragment(None);
    let mut members: Members = vec![
        ("method".to_owned(), text(request.method.clone())),
        ("url".to_owned(), text(url.as_str())),
        ("httpVersion".to_owned(), text("HTTP/1.1")),
        ("cookies".to_owned(), Json::Array(Vec::new())),
        ("headers".to_owned(), of_headers(&request.headers)),
        ("queryString".to_owned(), of_params(&request.query())),
    ];
    if !request.body.is_empty() {
        members.push(("postData".to_owned(), of_body(request)));
    }
    members.push(("headersSize".to_owned(), number(&-1)));
    members.push(("bodySize".to_owned(), number(&request.body.len())));
    Json::Object(members)
}

fn of_body(request: &HttpRequest) -> Json {
    object([
        ("mimeType", text(request.headers.get("Content-Type").unwrap_or_default())),
        ("params", of_params(&request.form().unwrap_or_default())),
        ("text", text(String::from_utf8_lossy(&request.body))),
    ])
}

fn of_response(response: &HttpResponse) -> Json {
    let mime = text(response.headers.get("Content-Type").unwrap_or("x-unknown"));
    let size = ("size", number(&response.body.len()));
    let content = match std::str::from_utf8(&response.body) {
        Ok(body) => object([size, ("mimeType", mime), ("text", text(body))]),
        Err(_) => object([
            size,
            ("mimeType", mime),
            ("text", text(STANDARD.encode(&response.body))),
            ("encoding", text("base64")),
        ]),
    };
    answered(response.status, &response.headers, content, response.headers.get("Location").unwrap_or_default())
}

/// Status 0, as browsers write it where no answer was seen.
fn no_response(redirect: &str) -> Json {
    let content = object([("size", number(&0)), ("mimeType", text("x-unknown"))]);
    answered(0, &Headers::default(), content, redirect)
}

fn answered(status: u16, headers: &Headers, content: Json, redirect: &str) -> Json {
    object([
        ("status", number(&status)),
        ("statusText", text(if status == 0 { "" } else { reason(status) })),
        ("httpVersion", text("HTTP/1.1")),
        ("cookies", Json::Array(Vec::new())),
        ("headers", of_headers(headers)),
        ("content", content),
        ("redirectURL", text(redirect)),
        ("headersSize", number(&-1)),
        ("bodySize", number(&-1)),
    ])
}

fn of_headers(headers: &Headers) -> Json {
    Json::Array(headers.iter().map(pair).collect())
}

fn of_params(params: &Params) -> Json {
    Json::Array(params.iter().map(pair).collect())
}

fn pair((name, value): (&str, &str)) -> Json {
    object([("name", text(name)), ("value", text(value))])
}
