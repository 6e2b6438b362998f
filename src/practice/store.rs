//! What the server remembers, all in memory, all with an end.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Map, Value};

use super::asked_claims::AskedClaims;
use super::assertion;
use super::authorization::AuthorizationRequest;
use super::binding::Binding;
use super::config::{AccessTokenFormat, Client, Config};
use super::dpop;
use super::endpoint::claims::{self, Kept};
use super::pending::LIFETIME;
use super::pkce::CodeChallenge;
use super::pushed;
use super::request_object::Asked;
use super::shelf::Shelf;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;

/// How long a person may take to sign in.
const TRANSACTION_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// How long a browser stays signed in.
const BROWSER_LIFETIME: Duration = Duration::from_secs(8 * 3600);
/// How long what is used or expired is remembered, so that the answer can say what is wrong with it.
const MEMORY: Duration = Duration::from_secs(3600);
/// The same for refresh tokens: an app comes back with one days later.
const REFRESH_MEMORY: Duration = Duration::from_secs(7 * 24 * 3600);

/// Transactions hold a whole request each, so fewer of them are kept.
const MANY: usize = 10_000;
const SOME: usize = 1_000;

/// A browser that came by, named by its session cookie.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// Who is signed in.
    pub login: Option<Login>,
    /// What the user allowed in it before.
    pub allowed: Vec<Allowed>,
}

/// A sign-in.
#[derive(Clone, Debug)]
pub struct Login {
    /// The user.
    pub sub: String,
    /// When.
    pub auth_time: Timestamp,
    /// The authentication context class it reached.
    pub acr: String,
    /// The session's name in ID tokens.
    pub sid: String,
}

/// A consent that need not be asked for again.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// By whom.
    pub sub: String,
    /// To whom.
    pub client_id: String,
    /// For what.
    pub scope: String,
}

/// An authorization request that waits for its user.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// What was asked.
    pub request: AuthorizationRequest,
    /// The cookie of the browser that brought it; no other browser may go on with it.
    pub cookie: Secret,
    /// Who signed in for it; `None` until then.
    pub login: Option<Login>,
}

/// A logout that waits for its user's word.
#[derive(Clone, Debug)]
pub struct Logout {
    /// The cookie of the browser that is asked.
    pub cookie: Secret,
    /// Where it is sent afterwards.
    pub location: Option<String>,
}

/// An authorization that its client polls for.
#[derive(Clone, Debug)]
pub struct Pending {
    /// How the client gets the tokens.
    pub grant_type: &'static str,
    /// For whom.
    pub client_id: String,
    /// What is granted of the scope that was asked.
    pub scope: String,
    /// Where the access token is to be used.
    pub resource: Vec<String>,
    /// What is asked for in detail (RFC 9396).
    pub authorization_details: Option<Value>,
    /// What the user said.
    pub decision: Decision,
    /// When it was asked for.
    pub issued_at: Timestamp,
    /// When it is too late to decide.
    pub expires_at: Timestamp,
    /// How long the client has to wait between two polls.
    pub interval: Duration,
    /// When it last polled.
    pub polled_at: Option<Timestamp>,
    /// Parameters that rules ask about.
    pub asked: Params,
    /// What CIBA knows besides.
    pub backchannel: Option<Backchannel>,
}

/// A user asked on another device, without a code (CIBA section 7.1).
#[derive(Clone, Debug)]
pub struct Backchannel {
    /// Its name on pages, the same as in the store.
    pub id: String,
    /// Who is asked.
    pub sub: String,
    /// The classes asked for that exist here, best first.
    pub acr_values: Vec<&'static str>,
    /// What the app shows, for the user to compare.
    pub binding_message: Option<String>,
    /// How to ping the client.
    pub notification: Option<Notification>,
}

/// What a ping carries (CIBA section 10.2).
#[derive(Clone, Debug)]
pub struct Notification {
    /// By which the client knows the server.
    pub token: Secret,
    /// By which the client knows the request.
    pub auth_req_id: Secret,
}

