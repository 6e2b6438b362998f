//! What a list of exchanges says: all that a run has learned so far, whoever made it.

mod asked;
mod elsewhere;
mod polling;
mod tokens;
mod unjudged;

use std::borrow::Cow;
use std::collections::BTreeMap;

use url::Url;

use crate::base::check::{Check, Rule, Verdict};
use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::client::asked as wanted;
use crate::client::challenge::challenges;
use crate::client::dpop::Proofs;
use crate::client::endpoint::authorization::AuthorizationRequest;
use crate::client::endpoint::backchannel_authentication::BackchannelAuthentication;
use crate::client::endpoint::backchannel_logout::Expected as LogoutExpected;
use crate::client::endpoint::claim_sources::{self, Distributed};
use crate::client::endpoint::device_authorization::DeviceAuthorization;
use crate::client::endpoint::frontchannel_logout::Expected as LogoutFrameExpected;
use crate::client::endpoint::id_jag::IdJag;
use crate::client::endpoint::pushed_authorization::Pushed;
use crate::client::endpoint::registration::Registered;
use crate::client::id_token::{self, Expected};
use crate::client::mcp::WayIn;
use crate::client::settings::Settings;
use crate::client::step_up;
use crate::client::{rules, standard_claims};
use crate::jose::jwk::{Jwk, JwkSet};
use crate::jose::jwt::{Decoded, Form};
use crate::terms::metadata::ServerMetadata;
use crate::terms::scope;

pub use asked::Asked;
pub(super) use asked::requested;
pub use polling::Polling;
pub(in crate::flow) use polling::Vain;
pub use tokens::Tokens;
pub use unjudged::Unjudged;

use super::stage::Stage;

/// What is judged with the keys of the server.
pub(super) const NEED_KEYS: [&Rule; 2] = [&rules::id_token::SIGNATURE, &rules::id_token::KID];

/// Why that waits.
pub(super) const KEYS_ANEW: &str = "no key that is known fits, so the keys are fetched";

/// The client secret as a key, for HS256 and its kin.
pub(super) fn secret_key(settings: &Settings) -> Option<Jwk> {
    Some(&settings.client.client_secret).filter(|secret| !secret.is_empty()).map(Jwk::from_secret)
}

/// Everything known. Public, because a debugger shows all of it.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// The issuer of the account that was typed in its place.
    pub issuer_of_account: Option<String>,
    /// The server's metadata.
    pub metadata: Option<ServerMetadata>,
    /// Whether they lack what has to be there, which a further document may bring.
    pub metadata_are_open: bool,
    /// The server's keys.
    pub jwks: Option<JwkSet>,
    /// Whether the keys were asked for, whatever came.
    pub has_asked_for_keys: bool,
    /// Whether a signature that the key of its name does not verify is judged at once: the keys were fetched for one
    /// before, or nobody can fetch them.
    pub judges_at_once: bool,
    /// What came with signatures that wait for the keys.
    pub unjudged: Vec<Unjudged>,
    /// Whether that of the metadata of an API waits as well.
    pub has_unjudged_metadata: bool,
    /// The authorization request as it was really sent.
    pub authorization: Option<AuthorizationRequest>,
    /// When the user was asked to sign in or to approve.
    pub asked_at: Option<Timestamp>,
    /// The request that was pushed and waits at the server, or was opened.
    pub pushed: Option<Pushed>,
    /// The scope that was asked, wherever it was.
    pub asked: String,
    /// What the user was asked to allow beside it, wherever that request went.
    pub requested: Params,
    /// The device authorization response.
    pub device: Option<DeviceAuthorization>,
    /// The backchannel authentication response.
    pub backchannel: Option<BackchannelAuthentication>,
    /// Polling at the token endpoint, once it has begun.
    pub polling: Option<Polling>,
    /// Who acts for the subject of an exchange.
    pub actor_token: Option<Secret>,
    /// What says who the client is, fetched from who vouches for it.
    pub client_assertion: Option<Secret>,
    /// A SAML assertion that was fetched.
    pub assertion: Option<Secret>,
    /// The grant for another server, where the run goes on from then on.
    pub id_jag: Option<IdJag>,
    /// The token that was revoked, and its `token_type_hint`.
    pub revoked: Option<(Secret, &'static str)>,
    /// Tokens of which introspection has said that they are not active.
    pub said_inactive: Vec<Secret>,
    /// A refresh token that was used.
    pub used_refresh_token: Option<Secret>,
    /// Whether a used refresh token was sent once more, which may end all tokens of its login.
    pub has_reused: bool,
    /// Whether that was refused.
    pub is_reuse_refused: bool,
    /// Parameters of the logout request as it was really sent.
    pub sent_logout: Option<Params>,
    /// The names of the logout tokens that came, each with the request during which it did first: its position and attempt.
    pub logout_tokens: BTreeMap<String, (usize, u32)>,
    /// The authorization code.
    pub code: Option<Secret>,
    /// When it came.
    pub code_received_at: Option<Timestamp>,
    /// The code that tokens were issued for.
    pub used_code: Option<Secret>,
    /// All tokens, newest last.
    pub tokens: Vec<Tokens>,
    /// So many of them are of the server that an ID-JAG came from, and are shown to no other.
    pub elsewhere: usize,
    /// UserInfo claims.
    pub userinfo: Option<Json>,
    /// Where claims are that have to be fetched, of UserInfo and ID tokens, the newest of each.
    pub sources: Vec<Distributed>,
    /// The way in from an API, in a run that begins at one (MCP).
    pub way_in: Option<WayIn>,
    /// Where the API's challenge says that its metadata are (RFC 9728 section 5.1).
    pub resource_metadata_url: Option<String>,
    /// What came there, where that was no metadata.
    pub resource_metadata_missed: Option<String>,
    /// What the API says of itself.
    pub resource_metadata: Option<Json>,
    /// Where the keys are that it signed this with itself, until they have come.
    pub api_jwks_uri: Option<Url>,
    /// The client that was registered, as the server last said it.
    pub registered: Option<Registered>,
    /// Whether it was deleted again.
    pub is_unregistered: bool,
    /// Proofs of a key, and the nonces for them.
    pub proofs: Proofs,
}

