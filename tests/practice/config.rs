//! The configuration file.

use std::sync::Arc;
use std::time::Duration;

use grantscope::base::entropy::Entropy;
use grantscope::base::http::HttpRequest;
use grantscope::base::json::Json;
use grantscope::client::certificate::from_pem;
use grantscope::jose::jwt;
use grantscope::practice::{AccessTokenFormat, Config, Fault, FaultEntry, Practice, TlsOrigin};
use grantscope::terms::client_auth::ClientAuthMethod;
use serde_json::json;
use url::Url;

use crate::world::{self, ISSUER, Set, World, assert_refused, location, sent_back, signed};

const EXAMPLE: &str = include_str!("../../src/practice/config/example.toml");

/// A certificate and its key.
const SELF_SIGNED: &str = include_str!("../vectors/certificate/sec1.pem");

fn read(text: &str) -> Config {
    Config::from_toml(text, Url::parse(ISSUER).unwrap()).unwrap_or_else(|error| panic!("{error} in {text}"))
}

fn served(text: &str) -> World {
    let practice = Practice::new(read(text), Entropy::from_seed([7; 32])).unwrap();
    World { practice, ..World::new() }
}

#[test]
fn an_empty_file_is_the_practice_configuration() {
    assert_eq!(format!("{:?}", read("")), format!("{:?}", Config::practice(Url::parse(ISSUER).unwrap())));
    assert_eq!(read("code_lifetime = 0").code_lifetime, Duration::ZERO);
}

#[test]
fn the_documented_example_is_read_as_it_says() {
    let config = read(EXAMPLE);
    let site = &config.site;
    assert_eq!(
        (site.port, site.tls_port, site.allow_hosts.as_slice()),
        (Some(9400), Some(9443), &["idp".to_owned()][..])
    );
    assert_eq!(config.login_user.as_deref(), Some("carol"));
    assert!(config.profile.is_none(), "with one, no option could let any client in");
    assert_eq!((config.signing_alg.as_str(), config.access_token_lifetime.as_secs()), ("RS256", 600));
    assert_eq!(config.scopes, ["orders:read", "orders:write"]);
    let ids: Vec<&str> = config.clients.iter().map(|client| client.client_id.as_str()).collect();
    assert_eq!(ids, ["shop", "backend", "partner", "spa"]);
    let [shop, backend, partner, spa] = config.clients.as_slice() else { panic!("four clients") };
    assert_eq!(shop.access_token_format, AccessTokenFormat::Opaque);
    assert_eq!(shop.access_token_lifetime, Some(Duration::from_secs(5)));
    assert_eq!(shop.token_endpoint_auth_methods.len(), 2);
    assert_eq!(backend.token_endpoint_auth_methods, [ClientAuthMethod::PrivateKeyJwt]);
    assert_eq!(partner.token_endpoint_auth_methods, [ClientAuthMethod::TlsClientAuth]);
    assert_eq!(partner.tls_client_auth_subject_dn.as_deref(), Some("CN=partner,O=Shop"));
    assert!(partner.tls_client_certificate_bound_access_tokens && !backend.tls_client_certificate_bound_access_tokens);
    assert!(spa.is_public() && spa.any_loopback_redirect && spa.response_types.len() == 2);
    assert_eq!(config.users.len(), 1);
    assert_eq!(config.users[0].name(), "Carol Clark");
    let [blue] = config.further.as_slice() else { panic!("a second server") };
    assert_eq!((blue.issuer_text(), blue.signing_alg.as_str()), ("http://127.0.0.1:9400/blue", "EdDSA"));
    assert_eq!(
        (blue.users[0].sub.as_str(), blue.faults.as_slice()),
        ("dave", &[FaultEntry::from(Fault::MissingIss)][..])
    );
    assert!(!format!("{config:?}").contains("shop-secret"));
}

