//! Dynamic client registration (RFC 7591): the request, and what the server has registered.

mod management;
mod metadata;

use std::time::Duration;

use url::Url;

use crate::base::check::{Check, Rule};
use crate::base::http::{HttpRequest, HttpResponse, JSON, is_loopback};
use crate::base::json::{Json, Members};
use crate::base::secret::Secret;
use crate::base::text::{elided, visible};
use crate::base::time::Timestamp;
use crate::client::answer::{Accepted, Outcome, challenge, read_object, status};
use crate::client::rules::dcr as rule;
use crate::client::seal::{Carrier, Draft, Seal};
use crate::client::settings::Settings;
use crate::terms::credential::{is_credential, is_key_member};

pub use management::{
    accept_deletion, accept_information, accept_proof, accept_update, delete, guard, lint_update, read, update,
};
pub use metadata::{MetadataError, any_port, changed, of_settings};

/// Members of an answer that the server issues: they are no metadata that a client could ask for (RFC 7592 section 2.2).
const ISSUED: [&str; 6] = [
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

/// Metadata that are settings of the same name: the rest of a run goes by what is registered.
const IN_EFFECT: [&str; 11] = [
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "authorization_signed_response_alg",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
];

/// How a client proves itself, which most answers are read for.
const METHOD: &str = "token_endpoint_auth_method";
/// So many characters of a value are told.
const TOLD: usize = 120;

/// A client as the server has registered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Its name.
    pub client_id: String,
    /// What it proves itself with; a public client has none.
    pub client_secret: Option<Secret>,
    /// When that ends, if it does (RFC 7591 section 3.2.1).
    pub secret_expires_at: Option<Timestamp>,
    /// Where the registration is managed (RFC 7592 section 3).
    pub registration_client_uri: Option<String>,
    /// What allows that.
    pub registration_access_token: Option<Secret>,
    /// Where it was registered, where that is known.
    pub registered_at: Option<Url>,
    /// The metadata in effect, without what the server issues.
    pub metadata: Json,
}

/// Drafts the request (RFC 7591 section 3.1). A server that does not take everybody wants an initial access token.
pub fn request(endpoint: Url, metadata: &Json, initial_access_token: &Secret) -> Draft {
    let draft = Draft::of(with_json(HttpRequest::get(endpoint), "POST", metadata));
    match initial_access_token.is_empty() {
        true => draft,
        false => draft.sealed_with(bearer(initial_access_token)),
    }
}

/// The same request with this method and a JSON body.
fn with_json(request: HttpRequest, method: &str, body: &Json) -> HttpRequest {
    let request = HttpRequest { method: method.to_owned(), body: body.pretty().into_bytes(), ..request };
    request.with_header("Content-Type", JSON).with_header("Accept", JSON)
}

fn bearer(token: &Secret) -> Seal {
    Seal::AccessToken { token: token.clone(), carrier: Carrier::Header }
}

/// The metadata in what was sent; nothing where that is no object.
pub fn asked(sent: &HttpRequest) -> Option<Json> {
    Json::parse(&sent.body).ok().filter(Json::is_object)
}

/// Holds a request against the rules for metadata (RFC 7591 section 2).
pub fn lint(sent: &HttpRequest) -> Vec<Check> {
    let Some(asked) = asked(sent) else {
        return vec![rule::ASKED.broken("a JSON object", "no JSON object")];
    };
    let media_type = sent.headers.content_type();
    let is_json = media_type.as_deref() == Some(JSON);
    let mut checks = vec![rule::ASKED.holds(is_json, JSON, media_type.as_deref().map_or("no type".into(), visible))];
    checks.extend([redirects(&rule::REDIRECT_URIS, &asked), consistent(&asked)]);
    checks.extend(key_set(&asked));
    checks
}

/// What a list says; absent ones mean these (RFC 7591 section 2).
fn listed<'a>(asked: &'a Json, name: &str, default: &'static str) -> Vec<&'a str> {
    asked.get(name).map_or_else(|| vec![default], Json::strings)
}

/// Holds metadata to having redirect URIs where the answers go through the browser.
pub fn redirects(rule: &'static Rule, metadata: &Json) -> Check {
    let types = listed(metadata, "grant_types", "authorization_code");
    let is_redirected = types.iter().any(|grant| matches!(*grant, "authorization_code" | "implicit"));
    let registered = metadata.get("redirect_uris").map(Json::strings).unwrap_or_default();
    let saw = if registered.is_empty() { "none".into() } else { visible(&registered.join(", ")).into_owned() };
    rule.holds(!is_redirected || !registered.is_empty(), "redirect_uris", saw)
}