impl Session {
    /// The issuer in force: of the metadata, else as typed.
    pub fn issuer<'a>(&'a self, settings: &'a Settings) -> Option<&'a str> {
        let typed = Some(settings.server.issuer.as_str()).filter(|issuer| !issuer.is_empty());
        self.metadata.as_ref().and_then(ServerMetadata::issuer).or(typed)
    }

    /// The issuer that a token has to name: where the metadata has a template, filled for the tenant of the token.
    pub(super) fn issuer_of<'a>(&'a self, settings: &'a Settings, token: &Decoded) -> Option<Cow<'a, str>> {
        let tid = token.claim("tid").and_then(Json::as_str);
        let published = self.metadata.as_ref().and_then(|metadata| metadata.issuer_of(tid));
        published.or_else(|| self.issuer(settings).map(Cow::Borrowed))
    }

    /// Every scope that was granted in this run: what a refresh may bring again. What was asked counts where no answer
    /// said a scope, and where a token for one service says less than was granted (RFC 6749 section 6, RFC 8707
    /// section 2.2).
    pub(super) fn ever_granted(&self, settings: &Settings) -> String {
        let is_said = self.tokens.iter().any(|tokens| tokens.response.scope.is_some());
        let asked = Some(self.asked.as_str()).filter(|_| !is_said || !settings.request.resource.is_empty());
        let scopes = self.tokens.iter().map(|tokens| tokens.scope.as_str()).chain(asked);
        scopes.filter(|scope| !scope.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The pushed request that these parameters of an address refer to.
    pub(super) fn pushed_by(&self, brought: &Params) -> Option<&Pushed> {
        self.pushed.as_ref().filter(|pushed| pushed.is_meant_by(brought))
    }

    /// The newest refresh token.
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.here().iter().rev().find_map(|tokens| tokens.response.refresh_token.as_ref())
    }

    /// Whether an access token of this run should still be good: it is the newest, has not expired, and nothing was revoked
    /// or used twice, which may end all tokens of its login.
    pub(super) fn is_in_force(&self, access_token: &str, now: Timestamp) -> bool {
        let newest = self
            .tokens
            .last()
            .filter(|tokens| tokens.response.access_token.as_ref().is_some_and(|token| token.expose() == access_token));
        let is_over = |tokens: &Tokens| tokens.end().is_some_and(|end| end <= now);
        self.revoked.is_none() && !self.has_reused && newest.is_some_and(|tokens| !is_over(tokens))
    }

    /// What the newest ID token says of its login, where that is the login that an API wants (RFC 9470 section 5), and the
    /// token has the scope that it wants beside it.
    pub(super) fn gave_login(&self, response: &HttpResponse, now: Timestamp) -> Option<String> {
        let demand = step_up::demanded(response)?;
        let granted = self.here().last().map(|tokens| tokens.scope.as_str()).unwrap_or_default();
        let wanted = challenges(response).iter().find_map(|challenge| challenge.get("scope")).unwrap_or_default();
        let has_scope = scope::words(&wanted).all(|word| scope::contains(granted, word));
        let newest = self.here().iter().rev().find_map(|tokens| tokens.id_token.as_ref()).filter(|_| has_scope)?;
        demand.met_by(newest, now)
    }

    /// The newest ID token, as it came.
    pub fn id_token(&self) -> Option<&Secret> {
        self.here().iter().rev().find_map(|tokens| tokens.response.id_token.as_ref())
    }

    /// The newest ID token as it is sent back to the server: without the encryption, which was to this client
    /// (OIDC Core section 3.1.2.1).
    pub fn id_token_hint(&self) -> Option<&Secret> {
        self.here().iter().rev().find_map(|tokens| tokens.opened.as_ref().or(tokens.response.id_token.as_ref()))
    }

    /// `sub` of the newest ID token.
    pub fn sub(&self) -> Option<String> {
        self.sub_here().map(str::to_owned)
    }

    fn sub_here(&self) -> Option<&str> {
        let token = self.here().iter().rev().find_map(|tokens| tokens.id_token.as_ref())?;
        token.claim("sub")?.as_str()
    }

    /// What a logout token of this run is held against.
    pub(super) fn logout_expected(&self, settings: &Settings) -> LogoutExpected {
        let token = self.here().iter().rev().find_map(|tokens| tokens.id_token.as_ref());
        let registered = Some(&settings.client.id_token_signed_response_alg).filter(|alg| !alg.is_empty());
        let algs = self.metadata.as_ref().and_then(|m| m.supported("id_token_signing_alg_values_supported"));
        let issuer = match token {
            Some(token) => self.issuer_of(settings, token).map(Cow::into_owned),
            None => self.issuer(settings).map(str::to_owned),
        };
        LogoutExpected {
            issuer,
            client_id: settings.client.client_id.clone(),
            sub: self.sub(),
            sid: token.and_then(|token| token.claim("sid")).and_then(Json::as_str).map(str::to_owned),
            registered_alg: registered.cloned(),
            algs: algs.map(|algs| algs.into_iter().map(str::to_owned).collect()),
            // One that is not signed, as it may be registered, says nothing of one that must be.
            id_token_alg: token.filter(|token| token.form == Form::Jws).and_then(Decoded::alg).map(str::to_owned),
            jwks: self.jwks.clone(),
            client_secret: secret_key(settings),
        }
    }

    /// What the iframe of a logout of this run is held against.
    pub(super) fn logout_frame_expected(&self, settings: &Settings) -> LogoutFrameExpected {
        let LogoutExpected { issuer, sid, .. } = self.logout_expected(settings);
        let client = &settings.client;
        LogoutFrameExpected {
            issuer,
            sid,
            registered: client.frontchannel_logout_uri.clone(),
            is_session_required: client.frontchannel_logout_session_required,
            redirect_uri: client.redirect_uri.clone(),
        }
    }

    /// Every credential of the run, for those who must not show them.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.secrets_but(0)
    }

