//! A handle on a running server, for those who look on and switch its faults.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use super::config::{Client, Config, User};
use super::fault::Fault;
use super::faults::{FaultEntry, Faults};
use super::foreign::Foreign;
use super::journal::Entry;
use super::view::{Session, TokenInForce};
use super::{Certificates, Practice, WantedDocument};
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::jose::jwk::KeyError;
use crate::terms::profile::Profile;

/// One server behind any number of handles.
#[derive(Clone, Debug)]
pub struct PracticeHandle(Arc<Mutex<Practice>>);

impl PracticeHandle {
    /// The first handle on a server.
    pub fn new(practice: Practice) -> Self {
        Self(Arc::new(Mutex::new(practice)))
    }

    /// As [`Practice::handle`].
    pub fn handle(&self, request: &HttpRequest, now: Timestamp) -> HttpResponse {
        self.lock().handle(request, now)
    }

    /// The same, for a request that brings what another server made, each in words.
    pub(super) fn handle_knowing(&self, request: &HttpRequest, foreign: &Foreign, now: Timestamp) -> HttpResponse {
        self.lock().handle_knowing(request, foreign, now)
    }

    /// What a value is here, in words; nothing where it means nothing here.
    pub(super) fn claims(&self, value: &str) -> Option<String> {
        self.lock().claims(value)
    }

    /// Its issuer, where it has signed this token.
    pub(super) fn has_signed(&self, token: &str) -> Option<String> {
        let practice = self.lock();
        practice.keys.verified(token).map(|_| practice.config.issuer_text().to_owned())
    }

    /// Whether both are on one server.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// As [`Practice::issuer`].
    pub fn issuer(&self) -> Url {
        self.lock().config.issuer.clone()
    }

    /// As [`Practice::take_delay`].
    pub fn take_delay(&self) -> Duration {
        self.lock().take_delay()
    }

    /// As [`Practice::take_cut`].
    pub fn take_cut(&self) -> bool {
        self.lock().take_cut()
    }

    /// As [`Practice::wanted_document`].
    pub fn wanted_document(&self, request: &HttpRequest, now: Timestamp) -> Option<WantedDocument> {
        self.lock().wanted_document(request, now)
    }

    /// As [`Practice::take_document`].
    pub fn take_document(&self, wanted: &WantedDocument, came: Result<HttpResponse, String>, now: Timestamp) {
        self.lock().take_document(wanted, came, now);
    }

    /// As [`Practice::take_notifications`].
    pub fn take_notifications(&self) -> Vec<HttpRequest> {
        self.lock().take_notifications()
    }

    /// As [`Practice::notified`].
    pub fn notified(&self, request: &HttpRequest, came: &Result<u16, String>, now: Timestamp) -> bool {
        self.lock().notified(request, came, now)
    }

    /// As [`Practice::certificates`].
    pub fn certificates(&self) -> Option<Certificates> {
        self.lock().certificates().cloned()
    }

    /// As [`Practice::set`].
    pub fn set(&self, fault: Fault, is_on: bool) {
        self.lock().set(fault, is_on);
    }

    /// As [`Practice::faults`].
    pub fn faults(&self) -> Faults {
        self.lock().faults().clone()
    }

    /// As [`Practice::log`].
    pub fn log(&self) -> Vec<Arc<Entry>> {
        self.lock().log()
    }

    /// As [`Practice::last_entry`].
    pub fn last_entry(&self) -> Option<Arc<Entry>> {
        self.lock().last_entry()
    }

    /// As [`Practice::clear_log`].
    pub fn clear_log(&self) {
        self.lock().clear_log();
    }

    /// As [`Practice::requests`].
    pub fn requests(&self) -> u64 {
        self.lock().requests()
    }

    /// Adds an entry to the faults that are on.
    pub fn add_fault(&self, entry: FaultEntry) {
        self.lock().faults.add(entry);
    }

    /// Signs this user in next, without a page; they wait in order.
    pub fn next_user(&self, sub: &str) {
        self.lock().next_users.push_back(sub.to_owned());
    }

    /// A JWT over any claims with the key in use.
    ///
    /// # Errors
    /// When the cryptographic library refuses.
    pub fn sign(&self, claims: &Value) -> Result<String, KeyError> {
        let practice = self.lock();
        let typ = Map::from_iter([("typ".to_owned(), Value::from("JWT"))]);
        practice.keys.of_alg(None).ok_or(KeyError::NotPrivate("no key"))?.sign(&typ, claims)
    }

    /// Signs with a new key from now on; that before stays published. Its name.
    ///
    /// # Errors
    /// When the cryptographic library refuses.
    pub fn rotate_keys(&self) -> Result<String, KeyError> {
        let Practice { keys, entropy, .. } = &mut *self.lock();
        keys.rotate(None, entropy)
    }

    /// Moves its clock on: what has not expired by then may have.
    pub fn advance(&self, by: Duration) {
        self.lock().move_clock(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
    }

    /// Changes what it is configured with: clients, users, rules and lifetimes.
    pub fn configure(&self, change: impl FnOnce(&mut Config)) {
        change(&mut self.lock().config);
    }

    /// As [`Practice::set_clock`].
    pub fn set_clock(&self, to: Timestamp, now: Timestamp) {
        self.lock().set_clock(to, now);
    }

    /// The profile that it enforces.
    pub fn profile(&self) -> Option<Profile> {
        self.lock().config.profile
    }

    /// Registered clients.
    pub fn clients(&self) -> Vec<Client> {
        self.lock().config.clients.clone()
    }

    /// Those that anyone may sign in as.
    pub fn users(&self) -> Vec<User> {
        self.lock().config.users.clone()
    }

    /// As [`Practice::tokens`].
    pub fn tokens(&self, now: Timestamp) -> Vec<TokenInForce> {
        self.lock().tokens(now)
    }

    /// As [`Practice::sessions`].
    pub fn sessions(&self, now: Timestamp) -> Vec<Session> {
        self.lock().sessions(now)
    }

    /// As [`Practice::end`].
    pub fn end(&self, id: &str) -> bool {
        self.lock().end(id)
    }

    /// As [`Practice::end_all`].
    pub fn end_all(&self) {
        self.lock().end_all();
    }

    /// A server that panicked once may still answer the next request.
    pub(super) fn lock(&self) -> MutexGuard<'_, Practice> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
