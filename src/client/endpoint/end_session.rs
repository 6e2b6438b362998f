//! Signing out at the server (OIDC RP-Initiated Logout section 2).

use std::time::Duration;

use url::Url;

use crate::base::check::{Check, Rule};
use crate::base::http::HttpRequest;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::base::time::spoken;
use crate::client::rules::logout as rule;

/// Builds the request that the browser carries. Empty values are not sent.
pub fn request(
    end_session_endpoint: Url,
    id_token_hint: &Secret,
    client_id: &str,
    post_logout_redirect_uri: &str,
    state: &str,
) -> HttpRequest {
    let mut url = end_session_endpoint;
    {
        let mut query = url.query_pairs_mut();
        for (name, value) in [
            ("id_token_hint", id_token_hint.expose()),
            ("client_id", client_id),
            ("post_logout_redirect_uri", post_logout_redirect_uri),
            ("state", if post_logout_redirect_uri.is_empty() { "" } else { state }),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
    }
    HttpRequest::get(url)
}

/// How often the server, or the browser for it, told the client of the logout; `waited` how long was listened, where nothing
/// else ended that. Where none came nothing is sure: a server that announces it tells only those that are registered for it.
pub fn told(rule: &'static Rule, times: usize, is_announced: bool, waited: Option<Duration>) -> Check {
    let within = waited.map(|waited| format!(" within {}", spoken(waited))).unwrap_or_default();
    match times {
        0 if is_announced => rule.note(format!("none came{within}, although the metadata announce it")),
        0 => rule.skipped(format!("the metadata announce none, and none came{within}")),
        1 => rule.pass("one came"),
        times => rule.pass(format!("{times} came")),
    }
}

/// Rules for the request as it leaves.
pub fn lint(sent: &HttpRequest) -> Vec<Check> {
    let there = sent.query().contains("id_token_hint");
    vec![rule::HINT.holds(there, "id_token_hint", if there { "present" } else { "absent" })]
}

/// Holds what came back to `post_logout_redirect_uri` against the request. An address that was typed may be one to which the
/// right one leads on.
pub fn accept(came: &Params, redirect_uri: &str, is_typed: bool, sent: &Params) -> Vec<Check> {
    let state = match (sent.get("state"), came.get("state")) {
        (Some(sent), Some(_)) if came.repeated().contains(&"state") => rule::STATE.broken(sent, "state twice"),
        (None, _) => rule::STATE.skipped("no state was sent"),
        (Some(sent), Some(came)) => rule::STATE.equal(sent, came),
        (Some(sent), None) => rule::STATE.broken(sent, "no state"),
    };
    let wanted = sent.get("post_logout_redirect_uri").unwrap_or_default();
    let returned = match is_typed && wanted != redirect_uri {
        true => rule::RETURNED.warn(wanted, visible(redirect_uri)),
        // Nothing says what a server may tell here; whether the session has ended is not known then.
        false if wanted == redirect_uri && came.contains("error") => {
            let said = ["error", "error_description"].into_iter().filter_map(|name| came.get(name));
            let said = said.map(|said| visible(said).into_owned()).collect::<Vec<_>>().join(": ");
            rule::RETURNED.warn("no error", format!("it came back with {said}"))
        }
        false => rule::RETURNED.equal(wanted, redirect_uri),
    };
    vec![returned, state]
}

/// What the listener turned away when nothing else came that could have been the way back: for its `state`, or for the path
/// at which it came.
pub fn turned_away(sent: Option<&Params>, state: Option<&str>, path: Option<&str>) -> Vec<Check> {
    let wanted = |name: &str| sent.and_then(|sent| sent.get(name)).unwrap_or_default();
    let state = state.map(|saw| rule::STATE.broken(wanted("state"), saw));
    let path = path.map(|path| {
        rule::RETURNED.broken(wanted("post_logout_redirect_uri"), format!("the path {}, turned away", visible(path)))
    });
    let came: Vec<Check> = state.into_iter().chain(path).collect();
    if came.is_empty() { vec![rule::RETURNED.skipped(NOTHING_CAME)] } else { came }
}

/// What is known of a logout without a way back: an error is told on the server's page alone (section 4). A server that tells
/// the client of the logout has ended the session.
pub fn unseen(is_told: bool) -> Check {
    rule::RETURNED.skipped(if is_told { TOLD } else { UNSEEN })
}

const TOLD: &str = "not judged: without a post_logout_redirect_uri nothing comes back; that the user is signed out is told \
                    otherwise";

const UNSEEN: &str = "not judged: without a post_logout_redirect_uri nothing comes back, and only the page of the server \
                      says whether the user is signed out";

/// What a wait says that ended without a word of the server: an error of a logout is told on its page alone (section 4).
const NOTHING_CAME: &str = "nothing came back: the server does not know this post_logout_redirect_uri or id_token_hint, \
                            or stays on a page of its own";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;

    const BACK: &str = "http://127.0.0.1:8912/signed-out";

    fn sent(hint: &str, redirect_uri: &str) -> HttpRequest {
        let url = Url::parse("https://as.example/logout").expect("a URL");
        request(url, &hint.into(), "web", redirect_uri, "xyz")
    }

    #[test]
    fn a_logout_that_never_comes_back_is_not_judged_and_says_why() {
        let checks = turned_away(None, None, None);
        let [check] = checks.as_slice() else { panic!("{checks:?}") };
        assert_eq!((check.rule.id, check.verdict), ("logout.returned", Verdict::Skipped));
        let path = turned_away(None, None, Some("/other"));
        assert_eq!((path.len(), path[0].verdict), (1, Verdict::Fail));
    }

    #[test]
    fn what_is_empty_is_not_sent_and_state_only_with_a_way_back() {
        let names = |request: &HttpRequest| {
            let query = request.query();
            query.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(&sent("a.b.c", BACK)), "id_token_hint client_id post_logout_redirect_uri state");
        assert_eq!(names(&sent("", "")), "client_id");
        assert_eq!(lint(&sent("a.b.c", ""))[0].verdict, Verdict::Pass);
        let without = &lint(&sent("", ""))[0];
        assert_eq!((without.rule.id, without.verdict), ("logout.id_token_hint", Verdict::Warn));
    }
}
