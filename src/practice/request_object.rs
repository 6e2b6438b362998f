//! Authorization requests that clients sign (RFC 9101): sent as they are, or fetched from where the client says. And
//! backchannel authentication requests that they sign in the same way (CIBA section 7.1.1).

use std::time::Duration;

use super::Practice;
use super::assertion;
use super::authorization::{Carrier, Refusal};
use super::client;
use super::config::{Client, Config};
use super::demands::Demand;
use super::fault::Fault;
use super::fields::{Fields, invalid_request};
use super::redirect_uri;
use super::reference;
use super::return_to::Redirect;
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::time::{Timestamp, spoken};
use crate::jose::jwt::{self, Decoded};
use crate::terms::error::OAuthError;

/// `typ` of a request object, when it has one (RFC 9101 section 10.8). Older clients leave it out.
const TYPS: [&str; 2] = ["oauth-authz-req+jwt", "JWT"];
/// How old an object may be, and how long it may live, by FAPI 2.0 Message Signing.
const LONGEST: Duration = Duration::from_secs(3600);
/// Claims that are no parameters (RFC 7519 section 4.1).
const OF_JWT: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// The client made the object, for this server, now.
const VERIFIED: &str = "request object is of this client and in force";
/// The client may leave it out.
const DEMANDED: &str = "request is signed where it has to be";

/// A request as it counts, and how it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What is asked for.
    pub fields: Fields,
    /// What brought it here.
    pub carrier: Carrier,
    /// Whether its client has signed it.
    pub is_signed: bool,
}

impl Asked {
    /// What is asked for without a request object around it.
    pub const fn plainly(fields: Fields, carrier: Carrier) -> Self {
        Self { fields, carrier, is_signed: false }
    }
}

/// Opens the request object in these parameters. Only what is in it counts (RFC 9101 section 6.3).
///
/// # Errors
/// `invalid_request_object` and its kin: to the client where the object, believed or not, names a redirect URI of it.
pub fn open(practice: &Practice, fields: Fields, carrier: Carrier, now: Timestamp) -> Result<Asked, Refusal> {
    let (request, request_uri) = (fields.get("request"), fields.get("request_uri"));
    let is_ignored = request.is_none() && request_uri.is_some() && practice.is_faulty(Fault::IgnoredRequestUri);
    if request.is_none() && request_uri.is_none() || is_ignored {
        return Ok(Asked::plainly(fields, carrier));
    }
    practice.why.plan(&[client::KNOWN, VERIFIED]);
    let client_id = fields.get("client_id").unwrap_or_default().to_owned();
    let known = practice.config.client(&client_id).ok_or_else(|| invalid_request(practice.unknown_client(&client_id)));
    let known = practice.why.check(client::KNOWN, &client_id, known).map_err(Refusal::Page)?;
    let text = match (request, request_uri) {
        (Some(_), Some(_)) => Err(invalid_request("request and request_uri were sent together")),
        (Some(request), None) => Ok(request.to_owned()),
        (None, uri) => reference::object(practice, uri.unwrap_or_default()),
    };
    let token = text.as_deref().ok().or(request).map(jwt::decode);
    let verdict = text.and_then(|text| verify(practice, known, &fields, &carrier, &text, now));
    let alg = token.as_ref().and_then(Decoded::alg).unwrap_or("nothing that can be read").to_owned();
    match practice.why.check(VERIFIED, alg, verdict) {
        Ok(inside) => Ok(Asked { fields: inside, carrier, is_signed: true }),
        Err(error) => Err(refusal(known, token.as_ref(), &fields, error)),
    }
}

/// A refusal goes to the client where it has said so in the object or beside it: a redirect URI that is registered is
/// the client's, whoever has written it there.
fn refusal(client: &Client, token: Option<&Decoded>, outside: &Fields, error: OAuthError) -> Refusal {
    let inside = token.and_then(parameters);
    let of = |fields: &Fields| {
        let uri = fields.get("redirect_uri").filter(|uri| redirect_uri::belongs_to(client, uri))?;
        Some(Box::new(Redirect::read(fields, uri)))
    };
    match inside.as_ref().and_then(of).or_else(|| of(outside)) {
        Some(redirect) => Refusal::Redirect(redirect, error),
        None => Refusal::Page(error),
    }
}

fn verify(
    practice: &Practice,
    client: &Client,
    outside: &Fields,
    carrier: &Carrier,
    text: &str,
    now: Timestamp,
) -> Result<Fields, OAuthError> {
    let beside = outside.names().find(|name| !matches!(*name, "client_id" | "request"));
    if let (Carrier::Client, Some(name)) = (carrier, beside) {
        return Err(invalid_request(format!(
            "{name} was pushed beside request, where nothing of the request may stand"
        )));
    }
    let invalid =
        |why: String| OAuthError::new("invalid_request_object", format!("the request object is not accepted: {why}"));
    let token = assertion::read(text).map_err(invalid)?;
    check(practice, client, client.request_object_signing_alg.as_deref(), &token, now).map_err(invalid)?;
    let inside = parameters(&token).ok_or_else(|| invalid("its claims are no JSON object".to_owned()))?;
    match inside.get("client_id") {
        None => return Err(invalid("client_id is missing in it (RFC 9101 section 6.3)".to_owned())),
        client_id if client_id != outside.get("client_id") => {
            return Err(invalid("client_id in it is not the one beside it".to_owned()));
        }
        Some(_) => {}
    }
    if inside.get("request").is_some() || inside.get("request_uri").is_some() {
        return Err(invalid("there is another request in it".to_owned()));
    }
    Ok(inside)
}

