//! A wait for the browser or for a ping that came to nothing: what was turned away meanwhile, and what to try.

use url::Url;

use crate::base::check::{Check, Rule, Verdict};
use crate::base::params::Params;
use crate::base::text::visible;
use crate::base::time::spoken;
use crate::base::typed::typed;
use crate::client::rules::{backchannel as rule, encryption, jarm};
use crate::jose::jwt::{Form, decode};

use super::Flow;
use super::action::{Failure, Wait};
use super::callback::{Refusal, Stray, other_case};
use super::registration::to_register;
use super::stage::Stage;
use super::trace::{Answer, Exchange};
use super::unlisted;

/// Most requests that are named one by one.
const NAMED: usize = 3;

/// What browsers and their extensions fetch by themselves.
const NOISE: [&str; 4] = ["/favicon.ico", "/apple-touch-icon", "/robots.txt", "/.well-known/"];

/// A wait with the likeliest reason why nothing came of what came, if anything did.
pub(super) fn with_turned_away(flow: &Flow, failure: &Failure) -> Failure {
    match failure {
        Failure::Wait(wait) => {
            Failure::Wait(Wait { turned_away: telling(flow).map(|stray| stray.why.clone()), ..wait.clone() })
        }
        other => other.clone(),
    }
}

/// What came, in one line: how the wait ended, and what was turned away until then.
pub(super) fn came(flow: &Flow, failure: &Failure) -> String {
    let mut told: Vec<(u8, String, usize)> = Vec::new();
    for stray in flow.trace.strays_now() {
        let text = format!("{} ({})", stray.what, stray.why);
        match told.iter_mut().find(|(_, known, _)| *known == text) {
            Some((_, _, times)) => *times += 1,
            None => told.push((rank(&stray.why), text, 1)),
        }
    }
    if told.is_empty() || !matches!(failure, Failure::Wait(_)) {
        return failure.to_string();
    }
    told.sort_by_key(|(rank, ..)| *rank);
    let more: usize = told.iter().skip(NAMED).map(|(.., times)| times).sum();
    let times = |times: usize| if times == 1 { String::new() } else { format!(", {times} times") };
    let mut named: Vec<String> =
        told.iter().take(NAMED).map(|(_, text, count)| format!("{text}{}", times(*count))).collect();
    named.extend((more > 0).then(|| format!("and {more} more")));
    format!("{failure}; turned away meanwhile: {}", named.join("; "))
}

/// What to try after a wait at this stage, for what the browser was sent with.
pub(super) fn advice(flow: &Flow, stage: Stage, exchange: &Exchange) -> Vec<String> {
    let usual = match stage {
        _ if is_stopped(exchange) => vec![STOPPED.to_owned(), PAGE.to_owned(), paste()],
        Stage::Verification => {
            vec!["Open the page in a browser and approve there, or approve as another user.".to_owned()]
        }
        Stage::Logout => of_logout(exchange),
        _ => vec![
            to_register(
                "redirect URI at the server",
                &exchange.settings.client.redirect_uri,
                flow.own.listening_at.as_ref().map_or(flow.settings.client.redirect_uri.as_str(), Url::as_str),
            ),
            PAGE.to_owned(),
            paste(),
        ],
    };
    // A server may show nothing, or its own page, for what it does not do.
    let mut lines = unlisted::lines(flow, exchange, "", "", false).0;
    lines.extend(outlasted(flow, exchange));
    lines.extend(usual);
    after_turned_away(flow, lines)
}

/// A pushed request that was over before the wait was (RFC 9126 section 2.2).
fn outlasted(flow: &Flow, exchange: &Exchange) -> Option<String> {
    let pushed = flow.session.pushed.as_ref().filter(|_| exchange.stage == Stage::Authorization)?;
    let expires_at = pushed.expires_at.filter(|end| *end < exchange.sent_at + exchange.took)?;
    let lasted = spoken(expires_at.since(pushed.pushed_at));
    Some(format!(
        "The pushed request lasted {lasted} (expires_in), less than was waited: push it again, and sign in sooner."
    ))
}

/// Whether the user ended the wait: nothing is known to be wrong then.
pub(super) fn is_stopped(exchange: &Exchange) -> bool {
    matches!(&exchange.answer, Answer::Failed(Failure::Wait(wait)) if wait.is_stopped())
}

const STOPPED: &str = "You stopped the wait. Wait again for the response to this request, or try again with a new one.";

const PAGE: &str = "If the browser shows an error page of the server, read it there: an unknown client or redirect URI is \
                    never sent back.";

