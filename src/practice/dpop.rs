//! Proofs of a key (RFC 9449): what is wrong with one, the nonces for them, and that none comes twice.

use std::time::Duration;

use url::Url;

use super::Practice;
use super::assertion;
use super::client::Caller;
use super::demands::Demand;
use super::fault::Fault;
use super::fields::Fields;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::time::{Timestamp, spoken};
use crate::jose::base64url;
use crate::jose::claims::numeric_date;
use crate::jose::hash::sha256;
use crate::jose::jwk::Jwk;
use crate::jose::jwt::Decoded;
use crate::jose::verify;
use crate::terms::error::OAuthError;

/// What is looked at, in this order.
pub const PLAN: [&str; 4] = [SIGNED, OF_REQUEST, NONCE, NEW];
const SIGNED: &str = "DPoP proof is signed with the key that it brings";
const OF_REQUEST: &str = "DPoP proof is of this request and of now";
const NONCE: &str = "DPoP proof has the nonce";
const NEW: &str = "DPoP proof was never used";
/// A pushed request that names a key, too.
const OF_PUSHED: &str = "DPoP proof is of the key of dpop_jkt";

/// The header field of a proof, and the scheme of a bound token.
pub const FIELD: &str = "DPoP";
/// The header field that gives a nonce (section 8).
const NONCE_FIELD: &str = "DPoP-Nonce";
/// The error without one.
pub const USE_NONCE: &str = "use_dpop_nonce";
/// How old a proof may be.
const OLDEST: Duration = Duration::from_secs(300);
/// How far ahead the client's clock may be.
const SKEW: Duration = Duration::from_secs(60);
/// How long a proof has to be remembered.
pub const MEMORY: Duration = OLDEST.saturating_add(SKEW);
/// How long a nonce is taken.
pub const NONCE_LIFETIME: Duration = Duration::from_secs(300);
/// How long the same one is given.
const RENEWED: Duration = Duration::from_secs(60);

/// The `alg` values that are taken, for metadata and challenges (section 5.1).
pub fn algs(practice: &Practice) -> Vec<&'static str> {
    assertion::ASYMMETRIC.into_iter().filter(|alg| practice.config.takes_alg(alg)).collect()
}

/// Binds what the caller gets to the key that it proves to have.
///
/// # Errors
/// `invalid_dpop_proof` for a proof that is none, or none from a client that gets bound tokens alone (section 5.2);
/// `use_dpop_nonce`.
pub fn bind(
    practice: &mut Practice,
    caller: &mut Caller,
    request: &HttpRequest,
    now: Timestamp,
) -> Result<(), OAuthError> {
    let proven = check(practice, request, None, now)?;
    if proven.is_none() && caller.client.dpop_bound_access_tokens {
        let why = format!("{} gets tokens bound to a key, and no proof was sent", caller.client.client_id);
        return practice.why.check(SIGNED, "no DPoP header field", Err(not_accepted(&why)));
    }
    let (is_bound, how) = match (&proven, &caller.binding.certificate) {
        (Some(_), _) => (true, "a DPoP proof"),
        (None, Some(_)) => (true, "a client certificate"),
        (None, None) => (false, "a request without either"),
    };
    practice.demand(Demand::BoundToken, (is_bound, how), |what| not_accepted(&what))?;
    caller.binding.key = proven.filter(|_| !practice.is_faulty(Fault::IgnoredProof));
    Ok(())
}

/// Binds the code of a pushed request to the key that its push proves to have, as `dpop_jkt` does (section 10.1).
///
/// # Errors
/// As those of [`check`], and `invalid_dpop_proof` where the request names another key.
pub fn bind_pushed(
    practice: &mut Practice,
    asked: Fields,
    request: &HttpRequest,
    now: Timestamp,
) -> Result<Fields, OAuthError> {
    let Some(jkt) = check(practice, request, None, now)? else { return Ok(asked) };
    let fits = asked.get("dpop_jkt").is_none_or(|named| named == jkt);
    let verdict = fits.then_some(()).ok_or_else(|| not_accepted("its key is not the one that dpop_jkt names"));
    practice.why.check(OF_PUSHED, format!("jkt {jkt}"), verdict)?;
    Ok(asked.with("dpop_jkt", jkt))
}

