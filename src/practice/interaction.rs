//! Between the authorization request and its answer: who is in front of the browser, what has to
//! be asked, and what follows from it (OIDC Core sections 3.1.2.3 and 3.1.2.4).

use super::Practice;
use super::authorization::{ACR_VALUES, AuthorizationRequest, Prompt};
use super::authorization_response;
use super::automatic;
use super::config::{self, Config, Consent};
use super::fault::Fault;
use super::fields::Fields;
use super::page;
use super::pending;
use super::pushed;
use super::return_to::ReturnTo;
use super::store::{Allowed, Approval, Browser, Decision, Login, Transaction};
use super::token;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::terms::error::OAuthError;
use crate::terms::scope::beyond;

const COOKIE: &str = "practice_session";
/// The same with TLS: cookies know no ports, and a browser lets no plain page write over one of TLS.
const TLS_COOKIE: &str = "practice_session_tls";

/// Shows the first page that is needed, or answers at once when none is.
pub fn begin(
    practice: &mut Practice,
    http: &HttpRequest,
    request: AuthorizationRequest,
    now: Timestamp,
) -> HttpResponse {
    let mut cookie = recognise(practice, http, now);
    if let Some(Fault::Error(code)) = practice.fault(Fault::Error("")) {
        let refused = refuse(practice, &request, (code, "this was asked for: a fault is on"), now);
        return remember(http, refused, &cookie, &practice.config);
    }
    let silent = request.asks(Prompt::None);
    let mut login = signed_in(practice, &cookie).filter(|login| request.accepts(login, &practice.config, now));
    // With prompt=none nobody signs in anew, not even by itself (OIDC Core section 3.1.2.1).
    if !silent && automatic::is_next(practice) && (login.is_none() || !practice.next_users.is_empty()) {
        match by_itself(practice, &cookie, &request, now) {
            Ok((own, signed_in)) => (cookie, login) = (own, Some(signed_in)),
            Err(why) => {
                let refused = refuse(practice, &request, ("login_required", &why), now);
                return remember(http, refused, &cookie, &practice.config);
            }
        }
    }
    let response = match login {
        None if silent => {
            let why = without_sign_in(http, &practice.config);
            refuse(practice, &request, ("login_required", &why), now)
        }
        Some(login) if silent && needs_consent(practice, &cookie, &request, &login) => {
            refuse(practice, &request, ("consent_required", "the user has not allowed this yet"), now)
        }
        Some(login) if !needs_consent(practice, &cookie, &request, &login) => approve(practice, &request, &login, now),
        login => wait(practice, Transaction { request, cookie: cookie.clone(), login }, now),
    };
    remember(http, response, &cookie, &practice.config)
}

/// Why nobody is known to be signed in. A frame of another site brings no cookie that is `SameSite=Lax` (RFC 6265 bis
/// section 5.2), also where somebody is signed in.
fn without_sign_in(http: &HttpRequest, config: &Config) -> String {
    let says = |name: &str, value: &str| http.headers.get(name) == Some(value);
    let is_foreign_frame = says("sec-fetch-dest", "iframe") && says("sec-fetch-site", "cross-site");
    if !is_foreign_frame || has_name(http) {
        return "no sign-in here fits the request".to_owned();
    }
    let host = config.issuer.host_str().unwrap_or_default();
    format!(
        "no cookie came: a frame of another site sends none. Open the app at the host {host} too, or renew with a \
         refresh token"
    )
}

/// Signs somebody in who sits at no page.
fn by_itself(
    practice: &mut Practice,
    cookie: &Secret,
    request: &AuthorizationRequest,
    now: Timestamp,
) -> Result<(Secret, Login), String> {
    let sub = automatic::user(practice, request)?;
    if let Some((_, by)) = request.named().filter(|_| !request.is_for(&sub)) {
        // Never tokens of another user than the one that is named (OIDC Core section 3.1.2.2).
        return Err(format!("{sub} would sign in, and {by} names another user"));
    }
    practice.why.say(format!("{sub} signed in, and nobody was asked"));
    Ok(sign_in(practice, cookie, &sub, &request.acr_values, now))
}

/// Keeps the request and shows the page that comes next.
fn wait(practice: &mut Practice, transaction: Transaction, now: Timestamp) -> HttpResponse {
    let id = practice.draw();
    let page = show(practice, &transaction, id.expose());
    practice.store.transactions.put(id.expose(), transaction, now);
    page
}

