//! Backchannel authentication: request, response, ping and push (CIBA sections 7 and 10).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Warn};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::secret::Secret;
use grantscope::base::time::Timestamp;
use grantscope::client::authentication::Caller;
use grantscope::client::dpop::{Nonces, Proving};
use grantscope::client::endpoint::backchannel_authentication::{accept, accept_ping, lint, request};
use grantscope::client::endpoint::backchannel_object::{Expected, lint as lint_object};
use grantscope::client::endpoint::backchannel_push::{about, asked_for, judge};
use grantscope::client::seal::{ClaimEdits, SealEdits, Sealing};
use grantscope::client::settings::Settings;
use grantscope::jose::hash::half_hash;
use grantscope::jose::jwt::decode;
use grantscope::jose::key::SigningKey;
use grantscope::terms::metadata::ServerMetadata;

use serde_json::{Map, Value, json};

use super::authorization::url;
use super::{Entry, NOW, OTHER, RANDOM, entries_of};

const GOOD: &str = r#"{"auth_req_id":"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk","expires_in":600,"interval":5}"#;

fn answered(content_type: &str, body: &str) -> Vec<Check> {
    accept(&HttpResponse::new(200, content_type, body), false, true).checks
}

/// A request in ping mode, its settings edited, held against its rules.
fn requested(token: Option<&str>, edit: fn(&mut Settings)) -> Vec<Check> {
    let mut settings = Settings::default();
    "openid".clone_into(&mut settings.request.scope);
    "alice".clone_into(&mut settings.request.login_hint);
    "W4SCT".clone_into(&mut settings.request.binding_message);
    "ping".clone_into(&mut settings.client.backchannel_token_delivery_mode);
    edit(&mut settings);
    let draft = request(url("https://as.example/bc"), token.map(Secret::from).as_ref(), &settings);
    lint(&draft.message.form().expect("a form"), &settings)
}

/// A request that is signed with this algorithm, its claims edited, held against the rules of its object by a server that
/// lists ES256. `beside` stands beside it.
fn signed(alg: &str, beside: &str, edit: fn(&mut ClaimEdits), metadata: &str) -> Vec<Check> {
    let mut settings = Settings::default();
    "web".clone_into(&mut settings.client.client_id);
    settings.client.client_secret = "a secret of thirty-two characters".into();
    settings.client.private_key = SigningKey::generate("ES256", "k1").expect("a key").private_jwk();
    alg.clone_into(&mut settings.protection.backchannel_authentication_request_signing_alg);
    "alice".clone_into(&mut settings.request.login_hint);
    let draft = request(url("https://as.example/bc"), None, &settings);
    let (issuer, now) = (Some("https://as.example"), Timestamp::from_seconds(NOW));
    let mut edits = SealEdits::default();
    edit(&mut edits.request);
    let caller = Caller {
        settings: &settings,
        issuer,
        token_endpoint: None,
        called: None,
        now,
        jti: "j1".to_owned(),
        finished: None,
    };
    let nonces = Nonces::new();
    let proving = Proving { key: None, nonces: &nonces, jti: "j2".to_owned() };
    let sealing = Sealing { caller, jti_of_user: "j3".to_owned(), proving, edits: &edits };
    let mut sent = draft.leave(&sealing).expect("a request");
    sent.body.extend(beside.bytes());
    let metadata = ServerMetadata { json: Json::parse_text(metadata).expect("JSON") };
    lint_object(&sent, Expected { client_id: "web", issuer, metadata: Some(&metadata), now })
}

const LISTED: &str = r#"{"backchannel_authentication_request_signing_alg_values_supported":["ES256"]}"#;

fn object_entries() -> [Entry; 4] {
    let kept = |rule| Entry::kept(rule, signed("ES256", "", |_| {}, LISTED));
    let edited = |edit| signed("ES256", "", edit, LISTED);
    [
        kept("backchannel_request.signed").broken(Fail, "HS256", signed("HS256", "", |_| {}, LISTED)).broken(
            Fail,
            "none",
            signed("none", "", |_| {}, LISTED),
        ),
        kept("backchannel_request.signed_claims")
            .broken(
                Fail,
                "without nbf, jti",
                edited(|claims| ["nbf", "jti"].into_iter().for_each(|it| claims.omit(it))),
            )
            .broken(Fail, "iss somebody", edited(|claims| claims.set("iss", "somebody")))
            .broken(Fail, "aud https://other", edited(|claims| claims.set("aud", "https://other.example")))
            .broken(Fail, "over for", edited(|claims| claims.set("exp", "1")))
            .broken(Fail, "no time", edited(|claims| claims.set("exp", "soon"))),
        kept("backchannel_request.alone").broken(Fail, "scope", signed("ES256", "&scope=openid", |_| {}, LISTED)),
        kept("backchannel_request.supported").broken(Warn, "not published", signed("ES256", "", |_| {}, "{}")).broken(
            Warn,
            "HS256",
            signed("HS256", "", |_| {}, LISTED),
        ),
    ]
}

