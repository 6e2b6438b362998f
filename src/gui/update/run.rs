//! Driving a flow: what the action bar and the messages do.

use url::Url;

use super::driver::Driver;
use crate::base::http::can_be_listened_at;
use crate::client::settings::Settings;
use crate::flow::callback::Awaited;
use crate::flow::stage::Stage;
use crate::flow::{Action, Event, Failure, Flow, Next, ProblemKind};
use crate::gui::backend::{Job, LARGE, Reading};
use crate::gui::draft::RequestDraft;
use crate::gui::language::t;
use crate::gui::model::{InspectorTab, Running, Target};

impl Driver<'_> {
    /// Performs the next action, or what stands in its place. A run that is at its end is not begun anew here.
    pub fn next(&mut self) {
        if self.run.running.is_some() || self.run.draft_error.is_some() || self.run.flow.is_recorded() {
            return;
        }
        self.follow();
        match self.run.next.clone() {
            Next::Do(Action::Browse(..)) if self.is_practice || self.run.user.is_some() => {
                self.sign_in(self.run.who().to_owned());
            }
            Next::Do(Action::Browse(..)) => self.open_browser(),
            Next::Do(_) => self.begin(),
            Next::Stopped(_) if self.run.is_retried_in_vain() => {}
            Next::Stopped(_) => self.retry(),
            Next::Missing(_) => self.refresh(),
            Next::Finished => {}
        }
    }

    /// Goes on by itself until something needs the user.
    pub fn run_to_end(&mut self) {
        self.run.to_end = true;
        if matches!(self.run.next, Next::Do(_)) {
            self.next();
        }
    }

    /// Shows what the run is at.
    pub fn follow(&mut self) {
        self.run.notice = None;
        self.run.selected = None;
        self.run.explained = false;
        self.run.is_on_its_way = false;
    }

    /// Shows the message that is next.
    pub fn show_next(&mut self) {
        self.follow();
        self.run.inspector = InspectorTab::Request;
        if self.run.is_at_end() {
            self.show_last();
        }
    }

    /// Shows the answer that came last, which was explained.
    pub fn show_last(&mut self) {
        self.show_news();
        self.show_answer();
        self.run.is_on_its_way = false;
        self.run.explained = true;
    }

    /// Shows what came last.
    pub fn show_answer(&mut self) {
        self.run.selected = self.run.selected.map(|shown| match shown {
            Target::Trip(at) => Target::Answer(at),
            shown => shown,
        });
    }

    /// The next poll, or the wait before it; nothing to go back to in between.
    pub fn poll_on(&mut self) {
        let Next::Do(action) = &self.run.next else { return };
        let since = self.run.running.as_ref().map_or(self.now, |running| running.since);
        let what = match action {
            action @ Action::Await(_) => awaited(action),
            _ => t!("the user to approve").to_owned(),
        };
        self.perform(Running { what, since });
    }

    /// Keeps a point to go back to and lets the action run.
    fn begin(&mut self) {
        let Next::Do(action) = &self.run.next else { return };
        let what = awaited(action);
        self.keep();
        self.perform(Running { what, since: self.now });
    }

    /// Lets the next action run: what is sent leaves now.
    pub fn perform(&mut self, running: Running) {
        self.run.next = self.run.flow.begin(self.now);
        self.run.conclude();
        if let Next::Do(action) = self.run.next.clone() {
            self.run.running = Some(running);
            self.start(Job::Perform(action));
        }
    }

    pub fn keep(&mut self) {
        self.run.undone.clear();
        self.run.history.push(self.run.flow.clone());
    }

    /// Asks the flow what is next, makes the draft of it, and binds the listener, which needs nobody's leave.
    pub fn refresh(&mut self) {
        self.run.next = self.run.flow.poll(self.now);
        self.run.conclude();
        if let (Next::Do(action @ (Action::Listen(_) | Action::Offer(_))), None) = (&self.run.next, &self.run.running) {
            let running = Running { what: awaited(action), since: self.now };
            self.perform(running);
        }
        if !self.run.flow.is_edited() {
            self.run.draft = self.run.flow.request().map(RequestDraft::of);
            self.run.draft_error = None;
            self.edit_again();
        }
    }

    /// Takes in what came of an action.
    pub fn take_event(&mut self, event: Event) {
        let is_stray = matches!(event, Event::Stray(_) | Event::Arrived(_));
        let is_end = matches!(event, Event::CalledBack(_) | Event::Heard);
        let is_news = is_end || matches!(event, Event::Answered { .. } | Event::Failed { .. });
        if is_end || matches!(event, Event::Failed { error: Failure::SignIn { .. }, .. }) {
            // Whoever else waits for the response, at the listener or by signing in, waits in vain.
            self.abandon();
        }
        if is_large(&event) {
            return self.read_elsewhere(event);
        }
        self.run.flow.handle(event, self.now);
        if !is_stray {
            self.go_on(is_news);
        }
    }

    /// Has a large answer taken in off the window's thread; until then it is under way.
    fn read_elsewhere(&mut self, event: Event) {
        let run = Box::new(Reading { flow: self.run.flow.clone(), known: self.run.known.clone() });
        if let Some(running) = &mut self.run.running {
            t!("the answer to be read").clone_into(&mut running.what);
        }
        let now = self.now;
        self.start(Job::TakeIn { run, event, now });
    }

    /// A large answer was taken in. What was typed meanwhile stays typed.
    pub fn taken_in(&mut self, read: Reading) {
        let settings = std::mem::take(&mut self.run.flow.settings);
        self.run.flow = read.flow;
        self.run.flow.settings = settings;
        self.run.known = read.known;
        self.go_on(true);
    }

    /// Goes on after something came.
    fn go_on(&mut self, is_news: bool) {
        self.run.running = None;
        self.run.not_signed_in = None;
        self.refresh();
        if is_news {
            self.show_news();
        }
        let is_polling = self.run.flow.is_polling();
        self.run.searches &= self.run.flow.stage() == Some(Stage::Discovery);
        let goes_on = (self.run.to_end || is_polling || self.run.searches)
            && matches!(self.run.next, Next::Do(_))
            && self.run.running.is_none();
        match goes_on {
            true if is_polling => self.poll_on(),
            true => self.next(),
            false if self.run.running.is_none() => {
                let is_unsafe = self.run.flow.problem().is_some_and(|problem| problem.kind == ProblemKind::Unsafe);
                self.run.resumes = self.run.to_end && is_unsafe;
                self.run.to_end = false;
            }
            false => {}
        }
    }

    fn show_found(&mut self, found: Target) {
        let exchanges = &self.run.flow.trace.exchanges;
        self.run.inspector = match found {
            Target::Answer(at) if exchanges[at].stage.descriptor().brings_tokens => InspectorTab::Tokens,
            Target::Answer(_) => InspectorTab::Response,
            _ => InspectorTab::Request,
        };
        (self.run.selected, self.run.row) = (Some(found), None);
    }

    /// Shows an answer that is worth reading; otherwise what comes next.
    fn show_news(&mut self) {
        let Some(last) = self.run.flow.trace.exchanges.len().checked_sub(1) else { return };
        let stage = self.run.flow.trace.exchanges[last].stage.descriptor();
        let stopped = matches!(self.run.next, Next::Stopped(_));
        // One poll like another: what the user looks at meanwhile stays.
        if self.run.flow.trace.newest_wait().is_some() && !stopped {
            return;
        }
        let is_shown = stopped || stage.is_worth_reading || self.is_presented;
        // An audience sees the way before what it led to.
        let trip = self.run.trip().filter(|_| self.is_presented && !stopped);
        self.run.is_on_its_way = trip.is_some();
        self.run.explained = false;
        // Where it went to its end by itself what was found is shown, which may be long past.
        let at_the_end = self.run.found_at().filter(|_| self.run.to_end);
        let found = self.run.stopped_by_earlier().or(at_the_end);
        if let Some(found) = found.filter(|_| !self.is_presented) {
            return self.show_found(found);
        }
        self.run.selected = trip.or_else(|| is_shown.then_some(Target::Answer(last)));
        let is_token_rejected = match &self.run.next {
            Next::Stopped(problem) => problem.rule.is_some_and(|rule| rule.starts_with("id_token.")),
            _ => false,
        };
        self.run.inspector = match (stopped, stage.brings_tokens, is_shown) {
            // The card of the token shows what is wrong with it.
            (true, true, _) if is_token_rejected => InspectorTab::Tokens,
            (true, ..) => InspectorTab::Response,
            (false, true, _) => InspectorTab::Tokens,
            (false, false, true) => InspectorTab::Response,
            (false, false, false) => InspectorTab::Request,
        };
    }

    /// Ends what is under way at once. What was sent stays sent.
    pub fn stop(&mut self) {
        (self.run.to_end, self.run.searches) = (false, false);
        if self.run.running.is_none() {
            return;
        }
        let was_waiting = self.run.flow.awaiting().is_some();
        self.abandon();
        self.run.flow.stop(self.now);
        self.refresh();
        self.run.selected = None;
        self.run.inspector = if was_waiting { InspectorTab::Response } else { InspectorTab::Request };
    }

    /// Goes back to before the last step.
    pub fn back(&mut self) {
        let Some(kept) = self.run.history.pop() else { return };
        self.stand_at(kept);
        if matches!(self.run.next, Next::Finished) {
            self.show_news();
        }
    }

    /// Goes back, and keeps what is taken back. What was under way is not: nobody waits for it any more.
    pub fn undo(&mut self) {
        let undone = self.run.running.is_none().then(|| self.run.flow.clone());
        self.back();
        self.run.undone.extend(undone);
    }

    /// Shows again what was taken back last, and sends nothing: a server takes a code only once (RFC 6749 section 4.1.2).
    pub fn redo(&mut self) {
        let Some(undone) = self.run.undone.pop() else { return };
        let left = self.stand_at(undone);
        self.run.history.push(left);
        self.show_news();
    }

    /// Has the run stand where it stood then, with the present settings. Returns where it stood.
    fn stand_at(&mut self, then: Flow) -> Flow {
        self.abandon();
        let left = std::mem::replace(&mut self.run.flow, then);
        self.run.flow.settings = left.settings.clone();
        // The listener of that time is gone; a new one is bound when the request is made again.
        self.run.flow.own.listening_at = None;
        self.run.flow.reprepare();
        self.keep_edits();
        self.run.to_end = false;
        self.follow();
        self.run.inspector = InspectorTab::Request;
        self.refresh();
        left
    }

    /// Begins anew in the place of a run in which nothing has left.
    pub fn begin_with(&mut self, settings: Settings) {
        self.abandon();
        self.run.flow = Flow::new(self.run.flow.grant, settings, self.backend.entropy());
        self.run.history.clear();
        self.run.undone.clear();
        self.run.edits = None;
        self.run.to_end = false;
        self.run.paste.clear();
        self.run.paste_error = None;
        self.run.selected_check = None;
        self.follow();
        self.run.inspector = InspectorTab::Request;
        self.refresh();
    }

    /// Tries again, with what was typed into the request of the stage that is tried.
    pub fn retry(&mut self) {
        self.abandon();
        self.run.flow.stop(self.now);
        self.run.flow.retry();
        self.run.undone.clear();
        self.keep_edits();
        self.follow();
        self.run.inspector = InspectorTab::Request;
        self.refresh();
    }

    /// Leaves the stopped stage behind.
    pub fn go_on_anyway(&mut self) {
        self.keep();
        self.run.flow.go_on_anyway();
        self.follow();
        self.run.inspector = InspectorTab::Request;
        self.refresh();
        if std::mem::take(&mut self.run.resumes) {
            self.run_to_end();
        }
    }

    /// Adds a stage and shows its request.
    pub fn append(&mut self, stage: Stage) {
        self.run.flow.append(stage);
        self.follow();
        self.run.inspector = InspectorTab::Request;
        self.refresh();
    }

    /// The run is shown no more. What is under way goes on; a port that nobody waits at is free for others.
    pub fn leave(&mut self) {
        if self.run.running.is_none() && self.run.flow.own.listening_at.is_some() {
            self.abandon();
            self.run.flow.own.listening_at = None;
        }
    }

    /// The run is shown again, with these settings. What is typed into its request stays typed.
    pub fn come_back(&mut self, settings: Settings) {
        let has_listener = self.run.flow.own.listening_at.is_some() || self.run.flow.awaiting().is_some();
        if self.run.running.is_some() || self.run.flow.is_recorded() {
            return;
        }
        let is_changed = self.run.flow.settings != settings;
        self.run.flow.settings = settings;
        if is_changed || !has_listener {
            let position = self.run.flow.position();
            if let Some(edits) = &mut self.run.edits {
                edits.again = edits.position == position && self.run.flow.is_edited();
            }
            self.run.flow.reprepare();
        }
        self.refresh();
    }
}

fn is_large(event: &Event) -> bool {
    matches!(event, Event::Answered { response, .. } if response.body.len() >= LARGE)
}

pub(super) fn awaited(action: &Action) -> String {
    match action {
        Action::Send(request) => t!("the answer of {url}", url = authority(&request.url)),
        Action::Listen(url) | Action::Offer(url) => t!("a listener at {url}", url = authority(url)),
        Action::Browse(request, _) => t!("the browser on its way to {url}", url = authority(&request.url)),
        Action::Sleep(_) => t!("the user, between two polls").to_owned(),
        Action::Await(awaiting) if matches!(awaiting.awaited, Awaited::Ping(_)) => {
            t!("the server, which comes by itself").to_owned()
        }
        Action::Await(awaiting) if matches!(awaiting.awaited, Awaited::Told(_)) => {
            t!("what is told of the logout").to_owned()
        }
        Action::Await(awaiting) if !can_be_listened_at(&awaiting.redirect_uri) => {
            t!("the address of the redirect, which you paste").to_owned()
        }
        Action::Await(awaiting) => t!("the redirect to {redirect_uri}", redirect_uri = awaiting.redirect_uri),
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
