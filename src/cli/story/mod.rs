//! A run as people read it: stage by stage, while it happens.

mod ending;
mod parts;

use std::io::IsTerminal as _;

use super::terminal::{Paint, Terminal};
use parts::{
    Part, address, challenged, claims_of, inside, is_split, mark, meanwhile, poll_before, title, untold, vain,
};

use crate::base::check::{Check, Rule, Tally, Verdict};
use crate::base::http::{HttpRequest, HttpResponse, reason};
use crate::base::json::Json;
use crate::base::text::{elided, visible};
use crate::base::time::spoken;
use crate::client::answer::status;
use crate::client::endpoint::claim_sources::aggregated;
use crate::client::rules;
use crate::client::rules::metadata::DOCUMENT;
use crate::export::redact::Redactor;
use crate::flow::cure::Cure;
use crate::flow::stage::{Stage, Travel, json_of};
use crate::flow::trace::{Answer, Exchange};
use crate::flow::{Failure, Flow, Problem};
use crate::io::machine::UserAgent;
use crate::record::{Follower, redactor};
pub(super) use parts::{broken, is_remark};

/// Longest value that is shown whole, in characters.
const VALUE_LIMIT: usize = 100;

/// So much is shown of a body that did not come whole, in characters.
const BEGINNING: usize = 400;

/// Tells each thing once.
pub(super) struct Storyteller {
    terminal: Terminal,
    with_secrets: bool,
    /// Hides what the run as it is now keeps secret.
    hide: Option<Follower>,
    /// How the browser's part is played.
    user: String,
    /// The same of a logout.
    leaver: String,
    /// Exchanges told to their end.
    told: usize,
    /// Whether the next exchange's request is told already.
    is_half_told: bool,
    skips_told: usize,
    strays_told: usize,
    is_code_told: bool,
    vain_told: u32,
    /// How a setting is typed that may mend it, if it can be.
    typed: fn(&Cure) -> Option<String>,
}

impl Storyteller {
    pub fn new(terminal: Terminal, agent: &UserAgent, with_secrets: bool) -> Self {
        let user = |does: &str| match agent {
            UserAgent::SignIn(user) => format!("{} {does} without a browser", user.username),
            UserAgent::Redirected(_) => "the response is the URL that was given".to_owned(),
            UserAgent::Paster => "waiting for the URL the browser ended at, on standard input".to_owned(),
            UserAgent::Browser | UserAgent::Reader if std::io::stdin().is_terminal() => {
                "waiting for the browser to come back; the address it ends at can be pasted here too".to_owned()
            }
            UserAgent::Browser | UserAgent::Reader => "waiting for the browser to come back".to_owned(),
        };
        Self::with(terminal, with_secrets, [user("signs in"), user("signs out")])
    }

    /// For a run that is over.
    pub fn of_record(terminal: Terminal, with_secrets: bool) -> Self {
        let user = |does: &str| format!("the user {does}");
        Self::with(terminal, with_secrets, [user("signs in"), user("signs out")])
    }

    fn with(terminal: Terminal, with_secrets: bool, [user, leaver]: [String; 2]) -> Self {
        Self {
            terminal,
            with_secrets,
            hide: (!with_secrets).then(Follower::default),
            user,
            leaver,
            told: 0,
            is_half_told: false,
            skips_told: 0,
            strays_told: 0,
            is_code_told: false,
            vain_told: 0,
            typed: |cure| Some(cure.option()),
        }
    }

    /// For a search of metadata, which knows no setting but the issuer.
    pub fn of_discovery(terminal: Terminal) -> Self {
        Self { typed: Cure::discovery, ..Self::new(terminal, &UserAgent::Reader, false) }
    }

    /// What hides the secrets of the run as far as it is told, unless they are to be seen.
    pub fn hide(&self) -> Option<&Redactor> {
        self.hide.as_ref().map(Follower::redactor)
    }

