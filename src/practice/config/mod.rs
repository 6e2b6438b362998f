//! Who the practice server knows and how long what it issues lives.

mod clients;
mod convert;
mod demo;
mod encryption;
mod federated;
mod file;
mod newcomer;
mod profile;
mod rules_file;
mod settings;
mod site;
mod unknown;
mod user;

use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use super::faults::FaultEntry;
use super::pattern::Pattern;
use super::place::{address, base};
use super::rules::ClaimRule;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::jose::jwk::Jwk;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::profile::Profile;

pub(super) use self::clients::CLIENT_METADATA;
pub use self::convert::{Converted, convert};
pub use self::demo::{DEMO_PASSWORD, PRACTICE_ENCRYPTION_KEY, PRACTICE_JWT_KEY, WORKLOAD_AUDIENCE, is_demo_key};
pub use self::encryption::{Algorithms, Encryption};
pub use self::federated::FederatedCredential;
pub(super) use self::file::{LONGEST, SIGNING_ALGS, client_from_json, public_keys};
pub(super) use self::newcomer::newcomer;
pub use self::settings::{ConfigError, KEYS, Kind};
pub use self::site::Site;
pub use self::user::User;
pub(super) use self::user::{is_elsewhere_once, user_from_json};

/// Everything that can be set about the server. [`Config::practice`] has the usual values.
#[derive(Clone, Debug)]
pub struct Config {
    /// What travels in metadata and tokens: `http://127.0.0.1:9400`, or below a path, `http://127.0.0.1:9400/blue`.
    pub issuer: Url,
    /// Where it listens, and by which names it may be called beside the issuer's.
    pub site: Site,
    /// Further servers at the same origin, each below a path of its own.
    pub further: Vec<Config>,
    /// The same server with TLS, for clients that show certificates (RFC 8705).
    pub tls_origin: Option<TlsOrigin>,
    /// Registered clients.
    pub clients: Vec<Client>,
    /// The demo users that anyone may sign in as.
    pub users: Vec<User>,
    /// Scope words beyond those of OpenID Connect: `orders:read`.
    pub scopes: Vec<String>,
    /// `alg` of what it signs: `ES256`, `RS256`, `PS256` or `EdDSA`.
    pub signing_alg: String,
    /// How long a code can be redeemed. RFC 6749 section 4.1.2 allows ten minutes, FAPI 2.0 one.
    pub code_lifetime: Duration,
    /// `expires_in` of access tokens.
    pub access_token_lifetime: Duration,
    /// How long after the sign-in refresh tokens work; rotation does not extend it.
    pub refresh_token_lifetime: Duration,
    /// From `iat` to `exp` of ID tokens.
    pub id_token_lifetime: Duration,
    /// What is demanded of clients beyond what each of them is registered for.
    pub profile: Option<Profile>,
    /// Whether every client has to push its authorization requests (RFC 9126 section 5).
    pub require_pushed_authorization_requests: bool,
    /// Whether DPoP proofs need a nonce of this server (RFC 9449 sections 8 and 9).
    pub dpop_nonce_required: bool,
    /// Whether every client has to sign its authorization requests (RFC 9101 section 10.5).
    pub require_signed_request_object: bool,
    /// Whether metadata hold themselves once more as a signed JWT (RFC 8414 section 2.1, RFC 9728 section 2.2).
    pub signed_metadata: bool,
    /// What a client has to show to register itself; without one, everybody may (RFC 7591 section 3.1).
    pub initial_access_token: Option<Secret>,
    /// What is wrong with it from the start.
    pub faults: Vec<FaultEntry>,
    /// What tokens and answers say beyond what clients and users are configured with.
    pub rules: Vec<ClaimRule>,
    /// Further algorithms that there is a key for.
    pub signing_algs: Vec<String>,
    /// Private keys to sign with as JWK or PEM, the one in use first; without any they are made.
    pub keys: Vec<Secret>,
    /// What the clock shows when the server starts; `None` is the time that it is.
    pub clock: Option<Timestamp>,
    /// Whose scripts may ask it.
    pub cors: Cors,
    /// Who signs in.
    pub login: Login,
    /// Whom [`Login::Auto`] signs in where a request names nobody; the first user otherwise.
    pub login_user: Option<String>,
    /// CSS for the pages, behind their own.
    pub style: Option<String>,
    /// Whether clients that nobody registered are taken as they come.
    pub any_client: bool,
    /// Redirect URIs of such clients, besides those on this machine.
    pub redirect_patterns: Vec<Pattern>,
}

