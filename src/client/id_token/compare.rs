//! Two ID tokens of one login: of both channels (OIDC Core section 3.3.3.6), and of a refresh (section 12.2).

use super::shown;
use crate::base::check::{Check, Rule};
use crate::base::json::Json;
use crate::client::rules::id_token as rule;
use crate::client::standard_claims;
use crate::jose::claims::{not_before, numeric_date};
use crate::jose::jwt::Decoded;

/// What the ID tokens of both channels of a hybrid flow must share (OIDC Core section 3.3.3.6).
pub fn compare_channels(back: &Decoded, front: &Decoded) -> Vec<Check> {
    let text = |token: &Decoded, name| token.claim(name).map(shown).unwrap_or_else(|| "absent".to_owned());
    vec![
        rule::FRONT_ISS.equal(&text(front, "iss"), &text(back, "iss")),
        rule::FRONT_SUB.equal(&text(front, "sub"), &text(back, "sub")),
        same_claims(back, front),
    ]
}

/// Claims about the sign-in, which are to be the same in both ID tokens as those about the user are.
const OF_SIGN_IN: [&str; 3] = ["acr", "amr", "auth_time"];

fn same_claims(back: &Decoded, front: &Decoded) -> Check {
    let is_compared = |name: &str| OF_SIGN_IN.contains(&name) || name != "sub" && standard_claims::is_one(name);
    let members = front.claims.as_ref().map(Json::members).unwrap_or_default();
    let other =
        |(name, value): &(String, Json)| back.claim(name).filter(|other| is_compared(name) && *other != value).cloned();
    let differing = members.iter().find_map(|member| Some((member, other(member)?)));
    match differing {
        Some(((name, value), other)) => {
            rule::FRONT_CLAIMS.broken(format!("{name} {}", shown(value)), format!("{name} {}", shown(&other)))
        }
        None => rule::FRONT_CLAIMS.pass("no claim differs"),
    }
}

/// What a refreshed ID token must keep (OIDC Core section 12.2).
pub fn validate_refreshed(fresh: &Decoded, first: &Decoded, client_id: &str) -> Vec<Check> {
    let text = |token: &Decoded, name| token.claim(name).map(shown).unwrap_or_else(|| "absent".to_owned());
    let keeps_client = fresh.claim("aud").is_some_and(|aud| aud.strings().contains(&client_id));
    vec![
        rule::REFRESHED_ISS.equal(&text(first, "iss"), &text(fresh, "iss")),
        rule::REFRESHED_SUB.equal(&text(first, "sub"), &text(fresh, "sub")),
        rule::REFRESHED_AUD.holds(keeps_client, client_id, text(fresh, "aud")),
        azp(fresh, first, client_id),
    ]
    .into_iter()
    .chain(issued_anew(fresh, first))
    .chain(repeated_nonce(fresh))
    .chain(kept(&rule::NONCE, "nonce", fresh, first))
    .chain(kept(&rule::AUTH_TIME, "auth_time", fresh, first))
    .collect()
}

/// As in the first, also where that has none. Little comes of one that is there only once and is this client's.
fn azp(fresh: &Decoded, first: &Decoded, client_id: &str) -> Check {
    let [now, before] = [fresh, first].map(|token| token.claim("azp").map(shown));
    let said = |azp: Option<&str>| azp.unwrap_or("absent").to_owned();
    match (now.as_deref(), before.as_deref()) {
        (None, None) => rule::REFRESHED_AZP.skipped("absent in both"),
        (Some(now), before) if Some(now) == before => rule::REFRESHED_AZP.pass(now),
        (None, before) => rule::REFRESHED_AZP.warn(said(before), said(None)),
        (Some(now), None) if now == client_id => rule::REFRESHED_AZP.warn(said(None), now),
        (now, before) => rule::REFRESHED_AZP.broken(said(before), said(now)),
    }
}

/// Servers repeat the first one, and nothing is broken by it.
fn repeated_nonce(fresh: &Decoded) -> Option<Check> {
    let nonce = fresh.claim("nonce")?;
    Some(rule::REFRESHED_NONCE.note(format!("{}; it should have none", shown(nonce))))
}

/// The time of issue is that of the refresh (OIDC Core section 12.2).
fn issued_anew(fresh: &Decoded, first: &Decoded) -> Option<Check> {
    let issued = |token: &Decoded| token.claim("iat").and_then(|iat| numeric_date(iat).ok());
    Some(not_before(&rule::REFRESHED_IAT, issued(fresh)?, issued(first)?))
}

/// A claim about the first sign-in, which a refreshed token may leave out and must not change.
fn kept(rule: &'static Rule, name: &str, fresh: &Decoded, first: &Decoded) -> Option<Check> {
    let (fresh, first) = (fresh.claim(name)?, first.claim(name)?);
    (fresh != first).then(|| rule.broken(format!("{}, as in the first", shown(first)), shown(fresh)))
}
