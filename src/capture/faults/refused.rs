//! What a token request that was refused shows of the cause, and the step that fits its grant, status and error.

use std::time::Duration;

use super::Case;
use crate::base::check::Rule;
use crate::base::json::Json;
use crate::base::time::spoken;
use crate::capture::exchange::place;
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::login::StageName;
use crate::capture::rules;
use crate::terms::grant::Grant;

/// A cause that the messages show by themselves.
pub(super) struct Cause {
    pub say: String,
    pub next: &'static str,
}

/// So long a code may be under way, in seconds: the shortest that providers give it.
const PROMPT: u64 = 30;

/// Why a code or a refresh token was refused that is known from before.
pub(super) fn under_way(case: &Case<'_>, stage: StageName, at: usize, error: Option<&str>) -> Option<Cause> {
    error.filter(|error| matches!(*error, "invalid_grant" | "bad_verification_code"))?;
    if stage == StageName::Refresh { reused(case, at) } else { late(case, at) }
}

/// The code came long before it was redeemed (RFC 6749 section 4.1.2).
fn late(case: &Case<'_>, at: usize) -> Option<Cause> {
    let login = case.login;
    let code = case.seen[at].field("code").filter(|code| login.answered("code") == Some(code))?;
    let is_sent = |entry: usize| case.entry(entry).location.as_ref().is_some_and(|url| url.as_str().contains(code));
    let sent = login.entries(StageName::LoginPages).find(|entry| is_sent(*entry));
    let from = case.entry(sent.or(login.responded_at())?);
    let waited = case.entry(at).started?.since(from.started? + from.took);
    (waited.as_secs() >= PROMPT).then(|| Cause {
        say: format!("the code was {} under way", spoken(Duration::from_secs(waited.as_secs()))),
        next: "Redeem the code at once: many providers take it for half a minute or one, none for more than ten (RFC 6749 \
               section 4.1.2). Look what holds the app up between the response and the token request",
    })
}

/// The refresh token was sent before, and a new one came for it (RFC 9700 section 4.14.2).
fn reused(case: &Case<'_>, at: usize) -> Option<Cause> {
    let token = case.seen[at].field("refresh_token")?;
    let brought_new = |earlier: &usize| {
        let seen = &case.seen[*earlier];
        *earlier < at
            && seen.field("refresh_token") == Some(token)
            && seen.member("refresh_token").is_some_and(|new| new != token)
    };
    let before = case.login.entries(StageName::Refresh).find(brought_new)?;
    Some(Cause {
        say: format!("entry {} sent the same refresh token, and a new one came for it", case.entry(before).index),
        next: "Keep the newest refresh token, and let one request at a time renew: two tabs or two calls that renew at once \
               send the same one. Let the user sign in again, since the provider may have revoked all of them",
    })
}

/// What to do, by grant, status and error; `None` where the rule says it.
pub(super) fn next_of(
    case: &Case<'_>,
    stage: StageName,
    (rule, error): (&'static Rule, Option<&str>),
    status: u16,
) -> Option<&'static str> {
    let is_plain = rule == &rules::TOKEN_REFUSED || rule == &rules::BACK_CHANNEL_FAILED;
    let is_elsewhere = matches!(case.login.grant, Some(Grant::DeviceCode | Grant::Ciba));
    Some(match (status, error) {
        _ if !is_plain => return None,
        (404 | 405, None) => NOWHERE,
        (429, _) => OFTEN,
        (500.., _) => FAILED,
        _ if stage == StageName::Refresh => REFRESH,
        (_, Some("expired_token")) => EXPIRED,
        _ if is_elsewhere => POLLED,
        _ => return None,
    })
}

const REFRESH: &str = "The refresh token is expired, revoked, used before, or of another client. Let the user sign in \
                       again, and keep the newest refresh token where each answer brings a new one";
const NOWHERE: &str = "Give the app the token_endpoint of the provider's metadata, with its whole path: what answers there \
                       takes no token requests";
const OFTEN: &str = "The provider limits how often it is asked. Wait as long as Retry-After says, and look what asks so often: \
                     a loop, an effect that runs twice, many users behind one address";
const FAILED: &str = "The provider failed by itself: look into its log or status page. Begin the login anew later, since the \
                      code may be spent";
const EXPIRED: &str = "The user did not finish in time. Begin anew with a new code, show it at once, and stop polling when \
                       expires_in is over";
const POLLED: &str = "Poll with the device_code or auth_req_id of this login and with the client that began it, and not again \
                      once tokens came for it";

/// The token endpoint sends the request elsewhere: a client that follows makes a GET of it, without the form (RFC 9110
/// section 15.4.2).
pub(super) fn sent_on(case: &Case<'_>, stage: StageName, at: usize) -> Found {
    let entry = case.entry(at);
    let to = entry.location.as_ref().map(place).unwrap_or_default();
    let status = entry.status().unwrap_or_default();
    let mut evidence = vec![case.status(at), Evidence::saying(at, "response.header.location", &to)];
    let followed = case.next[at].filter(|next| *next > at);
    let then = match followed {
        Some(next) => {
            evidence.push(case.status(next));
            let answer = case.entry(next).status().map_or_else(|| "nothing".to_owned(), |status| status.to_string());
            format!("; the {} that followed was answered {answer}", case.entry(next).request.method)
        }
        None => String::new(),
    };
    let say = format!("The token endpoint answered {status} and sends the request on to {to}{then}");
    let found = case.found(&rules::TOKEN_REFUSED, stage, Certainty::Certain, say, evidence);
    Found { next: MOVED.to_owned(), ..found }
}

const MOVED: &str = "Give the app the address that it is sent to: a client that follows a redirect makes a GET of the request \
                     and leaves the code out. Most often http is to be https, or a slash at the end differs";

/// Who waits for a user on another device asks more often than it was told to (RFC 8628 section 3.5, CIBA section 11).
pub(super) fn too_fast(case: &Case<'_>) -> Option<Found> {
    const INTERVAL: i64 = 5;
    let begun = case.login.stages.first().and_then(|stage| stage.entries.first()).copied()?;
    let given = case.seen[begun].json.as_ref().and_then(|json| json.get("interval")).and_then(Json::as_i64);
    let polls: Vec<usize> = case.login.entries(StageName::Token).collect();
    if polls.iter().any(|at| case.seen[*at].member("access_token").is_some()) {
        return None;
    }
    let is_told = |at: usize| case.seen[at].member("error") == Some("slow_down");
    let mut interval = given.unwrap_or(INTERVAL);
    let mut early: Option<(usize, i64, i64)> = None;
    for pair in polls.windows(2) {
        // Each slow_down makes the interval five seconds longer.
        interval += if is_told(pair[0]) { INTERVAL } else { 0 };
        let waited = case.entry(pair[1]).started?.millis_after(case.entry(pair[0]).started?);
        if is_told(pair[0]) && is_told(pair[1]) && waited < interval * 1000 {
            early = early.or(Some((pair[1], waited, interval)));
        }
    }
    let (at, waited, interval) = early?;
    let count = polls.iter().filter(|at| is_told(**at)).count();
    let evidence = vec![Evidence::saying(at, "response.body", "slow_down"), Evidence::at(begun, "response.body")];
    let say = format!(
        "The client polls too fast: it was answered slow_down {count} times and asked again after {}, when {interval} s were due",
        spoken(Duration::from_millis(u64::try_from(waited).unwrap_or_default()))
    );
    Some(case.found(&rules::POLLS_TOO_FAST, StageName::Token, Certainty::Certain, say, evidence))
}
