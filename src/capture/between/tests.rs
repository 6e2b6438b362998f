//! What messages become on their way, as tables.

use super::live::{Live, PATIENCE, Passed};
use super::returned::returned;
use super::*;
use crate::base::time::Timestamp;
use crate::capture::exchange::Came;
use crate::capture::login::Outcome;
use crate::jose::jwt::decode;
use crate::jose::key::SigningKey;

const THERE: &str = "https://idp.example/realm";
const HERE: &str = "http://127.0.0.1:9500/realm";

fn between(is_minting: bool) -> Between {
    let mint = is_minting.then(|| Mint::new("test").expect("keys"));
    Between::new(THERE, &Url::parse("http://127.0.0.1:9500/").expect("a URL"), mint).expect("an issuer")
}

fn asked(url: &str) -> HttpRequest {
    HttpRequest::get(Url::parse(url).expect("a URL"))
}

fn json(body: &str) -> HttpResponse {
    HttpResponse::new(200, "application/json", body)
}

#[test]
fn an_issuer_keeps_what_stands_behind_its_host() {
    let here = Url::parse("http://127.0.0.1:9500/").expect("a URL");
    for (there, called) in [
        ("https://idp.example", "http://127.0.0.1:9500"),
        ("https://idp.example/", "http://127.0.0.1:9500/"),
        ("https://idp.example:8443/a/", "http://127.0.0.1:9500/a/"),
    ] {
        assert_eq!(Between::new(there, &here, None).expect("an issuer").issuer(), called);
    }
    for wrong in [
        "",
        "idp.example",
        "ftp://idp.example",
        "https://idp.example/?a",
        "https://a@idp.example",
        "http://127.0.0.1:9500/x",
    ] {
        assert!(Between::new(wrong, &here, None).is_err(), "{wrong}");
    }
    assert_eq!(between(false).metadata_url(), format!("{HERE}/.well-known/openid-configuration"));
}

#[test]
fn metadata_lead_here_and_name_the_issuer_of_their_mode() {
    let document = |issuer: &str, origin: &str| {
        format!(
            r#"{{"issuer":"{issuer}","authorization_endpoint":"{origin}/realm/auth","jwks_uri":"{origin}/realm/keys","claims_supported":["sub"],"mtls_endpoint_aliases":{{"token_endpoint":"{origin}/mtls"}},"service_documentation":"https://docs.example/","op_policy_uri":"https://other.example/"}}"#
        )
    };
    for (is_minting, issuer) in [(false, THERE), (true, HERE)] {
        let home = between(is_minting).homeward(json(&document(THERE, "https://idp.example")));
        assert_eq!(home.text(), document(issuer, "http://127.0.0.1:9500"));
    }
    let mut elsewhere = between(false);
    let others = r#""jwks_uri":"https://keys.example/keys","userinfo_endpoint":"https://api.example/me""#;
    elsewhere.homeward(json(&format!(
        r#"{{"issuer":"{THERE}","token_endpoint":"https://api.example/token",{others},"authorization_endpoint":"{THERE}/auth"}}"#
    )));
    let notes = elsewhere.notes().join(" ");
    for says in ["token_endpoint, userinfo_endpoint are at https://api.example", "jwks_uri is at https://keys.example"]
    {
        assert!(notes.contains(says) && elsewhere.notes().len() == 2, "{notes}");
    }
}

