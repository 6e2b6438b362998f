//! Tokens that a strict verifier refuses, made from good ones when the tests run (RFC 7515, RFC 7518, RFC 8725).
//!
//! The kinds of cases:
//! - a part changed, missing, missing with its dot, empty, or one too many; the empty text; a JSON serialization
//! - a signature of another token, by another key, cut, with zeros around it, doubled, zero, or all ones
//! - `alg` exchanged for every other that the key could do; `none` in several spellings, with and without a signature
//! - a public key taken for a secret, and a key that the token brings along
//! - white space, foreign characters, padding, the other alphabet and unused bits in each part, also when the signature
//!   is made over exactly that
//! - ECDSA on each curve: DER, r and s of 0, 1, n-1, n and above in every pairing, swapped, too long, too short, with
//!   leading and trailing zeros, r or s beyond the field
//! - HMAC: cut to half, made with another hash, by another secret, by an empty one, by one too short for the hash
//!
//! What has to be accepted stands beside it: white space inside the JSON, long secrets, empty and tiny payloads.
//! The padding inside RSA signatures is in `padding`, what is wrong with keys is in `keys`.

use std::sync::LazyLock;

use grantscope::jose::base64url;
use grantscope::jose::jwk::{Jwk, JwkSet};
use grantscope::jose::jwt;
use grantscope::jose::key::{SigningKey, unsecured};
use grantscope::jose::verify::verify;
use num_bigint::BigUint;
use serde_json::{Map, Value, json};

use super::{accepts, json as parsed, rsa_key, with_another_signature};

const ALGS: [&str; 14] = [
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
    "EdDSA", "Ed25519",
];

/// A key of each algorithm; those of RSA are one key.
static KEYS: LazyLock<Vec<SigningKey>> = LazyLock::new(|| {
    let rsa = rsa_key();
    let make = |alg: &str| match &alg[..2] {
        "RS" | "PS" => SigningKey::from_jwk(&rsa, Some(alg)).expect("a key"),
        _ => SigningKey::generate(alg, "one").expect("a key"),
    };
    ALGS.into_iter().map(make).collect()
});

fn key(alg: &str) -> &'static SigningKey {
    KEYS.iter().find(|key| key.alg() == alg).expect("a key of each algorithm")
}

/// The key alone, as a set.
fn set(key: &SigningKey) -> JwkSet {
    JwkSet::from_json(&parsed(key.private_jwk().expose())).expect("a set")
}

fn signed(key: &SigningKey) -> String {
    key.sign(&Map::new(), &json!({"sub": "alice"})).expect("a token")
}

/// Signs any two texts as header and payload part.
fn signed_over(key: &SigningKey, header: &str, payload: &str) -> String {
    let input = format!("{header}.{payload}");
    let signature = key.signature(&input).expect("a signature");
    format!("{input}.{signature}")
}

fn encoded(text: &str) -> String {
    base64url::encode(text.as_bytes())
}

type Damage = fn(&[&str; 3]) -> String;