/// No client was recognised, with this header field.
fn unauthorized(header: &str) -> Vec<Check> {
    accept(&HttpResponse::new(401, JSON, r#"{"error":"invalid_client"}"#).with_header(header, "Basic"), false, true)
        .checks
}

pub fn entries() -> Vec<Entry> {
    request_entries()
        .into_iter()
        .chain(object_entries())
        .chain(response_entries())
        .chain([ping_entry()])
        .chain(push_entries())
        .collect()
}

fn request_entries() -> [Entry; 4] {
    let kept = |rule| Entry::kept(rule, requested(Some(OTHER), |_| {}));
    let edited = |edit| requested(Some(OTHER), edit);
    let long: fn(&mut Settings) = |settings| settings.request.binding_message = "please approve this".repeat(3);
    [
        kept("backchannel_request.hint")
            .broken(
                Fail,
                "login_hint, id_token_hint",
                edited(|settings| settings.request.id_token_hint = "a.b.c".into()),
            )
            .broken(Fail, "none", edited(|settings| settings.request.login_hint.clear())),
        kept("backchannel_request.openid").broken(
            Fail,
            "email",
            edited(|settings| "email".clone_into(&mut settings.request.scope)),
        ),
        kept("backchannel_request.binding_message").broken(Warn, "please approve this", edited(long)),
        kept("backchannel_request.client_notification_token").broken(Fail, "absent", requested(None, |_| {})).broken(
            Fail,
            "bits",
            requested(Some("short"), |_| {}),
        ),
    ]
}

fn response_entries() -> Vec<Entry> {
    let rows = [
        ("backchannel.required", Fail, "expires_in", ("600", "0")),
        ("backchannel.interval", Warn, "-1", ("\"interval\":5", "\"interval\":-1")),
        ("backchannel.entropy", Fail, "bits", (RANDOM, "1234")),
    ];
    let mut entries = entries_of(&rows, || answered(JSON, GOOD), |(from, to)| answered(JSON, &GOOD.replace(from, to)));
    let page = answered("text/html", GOOD);
    entries.push(Entry::kept("backchannel.content_type", answered(JSON, GOOD)).broken(Fail, "text/html", page));
    entries.push(Entry::kept("backchannel.challenge", unauthorized("WWW-Authenticate")).broken(
        Fail,
        "absent",
        unauthorized("X-Authenticate"),
    ));
    entries
}

fn ping_entry() -> Entry {
    let pinged = |id: &str| accept_ping(&Params::from_iter([("auth_req_id", id)]), &"this".into());
    Entry::kept("backchannel_ping.auth_req_id", pinged("this")).broken(Fail, "another one", pinged("other"))
}

fn push_entries() -> Vec<Entry> {
    let (auth_req_id, rt_hash) = ("urn:openid:params:jwt:claim:auth_req_id", "urn:openid:params:jwt:claim:rt_hash");
    let claims = |edit: fn(&mut Map<String, Value>)| {
        let hash = half_hash("HS256", OTHER);
        let Value::Object(mut claims) = json!({ auth_req_id: "this", "at_hash": "a", rt_hash: hash }) else {
            unreachable!("an object")
        };
        edit(&mut claims);
        let key = SigningKey::from_secret(&"a secret of thirty-two characters".into(), "HS256").expect("a key");
        let token = key.sign(&Map::new(), &Value::Object(claims)).expect("signed");
        let pushed = [
            ("auth_req_id", "this"),
            ("access_token", RANDOM),
            ("token_type", "Bearer"),
            ("refresh_token", OTHER),
            ("id_token", token.as_str()),
        ];
        (pushed.into_iter().collect::<Params>(), decode(&token))
    };
    let of_claims = |edit| {
        let (pushed, token) = claims(edit);
        judge(&pushed, &"this".into(), Some(&token))
    };
    let kept = || of_claims(|_| {});
    let without = |name: &str| {
        let (mut pushed, token) = claims(|_| {});
        pushed.remove(name);
        judge(&pushed, &"this".into(), Some(&token).filter(|_| name != "id_token"))
    };
    let polled = |asked: &str| {
        let (_, token) = claims(|_| {});
        Vec::from_iter(asked_for(&asked.into(), Some(&token)))
    };
    let pushed = |id: &str| vec![about(&[("auth_req_id", id)].into_iter().collect(), &"this".into())];
    vec![
        Entry::kept("backchannel_push.auth_req_id", pushed("this")).broken(Fail, "another one", pushed("other")),
        Entry::kept("backchannel_push.required", kept())
            .broken(Fail, "without token_type", without("token_type"))
            .broken(Fail, "without id_token", without("id_token")),
        Entry::kept("backchannel_push.auth_req_id_claim", kept())
            .broken(
                Fail,
                "another one",
                of_claims(|it| drop(it.insert("urn:openid:params:jwt:claim:auth_req_id".into(), json!("other")))),
            )
            .broken(Fail, "none", of_claims(|it| drop(it.shift_remove("urn:openid:params:jwt:claim:auth_req_id")))),
        Entry::kept("backchannel.auth_req_id_claim", polled("this")).broken(Fail, "another one", polled("other")),
        Entry::kept("backchannel_push.at_hash", kept()).broken(
            Fail,
            "absent",
            of_claims(|it| drop(it.shift_remove("at_hash"))),
        ),
        Entry::kept("backchannel_push.rt_hash", kept())
            .broken(
                Fail,
                "b",
                of_claims(|it| drop(it.insert("urn:openid:params:jwt:claim:rt_hash".into(), json!("b")))),
            )
            .broken(Fail, "absent", of_claims(|it| drop(it.shift_remove("urn:openid:params:jwt:claim:rt_hash")))),
    ]
}