/// The thumbprint of the key that a request proves to have; `None` where it brings no proof. With an access token, the
/// proof has to be for that.
///
/// # Errors
/// `invalid_dpop_proof` or `use_dpop_nonce`.
pub fn check(
    practice: &mut Practice,
    request: &HttpRequest,
    access_token: Option<&str>,
    now: Timestamp,
) -> Result<Option<String>, OAuthError> {
    let mut sent = request.headers.all(FIELD);
    let (Some(text), more) = (sent.next(), sent.count()) else { return Ok(None) };
    practice.why.plan(&PLAN);
    let signed = if more > 0 { Err("more than one was sent".to_owned()) } else { signed(text) };
    let saw = |(_, jkt): &(Decoded, String)| format!("jkt {jkt}");
    let signed = signed.and_then(|(proof, jkt)| {
        practice.config.check_alg(&proof)?;
        Ok((proof, jkt))
    });
    let signed = signed.map_err(|why| not_accepted(&why));
    let (proof, jkt) = practice.why.found(SIGNED, saw, signed)?;
    let fits = of_request(&proof, request, now).and_then(|()| of_token(&proof, access_token));
    let saw = format!("{} {}", request.method, request.url.path());
    practice.why.check(OF_REQUEST, saw, fits.map_err(|why| not_accepted(&why)))?;
    let nonce = has_nonce(practice, &proof);
    practice.why.check(NONCE, if wants_nonce(practice) { "demanded" } else { "not demanded" }, nonce)?;
    let jti = assertion::text(&proof, "jti").map_err(|why| not_accepted(&why));
    let new = jti.and_then(|jti| use_once(practice, &format!("{jkt} {jti} {}", address(&request.url)), now));
    practice.why.check(NEW, format!("each is remembered for {}", spoken(MEMORY)), new)?;
    Ok(Some(jkt))
}

fn not_accepted(why: &str) -> OAuthError {
    OAuthError::new("invalid_dpop_proof", format!("the DPoP proof is not accepted: {why}"))
}

/// A JWT of the right type, by the key in its header (section 4.3, 2 to 7).
fn signed(text: &str) -> Result<(Decoded, String), String> {
    let proof = assertion::read(text)?;
    match proof.typ() {
        Some(typ) if typ.eq_ignore_ascii_case("dpop+jwt") => {}
        typ => return Err(format!("its typ is {}, not dpop+jwt", typ.unwrap_or("absent"))),
    }
    let alg = proof.alg().unwrap_or("absent");
    if !assertion::ASYMMETRIC.contains(&alg) {
        return Err(format!("its alg is {alg}, which is not taken here"));
    }
    let jwk = proof.header.as_ref().and_then(|header| header.get("jwk")).ok_or("its header has no jwk")?;
    let key = Jwk::from_json(jwk).map_err(|error| format!("its jwk cannot be read: {error}"))?;
    if key.has_private_members() {
        return Err("its jwk has private members".to_owned());
    }
    if verify::verify(&proof, std::slice::from_ref(&key)).verified_by.is_none() {
        return Err("its signature is not by the key in its header".to_owned());
    }
    let jkt = key.thumbprint().ok_or("its jwk is of a type that has no thumbprint")?;
    Ok((proof, jkt))
}

/// Section 4.3, 8, 9 and 11
fn of_request(proof: &Decoded, request: &HttpRequest, now: Timestamp) -> Result<(), String> {
    let (htm, htu) = (assertion::text(proof, "htm")?, assertion::text(proof, "htu")?);
    if htm != request.method {
        return Err(format!("htm is {htm}, the request is a {}", request.method));
    }
    let here = address(&request.url);
    match Url::parse(htu) {
        Ok(url) if address(&url) == here => {}
        _ => return Err(format!("htu is {htu}, the request came to {here}")),
    }
    let iat = proof.claim("iat").ok_or("iat is missing")?;
    let iat = numeric_date(iat).map_err(|error| format!("iat is {error}"))?;
    if now.since(iat) > OLDEST {
        return Err(format!("it was made {} ago, at most {} are taken", spoken(now.since(iat)), spoken(OLDEST)));
    }
    if iat.since(now) > SKEW {
        return Err(format!("iat is {} ahead; compare the clocks", spoken(iat.since(now))));
    }
    in_force(proof, now)
}

/// Its own times, which a proof need not have (RFC 7519 sections 4.1.4 and 4.1.5).
fn in_force(proof: &Decoded, now: Timestamp) -> Result<(), String> {
    if let Some(exp) = assertion::time(proof, "exp")?.filter(|exp| *exp <= now) {
        return Err(format!("it expired {} ago", spoken(now.since(exp))));
    }
    match assertion::time(proof, "nbf")?.filter(|nbf| nbf.since(now) > SKEW) {
        Some(nbf) => Err(format!("nbf is {} ahead; compare the clocks", spoken(nbf.since(now)))),
        None => Ok(()),
    }
}

