//! What is wrong with the token request and with what it brought.

use std::collections::HashMap;

use super::Case;
use super::refused::{next_of, sent_on, under_way};
use crate::base::json::Json;
use crate::capture::exchange::{Came, Captured, Leg, Seen};
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::login::StageName;
use crate::capture::placeholder;
use crate::capture::recognise::Metadata;
use crate::capture::rules;
use crate::client::pkce::challenge;
use crate::jose::jwt::{Decoded, decode};

/// What a script in a browser calls of a provider.
const CALLED: [StageName; 4] = [StageName::Token, StageName::Refresh, StageName::UserInfo, StageName::ApiRequest];

/// A script's request that the browser did not let through.
pub(super) fn cors(case: &Case<'_>) -> Option<Found> {
    let calls = case.login.stages.iter().filter(|stage| CALLED.contains(&stage.name));
    calls
        .flat_map(|stage| stage.entries.iter().map(move |at| (stage.name, *at)))
        .find_map(|(stage, at)| blocked(case, stage, at))
}

fn blocked(case: &Case<'_>, stage: StageName, at: usize) -> Option<Found> {
    const AROUND: usize = 400;
    let (seen, entry) = (&case.seen[at], case.entry(at));
    let page = case.login.returned_at.map(|back| case.seen[back].origin.clone())?;
    if entry.leg != Leg::Browser || entry.is_page() && entry.status().is_some() || page == seen.origin {
        return None;
    }
    let around = at.saturating_sub(AROUND)..case.seen.len().min(at + AROUND);
    let preflight = around.clone().find(|other| {
        let is_same = case.seen[*other].place == seen.place && case.seen[*other].it.request.method == "OPTIONS";
        is_same
            && (case.entry(*other).got("access-control-allow-origin").is_none()
                || case.entry(*other).status().is_none_or(|it| it >= 300))
    });
    let mut evidence = vec![case.status(at)];
    let what = format!("The script's {} request to {}", stage.slug(), seen.origin);
    if let Came::Nothing(why) = &entry.came {
        let loads = { around }.find(|other| {
            case.seen[*other].origin == seen.origin && case.entry(*other).status().is_some_and(|it| it < 500)
        })?;
        let again = case.login.entries(stage).filter(|later| *later > at && case.seen[*later].place == seen.place);
        if is_unreachable(why) || { again }.any(|later| case.entry(later).status().is_some()) {
            return None;
        }
        evidence.push(case.status(preflight.unwrap_or(loads)));
        let certainty = if preflight.is_some() { Certainty::Certain } else { Certainty::Likely };
        let say =
            format!("{what} has no answer, while pages of that host load: the browser keeps it from the script (CORS)");
        return Some(case.found(&rules::CORS_BLOCKED, stage, certainty, say, evidence));
    }
    let is_cross = entry.sent("origin").is_some_and(|origin| origin != seen.origin && origin != "null");
    if !is_cross || entry.got("access-control-allow-origin").is_some() {
        return None;
    }
    // A refusal without the field may be one that is right, and nothing that follows was kept from the script.
    let goes_on = case
        .login
        .stages
        .iter()
        .any(|later| CALLED.contains(&later.name) && later.entries.iter().any(|other| *other > at));
    if goes_on || stage != StageName::Token {
        return None;
    }
    evidence.push(Evidence::at(at, "response.header.access-control-allow-origin"));
    let say = format!("{what} was answered without Access-Control-Allow-Origin, so the script cannot read it");
    Some(case.found(&rules::CORS_BLOCKED, stage, Certainty::Certain, say, evidence))
}

/// Whether the recorder says that nobody was reached, or that the page was left.
pub(super) fn is_unreachable(why: &str) -> bool {
    let why = why.to_lowercase();
    [
        "refused",
        "name_not_resolved",
        "address",
        "timed_out",
        "aborted",
        "cert",
        "ssl",
        "internet",
        "reset",
        "unknown_host",
        "net_timeout",
        "blocked_by_client",
    ]
    .iter()
    .any(|part| why.contains(part))
}

