//! Metadata once more as a signed JWT inside the plain ones, of servers and of APIs (RFC 8414 section 2.1, RFC 9728
//! section 2.2). What is signed takes the place of the plain values once its signature is verified.

use std::iter;

use crate::base::check::{Check, Rule, Verdict};
use crate::base::json::Json;
use crate::base::text::{counted, elided, visible};
use crate::base::time::Timestamp;
use crate::base::typed::typed;
use crate::client::rules::{metadata as of_server, prm as of_api};
use crate::jose::claims;
use crate::jose::jwk::Jwk;
use crate::jose::jwt::{Decoded, Form, decode};
use crate::jose::verify::verify;

/// The member that holds it.
pub const MEMBER: &str = "signed_metadata";
/// Claims that say something of the JWT, and nothing of whom it is about.
const OF_JWT: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
/// Differences that are told; the rest are counted.
const TOLD: usize = 3;
/// Letters of a value.
const LETTERS: usize = 60;

/// The rules for a document of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The member that says whom the document is about, and what it is held to.
    subject: (&'static str, &'static Rule),
    attested: &'static Rule,
    agree: &'static Rule,
    signature: &'static Rule,
    time: &'static Rule,
}

/// Who verifies, and when.
#[derive(Clone, Copy, Debug)]
pub struct Verifier<'a> {
    /// The server of the run.
    pub issuer: Option<&'a str>,
    /// Its keys, where they are known.
    pub keys: Option<&'a [Jwk]>,
    /// When the metadata or the keys came, whichever was later.
    pub now: Timestamp,
}

/// Why a signature of the server itself was not judged.
const UNKNOWN_KEYS: &str = "the keys of the server are not known";
/// How it begins where somebody else attests, whose keys no run has.
pub const BY_OTHER: &str = "it is attested by";
/// What that leaves open, and how it is closed: no document says where such keys are (RFC 8414 section 2.1).
const FOREIGN: &str = "its signature and its exp are not judged, since no document says where those keys are. The JWT tab \
                       judges signed_metadata with a key set of theirs that you trust.";

/// The same where they are told, in a login between others.
const OWN: &str = "nobody fetched them in this recording, so its signature and its exp are not judged. The JWT tab judges \
                   signed_metadata with that address.";
/// What judges it by itself.
const BY_HAND: &str = "grantscope jwt verify --jwks URL.";

/// For what a server says of itself.
pub const OF_SERVER: Rules = Rules {
    subject: ("issuer", &of_server::ISSUER),
    attested: &of_server::SIGNED_BY,
    agree: &of_server::SIGNED_VALUES,
    signature: &of_server::SIGNATURE,
    time: &of_server::SIGNED_TIME,
};
/// For what an API says of itself.
pub const OF_API: Rules = Rules {
    subject: ("resource", &of_api::RESOURCE),
    attested: &of_api::SIGNED_BY,
    agree: &of_api::SIGNED_VALUES,
    signature: &of_api::SIGNATURE,
    time: &of_api::SIGNED_TIME,
};

/// What is to be said before any key is known; nothing where there is no signed part.
pub fn check(json: &Json, rules: Rules) -> Vec<Check> {
    let Some(value) = json.get(MEMBER) else { return Vec::new() };
    let token = decode(value.as_str().unwrap_or_default());
    match token.claims.as_ref().filter(|_| token.form == Form::Jws) {
        None => vec![rules.attested.broken("a signed JWT with iss", "no JWT that is signed")],
        Some(claims) => vec![attested(&token, rules), agree(json, claims, rules)],
    }
}

fn attested(token: &Decoded, rules: Rules) -> Check {
    match token.claim("iss").and_then(Json::as_str).filter(|iss| !iss.is_empty()) {
        Some(iss) => rules.attested.pass(format!("by {}", visible(iss))),
        None => rules.attested.broken("iss", "no iss"),
    }
}

