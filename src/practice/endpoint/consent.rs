//! `/consent`: may the client have what it wants?

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::fields::Fields;
use crate::practice::{Practice, interaction, page};

/// Shows the page (GET) or takes the decision (POST).
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    let answered = if request.method == "GET" { show(practice, request) } else { decide(practice, request, now) };
    answered.unwrap_or_else(|what| page::problem(practice, 400, what))
}

fn show(practice: &Practice, http: &HttpRequest) -> Result<HttpResponse, &'static str> {
    let fields = Fields::of(http).map_err(|_| "")?;
    let id = interaction::transaction_id(&fields);
    Ok(interaction::show(practice, interaction::transaction(practice, http, id)?, id))
}

fn decide(practice: &mut Practice, http: &HttpRequest, now: Timestamp) -> Result<HttpResponse, &'static str> {
    let fields = Fields::of(http).map_err(|_| "The consent page sends a form.")?;
    let id = interaction::transaction_id(&fields);
    let transaction = interaction::transaction(practice, http, id)?.clone();
    let login = transaction.login.ok_or("Nobody has signed in for this request yet.")?;
    let request = transaction.request;
    let response = match fields.get("decision") {
        Some("allow") => {
            practice.why.say(format!("{} allows {}", login.sub, request.scope));
            interaction::allow(practice, &transaction.cookie, &request, &login);
            interaction::approve(practice, &request, &login, now)
        }
        Some("deny") => interaction::refuse(practice, &request, ("access_denied", "the user chose Deny"), now),
        _ => return Err("The decision is allow or deny."),
    };
    practice.store.transactions.take(id);
    Ok(response)
}
