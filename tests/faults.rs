//! The practice server on purpose: every fault is noticed by the rule it names and by no other, the log says why each
//! answer came out as it did and holds no credential, and what is in force can be ended.

#[cfg(feature = "window")]
#[path = "faults/german.rs"]
mod german;
mod pair;
#[path = "faults/rows.rs"]
mod rows;

use std::collections::BTreeSet;
use std::time::Duration;

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{self, Fail, Note, Warn};
use grantscope::base::entropy::Entropy;
use grantscope::base::http::HttpRequest;
use grantscope::base::params::Params;
use grantscope::client::rules;
use grantscope::client::settings::Settings;
use grantscope::flow::stage::Stage;
use grantscope::flow::{Flow, Next, Outcome as RunOutcome, Problem, ProblemKind};
use grantscope::practice::{Compared, Config, DEMO_PASSWORD, Entry, Fault, Outcome, Practice, PracticeHandle, Reason};
use grantscope::terms::grant::Grant;
use pair::{ISSUER, Pair, START, encrypted, gets_pushed, practice_settings};
use rows::{ROWS, Row, signed_response};
use url::Url;

fn flow(grant: Grant, change: impl FnOnce(&mut Settings)) -> Flow {
    seeded(2, grant, change)
}

fn seeded(seed: u8, grant: Grant, change: impl FnOnce(&mut Settings)) -> Flow {
    let mut settings = practice_settings();
    grantscope::demo::fill(&mut settings, grant, "alice", None);
    grantscope::flow::grant::adapt(grant, &mut settings);
    change(&mut settings);
    Flow::new(grant, settings, Entropy::from_seed([seed; 32]))
}

fn broken(flow: &Flow) -> BTreeSet<(&'static str, Verdict)> {
    let is_broken = |check: &&Check| matches!(check.verdict, Fail | Warn | Note);
    flow.checks().filter(is_broken).map(|check| (check.rule.id, check.verdict)).collect()
}

/// Each run draws its own values: what a server has seen once it must not take twice.
fn run(pair: &mut Pair, row: &Row) -> Flow {
    let seed = u8::try_from(pair.practice.log().len()).unwrap_or_default();
    let mut flow = seeded(seed, row.grant, row.change);
    let before = row.then.and_then(|stage| stage.descriptor().after).filter(|stage| !flow.stages().contains(stage));
    before.into_iter().chain(row.then).for_each(|stage| flow.append(stage));
    let next = pair.run(&mut flow);
    // What a server that says one thing does with another is seen when it leaves.
    if matches!(next, Next::Stopped(problem) if problem.is_unsent()) {
        flow.go_on_anyway();
        pair.run(&mut flow);
    }
    flow
}

#[test]
fn each_fault_breaks_the_rule_it_names_and_is_gone_when_it_is_off() {
    for row in &ROWS {
        let mut pair = (row.pair)();
        pair.username = row.username;
        let name = row.fault.name();
        let sound = broken(&run(&mut pair, row));
        assert!(sound.iter().all(|(_, verdict)| *verdict == Note), "{name}: {sound:?}");
        pair.practice.set(row.fault, true);
        let spoilt = broken(&run(&mut pair, row));
        let besides = row.besides.iter().map(|(id, _)| *id);
        let new: BTreeSet<&str> = spoilt.difference(&sound).map(|(id, _)| *id).collect();
        let rule = row.fault.rule().expect("a row is of a fault that a client notices");
        assert_eq!(new, besides.chain([rule]).collect(), "{name}");
        assert!(spoilt.contains(&(rule, row.verdict)), "{name}: {spoilt:?}");
        let log = pair.practice.log();
        let told = log.iter().filter(|entry| entry.faults.contains(&row.fault));
        assert!(told.clone().count() > 0, "{name} is in no entry");
        assert!(told.clone().all(|entry| entry.words().contains(&format!("fault {name}"))), "{name}");
        pair.practice.set(row.fault, false);
        let sound_again = run(&mut pair, row);
        assert_eq!(broken(&sound_again), sound, "{name} stays although it is off");
        assert_eq!(sound_again.outcome(), RunOutcome::Success, "{name}");
    }
}

