//! `/login`: somebody chose a user on the login page.

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::fields::Fields;
use crate::practice::place::base;
use crate::practice::{Practice, answer, interaction, page};

/// Signs the chosen user in and goes on to the consent page, or to the client when nothing is left to ask.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    submit(practice, request, now).unwrap_or_else(|what| page::problem(practice, 400, what))
}

fn submit(practice: &mut Practice, http: &HttpRequest, now: Timestamp) -> Result<HttpResponse, &'static str> {
    let fields = Fields::of(http).map_err(|_| "The login page sends a form.")?;
    let id = interaction::transaction_id(&fields);
    let transaction = interaction::transaction(practice, http, id)?.clone();
    let user = fields.get("username").and_then(|sub| practice.config.user(sub)).ok_or("There is no such demo user.")?;
    let (sub, request) = (user.sub.clone(), transaction.request);
    let (cookie, login) = interaction::sign_in(practice, &transaction.cookie, &sub, &request.acr_values, now);
    practice.why.say(format!("{sub} signed in"));
    let response = if let Some((_, by)) = request.named().filter(|_| !request.is_for(&sub)) {
        // Never tokens of another user than the one that is named (OIDC Core section 3.1.2.2).
        practice.store.transactions.take(id);
        let why = format!("another user signed in than {by} names");
        interaction::refuse(practice, &request, ("login_required", &why), now)
    } else if interaction::needs_consent(practice, &cookie, &request, &login) {
        if let Some(transaction) = practice.store.transactions.get_mut(id) {
            transaction.login = Some(login);
        }
        // Without a host: the browser may have come by another name than the issuer's, and its cookie stays there.
        answer::redirect(format!("{}/consent?transaction={id}", base(&practice.config.issuer)))
    } else {
        practice.store.transactions.take(id);
        interaction::approve(practice, &request, &login, now)
    };
    Ok(interaction::remember(http, response, &cookie, &practice.config))
}
