//! What tokens were asked for beside a scope, and whether they are that.

use super::Session;
use crate::base::check::Check;
use crate::base::params::Params;
use crate::client::asked::{details, resource};
use crate::client::endpoint::token::TokenResponse;
use crate::flow::stage::Stage;
use crate::flow::trace::Exchange;

/// What tokens were asked for: by the request that brought them, or where that is silent by the one that the user agreed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The services that they are for (RFC 8707).
    pub resource: Vec<String>,
    /// Fine-grained permissions, as they were sent (RFC 9396).
    pub authorization_details: Option<String>,
}

/// What a user is asked to allow in a request, without what proves who asks.
pub(in crate::flow) fn requested(sent: &Params) -> Params {
    let counts = |(name, _): &(&str, &str)| matches!(*name, "resource" | "authorization_details" | "claims");
    sent.iter().filter(counts).collect()
}

impl Asked {
    pub(super) fn of(exchange: &Exchange, session: &Session) -> Self {
        let form = exchange.request.form().unwrap_or_default();
        // An exchange is for another service than the login, and an ID-JAG is for another server.
        let is_own = matches!(exchange.stage, Stage::Exchange | Stage::IdJag);
        let agreed = if is_own { Params::new() } else { session.requested.clone() };
        let first = |name: &str| {
            let of_form: Vec<String> = form.all(name).map(str::to_owned).collect();
            if of_form.is_empty() { agreed.all(name).map(str::to_owned).collect() } else { of_form }
        };
        Self { resource: first("resource"), authorization_details: first("authorization_details").into_iter().next() }
    }

    /// Holds tokens to what was asked for.
    pub(in crate::flow) fn judge(&self, tokens: &TokenResponse, exchange: &Exchange, session: &Session) -> Vec<Check> {
        let client_id = &exchange.settings.client.client_id;
        let access_token = tokens.access_token.as_ref().map(|token| token.expose());
        let of_resource = access_token.and_then(|token| resource::of_token(&self.resource, token, client_id));
        let mut checks: Vec<Check> = of_resource.into_iter().collect();
        // What comes through the browser is no token response (RFC 9396 section 7).
        let is_response = exchange.stage != Stage::Authorization;
        if let Some(asked) = self.authorization_details.as_deref().filter(|_| is_response) {
            let granted = tokens.authorization_details.as_ref();
            let metadata = session.metadata.as_ref();
            let is_announced =
                metadata.is_some_and(|it| it.supported("authorization_details_types_supported").is_some());
            let is_demanded = is_announced && !matches!(exchange.stage, Stage::Refresh | Stage::Exchange);
            checks.push(details::returned(granted, is_demanded));
            checks.extend(granted.and_then(|granted| details::as_asked(asked, granted)));
        }
        checks
    }
}
