//! The client leaves its authorization request at the server, before the browser goes there (RFC 9126 section 2).

use crate::base::check::{Check, Verdict};
use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::answer::is_basic;
use crate::client::asked::resource;
use crate::client::endpoint::pushed_authorization::Pushed;
use crate::client::endpoint::{authorization, pushed_authorization};
use crate::client::support;
use crate::flow::Action;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;
use crate::terms::metadata::Endpoint;

use super::authorization::{Asked, asked};
use super::descriptor::{Descriptor, Label, Lane, Reading, Row, is_for_tokens, whole};
use super::known::Known;
use super::reading::{learn, lint_object};
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "pushed_authorization",
    name: "the pushed authorization request",
    act: "Push the request",
    depends_on: |setting| !is_for_tokens(setting) && !setting.starts_with("token_request."),
    spec: Spec::new("RFC 9126", "2.1"),
    steps: &[whole("Pushed request", "pushed_authorization")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "POST the request")],
    label: Label::Fixed("request_uri"),
    draw: |own, _, entropy| own.draw(entropy),
    forget: |own| own.drawn = None,
    prepare,
    unmet: |request, session, _| {
        let request = pushed_authorization::pushed(request);
        let signed = support::signed(request.brought(), session.metadata.as_ref());
        Some(signed).filter(|check| check.verdict == Verdict::Fail)
    },
    left,
    read,
    ..Descriptor::DIRECT
};

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.client_endpoint(Endpoint::PushedAuthorizationRequest)?;
    Ok(match asked(known)? {
        Asked::Nowhere(wanted) => Prepared::Action(Action::Listen(wanted)),
        Asked::Params(params) => pushed_authorization::request(endpoint, &params, known.settings).into(),
    })
}

fn left(exchange: &Exchange, session: &mut Session) -> Vec<Check> {
    let request = pushed_authorization::pushed(&exchange.request);
    let mut checks = authorization::lint_contents(&request, &exchange.settings);
    checks.extend(pushed_authorization::lint(&request));
    checks.push(support::prompt(&request.params, session.metadata.as_ref()));
    checks.push(support::signed(request.brought(), session.metadata.as_ref()));
    checks.extend(authorization::details::lint(&request.params, session.metadata.as_ref()));
    checks.extend(resource::lint(&request.params));
    checks.extend(lint_object(&request, exchange, session));
    session.pushed = None;
    checks
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let request = pushed_authorization::pushed(&exchange.request);
    let (progress, mut checks) =
        learn(pushed_authorization::accept(response, is_basic(&exchange.request)), |reference| {
            session.pushed = Some(Pushed {
                request: request.clone(),
                request_uri: reference.request_uri,
                pushed_at: exchange.came_at(),
                expires_at: reference.expires_in.map(|time| exchange.came_at() + time),
                opened: 0,
            });
        });
    checks.extend(pushed_authorization::lint_answer(&request, session.pushed.is_some()));
    (progress, checks)
}
