//! Control from a test, without a socket.

use grantscope::base::entropy::Entropy;
use grantscope::base::http::{HttpRequest, HttpResponse};
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::practice::{Config, Control, Login, PracticeHost};
use serde_json::{Value, json};
use url::Url;

use crate::world::{ISSUER, edited, good_authorization, sent_back, url, with_web};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const TOKEN: &str = "control-token";

struct Controlled {
    host: PracticeHost,
    control: Control,
}

impl Controlled {
    fn new(shows_secrets: bool) -> Self {
        let mut config = Config::practice(Url::parse(ISSUER).unwrap());
        config.login = Login::Auto;
        config.further = vec![Config::practice(Url::parse(&format!("{ISSUER}/blue")).unwrap())];
        let host = PracticeHost::new(config, Entropy::from_seed([7; 32])).unwrap();
        let control = Control::new(host.clone(), TOKEN.into(), true, shows_secrets);
        Self { host, control }
    }

    fn send(&self, method: &str, path: &str, body: &str, token: Option<&str>) -> HttpResponse {
        let mut request = HttpRequest::get(Url::parse("http://127.0.0.1:9401").unwrap().join(path).unwrap());
        request.method = method.to_owned();
        request.body = body.as_bytes().to_vec();
        if let Some(token) = token {
            request = request.with_header("Authorization", format!("Bearer {token}"));
        }
        self.control.handle(&request, NOW)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.send(method, path, &body, Some(TOKEN));
        assert_eq!(answer.status, 200, "{method} {path} {body}: {}", answer.text());
        serde_json::from_slice(&answer.body).unwrap()
    }

    fn get(&self, path: &str) -> Value {
        self.call("GET", path, &Value::Null)
    }

    fn token(&self, more: &[(&str, &str)]) -> HttpResponse {
        let form = with_web(&[&[("grant_type", "client_credentials"), ("scope", "profile")], more].concat());
        self.host.handle(&HttpRequest::post_form(url("/token"), &form.into_iter().collect()), NOW)
    }

    fn authorize(&self, more: &[(&str, &str)]) -> Params {
        let mut query = edited(&good_authorization(), &[]);
        more.iter().for_each(|(name, value)| query.set(name, *value));
        let request = HttpRequest::get(url(&format!("/authorize?{}", query.encode())));
        sent_back(&self.host.handle(&request, NOW))
    }
}

#[test]
fn what_is_full_is_told_as_a_conflict() {
    let controlled = Controlled::new(false);
    let codes = serde_json::to_string(&vec!["a"; 600]).unwrap();
    let queue = || controlled.send("POST", "/control/next/codes", &codes, Some(TOKEN));
    assert_eq!(queue().status, 200);
    let refused = queue();
    assert_eq!((refused.status, refused.text().contains("no more than 1000 may wait")), (409, true));
}

