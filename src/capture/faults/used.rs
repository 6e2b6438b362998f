//! Where the token of a login was used, and what became of it there.

use std::time::Duration;

use super::Case;
use super::tokens::answered;
use crate::base::time::spoken;
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::login::StageName;
use crate::capture::recognise::is_nothing;
use crate::capture::rules;
use crate::client::challenge::challenges;
use crate::jose::jwt::{Decoded, decode};
use crate::terms::response::has;

/// An API that refuses the token.
pub(super) fn api(case: &Case<'_>) -> Option<Found> {
    let stages = [StageName::ApiRequest, StageName::UserInfo];
    let calls = case.login.stages.iter().filter(|stage| stages.contains(&stage.name));
    let mut calls = calls.flat_map(|stage| stage.entries.iter().map(move |at| (stage.name, *at)));
    let (stage, at) = calls.find(|(_, at)| matches!(case.entry(*at).status(), Some(401 | 403)))?;
    // An API that is asked again with a newer token and answers has refused the older one.
    let is_mended = case.login.entries(stage).any(|later| {
        later > at
            && case.seen[later].place == case.seen[at].place
            && case.entry(later).status().is_some_and(|it| it < 300)
    });
    // A token that was given up before has to be refused.
    let is_given_up = case.login.entries(StageName::Revocation).any(|earlier| earlier < at);
    // One that was too old is asked for anew and not refused again.
    let is_renewed = answered(case, StageName::Refresh) > Some(at)
        && calls_of(case).filter(|later| *later > at).all(|at| case.entry(at).status() != Some(401));
    if is_mended || is_given_up || case.entry(at).status() == Some(401) && is_renewed {
        return None;
    }
    let challenge = case.entry(at).got("www-authenticate").unwrap_or_default();
    let said = format!("{challenge} {}", super::said::words(&case.seen[at])).to_lowercase();
    if let Some(found) = no_token(case, stage, at) {
        return Some(found);
    }
    let token = access_token(case);
    let audience: Vec<String> = token
        .as_ref()
        .and_then(|token| token.claim("aud"))
        .map(|aud| aud.strings().into_iter().map(str::to_owned).collect())
        .unwrap_or_default();
    let names_audience = super::said::find(&said, &["aud", "audience"]);
    let mut evidence = vec![case.status(at)];
    if !challenge.is_empty() {
        evidence.push(Evidence::saying(at, "response.header.www-authenticate", challenge));
    }
    let to = &case.seen[at].origin;
    let is_for_it = audience.iter().any(|aud| aud.starts_with(to.as_str()));
    let is_refused = said.contains("invalid_token")
        && !audience.is_empty()
        && !is_for_it
        && stage == StageName::ApiRequest
        && super::said::find(&said, &["expired", "signature", "revoked", "scope"]).is_none()
        && expired(case, at).is_none();
    if names_audience.is_some() || is_refused {
        for name in ["resource", "audience"] {
            if case.login.asked(name).is_some() {
                evidence.extend(case.of_request(name));
            }
        }
        evidence.push(Evidence::at(at, "response.body"));
        let of = if audience.is_empty() { String::new() } else { format!(" for {}", audience.join(" and ")) };
        let certainty = if names_audience.is_some() { Certainty::Certain } else { Certainty::Likely };
        let say = format!(
            "The API at {to} refuses the token because of its audience: it is{}",
            if of.is_empty() { " for another".to_owned() } else { of }
        );
        return Some(case.found(&rules::WRONG_AUDIENCE, stage, certainty, say, evidence));
    }
    let status = case.entry(at).status().unwrap_or_default();
    evidence.push(Evidence::at(at, "response.body"));
    let shown = expired(case, at).or_else(|| scope(case, at)).or_else(|| elsewhere(case, at));
    let unshown = if challenge.is_empty() { UNSAID } else { rules::API_REFUSED.fix };
    let (why, next) = shown.unwrap_or_else(|| (String::new(), unshown.to_owned()));
    let say = format!("{to} answers {status} to the token of this login{why}");
    let found = case.found(&rules::API_REFUSED, stage, Certainty::Certain, say, evidence);
    Some(Found { next, ..found })
}

/// What to do where an API refuses and does not say why.
const UNSAID: &str = "Look into the log of the API, which does not say why: it has no WWW-Authenticate (RFC 6750 section 3). \
                      Candidates: the audience, a scope, the issuer, the keys";

/// What was sent is no access token: nothing at all, or the ID token.
fn no_token(case: &Case<'_>, stage: StageName, at: usize) -> Option<Found> {
    let sent = case.seen[at].bearer()?;
    let place = Evidence::at(at, "request.header.authorization");
    let to = &case.seen[at].origin;
    let (say, next) = if is_nothing(sent) {
        let say = format!("The app sent the text \"{sent}\" to {to} in the place of a token");
        (say, "Look where the app takes the token from: the variable had no value yet when the request was made")
    } else {
        let tokens = case.login.entries(StageName::Token).chain(case.login.entries(StageName::Refresh));
        let mut of_login =
            tokens.filter_map(|at| case.seen[at].member("id_token")).chain(case.login.answered("id_token"));
        of_login.find(|token| *token == sent)?;
        let say = format!("The app sent the ID token to {to}, which wants the access token");
        (
            say,
            "Send the access_token of the token answer. The ID token tells the app who signed in, and is for nobody else",
        )
    };
    let evidence = vec![place, case.status(at)];
    Some(Found { next: next.to_owned(), ..case.found(&rules::API_REFUSED, stage, Certainty::Certain, say, evidence) })
}

