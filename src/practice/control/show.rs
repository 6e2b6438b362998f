//! Calls that tell. What is a credential is masked, unless secrets are wanted.

use serde_json::{Map, Value, json};

use super::super::config::{Client, Cors, Login, User};
use super::super::journal::Recorded;
use super::super::pattern::Pattern;
use super::super::rules::ClaimRule;
use super::super::why::Reason;
use super::{Call, Failed};
use crate::base::secret::Secret;
use crate::terms::credential::is_credential;

pub(super) fn health(_call: &Call<'_>) -> Result<Value, Failed> {
    Ok(json!({ "status": "ok" }))
}

pub(super) fn requests(call: &Call<'_>) -> Result<Value, Failed> {
    let after = call.query.get("after").and_then(|number| number.parse().ok()).unwrap_or_default();
    let practice = call.server.lock();
    let recorded = practice.recorded().into_iter().filter(|recorded| recorded.entry.number > after);
    Ok(json!({ "requests": recorded.map(|recorded| request(&recorded, call.shows_secrets)).collect::<Vec<_>>() }))
}

pub(super) fn take_requests(call: &Call<'_>) -> Result<Value, Failed> {
    let taken = requests(call)?;
    call.server.clear_log();
    Ok(taken)
}

fn request(recorded: &Recorded, shows_secrets: bool) -> Value {
    let entry = &recorded.entry;
    let parameters = recorded.parameters.iter().map(|(name, value)| {
        let is_secret = is_credential(name);
        json!({ "name": name, "value": shown(value, shows_secrets || !is_secret) })
    });
    json!({
        "number": entry.number,
        "time": entry.at.to_utc_millis(),
        "method": entry.method,
        "path": entry.path,
        "client_id": entry.client_id,
        "parameters": parameters.collect::<Vec<_>>(),
        "status": entry.status,
        "words": entry.words(),
        "reasons": entry.reasons.iter().map(reason).collect::<Vec<_>>(),
        "faults": entry.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn reason(reason: &Reason) -> Value {
    let mut members = json!({ "outcome": reason.outcome.word(), "what": reason.what, "saw": reason.saw });
    if let Some(compared) = &reason.compared {
        let labelled = |(label, value): &(String, String)| json!({ "label": label, "value": value });
        members["came"] = labelled(&compared.came);
        members["known"] = labelled(&compared.known);
    }
    members
}

fn shown(secret: &Secret, in_full: bool) -> String {
    if in_full { secret.expose().to_owned() } else { secret.hint() }
}

pub(super) fn faults(call: &Call<'_>) -> Result<Value, Failed> {
    let practice = call.server.lock();
    let entries = practice.faults.entries().iter().map(|(id, entry)| {
        json!({
            "id": id.to_string(),
            "fault": entry.fault.to_string(),
            "times": entry.times,
            "client_id": entry.client_id,
            "endpoint": entry.endpoint,
        })
    });
    Ok(json!({ "faults": entries.collect::<Vec<_>>() }))
}

pub(super) fn users(call: &Call<'_>) -> Result<Value, Failed> {
    let practice = call.server.lock();
    let users = practice.config.users.iter().map(|user| of_user(user, call.shows_secrets));
    Ok(json!({ "users": users.collect::<Vec<_>>(), "next": practice.next_users }))
}

/// A user as `PUT` takes it.
pub(super) fn of_user(user: &User, shows_secrets: bool) -> Value {
    json!({
        "sub": user.sub,
        "password": shown(&user.password, shows_secrets),
        "claims": user.claims,
        "aggregated_claims": user.aggregated_claims,
        "distributed_claims": user.distributed_claims,
    })
}

pub(super) fn clients(call: &Call<'_>) -> Result<Value, Failed> {
    let practice = call.server.lock();
    let clients = practice.config.clients.iter().map(|client| of_client(client, call.shows_secrets));
    Ok(json!({ "clients": clients.collect::<Vec<_>>() }))
}

pub(super) fn client(call: &Call<'_>) -> Result<Value, Failed> {
    let practice = call.server.lock();
    let client = practice.config.client(call.id()).ok_or_else(|| call.unknown("client"))?;
    Ok(of_client(client, call.shows_secrets))
}

/// A client by the keys of a configuration file.
pub(super) fn of_client(client: &Client, shows_secrets: bool) -> Value {
    let methods: Vec<&str> = client.token_endpoint_auth_methods.iter().map(|method| method.name()).collect();
    let keys: Vec<Value> = client.jwks.iter().map(|key| Value::from(&key.json)).collect();
    let mut told = json!({
        "client_id": client.client_id,
        "client_name": client.client_name,
        "client_secret": client.client_secret.as_ref().map(|secret| shown(secret, shows_secrets)),
        "token_endpoint_auth_methods": methods,
        "grant_types": client.grant_types,
        "response_types": client.response_types,
        "redirect_uris": client.redirect_uris,
        "post_logout_redirect_uris": client.post_logout_redirect_uris,
        "any_loopback_redirect": client.any_loopback_redirect,
        "redirect_patterns": client.redirect_patterns.iter().map(Pattern::text).collect::<Vec<_>>(),
        "consent": client.consent.map(|consent| consent.name()),
        "id_token_signed_response_alg": client.id_token_signed_response_alg,
        "userinfo_signed_response_alg": client.userinfo_signed_response_alg,
        "id_token_encrypted_response_alg": client.encryption.id_token.as_ref().map(|it| &it.alg),
        "id_token_encrypted_response_enc": client.encryption.id_token.as_ref().map(|it| &it.enc),
        "userinfo_encrypted_response_alg": client.encryption.userinfo.as_ref().map(|it| &it.alg),
        "userinfo_encrypted_response_enc": client.encryption.userinfo.as_ref().map(|it| &it.enc),
        "authorization_encrypted_response_alg": client.encryption.authorization.as_ref().map(|it| &it.alg),
        "authorization_encrypted_response_enc": client.encryption.authorization.as_ref().map(|it| &it.enc),
        "access_token_format": client.access_token_format.name(),
        "access_token_claims": client.access_token_claims,
        "id_token_claims": client.id_token_claims,
    });
    if let Some(uri) = &client.jwks_uri {
        told["jwks_uri"] = json!(uri);
    } else if !keys.is_empty() {
        told["jwks"] = json!({ "keys": keys });
    }
    if !client.federated_identity_credentials.is_empty() {
        told["federated_identity_credentials"] = json!(client.federated_identity_credentials);
    }
    told
}

pub(super) fn sessions(call: &Call<'_>) -> Result<Value, Failed> {
    let sessions = call.server.sessions(call.now).into_iter().map(|session| {
        json!({
            "id": session.id,
            "sub": session.sub,
            "auth_time": session.auth_time.seconds(),
            "acr": session.acr,
            "clients": session.clients,
        })
    });
    Ok(json!({ "sessions": sessions.collect::<Vec<_>>() }))
}

pub(super) fn tokens(call: &Call<'_>) -> Result<Value, Failed> {
    let tokens = call.server.tokens(call.now).into_iter().map(|token| {
        json!({
            "id": token.id,
            "kind": token.kind,
            "client_id": token.client_id,
            "sub": token.sub,
            "scope": token.scope,
            "iat": token.issued_at.seconds(),
            "exp": token.expires_at.seconds(),
        })
    });
    Ok(json!({ "tokens": tokens.collect::<Vec<_>>() }))
}

pub(super) fn clock(call: &Call<'_>) -> Result<Value, Failed> {
    let time = call.server.lock().time(call.now);
    Ok(json!({ "time": time.to_utc_millis() }))
}

pub(super) fn keys(call: &Call<'_>) -> Result<Value, Failed> {
    let practice = call.server.lock();
    let keys = practice.keys.all().iter().map(|key| {
        let mut told = json!({
            "kid": key.kid(),
            "alg": key.alg(),
            "early": practice.keys.is_early(key),
            "public": key.public_jwk(),
        });
        if call.shows_secrets {
            told["private"] = serde_json::from_str(key.private_jwk().expose()).unwrap_or_default();
        }
        told
    });
    Ok(json!({ "keys": keys.collect::<Vec<_>>() }))
}

pub(super) fn configuration(call: &Call<'_>) -> Result<Value, Failed> {
    let others: Vec<String> =
        call.host.servers().iter().map(|server| server.lock().config.issuer_text().to_owned()).collect();
    let mut told = {
        let practice = call.server.lock();
        let config = &practice.config;
        json!({
            "issuer": config.issuer_text(),
            "issuers": others,
            "bind": config.site.address().to_string(),
            "allow_hosts": config.site.allow_hosts,
            "outgoing_hosts": config.site.outgoing_hosts,
            "tls_origin": config.tls_origin.as_ref().map(|tls| tls.url.as_str()),
            "login": if config.login == Login::Auto { "auto" } else { "page" },
            "login_user": config.login_user,
            "cors": match &config.cors {
                Cors::Nobody => json!([]),
                Cors::Anybody => json!(["*"]),
                Cors::Origins(origins) => json!(origins),
            },
            "any_client": config.any_client,
            "redirect_patterns": config.redirect_patterns.iter().map(Pattern::text).collect::<Vec<_>>(),
            "signing_alg": practice.keys.alg(),
            "signing_algs": practice.keys.algs(),
            "scopes": config.scopes,
            "code_lifetime": config.code_lifetime.as_secs(),
            "access_token_lifetime": config.access_token_lifetime.as_secs(),
            "refresh_token_lifetime": config.refresh_token_lifetime.as_secs(),
            "id_token_lifetime": config.id_token_lifetime.as_secs(),
            "rules": config.rules.iter().map(rule).collect::<Vec<_>>(),
        })
    };
    for part in [clients(call)?, users(call)?, faults(call)?, keys(call)?, clock(call)?] {
        let Value::Object(members) = part else { continue };
        members.into_iter().for_each(|(name, value)| told[name] = value);
    }
    Ok(told)
}

fn rule(rule: &ClaimRule) -> Value {
    let when = rule
        .when
        .iter()
        .map(|(name, patterns)| (name.clone(), json!(patterns.iter().map(Pattern::text).collect::<Vec<_>>())));
    json!({
        "tokens": rule.tokens.iter().map(|target| target.name()).collect::<Vec<_>>(),
        "when": when.collect::<Map<_, _>>(),
        "claims": rule.claims,
        "typ": rule.typ,
        "kid": rule.kid,
        "access_token_format": rule.access_token_format.map(|format| format.name()),
    })
}
