//! `/ciba`: stands for the users' phones, where requests of CIBA clients arrive and are decided.

use super::decided;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::text::counted;
use crate::base::time::Timestamp;
use crate::practice::fields::Fields;
use crate::practice::store::{Approval, Backchannel, Decision, Pending};
use crate::practice::{Practice, interaction, page, pending, token};

/// Shows one request by the beginning of its name, those of one user, or all (GET), or takes a decision (POST).
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    let Ok(fields) = Fields::of(request) else {
        return page::problem(practice, 400, "This page sends a form with a decision.");
    };
    if request.method == "GET" {
        return show(practice, &fields, now);
    }
    let id = fields.get("request").unwrap_or_default();
    let decided = match fields.get("decision") {
        Some("allow") => allow(practice, id, now).map(|()| "Approved"),
        Some("deny") => pending::decide(practice, id, Decision::Denied, now).map(|()| "Denied"),
        _ => Err("The decision is allow or deny."),
    };
    match decided {
        Ok(title) => {
            decided::push(practice, id, now);
            page::done(practice, title, "The app is told when it asks the next time.")
        }
        Err(problem) => page::problem(practice, 400, problem),
    }
}

fn show(practice: &Practice, fields: &Fields, now: Timestamp) -> HttpResponse {
    let (user, id) = (fields.get("user"), fields.get("request").unwrap_or_default());
    let open = practice.store.pending.iter().filter(|pending| pending.is_open(now));
    let is_asked =
        |backchannel: &&Backchannel| user.is_none_or(|user| backchannel.sub == user) && backchannel.id.starts_with(id);
    let mut requests: Vec<(&Pending, &Backchannel)> =
        open.filter_map(|pending| Some((pending, pending.backchannel.as_ref().filter(is_asked)?))).collect();
    requests.sort_by_key(|(pending, backchannel)| (pending.issued_at, &backchannel.id));
    practice.why.say(counted(requests.len(), "request waits", "requests wait"));
    page::ciba(&practice.config, &requests)
}

fn allow(practice: &mut Practice, id: &str, now: Timestamp) -> Result<(), &'static str> {
    let open = practice.store.pending.get(id).filter(|pending| pending.is_open(now)).ok_or(pending::TOO_LATE)?.clone();
    let backchannel = open.backchannel.ok_or(pending::TOO_LATE)?;
    let login = interaction::login(practice, &backchannel.sub, &backchannel.acr_values, now);
    let approval = Approval {
        authorization_details: open.authorization_details,
        client_id: open.client_id,
        scope: open.scope,
        resource: open.resource,
        sub: backchannel.sub,
        login: Some(login),
        act: None,
        approved_at: now,
    };
    practice.facts.params = open.asked;
    let issue = token::approve(practice, approval);
    pending::decide(practice, id, Decision::Approved(issue.approval), now)
}