/// Every rule that rejects, at every grant that meets it: nothing leaves after it, and the run says so. Who goes on all
/// the same comes to the end, and that is told.
#[test]
fn what_must_be_rejected_ends_the_run_before_anything_more_leaves() {
    let rejects = |fault: &&Fault| {
        let rule = rules::catalogue().find(|rule| Some(rule.id) == fault.rule());
        rule.is_some_and(|rule| rule.rejects.is_some())
    };
    for fault in Fault::ALL.iter().filter(rejects) {
        let mut met = 0;
        for grant in Grant::ALL {
            let mut pair = Pair::new();
            pair.practice.set(*fault, true);
            let mut flow = flow(grant, |settings| {
                if fault.name().starts_with("jarm_") {
                    signed_response(settings);
                }
                if *fault == Fault::PushWrongRequest {
                    gets_pushed(settings);
                }
                settings.registration.dynamic_client_registration = *fault == Fault::ChangedClientId;
                if fault.name().starts_with("jwe_") {
                    encrypted(settings);
                }
            });
            flow.append(Stage::UserInfo);
            flow.append(Stage::ResourceMetadata);
            if *fault == Fault::ChangedClientId {
                flow.append(Stage::RegistrationUpdate);
            }
            let next = pair.run(&mut flow);
            let Some(rule) = flow.rejecting_checks().next().map(|check| check.rule.id) else {
                continue;
            };
            met += 1;
            let name = format!("{} at {grant:?}", fault.name());
            let Next::Stopped(problem) = next else { panic!("{name}: {next:?}") };
            assert_eq!((&problem.kind, problem.rule), (&ProblemKind::Unsafe, Some(rule)), "{name}");
            let last = flow.trace.exchanges.last().expect("an exchange");
            assert!(last.checks.iter().any(|check| check.rule.id == rule), "{name}: something left after it");
            assert_eq!(flow.outcome(), RunOutcome::Failed, "{name}");
            let mut went_on = Vec::new();
            for _ in 0..9 {
                let is_unsafe = |problem: &&Problem| problem.kind == ProblemKind::Unsafe;
                let Some(problem) = flow.problem().filter(is_unsafe) else { break };
                // All that is passed over, the one that stopped the run first.
                let last = flow.trace.exchanges.last().filter(|last| last.stage == problem.stage);
                let rejecting =
                    last.into_iter().flat_map(|last| last.checks.iter().filter(|check| check.rejects().is_some()));
                went_on.extend(rejecting.map(|check| Some(check.rule.id)));
                assert!(went_on.contains(&problem.rule), "{name}");
                flow.go_on_anyway();
                pair.run(&mut flow);
            }
            // What was added may have nothing to do; an assertion for another issuer is refused by this one.
            let is_at_end = matches!(flow.outcome(), RunOutcome::Success | RunOutcome::Incomplete);
            let is_at_end = is_at_end || grant == Grant::JwtBearer;
            assert!(is_at_end, "{name}: {:?}", flow.problem());
            assert!(flow.has_failed_check(), "{name}: the failed check stands");
            assert_eq!(flow.trace.went_on.iter().map(|it| it.rule).collect::<Vec<_>>(), went_on, "{name}");
        }
        assert!(met > 0, "{} is met by no grant", fault.name());
    }
}

#[test]
fn every_fault_has_a_row_and_names_a_rule_that_exists() {
    let rules: BTreeSet<&str> = rules::catalogue().map(|rule| rule.id).collect();
    let rows: BTreeSet<&str> = ROWS.iter().map(|row| row.fault.name()).collect();
    for fault in Fault::ALL {
        assert!(fault.rule().is_none_or(|rule| rules.contains(rule)), "{:?} is no rule", fault.rule());
        assert_eq!(rows.contains(fault.name()), fault.rule().is_some(), "{} has no row", fault.name());
    }
}

#[test]
fn a_key_that_nobody_named_is_looked_for_once_more() {
    let mut pair = Pair::new();
    pair.practice.set(Fault::UnknownKid, true);
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    assert_eq!(pair.run(&mut flow), Next::Finished);
    let fetched = flow.trace.exchanges.iter().filter(|exchange| exchange.stage == Stage::Jwks).count();
    assert_eq!(fetched, 2);
    let last = flow.checks().filter(|check| check.rule.id == "id_token.kid").last().expect("applied");
    assert_eq!(last.verdict, Warn);
}

