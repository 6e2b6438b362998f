//! The document of an app that nobody has registered: its client_id is the address of what it says of itself
//! (draft-ietf-oauth-client-id-metadata-document). A lesson publishes it, and judges it where a server has fetched it.

use crate::base::check::Check;
use crate::base::http::{HttpResponse, JSON};
use crate::base::json::Json;
use crate::client::client_document::{accept, judge_url, make};
use crate::client::endpoint::registration::MetadataError;
use crate::client::settings::Settings;
use crate::terms::grant::Grant;

/// Where the documents of lessons are.
pub const HOST: &str = "app.example";

/// A document at its address.
#[derive(Clone, Debug)]
pub struct Document {
    client_id: String,
    text: String,
}

impl Document {
    /// That of an app with these settings, with some members in the place of its own. None of an app whose client_id is no
    /// address.
    ///
    /// # Errors
    /// When the settings make no document.
    pub fn of(settings: &Settings, grant: Grant, members: &[(String, Json)]) -> Result<Option<Self>, MetadataError> {
        let client_id = &settings.client.client_id;
        if !client_id.starts_with(&format!("https://{HOST}/")) {
            return Ok(None);
        }
        let made = make(client_id, settings, grant)?;
        let is_own = |name: &String| !members.iter().any(|(other, _)| other == name);
        let own = made.members().iter().filter(|(name, _)| is_own(name));
        let text = Json::Object(own.chain(members).cloned().collect()).pretty();
        Ok(Some(Self { client_id: client_id.clone(), text }))
    }

    /// Whether it is at this address.
    pub fn is_at(&self, address: &str) -> bool {
        self.client_id == address
    }

    /// What comes to who fetches it.
    pub fn answer(&self) -> HttpResponse {
        HttpResponse::new(200, JSON, self.text.as_str())
    }

    /// What a server holds it to.
    pub fn judge(&self) -> Vec<Check> {
        let (_, checks) = accept(&self.client_id, &self.answer());
        judge_url(&self.client_id).into_iter().chain(checks).collect()
    }
}
