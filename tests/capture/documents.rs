//! The logins of a recording as a page and as JUnit: what is wrong first, no credential, and nothing of the file as
//! markup.

use serde_json::json;

use super::command::{broken, capture, text};
use super::har::{OP, call_posts, har, page, taken};
use super::logins;
use grantscope::report::recording;

fn position(text: &str, part: &str) -> usize {
    text.find(part).unwrap_or_else(|| panic!("{part} in {text}"))
}

#[test]
fn the_page_tells_the_finding_then_what_shows_it_then_the_messages() {
    let html = recording::write(&taken(&broken()));
    let order =
        ["<section class=\"finding fail\">", "Entry 5", "<svg", "Stages", "Not in the recording", "The recording"];
    let places: Vec<usize> = order.iter().map(|part| position(&html, part)).collect();
    assert!(places.is_sorted(), "{places:?}");
    for part in ["capture.invalid_client", ">Browser<", ">App<", ">Authorization server<", "default-src 'none'"] {
        position(&html, part);
    }
    assert!(!html.contains("<script") && !html.contains("src=") && !html.contains("href=\"http"));
    let good = recording::write(&taken(&har("Playwright", &logins::of_server())));
    position(&good, "Nothing is wrong with this login");
}

#[test]
fn a_back_end_is_a_lane_of_its_own() {
    let mut entries = logins::of_server();
    entries.push(call_posts(format!("{OP}/token"), &logins::REDEEM).json(&logins::tokens(&json!({}))));
    position(&recording::write(&taken(&har("mitmproxy", &entries))), ">App's back end<");
}

#[test]
fn neither_document_holds_a_credential() {
    let file = broken();
    for option in ["--html", "--junit"] {
        let output = capture(&["-", option, "-"], &file);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        let document = text(&output.stdout);
        for secret in ["sentinel-session", "sentinel-password", logins::CODE, logins::VERIFIER] {
            assert!(!document.contains(secret), "{secret} in {document}");
        }
    }
    let html = recording::write(&taken(&har("Playwright", &logins::of_script())));
    for secret in ["sentinel-", logins::CODE, logins::VERIFIER] {
        assert!(!html.contains(secret), "{secret}");
    }
}

#[test]
fn nothing_of_the_file_is_markup() {
    const HOSTILE: &str = "</svg></style><script>alert(1)</script>\u{202e}";
    let request = logins::request(&[("state", HOSTILE), ("client_id", HOSTILE)]);
    let refused = logins::returned(&[("code", ""), ("state", HOSTILE), ("error", HOSTILE)]);
    let entries =
        [page(&request).to(&refused), page(&refused).status(500).html(&format!("<title>{HOSTILE}</title>{HOSTILE}"))];
    let file = har(HOSTILE, &entries);
    let html = recording::write(&taken(&file));
    assert!(!html.contains("<script") && !html.contains('\u{202e}'), "{html}");
    assert_eq!(html.matches("</style>").count(), 1);
    let junit = text(&capture(&["-", "--junit", "-"], &file).stdout);
    assert!(!junit.contains('\u{202e}'));
    roxmltree::Document::parse(&junit).expect("XML");
}

#[test]
fn junit_has_a_test_case_a_login() {
    let output = capture(&["-", "--junit", "-"], &broken());
    let junit = text(&output.stdout);
    let document = roxmltree::Document::parse(&junit).expect("XML");
    let named = |name: &'static str| document.descendants().filter(move |node| node.has_tag_name(name));
    assert_eq!((named("testcase").count(), named("failure").count()), (1, 1), "{junit}");
    let case = named("testcase").next().expect("a test case");
    assert_eq!(case.attribute("name"), Some("Login 1: Authorization code, client web at https://op.example"));
    let failure = named("failure").next().and_then(|node| node.text()).unwrap_or_default();
    assert!(failure.contains("capture.invalid_client") && failure.contains("Entry 5"), "{failure}");
    let good = text(&capture(&["-", "--junit", "-"], &har("Playwright", &logins::of_server())).stdout);
    assert!(good.contains("<testcase") && !good.contains("<failure"), "{good}");
}

#[test]
fn what_cannot_be_written_is_refused_before_the_file_is_read() {
    for arguments in [
        &["/nowhere/at-all.har", "--html", "/nowhere/page.html"][..],
        &["/nowhere/at-all.har", "--junit", "/nowhere/junit.xml"],
        &["/nowhere/at-all.har", "--html", "-", "--junit", "-"],
    ] {
        let output = capture(arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty() && text(&output.stderr).contains("--"), "{arguments:?}");
    }
}