    /// The heading.
    pub fn begin(&mut self, flow: &Flow) {
        let title = self.terminal.paint(Paint::Strong, flow.grant.title());
        let issuer = &flow.settings.server.issuer;
        self.terminal.line(&match issuer.as_str() {
            "" => title,
            issuer if self.with_secrets => format!("{title} at {}", visible(issuer)),
            issuer => format!("{title} at {}", visible(&redactor(flow).lines(issuer))),
        });
    }

    /// What has to be known of the telling itself.
    pub fn remark(&mut self, text: &str) {
        let remark = self.terminal.paint(Paint::Quiet, text);
        self.terminal.line(&remark);
    }

    /// Why it stopped, and that it is tried again.
    pub fn retry(&mut self, flow: &Flow, problem: &Problem, retry: u32, of: u32) {
        self.tell(flow);
        self.terminal.line("");
        self.problem(problem);
        self.terminal.line(&format!("Trying again ({retry} of {of}) from {}", problem.again_at.name()));
        // Those behind the place where it begins are told again.
        let begins = flow.stages().iter().take(flow.position() + 1).rposition(|stage| *stage == problem.again_at);
        let kept = |(position, _): &&(usize, _)| begins.is_none_or(|begins| *position < begins);
        self.skips_told = flow.trace.skipped.iter().filter(kept).count();
    }

    /// Says that the run goes on with what must not be used.
    pub fn go_on(&mut self, flow: &Flow, problem: &Problem) {
        self.tell(flow);
        self.terminal.line("");
        self.problem(problem);
        self.terminal.line(&format!("Going on all the same after {}", problem.stage.name()));
    }

    /// What is new.
    pub fn tell(&mut self, flow: &Flow) {
        if let Some(hide) = &mut self.hide {
            hide.follow(flow);
        }
        for (at, reason) in flow.trace.skipped.iter().skip(self.skips_told) {
            let title = title(flow, *at, Part::First);
            let skipped = self.terminal.paint(Paint::Quiet, &format!("· {title:<10} skipped: {}", self.clean(reason)));
            self.terminal.line(&skipped);
        }
        self.skips_told = flow.trace.skipped.len();
        self.tell_strays(flow);
        while let Some(exchange) = flow.trace.exchanges.get(self.told) {
            // What the browser was sent with is told while it is on its way, all else with its answer.
            let is_newest = self.told + 1 == flow.trace.exchanges.len() && !flow.is_recorded();
            let is_on_its_way = is_newest && matches!(exchange.answer, Answer::Pending);
            let is_front = matches!(exchange.stage.descriptor().travel, Travel::RoundTrip(_));
            if is_on_its_way && !is_front {
                return;
            }
            let shown = match self.hide() {
                Some(redactor) => redactor.exchange(exchange),
                None => (**exchange).clone(),
            };
            if !self.is_half_told && poll_before(flow, self.told).is_none() {
                self.tell_request(flow, &shown);
                self.is_half_told = true;
            }
            if is_on_its_way {
                return;
            }
            match shown.is_told_to_wait() {
                true => self.tell_wait(flow, &shown),
                false => self.tell_answer(flow, &shown),
            }
            (self.told, self.is_half_told) = (self.told + 1, false);
        }
        self.tell_code(flow);
        self.tell_vain(flow);
    }

    /// A poll that has to be made again, in a line, and the rules that its answer is the first to break.
    fn tell_wait(&mut self, flow: &Flow, exchange: &Exchange) {
        let json = exchange.response().and_then(json_of);
        let said = json.as_ref().and_then(|json| json.text("error")).unwrap_or_default();
        let title = title(flow, exchange.position, Part::First);
        let line = format!("· {title:<10} {}, poll {}", visible(said), exchange.attempt);
        let line = self.terminal.paint(Paint::Quiet, &line);
        self.terminal.line(&line);
        let before = poll_before(flow, self.told);
        let is_known = |check: &Check| {
            let same = |it: &Check| it.rule.id == check.rule.id && it.verdict == check.verdict;
            before.is_some_and(|before| before.checks.iter().any(same))
        };
        for check in exchange.checks.iter().filter(|check| check.verdict <= Verdict::Warn && !is_known(check)) {
            broken(&mut self.terminal, check);
        }
    }

