//! What passes, kept as entries of a recording and judged as it comes. Time is a parameter.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::Between;
pub use super::missing::PATIENCE;
use super::missing::{lacks_token_request, missing};
use super::returned::SeenIn;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::{Json, Members, number, optional, text};
use crate::base::text::elided;
use crate::base::time::Timestamp;
use crate::capture::exchange::{Came, Captured, Leg, Resource, Seen};
use crate::capture::faults;
use crate::capture::finding::{Certainty, Found};
use crate::capture::hide::Hider;
use crate::capture::login::{Login, Outcome, StageName};
use crate::capture::read::{Raw, Recording};
use crate::capture::recognise::{Recognised, recognise};
use crate::capture::recorder::Recorder;
use crate::capture::{Capture, put_together};
use crate::export::redact::Redactor;
use crate::flow::trace::ByHand;

/// So many exchanges are kept.
pub const KEPT: usize = 2_000;
/// So many bytes of bodies are kept.
const KEPT_BYTES: usize = 64 * 1024 * 1024;
/// Largest body that is kept: no message of the protocol is larger.
const BODY_LIMIT: usize = 1024 * 1024;
/// So many of the last exchanges, and so many bytes of them, are judged when another one comes. All are at the end.
const NEAR: usize = 200;
const NEAR_BYTES: usize = 4 * 1024 * 1024;

/// Longest part of a path that is shown: a longer one may be a token.
const PART: usize = 40;

/// One message that passed, as the provider got and sent it.
#[derive(Debug)]
pub struct Passed {
    /// What was sent.
    pub request: HttpRequest,
    /// What came.
    pub came: Came,
    /// When it left.
    pub started: Timestamp,
    /// Until the answer was there.
    pub took: Duration,
    /// The response that it sends the browser to the app with.
    pub returned: Option<(HttpRequest, SeenIn)>,
    /// What was done by hand to both.
    pub by_hand: Vec<ByHand>,
}

/// What is told of a message: nothing that opens anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 0.
    pub entry: usize,
    /// `GET`
    pub method: String,
    /// Without query.
    pub path: String,
    /// Of the answer, where one was seen.
    pub status: Option<u16>,
    /// The stage of a login, or what else it is.
    pub stage: Option<&'static str>,
    /// Who sent it.
    pub leg: Leg,
    /// Where a message was seen that does not pass here.
    pub seen_in: Option<SeenIn>,
}

impl Line {
    /// As one object.
    pub fn to_json(&self) -> Json {
        let mut members: Members = vec![
            ("entry".to_owned(), number(&self.entry)),
            ("method".to_owned(), text(self.method.clone())),
            ("path".to_owned(), text(self.path.clone())),
            ("status".to_owned(), self.status.map_or(Json::Null, |status| number(&status))),
            ("stage".to_owned(), optional(self.stage)),
            ("leg".to_owned(), text(self.leg.word())),
        ];
        members.extend(self.seen_in.map(|seen| ("seen_in".to_owned(), text(seen.word()))));
        Json::Object(members)
    }
}

/// What is new after a message.
#[derive(Debug, Default)]
pub struct News {
    /// The message, and the response that it carries.
    pub lines: Vec<Line>,
    /// What is wrong with a login, as far as it has come. No credential is in it.
    pub findings: Vec<String>,
}

/// Keeps what passes.
pub struct Live {
    hider: Hider,
    recorder: Recorder,
    kept: VecDeque<Arc<Captured>>,
    /// Of their bodies.
    bytes: usize,
    /// The number of the next entry.
    next: usize,
    dropped: usize,
    /// Findings that were told: the entry that their login begins with, and the rule.
    told: VecDeque<(usize, &'static str)>,
}

/// What passed, taken apart at the end.
#[derive(Debug)]
pub struct End {
    /// As of any recording.
    pub capture: Capture,
    /// Of each login what has not come.
    pub missing: Vec<Option<String>>,
}

impl Live {
    /// `key` is drawn for this session, for the hashes that stand in the place of what is hidden.
    pub fn new(key: [u8; 32]) -> Self {
        let mut recorder = Recorder::default();
        "Grantscope, standing between".clone_into(&mut recorder.name);
        // Those of the app go between browser and app.
        recorder.keeps_cookies = false;
        (recorder.keeps_authorization, recorder.keeps_bodies, recorder.keeps_times) = (true, true, true);
        let (kept, told) = (VecDeque::new(), VecDeque::new());
        Self { hider: Hider::new(key), recorder, kept, bytes: 0, next: 0, dropped: 0, told }
    }

