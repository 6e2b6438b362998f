//! What stopped a run, and the likeliest reasons, found by comparing what was really sent.

use crate::base::check::Check;
use crate::base::http::{HttpRequest, is_loopback, reason};
use crate::base::text::{capitalised, quoted, visible};
use crate::base::time::spoken;
use crate::client::authentication::certificate;
use crate::client::body;
use crate::client::certificate::describe;
use crate::client::pkce;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::error::OAuthError;
use crate::terms::glossary;
use crate::terms::grant::Grant;

use super::action::{GO_ON, GO_ON_UNMET};
use super::causes;
use super::stage::{Stage, rejecting};
use super::trace::{Answer, Exchange};
use super::{Failure, Flow, Problem, ProblemKind};
use super::{
    cure, description, explain_assertion, explain_discovery, explain_mute, explain_named, explain_page, explain_proof,
    explain_registration, explain_rejected, explain_sent, explain_step_up, explain_wait, explain_way_in, fitting,
    unlisted,
};

/// Describes a stop. `came` is what came, in one line.
pub(super) fn problem(flow: &Flow, stage: Stage, kind: ProblemKind, came: String) -> Problem {
    let last = flow.trace.exchanges.last().map(|exchange| &**exchange).filter(|exchange| exchange.stage == stage);
    let (last, came) = explain_discovery::nearest(flow, stage, &kind).unwrap_or((last, came));
    let broken = last.filter(|_| kind == ProblemKind::Unsafe).and_then(|exchange| rejecting(&exchange.checks));
    let mut advice = advice(flow, stage, &kind, last);
    let again_at = flow.beginning_of((stage.descriptor().again)(flow, &kind).unwrap_or(stage));
    if again_at != stage && !matches!(stage, Stage::Resource | Stage::UserInfo) {
        advice.push(format!("Trying again begins at {}, which makes a new one of what is used up.", again_at.name()));
    }
    Problem {
        stage,
        title: title(stage, &kind, broken, last),
        sent: last.map(|exchange| sent(&exchange.request)).unwrap_or_default(),
        came,
        kind,
        advice,
        again_at,
        rule: broken.map(|check| check.rule.id),
    }
}

const ANOTHER_PORT: &str = "End what listens at this port, or use another one; 0 takes any that is free.";

/// Describes a stop where the answer was to come: it cannot be listened at, or no more. `sent` is what the browser was
/// sent with, if it was.
pub(super) fn cannot_listen(stage: Stage, sent: Option<&HttpRequest>, why: &str) -> Problem {
    let (field, advice) = match stage {
        Stage::BackchannelAuthentication | Stage::Notification | Stage::Push => (
            "backchannel_client_notification_endpoint",
            "It has to be a URL of this machine, with a port nobody else listens at, as it is registered for the client.",
        ),
        Stage::Logout => ("post_logout_redirect_uri", ANOTHER_PORT),
        _ => ("redirect_uri", ANOTHER_PORT),
    };
    Problem {
        stage,
        kind: ProblemKind::Failed,
        title: format!("{field} cannot be listened at"),
        sent: sent.map(self::sent).unwrap_or_default(),
        came: why.to_owned(),
        advice: vec![advice.to_owned()],
        again_at: stage,
        rule: None,
    }
}

/// Describes a stop before anything has left: the server demands what the request does not have.
pub(super) fn unmet(flow: &Flow, stage: Stage, check: &Check) -> Problem {
    let (name, spec) = (capitalised(stage.name()), &check.rule.spec);
    Problem {
        stage,
        kind: ProblemKind::Unsafe,
        title: explain_registration::unguarded(stage, check)
            .unwrap_or_else(|| format!("{name} is not what the server demands ({spec})")),
        sent: String::new(),
        came: check.actual.clone().unwrap_or_default(),
        advice: vec![check.rule.fix.to_owned(), GO_ON_UNMET.to_owned()],
        again_at: flow.beginning_of(stage),
        rule: Some(check.rule.id),
    }
}

