//! The tokens that the server brings when the user has decided (CIBA section 10.3).

use crate::base::json::Json;
use crate::base::spec::Spec;
use crate::client::endpoint::backchannel_push;
use crate::client::endpoint::token::{TokenResponse, token_type, type_understood};
use crate::client::rules::dpop;
use crate::flow::ProblemKind;
use crate::flow::callback::Callback;
use crate::flow::session::{Session, Tokens};
use crate::flow::trace::Exchange;
use crate::terms::error::OAuthError;

use super::descriptor::{Descriptor, Lane, Reading, Row, Travel, whole};
use super::reading::{needs_keys, unprovable};
use super::{Progress, notification};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "push",
    name: "the push",
    act: "Wait for the push",
    spec: Spec::new("CIBA", "10.3"),
    steps: &[whole("Push", "backchannel_approval")],
    travel: Travel::Ping,
    rows: |_| vec![Row::direct(Lane::Server, Lane::Client, "push: the tokens")],
    brings_tokens: true,
    prepare: notification::prepare,
    called_back,
    ..Descriptor::DIRECT
};

/// Why a key is of no use here (RFC 9449 section 5).
const UNPROVEN: &str = "a push answers no token request, so no key was proven: poll or ping mode has one";

/// Tokens, or the error in their place.
fn called_back(exchange: &Exchange, callback: &Callback, session: &mut Session) -> Reading {
    let Some(acknowledged) = &session.backchannel else { return (Progress::Advance, Vec::new()) };
    let (params, asked) = (&callback.params, &acknowledged.auth_req_id.clone());
    let mut checks = vec![backchannel_push::about(params, asked)];
    session.polling = None;
    if let Some(error) = OAuthError::from_params(params) {
        return (Progress::Stop(ProblemKind::Refused(error.clone()), error.to_string()), checks);
    }
    let Some(tokens) = TokenResponse::from_params(params) else {
        checks.extend(backchannel_push::judge(params, asked, None));
        return (Progress::Stop(ProblemKind::Failed, "a push without tokens".to_owned()), checks);
    };
    let written = Json::parse(&exchange.request.body).ok();
    let written = written.as_ref().and_then(|json| json.get("token_type"));
    checks.push(token_type(&tokens, written));
    checks.extend(type_understood(&tokens, written));
    checks.extend(unprovable(exchange, &tokens));
    // What a recording lacks, its client may have been bound by.
    if exchange.settings.protection.dpop_bound_access_tokens && exchange.overheard.is_none() {
        checks.push(dpop::BOUND.skipped(UNPROVEN));
    }
    let scope = tokens.scope.clone().unwrap_or_else(|| session.asked.clone());
    let tokens = Tokens::new(exchange, tokens, scope, session);
    checks.extend(tokens.asked.judge(&tokens.response, exchange, session));
    checks.extend(backchannel_push::judge(params, asked, tokens.id_token.as_ref()));
    session.tokens.push(tokens);
    checks.extend(session.validate(&exchange.settings, exchange.came_at()));
    (needs_keys(session, Progress::Advance), checks)
}
