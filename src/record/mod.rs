//! A run as a value that outlives it: the document of `run --json`, of a run file and of `show`, written and read.
//!
//! What happened is written down, and judged anew where it is read: [`judge`](crate::flow::judge) needs nothing but the
//! exchanges. Where secrets were left out, rules that need them can only be skipped; what they came to when the run was
//! written is told then.

mod error;
mod exchange;
mod member;
mod place;
mod read;
mod settings;
mod shape;
mod verdict;
mod write;

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::json::{Json, Members, optional, text};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::base::web_url::user_information;
use crate::client::settings::{FIELDS, Settings, Slot};
use crate::export::redact::{Redactor, UNNAMED, holds_placeholder};
use crate::flow::finding::{Finding, finding};
use crate::flow::recorded::Recorded;
use crate::flow::session::{Session, Tokens};
use crate::flow::stage::{Missing, Stage};
use crate::flow::trace::Trace;
use crate::flow::{Flow, Next, Outcome, Problem, ProblemKind};
use crate::terms::credential::is_key_member;
use crate::terms::grant::Grant;

pub use self::error::ReadError;
pub use self::shape::Shape;
pub use self::verdict::{Judged, NOT_RECORDED};
pub use self::write::{members_of_check, of_problem};

/// The version of the format that is written. A reader takes newer ones as far as it understands them.
pub const VERSION: u32 = 1;

/// A run, written down.
#[derive(Clone, Debug)]
pub struct Record {
    /// Of the format.
    pub version: u32,
    /// Which grant ran.
    pub grant: Grant,
    /// The preset or provider it ran with, where one is known.
    pub preset: Option<String>,
    /// When its first request left.
    pub started_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Outcome,
    /// Its stages in order.
    pub stages: Vec<Stage>,
    /// Index of the stage that it ended before, or at.
    pub position: usize,
    /// What stopped it.
    pub problem: Option<Problem>,
    /// What it lacked.
    pub missing: Option<Missing>,
    /// What a run that came to its end left open: what, and why.
    pub left_open: Vec<(String, String)>,
    /// What is most wrong with it, as it is judged now.
    pub finding: Option<Finding>,
    /// Whether something stands in the place of secrets.
    pub is_redacted: bool,
    /// Placeholders are still in its settings: they are taken out on every way to somebody who would use them.
    trace: Trace,
    settings: Arc<Settings>,
    /// What is known at its end.
    session: Session,
    tokens: Json,
    claims: Json,
    /// The verdicts of each exchange; those in the trace are how they are shown.
    judged: Vec<Vec<Judged>>,
    /// Thumbprints of client certificates that are not in the settings, by exchange.
    certificates: HashMap<usize, String>,
    unknown: Unknown,
}

/// What a newer version has written.
#[derive(Clone, Debug, Default)]
struct Unknown {
    members: Members,
    settings: Members,
    exchanges: HashMap<usize, Members>,
    /// Of rules that are not known here.
    checks: Vec<Json>,
}

impl Record {
    /// This run as it stands, and what it wants next.
    pub fn of(flow: &Flow, next: &Next) -> Self {
        let trace = told(flow);
        let as_made = |check: &_| Judged::alone(Clone::clone(check));
        Self {
            version: VERSION,
            grant: flow.grant,
            preset: None,
            started_at: trace.exchanges.first().map(|first| first.sent_at),
            outcome: flow.outcome(),
            stages: flow.stages().to_vec(),
            position: flow.position(),
            problem: flow.problem().cloned(),
            missing: if let Next::Missing(missing) = next { Some(missing.clone()) } else { None },
            left_open: flow.left_open(),
            finding: finding(flow, next, &flow.left_open()),
            is_redacted: false,
            settings: shared(flow),
            session: flow.session.clone(),
            tokens: flow.session.tokens.last().map_or(Json::Null, |tokens| of_tokens(flow, tokens)),
            claims: claims(flow),
            judged: trace.exchanges.iter().map(|exchange| exchange.checks.iter().map(as_made).collect()).collect(),
            trace,
            certificates: HashMap::new(),
            unknown: Unknown::default(),
        }
    }

    /// The run as what can be looked at. The verdicts are those of today; where they can only be skipped because secrets
    /// are out, those that were reached when it was written.
    pub fn flow(&self) -> Flow {
        Flow::recorded(Recorded {
            grant: self.grant,
            settings: self.settings(),
            stages: self.stages.clone(),
            at: self.position,
            trace: settings::without_placeholders(&self.trace),
            session: self.session.clone(),
            problem: self.problem.clone(),
            outcome: self.outcome,
            found: self.finding.clone().filter(|_| self.trace.is_overheard()).map(Box::new),
        })
    }

    /// What the run wanted next, for those who tell how it ended.
    pub fn next(&self) -> Next {
        match (&self.problem, &self.missing) {
            (Some(problem), _) => Next::Stopped(problem.clone()),
            (None, Some(missing)) => Next::Missing(missing.clone()),
            (None, None) => Next::Finished,
        }
    }

    fn found(&self) -> Option<Finding> {
        finding(&self.flow(), &self.next(), &self.left_open)
    }

    /// The settings at its end. What stands in the place of a secret is no secret, so such a field is empty.
    pub fn settings(&self) -> Settings {
        settings::usable(&self.settings)
    }

    /// The verdicts of each exchange.
    pub fn checks(&self) -> &[Vec<Judged>] {
        &self.judged
    }

