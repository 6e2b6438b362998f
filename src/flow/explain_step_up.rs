//! What an API says that wants a stronger or a newer login (RFC 9470): what another login would ask for, and where one was
//! asked for that did not bring it. Beside it, what a token lacks that was asked for too little (RFC 6750).

use std::sync::Arc;
use std::time::Duration;

use super::stage::Stage;
use super::trace::Exchange;
use super::{Flow, cure};
use crate::base::text::{quoted, visible};
use crate::base::typed::typed;
use crate::client::challenge::challenges;
use crate::client::step_up::{self, Demand};
use crate::terms::scope;

const SAYS_NOTHING: &str = "The challenge does not say which login the API wants, so that no client can ask for it. At the API: send \
                            acr_values, or max_age as a number of seconds (RFC 9470 section 3).";

const IN_VAIN: &str = "The token has what the API wants, and another login would bring the same. The mistake is at the API: let \
                       it compare acr and auth_time of the token.";

/// Why the API wants another login or another token; nothing where its answer is no such challenge.
pub(super) fn advice(flow: &Flow, exchange: &Exchange) -> Vec<String> {
    let Some(demand) = exchange.response().and_then(step_up::demanded) else {
        return lacking(flow, exchange).into_iter().collect();
    };
    // A run without a login of its own cannot ask for another one.
    if flow.authorization().is_none() {
        return Vec::new();
    }
    if step_up::is_in_vain(&exchange.checks) {
        return vec![IN_VAIN.to_owned()];
    }
    if let Some(login) = gave_login(flow, exchange) {
        return vec![given(&login)];
    }
    if let Some(wanted) = cure::wanted_login(flow) {
        let (wanted, option) = (wanted.label.replacen("Ask", "asks", 1), wanted.option());
        let wants = format!("The API wants another login: trying again signs in anew and {wanted}.");
        return vec![typed(&wants, &format!("--retry 1, or at once with {option}."))];
    }
    if !demand.asks() {
        return vec![SAYS_NOTHING.to_owned()];
    }
    match asked_class(flow, &demand) {
        Some(asked) => vec![gave_less(flow, &asked, step_up::lacking(&exchange.checks))],
        None => vec![typed("The login is too long ago by now: trying again signs in anew.", "--retry 1.")],
    }
}

/// What a run that did not begin at the API has to ask for before its token is taken (RFC 6750 section 3.1).
fn lacking(flow: &Flow, exchange: &Exchange) -> Option<String> {
    let is_call = matches!(exchange.stage, Stage::UserInfo | Stage::Resource | Stage::Claims);
    let response = exchange.response().filter(|_| is_call && flow.session.way_in.is_none())?;
    let challenges = challenges(response);
    let refused = challenges.iter().find(|it| it.get("error").as_deref() == Some("insufficient_scope"))?;
    let wanted = refused.get("scope")?;
    let cure = cure::more_scope(flow, &wanted)?;
    let wants =
        format!("The API wants {}, and its token was got without: get another one that has it.", visible(&wanted));
    Some(typed(&wants, &format!("{}.", cure.option())))
}

/// The login that the server gave, where it is what the API wants.
fn gave_login(flow: &Flow, exchange: &Exchange) -> Option<String> {
    flow.session.gave_login(exchange.response()?, exchange.came_at())
}

/// The server has brought the login, and the API does not see it (RFC 9470 section 6).
fn given(login: &str) -> String {
    format!(
        "The server gave the login that the API wants (the ID token says {login}), and the API does not take it: another \
         login would bring the same. An API learns of it by acr and auth_time of the access token or of its introspection: \
         look whether the server says them there, and whether the API compares them."
    )
}

/// Whether the API asks once more for what a login was just asked for or has brought: one more that nobody changes brings
/// the same. A login that has grown too old by now is not the same.
pub(super) fn is_repeated(flow: &Flow) -> bool {
    let Some((last, before)) = flow.trace.exchanges.split_last() else { return false };
    let Some(demand) = last.response().and_then(step_up::demanded) else { return false };
    if *last.settings != flow.settings {
        return false;
    }
    if !demand.asks() || gave_login(flow, last).is_some() {
        return true;
    }
    if cure::wanted_login(flow).is_some() {
        return false;
    }
    let login = before.iter().rfind(|exchange| exchange.stage == Stage::Authorization);
    let is_old = |login: &Exchange| {
        demand.seconds().is_some_and(|seconds| last.came_at().since(login.came_at()) > Duration::from_secs(seconds))
    };
    let is_same = |exchange: &Arc<Exchange>| exchange.response().and_then(step_up::demanded).as_ref() == Some(&demand);
    before.iter().any(is_same) && login.is_some_and(|login| !is_old(login))
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
