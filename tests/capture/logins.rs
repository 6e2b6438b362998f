//! Logins as a list of entries each, whole: the tests break them.

use serde_json::json;

use super::har::{API, APP, Entry, NOON, OP, call, call_posts, jwt, key, page, post, script, script_posts, with};

pub const CALLBACK: &str = "https://app.example/callback";
pub const STATE: &str = "state-of-this-login";
pub const NONCE: &str = "nonce-of-this-login";
pub const CODE: &str = "code-of-this-login-0123456789";
pub const VERIFIER: &str = "verifier-of-this-login-0123456789-0123456789-01";
/// S256 of it.
pub fn challenge() -> String {
    grantscope::client::pkce::challenge("S256", VERIFIER).expect("a challenge")
}

/// Parameters of a request.
pub fn request(more: &[(&str, &str)]) -> String {
    let challenge = challenge();
    let mut pairs = vec![
        ("client_id", "web"),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile"),
        ("state", STATE),
        ("nonce", NONCE),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in more {
        pairs.retain(|(known, _)| known != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    with(&format!("{OP}/oauth2/auth"), &pairs)
}

pub fn returned(more: &[(&str, &str)]) -> String {
    let mut pairs = vec![("code", CODE), ("state", STATE), ("iss", OP)];
    for (name, value) in more {
        pairs.retain(|(known, _)| known != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    with(CALLBACK, &pairs)
}

/// The user signs in at the provider and is sent on.
pub fn signs_in(to: &str) -> Vec<Entry> {
    vec![
        page(format!("{OP}/sign-in")).html("<h1>Sign in</h1><input type=\"password\">"),
        post(format!("{OP}/sign-in"), &[("user", "alice"), ("password", "sentinel-password")]).to(to),
    ]
}

/// A server-side app: home 0, begin 1, request 2, pages 3 and 4, response 5, home 6.
pub fn of_server() -> Vec<Entry> {
    let request = request(&[]);
    let mut entries = vec![
        page(format!("{APP}/")).html("<h1>Orders</h1>"),
        page(format!("{APP}/login")).sets("sid=sentinel-session; Path=/; HttpOnly; SameSite=Lax; Secure").to(&request),
        page(&request).to("/sign-in"),
    ];
    entries.extend(signs_in(&returned(&[])));
    entries.extend([
        page(returned(&[])).cookie("sid=sentinel-session").to("/"),
        page(format!("{APP}/")).cookie("sid=sentinel-session").html("<h1>Orders</h1>Hello alice"),
    ]);
    entries
}

/// An app with a scheme of its own, whose callback no recorder sees: begin 0, request 1.
pub fn of_app(came: &[(&str, &str)]) -> Vec<Entry> {
    const CALLBACK: &str = "com.example.orders:/callback";
    let request = request(&[("redirect_uri", CALLBACK)]);
    vec![page(format!("{APP}/login")).to(&request), page(&request).to(format!("{CALLBACK}?{}", encoded(came)))]
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A token answer with an ID token.
pub fn tokens(claims: &serde_json::Value) -> serde_json::Value {
    let mut all = json!({ "iss": OP, "sub": "alice", "aud": "web", "nonce": NONCE, "iat": NOON, "exp": NOON + 3600 });
    for (name, value) in claims.as_object().expect("an object") {
        match value.is_null() {
            true => drop(all.as_object_mut().expect("an object").remove(name)),
            false => all[name] = value.clone(),
        }
    }
    json!({
        "access_token": "sentinel-access-token-0123456789",
        "refresh_token": "sentinel-refresh-token-0123456789",
        "token_type": "Bearer",
        "expires_in": 3600,
        "id_token": jwt(&json!({ "alg": "ES256", "kid": "one" }), &all),
    })
}

pub const REDEEM: [(&str, &str); 5] = [
    ("grant_type", "authorization_code"),
    ("code", CODE),
    ("redirect_uri", CALLBACK),
    ("client_id", "web"),
    ("code_verifier", VERIFIER),
];

/// A single-page app: home 0, request 1, pages 2 and 3, response 4, token 5, UserInfo 6, API 7.
pub fn of_script() -> Vec<Entry> {
    let mut entries = vec![
        page(format!("{APP}/")).html("<h1>Orders</h1>"),
        page(request(&[])).sends("referer", format!("{APP}/")).to("/sign-in"),
    ];
    entries.extend(signs_in(&returned(&[])));
    entries.extend([
        page(returned(&[])).html("<h1>Orders</h1>"),
        script_posts(format!("{OP}/token"), &REDEEM).json(&tokens(&json!({}))),
        script(format!("{OP}/userinfo"))
            .sends("authorization", "Bearer sentinel-access-token-0123456789")
            .json(&json!({ "sub": "alice" })),
        script(format!("{API}/orders"))
            .sends("authorization", "Bearer sentinel-access-token-0123456789")
            .json(&json!({ "orders": [] })),
    ]);
    entries
}

/// A server-side app with both legs: metadata 0, keys 1, begin 2, request 3, pages 4 and 5, response 6, token 7.
pub fn of_both() -> Vec<Entry> {
    let request = request(&[]);
    let mut entries = vec![
        call(format!("{OP}/.well-known/openid-configuration")).json(&json!({
            "issuer": OP,
            "authorization_endpoint": format!("{OP}/oauth2/auth"),
            "token_endpoint": format!("{OP}/token"),
            "jwks_uri": format!("{OP}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "RS256"],
        })),
        call(format!("{OP}/keys")).json(&json!({ "keys": [key().public_jwk()] })),
        page(format!("{APP}/login")).sets("sid=sentinel-session; Path=/; Secure; SameSite=Lax").to(&request),
        page(&request).to("/sign-in"),
    ];
    entries.extend(signs_in(&returned(&[])));
    entries.extend([
        page(returned(&[])).cookie("sid=sentinel-session").to("/"),
        call_posts(format!("{OP}/token"), &REDEEM)
            .sends("authorization", "Basic d2ViOnNlbnRpbmVsLXNlY3JldA==")
            .json(&tokens(&json!({}))),
    ]);
    entries
}
