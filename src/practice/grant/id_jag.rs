//! The Identity Assertion JWT Authorization Grant (draft-ietf-oauth-identity-assertion-authz-grant): a server vouches for
//! its user at another one. Issued by token exchange, taken by the JWT bearer grant; whom a server trusts is who else is
//! at its origin.

use std::time::Duration;

use serde_json::{Value, json};

use super::invalid_grant;
use crate::base::json::Json;
use crate::base::time::{Timestamp, spoken};
use crate::jose::jwt::Decoded;
use crate::practice::Practice;
use crate::practice::assertion;
use crate::practice::authorization::SCOPE;
use crate::practice::client::Caller;
use crate::practice::config::Client;
use crate::practice::fault::{ANOTHER_ISSUER, Fault};
use crate::practice::fields::{Fields, invalid_request};
use crate::practice::scope;
use crate::practice::store::Login;
use crate::practice::token::{self, one_or_many};
use crate::terms::error::OAuthError;
use crate::terms::scope::beyond;

/// The media type (section 3.1).
pub const TYP: &str = "oauth-id-jag+jwt";
/// How an exchange asks for one (section 4.3).
pub const TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:id-jag";
/// That a server takes them (section 7.2).
pub const PROFILE: &str = "urn:ietf:params:oauth:grant-profile:id-jag";
/// From `iat` to `exp`.
const LIFETIME: Duration = Duration::from_secs(300);

/// Whom it is about, and for what.
pub struct Asked<'a> {
    /// The user.
    pub sub: &'a str,
    /// The sign-in, which the other server may want to know of.
    pub login: Option<&'a Login>,
    /// Where the access token is to be used.
    pub resource: &'a [String],
    /// The key that the client proved to have.
    pub key: Option<&'a str>,
}

