//! What is put on the request that is about to leave: looked at, changed, or put on before its time.

use std::sync::LazyLock;

use super::stage::Stage;
use super::{Action, Flow, Phase, Ready};
use crate::base::http::HttpRequest;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::client::authentication::Caller;
use crate::client::dpop::{self, Proving};
use crate::client::seal::{Draft, Outline, SealEdits, Sealing};
use crate::terms::metadata::Endpoint;

/// Changes to what is signed in the requests of a stage.
#[derive(Clone, Debug, Default)]
pub(super) struct Sealed {
    /// For the first request in which something of these names is signed.
    pub(super) wanted: SealEdits,
    /// Index of the stage they are for, once they have met it.
    pub(super) position: Option<usize>,
}

impl Ready {
    /// The request in it, with what is put on it.
    pub(super) fn draft(&self) -> Option<Draft> {
        match &self.action {
            Action::Send(message) | Action::Browse(message, _) => {
                Some(Draft { message: message.clone(), seals: self.seals.clone() })
            }
            _ => None,
        }
    }
}

impl Flow {
    /// Not before the metadata are there, where they are fetched: they say what the server takes.
    pub(super) fn draw_dpop_key(&mut self) {
        if !self.stages[self.at..].contains(&Stage::Discovery) {
            let listed = dpop::listed_algs(self.session.metadata.as_ref());
            self.own.draw_dpop_key(&self.settings, listed.as_deref(), &mut self.entropy);
        }
    }

    /// Names for the JWTs of one request.
    fn draw_names(&mut self) -> [String; 3] {
        std::array::from_fn(|_| self.entropy.token())
    }

    /// What seals are made with. `names` are those of the JWTs in them.
    pub(super) fn sealing(&self, now: Timestamp, names: [String; 3]) -> Sealing<'_> {
        let [jti, jti_of_user, jti_of_proof] = names;
        let caller = Caller {
            settings: &self.settings,
            issuer: self.session.issuer(&self.settings),
            token_endpoint: self.settings.endpoint(Endpoint::Token, self.session.metadata.as_ref()),
            called: None,
            now,
            jti,
            finished: self.finished_assertion(),
        };
        let key = match self.stage() {
            Some(Stage::OtherKey) => self.own.other_dpop_key.as_ref(),
            _ => self.own.proof_key(&self.settings),
        };
        let proving = Proving { key, nonces: &self.session.proofs.nonces, jti: jti_of_proof };
        Sealing { caller, jti_of_user, proving, edits: self.edits_of_seals() }
    }

    /// What somebody else has signed to say who the client is: filled in, or fetched.
    fn finished_assertion(&self) -> Option<&Secret> {
        let filled_in = Some(&self.settings.client.client_assertion).filter(|assertion| !assertion.is_empty());
        filled_in.or(self.session.client_assertion.as_ref())
    }

    /// Names for what is signed in this request, never used before; the browser's has something to sign at times.
    pub(super) fn names_for(&mut self, action: &Action, draft: &Draft) -> [String; 3] {
        match action {
            Action::Browse(..) if draft.seals.is_empty() => Default::default(),
            _ => self.draw_names(),
        }
    }

    /// The changes that are for the present stage, or would be for the first that signs something.
    fn edits_of_seals(&self) -> &SealEdits {
        static NONE: LazyLock<SealEdits> = LazyLock::new(SealEdits::default);

        let is_here = self.seal_edits.position.is_none_or(|position| position == self.at);
        if is_here { &self.seal_edits.wanted } else { &NONE }
    }

    /// Changes to what is signed belong to the first request in which it is, and to those that are sent in its place.
    pub(super) fn seals_were_put_on(&mut self, draft: &Draft) {
        let names = draft.outline(&self.sealing(Timestamp::default(), Default::default()));
        let is_meant = |outline: &Outline| self.seal_edits.wanted.of(outline.name).is_some_and(|it| !it.is_empty());
        if self.seal_edits.position.is_none() && names.iter().any(is_meant) {
            self.seal_edits.position = Some(self.at);
        }
    }

    /// What the seals of the request that is about to leave will add, as of now.
    pub fn seals(&self, now: Timestamp) -> Vec<Outline> {
        let Phase::Ready(ready) = &self.phase else { return Vec::new() };
        let Some(draft) = ready.draft() else { return Vec::new() };
        draft.outline(&self.sealing(now, ["a new one"; 3].map(str::to_owned)))
    }

    /// The request that is about to leave as it would leave now.
    pub fn sealed(&self, now: Timestamp) -> Option<HttpRequest> {
        let Phase::Ready(ready) = &self.phase else { return None };
        ready.draft()?.leave(&self.sealing(now, Default::default())).ok()
    }

    /// Puts the seals on now, so that their bytes can be edited like the rest. What the TLS handshake shows stays as it
    /// is. Nothing happens where a seal cannot be made.
    pub fn seal_now(&mut self, now: Timestamp) {
        let names = self.draw_names();
        let Phase::Ready(ready) = &self.phase else { return };
        let Some(draft) = ready.draft() else { return };
        let Ok(request) = draft.leave(&self.sealing(now, names)) else { return };
        let action = match &ready.action {
            Action::Browse(_, errand) => Action::Browse(request, *errand),
            _ => Action::Send(request),
        };
        self.phase = Phase::Ready(Ready { action, seals: Vec::new(), is_edited: true });
    }

    /// The changes to what the seals of the present request sign.
    pub fn seal_edits(&self) -> &SealEdits {
        self.edits_of_seals()
    }

    /// Changes what is signed in the present request, or else in the first that signs something of these names.
    pub fn edit_seals(&mut self, edits: SealEdits) {
        let has_request = matches!(&self.phase, Phase::Ready(ready) if !ready.seals.is_empty());
        self.seal_edits = Sealed { wanted: edits, position: has_request.then_some(self.at) };
    }
}
