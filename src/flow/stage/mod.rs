//! The stages a run is made of. Each is a mirrored pair: [`prepare`] makes its request, [`answer`]
//! says what it learns from what came back. The messages themselves are in `client::endpoint`, one file each.

pub(super) mod answer;
pub(super) mod prepare;

use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::time::Timestamp;
use crate::client::settings::Settings;
use crate::terms::grant::Grant;

use super::{Action, ProblemKind};

/// One exchange, or one trip of the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Server metadata.
    Discovery,
    /// The server's keys.
    Jwks,
    /// The browser's trip to the authorization endpoint and back.
    Authorization,
    /// Where a device begins.
    DeviceAuthorization,
    /// The user's trip to the page where the user code is typed.
    Verification,
    /// The token request of the grant.
    Token,
    /// Claims about the user.
    UserInfo,
    /// A call of a protected API.
    Resource,
    /// New tokens for a refresh token.
    Refresh,
    /// Whether the access token is active.
    Introspection,
    /// Giving the tokens up.
    Revocation,
    /// A statement about the user, from who makes them.
    Assertion,
    /// A token of who acts for the subject.
    ActorToken,
    /// One token for another.
    Exchange,
    /// Where a client asks for a user who is elsewhere.
    BackchannelAuthentication,
    /// The server's message that the user has decided.
    Notification,
    /// A refresh token that was used, once more: it has to be refused.
    RefreshReuse,
    /// Whether the revoked token is dead.
    RevocationProof,
    /// The browser's trip to the logout page and back.
    Logout,
}

impl Stage {
    /// All stages.
    pub const ALL: [Self; 19] = [
        Self::Discovery,
        Self::Jwks,
        Self::Authorization,
        Self::DeviceAuthorization,
        Self::Verification,
        Self::Token,
        Self::UserInfo,
        Self::Resource,
        Self::Refresh,
        Self::Introspection,
        Self::Revocation,
        Self::Assertion,
        Self::ActorToken,
        Self::Exchange,
        Self::BackchannelAuthentication,
        Self::Notification,
        Self::RefreshReuse,
        Self::RevocationProof,
        Self::Logout,
    ];

    /// Its name in messages: `the token request`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Jwks => "the JWKS request",
            Self::Authorization => "the authorization request",
            Self::DeviceAuthorization => "the device authorization request",
            Self::Verification => "the user's approval",
            Self::Token => "the token request",
            Self::UserInfo => "the UserInfo request",
            Self::Resource => "the API call",
            Self::Refresh => "the refresh request",
            Self::Introspection => "the introspection request",
            Self::Revocation => "the revocation request",
            Self::Assertion => "the assertion request",
            Self::ActorToken => "the token request of the actor",
            Self::Exchange => "the token exchange",
            Self::BackchannelAuthentication => "the backchannel authentication request",
            Self::Notification => "the ping",
            Self::RefreshReuse => "the old refresh token",
            Self::RevocationProof => "the proof of the revocation",
            Self::Logout => "the logout request",
        }
    }

    /// What sending it does, as a button says it.
    pub const fn act(self) -> &'static str {
        match self {
            Self::Discovery => "Fetch the metadata",
            Self::Jwks => "Fetch the keys",
            Self::Authorization => "Open the browser",
            Self::DeviceAuthorization => "Send the device request",
            Self::Verification => "Open the verification page",
            Self::Token => "Send the token request",
            Self::UserInfo => "Get UserInfo",
            Self::Resource => "Call the API",
            Self::Refresh => "Refresh the tokens",
            Self::Introspection => "Introspect the access token",
            Self::Revocation => "Revoke the tokens",
            Self::Assertion => "Fetch the assertion",
            Self::ActorToken => "Get the token of the actor",
            Self::Exchange => "Exchange the token",
            Self::BackchannelAuthentication => "Send the backchannel request",
            Self::Notification => "Wait for the ping",
            Self::RefreshReuse => "Send the old refresh token again",
            Self::RevocationProof => "Prove that the token is dead",
            Self::Logout => "Sign out in the browser",
        }
    }

    /// Its name in JSON and on the command line: `token`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Jwks => "jwks",
            Self::Authorization => "authorization",
            Self::DeviceAuthorization => "device_authorization",
            Self::Verification => "verification",
            Self::Token => "token",
            Self::UserInfo => "userinfo",
            Self::Resource => "api",
            Self::Refresh => "refresh",
            Self::Introspection => "introspect",
            Self::Revocation => "revoke",
            Self::Assertion => "assertion",
            Self::ActorToken => "actor_token",
            Self::Exchange => "exchange",
            Self::BackchannelAuthentication => "backchannel_authentication",
            Self::Notification => "notification",
            Self::RefreshReuse => "reuse",
            Self::RevocationProof => "proof",
            Self::Logout => "logout",
        }
    }

    /// Whether it is an experiment that a refusal ends well.
    pub const fn wants_refusal(self) -> bool {
        matches!(self, Self::RefreshReuse | Self::RevocationProof)
    }

    /// The stage of this name.
    pub fn find(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.slug() == slug)
    }
}

/// A value that a stage cannot do without, or cannot use as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {} {field}: {hint}", stage.name(), if *is_filled_in { "cannot use" } else { "needs" })]
pub struct Missing {
    /// The stage that asks.
    pub stage: Stage,
    /// The specification's name of the value.
    pub field: &'static str,
    /// Whether the settings have something in its place, which is then wrong.
    pub is_filled_in: bool,
    /// Where to get it, or what is wrong with it.
    pub hint: String,
}

/// What [`prepare::prepare`] made.
#[derive(Debug)]
pub(in crate::flow) enum Prepared {
    /// The next action of the stage.
    Action(Action),
    /// The stage has nothing to do, and why.
    Skip(&'static str),
}

/// What an answer means for the run.
#[derive(Debug)]
pub(in crate::flow) enum Progress {
    /// The stage is done.
    Advance,
    /// The stage is done, and another is needed before the next.
    AdvanceWith(Stage),
    /// The stage asks once more, elsewhere or later.
    Again,
    /// Nothing goes on by itself; the text says what came.
    Stop(ProblemKind, String),
}

/// What a stage works with beside what is known so far.
#[derive(Clone, Copy)]
pub(in crate::flow) struct Run<'a> {
    /// Which grant runs.
    pub grant: Grant,
    /// What the user filled in.
    pub settings: &'a Settings,
    /// Counts from 1 within the stage.
    pub attempt: u32,
    /// The time.
    pub now: Timestamp,
}

/// The parsed body of an answer, for those who show it.
pub fn json_of(response: &HttpResponse) -> Option<Json> {
    Json::parse(&response.body).ok()
}
