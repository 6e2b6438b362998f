//! What of a run is elsewhere: claims that have to be fetched, and tokens of a server that the run has left.

use super::{Session, Tokens};
use crate::base::json::Json;
use crate::client::endpoint::claim_sources;
use crate::client::endpoint::id_jag::IdJag;
use crate::client::settings::Settings;

impl Session {
    /// Tokens of the server that the run is at.
    pub(in crate::flow) fn here(&self) -> &[Tokens] {
        self.tokens.get(self.elsewhere..).unwrap_or_default()
    }

    /// Keeps a grant for another server, where the run goes on.
    pub(in crate::flow) fn go_on_with(&mut self, grant: IdJag) {
        self.id_jag = Some(grant);
        self.elsewhere = self.tokens.len();
    }

    /// What claims are held against that another vouches for.
    pub(in crate::flow) fn of_sources<'a>(&'a self, settings: &'a Settings) -> claim_sources::Expected<'a> {
        claim_sources::Expected { issuer: self.issuer(settings), jwks: self.jwks.as_ref(), sub: self.sub_here() }
    }

    /// Keeps where the claims of a document are that have to be fetched. A newer document has newer tokens for them.
    pub(in crate::flow) fn learn_sources(&mut self, document: &Json) {
        for source in claim_sources::distributed(document) {
            self.sources.retain(|known| (&known.name, &known.endpoint) != (&source.name, &source.endpoint));
            self.sources.push(source);
        }
    }
}
