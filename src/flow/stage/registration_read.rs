//! What the server has registered (RFC 7592 section 2.1).

use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::endpoint::registration;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Then, whole};
use super::known::Known;
use super::reading::learn;
use super::registration::{managed, settle, unguarded, unmanaged};
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "registration_read",
    name: "the request that reads the registration",
    act: "Read the registration",
    spec: Spec::new("RFC 7592", "2.1"),
    steps: &[whole("Read registration", "registration_management")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "GET registration")],
    label: Label::Fixed("the registration"),
    then: Some(Then { button: "Read the registration", lacks: |flow| unmanaged(&flow.session) }),
    is_worth_reading: true,
    prepare,
    unmet: unguarded,
    read,
    settle,
    ..Descriptor::DIRECT
};

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    managed(known, |_, uri, token| Ok(registration::read(uri, token)))
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let accepted = registration::accept_information(response, session.registered.as_ref(), exchange.came_at());
    learn(accepted, |now| session.registered = Some(now))
}
