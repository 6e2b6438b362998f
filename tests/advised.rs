//! Advice that a setting does: what the words of a refusal want is said, offered as an option, and a run that takes it gets
//! through.

mod pair;

use std::time::Duration;

use grantscope::base::check::Verdict;
use grantscope::base::entropy::Entropy;
use grantscope::base::http::{FORM, HttpRequest, HttpResponse, JSON};
use grantscope::client::settings::Settings;
use grantscope::flow::finding::{Finding, finding};
use grantscope::flow::stage::Stage;
use grantscope::flow::transport_error::TransportError;
use grantscope::flow::world::World as _;
use grantscope::flow::{Event, Flow, Next};
use grantscope::terms::grant::Grant;
use pair::{Fault, Pair, practice_settings};

fn settings(grant: Grant, change: fn(&mut Settings)) -> Settings {
    let mut settings = practice_settings();
    grantscope::demo::fill(&mut settings, grant, "alice", None);
    grantscope::flow::grant::adapt(grant, &mut settings);
    change(&mut settings);
    settings
}

/// What is found where the request of this stage is answered so.
fn found(grant: Grant, change: fn(&mut Settings), stage: Stage, response: HttpResponse) -> Finding {
    let mut pair = Pair::new();
    let mut flow = Flow::new(grant, settings(grant, change), Entropy::from_seed([3; 32]));
    pair.run_into(&mut flow, stage);
    flow.handle(Event::Answered { response, took: Duration::from_millis(3) }, pair.now());
    let next = flow.poll(pair.now());
    finding(&flow, &next, &flow.left_open()).expect("a finding")
}

/// A refusal: where, in which words, and how the next step begins with which option.
type Row = (Grant, fn(&mut Settings), Stage, u16, &'static str, &'static str, &'static str, Option<&'static str>);

fn pushed(settings: &mut Settings) {
    settings.protection.require_pushed_authorization_requests = true;
}

fn free_port(settings: &mut Settings) {
    pushed(settings);
    "http://127.0.0.1:0/callback".clone_into(&mut settings.client.redirect_uri);
}

fn fixed_port(settings: &mut Settings) {
    pushed(settings);
    "http://127.0.0.1:8912/callback".clone_into(&mut settings.client.redirect_uri);
}

fn without_pkce(settings: &mut Settings) {
    pushed(settings);
    "off".clone_into(&mut settings.request.code_challenge_method);
}

fn plainly(settings: &mut Settings) {
    "off".clone_into(&mut settings.request.code_challenge_method);
}

fn by_post(settings: &mut Settings) {
    "client_secret_post".clone_into(&mut settings.client.token_endpoint_auth_method);
}

fn with_resource(settings: &mut Settings) {
    "https://api.example".clone_into(&mut settings.request.resource);
}

fn without_api(settings: &mut Settings) {
    settings.request.api_url.clear();
}

const CODE: Grant = Grant::AuthorizationCode;
const CLIENT: Grant = Grant::ClientCredentials;
const PAR: Stage = Stage::PushedAuthorization;

