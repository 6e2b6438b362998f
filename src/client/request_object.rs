//! The request object: an authorization request as one signed JWT (RFC 9101, OIDC Core section 6), or a backchannel
//! authentication request in the same way (CIBA section 7.1.1).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use url::Url;

use super::assertion::{self, AssertionError};
use super::authentication::Caller;
use super::claim_edits::ClaimEdits;
use super::settings::Settings;
use crate::base::check::Check;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::visible;
use crate::base::time::{Timestamp, spoken};
use crate::client::rules::jar as rule;
use crate::jose::claims::numeric_date;
use crate::jose::jwt::{Decoded, Form, decode};
use crate::jose::key::{SigningKey, unsecured};
use crate::terms::metadata::ServerMetadata;
use crate::terms::scope;

/// The media type of a request object, as its header names it (RFC 9101 section 10.8).
const TYP: &str = "oauth-authz-req+jwt";

/// Most characters of a reference (RFC 9101 section 5.2).
const LONGEST_URI: usize = 512;

/// From `iat` to `exp`.
const LIFETIME: Duration = assertion::LIFETIME;

/// Claims that say who speaks, to whom and until when, and are no parameters of the request (RFC 7519 section 4.1).
const OF_JWT: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// Parameters whose value is a number (OIDC Core section 6.1, CIBA section 7.1).
const NUMBERS: [&str; 2] = ["max_age", "requested_expiry"];

/// Parameters whose value is JSON itself (OIDC Core section 6.1, RFC 9396 section 3).
const JSON: [&str; 3] = ["claims", "authorization_details", "registration"];

/// Parameters that prove who the client is, at the endpoint that it pushes to (RFC 9126 section 3).
const AUTHENTICATION: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// What a request object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// An authorization request.
    Authorization,
    /// A backchannel authentication request.
    Backchannel,
}

impl Message {
    /// The setting of its `alg`; the metadata list what is taken under the same name with `_values_supported`.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Authorization => "request_object_signing_alg",
            Self::Backchannel => "backchannel_authentication_request_signing_alg",
        }
    }

    /// `alg` of its object; empty makes none.
    pub fn alg(self, settings: &Settings) -> &str {
        match self {
            Self::Authorization => &settings.protection.request_object_signing_alg,
            Self::Backchannel => &settings.protection.backchannel_authentication_request_signing_alg,
        }
    }

    /// Whether it is wanted as a request object.
    pub fn is_signed(self, settings: &Settings) -> bool {
        !self.alg(settings).is_empty()
    }

    /// Whether a parameter is a claim of it. Who asks is `iss` already, and is named besides in authorization requests alone
    /// (RFC 9101 section 5).
    fn holds(self, name: &str) -> bool {
        let is_outer = matches!(name, "request" | "request_uri") || AUTHENTICATION.contains(&name);
        !is_outer && (self == Self::Authorization || name != "client_id")
    }
}

/// Whether an authorization request is wanted as a request object.
pub fn is_wanted(settings: &Settings) -> bool {
    Message::Authorization.is_signed(settings)
}

/// Whether it is fetched by the server from where the settings say, and not sent.
pub fn is_referred(settings: &Settings) -> bool {
    is_wanted(settings) && !settings.protection.request_uris.is_empty()
}

/// How it will be signed, in words; `None` where it cannot be.
pub fn how_signed(of: Message, settings: &Settings) -> Option<String> {
    match key(of, settings) {
        Ok(None) => Some("made when it leaves, without a signature".to_owned()),
        Ok(Some(key)) => Some(assertion::how(&key)),
        Err(_) => None,
    }
}

/// What signs it; nothing where `none` is asked for.
fn key(of: Message, settings: &Settings) -> Result<Option<SigningKey>, AssertionError> {
    match of.alg(settings) {
        "none" => Ok(None),
        alg if alg.starts_with("HS") => {
            SigningKey::from_secret(&settings.client.client_secret, alg).map(Some).map_err(AssertionError::BadSecret)
        }
        alg => assertion::key_for(settings, Some(alg), "a signed request").map(Some),
    }
}

