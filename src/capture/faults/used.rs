//! Where the token of a login was used, and what became of it there.

use super::Case;
use super::tokens::answered;
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::login::StageName;
use crate::capture::rules;
use crate::jose::jwt::{Decoded, decode};

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
    let token = access_token(case);
    let audience: Vec<String> = token
        .as_ref()
        .and_then(|token| token.claim("aud"))
        .map(|aud| aud.strings().into_iter().map(str::to_owned).collect())
        .unwrap_or_default();
    let names_audience = super::said::find(&said, &["aud", "audience"]);
    let mut evidence = vec![case.status(at), Evidence::saying(at, "response.header.www-authenticate", challenge)];
    let to = &case.seen[at].origin;
    let is_for_it = audience.iter().any(|aud| aud.starts_with(to.as_str()));
    let is_refused = said.contains("invalid_token")
        && !audience.is_empty()
        && !is_for_it
        && stage == StageName::ApiRequest
        && super::said::find(&said, &["expired", "signature", "revoked", "scope"]).is_none();
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
    let say = format!("{to} answers {status} to the token of this login");
    Some(case.found(&rules::API_REFUSED, stage, Certainty::Certain, say, evidence))
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