    /// That a poll got no answer to act on.
    fn tell_vain(&mut self, flow: &Flow) {
        let in_vain = flow.session.polling.map_or(0, |polling| polling.in_vain);
        if let Some(line) = vain(flow).filter(|_| in_vain > self.vain_told) {
            self.terminal.line(&self.terminal.paint(Paint::Caution, &line));
            self.vain_told = in_vain;
        }
        self.vain_told = self.vain_told.min(in_vain);
    }

    /// What the user needs on the other device, which is no secret to the one who reads this (RFC 8628 section 3.3).
    fn tell_code(&mut self, flow: &Flow) {
        let Some(device) = flow.session.device.as_ref().filter(|_| !self.is_code_told) else { return };
        self.is_code_told = true;
        let code = self.terminal.paint(Paint::Strong, &visible(&device.user_code));
        self.terminal.line(&format!("  Open {} and type {code}", visible(&device.verification_uri)));
    }

    /// A text of the run as it may be printed: no secret is in it, and nothing that a terminal obeys.
    fn clean(&self, text: &str) -> String {
        let shown = self.hide().as_ref().map(|redactor| redactor.text(text));
        visible(shown.as_deref().unwrap_or(text)).into_owned()
    }

    fn tell_strays(&mut self, flow: &Flow) {
        let strays = &flow.trace.strays;
        for (_, stray) in strays.iter().skip(self.strays_told) {
            let line = format!("  ! ignored {}: {}", self.clean(&stray.what), self.clean(&stray.why.to_string()));
            let line = self.terminal.paint(Paint::Caution, &line);
            self.terminal.line(&line);
        }
        self.strays_told = strays.len();
    }

    fn tell_request(&mut self, flow: &Flow, exchange: &Exchange) {
        let request = &exchange.request;
        let title = title(flow, exchange.position, Part::First);
        let mark = if is_split(flow, exchange) { "→" } else { mark(exchange) };
        let mark = self.painted_mark(mark);
        self.terminal.line("");
        let title = self.terminal.paint(Paint::Strong, &format!("{title:<10}"));
        self.terminal.line(&format!("{mark} {title} {} {}", visible(&request.method), address(request)));
        self.params(request);
        self.proof(exchange);
        // Who waits for the browser to come back does so in vain where nothing sends it.
        let is_in_vain = self.user == self.leaver && !exchange.has_way_back();
        if matches!(exchange.answer, Answer::Pending) && !is_in_vain || exchange.stage == Stage::Authorization {
            let user = if exchange.stage == Stage::Logout { &self.leaver } else { &self.user };
            let user = self.terminal.paint(Paint::Quiet, &format!("  · {user}"));
            self.terminal.line(&user);
        }
    }

    fn params(&mut self, request: &HttpRequest) {
        let params = request.form().unwrap_or_else(|| request.query());
        for (name, value) in params.iter() {
            self.terminal.pair(name, &elided(value, VALUE_LIMIT));
        }
    }