/// Whether the recorder says that nobody was reached, where nobody stopped it.
pub(super) fn is_unreached(entry: &Captured) -> bool {
    let Came::Nothing(why) = &entry.came else { return false };
    let is_stopped = ["aborted", "blocked_by_client"].iter().any(|part| why.to_lowercase().contains(part));
    is_unreachable(why) && !is_stopped
}

/// One code, two token requests.
pub(super) fn twice(case: &Case<'_>) -> Option<Found> {
    let mut taken: HashMap<&str, usize> = HashMap::new();
    // What was refused at first has not used the code: another way to authenticate was tried, or a nonce of DPoP wanted.
    let is_taken = |at: usize| case.entry(at).status().is_some_and(|status| status < 400) && !says_no(&case.seen[at]);
    let (first, second) = case.login.entries(StageName::Token).find_map(|at| {
        let code = case.seen[at].field("code").filter(|code| placeholder::is_key(code))?;
        let first = taken.get(code).map(|first| (*first, at));
        if is_taken(at) {
            taken.entry(code).or_insert(at);
        }
        first
    })?;
    let mut evidence = vec![Evidence::at(first, "request.form.code"), Evidence::at(second, "request.form.code")];
    let error = case.seen[second].member("error");
    evidence.push(error.map_or_else(|| case.status(second), |error| Evidence::saying(second, "response.body", error)));
    let answer = error.map(|error| format!("; the second was answered {error}")).unwrap_or_default();
    let say = format!("The same code was sent to the token endpoint twice{answer}");
    Some(case.found(&rules::CODE_USED_TWICE, StageName::Token, Certainty::Certain, say, evidence))
}

/// A token request that was refused.
pub(super) fn refused(case: &Case<'_>) -> Option<Found> {
    let stages = [StageName::Token, StageName::Refresh];
    let calls = case.login.stages.iter().filter(|stage| stages.contains(&stage.name));
    let mut calls = calls.flat_map(|stage| stage.entries.iter().map(move |at| (stage.name, *at)));
    let healed = stages.map(|stage| answered(case, stage));
    let is_healed = |stage: StageName, at: usize| healed[usize::from(stage == StageName::Refresh)] > Some(at);
    calls.find_map(|(stage, at)| if is_healed(stage, at) { None } else { refusal(case, stage, at) })
}

/// The last request of a stage that was answered: what was refused before it was mended.
pub(super) fn answered(case: &Case<'_>, stage: StageName) -> Option<usize> {
    let is_answered =
        |at: &usize| case.entry(*at).status().is_some_and(|status| status < 300) && !says_no(&case.seen[*at]);
    case.login.entries(stage).filter(is_answered).max()
}

fn refusal(case: &Case<'_>, stage: StageName, at: usize) -> Option<Found> {
    let (seen, entry) = (&case.seen[at], case.entry(at));
    let error = seen.member("error");
    if matches!(error, Some("authorization_pending" | "slow_down")) {
        return None;
    }
    if let Some(found) = verifier(case, stage, at) {
        return Some(found);
    }
    let Some(status) = entry.status() else {
        let is_lost = entry.leg == Leg::BackChannel || is_unreached(entry);
        return (is_lost && entry.started.is_some()).then(|| unanswered(case, stage, at));
    };
    if (300..400).contains(&status) && entry.location.is_some() {
        return Some(sent_on(case, stage, at));
    }
    if status < 400 && !says_no(seen) {
        return None;
    }
    let said = error.map_or_else(|| "no error of the protocol".to_owned(), |error| described(case, at, error));
    let mut evidence = vec![case.status(at)];
    evidence.push(
        error.map_or_else(|| Evidence::at(at, "response.body"), |error| Evidence::saying(at, "response.body", error)),
    );
    let rule = match error {
        Some("invalid_client" | "incorrect_client_credentials") => &rules::INVALID_CLIENT,
        Some("redirect_uri_mismatch") => &rules::REDIRECT_URI_MISMATCH,
        None if status == 401 => &rules::INVALID_CLIENT,
        Some("invalid_scope") => &rules::INVALID_SCOPE,
        Some("access_denied") => &rules::ACCESS_DENIED,
        None if status >= 500 => &rules::BACK_CHANNEL_FAILED,
        _ => &rules::TOKEN_REFUSED,
    };
    let by = authenticated_by(seen);
    if rule == &rules::INVALID_CLIENT {
        evidence.push(Evidence::at(at, by.1));
    }
    let how =
        if rule == &rules::INVALID_CLIENT { format!("; the client authenticated by {}", by.0) } else { String::new() };
    let cause = under_way(case, stage, at, error);
    let why = cause.as_ref().map(|cause| format!("; {}", cause.say)).unwrap_or_default();
    let say = format!("The token endpoint answered {status}: {said}{how}{why}");
    let mut found = case.found(rule, stage, Certainty::Certain, say, evidence);
    if let Some(next) = cause.map(|cause| cause.next).or_else(|| next_of(case, stage, (rule, error), status)) {
        next.clone_into(&mut found.next);
    }
    Some(found)
}

