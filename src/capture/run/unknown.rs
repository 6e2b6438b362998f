//! What a recording cannot know: rules that need it are skipped.

use crate::base::check::{Check, Verdict};
use crate::capture::Capture;
use crate::capture::exchange::Seen;
use crate::capture::login::Login;
use crate::capture::placeholder;
use crate::client::rules;
use crate::flow::stage::Stage;
use crate::flow::trace::Exchange;

/// What is said of them.
const NOT_RECORDED: &str = "not in the recording";

/// Rules for apps that are installed on a machine: nobody sees whether one is.
const OF_NATIVE_APPS: [&str; 2] = ["settings.redirect_literal", "settings.redirect_port"];

/// Rules that compare with the time at which something came.
const OF_TIMES: [&str; 7] =
    ["id_token.exp", "id_token.iat", "id_token.nbf", "id_token.auth_time", "answer.slow", "jarm.exp", "jarm.lifetime"];

/// Rules that need the keys of the provider, or the secret of the client.
pub(super) const OF_KEYS: [&str; 3] = ["id_token.signature", "id_token.kid", "jarm.signature"];

/// What is compared with a request, beside the rules of the request itself.
const OF_REQUEST: [&str; 4] = [
    "authorization_response.state",
    "authorization_response.redirect_uri",
    "authorization_response.mode",
    "authorization_response.token_type",
];

/// Whether the request was pushed where the recording does not reach, so that its parameters are not seen.
fn is_unseen(login: &Login, exchange: &Exchange) -> bool {
    let is_elsewhere = login.asked("request_uri").is_some() || login.asked("request").is_some();
    exchange.stage == Stage::Authorization && is_elsewhere && login.asked("response_type").is_none()
}

/// The families of rules that look into a value, by its name.
const OF_VALUES: [(&str, &[&str]); 11] = [
    ("response", &["jarm.", "jwt.", "authorization_response."]),
    ("id_token", &["id_token.", "jwt.", "userinfo."]),
    ("access_token", &["id_token.at_hash", "access_token.", "token.entropy", "token.rotation", "jwt.", "resource."]),
    ("refresh_token", &["token.entropy", "token.rotation"]),
    ("code", &["id_token.c_hash", "authorization_response.entropy", "authorization_response.code"]),
    ("state", &["authorization_response.state", "authorization_request.state", "id_token.s_hash"]),
    ("nonce", &["id_token.nonce", "authorization_request.nonce"]),
    ("code_challenge", &["authorization_request.code_challenge", "authorization_request.pkce"]),
    ("code_verifier", &["token_request.code_verifier"]),
    ("client_id", &OF_CLIENT),
    ("scope", &["backchannel_request.", "device_authorization.", "token.scope"]),
];

/// Rules that compare with the client.
const OF_CLIENT: [&str; 3] = ["id_token.aud", "id_token.azp", "id_token.refreshed_aud"];

/// The names of values of a login in whose place something else stands.
pub(super) fn hidden(capture: &Capture, login: &Login) -> Vec<&'static str> {
    let entries = login.stages.iter().flat_map(|stage| stage.entries.iter().take(HIDDEN)).take(HIDDEN * HIDDEN);
    let seen: Vec<Seen<'_>> = entries.map(|at| Seen::new(&capture.entries[*at])).collect();
    let is_hidden = |name: &str| {
        let of_login = [login.asked(name), login.answered(name)].into_iter();
        let of_entries = seen.iter().flat_map(|seen| [seen.param(name), seen.member(name)]);
        of_login.chain(of_entries).flatten().any(placeholder::is_partly)
    };
    OF_VALUES.iter().map(|(name, _)| *name).filter(|name| is_hidden(name)).collect()
}

/// So many entries of a stage are looked through for placeholders.
const HIDDEN: usize = 40;

/// Whether a rule looks into a value that is hidden.
fn is_of_placeholder(hidden: &[&str], id: &str) -> bool {
    let families = OF_VALUES.iter().filter(|(name, _)| hidden.contains(name));
    families.flat_map(|(_, families)| families.iter()).any(|family| id.starts_with(family))
}

/// The checks of an exchange, those skipped that need what is not in the recording.
pub(super) fn left_out(
    capture: &Capture,
    (login, hidden): (&Login, &[&str]),
    exchange: &Exchange,
    checks: Vec<Check>,
) -> Vec<Check> {
    let is_unseen = is_unseen(login, exchange);
    let of_request =
        |id: &str| id.starts_with("authorization_request.") || id.starts_with("settings.") || OF_REQUEST.contains(&id);
    // GitHub and Facebook ask without it.
    let is_typeless = login.requested_at.is_some() && login.asked("response_type").is_none();
    let is_method_known = !exchange.settings.client.token_endpoint_auth_method.is_empty();
    let is_unknown = |check: &Check| {
        let id = check.rule.id;
        OF_NATIVE_APPS.contains(&id)
            || is_unseen && of_request(id)
            || check.verdict != Verdict::Pass && is_of_placeholder(hidden, id)
            || login.client_id.is_none() && OF_CLIENT.iter().any(|family| id.starts_with(family))
            || is_typeless && id == "authorization_request.required"
            || OF_TIMES.contains(&id) && !capture.recorder.keeps_times
            || OF_KEYS.contains(&id) && check.verdict == Verdict::Skipped
            || check.rule == &rules::settings::PKCE_PUBLIC && !is_method_known
            || check.rule == &rules::settings::SECRET_UNSENT
    };
    let judged = |check: Check| if is_unknown(&check) { check.rule.skipped(NOT_RECORDED) } else { check };
    checks.into_iter().map(judged).collect()
}