/// What is signed takes the place of what stands beside it. That more is signed than stands beside it contradicts nothing.
fn agree(json: &Json, claims: &Json, rules: Rules) -> Check {
    let is_of_document = |name: &str| !OF_JWT.contains(&name);
    let signed = claims.members().iter().filter(|(name, _)| is_of_document(name));
    let differ: Vec<String> = signed.clone().filter_map(|(name, value)| difference(name, value, json)).collect();
    if differ.is_empty() {
        return rules.agree.pass(counted(
            signed.count(),
            "member is as it stands beside it",
            "members are as they stand beside it",
        ));
    }
    let more = differ.len().saturating_sub(TOLD);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    let told = differ[..differ.len().min(TOLD)].join("; ") + &more;
    let told = format!("{told}; who verifies goes by what is signed");
    let is_only_more =
        signed.clone().all(|(name, value)| name != MEMBER && json.get(name).is_none_or(|it| it == value));
    if is_only_more { rules.agree.note(told) } else { rules.agree.broken("the same values", told) }
}

fn difference(name: &str, signed: &Json, json: &Json) -> Option<String> {
    let brief = |value: &Json| visible(&elided(&value.to_string(), LETTERS)).into_owned();
    let named = visible(name);
    match json.get(name) {
        _ if name == MEMBER => Some(format!("{named} is in itself")),
        Some(plain) if plain == signed => None,
        Some(plain) => Some(format!("{named} is signed as {} and stands beside it as {}", brief(signed), brief(plain))),
        None => Some(format!("{named} is only signed, as {}", brief(signed))),
    }
}

/// Whether these metadata are attested by this server, so that its keys verify them.
pub fn is_attested_by(json: &Json, issuer: &str) -> bool {
    let token = json.text(MEMBER).map(decode);
    token.is_some_and(|token| token.claim("iss").and_then(Json::as_str) == Some(issuer))
}

/// That the signed values are about somebody else than who was asked for, as `is_asked` tells: they take precedence, so that
/// the document must not be used (RFC 8414 sections 2.1 and 3.3, RFC 9728 sections 2.2 and 3.3).
pub fn of_another(json: &Json, rules: Rules, asked: &str, is_asked: impl Fn(&str) -> bool) -> Option<Check> {
    let (member, rule) = rules.subject;
    let token = decode(json.text(MEMBER)?);
    let signed = token.claim(member).filter(|signed| json.get(member) != Some(signed))?;
    let shown = || signed.as_str().map_or_else(|| signed.to_string(), str::to_owned);
    let is_asked = signed.as_str().is_some_and(is_asked);
    (!is_asked).then(|| {
        rule.broken(asked, format!("{} in signed_metadata, which take precedence", visible(&elided(&shown(), LETTERS))))
    })
}

/// The document by what is signed, which takes precedence once it is verified (RFC 8414 section 2.1, RFC 9728 section 2.2),
/// and what that changes; nothing where both say the same. Whom it is about is for `of_another` to judge.
pub fn in_force(json: &Json, rules: Rules) -> Option<(Json, Check)> {
    let token = decode(json.text(MEMBER)?);
    let is_replaced = |name: &str| !OF_JWT.contains(&name) && ![MEMBER, rules.subject.0].contains(&name);
    let signed = token.claims.as_ref()?.members().iter().filter(|(name, _)| is_replaced(name));
    let new: Vec<&(String, Json)> = signed.filter(|(name, value)| json.get(name) != Some(value)).collect();
    let told: Vec<String> = new.iter().filter_map(|(name, value)| difference(name, value, json)).take(TOLD).collect();
    let mut members = json.members().to_vec();
    members.retain(|(name, _)| new.iter().all(|(signed, _)| signed != name));
    members.extend(new.iter().map(|member| (*member).clone()));
    let note = || rules.agree.note(format!("{}; this run goes by what is signed", told.join("; ")));
    (!new.is_empty()).then(|| (Json::Object(members), note()))
}

/// Its signature, and whether it is in force where that is verified.
pub fn judge(json: &Json, rules: Rules, by: &Verifier<'_>) -> Vec<Check> {
    let Some(signature) = signature(json, rules, by) else { return Vec::new() };
    // A signed document is refused like any JWT when it is over or not valid so far.
    let time = || claims::in_force(rules.time, &decode(json.text(MEMBER).unwrap_or_default()), by.now);
    let time = (signature.verdict == Verdict::Pass).then(time);
    iter::once(signature).chain(time).collect()
}

