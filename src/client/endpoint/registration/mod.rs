//! Dynamic client registration (RFC 7591): the request, and what the server has registered.

mod effective;
mod fitting;
mod management;
mod metadata;

use std::time::Duration;

use url::Url;

use crate::base::check::Check;
use crate::base::http::{HttpRequest, HttpResponse, JSON, is_loopback};
use crate::base::json::{Json, Members};
use crate::base::secret::Secret;
use crate::base::text::{elided, visible};
use crate::base::time::Timestamp;
use crate::client::answer::{Accepted, Outcome, challenge, read_object, status};
use crate::client::request_object;
use crate::client::rules::dcr as rule;
use crate::client::seal::{Carrier, Draft, Seal};
use crate::client::settings::Settings;

use effective::{DEMANDED, TOLD, effective, is_demanded, types};

pub use fitting::{consistent, has_private_key, one_key_set, redirects};
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

/// Which of them are one setting, of how requests are signed.
const SIGNING: [&str; 2] = ["require_signed_request_object", "request_object_signing_alg"];

/// How a client proves itself, which most answers are read for.
const METHOD: &str = "token_endpoint_auth_method";
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
    checks.extend([redirects(&rule::REDIRECT_URIS, &asked), consistent(&rule::CONSISTENT, &asked)]);
    checks.extend(fitting::key_set(&asked));
    checks
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
    /// An answer has told it already, which a later one need not repeat (OIDC Registration section 4.3).
    Before(Timestamp),
    /// The same where it was changed: RFC 7592 section 3 has it told again, and servers leave it out.
    Changed(Timestamp),
}

/// An answer that tells of a registration, whatever its status means.
fn accept_as_registered(response: &HttpResponse, asked: Option<&Json>, told: Told) -> Accepted<Registered> {
    let judge = |json: &Json| {
        let mut checks = Vec::from_iter(expiry(json, told));
        checks.extend([types(json), secret(json, asked, told), management(json, told)]);
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
    let (Told::First(now) | Told::Before(now) | Told::Changed(now)) = told;
    let over = seconds.filter(|seconds| *seconds > 0 && now.since(Timestamp::from_seconds(*seconds)) > LEEWAY);
    let Some(over) = over else {
        return Some(rule::EXPIRY.holds(seconds.is_some(), expected, visible(&at.to_string())));
    };
    let ahead = "a time that is ahead, or 0 for never";
    let saw = format!("{over}, which was {}", Timestamp::from_seconds(over).to_utc());
    Some(match told {
        Told::First(_) => rule::EXPIRY.broken(ahead, saw),
        // A registration may outlive its secret.
        Told::Before(_) | Told::Changed(_) => rule::EXPIRY.warn(ahead, saw),
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
        _ if !matches!(told, Told::First(_)) && !has_secret => rule::SECRET.skipped("the secret was told before"),
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
        (has_uri, _) if matches!(told, Told::Changed(_)) => {
            let lacking = if has_uri { "registration_access_token" } else { "registration_client_uri" };
            rule::MANAGEMENT.note(format!("no {lacking}: what was told before is used on"))
        }
        (false, false) => rule::MANAGEMENT.skipped("this registration cannot be managed"),
        (true, false) => rule::MANAGEMENT.broken("both", "no registration_access_token"),
        (false, true) => rule::MANAGEMENT.broken("both", "no registration_client_uri"),
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
        for (name, _) in DEMANDED {
            let is_switch = !SIGNING.contains(&name);
            if is_switch && is_demanded(&self.metadata, name) {
                settings.set(name, "true").ok();
            }
        }
        self.settle_signing(settings);
    }

    /// Signed requests are signed with what is registered (RFC 9101 section 10.5); all are where that is demanded.
    fn settle_signing(&self, settings: &mut Settings) {
        let is_signed = request_object::is_wanted(settings);
        if !is_signed && !is_demanded(&self.metadata, "require_signed_request_object") {
            return;
        }
        let registered =
            self.metadata.text("request_object_signing_alg").filter(|alg| !alg.is_empty()).map(str::to_owned);
        let own = || if is_signed { None } else { request_object::fit_alg(settings) };
        if let Some(alg) = registered.or_else(own) {
            settings.protection.request_object_signing_alg = alg;
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
}
