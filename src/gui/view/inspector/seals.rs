//! What is put on a request when it leaves: a row each, with the claims of what will be signed, which can be changed
//! before that.

use egui::Ui;
use serde_json::Value;

use super::super::Commands;
use crate::base::text::visible;
use crate::client::seal::{ClaimEdits, Outline, SealEdits};
use crate::gui::command::Command;
use crate::gui::language::{said, t, words};
use crate::gui::model::Model;
use crate::gui::theme::{icons, size, text};
use crate::gui::widgets::{Button, Pairs, Param, ParamsTable};

const SEAL_NOW: &str =
    words!("Makes what is signed now and shows it, so that its very bytes can be changed. Its times then run");

/// The seals of the request that is about to leave; nothing for one without.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let outlines = &model.run.preview.seals;
    if outlines.is_empty() {
        return;
    }
    ui.label(text::note(t!("Added when it leaves")));
    let rows: Vec<(&str, String)> =
        outlines.iter().map(|outline| (outline.name, visible(&outline.says).into_owned())).collect();
    let rows: Vec<Param<'_>> = rows.iter().map(|(name, says)| Param::new(name, says, t!("a seal"))).collect();
    ParamsTable::new(&rows).show(ui);
    for outline in outlines {
        claims(ui, model, outline, out);
    }
    ui.add_space(4.0);
    let button = Button::secondary(t!("Seal now, then change")).icon(icons::PENCIL_SIMPLE).small();
    if ui.add(button).on_hover_text(said(SEAL_NOW)).clicked() {
        out.push(Command::SealNow);
    }
    ui.add_space(size::SPACE);
}

/// The claims that this seal will sign, to be changed before it does.
fn claims(ui: &mut Ui, model: &Model, outline: &Outline, out: &mut Commands) {
    let Some(claims) = &outline.claims else { return };
    let edits = model.run.flow.seal_edits();
    let changed = edits.of(outline.name).cloned().unwrap_or_default();
    ui.add_space(size::SPACE);
    ui.label(text::note(t!("Claims of {name}", name = outline.name)));
    let shown: Vec<(String, String)> = claims.iter().map(|(name, value)| (name.clone(), typed(value))).collect();
    let mut edited = shown.clone();
    let note = |name: &str| origin(name, &changed).to_owned();
    ui.push_id(outline.name, |ui| Pairs::new(t!("claim")).message(&note, &|_, _| None).show(ui, &mut edited));
    if edited != shown {
        push(edits, outline.name, with(changed, &shown, &edited), out);
    } else if !changed.is_empty() && ui.add(Button::quiet(t!("Take the usual claims")).small()).clicked() {
        push(edits, outline.name, ClaimEdits::default(), out);
    }
}

fn push(edits: &SealEdits, name: &str, claims: ClaimEdits, out: &mut Commands) {
    let mut edits = edits.clone();
    if let Some(slot) = edits.of_mut(name) {
        *slot = claims;
        out.push(Command::EditSeals(Box::new(edits)));
    }
}

/// Where the value of a claim comes from.
fn origin(name: &str, changed: &ClaimEdits) -> &'static str {
    match name {
        _ if changed.set.contains_key(name) => t!("changed by hand"),
        "iat" | "exp" => t!("the time when it leaves"),
        "jti" => t!("drawn when it leaves"),
        "htm" | "htu" => t!("the request itself"),
        "ath" => t!("the hash of the access token"),
        "nonce" => t!("given by this server"),
        _ => t!("from the settings"),
    }
}

/// A claim as it is typed: a text as it is, everything else as JSON.
fn typed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The changes, with what was changed between these two.
fn with(mut changes: ClaimEdits, before: &[(String, String)], after: &[(String, String)]) -> ClaimEdits {
    for (name, _) in before.iter().filter(|(name, _)| after.iter().all(|(left, _)| left != name)) {
        changes.omit(name);
    }
    for (name, value) in after.iter().filter(|pair| !before.contains(pair)) {
        changes.set(name, value);
    }
    changes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_was_changed_is_set_or_left_out() {
        let pairs = |list: &[(&str, &str)]| {
            list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
        };
        let before = pairs(&[("aud", "a"), ("jti", "a new one"), ("exp", "60")]);
        let after = pairs(&[("aud", "b"), ("exp", "60"), ("", "")]);
        let changes = with(ClaimEdits::default(), &before, &after);
        assert_eq!(changes.set.get("aud"), Some(&json!("b")));
        assert!(changes.omit.contains("jti") && !changes.set.contains_key("exp"));
    }
}
