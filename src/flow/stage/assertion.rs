//! A statement about the user, fetched from who makes them (RFC 7522 section 2.1).

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
    slug: "assertion",
    name: "the assertion request",
    act: "Fetch the assertion",
    spec: Spec::new("RFC 7522", "2.1"),
    steps: &[whole("Assertion", "saml_bearer")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "GET the assertion")],
    label: Label::Fixed("SAML assertion"),
    is_worth_reading: true,
    prepare,
    read,
    ..Descriptor::DIRECT
};

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let url = known.settings.request.assertion_url.as_str();
    if url.is_empty() {
        let hint = "paste one of your identity provider, or fill in assertion_url where it can be fetched";
        return Err(known.missing("assertion", hint));
    }
    Ok(Draft::of(known.get("assertion_url", url)?).into())
}

/// XML, or its encoding; what it says is the authorization server's to judge.
fn read(_: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let text = response.text();
    let is_assertion = text.trim_start().starts_with('<') && text.contains("Assertion") || {
        assertion::saml_xml(text.trim()).is_some_and(|xml| xml.contains("Assertion"))
    };
    if !response.is_success() || !is_assertion {
        let what = format!("status {} without a SAML assertion", status(response));
        return (Progress::Stop(ProblemKind::Failed, what), Vec::new());
    }
    session.assertion = Some(Secret::new(text));
    (Progress::Advance, Vec::new())
}
