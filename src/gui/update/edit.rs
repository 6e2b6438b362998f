//! What is typed into the settings and into the request that is about to leave.

use super::driver::Driver;
use crate::client::seal::SealEdits;
use crate::client::settings::Settings;
use crate::demo;
use crate::gui::backend::Backend;
use crate::gui::draft::{Edits, RequestDraft};
use crate::gui::model::Model;

/// New settings: what has not left yet is made anew, unless it was edited by hand.
pub fn edit_settings(model: &mut Model, backend: &mut dyn Backend, settings: Settings) {
    super::preset::guard_secret(model, &settings.client.client_secret);
    let settings = equipped(model, settings);
    Driver::of(model, backend).set_settings(settings);
}

/// The same with what the choices in them need on the practice server.
pub fn equipped(model: &Model, mut settings: Settings) -> Settings {
    let (old, new) = (&model.run.flow.settings.client, &settings.client);
    let chose = old.token_endpoint_auth_method != new.token_endpoint_auth_method
        || old.backchannel_token_delivery_mode != new.backchannel_token_delivery_mode
        || demo::wants(&model.run.flow.settings) != demo::wants(&settings);
    if chose && old.client_id == new.client_id {
        model.equip_client(&mut settings, model.run.flow.grant);
    }
    settings
}

/// Puts what was typed in its place into the setting that is missing.
pub fn fill_in(model: &mut Model, backend: &mut dyn Backend, name: &str) {
    let mut settings = model.run.flow.settings.clone();
    // What is typed is asked for again where the setting does not take it.
    if settings.set(name, std::mem::take(&mut model.run.filling).expose()).is_ok() {
        edit_settings(model, backend, settings);
    }
}

impl Driver<'_> {
    fn set_settings(&mut self, settings: Settings) {
        if self.run.flow.is_recorded() {
            return;
        }
        self.run.flow.settings = settings;
        if self.run.running.is_some() || self.run.flow.is_edited() {
            return;
        }
        self.run.flow.reprepare();
        self.refresh();
    }

    /// New text of the request that is about to leave.
    pub fn edit_draft(&mut self, draft: RequestDraft) {
        self.remember_edits(&draft);
        let Some(request) = self.run.flow.edit() else { return };
        match draft.to_request(request) {
            Ok(edited) => {
                *request = edited;
                self.run.draft_error = None;
            }
            Err(error) => self.run.draft_error = Some(error),
        }
        self.run.draft = Some(draft);
        self.run.next = self.run.flow.poll(self.now);
    }

    fn remember_edits(&mut self, typed: &RequestDraft) {
        let is_first = !self.run.flow.is_edited();
        match (&mut self.run.edits, &self.run.draft) {
            (Some(edits), _) if !is_first => edits.typed = typed.clone(),
            (edits, Some(made)) => {
                let (position, made) = (self.run.flow.position(), made.clone());
                *edits = Some(Edits { position, made, typed: typed.clone(), again: false });
            }
            (_, None) => {}
        }
    }

    /// Drops the edits, those of what is signed too.
    pub fn reset_draft(&mut self) {
        self.run.edits = None;
        self.run.flow.edit_seals(SealEdits::default());
        self.run.flow.reprepare();
        self.run.draft_error = None;
        self.refresh();
    }

    /// Other claims in what is signed when the request leaves.
    pub fn edit_seals(&mut self, edits: SealEdits) {
        self.run.flow.edit_seals(edits);
    }

    /// The seals are put on now and become text like the rest.
    pub fn seal_now(&mut self) {
        let made = self.run.draft.clone();
        self.run.flow.seal_now(self.now);
        let Some(sealed) = self.run.flow.request().map(RequestDraft::of) else { return };
        let position = self.run.flow.position();
        // What was sealed is not put into the next request: that gets seals of its own.
        self.run.edits = made.map(|made| Edits { position, typed: made.clone(), made, again: false });
        self.run.draft = Some(sealed);
        self.run.next = self.run.flow.poll(self.now);
    }

    /// Has the edits of this stage's request go into the next one that is made for it.
    pub fn keep_edits(&mut self) {
        let position = self.run.flow.position();
        if let Some(edits) = &mut self.run.edits {
            edits.again = edits.position == position;
        }
    }

    /// Puts kept edits into the request that was made anew.
    pub fn edit_again(&mut self) {
        let (Some(fresh), Some(edits)) = (&self.run.draft, &mut self.run.edits) else { return };
        if !std::mem::take(&mut edits.again) {
            return;
        }
        let edited = edits.on(fresh);
        if edited != *fresh {
            self.edit_draft(edited);
        }
    }
}
