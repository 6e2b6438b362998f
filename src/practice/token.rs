//! What the token endpoint hands out: access tokens (RFC 9068), ID tokens (OIDC Core section 2),
//! refresh tokens (RFC 6749 section 6).

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Practice;
use super::authorization::resources;
use super::binding::Binding;
use super::client::Caller;
use super::config::{AccessTokenFormat, Config};
use super::details;
use super::encryption::{Kind, encrypted};
use super::facts::{self, Facts};
use super::fault::{ANOTHER_ISSUER, Fault, OF_ANOTHER_LOGIN};
use super::fields::Fields;
use super::keys::Signing;
use super::rules::{self, Target};
use super::scope;
use super::store::{AccessToken, Approval, Login, RefreshToken};
use crate::base::secret::Secret;
use crate::base::time::{Timestamp, spoken};
use crate::jose::base64url;
use crate::jose::hash::{half_hash, sha256};
use crate::terms::error::OAuthError;
use crate::terms::scope::contains;

/// How long ago an ID token of the fault has ended.
const HOUR: Duration = Duration::from_secs(3600);
/// The media type of access tokens (RFC 9068 section 2.1).
pub const ACCESS_TOKEN_TYP: &str = "at+jwt";
/// The media type of ID tokens, which have none of their own.
pub const ID_TOKEN_TYP: &str = "JWT";

/// What access tokens and introspection say by themselves; no configuration changes it.
pub const ACCESS_TOKEN_CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "client_id",
    "scope",
    "iat",
    "exp",
    "nbf",
    "jti",
    "act",
    "cnf",
    "acr",
    "auth_time",
    "active",
    "token_type",
    "username",
];
/// What ID tokens say by themselves.
pub const ID_TOKEN_CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "act",
];

/// What a grant came to.
pub struct Issue {
    /// Name of the approval that the tokens hang on.
    pub approval: String,
    /// The scope of the access token.
    pub scope: String,
    /// Where the access token may be used; empty for this server's own API.
    pub resource: Vec<String>,
    /// What the access token allows in detail (RFC 9396).
    pub authorization_details: Option<Value>,
    /// For the ID token.
    pub nonce: Option<String>,
    /// The refresh token that goes on working, when no new one is to replace it.
    pub kept: Option<Secret>,
}

/// That everything is granted, and in which measure.
pub const ISSUED: &str = "scope and tokens";

/// Notes what was issued for how long.
pub fn note(practice: &Practice, tokens: &[&str], scope: &str, lifetime: Duration) {
    let names = match tokens {
        [all @ .., before, last] => [all, &[format!("{before} and {last}").as_str()]].concat().join(", "),
        _ => tokens.concat(),
    };
    practice.why.held(ISSUED, scope);
    practice.why.say(format!("{names} for {scope}, {}", spoken(lifetime)));
}

/// The successful answer (RFC 6749 section 5.1).
///
/// # Errors
/// `invalid_grant` when the approval was revoked, `server_error` when nothing can be signed.
pub fn issue(practice: &mut Practice, caller: &Caller, issue: &Issue, now: Timestamp) -> Result<Value, OAuthError> {
    let approval = approval(practice, &issue.approval)?.clone();
    practice.issues_for(issue);
    let format = format_for(&practice.config, &approval.client_id);
    let access_token = access_token(practice, issue, format, &caller.binding, now)?;
    let lifetime = practice.config.access_token_lifetime(&approval.client_id);
    let mut names = vec!["access token"];
    let mut answer = json!({
        "access_token": access_token,
        "token_type": caller.binding.token_type(),
        "expires_in": lifetime.as_secs(),
        "scope": issue.scope,
    });
    if let Some(details) = issue.authorization_details.clone().filter(|_| !practice.is_faulty(Fault::RarNotReturned)) {
        answer["authorization_details"] =
            if practice.is_faulty(Fault::WidenedDetails) { details::widened(details) } else { details };
    }
    let wants_id_token = contains(&issue.scope, "openid");
    if let Some(login) =
        approval.login.as_ref().filter(|_| wants_id_token && !practice.is_faulty(Fault::MissingIdToken))
    {
        let id_token = IdToken {
            client_id: &approval.client_id,
            login,
            nonce: issue.nonce.as_deref(),
            bound: &[("at_hash", &access_token)],
            claims: asked_for(practice, &issue.approval, &approval),
        };
        answer["id_token"] = json!(self::id_token(practice, &id_token, now)?);
        names.push("ID token");
    }
    if offers_refresh(&practice.config, &approval) {
        answer["refresh_token"] = json!(refresh_token(practice, caller, issue, now));
        names.push("refresh token");
    }
    note(practice, &names, &issue.scope, lifetime);
    Ok(answer)
}