/// The page a transaction waits at: consent once somebody has signed in for it, the login page before.
pub fn show(practice: &Practice, transaction: &Transaction, id: &str) -> HttpResponse {
    let (config, request) = (&practice.config, &transaction.request);
    let Some(client) = config.client(&request.client_id) else {
        return page::problem(practice, 400, "The client of this sign-in is gone.");
    };
    match transaction.login.as_ref().and_then(|login| config.user(&login.sub)) {
        Some(user) => {
            practice.why.say(format!("the page that asks {} for consent", user.sub));
            page::consent(config, client, request, user, id)
        }
        None => {
            practice.why.say("the login page");
            page::login(config, client, request, id)
        }
    }
}

/// The transaction that a page belongs to, for the browser it was shown in and no other.
///
/// # Errors
/// What to tell the user.
pub fn transaction<'a>(practice: &'a Practice, http: &HttpRequest, id: &str) -> Result<&'a Transaction, &'static str> {
    let Some(transaction) = practice.store.transactions.get(id) else {
        return Err("This sign-in is over or took too long. Start again from the app.");
    };
    practice.why.client(&transaction.request.client_id);
    if !is_from(http, &transaction.cookie) {
        return Err(
            "This sign-in was started in another browser, or this browser refuses cookies. Start again from the app.",
        );
    }
    Ok(transaction)
}

/// The field of a page that names its transaction.
pub fn transaction_id(fields: &Fields) -> &str {
    fields.get("transaction").unwrap_or_default()
}

/// Signs a user in: the browser gets a new name, so that one who knew the old one gains nothing.
pub fn sign_in(
    practice: &mut Practice,
    old: &Secret,
    sub: &str,
    acr_values: &[&str],
    now: Timestamp,
) -> (Secret, Login) {
    let login = login(practice, sub, acr_values, now);
    let cookie = practice.draw();
    let mut browser = practice.store.browsers.take(old.expose()).unwrap_or_default();
    browser.login = Some(login.clone());
    practice.store.browsers.put(cookie.expose(), browser, now);
    for transaction in practice.store.transactions.iter_mut().filter(|transaction| transaction.cookie == *old) {
        transaction.cookie = cookie.clone();
    }
    (cookie, login)
}

/// A sign-in that happens now. It claims the first class that was asked for.
pub fn login(practice: &mut Practice, sub: &str, acr_values: &[&str], now: Timestamp) -> Login {
    let acr = acr_values.first().copied().unwrap_or(ACR_VALUES[0]).to_owned();
    Login { sub: sub.to_owned(), auth_time: now, acr, sid: practice.entropy.token() }
}

/// Whether the consent page has to be shown.
pub fn needs_consent(practice: &Practice, cookie: &Secret, request: &AuthorizationRequest, login: &Login) -> bool {
    let covers = |allowed: &Allowed| {
        allowed.sub == login.sub
            && allowed.client_id == request.client_id
            && beyond(&request.scope, &allowed.scope).is_empty()
    };
    let browser = practice.store.browsers.get(cookie.expose());
    let is_allowed = || browser.is_some_and(|browser| browser.allowed.iter().any(covers));
    match automatic::consent(&practice.config, &request.client_id) {
        Consent::Ask => true,
        Consent::Remember => request.asks(Prompt::Consent) || !is_allowed(),
        Consent::Skip => request.asks(Prompt::Consent) && practice.config.login == config::Login::Page,
    }
}

/// Keeps in mind what the user allowed, beside what was allowed before.
pub fn allow(practice: &mut Practice, cookie: &Secret, request: &AuthorizationRequest, login: &Login) {
    let Some(browser) = practice.store.browsers.get_mut(cookie.expose()) else { return };
    let is_same = |known: &&mut Allowed| known.sub == login.sub && known.client_id == request.client_id;
    match browser.allowed.iter_mut().find(is_same) {
        Some(known) => {
            let more = beyond(&request.scope, &known.scope).join(" ");
            known.scope = format!("{} {more}", known.scope).trim().to_owned();
        }
        None => {
            let (sub, client_id, scope) = (login.sub.clone(), request.client_id.clone(), request.scope.clone());
            browser.allowed.push(Allowed { sub, client_id, scope });
        }
    }
}

/// Keeps what the user approved and answers: the client straight away, a device at its next poll.
pub fn approve(practice: &mut Practice, request: &AuthorizationRequest, login: &Login, now: Timestamp) -> HttpResponse {
    pushed::use_up(practice, &request.carrier);
    let login = &whose(practice, request, login);
    let approval = Approval {
        authorization_details: request.authorization_details.clone(),
        client_id: request.client_id.clone(),
        scope: request.scope.clone(),
        resource: request.resource.clone(),
        sub: login.sub.clone(),
        login: Some(login.clone()),
        act: None,
        approved_at: now,
    };
    practice.facts.params.clone_from(&request.asked);
    let issue = token::approve(practice, approval);
    practice.store.asked_claims.put(&issue.approval, request.claims.clone(), now);
    match &request.return_to {
        ReturnTo::Client(redirect) => authorization_response::send(practice, request, redirect, (&issue, login), now),
        ReturnTo::Device { pending, .. } => {
            let what = "The app on your device goes on by itself within a few seconds.";
            settle(practice, pending, Decision::Approved(issue.approval), ("Device connected", what), now)
        }
    }
}

