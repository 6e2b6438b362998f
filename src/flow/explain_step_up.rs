//! What an API says that wants a stronger or a newer login (RFC 9470): what another login would ask for, and where one was
//! asked for that did not bring it.

use super::trace::Exchange;
use super::{Flow, cure};
use crate::base::text::{quoted, visible};
use crate::client::step_up::{self, Demand};
use crate::terms::scope;

const IN_VAIN: &str = "The token has what the API wants, and another login would bring the same. The mistake is at the API: let \
                       it compare acr and auth_time of the token.";

/// Why the API wants another login; nothing where its answer is no such challenge.
pub(super) fn advice(flow: &Flow, exchange: &Exchange) -> Vec<String> {
    let Some(demand) = exchange.response().and_then(step_up::demanded) else { return Vec::new() };
    // A run without a login of its own cannot ask for another one.
    if flow.authorization().is_none() {
        return Vec::new();
    }
    if step_up::is_in_vain(&exchange.checks) {
        return vec![IN_VAIN.to_owned()];
    }
    if let Some(wanted) = cure::wanted_login(flow) {
        let (wanted, option) = (wanted.label.replacen("Ask", "asks", 1), wanted.option());
        return vec![format!(
            "The API wants another login: trying again signs in anew and {wanted}. On the command line: --retry 1, or at \
             once with {option}."
        )];
    }
    match asked_class(flow, &demand) {
        Some(asked) => vec![gave_less(flow, &asked, step_up::lacking(&exchange.checks))],
        None => vec![
            "The login is too long ago by now: trying again signs in anew. On the command line: --retry 1.".to_owned(),
        ],
    }
}

/// The classes of login that the API wants, were asked for, and did not come.
fn asked_class(flow: &Flow, demand: &Demand) -> Option<String> {
    let wanted = demand.acr_values.clone()?;
    let sent = flow.authorization()?.get("acr_values").unwrap_or_default().to_owned();
    let is_asked = scope::words(&wanted).any(|word| scope::contains(&sent, word));
    is_asked.then_some(wanted)
}

/// A server may sign the user in by less than was asked for (OIDC Core section 3.1.2.1).
fn gave_less(flow: &Flow, asked: &str, lacking: Option<&str>) -> String {
    let listed = flow.session.metadata.as_ref().and_then(|metadata| metadata.supported("acr_values_supported"));
    let list = match listed {
        None => "acr_values_supported is not in its metadata, so that nobody knows whether it can".to_owned(),
        Some(listed) if scope::words(asked).any(|word| listed.contains(&word)) => {
            "its acr_values_supported lists it, so look whether this user has what it takes, such as a second factor"
                .to_owned()
        }
        Some(listed) => format!("its acr_values_supported lists {} alone", visible(&listed.join(", "))),
    };
    let gave = lacking.map(|lacking| format!(" ({})", visible(lacking))).unwrap_or_default();
    format!(
        "acr_values {} was asked for already, and the server gave less{gave}: {list}. Another login helps where the user can \
         sign in in a stronger way.",
        quoted(asked)
    )
}
