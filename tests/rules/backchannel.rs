//! Backchannel authentication: request, response and ping (CIBA sections 7 and 10.2).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Warn};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::params::Params;
use grantscope::base::secret::Secret;
use grantscope::client::endpoint::backchannel_authentication::{accept, accept_ping, lint, request};
use grantscope::client::settings::Settings;

use super::authorization::url;
use super::{Entry, OTHER, RANDOM, entries_of};

const GOOD: &str = r#"{"auth_req_id":"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk","expires_in":600,"interval":5}"#;

fn answered(content_type: &str, body: &str) -> Vec<Check> {
    accept(&HttpResponse::new(200, content_type, body)).checks
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
    lint(&draft.message, &settings)
}

/// No client was recognised, with this header field.
fn unauthorized(header: &str) -> Vec<Check> {
    accept(&HttpResponse::new(401, JSON, r#"{"error":"invalid_client"}"#).with_header(header, "Basic")).checks
}

pub fn entries() -> Vec<Entry> {
    request_entries().into_iter().chain(response_entries()).chain([ping_entry()]).collect()
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
