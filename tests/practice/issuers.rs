//! Several servers at one origin, told apart by path.

use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::practice::{Config, Fault, PracticeHost};
use serde_json::Value;
use url::Url;

use crate::world::{CHALLENGE, ISSUER, VERIFIER, json, transaction, url};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const CALLBACK: &str = "http://127.0.0.1:8912/callback";
/// The path of the second server.
const BLUE: &str = "/blue";

fn configured(paths: &[&str]) -> Config {
    let at = |path: &str| Config::practice(Url::parse(&format!("{ISSUER}{path}")).unwrap());
    let mut config = at(paths[0]);
    config.further = paths[1..].iter().map(|path| at(path)).collect();
    config
}

fn host(paths: &[&str]) -> PracticeHost {
    PracticeHost::new(configured(paths), Entropy::from_seed([7; 32])).unwrap()
}

fn get(host: &PracticeHost, path: &str) -> HttpResponse {
    host.handle(&HttpRequest::get(url(path)), NOW)
}

fn post(host: &PracticeHost, path: &str, form: &[(&str, &str)]) -> HttpResponse {
    let form: Params = form.iter().copied().collect();
    host.handle(&HttpRequest::post_form(url(path), &form), NOW)
}

/// Signs alice in at the server below this path; the response that reaches the client, and the cookie.
fn code(host: &PracticeHost, base: &str) -> (Params, String) {
    let query: Params = [
        ("response_type", "code"),
        ("client_id", "practice-native"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile offline_access"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
    .into_iter()
    .collect();
    let mut request = HttpRequest::get(url(&format!("{base}/authorize?{}", query.encode())));
    let mut cookie = String::new();
    for (name, value) in [("username", "alice"), ("decision", "allow"), ("", "")] {
        let mut page = host.handle(&request, NOW);
        for _ in 0..3 {
            if let Some(set) = page.headers.get("set-cookie") {
                cookie = set.to_owned();
            }
            let Some(location) = page.headers.get("location").map(str::to_owned) else { break };
            if location.starts_with(CALLBACK) {
                return (Params::parse(Url::parse(&location).unwrap().query().unwrap().as_bytes()), cookie);
            }
            let next = HttpRequest::get(url(&location));
            page = host.handle(&next.with_header("Cookie", cookie.split(';').next().unwrap()), NOW);
        }
        let html = page.text();
        let action = html.split_once("action=\"").unwrap().1.split_once('"').unwrap().0;
        assert!(action.starts_with(base), "{action}");
        let form: Params = [("transaction", transaction(&page).as_str()), (name, value)].into_iter().collect();
        let posted = HttpRequest::post_form(url(action), &form);
        request = posted.with_header("Cookie", cookie.split(';').next().unwrap());
    }
    panic!("no code came")
}

fn redeem(host: &PracticeHost, base: &str, code: &str) -> HttpResponse {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "practice-native"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("code", code),
    ];
    post(host, &format!("{base}/token"), &form)
}

#[test]
fn each_has_its_metadata_where_the_documents_say_and_its_own_keys() {
    let host = host(&["", BLUE]);
    let mut kids = Vec::new();
    for (issuer, oidc, oauth, jwks) in [
        (ISSUER, "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks"),
        (
            "http://127.0.0.1:9400/blue",
            "/blue/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server/blue",
            "/blue/jwks",
        ),
    ] {
        for at in [oidc, oauth] {
            let metadata = json(&get(&host, at));
            assert_eq!(metadata.text("issuer"), Some(issuer), "{at}");
            assert_eq!(metadata.text("jwks_uri"), Some(format!("{issuer}/jwks").as_str()));
        }
        let keys: Value = serde_json::from_slice(&get(&host, jwks).body).unwrap();
        kids.extend(keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].to_string()));
    }
    let count = kids.len();
    kids.sort();
    kids.dedup();
    assert_eq!(kids.len(), count, "a kid is shared: {kids:?}");
    for nowhere in ["/.well-known/openid-configuration/blue", "/blue/.well-known/oauth-authorization-server", "/green"]
    {
        assert_eq!(get(&host, nowhere).status, 404, "{nowhere}");
    }
}