const ROWS: [Row; 38] = [
    (
        CODE,
        free_port,
        PAR,
        400,
        "invalid_request",
        "redirect_uri is not registered",
        "Register ",
        Some("--set redirect_uri=http://127.0.0.1:8912/callback"),
    ),
    (
        CODE,
        free_port,
        PAR,
        400,
        "redirect_uri_mismatch",
        "",
        "",
        Some("--set redirect_uri=http://127.0.0.1:8912/callback"),
    ),
    (CODE, fixed_port, PAR, 400, "invalid_request", "redirect_uri is not registered", "Register exactly", None),
    (
        CODE,
        |_| {},
        Stage::UserInfo,
        403,
        "insufficient_scope",
        "The scope 'orders:read' is required",
        "The scope orders:read is wanted",
        Some("--set 'scope=openid profile email offline_access orders:read'"),
    ),
    (
        CLIENT,
        |_| {},
        Stage::Token,
        400,
        "invalid_scope",
        "Missing required scope orders:read.",
        "The scope orders:read is wanted",
        Some("--set 'scope="),
    ),
    (CLIENT, |_| {}, Stage::Token, 400, "invalid_scope", "The scope orders:read is not allowed", "", None),
    (CLIENT, |_| {}, Stage::Token, 400, "invalid_scope", "The scope parameter is required", "", None),
    (CLIENT, |_| {}, Stage::Token, 400, "invalid_scope", "A required scope is missing", "", None),
    (
        CODE,
        |_| {},
        Stage::Token,
        400,
        "invalid_request",
        "AADSTS900144: The request body must contain the following parameter: 'scope'.",
        "The server wants scope, which was not sent.",
        Some("--set 'token_request.extra.scope=openid profile email offline_access'"),
    ),
    (
        CODE,
        |_| {},
        Stage::Token,
        400,
        "invalid_request",
        "AADSTS90014: The required field 'scope' is missing from the credential.",
        "The server wants scope, which was not sent.",
        Some("--set 'token_request.extra.scope=openid profile email offline_access'"),
    ),
    (
        CODE,
        plainly,
        Stage::Token,
        400,
        "invalid_grant",
        "Missing code_verifier",
        "The server wants PKCE, of which",
        Some("--set code_challenge_method=S256"),
    ),
    (
        CODE,
        plainly,
        Stage::Token,
        400,
        "invalid_request",
        "PKCE is required",
        "The server wants PKCE, of which",
        Some("--set code_challenge_method=S256"),
    ),
    (CODE, |_| {}, Stage::Token, 400, "invalid_grant", "Missing code_verifier", "", None),
    (
        CODE,
        without_pkce,
        PAR,
        400,
        "invalid_request",
        "Code challenge required",
        "The server wants PKCE: ",
        Some("--set code_challenge_method=S256"),
    ),
    (CODE, without_pkce, PAR, 400, "invalid_request", "PKCE is not supported for this client", "", None),
    (
        CODE,
        pushed,
        PAR,
        400,
        "invalid_request",
        "Only plain supported as code_challenge_method",
        "The server takes code_challenge_method plain",
        Some("--set code_challenge_method=plain"),
    ),
    (
        CODE,
        pushed,
        PAR,
        400,
        "invalid_request",
        "code_challenge_method must be plain",
        "The server takes code_challenge_method plain",
        Some("--set code_challenge_method=plain"),
    ),
    (CODE, pushed, PAR, 400, "invalid_request", "code_challenge_method must be S256", "", None),
    (
        CLIENT,
        |_| {},
        Stage::Token,
        400,
        "invalid_request",
        "The resource parameter is required",
        "The server wants resource, which was not sent.",
        Some("--set resource=http://127.0.0.1:9400/api/me"),
    ),
    (
        CLIENT,
        without_api,
        Stage::Token,
        400,
        "invalid_request",
        "resource parameter required",
        "The server wants resource, which was not sent. On the command line: --set resource=...",
        None,
    ),
    (
        CLIENT,
        with_resource,
        Stage::Token,
        400,
        "access_denied",
        "No audience parameter was provided, and no default audience has been configured",
        "The server wants audience, which was not sent.",
        Some("--set audience=https://api.example"),
    ),
    (
        CLIENT,
        |_| {},
        Stage::Token,
        400,
        "access_denied",
        "No audience parameter was provided, and no default audience has been configured",
        "The server wants audience, which was not sent. On the command line: --set audience=...",
        None,
    ),
    (
        CLIENT,
        |_| {},
        Stage::Token,
        400,
        "invalid_request",
        "audience is required",
        "The server wants audience, which was not sent. On the command line: --set audience=...",
        None,
    ),
    (
        CODE,
        pushed,
        PAR,
        400,
        "invalid_request",
        "response_mode must be form_post",
        "The server wants response_mode form_post",
        Some("--set response_mode=form_post"),
    ),
    (
        CODE,
        pushed,
        PAR,
        400,
        "invalid_request",
        "response_mode query is not supported, use form_post",
        "The server wants response_mode form_post",
        Some("--set response_mode=form_post"),
    ),
    (CODE, pushed, PAR, 400, "invalid_request", "response_mode must not be query", "", None),
    (
        CODE,
        |settings| {
            pushed(settings);
            "fragment".clone_into(&mut settings.request.response_mode);
        },
        PAR,
        400,
        "unsupported_response_mode",
        "Unsupported response_mode",
        "",
        Some("--set response_mode="),
    ),
    (
        CLIENT,
        |_| {},
        Stage::Token,
        401,
        "invalid_client",
        "Authentication via basic not allowed, use client_secret_post",
        "The server names client_secret_post",
        Some("--set token_endpoint_auth_method=client_secret_post"),
    ),
    (
        CLIENT,
        |_| {},
        Stage::Token,
        400,
        "unauthorized_client",
        "client_secret_basic is not allowed for this client",
        "The server does not take client_secret_basic",
        Some("--set token_endpoint_auth_method=client_secret_post"),
    ),
    (CLIENT, |_| {}, Stage::Token, 400, "unauthorized_client", "This grant is not allowed", "", None),
    (
        CLIENT,
        by_post,
        Stage::Token,
        401,
        "invalid_client",
        "Only HTTP Basic is supported",
        "The server names client_secret_basic",
        Some("--set token_endpoint_auth_method=client_secret_basic"),
    ),
    (
        CLIENT,
        by_post,
        Stage::Token,
        401,
        "invalid_client",
        "The client must use HTTP Basic",
        "The server names client_secret_basic",
        Some("--set token_endpoint_auth_method=client_secret_basic"),
    ),
    (
        CLIENT,
        |_| {},
        Stage::Resource,
        401,
        "invalid_token",
        "The access token expired",
        "The server says that the access token is over: get a new one",
        None,
    ),
    (
        CODE,
        |_| {},
        Stage::UserInfo,
        401,
        "invalid_token",
        "Token has expired",
        "The server says that the access token is over: refresh it, then call again. On the command line: --then refresh,userinfo",
        None,
    ),
    (CODE, |_| {}, Stage::UserInfo, 401, "invalid_token", "The signature is wrong", "", None),
    (CLIENT, |_| {}, Stage::Token, 400, "invalid_request", "something else", "", None),
    (CLIENT, |_| {}, Stage::Token, 400, "invalid_grant", "Missing audience claim in the assertion", "", None),
    (CODE, pushed, PAR, 400, "invalid_request", "PKCE is fine and the state is bad", "", None),
];