/// RFC 7591 section 2.1
fn consistent(asked: &Json) -> Check {
    let grants = listed(asked, "grant_types", "authorization_code");
    let types = listed(asked, "response_types", "code");
    let has = |word: &str| types.iter().any(|kind| kind.split(' ').any(|it| it == word));
    // Which grant none belongs to is not said.
    let code = has("none") || has("code") == grants.contains(&"authorization_code");
    let implicit = (has("token") || has("id_token")) == grants.contains(&"implicit");
    let saw = format!("grant_types {}; response_types {}", grants.join(", "), types.join(", "));
    rule::CONSISTENT.holds(code && implicit, "types that fit the grants", visible(&saw))
}

fn key_set(asked: &Json) -> Vec<Check> {
    if asked.get("jwks").is_none() {
        return Vec::new();
    }
    let is_alone = asked.get("jwks_uri").is_none();
    let is_private = has_private_key(asked);
    let saw = if is_private { "a private or shared key" } else { "public keys" };
    vec![
        rule::ONE_KEY_SET.holds(is_alone, "jwks alone", if is_alone { "jwks alone" } else { "jwks and jwks_uri" }),
        rule::PRIVATE.holds(!is_private, "public keys", saw),
    ]
}

/// Whether a key in the `jwks` of metadata is more than public.
pub fn has_private_key(metadata: &Json) -> bool {
    let keys = metadata.get("jwks").and_then(|set| set.get("keys")).map(Json::elements).unwrap_or_default();
    keys.iter().flat_map(Json::members).any(|(name, _)| is_key_member(name))
}

/// Reads the answer (RFC 7591 section 3.2.1), and holds what is in effect against what was asked for.
///
/// `is_openid` where the server is one of OpenID Connect, which only should answer 201 (OIDC Registration section 3.2).
pub fn accept(response: &HttpResponse, asked: Option<&Json>, now: Timestamp, is_openid: bool) -> Accepted<Registered> {
    let mut accepted = accept_as_registered(response, asked, Told::First(now));
    if matches!(accepted.outcome, Outcome::Success(_)) {
        let (wanted, saw) = ("201 Created", status(response));
        accepted.checks.push(match response.status {
            200 if is_openid => rule::STATUS.warn(wanted, saw),
            code => rule::STATUS.holds(code == 201, wanted, saw),
        });
    }
    accepted
}

/// How often a registration was told before.
#[derive(Clone, Copy)]
enum Told {
    /// It is made now.
    First(Timestamp),
    /// An answer has told it already, which a later one need not repeat (RFC 7592 section 3).
    Before(Timestamp),
}

/// An answer that tells of a registration, whatever its status means.
fn accept_as_registered(response: &HttpResponse, asked: Option<&Json>, told: Told) -> Accepted<Registered> {
    let judge = |json: &Json| {
        let mut checks = Vec::from_iter(expiry(json, told));
        checks.extend([secret(json, asked, told), management(json, told)]);
        checks.extend(asked.map(|asked| effective(json, asked)));
        checks.extend(asked.and_then(|asked| redirected(json, asked)));
        checks
    };
    let read = |json: &Json| Registered::read(json, asked);
    let mut accepted = read_object(response, &rule::CONTENT_TYPE, judge, read, "client_id");
    accepted.checks.extend(challenge(&rule::CHALLENGE, response));
    accepted
}

/// Clocks may differ by so much.
const LEEWAY: Duration = Duration::from_mins(5);

/// Many servers leave the time out, and their clients work: only one that cannot be read, or is over at once, is surely
/// broken.
fn expiry(json: &Json, told: Told) -> Option<Check> {
    json.text("client_secret")?;
    let expected = "a time, or 0 for never";
    let Some(at) = json.get("client_secret_expires_at") else { return Some(rule::EXPIRY.warn(expected, "absent")) };
    let seconds = at.as_i64().filter(|seconds| *seconds >= 0);
    let (Told::First(now) | Told::Before(now)) = told;
    let over = seconds.filter(|seconds| *seconds > 0 && now.since(Timestamp::from_seconds(*seconds)) > LEEWAY);
    let Some(over) = over else {
        return Some(rule::EXPIRY.holds(seconds.is_some(), expected, visible(&at.to_string())));
    };
    let ahead = "a time that is ahead, or 0 for never";
    let saw = format!("{over}, which was {}", Timestamp::from_seconds(over).to_utc());
    Some(match told {
        Told::First(_) => rule::EXPIRY.broken(ahead, saw),
        // A registration may outlive its secret.
        Told::Before(_) => rule::EXPIRY.warn(ahead, saw),
    })
}