#[test]
fn what_one_made_is_unknown_to_the_other_whose_log_says_whose_it_is() {
    let host = host(&["", BLUE]);
    for (own, other, name) in [("", BLUE, ISSUER), (BLUE, "", "http://127.0.0.1:9400/blue")] {
        let (answer, cookie) = code(&host, own);
        let path = if own.is_empty() { "Path=/;" } else { "Path=/blue;" };
        assert!(cookie.contains(path), "{cookie}");
        assert_eq!(answer.get("iss"), Some(name));
        let told = |what: &str| {
            let entry = host.last_entry(&format!("{other}/token")).unwrap();
            assert!(entry.words().contains(&format!("{what} is of {name}")), "{}", entry.words());
            assert!(entry.path.starts_with(other));
        };
        let code = answer.get("code").unwrap();
        assert_eq!(redeem(&host, other, code).status, 400);
        told("the code");
        let tokens = redeem(&host, own, code);
        assert_eq!(tokens.status, 200);
        let tokens = json(&tokens);
        let refresh = tokens.text("refresh_token").unwrap();
        let form = [("grant_type", "refresh_token"), ("client_id", "practice-native"), ("refresh_token", refresh)];
        assert_eq!(post(&host, &format!("{other}/token"), &form).status, 400);
        told("the refresh token");
        let api = HttpRequest::get(url(&format!("{other}/api/me")));
        let api = api.with_header("Authorization", format!("Bearer {}", tokens.text("access_token").unwrap()));
        assert_eq!(host.handle(&api, NOW).status, 401);
        told("the access token");
        let signed_in = host.servers().iter().find(|it| it.issuer().as_str().trim_end_matches('/') == name).unwrap();
        assert_eq!(signed_in.tokens(NOW).len(), 2);
    }
    assert!(host.servers().iter().all(|server| !server.log().iter().any(|entry| entry.words().contains("null"))));
}

#[test]
fn a_fault_of_one_is_none_of_the_other() {
    let host = host(&["", BLUE]);
    host.servers()[1].set(Fault::MissingIss, true);
    assert!(code(&host, "").0.contains("iss"));
    assert!(!code(&host, BLUE).0.contains("iss"));
    assert_eq!(host.of_path("/blue/token").issuer().path(), BLUE);
    assert_eq!(host.of_path("/token").issuer().path(), "/");
}

#[test]
fn two_do_not_answer_at_one_path() {
    for (paths, works) in [
        (&["", "/blue"][..], true),
        (&["/blue", "/green"], true),
        (&["/blue", "/blue-2", ""], true),
        (&["/blue", "/blue"], false),
        (&["/blue", "/blue/inner"], false),
        (&["", "/api"], false),
        (&["", "/token/x"], false),
    ] {
        let made = PracticeHost::new(configured(paths), Entropy::from_seed([7; 32]));
        assert_eq!(made.is_ok(), works, "{paths:?}: {:?}", made.err());
    }
}

#[test]
fn a_file_with_two_is_told_where_it_is_wrong() {
    let read = |text: &str| Config::from_toml(text, Url::parse(ISSUER).unwrap());
    let config = read("path = \"/red\"\n[[issuers]]\npath = \"/blue\"\nfaults = [\"wrong_iss\"]").unwrap();
    let places: Vec<&str> = config.each().map(|one| one.issuer.path()).collect();
    assert_eq!(places, ["/red", "/blue"]);
    for (text, line, says) in [
        ("[[issuers]]\nsigning_alg = \"ES256\"", 1, "needs its path"),
        ("\n[[issuers]]\npath = \"blue\"", 3, "not like /blue"),
        ("[[issuers]]\npath = \"/a/../b\"", 2, "not like /blue"),
        ("[[issuers]]\npath = \"/a\"\n[[issuers]]\npath = \"/a\"", 3, "two issuers"),
        ("faults = [\"nothing\"]", 1, "there is no fault of this name"),
        ("[[issuers]]\npath = \"/a\"\n[[issuers.issuers]]\npath = \"/b\"", 1, "no issuers of its own"),
    ] {
        let error = read(text).expect_err(text);
        assert_eq!(error.line, line, "{error}");
        assert!(error.what.contains(says), "{error}");
    }
}
