//! UserInfo as a client is registered for it: plain, signed, encrypted, and both.

use grantscope::base::http::HttpResponse;
use grantscope::base::json::Json;
use grantscope::jose::jwe::{self, DecryptionKey};
use grantscope::jose::jwt::{Form, decode};
use grantscope::jose::verify::verify;
use grantscope::practice::{Algorithms, Config, PRACTICE_ENCRYPTION_KEY};

use crate::world::{ISSUER, World, json};

/// What UserInfo answers to `practice-encrypted` once it is registered in another way.
fn told(change: impl FnOnce(&mut grantscope::practice::Client)) -> (World, HttpResponse) {
    let mut world = World::with(|config: &mut Config| {
        let client = config.clients.iter_mut().find(|client| client.client_id == "practice-encrypted");
        let client = client.expect("a demo client");
        client.encryption.id_token = None;
        change(client);
    });
    let tokens = world.tokens_of("practice-encrypted");
    let answer = world.call("/userinfo", tokens.text("access_token").expect("a token"));
    (world, answer)
}

fn is_of_alice(claims: &Json) -> bool {
    claims.text("sub") == Some("alice") && claims.text("name") == Some("Alice Adams")
}

#[test]
fn a_registered_alg_signs_the_claims() {
    for alg in ["ES256", "RS256"] {
        let (mut world, answer) = told(|client| {
            client.encryption.userinfo = None;
            client.userinfo_signed_response_alg = Some(alg.to_owned());
        });
        assert_eq!(answer.headers.content_type().as_deref(), Some("application/jwt"));
        let token = decode(&answer.text());
        assert!(verify(&token, &world.keys()).verified_by.is_some());
        assert_eq!(token.alg(), Some(alg));
        let claims = token.claims.as_ref().expect("claims");
        assert!(is_of_alice(claims), "{claims}");
        assert_eq!((claims.text("iss"), claims.text("aud")), (Some(ISSUER), Some("practice-encrypted")));
    }
}

#[test]
fn without_one_they_are_json_also_within_encryption() {
    let (_, answer) = told(|client| {
        client.encryption.userinfo = None;
        client.userinfo_signed_response_alg = None;
    });
    assert!(is_of_alice(&json(&answer)));

    let keys = DecryptionKey::read(PRACTICE_ENCRYPTION_KEY).expect("a key");
    for alg in [None, Some("ES256")] {
        let (_, answer) = told(|client| client.userinfo_signed_response_alg = alg.map(str::to_owned));
        assert_eq!(answer.headers.content_type().as_deref(), Some("application/jwt"));
        let opened = jwe::decrypt(&decode(&answer.text()), &keys).expect("encrypted to the demo key");
        match alg {
            None => assert!(is_of_alice(&opened.claims().expect("claims"))),
            Some(_) => assert_eq!(opened.token().form, Form::Jws),
        }
    }
}

#[test]
fn what_cannot_be_encrypted_is_not_sent_plainly() {
    let (_, answer) = told(|client| {
        client.userinfo_signed_response_alg = None;
        client.encryption.userinfo = Some(Algorithms { alg: "RSA-OAEP".to_owned(), enc: "A128GCM".to_owned() });
    });
    assert_eq!(json(&answer).text("error"), Some("server_error"));
}
