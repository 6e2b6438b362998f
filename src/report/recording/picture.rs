//! The messages of a recorded login between those who take part. App and back end are two: what the browser talks to and
//! runs, and what talks to the provider by itself.

use crate::base::text::{elided, visible};
use crate::capture::Capture;
use crate::capture::exchange::{Came, Captured, Leg, Resource, Seen};
use crate::capture::login::{Login, StageName, Staged};
use crate::report::svg::{Arrow, Picture};

/// More messages of a login say nothing new in a diagram.
const MOST: usize = 120;

/// Longest address in a label, in characters.
const ADDRESS: usize = 60;

/// Parameters of a response that are named, never with their values (RFC 6749 section 4.1.2, RFC 9207, OIDC Core).
const NAMED: [&str; 9] =
    ["code", "state", "iss", "error", "session_state", "id_token", "access_token", "response", "request_uri"];

/// Who takes part, from left to right.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Party {
    Browser,
    App,
    BackEnd,
    Provider,
    Api,
}

impl Party {
    const ALL: [Self; 5] = [Self::Browser, Self::App, Self::BackEnd, Self::Provider, Self::Api];

    const fn title(self) -> &'static str {
        match self {
            Self::Browser => "Browser",
            Self::App => "App",
            Self::BackEnd => "App's back end",
            Self::Provider => "Authorization server",
            Self::Api => "API",
        }
    }
}

/// A message before the lanes are known.
struct Told {
    entry: usize,
    from: Party,
    to: Party,
    label: String,
    is_failed: bool,
}

/// The diagram of a login, and how many of its entries are not in it.
pub(super) fn picture(capture: &Capture, login: &Login, hide: impl Fn(&str) -> String) -> (Picture, usize) {
    let steps = steps(login);
    let left_out = steps.len().saturating_sub(MOST);
    let told: Vec<Told> = steps.iter().take(MOST).flat_map(|(at, stage)| told(capture, login, stage, *at)).collect();
    let takes_part = |party: &Party| {
        matches!(party, Party::Browser | Party::App | Party::Provider)
            || told.iter().any(|it| it.from == *party || it.to == *party)
    };
    let parties: Vec<Party> = Party::ALL.into_iter().filter(takes_part).collect();
    let lane = |party: Party| parties.iter().position(|known| *known == party).unwrap_or_default();
    let arrow = |it: &Told| Arrow {
        beside: capture.entries[it.entry].index.to_string(),
        from: lane(it.from),
        to: lane(it.to),
        label: hide(&it.label),
        is_front: capture.entries[it.entry].leg == Leg::Browser,
        is_failed: it.is_failed,
    };
    let arrows = told.iter().map(arrow).collect();
    let lanes = parties.iter().map(|party| party.title()).collect();
    (Picture { name: "Sequence diagram of the login", beside: "Entry", lanes, arrows }, left_out)
}

/// What is drawn, in order of time: each entry, and the pages of a provider as one.
fn steps(login: &Login) -> Vec<(usize, &Staged)> {
    let of = |stage: &'_ Staged| if is_folded(stage) { 1 } else { stage.entries.len() };
    let each = login.stages.iter().flat_map(|stage| stage.entries.iter().take(of(stage)).map(move |at| (*at, stage)));
    let mut steps: Vec<_> = each.collect();
    steps.sort_by_key(|(at, _)| *at);
    steps
}

const fn is_folded(stage: &Staged) -> bool {
    matches!(stage.name, StageName::LoginPages | StageName::EndSessionPages)
}

