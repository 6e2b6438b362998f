//! What a successful authorization response holds (RFC 6749 sections 4.1.2 and 4.2.2, OIDC Core
//! sections 3.2.2.5 and 3.3.2.5).

use super::Practice;
use super::authorization::AuthorizationRequest;
use super::binding::Binding;
use super::fault::Fault;
use super::return_to::Redirect;
use super::scope;
use super::store::{Code, Login};
use super::token::{self, IdToken, Issue};
use crate::base::http::HttpResponse;
use crate::base::params::Params;
use crate::base::time::{Timestamp, spoken};
use crate::terms::error::OAuthError;

/// Sends the browser back with a code, tokens or both, whatever the client asked for.
pub fn send(
    practice: &mut Practice,
    request: &AuthorizationRequest,
    redirect: &Redirect,
    (issue, login): (&Issue, &Login),
    now: Timestamp,
) -> HttpResponse {
    match params(practice, request, redirect, (issue, login), now) {
        Ok(params) => {
            note(practice, request, &issue.scope);
            redirect.send(params, practice)
        }
        Err(error) => redirect.error(&error, practice),
    }
}

fn note(practice: &Practice, request: &AuthorizationRequest, scope: &str) {
    let lifetime = spoken(practice.config.code_lifetime);
    for (part, words) in [
        ("token", format!("access token for {scope}")),
        ("code", format!("code for {lifetime}")),
        ("id_token", "ID token".to_owned()),
        ("none", "nothing, as response_type none asks".to_owned()),
    ] {
        if request.response_type.has(part) {
            practice.why.say(words);
        }
    }
}

/// Whether a code comes, which nobody has asked for where the fault is on.
fn brings_code(practice: &Practice, request: &AuthorizationRequest) -> bool {
    let asks_for_nothing = request.response_type.has("none");
    request.response_type.has("code") || asks_for_nothing && practice.is_faulty(Fault::CodeForNone)
}

fn params(
    practice: &mut Practice,
    request: &AuthorizationRequest,
    redirect: &Redirect,
    (issue, login): (&Issue, &Login),
    now: Timestamp,
) -> Result<Params, OAuthError> {
    let mut params = Params::new();
    practice.issues_for(issue);
    practice.facts.params.set("grant_type", "implicit");
    if request.response_type.has("token") {
        params.0.extend(access_token(practice, request, issue, now)?.0);
    }
    if brings_code(practice, request) {
        params.push("code", code(practice, request, redirect, issue, now));
    }
    if request.response_type.has("id_token") {
        params.push("id_token", id_token(practice, request, (redirect, login), &params, now)?);
    }
    Ok(params)
}

fn access_token(
    practice: &mut Practice,
    request: &AuthorizationRequest,
    issue: &Issue,
    now: Timestamp,
) -> Result<Params, OAuthError> {
    let format = token::format_for(&practice.config, &request.client_id);
    let access_token = token::access_token(practice, issue, format, &Binding::default(), now)?;
    let expires_in = practice.config.access_token_lifetime(&request.client_id).as_secs().to_string();
    let members = [
        ("access_token", access_token.as_str()),
        ("token_type", "Bearer"),
        ("expires_in", &expires_in),
        ("scope", &issue.scope),
    ];
    Ok(members.into_iter().collect())
}

fn code(
    practice: &mut Practice,
    request: &AuthorizationRequest,
    redirect: &Redirect,
    issue: &Issue,
    now: Timestamp,
) -> String {
    let code = practice.next_codes.pop_front().unwrap_or_else(|| practice.draw());
    let item = Code {
        client_id: request.client_id.clone(),
        redirect_uri: redirect.redirect_uri.clone(),
        code_challenge: request.code_challenge.clone(),
        nonce: request.nonce.clone(),
        dpop_jkt: request.dpop_jkt.clone(),
        approval: issue.approval.clone(),
        issued_at: now,
        used_at: None,
    };
    practice.store.codes.put(code.expose(), item, now);
    code.expose().to_owned()
}

/// Bound by hashes to what comes with it (OIDC Core section 3.3.2.11), and to the state (FAPI 1.0 Advanced section 5.2.2.1). Claims about the user are in it only when
/// there is no access token to ask for them with (section 5.4).
fn id_token(
    practice: &Practice,
    request: &AuthorizationRequest,
    (redirect, login): (&Redirect, &Login),
    params: &Params,
    now: Timestamp,
) -> Result<String, OAuthError> {
    let mut bound: Vec<(&str, &str)> = [("at_hash", "access_token"), ("c_hash", "code")]
        .into_iter()
        .filter_map(|(hash, name)| Some((hash, params.get(name)?)))
        .collect();
    let user = practice.config.user(&login.sub);
    let mut claims = user.map(|user| scope::asked(&request.claims.id_token, user)).unwrap_or_default();
    claims.extend(
        user.filter(|_| bound.is_empty()).map(|user| scope::released(&request.scope, user)).unwrap_or_default(),
    );
    bound.extend(redirect.state.as_deref().map(|state| ("s_hash", state)));
    let id_token =
        IdToken { client_id: &request.client_id, login, nonce: request.nonce.as_deref(), bound: &bound, claims };
    token::id_token(practice, &id_token, now)
}
