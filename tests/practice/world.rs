//! The server, a browser in front of it, and good requests to spoil.

use std::time::Duration;

use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::secret::Secret;
use grantscope::base::time::Timestamp;
use grantscope::jose::jwk::Jwk;
use grantscope::jose::key::SigningKey;
use grantscope::practice::{Config, PRACTICE_JWT_KEY, Practice};
use grantscope::terms::client_auth::ClientAuthMethod;
use serde_json::Value;
use url::Url;

pub const ISSUER: &str = "http://127.0.0.1:9400";
pub const CALLBACK: &str = "http://127.0.0.1:8912/callback";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const WEB_BASIC: &str = "Basic cHJhY3RpY2Utd2ViOnByYWN0aWNlLXNlY3JldA==";
pub const SCOPE: &str = "openid profile email offline_access";

/// How a row of a table differs from a good request.
#[derive(Clone, Copy, Debug)]
pub enum Edit {
    Set(&'static str, &'static str),
    Drop(&'static str),
    Add(&'static str, &'static str),
}
pub use Edit::{Add, Drop, Set};

pub fn edited(good: &[(&str, &str)], edits: &[Edit]) -> Params {
    let mut params: Params = good.iter().copied().collect();
    for edit in edits {
        match *edit {
            Set(name, value) => params.set(name, value),
            Drop(name) => params.remove(name),
            Add(name, value) => params.push(name, value),
        }
    }
    params
}

/// The server, a browser with a cookie jar in front of it, and a clock that only tests move.
pub struct World {
    pub practice: Practice,
    pub now: Timestamp,
    pub cookie: Option<String>,
}

impl World {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::practice(Url::parse(ISSUER).unwrap());
        change(&mut config);
        let practice = Practice::new(config, Entropy::from_seed([7; 32])).unwrap();
        Self { practice, now: Timestamp::from_seconds(1_800_000_000), cookie: None }
    }

    pub fn pass(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
    }

    pub fn send(&mut self, request: HttpRequest) -> HttpResponse {
        let request = match &self.cookie {
            Some(cookie) => request.with_header("Cookie", format!("theme=dark; {cookie}")),
            None => request,
        };
        let response = self.practice.handle(&request, self.now);
        if let Some(cookie) = response.headers.get("set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        response
    }

    pub fn get(&mut self, path: &str) -> HttpResponse {
        self.send(HttpRequest::get(url(path)))
    }

    pub fn post(&mut self, path: &str, form: &Params) -> HttpResponse {
        self.send(HttpRequest::post_form(url(path), form))
    }

    /// A form without a browser around it.
    pub fn ask(&mut self, path: &str, good: &[(&str, &str)], edits: &[Edit]) -> HttpResponse {
        self.practice.handle(&HttpRequest::post_form(url(path), &edited(good, edits)), self.now)
    }

    pub fn authorize(&mut self, edits: &[Edit]) -> HttpResponse {
        self.get(&format!("/authorize?{}", edited(&good_authorization(), edits).encode()))
    }

    /// Signs alice in and allows everything; the parameters that reach the client.
    pub fn approve(&mut self, edits: &[Edit]) -> Params {
        let page = self.authorize(edits);
        let page = self.choose(&page, "alice");
        let answer = self.decide(&page, "allow");
        sent_back(&answer)
    }

    pub fn choose(&mut self, login_page: &HttpResponse, username: &str) -> HttpResponse {
        let form = edited(&[("transaction", &transaction(login_page)), ("username", username)], &[]);
        let answer = self.post("/login", &form);
        match answer.headers.get("location") {
            Some(location) if location.starts_with('/') => {
                let path = location.to_owned();
                self.get(&path)
            }
            _ => answer,
        }
    }

    pub fn decide(&mut self, consent_page: &HttpResponse, decision: &str) -> HttpResponse {
        let form = edited(&[("transaction", &transaction(consent_page)), ("decision", decision)], &[]);
        self.post("/consent", &form)
    }

    pub fn code(&mut self, edits: &[Edit]) -> String {
        self.approve(edits).get("code").expect("a code").to_owned()
    }

    pub fn token(&mut self, code: &str, edits: &[Edit]) -> HttpResponse {
        let form = edited(&good_token_request(code), edits);
        let request = HttpRequest::post_form(url("/token"), &form).with_header("Authorization", WEB_BASIC);
        self.practice.handle(&request, self.now)
    }

    /// As `practice-web` with its secret in the body.
    pub fn refresh(&mut self, refresh_token: &str, edits: &[Edit]) -> HttpResponse {
        let good = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("client_id", "practice-web"),
            ("client_secret", "practice-secret"),
        ];
        let request = HttpRequest::post_form(url("/token"), &edited(&good, edits));
        self.practice.handle(&request, self.now)
    }