#[test]
fn a_user_whose_claims_come_from_nowhere_is_told_as_a_conflict() {
    let controlled = Controlled::new(false);
    let refused = controlled.send("PUT", "/control/users/zoe", r#"{"distributed_claims":["x"]}"#, Some(TOKEN));
    assert_eq!((refused.status, refused.text().contains("x, which is none of its claims")), (409, true));
}

#[test]
fn each_bad_call_is_refused_with_one_sentence() {
    let controlled = Controlled::new(false);
    for (method, path, body, token, status, says) in [
        ("GET", "/control/requests", "", None, 401, "the control token is missing"),
        ("GET", "/control/requests", "", Some("wrong"), 401, "the control token is wrong"),
        ("GET", "/control/nothing", "", Some(TOKEN), 404, "there is no call /control/nothing"),
        ("GET", "/token", "", Some(TOKEN), 404, "there is no call /token"),
        ("PATCH", "/control/faults", "", Some(TOKEN), 405, "takes GET, POST, DELETE"),
        ("POST", "/control/faults", "{\n\"fault\": }", Some(TOKEN), 400, "line 2 column 10"),
        ("POST", "/control/faults", "{\"fault\":\"nonsense\"}", Some(TOKEN), 400, "there is no fault of this name"),
        (
            "POST",
            "/control/faults",
            "{\"fault\":\"status=503\",\"often\":1}",
            Some(TOKEN),
            400,
            "unknown field `often`",
        ),
        ("POST", "/control/faults", "{\"fault\":\"status=503\",\"times\":0}", Some(TOKEN), 400, "times is 0"),
        (
            "POST",
            "/control/faults",
            "{\"fault\":\"cut_connection\",\"endpoint\":\"token\"}",
            Some(TOKEN),
            400,
            "/token",
        ),
        ("POST", "/control/faults", "{\"fault\":\"status=503\",\"times\":1.5}", Some(TOKEN), 400, "1.5 is no whole"),
        ("DELETE", "/control/faults/7", "", Some(TOKEN), 404, "there is no fault 7"),
        ("POST", "/control/next/users", "[\"zed\"]", Some(TOKEN), 404, "there is no user zed"),
        ("POST", "/control/next/codes", "[\"a\\u0000\"]", Some(TOKEN), 400, "printable"),
        ("PUT", "/control/clients/a", "{\"grant_types\":[\"magic\"]}", Some(TOKEN), 400, "grant_type magic"),
        ("PUT", "/control/clients/a", "{\"secret\":\"x\"}", Some(TOKEN), 400, "unknown field `secret`"),
        ("PUT", "/control/users/a", "[]", Some(TOKEN), 400, "the body: invalid type"),
        ("POST", "/control/next/users", "[]", Some(TOKEN), 400, "the list is empty"),
        ("DELETE", "/control/keys/rotate", "", Some(TOKEN), 405, "takes POST"),
        ("POST", "/control/clock", "{\"by\":-9223372036854775808}", Some(TOKEN), 400, "seconds at most"),
        ("DELETE", "/control/users/zed", "", Some(TOKEN), 404, "there is no user zed"),
        ("DELETE", "/control/tokens/x", "", Some(TOKEN), 404, "there is no token x"),
        ("POST", "/control/clock", "{}", Some(TOKEN), 400, "one of time and by"),
        ("POST", "/control/clock", "{\"time\":\"soon\"}", Some(TOKEN), 400, "time is soon"),
        ("POST", "/control/keys/rotate", "{\"alg\":\"none\"}", Some(TOKEN), 400, "none"),
        ("DELETE", "/control/keys/x", "", Some(TOKEN), 404, "there is no key x"),
        ("POST", "/control/sign", "{\"claims\":[]}", Some(TOKEN), 400, "the body: invalid type"),
        ("GET", "/control/requests?issuer=green", "", Some(TOKEN), 404, "there is no issuer green"),
    ] {
        let answer = controlled.send(method, path, body, token);
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.text());
        let told: Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(told["error"].as_str().unwrap().contains(says), "{method} {path} {body}: {told}");
        assert_eq!(answer.headers.get("access-control-allow-origin"), None);
        assert_eq!(answer.headers.get("allow").is_some(), status == 405);
        assert_eq!(answer.headers.get("www-authenticate").is_some(), status == 401);
    }
    let foreign = HttpRequest::get(Url::parse("http://rebound.example:9401/control/requests").unwrap());
    let foreign = foreign.with_header("Authorization", format!("Bearer {TOKEN}"));
    assert_eq!(controlled.control.handle(&foreign, NOW).status, 421);
}

