//! What a recording cannot know: rules that need it are skipped.

use crate::base::check::{Check, Verdict};
use crate::base::http::{FORM, HttpResponse};
use crate::base::params::Params;
use crate::base::time::Timestamp;
use crate::capture::Capture;
use crate::capture::exchange::Seen;
use crate::capture::login::Login;
use crate::capture::placeholder;
use crate::client::{request_object, rules};
use crate::flow::stage::Stage;
use crate::flow::trace::{Answer, Exchange};
use crate::jose::jwt::decode;
use crate::terms::grant::Grant;

/// What is said of them.
const NOT_RECORDED: &str = "not in the recording";

/// Rules for apps that are installed on a machine: nobody sees whether one is.
const OF_NATIVE_APPS: [&str; 2] = ["settings.redirect_literal", "settings.redirect_port"];

/// Rules that need what is set up at the client or registered for it: its secret, what it asked to have signed.
const NEED_CLIENT: [&str; 4] =
    ["settings.secret_unsent", "assertion.secret_length", "introspection.content_type", "introspection.signed_alg"];

/// Rules that compare with the time at which something came.
const OF_TIMES: [&str; 13] = [
    "id_token.exp",
    "id_token.iat",
    "id_token.age",
    "id_token.nbf",
    "id_token.auth_time",
    "id_token.login_anew",
    "answer.slow",
    "jarm.exp",
    "jarm.nbf",
    "jarm.lifetime",
    "userinfo.times",
    "metadata.signed_time",
    "prm.signed_time",
];

/// Rules for the form of a token answer.
const OF_FORMS: [&str; 2] = ["token.content_type", "answer.encoding"];

fn is_form_with_token(response: &HttpResponse) -> bool {
    let is_form = response.headers.content_type().as_deref() == Some(FORM);
    is_form && Params::parse(&response.body).get("access_token").is_some()
}

/// Rules that need the keys of the provider, or the secret of the client.
pub(super) const OF_KEYS: [&str; 3] = ["id_token.signature", "id_token.kid", "jarm.signature"];

/// What is compared with a request, beside the rules of the request itself.
const OF_REQUEST: [&str; 4] = [
    "authorization_response.state",
    "authorization_response.redirect_uri",
    "authorization_response.mode",
    "authorization_response.token_type",
];

/// What is compared with a request in the answers that come later.
const OF_REQUEST_LATER: [&str; 12] = [
    "jarm.asked",
    "id_token.nonce",
    "id_token.s_hash",
    "id_token.aud_trusted",
    "id_token.acr",
    "claims.delivered",
    "resource_request.both",
    "token.id_token",
    "token.resource",
    "token.scope",
    "token.scope_wider",
    "token.verifier",
];

/// Rules of the address itself, whatever it refers to.
const OF_ADDRESS: [&str; 3] =
    ["authorization_request.secret", "authorization_request.length", "authorization_request.duplicates"];

/// Why the parameters of the request are not seen: what stands beside a reference is not what is asked.
fn unseen(capture: &Capture, login: &Login) -> Option<&'static str> {
    if let Some(object) = login.asked("request") {
        let inside = request_object::parameters(&decode(object));
        return inside
            .is_none()
            .then_some("the request object cannot be read: it is encrypted, or hidden in the recording");
    }
    login.asked("request_uri")?;
    let is_seen = login.object_at.is_some() || capture.shows_pushed(login);
    (!is_seen).then_some("what request_uri stands for is not in the recording")
}

/// Whether a rule needs the request that is not seen.
fn is_of_unseen(id: &str, stage: Stage) -> bool {
    let asks = matches!(stage, Stage::Authorization | Stage::PushedAuthorization);
    let of_request = id.starts_with("authorization_request.") || id.starts_with("settings.");
    asks && (of_request && !OF_ADDRESS.contains(&id) || OF_REQUEST.contains(&id)) || OF_REQUEST_LATER.contains(&id)
}

/// The families of rules that look into a value, by its name.
const OF_VALUES: [OfValue; 13] = [
    ("response", &["jarm.", "jwt.", "authorization_response."]),
    ("id_token", &["id_token.", "jwt.", "userinfo."]),
    ("access_token", &["id_token.at_hash", "token.entropy", "token.rotation", "jwt.", "resource."]),
    ("refresh_token", &["token.entropy", "token.rotation"]),
    ("code", &["id_token.c_hash", "authorization_response.entropy", "authorization_response.code"]),
    ("state", &["authorization_response.state", "authorization_request.state", "id_token.s_hash"]),
    ("nonce", &["id_token.nonce", "authorization_request.nonce"]),
    ("code_challenge", &["token.verifier"]),
    ("code_verifier", &["token.verifier"]),
    ("assertion", &["assertion."]),
    ("client_assertion", &["assertion."]),
    ("client_id", &OF_CLIENT),
    ("scope", &["backchannel_request.", "device.", "token.scope"]),
];

