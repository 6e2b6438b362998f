//! A call that was taken, once more with the same proof: it should be refused (RFC 9449 section 11.1).

use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::answer::status;
use crate::client::dpop;
use crate::client::seal::Draft;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Then, Travel, whole};
use super::known::Known;
use super::reading::learn;
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "replay",
    name: "the replayed proof",
    act: "Send the same proof again",
    spec: Spec::new("RFC 9449", "11.1"),
    steps: &[whole("Replay", "replay")],
    travel: Travel::Direct(Lane::Api),
    rows: |_| vec![Row::direct(Lane::Client, Lane::Api, "the same call with the same proof")],
    detail: |_| "  with a used proof",
    label: Label::Read(|response| Some(status(response))),
    then: Some(Then {
        button: "Use the same proof again",
        lacks: |flow| flow.session.proofs.taken.is_none().then_some(NOT_CALLED),
    }),
    wants_refusal: true,
    is_worth_reading: true,
    prepare,
    read,
    ..Descriptor::DIRECT
};

const NOT_CALLED: &str = "no call with a proof was taken in this run";

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    Ok(match &known.session.proofs.taken {
        Some(taken) => Draft::of(taken.clone()).into(),
        None => Prepared::Skip(NOT_CALLED),
    })
}

fn read(exchange: &Exchange, response: &HttpResponse, _session: &mut Session) -> Reading {
    learn(dpop::accept_replay(&exchange.request, response, exchange.sent_at), |()| {})
}
