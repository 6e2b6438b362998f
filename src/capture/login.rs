//! A login that was found in a recording: its stages, what it asked and what became of it.

use std::fmt;

use super::exchange::Leg;
use super::finding::Found;
pub use super::stage::StageName;
use crate::base::check::Check;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::terms::grant::Grant;
use crate::terms::response::ResponseMode;

/// A stage as it was seen.
#[derive(Clone, Debug)]
pub struct Staged {
    /// Which.
    pub name: StageName,
    /// Its entries, by their places among those that were read.
    pub entries: Vec<usize>,
    /// Who made the requests.
    pub leg: Leg,
    /// How an authorization response came.
    pub mode: Option<ResponseMode>,
    /// Whether the same response came once more.
    pub repeated: bool,
}

/// What became of a login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// The app took what came back.
    SignedIn,
    /// The provider said no, with an error of the protocol.
    Refused,
    /// It ended at a page that tells of an error, of the provider or of the app.
    ErrorPage,
    /// What comes next is not in the recording.
    #[default]
    LeftOpen,
}

impl Outcome {
    /// The word in the JSON result: `signed_in`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::Refused => "refused",
            Self::ErrorPage => "error_page",
            Self::LeftOpen => "left_open",
        }
    }

    /// The same for people.
    pub const fn said(self) -> &'static str {
        match self {
            Self::SignedIn => "signed in",
            Self::Refused => "refused",
            Self::ErrorPage => "ended at an error page",
            Self::LeftOpen => "left open",
        }
    }
}

/// A rule that was applied to an entry of a recording.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The entry, by its place among those that were read.
    pub entry: usize,
    /// What came of it.
    pub check: Check,
}

/// Whether a check of the browser's trip is about what came back.
pub(super) fn is_of_response(check: &Check) -> bool {
    let of_response = ["authorization_response.", "id_token.", "jarm.", "jwt.", "token.", "access_token."];
    of_response.iter().any(|message| check.rule.id.starts_with(message))
}

/// One login attempt. Places are indices into the entries that were read, in order of time.
#[derive(Clone, Default)]
pub struct Login {
    /// Which grant, where it can be told.
    pub grant: Option<Grant>,
    /// The client.
    pub client_id: Option<String>,
    /// `state` of the request.
    pub state: Option<String>,
    /// Who issued, or is likely to have: see [`Login::is_issuer_said`].
    pub issuer: Option<String>,
    /// Whether a message names the issuer. Otherwise it is told from the address of the authorization endpoint.
    pub is_issuer_said: bool,
    /// What became of it.
    pub outcome: Outcome,
    /// In the order they began.
    pub stages: Vec<Staged>,
    /// What a judge has to leave out, each in a few words.
    pub not_in_the_recording: Vec<String>,
    /// Every rule that was applied to its messages, in order.
    pub checks: Vec<Judged>,
    /// What is wrong with it, if anything.
    pub finding: Option<Found>,
    /// Parameters of the request that began it, pushed or in a request object too.
    pub request: Params,
    /// The entry that brought the request object which the request refers to.
    pub object_at: Option<usize>,
    /// Parameters of the authorization response.
    pub response: Params,
    /// What stands within it, where it is one JWT (JARM section 2.1).
    pub within: Params,
    /// Where the authorization request stands.
    pub requested_at: Option<usize>,
    /// Where the authorization response stands.
    pub returned_at: Option<usize>,
    /// Where the browser was sent back with it, in a Location, if the request that brings it is not in the recording.
    pub sent_back_at: Option<usize>,
    /// Whether it is a later round of a loop, which is told of at the first.
    pub is_round: bool,
    /// Whether the key that its ID token names is in the recording, and the token has its signature.
    pub has_key: bool,
    /// Codes, tokens and verifiers that passed in it, for those who must not show them.
    pub secrets: Vec<Secret>,
}

impl fmt::Debug for Login {
    /// What is told of it; its parameters hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("grant", &self.grant)
            .field("client_id", &self.client_id)
            .field("outcome", &self.outcome)
            .field("stages", &self.stages)
            .field("rule", &self.finding.as_ref().map(|found| found.rule.id))
            .finish_non_exhaustive()
    }
}

impl Login {
    /// Puts an entry into a stage: a new one, or the one that takes all of its kind.
    pub fn stage(&mut self, name: StageName, at: usize, leg: Leg) -> &mut Staged {
        let known = self.stages.iter().position(|stage| name.is_one() && stage.name == name);
        let place = known.unwrap_or_else(|| {
            self.stages.push(Staged { name, entries: Vec::new(), leg, mode: None, repeated: false });
            self.stages.len() - 1
        });
        self.stages[place].entries.push(at);
        &mut self.stages[place]
    }

    /// Entries of a stage, over all of its times.
    pub fn entries(&self, name: StageName) -> impl Iterator<Item = usize> {
        self.stages.iter().filter(move |stage| stage.name == name).flat_map(|stage| stage.entries.iter().copied())
    }

    /// A parameter of the request.
    pub fn asked(&self, name: &str) -> Option<&str> {
        self.request.get(name).filter(|value| !value.is_empty())
    }

    /// A parameter of the response.
    pub fn answered(&self, name: &str) -> Option<&str> {
        let came = |params: &'_ Params| params.get(name).is_some_and(|value| !value.is_empty());
        let params = if came(&self.response) { &self.response } else { &self.within };
        params.get(name).filter(|value| !value.is_empty())
    }

    /// What became of it, for people: a client that asks for itself signs nobody in.
    pub fn said(&self) -> &'static str {
        match (self.outcome, self.grant) {
            (Outcome::SignedIn, Some(Grant::ClientCredentials)) => "brought a token",
            (Outcome::SignedIn, None) if self.requested_at.is_none() && self.returned_at.is_none() => "brought a token",
            (outcome, _) => outcome.said(),
        }
    }

    /// The entry that shows the authorization response.
    pub fn responded_at(&self) -> Option<usize> {
        self.returned_at.or(self.sent_back_at)
    }

    /// Where the response is expected.
    pub fn redirect_uri(&self) -> Option<&str> {
        self.asked("redirect_uri")
    }

    /// Whether the request is one of OpenID Connect.
    pub fn is_openid(&self) -> bool {
        self.asked("scope").is_some_and(|scope| scope.split(' ').any(|word| word == "openid"))
    }
}
