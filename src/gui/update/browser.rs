//! What happens in a browser: sending the user there, signing in for them, and waiting for what comes back.

use url::Url;

use super::driver::Driver;
use super::run::awaited;
use crate::flow::beside::Beside;
use crate::flow::callback::{Awaited, Awaiting, Callback, Errand};
use crate::flow::stage::{Stage, Travel};
use crate::flow::trace::Answer;
use crate::flow::{Action, Event, Next};
use crate::gui::backend::Job;
use crate::gui::language::{said, t};
use crate::gui::model::{InspectorTab, Running};
use crate::io::sign_in::{SignedIn, User};

impl Driver<'_> {
    /// Lets the flow know that the browser is on its way.
    fn browse(&mut self) {
        self.keep();
        self.run.flow.begin(self.now);
        self.run.flow.handle(Event::Browsed, self.now);
        self.refresh();
        self.run.selected = None;
    }

    /// Sends the browser, unless it is on its way already, and says where it goes.
    fn send_browser(&mut self) -> Option<Url> {
        if matches!(self.run.next, Next::Do(Action::Browse(..))) {
            self.browse();
            self.run.inspector = InspectorTab::Request;
        }
        let exchange = self.run.flow.trace.exchanges.last()?;
        let is_on_its_way = self.run.flow.awaiting().is_some() || matches!(exchange.answer, Answer::Visited);
        is_on_its_way.then(|| exchange.request.url.clone())
    }

    /// Begins to listen, unless that is under way.
    fn await_callback(&mut self) {
        let Next::Do(action @ Action::Await(_)) = &self.run.next else { return };
        if self.run.running.is_none() {
            let running = Running { what: awaited(action), since: self.now };
            self.perform(running);
        }
    }

    /// The system's browser goes to the authorization request.
    pub fn open_browser(&mut self) {
        let begun = self.begin_polling();
        if let Some(url) = begun.or_else(|| self.approval_page()) {
            return self.start(Job::OpenBrowser(url));
        }
        let Some(url) = self.send_browser() else { return };
        self.await_callback();
        self.start(Job::OpenBrowser(url));
    }

    /// The user opens the link himself.
    pub fn copy_link(&mut self) {
        let begun = self.begin_polling();
        if let Some(url) = begun.or_else(|| self.approval_page()) {
            return self.copy(url.into(), t!("the link"));
        }
        let Some(url) = self.send_browser() else { return };
        self.await_callback();
        // The link of a logout has an ID token in it.
        if self.run.flow.stage() == Some(Stage::Logout) {
            self.start(Job::CopySecret(url.into()));
            return self.toast(t!("Copied the link"));
        }
        self.copy(url.into(), t!("the link"));
    }

    /// The user approves on another device, which this program sees nothing of.
    pub fn go_elsewhere(&mut self) {
        self.run.notice = None;
        self.begin_polling();
    }

    /// The user goes to approve elsewhere, and the client begins to poll.
    fn begin_polling(&mut self) -> Option<Url> {
        let Next::Do(Action::Browse(request, _)) = &self.run.next else { return None };
        if self.run.flow.stage() != Some(Stage::Verification) {
            return None;
        }
        let url = request.url.clone();
        self.browse();
        self.run.inspector = InspectorTab::Response;
        self.poll_on();
        Some(url)
    }

    /// The page where the user approves, once the client polls.
    fn approval_page(&self) -> Option<Url> {
        let session = &self.run.flow.session;
        let page = match (&session.device, &session.backchannel) {
            (Some(device), _) => device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri),
            (None, acknowledged) => acknowledged.as_ref()?.approval_uri.as_ref()?,
        };
        Url::parse(page).ok().filter(|_| session.polling.is_some())
    }

    /// The program signs in by itself.
    pub fn sign_in(&mut self, username: String) {
        let user = User::named(username).trusting(&self.run.flow.settings.server.certificate_authority);
        let begun = self.begin_polling();
        if let Some(url) = begun.or_else(|| self.approval_page()) {
            return self.start(Job::Approve { url, user });
        }
        if self.leads_nowhere() {
            return self.visit(user);
        }
        let Some(url) = self.send_browser() else { return };
        let Some(Awaiting { redirect_uri, beside, awaited, .. }) = self.run.flow.awaiting().cloned() else { return };
        if let Awaited::Told(_) = awaited {
            return self.visit_and_hear(url, user, beside);
        }
        let cookies = (awaited == Awaited::Logout).then(|| self.run.cookies.clone());
        let does = match self.run.flow.stage().map(|stage| stage.descriptor().travel) {
            Some(Travel::RoundTrip(does)) => said(does),
            _ => t!("come back"),
        };
        self.run.not_signed_in = None;
        self.run.running =
            Some(Running { what: t!("{username} to {does}", username = user.username, does), since: self.now });
        self.run.next = self.run.flow.begin(self.now);
        self.start(Job::SignIn { url, user, redirect_uri, beside, cookies });
    }

    /// Whether what is next is a logout without a way back, of which nothing is heard here either.
    fn leads_nowhere(&self) -> bool {
        let Next::Do(Action::Browse(request, errand)) = &self.run.next else { return false };
        *errand == (Errand::Logout { is_heard: false }) && !request.query().contains("post_logout_redirect_uri")
    }

    /// Goes to a page that nothing comes back from. What the server refuses there stops the run.
    fn visit(&mut self, user: User) {
        self.keep();
        self.run.next = self.run.flow.begin(self.now);
        let Next::Do(Action::Browse(request, _)) = &self.run.next else { return self.refresh() };
        let (url, cookies) = (request.url.clone(), self.run.cookies.clone());
        self.run.selected = None;
        self.run.running = Some(Running { what: t!("the page of {host}", host = url.authority()), since: self.now });
        self.start(Job::Visit { url, user, cookies, beside: Vec::new() });
    }

    /// The same while this program listens for what is told of it.
    fn visit_and_hear(&mut self, url: Url, user: User, beside: Vec<Beside>) {
        let Next::Do(action) = &self.run.next else { return };
        let (what, cookies) = (awaited(action), self.run.cookies.clone());
        self.run.running = Some(Running { what, since: self.now });
        self.run.next = self.run.flow.begin(self.now);
        self.start(Job::Visit { url, user, cookies, beside });
    }

    /// The program has signed in. The logout of this run is made in the same browser.
    pub fn signed_in(&mut self, signed_in: SignedIn) {
        self.run.cookies = signed_in.cookies;
        self.take_event(Event::CalledBack(signed_in.callback));
    }

    /// The wait goes on after the program could not sign in.
    pub fn sign_in_failed(&mut self, why: &str) {
        self.run.running = None;
        self.run.to_end = false;
        let reason = Some(t!("Could not sign in by itself: {why}", why));
        match self.run.flow.awaiting() {
            Some(_) => self.run.not_signed_in = reason,
            None => self.run.notice = reason,
        }
    }

    /// The user has approved; the next poll learns of it.
    pub fn approved(&mut self, username: &str) {
        self.toast(t!("Approved as {username}", username));
        let is_told = self.run.flow.stage().is_some_and(Stage::is_told);
        if let Some(running) = &mut self.run.running {
            let what = match is_told {
                true => t!("the server, which comes by itself"),
                false => t!("the next poll, which learns of it"),
            };
            what.clone_into(&mut running.what);
        }
    }

    /// A redirect URL that the user brings himself.
    pub fn paste_redirect(&mut self, text: &str) {
        let awaited = match self.run.flow.stage() {
            Some(Stage::Logout) => Awaited::Logout,
            _ if self.run.flow.settings.request.response_type == "none" => Awaited::Nothing,
            _ => Awaited::Authorization,
        };
        match Callback::from_pasted_as(&awaited, text) {
            Err(error) => self.run.paste_error = Some(error.to_string()),
            Ok(callback) => {
                self.run.flow.wait_again();
                if self.send_browser().is_none() {
                    return;
                }
                self.run.paste.clear();
                self.run.paste_error = None;
                self.take_event(Event::CalledBack(callback));
            }
        }
    }

    /// Waits again for the response to the request that was sent.
    pub fn wait_again(&mut self) {
        self.run.flow.wait_again();
        self.follow();
        self.run.inspector = InspectorTab::Request;
        self.refresh();
        self.await_callback();
    }
}
