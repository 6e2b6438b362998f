//! Assertions that a client signs (RFC 7523 section 3), to prove who it is or as a grant, and those of workloads that may
//! speak for it. What is wrong with one is said in words; whether that makes `invalid_client` or `invalid_grant` is the caller's matter.

use std::time::Duration;

use super::Practice;
use super::config::{Client, Config, FederatedCredential};
use super::fault::Fault;
use crate::base::json::Json;
use crate::base::time::{Timestamp, spoken};
use crate::jose::claims::numeric_date;
use crate::jose::jwk::Jwk;
use crate::jose::jwt::{self, Decoded, Form};
use crate::jose::verify;

/// Signed with a private key.
pub const ASYMMETRIC: [&str; 11] =
    ["ES256", "ES384", "ES512", "EdDSA", "Ed25519", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"];
/// Made from the secret, and the bytes it must have at least (RFC 7518 section 3.2).
const SYMMETRIC: [(&str, usize); 3] = [("HS256", 32), ("HS384", 48), ("HS512", 64)];
/// How far `exp` may be ahead. A stolen assertion should not be of use for long.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// How far ahead the client's clock may be (FAPI 2.0 section 5.3.2.1).
const SKEW: Duration = Duration::from_secs(10);

/// Endpoints whose address is a name of the server where they are asked (RFC 9126 section 2, CIBA section 7.1), and the
/// token endpoint, whose is one everywhere.
const NAMES_SERVER: [&str; 3] = ["/token", "/par", "/bc-authorize"];

/// Every `alg` that is known.
pub fn known_algs() -> impl Iterator<Item = &'static str> {
    ASYMMETRIC.into_iter().chain(SYMMETRIC.map(|(name, _)| name))
}

/// Every `alg` that is taken.
pub fn algs(config: &Config) -> Vec<&'static str> {
    known_algs().filter(|alg| config.takes_alg(alg)).collect()
}

/// Takes an assertion apart. Nothing in it is verified yet.
///
/// # Errors
/// When it is no JWT that could be verified.
pub fn read(text: &str) -> Result<Decoded, String> {
    let token = jwt::decode(text);
    match token.form {
        Form::Jws => {}
        Form::UnsecuredJws => return Err("it is not signed: alg is none".to_owned()),
        Form::Jwe => return Err("it is encrypted, which is not supported here".to_owned()),
        Form::JsonSerialization | Form::Opaque => return Err("it is no JWT: three parts between dots".to_owned()),
    }
    if token.header.as_ref().is_some_and(|header| header.get("crit").is_some()) {
        return Err("it has a crit header, and nothing critical is understood here".to_owned());
    }
    let Some(claims) = &token.claims else { return Err("its claims are no JSON object".to_owned()) };
    match claims.duplicates().as_slice() {
        [] => Ok(token),
        twice => Err(format!("claims occur twice: {}", twice.join(", "))),
    }
}

/// Whether it is made from the secret (`true`) or signed with a private key.
///
/// # Errors
/// When `alg` is none that is taken here.
pub fn is_symmetric(token: &Decoded) -> Result<bool, String> {
    let alg = token.alg().unwrap_or("absent");
    let symmetric = SYMMETRIC.iter().any(|(name, _)| *name == alg);
    match symmetric || ASYMMETRIC.contains(&alg) {
        true => Ok(symmetric),
        false => Err(format!("its alg is {alg}, which is not taken here")),
    }
}

/// Whether the client made it, with a registered key or its secret.
///
/// # Errors
/// Why no key verifies it.
pub fn verify(token: &Decoded, client: &Client) -> Result<(), String> {
    let keys = if is_symmetric(token)? { vec![secret_key(token, client)?] } else { client.jwks.clone() };
    if keys.is_empty() {
        return Err(format!("{} has no key registered that could verify it", client.client_id));
    }
    let report = verify::verify(token, &keys);
    if report.verified_by.is_some() {
        return Ok(());
    }
    let tried = report.attempts.iter().filter_map(|attempt| {
        let why = attempt.outcome.as_ref().err()?;
        Some(format!("{}: {why}", attempt.key))
    });
    Err(format!("its signature does not verify ({})", tried.collect::<Vec<_>>().join("; ")))
}

fn secret_key(token: &Decoded, client: &Client) -> Result<Jwk, String> {
    let (client_id, alg) = (&client.client_id, token.alg().unwrap_or_default());
    let secret =
        client.client_secret.as_ref().ok_or_else(|| format!("{client_id} has no secret to make {alg} with"))?;
    let least = SYMMETRIC.iter().find(|(name, _)| *name == alg).map_or(0, |(_, least)| *least);
    let length = secret.expose().len();
    if length < least {
        return Err(format!("{alg} needs a secret of {least} bytes, that of {client_id} has {length} (RFC 7518 3.2)"));
    }
    Ok(Jwk::from_secret(secret))
}

/// A claim that has to be text.
///
/// # Errors
/// When it is absent or something else.
pub fn text<'a>(token: &'a Decoded, name: &str) -> Result<&'a str, String> {
    match token.claim(name) {
        Some(Json::String(text)) if !text.is_empty() => Ok(text),
        Some(Json::String(_)) => Err(format!("{name} is empty")),
        Some(other) => Err(format!("{name} is of type {}, not text", other.kind())),
        None => Err(format!("{name} is missing")),
    }
}

