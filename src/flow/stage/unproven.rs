//! A bound token without what it is bound to: it has to be refused (RFC 9449 section 7.2, RFC 8705 section 3).

use url::Url;

use crate::base::http::HttpRequest;
use crate::base::spec::Spec;
use crate::client::answer::status;
use crate::client::binding;
use crate::client::dpop::DPOP;
use crate::client::seal::{Carrier, Draft, Seal};
use crate::flow::session::Session;
use crate::terms::metadata::Endpoint;

use super::descriptor::{Descriptor, Label, Lane, Row, Then, Travel, whole};
use super::known::Known;
use super::reading::learn;
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "bearer",
    name: "the call without a proof",
    act: "Call without a proof",
    spec: Spec::new("RFC 9449", "7.2"),
    steps: &[whole("Bearer", "bearer")],
    travel: Travel::Direct(Lane::Api),
    rows: |_| vec![Row::direct(Lane::Client, Lane::Api, "GET the API with the token alone")],
    detail: |_| "  with the token alone",
    label: Label::Read(|response| Some(status(response))),
    then: Some(Then {
        button: "Use the token without its proof",
        lacks: |flow| flow.lacks_access_token().or_else(|| (!is_bound(&flow.session)).then_some(UNBOUND)),
    }),
    wants_refusal: true,
    is_worth_reading: true,
    prepare,
    read: |_, response, session| {
        let is_dpop = session.tokens.last().is_some_and(|tokens| tokens.response.is_of_type(DPOP));
        learn(binding::accept_unproven(response, is_dpop), |()| {})
    },
    ..Descriptor::DIRECT
};

const UNBOUND: &str = "the access token is bound to nothing";

/// Whether the newest token says that it works with a key or a certificate alone.
fn is_bound(session: &Session) -> bool {
    session.here().last().is_some_and(|tokens| binding::is_bound(&tokens.response))
}

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    if !is_bound(known.session) {
        return Ok(Prepared::Skip(UNBOUND));
    }
    let token = Seal::AccessToken { token: known.access_token()?.clone(), carrier: Carrier::Header };
    Ok(Draft::of(HttpRequest::get(place(known)?)).sealed_with(token).into())
}

/// Where the token is used otherwise than it should be: at the API of the settings, or else at UserInfo.
pub(super) fn place(known: &Known<'_>) -> Result<Url, Missing> {
    match known.settings.request.api_url.as_str() {
        "" => known.client_endpoint(Endpoint::UserInfo),
        api_url => known.url("api_url", api_url),
    }
}
