//! A refresh token that was used, once more: it has to be refused (RFC 9700 section 4.14.2).

use crate::base::check::Verdict;
use crate::base::http::HttpResponse;
use crate::base::spec::Spec;
use crate::client::endpoint::token;
use crate::flow::grant;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;
use crate::terms::grant::Grant;

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, Then, whole};
use super::known::Known;
use super::reading::{learn, names_of_tokens};
use super::refresh::must_rotate;
use super::{Missing, Prepared, Stage};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "reuse",
    name: "the old refresh token",
    act: "Send the old refresh token again",
    spec: Spec::new("RFC 9700", "4.14.2"),
    steps: &[whole("Old token", "refresh_reuse")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "POST token request: the old refresh_token")],
    detail: |_| "  the old refresh_token",
    label: Label::Read(names_of_tokens),
    origin: |_, name| (name == "refresh_token").then_some("used before in this run"),
    citation: |name| (name == "grant_type").then(|| Grant::RefreshToken.citation()),
    then: Some(Then {
        button: "Use the old refresh token again",
        lacks: |flow| flow.session.used_refresh_token.is_none().then_some(NOT_USED),
    }),
    after: Some(Stage::Refresh),
    wants_refusal: true,
    is_worth_reading: true,
    prepare,
    read,
    ..Descriptor::DIRECT
};

const NOT_USED: &str = "no refresh token was used in this run";

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let Some(used) = &known.session.used_refresh_token else {
        return Ok(Prepared::Skip(NOT_USED));
    };
    Ok(known.token_endpoint_draft(grant::refresh_token::form(used, "", ""))?.into())
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    session.has_reused = true;
    let accepted = token::accept_reuse(response, must_rotate(&exchange.settings));
    session.is_reuse_refused =
        accepted.checks.iter().any(|check| matches!(check.verdict, Verdict::Pass | Verdict::Warn));
    learn(accepted, |()| {})
}
