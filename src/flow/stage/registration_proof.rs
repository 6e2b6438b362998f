//! Whether a deleted registration is gone: its token is used once more, and has to be refused (RFC 7592 section 2.1).

use crate::base::spec::Spec;
use crate::client::endpoint::registration;

use super::descriptor::{Descriptor, Label, Lane, Row, Then, whole};
use super::known::Known;
use super::reading::learn;
use super::registration::{managed, unguarded};
use super::{Missing, Prepared, Stage};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "registration_proof",
    name: "the proof that the registration is gone",
    act: "Prove that the registration is gone",
    depends_on: |_| false,
    spec: Spec::new("RFC 7592", "2.1"),
    steps: &[whole("Proof", "registration_management")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "GET deleted registration")],
    label: Label::Fixed("the registration"),
    then: Some(Then {
        button: "Prove that the registration is gone",
        lacks: |flow| (!flow.session.is_unregistered).then_some(NOT_DELETED),
    }),
    after: Some(Stage::RegistrationDelete),
    wants_refusal: true,
    prepare,
    unmet: unguarded,
    read: |_, response, _| learn(registration::accept_proof(response), |()| {}),
    ..Descriptor::DIRECT
};

const NOT_DELETED: &str = "no registration was deleted in this run";

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    if !known.session.is_unregistered {
        return Ok(Prepared::Skip(NOT_DELETED));
    }
    managed(known, |_, uri, token| Ok(registration::read(uri, token)))
}
