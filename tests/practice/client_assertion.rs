//! `private_key_jwt` and `client_secret_jwt`: clients that sign who they are.

use grantscope::base::http::HttpResponse;
use grantscope::base::secret::Secret;
use grantscope::jose::key::{self, SigningKey};
use serde_json::{Map, Value, json};

use crate::world::{self, Add, Edit, ISSUER, Set, World, assert_refused, signed, with};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const SECRET: &str = "practice-secret-of-32-bytes-or-more";

fn good(world: &World, client_id: &str) -> Value {
    json!({
        "iss": client_id, "sub": client_id, "aud": ISSUER,
        "iat": world.now.seconds(), "exp": world.now.seconds() + 60, "jti": "one",
    })
}

fn ask(world: &mut World, assertion: &str, edits: &[Edit]) -> HttpResponse {
    let form = [("grant_type", "client_credentials"), ("client_assertion_type", TYPE), ("client_assertion", assertion)];
    world.ask("/token", &form, edits)
}

fn hmac(alg: &str, secret: &str, claims: &Value) -> String {
    SigningKey::from_secret(&Secret::new(secret), alg).unwrap().sign(&Map::new(), claims).unwrap()
}

#[test]
fn a_signed_assertion_authenticates_at_every_endpoint() {
    for (client_id, alg) in [("practice-jwt", "ES256"), ("practice-secret-jwt", "HS256")] {
        let mut world = World::new();
        for (at, path) in ["/token", "/introspect", "/revoke", "/device", "/bc-authorize"].into_iter().enumerate() {
            let claims = with(&good(&world, client_id), &json!({"jti": at.to_string()}));
            let assertion = match alg {
                "ES256" => signed(&json!({}), &claims),
                _ => hmac(alg, SECRET, &claims),
            };
            let form = [
                ("grant_type", "client_credentials"),
                ("token", "junk"),
                ("scope", "openid profile"),
                ("login_hint", "alice"),
                ("client_assertion_type", TYPE),
                ("client_assertion", &assertion),
            ];
            let answer = world.ask(path, &form, &[]);
            assert_eq!(answer.status, 200, "{client_id} at {path}: {}", answer.text());
        }
    }
}

#[test]
fn what_must_be_accepted_is_accepted() {
    let world = World::new();
    let good = good(&world, "practice-jwt");
    let at = |seconds: i64| world.now.seconds() + seconds;
    for (header, edits) in [
        (json!({"typ": "JWT"}), json!({})),
        (json!({"typ": "client-authentication+jwt"}), json!({})),
        (json!({"kid": "another"}), json!({})),
        (json!({}), json!({"aud": format!("{ISSUER}/token")})),
        (json!({}), json!({"aud": [ISSUER]})),
        (json!({}), json!({"nbf": at(8), "iat": at(8)})),
        (json!({}), json!({"iat": null, "exp": at(86_400)})),
        (json!({}), json!({"further": "claim"})),
    ] {
        let answer = ask(&mut World::new(), &signed(&header, &with(&good, &edits)), &[]);
        assert_eq!(answer.status, 200, "{header} {edits}: {}", answer.text());
    }
    let assertion = signed(&json!({}), &good);
    assert_eq!(ask(&mut World::new(), &assertion, &[Add("client_id", "practice-jwt")]).status, 200);
    let claims = self::good(&world, "practice-secret-jwt");
    assert_eq!(ask(&mut World::new(), &hmac("HS256", SECRET, &claims), &[]).status, 200);
}

#[test]
fn a_bad_assertion_is_told_what_is_wrong() {
    let world = World::new();
    let at = |seconds: i64| world.now.seconds() + seconds;
    let good = good(&world, "practice-jwt");
    let claims = |edits: Value| signed(&json!({}), &with(&good, &edits));
    let other_key = SigningKey::generate("ES256", "practice-jwt-1").unwrap();
    let rsa = SigningKey::generate("RS256", "practice-jwt-1").unwrap();
    let secret = self::good(&world, "practice-secret-jwt");
    let of_web = self::good(&world, "practice-web");
    for (assertion, says) in [
        ("junk".to_owned(), "it is no JWT"),
        (key::unsecured(&Map::new(), &good), "alg is none"),
        (other_key.sign(&Map::new(), &good).unwrap(), "signature is not by this key"),
        (rsa.sign(&Map::new(), &good).unwrap(), "RS256 needs an RSA key, this is EC P-256"),
        (signed(&json!({"alg": "ES256K"}), &good), "alg is ES256K, which is not taken here"),
        (signed(&json!({"typ": "at+jwt"}), &good), "typ is at+jwt"),
        (signed(&json!({"crit": ["b64"]}), &good), "crit"),
        (claims(json!({"sub": null})), "sub is missing"),
        (claims(json!({"sub": 7})), "sub is of type number"),
        (claims(json!({"sub": "nobody", "iss": "nobody"})), "there is no client nobody"),
        (claims(json!({"iss": null})), "iss is missing"),
        (claims(json!({"iss": "practice-web"})), "iss is practice-web and sub is practice-jwt"),
        (claims(json!({"aud": null})), "aud is missing; it has to be http://127.0.0.1:9400"),
        (claims(json!({"aud": "https://as.example/token"})), "aud is https://as.example/token"),
        (claims(json!({"aud": format!("{ISSUER}/")})), "aud is http://127.0.0.1:9400/, it has to be"),
        (
            claims(json!({"aud": format!("{ISSUER}/introspect")})),
            "to be http://127.0.0.1:9400 or http://127.0.0.1:9400/token",
        ),
        (claims(json!({"exp": null})), "exp is missing"),
        (claims(json!({"exp": at(-5)})), "it expired 5.0 s ago"),
        (claims(json!({"exp": at(90_000)})), "exp is 1 day 1 h ahead"),
        (claims(json!({"exp": at(60) * 1000})), "milliseconds instead of seconds"),
        (claims(json!({"nbf": at(60)})), "nbf is 1 min ahead"),
        (claims(json!({"iat": at(60)})), "iat is 1 min ahead"),
        (claims(json!({"jti": null})), "jti is missing"),
        (claims(json!({"jti": ""})), "jti is empty"),
        (hmac("HS256", "another secret of 32 bytes or more", &secret), "signature is not by this key"),
        (hmac("HS512", SECRET, &secret), "HS512 needs a secret of 64 bytes, that of practice-secret-jwt has 35"),
        (signed(&json!({}), &secret), "has to authenticate with client_secret_jwt, the request used private_key_jwt"),
        (hmac("HS256", SECRET, &good), "has to authenticate with private_key_jwt, the request used client_secret_jwt"),
        (signed(&json!({}), &of_web), "has to authenticate with client_secret_basic or client_secret_post"),
    ] {
        assert_refused(&ask(&mut World::new(), &assertion, &[]), 401, "invalid_client", says);
    }
}

