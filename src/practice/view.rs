//! What is in force: tokens and sign-ins, named so that they can be ended, and without a credential.

use super::Practice;
use super::store::Approval;
use crate::base::time::Timestamp;

/// A token that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInForce {
    /// To end it; it opens nothing.
    pub id: String,
    /// `access_token` or `refresh_token`.
    pub kind: &'static str,
    /// Who may use it.
    pub client_id: String,
    /// Whom it is about: a user, or the client itself.
    pub sub: String,
    /// For what.
    pub scope: String,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A browser in which somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// To end it; it opens nothing.
    pub id: String,
    /// Who.
    pub sub: String,
    /// Since when.
    pub auth_time: Timestamp,
    /// The authentication context class.
    pub acr: String,
    /// Clients that the user allowed something in it.
    pub clients: Vec<String>,
}

impl Practice {
    /// Tokens in force, the newest first.
    pub fn tokens(&self, now: Timestamp) -> Vec<TokenInForce> {
        let now = self.time(now);
        let mut tokens: Vec<TokenInForce> = self.access_tokens().chain(self.refresh_tokens()).collect();
        tokens.retain(|token| now < token.expires_at);
        tokens.sort_by(|a, b| (b.issued_at, a.kind, &a.id).cmp(&(a.issued_at, b.kind, &b.id)));
        tokens
    }

    fn access_tokens(&self) -> impl Iterator<Item = TokenInForce> {
        self.store.access_tokens.entries().filter_map(|(id, token)| {
            let approval = self.store.approvals.get(&token.approval)?;
            let (scope, times) = (&token.scope, (token.issued_at, token.expires_at));
            Some(in_force(id, "access_token", approval, scope, times))
        })
    }

    fn refresh_tokens(&self) -> impl Iterator<Item = TokenInForce> {
        let unused = self.store.refresh_tokens.entries().filter(|(_, token)| token.used_at.is_none());
        unused.filter_map(|(id, token)| {
            let approval = self.store.approvals.get(&token.approval)?;
            let times = (token.issued_at, approval.ends(&self.config));
            Some(in_force(id, "refresh_token", approval, &approval.scope, times))
        })
    }

    /// Who is signed in, the newest first.
    pub fn sessions(&self, now: Timestamp) -> Vec<Session> {
        let now = self.time(now);
        let signed_in = self.store.browsers.entries_at(now).filter_map(|(id, browser)| {
            let login = browser.login.as_ref()?;
            let own = browser.allowed.iter().filter(|allowed| allowed.sub == login.sub);
            Some(Session {
                id,
                sub: login.sub.clone(),
                auth_time: login.auth_time,
                acr: login.acr.clone(),
                clients: own.map(|allowed| allowed.client_id.clone()).collect(),
            })
        });
        let mut sessions: Vec<Session> = signed_in.collect();
        sessions.sort_by(|a, b| (b.auth_time, &a.id).cmp(&(a.auth_time, &b.id)));
        sessions
    }

    /// Ends a token or a session by its id, as revocation does: a refresh token takes its whole family along, an access
    /// token goes alone. `false` when there is nothing of this id.
    pub fn end(&mut self, id: &str) -> bool {
        if let Some(refresh_token) = self.store.refresh_tokens.entry(id) {
            return self.store.approvals.take(&refresh_token.approval).is_some();
        }
        self.store.access_tokens.take_entry(id).is_some() || self.store.browsers.take_entry(id).is_some()
    }

    /// Ends every token and every session, codes that were not redeemed included.
    pub fn end_all(&mut self) {
        self.end_tokens();
        self.store.browsers.clear();
    }

    /// Ends every token, codes that were not redeemed included.
    pub fn end_tokens(&mut self) {
        self.store.approvals.clear();
        self.store.access_tokens.clear();
    }
}

fn in_force(
    id: String,
    kind: &'static str,
    approval: &Approval,
    scope: &str,
    (issued_at, expires_at): (Timestamp, Timestamp),
) -> TokenInForce {
    let (client_id, sub, scope) = (approval.client_id.clone(), approval.sub.clone(), scope.to_owned());
    TokenInForce { id, kind, client_id, sub, scope, issued_at, expires_at }
}
