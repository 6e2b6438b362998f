//! ID token validation (OIDC Core sections 3.1.3.7 and 12.2): one good token, and every rule broken once by one
//! changed claim, header or expectation.

use std::sync::LazyLock;

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{self, Fail, Note, Pass, Skipped, Warn};
use grantscope::base::json::Json;
use grantscope::base::time::Timestamp;
use grantscope::client::id_token::{Asked, Expected, compare_channels, validate, validate_refreshed};
use grantscope::jose::base64url;
use grantscope::jose::hash::half_hash;
use grantscope::jose::jwk::{Jwk, JwkSet};
use grantscope::jose::jwt::{Decoded, SIZE_LIMIT, decode};
use grantscope::jose::key::{SigningKey, unsecured};
use grantscope::terms::metadata::ServerMetadata;
use serde_json::{Map, Value, json};

use super::{Entry, NOW};

const ACCESS_TOKEN: &str = "SlAV32hkKG-an-access-token";
const CODE: &str = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";

const STATE: &str = "af0ifjsldkj";

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("ES256", "one").expect("a key"));
static STRANGER: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("ES256", "one").expect("a key"));
static OTHER: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("ES256", "two").expect("a key"));
/// The same key as [`KEY`], which writes no kid.
static NAMELESS: LazyLock<SigningKey> = LazyLock::new(|| {
    let mut jwk: Value = serde_json::from_str(KEY.private_jwk().expose()).expect("JSON");
    jwk.as_object_mut().expect("an object").remove("kid");
    SigningKey::from_jwk(&Json::from(&jwk), None).expect("a key")
});
static SECRET: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::from_secret(&"a secret with thirty-two characters".into(), "HS256").expect("a key"));
static KEYS: LazyLock<JwkSet> = LazyLock::new(|| set(&[&KEY]));

fn set(keys: &[&SigningKey]) -> JwkSet {
    let keys: Vec<Value> = keys.iter().map(|key| key.public_jwk()).collect();
    JwkSet::from_json(&Json::from(&json!({ "keys": keys }))).expect("a set")
}

/// Claims that keep every rule. Two audiences, so that azp is needed; both are this client.
pub(super) fn claims() -> Value {
    json!({
        "iss": "https://as.example",
        "sub": "alice",
        "aud": ["client", "client"],
        "azp": "client",
        "exp": NOW + 600,
        "iat": NOW - 5,
        "nbf": NOW - 5,
        "auth_time": NOW - 100,
        "nonce": "n-0S6_WzA2Mj",
        "acr": "urn:practice:strong",
        "at_hash": half_hash("ES256", ACCESS_TOKEN).expect("a hash"),
        "c_hash": half_hash("ES256", CODE).expect("a hash"),
        "s_hash": half_hash("ES256", STATE).expect("a hash"),
    })
}

/// What the good token is held against.
pub(super) fn expected() -> Expected<'static> {
    Expected {
        issuer: Some("https://as.example"),
        client_id: "client",
        nonce: Some("n-0S6_WzA2Mj"),
        asked_at: Some(Timestamp::from_seconds(NOW)),
        login_anew: false,
        max_age: Some(300),
        acr_values: Some("urn:practice:strong urn:practice:weak"),
        asked: None,
        access_token: Some(ACCESS_TOKEN),
        front_channel: false,
        code: Some(CODE),
        state: Some(STATE),
        trusted_audiences: "",
        asked_audiences: &[],
        algs: Some(&["RS256", "ES256"]),
        registered_alg: None,
        jwks: Some(&KEYS),
        client_secret: None,
        closed: None,
    }
}

pub(super) fn signed(claims: &Value) -> Decoded {
    decode(&KEY.sign(&Map::from_iter([("typ".to_owned(), json!("JWT"))]), claims).expect("a token"))
}

fn good_header() -> String {
    signed(&claims()).text.split('.').next().expect("a header").to_owned()
}

