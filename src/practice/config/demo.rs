//! The clients and users that are there when nobody says otherwise. Their secrets are public on
//! purpose: they protect nothing.

use serde_json::{Map, Value, json};

use super::super::grant::{CIBA, DEVICE_CODE, JWT_BEARER, SAML_BEARER, TOKEN_EXCHANGE};
use super::{AccessTokenFormat, Algorithms, Client, Encryption, FederatedCredential, User};
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::jose::jwk::Jwk;
use crate::terms::client_auth::ClientAuthMethod;

/// The password of the demo users, for the password grant.
pub const DEMO_PASSWORD: &str = "practice";

/// The private key of the practice clients that sign assertions. Public on purpose, as every secret here.
pub const PRACTICE_JWT_KEY: &str = r#"{"kty":"EC","kid":"practice-jwt-1","alg":"ES256","use":"sig","crv":"P-256","x":"wspkwzycrfw6jfrGK2169C6jSrrAfRWrjRfeEaCAgMU","y":"TfzHXaXQVJrBpuC3lCzfga4nL3LzynJ4FPQIG_Gx-KE","d":"AfluNQa8PtsiUJNDIXvSqOzdsiAZYLetCJ4Ln91UJHo"}"#;

/// The private key of the practice client that gets its answers encrypted. Public on purpose as well.
pub const PRACTICE_ENCRYPTION_KEY: &str = r#"{"kty":"EC","kid":"practice-enc-1","use":"enc","crv":"P-256","x":"c9QZDlt_0vfa6I02DIIqq1EsUCESaO0Vk1uTwRtdOyk","y":"qX2Megd8av0iXb1S54EaJLFPVqpwruE-jVygVDJKmvQ","d":"bU35l5oeqn0MJn1gHct_28uGR7l8Omt53o9s32L4vbk"}"#;

/// What a workload asks its token for, to show it here.
pub const WORKLOAD_AUDIENCE: &str = "api://practice";

/// Clients `practice-web` (secret `practice-secret`), `practice-native` (public) and one for each special case.
pub fn clients() -> Vec<Client> {
    vec![
        web(),
        native(),
        service(),
        device(),
        jwt(),
        secret_jwt(),
        tls(),
        self_signed_tls(),
        ping(),
        push(),
        opaque(),
        legacy(),
        encrypted(),
        framed(),
        pipeline(),
    ]
}

/// The users alice and bob.
pub fn users() -> Vec<User> {
    vec![alice(), bob()]
}

