//! `/api/pay`: an API that wants to know who is there and not only whose token it is: a strong login, of now (RFC 9470).

use std::time::Duration;

use serde_json::{Value, json};

use super::me::meant_for_this;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::{Timestamp, spoken};
use crate::practice::authorization::ACR_VALUES;
use crate::practice::bearer::{self, Access, Denied};
use crate::practice::fault::Fault;
use crate::practice::{Practice, answer};

const MEANT: &str = "access token is for this API";
const STRONG: &str = "login is strong enough and new enough";
/// The class that it wants: the stronger of the two.
const ACR: &str = ACR_VALUES[1];
/// How long ago the login may have been.
const MAX_AGE: Duration = Duration::from_secs(300);

/// Answers with whose money it would have been.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    match read(practice, request, now) {
        Ok(body) => answer::json(200, &body),
        Err(denied) => denied.answer(practice, request),
    }
}

fn read(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> Result<Value, Denied> {
    let access = bearer::check(practice, request, now)?;
    practice.why.check(MEANT, access.token.audience.join(" "), meant_for_this(practice, &access))?;
    let login = access.approval.login.as_ref();
    let saw = login.map_or_else(
        || "nobody signed in".to_owned(),
        |login| format!("acr {}, {} ago", login.acr, spoken(now.since(login.auth_time))),
    );
    let will_do = is_strong(&access, now) && !practice.is_faulty(Fault::EndlessStepUp);
    let denied = || Denied::WeakLogin { acr_values: ACR, max_age: MAX_AGE.as_secs() };
    practice.why.check(STRONG, saw, will_do.then_some(()).ok_or_else(denied))?;
    let sub = &access.approval.sub;
    practice.why.say(format!("{sub} pays"));
    Ok(json!({ "paid_by": sub, "acr": ACR }))
}

fn is_strong(access: &Access, now: Timestamp) -> bool {
    let login = access.approval.login.as_ref();
    login.is_some_and(|login| login.acr == ACR && now.since(login.auth_time) <= MAX_AGE)
}