/// Whose tokens are issued: those of somebody else where a user is named and the fault is on.
fn whose(practice: &Practice, request: &AuthorizationRequest, login: &Login) -> Login {
    let others = practice.config.users.iter().filter(|user| !request.is_for(&user.sub));
    match others.into_iter().next().filter(|_| practice.is_faulty(Fault::AnotherUser)) {
        Some(other) => Login { sub: other.sub.clone(), ..login.clone() },
        None => login.clone(),
    }
}

/// Hands the decision to whoever polls for it, and tells the user what was done.
fn settle(
    practice: &mut Practice,
    id: &str,
    decision: Decision,
    (title, what): (&str, &str),
    now: Timestamp,
) -> HttpResponse {
    match pending::decide(practice, id, decision, now) {
        Ok(()) => page::done(practice, title, what),
        Err(problem) => page::problem(practice, 400, problem),
    }
}

/// Answers with an error.
pub fn refuse(
    practice: &mut Practice,
    request: &AuthorizationRequest,
    (error, why): (&str, &str),
    now: Timestamp,
) -> HttpResponse {
    pushed::use_up(practice, &request.carrier);
    match &request.return_to {
        ReturnTo::Client(redirect) => redirect.error(&OAuthError::new(error, why), practice),
        ReturnTo::Device { pending, .. } => {
            settle(practice, pending, Decision::Denied, ("Access denied", "The app on your device is told so."), now)
        }
    }
}

/// The same answer, with the browser's name for the next visit. Scripts cannot read it, and it
/// does not travel with what other sites post here.
pub fn remember(http: &HttpRequest, response: HttpResponse, cookie: &Secret, config: &Config) -> HttpResponse {
    let secure = if http.url.scheme() == "https" { "; Secure" } else { "" };
    let name = cookie_name(http);
    let value = format!("{name}={}; {}; HttpOnly; SameSite=Lax{secure}", cookie.expose(), path(config));
    response.with_header("Set-Cookie", value)
}

/// Whether a request comes from the browser of this cookie.
pub fn is_from(http: &HttpRequest, browser: &Secret) -> bool {
    cookie(http) == Some(browser.expose())
}

/// Whether a request comes from a browser that was here before.
pub fn has_name(http: &HttpRequest) -> bool {
    cookie(http).is_some()
}

/// The browser that a request comes from and who is signed in in it, if anybody is.
pub fn current(practice: &Practice, http: &HttpRequest) -> Option<(Secret, Login)> {
    let cookie = Secret::new(cookie(http)?);
    signed_in(practice, &cookie).map(|login| (cookie, login))
}

/// The same answer, after which the browser is nobody's and has no name.
pub fn sign_out(practice: &mut Practice, http: &HttpRequest, response: HttpResponse) -> HttpResponse {
    let Some(cookie) = cookie(http) else { return response };
    practice.store.browsers.take(cookie);
    let (name, path) = (cookie_name(http), path(&practice.config));
    response.with_header("Set-Cookie", format!("{name}=; {path}; Max-Age=0; HttpOnly; SameSite=Lax"))
}

/// Servers beside this one do not get its cookie (RFC 6265 section 5.1.4).
fn path(config: &Config) -> String {
    format!("Path={}", config.issuer.path())
}

/// The browser's name; a new one for a browser that has none, or one that this server did not give.
fn recognise(practice: &mut Practice, http: &HttpRequest, now: Timestamp) -> Secret {
    let known = cookie(http).filter(|name| practice.store.browsers.get(name).is_some());
    known.map(Secret::new).unwrap_or_else(|| {
        let name = practice.draw();
        practice.store.browsers.put(name.expose(), Browser::default(), now);
        name
    })
}

fn signed_in(practice: &Practice, cookie: &Secret) -> Option<Login> {
    practice.store.browsers.get(cookie.expose())?.login.clone()
}

fn cookie_name(http: &HttpRequest) -> &'static str {
    if http.url.scheme() == "https" { TLS_COOKIE } else { COOKIE }
}

fn cookie(http: &HttpRequest) -> Option<&str> {
    let pairs = http
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("cookie"))
        .flat_map(|(_, value)| value.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == cookie_name(http))
        .map(|(_, value)| value)
}