    /// The same without the tokens that came first: so many responses are known already.
    pub fn secrets_but(&self, known: usize) -> impl Iterator<Item = &Secret> {
        let codes = self.code.iter().chain(&self.used_code);
        let tokens = self.tokens.iter().skip(known).flat_map(|tokens| {
            let response = &tokens.response;
            [&response.access_token, &response.refresh_token, &response.id_token, &tokens.opened].into_iter().flatten()
        });
        let revoked = self.revoked.iter().map(|(token, _)| token);
        let others = [&self.actor_token, &self.client_assertion, &self.assertion, &self.used_refresh_token];
        let asked = self.backchannel.iter().map(|acknowledged| &acknowledged.auth_req_id);
        let asked = asked.chain(self.pushed.iter().map(|pushed| &pushed.request_uri));
        let registered = self.registered.iter().flat_map(Registered::secrets);
        let of_sources = self.sources.iter().filter_map(|source| source.access_token.as_ref());
        let id_jag = self.id_jag.iter().map(|grant| &grant.assertion);
        let registered = registered.chain(of_sources).chain(id_jag);
        codes.chain(tokens).chain(revoked).chain(others.into_iter().flatten()).chain(asked).chain(registered)
    }

    /// Validates the newest ID token; nothing when there is none. What needs a key that may have come since the set was
    /// fetched is judged when it has been fetched anew.
    pub(super) fn validate(&mut self, settings: &Settings, now: Timestamp) -> Vec<Check> {
        let mut checks = self.validate_with_keys(settings, now);
        if let Some(claims) = self.newest_id_token().and_then(|(_, token)| token.claims.clone()) {
            self.learn_sources(&claims);
            self.put_off_sources(settings, &claims);
        }
        // What ends the run by itself is told with all that is wrong.
        self.judges_at_once |= checks.iter().any(|check| check.rejects().is_some() && !NEED_KEYS.contains(&check.rule));
        if self.awaits_key() {
            for check in checks.iter_mut().filter(|check| NEED_KEYS.contains(&check.rule)) {
                *check = check.rule.skipped(KEYS_ANEW);
            }
        }
        checks
    }