/// Who signs in when an authorization request has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Login {
    /// Whoever sits at the page.
    #[default]
    Page,
    /// A user by itself, without a page.
    Auto,
}

/// Whose scripts may ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cors {
    /// Nobody's.
    #[default]
    Nobody,
    /// Everybody's.
    Anybody,
    /// Those of pages of these origins.
    Origins(Vec<String>),
}

/// How a client comes by the consent of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// By asking each time.
    Ask,
    /// By asking once in each browser.
    Remember,
    /// Without asking, unless the request itself wants it.
    Skip,
}

/// Where the server has TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsOrigin {
    /// An origin: `https://127.0.0.1:9443`.
    pub url: Url,
    /// When its certificates begin: they are made with it.
    pub made_at: Timestamp,
}

/// A registered client (the members are those of RFC 7591 section 2).
#[derive(Clone, Debug)]
pub struct Client {
    /// Its name on the wire.
    pub client_id: String,
    /// Its name for people.
    pub client_name: String,
    /// `None` for a client that has no secret.
    pub client_secret: Option<Secret>,
    /// How it may authenticate; `None` alone makes it a public client.
    pub token_endpoint_auth_methods: Vec<ClientAuthMethod>,
    /// `grant_type` values it may use; `implicit` stands for tokens from the authorization endpoint.
    pub grant_types: Vec<String>,
    /// `response_type` values it may use.
    pub response_types: Vec<String>,
    /// Public keys that its assertions are verified with.
    pub jwks: Vec<Jwk>,
    /// The workloads that may speak for it.
    pub federated_identity_credentials: Vec<FederatedCredential>,
    /// Where they are fetched from, in the place of those.
    pub jwks_uri: Option<String>,
    /// The subject of its certificate, as RFC 4514 writes it (RFC 8705 section 2.1.2).
    pub tls_client_auth_subject_dn: Option<String>,
    /// In its place, a DNS name among the alternative names of its certificate.
    pub tls_client_auth_san_dns: Option<String>,
    /// Its self-signed certificate in DER (RFC 8705 section 2.2).
    pub tls_client_certificate: Option<Vec<u8>>,
    /// Whether it wants only access tokens that are bound to its certificate (RFC 8705 section 3.4).
    pub tls_client_certificate_bound_access_tokens: bool,
    /// Whether it wants only access tokens that are bound to a key (RFC 9449 section 5.2).
    pub dpop_bound_access_tokens: bool,
    /// Compared exactly, but for the port of a loopback address.
    pub redirect_uris: Vec<String>,
    /// Where the browser may go after signing out, compared in the same way (OIDC RP-Initiated Logout section 3.1).
    pub post_logout_redirect_uris: Vec<String>,
    /// Whether any redirect URI on this machine will do, so that every local client can practise.
    pub any_loopback_redirect: bool,
    /// Redirect URIs with stars, for clients that nobody registered.
    pub redirect_patterns: Vec<Pattern>,
    /// Whether any secret will do.
    pub any_secret: bool,
    /// How it comes by consent; `None` is what suits the way users sign in.
    pub consent: Option<Consent>,
    /// What its ID tokens are signed with, when that is not what the server signs with (RFC 7591 section 2).
    pub id_token_signed_response_alg: Option<String>,
    /// What its claims from UserInfo are signed with; without it they are not (OIDC Registration section 2).
    pub userinfo_signed_response_alg: Option<String>,
    /// What is encrypted to it.
    pub encryption: Encryption,
    /// `poll`, `ping` or `push`; where it is left out and there is an endpoint, `ping` (CIBA section 4).
    pub backchannel_token_delivery_mode: Option<String>,
    /// Where it is pinged when a CIBA user has decided, on this machine; without one it polls (CIBA section 4).
    pub backchannel_client_notification_endpoint: Option<String>,
    /// Where it is told that a session has ended (OIDC Back-Channel Logout section 2.2).
    pub backchannel_logout_uri: Option<String>,
    /// What the browser loads to tell it of that (OIDC Front-Channel Logout section 2).
    pub frontchannel_logout_uri: Option<String>,
    /// Whether it needs `iss` and `sid` there.
    pub frontchannel_logout_session_required: bool,
    /// Whether its CIBA requests need the user's own code, here the password (CIBA section 7.1).
    pub backchannel_user_code_parameter: bool,
    /// Whether it has to push its authorization requests (RFC 9126 section 6).
    pub require_pushed_authorization_requests: bool,
    /// Whether it has to sign its authorization requests (RFC 9101 section 10.5).
    pub require_signed_request_object: bool,
    /// The only `alg` of its request objects; any that its keys can do without one (RFC 9101 section 10.2).
    pub request_object_signing_alg: Option<String>,
    /// The same of its backchannel authentication requests (CIBA section 4).
    pub backchannel_authentication_request_signing_alg: Option<String>,
    /// What its access tokens look like.
    pub access_token_format: AccessTokenFormat,
    /// Claims that its access tokens have besides those of RFC 9068.
    pub access_token_claims: Map<String, Value>,
    /// Claims that its ID tokens have besides those of OIDC Core.
    pub id_token_claims: Map<String, Value>,
    /// In the place of the server's.
    pub access_token_lifetime: Option<Duration>,
    /// In the place of the server's.
    pub refresh_token_lifetime: Option<Duration>,
    /// In the place of the server's.
    pub id_token_lifetime: Option<Duration>,
}