    /// Under which name apps know the provider.
    #[must_use]
    pub fn standing(mut self, between: &Between) -> Self {
        self.recorder.names = Some(between.names.clone());
        self
    }

    /// Takes in a message and says what is new.
    pub fn take(&mut self, passed: Passed) -> News {
        let first = self.next;
        let Passed { request, came, started, took, returned, by_hand } = passed;
        let seen_in = returned.as_ref().map(|(_, seen)| *seen);
        self.keep(request, came, started, took, None);
        // What was done to the answer was done to the response that it carries.
        let carried = by_hand.iter().copied().filter(|done| *done != ByHand::RequestChanged).collect();
        self.mark(first, by_hand);
        if let Some((request, _)) = returned {
            let back = Timestamp::from_millis(started.millis() + i64::try_from(took.as_millis()).unwrap_or_default());
            // The app's answer does not pass here: that there was one is all that is assumed.
            let came = Came::Response(HttpResponse { status: 303, headers: Default::default(), body: Vec::new() });
            self.keep(request, came, back, Duration::ZERO, Some(Resource::Document));
            self.mark(first + 1, carried);
        }
        self.news(first, seen_in)
    }

    /// Says of the newest entry what was done to it by hand; one that is not kept is not marked.
    fn mark(&mut self, index: usize, by_hand: Vec<ByHand>) {
        if let Some(entry) = self.kept.back_mut().filter(|entry| entry.index == index) {
            Arc::make_mut(entry).by_hand = by_hand;
        }
    }

    fn keep(
        &mut self,
        mut request: HttpRequest,
        mut came: Came,
        started: Timestamp,
        took: Duration,
        resource: Option<Resource>,
    ) {
        if request.body.len() > BODY_LIMIT {
            request.body = Vec::new();
        }
        if let Came::Response(response) = &mut came
            && response.body.len() > BODY_LIMIT
        {
            response.body = Vec::new();
        }
        let raw =
            Raw { index: self.next, started: Some(started), took, request, came, resource, page: None, location: None };
        let is_browser = resource.is_some() || is_of_browser(&raw.request);
        self.next += 1;
        // One that is not read passed all the same, and counts as one that is not kept.
        let Ok(mut entry) = raw.captured(&self.hider, is_browser) else {
            self.dropped += 1;
            return;
        };
        // What only a browser is sent to outweighs the name that it gives itself.
        if is_browser {
            entry.leg = Leg::Browser;
        }
        self.bytes += size(&entry);
        self.kept.push_back(Arc::new(entry));
        while self.kept.len() > KEPT || self.bytes > KEPT_BYTES {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= size(&oldest);
            self.dropped += 1;
        }
    }

    /// What the last messages make of those from `first` on.
    fn news(&mut self, first: usize, seen_in: Option<SeenIn>) -> News {
        let mut bytes = 0;
        let within = |entry: &&Captured| {
            bytes += size(entry);
            bytes <= NEAR_BYTES
        };
        let mut near: Vec<&Captured> = self.kept.iter().map(Arc::as_ref).rev().take(NEAR).take_while(within).collect();
        near.sort_by_key(|entry| (entry.started, entry.index));
        let seen: Vec<Seen<'_>> = near.iter().map(|entry| Seen::new(entry)).collect();
        let mut found = recognise(&seen, &self.recorder);
        faults::judge(&mut found, &seen, &self.recorder);
        let mut lines: Vec<Line> = near
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.index >= first)
            .map(|(at, entry)| line(entry, stage(&found, at), seen_in.filter(|_| entry.index > first)))
            .collect();
        lines.sort_by_key(|line| line.entry);
        let mut new = Vec::new();
        for login in &found.logins {
            let is_over = |found: &&Found| !found.evidence.iter().any(|it| wants_nonce(&seen[it.entry]));
            let proven = login.finding.as_ref().filter(|it| it.certainty != Certainty::NotProvable);
            let Some(finding) = proven.filter(is_over) else { continue };
            let begins = login.stages.first().and_then(|stage| stage.entries.first()).map_or(0, |at| near[*at].index);
            let mark = (begins, finding.rule.id);
            if !self.told.contains(&mark) {
                self.told.push_back(mark);
                new.push(said(login, finding));
            }
        }
        self.told.truncate(KEPT);
        News { lines, findings: new }
    }