/// What was asked for in the ID token by itself.
fn asked_for(practice: &Practice, name: &str, approval: &Approval) -> Map<String, Value> {
    let asked = practice.store.asked_claims.get(name).zip(practice.config.user(&approval.sub));
    asked.map(|(claims, user)| scope::asked(&claims.id_token, user)).unwrap_or_default()
}

/// The approval of this name.
///
/// # Errors
/// `invalid_grant` when it was revoked.
pub fn approval<'a>(practice: &'a Practice, name: &str) -> Result<&'a Approval, OAuthError> {
    let revoked = || {
        let pushed_out = practice.store.approvals.pushed_out(name, "approval of the user");
        let why = pushed_out.unwrap_or_else(|| "what the user approved was revoked; sign in again".to_owned());
        OAuthError::new("invalid_grant", why)
    };
    practice.store.approvals.get(name).ok_or_else(revoked)
}

/// Keeps an approval; all that was approved may be issued on it.
pub fn approve(practice: &mut Practice, approval: Approval) -> Issue {
    let name = practice.entropy.token();
    let (scope, resource, now) = (approval.scope.clone(), approval.resource.clone(), approval.approved_at);
    let authorization_details = approval.authorization_details.clone();
    if !practice.facts.params.is_empty() {
        practice.store.asked.put(&name, practice.facts.params.clone(), now);
    }
    practice.store.approvals.put(&name, approval, now);
    Issue { approval: name, scope, resource, authorization_details, nonce: None, kept: None }
}

/// The resources of a token request: those approved, or fewer (RFC 8707 section 2.2).
///
/// # Errors
/// `invalid_target` for one that was not approved.
pub fn narrowed_resource(fields: &Fields, approval: &Approval) -> Result<Vec<String>, OAuthError> {
    let asked = resources(fields)?;
    if asked.is_empty() {
        return Ok(approval.resource.clone());
    }
    let approved = |uri: &String| approval.resource.is_empty() || approval.resource.contains(uri);
    match asked.iter().find(|uri| !approved(uri)) {
        Some(uri) => Err(OAuthError::new(
            "invalid_target",
            format!("the authorization request did not ask for {uri}, only for {}", approval.resource.join(" ")),
        )),
        None => Ok(asked),
    }
}

/// The resource that stands for this server's own API, when none was asked for (RFC 9068 section 3).
pub fn own_api(config: &Config) -> String {
    config.url("/api")
}

/// What access tokens of this client look like.
pub fn format_for(config: &Config, client_id: &str) -> AccessTokenFormat {
    config.client(client_id).map_or(AccessTokenFormat::Jwt, |client| client.access_token_format)
}

/// An access token (RFC 9068 section 2), or random text that stands for one; bound to what the
/// client showed.
///
/// # Errors
/// `invalid_grant` when the approval was revoked, `server_error` when it cannot be signed.
pub fn access_token(
    practice: &mut Practice,
    issue: &Issue,
    format: AccessTokenFormat,
    binding: &Binding,
    now: Timestamp,
) -> Result<String, OAuthError> {
    let name = practice.entropy.token();
    practice.issues_for(issue);
    let format = rules::format(practice, &practice.facts).unwrap_or(format);
    let config = &practice.config;
    let approval = approval(practice, &issue.approval)?;
    let audience = facts::audience(practice, issue);
    let mut item = AccessToken {
        approval: issue.approval.clone(),
        format,
        scope: issue.scope.clone(),
        audience,
        binding: binding.clone(),
        issued_at: now,
        expires_at: now + config.access_token_lifetime(&approval.client_id),
    };
    let mut claims = access_token_claims(practice, &name, &item, approval);
    let header = rules::apply(practice, Target::AccessToken, &practice.facts, &mut claims, now);
    overridden(&mut item, &claims);
    practice.store.access_tokens.put(&name, item, now);
    if !practice.facts.params.is_empty() {
        practice.store.asked.put(&name, practice.facts.params.clone(), now);
    }
    let typ = header.typ.as_deref().unwrap_or(ACCESS_TOKEN_TYP);
    match format {
        AccessTokenFormat::Jwt => {
            practice.keys.sign_by(&Signing { kid: header.kid.as_deref(), typ, alg: None }, &claims)
        }
        AccessTokenFormat::Opaque => Ok(name),
    }
}

