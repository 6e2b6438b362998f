//! Who the practice server knows and how long what it issues lives.

use std::time::Duration;

use serde_json::{Map, Value, json};
use url::Url;

use crate::base::secret::Secret;
use crate::terms::client_auth::ClientAuthMethod;

/// Everything that can be set about the server. [`Config::practice`] has the usual values.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its origin, on loopback: `http://127.0.0.1:9400`.
    pub issuer: Url,
    /// Registered clients.
    pub clients: Vec<Client>,
    /// The demo users that anyone may sign in as.
    pub users: Vec<User>,
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
}

/// A registered client (the members are those of RFC 7591 section 2).
#[derive(Clone, Debug)]
pub struct Client {
    /// Its name on the wire.
    pub client_id: String,
    /// Its name for people.
    pub client_name: String,
    /// `None` for a public client.
    pub client_secret: Option<Secret>,
    /// How it may authenticate; `None` alone makes it a public client.
    pub token_endpoint_auth_methods: Vec<ClientAuthMethod>,
    /// `grant_type` values it may use.
    pub grant_types: Vec<String>,
    /// Compared exactly, but for the port of a loopback address.
    pub redirect_uris: Vec<String>,
    /// Whether any `http` redirect URI on this machine will do, so that every local client can practise.
    pub any_loopback_redirect: bool,
}

impl Client {
    /// Whether it cannot keep a secret (RFC 6749 section 2.1).
    pub fn is_public(&self) -> bool {
        self.client_secret.is_none()
    }

    /// Its redirect URIs in words.
    pub fn redirects(&self) -> String {
        match self.any_loopback_redirect {
            true => "any http address on this machine".to_owned(),
            false => self.redirect_uris.join(", "),
        }
    }

    /// Whether it may use this `grant_type`.
    pub fn may_use(&self, grant_type: &str) -> bool {
        self.grant_types.iter().any(|allowed| allowed == grant_type)
    }
}

/// A demo user.
#[derive(Clone, Debug)]
pub struct User {
    /// How the user is called in tokens, on the login page and in `login_hint`.
    pub sub: String,
    /// Standard claims (OIDC Core section 5.1); the scope decides which are told.
    pub claims: Map<String, Value>,
}

impl User {
    /// A standard claim that is text.
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    /// The name for people, or `sub` when there is none.
    pub fn name(&self) -> &str {
        self.text("name").unwrap_or(&self.sub)
    }
}

impl Config {
    /// Clients `practice-web` (secret `practice-secret`) and `practice-native` (public), users alice and bob.
    pub fn practice(issuer: Url) -> Self {
        Self {
            issuer,
            clients: vec![practice_web(), practice_native()],
            users: vec![alice(), bob()],
            signing_alg: "ES256".to_owned(),
            code_lifetime: Duration::from_secs(60),
            access_token_lifetime: Duration::from_secs(600),
            refresh_token_lifetime: Duration::from_secs(24 * 3600),
            id_token_lifetime: Duration::from_secs(600),
        }
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
        format!("{}{path}", self.issuer_text())
    }
}

fn practice_web() -> Client {
    Client {
        client_id: "practice-web".to_owned(),
        client_name: "Practice web app".to_owned(),
        client_secret: Some(Secret::new("practice-secret")),
        token_endpoint_auth_methods: vec![ClientAuthMethod::ClientSecretBasic, ClientAuthMethod::ClientSecretPost],
        ..practice_native()
    }
}

fn practice_native() -> Client {
    Client {
        client_id: "practice-native".to_owned(),
        client_name: "Practice native app".to_owned(),
        client_secret: None,
        token_endpoint_auth_methods: vec![ClientAuthMethod::None],
        grant_types: vec!["authorization_code".to_owned(), "refresh_token".to_owned()],
        redirect_uris: vec!["http://127.0.0.1/callback".to_owned(), "http://[::1]/callback".to_owned()],
        any_loopback_redirect: true,
    }
}

fn alice() -> User {
    let claims = json!({
        "name": "Alice Adams",
        "given_name": "Alice",
        "family_name": "Adams",
        "preferred_username": "alice",
        "locale": "en-GB",
        "zoneinfo": "Europe/London",
        "updated_at": 1_750_000_000,
        "email": "alice@example.com",
        "email_verified": true,
    });
    user("alice", claims)
}

fn bob() -> User {
    let claims = json!({
        "name": "Bob Brown",
        "given_name": "Bob",
        "family_name": "Brown",
        "preferred_username": "bob",
        "locale": "de-AT",
        "zoneinfo": "Europe/Vienna",
        "updated_at": 1_760_000_000,
        "email": "bob@example.com",
        "email_verified": false,
    });
    user("bob", claims)
}

fn user(sub: &str, claims: Value) -> User {
    let claims = if let Value::Object(claims) = claims { claims } else { Map::new() };
    User { sub: sub.to_owned(), claims }
}