/// What to do with an address that the browser ended at.
fn paste() -> String {
    typed("If the browser ended at another address, paste that address while it is awaited.", "--redirected-to -.")
}

/// What keeps a browser from coming back: a server need not know the address, nor whose logout it is (OIDC RP-Initiated
/// Logout sections 2 and 3).
fn of_logout(exchange: &Exchange) -> Vec<String> {
    let sent = exchange.request.query();
    let named = visible(sent.get("post_logout_redirect_uri").unwrap_or("none")).into_owned();
    let known = &exchange.settings.client.post_logout_redirect_uri;
    let mut lines = vec![to_register("post_logout_redirect_uri at the server", known, &named)];
    lines.push(match sent.contains("id_token_hint") {
        true => "If the browser shows a page of the server, read it there: it may ask before it signs out, or not take \
                 id_token_hint, which may be too old or of another client.",
        false => "No id_token_hint was sent: a server that does not know whose logout it is asks, and stays on a page of \
                  its own.",
    }
    .to_owned());
    lines.push(paste());
    lines
}

/// What is left to mend where the browser did not come back from a logout of which the client was told otherwise.
pub(super) fn of_told_logout(exchange: &Exchange) -> Option<String> {
    let is_told = exchange.meanwhile.iter().any(|arrival| arrival.response.is_success());
    let words = "The client was told of the logout meanwhile, so the session has ended: only the way back is lacking.";
    (exchange.stage == Stage::Logout && is_told).then(|| words.to_owned())
}

const LOST: &str = "Tokens that are pushed and lost cannot be asked for: ask the user again.";

/// Whether a response came as one JWT, which cannot be read.
pub(super) fn is_closed(exchange: &Exchange) -> bool {
    matches!(&exchange.answer, Answer::Callback(callback) if callback.params.contains("response"))
}

/// Whether a push came, with nothing of use in it.
pub(super) fn is_empty_push(exchange: &Exchange) -> bool {
    exchange.stage == Stage::Push && matches!(exchange.answer, Answer::Callback(_))
}

/// What to try when no ping came, or no push of tokens (CIBA sections 10.2 and 10.3).
pub(super) fn of_ping(flow: &Flow) -> Vec<String> {
    if flow.trace.exchanges.last().is_some_and(|last| is_empty_push(last)) {
        return vec![rule::PUSH_REQUIRED.fix.to_owned(), LOST.to_owned()];
    }
    let lost = match flow.settings.client.is_pushed() {
        true => LOST,
        false => "Pings get lost: skip this stage to ask without it.",
    };
    let endpoint = Url::parse(&flow.settings.client.backchannel_client_notification_endpoint);
    // Some break off the handshake, which is told; others end it and leave.
    let distrusted = endpoint.is_ok_and(|url| url.scheme() == "https").then(|| {
        typed(
            "A server that does not trust the certificate shown there may leave without a word: show one that it trusts.",
            "--listen-certificate.",
        )
    });
    let usual = [
        Some("Look whether the user has decided; the server comes only then."),
        Some("The server must reach the notification endpoint as it is registered for the client, on this machine."),
        distrusted.as_deref(),
        Some(lost),
    ];
    after_turned_away(flow, usual.into_iter().flatten().map(str::to_owned).collect())
}

/// What was turned away says more than what is usual. What came to the right place needs no other registration.
fn after_turned_away(flow: &Flow, usual: Vec<String>) -> Vec<String> {
    let Some(stray) = telling(flow) else { return usual };
    let mut advice = vec![told(flow, &stray.why)];
    if rank(&stray.why) > ARRIVED {
        advice.extend(usual);
    }
    advice
}

/// Came to the right place.
const ARRIVED: u8 = 1;
/// Says nothing.
const SILENT: u8 = 9;

/// The lower, the more it says of why nothing came.
fn rank(why: &Refusal) -> u8 {
    match why {
        Refusal::WrongState
        | Refusal::NoState
        | Refusal::NoStateInError(_)
        | Refusal::OtherCase(_)
        | Refusal::WrongNotificationToken => 0,
        Refusal::NoResponse => ARRIVED,
        Refusal::OtherPath(path) if NOISE.iter().any(|noise| path.starts_with(noise)) => SILENT,
        Refusal::OtherPath(_) | Refusal::ForeignHost(_) => 2,
        Refusal::SpokeTls | Refusal::SpokeHttp | Refusal::Distrusted => 2,
        Refusal::BadRequest(_) | Refusal::OtherMethod(_) | Refusal::Told(_) => 3,
        Refusal::AlreadyUsed => SILENT,
    }
}