    /// As `practice-web`.
    pub fn introspect(&mut self, token: &str) -> Json {
        let answer = self.ask("/introspect", &with_web(&[("token", token)]), &[]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        json(&answer)
    }

    /// Tokens of another client, without a page where none is needed.
    pub fn tokens_of(&mut self, client_id: &'static str) -> Json {
        let code = self.code(&[Set("client_id", client_id)]);
        let good = good_token_request(&code);
        let secret: &[(&str, &str)] =
            if client_id == "practice-native" { &[] } else { &[("client_secret", "practice-secret")] };
        let form = [&good[..], &[("client_id", client_id)], secret].concat();
        json(&self.ask("/token", &form, &[]))
    }

    pub fn tokens(&mut self, edits: &[Edit]) -> Json {
        let code = self.code(edits);
        let answer = self.token(&code, &[]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        json(&answer)
    }

    pub fn call(&mut self, path: &str, access_token: &str) -> HttpResponse {
        let request = HttpRequest::get(url(path)).with_header("Authorization", format!("Bearer {access_token}"));
        self.practice.handle(&request, self.now)
    }

    pub fn approve_or_error(&mut self, edits: &[Edit]) -> Params {
        let answer = self.authorize(edits);
        if answer.status == 303 { sent_back(&answer) } else { self.approve(edits) }
    }

    /// Without a page, since the browser is signed in already.
    pub fn tokens_again(&mut self, edits: &[Edit], token_edits: &[Edit]) -> Json {
        let answer = self.authorize(edits);
        let code = sent_back(&answer).get("code").unwrap().to_owned();
        json(&self.token(&code, token_edits))
    }

    pub fn keys(&mut self) -> Vec<Jwk> {
        let set = json(&self.get("/jwks"));
        set.get("keys").unwrap().elements().iter().map(|jwk| Jwk::from_json(jwk).unwrap()).collect()
    }
}

pub fn good_authorization() -> [(&'static str, &'static str); 8] {
    [
        ("response_type", "code"),
        ("client_id", "practice-web"),
        ("redirect_uri", CALLBACK),
        ("scope", SCOPE),
        ("state", "the-state"),
        ("nonce", "the-nonce"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

pub fn good_token_request(code: &str) -> [(&'static str, &str); 4] {
    [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)]
}

/// The parameters of `practice-web` with its secret.
pub fn with_web<'a>(params: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("client_id", "practice-web"), ("client_secret", "practice-secret")][..], params].concat()
}

/// A JWT signed with the key of the practice clients.
pub fn signed(header: &Value, claims: &Value) -> String {
    let key = Json::parse_text(PRACTICE_JWT_KEY).unwrap();
    let Value::Object(header) = header else { panic!("a header is an object") };
    SigningKey::from_jwk(&key, None).unwrap().sign(header, claims).unwrap()
}

/// The claims with some replaced, and those set to null left out.
pub fn with(good: &Value, edits: &Value) -> Value {
    let mut claims = good.as_object().unwrap().clone();
    for (name, value) in edits.as_object().unwrap() {
        claims.insert(name.clone(), value.clone());
    }
    claims.retain(|_, value| !value.is_null());
    Value::Object(claims)
}

pub fn url(path: &str) -> Url {
    Url::parse(ISSUER).unwrap().join(path).unwrap()
}

pub fn json(response: &HttpResponse) -> Json {
    assert_eq!(response.headers.content_type().as_deref(), Some("application/json"), "{}", response.text());
    Json::parse(&response.body).unwrap()
}

pub fn transaction(page: &HttpResponse) -> String {
    let text = page.text().into_owned();
    let Some((_, rest)) = text.split_once("name=\"transaction\" value=\"") else { panic!("no form in {text}") };
    rest.split('"').next().unwrap().to_owned()
}

pub fn location(response: &HttpResponse) -> &str {
    assert_eq!(response.status, 303, "{}", response.text());
    response.headers.get("location").expect("a Location")
}

pub fn sent_back(response: &HttpResponse) -> Params {
    let location = location(response);
    let params = location.strip_prefix(CALLBACK).and_then(|rest| rest.strip_prefix(['?', '#']));
    Params::parse(params.unwrap_or_else(|| panic!("not the redirect URI: {location}")).as_bytes())
}

pub fn assert_refused(response: &HttpResponse, status: u16, error: &str, says: &str) {
    assert_eq!(response.status, status, "{}", response.text());
    let body = json(response);
    assert_eq!(body.text("error"), Some(error), "{body}");
    let description = body.text("error_description").unwrap_or_default();
    assert!(description.contains(says), "{description:?} does not say {says:?}");
    assert!(description.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\'), "{description}");
}

/// A server that also knows a client with one exact redirect URI, for one grant, with one method.
pub fn strict() -> World {
    World::with(|config| {
        let mut client = config.clients[0].clone();
        client.client_id = "practice-strict".to_owned();
        client.redirect_uris = vec!["https://app.example/cb".to_owned()];
        client.any_loopback_redirect = false;
        client.token_endpoint_auth_methods = vec![ClientAuthMethod::ClientSecretPost];
        client.client_secret = Some(Secret::new("a b+c:d%"));
        client.grant_types = vec!["authorization_code".to_owned()];
        config.clients.push(client);
    })
}

pub fn outcome(answer: &HttpResponse) -> String {
    if answer.status == 303 {
        let params = sent_back(answer);
        return params.get("error").unwrap_or("code").to_owned();
    }
    let text = answer.text();
    if text.contains("name=\"username\"") { "login page" } else { "consent page" }.to_owned()
}

pub fn policy(page: &HttpResponse) -> &str {
    page.headers.get("content-security-policy").expect("a policy")
}

pub fn assert_denied(answer: &HttpResponse, status: u16, error: Option<&str>, says: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let challenge = answer.headers.get("www-authenticate").expect("a challenge");
    assert!(challenge.starts_with("Bearer realm=\"practice server\""), "{challenge}");
    match error {
        Some(error) => assert!(challenge.contains(&format!("error=\"{error}\"")), "{challenge}"),
        None => assert!(!challenge.contains("error"), "{challenge}"),
    }
    assert!(challenge.contains(says), "{challenge} does not say {says}");
}
