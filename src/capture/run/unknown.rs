//! What a recording cannot know: rules that need it are skipped.

use crate::base::check::{Check, Verdict};
use crate::capture::Capture;
use crate::capture::login::Login;
use crate::client::rules;
use crate::flow::stage::Stage;
use crate::flow::trace::Exchange;

/// What is said of them.
const NOT_RECORDED: &str = "not in the recording";

/// Rules for apps that are installed on a machine: nobody sees whether one is.
const OF_NATIVE_APPS: [&str; 2] = ["settings.redirect_literal", "settings.redirect_port"];

/// Rules that compare with the time at which something came.
const OF_TIMES: [&str; 5] = ["id_token.exp", "id_token.iat", "id_token.nbf", "id_token.auth_time", "answer.slow"];

/// Rules that need the keys of the provider, or the secret of the client.
const OF_KEYS: [&str; 2] = ["id_token.signature", "id_token.kid"];

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

/// The checks of an exchange, those skipped that need what is not in the recording.
pub(super) fn left_out(capture: &Capture, login: &Login, exchange: &Exchange, checks: Vec<Check>) -> Vec<Check> {
    let is_unseen = is_unseen(login, exchange);
    let of_request =
        |id: &str| id.starts_with("authorization_request.") || id.starts_with("settings.") || OF_REQUEST.contains(&id);
    let is_method_known = !exchange.settings.client.token_endpoint_auth_method.is_empty();
    let is_unknown = |check: &Check| {
        let id = check.rule.id;
        OF_NATIVE_APPS.contains(&id)
            || is_unseen && of_request(id)
            || OF_TIMES.contains(&id) && !capture.recorder.keeps_times
            || OF_KEYS.contains(&id) && check.verdict == Verdict::Skipped
            || check.rule == &rules::settings::PKCE_PUBLIC && !is_method_known
            || check.rule == &rules::settings::SECRET_UNSENT
    };
    let judged = |check: Check| if is_unknown(&check) { check.rule.skipped(NOT_RECORDED) } else { check };
    checks.into_iter().map(judged).collect()
}