/// What is done to header, payload and signature.
const DAMAGES: [(&str, Damage); 30] = [
    ("modified signature", |all| with_another_signature(&all.join("."))),
    ("missing signature", |[h, p, _]| format!("{h}.{p}.")),
    ("missing signature and dot", |[h, p, _]| format!("{h}.{p}")),
    ("modified payload", |[h, _, s]| format!("{h}.{}.{s}", encoded(r#"{"sub":"bob"}"#))),
    ("missing payload", |[h, _, s]| format!("{h}..{s}")),
    ("missing payload and dot", |[h, _, s]| format!("{h}.{s}")),
    ("modified header", |[h, p, s]| format!("{}.{p}.{s}", with_member(h, "a", json!(1)))),
    ("missing header", |[_, p, s]| format!(".{p}.{s}")),
    ("missing header and dot", |[_, p, s]| format!("{p}.{s}")),
    ("missing header and signature", |[_, p, _]| format!(".{p}.")),
    ("the payload alone", |[_, p, _]| (*p).to_owned()),
    ("the signature alone", |[_, _, s]| format!("..{s}")),
    ("nothing", |_| String::new()),
    ("dots", |_| "..".to_owned()),
    ("an empty fourth part", |[h, p, s]| format!("{h}.{p}.{s}.")),
    ("a fourth part", |[h, p, s]| format!("{h}.{p}.{s}.foo")),
    ("header and payload exchanged", |[h, p, s]| format!("{p}.{h}.{s}")),
    ("the payload twice", |[h, p, s]| format!("{h}.{p}{p}.{s}")),
    ("JSON", |[h, p, s]| format!(r#"{{"payload":"{p}","protected":"{h}","signature":"{s}"}}"#)),
    ("first byte of the signature gone", |[h, p, s]| format!("{h}.{p}.{}", bytes(s, |all| all[1..].to_vec()))),
    ("last byte of the signature gone", |[h, p, s]| {
        format!("{h}.{p}.{}", bytes(s, |all| all[..all.len() - 1].to_vec()))
    }),
    ("half of the signature", |[h, p, s]| format!("{h}.{p}.{}", bytes(s, |all| all[..all.len() / 2].to_vec()))),
    ("the signature twice", |[h, p, s]| format!("{h}.{p}.{}", bytes(s, |all| [all, all].concat()))),
    ("a zero before the signature", |[h, p, s]| format!("{h}.{p}.{}", bytes(s, |all| [&[0], all].concat()))),
    ("a zero after the signature", |[h, p, s]| format!("{h}.{p}.{}", bytes(s, |all| [all, &[0]].concat()))),
    ("a signature of zeros", |[h, p, s]| format!("{h}.{p}.{}", bytes(s, |all| vec![0; all.len()]))),
    ("a signature of ones", |[h, p, s]| format!("{h}.{p}.{}", bytes(s, |all| vec![0xff; all.len()]))),
    ("a signature of one", |[h, p, s]| {
        format!("{h}.{p}.{}", bytes(s, |all| [vec![0; all.len() - 1], vec![1]].concat()))
    }),
    ("alg none, the signature kept", |[h, p, s]| format!("{}.{p}.{s}", with_member(h, "alg", json!("none")))),
    ("alg none, no signature", |[h, p, _]| format!("{}.{p}.", with_member(h, "alg", json!("none")))),
];

fn with_member(header: &str, name: &str, value: Value) -> String {
    let mut json: Value = serde_json::from_slice(&base64url::decode(header).expect("base64url")).expect("JSON");
    json[name] = value;
    encoded(&json.to_string())
}

fn bytes(text: &str, change: impl Fn(&[u8]) -> Vec<u8>) -> String {
    base64url::encode(&change(&base64url::decode(text).expect("base64url")))
}

fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().expect("three parts")
}

#[test]
fn a_good_token_is_accepted_and_a_damaged_one_is_not() {
    for key in KEYS.iter() {
        let token = signed(key);
        assert!(accepts(&token, &set(key)), "{}", key.alg());
        for (name, damage) in DAMAGES {
            assert!(!accepts(&damage(&parts(&token)), &set(key)), "{}: {name}", key.alg());
        }
    }
}

#[test]
fn the_signature_of_another_token_or_another_key_is_refused() {
    for key in KEYS.iter() {
        let other = SigningKey::generate(key.alg(), "one").expect("a key");
        assert!(!accepts(&signed(&other), &set(key)), "{}: another key", key.alg());
        let bob = key.sign(&Map::new(), &json!({"sub": "bob"})).expect("a token");
        let (token, [_, _, signature]) = (signed(key), parts(&bob));
        let [header, payload, _] = parts(&token);
        assert!(!accepts(&format!("{header}.{payload}.{signature}"), &set(key)), "{}: another token", key.alg());
    }
}

#[test]
fn an_algorithm_that_the_key_is_not_for_is_refused() {
    for (key, other) in KEYS.iter().flat_map(|key| KEYS.iter().map(move |other| (key, other))) {
        let is_same = key.alg() == other.alg() || [key, other].iter().all(|key| key.alg().starts_with("Ed"));
        // What is signed rightly with another algorithm of the same key, and what only says so.
        let header = Map::from_iter([("alg".to_owned(), json!(other.alg()))]);
        let renamed = key.sign(&header, &json!({"sub": "alice"})).expect("a token");
        assert_eq!(accepts(&renamed, &set(key)), is_same, "{} called {}", key.alg(), other.alg());
        if key.alg() != other.alg() {
            assert!(!accepts(&signed(other), &set(key)), "{} for a key of {}", other.alg(), key.alg());
        }
    }
}

#[test]
fn none_is_refused_in_every_spelling() {
    for alg in ["none", "None", "NONE", "nOnE", "none ", "\u{200b}none", ""] {
        let token = unsecured(&Map::from_iter([("alg".to_owned(), json!(alg))]), &json!({"sub": "alice"}));
        for key in KEYS.iter() {
            assert!(!accepts(&token, &set(key)), "{alg:?} for {}", key.alg());
        }
    }
}

#[test]
fn a_public_key_is_no_secret_and_a_key_in_the_token_is_not_used() {
    for key in KEYS.iter().filter(|key| !key.alg().starts_with("HS")) {
        let only = JwkSet::from_json(&(&key.public_jwk()).into()).expect("a set");
        assert!(accepts(&signed(key), &only), "{}", key.alg());
        let x = key.public_jwk();
        let x = ["x", "n"].into_iter().find_map(|name| x[name].as_str()).expect("x or n").to_owned();
        for secret in [x.as_str(), &key.public_jwk().to_string()] {
            let forged = SigningKey::from_secret(&secret.into(), "HS256").expect("a key");
            assert!(!accepts(&signed(&forged), &only), "{}: {secret} as secret", key.alg());
        }
        let attacker = SigningKey::generate(key.alg(), "one").expect("a key");
        let header = Map::from_iter([("jwk".to_owned(), attacker.public_jwk())]);
        let brought = attacker.sign(&header, &json!({"sub": "alice"})).expect("a token");
        assert!(!accepts(&brought, &only), "{}: a key in the token", key.alg());
    }
}

type Variant = fn(&str) -> String;

/// How a part may be written otherwise; each reads as the same bytes to somebody.
const VARIANTS: [(&str, Variant); 9] = [
    ("spaces inside", |part| format!("{}    {}", &part[..2], &part[2..])),
    ("a line break inside", |part| format!("{}\n{}", &part[..4], &part[4..])),
    ("a foreign character before", |part| format!("?{part}")),
    ("a foreign character after", |part| format!("{part}?")),
    ("a foreign character in the place of the first", |part| format!("?{}", &part[1..])),
    ("foreign characters in the place of the first four", |part| format!("????{}", &part[4..])),
    ("padding", |part| format!("{part}{}", if part.len() % 4 == 2 { "==" } else { "=" })),
    ("a zero character before", |part| format!("\0{part}")),
    ("one character more", |part| format!("{part}A")),
];

#[test]
fn a_part_that_is_not_base64url_is_refused_even_when_it_is_what_was_signed() {
    let key = key("HS256");
    let token = signed(key);
    let [header, payload, signature] = parts(&token);
    // Around the token they are taken off with a note, since people copy them along.
    for spaced in [format!("{header}.  {payload}.{signature}"), format!("{header}.{payload}.  {signature}")] {
        assert!(!accepts(&spaced, &set(key)), "{spaced}");
    }
    for (name, variant) in VARIANTS {
        for [h, p, s] in [
            [&variant(header), payload, signature],
            [header, &variant(payload), signature],
            [header, payload, &variant(signature)],
        ] {
            assert!(!accepts(&format!("{h}.{p}.{s}"), &set(key)), "{name}: {h}.{p}.{s}");
        }
        assert!(!accepts(&signed_over(key, &variant(header), payload), &set(key)), "{name} in a signed header");
        assert!(!accepts(&signed_over(key, header, &variant(payload)), &set(key)), "{name} in a signed payload");
    }
}

#[test]
fn unused_bits_and_the_other_alphabet_are_refused_in_every_part() {
    let key = key("HS256");
    // The payload ends in `Q`, of which four bits are unused; that of `{"sub":">>>???"}` has both odd characters.
    let (header, payload) = (encoded(r#"{"alg":"HS256"}"#), encoded(r#"{"sub":"alice1"}"#));
    assert!(payload.ends_with('Q') && accepts(&signed_over(key, &header, &payload), &set(key)));
    assert!(!accepts(&signed_over(key, &header, &payload.replace("fQ", "fR")), &set(key)), "unused bits");
    let odd = encoded(r#"{"sub":">>>???~~~"}"#);
    assert!(odd.contains(['-', '_']) && accepts(&signed_over(key, &header, &odd), &set(key)));
    assert!(!accepts(&signed_over(key, &header, &odd.replace('-', "+").replace('_', "/")), &set(key)), "alphabet");
    let token = signed(key);
    let (input, signature) = token.rsplit_once('.').expect("dots");
    let last = signature.chars().last().expect("a character");
    let next = char::from_u32(u32::from(last) + 1).expect("a character");
    // 32 bytes leave two bits of the last character unused, so the next character is the same bytes to some.
    assert!(!accepts(&format!("{input}.{}{next}", &signature[..signature.len() - 1]), &set(key)), "{last} as {next}");
}

#[test]
fn white_space_in_the_json_is_as_good_as_none() {
    let key = key("HS256");
    for header in [r#"{ "alg" : "HS256" }"#, "{\n\t\"alg\":\"HS256\"\r\n}"] {
        assert!(
            accepts(&signed_over(key, &encoded(header), &encoded("{ \"sub\": \"alice\" }")), &set(key)),
            "{header}"
        );
    }
}

/// A JWS may hold anything, also what is no claims.
#[test]
fn any_payload_verifies() {
    for (key, payload) in KEYS.iter().flat_map(|key| ["", "\0\0\0\0", "a", "Test"].map(|payload| (key, payload))) {
        let header = encoded(&format!(r#"{{"alg":"{}"}}"#, key.alg()));
        let token = signed_over(key, &header, &encoded(payload));
        assert!(verify(&jwt::decode(&token), &set(key).keys).verified_by.is_some(), "{}: {payload:?}", key.alg());
    }
}

/// The orders of the curves (FIPS 186-4 appendix D.1.2), and the bytes of a number.
const CURVES: [(&str, usize, &str); 3] = [
    ("ES256", 32, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
    ("ES384", 48, "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
    (
        "ES512",
        66,
        "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    ),
];

fn number(value: &BigUint, size: usize) -> Vec<u8> {
    let bytes = value.to_bytes_be();
    [vec![0; size.saturating_sub(bytes.len())], bytes].concat()
}

#[test]
fn r_and_s_at_the_edges_of_their_range_are_refused() {
    for (alg, size, order) in CURVES {
        let token = signed(key(alg));
        let (input, signature) = token.rsplit_once('.').expect("dots");
        let raw = base64url::decode(signature).expect("base64url");
        let (r, s) = (BigUint::from_bytes_be(&raw[..size]), BigUint::from_bytes_be(&raw[size..]));
        let n = BigUint::parse_bytes(order.as_bytes(), 16).expect("a number");
        let one = BigUint::from(1u8);
        let top = (&one << (8 * size)) - &one;
        let edges = [BigUint::ZERO, one.clone(), &n - &one, n.clone(), &n + &one, top];
        let pairs = edges.iter().flat_map(|r| edges.iter().map(move |s| (r.clone(), s.clone())));
        let with_own = edges.iter().flat_map(|edge| [(r.clone(), edge.clone()), (edge.clone(), s.clone())]);
        for (r, s) in pairs.chain(with_own).chain([(s.clone(), r.clone())]) {
            let forged = base64url::encode(&[number(&r, size), number(&s, size)].concat());
            assert!(!accepts(&format!("{input}.{forged}"), &set(key(alg))), "{alg}: r {r:x}, s {s:x}");
        }
        // Of more bytes than there is room for: the order added, a carry into another byte, and far beyond.
        for (size, add) in [(size + 1, n.clone()), (size + 1, &one << (8 * size)), (4 * size, n)] {
            let (more_r, more_s) = (number(&(&r + &add), size), number(&(&s + &add), size));
            for forged in [[more_r.clone(), number(&s, size)].concat(), [more_r, more_s].concat()] {
                let forged = base64url::encode(&forged);
                assert!(!accepts(&format!("{input}.{forged}"), &set(key(alg))), "{alg}: {forged}");
            }
        }
    }
}

#[test]
fn an_ecdsa_signature_is_r_and_s_at_full_length_and_nothing_else() {
    for (alg, size, _) in CURVES {
        let token = signed(key(alg));
        let (input, signature) = token.rsplit_once('.').expect("dots");
        let raw = base64url::decode(signature).expect("base64url");
        let (r, s) = raw.split_at(size);
        let integer = |half: &[u8]| {
            let half = number(&BigUint::from_bytes_be(half), 1);
            let half = if half[0] < 0x80 { half } else { [&[0], half.as_slice()].concat() };
            [vec![2, u8::try_from(half.len()).expect("short")], half].concat()
        };
        let inside = [integer(r), integer(s)].concat();
        let length = u8::try_from(inside.len()).expect("short");
        let long = if length < 0x80 { vec![0x30, length] } else { vec![0x30, 0x81, length] };
        for (name, forged) in [
            ("DER", [long, inside].concat()),
            ("a zero before each", [&[0], r, &[0], s].concat()),
            ("zeros after", [raw.as_slice(), &[0, 0]].concat()),
            ("one byte of s gone", raw[..2 * size - 1].to_vec()),
            ("r alone", r.to_vec()),
            ("twice as long", [vec![0; size], r.to_vec(), vec![0; size], s.to_vec()].concat()),
        ] {
            let forged = base64url::encode(&forged);
            assert!(!accepts(&format!("{input}.{forged}"), &set(key(alg))), "{alg}: {name}");
        }
    }
}

#[test]
fn a_cut_mac_or_one_of_another_hash_or_secret_is_refused() {
    let secret = "a secret of sixty-four characters, which is long enough for HS512";
    let by = |secret: &str, alg| SigningKey::from_secret(&secret.into(), alg).expect("a key");
    let keys = JwkSet::from_json(&Jwk::from_secret(&secret.into()).json).expect("a set");
    for alg in ["HS256", "HS384", "HS512"] {
        let token = signed(&by(secret, alg));
        assert!(accepts(&token, &keys), "{alg}");
        let (input, signature) = token.rsplit_once('.').expect("dots");
        for length in [1, 10, 16, 20, 31] {
            let cut = bytes(signature, |mac| mac[..length].to_vec());
            assert!(!accepts(&format!("{input}.{cut}"), &keys), "{alg}: {length} bytes");
        }
        for other in ["HS256", "HS384", "HS512"].into_iter().filter(|other| *other != alg) {
            let mac = by(secret, other).signature(input).expect("a signature");
            assert!(!accepts(&format!("{input}.{mac}"), &keys), "{alg} made with {other}");
        }
        for other in ["another secret of sixty-four characters, long enough for HS512!!", &secret[1..], " "] {
            assert!(!accepts(&signed(&by(other, alg)), &keys), "{alg} by '{other}'");
        }
    }
}
