//! What else a login or a token is asked for: scopes, and the login that an API wants.

use super::Cure;
use crate::base::http::HttpResponse;
use crate::base::text::visible;
use crate::client::challenge::challenges;
use crate::client::step_up;
use crate::flow::Flow;
use crate::flow::explain_named::asks_openid_of_device;
use crate::flow::trace::Exchange;
use crate::terms::scope;

/// The scope that a challenge asks for beside what was asked (RFC 6750 section 3).
pub(super) fn asked_scope(flow: &Flow, response: &HttpResponse) -> Option<Cure> {
    let wanted = challenges(response).iter().find_map(|challenge| challenge.get("scope"))?;
    more_scope(flow, &wanted)
}

/// What a login that is tried anew asks for beside what it asked before, where an API wants that (RFC 9470 section 5).
pub(in crate::flow) fn wanted_login(flow: &Flow) -> Option<Cure> {
    stronger_login(flow, flow.trace.exchanges.last()?)
}

/// The login that an API wants (RFC 9470 section 4), all of it, as far as it is not asked for already or was given.
pub(super) fn stronger_login(flow: &Flow, exchange: &Exchange) -> Option<Cure> {
    let response = exchange.response().filter(|it| flow.session.gave_login(it, exchange.came_at()).is_none())?;
    let demand = step_up::demanded(response)?;
    let max_age = demand.seconds().map(|seconds| seconds.to_string());
    let request = &flow.settings.request;
    let new = |name, asked: &str, wanted: Option<String>| Some((name, wanted.filter(|wanted| wanted != asked)?));
    let scope = asked_scope(flow, response).filter(|_| flow.session.way_in.is_none());
    let wanted: Vec<(&'static str, String)> = new("acr_values", &request.acr_values, demand.acr_values)
        .into_iter()
        .chain(new("max_age", &request.max_age, max_age))
        .chain(scope.map(|cure| (cure.setting, cure.value)))
        .collect();
    let named: Vec<String> = wanted.iter().map(|(name, value)| format!("{name} {}", visible(value))).collect();
    let label = format!("Ask for {}", named.join(", "));
    let mut wanted = wanted.into_iter();
    let (setting, value) = wanted.next()?;
    Some(Cure { label, setting, value, also: wanted.collect() })
}

/// Adds words to the scope that is asked for.
pub(in crate::flow) fn more_scope(flow: &Flow, wanted: &str) -> Option<Cure> {
    let asked = &flow.settings.request.scope;
    let is_new = |word: &&str| !scope::words(asked).any(|asked| asked == *word);
    let new: Vec<&str> = scope::words(wanted).filter(is_new).collect();
    let whole = scope::words(asked).chain(new.iter().copied()).collect::<Vec<_>>().join(" ");
    (!new.is_empty()).then(|| Cure::new(format!("Ask for {}", visible(&new.join(" "))), "scope", whole))
}

/// The scope without what this server does not list.
pub(super) fn listed_scope(flow: &Flow) -> Option<Cure> {
    let listed = flow.session.metadata.as_ref()?.supported("scopes_supported")?;
    let asked: Vec<&str> = scope::words(&flow.settings.request.scope).collect();
    let (kept, left): (Vec<&str>, Vec<&str>) = asked.into_iter().partition(|word| listed.contains(word));
    let is_of_use = !kept.is_empty() && !left.is_empty();
    is_of_use.then(|| Cure::new(format!("Leave {} out", visible(&left.join(" "))), "scope", kept.join(" ")))
}

/// The scope of a device without openid, which some servers refuse there.
pub(super) fn without_openid(flow: &Flow, exchange: &Exchange) -> Option<Cure> {
    let kept: Vec<&str> = scope::words(&flow.settings.request.scope).filter(|word| *word != "openid").collect();
    asks_openid_of_device(exchange).then(|| Cure::new("Leave openid out", "scope", kept.join(" ")))
}
