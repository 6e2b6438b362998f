//! Where a client asks for a user who is elsewhere (CIBA section 7).

use crate::base::check::Check;
use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::answer::is_basic;
use crate::client::endpoint::backchannel_authentication as message;
use crate::client::endpoint::backchannel_object;
use crate::flow::Action;
use crate::flow::session::{Polling, Session, requested};
use crate::flow::trace::Exchange;
use crate::terms::metadata::Endpoint;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, whole};
use super::known::{Known, Place};
use super::reading::{learn, lint_asked};
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "backchannel_authentication",
    name: "the backchannel authentication request",
    act: "Send the backchannel request",
    spec: Spec::new("CIBA", "7.1"),
    steps: &[whole("Request", "backchannel_authentication")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "POST backchannel request")],
    detail: |_| "  who is to approve",
    label: Label::Fixed("auth_req_id"),
    draw: |own, settings, entropy| {
        if settings.client.is_notified() {
            own.draw_notification(entropy);
        }
    },
    forget: |own| own.notification_token = None,
    prepare,
    left,
    read,
    ..Descriptor::DIRECT
};

/// Binds where pings arrive first, so that none is lost.
fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.client_endpoint(Endpoint::BackchannelAuthentication)?;
    let is_notified = known.settings.client.is_notified();
    if is_notified && let Place::ToBind(wanted) = known.notification_place()? {
        return Ok(Prepared::Action(Action::Listen(wanted)));
    }
    let request = &known.settings.request;
    let has_extra_hint = message::HINTS.iter().any(|name| request.extra.contains(name));
    let hints = [request.login_hint.as_str(), request.login_hint_token.expose(), request.id_token_hint.expose()];
    if !has_extra_hint && hints.iter().all(|hint| hint.is_empty()) {
        let hint = "it says whom the server has to ask; login_hint_token or id_token_hint do as well";
        return Err(known.missing("login_hint", hint));
    }
    let token = known.own.notification_token.as_ref().filter(|_| is_notified);
    Ok(message::request(endpoint, token, known.settings).into())
}

fn left(exchange: &Exchange, session: &mut Session) -> Vec<Check> {
    let settings = &exchange.settings;
    let asked = backchannel_object::asked(&exchange.request);
    let mut checks = message::lint(&asked, settings);
    checks.extend(lint_asked(&asked, session));
    let expected = backchannel_object::Expected {
        client_id: &settings.client.client_id,
        issuer: session.issuer(settings),
        metadata: session.metadata.as_ref(),
        now: exchange.sent_at,
    };
    checks.extend(backchannel_object::lint(&exchange.request, expected));
    checks
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let asked = backchannel_object::asked(&exchange.request);
    session.asked_at = Some(exchange.sent_at);
    session.asked = asked.get("scope").unwrap_or_default().to_owned();
    session.requested = requested(&asked);
    learn(
        message::accept(response, exchange.settings.client.is_pushed(), is_basic(&exchange.request)),
        |acknowledged| {
            session.polling = Some(Polling::begin(acknowledged.interval, acknowledged.expires_in, exchange.came_at()));
            session.backchannel = Some(acknowledged);
        },
    )
}