/// Section 4.3, 12
fn of_token(proof: &Decoded, access_token: Option<&str>) -> Result<(), String> {
    let Some(token) = access_token else { return Ok(()) };
    match assertion::text(proof, "ath")? == base64url::encode(&sha256(token.as_bytes())) {
        true => Ok(()),
        false => Err("ath is not the hash of this access token".to_owned()),
    }
}

/// The same for what is the same address (RFC 3986 sections 6.2.2 and 6.2.3): scheme and host know no case, a default
/// port and an empty path are as good as none, and what needs no escape means the same with one.
fn address(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let mut parts = url.as_str().split('%');
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hex, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        match u8::from_str_radix(hex, 16).map(char::from) {
            Ok(plain) if plain.is_ascii_alphanumeric() || "-._~".contains(plain) => written.push(plain),
            _ => written.push_str(&format!("%{}", hex.to_ascii_uppercase())),
        }
        written.push_str(rest);
    }
    written
}

/// Whether proofs need a nonce here.
fn wants_nonce(practice: &Practice) -> bool {
    let is_on = |fault| practice.faults.get(fault).is_some();
    practice.config.dpop_nonce_required || is_on(Fault::EndlessNonce) || is_on(Fault::MissingNonce)
}

fn has_nonce(practice: &Practice, proof: &Decoded) -> Result<(), OAuthError> {
    if practice.is_faulty(Fault::EndlessNonce) {
        return Err(OAuthError::new(USE_NONCE, "a nonce is needed in the DPoP proof"));
    }
    if !wants_nonce(practice) {
        return Ok(());
    }
    let why = match proof.claim("nonce").map(Json::as_str) {
        Some(Some(nonce)) if practice.store.dpop_nonces.get(nonce).is_some() => return Ok(()),
        Some(_) => "the nonce in the DPoP proof is not of this server, or over",
        None => "a nonce is needed in the DPoP proof",
    };
    Err(OAuthError::new(USE_NONCE, why))
}

fn use_once(practice: &mut Practice, name: &str, now: Timestamp) -> Result<(), OAuthError> {
    if practice.store.dpop_proofs.get(name).is_some() && !practice.is_faulty(Fault::ReplayableProof) {
        return Err(not_accepted("it was used before: its jti came already"));
    }
    practice.store.dpop_proofs.put(name, (), now);
    Ok(())
}

/// Gives who proves a key the nonce of its next proof, where this server wants one (section 8.2).
pub fn give_nonce(
    practice: &mut Practice,
    request: &HttpRequest,
    mut response: HttpResponse,
    now: Timestamp,
) -> HttpResponse {
    if request.headers.get(FIELD).is_none() || !wants_nonce(practice) {
        return response;
    }
    if !response.is_success() && practice.is_faulty(Fault::MissingNonce) {
        return response;
    }
    let newest = practice.store.newest_dpop_nonce.clone().filter(|(_, made)| now.since(*made) < RENEWED);
    let (nonce, _) = newest.unwrap_or_else(|| {
        let drawn = (practice.entropy.token(), now);
        practice.store.dpop_nonces.put(&drawn.0, (), now);
        practice.store.newest_dpop_nonce = Some(drawn.clone());
        drawn
    });
    response.headers.set(NONCE_FIELD, nonce);
    response
}

/// What a client may sign with, as a challenge says it (section 7.1).
pub fn algs_of_challenge(practice: &Practice) -> String {
    format!("algs=\"{}\"", algs(practice).join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_address_is_written_alike() {
        let written = |text: &str| address(&Url::parse(text).expect("a URL"));
        let here = written("https://as.example/a~b/token");
        for same in [
            "HTTPS://AS.Example/a~b/token",
            "https://as.example:443/a~b/token",
            "https://as.example/a%7Eb/token",
            "https://as.example/a%7eb/token?x=1#top",
            "https://as.example/x/../a~b/token",
        ] {
            assert_eq!(written(same), here, "{same}");
        }
        assert_eq!(written("https://as.example"), written("https://as.example/"));
        assert_eq!(written("https://as.example/%2fa"), written("https://as.example/%2Fa"));
        for other in ["https://as.example/A~b/token", "https://as.example/a~b/token/", "http://as.example/a~b/token"] {
            assert_ne!(written(other), here, "{other}");
        }
    }
}
