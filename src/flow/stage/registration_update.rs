//! The registration is replaced by another one of the same client (RFC 7592 section 2.2).

use crate::base::check::Check;
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
    slug: "registration_update",
    name: "the request that changes the registration",
    act: "Change the registration",
    depends_on: |setting| setting == "client_metadata",
    spec: Spec::new("RFC 7592", "2.2"),
    steps: &[whole("Change registration", "registration_management")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "PUT client metadata")],
    label: Label::Fixed("the registration"),
    then: Some(Then { button: "Change the registration", lacks: |flow| unmanaged(&flow.session) }),
    is_worth_reading: true,
    prepare,
    unmet: unguarded,
    left,
    read,
    settle,
    ..Descriptor::DIRECT
};

/// All that is registered, with what is typed in its place: what is left out would be deleted.
fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    managed(known, |registered, uri, token| {
        let typed = &known.settings.registration.client_metadata;
        let metadata = registration::changed(registered.metadata.members().to_vec(), typed)
            .map_err(|error| known.missing(error.field(), error.to_string()))?;
        Ok(registration::update(uri, token, &registered.client_id, &metadata))
    })
}

fn left(exchange: &Exchange, session: &mut Session) -> Vec<Check> {
    let mut checks = registration::lint(&exchange.request);
    if let Some(registered) = &session.registered {
        checks.extend(registration::lint_update(&exchange.request, registered));
    }
    checks
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let accepted =
        registration::accept_update(response, &exchange.request, session.registered.as_ref(), exchange.came_at());
    learn(accepted, |now| session.registered = Some(now))
}