#[test]
fn what_is_configured_is_served() {
    let mut world = served(EXAMPLE);
    let request = [
        Set("client_id", "shop"),
        Set("scope", "openid profile orders:read"),
        Set("redirect_uri", "https://shop.test/callback"),
    ];
    let page = world.authorize(&request);
    let page = world.choose(&page, "carol");
    assert!(page.text().contains("orders:read"));
    let answer = world.decide(&page, "allow");
    let (_, query) = location(&answer).split_once('?').unwrap();
    let code = grantscope::base::params::Params::parse(query.as_bytes()).get("code").unwrap().to_owned();
    let good = world::good_token_request(&code);
    let form = [&good[..], &[("client_id", "shop"), ("client_secret", "shop-secret")]].concat();
    let tokens = world::json(&world.ask("/token", &form, &[Set("redirect_uri", "https://shop.test/callback")]));
    assert_eq!(tokens.get("expires_in").and_then(Json::as_i64), Some(5));
    assert_eq!(tokens.text("scope"), Some("openid profile orders:read"));
    let id_token = jwt::decode(tokens.text("id_token").unwrap());
    assert_eq!((id_token.alg(), id_token.claim("tenant").and_then(Json::as_str)), (Some("ES256"), Some("blue")));
    let access_token = tokens.text("access_token").unwrap().to_owned();
    let claims = world::json(&world.call("/userinfo", &access_token));
    assert_eq!((claims.text("sub"), claims.get("email")), (Some("carol"), None));
    assert_eq!(claims.get("groups").unwrap().strings(), ["staff", "admin"]);
    let form = [("client_id", "shop"), ("client_secret", "shop-secret"), ("token", access_token.as_str())];
    let told = world::json(&world.ask("/introspect", &form, &[]));
    assert_eq!((told.text("tenant"), told.get("roles").unwrap().strings()), (Some("blue"), vec!["buyer"]));
    world.pass(5);
    assert!(world.call("/userinfo", &access_token).text().contains("expired"));
    let metadata = world::json(&world.get("/.well-known/openid-configuration"));
    assert!(metadata.get("scopes_supported").unwrap().strings().contains(&"orders:write"));

    let claims =
        json!({"iss": "backend", "sub": "backend", "aud": ISSUER, "exp": world.now.seconds() + 60, "jti": "1"});
    let assertion = signed(&json!({}), &claims);
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "orders:write"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &assertion),
    ];
    assert_eq!(world.ask("/token", &form, &[]).status, 200);
    let form = [("grant_type", "client_credentials"), ("client_id", "practice-web"), ("client_secret", "x")];
    assert_refused(&world.ask("/token", &form, &[]), 401, "invalid_client", "no client practice-web");
    let answer = world.authorize(&[Set("client_id", "spa"), Set("response_type", "code token")]);
    assert_eq!(sent_back(&answer).get("error"), Some("unauthorized_client"));
}

fn client(more: &str) -> String {
    format!("\n[[clients]]\nclient_id = \"a\"\nany_loopback_redirect = true\n{more}")
}

#[test]
fn encryption_that_cannot_work_is_refused() {
    for (text, line, says) in [
        (
            client("id_token_encrypted_response_alg = \"RSA1_5\""),
            2,
            "id_token_encrypted_response_alg is RSA1_5, not one of",
        ),
        (
            client("userinfo_encrypted_response_alg = \"dir\"\nuserinfo_encrypted_response_enc = \"A1\""),
            2,
            "userinfo_encrypted_response_enc is A1, not one of",
        ),
        (client("id_token_encrypted_response_enc = \"A128GCM\""), 2, "needs id_token_encrypted_response_alg"),
        (client("id_token_encrypted_response_alg = \"A128KW\""), 2, "A128KW needs a client_secret"),
        (client("id_token_encrypted_response_alg = \"ECDH-ES\""), 2, "needs jwks with an EC key to encrypt to"),
        (client("authorization_encrypted_response_alg = \"RSA-OAEP\""), 2, "needs jwks with an RSA key to encrypt to"),
    ] {
        let error = Config::from_toml(&text, Url::parse(ISSUER).unwrap()).expect_err(&text);
        assert!(error.line == line && error.what.contains(says), "{text}: {error} is not line {line}, {says}");
    }
}

