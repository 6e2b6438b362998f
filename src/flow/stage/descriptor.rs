//! What is particular to a stage, in one value: how it is called, how it travels, what it sends and what it learns.

use crate::base::check::Check;
use crate::base::entropy::Entropy;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::spec::Spec;
use crate::base::time::Timestamp;
use crate::client::answer::status;
use crate::client::settings::Settings;
use crate::flow::callback::Callback;
use crate::flow::own::Own;
use crate::flow::session::Session;
use crate::flow::step::{Part, Step};
use crate::flow::trace::Exchange;
use crate::flow::{Flow, ProblemKind, Wait};
use crate::terms::grant::Grant;

use super::known::Known;
use super::{Missing, Prepared, Progress, Stage};

/// Who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The user.
    You,
    /// The user's browser.
    Browser,
    /// This program.
    Client,
    /// Somebody else's app: what of it meets the browser.
    App,
    /// The same: what of it asks the server itself.
    BackEnd,
    /// The authorization server.
    Server,
    /// Another one, that trusts the first.
    ResourceServer,
    /// The protected resource.
    Api,
}

impl Lane {
    /// All of them, from left to right.
    pub const ALL: [Self; 8] = [
        Self::You,
        Self::Browser,
        Self::Client,
        Self::App,
        Self::BackEnd,
        Self::Server,
        Self::ResourceServer,
        Self::Api,
    ];

    /// What stands above it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::You => "You",
            Self::Browser => "Browser",
            Self::Client => "Client (this app)",
            Self::App => "App",
            Self::BackEnd => "Back end",
            Self::Server => "Authorization server",
            Self::ResourceServer => "Resource authorization server",
            Self::Api => "API",
        }
    }
}

/// How the messages of a stage travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Travel {
    /// The client asks, and is answered.
    Direct(Lane),
    /// The browser goes to the server and comes back; the text is what the user does there.
    RoundTrip(&'static str),
    /// The user goes to a page, from which nothing comes back.
    Visit,
    /// The server comes by itself.
    Ping,
}

/// An arrow of a stage that has not come yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// From whom.
    pub from: Lane,
    /// To whom.
    pub to: Lane,
    /// What it carries, before it is known.
    pub label: &'static str,
    /// Whether it travels through the browser.
    pub is_front: bool,
}

impl Row {
    /// A request of the client, or its answer.
    pub(super) const fn direct(from: Lane, to: Lane, label: &'static str) -> Self {
        Self { from, to, label, is_front: false }
    }

    /// What travels through the browser.
    pub(super) const fn front(from: Lane, to: Lane, label: &'static str) -> Self {
        Self { from, to, label, is_front: true }
    }
}

/// What an answer is called on its arrow.
#[derive(Clone, Copy)]
pub enum Label {
    /// Every success alike.
    Fixed(&'static str),
    /// By what is in it; `None` where nothing can be read.
    Read(fn(&HttpResponse) -> Option<String>),
}

/// How a stage can be added to a run that is at its end.
#[derive(Clone, Copy)]
pub struct Then {
    /// The words of its button.
    pub button: &'static str,
    /// Why it cannot be added now; `None` where it can.
    pub lacks: fn(&Flow) -> Option<&'static str>,
}

/// What a parameter's origin depends on.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    /// Which grant runs.
    pub grant: Grant,
    /// What is filled in.
    pub settings: &'a Settings,
}

/// What an answer means for the run, and the rules it was held to.
pub(in crate::flow) type Reading = (Progress, Vec<Check>);