/// What no client could verify is not signed.
#[test]
fn an_issuer_that_is_written_otherwise_than_it_was_given_is_said() {
    let document = |issuer: &str| json(&format!(r#"{{"issuer":"{issuer}","token_endpoint":"{THERE}/token"}}"#));
    for (written, is_said) in [(THERE, false), ("https://idp.example/realm/", true), ("https://other.example", true)] {
        for is_minting in [false, true] {
            let mut between = between(is_minting);
            between.homeward(document(written));
            between.homeward(document(written));
            let notes = between.notes();
            assert_eq!(notes.len(), usize::from(is_said), "{notes:?}");
            assert!(!is_said || notes[0].contains(&format!("issuer as {written}, and this was started for {THERE}:")));
        }
    }
}

#[test]
fn nothing_is_minted_where_the_keys_are_read_elsewhere() {
    let mut between = between(true);
    let document = r#"{"issuer":"https://idp.example/realm","jwks_uri":"https://keys.example/realm"}"#;
    assert_eq!(between.homeward(json(document)).text(), document);
    assert!(between.minted().is_none() && between.notes()[0].contains("https://keys.example"), "{:?}", between.notes());
    let token = id_token("ES256");
    let answer = format!(r#"{{"id_token":"{token}"}}"#);
    assert_eq!(between.homeward(json(&answer)).text(), answer);
}

#[test]
fn fields_of_answers_hold_here() {
    let cases = [
        ("Location", "https://idp.example/login?a=1", Some("http://127.0.0.1:9500/login?a=1")),
        ("Location", "/login", Some("/login")),
        ("Location", "https://app.example/cb?code=1", Some("https://app.example/cb?code=1")),
        ("Location", "https://idp.example/app/cb?code=1", Some("https://idp.example/app/cb?code=1")),
        ("Location", "app:/cb?code=1", Some("app:/cb?code=1")),
        ("Refresh", "0; url=https://idp.example/x", Some("0; url=http://127.0.0.1:9500/x")),
        ("Set-Cookie", "a=1; Secure; Domain=idp.example", Some("a=1")),
        ("Access-Control-Allow-Origin", "https://app.example", Some("https://app.example")),
        ("Access-Control-Allow-Origin", "*", Some("*")),
        (
            "Content-Security-Policy",
            "form-action 'self' https://idp.example https://app.example; script-src idp.example; upgrade-insecure-requests",
            Some("form-action 'self' http://127.0.0.1:9500 https://app.example; script-src http://127.0.0.1:9500"),
        ),
        ("Strict-Transport-Security", "max-age=1", None),
        ("Connection", "keep-alive", None),
        ("WWW-Authenticate", "Bearer realm=\"https://idp.example\"", Some("Bearer realm=\"https://idp.example\"")),
    ];
    for (name, came, here) in cases {
        let mut between = between(false);
        let request = asked("http://127.0.0.1:9500/auth?redirect_uri=https%3A%2F%2Fidp.example%2Fapp%2Fcb");
        between.outward(request).expect("it is for here");
        let home = between.homeward(HttpResponse::new(302, "text/plain", "").with_header(name, came));
        assert_eq!(home.headers.get(name), here, "{name}: {came}");
    }
    assert!(between(false).homeward(json("{}")).headers.get("access-control-allow-origin").is_none(), "never added");
}

#[test]
fn fields_of_requests_are_the_providers() {
    let cases = [
        ("Origin", "http://127.0.0.1:9500", Some("https://idp.example")),
        ("Origin", "https://app.example", Some("https://app.example")),
        ("Referer", "http://127.0.0.1:9500/login?a", Some("https://idp.example/login?a")),
        ("Cookie", "between-sid=1; session=of-the-app", Some("sid=1")),
        ("Cookie", "session=of-the-app", None),
        ("Accept-Encoding", "br, gzip", Some("identity")),
        ("If-None-Match", "x", None),
        ("Upgrade", "websocket", None),
        ("Authorization", "Basic eA==", Some("Basic eA==")),
    ];
    for (name, sent, there) in cases {
        let request = asked("http://127.0.0.1:9500/a?redirect_uri=http://127.0.0.1:9500/x").with_header(name, sent);
        let outward = between(false).outward(request).expect("it is for here");
        assert_eq!(outward.url.as_str(), "https://idp.example/a?redirect_uri=http://127.0.0.1:9500/x");
        assert_eq!(outward.headers.get(name), there, "{name}: {sent}");
    }
    assert!(between(false).outward(asked("https://idp.example/")).is_err());
}

#[test]
fn pages_lead_here_and_forms_to_the_app_stay() {
    let page = "<form action=\"https://idp.example/login?x=1&amp;y\" method=post><a href='https://idp.example/help'>\
                <img src=https://idp.example/logo.png><meta http-equiv=refresh content=\"1;url=https://idp.example/on\">\
                <form action=\"https://app.example/cb\"><input name=\"iss\" value=\"https://idp.example/realm\">";
    let here = "<form action=\"http://127.0.0.1:9500/login?x=1&amp;y\" method=post><a href='http://127.0.0.1:9500/help'>\
                <img src=\"http://127.0.0.1:9500/logo.png\"><meta http-equiv=refresh content=\"1;url=http://127.0.0.1:9500/on\">\
                <form action=\"https://app.example/cb\"><input name=\"iss\" value=\"https://idp.example/realm\">";
    let came = HttpResponse::new(200, "text/html; charset=utf-8", page);
    assert_eq!(between(false).homeward(came.clone()).text(), here);
    let minted = between(true).homeward(came);
    assert!(minted.text().ends_with("<input name=\"iss\" value=\"http://127.0.0.1:9500/realm\">"), "{}", minted.text());
}

/// An ID token of the provider.
fn id_token(alg: &str) -> String {
    let key = SigningKey::generate(alg, "real").expect("a key");
    let claims =
        serde_json::json!({ "iss": THERE, "sub": "alice", "aud": "app", "at_hash": "x", "exp": 4_000_000_000_u64 });
    key.sign(&serde_json::Map::new(), &claims).expect("signed")
}

#[test]
fn id_tokens_are_signed_anew_and_turned_back() {
    for alg in ["RS256", "PS384", "ES256", "EdDSA"] {
        let (mut between, original) = (between(true), id_token(alg));
        let home = between.homeward(json(&format!(r#"{{"access_token":"{original}","id_token":"{original}"}}"#)));
        let home = Json::parse(&home.body).expect("JSON");
        let minted = home.text("id_token").expect("an ID token").to_owned();
        assert_eq!(home.text("access_token"), Some(original.as_str()), "an access token is never minted");
        let (before, after) = (decode(&original), decode(&minted));
        assert_eq!((after.alg(), after.claim("iss").and_then(Json::as_str)), (Some(alg), Some(HERE)));
        for claim in ["sub", "aud", "at_hash", "exp"] {
            assert_eq!(before.claim(claim), after.claim(claim), "{claim}");
        }
        let keys = between.homeward(json(r#"{"keys":[{"kty":"OKP","kid":"real"}]}"#));
        let keys = crate::jose::jwk::JwkSet::from_json(&Json::parse(&keys.body).expect("JSON")).expect("keys");
        let verified = crate::jose::verify::verify(&after, &keys.keys);
        assert!(verified.verified_by.is_some(), "{alg}: by a published key");
        let hint = asked(&format!("http://127.0.0.1:9500/logout?id_token_hint={minted}"));
        let outward = between.outward(hint).expect("it is for here");
        assert_eq!(outward.query().get("id_token_hint"), Some(original.as_str()));
        let again = between.homeward(json(&format!(r#"{{"id_token":"{original}"}}"#)));
        assert_eq!(Json::parse(&again.body).expect("JSON").text("id_token"), Some(minted.as_str()), "the same again");
        assert_eq!(between.minted(), Some(1));
    }
}

#[test]
fn what_cannot_be_minted_passes_and_is_said() {
    let encrypted = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkExMjhHQ00ifQ.eA.eA.eA.eA";
    for (token, said) in [(encrypted.to_owned(), "encrypted"), (id_token("HS256"), "HS256"), ("x".to_owned(), "read")] {
        let (mut minting, body) = (between(true), format!(r#"{{"id_token":"{token}"}}"#));
        assert_eq!(minting.homeward(json(&body)).text(), body);
        assert!(minting.notes()[0].contains(said), "{:?}", minting.notes());
        assert_eq!(between(false).homeward(json(&body)).text(), body);
    }
}

#[test]
fn a_response_on_its_way_says_the_issuer_of_its_mode() {
    let cases = [
        (
            "https://app.example/cb?code=1&iss=https%3A%2F%2Fidp.example%2Frealm",
            "code=1&iss=http%3A%2F%2F127.0.0.1%3A9500%2Frealm",
        ),
        (
            "https://app.example/cb#code=1&iss=https%3A%2F%2Fidp.example%2Frealm",
            "code=1&iss=http%3A%2F%2F127.0.0.1%3A9500%2Frealm",
        ),
        ("https://app.example/cb?code=1&iss=https%3A%2F%2Fother.example", "code=1&iss=https%3A%2F%2Fother.example"),
    ];
    for (came, end) in cases {
        let answer = HttpResponse::new(302, "text/plain", "").with_header("Location", came);
        let location = |home: HttpResponse| home.headers.get("location").map(str::to_owned).expect("a Location");
        assert_eq!(location(between(false).homeward(answer.clone())), came);
        assert!(location(between(true).homeward(answer)).ends_with(end), "{came}");
    }
}

#[test]
fn a_response_is_seen_in_the_answer_that_carries_it() {
    let to = |location: &str| HttpResponse::new(302, "text/plain", "").with_header("Location", location);
    let page = |action: &str| {
        let fields = "<input name=code value=1><input name=state value=s>";
        HttpResponse::new(200, "text/html", format!("<form method=post action='{action}'>{fields}</form>"))
    };
    let cases = [
        (to("https://app.example/cb?code=1"), Some("GET https://app.example/cb?code=1")),
        (to("https://app.example/cb#id_token=1"), Some("GET https://app.example/cb#id_token=1")),
        (to("https://app.example/other"), None),
        (to("/login?code=1"), None),
        (to("https://app.example/out"), Some("GET https://app.example/out")),
        (page("https://app.example/cb"), Some("POST https://app.example/cb")),
        (page("https://idp.example/code"), None),
    ];
    let mut between = between(false);
    let logout = asked("http://127.0.0.1:9500/logout?post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fout");
    between.outward(logout).expect("it is for here");
    for (answer, seen) in cases {
        let found = returned(&between, &Url::parse("https://idp.example/auth").expect("a URL"), &answer);
        let found = found.map(|(request, _)| format!("{} {}", request.method, request.url));
        assert_eq!(found.as_deref(), seen);
    }
}

/// The authorization request and its response, and nothing else.
fn half(live: &mut Live, at: i64) {
    let (mut between, at) = (between(false), Timestamp::from_seconds(at));
    let request = asked(&format!(
        "http://127.0.0.1:9500/realm/auth?response_type=code&client_id=app&state=s{}&redirect_uri=https%3A%2F%2Fapp.example%2Fcb",
        at.seconds()
    ));
    let request = between.outward(request).expect("it is for here");
    let location = format!("https://app.example/cb?code=code-{0}&state=s{0}", at.seconds());
    let answer = HttpResponse::new(302, "text/plain", "").with_header("Location", location);
    let returned = returned(&between, &request.url, &answer);
    let took = std::time::Duration::from_millis(10);
    let news =
        live.take(Passed { request, came: Came::Response(answer), started: at, took, returned, by_hand: vec![] });
    let stages: Vec<_> = news.lines.iter().map(|line| (line.stage, line.leg.word(), line.status)).collect();
    let expected =
        [(Some("authorization_request"), "browser", Some(302)), (Some("authorization_response"), "browser", None)];
    assert_eq!(stages, expected);
    assert!(news.findings.is_empty(), "{:?}", news.findings);
}

#[test]
fn what_has_not_come_is_said_when_it_is_late() {
    for (seconds, said) in [(1, "No token request has come yet"), (7, "No token request came in the 6 s")] {
        let mut live = Live::new([1; 32]);
        half(&mut live, 1_800_000_000);
        let end = live.so_far().end(Timestamp::from_seconds(1_800_000_000 + seconds));
        assert_eq!(end.capture.logins[0].outcome, Outcome::LeftOpen);
        let missing = end.missing[0].as_deref().expect("it is missed");
        assert!(missing.starts_with(said), "{missing}");
    }
    assert_eq!(PATIENCE.as_secs(), 5);
}

#[test]
fn the_last_exchanges_are_kept_and_the_others_counted() {
    let mut live = Live::new([1; 32]);
    let passed = |at| Passed {
        request: asked("https://idp.example/logo.png"),
        came: Came::Response(HttpResponse::new(200, "image/png", "x")),
        started: Timestamp::from_seconds(at),
        took: std::time::Duration::ZERO,
        returned: None,
        by_hand: vec![],
    };
    for at in 0..2_010 {
        live.take(passed(at));
    }
    let end = live.so_far().end(Timestamp::from_seconds(3_000));
    assert_eq!(end.capture.entries.len(), 2_000);
    assert!(end.capture.notes[0].contains("10 before them"), "{:?}", end.capture.notes);
}

#[test]
fn what_was_done_by_hand_is_in_the_run_and_in_its_file() {
    use crate::flow::Next;
    use crate::flow::trace::{ByHand, Overheard, Party};
    use crate::record::Record;

    let (mut live, at) = (Live::new([1; 32]), Timestamp::from_seconds(1_800_000_000));
    half(&mut live, at.seconds());
    let form = [("grant_type", "authorization_code"), ("code", "code-1800000000"), ("client_id", "app")];
    let url = Url::parse("https://idp.example/realm/token").expect("a URL");
    let request = HttpRequest::post_form(url, &form.into_iter().collect());
    let (by_hand, took) = (vec![ByHand::RequestChanged, ByHand::AnswerDropped], std::time::Duration::ZERO);
    let came = Came::Response(json(r#"{"access_token":"t","token_type":"Bearer"}"#));
    live.take(Passed { request, came, started: at, took, returned: None, by_hand: by_hand.clone() });
    let capture = live.so_far().end(at).capture;
    let flow = capture.flow(&capture.logins[0]);
    let of = |flow: &crate::flow::Flow| -> Vec<Option<Overheard>> {
        flow.trace.exchanges.iter().map(|exchange| exchange.overheard.clone()).collect()
    };
    let expected = [(Party::Browser, vec![]), (Party::BackEnd, by_hand)].map(|(by, by_hand)| Overheard { by, by_hand });
    assert_eq!(of(&flow), expected.map(Some));
    let text = Record::of(&flow, &Next::Finished).to_text(None);
    assert_eq!(of(&Record::read(&text).expect("a run").flow()), of(&flow));
}

/// What is signed and not minted is refused by an app that knows this address as its issuer, and that is said.
#[test]
fn what_is_signed_and_passes_as_it_came_is_said_where_the_issuer_is_another() {
    let token = id_token("ES256");
    for (is_minting, kind, is_said) in
        [(true, "application/jwt", true), (false, "application/jwt", false), (true, "application/json", false)]
    {
        let mut between = between(is_minting);
        let home = between.homeward(HttpResponse::new(200, kind, token.clone()));
        assert_eq!(home.text(), token);
        assert_eq!(between.notes().iter().any(|note| note.contains("iss keep")), is_said, "{is_minting} {kind}");
    }
}
