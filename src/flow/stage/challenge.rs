//! A call without a token, by which a client learns that one is wanted and where it comes from (MCP, RFC 6750 section 3,
//! RFC 9728 section 5).

use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::challenge::challenges;
use crate::client::endpoint::resource::api_message;
use crate::client::endpoint::resource_metadata::announced;
use crate::client::mcp::{self, Revision, WayIn};
use crate::client::seal::Draft;
use crate::flow::grant::mcp::revision;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Travel, whole};
use super::known::Known;
use super::reading::learn;
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "challenge",
    name: "the call without a token",
    act: "Call the API without a token",
    depends_on: |setting| setting.starts_with("api_") || matches!(setting, "mcp_revision" | "certificate_authority"),
    spec: Spec::new("RFC 9728", "5"),
    steps: &[whole("Challenge", "challenge")],
    travel: Travel::Direct(Lane::Api),
    rows: |_| {
        vec![
            Row::direct(Lane::Client, Lane::Api, "call the API without a token"),
            Row::direct(Lane::Api, Lane::Client, "401 with WWW-Authenticate"),
        ]
    },
    label: Label::Fixed("everybody is let in"),
    wants_refusal: true,
    is_worth_reading: true,
    prepare,
    left: |exchange, session| {
        let api_url = &exchange.request.url;
        session.way_in = Some(WayIn::begin(revision(&exchange.settings), api_url));
        Vec::new()
    },
    read,
    ..Descriptor::DIRECT
};

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let request = &known.settings.request;
    if request.api_url.is_empty() {
        return Err(known.missing("api_url", "it is the address that everything else is found from"));
    }
    let Some(revision) = Revision::find(&request.mcp_revision) else {
        let known_ones = Revision::ALL.map(Revision::name).join(", ");
        let typed = &request.mcp_revision;
        return Err(
            known.missing("mcp_revision", format!("{typed} is no revision with authorization; there are {known_ones}"))
        );
    };
    let url = known.url("api_url", &request.api_url)?;
    Ok(Draft::of(api_message(url, &mcp::completed(request, revision))).into())
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let challenges = challenges(response);
    session.resource_metadata_url = announced(&challenges);
    session.resource_metadata_missed = None;
    let revision = revision(&exchange.settings);
    if let Some(way_in) = &mut session.way_in {
        way_in.is_challenged(&challenges);
    }
    learn(mcp::accept(response, revision), |()| {})
}