pub(super) fn judged(token: &Decoded, expected: Expected<'_>) -> Vec<Check> {
    validate(token, expected, Timestamp::from_seconds(NOW))
}

/// The good claims with a hash of this text that is made by another function than that of `alg`.
fn with_sha512(name: &str, text: &str) -> Decoded {
    with(name, json!(half_hash("RS512", text).expect("a hash")))
}

/// The good claims with one changed; `null` leaves it out.
pub(super) fn with(name: &str, value: Value) -> Decoded {
    let mut claims = claims();
    let members = claims.as_object_mut().expect("an object");
    match value {
        Value::Null => drop(members.remove(name)),
        value => drop(members.insert(name.to_owned(), value)),
    }
    signed(&claims)
}

pub fn entries() -> Vec<Entry> {
    claim_entries().into_iter().chain(asked_entries()).chain(form_entries()).chain(comparison_entries()).collect()
}

/// What the table of changed claims says of each rule.
fn claim_entries() -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (claim, value, rule, verdict, saw) in CHANGED {
        let value = serde_json::from_str(value).expect("JSON");
        let checks = judged(&with(claim, value), expected());
        let entry = match entries.iter().position(|entry| entry.rule == rule) {
            Some(at) => entries.swap_remove(at),
            None => Entry::kept(rule, judged(&signed(&claims()), expected())),
        };
        entries.push(match verdict {
            Pass => entry.kept_too(checks),
            Skipped => entry,
            broken => entry.broken(broken, saw, checks),
        });
    }
    entries
}

/// A user and a class of login that were asked for by `claims` or by a hint.
fn asked_entries() -> [Entry; 2] {
    const CLAIMS: &str =
        r#"{"id_token":{"sub":{"value":"alice"},"acr":{"essential":true,"value":"urn:practice:strong"}}}"#;
    let json = Json::parse_text(r#"{"claims_parameter_supported":true}"#).expect("JSON");
    let metadata = ServerMetadata { json };
    let hint = signed(&claims()).text;
    let by = |name: &'static str, value: &str, metadata: Option<&ServerMetadata>, claim: &str, came: Value| {
        let asked = Asked::by(|asked| Some(value).filter(|_| asked == name), metadata);
        judged(&with(claim, came), Expected { asked: Some(&asked), ..expected() })
    };
    let taken = |claim, came| by("claims", CLAIMS, Some(&metadata), claim, came);
    let untaken = |claim, came| by("claims", CLAIMS, None, claim, came);
    [
        Entry::kept("id_token.asked_sub", taken("sub", json!("alice")))
            .kept_too(by("id_token_hint", &hint, None, "sub", json!("alice")))
            .broken(Fail, "bob", taken("sub", json!("bob")))
            .broken(Fail, "bob", by("id_token_hint", &hint, None, "sub", json!("bob")))
            .broken(Warn, "does not say that it takes claims", untaken("sub", json!("bob"))),
        Entry::kept("id_token.acr_essential", taken("acr", json!("urn:practice:strong")))
            .broken(Fail, "basic", taken("acr", json!("urn:practice:basic")))
            .broken(Fail, "absent", taken("acr", Value::Null)),
    ]
}

