//! `urn:ietf:params:oauth:grant-type:token-exchange`: one token for another (RFC 8693), in the name of the subject
//! (impersonation), or as an actor for the subject (delegation).

use serde_json::{Map, Value, json};

use super::id_jag;
use crate::base::time::Timestamp;
use crate::jose::jwt;
use crate::practice::Practice;
use crate::practice::authorization::resources;
use crate::practice::bearer;
use crate::practice::client::Caller;
use crate::practice::config::{AccessTokenFormat, Client};
use crate::practice::details;
use crate::practice::fields::{Fields, invalid_request};
use crate::practice::scope;
use crate::practice::store::{Approval, Login};
use crate::practice::token::{self, ACCESS_TOKEN_TYP, ID_TOKEN_TYP, IdToken};
use crate::terms::error::OAuthError;
use crate::terms::scope::{beyond, words};

/// What every token type begins with (RFC 8693 section 3).
const PREFIX: &str = "urn:ietf:params:oauth:token-type:";

/// The type of a grant for another server.
const ID_JAG: &str = "id-jag";

/// What is looked at, in this order.
pub const PLAN: [&str; 3] = [SUBJECT, ACTOR, WITHIN];
const SUBJECT: &str = "subject_token is accepted";
const ACTOR: &str = "actor_token is accepted, if one came";
const WITHIN: &str = "scope is within that of the subject_token";

/// Whom a token is about, and what it allows.
struct Party {
    sub: String,
    login: Option<Login>,
    scope: String,
    act: Option<Value>,
}

/// Answers with a token about the subject, for the resource or audience that was asked.
///
/// # Errors
/// `invalid_request` for tokens that are not accepted, whatever the reason (RFC 8693 section 2.2.2), `invalid_scope`
/// and `invalid_target`.
pub fn redeem(practice: &mut Practice, caller: &Caller, form: &Fields, now: Timestamp) -> Result<Value, OAuthError> {
    let client = &caller.client;
    let about = |party: &Party| format!("about {}", party.sub);
    let kind = requested(form)?;
    let subject = practice.why.found(SUBJECT, about, party(practice, client, form, "subject_token", now))?;
    let acts = |actor: &Option<Party>| actor.as_ref().map_or_else(|| "none".to_owned(), about);
    let actor = practice.why.found(ACTOR, acts, actor(practice, client, form, now))?;
    let act = chain(actor, subject.act.clone());
    if kind == ID_JAG {
        let (login, servers) = (subject.login.as_ref(), form.all("audience").collect::<Vec<_>>());
        let mut resource = resources(form)?;
        resource.retain(|named| !servers.contains(&named.as_str()));
        let key = caller.binding.key.as_deref();
        let asked = id_jag::Asked { sub: &subject.sub, login, resource: &resource, key };
        return id_jag::issue(practice, client, form, &asked, now);
    }
    let scope = practice.why.check(WITHIN, &subject.scope, narrowed_scope(form, &subject))?;
    let resource = resources(form)?;
    match kind {
        "id_token" => id_token(practice, client, &subject, (act, resource), now),
        kind => {
            let approval = Approval {
                authorization_details: details::read(form)?,
                client_id: client.client_id.clone(),
                scope,
                resource,
                sub: subject.sub,
                login: subject.login,
                act,
                approved_at: now,
            };
            access_token(practice, caller, kind, approval, now)
        }
    }
}

/// What is wanted: `access_token`, `jwt`, `id_token` or `id-jag`.
fn requested(form: &Fields) -> Result<&str, OAuthError> {
    let Some(asked) = form.get("requested_token_type") else { return Ok("access_token") };
    match asked.strip_prefix(PREFIX) {
        Some(kind @ ("access_token" | "jwt" | "id_token")) => Ok(kind),
        // Only for a user who has signed in, and has not only given something away.
        Some(kind @ ID_JAG) if matches!(subject_kind(form), Some("id_token" | "refresh_token")) => Ok(kind),
        Some(ID_JAG) => Err(invalid_request("an ID-JAG is issued for an id_token or a refresh_token as subject_token")),
        Some("refresh_token") => Err(invalid_request(
            "requested_token_type refresh_token is refused: exchanged tokens should end with what they came from",
        )),
        _ => Err(invalid_request(format!("requested_token_type {asked} is not issued here"))),
    }
}

fn subject_kind(form: &Fields) -> Option<&str> {
    form.get("subject_token_type")?.strip_prefix(PREFIX)
}

/// The actor; a type without a token is as wrong as a token without a type (RFC 8693 section 2.1).
fn actor(practice: &Practice, client: &Client, form: &Fields, now: Timestamp) -> Result<Option<Party>, OAuthError> {
    match (form.get("actor_token"), form.get("actor_token_type")) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(invalid_request("actor_token_type was sent without actor_token")),
        _ => party(practice, client, form, "actor_token", now).map(Some),
    }
}

/// The actor first, those that acted before it inside (RFC 8693 section 4.1).
fn chain(actor: Option<Party>, before: Option<Value>) -> Option<Value> {
    let Some(actor) = actor else { return before };
    let mut act = json!({ "sub": actor.sub });
    if let Some(before) = before {
        act["act"] = before;
    }
    Some(act)
}

