//! Whether a response belongs to its request: `state`, `iss`, the way it came, and what `prompt=none` forbids on that way (RFC
//! 6749 section 4.1.2, RFC 9207, OIDC Core section 3.1.2.1).

use super::{Arrived, Expected};
use crate::base::check::Check;
use crate::base::params::Params;
use crate::base::text::visible;
use crate::client::rules::response;
use crate::terms::response::ResponseMode;

/// A mode that is not known here counts as it is written. A server that refuses it has no way to answer in it, and one
/// that does not know any ignores it (RFC 6749 section 3.1).
pub(super) fn mode(arrived: Arrived<'_>, expected: Expected<'_>) -> Check {
    let (came, sent) = (arrived.response_mode.name(), expected.sent);
    let is_unknown = |mode: &&str| !mode.is_empty() && ResponseMode::travelling(mode, "").is_none();
    match sent.get("response_mode").filter(is_unknown) {
        Some(mode) if arrived.params.contains("error") => {
            response::MODE.skipped(format!("{} was asked for, and an error came by {came}", visible(mode)))
        }
        Some(mode) => response::MODE.broken(visible(mode), format!("plain parameters by {came}")),
        None if sent.response_mode() == arrived.response_mode => response::MODE.pass(came),
        None if !expected.mode_listed => {
            let wanted = sent.response_mode().name();
            response::MODE
                .warn(wanted, format!("{came}; the server does not name {wanted} in response_modes_supported"))
        }
        None => response::MODE.broken(sent.response_mode().name(), came),
    }
}

/// An empty `state` counts as none.
pub(super) fn state(params: &Params, sent: &Params) -> Check {
    let filled = |params: &Params| params.get("state").filter(|state| !state.is_empty()).map(str::to_owned);
    match (filled(sent).as_deref(), filled(params).as_deref()) {
        (None, None) if params.contains("state") => response::STATE.skipped("none was sent, and it came empty"),
        (None, None) => response::STATE.skipped("none was sent"),
        (None, Some(came)) => response::STATE.broken("no state, since none was sent", visible(came)),
        (Some(sent), None) => response::STATE.broken(sent, "no state"),
        (Some(sent), Some(came)) => response::STATE.equal(sent, came),
    }
}

pub(super) fn iss(arrived: Arrived<'_>, expected: Expected<'_>) -> Check {
    let params = arrived.params;
    match (params.get("iss"), expected.issuer) {
        (Some(_), None) => response::ISS.skipped("the issuer is not known"),
        (Some(came), Some(issuer)) if came == issuer && expected.iss_announced == Some(false) => {
            response::ISS.note(format!("{}, which the metadata do not announce", visible(came)))
        }
        (Some(came), Some(issuer)) => response::ISS.equal(issuer, came),
        // RFC 9207 section 4: an ID token beside the code names the issuer as well, and is held against it.
        (None, _) if params.contains("id_token") => response::ISS.pass("none, the ID token names the issuer"),
        (None, _) if expected.iss_announced == Some(true) => {
            let joined = arrived.joint.map(|joint| format!(", and the address has {joint}"));
            response::ISS.broken("iss, as the metadata announces", format!("no iss{}", joined.unwrap_or_default()))
        }
        (None, _) => response::ISS.skipped("the server sends no iss and announces none"),
    }
}

/// What `prompt=none` forbids (OIDC Core section 3.1.2.1).
pub(super) fn unseen(arrived: Arrived<'_>, sent: &Params) -> Option<Check> {
    sent.get("prompt").filter(|prompt| *prompt == "none")?;
    let has_asked = arrived.asked_user?;
    let saw = if has_asked { "a page that asked the user to sign in" } else { "no page" };
    Some(response::PROMPT_NONE.holds(!has_asked, "an answer without a page", saw))
}
