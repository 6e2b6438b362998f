//! Dynamic client registration from outside (RFC 7591, RFC 7592).

use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::jose::jwe::{self, DecryptionKey};
use grantscope::jose::jwt::decode;
use grantscope::practice::{PRACTICE_ENCRYPTION_KEY, PracticeHandle};
use serde_json::{Value, json};

use crate::world::{Set, VERIFIER, World, edited, good_authorization, json as json_of, sent_back, url};

fn send(world: &mut World, method: &str, at: &str, token: &str, body: &Value) -> HttpResponse {
    let mut request = HttpRequest::get(url(at)).with_header("Content-Type", JSON);
    method.clone_into(&mut request.method);
    if !token.is_empty() {
        request.headers.push("Authorization", format!("Bearer {token}"));
    }
    request.body = body.to_string().into_bytes();
    world.practice.handle(&request, world.now)
}

fn register(world: &mut World, body: &Value) -> (u16, Value) {
    let answer = send(world, "POST", "/register", "", body);
    (answer.status, serde_json::from_slice(&answer.body).expect("JSON"))
}

fn good() -> Value {
    json!({ "client_name": "Shop", "redirect_uris": ["http://127.0.0.1/cb"] })
}

/// Where a registration is managed, and its token.
fn managed(told: &Value) -> (String, String) {
    let uri = told["registration_client_uri"].as_str().expect("a URI");
    let at = uri.split_once("9400").expect("this server").1.to_owned();
    (at, told["registration_access_token"].as_str().expect("a token").to_owned())
}

