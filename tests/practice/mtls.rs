//! Mutual TLS: clients with certificates, and tokens that are bound to them. The sockets are in `tests/serve.rs`.

use std::sync::Arc;

use grantscope::base::entropy::Entropy;
use grantscope::base::http::{ClientCertificate, HttpRequest, HttpResponse};
use grantscope::base::json::Json;
use grantscope::base::secret::SecretBytes;
use grantscope::base::time::Timestamp;
use grantscope::client::certificate::{describe, from_pem};
use grantscope::jose::jwt;
use grantscope::practice::{AccessTokenFormat, Client, Config, Practice, PracticeError, TlsOrigin};
use url::Url;

use crate::world::{
    CALLBACK, ISSUER, SCOPE, Set, VERIFIER, World, assert_denied, assert_refused, edited, json, url, with_web,
};

const ORIGIN: &str = "https://127.0.0.1:9443";
const BASIC: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "profile")];

type Shown = Option<Arc<ClientCertificate>>;

fn tls_origin(text: &str) -> TlsOrigin {
    TlsOrigin { url: Url::parse(text).unwrap(), made_at: Timestamp::from_seconds(1_800_000_000) }
}

/// The practice clients, and some more with certificates.
fn world() -> World {
    World::with(|config| {
        config.tls_origin = Some(tls_origin(ORIGIN));
        let tls = config.client("practice-tls").unwrap().clone();
        let other = |client_id: &str| Client { client_id: client_id.to_owned(), ..tls.clone() };
        config.clients.extend([
            Client {
                tls_client_auth_subject_dn: Some(r"cn=Other,O=Grant\, Scope,DC=example".to_owned()),
                ..other("other-tls")
            },
            Client {
                tls_client_auth_subject_dn: None,
                tls_client_auth_san_dns: Some("app.example".to_owned()),
                ..other("dns-tls")
            },
            Client { access_token_format: AccessTokenFormat::Opaque, ..other("opaque-tls") },
        ]);
        for (client_id, like) in [("bound-web", "practice-web"), ("bound-native", "practice-native")] {
            let client = Client {
                client_id: client_id.to_owned(),
                tls_client_certificate_bound_access_tokens: true,
                ..config.client(like).unwrap().clone()
            };
            config.clients.push(client);
        }
    })
}

/// What a client shows: the certificate that was made for it.
fn certificate_of(world: &World, client_id: &str) -> Shown {
    let pem = world.practice.certificates().unwrap().client(client_id).expect("a certificate");
    Some(Arc::new(from_pem(pem.expose()).unwrap()))
}

fn thumbprint(certificate: &Shown) -> String {
    describe(certificate.as_deref().unwrap()).unwrap().thumbprint
}

fn at_tls(path: &str) -> Url {
    Url::parse(ORIGIN).unwrap().join(path).unwrap()
}

fn over_tls(world: &mut World, path: &str, form: &[(&str, &str)], certificate: &Shown) -> HttpResponse {
    let mut request = HttpRequest::post_form(at_tls(path), &edited(form, &[]));
    request.tls.certificate.clone_from(certificate);
    world.practice.handle(&request, world.now)
}

fn call(world: &mut World, url: Url, token: &str, certificate: &Shown) -> HttpResponse {
    let mut request = HttpRequest::get(url).with_header("Authorization", format!("Bearer {token}"));
    request.tls.certificate.clone_from(certificate);
    world.practice.handle(&request, world.now)
}

fn token(world: &mut World, client_id: &str, certificate: &Shown) -> HttpResponse {
    over_tls(world, "/token", &[&BASIC[..], &[("client_id", client_id)]].concat(), certificate)
}

fn access_token(answer: &HttpResponse) -> String {
    json(answer).text("access_token").unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

fn signed_in(world: &mut World, client_id: &'static str, certificate: &Shown) -> Json {
    let code = world.code(&[Set("client_id", client_id)]);
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", client_id),
    ];
    json(&over_tls(world, "/token", &form, certificate))
}

