//! Exports of SAML-tracer: requests in order, without times and without bodies of answers.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::exchange::Captured;
use super::hide::Hider;
use super::read::{self, DEPTH_LIMIT, ENTRY_LIMIT, Raw, Recording};
use super::recorder::Recorder;
use crate::base::http::FORM;
use crate::base::params::Params;

#[derive(Deserialize)]
struct Export<'a> {
    #[serde(borrow)]
    requests: Vec<&'a RawValue>,
}

/// Reads an export; nothing where it is none.
pub fn read(text: &str, hider: &Hider) -> Option<Recording> {
    let export: Export<'_> = serde_json::from_str(text).ok()?;
    let mut recording = Recording::default();
    for (index, raw) in export.requests.iter().enumerate().take(ENTRY_LIMIT) {
        recording.push(index, entry(index, raw.get(), hider));
    }
    if export.requests.len() > ENTRY_LIMIT {
        let beyond = export.requests.len() - ENTRY_LIMIT;
        recording.note(format!("The file has more than {ENTRY_LIMIT} entries; {beyond} are not read."));
    }
    recording.recorder = Recorder::named("SAML-tracer", "").looked_at(&recording.entries);
    Some(recording)
}

fn entry(index: usize, raw: &str, hider: &Hider) -> Result<Captured, String> {
    if read::is_too_deep(raw) {
        return Err(format!("it is nested deeper than {DEPTH_LIMIT} levels"));
    }
    let entry: Value = serde_json::from_str(raw).map_err(|error| format!("it is no JSON: {error}"))?;
    if !entry.is_object() {
        return Err("it is no object".to_owned());
    }
    let mut request = read::request(entry.get("method"), entry.get("url"), read::pairs(entry.get("requestHeaders")))?;
    let posted = read::pairs(entry.get("post"));
    if !posted.is_empty() {
        request.body = Params(posted).encode().into_bytes();
        if request.headers.get("content-type").is_none() {
            request.headers.push("Content-Type", FORM);
        }
    }
    let status = read::status(entry.get("responseStatus"))?;
    let came = read::came(status, read::pairs(entry.get("responseHeaders")), Vec::new(), None);
    let raw =
        Raw { index, started: None, took: Duration::ZERO, request, came, resource: None, page: None, location: None };
    raw.captured(hider, true)
}
