//! Responses that are encrypted to the client (OIDC Core sections 3.1.3.7 and 5.3, JARM section 2.4, RFC 7516).

use std::sync::LazyLock;

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Warn};
use grantscope::base::json::Json;
use grantscope::client::encryption::{Registered, take_off};
use grantscope::client::settings::Settings;
use grantscope::jose::jwe::{Recipient, encrypt};
use grantscope::jose::jwk::Jwk;
use grantscope::jose::jwt::decode;
use grantscope::jose::key::SigningKey;
use serde_json::{Map, json};

use super::Entry;

static OWN: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("ES256", "own").expect("a key"));
static OTHER: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("ES256", "other").expect("a key"));

type Kind = for<'a> fn(&'a Settings) -> Registered<'a>;

fn signed() -> String {
    OTHER.sign(&Map::new(), &json!({ "sub": "alice" })).expect("signed")
}

/// A token encrypted to this key.
fn encrypted(to: &SigningKey, alg: &str, enc: &str) -> String {
    let key = Jwk::from_json(&Json::from(&to.public_jwk())).expect("a key");
    encrypt(Map::new(), (alg, enc), Recipient::Key(&key), signed().as_bytes()).expect("encrypted")
}

/// The same with `sub` in its header.
fn headed(to: &SigningKey, (alg, enc): (&str, &str), sub: &str) -> String {
    let key = Jwk::from_json(&Json::from(&to.public_jwk())).expect("a key");
    let header = Map::from_iter([("sub".to_owned(), json!(sub))]);
    encrypt(header, (alg, enc), Recipient::Key(&key), signed().as_bytes()).expect("encrypted")
}

/// The verdicts of a client that is registered for this `alg` and `enc`.
fn came(token: &str, (alg, enc): (&str, &str), kind: Kind) -> Vec<Check> {
    let mut settings = Settings::default();
    settings.client.decryption_key = OWN.private_jwk();
    for (name, value) in [("alg", alg), ("enc", enc)] {
        for of in ["id_token", "userinfo", "authorization"] {
            settings.set(&format!("{of}_encrypted_response_{name}"), value).expect("a setting");
        }
    }
    take_off(decode(token), kind(&settings), &settings).checks
}

pub fn entries() -> Vec<Entry> {
    let registered = ("ECDH-ES+A128KW", "A128GCM");
    let good = || encrypted(&OWN, registered.0, registered.1);
    let of_id_token = |token: &str| came(token, registered, Registered::id_token);
    let mut damaged = good();
    damaged.replace_range(damaged.len() - 6..damaged.len() - 5, if damaged.ends_with("AAAAAA") { "B" } else { "." });
    let kinds: [(&str, Kind); 3] = [
        ("id_token.encrypted", Registered::id_token),
        ("userinfo.encrypted", Registered::userinfo),
        ("jarm.encrypted", Registered::authorization),
    ];
    let plain = kinds.map(|(rule, kind)| {
        let entry = Entry::kept(rule, came(&good(), registered, kind));
        entry.broken(Warn, "not encrypted", came(&signed(), registered, kind))
    });
    let mut entries = vec![
        Entry::kept("encryption.key", of_id_token(&good()))
            .broken(
                Fail,
                "its kid is other, which is that of no key here",
                of_id_token(&encrypted(&OTHER, registered.0, registered.1)),
            )
            .broken(Fail, "jwt.parts", of_id_token(&damaged)),
        Entry::kept("encryption.alg", of_id_token(&good()))
            .kept_too(came(&encrypted(&OWN, "ECDH-ES", "A128CBC-HS256"), ("ECDH-ES", ""), Registered::id_token))
            .broken(Fail, "ECDH-ES with A128GCM", of_id_token(&encrypted(&OWN, "ECDH-ES", "A128GCM")))
            .broken(Fail, "with A256GCM", of_id_token(&encrypted(&OWN, registered.0, "A256GCM"))),
        Entry::kept("encryption.replicated", of_id_token(&headed(&OWN, registered, "alice"))).broken(
            Warn,
            "mallory",
            of_id_token(&headed(&OWN, registered, "mallory")),
        ),
    ];
    entries.extend(plain);
    entries
}
