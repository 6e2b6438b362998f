//! Who issued: as a message says it, as metadata say it, else as the address of the endpoint lets one guess.

use url::Url;

use super::Recogniser;
use crate::base::json::Json;
use crate::capture::exchange::Seen;
use crate::capture::login::{Login, StageName};
use crate::jose::jwt::decode;

/// Ends of paths of authorization endpoints, as products have them, and what their issuer has in their place.
const PRODUCTS: [(&str, &str); 6] = [
    ("/protocol/openid-connect/auth", ""), // Keycloak
    ("/oauth2/v2.0/authorize", "/v2.0"),   // Microsoft Entra ID
    ("/v1/authorize", ""),                 // Okta, an authorization server of one's own
    ("/connect/authorize", ""),            // Duende IdentityServer
    ("/oidc/auth", "/oidc"),               // Logto
    ("/login/oauth/authorize", ""),        // GitHub, Gitea
];

impl Recogniser<'_> {
    pub(super) fn name_issuer(&mut self, login: usize) {
        let known = &self.found.logins[login];
        // Who answers in the name of another server than the one that was asked is not the issuer.
        let published = self.published(known);
        let is_of_other = |said: &String| {
            let origin = |issuer: &str| super::origin_of(issuer);
            published.as_ref().is_some_and(|published| origin(published) != origin(said))
        };
        let said = said(known, self.seen).filter(|said| !is_of_other(said)).or_else(|| published.clone());
        let guessed = || known.requested_at.map(|at| guess(&self.seen[at].it.request.url));
        let (is_said, issuer) = (said.is_some(), said.or_else(guessed).or_else(|| self.of_token(known)));
        let known = &mut self.found.logins[login];
        (known.issuer, known.is_issuer_said) = (issuer, is_said);
    }

    /// As metadata name the endpoints that were used.
    fn published(&self, login: &Login) -> Option<String> {
        let tokens = login.entries(StageName::Token).chain(login.entries(StageName::Refresh));
        let used = login.requested_at.into_iter().chain(tokens).chain(login.entries(StageName::Registration));
        let mut issuers = used.filter_map(|at| self.endpoints.issuer(&self.seen[at].place));
        issuers.next().map(str::to_owned)
    }

    fn of_token(&self, login: &Login) -> Option<String> {
        let first = login.stages.first()?.entries.first()?;
        Some(self.seen[*first].origin.clone())
    }
}

/// `iss` of the response (RFC 9207), of an ID token, of a response as a JWT.
fn said(login: &Login, seen: &[Seen<'_>]) -> Option<String> {
    let tokens = login.entries(StageName::Token).chain(login.entries(StageName::Refresh));
    let tokens = tokens.filter_map(|at| seen[at].member("id_token"));
    let mut tokens = login.answered("id_token").into_iter().chain(tokens);
    login.answered("iss").map(str::to_owned).or_else(|| tokens.find_map(issuer_in))
}

fn issuer_in(token: &str) -> Option<String> {
    decode(token).claim("iss").and_then(Json::as_str).map(str::to_owned)
}

/// By the address of the authorization endpoint.
fn guess(endpoint: &Url) -> String {
    let origin = super::origin(endpoint);
    let path = endpoint.path();
    if path == "/authorize" {
        // Auth0 and those that are made like it end their issuer with a slash.
        return format!("{origin}/");
    }
    let product = PRODUCTS.iter().find_map(|(end, instead)| Some((path.strip_suffix(end)?, instead)));
    product.map_or_else(|| origin.clone(), |(before, instead)| format!("{origin}{before}{instead}"))
}
