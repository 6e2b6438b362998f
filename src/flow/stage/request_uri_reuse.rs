//! A pushed request that was opened, once more: it should be refused (RFC 9126 section 4).

use crate::base::check::Check;
use crate::base::spec::Spec;
use crate::client::endpoint::authorization;
use crate::client::rules::par;
use crate::flow::callback::{Callback, Errand};
use crate::flow::session::Session;
use crate::flow::trace::Exchange;
use crate::flow::{Action, Flow};
use crate::terms::metadata::Endpoint;

use super::descriptor::{Descriptor, Lane, Reading, Row, Then, Travel, whole};
use super::known::{Known, Place};
use super::{Missing, Prepared, Progress, Stage};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "request_uri_reuse",
    name: "the used request_uri",
    act: "Open the used request again",
    spec: Spec::new("RFC 9126", "4"),
    steps: &[whole("Used request", "request_uri_reuse")],
    travel: Travel::RoundTrip("look what the server shows"),
    rows: |_| {
        vec![
            Row::front(Lane::Client, Lane::Browser, "open the used request"),
            Row::front(Lane::You, Lane::Server, "you look what the server shows"),
            Row::front(Lane::Server, Lane::Client, "redirect with an error"),
        ]
    },
    origin: |_, name| (name == "request_uri").then_some("used before in this run"),
    then: Some(Then { button: "Open the pushed request again", lacks }),
    after: Some(Stage::PushedAuthorization),
    wants_refusal: true,
    is_worth_reading: true,
    prepare,
    left,
    called_back,
    waited: |_, _| vec![par::SINGLE_USE.skipped("nothing came back")],
    ..Descriptor::DIRECT
};

const NOT_OPENED: &str = "no pushed request was opened in this run";

fn lacks(flow: &Flow) -> Option<&'static str> {
    let is_opened = flow.session.pushed.as_ref().is_some_and(|pushed| pushed.opened > 0);
    (!is_opened).then_some(NOT_OPENED)
}

fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let Some(pushed) = known.session.pushed.as_ref().filter(|pushed| pushed.opened > 0) else {
        return Ok(Prepared::Skip(NOT_OPENED));
    };
    let endpoint = known.endpoint(Endpoint::Authorization)?;
    if let Some(Place::ToBind(wanted)) = pushed.request.get("redirect_uri").map(|uri| known.place(uri)) {
        return Ok(Prepared::Action(Action::Listen(wanted)));
    }
    Ok(Prepared::browse(authorization::in_browser(endpoint, &pushed.parameters()), Errand::Authorization))
}

fn left(exchange: &Exchange, session: &mut Session) -> Vec<Check> {
    let brought = exchange.request.query();
    if let Some(pushed) = session.pushed.as_mut().filter(|pushed| pushed.is_meant_by(&brought)) {
        pushed.opened += 1;
    }
    authorization::lint_address(&exchange.request.url).into()
}

/// An error is what is wanted, in a JWT where one was asked for. A code shows that whoever has seen the address can use it.
fn called_back(exchange: &Exchange, callback: &Callback, session: &mut Session) -> Reading {
    let check = session.pushed.as_ref().and_then(|pushed| {
        let (_, accepted) = super::authorization::read(exchange, callback, &pushed.request, session);
        pushed.used_again(&accepted.outcome)
    });
    (Progress::Advance, check.into_iter().collect())
}