fn form_entries() -> [Entry; 5] {
    let kept = |rule| Entry::kept(rule, judged(&signed(&claims()), expected()));
    let by_stranger = decode(&STRANGER.sign(&Map::new(), &claims()).expect("a token"));
    let another_name = Map::from_iter([("kid".to_owned(), json!("two"))]);
    let another_kind = Map::from_iter([("typ".to_owned(), json!("at+jwt"))]);
    let access_token = decode(&KEY.sign(&another_kind, &claims()).expect("a token"));
    let list = format!("{}.{}", good_header(), base64url::encode(b"[1]"));
    let list = format!("{list}.{}", KEY.signature(&list).expect("a signature"));
    let good = signed(&claims());
    let by_another_name = decode(&KEY.sign(&another_name, &claims()).expect("a token"));
    [
        kept("id_token.format")
            .broken(Fail, "no JWT", judged(&decode("2YotnFZFEjr1zCsicMWpAA"), expected()))
            .broken(Fail, "an empty text", judged(&decode(""), expected()))
            .broken(Fail, "bytes, and at most", judged(&decode(&"a".repeat(SIZE_LIMIT + 1)), expected()))
            .broken(Fail, "an array", judged(&decode(&list), expected()))
            .broken(Fail, "the word Bearer", judged(&decode(&format!("Bearer {}", good.text)), expected()))
            .broken(Fail, "the quotes", judged(&decode(&format!("\"{}\"", good.text)), expected()))
            .broken(Fail, "white space", judged(&decode(&format!("{} ", good.text)), expected()))
            .broken(Fail, "white space", judged(&decode(&format!("{}\u{200b}", good.text)), expected())),
        kept("id_token.signature").broken(Fail, "not by this key", judged(&by_stranger, expected())),
        kept("id_token.kid").broken(Warn, "two; it is kid one", judged(&by_another_name, expected())),
        kept("id_token.alg")
            .broken(Fail, "ES256", judged(&good, Expected { registered_alg: Some("RS256"), ..expected() }))
            .broken(Warn, "ES256", judged(&good, Expected { algs: Some(&["RS256"]), ..expected() })),
        kept("id_token.typ").broken(Fail, "at+jwt", judged(&access_token, expected())),
    ]
}

/// Rules about two tokens of one user.
fn comparison_entries() -> [Entry; 9] {
    let first = signed(&claims());
    let refreshed = |claim: &str, value: Value| validate_refreshed(&with(claim, value), &first, "client");
    let received = |claim: &str, value: Value| compare_channels(&with(claim, value), &first);
    let later = json!(NOW + 1200);
    let evil = json!("https://evil.example");
    let with_azp = |azp: Option<&str>| with("azp", azp.map_or(Value::Null, |azp| json!(azp)));
    let azp = |first, now| validate_refreshed(&with_azp(now), &with_azp(first), "client");
    let kept = |rule| Entry::kept(rule, refreshed("exp", later.clone()));
    let same = |rule| Entry::kept(rule, received("exp", later.clone()));
    [
        kept("id_token.refreshed_iss").broken(Fail, "evil", refreshed("iss", evil.clone())),
        kept("id_token.refreshed_sub").broken(Fail, "bob", refreshed("sub", json!("bob"))),
        kept("id_token.refreshed_aud").broken(Fail, "other", refreshed("aud", json!("other"))),
        Entry::kept("id_token.refreshed_azp", azp(Some("client"), Some("client")))
            .broken(Fail, "other", azp(Some("client"), Some("other")))
            .broken(Fail, "other", azp(None, Some("other")))
            .broken(Warn, "client", azp(None, Some("client")))
            .broken(Warn, "absent", azp(Some("client"), None)),
        Entry::unsaid("id_token.refreshed_nonce", refreshed("nonce", Value::Null)).broken(
            Note,
            "n-0S6_WzA2Mj",
            refreshed("exp", later.clone()),
        ),
        kept("id_token.refreshed_iat")
            .kept_too(refreshed("iat", json!(NOW - 64)))
            .broken(Warn, "2026", refreshed("iat", json!(NOW - 65)))
            .broken(Fail, "2026", refreshed("iat", json!(NOW - 305))),
        same("id_token.front_iss").broken(Fail, "evil", received("iss", evil)),
        same("id_token.front_claims")
            .kept_too(received("email", json!("only@in.one")))
            .kept_too(received("nonce", json!("another")))
            .broken(Warn, "auth_time 1", received("auth_time", json!(1))),
        same("id_token.front_sub").broken(Fail, "bob", received("sub", json!("bob"))),
    ]
}

