//! What clients are told by the server itself, such as pings: how they learn that their user has decided (CIBA
//! section 10.2).

use serde_json::json;
use url::Url;

use super::Practice;
use crate::base::http::{Headers, HttpRequest, JSON};

const MANY: usize = 100;

/// Makes the ping for a request that was decided, if its client wants one. It goes to this machine and to hosts that are
/// listed for it.
pub fn push(practice: &mut Practice, id: &str) {
    let ping = ping(practice, id);
    keep(practice, ping);
}

/// Keeps requests until they are sent.
pub fn keep(practice: &mut Practice, requests: impl IntoIterator<Item = HttpRequest>) {
    practice.notifications.extend(requests);
    // Nobody may ever take them.
    let superfluous = practice.notifications.len().saturating_sub(MANY);
    practice.notifications.drain(..superfluous);
}

fn ping(practice: &Practice, id: &str) -> Option<HttpRequest> {
    let pending = practice.store.pending.get(id)?;
    let notification = pending.backchannel.as_ref()?.notification.as_ref()?;
    let client = practice.config.client(&pending.client_id)?;
    let url = Url::parse(client.backchannel_client_notification_endpoint.as_deref()?).ok()?;
    if !practice.config.may_send_to(&url) {
        return None;
    }
    let mut headers = Headers::default();
    headers.push("Content-Type", JSON);
    headers.push("Authorization", format!("Bearer {}", notification.token.expose()));
    let body = json!({ "auth_req_id": notification.auth_req_id.expose() }).to_string().into_bytes();
    Some(HttpRequest { method: "POST".to_owned(), headers, body, ..HttpRequest::get(url) })
}
