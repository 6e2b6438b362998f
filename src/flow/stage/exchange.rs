//! One token for another (RFC 8693 section 2).

use crate::base::http::HttpResponse;
use crate::base::params::Params;
use crate::base::spec::Spec;
use crate::client::answer::{Accepted, is_basic};
use crate::client::dpop;
use crate::client::endpoint::id_jag::{self, IdJag};
use crate::client::endpoint::token::TokenResponse;
use crate::client::endpoint::token_exchange;
use crate::client::rules;
use crate::flow::grant;
use crate::flow::session::Session;
use crate::flow::step::Part;
use crate::flow::trace::Exchange;
use crate::jose::jwt::decode;
use crate::terms::grant::Grant;
use crate::terms::scope;

use super::descriptor::{Descriptor, Label, Lane, Origin, Reading, Row, part};
use super::known::Known;
use super::reading::{keep_tokens, learn, lint_token, names_of_tokens, needs_keys_put_off};
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "exchange",
    name: "the token exchange",
    act: "Exchange the token",
    spec: Spec::new("RFC 8693", "2.1"),
    steps: &[part("Exchange", "token_exchange", Part::Request), part("New token", "token_exchange", Part::Answer)],
    rows: |_| {
        vec![
            Row::direct(Lane::Client, Lane::Server, "POST token exchange: subject_token"),
            Row::direct(Lane::Server, Lane::Client, "access_token, issued_token_type"),
        ]
    },
    detail: |request| match request.form().is_some_and(|form| form.contains("actor_token")) {
        true => "  subject_token + actor_token",
        false => "  subject_token",
    },
    label: Label::Read(names_of_tokens),
    origin,
    citation: |name| (name == "grant_type").then(|| Grant::TokenExchange.citation()),
    brings_tokens: true,
    is_worth_reading: true,
    prepare,
    left: |exchange, session| lint_token(exchange, session),
    read,
    settle: |session, settings| {
        if session.id_jag.is_some() {
            id_jag::settle(settings);
        }
    },
    ..Descriptor::DIRECT
};

fn origin(of: Origin<'_>, name: &str) -> Option<&'static str> {
    let request = &of.settings.request;
    match name {
        "subject_token" if request.subject_token.is_empty() => Some("from the login"),
        "actor_token" if request.actor_token.is_empty() => Some("the client's own"),
        "subject_token_type" if request.subject_token_type.is_empty() => Some("the default"),
        _ => None,
    }
}

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    if id_jag::is_wanted(known.settings) && known.settings.request.audience.is_empty() {
        return Err(known.missing("audience", "an ID-JAG is for one server: fill in its issuer"));
    }
    let form = grant::token_exchange::form(known.settings, known.session)
        .map_err(|field| known.missing(field, lacking(known, field)))?;
    Ok(known.token_endpoint_draft(form)?.into())
}

/// Why there is no token of the wanted type: a login without `openid` brings no ID token (OIDC Core section 3.1.2.1).
fn lacking(known: &Known<'_>, field: &str) -> String {
    let request = &known.settings.request;
    let wants_id_token = grant::token_exchange::subject_type(request).ends_with(":id_token");
    match field == "subject_token" && wants_id_token && !scope::contains(&request.scope, "openid") {
        true => "an ID token is exchanged, and a login without openid brings none; add openid to scope, or fill one in"
            .into(),
        false => format!("nothing in this run brings one of this type; fill one in, or change {field}_type"),
    }
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let form = exchange.request.form().unwrap_or_default();
    let mut bound = Vec::new();
    let accepted = token_exchange::accept(response, &form, is_basic(&exchange.request));
    if id_jag::is_asked_by(&form) {
        return read_id_jag(exchange, accepted, &form, session);
    }
    let (progress, mut checks) = learn(accepted, |tokens| {
        let asked = form.get("scope").unwrap_or_default();
        let scope = tokens.scope.clone().unwrap_or_else(|| asked.to_owned());
        bound = keep_tokens(exchange, tokens, scope, session);
    });
    checks.extend(bound);
    (progress, checks)
}

/// An ID-JAG opens no API, so it is none of the tokens.
fn read_id_jag(
    exchange: &Exchange,
    accepted: Accepted<TokenResponse>,
    sent: &Params,
    session: &mut Session,
) -> Reading {
    let settings = &exchange.settings;
    let mut judged = Vec::new();
    let (progress, mut checks) = learn(accepted, |tokens| {
        let (issuer, jwks) = (session.issuer(settings), session.jwks.as_ref());
        let proven = dpop::jkt(&exchange.request);
        let now = exchange.came_at();
        let expected = id_jag::Expected { issuer, jwks, settings, proven: proven.as_deref(), now };
        judged = id_jag::judge(sent, &tokens, expected);
        if let Some(grant) = IdJag::of(sent, &tokens) {
            session.put_off_unknown(&rules::id_jag::SIGNATURE, [decode(grant.assertion.expose())]);
            session.go_on_with(grant);
        }
    });
    checks.extend(judged);
    (needs_keys_put_off(session, progress), checks)
}