#[test]
fn a_slow_answer_takes_the_time_it_was_given() {
    let mut pair = Pair::new();
    pair.practice.set("slow_answer=500ms".parse().expect("a fault"), true);
    let mut flow = flow(Grant::ClientCredentials, |_| {});
    assert_eq!(pair.run(&mut flow), Next::Finished);
    let token = flow.trace.exchanges.iter().find(|exchange| exchange.stage == Stage::Token).expect("asked");
    assert_eq!(token.took, pair::TOOK + Duration::from_millis(500));
    assert!(!broken(&flow).contains(&("answer.slow", Note)), "half a second is no reason to worry");
}

fn last<'a>(log: &'a [std::sync::Arc<Entry>], path: &str) -> &'a Entry {
    log.iter().rev().find(|entry| entry.path == path).unwrap_or_else(|| panic!("nobody asked {path}"))
}

fn outcomes(entry: &Entry) -> Vec<(Outcome, &str)> {
    entry.reasons.iter().map(|reason| (reason.outcome, reason.what.as_str())).collect()
}

fn edit_form(flow: &mut Flow, name: &str, value: &str) {
    let request = flow.edit().expect("a request is about to leave");
    let mut form = request.form().expect("a form");
    form.set(name, value);
    request.body = form.encode().into_bytes();
}

#[test]
fn a_verifier_that_does_not_fit_is_told_with_both_hashes_and_what_came_before() {
    use Outcome::{Failed, Held, NotReached};

    let verifier = "a-verifier-of-forty-three-characters-0123456789";
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    pair.run_to(&mut flow, Stage::Token);
    edit_form(&mut flow, "code_verifier", verifier);
    assert!(matches!(pair.run(&mut flow), Next::Stopped(_)));
    let log = pair.practice.log();
    let entry = last(&log, "/token");
    assert_eq!((entry.method.as_str(), entry.status), ("POST", 400));
    assert_eq!(entry.client_id.as_deref(), Some("practice-web"));
    assert_eq!(entry.words(), "invalid_grant: code_verifier does not fit");
    assert_eq!(
        outcomes(entry),
        [
            (Held, "client is known"),
            (Held, "client authenticates as it is registered"),
            (Held, "client proves who it is"),
            (Held, "client may use the grant"),
            (Held, "code is known and of this client"),
            (Held, "redirect_uri equals that of the request"),
            (Failed, "code_verifier does not fit"),
            (NotReached, "code is not used and not over"),
            (NotReached, "scope and tokens"),
        ]
    );
    let compared = entry.reasons[6].compared.clone().expect("two hashes");
    let hash = grantscope::jose::base64url::encode(&grantscope::jose::hash::sha256(verifier.as_bytes()));
    let sent = flow.session.authorization.as_ref().and_then(|sent| sent.get("code_challenge")).expect("a challenge");
    let labelled = |label: &str, value: &str| (label.to_owned(), value.to_owned());
    let came = labelled("SHA-256 of what came", &hash);
    assert_eq!(compared, Compared { came, known: labelled("code_challenge", sent) });
}

/// What the log says of each request of a run that goes well.
#[test]
fn a_run_reads_like_a_story() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    flow.append(Stage::Revocation);
    assert_eq!(pair.run(&mut flow), Next::Finished);
    let log = pair.practice.log();
    let words: Vec<String> = log.iter().map(|entry| entry.words()).collect();
    let told: Vec<(&str, &str)> =
        log.iter().zip(&words).map(|(entry, said)| (entry.path.as_str(), said.as_str())).collect();
    let scope = "openid profile email offline_access";
    let claims = "claims of alice: sub, name, given_name, family_name, preferred_username, locale, zoneinfo, updated_at, \
                  email, email_verified";
    assert_eq!(
        told,
        [
            ("/.well-known/openid-configuration", "metadata, 61 members"),
            ("/jwks", "1 key, EC P-256"),
            ("/authorize", "the login page"),
            ("/login", "alice signed in"),
            ("/consent", "the page that asks alice for consent"),
            ("/consent", format!("alice allows {scope}, code for 1 min").as_str()),
            ("/token", format!("access token, ID token and refresh token for {scope}, 10 min").as_str()),
            ("/userinfo", claims),
            ("/api/me", "the API answers for alice"),
            ("/revoke", "refresh token and all access tokens of its sign-in ended"),
        ]
    );
    let clients: BTreeSet<Option<&str>> = log[2..].iter().map(|entry| entry.client_id.as_deref()).collect();
    assert_eq!(clients, BTreeSet::from([Some("practice-web")]));
    assert!(log.iter().flat_map(|entry| &entry.reasons).all(|reason| reason.outcome == Outcome::Held));
}

