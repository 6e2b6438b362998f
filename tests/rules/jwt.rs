//! Tokens as such: their form, header, claims and signature (RFC 7515 to 7519, RFC 8725).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{self, Fail, Note, Warn};
use grantscope::base::secret::Secret;
use grantscope::base::time::Timestamp;
use grantscope::jose::jwk::{Jwk, JwkSet};
use grantscope::jose::jwt::{SIZE_LIMIT, decode};
use grantscope::jose::key::{SigningKey, unsecured};
use grantscope::jose::verify::{verify, verify_secret, verify_with};
use grantscope::jose::{base64url, claims, jwe};
use serde_json::{Map, Value, json};

use super::{Entry, entries_of};

/// When the times below are judged: 2026-11-23T00:36:40Z.
const NOW: Timestamp = Timestamp::from_seconds(1_795_394_200);
const HS256: &str = r#"{"alg":"HS256"}"#;
const ALICE: &str = r#"{"sub":"alice"}"#;
const RSA: &str = include_str!("../vectors/pem/rsa-public.pem");
const JWE: &str = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA";

pub fn entries() -> Vec<Entry> {
    [form_entries(), content_entries(), header_entries(), claim_entries(), signature_entries(), secret_entries()]
        .into_iter()
        .flatten()
        .collect()
}

fn token(header: &[u8], payload: &[u8]) -> String {
    format!("{}.{}.AAAA", base64url::encode(header), base64url::encode(payload))
}

fn format(text: &str) -> Vec<Check> {
    decode(text).findings
}

/// What a client secret derives the key of below.
const PASSWORD: &str = "a secret that client and server share";

/// The verdicts on a token that was encrypted with [`PASSWORD`], opened with another secret or the same.
fn opened(secret: &str) -> Vec<Check> {
    let own = Secret::new(PASSWORD);
    let token = jwe::encrypt(Map::new(), ("dir", "A128GCM"), jwe::Recipient::Secret(&own), b"{}").expect("a token");
    jwe::open(decode(&token), &[jwe::DecryptionKey::from_client_secret(&Secret::new(secret))]).findings
}

/// A signature in a list of them.
const ONE: &str = r#"{"protected":"eyJhbGciOiJIUzI1NiJ9","signature":"AA"}"#;

