//! The stages a run is made of, one file each: how it is called, what it sends, what it learns from the answer. The
//! messages themselves are in `client::endpoint`.

mod actor_token;
mod assertion;
mod authorization;
mod backchannel_authentication;
mod challenge;
mod claims;
mod client_assertion;
mod descriptor;
mod device_authorization;
pub(super) mod discovery;
mod exchange;
mod id_jag;
mod introspection;
mod jwks;
pub(super) mod known;
mod logout;
mod notification;
mod other_key;
mod push;
mod pushed_authorization;
mod reading;
mod refresh;
mod refresh_reuse;
mod registration;
mod registration_delete;
mod registration_proof;
mod registration_read;
mod registration_update;
mod replay;
mod request_uri_reuse;
mod resource;
mod resource_metadata;
mod resource_server;
mod revocation;
mod revocation_proof;
mod token;
mod unproven;
mod userinfo;
mod verification;

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::client::seal::Draft;

use super::callback::Errand;
use super::{Action, ProblemKind};

pub(super) use self::descriptor::Reading;
pub use self::descriptor::{Descriptor, Label, Lane, Origin, Row, Then, Travel};
pub(super) use self::reading::{heed, rejecting};

/// One exchange, or one trip of the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// A call of an API without a token.
    Challenge,
    /// Server metadata.
    Discovery,
    /// The server's keys.
    Jwks,
    /// The client makes itself known to the server.
    Registration,
    /// The client leaves its authorization request at the server.
    PushedAuthorization,
    /// The browser's trip to the authorization endpoint and back.
    Authorization,
    /// A pushed request that was opened, once more: it should be refused.
    RequestUriReuse,
    /// Where a device begins.
    DeviceAuthorization,
    /// The user's trip to the page where the user code is typed.
    Verification,
    /// The token request of the grant.
    Token,
    /// Claims about the user.
    UserInfo,
    /// Claims that are elsewhere.
    Claims,
    /// A call of a protected API.
    Resource,
    /// What the API says of itself.
    ResourceMetadata,
    /// New tokens for a refresh token.
    Refresh,
    /// Whether the access token is active.
    Introspection,
    /// Giving the tokens up.
    Revocation,
    /// A statement about the client, from who vouches for it.
    ClientAssertion,
    /// A statement about the user, from who makes them.
    Assertion,
    /// A token of who acts for the subject.
    ActorToken,
    /// One token for another.
    Exchange,
    /// The metadata of the server that an ID-JAG is for.
    ResourceServerDiscovery,
    /// An ID-JAG for an access token there.
    IdJag,
    /// Where a client asks for a user who is elsewhere.
    BackchannelAuthentication,
    /// The server's message that the user has decided.
    Notification,
    /// The tokens that the server brings by itself.
    Push,
    /// A refresh token that was used, once more: it has to be refused.
    RefreshReuse,
    /// A bound token without what it is bound to: it has to be refused.
    Unproven,
    /// A bound token with a proof by another key: it has to be refused.
    OtherKey,
    /// A call that was taken, once more with the same proof: it should be refused.
    Replay,
    /// Whether the revoked token is dead.
    RevocationProof,
    /// The browser's trip to the logout page and back.
    Logout,
    /// What the server has registered.
    RegistrationRead,
    /// The registration is replaced by another one.
    RegistrationUpdate,
    /// The client gives its registration up.
    RegistrationDelete,
    /// Whether a deleted registration is gone: its token has to be refused.
    RegistrationProof,
}

impl Stage {
    /// All stages, those that can be added to a run in the order in which they are offered.
    pub const ALL: [Self; 36] = [
        Self::Challenge,
        Self::Discovery,
        Self::Jwks,
        Self::Registration,
        Self::ClientAssertion,
        Self::PushedAuthorization,
        Self::Authorization,
        Self::DeviceAuthorization,
        Self::Verification,
        Self::Token,
        Self::Assertion,
        Self::ActorToken,
        Self::Exchange,
        Self::ResourceServerDiscovery,
        Self::IdJag,
        Self::BackchannelAuthentication,
        Self::Notification,
        Self::Push,
        Self::Refresh,
        Self::RefreshReuse,
        Self::RequestUriReuse,
        Self::Introspection,
        Self::Revocation,
        Self::RevocationProof,
        Self::UserInfo,
        Self::Claims,
        Self::Resource,
        Self::Unproven,
        Self::OtherKey,
        Self::Replay,
        Self::ResourceMetadata,
        Self::Logout,
        Self::RegistrationRead,
        Self::RegistrationUpdate,
        Self::RegistrationDelete,
        Self::RegistrationProof,
    ];

