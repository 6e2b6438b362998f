//! Control from a test: what the server was asked and why it answered so, who signs in next, what goes wrong next, its
//! clients, users, keys and clock, over HTTP and JSON at a port of its own.
//!
//! Another call is a line in the table of `routes`; the description at `/control/openapi.json` follows from that.

mod act;
mod keep;
mod openapi;
mod routes;
mod schema;
mod show;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use self::routes::{ROUTES, Route};
use super::PracticeHost;
use super::handle::PracticeHandle;
use crate::base::http::{HttpRequest, HttpResponse, JSON, is_loopback};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::jose::hash::sha256;

/// What answers at the control port.
#[derive(Debug)]
pub struct Control {
    host: PracticeHost,
    token: Secret,
    is_local: bool,
    shows_secrets: bool,
}

/// One call, and what it is about.
struct Call<'a> {
    host: &'a PracticeHost,
    server: PracticeHandle,
    now: Timestamp,
    /// What stands in the place of `{..}` in the path.
    id: Option<String>,
    query: Params,
    body: &'a [u8],
    shows_secrets: bool,
}

/// Why a call comes to nothing.
struct Failed {
    status: u16,
    what: String,
}

fn failed(status: u16, what: impl Into<String>) -> Failed {
    Failed { status, what: what.into() }
}

impl Control {
    /// Control over these servers for who has the token. From now on they keep the parameters of their requests.
    /// `is_local` says that the port is on loopback.
    pub fn new(host: PracticeHost, token: Secret, is_local: bool, shows_secrets: bool) -> Self {
        host.servers().iter().for_each(|server| server.lock().keep_parameters());
        Self { host, token, is_local, shows_secrets }
    }

    /// Answers one call.
    pub fn handle(&self, request: &HttpRequest, now: Timestamp) -> HttpResponse {
        match self.answer(request, now) {
            Ok(answer) => respond(200, &answer),
            Err(failed) => {
                let response = respond(failed.status, &json!({ "error": failed.what }));
                match failed.status {
                    401 => response.with_header("WWW-Authenticate", "Bearer realm=\"control\""),
                    405 => response.with_header("Allow", methods_at(request.url.path()).join(", ")),
                    _ => response,
                }
            }
        }
    }

    fn answer(&self, request: &HttpRequest, now: Timestamp) -> Result<Value, Failed> {
        let host = request.url.host_str().unwrap_or_default();
        let first = self.host.first();
        let is_called = self.is_local && is_loopback(&request.url) || first.lock().config.may_be_called_by(host);
        if !is_called {
            let server = first.lock();
            let (names, option) = (server.config.names().join(", "), server.config.allowing(host));
            let what = format!("control is not called {host}, only {names}; allow the name with {option}");
            return Err(failed(421, what));
        }
        self.authorize(request)?;
        let (route, id) = find(request)?;
        let query = request.query();
        let server = match query.get("issuer") {
            None => first.clone(),
            Some(named) => self.of_issuer(named)?,
        };
        let shows_secrets = self.shows_secrets;
        (route.answer)(&Call { host: &self.host, server, now, id, query, body: &request.body, shows_secrets })
    }

    fn authorize(&self, request: &HttpRequest) -> Result<(), Failed> {
        let header = request.headers.get("authorization").unwrap_or_default();
        let sent = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, sent) = sent.ok_or_else(|| failed(401, "the control token is missing: Authorization: Bearer .."))?;
        // Compared by hashes, so that the time it takes tells nothing.
        match sha256(sent.trim().as_bytes()) == sha256(self.token.expose().as_bytes()) {
            true => Ok(()),
            false => Err(failed(401, "the control token is wrong")),
        }
    }

    fn of_issuer(&self, named: &str) -> Result<PracticeHandle, Failed> {
        let is_named = |server: &&PracticeHandle| {
            let server = server.lock();
            server.config.issuer_text() == named || super::place::base(&server.config.issuer) == named
        };
        let found = self.host.servers().iter().find(is_named).cloned();
        found.ok_or_else(|| failed(404, format!("there is no issuer {named}")))
    }
}

impl Call<'_> {
    /// The body, as what it has to be.
    fn read<T: DeserializeOwned>(&self) -> Result<T, Failed> {
        serde_json::from_slice(self.body).map_err(|error| failed(400, format!("the body: {error}")))
    }

    fn id(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    fn unknown(&self, what: &str) -> Failed {
        failed(404, format!("there is no {what} {}", self.id()))
    }
}

fn description(_call: &Call<'_>) -> Result<Value, Failed> {
    Ok(openapi::document(&ROUTES))
}

/// The call of this method and path.
fn find(request: &HttpRequest) -> Result<(&'static Route, Option<String>), Failed> {
    let path = request.url.path();
    let at = routes_at(path);
    match at.iter().find(|route| route.method == request.method) {
        Some(route) => Ok((route, fits(route.path, path).flatten())),
        None if at.is_empty() => {
            Err(failed(404, format!("there is no call {path}; /control/openapi.json describes those there are")))
        }
        None => Err(failed(405, format!("{path} takes {}", methods_at(path).join(", ")))),
    }
}

/// The calls of a path. One that is named is not what another path has in the place of a name.
fn routes_at(path: &str) -> Vec<&'static Route> {
    let named: Vec<&Route> = ROUTES.iter().filter(|route| route.path == path).collect();
    if named.is_empty() { ROUTES.iter().filter(|route| fits(route.path, path).is_some()).collect() } else { named }
}

fn methods_at(path: &str) -> Vec<&'static str> {
    routes_at(path).iter().map(|route| route.method).collect()
}

/// Whether a path is one of this form; what stands in the place of `{..}`, decoded.
fn fits(form: &str, path: &str) -> Option<Option<String>> {
    let Some((before, _)) = form.split_once('{') else { return (form == path).then_some(None) };
    let id = path.strip_prefix(before).filter(|id| !id.is_empty() && !id.contains('/'))?;
    // A path is decoded like a parameter, but for the plus.
    let encoded = format!("id={}", id.replace('+', "%2B").replace('&', "%26"));
    Some(Params::parse(encoded.as_bytes()).get("id").map(str::to_owned))
}

fn respond(status: u16, answer: &Value) -> HttpResponse {
    HttpResponse::new(status, JSON, format!("{answer:#}\n"))
        .with_header("Cache-Control", "no-store")
        .with_header("X-Content-Type-Options", "nosniff")
}
