//! What is typed into the settings and into the request that is about to leave.

use super::run::refresh;
use crate::client::seal::SealEdits;
use crate::client::settings::Settings;
use crate::gui::backend::Backend;
use crate::gui::draft::{Edits, RequestDraft};
use crate::gui::model::Model;

/// New settings: what has not left yet is made anew, unless it was edited by hand.
pub fn edit_settings(model: &mut Model, backend: &mut dyn Backend, settings: Settings) {
    super::preset::guard_secret(model, &settings.client.client_secret);
    let mut settings = settings;
    let (old, new) = (&model.flow.settings.client, &settings.client);
    let chose_method = old.token_endpoint_auth_method != new.token_endpoint_auth_method
        || old.backchannel_token_delivery_mode != new.backchannel_token_delivery_mode;
    if chose_method && old.client_id == new.client_id {
        model.equip_client(&mut settings, model.flow.grant);
    }
    model.flow.settings = settings;
    if model.running.is_some() || model.flow.is_edited() {
        return;
    }
    model.flow.reprepare();
    refresh(model, backend);
}

/// New text of the request that is about to leave.
pub fn edit_draft(model: &mut Model, draft: RequestDraft) {
    remember_edits(model, &draft);
    let Some(request) = model.flow.edit() else { return };
    match draft.to_request(request) {
        Ok(edited) => {
            *request = edited;
            model.draft_error = None;
        }
        Err(error) => model.draft_error = Some(error),
    }
    model.draft = Some(draft);
    model.next = model.flow.poll(model.now);
}

fn remember_edits(model: &mut Model, typed: &RequestDraft) {
    let is_first = !model.flow.is_edited();
    match (&mut model.edits, &model.draft) {
        (Some(edits), _) if !is_first => edits.typed = typed.clone(),
        (edits, Some(made)) => {
            let (position, made) = (model.flow.position(), made.clone());
            *edits = Some(Edits { position, made, typed: typed.clone(), again: false });
        }
        (_, None) => {}
    }
}

/// Drops the edits.
pub fn reset_draft(model: &mut Model, backend: &mut dyn Backend) {
    model.edits = None;
    model.flow.reprepare();
    model.draft_error = None;
    refresh(model, backend);
}

/// Other claims in what is signed when the request leaves.
pub fn edit_seals(model: &mut Model, edits: SealEdits) {
    model.flow.edit_seals(edits);
}

/// The seals are put on now and become text like the rest.
pub fn seal_now(model: &mut Model) {
    let made = model.draft.clone();
    model.flow.seal_now(model.now);
    let Some(sealed) = model.flow.request().map(RequestDraft::of) else { return };
    let position = model.flow.position();
    // What was sealed is not put into the next request: that gets seals of its own.
    model.edits = made.map(|made| Edits { position, typed: made.clone(), made, again: false });
    model.draft = Some(sealed);
    model.next = model.flow.poll(model.now);
}

/// Has the edits of this stage's request go into the next one that is made for it.
pub(super) fn keep_edits(model: &mut Model) {
    let position = model.flow.position();
    if let Some(edits) = &mut model.edits {
        edits.again = edits.position == position;
    }
}

/// Puts kept edits into the request that was made anew.
pub(super) fn edit_again(model: &mut Model) {
    let (Some(fresh), Some(edits)) = (&model.draft, &mut model.edits) else { return };
    if !std::mem::take(&mut edits.again) {
        return;
    }
    let edited = edits.on(fresh);
    if edited != *fresh {
        edit_draft(model, edited);
    }
}
