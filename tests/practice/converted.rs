//! Configurations as the READMEs of other mocks show them, converted and served: what they promise comes.

use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::jose::jwt::{self, Decoded};
use grantscope::practice::{Config, Control, PracticeHost, convert};
use url::Url;

use crate::world::{CALLBACK, ISSUER, json, url};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const TOKEN: &str = "control-token";

struct Served {
    host: PracticeHost,
    left_out: Vec<String>,
}

fn served(theirs: &str) -> Served {
    let converted = convert(theirs).unwrap_or_else(|error| panic!("{error} in {theirs}"));
    let config = Config::from_toml(&converted.toml, Url::parse(ISSUER).unwrap())
        .unwrap_or_else(|error| panic!("{error} in {}", converted.toml));
    let host = PracticeHost::new(config, Entropy::from_seed([7; 32])).unwrap();
    Served { host, left_out: converted.left_out }
}

impl Served {
    fn send(&self, request: &HttpRequest) -> HttpResponse {
        self.host.handle(request, NOW)
    }

    fn token(&self, path: &str, form: &[(&str, &str)]) -> Json {
        let form: Params = form.iter().copied().collect();
        json(&self.send(&HttpRequest::post_form(url(path), &form)))
    }

    fn authorized(&self, path: &str, query: &[(&str, &str)]) -> Params {
        let query: Params = query.iter().copied().collect();
        let answer = self.send(&HttpRequest::get(url(&format!("{path}?{}", query.encode()))));
        let location = Url::parse(answer.headers.get("location").expect("nobody is asked")).unwrap();
        Params::parse(location.fragment().or(location.query()).unwrap_or_default().as_bytes())
    }

    fn leaves_out(&self, what: &str) {
        assert!(self.left_out.iter().any(|line| line.contains(what)), "{what}: {:?}", self.left_out);
    }
}

fn text<'a>(token: &'a Decoded, name: &str) -> Option<&'a str> {
    token.claim(name).and_then(Json::as_str)
}

fn access_token(answer: &Json) -> Decoded {
    jwt::decode(answer.text("access_token").unwrap_or_else(|| panic!("{answer:?}")))
}

const CALLBACKS: &str = r#"{
    "interactiveLogin": false,
    "httpServer": "NettyWrapper",
    "tokenCallbacks": [
        { "issuerId": "north", "tokenExpiry": 90, "requestMappings": [
            { "requestParam": "code", "match": "first-code",
              "claims": { "sub": "who-has-the-code", "aud": ["of-the-code"] } },
            { "requestParam": "grant_type", "match": "client_credentials",
              "claims": { "sub": "${clientId}", "aud": ["of-the-client"] } } ] },
        { "issuerId": "south", "requestMappings": [
            { "requestParam": "tenant", "match": "red|blue",
              "claims": { "sub": "who-is-of-a-tenant", "aud": ["of-the-tenant"] } } ] }
    ] }"#;

#[test]
fn a_code_that_a_test_queued_chooses_the_claims_of_its_login() {
    let served = served(CALLBACKS);
    let control = Control::new(served.host.clone(), TOKEN.into(), true, false);
    let mut queue = HttpRequest::get(Url::parse("http://127.0.0.1:9401/control/next/codes").unwrap())
        .with_header("Authorization", format!("Bearer {TOKEN}"));
    (queue.method, queue.body) = ("POST".to_owned(), b"[\"first-code\"]".to_vec());
    assert_eq!(control.handle(&queue, NOW).status, 200);
    let client = [("client_id", "app"), ("redirect_uri", CALLBACK)];
    let code = [("response_type", "code"), ("scope", "openid")];
    let came = served.authorized("/north/authorize", &[&client[..], &code].concat());
    let code = came.get("code").expect("a code");
    let redeem = [("grant_type", "authorization_code"), ("code", code)];
    let answer = served.token("/north/token", &[&client[..], &redeem].concat());
    let id_token = jwt::decode(answer.text("id_token").unwrap_or_else(|| panic!("{answer:?}")));
    for token in [&access_token(&answer), &id_token] {
        assert_eq!(text(token, "sub"), Some("who-has-the-code"));
        assert_eq!(token.claim("aud").unwrap().strings(), ["of-the-code"]);
        let lifetime = ["exp", "iat"].map(|name| token.claim(name).and_then(Json::as_i64).unwrap());
        assert_eq!(lifetime[0] - lifetime[1], 90);
    }
}

