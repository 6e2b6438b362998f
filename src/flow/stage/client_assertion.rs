//! The token of a workload, fetched from who vouches for it, which says who the client is (RFC 7521 section 3, RFC 7523
//! section 2.2). Nothing else of the run holds a secret.

use crate::base::http::HttpResponse;
use crate::base::secret::Secret;
use crate::base::spec::Spec;
use crate::client::answer::status;
use crate::client::assertion;
use crate::client::seal::Draft;
use crate::flow::ProblemKind;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, whole};
use super::known::Known;
use super::{Missing, Prepared, Progress};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "client_assertion",
    name: "the request for the client's assertion",
    act: "Fetch the client's assertion",
    spec: Spec::new("RFC 7521", "3"),
    steps: &[whole("Client assertion", "client_assertion")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "GET the client's assertion")],
    label: Label::Fixed("client assertion"),
    is_worth_reading: true,
    prepare,
    read,
    ..Descriptor::DIRECT
};

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let url = known.get("client_assertion_url", &known.settings.client.client_assertion_url)?;
    Ok(Draft::of(url).into())
}

/// What the token says is between its issuer and the authorization server.
fn read(_: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let Some(token) = assertion::jwt_in(&response.text()).filter(|_| response.is_success()) else {
        let what = format!("status {} without a JWT", status(response));
        return (Progress::Stop(ProblemKind::Failed, what), Vec::new());
    };
    session.client_assertion = Some(Secret::new(token));
    (Progress::Advance, Vec::new())
}
