//! What profiles demand of a run, held against runs in memory of which one thing is changed.

use std::sync::Arc;

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Pass, Skipped};
use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::params::Params;
use grantscope::base::secret::Secret;
use grantscope::client::endpoint::authorization::{Carrier, Object};
use grantscope::client::rules::management::{REUSE, SIGNED};
use grantscope::demo;
use grantscope::flow::Flow;
use grantscope::flow::grant::adapt;
use grantscope::flow::stage::Stage;
use grantscope::flow::trace::{Answer, Exchange};
use grantscope::jose::base64url;
use grantscope::profile::{Profile, demanded, judge};
use grantscope::terms::grant::Grant;
use serde_json::{Value, json};

use super::Entry;
use super::pair::{ISSUER, Pair, practice_settings};

/// A run with everything that a profile may ask for, made from a usual one.
fn strict() -> Flow {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    flow.append(Stage::Refresh);
    pair.run(&mut flow);
    carry(&mut flow, "client_id=web&request_uri=urn:example:1");
    answer(&mut flow, |params| params.push("response", "a.b.c"));
    ask(&mut flow, "jwt");
    sign(&mut flow, r#"{"alg":"ES256"}"#, &format!(r#"{{"aud":"{ISSUER}"}}"#));
    for tokens in &mut flow.session.tokens {
        tokens.response.token_type = Some("DPoP".to_owned());
    }
    let sent = flow.session.authorization.as_mut().expect("sent");
    sent.carrier = Carrier::Pushed;
    push_for(&mut flow, 90);
    sign_object(&mut flow, |_| {});
    keep_refresh_token(&mut flow);
    add_resource(&mut flow);
    flow
}

fn each(flow: &mut Flow, stage: Stage, change: impl Fn(&mut Exchange)) {
    let exchanges = flow.trace.exchanges.iter_mut().filter(|exchange| exchange.stage == stage);
    exchanges.for_each(|exchange| change(Arc::make_mut(exchange)));
}

fn carry(flow: &mut Flow, query: &str) {
    each(flow, Stage::Authorization, |exchange| exchange.request.url.set_query(Some(query)));
}

fn answer(flow: &mut Flow, change: impl Fn(&mut Params)) {
    each(flow, Stage::Authorization, |exchange| {
        if let Answer::Callback(callback) = &mut exchange.answer {
            change(&mut callback.params);
        }
    });
}

/// Changes the form of all requests with a `grant_type`, and drops what authenticates them otherwise.
fn forms(flow: &mut Flow, change: impl Fn(&mut Params)) {
    for stage in [Stage::Token, Stage::Refresh] {
        each(flow, stage, |exchange| {
            let mut form = exchange.request.form().expect("a form");
            change(&mut form);
            exchange.request = HttpRequest::post_form(exchange.request.url.clone(), &form);
        });
    }
}

fn jwt(header: &str, claims: &str) -> String {
    [header, claims, "s"].map(|part| base64url::encode(part.as_bytes())).join(".")
}

fn sign(flow: &mut Flow, header: &str, claims: &str) {
    let assertion = jwt(header, claims);
    forms(flow, |form| {
        form.remove("client_assertion");
        form.push("client_assertion", &assertion);
    });
}

/// As if the request had been pushed, and taken for so many seconds.
fn push_for(flow: &mut Flow, expires_in: u64) {
    flow.trace.exchanges.retain(|exchange| exchange.stage != Stage::PushedAuthorization);
    let trip = flow.trace.exchanges.iter().find(|exchange| exchange.stage == Stage::Authorization).expect("a trip");
    let mut push = Exchange::clone(trip);
    push.stage = Stage::PushedAuthorization;
    push.request = HttpRequest::post_form(push.request.url.clone(), &Params::new());
    let body = format!(r#"{{"request_uri":"urn:example:1","expires_in":{expires_in}}}"#);
    push.answer = Answer::Response(HttpResponse::new(201, JSON, body));
    flow.trace.exchanges.insert(0, Arc::new(push));
}

/// Signs the request, with the usual claims or others.
fn sign_object(flow: &mut Flow, change: impl FnOnce(&mut Value)) {
    let now = flow.trace.exchanges[0].sent_at.seconds();
    let mut claims = json!({"client_id": "web", "aud": ISSUER, "nbf": now, "exp": now + 300});
    change(&mut claims);
    let text = jwt(r#"{"alg":"ES256"}"#, &claims.to_string());
    let sent = flow.session.authorization.as_mut().expect("sent");
    sent.object = Some(Object { text, outside: Params::new() });
}

/// The same with one claim moved by so many seconds.
fn object_with(name: &'static str, by: i64) -> Vec<Check> {
    broken(|flow| {
        sign_object(flow, |claims| claims[name] = json!(claims[name].as_i64().expect("a time") + by));
    })
}

fn object_without(name: &'static str) -> Vec<Check> {
    broken(|flow| {
        sign_object(flow, |claims| drop(claims.as_object_mut().expect("an object").remove(name)));
    })
}

fn keep_refresh_token(flow: &mut Flow) {
    let first = flow.session.tokens.first().expect("tokens").response.refresh_token.clone();
    flow.session.tokens.last_mut().expect("tokens").response.refresh_token = first;
}

fn add_resource(flow: &mut Flow) {
    forms(flow, |form| form.push("resource", "https://api.example"));
    flow.session.authorization.as_mut().expect("sent").params.push("resource", "https://api.example");
}

fn ask(flow: &mut Flow, response_mode: &str) {
    let params = &mut flow.session.authorization.as_mut().expect("sent").params;
    params.remove("response_mode");
    params.push("response_mode", response_mode);
}

fn broken(change: impl FnOnce(&mut Flow)) -> Vec<Check> {
    let mut flow = strict();
    change(&mut flow);
    demanded(&flow)
}

pub fn entries() -> Vec<Entry> {
    let kept = demanded(&strict());
    [of_the_front(&kept), of_the_client(&kept), of_signatures(&kept), of_tokens(&kept)].into_iter().flatten().collect()
}

fn of_the_front(kept: &[Check]) -> Vec<Entry> {
    let entry = |rule| Entry::kept(rule, kept.to_vec());
    vec![
        entry("profile.pushed").broken(
            Fail,
            "parameters",
            broken(|flow| flow.session.authorization.as_mut().expect("sent").carrier = Carrier::Url),
        ),
        entry("profile.pushed_lifetime")
            .kept_too(broken(|flow| push_for(flow, 599)))
            .broken(Fail, "600 s", broken(|flow| push_for(flow, 600)))
            .broken(Fail, "3600 s", broken(|flow| push_for(flow, 3600))),
        entry("profile.front_channel").broken(
            Fail,
            "scope",
            broken(|flow| carry(flow, "client_id=web&request_uri=urn:example:1&scope=openid")),
        ),
        entry("profile.response_type").broken(
            Fail,
            "code id_token",
            broken(|flow| {
                let sent = flow.session.authorization.as_mut().expect("sent");
                sent.params.remove("response_type");
                sent.params.push("response_type", "code id_token");
            }),
        ),
    ]
}

fn of_the_client(kept: &[Check]) -> Vec<Entry> {
    let entry = |rule| Entry::kept(rule, kept.to_vec());
    vec![
        entry("profile.client_auth")
            .broken(Fail, "a client secret", broken(|flow| sign(flow, r#"{"alg":"HS256"}"#, "{}")))
            .broken(Fail, "a client secret", broken(|flow| forms(flow, post_secret)))
            .broken(Fail, "a public client", broken(|flow| forms(flow, |form| form.remove("client_assertion")))),
        entry("profile.client_secret").broken(Fail, "a client secret", broken(|flow| forms(flow, post_secret))),
        entry("profile.assertion_audience")
            .broken(
                Fail,
                "/token",
                broken(|flow| sign(flow, r#"{"alg":"ES256"}"#, r#"{"aud":"https://as.example/token"}"#)),
            )
            .broken(
                Fail,
                "no string",
                broken(|flow| sign(flow, r#"{"alg":"ES256"}"#, &format!(r#"{{"aud":["{ISSUER}"]}}"#))),
            )
            .broken(Fail, "no aud", broken(|flow| sign(flow, r#"{"alg":"ES256"}"#, "{}")))
            .broken(Fail, "/par", broken(pushed_to_its_endpoint)),
    ]
}

fn give_token(flow: &mut Flow, access_token: String) {
    let newest = &mut flow.session.tokens.last_mut().expect("tokens").response;
    newest.access_token = Some(Secret::new(access_token));
}

fn by_rs256() -> String {
    jwt(r#"{"alg":"RS256"}"#, "{}")
}

fn respond_by_rs256(params: &mut Params) {
    params.set("response", by_rs256());
}

fn of_signatures(kept: &[Check]) -> Vec<Entry> {
    let entry = |rule| Entry::kept(rule, kept.to_vec());
    vec![
        entry("profile.algorithms")
            .kept_too(broken(|flow| give_token(flow, "a.b.c".to_owned())))
            .broken(Fail, "RS256", broken(|flow| sign(flow, r#"{"alg":"RS256"}"#, "{}")))
            .broken(
                Fail,
                "RS512",
                broken(|flow| {
                    let text = jwt(r#"{"alg":"RS512"}"#, "{}");
                    let object = Some(Object { text, outside: Params::new() });
                    flow.session.authorization.as_mut().expect("sent").object = object;
                }),
            )
            .broken(Fail, "RS256 of the authorization response", broken(|flow| answer(flow, respond_by_rs256)))
            .broken(
                Fail,
                "RS256 of the DPoP proof",
                broken(|flow| {
                    each(flow, Stage::Token, |exchange| exchange.request.headers.set("DPoP", by_rs256()));
                }),
            )
            .broken(
                Fail,
                "RS256 of UserInfo",
                broken(|flow| {
                    each(flow, Stage::UserInfo, |exchange| {
                        exchange.answer = Answer::Response(HttpResponse::new(200, "application/jwt", by_rs256()));
                    });
                }),
            )
            .broken(Fail, "RS256 of the access token", broken(|flow| give_token(flow, by_rs256()))),
        entry("profile.object_audience")
            .kept_too(broken(|flow| sign_object(flow, |claims| claims["aud"] = json!([ISSUER, "https://b.example"]))))
            .broken(Fail, "no aud", object_without("aud"))
            .broken(
                Fail,
                "/token",
                broken(|flow| sign_object(flow, |claims| claims["aud"] = json!("https://a/token"))),
            ),
        entry("profile.object_times")
            .kept_too(object_with("nbf", -3299))
            .broken(Fail, "no nbf", object_without("nbf"))
            .broken(Fail, "no exp", object_without("exp"))
            .broken(Fail, "1 h 1 min", object_with("nbf", -3660))
            .broken(Fail, "1 h 1 min", object_with("exp", 3360)),
    ]
}

fn of_tokens(kept: &[Check]) -> Vec<Entry> {
    let entry = |rule| Entry::kept(rule, kept.to_vec());
    vec![
        entry("profile.bound_tokens").broken(
            Fail,
            "Bearer",
            broken(|flow| {
                let newest = &mut flow.session.tokens.last_mut().expect("tokens").response;
                newest.token_type = Some("Bearer".to_owned());
                newest.access_token = Some(Secret::new("opaque"));
            }),
        ),
        entry("profile.token_in_header").broken(
            Fail,
            "the form or the URL",
            broken(|flow| {
                each(flow, Stage::UserInfo, |exchange| exchange.request.url.set_query(Some("access_token=t")));
            }),
        ),
        entry("profile.iss").broken(
            Fail,
            "none",
            broken(|flow| answer(flow, |params| ["iss", "response"].iter().for_each(|name| params.remove(name)))),
        ),
        entry("profile.no_rotation").broken(Fail, "the old one is refused", broken(refuse_the_old_one)),
        entry("profile.resource")
            .broken(Fail, "token request", broken(|flow| forms(flow, |form| form.remove("resource"))))
            .broken(
                Fail,
                "authorization request",
                broken(|flow| flow.session.authorization.as_mut().expect("sent").params.remove("resource")),
            ),
        entry("profile.signed_request").broken(
            Fail,
            "plain parameters",
            broken(|flow| {
                flow.session.authorization.as_mut().expect("sent").object = None;
                ask(flow, "query");
            }),
        ),
        entry("profile.signed_response")
            .broken(Fail, "plain parameters", broken(|flow| answer(flow, |params| params.remove("response"))))
            .broken(Fail, "query.jwt", broken(|flow| ask(flow, "query.jwt"))),
    ]
}

/// Each method of message signing may be used alone (FAPI 2.0 Message Signing section 5.1).
#[test]
fn what_a_run_does_not_sign_is_no_part_of_it_while_it_signs_something() {
    let verdicts = |change: &dyn Fn(&mut Flow)| {
        let checks = broken(change);
        let of = |id: &str| checks.iter().find(|check| check.rule.id == id).expect("judged").verdict;
        (of("profile.signed_request"), of("profile.signed_response"))
    };
    let plain = |flow: &mut Flow| {
        ask(flow, "query");
        answer(flow, |params| params.remove("response"));
    };
    let unsigned = |flow: &mut Flow| flow.session.authorization.as_mut().expect("sent").object = None;
    assert_eq!(verdicts(&|_| {}), (Pass, Pass));
    assert_eq!(verdicts(&unsigned), (Skipped, Pass));
    assert_eq!(verdicts(&plain), (Pass, Skipped));
    let nothing = move |flow: &mut Flow| {
        plain(flow);
        unsigned(flow);
    };
    assert_eq!(verdicts(&nothing), (Fail, Fail));
    let introspects = move |flow: &mut Flow| {
        nothing(flow);
        each(flow, Stage::UserInfo, |exchange| exchange.checks.push(SIGNED.pass("a JWT")));
    };
    assert_eq!(verdicts(&introspects), (Skipped, Skipped));
}

/// An app that asks for the password authorizes nobody in a browser.
#[test]
fn a_native_app_asks_for_no_password() {
    let mut settings = practice_settings();
    demo::fill(&mut settings, Grant::Password, "alice", None);
    adapt(Grant::Password, &mut settings);
    let mut flow = Flow::new(Grant::Password, settings, Entropy::from_seed([2; 32]));
    Pair::new().run(&mut flow);
    let standing = judge(Profile::Native, &flow);
    let password =
        standing.stops(Fail).find(|broken| broken.check.rule.id == "settings.password").expect("it stops it");
    assert_eq!(password.spec.to_string(), "RFC 8252 §5");
}

/// A run that ends where it is pushed, with an assertion for the endpoint that it is pushed to.
fn pushed_to_its_endpoint(flow: &mut Flow) {
    flow.trace.exchanges.retain(|exchange| exchange.stage == Stage::Token);
    flow.trace.exchanges.truncate(1);
    sign(flow, r#"{"alg":"ES256"}"#, r#"{"aud":"https://as.example/par"}"#);
    forms(flow, |form| form.remove("grant_type"));
    each(flow, Stage::Token, |exchange| exchange.stage = Stage::PushedAuthorization);
}

/// Another refresh token comes, and the one before is refused.
fn refuse_the_old_one(flow: &mut Flow) {
    rotate(flow);
    let refresh = flow.trace.exchanges.iter().find(|exchange| exchange.stage == Stage::Refresh).expect("a refresh");
    let mut reuse = Exchange::clone(refresh);
    reuse.stage = Stage::RefreshReuse;
    reuse.checks = vec![REUSE.pass("invalid_grant")];
    flow.trace.exchanges.push(Arc::new(reuse));
}

fn rotate(flow: &mut Flow) {
    let newest = &mut flow.session.tokens.last_mut().expect("tokens").response;
    newest.refresh_token = Some(Secret::new("another"));
}

#[test]
fn a_new_refresh_token_is_no_rotation_while_the_old_one_works() {
    let verdict = |checks: Vec<Check>| {
        checks.iter().find(|check| check.rule.id == "profile.no_rotation").expect("judged").verdict
    };
    assert_eq!(verdict(broken(rotate)), Skipped);
    let taken_again = |flow: &mut Flow| {
        refuse_the_old_one(flow);
        each(flow, Stage::RefreshReuse, |exchange| exchange.checks = vec![REUSE.note("taken again")]);
    };
    assert_eq!(verdict(broken(taken_again)), Pass);
}

fn post_secret(form: &mut Params) {
    form.remove("client_assertion");
    form.push("client_secret", "s");
}

#[test]
fn the_same_run_stands_differently_by_each_profile() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run(&mut flow);
    let stops = |profile| {
        let standing = judge(profile, &flow);
        standing.stops(Fail).map(|broken| broken.check.rule.id).collect::<Vec<_>>()
    };
    for profile in [Profile::OAuth2, Profile::OAuth21, Profile::Native] {
        assert!(stops(profile).is_empty(), "{}: {:?}", profile.slug(), stops(profile));
    }
    assert_eq!(stops(Profile::Browser), ["profile.client_secret"]);
    assert_eq!(stops(Profile::Mcp), ["profile.resource"]);
    let fapi = ["settings.symmetric_auth", "profile.pushed", "profile.client_auth", "profile.bound_tokens"];
    assert_eq!(stops(Profile::Fapi2), fapi);
    let signed = ["profile.signed_request", "profile.signed_response"];
    assert_eq!(stops(Profile::Fapi2MessageSigning), [&fapi[..], &signed].concat());
}

#[test]
fn a_broken_must_stops_every_profile_and_a_run_without_an_end_passes_none() {
    let mut pair = Pair::new();
    let mut flow = pair.flow();
    pair.run_to(&mut flow, Stage::Authorization);
    for profile in Profile::ALL {
        assert_ne!(judge(profile, &flow).passes(Fail), Some(true), "{}", profile.slug());
    }
    let mut flow = pair.flow_with(|settings| "off".clone_into(&mut settings.request.code_challenge_method));
    pair.run(&mut flow);
    // OpenID Connect's nonce spares a confidential client PKCE in OAuth 2.1 (section 7.5.1), and nowhere else.
    for (profile, passes) in [(Profile::OAuth2, true), (Profile::OAuth21, true), (Profile::Native, false)] {
        assert_eq!(judge(profile, &flow).passes(Fail), Some(passes), "{}", profile.slug());
    }
}