#[test]
fn the_metadata_names_what_is_there_with_tls() {
    let metadata = json(&world().get("/.well-known/openid-configuration"));
    let aliases = metadata.get("mtls_endpoint_aliases").unwrap();
    for (name, path) in [
        ("token_endpoint", "/token"),
        ("introspection_endpoint", "/introspect"),
        ("revocation_endpoint", "/revoke"),
        ("device_authorization_endpoint", "/device"),
        ("backchannel_authentication_endpoint", "/bc-authorize"),
        ("pushed_authorization_request_endpoint", "/par"),
        ("userinfo_endpoint", "/userinfo"),
    ] {
        assert_eq!(aliases.text(name), Some(format!("{ORIGIN}{path}").as_str()));
        assert_eq!(metadata.text(name), Some(format!("{ISSUER}{path}").as_str()));
    }
    assert_eq!(aliases.members().len(), 7);
    assert_eq!(metadata.get("tls_client_certificate_bound_access_tokens").and_then(Json::as_bool), Some(true));
    let without = json(&World::new().get("/.well-known/openid-configuration"));
    for list in ["token_endpoint", "introspection_endpoint", "revocation_endpoint"] {
        let list = format!("{list}_auth_methods_supported");
        for method in ["tls_client_auth", "self_signed_tls_client_auth"] {
            assert!(metadata.get(&list).unwrap().strings().contains(&method), "{list}");
            assert!(!without.get(&list).unwrap().strings().contains(&method), "{list}");
        }
    }
    assert_eq!(without.get("mtls_endpoint_aliases"), None);
    assert_eq!(without.get("tls_client_certificate_bound_access_tokens"), None);
}

#[test]
fn a_certificate_authenticates_and_the_token_is_bound_to_it() {
    for client_id in ["practice-tls", "practice-self-signed", "other-tls", "dns-tls", "opaque-tls"] {
        let mut world = world();
        let own = certificate_of(&world, client_id);
        let answer = token(&mut world, client_id, &own);
        assert_eq!(answer.status, 200, "{client_id}: {}", answer.text());
        let token = access_token(&answer);
        let form = [("client_id", client_id), ("token", token.as_str())];
        let told = json(&over_tls(&mut world, "/introspect", &form, &own));
        let cnf = told.get("cnf").unwrap();
        assert_eq!((cnf.text("x5t#S256"), cnf.members().len()), (Some(thumbprint(&own).as_str()), 1));
        let decoded = jwt::decode(&token);
        assert_eq!(decoded.claim("cnf").is_some(), client_id != "opaque-tls");
        assert!(decoded.claim("cnf").is_none_or(|inside| inside == cnf));
    }
}

#[test]
fn everything_is_there_with_tls() {
    let mut world = world();
    let own = certificate_of(&world, "practice-tls");
    let form = [
        ("client_id", "practice-tls"),
        ("grant_type", "client_credentials"),
        ("token", "junk"),
        ("scope", "openid profile"),
        ("login_hint", "alice"),
    ];
    for path in ["/token", "/introspect", "/revoke", "/device", "/bc-authorize"] {
        assert_eq!(over_tls(&mut world, path, &form, &own).status, 200, "{path}");
        assert_refused(&over_tls(&mut world, path, &form, &None), 401, "invalid_client", "no certificate was shown");
    }
    // A client with a secret may come here too, and needs no certificate.
    assert_eq!(over_tls(&mut world, "/token", &with_web(&BASIC), &None).status, 200);
    for (target, status) in [
        ("https://127.0.0.1:9443/", 200),
        ("https://127.0.0.1:9443/jwks", 200),
        ("https://127.0.0.1:9443/nothing", 404),
        ("https://127.0.0.1:9443/token", 405),
        ("https://127.0.0.1:9443/userinfo", 401),
        ("https://127.0.0.1:9443/api/me", 401),
        ("https://localhost:9443/userinfo", 401),
        ("https://rebound.example:9443/userinfo", 421),
    ] {
        let request = HttpRequest::get(Url::parse(target).unwrap());
        assert_eq!(world.practice.handle(&request, world.now).status, status, "{target}");
    }
}

#[test]
fn every_other_certificate_is_refused() {
    let mut world = world();
    let of = |client_id: &str| certificate_of(&world, client_id);
    let chain =
        |chain: &[Vec<u8>]| Some(Arc::new(ClientCertificate { chain: chain.to_vec(), key: SecretBytes::default() }));
    let server = &world.practice.certificates().unwrap().chain;
    let other_run = certificate_of(&self::world(), "practice-tls");
    let rows = [
        ("practice-tls", None, "practice-tls authenticates with tls_client_auth, and no certificate was shown"),
        ("practice-tls", chain(&[]), "no certificate was shown in the TLS handshake"),
        ("practice-tls", of("practice-self-signed"), "does not come from the authority of this server"),
        ("practice-tls", other_run, "does not come from the authority of this server"),
        ("practice-tls", of("dns-tls"), "its subject is CN=dns-tls, registered is CN=practice-tls"),
        ("other-tls", of("practice-tls"), "its subject is CN=practice-tls, registered is"),
        ("dns-tls", of("practice-tls"), "its DNS names are , registered is app.example"),
        ("practice-tls", chain(&server[..1]), "is not accepted"),
        ("practice-tls", chain(&server[1..]), "is not accepted"),
        ("practice-tls", chain(&[b"junk".to_vec()]), "is not accepted"),
        ("practice-self-signed", None, "self_signed_tls_client_auth, and no certificate was shown"),
        ("practice-self-signed", of("practice-tls"), "its x5t#S256 is "),
        ("practice-self-signed", chain(&[b"junk".to_vec()]), "its x5t#S256 is "),
        ("practice-web", of("practice-tls"), "has to authenticate with client_secret_basic"),
    ];
    for (client_id, certificate, says) in rows {
        assert_refused(&token(&mut world, client_id, &certificate), 401, "invalid_client", says);
    }
}

