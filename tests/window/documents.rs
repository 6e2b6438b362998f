//! Client ID metadata documents in memory: one is served where the practice server of the pair fetches it, others lie where
//! a test puts them.

use std::collections::BTreeMap;

use grantscope::base::http::{HttpResponse, JSON};
use grantscope::client::client_document::{Judged, moved};
use grantscope::flow::transport_error::TransportError;
use grantscope::gui::client_document::{DocumentJob, DocumentReport, Looked, NotServed};

/// The port that is free.
pub const FREE: u16 = 8765;

/// Serves one document, and fetches others.
#[derive(Default)]
pub struct Documents {
    /// Whether the port is another program's.
    pub is_taken: bool,
    /// Whether what is asked for is kept waiting.
    pub holds: bool,
    /// Where one is served.
    pub served: Option<String>,
    /// How often one was.
    pub times: usize,
    /// What lies where.
    pub web: BTreeMap<String, HttpResponse>,
}

impl Documents {
    pub fn done(&mut self, job: DocumentJob, published: &mut BTreeMap<String, HttpResponse>) -> Option<DocumentReport> {
        match job {
            DocumentJob::End => {
                published.clear();
                self.served = None;
                None
            }
            _ if self.holds => None,
            DocumentJob::Serve { address, .. } if self.is_taken => {
                Some(DocumentReport::NotServed(NotServed::PortTaken(address.port().unwrap_or_default())))
            }
            DocumentJob::Serve { address, document } => {
                let mut url = address.clone();
                if url.port() == Some(0) {
                    url.set_port(Some(FREE)).expect("an http URL takes a port");
                }
                let document = moved(&document, address.as_str(), url.as_str());
                published.clear();
                published.insert(url.to_string(), HttpResponse::new(200, JSON, document.as_str()));
                self.served = Some(url.to_string());
                self.times += 1;
                Some(DocumentReport::Served { url: url.into(), document })
            }
            DocumentJob::Fetch { client_id, url } => {
                let at = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(0));
                let found = self.web.get(url.as_str()).or_else(|| published.get(url.as_str()));
                Some(match found {
                    Some(answer) => {
                        DocumentReport::Fetched(Box::new(Looked::new(Judged::fetched(&client_id, answer, &[]))))
                    }
                    None => DocumentReport::NotFetched(TransportError::Refused { at }),
                })
            }
        }
    }
}