#[track_caller]
pub(super) fn assert_check(checks: &[Check], id: &str, verdict: Verdict, saw: &str) {
    let check = checks.iter().find(|check| check.rule.id == id).unwrap_or_else(|| panic!("{id} was not applied"));
    assert_eq!(check.verdict, verdict, "{id} ({saw}): {check:?}");
    let actual = check.actual.as_deref().unwrap_or_default();
    assert!(actual.contains(saw), "{id} saw '{actual}', not '{saw}'");
}

#[test]
fn a_good_token_keeps_every_rule_in_the_order_of_the_specification() {
    let judged: Vec<_> = judged(&signed(&claims()), expected()).iter().map(|c| (c.rule.id, c.verdict)).collect();
    let order = [
        "format",
        "iss",
        "aud",
        "aud_trusted",
        "azp",
        "signature",
        "kid",
        "alg",
        "typ",
        "exp",
        "iat",
        "age",
        "nbf",
        "sub",
        "asked_sub",
        "nonce",
        "acr",
        "acr_essential",
        "auth_time",
        "login_anew",
        "at_hash",
        "c_hash",
        "s_hash",
    ];
    let names: Vec<&str> = judged.iter().map(|(id, _)| id.trim_start_matches("id_token.")).collect();
    assert_eq!(names, order);
    let is_asked = |id: &str| !matches!(id, "id_token.asked_sub" | "id_token.acr_essential" | "id_token.login_anew");
    assert!(judged.iter().all(|(id, verdict)| *verdict == Pass || !is_asked(id)), "{judged:?}");
}

/// One changed claim of a token that is otherwise good, its signature included.
const CHANGED: [(&str, &str, &str, Verdict, &str); 49] = [
    ("iss", "\"https://evil.example\"", "id_token.iss", Fail, "https://evil.example"),
    ("iss", "\"https://as.example/\"", "id_token.iss", Fail, "https://as.example/"),
    ("iss", "\"HTTPS://AS.EXAMPLE\"", "id_token.iss", Fail, "HTTPS"),
    ("iss", "null", "id_token.iss", Fail, "absent"),
    ("iss", "7", "id_token.iss", Fail, "7"),
    ("aud", "\"other\"", "id_token.aud", Fail, "other"),
    ("aud", "null", "id_token.aud", Fail, "absent"),
    ("aud", "[]", "id_token.aud", Fail, "[]"),
    ("aud", "{\"client\":1}", "id_token.aud", Fail, "client"),
    ("aud", "[\"client\",\"other\"]", "id_token.aud_trusted", Warn, "other; azp is this client"),
    ("azp", "\"other\"", "id_token.azp", Fail, "other"),
    ("azp", "null", "id_token.azp", Skipped, "not needed with one audience"),
    ("exp", "1795429500", "id_token.exp", Fail, "5 min ago"),
    ("exp", "1795429501", "id_token.exp", Warn, "4 min 59 s ago"),
    ("exp", "1795429740", "id_token.exp", Warn, "1 min ago"),
    ("exp", "9999999999", "id_token.exp", Warn, "more than 50 years ahead"),
    ("exp", "null", "id_token.exp", Fail, "absent"),
    ("exp", "\"1795430400\"", "id_token.exp", Fail, "which is no number"),
    ("exp", "1795430400000", "id_token.exp", Fail, "milliseconds"),
    ("iat", "1795430100", "id_token.iat", Fail, "in 5 min"),
    ("iat", "1795429860", "id_token.iat", Warn, "in 1 min"),
    ("nbf", "1795430100", "id_token.nbf", Fail, "in 5 min"),
    ("nbf", "1795429860", "id_token.nbf", Warn, "in 1 min"),
    ("nbf", "\"now\"", "id_token.nbf", Fail, "which is no number"),
    ("nbf", "null", "id_token.nbf", Skipped, "optional"),
    ("iat", "null", "id_token.iat", Fail, "absent"),
    ("iat", "true", "id_token.iat", Fail, "true, which is no number"),
    ("sub", "null", "id_token.sub", Fail, "absent"),
    ("sub", "\"\"", "id_token.sub", Fail, "\"\""),
    ("sub", "7", "id_token.sub", Fail, "a number"),
    ("sub", "\"jürgen\"", "id_token.sub", Fail, "jürgen"),
    ("nonce", "\"of another login\"", "id_token.nonce", Fail, "of another login"),
    ("nonce", "null", "id_token.nonce", Fail, "absent"),
    ("nonce", "[\"n-0S6_WzA2Mj\"]", "id_token.nonce", Fail, "["),
    ("acr", "\"0\"", "id_token.acr", Warn, "0"),
    ("acr", "null", "id_token.acr", Warn, "absent"),
    ("auth_time", "1795429439", "id_token.auth_time", Fail, "6 min 1 s ago"),
    ("auth_time", "null", "id_token.auth_time", Fail, "absent"),
    ("auth_time", "\"today\"", "id_token.auth_time", Fail, "which is no number"),
    ("auth_time", "1795429860", "id_token.auth_time", Warn, "in 1 min"),
    ("auth_time", "1795430400", "id_token.auth_time", Warn, "in 10 min"),
    ("at_hash", "\"MTIzNDU2Nzg5MDEyMzQ1Ng\"", "id_token.at_hash", Fail, "MTIzNDU2"),
    ("at_hash", "null", "id_token.at_hash", Skipped, "optional"),
    ("c_hash", "\"MTIzNDU2Nzg5MDEyMzQ1Ng\"", "id_token.c_hash", Fail, "MTIzNDU2"),
    ("c_hash", "null", "id_token.c_hash", Skipped, "optional"),
    ("s_hash", "\"MTIzNDU2Nzg5MDEyMzQ1Ng\"", "id_token.s_hash", Fail, "MTIzNDU2"),
    // Within what clocks may differ.
    ("exp", "1795429741", "id_token.exp", Pass, "within the 1 min that clocks may differ"),
    ("iat", "1795429859", "id_token.iat", Pass, "within"),
    ("nbf", "1795429859", "id_token.nbf", Pass, "within"),
];

