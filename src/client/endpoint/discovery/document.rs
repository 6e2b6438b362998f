//! Whether an answer is a metadata document, and what it is where it is none (OIDC Discovery section 4.2, RFC 8414
//! section 3.2).

use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::text::visible;
use crate::client::answer::{error_within, object, status};
use crate::client::body::said;
use crate::terms::metadata::Endpoint;

/// What a document is.
pub(super) const NONE: &str = "a JSON object with issuer and endpoints, with status 200";

/// A document as it came.
pub(super) struct Document {
    pub json: Json,
    /// Whether a byte order mark is before it, which RFC 8259 section 8.1 forbids and lets a reader ignore.
    pub has_mark: bool,
}

/// What came in the place of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instead {
    /// In plain words, the server's own among them.
    pub words: String,
    /// How near it is to a document.
    pub nearness: Nearness,
}

/// How near an answer is to a document; the nearest says most about why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// Nothing is there.
    Nothing,
    /// No answer came.
    Unreached,
    /// The server gives it to nobody, not now, or not in this way.
    Refused,
    /// It is elsewhere.
    Redirect,
    /// An answer that is something else.
    Page,
    /// JSON in which the server says no.
    Answered,
    /// JSON that is no document.
    Broken,
}

/// What an answer is, where it is no document.
pub fn instead(response: &HttpResponse) -> Option<Instead> {
    read(response).err()
}

pub(super) fn read(response: &HttpResponse) -> Result<Document, Instead> {
    let said = |nearness| Err(Instead { words: refusal(response), nearness });
    match response.status {
        300..400 => {
            let to = response.headers.get("location").map_or("nowhere".into(), visible);
            let words = format!("a redirect ({}) to {to}, which is not followed", status(response));
            Err(Instead { words, nearness: Nearness::Redirect })
        }
        404 | 405 | 410 => said(Nearness::Nothing),
        _ if !response.is_success() => said(Nearness::Refused),
        _ => body(response),
    }
}

fn body(response: &HttpResponse) -> Result<Document, Instead> {
    let mut bare = response.clone();
    let has_mark = bare.body.starts_with("\u{feff}".as_bytes());
    if has_mark {
        bare.body.drain(..3);
    }
    let marked = |words: String| if has_mark { format!("a byte order mark (BOM), and then {words}") } else { words };
    match object(&bare) {
        Ok(json) if is_document(&json) => Ok(Document { json, has_mark }),
        Ok(json) => {
            let said = said::of_json(&json);
            let nearness = if error_within(&json).is_some() { Nearness::Answered } else { Nearness::Broken };
            let words = said.map(|words| format!(", but with the words: {words}")).unwrap_or_default();
            let words = format!("a JSON object without issuer and endpoints{words}");
            Err(Instead { words: marked(words), nearness })
        }
        Err(words) => {
            let first = bare.body.iter().find(|byte| !byte.is_ascii_whitespace());
            let is_json = matches!(first, Some(b'{' | b'['));
            let is_cut = is_json && words.contains("EOF");
            let words = if is_cut { format!("JSON that breaks off: {words}") } else { words };
            let nearness = if is_json || has_mark { Nearness::Broken } else { Nearness::Page };
            Err(Instead { words: marked(words), nearness })
        }
    }
}

fn is_document(json: &Json) -> bool {
    json.get("issuer").is_some() || Endpoint::ALL.into_iter().any(|endpoint| json.get(endpoint.name()).is_some())
}

/// `status 404 Not Found: Realm does not exist`
fn refusal(response: &HttpResponse) -> String {
    let is_page = said::is_page(response);
    match said::words(response) {
        Some(words) if is_page => format!("status {}: an HTML page, \"{words}\"", status(response)),
        None if is_page => format!("status {}: an HTML page", status(response)),
        _ => said::told(response),
    }
}