#[test]
fn what_was_asked_is_read_with_parameters_taken_and_cleared() {
    for shows_secrets in [false, true] {
        let controlled = Controlled::new(shows_secrets);
        controlled.token(&[("audience", "https://api.test")]);
        let asked = controlled.get("/control/requests")["requests"][0].clone();
        assert_eq!(
            (&asked["path"], &asked["status"], &asked["client_id"]),
            (&json!("/token"), &json!(200), &json!("practice-web"))
        );
        assert_eq!(asked["reasons"][0]["what"], "client is known");
        let value = |name: &str| {
            let found = asked["parameters"].as_array().unwrap().iter().find(|parameter| parameter["name"] == name);
            found.unwrap()["value"].as_str().unwrap().to_owned()
        };
        assert_eq!(value("audience"), "https://api.test");
        assert_eq!(value("client_secret") == "practice-secret", shows_secrets);
        assert_eq!(controlled.get("/control/requests?after=1")["requests"], json!([]));
        assert_eq!(controlled.get("/control/requests?issuer=/blue")["requests"], json!([]));
        let taken = controlled.call("POST", "/control/requests/take", &Value::Null);
        assert_eq!(taken["requests"].as_array().unwrap().len(), 1);
        assert_eq!(controlled.get("/control/requests")["requests"], json!([]));
    }
}