/// The newest of those that say most.
fn telling(flow: &Flow) -> Option<&Stray> {
    let strays = flow.trace.strays_now().rev();
    strays.min_by_key(|stray| rank(&stray.why)).filter(|stray| rank(&stray.why) < SILENT)
}

/// What to try when the right address was reached with nothing to read.
pub(super) fn of_response(exchange: &Exchange, params: &Params) -> Vec<String> {
    let Some(response) = params.get("response") else {
        return vec![other_case(params).map_or_else(|| NOTHING_IN_IT.to_owned(), |names| of_other_case(&names))];
    };
    let token = decode(response);
    vec![match (token.form, token.claims.is_some()) {
        (Form::Jwe, _) => of_encrypted(exchange),
        (_, true) => NO_CODE.to_owned(),
        (_, false) => NO_JWT.to_owned(),
    }]
}

/// Why a response that came encrypted brought nothing: what opening it came to.
fn of_encrypted(exchange: &Exchange) -> String {
    let of = |rule: &'static Rule| exchange.checks.iter().find(|check| check.rule == rule);
    let is_unsigned = of(&jarm::SIGNATURE).is_some_and(|check| check.verdict == Verdict::Fail);
    match of(&encryption::KEY) {
        Some(key) if key.verdict == Verdict::Pass && is_unsigned => UNSIGNED.to_owned(),
        Some(key) if key.verdict == Verdict::Pass => NO_CODE.to_owned(),
        Some(key) if !exchange.settings.client.decryption_key.is_empty() => not_opened(key),
        _ => CLOSED.to_owned(),
    }
}

/// The reason is no matter of a key that is missing.
fn not_opened(key: &Check) -> String {
    let why = key.actual.as_deref().unwrap_or_default();
    match key.verdict {
        Verdict::Fail => format!(
            "The decryption_key that is filled in does not open the response: {why}. Compare it with the client's key at \
             the server, by kid and type, and the registered authorization_encrypted_response_alg with what it is made for."
        ),
        _ => format!(
            "The response stays closed although a decryption_key is filled in: {why}. Have the server encrypt it as this \
             client can open it: with RSA-OAEP-256 to an RSA key or ECDH-ES to an EC key, uncompressed and without crit."
        ),
    }
}

const UNSIGNED: &str = "The response was opened, and nobody signed what is inside: whoever has the public key of this client can \
                        write that. Have the server sign the response and encrypt the signed JWT (JARM section 2.2).";

const NO_CODE: &str = "The JWT in response can be read, and has neither code, token nor error in it. Look at what the server puts \
                       there (JARM section 2.1): another JWT, such as an ID token, is no authorization response.";

const CLOSED: &str = "The response came encrypted, and this client cannot open it: fill in the decryption_key whose public half it \
                      is registered with, or have the encryption switched off there (authorization_encrypted_response_alg).";

const NO_JWT: &str = "The parameter response is no JWT that can be read: look at what the server, or what stands between, puts \
                      there (JARM section 2.1).";

const NOTHING_IN_IT: &str = "The right address was reached with neither code nor error. Look at what the server adds to it; \
                             something between may have dropped the query.";

fn of_other_case(names: &str) -> String {
    format!(
        "A response came with {names}: the names of parameters are case-sensitive (RFC 6749 section 3.1), so have the \
         server, or what stands between, write them as they are defined."
    )
}

