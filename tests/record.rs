//! Runs that are written down and read again: nothing is lost, they are judged as they were, and without secrets no
//! verdict becomes another one.

mod pair;

use std::time::Duration;

use grantscope::base::check::{Check, Verdict};
use grantscope::base::http::HttpResponse;
use grantscope::base::json::Json;
use grantscope::base::secret::Secret;
use grantscope::base::time::Timestamp;
use grantscope::client::settings::Settings;
use grantscope::export::redact::{Redactor, is_placeholder};
use grantscope::flow::callback::{Refusal, Stray};
use grantscope::flow::stage::Stage;
use grantscope::flow::trace::Answer;
use grantscope::flow::world::World as _;
use grantscope::flow::{Event, Failure, Flow, Next, Outcome};
use grantscope::practice::Fault;
use grantscope::record::{NOT_RECORDED, Record, redactor};
use grantscope::terms::grant::Grant;
use pair::{BOUND, Pair, demo_settings, every_event};
use proptest::prelude::*;

/// A run of the demo client of this grant and method, with everything it needs.
fn flow(grant: Grant, method: &str, change: impl FnOnce(&mut Settings)) -> Flow {
    let mut settings = demo_settings(grant, method);
    change(&mut settings);
    Flow::new(grant, settings, grantscope::base::entropy::Entropy::from_seed([7; 32]))
}

/// Goes on whatever happens.
fn to_the_end(pair: &mut Pair, flow: &mut Flow) -> Next {
    loop {
        match pair.run(flow) {
            Next::Stopped(_) => flow.go_on_anyway(),
            next => return next,
        }
    }
}

/// Runs of every grant and of the usual methods, with every stage that can be added.
fn runs() -> Vec<(Flow, Next)> {
    let mut runs = Vec::new();
    for grant in Grant::ALL {
        for method in ["", "client_secret_jwt", "private_key_jwt", BOUND] {
            let registers = method.is_empty();
            let mut flow = flow(grant, method, |it| it.registration.dynamic_client_registration = registers);
            Stage::appendable().for_each(|slug| flow.append(Stage::find(slug).expect("a stage")));
            let next = to_the_end(&mut Pair::new(), &mut flow);
            runs.push((flow, next));
        }
    }
    runs
}

/// Runs that were refused, edited, stopped, denied or lack something.
fn troubled() -> Vec<(Flow, Next)> {
    let mut runs = Vec::new();
    for grant in Grant::ALL {
        let changes: [fn(&mut Settings); 6] = [
            |it| it.client.client_secret = "wrong".into(),
            |it| it.client.client_id = "nobody".to_owned(),
            |it| it.client.client_id.clear(),
            |it| it.request.scope = "openid zzz".to_owned(),
            |it| it.token_request.omit = "code_verifier grant_type".to_owned(),
            |it| it.server.issuer = "http://127.0.0.1:9400/other".to_owned(),
        ];
        for (at, change) in changes.into_iter().enumerate() {
            let (mut pair, mut flow) = (Pair::new(), flow(grant, "", change));
            let next = if at % 2 == 0 { to_the_end(&mut pair, &mut flow) } else { pair.run(&mut flow) };
            runs.push((flow, next));
        }
        let (mut pair, mut flow) = (Pair::new(), flow(grant, "", |_| {}));
        pair.decision = "deny";
        let next = pair.run(&mut flow);
        runs.push((flow, next));
    }
    runs
}