#[test]
fn what_cannot_work_is_refused_with_its_line() {
    for (text, line, says) in [
        ("signing_alg = ".to_owned(), 1, ""),
        ("code_lifetime = 1\ncode_life_time = 2".to_owned(), 2, "`code_life_time`; did you mean `code_lifetime`?"),
        (client("secret = \"b\""), 5, "unknown field `secret`"),
        ("[[users]]\nsub = \"a\"\nclaim = 1".to_owned(), 3, "unknown field `claim`"),
        ("\nsigning_alg = \"HS256\"".to_owned(), 2, "signing_alg is HS256, not one of ES256"),
        ("code_lifetime = -1".to_owned(), 1, ""),
        ("code_lifetime = \"1 min\"".to_owned(), 1, "code_lifetime: invalid type"),
        ("\n\nid_token_lifetime = 400000000".to_owned(), 3, "longer than ten years"),
        ("scopes = [\n\"a\",\n\"b c\"]".to_owned(), 3, "not one word of a scope: b c"),
        ("clients = []".to_owned(), 1, "the list is empty"),
        ("clients = \"all\"".to_owned(), 1, "clients is all, not any"),
        ("login = \"none\"".to_owned(), 1, "login is none, not page or auto"),
        ("bind = \"here\"".to_owned(), 1, "bind is here, not an address"),
        ("issuer = \"ftp://idp\"".to_owned(), 1, "issuer is ftp://idp, not like"),
        ("allow_hosts = [\n\"idp:1\"]".to_owned(), 2, "idp:1 is no host"),
        ("port = 70000".to_owned(), 1, "port"),
        (client("consent = \"never\""), 2, "consent is never, not ask, remember or skip"),
        ("[[issuers]]\npath = \"/b\"\nport = 1".to_owned(), 1, "where the servers listen stands at the top"),
        ("users = []".to_owned(), 1, "the list is empty"),
        (client("") + &client(""), 6, "occurs twice: a"),
        ("[[users]]\nsub = \"\"".to_owned(), 1, "empty or occurs twice"),
        ("[[users]]\npassword = \"x\"".to_owned(), 1, "missing field `sub`"),
        ("[[users]]\nsub = \"a\"\nclaims = { sub = \"b\" }".to_owned(), 1, "sub stands beside claims"),
        ("[[users]]\nsub = \"a\"\naggregated_claims = [\"x\"]".to_owned(), 1, "aggregated_claims has x, which is none"),
        (
            "[[users]]\nsub = \"a\"\naggregated_claims = [\"x\"]\ndistributed_claims = [\"x\"]\nclaims = { x = 1 }"
                .to_owned(),
            1,
            "x is aggregated and distributed",
        ),
        (
            client("token_endpoint_auth_method = \"tls_client_auth\""),
            2,
            "a: token_endpoint_auth_method tls_client_auth needs tls_client_auth_subject_dn",
        ),
        (client("token_endpoint_auth_method = \"self_signed_tls_client_auth\""), 2, "needs tls_client_certificate"),
        (client("tls_client_auth_subject_dn = \"a\""), 2, "tls_client_auth_subject_dn: an attribute has no ="),
        (client("tls_client_auth_subject_dn = \"CN=a,CN=b\""), 2, "2.5.4.3 occurs twice"),
        (client("tls_client_auth_san_dns = \"a..b\""), 2, "tls_client_auth_san_dns is no DNS name: a..b"),
        (
            client("tls_client_auth_subject_dn = \"CN=a\"\ntls_client_auth_san_dns = \"a.test\""),
            2,
            "only one can be there",
        ),
        (client("tls_client_certificate = \"MII\""), 2, "tls_client_certificate: there is no certificate"),
        (client(&format!("tls_client_certificate = '''{SELF_SIGNED}'''")), 2, "not its private key"),
        (client("token_endpoint_auth_method = \"client_secret_basic\""), 2, "needs a client_secret"),
        (client("token_endpoint_auth_method = \"private_key_jwt\""), 2, "needs jwks with a key"),
        (client("client_secret = \"x\"\ntoken_endpoint_auth_method = \"none\""), 2, "needs no client_secret"),
        (
            client("client_secret = \"x\"\ntoken_endpoint_auth_method = \"client_secret_jwt\""),
            2,
            "needs a client_secret of 32 bytes or more",
        ),
        (client("grant_types = [\"magic\"]"), 2, "grant_type magic"),
        (client("response_types = [\"code magic\"]"), 2, "response_type code magic"),
        (client("redirect_uris = [\"/cb\"]"), 2, "not an absolute URI"),
        (client("post_logout_redirect_uris = [\"https://a.test/#x\"]"), 2, "https://a.test/#x"),
        ("[[clients]]\nclient_id = \"a\"".to_owned(), 1, "a: redirect_uris is missing"),
        (client("access_token_format = \"paseto\""), 2, "access_token_format is paseto"),
        (client("access_token_claims = { iss = \"x\" }"), 2, "access_token_claims has iss"),
        (client("id_token_claims = { nonce = \"x\" }"), 2, "id_token_claims has nonce"),
        (client("access_token_lifetime = 400000000"), 2, "longer than ten years"),
        (client("backchannel_client_notification_endpoint = \"https://a.test/\""), 2, "not on this machine"),
        (client("jwks = { keys = 1 }"), 2, "jwks cannot be read"),
        (client("jwks = { keys = [{ kty = \"EC\" }] }"), 2, "key 0 of jwks cannot be read"),
        (client("jwks = { keys = [{ kty = \"oct\", k = \"AAAA\" }] }"), 2, "only public ones"),
    ] {
        let error = Config::from_toml(&text, Url::parse(ISSUER).unwrap()).expect_err(&text);
        assert!(error.line == line && error.what.contains(says), "{text}: {error} is not line {line}, {says}");
        assert!(!error.what.contains('\n'));
    }
}