#[test]
fn each_changed_claim_breaks_its_rule_and_no_other() {
    for (claim, value, id, verdict, saw) in CHANGED {
        let value: Value = serde_json::from_str(value).expect("JSON");
        let checks = judged(&with(claim, value.clone()), expected());
        assert_check(&checks, id, verdict, saw);
        let others: Vec<&str> =
            checks.iter().filter(|c| c.rule.id != id && c.verdict < Pass).map(|c| c.rule.id).collect();
        // A token that has ended by now has ended before it was issued.
        let allowed: &[&str] = match claim {
            "aud" => &["id_token.azp", "jwt.claim_type"],
            "exp" => &["jwt.time_order"],
            _ => &[],
        };
        assert!(others.iter().all(|id| allowed.contains(id)), "{claim} {value} also broke {others:?}");
    }
}

/// A client that is named twice is one audience.
#[test]
fn azp_is_missed_where_others_are_named_and_not_where_this_client_is_named_twice() {
    for (aud, verdict) in [(json!(["client", "client"]), Skipped), (json!(["client", "other"]), Warn)] {
        let mut claims = claims();
        claims["aud"] = aud;
        claims.as_object_mut().expect("an object").remove("azp");
        let checks = judged(&signed(&claims), Expected { trusted_audiences: "other", ..expected() });
        assert_check(&checks, "id_token.azp", verdict, "absent");
    }
}

#[test]
fn a_sub_may_have_255_characters_and_no_more() {
    for (length, verdict) in [(255, Pass), (256, Fail)] {
        let checks = judged(&with("sub", json!("a".repeat(length))), expected());
        assert_check(&checks, "id_token.sub", verdict, "aaa");
    }
}

