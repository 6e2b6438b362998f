//! Every error code that the documents list for a message stops the run as a refusal, by its name and with advice.

use std::cell::Cell;

use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::params::Params;
use grantscope::client::settings::Settings;
use grantscope::flow::stage::Stage;
use grantscope::flow::transport_error::TransportError;
use grantscope::flow::{Flow, Next, ProblemKind};
use grantscope::terms::client_auth::ClientAuthMethod;
use grantscope::terms::grant::Grant;

use crate::flow;
use crate::pair::Pair;

/// RFC 6749 section 5.2, RFC 8707 section 2.
const TOKEN: &[&str] = &[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_target",
];
/// RFC 8628 section 3.5, CIBA section 11. (`authorization_pending` and `slow_down` go on.)
const POLLING: &[&str] = &["access_denied", "expired_token", "invalid_grant", "invalid_client", "invalid_request"];
/// RFC 6749 section 4.1.2.1, OIDC Core section 3.1.2.6, RFC 8707 section 2.
const AUTHORIZATION: &[&str] = &[
    "invalid_request",
    "unauthorized_client",
    "access_denied",
    "unsupported_response_type",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "interaction_required",
    "login_required",
    "account_selection_required",
    "consent_required",
    "invalid_request_uri",
    "invalid_request_object",
    "request_not_supported",
    "request_uri_not_supported",
    "registration_not_supported",
    "invalid_target",
];
/// CIBA section 13.
const BACKCHANNEL: &[&str] = &[
    "invalid_request",
    "invalid_scope",
    "expired_login_hint_token",
    "unknown_user_id",
    "unauthorized_client",
    "missing_user_code",
    "invalid_user_code",
    "invalid_binding_message",
    "invalid_client",
    "access_denied",
];
/// RFC 8628 section 3.2 refers to RFC 6749 section 5.2.
const DEVICE: &[&str] = &["invalid_request", "invalid_client", "unauthorized_client", "invalid_scope"];
/// RFC 6750 section 3.1.
const RESOURCE: &[&str] = &["invalid_request", "invalid_token", "insufficient_scope"];

thread_local! {
    /// What the server says next.
    static CODE: Cell<&'static str> = const { Cell::new("") };
}

fn says_code(_: &HttpRequest) -> Result<HttpResponse, TransportError> {
    let code = CODE.get();
    let status = if code == "invalid_client" { 401 } else { 400 };
    let body = format!(r#"{{"error":"{code}"}}"#);
    let response = HttpResponse::new(status, JSON, body).with_header("Cache-Control", "no-store");
    Ok(response.with_header("WWW-Authenticate", "Basic"))
}

fn challenges(_: &HttpRequest) -> Result<HttpResponse, TransportError> {
    let challenge = format!("Bearer error=\"{}\"", CODE.get());
    Ok(HttpResponse::new(401, "text/plain", "").with_header("WWW-Authenticate", challenge))
}

fn sends_back(params: &mut Params) {
    params.remove("code");
    params.remove("access_token");
    params.remove("id_token");
    params.set("error", CODE.get());
}

#[track_caller]
fn assert_refused(pair: &mut Pair, mut flow: Flow, stage: Stage, code: &str) {
    let grant = flow.grant;
    let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("{grant:?} {stage:?} {code}: not stopped") };
    let ProblemKind::Refused(error) = &problem.kind else { panic!("{grant:?} {stage:?} {code}: {problem:?}") };
    assert_eq!((problem.stage, error.error.as_str()), (stage, code), "{grant:?}");
    assert!(!problem.advice.is_empty(), "{grant:?} {stage:?} {code}: no advice");
    assert!(problem.title.contains(code) && !problem.sent.is_empty(), "{problem:?}");
    let form = flow.trace.exchanges.last().and_then(|exchange| exchange.request.form()).unwrap_or_default();
    for (words, fits) in [
        ("code_verifier", form.contains("code")),
        ("redirect_uri", form.contains("code") || stage == Stage::Authorization),
        ("refresh token may", form.contains("refresh_token")),
        ("kid", form.contains("assertion") && grant == Grant::JwtBearer),
        ("client_assertion_audience", form.contains("assertion") && grant == Grant::JwtBearer),
        ("choose none", flow.settings.auth_method() != Some(ClientAuthMethod::None)),
        ("private_key_jwt", false),
    ] {
        let said = problem.advice.iter().any(|advice| advice.contains(words));
        assert!(fits || !said, "{grant:?} {stage:?} {code}: {words} in {:?}", problem.advice);
    }
}

/// Runs a grant against a server that answers at this path with each of the codes.
fn refuses_at(grant: Grant, path: &'static str, stage: Stage, codes: &[&'static str]) {
    for code in codes {
        CODE.set(code);
        let mut pair = Pair::new();
        pair.faults.insert(path, says_code);
        assert_refused(&mut pair, flow(grant, |_| {}), stage, code);
    }
}

#[test]
fn every_error_of_a_token_request_is_a_refusal() {
    for grant in Grant::ALL.into_iter().filter(|grant| *grant != Grant::Implicit) {
        let codes = if matches!(grant, Grant::DeviceCode | Grant::Ciba) { POLLING } else { TOKEN };
        refuses_at(grant, "/token", Stage::Token, codes);
    }
}

