//! The server's message that the user has decided (CIBA section 10.2).

use crate::base::spec::Spec;
use crate::client::endpoint::backchannel_authentication;
use crate::flow::Action;
use crate::flow::callback::{Awaited, Awaiting, Callback};
use crate::flow::session::Session;
use crate::flow::trace::Exchange;
use crate::terms::response::ResponseMode;

use super::descriptor::{Descriptor, Lane, Reading, Row, Travel, whole};
use super::known::{Known, Place};
use super::{Missing, Prepared, Progress};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "notification",
    name: "the ping",
    act: "Wait for the ping",
    spec: Spec::new("CIBA", "10.2"),
    steps: &[whole("Ping", "backchannel_approval")],
    travel: Travel::Ping,
    rows: |_| vec![Row::direct(Lane::Server, Lane::Client, "ping: the user has decided")],
    prepare,
    called_back,
    ..Descriptor::DIRECT
};

/// The listener is bound anew where it was given up meanwhile.
pub(super) fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let Some(token) = known.own.notification_token.clone() else {
        return Ok(Prepared::Skip("the request asked for neither ping nor push"));
    };
    let redirect_uri = match known.notification_place()? {
        Place::Known(bound) => known.url("backchannel_client_notification_endpoint", &bound)?,
        Place::ToBind(wanted) => return Ok(Prepared::Action(Action::Listen(wanted))),
    };
    let (state, response_mode) = (None, ResponseMode::Query);
    let (awaited, beside) = (Awaited::Ping(token), Vec::new());
    Ok(Prepared::Action(Action::Await(Awaiting { redirect_uri, state, response_mode, awaited, beside })))
}

/// The client asks at once.
fn called_back(exchange: &Exchange, callback: &Callback, session: &mut Session) -> Reading {
    let Some(acknowledged) = &session.backchannel else { return (Progress::Advance, Vec::new()) };
    let checks = backchannel_authentication::accept_ping(&callback.params, &acknowledged.auth_req_id);
    if let Some(polling) = &mut session.polling {
        polling.next_at = exchange.came_at();
    }
    (Progress::Advance, checks)
}