/// The algorithm that fits what there is to sign with; `None` where nothing is fit.
pub fn fit_alg(settings: &Settings) -> Option<String> {
    let own = assertion::key_for(settings, None, "a signed request").ok().map(|key| key.alg().to_owned());
    let is_long = settings.client.client_secret.expose().len() >= 32;
    own.filter(|alg| !alg.starts_with("HS")).or_else(|| is_long.then(|| "HS256".to_owned()))
}

/// The claims of a request object with these parameters (RFC 9101 section 4).
pub fn claims(of: Message, params: &Params, caller: &Caller<'_>) -> Map<String, Value> {
    let mut claims = Map::new();
    claims.insert("iss".to_owned(), json!(caller.settings.client.client_id));
    if let Some(issuer) = caller.issuer {
        claims.insert("aud".to_owned(), json!(issuer));
    }
    let seconds = caller.now.seconds();
    for (name, value) in [("iat", json!(seconds)), ("nbf", json!(seconds))] {
        claims.insert(name.to_owned(), value);
    }
    claims.insert("exp".to_owned(), json!((caller.now + LIFETIME).seconds()));
    claims.insert("jti".to_owned(), json!(caller.jti));
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in params.iter().filter(|(name, _)| of.holds(name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    claims.extend(names.into_iter().map(|name| (name.to_owned(), value(name, params))));
    claims
}

/// A parameter as a claim: several values are a list, numbers and JSON are what they are.
fn value(name: &str, params: &Params) -> Value {
    let one = |text: &str| {
        let parsed = || serde_json::from_str::<Value>(text).ok();
        let typed = match () {
            () if NUMBERS.contains(&name) => parsed().filter(Value::is_number),
            () if JSON.contains(&name) => parsed().filter(|value| value.is_object() || value.is_array()),
            () => None,
        };
        typed.unwrap_or_else(|| Value::from(text))
    };
    let mut values: Vec<Value> = params.all(name).map(one).collect();
    if values.len() == 1 { values.remove(0) } else { Value::Array(values) }
}

/// The request object of these parameters.
///
/// # Errors
/// When there is nothing fit to sign with.
pub(super) fn made(
    of: Message,
    params: &Params,
    caller: &Caller<'_>,
    edits: &ClaimEdits,
) -> Result<String, AssertionError> {
    let claims = Value::Object(edits.on(claims(of, params, caller)));
    let header = Map::from_iter([("typ".to_owned(), json!(TYP))]);
    match key(of, caller.settings)? {
        Some(key) => key.sign(&header, &claims).map_err(AssertionError::BadKey),
        None => Ok(unsecured(&header, &claims)),
    }
}

/// The parameters that a request carries, in its form or its address.
pub(super) fn carried(request: &HttpRequest) -> Params {
    request.form().unwrap_or_else(|| request.query())
}

/// The same request with its parameters in a request object, and these beside it.
pub(super) fn put_in(mut request: HttpRequest, object: &str, outside: &str) -> HttpRequest {
    let is_form = request.form().is_some();
    let mut params = carried(&request);
    params.0.retain(|(name, _)| is_outside(name, outside));
    params.push("request", object);
    match is_form {
        true => request.body = params.encode().into_bytes(),
        false => request.url.set_query(Some(&params.encode())),
    }
    request
}

/// The same request with a reference in the place of the object that it carries.
pub(super) fn refer(mut request: HttpRequest, request_uri: &str) -> HttpRequest {
    let mut params = request.query();
    if let Some(object) = params.get("request").map(Arc::from) {
        params.remove("request");
        params.push("request_uri", request_uri);
        request.url.set_query(Some(&params.encode()));
        request.referred = Some(object);
    }
    request
}

/// The answer to whoever comes for the object (RFC 9101 section 5.2.3).
pub fn served(request: &HttpRequest, object: &str) -> HttpResponse {
    let body = if request.method == "GET" { object } else { "" };
    match request.method.as_str() {
        "GET" | "HEAD" => {
            HttpResponse::new(200, &format!("application/{TYP}"), body).with_header("Cache-Control", "no-store")
        }
        _ => HttpResponse::new(405, "text/plain", "").with_header("Allow", "GET, HEAD"),
    }
}

/// Whether the server came for the object that a request refers to. `granted` says whether it answered with success;
/// `None` where that is not known.
pub fn fetched(request_uri: &str, fetched: &[Duration], granted: Option<bool>, is_offered: bool) -> Check {
    let times = match fetched.len() {
        1 => "once".to_owned(),
        many => format!("{many} times"),
    };
    match (fetched, granted) {
        ([first, ..], _) => rule::FETCHED.pass(format!("{times}, first after {}", spoken(*first))),
        ([], _) if !is_offered => {
            rule::FETCHED.skipped("it is not on this machine, so that nobody here sees who comes")
        }
        ([], Some(true)) => rule::FETCHED.broken(format!("a GET of {}", visible(request_uri)), "granted without one"),
        ([], _) => rule::FETCHED.skipped("nobody came for it, and nothing was granted"),
    }
}

/// Whether a parameter stands beside the object: who asks, what proves it, and what is wanted there.
fn is_outside(name: &str, outside: &str) -> bool {
    name == "client_id" || AUTHENTICATION.contains(&name) || scope::words(outside).any(|word| word == name)
}

/// The names of the endpoint's own query, which have to stay in its address (RFC 6749 section 3.1).
pub fn own_query(endpoint: &Url) -> String {
    let query = Params::parse(endpoint.query().unwrap_or_default().as_bytes());
    query.iter().map(|(name, _)| name).collect::<Vec<_>>().join(" ")
}

/// The parameters that a request object holds; `None` when it cannot be looked into.
pub fn parameters(token: &Decoded) -> Option<Params> {
    let mut params = Params::new();
    for (name, value) in token.claims.as_ref()?.members().iter().filter(|(name, _)| !OF_JWT.contains(&name.as_str())) {
        match value {
            Json::String(text) => params.push(name, text),
            Json::Array(texts)
                if texts.iter().all(|text| text.as_str().is_some()) && !JSON.contains(&name.as_str()) =>
            {
                texts.iter().filter_map(Json::as_str).for_each(|text| params.push(name, text));
            }
            Json::Null => {}
            other => params.push(name, other.to_string()),
        }
    }
    Some(params)
}

/// A request object as it left, with what stood beside it.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The text of the object.
    pub object: &'a str,
    /// The parameters beside it.
    pub outside: &'a Params,
    /// Whether it was pushed, where nothing of the request may stand beside it (RFC 9126 section 3).
    pub is_pushed: bool,
    /// The issuer it should be for, when that is known.
    pub issuer: Option<&'a str>,
    /// What the server says that it takes.
    pub metadata: Option<&'a ServerMetadata>,
    /// When it left.
    pub now: Timestamp,
}

/// Holds a request object against its rules.
pub fn lint(sent: Sent<'_>) -> Vec<Check> {
    let both = sent.outside.contains("request_uri") && sent.outside.contains("request");
    let mut checks = vec![rule::BOTH.holds(!both, "one of them", if both { "request and request_uri" } else { "one" })];
    let token = decode(sent.object);
    checks.push(supported(&token, sent));
    if token.form == Form::Jwe {
        checks.push(rule::ALG.skipped("it is encrypted, for the server alone"));
        return checks;
    }
    let Some(inside) = parameters(&token) else {
        checks.push(rule::ALG.broken("a signed JWT", "nothing that can be read"));
        return checks;
    };
    let client_id = inside.get("client_id");
    let text = |name| token.claim(name).and_then(Json::as_str);
    let nested: Vec<&str> = ["request", "request_uri"].into_iter().filter(|name| inside.contains(name)).collect();
    checks.extend([
        signature(&token, &inside, sent.outside),
        rule::TYP.holds(token.typ() == Some(TYP), TYP, visible(token.typ().unwrap_or("absent"))),
        client(client_id, sent.outside.get("client_id")),
        rule::ISS.holds(
            client_id.is_some() && text("iss") == client_id,
            "the client_id",
            visible(text("iss").unwrap_or("absent")),
        ),
        audience(&token, sent.issuer),
        over(&token, sent.now),
        rule::NESTED.holds(nested.is_empty(), "neither request nor request_uri", listed(&nested)),
        rule::SUB.holds(
            client_id.is_none() || text("sub") != client_id,
            "no sub that is the client_id",
            visible(text("sub").unwrap_or("none")),
        ),
    ]);
    checks.extend(beside(&inside, sent));
    checks.extend(reference(&token, sent.outside));
    checks
}

/// OpenID Connect lets an object be sent without a signature (OIDC Core section 6.1), RFC 9101 does not.
fn signature(token: &Decoded, inside: &Params, outside: &Params) -> Check {
    let is_openid = |params: &Params| scope::contains(params.get("scope").unwrap_or_default(), "openid");
    let alg = visible(token.alg().unwrap_or("absent"));
    match token.form {
        Form::Jws => rule::ALG.pass(alg),
        Form::UnsecuredJws if is_openid(inside) || is_openid(outside) => {
            rule::ALG.warn("a signature", format!("{alg}, which OpenID Connect allows"))
        }
        _ => rule::ALG.broken("a signature", alg),
    }
}

/// What the server says of request objects (OIDC Discovery section 3). Left out means `false` for `request` and `true` for
/// `request_uri`; servers leave it out and take both, so that only a word counts.
fn supported(token: &Decoded, sent: Sent<'_>) -> Check {
    let Some(metadata) = sent.metadata else { return rule::SUPPORTED.skipped("no metadata") };
    let is_referred = sent.outside.contains("request_uri") && !sent.outside.contains("request");
    let member = if is_referred { "request_uri_parameter_supported" } else { "request_parameter_supported" };
    let listed = metadata.supported("request_object_signing_alg_values_supported");
    let alg = token.alg().filter(|_| token.form != Form::Jwe);
    let strange = alg.zip(listed).filter(|(alg, listed)| !listed.contains(alg));
    match (metadata.json.get(member).and_then(Json::as_bool), strange) {
        (Some(false), _) => rule::SUPPORTED.warn(format!("{member}: true"), "false"),
        (_, Some((alg, listed))) => rule::SUPPORTED.warn(visible(&listed.join(", ")), visible(alg)),
        (Some(true), None) => rule::SUPPORTED.pass(format!("{member}: true")),
        (None, None) => rule::SUPPORTED.skipped(format!("the metadata has no {member}")),
    }
}

/// The address that the object is fetched from, where it is.
fn reference(token: &Decoded, outside: &Params) -> Vec<Check> {
    let Some(uri) = outside.get("request_uri").filter(|_| !outside.contains("request")) else { return Vec::new() };
    let is_https = Url::parse(uri).is_ok_and(|url| url.scheme() == "https");
    let is_signed = token.form == Form::Jws;
    let saw = if is_https {
        "https"
    } else if is_signed {
        "not https, and signed"
    } else {
        "not https, and not signed"
    };
    vec![
        rule::REFERENCE.holds(is_https || is_signed, "https, or a signature", saw),
        rule::LENGTH.holds(
            uri.len() <= LONGEST_URI,
            format!("at most {LONGEST_URI} characters"),
            uri.len().to_string(),
        ),
    ]
}

fn client(inside: Option<&str>, outside: Option<&str>) -> Check {
    match (inside, outside) {
        (Some(inside), Some(outside)) => rule::CLIENT_ID.equal(inside, outside),
        (None, _) => rule::CLIENT_ID.broken("client_id in the object and beside it", "none in the object"),
        (_, None) => rule::CLIENT_ID.broken("client_id in the object and beside it", "none beside it"),
    }
}

fn audience(token: &Decoded, issuer: Option<&str>) -> Check {
    let named = token.claim("aud").map(Json::strings).unwrap_or_default();
    let saw = if named.is_empty() { "absent".to_owned() } else { visible(&named.join(", ")).into_owned() };
    match issuer {
        None => rule::AUD.skipped("the issuer is not known"),
        Some(issuer) => rule::AUD.holds(named.contains(&issuer), issuer, saw),
    }
}

fn over(token: &Decoded, now: Timestamp) -> Check {
    match token.claim("exp").map(numeric_date) {
        None => rule::EXP.skipped("no exp"),
        Some(Err(what)) => rule::EXP.broken("seconds since 1970", what.to_string()),
        Some(Ok(exp)) if exp <= now => rule::EXP.broken("a time ahead", format!("over for {}", spoken(now.since(exp)))),
        Some(Ok(exp)) => rule::EXP.pass(format!("in {}", spoken(exp.since(now)))),
    }
}

/// Parameters beside the object: those that say something else, and those that are not in it.
fn beside(inside: &Params, sent: Sent<'_>) -> [Check; 2] {
    let is_free =
        |name: &str| matches!(name, "request" | "request_uri" | "client_id") || AUTHENTICATION.contains(&name);
    let outside: Vec<(&str, &str)> = sent.outside.iter().filter(|(name, _)| !is_free(name)).collect();
    let differs: Vec<&str> = outside
        .iter()
        .filter(|(name, value)| inside.contains(name) && inside.all(name).all(|held| held != *value))
        .map(|(name, _)| *name)
        .collect();
    let same = rule::DIFFERENT.holds(differs.is_empty(), "the same inside and outside", listed(&differs));
    let alone: Vec<&str> =
        outside.iter().map(|(name, _)| *name).filter(|name| sent.is_pushed || !inside.contains(name)).collect();
    [same, rule::OUTSIDE.holds(alone.is_empty(), "nothing that is outside alone", listed(&alone))]
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { visible(&names.join(", ")).into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(alg: &str) -> Settings {
        let mut settings = Settings::default();
        "web".clone_into(&mut settings.client.client_id);
        alg.clone_into(&mut settings.protection.request_object_signing_alg);
        settings.client.client_secret = "a secret of thirty-two characters, and more".into();
        settings.client.private_key = SigningKey::generate("ES256", "k1").expect("a key").private_jwk();
        settings
    }

    fn made_of(settings: &Settings, params: &str) -> Decoded {
        let (issuer, now) = (Some("https://as.example"), Timestamp::from_seconds(60));
        let caller =
            Caller { settings, issuer, token_endpoint: None, called: None, now, jti: "j1".to_owned(), finished: None };
        let params = Params::parse(params.as_bytes());
        decode(&made(Message::Authorization, &params, &caller, &ClaimEdits::default()).expect("an object"))
    }

    #[test]
    fn parameters_become_claims_of_their_type_and_come_back() {
        let params =
            "client_id=web&max_age=60&claims=%7B%22userinfo%22%3A%7B%7D%7D&resource=urn:a&resource=urn:b&state=7";
        let token = made_of(&settings("ES256"), params);
        assert_eq!((token.alg(), token.kid(), token.typ()), (Some("ES256"), Some("k1"), Some(TYP)));
        assert_eq!(
            token.claims.as_ref().map(ToString::to_string).as_deref(),
            Some(
                r#"{"iss":"web","aud":"https://as.example","iat":60,"nbf":60,"exp":360,"jti":"j1","client_id":"web","max_age":60,"claims":{"userinfo":{}},"resource":["urn:a","urn:b"],"state":"7"}"#
            )
        );
        let back = parameters(&token).expect("parameters");
        assert_eq!(back, Params::parse(params.as_bytes()));
    }

    #[test]
    fn it_is_signed_with_what_the_algorithm_needs() {
        for (alg, form) in [("HS256", Form::Jws), ("ES256", Form::Jws), ("none", Form::UnsecuredJws)] {
            let settings = settings(alg);
            let token = made_of(&settings, "client_id=web");
            assert_eq!((token.alg(), token.form), (Some(alg), form));
            assert!(how_signed(Message::Authorization, &settings).is_some());
        }
        for alg in ["RS256", "nonsense"] {
            let settings = settings(alg);
            let of = Message::Authorization;
            assert!(key(of, &settings).is_err() && how_signed(of, &settings).is_none(), "{alg}");
        }
    }

    #[test]
    fn what_stands_beside_the_object_is_who_asks_and_what_is_wanted_there() {
        let url: Url = "https://as.example/authorize?p=policy".parse().expect("a URL");
        let outside = format!("scope {}", own_query(&url));
        let mut request = HttpRequest::get(url);
        request.url.set_query(Some("p=policy&client_id=web&scope=openid&state=a"));
        let sent = put_in(request, "a.b.c", &outside);
        assert_eq!(sent.query().encode(), "p=policy&client_id=web&scope=openid&request=a.b.c");
        let form: Params = [("client_id", "web"), ("state", "a"), ("client_secret", "x")].into_iter().collect();
        let pushed = put_in(HttpRequest::post_form(sent.url, &form), "a.b.c", "");
        assert_eq!(
            pushed.form().map(|form| form.encode()).as_deref(),
            Some("client_id=web&client_secret=x&request=a.b.c")
        );
    }
}
