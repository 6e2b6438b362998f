//! What clients answered to what they were told: pings and pushed tokens of CIBA, logout tokens. It changes nothing, and is
//! in the log.

use url::Url;

use super::Practice;
use super::config::{Client, Config};
use crate::base::http::HttpRequest;
use crate::base::time::Timestamp;
use crate::jose::jwt;

impl Practice {
    /// Notes what a client answered to something that it was told: a status, or why no answer came. False where it was none
    /// of this server's clients.
    pub fn notified(&mut self, request: &HttpRequest, came: &Result<u16, String>, now: Timestamp) -> bool {
        let Some((client_id, what)) = recipient(&self.config, request) else { return false };
        self.why.client(&client_id);
        match came {
            Ok(200..=299) => self.why.say(format!("{client_id} took {what}")),
            Ok(status) => self.why.say(format!("{client_id} did not take {what}: it answered with status {status}")),
            Err(error) => self.why.say(format!("{client_id} could not be sent {what}: {error}")),
        }
        let notes = self.why.take();
        let now = self.time(now);
        self.journal.sent(request, came.as_ref().ok().copied(), notes, now);
        true
    }
}

/// Who was told, and what: a logout token also says whom it is for, where several have the same address.
fn recipient(config: &Config, request: &HttpRequest) -> Option<(String, &'static str)> {
    let is_there = |uri: &Option<String>| {
        uri.as_deref().and_then(|uri| Url::parse(uri).ok()).is_some_and(|uri| uri == request.url)
    };
    let of = |client: &Client, what| Some((client.client_id.clone(), what));
    if let Some(client) = config.clients.iter().find(|it| is_there(&it.backchannel_client_notification_endpoint)) {
        return of(client, "what became of its CIBA request");
    }
    let token = request.form().and_then(|form| form.get("logout_token").map(jwt::decode));
    let audience = token.as_ref().and_then(|token| token.claim("aud")?.as_str());
    let mut told = config.clients.iter().filter(|client| is_there(&client.backchannel_logout_uri));
    let named = told.clone().find(|client| Some(client.client_id.as_str()) == audience);
    of(named.or_else(|| told.next())?, "the logout token")
}