/// What the token says is what counts here too.
fn overridden(item: &mut AccessToken, claims: &Value) {
    if let Some(exp) = claims["exp"].as_i64() {
        item.expires_at = Timestamp::from_seconds(exp);
    }
    item.audience = match &claims["aud"] {
        Value::Array(several) => several.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
        one => one.as_str().map(str::to_owned).into_iter().collect(),
    };
}

fn access_token_claims(practice: &Practice, jti: &str, item: &AccessToken, approval: &Approval) -> Value {
    let config = &practice.config;
    let mut claims = json!({
        "iss": config.issuer_text(),
        "sub": approval.sub,
        "aud": one_or_many(&item.audience),
        "client_id": approval.client_id,
        "scope": item.scope,
        "iat": item.issued_at.seconds(),
        "exp": item.expires_at.seconds(),
        "jti": jti,
    });
    if let Some(act) = &approval.act {
        claims["act"] = act.clone();
    }
    if let Some(login) = &approval.login {
        // RFC 9470 section 6.1
        claims["acr"] = json!(login.acr);
        claims["auth_time"] = json!(login.auth_time.seconds());
    }
    add_confirmation(&mut claims, practice, item);
    add_configured(&mut claims, config, &approval.client_id);
    claims
}

/// Adds what the token is bound to (RFC 8705 sections 3.1 and 3.2, RFC 9449 section 6).
pub fn add_confirmation(claims: &mut Value, practice: &Practice, item: &AccessToken) {
    let Some(mut cnf) = item.binding.cnf().filter(|_| !practice.is_faulty(Fault::UnboundToken)) else { return };
    if item.binding.key.is_some() && practice.is_faulty(Fault::WrongJkt) {
        cnf["jkt"] = json!(base64url::encode(&sha256(OF_ANOTHER_LOGIN.as_bytes())));
    }
    claims["cnf"] = cnf;
}

/// Adds what the configuration says about access tokens of this client, but for what is there already.
pub fn add_configured(claims: &mut Value, config: &Config, client_id: &str) {
    let configured = config.client(client_id).map(|client| &client.access_token_claims);
    for (name, value) in configured.into_iter().flatten() {
        if claims.get(name).is_none() {
            claims[name] = value.clone();
        }
    }
}

/// One audience is a text, several are an array (RFC 7519 section 4.1.3).
pub fn one_or_many(audience: &[String]) -> Value {
    match audience {
        [one] => json!(one),
        several => json!(several),
    }
}

/// What goes into an ID token.
pub struct IdToken<'a> {
    /// Whom it is for.
    pub client_id: &'a str,
    /// Who signed in.
    pub login: &'a Login,
    /// As the client sent it.
    pub nonce: Option<&'a str>,
    /// What it comes with, by the hash that binds the two: `at_hash`, `c_hash`, `s_hash`.
    pub bound: &'a [(&'a str, &'a str)],
    /// About the user and others.
    pub claims: Map<String, Value>,
}

/// Signs an ID token (OIDC Core section 2).
///
/// # Errors
/// `server_error` when it cannot be signed.
pub fn id_token(practice: &Practice, id_token: &IdToken<'_>, now: Timestamp) -> Result<String, OAuthError> {
    let (config, login) = (&practice.config, id_token.login);
    let mut claims = json!({
        "iss": config.issuer_text(),
        "sub": login.sub,
        "aud": id_token.client_id,
        "exp": (now + config.id_token_lifetime(id_token.client_id)).seconds(),
        "iat": now.seconds(),
        "auth_time": login.auth_time.seconds(),
        "nonce": id_token.nonce,
        "acr": login.acr,
        // Nothing was proven, somebody was there (RFC 8176 section 2).
        "amr": ["user"],
    });
    let wanted = config.client(id_token.client_id).and_then(|client| client.id_token_signed_response_alg.as_deref());
    let alg = practice.keys.alg_for(wanted);
    for (hash, of) in id_token.bound {
        claims[hash] = json!(half_hash(alg, of));
    }
    claims["sid"] = json!(login.sid);
    let configured = config.client(id_token.client_id).map(|client| &client.id_token_claims);
    for (name, value) in id_token.claims.iter().chain(configured.into_iter().flatten()) {
        claims[name] = value.clone();
    }
    let facts = Facts { client_id: id_token.client_id.to_owned(), sub: login.sub.clone(), ..practice.facts.clone() };
    let header = rules::apply(practice, Target::IdToken, &facts, &mut claims, now);
    spoil(practice, &mut claims, alg, now);
    let typ = header.typ.as_deref().unwrap_or(ID_TOKEN_TYP);
    let token = sign(practice, &Signing { alg: wanted, kid: header.kid.as_deref(), typ }, &without_nulls(claims))?;
    encrypted(practice, id_token.client_id, Kind::IdToken, token)
}