/// Whether an answer with a good status is a refusal, as GitHub has it.
fn says_no(seen: &Seen<'_>) -> bool {
    seen.member("error").is_some() && seen.member("access_token").is_none()
}

/// The error with what the provider says of it, without what is secret in this login.
pub(super) fn described(case: &Case<'_>, at: usize, error: &str) -> String {
    let Some(description) = case.seen[at].member("error_description") else { return error.to_owned() };
    let hidden = without_secrets(case, description);
    format!("{error}: {}", crate::base::text::elided(hidden.trim().trim_end_matches('.'), 160))
}

/// The beginning of what somebody says, without what is secret in this login.
pub(super) fn without_secrets(case: &Case<'_>, said: &str) -> String {
    let said = crate::base::text::elided(said, 1000).into_owned();
    let secrets = case.login.secrets.iter().filter(|secret| secret.expose().len() >= SECRET_LENGTH);
    secrets.fold(said, |said, secret| said.replace(secret.expose(), "…"))
}

/// Shorter values are words that a sentence may have.
const SECRET_LENGTH: usize = 6;

/// A request of the app itself that nothing came of.
fn unanswered(case: &Case<'_>, stage: StageName, at: usize) -> Found {
    let why = if let Came::Nothing(why) = &case.entry(at).came { why.clone() } else { String::new() };
    let say = format!("The app's request to {} had no answer: {why}", case.seen[at].origin);
    case.found(&rules::BACK_CHANNEL_FAILED, stage, Certainty::Certain, say, vec![case.status(at)])
}

fn authenticated_by(seen: &Seen<'_>) -> (&'static str, &'static str) {
    let is_basic = seen.it.sent("authorization").is_some();
    match () {
        () if is_basic => ("client_secret_basic", "request.header.authorization"),
        () if seen.field("client_assertion").is_some() => ("a client assertion", "request.form.client_assertion"),
        () if seen.field("client_secret").is_some() => ("client_secret_post", "request.form.client_secret"),
        () => ("nothing but its client_id", "request.form.client_id"),
    }
}

/// A verifier that is missing, or of another login.
fn verifier(case: &Case<'_>, stage: StageName, at: usize) -> Option<Found> {
    let asked = case.login.asked("code_challenge").filter(|_| stage == StageName::Token)?;
    let method = case.login.asked("code_challenge_method").unwrap_or("plain");
    let challenged = case.of_request("code_challenge")?;
    let answer = case.seen[at]
        .member("error")
        .map_or_else(|| case.status(at), |error| Evidence::saying(at, "response.body", error));
    let place = Evidence::at(at, "request.form.code_verifier");
    let Some(verifier) = case.seen[at].field("code_verifier") else {
        let has_code = case.seen[at].field("code").is_some();
        let say =
            "The authorization request had a code_challenge, and the token request has no code_verifier".to_owned();
        let evidence = vec![challenged, place, answer];
        return has_code.then(|| case.found(&rules::PKCE_VERIFIER_MISSING, stage, Certainty::Certain, say, evidence));
    };
    if placeholder::is_placeholder(verifier) || placeholder::is_placeholder(asked) {
        return None;
    }
    let made = challenge(method, verifier).filter(|made| made != asked)?;
    let other = case.others.iter().find(|other| other.asked("code_challenge") == Some(made.as_str()));
    let mut evidence = vec![challenged, place, answer];
    let whose = match other.and_then(|other| other.requested_at) {
        Some(at) => {
            evidence.insert(1, Evidence::at(at, "request.query.code_challenge"));
            format!("; it is that of the login that began with entry {}", case.entry(at).index)
        }
        None => String::new(),
    };
    let say = format!("code_verifier of the token request does not fit code_challenge of this login{whose}");
    Some(case.found(&rules::VERIFIER_MISMATCH, stage, Certainty::Certain, say, evidence))
}

