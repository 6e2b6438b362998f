//! How the browser tells clients that a session has ended: each is loaded in an iframe of the page that says so (OIDC
//! Front-Channel Logout sections 2 and 3).

use url::Url;

use crate::practice::Practice;
use crate::practice::config::Client;
use crate::practice::fault::{ANOTHER_ISSUER, Fault, OF_ANOTHER_LOGIN};
use crate::practice::store::Login;

/// The addresses to load, with `iss` and `sid` for those that have registered to need them.
pub fn of(practice: &Practice, login: &Login) -> Vec<String> {
    let clients = practice.config.clients.iter().filter(|client| practice.store.has_used(&client.client_id, login));
    let frames = clients.filter_map(|client| {
        let url = Url::parse(client.frontchannel_logout_uri.as_deref()?).ok()?;
        practice.why.say(format!("the browser tells {} of the logout", client.client_id));
        Some(frame(practice, url, client, login))
    });
    frames.collect()
}

/// What is in the query of the registered URI stays (section 2).
fn frame(practice: &Practice, mut url: Url, client: &Client, login: &Login) -> String {
    if !client.frontchannel_logout_session_required {
        return url.into();
    }
    let wrong_iss = practice.is_faulty(Fault::FrontchannelWrongIss);
    let iss = if wrong_iss { ANOTHER_ISSUER } else { practice.config.issuer_text() };
    let wrong_sid = practice.is_faulty(Fault::FrontchannelWrongSid);
    let sid = if wrong_sid { OF_ANOTHER_LOGIN } else { login.sid.as_str() };
    url.query_pairs_mut().append_pair("iss", iss);
    if !practice.is_faulty(Fault::FrontchannelWithoutSid) {
        url.query_pairs_mut().append_pair("sid", sid);
    }
    url.into()
}