/// What an access token looks like; to the client it is opaque either way (RFC 6749 section 1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTokenFormat {
    /// A JWT that APIs verify themselves (RFC 9068).
    Jwt,
    /// Random text that APIs have to ask about (RFC 7662).
    Opaque,
}

impl AccessTokenFormat {
    /// For people and files: `jwt`, `opaque`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Opaque => "opaque",
        }
    }
}

impl Client {
    /// A public client that may use nothing yet.
    pub fn new(client_id: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            client_name: client_id.to_owned(),
            client_secret: None,
            token_endpoint_auth_methods: vec![ClientAuthMethod::None],
            grant_types: Vec::new(),
            response_types: vec!["code".to_owned()],
            jwks: Vec::new(),
            federated_identity_credentials: Vec::new(),
            jwks_uri: None,
            tls_client_auth_subject_dn: None,
            tls_client_auth_san_dns: None,
            tls_client_certificate: None,
            tls_client_certificate_bound_access_tokens: false,
            dpop_bound_access_tokens: false,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            any_loopback_redirect: false,
            redirect_patterns: Vec::new(),
            any_secret: false,
            consent: None,
            id_token_signed_response_alg: None,
            userinfo_signed_response_alg: None,
            encryption: Encryption::default(),
            backchannel_token_delivery_mode: None,
            backchannel_client_notification_endpoint: None,
            backchannel_logout_uri: None,
            frontchannel_logout_uri: None,
            frontchannel_logout_session_required: false,
            backchannel_user_code_parameter: false,
            require_pushed_authorization_requests: false,
            require_signed_request_object: false,
            request_object_signing_alg: None,
            backchannel_authentication_request_signing_alg: None,
            access_token_format: AccessTokenFormat::Jwt,
            access_token_claims: Map::new(),
            id_token_claims: Map::new(),
            access_token_lifetime: None,
            refresh_token_lifetime: None,
            id_token_lifetime: None,
        }
    }

    /// Whether tokens of CIBA are brought to it (CIBA section 5).
    pub fn is_pushed(&self) -> bool {
        self.backchannel_token_delivery_mode.as_deref() == Some("push")
    }

    /// Whether it cannot prove who it is (RFC 6749 section 2.1).
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_methods.iter().all(|method| *method == ClientAuthMethod::None)
    }

    /// Whether it may use this `grant_type`.
    pub fn may_use(&self, grant_type: &str) -> bool {
        self.grant_types.iter().any(|allowed| allowed == grant_type)
    }
}

