//! Files that nobody wrote in good faith: they are read as far as they go, or refused in words, and nothing in them shows
//! what it should not.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use grantscope::base::json::escaped;
use grantscope::capture::{Capture, take_apart};
use proptest::prelude::*;
use serde_json::json;

use super::har::{APP, OP, har, page, post, stages, taken, with};
use super::logins::{self, CALLBACK, STATE};

/// Everything that is planted in the logins of these tests, and must be shown by nobody.
const PLANTED: [&str; 9] = [
    "sentinel-session",
    "sentinel-password",
    "sentinel-access-token-0123456789",
    "sentinel-refresh-token-0123456789",
    "sentinel-secret",
    logins::CODE,
    logins::VERIFIER,
    "sentinel-in-a-query",
    "sentinel-echo-of-a-password",
];

fn told(capture: &Capture) -> String {
    let json = capture.to_json();
    format!("{}{json}{capture:?}", escaped(&json.pretty()))
}

/// The encodings in which a value may get out.
fn shapes(secret: &str) -> Vec<String> {
    let hex = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let escaped = secret.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let reversed = secret.chars().rev().collect();
    // Whatever stands before it, a part of three bytes in base64 is the same.
    let inner = |at: usize| {
        let part = &secret[at..at + (secret.len() - at) / 3 * 3];
        [STANDARD.encode(part), URL_SAFE_NO_PAD.encode(part)]
    };
    let mut shapes = vec![secret.to_owned(), hex, percent, escaped, reversed, secret.to_uppercase()];
    shapes.extend((0..3).flat_map(inner));
    shapes
}

#[test]
fn nothing_that_opens_something_is_told_in_any_shape() {
    let mut pairs = logins::REDEEM.to_vec();
    pairs.push(("client_secret", "sentinel-secret"));
    let mut echo = logins::of_server();
    echo[5] = page(logins::returned(&[("error_description", "")]))
        .cookie("sid=sentinel-session")
        .status(500)
        .html(&format!("<h1>Login failed</h1>invalid_client {} sentinel-echo-of-a-password", logins::CODE));
    let denied = [
        ("error", "access_denied"),
        ("state", STATE),
        ("error_description", "no access for code-of-this-login-0123456789"),
    ];
    let mut refused = logins::of_script();
    refused.extend([
        page(logins::request(&[("state", STATE), ("client_secret", "sentinel-in-a-query")]))
            .to(with(CALLBACK, &denied)),
        page(with(CALLBACK, &denied)).html(""),
        super::har::script(format!("{APP}/x"))
            .sends("authorization", "Bearer sentinel-access-token-0123456789")
            .status(401)
            .gets(
                "www-authenticate",
                "Bearer error_description=\"sentinel-access-token-0123456789 is of another aud\"",
            ),
    ]);
    let mut repeated = logins::of_server();
    repeated[4] = post(format!("{OP}/sign-in"), &[("user", "alice"), ("password", "sentinel-password")])
        .status(401)
        .gets("location", "/sign-in?error=wrong+password+sentinel-password")
        .html("<p>Your password sentinel-password is wrong. invalid_grant</p>");
    let mut refusal = logins::of_both();
    refusal[7] = super::har::call_posts(format!("{OP}/token"), &pairs)
        .status(401)
        .json(&json!({ "error": "invalid_client", "error_description": "client web with sentinel-secret is unknown" }));
    let mut secret = logins::of_script();
    secret[5] = super::har::script_posts(format!("{OP}/token"), &pairs).json(&logins::tokens(&json!({})));
    for entries in
        [logins::of_server(), logins::of_script(), logins::of_both(), echo, refused, repeated, refusal, secret]
    {
        for by in ["Playwright", "mitmproxy"] {
            let told = told(&taken(&har(by, &entries)));
            for secret in PLANTED {
                for shape in shapes(secret) {
                    assert!(!told.contains(&shape), "{secret} as {shape} in {told}");
                }
            }
        }
    }
}

