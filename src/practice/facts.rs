//! What tokens are asked for: by which client, about whom, for which scope and audience, and with which parameters.
//!
//! Only parameters that a rule asks about are kept, and of credentials a code alone, so that this stays small.

use super::fault::Fault;
use super::fields::Fields;
use super::rules::{ClaimRule, is_hidden};
use super::token::Issue;
use super::{Practice, token};
use crate::base::params::Params;
use crate::terms::scope::words;

/// What is known of one request for tokens.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Who gets them.
    pub client_id: String,
    /// Whom they are about.
    pub sub: String,
    /// What was granted.
    pub scope: String,
    /// Where the access token is to be used.
    pub audience: Vec<String>,
    /// Parameters of the requests, the last one first.
    pub params: Params,
}

impl Facts {
    /// Every value of this name.
    pub fn values<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        match name {
            "client_id" => vec![&self.client_id],
            "sub" => vec![&self.sub],
            "scope" => words(&self.scope).collect(),
            "audience" | "resource" => self.audience.iter().map(String::as_str).collect(),
            _ => self.params.all(name).collect(),
        }
    }

    /// The value that stands for this name in a text; nothing where there is none.
    pub fn text(&self, name: &str) -> String {
        match name {
            "scope" | "audience" | "resource" => self.values(name).join(" "),
            _ => self.values(name).first().copied().unwrap_or_default().to_owned(),
        }
    }
}

/// The parameters of a request that some rule asks about.
pub fn asked(rules: &[ClaimRule], fields: &Fields) -> Params {
    let mut asked = Params::new();
    for name in rules.iter().flat_map(ClaimRule::names).filter(|name| !is_hidden(name)) {
        if !asked.contains(name) {
            fields.all(name).for_each(|value| asked.push(name, value));
        }
    }
    asked
}

impl Practice {
    /// Notes what tokens are issued for; the parameters of this request come before those that were approved.
    pub(super) fn issues_for(&mut self, issue: &Issue) {
        let Some(approval) = self.store.approvals.get(&issue.approval) else { return };
        let (client_id, sub) = (approval.client_id.clone(), approval.sub.clone());
        let audience = audience(self, issue);
        let mut params = std::mem::take(&mut self.facts.params);
        if let Some(approved) = self.store.asked.get(&issue.approval) {
            let further = approved.iter().filter(|(name, _)| !params.contains(name));
            let further: Vec<(String, String)> =
                further.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            params.0.extend(further);
        }
        self.facts = Facts { client_id, sub, scope: issue.scope.clone(), audience, params };
    }
}

/// Where an access token may be used: where it was asked for, or at this server's own API.
pub fn audience(practice: &Practice, issue: &Issue) -> Vec<String> {
    match issue.resource.is_empty() || practice.is_faulty(Fault::IgnoredResource) {
        true => vec![token::own_api(&practice.config)],
        false => issue.resource.clone(),
    }
}