/// What the token answer itself shows: another issuer, no nonce, a key that nobody publishes.
pub(super) fn told(case: &Case<'_>) -> Option<Found> {
    let Some((at, place, stage, token)) = id_token(case) else { return returned_issuer(case) };
    issuer(case, at, place, stage, &token)
        .or_else(|| nonce(case, at, place, stage, &token))
        .or_else(|| kid(case, at, place, stage, &token))
}

/// The response names another issuer than the metadata (RFC 9207 section 2.4).
fn returned_issuer(case: &Case<'_>) -> Option<Found> {
    let (at, iss) = (case.login.responded_at()?, case.login.answered("iss")?);
    let document = published(case)?;
    let issuer = document.issuer.as_deref().filter(|issuer| *issuer != iss && !issuer.contains('{'))?;
    let evidence = vec![case.of_response(at, "iss"), Evidence::saying(document.at, "response.body", issuer)];
    let say = format!("The response names the issuer {iss}, the metadata say {issuer}");
    let stage = StageName::AuthorizationResponse;
    Some(case.found(&rules::ISSUER_MISMATCH, stage, Certainty::Certain, say, evidence))
}

/// The metadata of the provider that this login was at.
fn published<'c>(case: &Case<'c>) -> Option<&'c Metadata> {
    let asked = case.login.requested_at.map(|at| &case.seen[at].place);
    let redeemed = case.login.entries(StageName::Token).next().map(|at| &case.seen[at].place);
    let used = |document: &&Metadata| document.endpoints.iter().any(|it| Some(it) == asked || Some(it) == redeemed);
    case.found.documents.metadata.iter().find(used)
}

/// The first ID token of the login, and where it stands.
fn id_token(case: &Case<'_>) -> Option<(usize, &'static str, StageName, Decoded)> {
    let read = |text: &str| Some(decode(text)).filter(|token| token.claims.is_some());
    let of_answer =
        case.login.entries(StageName::Token).find_map(|at| Some((at, read(case.seen[at].member("id_token")?)?)));
    if let Some((at, token)) = of_answer {
        return Some((at, "response.body", StageName::Token, token));
    }
    let (back, text) = (case.login.responded_at()?, case.login.answered("id_token")?);
    let evidence = case.of_response(back, "id_token");
    let place =
        if evidence.place == "request.form.id_token" { "request.form.id_token" } else { "response.header.location" };
    Some((evidence.entry, place, StageName::AuthorizationResponse, read(text)?))
}

fn issuer(case: &Case<'_>, at: usize, place: &str, stage: StageName, token: &Decoded) -> Option<Found> {
    let named = token.claim("iss").and_then(Json::as_str)?;
    let document = published(case);
    let returned = case.login.answered("iss").filter(|iss| *iss != named);
    let published = document
        .and_then(|document| document.issuer.as_deref())
        .filter(|issuer| *issuer != named && !issuer.contains('{'));
    let mut evidence = vec![Evidence::saying(at, place, named)];
    let other = match (published, returned) {
        (Some(issuer), _) => {
            evidence.extend(document.map(|document| Evidence::saying(document.at, "response.body", issuer)));
            format!("the metadata say {issuer}")
        }
        (None, Some(iss)) => {
            evidence.push(case.of_response(case.login.responded_at()?, "iss"));
            format!("the response says {iss}")
        }
        (None, None) => return None,
    };
    let say = format!("The ID token names the issuer {named}, {other}");
    Some(case.found(&rules::ISSUER_MISMATCH, stage, Certainty::Certain, say, evidence))
}

fn nonce(case: &Case<'_>, at: usize, place: &str, stage: StageName, token: &Decoded) -> Option<Found> {
    case.login.asked("nonce").filter(|_| token.claim("nonce").is_none())?;
    let evidence = vec![case.of_request("nonce")?, Evidence::at(at, place)];
    let say = "The request had a nonce, and the ID token has none".to_owned();
    Some(case.found(&rules::NONCE_MISSING, stage, Certainty::Certain, say, evidence))
}

