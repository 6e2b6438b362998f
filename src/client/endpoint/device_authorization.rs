//! The device authorization request and its response (RFC 8628 sections 3.1 and 3.2).

use url::Url;

use crate::base::check::Check;
use crate::base::http::{HttpResponse, is_loopback};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::client::answer::{Accepted, challenge_of_client, interval, read_object};
use crate::client::rules::device as rule;
use crate::client::seal::{Draft, authenticated, identified};
use crate::client::settings::Settings;
use crate::client::strength;
use crate::terms::scope;

/// Seconds between polls when the server says none (RFC 8628 section 3.2).
const DEFAULT_INTERVAL: i64 = 5;

/// What the server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceAuthorization {
    /// What the client polls with.
    pub device_code: Secret,
    /// What the user types.
    pub user_code: String,
    /// Where the user types it.
    pub verification_uri: String,
    /// The same with the code in it, for a QR code.
    pub verification_uri_complete: Option<String>,
    /// Seconds until both codes are over.
    pub expires_in: i64,
    /// Seconds between two polls.
    pub interval: i64,
}

/// Drafts the request. Clients authenticate as at the token endpoint.
pub fn request(endpoint: Url, settings: &Settings) -> Draft {
    let mut form = Params::new();
    if !settings.request.scope.is_empty() {
        form.push("scope", &settings.request.scope);
    }
    for resource in scope::words(&settings.request.resource) {
        form.push("resource", resource);
    }
    // Wherever scope is, these may be (RFC 9396 section 2).
    if !settings.protection.authorization_details.is_empty() {
        form.push("authorization_details", &settings.protection.authorization_details);
    }
    for name in scope::words(&settings.request.omit) {
        form.remove(name);
    }
    form.0.extend(settings.request.extra.0.iter().filter(|(name, _)| !name.is_empty()).cloned());
    authenticated(endpoint, &identified(form, settings))
}

/// Reads the response.
pub fn accept(response: &HttpResponse, is_basic: bool) -> Accepted<DeviceAuthorization> {
    let judge = |json: &Json| {
        vec![
            required(json),
            verification_uri(json),
            complete(json),
            expires_in(json),
            interval(&rule::INTERVAL, json, DEFAULT_INTERVAL),
            user_code(json),
            strength::judge(&rule::ENTROPY, [("device_code", json.text("device_code").unwrap_or_default())]),
        ]
    };
    let mut accepted =
        read_object(response, &rule::CONTENT_TYPE, judge, read, "device_code, user_code and verification_uri");
    accepted.checks.extend(challenge_of_client(&rule::CHALLENGE, response, is_basic));
    accepted
}

fn read(json: &Json) -> Option<DeviceAuthorization> {
    let number = |name, default| json.get(name).and_then(Json::as_i64).unwrap_or(default);
    Some(DeviceAuthorization {
        device_code: json.text("device_code").filter(|code| !code.is_empty())?.into(),
        user_code: json.text("user_code")?.to_owned(),
        // Google and others still send verification_url, the name of the drafts.
        verification_uri: json.text("verification_uri").or_else(|| json.text("verification_url"))?.to_owned(),
        verification_uri_complete: json.text("verification_uri_complete").map(str::to_owned),
        expires_in: number("expires_in", 600),
        interval: number("interval", DEFAULT_INTERVAL).clamp(1, 3600),
    })
}

fn required(json: &Json) -> Check {
    let missing: Vec<&str> = ["device_code", "user_code", "verification_uri", "expires_in"]
        .into_iter()
        .filter(|name| json.get(name).is_none())
        .collect();
    if missing.is_empty() {
        return rule::REQUIRED.pass("all four");
    }
    rule::REQUIRED
        .broken("device_code, user_code, verification_uri, expires_in", format!("without {}", missing.join(", ")))
}

fn verification_uri(json: &Json) -> Check {
    let Some(text) = json.text("verification_uri") else {
        return rule::VERIFICATION_URI.skipped("absent");
    };
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" => rule::VERIFICATION_URI.pass(visible(text)),
        Ok(url) if is_loopback(&url) => rule::VERIFICATION_URI.note("http, accepted on loopback only"),
        _ => rule::VERIFICATION_URI.broken("an https URL", visible(text)),
    }
}

fn complete(json: &Json) -> Check {
    let Some(complete) = json.text("verification_uri_complete") else {
        return rule::COMPLETE.skipped("absent, and optional");
    };
    let is_sound = |url: &Url| url.scheme() == "https" || is_loopback(url);
    let plain = json.text("verification_uri").and_then(|uri| Url::parse(uri).ok());
    match (Url::parse(complete).ok().filter(is_sound), plain) {
        (None, _) => rule::COMPLETE.broken("an https URL", complete),
        (_, None) => rule::COMPLETE.skipped("verification_uri is no URL to compare with"),
        (Some(complete), Some(plain)) => rule::COMPLETE.holds(
            complete.host() == plain.host(),
            plain.host_str().unwrap_or_default(),
            complete.host_str().unwrap_or_default(),
        ),
    }
}

fn expires_in(json: &Json) -> Check {
    match json.get("expires_in").map(|value| (value, value.as_i64())) {
        None => rule::EXPIRES_IN.broken("seconds", "absent"),
        Some((_, Some(seconds))) if seconds > 0 => rule::EXPIRES_IN.pass(format!("{seconds} s")),
        Some((value, _)) => rule::EXPIRES_IN.broken("a positive number of seconds", visible(&value.to_string())),
    }
}

fn user_code(json: &Json) -> Check {
    let code = json.text("user_code").unwrap_or_default();
    let readable =
        code.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ' ')) && (4..=16).contains(&code.len());
    rule::USER_CODE.holds(readable, "4 to 16 letters, digits and dashes", visible(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::answer::Outcome;

    #[test]
    fn an_error_is_a_refusal_and_junk_is_unreadable() {
        let accepted = accept(&HttpResponse::new(400, "application/json", r#"{"error":"invalid_scope"}"#), true);
        assert!(matches!(accepted.outcome, Outcome::Refused(_)));
        for body in ["", "<html>", "{}"] {
            assert!(matches!(accept(&HttpResponse::new(200, "text/html", body), true).outcome, Outcome::Unreadable(_)));
        }
    }
}
