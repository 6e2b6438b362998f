//! The Identity Assertion JWT Authorization Grant (ID-JAG): what a token exchange brings that asks for one, and the access
//! token request that it is for (draft-ietf-oauth-identity-assertion-authz-grant sections 3.1, 4.3, 4.4 and 8.6).

use crate::base::check::{Check, Verdict};
use crate::base::http::HttpRequest;
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::base::time::Timestamp;
use crate::client::dpop;
use crate::client::endpoint::token::TokenResponse;
use crate::client::renewal;
use crate::client::rules::id_jag as rule;
use crate::client::server_signature;
use crate::client::settings::Settings;
use crate::jose::claims::{begun, numeric_date};
use crate::jose::jwk::JwkSet;
use crate::jose::jwt::{Decoded, decode};
use crate::terms::grant::Grant;
use crate::terms::scope;

pub use crate::client::settings::ID_JAG as TOKEN_TYPE;

/// The media type of the grant (section 3.1).
const TYP: &str = "oauth-id-jag+jwt";
/// What it has to say.
const REQUIRED: [&str; 7] = ["iss", "sub", "aud", "client_id", "jti", "exp", "iat"];

/// A grant that came, and whom it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdJag {
    /// The grant itself.
    pub assertion: Secret,
    /// The issuer of the resource authorization server, as it was asked for.
    pub audience: String,
    /// What it allows there.
    pub scope: String,
}

impl IdJag {
    /// What an exchange with this form brought; `None` where it asked for something else.
    pub fn of(sent: &Params, tokens: &TokenResponse) -> Option<Self> {
        let assertion = tokens.access_token.clone().filter(|_| is_asked_by(sent))?;
        let said = decode(assertion.expose()).claim("scope").and_then(Json::as_str).map(str::to_owned);
        let scope = said.or_else(|| tokens.scope.clone()).or_else(|| sent.get("scope").map(str::to_owned));
        let audience = sent.get("audience").unwrap_or_default().to_owned();
        Some(Self { assertion, audience, scope: scope.unwrap_or_default() })
    }
}

/// Whether a token exchange asks for such a grant.
pub fn is_asked_by(sent: &Params) -> bool {
    sent.get("requested_token_type") == Some(TOKEN_TYPE)
}

/// Whether settings ask for one.
pub fn is_wanted(settings: &Settings) -> bool {
    settings.request.requested_token_type == TOKEN_TYPE
}

/// The client as the resource authorization server knows it, where that is another one (section 5).
pub fn settle(settings: &mut Settings) {
    let (client, request) = (&mut settings.client, &settings.request);
    if !request.resource_client_id.is_empty() {
        client.client_id.clone_from(&request.resource_client_id);
        client.client_secret = request.resource_client_secret.clone();
    }
}

/// What the grant is held against.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The server that was asked for it.
    pub issuer: Option<&'a str>,
    /// Its keys.
    pub jwks: Option<&'a JwkSet>,
    /// What the client has filled in.
    pub settings: &'a Settings,
    /// The thumbprint of the key that was proven when it was asked for.
    pub proven: Option<&'a str>,
    /// When it came.
    pub now: Timestamp,
}

/// Rules for the grant that came in answer to this form.
pub fn judge(sent: &Params, tokens: &TokenResponse, expected: Expected<'_>) -> Vec<Check> {
    let Some(grant) = tokens.access_token.as_ref().map(|token| decode(token.expose())) else { return Vec::new() };
    let mut checks = vec![typ(&grant)];
    if grant.claims.is_some() {
        checks.extend([
            claims(&grant),
            iss(&grant, expected.issuer),
            aud(&grant, sent.get("audience")),
            client_id(&grant, expected.settings),
            exp(&grant, expected.now),
            resource(&grant, sent),
            scope(&grant, sent.get("scope")),
            signature(&grant, expected.jwks),
            cnf(&grant, expected.proven),
        ]);
    }
    let has_refresh = tokens.refresh_token.is_some();
    checks.push(rule::REFRESH_TOKEN.holds(!has_refresh, "none", if has_refresh { "one came" } else { "none" }));
    checks
}

/// Whether a token says that it is such a grant.
pub fn is_grant(token: &Decoded) -> bool {
    typ(token).verdict == Verdict::Pass
}

/// Rules for what a grant says, whoever asked for it.
pub fn judge_claims(grant: &Decoded, now: Timestamp) -> Vec<Check> {
    vec![claims(grant), aud(grant, None), exp(grant, now)]
}

fn typ(grant: &Decoded) -> Check {
    match grant.typ() {
        _ if grant.claims.is_none() => rule::TYP.broken(TYP, "no JWT that can be read"),
        // The prefix may be left out, and case does not matter (RFC 7515 section 4.1.9).
        Some(typ) => {
            let short = typ.to_ascii_lowercase();
            let short = short.strip_prefix("application/").unwrap_or(&short).to_owned();
            rule::TYP.holds(short == TYP, TYP, visible(typ))
        }
        None => rule::TYP.broken(TYP, "absent"),
    }
}

fn claims(grant: &Decoded) -> Check {
    let missing: Vec<&str> = REQUIRED.into_iter().filter(|name| grant.claim(name).is_none()).collect();
    match missing.is_empty() {
        true => rule::CLAIMS.pass("all of them"),
        false => rule::CLAIMS.broken(REQUIRED.join(", "), format!("{} missing", missing.join(", "))),
    }
}

