//! What a recording cannot know: rules that need it are skipped.

use crate::base::check::{Check, Verdict};
use crate::capture::Capture;
use crate::client::rules;
use crate::flow::trace::Exchange;

/// What is said of them.
const NOT_RECORDED: &str = "not in the recording";

/// Rules for apps that are installed on a machine: nobody sees whether one is.
const OF_NATIVE_APPS: [&str; 2] = ["settings.redirect_literal", "settings.redirect_port"];

/// Rules that compare with the time at which something came.
const OF_TIMES: [&str; 5] = ["id_token.exp", "id_token.iat", "id_token.nbf", "id_token.auth_time", "answer.slow"];

/// Rules that need the keys of the provider, or the secret of the client.
const OF_KEYS: [&str; 2] = ["id_token.signature", "id_token.kid"];

/// The checks of an exchange, those skipped that need what is not in the recording.
pub(super) fn left_out(capture: &Capture, exchange: &Exchange, checks: Vec<Check>) -> Vec<Check> {
    let is_method_known = !exchange.settings.client.token_endpoint_auth_method.is_empty();
    let is_unknown = |check: &Check| {
        let id = check.rule.id;
        OF_NATIVE_APPS.contains(&id)
            || OF_TIMES.contains(&id) && !capture.recorder.keeps_times
            || OF_KEYS.contains(&id) && check.verdict == Verdict::Skipped
            || check.rule == &rules::settings::PKCE_PUBLIC && !is_method_known
            || check.rule == &rules::settings::SECRET_UNSENT
    };
    let judged = |check: Check| if is_unknown(&check) { check.rule.skipped(NOT_RECORDED) } else { check };
    checks.into_iter().map(judged).collect()
}
