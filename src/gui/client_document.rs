//! Client ID metadata documents from the window: what is asked of those who serve and fetch them, and what they tell.

use url::Url;

use super::masking;
use crate::base::json::Json;
use crate::client::client_document::Judged;
use crate::flow::transport_error::TransportError;

/// An address on this machine, at any port that is free.
pub const ANY_PORT: &str = "http://127.0.0.1:0/client.json";

/// Something to do with documents.
#[derive(Clone, Debug)]
pub enum DocumentJob {
    /// Serve one on this machine, in the place of one that is served.
    Serve {
        /// Its port and path; port 0 is any that is free.
        address: Url,
        /// As it is written for that address.
        document: String,
    },
    /// Serve none any more.
    End,
    /// Fetch the one of this client, and judge it.
    Fetch {
        /// As it was typed.
        client_id: String,
        /// Where it leads.
        url: Url,
    },
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum DocumentReport {
    /// It is served.
    Served {
        /// Where.
        url: String,
        /// As it is written for that address.
        document: String,
    },
    /// It is not.
    NotServed(NotServed),
    /// It was fetched and judged.
    Fetched(Box<Looked>),
    /// No answer came.
    NotFetched(TransportError),
}

/// A document that is looked at.
#[derive(Clone, Debug)]
pub struct Looked {
    /// What it is held to.
    pub judged: Judged,
    /// As it is shown: what should never have been published is not.
    pub shown: Option<Json>,
}

impl Looked {
    /// Takes time in proportion to its size.
    pub fn new(judged: Judged) -> Self {
        let shown = judged.document.as_ref().map(|document| masking::visible_json(&masking::json(document)));
        Self { judged, shown }
    }
}

/// Why a document is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotServed {
    /// Another program has the port.
    PortTaken(u16),
    /// Anything else, in the system's words.
    Failed(String),
}
