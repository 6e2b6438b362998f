//! The search for a server's metadata, whatever stands at the addresses where it may be.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use grantscope::base::check::Verdict;
use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::time::Timestamp;
use grantscope::client::endpoint::discovery::Asked;
use grantscope::client::settings::Settings;
use grantscope::flow::explain_discovery::issuer_to_use;
use grantscope::flow::finding::finding;
use grantscope::flow::judge::judge;
use grantscope::flow::stage::Stage;
use grantscope::flow::step::StepState;
use grantscope::flow::trace::{Answer as Answered, Exchange};
use grantscope::flow::transport_error::{TlsFault, TransportError};
use grantscope::flow::world::{World, run};
use grantscope::flow::{Action, Event, Flow, Next, Problem, ProblemKind};
use grantscope::jose::base64url::encode;
use grantscope::jose::key::SigningKey;
use grantscope::practice::{Config, Fault};
use grantscope::terms::grant::Grant;
use proptest::prelude::*;
use serde_json::{Map, json};

const ISSUER: &str = "https://as.example/a";
const DOCUMENT: &str = r#"{"issuer":"https://as.example/a","authorization_endpoint":"https://as.example/authorize",
    "token_endpoint":"https://as.example/token","response_types_supported":["code"],"grant_types_supported":["authorization_code"]}"#;
/// The places of this issuer, in the order in which they are asked.
const PLACES: [&str; 3] = [
    "/a/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server/a",
    "/.well-known/openid-configuration/a",
];

type Answer = Result<HttpResponse, TransportError>;

/// A network that answers each request with the next of these, and with the last for ever.
struct Network {
    answers: Vec<Answer>,
    asked: Vec<HttpRequest>,
}

impl World for Network {
    fn now(&self) -> Timestamp {
        Timestamp::default()
    }

    fn perform(&mut self, action: &Action, _: &mut dyn FnMut(Event)) -> Event {
        let Action::Send(request) = action else { panic!("{action:?}") };
        let took = Duration::ZERO;
        let answer = self.answers.get(self.asked.len()).or(self.answers.last()).expect("an answer").clone();
        self.asked.push(request.clone());
        match answer {
            Ok(response) => Event::Answered { response, took },
            Err(error) => Event::Failed { error: error.into(), took },
        }
    }
}

/// A run of which only the search is looked at.
fn flow(grant: Grant, issuer: &str) -> Flow {
    let mut settings = Settings::default();
    issuer.clone_into(&mut settings.server.issuer);
    Flow::new(grant, settings, Entropy::from_seed([3; 32]))
}

/// What the search comes to with these answers, and what was asked. The run ends where a client_id is needed.
fn search(grant: Grant, issuer: &str, answers: Vec<Answer>) -> (Flow, Next, Vec<String>) {
    let mut flow = flow(grant, issuer);
    let mut network = Network { answers, asked: Vec::new() };
    let next = run(&mut flow, &mut network);
    let (_, checks) = judge(&flow.trace.exchanges);
    for (exchange, judged) in flow.trace.exchanges.iter().zip(&checks) {
        assert_eq!(&exchange.checks, judged);
    }
    (flow, next, network.asked.iter().map(|request| request.url[url::Position::BeforePath..].to_owned()).collect())
}