fn title(stage: Stage, kind: &ProblemKind, broken: Option<&Check>, last: Option<&Exchange>) -> String {
    let is_one_way = |last: &Exchange| !last.request.query().contains("post_logout_redirect_uri");
    let name = stage.name();
    match kind {
        ProblemKind::Refused(error) => format!("The server refused {name}: {headline}", headline = headline(error)),
        ProblemKind::Unsafe => broken.map_or_else(|| "What came must not be used".to_owned(), refusal),
        ProblemKind::Failed if stage == Stage::Authorization && last.is_some_and(explain_wait::is_closed) => {
            "The authorization response cannot be read".to_owned()
        }
        ProblemKind::Failed if stage == Stage::Authorization => "No authorization response came back".to_owned(),
        ProblemKind::Failed if stage == Stage::Logout && last.is_some_and(is_one_way) => {
            "The server did not sign the browser out".to_owned()
        }
        ProblemKind::Failed if stage == Stage::Logout => "The browser did not come back from the logout".to_owned(),
        ProblemKind::Failed if stage == Stage::Notification => "No ping came".to_owned(),
        ProblemKind::Failed if last.is_some_and(explain_wait::is_empty_push) => "The push brought no tokens".to_owned(),
        ProblemKind::Failed if stage == Stage::Push => "No push came".to_owned(),
        ProblemKind::Failed if stage == Stage::Verification => "The request was not approved".to_owned(),
        ProblemKind::Failed => format!("No usable answer to {name}"),
    }
}

/// The code, and of a number without a word what it means where it is a status.
fn headline(error: &OAuthError) -> String {
    let code = quoted(&error.error);
    let is_number = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    match (is_number && error.error_description.is_none(), code.parse().map_or("", reason)) {
        (true, "") => format!("error {code}, without a word"),
        (true, words) => format!("{code} {words}"),
        (false, _) => code.into_owned(),
    }
}

/// `An ID token of another issuer must be rejected (OIDC Core §3.1.3.7)`
fn refusal(check: &Check) -> String {
    format!("{} ({})", explain_rejected::demand(check), check.rule.spec)
}

/// `POST https://as.example/token with grant_type, code, redirect_uri, code_verifier`: names, no values.
fn sent(request: &HttpRequest) -> String {
    let names = request.names();
    let target = format!("{}{}", request.url.origin().ascii_serialization(), request.url.path());
    match names.is_empty() {
        true => format!("{} {target}", request.method),
        false => format!("{} {target} with {}", request.method, visible(&names.join(", "))),
    }
}

fn advice(flow: &Flow, stage: Stage, kind: &ProblemKind, last: Option<&Exchange>) -> Vec<String> {
    // Where the server or the request itself names the cause, what is usual would only contradict it.
    let mut is_named = false;
    let mut at_last = Vec::new();
    let mut advice = match (kind, last) {
        _ if stage.is_discovery() => explain_discovery::advice(flow, kind, last),
        (ProblemKind::Refused(error), Some(exchange)) => {
            let meant = causes::meant(error, exchange.response());
            let words = error.error_description.as_deref().unwrap_or_default();
            let (known, likely) = compared(flow, stage, meant, words, &exchange.request);
            let mut reasons: Vec<String> = causes::typed_elsewhere(flow, exchange).into_iter().collect();
            let of_sent = explain_sent::advice(flow, exchange);
            let plain = causes::plain(exchange)
                .or_else(|| exchange.response().and_then(causes::busy))
                .or_else(|| causes::too_large(exchange));
            let said = said(flow, error, exchange, meant);
            let is_cause = description::names_cause(error, said.as_deref());
            let (unlisted, later) = unlisted::lines(flow, exchange, meant, words, is_cause);
            let of_api = [explain_step_up::advice(flow, exchange), explain_way_in::refused(flow, exchange)].concat();
            is_named = !of_sent.is_empty() || plain.is_some() || said.is_some() || !of_api.is_empty();
            reasons.extend(of_api);
            at_last = later;
            reasons.extend(of_sent.into_iter().chain(unlisted).chain(plain));
            reasons.extend(known.into_iter().chain(said).chain(likely));
            // Where a client authenticates, a challenge for tokens is of something else.
            let of_challenge = exchange.response().filter(|_| !causes::authenticates(exchange.stage));
            reasons.extend(of_challenge.map(causes::challenged).unwrap_or_default());
            reasons
        }
        (ProblemKind::Failed, _) if stage.is_told() => explain_wait::of_ping(flow),
        (ProblemKind::Failed, Some(exchange)) if exchange.is_told_to_wait() => {
            vec!["Approve sooner, or wait longer; start over, since the code may be over by then.".to_owned()]
        }
        (ProblemKind::Failed, Some(exchange)) => {
            let first = [causes::typed_elsewhere(flow, exchange), explain_wait::of_told_logout(exchange)];
            first.into_iter().flatten().chain(failed(flow, stage, exchange)).collect()
        }
        _ => Vec::new(),
    };
    if let ProblemKind::Refused(error) = kind
        && !is_named
    {
        let words = last.map(|exchange| words(flow, exchange)).unwrap_or_default();
        let meant = causes::meant(error, last.and_then(Exchange::response));
        let by_status = last.and_then(Exchange::response).and_then(|response| causes::silent(stage, response));
        if glossary::error(meant).is_none() {
            advice.extend(by_status);
        }
        let entry = glossary::error(meant);
        if let (Some(of), Some(entry)) = (fitting::of_another_message(flow.grant, stage, meant), entry) {
            advice.push(format!(
                "This code is of {of} ({}) and says nothing of its own in the answer to {}: look at the server's words and \
                 its log.",
                entry.citation(),
                stage.name()
            ));
        } else {
            let entry = entry.filter(|entry| is_of_stage(stage, meant, &entry.spec));
            advice.extend(entry.into_iter().flat_map(|entry| entry.advice_of(&words)));
        }
    }
    if let (ProblemKind::Refused(_), Some(exchange)) = (kind, last) {
        advice = fitting::fitting(flow, exchange, advice);
        let foreign = exchange.response().filter(|_| advice.is_empty()).and_then(causes::foreign);
        advice.extend(foreign.map(str::to_owned));
        advice.extend(advice.is_empty().then(|| OF_NO_DOCUMENT.to_owned()));
    }
    if let (ProblemKind::Unsafe, Some(check)) = (kind, last.and_then(|exchange| rejecting(&exchange.checks))) {
        advice.extend(explain_rejected::advice(flow, check));
        if stage == Stage::Authorization {
            advice.push("Start over and sign in again in the browser window that opens.".to_owned());
        }
        advice.push(GO_ON.to_owned());
    }
    advice.extend(at_last);
    advice
}