/// The token of which only the signature is hidden, as this program and some sanitizers hide it: its claims are seen.
const UNSIGNED: (&str, &[&str]) = (
    "id_token",
    &[
        "id_token.format",
        "id_token.signature",
        "id_token.kid",
        "jwt.base64url",
        "jwt.envelope",
        "jwt.signature",
        "jwt.key_selection",
    ],
);

/// Rules that compare with the client.
const OF_CLIENT: [&str; 4] = ["id_token.aud", "id_token.azp", "id_token.refreshed_aud", "id_token.refreshed_azp"];

/// The values of a login in whose place something else stands, each with the rules that look into it.
pub(super) fn hidden(capture: &Capture, login: &Login) -> Vec<OfValue> {
    let entries = login.stages.iter().flat_map(|stage| stage.entries.iter().take(HIDDEN)).take(HIDDEN * HIDDEN);
    let seen: Vec<Seen<'_>> = entries.map(|at| Seen::new(&capture.entries[*at])).collect();
    let hidden_in = |of_value: &OfValue| {
        let name = of_value.0;
        let of_login = [login.asked(name), login.answered(name)].into_iter();
        let of_entries = seen.iter().flat_map(|seen| [seen.param(name), seen.member(name)]);
        let mut values = of_login.chain(of_entries).flatten().filter(|value| placeholder::is_partly(value)).peekable();
        values.peek()?;
        let shows_claims = name == UNSIGNED.0 && values.all(placeholder::is_signature_alone);
        Some(if shows_claims { UNSIGNED } else { *of_value })
    };
    OF_VALUES.iter().filter_map(hidden_in).collect()
}

/// The name of a value and the families of rules that look into it.
pub(super) type OfValue = (&'static str, &'static [&'static str]);

/// So many entries of a stage are looked through for placeholders.
const HIDDEN: usize = 40;

/// Whether a rule looks into a value that is hidden.
fn is_of_placeholder(hidden: &[OfValue], id: &str) -> bool {
    hidden.iter().flat_map(|(_, families)| families.iter()).any(|family| id.starts_with(family))
}

/// The checks of an exchange, those skipped that need what is not in the recording.
pub(super) fn left_out(
    capture: &Capture,
    (login, hidden): (&Login, &[OfValue]),
    exchange: &Exchange,
    checks: Vec<Check>,
) -> Vec<Check> {
    let unseen = unseen(capture, login);
    let has_no_proof = exchange.request.headers.get("dpop").is_some_and(placeholder::is_partly);
    // GitHub and Facebook ask without it.
    let is_typeless = login.requested_at.is_some() && login.asked("response_type").is_none();
    // The recording began after the browser was sent, so that nobody knows what it was sent with.
    let by_browser = matches!(login.grant, Some(Grant::AuthorizationCode | Grant::Implicit | Grant::Hybrid));
    let is_late = by_browser && login.request.get("response_type").is_none() && login.requested_at.is_none();
    let is_method_known = !exchange.settings.client.token_endpoint_auth_method.is_empty();
    let is_unknown = |check: &Check| {
        let id = check.rule.id;
        OF_NATIVE_APPS.contains(&id)
            || check.verdict != Verdict::Pass && is_of_placeholder(hidden, id)
            || login.client_id.is_none() && OF_CLIENT.iter().any(|family| id.starts_with(family))
            || is_typeless && id == "authorization_request.required"
            || has_no_proof && id.starts_with("dpop_proof.")
            || is_late && id == "id_token.nonce"
            || OF_TIMES.contains(&id) && (!capture.recorder.keeps_times || exchange.sent_at == Timestamp::default())
            || OF_KEYS.contains(&id) && check.verdict == Verdict::Skipped
            || check.rule == &rules::settings::PKCE_PUBLIC && !is_method_known
            || NEED_CLIENT.contains(&id) && check.verdict != Verdict::Pass
    };
    // GitHub answers so unless it is asked for JSON, and its clients read it.
    let is_form = matches!(&exchange.answer, Answer::Response(response) if is_form_with_token(response));
    let lived_with = |check: &Check| is_form && OF_FORMS.contains(&check.rule.id) && check.verdict == Verdict::Fail;
    let judged = |check: Check| match (unseen, check) {
        (Some(why), check) if is_of_unseen(check.rule.id, exchange.stage) => check.rule.skipped(why),
        (_, check) if is_unknown(&check) => check.rule.skipped(NOT_RECORDED),
        (_, check) if lived_with(&check) => Check { verdict: Verdict::Warn, ..check },
        (_, check) => check,
    };
    checks.into_iter().map(judged).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_that_looks_into_a_value_is_one() {
        let tables = OF_VALUES.iter().chain([&UNSIGNED]).flat_map(|(_, rules)| rules.iter());
        for named in tables {
            let is_meant = |id: &str| if named.ends_with('.') { id.starts_with(named) } else { id == *named };
            assert!(rules::catalogue().any(|rule| is_meant(rule.id)), "{named} is no rule");
        }
    }
}