fn texts(entry: &Entry) -> Vec<&str> {
    let values = |reason: &'_ Reason| reason.compared.clone();
    assert!(entry.reasons.iter().filter_map(values).all(|compared| compared.came != compared.known));
    let said = entry.reasons.iter().flat_map(|reason| [reason.what.as_str(), reason.saw.as_str()]);
    said.chain(entry.said.iter().map(String::as_str)).chain([entry.path.as_str()]).collect()
}

/// Every credential of a run: as the flow knows them, and as the requests carried them.
fn credentials(flow: &Flow) -> BTreeSet<String> {
    const NAMES: [&str; 16] = [
        "client_secret",
        "client_assertion",
        "assertion",
        "code",
        "code_verifier",
        "password",
        "refresh_token",
        "access_token",
        "id_token",
        "token",
        "subject_token",
        "actor_token",
        "device_code",
        "user_code",
        "auth_req_id",
        "client_notification_token",
    ];
    let mut found: BTreeSet<String> = flow.session.secrets().map(|secret| secret.expose().to_owned()).collect();
    for exchange in &flow.trace.exchanges {
        let form = exchange.request.form().unwrap_or_default();
        found.extend(NAMES.iter().filter_map(|name| form.get(name).map(str::to_owned)));
        let json = exchange.response().and_then(grantscope::flow::stage::json_of);
        found.extend(NAMES.iter().filter_map(|name| json.as_ref()?.text(name).map(str::to_owned)));
    }
    found.insert("practice-secret".to_owned());
    // The password of the demo users is a part of every name here.
    found.retain(|secret| secret.len() > 5 && secret != DEMO_PASSWORD);
    found
}

#[test]
fn no_credential_of_any_grant_is_in_the_log() {
    for grant in Grant::ALL {
        let mut pair = Pair::with_tls();
        let mut flow = flow(grant, |_| {});
        flow.append(Stage::Introspection);
        flow.append(Stage::Revocation);
        pair.run(&mut flow);
        // A second one that is refused: its code, secret or token is wrong.
        let mut refused = self::flow(grant, |settings| {
            settings.client.client_secret = "sentinel-secret".into();
            settings.request.password = "sentinel-password".into();
        });
        pair.run(&mut refused);
        let log = pair.practice.log();
        assert!(!log.is_empty());
        let mut secrets = credentials(&flow);
        secrets.extend(credentials(&refused));
        secrets.extend(["sentinel-secret", "sentinel-password"].map(str::to_owned));
        assert!(secrets.len() > 3, "{grant:?}: {secrets:?}");
        for entry in log {
            let shown = format!("{entry:?} {}", texts(&entry).join(" "));
            let leaked: Vec<&String> = secrets.iter().filter(|secret| shown.contains(secret.as_str())).collect();
            assert!(leaked.is_empty(), "{grant:?}: {leaked:?} in {shown}");
        }
    }
}

#[test]
fn a_refused_verifier_of_the_method_plain_is_not_shown() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, |settings| {
        settings.set("code_challenge_method", "plain").expect("a setting");
    });
    pair.run_to(&mut flow, Stage::Token);
    let right = flow.own.drawn.clone().expect("drawn").code_verifier;
    let wrong = "a-verifier-of-forty-three-characters-0123456789";
    edit_form(&mut flow, "code_verifier", wrong);
    pair.run(&mut flow);
    let shown = format!("{:?}", last(&pair.practice.log(), "/token"));
    assert!(shown.contains("code_verifier does not fit"), "{shown}");
    assert!(!shown.contains(wrong) && !shown.contains(right.expose()), "{shown}");
}

fn server() -> PracticeHandle {
    let config = Config::practice(Url::parse(ISSUER).expect("a URL"));
    PracticeHandle::new(Practice::new(config, Entropy::from_seed([3; 32])).expect("a server"))
}

fn get(path: &str) -> HttpRequest {
    HttpRequest::get(Url::parse(ISSUER).expect("a URL").join(path).expect("a path"))
}

#[test]
fn the_log_keeps_the_last_five_hundred_and_counts_all() {
    let server = server();
    for _ in 0..510 {
        server.handle(&get("/jwks"), START);
    }
    let numbers: Vec<u64> = server.log().iter().map(|entry| entry.number).collect();
    assert_eq!((numbers.len(), numbers.first(), numbers.last()), (500, Some(&11), Some(&510)));
    server.clear_log();
    assert!(server.log().is_empty());
    assert_eq!(server.requests(), 510);
}