    /// Whether verdicts are told as they were, because what they were reached by is not in the recording.
    pub fn tells_of_old(&self) -> bool {
        self.judged.iter().flatten().any(|judged| judged.said.is_some())
    }
}

/// What happened, and what of it was not to be: a run that ended at what must not be used says so of every stage
/// that was to come.
fn told(flow: &Flow) -> Trace {
    let mut trace = flow.trace.clone();
    if flow.problem().is_some_and(|problem| problem.kind == ProblemKind::Unsafe) && !flow.is_recorded() {
        let to_come = flow.position() + 1..flow.stages().len();
        trace.skipped.extend(to_come.map(|position| (position, ENDED_UNSAFE.into())));
    }
    trace
}

/// Why a stage behind an unsafe answer was not sent.
const ENDED_UNSAFE: &str = "the run ended at what must not be used";

/// The settings at the end, shared with the exchanges that were made with them.
fn shared(flow: &Flow) -> Arc<Settings> {
    let last = flow.trace.exchanges.last().map(|last| &last.settings);
    last.filter(|last| ***last == flow.settings).map_or_else(|| Arc::new(flow.settings.clone()), Arc::clone)
}

/// Hides every secret of this run.
pub fn redactor(flow: &Flow) -> Redactor {
    Redactor::of_named(&flow.trace, known(flow, 0))
}

/// Hides every secret of both runs, and `more` of which neither knows: what is the same in both has the same placeholder.
pub fn redactor_of_both(a: &Flow, b: &Flow, more: impl IntoIterator<Item = Secret>) -> Redactor {
    let mut both = a.trace.clone();
    both.exchanges.extend(b.trace.exchanges.iter().cloned());
    let more = more.into_iter().map(|secret| (UNNAMED, secret));
    Redactor::of_named(&both, known(a, 0).chain(known(b, 0)).chain(more))
}

/// As [`redactor`], for those who tell a run while it goes on: a step costs what is new in it.
#[derive(Clone, Debug, Default)]
pub struct Follower {
    redactor: Redactor,
    /// How many token responses are known.
    tokens: usize,
}

impl Follower {
    /// Takes in what is new of the run, which is the same each time but for steps it went back.
    pub fn follow(&mut self, flow: &Flow) {
        self.redactor.follow(&flow.trace, known(flow, self.tokens.min(flow.session.tokens.len())));
        self.tokens = flow.session.tokens.len();
    }

    /// Hides every secret of the run as it is known.
    pub const fn redactor(&self) -> &Redactor {
        &self.redactor
    }
}

/// What is secret whatever the messages call it, but for the first so many token responses.
fn known(flow: &Flow, tokens: usize) -> impl Iterator<Item = (&'static str, Secret)> + '_ {
    let known = flow.secrets_but(tokens).map(|secret| (UNNAMED, secret.clone()));
    let is_real = |(_, secret): &(&'static str, Secret)| !holds_placeholder(secret.expose());
    let parts = |(kind, secret): (&'static str, Secret)| {
        let private = private_members(&secret);
        let secrets = if private.is_empty() { vec![secret] } else { private };
        secrets.into_iter().map(move |secret| (kind, secret))
    };
    typed(flow).into_iter().chain(known).filter(is_real).flat_map(parts)
}

/// What of a key in JSON is secret (RFC 7518 section 6): its public members are sent to servers, and are no key that was
/// cut off.
fn private_members(secret: &Secret) -> Vec<Secret> {
    fn collect(json: &Json, private: &mut Vec<Secret>) {
        let is_key = json.get("kty").is_some();
        for (name, value) in json.members() {
            match value.as_str().filter(|_| is_key && is_key_member(name)) {
                Some(member) => private.push(Secret::new(member)),
                None => collect(value, private),
            }
        }
        json.elements().iter().for_each(|element| collect(element, private));
    }
    let mut private = Vec::new();
    if secret.expose().trim_start().starts_with('{') {
        Json::parse_text(secret.expose()).iter().for_each(|json| collect(json, &mut private));
    }
    private
}

/// The secrets that were filled in, each with the name of its field.
fn typed(flow: &Flow) -> Vec<(&'static str, Secret)> {
    let mut settings = flow.settings.clone();
    let mut secrets = Vec::new();
    for field in FIELDS {
        match (field.slot)(&mut settings) {
            Slot::Secret(secret) => {
                secrets.push((field.name, secret.clone()));
            }
            // Whether it is a URL or not yet one.
            Slot::Text(text) if field.name == "issuer" || text.contains("://") => {
                secrets.extend(user_information(text).map(|password| ("password", Secret::new(password))));
            }
            _ => {}
        }
    }
    secrets
}

fn of_tokens(flow: &Flow, tokens: &Tokens) -> Json {
    use crate::base::json::{number, object};

    let response = &tokens.response;
    let secret = |secret: Option<&Secret>| optional(secret.map(Secret::expose));
    object([
        ("access_token", secret(response.access_token.as_ref())),
        ("token_type", optional(response.token_type.clone())),
        ("expires_in", response.expires_in.map_or(Json::Null, |seconds| number(&seconds))),
        ("refresh_token", secret(flow.session.refresh_token())),
        ("id_token", secret(response.id_token.as_ref())),
        ("scope", text(tokens.scope.clone())),
    ])
}

/// The claims of the newest ID token.
fn claims(flow: &Flow) -> Json {
    let token = flow.session.tokens.iter().rev().find_map(|tokens| tokens.id_token.as_ref());
    token.and_then(|token| token.claims.clone()).unwrap_or(Json::Null)
}
