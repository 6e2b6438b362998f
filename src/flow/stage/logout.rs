//! The browser's trip to the logout page and back (OIDC RP-Initiated Logout sections 2 and 3), and what the client is told
//! of the logout meanwhile: by the server itself (OIDC Back-Channel Logout section 2.5), and in a frame of the browser (OIDC
//! Front-Channel Logout section 3).

use std::collections::BTreeSet;
use std::time::Duration;

use url::Url;

use crate::base::check::Check;
use crate::base::secret::Secret;
use crate::base::spec::Spec;
use crate::client::endpoint::{backchannel_logout, end_session, frontchannel_logout};
use crate::client::rules;
use crate::flow::beside::{Arrival, can_be_offered_at};
use crate::flow::callback::{Callback, Errand, Via};
use crate::flow::session::Session;
use crate::flow::step::Part;
use crate::flow::trace::{Answer, Exchange};
use crate::flow::{Action, Flow};
use crate::terms::metadata::Endpoint;

use super::descriptor::{Descriptor, Lane, Reading, Row, Then, Travel, part};
use super::known::{Known, Place};
use super::reading::needs_keys_put_off;
use super::{Missing, Prepared, Progress};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "logout",
    name: "the logout request",
    act: "Sign out in the browser",
    spec: Spec::new("OIDC RP-Initiated Logout", "2"),
    steps: &[part("Sign out", "end_session", Part::Request), part("Back", "end_session", Part::Answer)],
    travel: Travel::RoundTrip("sign out"),
    rows: |_| {
        vec![
            Row::front(Lane::Client, Lane::Browser, "open the logout page"),
            Row::front(Lane::Server, Lane::Client, "redirect with state"),
        ]
    },
    origin: |of, name| {
        (name == "id_token_hint" && of.settings.request.id_token_hint.is_empty()).then_some("from the login")
    },
    citation: |name| matches!(name, "state" | "client_id" | "id_token_hint").then_some("OIDC RP-Initiated Logout §2"),
    then: Some(Then { button: "Sign out at the server", lacks }),
    is_worth_reading: true,
    draw: |own, _, entropy| own.draw_logout(entropy),
    forget: |own| own.logout_state = None,
    prepare,
    left: |exchange, session| {
        session.sent_logout = Some(exchange.request.query());
        end_session::lint(&exchange.request)
    },
    called_back,
    visited,
    meanwhile,
    waited: |wait, session| {
        let (state, path) = (wait.turned_away_for_state(), wait.turned_away_for_path());
        end_session::turned_away(session.sent_logout.as_ref(), state, path)
    },
    ..Descriptor::DIRECT
};

fn lacks(flow: &Flow) -> Option<&'static str> {
    match (flow.session.id_token().is_some(), flow.offers(Endpoint::EndSession)) {
        (false, _) => Some("nobody has signed in"),
        (true, false) => Some("the server publishes no end_session_endpoint"),
        (true, true) => None,
    }
}

/// Binds the post-logout redirect URI first where it is on this machine.
fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let pasted = &known.settings.request.id_token_hint;
    if !known.grant.has_user() && pasted.is_empty() && known.session.id_token().is_none() {
        return Ok(Prepared::Skip("nobody has signed in"));
    }
    let endpoint = known.endpoint(Endpoint::EndSession)?;
    let client = &known.settings.client;
    let redirect_uri = match known.place(client.post_logout_redirect_uri.as_str()) {
        Place::Known(redirect_uri) => redirect_uri,
        Place::ToBind(wanted) => return Ok(Prepared::Action(Action::Listen(wanted))),
    };
    if let Some(wanted) = known.logout_place()? {
        return Ok(Prepared::Action(Action::Offer(wanted)));
    }
    let none = Secret::default();
    let hint = if pasted.is_empty() { known.session.id_token_hint().unwrap_or(&none) } else { pasted };
    let state = known.own.logout_state.as_deref().unwrap_or_default();
    let request = end_session::request(endpoint, hint, &client.client_id, &redirect_uri, state);
    Ok(Prepared::browse(request, Errand::Logout { is_heard: known.hears_logout() }))
}

/// What the client was told by itself, each by the keys and the login of this run, where it has listened.
fn meanwhile(exchange: &Exchange, session: &mut Session) -> Vec<Check> {
    let Some(waited) = exchange.listened() else { return Vec::new() };
    // What came back ended the wait; else it is over for want of it.
    let waited = Some(waited).filter(|_| !matches!(exchange.answer, Answer::Callback(_)));
    let mut checks = told_by_server(exchange, waited, session);
    checks.extend(told_in_frames(exchange, waited, session));
    checks
}

/// Whether the metadata announce it.
fn announces(session: &Session, member: &str) -> bool {
    session.metadata.as_ref().is_some_and(|metadata| metadata.flag(member))
}