/// One changed expectation, or another signature.
#[test]
fn each_changed_expectation_is_judged() {
    let good = || signed(&claims());
    let by = |key: &SigningKey, header: Value| {
        decode(&key.sign(header.as_object().expect("an object"), &claims()).expect("a token"))
    };
    let empty = set(&[]);
    let foreign = set(&[&STRANGER]);
    let secret = Jwk::from_secret(&"a secret with thirty-two characters".into());
    let wrong = Jwk::from_secret(&"another secret of thirty-two characters".into());
    let several = set(&[&KEY, &OTHER]);
    let other_hash = "SHA-512 of the right value in place of SHA-256";
    let e = expected();
    for (token, expected, id, verdict, saw) in [
        (good(), Expected { issuer: None, ..e }, "id_token.iss", Skipped, "not known"),
        (good(), Expected { client_id: "me", ..e }, "id_token.azp", Fail, "client"),
        (good(), Expected { nonce: None, ..e }, "id_token.nonce", Warn, "n-0S6_WzA2Mj"),
        (with("nonce", Value::Null), Expected { nonce: None, ..e }, "id_token.nonce", Skipped, "none was sent"),
        (good(), Expected { max_age: None, ..e }, "id_token.auth_time", Skipped, "no max_age"),
        (with("auth_time", json!(NOW + 60)), Expected { max_age: None, ..e }, "id_token.auth_time", Warn, "in 1 min"),
        (with("auth_time", json!("now")), Expected { max_age: None, ..e }, "id_token.auth_time", Warn, "no number"),
        (good(), Expected { max_age: Some(39), ..e }, "id_token.auth_time", Fail, "1 min 40 s ago"),
        (good(), Expected { max_age: Some(40), ..e }, "id_token.auth_time", Pass, "1 min 40 s ago"),
        (good(), Expected { acr_values: None, ..e }, "id_token.acr", Skipped, "no acr_values"),
        (good(), Expected { acr_values: Some("urn:practice:weak"), ..e }, "id_token.acr", Warn, "strong"),
        (good(), Expected { access_token: Some("another"), ..e }, "id_token.at_hash", Fail, ""),
        (good(), Expected { access_token: None, ..e }, "id_token.at_hash", Skipped, "nothing came"),
        (with_sha512("at_hash", ACCESS_TOKEN), e, "id_token.at_hash", Fail, other_hash),
        (with_sha512("c_hash", CODE), e, "id_token.c_hash", Fail, other_hash),
        (with_sha512("s_hash", STATE), e, "id_token.s_hash", Fail, other_hash),
        (with("s_hash", json!(7)), e, "id_token.s_hash", Fail, "7"),
        (good(), Expected { state: Some("another"), ..e }, "id_token.s_hash", Fail, ""),
        (good(), Expected { state: None, ..e }, "id_token.s_hash", Skipped, "nothing came"),
        (with_sha512("at_hash", "another"), e, "id_token.at_hash", Fail, ""),
        (good(), Expected { code: Some("another"), ..e }, "id_token.c_hash", Fail, ""),
        (good(), Expected { code: None, ..e }, "id_token.c_hash", Skipped, "nothing came"),
        (good(), Expected { algs: Some(&["RS256"]), ..e }, "id_token.alg", Warn, "ES256"),
        (good(), Expected { registered_alg: Some("ES256"), ..e }, "id_token.alg", Pass, "as registered"),
        (
            good(),
            Expected { registered_alg: Some("ES256"), algs: Some(&["RS256"]), ..e },
            "id_token.alg",
            Pass,
            "registered",
        ),
        (good(), Expected { registered_alg: Some("RS256"), ..e }, "id_token.alg", Fail, "ES256"),
        (good(), Expected { algs: None, ..e }, "id_token.alg", Skipped, "ES256"),
        (good(), Expected { jwks: None, ..e }, "id_token.signature", Skipped, "keys are not known"),
        (good(), Expected { jwks: Some(&empty), ..e }, "id_token.signature", Fail, "has no key to try"),
        (good(), Expected { jwks: Some(&foreign), ..e }, "id_token.signature", Fail, "not by this key"),
        (by(&STRANGER, json!({})), e, "id_token.signature", Fail, "not by this key"),
        (by(&KEY, json!({"kid": "two"})), e, "id_token.signature", Pass, "kid one"),
        (by(&KEY, json!({"kid": "two"})), e, "id_token.kid", Warn, "two; it is kid one"),
        (by(&NAMELESS, json!({})), e, "id_token.kid", Skipped, "not needed with one key"),
        (by(&NAMELESS, json!({})), Expected { jwks: Some(&several), ..e }, "id_token.kid", Warn, "absent with 2 keys"),
        (good(), Expected { jwks: Some(&several), ..e }, "id_token.kid", Pass, "one"),
        (good(), Expected { jwks: None, ..e }, "id_token.kid", Skipped, "no key is known"),
        (by(&STRANGER, json!({})), e, "id_token.kid", Skipped, "no key is known"),
        (by(&SECRET, json!({})), Expected { client_secret: Some(&secret), ..e }, "id_token.kid", Skipped, "secret"),
        (by(&KEY, json!({"typ": "application/logout+JWT"})), e, "id_token.typ", Fail, "logout"),
        (by(&KEY, json!({"typ": "jwt"})), e, "id_token.typ", Pass, "jwt"),
        (by(&KEY, json!({"typ": "ID"})), e, "id_token.typ", Pass, "ID"),
        (by(&SECRET, json!({})), e, "id_token.signature", Fail, ""),
        (by(&SECRET, json!({})), Expected { client_secret: Some(&secret), ..e }, "id_token.signature", Pass, "HS256"),
        (by(&SECRET, json!({})), Expected { client_secret: Some(&wrong), ..e }, "id_token.signature", Fail, ""),
        (
            by(&SECRET, json!({})),
            Expected { client_secret: None, jwks: None, ..e },
            "id_token.signature",
            Skipped,
            "no client_secret",
        ),
    ] {
        assert_check(&judged(&token, expected), id, verdict, saw);
    }
}

