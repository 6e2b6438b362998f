//! Client ID metadata documents on the worker's runtime: one is served until its end is wanted, others are fetched.

use std::convert::Infallible;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use super::Worker;
use super::run::Shared;
use crate::client::client_document::{Judged, moved, request};
use crate::gui::backend::Outcome;
use crate::gui::client_document::{DocumentJob, DocumentReport, Looked, NotServed};
use crate::io::client_document::{Published, addresses};
use crate::io::serve::{Port, ServeError};

/// A document that is served.
pub(super) struct Publishing {
    /// Dropped, it ends.
    until: Option<watch::Sender<()>>,
    task: JoinHandle<()>,
}

impl Publishing {
    /// Ends it; its port is free afterwards.
    async fn end(self) {
        drop(self.until);
        let _ = self.task.await;
    }
}

impl Worker {
    pub(super) fn client_document(&mut self, generation: u64, job: DocumentJob) {
        match job {
            DocumentJob::Serve { address, document } => {
                let (until, ended) = watch::channel(());
                let (before, shared) = (self.publishing.take(), self.shared.clone());
                let task = self.tasks.spawn(async move {
                    if let Some(before) = before {
                        before.end().await;
                    }
                    serve(shared, generation, (address, document), ended).await;
                });
                self.publishing = Some(Publishing { until: Some(until), task });
            }
            DocumentJob::End => {
                if let Some(publishing) = &mut self.publishing {
                    publishing.until = None;
                }
            }
            DocumentJob::Fetch { client_id, url } => {
                let shared = self.shared.clone();
                let task = self.spawn(generation, async move {
                    Some(Outcome::ClientDocument(fetched(&shared, &client_id, url).await))
                });
                self.keep(generation, task);
            }
        }
    }
}

async fn serve(shared: Shared, generation: u64, (address, document): (Url, String), mut ended: watch::Receiver<()>) {
    let tell = async |report| shared.report(generation, Outcome::ClientDocument(report)).await;
    let port = Port::Exactly(address.port_or_known_default().unwrap_or_default());
    let here = |url: &Url| moved(&document, address.as_str(), url.as_str());
    let published = Published::start(port, address.path(), |url| Ok::<_, Infallible>(here(url))).await;
    let published = match published {
        Ok(published) => published,
        Err(ServeError::PortTaken(port)) => return tell(DocumentReport::NotServed(NotServed::PortTaken(port))).await,
        Err(error) => return tell(DocumentReport::NotServed(NotServed::Failed(error.to_string()))).await,
    };
    let (url, document) = (published.url().to_string(), here(published.url()));
    tell(DocumentReport::Served { url, document }).await;
    let _ = ended.changed().await;
    published.stop().await;
}

async fn fetched(shared: &Shared, client_id: &str, url: Url) -> DocumentReport {
    let named = url.clone();
    let resolved = tokio::task::spawn_blocking(move || addresses(&named)).await.unwrap_or_default();
    match shared.transport.send(&request(url)).await {
        Ok(answer) => {
            let judged = Judged::fetched(client_id, &answer.response, &resolved);
            DocumentReport::Fetched(Box::new(Looked::new(judged)))
        }
        Err(error) => DocumentReport::NotFetched(error),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::gui::backend::{Backend as _, Job, Report};

    fn next(worker: &mut Worker) -> (u64, DocumentReport) {
        match worker.came.blocking_recv() {
            Some(Report { generation, outcome: Outcome::ClientDocument(report) }) => (generation, report),
            other => panic!("another report: {other:?}"),
        }
    }

    fn serve_at(worker: &mut Worker, generation: u64, address: &str) -> (u64, DocumentReport) {
        let document = format!("{{\"client_id\":\"{address}\"}}");
        let address = Url::parse(address).expect("a URL");
        worker.start(generation, Job::ClientDocument(DocumentJob::Serve { address, document }));
        next(worker)
    }

    fn fetch(worker: &mut Worker, generation: u64, url: &str) -> DocumentReport {
        let (client_id, url) = (url.to_owned(), Url::parse(url).expect("a URL"));
        worker.start(generation, Job::ClientDocument(DocumentJob::Fetch { client_id, url }));
        next(worker).1
    }

    #[test]
    fn a_document_is_served_until_its_end_and_its_port_is_free_for_the_next_one() {
        let mut worker = Worker::start().expect("a runtime");
        let (_, DocumentReport::Served { url, document }) =
            serve_at(&mut worker, 1, "http://127.0.0.1:0/a/client.json")
        else {
            panic!("it is not served")
        };
        assert!(url.ends_with("/a/client.json") && document.contains(&url), "{url}: {document}");
        let DocumentReport::Fetched(looked) = fetch(&mut worker, 2, &url) else { panic!("nobody answers") };
        let named = looked.judged.document.as_ref().and_then(|document| document.text("client_id"));
        assert_eq!(named, Some(url.as_str()));
        // Another in its place, at the same port.
        let (generation, report) = serve_at(&mut worker, 3, &url);
        assert!(matches!(report, DocumentReport::Served { .. }), "{report:?}");
        assert_eq!(generation, 3);
        worker.start(3, Job::ClientDocument(DocumentJob::End));
        let port = Url::parse(&url).ok().and_then(|url| url.port()).expect("a port");
        let taken = std::iter::repeat_with(|| TcpListener::bind(("127.0.0.1", port))).find_map(Result::ok);
        let (_, report) = serve_at(&mut worker, 4, &url);
        assert!(matches!(report, DocumentReport::NotServed(NotServed::PortTaken(it)) if it == port), "{report:?}");
        drop(taken);
        assert!(matches!(fetch(&mut worker, 5, &url), DocumentReport::NotFetched(_)));
    }
}