/// Answers an exchange with a grant for the server that it names.
///
/// # Errors
/// `invalid_request`, `invalid_target` and `invalid_scope` for what cannot be asked for, `unauthorized_client` for clients
/// without a secret (section 8.1).
pub fn issue(
    practice: &mut Practice,
    client: &Client,
    form: &Fields,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<Value, OAuthError> {
    let audience = audience(practice, form)?;
    if client.is_public() {
        return Err(OAuthError::new("unauthorized_client", "an ID-JAG is for clients that can prove who they are"));
    }
    let wanted = form.get("scope").unwrap_or(scope::DEFAULT);
    let scope = scope::without_sign_in(&scope::granted(wanted, &practice.config));
    if scope.is_empty() {
        return Err(OAuthError::new("invalid_scope", "nothing that was asked for is known here"));
    }
    let fault = |fault: Fault, wrong: &str, right: &str| {
        if practice.is_faulty(fault) { wrong.to_owned() } else { right.to_owned() }
    };
    let ends = if practice.is_faulty(Fault::JagExpired) { now - LIFETIME } else { now + LIFETIME };
    let mut claims = json!({
        "iss": practice.config.issuer_text(),
        "sub": asked.sub,
        "aud": fault(Fault::JagWrongAud, ANOTHER_ISSUER, &audience),
        "client_id": fault(Fault::JagWrongClient, "another-client", &client.client_id),
        "iat": now.seconds(),
        "exp": ends.seconds(),
        "scope": fault(Fault::JagScope, &format!("{scope} admin"), &scope),
    });
    if !asked.resource.is_empty() {
        let another = [format!("{ANOTHER_ISSUER}/api")];
        claims["resource"] =
            one_or_many(if practice.is_faulty(Fault::JagResource) { &another } else { asked.resource });
    }
    if let Some(login) = asked.login {
        claims["auth_time"] = json!(login.auth_time.seconds());
        claims["acr"] = json!(login.acr);
    }
    if let (Some(jkt), false) = (asked.key, practice.is_faulty(Fault::JagUnbound)) {
        claims["cnf"] = json!({ "jkt": jkt });
    }
    let typ = fault(Fault::JagTyp, token::ID_TOKEN_TYP, TYP);
    let token_type = fault(Fault::JagBearer, "Bearer", "N_A");
    claims["jti"] = json!(practice.draw().expose());
    token::note(practice, &["ID-JAG"], &scope, LIFETIME);
    practice.why.say(format!("for {audience}"));
    Ok(json!({
        "access_token": practice.keys.sign(&typ, &claims)?,
        "issued_token_type": TOKEN_TYPE,
        "token_type": token_type,
        "expires_in": LIFETIME.as_secs(),
        "scope": scope,
    }))
}

/// Another server than this one: who issues a grant gives no access token for it (section 8.3).
fn audience(practice: &Practice, form: &Fields) -> Result<String, OAuthError> {
    let audience = form.require("audience")?;
    let is_url = url::Url::parse(audience).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    match () {
        () if !is_url => Err(invalid_request(format!("audience is {audience}, not the issuer of a server"))),
        () if audience.trim_end_matches('/') == practice.config.issuer_text() => {
            Err(OAuthError::new("invalid_target", "an ID-JAG is for another server than the one that issues it"))
        }
        () => Ok(audience.to_owned()),
    }
}

/// What such a grant allows here: for what, and where (section 4.4.1).
///
/// # Errors
/// `invalid_scope`
pub fn allowed(practice: &Practice, token: &Decoded, form: &Fields) -> Result<(String, Vec<String>), OAuthError> {
    let allowed = token.claim("scope").and_then(Json::as_str).unwrap_or(scope::DEFAULT);
    let asked = form.get("scope").unwrap_or(allowed);
    let wider = beyond(asked, allowed);
    let granted = scope::without_sign_in(&scope::granted(asked, &practice.config));
    let within = match (wider.is_empty(), granted.is_empty()) {
        (false, _) => Err(format!("the ID-JAG allows {allowed}, the request adds {}", wider.join(" "))),
        (true, true) => Err("nothing that the ID-JAG allows is known here".to_owned()),
        (true, false) => Ok(granted),
    };
    let within = within.map_err(|why| OAuthError::new("invalid_scope", why));
    let scope = practice.why.found(SCOPE, String::clone, within)?;
    let resource = token.claim("resource").map(Json::strings).unwrap_or_default();
    Ok((scope, resource.into_iter().map(str::to_owned).collect()))
}

/// Whom a grant is about that another server has issued to this client (section 4.4.1).
///
/// # Errors
/// `invalid_grant` that says what is wrong with it.
pub fn judge(practice: &Practice, caller: &Caller, token: &Decoded, now: Timestamp) -> Result<String, OAuthError> {
    let refuse = |why| invalid_grant(format!("the ID-JAG is not accepted: {why}"));
    check_proven(caller, token).map_err(refuse)?;
    subject(practice, &caller.client, token, now).map_err(refuse)
}

/// What is bound to a key comes with a proof by it (section 8.6.1.2).
fn check_proven(caller: &Caller, token: &Decoded) -> Result<(), String> {
    let bound_to = token.claim("cnf").and_then(|cnf| cnf.text("jkt"));
    match (bound_to, caller.binding.key.as_deref()) {
        (None, _) => Ok(()),
        (Some(wanted), Some(proven)) if wanted == proven => Ok(()),
        (Some(_), Some(_)) => Err("it is bound to another key than the one that was proven".to_owned()),
        (Some(_), None) => Err("it is bound to a key, and no DPoP proof came".to_owned()),
    }
}

fn subject(practice: &Practice, client: &Client, token: &Decoded, now: Timestamp) -> Result<String, String> {
    let (iss, issuer) = (assertion::text(token, "iss")?, practice.config.issuer_text());
    if iss == issuer {
        return Err("it was issued here, and an ID-JAG is for another server".to_owned());
    }
    match practice.vouched_by.as_deref() {
        None => return Err(format!("its iss is {iss}; no server that is trusted here has signed it")),
        Some(signer) if signer != iss => return Err(format!("its iss is {iss}, and {signer} has signed it")),
        Some(_) => {}
    }
    let audience = token.claim("aud").map(Json::strings).unwrap_or_default();
    if audience != [issuer] {
        return Err(format!("aud is {}, it has to be {issuer} alone", audience.join(" ")));
    }
    let client_id = assertion::text(token, "client_id")?;
    if client_id != client.client_id {
        return Err(format!("its client_id is {client_id}, and {} brings it", client.client_id));
    }
    assertion::text(token, "jti")?;
    assertion::check_times(token, now)?;
    let sub = assertion::text(token, "sub")?;
    let user = practice.config.user(sub).ok_or_else(|| format!("its sub is {sub}; there is no such user"))?;
    let exp = token.claim("exp").and_then(Json::as_i64).unwrap_or_default();
    practice.why.say(format!("{iss} vouches for {sub}, {} left", spoken(Timestamp::from_seconds(exp).since(now))));
    Ok(user.sub.clone())
}