/// Whether checks of `judge` leave these metadata to be used.
pub fn are_verified(checks: &[Check], rules: Rules) -> bool {
    let is_broken = |check: &Check| check.rule == rules.time && check.verdict == Verdict::Fail;
    checks.iter().any(|check| check.rule == rules.signature && check.verdict == Verdict::Pass)
        && !checks.iter().any(is_broken)
}

/// Its signature by the keys of the server, where the server attests to it and its keys are known. Which keys sign is said
/// in no document, so that only what claims to be by one of these is surely wrong.
pub fn signature(json: &Json, rules: Rules, by: &Verifier<'_>) -> Option<Check> {
    let rule = rules.signature;
    let token = decode(json.text(MEMBER)?);
    let iss = token.claim("iss").and_then(Json::as_str);
    if iss != by.issuer {
        let other = iss.map_or("nobody".into(), visible);
        if let Some(jwks_uri) = own_keys(json) {
            return Some(rule.skipped(format!(
                "it is attested by {other} itself, whose keys are at {}: {}",
                visible(jwks_uri),
                typed(OWN, BY_HAND)
            )));
        }
        return Some(rule.skipped(format!("it is attested by {other}; {}", typed(FOREIGN, BY_HAND))));
    }
    let Some(keys) = by.keys else { return Some(rule.skipped(UNKNOWN_KEYS)) };
    let is_by_one = || token.kid().is_some() && keys.iter().any(|key| key.kid.as_deref() == token.kid());
    Some(match verify(&token, keys).verified() {
        Some(attempt) => rule.pass(format!("verified with {}", attempt.key)),
        None if is_by_one() => rule.broken("a key of the server", "the key that it names does not fit"),
        None => rule.warn("a key of the server", "no key at jwks_uri fits; it may be published elsewhere"),
    })
}

/// Where the keys of an API are that attests to its own metadata (RFC 9728 section 2).
pub fn own_keys(json: &Json) -> Option<&str> {
    json.text("resource").filter(|resource| is_attested_by(json, resource))?;
    json.text("jwks_uri")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::base64url;

    /// What was not judged, why, and what to do.
    #[test]
    fn what_somebody_else_attests_is_left_open_in_so_many_words() {
        let part = |text: &str| base64url::encode(text.as_bytes());
        let signed = |iss: &str| {
            let claims = format!(r#"{{"iss":"{iss}","exp":1}}"#);
            let token = format!("{}.{}.{}", part(r#"{"alg":"ES256"}"#), part(&claims), part("signature"));
            Json::parse_text(&format!(r#"{{"signed_metadata":"{token}"}}"#)).expect("JSON")
        };
        let by = Verifier { issuer: Some("https://as.example"), keys: Some(&[]), now: Timestamp::from_seconds(9) };
        for rules in [OF_SERVER, OF_API] {
            let check = signature(&signed("https://federation.example"), rules, &by).expect("judged");
            assert_eq!(check.verdict, Verdict::Skipped);
            let why = check.actual.expect("a reason");
            assert!(why.starts_with(BY_OTHER), "{why}");
            for says in ["https://federation.example", "signature and its exp are not judged", "jwt verify --jwks URL"]
            {
                assert!(why.contains(says), "{why}");
            }
            let mut of_api = signed("https://api.example");
            if let Json::Object(members) = &mut of_api {
                let more = [("resource", "https://api.example"), ("jwks_uri", "https://api.example/keys")];
                members.extend(more.map(|(name, value)| (name.to_owned(), Json::String(value.to_owned()))));
            }
            let why = signature(&of_api, rules, &by).expect("judged").actual.expect("a reason");
            assert!(why.contains("itself, whose keys are at https://api.example/keys"), "{why}");
            let own = signature(&signed("https://as.example"), rules, &by).expect("judged");
            assert_eq!(own.verdict, Verdict::Warn, "no key of the server fits");
        }
    }
}