#[test]
fn a_parameter_of_any_token_request_chooses_the_claims_at_its_issuer() {
    let served = served(CALLBACKS);
    let client = [("grant_type", "client_credentials"), ("client_id", "batch"), ("client_secret", "any")];
    for (path, more, sub, aud) in [
        ("/north", &[][..], "batch", "of-the-client"),
        ("/south", &[("tenant", "blue")][..], "who-is-of-a-tenant", "of-the-tenant"),
        ("/south", &[("tenant", "green")][..], "batch", "/south"),
    ] {
        let token = access_token(&served.token(&format!("{path}/token"), &[&client[..], more].concat()));
        assert_eq!(text(&token, "sub"), Some(sub), "{path} {more:?}");
        assert!(token.claim("aud").unwrap().strings().concat().contains(aud), "{path} {more:?}");
        assert_eq!(text(&token, "iss"), Some(&*format!("{ISSUER}{path}")));
    }
    served.leaves_out("httpServer");
}

#[test]
fn algorithm_time_and_https_are_taken_over() {
    let keys = served(r#"{ "tokenProvider": { "keyProvider": { "algorithm": "ES256" } } }"#);
    let form = [("grant_type", "client_credentials"), ("client_id", "batch"), ("client_secret", "any")];
    assert_eq!(access_token(&keys.token("/token", &form)).alg(), Some("ES256"));
    let clock = convert(r#"{ "tokenProvider": { "systemTime": "2031-02-03T00:00:00Z" } }"#).unwrap();
    assert!(clock.toml.contains("clock = \"2031-02-03T00:00:00Z\""), "{}", clock.toml);
    for (ssl, left) in [("{}", 1), (r#"{ "keystoreFile": "local.p12", "keystoreType": "PKCS12" }"#, 2)] {
        let https = convert(&format!(r#"{{ "httpServer": {{ "type": "NettyWrapper", "ssl": {ssl} }} }}"#)).unwrap();
        assert!(https.toml.contains("tls_port = 9443"), "{}", https.toml);
        assert_eq!(https.left_out.len(), left, "{:?}", https.left_out);
    }
}

/// As a compose file has them, clients in a file of their own.
#[test]
fn users_scopes_and_clients_of_the_other_mock_are_served() {
    let compose = r#"
services:
  idp:
    ports: ["4011:80"]
    environment:
      ASPNETCORE_ENVIRONMENT: Development
      SERVER_OPTIONS_INLINE: |
        { "AccessTokenJwtType": "JWT", "Discovery": { "ShowKeySet": true } }
      API_SCOPES_INLINE: |
        [ { "Name": "orders-read" }, { "Name": "orders-write" } ]
      API_RESOURCES_INLINE: |
        [ { "Name": "orders", "Scopes": ["orders-read", "orders-write"] } ]
      USERS_CONFIGURATION_INLINE: |
        [ { "SubjectId": "7", "Username": "Dana", "Password": "pwd", "Claims": [
            { "Type": "name", "Value": "Dana Fox" }, { "Type": "email", "Value": "dana@orders.test" } ] } ]
      CLIENTS_CONFIGURATION_PATH: /config/clients.json
"#;
    let told = served(compose);
    told.leaves_out("CLIENTS_CONFIGURATION_PATH names a file");
    told.leaves_out("SERVER_OPTIONS_INLINE");
    let metadata = json(&told.send(&HttpRequest::get(url("/.well-known/openid-configuration"))));
    let scopes = metadata.get("scopes_supported").unwrap().strings();
    assert!(["orders", "orders-read", "orders-write"].iter().all(|scope| scopes.contains(scope)), "{scopes:?}");
    let only = "services:\n  idp:\n    environment:\n      JSON_CONFIG_PATH: /config.json\n";
    assert!(convert(only).unwrap_err().contains("the file that JSON_CONFIG_PATH names"));

    let clients = r#"[
        { "ClientId": "page", "Description": "A page", "AllowedGrantTypes": ["implicit"],
          "AllowAccessTokensViaBrowser": true, "RedirectUris": ["http://localhost:3000/auth"],
          "AllowedScopes": ["openid", "profile", "email"], "IdentityTokenLifetime": 300, "AccessTokenLifetime": 300 },
        { "ClientId": "batch", "ClientSecrets": ["batch-secret"], "AllowedGrantTypes": ["client_credentials"],
          "AllowedScopes": ["orders"], "ClientClaimsPrefix": "", "Claims": [
            { "Type": "plain", "Value": "one" },
            { "Type": "listed", "Value": "['one', 'two']", "ValueType": "json" } ] }
    ]"#;
    let served = served(clients);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "batch"),
        ("client_secret", "batch-secret"),
        ("scope", "orders"),
    ];
    let token = access_token(&served.token("/token", &form));
    assert_eq!((text(&token, "plain"), text(&token, "scope")), (Some("one"), Some("orders")));
    assert_eq!(token.claim("listed").unwrap().strings(), ["one", "two"]);
    served.leaves_out("AllowAccessTokensViaBrowser of page");
    let config = Config::from_toml(&convert(clients).unwrap().toml, Url::parse(ISSUER).unwrap()).unwrap();
    let page = config.client("page").unwrap();
    assert!(page.is_public() && page.may_use("implicit") && page.redirect_uris == ["http://localhost:3000/auth"]);
}