/// Breaks a claim for each fault that is on, where it is there.
fn spoil(practice: &Practice, claims: &mut Value, alg: &str, now: Timestamp) {
    let hash = || json!(half_hash(alg, OF_ANOTHER_LOGIN));
    for (fault, claim, wrong) in [
        (Fault::WrongIss, "iss", json!(ANOTHER_ISSUER)),
        (Fault::WrongAud, "aud", json!("another-client")),
        (Fault::WrongNonce, "nonce", json!(OF_ANOTHER_LOGIN)),
        (Fault::ExpiredIdToken, "exp", json!((now - HOUR).seconds())),
        (Fault::StaleIdToken, "iat", json!((now - HOUR).seconds())),
        (Fault::OldLogin, "auth_time", json!((now - HOUR).seconds())),
        (Fault::WrongAtHash, "at_hash", hash()),
        (Fault::WrongCHash, "c_hash", hash()),
        (Fault::WrongSHash, "s_hash", hash()),
    ] {
        if claims.get(claim).is_some_and(|value| !value.is_null()) && practice.is_faulty(fault) {
            claims[claim] = wrong;
        }
    }
}

fn sign(practice: &Practice, signing: &Signing<'_>, claims: &Value) -> Result<String, OAuthError> {
    if practice.is_faulty(Fault::AlgNone) {
        return Ok(practice.keys.unsigned(signing.typ, claims));
    }
    if practice.is_faulty(Fault::PublicKeyAsSecret) {
        return practice.keys.sign_with_public_key(signing.typ, claims);
    }
    let kid = if practice.is_faulty(Fault::UnknownKid) { Some("es256-00000000") } else { signing.kid };
    let token = practice.keys.sign_by(&Signing { kid, ..*signing }, claims)?;
    Ok(if practice.is_faulty(Fault::BadSignature) { with_other_signature(&token) } else { token })
}

/// With one bit turned in the middle of the signature.
pub fn with_other_signature(token: &str) -> String {
    let (input, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    let mut bytes = base64url::decode(signature).unwrap_or_default();
    let middle = bytes.len() / 2;
    bytes.iter_mut().skip(middle).take(1).for_each(|byte| *byte ^= 1);
    format!("{input}.{}", base64url::encode(&bytes))
}

fn without_nulls(claims: Value) -> Value {
    let Value::Object(members) = claims else { return claims };
    Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
}

/// Refresh tokens come only with `offline_access` (OIDC Core section 11), when a user signed in, to
/// clients registered for them.
fn offers_refresh(config: &Config, approval: &Approval) -> bool {
    approval.login.is_some()
        && contains(&approval.scope, "offline_access")
        && config.client(&approval.client_id).is_some_and(|client| client.may_use("refresh_token"))
}

/// Those of public clients are bound too: nothing else protects them (RFC 8705 section 7.1, RFC 9449 section 5).
fn refresh_token(practice: &mut Practice, caller: &Caller, issue: &Issue, now: Timestamp) -> String {
    if let Some(kept) = &issue.kept {
        return kept.expose().to_owned();
    }
    let token = practice.draw();
    let item = RefreshToken {
        client_id: caller.client.client_id.clone(),
        approval: issue.approval.clone(),
        binding: if caller.client.is_public() { caller.binding.clone() } else { Binding::default() },
        issued_at: now,
        used_at: None,
    };
    practice.store.refresh_tokens.put(token.expose(), item, now);
    token.expose().to_owned()
}