#[test]
fn a_certificate_with_any_byte_changed_is_refused() {
    let mut world = world();
    for client_id in ["practice-tls", "practice-self-signed"] {
        let good = certificate_of(&world, client_id).unwrap().chain[0].clone();
        for at in 0..good.len() {
            let mut changed = good.clone();
            changed[at] ^= 1;
            let shown = Some(Arc::new(ClientCertificate { chain: vec![changed], key: SecretBytes::default() }));
            assert_refused(&token(&mut world, client_id, &shown), 401, "invalid_client", "is not accepted");
        }
        for end in 0..good.len() {
            let chain = vec![good[..end].to_vec()];
            let shown = Some(Arc::new(ClientCertificate { chain, key: SecretBytes::default() }));
            assert_eq!(token(&mut world, client_id, &shown).status, 401);
        }
    }
}

#[test]
fn a_certificate_has_its_time() {
    let mut world = world();
    let made_at = world.now;
    for (client_id, seconds, says) in [
        ("practice-tls", 366 * 24 * 3600, Some("it has expired")),
        ("practice-tls", -2 * 24 * 3600, Some("it is not valid yet")),
        ("practice-tls", -2_000_000_000, Some("it is not valid yet")),
        // Registered as it is, whatever it says (RFC 8705 section 2.2).
        ("practice-self-signed", 366 * 24 * 3600, None),
    ] {
        world.now = Timestamp::from_seconds(made_at.seconds() + seconds);
        let own = certificate_of(&world, client_id);
        let answer = token(&mut world, client_id, &own);
        match says {
            Some(says) => assert_refused(&answer, 401, "invalid_client", says),
            None => assert_eq!(answer.status, 200),
        }
    }
}

#[test]
fn plain_http_proves_nothing() {
    let mut world = world();
    for client_id in ["practice-tls", "practice-self-signed"] {
        let form = [&BASIC[..], &[("client_id", client_id)]].concat();
        let mut request = HttpRequest::post_form(url("/token"), &edited(&form, &[]));
        // What a client brings is nothing that the server was shown.
        request.tls.certificate = certificate_of(&world, client_id);
        let answer = world.practice.handle(&request, world.now);
        let says = "came over plain http; send it to https://127.0.0.1:9443/token with the certificate";
        assert_refused(&answer, 401, "invalid_client", says);
        let answer = World::new().ask("/token", &form, &[]);
        assert_refused(&answer, 401, "invalid_client", "needs TLS, and this server runs without it");
        let secret = [&form[..], &[("client_secret", "practice-secret")]].concat();
        let answer = over_tls(&mut world, "/token", &secret, &None);
        assert_refused(&answer, 401, "invalid_client", "the request used client_secret_post");
    }
}

#[test]
fn a_bound_token_works_with_its_certificate_alone() {
    let mut world = world();
    let (own, other) = (certificate_of(&world, "practice-tls"), certificate_of(&world, "practice-self-signed"));
    let tokens = signed_in(&mut world, "practice-tls", &own);
    let token = tokens.text("access_token").unwrap();
    for path in ["/api/me", "/userinfo"] {
        let answer = call(&mut world, at_tls(path), token, &own);
        assert_eq!(json(&answer).text("sub"), Some("alice"), "{}", answer.text());
        let with_other = call(&mut world, at_tls(path), token, &other);
        let none = call(&mut world, at_tls(path), token, &None);
        let plain = call(&mut world, url(path), token, &own);
        assert_denied(&with_other, 401, Some("invalid_token"), "the one that was shown has");
        assert_denied(&none, 401, Some("invalid_token"), "is bound to the certificate with x5t#S256");
        assert_denied(&plain, 401, Some("invalid_token"), "and none was shown");
    }
    // Only access tokens are bound, and the client has to authenticate for all else.
    let refresh_token = tokens.text("refresh_token").unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("client_id", "practice-tls")];
    let answer = over_tls(&mut world, "/token", &form, &other);
    assert_refused(&answer, 401, "invalid_client", "is not accepted");
    let answer = over_tls(&mut world, "/token", &form, &own);
    let cnf = jwt::decode(&access_token(&answer)).claim("cnf").cloned().unwrap();
    assert_eq!(cnf.text("x5t#S256"), Some(thumbprint(&own).as_str()));
}

