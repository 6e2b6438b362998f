//! What is left to clients where the server enforces a profile.

use super::super::demands::Demand::{
    self, CodeAlone, ExactRedirect, IssuerAudience, Key, NoPassword, NoSecret, NoTokenInBrowser, StrongAlgorithm,
};
use super::super::demands::{STRONG, section};
use super::super::redirect_uri;
use super::{Client, Config};
use crate::base::json::Json;
use crate::base::spec::Spec;
use crate::jose::jwt::Decoded;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::response::has;

impl Config {
    /// Where the profile demands this; `None` where it does not, or there is no profile.
    pub fn demands(&self, demand: Demand) -> Option<Spec> {
        section(self.profile?, demand)
    }

    /// Whether a demand is met, where the profile has it.
    ///
    /// # Errors
    /// What has to be, where that is said, and what is there instead.
    pub fn judge(&self, demand: Demand, is_kept: bool, saw: &str) -> Result<(), String> {
        match self.demands(demand) {
            Some(spec) if !is_kept => Err(format!("{} ({spec}); this is {saw}", demand.what())),
            _ => Ok(()),
        }
    }

    /// Whether a client may authenticate in this way.
    pub fn takes_method(&self, method: ClientAuthMethod) -> bool {
        use ClientAuthMethod::{None, PrivateKeyJwt, SelfSignedTlsClientAuth, TlsClientAuth};
        let proves = matches!(method, PrivateKeyJwt | TlsClientAuth | SelfSignedTlsClientAuth);
        (proves || self.demands(Key).is_none()) && (method == None || self.demands(NoSecret).is_none())
    }

    /// Whether this may come through the browser: a `response_type`.
    pub fn takes_response_type(&self, response_type: &str) -> bool {
        (response_type == "code" || self.demands(CodeAlone).is_none())
            && (!has(response_type, "token") || self.demands(NoTokenInBrowser).is_none())
    }

    /// Whether there is a grant of this name here.
    pub fn takes_grant(&self, grant_type: &str) -> bool {
        match grant_type {
            "password" => self.demands(NoPassword).is_none(),
            "implicit" => self.takes_response_type("token"),
            _ => true,
        }
    }

    /// Whether a client may sign with this algorithm.
    pub fn takes_alg(&self, alg: &str) -> bool {
        STRONG.contains(&alg) || self.demands(StrongAlgorithm).is_none()
    }

    /// What cannot go together with the profile, in words.
    pub fn against_profile(&self) -> Option<String> {
        let profile = self.profile?.slug();
        if self.any_client && self.demands(ExactRedirect).is_some() {
            return Some(format!("profile {profile} takes registered clients alone, and clients is any"));
        }
        let mut signing = self.signing_algs.iter().chain([&self.signing_alg]);
        let weak = signing.find(|alg| !self.takes_alg(alg));
        let of_server =
            weak.map(|alg| format!("profile {profile} signs with {}, and {alg} was asked for", STRONG.join(", ")));
        let of_client = |client| self.weak_alg_of(client).map(|what| format!("{}: {what}", client.client_id));
        of_server.or_else(|| self.clients.iter().find_map(of_client))
    }

    /// An algorithm that a client is registered for and the profile does not have, in words.
    pub fn weak_alg_of(&self, client: &Client) -> Option<String> {
        let registered = [
            ("id_token_signed_response_alg", &client.id_token_signed_response_alg),
            ("request_object_signing_alg", &client.request_object_signing_alg),
        ];
        registered.into_iter().find_map(|(name, alg)| {
            let alg = alg.as_deref()?;
            self.judge(StrongAlgorithm, self.takes_alg(alg), alg).err().map(|what| format!("{name}: {what}"))
        })
    }

    /// The redirect URIs of a client that are taken here, in words.
    pub fn redirects_of(&self, client: &Client) -> String {
        match self.demands(ExactRedirect) {
            Some(_) => client.redirect_uris.join(", "),
            None => redirect_uri::in_words(client),
        }
    }

    /// The algorithm of an assertion that authenticates, and whom it is for.
    ///
    /// # Errors
    /// Which of them does not fit, in words.
    pub fn check_assertion(&self, token: &Decoded) -> Result<(), String> {
        let audience = match token.claim("aud") {
            Some(Json::String(audience)) => audience.as_str(),
            Some(_) => "no string",
            None => "absent",
        };
        self.check_alg(token)?;
        self.judge(IssuerAudience, audience == self.issuer_text(), audience)
    }

    /// The algorithm of anything that a client has signed.
    ///
    /// # Errors
    /// Which it is instead, in words.
    pub fn check_alg(&self, token: &Decoded) -> Result<(), String> {
        let alg = token.alg().unwrap_or("absent");
        self.judge(StrongAlgorithm, self.takes_alg(alg), alg)
    }
}