/// Another audience: trusted, possible, or foreign (OIDC Core section 3.1.3.7).
#[test]
fn another_audience_is_trusted_where_the_user_says_so() {
    let e = expected();
    let both = |azp: Value| {
        let mut claims = claims();
        claims["aud"] = json!(["client", "https://api.example"]);
        claims["azp"] = azp;
        signed(&claims)
    };
    let api: &[&str] = &["https://api.example"];
    for (token, expected, verdict, saw) in [
        (both(json!("client")), e, Warn, "azp is this client"),
        (with("aud", json!("other")), e, Skipped, "which id_token.aud says"),
        (both(json!("client")), Expected { trusted_audiences: "x https://api.example", ..e }, Pass, "trusted"),
        (both(json!("other")), e, Fail, "https://api.example"),
        (both(json!("other")), Expected { asked_audiences: api, ..e }, Warn, "was asked for"),
        (both(json!("other")), Expected { asked_audiences: &["https://api.example/"], ..e }, Fail, "api.example"),
    ] {
        assert_check(&judged(&token, expected), "id_token.aud_trusted", verdict, saw);
    }
}

/// What the bench refuses, a run refuses: the rule of the bench explains it and the form fails for it.
#[test]
fn a_fault_of_form_fails_the_token_and_is_explained() {
    let by = |header: Value| KEY.sign(header.as_object().expect("an object"), &claims()).expect("a token");
    let good = by(json!({}));
    let (head, rest) = good.split_once('.').expect("dots");
    let doubled = format!("{},\"sub\":\"bob\"}}", claims().to_string().trim_end_matches('}'));
    let doubled = format!("{head}.{}", base64url::encode(doubled.as_bytes()));
    let doubled = format!("{doubled}.{}", KEY.signature(&doubled).expect("a signature"));
    for (text, id) in [
        (by(json!({"crit": ["exotic"], "exotic": 1})), "jwt.crit"),
        (by(json!({"crit": []})), "jwt.crit"),
        (by(json!({"crit": ["alg"]})), "jwt.crit"),
        (by(json!({"crit": ["absent"]})), "jwt.crit"),
        (by(json!({"crit": "exp"})), "jwt.crit"),
        (by(json!({"kid": 1})), "jwt.kid"),
        (doubled, "jwt.duplicate_member"),
        (format!("{head}.\n{rest}"), "jwt.envelope"),
        (format!("{head}\u{200b}.{rest}"), "jwt.envelope"),
        (format!("{head}%2E{rest}"), "jwt.envelope"),
        (format!("{good}="), "jwt.base64url"),
    ] {
        let checks = judged(&decode(&text), expected());
        assert_check(&checks, "id_token.format", Fail, id);
        assert_check(&checks, id, Fail, "");
    }
}

