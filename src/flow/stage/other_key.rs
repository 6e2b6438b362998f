//! A bound token with a proof by another key than its own: it has to be refused (RFC 9449 section 7.1).

use crate::base::spec::Spec;
use crate::client::answer::status;
use crate::client::binding;
use crate::client::dpop::DPOP;
use crate::client::endpoint::resource::{self, Presented};
use crate::flow::session::Session;

use super::descriptor::{Descriptor, Label, Lane, Row, Then, Travel, whole};
use super::known::Known;
use super::reading::learn;
use super::unproven;
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "other_key",
    name: "the call with another key",
    act: "Call with another key",
    spec: Spec::new("RFC 9449", "7.1"),
    steps: &[whole("Other key", "other_key")],
    travel: Travel::Direct(Lane::Api),
    rows: |_| vec![Row::direct(Lane::Client, Lane::Api, "GET the API with a proof by another key")],
    detail: |_| "  with a proof by another key",
    label: Label::Read(|response| Some(status(response))),
    then: Some(Then {
        button: "Use the token with another key",
        lacks: |flow| flow.lacks_access_token().or_else(|| (!is_of_key(&flow.session)).then_some(NO_KEY)),
    }),
    wants_refusal: true,
    is_worth_reading: true,
    draw: |own, settings, entropy| own.draw_other_key(settings, entropy),
    prepare,
    read: |_, response, _| learn(binding::accept_other_key(response), |()| {}),
    ..Descriptor::DIRECT
};

const NO_KEY: &str = "the access token is bound to no key";

/// Whether the newest token came as bound to a key.
fn is_of_key(session: &Session) -> bool {
    session.here().last().is_some_and(|tokens| tokens.response.is_of_type(DPOP))
}

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    if !is_of_key(known.session) {
        return Ok(Prepared::Skip(NO_KEY));
    }
    let token = Presented { token: known.access_token()?, is_bound: true };
    Ok(resource::request("GET", unproven::place(known)?, token).into())
}
