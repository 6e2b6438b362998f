//! What is wrong with a login: each fault in a recording of its own, broken and kept.

use serde_json::json;

use super::broken::{all, response};
use super::har::{API, OP, har, page, script, script_posts, taken};
use super::logins;
use grantscope::capture::finding::Found;
use grantscope::capture::rules;

#[test]
fn every_fault_is_found_and_called_by_its_name() {
    for one in all() {
        let capture = taken(&har(one.by, &one.entries));
        let found: Vec<&Found> = capture.logins.iter().filter_map(|login| login.finding.as_ref()).collect();
        assert!(found.len() == 1, "{} ({}): {found:?}", one.rule, one.sure);
        let found = found[0];
        assert_eq!(found.rule.id.strip_prefix("capture."), Some(one.rule), "{}", found.say);
        assert_eq!((found.stage.slug(), found.certainty.word()), (one.stage, one.sure), "{}: {}", one.rule, found.say);
        let shown = |(at, place): (usize, &str)| {
            found.evidence.iter().any(|it| capture.entries[it.entry].index == at && it.place == place)
        };
        assert!(shown(one.shown), "{}: {:?}", one.rule, found.evidence);
    }
}

#[test]
fn a_login_with_both_legs_is_good() {
    let capture = taken(&har("mitmproxy", &logins::of_both()));
    assert!(capture.logins[0].finding.is_none(), "{:?}", capture.logins[0].finding);
}

/// The cookie of the app is not looked for at the provider.
#[test]
fn a_loop_that_turns_at_the_callback_does_not_blame_a_cookie() {
    let round = |number: usize| {
        let back = logins::returned(&[("code", &format!("code-of-round-{number}"))]);
        let again = logins::request(&[("nonce", &format!("nonce-{}", number + 1))]);
        let sent = page(&back).sets("app=sentinel; Path=/").to(&again);
        [page(logins::request(&[("nonce", &format!("nonce-{number}"))])).to(&back), sent.cookie("app=sentinel")]
    };
    let capture = taken(&har("Playwright", &(0..4).flat_map(round).collect::<Vec<_>>()));
    let found = capture.logins[0].finding.as_ref().expect("a finding");
    assert_eq!(found.rule.id, "capture.redirect_loop");
    assert!(found.say.ends_with("each time the app begins anew"), "{}", found.say);
}

/// What only this program's own recorder knows; its tests stand beside it.
const LIVE: [&str; 1] = ["recorder_named"];

#[test]
fn every_rule_of_the_catalogue_has_a_recording() {
    let known: Vec<&str> = all().iter().map(|one| one.rule).chain(LIVE).collect();
    for rule in rules::ALL {
        assert!(known.contains(&rule.id.trim_start_matches("capture.")), "{} has no recording", rule.id);
        assert!(rule.spec.url().is_some(), "{}", rule.id);
    }
}

#[test]
fn good_logins_have_no_finding() {
    let renewed = |number: usize| {
        let nonce = format!("nonce-{number}");
        let request = logins::request(&[("prompt", "none"), ("nonce", &nonce), ("state", &nonce)]);
        let back = logins::returned(&[("state", &nonce), ("code", &format!("code-of-renewal-{number}"))]);
        [
            page(&request).sends("sec-fetch-dest", "iframe").to(&back),
            page(&back).sends("sec-fetch-dest", "iframe").html(""),
        ]
    };
    let mut again = logins::of_server();
    again.push(response().to("/"));
    let mut refreshed = logins::of_script();
    let api = refreshed.pop().expect("an entry");
    let more =
        [("grant_type", "refresh_token"), ("refresh_token", "sentinel-refresh-token-0123456789"), ("client_id", "web")];
    refreshed.extend([
        api.status(401).gets("www-authenticate", "Bearer error=\"invalid_token\""),
        script_posts(format!("{OP}/token"), &more).json(&json!({ "access_token": "sentinel-second" })),
        script(format!("{API}/orders")).sends("authorization", "Bearer sentinel-second"),
    ]);
    for (what, entries) in [
        ("of a server", logins::of_server()),
        ("of a script", logins::of_script()),
        ("renewed in silence", (0..4).flat_map(renewed).collect()),
        ("a response that the app takes twice", again),
        ("a token that is renewed when the API refuses it", refreshed),
        ("left open", logins::of_server().into_iter().take(4).collect()),
    ] {
        for by in ["Playwright", "WebInspector", "mitmproxy", "Firefox"] {
            let capture = taken(&har(by, &entries));
            for login in &capture.logins {
                assert!(login.finding.is_none(), "{what}, {by}: {:?}", login.finding);
            }
            assert!(!capture.logins.is_empty(), "{what}, {by}");
        }
    }
}