fn iss(grant: &Decoded, issuer: Option<&str>) -> Check {
    let said = text(grant, "iss");
    match (issuer, said) {
        (_, None) => rule::ISS.skipped("there is none"),
        (None, _) => rule::ISS.skipped("the issuer of the server is not known"),
        (Some(issuer), Some(said)) => rule::ISS.equal(issuer, said),
    }
}

fn aud(grant: &Decoded, asked: Option<&str>) -> Check {
    let said = grant.claim("aud").map(Json::strings).unwrap_or_default();
    let told = visible(&said.join(" ")).into_owned();
    match (asked, said.as_slice()) {
        (_, []) => rule::AUD.skipped("there is none"),
        (None, [_]) => rule::AUD.skipped("no audience was asked for"),
        (None, _) => rule::AUD.broken("one server alone", told),
        (Some(asked), [only]) => rule::AUD.holds(*only == asked, visible(asked), told),
        (Some(asked), _) => rule::AUD.broken(format!("{} alone", visible(asked)), told),
    }
}

/// Under which name the identity provider knows this client elsewhere is its own matter, unless that was filled in.
fn client_id(grant: &Decoded, settings: &Settings) -> Check {
    let (here, there) = (&settings.client.client_id, &settings.request.resource_client_id);
    match (text(grant, "client_id"), there.as_str()) {
        (None, _) => rule::CLIENT.skipped("there is none"),
        (Some(said), "") if said != here => rule::CLIENT.warn(visible(here), visible(said)),
        (Some(said), "") => rule::CLIENT.pass(visible(said)),
        (Some(said), there) => rule::CLIENT.holds(said == there, visible(there), visible(said)),
    }
}

/// Whether it is good at this time. A grant may say from when on (RFC 7519 section 4.1.5).
fn exp(grant: &Decoded, now: Timestamp) -> Check {
    let exp = match grant.claim("exp").map(numeric_date) {
        None => rule::EXP.skipped("there is none"),
        Some(Err(error)) => rule::EXP.broken("a time ahead", error.to_string()),
        Some(Ok(exp)) => rule::EXP.holds(exp > now, format!("later than {}", now.to_utc()), exp.to_utc()),
    };
    begun(&rule::EXP, grant, now).filter(|nbf| nbf.verdict < exp.verdict.min(Verdict::Pass)).unwrap_or(exp)
}

fn resource(grant: &Decoded, sent: &Params) -> Check {
    let asked: Vec<&str> = sent.all("resource").collect();
    let said = grant.claim("resource").map(Json::strings).unwrap_or_default();
    let others = said.iter().filter(|named| !asked.contains(named)).count();
    match (asked.is_empty(), said.is_empty()) {
        (true, _) => rule::RESOURCE.skipped("none was asked for"),
        (false, true) => rule::RESOURCE.note("none, though one was asked for"),
        (false, false) => rule::RESOURCE.holds(others == 0, visible(&asked.join(" ")), visible(&said.join(" "))),
    }
}

fn scope(grant: &Decoded, asked: Option<&str>) -> Check {
    match (asked, text(grant, "scope")) {
        (None, _) => rule::SCOPE.skipped("none was asked for, so it is the server's choice"),
        (Some(_), None) => rule::SCOPE.skipped("there is none"),
        (Some(asked), Some(said)) => {
            rule::SCOPE.holds(scope::beyond(said, asked).is_empty(), visible(asked), visible(said))
        }
    }
}

fn signature(grant: &Decoded, jwks: Option<&JwkSet>) -> Check {
    if renewal::names_unknown_key(grant, jwks) {
        return rule::SIGNATURE.skipped("not judged: the key that it names is not known");
    }
    server_signature::judge(&rule::SIGNATURE, grant, None, jwks)
}

/// The key that a grant is bound to (section 8.6.1).
fn bound_to(grant: &Decoded) -> Option<&str> {
    grant.claim("cnf")?.text("jkt")
}

/// A server need not bind it (section 8.6.1), and a client is to look whether it did (section 8.6.1.1).
fn cnf(grant: &Decoded, proven: Option<&str>) -> Check {
    match (proven, bound_to(grant)) {
        (None, None) => rule::CNF.skipped("no key was proven, and it is bound to none"),
        (None, Some(named)) => rule::CNF.warn("no cnf, as no key was proven", format!("cnf.jkt {}", visible(named))),
        (Some(proven), None) => rule::CNF.warn(format!("cnf.jkt {proven}"), "no cnf.jkt, so the proof was ignored"),
        (Some(proven), Some(named)) => rule::CNF.equal(proven, named),
    }
}

/// Holds a request that presents a bound grant to the proof that it needs; nothing for any other request.
pub fn lint(request: &HttpRequest) -> Option<Check> {
    let grant = decode(request.form()?.get("assertion")?);
    let named = bound_to(&grant).filter(|_| is_grant(&grant))?;
    Some(match dpop::jkt(request) {
        Some(proven) => rule::PROOF.equal(named, &proven),
        None => rule::PROOF.broken(format!("a proof by the key {}", visible(named)), "no proof"),
    })
}

/// Whether a refresh token came for the grant, which replaces it (section 4.4.3).
pub fn renewal(tokens: &TokenResponse) -> Check {
    let came = tokens.refresh_token.is_some();
    rule::RENEWAL.holds(!came, "none", if came { "one came" } else { "none" })
}

fn text<'a>(grant: &'a Decoded, name: &str) -> Option<&'a str> {
    grant.claim(name).and_then(Json::as_str)
}

/// The form of the access token request (section 4.4).
pub fn form(grant: &IdJag) -> Params {
    [("grant_type", Grant::JwtBearer.grant_type()), ("assertion", grant.assertion.expose())].into_iter().collect()
}
