//! What the server tells clients by itself, until it is sent: pings and pushed tokens of CIBA, logout tokens.

use serde_json::Value;
use url::Url;

use super::Practice;
use crate::base::http::{Headers, HttpRequest, JSON};
use crate::base::secret::Secret;

const MANY: usize = 100;

/// Keeps requests until they are sent.
pub fn keep(practice: &mut Practice, requests: impl IntoIterator<Item = HttpRequest>) {
    practice.notifications.extend(requests);
    // Nobody may ever take them.
    let superfluous = practice.notifications.len().saturating_sub(MANY);
    practice.notifications.drain(..superfluous);
}

/// A message to the notification endpoint of a client, by which it knows the server (CIBA section 10.2).
pub fn posted(url: Url, token: &Secret, body: &Value) -> HttpRequest {
    let mut headers = Headers::default();
    headers.push("Content-Type", JSON);
    headers.push("Authorization", format!("Bearer {}", token.expose()));
    HttpRequest { method: "POST".to_owned(), headers, body: body.to_string().into_bytes(), ..HttpRequest::get(url) }
}
