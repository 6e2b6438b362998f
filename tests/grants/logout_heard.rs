//! Logouts that lead nowhere: what the client is told of them is heard all the same (OIDC Back-Channel Logout section 2.5,
//! OIDC Front-Channel Logout section 3).

use std::time::Duration;

use grantscope::base::check::{Check, Verdict};
use grantscope::base::json::Json;
use grantscope::client::settings::Settings;
use grantscope::flow::callback::{Awaited, Awaiting, Callback};
use grantscope::flow::stage::Stage;
use grantscope::flow::trace::{Answer, Exchange};
use grantscope::flow::world::World as _;
use grantscope::flow::{Action, Event, Failure, Flow, Next, Outcome, ladder};
use grantscope::practice::{Client, Fault};
use grantscope::record::Record;
use grantscope::terms::grant::Grant;

use crate::pair::{Pair, told_in_frames, told_of_logout};
use crate::{failed, flow, stages};

const DISCOVERY: &str = "/.well-known/openid-configuration";
const PATIENCE: Duration = Duration::from_secs(10);

/// Signs out without a way back.
fn leaving(change: impl FnOnce(&mut Settings)) -> Flow {
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        change(settings);
        settings.client.post_logout_redirect_uri.clear();
    });
    flow.append(Stage::Logout);
    flow
}

fn both(settings: &mut Settings) {
    told_of_logout(settings);
    told_in_frames(settings);
}

fn last(flow: &Flow) -> &Exchange {
    flow.trace.exchanges.iter().rfind(|exchange| exchange.stage == Stage::Logout).expect("a logout")
}

fn check<'a>(flow: &'a Flow, rule: &str) -> Option<&'a Check> {
    flow.checks().filter(|check| check.rule.id == rule).last()
}

fn said(flow: &Flow, rule: &str) -> (Verdict, String) {
    let check = check(flow, rule).unwrap_or_else(|| panic!("{rule} is not judged"));
    (check.verdict, check.actual.clone().unwrap_or_default())
}

/// The server tells no client of logouts.
fn tells_nobody(pair: &Pair) {
    let forget = |client: &mut Client| (client.backchannel_logout_uri, client.frontchannel_logout_uri) = (None, None);
    pair.practice.configure(|config| config.clients.iter_mut().for_each(forget));
}

#[test]
fn what_is_told_is_judged_and_ends_the_wait() {
    type Told = (fn(&mut Settings), &'static [&'static str], &'static [&'static str]);
    let told: [Told; 3] = [
        (told_of_logout, &["POST"], &["blo.sent", "blo.signature", "blo.session"]),
        (told_in_frames, &["GET"], &["flo.sent", "flo.iss", "flo.sid"]),
        (both, &["GET", "POST"], &["blo.sent", "blo.session", "flo.sent", "flo.sid"]),
    ];
    for (change, methods, rules) in told {
        let mut flow = leaving(change);
        assert_eq!(Pair::new().run(&mut flow), Next::Finished, "{:?}", flow.problem());
        assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()));
        let logout = last(&flow);
        assert!(matches!(logout.answer, Answer::Visited) && logout.took < PATIENCE, "{:?}", logout.took);
        let came: Vec<&str> = logout.meanwhile.iter().map(|told| told.request.method.as_str()).collect();
        assert_eq!(came, methods);
        for rule in rules {
            assert_eq!(said(&flow, rule).0, Verdict::Pass, "{rule}");
        }
        let (verdict, words) = said(&flow, "logout.returned");
        assert_eq!(verdict, Verdict::Skipped);
        assert!(words.ends_with("that the user is signed out is told otherwise"), "{words}");
        let labels: Vec<String> = ladder::rungs(&flow, false).into_iter().map(|rung| rung.label).collect();
        assert!(labels.iter().any(|label| label.ends_with("channel_logout")), "{labels:?}");
        assert!(!labels.iter().any(|label| label.contains("redirect with state")), "{labels:?}");
    }
}

