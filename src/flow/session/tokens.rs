//! Tokens as one response brought them.

use std::time::Duration;

use super::{Asked, Session};
use crate::base::check::{Check, Verdict};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::client::binding::Proven;
use crate::client::encryption::{Registered, take_off};
use crate::client::endpoint::token::TokenResponse;
use crate::client::rules;
use crate::flow::stage::Stage;
use crate::flow::trace::Exchange;
use crate::jose::jwt::{Decoded, decode};

/// Tokens as one response brought them.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The stage that brought them.
    pub stage: Stage,
    /// Its index in the run.
    pub position: usize,
    /// Which of its attempts it was.
    pub attempt: u32,
    /// The response.
    pub response: TokenResponse,
    /// The scope in force: as granted, or as asked when the response is silent.
    pub scope: String,
    /// What they were asked for beside it.
    pub asked: Asked,
    /// When they came; `expires_in` counts from here.
    pub received_at: Timestamp,
    /// The ID token taken apart; of an encrypted one that a key opens, the one inside.
    pub id_token: Option<Decoded>,
    /// The ID token that was inside an encrypted one.
    pub opened: Option<Secret>,
    /// Why an encrypted one stayed closed.
    pub closed: Option<String>,
    /// What its encryption was held to.
    pub(super) encryption: Vec<Check>,
    /// What the request for them proved to have.
    pub proven: Proven,
}

impl Tokens {
    /// What the answer of this exchange brought.
    pub(in crate::flow) fn new(
        brought_by: &Exchange,
        response: TokenResponse,
        scope: String,
        session: &Session,
    ) -> Self {
        let came = response.id_token.as_ref().map(|token| decode(token.expose()));
        let settings = &brought_by.settings;
        let unwrapped = came.map(|token| take_off(token, Registered::id_token(settings), settings));
        let (id_token, opened, closed, encryption) = match unwrapped {
            Some(it) => {
                let is_opened = it.is_encrypted && it.closed.is_none();
                let opened = is_opened.then(|| Secret::new(it.token.text.clone()));
                (Some(it.token), opened, it.closed, it.checks)
            }
            None => (None, None, None, Vec::new()),
        };
        let Exchange { stage, position, attempt, .. } = *brought_by;
        let (received_at, proven) = (brought_by.came_at(), Proven::by(&brought_by.request));
        let asked = Asked::of(brought_by, session);
        Self {
            stage,
            position,
            attempt,
            response,
            scope,
            asked,
            received_at,
            id_token,
            opened,
            closed,
            encryption,
            proven,
        }
    }

    /// The key that opened an encrypted ID token.
    pub fn opened_with(&self) -> Option<&str> {
        let is_key = |check: &&Check| check.rule == &rules::encryption::KEY && check.verdict == Verdict::Pass;
        self.encryption.iter().find(is_key)?.actual.as_deref()
    }

    /// Whether this exchange brought them.
    pub(in crate::flow) const fn came_with(&self, exchange: &Exchange) -> bool {
        self.position == exchange.position && self.attempt == exchange.attempt
    }

    /// The code that came beside them, or that they were issued for: an ID token may have its hash in either case (OIDC
    /// Core section 3.3.3.6).
    pub(super) fn code_of<'a>(&self, session: &'a Session) -> Option<&'a Secret> {
        match self.stage {
            Stage::Authorization => session.code.as_ref(),
            Stage::Token => session.used_code.as_ref(),
            _ => None,
        }
    }

    /// When the access token is over, as far as that is said.
    pub fn end(&self) -> Option<Timestamp> {
        let seconds = self.response.expires_in?;
        Some(self.received_at + Duration::from_secs(seconds.max(0).unsigned_abs()))
    }
}
