//! What this program draws and binds for a run: nothing of it came from anybody else.

use url::Url;

use crate::base::entropy::Entropy;
use crate::base::secret::Secret;
use crate::client::dpop;
use crate::client::endpoint::authorization::Drawn;
use crate::client::settings::Settings;
use crate::jose::drawn;

/// Random values and the listener of a run.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Random values of the present transaction.
    pub drawn: Option<Drawn>,
    /// What a ping has to show, in ping mode (CIBA section 7.1).
    pub notification_token: Option<Secret>,
    /// `state` of the logout request.
    pub logout_state: Option<String>,
    /// The private key of the run's DPoP proofs, as JWK, unless the settings have one.
    pub dpop_key: Option<Secret>,
    /// Another one, which no token is bound to.
    pub other_dpop_key: Option<Secret>,
    /// What is listened at on this machine: a redirect URI, a notification endpoint or a post-logout redirect URI.
    pub listening_at: Option<Url>,
    /// What is bound beside it, for servers that come by themselves.
    pub offered_at: Vec<Url>,
    /// What this run has registered of it: a later try listens there again.
    pub registered_at: Option<Url>,
}

impl Own {
    /// Draws the values of a transaction, once.
    pub(super) fn draw(&mut self, entropy: &mut Entropy) {
        if self.drawn.is_none() {
            self.drawn =
                Some(Drawn { state: entropy.token(), nonce: entropy.token(), code_verifier: entropy.token().into() });
        }
    }

    /// Draws what a ping has to show, once.
    pub(super) fn draw_notification(&mut self, entropy: &mut Entropy) {
        self.notification_token.get_or_insert_with(|| entropy.token().into());
    }

    /// Draws the state of a logout, once.
    pub(super) fn draw_logout(&mut self, entropy: &mut Entropy) {
        self.logout_state.get_or_insert_with(|| entropy.token());
    }

    /// Draws the key of proofs, once a run, where there are proofs and none is chosen: for an algorithm of those that the
    /// server lists (RFC 9449 section 5.1).
    pub(super) fn draw_dpop_key(&mut self, settings: &Settings, listed: Option<&[&str]>, entropy: &mut Entropy) {
        let is_wanted = settings.protection.dpop_bound_access_tokens && settings.protection.dpop_private_key.is_empty();
        if self.dpop_key.is_none() && is_wanted {
            self.dpop_key = drawn::key(dpop::drawn_alg(listed), entropy).map(|key| key.private_jwk());
        }
    }

    /// Draws another key than that of proofs, once a run, for the same algorithm.
    pub(super) fn draw_other_key(&mut self, settings: &Settings, entropy: &mut Entropy) {
        if self.other_dpop_key.is_none() {
            let alg = self.proof_key(settings).and_then(dpop::alg_of);
            let key = drawn::key(alg.as_deref().unwrap_or(dpop::drawn_alg(None)), entropy);
            self.other_dpop_key = key.map(|key| key.private_jwk());
        }
    }

    /// The private key of proofs: the chosen one, else the run's own.
    pub fn proof_key<'a>(&'a self, settings: &'a Settings) -> Option<&'a Secret> {
        let chosen = Some(&settings.protection.dpop_private_key).filter(|key| !key.is_empty());
        chosen.or(self.dpop_key.as_ref())
    }

    /// What nobody but this program may see.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let drawn = self.drawn.iter().map(|drawn| &drawn.code_verifier);
        drawn.chain(&self.notification_token).chain(&self.dpop_key).chain(&self.other_dpop_key)
    }
}