impl Consent {
    /// In files: `ask`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Remember => "remember",
            Self::Skip => "skip",
        }
    }
}

/// Where the second server of the program's own is.
pub const RESOURCE_SERVER: &str = "/resource";

impl Config {
    /// A client for each way to authenticate, users alice and bob.
    pub fn practice(issuer: Url) -> Self {
        Self {
            issuer,
            site: Site::default(),
            further: Vec::new(),
            tls_origin: None,
            clients: demo::clients(),
            users: demo::users(),
            scopes: Vec::new(),
            signing_alg: "ES256".to_owned(),
            code_lifetime: Duration::from_secs(60),
            access_token_lifetime: Duration::from_secs(600),
            refresh_token_lifetime: Duration::from_secs(24 * 3600),
            id_token_lifetime: Duration::from_secs(600),
            profile: None,
            require_pushed_authorization_requests: false,
            dpop_nonce_required: false,
            require_signed_request_object: false,
            signed_metadata: false,
            initial_access_token: None,
            faults: Vec::new(),
            rules: Vec::new(),
            signing_algs: Vec::new(),
            keys: Vec::new(),
            clock: None,
            cors: Cors::Nobody,
            login: Login::Page,
            login_user: None,
            style: None,
            any_client: false,
            redirect_patterns: Vec::new(),
        }
    }

    /// With a second server at the same origin, which takes the grants of the first (ID-JAG).
    #[must_use]
    pub fn with_resource_server(mut self) -> Self {
        let mut issuer = self.issuer.clone();
        issuer.set_path(RESOURCE_SERVER);
        self.further.push(Self::practice(issuer));
        self
    }

    /// This server, and those further ones.
    pub fn each(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.further)
    }

    /// The client of this `client_id`.
    pub fn client(&self, client_id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.client_id == client_id)
    }

    /// The user of this `sub`.
    pub fn user(&self, sub: &str) -> Option<&User> {
        self.users.iter().find(|user| user.sub == sub)
    }

    /// The issuer as tokens and metadata name it: without a slash at the end.
    pub fn issuer_text(&self) -> &str {
        self.issuer.as_str().trim_end_matches('/')
    }

    /// The absolute URL of a path of this server.
    pub fn url(&self, path: &str) -> String {
        address(&self.issuer, path)
    }

    /// The absolute URL of a path at the TLS origin, if there is one.
    pub fn tls_url(&self, path: &str) -> Option<String> {
        let origin = self.tls_origin.as_ref()?;
        Some(format!("{}{}{path}", origin.url.as_str().trim_end_matches('/'), base(&self.issuer)))
    }

    /// The absolute URL of a path where this request came: at the TLS origin, or at that of the issuer.
    pub fn url_at(&self, request: &Url, path: &str) -> String {
        let at_tls = self.tls_url(path).filter(|_| request.scheme() == "https" && self.issuer.scheme() != "https");
        at_tls.unwrap_or_else(|| self.url(path))
    }

    /// `expires_in` of this client's access tokens.
    pub fn access_token_lifetime(&self, client_id: &str) -> Duration {
        self.client(client_id).and_then(|client| client.access_token_lifetime).unwrap_or(self.access_token_lifetime)
    }

    /// How long after the sign-in this client's refresh tokens work.
    pub fn refresh_token_lifetime(&self, client_id: &str) -> Duration {
        self.client(client_id).and_then(|client| client.refresh_token_lifetime).unwrap_or(self.refresh_token_lifetime)
    }

    /// From `iat` to `exp` of this client's ID tokens.
    pub fn id_token_lifetime(&self, client_id: &str) -> Duration {
        self.client(client_id).and_then(|client| client.id_token_lifetime).unwrap_or(self.id_token_lifetime)
    }
}