    /// The proof in the header, which is as long as it is unreadable (RFC 9449).
    fn proof(&mut self, exchange: &Exchange) {
        let said = |rule: &'static Rule| {
            let check = exchange.checks.iter().find(|check| check.rule == rule)?;
            check.actual.as_deref().filter(|_| check.verdict != Verdict::Skipped)
        };
        let Some(key) = said(&rules::dpop::KEY) else { return };
        let nonce = said(&rules::dpop::NONCE).map(|nonce| format!(", nonce {nonce}")).unwrap_or_default();
        self.terminal.pair("DPoP", &elided(&format!("a proof of {key}{nonce}"), VALUE_LIMIT));
    }

    fn tell_answer(&mut self, flow: &Flow, exchange: &Exchange) {
        let took = spoken(exchange.took);
        let said = match &exchange.answer {
            Answer::Response(response) => format!("{} {} in {took}", response.status, reason(response.status)),
            Answer::Callback(_) if exchange.stage == Stage::Push => format!("by push after {took}"),
            Answer::Callback(callback) => format!("by {} after {took}", callback.via.name()),
            // It says itself when it was stopped.
            Answer::Failed(failure @ Failure::Stopped(_)) => self.clean(&failure.to_string()),
            Answer::Failed(failure) => format!("{} (after {took})", self.clean(&failure.to_string())),
            Answer::Visited if exchange.stage == Stage::Logout => match exchange.listened() {
                None => "the user is sent there; what the page says is not judged".to_owned(),
                Some(_) if exchange.meanwhile.is_empty() => {
                    format!("the user is sent there; nothing was told of the logout within {took}")
                }
                Some(_) => format!("the user is sent there; what was told of the logout, in {took}:"),
            },
            Answer::Visited => "the user is sent there".to_owned(),
            Answer::Pending => "sent, answer not awaited".to_owned(),
        };
        if is_split(flow, exchange) {
            let mark = self.painted_mark(mark(exchange));
            let title = format!("{:<10}", title(flow, exchange.position, Part::Last));
            let title = self.terminal.paint(Paint::Strong, &title);
            self.terminal.line("");
            self.terminal.line(&format!("{mark} {title} {said}"));
        } else {
            self.terminal.line(&format!("  {said}"));
        }
        self.content(flow, exchange);
        meanwhile(&mut self.terminal, exchange);
        untold(&mut self.terminal, exchange);
        self.checks(&exchange.checks);
    }

    /// What the answer holds, where it is short enough to be read.
    fn content(&mut self, flow: &Flow, exchange: &Exchange) {
        if let Some(response) = exchange.response() {
            challenged(&mut self.terminal, response);
        }
        match &exchange.answer {
            Answer::Callback(callback) => {
                for (name, value) in callback.params.iter() {
                    self.terminal.pair(name, &elided(value, VALUE_LIMIT));
                }
            }
            Answer::Response(response) if !exchange.stage.is_discovery() && exchange.stage != Stage::Jwks => {
                self.members(response, inside(flow, exchange));
                // As they came: what is hidden is a token by its form, and what it says is none.
                let userinfo = flow.session.userinfo.as_ref().filter(|_| exchange.stage == Stage::UserInfo);
                for (name, claims) in userinfo.map(aggregated).unwrap_or_default() {
                    self.claims(&format!("the source {} says", visible(&name)), &claims);
                }
            }
            Answer::Response(_) if exchange.stage.is_discovery() => self.remarks(exchange),
            Answer::Failed(Failure::Transport(error)) => {
                if let Some(came) = error.beginning() {
                    self.beginning(came);
                }
            }
            _ => {}
        }
    }

    /// What came of an answer that did not come whole.
    fn beginning(&mut self, came: &HttpResponse) {
        let came = self.hide().map_or_else(|| came.clone(), |hide| hide.response(came));
        let content_type = came.headers.get("content-type").unwrap_or("no Content-Type");
        self.terminal.line(&format!("  it began with {}, {}:", status(&came), visible(content_type)));
        self.terminal.line(&format!("    {}", elided(&visible(&came.text()), BEGINNING)));
    }

    /// What a search for metadata has to say beside broken rules. The status stands there already.
    fn remarks(&mut self, exchange: &Exchange) {
        for check in exchange.checks.iter().filter(|check| is_remark(check)) {
            let saw = check.actual.as_deref().unwrap_or_default();
            let words =
                if check.rule.id == DOCUMENT.id { saw.split_once(": ").map(|(_, words)| words) } else { Some(saw) };
            if let Some(words) = words {
                let words = self.terminal.paint(Paint::Quiet, &format!("  {}", self.clean(words)));
                self.terminal.line(&words);
            }
        }
    }

    fn members(&mut self, response: &HttpResponse, inside: Option<&Json>) {
        let Ok(json) = Json::parse(&response.body) else {
            if let Some(claims) = claims_of(response.text().trim()) {
                self.claims("the JWT says", claims.members());
            }
            return;
        };
        for (name, value) in json.members() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.terminal.pair(name, &elided(&text, VALUE_LIMIT));
        }
        let plain = json.text("id_token").and_then(claims_of);
        if let Some(claims) = inside.or(plain.as_ref()) {
            let says = if inside.is_some() { "the ID token inside says" } else { "the ID token says" };
            self.claims(says, claims.members());
        }
    }

    fn claims(&mut self, says: &str, claims: &[(String, Json)]) {
        let line = self.terminal.paint(Paint::Quiet, &format!("  {says}"));
        self.terminal.line(&line);
        let claims = Json::Object(claims.to_vec());
        let claims = self.hide().map_or_else(|| claims.clone(), |redactor| redactor.json(&claims));
        for (name, value) in claims.members() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.terminal.pair(name, &elided(&text, VALUE_LIMIT));
        }
    }

    /// What is broken is told in full, the rest is counted.
    fn checks(&mut self, checks: &[Check]) {
        for check in checks.iter().filter(|check| matches!(check.verdict, Verdict::Fail | Verdict::Warn)) {
            broken(&mut self.terminal, check);
        }
        if !checks.is_empty() {
            let tally = self.terminal.paint(Paint::Quiet, &format!("  checks: {}", Tally::of(checks).summary()));
            self.terminal.line(&tally);
        }
    }

    fn painted_mark(&self, mark: &str) -> String {
        let paint = match mark {
            "✓" => Paint::Good,
            "!" => Paint::Caution,
            "✗" => Paint::Bad,
            _ => Paint::Strong,
        };
        self.terminal.paint(paint, mark)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read as _, Seek as _};
    use std::sync::Arc;

    use url::Url;

    use super::*;
    use crate::base::entropy::Entropy;
    use crate::base::http::JSON;
    use crate::base::params::Params;
    use crate::client::rules::token::CACHE_CONTROL;
    use crate::client::settings::Settings;
    use crate::terms::grant::Grant;

    fn poll(attempt: u32, status: u16, body: &str) -> Arc<Exchange> {
        let url = Url::parse("https://as.example/token").expect("a URL");
        let request = HttpRequest::post_form(url, &[("device_code", "d")].into_iter().collect::<Params>());
        Arc::new(Exchange {
            position: 4,
            attempt,
            answer: Answer::Response(HttpResponse::new(status, JSON, body)),
            checks: vec![CACHE_CONTROL.broken("no-store", "absent")],
            ..Exchange::begun(Stage::Token, request, Arc::default())
        })
    }

    #[test]
    fn polls_that_have_to_be_made_again_take_a_line_each() {
        let mut file: File = tempfile::tempfile().expect("a file");
        let terminal = Terminal::to(file.try_clone().expect("a file"));
        let mut flow = Flow::new(Grant::DeviceCode, Settings::default(), Entropy::from_seed([1; 32]));
        let (pending, slow) = (r#"{"error":"authorization_pending"}"#, r#"{"error":"slow_down"}"#);
        flow.trace.exchanges =
            vec![poll(1, 400, pending), poll(2, 400, slow), poll(3, 400, r#"{"error":"expired_token"}"#)];
        Storyteller::new(terminal, &UserAgent::Reader, false).tell(&flow);
        let mut told = String::new();
        file.rewind().and_then(|()| file.read_to_string(&mut told)).expect("readable");
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[1], "→ Polling    POST https://as.example/token", "{told}");
        let polls: Vec<&&str> = lines.iter().filter(|line| line.starts_with("· Polling")).collect();
        assert_eq!(polls, [&"· Polling    authorization_pending, poll 1", &"· Polling    slow_down, poll 2"], "{told}");
        assert!(lines.contains(&"✗ Tokens     400 Bad Request in 0 ms"), "{told}");
        let broken = told.matches("✗ token.cache_control").count();
        assert_eq!(broken, 2, "at the first poll and at the last: {told}");
    }
}
