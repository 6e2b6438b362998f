//! The rules of a proof in a request that has left.

use std::collections::BTreeSet;
use std::time::Duration;

use url::Url;

use super::{DPOP, TYP, ath, bound_token, htu, proof};
use crate::base::check::{Check, Rule};
use crate::base::http::HttpRequest;
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::base::time::{Timestamp, spoken};
use crate::client::rules::dpop as rule;
use crate::jose::claims::{not_ahead, numeric_date};
use crate::jose::jwk::Jwk;
use crate::jose::jwt::{Decoded, Form};
use crate::jose::verify::verify;

/// How old a proof may be. Servers take some minutes at most.
pub(super) const OLDEST: Duration = Duration::from_secs(300);

/// What a proof is held against.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The nonce that this server gave last.
    pub nonce: Option<&'a str>,
    /// The names of the proofs before it in this run.
    pub used: &'a BTreeSet<String>,
    /// The algorithms that the server names; `None` where it names none.
    pub algs: Option<&'a [&'a str]>,
    /// When it left.
    pub now: Timestamp,
}

/// Rules for the proof of a request; none where there is no proof.
pub fn lint(sent: &HttpRequest, expected: Expected<'_>) -> Vec<Check> {
    let Some(proof) = proof(sent) else { return Vec::new() };
    let mut checks = vec![
        header(sent, &proof),
        key(&proof),
        claims(&proof),
        rule::HTM.equal(&sent.method, text(&proof, "htm")),
        address(sent, &proof),
        iat(&proof, expected.now),
        jti(&proof, expected.used),
        alg(&proof, expected.algs),
        nonce(&proof, expected.nonce),
    ];
    checks.extend(bound_token(sent).map(|token| rule::ATH.equal(&ath(token), text(&proof, "ath"))));
    checks
}

fn text<'a>(proof: &'a Decoded, name: &str) -> &'a str {
    proof.claim(name).and_then(Json::as_str).unwrap_or("absent")
}

fn header(sent: &HttpRequest, proof: &Decoded) -> Check {
    let saw = match (sent.headers.all(DPOP).count(), proof.typ(), proof.form) {
        (1, Some(TYP), Form::Jws) => return rule::HEADER.pass(TYP),
        (1, typ, Form::Jws) => format!("typ {}", visible(typ.unwrap_or("absent"))),
        (1, ..) => "no signed JWT".to_owned(),
        (several, ..) => format!("{several} proofs"),
    };
    rule::HEADER.broken(format!("one JWT of typ {TYP}"), saw)
}

fn key(proof: &Decoded) -> Check {
    let expected = "a public key in jwk that verifies the proof";
    let jwk = proof.header.as_ref().and_then(|header| header.get("jwk"));
    let Some(jwk) = jwk else { return rule::KEY.broken(expected, "no jwk") };
    match Jwk::from_json(jwk) {
        Err(error) => rule::KEY.broken(expected, visible(&error.to_string())),
        Ok(key) if key.has_private_members() => rule::KEY.broken(expected, "a jwk with private members"),
        Ok(key) if verify(proof, std::slice::from_ref(&key)).verified_by.is_none() => {
            rule::KEY.broken(expected, format!("{}, which does not verify it", key.describe()))
        }
        Ok(key) => rule::KEY.pass(format!("{}, jkt {}", key.describe(), key.thumbprint().unwrap_or_default())),
    }
}

fn claims(proof: &Decoded) -> Check {
    let missing: Vec<&str> =
        ["jti", "htm", "htu", "iat"].into_iter().filter(|name| proof.claim(name).is_none()).collect();
    let saw = if missing.is_empty() { "all four".to_owned() } else { format!("without {}", missing.join(", ")) };
    rule::CLAIMS.holds(missing.is_empty(), "jti, htm, htu, iat", saw)
}