/// A token without a signature is one only where the client registered for that (OIDC Core section 2).
#[test]
fn an_unsigned_token_is_refused_unless_it_was_registered() {
    let e = expected();
    let as_none = Expected { registered_alg: Some("none"), ..e };
    for (token, expected, id, verdict, saw) in [
        (decode(&unsecured(&Map::new(), &claims())), e, "id_token.signature", Fail, "not signed at all"),
        (decode(&unsecured(&Map::new(), &claims())), e, "id_token.alg", Fail, "none"),
        (
            decode(&unsecured(&Map::new(), &claims())),
            Expected { algs: Some(&["none"]), ..e },
            "id_token.alg",
            Fail,
            "none",
        ),
        (decode(&unsecured(&Map::new(), &claims())), as_none, "id_token.alg", Pass, "none, as registered"),
        (decode(&unsecured(&Map::new(), &claims())), as_none, "id_token.signature", Note, "as this client registered"),
        (
            decode(&unsecured(&Map::new(), &claims())),
            Expected { front_channel: true, ..as_none },
            "id_token.alg",
            Fail,
            "none",
        ),
    ] {
        assert_check(&judged(&token, expected), id, verdict, saw);
    }
}

#[test]
fn what_is_no_signed_jwt_is_judged_by_its_form_alone() {
    let good = KEY.sign(&Map::new(), &claims()).expect("a token");
    let parts: Vec<&str> = good.split('.').collect();
    for (text, saw) in [
        ("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA".to_owned(), "JWE"),
        (r#"{"payload":"e30","signatures":[]}"#.to_owned(), "a JWS in JSON"),
        ("2YotnFZFEjr1zCsicMWpAA".to_owned(), "no JWT"),
        (String::new(), "an empty text"),
        (format!("{}.WzFd.{}", parts[0], parts[2]), "no JSON object"),
    ] {
        let checks = judged(&decode(&text), expected());
        assert_eq!(checks.len(), 1, "{text}");
        assert_check(&checks, "id_token.format", Fail, saw);
    }
}

#[test]
fn an_encrypted_token_is_not_judged_and_fails_nothing() {
    let expected = Expected { closed: Some("there is no key"), ..expected() };
    let checks = judged(&decode("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA"), expected);
    for id in ["id_token.format", "id_token.signature"] {
        assert_check(&checks, id, Skipped, "encrypted");
    }
    assert_eq!(checks.len(), 2);
}

/// A multi-tenant issuer is a template, which `tid` fills.
#[test]
fn a_template_that_nothing_fills_is_no_issuer() {
    let template = "https://as.example/{tenantid}/v2.0";
    for iss in [template, "https://as.example/9188040d/v2.0"] {
        let checks = judged(&with("iss", json!(iss)), Expected { issuer: Some(template), ..expected() });
        assert_check(&checks, "id_token.iss", Fail, "without a tid");
    }
}

#[test]
fn hashes_are_required_in_the_front_channel() {
    for claim in ["at_hash", "c_hash"] {
        let token = with(claim, Value::Null);
        let id = format!("id_token.{claim}");
        assert_check(&judged(&token, expected()), &id, Skipped, "absent");
        assert_check(&judged(&token, Expected { front_channel: true, ..expected() }), &id, Fail, "required");
    }
}