#[test]
fn a_token_that_is_not_bound_works_with_any_certificate_or_none() {
    let mut world = world();
    let token = world.tokens(&[]);
    let token = token.text("access_token").unwrap();
    assert!(jwt::decode(token).claim("cnf").is_none());
    for certificate in [None, certificate_of(&world, "practice-tls")] {
        assert_eq!(call(&mut world, at_tls("/api/me"), token, &certificate).status, 200);
    }
}

#[test]
fn clients_with_other_methods_may_want_bound_tokens() {
    let mut world = world();
    let shown = certificate_of(&world, "practice-tls");
    let form = [&BASIC[..], &[("client_id", "bound-web"), ("client_secret", "practice-secret")]].concat();
    let answer = world.ask("/token", &form, &[]);
    assert_refused(
        &answer,
        400,
        "invalid_request",
        "gets access tokens bound to its certificate, and this request came",
    );
    let answer = over_tls(&mut world, "/token", &form, &None);
    assert_refused(&answer, 400, "invalid_request", "no certificate was shown");
    let token = access_token(&over_tls(&mut world, "/token", &form, &shown));
    assert_eq!(jwt::decode(&token).claim("cnf").unwrap().text("x5t#S256"), Some(thumbprint(&shown).as_str()));
    // Where nothing is issued, nothing has to be bound.
    let form = [("client_id", "bound-web"), ("client_secret", "practice-secret"), ("token", &token)];
    assert_eq!(json(&world.ask("/introspect", &form, &[])).get("active").and_then(Json::as_bool), Some(true));
}

#[test]
fn refresh_tokens_of_public_clients_are_bound_too() {
    let mut world = world();
    let (own, other) = (certificate_of(&world, "practice-tls"), certificate_of(&world, "dns-tls"));
    let tokens = signed_in(&mut world, "bound-native", &own);
    assert_eq!(tokens.text("scope"), Some(SCOPE));
    let refresh_token = tokens.text("refresh_token").unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("client_id", "bound-native")];
    let answer = over_tls(&mut world, "/token", &form, &other);
    assert_refused(&answer, 400, "invalid_grant", "bound to the certificate it was issued with");
    assert_eq!(over_tls(&mut world, "/token", &form, &own).status, 200);
}

#[test]
fn the_certificates_are_offered_and_are_of_one_run() {
    let mut world = world();
    let certificates = world.practice.certificates().unwrap().clone();
    assert!(World::new().practice.certificates().is_none());
    assert!(certificates.client("practice-web").is_none() && certificates.client("bound-native").is_none());
    let own = describe(certificate_of(&world, "other-tls").as_deref().unwrap()).unwrap();
    assert_eq!(own.subject.to_string(), r"CN=Other,O=Grant\, Scope,DC=example");
    assert!(own.issuer.to_string().starts_with("CN=Grantscope practice authority "));
    let shown = format!("{certificates:?} {:?}", world.practice);
    assert!(!shown.contains("PRIVATE KEY") && shown.contains("practice-tls"), "{shown}");
    let home = world.get("/").text().into_owned();
    assert!(home.contains("<code>https://127.0.0.1:9443</code>"));
    for pem in certificates.clients.iter().map(|issued| issued.pem.expose()).chain([certificates.authority.as_str()]) {
        assert!(home.contains(pem), "{home}");
    }
    assert!(!World::new().get("/").text().contains("Mutual TLS"));
    assert_ne!(self::world().practice.certificates().unwrap().authority, certificates.authority);
}

#[test]
fn the_tls_origin_is_an_origin_with_tls() {
    for origin in ["http://127.0.0.1:9443/", "https://127.0.0.1:9443/path", "https://a@127.0.0.1/"] {
        let mut config = Config::practice(url("/"));
        config.tls_origin = Some(tls_origin(origin));
        let made = Practice::new(config, Entropy::from_seed([7; 32]));
        assert!(matches!(made, Err(PracticeError::TlsOrigin(_))), "{origin}");
    }
    for dn in ["CN=a,CN=b", "CN=a+O=b", "no name", "9.9=a"] {
        let mut config = Config::practice(url("/"));
        config.tls_origin = Some(tls_origin(ORIGIN));
        let mut client = config.client("practice-tls").unwrap().clone();
        client.client_id = "bad".to_owned();
        client.tls_client_auth_subject_dn = Some(dn.to_owned());
        config.clients.push(client);
        let made = Practice::new(config, Entropy::from_seed([7; 32]));
        assert!(matches!(made, Err(PracticeError::Certificates(_))), "{dn}");
    }
}