/// Why nothing is said of what nobody here could hear.
const ELSEWHERE: &str = "not judged: this program listens at http addresses of this machine alone";

/// Whether this program can be told there.
fn is_heard(registered: &str) -> bool {
    Url::parse(registered).is_ok_and(|url| can_be_offered_at(&url))
}

/// Whether a message came for the iframe of a logout.
fn is_frame(exchange: &Exchange, arrival: &Arrival) -> bool {
    let registered = Url::parse(&exchange.settings.client.frontchannel_logout_uri);
    registered.is_ok_and(|registered| registered.path() == arrival.request.url.path())
}

fn tokens_of(exchange: &Exchange) -> impl Iterator<Item = &Arrival> {
    exchange.meanwhile.iter().filter(|arrival| !is_frame(exchange, arrival))
}

/// Each name of a token with the exchange during which it came first, so that what is judged anew is not its own repetition.
fn repeated(exchange: &Exchange, session: &mut Session) -> Vec<Check> {
    let request = (exchange.position, exchange.attempt);
    let mut here = BTreeSet::new();
    let names = tokens_of(exchange).filter_map(|arrival| backchannel_logout::jti(&arrival.request));
    let judged = names.map(|jti| {
        let is_known =
            !here.insert(jti.clone()) || session.logout_tokens.get(&jti).is_some_and(|first| *first != request);
        let check = backchannel_logout::repeated(&jti, is_known);
        session.logout_tokens.entry(jti).or_insert(request);
        check
    });
    judged.collect()
}

fn told_by_server(exchange: &Exchange, waited: Option<Duration>, session: &mut Session) -> Vec<Check> {
    let registered = &exchange.settings.client.backchannel_logout_uri;
    if registered.is_empty() {
        return Vec::new();
    }
    let expected = session.logout_expected(&exchange.settings);
    let told: Vec<&Arrival> = tokens_of(exchange).collect();
    let is_announced = announces(session, "backchannel_logout_supported");
    let sent = match told.is_empty() && !is_heard(registered) {
        true => rules::backchannel_logout::SENT.skipped(ELSEWHERE),
        false => end_session::told(&rules::backchannel_logout::SENT, told.len(), is_announced, waited),
    };
    let mut checks = vec![sent];
    checks.extend(told.iter().flat_map(|arrival| backchannel_logout::judge(&arrival.request, &expected, arrival.at)));
    checks.extend(repeated(exchange, session));
    checks
}

fn told_in_frames(exchange: &Exchange, waited: Option<Duration>, session: &Session) -> Vec<Check> {
    use frontchannel_logout::{judge, judge_answer, origin};

    let registered = &exchange.settings.client.frontchannel_logout_uri;
    if registered.is_empty() {
        return Vec::new();
    }
    let expected = session.logout_frame_expected(&exchange.settings);
    let told: Vec<&Arrival> = exchange.meanwhile.iter().filter(|arrival| is_frame(exchange, arrival)).collect();
    let is_announced = announces(session, "frontchannel_logout_supported");
    let sent = match told.is_empty() && !is_heard(registered) {
        true => rules::frontchannel_logout::SENT.skipped(ELSEWHERE),
        false => end_session::told(&rules::frontchannel_logout::SENT, told.len(), is_announced, waited),
    };
    let judged = told.iter().flat_map(|arrival| {
        let mut checks = judge(&arrival.request, &expected);
        checks.extend(judge_answer(&arrival.response));
        checks
    });
    [sent, origin(&expected)].into_iter().chain(judged).collect()
}

/// Without a way back what the server tells by itself is all that a client learns of a logout.
fn visited(exchange: &Exchange, session: &mut Session) -> Reading {
    let is_told = exchange.meanwhile.iter().any(|arrival| arrival.response.is_success());
    (put_off_unknown_keys(exchange, session), vec![end_session::unseen(is_told)])
}

/// Servers change their keys: those of a logout token may be newer than those of the login.
fn put_off_unknown_keys(exchange: &Exchange, session: &mut Session) -> Progress {
    let tokens = tokens_of(exchange).filter_map(|arrival| backchannel_logout::token(&arrival.request));
    session.put_off_unknown(&rules::backchannel_logout::SIGNATURE, tokens);
    needs_keys_put_off(session, Progress::Advance)
}

fn called_back(exchange: &Exchange, callback: &Callback, session: &mut Session) -> Reading {
    let sent = session.sent_logout.clone().unwrap_or_default();
    let is_typed = matches!(callback.via, Via::Pasted(_));
    let checks = end_session::accept(&callback.params, &callback.redirect_uri, is_typed, &sent);
    (put_off_unknown_keys(exchange, session), checks)
}
