//! Runs on the practice server of an earlier session, led to the one that runs now.

use url::Url;

use crate::base::http::is_loopback;
use crate::client::settings::{FIELDS, Settings, Slot};
use crate::gui::model::Model;
use crate::preset::{self, Preset};

/// A run of this provider on the practice server of an earlier session asks the one that runs now, which may have had to
/// take another port.
pub fn lead_home(model: &Model, provider: &str, settings: &mut Settings) {
    let old =
        Url::parse(&settings.server.issuer).ok().filter(is_loopback).map(|url| url.origin().ascii_serialization());
    let new = model.practice.as_ref().map(|issuer| issuer.origin().ascii_serialization());
    let (Some(old), Ok(new)) = (old, new) else { return };
    if old == new || !is_practice(provider) {
        return;
    }
    let lead = |text: &mut String| {
        let rest = text.strip_prefix(&old).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
        if let Some(rest) = rest {
            *text = format!("{new}{rest}");
        }
    };
    for field in FIELDS {
        if let Slot::Text(text) = (field.slot)(settings) {
            lead(text);
        }
    }
    settings.server.endpoints.values_mut().for_each(lead);
}

/// Whether this is the name of the preset of the practice server.
fn is_practice(provider: &str) -> bool {
    let read = preset::find(preset::PRACTICE).and_then(|text| Preset::parse(text).ok());
    read.is_some_and(|(preset, _)| preset.name == provider)
}
