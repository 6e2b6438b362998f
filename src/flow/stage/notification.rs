//! The server's message that the user has decided (CIBA section 10.2), or the tokens themselves (section 10.3).

use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::spec::Spec;
use crate::client::endpoint::token::TokenResponse;
use crate::client::endpoint::{backchannel_authentication, backchannel_push};
use crate::flow::callback::{Awaited, Awaiting, Callback};
use crate::flow::session::{Session, Tokens};
use crate::flow::trace::Exchange;
use crate::flow::{Action, ProblemKind};
use crate::terms::error::OAuthError;
use crate::terms::response::ResponseMode;

use super::descriptor::{Descriptor, Lane, Reading, Row, Travel, whole};
use super::known::{Known, Place};
use super::reading::needs_keys;
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
fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let Some(token) = known.own.notification_token.clone() else {
        return Ok(Prepared::Skip("the request asked for no ping"));
    };
    let redirect_uri = match known.notification_place()? {
        Place::Known(bound) => known.url("backchannel_client_notification_endpoint", &bound)?,
        Place::ToBind(wanted) => return Ok(Prepared::Action(Action::Listen(wanted))),
    };
    let (state, response_mode) = (None, ResponseMode::Query);
    let (awaited, beside) = (Awaited::Ping(token), Vec::new());
    Ok(Prepared::Action(Action::Await(Awaiting { redirect_uri, state, response_mode, awaited, beside })))
}

/// The client asks at once, unless the tokens have come with it.
fn called_back(exchange: &Exchange, callback: &Callback, session: &mut Session) -> Reading {
    let Some(acknowledged) = &session.backchannel else { return (Progress::Advance, Vec::new()) };
    let (params, asked) = (&callback.params, acknowledged.auth_req_id.clone());
    if exchange.settings.client.is_pushed() {
        return pushed(exchange, params, &asked, session);
    }
    let checks = backchannel_authentication::accept_ping(params, &asked);
    if let Some(polling) = &mut session.polling {
        polling.next_at = exchange.came_at();
    }
    (Progress::Advance, checks)
}

/// Tokens, or the error in their place.
fn pushed(exchange: &Exchange, params: &Params, asked: &Secret, session: &mut Session) -> Reading {
    let mut checks = vec![backchannel_push::about(params, asked)];
    session.polling = None;
    if let Some(error) = OAuthError::from_params(params) {
        return (Progress::Stop(ProblemKind::Refused(error.clone()), error.to_string()), checks);
    }
    let Some(tokens) = TokenResponse::from_params(params) else {
        checks.extend(backchannel_push::judge(params, asked, None));
        return (Progress::Stop(ProblemKind::Failed, "a push without tokens".to_owned()), checks);
    };
    let scope = tokens.scope.clone().unwrap_or_else(|| session.asked.clone());
    let tokens = Tokens::new(exchange, tokens, scope);
    checks.extend(backchannel_push::judge(params, asked, tokens.id_token.as_ref()));
    session.tokens.push(tokens);
    checks.extend(session.validate(&exchange.settings, exchange.came_at()));
    (needs_keys(session, Progress::Advance), checks)
}
