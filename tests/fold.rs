//! What holds for every run of every grant, whatever happens to it: nothing panics, what was sent is in the trace, and
//! judging the trace says what the run said.

mod pair;

use std::time::Duration;

use grantscope::base::check::Verdict;
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::secret::Secret;
use grantscope::base::time::Timestamp;
use grantscope::client::seal::SealEdits;
use grantscope::client::settings::Settings;
use grantscope::flow::judge::judge;
use grantscope::flow::stage::Stage;
use grantscope::flow::trace::Answer;
use grantscope::flow::world::World as _;
use grantscope::flow::{Action, Event, Failure, Flow, Next, Outcome};
use grantscope::terms::grant::Grant;
use pair::{BOUND, Pair, demo_settings, every_event};
use proptest::prelude::*;

/// A run of the demo client of this grant and method, with everything it needs.
fn flow(grant: Grant, method: &str) -> Flow {
    Flow::new(grant, demo_settings(grant, method), grantscope::base::entropy::Entropy::from_seed([2; 32]))
}

/// Every check that the run has made is what judging its trace comes to.
fn assert_judged_alike(flow: &Flow) {
    let (_, checks) = judge(&flow.trace.exchanges);
    for (exchange, judged) in flow.trace.exchanges.iter().zip(&checks) {
        assert_eq!(&exchange.checks, judged, "{:?}", exchange.stage);
    }
}

#[test]
fn a_run_of_every_grant_is_judged_anew_as_it_was() {
    for grant in Grant::ALL {
        for method in ["", "client_secret_jwt", "private_key_jwt", BOUND] {
            let mut flow = flow(grant, method);
            for slug in Stage::appendable() {
                flow.append(Stage::find(slug).expect("a stage"));
            }
            let mut pair = Pair::new();
            while matches!(pair.run(&mut flow), Next::Stopped(_)) {
                flow.go_on_anyway();
            }
            assert!(flow.trace.exchanges.len() > 2, "{grant:?}");
            assert_judged_alike(&flow);
        }
    }
}