    /// What is kept by now, to be taken apart where that holds nobody up. The messages are shared.
    pub fn so_far(&self) -> Kept {
        Kept { recorder: self.recorder.clone(), entries: self.kept.iter().cloned().collect(), dropped: self.dropped }
    }
}

/// What passed, as it was kept.
#[derive(Debug)]
pub struct Kept {
    recorder: Recorder,
    entries: Vec<Arc<Captured>>,
    dropped: usize,
}

impl Kept {
    /// Takes everything apart. Takes time in proportion to the messages.
    pub fn end(self, now: Timestamp) -> End {
        let Self { recorder, entries, dropped } = self;
        let entries = entries.into_iter().map(Arc::unwrap_or_clone).collect();
        let mut recording = Recording { recorder, entries, ..Recording::default() };
        if dropped > 0 {
            recording.note(format!("The last {KEPT} exchanges are kept; {dropped} before them are not."));
        }
        let mut capture = put_together(recording);
        for login in capture.logins.iter_mut().filter(|login| lacks_token_request(login)) {
            login.outcome = Outcome::LeftOpen;
        }
        let missing = capture.logins.iter().map(|login| missing(&capture, login, now)).collect();
        End { capture, missing }
    }
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("kept", &self.kept.len()).field("dropped", &self.dropped).finish_non_exhaustive()
    }
}

/// Whether a browser sent it, or who plays one: what is asked for there is a page. The rest is told by what browsers say
/// of themselves. That a page is welcome says nothing beside another name: Java's own client asks for one by default.
fn is_of_browser(request: &HttpRequest) -> bool {
    let has = |name: &str| request.headers.get(name).is_some();
    let is_nameless = request.headers.get("user-agent").is_none_or(|agent| agent.starts_with("Mozilla/"));
    let query = request.query();
    let asks = ["response_type", "request_uri", "request"].iter().any(|name| query.contains(name));
    has("cookie")
        || has("upgrade-insecure-requests")
        || is_nameless && request.headers.get("accept").is_some_and(|accept| accept.contains("text/html"))
        || request.method == "GET" && query.contains("client_id") && asks
}

fn size(entry: &Captured) -> usize {
    entry.request.body.len() + entry.response().map_or(0, |response| response.body.len())
}

/// The stage of an entry: what its request is, before what its answer brings.
fn stage(found: &Recognised, at: usize) -> Option<&'static str> {
    let of_login = found.logins.iter().flat_map(|login| &login.stages).filter(|stage| stage.entries.contains(&at));
    let named = of_login.map(|stage| stage.name).min_by_key(|name| *name == StageName::LoginPages);
    let beside =
        || found.beside[at].map(|beside| beside.slug()).filter(|it| !matches!(*it, "noise" | "app" | "untied"));
    named.map(StageName::slug).or_else(beside)
}

fn line(entry: &Captured, stage: Option<&'static str>, seen_in: Option<SeenIn>) -> Line {
    Line {
        entry: entry.index,
        method: entry.request.method.clone(),
        path: shown_path(entry.request.url.path()),
        status: entry.status().filter(|_| seen_in.is_none()),
        stage,
        leg: entry.leg,
        seen_in,
    }
}

/// A path without what may be a token.
fn shown_path(path: &str) -> String {
    let part = |part: &str| if part.len() > PART { "…".to_owned() } else { part.to_owned() };
    elided(&path.split('/').map(part).collect::<Vec<_>>().join("/"), 200).into_owned()
}

/// A finding in one line.
fn said(login: &Login, found: &Found) -> String {
    let secrets = login.secrets.iter().filter(|secret| secret.expose().len() >= 8).cloned();
    let likely = if found.certainty == Certainty::Certain { "" } else { "likely: " };
    Redactor::new(secrets).text(&format!("{likely}{} ({})", found.say, found.rule.id))
}

/// Whether a server wants a nonce in the proof, with which the client asks once more (RFC 9449 section 8).
fn wants_nonce(seen: &Seen<'_>) -> bool {
    let challenge = seen.it.got("www-authenticate").unwrap_or_default();
    seen.member("error") == Some("use_dpop_nonce") || challenge.contains("use_dpop_nonce")
}
