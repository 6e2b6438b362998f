//! Proofs of a key, nonces for them, and what tokens are bound to (RFC 9449, RFC 8705).

use std::collections::BTreeSet;
use std::sync::Arc;

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Warn};
use grantscope::base::http::{ClientCertificate, HttpRequest, HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::secret::{Secret, SecretBytes};
use grantscope::base::time::Timestamp;
use grantscope::client::answer::Outcome;
use grantscope::client::binding::{Proven, accept_other_key, accept_unproven, refreshed};
use grantscope::client::dpop::{
    Challenged, DPOP, Expected, NONCE, Nonces, Proving, accept_replay, ath, challenged, conflict, lint, names_key,
    presented, pushed_jkt, refused,
};
use grantscope::client::endpoint::token::TokenResponse;
use grantscope::client::seal::ClaimEdits;
use grantscope::client::settings::Settings;
use grantscope::jose::drawn::es256;
use grantscope::jose::key::SigningKey;
use grantscope::jose::x509::thumbprint;
use grantscope::terms::error::OAuthError;
use serde_json::{Map, Value, json};

use super::authorization::url;
use super::{Entry, NOW, RANDOM};

const API: &str = "https://api.example/orders";
const NOW_AT: Timestamp = Timestamp::from_seconds(NOW);

fn key() -> SigningKey {
    es256(&[7; 32]).expect("a key")
}

/// A call of the API with a bound token and its proof, changed so, where the server has given this nonce before.
fn call_with(nonce: Option<&str>, change: impl FnOnce(&mut ClaimEdits)) -> HttpRequest {
    let mut edits = ClaimEdits::default();
    change(&mut edits);
    let given = nonce.map(|nonce| ("https://api.example".to_owned(), nonce.to_owned()));
    let nonces: Nonces = given.into_iter().collect();
    let private = key().private_jwk();
    let proving = Proving { key: Some(&private), nonces: &nonces, jti: "j1".to_owned() };
    let call = HttpRequest::get(url(API)).with_header("Authorization", format!("DPoP {RANDOM}"));
    proving.put_on(call, NOW_AT, &edits).expect("a proof")
}

fn call() -> HttpRequest {
    call_with(None, |_| {})
}

/// A proof with this header and the good claims, signed by the key.
fn headed(header: Value) -> HttpRequest {
    let Value::Object(header) = header else { panic!("a header") };
    let claims = json!({"jti": "j1", "htm": "GET", "htu": API, "iat": NOW, "ath": ath(RANDOM)});
    let mut call = call();
    call.headers.set(DPOP, key().sign(&header, &claims).expect("a proof"));
    call
}

fn jwk(key: &SigningKey) -> Value {
    let mut public = key.public_jwk();
    let members = public.as_object_mut().expect("an object");
    for name in ["kid", "alg", "use"] {
        members.remove(name);
    }
    public
}

fn judged(call: &HttpRequest, used: &[&str], nonce: Option<&str>, algs: &[&str]) -> Vec<Check> {
    let used: BTreeSet<String> = used.iter().map(|jti| (*jti).to_owned()).collect();
    lint(call, Expected { nonce, used: &used, algs: Some(algs), now: NOW_AT })
}

fn sent(call: &HttpRequest) -> Vec<Check> {
    judged(call, &[], None, &["ES256"])
}

fn set(name: &'static str, value: &str) -> Vec<Check> {
    sent(&call_with(None, |edits| edits.set(name, value)))
}

fn omit(name: &'static str) -> Vec<Check> {
    sent(&call_with(None, |edits| edits.omit(name)))
}

fn proof_entries() -> Vec<Entry> {
    let kept = |rule| Entry::kept(rule, sent(&call()));
    let twice = call().with_header("dpop", "a.b.c");
    let public = jwk(&key());
    let (other, private) = (jwk(&es256(&[8; 32]).expect("a key")), key().private_jwk());
    let private: Value = serde_json::from_str(private.expose()).expect("a key");
    let typed = |typ: &str, jwk: &Value| sent(&headed(json!({"typ": typ, "jwk": jwk})));
    let with_nonce = |nonce: &str| call_with(Some(nonce), |_| {});
    vec![
        kept("dpop_proof.header")
            .broken(Fail, "typ JWT", typed("JWT", &public))
            .broken(Fail, "2 proofs", sent(&twice))
            .broken(Fail, "no signed JWT", sent(&HttpRequest::get(url(API)).with_header(DPOP, "junk"))),
        kept("dpop_proof.key")
            .broken(Fail, "no jwk", sent(&headed(json!({"typ": "dpop+jwt"}))))
            .broken(Fail, "does not verify", typed("dpop+jwt", &other))
            .broken(Fail, "private members", typed("dpop+jwt", &private)),
        kept("dpop_proof.claims").broken(Fail, "without jti", omit("jti")).broken(Fail, "without htu", omit("htu")),
        kept("dpop_proof.htm").broken(Fail, "POST", set("htm", "POST")).broken(Fail, "absent", omit("htm")),
        kept("dpop_proof.htu")
            .kept_too(set("htu", "HTTPS://API.example:443/orders"))
            .broken(Fail, "/orders/", set("htu", "https://api.example/orders/"))
            .broken(Fail, "absent", omit("htu")),
        kept("dpop_proof.iat")
            .broken(Fail, "1 h", set("iat", &(NOW - 3600).to_string()))
            .broken(Fail, "1 h", set("iat", &(NOW + 3600).to_string()))
            .broken(Warn, "2 min", set("iat", &(NOW + 120).to_string()))
            .broken(Fail, "no number", set("iat", "now"))
            .broken(Fail, "absent", omit("iat")),
        kept("dpop_proof.jti").broken(Fail, "an earlier proof", judged(&call(), &["j1"], None, &["ES256"])),
        kept("dpop_proof.ath").broken(Fail, "other", set("ath", "other")).broken(Fail, "absent", omit("ath")),
        kept("dpop_proof.alg").broken(Note, "ES256", judged(&call(), &[], None, &["RS256"])),
        Entry::kept("dpop_proof.nonce", judged(&with_nonce("n1"), &[], Some("n1"), &["ES256"]))
            .broken(Fail, "n0", judged(&with_nonce("n0"), &[], Some("n1"), &["ES256"]))
            .broken(Fail, "absent", judged(&call(), &[], Some("n1"), &["ES256"]))
            .broken(Note, "has not given", judged(&with_nonce("n1"), &[], None, &["ES256"])),
    ]
}

fn asked(call: &HttpRequest, response: &HttpResponse, answered: u32) -> Vec<Check> {
    match challenged(call, response, answered) {
        Challenged::No => Vec::new(),
        Challenged::Again(checks) | Challenged::InVain(checks) => checks,
    }
}

fn nonce_entries() -> Vec<Entry> {
    let challenge = "Bearer, DPoP error=\"use_dpop_nonce\", algs=\"ES256\"";
    let api = |status, challenge: &str| {
        HttpResponse::new(status, "text/plain", "").with_header("WWW-Authenticate", challenge).with_header(NONCE, "n1")
    };
    let body = r#"{"error":"use_dpop_nonce"}"#;
    let token = |status| HttpResponse::new(status, JSON, body).with_header(NONCE, "n1");
    let mut post = call();
    post.headers.0.retain(|(name, _)| name == DPOP);
    let form = |response: &HttpResponse| asked(&post, response, 0);
    let nonce_twice = token(400).with_header(NONCE, "n2");
    let with_nonce = call_with(Some("n1"), |_| {});
    let accepted = |call: &HttpRequest, answered| asked(call, &api(401, challenge), answered);
    // A challenge that is answered says nothing of the nonce that was not there.
    vec![
        Entry::kept("dpop.nonce_challenge", accepted(&call(), 0))
            .kept_too(form(&token(400)))
            .broken(Fail, "403", asked(&call(), &api(403, challenge), 0))
            .broken(Fail, "no challenge", asked(&call(), &api(401, "Bearer error=\"use_dpop_nonce\""), 0))
            .broken(Fail, "status 401", form(&token(401)))
            .broken(Fail, "no DPoP-Nonce", form(&HttpResponse::new(400, JSON, body)))
            .broken(Fail, "2 DPoP-Nonce", form(&nonce_twice)),
        Entry::unsaid("dpop.nonce_form", accepted(&call(), 0))
            .broken(Fail, "a\"b", form(&HttpResponse::new(400, JSON, body).with_header(NONCE, "a\"b")))
            .broken(Fail, "a b", form(&HttpResponse::new(400, JSON, body).with_header(NONCE, "a b"))),
        Entry::unsaid("dpop.nonce_taken", accepted(&call(), 0))
            .broken(Fail, "the same one given again", accepted(&with_nonce, 0))
            .broken(Fail, "4 refused", accepted(&call(), 3)),
    ]
}

fn tokens(token_type: &str, access_token: &str) -> TokenResponse {
    TokenResponse {
        access_token: Some(Secret::new(access_token)),
        token_type: Some(token_type.to_owned()),
        expires_in: None,
        refresh_token: None,
        scope: None,
        id_token: None,
        authorization_details: None,
    }
}

fn bound_to(cnf: &Value) -> String {
    key().sign(&Map::new(), &json!({"sub": "alice", "cnf": cnf})).expect("a token")
}

fn binding_entries() -> Vec<Entry> {
    let mut settings = Settings::default();
    settings.protection.tls_client_certificate_bound_access_tokens = true;
    let proven = Proven::by(&call());
    let jkt = proven.jkt.clone().expect("a key");
    let judged = |token_type: &str, cnf: Value| proven.judge(&tokens(token_type, &bound_to(&cnf)), &settings);
    let said = |text: &str| proven.judge_said(&Json::parse_text(text).expect("JSON"), true, &settings);
    let mut shown = HttpRequest::get(url(API));
    let der = vec![1, 2, 3];
    let x5t = thumbprint(&der);
    shown.tls.certificate = Some(Arc::new(ClientCertificate { chain: vec![der], key: SecretBytes::default() }));
    let certified = Proven::by(&shown);
    let by_certificate = |cnf: Value| certified.judge(&tokens("Bearer", &bound_to(&cnf)), &settings);
    let of_public = |is_public, with: Option<&str>, outcome| {
        refreshed("k1", with, is_public, &outcome).into_iter().collect::<Vec<Check>>()
    };
    let fresh = || Outcome::Success(tokens("DPoP", "t"));
    let error = |code: &str| Outcome::Refused(OAuthError::new(code, "no"));
    let presents = |sent: &HttpRequest| presented(sent, &RANDOM.into()).into_iter().collect::<Vec<Check>>();
    let mut bare = call();
    bare.headers.0.retain(|(name, _)| name != DPOP);
    let bearer = HttpRequest::get(url(API)).with_header("Authorization", format!("Bearer {RANDOM}"));
    let denied = |challenge: &str| {
        let response = HttpResponse::new(401, "text/plain", "").with_header("WWW-Authenticate", challenge);
        refused(&call(), &response).into_iter().collect::<Vec<Check>>()
    };
    let pushed = |named, proven| pushed_jkt(Some(named), Some(proven)).into_iter().collect::<Vec<Check>>();
    let taken = |is_taken| conflict(Some("k1"), Some("k2"), is_taken).into_iter().collect::<Vec<Check>>();
    let redeemed = |named, proven| names_key(Some(named), proven).into_iter().collect::<Vec<Check>>();
    vec![
        Entry::kept("dpop.token_type", judged("dPOP", json!({"jkt": jkt}))).broken(
            Warn,
            "Bearer",
            judged("Bearer", json!({})),
        ),
        Entry::kept("dpop.bound", judged("DPoP", json!({"jkt": jkt})))
            .kept_too(said(&format!(r#"{{"active":true,"cnf":{{"jkt":"{jkt}"}}}}"#)))
            .broken(Fail, "other", judged("DPoP", json!({"jkt": "other"})))
            .broken(Fail, "no cnf.jkt", judged("DPoP", Value::Null))
            .broken(Fail, "no cnf.jkt", said(r#"{"active":true}"#)),
        Entry::kept("mtls.bound", by_certificate(json!({"x5t#S256": x5t})))
            .broken(Fail, "other", by_certificate(json!({"x5t#S256": "other"})))
            .broken(Fail, "no cnf.x5t#S256", by_certificate(json!({}))),
        Entry::kept("dpop.refresh_key", of_public(true, Some("k2"), error("invalid_grant")))
            .kept_too(of_public(false, Some("k2"), fresh()))
            .broken(Fail, "another key", of_public(true, Some("k2"), fresh()))
            .broken(Fail, "no proof", of_public(true, None, fresh()))
            .broken(Fail, "another key", of_public(false, Some("k2"), error("invalid_dpop_proof"))),
        Entry::kept("dpop_proof.scheme", presents(&call())).broken(Fail, "Bearer", presents(&bearer)).broken(
            Fail,
            "without a proof",
            presents(&bare),
        ),
        Entry::kept("dpop_proof.jkt", redeemed("k1", Some("k1")))
            .broken(Fail, "k2", redeemed("k1", Some("k2")))
            .broken(Fail, "no proof", redeemed("k1", None)),
        Entry::kept("dpop_proof.pushed_jkt", pushed("k1", "k1")).broken(Fail, "k1", pushed("k1", "k2")),
        Entry::kept("dpop.jkt_conflict", taken(false)).broken(Fail, "taken", taken(true)),
        Entry::kept("dpop.challenge", denied("Bearer, DPoP error=\"invalid_token\"")).broken(
            Warn,
            "Bearer",
            denied("Bearer error=\"invalid_token\""),
        ),
    ]
}

/// What an API makes of a token that is used otherwise than it is bound.
fn misused_entries() -> Vec<Entry> {
    let alone = |status, is_dpop| accept_unproven(&HttpResponse::new(status, "text/plain", ""), is_dpop).checks;
    let by_other = |status| accept_other_key(&HttpResponse::new(status, "text/plain", "")).checks;
    let again = |status, seconds| {
        let now = Timestamp::from_seconds(NOW + seconds);
        accept_replay(&call(), &HttpResponse::new(status, "text/plain", ""), now).checks
    };
    vec![
        Entry::kept("dpop.enforced", alone(401, true)).broken(Fail, "200", alone(200, true)).broken(
            Warn,
            "403",
            alone(403, true),
        ),
        Entry::kept("dpop.key_enforced", by_other(401)).broken(Fail, "200", by_other(200)).broken(
            Warn,
            "403",
            by_other(403),
        ),
        Entry::kept("dpop.replay", again(401, 60)).kept_too(again(400, 60)).broken(Note, "taken again", again(200, 60)),
        Entry::kept("mtls.enforced", alone(401, false)).broken(Fail, "200", alone(200, false)),
    ]
}

pub fn entries() -> Vec<Entry> {
    [proof_entries(), nonce_entries(), binding_entries(), misused_entries()].into_iter().flatten().collect()
}

#[test]
fn a_nonce_that_cannot_be_one_is_told_as_that_alone() {
    let body = r#"{"error":"use_dpop_nonce"}"#;
    let mut call = call_with(Some("a b"), |_| {});
    call.headers.0.retain(|(name, _)| name == DPOP);
    let checks = asked(&call, &HttpResponse::new(400, JSON, body).with_header(NONCE, "a b"), 1);
    let broken: Vec<&str> = checks.iter().filter(|it| it.verdict == Fail).map(|it| it.rule.id).collect();
    assert_eq!(broken, ["dpop.nonce_form"]);
}