fn told(capture: &Capture, login: &Login, stage: &Staged, at: usize) -> Vec<Told> {
    let entry = &capture.entries[at];
    let (from, to) = (sender(entry), receiver(stage.name));
    if is_folded(stage) {
        let is_failed = stage.entries.iter().any(|at| is_refused(&capture.entries[*at]));
        let pages =
            if stage.entries.len() == 1 { "1 page".to_owned() } else { format!("{} pages", stage.entries.len()) };
        let label = format!("{pages} of {}", entry.request.url.host_str().unwrap_or_default());
        return vec![Told { entry: at, from: Party::Browser, to, label, is_failed }];
    }
    let shows = |part: &str| {
        let evidence = login.finding.as_ref().filter(|found| found.stage == stage.name).map(|found| &found.evidence);
        evidence.is_some_and(|list| list.iter().any(|it| it.entry == at && it.place.starts_with(part)))
    };
    let request = Told { entry: at, from, to, label: asked(login, stage, entry), is_failed: shows("request") };
    let is_failed = shows("response") || is_refused(entry);
    vec![request, Told { entry: at, from: to, to: from, label: came(entry), is_failed }]
}

/// A script of the app is the app; what the browser does by itself is the browser's.
fn sender(entry: &Captured) -> Party {
    match (entry.leg, entry.resource) {
        (Leg::BackChannel, _) => Party::BackEnd,
        (Leg::Browser, Resource::Fetch | Resource::Beacon | Resource::Preflight) => Party::App,
        (Leg::Browser, _) => Party::Browser,
    }
}

const fn receiver(stage: StageName) -> Party {
    match stage {
        StageName::AuthorizationResponse | StageName::LogoutReturn => Party::App,
        StageName::ApiRequest => Party::Api,
        _ => Party::Provider,
    }
}

fn is_refused(entry: &Captured) -> bool {
    entry.status().is_none_or(|status| status >= 400)
}

/// `GET app.example/callback  code, state`
fn asked(login: &Login, stage: &Staged, entry: &Captured) -> String {
    let url = &entry.request.url;
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let address = format!("{host}{port}{}", url.path());
    let detail = match stage.name {
        StageName::AuthorizationRequest => {
            login.asked("response_type").map(|it| format!("  response_type={it}")).unwrap_or_default()
        }
        // What came in a fragment is in no request.
        StageName::AuthorizationResponse => names(|name| login.answered(name).is_some()),
        StageName::Token | StageName::Refresh => {
            let grant_type = Seen::new(entry).field("grant_type").map(short).unwrap_or_default();
            format!("  {}", elided(&grant_type, 40))
        }
        _ => String::new(),
    };
    format!("{} {}{detail}", visible(&entry.request.method), elided(&visible(&address), ADDRESS))
}

/// `urn:ietf:params:oauth:grant-type:jwt-bearer` by what it ends with.
fn short(grant_type: &str) -> String {
    grant_type.rsplit(':').next().unwrap_or_default().to_owned()
}

/// `302 to op.example`, `400 invalid_grant`, `200 application/json`
fn came(entry: &Captured) -> String {
    let response = match &entry.came {
        Came::Response(response) => response,
        Came::Nothing(why) if why.is_empty() => return "no answer".to_owned(),
        Came::Nothing(why) => return format!("no answer: {}", elided(why, ADDRESS)),
        Came::Unseen => return "not seen".to_owned(),
    };
    let status = response.status;
    if let Some(to) = entry.location.as_ref().filter(|_| (300..400).contains(&status)) {
        let port = to.port().map(|port| format!(":{port}")).unwrap_or_default();
        let has = |name: &str| to.query_pairs().any(|(known, _)| known == name);
        return format!("{status} to {}{port}{}", to.host_str().unwrap_or_default(), names(has));
    }
    let error = Seen::new(entry).member("error").map(|error| elided(error, ADDRESS).into_owned());
    let said = error.or_else(|| response.headers.content_type()).unwrap_or_default();
    format!("{status} {said}")
}

/// Those of a response that are there.
fn names(has: impl Fn(&str) -> bool) -> String {
    let there: Vec<&str> = NAMED.into_iter().filter(|name| has(name)).collect();
    if there.is_empty() { String::new() } else { format!("  {}", there.join(", ")) }
}