#[test]
fn a_refused_token_request_is_advised_on_its_own_grant() {
    for (grant, words) in [
        (Grant::AuthorizationCode, "a code works once"),
        (Grant::RefreshToken, "refresh token may have been replaced"),
        (Grant::Password, "username and password"),
        (Grant::DeviceCode, "device code"),
        (Grant::Ciba, "auth_req_id"),
        (Grant::JwtBearer, "(iss)"),
        (Grant::SamlBearer, "NotOnOrAfter"),
    ] {
        CODE.set("invalid_grant");
        let mut pair = Pair::new();
        pair.faults.insert("/token", says_code);
        let pasted = |settings: &mut Settings| settings.request.refresh_token = "pasted".into();
        let mut flow = flow(grant, pasted);
        let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("{grant:?}: not stopped") };
        assert!(problem.advice.iter().any(|advice| advice.contains(words)), "{grant:?}: {:?}", problem.advice);
    }
}

#[test]
fn every_error_of_an_authorization_request_is_a_refusal() {
    for grant in Grant::ALL.into_iter().filter(|grant| grant.has_authorization_request()) {
        for code in AUTHORIZATION {
            CODE.set(code);
            let mut pair = Pair::new();
            pair.pasted = Some(sends_back);
            assert_refused(&mut pair, flow(grant, |_| {}), Stage::Authorization, code);
        }
    }
}

#[test]
fn every_error_of_device_and_backchannel_requests_is_a_refusal() {
    refuses_at(Grant::DeviceCode, "/device", Stage::DeviceAuthorization, DEVICE);
    refuses_at(Grant::Ciba, "/bc-authorize", Stage::BackchannelAuthentication, BACKCHANNEL);
}

/// The request that is appended to a finished run.
#[test]
fn every_error_of_what_one_does_with_a_token_is_a_refusal() {
    let cases: [(Stage, &str, &[&'static str]); 3] = [
        (Stage::Introspection, "/introspect", &["invalid_client", "invalid_request", "unauthorized_client"]),
        (Stage::Revocation, "/revoke", &["unsupported_token_type", "invalid_client", "invalid_request"]),
        (Stage::Refresh, "/token", TOKEN),
    ];
    for (stage, path, codes) in cases {
        for code in codes {
            CODE.set(code);
            let mut pair = Pair::new();
            let mut finished = flow(Grant::AuthorizationCode, |_| {});
            assert_eq!(pair.run(&mut finished), Next::Finished);
            finished.append(stage);
            pair.faults.insert(path, says_code);
            assert_refused(&mut pair, finished, stage, code);
        }
    }
    for (stage, path) in [(Stage::Resource, "/api/me"), (Stage::UserInfo, "/userinfo")] {
        for code in RESOURCE {
            CODE.set(code);
            let mut pair = Pair::new();
            pair.faults.insert(path, challenges);
            assert_refused(&mut pair, flow(Grant::AuthorizationCode, |_| {}), stage, code);
        }
    }
}

#[test]
fn every_error_of_an_exchange_is_a_refusal_at_the_exchange() {
    for code in TOKEN {
        CODE.set(code);
        let mut pair = Pair::new();
        let mut at_exchange = flow(Grant::TokenExchange, |_| {});
        pair.run_to(&mut at_exchange, Stage::Exchange);
        pair.faults.insert("/token", says_code);
        assert_refused(&mut pair, at_exchange, Stage::Exchange, code);
    }
}

/// RFC 9126 section 2.3, and a server that takes public clients alone.
#[test]
fn what_status_and_words_say_comes_before_what_is_usual() {
    type Answer = fn(&HttpRequest) -> Result<HttpResponse, TransportError>;

    let too_large: Answer =
        |_| Ok(HttpResponse::new(413, JSON, r#"{"error":"invalid_request","error_description":""}"#));
    let public: Answer = |_| {
        let body =
            r#"{"error":"invalid_client","error_description":"client has to be a public one, without a secret"}"#;
        Ok(HttpResponse::new(401, JSON, body))
    };
    for (path, answer, first) in [
        ("/par", too_large, "The pushed request is larger than the server takes"),
        ("/token", public, "The server takes this client as a public one alone"),
    ] {
        let mut pair = Pair::new();
        pair.faults.insert(path, answer);
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            settings.protection.require_pushed_authorization_requests = true;
        });
        let Next::Stopped(problem) = pair.run(&mut flow) else { panic!("it goes on: {path}") };
        assert!(problem.advice[0].starts_with(first), "{:?}", problem.advice);
        assert!(!problem.came.trim_end().ends_with(':'), "{}", problem.came);
    }
}

/// RFC 6750 section 3.1: the same token is refused again, so that what it lacks is told and nothing repeated.
#[test]
fn a_token_that_lacks_a_scope_is_not_shown_again() {
    for scope in ["openid", "openid profile"] {
        let mut pair = Pair::new();
        let mut flow = flow(Grant::AuthorizationCode, |settings| {
            scope.clone_into(&mut settings.request.scope);
            settings.request.api_url = format!("{}/api/me", crate::pair::ISSUER);
        });
        let next = pair.run(&mut flow);
        let Next::Stopped(problem) = &next else {
            assert_eq!((scope, next), ("openid profile", Next::Finished));
            continue;
        };
        assert_eq!((scope, problem.stage), ("openid", Stage::Resource));
        assert!(problem.advice[0].starts_with("The API wants profile"), "{:?}", problem.advice);
        assert!(problem.advice[0].ends_with("--set 'scope=openid profile'."), "{:?}", problem.advice);
        assert!(flow.is_retried_in_vain());
        flow.settings.request.api_url.push_str("?again");
        assert!(!flow.is_retried_in_vain(), "another call may be let through");
    }
}