/// What the server's words, or the request under them, say of the cause.
fn said(flow: &Flow, error: &OAuthError, exchange: &Exchange, meant: &str) -> Option<String> {
    let words = error.error_description.as_deref().unwrap_or_default();
    explain_sent::unknown_there(exchange, meant)
        .or_else(|| explain_sent::nearly_a_type(exchange))
        .or_else(|| explain_registration::advice(error, exchange))
        .or_else(|| explain_proof::advice(flow, error, exchange))
        .or_else(|| explain_named::of_client(error, meant, exchange))
        .or_else(|| cure::wish(flow, error, exchange).map(|wish| wish.line))
        .or_else(|| description::said(error, exchange))
        .or_else(|| explain_page::of_request(exchange, words))
        .or_else(|| explain_sent::without_scope(flow, meant, exchange))
        .or_else(|| explain_sent::wanted(flow, error, exchange))
        .or_else(|| explain_named::of_sent(error, meant, exchange))
}

const OF_NO_DOCUMENT: &str = "No document of OAuth has this code for this message: look for it in the server's documentation and \
                              in its log.";

/// Whether a code is defined for the messages of this stage: an API has those of bearer tokens, and may use any word of
/// the token endpoint for something else.
fn is_of_stage(stage: Stage, code: &str, spec: &str) -> bool {
    !matches!(stage, Stage::Resource | Stage::UserInfo | Stage::Claims)
        || code == "invalid_request"
        || matches!(spec, "RFC 6750" | "RFC 9449" | "RFC 9470")
}

/// What the refused request was, in the words of the glossary.
fn words(flow: &Flow, exchange: &Exchange) -> Vec<&'static str> {
    if exchange.stage.asks_for_authorization() {
        return vec!["authorization"];
    }
    let form = exchange.request.form().unwrap_or_default();
    let sent = form.get("grant_type");
    let of_grant = Grant::ALL.into_iter().find(|grant| Some(grant.grant_type()) == sent).map(Grant::key);
    let of_stage = match exchange.stage {
        Stage::BackchannelAuthentication => Some("backchannel_authentication"),
        Stage::Push => Some(Grant::Ciba.key()),
        Stage::DeviceAuthorization => Some("device_authorization"),
        Stage::Revocation => Some("revocation"),
        Stage::Introspection => Some("introspection"),
        Stage::Resource | Stage::UserInfo | Stage::Claims => Some("resource"),
        stage if stage.is_of_registration() => Some("registration"),
        _ => None,
    };
    let of_client =
        flow.settings.auth_method().filter(|_| causes::authenticates(exchange.stage)).map(ClientAuthMethod::name);
    of_grant.or(of_stage).into_iter().chain(of_client).collect()
}

