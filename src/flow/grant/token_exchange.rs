//! Token exchange: one token for another (RFC 8693), in the name of the subject (impersonation) or as somebody
//! who acts for the subject (delegation).
//!
//! Begins with a pasted subject token, or gets one by the authorization code grant first. An actor token that is
//! asked for and not filled in is got by client credentials, as far as it is a token that they bring.
//!
//! ```text
//!  Client                              Authorization server      API
//!    │─── subject_token, actor_token ─────────►│                   │
//!    │◄── access_token, issued_token_type ─────│                   │
//!    │─── access token ───────────────────────────────────────────►│
//! ```
//!
//! Asked for an ID-JAG, the server vouches for its user at another one (draft-ietf-oauth-identity-assertion-authz-grant):
//! the run goes on there.
//!
//! ```text
//!  Client            Authorization server     Resource authorization server    API
//!    │─── ID token ─────────►│                            │                      │
//!    │◄── ID-JAG ────────────│                            │                      │
//!    │─── ID-JAG ────────────────────────────────────────►│                      │
//!    │◄── access token ───────────────────────────────────│                      │
//!    │─── access token ─────────────────────────────────────────────────────────►│
//! ```

use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::client::endpoint::id_jag;
use crate::client::endpoint::token_exchange::TOKEN_TYPE;
use crate::client::settings::{RequestSettings, Settings};
use crate::flow::session::Session;
use crate::flow::stage::Stage;
use crate::flow::step::{Part, Step};
use crate::terms::grant::Grant;

/// What is sent, in order.
pub fn stages(settings: &Settings) -> Vec<Stage> {
    let request = &settings.request;
    let mut stages = vec![Stage::Discovery, Stage::Jwks];
    if request.subject_token.is_empty() && is_of_login(&request.subject_token_type) {
        stages.extend([Stage::Authorization, Stage::Token]);
    }
    if request.actor_token.is_empty() && is_access_token(&request.actor_token_type) {
        stages.push(Stage::ActorToken);
    }
    stages.push(Stage::Exchange);
    // What is asked for is good at another server alone, which has the access token.
    if id_jag::is_wanted(settings) {
        stages.extend([Stage::ResourceServerDiscovery, Stage::IdJag]);
    }
    stages.push(Stage::Resource);
    stages
}

/// What a person follows where this grant has words of its own.
pub const fn steps(stage: Stage) -> Option<&'static [Step]> {
    Some(match stage {
        Stage::Token => &[Step { title: "Subject token", lesson: "token", part: Part::Whole }],
        _ => return None,
    })
}

/// Whether client credentials bring a token of this type: an access token, which may be a JWT (RFC 9068).
fn is_access_token(token_type: &str) -> bool {
    matches!(token_type.strip_prefix(TOKEN_TYPE), Some("access_token" | "jwt"))
}

/// Whether a login brings a token of this type, which is an access token unless something else is chosen.
fn is_of_login(token_type: &str) -> bool {
    let others = ["id_token", "refresh_token"].map(Some);
    token_type.is_empty() || is_access_token(token_type) || others.contains(&token_type.strip_prefix(TOKEN_TYPE))
}

/// The form of the exchange (RFC 8693 section 2.1).
///
/// # Errors
/// Names the token of which there is none of the wanted type.
pub fn form(settings: &Settings, session: &Session) -> Result<Params, &'static str> {
    let request = &settings.request;
    let (subject, subject_type) = subject(request, session).ok_or("subject_token")?;
    let mut form: Params = [
        ("grant_type", Grant::TokenExchange.grant_type()),
        ("subject_token", subject.expose()),
        ("subject_token_type", subject_type),
    ]
    .into_iter()
    .collect();
    let of_client = session.actor_token.as_ref().filter(|_| is_access_token(&request.actor_token_type));
    match Some(&request.actor_token).filter(|token| !token.is_empty()).or(of_client) {
        Some(actor) => form.push("actor_token", actor.expose()),
        None if request.actor_token_type.is_empty() => {}
        None => return Err("actor_token"),
    }
    for (name, value) in
        [("actor_token_type", &request.actor_token_type), ("requested_token_type", &request.requested_token_type)]
    {
        if !value.is_empty() {
            form.push(name, value);
        }
    }
    super::add_target(&mut form, &request.exchange_scope, settings);
    Ok(form)
}

/// What is exchanged where nothing else is chosen: an ID-JAG is asked for with an identity assertion
/// (draft-ietf-oauth-identity-assertion-authz-grant section 4.3).
pub fn usual_subject(request: &RequestSettings) -> &'static str {
    match request.requested_token_type == id_jag::TOKEN_TYPE {
        true => "urn:ietf:params:oauth:token-type:id_token",
        false => "urn:ietf:params:oauth:token-type:access_token",
    }
}

/// The `subject_token_type` in force.
pub fn subject_type(request: &RequestSettings) -> &str {
    Some(request.subject_token_type.as_str()).filter(|name| !name.is_empty()).unwrap_or(usual_subject(request))
}

/// The token that is filled in, or the one of the login that fits the type.
fn subject<'a>(request: &'a RequestSettings, session: &'a Session) -> Option<(&'a Secret, &'a str)> {
    let subject_type = subject_type(request);
    if !request.subject_token.is_empty() {
        return Some((&request.subject_token, subject_type));
    }
    let token = match subject_type.strip_prefix(TOKEN_TYPE) {
        Some("id_token") => session.id_token(),
        Some("refresh_token") => session.refresh_token(),
        _ if !is_access_token(subject_type) => None,
        _ => session.tokens.last().and_then(|tokens| tokens.response.access_token.as_ref()),
    };
    Some((token?, subject_type))
}
