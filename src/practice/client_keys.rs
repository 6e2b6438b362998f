//! The keys of clients that keep them elsewhere: what is fetched from their `jwks_uri` (RFC 7591 section 2), from this machine
//! or a listed host alone, and anew for each request, so that keys that a client has changed are known at once.

use super::config::public_keys;
use super::fetched::whole;
use super::reference::address;
use super::{Practice, any_client};
use crate::base::http::{HttpRequest, HttpResponse, JSON};
use crate::base::json::Json;
use crate::jose::jwk::Jwk;
use crate::jose::jwt;

/// Most bytes of a key set.
const SIZE_LIMIT: usize = 64 * 1024;

/// The client whose keys have to be fetched before this request can be answered, and what fetches them.
pub fn wanted(practice: &mut Practice, request: &HttpRequest) -> Option<(String, HttpRequest)> {
    let client_id = any_client::named(request).or_else(|| asserted(request))?;
    let uri = practice.config.client(&client_id)?.jwks_uri.clone()?;
    // What came of it is known already, or why nothing did.
    if practice.store.fetched_keys.as_ref() == Some(&client_id) {
        return None;
    }
    match address(practice, &uri) {
        Ok(url) => Some((client_id, HttpRequest::get(url).with_header("Accept", JSON))),
        Err(why) => {
            practice.why.say(not_fetched(&client_id, &why));
            None
        }
    }
}

/// The client that an assertion without a `client_id` beside it says it is of (RFC 7521 section 4.2).
fn asserted(request: &HttpRequest) -> Option<String> {
    let assertion = jwt::decode(request.form()?.get("client_assertion")?);
    assertion.claim("sub")?.as_str().map(str::to_owned)
}

/// Takes what came from the `jwks_uri` of a client. Where nothing usable came, the keys of the last time stay.
pub fn take(practice: &mut Practice, client_id: &str, came: Result<HttpResponse, String>) {
    practice.store.fetched_keys = Some(client_id.to_owned());
    let keys = came.and_then(|response| keys_in(&response));
    let Some(client) = practice.config.clients.iter_mut().find(|client| client.client_id == client_id) else { return };
    match keys {
        Ok(keys) => {
            practice.why.say(format!("the keys of {client_id} were fetched from its jwks_uri: {}", keys.len()));
            client.jwks = keys;
        }
        Err(why) => practice.why.say(not_fetched(client_id, &why)),
    }
}

fn keys_in(response: &HttpResponse) -> Result<Vec<Jwk>, String> {
    let body = whole(response, SIZE_LIMIT)?;
    public_keys(&Json::parse(body).map_err(|error| format!("it is no JSON: {error}"))?)
}

fn not_fetched(client_id: &str, why: &str) -> String {
    format!("the keys of {client_id} cannot be had from its jwks_uri: {why}")
}
