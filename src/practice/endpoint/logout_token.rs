//! How clients learn that a session has ended: each is sent a logout token (OIDC Back-Channel Logout sections 2.4 and 2.5).

use serde_json::{Value, json};
use url::Url;

use crate::base::http::HttpRequest;
use crate::base::params::Params;
use crate::base::time::Timestamp;
use crate::practice::config::Client;
use crate::practice::fault::{ANOTHER_ISSUER, Fault, OF_ANOTHER_LOGIN};
use crate::practice::keys::Signing;
use crate::practice::store::Login;
use crate::practice::token::with_other_signature;
use crate::practice::{Practice, notification};

/// From `iat` to `exp` of a logout token, in seconds (OIDC Back-Channel Logout section 4).
const LOGOUT_LIFETIME: i64 = 120;
/// What makes a JWT a logout token (section 2.4).
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Tells every client of a session that it has ended, where it wants to be told.
pub fn tell(practice: &mut Practice, login: &Login, now: Timestamp) {
    let clients = practice.config.clients.iter();
    let clients = clients.filter(|client| practice.store.has_used(&client.client_id, login));
    let told: Vec<(Url, String)> =
        clients.filter_map(|client| Some((told_at(practice, client)?, client.client_id.clone()))).collect();
    for (url, client_id) in told {
        let Some(token) = logout_token(practice, &client_id, login, now) else { continue };
        practice.why.say(format!("a logout token goes to {client_id}"));
        let form: Params = [("logout_token", token.as_str())].into_iter().collect();
        notification::keep(practice, [HttpRequest::post_form(url, &form)]);
    }
}

/// Where a client is told of logouts, on this machine or at a listed host.
fn told_at(practice: &Practice, client: &Client) -> Option<Url> {
    let url = Url::parse(client.backchannel_logout_uri.as_deref()?).ok()?;
    practice.config.may_send_to(&url).then_some(url)
}

fn logout_token(practice: &mut Practice, client_id: &str, login: &Login, now: Timestamp) -> Option<String> {
    let jti = practice.draw();
    let mut claims = json!({
        "iss": practice.config.issuer_text(),
        "sub": login.sub,
        "aud": client_id,
        "iat": now.seconds(),
        "exp": now.seconds() + LOGOUT_LIFETIME,
        "jti": jti.expose(),
        "events": { LOGOUT_EVENT: {} },
        "sid": login.sid,
    });
    spoil(practice, &mut claims, now);
    let typ = if practice.is_faulty(Fault::LogoutTyp) { "JWT" } else { "logout+jwt" };
    let alg = practice.config.client(client_id).and_then(|client| client.id_token_signed_response_alg.as_deref());
    let token = practice.keys.sign_by(&Signing { alg, kid: None, typ }, &claims).ok()?;
    Some(if practice.is_faulty(Fault::LogoutBadSignature) { with_other_signature(&token) } else { token })
}

/// Breaks what the faults say that are on.
fn spoil(practice: &Practice, claims: &mut Value, now: Timestamp) {
    for (fault, claim, wrong) in [
        (Fault::LogoutWrongIss, "iss", json!(ANOTHER_ISSUER)),
        (Fault::LogoutWrongAud, "aud", json!("another-client")),
        (Fault::LogoutExpired, "exp", json!(now.seconds() - 3600)),
        (Fault::LogoutWithNonce, "nonce", json!(OF_ANOTHER_LOGIN)),
    ] {
        if practice.is_faulty(fault) {
            claims[claim] = wrong;
        }
    }
    let left_out =
        [(Fault::LogoutWithoutEvents, "events"), (Fault::LogoutOfNobody, "sub"), (Fault::LogoutOfNobody, "sid")];
    for (_, claim) in left_out.into_iter().filter(|(fault, _)| practice.is_faulty(*fault)) {
        claims.as_object_mut().map(|claims| claims.remove(claim));
    }
}