#[test]
fn where_nothing_is_told_the_wait_ends_and_says_how_long_it_was() {
    let announced: [(Option<&'static str>, Verdict, &str); 2] = [
        (None, Verdict::Note, "none came within 10 s, although the metadata announce it"),
        (Some("logout_supported"), Verdict::Skipped, "the metadata announce none, and none came within 10 s"),
    ];
    for (left_out, verdict, words) in announced {
        for (change, rule, member) in [
            (told_of_logout as fn(&mut Settings), "blo.sent", "backchannel_logout_supported"),
            (told_in_frames, "flo.sent", "frontchannel_logout_supported"),
        ] {
            let mut pair = Pair::new();
            tells_nobody(&pair);
            if left_out.is_some() {
                pair.changes.insert(DISCOVERY, (member, Json::Null));
            }
            let mut flow = leaving(change);
            assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
            assert_eq!((flow.outcome(), failed(&flow)), (Outcome::Success, Vec::new()));
            assert_eq!(last(&flow).took, PATIENCE);
            assert_eq!(said(&flow, rule), (verdict, words.to_owned()));
            assert!(said(&flow, "logout.returned").1.contains("only the page of the server says"));
        }
    }
}

#[test]
fn one_of_two_ways_is_told_and_the_other_waited_for() {
    let mut pair = Pair::new();
    let in_frames_alone = |client: &mut Client| client.backchannel_logout_uri = None;
    pair.practice.configure(|config| config.clients.iter_mut().for_each(in_frames_alone));
    let mut flow = leaving(both);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert!(last(&flow).took >= PATIENCE);
    assert_eq!((said(&flow, "flo.sent").0, said(&flow, "blo.sent").0), (Verdict::Pass, Verdict::Note));
}

#[test]
fn nobody_waits_where_nothing_could_be_heard() {
    let elsewhere = |settings: &mut Settings| {
        "https://app.example/bye".clone_into(&mut settings.client.backchannel_logout_uri);
    };
    for change in [|_: &mut Settings| {}, elsewhere] {
        let mut flow = leaving(change);
        assert_eq!(Pair::new().run(&mut flow), Next::Finished);
        assert_eq!((last(&flow).took, last(&flow).listened()), (Duration::ZERO, None));
        assert!(check(&flow, "blo.sent").is_none());
    }
    // With a way back there is a wait, and still nobody who listens there.
    let mut flow = flow(Grant::AuthorizationCode, elsewhere);
    flow.append(Stage::Logout);
    assert_eq!(Pair::new().run(&mut flow), Next::Finished);
    let (verdict, words) = said(&flow, "blo.sent");
    assert_eq!((verdict, words.starts_with("not judged: this program listens")), (Verdict::Skipped, true), "{words}");
}

#[test]
fn a_token_that_must_be_rejected_is_told_as_with_a_way_back() {
    let mut pair = Pair::new();
    pair.practice.set(Fault::LogoutWrongAud, true);
    let mut flow = leaving(told_of_logout);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    assert_eq!(failed(&flow), ["blo.aud"]);
    assert_eq!(last(&flow).meanwhile[0].response.status, 400);
    assert!(said(&flow, "logout.returned").1.contains("only the page of the server says"), "it proves nothing");
}

/// Stands where what is told is awaited.
fn waiting() -> (Pair, Flow) {
    let (mut pair, mut flow) = (Pair::new(), leaving(told_of_logout));
    pair.run_to(&mut flow, Stage::Logout);
    while !matches!(flow.poll(pair.now()), Next::Do(Action::Await(_))) {
        pair.step(&mut flow);
    }
    (pair, flow)
}

#[test]
fn the_one_who_stops_the_wait_has_waited_enough() {
    let (mut pair, mut flow) = waiting();
    let Next::Do(Action::Await(Awaiting { redirect_uri, awaited, beside, .. })) = flow.begin(pair.now()) else {
        panic!("nothing is awaited")
    };
    assert_eq!((redirect_uri.as_str(), beside.len()), ("http://127.0.0.1:9402/backchannel_logout", 1));
    assert_eq!(awaited, Awaited::Told(last(&flow).sent_at + PATIENCE));
    // Nothing comes back, whatever is pasted.
    let pasted = Callback::from_pasted_as(&Awaited::Logout, "https://app.example/bye").expect("a URL");
    flow.handle(Event::CalledBack(pasted), pair.now());
    assert!(flow.awaiting().is_some());
    pair.wait(Duration::from_secs(12));
    flow.stop(pair.now());
    assert_eq!(flow.poll(pair.now()), Next::Finished);
    assert_eq!(last(&flow).took, Duration::from_secs(12));
    assert!(said(&flow, "blo.sent").1.starts_with("none came within 12 s"));
}

/// The keys of a server change: the one that a logout token is signed with may be newer than those of the login.
#[test]
fn the_keys_are_fetched_anew_for_a_token_that_names_another() {
    let (mut pair, mut flow) = waiting();
    pair.practice.rotate_keys().expect("a key");
    assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
    assert_eq!(stages(&flow)[stages(&flow).len() - 2..], [Stage::Logout, Stage::Jwks]);
    assert_eq!(said(&flow, "blo.signature").0, Verdict::Pass);
    assert_eq!(failed(&flow), Vec::<&str>::new());
}

#[test]
fn a_recording_is_judged_as_the_run_was() {
    for tells in [true, false] {
        let mut pair = Pair::new();
        if !tells {
            tells_nobody(&pair);
        }
        let mut flow = leaving(both);
        let next = pair.run(&mut flow);
        let written = Record::of(&flow, &next).to_text(None);
        let again = Record::read(&written).expect("a record").to_text(None);
        assert!(again == written, "it says something else when it is read again");
    }
}

/// The browser stays on a page of the server, which has ended the session and tells of it.
#[test]
fn a_server_that_does_not_send_back_is_heard() {
    let mut told = leaving(told_of_logout);
    Pair::new().run(&mut told);
    let (mut pair, mut flow) = (Pair::new(), flow(Grant::AuthorizationCode, told_of_logout));
    flow.append(Stage::Logout);
    while flow.stage() != Some(Stage::Logout) || flow.awaiting().is_none() {
        pair.step(&mut flow);
    }
    flow.begin(pair.now());
    flow.handle(Event::Arrived(Box::new(last(&told).meanwhile[0].clone())), pair.now());
    let error = Failure::wait("no response came within 5 min");
    flow.handle(Event::Failed { error, took: Duration::from_secs(300) }, pair.now());
    let Next::Stopped(problem) = flow.poll(pair.now()) else { panic!("it came back") };
    assert_eq!(said(&flow, "blo.sent").0, Verdict::Pass);
    assert!(problem.advice[0].ends_with("only the way back is lacking."), "{:?}", problem.advice);
}
