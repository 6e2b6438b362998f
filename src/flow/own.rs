//! What this program draws and binds for a run: nothing of it came from anybody else.

use url::Url;

use crate::base::entropy::Entropy;
use crate::base::secret::Secret;
use crate::client::endpoint::authorization::Drawn;

/// Random values and the listener of a run.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Random values of the present transaction.
    pub drawn: Option<Drawn>,
    /// What a ping has to show, in ping mode (CIBA section 7.1).
    pub notification_token: Option<Secret>,
    /// `state` of the logout request.
    pub logout_state: Option<String>,
    /// What is listened at on this machine: a redirect URI, a notification endpoint or a post-logout redirect URI.
    pub listening_at: Option<Url>,
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

    /// What nobody but this program may see.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.drawn.iter().map(|drawn| &drawn.code_verifier).chain(&self.notification_token)
    }
}