#[test]
fn users_and_codes_wait_for_the_next_sign_ins() {
    let controlled = Controlled::new(false);
    controlled.call(
        "PUT",
        "/control/users/dora%20d",
        &json!({ "claims": { "name": "Dora", "none": null, "big": 749095065797770068_u64 } }),
    );
    controlled.call("POST", "/control/next/users", &json!(["dora d", "bob"]));
    controlled.call("POST", "/control/next/codes", &json!(["the-code"]));
    let first = controlled.authorize(&[]);
    assert_eq!(first.get("code"), Some("the-code"));
    let sessions = controlled.get("/control/sessions");
    assert_eq!(sessions["sessions"][0]["sub"], "dora d");
    controlled.authorize(&[("prompt", "login")]);
    controlled.authorize(&[]);
    let subs: Vec<Value> = controlled.get("/control/sessions")["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["sub"].clone())
        .collect();
    for sub in ["alice", "bob", "dora d"] {
        assert!(subs.contains(&json!(sub)), "{subs:?}");
    }
    controlled.call("DELETE", "/control/sessions", &Value::Null);
    assert_eq!(controlled.get("/control/sessions")["sessions"], json!([]));
    controlled.call("DELETE", "/control/users/dora%20d", &Value::Null);
}

#[test]
fn what_goes_wrong_next_is_queued_in_the_one_list_of_faults() {
    let controlled = Controlled::new(false);
    let queued =
        controlled.call("POST", "/control/faults", &json!({ "fault": "status=503", "times": 2, "endpoint": "/token" }));
    controlled.call("POST", "/control/faults", &json!({ "fault": "error=login_required", "times": 1.0 }));
    controlled.call(
        "POST",
        "/control/faults",
        &json!({ "fault": "error=slow_down", "client_id": "practice-web", "times": 1 }),
    );
    assert_eq!(controlled.get("/control/faults")["faults"][0]["id"], queued["id"]);
    let statuses: Vec<u16> = (0..4).map(|_| controlled.token(&[]).status).collect();
    assert_eq!(statuses, [503, 503, 400, 200]);
    assert_eq!(controlled.authorize(&[]).get("error"), Some("login_required"));
    assert!(controlled.authorize(&[]).get("code").is_some());
    assert_eq!(controlled.get("/control/faults")["faults"], json!([]));
    let asked = controlled.get("/control/requests")["requests"].clone();
    assert_eq!((&asked[0]["faults"], &asked[3]["faults"]), (&json!(["status=503"]), &json!([])));
    controlled.call("POST", "/control/faults", &json!({ "fault": "wrong_content_type" }));
    assert_eq!(controlled.token(&[]).headers.content_type().as_deref(), Some("text/html"));
    controlled.call("POST", "/control/faults", &json!({ "fault": "cut_connection", "times": 1 }));
    controlled.token(&[]);
    assert!(controlled.host.take_cut());
    controlled.call("DELETE", "/control/faults", &Value::Null);
    assert_eq!(controlled.token(&[]).status, 200);
    assert!(!controlled.host.take_cut());
}

#[test]
fn clients_tokens_keys_and_the_clock_are_changed_while_it_runs() {
    let controlled = Controlled::new(false);
    let shown = controlled.call(
        "PUT",
        "/control/clients/new",
        &json!({ "client_secret": "s", "grant_types": ["client_credentials"] }),
    );
    assert_eq!(shown["token_endpoint_auth_methods"], json!(["client_secret_basic", "client_secret_post"]));
    let form =
        [("grant_type", "client_credentials"), ("scope", "profile"), ("client_id", "new"), ("client_secret", "s")];
    let request = HttpRequest::post_form(url("/token"), &form.into_iter().collect());
    assert_eq!(controlled.host.handle(&request, NOW).status, 200);
    let token = controlled.get("/control/tokens")["tokens"][0].clone();
    assert_eq!(token["client_id"], "new");
    controlled.call("DELETE", &format!("/control/tokens/{}", token["id"].as_str().unwrap()), &Value::Null);
    assert_eq!(controlled.get("/control/tokens")["tokens"], json!([]));
    controlled.call("DELETE", "/control/clients/new", &Value::Null);
    assert_eq!(controlled.host.handle(&request, NOW).status, 401);

    let early = controlled.call("POST", "/control/keys", &json!({ "alg": "EdDSA" }))["kid"].clone();
    let published =
        |kid: &Value| controlled.get("/control/keys")["keys"].as_array().unwrap().iter().any(|key| key["kid"] == *kid);
    assert!(published(&early));
    let sign = |more: Value| {
        let mut body = json!({ "claims": { "sub": "x" } });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let token = controlled.call("POST", "/control/sign", &body)["token"].as_str().unwrap().to_owned();
        grantscope::jose::jwt::decode(&token)
    };
    let old = sign(json!({})).kid().unwrap().to_owned();
    assert_ne!(json!(old), early, "it signs nothing yet");
    assert_eq!(controlled.call("POST", "/control/keys/rotate", &json!({ "alg": "EdDSA" }))["kid"], early);
    let token = sign(json!({ "header": { "typ": "at+jwt", "x": 1 } }));
    assert_eq!((token.alg(), token.typ()), (Some("EdDSA"), Some("at+jwt")));
    assert_eq!(sign(json!({ "alg": "ES256" })).kid(), Some(old.as_str()));
    controlled.call("DELETE", &format!("/control/keys/{old}"), &Value::Null);
    assert!(!published(&json!(old)));
    let last = controlled.send("DELETE", &format!("/control/keys/{}", early.as_str().unwrap()), "", Some(TOKEN));
    assert_eq!(last.status, 409, "{}", last.text());

    controlled.call("POST", "/control/clock", &json!({ "time": "2030-01-01T00:00:00Z" }));
    let moved = controlled.call("POST", "/control/clock", &json!({ "by": -60 }));
    assert_eq!(moved["time"], "2029-12-31T23:59:00Z");
    assert_eq!(controlled.get("/control/clock?issuer=/blue")["time"], "2029-12-31T23:59:00Z");
    controlled.call("POST", "/control/reset", &Value::Null);
}

#[test]
fn the_configuration_is_read_back_and_every_call_is_described() {
    for (shows_secrets, is_there) in [(false, false), (true, true)] {
        let told = Controlled::new(shows_secrets).get("/control/configuration");
        assert_eq!(told["issuers"], json!([ISSUER, format!("{ISSUER}/blue")]));
        assert_eq!(told.to_string().contains("\"practice-secret\""), is_there);
        assert_eq!(told.to_string().contains("\"private\""), is_there);
    }
    let document = Controlled::new(false).get("/control/openapi.json");
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() > 20);
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().unwrap() {
            assert!(operation["responses"]["401"].is_object(), "{method} {path}");
            let has_body = matches!(method.as_str(), "put") || path.contains("/next/") || path.ends_with("/sign");
            assert!(operation["requestBody"].is_object() || !has_body, "{method} {path}");
        }
    }
}