/// What a person typed is hidden in the answer too, wherever it stood in the request and however it is written there.
#[test]
fn what_an_answer_repeats_of_its_request_is_hidden() {
    let typed = "sent inel's <&\u{fc}>/word";
    let json = json!({ "user": "alice", "login": { "password": typed } }).to_string();
    let part = format!("--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n{typed}\r\n--b--\r\n");
    let sign_in = format!("{OP}/sign-in");
    let basic = STANDARD.encode(format!("alice:{typed}"));
    let requests = [
        ("form", post(&sign_in, &[("password", typed)])),
        ("JSON", post(&sign_in, &[]).body("application/json", &json)),
        ("multipart", post(&sign_in, &[]).body("multipart/form-data; boundary=b", &part)),
        ("text", post(&sign_in, &[]).body("text/plain", &format!("user=alice\r\npassword={typed}\r\n"))),
        ("query", page(with(&sign_in, &[("password", typed)]))),
        ("Basic", page(&sign_in).sends("authorization", format!("Basic {basic}"))),
    ];
    let form: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
    let spellings = [
        typed.to_owned(),
        form.clone(),
        form.replace('+', "%20"),
        "sent+inel%27s+%3c%26%c3%bc%3e%2fword".to_owned(),
        json!(typed).to_string().trim_matches('"').to_owned(),
        "sent inel\\u0027s \\u003C\\u0026\\u00fc\\u003E\\/word".to_owned(),
        "sent inel&#x27;s &lt;&amp;\u{fc}&gt;/word".to_owned(),
        STANDARD.encode(typed),
        URL_SAFE_NO_PAD.encode(typed),
    ];
    for (what, request) in requests {
        for spelling in &spellings {
            let answer = request.clone().status(401).gets("location", format!("/?said={spelling}"));
            let capture = taken(&har("Playwright", &[answer.html(&format!("<p>{spelling} is wrong"))]));
            let response = capture.entries[0].response().expect("an answer");
            for shown in [&*response.text(), response.headers.get("location").expect("a place")] {
                assert!(
                    !shown.contains(spelling.trim_end_matches('=')) && shown.contains("hidden-"),
                    "{what}: {shown}"
                );
            }
        }
    }
}

/// A cookie can be followed by its mark, and no two imports have the same.
#[test]
fn marks_are_of_one_import() {
    let file = har("Playwright", &logins::of_server());
    let cookie = |key: u8| {
        let capture = take_apart(file.as_bytes(), [key; 32]).expect("a recording");
        let set = capture.entries[1].got("set-cookie").expect("a cookie").to_owned();
        let sent = capture.entries[5].sent("cookie").expect("a cookie").to_owned();
        assert!(set.starts_with(&format!("{sent};")), "{set} is not {sent}");
        sent
    };
    assert_ne!(cookie(1), cookie(2));
    assert!(cookie(1).starts_with("sid=hidden-16-"), "{}", cookie(1));
}

#[test]
fn a_file_that_breaks_off_is_read_as_far_as_it_goes() {
    let file = har("Playwright", &logins::of_server());
    for cut in (0..file.len()).step_by(97).chain([file.len() - 1, file.len() - 3]) {
        match take_apart(&file.as_bytes()[..cut], [0; 32]) {
            Ok(capture) => {
                assert!(capture.notes.iter().any(|note| note.contains("breaks off")), "{cut}");
                assert!(!capture.entries.is_empty(), "{cut}");
            }
            // Before the first entry is whole.
            Err(error) => assert!(cut < 200 || error.to_string().contains("no entry of it"), "{cut}: {error}"),
        }
    }
    let capture = take_apart(&file.as_bytes()[..file.len() - 3], [0; 32]).expect("a recording");
    assert_eq!(capture.entries.len(), logins::of_server().len());
}

#[test]
fn what_is_no_recording_is_refused_in_words() {
    for (file, says) in [
        ("", "empty"),
        (" \r\n", "empty"),
        ("{}", "no log"),
        ("[]", "neither"),
        ("{\"log\":7}", "invalid type"),
        ("{\"log\":", "EOF"),
        ("<html>", "neither"),
        ("wget https://op.example", "neither"),
        ("curl 'https://op.example", "quotation mark"),
        ("curl", "no URL"),
        ("curl 'http://[::1'", "URL"),
    ] {
        let error = take_apart(file.as_bytes(), [0; 32]).expect_err(file).to_string();
        assert!(error.contains(says), "{file}: {error}");
    }
    let large = vec![b' '; 64 * 1024 * 1024 + 1];
    assert!(take_apart(&large, [0; 32]).expect_err("too large").to_string().contains("64 MB"));
}

#[test]
fn a_file_without_entries_says_so() {
    for file in ["\u{feff}{\r\n\"log\": {\"version\": \"1.2\"}}\r\n", "{\"log\":{\"entries\":[]}}", "{\"requests\":[]}"]
    {
        let capture = taken(file);
        assert!(capture.logins.is_empty() && capture.entries.is_empty(), "{file}");
        assert!(capture.notes.iter().any(|note| note.contains("no entries")), "{file}: {:?}", capture.notes);
    }
}