/// The answer that brought the token of a call.
fn brought_by(case: &Case<'_>, at: usize) -> Option<usize> {
    let sent = case.seen[at].bearer()?;
    let tokens = case.login.entries(StageName::Token).chain(case.login.entries(StageName::Refresh));
    tokens.filter(|token| *token < at && case.seen[*token].member("access_token") == Some(sent)).last()
}

/// The token was sent when it was over.
fn expired(case: &Case<'_>, at: usize) -> Option<(String, String)> {
    let brought = brought_by(case, at)?;
    let good = case.seen[brought].json.as_ref()?.get("expires_in")?.as_i64()?;
    let from = case.entry(brought).started? + case.entry(brought).took;
    let age = case.entry(at).started?.seconds() - from.seconds();
    let has_refresh = case.seen[brought].member("refresh_token").is_some();
    let next = match has_refresh {
        true => "Renew with the refresh token before expires_in is over, and once more where an API says that it is",
        false => {
            "Ask for a new token before expires_in is over: in silence, or with a refresh token, which offline_access may \
                  bring"
        }
    };
    (age >= good && good > 0).then(|| {
        let (good, age) = [good, age].map(|it| spoken(Duration::from_secs(it.unsigned_abs()))).into();
        (format!(": it was good for {good} and was sent after {age}"), next.to_owned())
    })
}

/// The API wants a scope that the token does not have (RFC 6750 section 3.1).
fn scope(case: &Case<'_>, at: usize) -> Option<(String, String)> {
    let challenges = challenges(case.entry(at).response()?);
    let wanted = challenges.iter().find_map(|challenge| challenge.get("scope"))?;
    let granted = brought_by(case, at).and_then(|brought| case.seen[brought].member("scope"));
    let held = granted.or(case.login.asked("scope"))?;
    let lacks: Vec<&str> = wanted.split(' ').filter(|word| !word.is_empty() && !has(held, word)).collect();
    if lacks.is_empty() {
        return None;
    }
    let lacks = lacks.join(" ");
    let was = if case.login.asked("scope").is_some_and(|asked| lacks.split(' ').all(|word| has(asked, word))) {
        "was asked for and not granted"
    } else {
        "was not asked for"
    };
    let next = format!("Ask for the scope {lacks}, and allow it for this client at the provider");
    Some((format!(": it wants the scope {lacks}, which {was}"), next))
}

/// The API refuses this and takes the same token for something else: the user may not have it.
fn elsewhere(case: &Case<'_>, at: usize) -> Option<(String, String)> {
    let sent = case.seen[at].bearer().filter(|_| case.entry(at).status() == Some(403))?;
    let is_taken = |other: &usize| {
        let seen = &case.seen[*other];
        seen.origin == case.seen[at].origin
            && seen.bearer() == Some(sent)
            && seen.it.status().is_some_and(|status| status < 300)
    };
    let taken = calls_of(case).find(is_taken)?;
    let next =
        "The token is good there. Look what this resource demands of the user: a role, an owner, a tenant".to_owned();
    Some((format!(" here, and takes it in entry {}", case.entry(taken).index), next))
}

/// The provider keeps the browser when it is to sign the user out.
pub(super) fn logout(case: &Case<'_>) -> Option<Found> {
    let login = case.login;
    let asked = login.entries(StageName::EndSessionRequest).max()?;
    let pages = login.entries(StageName::EndSessionPages).filter(|at| *at > asked && case.entry(*at).is_page());
    let at = pages.max().unwrap_or(asked);
    let is_back = login.entries(StageName::LogoutReturn).any(|back| back > asked);
    let status = case.entry(at).status().filter(|status| *status >= 400 && !is_back)?;
    let mut evidence = vec![case.status(at), Evidence::at(at, "response.body")];
    let uri = case.seen[asked].param("post_logout_redirect_uri");
    evidence.extend(uri.map(|uri| Evidence::saying(asked, "request.query.post_logout_redirect_uri", uri)));
    let say = format!("The provider answered the logout with {status} and did not send the browser back");
    let stage = if at == asked { StageName::EndSessionRequest } else { StageName::EndSessionPages };
    let is_named = super::said::find(&super::said::words(&case.seen[at]), &LOGOUT).is_some();
    let sure = if is_named { Certainty::Certain } else { Certainty::Likely };
    Some(case.found(&rules::LOGOUT_REFUSED, stage, sure, say, evidence))
}

/// Words of a page that refuses a logout for where it leads.
const LOGOUT: [&str; 4] = ["post_logout_redirect_uri", "redirect uri", "redirect_uri", "id_token_hint"];

fn calls_of(case: &Case<'_>) -> impl Iterator<Item = usize> {
    case.login.entries(StageName::ApiRequest).chain(case.login.entries(StageName::UserInfo))
}

/// The last access token that can be read before the API is called.
fn access_token(case: &Case<'_>) -> Option<Decoded> {
    let calls = case.login.entries(StageName::Token).chain(case.login.entries(StageName::Refresh));
    let brought =
        calls.filter_map(|at| case.seen[at].member("access_token")).last().or(case.login.answered("access_token"))?;
    Some(decode(brought)).filter(|token| token.claims.is_some())
}
