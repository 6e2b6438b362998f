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

/// Where the document is, unless another path is wanted.
const PATH: &str = "/client.json";

/// A document that is served on the runtime it was started on; it ends when it is dropped.
#[derive(Debug)]
pub struct Published {
    url: Url,
    server: Server,
}

impl Published {
    /// Serves the document that is made for the address that it gets.
    ///
    /// # Errors
    /// When the port cannot be had, or there is no document.
    pub async fn start<E>(
        port: Port,
        path: &str,
        make: impl FnOnce(&Url) -> Result<String, E>,
    ) -> Result<Self, ServeError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let at = |origin: &Url| {
            let mut url = origin.clone();
            url.set_path(path);
            url
        };
        let server = Server::start(port, |origin| {
            let url = at(&origin);
            let document = make(&url)?;
            Ok::<_, E>(move |request: &HttpRequest, _: Timestamp| answer(request, &url, &document))
        });
        let server = server.await?;
        Ok(Self { url: at(server.issuer()), server })
    }

    /// Its address, which is the client_id.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Serves it no more; the port is free then.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

/// The same with a runtime of its own.
#[derive(Debug)]
pub struct ServedDocument {
    url: Url,
    /// `None` once it is stopped.
    published: Option<Published>,
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
        let published = runtime.block_on(Published::start(port, PATH, make))?;
        Ok(Self { url: published.url().clone(), published: Some(published), runtime: Some(runtime) })
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
        let published = self.published.take();
        let url = self.url.clone();
        let heard = runtime.block_on(async {
            let mut interruptions = Interruptions::listen()?;
            ready(&url);
            interruptions.next().await;
            if let Some(published) = published {
                published.stop().await;
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

fn answer(request: &HttpRequest, url: &Url, document: &str) -> HttpResponse {
    match request.method.as_str() {
        _ if request.url.path() != url.path() => HttpResponse::new(404, "text/plain", ""),
        "GET" => HttpResponse::new(200, JSON, document),
        "HEAD" => HttpResponse::new(200, JSON, ""),
        _ => HttpResponse::new(405, "text/plain", "").with_header("Allow", "GET, HEAD"),
    }
}

/// The addresses that the name of a host has here; none where it has none.
pub fn addresses(url: &Url) -> Vec<IpAddr> {
    let found = url.socket_addrs(|| None).unwrap_or_default();
    found.into_iter().map(|address| address.ip()).collect()
}