#[test]
fn what_is_left_out_has_its_usual_value_and_what_is_unknown_is_not_registered() {
    let mut world = World::new();
    let mut asked = good();
    asked["flux_capacitor"] = json!(true);
    asked["scope"] = json!("openid nothing profile");
    let (status, told) = register(&mut world, &asked);
    assert_eq!(status, 201, "{told}");
    assert_eq!(told["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(told["grant_types"], json!(["authorization_code"]));
    assert_eq!((&told["client_secret_expires_at"], &told["scope"]), (&json!(0), &json!("openid profile")));
    assert!(told.get("flux_capacitor").is_none());
    let metadata = world.get("/.well-known/openid-configuration");
    let published = Json::parse(&metadata.body).expect("JSON");
    assert_eq!(published.text("registration_endpoint"), Some("http://127.0.0.1:9400/register"));
}

#[test]
fn what_is_registered_as_encrypted_comes_encrypted() {
    let mut world = World::new();
    let key: Value = serde_json::from_str(PRACTICE_ENCRYPTION_KEY).expect("a key");
    let public: Value =
        ["kty", "kid", "use", "crv", "x", "y"].into_iter().map(|it| (it.to_owned(), key[it].clone())).collect();
    let mut asked = good();
    asked["redirect_uris"] = json!(["http://127.0.0.1/callback"]);
    asked["token_endpoint_auth_method"] = json!("none");
    asked["jwks"] = json!({ "keys": [public] });
    asked["id_token_encrypted_response_alg"] = json!("ECDH-ES+A128KW");
    asked["id_token_encrypted_response_enc"] = json!("A128GCM");
    let (status, told) = register(&mut world, &asked);
    assert_eq!((status, &told["id_token_encrypted_response_alg"]), (201, &json!("ECDH-ES+A128KW")), "{told}");
    let client_id = told["client_id"].as_str().expect("a name").to_owned();

    let mut params: Params = edited(&good_authorization(), &[Set("redirect_uri", "http://127.0.0.1:8912/callback")]);
    params.set("client_id", &client_id);
    let page = world.get(&format!("/authorize?{}", params.encode()));
    let page = world.choose(&page, "alice");
    let code = sent_back(&world.decide(&page, "allow")).get("code").expect("a code").to_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", "http://127.0.0.1:8912/callback"),
        ("client_id", &client_id),
        ("code_verifier", VERIFIER),
    ];
    let tokens = json_of(&world.ask("/token", &form, &[]));
    let token = decode(tokens.text("id_token").expect("an ID token"));
    let keys = DecryptionKey::read(PRACTICE_ENCRYPTION_KEY).expect("a key");
    let opened = jwe::decrypt(&token, &keys).expect("encrypted to the registered key");
    assert_eq!(opened.token().claim("aud").and_then(Json::as_str), Some(client_id.as_str()));
}

#[test]
fn grants_and_response_types_that_fit_are_registered() {
    for change in [
        json!({ "redirect_uris": ["com.example.app:/cb"] }),
        json!({ "request_object_signing_alg": "PS256" }),
        json!({ "grant_types": ["implicit"], "response_types": ["id_token"] }),
        json!({ "grant_types": ["authorization_code", "implicit"], "response_types": ["code id_token"] }),
        json!({ "response_types": ["none"] }),
        json!({ "grant_types": ["client_credentials"], "redirect_uris": null }),
        json!({ "grant_types": ["client_credentials"], "response_types": [], "redirect_uris": null }),
    ] {
        let mut asked = good();
        for (name, value) in change.as_object().expect("an object") {
            asked[name] = value.clone();
        }
        asked.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        let (status, told) = register(&mut World::new(), &asked);
        assert_eq!(status, 201, "{change}: {told}");
    }
}

#[test]
fn what_cannot_work_is_refused() {
    for (change, error) in [
        (json!({ "redirect_uris": null }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": [] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["/cb"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["https://a.example/#x"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["http://a.example/"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": [7] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["javascript:alert(1)"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["JavaScript:alert(1)"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["data:text/html,x"] }), "invalid_redirect_uri"),
        (json!({ "grant_types": ["implicit"], "response_types": ["code"] }), "invalid_client_metadata"),
        (json!({ "grant_types": ["implicit"], "response_types": ["code", "token"] }), "invalid_client_metadata"),
        (json!({ "grant_types": ["implicit"] }), "invalid_client_metadata"),
        (json!({ "response_types": ["id_token"] }), "invalid_client_metadata"),
        (json!({ "response_types": ["code id_token"] }), "invalid_client_metadata"),
        (json!({ "request_object_signing_alg": "none" }), "invalid_client_metadata"),
        (json!({ "request_object_signing_alg": "magic" }), "invalid_client_metadata"),
        (json!({ "grant_types": ["nothing"] }), "invalid_client_metadata"),
        (json!({ "response_types": ["nothing"] }), "invalid_client_metadata"),
        (json!({ "token_endpoint_auth_method": "magic" }), "invalid_client_metadata"),
        (json!({ "token_endpoint_auth_method": "tls_client_auth" }), "invalid_client_metadata"),
        (json!({ "token_endpoint_auth_method": "private_key_jwt" }), "invalid_client_metadata"),
        (json!({ "client_name": 7 }), "invalid_client_metadata"),
        (json!({ "jwks": { "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] } }), "invalid_client_metadata"),
        (json!({ "jwks_uri": "https://a.example/jwks" }), "invalid_client_metadata"),
        (json!({ "sector_identifier_uri": "https://a.example/" }), "invalid_client_metadata"),
        (
            json!({ "jwks_uri": "http://127.0.0.1/jwks", "jwks": { "keys": [
            { "kty": "EC", "crv": "P-256", "x": "wspkwzycrfw6jfrGK2169C6jSrrAfRWrjRfeEaCAgMU",
              "y": "TfzHXaXQVJrBpuC3lCzfga4nL3LzynJ4FPQIG_Gx-KE" },
        ] } }),
            "invalid_client_metadata",
        ),
        (json!({ "id_token_signed_response_alg": "HS256" }), "invalid_client_metadata"),
        (json!({ "userinfo_signed_response_alg": "HS256" }), "invalid_client_metadata"),
        (json!({ "id_token_encrypted_response_alg": "ECDH-ES" }), "invalid_client_metadata"),
        (json!({ "id_token_encrypted_response_enc": "A128GCM" }), "invalid_client_metadata"),
        (json!({ "userinfo_encrypted_response_alg": "RSA1_5" }), "invalid_client_metadata"),
        (json!({ "backchannel_client_notification_endpoint": "https://a.example/" }), "invalid_client_metadata"),
        (json!({ "software_statement": 7 }), "invalid_software_statement"),
    ] {
        let mut asked = good();
        for (name, value) in change.as_object().expect("an object") {
            asked[name] = value.clone();
        }
        let (status, told) = register(&mut World::new(), &asked);
        assert_eq!((status, &told["error"]), (400, &json!(error)), "{change}: {told}");
    }
    let mut world = World::new();
    for body in [json!([]), json!("text"), json!({ "client_name": "x".repeat(20_000) })] {
        assert_eq!(register(&mut world, &body).1["error"], "invalid_client_metadata");
    }
    assert_eq!(world.post("/register", &Default::default()).status, 400, "a form is no JSON");
    assert_eq!(world.practice.log().len(), 4);
}

#[test]
fn a_statement_that_this_server_has_signed_is_approved_and_its_claims_win() {
    let world = World::new();
    let handle = PracticeHandle::new(world.practice);
    let claims = json!({ "iss": "http://127.0.0.1:9400", "client_name": "Vouched", "exp": world.now.seconds() + 60 });
    let statement = handle.sign(&claims).expect("signed");
    let mut asked = good();
    asked["software_statement"] = json!(statement);
    let post = |asked: &Value, seconds: u64| {
        let mut request = HttpRequest::get(url("/register")).with_header("Content-Type", JSON);
        "POST".clone_into(&mut request.method);
        request.body = asked.to_string().into_bytes();
        let answer = handle.handle(&request, world.now + std::time::Duration::from_secs(seconds));
        serde_json::from_slice::<Value>(&answer.body).expect("JSON")
    };
    let told = post(&asked, 0);
    assert_eq!((&told["client_name"], &told["software_statement"]), (&json!("Vouched"), &json!(statement)));
    assert!(told.get("iss").is_none());
    assert_eq!(post(&asked, 60)["error"], "invalid_software_statement");
    asked["software_statement"] = json!(format!("{}A", &statement[..statement.len() - 2]));
    assert_eq!(post(&asked, 0)["error"], "invalid_software_statement");
}

#[test]
fn a_registration_is_managed_by_its_token_alone() {
    let mut world = World::new();
    let (at, token) = managed(&register(&mut world, &good()).1);
    let (other, _) = managed(&register(&mut world, &good()).1);
    for (at, token) in
        [(at.as_str(), ""), (at.as_str(), "wrong"), (other.as_str(), token.as_str()), ("/register", &token)]
    {
        for method in ["GET", "PUT", "DELETE"] {
            let answer = send(&mut world, method, at, token, &good());
            assert_eq!(answer.status, 401, "{method} {at}");
            assert!(answer.headers.get("www-authenticate").is_some_and(|field| field.starts_with("Bearer ")));
        }
    }
    assert_eq!(send(&mut world, "GET", &at, &token, &Value::Null).status, 200);
}

#[test]
fn an_update_replaces_everything_but_what_was_issued() {
    let mut world = World::new();
    let (_, told) = register(&mut world, &good());
    let (at, token) = managed(&told);
    let mut asked = json!({ "client_id": told["client_id"], "redirect_uris": ["https://new.example/cb"] });
    let answer = send(&mut world, "PUT", &at, &token, &asked);
    let now: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!((answer.status, &now["client_secret"]), (200, &told["client_secret"]), "{now}");
    assert!(now.get("client_name").is_none(), "what is left out is gone: {now}");
    assert_eq!(now["redirect_uris"], json!(["https://new.example/cb"]));
    for (name, value) in [
        ("registration_access_token", told["registration_access_token"].clone()),
        ("client_id_issued_at", json!(1)),
        ("client_id", json!("another")),
        ("client_secret", json!("another")),
    ] {
        let mut spoilt = asked.clone();
        spoilt[name] = value;
        assert_eq!(send(&mut world, "PUT", &at, &token, &spoilt).status, 400, "{name}");
    }
    let mut unnamed = asked.clone();
    unnamed.as_object_mut().expect("an object").shift_remove("client_id");
    assert_eq!(send(&mut world, "PUT", &at, &token, &unnamed).status, 400, "whose it is has to be said");
    asked["client_secret"] = told["client_secret"].clone();
    assert_eq!(send(&mut world, "PUT", &at, &token, &asked).status, 200);
}

#[test]
fn a_deleted_client_is_gone_with_what_users_allowed_it() {
    let mut world = World::new();
    let mut asked = good();
    asked["grant_types"] = json!(["client_credentials"]);
    asked["redirect_uris"] = json!([]);
    asked["token_endpoint_auth_method"] = json!("client_secret_post");
    let (_, told) = register(&mut world, &asked);
    let (at, token) = managed(&told);
    let text = |name: &str| told[name].as_str().expect("text").to_owned();
    let (id, secret) = (text("client_id"), text("client_secret"));
    let form = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
    let issued = world.ask("/token", &form, &[]);
    assert_eq!(issued.status, 200, "{}", issued.text());
    let access = Json::parse(&issued.body).expect("JSON").text("access_token").expect("a token").to_owned();
    assert_eq!(send(&mut world, "DELETE", &at, &token, &Value::Null).status, 204);
    assert_eq!(send(&mut world, "GET", &at, &token, &Value::Null).status, 401);
    assert_eq!(world.ask("/token", &form, &[]).status, 401);
    let called = send(&mut world, "GET", "/api/me", &access, &Value::Null);
    assert_eq!(called.status, 401, "{}", called.text());
}

#[test]
fn the_oldest_of_many_gives_way() {
    let mut world = World::new();
    let (at, token) = managed(&register(&mut world, &good()).1);
    for _ in 0..1000 {
        register(&mut world, &good());
    }
    assert_eq!(send(&mut world, "GET", &at, &token, &Value::Null).status, 401);
}