/// Reasons that the two messages themselves show: what is known to be wrong, and what may be.
fn compared(flow: &Flow, stage: Stage, error: &str, words: &str, request: &HttpRequest) -> (Vec<String>, Vec<String>) {
    match (stage, error) {
        (Stage::Token, "invalid_grant") if request.form().is_some_and(|form| form.contains("assertion")) => {
            explain_assertion::reasons(flow, "assertion", request)
        }
        (Stage::Token, "invalid_grant") => (invalid_grant(flow, words, request), Vec::new()),
        // What is typed of the first server's client says nothing at the second one.
        (Stage::Authorization, _) | (Stage::IdJag, "invalid_client") => (Vec::new(), Vec::new()),
        // The server knows the client, and what is wrong is not how it authenticated.
        (_, "unauthorized_client") => (Vec::new(), Vec::new()),
        (stage, "invalid_client") if causes::authenticates(stage) => {
            let (mut known, mut likely) = explain_assertion::reasons(flow, "client_assertion", request);
            known.extend(unsent_secret(flow));
            let sent_at = flow.trace.exchanges.last().map(|last| last.sent_at);
            known.extend(sent_at.and_then(|sent_at| explain_registration::ended_secret(flow, sent_at)));
            likely.extend(invalid_client(flow));
            (known, likely)
        }
        (_, "invalid_token") | (Stage::Refresh, "invalid_grant") => (ended_before(flow), Vec::new()),
        (Stage::Token, "invalid_request") => explain_assertion::reasons(flow, "assertion", request),
        _ => (Vec::new(), Vec::new()),
    }
}

fn invalid_grant(flow: &Flow, words: &str, request: &HttpRequest) -> Vec<String> {
    let form = request.form().unwrap_or_default();
    let sent = flow.session.authorization.clone().unwrap_or_default();
    let mut reasons = Vec::new();
    let code = form.get("code");
    let used = match &flow.session.used_code {
        Some(used) if code == Some(used.expose()) => Some("This code was exchanged before in this run"),
        _ if code.is_some() && description::says_used(words) => Some("The server says that this code was used before"),
        _ => None,
    };
    reasons.extend(used.map(|used| format!("{used}; a code works once. Start over for a new one.")));
    if form.get("redirect_uri") != sent.get("redirect_uri") {
        reasons.push(format!(
            "redirect_uri differs: the authorization request had {}, the token request {}.",
            quoted(sent.get("redirect_uri").unwrap_or("none")),
            quoted(form.get("redirect_uri").unwrap_or("none"))
        ));
    }
    reasons.extend(verifier_reason(
        sent.get("code_challenge"),
        sent.get("code_challenge_method"),
        form.get("code_verifier"),
    ));
    if let (Some(came), Some(last)) = (flow.session.code_received_at, flow.trace.exchanges.last()) {
        let age = last.sent_at.since(came);
        // Why a code that was used is refused, its age does not say.
        if used.is_none() && age.as_secs() >= 30 {
            reasons.push(format!(
                "The code was {} old; many servers allow 30 to 60 s. Start over and be quicker.",
                spoken(age)
            ));
        }
    }
    reasons
}

/// What this run itself has done to its tokens.
fn ended_before(flow: &Flow) -> Vec<String> {
    let before = flow.trace.exchanges.split_last().map(|(_, before)| before).unwrap_or_default();
    let has = |stage| before.iter().any(|exchange| exchange.stage == stage);
    let reuse = "The old refresh token was sent again in this run. A server that notices revokes all tokens of that login \
                 (RFC 9700 section 4.14.2), this one too.";
    let revoked = "A token of this run was revoked before; with a refresh token all access tokens of its grant may be \
                   over (RFC 7009 section 2.1).";
    let signed_out =
        "This run signed out before: with the session of the login end its tokens. Start over to sign in again.";
    [(Stage::RefreshReuse, reuse), (Stage::Revocation, revoked), (Stage::Logout, signed_out)]
        .into_iter()
        .filter(|(stage, _)| has(*stage))
        .map(|(_, reason)| reason.to_owned())
        .collect()
}

fn verifier_reason(challenge: Option<&str>, method: Option<&str>, verifier: Option<&str>) -> Option<String> {
    match (challenge, verifier) {
        (Some(challenge), Some(verifier)) => {
            let fits = pkce::challenge(method.unwrap_or("plain"), verifier).is_some_and(|made| made == challenge);
            (!fits).then(|| "code_verifier does not fit the code_challenge of the authorization request.".to_owned())
        }
        (Some(_), None) => {
            Some("The authorization request had a code_challenge, the token request has no code_verifier.".to_owned())
        }
        (None, Some(_)) => {
            Some("code_verifier was sent, but the authorization request had no code_challenge.".to_owned())
        }
        (None, None) => None,
    }
}