#[test]
fn a_self_signed_certificate_is_registered_as_pem() {
    let (certificate, _) = SELF_SIGNED.split_once("-----BEGIN EC PARAMETERS").unwrap();
    let clients = format!(
        "[[clients]]\nclient_id = \"a\"\ngrant_types = [\"client_credentials\"]\n\
         tls_client_certificate = \"\"\"\n{certificate}\"\"\"\n\
         [[clients]]\nclient_id = \"b\"\ngrant_types = [\"client_credentials\"]\n\
         tls_client_auth_san_dns = \"b.test\"\n"
    );
    let mut config = read(&clients);
    let made_at = World::new().now;
    config.tls_origin = Some(TlsOrigin { url: Url::parse("https://127.0.0.1:9443").unwrap(), made_at });
    assert_eq!(config.clients[0].token_endpoint_auth_methods, [ClientAuthMethod::SelfSignedTlsClientAuth]);
    let mut practice = Practice::new(config, Entropy::from_seed([7; 32])).unwrap();
    let certificates = practice.certificates().unwrap().clone();
    assert!(certificates.client("a").is_none(), "it has its own");
    for (client_id, pem) in [("a", SELF_SIGNED), ("b", certificates.client("b").unwrap().expose())] {
        let form = [("grant_type", "client_credentials"), ("client_id", client_id), ("scope", "profile")];
        let target = Url::parse("https://127.0.0.1:9443/token").unwrap();
        let mut request = HttpRequest::post_form(target, &form.into_iter().collect());
        request.tls.certificate = Some(Arc::new(from_pem(pem).unwrap()));
        assert_eq!(practice.handle(&request, made_at).status, 200, "{client_id}");
    }
}

#[test]
fn times_and_nested_tables_become_claims() {
    let config =
        read("[[users]]\nsub = \"a\"\n[users.claims]\nsince = 2020-01-02\naddress = { locality = \"Graz\" }\nn = 1.5");
    let claims = serde_json::Value::Object(config.users[0].claims.clone());
    assert_eq!(claims, json!({"since": "2020-01-02", "address": {"locality": "Graz"}, "n": 1.5}));
}