#[test]
fn what_an_added_stage_needs_is_looked_for_in_the_second_document() {
    let whole = DOCUMENT.replacen('{', r#"{"introspection_endpoint":"https://as.example/introspect","#, 1);
    for (added, asked) in [(None, 1), (Some(Stage::Refresh), 1), (Some(Stage::Introspection), 2)] {
        let mut flow = flow(Grant::AuthorizationCode, ISSUER);
        added.into_iter().for_each(|stage| flow.append(stage));
        let mut network = Network { answers: vec![json(200, DOCUMENT), json(200, &whole)], asked: Vec::new() };
        run(&mut flow, &mut network);
        assert_eq!(network.asked.len(), asked, "{added:?}");
    }
}

fn problem(next: Next) -> Problem {
    let Next::Stopped(problem) = next else { panic!("not stopped: {next:?}") };
    problem
}

fn json(status: u16, body: &str) -> Answer {
    Ok(HttpResponse::new(status, JSON, body))
}

fn page(status: u16, body: &str) -> Answer {
    Ok(HttpResponse::new(status, "text/html", body))
}

fn nothing() -> Answer {
    page(404, "")
}

fn refused() -> Answer {
    Err(TransportError::Refused { at: "as.example:443".to_owned() })
}

fn redirect(to: &str) -> Answer {
    Ok(HttpResponse::new(302, "text/html", "").with_header("Location", to))
}

#[test]
fn the_answer_that_came_nearest_is_the_one_that_is_explained() {
    let login = "https://as.example/login";
    let moved = "https://new.example/a/.well-known/openid-configuration";
    let https = r#"{"error":"invalid_request","error_description":"HTTPS required"}"#;
    let rows: [(Vec<Answer>, usize, &str, &str); 11] = [
        (vec![page(200, "<html><title>App</title>"), nothing()], 0, "an HTML page (\"App\")", "something of its own"),
        (vec![nothing(), page(200, "<html>"), nothing()], 1, "an HTML page", "something of its own"),
        (vec![json(200, "[]"), page(200, "<html>"), nothing()], 0, "an array", "mended"),
        (vec![json(200, &DOCUMENT[..70]), nothing()], 0, "breaks off", "mended"),
        (vec![json(200, "\u{feff}"), nothing()], 0, "a byte order mark", "mended"),
        (vec![redirect(login), nothing()], 0, "to https://as.example/login", "https://as.example/login"),
        (vec![redirect(moved), nothing()], 0, moved, "use its issuer: https://new.example/a"),
        (vec![json(403, https), nothing()], 0, "HTTPS required", "kept from this program"),
        (
            vec![json(404, r#"{"error":"Realm does not exist"}"#), nothing()],
            0,
            "Realm does not exist",
            "letter by letter",
        ),
        (vec![nothing(), nothing(), refused()], 2, "as.example:443", ""),
        (vec![json(503, "{}"), refused(), refused()], 0, "503 Service Unavailable", "look at its log"),
    ];
    for (answers, nearest, came, advice) in rows {
        let (flow, next, asked) = search(Grant::AuthorizationCode, ISSUER, answers.clone());
        assert_eq!(asked, PLACES, "{answers:?}");
        let problem = problem(next);
        assert_eq!((problem.stage, &problem.kind), (Stage::Discovery, &ProblemKind::Failed));
        assert!(problem.came.contains(came), "{answers:?}: {}", problem.came);
        assert!(problem.sent.ends_with(PLACES[nearest]), "{answers:?}: {}", problem.sent);
        assert!(problem.advice[0].contains(advice), "{answers:?}: {:?}", problem.advice);
        let exchange = &flow.trace.exchanges[nearest];
        assert!(exchange.response().is_none() || exchange.lacks_document().is_some_and(|why| problem.came == why));
    }
    for (issuer, answer, meant) in [
        ("http://as.example/a", json(403, https), "https://as.example/a"),
        ("http://as.example:8080/a", json(403, https), ""),
        (ISSUER, redirect(moved), "https://new.example/a"),
        (ISSUER, redirect(login), ""),
    ] {
        let (flow, next, _) = search(Grant::AuthorizationCode, issuer, vec![answer, nothing()]);
        let option = finding(&flow, &next, &[]).and_then(|finding| finding.option());
        assert_eq!(option.unwrap_or_default().trim_start_matches("--set issuer="), meant);
        assert!(problem(next).advice[0].contains(meant), "{meant}");
    }
}

/// What cannot be reached at one address of a host and port cannot at another; what closes the connection may speak TLS.
#[test]
fn a_host_that_cannot_be_reached_is_asked_once() {
    let expired = TlsFault::Expired("2026-11-22T10:30:00Z, 1 day ago".to_owned());
    let tls = Err(TransportError::Tls { at: "as.example:443".to_owned(), reason: expired });
    for (answer, says) in [(refused(), "refused the connection"), (tls, "expired: 2026-11-22T10:30:00Z, 1 day ago")] {
        let (_, next, asked) = search(Grant::AuthorizationCode, ISSUER, vec![answer]);
        let problem = problem(next);
        assert_eq!(asked, PLACES[..1]);
        assert!(problem.came.contains(says), "{}", problem.came);
        let untried = |line: &&String| line.contains("were not tried");
        assert_eq!(problem.advice.iter().filter(untried).count(), 1, "{:?}", problem.advice);
    }
    let closed = || Err(TransportError::NoAnswer { at: "as.example:443".to_owned() });
    for (issuer, meant) in [("http://as.example/a", Some("--set issuer=https://as.example/a")), (ISSUER, None)] {
        let (flow, next, _) = search(Grant::AuthorizationCode, issuer, vec![closed(), closed(), closed()]);
        let option = finding(&flow, &next, &[]).and_then(|finding| finding.option());
        assert_eq!(option.as_deref(), meant);
    }
}

#[test]
fn what_one_document_lacks_is_looked_for_in_the_others() {
    let device = r#"{"issuer":"https://as.example/a","device_authorization_endpoint":"https://as.example/device",
        "token_endpoint":"https://as.example/other"}"#;
    let (flow, next, asked) = search(Grant::DeviceCode, ISSUER, vec![json(200, DOCUMENT), json(200, device)]);
    assert!(matches!(next, Next::Missing(missing) if missing.field == "client_id"));
    assert_eq!(asked, PLACES[..2]);
    let metadata = flow.session.metadata.as_ref().expect("metadata");
    assert_eq!(metadata.json.text("device_authorization_endpoint"), Some("https://as.example/device"));
    assert_eq!(metadata.json.text("token_endpoint"), Some("https://as.example/token"));
    let agree = flow.checks().find(|check| check.rule.id == "metadata.agree").expect("judged");
    assert_eq!((agree.verdict, agree.actual.as_deref()), (Verdict::Warn, Some("token_endpoint")));

    // One that has all is enough, and one that is found stays when the others bring nothing.
    for (grant, others, count) in [
        (Grant::AuthorizationCode, nothing(), 1),
        (Grant::DeviceCode, nothing(), 3),
        (Grant::DeviceCode, refused(), 3),
        (Grant::DeviceCode, page(200, "<html>"), 3),
        (
            Grant::DeviceCode,
            json(200, r#"{"issuer":"https://b.example","device_authorization_endpoint":"https://b.example"}"#),
            3,
        ),
    ] {
        let (flow, next, asked) = search(grant, ISSUER, vec![json(200, DOCUMENT), others]);
        assert!(matches!(next, Next::Missing(_)), "{next:?}");
        assert_eq!(asked.len(), count, "{grant:?}");
        assert_eq!(flow.steps()[0].state, StepState::Done);
        assert!(!flow.has_failed_check());
        let metadata = flow.session.metadata.as_ref().map(|metadata| &metadata.json);
        assert_eq!(metadata, Json::parse_text(DOCUMENT).ok().as_ref());
    }
}

/// What has to be there may stand in either document; where neither has it, that is told once, at the end of the search.
#[test]
fn what_has_to_be_there_is_judged_over_all_documents() {
    let lacking = DOCUMENT.replace(r#""token_endpoint":"https://as.example/token","#, "");
    let required = |flow: &Flow| {
        let of = |check: &&grantscope::base::check::Check| check.rule.id == "metadata.required";
        flow.checks().filter(of).map(|check| check.verdict).collect::<Vec<_>>()
    };
    for (others, verdicts, count) in [
        (json(200, DOCUMENT), &[Verdict::Skipped, Verdict::Pass][..], 2),
        (json(200, &lacking), &[Verdict::Skipped, Verdict::Fail], 3),
        (nothing(), &[Verdict::Skipped, Verdict::Fail], 3),
        (refused(), &[Verdict::Skipped, Verdict::Fail], 3),
    ] {
        let (flow, _, asked) = search(Grant::AuthorizationCode, ISSUER, vec![json(200, &lacking), others]);
        assert_eq!((required(&flow).as_slice(), asked.len()), (verdicts, count));
    }
}

/// What became of what was typed beside an issuer is told also where nothing was found.
#[test]
fn what_was_left_out_of_what_was_typed_is_told_when_nothing_is_found() {
    for (typed, words) in [
        (format!("{ISSUER}/.well-known/openid-configuration"), Some("the suffix that was typed was taken off")),
        (format!("{ISSUER}?x=1"), Some("an issuer has no query")),
        (ISSUER.to_owned(), None),
    ] {
        let (flow, next, _) = search(Grant::AuthorizationCode, &typed, vec![nothing()]);
        assert_eq!(problem(next).stage, Stage::Discovery);
        let told = flow.checks().find(|check| check.rule.id == "metadata.issuer");
        assert_eq!(told.map(|check| check.verdict), words.map(|_| Verdict::Note), "{typed}");
        let told = told.and_then(|check| check.actual.as_deref()).unwrap_or_default();
        assert!(words.is_none_or(|words| told.contains(words)), "{told}");
    }
}

#[test]
fn a_search_that_begins_anew_forgets_what_was_found_before() {
    let mut flow = flow(Grant::DeviceCode, ISSUER);
    let mut network = Network { answers: vec![json(200, DOCUMENT)], asked: Vec::new() };
    flow.begin(network.now());
    flow.handle(network.perform(&Action::Send(flow.trace.exchanges[0].request.clone()), &mut |_| {}), network.now());
    assert!(flow.session.metadata.is_some());
    flow.retry();
    let mut network = Network { answers: vec![nothing()], asked: Vec::new() };
    assert_eq!(problem(run(&mut flow, &mut network)).stage, Stage::Discovery);
    assert!(flow.session.metadata.is_none());
}

#[test]
fn the_issuer_of_a_document_of_this_host_is_offered() {
    for (asked, offered) in [
        ("https://as.example/a", None),
        ("https://as.example/a/", Some("https://as.example/a")),
        ("https://as.example/b", Some("https://as.example/a")),
        ("https://b.example/a", None),
        ("https://as.example/a/.well-known/openid-configuration", None),
    ] {
        let (flow, _, _) = search(Grant::AuthorizationCode, asked, vec![json(200, DOCUMENT)]);
        assert_eq!(issuer_to_use(&flow), offered, "{asked}");
    }
}

/// The document of all tenants has a template as issuer, which nobody can type.
#[test]
fn a_template_is_offered_to_nobody_as_the_issuer() {
    let document = DOCUMENT.replacen("as.example/a\"", "as.example/{tenantid}/v2.0\"", 1);
    let (flow, next, _) = search(Grant::AuthorizationCode, "https://as.example", vec![json(200, &document)]);
    assert_eq!(issuer_to_use(&flow), None);
    let advice = problem(next).advice;
    assert!(advice[0].starts_with("The document is that of all tenants, and its issuer a template"), "{advice:?}");
}

/// An exchange of a run at a server for many tenants.
fn exchange(stage: Stage, url: &str, body: &str) -> Arc<Exchange> {
    let mut settings = Settings::default();
    "https://as.example/common/v2.0".clone_into(&mut settings.server.issuer);
    let request = HttpRequest::get(url::Url::parse(url).expect("a URL"));
    let answer = Answered::Response(HttpResponse::new(200, JSON, body));
    Arc::new(Exchange { answer, ..Exchange::begun(stage, request, Arc::new(settings)) })
}

#[test]
fn iss_is_held_against_a_template_with_the_tenant_of_the_token_filled_in() {
    let metadata = DOCUMENT.replacen("as.example/a\"", "as.example/{tenantid}/v2.0\"", 1);
    let found =
        exchange(Stage::Discovery, "https://as.example/common/v2.0/.well-known/openid-configuration", &metadata);
    for (claims, verdict) in [
        (r#"{"tid":"7f1a","iss":"https://as.example/7f1a/v2.0"}"#, Verdict::Pass),
        (r#"{"tid":"7f1a","iss":"https://as.example/0000/v2.0"}"#, Verdict::Fail),
        (r#"{"tid":"7f1a/../x","iss":"https://as.example/7f1a/../x/v2.0"}"#, Verdict::Fail),
        (r#"{"iss":"https://as.example/7f1a/v2.0"}"#, Verdict::Fail),
    ] {
        let token = format!("{}.{}.", encode(br#"{"alg":"none"}"#), encode(claims.as_bytes()));
        let answer = format!(r#"{{"access_token":"a","token_type":"Bearer","id_token":"{token}"}}"#);
        let exchanges = [Arc::clone(&found), exchange(Stage::Token, "https://as.example/token", &answer)];
        let (_, checks) = judge(&exchanges);
        let of = |at: usize, id: &str| checks[at].iter().find(|check| check.rule.id == id).map(|check| check.verdict);
        assert_eq!(of(0, "metadata.issuer"), Some(Verdict::Warn));
        assert_eq!(of(1, "id_token.iss"), Some(verdict), "{claims}");
    }
}

/// What may stand at an address.
fn anything() -> impl Strategy<Value = Answer> {
    let documents = [
        "{}",
        "[]",
        "",
        "{\"issuer\":",
        "null",
        "\u{feff}{\"issuer\":1}",
        DOCUMENT,
        "{\"jwks_uri\":\"https://as.example/k\"}",
    ];
    prop_oneof![
        Just(nothing()),
        Just(refused()),
        Just(page(200, "<html>")),
        ".{0,40}".prop_map(|to| redirect(&to)),
        (prop::sample::select(vec![200_u16, 204, 400, 403, 404, 500]), prop::sample::select(documents.to_vec()))
            .prop_map(|(status, body)| json(status, body)),
        any::<Vec<u8>>().prop_map(|body| Ok(HttpResponse::new(200, JSON, body))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_is_typed_and_whatever_is_there_the_search_ends(
        typed in prop_oneof![
            any::<String>(),
            "https?://[a-c]{1,3}(/|/a|//|/\\.well-known|/openid-configuration|/oauth-authorization-server|[?#]x=/){0,8}",
        ],
        answers in proptest::collection::vec(anything(), 1..6),
        grant in 0..Grant::ALL.len(),
    ) {
        let mut flow = flow(Grant::ALL[grant], &typed);
        let mut network = Network { answers, asked: Vec::new() };
        while flow.stage() == Some(Stage::Discovery) {
            let Next::Do(action) = flow.begin(network.now()) else { break };
            let event = network.perform(&action, &mut |_| {});
            flow.handle(event, network.now());
            let tries = flow.trace.exchanges.iter().filter(|exchange| exchange.stage == Stage::Discovery);
            let urls: Vec<&url::Url> = tries.map(|exchange| &exchange.request.url).collect();
            let places = Asked::of_account(&typed, None).unwrap_or_else(|| Asked::new(&typed)).candidates;
            prop_assert!(urls.len() <= places.len(), "{urls:?}");
            prop_assert!(urls.iter().enumerate().all(|(at, url)| !urls[..at].contains(url)), "{urls:?}");
        }
    }
}

#[test]
fn a_realm_of_keycloak_is_looked_for_where_the_other_versions_have_it() {
    let lost = || Ok(HttpResponse::new(404, JSON, r#"{"error":"Unable to find matching target resource method"}"#));
    for (issuer, other) in [
        ("http://127.0.0.1:8080/auth/realms/shop", Some("http://127.0.0.1:8080/realms/shop")),
        ("http://127.0.0.1:8080/realms/shop/", Some("http://127.0.0.1:8080/auth/realms/shop")),
        ("http://127.0.0.1:8080/shop", None),
    ] {
        let (flow, next, _) = search(Grant::AuthorizationCode, issuer, vec![lost()]);
        let Next::Stopped(problem) = &next else { panic!("{issuer}: {next:?}") };
        let is_named = other.is_some_and(|other| problem.advice[0].ends_with(&format!("before /realms: {other}")));
        let is_dated = other.is_some_and(|other| problem.advice[0].ends_with(&format!("version 17: {other}")));
        assert_eq!(is_named || is_dated, other.is_some(), "{issuer}: {:?}", problem.advice);
        let set = other.map(|other| format!("--set issuer={other}"));
        let finding = finding(&flow, &next, &[]).expect("a finding");
        assert_eq!(finding.option(), set, "{issuer}");
    }
    // Where it is a name that is not known, the path is right.
    let unknown = Ok(HttpResponse::new(404, JSON, r#"{"error":"Realm does not exist"}"#));
    let (_, next, _) = search(Grant::AuthorizationCode, "http://127.0.0.1:8080/realms/shop", vec![unknown]);
    let Next::Stopped(problem) = next else { panic!("{next:?}") };
    assert!(!problem.advice.iter().any(|line| line.contains("/auth")), "{:?}", problem.advice);
}

#[test]
fn signed_metadata_are_verified_with_the_keys_of_the_server() {
    for (grant, rules) in [
        (Grant::AuthorizationCode, &["metadata.signed_by", "metadata.signed_values", "metadata.signature"][..]),
        (Grant::Mcp, &["prm.signed_by", "prm.signed_values", "prm.signature", "metadata.signature"]),
        (Grant::AuthorizationCode, &["prm.signed_by", "prm.signed_values", "prm.signature"]),
    ] {
        let config = Config { signed_metadata: true, ..Config::practice(crate::pair::ISSUER.parse().expect("a URL")) };
        let mut pair = crate::pair::Pair::with(config);
        let mut flow = crate::flow(grant, |_| {});
        if grant != Grant::Mcp {
            flow.append(Stage::ResourceMetadata);
        }
        assert_eq!(pair.run(&mut flow), Next::Finished, "{grant:?}");
        assert_eq!(crate::failed(&flow), [""; 0], "{grant:?}");
        for rule in rules {
            let said: Vec<Verdict> =
                flow.checks().filter(|check| check.rule.id == *rule).map(|check| check.verdict).collect();
            assert_eq!(said, [Verdict::Pass], "{rule}");
        }
    }
}

#[test]
fn what_is_signed_takes_the_place_of_the_plain_value_once_it_is_verified() {
    let mut pair = crate::pair::Pair::new();
    pair.practice.set(Fault::SignedOtherwise, true);
    let mut flow = crate::flow(Grant::AuthorizationCode, |_| {});
    assert_eq!(pair.run(&mut flow), Next::Finished, "{:?}", flow.problem());
    let token = flow.trace.exchanges.iter().find(|exchange| exchange.stage == Stage::Token).expect("sent");
    assert_eq!(token.request.url.as_str(), format!("{}/token?signed", crate::pair::ISSUER));
    let said: Vec<(Verdict, String)> = flow
        .checks()
        .filter(|check| check.rule.id == "metadata.signed_values")
        .map(|check| (check.verdict, check.actual.clone().unwrap_or_default()))
        .collect();
    assert_eq!(said[0].0, Verdict::Warn);
    assert_eq!(said[1].0, Verdict::Note);
    assert!(said[1].1.contains("/token?signed") && said[1].1.contains("this run goes by"), "{said:?}");
    // Where no key verifies it, the plain values are all there is.
    let mut pair = crate::pair::Pair::new();
    pair.practice.set(Fault::ForgedMetadata, true);
    let mut flow = crate::flow(Grant::AuthorizationCode, |_| {});
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it is used") };
    assert_eq!((problem.stage, problem.rule), (Stage::Jwks, Some("metadata.signature")));
    flow.go_on_anyway();
    assert_eq!(pair.run(&mut flow), Next::Finished);
}

/// RFC 8414 sections 2.1 and 3.3: the signed issuer takes precedence, and what names another must not be used.
#[test]
fn metadata_that_are_signed_for_another_issuer_are_not_used() {
    static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("ES256", "k").expect("a key"));
    fn signed_for(issuer: &str) -> HttpResponse {
        let home = crate::pair::ISSUER;
        let mut said = json!({
            "issuer": home,
            "authorization_endpoint": format!("{home}/authorize"),
            "token_endpoint": format!("{home}/token"),
            "jwks_uri": format!("{home}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let claims = json!({"iss": home, "issuer": issuer, "token_endpoint": "https://evil.example/token"});
        said["signed_metadata"] = KEY.sign(&Map::new(), &claims).expect("a token").into();
        HttpResponse::new(200, JSON, said.to_string())
    }
    let mut pair = crate::pair::Pair::new();
    pair.faults.insert("/.well-known/openid-configuration", |_| Ok(signed_for("https://evil.example")));
    pair.faults.insert("/keys", |_| Ok(HttpResponse::new(200, JSON, json!({"keys": [KEY.public_jwk()]}).to_string())));
    let mut flow = crate::flow(Grant::AuthorizationCode, |_| {});
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it is used") };
    assert_eq!((problem.stage, problem.rule), (Stage::Jwks, Some("metadata.issuer")));
    assert!(problem.came.contains("https://evil.example in signed_metadata"), "{}", problem.came);
    let token_endpoint = flow.session.metadata.as_ref().and_then(|it| it.json.text("token_endpoint"));
    assert_eq!(token_endpoint, Some(format!("{}/token", crate::pair::ISSUER).as_str()));
    // With its own issuer it is used.
    pair.faults.insert("/.well-known/openid-configuration", |_| Ok(signed_for(crate::pair::ISSUER)));
    let mut flow = crate::flow(Grant::AuthorizationCode, |_| {});
    pair.run(&mut flow);
    assert!(!crate::failed(&flow).contains(&"metadata.issuer"));
}