/// Case of scheme and host, a default port and an empty path make no difference (RFC 3986 section 6.2.3).
fn address(sent: &HttpRequest, proof: &Decoded) -> Check {
    let (wanted, saw) = (htu(&sent.url), text(proof, "htu"));
    let is_same = Url::parse(saw).is_ok_and(|url| String::from(url) == wanted);
    rule::HTU.holds(is_same, wanted, visible(saw))
}

fn iat(proof: &Decoded, now: Timestamp) -> Check {
    match proof.claim("iat").map(numeric_date) {
        None => rule::IAT.broken("seconds since 1970", "absent"),
        Some(Err(what)) => rule::IAT.broken("seconds since 1970", what.to_string()),
        Some(Ok(made)) if now.since(made) > OLDEST => {
            rule::IAT.broken("now", format!("{} ago", spoken(now.since(made))))
        }
        Some(Ok(made)) => not_ahead(&rule::IAT, made, now),
    }
}

fn jti(proof: &Decoded, used: &BTreeSet<String>) -> Check {
    let jti = text(proof, "jti");
    let saw = if used.contains(jti) { "that of an earlier proof" } else { "a new one" };
    rule::JTI.holds(!used.contains(jti), "one that was never used", saw)
}

fn alg(proof: &Decoded, listed: Option<&[&str]>) -> Check {
    let alg = proof.alg().unwrap_or("absent");
    match listed {
        None => rule::ALG.skipped("the metadata names no dpop_signing_alg_values_supported"),
        Some(listed) if listed.contains(&alg) => rule::ALG.pass(visible(alg)),
        Some(listed) => Check { expected: Some(visible(&listed.join(", ")).into_owned()), ..rule::ALG.note(alg) },
    }
}

fn nonce(proof: &Decoded, given: Option<&str>) -> Check {
    let saw = text(proof, "nonce");
    match given {
        Some(given) => rule::NONCE.equal(given, saw),
        None if proof.claim("nonce").is_none() => rule::NONCE.skipped("this server has given none"),
        None => rule::NONCE.note(format!("{}, which this server has not given", visible(saw))),
    }
}

/// How a token of type DPoP is presented. Nothing is said where the request does not carry this token.
pub fn presented(sent: &HttpRequest, token: &Secret) -> Option<Check> {
    let field = sent.headers.get("authorization").unwrap_or_default().trim();
    let (scheme, shown) = field.split_once(' ').unwrap_or((field, ""));
    let in_form = || sent.form().is_some_and(|form| form.get("access_token") == Some(token.expose()));
    let is_header = shown.trim() == token.expose();
    if token.is_empty() || !is_header && !in_form() {
        return None;
    }
    let saw = match (is_header, scheme.eq_ignore_ascii_case(DPOP), sent.headers.get(DPOP)) {
        (true, true, Some(_)) => return Some(rule::SCHEME.pass(scheme)),
        (true, true, None) => format!("{scheme} without a proof"),
        (true, false, _) => format!("the scheme {}", visible(scheme)),
        (false, ..) => "access_token in the form".to_owned(),
    };
    Some(rule::SCHEME.broken("Authorization: DPoP and a proof", saw))
}

/// Holds the key of a token request to the one that the authorization request named (section 10).
pub fn names_key(named: Option<&str>, proven: Option<&str>) -> Option<Check> {
    let rule: &'static Rule = &rule::JKT;
    Some(rule.equal(named?, proven.unwrap_or("no proof")))
}

/// Holds the key that a pushed request names to the one that it proves to have; nothing to say where it does not do both
/// (section 10.1).
pub fn pushed_jkt(named: Option<&str>, proven: Option<&str>) -> Option<Check> {
    Some(rule::PUSHED_JKT.equal(proven?, &visible(named?)))
}

/// What the server made of a pushed request that names one key and proves another; nothing to say of all others.
pub fn conflict(named: Option<&str>, proven: Option<&str>, is_taken: bool) -> Option<Check> {
    let (named, proven) = (named?, proven?);
    let saw = if is_taken { "taken" } else { "refused" };
    (named != proven).then(|| rule::CONFLICT.holds(!is_taken, "a refusal", saw))
}