#[test]
fn entries_of_any_type_spoil_no_other() {
    let good = har("Playwright", &logins::of_server());
    let mut file: serde_json::Value = serde_json::from_str(&good).expect("JSON");
    let entries = file["log"]["entries"].as_array_mut().expect("a list");
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let deep: serde_json::Value = serde_json::from_str(&deep).expect("JSON");
    let odd = [
        (json!(null), "no object"),
        (json!(7), "no object"),
        (json!("entry"), "no object"),
        (json!([]), "no object"),
        (json!({}), "no request"),
        (json!({ "request": null, "response": null }), "no request"),
        (json!({ "request": { "method": "GET" } }), "no URL"),
        (json!({ "request": { "method": 5, "url": OP } }), "no method"),
        (json!({ "request": { "method": "GET", "url": "/token?code=1" } }), "URL"),
        (json!({ "request": { "method": "GET", "url": OP }, "response": { "status": 1e99 } }), "status"),
        (json!({ "request": { "method": "GET", "url": OP }, "response": { "status": -5 } }), "status"),
        (json!({ "request": { "method": "GET", "url": OP }, "response": { "status": "OK" } }), "status"),
        (
            json!({ "request": { "method": "GET", "url": OP }, "response": { "status": 200,
            "content": { "text": "%%%", "encoding": "base64" } } }),
            "base64",
        ),
        (json!({ "request": { "method": "GET", "url": OP }, "deep": deep }), "64 levels"),
    ];
    for (at, (entry, _)) in odd.iter().enumerate() {
        entries.insert(at * 2 % entries.len(), entry.clone());
    }
    let capture = taken(&file.to_string());
    let login = stages(&capture, 0);
    assert!(login.len() == 3 && login[2].starts_with("authorization_response"), "{login:?}");
    assert_eq!(capture.unreadable.len(), odd.len());
    for (_, says) in odd {
        assert!(capture.unreadable.iter().any(|(_, reason)| reason.contains(says)), "{says}: {:?}", capture.unreadable);
    }
}

#[test]
fn a_status_may_be_a_text_and_a_body_may_be_its_parameters() {
    let file = json!({ "log": { "creator": null, "entries": [
        { "startedDateTime": "yesterday", "request": { "method": "post", "url": format!("{OP}/token"),
            "headers": [null, { "name": ":path", "value": "/" }, { "name": "content-type", "value": null }],
            "postData": { "params": [
                { "name": "grant_type", "value": "authorization_code" },
                { "name": "redirect_uri", "value": CALLBACK },
                { "name": "client_id", "value": "web" },
            ] } },
          "response": { "status": "200 OK", "headers": {},
            "content": { "text": STANDARD.encode("{\"access_token\":\"sentinel-access\"}"), "encoding": "base64" } } },
    ] } });
    let capture = taken(&file.to_string());
    assert_eq!(stages(&capture, 0), ["token [0]"]);
    assert_eq!(capture.logins[0].client_id.as_deref(), Some("web"));
}

#[test]
fn limits_are_named_when_they_are_met() {
    let entry =
        json!({ "request": { "method": "GET", "url": "https://a.example/x.js" }, "response": { "status": 200 } });
    let entries = vec![entry.to_string(); 100_000].join(",");
    let capture = taken(&format!("{{\"log\":{{\"entries\":[{entries}]}}}}"));
    assert_eq!(capture.entries.len(), 50_000);
    assert!(capture.notes.iter().any(|note| note.contains("50000 entries; 50000 are not read")), "{:?}", capture.notes);

    let entries = [page(format!("{APP}/")).html(&"x".repeat(9 * 1024 * 1024)), post(format!("{APP}/"), &[("a", "b")])];
    let capture = taken(&har("Playwright", &entries));
    assert!(capture.notes.iter().any(|note| note.contains("entry 0 is larger than 8 MB")), "{:?}", capture.notes);

    let many: Vec<String> = (0..2000).map(|at| format!("p{at}=1")).collect();
    let entries = [page(format!("{OP}/oauth2/auth?{}", many.join("&"))), page(format!("{APP}/"))];
    let capture = taken(&har("Playwright", &entries));
    assert!(capture.unreadable[0].1.contains("1000 parameters"), "{:?}", capture.unreadable);

    let deep = format!("{{\"log\":{{\"entries\":[{}{}]}}}}", "[".repeat(200_000), "]".repeat(200_000));
    let error = take_apart(deep.as_bytes(), [9; 32]).expect_err("nothing is left").to_string();
    assert!(error.contains("entry 0: it is nested deeper"), "{error}");
}

/// Ten thousand logins of one client that are left open, and as many loops, cost no more than their number.
#[test]
fn many_logins_are_told_apart_in_linear_time() {
    let mut entries = Vec::new();
    for number in 0..3000 {
        let key = format!("key-{number}");
        entries.push(page(logins::request(&[("state", &key), ("nonce", &key)])).to("/sign-in"));
        entries.push(page(format!("{OP}/sign-in/{number}")).html("<h1>Sign in</h1>"));
    }
    let capture = taken(&har("Firefox", &entries));
    assert_eq!(capture.logins.len(), 3000);
    assert!(capture.notes.iter().any(|note| note.contains("first 100 logins")), "{:?}", capture.notes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = take_apart(&bytes, [0; 32]);
    }

    #[test]
    fn no_command_makes_it_panic(text in "curl( ['\"^$\\\\a-z:/.@-]{0,8}){0,8}") {
        let _ = take_apart(text.as_bytes(), [0; 32]);
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0_usize..10_000, by in any::<u8>()) {
        let mut file = har("Playwright", &logins::of_script()).into_bytes();
        let at = at % file.len();
        file[at] = by;
        if let Ok(capture) = take_apart(&file, [0; 32]) {
            let _ = capture.to_json();
        }
    }
}
