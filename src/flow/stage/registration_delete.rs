//! The client gives its registration up (RFC 7592 section 2.3).

use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::endpoint::registration;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Then, whole};
use super::known::Known;
use super::reading::learn;
use super::registration::{managed, unguarded, unmanaged};
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "registration_delete",
    name: "the request that deletes the registration",
    act: "Delete the registration",
    depends_on: |_| false,
    spec: Spec::new("RFC 7592", "2.3"),
    steps: &[whole("Delete registration", "registration_management")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "DELETE registration")],
    label: Label::Fixed("deleted"),
    then: Some(Then { button: "Delete the registration", lacks: |flow| unmanaged(&flow.session) }),
    prepare,
    unmet: unguarded,
    read,
    ..Descriptor::DIRECT
};

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    managed(known, |_, uri, token| Ok(registration::delete(uri, token)))
}

fn read(_: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    learn(registration::accept_deletion(response), |()| session.is_unregistered = true)
}
