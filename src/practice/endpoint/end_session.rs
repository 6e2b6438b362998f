//! `/end_session`: a client asks to sign the user out (OIDC RP-Initiated Logout section 2).
//!
//! The browser is sent on only to a registered address of the client that a valid `id_token_hint` or else `client_id`
//! names; in every other case the answer is a page, and the user is asked before anything ends.

use super::{logout_frames, logout_token};
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::params::Params;
use crate::base::time::Timestamp;
use crate::practice::config::Client;
use crate::practice::fields::{Fields, invalid_request};
use crate::practice::store::{Login, Logout};
use crate::practice::token::ID_TOKEN_TYP;
use crate::practice::{Practice, answer, interaction, page, redirect_uri};
use crate::terms::error::OAuthError;

/// Marks what this server's own page posted.
const AGAIN: &str = "again";

/// What the ID token of the request says.
struct Hint {
    client: Client,
    sid: String,
}

/// Answers a logout request.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    let (hint, location) = match Fields::of(request).and_then(|fields| read(practice, &fields)) {
        Ok(read) => read,
        Err(error) => {
            let why = error.error_description.unwrap_or_default();
            return page::problem(practice, 400, &format!("Nobody was signed out: {why}."));
        }
    };
    let form = request.form().filter(|form| request.method == "POST" && !form.contains(AGAIN));
    match form.filter(|_| !interaction::has_name(request) && !names_session(practice, hint.as_ref())) {
        Some(form) => ask_again(practice, request, form, location.as_deref()),
        None => end(practice, request, hint.as_ref(), location, now),
    }
}

/// Whether somebody is signed in by the very sign-in that the hint came from, so that no cookie is needed to know whom to
/// sign out.
fn names_session(practice: &Practice, hint: Option<&Hint>) -> bool {
    hint.is_some_and(|hint| signed_in(practice).any(|login| login.sid == hint.sid))
}

/// What another site posts comes without the cookie, which would look as if nobody were signed in; posted once more from
/// here it brings it, and the hint stays out of URLs.
fn ask_again(practice: &Practice, request: &HttpRequest, mut form: Params, location: Option<&str>) -> HttpResponse {
    form.push(AGAIN, "1");
    practice.why.say("a form of another site came without the cookie, so the browser posts it once more from here");
    page::post_again(&practice.config, &practice.config.url_for(request, "/end_session"), &form, location)
}

/// `/logout`: the user decided on the page that asks.
pub fn confirm(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    let id = Fields::of(request).ok().and_then(|fields| fields.get("logout").map(str::to_owned)).unwrap_or_default();
    let own = |logout: &Logout| interaction::is_from(request, &logout.cookie);
    if !practice.store.logouts.get(&id).is_some_and(own) {
        return page::problem(practice, 400, "This question is no longer open, or was asked in another browser.");
    }
    let location = practice.store.logouts.take(&id).and_then(|logout| logout.location);
    signed_out(practice, request, None, location, now)
}

fn end(
    practice: &mut Practice,
    request: &HttpRequest,
    hint: Option<&Hint>,
    location: Option<String>,
    now: Timestamp,
) -> HttpResponse {
    match interaction::current(practice, request) {
        // A hint for another session may be a trick to sign this user out.
        Some((cookie, login)) if hint.is_none_or(|hint| hint.sid != login.sid) => {
            let (id, logout) = (practice.draw(), Logout { cookie, location });
            let name = practice.config.user(&login.sub).map_or(login.sub.as_str(), |user| user.name());
            practice.why.say(format!("{} is asked whether to sign out", login.sub));
            let page = page::ask_logout(&practice.config, hint.map(|hint| &hint.client), name, &logout, id.expose());
            practice.store.logouts.put(id.expose(), logout, now);
            page
        }
        _ => signed_out(practice, request, hint, location, now),
    }
}