/// Whether the addresses at which the answers are awaited are registered. On loopback servers take any port (RFC 8252
/// section 7.3).
fn redirected(json: &Json, asked: &Json) -> Option<Check> {
    let without_port = |uri: &&str| match Url::parse(uri) {
        Ok(mut url) if is_loopback(&url) => {
            url.set_port(None).ok();
            url.to_string()
        }
        _ => (*uri).to_owned(),
    };
    let wanted = asked.get("redirect_uris").map(Json::strings).filter(|uris| !uris.is_empty())?;
    let got = json.get("redirect_uris").map(Json::strings).unwrap_or_default();
    let known: Vec<String> = got.iter().map(without_port).collect();
    let is_registered = wanted.iter().map(without_port).all(|uri| known.contains(&uri));
    let saw = if got.is_empty() { "none".to_owned() } else { elided(&got.join(", "), TOLD).into_owned() };
    Some(rule::REDIRECTED.holds(is_registered, visible(&wanted.join(", ")), visible(&saw)))
}

/// The method in effect: as the answer says, else as it was asked for; absent both times it is Basic (RFC 7591 section 2).
fn method_in_effect<'a>(json: &'a Json, asked: Option<&'a Json>) -> Option<&'a str> {
    json.text(METHOD).filter(|method| !method.is_empty()).or_else(|| asked?.text(METHOD))
}

fn secret(json: &Json, asked: Option<&Json>, told: Told) -> Check {
    let has_secret = json.text("client_secret").is_some_and(|secret| !secret.is_empty());
    match method_in_effect(json, asked) {
        _ if matches!(told, Told::Before(_)) && !has_secret => rule::SECRET.skipped("the secret was told before"),
        None if json.text(METHOD) == Some("") && !has_secret => {
            rule::SECRET.broken("a method, with a secret where it needs one", "an empty method and no client_secret")
        }
        Some(method) if method.starts_with("client_secret_") => {
            let saw = if has_secret { "a secret" } else { "no client_secret" };
            rule::SECRET.holds(has_secret, format!("a secret for {}", visible(method)), saw)
        }
        Some(_) => rule::SECRET.skipped("its method needs no secret"),
        None => rule::SECRET.skipped("no method is named"),
    }
}

/// An answer to a later request need not repeat them (OIDC Registration section 4.3).
fn management(json: &Json, told: Told) -> Check {
    let has = |name: &str| json.text(name).is_some_and(|value| !value.is_empty());
    match (has("registration_client_uri"), has("registration_access_token")) {
        (true, true) => rule::MANAGEMENT.pass("both"),
        _ if matches!(told, Told::Before(_)) => rule::MANAGEMENT.skipped("they were told before"),
        (false, false) => rule::MANAGEMENT.skipped("this registration cannot be managed"),
        (true, false) => rule::MANAGEMENT.broken("both", "no registration_access_token"),
        (false, true) => rule::MANAGEMENT.broken("both", "no registration_client_uri"),
    }
}

/// Every member that came back otherwise than it was asked for, or not at all.
fn effective(json: &Json, asked: &Json) -> Check {
    let differing = |(name, wanted): &(String, Json)| match json.get(name) {
        Some(got) if is_same(got, wanted) => None,
        got => Some(difference(name, wanted, got)),
    };
    let is_asked = |(name, _): &&(String, Json)| !ISSUED.contains(&name.as_str());
    let differences: Vec<String> = asked.members().iter().filter(is_asked).filter_map(differing).collect();
    match differences.is_empty() {
        true => rule::EFFECTIVE.pass("as it was asked for"),
        false => rule::EFFECTIVE.broken("what was asked for", visible(&differences.join("; "))),
    }
}

/// A value that is a credential is not told.
fn difference(name: &str, wanted: &Json, got: Option<&Json>) -> String {
    let told = |json: &Json| {
        if is_credential(name) { "a value".to_owned() } else { elided(&json.to_string(), TOLD).into_owned() }
    };
    let got = got.map_or_else(|| "not registered".to_owned(), |got| format!("registered {}", told(got)));
    format!("{name}: asked {}, {got}", told(wanted))
}

/// Lists are compared without their order, and texts of words too: neither means anything (RFC 7591 section 2).
fn is_same(got: &Json, wanted: &Json) -> bool {
    let sorted = |json: &Json| {
        let mut words: Vec<String> = match json {
            Json::Array(elements) => elements.iter().map(|element| ordered(element).to_string()).collect(),
            Json::String(text) => text.split(' ').map(str::to_owned).collect(),
            other => vec![ordered(other).to_string()],
        };
        words.sort();
        words
    };
    got.kind() == wanted.kind() && sorted(got) == sorted(wanted)
}