/// Meant for this server: the issuer, or the token endpoint as older documents have it.
///
/// # Errors
/// Whom it is meant for instead.
pub fn check_audience(token: &Decoded, config: &Config) -> Result<(), String> {
    check_audience_at(token, config, "/token")
}

/// The same where `path` is asked, which names the server too at some endpoints.
///
/// # Errors
/// As there.
pub fn check_audience_at(token: &Decoded, config: &Config, path: &str) -> Result<(), String> {
    let audience = token.claim("aud").map(Json::strings).unwrap_or_default();
    let (issuer, token_endpoint) = (config.issuer_text(), config.url("/token"));
    let named = NAMES_SERVER.into_iter().filter(|known| *known == "/token" || *known == path);
    let endpoints: Vec<String> =
        named.flat_map(|path| [Some(config.url(path)), config.tls_url(path)]).flatten().collect();
    if audience.iter().any(|aud| *aud == issuer || endpoints.iter().any(|endpoint| endpoint == aud)) {
        return Ok(());
    }
    match audience.as_slice() {
        [] => Err(format!("aud is missing; it has to be {issuer} or {token_endpoint}")),
        others => Err(format!("aud is {}, it has to be {issuer} or {token_endpoint}", others.join(" "))),
    }
}

/// Valid now, and not for longer than a day.
///
/// # Errors
/// Which of the times does not fit.
pub fn check_times(token: &Decoded, now: Timestamp) -> Result<(), String> {
    let exp = time(token, "exp")?.ok_or("exp is missing")?;
    if exp <= now {
        return Err(format!("it expired {} ago", spoken(now.since(exp))));
    }
    if exp > now + LONGEST + SKEW {
        return Err(format!("exp is {} ahead, at most {} is taken", spoken(exp.since(now)), spoken(LONGEST)));
    }
    check_begun(token, now)
}

/// Not from the time to come.
///
/// # Errors
/// Which of the times is ahead.
pub fn check_begun(token: &Decoded, now: Timestamp) -> Result<(), String> {
    for name in ["nbf", "iat"] {
        if let Some(start) = time(token, name)?.filter(|start| *start > now + SKEW) {
            return Err(format!("{name} is {} ahead; compare the clocks", spoken(start.since(now))));
        }
    }
    Ok(())
}

/// A claim that is a time, where it is there.
///
/// # Errors
/// When it is no time.
pub fn time(token: &Decoded, name: &str) -> Result<Option<Timestamp>, String> {
    token.claim(name).map(numeric_date).transpose().map_err(|error| format!("{name} is {error}"))
}

/// Whether a token of somebody else proves that this client calls. It may come again while it lasts: workloads do not get
/// another one for each request.
///
/// # Errors
/// What of the trust does not hold, in words.
pub fn vouched_for(practice: &Practice, client: &Client, token: &Decoded, now: Timestamp) -> Result<(), String> {
    let client_id = &client.client_id;
    let (iss, sub) = (text(token, "iss")?, text(token, "sub")?);
    let trusted = client.federated_identity_credentials.iter().filter(|trust| trust.issuer == iss);
    let trusted: Vec<&FederatedCredential> = trusted.collect();
    if trusted.is_empty() {
        let known: Vec<&str> = client.federated_identity_credentials.iter().map(|it| it.issuer.as_str()).collect();
        return Err(format!("its iss is {iss}, and {client_id} trusts {}", known.join(" and ")));
    }
    signature_of_workload(practice, client, token)?;
    check_times(token, now)?;
    let audience = token.claim("aud").map(Json::strings).unwrap_or_default();
    let is_for = |trust: &&FederatedCredential| audience.iter().any(|aud| trust.audiences.iter().any(|it| it == aud));
    if !trusted.iter().any(is_for) {
        let wanted: Vec<&str> = trusted.iter().flat_map(|trust| &trust.audiences).map(String::as_str).collect();
        return Err(format!("its aud is {}, and {client_id} wants {}", audience.join(" "), wanted.join(" or ")));
    }
    let is_about = |trust: &FederatedCredential| trust.subject == sub || practice.is_faulty(Fault::AnySubject);
    match trusted.into_iter().filter(is_for).any(is_about) {
        true => Ok(()),
        false => {
            let known: Vec<&str> = client.federated_identity_credentials.iter().map(|it| it.subject.as_str()).collect();
            Err(format!("its sub is {sub}, and {client_id} trusts {}", known.join(" and ")))
        }
    }
}

/// With a key that is registered for the client, else as this server signs, which stands for the issuers of workloads too.
fn signature_of_workload(practice: &Practice, client: &Client, token: &Decoded) -> Result<(), String> {
    if !client.jwks.is_empty() {
        return verify(token, client);
    }
    let keys: Vec<Jwk> = practice.keys.public().collect();
    match verify::verify(token, &keys).verified_by {
        Some(_) => Ok(()),
        None => Err("no key of who vouches for workloads here verifies its signature".to_owned()),
    }
}

/// Takes `id` of this issuer once and never again while assertions with it could be valid.
///
/// # Errors
/// When it came before.
pub fn use_once(practice: &mut Practice, issuer: &str, id: &str, now: Timestamp) -> Result<(), String> {
    let name = format!("{issuer} {id}");
    if practice.store.assertions.get(&name).is_some() {
        return Err("it was used before: its id came already".to_owned());
    }
    practice.store.assertions.put(&name, (), now);
    Ok(())
}

/// How long an id has to be remembered.
pub const MEMORY: Duration = LONGEST.saturating_add(SKEW).saturating_add(SKEW);