impl Pending {
    /// Whether the user may still decide.
    pub fn is_open(&self, now: Timestamp) -> bool {
        matches!(self.decision, Decision::Waiting) && now < self.expires_at
    }
}

/// What a user said to a request.
#[derive(Clone, Debug)]
pub enum Decision {
    /// Nothing yet.
    Waiting,
    /// Yes; the name of the approval.
    Approved(String),
    /// No.
    Denied,
    /// Yes, and the client has its tokens.
    Redeemed,
}

/// What a user approved: every token of one authorization hangs on it and dies with it.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Who may use the tokens.
    pub client_id: String,
    /// All that was granted.
    pub scope: String,
    /// Where the tokens may be used (RFC 8707); empty when nothing was asked.
    pub resource: Vec<String>,
    /// What was granted in detail (RFC 9396).
    pub authorization_details: Option<Value>,
    /// Whom the tokens are about: a user, or the client itself (RFC 9068 section 2.2).
    pub sub: String,
    /// How the user had signed in; `None` when nobody did, so that there is no ID token to give.
    pub login: Option<Login>,
    /// Who acts for the subject, and who did before (RFC 8693 section 4.1).
    pub act: Option<Value>,
    /// When; rotation does not make its refresh tokens live longer.
    pub approved_at: Timestamp,
}

impl Approval {
    /// When the last refresh token of it ends.
    pub fn ends(&self, config: &Config) -> Timestamp {
        self.approved_at + config.refresh_token_lifetime(&self.client_id)
    }
}

/// An authorization request that its client has left here (RFC 9126).
#[derive(Clone, Debug)]
pub struct Pushed {
    /// Who left it.
    pub client_id: String,
    /// As it counts, without what proved who the client is.
    pub asked: Asked,
    /// When it is over.
    pub expires_at: Timestamp,
    /// Whether a user has decided about it.
    pub is_used: bool,
}

/// A client that has registered itself (RFC 7591).
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its name.
    pub client_id: String,
    /// What allows to manage it (RFC 7592 section 3).
    pub token: Secret,
    /// The metadata in effect.
    pub metadata: Map<String, Value>,
    /// When.
    pub issued_at: Timestamp,
}

/// An authorization code.
#[derive(Clone, Debug)]
pub struct Code {
    /// For whom.
    pub client_id: String,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What the verifier must fit.
    pub code_challenge: Option<CodeChallenge>,
    /// For the ID token.
    pub nonce: Option<String>,
    /// The key that it is bound to (RFC 9449 section 10).
    pub dpop_jkt: Option<String>,
    /// Name of its approval.
    pub approval: String,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it was redeemed.
    pub used_at: Option<Timestamp>,
}

/// An access token.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// Name of its approval.
    pub approval: String,
    /// Whether its name is the token itself, or the `jti` in it.
    pub format: AccessTokenFormat,
    /// For what.
    pub scope: String,
    /// Where.
    pub audience: Vec<String>,
    /// What it works with alone.
    pub binding: Binding,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A refresh token; used ones are kept, to recognise a thief (RFC 9700 section 4.14.2).
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// For whom.
    pub client_id: String,
    /// Name of its approval.
    pub approval: String,
    /// What it works with alone.
    pub binding: Binding,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it was exchanged for the next one.
    pub used_at: Option<Timestamp>,
}