#[test]
fn what_the_words_of_a_refusal_want_is_said_and_offered() {
    let mut wrong = Vec::new();
    for (grant, change, stage, status, error, words, next, option) in ROWS {
        let body = format!(r#"{{"error":"{error}","error_description":"{words}"}}"#);
        let finding = found(grant, change, stage, HttpResponse::new(status, JSON, body));
        let is_offered = match (finding.option(), option) {
            (Some(offered), Some(option)) => {
                offered == option || option.ends_with("'scope=") && offered.starts_with(option)
            }
            (offered, option) => offered.is_none() && option.is_none(),
        };
        if !is_offered || !finding.next.starts_with(next) {
            wrong.push(format!("{error} {words}:\n    {:?}\n    {}", finding.option(), finding.next));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An answer that names the scope in its body, as a challenge would.
#[test]
fn the_scope_that_an_api_names_in_its_body_is_asked_for() {
    for (body, option) in [
        (r#"{"error":"insufficient_scope","scope":"openid orders:read"}"#, Some("orders:read")),
        (r#"{"error":"insufficient_scope","required_scopes":["orders:read"]}"#, Some("orders:read")),
        (r#"{"error":"insufficient_scope","scope":"openid"}"#, None),
        (r#"{"error":"insufficient_scope"}"#, None),
        (r#"{"error":"invalid_token","scope":"orders:read"}"#, None),
    ] {
        for status in [401, 403] {
            let finding = found(CODE, |_| {}, Stage::UserInfo, HttpResponse::new(status, JSON, body));
            let scope = option.map(|scope| format!("--set 'scope=openid profile email offline_access {scope}'"));
            assert_eq!(finding.option(), scope, "{body}");
            let is_said = finding.next == "The scope orders:read is wanted, and was not asked for: add it to scope.";
            assert_eq!(
                is_said || finding.next.contains("openid orders:read is wanted"),
                option.is_some(),
                "{body}: {}",
                finding.next
            );
        }
    }
}

/// Where JSON was asked for already, to ask once more would change nothing.
#[test]
fn tokens_that_come_as_a_form_all_the_same_are_read() {
    let form = "access_token=a-token-of-this-run-0001&token_type=bearer&expires_in=60";
    for (change, body, next, is_offered) in [
        (takes_anything as fn(&mut Settings), form, "The tokens came as a form, which", true),
        (|_| {}, form, "The tokens came as a form although Accept asks for JSON", false),
        (takes_anything, "\u{feff}{\"access_token\":\"a-token-of-this-run-0001\"}", "Send Content-Type", false),
    ] {
        let mut pair = Pair::new();
        let mut flow = Flow::new(CLIENT, settings(CLIENT, change), Entropy::from_seed([3; 32]));
        pair.run_to(&mut flow, Stage::Token);
        flow.begin(pair.now());
        let response = HttpResponse::new(200, FORM, body);
        flow.handle(Event::Answered { response, took: Duration::from_millis(3) }, pair.now());
        let finding = finding(&flow, &Next::Finished, &[]).expect("a finding");
        assert!(finding.next.starts_with(next), "{}", finding.next);
        let option = Some("--set token_request.headers.Accept=application/json").filter(|_| is_offered);
        assert_eq!(finding.option().as_deref(), option, "{body}");
    }
}

fn tokens() -> HttpResponse {
    HttpResponse::new(200, JSON, r#"{"access_token":"a-token-of-this-run-0001","token_type":"Bearer","expires_in":60}"#)
        .with_header("Cache-Control", "no-store")
}

fn no(error: &str, words: &str) -> HttpResponse {
    HttpResponse::new(400, JSON, format!(r#"{{"error":"{error}","error_description":"{words}"}}"#))
}

fn has(request: &HttpRequest, name: &str) -> bool {
    request.form().is_some_and(|form| form.contains(name))
}

fn unless(is_mended: bool, refusal: HttpResponse) -> Result<HttpResponse, TransportError> {
    Ok(if is_mended { tokens() } else { refusal })
}

/// A run that lacks something, and a server that wants it.
type Wanted = (Grant, fn(&mut Settings), Fault);

const WANTED: [Wanted; 8] = [
    (
        CLIENT,
        |_| {},
        |request| {
            unless(
                has(request, "client_secret"),
                no("invalid_client", "Authentication via basic not allowed, use client_secret_post"),
            )
        },
    ),
    (CLIENT, by_post, |request| {
        unless(!has(request, "client_secret"), no("invalid_client", "The client must use HTTP Basic"))
    }),
    (CLIENT, |_| {}, |request| unless(has(request, "resource"), no("invalid_request", "resource parameter required"))),
    (CLIENT, with_resource, |request| {
        unless(has(request, "audience"), no("access_denied", "No audience parameter was provided"))
    }),
    (
        CLIENT,
        |_| {},
        |request| {
            let scope = request.form().and_then(|form| form.get("scope").map(str::to_owned)).unwrap_or_default();
            unless(scope.contains("orders:read"), no("invalid_scope", "The scope orders:read is required"))
        },
    ),
    (CLIENT, takes_anything, |request| {
        let form =
            HttpResponse::new(200, FORM, "access_token=a-token-of-this-run-0001&token_type=bearer&expires_in=60");
        unless(request.headers.get("accept") == Some(JSON), form)
    }),
    (CODE, without_openid, |request| {
        unless(has(request, "code_verifier"), no("invalid_grant", "Missing code_verifier"))
    }),
    (
        CODE,
        |settings| {
            without_openid(settings);
            "S256".clone_into(&mut settings.request.code_challenge_method);
        },
        |request| {
            unless(
                has(request, "scope"),
                no("invalid_request", "AADSTS900144: The request body must contain the following parameter: 'scope'."),
            )
        },
    ),
];

fn takes_anything(settings: &mut Settings) {
    settings.set("token_request.headers.Accept", "*/*").expect("a setting");
}

fn without_openid(settings: &mut Settings) {
    plainly(settings);
    "profile".clone_into(&mut settings.request.scope);
}

#[test]
fn a_run_that_takes_the_option_gets_through() {
    for (grant, change, fault) in WANTED {
        let mut pair = Pair::new();
        pair.faults.insert("/token", fault);
        pair.faults.insert("/api/me", |_| Ok(HttpResponse::new(200, JSON, "{}")));
        let mut flow = Flow::new(grant, settings(grant, change), Entropy::from_seed([3; 32]));
        let next = pair.run(&mut flow);
        let sent = |flow: &Flow| flow.trace.exchanges.iter().map(|it| it.request.clone()).collect::<Vec<_>>();
        let found = finding(&flow, &next, &[]).unwrap_or_else(|| panic!("none: {:?}", sent(&flow)));
        let cure = found.cures.first().unwrap_or_else(|| {
            panic!("nothing mends it: {} {:?} {:?}", found.say, found.next, flow.trace.exchanges.last())
        });
        let mut mended = flow.settings.clone();
        cure.apply(&mut mended);
        assert_ne!(mended, flow.settings, "{}", cure.label);
        let mut flow = Flow::new(grant, mended, Entropy::from_seed([4; 32]));
        assert_eq!(pair.run(&mut flow), Next::Finished, "{}", cure.label);
        let left = finding(&flow, &Next::Finished, &[]).filter(|left| left.verdict == Verdict::Fail);
        assert_eq!(left, None, "{}", cure.label);
    }
}

/// What was tried before a run went through is history, and stays to be read.
#[test]
fn a_run_that_was_mended_is_not_told_as_broken() {
    let refuses_basic: Fault =
        |request| unless(has(request, "client_secret"), HttpResponse::new(403, JSON, r#"{"error":"invalid_client"}"#));
    for is_mended in [true, false] {
        let mut pair = Pair::new();
        pair.faults.insert("/token", refuses_basic);
        pair.faults.insert("/api/me", |_| Ok(HttpResponse::new(200, JSON, "{}")));
        let mut flow = Flow::new(CLIENT, settings(CLIENT, |_| {}), Entropy::from_seed([3; 32]));
        let next = pair.run(&mut flow);
        let first = finding(&flow, &next, &[]).expect("a finding");
        assert_eq!(first.option().as_deref(), Some("--set token_endpoint_auth_method=client_secret_post"));
        if is_mended {
            first.cures[0].apply(&mut flow.settings);
        }
        flow.retry();
        let next = pair.run(&mut flow);
        let last = finding(&flow, &next, &[]).expect("a finding");
        let told = (last.verdict, last.say.starts_with("The run went through. A try of the token request before that"));
        assert_eq!(told, if is_mended { (Verdict::Warn, true) } else { (Verdict::Fail, false) }, "{}", last.say);
        assert_eq!(last.cures.is_empty(), is_mended);
        assert_eq!(flow.trace.exchanges.iter().filter(|exchange| exchange.stage == Stage::Token).count(), 2);
    }
}

/// Nobody is sent where the same is missing.
#[test]
fn a_stage_that_a_grant_cannot_bring_leads_to_no_circle() {
    let mut pair = Pair::new();
    let mut flow = Flow::new(CLIENT, settings(CLIENT, |_| {}), Entropy::from_seed([3; 32]));
    flow.append(Stage::Refresh);
    let next = pair.run(&mut flow);
    let lacks = finding(&flow, &next, &flow.left_open()).expect("a finding");
    assert!(lacks.next.starts_with("Leave the refresh out: nobody signs in"), "{}", lacks.next);
    assert_eq!(lacks.option(), None);
    let mut flow = Flow::new(CODE, settings(CODE, |_| {}), Entropy::from_seed([3; 32]));
    flow.append(Stage::RequestUriReuse);
    let next = pair.run(&mut flow);
    let open = finding(&flow, &next, &flow.left_open()).expect("a finding");
    assert!(open.next.starts_with("Have the request pushed"), "{}", open.next);
}
