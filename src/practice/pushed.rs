//! Authorization requests that clients leave here before the browser comes (RFC 9126): who has to, what becomes of them,
//! and what a browser gets that comes with a reference to one.

use std::time::Duration;

use super::Practice;
use super::authorization::{AuthorizationRequest, Carrier, Refusal};
use super::config::Client;
use super::demands::Demand;
use super::fault::Fault;
use super::fields::{Fields, invalid_request};
use super::reference::invalid_request_uri;
use super::request_object::Asked;
use super::return_to::ReturnTo;
use super::store::Pushed;
use crate::base::time::{Timestamp, spoken};
use crate::terms::error::OAuthError;

/// How long a request waits for the browser.
pub const LIFETIME: Duration = Duration::from_secs(90);

/// What every reference begins with (RFC 9126 section 2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// The request behind a reference.
const KNOWN: &str = "request_uri is known and of this client";
const IN_TIME: &str = "request_uri is not used and not over";
/// Whether the client may leave it out.
const DEMANDED: &str = "request is pushed where it has to be";

/// Whether clients are told to push.
pub fn is_demanded(practice: &Practice) -> bool {
    demands(practice) || practice.is_faulty(Fault::PushedOptional)
}

/// Whether every client has to, by the configuration or by its profile.
fn demands(practice: &Practice) -> bool {
    practice.config.require_pushed_authorization_requests || practice.config.demands(Demand::Pushed).is_some()
}

/// Whether a `request_uri` is of the form that is given out here.
pub fn is_reference(uri: &str) -> bool {
    uri.starts_with(PREFIX)
}

/// Refuses what the browser brings, where the request has to be pushed.
///
/// # Errors
/// `invalid_request`
pub fn demand(practice: &Practice, client: &Client, carrier: &Carrier) -> Result<(), OAuthError> {
    let is_demanded = demands(practice) || client.require_pushed_authorization_requests;
    if !is_demanded || practice.is_faulty(Fault::PushedOptional) {
        return Ok(());
    }
    let verdict = (*carrier != Carrier::Browser).then_some(()).ok_or_else(|| {
        invalid_request(format!(
            "{} has to use pushed authorization requests, and this one came by the browser",
            client.client_id
        ))
    });
    practice.why.check(DEMANDED, &client.client_id, verdict)
}

/// Keeps a request and gives it a name.
pub fn keep(practice: &mut Practice, client_id: &str, asked: Asked, now: Timestamp) -> String {
    let name = if practice.is_faulty(Fault::GuessableRequestUri) {
        practice.store.pushed.iter().count().to_string()
    } else {
        practice.draw().expose().to_owned()
    };
    let uri = format!("{PREFIX}{name}");
    let item = Pushed { client_id: client_id.to_owned(), asked, expires_at: now + LIFETIME, is_used: false };
    practice.store.pushed.put(&uri, item, now);
    uri
}

/// The request behind a reference that a browser brings.
///
/// # Errors
/// `invalid_request_uri`: on a page where nobody knows whose it is, else to the client that has pushed.
pub fn read(practice: &Practice, fields: &Fields, uri: &str, now: Timestamp) -> Result<AuthorizationRequest, Refusal> {
    practice.why.plan(&[KNOWN, IN_TIME]);
    let client_id = fields.get("client_id").unwrap_or_default();
    let pushed = practice.why.check(KNOWN, client_id, known(practice, fields, uri)).map_err(Refusal::Page)?;
    let asked = Asked { carrier: Carrier::Pushed(uri.to_owned()), ..pushed.asked.clone() };
    let request = AuthorizationRequest::read(&asked, practice);
    let verdict = in_time(practice, pushed, now);
    practice.why.check(IN_TIME, age(pushed, now), verdict).map_err(|error| match &request {
        Ok(AuthorizationRequest { return_to: ReturnTo::Client(redirect), .. }) => {
            Refusal::Redirect(Box::new(redirect.clone()), error)
        }
        _ => Refusal::Page(error),
    })?;
    request
}

fn known<'a>(practice: &'a Practice, fields: &Fields, uri: &str) -> Result<&'a Pushed, OAuthError> {
    let client_id = fields.require("client_id")?;
    let unknown = || invalid_request_uri("nothing is known under this request_uri; push the request again");
    let pushed = practice.store.pushed.get(uri).ok_or_else(unknown)?;
    if pushed.client_id == client_id {
        return Ok(pushed);
    }
    Err(invalid_request_uri(format!("the request was pushed by another client than {client_id}")))
}

fn in_time(practice: &Practice, pushed: &Pushed, now: Timestamp) -> Result<(), OAuthError> {
    if pushed.expires_at <= now {
        let ago = spoken(now.since(pushed.expires_at));
        return Err(invalid_request_uri(format!("the request expired {ago} ago; push it again")));
    }
    if pushed.is_used && !practice.is_faulty(Fault::ReusableRequestUri) {
        return Err(invalid_request_uri("the request was used before; push a new one"));
    }
    Ok(())
}

fn age(pushed: &Pushed, now: Timestamp) -> String {
    let left = if pushed.expires_at > now { spoken(pushed.expires_at.since(now)) } else { "nothing".to_owned() };
    format!("{left} left of {}", spoken(LIFETIME))
}

/// A request works until a user has decided about it: a page may be loaded again before.
pub fn use_up(practice: &mut Practice, carrier: &Carrier) {
    let Carrier::Pushed(uri) = carrier else { return };
    if let Some(pushed) = practice.store.pushed.get_mut(uri) {
        pushed.is_used = true;
    }
}
