//! Signatures that are judged when the keys of the server have been fetched anew: keys rotate (OIDC Core section 10.1.1).

use super::{KEYS_ANEW, Session};
use crate::base::check::{Check, Rule, Verdict};
use crate::base::json::Json;
use crate::client::endpoint::claim_sources;
use crate::client::settings::Settings;
use crate::client::{renewal, rules};
use crate::jose::jwt::Decoded;
use crate::jose::verify::verify;
use crate::terms::metadata::Endpoint;

/// What is judged with them of answers that are signed.
const OF_ANSWERS: [&Rule; 3] =
    [&rules::jarm::SIGNATURE, &rules::resource::USERINFO_SIGNATURE, &rules::management::SIGNED_BY_SERVER];

/// A signature that is judged when the keys have been fetched anew, by the rule of its message.
#[derive(Clone, Debug)]
pub struct Unjudged {
    /// What is signed.
    pub token: Decoded,
    /// The rule of its signature.
    pub rule: &'static Rule,
}

impl Session {
    /// Leaves the signature of an answer open where the keys of the server may have changed since they were fetched, and
    /// nothing else forbids to use it.
    pub(in crate::flow) fn put_off(&mut self, token: impl FnOnce() -> Decoded, checks: &mut [Check]) {
        let is_alone =
            checks.iter().filter(|check| check.rejects().is_some()).all(|check| OF_ANSWERS.contains(&check.rule));
        let is_open = |check: &&mut Check| check.verdict != Verdict::Pass && OF_ANSWERS.contains(&check.rule);
        let Some(judged) = checks.iter_mut().find(is_open).filter(|_| is_alone) else { return };
        let token = token();
        if self.lacks_key_of(&token) {
            *judged = judged.rule.skipped(KEYS_ANEW);
            self.unjudged.push(Unjudged { token, rule: judged.rule });
        }
    }

    /// The same for tokens that name a key which is not known, so that their signatures are not judged.
    pub(in crate::flow) fn put_off_unknown(&mut self, rule: &'static Rule, tokens: impl IntoIterator<Item = Decoded>) {
        for token in tokens {
            if self.may_get_key_of(&token) {
                self.unjudged.push(Unjudged { token, rule });
            }
        }
    }

    /// Whether a token names a key that is not known, and may be by now.
    pub(in crate::flow) fn may_get_key_of(&self, token: &Decoded) -> bool {
        renewal::names_unknown_key(token, self.jwks.as_ref()) && self.lacks_key_of(token)
    }

    /// The same for the claims in a document that the server of the run vouches for.
    pub(in crate::flow) fn put_off_sources(&mut self, settings: &Settings, document: &Json) {
        let tokens = claim_sources::vouched(document, self.of_sources(settings));
        self.put_off_unknown(&rules::claim_sources::SIGNATURE, tokens);
    }

    /// Whether anything waits for the keys.
    pub(in crate::flow) fn has_put_off(&self) -> bool {
        self.has_unjudged_metadata || !self.unjudged.is_empty()
    }

    /// Forgets what waited: it is judged when the keys come, and by no later request.
    pub(in crate::flow) fn forget_put_off(&mut self) {
        self.unjudged.clear();
        self.has_unjudged_metadata = false;
    }

    /// Judges the signatures that waited for the keys.
    pub(in crate::flow) fn judge_put_off(&self) -> Vec<Check> {
        let Some(jwks) = &self.jwks else { return Vec::new() };
        let judge = |Unjudged { token, rule }: &Unjudged| match verify(token, &jwks.keys).verified() {
            Some(attempt) => rule.pass(format!("verified with {}", attempt.key)),
            None => rule.broken("a key of the server", "no key of it fits, although the keys were asked for anew"),
        };
        self.unjudged.iter().map(judge).collect()
    }

    /// Whether a key for this token may have come since the set was fetched. That the server has another one under the
    /// same name is believed once in a run.
    pub(super) fn lacks_key_of(&self, token: &Decoded) -> bool {
        let publishes = || self.metadata.as_ref().is_some_and(|metadata| metadata.endpoint(Endpoint::Jwks).is_some());
        // Where nobody expected an ID token, the keys have not been fetched at all.
        let may_come = self.jwks.is_some() || !self.has_asked_for_keys && publishes();
        let jwks = self.jwks.as_ref();
        let has_changed = || !self.judges_at_once && renewal::may_have_changed_key(token, jwks);
        may_come && (renewal::may_need_new_key(token, jwks) || has_changed())
    }
}