#[test]
fn what_nobody_can_answer_is_in_the_log_too_and_never_longer_than_it_is_read() {
    let server = server();
    for (request, status, words) in [
        (get("/nothing?code=sentinel"), 404, "There is nothing at this path"),
        (HttpRequest { method: "DELETE".to_owned(), ..get("/token") }, 405, "/token takes POST"),
        (get(&format!("/{}", "x".repeat(10_000))), 404, "There is nothing"),
        (get("/authorize?client_id=nobody"), 400, "invalid_request: there is no client nobody"),
        (get("/userinfo"), 401, "no access token came"),
    ] {
        server.handle(&request, START);
        let entry = server.last_entry().expect("an entry");
        assert_eq!(entry.status, status);
        assert!(entry.words().starts_with(words), "{}", entry.words());
        let shown = format!("{entry:?}");
        assert!(!shown.contains("sentinel") && shown.len() < 3000, "{shown}");
    }
}

fn ask(server: &PracticeHandle, path: &str, form: &[(&str, &str)]) -> u16 {
    let mut params: Params =
        [("client_id", "practice-web"), ("client_secret", "practice-secret")].into_iter().collect();
    form.iter().for_each(|(name, value)| params.push(*name, *value));
    server.handle(&HttpRequest::post_form(get(path).url, &params), START).status
}

#[test]
fn what_is_in_force_is_listed_and_what_is_ended_is_refused() {
    let mut pair = Pair::new();
    let mut flow = flow(Grant::AuthorizationCode, |_| {});
    pair.run(&mut flow);
    let now = START;
    let tokens = pair.practice.tokens(now);
    let kinds: Vec<(&str, &str, &str)> =
        tokens.iter().map(|token| (token.kind, token.client_id.as_str(), token.sub.as_str())).collect();
    assert_eq!(kinds, [("access_token", "practice-web", "alice"), ("refresh_token", "practice-web", "alice")]);
    let sessions = pair.practice.sessions(now);
    assert_eq!(sessions.len(), 1);
    assert_eq!((sessions[0].sub.as_str(), sessions[0].clients.as_slice()), ("alice", &["practice-web".to_owned()][..]));
    let shown = format!("{tokens:?} {sessions:?}");
    assert!(flow.session.secrets().all(|secret| !shown.contains(secret.expose())), "no view holds a token");

    assert!(pair.practice.end(&tokens[0].id));
    assert!(!pair.practice.end(&tokens[0].id), "it is ended already");
    flow.append(Stage::Resource);
    assert!(matches!(pair.run(&mut flow), Next::Stopped(_)), "the API refuses the access token");
    let refused = last(&pair.practice.log(), "/api/me").words();
    assert_eq!(refused, "invalid_token: the access token was revoked");
    assert_eq!(pair.practice.tokens(now).len(), 1, "the refresh token goes on");
    flow.go_on_anyway();
    assert!(pair.practice.end(&tokens[1].id));
    flow.append(Stage::Refresh);
    assert!(matches!(pair.run(&mut flow), Next::Stopped(_)), "no new tokens for it");
    assert_eq!(pair.practice.tokens(now), []);
    assert!(pair.practice.end(&sessions[0].id));
    assert_eq!(pair.practice.sessions(now), []);
    assert!(!pair.practice.end("nothing"));
}

#[test]
fn everything_can_be_ended_at_once() {
    let server = server();
    let grant = [("grant_type", "password"), ("username", "alice"), ("password", DEMO_PASSWORD)];
    let form = [&grant[..], &[("scope", "openid offline_access")]].concat();
    assert_eq!(ask(&server, "/token", &form), 200);
    assert_eq!(server.tokens(START).len(), 2);
    server.end_all();
    assert_eq!((server.tokens(START), server.sessions(START)), (Vec::new(), Vec::new()));
    assert!(server.clients().iter().any(|client| client.client_id == "practice-web"));
    assert_eq!(server.users().len(), 2);
}

#[test]
fn every_handle_is_on_the_same_server() {
    let server = server();
    let other = server.clone();
    other.set(Fault::WrongIssuer, true);
    let metadata = server.handle(&get("/.well-known/openid-configuration"), START);
    assert!(metadata.text().contains("9400/another\""));
    assert_eq!(other.log(), server.log());
    assert!(other.faults().get(Fault::WrongIssuer).is_some() && other.faults().get(Fault::WrongIss).is_none());
}