/// The name of the key that a token is signed with, where keys of a provider can fit.
fn named_key(token: &Decoded) -> Option<&str> {
    let header = |name: &str| token.header.as_ref().and_then(|header| header.text(name));
    header("kid").filter(|_| header("alg").is_some_and(|alg| !alg.starts_with("HS") && alg != "none"))
}

/// Key sets of the provider in the recording.
fn key_sets<'c>(case: &Case<'c>) -> Vec<(usize, &'c Json)> {
    let sets =
        || case.found.documents.jwks.iter().filter_map(|at| Some((*at, case.seen[*at].json.as_ref()?.get("keys")?)));
    let origin = |at: usize| &case.seen[at].origin;
    let from = case.login.entries(StageName::Token).next().or(case.login.requested_at).map(origin);
    let named = published(case).and_then(|document| document.jwks_uri.as_deref());
    let is_of_provider = |at: usize| match named {
        Some(uri) => case.entry(at).request.url.as_str() == uri,
        None => Some(origin(at)) == from,
    };
    sets().filter(|(at, _)| is_of_provider(*at)).collect()
}

/// Whether the key that the ID token names is in the recording, and the token has its signature still.
pub(super) fn has_key(case: &Case<'_>) -> bool {
    let Some((_, _, _, token)) = id_token(case) else { return false };
    let is_whole = token.text.rsplit('.').next().is_some_and(|signature| signature.len() >= SIGNATURE_LENGTH);
    let is_here = |kid: &str| {
        let mut keys = key_sets(case).into_iter().flat_map(|(_, keys)| keys.elements());
        keys.any(|key| key.text("kid") == Some(kid))
    };
    is_whole && !placeholder::is_partly(&token.text) && named_key(&token).is_some_and(is_here)
}

/// Shortest signature of a registered algorithm with keys of two halves, in base64url (ES256: 64 bytes).
const SIGNATURE_LENGTH: usize = 86;

fn kid(case: &Case<'_>, at: usize, place: &str, stage: StageName, token: &Decoded) -> Option<Found> {
    let kid = named_key(token)?;
    let sets = key_sets(case);
    // A key without a name may be the one.
    let may_be = |key: &Json| key.text("kid").is_none_or(|known| known == kid);
    let is_known = |keys: &Json| keys.elements().iter().any(may_be);
    if sets.is_empty() || sets.iter().any(|(_, keys)| is_known(keys)) {
        return None;
    }
    let mut evidence = vec![Evidence::saying(at, place, kid)];
    evidence.extend(sets.last().map(|(at, _)| Evidence::at(*at, "response.body")));
    let say = format!("The ID token is signed with the key {kid}, and no key set in the recording has it");
    Some(case.found(&rules::UNKNOWN_KID, stage, Certainty::Certain, say, evidence))
}

/// A client secret in a request of the browser.
pub(super) fn secret(case: &Case<'_>) -> Option<Found> {
    let of_browser = |stage: StageName| case.login.entries(stage).filter(|at| case.entry(*at).leg == Leg::Browser);
    let call = of_browser(StageName::Token).chain(of_browser(StageName::Refresh)).find_map(|at| {
        let seen = &case.seen[at];
        let is_basic = seen.it.sent("authorization").is_some_and(|it| it.to_lowercase().starts_with("basic "));
        let place = if is_basic {
            Some("request.header.authorization")
        } else {
            seen.field("client_secret").map(|_| "request.form.client_secret")
        };
        place.map(|place| (at, place))
    });
    let asked = || {
        case.login
            .requested_at
            .filter(|at| case.seen[*at].param("client_secret").is_some())
            .map(|at| (at, "request.query.client_secret"))
    };
    let (at, place) = call.filter(|_| case.recorder.is_browser || case.login.returned_at.is_some()).or_else(asked)?;
    let stage = if place.contains("query") { StageName::AuthorizationRequest } else { StageName::Token };
    let say = "The client's secret is in a request of the browser, where whoever opens the app can read it".to_owned();
    Some(case.found(&rules::SECRET_IN_BROWSER, stage, Certainty::Certain, say, vec![Evidence::at(at, place)]))
}