/// The certificate that the client showed, in words to compare.
fn certificate_shown(flow: &Flow) -> Option<String> {
    let described = describe(&certificate(&flow.settings).ok()??).ok()?;
    Some(format!(
        "The certificate shown is of {}, issued by {}, with the thumbprint {}; compare it with the registered one.",
        visible(&described.subject.to_string()),
        visible(&described.issuer.to_string()),
        described.thumbprint
    ))
}

/// A secret that was filled in and is not sent, because the method says so.
fn unsent_secret(flow: &Flow) -> Option<String> {
    let is_unsent = flow.settings.auth_method() == Some(ClientAuthMethod::None);
    (is_unsent && !flow.settings.client.client_secret.is_empty()).then(|| {
        "client_secret is filled in and was not sent: token_endpoint_auth_method is none. Set it to client_secret_basic or \
         client_secret_post."
            .to_owned()
    })
}

fn invalid_client(flow: &Flow) -> Vec<String> {
    let mut reasons = Vec::new();
    let Some(method) = flow.settings.auth_method() else { return reasons };
    // A secret that was just issued is not mistyped.
    if flow.session.registered.is_some() {
        reasons.extend(explain_named::encoded_secret(&flow.settings, method));
    }
    if flow.trace.exchanges.last().is_some_and(|last| last.request.url.scheme() == "https") {
        reasons.extend(certificate_shown(flow));
    }
    if method == ClientAuthMethod::None && flow.settings.client.client_secret.is_empty() {
        reasons.push(causes::no_secret(flow).to_owned());
    }
    reasons
}

fn failed(flow: &Flow, stage: Stage, exchange: &Exchange) -> Vec<String> {
    let of_api = explain_way_in::failed(flow, exchange);
    if !of_api.is_empty() {
        return of_api;
    }
    match &exchange.answer {
        Answer::Failed(Failure::Transport(error)) => {
            let shown = certificate_shown(flow).filter(|_| error.may_be_refused_certificate());
            let refused = shown.as_ref().filter(|_| error.is_about_certificate()).map(|_| {
                "The server ended the connection over the client certificate: it does not trust its issuer, or it is over, or \
                 not of a client."
                    .to_owned()
            });
            let usual = Some(error.advice().to_owned()).filter(|_| refused.is_none());
            refused.into_iter().chain(shown).chain(usual).collect()
        }
        Answer::Failed(Failure::Wait(_)) => explain_wait::advice(flow, stage, exchange),
        Answer::Failed(Failure::SignIn { why, advice, is_refusal }) => {
            explain_page::of_sign_in(flow, exchange, why, advice, *is_refusal)
        }
        Answer::Response(response) if (300..400).contains(&response.status) => {
            vec![causes::redirected(stage, response)]
        }
        Answer::Response(response) if matches!(response.status, 429 | 503) => Vec::from_iter(causes::busy(response)),
        Answer::Response(response) if response.status >= 500 && explain_registration::unoffered(exchange).is_none() => {
            vec![causes::down(response)]
        }
        Answer::Response(response) if stage == Stage::Resource && matches!(response.status, 401 | 403) => {
            let usual = [
            "The API refused the token and does not say why; look at exp, aud and scope of the token, or introspect it.".to_owned(),
            "A bound token needs the certificate or key it is bound to.".to_owned(),
        ];
            causes::challenged(response).into_iter().chain(usual).collect()
        }
        Answer::Response(response) => {
            if let Some(wanted) = explain_registration::without_words(stage, exchange) {
                return vec![wanted.to_owned()];
            }
            let causes = explain_mute::causes(flow, exchange, response);
            if !causes.is_empty() {
                return causes;
            }
            let whose = match is_loopback(&exchange.request.url) {
                true => "Check that this port belongs to the server you mean.",
                false => "Check the URL of this endpoint.",
            };
            let spoken = causes::spoken(response);
            let is_open = spoken.is_none() || response.is_success() && !body::is_broken_json(response);
            spoken.into_iter().chain(is_open.then_some(whose)).map(str::to_owned).collect()
        }
        Answer::Callback(callback) => explain_wait::of_response(exchange, &callback.params),
        _ => Vec::new(),
    }
}
