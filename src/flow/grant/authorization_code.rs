//! The authorization code grant with PKCE (RFC 6749 section 4.1, RFC 7636, OIDC Core section 3.1).
//!
//! ```text
//!  You            Browser           Client                  Authorization server      API
//!   │                │                │─── GET metadata, JWKS ───────►│                │
//!   │                │◄── open ───────│                               │                │
//!   │                │─── authorization request (code_challenge) ────►│                │
//!   │─── sign in and consent ────────────────────────────────────────►│                │
//!   │                │◄── redirect with code, state, iss ─────────────│                │
//!   │                │─── code ──────►│                               │                │
//!   │                │                │─── code + code_verifier ─────►│                │
//!   │                │                │◄── access, ID, refresh token ─│                │
//!   │                │                │─── access token ──────────────────────────────►│
//! ```

use crate::base::params::Params;
use crate::client::settings::Settings;
use crate::flow::own::Own;
use crate::flow::session::Session;
use crate::flow::stage::Stage;
use crate::terms::scope;

/// What is sent, in order. A refresh is appended when it is wanted.
pub const STAGES: &[Stage] =
    &[Stage::Discovery, Stage::Jwks, Stage::Authorization, Stage::Token, Stage::UserInfo, Stage::Resource];

/// The form of the token request (RFC 6749 section 4.1.3, RFC 7636 section 4.5, RFC 8707 section 2.2).
///
/// # Errors
/// Names the value that is not there yet.
pub fn token_form(settings: &Settings, session: &Session, own: &Own) -> Result<Params, &'static str> {
    let code = session.code.as_ref().ok_or("code")?;
    let sent = session.authorization.clone().unwrap_or_default();
    let mut form: Params = [("grant_type", "authorization_code"), ("code", code.expose())].into_iter().collect();
    // It must equal the one of the authorization request, when that had one.
    if let Some(redirect_uri) = sent.get("redirect_uri") {
        form.push("redirect_uri", redirect_uri);
    }
    if let (true, Some(drawn)) = (sent.contains("code_challenge"), &own.drawn) {
        form.push("code_verifier", drawn.code_verifier.expose());
    }
    for resource in scope::words(&settings.request.resource) {
        form.push("resource", resource);
    }
    Ok(form)
}
