//! Signing out at the server and the way back (OIDC RP-Initiated Logout).

use std::time::Duration;

use grantscope::base::check::Verdict::{Fail, Note, Warn};
use grantscope::base::check::{Check, Rule};
use grantscope::base::http::HttpRequest;
use grantscope::base::params::Params;
use grantscope::client::endpoint::end_session::{self, accept, lint, request};

use super::Entry;
use super::authorization::url;

const BACK: &str = "http://127.0.0.1:8912/signed-out";

fn sent(id_token_hint: &str) -> HttpRequest {
    request(url("https://as.example/logout"), &id_token_hint.into(), "web", BACK, "xyz")
}

fn back(state: Option<&str>, redirect_uri: &str) -> Vec<Check> {
    let came: Params = state.map(|state| ("state", state)).into_iter().collect();
    accept(&came, redirect_uri, false, &sent("a.b.c").query())
}

/// What came back, whole.
fn came_back(query: &str) -> Vec<Check> {
    accept(&Params::parse(query.as_bytes()), BACK, false, &sent("a.b.c").query())
}

/// That the client is told of the logout, in one way or the other.
pub fn told(rule: &'static Rule) -> Entry {
    let said = |times, is_announced, waited| vec![end_session::told(rule, times, is_announced, waited)];
    let waited = Some(Duration::from_secs(10));
    Entry::kept(rule.id, said(1, true, None))
        .kept_too(said(2, false, waited))
        .broken(Note, "none came, although", said(0, true, None))
        .broken(Note, "none came within 10 s, although", said(0, true, waited))
}

pub fn entries() -> Vec<Entry> {
    let kept = |rule| Entry::kept(rule, back(Some("xyz"), BACK));
    vec![
        Entry::kept("logout.id_token_hint", lint(&sent("a.b.c"))).broken(Warn, "absent", lint(&sent(""))),
        kept("logout.returned")
            .broken(Fail, "127.0.0.1:1", back(Some("xyz"), "http://127.0.0.1:1/"))
            .broken(Warn, "127.0.0.1:1", accept(&Params::new(), "http://127.0.0.1:1/", true, &sent("a.b.c").query()))
            .broken(
                Warn,
                "invalid_request: no hint",
                came_back("state=xyz&error=invalid_request&error_description=no+hint"),
            ),
        kept("logout.state")
            .broken(Fail, "state twice", came_back("state=xyz&state=abc"))
            .broken(Fail, "abc", back(Some("abc"), BACK))
            .broken(Fail, "no state", back(None, BACK)),
    ]
}