fn told(flow: &Flow, why: &Refusal) -> String {
    let is_logout = flow.stage() == Some(Stage::Logout);
    let awaited = flow.awaiting().map(|awaiting| awaiting.redirect_uri.clone());
    let awaited = awaited.as_ref().map_or("another one", Url::as_str);
    match why {
        Refusal::WrongState => {
            let trip = if is_logout { "logout" } else { "sign-in" };
            format!(
                "A response came with another state than this request's. If it is of this {trip}, the server changes \
                 state on the way (decodes, shortens or caches it); if it is of an earlier one, close that page."
            )
        }
        Refusal::NoState => "A response came without the state that was sent. The server has to return it unchanged, \
                             in errors too (RFC 6749 sections 4.1.2 and 4.1.2.1)."
            .to_owned(),
        Refusal::NoStateInError(error) => format!(
            "An error came without the state that was sent, so it may be of anybody. It says {error}. The server has to \
             return state in errors too (RFC 6749 section 4.1.2.1)."
        ),
        Refusal::OtherCase(names) => of_other_case(names),
        Refusal::WrongNotificationToken => "The server, or somebody else, came with another bearer token than the \
                                            client_notification_token of this request (CIBA section 10.2)."
            .to_owned(),
        Refusal::NoResponse => NOTHING_IN_IT.to_owned(),
        Refusal::OtherPath(path) => format!(
            "The path {} was asked for, and {awaited} is awaited: compare what the server knows with what was sent, \
             to the last slash.",
            visible(path)
        ),
        Refusal::ForeignHost(host) => format!(
            "{} was asked for, and {awaited} is awaited: 127.0.0.1 and localhost are two hosts. Use the same here and \
             at the server.",
            visible(host)
        ),
        Refusal::SpokeTls => {
            format!("https was spoken where http is listened at. Register {awaited} at the server, with http.")
        }
        Refusal::SpokeHttp => {
            format!("http was spoken where https is listened at. Register {awaited} at the server, with https.")
        }
        Refusal::Distrusted => typed(
            &format!(
                "Whoever came to {awaited} does not trust its certificate. A browser goes on when told to; a server needs \
                 one that it trusts, or an http URL of this machine in its place."
            ),
            "--listen-certificate.",
        ),
        other => format!("Something came that is no response: {other}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::Entropy;
    use crate::base::time::Timestamp;
    use crate::client::settings::Settings;
    use crate::terms::grant::Grant;

    #[test]
    fn a_server_that_pings_over_https_may_not_trust_the_certificate() {
        for (endpoint, is_told) in [("https://127.0.0.1:0/ping", true), ("http://127.0.0.1:0/ping", false), ("", false)]
        {
            let mut settings = Settings::default();
            settings.client.backchannel_client_notification_endpoint = endpoint.to_owned();
            let flow = Flow::new(Grant::Ciba, settings, Entropy::from_seed([1; 32]));
            assert_eq!(of_ping(&flow).iter().any(|line| line.contains("--listen-certificate")), is_told, "{endpoint}");
        }
    }

    #[test]
    fn what_says_most_is_told_first_and_repetitions_once() {
        let mut flow = Flow::new(Grant::AuthorizationCode, Settings::default(), Entropy::from_seed([1; 32]));
        let ended = Failure::wait("no response came within 4 s");
        assert_eq!(came(&flow, &ended), "no response came within 4 s");
        let path = |path: &str| Refusal::OtherPath(path.to_owned());
        for (what, why) in [
            ("GET /favicon.ico", path("/favicon.ico")),
            ("GET /callback", Refusal::WrongState),
            ("GET /other", path("/other")),
            ("PUT /callback", Refusal::OtherMethod("PUT".to_owned())),
            ("GET /callback", Refusal::WrongState),
        ] {
            flow.trace.strays.push((0, Stray { at: Timestamp::default(), what: what.to_owned(), why }));
        }
        assert_eq!(
            came(&flow, &ended),
            "no response came within 4 s; turned away meanwhile: GET /callback (state is not the one that was sent), \
             2 times; GET /other (the path /other is not that of the redirect URI); PUT /callback (the method PUT \
             carries no response); and 1 more"
        );
        let Failure::Wait(wait) = with_turned_away(&flow, &ended) else { panic!("a wait") };
        assert_eq!(wait.turned_away, Some(Refusal::WrongState));
        for (why, words, keeps_usual) in [
            (Refusal::WrongState, "with another state", false),
            (Refusal::NoState, "without the state", false),
            (Refusal::NoStateInError("access_denied: no".to_owned()), "It says access_denied: no.", false),
            (Refusal::OtherCase("Code in place of code".to_owned()), "with Code in place of code", false),
            (Refusal::NoResponse, "neither code nor error", false),
            (Refusal::WrongNotificationToken, "another bearer token", false),
            (path("/other"), "/other", true),
            (Refusal::ForeignHost("localhost:1".to_owned()), "two hosts", true),
            (Refusal::SpokeTls, "https was spoken", true),
            (Refusal::SpokeHttp, "http was spoken", true),
            (Refusal::Distrusted, "A browser goes on", true),
            (Refusal::OtherMethod("PUT".to_owned()), "no response", true),
        ] {
            flow.trace.strays = vec![(0, Stray { at: Timestamp::default(), what: String::new(), why })];
            let said = after_turned_away(&flow, vec!["usual".to_owned()]);
            assert!(said[0].contains(words), "{said:?}");
            assert_eq!(said.len() == 2, keeps_usual, "{said:?}");
        }
        flow.trace.strays =
            vec![(0, Stray { at: Timestamp::default(), what: String::new(), why: path("/favicon.ico") })];
        assert_eq!(after_turned_away(&flow, vec!["usual".to_owned()]), ["usual"]);
    }
}