/// An answer with which a run does not go on is seen as that by whoever looks at the exchange alone.
#[test]
fn a_success_that_stops_a_run_is_turned_down_or_breaks_a_rule() {
    let bodies = ["", "{}", "[]", "null", "<html></html>", r#"{"error":"no"}"#, r#"{"jsonrpc":"2.0","result":{}}"#];
    for grant in Grant::ALL {
        let mut pair = Pair::new();
        let mut flow = flow(grant, "");
        Stage::appendable().for_each(|slug| flow.append(Stage::find(slug).expect("a stage")));
        for _ in 0..80 {
            if let Next::Do(Action::Send(_)) = flow.poll(pair.now()) {
                for body in bodies {
                    let mut flow = flow.clone();
                    flow.begin(pair.now());
                    let response = HttpResponse::new(200, JSON, body);
                    flow.handle(Event::Answered { response, took: Duration::ZERO }, pair.now());
                    let Next::Stopped(problem) = flow.poll(pair.now()) else { continue };
                    let last = flow.trace.exchanges.last().expect("an exchange");
                    let is_seen = last.is_turned_down()
                        || last.lacks_document().is_some()
                        || last.checks.iter().any(|check| check.verdict <= Verdict::Warn);
                    assert!(is_seen, "{:?} of {grant:?} with {body}: {problem:?}", last.stage);
                }
            }
            if !matches!(flow.poll(pair.now()), Next::Do(_)) {
                flow.go_on_anyway();
            }
            pair.step(&mut flow);
        }
    }
}

#[derive(Clone, Debug)]
enum Doing {
    Poll,
    Begin,
    Perform,
    Handle(usize),
    Stop,
    Edit,
    SealNow,
    Reprepare,
    Retry,
    WaitAgain,
    GoOn,
    Append(usize),
    Break(usize),
}

fn doing() -> impl Strategy<Value = Doing> {
    prop_oneof![
        1 => Just(Doing::Poll),
        2 => Just(Doing::Begin),
        12 => Just(Doing::Perform),
        5 => (0..every_event().len()).prop_map(Doing::Handle),
        1 => Just(Doing::Stop),
        1 => Just(Doing::Edit),
        1 => Just(Doing::SealNow),
        1 => Just(Doing::Reprepare),
        1 => Just(Doing::Retry),
        1 => Just(Doing::WaitAgain),
        3 => Just(Doing::GoOn),
        2 => (0..Stage::ALL.len()).prop_map(Doing::Append),
        1 => (0..5usize).prop_map(Doing::Break),
    ]
}

fn spoil(settings: &mut Settings, at: usize) {
    match at {
        0 => settings.server.issuer = "http://[".to_owned(),
        1 => settings.client.redirect_uri = "::".to_owned(),
        2 => settings.client.private_key = Secret::default(),
        3 => settings.client.client_id = "nobody".to_owned(),
        _ => settings.request.scope = "openid zzz".to_owned(),
    }
}

fn act(doing: &Doing, flow: &mut Flow, pair: &mut Pair, now: Timestamp) {
    match doing {
        Doing::Poll => drop(flow.poll(now)),
        Doing::Begin => drop(flow.begin(now)),
        Doing::Perform => pair.step(flow),
        Doing::Handle(at) => flow.handle(every_event().swap_remove(*at), now),
        Doing::Stop => flow.stop(now),
        Doing::Edit => drop(flow.edit().map(|request| request.url.set_query(Some("%zz&=&scope")))),
        Doing::SealNow => flow.seal_now(now),
        Doing::Reprepare => flow.reprepare(),
        Doing::Retry => flow.retry(),
        Doing::WaitAgain => flow.wait_again(),
        Doing::GoOn => flow.go_on_anyway(),
        Doing::Append(at) => flow.append(Stage::ALL[*at]),
        Doing::Break(at) => spoil(&mut flow.settings, *at),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_that_happens_to_a_run_panics_or_makes_its_trace_say_something_else(
        grant in 0..Grant::ALL.len(),
        doings in proptest::collection::vec((doing(), any::<i64>()), 0..40),
    ) {
        let mut pair = Pair::new();
        let mut flow = flow(Grant::ALL[grant], "");
        for (doing, millis) in &doings {
            act(doing, &mut flow, &mut pair, Timestamp::from_millis(*millis));
            prop_assert!(flow.current_step() <= flow.steps().len());
            prop_assert!(flow.problem().is_none() || flow.outcome() != Outcome::Success);
        }
        assert_judged_alike(&flow);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// A stranger's server must not be asked for ever. The same answers come again and again, the practice server's own
    /// among them, so that every stage is reached.
    #[test]
    fn a_run_that_nobody_looks_after_sends_no_more_than_a_hundred_requests(
        grant in 0..Grant::ALL.len(),
        events in proptest::collection::vec(prop::option::weighted(0.4, 0..every_event().len()), 1..6),
        issuer in prop_oneof![
            3 => Just(pair::ISSUER.to_owned()),
            1 => Just(format!("{}/.well-known/openid-configuration/", pair::ISSUER)),
            1 => "https?://[a-c]{1,3}(/|/a|/\\.well-known/openid-configuration){0,4}",
        ],
    ) {
        let mut pair = Pair::new();
        let mut flow = flow(Grant::ALL[grant], "");
        flow.settings.server.issuer = issuer;
        for event in events.iter().cycle().take(2_000) {
            let Next::Do(_) = flow.begin(pair.now()) else { break };
            match event {
                Some(at) => flow.handle(every_event().swap_remove(*at), pair.now()),
                None => pair.step(&mut flow),
            }
        }
        let polls = flow.trace.exchanges.iter().filter(|exchange| exchange.is_told_to_wait()).count();
        prop_assert!(flow.trace.exchanges.len() - polls <= 100);
    }
}

/// A token request of this grant that has left, and whose answer nobody waited for.
fn stopped(grant: Grant) -> (Pair, Flow) {
    let mut pair = Pair::new();
    let mut flow = flow(grant, "");
    pair.run_to(&mut flow, Stage::Token);
    while !matches!(flow.poll(pair.now()), Next::Do(Action::Send(_))) {
        pair.step(&mut flow);
    }
    let now = pair.now();
    assert!(matches!(flow.begin(now), Next::Do(Action::Send(_))));
    assert_eq!(flow.trace.exchanges.last().map(|exchange| exchange.stage), Some(Stage::Token), "it is sent");
    flow.stop(now + Duration::from_millis(2_100));
    (pair, flow)
}

#[test]
fn a_request_that_was_stopped_stays_in_the_trace_as_sent() {
    let (pair, flow) = stopped(Grant::AuthorizationCode);
    let last = flow.trace.exchanges.last().expect("an exchange");
    let Answer::Failed(failure) = &last.answer else { panic!("an answer: {:?}", last.answer) };
    assert_eq!(failure.to_string(), "sent, answer not awaited: stopped after 2.1 s");
    assert_eq!(failure, &Failure::Stopped(Duration::from_millis(2_100)));
    assert!(flow.problem().is_none(), "the request is ready to be sent again");
    drop(pair);
}

#[test]
fn what_works_once_is_named_before_it_is_sent_again() {
    for (grant, name) in
        [(Grant::AuthorizationCode, "code"), (Grant::DeviceCode, "device_code"), (Grant::Ciba, "auth_req_id")]
    {
        let (pair, mut flow) = stopped(grant);
        let now = pair.now();
        flow.poll(now);
        let before = flow.sent_before(now).unwrap_or_else(|| panic!("{name} was sent before"));
        assert_eq!((before.name.as_str(), before.is_answered), (name, false));
    }
    let mut pair = Pair::new();
    let mut flow = flow(Grant::DeviceCode, "");
    pair.approves = false;
    pair.run_to(&mut flow, Stage::Token);
    while flow.trace.exchanges.iter().filter(|exchange| exchange.stage == Stage::Token).count() < 2 {
        pair.step(&mut flow);
    }
    while !matches!(flow.poll(pair.now()), Next::Do(Action::Send(_))) {
        pair.step(&mut flow);
    }
    assert_eq!(flow.sent_before(pair.now()), None, "a poll that was told to wait is made again");
}

#[test]
fn trying_again_begins_where_a_new_one_is_made() {
    // A code that is refused twice, a device code and a backchannel request that were denied.
    let mut pair = Pair::new();
    let mut code = flow(Grant::AuthorizationCode, "");
    pair.run_to(&mut code, Stage::Token);
    pair.wait(Duration::from_secs(61));
    for expected in [Stage::Token, Stage::Authorization] {
        let Next::Stopped(problem) = pair.run(&mut code) else { panic!("the code is over") };
        assert_eq!((problem.stage, problem.again_at), (Stage::Token, expected));
        let says = problem.advice.iter().any(|advice| advice.contains("begins at the authorization request"));
        assert_eq!(says, expected == Stage::Authorization, "{:?}", problem.advice);
        code.retry();
    }
    assert_eq!(pair.run(&mut code), Next::Finished);
    assert_judged_alike(&code);
    for (grant, begins) in
        [(Grant::DeviceCode, Stage::DeviceAuthorization), (Grant::Ciba, Stage::BackchannelAuthentication)]
    {
        let mut pair = Pair::new();
        pair.decision = "deny";
        let mut flow = flow(grant, "");
        let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("denied") };
        assert_eq!(problem.again_at, begins);
        pair.decision = "allow";
        flow.retry();
        assert_eq!(flow.stage(), Some(begins));
        assert_eq!(pair.run(&mut flow), Next::Finished, "{grant:?}");
        assert_judged_alike(&flow);
    }
}

#[test]
fn what_can_be_added_and_why_not_is_known_to_the_flow() {
    let mut pair = Pair::new();
    let mut run = flow(Grant::AuthorizationCode, "");
    assert!(run.appendable().iter().all(|(_, lacks)| lacks.is_some()), "nothing has come yet");
    pair.run(&mut run);
    let lacks = |run: &Flow, stage| run.appendable().into_iter().find(|(it, _)| *it == stage).and_then(|(_, why)| why);
    assert_eq!(lacks(&run, Stage::Refresh), None);
    assert_eq!(lacks(&run, Stage::RefreshReuse), Some("no refresh token was used in this run"));
    assert_eq!(lacks(&run, Stage::RevocationProof), Some("nothing was revoked in this run"));
    run.append(Stage::Revocation);
    assert_eq!(lacks(&run, Stage::Refresh), Some("the run is not at its end"));
    pair.run(&mut run);
    assert_eq!(run.appendable()[0], (Stage::RevocationProof, None), "the proof is next");
}

#[test]
fn an_edit_of_what_is_signed_is_kept_for_its_request_and_its_polls_alone() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::Ciba, "private_key_jwt");
    let mut edits = SealEdits::default();
    edits.client_assertion.set("note", "mine");
    flow.edit_seals(edits);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    let noted: Vec<bool> = flow
        .trace
        .exchanges
        .iter()
        .filter_map(|exchange| exchange.request.form()?.get("client_assertion").map(grantscope::jose::jwt::decode))
        .map(|assertion| assertion.claim("note").is_some())
        .collect();
    assert!(noted.len() > 1 && noted[0] && noted[1..].iter().all(|noted| !noted), "{noted:?}");
}