/// All shelves.
#[derive(Debug)]
pub struct Store {
    /// By cookie.
    pub browsers: Shelf<Browser>,
    /// By the hidden field of the pages.
    pub transactions: Shelf<Transaction>,
    /// By the hidden field of the page that asks.
    pub logouts: Shelf<Logout>,
    /// By reference.
    pub pushed: Shelf<Pushed>,
    /// The oldest first.
    pub registrations: VecDeque<Registration>,
    /// By code.
    pub codes: Shelf<Code>,
    /// By the hash of what the client polls with.
    pub pending: Shelf<Pending>,
    /// The name in `pending`, by user code.
    pub user_codes: Shelf<String>,
    /// When a user code was typed that nothing waits for.
    pub wrong_codes: Vec<Timestamp>,
    /// The client whose keys were fetched for the request that is about to be answered.
    pub fetched_keys: Option<String>,
    /// Ids of assertions that were used.
    pub assertions: Shelf<()>,
    /// DPoP proofs that were used.
    pub dpop_proofs: Shelf<()>,
    /// Nonces for them that are taken.
    pub dpop_nonces: Shelf<()>,
    /// The one that is given, and since when.
    pub newest_dpop_nonce: Option<(String, Timestamp)>,
    /// By a name that codes and tokens refer to.
    pub approvals: Shelf<Approval>,
    /// Parameters that rules ask about, by the name of an approval or an access token.
    pub asked: Shelf<Params>,
    /// Single claims that were asked for, by approval.
    pub asked_claims: Shelf<AskedClaims>,
    /// Claims that are elsewhere, by the token for them.
    pub claims: Shelf<Kept>,
    /// By refresh token.
    pub refresh_tokens: Shelf<RefreshToken>,
    /// By `jti`, opaque ones by themselves.
    pub access_tokens: Shelf<AccessToken>,
}

impl Store {
    /// Empty shelves whose items live as `config` says.
    pub fn new(config: &Config) -> Self {
        // Known for a while after its end, so that the answer can say that it expired.
        let longest = |of_server: Duration, of_client: fn(&Client) -> Option<Duration>| {
            config.clients.iter().filter_map(of_client).chain([of_server]).max().unwrap_or(of_server)
        };
        let refresh = longest(config.refresh_token_lifetime, |client| client.refresh_token_lifetime) + REFRESH_MEMORY;
        let access = longest(config.access_token_lifetime, |client| client.access_token_lifetime) + MEMORY;
        Self {
            browsers: Shelf::new(MANY, BROWSER_LIFETIME),
            transactions: Shelf::new(SOME, TRANSACTION_LIFETIME),
            logouts: Shelf::new(SOME, TRANSACTION_LIFETIME),
            pushed: Shelf::new(SOME, pushed::LIFETIME + MEMORY),
            registrations: VecDeque::new(),
            codes: Shelf::new(MANY, config.code_lifetime + MEMORY),
            pending: Shelf::new(SOME, LIFETIME + MEMORY),
            user_codes: Shelf::new(SOME, LIFETIME + MEMORY),
            wrong_codes: Vec::new(),
            fetched_keys: None,
            assertions: Shelf::new(MANY, assertion::MEMORY),
            dpop_proofs: Shelf::new(MANY, dpop::MEMORY),
            dpop_nonces: Shelf::new(SOME, dpop::NONCE_LIFETIME),
            newest_dpop_nonce: None,
            approvals: Shelf::new(MANY, refresh + config.code_lifetime + access),
            asked: Shelf::new(2 * MANY, refresh + config.code_lifetime + access),
            asked_claims: Shelf::new(2 * MANY, refresh + config.code_lifetime + access),
            claims: Shelf::new(SOME, claims::LIFETIME + MEMORY),
            refresh_tokens: Shelf::new(MANY, refresh),
            access_tokens: Shelf::new(MANY, access),
        }
    }

    /// Whether a client got something of a sign-in.
    pub fn has_used(&self, client_id: &str, login: &Login) -> bool {
        let is_of = |of: &Option<Login>| of.as_ref().is_some_and(|of| of.sid == login.sid);
        self.approvals.iter().any(|approval| approval.client_id == client_id && is_of(&approval.login))
    }

    /// Forgets what has ended.
    pub fn purge(&mut self, now: Timestamp) {
        self.browsers.purge(now);
        self.transactions.purge(now);
        self.logouts.purge(now);
        self.pushed.purge(now);
        self.codes.purge(now);
        self.pending.purge(now);
        self.user_codes.purge(now);
        self.assertions.purge(now);
        self.dpop_proofs.purge(now);
        self.dpop_nonces.purge(now);
        self.approvals.purge(now);
        self.asked.purge(now);
        self.asked_claims.purge(now);
        self.claims.purge(now);
        self.refresh_tokens.purge(now);
        self.access_tokens.purge(now);
    }
}