/// Everything that is particular to a stage.
pub struct Descriptor {
    /// Its name in JSON and on the command line: `token`.
    pub slug: &'static str,
    /// Its name in messages: `the token request`.
    pub name: &'static str,
    /// What sending it does, as a button says it.
    pub act: &'static str,
    /// Whether its request or what led to it comes out otherwise with another value of the setting of this name.
    pub depends_on: fn(&str) -> bool,
    /// The section that describes its messages.
    pub spec: Spec,
    /// Its steps on the rail, unless the grant has words of its own for them.
    pub steps: &'static [Step],
    /// How its messages travel.
    pub travel: Travel,
    /// Its arrows before it has come.
    pub rows: fn(Grant) -> Vec<Row>,
    /// What its request trades, for the arrow.
    pub detail: fn(&HttpRequest) -> &'static str,
    /// What its answer is called on the arrow.
    pub label: Label,
    /// Where the value of a parameter comes from, where that is not the settings.
    pub origin: fn(Origin<'_>, &str) -> Option<&'static str>,
    /// Where a parameter is defined as it is used in this message, where the glossary says another place.
    pub citation: fn(&str) -> Option<&'static str>,
    /// How it is added to a run; `None` for what is part of grants alone.
    pub then: Option<Then>,
    /// The stage that brings what this one needs, where only one does.
    pub after: Option<Stage>,
    /// Whether it is an experiment that a refusal ends well.
    pub wants_refusal: bool,
    /// Whether its answer brings tokens to look at.
    pub brings_tokens: bool,
    /// Whether its answer is shown when it comes; otherwise what is next.
    pub is_worth_reading: bool,
    /// Draws its random values, once a transaction.
    pub(in crate::flow) draw: fn(&mut Own, &Settings, &mut Entropy),
    /// Forgets them, for the next transaction.
    pub(in crate::flow) forget: fn(&mut Own),
    /// Makes its next action.
    pub(in crate::flow) prepare: fn(&Known<'_>) -> Result<Prepared, Missing>,
    /// What the server demands of its request and is not met by it: it stops the run before anything leaves, unless the
    /// user goes on.
    pub(in crate::flow) unmet: fn(&HttpRequest, &Session, Timestamp) -> Option<Check>,
    /// What its request says from the moment it left, and the rules for it.
    pub(in crate::flow) left: fn(&Exchange, &mut Session) -> Vec<Check>,
    /// What it learns from the answer.
    pub(in crate::flow) read: fn(&Exchange, &HttpResponse, &mut Session) -> Reading,
    /// What the settings of the run are from its answer on.
    pub(in crate::flow) settle: fn(&Session, &mut Settings),
    /// What it learns from a request that got no answer: `Again` where it is made once more by itself.
    pub(in crate::flow) unanswered: fn(&Exchange, &mut Session) -> Reading,
    /// What it learns from what came to the listener.
    pub(in crate::flow) called_back: fn(&Exchange, &Callback, &mut Session) -> Reading,
    /// What it learns where the browser was sent to a page that nothing comes back from.
    pub(in crate::flow) visited: fn(&Exchange, &mut Session) -> Reading,
    /// What it learns from what servers did at a place of the client meanwhile, once its answer is there or given up.
    pub(in crate::flow) meanwhile: fn(&Exchange, &mut Session) -> Vec<Check>,
    /// What the end of a wait says, when what came was turned away.
    pub(in crate::flow) waited: fn(&Wait, &Session) -> Vec<Check>,
    /// The earlier stage that makes a new one of what this one has used up, which trying again begins at. `None` where
    /// the same can be sent again.
    pub(in crate::flow) again: fn(&Flow, &ProblemKind) -> Option<Stage>,
}

impl Descriptor {
    /// What most stages have in common: the client asks the server, and the answer is read.
    pub(super) const DIRECT: Self = Self {
        slug: "",
        name: "",
        act: "",
        depends_on: |_| true,
        spec: Spec::new("", ""),
        steps: &[],
        travel: Travel::Direct(Lane::Server),
        rows: |_| Vec::new(),
        detail: |_| "",
        label: Label::Fixed("an answer"),
        origin: |_, _| None,
        citation: |_| None,
        then: None,
        after: None,
        wants_refusal: false,
        brings_tokens: false,
        is_worth_reading: false,
        draw: |_, _, _| {},
        forget: |_| {},
        prepare: |_| Ok(Prepared::Skip("there is nothing to send")),
        unmet: |_, _, _| None,
        left: |_, _| Vec::new(),
        // Where no answer can come.
        read: |_, response, _| (Progress::Stop(ProblemKind::Failed, status(response)), Vec::new()),
        settle: |_, _| {},
        unanswered: |_, _| (Progress::Advance, Vec::new()),
        called_back: |_, _, _| (Progress::Advance, Vec::new()),
        visited: |_, _| (Progress::Advance, Vec::new()),
        meanwhile: |_, _| Vec::new(),
        waited: |_, _| Vec::new(),
        again: |_, _| None,
    };
}

/// Whether only what is done with tokens makes use of a setting.
pub(super) fn is_for_tokens(setting: &str) -> bool {
    setting.starts_with("api_")
        || matches!(
            setting,
            "userinfo_method"
                | "userinfo_signed_response_alg"
                | "userinfo_encrypted_response_alg"
                | "userinfo_encrypted_response_enc"
                | "introspection_signed_response_alg"
                | "introspection_accept"
                | "post_logout_redirect_uri"
                | "backchannel_logout_uri"
                | "frontchannel_logout_uri"
                | "frontchannel_logout_session_required"
                | "userinfo_endpoint"
                | "introspection_endpoint"
                | "revocation_endpoint"
                | "end_session_endpoint"
        )
}

/// One step that shows the whole stage.
pub(super) const fn whole(title: &'static str, lesson: &'static str) -> Step {
    Step { title, lesson, part: Part::Whole }
}

/// The step of a part.
pub(super) const fn part(title: &'static str, lesson: &'static str, part: Part) -> Step {
    Step { title, lesson, part }
}
