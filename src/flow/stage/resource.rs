//! A call of a protected API (RFC 6750 section 2).

use crate::base::spec::Spec;
use crate::client::challenge::challenges;
use crate::client::endpoint::resource;
use crate::client::step_up;

use super::descriptor::{Descriptor, Label, Lane, Row, Then, Travel, whole};
use super::known::Known;
use super::reading::learn;
use super::userinfo::lint_token_in_url;
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "api",
    name: "the API call",
    act: "Call the API",
    spec: Spec::new("RFC 6750", "2"),
    steps: &[whole("API", "resource")],
    travel: Travel::Direct(Lane::Api),
    rows: |_| vec![Row::direct(Lane::Client, Lane::Api, "GET the API with the access token")],
    detail: |_| "  with the access token",
    label: Label::Fixed("the API's answer"),
    then: Some(Then { button: "Call the API again", lacks: |flow| flow.lacks_access_token() }),
    is_worth_reading: true,
    prepare,
    left: lint_token_in_url,
    read: |exchange, response, session| {
        let mut accepted = resource::accept(response, ());
        let named = challenges(response).iter().find_map(|challenge| challenge.get("resource_metadata"));
        session.resource_metadata_url = named.or_else(|| session.resource_metadata_url.take());
        let token = session.tokens.last().and_then(|tokens| tokens.response.access_token.as_ref());
        accepted.checks.extend(step_up::judge(response, token, exchange.came_at()));
        learn(accepted, |()| {})
    },
    ..Descriptor::DIRECT
};

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let api_url = known.settings.request.api_url.as_str();
    if api_url.is_empty() {
        return Ok(Prepared::Skip("no api_url is filled in"));
    }
    if known.session.tokens.last().is_some_and(|tokens| tokens.response.access_token.is_none()) {
        return Ok(Prepared::Skip("no access token came"));
    }
    let is_unusable = |kind: &String| kind.eq_ignore_ascii_case("n_a");
    if known.session.tokens.last().is_some_and(|tokens| tokens.response.token_type.as_ref().is_some_and(is_unusable)) {
        return Ok(Prepared::Skip("the token that came is none for APIs"));
    }
    let url = known.url("api_url", api_url)?;
    Ok(resource::api_request(url, known.presented_token()?, &known.settings.request).into())
}