fn form_entries() -> Vec<Entry> {
    let good = token(HS256.as_bytes(), ALICE.as_bytes());
    let kept = |rule| Entry::kept(rule, format(&good));
    let unsaid = |rule| Entry::unsaid(rule, format(&good));
    let longer = |more: &str| format(&format!("{good}{more}"));
    let json = |more: &str| {
        format(&format!(r#"{{"payload":"e30","protected":"eyJhbGciOiJIUzI1NiJ9","signature":"AA"{more}}}"#))
    };
    let listed = |signatures: &str| format(&format!(r#"{{"payload":"e30","signatures":{signatures}}}"#));
    vec![
        unsaid("jwt.size").broken(Fail, "4194305 bytes, not decoded", format(&"a".repeat(SIZE_LIMIT + 1))),
        unsaid("jwt.envelope")
            .broken(Note, "the word Bearer", format(&format!("Bearer {good}")))
            .broken(Fail, "2 blank or invisible characters inside", format(&good.replace('.', ".\n")))
            .broken(Fail, "%2E for '.'", format(&good.replace('.', "%2E"))),
        kept("jwt.parts")
            .kept_too(format(JWE))
            .broken(Fail, "2 parts", format(good.rsplit_once('.').expect("dots").0))
            .broken(Fail, "4 parts", longer(".AAAA"))
            .broken(Note, "not a JWT", format("ya29.a0AfH6SMBx"))
            .broken(Note, "1 part: not a JWT", format("2YotnFZFEjr1zCsicMWpAA"))
            .broken(Note, "not a JWT", format("")),
        kept("jwt.base64url")
            .broken(Fail, "signature: padding '=' at position 4", longer("="))
            .broken(Fail, "signature: '+' at position 4", longer("+/"))
            .broken(Fail, "signature: 5 characters", longer("A"))
            .broken(Fail, "unused bits", longer("AB"))
            .broken(Fail, "payload: '\\u{fe0f}' at position 3", format(&good.replace(".eyJ", ".eyJ\u{fe0f}"))),
        kept("jwt.signature_part")
            .kept_too(format(&unsecured(&Map::new(), &json!({}))))
            .broken(Fail, "none, although", format(&good.replace("AAAA", "")))
            .broken(Fail, "3 bytes", format(&format!("{}AAAA", unsecured(&Map::new(), &json!({}))))),
        unsaid("jwt.encrypted").broken(Note, "dir and A256GCM; what is inside needs the key", format(JWE)),
        Entry::kept("jwt.decrypted", opened(PASSWORD)).broken(
            Fail,
            "the authentication tag does not fit",
            opened("another secret"),
        ),
        unsaid("jwt.compact").broken(Fail, "a JWS as JSON", json("")).broken(
            Fail,
            "split at its dots",
            json(r#","a":"b.c.d""#),
        ),
        Entry::kept("jwt.json_form", json(""))
            .kept_too(json(r#","header":{"kid":"1"},"more":[]"#))
            .kept_too(listed(&format!("[{ONE}]")))
            .kept_too(listed(&format!("[{ONE},{ONE}]")))
            .broken(Fail, "signature beside signatures", json(&format!(r#","signatures":[{ONE}]"#)))
            .broken(Fail, "signatures is empty", listed("[]"))
            .broken(Fail, "signatures is of type string", listed("\"\""))
            .broken(Fail, "signatures[1]: no signature", listed(&format!(r#"[{ONE},{{"protected":"e30"}}]"#)))
            .broken(Fail, "17 signatures, of which 16", listed(&format!("[{ONE}{}]", format!(",{ONE}").repeat(16))))
            .broken(Fail, "payload twice", json(r#","payload":"e30""#))
            .broken(Fail, "crit is not protected", json(r#","header":{"crit":["exp"],"exp":1}"#))
            .broken(Fail, "b64 is not protected", json(r#","header":{"b64":false}"#))
            .broken(Fail, "alg is in both headers", json(r#","header":{"alg":"none"}"#))
            .broken(Fail, "header is no object", json(r#","header":[]"#))
            .broken(Fail, "neither protected nor header", listed(r#"[{"signature":"AA"}]"#)),
    ]
}

fn content_entries() -> Vec<Entry> {
    let header = |header: &[u8]| format(&token(header, b"{}"));
    let payload = |payload: &[u8]| format(&token(HS256.as_bytes(), payload));
    let nested = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let kept = |rule| Entry::kept(rule, payload(ALICE.as_bytes()));
    vec![
        kept("jwt.header_json")
            .broken(Fail, "byte order mark", header(b"\xef\xbb\xbf{}"))
            .broken(Fail, "looks like UTF-16", header(b"{\0}\0"))
            .broken(Fail, "not UTF-8 from byte 8", header(b"{\"alg\":\"\xff\"}"))
            .broken(Fail, "EOF", header(b"{\"alg\"")),
        kept("jwt.claims_json")
            .broken(Fail, "it is not JSON", payload(b"hello"))
            .broken(Fail, "the payload travels apart", payload(b""))
            .broken(Fail, "it is not JSON", format(&token(br#"{"alg":"HS256","cty":"JWT"}"#, b"hello")))
            .broken(Fail, "it is of type array", payload(b"[1]"))
            .broken(Fail, "hex escape", payload(b"{\"a\":\"\\ud800\"}"))
            .broken(Fail, "nested deeper than 128", payload(nested.as_bytes())),
        Entry::unsaid("jwt.nesting", payload(token(HS256.as_bytes(), b"{}").as_bytes())).broken(Fail, "more, and", {
            let wrap = |inner: String, _| token(HS256.as_bytes(), inner.as_bytes());
            format(&(0..10).fold(token(HS256.as_bytes(), b"{}"), wrap))
        }),
        kept("jwt.duplicate_member")
            .broken(Fail, r#"header alg: "none" and "HS256""#, header(br#"{"alg":"none","\u0061lg":"HS256"}"#))
            .broken(Fail, "claims a.b", payload(br#"{"a":{"b":1,"b":2}}"#)),
        kept("jwt.hidden_characters")
            .broken(Note, "claims.name: a\\u{202e}b", payload(br#"{"name":"a\u202eb"}"#))
            .broken(Note, "the name a\\u{0}", payload(br#"{"a\u0000":1}"#)),
    ]
}

/// Of a key on P-256, its `y` to be put in.
const EPK: &str = r#"{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"Y"}}"#;

fn header_entries() -> Vec<Entry> {
    let header = |header: &str| format(&token(header.as_bytes(), ALICE.as_bytes()));
    let plain = || header(r#"{"alg":"ES256","kid":"2026-01"}"#);
    let kept = |rule| Entry::kept(rule, plain());
    let unsaid = |rule| Entry::unsaid(rule, plain());
    let es256 = |members: &str| header(&format!(r#"{{"alg":"ES256",{members}}}"#));
    let password = |members: &str| header(&format!(r#"{{"alg":"PBES2-HS256+A128KW","enc":"A256GCM"{members}}}"#));
    let epk = |y: &str| header(&EPK.replace("\"Y\"", &format!("\"{y}\"")));
    vec![
        kept("jwt.alg")
            .broken(Fail, "no alg", header(r#"{"typ":"JWT"}"#))
            .broken(Fail, "of type number", header(r#"{"alg":7}"#))
            .broken(Fail, "which is not ES256", header(r#"{"alg":"es256"}"#))
            .broken(Fail, "XY", header(r#"{"alg":"XY"}"#)),
        unsaid("jwt.alg_none")
            .broken(Warn, "anyone can write", header(r#"{"alg":"none"}"#))
            .broken(Warn, "a probe", header(r#"{"alg":"nOnE"}"#))
            .broken(Warn, "none\\\\u{200b}", header(r#"{"alg":"none\u200b"}"#)),
        Entry::unsaid("jwt.alg_current", header(r#"{"alg":"Ed25519"}"#))
            .broken(Warn, "RSA1_5", header(r#"{"alg":"RSA1_5","enc":"A256GCM"}"#))
            .broken(Note, "RFC 9864", header(r#"{"alg":"EdDSA"}"#)),
        Entry::kept("jwt.crit", es256(r#""crit":["b64"],"b64":false"#))
            .broken(Fail, "not understood", es256(r#""crit":["x"],"x":1"#))
            .broken(Fail, "not in the header", es256(r#""crit":["x"]"#))
            .broken(Fail, "defined by RFC 7515", es256(r#""crit":["alg"]"#))
            .broken(Fail, "empty", es256(r#""crit":[]"#))
            .broken(Fail, "of type string", es256(r#""crit":"x""#))
            .broken(Fail, "not everything", es256(r#""crit":[1]"#))
            .broken(Fail, "twice", es256(r#""crit":["b64","b64"],"b64":true"#)),
        unsaid("jwt.b64")
            .broken(Fail, "false", es256(r#""crit":["b64"],"b64":false"#))
            .broken(Fail, "not listed in crit", es256(r#""b64":false"#))
            .broken(Fail, "neither", es256(r#""b64":0"#)),
        unsaid("jwt.embedded_key")
            .broken(Warn, "nothing is fetched", es256(r#""jku":"https://evil.example/k""#))
            .broken(Note, "never used to verify", es256(r#""jwk":{}"#))
            .broken(Note, "x5c", es256(r#""x5c":["AA"]"#)),
        Entry::kept("jwt.public_jwk", es256(r#""jwk":{"kty":"EC"}"#)).broken(
            Fail,
            "it has d",
            es256(r#""jwk":{"kty":"EC","d":"AA"}"#),
        ),
        kept("jwt.kid")
            .broken(Fail, "of type number", es256(r#""kid":7"#))
            .broken(Warn, "a path", es256(r#""kid":"../../dev/null""#))
            .broken(Warn, "a query", es256(r#""kid":"x' UNION SELECT 'k""#))
            .broken(Warn, "a command", es256(r#""kid":"|sleep 9""#))
            .broken(Warn, "a\\r\\nb", es256(r#""kid":"a\r\nb""#)),
        Entry::kept("jwt.typ", es256(r#""typ":"at+jwt""#)).broken(Fail, "of type number", es256(r#""typ":1"#)),
        unsaid("jwt.zip").broken(Warn, "DEF", header(r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#)),
        Entry::kept("jwt.p2c", password(r#","p2c":600000"#))
            .broken(Warn, "2147483648", password(r#","p2c":2147483648"#))
            .broken(Warn, "1", password(r#","p2c":1"#))
            .broken(Warn, "-1", password(r#","p2c":-1"#))
            .broken(Warn, "no p2c", password("")),
        Entry::kept("jwt.epk", epk("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")).broken(
            Fail,
            "not on P-256",
            epk("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
        ),
        Entry::kept("jwt.replicated_claims", es256(r#""sub":"alice""#)).broken(
            Fail,
            "sub differs",
            es256(r#""sub":"bob""#),
        ),
    ]
}

fn claim_entries() -> Vec<Entry> {
    let judged = |payload: &str| {
        let token = decode(&token(HS256.as_bytes(), payload.as_bytes()));
        claims::time_claims(&token, NOW)
    };
    let rows: [(&str, Verdict, &str, &str); 21] = [
        ("jwt.claim_type", Fail, "sub is", r#"{"sub":["alice"]}"#),
        ("jwt.claim_type", Fail, "aud is []", r#"{"aud":[]}"#),
        ("jwt.claim_type", Fail, "aud is 7", r#"{"aud":7}"#),
        ("jwt.numeric_date", Fail, "which is no number", r#"{"exp":"1795397800"}"#),
        ("jwt.numeric_date", Fail, "nbf is null", r#"{"nbf":null}"#),
        ("jwt.numeric_date", Fail, "iat is true", r#"{"iat":true}"#),
        ("jwt.numeric_date", Fail, "beyond any time: 1e400", r#"{"exp":1e400}"#),
        ("jwt.numeric_date", Fail, "12345678901234567890123", r#"{"exp":12345678901234567890123}"#),
        ("jwt.numeric_date", Fail, "before 1970: -5", r#"{"exp":-5}"#),
        ("jwt.numeric_date", Fail, "milliseconds instead of seconds: 1795397800000", r#"{"exp":1795397800000}"#),
        ("jwt.exp", Warn, "more than 50 years ahead", r#"{"exp":9999999999}"#),
        ("jwt.exp", Fail, "2026-11-22T23:36:40Z, 1 h ago", r#"{"exp":1795390600}"#),
        ("jwt.exp", Warn, "1 min ago", r#"{"exp":1795394140}"#),
        ("jwt.exp", Fail, "cannot be read", r#"{"exp":"never"}"#),
        ("jwt.exp", Note, "never expires", "{}"),
        ("jwt.nbf", Fail, "in 1 h", r#"{"nbf":1795397800}"#),
        ("jwt.nbf", Warn, "in 1 min", r#"{"nbf":1795394260}"#),
        ("jwt.iat", Fail, "in 1 h", r#"{"iat":1795397800}"#),
        ("jwt.iat", Warn, "in 4 min 59 s", r#"{"iat":1795394499}"#),
        ("jwt.time_order", Warn, "the same time", r#"{"iat":1795394200,"exp":1795394200}"#),
        ("jwt.time_order", Warn, "1 min 40 s earlier", r#"{"iat":1795394300,"exp":1795394200}"#),
    ];
    let good = [
        r#"{"sub":"alice","aud":["a"],"iat":1795394200.5,"nbf":1795394259,"exp":1.795397800e9}"#,
        r#"{"aud":"a","iat":0,"nbf":1,"exp":1795394201}"#,
    ];
    let kept = |entry: Entry| entry.kept_too(judged(good[1]));
    entries_of(&rows, || judged(good[0]), judged).into_iter().map(kept).collect()
}

fn key(kid: &str) -> SigningKey {
    SigningKey::generate("ES256", kid).expect("a key")
}

fn public(key: &SigningKey) -> Jwk {
    Jwk::from_json(&(&key.public_jwk()).into()).expect("a key")
}

fn signed(key: &SigningKey, header: Value) -> String {
    let Value::Object(header) = header else { panic!("a header is an object") };
    key.sign(&header, &json!({"sub": "alice"})).expect("a token")
}

fn tried(token: &str, keys: &[Jwk]) -> Vec<Check> {
    verify(&decode(token), keys).findings
}

fn signature_entries() -> Vec<Entry> {
    let (signer, stranger) = (key("one"), key("two"));
    let (one, two) = (public(&signer), public(&stranger));
    let token = signed(&signer, json!({}));
    let both = [two, one.clone()];
    let kept = |rule| Entry::kept(rule, tried(&token, &both));
    let mut padded = signer.public_jwk();
    padded["x"] = format!("{}=", padded["x"].as_str().expect("text")).into();
    let unread = |key: &Value| {
        let set = JwkSet::from_json(&key.into()).expect("a set");
        verify_with(&decode(&token), &set.keys, &set.unread()).findings
    };
    vec![
        kept("jwt.signature")
            .broken(Fail, "kid two, EC P-256: the signature is not by this key", tried(&token, &both[..1]))
            .broken(Fail, "not signed", tried(&unsecured(&Map::new(), &json!({})), &both))
            .broken(Fail, "read as base64 it fits and verifies", unread(&padded)),
        kept("jwt.key_selection")
            .broken(Warn, "no key has the kid three", tried(&signed(&signer, json!({"kid": "three"})), &both))
            .broken(Warn, "2 keys have the kid one", tried(&token, &[one.clone(), one]))
            .broken(Warn, "the key one cannot be read", unread(&padded)),
    ]
}

fn secret_entries() -> Vec<Entry> {
    let secret = "a secret with thirty-two characters or more";
    let by = |secret: &str| signed(&SigningKey::from_secret(&secret.into(), "HS256").expect("a key"), json!({}));
    let own = |secret: &str| tried(&by(secret), &[Jwk::from_secret(&secret.into())]);
    let rsa = Jwk::from_pem(RSA).expect("a key");
    let both = [rsa.clone(), Jwk::from_secret(&secret.into())];
    let read = |text: &str| verify_secret(&decode(&by(secret)), &[], &[], text.as_bytes()).findings;
    let encoded = base64url::encode(secret.as_bytes());
    let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02X}")).collect();
    vec![
        Entry::unsaid("jwt.secret_reading", read(&format!("{secret}\n")))
            .broken(Note, "the secret read as base64url fits", read(&encoded))
            .broken(Note, "the secret read as base64 fits", read(&format!("{encoded}=")))
            .broken(Note, "the secret read as hexadecimal fits", read(&format!("{hexadecimal}\r\n")))
            .broken(Note, "the secret without the blanks around it fits", read(&format!(" {secret}")))
            .broken(Note, "the secret with a line end fits", {
                let token =
                    signed(&SigningKey::from_secret(&format!("{secret}\n").into(), "HS256").expect("a key"), json!({}));
                verify_secret(&decode(&token), &[], &[], secret.as_bytes()).findings
            }),
        Entry::kept("jwt.hmac_secret", own(secret)).broken(Fail, "5 bytes", own("short")).broken(
            Fail,
            "tutorials",
            own("your-256-bit-secret"),
        ),
        Entry::kept("jwt.algorithm_confusion", tried(&by(secret), &both))
            .broken(
                Fail,
                "forged: signed with the public key as secret (PEM of RSA 2048",
                tried(&by(RSA), std::slice::from_ref(&rsa)),
            )
            .broken(Warn, "the token says HS256", tried(&by(secret), std::slice::from_ref(&rsa))),
    ]
}
