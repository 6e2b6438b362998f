//! A client ID metadata document on this machine, as long as its guard lives: for development, since no other machine
//! reaches it.

use std::error::Error;
use std::net::IpAddr;

use tokio::runtime::{Builder, Runtime};
use url::Url;

use super::interruption::Interruptions;
use super::serve::{Port, ServeError, Server};
use crate::base::http::{HttpRequest, HttpResponse, JSON};
use crate::base::time::Timestamp;

/// Where the document is.
const PATH: &str = "/client.json";

/// A document that is served; it ends when it is dropped.
#[derive(Debug)]
pub struct ServedDocument {
    url: Url,
    server: Option<Server>,
    /// `None` once it is dropped.
    runtime: Option<Runtime>,
}

impl ServedDocument {
    /// Serves the document that is made for the address that it gets.
    ///
    /// # Errors
    /// When the port cannot be had, or there is no document.
    pub fn start<E>(port: Port, make: impl FnOnce(&Url) -> Result<String, E>) -> Result<Self, ServeError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| ServeError::Handler(error.into()))?;
        let server = runtime.block_on(Server::start(port, |origin| {
            let document = make(&at(&origin))?;
            Ok::<_, E>(move |request: &HttpRequest, _: Timestamp| answer(request, &document))
        }))?;
        let url = at(server.issuer());
        Ok(Self { url, server: Some(server), runtime: Some(runtime) })
    }

    /// Its address, which is the client_id.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Waits until the user or the system wants the program to end. `ready` is called before.
    ///
    /// # Errors
    /// When interruptions cannot be heard.
    pub fn until_interrupted(mut self, ready: impl FnOnce(&Url)) -> std::io::Result<()> {
        let Some(runtime) = self.runtime.take() else { return Ok(()) };
        let server = self.server.take();
        let url = self.url.clone();
        let heard = runtime.block_on(async {
            let mut interruptions = Interruptions::listen()?;
            ready(&url);
            interruptions.next().await;
            if let Some(server) = server {
                server.stop().await;
            }
            Ok(())
        });
        runtime.shutdown_background();
        heard
    }
}

impl Drop for ServedDocument {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn at(origin: &Url) -> Url {
    let mut url = origin.clone();
    url.set_path(PATH);
    url
}

fn answer(request: &HttpRequest, document: &str) -> HttpResponse {
    match (request.method.as_str(), request.url.path()) {
        ("GET", PATH) => HttpResponse::new(200, JSON, document),
        ("HEAD", PATH) => HttpResponse::new(200, JSON, ""),
        (_, PATH) => HttpResponse::new(405, "text/plain", "").with_header("Allow", "GET, HEAD"),
        _ => HttpResponse::new(404, "text/plain", ""),
    }
}

/// The addresses that the name of a host has here; none where it has none.
pub fn addresses(url: &Url) -> Vec<IpAddr> {
    let found = url.socket_addrs(|| None).unwrap_or_default();
    found.into_iter().map(|address| address.ip()).collect()
}