fn signed_out(
    practice: &mut Practice,
    request: &HttpRequest,
    hint: Option<&Hint>,
    location: Option<String>,
    now: Timestamp,
) -> HttpResponse {
    let here = interaction::current(practice, request).map(|(_, login)| login);
    let login = here.or_else(|| hint.and_then(|hint| login_of(practice, &hint.sid)));
    let frames = login.as_ref().map(|login| logout_frames::of(practice, login)).unwrap_or_default();
    let response = match location {
        _ if !frames.is_empty() => page::signed_out(practice, &frames, location.as_deref()),
        Some(location) => {
            practice.why.say("signed out, and back to the client");
            answer::redirect(location)
        }
        None => page::done(practice, "Signed out", "Nobody is signed in in this browser any more."),
    };
    if let Some(login) = login {
        logout_token::tell(practice, &login, now);
        let is_of = |of: &Option<Login>| of.as_ref().is_some_and(|of| of.sid == login.sid);
        practice
            .store
            .browsers
            .iter_mut()
            .filter(|browser| is_of(&browser.login))
            .for_each(|browser| browser.login = None);
    }
    interaction::sign_out(practice, request, response)
}

/// Those who are signed in, in any browser.
fn signed_in(practice: &Practice) -> impl Iterator<Item = &Login> {
    practice.store.browsers.iter().filter_map(|browser| browser.login.as_ref())
}

/// The sign-in that the ID token came from, also for a browser that this server does not know any more.
fn login_of(practice: &Practice, sid: &str) -> Option<Login> {
    let approved = practice.store.approvals.iter().filter_map(|approval| approval.login.as_ref());
    signed_in(practice).chain(approved).find(|login| login.sid == sid).cloned()
}

/// The hint, and where to send the browser.
fn read(practice: &Practice, fields: &Fields) -> Result<(Option<Hint>, Option<String>), OAuthError> {
    fields.once()?;
    let hint = fields.get("id_token_hint").map(|hint| id_token(practice, hint)).transpose()?;
    let client_id = fields.get("client_id");
    if let (Some(hint), Some(client_id)) = (&hint, client_id)
        && hint.client.client_id != client_id
    {
        let issued_to = &hint.client.client_id;
        return Err(invalid_request(format!("id_token_hint was issued to {issued_to}, client_id is {client_id}")));
    }
    let named = client_id.map(|client_id| {
        let unknown = || invalid_request(format!("there is no client {client_id}"));
        practice.config.client(client_id).ok_or_else(unknown)
    });
    let client = hint.as_ref().map(|hint| &hint.client).or(named.transpose()?);
    let location = location(fields, client)?;
    Ok((hint, location))
}

/// One that this server signed; it may have expired (OIDC RP-Initiated Logout section 4).
fn id_token(practice: &Practice, hint: &str) -> Result<Hint, OAuthError> {
    let unknown = || invalid_request("id_token_hint is not an ID token of this server");
    let token = practice.keys.verified(hint).filter(|token| token.typ() == Some(ID_TOKEN_TYP)).ok_or_else(unknown)?;
    let text = |name: &str| token.claim(name).and_then(|claim| claim.as_str());
    let client = text("aud").and_then(|client_id| practice.config.client(client_id)).ok_or_else(unknown)?;
    Ok(Hint { client: client.clone(), sid: text("sid").unwrap_or_default().to_owned() })
}

fn location(fields: &Fields, client: Option<&Client>) -> Result<Option<String>, OAuthError> {
    let Some(uri) = fields.get("post_logout_redirect_uri") else { return Ok(None) };
    let Some(client) = client else {
        let why = "post_logout_redirect_uri needs an id_token_hint or a client_id, to know whose it is";
        return Err(invalid_request(why));
    };
    if !redirect_uri::belongs_to_after_logout(client, uri) {
        let client_id = &client.client_id;
        return Err(invalid_request(format!(
            "post_logout_redirect_uri is not registered for {client_id}; sent: {uri}"
        )));
    }
    let state: Params = fields.get("state").map(|state| ("state", state)).into_iter().collect();
    Ok(Some(match (state.is_empty(), uri.contains('?')) {
        (true, _) => uri.to_owned(),
        (false, true) => format!("{uri}&{}", state.encode()),
        (false, false) => format!("{uri}?{}", state.encode()),
    }))
}