/// The same with the members of every object in one order, which means nothing (RFC 8259 section 4).
fn ordered(json: &Json) -> Json {
    match json {
        Json::Object(members) => {
            let mut members: Members = members.iter().map(|(name, value)| (name.clone(), ordered(value))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Json::Object(members)
        }
        Json::Array(elements) => Json::Array(elements.iter().map(ordered).collect()),
        other => other.clone(),
    }
}

impl Registered {
    /// What the answer says, and of what it leaves out the method that was asked for.
    fn read(json: &Json, asked: Option<&Json>) -> Option<Self> {
        let text = |name: &str| json.text(name).filter(|value| !value.is_empty());
        let is_metadata = |(name, _): &&(String, Json)| !ISSUED.contains(&name.as_str());
        let ends = json.get("client_secret_expires_at").and_then(Json::as_i64).filter(|seconds| *seconds > 0);
        let mut metadata: Members = json.members().iter().filter(is_metadata).cloned().collect();
        if let Some(method) = method_in_effect(json, asked).filter(|method| json.text(METHOD) != Some(method)) {
            metadata.retain(|(name, _)| name != METHOD);
            metadata.push((METHOD.to_owned(), crate::base::json::text(method)));
        }
        Some(Self {
            client_id: text("client_id")?.to_owned(),
            client_secret: text("client_secret").map(Secret::new),
            secret_expires_at: ends.map(Timestamp::from_seconds),
            registration_client_uri: text("registration_client_uri").map(str::to_owned),
            registration_access_token: text("registration_access_token").map(Secret::new),
            registered_at: None,
            metadata: Json::Object(metadata),
        })
    }

    /// Where the registration is managed, and what allows it.
    pub fn management(&self) -> Option<(&str, &Secret)> {
        Some((self.registration_client_uri.as_deref()?, self.registration_access_token.as_ref()?))
    }

    /// The same registration with where it was made.
    pub fn at(self, endpoint: Url) -> Self {
        Self { registered_at: Some(endpoint), ..self }
    }

    /// Holds where it is managed, as far as it is, to what its token may be sent to.
    pub fn guarded(&self) -> Vec<Check> {
        let uri = self.management().and_then(|(uri, _)| Url::parse(uri).ok());
        uri.map(|uri| guard(&uri, self.registered_at.as_ref())).unwrap_or_default()
    }

    /// Puts into the settings what is in effect, so that the rest of a run speaks as this client.
    pub fn settle(&self, settings: &mut Settings) {
        self.client_id.clone_into(&mut settings.client.client_id);
        settings.client.client_secret = self.client_secret.clone().unwrap_or_default();
        for name in IN_EFFECT {
            if let Some(value) = self.metadata.text(name).filter(|value| !value.is_empty()) {
                settings.set(name, value).ok();
            }
        }
    }

    /// What nobody else may see.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.client_secret.iter().chain(&self.registration_access_token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"client_id":"c1","client_secret":"s3cr3t","client_secret_expires_at":0,
        "token_endpoint_auth_method":"client_secret_post","registration_access_token":"t0k3n",
        "registration_client_uri":"https://as.example/register/c1","grant_types":["authorization_code"]}"#;

    #[test]
    fn what_is_registered_is_in_force_and_in_no_debug_text() {
        let Outcome::Success(registered) =
            accept(&HttpResponse::new(201, JSON, ANSWER), None, Timestamp::from_seconds(0), false).outcome
        else {
            panic!("registered")
        };
        assert!(!format!("{registered:?}").contains("s3cr3t") && !format!("{registered:?}").contains("t0k3n"));
        let mut settings = Settings::default();
        "old".clone_into(&mut settings.client.client_id);
        registered.settle(&mut settings);
        assert_eq!(settings.client.client_id, "c1");
        assert_eq!(settings.client.client_secret.expose(), "s3cr3t");
        assert_eq!(settings.client.token_endpoint_auth_method, "client_secret_post");
        assert_eq!(registered.metadata.members().len(), 2, "what is issued is no metadata");
    }

    #[test]
    fn an_answer_without_a_client_is_none() {
        for body in ["", "<html>", "{}", r#"{"client_id":""}"#, r#"{"client_id":7}"#] {
            let accepted = accept(&HttpResponse::new(201, JSON, body), None, Timestamp::from_seconds(0), false);
            assert!(matches!(accepted.outcome, Outcome::Unreadable(_)), "{body}");
        }
    }

    #[test]
    fn order_makes_no_difference() {
        let json = |text: &str| Json::parse_text(text).expect("JSON");
        let asked = json(r#"{"grant_types":["a","b"],"scope":"x y"}"#);
        let keys = json(r#"{"jwks":{"keys":[{"kty":"EC","crv":"P-256"}]}}"#);
        let turned = json(r#"{"jwks":{"keys":[{"crv":"P-256","kty":"EC"}]}}"#);
        assert_eq!(effective(&turned, &keys).actual.as_deref(), Some("as it was asked for"));
        assert!(
            effective(&json(r#"{"scope":"y x","grant_types":["b","a"]}"#), &asked)
                .actual
                .is_some_and(|saw| saw == "as it was asked for")
        );
        let differs = effective(&json(r#"{"scope":"x","grant_types":["a","b"]}"#), &asked);
        assert_eq!(differs.actual.as_deref(), Some(r#"scope: asked "x y", registered "x""#));
    }
}
