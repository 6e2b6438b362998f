//! Where a device begins (RFC 8628 sections 3.1 and 3.2).

use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::answer::is_basic;
use crate::client::endpoint::device_authorization;
use crate::flow::session::{Polling, Session, requested};
use crate::flow::trace::Exchange;
use crate::terms::metadata::Endpoint;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, whole};
use super::known::Known;
use super::reading::{form_value, learn, lint_asked};
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "device_authorization",
    name: "the device authorization request",
    act: "Send the device request",
    spec: Spec::new("RFC 8628", "3.1"),
    steps: &[whole("Device request", "device_authorization")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "POST device request")],
    label: Label::Fixed("device_code, user_code"),
    prepare,
    left: |exchange, session| lint_asked(&exchange.request.form().unwrap_or_default(), session),
    read,
    ..Descriptor::DIRECT
};

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.client_endpoint(Endpoint::DeviceAuthorization)?;
    known.needs_client_id()?;
    Ok(device_authorization::request(endpoint, known.settings).into())
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    session.asked_at = Some(exchange.sent_at);
    session.asked = form_value(&exchange.request, "scope").unwrap_or_default();
    session.requested = requested(&exchange.request.form().unwrap_or_default());
    learn(device_authorization::accept(response, is_basic(&exchange.request)), |device| {
        session.polling = Some(Polling::begin(device.interval, device.expires_in, exchange.came_at()));
        session.device = Some(device);
    })
}
