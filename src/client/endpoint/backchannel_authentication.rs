//! The backchannel authentication request and its response (CIBA section 7), and the ping (section 10.2).

use url::Url;

use crate::base::check::Check;
use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::client::answer::{Accepted, challenge_of_client, interval, read_object};
use crate::client::request_object::Message;
use crate::client::rules::backchannel as rule;
use crate::client::seal::{Draft, Seal, authenticated, identified};
use crate::client::settings::Settings;
use crate::client::strength;
use crate::terms::scope;

/// Seconds between polls when the server says none (CIBA section 7.3).
const DEFAULT_INTERVAL: i64 = 5;
/// The ways to name the user, of which a request has exactly one.
pub const HINTS: [&str; 3] = ["login_hint", "login_hint_token", "id_token_hint"];

/// What the server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackchannelAuthentication {
    /// What the client asks with.
    pub auth_req_id: Secret,
    /// Seconds until it is over.
    pub expires_in: i64,
    /// Seconds between two polls.
    pub interval: i64,
    /// Where the practice server's users approve. In no specification: elsewhere the server has its own way to them.
    pub approval_uri: Option<String>,
}

/// Drafts the request. `notification_token` is what a ping has to show; `None` in poll mode.
pub fn request(endpoint: Url, notification_token: Option<&Secret>, settings: &Settings) -> Draft {
    let request = &settings.request;
    let mut form = Params::new();
    for (name, value) in [
        ("scope", request.scope.as_str()),
        ("acr_values", &request.acr_values),
        ("login_hint", &request.login_hint),
        ("login_hint_token", request.login_hint_token.expose()),
        ("id_token_hint", request.id_token_hint.expose()),
        ("binding_message", &request.binding_message),
        ("user_code", request.user_code.expose()),
        ("requested_expiry", &request.requested_expiry),
        ("client_notification_token", notification_token.map_or("", Secret::expose)),
        ("authorization_details", &settings.protection.authorization_details),
    ] {
        if !value.is_empty() {
            form.push(name, value);
        }
    }
    for resource in scope::words(&request.resource) {
        form.push("resource", resource);
    }
    for name in scope::words(&request.omit) {
        form.remove(name);
    }
    form.0.extend(request.extra.0.iter().filter(|(name, _)| !name.is_empty()).cloned());
    let mut draft = authenticated(endpoint, &identified(form, settings));
    if Message::Backchannel.is_signed(settings) {
        // What proves who the client is stays outside, so it comes after.
        draft.seals.insert(0, Seal::RequestObject { of: Message::Backchannel, outside: String::new() });
    }
    draft
}

/// Rules for what is asked, however that is brought.
pub fn lint(form: &Params, settings: &Settings) -> Vec<Check> {
    let hints: Vec<&str> = HINTS.into_iter().filter(|name| form.contains(name)).collect();
    let scope = form.get("scope").unwrap_or_default();
    let mut checks = vec![
        rule::HINT.holds(
            hints.len() == 1,
            "one of login_hint, login_hint_token, id_token_hint",
            if hints.is_empty() { "none".to_owned() } else { hints.join(", ") },
        ),
        rule::OPENID.holds(scope::contains(scope, "openid"), "openid", visible(scope)),
        binding_message(form.get("binding_message")),
    ];
    if settings.client.is_notified() {
        let name = "client_notification_token";
        checks.push(strength::judge(&rule::NOTIFICATION_TOKEN, [(name, form.get(name).unwrap_or_default())]));
    }
    checks
}

fn binding_message(message: Option<&str>) -> Check {
    let Some(message) = message else { return rule::BINDING_MESSAGE.pass("none") };
    let plain = message.chars().count() <= 20 && message.chars().all(|c| c.is_alphanumeric() || " -.:".contains(c));
    rule::BINDING_MESSAGE.holds(plain, "at most 20 plain characters", visible(message))
}

/// Reads the response. Where tokens are pushed, no interval has a meaning (section 7.3).
pub fn accept(response: &HttpResponse, is_pushed: bool, is_basic: bool) -> Accepted<BackchannelAuthentication> {
    let judge = |json: &Json| {
        vec![
            required(json),
            match is_pushed {
                true => rule::INTERVAL.skipped("it is for poll and ping mode"),
                false => interval(&rule::INTERVAL, json, DEFAULT_INTERVAL),
            },
            strength::judge(&rule::ENTROPY, [("auth_req_id", json.text("auth_req_id").unwrap_or_default())]),
        ]
    };
    let mut accepted = read_object(response, &rule::CONTENT_TYPE, judge, read, "auth_req_id");
    accepted.checks.extend(challenge_of_client(&rule::CHALLENGE, response, is_basic));
    accepted
}

fn read(json: &Json) -> Option<BackchannelAuthentication> {
    let number = |name, default| json.get(name).and_then(Json::as_i64).unwrap_or(default);
    Some(BackchannelAuthentication {
        auth_req_id: json.text("auth_req_id").filter(|id| !id.is_empty())?.into(),
        expires_in: number("expires_in", 600),
        interval: number("interval", DEFAULT_INTERVAL).clamp(1, 3600),
        approval_uri: json.text("practice_approval_uri").map(str::to_owned),
    })
}

fn required(json: &Json) -> Check {
    let expires = json.get("expires_in").and_then(Json::as_i64).is_some_and(|seconds| seconds > 0);
    let missing: Vec<&str> = [("auth_req_id", json.text("auth_req_id").is_some()), ("expires_in", expires)]
        .into_iter()
        .filter(|(_, there)| !there)
        .map(|(name, _)| name)
        .collect();
    let saw = if missing.is_empty() { "both".to_owned() } else { format!("without {}", missing.join(", ")) };
    rule::REQUIRED.holds(missing.is_empty(), "auth_req_id and a positive expires_in", saw)
}

/// Holds a ping against the request it should be about.
pub fn accept_ping(params: &Params, auth_req_id: &Secret) -> Vec<Check> {
    let same = params.get("auth_req_id") == Some(auth_req_id.expose());
    vec![rule::PING.holds(same, "the auth_req_id of this request", if same { "the same" } else { "another one" })]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::answer::Outcome;

    #[test]
    fn what_has_no_auth_req_id_is_unreadable() {
        for body in ["", "<html>", "{}", r#"{"auth_req_id":""}"#] {
            let accepted = accept(&HttpResponse::new(200, "text/html", body), false, false);
            assert!(matches!(accepted.outcome, Outcome::Unreadable(_)), "{body}");
        }
    }
}