    fn validate_with_keys(&self, settings: &Settings, now: Timestamp) -> Vec<Check> {
        let Some((tokens, token)) = self.newest_id_token() else {
            return Vec::new();
        };
        let sent = self.authorization.clone().unwrap_or_default();
        let is_refresh = tokens.stage == Stage::Refresh;
        let from_request = |name| sent.get(name).filter(|_| !is_refresh);
        let algs = self.metadata.as_ref().and_then(|m| m.supported("id_token_signing_alg_values_supported"));
        let asked = [sent.get("audience"), Some(&*settings.request.audience)].into_iter().flatten();
        let asked: Vec<&str> =
            asked.filter(|it| !it.is_empty()).chain(scope::words(&settings.request.resource)).collect();
        let registered = Some(settings.client.id_token_signed_response_alg.as_str()).filter(|alg| !alg.is_empty());
        let in_request = id_token::Asked::by(from_request, self.metadata.as_ref());
        let secret = secret_key(settings);
        let issuer = self.issuer_of(settings, token);
        let expected = Expected {
            issuer: issuer.as_deref(),
            client_id: sent.get("client_id").unwrap_or(&settings.client.client_id),
            nonce: from_request("nonce"),
            asked_at: Some(self.asked_at.filter(|_| !is_refresh).unwrap_or(tokens.received_at)),
            login_anew: from_request("prompt").is_some_and(|prompt| scope::contains(prompt, "login")),
            max_age: from_request("max_age").and_then(|seconds| seconds.parse().ok()),
            acr_values: from_request("acr_values").or(in_request.acr.as_deref()),
            asked: Some(&in_request),
            access_token: tokens.response.access_token.as_ref().map(Secret::expose),
            code: tokens.code_of(self).map(Secret::expose),
            state: from_request("state"),
            front_channel: tokens.stage == Stage::Authorization,
            trusted_audiences: &settings.client.trusted_audiences,
            asked_audiences: &asked,
            algs: algs.as_deref(),
            registered_alg: registered,
            jwks: self.jwks.as_ref(),
            client_secret: secret.as_ref(),
            closed: tokens.closed.as_deref(),
        };
        let mut checks = tokens.encryption.clone();
        checks.extend(id_token::validate(token, expected, now));
        if let Some(claims) = &token.claims {
            checks.push(standard_claims::types(claims));
            // In a hybrid flow the token of the back channel is the one with all claims (OIDC Core section 3.3.3.6).
            let is_whole = tokens.stage != Stage::Authorization || self.code.is_none();
            let asked = from_request("claims").filter(|_| is_whole);
            checks.extend(asked.and_then(|asked| wanted::claims::delivered(asked, "id_token", claims)));
            checks.extend(claim_sources::judge(claims, self.of_sources(settings)));
        }
        if let (Some(front), Stage::Token) = (self.front_id_token(), tokens.stage) {
            checks.extend(id_token::compare_channels(token, front));
        }
        if is_refresh {
            // OIDC Core section 12.2: a refreshed ID token should have no nonce, and if it has one it is the first one.
            checks.retain(|check| check.rule.id != "id_token.nonce" || check.verdict == Verdict::Pass);
        }
        checks
    }

    /// As [`Session::validate`], and holds the newest ID token against the first.
    pub(super) fn validate_refreshed(&mut self, settings: &Settings, now: Timestamp) -> Vec<Check> {
        let mut checks = self.validate(settings, now);
        let first = self.tokens.iter().find_map(|tokens| tokens.id_token.as_ref());
        if let (Some((_, fresh)), Some(first)) = (self.newest_id_token(), first) {
            checks.extend(id_token::validate_refreshed(fresh, first, &settings.client.client_id));
        }
        checks
    }

    /// Judges what needs keys, when they came after the token.
    pub(super) fn revalidate(&self, settings: &Settings, now: Timestamp) -> Vec<Check> {
        let mut checks = self.validate_with_keys(settings, now);
        checks.retain(|check| NEED_KEYS.contains(&check.rule));
        checks
    }

    /// Whether the newest ID token may be signed with a key that came after the set was fetched.
    pub(super) fn awaits_key(&self) -> bool {
        self.newest_id_token().is_some_and(|(_, token)| self.lacks_key_of(token))
    }

    /// The ID token of the front channel, in a hybrid flow.
    fn front_id_token(&self) -> Option<&Decoded> {
        let front = self.tokens.iter().find(|tokens| tokens.stage == Stage::Authorization)?;
        front.id_token.as_ref()
    }

    fn newest_id_token(&self) -> Option<(&Tokens, &Decoded)> {
        let tokens = self.tokens.last()?;
        Some((tokens, tokens.id_token.as_ref()?))
    }
}
