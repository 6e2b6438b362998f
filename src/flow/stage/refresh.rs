//! New tokens for a refresh token (RFC 6749 section 6, OIDC Core section 12).

use crate::base::check::Check;
use crate::base::http::HttpResponse;
use crate::base::secret::Secret;
use crate::base::spec::Spec;
use crate::client::answer::{Outcome, is_basic};
use crate::client::authentication::shows_certificate;
use crate::client::binding::{self, Proven};
use crate::client::endpoint::token::{self, Asked, TokenResponse};
use crate::client::settings::Settings;
use crate::flow::grant;
use crate::flow::session::{Session, Tokens};
use crate::flow::trace::Exchange;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;
use crate::terms::scope;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Then, whole};
use super::known::Known;
use super::reading::{form_value, keep_tokens, learn, lint_token, names_of_tokens, needs_keys};
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "refresh",
    name: "the refresh request",
    act: "Refresh the tokens",
    spec: Spec::new("RFC 6749", "6"),
    steps: &[whole("Refresh", "refresh")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "POST token request: refresh_token")],
    detail: |_| "  refresh_token",
    label: Label::Read(names_of_tokens),
    origin: |_, name| (name == "refresh_token").then_some("from the last token response"),
    citation: |name| (name == "grant_type").then(|| Grant::RefreshToken.citation()),
    then: Some(Then {
        button: "Refresh the tokens",
        lacks: |flow| flow.session.refresh_token().is_none().then_some("no refresh token has come"),
    }),
    brings_tokens: true,
    is_worth_reading: true,
    prepare,
    left: |exchange, session| lint_token(exchange, session),
    read,
    ..Descriptor::DIRECT
};

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let request = &known.settings.request;
    let pasted = Some(&request.refresh_token).filter(|token| !token.is_empty());
    let Some(refresh_token) = known.session.refresh_token().or(pasted) else {
        let hint = match known.grant.has_user() && scope::contains(&known.session.asked, "offline_access") {
            true => {
                "none came although offline_access was asked: look whether the client's registration allows refresh \
                 tokens, or paste one"
            }
            false if !known.grant.has_user() => {
                "this grant brings none, since nobody signs in (RFC 6749 section 4.4.3); paste one"
            }
            false => "no token response has brought one; ask for offline_access, or paste one",
        };
        return Err(known.missing("refresh_token", hint));
    };
    let mut form = grant::refresh_token::form(refresh_token, &request.refresh_scope, &request.resource);
    // A login of this run has named them; of one elsewhere they are what this token is narrowed to.
    if known.session.tokens.is_empty() {
        grant::add_details(&mut form, known.settings);
    }
    Ok(known.token_endpoint_draft(form)?.into())
}

/// A public client's refresh tokens are rotated, unless they may be bound to its certificate or key (RFC 9700 section
/// 2.2.2, RFC 8705 section 4, RFC 9449 section 5).
pub(super) fn must_rotate(settings: &Settings) -> bool {
    let is_bound = shows_certificate(settings) || settings.protection.dpop_bound_access_tokens;
    settings.auth_method() == Some(ClientAuthMethod::None) && !is_bound
}

/// What the use of a refresh token says of the key that it is bound to.
fn judge_key(exchange: &Exchange, session: &Session, outcome: &Outcome<TokenResponse>) -> Option<Check> {
    let used = form_value(&exchange.request, "refresh_token")?;
    let is_it = |tokens: &&Tokens| tokens.response.refresh_token.as_ref().is_some_and(|it| it.expose() == used);
    let bound_to = session.tokens.iter().rev().find(is_it)?.proven.jkt.as_deref()?;
    let is_public = exchange.settings.auth_method() == Some(ClientAuthMethod::None);
    binding::refreshed(bound_to, Proven::by(&exchange.request).jkt.as_deref(), is_public, outcome)
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let (request, settings, now) = (&exchange.request, &*exchange.settings, exchange.came_at());
    // Without a scope a refresh asks for what the user granted (RFC 6749 section 6).
    let granted = session.tokens.first().map(|tokens| tokens.scope.clone());
    let asked = form_value(request, "scope").or(granted).unwrap_or_default();
    let allowed = session.ever_granted(settings);
    // A refresh may leave the ID token out (OIDC Core section 12.2).
    let mut accepted =
        token::accept(response, Asked { scope: &asked, grant_type: "refresh_token", is_basic: is_basic(request) });
    accepted.checks.extend(judge_key(exchange, session, &accepted.outcome));
    if session.is_reuse_refused {
        accepted.checks.extend(token::accept_family(&accepted.outcome, must_rotate(settings)));
    }
    let mut received = None;
    let (progress, mut checks) = learn(accepted, |tokens| received = Some(tokens));
    let Some(tokens) = received else {
        return (progress, checks);
    };
    let used = form_value(request, "refresh_token").map(Secret::from).unwrap_or_default();
    session.used_refresh_token = Some(used.clone());
    checks.extend(token::accept_refresh(&tokens, &used, &allowed, must_rotate(settings)));
    let scope = tokens.scope.clone().unwrap_or(asked);
    checks.extend(keep_tokens(exchange, tokens, scope, session));
    checks.extend(session.validate_refreshed(settings, now));
    (needs_keys(session, progress), checks)
}