/// Reads `subject_token` or `actor_token` by the type that comes with it.
fn party(practice: &Practice, client: &Client, form: &Fields, name: &str, now: Timestamp) -> Result<Party, OAuthError> {
    let token = form.require(name)?;
    let token_type = form.require(&format!("{name}_type"))?;
    let read = match token_type.strip_prefix(PREFIX) {
        Some("access_token") => of_access_token(practice, token, now),
        Some("refresh_token") => of_refresh_token(practice, client, token, now),
        Some("id_token") => of_id_token(practice, client, token, now),
        Some("jwt") if jwt::decode(token).typ() == Some(ACCESS_TOKEN_TYP) => of_access_token(practice, token, now),
        Some("jwt") => of_id_token(practice, client, token, now),
        Some(saml @ ("saml1" | "saml2")) => {
            let why =
                format!("{name}_type {saml} is not exchanged here; saml2 is taken by the grant saml2-bearer alone");
            return Err(invalid_request(why));
        }
        _ => return Err(invalid_request(format!("{name}_type {token_type} is no token type of RFC 8693 section 3"))),
    };
    read.map_err(|why| invalid_request(format!("{name} is not accepted: {why}")))
}

fn of_access_token(practice: &Practice, token: &str, now: Timestamp) -> Result<Party, String> {
    let access = bearer::read(practice, token, now)?;
    let Approval { sub, login, act, .. } = access.approval;
    Ok(Party { sub, login, scope: access.token.scope, act })
}

fn of_refresh_token(practice: &Practice, client: &Client, token: &str, now: Timestamp) -> Result<Party, String> {
    let unknown = || "this refresh token is unknown or revoked".to_owned();
    let refresh_token = practice.store.refresh_tokens.get(token).ok_or_else(unknown)?;
    if refresh_token.client_id != client.client_id {
        return Err(format!("the refresh token was issued to {}", refresh_token.client_id));
    }
    let approval = practice.store.approvals.get(&refresh_token.approval).ok_or_else(unknown)?;
    if refresh_token.used_at.is_some() || approval.ends(&practice.config) <= now {
        return Err("the refresh token was used or has expired".to_owned());
    }
    let Approval { sub, login, scope, act, .. } = approval.clone();
    Ok(Party { sub, login, scope, act })
}

/// An ID token of this server for this client; what the user approved in that sign-in is its scope.
fn of_id_token(practice: &Practice, client: &Client, token: &str, now: Timestamp) -> Result<Party, String> {
    let not_ours = || "this is not an ID token of this server".to_owned();
    let token = practice.keys.verified(token).filter(|token| token.typ() == Some(ID_TOKEN_TYP)).ok_or_else(not_ours)?;
    let exp = token.claim("exp").and_then(|exp| exp.as_i64()).unwrap_or_default();
    if exp <= now.seconds() {
        return Err("the ID token has expired".to_owned());
    }
    let audience = token.claim("aud").map(|aud| aud.strings().join(" ")).unwrap_or_default();
    if audience != client.client_id {
        return Err(format!("the ID token is for {audience}, not for {}", client.client_id));
    }
    let sid = token.claim("sid").and_then(|sid| sid.as_str());
    let of_sign_in = |approval: &&Approval| {
        approval.client_id == client.client_id && approval.login.as_ref().map(|login| login.sid.as_str()) == sid
    };
    let approval = practice.store.approvals.iter().find(of_sign_in).ok_or("what the user approved was revoked")?;
    let act = token.claim("act").map(Value::from);
    Ok(Party { sub: approval.sub.clone(), login: approval.login.clone(), scope: approval.scope.clone(), act })
}

/// Within what the subject token allows. A refresh token never comes of it, so `offline_access` has no meaning.
fn narrowed_scope(form: &Fields, subject: &Party) -> Result<String, OAuthError> {
    let asked = form.get("scope").unwrap_or(&subject.scope);
    let wider = beyond(asked, &subject.scope);
    if !wider.is_empty() {
        let why = format!("the subject_token allows {}, the request adds {}", subject.scope, wider.join(" "));
        return Err(OAuthError::new("invalid_scope", why));
    }
    Ok(scope::without(&words(asked).collect::<Vec<_>>().join(" "), &["offline_access"]))
}

fn access_token(
    practice: &mut Practice,
    caller: &Caller,
    kind: &str,
    approval: Approval,
    now: Timestamp,
) -> Result<Value, OAuthError> {
    let usual = token::format_for(&practice.config, &approval.client_id);
    let format = if kind == "jwt" { AccessTokenFormat::Jwt } else { usual };
    let lifetime = practice.config.access_token_lifetime(&approval.client_id);
    let issue = token::approve(practice, approval);
    token::note(practice, &["access token"], &issue.scope, lifetime);
    Ok(json!({
        "access_token": token::access_token(practice, &issue, format, &caller.binding, now)?,
        "issued_token_type": format!("{PREFIX}{kind}"),
        "token_type": caller.binding.token_type(),
        "expires_in": lifetime.as_secs(),
        "scope": issue.scope,
    }))
}

/// In `access_token` all the same; `token_type` says that it opens no API (RFC 8693 section 2.2.1).
fn id_token(
    practice: &Practice,
    client: &Client,
    subject: &Party,
    (act, audience): (Option<Value>, Vec<String>),
    now: Timestamp,
) -> Result<Value, OAuthError> {
    let why = "no user signed in for the subject_token, so there is no ID token to give";
    let login = subject.login.as_ref().ok_or_else(|| invalid_request(why))?;
    let audience = match audience.as_slice() {
        [] => &client.client_id,
        [one] => one,
        _ => return Err(OAuthError::new("invalid_target", "an ID token is for one audience, several were asked for")),
    };
    let claims: Map<String, Value> = act.map(|act| ("act".to_owned(), act)).into_iter().collect();
    token::note(practice, &["ID token"], audience, practice.config.id_token_lifetime(audience));
    let id_token = IdToken { client_id: audience, login, nonce: None, bound: &[], claims };
    Ok(json!({
        "access_token": token::id_token(practice, &id_token, now)?,
        "issued_token_type": format!("{PREFIX}id_token"),
        "token_type": "N_A",
        "expires_in": practice.config.id_token_lifetime(audience).as_secs(),
    }))
}