    /// Everything that is particular to it.
    pub const fn descriptor(self) -> &'static Descriptor {
        match self {
            Self::Challenge => &challenge::STAGE,
            Self::Discovery => &discovery::STAGE,
            Self::Jwks => &jwks::STAGE,
            Self::PushedAuthorization => &pushed_authorization::STAGE,
            Self::Authorization => &authorization::STAGE,
            Self::RequestUriReuse => &request_uri_reuse::STAGE,
            Self::DeviceAuthorization => &device_authorization::STAGE,
            Self::Verification => &verification::STAGE,
            Self::Token => &token::STAGE,
            Self::UserInfo => &userinfo::STAGE,
            Self::Claims => &claims::STAGE,
            Self::Resource => &resource::STAGE,
            Self::ResourceMetadata => &resource_metadata::STAGE,
            Self::Refresh => &refresh::STAGE,
            Self::Introspection => &introspection::STAGE,
            Self::Revocation => &revocation::STAGE,
            Self::ClientAssertion => &client_assertion::STAGE,
            Self::Assertion => &assertion::STAGE,
            Self::ActorToken => &actor_token::STAGE,
            Self::Exchange => &exchange::STAGE,
            Self::ResourceServerDiscovery => &resource_server::STAGE,
            Self::IdJag => &id_jag::STAGE,
            Self::BackchannelAuthentication => &backchannel_authentication::STAGE,
            Self::Notification => &notification::STAGE,
            Self::Push => &push::STAGE,
            Self::RefreshReuse => &refresh_reuse::STAGE,
            Self::Unproven => &unproven::STAGE,
            Self::OtherKey => &other_key::STAGE,
            Self::Replay => &replay::STAGE,
            Self::RevocationProof => &revocation_proof::STAGE,
            Self::Logout => &logout::STAGE,
            Self::Registration => &registration::STAGE,
            Self::RegistrationRead => &registration_read::STAGE,
            Self::RegistrationUpdate => &registration_update::STAGE,
            Self::RegistrationDelete => &registration_delete::STAGE,
            Self::RegistrationProof => &registration_proof::STAGE,
        }
    }

    /// Whether the client waits for the server to come by itself.
    pub fn is_told(self) -> bool {
        self.descriptor().travel == Travel::Ping
    }

    /// Its name in messages: `the token request`.
    pub const fn name(self) -> &'static str {
        self.descriptor().name
    }

    /// What sending it does, as a button says it.
    pub const fn act(self) -> &'static str {
        self.descriptor().act
    }

    /// Its name in JSON and on the command line: `token`.
    pub const fn slug(self) -> &'static str {
        self.descriptor().slug
    }

    /// Whether it looks for the metadata of a server.
    pub const fn is_discovery(self) -> bool {
        matches!(self, Self::Discovery | Self::ResourceServerDiscovery)
    }

    /// Whether its request is the authorization request, whatever carries it.
    pub const fn asks_for_authorization(self) -> bool {
        matches!(self, Self::PushedAuthorization | Self::Authorization)
    }

    /// Whether a client registers by it, or manages that: calls with a token of their own (RFC 7591, RFC 7592).
    pub const fn is_of_registration(self) -> bool {
        matches!(
            self,
            Self::Registration
                | Self::RegistrationRead
                | Self::RegistrationUpdate
                | Self::RegistrationDelete
                | Self::RegistrationProof
        )
    }

    /// Whether it is an experiment that a refusal ends well.
    pub const fn wants_refusal(self) -> bool {
        self.descriptor().wants_refusal
    }

    /// The stage of this name.
    pub fn find(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.slug() == slug)
    }

    /// The names of those that can be added to a run.
    pub fn appendable() -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().filter(|stage| stage.descriptor().then.is_some()).map(Self::slug)
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

/// What a stage wants to do next.
#[derive(Debug)]
pub(in crate::flow) enum Prepared {
    /// Send this request.
    Send(Draft),
    /// Bring the browser to this request's URL.
    Browse(Draft, Errand),
    /// Anything else.
    Action(Action),
    /// The stage has done what it was there for.
    Done,
    /// The stage has nothing to do, and why.
    Skip(&'static str),
}

impl Prepared {
    /// Bring the browser to this request's URL, which nothing has to be put on.
    const fn browse(request: HttpRequest, errand: Errand) -> Self {
        Self::Browse(Draft::of(request), errand)
    }

    /// The request in it, with what is put on it.
    pub(in crate::flow) const fn draft(&self) -> Option<&Draft> {
        match self {
            Self::Send(draft) | Self::Browse(draft, _) => Some(draft),
            _ => None,
        }
    }
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

/// The parsed body of an answer, for those who show it.
pub fn json_of(response: &HttpResponse) -> Option<Json> {
    Json::parse(&response.body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_says_how_it_is_called_and_where_it_is_described() {
        for (at, stage) in Stage::ALL.into_iter().enumerate() {
            let Descriptor { slug, name, act, spec, steps, .. } = stage.descriptor();
            for text in [*slug, *name, *act, spec.document, spec.section] {
                assert!(!text.is_empty(), "{stage:?}");
            }
            assert!(!steps.is_empty(), "{stage:?}");
            assert_eq!(Stage::find(slug), Some(stage));
            assert!(Stage::ALL[..at].iter().all(|other| *other != stage && other.slug() != *slug));
        }
    }
}