fn check(
    practice: &Practice,
    client: &Client,
    registered: Option<&str>,
    token: &Decoded,
    now: Timestamp,
) -> Result<(), String> {
    if let Some(typ) = token.typ().filter(|typ| !TYPS.iter().any(|known| known.eq_ignore_ascii_case(typ))) {
        return Err(format!("its typ is {typ}, which is no request object"));
    }
    if let Some(alg) = registered.filter(|alg| token.alg() != Some(alg)) {
        return Err(format!("its alg is {}, registered is {alg}", token.alg().unwrap_or("absent")));
    }
    practice.config.check_alg(token)?;
    assertion::verify(token, client)?;
    match token.claim("iss").and_then(Json::as_str) {
        Some(iss) if iss != client.client_id => return Err(format!("iss is {iss}, not the client_id")),
        _ => {}
    }
    if token.claim("aud").is_some() {
        assertion::check_audience(token, &practice.config)?;
    }
    match token.claim("exp") {
        Some(_) => assertion::check_times(token, now)?,
        None => assertion::check_begun(token, now)?,
    }
    check_profile(&practice.config, token, now)
}

/// That it is for this server, and how long for (FAPI 2.0 Message Signing section 5.3.1), where a profile demands it.
fn check_profile(config: &Config, token: &Decoded, now: Timestamp) -> Result<(), String> {
    let audience = token.claim("aud").map(Json::strings).unwrap_or_default();
    let saw = if audience.is_empty() { "absent".to_owned() } else { audience.join(" ") };
    config.judge(Demand::ObjectAudience, audience.contains(&config.issuer_text()), &saw)?;
    let (is_kept, saw) = match (assertion::time(token, "nbf")?, assertion::time(token, "exp")?) {
        (None, _) => (false, "one without nbf".to_owned()),
        (_, None) => (false, "one without exp".to_owned()),
        (Some(nbf), Some(exp)) => {
            let (age, lifetime) = (now.since(nbf), exp.since(nbf));
            let saw = format!("one whose nbf is {} ago and whose exp is {} after it", spoken(age), spoken(lifetime));
            (age <= LONGEST && lifetime <= LONGEST, saw)
        }
    };
    config.judge(Demand::ObjectTimes, is_kept, &saw)
}

/// The parameters of a backchannel authentication request, which may be in an object.
///
/// # Errors
/// `invalid_request`: the document names no error of its own for an object.
pub fn of_backchannel(
    practice: &Practice,
    client: &Client,
    form: Fields,
    now: Timestamp,
) -> Result<Fields, OAuthError> {
    let Some(text) = form.get("request") else { return Ok(form) };
    practice.why.plan(&[VERIFIED]);
    let alg = jwt::decode(text).alg().unwrap_or("nothing that can be read").to_owned();
    practice.why.check(VERIFIED, alg, verify_backchannel(practice, client, &form, text, now))
}

/// What may stand beside it: what proves who the client is.
const BESIDE: [&str; 5] = ["request", "client_id", "client_secret", "client_assertion", "client_assertion_type"];
/// Claims that it has to have.
const NEEDED: [&str; 6] = ["iss", "aud", "exp", "iat", "nbf", "jti"];

fn verify_backchannel(
    practice: &Practice,
    client: &Client,
    form: &Fields,
    text: &str,
    now: Timestamp,
) -> Result<Fields, OAuthError> {
    if let Some(name) = form.names().find(|name| !BESIDE.contains(name)) {
        return Err(invalid_request(format!("{name} stands beside request, where nothing that is asked may stand")));
    }
    let refuse = |why: String| invalid_request(format!("the request object is not accepted: {why}"));
    let token = assertion::read(text).map_err(refuse)?;
    let alg = token.alg().unwrap_or("absent");
    if !assertion::ASYMMETRIC.contains(&alg) {
        return Err(refuse(format!("its alg is {alg}, and it has to be signed with a private key")));
    }
    if let Some(name) = NEEDED.into_iter().find(|name| token.claim(name).is_none()) {
        return Err(refuse(format!("{name} is missing")));
    }
    let registered = client.backchannel_authentication_request_signing_alg.as_deref();
    check(practice, client, registered, &token, now).map_err(refuse)?;
    parameters(&token).ok_or_else(|| refuse("its claims are no JSON object".to_owned()))
}

/// The claims that are parameters: texts as they are, several of them as several, everything else as JSON.
fn parameters(token: &Decoded) -> Option<Fields> {
    let mut params = Params::new();
    for (name, value) in token.claims.as_ref()?.members() {
        match value {
            _ if OF_JWT.contains(&name.as_str()) => {}
            Json::String(text) => params.push(name, text),
            Json::Array(texts) if texts.iter().all(|text| text.as_str().is_some()) => {
                texts.iter().filter_map(Json::as_str).for_each(|text| params.push(name, text));
            }
            other => params.push(name, other.to_string()),
        }
    }
    Some(Fields::from(params))
}

/// Whether every client has to sign, by the configuration or by its profile.
pub fn is_demanded(practice: &Practice) -> bool {
    practice.config.require_signed_request_object || practice.config.demands(Demand::SignedRequest).is_some()
}

/// Refuses a request that has to be signed and is not.
///
/// # Errors
/// `invalid_request`
pub fn demand(practice: &Practice, client: &Client, asked: &Asked) -> Result<(), OAuthError> {
    if !is_demanded(practice) && !client.require_signed_request_object {
        return Ok(());
    }
    let verdict = asked.is_signed.then_some(()).ok_or_else(|| {
        invalid_request(format!("{} has to send a signed request object, and this request is plain", client.client_id))
    });
    practice.why.check(DEMANDED, &client.client_id, verdict)
}
