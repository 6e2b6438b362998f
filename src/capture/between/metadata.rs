//! Metadata as they hold here: endpoints lead here, and the issuer is called as its mode has it.

use std::collections::BTreeMap;

use url::Url;

use super::Between;
use crate::base::json::Json;
use crate::base::text::elided;
use crate::capture::exchange::origin;

/// Longest list of names in a note, in characters.
const NAMES: usize = 300;

impl Between {
    /// Metadata (RFC 8414 section 2) that lead here, those of mutual TLS too (RFC 8705 section 5).
    pub(super) fn metadata(&mut self, members: &mut Vec<(String, Json)>) {
        self.refuse_to_mint(members);
        self.compare_issuer(members);
        if self.mint.is_some() {
            // It would say another issuer, and is signed.
            members.retain(|(name, _)| name != "signed_metadata");
        }
        self.note_elsewhere(members);
        for (name, value) in members {
            match value {
                Json::String(_) if name == "issuer" && self.mint.is_none() => {}
                Json::Object(aliases) if name == "mtls_endpoint_aliases" => self.aliases(aliases),
                value => self.member(value),
            }
        }
    }

    /// Signs nothing anew where the keys that it is verified with are read from another server: none of here is there.
    fn refuse_to_mint(&mut self, members: &[(String, Json)]) {
        let keys = members.iter().find(|(name, _)| name == "jwks_uri").and_then(|(_, uri)| uri.as_str());
        let elsewhere = keys.filter(|uri| self.names.homeward(uri).is_none()).and_then(|uri| Url::parse(uri).ok());
        if let (Some(uri), true) = (elsewhere, self.mint.is_some()) {
            self.mint = None;
            self.note(format!(
                "jwks_uri is at {}, so no client would find a key of this session: nothing is signed anew, and the \
                 issuer stays the provider's.",
                origin(&uri)
            ));
        }
    }

    /// Says where the issuer is not written as it was given: clients compare the texts (OIDC Discovery section 4.3), and a
    /// slash at the end is enough.
    fn compare_issuer(&mut self, members: &[(String, Json)]) {
        let written = members.iter().find(|(name, _)| name == "issuer").and_then(|(_, issuer)| issuer.as_str());
        let Some(written) = written else { return };
        if self.names.homeward(written).as_deref() != Some(self.issuer.as_str()) {
            let given = self.names.outward(&self.issuer).unwrap_or_default();
            self.note(format!(
                "The provider writes its issuer as {written}, and this was started for {given}: a client that compares them \
                 refuses the metadata. Start this with {written}."
            ));
        }
    }

    fn aliases(&mut self, aliases: &mut [(String, Json)]) {
        for (_, alias) in aliases {
            let Json::String(text) = alias else { continue };
            match self.names.homeward(text) {
                Some(here) => *text = here,
                None => {
                    self.note("The endpoints for mutual TLS are at another address, and do not pass here.".to_owned());
                }
            }
        }
    }

    /// Says which endpoints are at other origins, all of one origin at once.
    fn note_elsewhere(&mut self, members: &[(String, Json)]) {
        let mut elsewhere = BTreeMap::<String, Vec<&str>>::new();
        for (name, value) in members.iter().filter(|(name, _)| is_endpoint(name)) {
            let url = value.as_str().filter(|url| self.names.homeward(url).is_none());
            if let Some(url) = url.and_then(|url| Url::parse(url).ok()) {
                elsewhere.entry(origin(&url)).or_default().push(name);
            }
        }
        for (there, names) in elsewhere {
            let are = if names.len() == 1 { "is" } else { "are" };
            let (names, theirs) = (elided(&names.join(", "), NAMES).into_owned(), &self.names.theirs);
            self.note(format!("{names} {are} at {there} and not at {theirs}: what goes there does not pass here."));
        }
    }

    fn member(&self, value: &mut Json) {
        let Json::String(text) = value else { return };
        if let Some(here) = self.names.homeward(text) {
            *text = here;
        }
    }
}

/// Whether a member of metadata is an address that client or browser go to.
pub(super) fn is_endpoint(name: &str) -> bool {
    name.ends_with("_endpoint") || name == "jwks_uri"
}
