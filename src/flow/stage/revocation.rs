//! Giving the tokens up (RFC 7009).

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::secret::Secret;
use crate::base::spec::Spec;
use crate::client::endpoint::revocation;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;
use crate::terms::metadata::Endpoint;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Then, whole};
use super::known::Known;
use super::reading::learn;
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "revoke",
    name: "the revocation request",
    act: "Revoke the tokens",
    spec: Spec::new("RFC 7009", "2.1"),
    steps: &[whole("Revoke", "revocation")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "POST revocation request")],
    label: Label::Fixed("revoked"),
    origin: |_, name| (name == "token").then_some("from the last token response"),
    citation: |name| matches!(name, "token" | "token_type_hint").then_some("RFC 7009 §2.1"),
    then: Some(Then {
        button: "Revoke the tokens",
        lacks: |flow| match flow.lacks_access_token() {
            None if !flow.offers(Endpoint::Revocation) => Some("the server publishes no revocation_endpoint"),
            reason => reason,
        },
    }),
    is_worth_reading: true,
    prepare,
    read,
    ..Descriptor::DIRECT
};

/// Gives up the refresh token where there is one, since that ends the access tokens too (RFC 7009 section 2.1).
fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.client_endpoint(Endpoint::Revocation)?;
    let (token, hint) = match known.session.refresh_token() {
        Some(token) => (token, "refresh_token"),
        None => (known.access_token()?, "access_token"),
    };
    Ok(revocation::request(endpoint, token, hint, known.settings).into())
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    learn(revocation::accept(response), |()| session.revoked = revoked(&exchange.request))
}

/// The token that a revocation request gave up.
fn revoked(request: &HttpRequest) -> Option<(Secret, &'static str)> {
    let form = request.form()?;
    let hint = if form.get("token_type_hint") == Some("refresh_token") { "refresh_token" } else { "access_token" };
    Some((form.get("token")?.into(), hint))
}