/// RFC 9126 section 2, CIBA section 7.1: these have to be taken for the name of the server where they are asked.
#[test]
fn the_endpoint_that_is_asked_names_the_server_at_two_of_them() {
    for (path, named, is_taken) in [
        ("/par", "/par", true),
        ("/par", "/token", true),
        ("/par", "", true),
        ("/par", "/bc-authorize", false),
        ("/bc-authorize", "/bc-authorize", true),
        ("/bc-authorize", "/par", false),
        ("/introspect", "/introspect", false),
        ("/token", "/par", false),
    ] {
        let mut world = World::new();
        let claims = with(&good(&world, "practice-jwt"), &json!({"aud": format!("{ISSUER}{named}")}));
        let mut form = world::good_authorization().to_vec();
        form.retain(|(name, _)| *name != "client_id");
        let assertion = signed(&json!({}), &claims);
        form.extend([
            ("client_id", "practice-jwt"),
            ("login_hint", "alice"),
            ("token", "junk"),
            ("grant_type", "client_credentials"),
            ("client_assertion_type", TYPE),
            ("client_assertion", &assertion),
        ]);
        let answer = world.ask(path, &form, &[]);
        assert_eq!(answer.status < 300, is_taken, "{named} at {path}: {}", answer.text());
    }
}

#[test]
fn an_assertion_works_once() {
    let mut world = World::new();
    let first = signed(&json!({}), &good(&world, "practice-jwt"));
    assert_eq!(ask(&mut world, &first, &[]).status, 200);
    assert_refused(&ask(&mut world, &first, &[]), 401, "invalid_client", "used before");
    let again = with(&good(&world, "practice-jwt"), &json!({"exp": world.now.seconds() + 120}));
    assert_refused(&ask(&mut world, &signed(&json!({}), &again), &[]), 401, "invalid_client", "used before");
    let other = hmac("HS256", SECRET, &good(&world, "practice-secret-jwt"));
    assert_eq!(ask(&mut world, &other, &[]).status, 200, "ids are each client's own");
    world.pass(3600);
    let later = with(&good(&world, "practice-jwt"), &json!({"jti": "two"}));
    assert_eq!(ask(&mut world, &signed(&json!({}), &later), &[]).status, 200);
}

#[test]
fn the_parameters_around_it_are_checked() {
    for (edits, status, error, says) in [
        (&[Set("client_assertion_type", "")][..], 400, "invalid_request", "client_assertion_type is missing"),
        (&[Set("client_assertion_type", "saml2")], 401, "invalid_client", "client_assertion_type saml2"),
        (&[Set("client_assertion", "")], 400, "invalid_request", "without client_assertion"),
        (&[Add("client_secret", "x")], 400, "invalid_request", "two ways"),
        (&[Add("client_id", "practice-web")], 400, "invalid_request", "client_assertion is of practice-jwt"),
    ] {
        let mut world = World::new();
        let assertion = signed(&json!({}), &good(&world, "practice-jwt"));
        assert_refused(&ask(&mut world, &assertion, edits), status, error, says);
    }
}

#[test]
fn the_metadata_names_the_methods_and_algorithms() {
    let metadata = world::json(&World::new().get("/.well-known/openid-configuration"));
    let list = |name: &str| metadata.get(name).unwrap().strings().join(" ");
    for member in ["token_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported"] {
        assert_eq!(
            list(member),
            "client_secret_basic client_secret_post client_secret_jwt private_key_jwt none",
            "{member}"
        );
    }
    assert!(!list("introspection_endpoint_auth_methods_supported").contains("none"));
    let algs = list("token_endpoint_auth_signing_alg_values_supported");
    assert!(algs.contains("ES256 ") && algs.contains("HS256") && !algs.contains("none"));
}