fn assert_kept(flow: &Flow, next: &Next) {
    let record = Record::of(flow, next);
    let text = record.to_text(None);
    let read = Record::read(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(read.to_text(None), text);
    for ((exchange, judged), was) in read.flow().trace.exchanges.iter().zip(read.checks()).zip(&flow.trace.exchanges) {
        let checks: Vec<Check> = judged.iter().map(|judged| judged.check.clone()).collect();
        let is_hidden = judged.iter().any(|judged| judged.said.is_some());
        assert!(!is_hidden, "nothing is hidden");
        assert_eq!(checks, was.checks, "{:?}", was.stage);
        assert_eq!(
            (exchange.position, exchange.attempt, exchange.sent_at, exchange.took),
            (was.position, was.attempt, was.sent_at, was.took)
        );
        assert_eq!((&exchange.request.url, &exchange.request.body), (&was.request.url, &was.request.body));
        assert_eq!(exchange.settings, was.settings);
    }
    let again = read.flow();
    assert_eq!(again.settings, flow.settings);
    assert_eq!((again.outcome(), again.stages(), again.position()), (flow.outcome(), flow.stages(), flow.position()));
    assert_eq!(again.session.sub(), flow.session.sub());
    // The same document for those who must not see secrets, whoever writes it.
    let hidden = record.to_text(Some(&redactor(flow)));
    assert_eq!(read.to_text(Some(&redactor(&again))), hidden);
    assert_redacted(flow, &hidden);
}

fn assert_redacted(flow: &Flow, hidden: &str) {
    let read = Record::read(hidden).unwrap_or_else(|error| panic!("{error}: {hidden}"));
    assert_eq!(read.to_text(None), hidden, "told as it was");
    assert_eq!(read.to_text(Some(&redactor(&read.flow()))), hidden, "and nothing is hidden twice");
    let redacted: Redactor = redactor(flow);
    for (judged, was) in read.checks().iter().zip(&redacted.trace(&flow.trace).exchanges) {
        let mut said = was.checks.iter();
        for judged in judged {
            let is_alike = |was: &&Check| *was == judged.shown();
            assert!(said.any(|was| is_alike(&was)) || was.is_told_to_wait(), "{judged:?} was not said: {was:?}");
            let is_skipped =
                judged.check.verdict == Verdict::Skipped && judged.check.actual.as_deref() == Some(NOT_RECORDED);
            assert!(judged.said.is_none() || is_skipped, "{judged:?}");
        }
        assert!(judged.len() == was.checks.len() || was.is_told_to_wait(), "every verdict is there");
    }
}

#[test]
fn every_run_is_read_as_it_was_written() {
    for (flow, next) in runs() {
        assert!(flow.trace.exchanges.len() > 2);
        assert_kept(&flow, &next);
    }
}

#[test]
fn runs_in_trouble_are_read_as_they_were_written() {
    for (flow, next) in troubled() {
        assert_kept(&flow, &next);
    }
}

/// Without the key nothing can be opened, and nothing is judged otherwise for that.
#[test]
fn encrypted_runs_are_read_as_they_were_written() {
    for grant in [Grant::AuthorizationCode, Grant::Hybrid, Grant::RefreshToken] {
        let mut flow = flow(grant, "", |settings| {
            "jwt".clone_into(&mut settings.request.response_mode);
            for of in ["id_token", "userinfo", "authorization"] {
                settings.set(&format!("{of}_encrypted_response_alg"), "ECDH-ES+A128KW").expect("a setting");
                settings.set(&format!("{of}_encrypted_response_enc"), "A128GCM").expect("a setting");
            }
            grantscope::demo::choose_client(settings, grant);
            grantscope::demo::fill(settings, grant, "alice", None);
        });
        let next = to_the_end(&mut Pair::new(), &mut flow);
        assert!(!flow.has_failed_check(), "{grant:?}");
        assert_kept(&flow, &next);
    }
}

#[test]
fn nothing_secret_is_used_from_a_file_without_secrets() {
    for (flow, next) in runs() {
        let hidden = Record::of(&flow, &next).to_text(Some(&redactor(&flow)));
        for secret in flow.secrets().filter(|secret| secret.expose().len() > 8) {
            assert!(!hidden.contains(secret.expose()));
        }
        let read = Record::read(&hidden).expect("a record");
        assert!(read.is_redacted);
        let settings = read.settings();
        for secret in [&settings.client.client_secret, &settings.client.private_key, &settings.request.password] {
            assert!(secret.is_empty());
        }
        for exchange in &read.flow().trace.exchanges {
            assert!(
                exchange.settings.client.client_secret.is_empty() && exchange.settings.client.private_key.is_empty()
            );
        }
    }
}

#[test]
fn what_was_typed_and_never_sent_is_hidden_too() {
    let mut run = flow(Grant::ClientCredentials, "", |it| {
        it.client.client_secret = "planted-sentinel-1".into();
        it.client.tls_client_certificate = "planted-sentinel-2".into();
        it.request.password = "pen".into();
        it.request.api_body = "grant=a&access_token=planted-sentinel-3".to_owned();
        it.request.api_headers.push("X-Api-Key", "planted-sentinel-4");
        it.token_request.extra.push("client_assertion", "planted-sentinel-5");
        it.request.extra.push("request", "planted-sentinel-6");
        it.request.api_url = "https://api.example/?token=planted-sentinel-7".to_owned();
        it.client.client_id.clear();
    });
    let next = Pair::new().run(&mut run);
    run.settings.request.assertion_claims = r#"{"secret":"planted-sentinel-8"}"#.to_owned();
    let hidden = Record::of(&run, &next).to_text(Some(&redactor(&run)));
    assert!(!hidden.contains("sentinel") && !hidden.contains("\"pen\""), "{hidden}");
    assert_kept(&run, &next);
}

#[test]
fn settings_that_changed_on_the_way_are_with_the_exchanges_they_were_for() {
    let mut pair = Pair::new();
    let mut run = flow(Grant::AuthorizationCode, "", |_| {});
    pair.run_to(&mut run, Stage::Token);
    run.settings.request.api_url.clear();
    run.settings.client.client_secret = Secret::new("another");
    run.settings.token_request.headers.push("Origin", "https://a.example");
    run.reprepare();
    let next = pair.run(&mut run);
    let json = Record::of(&run, &next).to_json(None);
    let own: Vec<Vec<&str>> = json
        .get("exchanges")
        .expect("exchanges")
        .elements()
        .iter()
        .map(|exchange| {
            exchange.get("settings").map_or(&[][..], Json::members).iter().map(|(name, _)| name.as_str()).collect()
        })
        .collect();
    assert_eq!(own[0], ["client_secret", "api_url", "token_request.headers"]);
    assert_eq!(own.last(), Some(&vec![]));
    assert_kept(&run, &next);
}

#[test]
fn an_answer_that_did_not_come_is_read_as_what_it_was() {
    let mut pair = Pair::new();
    let mut run = flow(Grant::ClientCredentials, "", |_| {});
    pair.run_to(&mut run, Stage::Token);
    let now = pair.now();
    run.begin(now);
    let on_its_way = Record::of(&run, &Next::Finished).to_json(None);
    let last = |json: &Json| json.get("exchanges").expect("exchanges").elements().last().expect("one").clone();
    assert_eq!(last(&on_its_way).text("error"), Some("sent, answer not awaited"));
    assert_kept(&run, &Next::Finished);
    run.stop(now + Duration::from_millis(2_100));
    assert_eq!(last(&Record::of(&run, &Next::Finished).to_json(None)).text("failure"), Some("stopped"));
    assert_kept(&run, &Next::Finished);
}

#[test]
fn bodies_that_are_no_text_are_kept() {
    let mut pair = Pair::new();
    let mut run = flow(Grant::ClientCredentials, "", |_| {});
    pair.run_to(&mut run, Stage::Token);
    run.begin(pair.now());
    let response = HttpResponse::new(200, "application/octet-stream", vec![0xff, 0, 0xfe]);
    run.handle(Event::Answered { response, took: Duration::from_millis(3) }, pair.now());
    let next = run.poll(pair.now());
    let read = Record::read(&Record::of(&run, &next).to_text(None)).expect("a record");
    let again = read.flow();
    let Answer::Response(response) = &again.trace.exchanges.last().expect("one").answer else { panic!("a response") };
    assert_eq!(response.body, [0xff, 0, 0xfe]);
    assert_kept(&run, &next);
}

#[test]
fn what_was_turned_away_before_a_wait_ended_is_kept_once() {
    let mut pair = Pair::new();
    let mut run = flow(Grant::AuthorizationCode, "", |_| {});
    pair.run_to_browse(&mut run);
    pair.step(&mut run);
    let stray = Stray { at: pair.now(), what: "GET /".to_owned(), why: Refusal::NoState };
    run.handle(Event::Stray(stray), pair.now());
    run.handle(Event::Failed { error: Failure::wait("no response came"), took: Duration::ZERO }, pair.now());
    let next = run.poll(pair.now());
    let text = Record::of(&run, &next).to_text(None);
    assert_eq!(text.matches("\"turned_away\"").count(), 2, "of the exchange and of the run: {text}");
    assert_kept(&run, &next);
}

/// A run as `run --json` wrote it before there were run files.
fn of_before(flow: &Flow, next: &Next, hide: Option<&Redactor>) -> String {
    let json = Record::of(flow, next).to_json(hide);
    let without = |json: &Json, names: &[&str]| {
        Json::Object(json.members().iter().filter(|(name, _)| !names.contains(&name.as_str())).cloned().collect())
    };
    let each =
        |json: &Json, names: &[&str]| Json::Array(json.elements().iter().map(|one| without(one, names)).collect());
    let json = without(&json, &["version", "started_at", "settings", "stages", "position", "turned_away", "went_on"]);
    let member = |(name, value): &(String, Json)| {
        let value = match name.as_str() {
            "exchanges" => each(value, &["position", "settings", "failure"]),
            "checks" => each(value, &["stage", "exchange"]),
            "skipped" => each(value, &["position"]),
            "problem" => without(value, &["retry_from", "rule"]),
            _ => value.clone(),
        };
        (name.clone(), value)
    };
    Json::Object(json.members().iter().map(member).collect()).to_string()
}

#[test]
fn documents_of_before_are_read() {
    for (flow, next) in runs().into_iter().step_by(2).chain(troubled().into_iter().step_by(3)) {
        let hide = redactor(&flow);
        let old = of_before(&flow, &next, Some(&hide));
        let bare = regex_free(&old);
        for document in [old, bare] {
            let read = Record::read(&document).unwrap_or_else(|error| panic!("{error}: {document}"));
            let positions = |flow: &Flow| flow.trace.exchanges.iter().map(|it| it.stage).collect::<Vec<_>>();
            assert_eq!((positions(&read.flow()), read.outcome), (positions(&flow), flow.outcome()));
            for exchange in &read.flow().trace.exchanges {
                assert_eq!(read.stages.get(exchange.position), Some(&exchange.stage));
            }
            let told: usize = read.flow().checks().count();
            assert!(read.flow().trace.exchanges.is_empty() || told > 0);
        }
    }
}

/// A signature that an older version judged by the keys it had is judged by them again, though keys are fetched anew now.
#[test]
fn a_signature_is_judged_by_the_keys_of_a_file_where_nobody_fetched_them_anew() {
    let mut pair = Pair::new();
    pair.practice.set(Fault::BadSignature, true);
    let mut flow = flow(Grant::AuthorizationCode, "", |_| {});
    pair.run_to(&mut flow, Stage::Token);
    pair.step(&mut flow);
    let signature = |flow: &Flow| {
        let check = flow.checks().find(|check| check.rule.id == "id_token.signature").expect("the rule");
        check.verdict
    };
    assert_eq!(signature(&flow), Verdict::Skipped, "the keys are fetched anew");
    let next = flow.poll(pair.now());
    let as_now = Record::of(&flow, &next).to_json(None);
    assert_eq!(signature(&Record::read(&as_now.to_string()).expect("a record").flow()), Verdict::Skipped);
    let before = |(name, value): &(String, Json)| match (name.as_str(), value) {
        ("checks", Json::Array(checks)) => (name.clone(), Json::Array(checks.iter().map(judged_before).collect())),
        _ => (name.clone(), value.clone()),
    };
    let older = Json::Object(as_now.members().iter().map(before).collect());
    assert_eq!(signature(&Record::read(&older.to_string()).expect("a record").flow()), Verdict::Fail);
}

/// A check of a signature as it was told before keys were fetched anew for it.
fn judged_before(check: &Json) -> Json {
    let is_it = check.text("rule") == Some("id_token.signature");
    let told = |(name, value): &(String, Json)| match name.as_str() {
        "verdict" if is_it => (name.clone(), Json::String("fail".to_owned())),
        _ => (name.clone(), value.clone()),
    };
    Json::Object(check.members().iter().map(told).collect())
}

/// Placeholders as they once were: `REDACTED` and nothing more.
fn regex_free(document: &str) -> String {
    let mut parts = document.split("REDACTED-");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').unwrap_or(part.len());
        assert!(is_placeholder(&format!("REDACTED-{}", &part[..end])), "{part}");
        bare.push_str("REDACTED");
        bare.push_str(&part[end..]);
    }
    bare
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let (flow, next) = (Pair::new().flow(), Next::Finished);
    let empty = Record::of(&flow, &next).to_text(None);
    assert!(Record::read(&empty).is_ok());
    for (document, says) in [
        ("", "the text is empty"),
        ("{\n  \"grant\": x", "line 2 column 12"),
        ("[]", "a run file is an object, not an array"),
        ("{}", "grant: is missing"),
        (r#"{"grant":"dance"}"#, "grant: no grant of this name"),
        (r#"{"grant":"ciba","exchanges":{}}"#, "exchanges: an array is needed, not an object"),
        (r#"{"grant":"ciba","exchanges":[{"stage":"token"}]}"#, "exchanges[0].request: is missing"),
        (
            r#"{"grant":"ciba","exchanges":[{"stage":"token","request":{"method":"GET","url":"nowhere"}}]}"#,
            "exchanges[0].request.url: no URL",
        ),
        (r#"{"grant":"ciba","exchanges":[],"outcome":"fine"}"#, "outcome: no outcome of this name"),
        (r#"{"grant":"ciba","settings":{"state":"on"},"exchanges":[]}"#, "settings.state: true or false is needed"),
        (
            r#"{"grant":"ciba","exchanges":[],"outcome":"success","checks":[{"rule":"a"}]}"#,
            "checks[0].verdict: is missing",
        ),
    ] {
        let error = Record::read(document).expect_err(document).to_string();
        assert!(error.contains(says), "{error} does not say {says}");
    }
}

#[test]
fn members_of_a_newer_version_are_kept() {
    let mut pair = Pair::new();
    let mut run = flow(Grant::AuthorizationCode, "", |_| {});
    let next = pair.run(&mut run);
    let text = Record::of(&run, &next).to_text(None);
    let newer = text
        .replacen("{\n  \"version\": 1", "{\n  \"version\": 7", 1)
        .replacen("\n}\n", ",\n  \"weather\": \"fine\"\n}\n", 1)
        .replacen("\"took_ms\": 20,", "\"took_ms\": 20,\n      \"mood\": [1.50],", 1);
    let read = Record::read(&newer).expect("a record").to_json(None);
    let exchange = read.get("exchanges").map(|list| list.elements()[0].clone()).expect("one");
    assert_eq!(
        (read.text("weather"), exchange.get("mood").map(ToString::to_string)),
        (Some("fine"), Some("[1.50]".into()))
    );
    assert_eq!(read.get("version").and_then(Json::as_i64), Some(7));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_happened_is_read_as_it_was_written(
        grant in 0..Grant::ALL.len(),
        doings in proptest::collection::vec((0..9usize, 0..every_event().len(), any::<i64>()), 0..30),
    ) {
        let mut pair = Pair::new();
        let mut run = flow(Grant::ALL[grant], "", |_| {});
        for (doing, event, millis) in doings {
            let now = Timestamp::from_millis(millis);
            match doing {
                0..4 => pair.step(&mut run),
                4 => run.handle(every_event().swap_remove(event), now),
                5 => drop(run.edit().map(|request| request.url.set_query(Some("%zz&=&scope")))),
                6 => run.go_on_anyway(),
                7 => run.stop(now),
                _ => run.retry(),
            }
        }
        let next = run.poll(pair.now());
        assert_kept(&run, &next);
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}", at in 0..4000usize) {
        drop(Record::read(&text));
        let mut pair = Pair::new();
        let mut run = flow(Grant::ClientCredentials, "", |_| {});
        let next = pair.run(&mut run);
        let mut bytes = Record::of(&run, &next).to_text(None).into_bytes();
        let at = at % bytes.len();
        bytes[at] = b'7';
        drop(Record::read(&String::from_utf8_lossy(&bytes)).map(|read| (read.to_text(None), read.flow().steps())));
    }
}

#[test]
fn an_empty_run_is_incomplete() {
    let record = Record::of(&Pair::new().flow(), &Next::Finished);
    assert_eq!((record.outcome, record.started_at), (Outcome::Incomplete, None));
}