fn practised(client_id: &str, client_name: &str, grant_types: &[&str]) -> Client {
    Client {
        client_name: client_name.to_owned(),
        grant_types: texts(grant_types),
        redirect_uris: vec!["http://127.0.0.1/callback".to_owned(), "http://[::1]/callback".to_owned()],
        post_logout_redirect_uris: vec!["http://127.0.0.1/".to_owned(), "http://[::1]/".to_owned()],
        any_loopback_redirect: true,
        ..Client::new(client_id)
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn confidential(client: Client) -> Client {
    Client {
        client_secret: Some(Secret::new("practice-secret")),
        token_endpoint_auth_methods: vec![ClientAuthMethod::ClientSecretBasic, ClientAuthMethod::ClientSecretPost],
        ..client
    }
}

/// May use everything that a confidential client should be able to try.
fn web() -> Client {
    let grant_types = [
        "authorization_code",
        "implicit",
        "refresh_token",
        "client_credentials",
        "password",
        DEVICE_CODE,
        CIBA,
        TOKEN_EXCHANGE,
        JWT_BEARER,
        SAML_BEARER,
    ];
    Client {
        response_types: texts(&[
            "code",
            "code id_token",
            "code token",
            "code id_token token",
            "token",
            "id_token",
            "id_token token",
            "none",
        ]),
        jwks: demo_keys(),
        backchannel_logout_uri: Some("http://127.0.0.1:9402/backchannel_logout".to_owned()),
        ..confidential(practised("practice-web", "Practice web app", &grant_types))
    }
}

fn native() -> Client {
    // The key proves nothing of a public client; its requests can be signed all the same.
    Client {
        jwks: demo_keys(),
        response_types: texts(&["code", "none"]),
        ..practised("practice-native", "Practice native app", &["authorization_code", "refresh_token"])
    }
}

/// As `practice-web`, authenticated by assertions that it signs with [`PRACTICE_JWT_KEY`].
fn jwt() -> Client {
    Client {
        client_id: "practice-jwt".to_owned(),
        client_name: "Practice app with a key".to_owned(),
        client_secret: None,
        token_endpoint_auth_methods: vec![ClientAuthMethod::PrivateKeyJwt],
        ..web()
    }
}

/// As `practice-web`, authenticated by assertions that it makes with its secret, which has to be long for that
/// (RFC 7518 section 3.2).
fn secret_jwt() -> Client {
    Client {
        client_id: "practice-secret-jwt".to_owned(),
        client_name: "Practice app with a long secret".to_owned(),
        client_secret: Some(Secret::new("practice-secret-of-32-bytes-or-more")),
        token_endpoint_auth_methods: vec![ClientAuthMethod::ClientSecretJwt],
        ..web()
    }
}

/// As `practice-web`, authenticated by a certificate of the server's own authority (RFC 8705 section 2.1).
fn tls() -> Client {
    Client {
        client_id: "practice-tls".to_owned(),
        client_name: "Practice app with a certificate".to_owned(),
        client_secret: None,
        token_endpoint_auth_methods: vec![ClientAuthMethod::TlsClientAuth],
        tls_client_auth_subject_dn: Some("CN=practice-tls".to_owned()),
        tls_client_certificate_bound_access_tokens: true,
        ..web()
    }
}

/// As `practice-web`, authenticated by a certificate that the server makes and registers (RFC 8705 section 2.2).
fn self_signed_tls() -> Client {
    Client {
        client_id: "practice-self-signed".to_owned(),
        client_name: "Practice app with a self-signed certificate".to_owned(),
        client_secret: None,
        token_endpoint_auth_methods: vec![ClientAuthMethod::SelfSignedTlsClientAuth],
        tls_client_certificate_bound_access_tokens: true,
        ..web()
    }
}

/// The public half of [`PRACTICE_JWT_KEY`].
fn demo_keys() -> Vec<Jwk> {
    vec![public_key(PRACTICE_JWT_KEY)]
}

fn public_key(private: &str) -> Jwk {
    let key = Json::parse_text(private).ok().and_then(|json| Jwk::from_json(&json).ok());
    key.expect("the demo key is a JWK").public()
}

/// As `practice-web`; everything that can be is encrypted to [`PRACTICE_ENCRYPTION_KEY`].
fn encrypted() -> Client {
    let algorithms = || Some(Algorithms { alg: "ECDH-ES+A128KW".to_owned(), enc: "A128GCM".to_owned() });
    Client {
        client_id: "practice-encrypted".to_owned(),
        client_name: "Practice app with encryption".to_owned(),
        jwks: vec![public_key(PRACTICE_ENCRYPTION_KEY), public_key(PRACTICE_JWT_KEY)],
        userinfo_signed_response_alg: Some("ES256".to_owned()),
        encryption: Encryption { id_token: algorithms(), userinfo: algorithms(), authorization: algorithms() },
        ..web()
    }
}

/// As `practice-web`, told of a logout by the browser.
fn framed() -> Client {
    Client {
        client_id: "practice-frontchannel".to_owned(),
        client_name: "Practice app with a logout frame".to_owned(),
        frontchannel_logout_uri: Some("http://127.0.0.1:9402/frontchannel_logout".to_owned()),
        frontchannel_logout_session_required: true,
        ..web()
    }
}

/// Whether this is the public half of [`PRACTICE_JWT_KEY`].
pub fn is_demo_key(key: &Jwk) -> bool {
    demo_keys().iter().any(|demo| demo.thumbprint() == key.thumbprint())
}

/// Gets pings instead of polling.
fn ping() -> Client {
    Client {
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        any_loopback_redirect: false,
        backchannel_client_notification_endpoint: Some("http://127.0.0.1:9401/ciba".to_owned()),
        jwks: demo_keys(),
        ..confidential(practised("practice-ping", "Practice till", &[CIBA, "refresh_token"]))
    }
}

/// Gets the tokens themselves.
fn push() -> Client {
    Client {
        client_id: "practice-push".to_owned(),
        client_name: "Practice till that is served".to_owned(),
        backchannel_token_delivery_mode: Some("push".to_owned()),
        ..ping()
    }
}

fn service() -> Client {
    Client {
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        any_loopback_redirect: false,
        ..confidential(practised("practice-service", "Practice service", &["client_credentials"]))
    }
}

/// A job that deploys, which has no secret: who runs it vouches for it.
fn pipeline() -> Client {
    Client {
        client_id: "practice-pipeline".to_owned(),
        client_name: "Practice pipeline".to_owned(),
        client_secret: None,
        token_endpoint_auth_methods: vec![ClientAuthMethod::PrivateKeyJwt],
        federated_identity_credentials: vec![FederatedCredential {
            issuer: "https://token.actions.githubusercontent.com".to_owned(),
            subject: "repo:octo-org@65/octo-repo@74:environment:prod".to_owned(),
            audiences: vec![WORKLOAD_AUDIENCE.to_owned()],
        }],
        ..service()
    }
}

fn device() -> Client {
    Client {
        redirect_uris: Vec::new(),
        any_loopback_redirect: false,
        ..practised("practice-device", "Practice television", &[DEVICE_CODE, "refresh_token"])
    }
}

/// As `practice-web`, with access tokens that say nothing.
fn opaque() -> Client {
    Client {
        client_id: "practice-opaque".to_owned(),
        client_name: "Practice app with opaque tokens".to_owned(),
        access_token_format: AccessTokenFormat::Opaque,
        ..web()
    }
}

/// Registered for what OAuth 2.1 removes.
fn legacy() -> Client {
    Client {
        response_types: texts(&["token", "id_token", "id_token token"]),
        ..practised("practice-legacy", "Practice legacy app", &["implicit", "password", "refresh_token"])
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

/// Two of his claims are elsewhere, as others vouch for them.
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
        "phone_number": "+43 1 5550123",
        "credit_score": 650,
    });
    User {
        aggregated_claims: texts(&["phone_number"]),
        distributed_claims: texts(&["credit_score"]),
        ..user("bob", claims)
    }
}

fn user(sub: &str, claims: Value) -> User {
    let claims = if let Value::Object(claims) = claims { claims } else { Map::new() };
    User {
        sub: sub.to_owned(),
        password: Secret::new(DEMO_PASSWORD),
        claims,
        aggregated_claims: Vec::new(),
        distributed_claims: Vec::new(),
    }
}
